"""How often each sentence of a report is right, on landscapes with a known answer.

    python -m benchmarks.verdicts               every table, 500 draws a cell: docs/verdicts.md
    python -m benchmarks.verdicts --draws 50    a quick look, printed only

Half of the draws are minimized and half, with the sign turned, maximized. Every number is a share
of draws of the cell in percent.
"""

from __future__ import annotations

import argparse
import math
import random as plain_random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.landscapes import HELD_BACK, MADE_BY, SAMPLERS, Array, Shape, observe
from lrsweep.analysis.comparison import may_be_best
from lrsweep.analysis.landscape import Landscape, survey
from lrsweep.analysis.rates import RateAxis
from lrsweep.analysis.statements import Finding, statements
from lrsweep.trial import Direction, Outcome, StudyRows, TrialRow

PAGE = Path(__file__).parents[1] / "docs" / "verdicts.md"
NOISES = (0.0, 0.02, 0.05, 0.15)
TRIALS = (10, 20, 30, 60)
LOW, HIGH = -5.0, 0.0
AXIS = RateAxis("lr", "lr", 10**LOW, 10**HIGH)
PLACES = ("inside", "outside", "flat")
_CHUNKS = 4


@dataclass(frozen=True, slots=True)
class Task:
    """Draws of one place of the optimum, noise and sampler; every number of trials is a prefix."""

    place: str
    noise: float
    sampler: str
    held_back: bool
    draws: int
    seed: int


def rows(x: Array, costs: Array, sign: int, sizes: Sequence[int] | None = None) -> StudyRows:
    """A study of these trials; the objective is `sign` times the cost."""
    trials = []
    for i, (rate, cost) in enumerate(zip(10**x, costs, strict=True)):
        params: dict[str, float | int] = {"lr": float(rate)}
        if sizes is not None:
            params["batch_size"] = sizes[i]
        finite = math.isfinite(cost)
        outcome = Outcome.COMPLETED if finite else Outcome.DIVERGED
        trials.append(TrialRow(i, outcome, params, sign * float(cost), seed=i))
    direction = Direction.MINIMIZE if sign > 0 else Direction.MAXIMIZE
    return StudyRows("study", "", "objective", direction, trials=tuple(trials))


def run(task: Task) -> dict[tuple[object, ...], list[float]]:
    """What was right, by (measure, place, noise, sampler, shapes, trials)."""
    random = np.random.default_rng(task.seed)
    found: defaultdict[tuple[object, ...], list[float]] = defaultdict(list)
    shapes = HELD_BACK if task.held_back else MADE_BY
    for draw in range(task.draws):
        shape, sign = shapes[draw % len(shapes)](random), 1 if draw % 2 else -1
        at = _optimum(task.place, random)

        def costs(x: Array) -> Array:
            if task.place == "flat":
                return 2.3 * (1 + max(task.noise, 1e-3) * random.standard_normal(len(x)))
            return observe(shape, at, task.noise, x, random)  # noqa: B023 (called at once)

        x, y = SAMPLERS[task.sampler](max(TRIALS), LOW, HIGH, costs, random)
        for count in TRIALS:
            if np.isfinite(y[:count]).sum() < 3:
                continue
            land = survey(rows(x[:count], y[:count], sign), (AXIS,))
            for measure, value in _judged(task.place, land, at, shape.best):
                key = (measure, task.noise, task.sampler, task.held_back, count)
                found[key].append(value)
    return dict(found)


def _optimum(place: str, random: np.random.Generator) -> float:
    if place == "outside":
        beyond = random.uniform(0.3, 1.3)
        return LOW - beyond if random.random() < 0.3 else HIGH + beyond
    return random.uniform(LOW + 1.25, HIGH - 1.25)


def _judged(place: str, land: Landscape, at: float, _best: float) -> Iterator[tuple[str, float]]:
    said = {s.kind: s for s in statements(land)}
    edge = said.get(Finding.EDGE)
    if place == "flat":
        yield "flat: edge claimed", edge is not None
        yield "flat: band or best rate claimed", not {Finding.BAND, Finding.RATE}.isdisjoint(said)
        return
    if place == "outside":
        side = "lower" if at < LOW else "upper"
        yield "outside: edge missed", edge is None or side not in edge.sentence
        return
    yield "inside: edge claimed", edge is not None
    if (rate := said.get(Finding.RATE)) is not None:
        low, high = float(rate.numbers["low"]), float(rate.numbers["high"])
        yield "inside: interval holds the best rate", low <= 10**at <= high
        yield "inside: width in decades", math.log10(high / low)
    if land.best is not None and land.rows.best is not None:
        for name, one in (("recommended", land.best), ("luckiest", land.rows.best)):
            off = abs(math.log10(float(one.params["lr"] or 1)) - at)
            yield f"inside: decades off, {name}", off


def _observed(
    shape: Shape, at: float, noise: float, random: np.random.Generator, x: Array
) -> Array:
    return observe(shape, at, noise, x, random)


def run_scaling(
    task: tuple[float, str, float, int, int, int],
) -> dict[tuple[object, ...], list[float]]:
    """Coverage of the exponent, and what is said of the rules."""
    noise, sampler, exponent, count, draws, seed = task
    random = np.random.default_rng(seed)
    found: defaultdict[tuple[object, ...], list[float]] = defaultdict(list)
    for draw in range(draws):
        shape = (*MADE_BY, *HELD_BACK)[draw % 7](random)
        xs: list[float] = []
        ys: list[float] = []
        sizes: list[int] = []
        for size in (16, 64, 256):
            at = -2.5 + exponent * math.log10(size / 64)
            costs = partial(_observed, shape, at, noise, random)
            x, y = SAMPLERS[sampler](count, LOW, HIGH, costs, random)
            xs, ys, sizes = [*xs, *x], [*ys, *y], [*sizes, *[size] * count]
        if np.isfinite(ys).sum() < 9:
            continue
        land = survey(rows(np.array(xs), np.array(ys), 1 if draw % 2 else -1, sizes), (AXIS,))
        key = (noise, sampler, count)
        found[("said", *key)].append(bool(land.scalings))
        for law in land.scalings:
            found[("holds", *key)].append(law.allows(exponent))
            found[("one rule", *key)].append(len(law.rules) == 1)
            found[("width", *key)].append(law.high - law.low)
    return dict(found)


def wins_of_the_noisier(draws: int) -> Iterator[tuple[str, list[str]]]:
    """How often a rate with five times the noise and a 1 % worse mean wins."""
    for seeds in (3, 5, 10):
        cells = []
        for noise in (0.005, 0.01, 0.02, 0.05):
            draw, wins, lucky = plain_random.Random(seeds), 0, 0
            for _ in range(draws):
                trials = [
                    TrialRow(
                        i,
                        Outcome.COMPLETED,
                        {"lr": 0.1 if i < seeds else 0.2},
                        draw.gauss(1.0, noise) if i < seeds else draw.gauss(1.01, 5 * noise),
                        seed=i,
                    )
                    for i in range(2 * seeds)
                ]
                study = StudyRows("s", "", "loss", Direction.MINIMIZE, trials=tuple(trials))
                land = survey(study, ())
                wins += land.winner is not None and land.winner.params["lr"] == 0.2
                lucky += study.best is not None and study.best.params["lr"] == 0.2
            cells.append(f"{100 * wins / draws:.0f} ({100 * lucky / draws:.0f})")
        yield f"{seeds} seeds", cells


def tie_sets(draws: int) -> Iterator[tuple[str, list[str]]]:
    """Whether the truly best of five settings stays in the tie set, and how large that is."""
    for spread in ("equal", "unequal"):
        cells = []
        for seeds in (3, 5, 10):
            draw, kept, size = plain_random.Random(seeds), 0, 0
            for _ in range(draws):
                sds = [0.02] * 5 if spread == "equal" else [0.01, 0.05, 0.02, 0.04, 0.03]
                costs = [
                    [draw.gauss(1 + 0.01 * i, sd) for _ in range(seeds)] for i, sd in enumerate(sds)
                ]
                may = may_be_best(costs)
                kept += may[0]
                size += sum(may)
            cells.append(f"{100 * kept / draws:.0f} ({size / draws:.1f})")
        yield f"{spread} spreads", cells


def gather(
    tasks: Sequence[Any], function: Callable[[Any], Any], jobs: int
) -> dict[tuple[object, ...], list[float]]:
    found: defaultdict[tuple[object, ...], list[float]] = defaultdict(list)
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        for part in pool.map(function, tasks):
            for key, values in part.items():
                found[key] += values
    return dict(found)


def table(heading: Sequence[str], lines: Iterator[tuple[str, list[str]]]) -> str:
    out = [f"| {' | '.join(heading)} |", f"|{'---|' + '---:|' * (len(heading) - 1)}"]
    out += [f"| {name} | {' | '.join(cells)} |" for name, cells in lines]
    return "\n".join(out)


def measure_lines(
    found: dict[tuple[object, ...], list[float]], measure: str, scale: float
) -> Iterator[tuple[str, list[str]]]:
    """All draws, and in brackets those of the shapes that were held back."""
    for sampler, noise in product(SAMPLERS, NOISES):
        cells = []
        for count in TRIALS:
            made, held = (
                found.get((measure, noise, sampler, back, count), []) for back in (False, True)
            )
            cells.append(f"{_centre(made + held, scale)} ({_centre(held, scale)})")
        yield f"{sampler}, noise {100 * noise:.0f} %", cells


def _centre(values: Sequence[float], scale: float) -> str:
    if not values:
        return "-"
    return f"{median(values):.2f}" if scale == 1 else f"{scale * fmean(values):.0f}"


_MEASURES = (
    (
        "outside: edge missed",
        "The optimum lies 0.3 to 1.3 decades outside the range: edge missed, %",
        100,
    ),
    ("inside: edge claimed", "The optimum is central: edge claimed, %", 100),
    ("flat: edge claimed", "Nothing differs: edge claimed, %", 100),
    ("flat: band or best rate claimed", "Nothing differs: a band or a best rate claimed, %", 100),
    ("inside: interval holds the best rate", "The 90 % interval holds the best rate, %", 100),
    ("inside: width in decades", "Median width of that interval, decades", 1),
    ("inside: decades off, recommended", "The recommended trial's rate, median decades off", 1),
    ("inside: decades off, luckiest", "The luckiest trial's rate, median decades off", 1),
)


def page(draws: int, jobs: int) -> Iterator[str]:
    began = perf_counter()
    each = math.ceil(draws / 2 / _CHUNKS)
    tasks = [
        Task(place, noise, sampler, held, each, seed)
        for seed, (place, noise, sampler, held, _) in enumerate(
            product(PLACES, NOISES, SAMPLERS, (False, True), range(_CHUNKS))
        )
    ]
    found = gather(tasks, run, jobs)
    heading = ("", *(f"{count} trials" for count in TRIALS))
    yield (
        "# How often a report is right\n\nMade by `python -m benchmarks.verdicts`: landscapes with "
        f"a known answer, {draws} draws a cell, half minimized, half maximized; learning rates "
        "from 1e-5 to 1. Noise is a share of the objective. Half of the draws are of shapes that "
        "the judgement was developed on, half of others that were held back; the latter alone "
        "stand in brackets."
    )
    for measure, title, scale in _MEASURES:
        yield f"## {title}"
        yield table(heading, measure_lines(found, measure, scale))
    laws = [
        (noise, sampler, exponent, count, math.ceil(draws / 3), seed)
        for seed, (noise, sampler, exponent, count) in enumerate(
            product(NOISES, SAMPLERS, (0.0, 0.5, 1.0), (8, 20))
        )
    ]
    of_laws = gather(laws, run_scaling, jobs)
    yield "## The exponent of the batch size: interval holds it, % (one rule left, %; median width)"
    yield table(("", "8 trials a size", "20 trials a size"), _law_lines(of_laws))
    yield "## A rate with five times the noise and a 1 % worse mean wins, % (by its best run, %)"
    yield table(
        ("", *(f"noise {100 * n:g} %" for n in (0.005, 0.01, 0.02, 0.05))),
        wins_of_the_noisier(draws),
    )
    yield "## The truly best of five settings, 1 % apart, is in the tie set, % (its mean size)"
    yield table(("", "3 seeds", "5 seeds", "10 seeds"), tie_sets(draws))
    print(f"{perf_counter() - began:.0f} s with {jobs} jobs", file=sys.stderr)


def _law_lines(found: dict[tuple[object, ...], list[float]]) -> Iterator[tuple[str, list[str]]]:
    for sampler, noise in product(SAMPLERS, NOISES):
        cells = []
        for count in (8, 20):
            holds, one, width = (
                found.get((name, noise, sampler, count), [])
                for name in ("holds", "one rule", "width")
            )
            cells.append(
                f"{100 * fmean(holds):.0f} ({100 * fmean(one):.0f}; {median(width):.2f})"
                if holds
                else "-"
            )
        yield f"{sampler}, noise {100 * noise:.0f} %", cells


def main() -> None:
    parser = argparse.ArgumentParser(description="Hold the report's sentences against the truth.")
    parser.add_argument(
        "--draws", type=int, default=500, help="of each cell; below 500 only printed"
    )
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    text = "\n\n".join(page(args.draws, args.jobs)) + "\n"
    if args.draws >= 500:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
