from __future__ import annotations

from lrsweep.capture.kinds import Kinds


def choose(kinds: Kinds, line: bytes, *, redrawn: bool = False) -> int | None:
    """How many lines were left out before `line`; None where it is left out itself."""
    chosen = list(kinds.choose([line], redrawn=redrawn))
    return chosen[0][1] if chosen else None


def test_every_line_is_read_until_there_are_very_many_alike() -> None:
    kinds = Kinds("loss")
    assert {choose(kinds, b"step %d loss %d" % (i, -i)) for i in range(9_999)} == {0}


def test_what_was_left_out_is_counted_and_the_last_is_kept() -> None:
    kinds = Kinds("loss")
    chosen = [choose(kinds, b"loss %d" % i, redrawn=True) for i in range(123_456)]
    read = [skipped for skipped in chosen if skipped is not None]
    assert len(read) < 25_000
    (last, redrawn, skipped), *others = kinds.rest()
    assert (last, redrawn, others) == (b"loss 123455", True, [])
    assert len(read) + sum(read) + skipped + 1 == 123_456
    assert list(kinds.rest()) == []


def test_a_rare_kind_among_many_lines_is_read_each_time() -> None:
    kinds = Kinds("loss")
    for i in range(50_000):
        choose(kinds, b"step %d" % i)
        if i % 1000 == 0:
            assert choose(kinds, b"val loss %d" % i) == 0
    assert choose(kinds, b"val loss nan") == 0


def test_beyond_so_many_kinds_only_lines_with_the_keyword_are_read() -> None:
    kinds = Kinds("Loss")
    for i in range(2_000):
        choose(kinds, b"x" * i)
    assert choose(kinds, b"a new one: 1") is None
    assert choose(kinds, b"a new one with LOSS: 1") == 0
