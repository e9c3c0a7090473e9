"""How a forked trial becomes `python script.py …` or `python -m module …`.

What the interpreter itself does between its start and the first line of the script is done again
here, in the same order and with the same results (CPython's `pymain_run_python`). The end is the
interpreter's own: the script's exception or `SystemExit` leaves this process the ordinary way.
"""

from __future__ import annotations

import builtins
import importlib.machinery
import os
import runpy
import sys
from collections.abc import Sequence
from types import ModuleType, TracebackType
from typing import Any

from lrsweep.observe.surroundings import is_observed, with_hook
from lrsweep.observe.waiting import wait_for_torch
from lrsweep.processes.launcher import thread_counts
from lrsweep.processes.launcher.child_setup import Program

_MODULE_OPTION = "-m"


def is_readable(argv: Sequence[str]) -> bool:
    """Whether the script can be opened; if not, the real interpreter words the error best."""
    return argv[1] == _MODULE_OPTION or (os.path.isfile(argv[1]) and os.access(argv[1], os.R_OK))


def become(program: Program) -> None:
    """Run the script to its end; what it raises passes through."""
    os.environ.clear()
    os.environ.update(with_hook(program.env))
    thread_counts.follow(program.env)
    _draw_new_randomness()
    sys.orig_argv[:] = program.argv
    main = _new_main()
    if is_observed(program.env):
        wait_for_torch()
    if program.argv[1] == _MODULE_OPTION:
        _run_module(program.argv)
    else:
        _run_script(program.argv, main)


def _new_main() -> ModuleType:
    """A `__main__` as the interpreter makes it.

    Not the launcher's own: that one is kept from garbage collection, with all that is put into it.
    """
    main = ModuleType("__main__")
    vars(main)["__builtins__"] = builtins
    if "__annotations__" in vars(sys.modules["__main__"]):  # made ahead before Python 3.14
        vars(main)["__annotations__"] = {}
    sys.modules["__main__"] = main
    if "__mp_main__" in sys.modules:  # multiprocessing's second name for it
        sys.modules["__mp_main__"] = main
    return main


def _run_script(argv: Sequence[str], main: ModuleType) -> None:
    sys.argv[:] = argv[1:]
    _put_first(os.path.dirname(os.path.realpath(argv[1])))
    file = argv[1] if os.path.isabs(argv[1]) else f"{os.getcwd()}{os.sep}{argv[1]}"
    main.__file__ = file
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", file)
    main.__spec__ = None
    vars(main)["__cached__"] = None
    try:
        with open(file, "rb") as source:
            code = compile(source.read(), file, "exec", dont_inherit=True)
        exec(code, vars(main))
    except SystemExit:
        raise
    except BaseException:
        _hide_frames_above(file)
        raise


def _run_module(argv: Sequence[str]) -> None:
    sys.argv[:] = [_MODULE_OPTION, *argv[3:]]
    _put_first(os.getcwd())
    # What `python -m` calls, so that its frames in a traceback are the usual ones.
    run: Any = runpy._run_module_as_main  # type: ignore[attr-defined]
    try:
        run(argv[2])
    except SystemExit:
        raise
    except BaseException:
        _hide_frames_above(run.__code__.co_filename)
        raise


def _put_first(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path.insert(0, folder)


def _hide_frames_above(file: str) -> None:
    """Have an uncaught exception shown from its first frame in `file` on."""
    hook = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
        sys.excepthook = hook
        while frames is not None and frames.tb_frame.f_code.co_filename != file:
            frames = frames.tb_next
        error.__traceback__ = sys.last_traceback = frames
        hook(kind, error, frames)

    sys.excepthook = show


def _draw_new_randomness() -> None:
    """Two forks must not share what a fresh process draws; `random` sees to that itself."""
    numpy_random: Any = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.seed()
    process: Any = sys.modules.get("multiprocessing.process")
    if process is not None:
        process.current_process().authkey = os.urandom(32)
        process.ORIGINAL_DIR = os.getcwd()
