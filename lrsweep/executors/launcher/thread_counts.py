"""How many threads the libraries use that were loaded before the trial's environment was known.

They read OMP_NUM_THREADS and its like when they are loaded, in the launcher; a trial that was
forked from it has values of its own, and tells them.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_OPENMP = "OMP_NUM_THREADS"
_OPENBLAS = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", _OPENMP)
_OPENMP_LIBRARIES = ("libgomp", "libiomp", "libomp")
_OPENMP_SETTERS = ("omp_set_num_threads",)
_OPENBLAS_SETTERS = (
    "openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "scipy_openblas_set_num_threads64_",
)
_setters: list[tuple[bool, Callable[[int], object]]] = []


def environment_for_imports(env: Mapping[str, str]) -> dict[str, str]:
    """`env` such that no library starts threads when it is imported."""
    return {**env, _OPENBLAS[0]: "1"}


def find_libraries() -> None:
    """Look for libraries with threads among those loaded; once, before the first fork."""
    _setters.clear()
    for path in _mapped_libraries():
        name = os.path.basename(path)
        if name.startswith(_OPENMP_LIBRARIES):
            _add(path, _OPENMP_SETTERS, is_openblas=False)
        elif "openblas" in name:
            _add(path, _OPENBLAS_SETTERS, is_openblas=True)


def follow(env: Mapping[str, str]) -> None:
    """Set the thread counts that `env` asks for, as if the libraries were loaded only now."""
    openmp = _number(env, [_OPENMP])
    openblas = _number(env, _OPENBLAS) or _cores()
    for is_openblas, set_threads in _setters:
        wanted = openblas if is_openblas else openmp
        if wanted:
            set_threads(wanted)
    torch: Any = sys.modules.get("torch")
    if torch is not None and openmp:
        torch.set_num_threads(openmp)


def _add(path: str, names: tuple[str, ...], *, is_openblas: bool) -> None:
    library = ctypes.CDLL(path)
    for name in names:
        if hasattr(library, name):
            _setters.append((is_openblas, getattr(library, name)))
            return


def _mapped_libraries() -> list[str]:
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    return sorted({line.split(maxsplit=5)[5] for line in lines if ".so" in line})


def _number(env: Mapping[str, str], names: list[str] | tuple[str, ...]) -> int | None:
    """The first positive number among the variables `names`; "4,2" means 4 at the outer level."""
    for name in names:
        first = env.get(name, "").partition(",")[0].strip()
        if first.isdigit() and int(first) > 0:
            return int(first)
    return None


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
