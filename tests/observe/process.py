"""Runs scripts as trials run, observed and not, and reads what was seen of them."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrsweep.observe.surroundings import ENV_OBSERVE
from lrsweep.processes.connection import Connection
from lrsweep.processes.launcher.preload import Preload
from lrsweep.protocol import EventReader, TrialFolder
from lrsweep.trial import Report


@dataclass(frozen=True)
class Seen:
    """What a script printed, how it ended, and what the observer wrote of it."""

    stdout: str
    stderr: str
    code: int
    points: tuple[Report, ...]
    facts: Mapping[str, Any]
    folder: TrialFolder

    def curve(self, name: str) -> dict[int, float]:
        """Step → value of one metric, by its name without the prefix."""
        full = f"observed/{name}"
        return {r.step: r.metrics[full] for r in self.points if full in r.metrics}

    @property
    def optimizer(self) -> Mapping[str, Any]:
        (only,) = self.facts["optimizers"]
        found: Mapping[str, Any] = only
        return found

    @property
    def printed(self) -> Any:
        """The last line of standard output, as JSON."""
        return json.loads(self.stdout.splitlines()[-1])


class Runner:
    """Runs scripts in `folder` through a launcher that has imported torch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "imports.py").write_text("import torch, numpy\nimport multiprocessing, logging\n")
        preload = Preload((sys.executable, "imports.py"), str(folder))
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHONPATH")}
        self._env = {**env, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
        self._launcher = Connection(preload, self._env, "tests of observe", str(folder))
        self._count = 0

    def run(
        self,
        code: str,
        *,
        observe: bool = True,
        warm: bool = True,
        env: Mapping[str, str] | None = None,
        argv: Sequence[str] = (),
    ) -> Seen:
        """Run `code`, or the command `argv`, to its end."""
        self._count += 1
        trial = TrialFolder(self.folder / f"trial-{self._count}")
        trial.path.mkdir()
        (self.folder / "script.py").write_text(textwrap.dedent(code), encoding="utf-8")
        surroundings = {
            **self._env,
            "LRSWEEP_TRIAL_DIR": str(trial.path),
            "LRSWEEP_TRIAL": "3",
            ENV_OBSERVE: "auto" if observe else "off",
            **(env or {}),
        }
        self._launcher.send(
            start=self._count,
            warm=warm,
            argv=argv or [sys.executable, "script.py"],
            env=surroundings,
            cwd=str(self.folder),
            stdout=str(trial.stdout),
            stderr=str(trial.stderr),
        )
        code_of_exit = self._wait()
        reader = EventReader(trial.events)
        points = tuple(reader.read())
        out, err = trial.stdout.read_text(), trial.stderr.read_text()
        return Seen(out, err, code_of_exit, points, reader.facts, trial)

    def close(self) -> None:
        self._launcher.close(busy=False)

    def _wait(self) -> int:
        deadline = time.monotonic() + 150
        while time.monotonic() < deadline:
            for message in self._launcher.receive():
                assert "failed" not in message, message
                if message.get("exited") == self._count:
                    return int(message["code"])
            assert self._launcher.alive
            time.sleep(0.01)
        raise AssertionError("the script did not end")
