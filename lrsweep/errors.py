"""Every error that lrsweep raises on purpose, and the only map from an error to an exit code.

    LrsweepError                 1   something went wrong; the sentence says what
    ├── InputError               2   the user can mend it: what is wrong, where, what would be right
    │   ├── SpaceError           2   a parameter of the search space (`--space`, `--set`)
    │   ├── PlanError            2   an option, a `sweep.toml`, a target
    │   ├── StudyMismatch        2   the study exists and was made with other settings
    │   └── NotFound             2   no such study, trial, bundled study or file
    ├── StorageError             1   the database or a trial folder cannot be read or written
    ├── ThresholdMissed          3   the sweep ran and missed a threshold that was asked for
    ├── TooManyFailed            4   too many trials failed
    └── Interrupted            130   stopped by the user; the same command resumes

Messages are whole sentences, without a trailing period where they end in something to copy.
Commands let these errors rise; `lrsweep.cli` prints them once and exits with `exit_code(error)`.
"""

from __future__ import annotations

__all__ = [
    "InputError",
    "Interrupted",
    "LrsweepError",
    "NotFound",
    "PlanError",
    "SpaceError",
    "StorageError",
    "StudyMismatch",
    "ThresholdMissed",
    "TooManyFailed",
    "exit_code",
]


class LrsweepError(Exception):
    """Root of the tree. `hint` is an optional second line: what would be right, ready to copy."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(LrsweepError):
    """The user's input is at fault; nothing was written."""


class SpaceError(InputError):
    """A parameter of the search space cannot be understood."""


class PlanError(InputError):
    """An option, a configuration file or a target cannot be understood."""


class StudyMismatch(InputError):
    """The named study exists and was made with another space, direction or target."""


class NotFound(InputError):
    """A study, a trial, a bundled study or a file that does not exist."""


class StorageError(LrsweepError):
    """The database or a trial folder cannot be read or written."""


class ThresholdMissed(LrsweepError):
    """The sweep ran, and its best value misses a threshold that was asked for."""


class TooManyFailed(LrsweepError):
    """More trials failed than the plan allows."""


class Interrupted(LrsweepError):
    """The user stopped the sweep; running the same command again resumes it."""


_EXIT_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (InputError, 2),
    (ThresholdMissed, 3),
    (TooManyFailed, 4),
    (Interrupted, 130),
)


def exit_code(error: BaseException) -> int:
    """The exit code of the command line for `error`; 1 for whatever is not in the table."""
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 1)
