"""The syntax of a script and of the modules beside it that it imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from lrsweep.scripts.parameter import Default

_MOST_MODULES = 60


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The trees of a script (first) and its own modules, and the top-level names they import.

    `unread` are those of them that are neither its own nor in the standard library.
    """

    path: Path
    trees: tuple[ast.Module, ...]
    imports: frozenset[str]
    unread: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path, *, packages: Path | None = None) -> Source:
        """Raises `SyntaxError`, `ValueError` or `OSError` where the script cannot be read.

        With `packages`, the folder of installed packages, those that the script imports are its own
        too: it is then no more than the entry of a package.
        """
        modules = _Modules(path.absolute(), packages)
        trees = [_parse(path)]
        files = [path.absolute()]
        for tree, file in zip(trees, files, strict=False):  # grow while they are walked
            for found in modules.imported(tree, file):
                if found in files or len(trees) >= _MOST_MODULES:
                    continue
                try:
                    trees.append(_parse(found))
                except (SyntaxError, ValueError, OSError):
                    continue
                files.append(found)
        names = frozenset(name for tree in trees for name in _imported(tree))
        own = {file.stem for file in files} | {part for file in files for part in file.parent.parts}
        unread = names - own - sys.stdlib_module_names
        return cls(path, tuple(trees), names, frozenset(unread))

    def nodes(self) -> Sequence[ast.AST]:
        """Every node of every tree."""
        return _index(self).nodes

    def calls(self, name: str) -> Iterator[ast.Call]:
        """Calls of a function or method `name`, whatever it is a method of."""
        return iter(_index(self).calls.get(name, ()))

    def uses(self, name: str) -> bool:
        """Whether a name or attribute `name` occurs."""
        return name in _index(self).used

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

    def function_named(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The function that is defined under `name`."""
        return _index(self).functions.get(name)

    def texts(self) -> Iterator[str]:
        """Every literal text."""
        for node in self.nodes():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value

    def class_named(self, name: str) -> ast.ClassDef | None:
        """The class that is defined under `name`."""
        return _index(self).classes.get(name)


@dataclass(slots=True)
class _Index:
    """What a source holds, by name: of several functions or classes of one name the first."""

    nodes: list[ast.AST] = field(default_factory=list)
    calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


@lru_cache(maxsize=16)
def _index(source: Source) -> _Index:
    index = _Index()
    for tree in source.trees:
        for node in ast.walk(tree):
            index.nodes.append(node)
            if isinstance(node, ast.Call):
                index.calls.setdefault(last_name(node.func), []).append(node)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                index.functions.setdefault(node.name, node)
            elif isinstance(node, ast.ClassDef):
                index.classes.setdefault(node.name, node)
            elif isinstance(node, ast.Name):
                index.used.add(node.id)
            elif isinstance(node, ast.Attribute):
                index.used.add(node.attr)
    return index


class _Modules:
    """Where the modules of a script lie: beside it, or in the package that it is part of."""

    def __init__(self, path: Path, packages: Path | None) -> None:
        top = path.parent
        while (top / "__init__.py").is_file():
            top = top.parent
        self._script = path
        self._beside = path.parent
        # Of a folder of many packages only its own are read: what they import may be anything.
        self._top = packages or top
        self._own = None if packages else {path.relative_to(top).parts[0]}

    def imported(self, tree: ast.Module, file: Path) -> Iterator[Path]:
        """The files of its own modules that `tree`, which stands in `file`, imports."""
        if self._own is None:
            self._own = {name for name in _imported(tree) if name not in sys.stdlib_module_names}
        roots = list(dict.fromkeys((self._beside, self._top)))
        for node in ast.walk(tree):
            for folder, dotted in self._names(node, file, roots):
                inside = folder == self._top != self._beside
                if not inside or dotted.partition(".")[0] in self._own:
                    yield from _files(folder, dotted)

    @staticmethod
    def _names(node: ast.AST, file: Path, roots: list[Path]) -> Iterator[tuple[Path, str]]:
        if isinstance(node, ast.Import):
            yield from ((root, alias.name) for alias in node.names for root in roots)
        elif isinstance(node, ast.ImportFrom):
            folder = file.parent
            for _ in range(node.level - 1):
                folder = folder.parent
            for root in [folder] if node.level else roots:
                if node.module:
                    yield root, node.module
                for alias in node.names:
                    yield root, f"{node.module}.{alias.name}" if node.module else alias.name


def _files(folder: Path, dotted: str) -> Iterator[Path]:
    place = folder.joinpath(*dotted.split("."))
    for file in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
        if file.is_file():
            yield file


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


def is_literal(node: ast.AST | None) -> bool:
    """Whether `node` is a literal number, text, boolean or None."""
    return (
        isinstance(node, ast.Constant) and (node.value is None or literal(node) is not None)
    ) or (literal(node) is not None)


def literal_list(node: ast.AST | None) -> str | None:
    """`[64, 64]` for a literal list or tuple of plain values; None for anything else."""
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    values = [literal(item) for item in node.elts]
    if any(value is None for value in values):
        return None
    return f"[{', '.join(map(str, values))}]"


def keywords(call: ast.Call) -> dict[str, ast.expr]:
    """The keyword arguments of a call by name."""
    return {word.arg: word.value for word in call.keywords if word.arg is not None}
