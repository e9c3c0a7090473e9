"""Options of commands made from the declarations of settings: Typer reads them from a signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from lrsweep.settings import BY_NAME
from lrsweep.settings.declared import Declared

_POSITION = inspect.Parameter.POSITIONAL_OR_KEYWORD


def with_settings(names: Iterable[str]) -> Callable[[Callable[..., None]], Any]:
    """Gives a command an option for each of the settings `names`, after its own arguments.

    They come before its own options, and reach it as keywords.
    """
    options = [_option(BY_NAME[name]) for name in names]

    def decorate(command: Any) -> Any:
        signature = inspect.signature(command, eval_str=True)
        own = [p for p in signature.parameters.values() if p.kind is _POSITION]
        first = [p for p in own if p.name in ("ctx", "target")]
        parameters = [*first, *options, *(p for p in own if p not in first)]
        command.__signature__ = signature.replace(parameters=parameters)
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return decorate


def _option(one: Declared) -> inspect.Parameter:
    """What Typer makes the option of, its value None where nothing was said."""
    several = one.repeatable or one.setting.more
    kind: Any = list[str] if several else one.scalar or str
    flags = one.flags
    if one.default is True:  # a switch that is on is there to be switched off
        flags = (f"{flags[0]}/--no-{flags[0].removeprefix('--')}",)
    option: Any = typer.Option(
        *flags,
        help=one.help,
        metavar=one.setting.metavar or _metavar(one),
        autocompletion=_completion(one.choices),
        show_default=False,
        envvar=one.setting.variable,
        rich_help_panel=one.setting.panel,
    )
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(one.name, _POSITION, default=None, annotation=annotation)


def _metavar(one: Declared) -> str | None:
    """Its choices where they are few, else what kind of value it takes; None for a switch."""
    if one.scalar is bool:
        return None
    return "|".join(one.choices) if one.choices else "N" if one.scalar is int else "NAME"


def _completion(choices: tuple[str, ...]) -> Callable[[str], list[str]] | None:
    if not choices:
        return None

    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete
