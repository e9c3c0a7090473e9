"""A script that can train over several processes is started by torchrun, one process a GPU."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lrsweep.scripts import Script

# What a script that does its part of a data-parallel training cannot do without.
_JOINS = ("init_process_group", "init_device_mesh", "Accelerator")
# `python -m torch.distributed.run` is torchrun, with this very Python. Its own logs would stay in
# the system's folder for temporary files.
_TORCHRUN = (
    *("-m", "torch.distributed.run", "--standalone"),
    *("--nproc-per-node", "{gpus}", "--log-dir", "{dir}/torchrun"),
)


def with_torchrun(argv: Sequence[str], script: Script | None) -> tuple[str, ...]:
    """The command that trains `script` over `{gpus}` processes; any other is left as it is.

    A command that the user wrote is one of those, and so is a script that takes several GPUs by
    other means.
    """
    started_here = argv[0] == sys.executable and argv[1].endswith(".py")
    if script is None or not started_here or not _joins(script):
        return tuple(argv)
    return (argv[0], *_TORCHRUN, *argv[1:])


def is_torchrun(argv: Sequence[str]) -> bool:
    """Whether a command starts its script with torchrun, so that only torchrun starts warm."""
    return tuple(argv[1:3]) == _TORCHRUN[:2] or argv[0].rpartition("/")[2] == "torchrun"


def _joins(script: Script) -> bool:
    source = script.source
    return source is not None and (source.trains_with_lrsweep or any(map(source.uses, _JOINS)))
