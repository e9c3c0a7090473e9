"""Samplers and pruners as they are written: a name, and parameters after a colon.

    --pruner asha:reduction=3,min=5%          pruner = "asha:reduction=3,min=5%"

Each method declares its parameters here once; what is written is checked against that, and what is
left out takes the default. `lrsweep.search` builds them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum

from lrsweep.errors import PlanError

Value = int | float | str


class Kind(Enum):
    """What a parameter of a method may be."""

    COUNT = "whole number"
    NUMBER = "number"
    SHARE = "share, such as 10% or 0.1"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Option:
    """One parameter of a method. A `default` of None means that it is left out."""

    kind: Kind
    default: Value | None
    help: str
    low: float = -math.inf
    high: float = math.inf
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Method:
    """A sampler or a pruner with all its parameters; `str` gives the text that was written."""

    name: str
    params: Mapping[str, Value | None] = field(default_factory=dict)
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.text or self.name

    def count(self, key: str) -> int:
        """The whole number `key`."""
        value = self.params[key]
        assert isinstance(value, int)
        return value

    def number(self, key: str) -> float:
        """The number or share `key`."""
        value = self.params[key]
        assert isinstance(value, int | float)
        return float(value)

    def given(self, key: str) -> float | None:
        """The number `key`, or None where it was left out."""
        return None if self.params[key] is None else self.number(key)

    def word(self, key: str) -> str:
        """The word `key`."""
        value = self.params[key]
        assert isinstance(value, str)
        return value


Methods = Mapping[str, Mapping[str, Option]]


def _count(default: int, help: str, low: int = 1) -> Option:
    return Option(Kind.COUNT, default, help, low=low)


def _share(default: float, help: str, low: float = 0.0, high: float = 1.0) -> Option:
    return Option(Kind.SHARE, default, help, low=low, high=high)


_REDUCTION = Option(Kind.COUNT, 3, "one of so many trials passes a rung", low=2, high=100)
_WARMUP = "the share of its budget in which a trial is left alone"

SAMPLERS: Methods = {
    "auto": {"startup": _count(6, "trials that fill the space before a model chooses")},
    "tpe": {"startup": _count(10, "random trials before the model chooses")},
    "gp": {"startup": _count(6, "trials that fill the space before the model chooses")},
    "qmc": {},
    "random": {},
    "grid": {},
    "cmaes": {
        "sigma": Option(
            Kind.NUMBER, None, "the first step, as a share of the range", low=1e-6, high=1
        ),
        "startup": _count(1, "random trials before the model chooses"),
    },
}

PRUNERS: Methods = {
    "median": {
        "startup": _count(5, "trials that complete before any is stopped", low=0),
        "reference": _count(10, "first trials whose median sets the bar"),
        "tolerance": _share(
            0.75, "how far from the best to that median a trial may lie at the first rung", low=0.05
        ),
    },
    "optuna-median": {
        "startup": _count(5, "trials that complete before any is stopped", low=0),
        "warmup": _share(0.0, _WARMUP),
        "min_trials": _count(1, "trials that must have a value at the same step"),
    },
    "percentile": {
        "percentile": Option(
            Kind.NUMBER, 25.0, "the share of trials that is good enough, in %", low=0, high=100
        ),
        "startup": _count(5, "first trials that are never stopped", low=0),
        "warmup": _share(0.1, _WARMUP),
    },
    "asha": {
        "reduction": _REDUCTION,
        "min": _share(0.1, "the first rung, as a share of the budget", low=1e-6),
    },
    "hyperband": {
        "reduction": _REDUCTION,
        "min": _share(0.05, "the lowest rung of the boldest bracket", low=1e-6),
    },
    "patient": {
        "patience": _count(5, "reports without improvement that a trial may have"),
        "min_delta": Option(Kind.NUMBER, 0.0, "what counts as an improvement", low=0),
        "then": Option(
            Kind.WORD,
            "none",
            "another pruner, which must also stop the trial",
            words=("none", "median", "optuna-median", "percentile", "asha", "hyperband"),
        ),
    },
    "threshold": {
        "lower": Option(Kind.NUMBER, None, "stop below this value"),
        "upper": Option(Kind.NUMBER, None, "stop above this value"),
        "warmup": _share(0.0, _WARMUP),
    },
    "wilcoxon": {
        "p": Option(Kind.NUMBER, 0.1, "the largest p-value that stops a trial", low=0, high=1),
        "startup": _count(2, "reports, such as folds, before a trial may be stopped"),
    },
    "none": {},
}


def parse_method(text: str, known: Methods) -> Method:
    """The method that `text` writes.

    Raises `PlanError` whose message follows on the text itself: "is not one of …".
    """
    name, colon, rest = text.strip().partition(":")
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else None
        raise PlanError(f"is not one of {', '.join(known)}", hint=hint)
    options = known[name]
    params = {key: option.default for key, option in options.items()}
    written: list[str] = rest.split(",") if colon else []
    seen: set[str] = set()
    for item in written:
        key, equals, value = (part.strip() for part in item.partition("="))
        if key not in options or not equals:
            raise _no_such(name, item.strip(), key, options)
        if key in seen:
            raise PlanError(f"gives {key} twice")
        seen.add(key)
        params[key] = _read(key, value, options[key])
    method = Method(name, params, text.strip())
    _check_whole(method)
    return method


def describe(known: Methods) -> str:
    """The methods and their parameters with defaults, for a reference page."""
    lines: list[str] = []
    for name, options in known.items():
        lines.append(f"- `{name}`" if options else f"- `{name}`: no parameters")
        for key, option in options.items():
            default = "" if option.default is None else f" ({option.default})"
            lines.append(f"    - `{key}`{default}: {option.help}")
    return "\n".join(lines)


def _no_such(name: str, item: str, key: str, options: Mapping[str, Option]) -> PlanError:
    if not options:
        return PlanError(f"has parameters, and {name} takes none", hint=f"write {name}")
    if key in options:
        return PlanError(f"gives {key} no value", hint=f"try {name}:{key}={_example(options[key])}")
    near = get_close_matches(key, options, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(options)}"
    return PlanError(f"has {item!r}, which is no parameter of {name}", hint=hint)


def _example(option: Option) -> str:
    return str(option.default) if option.default is not None else "1"


def _read(key: str, text: str, option: Option) -> Value:
    if option.kind is Kind.WORD:
        if text not in option.words:
            raise PlanError(f"gives {key} {text!r}, which is not one of {', '.join(option.words)}")
        return text
    number = _number(text, option.kind)
    if number is None or not math.isfinite(number):
        article = "a share" if option.kind is Kind.SHARE else f"a {option.kind.value}"
        raise PlanError(
            f"gives {key} {text!r}, which is not {article}", hint=f"try {key}={_example(option)}"
        )
    if number < option.low:
        raise PlanError(f"gives {key} {text}, which is below {option.low:g}")
    if number > option.high:
        raise PlanError(f"gives {key} {text}, which is above {option.high:g}")
    return number


def _number(text: str, kind: Kind) -> int | float | None:
    try:
        if kind is Kind.COUNT:
            return int(text)
        if kind is Kind.SHARE and text.endswith("%"):
            return float(text[:-1]) / 100
        return float(text)
    except ValueError:
        return None


def _check_whole(method: Method) -> None:
    if method.name != "threshold":
        return
    lower, upper = method.given("lower"), method.given("upper")
    if lower is None and upper is None:
        raise PlanError("gives neither lower nor upper", hint="try threshold:upper=10")
    if lower is not None and upper is not None and lower >= upper:
        raise PlanError(f"gives lower {lower:g}, which is not below upper {upper:g}")
