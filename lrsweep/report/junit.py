"""A study as a JUnit report: a test suite in which every trial is a test case."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from lrsweep.analysis.wording import plain
from lrsweep.report.study_report import StudyReport
from lrsweep.space import format_value
from lrsweep.terms import printable
from lrsweep.trial import Outcome, StudyRows, TrialRow

# What XML 1.0 cannot hold, even escaped.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = (Outcome.PRUNED, Outcome.CANCELLED)


def to_junit(report: StudyReport) -> str:
    """The XML document.

    A trial that crashed, timed out or was lost is an error; one that was pruned or cancelled was
    skipped; one that diverged passes, since a rate can be too high. Why the sweep as a whole failed
    is the failure of one more test case, `sweep`.
    """
    rows = report.rows
    suite = ET.Element("testsuite", name=_text(rows.name))
    properties = ET.SubElement(suite, "properties")
    for name, value in _facts(rows).items():
        ET.SubElement(properties, "property", name=name, value=_text(value))
    for trial in rows.trials:
        if trial.outcome is not None:
            _case(suite, rows, trial, trial.outcome)
    sweep = ET.SubElement(suite, "testcase", name="sweep", classname=_text(rows.name))
    sweep.set("time", f"{rows.wall_s:.3f}")
    if report.failure:
        ET.SubElement(sweep, "failure", message=_text(report.failure))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("time", f"{rows.wall_s:.3f}")
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, rows: StudyRows, trial: TrialRow, outcome: Outcome) -> None:
    params = " ".join(f"{name}={format_value(value)}" for name, value in trial.params.items())
    name = _text(f"trial {trial.number}: {params}")
    case = ET.SubElement(suite, "testcase", name=name, classname=_text(rows.name))
    case.set("time", f"{trial.wall_s or 0:.3f}")
    message = _text(f"{outcome}: {trial.reason}" if trial.reason else outcome.value)
    if outcome.failed:
        ET.SubElement(case, "error", type=outcome.value, message=message)
    elif outcome in _SKIPPED:
        ET.SubElement(case, "skipped", message=message)
    value = "none" if trial.value is None else plain(trial.value)
    ET.SubElement(case, "system-out").text = _text(f"{outcome}, {rows.metric} {value}")


def _facts(rows: StudyRows) -> dict[str, str]:
    facts = {
        "metric": rows.metric,
        "direction": rows.direction.value,
        "space": " ".join(rows.space),
    }
    best = rows.best
    if best is not None and best.value is not None:
        facts |= {"best_trial": str(best.number), "best_value": repr(best.value)}
    return facts


def _text(text: str) -> str:
    return _NOT_XML.sub("�", printable(text))
