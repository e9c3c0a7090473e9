"""Every command of the page for those who come from another tool makes a plan."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

PAGE = (Path(__file__).parents[2] / "docs/coming-from.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]
SCRIPT = """\
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
p.add_argument("--batch-size", type=int)
p.add_argument("--optimizer")
p.parse_args()
print("val_loss: 0.43")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page")
    (path / "train.py").write_text(SCRIPT)
    [configuration] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (path / "sweep.yaml").write_text(configuration)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_is_understood(folder: Path, command: str) -> None:
    words = shlex.split(command)[1:]
    dry = ["--dry-run"] if words[0] == "run" else ["--force"]
    if words[:2] == ["run", "sweep.toml"]:
        lrsweep(folder, "import-wandb", "sweep.yaml", "--force")
    done = lrsweep(folder, *words, *dry)
    assert done.returncode == 0, done.stderr
