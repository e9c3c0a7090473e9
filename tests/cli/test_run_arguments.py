"""Parameters reach the script as they are recorded, or the sweep is refused before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import lrsweep

BOOLEANS = """
import argparse
def str2bool(s):
    if s.lower() in ("true", "1"): return True
    if s.lower() in ("false", "0"): return False
    raise argparse.ArgumentTypeError("boolean")
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--amp", type=str2bool, default=False)
p.add_argument("--no-shuffle", dest="shuffle", action="store_false")
p.add_argument("--bias", action=argparse.BooleanOptionalAction, default=True)
p.add_argument("--fused", type=bool, default=False)
a = p.parse_args()
print("args", a.amp, a.shuffle, a.bias, a.fused)
print("val_loss", 0.5)
"""
SUBCOMMANDS = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
sp = p.add_subparsers(dest="model", required=True)
r = sp.add_parser("resnet"); r.add_argument("--num-layers", type=int, default=18)
v = sp.add_parser("vit"); v.add_argument("--patch", type=int, default=16)
a = p.parse_args(); print(f"val_loss: {abs(a.lr - 0.03):.4f}")
"""
IGNORES = """
import argparse
p = argparse.ArgumentParser(); p.add_argument("--epochs", type=int, default=3)
a, _ = p.parse_known_args()
print("val_loss: 1.0")
"""


def outputs(folder: Path) -> list[str]:
    """What each trial's script printed first, by the number of the trial."""
    logs = sorted(folder.glob("lrsweep-runs/*/trials/*/stdout.log"))
    assert logs
    return [log.read_text().splitlines()[0] for log in logs]


@pytest.mark.parametrize(("name", "place"), [("amp", 0), ("shuffle", 1), ("bias", 2), ("fused", 3)])
def test_true_and_false_arrive(name: str, place: int, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(BOOLEANS)
    space = ("-s", f"{name}=true,false", "--sampler", "grid", "-j", "1")
    done = lrsweep(tmp_path, "run", "train.py", *space, "--metric", "val_loss", "-q")
    assert done.returncode == 0, done.stderr
    read = [line.split()[1 + place] for line in outputs(tmp_path)]
    assert read == ["True", "False"]


def test_an_option_stands_with_the_command_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SUBCOMMANDS)
    space = ("-s", "lr=0.01,0.03,0.1", "-s", "num_layers=18,34", "--sampler", "grid")
    done = lrsweep(
        tmp_path, "run", "train.py", *space, "--metric", "val_loss", "--json", "-q", "--", "resnet"
    )
    assert done.returncode == 0, done.stderr
    assert '"completed": 6' in done.stdout
    assert '"lr": 0.03' in done.stdout


@pytest.mark.parametrize(
    ("source", "arguments", "sentence", "hint"),
    [
        (SUBCOMMANDS, ("-s", "patch=8,16", "--", "resnet"), "'patch' belongs to vit", "leave"),
        (SUBCOMMANDS, ("-s", "lrr=8,16", "--", "resnet"), "has no parameter 'lrr'", "mean lr?"),
        (IGNORES, ("-s", "lr=1e-5:1"), "has no parameter 'lr'; it has epochs", ""),
        ("LR = 0.1\nprint('val_loss:', LR)", ("-s", "LR=1e-5:1"), "reads no arguments", "params"),
        (
            BOOLEANS,
            ("-s", "lr=fast,slow"),
            "lr=fast cannot be said to train.py: it is a number",
            "",
        ),
        (BOOLEANS, ("-s", "amp=1,2"), "amp=2 cannot be said to train.py: it is true or", ""),
        (
            "import argparse\nfrom x import y\np = argparse.ArgumentParser()\n"
            "p.add_argument('--amp', type=y)\np.parse_args()",
            ("-s", "amp=true,false"),
            "amp=true cannot be said to train.py",
            "--amp {amp}",
        ),
    ],
)
def test_what_would_not_arrive_is_refused_before_the_first_trial(
    source: str, arguments: tuple[str, ...], sentence: str, hint: str, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(source)
    done = lrsweep(tmp_path, "run", "train.py", "--metric", "val_loss", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert hint in done.stderr
    assert not (tmp_path / "lrsweep.db").exists()


def test_a_bundled_study_knows_its_parameters(tmp_path: Path) -> None:
    done = lrsweep(tmp_path, "run", "digits", "-s", "learning_rate=1e-5:1")
    assert done.returncode == 2
    assert "has no parameter 'learning_rate'" in done.stderr
    assert "did you mean lr?" in done.stderr
