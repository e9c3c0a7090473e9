"""During a range test what `torch.save` writes goes into the trial's folder.

The model is spoilt then, and must not take the place of a checkpoint that somebody needs. What the
script loads again it finds there.
"""

from __future__ import annotations

import functools
import os
import shutil
from typing import Any


class SavedAside:
    """The folder for such files; made when the first is saved, and removed with the last."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._moved: dict[str, str] = {}

    def follow(self, torch: Any) -> None:
        """Have `torch.save` write here, and `torch.load` find it."""
        save, load = torch.save, torch.load

        @functools.wraps(save)
        def save_aside(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
            return save(obj, self._aside(f) if _is_path(f) else f, *args, **kwargs)

        @functools.wraps(load)
        def load_again(f: Any, *args: Any, **kwargs: Any) -> Any:
            moved = self._moved.get(os.path.abspath(f)) if _is_path(f) else None
            return load(moved or f, *args, **kwargs)

        torch.save, torch.load = save_aside, load_again

    def remove(self) -> None:
        """Remove what was saved."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _aside(self, path: Any) -> str:
        wanted = os.path.abspath(os.fspath(path))
        os.makedirs(self._folder, exist_ok=True)
        name = f"{len(self._moved)}-{os.path.basename(wanted)}"
        return self._moved.setdefault(wanted, os.path.join(self._folder, name))


def _is_path(f: Any) -> bool:
    return isinstance(f, (str, os.PathLike)) and isinstance(os.fspath(f), str)
