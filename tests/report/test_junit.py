"""A study as a JUnit report, read back as XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from lrsweep.report.junit import to_junit
from lrsweep.report.study_report import make_report
from lrsweep.trial import Outcome
from tests.report.builder import row, study

ROWS = study(
    [
        row(0, 0.5, params={"lr": 0.1, "optimizer": "sgd"}),
        row(1, None, Outcome.CRASHED, reason="exit code 1: 'a\x00b' <c> & \x1b[31m"),
        row(2, 0.9, Outcome.PRUNED, reason="behind the median"),
        row(3, float("inf")),
        row(4, None, Outcome.TIMED_OUT),
    ]
)


def test_every_trial_is_a_case_and_the_sweep_is_one_more() -> None:
    suite = ET.fromstring(to_junit(make_report(ROWS)))
    names = [case.get("name") for case in suite.findall("testcase")]
    assert names[0] == "trial 0: lr=0.1 optimizer=sgd"
    assert names[-1] == "sweep"
    assert [suite.get(key) for key in ("tests", "failures", "errors", "skipped")] == [
        *("6", "0", "2", "1")
    ]


def test_what_broke_is_an_error_and_what_diverged_is_none() -> None:
    suite = ET.fromstring(to_junit(make_report(ROWS)))
    kinds = [[child.tag for child in case] for case in suite.findall("testcase")]
    assert kinds[:4] == [
        ["system-out"],
        ["error", "system-out"],
        ["skipped", "system-out"],
        ["system-out"],
    ]
    [error] = suite.findall("testcase[2]/error")
    assert error.attrib == {"type": "crashed", "message": "crashed: exit code 1: 'a�b' <c> & "}


def test_the_verdict_is_the_failure_of_the_sweep() -> None:
    suite = ET.fromstring(to_junit(make_report(ROWS, failure="the best is above 1")))
    [failure] = suite.findall("testcase[@name='sweep']/failure")
    assert failure.get("message") == "the best is above 1"
    assert suite.get("failures") == "1"


def test_a_study_without_trials_is_a_report_too() -> None:
    assert ET.fromstring(to_junit(make_report(study([])))).get("tests") == "1"
