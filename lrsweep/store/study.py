"""The study that a sweep owns: ask, record, tell, recover.

What samplers ask is answered from memory (`lrsweep.store.memory`); what happens is written behind
(`lrsweep.store.writer`). A trial stands in the database before its process starts, and everything
it reports stands in its trial folder before it stands here, so a crash between loses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import optuna
import sqlalchemy as sa
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from lrsweep.analysis.wording import counted
from lrsweep.errors import StorageError
from lrsweep.plan import SweepPlan
from lrsweep.protocol import TrialFolder
from lrsweep.provenance import Provenances
from lrsweep.store import tables
from lrsweep.store.asking import ask, complete
from lrsweep.store.curves import EndedCurve, ended_curves
from lrsweep.store.distributions import distribution, distributions
from lrsweep.store.evolution import refit
from lrsweep.store.folder import check_folder, claim_folder, mark_folder
from lrsweep.store.load import load_study
from lrsweep.store.lock import StudyLock
from lrsweep.store.memory import StudyMemory
from lrsweep.store.opening import OpenStudy, check_study, open_study, own_study
from lrsweep.store.outcomes import STATES
from lrsweep.store.ownership import Run, refuse_living_owner
from lrsweep.store.writer import Writer
from lrsweep.trial import Attempt, Ending, Job, Outcome, Params, ParamValue, Report, TrialKey

# Of one attempt, when a former run is made good; more points than this draw no better curve.
MOST_REPLAYED = 100_000


_NOTHING: Params = {}


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that a sweep left running when it died."""

    key: TrialKey
    folder: str
    params: Params


class StudyStore:
    """One study, open for writing by one sweep. A context manager; leaving it flushes and closes.

    Methods that write raise `StorageError` when the database fails; what could not be written is
    kept and written by the next `flush`.
    """

    def __init__(
        self,
        plan: SweepPlan,
        opened: OpenStudy,
        locks: Sequence[StudyLock],
        releases: ExitStack,
    ) -> None:
        with opened.engine.connect() as connection:
            loaded = load_study(connection, opened.study_id)
        unfit = refit(plan, loaded.trials)
        self._provenances = Provenances(plan)
        code = self._provenances.now().code
        edited = bool(code and loaded.newest_code and code != loaded.newest_code)
        self.notes = _about_change(opened.changed, unfit, loaded.foreign, edited)
        self._plan = plan
        self._engine = opened.engine
        self._study_id = opened.study_id
        self.identity = opened.identity
        self._older = opened.older
        self._locks = locks
        self._releases = releases
        self._last_attempt = loaded.last_attempt
        self._folders: dict[int, str] = {}
        self._reporting: dict[int, int] = {}  # the attempt that has begun to report, after a first
        direction = StudyDirection[plan.direction.name]
        self._memory = StudyMemory(plan.study, direction, loaded.trials, loaded.system_attrs)
        self._saved_attributes = dict(loaded.system_attrs)
        self._study = optuna.load_study(study_name=plan.study, storage=self._memory)
        run = Run(opened.study_id, plan.study, plan.sweep_command)
        self._trial_ids = loaded.trial_ids
        self._writer = Writer(
            opened.engine, plan.storage, opened.study_id, plan.metric, loaded.trial_ids, run
        )
        self._writer.begin_run()

    @classmethod
    def open(cls, plan: SweepPlan, lock: StudyLock | None = None) -> StudyStore:
        """Create the study of `plan`, or resume it; `lock` is its own where it is held already.

        Raises `StudyMismatch` where the study exists with another space, direction, metric or
        target, where another sweep owns it, or its folder is another study's, and `StorageError`
        where the database cannot be opened.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        check_study(plan)
        with ExitStack() as locks:
            lock = locks.enter_context(lock or own_study(plan))
            folder = locks.enter_context(claim_folder(plan.sweep_dir))
            opened = open_study(plan, create=not check_study(plan))
            locks.callback(opened.engine.dispose)
            check_folder(plan.sweep_dir, opened.identity, older=opened.older)
            refuse_living_owner(opened.engine, opened.study_id, plan.study)
            mark_folder(plan, opened.identity)
            return cls(plan, opened, (lock, folder), locks.pop_all())

    def __enter__(self) -> StudyStore:
        return self

    def __exit__(self, *_error: object) -> None:
        with self._releases:
            self._note_sampler_state()
            self._writer.end_run()

    def listen(self, note: Callable[[str], None], give_up: Callable[[], bool]) -> None:
        """Tell `note` where the database is waited for, which ends where `give_up` says so."""
        self._writer.patience.note, self._writer.patience.give_up = note, give_up

    def check_owned(self) -> None:
        """Raises `StorageError` where another sweep may have this study or its folder now."""
        if not all(lock.held() for lock in self._locks):
            raise StorageError(
                f"another lrsweep holds the lock of study {self._plan.study!r}; this one stops"
            )

    # What is there already.

    @property
    def trials(self) -> int:
        """How many trials the study has, in whatever state."""
        return len(self._memory.get_all_trials(0, deepcopy=False))

    def to_run_again(self) -> list[Attempt]:
        """Trials that a former sweep stopped, lost or had only just asked for, as it asked."""
        states = (TrialState.WAITING, TrialState.RUNNING)
        return [
            Attempt(
                TrialKey(t.number, self._last_attempt.get(t.number, 0) + 1), self._plain_params(t)
            )
            for t in self._memory.get_all_trials(0, deepcopy=False, states=states)
            # One that waits and was never started was enqueued by somebody else: `ask` gives it.
            if t.number in self._last_attempt or self._asked_for(t)
        ]

    def broken(self) -> list[int]:
        """The numbers of trials that crashed, timed out or were lost for good."""
        return [
            number
            for number, outcome in self._newest_outcomes().items()
            if outcome.failed and self._memory.get_trial(number).state is TrialState.FAIL
        ]

    def reopen(self, number: int) -> None:
        """Have a trial that broke wait to be run again."""
        self._memory.reopen(number)
        self._writer.reopened(number)

    def _asked_for(self, trial: FrozenTrial) -> bool:
        """Whether a sweep asked for this running trial; others are left to who runs them."""
        is_ours = self._older or tables.ASKED_ATTRIBUTE in trial.system_attrs
        return trial.state is TrialState.RUNNING and is_ours

    def left_open(self) -> list[OpenAttempt]:
        """Attempts that a former sweep never closed, since it died.

        Raises `StorageError` where the study is owned no longer.
        """
        self.check_owned()
        c = tables.attempts.c
        query = sa.select(c.number, c.attempt, c.folder, c.params).where(
            c.study_id == self._study_id, c.outcome.is_(None)
        )
        with self._engine.connect() as connection:
            rows = list(connection.execute(query))
        self._folders.update({row.number: row.folder for row in rows})
        return [
            OpenAttempt(TrialKey(row.number, row.attempt), row.folder, json.loads(row.params))
            for row in rows
        ]

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """The parameters of the space, by label, as Optuna's samplers see them."""
        return distributions(self._plan.space)

    @property
    def finished(self) -> int:
        """How many trials have come to an end and will not run again."""
        return sum(
            t.state.is_finished() and tables.REMOVED_ATTRIBUTE not in t.system_attrs
            for t in self._memory.get_all_trials(0, deepcopy=False)
        )

    @property
    def counted(self) -> int:
        """How many trials have come to a result: those that broke do not count."""
        outcomes, done = self._newest_outcomes(), (TrialState.COMPLETE, TrialState.PRUNED)
        of_others = [
            trial
            for trial in self._memory.get_all_trials(0, deepcopy=False, states=done)
            if trial.number not in outcomes
        ]
        return sum(outcome.informs for outcome in outcomes.values()) + len(of_others)

    def _newest_outcomes(self) -> dict[int, Outcome]:
        """How each trial's newest attempt ended, by number; one that has not ended is left out.

        What samplers see is no guide: a trial that does not fit a changed space is void for them.
        """
        c = tables.attempts.c
        query = (
            sa.select(c.number, c.attempt, c.outcome)
            .where(c.study_id == self._study_id, c.outcome.is_not(None))
            .order_by(c.number, c.attempt)
        )
        with self._engine.connect() as connection:
            return {
                row.number: Outcome(row.outcome)
                for row in connection.execute(query)
                if self._last_attempt.get(row.number) == row.attempt
            }

    def visited(self) -> list[dict[str, ParamValue]]:
        """The parameters of every trial that did not fail, running and waiting ones included."""
        trials = self._memory.get_all_trials(0, deepcopy=False)
        return [self._plain_params(t) for t in trials if t.state is not TrialState.FAIL]

    def seeds(self) -> dict[int, int]:
        """The seed that each trial was run with, by number."""
        c = tables.attempts.c
        query = sa.select(c.number, c.seed).where(c.study_id == self._study_id)
        with self._engine.connect() as connection:
            return {row.number: row.seed for row in connection.execute(query.order_by(c.attempt))}

    def ran_out_of_memory(self) -> list[tuple[Params, str]]:
        """Parameters and kind of device of every attempt that ran out of memory."""
        c = tables.attempts.c
        query = sa.select(c.params, c.device_kind).where(
            c.study_id == self._study_id, c.outcome == Outcome.OUT_OF_MEMORY.value
        )
        with self._engine.connect() as connection:
            return [(json.loads(row.params), row.device_kind) for row in connection.execute(query)]

    def endings(self) -> list[Ending]:
        """How the trials of the study ended that will not run again, oldest first."""
        c = tables.attempts.c
        query = (
            sa.select(tables.attempts)
            .where(c.study_id == self._study_id, c.outcome.is_not(None))
            .order_by(c.ended_at)
        )
        with self._engine.connect() as connection:
            return [
                Ending(
                    TrialKey(row.number, row.attempt),
                    Outcome(row.outcome),
                    row.value,
                    row.reason,
                    row.exit_code,
                    row.ended_at,
                    json.loads(row.params),
                    row.device_kind,
                    wall_s=row.ended_at - row.started_at,
                )
                for row in connection.execute(query)
                if self._memory.get_trial(row.number).state.is_finished()
                and self._last_attempt[row.number] == row.attempt
            ]

    def ended_curves(self) -> list[EndedCurve]:
        """The objective's curves of the newest trials that ended, oldest first."""
        with self._engine.connect() as connection:
            return list(ended_curves(connection, self._study_id, self._plan.metric))

    # Proposing.

    def ask(self, sampler: BaseSampler, fixed: Params = _NOTHING) -> Attempt:
        """A new trial with the values `fixed` (plain names), and what `sampler` chooses for others.

        It is written to the database.
        """
        labelled = {p.label: fixed[p.name] for p in self._plan.space.parameters if p.name in fixed}
        return self._asked(ask(self._study_of(sampler), self._plan.space, labelled))

    def ask_queued(self, sampler: BaseSampler) -> Attempt | None:
        """The next trial that another tool enqueued, completed by `sampler`; None without one."""
        for trial in self._memory.get_all_trials(0, deepcopy=False, states=(TrialState.WAITING,)):
            if trial.number not in self._last_attempt:
                self._memory.set_trial_state_values(trial.number, TrialState.RUNNING)
                complete(self._study_of(sampler), self._plan.space, trial.number)
                return self._asked(trial.number)
        return None

    def ask_for(self, params: Mapping[str, ParamValue]) -> Attempt:
        """A new trial with these parameters (plain names), written to the database."""
        active = self._plan.space.active(params)
        template = optuna.trial.create_trial(
            state=TrialState.RUNNING,
            params={p.label: params[p.name] for p in active},
            distributions={p.label: distribution(p) for p in active},
        )
        return self._asked(self._memory.create_new_trial(0, template))

    def _study_of(self, sampler: BaseSampler) -> optuna.Study:
        self._study.sampler = sampler
        return self._study

    def _asked(self, number: int) -> Attempt:
        trial = self._memory.get_trial(number)
        given = self._writer.new_trial(trial)
        if given != number:
            self._learn_of(number, given)
        return Attempt(TrialKey(given, 1), self._plain_params(trial))

    def _learn_of(self, first: int, end: int) -> None:
        """Others have added the trials `first` … `end` - 1: they are theirs to run and to tell."""
        with self._engine.connect() as connection:
            loaded = load_study(connection, self._study_id)
        refit(self._plan, loaded.trials)
        self._trial_ids.update({n: id for n, id in loaded.trial_ids.items() if first <= n < end})
        self._memory.make_place([t for t in loaded.trials if first <= t.number < end])

    def _plain_params(self, trial: FrozenTrial) -> dict[str, ParamValue]:
        return {
            p.name: trial.params[p.label]
            for p in self._plan.space.parameters
            if p.label in trial.params
        }

    # Recording.

    def started(self, job: Job, at: float) -> None:
        """The attempts of a job start. Written at once: whoever comes next must know what runs."""
        for member in job.members:
            number = member.key.trial
            self._last_attempt[number] = member.key.attempt
            self._folders[number] = member.folder
            self._writer.attempt_started(job, member, at, self._provenances.now())
            if self._memory.get_trial(number).state is TrialState.WAITING:
                self._memory.set_trial_state_values(number, TrialState.RUNNING)
                self._writer.state(number, TrialState.RUNNING, at)
        self.flush(now=True)

    def report(self, report: Report) -> None:
        """Keep a report until the next `flush`."""
        again = report.attempt > 1 and self._reporting.get(report.trial) != report.attempt
        if again and self._plan.metric in report.metrics:
            self._begin_again(report)
        key = TrialKey(report.trial, report.attempt)
        for name in report.replaces:
            self._writer.forget_metric(key, name)
        value = report.metrics.get(self._plan.metric)
        if value is not None and not self._memory.get_trial(report.trial).state.is_finished():
            self._memory.set_trial_intermediate_value(report.trial, report.step, value)
        self._writer.report(report)

    def wrote(self, trial: Mapping[str, Any], key: TrialKey) -> bool:
        """Whether this `trial.json` is that of the attempt `key` of this very study."""
        study = trial.get("study")
        is_own = study == self.identity or (study is None and self._older)
        return is_own and (trial.get("trial"), trial.get("attempt")) == (key.trial, key.attempt)

    def replay(self, key: TrialKey, reports: Sequence[Report]) -> None:
        """All that an attempt reported, in the place of what is kept of it.

        Where less is left in its files than was kept, that stays.
        """
        c = tables.points.c
        kept = sa.select(sa.func.count()).where(
            c.study_id == self._study_id,
            c.number == key.trial,
            c.attempt == key.attempt,
            c.name.not_in((tables.EXAMPLES, tables.FRACTION)),
        )
        with self._engine.connect() as connection:
            most = connection.execute(kept).scalar_one()
        if sum(len(report.metrics) for report in reports) < min(most, MOST_REPLAYED // 2):
            return
        self._writer.forget(key)
        for report in reports:
            self.report(report)

    def _begin_again(self, first: Report) -> None:
        """A further attempt: what earlier ones said of its first step and later ones is void."""
        self._reporting[first.trial] = first.attempt
        self._writer.forget_from(first.trial, first.step)

    def observed(self, key: TrialKey, facts: Mapping[str, Any]) -> None:
        """Keep what was seen of the training of an attempt, in all."""
        self._writer.observed(key, facts)

    def finish(self, ending: Ending, *, again: bool) -> None:
        """An attempt ended; with `again` its trial waits to be run once more, else it is told."""
        number = ending.key.trial
        if number in self._folders:
            TrialFolder(self._folders[number]).note_ending(ending, again=again)
        self._writer.attempt_ended(ending)
        if again:
            self._memory.set_trial_state_values(number, TrialState.WAITING)
            self._writer.state(number, TrialState.WAITING, ending.at)
        else:
            self._tell(ending)

    def _tell(self, ending: Ending) -> None:
        number, state = ending.key.trial, STATES[ending.outcome]
        value = None
        if state is TrialState.COMPLETE:
            completed = ending.outcome is Outcome.COMPLETED
            value = ending.value if completed else self._plan.direction.worst
        self._study.tell(number, values=value, state=state)
        attributes: dict[str, Any] = {"outcome": ending.outcome.value}
        if ending.outcome in (Outcome.DIVERGED, Outcome.OUT_OF_MEMORY):
            attributes[ending.outcome.value] = True
        if ending.reason:
            attributes["reason"] = ending.reason
        if (verdict := ending.verdict) is not None:
            attributes[tables.VERDICT_ATTRIBUTE] = {
                "rule": verdict.rule,
                "sentence": verdict.sentence,
                "numbers": {name: str(number) for name, number in verdict.numbers.items()},
            }
        self._writer.told(self._memory.get_trial(number), attributes, ending.at)

    def flush(self, *, now: bool = False) -> None:
        """Write everything that is pending, in one transaction; `now` where it must be written.

        Raises `StorageError` where the study is owned no longer.
        """
        self.check_owned()
        self._note_sampler_state()
        self._writer.flush(now=now)

    def _note_sampler_state(self) -> None:
        now = self._memory.system_attrs
        changed = {k: v for k, v in now.items() if self._saved_attributes.get(k) != v}
        self._writer.sampler_state(changed)
        self._saved_attributes.update(changed)


def _about_change(changed: bool, unfit: int, foreign: int, edited: bool) -> list[str]:
    notes = []
    if edited:
        notes.append("the script or a module of its own was edited since the last trial")
    if changed:
        kept = f"; {counted(unfit, 'earlier trial')} outside of it kept, not searched with"
        notes.append(f"the space has changed since the last run{kept if unfit else ''}")
    if foreign:
        notes.append(f"{counted(foreign, 'trial')} of this study added by others; left to them")
    return notes
