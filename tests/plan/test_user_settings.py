"""A user's own file says what holds for every sweep on a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrsweep.errors import PlanError
from lrsweep.user_file import user_file
from tests.cli.terminal import lrsweep
from tests.plan.planner import Planner


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "own.toml"
    monkeypatch.setenv("LRSWEEP_CONFIG", str(path))
    return path


def test_it_is_the_weakest_of_all(plan: Planner, folder: Path, own: Path) -> None:
    own.write_text('jobs = 3\ndevice = "cpu"\nstorage = "sqlite:///own.db"\n')
    (folder / "sweep.toml").write_text(
        'script = "train.py"\nmetric = "val_loss"\njobs = 2\n[space]\nlr = "1e-5:1"\n'
    )
    made = plan()
    assert (made.jobs, made.settings.device, made.storage) == (3, "cpu", "sqlite:///own.db")
    assert plan("sweep.toml").jobs == 2
    assert plan("sweep.toml", jobs="5", storage="sqlite:///x.db").storage == "sqlite:///x.db"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("jbos = 3", "line 1: unknown key jbos"),
        ("jobs = 0", "line 1: jobs = 0 is not a number above zero"),
        ('metric = "loss"', "line 1: metric = 'loss' belongs to a sweep, not to a machine"),
        ("jobs = ", "is not valid TOML"),
        ("a = " + "[" * 3000, "is not valid TOML"),
    ],
)
def test_what_is_wrong_in_it_is_told(plan: Planner, own: Path, text: str, sentence: str) -> None:
    own.write_text(text)
    with pytest.raises(PlanError) as caught:
        plan()
    assert sentence in caught.value.message
    assert str(own) in caught.value.message


def test_commands_that_read_take_its_database(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'storage = "sqlite:///{tmp_path}/own.db"\n')
    done = lrsweep(tmp_path, "report", LRSWEEP_CONFIG=str(own))
    assert done.returncode == 2
    assert "own.db" in done.stderr


def test_it_lies_where_configuration_lies() -> None:
    assert user_file({"XDG_CONFIG_HOME": "/etc/x"}) == Path("/etc/x/lrsweep.toml")
    assert user_file({"LRSWEEP_CONFIG": "mine.toml"}) == Path("mine.toml")
    assert user_file({}).parts[-2:] == (".config", "lrsweep.toml")


def test_gpu_is_another_word_for_cuda(plan: Planner) -> None:
    assert plan(device="gpu").settings.device == "cuda"
