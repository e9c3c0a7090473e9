"""Options of any program, from what it prints for `--help`, or from a usage in its docstring."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrsweep.scripts.parameter import Arguments, Default, Many, Parameter, plain
from lrsweep.space import Kind
from lrsweep.space.values import read_number

# `  -b, --batch-size N`, `  --[no]nesterov`, `  --bias / --no-bias`, `│ --lr FLOAT`, `  -lr RATE`.
_LINE = re.compile(r"^[\s│|*]{1,12}(?P<flags>-{1,2}[\w\[].*)$")
_FLAG = re.compile(
    r"(?P<flag>--?(?P<no>\[no-?\])?[A-Za-z][\w.-]*)"
    r"(?P<joint>[ =]|\[=?)?(?P<metavar>\{[^}]*\}|<[^>]*>|\[[^\]]*\]|[A-Z][\w.|:-]*"
    r"|(?:int|float|str|bool|text|number|list|integer|string)\b)?"
)
_DEFAULT = re.compile(r"[\[(]?\bdefaults?(?: is|:|=)\s*'?(?P<value>[^\s'\])},;]+)", re.I)
_FLOATS = ("float", "number", "double", "real", "rate", "lr")
_INTS = ("int", "integer", "n", "num", "count", "size")


def parameters_of_help(text: str) -> Iterator[Parameter]:
    """One for each option that `text` describes, as far as it can be told."""
    found: dict[str, Parameter] = {}
    for head, description in _options(text):
        parameter = _parameter(head, description)
        if parameter is not None and parameter.name not in ("help", "version", "helpfull"):
            found.setdefault(parameter.name, parameter)
    yield from found.values()


def _options(text: str) -> Iterator[tuple[str, str]]:
    """The line of each option, and all that follows it up to the next."""
    head, lines = "", list[str]()
    for line in text.splitlines():
        if begins := _LINE.match(line):
            if head:
                yield head, " ".join(lines)
            head, lines = begins["flags"], [begins["flags"]]
        elif head and line.strip() and line.startswith((" ", "│")):
            lines.append(line.strip(" │"))
        elif head:
            yield head, " ".join(lines)
            head, lines = "", []
    if head:
        yield head, " ".join(lines)


def _parameter(head: str, description: str) -> Parameter | None:
    # Two spaces or more part an option from its description.
    spelled = re.split(r"\s{2,}|\t", head, maxsplit=1)[0]
    negation = next(iter(re.findall(r"--no-?[\w.-]+", spelled.partition("/")[2])), "")
    flags = list(_FLAG.finditer(spelled.partition(" / ")[0].partition("/-")[0]))
    if not flags:
        return None
    best = next((m for m in flags if m["flag"].startswith("--")), flags[0])
    flag, metavar = best["flag"], next((m["metavar"] for m in reversed(flags) if m["metavar"]), "")
    if best["no"]:
        flag = flag.replace(best["no"], "")
        negation = flag.replace("--", f"--{best['no'].strip('[]')}", 1)
    if next((f for f in re.findall(r"--no-[\w.-]+", spelled) if f != flag), ""):
        negation = next(f for f in re.findall(r"--no-[\w.-]+", spelled) if f != flag)
    name = plain(flag.lstrip("-"))
    also = tuple(plain(m["flag"].lstrip("-")) for m in flags if m["flag"] != flag)
    default = _default(description)
    if not metavar:
        off: Arguments = (negation,) if negation else None if default is True else ()
        said: dict[bool | None, Arguments] = {True: (flag,), False: off, None: None}
        return Parameter(name, flag, "bool", default, default is not None, said=said, also=also,
                         help=description)  # fmt: skip
    choices: tuple[str, ...] = ()
    if metavar.startswith("{"):
        choices = tuple(item.strip() for item in metavar.strip("{}").split(","))
    elif "|" in metavar:
        choices = tuple(metavar.strip("[]<>").split("|"))
    many: Many = "items" if "..." in spelled else ""
    return Parameter(
        name, flag, _kind(metavar, choices, default), default, default is not None, choices, many,
        also=also, help=description,
    )  # fmt: skip


def _default(description: str) -> Default:
    found = _DEFAULT.search(description)
    if found is None:
        return None
    word = found["value"].rstrip(".")
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    number = read_number(word)
    return None if word in ("None", "null") else word if number is None else number


def _kind(metavar: str, choices: tuple[str, ...], default: Default) -> Kind | None:
    word = metavar.strip("<>[]").lower()
    if set(choices) and set(choices) <= {"True", "False", "true", "false"}:
        return "bool"
    if isinstance(default, float) or word in _FLOATS:
        return "float"
    return "int" if word in _INTS and isinstance(default, int) else None
