"""What is imported before the first fork, and what happens when that goes wrong."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from lrsweep.executors.warm import WarmExecutor, runs_this_python
from lrsweep.processes.launcher.imports import Import, library_imports
from lrsweep.scheduler import Exit
from tests.executors.family import first_exit, make_job


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def make(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    return make


Write = Callable[[str, str], Path]


def modules(folder: Path, *argv: str) -> list[str]:
    return [item.module for item in library_imports(["python", *argv], str(folder))]


def test_the_imports_that_run_with_the_script_are_found(tmp_path: Path, write: Write) -> None:
    write(
        "train.py",
        """
        from __future__ import annotations
        import json, numpy as np
        from typing import TYPE_CHECKING
        from torch import nn, optim
        try:
            import pandas
        except ImportError:
            import scipy
        if TYPE_CHECKING:
            import rich
        class Model:
            import typer
        def main():
            import sqlalchemy
        if __name__ == "__main__":
            import psutil
        """,
    )
    found = library_imports(["python", "train.py"], str(tmp_path))
    names = {item.module for item in found}
    assert names >= {"json", "numpy", "torch", "pandas", "scipy", "typer", "psutil"}
    assert not names & {"rich", "sqlalchemy"}
    assert Import("torch", ("nn", "optim")) in found


def test_own_modules_are_followed_and_not_imported(tmp_path: Path, write: Write) -> None:
    write("src/train.py", "import model\nfrom data import load\nimport json")
    write("src/model.py", "import numpy")
    write("src/data/__init__.py", "from .load import read")
    write("src/data/load.py", "import scipy\nfrom ..data import other")
    write("src/data/other.py", "import pandas")
    assert set(modules(tmp_path, "src/train.py")) == {"json", "numpy", "scipy", "pandas"}


def test_a_module_is_found_from_the_working_folder(tmp_path: Path, write: Write) -> None:
    write("tool/__init__.py", "import numpy")
    write("tool/__main__.py", "from tool.run import main")
    write("tool/run.py", "import pandas")
    assert modules(tmp_path, "-m", "tool") == ["numpy", "pandas"]
    assert modules(tmp_path, "-m", "tool.run") == ["numpy", "pandas"]


def test_a_folder_of_a_librarys_name_hides_it_only_where_it_is_a_package(
    tmp_path: Path, write: Write
) -> None:
    write("train.py", "import numpy, pandas")
    write("numpy/results.csv", "")
    write("pandas/__init__.py", "import scipy")
    assert set(modules(tmp_path, "train.py")) == {"numpy", "scipy"}


@pytest.mark.parametrize("text", ["def (", "\0", "import", ""])
def test_a_script_that_is_no_python_imports_nothing(
    tmp_path: Path, write: Write, text: str
) -> None:
    write("train.py", text)
    assert modules(tmp_path, "train.py") == []


def test_what_counts_as_this_python(tmp_path: Path) -> None:
    here = os.path.dirname(sys.executable)
    env = {"PATH": here}
    other = tmp_path / "python"
    other.symlink_to(sys.executable)  # found elsewhere, so with other libraries

    def runs(*argv: str) -> bool:
        return runs_this_python(argv, env, str(tmp_path))

    assert runs(sys.executable, "train.py")
    assert runs("python", "train.py", "--lr", "1")
    assert runs("python3", "-m", "package")
    assert not runs("python", "-u", "train.py")
    assert not runs("python", "-c", "pass")
    assert not runs("python", "-m")
    assert not runs("python")
    assert not runs("torchrun", "train.py")
    assert not runs(str(other), "train.py")
    assert not runs("./python", "train.py")


def run_with_library(tmp_path: Path, write: Write, library: str) -> tuple[Exit, list[str], bool]:
    """Run a script that imports `library`'s source as an installed one; exit, notes, warm?"""
    write("site-packages/library.py", library)
    script = write("train.py", "import json, library, sys; sys.exit(library.CODE)")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site-packages")}
    executor = WarmExecutor([sys.executable, str(script)], env=env)
    job = make_job(tmp_path, script, env=env)
    notes: list[str] = []
    executor.start(job)
    while not (seen := executor.poll(1)).exits:
        notes += seen.notes
    warm = executor.is_warm(job)
    executor.close()
    return seen.exits[0], notes + seen.notes, warm


def test_a_sound_library_is_imported_ahead(tmp_path: Path, write: Write) -> None:
    exit, notes, warm = run_with_library(tmp_path, write, "CODE = 3")
    assert (exit.code, notes, warm) == (3, [], True)


def test_a_library_that_starts_threads_is_left_to_the_trials(tmp_path: Path, write: Write) -> None:
    library = """
        import threading, time
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
        CODE = 3
    """
    exit, notes, warm = run_with_library(tmp_path, write, library)
    assert (exit.code, warm) == (3, True)
    assert notes == ["library starts threads when imported: each trial imports it"]


def test_a_library_that_ends_the_launcher_means_cold_starts(tmp_path: Path, write: Write) -> None:
    library = """
        import os, sys
        if "-c" in sys.orig_argv:  # as the launcher is started, unlike the script
            os._exit(1)
        CODE = 3
    """
    exit, notes, warm = run_with_library(tmp_path, write, library)
    assert (exit.code, warm) == (3, False)
    assert notes == ["the script's imports failed in the launcher: trials start cold"]


def test_a_library_that_cannot_be_imported_fails_the_trial_alone(
    tmp_path: Path, write: Write
) -> None:
    exit, notes, warm = run_with_library(tmp_path, write, "raise RuntimeError('no licence')")
    assert (exit.code, exit.detail) == (1, "RuntimeError: no licence")
    assert (notes, warm) == ([], True)


def test_a_command_that_cannot_start_says_why(tmp_path: Path, write: Write) -> None:
    executor = WarmExecutor([sys.executable, "train.py"], env=os.environ)
    script = write("train.py", "")
    job = make_job(tmp_path, script, command=("no-such-program", "x"))
    executor.start(job)
    exit = first_exit(executor)
    executor.close()
    assert exit.code == 127
    assert exit.detail == "cannot start 'no-such-program': No such file or directory"
