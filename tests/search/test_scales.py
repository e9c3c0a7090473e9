"""Trials are laid out over scales: every combination, the cheap ones more, rates spread."""

from __future__ import annotations

from collections import Counter
from typing import cast

from lrsweep.search.proposer import Done, Proposal
from lrsweep.search.sampled import Sampled
from lrsweep.search.scales import ScaleLayout, scale_levels
from lrsweep.space import Space
from lrsweep.trial import Direction, Ending, Outcome, Params, Slot, TrialKey

SPACE = Space.parse(("lr=1e-4:1", "width=32:128:pow2", "epochs=1,4", "optimizer=sgd"))


class Completes:
    """Stands for a sampler: completes points with the first optimizer."""

    def __init__(self) -> None:
        self.number = 0

    def complete(self, fixed: Params, _slot: Slot) -> Proposal | Done:
        self.number += 1
        return Proposal({**fixed, "optimizer": "sgd"}, "random", self.number)


def layout() -> ScaleLayout:
    rest = cast(Sampled, Completes())
    return ScaleLayout(SPACE, ("width", "epochs"), rest, Direction.MINIMIZE)


def proposals(search: ScaleLayout, count: int) -> list[Proposal]:
    made = [search.propose(Slot(0)) for _ in range(count)]
    assert all(isinstance(one, Proposal) for one in made)
    return [one for one in made if isinstance(one, Proposal)]


def test_every_combination_is_tried_and_cheap_ones_more() -> None:
    counts = Counter((p.params["width"], p.params["epochs"]) for p in proposals(layout(), 60))
    assert set(counts) == {(w, e) for w in (32, 64, 128) for e in (1, 4)}
    assert counts[32, 1] > counts[64, 1] > counts[128, 4] >= 3


def test_the_rates_of_a_combination_cover_the_range() -> None:
    made = proposals(layout(), 60)
    rates = sorted(float(cast(float, p.params["lr"])) for p in made if p.params["width"] == 32)
    decades = {int(-__import__("math").log10(rate)) for rate in rates}
    assert decades >= {0, 1, 2, 3}


def test_later_trials_gather_around_the_best_rate_so_far() -> None:
    search = layout()
    for made in proposals(search, 40):
        value = 1.0 if cast(float, made.params["lr"]) < 0.05 else 0.5
        key = TrialKey(cast(int, made.number), 1)
        search.told(Ending(key, Outcome.COMPLETED, value, params=made.params))
    later = [cast(float, made.params["lr"]) for made in proposals(search, 30)]
    assert sum(rate > 0.01 for rate in later) >= 25


def test_a_resumed_layout_counts_the_trials_that_are_there() -> None:
    rest = cast(Sampled, Completes())
    there = [{"lr": 0.1, "width": 32, "epochs": 1}] * 30
    names, direction = ("width", "epochs"), Direction.MINIMIZE
    search = ScaleLayout(SPACE, names, rest, direction, there)
    assert (32, 1) not in {(p.params["width"], p.params["epochs"]) for p in proposals(search, 6)}


def test_levels_of_a_range_are_three_and_lie_on_it() -> None:
    levels = {
        p.name: scale_levels(p) for p in Space.parse(("a=8:2048:pow2", "b=1:9", "c=3,5")).parameters
    }
    assert levels == {"a": (8, 128, 2048), "b": (1, 3, 9), "c": (3, 5)}
