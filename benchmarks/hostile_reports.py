"""Write hostile lines between good reports, and look whether each good one was kept.

    python benchmarks/hostile_reports.py [--lines 100000] [--storage URL]

A real sweep of two trials: one appends random and crafted lines to its own events.jsonl, among them
reports through the client; the other prints such lines. The sweep must end well, without a
traceback, and every good report must be in the database once. Exits with 1 where it is not.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

LRSWEEP = str(Path(sys.executable).with_name("lrsweep"))
SCRIPT = """
import json, os, random, sys
import lrsweep

LINES = {lines}
trial = lrsweep.current_trial()
chance = random.Random(trial.number)
odd = [2**31, 2**63, -2**63 - 1, 10**400, 1e308, -1, 0.5, "x", "7", None, True, [], {{}}, "\\ud800"]
names = ["loss", "", "a" * 300, "\\0", "\\ud800", "\\x1b[31m", "é", "examples", "step", "'; DROP"]

def hostile():
    kind = chance.randrange(6)
    if kind == 0:
        return os.urandom(chance.randrange(40)).replace(b"\\n", b"")
    if kind == 1:
        return chance.choice([b"[" * 5000, b"{{" * 50, b"9" * 5000, b"null", b"{{}}", b"\\xff" * 9])
    event = {{"event": "report", "trial": trial.number, "attempt": 1, "step": 1, "metrics": {{}}}}
    event["study"] = chance.choice([trial.study_id, trial.study_id, "another", 7])
    for key in chance.sample(list(event), 1 + (kind > 3)):
        event[key] = chance.choice(odd)
    if chance.random() < 0.5:
        event["metrics"] = {{chance.choice(names): chance.choice(odd)}}
        key = chance.choice(["step", "trial", "attempt", "examples", "fraction"])
        event[key] = chance.choice([10**30, "x", [], -2**70, 1e999])
    return json.dumps(event).encode()

every = max(1, LINES // 100)
with open(trial.folder / "events.jsonl", "ab", buffering=0) as events:
    for index in range(1, LINES + 1):
        events.write(hostile() + b"\\n")
        sys.stdout.buffer.write(hostile() + b"\\n")
        if index % every == 0:
            trial.report(index // every, good=index, val_loss=1 / index)
sys.stdout.flush()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Hostile reports beside good ones.")
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--storage", help="default: a SQLite database")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        folder = Path(name)
        (folder / "train.py").write_text(SCRIPT.format(lines=args.lines), encoding="utf-8")
        url = args.storage or f"sqlite:///{folder}/lrsweep.db"
        command = [LRSWEEP, "run", "train.py", "-s", "lr=0.1,0.2", "--sampler", "grid"]
        command += ["--metric", "val_loss", "-j", "2", "--storage", url]
        command += ["--study", f"hostile-{os.getpid()}"]
        began = time.monotonic()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        took = time.monotonic() - began
        wrong = check(done, url, args.lines, f"hostile-{os.getpid()}")
    notes = [line for line in done.stderr.splitlines() if "refused a report" in line]
    print(f"{2 * args.lines} hostile lines in {took:.0f} s; refused, each said once:")
    print("\n".join(f"  {note.strip()}" for note in notes))
    if wrong:
        raise SystemExit(f"{wrong}\n{done.stderr[-3000:]}")
    print("every good report is in the database once")


def check(done: subprocess.CompletedProcess[str], url: str, lines: int, study: str) -> str:
    """What is wrong, in a sentence; empty where all is well."""
    if done.returncode != 0 or "Traceback" in done.stderr:
        return f"the sweep exited with {done.returncode}"
    engine = sa.create_engine(url)
    query = sa.text(
        "SELECT p.number, p.step, p.value FROM lrsweep_points p JOIN studies s"
        " ON s.study_id = p.study_id WHERE p.name = 'good' AND s.study_name = :study"
    )
    with engine.connect() as connection:
        found = sorted(tuple(row) for row in connection.execute(query, {"study": study}))
    engine.dispose()
    every = max(1, lines // 100)
    wanted = sorted(
        (trial, step, step * every) for trial in (0, 1) for step in range(1, lines // every + 1)
    )
    if found != wanted:
        return f"{len(found)} good reports of {len(wanted)} are there, or others"
    return ""


if __name__ == "__main__":
    main()
