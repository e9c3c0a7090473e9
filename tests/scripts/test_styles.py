"""Parameters are written as each kind of script takes them, and arrive as what they were."""

from __future__ import annotations

import argparse
from ast import literal_eval

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrsweep.scripts.option import Option
from lrsweep.scripts.styles import STYLES, StyleName, append
from lrsweep.trial import ParamValue


@pytest.mark.parametrize(
    ("style", "value", "arguments"),
    [
        ("argparse", 1.0, ["--x", "1.0"]),
        ("argparse", 64, ["--x", "64"]),
        ("argparse", 1e-05, ["--x", "1e-05"]),
        ("argparse", -1e-05, ["--x=-1e-05"]),
        ("argparse", True, ["--x"]),
        ("argparse", False, []),
        ("argparse", "two words", ["--x", "two words"]),
        ("argparse", "[64, 32]", ["--x", "64", "32"]),
        ("hydra", 1.0, ["x=1.0"]),
        ("hydra", True, ["x=true"]),
        ("hydra", "sgd", ["x=sgd"]),
        ("hydra", "1e-3", ["x='1e-3'"]),
        ("hydra", "it's", ["x='it\\'s'"]),
        ("hydra", "[64, 32]", ["x=[64, 32]"]),
        ("keyvalue", 1.0, ["--x=1.0"]),
        ("keyvalue", False, ["--x=False"]),
        ("keyvalue", "a\nb", ["--x=a\nb"]),
        ("lightning", 1.0, ["--x=1.0"]),
        ("lightning", False, ["--x=false"]),
        ("none", 1.0, []),
    ],
)
def test_a_value_is_written_in_the_style(
    style: StyleName, value: ParamValue, arguments: list[str]
) -> None:
    assert append(style, "x", value, {}) == arguments


def test_a_known_option_is_spelled_as_the_script_spells_it() -> None:
    options = {"batch_size": Option("--batch-size", takes_value=True)}
    assert append("argparse", "batch_size", 64, options) == ["--batch-size", "64"]
    assert append("argparse", "batch-size", 64, options) == ["--batch-size", "64"]


def test_a_switch_is_unset_by_its_negation() -> None:
    options = {"ema": Option("--ema", "--no-ema"), "cache": Option("", "--no-cache")}
    assert append("argparse", "ema", False, options) == ["--no-ema"]
    assert append("argparse", "cache", False, options) == ["--no-cache"]
    assert append("argparse", "cache", True, options) == []


def test_an_option_that_takes_a_value_gets_booleans_as_one() -> None:
    options = {"ema": Option("--ema", takes_value=True)}
    assert append("argparse", "ema", False, options) == ["--ema", "false"]


def test_an_option_that_takes_one_value_gets_a_list_as_one() -> None:
    options = {"betas": Option("--betas", takes_value=True, takes_list=False)}
    assert append("argparse", "betas", "[0.9, 0.99]", options) == ["--betas", "[0.9, 0.99]"]


def test_an_option_that_repeats_gets_a_list_item_by_item() -> None:
    options = {"size": Option("--size", takes_value=True, repeats=True)}
    assert append("argparse", "size", "[64, 32]", options) == ["--size", "64", "--size", "32"]


numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)


@given(numbers)
def test_argparse_reads_every_number_back_exactly(value: int | float) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", type=type(value))
    read = parser.parse_args(append("argparse", "x", value, {})).x
    assert read == value
    assert type(read) is type(value)


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_argparse_reads_every_text_back_exactly(value: str) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", nargs="?")
    known = {"x": Option("--x", takes_value=True, takes_list=False)}
    assert parser.parse_args(append("argparse", "x", value, known)).x == value


@given(numbers | st.booleans())
def test_keyvalue_arguments_are_python_literals(value: ParamValue) -> None:
    [argument] = append("keyvalue", "x", value, {})
    read = literal_eval(argument.removeprefix("--x="))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("style", STYLES)
@given(value=st.text())
def test_no_text_is_refused(style: StyleName, value: str) -> None:
    append(style, "x", value, {})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda t: t[:1] != "["))
def test_hydra_reads_every_text_back_exactly(value: str) -> None:
    parsing = pytest.importorskip("hydra.core.override_parser.overrides_parser")
    [argument] = append("hydra", "x", value, {})
    read = parsing.OverridesParser.create().parse_override(argument).value()
    assert getattr(read, "text", read) == value
