"""What a script shows when it is run once: every metric, and what to type to sweep on it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrsweep.capture.curves import Curves, Seen
from lrsweep.capture.files import FileReader
from lrsweep.capture.reader import OutputReader
from lrsweep.capture.rows import Position, Row
from lrsweep.capture.spec import CaptureSpec
from lrsweep.protocol import OBSERVED, EventReader, TrialFolder
from lrsweep.terms import direction_of, is_measure
from lrsweep.terms.ranking import likeliest, objective_rank
from lrsweep.trial import Direction


@dataclass(frozen=True, slots=True)
class Finding:
    """A metric that was seen, the options that name it, and whether it could be an objective.

    `direction` is None where the name does not tell it: then it must be given.
    """

    seen: Seen
    direction: Direction | None
    measure: bool

    @property
    def options(self) -> str:
        """What to add to `lrsweep run`, ready to copy."""
        metric = f"--metric {shlex.quote(self.seen.name)}"
        return metric if self.direction else f"{metric} --direction minimize|maximize"


def probe(
    folder: TrialFolder,
    cwd: Path,
    files: tuple[str, ...] = (),
    *,
    start: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Finding, ...]:
    """Every metric in the logs of a finished run, and in the `files` that it wrote.

    A script that reports through the client is believed, and its output not read. `start` is what
    `marks_of` said of the files before the run: what stood in them then is not its own.

    Likely objectives come first: measures of quality on validation data, then on test data, then
    on no named split, then on training data; then all other numbers that form a curve. A metric
    that is in the files and in the logs is the files'. Raises `PlanError` for a pattern that names
    no readable kind of file.
    """
    spec = CaptureSpec(metric="")
    found = () if files else _reported(folder, spec)
    findings = [
        Finding(seen, direction_of(seen.name), is_measure(seen.name))
        for seen in found or _shown(folder, cwd, files, spec, start)
    ]
    # A number that is shown once and measures nothing is a setting.
    curves = [finding for finding in findings if finding.measure or finding.seen.points > 1]
    return tuple(sorted(curves, key=lambda finding: objective_rank(finding.seen.name)))


def _reported(folder: TrialFolder, spec: CaptureSpec) -> tuple[Seen, ...]:
    """What the script reported by itself."""
    curves = Curves(spec, 0, 1)
    for report in EventReader(folder.events).read():
        own = {n: v for n, v in report.metrics.items() if not n.startswith(OBSERVED)}
        if own:
            curves.add(Row(own, Position(step=report.step)), folder.events.name, report.at)
    return curves.seen


def _shown(
    folder: TrialFolder,
    cwd: Path,
    files: tuple[str, ...],
    spec: CaptureSpec,
    start: Mapping[str, Mapping[str, Any]] | None,
) -> tuple[Seen, ...]:
    """What stands in its files, and in its logs what is not in the files."""
    logs, written = Curves(spec, 0, 1), Curves(spec, 0, 1)
    readers: list[OutputReader | FileReader] = [
        OutputReader(log, spec, 0, 1, curves=logs) for log in (folder.stdout, folder.stderr)
    ]
    readers += [
        FileReader(name, written, folder=folder.path, cwd=cwd, start=start) for name in files
    ]
    for reader in readers:
        for _ in reader.finish():
            pass
    for curves in (logs, written):
        curves.finish(0.0)
    in_files = {seen.name for seen in written.seen}
    return (*written.seen, *(seen for seen in logs.seen if seen.name not in in_files))


def objectives(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that a sweep would most likely mean: the measures on the best split there is.

    One is the answer. Several must be chosen from by the user; none means that nothing looks like
    an objective.
    """
    found = {finding.seen.name: finding for finding in findings}
    return tuple(found[name] for name in likeliest(found))
