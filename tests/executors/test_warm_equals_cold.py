"""A script cannot tell whether it was started or forked: each case runs both ways."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lrsweep.executors.local import LocalExecutor
from lrsweep.executors.warm import WarmExecutor
from lrsweep.trial import Job, Member, Slot, TrialKey, job_id

LOOK_AROUND = """
    import gc, json, os, resource, signal, stat, sys, threading
    from pathlib import Path

    def look(stream):
        return [stream.name, stream.encoding, stream.errors, stream.line_buffering,
                stream.write_through, stream.isatty(), stream.fileno(), stream.mode]

    main = sys.modules["__main__"]
    print(json.dumps({
        "argv": sys.argv, "orig_argv": sys.orig_argv, "path": sys.path, "cwd": os.getcwd(),
        "environment": {k: v for k, v in os.environ.items() if k != "LRSWEEP_OWNER"},
        "globals": sorted(set(globals()) - {"__annotations__"}),
        "same main": vars(main) is globals(), "name": __name__, "file": __file__,
        "spec": repr(__spec__).split(" at ")[0], "package": __package__,
        "cached": __cached__, "doc": __doc__, "loader": type(__loader__).__name__,
        "executable": sys.executable, "prefix": sys.prefix, "flags": repr(sys.flags),
        "warnings": sys.warnoptions, "hooks": [sys.excepthook is sys.__excepthook__,
                                               sys.displayhook is sys.__displayhook__],
        "streams": [look(sys.stdin), look(sys.stdout), look(sys.stderr)],
        "originals": [sys.stdin is sys.__stdin__, sys.stdout is sys.__stdout__],
        "read": sys.stdin.read(), "modes": [stat.S_IFMT(os.fstat(n).st_mode) for n in range(3)],
        "descriptors": sorted(os.listdir("/proc/self/fd")),
        "leads": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()],
        "signals": {s.name: repr(signal.getsignal(s)) .split(" at ")[0]
                    for s in sorted(signal.valid_signals()) if isinstance(s, signal.Signals)},
        "wakeup": signal.set_wakeup_fd(-1), "mask": [int(s) for s in
                                                     signal.pthread_sigmask(signal.SIG_BLOCK, [])],
        "threads": [t.name for t in threading.enumerate()],
        "main thread": threading.current_thread() is threading.main_thread(),
        "gc": [gc.isenabled(), gc.get_threshold()], "umask": os.umask(0o22),
        "limits": [resource.getrlimit(n) for n in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE)],
        "recursion": sys.getrecursionlimit(), "nice": os.nice(0),
        "children": Path(f"/proc/self/task/{os.getpid()}/children").read_text(),
    }))
"""

PROCESSES = """
    import multiprocessing, sys

    class Point:
        def __init__(self, x): self.x = x

    def double(point): return Point(2 * point.x)

    if __name__ == "__main__":
        for method in ("fork", "spawn", "forkserver"):
            context = multiprocessing.get_context(method)
            with context.Pool(2) as pool:
                print(method, [p.x for p in pool.map(double, [Point(1), Point(2)])])
"""

TORCH = """
    import torch, numpy, os
    from torch.utils.data import DataLoader

    class Squares(torch.utils.data.Dataset):
        def __len__(self): return 8
        def __getitem__(self, i): return i * i

    if __name__ == "__main__":
        print(torch.get_num_threads(), torch.get_num_interop_threads())
        print(len(os.listdir("/proc/self/task")), torch.cuda.is_initialized())
        print(torch.__config__.parallel_info().replace(chr(9), " "))
        print([batch.tolist() for batch in DataLoader(Squares(), 4, num_workers=2)])
        x = torch.linspace(0, 1, 300 * 300).reshape(300, 300)
        print((x @ x).sum().item(), (numpy.ones((99, 99)) @ numpy.ones((99, 99))).sum())
        w = torch.ones(2, requires_grad=True)
        o = torch.optim.AdamW([w]); (w * w).sum().backward(); o.step(); print(w)
"""

# What scripts do, above all how they end. `out` is a file that the script may write.
SCRIPTS = {
    "look around": LOOK_AROUND,
    "processes": PROCESSES,
    "torch": TORCH,
    "return": "print('out')",
    "exit none": "import sys; sys.exit()",
    "exit number": "import sys; sys.exit(3)",
    "exit large": "raise SystemExit(258)",
    "exit negative": "raise SystemExit(-1)",
    "exit true": "raise SystemExit(True)",
    "exit words": "raise SystemExit('no such data')",
    "exit in function": "def f(): raise SystemExit(4)\n    f()",
    "exit now": "import os; print('lost?'); os._exit(5)",
    "crash": "def f(x): return 1 / x\n    f(0)",
    "chained": "try: {}['a']\n    except KeyError as e: raise ValueError('b') from e",
    "group": "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
    "syntax": "def f(:\n        pass",
    "no such module": "import nothing_of_this_name",
    "interrupt": "raise KeyboardInterrupt",
    "sigint": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "sigterm": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "sigpipe": "import os; r, w = os.pipe(); os.close(r); os.write(w, b'x')",
    "abort": "import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.abort()",
    "atexit": "import atexit; atexit.register(print, 'first'); atexit.register(print, 'second')",
    "atexit raises": "import atexit; atexit.register(int, 'x'); print('body')",
    "own hook": "import sys\n"
    "    sys.excepthook = lambda *a: print('hook', a[0], a[2].tb_lineno); 1/0",
    "hook at exit": "import atexit, sys; atexit.register(lambda: print(sys.excepthook)); 1/0",
    "last error": "import atexit, sys, traceback\n"
    "    atexit.register(lambda: traceback.print_tb(sys.last_traceback)); 1/0",
    "thread goes on": "import threading, time\n"
    "    threading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start(); print('main')",
    "thread crashes": "import threading\n"
    "    t = threading.Thread(target=lambda: 1/0); t.start(); t.join()",
    "daemon": "import threading, time\n"
    "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
    "open file": "f = open('out', 'w'); f.write('kept')",
    "finalizers": "class D:\n        def __del__(self): print('gone')\n"
    "    d = D(); c = D(); c.me = c",
    "no stdout": "import os; print('x'); os.close(1)",
    "unflushed": "import sys; sys.stdout.write('half a line'); sys.stderr.write('and another')",
    "logging": "import logging; logging.basicConfig(); logging.error('hm'); logging.info('not')",
    "warning": "import warnings; warnings.warn('old')",
    "fork": "import os\n    pid = os.fork()\n    if pid == 0: raise SystemExit(7)\n"
    "    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))",
    "child": "import subprocess, sys\n"
    "    print(subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True))",
    "own module": "import neighbour; print(neighbour.__file__, neighbour.value)",
    "pickle": "import pickle\n    class C: pass\n    print(type(pickle.loads(pickle.dumps(C()))))",
    "source": "import inspect\n    def f(): return 1\n    print(inspect.getsource(f))",
    "encoding": "print('grüße', ascii('é'))",
    "reimport": "import __main__; x = 1; print(__main__.__name__, __main__.x)",
}


@dataclass(frozen=True)
class Ran:
    """All that a run leaves to see."""

    code: int | None
    stdout: str
    stderr: str
    out: str


class Runner:
    """Runs commands cold and warm in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "neighbour.py").write_text("value = 1\n")
        (folder / "imports.py").write_text("import torch, numpy\nimport multiprocessing, logging\n")
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "2"}
        self._env.pop("OPENBLAS_NUM_THREADS", None)
        imports = [sys.executable, "imports.py"]
        self._executors = {
            "cold": LocalExecutor(),
            "warm": WarmExecutor(imports, cwd=str(folder), env=self._env),
        }
        self._count = 0

    def run(self, how: str, *argv: str) -> Ran:
        self._count += 1
        executor, trial = self._executors[how], self.folder / f"trial-{self._count}"
        trial.mkdir()
        out = self.folder / "out"
        out.unlink(missing_ok=True)
        key = TrialKey(self._count, 1)
        command = (sys.executable, *argv)
        member = Member(key, {}, 0, str(trial))
        job = Job(job_id(key), Slot(0), (member,), command, self._env, str(self.folder))
        executor.start(job)
        deadline = time.monotonic() + 120
        while not (exits := executor.poll(1).exits):
            assert time.monotonic() < deadline
        assert executor.is_warm(job) is (how == "warm")
        return Ran(
            exits[0].code,
            (trial / "stdout.log").read_text(),
            (trial / "stderr.log").read_text(),
            out.read_text() if out.exists() else "",
        )

    def both(self, *argv: str) -> tuple[Ran, Ran]:
        return self.run("cold", *argv), self.run("warm", *argv)

    def close(self) -> None:
        for executor in self._executors.values():
            executor.close()


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    made = Runner(tmp_path_factory.mktemp("a folder"))
    yield made
    made.close()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_the_same_cold_and_warm(runner: Runner, name: str) -> None:
    script = runner.folder / f"case_{name.replace(' ', '_')}.py"
    script.write_text(textwrap.dedent(f"    {SCRIPTS[name].strip()}\n"))
    cold, warm = runner.both(script.name, "--lr", "0.1", "a b", "")
    if name == "look around":
        assert json.loads(warm.stdout) == json.loads(cold.stdout)
    assert warm == cold


@pytest.mark.parametrize("name", ["look around", "crash", "exit number"])
def test_a_module_is_the_same_cold_and_warm(runner: Runner, name: str) -> None:
    package = runner.folder / f"package_{name.replace(' ', '_')}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(textwrap.dedent(f"    {SCRIPTS[name].strip()}\n"))
    cold, warm = runner.both("-m", package.name, "--lr", "0.1")
    if name == "look around":
        assert json.loads(warm.stdout) == json.loads(cold.stdout)
    assert warm == cold


def test_a_module_in_a_package_starts_processes(runner: Runner) -> None:
    package = runner.folder / "package"
    package.mkdir()
    (package / "run.py").write_text(textwrap.dedent(f"    {PROCESSES.strip()}\n"))
    cold, warm = runner.both("-m", "package.run")
    assert warm == cold
    assert warm.code == 0


@pytest.mark.parametrize("argv", [("missing.py",), ("-m", "missing")])
def test_a_missing_script_is_told_in_the_same_words(runner: Runner, argv: tuple[str, ...]) -> None:
    cold, warm = runner.both(*argv)
    assert warm == cold
    assert cold.code != 0


def test_a_script_is_named_the_same_by_any_path(runner: Runner) -> None:
    (runner.folder / "below").mkdir()
    (runner.folder / "below" / "named.py").write_text(
        "import sys; print(__file__, sys.path[0]); 1/0"
    )
    (runner.folder / "link.py").symlink_to("below/named.py")
    absolute = str(runner.folder / "below" / "named.py")
    for path in ("below/named.py", "./below/../below/named.py", "link.py", absolute):
        cold, warm = runner.both(path)
        assert warm == cold


def test_an_edit_between_two_trials_takes_effect(runner: Runner) -> None:
    (runner.folder / "uses.py").write_text("import mine; print(mine.value)")
    for value in ("one", "two and more"):
        (runner.folder / "mine.py").write_text(f"value = {value!r}\n")
        assert runner.run("warm", "uses.py").stdout == f"{value}\n"


def test_two_warm_trials_draw_different_numbers(runner: Runner) -> None:
    (runner.folder / "draw.py").write_text(
        "import random, numpy, torch, multiprocessing as m\n"
        "print(random.random(), numpy.random.rand(), torch.initial_seed())\n"
        "print(m.current_process().authkey.hex())"
    )
    first, second = (runner.run("warm", "draw.py").stdout.split() for _ in range(2))
    assert not set(first) & set(second)


def test_another_thread_count_than_the_launcher_was_started_with_means_a_cold_start(
    tmp_path: Path,
) -> None:
    executor = WarmExecutor([sys.executable, "train.py"], slot=Slot(0, threads=2))
    for threads, is_warm in ((2, True), (1, False)):
        command = (sys.executable, "train.py")
        member = Member(TrialKey(0, 1), {}, 0, str(tmp_path))
        job = Job("0.1", Slot(0, threads=threads), (member,), command)
        assert executor.is_warm(job) is is_warm
    executor.close()
