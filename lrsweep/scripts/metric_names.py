"""The metrics that a script's source shows: what it reports, logs or prints by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from lrsweep.scripts import Script
from lrsweep.scripts.source import Source, keywords, literal

_REPORTING = ("report", "log", "log_metrics", "log_metric", "add_scalar", "log_dict")
_PRINTED = re.compile(
    r"\b((?:(?:train|val|valid|validation|eval|dev|test) )?(?:\w+[_/])?"
    r"(?:loss|acc|accuracy|error|perplexity|f1|auc))\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"loss|acc|error|perplexity|f1|auc|reward|score", re.I)
# Of several, that of the validation set and a loss come first.
_BETTER_FIRST = (re.compile(r"val|valid|eval|dev", re.I), re.compile(r"loss", re.I))


def metric_names(script: Script) -> list[str]:
    """Names, the likeliest objective first; empty where the source shows none."""
    if script.source is None:
        return []
    found = dict.fromkeys([*_reported(script.source), *_printed(script.source)])
    return sorted(found, key=lambda name: [p.search(name) is None for p in _BETTER_FIRST])


def _reported(source: Source) -> Iterator[str]:
    for name in _REPORTING:
        for call in source.calls(name):
            texts = [value for value in map(literal, call.args) if isinstance(value, str)]
            tables = [arg for arg in call.args if isinstance(arg, ast.Dict)]
            texts += [key for t in tables for key in map(literal, t.keys) if isinstance(key, str)]
            yield from (t for t in [*texts, *keywords(call)] if _NAMED.search(t) and " " not in t)


def _printed(source: Source) -> Iterator[str]:
    for call in source.calls("print"):
        for node in ast.walk(call):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from (name.replace(" ", "_") for name in _PRINTED.findall(node.value))
