"""The language model learns, sees no future, and is trained on shorter windows first."""

import runpy
from typing import Any

import pytest
import torch

from lrsweep.errors import InputError
from lrsweep.train import SequenceWarmup
from tests.studies.conftest import STUDIES, Run

SHORT = ("--epochs=0.05", "--evaluations=3", "--length=32", "--batch-size=32")


@pytest.fixture(scope="module")
def study() -> dict[str, Any]:
    return runpy.run_path(str(STUDIES / "char-lm" / "train.py"))


@pytest.mark.parametrize(
    "flags",
    [
        ("--optimizer=adamw", "--lr=1e-2", "--warmup=20%", "--precision=bf16"),
        ("--optimizer=muon", "--lr=2e-2", "--schedule=wsd", "--seq-warmup=0.5"),
    ],
)
def test_it_learns(run: Run, flags: tuple[str, ...]) -> None:
    reports = run("char-lm", *SHORT, *flags)
    assert reports[-1].metrics["val_loss"] < reports[0].metrics["initial_loss"] - 0.5


def test_a_target_is_the_next_character(study: dict[str, Any]) -> None:
    train, validation, test, characters = study["load"](16, torch.device("cpu"))
    for part in (train, validation, test):
        assert torch.equal(part.inputs[:, 1:], part.targets[:, :-1])
        assert int(part.targets.max()) < characters
    assert len(train) > 15 * len(validation)


def test_it_does_not_look_ahead(study: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = study["Transformer"](50, length=12).eval()
    ids = torch.randint(50, (1, 12))
    changed = ids.clone()
    changed[0, 8:] = (changed[0, 8:] + 1) % 50
    same = (model(ids) == model(changed)).all(-1)[0]
    assert same.tolist() == [True] * 8 + [False] * 4


def test_windows_grow_to_their_full_length() -> None:
    warmup = SequenceWarmup(over=0.5)
    lengths = [warmup.length(64, progress / 10) for progress in range(11)]
    assert lengths == [8, 16, 24, 40, 48, 64, 64, 64, 64, 64, 64]
    inputs, targets = warmup((torch.zeros(3, 64), torch.zeros(3, 64)), 0.2)
    assert inputs.shape == targets.shape == (3, 24)


def test_no_warm_up_leaves_windows_as_they_are() -> None:
    assert SequenceWarmup(over=0.0).length(64, 0.0) == 64
    assert SequenceWarmup(over=0.5).length(4, 0.1) == 4
    with pytest.raises(InputError, match="a share from 0 to 1, got 2"):
        SequenceWarmup(over=2)
