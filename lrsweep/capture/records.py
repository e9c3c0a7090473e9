"""Records with named fields (a JSON object, a row of a table) as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lrsweep.capture.numbers import Mark, to_float
from lrsweep.capture.rows import NOTHING, Axis, Position, Row
from lrsweep.capture.vocabulary import FOLD_WORDS, is_ignored, position_word

_DEEPEST = 4


def row_of(record: Mapping[str, object], mark: Mark | None = Mark.POINT) -> Row:
    """The numbers of `record` by field name; fields such as `epoch` and `step` give the position.

    Fields of objects inside it are named with a slash: `{"val": {"loss": 0.4}}` gives `val/loss`.
    Texts that are numbers count, which write decimals with `mark`; booleans, empty fields and nulls
    do not.
    """
    values: dict[str, float] = {}
    found: dict[Axis, tuple[int, float]] = {}
    fold: int | None = None
    for name, value in _numbers(record, mark):
        if name.lower() in FOLD_WORDS:
            fold = _whole(value)
            continue
        word = position_word(name)
        if word is None:
            if not is_ignored(name):
                values[name] = value
            continue
        axis, rank = word
        if axis not in found or rank < found[axis][0]:
            found[axis] = (rank, value)
    if not values:
        return NOTHING
    step, examples = found.get(Axis.STEP), found.get(Axis.EXAMPLES)
    epoch = found.get(Axis.EPOCH)
    position = Position(
        epoch=None if epoch is None else epoch[1],
        step=None if step is None else _whole(step[1]),
        examples=None if examples is None else _whole(examples[1]),
        fold=fold,
    )
    return Row(values, position)


def rows_of(records: Sequence[object]) -> Iterator[Row]:
    """A row for each record that is an object with numbers."""
    for record in records:
        if isinstance(record, Mapping) and (row := row_of(record)).values:
            yield row


def _whole(value: float) -> int | None:
    return int(value) if value.is_integer() else None


def _numbers(
    record: Mapping[str, object], mark: Mark | None, prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, float]]:
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            if depth < _DEEPEST:
                yield from _numbers(value, mark, f"{name}/", depth + 1)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)
        elif isinstance(value, str) and (number := to_float(value.strip(), mark)) is not None:
            yield name, number
