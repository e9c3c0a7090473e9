"""Parameters that exist only where a choice takes a value."""

import pytest

from lrsweep.errors import SpaceError
from lrsweep.space import Condition, Space

PER_OPTIMIZER = ("lr@sgd=1e-3:1", "lr@adamw=1e-5:1e-2", "optimizer=sgd,adamw")


def test_a_condition_finds_the_one_choice_that_has_its_value() -> None:
    space = Space.parse(PER_OPTIMIZER)
    assert [p.when for p in space.parameters] == [
        Condition("optimizer", "sgd"),
        Condition("optimizer", "adamw"),
        None,
    ]
    assert [p.label for p in space.parameters] == ["lr@sgd", "lr@adamw", "optimizer"]
    assert space.names() == ("lr", "optimizer")


def test_parents_come_before_their_children_and_keep_the_users_order() -> None:
    space = Space.parse(["decay@wsd=0.1:0.5", *PER_OPTIMIZER, "schedule@sgd=cosine,wsd"])
    assert [p.label for p in space.ordered()] == [
        "optimizer",
        "lr@sgd",
        "lr@adamw",
        "schedule@sgd",
        "decay@wsd",
    ]


def test_only_parameters_whose_condition_holds_are_active() -> None:
    space = Space.parse([*PER_OPTIMIZER, "schedule@sgd=cosine,wsd", "decay@wsd=0.1:0.5"])

    def active(**params: str) -> list[str]:
        return [p.label for p in space.active(params)]

    assert active(optimizer="adamw") == ["optimizer", "lr@adamw"]
    assert active(optimizer="sgd", schedule="wsd") == [
        "optimizer",
        "lr@sgd",
        "schedule@sgd",
        "decay@wsd",
    ]
    # A value left over from elsewhere does not bring its children to life.
    assert active(optimizer="adamw", schedule="wsd") == ["optimizer", "lr@adamw"]


def test_a_label_names_the_choice_where_two_share_the_value() -> None:
    space = Space.parse(["inner=sgd,lion", "optimizer=sgd,adamw", "lr@optimizer=sgd=1e-3:1"])
    lr = space.parameters[-1]
    assert lr.when == Condition("optimizer", "sgd")
    assert lr.label == "lr@optimizer=sgd"
    assert str(lr) == "lr@optimizer=sgd=0.001:1:log"


def test_a_named_choice_is_left_out_of_the_label_where_it_is_not_needed() -> None:
    space = Space.parse(["optimizer=sgd,adamw", "lr@optimizer=sgd=1e-3:1"])
    assert space.parameters[-1].label == "lr@sgd"
    assert space == Space.parse(["optimizer=sgd,adamw", "lr@sgd=1e-3:1"])


def test_numbers_and_booleans_are_conditions_too() -> None:
    space = Space.parse(
        [
            "warmup=0,0.05",
            "shape@0.05=linear,cosine",
            "nesterov=true,false",
            "momentum@nesterov=true=0.8,0.9",
        ]
    )
    whens = [p.when for p in space.parameters]
    assert whens[1] == Condition("warmup", 0.05)
    assert whens[3] == Condition("nesterov", True)


def test_a_condition_takes_its_value_as_the_choice_spells_it() -> None:
    space = Space.parse(["warmup=0,0.05", "shape@0=linear,cosine"])
    assert space.parameters[1].label == "shape@0.0"


def test_a_value_with_an_equals_sign_is_quoted_in_a_condition() -> None:
    space = Space.parse(["schedule=cosine,wsd:decay=0.2", "lr@'wsd:decay=0.2'=1e-3:1"])
    assert space.parameters[1].when == Condition("schedule", "wsd:decay=0.2")
    assert space.parameters[1].label == "lr@'wsd:decay=0.2'"


def test_a_fixed_value_may_be_a_parent() -> None:
    space = Space.parse(["lr@sgd=1e-3:1"], ["optimizer=sgd"])
    assert [p.label for p in space.active({"optimizer": "sgd"})] == ["optimizer", "lr@sgd"]


def test_a_choice_goes_before_a_fixed_value_that_is_the_same() -> None:
    space = Space.parse(["epochs=5", "layers=5,10", "width@5=16,32"])
    assert space.parameters[2].when == Condition("layers", 5)


def test_a_name_may_return_under_parents_that_exclude_each_other() -> None:
    space = Space.parse(
        [
            "optimizer=sgd,adamw",
            "variant@sgd=plain,nesterov",
            "lr@plain=0.1:1",
            "lr@nesterov=0.01:0.1",
            "lr@adamw=1e-4:1e-2",
        ]
    )
    assert space.names() == ("optimizer", "variant", "lr")
    assert space.grid_size() == 2 + 2 + 3


def test_one_choice_may_itself_have_several_definitions() -> None:
    space = Space.parse(
        [
            "optimizer=sgd,adamw",
            "schedule@sgd=step,cosine",
            "schedule@adamw=cosine,wsd",
            "cycles@cosine=1,2",
        ]
    )
    assert space.grid_size() == (1 + 2) + (2 + 1)
    assert len(list(space.grid())) == 6


@pytest.mark.parametrize(
    ("texts", "message", "hint"),
    [
        (
            ["lr@sdg=1e-3:1", "optimizer=sgd,adamw"],
            "lr@sdg: no choice has the value sdg",
            "try lr@sgd=0.001:1:log",
        ),
        (
            ["lr@sgd=1e-3:1"],
            "lr@sgd: no choice has the value sgd",
            "try lr=0.001:1:log",
        ),
        (
            ["lr@optimizer=adam=1e-3:1", "optimizer=sgd,adamw"],
            "lr@adam: optimizer is no choice that has the value adam",
            "try lr@adamw=0.001:1:log",
        ),
        (
            ["lr@epochs=5=1e-3:1", "epochs=1:10"],
            "lr@5: epochs is no choice that has the value 5",
            "try lr=0.001:1:log",
        ),
        (
            ["lr@optimizer=1e-3:1", "optimizer=sgd,adamw"],
            "lr@optimizer: optimizer is a parameter, and the condition needs one of its values",
            "try lr@sgd=0.001:1:log",
        ),
        (
            ["lr@optimizer=sgd", "optimizer=sgd,adamw"],
            "lr@optimizer: optimizer is a parameter, and the condition needs one of its values",
            "try lr@optimizer=sgd=1e-3:1",
        ),
        (
            ["lr@sgd=1e-3:1", "optimizer=sgd,adamw", "inner=sgd,lion"],
            "lr@sgd: sgd is a value of optimizer and inner, and the condition does not say whose",
            "try lr@optimizer=sgd=0.001:1:log",
        ),
        (
            ["lr@sgd,adamw=1e-3:1", "optimizer=sgd,adamw"],
            "lr@sgd,adamw=1e-3:1: a condition names one value",
            "try lr@sgd=1e-3:1 lr@adamw=1e-3:1",
        ),
        (
            ["lr@=1e-3:1"],
            "lr@=1e-3:1: there is no value between @ and =",
            "try lr@sgd=1e-3:1",
        ),
        (
            ["a@x=1,2", "b@1=x,y"],
            "a@x → b@1 → a@x is a circle of conditions",
            "try a=1,2",
        ),
        (
            ["a@1=1,2"],
            "a@1 → a@1 is a circle of conditions",
            "try a=1,2",
        ),
        (
            ["lr=1e-5:1", "lr=1e-4:1"],
            "lr is given twice: lr=1e-05:1:log and lr=0.0001:1:log",
            "try lr=0.0001:1:log",
        ),
        (
            ["lr=1e-5:1", "lr@sgd=1e-3:1", "optimizer=sgd,adamw"],
            "lr is given both for every trial (lr=1e-05:1:log) "
            "and only where optimizer is sgd (lr@sgd=0.001:1:log)",
            "try lr@sgd=0.001:1:log lr@adamw=1e-05:1:log",
        ),
        (
            ["lr@sgd=0.1:1", "lr@true=0.01:1", "optimizer=sgd,adamw", "nesterov=true,false"],
            "lr@sgd and lr@true can hold at once, and then lr has two meanings",
            "try lr@sgd=0.1:1:log",
        ),
    ],
)
def test_parameters_that_do_not_fit_together(texts: list[str], message: str, hint: str) -> None:
    with pytest.raises(SpaceError) as caught:
        Space.parse(texts)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_parameter_that_is_searched_cannot_be_set_as_well() -> None:
    with pytest.raises(SpaceError, match=r"lr is given twice: lr=1e-05:1:log and lr=0.1"):
        Space.parse(["lr=1e-5:1"], ["lr=0.1"])


def test_hundreds_of_nested_conditions_are_no_trouble() -> None:
    texts = ["p0=a0,b0", *(f"p{i}@a{i - 1}=a{i},b{i}" for i in range(1, 300))]
    space = Space.parse([*reversed(texts), "lr@a299=0.1:1", "lr@b299=0.1:1"])
    assert [p.name for p in space.ordered()][:300] == [f"p{i}" for i in range(300)]
    assert space.grid_size() == 299 + 4
    assert len(list(space.grid())) == 303
