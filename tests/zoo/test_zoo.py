"""Scripts in the style of public ones, each swept as it is: the right trial is the best, the one
that falls behind is stopped while it runs, and the curve stands at the script's own steps."""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from lrsweep.store.read import StudyReader
from lrsweep.trial import Outcome
from tests.cli.terminal import lrsweep
from tests.zoo.test_journey import FILES

ZOO = Path(__file__).parent
# The larger the better, but for the last, which is behind from the first step on.
RATES = ("0.01", "0.02", "0.03", "0.04", "0.05", "0.001")
EPOCHS = tuple(range(1, 11))


@dataclass(frozen=True)
class Script:
    """How a file of the zoo is swept, and what must come out.

    `command` stands after `--`, `rate` is what it calls the learning rate, and `needs` the packages
    without which it cannot run.
    """

    file: str
    metric: str
    steps: tuple[int, ...]
    options: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    rate: str = "lr"
    direction: str = "minimize"
    needs: tuple[str, ...] = ()

    def sweep(self) -> tuple[str, ...]:
        target = (self.file,) if self.file.endswith(".py") else ()
        space = f"{self.rate}={','.join(RATES)}"
        grid = ("-s", space, "--sampler", "grid", "-j", "1")
        end = ("--", *self.command) if self.command else ()
        return (*target, *grid, "--metric", self.metric, *self.options, "--json", *end)


LIGHT = (
    Script("mnist.py", "test loss", EPOCHS, ("--set", "batch-size=32")),
    Script("mnist.py", "test_accuracy", EPOCHS, direction="maximize"),
    Script(
        "nanogpt.py",
        "val_loss",
        tuple(range(0, 500, 50)),
        ("--set", "compile=false"),
        rate="learning_rate",
    ),
    Script("progress_bar.py", "val_loss", tuple(range(10))),
    Script("print_only.py", "val_loss", EPOCHS, ("--env", "LEARNING_RATE={lr}")),
    Script(
        "csv_only.py",
        "val_loss",
        tuple(range(4, 44, 4)),
        ("--metric-file", "{dir}/metrics.csv"),
        ("--output", "{dir}"),
    ),
    Script(
        "jsonl_file.py",
        "eval_f1",
        EPOCHS,
        ("--metric-file", "{dir}/log.jsonl"),
        ("--log", "{dir}/log.jsonl"),
        direction="maximize",
    ),
    Script("click_json.py", "eval/loss", tuple(range(100, 1100, 100)), ("--set", "nesterov=false")),
    Script("typer_logging.py", "val_accuracy", EPOCHS, direction="maximize"),
    Script("train.sh", "val_loss", EPOCHS, command=("bash", "train.sh", "--lr", "{lr}")),
    Script("train.pl", "valid ppl", EPOCHS, command=("perl", "train.pl", "{lr}")),
    Script("train.awk", "dev_error", EPOCHS, command=("awk", "-v", "lr={lr}", "-f", "train.awk")),
)
HEAVY = (
    Script(
        "hydra_program.py",
        "val_loss",
        EPOCHS,
        ("--set", "model.layers=[8, 4]"),
        rate="optimizer.lr",
        needs=("hydra",),
    ),
    Script(
        "lightning_cli.py",
        "val_loss",
        tuple(range(3, 43, 4)),
        ("--metric-file", "{dir}/lightning_logs/**/metrics.csv"),
        ("fit", "--trainer.logger", "CSVLogger", "--trainer.logger.save_dir", "{dir}"),
        rate="model.lr",
        needs=("lightning", "jsonargparse"),
    ),
    Script(
        "transformers_trainer.py",
        "eval_loss",
        EPOCHS,
        command=(
            *("--output_dir", "{dir}/out", "--num_train_epochs", "10", "--eval_strategy", "epoch"),
            *("--per_device_train_batch_size", "4", "--logging_strategy", "epoch"),
            *("--save_strategy", "no", "--report_to", "none", "--use_cpu", "true"),
            *("--disable_tqdm", "true", "--lr_scheduler_type", "constant"),
        ),
        rate="learning_rate",
        needs=("transformers", "accelerate"),
    ),
    Script(
        "tensorboard_writer.py",
        "loss/validation",
        tuple(range(10, 110, 10)),
        ("--metric-file", "{dir}/tb/events.out.tfevents.*"),
        ("--logdir", "{dir}/tb"),
        needs=("tensorboard",),
    ),
)


@pytest.mark.parametrize(
    "script",
    [
        *(pytest.param(s, id=f"{s.file}-{s.metric}") for s in LIGHT),
        *(pytest.param(s, id=f"{s.file}-{s.metric}", marks=pytest.mark.heavy) for s in HEAVY),
    ],
)
def test_a_script_is_swept_as_it_is(script: Script, tmp_path: Path) -> None:
    for package in script.needs:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the {package} package is not installed")
    for path in ZOO.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    done = lrsweep(tmp_path, "run", *script.sweep())
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["trials"] == {"completed": 5, "pruned": 1}, done.stderr
    assert document["direction"] == script.direction
    assert document["best"]["params"][script.rate] == 0.05
    with StudyReader(f"sqlite:///{tmp_path}/lrsweep.db") as reader:
        best, *_ = reader.curves(None, document["best"]["trial"])
        stopped, *_ = reader.curves(None, len(RATES) - 1)
        assert [t.number for t in reader.study().trials if t.outcome is Outcome.PRUNED] == [5]
    assert best.steps == script.steps
    assert best.values[-1] == document["best"]["value"]
    assert 0 < len(stopped.steps) < len(script.steps)
    assert stopped.steps == script.steps[: len(stopped.steps)]


def test_every_file_of_the_zoo_is_swept() -> None:
    swept = {script.file for script in (*LIGHT, *HEAVY)} | {file for file, *_ in FILES}
    beside_them = {"hydra_config.yaml", "configurator.py"}
    files = {path.name for path in ZOO.iterdir() if not path.name.startswith("test_")}
    assert {name for name in files if (ZOO / name).is_file()} == swept | beside_them
