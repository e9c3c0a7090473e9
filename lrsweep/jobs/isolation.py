"""A working folder of its own for each trial: a copy, or a git worktree, of the user's folder.

For scripts that write beside themselves. It lies in the trial's folder, and is removed when the
trial has ended.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from lrsweep.errors import StorageError
from lrsweep.plan import Target
from lrsweep.protocol import TrialFolder
from lrsweep.trial import Job

# What every trial would copy and none can need.
_LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", "lrsweep.db*", "lrsweep-runs")


def own_workdir(target: Target, folder: TrialFolder) -> str:
    """Where a trial runs; in a worktree as deep below its top as `target.cwd` in its own."""
    cwd = Path(target.cwd)
    top = repository_top(cwd) if target.isolate == "worktree" else cwd
    return str(folder.work / cwd.relative_to(top))


def repository_top(folder: Path) -> Path:
    """The top of the git repository around `folder`; `folder` itself where there is none."""
    above = (folder, *folder.parents)
    return next((parent for parent in above if (parent / ".git").exists()), folder)


def movable(target: Target) -> Target:
    """`target` with absolute paths below its folder made relative, so that they move along.

    The command is then the same in a trial's own folder and in the user's.
    """
    below = f"{target.cwd}/"
    return replace(target, argv=tuple(item.removeprefix(below) for item in target.argv))


def make_own_folder(job: Job) -> None:
    """Make the folder of `job` afresh; raises `OSError` or `StorageError` where that fails."""
    own, original = TrialFolder(job.folder).work, Path(job.original)
    remove_own_folder(job.isolate, own, original)
    if job.isolate == "worktree":
        _git(original, "worktree", "add", "--detach", "--force", str(own), "HEAD")
    else:
        # The sweep's own folder may lie inside the one that is copied.
        sweep_dir = TrialFolder(job.folder).path.parent.parent
        shutil.copytree(
            original,
            own,
            symlinks=True,
            ignore=lambda folder, names: {
                *_LEFT_OUT(folder, names),
                *(name for name in names if Path(folder, name) == sweep_dir),
            },
        )


def remove_own_folder(isolate: str, own: Path, original: Path) -> None:
    """Remove what `make_own_folder` made; nothing where it made nothing."""
    if not own.exists():
        return
    shutil.rmtree(own)
    if isolate == "worktree":
        _git(original, "worktree", "prune")


def _git(folder: Path, *arguments: str) -> None:
    command = ("git", "-C", str(folder), *arguments)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StorageError(f"git {' '.join(arguments[:2])} failed: {done.stderr.strip()}")
