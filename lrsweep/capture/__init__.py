"""Metrics of programs that know nothing of lrsweep: what they print, and files that they write.

    rows ← vocabulary ← labels, records ← shapes, quoted ← lines ┐
         ← names, regex ← spec ← track ← curves                  ┴ ← reader, files ← trial_capture
                                                                     tail ┘             └ ← probe

A trial's output goes straight into its folder, and is read there while it runs: the script is never
slowed down. `TrialCapture` gives reports as `lrsweep.protocol.EventReader` does.
"""

from lrsweep.capture.curves import Curves, Seen
from lrsweep.capture.files import FileReader, check_pattern, marks_of
from lrsweep.capture.names import ambiguous, find_metric
from lrsweep.capture.probe import Finding, objectives, probe
from lrsweep.capture.reader import OutputReader
from lrsweep.capture.rows import Axis
from lrsweep.capture.spec import CaptureSpec
from lrsweep.capture.trial_capture import TrialCapture

__all__ = [
    "Axis",
    "CaptureSpec",
    "Curves",
    "FileReader",
    "Finding",
    "OutputReader",
    "Seen",
    "TrialCapture",
    "ambiguous",
    "check_pattern",
    "find_metric",
    "marks_of",
    "objectives",
    "probe",
]
