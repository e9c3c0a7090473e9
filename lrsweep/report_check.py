"""What a report may hold, whoever wrote it: the boundary that every report passes once.

Standard library only: training processes import this module too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lrsweep.trial import Report

LONGEST_NAME = 255
_MOST_METRICS = 100_000
_WHOLE_NUMBERS = range(-(2**63), 2**63)


class Unsound(ValueError):
    """A report that cannot be kept; the message says what is wrong with it, for people."""


def report_of(event: Mapping[str, Any]) -> Report:
    """The report in a decoded event; raises `Unsound`."""
    metrics = event.get("metrics")
    if not isinstance(metrics, Mapping):
        raise Unsound("it has no metrics")
    examples, fraction = event.get("examples"), event.get("fraction")
    report = Report(
        trial=_whole("trial", event.get("trial")),
        attempt=_whole("attempt", event.get("attempt")),
        step=_whole("step", event.get("step")),
        metrics={name: _number(value) for name, value in metrics.items()},
        examples=None if examples is None else _whole("examples", examples),
        fraction=None if fraction is None else _number(fraction),
        at=_number(event.get("at", 0.0)),
    )
    check_report(report)
    return report


def check_report(report: Report) -> None:
    """Raises `Unsound` where `report` holds what no database keeps."""
    if len(report.metrics) > _MOST_METRICS:
        raise Unsound(f"it has more than {_MOST_METRICS} metrics")
    for name in report.metrics:
        _check_name(name)
    for what, value in (("step", report.step), ("examples", report.examples)):
        if value is not None and value not in _WHOLE_NUMBERS:
            raise Unsound(f"its {what} needs more than 64 bits")
    if report.fraction is not None and not math.isfinite(report.fraction):
        raise Unsound("its fraction is not finite")
    if not math.isfinite(report.at):
        raise Unsound("its time is not finite")


def _check_name(name: str) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise Unsound(f"the name of a metric has {len(name)} characters")
    if "\0" in name:
        raise Unsound("the name of a metric holds a NUL character")
    if any("\ud800" <= char <= "\udfff" for char in name):
        raise Unsound("the name of a metric is no Unicode text")


def _whole(what: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unsound(f"its {what} is no whole number")
    if isinstance(value, float):
        if not value.is_integer():
            raise Unsound(f"its {what} is no whole number")
        value = int(value)
    if value not in _WHOLE_NUMBERS:
        raise Unsound(f"its {what} needs more than 64 bits")
    return value


def _number(value: object) -> float:
    """A null is how programs other than Python write a value that is not finite."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unsound("a value is no number")
    try:
        return float(value)
    except OverflowError:
        raise Unsound("a value is larger than any number of 64 bits") from None
    except ValueError:
        raise Unsound("a value is no number") from None
