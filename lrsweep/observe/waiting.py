"""Waits until torch is imported, then starts the observer: at once, where it is imported already.

Standard library only, and few lines: every observed Python runs them when it starts.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes as long to import as all of this
    from typing import Any

NAME = "_lrsweep_observe"
# Where this file lies; set by the `sitecustomize` that runs it without importing it.
FOLDER: str = globals().get("FOLDER") or os.path.dirname(os.path.abspath(__file__))


def wait_for_torch() -> None:
    """Observe this process, from the moment that it has torch."""
    if "torch" in sys.modules:
        _start()
    else:
        sys.meta_path.insert(0, _TorchFinder())


def load() -> "Any":
    """The observer, loaded from its folder: the same in Pythons that know no lrsweep."""
    if NAME not in sys.modules:
        from importlib.util import module_from_spec, spec_from_file_location

        folder = os.path.join(FOLDER, "training")
        file = os.path.join(folder, "__init__.py")
        spec = spec_from_file_location(NAME, file, submodule_search_locations=[folder])
        assert spec is not None
        assert spec.loader is not None
        sys.modules[NAME] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[NAME])
    return sys.modules[NAME]


def _start() -> None:
    try:
        load().start()
    except Exception:
        return


class _TorchFinder:
    """Finds torch where the others find it, and runs the observer once its import is done."""

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        if name != "torch":
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = None if finder is self or find is None else find(name, path, target)
            if spec is not None:
                self._follow(spec.loader)
                return spec
        return None

    def _follow(self, loader: "Any") -> None:
        execute = getattr(loader, "exec_module", None)
        if execute is None:
            return

        def exec_module(module: "Any") -> None:
            del loader.exec_module
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            _start()

        # Its frame is hidden where an import fails, as those of the import system are.
        hidden = exec_module.__code__.replace(co_filename="<frozen importlib._bootstrap>")
        exec_module.__code__ = hidden
        try:
            loader.exec_module = exec_module
        except AttributeError:
            return
