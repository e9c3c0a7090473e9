"""A grid that is cut short is tried all over, not in its first corner."""

from __future__ import annotations

from lrsweep.search.grid import Grid
from lrsweep.search.proposer import Proposal
from lrsweep.space import Space
from lrsweep.trial import Params, Slot

SPACE = Space.parse(("a=1,2,3,4", "b=1,2,3,4,5"))


def points(trials: int | None) -> list[Params]:
    grid, found = Grid(SPACE, trials=trials), []
    while isinstance(answer := grid.propose(Slot(0)), Proposal):
        found.append(answer.params)
    return found


def test_the_first_trials_lie_all_over_the_grid() -> None:
    first = points(6)[:6]
    assert {point["a"] for point in first} == {1, 2, 3, 4}
    assert len({point["b"] for point in first}) >= 4


def test_every_point_comes_once_whatever_the_order() -> None:
    whole = points(None)
    assert [*whole] == [*SPACE.grid()]
    assert sorted(points(3), key=str) == sorted(whole, key=str)
