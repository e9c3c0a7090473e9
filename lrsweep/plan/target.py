"""What a trial runs, and how its parameters reach the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from lrsweep.errors import PlanError
from lrsweep.space import format_value
from lrsweep.trial import ParamValue

# Placeholders beside the parameters: what a trial knows about itself.
TRIAL_FACTS = ("trial", "seed", "dir", "study")

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Target:
    """A command with `{placeholders}`; parameters without one are appended as `--name value`.

    `label` names the target in messages and tells one study from another; `argv` is the template,
    one argument an item, never a shell string. `appends` is false where the template has
    placeholders of its own for parameters: then all of them must stand in it.
    """

    label: str
    argv: tuple[str, ...]
    cwd: str
    appends: bool

    @classmethod
    def of_command(cls, argv: Sequence[str], cwd: str, label: str = "") -> Target:
        """A target from a command; it appends where no parameter has a placeholder in it."""
        names = set(placeholders(argv)) - set(TRIAL_FACTS)
        return cls(label or " ".join(argv), tuple(argv), cwd, appends=not names)

    def check(self, names: Sequence[str]) -> None:
        """Raise `PlanError` unless placeholders and the parameters `names` fit together."""
        used = placeholders(self.argv)
        for name in used:
            if name not in names and name not in TRIAL_FACTS:
                known = ", ".join([*names, *TRIAL_FACTS])
                near = get_close_matches(name, [*names, *TRIAL_FACTS], n=1)
                raise PlanError(
                    f"the command has {{{name}}}, but there is no such parameter; known: {known}",
                    hint=f"did you mean {{{near[0]}}}?"
                    if near
                    else f"add -s {name}=… , or double the braces: {{{{{name}}}}}",
                )
        if self.appends:
            return
        for name in names:
            if name not in used:
                raise PlanError(
                    f"parameter {name!r} reaches the command nowhere",
                    hint=f"put {{{name}}} where its value belongs, for example --{name} {{{name}}}",
                )

    def render(
        self, params: Mapping[str, ParamValue], facts: Mapping[str, ParamValue]
    ) -> tuple[str, ...]:
        """The command of one trial.

        An argument whose parameter does not exist in this trial (its condition does not hold) is
        left out, together with the option before it.
        """
        values = {**facts, **params}
        argv: list[str] = []
        for argument in self.argv:
            if any(name not in values for name in placeholders([argument])):
                if argv and argv[-1].startswith("-") and argument.startswith("{"):
                    argv.pop()
                continue
            argv.append(_fill(argument, values))
        if self.appends:
            argv += _as_options(params)
        return tuple(argv)


def placeholders(argv: Iterable[str]) -> tuple[str, ...]:
    """The names in braces in `argv`, without repeats; raises `PlanError` for a lone brace."""
    found: dict[str, None] = {}
    for argument in argv:
        for match in _TOKEN.finditer(argument):
            if match.group() in ("{", "}"):
                raise PlanError(
                    f"a single {match.group()!r} in the argument {argument!r}",
                    hint=f"double it to mean the character itself: {match.group() * 2}",
                )
            if match.group(1) is not None:
                found[match.group(1)] = None
    return tuple(found)


def _fill(argument: str, values: Mapping[str, ParamValue]) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        return match.group()[0] if name is None else format_value(values[name])

    return _TOKEN.sub(replace, argument)


def _as_options(params: Mapping[str, ParamValue]) -> Iterable[str]:
    for name, value in params.items():
        if value is True:
            yield f"--{name}"
        elif value is not False:
            yield f"--{name}"
            yield format_value(value)
