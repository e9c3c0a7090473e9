"""How a study's plan may change between two runs, and which earlier trials still fit it.

The space may be widened, narrowed, reordered and extended. A parameter that is new needs a value
for earlier trials: the script's default, where its source tells. What would make trials
incomparable is refused: another metric, direction, objective, target or fixed value, or values of
another sort.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from lrsweep.errors import SpaceError
from lrsweep.plan import SweepPlan
from lrsweep.space import Choice, Fixed, Parameter, Space
from lrsweep.store.distributions import distribution
from lrsweep.trial import ParamValue


def refusals(plan: SweepPlan, stored: Mapping[str, Any]) -> list[str]:
    """Why trials of `plan` cannot be compared with those of the `stored` one, a sentence each."""
    changed = [
        f"the {what} was {stored[what]} and is now {now}"
        for what, now in plan.identity().items()
        if what in stored and stored[what] != now
    ]
    return [*_space_refusals(plan, _space(stored)), *changed]


def is_changed(plan: SweepPlan, stored: Mapping[str, Any]) -> bool:
    """Whether the space is another one than when it was stored."""
    return list(plan.space.texts()) != stored.get("space")


def refit(plan: SweepPlan, trials: Iterable[FrozenTrial]) -> int:
    """Have ended `trials` stand in the space of `plan`, for samplers; how many do not fit it.

    Those count as trials that say nothing: a sampler sees that they were there.
    """
    kinds = {p.label: (p, distribution(p)) for p in plan.space.parameters}
    known = defaults(plan)
    unfit = 0
    for trial in trials:
        if trial.state not in (TrialState.COMPLETE, TrialState.PRUNED):
            continue
        params = {**known, **trial.params}
        plain = {kinds[label][0].name: value for label, value in params.items() if label in kinds}
        active = [p.label for p in plan.space.active(plain)]
        if all(label in params and kinds[label][0].contains(params[label]) for label in active):
            trial._params = {label: params[label] for label in active}
            trial._distributions = {label: kinds[label][1] for label in active}
        else:
            trial.state, trial.values = TrialState.FAIL, None
            unfit += 1
    return unfit


def defaults(plan: SweepPlan) -> dict[str, ParamValue]:
    """What the script takes for parameters of the space that it is not given, by label."""
    interface = plan.target.interface
    found: dict[str, ParamValue] = {}
    for parameter in plan.space.parameters:
        known = None if interface is None else interface.find(parameter.name, plan.target.argv)
        if known is not None and known.knows_default and known.default is not None:
            found[parameter.label] = known.default
    return found


def _space(stored: Mapping[str, Any]) -> Space:
    try:
        return Space.parse(stored["space"])
    except (KeyError, TypeError, SpaceError):  # damaged
        return Space()


def _space_refusals(plan: SweepPlan, old: Space) -> list[str]:
    was = {p.label: p for p in old.parameters}
    now = {p.label: p for p in plan.space.parameters}
    known = defaults(plan)
    differing = [
        f"{label} was {before.kind} {before.range} and is now {now[label].kind} {now[label].range}"
        for label, before in was.items()
        if label in now and not _comparable(before, now[label])
    ]
    new = [
        f"{label} is new, and nothing tells which value earlier trials had"
        for label, parameter in now.items()
        if was and label not in was and not (label in known and _has(parameter, known[label]))
    ]
    gone = [f"{label} is gone" for label in was if label not in now]
    return [*differing, *new, *gone]


def _comparable(before: Parameter, now: Parameter) -> bool:
    if isinstance(before, Fixed) and isinstance(now, Fixed):
        return now.contains(before.value)
    return bool(_sorts(before) & _sorts(now))


def _has(parameter: Parameter, default: ParamValue) -> bool:
    return not isinstance(parameter, Fixed) or parameter.contains(default)


def _sorts(parameter: Parameter) -> set[type]:
    """The sorts of its values: numbers, texts, booleans."""
    match parameter:
        case Choice(values=values):
            return {_sort(value) for value in values}
        case Fixed(value=value):
            return {_sort(value)}
    return {float}


def _sort(value: ParamValue) -> type:
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)
