"""Confirmation runs: the best settings of a study again, with new seeds that all of them share.

Shared seeds let settings be compared run by run, and new ones do not flatter the setting that the
old seed was kind to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrsweep.analysis.settings import is_seed
from lrsweep.errors import InputError
from lrsweep.search.proposer import Done, Proposal
from lrsweep.search.seeds import confirmation_seed
from lrsweep.space import Space
from lrsweep.trial import Ending, Outcome, Params, ParamValue, Slot, TrialRow

_SPELLED = re.compile(r"(\d+)\s*[x×]\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Confirm:
    """The best `top` settings, each with `seeds` seeds."""

    top: int
    seeds: int

    @classmethod
    def parse(cls, text: str) -> Confirm:
        """`3x5`: the best three, five seeds each. Raises `InputError`."""
        found = _SPELLED.fullmatch(text.strip())
        if found is None or int(found[1]) < 1 or int(found[2]) < 2:
            raise InputError(
                f"--confirm {text}: it says how many settings run again, and with how many seeds "
                "(2 or more)",
                hint="--confirm 3x5",
            )
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class SeededPoint:
    """Parameters to run, and the seed to run them with."""

    params: Params
    seed: int


class Confirmation:
    """Proposes `points` in their order, each with its own seed."""

    def __init__(self, points: Iterable[SeededPoint]) -> None:
        self._points = iter(points)

    def propose(self, slot: Slot) -> Proposal | Done:
        """The next of the points."""
        point = next(self._points, None)
        if point is None:
            return Done("the best settings have run again")
        return Proposal(point.params, "confirmation", seed=point.seed)

    def told(self, ending: Ending) -> None:
        """The points stand."""


def is_confirmation(trial: TrialRow, sweep_seed: int, seeds: int) -> bool:
    """Whether a trial ran with one of the first `seeds` seeds of a confirmation."""
    return trial.seed in {confirmation_seed(sweep_seed, i) for i in range(seeds)}


def confirmation_points(
    settings: Sequence[Params],
    seeds: int,
    space: Space,
    sweep_seed: int,
    trials: Iterable[TrialRow],
) -> list[SeededPoint]:
    """What is left to run of each of `settings` with `seeds` shared seeds, seed by seed.

    Where the space has a seed of its own, its values are the seeds, and as many as it has. What
    `trials` ran already is left out.
    """
    parameter = next((p for p in space.parameters if is_seed(p.name)), None)
    ran = {_run(t.params, t.seed) for t in trials if not (t.outcome and t.outcome.failed)}
    ran_params = {_run(t.params, 0) for t in trials if t.outcome is Outcome.COMPLETED}
    values = None if parameter is None else list(parameter.grid())[-seeds:]
    if parameter is not None and values is not None and len(values) < 2:
        raise InputError(
            f"the space fixes {parameter.name}, so that no setting can run with another seed",
            hint="leave it out (each trial has a seed, {seed} or LRSWEEP_SEED), or give a range",
        )
    points = []
    for index in range(seeds if values is None else len(values)):
        seed = confirmation_seed(sweep_seed, index)
        for params in settings:
            if parameter is None or values is None:
                point = SeededPoint(params, seed)
                known = _run(params, seed) in ran
            else:
                point = SeededPoint({**params, parameter.name: values[index]}, seed)
                known = _run(point.params, 0) in ran_params
            if not known:
                points.append(point)
    return points


def _run(params: Params, seed: int) -> tuple[frozenset[tuple[str, ParamValue]], int]:
    return frozenset(params.items()), seed
