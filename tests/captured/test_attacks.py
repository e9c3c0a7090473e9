"""Output without end, pipes, slow patterns: a sweep's deadlines and answers hold in all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.captured.sweeps import sweep
from tests.cli.terminal import lrsweep

START = "import argparse, os, sys, time\np = argparse.ArgumentParser()\n"
START += "p.add_argument('--lr', type=float); lr = p.parse_args().lr\n"


@pytest.mark.timeout(100)
@pytest.mark.parametrize("line", ["y", "val_loss: 0.5", "1,111,1111" * 50, "epoch 1 val_loss: 2.5"])
def test_a_trial_that_prints_without_end_is_ended_in_time(tmp_path: Path, line: str) -> None:
    script = START + f"text = {line!r} + chr(10)\nwhile True: sys.stdout.write(text * 10000)\n"
    options = ("--metric", "val_loss", "--trial-timeout", "2s", "--max-log", "4MiB")
    done = sweep(tmp_path, script, "0.1", *options)
    assert done.document["trials"] == {"timed_out": 1}


FLOOD = "print('the beginning', flush=True)\nfor i in range(4000): print('x' * 10_000)\n"


def test_of_a_long_log_the_beginning_and_the_end_are_kept(tmp_path: Path) -> None:
    slow = FLOOD.replace("print('x'", "i % 100 or time.sleep(0.05); print('x'")
    script = START + slow + "print(f'epoch 1 val_loss: {lr}')\n"
    options = ("--metric", "val_loss", "--max-log", "4MiB")
    done = sweep(tmp_path, script, "0.5", *options, quiet=False)
    assert done.values == {0.5: 0.5}
    assert "stdout.log grew beyond --max-log 4 MiB: its beginning and end are kept" in done.said
    (log,) = (tmp_path / "lrsweep-runs").rglob("stdout.log")
    assert log.stat().st_size > 40_000_000
    assert log.stat().st_blocks * 512 < 8 << 20
    shown = lrsweep(tmp_path, "logs", "0").stdout
    assert shown.startswith("the beginning")
    assert "MiB left out here by --max-log]" in shown
    assert shown.rstrip().endswith("epoch 1 val_loss: 0.5")
    assert lrsweep(tmp_path, "logs", "0", "--tail", "1").stdout.strip() == "epoch 1 val_loss: 0.5"


@pytest.mark.parametrize("size", ["much", "0", "12KiB", "-1GiB"])
def test_a_limit_of_the_log_that_is_no_size_is_refused(tmp_path: Path, size: str) -> None:
    done = sweep(tmp_path, START, "0.1", "--metric", "loss", "--max-log", size)
    assert done.code == 2
    assert "is not a size of at least 1MiB" in done.said


@pytest.mark.timeout(60)
def test_a_pipe_where_a_file_is_expected_holds_nothing_up(tmp_path: Path) -> None:
    script = START + "os.mkfifo(os.environ['LRSWEEP_TRIAL_DIR'] + '/m.csv')\ntime.sleep(0.5)\n"
    options = ("--metric", "val_loss", "--metric-file", "{dir}/m.csv")
    done = sweep(tmp_path, script, "0.1", *options)
    assert done.document["trials"] == {"crashed": 1}


@pytest.mark.timeout(60)
def test_pipes_in_the_place_of_a_trials_own_files_hold_nothing_up(tmp_path: Path) -> None:
    script = START + (
        "here = os.environ['LRSWEEP_TRIAL_DIR']\n"
        "for name in ('events.jsonl', 'stderr.log', 'trial.json', 'stop'):\n"
        "    path = os.path.join(here, name)\n"
        "    if os.path.exists(path): os.remove(path)\n"
        "    os.mkfifo(path)\n"
        "print(f'epoch 1 val_loss: {lr}'); time.sleep(0.5)\n"
    )
    done = sweep(tmp_path, script, "0.25,0.5", "--metric", "val_loss", "--trial-timeout", "20s")
    assert done.values == {0.25: 0.25, 0.5: 0.5}


@pytest.mark.parametrize("regex", [r"(a+)+b(?P<value>\d+)", r"(a|aa)+b(?P<value>\d)"])
def test_a_pattern_that_is_too_slow_is_refused_before_the_first_trial(
    tmp_path: Path, regex: str
) -> None:
    done = sweep(tmp_path, START, "0.1", "--metric", "loss", "--metric-regex", regex)
    assert done.code == 2
    assert "tries too many ways to match" in done.said
    assert [path.name for path in tmp_path.iterdir()] == ["train.py"]


@pytest.mark.timeout(60)
def test_a_pattern_that_is_slow_on_a_line_of_the_output_ends_the_sweep_with_a_sentence(
    tmp_path: Path,
) -> None:
    script = START + "print('key' + '=-' * 4000, flush=True); time.sleep(20)\n"
    regex = r"key(=-|=|-)*(=-)*(-=)*!(?P<value>\d+)"
    done = sweep(tmp_path, script, "0.1", "--metric", "loss", "--metric-regex", regex)
    assert done.code == 2
    assert "tries too many ways to match" in done.said


def test_as_many_trials_at_a_time_as_no_machine_runs_are_refused(tmp_path: Path) -> None:
    done = sweep(tmp_path, START, "0.1", "--metric", "loss", "-j", "999999999")
    assert done.code == 2
    assert "999999999" in done.said
    assert "try -j auto" in done.said


UNREAD = {
    "val_loss ~~ see the plot": "val_loss ~~ see the plot",
    "val_loss: [0.25, 0.5]": "val_loss: [0.25, 0.5]",
    "validation loss of this run => 1,234": "validation loss of this run => 1,234",
}


@pytest.mark.parametrize("line", UNREAD)
def test_a_metric_that_stands_there_unread_is_quoted(tmp_path: Path, line: str) -> None:
    done = sweep(tmp_path, START + f"print({line!r})\n", "0.1", "--metric", "val_loss", quiet=False)
    assert f"val_loss stands in a line that was not read: '{line}'" in done.said


def test_a_comment_that_names_lrsweep_switches_nothing_off(tmp_path: Path) -> None:
    script = "# swept with lrsweep; import lrsweep is not needed\n" + START
    done = sweep(tmp_path, script + "print(f'epoch 1 loss: {lr}')\n", "0.5", "--metric", "loss")
    assert done.values == {0.5: 0.5}


def test_a_script_that_imports_the_client_and_never_reports_is_read(tmp_path: Path) -> None:
    script = "import lrsweep\n" + START
    done = sweep(tmp_path, script + "print(f'epoch 1 loss: {lr}')\n", "0.5", "--metric", "loss")
    assert done.values == {0.5: 0.5}


def test_what_was_read_before_a_script_reports_by_itself_is_void(tmp_path: Path) -> None:
    script = START + (
        "print('epoch 1 loss: 9'); time.sleep(0.5)\n"
        "trial = __import__('lrsweep').current_trial()\n"
        "for e in (1, 2): trial.report(e, loss=lr + e)\n"
    )
    done = sweep(tmp_path, script, "0.5", "--metric", "loss")
    assert done.curve(0.5, "loss") == [(1, 1.5), (2, 2.5)]
