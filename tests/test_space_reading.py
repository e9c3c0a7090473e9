"""What each form of the grammar means."""

import pytest

from lrsweep.space import Choice, Condition, Fixed, Float, Int, Parameter, Space


def read(text: str) -> Parameter:
    (parameter,) = Space.parse([text]).parameters
    return parameter


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        # Two decades or more, or the name of a learning rate, make a float range log-uniform.
        ("decay=1e-5:0.1", Float("decay", 1e-5, 0.1, log=True)),
        ("decay=0.001:0.1", Float("decay", 0.001, 0.1, log=True)),
        ("decay=0.001:0.099", Float("decay", 0.001, 0.099, log=False)),
        ("lr=0.1:0.5", Float("lr", 0.1, 0.5, log=True)),
        ("learning_rate=0.1:0.5", Float("learning_rate", 0.1, 0.5, log=True)),
        ("head_lr=0.1:0.5", Float("head_lr", 0.1, 0.5, log=True)),
        ("model.optimizer.lr=0.1:0.5", Float("model.optimizer.lr", 0.1, 0.5, log=True)),
        ("clr=0.1:0.5", Float("clr", 0.1, 0.5, log=False)),
        ("dropout=0:0.5", Float("dropout", 0.0, 0.5, log=False)),
        ("lr=0:0.5", Float("lr", 0.0, 0.5, log=False)),
        ("shift=-1.5:1.5", Float("shift", -1.5, 1.5, log=False)),
        # Told otherwise.
        ("lr=1e-5:1:linear", Float("lr", 1e-5, 1.0, log=False)),
        ("dropout=0.1:0.5:log", Float("dropout", 0.1, 0.5, log=True)),
        ("decay=1e-5:1:step=0.1", Float("decay", 1e-5, 0.90001, log=False, step=0.1)),
        # Integers on both ends make an integer range.
        ("epochs=1:10", Int("epochs", 1, 10)),
        ("width=1:1000", Int("width", 1, 1000)),
        ("width=1:1000:log", Int("width", 1, 1000, log=True)),
        ("width=64:512:pow2", Int("width", 64, 512, pow2=True)),
        ("width=1e2:1e3:int", Int("width", 100, 1000)),
        ("shift=-3:3", Int("shift", -3, 3)),
        ("steps=1_000:2_000", Int("steps", 1000, 2000)),
        ("epochs=1.0:10.0", Float("epochs", 1.0, 10.0, log=False)),
        # A learning rate is a float, however it is typed, unless `int` says otherwise.
        ("lr=1:10", Float("lr", 1.0, 10.0, log=True)),
        ("lr=1:10:int", Int("lr", 1, 10)),
        ("lr=1:10:linear", Float("lr", 1.0, 10.0, log=False)),
        # Steps and points; the high end is the last value that the step reaches.
        ("x=0:1:step=0.25", Float("x", 0.0, 1.0, log=False, step=0.25)),
        ("x=0:1:step=0.3", Float("x", 0.0, 0.9, log=False, step=0.3)),
        ("x=0:10:step=4", Int("x", 0, 8, step=4)),
        ("lr=1e-5:1:points=11", Float("lr", 1e-5, 1.0, log=True, points=11)),
        ("x=0:10:points=3:step=2", Int("x", 0, 10, step=2, points=3)),
        # Choices and fixed values.
        ("optimizer=sgd,adamw", Choice("optimizer", ("sgd", "adamw"))),
        ("optimizer = sgd , adamw ", Choice("optimizer", ("sgd", "adamw"))),
        ("batch_size=16,64", Choice("batch_size", (16, 64))),
        ("lr=1,10", Choice("lr", (1.0, 10.0))),
        ("warmup=0,0.05", Choice("warmup", (0.0, 0.05))),
        ("nesterov=true,false", Choice("nesterov", (True, False))),
        ("clip=none,1.0", Choice("clip", ("none", 1.0))),
        ("schedule=cosine,wsd:decay=0.2", Choice("schedule", ("cosine", "wsd:decay=0.2"))),
        ("schedule=wsd:decay=0.2", Fixed("schedule", "wsd:decay=0.2")),
        ("device=cuda:0", Fixed("device", "cuda:0")),
        ("model-name=resnet18", Fixed("model-name", "resnet18")),
        ("seed=007", Fixed("seed", "007")),
        ("epochs=5", Fixed("epochs", 5)),
        ("lr=0.1", Fixed("lr", 0.1)),
        ("lr=1", Fixed("lr", 1.0)),
        ("lr=auto", Fixed("lr", "auto")),
        # Quotes make text of what would read otherwise.
        ("x='a,b'", Fixed("x", "a,b")),
        ("x='1:2',\"true\"", Choice("x", ("1:2", "true"))),
        ("x='it''s, so'", Fixed("x", "it's, so")),
        ("x=it's,so", Choice("x", ("it's", "so"))),
        ("x=''", Fixed("x", "")),
    ],
)
def test_a_text_means(text: str, meaning: Parameter) -> None:
    read_parameter = read(text)
    assert read_parameter == meaning
    assert repr(read_parameter) == repr(meaning)  # 1, 1.0 and True are equal, and not the same


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x=a,b", "a,b"),
        ("x=1:2", "1:2"),
        ("x=s3://bucket/a,b", "s3://bucket/a,b"),
        ("x=k=v", "k=v"),
        ("x= spaced ", " spaced "),
        ("x='quoted'", "quoted"),
        ("x='tis open", "'tis open"),
        ("x='1'", "1"),
        ("x=[0.9,0.999]", "[0.9,0.999]"),
        ("x=5", 5),
        ("x=5.0", 5.0),
        ("x=true", True),
        ("lr=1", 1.0),
    ],
)
def test_set_takes_its_value_whole(text: str, value: object) -> None:
    (parameter,) = Space.parse([], [text]).parameters
    assert isinstance(parameter, Fixed)
    assert repr(parameter.value) == repr(value)


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (Float("lr", 1e-5, 1.0, log=True), "lr=1e-05:1:log"),
        (Float("x", 1.0, 10.0, log=False), "x=1.0:10.0:linear"),
        (Float("x", 0.0, 0.5, log=False, step=0.1), "x=0:0.5:linear:step=0.1"),
        (Int("epochs", 1, 10), "epochs=1:10:int"),
        (Int("width", 1, 1000, log=True, points=3), "width=1:1000:int:log:points=3"),
        (Int("batch_size", 16, 256, pow2=True), "batch_size=16:256:pow2"),
        (Choice("optimizer", ("sgd", "adamw")), "optimizer=sgd,adamw"),
        (Choice("schedule", ("cosine", "wsd:decay=0.2")), "schedule=cosine,wsd:decay=0.2"),
        (Fixed("x", "a,b"), "x='a,b'"),
        (Fixed("x", "1"), "x='1'"),
        (Fixed("x", "true"), "x='true'"),
        (Fixed("x", "1:2"), "x='1:2'"),
        (Fixed("x", ""), "x=''"),
        (Fixed("x", "it's, so"), 'x="it\'s, so"'),
        (Fixed("lr", 1.0), "lr=1.0"),
        (Float("lr", 0.1, 1.0, True, when=Condition("optimizer", "sgd")), "lr@sgd=0.1:1:log"),
    ],
)
def test_a_parameter_is_written_as(parameter: Parameter, text: str) -> None:
    assert str(parameter) == text


def test_ranges_allow_their_ends_and_what_lies_between() -> None:
    lr = Float("lr", 1e-5, 1.0, log=True)
    assert [lr.contains(x) for x in (1e-5, 0.1, 1, 1.0, 9e-6, 1.1, float("nan"), "0.1", True)] == [
        *[True] * 4,
        *[False] * 5,
    ]
    batch = Int("batch_size", 16, 256, pow2=True)
    assert [n for n in range(300) if batch.contains(n)] == [16, 32, 64, 128, 256]
    assert [n for n in range(12) if Int("n", 1, 9, step=4).contains(n)] == [1, 5, 9]
    assert not Int("n", 0, 1).contains(True)
    assert not Int("n", 0, 1).contains(1.0)


def test_a_step_forgives_rounding_and_nothing_more() -> None:
    dropout = Float("dropout", 0.0, 0.5, log=False, step=0.1)
    assert dropout.contains(0.1 + 0.2)
    assert not dropout.contains(0.25)


def test_choices_and_fixed_values_tell_true_from_one() -> None:
    assert Choice("x", (1, 2)).contains(1)
    assert not Choice("x", (1, 2)).contains(True)
    assert Fixed("x", 1).contains(1.0)
    assert not Fixed("x", 1).contains("1")


@pytest.mark.parametrize(
    ("parameter", "value", "nearest"),
    [
        (Float("x", 0.0, 1.0, log=False), 0.3, 0.3),
        (Float("x", 0.0, 1.0, log=False), -5, 0.0),
        (Float("x", 0.0, 1.0, log=False, step=0.1), 0.1 + 0.2, 0.3),
        (Float("x", 0.0, 1.0, log=False, step=0.1), 0.349, 0.3),
        (Float("x", 0.0, 0.7, log=False, step=0.1), 9.0, 0.7),
        (Int("n", 1, 10), 3.6, 4),
        (Int("n", 1, 9, step=4), 8, 9),
        (Int("n", 16, 256, pow2=True), 45, 32),
        (Int("n", 16, 256, pow2=True), 46, 64),  # 32·√2 = 45.25 is half way on the log scale
        (Int("n", 16, 256, pow2=True), float("inf"), 256),
    ],
)
def test_snap_gives_the_nearest_allowed_value(
    parameter: Float | Int, value: float, nearest: float
) -> None:
    assert repr(parameter.snap(value)) == repr(nearest)
