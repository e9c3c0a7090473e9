"""The line that says why a process failed, also where torchrun has the last word."""

from __future__ import annotations

from pathlib import Path

from lrsweep.processes.error_line import error_line
from lrsweep.processes.out_of_memory import ran_out_of_memory
from lrsweep.processes.stderr_tail import stderr_tail

EPILOGUE = """\
W1122 01:05:23.029000 203 torch/distributed/elastic/multiprocessing/api.py:1028] Sending SIGTERM
E1122 01:05:23.094000 203 torch/distributed/elastic/multiprocessing/api.py:1002] failed
Traceback (most recent call last):
  File "torch/distributed/launcher/api.py", line 383, in launch_agent
    raise ChildFailedError(
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
train.py FAILED
============================================================
"""
RANKS = """\
Loading …
[rank1]: Traceback (most recent call last):
[rank1]:   File "train.py", line 6, in <module>
[rank1]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20 GiB
[rank0]: Traceback (most recent call last):
[rank0]:   File "train.py", line 10, in <module>
[rank0]: RuntimeError: Connection closed by peer
"""


def written(folder: Path, text: str) -> Path:
    (folder / "stderr.log").write_text(text)
    return folder / "stderr.log"


def test_it_is_the_last_that_says_something(tmp_path: Path) -> None:
    assert error_line(stderr_tail(tmp_path / "stderr.log")) == ""
    file = tmp_path / "stderr.log"
    file.write_bytes(b"warning\n\xff KeyError: 'x'\n\n  \n")
    assert error_line(stderr_tail(file)) == "\ufffd KeyError: 'x'"


def test_of_several_processes_the_first_to_fail_speaks(tmp_path: Path) -> None:
    file = written(tmp_path, RANKS + EPILOGUE)
    assert error_line(stderr_tail(file)).startswith("torch.OutOfMemoryError: CUDA out of memory")
    assert ran_out_of_memory(1, file, 0, kills_before=0)


def test_a_process_that_failed_before_it_had_a_rank_speaks_too(tmp_path: Path) -> None:
    file = written(tmp_path, "train.py: unknown optimizer 'adma'\n" + EPILOGUE)
    assert error_line(stderr_tail(file)) == "train.py: unknown optimizer 'adma'"
    assert not ran_out_of_memory(1, file, 0, kills_before=0)
