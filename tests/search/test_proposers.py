from __future__ import annotations

import math
from collections import Counter

from lrsweep.search.converged import Converged
from lrsweep.search.curves import Curves
from lrsweep.search.proposer import Answer, Done, Proposal
from lrsweep.search.repeats import Repeats
from lrsweep.search.stopping import (
    NoImprovement,
    Stopping,
    StopRule,
    Target,
    TimeBudget,
    TrainingBudget,
)
from lrsweep.search.warm import Earlier, warm
from lrsweep.space import Space
from lrsweep.trial import Direction, Ending, Outcome, Params, ParamValue, Slot, TrialKey

SLOT = Slot(0)


class Listed:
    """Proposes the points that it is given."""

    def __init__(self, *points: Params) -> None:
        self._points = list(points)

    def propose(self, slot: Slot) -> Answer:
        return Proposal(self._points.pop(0), "list") if self._points else Done("all listed")

    def told(self, ending: Ending) -> None:
        pass


def ended(
    trial: int,
    value: float | None = None,
    outcome: Outcome = Outcome.COMPLETED,
    params: Params | None = None,
    wall_s: float = 0.0,
) -> Ending:
    return Ending(TrialKey(trial, 1), outcome, value, params=params or {}, wall_s=wall_s)


def reason_after(rule: StopRule, *endings: Ending) -> str | None:
    for ending in endings:
        rule.told(ending)
    return rule.reason()


def test_a_search_is_done_once_a_rule_says_so() -> None:
    search = Stopping(Listed({"lr": 0.1}, {"lr": 0.2}), [Target(0.5, Direction.MINIMIZE)])
    assert isinstance(search.propose(SLOT), Proposal)
    search.told(ended(0, 0.4))
    assert search.propose(SLOT) == Done("the target 0.5 was reached by trial 0 with 0.4")


def test_a_target_is_reached_by_completed_trials_alone() -> None:
    rule = Target(0.9, Direction.MAXIMIZE)
    assert reason_after(rule, ended(0, 0.95, Outcome.PRUNED), ended(1, 0.8)) is None
    assert reason_after(rule, ended(2, 0.9)) is not None


def test_no_improvement_counts_from_the_last_better_trial() -> None:
    rule = NoImprovement(3, Direction.MINIMIZE, Curves(Direction.MINIMIZE))
    assert reason_after(rule, ended(0, 1.0), ended(1, 2.0), ended(2, 0.9), ended(3, 1.0)) is None
    failed = ended(4, None, Outcome.CRASHED)
    assert reason_after(rule, failed, ended(5, None, Outcome.PRUNED)) is None
    assert reason_after(rule, ended(6, None, Outcome.DIVERGED)) is not None


def test_an_improvement_within_the_noise_is_none() -> None:
    curves = Curves(Direction.MINIMIZE)
    jitter = [0.0, 0.1, -0.1, 0.1, -0.1, 0.1, 0.0]
    for i, shift in enumerate(jitter, 1):
        curves.observe(1, {}, i / 7, 1 + shift)
    curves.finish(1, Outcome.COMPLETED)
    rule = NoImprovement(1, Direction.MINIMIZE, curves)
    assert reason_after(rule, ended(0, 1.0), ended(1, 0.95)) is not None


def test_a_pruned_trial_spends_its_share_of_a_training() -> None:
    curves = Curves(Direction.MINIMIZE)
    for trial in range(3):
        curves.observe(trial, {}, 0.25, 1.0)
        curves.finish(trial, Outcome.PRUNED)
    rule = TrainingBudget(1.5, curves)
    pruned = [ended(trial, None, Outcome.PRUNED) for trial in range(3)]
    assert reason_after(rule, *pruned) is None
    assert reason_after(rule, ended(3, 1.0)) == "the budget of 1.5 full trainings is spent"


def test_time_is_counted_over_all_slots_and_devices() -> None:
    assert reason_after(TimeBudget(60, "1m"), ended(0, wall_s=30), ended(1, wall_s=29)) is None
    assert reason_after(TimeBudget(60, "1m"), ended(0, wall_s=30), ended(1, wall_s=30)) is not None
    assert reason_after(TimeBudget(60, "1gpuh", devices=2), ended(0, wall_s=30)) is not None


def test_every_point_runs_as_often_as_asked() -> None:
    search = Repeats(Listed({"lr": 0.1}, {"lr": 0.2}), 3, visited=[])
    proposed: list[float] = []
    while isinstance(answer := search.propose(SLOT), Proposal):
        lr = answer.params["lr"]
        assert isinstance(lr, float)
        proposed.append(lr)
    assert proposed == [0.1] * 3 + [0.2] * 3


def test_repeats_that_a_former_sweep_left_out_come_first() -> None:
    visited = [{"lr": 0.1}] * 3 + [{"lr": 0.2}]
    search = Repeats(Listed({"lr": 0.3}), 3, visited)
    rates = []
    while isinstance(answer := search.propose(SLOT), Proposal):
        rates.append(answer.params["lr"])
    assert Counter(rates) == {0.2: 2, 0.3: 3}


def test_converged_where_nothing_is_left_to_gain_and_not_before() -> None:
    space = Space.parse(["lr=1e-4:1"])
    flat, steep = Converged(space, Direction.MINIMIZE), Converged(space, Direction.MINIMIZE)
    for trial in range(40):
        at = -4 + 4 * (0.618 * trial % 1)
        noise = 0.01 * (-1) ** trial
        params = {"lr": 10**at}
        flat.told(ended(trial, 1 + (at + 2) ** 2 + noise, params=params))
        if at < -1.5:
            steep.told(ended(trial, 10.0 - at + noise, params=params))
    assert flat.reason() is not None
    assert steep.reason() is None


def earlier(lr: float, loss: float, **others: ParamValue) -> Earlier:
    return Earlier({"lr": lr, **others}, loss)


class TestAnotherStudy:
    def test_its_best_points_come_first(self) -> None:
        found = warm(
            [earlier(0.3, 1.0), earlier(0.1, 0.2), earlier(0.03, 0.5), earlier(1e-4, math.inf)],
            Space.parse(["lr=1e-5:1"]),
        )
        assert [point["lr"] for point in found.first] == [0.1, 0.03, 0.3]
        assert len(found.rows) == 4
        assert found.scores[1] == min(found.scores)

    def test_what_does_not_lie_in_this_space_is_left_out(self) -> None:
        space = Space.parse(["lr=1e-5:1", "optimizer=sgd,adam"])
        (point,) = warm([earlier(0.1, 1.0, optimizer="lion", epochs=3)], space).first
        assert point == {"lr": 0.1}

    def test_rates_move_with_the_batch_size_as_their_optimizer_asks(self) -> None:
        space = Space.parse(["lr=1e-5:10", "optimizer=sgd,adam", "batch_size=256"])
        found = warm(
            [
                earlier(0.1, 1.0, optimizer="sgd", batch_size=64),
                earlier(0.001, 2.0, optimizer="adam", batch_size=64),
            ],
            space,
        )
        assert [point["lr"] for point in found.first] == [0.4, 0.002]
