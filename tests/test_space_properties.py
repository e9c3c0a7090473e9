"""Promises that hold for every input, not only for the examples that come to mind."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import islice, pairwise
from typing import TypeVar

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lrsweep.errors import SpaceError
from lrsweep.space import Choice, Condition, Fixed, Float, Int, Parameter, Space
from lrsweep.trial import ParamValue

T = TypeVar("T")

# A busy machine is no reason to fail.
patiently = settings(suppress_health_check=[HealthCheck.too_slow])

names = st.one_of(
    st.sampled_from(["lr", "batch_size", "optimizer", "model.optimizer.lr", "weight-decay"]),
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True),
)
floats = st.floats(allow_nan=False, allow_infinity=False)
awkward = st.sampled_from(
    ["sgd", "wsd:decay=0.2", "a,b", "1:2", ":", "1", "007", "1e5", "True", "", " ", "[", "'", "="]
)
texts = awkward | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values: st.SearchStrategy[ParamValue] = (
    st.booleans() | st.integers(-(2**63), 2**64 - 1) | floats | texts
)
points = st.none() | st.integers(2, 40)


def accepted(make: Callable[[], T]) -> T:
    """What `make` builds; what the space refuses is no example."""
    try:
        return make()
    except SpaceError:
        assume(False)
        raise


@st.composite
def float_ranges(draw: st.DrawFn) -> Float:
    low, high = sorted((draw(floats), draw(floats)))
    log = low > 0 and draw(st.booleans())
    step = None if log else draw(st.none() | st.floats(1e-4, 1).map(lambda s: s * (high - low)))
    return accepted(lambda: Float(draw(names), low, high, log, step, draw(points)))


@st.composite
def int_ranges(draw: st.DrawFn) -> Int:
    scale = draw(st.sampled_from(["linear", "log", "pow2"]))
    ends = {
        "linear": st.integers(-(2**53), 2**53) | st.integers(-20, 20),
        "log": st.integers(1, 2**53) | st.integers(1, 20),
        "pow2": st.integers(0, 53).map(lambda exponent: 2**exponent),
    }[scale]
    low, high = sorted((draw(ends), draw(ends)))
    step = draw(st.none() | st.integers(1, 100)) if scale == "linear" else None
    log, pow2 = scale == "log", scale == "pow2"
    return accepted(lambda: Int(draw(names), low, high, log, pow2, step, draw(points)))


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    taken = draw(st.lists(values, min_size=2, max_size=4))
    return accepted(lambda: Choice(draw(names), tuple(taken)))


ranges: st.SearchStrategy[Float | Int] = float_ranges() | int_ranges()
parameters: st.SearchStrategy[Parameter] = ranges | choices() | st.builds(Fixed, names, values)


@st.composite
def spaces(draw: st.DrawFn) -> Space:
    """Whole spaces, some with conditions, nested ones and shared names among them."""
    drawn: list[Parameter] = [draw(choices())]
    for parameter in draw(st.lists(parameters, max_size=4)):
        parent = draw(st.none() | st.sampled_from([p for p in drawn if isinstance(p, Choice)]))
        if parent is not None:
            when = Condition(parent.name, draw(st.sampled_from(parent.values)))
            parameter = replace(parameter, when=when)
        drawn.append(parameter)
    order = draw(st.permutations(drawn))
    return accepted(lambda: Space(tuple(order)))


@patiently
@given(parameters)
def test_a_parameter_reads_back_as_it_was_written(parameter: Parameter) -> None:
    (again,) = Space.parse([str(parameter)]).parameters
    assert again == parameter
    assert repr(again) == repr(parameter)  # 1, 1.0 and True are equal, and not the same


@patiently
@given(spaces())
def test_a_space_reads_back_as_it_was_written(space: Space) -> None:
    again = Space.parse(space.texts())
    assert again == space
    assert again.texts() == space.texts()
    assert again.differences(space) == []


anything = st.text(st.characters())  # lone surrogates and NUL, too


@patiently
@given(st.lists(anything, max_size=3), st.lists(anything, max_size=3))
def test_no_text_at_all_raises_anything_but_a_space_error(
    searched: list[str], fixed: list[str]
) -> None:
    parse_or_refuse(searched, fixed)


pieces = st.sampled_from(
    (
        *"=@:,'\"[]()- .x1\0",
        *("lr", "lr=", "lr@", "optimizer=sgd,adamw", "sgd", "adamw", "true", "1e-5", "1:2"),
        *("log", "int", "pow2", "step=", "points=", "nan", "inf", "9" * 50, "1e999"),
    )
)
almost = st.lists(pieces, max_size=9).map("".join)


@patiently
@given(st.lists(almost, max_size=4), st.lists(almost, max_size=2))
def test_nothing_that_resembles_the_grammar_raises_anything_but_a_space_error(
    searched: list[str], fixed: list[str]
) -> None:
    parse_or_refuse(searched, fixed)


def parse_or_refuse(searched: list[str], fixed: list[str]) -> None:
    try:
        space = Space.parse(searched, fixed)
    except SpaceError as error:
        refused = error
    else:
        assert Space.parse(space.texts()) == space
        assert all(text for row in space.describe() for text in row)
        assert all(set(point) <= set(space.names()) for point in islice(space.grid(), 20))
        return
    assert refused.message.isprintable()
    assert (refused.hint or "").startswith("try ")
    assert str(refused.hint).encode()  # printing it fails on nothing


@patiently
@given(ranges, floats)
def test_snapping_gives_an_allowed_value_that_stays(parameter: Float | Int, value: float) -> None:
    snapped = parameter.snap(value)
    assert parameter.contains(snapped)
    assert parameter.low <= snapped <= parameter.high
    assert parameter.snap(snapped) == snapped


@patiently
@given(ranges, floats)
def test_no_allowed_value_of_a_grid_is_nearer_than_the_snapped_one(
    parameter: Float | Int, value: float
) -> None:
    def distance(allowed: float) -> float:
        if isinstance(parameter, Int) and parameter.pow2:
            return abs(math.log2(allowed) - math.log2(max(value, 1)))
        return abs(allowed - value)

    nearest = min(map(distance, parameter.grid()))
    assert distance(parameter.snap(value)) <= nearest * (1 + 1e-9) or math.isinf(nearest)


@patiently
@given(ranges)
def test_a_grid_ascends_from_end_to_end_through_allowed_values(parameter: Float | Int) -> None:
    grid = parameter.grid()
    assert all(parameter.contains(value) for value in grid)
    assert (grid[0], grid[-1]) == (parameter.low, parameter.high)
    assert list(grid) == sorted(set(grid))
    assert parameter.points is None or len(grid) <= parameter.points


@patiently
@given(st.floats(-300, 300), st.floats(0.1, 10), st.integers(3, 30))
def test_a_log_grid_is_even_in_its_logarithm(start: float, decades: float, count: int) -> None:
    low, high = 10**start, 10 ** min(start + decades, 308)
    grid = accepted(lambda: Float("lr", low, high, log=True, points=count)).grid()
    gaps = [math.log10(b / a) for a, b in pairwise(grid)]
    assert len(grid) == count
    assert max(gaps) <= 1.1 * min(gaps)


@patiently
@given(spaces())
def test_the_grid_has_as_many_points_as_it_says_and_none_twice(space: Space) -> None:
    size = space.grid_size()
    first = [tuple(point.items()) for point in islice(space.grid(), 2000)]
    assert len(first) == min(size, 2000)
    assert len(set(map(repr, first))) == len(first)


@patiently
@given(spaces())
def test_a_point_holds_exactly_the_active_parameters(space: Space) -> None:
    for point in islice(space.grid(), 50):
        active = space.active(point)
        assert sorted(p.name for p in active) == sorted(point)
        assert all(p.contains(point[p.name]) for p in active)


@patiently
@given(spaces())
def test_labels_are_unique_and_parents_come_first(space: Space) -> None:
    labels = [p.label for p in space.parameters]
    assert len(set(labels)) == len(labels)
    seen: set[str] = set()
    for parameter in space.ordered():
        assert parameter.when is None or parameter.when.parent in seen
        seen.add(parameter.name)
    assert sorted(map(str, space.ordered())) == sorted(map(str, space.parameters))
