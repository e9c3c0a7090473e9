"""The line of `lrsweep run` that sweeps a command, from what was typed and what one run showed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from lrsweep.capture import Finding, objectives
from lrsweep.plan import RunOptions, SweepPlan
from lrsweep.plan.options import flag_of
from lrsweep.plan.placeholders import placeholders
from lrsweep.probing.run import ProbeRun
from lrsweep.scripts import Script
from lrsweep.scripts.interface import Interface
from lrsweep.scripts.outputs import Apart, keep_apart, metric_pattern, place_of
from lrsweep.scripts.searching import endless, first_rate, main_rate_among
from lrsweep.space import Fixed
from lrsweep.space.head import name_of
from lrsweep.terms import is_main_rate
from lrsweep.trial import Direction

_EXAMPLE_RANGE = "1e-5:1"
# Of a probe, or what it finds out.
_NOT_KEPT = ("timeout", "metric_regex", "space")


@dataclass(frozen=True, slots=True)
class Proposed:
    """Lines to copy, one for each direction that the metric may have; none where there are none.

    `remarks` say what was decided and what is to be decided.
    """

    lines: tuple[tuple[Direction | None, str], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def line(self) -> str | None:
        """The one line; None where there is none, or a question is open."""
        return self.lines[0][1] if len(self.lines) == 1 else None


def propose_line(
    options: RunOptions, plan: SweepPlan, run: ProbeRun, script: Script | None
) -> Proposed:
    """The line that sweeps the command of `options`, of which `run` of `plan` is one run."""
    interface = plan.target.interface
    remarks: list[str] = []
    apart = Apart()
    if options.isolate is None:
        apart = keep_apart(run.written, interface, run.folder_bytes)
        if options.jobs == 1 and not apart.arguments:
            apart = Apart()
    if apart.why:
        remarks.append(apart.why)
    if run.stopped and script is not None and (forever := endless(script)) is not None:
        remarks.append(
            f"{forever.name} = {forever.default} trains for ever: give a finite one, for example"
            f" --set {forever.name}=1000"
        )
    space = _space(options, plan, script)
    if space is None:
        remarks.append(_nothing_to_search(interface))
        return Proposed((), tuple(remarks))
    finding = _objective(run)
    if finding is None:
        return Proposed((), tuple(remarks))
    options = _with_metric(options, run, finding, apart, interface)
    directions: tuple[Direction | None, ...] = (finding.direction,)
    if options.direction is not None:
        directions = (Direction(options.direction),)
    elif finding.direction is None:
        directions = (Direction.MINIMIZE, Direction.MAXIMIZE)
    lines = ((d, _line(options, space, d, apart, interface)) for d in directions)
    return Proposed(tuple(lines), tuple(remarks))


def _objective(run: ProbeRun) -> Finding | None:
    """The metric that was asked for, or the likeliest whose direction is certain."""
    if run.chosen is not None:
        return run.chosen
    likely = objectives(run.findings) or run.findings
    return next((f for f in likely if f.direction is not None), next(iter(likely), None))


def _with_metric(
    options: RunOptions, run: ProbeRun, finding: Finding, apart: Apart, interface: Interface | None
) -> RunOptions:
    if run.chosen is None:
        options = options.replaced(metric=finding.seen.name)
    source = finding.seen.source
    if options.metric_file or source.endswith((".log", "events.jsonl")):
        return options
    name = source.replace("[[]", "[")
    if not name.startswith("{dir}"):
        name = metric_pattern(name, apart, place_of(apart, interface, run.written))
    return options.replaced(metric_file=(name,))


def _space(options: RunOptions, plan: SweepPlan, script: Script | None) -> tuple[str, ...] | None:
    """The space that was given, with a range for the learning rate where nothing is searched."""
    given = options.space
    if any(not isinstance(parameter, Fixed) for parameter in plan.space.parameters):
        return given
    rate = _rate(plan, script)
    if rate is None:
        return None
    name = name_of(rate)
    return (*(text for text in given if name_of(text) != name), rate)


def _rate(plan: SweepPlan, script: Script | None) -> str | None:
    interface = plan.target.interface
    names = placeholders(plan.target.texts())
    placed = main_rate_among([*names, *(p.name for p in plan.space.parameters)])
    if placed is not None:
        return f"{placed}={_range_of(placed, script)}"
    if plan.target.template is not None:
        inside = main_rate_among(plan.target.template.names())
        return None if inside is None else f"{inside}={_EXAMPLE_RANGE}"
    if script is not None and (found := first_rate(script)) is not None:
        return f"{found.name}={found.range}"
    if interface is not None and (interface.complete or interface.reads_nothing):
        return None
    return f"lr={_EXAMPLE_RANGE}"


def _range_of(name: str, script: Script | None) -> str:
    found = None if script is None else first_rate(script)
    same = found is not None and is_main_rate(name)
    return found.range if found is not None and same else _EXAMPLE_RANGE


def _nothing_to_search(interface: Interface | None) -> str:
    label = interface.label if interface is not None else "the command"
    if interface is not None and interface.reads_nothing:
        return (
            f"{label} reads no arguments: let it read its learning rate, for example as"
            " lrsweep.current_trial().params.get('lr', 0.1)"
        )
    names = ", ".join(p.name for p in interface.known[:8]) if interface is not None else ""
    return f"{label} has no learning rate; name what to search with --space: {names}"


def _line(
    options: RunOptions,
    space: tuple[str, ...],
    direction: Direction | None,
    apart: Apart,
    interface: Interface | None,
) -> str:
    options = options.replaced(direction=direction.value if direction is not None else None)
    if apart.isolate:
        options = options.replaced(isolate="copy")
    if apart.one_job:
        options = options.replaced(jobs=1)
    words = ["lrsweep", "run", *([options.target] if options.target else [])]
    for name, value in options.said().items():
        if name not in _NOT_KEPT:
            words += _flags(name, value)
    words += [*_flags("preset", options.preset), *_flags("smoke", options.smoke)]
    words += [word for text in space for word in ("--space", text)]
    command = _with_arguments(options, apart, interface)
    return shlex.join([*words, *(["--", *command] if command else [])])


def _with_arguments(
    options: RunOptions, apart: Apart, interface: Interface | None
) -> tuple[str, ...]:
    """The command with what keeps its outputs apart: before a subcommand, where it has one."""
    command = options.command
    active = next((word for word in command if interface and word in interface.commands), None)
    place = command.index(active) if active is not None else len(command)
    return (*command[:place], *apart.arguments, *command[place:])


def _flags(name: str, value: object) -> Iterator[str]:
    """What says `value` of the setting `name` on a command line; nothing where nothing was said."""
    if value is None or value is False:
        return
    for item in value if isinstance(value, tuple) else (value,):
        yield flag_of(name)
        if item is not True:
            yield f"{item:g}" if isinstance(item, float) else str(item)
