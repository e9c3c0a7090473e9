"""The name in front of a number: `, val loss: ` says that the number is `val_loss`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from lrsweep.capture.vocabulary import FILLERS, SPLITS, position_word
from lrsweep.terms import is_measure

# What may open around a number: `tensor(0.4`, `np.float64(0.9`, `=[23.]`, `(x)`, `**x**`.
_WRAPPER = re.compile(r"\b(?:tensor|[aA]rray|(?:(?:np|numpy|torch)\.)?(?:float|double)\d*)\(\[*$")
_OPENING = re.compile(r"\s*(?:[\[({<]+|\*{1,3}|`+)\s*$")
# What ties a name to its number as a sign does; dots lead to it in tables of settings.
_SIGN = re.compile(r"\s*(?::=|[=-]+>|[→⇒➜]|[:：]|(?<![=!<>])[=＝]|[≈~]=?|\.{3,})$")
_BORDERS = "|│┃║"
_CUT = re.compile(rf"[,;{_BORDERS}\t(){{}}\[\]<>•·，。；、]| [-–—/] |\s{{2,}}")
# The end of a sentence, which an abbreviation is not: `Epoch 3 done. val_loss: 0.4`, `avg. loss`.
_SENTENCE = re.compile(
    r"(?<!\b[A-Z])(?<!\b\w\w)(?<!\b\w\w\w)(?<!\b\w\w\w\w)[.!?…]+\s+|\bdone[.!]?\s+"
)
_QUOTED = re.compile(r"""(["'])((?:(?!\1).)+)\1$""")
# `[('loss', 0.5), ('acc', 0.9)]`
_PAIRED = re.compile(r"""\((["'])((?:(?!\1).)+)\1,\s*$""")
_MARKS_OF_SCRIPTS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e00-\u0eff"
_WORD = re.compile(rf"[^\W\d][\w./@%'’{_MARKS_OF_SCRIPTS}-]*")
# An option of a command line, which is told and not measured: `python train.py --loss 0.5`.
_OPTION = re.compile(r"(?:^|\s)--?[A-Za-z][\w.-]*[\s=:]*$")
# How logging begins a line, after the time: a level and the logger's name.
_LEVELS = frozenset(
    {
        *("TRACE", "DEBUG", "INFO", "NOTICE", "SUCCESS"),
        *("WARN", "WARNING", "ERROR", "CRITICAL", "FATAL"),
    }
)
_LOGGERS = frozenset({"root", "__main__", "main", "py.warnings"})
# Prose in front of a name: `new best model saved with val loss: 0.31`.
_PROSE = {
    *("a", "an", "and", "are", "at", "because", "by", "for", "got", "has", "is", "new", "saved"),
    *("saving", "to", "was", "with", "now"),
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
    if paired := _PAIRED.search(text):
        return Label((paired[2],), Tie.SIGN, quoted=True)
    bare = _OPENING.sub("", _WRAPPER.sub("", text))
    head, tie = _tie(bare if _SIGN.search(bare.rstrip()) else _WRAPPER.sub("", text))
    if head and (quoted := _QUOTED.search(head)):
        return Label((quoted[2],), tie, quoted=True)
    if bracketed := _BRACKETED.search(head):
        return Label((bracketed[2], *name_words(bracketed[1])), tie)
    if _OPTION.search(head):
        return None
    *before, last = _CUT.split(head)
    in_cell = head[: len(head) - len(last)].rstrip().endswith(tuple(_BORDERS))
    words = name_words(re.split("[:=：＝]", _SENTENCE.split(last)[-1])[-1])
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
    if sign := _SIGN.search(unquoted):
        tight = sign[0] == ":" and bare == unquoted and text == bare
        return unquoted[: sign.start()].rstrip(), Tie.TIGHT if tight else Tie.SIGN
    if bare.endswith(tuple(_BORDERS)):
        return bare[:-1].rstrip(), Tie.CELL
    return bare, Tie.VERB if bare.endswith(tuple(f" {verb}" for verb in _VERBS)) else Tie.SPACE


def name_words(phrase: str) -> tuple[str, ...]:
    """The words of `phrase` that name something; prose in front of them is left out."""
    words = [clean for word in _WORD.findall(phrase) if (clean := _clean(word))]
    levels = [index for index, word in enumerate(words) if word in _LEVELS]
    if levels and levels[-1] < len(words) - 1:
        words = words[levels[-1] + 1 :]
        words = words[1:] if len(words) > 1 and words[0] in _LOGGERS else words
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
