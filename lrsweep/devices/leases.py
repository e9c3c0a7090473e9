"""Which GPUs of this host belong to which sweep: a lock a GPU that is dropped with its owner.

The locks lie in the system's folder for temporary files and work between users. They keep two
sweeps from taking the same GPU by accident, no more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path

from lrsweep.devices.nvml import Gpu
from lrsweep.errors import StorageError


class GpuLeases:
    """The GPUs that this process holds (`held`), and who has those that it could not get (`taken`).

    The kernel drops the locks when this process ends, however it ends; no process that it starts
    inherits them.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.gettempdir(), "lrsweep-gpus")
        self._files: list[int] = []
        self.held: list[Gpu] = []
        self.taken: dict[Gpu, str] = {}

    def acquire(self, gpus: Sequence[Gpu], owner: str) -> None:
        """Take those of `gpus` that are free; `owner` is what others are told of this sweep.

        Raises `StorageError` where the folder of the locks cannot be used.
        """
        try:
            self._make_folder()
            for gpu in gpus:
                self._take(gpu, owner)
        except OSError as error:
            raise StorageError(
                f"cannot lock a GPU in {self._folder}: {error.strerror}",
                hint="--share-gpus does without locks",
            ) from error

    def release(self) -> None:
        """Give all of them back."""
        for file in self._files:
            os.close(file)
        self._files.clear()
        self.held.clear()

    def keep(self, uuids: Collection[str]) -> None:
        """Give back all others than the GPUs `uuids`."""
        both = list(zip(self.held, self._files, strict=True))
        for gpu, file in both:
            if gpu.uuid not in uuids:
                os.close(file)
        self.held = [gpu for gpu, _ in both if gpu.uuid in uuids]
        self._files = [file for gpu, file in both if gpu.uuid in uuids]

    def __enter__(self) -> GpuLeases:
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    def _make_folder(self) -> None:
        with contextlib.suppress(FileExistsError):
            self._folder.mkdir()
            self._folder.chmod(0o1777)  # as /tmp: for every user, and nobody deletes another's

    def _take(self, gpu: Gpu, owner: str) -> None:
        file = _open_for_all(self._folder / f"{gpu.uuid}.lock")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.taken[gpu] = os.read(file, 1000).decode(errors="replace").strip()
            os.close(file)
            return
        os.ftruncate(file, 0)
        os.write(file, f"{owner}\n".encode())
        self._files.append(file)
        self.held.append(gpu)


def _open_for_all(path: Path) -> int:
    # First without O_CREAT: with it, Linux refuses another user's file in a folder like /tmp.
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        with contextlib.suppress(PermissionError):  # another user was quicker
            os.fchmod(file, 0o666)
        return file
