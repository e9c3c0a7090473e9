"""What theory and long experience say of learning rates holds for this library's optimizers."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

import pytest
import torch
from torch import Tensor, nn

from lrsweep.analysis.labels import Label, label
from lrsweep.analysis.range_test import analyse
from lrsweep.train import Recipe, accuracy, fit, make_optimizer
from tests.train.conftest import Digits, Recorder

STEEPEST = 10.0


def distance_after(
    steps: int, name: str, lr: float, curvatures: Sequence[float] = (STEEPEST,), decay: float = 0
) -> float:
    """How far from a quadratic's minimum an optimizer ends that began at (1, …)."""
    weights = torch.ones(len(curvatures), dtype=torch.float64)
    curvature = torch.tensor(curvatures, dtype=torch.float64)
    optimizer = make_optimizer(name, [weights], lr, weight_decay=decay)
    for _ in range(steps):
        weights.grad = curvature * weights
        optimizer.step()
    return float(weights.norm())


@pytest.mark.parametrize(
    ("name", "decay", "edge"),
    [
        ("sgd", 0, 2 / STEEPEST),
        ("momentum", 0, 2 * (1 + 0.9) / STEEPEST),
        ("nesterov", 0, 2 * (1 + 0.9) / (STEEPEST * (1 + 2 * 0.9))),
        ("sgd", 2, 2 / (STEEPEST + 2)),
    ],
)
def test_the_edge_of_stability_on_a_quadratic(name: str, decay: float, edge: float) -> None:
    steps = 5000
    assert distance_after(steps, name, edge - 1e-4, decay=decay) < 1
    assert distance_after(steps, name, edge + 1e-4, decay=decay) > 1


def test_the_best_rate_of_gradient_descent_lies_between_the_curvatures() -> None:
    """2 / (largest + smallest curvature), after which both directions shrink alike."""
    rates = [0.16 + 0.002 * i for i in range(20)]
    best = min(rates, key=lambda lr: distance_after(200, "sgd", lr, (STEEPEST, 1.0)))
    assert best == pytest.approx(2 / (STEEPEST + 1), rel=0.02)


@pytest.mark.parametrize("batch", [1, 5, 50, 500])
def test_the_best_rate_of_least_squares_grows_with_the_batch_and_saturates(batch: int) -> None:
    """B / (B + d + 1) for fresh Gaussian examples of dimension d; above twice that it diverges."""
    d, repeats = 50, min(20_000, 200_000 // batch)
    examples = torch.randn(repeats, batch, d, generator=torch.Generator().manual_seed(0))
    start = torch.ones(repeats, d)
    residuals = (examples @ start[:, :, None]).squeeze(-1)
    gradient = (examples * residuals[:, :, None]).mean(1)

    def error(lr: float) -> float:
        """The mean squared error after one step, over the one before."""
        weights = start.clone()
        weights.grad = gradient
        make_optimizer("sgd", [weights], lr).step()
        return float(weights.square().mean())

    best = batch / (batch + d + 1)
    measured = min((best * 2 ** (i / 16) for i in range(-16, 17)), key=error)
    assert measured == pytest.approx(best, rel=0.1)
    assert error(1.8 * best) < 1 < error(2.2 * best)


@pytest.mark.parametrize("name", ["adam", "nadam", "rmsprop", "adagrad", "sgd", "adadelta"])
def test_adaptive_optimizers_do_not_see_the_scale_of_the_loss(name: str) -> None:
    def trained(scale: float, lr: float) -> Tensor:
        torch.manual_seed(0)
        weights = torch.randn(50)
        options = {} if name in ("sgd", "adadelta") else {"eps": 0}
        optimizer = make_optimizer(name, [weights], lr, **options)
        for _ in range(30):
            weights.grad = scale * (weights + torch.randn(50))
            optimizer.step()
        return weights

    same = torch.equal(trained(1024, 0.01), trained(1, 0.01))
    assert same == (name in ("adam", "nadam", "rmsprop", "adagrad"))
    if name == "sgd":
        assert torch.equal(trained(1024, 0.01 / 1024), trained(1, 0.01))


@pytest.mark.parametrize("lr", [0.02, 0.1, 0.15])
def test_the_noise_floor_rises_with_the_rate(lr: float) -> None:
    """lr * sigma^2 / (curvature * (2 - lr * curvature)), the stationary variance of SGD."""
    sigma = 0.5
    noise = torch.Generator().manual_seed(0)
    weights = torch.zeros(20_000, dtype=torch.float64)
    optimizer = make_optimizer("sgd", [weights], lr)
    for _ in range(300):
        drawn = torch.randn(weights.shape, generator=noise, dtype=torch.float64)
        weights.grad = STEEPEST * weights + sigma * drawn
        optimizer.step()
    floor = lr * sigma**2 / (STEEPEST * (2 - lr * STEEPEST))
    assert float(weights.square().mean()) == pytest.approx(floor, rel=0.03)


def train(digits: Digits, recipe: Recipe, trial: Recorder | None = None) -> Recorder:
    """A digits MLP trained by `recipe`; its reports."""
    trial = trial or Recorder()
    torch.manual_seed(recipe.seed)
    fit(
        digits.models["mlp"](),
        digits.train,
        digits.validation,
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": accuracy},
        recipe=recipe,
        trial=trial,
    )
    return trial


@pytest.mark.parametrize(
    ("optimizer", "winner"),
    [("sgd", 1.0), ("momentum", 0.1), ("adam", 0.01), ("rmsprop", 0.01), ("adagrad", 0.1)],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_optimizer_has_its_own_best_decade(
    digits: Digits, optimizer: str, winner: float, seed: int
) -> None:
    def loss(lr: float) -> float:
        recipe = Recipe(lr=lr, optimizer=optimizer, seed=seed, evaluations=2)
        return train(digits, recipe).metrics[-1]["val_loss"]

    assert min((winner / 10, winner, winner * 10), key=loss) == winner


def test_a_warm_up_and_a_cosine_tame_a_rate_that_is_too_high(digits: Digits) -> None:
    """At such a rate a single training is chaotic; the mean of four is not."""
    constant = [Recipe(lr=0.7, optimizer="momentum", seed=seed) for seed in range(4)]
    tamed = [replace(recipe, schedule="cosine", warmup="25%") for recipe in constant]
    losses = [
        fmean(train(digits, recipe).metrics[-1]["val_loss"] for recipe in recipes)
        for recipes in (constant, tamed)
    ]
    assert losses[1] < losses[0] / 1.5


def test_a_rate_too_low_costs_several_times_the_epochs(digits: Digits) -> None:
    def epochs_to_90_percent(lr: float) -> int:
        reports = train(digits, Recipe(lr=lr, epochs=40, evaluations=40)).metrics
        return next(i for i, m in enumerate(reports, 1) if m["val_accuracy"] >= 0.9)

    at_best, a_thirtieth, a_hundredth = (epochs_to_90_percent(lr) for lr in (1.0, 1 / 30, 0.01))
    assert at_best <= 3
    assert a_thirtieth >= 2 * at_best
    assert a_hundredth >= 2 * a_thirtieth


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (
            "sgd",
            {
                1e-4: Label.TOO_SLOW,
                0.03: Label.STILL_IMPROVING,
                0.3: Label.HEALTHY,
                3: Label.COLLAPSED,
                1e4: Label.DIVERGED,
            },
        ),
        (
            "adam",
            {
                1e-5: Label.TOO_SLOW,
                1e-3: Label.STILL_IMPROVING,
                1e-2: Label.HEALTHY,
                1: Label.COLLAPSED,
            },
        ),
    ],
)
def test_labels_follow_the_rate(
    digits: Digits, optimizer: str, expected: dict[float, Label]
) -> None:
    def found(lr: float) -> Label:
        reports = train(digits, Recipe(lr=lr, optimizer=optimizer)).metrics
        return label([m["train_loss"] for m in reports], initial=reports[0]["initial_loss"])

    assert {lr: found(lr) for lr in expected} == expected


@pytest.mark.parametrize(
    ("optimizer", "ramp"), [("sgd", "1e-5:1000:300"), ("adam", "1e-7:100:300")]
)
def test_a_range_test_brackets_the_best_decade(digits: Digits, optimizer: str, ramp: str) -> None:
    best = {"sgd": 1.0, "adam": 0.01}[optimizer]
    steps = train(digits, Recipe(lr=1, optimizer=optimizer, range_test=ramp)).metrics
    found = analyse([m["lr"] for m in steps], [m["train_loss"] for m in steps])
    assert found.bracket is not None
    assert found.bracket[0] < best < found.bracket[1] * 1.5
