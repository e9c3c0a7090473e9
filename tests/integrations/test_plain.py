from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lrsweep import TrialStopped, protocol
from lrsweep.integrations.plain import report
from lrsweep.protocol import EventReader, TrialFolder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrialFolder:
    monkeypatch.setenv(protocol.ENV_FOLDER, str(tmp_path))
    return TrialFolder(tmp_path)


def test_only_what_is_one_number_is_reported(folder: TrialFolder) -> None:
    metrics = {
        "loss": torch.tensor(0.5),
        "steps": 3,
        "name": "resnet",
        "flag": True,
        "none": None,
        "weights": torch.ones(3),
        "one": torch.ones(1),
    }
    report(5, metrics, total=20, examples=640)
    (seen,) = EventReader(folder.events).read()
    assert seen.metrics == {"loss": 0.5, "steps": 3.0, "one": 1.0}
    assert (seen.step, seen.fraction, seen.examples) == (5, 0.25, 640)


def test_nothing_to_report_is_no_report(folder: TrialFolder) -> None:
    report(5, {"name": "resnet"})
    assert not folder.events.exists()


def test_a_step_beyond_the_total_is_the_whole(folder: TrialFolder) -> None:
    report(25, {"loss": 0.5}, total=20)
    (seen,) = EventReader(folder.events).read()
    assert seen.fraction == 1


def test_a_trial_that_is_to_stop_stops_at_its_report(folder: TrialFolder) -> None:
    folder.ask_to_stop("behind")
    with pytest.raises(TrialStopped):
        report(1, {"loss": 0.5})
