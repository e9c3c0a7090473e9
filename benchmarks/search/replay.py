"""A whole sweep in virtual time: samplers and pruners are the real ones, trainings are replayed."""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass, field

import numpy as np
import optuna
from optuna.study import StudyDirection
from optuna.trial import TrialState

from benchmarks.search.contestants import Contestant
from benchmarks.search.task import Point, Task
from lrsweep.search.seeds import sampler_seed
from lrsweep.store.asking import ask
from lrsweep.store.memory import StudyMemory
from lrsweep.trial import Outcome

CLOCKS = (5, 10, 15, 20, 30)


@dataclass(slots=True)
class Replayed:
    """What became of one sweep: the incumbent's rank (%) and excess at each clock, and costs."""

    rank: list[float] = field(default_factory=list)
    excess: list[float] = field(default_factory=list)
    trials: int = 0
    pruned: int = 0
    diverged: int = 0
    best_killed: bool = False
    ask_ms: float = 0.0


@dataclass(slots=True)
class _Running:
    number: int
    point: Point
    values: list[float]
    truth: float


class Sweep:
    """A study, its sampler and its pruner, driven trial by trial."""

    def __init__(self, task: Task, contestant: Contestant, seed: int) -> None:
        self._task = task
        self._direction = task.direction
        self._memory = StudyMemory("replay", StudyDirection[task.direction.name])
        self._pruner = contestant.pruner(task.direction)
        sampler = contestant.sampler(task.space, sampler_seed(seed, 0), self._pruner)
        self._study = optuna.load_study(study_name="replay", storage=self._memory, sampler=sampler)
        self._rng = np.random.default_rng([seed, 5])
        self._asked_s = 0.0
        self.incumbents: list[tuple[float, float]] = []
        self._best_seen = math.inf
        self.truths: list[tuple[float, Outcome]] = []

    def start(self) -> _Running:
        before = time.process_time()
        number = ask(self._study, self._task.space, {})
        self._asked_s += time.process_time() - before
        labelled = self._memory.get_trial(number).params
        space = self._task.space
        point = {p.name: labelled[p.label] for p in space.parameters if p.label in labelled}
        values = [float(v) for v in self._task.curve(point, self._rng)]
        return _Running(number, point, values, self._task.truth(point))

    def report(self, trial: _Running, index: int) -> Outcome | None:
        """What a report leads to: the trial's end, or None."""
        value = trial.values[index]
        if not math.isfinite(value):
            return Outcome.DIVERGED
        share = (index + 1) / len(trial.values)
        self._pruner.observe(trial.number, trial.point, share, value)
        self._memory.set_trial_intermediate_value(trial.number, index + 1, value)
        if index + 1 == len(trial.values):
            return Outcome.COMPLETED
        verdict = self._pruner.judge(trial.number)
        return None if verdict is None else verdict.outcome

    def end(self, trial: _Running, outcome: Outcome, now: float, value: float) -> None:
        self._pruner.finish(trial.number, outcome)
        self.truths.append((trial.truth, outcome))
        if outcome is Outcome.PRUNED:
            self._study.tell(trial.number, state=TrialState.PRUNED)
            return
        told = value if outcome is Outcome.COMPLETED else self._direction.worst
        self._study.tell(trial.number, told)
        if outcome is Outcome.COMPLETED:
            key = self._direction.sort_key(value)
            if key < self._best_seen:
                self._best_seen = key
                self.incumbents.append((now, trial.truth))

    @property
    def ask_ms(self) -> float:
        return 1000 * self._asked_s / max(1, len(self.truths))


def replay(task: Task, contestant: Contestant, seed: int, slots: int) -> Replayed:
    """One sweep of `task` for as many full trainings as the last clock says."""
    sweep = Sweep(task, contestant, seed)
    queue: list[tuple[float, int, _Running, int]] = []
    for _ in range(slots):
        trial = sweep.start()
        heapq.heappush(queue, (1 / len(trial.values), trial.number, trial, 0))
    until = CLOCKS[-1] / slots
    while queue[0][0] <= until + 1e-9:
        now, _, trial, index = heapq.heappop(queue)
        outcome = sweep.report(trial, index)
        if outcome is None:
            nxt = index + 1
        else:
            sweep.end(trial, outcome, now, trial.values[index])
            trial, nxt = sweep.start(), 0
        heapq.heappush(queue, (now + 1 / len(trial.values), trial.number, trial, nxt))
    return _measured(task, sweep, slots)


def _measured(task: Task, sweep: Sweep, slots: int) -> Replayed:
    result = Replayed(trials=len(sweep.truths), ask_ms=sweep.ask_ms)
    for clock in CLOCKS:
        held = [truth for at, truth in sweep.incumbents if at <= clock / slots + 1e-9]
        truth = held[-1] if held else math.inf
        result.rank.append(100.0 if not held else task.rank(truth))
        result.excess.append(task.excess(truth))
    outcomes = [outcome for _, outcome in sweep.truths]
    result.pruned = outcomes.count(Outcome.PRUNED)
    result.diverged = outcomes.count(Outcome.DIVERGED)
    finite = [pair for pair in sweep.truths if math.isfinite(pair[0])]
    if finite:
        result.best_killed = min(finite, key=lambda pair: pair[0])[1] is Outcome.PRUNED
    return result
