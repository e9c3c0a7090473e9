"""Our code inside torch's: no exception and no frame of it is ever seen by the script."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class Guard:
    """Whether the observer looks at what happens now; all that code in torch's way reads.

    The first exception of the observer's own switches it off for good, and is kept.
    """

    def __init__(self) -> None:
        self.on = True
        self.looks = True
        self.problem = ""

    def failed(self, error: Exception) -> None:
        self.on = self.looks = False
        self.problem = f"{type(error).__name__}: {error}"[:200]


def follow(
    owner: Any,
    name: str,
    guard: Guard,
    *,
    before: Callable[..., Any] | None = None,
    after: Callable[..., Any] | None = None,
) -> bool:
    """Have `before(*args)` and `after(result, *args)` called around `owner.name` while we look.

    The function in its place has the name, the signature and the behaviour of the original; its
    frame is taken out of tracebacks. False where there is no such function.
    """
    original = getattr(owner, name, None)
    if original is None:
        return False

    @functools.wraps(original)
    def followed(*args: Any, **kwargs: Any) -> Any:
        if guard.looks and before is not None:
            try:
                before(*args)
            except Exception as error:
                guard.failed(error)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            if error.__traceback__ is not None:
                error.__traceback__ = error.__traceback__.tb_next
            raise
        if guard.looks and after is not None:
            try:
                after(result, *args)
            except Exception as error:
                guard.failed(error)
        return result

    setattr(owner, name, followed)
    return True
