"""python -m benchmarks.search --data DIR [--seeds 30] [--slots 1] [--only tuned|kept] …

Runs what is missing of the results file, which a second call continues, and prints the tables.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.search.contestants import CONTESTANTS, Contestant
from benchmarks.search.replay import replay
from benchmarks.search.report import tables_of
from benchmarks.search.suite import suite
from benchmarks.search.task import Task

_BEGIN, _END = "<!-- tables: begin -->", "<!-- tables: end -->"


def main() -> None:
    arguments = _arguments()
    tasks = {
        name: task
        for name, task in suite(arguments.data).items()
        if fnmatch.fnmatch(name, arguments.tasks)
        and (arguments.only is None or task.tuned_on == (arguments.only == "tuned"))
    }
    contestants = [CONTESTANTS[name] for name in arguments.contestants or CONTESTANTS]
    done = _done(arguments.results)
    with arguments.results.open("a", buffering=1) as file:
        for task, contestant, seed in _all(tasks, contestants, arguments.seeds):
            key = (task.name, contestant.name, seed, arguments.slots)
            mine = seed % arguments.shards == arguments.shard
            if key in done or not mine:
                continue
            result = replay(task, contestant, seed, arguments.slots)
            row = dict(zip(("task", "contestant", "seed", "slots"), key, strict=True))
            row |= {"tuned_on": task.tuned_on, "family": task.family}
            file.write(json.dumps(row | asdict(result)) + "\n")
    rows = [json.loads(line) for line in arguments.results.read_text().splitlines()]
    shown = tables_of([row for row in rows if row["task"] in tasks])
    print(shown)
    if arguments.write is not None:
        text = arguments.write.read_text(encoding="utf-8")
        before, rest = text.split(_BEGIN)
        after = rest.split(_END)[1]
        written = f"{before}{_BEGIN}\n\n{shown}\n{_END}{after}"
        arguments.write.write_text(written, encoding="utf-8")


def _all(
    tasks: dict[str, Task], contestants: list[Contestant], seeds: int
) -> Iterator[tuple[Task, Contestant, int]]:
    """Seeds outermost, so that a run that is cut short has seen every task."""
    for seed in range(seeds):
        for task in tasks.values():
            for contestant in contestants:
                yield task, contestant, seed


def _done(path: Path) -> set[tuple[str, str, int, int]]:
    if not path.exists():
        return set()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {(r["task"], r["contestant"], r["seed"], r["slots"]) for r in rows}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the recorded curves")
    parser.add_argument("--results", type=Path, default=Path("search-results.jsonl"))
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--slots", type=int, default=1)
    parser.add_argument("--tasks", default="*", help="a pattern of their names")
    parser.add_argument("--only", choices=["tuned", "kept"])
    parser.add_argument("--contestants", nargs="*", choices=list(CONTESTANTS))
    parser.add_argument("--shards", type=int, default=1, help="processes that share the seeds")
    parser.add_argument("--shard", type=int, default=0)
    parser.add_argument("--write", type=Path, help="put the tables into this page")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
