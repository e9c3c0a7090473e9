from __future__ import annotations

import pytest

from lrsweep.errors import PlanError
from lrsweep.search.pruners import make_rule
from lrsweep.settings.methods import PRUNERS, SAMPLERS, parse_method


def test_a_name_alone_takes_every_default() -> None:
    method = parse_method("asha", PRUNERS)
    assert (method.name, method.count("reduction"), method.number("min")) == ("asha", 3, 0.1)


@pytest.mark.parametrize("text", ["asha:reduction=4,min=5%", "asha:reduction=4,min=0.05"])
def test_parameters_follow_a_colon(text: str) -> None:
    method = parse_method(text, PRUNERS)
    assert (method.count("reduction"), method.number("min")) == (4, 0.05)
    assert str(method) == text


@pytest.mark.parametrize("name", PRUNERS)
def test_every_pruner_that_is_declared_can_be_made(name: str) -> None:
    text = "threshold:upper=3" if name == "threshold" else name
    assert (make_rule(parse_method(text, PRUNERS)) is None) == (name == "none")


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("medain", "is not one of median, optuna-median", "did you mean median?"),
        ("asha:reductio=3", "'reductio=3', which is no parameter", "did you mean reduction?"),
        ("asha:reduction=1", "gives reduction 1, which is below 2", None),
        ("asha:reduction=2.5", "gives reduction '2.5', which is not a whole number", "reduction=3"),
        ("asha:min=5", "gives min 5, which is above 1", None),
        ("asha:min=nan", "gives min 'nan', which is not a share", "min=0.1"),
        ("asha:min", "gives min no value", "asha:min=0.1"),
        ("asha:", "has '', which is no parameter", "it takes reduction, min"),
        ("asha:min=5%,min=6%", "gives min twice", None),
        ("none:x=1", "has parameters, and none takes none", "write none"),
        ("threshold", "gives neither lower nor upper", "threshold:upper=10"),
        ("threshold:lower=3,upper=1", "gives lower 3, which is not below upper 1", None),
        ("patient:then=threshold", "gives then 'threshold', which is not one of", None),
    ],
)
def test_what_is_wrong_is_said(text: str, sentence: str, hint: str | None) -> None:
    with pytest.raises(PlanError) as error:
        parse_method(text, PRUNERS)
    assert sentence in error.value.message
    assert hint is None or hint in (error.value.hint or "")


def test_samplers_are_written_in_the_same_grammar() -> None:
    assert parse_method("tpe:startup=20", SAMPLERS).count("startup") == 20
