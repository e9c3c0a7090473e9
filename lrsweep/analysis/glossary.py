"""What the words of a report mean: each with how it is computed, what to do, and a drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_WIDTH, _HEIGHT = 48, 8

Curve = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Entry:
    """One word: what it `means`, how it is `computed`, what to `do`.

    `curve` is an example over 0 to 1, and `axes` name what goes up and what goes right.
    """

    word: str
    means: str
    computed: str
    do: str
    curve: Curve | None = None
    axes: tuple[str, str] = ("loss", "training")


def drawing(entry: Entry) -> list[str]:
    """The curve of `entry` in lines of text; empty where it has none."""
    if entry.curve is None:
        return []
    values = [entry.curve(i / (_WIDTH - 1)) for i in range(_WIDTH)]
    finite = [v for v in values if math.isfinite(v)]
    low, high = min(finite), max(finite)
    cells = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    for column, value in enumerate(values):
        share = 1.0 if not math.isfinite(value) else (value - low) / (high - low or 1.0)
        row = round((1 - share) * (_HEIGHT - 1))
        cells[row][column] = "×" if not math.isfinite(value) else "•"
    up, right = entry.axes
    lines = [f"{up if i == 0 else '':>10} │{''.join(row).rstrip()}" for i, row in enumerate(cells)]
    return [*lines, f"{'':>10} └{'─' * (_WIDTH - len(right) - 1)} {right}"]


def _falls(speed: float, floor: float) -> Curve:
    return lambda t: (1 - floor) * math.exp(-speed * t) + floor


def _basin(t: float) -> float:
    d = 6 * t - 3.6
    return math.inf if d > 1.9 else 1 - math.exp(-0.5 * (d / (1.1 if d < 0 else 0.8)) ** 2)


def _noisy(curve: Curve, size: float) -> Curve:
    return lambda t: curve(t) + size * math.sin(211 * t) * math.sin(67 * t)


_LANDSCAPE = ("objective", "log learning rate")

_CURVES = (
    Entry(
        "healthy",
        "The loss fell and is levelling off.",
        "No other label fits.",
        "Nothing: compare it with others by its objective.",
        _falls(6, 0.05),
    ),
    Entry(
        "too slow",
        "The loss hardly fell, or fell in a straight line all along.",
        "Less than a tenth of the untrained loss was gained; or all four quarters fell at one pace "
        "and less than 45 % was gained.",
        "Raise the learning rate: ten times, then three.",
        lambda t: 1 - 0.25 * t,
    ),
    Entry(
        "still improving",
        "The loss was still falling when training ended.",
        "The median of the last quarter is lower than that of the third by more than 3 % of the "
        "untrained loss and more than noise, and no schedule explains it.",
        "Train longer before you compare rates: the best one may move with the budget.",
        _falls(2.2, 0.0),
    ),
    Entry(
        "plateaued",
        "The loss stopped falling early, far from zero.",
        "The last two quarters differ by less than 0.5 % of the untrained loss, and less "
        "than three "
        "quarters of that was gained.",
        "Try a decaying schedule or a larger model; a longer run at this rate gains nothing.",
        _falls(18, 0.5),
    ),
    Entry(
        "overfitting",
        "The validation loss turned up while training went on.",
        "Medians of windows: the lowest lies before 75 % of training, and the end is above it by "
        "10 %, by 2 % of the untrained loss and by three standard errors (after Prechelt 1998).",
        "Stop early, regularize, or use more data. The learning rate is not to blame for certain.",
        lambda t: math.exp(-9 * t) + 0.6 * t,
        ("val. loss", "training"),
    ),
    Entry(
        "unstable validation",
        "The validation swings from one evaluation to the next, though training is smooth.",
        "The noise of its second half is above a tenth of what it gained, and it rose several "
        "times.",
        "Lower or decay the rate, average weights, or evaluate on more data; trust no "
        "single value.",
        _noisy(_falls(7, 0.2), 0.25),
        ("val. loss", "training"),
    ),
    Entry(
        "oscillating",
        "The training loss swings up and down.",
        "Differences of neighbours in the second half are above 0.15 of what was gained, or more "
        "than 5 % of the steps are spikes.",
        "Lower the learning rate, or use a larger batch.",
        lambda t: 0.55 + 0.4 * (-1) ** round(t * (_WIDTH - 1)),
    ),
    Entry(
        "spiking",
        "The loss jumps up now and then and comes back.",
        "A step stands above its neighbours by six deviations and a quarter of what was gained.",
        "Clip gradients, warm up longer, or lower the rate a little.",
        lambda t: _falls(6, 0.05)(t) + (0.6 if round(t * 47) in (20, 33) else 0.0),
    ),
    Entry(
        "collapsed",
        "The loss rose and gained little or nothing in the end.",
        "Less than a tenth was gained after a rise of 30 %, or more than half of it was "
        "lost again.",
        "Lower the learning rate by ten, or warm up.",
        lambda t: 1 + 1.2 * math.exp(-(((t - 0.15) / 0.08) ** 2)),
    ),
)
_OUTCOMES = (
    Entry(
        "completed",
        "The training ran to its end and has an objective.",
        "The process exited with 0 after it reported the objective.",
        "Nothing.",
    ),
    Entry(
        "diverged",
        "The loss is no finite number, or ended far above where it began.",
        "Any value that is not finite, or a final loss above 1.5 times the untrained one.",
        "Lower the learning rate; the report says from which rate on some diverge, and all.",
        lambda t: (
            0.6 if t < 0.3 else min(0.6 * 1.09 ** ((t - 0.3) * 47), 8.0) if t < 0.9 else math.inf
        ),
    ),
    Entry(
        "pruned",
        "The trial was stopped since others were clearly better at the same share of the budget.",
        "lrsweep show TRIAL says what was compared, with how many, and where.",
        "Nothing; --pruner none runs every trial to its end.",
    ),
    Entry(
        "out of memory",
        "The process ran out of memory.",
        "Its exit and its last error say so.",
        "A smaller batch with --accumulate, or less per GPU. Larger batches are not tried again.",
    ),
    Entry(
        "crashed",
        "The process failed for a reason that says nothing of its parameters.",
        "It exited with a code other than 0, or without an objective.",
        "lrsweep logs TRIAL --stderr shows its last lines.",
    ),
    Entry(
        "timed out",
        "The trial took longer than --trial-timeout.",
        "Its wall time.",
        "Raise the limit, or shorten the training.",
    ),
    Entry(
        "cancelled",
        "The sweep was stopped while this trial ran.",
        "You pressed Ctrl-C, or the sweep's own time was up.",
        "The same command again runs it again.",
    ),
    Entry(
        "lost",
        "The trial's process or the sweep died without saying why.",
        "A process that is gone without an exit, or a sweep that was killed.",
        "The same command again runs it again, as often as --retries says.",
    ),
)
_VERDICTS = (
    Entry(
        "best rate",
        "The learning rate at the bottom of the landscape, with the interval that holds "
        "it in 90 of "
        "100 studies.",
        "An asymmetric basin is fitted to all trials of an optimizer and batch size, robustly; "
        "resampled trials give the interval. Batch sizes share the basin's widths.",
        "Train with it. Where the interval is wide, run the rates that the report names.",
        _basin,
        _LANDSCAPE,
    ),
    Entry(
        "gain",
        "What training gained: the untrained objective minus the best one.",
        "The untrained loss where it is reported; else the worst that a lower rate gave.",
        "Read every share in a report as a share of this. So an accuracy and its error agree.",
        _falls(6, 0.05),
    ),
    Entry(
        "band",
        "How far the learning rate may be from the best one, for a given loss.",
        "The rates at which the fitted basin lies within 1 % or 5 % of the gain, or within noise.",
        "Any rate inside is as good as you can tell; prefer the lower end for long runs.",
        _basin,
        _LANDSCAPE,
    ),
    Entry(
        "edge",
        "The best rate may lie at an end of the range that was searched, or beyond it.",
        "More than 15 % of the resampled basins have their bottom there. Never across batch sizes, "
        "and never where rates make no difference.",
        "Widen the range as the report says.",
        lambda t: 1 - 0.9 * t**2,
        _LANDSCAPE,
    ),
    Entry(
        "tie",
        "Settings that cannot be told from the best one.",
        "After lrsweep confirm: multiple comparisons with the best over shared seeds (Hsu 1984), "
        "with Welch's degrees of freedom. Before: within noise, or within 1 % of the gain.",
        "Choose among them by cost, or confirm with more seeds.",
    ),
    Entry(
        "lead",
        "The best setting is ahead of all others by more than chance.",
        "As for a tie.",
        "Use it.",
    ),
    Entry(
        "confirm",
        "The best settings run again with new seeds that all of them share.",
        "lrsweep confirm --top 3 --seeds 5, or run --confirm 3x5.",
        "Do it before you trust a small difference: the best of many single runs is mostly luck.",
    ),
    Entry(
        "noise",
        "How much the objective differs between runs of one setting.",
        "The pooled deviation of settings that ran with several seeds; without any, how "
        "single runs "
        "scatter about the fitted basin.",
        "Differences below it mean nothing.",
    ),
    Entry(
        "sensitivity",
        "What a learning rate that is three times too low or too high costs.",
        "The fitted basin at a third and at three times the best rate; LR sensitivity is the mean "
        "loss within 1.5 decades (Wortsman et al., 2309.14322).",
        "Where the high side is steep, err on the low side.",
        _basin,
        _LANDSCAPE,
    ),
    Entry(
        "slowness",
        "How much longer other learning rates train to the same point as the best one.",
        "The trials about 3 and 10 times below and above the best rate: when each first reached "
        "90 % of what the best gained.",
        "Where lower rates take many times as long, a sweep pays for itself.",
    ),
    Entry(
        "pruning",
        "What ending trials early saved, and what it may have cost.",
        "The median time of completed trials, less what pruned ones took; and how many of them had "
        "rates in the good band.",
        "Where many did, compare with --pruner none, or run those again.",
    ),
    Entry(
        "scaling",
        "By which power of the batch size the best rate grows.",
        "The slope through the best rates of the batch sizes, for every resample of their basins. "
        "1 is the linear rule, ½ the square-root rule, 0 no dependence.",
        "Where two rules fit, run as many trials more as the report says, at the batch "
        "sizes named.",
        lambda t: t,
        ("log rate", "log batch size"),
    ),
    Entry(
        "no effect",
        "A parameter under which every comparable trial ended exactly equal.",
        "Trials that differ in nothing else have the same objective to the last digit.",
        "See whether it reaches the script: lrsweep probe shows how parameters are passed.",
        lambda _: 0.5,
        _LANDSCAPE,
    ),
    Entry(
        "nothing learned",
        "No trial got below its untrained loss by more than noise.",
        "The best gain is below three deviations of what training changes by chance.",
        "Train longer, search higher rates, and check that data, labels and loss belong together.",
        _noisy(lambda _: 0.5, 0.02),
    ),
)

ENTRIES: Mapping[str, Entry] = {entry.word: entry for entry in (*_CURVES, *_OUTCOMES, *_VERDICTS)}
# Words under which a report or its JSON names the same.
ALIASES: Mapping[str, str] = {
    "rate": "best rate",
    "flat": "no effect",
    "not learned": "nothing learned",
    "nothing": "nothing learned",
    "all diverged": "diverged",
    "unsteady": "unstable validation",
    "unstable": "unstable validation",
    "failed": "crashed",
    "repeats": "noise",
    "too few": "best rate",
    "exponent": "scaling",
    "interval": "best rate",
}


def entry_of(word: str) -> Entry | None:
    """The entry of a word as a report, its JSON or a label spells it; None for no word of ours."""
    plain = " ".join(word.lower().replace("_", " ").replace("-", " ").split())
    return ENTRIES.get(ALIASES.get(plain, plain))
