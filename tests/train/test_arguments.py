"""Flags of training scripts: either spelling, no guessing, one sentence for what is wrong."""

import pytest

from lrsweep.train import Parser, Recipe
from lrsweep.train.batch_size import scaled_lr


def parse(*flags: str) -> Recipe:
    return Recipe.of(Parser(prog="train.py").with_recipe(epochs=3).parse_args(flags))


def test_flags_fill_the_recipe_and_the_script_chooses_defaults() -> None:
    recipe = parse("--lr", "0.2", "--optimizer", "adamw", "--schedule", "wsd:decay=0.3")
    expected = Recipe(lr=0.2, optimizer="adamw", schedule="wsd:decay=0.3", epochs=3)
    assert recipe == expected


@pytest.mark.parametrize("flag", ["--batch-size=16", "--batch_size=16"])
def test_dashes_and_underscores_are_one(flag: str) -> None:
    assert parse(flag).batch_size == 16
    assert parse(*flag.split("=")).batch_size == 16


def test_underscores_in_values_stay() -> None:
    assert parse("--optimizer", "schedulefree_sgd").optimizer == "schedulefree_sgd"
    assert parse("--optimizer=schedulefree_sgd").optimizer == "schedulefree_sgd"


def test_a_switch_has_two_ends() -> None:
    assert parse("--decay-norms").decay_norms
    assert not parse("--no-decay_norms").decay_norms


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--lr", "fast"], "train.py: argument --lr: invalid float value: 'fast'\n"),
        (["--lr", "-1"], "train.py: the learning rate must not be negative, got -1.0\n"),
        (["--schedule", "wsd:dcay=1"], "train.py: schedule 'wsd' has no setting 'dcay'; it has "),
        (["--optim", "sgd"], "train.py: unrecognized arguments: --optim sgd\n"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(*flags)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith(message)


def test_every_field_of_the_recipe_has_a_flag() -> None:
    assert parse() == Recipe(lr=0.1, epochs=3)
    help_page = Parser().with_recipe().format_help()
    for name in Recipe.__dataclass_fields__:
        assert f"--{name.replace('_', '-')}" in help_page


@pytest.mark.parametrize(("rule", "expected"), [("none", 0.1), ("linear", 0.4), ("sqrt", 0.2)])
def test_a_rate_is_carried_over_to_another_batch_size(rule: str, expected: float) -> None:
    assert scaled_lr(0.1, batch_size=256, rule=rule, base_batch=64) == pytest.approx(expected)
    flags = ["--scale-lr", rule, "--base-batch", "64", "--batch-size", "256"]
    assert parse(*flags).scaled_lr == pytest.approx(expected)
