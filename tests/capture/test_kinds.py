from __future__ import annotations

from lrsweep.capture.kinds import Kinds


def test_every_line_is_read_until_there_are_very_many_alike() -> None:
    kinds = Kinds("loss")
    assert {kinds.choose(b"step %d loss %d" % (i, -i), False) for i in range(9_999)} == {0}


def test_what_was_left_out_is_counted_and_the_last_is_kept() -> None:
    kinds = Kinds("loss")
    chosen = [kinds.choose(b"loss %d" % i, True) for i in range(123_456)]
    read = [skipped for skipped in chosen if skipped is not None]
    assert len(read) < 25_000
    (last, redrawn, skipped), *others = kinds.rest()
    assert (last, redrawn, others) == (b"loss 123455", True, [])
    assert len(read) + sum(read) + skipped + 1 == 123_456
    assert list(kinds.rest()) == []


def test_a_rare_kind_among_many_lines_is_read_each_time() -> None:
    kinds = Kinds("loss")
    for i in range(50_000):
        kinds.choose(b"step %d" % i, False)
        if i % 1000 == 0:
            assert kinds.choose(b"val loss %d" % i, False) == 0
    assert kinds.choose(b"val loss nan", False) == 0


def test_beyond_so_many_kinds_only_lines_with_the_keyword_are_read() -> None:
    kinds = Kinds("Loss")
    for i in range(2_000):
        kinds.choose(b"x" * i, False)
    assert kinds.choose(b"a new one: 1", False) is None
    assert kinds.choose(b"a new one with LOSS: 1", False) == 0
