"""Kill sweeps at random, fill their disk, race them; after each, is everything still there?

    python benchmarks/chaos.py [--kills 200] [--kills-a-study 1] [--page docs/reliability.md]

Every study is a real `lrsweep run` of a small script whose trials start children, in sessions of
their own too. It is killed at random times (SIGKILL to the sweep, its launcher, a trial, or two of
them at once), run again, and when it is complete it is checked:

- as many trials as were asked for, all of them ended;
- every report that any trial wrote is in the database exactly once, and nothing else is;
- no process of it is left, and after the death of a sweep none is left within seconds.

Exits with 1 at the first thing that is wrong, and leaves that study's folder to look at.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LRSWEEP = str(Path(sys.executable).with_name("lrsweep"))
MARK = "CHAOS_STUDY"  # in the environment of all that belongs to one study
STEPS = 6
SIDE_BY_SIDE = 3
DEATH_S = 20.0
GIVE_UP_S = 180.0

SCRIPT = f"""
import subprocess, time
import lrsweep

trial = lrsweep.current_trial()
if trial.number % 2:
    subprocess.Popen(["setsid", "sleep", "600"])
for step in range(1, {STEPS} + 1):
    mark = trial.number * 1_000_000 + trial.attempt * 1000 + step
    trial.report(step, val_loss=trial.params["lr"] * step, mark=mark)
    time.sleep(0.05)
"""

VICTIMS = (
    ("sweep",),
    ("launcher",),
    ("launcher",),
    ("trial",),
    ("trial",),
    ("sweep", "launcher"),
    ("sweep", "trial"),
    ("launcher", "trial"),
    ("trial", "trial"),
)


class Wrong(Exception):
    """A promise that was not kept."""


@dataclass
class Figures:
    """What happened, for the page."""

    kills: Counter[str] = field(default_factory=Counter)
    studies: int = 0
    runs: int = 0
    trials: int = 0
    attempts: int = 0
    reports: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    disks_filled: int = 0
    races: int = 0

    @property
    def killings(self) -> int:
        return sum(self.kills.values())


class Study:
    """A study in a folder of its own, its sweep, and every process that belongs to it."""

    def __init__(self, folder: Path, trials: int, figures: Figures) -> None:
        self.folder, self.trials, self.figures = folder, trials, figures
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "train.py").write_text(SCRIPT, encoding="utf-8")
        figures.studies += 1

    def start(self) -> subprocess.Popen[bytes]:
        """A sweep that goes on with the study; what it says is in `run.log`."""
        self.figures.runs += 1
        command = [LRSWEEP, "run", "train.py", "-s", "lr=1e-3:1", "--metric", "val_loss", "-q"]
        command += ["--sampler", "random", "--pruner", "none", "-n", str(self.trials), "-j", "2"]
        command += ["--retries", "1000"]
        with open(f"{self.folder}.log", "ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, MARK: str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def finish(self) -> None:
        """Run the study to its end and check all that was promised."""
        code = self.start().wait(GIVE_UP_S)
        if code != 0:
            raise Wrong(f"the resumed sweep exited with {code}")
        self.check_processes()
        self.check_data()

    def processes(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._owns(process)]

    def check_processes(self) -> None:
        """None is left, or will be in a moment."""
        deadline = time.monotonic() + DEATH_S
        while left := self.processes():
            if time.monotonic() > deadline:
                raise Wrong(f"processes are left: {left}")
            time.sleep(0.02)

    def check_data(self) -> None:
        written = self._written()
        with closing(sqlite3.connect(self.folder / "lrsweep.db")) as database:
            states = database.execute("SELECT state FROM trials").fetchall()
            points = database.execute(
                "SELECT number, attempt, step, value FROM lrsweep_points WHERE name = 'mark'"
            ).fetchall()
            curves = database.execute(
                "SELECT number, step, intermediate_value FROM trial_intermediate_values "
                "JOIN trials USING (trial_id)"
            ).fetchall()
            outcomes = database.execute("SELECT outcome FROM lrsweep_attempts").fetchall()
        if len(states) != self.trials or {state for (state,) in states} & {"RUNNING", "WAITING"}:
            raise Wrong(f"{self.trials} trials were wanted, there are {Counter(states)}")
        _compare("reports", Counter(points), Counter((*key, mark) for key, (mark, _) in written))
        losses = {(trial, step, loss) for (trial, _, step), (_, loss) in written}
        _compare("objective values", Counter(curves), Counter(losses))
        self.figures.trials += len(states)
        self.figures.attempts += len(outcomes)
        self.figures.reports += len(points)
        self.figures.outcomes.update(str(outcome) for (outcome,) in outcomes)

    def _written(self) -> list[tuple[tuple[int, int, int], tuple[float, float]]]:
        """Every whole report in the trial folders: (trial, attempt, step), (mark, loss)."""
        found = []
        for file in sorted(self.folder.glob("lrsweep-runs/*/trials/*/events.jsonl")):
            for line in file.read_bytes().split(b"\n"):
                try:
                    event = json.loads(line)
                except ValueError:  # torn by a kill
                    continue
                if event["event"] == "report":
                    key = (event["trial"], event["attempt"], event["step"])
                    values = event["metrics"]
                    found.append((key, (values["mark"], values["val_loss"])))
        return found

    def _owns(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == str(self.folder)
        except (psutil.Error, OSError):
            return False


def _compare(
    what: str, stored: Counter[tuple[float, ...]], written: Counter[tuple[float, ...]]
) -> None:
    if stored != written:
        raise Wrong(f"{what}: missing {written - stored}, not written {stored - written}")


def kill_at_random(study: Study, kills: int, chance: random.Random) -> None:
    """Kill parts of the study's sweep about `kills` times, starting it again as needed."""
    sweep, done, before = study.start(), 0, [""]
    while done < kills:
        _wait_for_a_moment(sweep, chance)
        if sweep.poll() is not None:
            if sweep.returncode == 0:
                return  # complete before all kills were done
            raise Wrong(f"the sweep exited with {sweep.returncode}")
        victims = _pick(psutil.Process(sweep.pid), chance)
        names = [name for name, process in victims if _kill(process)]
        done += len(names)
        study.figures.kills.update([" and ".join(names)] if names else [])
        if "sweep" in names:
            sweep.wait()
            # Who loses its launcher and dies before it can clear up leaves that to the next run.
            if "launcher" not in [*names, *before]:
                study.check_processes()
            sweep = study.start()
        before = names
    sweep.kill()
    sweep.wait()
    study.figures.kills["sweep"] += 1


def _kill(process: psutil.Process) -> bool:
    """Whether it was still there to be killed."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return False
    return True


def _wait_for_a_moment(sweep: subprocess.Popen[bytes], chance: random.Random) -> None:
    """Any time, more often one at which trials run."""
    deadline = time.monotonic() + chance.uniform(0, 3)
    if chance.random() < 0.7:
        while sweep.poll() is None and not _family(psutil.Process(sweep.pid))["trial"]:
            time.sleep(0.01)
        deadline = time.monotonic() + chance.uniform(0, 0.5)
    while sweep.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)


def _family(sweep: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The processes of a sweep, by what they are."""
    try:
        launchers = sweep.children()
        trials = [trial for launcher in launchers for trial in launcher.children()]
    except psutil.NoSuchProcess:  # killed while this looks
        return {"sweep": [sweep], "launcher": [], "trial": []}
    return {"sweep": [sweep], "launcher": launchers, "trial": trials}


def _pick(sweep: psutil.Process, chance: random.Random) -> list[tuple[str, psutil.Process]]:
    """One or two processes to kill, with what they are; none where no such one is there."""
    there = _family(sweep)
    return [(kind, there[kind].pop()) for kind in chance.choice(VICTIMS) if there[kind]]


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 8 MB at `folder`; needs the right to mount."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_disk(study: Study, chance: random.Random) -> None:
    """Let the disk be full for a while in the middle of a sweep, then give the room back."""
    sweep = study.start()
    time.sleep(chance.uniform(1.5, 3.0))
    filler = study.folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            study.figures.disks_filled += 1
    time.sleep(1.0)
    filler.unlink()
    if sweep.wait(GIVE_UP_S) not in (0, 1):
        raise Wrong(f"with a full disk the sweep exited with {sweep.returncode}")
    said = Path(f"{study.folder}.log").read_text(encoding="utf-8", errors="replace")
    if "Traceback" in said:
        raise Wrong(f"with a full disk the sweep said:\n{said}")


def race(study: Study) -> None:
    """Start the sweep twice at once: one runs, the other is refused."""
    sweeps = [study.start(), study.start()]
    codes = sorted(sweep.wait(GIVE_UP_S) for sweep in sweeps)
    if codes not in ([0, 2], [0, 0]):  # the second may come after the first has ended
        raise Wrong(f"two sweeps at once exited with {codes}")
    study.figures.races += 1


def page(figures: Figures, seed: int) -> str:
    """The figures as the table of docs/reliability.md."""
    rows = [
        ("studies, each run to its end", figures.studies),
        ("runs of `lrsweep run` on them", figures.runs),
        *((f"times killed: {name}", n) for name, n in sorted(figures.kills.items())),
        ("disks filled in the middle of a sweep", figures.disks_filled),
        ("sweeps raced by a second one", figures.races),
        ("trials asked for, and found ended", figures.trials),
        ("attempts at them", figures.attempts),
        *((f"attempts that ended {name}", n) for name, n in sorted(figures.outcomes.items())),
        ("reports written, each found once in the database", figures.reports),
        ("reports lost or doubled", 0),
        ("processes left behind", 0),
    ]
    lines = [f"| {what} | {number} |" for what, number in rows]
    head = f"Last run of `python benchmarks/chaos.py`: {figures.killings} killings, seed {seed}."
    return "\n".join([head, "", "| | |", "|---|---:|", *lines])


def write_page(path: Path, text: str) -> None:
    """Replace what stands between the page's two marks."""
    before, _, rest = path.read_text(encoding="utf-8").partition("<!-- figures -->\n")
    _, _, after = rest.partition("<!-- end of figures -->")
    body = f"{before}<!-- figures -->\n{text}\n<!-- end of figures -->{after}"
    path.write_text(body, encoding="utf-8")


def kill_studies(
    folder: Path, kills: int, a_study: int, chance: random.Random, figures: Figures
) -> None:
    """Kill, finish and check one study after the other, until there were enough killings."""
    while figures.killings < kills:
        study = Study(folder / str(figures.studies), chance.randint(8, 16), figures)
        kill_at_random(study, min(a_study, kills - figures.killings), chance)
        study.finish()
        print(f"{study.folder.name}: sound, {figures.killings} killings so far", flush=True)


def run(folder: Path, kills: int, a_study: int, chance: random.Random, figures: Figures) -> None:
    """The whole programme below `folder`; raises `Wrong`."""
    seeds = [chance.random() for _ in range(SIDE_BY_SIDE)]
    with ThreadPoolExecutor() as pool:
        workers = [
            pool.submit(
                kill_studies, folder / str(number), kills, a_study, random.Random(seed), figures
            )
            for number, seed in enumerate(seeds)
        ]
    for worker in workers:
        worker.result()
    if os.geteuid() == 0 and shutil.which("mount"):
        with small_disk(folder / "small"):
            study = Study(folder / "small" / "study", 20, figures)
            fill_disk(study, chance)
            study.finish()
        print("full disk: sound", flush=True)
    study = Study(folder / "raced", 6, figures)
    race(study)
    study.finish()
    print("race: sound", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill sweeps at random and check what is left.")
    parser.add_argument("--kills", type=int, default=200, help="at least as many")
    parser.add_argument(
        "--kills-a-study", type=int, default=1, help="before it is run to its end and checked"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", type=Path, help="write the figures into this page")
    args = parser.parse_args()
    folder, figures = Path(tempfile.mkdtemp(prefix="chaos-")), Figures()
    try:
        run(folder, args.kills, args.kills_a_study, random.Random(args.seed), figures)
    except Wrong as wrong:
        raise SystemExit(f"{wrong}\nsee {folder}") from wrong
    shutil.rmtree(folder)
    text = page(figures, args.seed)
    print(text)
    if args.page:
        write_page(args.page, text)


if __name__ == "__main__":
    main()
