"""`lr=auto`: the learning rates that are worth trying for the optimizer that a sweep uses.

lr=auto                   training from scratch
lr=auto:fine-tuning       weights that are trained already
lr=auto:lora              the adapters of LoRA
lr@sgd=auto               for one optimizer; without it, a range for each of the space's
lr=auto:points=7          what follows is the range's own
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lrsweep.analysis.search_ranges import SEARCH_RANGES, TRAININGS, search_range
from lrsweep.errors import InputError, SpaceError
from lrsweep.scripts import Script
from lrsweep.scripts.optimizer import optimizer_of
from lrsweep.space import Choice, Fixed, Space
from lrsweep.space.head import Head, name_of, read_head
from lrsweep.space.values import plain_number, write_value
from lrsweep.terms import is_learning_rate, is_optimizer
from lrsweep.trial import ParamValue

_GIVEN = re.compile(r"-*(?P<name>[A-Za-z][\w.-]*)=(?P<value>.+)")
_SCALES = ("log", "linear")


@dataclass(frozen=True, slots=True)
class Ranges:
    """Texts of a space without any `auto`, and how the ranges in their place were found."""

    texts: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Optimizers:
    """The optimizers that a sweep uses: values of `parameter`, or the one that `where` shows."""

    values: tuple[ParamValue, ...]
    parameter: str = ""
    where: str = ""


def with_ranges(
    texts: Sequence[str], fixed: Sequence[str], command: Sequence[str], script: Script | None
) -> Ranges:
    """The space `texts` with a range in the place of each `auto`; `fixed` stand beside it.

    The optimizer is looked for in the space, in the `command` and in the `script`. Raises
    `SpaceError` where it is not found, or where nothing is known of its rates.
    """
    names = {name_of(text) for text in (*texts, *fixed)}
    autos = {text: head for text in texts if (head := _head_of_auto(text, names)) is not None}
    for text in fixed:
        _head_of_auto(text, names, whole=True)
    if not autos:
        return Ranges(tuple(texts))
    others = Space.parse([text for text in texts if text not in autos], fixed)
    used = _optimizers(others, command, script)
    written: list[str] = []
    for text in texts:
        written += _ranges(text, autos[text], used) if text in autos else [text]
    if used is None or not used.where:
        return Ranges(tuple(written))
    remarks = (f"{text} is the range of {used.values[0]}, {used.where}" for text in autos)
    return Ranges(tuple(written), tuple(remarks))


def _head_of_auto(text: str, names: set[str], *, whole: bool = False) -> Head | None:
    """The head of a learning rate that is `auto`; None for any other text."""
    if not is_learning_rate(name_of(text)) or not re.search(r"[=,]\s*auto\s*([:,]|$)", text):
        return None
    head = read_head(text, names)
    if whole or "," in head.body:
        raise SpaceError(f"{text}: auto is a whole range", hint=f"try -s {head.label}=auto")
    return head


def _ranges(text: str, head: Head, used: _Optimizers | None) -> Iterator[str]:
    """The texts that stand for one `auto`."""
    training, suffix = _read(head)
    if head.when is not None and str(head.when.value).lower() in SEARCH_RANGES:
        used = _Optimizers((head.when.value,))
    if used is None:
        raise SpaceError(
            f"{text}: which optimizer? The range depends on it",
            hint=f"add -s optimizer=adamw, or give the range: {head.label}=1e-5:1",
        )
    found = {value: _range(text, head, value, used, training) for value in used.values}
    if len(set(found.values())) == 1:
        yield f"{head.label}={found[used.values[0]]}{suffix}"
        return
    if head.when is not None:
        raise SpaceError(
            f"{text}: the range depends on {used.parameter} too, and a parameter has one condition",
            hint=f"give the range: {head.label}=1e-5:1",
        )
    for value, of_value in found.items():
        yield f"{head.name}@{used.parameter}={write_value(value)}={of_value}{suffix}"


def _read(head: Head) -> tuple[str, str]:
    """What is trained, and what is left for the range: `:points=7`."""
    _, *pieces = (piece.strip() for piece in head.body.split(":"))
    training = TRAININGS[0]
    if pieces and pieces[0] in TRAININGS:
        training = pieces.pop(0)
    elif pieces and "=" not in pieces[0] and pieces[0] not in _SCALES:
        raise SpaceError(
            f"{head.label}={head.body}: {pieces[0]!r} is not a kind of training",
            hint=f"choose one of {', '.join(TRAININGS)}: {head.label}=auto:{TRAININGS[1]}",
        )
    return training, "".join(f":{piece}" for piece in pieces)


def _range(text: str, head: Head, value: ParamValue, used: _Optimizers, training: str) -> str:
    try:
        low, high = search_range(str(value).lower(), training)
    except InputError as error:
        each = (f"{head.name}@{v}={'1e-5:1' if v == value else 'auto'}" for v in used.values)
        own = " ".join(each) if len(used.values) > 1 else f"{head.label}=1e-5:1"
        raise SpaceError(f"{text}: {error.message}", hint=f"give its range: {own}") from None
    return f"{plain_number(low)}:{plain_number(high)}"


def _optimizers(space: Space, command: Sequence[str], script: Script | None) -> _Optimizers | None:
    parameters = [p for p in space.parameters if is_optimizer(p.name)]
    names = dict.fromkeys(p.name for p in parameters)
    if len(names) > 1:
        raise SpaceError(
            f"which optimizer does the learning rate belong to, {' or '.join(names)}?",
            hint="give the range: lr=1e-5:1",
        )
    values = dict.fromkeys(
        value for p in parameters if isinstance(p, Choice | Fixed) for value in p.grid()
    )
    if values:
        return _Optimizers(tuple(values), parameters[0].name)
    if value := _in_command(command):
        return _Optimizers((value,), where="as the command says")
    if script is None:
        return None
    value, where = optimizer_of(script)
    return _Optimizers((value,), where=f"{where} of {script.path.name}") if value else None


def _in_command(command: Sequence[str]) -> str | None:
    """`adamw` of `--optimizer adamw`, `--opt=adamw` or `train.optimizer=adamw`."""
    pairs = [(flag.lstrip("-"), value) for flag, value in pairwise(command) if flag[:1] == "-"]
    pairs += [(m["name"], m["value"]) for m in map(_GIVEN.fullmatch, command) if m is not None]
    known = (v for name, v in pairs if is_optimizer(name) and v.lower() in SEARCH_RANGES)
    return next(known, None)
