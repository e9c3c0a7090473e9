"""`lr=auto` is the range of the optimizer that the sweep uses, and is never a guess in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.errors import SpaceError
from lrsweep.plan.auto_range import with_ranges
from lrsweep.report.plan import plan_lines
from lrsweep.train import Recipe
from lrsweep.trial import Slot
from tests.plan.planner import Planner


def space(plan: Planner, *texts: str, **said: object) -> tuple[str, ...]:
    return plan(space=list(texts), **said).space.texts()


def test_each_optimizer_of_the_space_has_its_own_range(plan: Planner) -> None:
    assert space(plan, "lr=auto", "optimizer=sgd,adamw", "batch_size=16,32") == (
        "lr@sgd=0.001:10:log",
        "lr@adamw=1e-05:0.1:log",
        "optimizer=sgd,adamw",
        "batch_size=16,32",
    )


def test_optimizers_of_the_same_range_share_it(plan: Planner) -> None:
    assert space(plan, "lr=auto", "optimizer=adam,adamw")[0] == "lr=1e-05:0.1:log"


def test_a_fixed_optimizer_counts_in_whatever_case(plan: Planner) -> None:
    assert space(plan, "learning_rate=auto", fixed=["train.opt=SGD"])[0] == (
        "learning_rate=0.001:10:log"
    )


def test_fine_tuning_and_lora_have_ranges_of_their_own(plan: Planner) -> None:
    fixed = ["optimizer=adamw"]
    assert space(plan, "lr=auto:fine-tuning", fixed=fixed)[0] == "lr=1e-06:0.001:log"
    assert space(plan, "lr=auto:lora", fixed=fixed)[0] == "lr=1e-05:0.002:log"
    assert space(plan, "lr=auto:from-scratch", fixed=fixed)[0] == "lr=1e-05:0.1:log"


def test_what_follows_belongs_to_the_range(plan: Planner) -> None:
    assert space(plan, "lr=auto:fine-tuning:points=4", fixed=["optimizer=adam"])[0] == (
        "lr=1e-06:0.001:log:points=4"
    )


def test_it_may_stand_for_one_of_several(plan: Planner) -> None:
    texts = space(plan, "lr@sgd=auto", "lr@sophia=1e-5:1e-2", "optimizer=sgd,sophia")
    assert texts[:2] == ("lr@sgd=0.001:10:log", "lr@sophia=1e-05:0.01:log")


def test_a_sweep_file_may_say_it(plan: Planner, folder: Path) -> None:
    (folder / "sweep.toml").write_text(
        'script = "train.py"\nmetric = "val_loss"\n[space]\nlr = "auto"\noptimizer = ["sgd"]\n'
    )
    assert plan("sweep.toml").space.texts()[0] == "lr=0.001:10:log"


@pytest.mark.parametrize(
    ("source", "command", "expected"),
    [
        ("add('--lr')\nadd('--opt', default='rmsprop')", (), "rmsprop, the default of train.py"),
        ("torch.optim.SGD(w, lr, momentum=0.9)", (), "momentum, the optimizer of train.py"),
        ("AdamW(w, lr=args.lr)", (), "adamw, the optimizer of train.py"),
        ("AdamW(w, lr=args.lr)", ("--opt", "sgd"), "sgd, as the command says"),
        ("AdamW(w, lr=args.lr)", ("train.optimizer=lion",), "lion, as the command says"),
    ],
)
def test_without_one_in_the_space_the_command_and_the_script_tell(
    plan: Planner, folder: Path, source: str, command: tuple[str, ...], expected: str
) -> None:
    script = folder / "train.py"
    script.write_text(f"import argparse\nadd = argparse.ArgumentParser().add_argument\n{source}\n")
    made = plan("train.py", *command, space=["lr=auto"])
    assert made.remarks == (f"lr=auto is the range of {expected}",)
    assert f"note     {made.remarks[0]}" in plan_lines(made, [Slot(0)])


def test_a_script_of_the_library_uses_its_default(plan: Planner, folder: Path) -> None:
    script = folder / "train.py"
    script.write_text("from lrsweep.train import Parser\nParser().with_recipe(epochs=3)\n")
    assert plan(space=["lr=auto"]).remarks == (
        f"lr=auto is the range of {Recipe(lr=0.1).optimizer}, the default of train.py",
    )
    script.write_text("from lrsweep.train import Parser\nParser().with_recipe(optimizer='adam')\n")
    assert plan(space=["lr=auto"]).space.texts() == ("lr=1e-05:0.1:log",)


@pytest.mark.parametrize(
    ("texts", "fixed", "message", "hint"),
    [
        (["lr=auto"], [], "lr=auto: which optimizer", "-s optimizer=adamw"),
        (["lr=auto", "optimizer=sgd,sophia"], [], "'sophia'", "lr@sgd=auto lr@sophia=1e-5:1"),
        (["lr=auto:lora"], ["optimizer=sgd"], "for lora with optimizer 'sgd'", "lr=1e-5:1"),
        (["lr=auto:finetune"], ["opt=sgd"], "'finetune' is not a kind", "lr=auto:fine-tuning"),
        (["lr=auto,0.1"], ["opt=sgd"], "auto is a whole range", "lr=auto"),
        (["x=1,2"], ["lr=auto"], "auto is a whole range", "-s lr=auto"),
        (["lr=auto", "opt=sgd,adam", "head.opt=sgd,adam"], [], "opt or head.opt", "lr=1e-5:1"),
        (
            ["lr@cnn=auto", "model=cnn,mlp", "opt=sgd,adam"],
            [],
            "depends on opt too",
            "lr@cnn=1e-5:1",
        ),
    ],
)
def test_what_cannot_be_known_is_asked_for(
    texts: list[str], fixed: list[str], message: str, hint: str
) -> None:
    with pytest.raises(SpaceError) as raised:
        with_ranges(texts, fixed, (), None)
    assert message in raised.value.message
    assert hint in (raised.value.hint or "")


def test_auto_is_an_ordinary_value_of_anything_else(plan: Planner) -> None:
    assert space(plan, "lr=1e-5:1", "precision=auto,bf16")[1] == "precision=auto,bf16"
