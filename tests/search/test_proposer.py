"""Proposers answer a slot and follow endings; no process and no database is involved."""

from __future__ import annotations

from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.search.grid import Grid
from lrsweep.search.proposer import Answer, Chain, Done, Proposal, Wait
from lrsweep.space import Space
from lrsweep.trial import Ending, Outcome, Params, Slot, TrialKey

SMALL, LARGE = Slot(0, "GPU-a", kind="small"), Slot(1, "GPU-b", kind="large")


class Halving:
    """Tries two rates, then the better one once more: it follows endings."""

    def __init__(self) -> None:
        self._left: list[Params] = [{"lr": 0.1}, {"lr": 0.2}]
        self._seen: list[Ending] = []

    def propose(self, slot: Slot) -> Answer:
        if self._left:
            return Proposal(self._left.pop(0), "halving")
        if len(self._seen) < 2:
            return Wait("both rates must have ended")
        if len(self._seen) > 2:
            return Done()
        return Proposal(min(self._seen, key=lambda e: e.value or 0).params, "halving")

    def told(self, ending: Ending) -> None:
        self._seen.append(ending)


def ended(number: int, params: Params, value: float) -> Ending:
    return Ending(TrialKey(number, 1), Outcome.COMPLETED, value, params=params)


def test_a_proposer_waits_for_endings_and_follows_them() -> None:
    proposer = Halving()
    assert proposer.propose(SMALL) == Proposal({"lr": 0.1}, "halving")
    assert proposer.propose(SMALL) == Proposal({"lr": 0.2}, "halving")
    assert proposer.propose(SMALL) == Wait("both rates must have ended")
    proposer.told(ended(0, {"lr": 0.1}, 5.0))
    proposer.told(ended(1, {"lr": 0.2}, 3.0))
    assert proposer.propose(SMALL) == Proposal({"lr": 0.2}, "halving")


def test_a_chain_asks_the_next_where_one_is_done_and_tells_all() -> None:
    halving = Halving()
    chain = Chain(Grid(Space.parse(["lr=0.5,0.6"])), halving)
    assert [chain.propose(SMALL) for _ in range(2)] == [
        Proposal({"lr": 0.5}, "grid"),
        Proposal({"lr": 0.6}, "grid"),
    ]
    assert chain.propose(SMALL) == Proposal({"lr": 0.1}, "halving")
    for number in range(3):
        chain.told(ended(number, {"lr": 0.1}, 1.0))
    chain.propose(SMALL)
    assert chain.propose(SMALL) == Done()


def test_a_chain_does_not_pass_over_one_that_waits() -> None:
    waiting = Halving()
    waiting._left.clear()
    chain = Chain(waiting, Grid(Space.parse(["lr=0.5"])))
    assert isinstance(chain.propose(SMALL), Wait)


def test_an_empty_chain_is_done() -> None:
    assert Chain().propose(SMALL) == Done()


def test_points_that_do_not_fit_on_one_kind_of_device_stay_for_another() -> None:
    space = Space.parse(["batch_size=64,16,32"])
    ceiling = BatchSizeCeiling(space)
    grid = Grid(space, ceiling=ceiling)
    ceiling.ran_out({"batch_size": 32}, "small")
    assert grid.propose(SMALL) == Proposal({"batch_size": 16}, "grid")
    assert isinstance(grid.propose(SMALL), Done)
    assert [grid.propose(LARGE) for _ in range(2)] == [
        Proposal({"batch_size": 64}, "grid"),
        Proposal({"batch_size": 32}, "grid"),
    ]
    assert isinstance(grid.propose(LARGE), Done)


def test_visited_points_are_left_out_of_the_grid() -> None:
    grid = Grid(Space.parse(["lr=0.5,0.6"]), [{"lr": 0.5}])
    assert grid.propose(SMALL) == Proposal({"lr": 0.6}, "grid")
