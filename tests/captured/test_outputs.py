"""Files that programs write, swept through the command line: each trial has its own values."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.captured.sweeps import sweep

START = "import argparse, csv, json, os, sys, time\np = argparse.ArgumentParser()\n"
START += "p.add_argument('--lr', type=float); p.add_argument('--out', default='.')\n"
START += "a = p.parse_args(); lr, out = a.lr, a.out\n"
# What is written, and the pattern that names it.
SHARED = {
    "one JSON document": (
        "time.sleep(0.1); json.dump({'val_loss': lr}, open('metrics.json', 'w'))\n"
        "time.sleep(0.2)\n",
        "metrics.json",
    ),
    "one table": (
        "with open('log.csv', 'w') as f:\n"
        "    f.write('epoch,val_loss\\n')\n"
        "    for e in range(4): f.write(f'{e},{lr}\\n'); f.flush(); time.sleep(0.05)\n",
        "log.csv",
    ),
    "lines that are appended": (
        "for e in range(3):\n"
        "    with open('all.jsonl', 'a') as f: print(json.dumps({'epoch': e, 'val_loss': lr}),"
        " file=f)\n"
        "    time.sleep(0.05)\n",
        "all.jsonl",
    ),
    "a folder by the time": (
        "d = f'runs/{time.time_ns()}'; os.makedirs(d)\n"
        "with open(f'{d}/metrics.csv', 'w') as f:\n"
        "    f.write('step,val_loss\\n')\n"
        "    for s in range(1, 5):\n"
        "        time.sleep(0.05); f.write(f'{s},{lr if s > 3 else 1 / s}\\n'); f.flush()\n",
        "runs/*/metrics.csv",
    ),
    "a history that grows over runs": (
        "h = json.load(open('h.json')) if os.path.exists('h.json') else []\n"
        "for e in range(3):\n"
        "    h.append({'epoch': e, 'val_loss': lr}); json.dump(h, open('h.json', 'w'))\n"
        "    time.sleep(0.05)\n",
        "h.json",
    ),
}
RATES = (0.5, 0.25, 0.75)
SPACE = ",".join(map(str, RATES))


@pytest.mark.parametrize(("script", "pattern"), SHARED.values(), ids=SHARED)
def test_trials_that_share_a_file_run_one_at_a_time_and_have_their_own_values(
    tmp_path: Path, script: str, pattern: str
) -> None:
    options = ("--metric", "val_loss", "--metric-file", pattern)
    done = sweep(tmp_path, START + script, SPACE, *options, quiet=False)
    assert done.values == {rate: rate for rate in RATES}
    assert done.document["best"]["params"] == {"lr": 0.25}
    assert f"one trial at a time, since all may write {pattern}" in done.said
    assert "1 on cpu" in done.said
    assert "Keep them apart" not in done.said


@pytest.mark.parametrize("pattern", ["metrics.json", "runs/*/metrics.csv", "/tmp/**/log.jsonl"])
def test_several_trials_at_a_time_that_may_share_a_file_are_refused(
    tmp_path: Path, pattern: str
) -> None:
    options = ("--metric", "val_loss", "--metric-file", pattern, "-j", "2")
    done = sweep(tmp_path, START, SPACE, *options)
    assert done.code == 2
    assert (
        f"--metric-file '{pattern}' with -j 2: one trial may read what another wrote" in done.said
    )
    assert "{dir}" in done.said
    assert "--isolate copy" in done.said
    assert os.listdir(tmp_path) == ["train.py"]


def test_trials_in_folders_of_their_own_share_no_file(tmp_path: Path) -> None:
    script, pattern = SHARED["lines that are appended"]
    options = ("--metric", "val_loss", "--metric-file", pattern, "--isolate", "copy", "-j", "2")
    done = sweep(tmp_path, START + script, SPACE, *options)
    assert done.values == {rate: rate for rate in RATES}


BEST = (
    "for s in range(1, 11):\n"
    "    time.sleep(0.3); open('best.txt', 'w').write(str(lr))\n"
    "    print(f'epoch {s} val_loss: {1 / s + lr}')\n"
    "time.sleep(0.2); print('final test_loss:', open('best.txt').read())\n"
)


def test_two_trials_that_write_one_file_are_noticed(tmp_path: Path) -> None:
    options = ("--metric", "val_loss", "-j", "2")
    done = sweep(tmp_path, START + BEST, "0.001,0.1", *options, quiet=False)
    assert done.values == {0.001: pytest.approx(0.101), 0.1: pytest.approx(0.2)}
    assert "trials 0 and 1 may both write best.txt" in done.said
    assert "--isolate copy" in done.said


HELD = "f = open('log.txt', 'a')\nfor s in range(5):\n" + (
    "    time.sleep(0.3); print(lr, file=f, flush=True); print(f'epoch {s} val_loss: {lr}')\n"
)


@pytest.mark.skipif(not Path("/proc/self/fdinfo").is_dir(), reason="only Linux tells")
def test_two_trials_that_have_one_file_open_are_named(tmp_path: Path) -> None:
    options = ("--metric", "val_loss", "-j", "2")
    done = sweep(tmp_path, START + HELD, "0.1,0.2", *options, quiet=False)
    assert "trials 0 and 1 write log.txt" in done.said


OWN = "f = open(f'log-{lr}.txt', 'a')\nfor s in range(5):\n" + (
    "    time.sleep(0.3); print(lr, file=f, flush=True); print(f'epoch {s} val_loss: {lr}')\n"
)


def test_nothing_is_said_where_each_trial_writes_its_own_file(tmp_path: Path) -> None:
    options = ("--metric", "val_loss", "-j", "2")
    done = sweep(tmp_path, START + OWN, "0.1,0.2", *options, quiet=False)
    assert "write" not in done.said
