"""Training scripts of any framework import lrsweep: it must bring nothing along."""

from __future__ import annotations

import json
import subprocess
import sys


def modules_that_come_with_lrsweep() -> set[str]:
    program = (
        "import json, sys; before = set(sys.modules); import lrsweep;"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    return set(json.loads(shown.stdout))


def test_the_client_needs_the_standard_library_alone() -> None:
    tops = {name.partition(".")[0] for name in modules_that_come_with_lrsweep()}
    assert tops - sys.stdlib_module_names == {"lrsweep"}


def test_the_client_brings_only_the_trial_folder_and_the_value_types() -> None:
    ours = {name for name in modules_that_come_with_lrsweep() if name.startswith("lrsweep")}
    needed = ("client", "protocol", "report_check", "trial")
    assert ours == {"lrsweep", *(f"lrsweep.{name}" for name in needed)}
