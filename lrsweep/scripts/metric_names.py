"""The metrics that a script's source shows: what it reports, logs or prints by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from lrsweep.scripts import Script
from lrsweep.scripts.source import Source, keywords, last_name, literal
from lrsweep.terms import is_measure
from lrsweep.terms.metrics import tokens
from lrsweep.terms.ranking import kind_rank, objective_rank

_REPORTING = ("report", "log", "log_metrics", "log_metric", "add_scalar", "log_dict")
_PRINTING = ("print", "info", "echo", "write", "debug", "secho", "log", "log_print", "print0")
# A name, and a number or what stands for one: `val_loss: {…}`, `Loss: %.3f`, `acc=0.5`, `loss 0`.
_SHOWN = re.compile(
    r"(?P<place>[A-Za-z]+(?: set)?:\s+)?"
    r"(?P<name>[A-Za-z_][\w/@-]*(?:[ .][A-Za-z_][\w/@-]*)?)\s*(?:\([^)]*\)\s*)?"
    r"[\"']?(?:[:=]+|\s)\s*[\[(]?(?:\x00|[-+]?\d)"
)
_FORMAT = re.compile(r"\{[^{}]*\}|%[-+0-9.]*[a-z]")
_FILLERS = frozenset({"average", "avg", "mean", "set", "total", "final"})


def metric_names(script: Script) -> list[str]:
    """Names, the likeliest objective first; empty where the source shows none."""
    if script.source is None:
        return []
    found = dict.fromkeys([*_reported(script.source), *_printed(script.source)])
    return sorted(filter(is_measure, found), key=objective_rank)


def reported_by_fit(script: Script) -> tuple[str, ...]:
    """All that a script of `lrsweep.train.fit` reports; empty where it may report more."""
    source = script.source
    calls = list(source.calls("fit")) if source is not None else []
    if source is None or not calls or next(source.calls("report"), None) is not None:
        return ()
    measures = {"loss"}
    for call in calls:
        table = keywords(call).get("metrics")
        if table is not None and not isinstance(table, ast.Dict):
            return ()
        keys = [literal(key) for key in table.keys] if isinstance(table, ast.Dict) else []
        measures |= {key for key in keys if isinstance(key, str)}
    return tuple(f"{split}_{name}" for split in ("val", "train", "test") for name in measures)


def _reported(source: Source) -> Iterator[str]:
    for name in _REPORTING:
        for call in source.calls(name):
            texts = [value for value in map(literal, call.args) if isinstance(value, str)]
            tables = [arg for arg in call.args if isinstance(arg, ast.Dict)]
            texts += [key for t in tables for key in map(literal, t.keys) if isinstance(key, str)]
            yield from (t for t in [*texts, *keywords(call)] if is_measure(t) and " " not in t)


def _printed(source: Source) -> Iterator[str]:
    for node in source.nodes():
        if isinstance(node, ast.Call) and last_name(node.func) in _PRINTING:
            for text in _texts(node):
                yield from _names_in(text)
        elif isinstance(node, ast.JoinedStr):  # printed later, or by a function of the script
            yield from _names_in(_text_of(node))


def _texts(call: ast.Call) -> Iterator[str]:
    """What a call prints, with NUL for every value that is put in."""
    whole = ""
    for argument in call.args:
        text = _text_of(argument)
        whole = f"{whole} {text}" if whole else text
    yield whole


def _text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "\0" for p in node.values)
        return "".join(map(str, parts))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Mod):
            return _FORMAT.sub("\0", _text_of(node.left))
        return _text_of(node.left) + _text_of(node.right)
    if isinstance(node, ast.Call) and last_name(node.func) == "format":
        inner = node.func.value if isinstance(node.func, ast.Attribute) else node
        return _FORMAT.sub("\0", _text_of(inner)) if inner is not node else "\0"
    if isinstance(node, ast.Call) and last_name(node.func) == "dumps" and node.args:
        return _text_of(node.args[0])
    if isinstance(node, ast.Dict):
        keys = [key for key in map(literal, node.keys) if isinstance(key, str)]
        return " ".join(f"{key}: \0," for key in keys)
    return "\0"


def _names_in(text: str) -> Iterator[str]:
    """The measures that `text` names; the last words of a name that has prose before it."""
    for found in _SHOWN.finditer(_FORMAT.sub("\0", text) if "%" in text else text):
        words = [word for word in re.split(r"[ .]", found["name"]) if word]
        place = tokens(found["place"] or "")[:1]
        measured = [word for word in words if is_measure(word)]
        if not measured:
            continue
        first = words.index(measured[0])
        before = words[first - 1] if first else (place[0] if place else "")
        split = before if kind_rank(f"{before} loss")[1] != kind_rank("loss")[1] else ""
        if first and not split and place:
            split = place[0]
        names = [w for w in words[first:] if is_measure(w) or w.lower() not in _FILLERS]
        yield "_".join([split.lower(), *names] if split and split != names[0] else names)
