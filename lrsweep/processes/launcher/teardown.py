"""The end of a forked trial: what it made itself is torn down, what it was given is left alone.

Tearing down every library that was imported before the fork takes longer than many a trial, copies
every page of memory that trials share, and changes nothing that anybody sees. The script's own
modules, objects, exit handlers and files end as ever.
"""

from __future__ import annotations

import atexit
import ctypes
import sys
import weakref
from types import ModuleType
from typing import Any

_given: dict[str, ModuleType] = {}


def begin_imports() -> None:
    """Call before the imports: exit handlers run last in, first out, and this one must be last."""
    _given.update(sys.modules)
    atexit.register(_forget_given)


def end_imports() -> None:
    """Call after the imports and before the first fork."""
    before = set(_given)
    _given.clear()
    _given.update((name, module) for name, module in sys.modules.items() if name not in before)
    # What was made before the fork is shared: no trial cleans it away when it ends.
    finalizers: Any = getattr(weakref.finalize, "_registry")  # noqa: B009 - it has no public name
    for finalizer in finalizers:
        finalizer.atexit = False
    # Never freed, so that the interpreter does not clear these modules when it ends.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(_given))
    libc = ctypes.CDLL(None)
    if hasattr(libc, "on_exit"):
        # Static destructors, too, run last in, first out: those of libraries that the trial has
        # loaded, then these two, a flush and the end; and never those of the libraries given.
        libc.on_exit(libc._exit, None)
        libc.__cxa_atexit(libc.fflush, None, None)


def _forget_given() -> None:
    sys.modules.pop(
        "__mp_main__", None
    )  # a reference to the script, where multiprocessing is given
    for name, module in _given.items():
        if sys.modules.get(name) is module:
            del sys.modules[name]
