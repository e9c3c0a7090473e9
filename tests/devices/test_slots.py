"""Which GPUs there are, which a sweep gets, and what a trial sees of them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lrsweep.devices.fake_nvml import FakeGpu, FakeNvml
from lrsweep.devices.leases import GpuLeases
from lrsweep.devices.nvml import Gpu, find_gpus
from lrsweep.devices.slots import (
    choose_gpus,
    device_environment,
    has_room,
    make_slots,
    visible_gpus,
)
from lrsweep.errors import PlanError
from lrsweep.trial import Slot

A, B, C = (Gpu(str(i), f"GPU-{name}", "H100", 80, 80) for i, name in enumerate(("aa", "ab", "c")))
GPUS = (A, B, C)


def test_gpus_are_found_with_their_memory() -> None:
    nvml = FakeNvml([FakeGpu("GPU-1", "H100", free=3, total=8), FakeGpu("GPU-2")])
    first, second = find_gpus(nvml)
    assert first == Gpu("0", "GPU-1", "H100", 3, 8)
    assert (second.index, second.uuid) == ("1", "GPU-2")
    assert nvml.open == 0, "NVML was not shut down"


def test_a_gpu_in_mig_mode_counts_as_its_devices() -> None:
    migs = [FakeGpu("MIG-1"), None, FakeGpu("MIG-2")]
    found = find_gpus(FakeNvml([FakeGpu("GPU-1"), FakeGpu("GPU-2", migs=migs)]))
    assert [(gpu.index, gpu.uuid) for gpu in found] == [
        ("0", "GPU-1"),
        ("1:0", "MIG-1"),
        ("1:1", "MIG-2"),
    ]


def test_without_a_driver_there_are_no_gpus() -> None:
    assert find_gpus(FakeNvml([FakeGpu("GPU-1")], driver=False)) == ()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("all", GPUS),
        ("none", ()),
        ("0,2", (A, C)),
        ("2, 0", (C, A)),
        ("GPU-ab", (B,)),
        ("GPU-c,0", (C, A)),
    ],
)
def test_gpus_are_chosen_by_index_and_uuid(wanted: str, expected: tuple[Gpu, ...]) -> None:
    assert choose_gpus(wanted, GPUS) == expected


@pytest.mark.parametrize("wanted", ["3", "GPU-a", "GPU-zz", "0,x", "", "0,,1", "-1"])
def test_a_name_that_is_no_gpu_is_refused_with_those_there_are(wanted: str) -> None:
    with pytest.raises(PlanError, match=r"there are 0 \(H100, GPU-aa\), 1 "):
        choose_gpus(wanted, GPUS)


def test_without_gpus_a_chosen_one_is_refused() -> None:
    with pytest.raises(PlanError, match="no GPU was found on this machine"):
        choose_gpus("0", ())


def test_a_gpu_is_not_named_twice() -> None:
    with pytest.raises(PlanError, match="'GPU-aa' names GPU 0 a second time"):
        choose_gpus("0,GPU-aa", GPUS)


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, GPUS),
        ("", ()),
        ("-1", ()),
        ("NoDevFiles", ()),
        ("1", (B,)),
        ("2,0", (C, A)),
        ("GPU-c", (C,)),
        ("0,7,1", (A,)),
    ],
)
def test_what_the_shell_hides_stays_hidden(visible: str | None, expected: tuple[Gpu, ...]) -> None:
    assert visible_gpus(GPUS, visible) == expected


def test_a_gpu_has_room_when_a_trials_share_is_about_free() -> None:
    assert has_room(Gpu("0", "u", free=75, total=80))
    assert not has_room(Gpu("0", "u", free=40, total=80))
    assert has_room(Gpu("0", "u", free=40, total=80), trials_per_gpu=2)


def test_every_gpu_gets_a_slot() -> None:
    slots = make_slots("auto", None, GPUS, cores=16)
    assert slots == [Slot(i, gpu.uuid, 5, gpu.name) for i, gpu in enumerate(GPUS)]


def test_trials_share_gpus_evenly() -> None:
    slots = make_slots("auto", None, GPUS[:2], cores=16, trials_per_gpu=2)
    assert [slot.device for slot in slots] == ["GPU-aa", "GPU-ab", "GPU-aa", "GPU-ab"]


def test_a_trial_may_take_several_gpus_of_one_model() -> None:
    other = Gpu("3", "GPU-d", "A100", 40, 40)
    slots = make_slots("auto", None, (A, other, B, C), cores=16, gpus_per_trial=2)
    assert slots == [Slot(0, "GPU-aa,GPU-ab", 8, "2 × H100", 2)]
    two = make_slots("auto", None, (A, B, other, other), cores=16, gpus_per_trial=2)
    assert [(slot.device, slot.threads) for slot in two] == [
        ("GPU-aa,GPU-ab", 4),
        ("GPU-d,GPU-d", 4),
    ]


def test_on_the_cpu_a_trial_of_several_gpus_is_as_many_processes() -> None:
    slots = make_slots("auto", None, (), cores=8, gpus_per_trial=2)
    assert slots == [Slot(i, "cpu", 1, "cpu", 2) for i in range(4)]
    assert make_slots("cpu", None, GPUS, cores=2, gpus_per_trial=4) == [Slot(0, "cpu", 1, "cpu", 4)]


def test_too_few_gpus_for_one_trial_are_refused() -> None:
    with pytest.raises(PlanError, match="--gpus-per-trial 4: this sweep has 3 GPUs of one model"):
        make_slots("auto", None, GPUS, cores=16, gpus_per_trial=4)
    mig = Gpu("0:0", "MIG-1", "H100", 80, 80)
    with pytest.raises(PlanError, match="a process sees one MIG device at most"):
        make_slots("auto", None, (mig, mig), cores=16, gpus_per_trial=2)


def test_without_gpus_every_core_is_a_slot() -> None:
    assert make_slots("auto", None, (), cores=2) == [Slot(0, "cpu", 1), Slot(1, "cpu", 1)]


def test_cores_are_shared_out_unless_threads_are_given() -> None:
    assert [slot.threads for slot in make_slots("cpu", None, GPUS, cores=64, most=5)] == [12] * 5
    assert len(make_slots("auto", None, GPUS, cores=64, most=2)) == 2
    assert len(make_slots("cpu", 8, GPUS, cores=64, most=2)) == 8, "what was asked for is given"
    assert [slot.threads for slot in make_slots("cpu", 2, GPUS, cores=16)] == [8, 8]
    assert [slot.threads for slot in make_slots("cpu", 2, (), cores=16, threads=3)] == [3, 3]
    assert [slot.threads for slot in make_slots("cpu", 8, (), cores=2)] == [1] * 8


def test_cuda_without_a_gpu_is_refused() -> None:
    with pytest.raises(PlanError, match="no CUDA GPU was found"):
        make_slots("cuda", None, (), cores=2)


@pytest.mark.parametrize(("device", "visible"), [("cpu", ""), ("MIG-1", "MIG-1")])
def test_a_trial_sees_its_own_device_alone(device: str, visible: str) -> None:
    assert device_environment(Slot(0, device, 2))["CUDA_VISIBLE_DEVICES"] == visible


OTHER = """
    import sys, time
    from pathlib import Path
    from lrsweep.devices.leases import GpuLeases
    from lrsweep.devices.nvml import Gpu

    leases = GpuLeases(Path(sys.argv[1]))
    leases.acquire([Gpu("0", "GPU-aa", "H100", 80, 80)], "sweep of pid 42")
    print(len(leases.held), flush=True)
    time.sleep(600)
"""


def test_two_sweeps_do_not_get_the_same_gpu(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(OTHER), str(tmp_path / "gpus")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        with GpuLeases(tmp_path / "gpus") as leases:
            leases.acquire(GPUS, "mine")
            assert leases.held == [B, C]
            assert leases.taken == {A: "sweep of pid 42"}
        other.kill()
        other.wait()
        with GpuLeases(tmp_path / "gpus") as leases:
            leases.acquire(GPUS, "mine")
            assert leases.held == [A, B, C]


def test_a_process_that_outlives_its_sweep_holds_no_gpu(tmp_path: Path) -> None:
    leases = GpuLeases(tmp_path / "gpus")
    leases.acquire([A], "mine")
    with subprocess.Popen(["sleep", "600"], close_fds=False) as child:
        leases.release()
        with GpuLeases(tmp_path / "gpus") as again:
            again.acquire([A], "mine")
            assert again.held == [A]
        child.kill()


def test_every_user_may_use_the_locks(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        with GpuLeases(tmp_path / "gpus") as leases:
            leases.acquire([A], "mine")
    finally:
        os.umask(umask)
    assert (tmp_path / "gpus").stat().st_mode & 0o7777 == 0o1777
    assert (tmp_path / "gpus" / "GPU-aa.lock").stat().st_mode & 0o777 == 0o666
