"""Lines to copy, each of which runs as it is: the best command, and those that show or do more."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence

from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.wording import counted
from lrsweep.report.parts import Command
from lrsweep.shell_lines import shell_line
from lrsweep.space import Space
from lrsweep.storage_url import storage_option
from lrsweep.trial import Outcome, StudyRows, TrialRow

_RUN = ("lrsweep", "run")
_TRIALS, _SPACE, _STUDY = ("-n", "--trials"), ("-s", "--space"), ("--study",)
_NO_COUNT = frozenset({Outcome.CRASHED, Outcome.LOST, Outcome.TIMED_OUT, Outcome.CANCELLED})


def study_commands(land: Landscape, *, whole: bool) -> Iterator[Command]:
    """What may be done after a report, the most useful first; `whole` where it told everything."""
    rows, best = land.rows, land.best
    if best is not None and best.command and land.recommends:
        yield Command(f"Best command (trial {best.number})", trial_command(best))
    if best is not None:
        yield Command("Show this trial", show_command(rows, best.number))
    failed = next((t for t in rows.trials if t.outcome is not None and t.outcome.failed), None)
    if failed is not None and failed.folder:
        line = logs_command(rows, failed.number, "--stderr")
        yield Command(f"What went wrong in trial {failed.number}", line)
    if (probe := probe_command(rows)) is not None:
        yield Command(f"No {rows.metric} was seen: which metrics there are", probe)
    if not whole:
        yield Command("Full report", report_command(rows))
    if (resume := resume_command(rows)) is not None:
        yield resume


def trial_command(trial: TrialRow) -> str:
    """What the trial ran, quoted for a shell."""
    return shell_line(trial.command)


def show_command(rows: StudyRows, number: int) -> str:
    """Shows one trial."""
    return shell_line(["lrsweep", "show", str(number), "--study", rows.name, *_storage(rows)])


def logs_command(rows: StudyRows, number: int, *flags: str) -> str:
    """Prints what one trial wrote."""
    line = ["lrsweep", "logs", str(number), *flags, "--study", rows.name, *_storage(rows)]
    return shell_line(line)


def report_command(rows: StudyRows, *flags: str) -> str:
    """Prints the whole report."""
    # A name that begins with a dash would be taken for an option.
    name = ["--", rows.name] if rows.name.startswith("-") else [rows.name]
    return shell_line(["lrsweep", "report", *flags, *_storage(rows), *name])


def resume_command(rows: StudyRows) -> Command | None:
    """The newest command of this study, and what it needs to run more trials.

    None where nobody typed one, and where the whole grid was run.
    """
    if rows.sweep_command[:2] != _RUN:
        return None
    typed = _typed(rows)
    ended = sum(t.outcome is not None and t.outcome not in _NO_COUNT for t in rows.trials)
    if rows.sampler == "grid":
        space = Space.parse(rows.space)
        return None if ended >= space.grid_size() else _resume(typed)
    asked = _number(_option(typed, _TRIALS))
    if ended < (asked if asked is not None else len(rows.trials)) or not ended:
        return _resume(typed)
    more = _with(typed, _TRIALS, str(2 * ended))
    return Command(f"Resume this sweep with {counted(ended, 'more trial')}", shell_line(more))


def next_command(rows: StudyRows, copy: str) -> str:
    """What a statement's line to copy amounts to: a command, or the newest one with a new range.

    Empty where there is nothing to copy, or nobody typed a command.
    """
    return copy if copy.startswith("lrsweep ") else _widened(rows, copy)


def _widened(rows: StudyRows, parameter: str) -> str:
    """The newest command with `parameter` as given, and as many trials again."""
    if not parameter or rows.sweep_command[:2] != _RUN:
        return ""
    label = parameter.partition("=")[0]
    line = _put(_typed(rows), ["-s", parameter], lambda one: _sets(one, label))
    if rows.sampler == "grid":
        return shell_line(line)
    ended = sum(t.outcome is not None and t.outcome not in _NO_COUNT for t in rows.trials)
    asked = _number(_option(line, _TRIALS)) or 0
    return shell_line(_with(line, _TRIALS, str(max(asked, 2 * ended))))


def probe_command(rows: StudyRows) -> str | None:
    """Shows what the command prints and writes; None unless trials ended well without a value."""
    silent = any(t.outcome is Outcome.CRASHED and t.exit_code == 0 for t in rows.trials)
    if not silent or rows.best is not None or rows.sweep_command[:2] != _RUN:
        return None
    return shell_line(["lrsweep", "probe", *rows.sweep_command[2:]])


def _resume(typed: Sequence[str]) -> Command:
    return Command("Resume this sweep", shell_line(typed))


def _typed(rows: StudyRows) -> list[str]:
    """What was typed last, with the study that it meant."""
    typed = list(rows.sweep_command)
    return typed if _option(typed, _STUDY) is not None else _with(typed, _STUDY, rows.name)


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    at = list(argv).index("--") if "--" in argv else len(argv)
    return list(argv[:at]), list(argv[at:])


def _options(words: Sequence[str]) -> Iterator[list[str]]:
    """Options with their value, where that is a word of its own; other words alone."""
    names = (*_TRIALS, *_SPACE, *_STUDY)
    left = iter(words)
    for word in left:
        value = next(left, None) if word in names else None
        yield [word] if value is None else [word, value]


def _value(one: Sequence[str], names: Sequence[str]) -> str | None:
    """The value of an option of `names`, however it is written: `-n 5`, `-n5`, `--trials=5`."""
    word = one[0]
    if word in names:
        return one[1] if len(one) > 1 else None
    for name in names:
        if word.startswith(f"{name}="):
            return word[len(name) + 1 :]
        if len(name) == 2 and word.startswith(name):
            return word[2:]
    return None


def _option(argv: Sequence[str], names: Sequence[str]) -> str | None:
    found = (_value(one, names) for one in _options(_split(argv)[0]))
    return next((value for value in found if value is not None), None)


def _with(argv: Sequence[str], names: Sequence[str], value: str) -> list[str]:
    """`argv` with the option of `names` set to `value`."""
    new = [f"{names[0]}={value}"] if value.startswith("-") else [names[0], value]
    return _put(argv, new, lambda one: _value(one, names) is not None)


def _put(
    argv: Sequence[str], new: Sequence[str], replaces: Callable[[Sequence[str]], bool]
) -> list[str]:
    """`argv` with the option `new` where one that it replaces stands, else before any `--`."""
    options, rest = _split(argv)
    there: list[Sequence[str]] = [*_options(options)]
    if not any(map(replaces, there)):
        there.append(new)
    put = (new if replaces(one) else one for one in there)
    return [*(word for one in put for word in one), *rest]


def _without(argv: Sequence[str], name: str) -> list[str]:
    """`argv` without the option `name` and its value."""
    options, rest = _split(argv)
    kept, left = [], iter(options)
    for word in left:
        if word == name:
            next(left, None)
        elif not word.startswith(f"{name}="):
            kept.append(word)
    return [*kept, *rest]


def _sets(one: Sequence[str], label: str) -> bool:
    value = _value(one, _SPACE)
    return value is not None and value.partition("=")[0].strip() == label


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _storage(rows: StudyRows) -> list[str]:
    return storage_option(rows.storage)


def narrowed_command(
    rows: StudyRows, settings: Sequence[str], trials: int, study: str
) -> str | None:
    """The newest command with the parameters of `settings` (`lr=1e-3:1`, `width=64`) as given.

    It runs `trials` trials in a study of its own, `study`. None where nobody typed a command.
    """
    if rows.sweep_command[:2] != _RUN:
        return None
    line: Sequence[str] = _without(rows.sweep_command, "--scale")
    for setting in settings:
        same = functools.partial(_sets, label=setting.partition("=")[0])
        line = _put(line, ["-s", setting], same)
    return shell_line(_with(_with(line, _TRIALS, str(trials)), _STUDY, study))
