"""The range test: raise the learning rate at every step, watch the loss (Smith, 1506.01186).

What the curve means is worked out by `lrsweep.analysis.range_test`; this only draws it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch.optim.lr_scheduler import LambdaLR

from lrsweep.analysis.range_test import Smoothed
from lrsweep.client import CurrentTrial
from lrsweep.errors import InputError
from lrsweep.train.training import Training


@dataclass(frozen=True, slots=True)
class RateRamp:
    """Rates from `low` to `high`, evenly spaced on a log scale over `steps` optimizer steps."""

    low: float
    high: float
    steps: int

    @classmethod
    def parse(cls, text: str) -> RateRamp:
        """The ramp in `LOW:HIGH:STEPS`, as in `1e-6:10:300`. Raises `InputError`."""
        try:
            low, high, steps = text.split(":")
            ramp = cls(float(low), float(high), int(steps))
        except ValueError:
            raise _unclear(text) from None
        if not (0 < ramp.low < ramp.high < math.inf and ramp.steps >= 2):
            raise _unclear(text)
        return ramp

    def rate(self, number: int) -> float:
        """The rate of step 0 … `steps` - 1."""
        share = min(number, self.steps - 1) / (self.steps - 1)
        return self.low * math.pow(self.high / self.low, share)


def _unclear(text: str) -> InputError:
    return InputError(
        f"range test {text!r} must be LOW:HIGH:STEPS with 0 < LOW < HIGH and 2 steps or more",
        hint="1e-6:10:300",
    )


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
