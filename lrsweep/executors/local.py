"""Training processes on this machine, started by a launcher and watched through their folders."""

from __future__ import annotations

import contextlib
import select
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from lrsweep.devices.slots import device_environment
from lrsweep.errors import LrsweepError
from lrsweep.executors.base import Abilities, Left, PollResult
from lrsweep.executors.place import FixedPlace, Place
from lrsweep.jobs.log_limit import LogLimit
from lrsweep.jobs.report_reader import CaptureOf, ReportReader, size_of
from lrsweep.jobs.shared_files import SharedFiles
from lrsweep.jobs.thinning import thinned
from lrsweep.processes import families
from lrsweep.processes.connection import Connection, default_environment
from lrsweep.processes.error_line import error_line
from lrsweep.processes.launcher.preload import Preload
from lrsweep.processes.out_of_memory import oom_kills, ran_out_of_memory
from lrsweep.processes.stderr_tail import stderr_tail
from lrsweep.protocol import TrialFolder
from lrsweep.scheduler import Exit, Stop
from lrsweep.trial import Job, Slot, TrialKey

# How often the event files are looked at while nothing exits.
_TAIL_EVERY_S = 0.05
_MOST_REPORTS = 10_000
_NOT_STARTED = 127
_MOST_FAILED_LAUNCHES = 3
_TRY = "see what this says: python -c 'import lrsweep.processes.launcher.server'"
_SIGNALS = {Stop.TERMINATE: signal.SIGTERM, Stop.KILL: signal.SIGKILL}


@dataclass(slots=True)
class _Member:
    """One member of a running job: its folder, and what it says."""

    folder: TrialFolder
    listening: ReportReader
    heard: bool = False
    ended: bool = False


@dataclass(slots=True)
class _Running:
    job: Job
    members: dict[TrialKey, _Member]
    stderr_offset: int
    logs: tuple[LogLimit, ...] = ()
    oom_kills: int = field(default_factory=oom_kills)
    pid: int | None = None
    killed: bool = False

    @property
    def folder(self) -> TrialFolder:
        """Where the output goes."""
        return self.members[self.job.first.key].folder

    @property
    def unclear(self) -> str:
        return self.members[self.job.first.key].listening.unclear


class LocalExecutor:
    """Runs every job as a fresh process of its command, with its output in the trial's folder.

    `place` has the slots. `identity` tells the study from others: the processes carry it, so that a
    later run finds what this one may leave (`families`). Make it in the main thread: where that
    ends, the launcher does. `poll` raises `LrsweepError` where no launcher starts.
    """

    abilities = Abilities()

    def __init__(
        self,
        *identity: str,
        place: Place | None = None,
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        preload: Preload | None = None,
        capture: CaptureOf = lambda _job: None,
        max_log: int | None = None,
    ) -> None:
        self._identity = identity
        self._owner = families.owner_of(*identity)
        self._place = place or FixedPlace()
        self._cwd = cwd
        self._env = default_environment() if env is None else env
        self._preload = preload or Preload()
        self._capture = capture
        self._max_log = max_log
        self._running: dict[int, _Running] = {}
        self._waiting: list[int] = []  # for the launcher to be ready
        self._numbers: dict[str, int] = {}
        self._started = 0
        self._ready = False
        self._failed_launches = 0
        self._ended: list[Exit] = []
        self._notes: list[str] = []
        self._refused: set[str] = set()
        self._shared: SharedFiles | None = None
        self._launcher: Connection | None = self._launch()

    def __enter__(self) -> Self:
        self._place.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
        self._place.__exit__(*error)

    @property
    def slots(self) -> Sequence[Slot]:
        """Those of the place."""
        return self._place.slots

    def has_room(self, slot: Slot) -> bool:
        """As the place says."""
        return self._place.has_room(slot)

    def end_former(self, left: Sequence[Left]) -> int:
        """Kill what a dead sweep of this study left running.

        A process is its own by the mark in its environment, or by its number and start in the
        `trial.json` of an attempt that was open.
        """
        ended = families.end_leftovers(*self._identity) if self._identity else 0
        for attempt in left:
            trial = TrialFolder(attempt.folder).read_trial()
            pid, start = trial.get("pid"), trial.get("pid_started_at")
            if isinstance(pid, int) and isinstance(start, str):
                ended += families.end_if_still(pid, start)
        return ended

    def start(self, job: Job) -> None:
        folder = TrialFolder(job.folder)
        if self._shared is None and not job.isolate:
            self._shared = SharedFiles(Path(job.cwd), (folder.path.parent.parent,))
        capture = self._capture(job) if len(job.members) == 1 else None
        members = {
            member.key: _Member(TrialFolder(member.folder), ReportReader(job, member, capture))
            for member in job.members
        }
        self._started += 1
        self._numbers[job.id] = self._started
        offset = size_of(folder.stderr)
        self._running[self._started] = _Running(job, members, offset, self._limits(folder))
        self._waiting.append(self._started)
        self._send_waiting()

    def _limits(self, folder: TrialFolder) -> tuple[LogLimit, ...]:
        if self._max_log is None:
            return ()
        return tuple(LogLimit(log, self._max_log) for log in (folder.stdout, folder.stderr))

    def pid(self, job: str) -> int | None:
        """The process of a running job; None until it has started."""
        number = self._numbers.get(job)
        return None if number is None else self._running[number].pid

    @property
    def launcher_pid(self) -> int | None:
        """The process that starts the others."""
        return None if self._launcher is None else self._launcher.pid

    def poll(self, timeout_s: float) -> PollResult:
        deadline = time.monotonic() + timeout_s
        while True:
            # Who has ended is found before the events are read: what is then in the file is all.
            exited = self._listen()
            result = PollResult(exits=self._ended, notes=self._notes + self._place.notes())
            self._ended, self._notes = [], []
            most = max(1, _MOST_REPORTS // max(1, len(self._running)))
            for number, running in self._running.items():
                code = exited.get(number, _RUNS)
                for key, member in running.members.items():
                    _read(key, member, code, most, result)
                    result.notes += self._refusals(key, member)
                trial = running.job.first.key.trial
                notes = [log.look() for log in running.logs]
                result.notes += [f"trial {trial}: {note}" for note in notes if note]
            result.notes += self._look_for_shared_files()
            result.exits += [self._exit(number, code) for number, code in exited.items()]
            left = deadline - time.monotonic()
            if result != _NOTHING or left <= 0:
                return result
            self._wait(min(left, _TAIL_EVERY_S))

    def _look_for_shared_files(self) -> list[str]:
        if self._shared is None:
            return []
        running = {r.job.first.key.trial: r.pid for r in self._running.values()}
        return self._shared.look(running, time.monotonic())

    def _refusals(self, key: TrialKey, member: _Member) -> list[str]:
        """Why reports of a trial were refused, where no other trial's were for the same reason."""
        new = [why for why in member.listening.refused() if why not in self._refused]
        self._refused.update(new)
        return [f"trial {key.trial}: refused a report: {why}" for why in new]

    def stop(self, job: str, how: Stop, member: TrialKey | None = None, reason: str = "") -> None:
        number = self._numbers.get(job)
        if number is None:
            return
        running = self._running[number]
        if how is Stop.ASK and self._ask(running, member, reason):
            return
        how = Stop.TERMINATE if how is Stop.ASK else how
        if number in self._waiting:
            self._waiting.remove(number)
            self._ended.append(self._forget(number, -_SIGNALS[how], stopped=True))
        elif self._launcher is not None:
            running.killed = True
            self._launcher.send(signal=_SIGNALS[how], trial=number)

    def _ask(self, running: _Running, member: TrialKey | None, reason: str) -> bool:
        """Ask members to stop at their next report; false where the process has to be ended."""
        asked = [m for key, m in running.members.items() if member in (None, key)]
        if not all(m.listening.hears_requests for m in asked):
            return False
        asked_all = [_ask(member.folder, reason) for member in asked]
        return all(asked_all) or len(running.members) > 1

    def close(self) -> None:
        if self._launcher is not None:
            self._launcher.close(busy=not self._ready)
            self._launcher = None
        for number in list(self._running):
            self._forget(number, None)

    def is_warm(self, job: Job) -> bool:
        """Whether `job` may be forked from the launcher instead of started afresh."""
        return False

    # The launcher.

    def _launch(self) -> Connection:
        self._ready = False
        return Connection(self._preload, self._env, self._owner, self._cwd)

    def _send_waiting(self) -> None:
        if self._launcher is None:
            self._launcher = self._launch()
        if not self._ready:
            return
        for number in self._waiting:
            running = self._running[number]
            self._launcher.send(
                start=number,
                warm=self.is_warm(running.job),
                argv=running.job.argv,
                env={**self._environment_of(running.job), families.ENV_OWNER: self._owner},
                cwd=running.job.cwd,
                stdout=str(running.folder.stdout),
                stderr=str(running.folder.stderr),
                exit=str(running.folder.exit),
            )
        self._waiting.clear()

    def _environment_of(self, job: Job) -> dict[str, str]:
        return {**self._env, **job.env, **device_environment(job.slot)}

    def _wait(self, timeout_s: float) -> None:
        readable = [] if self._launcher is None else [self._launcher]
        select.select(readable, [], [], timeout_s)

    def _listen(self) -> dict[int, int | None]:
        """Take in what the launcher says; which trials have exited, and with what code."""
        if self._launcher is None:
            return {}
        exited: dict[int, int | None] = {}
        for message in self._launcher.receive():
            exited.update(self._hear(message))
        if not self._launcher.alive:
            exited.update(self._lose_launcher(exited))
        return exited

    def _hear(self, message: Mapping[str, Any]) -> dict[int, int | None]:
        match message:
            case {"ready": _, "notes": notes}:
                self._ready = True
                self._failed_launches = 0
                self._notes += notes
                self._send_waiting()
            case {"started": number, "pid": pid}:
                self._running[number].pid = pid
                self._note_process(self._running[number])
            case {"failed": number, "why": why}:
                self._ended.append(self._forget(number, _NOT_STARTED, detail=why))
            case {"exited": number, "code": code}:
                return {number: code}
        return {}

    def _note_process(self, running: _Running) -> None:
        """Say in trial.json which process runs the trial, for a sweep that comes after this one."""
        assert self._launcher is not None
        assert running.pid is not None
        process = {
            "pid": running.pid,
            "pid_started_at": families.started_at(running.pid),
            "launcher_pid": self._launcher.pid,
        }
        for member in running.members.values():
            with contextlib.suppress(OSError):  # a full disk; the environment names the owner too
                member.folder.write_trial({**member.folder.read_trial(), **process})

    def _lose_launcher(self, exited: Mapping[int, int | None]) -> dict[int, int | None]:
        """The launcher was killed, and what it ran with it: end the rest, start a new one."""
        assert self._launcher is not None
        self._launcher.close(busy=not self._ready)
        families.end_all_of(self._owner)
        if self._ready:
            self._notes.append("the launcher of trials was killed; a new one was started")
        elif self._failed_launches == _MOST_FAILED_LAUNCHES:
            raise LrsweepError("the process that starts trials does not start", hint=_TRY)
        else:
            self._failed_launches += 1
            if self._preload.argv:
                self._preload = Preload()
                self._notes.append("the script's imports failed in the launcher: trials start cold")
        self._launcher = self._launch()
        lost = set(self._running) - set(self._waiting) - set(exited)
        return dict.fromkeys(lost)

    def _exit(self, number: int, code: int | None) -> Exit:
        running = self._running[number]
        by_itself = not running.killed
        stderr, offset = running.folder.stderr, running.stderr_offset
        memory = by_itself and ran_out_of_memory(code, stderr, offset, running.oom_kills)
        detail = error_line(stderr_tail(stderr, offset)) if code else running.unclear
        return self._forget(
            number, code, stopped=running.killed, detail=detail, out_of_memory=memory
        )

    def _forget(self, number: int, code: int | None, **more: Any) -> Exit:
        running = self._running.pop(number)
        del self._numbers[running.job.id]
        return Exit(running.job.id, code, **more)


_NOTHING = PollResult()
# In the place of an exit code.
_RUNS = 1 << 30


def _read(key: TrialKey, member: _Member, code: int | None, most: int, result: PollResult) -> None:
    """Add what a member has said since the last call; of one that has exited all that is left."""
    said = member.listening
    killed = code is None or code < 0
    result.reports += thinned(said.read() if code == _RUNS else said.finish(killed=killed), most)
    result.notes += [f"trial {key.trial}: {note}" for note in said.notes()]
    if said.has_heard and not member.heard:
        member.heard = True
        result.heard.append(key)
    if said.ended is not None and not member.ended:
        member.ended = True
        result.ended.append(replace(said.ended, key=key))


def _ask(folder: TrialFolder, reason: str) -> bool:
    """Ask a trial to stop at its next report; false where its folder is gone."""
    try:
        folder.ask_to_stop(reason or "stop")
    except OSError:
        return False
    return True
