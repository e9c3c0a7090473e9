"""What a trial's loss curves look like: the word of `labels`, where they allow one, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrsweep.analysis.labels import Label, label, late_medians, turned_up
from lrsweep.analysis.wording import number
from lrsweep.trial import Curve

# With fewer points a steady fall cannot be told from one that ends, nor a swing from a trend.
FEWEST_POINTS = 8
# A trial learned too slowly for certain where its own start, or another trial, is this far away.
_CLEARLY_LOWER = 0.9
_UNKNOWN: Mapping[str, float] = {}
_STILL_FALLING = 0.01
# What a validation loss that turns up may be called, though the training may be sound.
_UNSURE_ALONE = (Label.DIVERGED, Label.COLLAPSED, Label.PLATEAUED, Label.HEALTHY)


@dataclass(frozen=True, slots=True)
class Losses:
    """The loss curves of one trial, None for one it does not have.

    `initial` is the loss before training, where the trial measured it.
    """

    training: Curve | None
    validation: Curve | None
    initial: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A validation curve that was `lowest` at `step`, and at its `end` was `last`.

    `training` is the last training loss.
    """

    metric: str
    lowest: float
    step: int
    last: float
    end: int
    training: float

    @property
    def gap(self) -> float:
        """How far the validation loss ended above the training loss."""
        return self.last - self.training


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How the curve of `metric` looks, and what a sentence on it needs.

    `before` and `late` are its medians over the third and the last quarter. `falls` says that the
    validation loss, where there is one, still fell between them. `turn` is set for overfitting.
    """

    label: Label
    metric: str
    before: float = math.nan
    late: float = math.nan
    falls: bool = False
    turn: Turn | None = None

    @property
    def words(self) -> str:
        """ "still improving"."""
        return self.label.value.replace("_", " ")

    @property
    def gloss(self) -> str:
        """What the label stands for, in a few words."""
        if self.turn is not None:
            turn = self.turn
            return (
                f"{turn.metric} was lowest, {number(turn.lowest)}, at step {turn.step} "
                f"of {turn.end} and ended at {number(turn.last)}"
            )
        if self.label is Label.DIVERGED and not math.isfinite(self.late):
            return f"{self.metric} was no finite number any more"
        return f"{self.metric} {_GLOSSES[self.label]}"


Diagnoses = Mapping[int, Diagnosis]
NO_DIAGNOSES: Diagnoses = {}

_GLOSSES = {
    Label.DIVERGED: "ended far above where it began",
    Label.COLLAPSED: "rose, and gained little or nothing in the end",
    Label.TOO_SLOW: "fell only a little of the way, and steadily",
    Label.OSCILLATING: "swings up and down",
    Label.SPIKING: "jumps up now and then",
    Label.STILL_IMPROVING: "was still falling at the end; more training may lower it",
    Label.PLATEAUED: "has stopped falling",
    Label.OVERFITTING: "rose again",
    Label.UNSTABLE: "swings from one evaluation to the next",
    Label.HEALTHY: "fell and is levelling off",
}


def diagnose(losses: Losses, lowest: Mapping[str, float] = _UNKNOWN) -> Diagnosis | None:
    """How `losses` look; None where they do not allow a word.

    A curve needs `FEWEST_POINTS`, and a scale that begins at zero, as losses have. `lowest` is the
    lowest final loss of all trials, by metric: a loss that hardly fell may have been low when it
    was first reported, so it is called too slow only beside an initial loss or a trial that got
    lower.

    Without a training loss the validation loss is judged alone, and nothing is said of one that
    turned up: it takes both to say why.
    """
    training, validation = losses.training, losses.validation
    if training is not None and not all(map(math.isfinite, training.values)):
        return Diagnosis(Label.DIVERGED, training.metric)
    if validation is not None and not math.isfinite(validation.values[-1]):
        return Diagnosis(Label.DIVERGED, validation.metric)
    for curve, other in ((training, validation), (validation, None)):
        if curve is not None and len(curve.values) >= FEWEST_POINTS:
            found = _judged(curve, other, losses.initial, lowest.get(curve.metric))
            if found is None or (curve is validation and _is_unsure(found, curve.values)):
                return None
            return _described(found, curve, other)
    return None


def _is_unsure(found: Label, validation: Sequence[float]) -> bool:
    return found in _UNSURE_ALONE and turned_up(validation, validation[0])


def _judged(
    curve: Curve, validation: Curve | None, initial: float | None, lowest: float | None
) -> Label | None:
    losses = curve.values
    if not _is_whole(curve) or min(losses) < 0 or (losses[0] if initial is None else initial) <= 0:
        return None
    paired = validation.values if validation is not None and _is_whole(validation) else ()
    found = label(losses, paired, initial=initial)
    if found is Label.TOO_SLOW and initial is None:
        return found if lowest is not None and lowest < _CLEARLY_LOWER * losses[-1] else None
    return found


def _is_whole(curve: Curve) -> bool:
    return len(curve.values) >= FEWEST_POINTS and all(map(math.isfinite, curve.values))


def _described(found: Label, curve: Curve, validation: Curve | None) -> Diagnosis:
    before, late = late_medians(curve.values)
    turn = None
    if found is Label.OVERFITTING and validation is not None:
        values, steps = validation.values, validation.steps
        lowest = min(values)
        at = steps[values.index(lowest)]
        turn = Turn(validation.metric, lowest, at, values[-1], steps[-1], curve.values[-1])
    return Diagnosis(found, curve.metric, before, late, _falls(validation), turn)


def _falls(validation: Curve | None) -> bool:
    if validation is None or len(validation.values) < 2:
        return validation is None
    before, late = late_medians(validation.values)
    return late < (1 - _STILL_FALLING) * before
