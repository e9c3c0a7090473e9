"""Tables of results: means over tasks of means over seeds, with intervals over both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.search.replay import CLOCKS

Row = dict[str, Any]
_RESAMPLED = 400


def tables_of(rows: Sequence[Row]) -> str:
    """A table for each number of slots and each part of the tasks."""
    parts: list[str] = []
    for slots in sorted({row["slots"] for row in rows}):
        for tuned_on, title in ((True, "tuned on"), (False, "kept for the end")):
            chosen = [r for r in rows if r["slots"] == slots and r["tuned_on"] == tuned_on]
            if chosen:
                tasks = len({r["task"] for r in chosen})
                name = f"{slots} slot{'s' if slots > 1 else ''}, {tasks} tasks {title}"
                parts.append(f"### {name}\n\n{_table(chosen)}\n\n{_behind(chosen)}\n")
    return "\n".join(parts)


def _table(rows: Sequence[Row]) -> str:
    shown = [CLOCKS.index(c) for c in (10, 15, 30)]
    head = (
        "| | seeds | rank % @10 | @15 | @30 | median @15 | @30 | excess % @15 | @30 | trials "
        "| best killed | ms a proposal |"
    )
    lines = [head, "|" + "---|" * 12]
    by: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by[row["contestant"]].append(row)
    for name, own in sorted(by.items(), key=lambda pair: _mean(pair[1], lambda r: r["rank"][2])):
        cells = [str(len({r["seed"] for r in own}))]
        cells += [_interval(own, _at("rank", i)) for i in shown]
        cells += [f"{_median(own, _at('rank', i)):.2f}" for i in shown[1:]]
        cells += [_interval(own, _at("excess", i, 100.0)) for i in shown[1:]]
        cells.append(f"{_mean(own, lambda r: r['trials']):.0f}")
        cells.append(f"{100 * _mean(own, lambda r: r['best_killed']):.0f} %")
        cells.append(f"{_mean(own, lambda r: r['ask_ms']):.1f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _behind(rows: Sequence[Row]) -> str:
    """On which tasks the default is behind random search at the last clock, by its interval."""
    found = []
    for task in sorted({row["task"] for row in rows}):
        ours, theirs = (
            {
                r["seed"]: r["rank"][-1]
                for r in rows
                if r["task"] == task and r["contestant"] == name
            }
            for name in ("auto", "random")
        )
        seeds = sorted(ours.keys() & theirs.keys())
        if len(seeds) < 2:
            continue
        gaps, rng = np.array([ours[s] - theirs[s] for s in seeds]), np.random.default_rng(0)
        drawn = gaps[rng.integers(len(gaps), size=(_RESAMPLED, len(gaps)))].mean(axis=1)
        if np.percentile(drawn, 5) > 0:
            found.append(f"{task} ({gaps.mean():+.1f})")
    return f"`auto` behind random @{CLOCKS[-1]}: {', '.join(found) or 'on no task'}."


def _median(rows: Sequence[Row], of: Callable[[Row], float]) -> float:
    return float(np.median([values.mean() for values in _per_task(rows, of)]))


def _at(key: str, index: int, times: float = 1.0) -> Callable[[Row], float]:
    return lambda row: times * float(row[key][index])


def by_task(rows: Sequence[Row], clock: int, names: Sequence[str]) -> str:
    """Mean ranks of each task at `clock`, one column a contestant."""
    index = CLOCKS.index(clock)
    lines = [f"| rank % @{clock} | {' | '.join(names)} |", "|---|" + "---|" * len(names)]
    for task in sorted({row["task"] for row in rows}):
        cells = []
        for name in names:
            values = [
                r["rank"][index] for r in rows if r["task"] == task and r["contestant"] == name
            ]
            cells.append(f"{np.mean(values):.2f}" if values else "")
        lines.append(f"| {task} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _per_task(rows: Sequence[Row], of: Callable[[Row], float]) -> list[np.ndarray[Any, Any]]:
    by: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        by[row["task"]].append(float(of(row)))
    return [np.array(values) for values in by.values()]


def _mean(rows: Sequence[Row], of: Callable[[Row], float]) -> float:
    return float(np.mean([values.mean() for values in _per_task(rows, of)]))


def _interval(rows: Sequence[Row], of: Callable[[Row], float]) -> str:
    """The mean with a 90 % interval: seeds resampled within each task, tasks held."""
    tasks, rng = _per_task(rows, of), np.random.default_rng(0)
    if max(map(len, tasks)) < 2:
        return f"{_mean(rows, of):.2f}"
    means = [
        np.mean([values[rng.integers(len(values), size=len(values))].mean() for values in tasks])
        for _ in range(_RESAMPLED)
    ]
    low, high = np.percentile(means, [5, 95])
    return f"{_mean(rows, of):.2f} ({low:.2f}–{high:.2f})"
