"""What a script takes decides what a text means: text stays text, 0:1 may be floats."""

from __future__ import annotations

import pytest

from lrsweep.errors import SpaceError
from lrsweep.space import Choice, Fixed, Float, Int, Kind, Parameter, Space
from lrsweep.trial import ParamValue


def read(text: str, kind: Kind | None = None) -> Parameter:
    name = text.partition("=")[0]
    (parameter,) = Space.parse([text], kinds={name: kind} if kind else {}).parameters
    return parameter


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("run=05930,67217e15", ("05930", "67217e15")),
        ("tag=a,1,1e3", ("a", "1", "1e3")),
        ("x=true,auto", (True, "auto")),
        ("drop=null,0.1", (None, 0.1)),
        ("drop=None,0.1", (None, 0.1)),
        ("norm=none,batch", ("none", "batch")),
        ("x='null',null0", ("null", "null0")),
    ],
)
def test_the_values_of_a_choice(text: str, values: tuple[ParamValue, ...]) -> None:
    parameter = read(text)
    assert isinstance(parameter, Choice)
    assert parameter.values == values
    assert [type(v) for v in parameter.values] == [type(v) for v in values]
    assert read(str(parameter)) == parameter


@pytest.mark.parametrize(
    ("text", "kind", "meaning"),
    [
        ("momentum=0:1", "float", Float("momentum", 0.0, 1.0, log=False)),
        ("momentum=0,1", "float", Choice("momentum", (0.0, 1.0))),
        ("momentum=1", "float", Fixed("momentum", 1.0)),
        ("steps=1e4", "int", Fixed("steps", 10_000)),
        ("steps=1e3:1e4", "int", Int("steps", 1000, 10_000)),
        ("run=1e3,1e4", "text", Choice("run", ("1e3", "1e4"))),
        ("run=true", "text", Fixed("run", "true")),
        ("amp=0,1", "bool", Choice("amp", (False, True))),
        ("drop=null,1", "float", Choice("drop", (None, 1.0))),
    ],
)
def test_what_the_script_takes_is_what_is_meant(text: str, kind: Kind, meaning: Parameter) -> None:
    parameter = read(text, kind)
    assert parameter == meaning
    assert str(read(str(parameter))) == str(parameter)
    if isinstance(parameter, Choice):
        types = [type(value) for value in parameter.values]
        assert types == [type(value) for value in meaning.grid()]


def test_null_and_the_text_null_look_the_same_on_a_command_line() -> None:
    with pytest.raises(SpaceError, match="cannot be told apart"):
        read("x=null,'null'")
