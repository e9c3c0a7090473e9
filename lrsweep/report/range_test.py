"""Range tests in the terminal and as JSON: the curve, the bracket, and what lies where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lrsweep.analysis.found import Found, Verified, label, varied
from lrsweep.analysis.wording import duration, number, plain
from lrsweep.report.chart import Chart, Series, Shape
from lrsweep.report.json_text import json_number
from lrsweep.report.live import QuietView
from lrsweep.report.plot import Plot
from lrsweep.report.scale import Scale
from lrsweep.report.sections import facts, print_section
from lrsweep.trial import Outcome, Params, ParamValue, TrialRow

_VALLEY = Shape("▼", "v", "bold yellow")
_STEEPEST = Shape("◆", "%", "bold magenta")
_MINIMUM = Shape("●", "o", "bold green")
_DIVERGED = Shape("×", "x", "bold red")
_BRACKET = Shape("━", "=", "bold green")
_CURVES = (
    Shape("●", "o", "cyan"),
    Shape("▲", "^", "yellow"),
    Shape("■", "#", "magenta"),
    Shape("◆", "%", "blue"),
    Shape("○", "0", "green"),
    Shape("△", "A", "red"),
)
# Of the loss's descent: room for the bracket below the curve, and how much of the explosion above
# where training began is shown.
_BELOW, _ABOVE = 0.12, 0.15
_MOST_POINTS = 60


class RangeTestView(QuietView):
    """One line for each range test that ended, and on a terminal a spinner with their count."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._total = total
        self._ended = 0
        self._status = console.status(self._count())

    def started(self, plan_lines: list[str]) -> None:
        for line in plan_lines:
            self.note(line)
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._status.start()

    def finished(self) -> None:
        self._status.stop()

    def _count(self) -> str:
        return f"range test {min(self._ended + 1, self._total)} of {self._total} …"

    def trial_ended(self, row: TrialRow) -> None:
        self._ended += 1
        words = _settings(row)
        words += [] if row.wall_s is None else [duration(row.wall_s)]
        if row.outcome is not None and row.outcome not in (Outcome.COMPLETED, Outcome.DIVERGED):
            words += [row.outcome.value, row.reason]
        self.note("  ".join([f"[{self._ended}/{self._total}] range test", *words]))
        self._status.update(self._count())

    def note(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)


def render_found(found: Sequence[Found], console: Console) -> None:
    """One range test with its curve and points, or several beside each other."""
    if len(found) == 1:
        one = found[0]
        if (plot := curve_plot(one)) is not None:
            print_section(console, None, Plot(plot))
        print_section(console, "The range test says", _findings(one))
        return
    among = varied(found)
    if (plot := comparison_plot(found, among)) is not None:
        print_section(console, None, Plot(plot))
    print_section(console, "The range tests say", _table(found, among))
    for one in found:
        if one.test.problem:
            name = label(one, among)
            console.print(Text(f"{name}: {_no_bracket(one)}"))


def render_verified(
    found: Sequence[Found], answers: Mapping[int, Verified], console: Console
) -> None:
    """How far each suggestion was from the best of the rates that were trained in full."""
    among = varied(found)
    for one in found:
        if (answer := answers.get(one.trial)) is not None:
            name = label(one, among)
            console.print(Text(f"{name}: {_verdict(answer)}" if name else _verdict(answer)))


def _verdict(answer: Verified) -> str:
    best, middle = number(answer.best, 3), number(answer.suggested, 3)
    side = "above" if answer.suggested > answer.best else "below"
    off = "is just that" if answer.off < 1.005 else f"is {answer.off:.1f} times {side}"
    beyond = "; it lies at the bracket's end, and a better one may lie beyond"
    return (
        f"trained in full across the bracket, {best} was best ({answer.metric} "
        f"{number(answer.value)}); the suggested middle, {middle}, {off}"
        f"{beyond if answer.at_end else ''}"
    )


def first_lines(points: Sequence[Params]) -> list[str]:
    """The points that a sweep of a bracket begins with, in words."""
    spelled = ["  ".join(f"{name}={plain(v)}" for name, v in p.items()) for p in points]
    return ["tried first", *(f"  {point}" for point in spelled)]


def curve_plot(found: Found) -> Chart | None:
    """The smoothed loss against the rate, with what was found; None where there is no curve."""
    smoothed, test = found.test.smoothed, found.test
    if not smoothed:
        return None
    y = _loss_scale([found])
    at = dict(zip(found.rates, smoothed, strict=False))
    marks = [
        ("valley", _VALLEY, test.suggestions.get("valley")),
        ("steepest", _STEEPEST, test.suggestions.get("steepest")),
        ("minimum", _MINIMUM, _nearest(found.rates, found.minimum)),
        ("diverged", _DIVERGED, test.diverged_at),
    ]
    points = [(name, shape, rate) for name, shape, rate in marks if rate is not None]
    return Chart(
        title="  ".join(["train_loss (smoothed) against lr", *_settings(found)]),
        x=Scale.around(found.rates, log=True),
        y=y,
        x_label="lr",
        line=[(rate, loss if loss <= y.high else float("nan")) for rate, loss in at.items()],
        series=[
            Series("bracket", _BRACKET, [(rate, y.low) for rate in _between(found)]),
            *(Series(name, shape, [(r, min(at[r], y.high))]) for name, shape, r in points),
        ],
    )


def comparison_plot(
    found: Sequence[Found], among: Mapping[str, Sequence[ParamValue]]
) -> Chart | None:
    """The smoothed losses of several range tests on one scale."""
    curves = [one for one in found if one.test.smoothed]
    if not curves:
        return None
    y = _loss_scale(curves)
    series = []
    for index, one in enumerate(curves):
        points = list(zip(one.rates, one.test.smoothed, strict=False))
        shown = points[:: max(1, len(points) // _MOST_POINTS)]
        shape = _CURVES[index % len(_CURVES)]
        series.append(Series(label(one, among), shape, [(r, v) for r, v in shown if v <= y.high]))
    return Chart(
        title=f"train_loss (smoothed) against lr, by {', '.join(among)}",
        x=Scale.around([rate for one in curves for rate in one.rates], log=True),
        y=y,
        x_label="lr",
        series=series,
    )


def document(study: str, storage: str, found: Sequence[Found]) -> dict[str, Any]:
    """The JSON document of range tests: the fields of the only one, or `tests`, one object each.

    `bracket` is [low, high], or null where there is none; `problem` then says why.
    """
    head = {"study": study, "storage": storage}
    if len(found) == 1:
        return head | _one(found[0])
    return head | {"tests": [_one(one) for one in found]}


def _one(found: Found) -> dict[str, Any]:
    test = found.test
    return {
        "trial": found.trial,
        "params": dict(found.params),
        "bracket": None if test.bracket is None else list(test.bracket),
        "suggestions": dict(test.suggestions),
        "minimum": found.minimum,
        "diverged_at": test.diverged_at,
        "problem": test.problem or None,
        "rates": list(found.rates),
        "losses": [json_number(loss) for loss in found.losses],
    }


def _findings(found: Found) -> Table | Text:
    test = found.test
    if test.bracket is None:
        return Text(_no_bracket(found))
    at = test.suggestions
    rates = [
        ("middle", at["middle"], "the bracket's geometric mean"),
        ("valley", at["valley"], "half way down the longest descent"),
        ("steepest", at["steepest"], "where the loss falls fastest"),
        ("minimum", found.minimum, "where the loss is lowest"),
        ("diverged", test.diverged_at, "where the loss exploded"),
    ]
    spelled = [(name, number(rate, 3), what) for name, rate, what in rates if rate is not None]
    width = max(len(rate) for _, rate, _ in spelled)
    return facts(
        [
            ("bracket", Text(_bracket(found), style="bold green")),
            *((name, f"{rate:<{width}}  {what}") for name, rate, what in spelled),
        ]
    )


def _table(found: Sequence[Found], among: Mapping[str, Sequence[ParamValue]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in among:
        table.add_column(name, no_wrap=True)
    for heading in ("bracket", "middle", "valley", "steepest", "minimum", "diverged"):
        table.add_column(heading, justify="right")
    for one in found:
        at = one.test.suggestions
        rates = (at.get("middle"), at.get("valley"), at.get("steepest"), one.minimum)
        table.add_row(
            *(plain(one.params.get(name)) for name in among),
            Text(_bracket(one), style="bold green") if one.test.bracket else "none",
            *("-" if r is None else number(r, 3) for r in (*rates, one.test.diverged_at)),
        )
    return table


def _settings(of: Found | TrialRow) -> list[str]:
    return [f"{name}={plain(value)}" for name, value in of.params.items()]


def _bracket(found: Found) -> str:
    assert found.test.bracket is not None
    low, high = found.test.bracket
    return f"{number(low, 3)} … {number(high, 3)}"


def _no_bracket(found: Found) -> str:
    sentence = f"no suggestion: {found.test.problem}"
    if found.test.smoothed and found.test.diverged_at is None:
        low, high = found.rates[0], 100 * found.rates[-1]
        sentence += f"\n  try --range {number(low)}:{number(high)}"
    return sentence


def _loss_scale(found: Sequence[Found]) -> Scale:
    """From a little below the lowest loss to a little above where training began."""
    lowest = min(min(one.test.smoothed) for one in found)
    first = max(one.test.smoothed[0] for one in found)
    descent = first - lowest
    return Scale.around([lowest - _BELOW * descent, first + _ABOVE * descent])


def _between(found: Found) -> Iterator[float]:
    if found.test.bracket is not None:
        low, high = found.test.bracket
        yield from (rate for rate in found.rates if low <= rate <= high)


def _nearest(rates: Sequence[float], wanted: float | None) -> float | None:
    return None if wanted is None else min(rates, key=lambda rate: abs(rate - wanted))
