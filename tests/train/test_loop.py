"""The loop: what is reported when, how training ends, and that it goes on where it was lost."""

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from lrsweep import TrialStopped, protocol
from lrsweep.errors import InputError
from lrsweep.protocol import TrialFolder
from lrsweep.train import Examples, FitResult, Recipe, accuracy, fit
from lrsweep.train.training import Measure
from tests.train.conftest import Digits, Recorder

RECIPE = Recipe(lr=0.3, epochs=2, evaluations=4)


def train(
    digits: Digits,
    recipe: Recipe,
    trial: Recorder,
    model: Callable[[], nn.Module] | None = None,
    test: Examples | None = None,
    metrics: Mapping[str, Measure] | None = None,
) -> FitResult:
    torch.manual_seed(recipe.seed)
    return fit(
        (model or digits.models["mlp"])(),
        digits.train,
        digits.validation,
        test=test,
        loss=nn.functional.cross_entropy,
        metrics=metrics or {"accuracy": accuracy},
        recipe=recipe,
        trial=trial,
    )


class Kept:
    """Builds a model when the training asks for one, and keeps it."""

    model: nn.Module

    def __init__(self, build: Callable[[], nn.Module]) -> None:
        self._build = build

    def __call__(self) -> nn.Module:
        self.model = self._build()
        return self.model


def test_reports_hold_the_curve_and_the_vitals(digits: Digits, recorder: Recorder) -> None:
    result = train(digits, RECIPE, recorder, test=digits.test)
    first, last = recorder.metrics[0], recorder.metrics[-1]
    assert list(first) == [
        "val_loss",
        "val_accuracy",
        "train_loss",
        "lr",
        "grad_norm",
        "update_ratio",
        "examples_per_s",
        "peak_memory_mib",
        "initial_loss",
    ]
    assert first["initial_loss"] > first["val_loss"] > last["val_loss"]
    assert set(last) ^ set(first) == {"initial_loss", "test_loss", "test_accuracy"}
    assert all(math.isfinite(v) and v > 0 for v in first.values())
    assert (result.metrics, result.examples, result.ended) == (last, 2 * 1079, "budget")


def test_further_examples_are_evaluated_on_request(digits: Digits, recorder: Recorder) -> None:
    fit(
        digits.models["mlp"](),
        digits.train,
        digits.validation,
        also={"easy": digits.train.select(range(20))},
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": accuracy},
        recipe=RECIPE,
        trial=recorder,
    )
    for report in recorder.metrics:
        assert report["easy_loss"] != report["val_loss"]
        assert (report["easy_accuracy"] * 20) % 1 == pytest.approx(0, abs=1e-5)


def test_vitals_of_plain_sgd_are_the_rate_times_the_gradient(
    digits: Digits, recorder: Recorder
) -> None:
    model = digits.models["logreg"]()
    train(digits, replace(RECIPE, batch_size=2 * 1079, evaluations=1), recorder, lambda: model)
    norms = [float(p.detach().norm()) for p in model.parameters()]
    report = recorder.metrics[-1]
    expected = report["lr"] * report["grad_norm"] / math.hypot(*norms)
    assert report["update_ratio"] == pytest.approx(expected, rel=0.2)


def test_the_reported_rate_follows_the_schedule(digits: Digits, recorder: Recorder) -> None:
    train(digits, replace(RECIPE, schedule="linear", warmup="25%", evaluations=2), recorder)
    last_steps = [16 / 34, 33 / 34]  # of 34, reported after 17 each
    expected = [0.3 * (1 - (progress - 0.25) / 0.75) for progress in last_steps]
    assert [m["lr"] for m in recorder.metrics] == pytest.approx(expected)


def test_a_loss_that_is_not_finite_ends_training_with_a_report(
    digits: Digits, recorder: Recorder
) -> None:
    result = train(digits, replace(RECIPE, lr=1e30), recorder, test=digits.test)
    assert result.ended == "diverged"
    assert not math.isfinite(recorder.metrics[-1]["val_loss"])
    assert "test_loss" in recorder.metrics[-1]
    assert len(recorder.metrics) < 4


def test_patience_ends_training_when_the_loss_no_longer_falls(
    digits: Digits, recorder: Recorder
) -> None:
    result = train(digits, replace(RECIPE, lr=0.0, evaluations=10, patience=2), recorder)
    assert result.ended == "patience"
    assert recorder.steps == [1, 2, 3]


def test_patience_follows_the_objective_whatever_its_direction(
    digits: Digits, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = count(1)

    def rising(outputs: Tensor, _targets: Tensor) -> Tensor:
        return outputs.new_tensor(float(next(looks)))

    monkeypatch.setenv("LRSWEEP_METRIC", "val_rising")
    recipe = replace(RECIPE, lr=0.0, evaluations=5, patience=2)
    monkeypatch.setenv("LRSWEEP_DIRECTION", "maximize")
    assert train(digits, recipe, recorder, metrics={"rising": rising}).ended == "budget"
    monkeypatch.setenv("LRSWEEP_DIRECTION", "minimize")
    assert train(digits, recipe, recorder, metrics={"rising": rising}).ended == "patience"


def test_a_plateau_cuts_the_rate(digits: Digits, recorder: Recorder) -> None:
    recipe = replace(RECIPE, lr=1e-9, schedule="plateau:patience=1:factor=0.5", evaluations=6)
    train(digits, recipe, recorder)
    rates = [round(m["lr"] / 1e-9, 6) for m in recorder.metrics]
    assert rates == [1, 1, 1, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_micro_batches_reach_the_same_step(digits: Digits, model: str) -> None:
    weights = []
    for accumulate in (1, 4):
        kept = Kept(digits.models[model])
        train(digits, replace(RECIPE, accumulate=accumulate, epochs=0.5), Recorder(), kept)
        weights.append(nn.utils.parameters_to_vector(kept.model.parameters()).detach())
    assert torch.allclose(weights[0], weights[1], atol=1e-6, rtol=0)


def test_the_gradient_is_clipped(digits: Digits, recorder: Recorder) -> None:
    model = digits.models["logreg"]()
    before = [p.detach().clone() for p in model.parameters()]
    train(
        digits,
        replace(RECIPE, clip_norm=1e-3, epochs=1, batch_size=1079, lr=1.0),
        recorder,
        lambda: model,
    )
    moved = [
        float((p.detach() - b).norm()) for p, b in zip(model.parameters(), before, strict=True)
    ]
    assert math.hypot(*moved) == pytest.approx(1e-3, rel=1e-3)
    assert recorder.metrics[-1]["grad_norm"] > 0.1  # as it was before


class Mode(nn.Module):
    """A linear model that notes whether batches found it training, by their size."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Dropout(), nn.Linear(64, 10))
        self.seen: set[tuple[int, bool]] = set()

    def forward(self, x: Tensor) -> Tensor:
        self.seen.add((len(x), self.training))
        out: Tensor = self.body(x)
        return out


def test_batch_norm_and_dropout_train_on_training_batches_only(
    digits: Digits, recorder: Recorder
) -> None:
    model = Mode()
    train(digits, replace(RECIPE, epochs=1, batch_size=83), recorder, lambda: model)
    assert model.seen == {(83, True), (256, False), (103, False)}
    assert int(model.body[1].num_batches_tracked) == 13  # type: ignore[arg-type]


@pytest.mark.parametrize("precision", ["tf32", "bf16", "fp16"])
def test_lower_precision_trains_as_well(digits: Digits, recorder: Recorder, precision: str) -> None:
    train(digits, replace(RECIPE, precision=precision, epochs=4), recorder)
    assert recorder.metrics[-1]["val_accuracy"] > 0.9


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("optimizer", "lr"), [("lion", 2e-3), ("schedulefree_sgd", 1.0), ("schedulefree_adamw", 0.02)]
)
def test_optimizers_of_the_extra_train(
    digits: Digits, recorder: Recorder, optimizer: str, lr: float
) -> None:
    """Schedule-free ones evaluate at averaged weights, which the loop must switch to and back."""
    pytest.importorskip("pytorch_optimizer")
    train(digits, replace(RECIPE, optimizer=optimizer, lr=lr, epochs=5), recorder)
    assert recorder.metrics[-1]["val_accuracy"] > 0.92


@pytest.mark.parametrize(
    ("how", "modes"), [("off", []), ("default", ["default"]), ("cuda-graphs", ["reduce-overhead"])]
)
def test_compilation_is_an_option(
    digits: Digits, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, how: str, modes: list[str]
) -> None:
    compiled: list[str] = []

    def compile_(model: nn.Module, *, mode: str) -> nn.Module:
        compiled.append(mode)
        return model

    monkeypatch.setattr(torch, "compile", compile_)
    train(digits, replace(RECIPE, compile=how), recorder)
    assert compiled == modes


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler")
@pytest.mark.filterwarnings("ignore")
def test_a_compiled_model_trains_as_the_plain_one(digits: Digits) -> None:
    plain, compiled = Recorder(), Recorder()
    for how, recorder in (("off", plain), ("default", compiled)):
        torch.manual_seed(0)
        recipe = replace(RECIPE, epochs=0.2, evaluations=1, compile=how)
        train(digits, recipe, recorder, digits.models["logreg"])
    assert compiled.metrics[-1]["val_loss"] == pytest.approx(plain.metrics[-1]["val_loss"], 1e-4)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_training_repeats_itself_bit_for_bit(digits: Digits, seed: int) -> None:
    runs = [Recorder(), Recorder()]
    for run in runs:
        train(digits, replace(RECIPE, seed=seed), run, Mode)
    curves = [[(m["val_loss"], m["train_loss"], m["grad_norm"]) for m in r.metrics] for r in runs]
    assert curves[0] == curves[1]


class Killed(Exception):
    """Stands for SIGKILL, right after a report."""


@pytest.mark.parametrize(
    "optimizer",
    ["nesterov", "adamw", "muon", pytest.param("schedulefree_adamw", marks=pytest.mark.heavy)],
)
@pytest.mark.parametrize("killed_at", [1, 3])
def test_a_lost_attempt_goes_on_bit_for_bit(
    digits: Digits, tmp_path: Path, optimizer: str, killed_at: int
) -> None:
    if optimizer.startswith("schedulefree"):
        pytest.importorskip("pytorch_optimizer")
    recipe = replace(
        RECIPE,
        lr=0.01,
        optimizer=optimizer,
        schedule="plateau:patience=0",
        evaluations=5,
        checkpoint_s=0,
    )
    whole, untouched = Recorder(), Kept(Mode)
    train(digits, recipe, whole, untouched)

    def kill(step: int) -> None:
        if step == killed_at + 1:
            raise Killed

    first, second = Recorder(folder=tmp_path, on_report=kill), Recorder(folder=tmp_path)
    with pytest.raises(Killed):
        train(digits, recipe, first, Mode)
    resumed = Kept(Mode)
    train(digits, recipe, second, resumed)
    assert second.steps == list(range(killed_at + 1, 6))
    for a, b in zip(second.metrics, whole.metrics[killed_at:], strict=True):
        assert a["val_loss"] == b["val_loss"]
        assert a["train_loss"] == b["train_loss"]
    for name, tensor in resumed.model.state_dict().items():
        assert torch.equal(tensor, untouched.model.state_dict()[name])
    assert not TrialFolder(tmp_path).checkpoint.exists()


def test_a_checkpoint_of_another_recipe_is_left_alone(digits: Digits, tmp_path: Path) -> None:
    def kill(_: int) -> None:
        raise Killed

    recipe = replace(RECIPE, checkpoint_s=0)
    first = Recorder(folder=tmp_path)
    first.on_report = lambda step: kill(step) if step == 2 else None
    with pytest.raises(Killed):
        train(digits, recipe, first)
    assert TrialFolder(tmp_path).checkpoint.exists()
    second = Recorder(folder=tmp_path)
    train(digits, replace(recipe, lr=0.5), second)
    assert second.steps == [1, 2, 3, 4]


def test_short_trials_write_no_checkpoint(digits: Digits, tmp_path: Path) -> None:
    seen = []
    trial = Recorder(folder=tmp_path, on_report=lambda _: seen.append(list(tmp_path.iterdir())))
    train(digits, RECIPE, trial)
    assert seen == [[]] * 4


def test_a_trial_that_is_stopped_stops(digits: Digits, recorder: Recorder) -> None:
    def stop(step: int) -> None:
        if step == 2:
            raise TrialStopped("behind the median")

    recorder.on_report = stop
    with pytest.raises(TrialStopped) as caught:
        train(digits, RECIPE, recorder)
    assert caught.value.reason == "behind the median"
    assert recorder.steps == [1, 2]


def test_a_range_test_reports_every_step_until_the_loss_explodes(
    digits: Digits, recorder: Recorder
) -> None:
    result = train(digits, replace(RECIPE, range_test="1e-4:1000:200"), recorder)
    rates = [m["lr"] for m in recorder.metrics]
    assert result.ended == "range test"
    assert rates[:2] == pytest.approx([1e-4, 1e-4 * 1e7 ** (1 / 199)])
    assert len(rates) < 200
    assert recorder.metrics[-1]["train_loss"] > 4 * min(m["train_loss"] for m in recorder.metrics)


def test_the_environment_asks_for_a_range_test_too(
    digits: Digits, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(protocol.ENV_RANGE_TEST, "1e-4:1e-3:5")
    assert train(digits, RECIPE, recorder).ended == "range test"
    assert [set(m) for m in recorder.metrics] == [{"lr", "train_loss"}] * 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"lr": -1.0}, "must not be negative, got -1.0"),
        ({"lr": math.nan}, "must not be negative, got nan"),
        ({"batch_size": 0}, "batch_size must be positive, got 0"),
        ({"patience": 0}, "patience must be positive, got 0"),
        ({"optimizer": "adma"}, "unknown optimizer 'adma'; choose one of sgd"),
        ({"precision": "fp8"}, "unknown precision 'fp8'; choose one of fp32, tf32, bf16, fp16"),
        ({"schedule": "cosin"}, "unknown schedule 'cosin'"),
        ({"warmup": "soon"}, "warmup 'soon' is neither"),
        ({"accumulate": 65}, "a batch of 64 cannot be split into 65 micro-batches"),
        ({"layer_rates": "head=fast"}, "'head=fast' is not the name of a module"),
        ({"layer_rates": "head=-1"}, "'head=-1' is not the name of a module"),
        ({"range_test": "1:2"}, "range test '1:2' must be LOW:HIGH:STEPS"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        replace(RECIPE, **change)  # type: ignore[arg-type]
    assert message in str(caught.value)
