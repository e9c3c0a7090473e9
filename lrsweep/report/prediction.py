"""The learning rate of a large run, predicted from small ones: as parts of a report, as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lrsweep.analysis.transfer import Answer, BackTest
from lrsweep.analysis.transfer.further import TRIALS
from lrsweep.analysis.wording import listed, number
from lrsweep.report.commands import narrowed_command
from lrsweep.report.parts import (
    Command,
    Commands,
    Facts,
    Heading,
    Part,
    Row,
    Sentence,
    Sentences,
    Table,
    line,
)
from lrsweep.trial import StudyRows

_RULES = {"linear": "1 of the batch size", "square root": "½ of the batch size"}
_FAR = 1.05


def prediction_parts(
    answers: Sequence[Answer], rows: StudyRows, rate: str, kind: str
) -> list[Part]:
    """What to use and how sure that is; exponents, the back-test, and the runs that would help.

    `rate` is the learning rate's name and `kind` that of the parameter that tells answers apart.
    """
    parts: list[Part] = [Sentences("", tuple(_sentence(one, rate, kind) for one in answers))]
    parts.append(_rates(answers, kind))
    parts.append(_exponents(answers, kind))
    if any(one.tests for one in answers):
        parts.append(_back_tests(answers, kind))
    commands = [_further(one, rows, rate, kind) for one in answers]
    parts.append(Commands(tuple(one for one in commands if one is not None)))
    return [part for part in parts if part != Commands(())]


def prediction_document(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """The answers as JSON."""
    return [
        {
            "kind": one.kind,
            "at": dict(one.at),
            "use": one.rate,
            "predicted": one.prediction.rate,
            "interval_90": [one.prediction.low, one.prediction.high],
            "beyond": dict(one.prediction.beyond),
            "keep": one.kept,
            "rules": dict(one.by_rule),
            "exponents": {
                name: {"value": e.value, "interval_90": [e.low, e.high]}
                for name, e in one.transfer.exponents().items()
            },
            "back_test": [
                {"scale": t.scale, "level": t.level, "cells": t.cells, "inside": t.inside}
                | {"costs": dict(t.costs)}
                for t in one.tests
            ],
            "back_test_recommends": "predicted" if one.helps else "keep",
        }
        for one in answers
    ]


def _sentence(one: Answer, rate: str, kind: str) -> Sentence:
    given = f" for {kind} {one.kind}" if one.kind else ""
    p = one.prediction
    interval = f"{number(p.low)} … {number(p.high)}"
    if not one.helps:
        worse = listed([test.scale for test in one.tests if _lost(test)])
        return Sentence(
            f"keep {rate} {number(one.kept)}{given}: predicted from smaller runs, the largest level"
            f" of {worse} would have lost more than by keeping the rate (the prediction here"
            f" is {number(p.rate)}, 90 % interval {interval}).",
            lead="Use",
        )
    tested = "" if one.tests else " No level is large enough to test the prediction on."
    return Sentence(
        f"{rate} {number(p.rate)}{given}, 90 % interval {interval}{_extrapolation(one)}.{tested}",
        lead="Use",
    )


def _lost(test: BackTest) -> bool:
    return test.costs["predicted"] > test.costs["keep"]


def _extrapolation(one: Answer) -> str:
    far = [
        f"{number(times, 2)} times beyond the trials in {name}"
        for name, times in one.prediction.beyond.items()
        if times > _FAR
    ]
    return f"; it lies {listed(far)}" if far else "; it lies among the trials"


def _rates(answers: Sequence[Answer], kind: str) -> Table:
    rules = list(answers[0].by_rule)
    headings = [*_kind_heading(answers, kind), "predicted", "from", "to", "keep", *rules]
    rows = [
        _row([*_kind_cell(answers, one), *map(number, _numbers(one, rules))]) for one in answers
    ]
    return Table("Rates", _headings(headings), tuple(rows))


def _numbers(one: Answer, rules: Sequence[str]) -> list[float]:
    p = one.prediction
    return [p.rate, p.low, p.high, one.kept, *(one.by_rule[rule] for rule in rules)]


def _exponents(answers: Sequence[Answer], kind: str) -> Table:
    headings = [*_kind_heading(answers, kind), "scale", "exponent", "from", "to"]
    rows = [
        _row([*_kind_cell(answers, one), name, *(f"{v:.2f}" for v in (e.value, e.low, e.high))])
        for one in answers
        for name, e in one.transfer.exponents().items()
    ]
    note = "The best rate goes by scale^exponent; from, to: 90 % interval. "
    known = [f"{rule}: {of}" for rule, of in _RULES.items() if rule in answers[0].by_rule]
    if "1/width" in answers[0].by_rule:
        known.append("maximal-update parametrisation: -1 of the width")
    return Table("Exponents", _headings(headings), tuple(rows), note + listed(known))


def _back_tests(answers: Sequence[Answer], kind: str) -> Table:
    choices = list(next(one.tests[0].costs for one in answers if one.tests))
    headings = [*_kind_heading(answers, kind), "scale", "level", *choices, "in the interval"]
    rows = [
        _row(
            [
                *_kind_cell(answers, one),
                test.scale,
                number(test.level),
                *(f"{100 * test.costs[choice]:.2f} %" for choice in choices),
                f"{test.inside} of {test.cells}",
            ]
        )
        for one in answers
        for test in one.tests
    ]
    note = "The largest level of each scale, predicted from the smaller ones: loss over the best."
    return Table("Back-test", _headings(headings), tuple(rows), note)


def _further(one: Answer, rows: StudyRows, rate: str, kind: str) -> Command | None:
    more, chosen = one.further, {kind: one.kind} if one.kind else {}
    fixed = {name: _whole(value) for name, value in more.scales.items()} | chosen
    low, high = more.rates
    settings = [f"{rate}={low:.3g}:{high:.3g}", *(f"{n}={v}" for n, v in fixed.items())]
    command = narrowed_command(
        rows, settings, TRIALS, f"{rows.name}-more{f'-{one.kind}' if one.kind else ''}"
    )
    if command is None:
        return None
    narrows = f"the interval from × {more.before:.2g} to × {more.after:.2g}"
    return Command(f"These runs would narrow {narrows}; then predict from both studies", command)


def _whole(value: float) -> str:
    return str(int(value)) if value == math.floor(value) else f"{value:g}"


def _kind_heading(answers: Sequence[Answer], kind: str) -> list[str]:
    return [kind] if any(one.kind for one in answers) else []


def _kind_cell(answers: Sequence[Answer], one: Answer) -> list[str]:
    return [one.kind] if any(other.kind for other in answers) else []


def _headings(names: Sequence[str]) -> tuple[Heading, ...]:
    texts = ("scale", "optimizer")
    return tuple(Heading(name, numbers=name not in texts) for name in names)


def _row(cells: Sequence[str]) -> Row:
    return Row(tuple(line(cell) for cell in cells))


def asked_facts(at: Mapping[str, float], trials: int) -> Facts:
    """What was asked, and from how many trials it is answered."""
    scales = ", ".join(f"{name} {number(value)}" for name, value in at.items())
    return Facts.of("", [("for", scales), ("from", f"{trials} trials of smaller runs")])
