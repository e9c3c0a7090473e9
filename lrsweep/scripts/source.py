"""The syntax of a script and of the modules beside it that it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lrsweep.scripts.parameter import Default

_MOST_MODULES = 30


@dataclass(frozen=True, slots=True)
class Source:
    """The trees of a script (first) and its own modules, and the top-level names they import."""

    path: Path
    trees: tuple[ast.Module, ...]
    imports: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> Source:
        """Raises `SyntaxError`, `ValueError` or `OSError` where the script cannot be read."""
        trees = [_parse(path)]
        seen = {path}
        for tree in trees:  # grows while it is walked
            for name in _imported(tree):
                beside = path.parent / f"{name}.py"
                if beside in seen or not beside.is_file() or len(trees) >= _MOST_MODULES:
                    continue
                seen.add(beside)
                try:
                    trees.append(_parse(beside))
                except (SyntaxError, ValueError, OSError):
                    continue
        names = {name for tree in trees for name in _imported(tree)}
        return cls(path, tuple(trees), frozenset(names))

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of every tree."""
        for tree in self.trees:
            yield from ast.walk(tree)

    def calls(self, name: str) -> Iterator[ast.Call]:
        """Calls of a function or method `name`, whatever it is a method of."""
        for node in self.nodes():
            if isinstance(node, ast.Call) and last_name(node.func) == name:
                yield node

    def uses(self, name: str) -> bool:
        """Whether a name or attribute `name` occurs."""
        return any(
            (isinstance(node, ast.Name) and node.id == name)
            or (isinstance(node, ast.Attribute) and node.attr == name)
            for node in self.nodes()
        )

    def imports_module(self, module: str) -> bool:
        """Whether `module`, or something in it, is imported, in whatever form."""
        for node in self.nodes():
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            if any(f"{name}.".startswith(f"{module}.") for name in names):
                return True
        return False

    @property
    def trains_with_lrsweep(self) -> bool:
        """Whether it imports `lrsweep.train`."""
        return self.imports_module("lrsweep.train")

    def class_named(self, name: str) -> ast.ClassDef | None:
        """The class that is defined under `name`."""
        for node in self.nodes():
            if isinstance(node, ast.ClassDef) and node.name == name:
                return node
        return None


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def last_name(node: ast.AST) -> str:
    """`add_argument` of `parser.add_argument`; empty for what has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def literal(node: ast.AST | None) -> Default:
    """The value of a literal number, text or boolean; None for anything else."""
    if node is None:
        return None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, bool | int | float | str) else None


def literal_texts(node: ast.AST | None) -> tuple[str, ...]:
    """The texts of a literal list or tuple; empty for anything else."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return ()
    values = [literal(item) for item in node.elts]
    return tuple(str(value) for value in values if value is not None)


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    """The keyword arguments of a call by name."""
    return {word.arg: word.value for word in call.keywords if word.arg is not None}
