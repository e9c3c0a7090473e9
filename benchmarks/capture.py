"""What reading a script's output costs the script, and how fast output is read.

    python benchmarks/capture.py [--seconds 4] [--rounds 5]

A script prints 100 000 lines a second, as metrics of a training loop, into a log. It runs by
itself and with a reader that tails the log in another process, in turns. Prints, as medians:
    lines a second with a reader, as a share of those without     at least 0.9
    the processor time that the reader takes meanwhile            the cost that no idle core hides
    lines a second that a reader digests from a log               at least 100 000
    memory that the reader grew by over the whole log             bounded
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from lrsweep.capture import CaptureSpec, OutputReader

RATE = 100_000

# Prints in ticks of 10 ms, as fast as it can within a tick; a tick that is late is not made up for.
SCRIPT = """
import sys, time
rate, seconds = int(sys.argv[1]), float(sys.argv[2])
step, began = 0, time.perf_counter()
for tick in range(int(seconds * 100)):
    for _ in range(rate // 100):
        step += 1
        print(f"step {step}: train loss {100 / (step + 10):.4f}, lr 1e-3")
    print(f"step {step}: val loss {200 / (step + 10):.4f}", flush=True)
    time.sleep(max(0.0, began + (tick + 1) / 100 - time.perf_counter()))
print(step / (time.perf_counter() - began), file=sys.stderr)
"""


def printed_a_second(log: Path, seconds: float, *, read: bool) -> float:
    """Lines a second that the script prints into `log`, with or without a reader beside it."""
    with log.open("wb") as stdout:
        script = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(RATE), str(seconds)],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )
    with script:
        reader = OutputReader(log, CaptureSpec("val_loss"), trial=0, attempt=1)
        while read and script.poll() is None:
            drain(reader)
            time.sleep(0.05)
        _, figure = script.communicate()
    return float(figure)


def drain(reader: OutputReader) -> int:
    """Read what there is; how many reports it was."""
    return sum(1 for _ in reader.read())


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the reading of a script's output.")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long the script prints")
    parser.add_argument("--rounds", type=int, default=5, help="measured rounds of each")
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / "stdout.log"
        alone, beside, busy, digested = [], [], [], []
        for _ in range(args.rounds):
            alone.append(printed_a_second(log, args.seconds, read=False))
            used = time.process_time()
            beside.append(printed_a_second(log, args.seconds, read=True))
            busy.append((time.process_time() - used) / args.seconds)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            began = time.perf_counter()
            reports = drain(OutputReader(log, CaptureSpec("val_loss"), trial=0, attempt=1))
            digested.append(beside[-1] * args.seconds / (time.perf_counter() - began))
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        size = log.stat().st_size / 2**20
    ratio = median(beside) / median(alone)
    print(f"printed alone       {median(alone):10,.0f} lines/s")
    print(f"printed while read  {median(beside):10,.0f} lines/s    ratio {ratio:.2f}, at least 0.9")
    print(f"reader busy         {median(busy):10.0%} of a core")
    print(f"digested            {median(digested):10,.0f} lines/s    at least {RATE:,}")
    print(f"memory              {grown / 1024:10.1f} MiB more, for a log of {size:.0f} MiB")
    print(f"reports             {reports:10,}")


if __name__ == "__main__":
    main()
