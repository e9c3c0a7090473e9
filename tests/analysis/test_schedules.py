"""Every schedule against torch's own scheduler, to 1e-9; the spelling; the warm-up."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler as torch_schedules

from lrsweep.analysis.schedules import NAMES, Plateau, Schedule, Warmup
from lrsweep.errors import InputError

STEPS = 120
LR = 0.4


def torch_rates(
    make: Callable[[torch.optim.Optimizer], torch_schedules.LRScheduler],
) -> list[float]:
    """Learning rates that torch's own scheduler gives to steps 0 … STEPS - 1."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR, momentum=0.9)
    schedule = make(optimizer)
    rates = []
    for _ in range(STEPS):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step()
    return rates


def our_rates(text: str, steps: int = STEPS) -> list[float]:
    multiplier = Schedule.parse(text).by_step(steps)
    return [LR * multiplier(step) for step in range(STEPS)]


@pytest.mark.parametrize(
    ("text", "make"),
    [
        ("constant", lambda o: torch_schedules.ConstantLR(o, factor=1.0)),
        ("step:every=0.1:gamma=0.5", lambda o: torch_schedules.StepLR(o, STEPS // 10, gamma=0.5)),
        (
            "exponential:floor=0.001",
            lambda o: torch_schedules.ExponentialLR(o, gamma=0.001 ** (1 / STEPS)),
        ),
        ("linear", lambda o: torch_schedules.LinearLR(o, 1.0, 0.0, total_iters=STEPS)),
        ("polynomial:power=3", lambda o: torch_schedules.PolynomialLR(o, STEPS, power=3)),
        ("cosine", lambda o: torch_schedules.CosineAnnealingLR(o, T_max=STEPS)),
        ("cosine:floor=0.1", lambda o: torch_schedules.CosineAnnealingLR(o, STEPS, LR / 10)),
        (
            "restarts:cycles=4",
            lambda o: torch_schedules.CosineAnnealingWarmRestarts(o, T_0=STEPS // 4),
        ),
        (
            "restarts:cycles=4:mult=2:floor=0.05",
            lambda o: torch_schedules.CosineAnnealingWarmRestarts(o, STEPS // 15, 2, LR * 0.05),
        ),
        (
            "triangular:cycles=3:floor=0.25",
            lambda o: torch_schedules.CyclicLR(o, LR / 4, LR, step_size_up=STEPS // 6),
        ),
        (
            "triangular2:cycles=3:floor=0.25",
            lambda o: torch_schedules.CyclicLR(o, LR / 4, LR, STEPS // 6, mode="triangular2"),
        ),
    ],
)
def test_every_schedule_matches_torchs_own(
    text: str, make: Callable[[torch.optim.Optimizer], torch_schedules.LRScheduler]
) -> None:
    assert our_rates(text) == pytest.approx(torch_rates(make), abs=1e-9)


def test_onecycle_matches_torchs_own() -> None:
    def make(optimizer: torch.optim.Optimizer) -> torch_schedules.LRScheduler:
        return torch_schedules.OneCycleLR(
            optimizer, LR, STEPS, pct_start=0.3, div_factor=25, final_div_factor=1e4
        )

    assert our_rates("onecycle:start=0.04:floor=4e-6") == pytest.approx(torch_rates(make), abs=1e-9)


@pytest.mark.parametrize("warmup", ["10", "100", "0.999"])
@pytest.mark.parametrize("name", [n for n in NAMES if n != "onecycle"])
def test_a_warmup_as_long_as_the_run_ends_at_the_full_rate(name: str, warmup: str) -> None:
    schedule, start = Schedule.parse(name), Schedule.parse(name).shape()(0)
    by_step = schedule.by_step(10, Warmup.parse(warmup))
    assert by_step(9) == pytest.approx(start)
    assert [by_step(i) for i in range(10)] == sorted(by_step(i) for i in range(10))
    assert schedule.by_step(1, Warmup.parse(warmup))(0) == pytest.approx(start)


@pytest.mark.parametrize("number", range(0, STEPS + 1, 5))
def test_wsd_holds_then_falls_in_a_line(number: int) -> None:
    multiplier = Schedule.parse("wsd:decay=0.25:floor=0.1").by_step(STEPS)
    decay_starts = 0.75 * STEPS
    fallen = max(0.0, number - decay_starts) / (STEPS - decay_starts)
    assert multiplier(number) == pytest.approx(1 - 0.9 * fallen, abs=1e-9)


@given(
    losses=st.lists(st.floats(0.01, 10), min_size=1, max_size=60),
    patience=st.integers(0, 4),
    factor=st.sampled_from([0.1, 0.5]),
)
def test_plateau_matches_torchs_own(losses: list[float], patience: int, factor: float) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    reference = torch_schedules.ReduceLROnPlateau(
        optimizer, factor=factor, patience=patience, eps=0
    )
    ours = Plateau(factor, patience)
    for loss in losses:
        reference.step(loss)
        ours.observe(loss)
        assert ours.multiplier == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)


def test_a_loss_that_is_no_number_does_not_cut_the_rate() -> None:
    plateau = Plateau(patience=1)
    for loss in (1.0, *[math.nan] * 10, 0.5):
        plateau.observe(loss)
    assert plateau.multiplier == 1.0


def test_llama_3_1() -> None:
    """8e-5, 8000 warm-up steps, cosine to 1 % over 1.2 M steps (Dubey et al. 2407.21783, 3.4.1)."""
    total = 1_200_000
    multiplier = Schedule.parse("cosine:floor=0.01").by_step(total, Warmup.parse("8000"))
    expected = {
        0: 0.0,
        1: 1e-8,
        4000: 4e-5,
        8000: 8e-5,
        604_000: 8e-5 * (0.01 + 0.99 * 0.5),
        306_000: 8e-5 * (0.01 + 0.99 * (1 + math.cos(math.pi / 4)) / 2),
        total: 8e-7,
    }
    found = {step: 8e-5 * multiplier(step) for step in expected}
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "plateau"])
def test_a_warmup_goes_in_front_of_any_schedule(name: str) -> None:
    plain = Schedule.parse(name).shape()
    warmed = Schedule.parse(name).by_step(1000, Warmup.parse("20%"))
    assert warmed(0) == 0.0
    assert warmed(100) == pytest.approx(plain(0) / 2)
    for number in (200, 500, 1000):
        assert warmed(number) == pytest.approx(plain((number - 200) / 800), abs=1e-12)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "plateau"])
@given(progress=st.floats(0, 1))
def test_multipliers_lie_between_0_and_1(name: str, progress: float) -> None:
    assert 0 <= Schedule.parse(name).shape()(progress) <= 1 + 1e-12


def test_a_warmup_is_a_share_or_steps() -> None:
    assert [Warmup.parse(t).of(1000) for t in ("0", "5%", "0.05", 0.05, "250", 250)] == [
        0,
        0.05,
        0.05,
        0.05,
        0.25,
        0.25,
    ]
    assert Warmup.parse("5000").of(1000) == 0.999


@pytest.mark.parametrize("text", ["-1", "1.5", "nan", "inf", "150%", "soon", ""])
def test_a_warmup_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="neither a share"):
        Warmup.parse(text)


@pytest.mark.parametrize("text", [*NAMES, "wsd:decay=0.1", "restarts:cycles=2:mult=2"])
def test_a_schedule_prints_back_as_it_was_spelled(text: str) -> None:
    assert str(Schedule.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cosin", "unknown schedule 'cosin'; choose one of constant, step"),
        ("", "unknown schedule ''"),
        ("wsd:dcay=0.2", "schedule 'wsd' has no setting 'dcay'; it has decay, floor"),
        ("constant:floor=0", "schedule 'constant' has no setting 'floor'; it has none"),
        ("wsd:decay", "decay must be a number from 1e-06 to 1, got ''"),
        ("wsd:decay=2", "decay must be a number from 1e-06 to 1, got '2'"),
        ("cosine:floor=nan", "floor must be a number"),
        ("restarts:cycles=1.5", "cycles must be a whole number from 1 to 10000, got '1.5'"),
        ("exponential:floor=0", "floor must be a number from 1e-12"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Schedule.parse(text)
    assert message in str(caught.value)
