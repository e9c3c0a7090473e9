"""Parameters of scripts that read their command line with click."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.option import Option
from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.source import Source, keywords, last_name, literal, literal_texts


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each `@click.option` with a literal name."""
    for call in source.calls("option"):
        texts = [value for value in map(literal, call.args) if isinstance(value, str)]
        long = next((text for text in texts if text.startswith("--")), None)
        if long is None:
            continue
        flag, _, negation = long.partition("/")
        said = keywords(call)
        switch = bool(negation) or literal(said.get("is_flag")) is True
        choices = _choices(said.get("type"))
        help_text = literal(said.get("help"))
        yield Parameter(
            flag.lstrip("-").replace("-", "_"),
            Option(
                flag,
                negation.strip(),
                takes_value=not switch,
                takes_list="nargs" in said,
                repeats=literal(said.get("multiple")) is True,
            ),
            literal(said.get("default")),
            choices,
            help_text if isinstance(help_text, str) else "",
        )


def _choices(kind: ast.expr | None) -> tuple[str, ...]:
    """The texts of `click.Choice(["sgd", "adam"])`."""
    if isinstance(kind, ast.Call) and last_name(kind.func) == "Choice" and kind.args:
        return literal_texts(kind.args[0])
    return ()
