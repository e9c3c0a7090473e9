"""Which slots a sweep gets on machines with GPUs; the GPUs are the fake's, the locks real."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.devices.fake_nvml import FakeGpu, FakeNvml
from lrsweep.devices.local_slots import LocalSlots, possible_slots
from lrsweep.errors import PlanError
from tests.sweep.inline import PlanMaker

TWO = FakeNvml([FakeGpu("GPU-aaa", "H100"), FakeGpu("GPU-bbb", "H100")])


@pytest.fixture(autouse=True)
def _every_gpu_is_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_each_job_gets_a_gpu_by_its_uuid(make_plan: PlanMaker, tmp_path: Path) -> None:
    with LocalSlots(make_plan(jobs="auto"), nvml=TWO, lease_folder=tmp_path / "gpus") as places:
        assert [(s.device, s.kind) for s in places.slots] == [
            ("GPU-aaa", "H100"),
            ("GPU-bbb", "H100"),
        ]


def test_a_gpu_may_be_shared_by_trials(make_plan: PlanMaker) -> None:
    slots = possible_slots(make_plan(jobs="auto", gpus="1", trials_per_gpu=3, threads=2), TWO)
    assert [(s.device, s.threads) for s in slots] == [("GPU-bbb", 2)] * 3


@pytest.mark.parametrize("changes", [{"gpus": "none"}, {"device": "cpu"}])
def test_without_gpus_jobs_run_on_the_cpu(make_plan: PlanMaker, changes: dict[str, str]) -> None:
    slots = possible_slots(make_plan(jobs=2, **changes), TWO)
    assert [s.device for s in slots] == ["cpu", "cpu"]


def test_what_the_user_hid_stays_hidden(
    make_plan: PlanMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [s.device for s in possible_slots(make_plan(jobs="auto"), TWO)] == ["GPU-bbb"]


def test_two_sweeps_do_not_take_the_same_gpu(make_plan: PlanMaker, tmp_path: Path) -> None:
    plan, both, folder = make_plan(jobs="auto", gpus="0"), make_plan(jobs="auto"), tmp_path / "gpus"
    with LocalSlots(plan, nvml=TWO, lease_folder=folder):
        with LocalSlots(both, nvml=TWO, lease_folder=folder) as second:
            assert [s.device for s in second.slots] == ["GPU-bbb"]
            assert second.notes()[0].startswith("GPU 0 is used by another sweep (study 'train'")
        with (
            pytest.raises(PlanError, match="every GPU is used by another sweep"),
            LocalSlots(plan, nvml=TWO, lease_folder=folder),
        ):
            pass
        shared = make_plan(jobs="auto", gpus="0", share_gpus=True)
        with LocalSlots(shared, nvml=TWO, lease_folder=folder) as second:
            assert [s.device for s in second.slots] == ["GPU-aaa"]
    with LocalSlots(plan, nvml=TWO, lease_folder=folder) as after:
        assert [s.device for s in after.slots] == ["GPU-aaa"]


def test_gpus_that_no_group_needs_are_left_to_others(make_plan: PlanMaker, tmp_path: Path) -> None:
    three = FakeNvml([FakeGpu(f"GPU-{name}", "H100") for name in "abc"])
    folder = tmp_path / "gpus"
    pair, rest = make_plan(jobs="auto", gpus_per_trial=2), make_plan(jobs="auto")
    with (
        LocalSlots(pair, nvml=three, lease_folder=folder) as first,
        LocalSlots(rest, nvml=three, lease_folder=folder) as second,
    ):
        assert [s.device for s in first.slots] == ["GPU-a,GPU-b"]
        assert [s.device for s in second.slots] == ["GPU-c"]


def test_a_sweep_that_gets_too_few_gpus_gives_them_back(
    make_plan: PlanMaker, tmp_path: Path
) -> None:
    folder = tmp_path / "gpus"
    pair, rest = make_plan(jobs="auto", gpus_per_trial=2), make_plan(jobs="auto", gpus="1")
    with (
        LocalSlots(make_plan(jobs="auto", gpus="0"), nvml=TWO, lease_folder=folder),
        pytest.raises(PlanError, match="this sweep has 1 GPU of one model"),
        LocalSlots(pair, nvml=TWO, lease_folder=folder),
    ):
        pass
    with LocalSlots(rest, nvml=TWO, lease_folder=folder) as after:
        assert [s.device for s in after.slots] == ["GPU-bbb"]


def test_several_gpus_have_room_where_each_has(make_plan: PlanMaker, tmp_path: Path) -> None:
    plan, full = make_plan(jobs="auto", gpus_per_trial=2), FakeGpu("GPU-a", free=1 << 30)
    for gpus, expected in (
        ([full, FakeGpu("GPU-b")], False),
        ([FakeGpu("GPU-b"), FakeGpu("GPU-c")], True),
    ):
        nvml, folder = FakeNvml(gpus), tmp_path / str(expected)
        with LocalSlots(plan, nvml=nvml, lease_folder=folder) as places:
            assert places.has_room(places.slots[0]) is expected


def test_a_full_gpu_has_no_room(make_plan: PlanMaker, tmp_path: Path) -> None:
    nvml = FakeNvml([FakeGpu("GPU-aaa", free=1 << 30), FakeGpu("GPU-bbb")])
    with LocalSlots(make_plan(jobs="auto"), nvml=nvml, lease_folder=tmp_path / "gpus") as places:
        assert [places.has_room(slot) for slot in places.slots] == [False, True]
    with LocalSlots(make_plan(device="cpu", jobs=1)) as places:
        assert places.has_room(places.slots[0])
