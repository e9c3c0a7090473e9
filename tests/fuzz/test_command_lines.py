"""A short form of `python -m tests.fuzz.command_lines`."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.command_lines import faults


@pytest.mark.slow
def test_hostile_command_lines_succeed_or_get_one_sentence() -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    assert list(faults(600, seed)) == [], f"seed {seed}"
