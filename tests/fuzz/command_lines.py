"""Hostile command lines: random ones, run in this process, must succeed or say one sentence.

    python -m tests.fuzz.command_lines 20000 [SEED]

Every input is a whole command line with the files that it names. It may end with exit code 0, or
with 2 and one sentence and nothing written; a traceback, another code or a hang is a fault.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lrsweep.cli.main import main
from lrsweep.settings import DECLARED

SECONDS = 20
_NASTY = (
    *("", " ", "-", "--x", "=", "a=b", "{", "}", "{lr}", "{{lr}}", "{lr", "..", "/", "~", "*"),
    *("\x00", "\x1b[31m", "\udcff", "a\nb", "ä", "日本", "\u202e", "nan", "inf", "-inf", "1e400"),
    *(
        "0",
        "-1",
        "1",
        "9" * 400,
        "0x10",
        "1_000",
        "1,5",
        "true",
        "null",
        "[]",
        "[" * 3000,
        "'",
        '"',
    ),
    *("a" * 300, "a" * 10_000, "(" * 5000, "(?P<value>x)" * 50, "(?P<value>", "(a+)+$", "a:b:c"),
    *("1e-5:1", "1:1e-5", "lr=1e-5:1", "lr=1:", "lr=:", "lr=1:2:3:4", "lr@=1", "lr@a@b=1", "=1"),
    *("train.py", "sweep.toml", "digits", "gone.py", "folder", "lrsweep.db", "sqlite:///x.db"),
    *("sqlite://", "sqlite:////gone/x.db", "oracle://x", "mysql://", "sqlite:///folder"),
)
_SPACES = (
    *("lr=1e-5:1", "lr=1e-5:1:log", "batch_size=16:256:pow2", "opt=sgd,adam", "lr@sgd=1e-3:1"),
    *("x=0:1", "n=1:10", "lr=auto", "lr=0.1,0.2", "x=1:1", "q=[1, 2],[3]", "s='a,b',c"),
)
_COMMANDS = ("run", "run", "run", "config", "report", "list", "show", "logs", "schedule", "studies")
_FLAGS = {
    "run": ("--smoke", "--preset", "--quiet", "--json", "--wait", "--from-find"),
    "report": ("--format", "--top", "--sort", "--storage", "--study", "--output"),
    "show": ("--storage", "--study", "--json"),
    "logs": ("--storage", "--study", "--stderr", "--tail"),
    "list": ("--storage", "--json"),
    "schedule": ("--lr", "--steps", "--warmup", "--format"),
}


@dataclass(frozen=True, slots=True)
class Input:
    """A command line, and the text of `sweep.toml` beside it."""

    argv: tuple[str, ...]
    toml: str


def inputs(count: int, seed: int) -> Iterator[Input]:
    """`count` inputs that follow from `seed`."""
    source = random.Random(seed)
    for _ in range(count):
        yield Input(tuple(_argv(source)), _toml(source))


def _argv(source: random.Random) -> list[str]:
    command = source.choice(_COMMANDS)
    argv = [command]
    if source.random() < 0.5:
        argv.append(_word(source))
    if command in ("run", "config"):
        if source.random() < 0.7:
            argv += ["-s", source.choice(_SPACES)]
        for one in source.sample(DECLARED, source.randrange(4)):
            argv += _flag(source, one.flags[0], one.scalar is bool)
    for name in source.sample(_FLAGS.get(command, ()), min(2, len(_FLAGS.get(command, ())))):
        argv += _flag(source, name, source.random() < 0.5)
    if command == "run":
        argv.append("--dry-run")
        if source.random() < 0.3:
            argv += ["--", *(_word(source) for _ in range(source.randrange(4)))]
    return [word.replace("\x00", "") for word in argv]  # no operating system passes it on


def _flag(source: random.Random, name: str, alone: bool) -> list[str]:
    return [name] if alone else [name, _word(source)]


def _word(source: random.Random) -> str:
    word = source.choice((*_NASTY, *_SPACES))
    if source.random() < 0.3:
        at = source.randrange(len(word) + 1)
        word = word[:at] + source.choice(_NASTY)[:50] + word[at:]
    return word


def _toml(source: random.Random) -> str:
    lines = ['script = "train.py"', 'metric = "val_loss"']
    for one in source.sample(DECLARED, source.randrange(4)):
        lines.append(f"{one.key} = {_toml_value(source)}")
    if source.random() < 0.3:
        lines.append(f"[space]\nlr = {_toml_value(source)}")
    if source.random() < 0.1:
        lines.append(f"[preset.{source.choice(('smoke', 'x', '..'))}]\ntrials = 1")
    return "\n".join(lines) + "\n"


def _toml_value(source: random.Random) -> str:
    depth = source.choice((0, 0, 0, 1, 50, 3000))
    inner = source.choice(("1", "-1", "nan", "true", "1979-05-27", "{a = 1}", json.dumps("x:1")))
    if source.random() < 0.3:
        inner = json.dumps(_word(source).encode("utf-8", "replace").decode())
    return "[" * depth + inner + "]" * depth


def fault(one: Input) -> str:
    """What is wrong with how lrsweep takes `one`; empty where nothing is."""
    with tempfile.TemporaryDirectory() as folder, _inside(Path(folder)):
        _write_files(one)
        before = _listing()
        code, _, err, problem = _run(one.argv)
        if problem:
            return problem
        if code not in (0, 2):
            return f"exit code {code}: {err[-300:]}"
        if code == 2 and (err.count("lrsweep: ") < 1 or len(err.splitlines()) > 4):
            return f"not one sentence: {err[:300]!r}"
        if code == 2 and (changed := _listing() ^ before):
            return f"written: {sorted(changed)[:3]}"
        return ""


def _write_files(one: Input) -> None:
    Path("train.py").write_text("import argparse\np = argparse.ArgumentParser()\n")
    Path("sweep.toml").write_text(one.toml, encoding="utf-8", errors="replace")
    Path("folder").mkdir()


def _run(argv: tuple[str, ...]) -> tuple[object, str, str, str]:
    """Exit code, standard output and error, and what was raised in place of an exit."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    err = io.StringIO()
    code: object = None
    problem = ""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main(list(argv))
    except SystemExit as end:
        code = end.code or 0
    except _TooSlow:
        problem = f"longer than {SECONDS} s"
    except BaseException as error:  # whatever reaches the user as a traceback
        problem = f"{type(error).__name__}: {str(error)[:300]}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    out.flush()
    return code, out.buffer.getvalue().decode(), err.getvalue(), problem


class _TooSlow(BaseException):
    """The time for one input is up."""


def _time_is_up(_number: int, _frame: FrameType | None) -> None:
    raise _TooSlow


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before, handler = Path.cwd(), signal.signal(signal.SIGALRM, _time_is_up)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        signal.signal(signal.SIGALRM, handler)


def _listing() -> set[str]:
    return {str(path) for path in Path().rglob("*")}


def faults(count: int, seed: int) -> Iterator[tuple[Input, str]]:
    """The inputs among `count` that are taken wrongly, and what is wrong."""
    for one in inputs(count, seed):
        if wrong := fault(one):
            yield one, wrong


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    began, found = time.monotonic(), 0
    for bad, wrong in faults(wanted, int(sys.argv[2]) if len(sys.argv) > 2 else 0):
        found += 1
        shown = [word if len(word) < 80 else f"{word[:60]}… ({len(word)})" for word in bad.argv]
        print(f"{shown!r}\n    {wrong}", flush=True)
    print(f"{wanted} inputs, {found} faults, {time.monotonic() - began:.0f} s")
    sys.exit(bool(found))
