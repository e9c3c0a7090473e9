"""Which of a study's metrics are its loss curves, and what those of its trials look like."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
_ACCURACIES = frozenset({"acc", "accuracy", "top1", "top5"})


@dataclass(frozen=True, slots=True)
class LossNames:
    """What a study calls its losses, all of one measure; None for one that it does not report."""

    training: str | None
    validation: str | None
    initial: str | None
    higher_is_better: bool = False

    def all(self) -> tuple[str, ...]:
        named = (self.training, self.validation, self.initial)
        return tuple(name for name in named if name is not None)

    def losses(self, curves: Mapping[str, Curve]) -> Losses:
        """The losses among the `curves` of one trial, by their names."""
        if self.higher_is_better:
            curves = {name: as_error(curve) for name, curve in curves.items()}
        first = curves.get(self.initial or "")
        return Losses(
            curves.get(self.training or ""),
            curves.get(self.validation or ""),
            first.values[0] if first else None,
        )


def loss_names(objective: str, metrics: Iterable[str]) -> LossNames | None:
    """The losses among `metrics`: those measured as the objective is, else `loss`, else the only.

    None where there are none, or several that nothing decides between. A name without a split
    (`loss`) is the training loss. Where no loss is reported, an accuracy that is the objective
    stands for its error.
    """
    names = tuple(dict.fromkeys((objective, *sorted(metrics))))
    found = _loss_names(objective, names, Direction.MINIMIZE)
    if found is not None or not _is_accuracy(objective):
        return found
    mirrored = _loss_names(objective, names, Direction.MAXIMIZE)
    return None if mirrored is None else replace(mirrored, higher_is_better=True)


def as_error(curve: Curve) -> Curve:
    """An accuracy, of 1 or of 100, as what is missing of it."""
    full = 1.0 if max(filter(math.isfinite, curve.values), default=0.0) <= 1 else 100.0
    values = tuple(full - value for value in curve.values)
    return replace(curve, metric=f"{full:g} - {curve.metric}", values=values)


def _is_accuracy(name: str) -> bool:
    return bool(_ACCURACIES & set(canonical(name))) or "accuracy" in name


def _loss_names(objective: str, names: Sequence[str], better: Direction) -> LossNames | None:
    measures: dict[tuple[str, ...], dict[str, str]] = {}
    for name in names:
        if (parts := _parts(name, better)) is not None:
            split, measure = parts
            measures.setdefault(measure, {}).setdefault(split, name)
    own = _parts(objective, better)
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


def _parts(name: str, better: Direction) -> tuple[str, tuple[str, ...]] | None:
    """The split of a loss and what is measured: `val/ce_loss` is ("val", ("ce", "loss"))."""
    if direction_of(name) is not better:
        return None
    words = canonical(name)
    splits = [word for word in words if word == _TRAINING or word in (*_VALIDATION, _INITIAL)]
    if _NO_LOSS & set(words) or len(splits) > 1:
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
        finals = [last[name] for last in rows.metrics.values() if name in last]
        if name == rows.metric and best is not None and best.value is not None:
            finals.append(best.value)
        held = list(filter(math.isfinite, finals))
        if names.higher_is_better:
            full = 1.0 if max(held, default=0.0) <= 1 else 100.0
            lowest[f"{full:g} - {name}"] = full - max(held, default=-math.inf)
        else:
            lowest[name] = min(held, default=math.inf)
    return lowest
