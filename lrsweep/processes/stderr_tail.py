"""What a process that failed wrote last to standard error."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lrsweep.protocol import open_file

_TAIL = 1 << 15
_TRACEBACK = "Traceback (most recent call last)"
# torchrun ends a failure with an error and a table of its own, after what the processes wrote.
_OF_TORCHRUN = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError"
_LOG_OF_TORCHRUN = re.compile(r"[IWE]\d{4} .*torch/distributed/elastic/")
_RANK = re.compile(r"(\[rank\d+\]): ?(.*)")


def stderr_tail(stderr: Path, offset: int = 0) -> str:
    """The end of `stderr` from `offset` on: of several processes, of the one that failed first.

    Empty where there is no such file.
    """
    file = open_file(stderr)
    if file is None:
        return ""
    with file:
        file.seek(max(offset, os.fstat(file.fileno()).st_size - _TAIL))
        text = file.read(2 * _TAIL).decode(errors="replace")
    return _of_first_to_fail(text[: text.find(_OF_TORCHRUN)]) if _OF_TORCHRUN in text else text


def after_traceback(words: str) -> str:
    """What follows the head of the last traceback; all where there is none."""
    return words[max(0, words.rfind(_TRACEBACK)) :]


def _of_first_to_fail(text: str) -> str:
    own = text[: text.rfind(_TRACEBACK)].splitlines()
    ranks = [match for line in own if (match := _RANK.fullmatch(line))]
    first = next((match[1] for match in ranks if match[2].startswith(_TRACEBACK)), None)
    if first is not None:
        return "\n".join(match[2] for match in ranks if match[1] == first)
    return "\n".join(line for line in own if not _LOG_OF_TORCHRUN.match(line))
