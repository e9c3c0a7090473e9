from __future__ import annotations

import pytest

from lrsweep.search.ceiling import BatchSizeCeiling
from lrsweep.space import Space
from lrsweep.trial import ParamValue

SPACE = Space.parse(["lr=1e-3:1", "batch_size=16:256:pow2", "eval.batch_size=8,32,128"])


def test_nothing_is_ruled_out_at_first() -> None:
    assert BatchSizeCeiling(SPACE).allows({"batch_size": 256}, "gpu")


def test_what_ran_out_of_memory_and_more_is_ruled_out_on_that_device_alone() -> None:
    ceiling = BatchSizeCeiling(SPACE)
    assert ceiling.ran_out({"lr": 0.1, "batch_size": 128}, "gpu") == [
        "batch_size 128 and above are not tried again on gpu"
    ]
    assert not ceiling.allows({"batch_size": 128}, "gpu")
    assert not ceiling.allows({"batch_size": 256}, "gpu")
    assert ceiling.allows({"batch_size": 64}, "gpu")
    assert ceiling.allows({"batch_size": 256}, "cpu")


def test_the_lowest_ceiling_counts() -> None:
    ceiling = BatchSizeCeiling(SPACE)
    ceiling.ran_out({"batch_size": 64}, "gpu")
    assert ceiling.ran_out({"batch_size": 256}, "gpu") == []
    assert not ceiling.allows({"batch_size": 64}, "gpu")


@pytest.mark.parametrize(
    ("label", "ran_out", "proposed", "tried"),
    [
        ("batch_size", 128, 256, 64),
        ("batch_size", 128, 32, 32),
        ("eval.batch_size", 128, 128, 32),
        ("eval.batch_size", 8, 32, 32),  # nothing is left below
    ],
)
def test_a_proposal_at_the_ceiling_is_lowered(
    label: str, ran_out: int, proposed: ParamValue, tried: ParamValue
) -> None:
    ceiling = BatchSizeCeiling(SPACE)
    ceiling.ran_out({label: ran_out}, "gpu")
    parameter = next(p for p in SPACE.parameters if p.label == label)
    assert ceiling.lowered(parameter, proposed, "gpu") == tried


def test_a_parameter_without_a_value_left_is_told() -> None:
    ceiling = BatchSizeCeiling(SPACE)
    ceiling.ran_out({"batch_size": 32}, "gpu")
    assert not ceiling.rules_out_all("gpu")
    ceiling.ran_out({"batch_size": 16}, "gpu")
    assert ceiling.rules_out_all("gpu")
    assert not ceiling.rules_out_all("cpu")
