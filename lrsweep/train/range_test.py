"""The range test: raise the learning rate at every step, watch the loss (Smith, 1506.01186).

What the curve means is worked out by `lrsweep.analysis.range_test`; this only draws it.
"""

from __future__ import annotations

from torch.optim.lr_scheduler import LambdaLR

from lrsweep.analysis.range_test import RateRamp
from lrsweep.client import CurrentTrial
from lrsweep.observe.training.smoothing import Smoothed
from lrsweep.train.training import Training


def run_range_test(training: Training, ramp: RateRamp, trial: CurrentTrial) -> None:
    """Train while the rate rises, until the loss explodes; report `lr` and `train_loss` each step.

    `training` must have been made with a learning rate of 1, so that groups keep the proportions of
    theirs. The model is spoilt afterwards: run the test in a process of its own. Raises
    `lrsweep.TrialStopped` when the sweep has decided to stop it.
    """
    schedule = LambdaLR(training.optimizer, ramp.rate)
    smoothed = Smoothed()
    training.train_mode()
    for number in range(ramp.steps):
        rate, count = training.lr, training.recipe.batch_size
        loss = float(training.step(count)[0]) / count
        trial.report(number + 1, lr=rate, train_loss=loss, fraction=(number + 1) / ramp.steps)
        smoothed.add(loss)
        if smoothed.exploded:
            break
        schedule.step()
