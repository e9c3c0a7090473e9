"""Bad input: one clear sentence, exit code 2, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

LR = ("-s", "lr=1e-5:1")

CASES = {
    "low above high": (("-s", "lr=1:1e-5"), "the low end 1 is not below the high end 1e-05"),
    "log from zero": (("-s", "lr=0:1:log"), "a log scale needs a low end above 0"),
    "a name twice": ((*LR, "-s", "lr=1"), "lr is given twice"),
    "unknown condition": (("-s", "lr@sgdd=1e-5:1", "-s", "optimizer=sgd,adam"), "sgdd"),
    "unknown study": (("digitz",), "there is no bundled study 'digitz'"),
    "missing script": (("nope.py", *LR), "there is no script nope.py"),
    "missing command": ((*LR, "--", "no-such-command", "{lr}"), "'no-such-command' was not found"),
    "unknown placeholder": ((*LR, "--", "echo", "{lrr}"), "no such parameter"),
    "lost parameter": (
        (*LR, "-s", "wd=0,1", "--metric", "loss", "--", "echo", "{lr}"),
        "parameter 'wd' reaches the command nowhere",
    ),
    "lone brace": ((*LR, "--metric", "loss", "--", "echo", "{lr}", "{"), "a single '{'"),
    "unknown sampler": ((*LR, "--sampler", "rand"), "'rand' is not one of"),
    "unknown pruner": ((*LR, "--pruner", "mean"), "'mean' is not one of"),
    "unknown device": ((*LR, "--device", "tpu"), "'tpu' is not one of"),
    "no gpu": ((*LR, "--device", "cuda"), "no CUDA GPU was found"),
    "no metric": ((*LR, "--", "echo", "{lr}"), "which metric is the objective?"),
    "no direction": ((*LR, "--metric", "score", "--", "echo", "{lr}"), "smaller or a larger score"),
    "bad duration": ((*LR, "--timeout", "5parsecs"), "'5parsecs' is not a duration"),
    "bad jobs": ((*LR, "-j", "none"), "'none' is not a number above zero"),
    "no trials": ((*LR, "-n", "0"), "--trials 0 is not at least 1"),
    "no url": ((*LR, "--storage", "lrsweep.db"), "is not a database URL"),
    "no folder": ((*LR, "--storage", "sqlite:////nope/x.db"), "the folder /nope does not exist"),
    "no driver": ((*LR, "--storage", "oracle://localhost/x"), "no driver for 'oracle'"),
    "a mistyped option": ((*LR, "--sampelr", "grid"), "--sampler"),
    "missing file": (("sweep.toml",), "there is no file sweep.toml"),
}


@pytest.mark.parametrize("name", CASES)
def test_one_sentence_exit_code_2_and_nothing_written(name: str, tmp_path: Path) -> None:
    arguments, sentence = CASES[name]
    done = lrsweep(tmp_path, "run", *arguments, COLUMNS="200")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("script = ", "is not valid TOML"),
        ('scrpit = "train.py"', "unknown key scrpit"),
        ('description = "x"', "must name what a trial runs"),
        ('script = "gone.py"', "script = 'gone.py' does not exist"),
        ('script = "train.py"\ntrials = 0', "trials = 0"),
    ],
)
def test_a_sweep_file_that_is_wrong_is_told_where(
    content: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "sweep.toml").write_text(content)
    (tmp_path / "train.py").write_text("")
    done = lrsweep(tmp_path, "run", "sweep.toml", *LR)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lrsweep.db").write_text("rubbish")
    for command in (("run", *LR), ("report",)):
        done = lrsweep(tmp_path, *command)
        assert done.returncode in (1, 2)
        assert "file is not a database" in done.stderr
    assert (tmp_path / "lrsweep.db").read_text() == "rubbish"
    assert [p.name for p in tmp_path.iterdir()] == ["lrsweep.db"]


def deep(opening: str, closing: str, depth: int = 3000) -> str:
    return opening * depth + closing * depth


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--study", "a" * 10_000), "has 10000 characters"),
        (("--study", "a\x1b[31m"), "characters that are no text"),
        (("--study", " "), "is empty"),
        (("--dir", "train.py"), "is no folder"),
        (("--dir", "train.py/deeper"), "is no folder"),
        (("--dir", "a" * 300), "File name too long"),
        (("--junit", "folder"), "is a folder"),
        (("--junit", "train.py/report.xml"), "is no folder"),
        (("-j", "999999999"), "is more than 10000 trials at a time"),
        (("--timeout", "9" * 400 + "h"), "is not a duration"),
        (("--template", "deep.toml"), "nested"),
        (("--template", "deep.json"), "nested too deep"),
        (("--template", "a" * 10_000 + ".yaml"), "File name too long"),
    ],
)
def test_what_cannot_be_written_or_read_is_told_before_anything_is(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text("import argparse\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "deep.toml").write_text(f"a = {deep('[', ']')}")
    (tmp_path / "deep.json").write_text(deep("[", "]", 300_000))
    before = sorted(tmp_path.rglob("*"))
    command = ("run", "train.py", "--metric", "val_loss", *LR, *arguments, "--args", "argparse")
    done = lrsweep(tmp_path, *command)
    assert done.returncode == 2, done.stderr
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) <= 2
    assert sorted(tmp_path.rglob("*")) == before
