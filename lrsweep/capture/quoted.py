"""Lines that a program quotes and does not measure: tracebacks, warnings with the source lines that
they show, usage messages, and the settings that it was started with.
"""

from __future__ import annotations

import re

from lrsweep.capture.vocabulary import SETTINGS, SPLITS, canonical_words, position_word
from lrsweep.terms import is_measure

_RANK = re.compile(r"\[rank\d+\]: ?")
_TRACEBACK = re.compile(r"Traceback \(most recent call last\)")
_FRAME = re.compile(r'\s*File ".*", line \d+')
_WARNING = re.compile(r":\d+: \w*Warning: ")
_USAGE = re.compile(r"\s*usage: ", re.IGNORECASE)
# The end of a program that failed, without what was before it.
_ERROR = re.compile(
    r"\S*: error: (?:argument|the following|unrecognized|ambiguous|invalid|one of)"
    r"|(?:\w+\.)*(?:Runtime|Value|Type|Key|Index|Assertion|ZeroDivision|FloatingPoint|Overflow"
    r"|Attribute|Import|ModuleNotFound|FileNotFound|OS|NotImplemented|Memory|Permission|Timeout"
    r"|Lookup|Arithmetic|Unicode\w*|Connection)Error: "
)
_USAGE_ERROR = re.compile(r"\S.*: error: ")
_OPTION = re.compile(r"\s+--?[A-Za-z][\w-]*(?:[,\s=]|$)|[+$] \S")
# `Namespace(lr=0.1, …)`, `args: {…}`, `Config: lr=0.1 loss=0.5`, over lines until it closes.
_RECORD = re.compile(
    r"(?:Namespace|Config|Configuration|Args|Arguments|Params|Parameters|H[Pp]arams|Settings|Options"
    r"|AttrDict|EasyDict|Munch|Box)\(\s*(?:\*\*)?(?:[\w'\"{]|$)"
)
_TITLES = (
    r"(?:config(?:uration)?|cfg|args|arguments|hyper-?param(?:eter)?s|hparams|params|parameters"
    r"|settings|options|flags)\s*[:=]\s*"
)
_TITLED = re.compile(
    rf"(?:\W*(?:[\w-]+ )?{_TITLES}(?=[\w'\"])|(?:.*[\s\]|-])?{_TITLES}(?=[{{(\[]))", re.IGNORECASE
)
_PAIR = re.compile(r"([A-Za-z_][\w.-]*)[\"']?\s*[=:]\s*(?=[^\s=:])")
_LONGEST_RECORD = 500
_TRAINING = re.compile(r"\W*(?:train\W+)?(?:epoch|step|iter(?:ation)?|batch)\W*\d", re.IGNORECASE)
_WORDS = (
    *("traceback (", 'file "', "warning: ", "usage: ", "error: ", "namespace(", "config", "cfg"),
    *("args", "arguments", "param", "settings", "options", "flags", "dict(", "munch(", "box("),
)


def may_begin(line: str) -> bool:
    """Whether a line could begin a quotation, by a quick look that numbers in it do not change."""
    small = line.lower()
    return line.lstrip()[:1] in ("-", "+", "$") or any(word in small for word in _WORDS)


class Quoted:
    """Tells the quoted lines of one text, in order."""

    def __init__(self) -> None:
        # Lines that begin with a blank belong to what was quoted; `_closing` is whether the first
        # one that does not belongs to it too, as the exception does to its traceback.
        self._indented = False
        self._closing = False
        self._source = False
        self._usage = False
        self._boxed = False
        self._open = 0
        self._lines = 0

    def holds(self, line: str) -> bool:
        """Whether `line` is quoted."""
        if self._open > 0:
            return self._record(line)
        if self._indented or self._source or self._boxed:
            inside = self._inside(line)
            if inside is not None:
                return inside
        return may_begin(line) and self._begins(line)

    @property
    def is_open(self) -> bool:
        """Whether the next line may belong to a quotation that has begun."""
        return self._open > 0 or self._indented or self._source or self._boxed

    def _begins(self, line: str) -> bool:
        if _TRACEBACK.search(line):
            self._boxed = "╭" in line
            self._indented = self._closing = not self._boxed
        elif _FRAME.match(_RANK.sub("", line, count=1)):
            self._indented = True
        elif _WARNING.search(line):
            self._source = True
        elif _USAGE.match(line):
            self._indented = self._usage = True
        elif _OPTION.match(line) or _ERROR.match(_RANK.sub("", line, count=1)):
            return True
        elif (record := _RECORD.search(line) or _TITLED.match(line)) is not None:
            self._lines = 0
            self._record(line[record.start() :])
        else:
            return False
        return True

    def _inside(self, line: str) -> bool | None:
        """Whether `line` belongs to what was begun; None where that has ended before it."""
        bare = _RANK.sub("", line, count=1)
        if self._boxed:
            self._boxed = not bare.startswith("╰")
            self._indented = self._closing = not self._boxed
            return True
        begins_blank = bare[:1] in (" ", "\t", "|", "+")
        if self._source:
            self._source = False
            return True if begins_blank else None
        if begins_blank or (self._usage and not bare.strip()):
            return True
        closes = self._closing or (self._usage and _USAGE_ERROR.match(bare) is not None)
        self._indented = self._closing = self._usage = False
        return True if closes and not _TRACEBACK.search(bare) else None

    def _record(self, line: str) -> bool:
        if self._open > 0 and _TRAINING.match(line):
            self._open = 0  # it was never closed
            return False
        self._open += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        self._lines += 1
        if self._lines > _LONGEST_RECORD:
            self._open = 0
        return True


def is_settings(line: str) -> bool:
    """Whether a line is a list of settings: `lr=0.1 batch_size=32 seed=1 loss=0.5`."""
    names = _PAIR.findall(line)
    return len(names) > 3 and _are_settings(names) >= 3


def _are_settings(names: list[str]) -> int:
    """How many of `names` are settings; none where one is plainly a result."""
    words = [canonical_words(name) for name in names]
    if any(is_result(name) for name in names):
        return 0
    return sum(
        not SETTINGS.isdisjoint(("_".join(known), "_".join(known[-2:]), *known[-1:]))
        for known in words
    )


def is_result(name: str) -> bool:
    """Whether a name is a measure on a named split of the data, as no setting is: `val_loss`."""
    words = set(canonical_words(name))
    return is_measure(name) and bool(words & set(SPLITS.values()))


def _may_be_setting(key: str, value: str) -> bool:
    return not (_PAIR.search(value) or position_word(key) or is_result(key))


# One entry a line: `lr: 0.1`, `"lr": 0.1,`, `| lr | 0.1 |`, `lr ........ 0.1`, `lr      0.1`.
_ENTRY = re.compile(
    r"[\s|│┃║\"'{*-]*([^\W\d][\w./-]*+(?: [^\W\d][\w./-]*+){0,4})[\"']?"
    r"(?:\s*[:=|│┃║]|\s*\.{3,}|\s{2,}|\t)\s*(.*)"
)
# How logging begins a line: the time, the level, where it was called.
_PREFIX = re.compile(
    r"\W*(?:\d{4}[-/]\d\d[-/]\d\d[T ][\d:,.Z+]+\W*)?"
    r"(?:(?:[\w.]+ - )?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR)\b[^\w\"']*"
    r"(?:[\w.]+:\d+[^\w\"']+|root[:\s]+)?)?"
)
_BORDER = re.compile(r"[\W_]*")
_NUMBER = re.compile(r"[-+\d.,eE_:%s ]+|nan|inf|-inf", re.IGNORECASE)
_TITLE = re.compile(r"config|cfg\b|arg(?:ument)?s\b|param|setting|option|flags\b", re.IGNORECASE)
_LONGEST_BLOCK = 400


class Settings:
    """Holds back a block of entries that a program begins with until it is known what it is.

    `take` gives the lines that may be read now. After the first line that is no entry and measures
    something, `closed` is true and nothing is held back any more.
    """

    def __init__(self) -> None:
        self.closed = False
        self._block: list[str] = []
        self._keys: dict[str, bool] = {}  # whether the value is a number
        self._title = ""

    def take(self, line: str) -> list[str]:
        """The lines that may be read now that `line` has come, `line` last where it is one."""
        entry = _ENTRY.match(_PREFIX.sub("", line, count=1))
        if entry is not None and _may_be_setting(entry[1], entry[2]):
            key = entry[1].lower()
            full = key in self._keys or len(self._block) >= _LONGEST_BLOCK
            ready = self.rest() if full else []
            self._keys[key] = _NUMBER.fullmatch(entry[2].strip(" \t|│┃║,")) is not None
            self._block.append(line)
            return ready
        if _BORDER.fullmatch(line):
            return [] if self._block and line.strip() else self.rest()
        ready, self._title = self.rest(), line
        return [*ready, line]

    def rest(self) -> list[str]:
        """The lines that are held back, where they are no settings."""
        block, keys = self._block, list(self._keys)
        texts = [key for key, is_number in self._keys.items() if not is_number]
        self._block, self._keys = [], {}
        known = _are_settings(keys)
        if known >= 2 and (texts or known >= 3 or _TITLE.search(self._title)):
            return []
        return block
