"""A flood of reports is thinned, and never by losing the newest."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lrsweep.jobs.thinning import thinned
from lrsweep.trial import Report


def reports(metrics: list[str]) -> list[Report]:
    return [Report(0, 1, step, {name: 0.0}) for step, name in enumerate(metrics)]


def test_few_reports_are_all_kept() -> None:
    few = reports(["loss"] * 100)
    assert thinned(few, 100) == few


def test_a_million_reports_become_an_even_few() -> None:
    kept = [report.step for report in thinned(reports(["loss"] * 1_000_000), 1000)]
    assert len(kept) <= 1001
    assert (kept[0], kept[-1]) == (0, 999_999)
    gaps = {after - before for before, after in pairwise(kept[:-1])}
    assert len(gaps) == 1


@given(st.lists(st.sampled_from(["loss", "accuracy"])), st.integers(2, 9))
def test_each_kind_keeps_its_newest_and_the_order_stays(names: list[str], most: int) -> None:
    before = reports(names)
    kept = thinned(before, most)
    assert kept == [report for report in before if report in kept]
    for name in set(names):
        of_kind = [report for report in kept if name in report.metrics]
        assert len(of_kind) <= most + 1
        assert of_kind[-1] == [report for report in before if name in report.metrics][-1]
