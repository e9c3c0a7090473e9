"""What a trial runs, and how its parameters reach it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from lrsweep.errors import PlanError
from lrsweep.plan.placeholders import fill, placeholders
from lrsweep.plan.template import Template
from lrsweep.scripts import Interface
from lrsweep.scripts.parameter import StyleName
from lrsweep.space import Kind, Space
from lrsweep.space.head import name_of
from lrsweep.trial import ParamValue

# Placeholders beside the parameters: what a trial knows about itself.
TRIAL_FACTS = ("trial", "seed", "dir", "study", "gpus")
CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Target:
    """A command with `{placeholders}`, and what becomes of the parameters that have none.

    `label` names the target in messages and tells one study from another; `argv` is the template,
    one argument an item, never a shell string; `env` holds (name, text with placeholders) pairs.
    A parameter without a placeholder is set in `template` where that has its key, otherwise
    appended to the command in `style`. Where `style` is None it would be lost, and is refused.
    `why` says in words how the style was found, and `interface` what is known of the script.
    `isolate` is "copy" or "worktree" where each trial gets a folder of its own instead of `cwd`.
    """

    label: str
    argv: tuple[str, ...]
    cwd: str
    style: StyleName | None = None
    why: str = field(default="", compare=False)
    interface: Interface | None = field(default=None, compare=False)
    env: tuple[tuple[str, str], ...] = ()
    template: Template | None = None
    isolate: str | None = None

    def texts(self) -> tuple[str, ...]:
        """Everything that may hold a placeholder."""
        return (*self.argv, *(text for _, text in self.env))

    def kinds(self, texts: Sequence[str]) -> dict[str, Kind]:
        """What the script takes for the parameters that `texts` of the grammar are about."""
        return {} if self.interface is None else self.interface.kinds(list(map(name_of, texts)))

    def check(self, space: Space) -> None:
        """Raise `PlanError` unless every value of `space` reaches the script as what it is."""
        names = space.names()
        facts = (*TRIAL_FACTS, CONFIG) if self.template else TRIAL_FACTS
        used = placeholders(self.texts())
        for name in used:
            if name not in names and name not in facts:
                raise _unknown(name, [*names, *facts])
        if self.template is not None and CONFIG not in used:
            raise PlanError(
                f"the file made from {self.template.path} reaches the command nowhere",
                hint="put {config} where its path belongs, for example --config {config}",
            )
        unplaced = [name for name in names if name not in used and not self._in_template(name)]
        if self.style is None:
            for name in unplaced:
                self._refuse_unless_in_template(name)
        elif self.style != "none":
            self._interface.check(space, unplaced, self.argv)

    def _refuse_unless_in_template(self, name: str) -> None:
        if self.template is None:
            raise PlanError(
                f"parameter {name!r} reaches the command nowhere",
                hint=f"put {{{name}}} where its value belongs, for example --{name} {{{name}}}",
            )
        self.template.check(name)

    def render(
        self, params: Mapping[str, ParamValue], facts: Mapping[str, ParamValue]
    ) -> tuple[str, ...]:
        """The command of one trial.

        An argument whose parameter is None, or does not exist in this trial (its condition does
        not hold), is left out, together with the option before it.
        """
        values = {**facts, **params}
        argv: list[str] = []
        for argument in self.argv:
            if any(values.get(name) is None for name in placeholders([argument])):
                if argv and argv[-1].startswith("-") and argument.startswith("{"):
                    argv.pop()
                continue
            argv.append(fill(argument, values))
        if self.style is not None:
            placed = placeholders(self.texts())
            rest = {
                name: value
                for name, value in params.items()
                if name not in placed and not self._in_template(name)
            }
            argv = self._interface.extended(argv, rest)
        return tuple(argv)

    def environment(
        self, params: Mapping[str, ParamValue], facts: Mapping[str, ParamValue]
    ) -> dict[str, str]:
        """The environment variables of one trial; one whose parameter is absent is left out."""
        values = {**facts, **params}
        return {
            name: fill(text, values)
            for name, text in self.env
            if all(values.get(used) is not None for used in placeholders([text]))
        }

    def config(self, params: Mapping[str, ParamValue], facts: Mapping[str, ParamValue]) -> str:
        """The text of the configuration file of one trial; only where there is a template."""
        assert self.template is not None
        ours = {k: v for k, v in params.items() if self._in_template(k)}
        return self.template.render(ours, facts)

    @property
    def _interface(self) -> Interface:
        assert self.style is not None
        return self.interface or Interface(self.style)

    def _in_template(self, name: str) -> bool:
        return self.template is not None and name in self.template.names()


def _unknown(name: str, known: list[str]) -> PlanError:
    near = get_close_matches(name, known, n=1)
    return PlanError(
        f"the command has {{{name}}}, but there is no such parameter; known: {', '.join(known)}",
        hint=f"did you mean {{{near[0]}}}?"
        if near
        else f"add -s {name}=… , or double the braces: {{{{{name}}}}}",
    )
