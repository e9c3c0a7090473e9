"""Every kind of refused input gets its own sentence, and a corrected example that is right."""

import pytest

from lrsweep.errors import SpaceError
from lrsweep.space import Choice, Float, Int, Space


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        # The ends of a range.
        ("lr=1:1e-5", "the low end 1 is not below the high end 1e-05", "lr=1e-05:1"),
        ("x=5:1:points=3", "the low end 5 is not below the high end 1", "x=1:5:points=3"),
        ("x=2.0:1.0", "the low end 2 is not below the high end 1", "x=1.0:2.0"),
        ("x=1:1", "the range is empty, since both ends are 1", "x=1"),
        ("lr=1:1", "the range is empty, since both ends are 1", "lr=1.0"),
        ("lr=nan:1", "nan is not a finite number", "lr=1e-5:1"),
        ("lr=1e-5:inf", "inf is not a finite number", "lr=1e-5:1"),
        ("lr=1e-5:1e999", "inf is not a finite number", "lr=1e-5:1"),
        ("lr=:1", "the low end is missing", "lr=1e-5:1"),
        ("lr=1e-5:", "the high end is missing", "lr=1e-5:1"),
        ("lr=1e–5:1", "the low end 1e–5 is not a number", "lr=1e-5:1"),
        ("lr=1e-5:one", "the high end one is not a number", "lr=1e-5:1"),
        ("n=1:1e400:int", "an integer range needs whole numbers, and inf is not one", "n=1:16:int"),
        (
            f"n=1:{2**53 + 1}",
            "the integer 9007199254740993 is beyond 2^53, where a database rounds it",
            "n=1:9007199254740992",
        ),
        (f"n=1:{'9' * 50}", "the integer 99999999999999999999999… has more than 40 digits", None),
        # Scales.
        ("lr=0:1:log", "a log scale needs a low end above 0, and 0 is not", "lr=0.001:1"),
        ("x=-2.5:-1:log", "a log scale needs a low end above 0, and -2.5 is not",
         "x=-2.5:-1:linear"),
        ("n=0:9:log", "a log scale needs a low end above 0, and 0 is not", "n=1:10:log"),
        ("b=10:256:pow2", "10 is not a power of 2, and the nearest is 8", "b=8:256:pow2"),
        ("b=0:256:pow2", "0 is not a power of 2, and the nearest is 1", "b=1:256:pow2"),
        ("b=7:9:pow2", "7 is not a power of 2, and the nearest is 8", "b=8:16:pow2"),
        ("b=0.5:8:pow2", "an integer range needs whole numbers, and 0.5 is not one",
         "b=1:16:pow2"),
        ("n=1.5:9:int", "an integer range needs whole numbers, and 1.5 is not one", "n=1:16:int"),
        ("lr=1e-5:1:log:linear", "a range has one scale, not both log and linear",
         "lr=1e-5:1:log"),
        ("b=16:64:pow2:log", "a range has one scale, not both pow2 and log", "b=16:64:pow2"),
        # Suffixes.
        ("lr=1e-5:1:lgo", "the suffix lgo is not one of log, linear, int, pow2, step=S and "
         "points=N", "lr=1e-5:1:log"),
        ("lr=1e-5:1:nosuch", "the suffix nosuch is not one of log, linear, int, pow2, step=S and "
         "points=N", "lr=1e-5:1"),
        ("lr=1e-5:1:", "the suffix after the last colon is not one of log, linear, int, pow2, "
         "step=S and points=N", "lr=1e-5:1"),
        ("lr=1e-5:1:10", "the suffix 10 is not one of log, linear, int, pow2, step=S and points=N",
         "lr=1e-5:1:points=10"),
        ("x=0:10:2", "the suffix 2 is not one of log, linear, int, pow2, step=S and points=N",
         "x=0:10:step=2"),
        ("x=0:10:point=3", "the suffix point=3 is not one of log, linear, int, pow2, step=S and "
         "points=N", "x=0:10:points=3"),
        ("x=1:10:log=2", "the suffix log=2 is not one of log, linear, int, pow2, step=S and "
         "points=N", "x=1:10:log"),
        ("x=0:10:step", "the suffix step is not one of log, linear, int, pow2, step=S and "
         "points=N", "x=0:10:step=5"),
        ("lr=1e-5:1:log:log", "the suffix log is given twice", "lr=1e-5:1:log"),
        ("x=0:9:step=1:step=2", "the suffix step is given twice", "x=0:9:step=1"),
        # Steps and points.
        ("lr=1e-5:1:log:step=0.1",
         "a log scale has no step, but points= says how many values a grid takes",
         "lr=1e-05:1:log:points=5"),
        ("n=1:64:log:step=2",
         "a log scale has no step, but points= says how many values a grid takes",
         "n=1:64:int:log:points=5"),
        ("b=16:64:pow2:step=2",
         "a pow2 scale has no step, but points= says how many values a grid takes",
         "b=16:64:pow2:points=5"),
        ("x=0:1:step=0", "the step 0 is not above 0", "x=0:1"),
        ("x=0:1:step=-0.1", "the step -0.1 is not above 0", "x=0.0:1.0"),
        ("x=0:1:step=2", "the step 2 is larger than the range itself", "x=0:1"),
        ("x=0:1:step=1e-20", "the step 1e-20 is too small for a float to tell the values apart",
         "x=0.0:1.0"),
        ("x=0:1:step=some", "step=some is not a number", "x=0:10:step=2"),
        ("x=0:1:step=nan", "step=nan is not a number", "x=0:10:step=2"),
        ("n=0:9:int:step=1.5", "an integer range needs whole numbers, and 1.5 is not one",
         "n=1:16:int"),
        ("lr=1e-5:1:points=1", "points=1 is not between 2 and 10000", "lr=1e-05:1:points=5"),
        ("lr=1e-5:1:points=10001", "points=10001 is not between 2 and 10000",
         "lr=1e-05:1:points=5"),
        ("lr=1e-5:1:points=2.5", "points=2.5 is not a whole number", "lr=1e-5:1:points=11"),
        # Choices and fixed values.
        ("optimizer=sgd,sgd", "sgd is given twice", "optimizer=sgd"),
        ("x=1,1.0", "1.0 is given twice", "x=1.0"),
        ("x=1,true", "1 and true cannot be told apart", "x=1"),
        ("x=a,1,'1'", "'1' is given twice", "x=a,'1'"),
        ("x=a,,b", "a value is empty", "x=a,b"),
        ("x=a,", "a value is empty", "x=a"),
        ("x=,", "a value is empty", "x=''"),
        ("x=1:2,5", "1:2 is a range, and a list holds single values", "x='1:2',5"),
        ("lr=[1e-5,1]", "[1e-5,1] is how other programs write it", "lr=1e-5,1"),
        ("opt={sgd,adam}", "{sgd,adam} is how other programs write it", "opt=sgd,adam"),
        ("x=loguniform(1e-5, 1)", "loguniform(1e-5, 1) is how other programs write it",
         "x=1e-5:1:log"),
        ("x=tune.choice([1,2])", "tune.choice([1,2]) is how other programs write it", "x=1,2"),
        ("layers=[64,64]", "the brackets in [64 do not pair up, since a list parts at every comma",
         "layers='[64,64]'"),
        ("x=f(1,2)", "the brackets in f(1 do not pair up, since a list parts at every comma",
         "x='f(1,2)'"),
        ("x='a,b", "the quote that 'a begins with does not close at its end", "x='a,b'"),
        ("x='a'b", "the quote that 'a'b begins with does not close at its end", "x=\"a'b\""),
        ("clip=1.0,inf", "inf is not a finite number", "clip='inf'"),
        ("clip=nan", "nan is not a finite number", "clip='nan'"),
        (f"seed={2**64}", "the integer 18446744073709551616 does not fit into 64 bits",
         "seed='18446744073709551616'"),
        ("x=a\0b", "the text holds a NUL character or a byte that is not UTF-8", "x=a_b"),
        ("x=\udcff", "the text holds a NUL character or a byte that is not UTF-8", "x=_"),
        ("lr=1e-5..1", "1e-5..1 is how other programs write it", "lr=1e-5:1"),
        ("lr=0.1,0.O1", "0.O1 is not a number", "lr=1e-5:1"),
        ("lr=[1e-5:1]", "[1e-5:1] is not a number", "lr=1e-5:1"),
        # Names.
        ("lr", "there is no = with a value after it", "lr=1e-5:1"),
        ("lr=", "there is no value after the =", "lr=1e-5:1"),
        ("", "there is no name before the =", "lr=1e-5:1"),
        ("=1:2", "there is no name before the =", "lr=1e-5:1"),
        ("1lr=1:2", "the name 1lr may hold only letters, digits, '_', '.' and '-', "
         "and begins with a letter or '_'", "_1lr=1e-5:1"),
        ("my lr=1:2", "the name my lr may hold only letters, digits, '_', '.' and '-', "
         "and begins with a letter or '_'", "my_lr=1e-5:1"),
        ("größe=1:2", "the name größe may hold only letters, digits, '_', '.' and '-', "
         "and begins with a letter or '_'", "gr_e=1e-5:1"),
    ],
)  # fmt: skip
def test_a_refused_text_gets_a_sentence_and_an_example(
    text: str, problem: str, hint: str | None
) -> None:
    with pytest.raises(SpaceError) as caught:
        Space.parse([text])
    shown = text.replace("\0", "\\x00").replace("\udcff", "\\udcff")
    assert caught.value.message == f"{shown}: {problem}"
    if hint is not None:
        assert caught.value.hint == f"try {hint}"
    for example in str(caught.value.hint).removeprefix("try ").split(" or "):
        Space.parse([example])


def test_the_list_of_texts_names_the_one_that_is_wrong() -> None:
    with pytest.raises(SpaceError, match=r"^epochs=5:: the suffix|^epochs=5:: the high end"):
        Space.parse(["lr=1e-5:1", "epochs=5:"])


def test_a_set_value_that_is_missing_is_refused() -> None:
    with pytest.raises(SpaceError) as caught:
        Space.parse([], ["note="])
    assert caught.value.message == "note=: there is no value after the ="
    assert caught.value.hint == "try note=''"


def test_a_long_text_is_cut_and_control_characters_are_escaped() -> None:
    with pytest.raises(SpaceError) as caught:
        Space.parse(["x\n\x1b[31m" + "y" * 1000])
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


def test_ranges_and_choices_made_in_code_are_checked_as_well() -> None:
    with pytest.raises(SpaceError, match=r"the low end 1 is not below the high end 0\.1"):
        Float("lr", 1.0, 0.1, log=True)
    with pytest.raises(SpaceError, match="10 is not a power of 2"):
        Int("batch_size", 10, 64, pow2=True)
    with pytest.raises(SpaceError, match="pow2 is a log scale already"):
        Int("batch_size", 16, 64, log=True, pow2=True)
    with pytest.raises(SpaceError, match="a choice has two values or more"):
        Choice("optimizer", ("sgd",))
    with pytest.raises(SpaceError, match="the name l r may hold only"):
        Float("l r", 0.1, 1.0, log=True)
