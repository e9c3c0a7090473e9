"""Text of others is shown without what a terminal would obey."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrsweep.terms import is_printable, printable, printable_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("val_loss é …", "val_loss é …"),
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x9b31mred", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;a:b\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9d0;owned\x9ctitle", "title"),
        ("\x1bcreset", "reset"),
        ("a\nb\r\nc\td", "a b c d"),
        ("a\x08b\x7f", "a�b�"),
        ("gpj\u202eexe", "gpj�exe"),
        ("half \ud800", "half �"),
        ("\x1b]0;never ended", "0;never ended"),
    ],
)
def test_escape_sequences_go_and_other_controls_are_replaced(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    assert is_printable(printable(text))
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in printable(text))
    lines = printable_lines(text)
    assert all(is_printable(line) for line in lines.split("\n"))


@given(st.text(alphabet="ab\x1b[]0;m\x07\x9b\n\r", max_size=40))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert printable(printable(text)) == printable(text)


def test_of_a_line_that_is_written_over_the_end_is_shown() -> None:
    assert printable_lines("10%\r 50%\r100%\r\nnext\r\n") == "100%\nnext\n"


def test_hostile_text_takes_no_time() -> None:
    for text in ("\x1b]" * 200_000, "\x9d" * 200_000, "\x1b[" + "1;" * 200_000):
        assert is_printable(printable(text))
