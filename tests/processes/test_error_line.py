"""What went wrong is told as the error that a person would read out."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lrsweep.processes.error_line import error_line

THREAD = """
import threading
def beside(): raise KeyError("beside")
thread = threading.Thread(target=beside); thread.start(); thread.join()
"""
# What really fails, and what is read out.
SCRIPTS = {
    "import argparse; argparse.ArgumentParser().parse_args(['--lr', '1'])": (
        "-c: error: unrecognized arguments: --lr 1"
    ),
    "import sys; print('epoch 1', file=sys.stderr); sys.exit('no such data')": "no such data",
    "import sys; sys.exit('no such data:\\n  in a\\n  in b')": "no such data: in a",
    "{}['x']": "KeyError: 'x'",
    "try: {}['x']\nexcept KeyError as e: raise ValueError('bad') from e": "ValueError: bad",
    "try: {}['x']\nexcept KeyError as e: int('q')": (
        "ValueError: invalid literal for int() with base 10: 'q'"
    ),
    "raise RuntimeError('CUDA error: assert\\nkernel errors may be late\\nsee the docs')": (
        "RuntimeError: CUDA error: assert"
    ),
    "raise RuntimeError('Error(s) in loading:\\n\\tsize mismatch')": (
        "RuntimeError: Error(s) in loading: size mismatch"
    ),
    "class MyFault(Exception): pass\nraise MyFault": "MyFault",
    "exec(compile('foo(', 'x.py', 'exec'))": "SyntaxError: '(' was never closed",
    "import subprocess as s, sys\n"
    "s.run([sys.executable, '-c', 'raise ValueError(\"own\")'], check=True)": "ValueError: own",
    "class A:\n def __del__(self): raise KeyError('ignored')\na = A()\nraise ValueError('own')": (
        "ValueError: own"
    ),
    THREAD + "raise ValueError('own')": "ValueError: own",
    THREAD + "raise SystemExit(1)": "KeyError: 'beside'",
    "import traceback, sys\ntry: {}['x']\nexcept KeyError: traceback.print_exc()\n"
    "sys.exit('error: no data to train on')": "error: no data to train on",
    "import logging, sys\nlogging.basicConfig(level=20)\nlogging.error('cannot read config')\n"
    "logging.info('bye'); sys.exit(1)": "ERROR:root:cannot read config",
    "import atexit, warnings\natexit.register(lambda: warnings.warn('leaked'))\n"
    "raise ValueError('own')": "ValueError: own",
    "import sys; sys.exit('\\x1b[31mError:\\x1b[0m no \\x9b2Jmodel')": "Error: no model",
    "import subprocess, sys; sys.exit(subprocess.call(['bash', '-c', 'nosuch --lr 1']))": (
        "bash: line 1: nosuch: command not found"
    ),
    "import faulthandler, os; faulthandler.enable(); os.kill(os.getpid(), 11)": (
        "Fatal Python error: Segmentation fault"
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_python_program_is_told_by_its_own_last_exception(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", script], capture_output=True, text=True
    )
    assert error_line(done.stderr) == SCRIPTS[script]


# What other programs and launchers write.
WRITTEN = {
    "click": (
        "Usage: t.py [OPTIONS]\nTry 't.py --help' for help.\n\nError: No such option '--lr'.\n",
        "Error: No such option '--lr'.",
    ),
    "typer": (
        "Usage: t.py [OPTIONS]\nTry 't.py --help' for help.\n╭─ Error ──────╮\n"
        "│ No such option: --lr  │\n╰──────────────╯\n",
        "No such option: --lr",
    ),
    "tyro": (
        "╭─ Unrecognized options ─────────╮\n│ Unrecognized options: --lr     │\n"
        "│ ────────────────────────────── │\n│ For full helptext, run t --help │\n╰────────╯\n",
        "Unrecognized options: --lr",
    ),
    "absl": (
        "FATAL Flags parsing error:\n  Unknown command line flag 'lr'. Did you mean: l ?\n"
        "Pass --helpshort or --helpfull to see help on flags.\n",
        "FATAL Flags parsing error: Unknown command line flag 'lr'. Did you mean: l ?",
    ),
    "fire": (
        "ERROR: Could not consume arg: --lr\nUsage: t.py <flags>\n  optional flags:   --opt\n\n"
        "For detailed information on this command, run:\n  t.py --help\n",
        "ERROR: Could not consume arg: --lr",
    ),
    "hydra": (
        "Could not override 'lr'.\nKey 'lr' is not in struct\n    full_key: lr\n\n"
        "Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n",
        "Key 'lr' is not in struct",
    ),
    "usage after": (
        "unknown option --lr\nusage: prog [-x]\n  -x  something\n",
        "unknown option --lr",
    ),
    "C++": (
        "terminate called after throwing an instance of 'std::runtime_error'\n"
        "  what():  cannot open file\nAborted (core dumped)\n",
        "cannot open file",
    ),
    "Rust": (
        "thread 'main' panicked at src/main.rs:2:5:\ncannot open\nnote: run with `X`\n",
        "thread 'main' panicked at src/main.rs:2:5: cannot open",
    ),
    "accelerate": (
        'Traceback (most recent call last):\n  File "t.py", line 3, in <module>\n    main()\n'
        'ValueError: own\nTraceback (most recent call last):\n  File "/bin/accelerate", line 8\n'
        "    sys.exit(main())\nsubprocess.CalledProcessError: Command '['python', 't.py']' "
        "returned non-zero exit status 1.\n",
        "ValueError: own",
    ),
    "a worker": (
        'Traceback (most recent call last):\n  File "t.py", line 3, in <module>\n'
        "ValueError: Caught ValueError in DataLoader worker process 0.\n"
        'Original Traceback (most recent call last):\n  File "d.py", line 9, in f\n'
        "ValueError: bad sample\n\n",
        "ValueError: bad sample",
    ),
    "rich": (
        "╭──── Traceback (most recent call last) ────╮\n│ t.py:2 in <module>          │\n"
        "╰───────────────────────────────────────────╯\nKeyError: 'x'\n",
        "KeyError: 'x'",
    ),
    "a progress bar": (
        ' 50%|█████     | 5/10\nTraceback (most recent call last):\n  File "t.py", line 1\n'
        "ValueError: in the bar\n 50%|█████     | 5/10 [00:01<00:01]\nwandb: synced\n",
        "ValueError: in the bar",
    ),
}


@pytest.mark.parametrize("program", WRITTEN)
def test_other_programs_are_told_by_the_first_line_of_their_complaint(program: str) -> None:
    text, expected = WRITTEN[program]
    assert error_line(text) == expected


def test_nothing_and_much() -> None:
    assert error_line("") == error_line("\n \n") == ""
    assert len(error_line("x" * 100_000)) == 500
