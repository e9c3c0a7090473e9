"""Plans made in an empty folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lrsweep.plan import SweepPlan, build_plan, read_flags

Planner = Callable[..., SweepPlan]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with an argparse script `train.py` that takes others too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(
        "import argparse\n"
        "p = argparse.ArgumentParser()\n"
        "p.add_argument('--lr', type=float)\n"
        "p.add_argument('--batch-size', type=int)\n"
        "p.add_argument('--epochs', type=int, default=30)\n"
        "args, others = p.parse_known_args()\n"
        "print(others)\n"
    )
    return tmp_path


@pytest.fixture
def plan(folder: Path) -> Planner:  # noqa: ARG001  (it is made for what it leaves there)
    """Makes a plan from settings by name, as flags give them, with `lr` to search by itself."""

    def make(target: str | None = "train.py", *command: str, **said: object) -> SweepPlan:
        defaults: dict[str, object] = {"target": target}
        if target is None or not target.endswith(".toml"):
            defaults |= {"space": ["lr=1e-5:1"], "metric": "val_loss"}
        return build_plan(read_flags(defaults | said, command, ("lrsweep", "run")))

    return make
