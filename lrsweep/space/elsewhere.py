"""Ranges and choices as other programs write them, and what they are here."""

from __future__ import annotations

import re

from lrsweep.space.values import read_number, split_list
from lrsweep.terms import is_batch_size, is_learning_rate, is_optimizer

_CALL = re.compile(r"(?P<name>[A-Za-z_.]+)\(\s*(?P<inside>.*)\s*\)")
_DOTS = re.compile(r"(?P<low>[^,:]+?)\s*\.\.\.?\s*(?P<high>[^,:]+)")
# By the last part of the name, with dashes and case left out.
_SCALES = {
    **dict.fromkeys(("loguniform", "logrange", "log", "reciprocal", "qloguniform"), "log"),
    **dict.fromkeys(("uniform", "quniform", "suggestfloat"), "linear"),
    **dict.fromkeys(("randint", "intuniform", "uniformint", "suggestint", "int"), "int"),
    **dict.fromkeys(("range", "interval"), ""),
}
_CHOICES = ("choice", "categorical", "gridsearch", "grid", "suggestcategorical", "values")
_PAIRS = (("[", "]"), ("(", ")"), ("{", "}"))


def as_written_elsewhere(name: str, body: str) -> str | None:
    """What `body` means as the value of `name` in our grammar, where it is in another one.

    `loguniform(1e-5, 1)`, `choice(sgd, adam)`, `[1e-4, 1e-3]` of a learning rate, `{a,b}`,
    `1e-5..1`. None for what is in ours, or may be a value of its own, as the list `[64, 64]` is.
    """
    text = body.strip()
    if found := _CALL.fullmatch(text):
        called = re.sub(r"[._]", "", found["name"].lower().rpartition(".")[2])
        return _of_call(called, found["inside"])
    for left, right in _PAIRS:
        if text.startswith(left) and text.endswith(right) and len(text) > 2:
            return _of_brackets(name, text[1:-1].strip(), left)
    if (found := _DOTS.fullmatch(text)) and _numbers([found["low"], found["high"]]):
        return f"{found['low'].strip()}:{found['high'].strip()}"
    return None


def _of_call(called: str, inside: str) -> str | None:
    items = [item.strip("[]() ") for item in split_list(inside)]
    if called in _CHOICES and len(items) > 1:
        return ",".join(items)
    if called in _SCALES and len(items) >= 2 and _numbers(items[:2]):
        scale = _SCALES[called]
        return f"{items[0]}:{items[1]}{scale and f':{scale}'}"
    return None


def _of_brackets(name: str, inside: str, left: str) -> str | None:
    """The items of a list in brackets, where a list cannot be one value of `name`."""
    if any(bracket in inside for pair in _PAIRS for bracket in pair):
        return None
    if (found := _DOTS.fullmatch(inside)) and _numbers([found["low"], found["high"]]):
        return f"{found['low'].strip()}:{found['high'].strip()}"
    items = split_list(inside)
    single = is_learning_rate(name) or is_batch_size(name) or is_optimizer(name)
    if len(items) < 2 or not all(items) or not (single or left == "{"):
        return None
    return ",".join(items)


def _numbers(items: list[str]) -> bool:
    return all(read_number(item) is not None for item in items)
