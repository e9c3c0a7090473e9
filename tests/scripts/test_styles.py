"""Parameters are written as each kind of script takes them, and arrive as what they were."""

from __future__ import annotations

import argparse
from ast import literal_eval

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrsweep.scripts.parameter import Parameter, StyleName
from lrsweep.scripts.styles import STYLES, CannotBeSaid, arguments
from lrsweep.trial import ParamValue


@pytest.mark.parametrize(
    ("style", "value", "written"),
    [
        ("argparse", 1.0, ["--x", "1.0"]),
        ("argparse", 64, ["--x", "64"]),
        ("argparse", 1e-05, ["--x", "1e-05"]),
        ("argparse", -1e-05, ["--x=-1e-05"]),
        ("argparse", None, []),
        ("argparse", "two words", ["--x", "two words"]),
        ("argparse", "[64, 32]", ["--x", "64", "32"]),
        ("single", 0.1, ["-x", "0.1"]),
        ("absl", False, ["--x=false"]),
        ("absl", "[64, 32]", ["--x=64,32"]),
        ("equals", True, ["--x=true"]),
        ("fire", None, ["--x=None"]),
        ("fire", "67217e15", ['--x="67217e15"']),
        ("fire", "[a, 1]", ["--x=['a', 1]"]),
        ("gin", "sgd", ['x="sgd"']),
        ("gin", "@sgd", ["x=@sgd"]),
        ("gin", 0.1, ["x=0.1"]),
        ("hydra", 1.0, ["x=1.0"]),
        ("hydra", True, ["x=true"]),
        ("hydra", None, ["x=null"]),
        ("hydra", "sgd", ["x=sgd"]),
        ("hydra", "1e-3", ["x='1e-3'"]),
        ("hydra", "it's", ["x='it\\'s'"]),
        ("hydra", "[64, 32]", ["x=[64, 32]"]),
        ("keyvalue", 1.0, ["--x=1.0"]),
        ("keyvalue", False, ["--x=False"]),
        ("keyvalue", "05930", ['--x="05930"']),
        ("lightning", 1.0, ["--x=1.0"]),
        ("lightning", False, ["--x=false"]),
        ("lightning", None, ["--x=null"]),
        ("omegaconf", "67217e15", ['x="67217e15"']),
        ("omegaconf", "sgd", ["x=sgd"]),
        ("yacs", True, ["x", "True"]),
        ("yacs", "adam", ["x", "adam"]),
        ("yacs", "[64, 32]", ["x", "[64, 32]"]),
        ("none", 1.0, []),
    ],
)
def test_a_value_is_written_in_the_style(
    style: StyleName, value: ParamValue, written: list[str]
) -> None:
    assert list(arguments(style, Parameter("x"), value)) == written


def test_an_option_that_takes_one_value_gets_a_list_as_one() -> None:
    betas = Parameter("betas", "--betas", many="never")
    assert arguments("argparse", betas, "[0.9, 0.99]") == ("--betas", "[0.9, 0.99]")


def test_an_option_that_repeats_gets_a_list_item_by_item() -> None:
    size = Parameter("size", "--size", many="repeated")
    assert arguments("argparse", size, "[64, 32]") == ("--size", "64", "--size", "32")


@pytest.mark.parametrize(
    ("parameter", "value", "reason"),
    [
        (Parameter("n", kind="int"), 0.5, "a whole number"),
        (Parameter("n", kind="int"), "many", "a number"),
        (Parameter("n", kind="float"), True, "a number"),
        (Parameter("n", kind="bool"), 3, "true or false"),
        (Parameter("n", said={True: ("--n",), False: None}), False, "no argument makes it false"),
        (Parameter("n", default=0.5, knows_default=True), None, "left out, it is 0.5"),
        (Parameter("n", choices=("a", "b")), "c", "one of a, b"),
        (Parameter("n", kind="float", many="never"), "[1, 2]", "a number"),
    ],
)
def test_what_cannot_arrive_is_refused(
    parameter: Parameter, value: ParamValue, reason: str
) -> None:
    with pytest.raises(CannotBeSaid, match=reason):
        arguments("argparse", parameter, value)


def _is_no_list(text: str) -> bool:
    return not text.startswith("[")


numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)


@given(numbers)
def test_argparse_reads_every_number_back_exactly(value: int | float) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", type=type(value))
    read = parser.parse_args(arguments("argparse", Parameter("x"), value)).x
    assert read == value
    assert type(read) is type(value)


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_argparse_reads_every_text_back_exactly(value: str) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--x", nargs="?")
    known = Parameter("x", many="never")
    assert parser.parse_args(arguments("argparse", known, value)).x == value


@given(numbers | st.booleans())
def test_keyvalue_arguments_are_python_literals(value: ParamValue) -> None:
    [argument] = arguments("keyvalue", Parameter("x"), value)
    read = literal_eval(argument.removeprefix("--x="))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("style", STYLES)
@given(value=st.text())
def test_no_text_is_refused(style: StyleName, value: str) -> None:
    arguments(style, Parameter("x"), value)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda t: t[:1] != "["))
def test_hydra_reads_every_text_back_exactly(value: str) -> None:
    parsing = pytest.importorskip("hydra.core.override_parser.overrides_parser")
    [argument] = arguments("hydra", Parameter("x"), value)
    read = parsing.OverridesParser.create().parse_override(argument).value()
    assert getattr(read, "text", read) == value


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])).filter(_is_no_list))
def test_omegaconf_reads_every_text_back_exactly(value: str) -> None:
    config = pytest.importorskip("omegaconf").OmegaConf
    [argument] = arguments("omegaconf", Parameter("x"), value)
    read = config.to_container(config.from_dotlist([argument]), resolve=False)["x"]
    assert read == value


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])).filter(_is_no_list))
def test_python_texts_are_read_back_exactly(value: str) -> None:
    [argument] = arguments("keyvalue", Parameter("x"), value)
    text = argument.removeprefix("--x=")
    try:
        read = literal_eval(text)
    except (ValueError, SyntaxError):
        read = text
    assert read == value
