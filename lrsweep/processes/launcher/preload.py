"""Imports before the first fork, and whether forking is still safe after them."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lrsweep.processes.launcher import teardown, thread_counts
from lrsweep.processes.launcher.imports import Import, library_imports

# What torch imports only when the first optimizer is made, a second or more.
_TORCH_LATER = ("torch._dynamo", "torch.utils.data")
_LEFT_OUT = " starts threads when imported: each trial imports it"
_COMMAND = (
    "import sys; sys.flags.safe_path or sys.path.pop(0);"
    " from lrsweep.processes.launcher.server import main; sys.exit(main())"
)


@dataclass(frozen=True, slots=True)
class Preload:
    """What to import for `argv` (empty: nothing), and what has been found to forbid forking."""

    argv: tuple[str, ...] = ()
    cwd: str = ""
    skip: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> Preload:
        content = json.loads(text)
        return cls(tuple(content["argv"]), content["cwd"], tuple(content["skip"]))

    def command(self, descriptor: int) -> list[str]:
        """The command that runs the launcher on the socket `descriptor`."""
        return [sys.executable, "-c", _COMMAND, str(descriptor), json.dumps(asdict(self))]

    def perform(self, descriptor: int) -> list[str]:
        """Import, and return a line for people on each library that was left out.

        A library whose import makes forking unsafe is left out by starting again without it: this
        process replaces itself and does not return.
        """
        if not self.argv:
            return []
        gc.disable()  # imports make a million objects that stay; looking through them takes longer
        teardown.begin_imports()
        for item in library_imports(self.argv, self.cwd):
            self._try(item, item.module.partition(".")[0], descriptor)
        if "torch" in sys.modules:
            for module in _TORCH_LATER:
                self._try(Import(module), module, descriptor)
        teardown.end_imports()
        thread_counts.find_libraries()
        gc.enable()
        gc.freeze()  # so that a collection in a trial does not touch, and copy, every page
        return [f"{name}{_LEFT_OUT}" for name in self.skip]

    def _try(self, item: Import, name: str, descriptor: int) -> None:
        if name in self.skip:
            return
        _import(item)
        if _forbids_forking():
            os.set_inheritable(descriptor, True)
            command = Preload(self.argv, self.cwd, (*self.skip, name)).command(descriptor)
            os.execv(command[0], command)


def left_out(notes: Iterable[str]) -> frozenset[str]:
    """The libraries of which `notes` say that each trial imports them."""
    return frozenset(note.removesuffix(_LEFT_OUT) for note in notes if note.endswith(_LEFT_OUT))


def _import(item: Import) -> None:
    """Import as the script would; what fails here fails there too, and is told there."""
    try:
        module: Any = importlib.import_module(item.module)
        for name in item.names:
            if not hasattr(module, name):
                importlib.import_module(f"{item.module}.{name}")
    except (Exception, SystemExit):
        return


def _forbids_forking() -> bool:
    """Whether there are threads, or a CUDA context, that a fork would leave broken."""
    return (
        threading.active_count() > 1
        or sum(1 for _ in _entries("/proc/self/task")) > 1
        or any("nvidia-uvm" in target for target in _open_files())
    )


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:  # no Linux
        return []


def _open_files() -> Iterator[str]:
    for number in _entries("/proc/self/fd"):
        try:
            yield os.readlink(f"/proc/self/fd/{number}")
        except OSError:  # the folder's own descriptor is closed by now
            continue
