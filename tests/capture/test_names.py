from __future__ import annotations

import pytest

from lrsweep.capture import find_metric
from lrsweep.errors import PlanError
from lrsweep.terms import direction_of
from lrsweep.trial import Direction


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("val_loss", "val_loss"),
        ("val_loss", "Val Loss"),
        ("val loss", "val/loss"),
        ("val_loss", "valid_loss"),
        ("val_loss", "validation_loss"),
        ("valLoss", "val_loss"),
        ("valid loss", "val_loss"),
        ("test_loss", "test_set/average_loss"),
        ("Test set: Average loss", "test_set/average_loss"),
        ("Average loss", "test_set/average_loss"),
        ("accuracy", "test_set/accuracy"),
        ("val_acc", "val_accuracy"),
        ("Acc@1", "Acc@1"),
        ("val_rmse", "valid-rmse"),
    ],
)
def test_a_metric_is_found_however_it_is_spelled(wanted: str, name: str) -> None:
    assert find_metric(wanted, ["lr", "grad_norm", name]) == name


def test_the_spelling_that_is_nearest_wins() -> None:
    assert find_metric("val_loss", ["valid_loss", "val_loss", "val/loss"]) == "val_loss"


def test_a_metric_that_may_mean_several_is_not_chosen() -> None:
    with pytest.raises(PlanError, match=r"'loss' may mean train/loss or val/loss; name one") as e:
        find_metric("loss", ["train/loss", "val/loss"])
    assert e.value.hint == "--metric train/loss"


def test_a_part_of_a_name_is_not_the_name() -> None:
    with pytest.raises(PlanError, match="no metric 'loss': the script shows val_loss, lr") as e:
        find_metric("loss", ["lr", "val_loss"])
    assert e.value.hint == "--metric val_loss"


def test_nothing_is_proposed_where_nothing_is_alike() -> None:
    with pytest.raises(PlanError, match="no metric 'bleu': the script shows val_loss, lr") as e:
        find_metric("bleu", ["lr", "val_loss"])
    assert e.value.hint is None


def test_a_script_that_shows_nothing_is_told_what_to_print() -> None:
    with pytest.raises(PlanError, match="nothing that the script prints or writes") as e:
        find_metric("loss", [])
    assert "--metric-regex" in str(e.value.hint)


@pytest.mark.parametrize(
    "name",
    [
        *("loss", "val_loss", "valid-rmse", "Test set: Average loss", "perplexity", "valid_ppl"),
        *("mse", "top1_error", "nll_loss", "valid_1_binary_logloss", "val/Loss", "valLoss"),
    ],
)
def test_losses_and_errors_go_down(name: str) -> None:
    assert direction_of(name) is Direction.MINIMIZE


@pytest.mark.parametrize(
    "name",
    ["acc", "Acc@1", "val_accuracy", "f1", "macro_f1", "roc_auc", "valAccuracy", "R2", "mAP"],
)
def test_accuracies_go_up(name: str) -> None:
    assert direction_of(name) is Direction.MAXIMIZE


@pytest.mark.parametrize(
    "name", ["score", "neg_mean_squared_error", "accuracy_loss", "lr", "x", ""]
)
def test_a_name_that_leaves_a_doubt_has_no_direction(name: str) -> None:
    assert direction_of(name) is None
