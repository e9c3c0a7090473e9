"""What a sweep says to GitHub Actions: annotations of a run, as workflow commands."""

from __future__ import annotations

from collections.abc import Iterator

from lrsweep.analysis.wording import plain
from lrsweep.report.study_report import StudyReport
from lrsweep.terms import printable

# GitHub shows ten of a kind for a step, and drops the rest.
_MOST = 9


def annotation_lines(report: StudyReport) -> Iterator[str]:
    """Lines such as `::error title=…::…`: why the sweep failed, which trials, the best one."""
    rows = report.rows
    if report.failure:
        yield _command("error", f"sweep {rows.name}", report.failure)
    failed = [trial for trial in rows.trials if trial.outcome is not None and trial.outcome.failed]
    for trial in failed[:_MOST]:
        text = f"{trial.outcome}: {trial.reason}" if trial.reason else str(trial.outcome)
        yield _command("warning", f"sweep {rows.name}, trial {trial.number}", text)
    if len(failed) > _MOST:
        yield _command("warning", f"sweep {rows.name}", f"{len(failed)} trials failed in all")
    best = report.landscape.best
    if best is not None and best.value is not None:
        text = f"best {rows.metric} {plain(best.value)} by trial {best.number}"
        yield _command("notice", f"sweep {rows.name}", text)


def _command(kind: str, title: str, text: str) -> str:
    return f"::{kind} title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    lines = (printable(line) for line in text.splitlines())
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
