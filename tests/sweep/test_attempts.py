"""The curve of a trial that took several attempts: what holds is what the last one confirmed."""

from __future__ import annotations

import pytest

from lrsweep.executors.inline import Training
from lrsweep.store.read import StudyReader
from lrsweep.trial import Job, Outcome
from tests.sweep.inline import PlanMaker, opened_by_optuna, rows, run


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (range(4, 7), [1.1, 2.1, 3.1, 4.2, 5.2, 6.2]),  # from a checkpoint after step 3
        (range(1, 4), [1.2, 2.2, 3.2]),  # from the beginning, and it ended earlier
        (range(1, 7), [1.2, 2.2, 3.2, 4.2, 5.2, 6.2]),
    ],
)
def test_an_attempt_continues_the_one_before_from_where_it_began(
    make_plan: PlanMaker, again: range, expected: list[float]
) -> None:
    def train(job: Job) -> Training:
        attempt = job.first.key.attempt
        for step in range(1, 6) if attempt == 1 else again:
            yield step, {"val_loss": step + attempt / 10, "train_loss": step + attempt / 10}
        return 1 if attempt == 1 else 0

    plan = make_plan(sampler="grid", space=("lr=0.1",), retry_crashed=True, retries=1)
    run(plan, train)
    assert [(row.outcome, row.attempt) for row in rows(plan).trials] == [(Outcome.COMPLETED, 2)]
    with StudyReader(plan.storage) as reader:
        curves = {curve.metric: list(curve.values) for curve in reader.curves(plan.study, 0)}
        [(_, by_trial)] = reader.curves_by_trial(plan.study, ("val_loss", "train_loss"))
    assert curves == {"val_loss": expected, "train_loss": expected}
    assert {m: list(curve.values) for m, curve in by_trial.items()} == curves
    with opened_by_optuna(plan.study, plan.storage) as study:
        assert list(study.trials[0].intermediate_values.values()) == expected
