"""The name in front of a number: `, val loss: ` says that the number is `val_loss`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from lrsweep.capture.vocabulary import FILLERS, SPLITS, position_word
from lrsweep.terms import is_measure

_WRAPPER = re.compile(r"\b(?:tensor|[aA]rray|(?:(?:np|numpy|torch)\.)?(?:float|double)\d*)\(\[*$")
_BORDERS = "|│┃║"
_CUT = re.compile(rf"[,;{_BORDERS}\t(){{}}\[\]<>•·]| [-–—/] |\s{{2,}}")
_QUOTED = re.compile(r"""(["'])((?:(?!\1).)+)\1$""")
_WORD = re.compile(r"[A-Za-z_][\w./@%'’-]*")
# Prose in front of a name: `new best model saved with val loss: 0.31`.
_PROSE = {
    *("a", "an", "and", "are", "at", "because", "by", "for", "got", "has", "is", "new", "saved"),
    *("saving", "to", "was", "with"),
}
_SCOPE_WORDS = frozenset({*SPLITS, *FILLERS, "metrics", "summary", "phase", "error", "stats"})
_VERBS = ("is", "was")
_LONGEST_NAME = 6
# `Loss (train): 0.4`, `loss[train]=0.4`
_BRACKETED = re.compile(rf"([\w ]+?)\s*[\[(]({'|'.join(SPLITS)})[\])]$", re.IGNORECASE)
_UNIT = re.compile(r"[^\W\d_%]+(?:/\w+)?|%")


class Tie(Enum):
    """What stands between a name and its number."""

    SIGN = auto()  # `loss: 0.4`, `loss = 0.4`
    TIGHT = auto()  # `rmse:0.4`, but also `cuda:0`
    CELL = auto()  # `| loss | 0.4 |`
    SPACE = auto()  # `val loss 3.48`
    VERB = auto()  # `val loss is 3.48`


@dataclass(frozen=True, slots=True)
class Label:
    """The words in front of a number and what ties them to it; `quoted` names are exact."""

    words: tuple[str, ...]
    tie: Tie
    quoted: bool = False
    in_cell: bool = False

    @property
    def name(self) -> str:
        """One word as it is printed; several in small letters, joined: `average_loss`."""
        if len(self.words) == 1:
            return self.words[0]
        return "_".join(self.words).lower()


def label_of(text: str, *, after_number: bool) -> Label | None:
    """The label at the end of `text`, the text between the number before and this one."""
    if after_number:
        text = _without_unit(text)
    text = _WRAPPER.sub("", text)
    head, tie = _tie(text)
    if head and (quoted := _QUOTED.search(head)):
        return Label((quoted[2],), tie, quoted=True)
    if bracketed := _BRACKETED.search(head):
        return Label((bracketed[2], *name_words(bracketed[1])), tie)
    *before, last = _CUT.split(head)
    in_cell = head[: len(head) - len(last)].rstrip().endswith(tuple(_BORDERS))
    words = name_words(re.split("[:=]", last)[-1])
    if text.endswith("=") and not text.endswith(" ="):
        words = _key(words)
    if not before and after_number and not text[:1].isspace() and not words:
        return None
    return Label(words, tie, in_cell=in_cell) if words else None


def _key(words: tuple[str, ...]) -> tuple[str, ...]:
    """Of the words before a `=` without blanks the last, and those that belong to it: the name is
    `val_loss` in `FINAL RESULT val_loss=0.3`, and `train_loss` in `train loss=0.3`."""
    start = len(words) - 1
    while start > 0 and (words[start - 1].lower() in SPLITS or is_measure(words[start - 1])):
        start -= 1
    return words[max(start, 0) :]


def _without_unit(text: str) -> str:
    unit = _UNIT.match(text)
    return text[unit.end() :] if unit else text


def _tie(text: str) -> tuple[str, Tie]:
    bare = text.rstrip()
    unquoted = bare[:-1].rstrip() if bare.endswith(("'", '"')) else bare
    for sign in (":", "=", "->", "→"):
        if unquoted.endswith(sign):
            tight = sign == ":" and bare == unquoted and text == bare
            return unquoted.removesuffix(sign).rstrip(), Tie.TIGHT if tight else Tie.SIGN
    if bare.endswith(tuple(_BORDERS)):
        return bare[:-1].rstrip(), Tie.CELL
    return bare, Tie.VERB if bare.endswith(tuple(f" {verb}" for verb in _VERBS)) else Tie.SPACE


def name_words(phrase: str) -> tuple[str, ...]:
    """The words of `phrase` that name something; prose in front of them is left out."""
    words = [clean for word in _WORD.findall(phrase) if (clean := _clean(word))]
    while words and words[-1].lower() in _VERBS:
        words.pop()
    for index in range(len(words) - 1, -1, -1):
        if words[index].lower() in _PROSE:
            words = words[index + 1 :]
            break
    if len(words) > _LONGEST_NAME:
        first = next((i for i, word in enumerate(words) if is_measure(word)), len(words))
        words = words[first:]
    return tuple(words)


def _clean(word: str) -> str:
    return re.sub(r"['’]s$", "", word).strip("'’.-/%")


def scope_in(texts: Sequence[str]) -> str:
    """The split of the data that a heading names, such as `Test set` or `valid`; "" for none."""
    for text in reversed(texts):
        for segment in reversed(re.split(rf":|{_CUT.pattern}", text)):
            words = [word.strip("\"'*") for word in segment.lower().split()]
            words = [word for word in words if position_word(word) is None]
            if SPLITS.keys() & set(words) and _SCOPE_WORDS.issuperset(words):
                return "_".join(words)
    return ""
