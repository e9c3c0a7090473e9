"""Which of a study's metrics are its loss curves, and what those of its trials look like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lrsweep.analysis.diagnosis import Diagnosis, Losses, diagnose
from lrsweep.analysis.found import LOSS as RANGE_TEST_LOSS
from lrsweep.capture.names import canonical
from lrsweep.capture.vocabulary import SPLITS
from lrsweep.store.read import StudyReader
from lrsweep.terms import direction_of
from lrsweep.trial import Curve, Direction, StudyRows, TrialRow

# Reading the curves of more trials than this takes longer than all else in a report.
MOST_TRIALS = 1000

_TRAINING, _UNNAMED, _INITIAL = "train", "", "initial"
_VALIDATION = tuple(split for split in dict.fromkeys(SPLITS.values()) if split != _TRAINING)
# A perplexity is the exponential of a loss: its curve has another shape.
_NO_LOSS = frozenset({"perplexity"})


@dataclass(frozen=True, slots=True)
class LossNames:
    """What a study calls its losses, all of one measure; None for one that it does not report."""

    training: str | None
    validation: str | None
    initial: str | None

    def all(self) -> tuple[str, ...]:
        named = (self.training, self.validation, self.initial)
        return tuple(name for name in named if name is not None)

    def losses(self, curves: Mapping[str, Curve]) -> Losses:
        """The losses among the `curves` of one trial, by their names."""
        first = curves.get(self.initial or "")
        return Losses(
            curves.get(self.training or ""),
            curves.get(self.validation or ""),
            first.values[0] if first else None,
        )


def loss_names(objective: str, metrics: Iterable[str]) -> LossNames | None:
    """The losses among `metrics`: those measured as the objective is, else `loss`, else the only.

    None where there are none, or several that nothing decides between. A name without a split
    (`loss`) is the training loss.
    """
    measures: dict[tuple[str, ...], dict[str, str]] = {}
    for name in dict.fromkeys((objective, *sorted(metrics))):
        if (parts := _parts(name)) is not None:
            split, measure = parts
            measures.setdefault(measure, {}).setdefault(split, name)
    own = _parts(objective)
    chosen = measures.get(own[1] if own else ("loss",))
    if chosen is None and len(measures) == 1:
        [chosen] = measures.values()
    if chosen is None:
        return None
    validation = (own[0], *_VALIDATION) if own and own[0] in _VALIDATION else _VALIDATION
    return LossNames(
        training=chosen.get(_TRAINING, chosen.get(_UNNAMED)),
        validation=next((chosen[split] for split in validation if split in chosen), None),
        initial=chosen.get(_INITIAL),
    )


def training_beside(objective: str, curves: Sequence[Curve]) -> Curve | None:
    """The training loss among `curves`, where the objective is the same loss on validation data."""
    names = loss_names(objective, (curve.metric for curve in curves))
    if names is None or names.validation != objective:
        return None
    return next((curve for curve in curves if curve.metric == names.training), None)


def _parts(name: str) -> tuple[str, tuple[str, ...]] | None:
    """The split of a loss and what is measured: `val/ce_loss` is ("val", ("ce", "loss"))."""
    words = canonical(name)
    splits = [word for word in words if word == _TRAINING or word in (*_VALIDATION, _INITIAL)]
    if direction_of(name) is not Direction.MINIMIZE or _NO_LOSS & set(words) or len(splits) > 1:
        return None
    return "".join(splits), tuple(word for word in words if word not in splits)


def read_diagnoses(
    reader: StudyReader,
    rows: StudyRows,
    trials: Sequence[TrialRow],
    *,
    every: bool | None = None,
) -> dict[int, Diagnosis]:
    """How the loss curves of `trials` and of the best trial look, by number.

    Trials whose curves allow no word are left out. `every` True reads the curves of all of them,
    False none; None all of up to `MOST_TRIALS`, and of more that of the best alone.
    """
    few = len(trials) <= MOST_TRIALS
    wanted = {trial.number: trial for trial in (trials if every or few else ())}
    if (best := rows.best) is not None:
        wanted[best.number] = best
    names = _names(rows)
    if names is None or every is False:
        return {}
    lowest = _lowest(rows, names)
    numbers = wanted if few or not every else None  # a query holds so many
    return {
        number: found
        for number, curves in reader.curves_by_trial(rows.name, names.all(), numbers)
        if number in wanted and _counts(wanted[number])
        if (found := diagnose(names.losses(curves), lowest)) is not None
    }


def trial_diagnosis(rows: StudyRows, trial: TrialRow, curves: Iterable[Curve]) -> Diagnosis | None:
    """How the loss curves among all `curves` of one trial look."""
    names = _names(rows)
    if names is None or not _counts(trial):
        return None
    held = {curve.metric: curve for curve in curves if curve.values}
    return diagnose(names.losses(held), _lowest(rows, names))


def _counts(trial: TrialRow) -> bool:
    """Whether the curve is whole, or was cut for what it showed."""
    return trial.outcome is not None and trial.outcome.informs


def _names(rows: StudyRows) -> LossNames | None:
    """None for a range test as well: its rate rises while it trains."""
    if rows.metric == RANGE_TEST_LOSS and rows.sweep_command[:2] == ("lrsweep", "find"):
        return None
    return loss_names(rows.metric, {name for held in rows.metrics.values() for name in held})


def _lowest(rows: StudyRows, names: LossNames) -> dict[str, float]:
    """The lowest final loss of any trial, by name."""
    lowest, best = {}, rows.best
    for name in names.all():
        finals = [held[name] for held in rows.metrics.values() if name in held]
        if name == rows.metric and best is not None and best.value is not None:
            finals.append(best.value)
        lowest[name] = min(filter(math.isfinite, finals), default=math.inf)
    return lowest
