"""What a study's README says to type is understood."""

import re
import shlex
from pathlib import Path

import pytest

from lrsweep.cli.main import main
from lrsweep.train import Recipe
from tests.studies.conftest import STUDIES

READMES = sorted(STUDIES.glob("*/README.md"))


def commands(readme: Path) -> list[str]:
    """The lines `lrsweep run …` of its blocks of code, continued lines in one."""
    text = readme.read_text("utf-8").replace("\\\n", " ")
    return [line.strip() for line in re.findall(r"^ {4,}(lrsweep run .*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_sweep_is_understood_and_is_of_this_study(
    readme: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands(readme)
    for command in commands(readme):
        arguments = shlex.split(command, comments=True)[1:]
        assert arguments[1] == readme.parent.name
        monkeypatch.setattr("sys.argv", ["lrsweep", *arguments, "--dry-run"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code in (None, 0)
        assert "first commands" in capsys.readouterr().out


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_every_flag_named_is_one_of_the_scripts(readme: Path) -> None:
    script = (readme.parent / "train.py").read_text("utf-8")
    own = set(re.findall(r'"--([a-z-]+)"', script))
    recipe = {name.replace("_", "-") for name in Recipe.__slots__}
    named = set(re.findall(r"`--([a-z-]+)", readme.read_text("utf-8")))
    assert named - own - recipe == set()
