"""Optimizers match their references bit for bit, repeat themselves, and find a minimum."""

import inspect
import sys
from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from lrsweep.analysis.search_ranges import SEARCH_RANGES, search_range
from lrsweep.errors import InputError
from lrsweep.train import OPTIMIZERS, make_optimizer
from lrsweep.train.muon import ADAMW_SHARE

T = torch.optim
REFERENCES: dict[str, Callable[[Sequence[Tensor]], Optimizer]] = {
    "sgd": lambda p: SGD(p, lr=0.01, fused=True),
    "momentum": lambda p: SGD(p, lr=0.01, momentum=0.9, fused=True),
    "nesterov": lambda p: SGD(p, lr=0.01, momentum=0.9, nesterov=True, fused=True),
    "adam": lambda p: T.Adam(p, lr=0.01, fused=True),
    "adamw": lambda p: T.AdamW(p, lr=0.01, fused=True),
    "nadam": lambda p: T.NAdam(p, lr=0.01, decoupled_weight_decay=True),
    "radam": lambda p: T.RAdam(p, lr=0.01, decoupled_weight_decay=True),
    "rmsprop": lambda p: T.RMSprop(p, lr=0.01),
    "adagrad": lambda p: T.Adagrad(p, lr=0.01, fused=True),
    "adadelta": lambda p: T.Adadelta(p, lr=0.01),
    "adafactor": lambda p: T.Adafactor(p, lr=0.01),
}
OF_TORCH = [*REFERENCES, "muon"]
FUSED = ("sgd", "momentum", "nesterov", "adam", "adamw", "adagrad")
EXTRA = [name for name in OPTIMIZERS if name not in OF_TORCH]
DECOUPLED = ["adamw", "nadam", "radam", "adafactor", "muon"]


def weights() -> list[Tensor]:
    torch.manual_seed(0)
    return [nn.Parameter(torch.randn(4, 3)), nn.Parameter(torch.randn(3))]


def after_steps(optimizer: Optimizer, params: Sequence[Tensor], steps: int = 5) -> list[Tensor]:
    """`params` after `steps` steps on a fixed, noisy quadratic."""
    noise = torch.Generator().manual_seed(1)
    for _ in range(steps):
        optimizer.zero_grad()
        for p in params:
            p.grad = p.detach() + 0.1 * torch.randn(p.shape, generator=noise)
        optimizer.step()
    return [p.detach().clone() for p in params]


def squares(params: Sequence[Tensor]) -> float:
    return sum(float(p.detach().square().sum()) for p in params)


@pytest.mark.parametrize("name", REFERENCES)
def test_first_steps_are_torchs_own_bit_for_bit(name: str) -> None:
    ours, theirs = weights(), weights()
    found = after_steps(make_optimizer(name, ours, 0.01), ours)
    expected = after_steps(REFERENCES[name](theirs), theirs)
    for a, b in zip(found, expected, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", REFERENCES)
def test_fused_kernels_take_the_steps_of_plain_ones(name: str) -> None:
    ours, theirs = weights(), weights()
    optimizer = make_optimizer(name, ours, 0.01)
    kernels = {group.get("fused") for group in optimizer.param_groups}
    assert kernels == ({True} if name in FUSED else {None})
    plain = make_optimizer(name, theirs, 0.01, foreach=False)
    assert not any(group.get("fused") for group in plain.param_groups)
    for a, b in zip(after_steps(optimizer, ours), after_steps(plain, theirs), strict=True):
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-6)


def test_muon_is_torchs_for_matrices_and_adamw_for_the_rest() -> None:
    ours, (matrix, vector) = weights(), weights()
    found = after_steps(make_optimizer("muon", ours, 0.01), ours)
    noise = torch.Generator().manual_seed(1)
    muon = T.Muon([matrix], lr=0.01)
    adamw = T.AdamW([vector], lr=0.01 * ADAMW_SHARE, weight_decay=0.1, fused=True)
    for _ in range(5):
        matrix.grad = matrix.detach() + 0.1 * torch.randn(matrix.shape, generator=noise)
        vector.grad = vector.detach() + 0.1 * torch.randn(vector.shape, generator=noise)
        muon.step()  # type: ignore[no-untyped-call]
        adamw.step()
    assert torch.equal(found[0], matrix)
    assert torch.equal(found[1], vector)


@pytest.mark.parametrize("shape", [(5,), (5, 4)])
def test_muon_works_where_all_or_none_is_a_matrix(shape: tuple[int, ...]) -> None:
    params = [nn.Parameter(torch.ones(shape))]
    assert after_steps(make_optimizer("muon", params, 0.1), params)[0].norm() < params[0].numel()


@pytest.mark.parametrize("name", OF_TORCH)
def test_state_goes_on_bit_for_bit_after_being_saved(name: str) -> None:
    whole, parts = weights(), weights()
    one, two = make_optimizer(name, whole, 0.01), make_optimizer(name, parts, 0.01)
    expected = after_steps(one, whole, 5), after_steps(one, whole, 5)
    after_steps(two, parts, 5)
    resumed = make_optimizer(name, parts, 0.5)
    resumed.load_state_dict(two.state_dict())
    for a, b in zip(after_steps(resumed, parts, 5), expected[1], strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", OF_TORCH)
def test_every_optimizer_finds_a_minimum_within_its_search_range(name: str) -> None:
    low, high = search_range(name)
    losses = []
    for rate in (low, (low * high) ** 0.5, high / 3, high):
        params = weights()
        start = squares(params)
        end = after_steps(make_optimizer(name, params, rate), params, 200)
        losses.append(squares(end) / start)
    assert min(losses) < 0.05


@pytest.mark.parametrize("name", ["adam", "rmsprop", "adagrad", *DECOUPLED])
def test_weight_decay_is_decoupled_where_it_should_be(name: str) -> None:
    params = [nn.Parameter(torch.full((3,), 3.0))]
    optimizer = make_optimizer(name, params, 0.1, weight_decay=0.5)
    rate = optimizer.param_groups[0]["lr"]
    params[0].grad = torch.zeros(3)
    optimizer.step()
    assert torch.allclose(params[0], torch.tensor(3 * (1 - rate * 0.5))) == (name in DECOUPLED)


def test_no_weight_decay_given_keeps_the_optimizers_own() -> None:
    def decay(name: str) -> float:
        return float(make_optimizer(name, weights(), 0.1).param_groups[0]["weight_decay"])

    assert [decay(name) for name in ("sgd", "adam", "adamw", "muon")] == [0, 0, 0.01, 0.1]


def test_every_optimizer_has_a_search_range_around_its_own_default() -> None:
    assert set(SEARCH_RANGES) == set(OPTIMIZERS)
    for name in OF_TORCH:
        default = inspect.signature(OPTIMIZERS[name].make).parameters["lr"].default
        known = SEARCH_RANGES[name]
        assert known.default == default
        assert known.from_scratch[0] <= default <= known.from_scratch[1]
        assert known.fine_tuning[0] < known.from_scratch[0]
        assert known.fine_tuning[1] < known.from_scratch[1]


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="unknown optimizer 'adma'; choose one of sgd, momentum"):
        make_optimizer("adma", weights(), 0.1)
    with pytest.raises(InputError, match="known: sgd, momentum"):
        search_range("adma")


@pytest.mark.parametrize("name", EXTRA)
def test_an_extra_that_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytorch_optimizer", None)
    with pytest.raises(InputError) as caught:
        make_optimizer(name, weights(), 0.1)
    assert caught.value.hint == "pip install 'lrsweep[optimizers]'"


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("name", "lr"), [("lion", 0.01), ("schedulefree_sgd", 1.0), ("schedulefree_adamw", 0.03)]
)
def test_optimizers_of_the_extra_find_a_minimum(name: str, lr: float) -> None:
    pytest.importorskip("pytorch_optimizer")
    params = weights()
    optimizer = make_optimizer(name, params, lr)
    if hasattr(optimizer, "train"):
        optimizer.train()
    after_steps(optimizer, params, 300)
    if hasattr(optimizer, "eval"):
        optimizer.eval()
    assert squares(params) < 1.0
