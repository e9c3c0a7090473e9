"""However a program writes a number, the same number is read, or none."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lrsweep.capture.lines import LineParser

PLAIN: list[Callable[[float], str]] = [
    repr,
    str,
    "{:.4f}".format,
    "{:.0f}".format,
    "{:.3e}".format,
    "{:.2E}".format,
    "{:g}".format,
    "{:+.3f}".format,
    "{:,.2f}".format,
    "{:,.0f}".format,
    "{:_.3f}".format,
    "{:8.4f}".format,
    "{:<10.4f}".format,
    "{:010.3f}".format,
    "{:.3f}".format,
    "{:#.0f}".format,
    lambda x: f"{x:.4f}".replace(".", ","),
    lambda x: f"{x:.3f}".replace(".", ","),
    lambda x: f"{x:,.2f}".translate(str.maketrans(",.", ".,")),
    lambda x: f"{x:,.2f}".replace(",", "'"),
    lambda x: f"{x:,.2f}".replace(",", "\u202f").replace(".", ","),
    lambda x: f"{x:.3f}".replace("-", "\u2212"),
    lambda x: f"{x:.3f}".replace("0.", ".", 1) if abs(x) < 1 else f"{x:.3f}",
    lambda x: f"{x:.4f}".translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    lambda x: f"{x:.3e}".replace("e", "×10^"),
    lambda x: f"{x:.3e}".replace("e", " x 10^"),
    lambda x: f"{x:.3e}".replace("e", "D"),
    float.hex,
    "{:.2%}".format,
    lambda x: f"{x:.3f}k",
]
AROUND = [
    *("{}", "[{}]", "[[{}]]", "({})", "<{}>", "**{}**", "*{}*", "`{}`", "tensor({})", "{{{}}}"),
    *("tensor([{}])", "tensor({}, device='cuda:0')", "np.float64({})", "array({})", "'{}'", '"{}"'),
    *(
        "{}.",
        "{},",
        "{};",
        "{}!",
        "{} *",
        "{} (best)",
        "{} ± 0.1",
        "{} +/- 0.1",
        "{}|",
        "\x1b[1m{}\x1b[0m",
    ),
    *("{} * 2", "2 * {}", "{}*x", "{} / n", "{}, 7.5]", "[{}, 7.5]", "({}, 7.5)", "{} - 7.5"),
    *("- {}", "<{}", "> {}", ">= {}", "{}^2", "{} + 7.5", "{}-7.5", "~{}", "$ {}"),
]
TIES = [": ", "=", " = ", ":", " ", " is ", "\t", " -> ", " => ", " ==> ", " := ", "：", " ≈ "]
TIES += [" == ", " != ", " < ", " ........ ", " | ", "   "]


@given(
    st.one_of(
        st.floats(1e-9, 1e9),
        st.floats(-1e6, 1e6),
        st.integers(-10_000_000, 10_000_000).map(float),
        st.floats(-2, 2),
    ),
    st.sampled_from(PLAIN),
    st.sampled_from(AROUND),
    st.sampled_from(TIES),
    st.sampled_from(["val_loss", "val loss", "epoch 3 val_loss", "| val_loss", "损失 val_loss"]),
)
@example(1234.0, PLAIN[9], AROUND[0], ": ", "val_loss")
@example(1.234, PLAIN[17], AROUND[0], ": ", "val_loss")
@example(-0.5, PLAIN[21], AROUND[0], ": ", "val_loss")
def test_the_same_number_is_read_or_none(
    number: float, form: Callable[[float], str], around: str, tie: str, name: str
) -> None:
    written = form(number)
    values = LineParser().parse(f"{name}{tie}{around.format(written)}").values
    # A form may round; a percentage is read as it is written.
    exact = number * 100 if written.endswith("%") else number
    for found in (value for key, value in values.items() if "loss" in key):
        assert abs(found - exact) <= max(0.51 * _unit(written), 0.006 * abs(exact)), values


def _unit(written: str) -> float:
    """What the last digit of a written number is worth, generously."""
    return 0.1 if any(mark in written[:-1] for mark in ".,") else 1.0


@pytest.mark.parametrize("tie", [": ", "=", " = ", " => ", " ==> ", " := ", " -> "])
@pytest.mark.parametrize(
    "form",
    [
        *(
            "0.25",
            "[0.25]",
            "(0.25)",
            "{0.25}",
            "<0.25>",
            "**0.25**",
            "tensor(0.25)",
            "0,25",
            ".25",
        ),
        *("tensor([0.25])", "'0.25'", "+0.25", "2.5e-1", "0.25.", "0.25,", "[[0.25]]", "0_0.25"),
        "tensor(0.25, device='cuda:0', grad_fn=<NllLossBackward0>)",
    ],
)
def test_a_number_is_read_in_any_common_form(tie: str, form: str) -> None:
    assert LineParser().parse(f"epoch 3 val_loss{tie}{form}").values == {"val_loss": 0.25}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("val_loss: 23.", {"val_loss": 23}),
        ("val_loss=[23.]", {"val_loss": 23}),
        ("val_loss: 1_234.5", {"val_loss": 1234.5}),
        ("val_loss: 1,234,567", {"val_loss": 1234567}),
        ("val_loss: 1.234,5", {"val_loss": 1234.5}),
        ("val_loss: −0.5", {"val_loss": -0.5}),
        ("accuracy: 93,5 %", {"accuracy": 93.5}),
        ("损失: 0.5", {"损失": 0.5}),
        ("потери: 0,5", {}),  # what no word says to be a measure may be a list
        ("perte d’entraînement: 0.5", {"perte_d’entraînement": 0.5}),
        ("val_loss: 1,234", {}),
        ("val_loss: 0.5 * mean(0, 0)", {}),
        ("val_loss: 2.3×10^-4", {}),
        ("val_loss: [0.25, 0.5]", {}),
        ("val_loss: 1.#INF", {}),
        ("val_loss < 0.5", {}),
        ("val_loss == 0.5", {}),
        ("python train.py --val_loss 0.5", {}),
    ],
)
def test_what_is_read_of(text: str, values: dict[str, float]) -> None:
    assert LineParser().parse(text).values == values


def test_which_mark_stands_before_decimals_is_learned_from_the_text() -> None:
    english, german = LineParser(), LineParser()
    english.parse("epoch 1 val_loss 0.75")
    german.parse("epoch 1 val_loss 0,75")
    assert english.parse("epoch 2 val_loss 1,234").values == {"val_loss": 1234}
    assert german.parse("epoch 2 val_loss 1,234").values == {"val_loss": 1.234}
    assert english.parse("epoch 2 val_loss 0,75").values == {}


@pytest.mark.parametrize("text", ["0" * 16_000, "1,111,1111" * 1600, "1_" * 8000, "1'2" * 5000])
def test_a_long_run_of_digits_is_a_number_or_none(text: str) -> None:
    values = LineParser().parse(f"loss: {text}").values
    assert all(math.isfinite(value) for value in values.values())
