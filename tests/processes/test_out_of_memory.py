"""Running out of memory is told from every other way to end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrsweep.executors.local import LocalExecutor
from lrsweep.processes.out_of_memory import ran_out_of_memory
from tests.executors.family import first_exit, make_job

HEAD = "Traceback (most recent call last):\n  File …\n"


@pytest.mark.parametrize(
    ("code", "stderr", "expected"),
    [
        (1, HEAD + "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB.", True),
        (1, HEAD + "torch.cuda.OutOfMemoryError: CUDA out of memory.", True),
        (1, HEAD + "RuntimeError: CUDA error: out of memory", True),
        (1, HEAD + "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling …", True),
        (1, HEAD + "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory", True),
        (1, HEAD + "MemoryError", True),
        (1, HEAD + "KeyError: 'memory'", False),
        (1, "CUDA out of memory, batch skipped\n" + HEAD + "KeyError: 'x'", False),
        (0, "CUDA out of memory, batch skipped\n", False),
        (-signal.SIGKILL, "", False),
        (None, "", False),
    ],
)
def test_last_words_tell(tmp_path: Path, code: int | None, stderr: str, expected: bool) -> None:
    file = tmp_path / "stderr.log"
    file.write_text(stderr)
    assert ran_out_of_memory(code, file, 0, kills_before=sys.maxsize) is expected


def test_the_words_of_an_earlier_attempt_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "stderr.log"
    file.write_text("MemoryError\n")
    assert not ran_out_of_memory(1, file, file.stat().st_size, kills_before=0)


def test_a_missing_log_tells_nothing(tmp_path: Path) -> None:
    assert not ran_out_of_memory(1, tmp_path / "stderr.log", 0, kills_before=0)


@pytest.fixture
def small_memory() -> Iterator[Path]:
    """A control group that allows 200 MB."""
    group = Path("/sys/fs/cgroup/memory", f"lrsweep-test-{os.getpid()}")
    if not os.access(group.parent / "tasks", os.W_OK):
        pytest.skip("needs a writable memory control group")
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text("200000000")
    yield group
    group.rmdir()


def test_the_kernels_killing_for_memory_is_recognised(tmp_path: Path, small_memory: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        f"import os\nopen('{small_memory}/tasks', 'w').write(str(os.getpid()))\n"
        "held = []\nwhile True: held.append(bytearray(os.urandom(1000)) * 10_000)"
    )
    executor = LocalExecutor()
    executor.start(make_job(tmp_path, script))
    exit = first_exit(executor)
    executor.close()
    assert (exit.code, exit.out_of_memory) == (-signal.SIGKILL, True)
