"""Commands that take the options of `run`: Typer reads them from a signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from lrsweep.cli.run import run

Borrow = Callable[[inspect.Parameter], inspect.Parameter | None]


def with_options_of_run(borrow: Borrow) -> Callable[[Callable[..., None]], Any]:
    """Gives a command each option of `run` as `borrow` gives it; None leaves it out."""

    def decorate(command: Any) -> Any:
        signature = inspect.signature(run, eval_str=True)
        borrowed = [p for p in map(borrow, signature.parameters.values()) if p is not None]
        command.__signature__ = signature.replace(parameters=borrowed)
        command.__annotations__ = {p.name: p.annotation for p in borrowed}
        return command

    return decorate
