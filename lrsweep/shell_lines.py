"""Commands on one line, for a shell: what is printed to be copied."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from lrsweep.storage_url import STORAGE_WORD
from lrsweep.terms import is_printable


def shell_line(argv: Sequence[str]) -> str:
    """`argv` on one line, quoted for bash, ksh and zsh, with nothing that a terminal obeys.

    The variable that stands for a database's URL is left for the shell to fill in.
    """
    return " ".join(map(_quoted, argv))


def _quoted(word: str) -> str:
    if word in (STORAGE_WORD, f"--storage={STORAGE_WORD}"):
        return word.replace(STORAGE_WORD, f'"{STORAGE_WORD}"')
    return shlex.quote(word) if is_printable(word) else _escaped(word)


def _escaped(text: str) -> str:
    """`text` in the shell's $'…', which spells control characters."""
    spelled = re.sub(r"[\\']", r"\\\g<0>", text)
    return "$'" + "".join(c if is_printable(c) else _bytes_of(c) for c in spelled) + "'"


def _bytes_of(char: str) -> str:
    low_half = "\udc80" <= char <= "\udcff"  # a byte of an argument that was no UTF-8
    raw = char.encode(errors="surrogateescape" if low_half else "replace")
    return "".join(f"\\x{byte:02x}" for byte in raw)
