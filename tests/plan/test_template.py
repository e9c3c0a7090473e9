"""A configuration file as template: the values are set, and all else stays as it was."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lrsweep.errors import PlanError
from lrsweep.plan.template import Template
from lrsweep.trial import ParamValue

YAML = """\
# the optimizer
optim: {lr: 0.1, name: "sgd"}   # inline
model: !Net
  width: &w 64
  layers: [64, 64]
  note:
  text: |
    lr: 3
nested:
  deep:
    lr: 1e-3
"""
TOML = '# top\n[optim]\nlr = 0.1 # rate\nlayers = [64, 64]\n"a.b" = 1\n'
JSON = '{"optim": {"lr": 0.1, "layers": [64]}, "seed": 1}'


def template(folder: Path, name: str, text: str) -> Template:
    path = folder / name
    path.write_text(text)
    return Template.read(path)


def test_yaml_keeps_everything_but_the_values(tmp_path: Path) -> None:
    text = template(tmp_path, "c.yaml", YAML).render(
        {"nested.deep.lr": 1e-05, "optim.lr": 1.0, "model.layers": "[32, 16]", "model.note": "a: b"}
    )
    expected = (
        YAML.replace("1e-3", "1.0e-05")
        .replace("lr: 0.1,", "lr: 1.0,")
        .replace("[64, 64]", "[32, 16]")
        .replace("note:", 'note: "a: b"')
    )
    assert text == expected


def test_toml_keeps_comments(tmp_path: Path) -> None:
    text = template(tmp_path, "c.toml", TOML).render({"optim.lr": 1.0, "optim.layers": "[1, 2]"})
    assert text.startswith("# top\n[optim]\nlr = 1.0 # rate\n")
    assert tomllib.loads(text) == {"optim": {"lr": 1.0, "layers": [1, 2], "a.b": 1}}


def test_json_values_are_set(tmp_path: Path) -> None:
    text = template(tmp_path, "c.json", JSON).render({"optim.lr": 1e-05, "seed": 7})
    assert json.loads(text) == {"optim": {"lr": 1e-05, "layers": [64]}, "seed": 7}


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("c.yaml", YAML, ("optim.lr", "optim.name", "model.width", "model.layers")),
        ("c.toml", TOML, ("optim.lr", "optim.layers", "optim.layers.0")),
        ("c.json", JSON, ("optim.lr", "optim.layers", "optim.layers.0", "seed")),
    ],
)
def test_every_value_has_a_dotted_name(
    name: str, text: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    assert template(tmp_path, name, text).names()[: len(names)] == names


@given(
    value=st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(lambda t: t[:1] != "[")
)
def test_every_value_reads_back_exactly(
    value: ParamValue, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    texts: dict[str, tuple[str, Callable[[str], Any]]] = {
        "c.yaml": ("optim:\n  lr: 0.1\n", yaml.safe_load),
        "c.toml": ("[optim]\nlr = 0.1\n", tomllib.loads),
        "c.json": ('{"optim": {"lr": 0.1}}', json.loads),
    }
    for name, (text, load) in texts.items():
        written = template(folder, name, text).render({"optim.lr": value})
        read = load(written)["optim"]["lr"]
        assert read == value
        assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("c.ini", "", "is none of .yaml, .yml, .toml, .json"),
        ("c.yaml", "a: [1", "cannot be understood"),
        ("c.toml", "a = ", "cannot be understood"),
        ("c.json", "{", "cannot be understood"),
    ],
)
def test_a_file_that_is_wrong_is_refused(
    name: str, text: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(PlanError, match=sentence):
        template(tmp_path, name, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read: No such file"):
        Template.read(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("lr", "did you mean optim.lr?"), ("optim.lrr", "did you mean optim.lr?"), ("zz", "its keys")],
)
def test_an_unknown_key_is_refused_with_the_nearest(name: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=f"'{name}' is no key") as caught:
        template(tmp_path, "c.json", JSON).check(name)
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_items_of_lists_are_named_by_their_number(tmp_path: Path) -> None:
    layers = "layers:\n  - {units: 64}   # first\n  - units: 32\nbetas: [0.9, 0.999]\n"
    made = template(tmp_path, "c.yaml", layers)
    assert made.names() == (*("layers.0.units", "layers.1.units", "betas", "betas.0", "betas.1"),)
    text = made.render({"layers.0.units": 8, "layers.1.units": 16, "betas.1": 0.99})
    assert yaml.safe_load(text) == {"layers": [{"units": 8}, {"units": 16}], "betas": [0.9, 0.99]}
    assert "# first" in text
    table = "[[layers]]\nunits = 64\n[[layers]]\nunits = 32\n"
    text = template(tmp_path, "c.toml", table).render({"layers.1.units": 8})
    assert tomllib.loads(text) == {"layers": [{"units": 64}, {"units": 8}]}
    text = template(tmp_path, "c.json", '{"layers": [{"units": 64}]}').render({"layers.0.units": 8})
    assert json.loads(text) == {"layers": [{"units": 8}]}


def test_what_a_trial_knows_of_itself_is_filled_in(tmp_path: Path) -> None:
    made = template(tmp_path, "c.yaml", "lr: 0.1\ntag: run_{trial}\nout: '{dir}/x'\nbox: {a: 1}\n")
    text = made.render({"lr": 1.0}, {"trial": 3, "dir": "/runs/3", "seed": 7})
    assert yaml.safe_load(text) == {"lr": 1.0, "tag": "run_3", "out": "/runs/3/x", "box": {"a": 1}}


def test_null_is_what_the_format_has(tmp_path: Path) -> None:
    assert yaml.safe_load(template(tmp_path, "c.yaml", "a: 1\n").render({"a": None})) == {"a": None}
    assert json.loads(template(tmp_path, "c.json", '{"a": 1}').render({"a": None})) == {"a": None}
    with pytest.raises(PlanError, match="TOML has no null"):
        template(tmp_path, "c.toml", "a = 1\n").render({"a": None})
