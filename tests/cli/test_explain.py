"""Every word of a report can be explained."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lrsweep.analysis.glossary import ENTRIES, drawing, entry_of
from lrsweep.analysis.labels import Label
from lrsweep.analysis.statements import Finding
from lrsweep.trial import Outcome

LRSWEEP = Path(sys.executable).with_name("lrsweep")


@pytest.mark.parametrize("word", [*Label, *Outcome, *Finding])
def test_every_label_outcome_and_finding_has_an_entry(word: str) -> None:
    assert entry_of(str(word)) is not None


def test_every_drawing_stays_within_its_width() -> None:
    for entry in ENTRIES.values():
        assert all(len(line) <= 62 for line in drawing(entry))
        assert entry.curve is None or len(drawing(entry)) == 9


def said(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LRSWEEP, "explain", *words], capture_output=True, text=True, timeout=60)


def test_a_word_is_explained_with_what_to_do() -> None:
    done = said("too", "slow")
    assert done.returncode == 0
    assert "What to do: Raise the learning rate" in done.stdout
    assert "│•" in done.stdout


def test_an_unknown_word_is_answered_with_the_nearest() -> None:
    done = said("overfiting")
    assert done.returncode == 2
    assert "did you mean overfitting?" in done.stderr
