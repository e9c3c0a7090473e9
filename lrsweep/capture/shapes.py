"""Lines that differ in their numbers only have one shape; what it means is found out once.

A line is split at its numbers. The texts between them are the shape, and say which number is the
epoch, which is a metric, and which is nothing. A script prints few shapes many times, so that the
price of a line is one split and one look into a dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lrsweep.capture.labels import Label, Tie, label_of, name_words, scope_in
from lrsweep.capture.numbers import Mark, mark_of, number
from lrsweep.capture.quoted import may_begin
from lrsweep.capture.rows import Axis, Form, Position, Row
from lrsweep.capture.vocabulary import (
    FOLD_WORDS,
    RUN_WIDE,
    SPLITS,
    is_ignored,
    position_word,
)
from lrsweep.terms import is_measure
from lrsweep.terms.metrics import tokens

_POSITION = re.compile(r"([A-Za-z_]*)\s*\b([A-Za-z_][\w/]*)\.?[\"']?[\s:=#\[(]*[\"']?$")
_UNIT_OF_RATIO = re.compile(r"\s*(?:batches|steps|iters|iterations|updates)\b")
_NEAR = 200
_MOST_METRICS = 100
_UNNAMED = 50  # the rank of a step that no word names: any word is surer
_PREPOSITION = re.compile(r"\s(?:after|at|in|of|on)\s*$")
# What makes a number a part of an expression, a range or another number: `0.5 * mean(x)`,
# `2.3 × 10^-4`, `0.5-0.6`, `0.5 + 0.1`, `1.#INF`. Not `**0.5** acc`, `0.5 *`, `0.5 +/- 0.1`.
_CONTINUED = re.compile(
    r"[#^×⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺‰]|\*{1,2}[\w(.-]|[-–—]\d|\s+(?:\*{1,2}|[×·^x])\s+(?:[\w(]|$)"
    r"|\s*\+(?![/-])\s*(?:[\w(.]|$)"
)
_BETWEEN = re.compile(r"\s*[×·x*^]\s*|\s+[-–—]\s+")
_COMPARED = re.compile(r"(?:[<>!=]=|[≤≥≠]|(?<![=-])>)\s*$")
_KEYWORD = re.compile(r",\s*[a-z_]+=")
_LAST_OPENING = re.compile(r"[\[({<](?=\s*$)")
_CLOSES = {"[": "]", "(": ")", "{": "}", "<": ">"}
# What sums up after the last evaluation, and what may say a value again that another line says.
_SUMMARY = re.compile(
    r"\b(?:final(?:ly)?|finished|completed?|summary|overall|restor(?:ed|ing)|loaded|loading|initial"
    r"|target|threshold|early.?stopping|over (?:all )?\w*\s*folds)\b",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"\b(?:best|lowest|highest|record|so far|improve[ds]?|improvement|improving|previous|saved?"
    r"|saving|checkpoint)\b",
    re.IGNORECASE,
)
_BROKEN_PHRASE = re.compile(r"\b(?:on|of|the|over|all|after)\s+$")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a metric's number stands: its index, and that of the whole where it is `945/1000`.

    A `fractional` one must have a decimal point: `x:0.43` is a metric, `cuda:0` is none, and
    neither is the nan of `stops where the loss is nan`.
    """

    name: str
    number: int
    whole: int | None = None
    fractional: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """Which number is what: indices into the numbers of a line, None for what it does not have."""

    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    examples: int | None = None
    fold: int | None = None
    folds: int | None = None
    bar: bool = False
    summary: bool = False
    marked: bool = False
    metrics: tuple[Slot, ...] = ()
    only_numbers: bool = False
    may_be_quoted: bool = False

    def fill(self, numbers: Sequence[str], mark: Mark | None = None) -> Row:
        """The row that a line of this shape with these numbers says.

        `mark` is how the text that the line is from writes decimals; None where it is not known.
        """
        values: dict[str, float] = {}
        for slot in self.metrics:
            text = numbers[slot.number]
            if slot.fractional and "." not in text and "," not in text:
                continue
            if mark is None and "," in text and not is_measure(slot.name):
                continue  # `gpus=0,1` is a list
            value = number(text, mark)
            if value is None:
                continue
            if slot.whole is not None:
                value = _ratio(value, number(numbers[slot.whole], mark))
            values[_unused(slot.name, values)] = value
        return Row(
            values,
            Position(
                epoch=_at(numbers, self.epoch),
                epochs=_at(numbers, self.epochs),
                step=_whole_at(numbers, self.step),
                steps=_whole_at(numbers, self.steps),
                examples=_whole_at(numbers, self.examples),
                bar=self.bar,
                fold=_whole_at(numbers, self.fold),
                folds=_whole_at(numbers, self.folds),
            ),
            self._form,
            self.marked,
        )

    @property
    def _form(self) -> Form:
        if self.epoch is not None:
            return Form.EPOCH if self.step is None else Form.STEP
        if self.step is not None or self.examples is not None:
            return Form.STEP
        return Form.SUMMARY if self.summary else Form.LINE

    def mark(self, numbers: Sequence[str]) -> Mark | None:
        """How a line of this shape writes decimals, where its measures of quality show it."""
        found = {mark_of(numbers[slot.number]) for slot in self.metrics if is_measure(slot.name)}
        return next(iter(found)) if len(found := found - {None}) == 1 else None


def _ratio(part: float, whole: float | None) -> float:
    if whole is None:
        return part
    counts = part.is_integer() and whole.is_integer() and 0 <= part <= whole and whole > 0
    return part / whole if counts else part


def _unused(name: str, taken: dict[str, float]) -> str:
    # One name twice in a line is two metrics that the script does not tell apart.
    count = 2
    unused = name
    while unused in taken:
        unused = f"{name}_{count}"
        count += 1
    return unused


def _at(numbers: Sequence[str], index: int | None) -> float | None:
    if index is None:
        return None
    value = number(numbers[index], Mark.POINT)
    return value if value is not None and abs(value) < 1e15 else None


def _whole_at(numbers: Sequence[str], index: int | None) -> int | None:
    value = _at(numbers, index)
    return int(value) if value is not None and value.is_integer() else None


def shape_of(texts: Sequence[str]) -> Shape:
    """What the numbers between `texts` are; there is one text more than there are numbers."""
    if not any(char.isalpha() for text in texts for char in text):
        return Shape(only_numbers=True)
    shape = _ShapeFinder([_near(text) for text in texts]).find()
    return replace(shape, may_be_quoted=may_begin("0".join(texts)))


def _near(text: str) -> str:
    """What of a long text stands near a number: it is what counts, and keeps searches short."""
    return text if len(text) <= 2 * _NEAR else f"{text[:_NEAR]};{text[-_NEAR:]}"


@dataclass(slots=True)
class _ShapeFinder:
    """Walks over the numbers of a line once, from left to right."""

    texts: Sequence[str]
    shape: Shape = field(default_factory=Shape)
    step_rank: int = _UNNAMED + 1
    metrics: list[Slot] = field(default_factory=list)
    # Since which text no metric was seen, and the heading that was found there.
    headings_from: int = 0
    scope: str = ""
    spread: str = ""
    # A name that goes on after a number, and one that stands before its position:
    # `accuracy on the 10000 test images: 54 %`, `val loss after epoch 5: 0.43`.
    phrase: tuple[str, ...] = ()
    before_position: tuple[str, ...] = ()

    def find(self) -> Shape:
        index, count = 0, len(self.texts) - 1
        while index < count and len(self.metrics) < _MOST_METRICS:
            index += self._take(index)
        self._spread_split()
        marked = any(map(_MARKED.search, self.texts))
        if marked and self.metrics and (self.shape.epoch or 0) > self.metrics[0].number:
            # `best val_loss 0.4 at epoch 2` says where the best was, not where training is.
            self.shape = replace(self.shape, epoch=None, epochs=None)
        return replace(
            self.shape,
            metrics=tuple(self.metrics),
            summary=any(map(_SUMMARY.search, self.texts)),
            marked=marked,
        )

    def _take(self, index: int) -> int:
        """Find out what number `index` is; how many numbers that settles."""
        left, right = self.texts[index], self.texts[index + 1]
        more = index + 2 < len(self.texts)
        if (left == ":" and index > 0) or (right == ":" and more):
            return 1  # a time of day
        ratio = more and right.strip() in ("/", "of")
        taken = 2 if ratio else 1
        total = index + 1 if ratio else None
        if self._is_position(index, total):
            return taken
        label = label_of(left, after_number=index > 0)
        if label is None and self.before_position and left.strip() in (":", "=", "is", "was"):
            label = Label(self.before_position, Tie.SIGN)
        if label is None or (len(label.words) == 1 and ratio and not is_measure(label.name)):
            if ratio and (label is None or _LAST_OPENING.search(left)):
                self._bar(index, index + 1)
            return taken
        if self._is_metric(label, index):
            self._metric(label, index, total)
            return taken + self._average(index, more and not ratio)
        self._keep_phrase(label, left, right)
        return taken

    def _is_position(self, index: int, total: int | None) -> bool:
        left = self.texts[index]
        found = _POSITION.search(left)
        if found and found[2].lower().strip("_") in FOLD_WORDS:
            self.shape = replace(self.shape, fold=index, folds=total)
            return True
        if found and (word := position_word(found[2], before=found[1])):
            self._position(*word, index, total)
            words = name_words(_PREPOSITION.sub("", left[: found.start()]))
            self.before_position = words if words and is_measure(words[-1]) else ()
            return True
        if total is not None and _UNIT_OF_RATIO.match(self.texts[index + 2]):
            self._position(Axis.STEP, 0, index, total)
            return True
        if self._is_bare_step(index):
            self._position(Axis.STEP, _UNNAMED, index, total)
            return True
        if self._is_bare_epoch(index):
            self._position(Axis.EPOCH, 0, index, None)
            return True
        return False

    def _is_bare_step(self, index: int) -> bool:
        """`[10]  valid-rmse:0.43`, `0:  learn: 0.6871`, and the 200 of `[1,  200] loss: 2.18`."""
        left, right = self.texts[index].strip(), self.texts[index + 1][:1]
        if index == 0:
            return (left, right) in (("[", "]"), ("", ":"))
        return index == 1 and self.shape.epoch == 0 and (left, right) == (",", "]")

    def _is_bare_epoch(self, index: int) -> bool:
        """`Train: 0 [ 100/1251 (8%)]`, and `[1,  200] loss: 2.18`."""
        left, right = self.texts[index].strip(), self.texts[index + 1].strip()
        following = self.texts[index + 2].strip() if index + 2 < len(self.texts) else ""
        heading = left.rpartition(" ")[2].lower()
        if heading.endswith(":") and heading[:-1] in SPLITS:
            return right == "[" and following == "/"
        return index == 0 and (left, right, following[:1]) == ("[", ",", "]")

    def _position(self, axis: Axis, rank: int, index: int, total: int | None) -> None:
        if axis is Axis.EPOCH:
            if self.shape.epoch is None:
                self.shape = replace(self.shape, epoch=index, epochs=total)
        elif axis is Axis.EXAMPLES:
            self.shape = replace(self.shape, examples=index)
        elif rank < self.step_rank:
            self.step_rank = rank
            self.shape = replace(self.shape, step=index, steps=total, bar=False)

    def _bar(self, index: int, total: int) -> None:
        """A bare ratio: `45/100 [`, `[640/60000]`. Of two in a row, the first is the epoch."""
        shape = self.shape
        if shape.step is None:
            self.shape = replace(shape, step=index, steps=total, bar=True)
        elif shape.bar and shape.epoch is None and self.texts[index].strip() in ("][", "] ["):
            self.shape = replace(
                shape, epoch=shape.step, epochs=shape.steps, step=index, steps=total
            )

    def _is_metric(self, label: Label, index: int) -> bool:
        if is_ignored(label.name) or not self._stands_alone(index):
            return False
        if label.tie not in (Tie.SPACE, Tie.VERB) or is_measure(label.words[-1]):
            return True
        in_cell = label.in_cell and self.texts[index + 1].lstrip()[:1] in ("|", "│", "┃", "║", "")
        return in_cell or label.name.lower() in RUN_WIDE

    def _stands_alone(self, index: int) -> bool:
        """Whether a number is a value of its own: no part of a word, an expression or a list."""
        left, right = self.texts[index], self.texts[index + 1]
        more = index + 2 < len(self.texts)
        if right[:1].isalpha() or right[:1] == "_" or _COMPARED.search(left):
            return False
        if _CONTINUED.match(right) and (more or right.strip() != "*"):
            return False
        if more and _BETWEEN.fullmatch(right):
            return False
        opened = _LAST_OPENING.search(left)
        if opened is None or _KEYWORD.match(right):
            return True
        return right.lstrip(" \t%‰")[:1] == _CLOSES[opened[0]]

    def _metric(self, label: Label, index: int, total: int | None) -> None:
        words = (*self.phrase, *label.words)
        self.phrase = ()
        name = replace(label, words=words).name
        fractional = label.tie is Tie.VERB or (label.tie is Tie.TIGHT and not is_measure(name))
        heading = self._heading(index, label)
        if heading:
            self.scope = heading
        if self.scope and name.lower() not in RUN_WIDE and not SPLITS.keys() & set(tokens(name)):
            name = f"{self.scope}/{name if label.quoted else name.lower()}"
        if not self.spread and len(words) > 1 and words[0].lower() in SPLITS:
            self.spread = words[0].lower()
        self.metrics.append(Slot(name, index, total, fractional))

    def _heading(self, index: int, label: Label) -> str:
        texts = list(self.texts[self.headings_from : index + 1])
        self.headings_from = index + 1
        # The label itself is no heading.
        texts[-1] = texts[-1][: max(0, texts[-1].rfind(label.words[0]))]
        return scope_in(texts)

    def _average(self, index: int, possible: bool) -> int:
        """`Loss: 0.35 (0.89)`: the second number is the mean so far."""
        if not possible or self.texts[index + 1].strip() != "(":
            return 0
        if not self.texts[index + 2].lstrip().startswith(")"):
            return 0
        last = self.metrics[-1]
        self.metrics.append(Slot(f"{last.name}_avg", index + 1, fractional=True))
        return 1

    def _keep_phrase(self, label: Label, left: str, right: str) -> None:
        if _BROKEN_PHRASE.search(left) and right[:1] == " " and name_words(right):
            self.phrase = label.words

    def _spread_split(self) -> None:
        """`train Loss: 0.5 Acc: 0.8`: the split holds for what follows it, if it is the one."""
        split = self.spread
        named = [bool(SPLITS.keys() & set(tokens(slot.name))) for slot in self.metrics]
        splits = {word for slot in self.metrics for word in SPLITS.keys() & set(tokens(slot.name))}
        if not split or self.scope or splits != {split}:
            return
        first = named.index(True)
        self.metrics = [
            replace(slot, name=f"{split}_{slot.name.lower()}")
            if index > first and is_measure(slot.name) and split not in tokens(slot.name)
            else slot
            for index, slot in enumerate(self.metrics)
        ]
