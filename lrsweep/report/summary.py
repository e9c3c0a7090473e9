"""What a study is and how far it came, in a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from lrsweep.analysis.diagnosis import NO_DIAGNOSES, Diagnoses, Diagnosis
from lrsweep.analysis.wording import duration, number, plain
from lrsweep.report.columns import telling
from lrsweep.report.outcomes import outcomes_text
from lrsweep.space import Space
from lrsweep.trial import StudyRows, TrialRow

_MOST_METRICS = 3


def facts(pairs: Iterable[tuple[str, Text | str]]) -> Table:
    """A name and what it is, a pair a line; pairs with nothing to say are left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, fact in pairs:
        text = fact if isinstance(fact, Text) else Text(fact)
        if text.plain:
            grid.add_row(name, text)
    return grid


def summary(rows: StudyRows) -> Table:
    """The study's name, what it runs and optimizes, and its trials by outcome."""
    ended = sum(trial.outcome is not None for trial in rows.trials)
    each = f", {duration(rows.wall_s / ended)} a trial" if ended and rows.wall_s else ""
    created = "" if rows.created_at is None else f"{rows.created_at.astimezone():%Y-%m-%d %H:%M}"
    pruner = f", {rows.pruner} pruner" if rows.pruner not in ("", "none") else ", no pruner"
    return facts(
        [
            ("study", Text(rows.name, style="bold")),
            ("target", rows.target),
            ("objective", f"{rows.metric}, {rows.direction}"),
            ("search", f"{rows.sampler} sampler{pruner}" if rows.sampler else ""),
            ("trials", outcomes_text(rows)),
            ("wall time", f"{duration(rows.wall_s)}{each}"),
            ("created", created),
        ]
    )


def space_table(space: Sequence[str]) -> Table:
    """The space as it was understood, a parameter a line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, kind, extent in Space.parse(space).describe():
        grid.add_row(Text(label), kind, Text(extent))
    return grid


def result(rows: StudyRows, diagnoses: Diagnoses = NO_DIAGNOSES) -> Table:
    """How the sweep ended: trials by outcome, and the best one with all its metrics."""
    pairs: list[tuple[str, Text | str]] = [
        ("study", Text(rows.name, style="bold")),
        ("trials", outcomes_text(rows).append(f" in {duration(rows.wall_s)}")),
    ]
    if rows.best is not None and rows.best.value is not None:
        headline = f"trial {rows.best.number}  {rows.metric} {number(rows.best.value)}"
        metrics = rows.metrics.get(rows.best.number, {})
        others = [name for name in telling(metrics) if name != rows.metric][:_MOST_METRICS]
        pairs += [
            ("best", Text(headline, style="bold green")),
            ("", params_text(rows.best)),
            ("", "  ".join(f"{name} {number(metrics[name])}" for name in others)),
            ("curve", curve_text(diagnoses.get(rows.best.number))),
        ]
    return facts(pairs)


def params_text(trial: TrialRow) -> Text:
    """ "lr=0.0316  optimizer=sgd"."""
    return Text("  ".join(f"{name}={plain(value)}" for name, value in trial.params.items()))


def curve_text(diagnosis: Diagnosis | None) -> str:
    """ "still improving: train_loss was still falling …"; empty where nothing is known."""
    return "" if diagnosis is None else f"{diagnosis.words}: {diagnosis.gloss}"
