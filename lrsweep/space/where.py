"""Constraints between parameters: `lr*batch_size < 64`, `optimizer != sgd or lr <= 1`.

A condition is made of comparisons (< <= > >= == != in), joined by `and`, `or` and `not`; of numbers
with + - * / ** and `abs`, `min`, `max`, `log10`, `sqrt`; and of parameters and values by their
names. A name with a dash stands in braces, `{weight-decay}`. Nothing else is understood, and
nothing is executed: the text is parsed, and its tree is walked.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from lrsweep.errors import SpaceError
from lrsweep.space.choices import Choice, Fixed
from lrsweep.space.space import Space
from lrsweep.trial import Params, ParamValue

_LONGEST = 1000
_BRACED = re.compile(r"\{([^{}]*)\}")
_EXAMPLE = "try --where 'lr*batch_size < 64'"
_NUMBERS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
    ast.Mod: math.fmod,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "abs": abs,
    "min": min,
    "max": max,
    "log10": math.log10,
    "sqrt": math.sqrt,
}


class _Absent(Exception):
    """A parameter that the condition names does not exist in this point."""


@dataclass(frozen=True, slots=True)
class Where:
    """One condition that every point must meet.

    Where a parameter that it names does not exist in a point, it says nothing of that point.
    """

    text: str
    _tree: ast.expr
    _braced: Mapping[str, str]
    _names: frozenset[str]

    @classmethod
    def parse(cls, text: str, space: Space) -> Where:
        """The condition `text` on points of `space`; raises `SpaceError` where it is none."""
        names: dict[str, str] = {}

        def braced(match: re.Match[str]) -> str:
            stand_in = f"braced_{len(names)}_"
            names[stand_in] = match.group(1).strip()
            return stand_in

        readable = _BRACED.sub(braced, text)
        if len(text) > _LONGEST:
            raise SpaceError(f"--where: a condition is at most {_LONGEST} characters long")
        try:
            tree = ast.parse(readable.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise _wrong(text, "is no condition") from None
        _Checked(text, space, names).condition(tree)
        return cls(text, tree, names, frozenset(space.names()))

    def holds(self, params: Params) -> bool:
        """Whether the point `params`, by plain names, meets the condition."""
        try:
            return self._condition(self._tree, params)
        except _Absent:
            return True
        except (ArithmeticError, ValueError, TypeError):
            return False

    def _condition(self, node: ast.expr, params: Params) -> bool:
        match node:
            case ast.BoolOp(op=ast.And(), values=parts):
                return all(self._condition(part, params) for part in parts)
            case ast.BoolOp(values=parts):
                return any(self._condition(part, params) for part in parts)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return not self._condition(part, params)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                values = [self._value(part, params) for part in (left, *rights)]
                pairs = zip(values, ops, values[1:], strict=False)
                return all(_compared(a, op, b) for a, op, b in pairs)
        return self._value(node, params) is True

    def _value(self, node: ast.expr, params: Params) -> object:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return tuple(self._value(part, params) for part in parts)
            case ast.UnaryOp(op=ast.USub(), operand=part):
                return -_number(self._value(part, params))
            case ast.UnaryOp(op=ast.UAdd(), operand=part):
                return _number(self._value(part, params))
            case ast.BinOp(left=left, op=op, right=right):
                a, b = (_number(self._value(part, params)) for part in (left, right))
                return _NUMBERS[type(op)](a, b)
            case ast.Call(func=ast.Name(id=function), args=parts):
                return _FUNCTIONS[function](*(_number(self._value(p, params)) for p in parts))
            case ast.Name() | ast.Attribute():
                name = _dotted(node, self._braced)
                if name in params:
                    return params[name]
                if name in self._names:
                    raise _Absent
                return _word(name)
        raise TypeError("no value")


class _Checked:
    """Walks a condition once, and refuses what it does not understand."""

    def __init__(self, text: str, space: Space, braced: Mapping[str, str]) -> None:
        self._text = text
        self._names = set(space.names())
        self._braced = braced
        choices = (p for p in space.parameters if isinstance(p, Choice | Fixed))
        self._words = {v for p in choices for v in p.grid() if isinstance(v, str)}

    def condition(self, node: ast.expr) -> None:
        match node:
            case ast.BoolOp(values=parts):
                for part in parts:
                    self.condition(part)
            case ast.UnaryOp(op=ast.Not(), operand=part):
                self.condition(part)
            case ast.Compare(left=left, ops=ops, comparators=rights):
                known = (*_COMPARISONS, ast.Eq, ast.NotEq, ast.In, ast.NotIn)
                if not all(isinstance(op, known) for op in ops):
                    raise _wrong(self._text, "compares in a way that is not understood")
                for part in (left, *rights):
                    self._value(part)
            case ast.Name() | ast.Attribute():
                self._value(node)
            case _:
                raise _wrong(self._text, "compares nothing")

    def _value(self, node: ast.expr) -> None:
        match node:
            case ast.Constant(value=bool() | int() | float() | str()):
                return
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if parts:
                for part in parts:
                    self._value(part)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=part):
                self._value(part)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _NUMBERS:
                self._value(left)
                self._value(right)
            case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if (
                name in _FUNCTIONS and parts
            ):
                for part in parts:
                    self._value(part)
            case ast.Name() | ast.Attribute():
                self._name(_dotted(node, self._braced))
            case _:
                raise _wrong(self._text, f"holds {ast.unparse(node)!r}, which is not understood")

    def _name(self, name: str) -> None:
        if name in self._names or name in self._words or name in ("true", "false"):
            return
        near = get_close_matches(name, [*self._names, *self._words], n=1)
        hint = f"did you mean {near[0]}?" if near else f"parameters: {', '.join(self._names)}"
        raise SpaceError(f"--where {self._text!r}: there is no parameter {name}", hint=hint)


def _wrong(text: str, problem: str) -> SpaceError:
    return SpaceError(f"--where {text!r} {problem}", hint=_EXAMPLE)


def _dotted(node: ast.expr, braced: Mapping[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, braced)}.{node.attr}"
    assert isinstance(node, ast.Name)
    return braced.get(node.id, node.id)


def _word(name: str) -> ParamValue:
    return {"true": True, "false": False}.get(name, name)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    return float(value)


def _compared(a: object, op: ast.cmpop, b: object) -> bool:
    match op:
        case ast.Eq():
            return _same(a, b)
        case ast.NotEq():
            return not _same(a, b)
        case ast.In() | ast.NotIn():
            inside = any(_same(a, each) for each in (b if isinstance(b, tuple) else (b,)))
            return inside is isinstance(op, ast.In)
    return _COMPARISONS[type(op)](_number(a), _number(b))


def _same(a: object, b: object) -> bool:
    return isinstance(a, bool) == isinstance(b, bool) and a == b
