"""A sweep on GPUs: the driver is the fake's, everything above it real."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from lrsweep.devices import nvml
from lrsweep.devices.fake_nvml import FakeGpu, FakeMemory, FakeNvml
from lrsweep.executors.inline import Training
from lrsweep.trial import Job, Outcome
from tests.sweep.inline import Notebook, PlanMaker, bowl, run


class Busy(FakeNvml):
    """Two GPUs, whose memory somebody else gives back after having been asked for a while."""

    def __init__(self) -> None:
        super().__init__([FakeGpu("GPU-a"), FakeGpu("GPU-b")])
        self.looks = 0

    def nvmlDeviceGetMemoryInfo(self, handle: FakeGpu) -> FakeMemory:
        self.looks += 1
        return FakeMemory(1 << 30 if self.looks < 10 else handle.total, handle.total)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Busy:
    driver = Busy()
    monkeypatch.setattr(nvml, "pynvml", driver)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("lrsweep.sweep.run._ROOM_EVERY_S", 0.01)
    return driver


def test_trials_wait_for_memory_that_others_use(make_plan: PlanMaker, busy: Busy) -> None:
    notebook = Notebook()
    run(make_plan(sampler="grid", space=("lr=0.1,0.01,0.001",), jobs="auto"), bowl, notebook)
    assert [row.outcome for row in notebook.ended] == [Outcome.COMPLETED] * 3
    assert notebook.notes == [
        "others use the memory of GPU-a; trials there wait for it",
        "others use the memory of GPU-b; trials there wait for it",
    ]
    assert busy.looks > 10


def test_a_trial_of_two_gpus_sees_both_and_knows_how_many(make_plan: PlanMaker, busy: Busy) -> None:
    seen: list[tuple[str, tuple[str, ...]]] = []

    def train(job: Job) -> Training:
        seen.append((job.slot.device, job.argv))
        return bowl(job)

    plan = make_plan(
        command=("--n={gpus}",), sampler="grid", space=("lr=0.1",), jobs="auto", gpus_per_trial=2
    )
    notebook = Notebook()
    run(plan, train, notebook)
    assert [device for device, _ in seen] == ["GPU-a,GPU-b"]
    assert "--n=2" in seen[0][1]
    assert notebook.notes == ["others use the memory of GPU-a and GPU-b; trials there wait for it"]
    assert busy.looks > 10
