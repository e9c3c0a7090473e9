"""Parameters of scripts that read their command line with argparse."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lrsweep.scripts.option import Option
from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.source import Source, keywords, last_name, literal, literal_texts

_SWITCHES = ("store_true", "store_false")
_NO_PARAMETER = ("help", "version", "store_const", "append_const", "count")


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each `add_argument` with a literal option name."""
    for node in source.nodes():
        if isinstance(node, ast.Call) and last_name(node.func) in _adders(source):
            found = _parameter(node)
            if found is not None:
                yield found


def _adders(source: Source) -> set[str]:
    """`add_argument`, and names that it was given: `add = parser.add_argument`."""
    return {
        "add_argument",
        *(
            target.id
            for node in source.nodes()
            if isinstance(node, ast.Assign) and last_name(node.value) == "add_argument"
            for target in node.targets
            if isinstance(target, ast.Name)
        ),
    }


def _parameter(call: ast.Call) -> Parameter | None:
    texts = [value for value in map(literal, call.args) if isinstance(value, str)]
    flags = [text for text in texts if text.startswith("-")]
    long = [flag for flag in flags if flag.startswith("--")]
    said = keywords(call)
    action = literal(said["action"]) if "action" in said else None
    optional = last_name(said["action"]) if "action" in said else ""
    if not flags or action in _NO_PARAMETER:
        return None
    flag = (long or flags)[0]
    destination = literal(said.get("dest"))
    name = flag.lstrip("-").replace("-", "_")
    if action == "store_false" and isinstance(destination, str):
        return Parameter(destination, Option("", flag), True, help=_help(said))
    switch = action in _SWITCHES or optional == "BooleanOptionalAction"
    negation = f"--no-{flag.lstrip('-')}" if optional == "BooleanOptionalAction" else ""
    default = literal(said.get("default"))
    if action == "store_true" and default is None:
        default = False
    option = Option(flag, negation, takes_value=not switch, takes_list="nargs" in said)
    return Parameter(name, option, default, literal_texts(said.get("choices")), _help(said))


def _help(said: dict[str, ast.expr]) -> str:
    text = literal(said.get("help"))
    return text if isinstance(text, str) else ""
