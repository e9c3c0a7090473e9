"""Waiting for a database that is away for a while: locked, restarting, out of reach, disk full."""

from __future__ import annotations

import time
from collections.abc import Callable

from lrsweep.store.database import DatabaseAway

# How long a sweep continues without its database. Trials run meanwhile; their reports are on disk.
PATIENCE_S = 60.0
_TRY_EVERY_S = 0.5


def _say_nothing(_text: str) -> None: ...


class Patience:
    """Tries writes again until they succeed or `PATIENCE_S` have passed since they failed first.

    `note` is told what is waited for, once, and the end of it; where `give_up` says so, nothing is
    waited for.
    """

    def __init__(self) -> None:
        self.note: Callable[[str], None] = _say_nothing
        self.give_up: Callable[[], bool] = lambda: False
        self._away_since: float | None = None
        self._tried_at = 0.0

    def attempt(self, write: Callable[[], None], *, wait: bool) -> bool:
        """Whether `write` succeeded; where it must, `wait` for it.

        Raises `DatabaseAway` where the time is up, and whatever else `write` raises.
        """
        while True:
            resting = self._away_since is not None and not wait
            if resting and time.monotonic() - self._tried_at < _TRY_EVERY_S:
                return False
            try:
                write()
            except DatabaseAway as error:
                self._bear(error)
                if not wait:
                    return False
                time.sleep(_TRY_EVERY_S)
            else:
                self._end()
                return True

    def _bear(self, error: DatabaseAway) -> None:
        self._tried_at = now = time.monotonic()
        if self._away_since is None:
            self._away_since = now
            self.note(f"{error.message}; waiting for it up to {PATIENCE_S:g} s")
        if now - self._away_since > PATIENCE_S or self.give_up():
            raise error

    def _end(self) -> None:
        if self._away_since is not None:
            self._away_since = None
            self.note("the study database answers again")
