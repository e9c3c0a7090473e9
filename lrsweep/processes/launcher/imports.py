"""What a script imports before it does anything, read from its source without running it.

The script's own modules, which lie beside it, are read as well, never imported: only what an
installed library provides is the same for every trial.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

_MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Import:
    """`import module`, or `from module import names`."""

    module: str
    names: tuple[str, ...] = ()


def library_imports(argv: Sequence[str], cwd: str) -> list[Import]:
    """The libraries that `python script.py` or `python -m module` imports, in order, once each."""
    if argv[1] == "-m":
        root = Path(cwd)
        files = list(_own_files(root, argv[2])) + list(_own_files(root, f"{argv[2]}.__main__"))
    else:
        script = Path(cwd, argv[1]).resolve()
        root, files = script.parent, [script]
    found: dict[Import, None] = {}
    seen: set[Path] = set()
    while files and len(seen) < _MOST_FILES:
        file = files.pop(0)
        if file in seen:
            continue
        seen.add(file)
        for item in _imports_of(file, root):
            own = _own_root(item.module, root)
            if own is not None:
                names = [item.module, *(f"{item.module}.{name}" for name in item.names)]
                files += [path for name in names for path in _own_files(own, name)]
            else:
                found[item] = None
    return list(found)


def _imports_of(file: Path, root: Path) -> Iterator[Import]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, ValueError, SyntaxError, RecursionError):
        return
    for node in _at_import(tree.body):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names if alias.name != "*")
            module = node.module or ""
            if node.level:
                module = _absolute(module, node.level, file, root)
            if module:
                yield Import(module, names)


def _at_import(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the module does: none inside functions or TYPE_CHECKING."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield from _at_import(node.orelse)
            continue
        yield node
        for name in ("body", "orelse", "finalbody"):
            yield from _at_import(getattr(node, name, ()))
        for handler in getattr(node, "handlers", ()):
            yield from _at_import(handler.body)


def _absolute(module: str, level: int, file: Path, root: Path) -> str:
    """The full name behind `from ..module import`, seen from `file`; empty outside `root`."""
    folder = file.parents[level - 1]
    if not folder.is_relative_to(root):
        return ""
    return ".".join([*folder.relative_to(root).parts, *([module] if module else [])])


def _own_root(module: str, root: Path) -> Path | None:
    """The folder from which `module` is imported where that is no library; None for libraries.

    A bare folder beside the script (`data/`, `wandb/`) is not taken for the library of that name.
    """
    top = module.partition(".")[0]
    beside = PathFinder.find_spec(top, [str(root)])
    if beside is not None and beside.origin is not None:
        return root
    if top in sys.stdlib_module_names or top == "lrsweep":
        return None
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        return root if beside is not None else None
    origin = Path(spec.origin)
    if _is_installed(origin):
        return None
    return origin.parents[1] if origin.name == "__init__.py" else origin.parent


def _is_installed(file: Path) -> bool:
    homes = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return bool({"site-packages", "dist-packages"} & set(file.parts)) or any(
        file.is_relative_to(home) for home in homes
    )


def _own_files(root: Path, module: str) -> Iterator[Path]:
    """The files that `import module` runs below `root`: every package on the way, then itself."""
    path = root
    for part in module.split("."):
        path = path / part
        for file in (path.with_name(f"{part}.py"), path / "__init__.py"):
            if file.is_file():
                yield file
