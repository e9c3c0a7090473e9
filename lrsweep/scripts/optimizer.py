"""Which optimizer a script trains with, as its source tells."""

from __future__ import annotations

from collections.abc import Mapping

from lrsweep.scripts import Script
from lrsweep.scripts.source import keywords, literal
from lrsweep.terms import is_optimizer

# What `lrsweep.train.Recipe` takes where the script names no other.
_OF_RECIPE = "sgd"
_CLASSES = (
    *("SGD", "Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Adafactor"),
    *("Muon", "Lion"),
)


def optimizer_of(script: Script) -> tuple[str, str]:
    """The optimizer that a script uses unless told otherwise, and where it says so.

    Both are empty where it does not.
    """
    for parameter in script.parameters:
        if is_optimizer(parameter.name) and isinstance(parameter.default, str):
            return parameter.default, "the default"
    if script.source is None:
        return "", ""
    for call in script.source.calls("with_recipe"):
        return str(literal(keywords(call).get("optimizer")) or _OF_RECIPE), "the default"
    built = {_kind(name, keywords(call)) for name in _CLASSES for call in script.source.calls(name)}
    return (built.pop(), "the optimizer") if len(built) == 1 else ("", "")


def _kind(name: str, given: Mapping[str, object]) -> str:
    return "momentum" if name == "SGD" and "momentum" in given else name.lower()
