"""A sweep may die between asking for a trial and starting it."""

from __future__ import annotations

from lrsweep.search.samplers import make_sampler
from lrsweep.store.study import StudyStore
from tests.sweep.inline import PlanMaker


def test_a_trial_that_was_asked_for_and_never_started_is_run(make_plan: PlanMaker) -> None:
    plan = make_plan()
    with StudyStore.open(plan) as store:
        sampler = make_sampler(plan.settings.sampler, plan.space, store.distributions, 0)
        asked = store.ask(sampler)
    with StudyStore.open(plan) as store:
        assert store.left_open() == []
        assert store.finished == 0
        assert store.to_run_again() == [asked]
