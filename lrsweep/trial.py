"""Value types that every layer shares: parameters, outcomes, reports, jobs, slots, rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

# Where studies go unless a sweep says otherwise, as an SQLAlchemy URL.

ParamValue = bool | int | float | str | None
Params = Mapping[str, ParamValue]


class Outcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    PRUNED = "pruned"
    DIVERGED = "diverged"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    LOST = "lost"

    @property
    def informs(self) -> bool:
        """Whether the training itself gave the answer, good or bad, so that samplers learn."""
        return self in _INFORMS

    @property
    def failed(self) -> bool:
        """Whether something broke that says nothing about the parameters."""
        return self in _FAILED


_INFORMS = frozenset({Outcome.COMPLETED, Outcome.PRUNED, Outcome.DIVERGED, Outcome.OUT_OF_MEMORY})
_FAILED = frozenset({Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.LOST})


class Direction(StrEnum):
    """Which objective values are better."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"

    @property
    def worst(self) -> float:
        """What a diverged trial is told as: +inf when minimizing, -inf when maximizing."""
        return math.inf if self is Direction.MINIMIZE else -math.inf

    def better(self, a: float, b: float) -> bool:
        """Whether `a` is strictly better than `b`; NaN is never better."""
        return a < b if self is Direction.MINIMIZE else a > b

    def sort_key(self, value: float | None) -> float:
        """Ascending sort key: best first; missing and NaN last."""
        if value is None or math.isnan(value):
            return math.inf
        return value if self is Direction.MINIMIZE else -value


@dataclass(frozen=True, slots=True)
class Report:
    """One metric report of a training process.

    `step` counts whatever the script counts (epochs, evaluations, optimizer steps).
    `examples` is the number of training examples seen so far, `fraction` the share of the trial's
    own budget spent so far, 0 to 1. `at` is Unix time in seconds. What earlier reports of the
    attempt said of the metrics in `replaces` is void: a surer source of them was found. `fold`
    counts the passes of a training that is repeated, from 1; where `named`, the program calls them
    folds, else its epochs only began again. `listens` says that the process looks for the request
    to stop; one whose output is read does not.
    """

    trial: int
    attempt: int
    step: int
    metrics: Mapping[str, float]
    examples: int | None = None
    fraction: float | None = None
    at: float = 0.0
    replaces: frozenset[str] = frozenset()
    fold: int | None = None
    named: bool = False
    listens: bool = True


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where one job may run: a GPU, several, a share of one, or some CPU cores.

    `device` is "cpu" or what goes into CUDA_VISIBLE_DEVICES, UUIDs with commas; `kind` names what
    devices of the same memory have in common ("cpu", or the GPU's model). `processes` is how many
    processes of one data-parallel training there is room for, one a GPU, and `threads` how many CPU
    threads each should use.
    """

    index: int
    device: str = "cpu"
    threads: int = 1
    kind: str = "cpu"
    processes: int = 1


@dataclass(frozen=True, slots=True)
class TrialKey:
    """Names one attempt at one trial within a sweep."""

    trial: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at running a trial: which one, and the trial's parameters."""

    key: TrialKey
    params: Params


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a rule stops a trial: the rule's name, one sentence for people, and what it compared.

    `outcome` is what becomes of the trial: pruned, or diverged.
    """

    rule: str
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    outcome: Outcome = Outcome.PRUNED


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended. `value` is the objective; `reason` one line for people.

    `kind` is the kind of device that it ran on, `verdict` what a rule found where one stopped
    it, and `wall_s` how long it ran. `earlier` is a better value before the one that counts, and
    its step.
    """

    key: TrialKey
    outcome: Outcome
    value: float | None = None
    reason: str = ""
    exit_code: int | None = None
    at: float = 0.0
    params: Params = field(default_factory=dict)
    kind: str = ""
    verdict: Verdict | None = None
    wall_s: float = 0.0
    earlier: tuple[float, int] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A training process says how one trial that it runs ended, while it may go on with others."""

    key: TrialKey
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One attempt at one trial inside a job, and the folder that it reports into."""

    key: TrialKey
    params: Params
    seed: int
    folder: str


@dataclass(frozen=True, slots=True)
class Job:
    """One process to start, or one group of processes: what to run, where, and for which trials.

    It holds `slot` until it exits. `id` is the same for the same attempts in a later run of the
    sweep (`job_id`). `env` holds only what is added to the environment of trials. The output goes
    into `folder`, that of the first member.

    `files` (name → text) are written into the folder first. Where `original` is not empty, `cwd` is
    to be made as `isolate` says ("copy" or "worktree") from the folder `original`. `study` is the
    identity of its study.
    """

    id: str
    slot: Slot
    members: tuple[Member, ...]
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    files: Mapping[str, str] = field(default_factory=dict)
    isolate: str = ""
    original: str = ""
    study: str = ""

    @property
    def first(self) -> Member:
        """The first of the members: the only one, for a process that runs one trial."""
        return self.members[0]

    @property
    def folder(self) -> str:
        """Where the output of the process goes."""
        return self.first.folder


def job_id(key: TrialKey) -> str:
    """The id of the job whose first member is `key`."""
    return f"{key.trial}.{key.attempt}"


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial as the database tells it. `outcome` is None while it runs or waits.

    `value` is the objective; ±inf for a trial that diverged or ran out of memory, None where there
    is none. `reason` is one line on why it ended the way it did ("exit code 1: KeyError: 'x'").
    `observed` is what the observer knew of its training in all (`lrsweep.analysis.seen`).
    """

    number: int
    outcome: Outcome | None
    params: Mapping[str, ParamValue]
    value: float | None
    attempt: int = 1
    seed: int = 0
    started_at: datetime | None = None
    wall_s: float | None = None
    exit_code: int | None = None
    reason: str = ""
    command: tuple[str, ...] = ()
    folder: str = ""
    slot: str = ""
    observed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of one metric of one trial, in order of arrival: `steps[i]` ↔ `values[i]`.

    Steps may repeat or fall, where the script counts so.

    `examples` and `fractions` are None at points where the script did not give them.
    """

    metric: str
    steps: tuple[int, ...]
    values: tuple[float, ...]
    examples: tuple[float | None, ...] = ()
    fractions: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyRows:
    """One study as the database tells it: what was searched, and every trial.

    `space` holds the parameters in the grammar of `lrsweep.space` (`lr=1e-5:1:log`), `command` the
    target's command template, `sweep_command` what the user typed, `wall_s` the summed time that
    sweeps of this study have run. `shown` are metrics that the user wants to see.
    """

    name: str
    storage: str
    metric: str
    direction: Direction
    space: tuple[str, ...] = ()
    target: str = ""
    sampler: str = ""
    pruner: str = ""
    sweep_command: tuple[str, ...] = ()
    created_at: datetime | None = None
    wall_s: float = 0.0
    trials: tuple[TrialRow, ...] = field(default_factory=tuple)
    # Final values of the secondary metrics, by trial number: {12: {"val_accuracy": 0.97}}.
    metrics: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    shown: tuple[str, ...] = ()

    @property
    def best(self) -> TrialRow | None:
        """The completed trial with the best finite objective; ties go to the earlier one."""
        done = [
            t
            for t in self.trials
            if t.outcome is Outcome.COMPLETED and t.value is not None and math.isfinite(t.value)
        ]
        return min(done, key=lambda t: self.direction.sort_key(t.value), default=None)
