"""What may follow the ends of a range: `:log`, `:linear`, `:int`, `:pow2`, `:step=`, `:points=`."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass

from lrsweep.errors import SpaceError
from lrsweep.space.names import shown
from lrsweep.space.values import read_number

_SCALES = ("log", "linear", "pow2")
_OPTIONS = ("step", "points")
_WORDS = (*_SCALES, "int", *_OPTIONS)


@dataclass(frozen=True, slots=True)
class Suffixes:
    """The suffixes of one range; None where one was not given."""

    scale: str | None
    integer: bool
    step: int | float | None
    points: int | None


def read_suffixes(label: str, pieces: list[str]) -> Suffixes:
    """The suffixes in `pieces`, a range's text split at its colons: [low, high, suffix, …].

    Raises `SpaceError` for an unknown suffix, one given twice, two scales, or a bad number.
    """
    given: dict[str, str] = {}
    for index, piece in enumerate(pieces[2:], start=2):
        word, equals, text = (part.strip() for part in piece.partition("="))
        if word not in _WORDS or bool(equals) != (word in _OPTIONS):
            raise _unknown(label, pieces, index)
        if word in given:
            raise SpaceError(
                f"the suffix {word} is given twice", hint=_instead(label, pieces, index)
            )
        given[word] = text
    scales = [word for word in given if word in _SCALES]
    if len(scales) > 1:
        raise SpaceError(
            f"a range has one scale, not both {scales[0]} and {scales[1]}",
            hint=_instead(label, pieces, pieces.index(scales[1])),
        )
    return Suffixes(
        scale=scales[0] if scales else None,
        integer="int" in given,
        step=_step(label, given["step"]) if "step" in given else None,
        points=_points(label, given["points"]) if "points" in given else None,
    )


def _step(label: str, text: str) -> int | float:
    step = read_number(text)
    if step is None or not math.isfinite(step):
        raise SpaceError(f"step={shown(text)} is not a number", hint=f"try {label}=0:10:step=2")
    return step


def _points(label: str, text: str) -> int:
    points = read_number(text)
    if not isinstance(points, int):
        raise SpaceError(
            f"points={shown(text)} is not a whole number", hint=f"try {label}=1e-5:1:points=11"
        )
    return points


def _unknown(label: str, pieces: list[str], index: int) -> SpaceError:
    word, _, text = (part.strip() for part in pieces[index].partition("="))
    right = next(iter(difflib.get_close_matches(word.lower(), _WORDS, n=1)), "")
    if read_number(word) is not None:
        # As `start:stop:number` and `start:stop:step` are written elsewhere.
        floats = any(isinstance(read_number(end), float) for end in pieces[:2])
        right, text = "points" if floats and word.isdigit() else "step", word
    if right in _OPTIONS:
        right = f"{right}={text or 5}"
    return SpaceError(
        f"the suffix {shown(pieces[index]) or 'after the last colon'} is not one of "
        "log, linear, int, pow2, step=S and points=N",
        hint=_instead(label, pieces, index, right),
    )


def _instead(label: str, pieces: list[str], index: int, right: str = "") -> str:
    """A hint: what was typed, with one piece replaced, or left out where nothing is right."""
    mended = [*pieces[:index], *([right] if right else []), *pieces[index + 1 :]]
    return f"try {label}={':'.join(mended)}"
