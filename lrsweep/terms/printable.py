"""Text of others made fit to be shown: nothing in it that a terminal obeys, and on one line."""

from __future__ import annotations

import re

# Colours and cursor moves; titles and links with their text; other escapes. ECMA-48, 5.3–5.6.
_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]{0,4096}(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~]"
)
# C0 without the line feed, DEL, C1; what turns the direction of text; halves of characters.
_UNSHOWN = "\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_CONTROL = re.compile(f"[{_UNSHOWN}]")
_ANY = re.compile(f"[{_UNSHOWN}\n]")
_SPACE = re.compile("[\t\n\v\f\r\x85]+")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """`text` on one line, escape sequences left out and other control characters as U+FFFD."""
    if _ANY.search(text) is None:
        return text
    return _CONTROL.sub(_REPLACEMENT, _SPACE.sub(" ", _SEQUENCE.sub("", text)))


def printable_lines(text: str) -> str:
    """As `printable`, with its lines; of a line that was written over (`\\r`), what stood last."""
    if _CONTROL.search(text) is None:
        return text
    last = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return "\n".join(printable(line.replace("\t", "    ")) for line in last)


def is_printable(text: str) -> bool:
    """Whether `text` may be shown as it is, on one line."""
    return _ANY.search(text) is None
