"""The best settings run again with new seeds, shared between them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LRSWEEP = Path(sys.executable).with_name("lrsweep")
SCRIPT = """
import argparse, math, os, random
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--seed", type=int, default=int(os.environ.get("LRSWEEP_SEED", 0)))
args = parser.parse_args()
luck = random.Random(args.seed).gauss(0, 0.02)
print("val_loss:", 0.1 + 0.3 * (math.log10(args.lr) + 2) ** 2 + luck)
"""
SWEEP = "run train.py -s lr=1e-4,1e-3,1e-2,1e-1 --sampler grid --metric val_loss -q"


def lrsweep(line: str, folder: Path, code: int = 0) -> str:
    done = subprocess.run(
        [LRSWEEP, *shlex.split(line)], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def rows(folder: Path) -> list[dict[str, Any]]:
    document: dict[str, Any] = json.loads(lrsweep("report --format json", folder))
    return list(document["rows"])


@pytest.fixture
def swept(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(SCRIPT)
    lrsweep(SWEEP, tmp_path)
    return tmp_path


def test_the_best_settings_run_again_with_seeds_that_they_share(swept: Path) -> None:
    said = " ".join(lrsweep("confirm --top 2 --seeds 3 -q", swept).split())
    assert "2 settings ran 3 shared seeds" in said
    added = [(r["params"]["lr"], r["seed"]) for r in rows(swept) if r["trial"] >= 4]
    rates, seeds = {rate for rate, _ in added}, {seed for _, seed in added}
    assert len(rates) == 2
    assert 0.01 in rates
    assert set(added) == {(rate, seed) for rate in rates for seed in seeds}
    assert seeds.isdisjoint({r["seed"] for r in rows(swept) if r["trial"] < 4})


def test_what_was_confirmed_is_not_run_again_and_more_seeds_add_to_it(swept: Path) -> None:
    lrsweep("confirm --top 2 --seeds 3 -q", swept)
    lrsweep("confirm --top 2 --seeds 3 -q", swept)
    assert len(rows(swept)) == 4 + 6
    lrsweep("confirm --top 2 --seeds 4 -q", swept)
    assert len(rows(swept)) == 4 + 8


def test_a_sweep_confirms_in_its_end_and_its_report_has_no_line_for_that(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    said = lrsweep(f"{SWEEP} --confirm 3x2", tmp_path)
    assert len(rows(tmp_path)) == 4 + 6
    assert "lrsweep confirm" not in said


def test_until_then_the_report_has_the_line_and_it_works(swept: Path) -> None:
    report = lrsweep("report", swept)
    line = next(line for line in report.splitlines() if "lrsweep confirm" in line)
    lrsweep(line[line.index("confirm") :], swept)
    assert len(rows(swept)) == 4 + 15


def test_a_seed_of_the_space_takes_its_values_and_a_fixed_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    lrsweep(f"{SWEEP} -s seed=0:9 --sampler random --trials 8", tmp_path)
    lrsweep("confirm --top 2 --seeds 3 -q", tmp_path)
    added = [(r["params"]["lr"], r["params"]["seed"]) for r in rows(tmp_path) if r["trial"] >= 8]
    assert len({seed for _, seed in added}) == 3
    assert len(added) >= 4  # what ran in the sweep already is not run again
    lrsweep(f"{SWEEP} -s seed=3 --study fixed", tmp_path)
    assert "the space fixes seed" in lrsweep("confirm fixed", tmp_path, code=2)


def test_what_cannot_be_confirmed_is_refused_in_one_sentence(tmp_path: Path) -> None:
    ignores = SCRIPT.replace("math.log10(args.lr)", "1").replace("+ luck", "")
    (tmp_path / "train.py").write_text(ignores)
    lrsweep(SWEEP, tmp_path)
    assert "recommends no setting" in lrsweep("confirm", tmp_path, code=2)
    assert "--confirm 3by5" in lrsweep(f"{SWEEP} --confirm 3by5", tmp_path, code=2)
