"""Samplers asked as a sweep asks them, in a study that lives in memory."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import optuna
import pytest
from optuna.study import StudyDirection
from optuna.trial import TrialState

from lrsweep.errors import SpaceError
from lrsweep.search.curves import Curves
from lrsweep.search.samplers import SpaceSampler, make_sampler
from lrsweep.settings.methods import SAMPLERS
from lrsweep.space import Space
from lrsweep.store.asking import ask
from lrsweep.store.distributions import distributions
from lrsweep.store.memory import StudyMemory
from lrsweep.trial import Direction, Outcome, Params

NAMED = [name for name in SAMPLERS if name != "grid"]
WORST = math.inf


class Asked:
    """A study and its sampler."""

    def __init__(
        self,
        text: str,
        space: Sequence[str],
        *,
        seed: int = 0,
        allowed: Callable[[Params], bool] = lambda _params: True,
    ) -> None:
        self.space = Space.parse(space)
        self.curves = Curves(Direction.MINIMIZE)
        self.memory = StudyMemory("s", StudyDirection.MINIMIZE)
        self.sampler: SpaceSampler = make_sampler(
            text,
            self.space,
            distributions(self.space),
            seed,
            curves=self.curves,
            allowed=allowed,
        )
        self.study = optuna.load_study(study_name="s", storage=self.memory, sampler=self.sampler)

    def ask(self) -> tuple[int, Params]:
        number = ask(self.study, self.space, {})
        labelled = self.memory.get_trial(number).params
        return number, {
            p.name: labelled[p.label] for p in self.space.parameters if p.label in labelled
        }

    def run(self, objective: Callable[[Params], float], count: int) -> list[Params]:
        """Ask and tell `count` trials, one after the other."""
        asked = []
        for _ in range(count):
            number, params = self.ask()
            self.study.tell(number, objective(params))
            asked.append(params)
        return asked

    def prune(self, number: int, params: Params, values: Sequence[float]) -> None:
        """A trial that reports `values` of a budget of ten reports, and is pruned."""
        for i, value in enumerate(values, 1):
            self.curves.observe(number, params, i / 10, value)
            self.memory.set_trial_intermediate_value(number, i, value)
        self.curves.finish(number, Outcome.PRUNED)
        self.study.tell(number, state=TrialState.PRUNED)

    def complete(self, number: int, params: Params, values: Sequence[float]) -> None:
        for i, value in enumerate(values, 1):
            self.curves.observe(number, params, i / len(values), value)
        self.curves.finish(number, Outcome.COMPLETED)
        self.study.tell(number, values[-1])


def decades(params: Params) -> float:
    lr = params["lr"]
    assert isinstance(lr, float)
    return math.log10(lr)


def basin(params: Params) -> float:
    """Best at 1e-2, diverging above 0.3."""
    at = decades(params)
    return WORST if at > -0.5 else 0.1 + (at + 2) ** 2


MIXED = ("lr=1e-5:1", "batch_size=16:256:pow2", "optimizer=sgd,adam", "momentum@sgd=0:0.99")


@pytest.mark.parametrize("name", NAMED)
def test_every_point_lies_in_the_space_and_conditions_hold(name: str) -> None:
    asked = Asked(name, MIXED)
    for params in asked.run(basin, 25):
        assert {p.name for p in asked.space.active(params)} == set(params)
        assert all(p.contains(params[p.name]) for p in asked.space.active(params))


@pytest.mark.parametrize("name", NAMED)
def test_the_same_seed_proposes_the_same_points(name: str) -> None:
    runs = [Asked(name, MIXED, seed=3).run(basin, 20) for _ in range(2)]
    assert runs[0] == runs[1]
    assert Asked(name, MIXED, seed=4).run(basin, 20) != runs[0]


@pytest.mark.parametrize("name", NAMED)
def test_a_finite_space_is_tried_whole_and_nothing_twice(name: str) -> None:
    asked = Asked(name, ("lr=0.1,0.01,0.001", "batch_size=16:64:pow2", "layers=1:2"))
    points = asked.run(lambda p: decades(p) ** 2, 18)
    assert len({tuple(sorted(p.items())) for p in points}) == 18
    assert asked.sampler.exhausted(lambda: points)


@pytest.mark.parametrize("name", NAMED)
def test_constraints_hold_for_every_point(name: str) -> None:
    def allowed(params: Params) -> bool:
        lr, batch = params["lr"], params["batch_size"]
        assert isinstance(lr, float)
        assert isinstance(batch, int)
        return lr * batch < 0.05

    asked = Asked(name, ("lr=1e-5:1", "batch_size=16:256:pow2"), allowed=allowed)
    assert all(allowed(params) for params in asked.run(basin, 20))


@pytest.mark.parametrize("name", ["auto", "gp"])
def test_the_model_closes_in_on_the_best_rate(name: str) -> None:
    found = [min(map(basin, Asked(name, ("lr=1e-6:10",), seed=s).run(basin, 20))) for s in range(5)]
    assert sorted(found)[2] < 0.11


def test_pruned_trials_count_for_the_model() -> None:
    """Where every low rate was pruned, a model that saw survivors alone would go there again."""
    asked, proposed = Asked("gp", ("lr=1e-6:1",)), []
    for _ in range(18):
        number, params = asked.ask()
        proposed.append(decades(params))
        final = basin(params)
        if final == WORST:
            asked.study.tell(number, WORST)
        elif final > 2:
            asked.prune(number, params, [3.0 + final])
        else:
            asked.complete(number, params, [2.0 * final / i for i in range(1, 11)])
    assert sum(at < -4 for at in proposed[6:]) <= 2


def test_points_that_run_now_are_not_proposed_again() -> None:
    asked = Asked("auto", ("lr=1e-6:1",))
    asked.run(basin, 12)
    running = sorted(decades(asked.ask()[1]) for _ in range(8))
    assert all(b - a > 0.005 for a, b in itertools.pairwise(running))


def test_rates_are_known_only_weakly() -> None:
    """The best rates lie two decades from what is usual, and are found as TPE finds them."""

    def shifted(params: Params) -> float:
        best = {"sgd": -3.0, "adam": -5.0}[str(params["optimizer"])]
        return 0.1 + 0.2 * (decades(params) - best) ** 2

    def regret(name: str) -> float:
        space = ("lr=1e-6:10", "optimizer=sgd,adam")
        finals = [min(map(shifted, Asked(name, space, seed=s).run(shifted, 25))) for s in range(7)]
        return sorted(finals)[3] - 0.1

    assert regret("auto") <= regret("tpe") + 0.005


def test_a_model_is_the_same_when_losses_are_rescaled() -> None:
    plain = Asked("gp", ("lr=1e-6:1",)).run(basin, 15)
    scaled = Asked("gp", ("lr=1e-6:1",)).run(lambda p: 1e6 * basin(p) - 7, 15)
    assert plain == scaled


def test_every_optimizer_gets_enough_trials_to_find_its_rate() -> None:
    """Adam is better by far; the best rate of SGD, a hundred times its own, is found too."""

    def objective(params: Params) -> float:
        adam = params["optimizer"] == "adam"
        return (0.1 if adam else 2.0) + (decades(params) + (3 if adam else 1)) ** 2

    for seed in range(3):
        asked = Asked("auto", ("lr=1e-5:10", "optimizer=sgd,adam"), seed=seed).run(objective, 30)
        of_sgd = [params for params in asked if params["optimizer"] == "sgd"]
        assert len(of_sgd) >= 6
        assert min(map(objective, of_sgd)) < 2.2


def test_a_small_region_is_found_and_an_empty_one_is_said() -> None:
    space = ("lr=1e-6:1", "wd=1e-6:1")
    narrow = Asked("random", space, allowed=lambda p: 0.5 < decades(p) + 3 < 0.52)
    assert all(0.5 < decades(narrow.ask()[1]) + 3 < 0.52 for _ in range(3))
    with pytest.raises(SpaceError, match="meets the conditions"):
        Asked("random", ("lr=1e-6:1",), allowed=lambda _p: False).ask()
