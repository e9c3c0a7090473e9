"""The line of a failed process's standard error that a person would read out.

Of a Python program that is its last exception: the script's own, where a launcher that started it
(accelerate, torchrun) failed after it; none that was ignored at shutdown or happened in a thread
beside. Of other programs it is the first line of the complaint: not the usage that follows or comes
before, not a hint where help is to be had, not what loggers and progress bars said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lrsweep.terms import printable_lines

_LONGEST = 500
_HEAD = "Traceback (most recent call last)"
_RANK = re.compile(r"\[rank\d+\]: ?")
# What stands before the lines of an exception group, and what boxes are drawn with.
_GROUP = re.compile(r"^\s*(?:[+|]-*\s?\|?\s?)+(?=\S)")
_BOX = re.compile("[\u2500-\u257f]")
_EXCEPTION = re.compile(r"(?:[A-Za-z_][\w.]*\.)?[A-Z]\w*(?:\([\w.]+\))?(?::(?: .*)?)?$", re.ASCII)
_TYPED = re.compile(r"[\w.]*(?:Error|Exception|Interrupt|Exit|Warning)(?:\(\w+\))?: \S")
# Tracebacks that did not end the program, by the line before.
_BESIDE = re.compile(
    r"Exception ignored in|Exception in thread|Error in atexit|Error in sys\.|--- Logging error ---"
)
# Exceptions of what only started the program that failed.
_OF_LAUNCHERS = re.compile(
    r"subprocess\.CalledProcessError|(?:[\w.]+\.)?ChildFailedError|(?:[\w.]+\.)?ProcessExitedException"
    r"|(?:[\w.]+\.)?ProcessRaisedException|(?:concurrent\.futures\.process\.)?BrokenProcessPool"
)
_NOISE = re.compile(
    r"(?:wandb|srun|slurmstepd|mpirun|mpiexec|prterun):|^\d+%\||^\s*\d+%.*[|█▏]"
    r"|^\S+\.py:\d+: \w*Warning: |resource_tracker|^\s*warnings\.warn\("
    r"|^[IWE]\d{4} |^(?:\[?\d{4}-\d\d-\d\d[ T][\d:.,]+\]?\s*)?\W*(?:INFO|DEBUG|WARNING)\b"
    r"|^Primary job|^Process name:|^Call stack:"
)
_HINT = re.compile(
    r"^(?:Try|Pass|Run|See|Use|Type|For (?:more|full|detailed|help))\b"
    r".*(?:help|information|command)"
    r"|HYDRA_FULL_ERROR|^note: |^Stack(?: ?trace)?:?$|^Node\.js v|^Execution halted|core dumped\)?$"
)
_USAGE = re.compile(r"^\s*usage:", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"^(?:[^\s:]+: )*(?:fatal|error|panic|critical)\b|\berror: |^\w*(?:Error|Exception): "
    r"|panicked at",
    re.IGNORECASE,
)
_WHAT = re.compile(r"^\s+what\(\):\s+(\S.*)")
# A first line that says only that more follows.
_OPEN = re.compile(r":$|^\S*ValidationError: \d+ validation errors? for ")


def error_line(words: str) -> str:
    """What `words`, the end of a standard error, give as the reason; empty where they say nothing.

    One line of at most 500 characters, without control characters.
    """
    lines = [_RANK.sub("", line.rstrip(), count=1) for line in printable_lines(words).split("\n")]
    said = _exception(lines) or _complaint(lines)
    return " ".join(said.split())[:_LONGEST]


def _exception(lines: Sequence[str]) -> str:
    found = list(_raised(lines))
    ended = [one for one in found if not one.beside] or found
    if not ended:
        return ""
    own = [one for one in ended if not _OF_LAUNCHERS.match(one.text)]
    last = (own or ended)[-1]
    # What was caught and printed is not the end: the program's own complaint comes after.
    if last is found[-1] and (complaint := _complaint_among(lines[last.end :])):
        return complaint
    return last.text


class _Raised(NamedTuple):
    """An exception, the line after it, and whether it happened beside the program's own run."""

    text: str
    end: int
    beside: bool


def _raised(lines: Sequence[str]) -> Iterator[_Raised]:
    """The exception of each traceback."""
    at = 0
    while at < len(lines):
        if _HEAD not in lines[at]:
            at += 1
            continue
        beside = at > 0 and _BESIDE.search(lines[at - 1]) is not None
        grouped = "Exception Group" in lines[at] or lines[at].lstrip().startswith(("|", "+"))
        end = at + 1
        while end < len(lines) and _is_frame(_bare(lines[end], grouped)):
            end += 1
        text = _bare(lines[end], grouped).strip() if end < len(lines) else ""
        if _EXCEPTION.match(text) or _TYPED.match(text):
            following = [_bare(line, grouped) for line in lines[end + 1 : end + 4]]
            yield _Raised(_opened(text, following), end + 1, beside)
        at = max(end, at + 1)


def _is_frame(line: str) -> bool:
    return not line or line[0].isspace() or _BOX.match(line) is not None


def _bare(line: str, grouped: bool) -> str:
    return _GROUP.sub("", line) if grouped and not line.lstrip().startswith("File ") else line


def _opened(text: str, following: Sequence[str]) -> str:
    """`text`, with what it only announces: a validation error's field, a list of mismatches."""
    if not _OPEN.search(text):
        return text
    more = [line.strip() for line in following if line.strip() and _HEAD not in line]
    return " ".join([text, *(more[:2] if "validation error" in text else more[:1])])


def _complaint_among(lines: Sequence[str]) -> str:
    """The complaint, where some line says that it is one."""
    return _complaint(lines) if any(map(_COMPLAINT.search, lines)) else ""


def _complaint(lines: Sequence[str]) -> str:
    """The first line of what a program that knows no Python exceptions complained of."""
    boxed = _last_box(lines)
    if boxed:
        return boxed
    said = [line for line in lines if line.strip() and not _NOISE.search(line)]
    said = [line for line in said if not _HINT.search(line.strip())]
    whats = [match[1] for line in said if (match := _WHAT.match(line))]
    if whats:
        return whats[-1]
    marked = [i for i, line in enumerate(said) if _COMPLAINT.search(line.strip())]
    if marked:
        return _opened(said[marked[-1]].strip(), said[marked[-1] + 1 :])
    usage = next((i for i, line in enumerate(said) if _USAGE.match(line)), None)
    if usage:
        return said[usage - 1].strip()
    if not said:
        last = [line.strip() for line in lines if line.strip()]
        return last[-1] if last else ""
    at = len(said) - 1
    while at > 0 and said[at][0].isspace():
        at -= 1
    return _opened(said[at].strip(), said[at + 1 :])


def _last_box(lines: Sequence[str]) -> str:
    """The first line inside the last box that is drawn around an error."""
    inside: list[str] | None = None
    last = ""
    for line in lines:
        text = line.strip()
        if text.startswith(("╭", "┌", "┏", "+--")):
            inside = None if _HEAD in text else []
        elif inside is not None and text.startswith(("╰", "└", "┗")):
            content = [one for one in inside if one and not _HINT.search(one)]
            last = content[0] if content else last
            inside = None
        elif inside is not None:
            inside.append(_BOX.sub("", text).strip())
    return last
