"""Parameters of scripts that read their command line with argparse or optparse."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from lrsweep.scripts.booleans import boolean_texts
from lrsweep.scripts.parameter import Arguments, Default, Many, Parameter, plain
from lrsweep.scripts.parsers import Call, calls_of_parsers
from lrsweep.scripts.source import (
    Source,
    is_literal,
    keywords,
    last_name,
    literal,
    literal_list,
    literal_texts,
)
from lrsweep.space import Kind

_KINDS: Mapping[str, Kind] = {"float": "float", "int": "int", "str": "text", "Path": "text"}
# Functions that read a value as a language writes it.
_LITERALS: Mapping[str, Callable[[bool | None], str]] = {
    **dict.fromkeys(("eval", "literal_eval"), str),
    **dict.fromkeys(("loads", "safe_load"), json.dumps),
}
_NO_PARAMETER = ("help", "version")
_CONSTANTS = ("store_const", "append_const", "count", "callback")


def is_used(source: Source) -> bool:
    """Whether a parser is made or filled."""
    parsers = ("ArgumentParser", "OptionParser", "add_argument", "add_option")
    return any(source.uses(name) for name in parsers)


def parameters(source: Source) -> Iterator[Parameter]:
    """One for each option with a literal name, those of a subcommand with its name."""
    defaults = dict(_set_defaults(source))
    found = [p for call in calls_of_parsers(source) for p in _of_call(source, call, defaults)]
    yield from _with_both_switches(found)


def _set_defaults(source: Source) -> Iterator[tuple[str, ast.expr]]:
    for call in source.calls("set_defaults"):
        yield from keywords(call).items()


@dataclass(frozen=True, slots=True)
class _Given:
    """The arguments of one `add_argument`, made easy to ask."""

    flags: tuple[str, ...]
    said: Mapping[str, ast.expr]
    default: Default
    knows_default: bool

    def text(self, keyword: str) -> str:
        value = literal(self.said.get(keyword))
        return value if isinstance(value, str) else ""

    @property
    def action(self) -> str:
        return self.text("action") or last_name(self.said.get("action", ast.Constant(None)))


def _of_call(source: Source, call: Call, defaults: Mapping[str, ast.expr]) -> Iterator[Parameter]:
    flags = tuple(v for v in map(literal, call.node.args) if isinstance(v, str))
    said = keywords(call.node)
    if not flags or not flags[0].startswith("-"):
        return  # a positional argument, or none that can be read
    flag = next((f for f in flags if f.startswith("--")), flags[0])
    dest = literal(said.get("dest"))
    name = dest if isinstance(dest, str) else plain(flag.lstrip("-"))
    set_to = defaults.get(name)
    value = set_to if set_to is not None else said.get("default")
    missing = value is None or (isinstance(value, ast.Constant) and value.value is None)
    default = literal_list(value) or literal(value)
    given = _Given(flags, said, default, missing or is_literal(value) or default is not None)
    if given.action in _NO_PARAMETER:
        return
    also = tuple(dict.fromkeys(plain(f.lstrip("-")) for f in flags if plain(f.lstrip("-")) != name))
    base = Parameter(
        name,
        flag,
        default=default,
        knows_default=given.knows_default,
        choices=literal_texts(said.get("choices")),
        command=call.command,
        also=also,
        help=given.text("help"),
        required=literal(said.get("required")) is True,
    )
    yield from _with_values(source, base, given)


def _with_values(source: Source, base: Parameter, given: _Given) -> Iterator[Parameter]:
    match given.action:
        case "store_true":
            yield _switch(base, True, given)
        case "store_false":
            own = plain(base.flag.lstrip("-"))
            yield replace(_switch(base, False, given), also=())
            if own != base.name:  # --no-shuffle of `shuffle`: its own name says whether it is there
                there: Mapping[bool | None, Arguments] = {True: (base.flag,), False: (), None: None}
                yield replace(base, name=own, kind="bool", default=False, said=there, also=())
        case "BooleanOptionalAction":
            negation = f"--no-{base.flag.lstrip('-')}"
            off = _left_out(given, None)
            yield replace(
                base, kind="bool", said={True: (base.flag,), False: (negation,), None: off}
            )
        case action if action in _CONSTANTS:
            said: Mapping[bool | None, Arguments] = {True: (base.flag,), False: (), None: None}
            yield replace(base, kind="bool", said=said)
        case _:
            yield _with_type(source, base, given)


def _switch(base: Parameter, on: bool, given: _Given) -> Parameter:
    """A switch that makes its value `on`; the other one is what it is when it is left out."""
    default = base.default if isinstance(base.default, bool) else not on
    known = default is not on
    return replace(
        base,
        kind="bool",
        default=default,
        knows_default=given.knows_default,
        said={on: (base.flag,), not on: () if known else None, None: None},
    )


def _left_out(given: _Given, value: Default) -> Arguments:
    """No arguments where the option is then `value`; None where it is not."""
    return () if given.knows_default and given.default is value else None


def _with_type(source: Source, base: Parameter, given: _Given) -> Parameter:
    kind_of = given.said.get("type")
    named = literal(kind_of) or last_name(kind_of or ast.Constant(None))
    many: Many = "never"
    if "nargs" in given.said and literal(given.said["nargs"]) != "?":
        many = "items"
    if given.action in ("append", "extend"):
        many = "repeated"
    if named == "bool":
        false = _left_out(given, False)
        if false is None:
            false = (base.flag, "")
        said: Mapping[bool | None, Arguments] = {True: (base.flag, "True"), False: false}
        return replace(base, kind="bool", said={**said, None: _left_out(given, None)})
    if (texts := boolean_texts(source, kind_of)) is not None:
        none = _left_out(given, None)
        true, false_text = texts
        said = {True: (base.flag, true), False: (base.flag, false_text), None: none}
        return replace(base, kind="bool", said=said)
    if named in _LITERALS:
        words = {value: (base.flag, _LITERALS[str(named)](value)) for value in (True, False, None)}
        return replace(base, said=words, many=many if many != "never" else "literal")
    if kind_of is None and isinstance(base.default, bool):
        # A text, which is true unless it is empty.
        said = {not base.default: (base.flag, "" if base.default else "True"), base.default: ()}
        return replace(base, kind="bool", said={**said, None: None})
    kind = _KINDS.get(str(named)) or _inside_lambda(kind_of)
    if kind is None and kind_of is not None:
        base = replace(base, said={True: None, False: None})
        many = _lists_of(source, kind_of) if many == "never" else many
    if kind_of is None and isinstance(base.default, str) and many == "never":
        kind = "text"
    return replace(base, kind=kind, many=many)


def _lists_of(source: Source, kind_of: ast.expr) -> Many:
    """How a function of the script's own reads a list."""
    own = isinstance(kind_of, ast.Lambda)
    body: ast.AST | None = kind_of if own else source.function_named(last_name(kind_of))
    called = (
        {}
        if body is None
        else {last_name(node.func): node for node in ast.walk(body) if isinstance(node, ast.Call)}
    )
    if "split" in called:
        by = literal(called["split"].args[0]) if called["split"].args else " "
        return "commas" if by == "," else "unclear"
    return "literal" if set(_LITERALS) & set(called) else "unclear"


def _inside_lambda(kind_of: ast.expr | None) -> Kind | None:
    """The kind of `lambda s: float(s)`."""
    if isinstance(kind_of, ast.Lambda) and isinstance(kind_of.body, ast.Call):
        return _KINDS.get(last_name(kind_of.body.func))
    return None


def _with_both_switches(found: list[Parameter]) -> Iterator[Parameter]:
    """A pair of options such as `--amp` and `--no-amp` that set one name is one switch."""
    by_name: dict[tuple[str, str], Parameter] = {}
    for parameter in found:
        key = (parameter.name, parameter.command)
        before = by_name.get(key)
        if before is None or not (before.is_switch and parameter.is_switch):
            by_name.setdefault(key, parameter)
            continue
        one, other = before.said or {}, parameter.said or {}
        said: dict[bool | None, Arguments] = {
            value: one.get(value) or other.get(value) for value in (True, False)
        }
        by_name[key] = replace(before, said={**said, None: None})
    yield from by_name.values()


def is_complete(source: Source) -> bool:
    """Whether every option of the script stands in its source, and others are refused or unread."""
    return _all_literal(source) and not _filled_elsewhere(source) and not _rest_is_read(source)


def _all_literal(source: Source) -> bool:
    calls = [call for name in ("add_argument", "add_option") for call in source.calls(name)]
    return bool(calls) and all(call.args and is_literal(call.args[0]) for call in calls)


def _filled_elsewhere(source: Source) -> bool:
    """Whether a parser comes from, or is handed to, what is not in the source."""
    made = {
        target.id
        for node in source.nodes()
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name) and "pars" in last_name(node.value.func).lower()
    }
    for node in source.nodes():
        if not isinstance(node, ast.Call):
            continue
        name = last_name(node.func)
        if name in ("ArgumentParser", "add_parser"):
            parents = keywords(node).get("parents")
            for parent in ast.walk(parents) if parents is not None else ():
                if isinstance(parent, ast.Call) and not _is_known(source, last_name(parent.func)):
                    return True
            continue
        given = [*node.args, *(word.value for word in node.keywords)]
        handed = any(isinstance(item, ast.Name) and item.id in made for item in given)
        if handed and not _is_known(source, name):
            return True
    bases = (b for n in source.nodes() if isinstance(n, ast.ClassDef) for b in n.bases)
    return any(last_name(base) in ("Tap", "TypedArgumentParser") for base in bases)


def _is_known(source: Source, name: str) -> bool:
    own = source.function_named(name) is not None or source.class_named(name) is not None
    return own or name in ("ArgumentParser", "print", "isinstance", "vars")


def _rest_is_read(source: Source) -> bool:
    """Whether arguments that the parser does not know are used otherwise."""
    for node in source.nodes():
        if not (isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)):
            continue
        if last_name(node.value.func) != "parse_known_args":
            continue
        target = node.targets[0]
        if not isinstance(target, ast.Tuple) or len(target.elts) != 2:
            return True
        rest = last_name(target.elts[1])
        loads = (n for n in source.nodes() if isinstance(n, ast.Name) and n.id == rest)
        if any(isinstance(name.ctx, ast.Load) for name in loads):
            return True
    return False
