"""From a bracket to a sweep: the space around it, and the points to try first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrsweep.analysis.found import Found, varied
from lrsweep.errors import InputError
from lrsweep.plan import RunOptions
from lrsweep.range_test.target import rate_name
from lrsweep.space.head import name_of
from lrsweep.space.values import write_value
from lrsweep.terms import is_optimizer
from lrsweep.trial import ParamValue


@dataclass(frozen=True, slots=True)
class Handover:
    """Options of a sweep, and points (plain names → values) that it should try first."""

    options: RunOptions
    first: tuple[dict[str, ParamValue], ...]


def hand_over(options: RunOptions, study: str, found: Sequence[Found]) -> Handover:
    """A sweep of the widened brackets of `found`, range tests recorded in `study`.

    What `options` say beside stays: a parameter that they name takes the place of the one that was
    tested. Each optimizer keeps the bracket of its own. Raises `InputError` where the options name
    the learning rate, or no test has a bracket.
    """
    tests = [one for one in found if one.test.bracket is not None]
    if not tests:
        raise InputError(
            "there is no bracket to sweep: the range test found none",
            hint="give a range yourself: lrsweep run -s lr=1e-5:1",
        )
    rate = rate_name(options)
    named = {name_of(text) for text in (*options.space, *options.fixed)}
    if rate in named:
        raise InputError(
            f"the range of {rate} comes from the range test; leave out the one that was given"
        )
    differing = {name: v for name, v in varied(tests).items() if name not in named}
    choices = [
        f"{n}={','.join(write_value(v, n) for v in values)}" for n, values in differing.items()
    ]
    same = {
        name: value
        for name, value in tests[0].params.items()
        if name not in named and name not in differing and name != rate
    }
    sweep = options.replaced(
        space=(*_ranges(rate, tests, differing), *choices, *options.space),
        fixed=(*options.fixed, *(f"{name}={write_value(v, name)}" for name, v in same.items())),
        study=options.study or f"{study}-sweep",
    )
    ranked = [
        (rank, {**{name: one.params[name] for name in differing if name in one.params}, rate: lr})
        for one in tests
        for rank, lr in enumerate(one.first_rates())
    ]
    # The surest of each test first, so that a sweep that is cut short has seen them all.
    points = [point for _, point in sorted(ranked, key=lambda item: item[0])]
    return Handover(sweep, tuple(points))


def _ranges(
    rate: str, tests: Sequence[Found], differing: dict[str, tuple[ParamValue, ...]]
) -> list[str]:
    """The ranges of the rate: one for each optimizer that was compared, else one for all."""
    parent = next((name for name in differing if is_optimizer(name)), None)
    if parent is None:
        return [f"{rate}={_hull(tests)}"]
    by_value = {v: [t for t in tests if t.params[parent] == v] for v in differing[parent]}
    return [
        f"{rate}@{parent}={write_value(value, parent)}={_hull(of_value)}"
        for value, of_value in by_value.items()
    ]


def _hull(tests: Sequence[Found]) -> str:
    low = min(one.widened[0] for one in tests)
    high = max(one.widened[1] for one in tests)
    return f"{low:.3g}:{high:.3g}"
