"""What a script shows when it is run once: every metric, and what to type to sweep on it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lrsweep.capture.curves import Seen
from lrsweep.capture.inference import direction_of
from lrsweep.capture.names import canonical
from lrsweep.capture.spec import CaptureSpec
from lrsweep.capture.trial_capture import TrialCapture
from lrsweep.capture.vocabulary import is_measure
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Direction, TrialKey

# Which data an objective is best measured on, best first; what names no split comes after test.
_SPLITS = ("val", "dev", "eval", "holdout", "test", "", "train")


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


def probe(folder: TrialFolder, cwd: Path, files: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    """Every metric in the logs of a finished run, and in the `files` that it wrote.

    Likely objectives come first: measures of quality on validation data, then on test data, then
    on no named split, then on training data; then all other numbers.
    """
    logs = _seen(CaptureSpec(metric=""), folder, cwd)
    written = _seen(CaptureSpec(metric="", files=files), folder, cwd) if files else ()
    found = [s for s in written if s.source in files] + list(logs)
    findings = [Finding(s, direction_of(s.name), is_measure(s.name)) for s in found]
    return tuple(sorted(findings, key=_rank))


def objectives(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that a sweep would most likely mean: the measures on the best split there is.

    One is the answer. Several must be chosen from by the user; none means that nothing looks like
    an objective.
    """
    measures = [finding for finding in findings if finding.measure]
    best = min((_rank(finding) for finding in measures), default=None)
    return tuple(finding for finding in measures if _rank(finding) == best)


def _rank(finding: Finding) -> tuple[bool, int]:
    words = canonical(finding.seen.name)
    split = next((word for word in words if word in _SPLITS), "")
    return (not finding.measure, _SPLITS.index(split))


def _seen(spec: CaptureSpec, folder: TrialFolder, cwd: Path) -> tuple[Seen, ...]:
    capture = TrialCapture(spec, TrialKey(0, 1), folder, cwd)
    for _ in capture.finish():
        pass
    return capture.seen()
