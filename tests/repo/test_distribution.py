"""What `pip install lrsweep` brings: the package, its types and the bundled studies."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def build(kind: str, source: Path, destination: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(destination)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [built] = destination.iterdir()
    return built


def tracked(folder: str) -> set[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout
    return {name for name in listing.split("\0") if name}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", CHECKOUT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as an installer makes it: from the unpacked source distribution."""
    folder = tmp_path_factory.mktemp("source")
    subprocess.run(["tar", "-xzf", str(sdist)], cwd=folder, check=True)
    [source] = folder.iterdir()
    return zipfile.ZipFile(build("wheel", source, tmp_path_factory.mktemp("wheel")))


def test_the_wheel_carries_every_file_of_the_bundled_studies(wheel: zipfile.ZipFile) -> None:
    in_wheel = {name for name in wheel.namelist() if name.startswith("lrsweep/studies/")}
    assert in_wheel >= {f"lrsweep/{name}" for name in tracked("studies")}
    assert "lrsweep/studies/digits/train.py" in in_wheel


def test_the_wheel_holds_nothing_but_the_package_and_its_papers(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lrsweep"}
    assert not [name for name in wheel.namelist() if name.endswith((".pyc", ".db", ".log"))]


def test_the_wheel_says_that_it_is_typed_and_licensed(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert "lrsweep/py.typed" in names
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


def test_the_source_distribution_carries_what_the_tests_need(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        top_level = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"lrsweep", "studies", "tests", "docs", "benchmarks", ".ci", "Makefile"} <= top_level
