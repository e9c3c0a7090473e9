"""How many threads OpenBLAS uses when it was loaded before the trial that uses it.

OpenBLAS starts its threads when it is loaded. The launcher has it start none, since it must fork
without threads, and every trial then asks for as many as a fresh process would have had.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping
from pathlib import Path

_VARIABLES = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")
_SETTERS = (
    "openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "scipy_openblas_set_num_threads64_",
)
_setters: list[Callable[[int], object]] = []


def environment_for_imports(env: Mapping[str, str]) -> dict[str, str]:
    """`env` such that OpenBLAS starts no threads when it is loaded."""
    return {**env, _VARIABLES[0]: "1"}


def find_libraries() -> None:
    """Diagnosis for copies of OpenBLAS among the loaded libraries; once, before the first fork."""
    for path in _mapped_libraries():
        if "openblas" in os.path.basename(path):
            library = ctypes.CDLL(path)
            _setters.extend(getattr(library, name) for name in _SETTERS if hasattr(library, name))


def follow(env: Mapping[str, str]) -> None:
    """Have OpenBLAS use the threads that it would use if it were loaded only now, under `env`."""
    numbers = [env.get(name, "").strip() for name in _VARIABLES]
    wanted = next((int(n) for n in numbers if n.isdigit() and int(n) > 0), _cores())
    for set_threads in _setters:
        set_threads(wanted)


def _mapped_libraries() -> list[str]:
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return []
    return sorted({line.split(maxsplit=5)[5] for line in lines if ".so" in line})


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
