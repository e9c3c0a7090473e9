"""How a command takes its parameters: which it has, how each is written, and where it stands."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from lrsweep.errors import PlanError
from lrsweep.scripts.parameter import Parameter, StyleName, plain
from lrsweep.scripts.styles import CannotBeSaid, arguments
from lrsweep.space import Choice, Fixed, Kind, Space, format_value
from lrsweep.space import Parameter as Searched
from lrsweep.terms import is_batch_size, is_learning_rate, is_optimizer
from lrsweep.trial import ParamValue

# Styles in which an option may be a switch, so that an unknown one cannot be given true or false.
_MAY_BE_SWITCH = ("argparse", "single")
_MEANINGS = (is_learning_rate, is_batch_size, is_optimizer)
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Group:
    """An option before the `name=value` or `NAME value` of one style: once, or before each."""

    flag: str = ""
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """What a command takes after its own arguments.

    `style` is how parameters that are not `known` are written. `complete` says that there are
    certainly no others, `reads_nothing` that the script reads no arguments at all. `label` names
    the script in errors, `commands` are its subcommands.
    """

    style: StyleName
    known: tuple[Parameter, ...] = ()
    complete: bool = False
    commands: tuple[str, ...] = ()
    groups: Mapping[str, Group] | None = None
    reads_nothing: bool = False
    label: str = "the command"

    def find(self, name: str, argv: Sequence[str] = ()) -> Parameter | None:
        """The parameter `name`, of the subcommand in `argv` or of the program itself."""
        named = [p for p in self.known if p.is_named(name)]
        exact = [p for p in named if plain(p.name) == plain(name)] or named
        active = self._active(argv)
        ours = [p for p in exact if p.command and p.command == active]
        main = [p for p in exact if not p.command]
        others = exact if active is None else []
        return next(iter(ours or main or others), None)

    def kinds(self, names: Sequence[str]) -> dict[str, Kind]:
        """What the script takes for those of `names` of which it is known."""
        found = {name: self.find(name) for name in names}
        return {name: p.kind for name, p in found.items() if p is not None and p.kind is not None}

    def check(self, space: Space, names: Sequence[str], argv: Sequence[str]) -> None:
        """Raise `PlanError` unless `names` can be handed over with every value of `space`."""
        for name in names:
            if self.reads_nothing:
                raise self._reads_nothing(name)
            if self.find(name, argv) is None and self.complete:
                raise self._unknown(name, argv)
        for searched in space.parameters:
            if searched.name in names:
                for value in _values(searched):
                    self._check_value(searched.name, value, argv)

    def _check_value(self, name: str, value: ParamValue, argv: Sequence[str]) -> None:
        try:
            self._arguments(name, value, argv)
        except CannotBeSaid as reason:
            found = self.find(name, argv)
            raise PlanError(
                f"{name}={format_value(value)} cannot be said to {self.label}: {reason}",
                hint=self._remedy(name, found, value, argv),
            ) from None

    def _remedy(
        self, name: str, found: Parameter | None, value: ParamValue, argv: Sequence[str]
    ) -> str | None:
        """What to do about a value that cannot be said: where its texts may stand, if they may."""
        if found is not None and (found.is_switch or found.kind in ("int", "float", "bool")):
            return None
        if value is None or (found is not None and found.choices):
            return None
        flag = (found.flag if found else "") or f"--{name}"
        command = shlex.join([Path(word).name if i == 0 else word for i, word in enumerate(argv)])
        return (
            f"write the texts that it takes where they belong: -s \"{name}='on','off'\" --"
            f" {command} {flag} {{{name}}}"
        )

    def extended(self, argv: Sequence[str], params: Mapping[str, ParamValue]) -> list[str]:
        """`argv` with `params` where the program takes them."""
        main: list[str] = []
        end: list[str] = []
        grouped: dict[str, list[str]] = {}
        active = self._active(argv)
        for name, value in params.items():
            found = self.find(name, argv)
            style = (found.style if found else None) or self.style
            written = self._arguments(name, value, argv)
            if style in (self.groups or {}):
                grouped.setdefault(style, []).extend(written)
            elif active is not None and (found is None or not found.command):
                main += written
            else:
                end += written
        place = self._before(argv, active)
        words = [*argv[:place], *main, *argv[place:]]
        if grouped and not main:
            place = self._before_pairs(words)
            words, end = [*words[:place], *end, *words[place:]], []
        words += end
        for key, pairs in grouped.items():
            words = _with_group((self.groups or {})[key], words, pairs)
        return words

    def _arguments(self, name: str, value: ParamValue, argv: Sequence[str]) -> tuple[str, ...]:
        found = self.find(name, argv)
        if found is not None:
            return arguments(found.style or self.style, found, value)
        if isinstance(value, bool) and self.style in _MAY_BE_SWITCH:
            raise CannotBeSaid(f"whether --{name} is a switch or takes a value is not known")
        return arguments(self.style, Parameter(name), value)

    def _active(self, argv: Sequence[str]) -> str | None:
        """The subcommand that `argv` runs; None where it names none."""
        return next((word for word in argv[1:] if word in self.commands), None)

    def _before(self, argv: Sequence[str], active: str | None) -> int:
        return list(argv).index(active) if active is not None else len(argv)

    def _before_pairs(self, argv: Sequence[str]) -> int:
        """Where the first `NAME value` of the user's own stands: what follows takes no options."""
        names = {p.name for p in self.known if p.style in (self.groups or {})}
        flags = {group.flag for group in (self.groups or {}).values()} - {""}
        places = (i for i, word in enumerate(argv) if word in names or word in flags)
        return next(places, len(argv))

    def _unknown(self, name: str, argv: Sequence[str]) -> PlanError:
        elsewhere = [p for p in self.known if p.is_named(name) and p.command]
        active = self._active(argv)
        if elsewhere and active is not None:
            return PlanError(
                f"{name!r} belongs to {elsewhere[0].command}, and {self.label} runs {active}",
                hint=f"leave {name} out, or run {elsewhere[0].command}",
            )
        near = nearest(name, [p.name for p in self.known])
        names = ", ".join([p.name for p in self.known][:_SHOWN])
        others = len(self.known) - _SHOWN
        more = f" and {others} more" if others > 0 else ""
        return PlanError(
            f"{self.label} has no parameter {name!r}; it has {names}{more}"
            if self.known
            else f"{self.label} has no parameter {name!r}",
            hint=f"did you mean {near}?" if near else None,
        )

    def _reads_nothing(self, name: str) -> PlanError:
        return PlanError(
            f"{self.label} reads no arguments, so that {name} would not reach it",
            hint=f"read it in the script: lrsweep.current_trial().params.get({name!r}, …), or set"
            f" the environment: --env {name.upper()}={{{name}}}",
        )


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The one of `known` that `name` most likely means: the same thing, or spelled alike."""
    last = {k: plain(k).rpartition(".")[2].lower() for k in known}
    wanted = plain(name).lower().rpartition(".")[2]
    for one in known:
        if last[one] == wanted:
            return one
    for means in _MEANINGS:
        if means(name):
            same = [k for k in known if means(k)]
            if same:
                return min(same, key=len)
    near = get_close_matches(plain(name).lower(), [plain(k).lower() for k in known], n=1)
    near = near or get_close_matches(wanted, list(last.values()), n=1)
    for one in known:
        if near and near[0] in (plain(one).lower(), last[one]):
            return one
    return None


def _values(searched: Searched) -> tuple[ParamValue, ...]:
    """Values that stand for all of `searched`: every one of a choice, a range's ends."""
    if isinstance(searched, Choice | Fixed):
        return searched.grid()
    return (searched.low, searched.high)


def _with_group(group: Group, argv: list[str], written: list[str]) -> list[str]:
    if not group.flag:
        return [*argv, *written]
    if group.repeated:
        return [*argv, *(f"{group.flag}={word}" for word in written)]
    if group.flag not in argv:
        return [*argv, group.flag, *written]
    after = argv.index(group.flag) + 1
    end = next((i for i in range(after, len(argv)) if argv[i].startswith("--")), len(argv))
    return [*argv[:end], *written, *argv[end:]]
