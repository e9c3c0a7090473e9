"""Every command that prints results prints them as JSON, as docs/output.schema.json says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lrsweep.cli.main import main
from tests.cli.terminal import lrsweep

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/output.schema.json").read_text(encoding="utf-8")
)
RUN = ("run", "digits", "-s", "optimizer=sgd,adam", "-s", "batch_size=64,256", "--seed", "1", "-q")


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("json")
    for study, space in (("digits", "lr=1e-3:30"), ("two", "lr=0.1:0.3")):
        options = ("-s", space, "--sampler", "random", "-n", "5", "--study", study, "--json")
        done = lrsweep(folder, *RUN, *options)
        assert done.returncode == 0, done.stderr
        (folder / f"{study}.json").write_text(done.stdout)
    return folder


def checked(text: str, kind: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    document = json.loads(text, parse_constant=refuse)
    assert document["schema"] == f"lrsweep.{kind}/1"
    jsonschema.validate(document, SCHEMA)
    return document


def test_the_end_of_a_run(swept: Path) -> None:
    checked((swept / "digits.json").read_text(), "run")


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("report", ("report", "digits", "--format", "json")),
        ("list", ("list", "--json")),
        ("show", ("show", "1", "--json")),
        ("studies", ("studies", "--json")),
        ("studies", ("studies", "digits", "--json")),
        ("compare", ("compare", "digits", "two", "--json")),
        ("dry_run", (*RUN, "-s", "lr=0.1:1", "--dry-run", "--json")),
    ],
)
def test_reading_commands(
    kind: str,
    arguments: tuple[str, ...],
    swept: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(swept)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code
    checked(capsys.readouterr().out, kind)


def test_a_document_of_another_shape_is_refused(swept: Path) -> None:
    document = json.loads((swept / "digits.json").read_text())
    for broken in ({"direction": "up"}, {"trials": {"completed": -1}}, {"schema": "lrsweep.run/2"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document | broken, SCHEMA)
