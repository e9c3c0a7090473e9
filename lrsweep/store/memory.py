"""The study as samplers see it: in memory, so that proposing a trial reads no database.

Optuna's own storage reads every unfinished trial again at each question. One sweep owns its study,
so what it has read once stays true; `lrsweep.store.study` writes the changes behind.
"""

from __future__ import annotations

import copy
from collections.abc import Container, Sequence
from datetime import UTC, datetime
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

_STUDY_ID = 0


class StudyMemory(BaseStorage):
    """One study. The id of a trial is its number. Finished trials must not be changed."""

    def __init__(
        self,
        name: str,
        direction: StudyDirection,
        trials: Sequence[FrozenTrial] = (),
        system_attrs: dict[str, Any] | None = None,
    ) -> None:
        self._name = name
        self._direction = direction
        self._trials = list(trials)
        self._unfinished = {t.number: t for t in trials if not t.state.is_finished()}
        self._user_attrs: dict[str, Any] = {}
        self.system_attrs: dict[str, Any] = dict(system_attrs or {})

    # The study.

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        raise NotImplementedError("one study lives here")

    def delete_study(self, study_id: int) -> None:
        raise NotImplementedError("one study lives here")

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:
        self._user_attrs[key] = value

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        self.system_attrs[key] = value

    def get_study_id_from_name(self, study_name: str) -> int:
        if study_name != self._name:
            raise KeyError(study_name)
        return _STUDY_ID

    def get_study_name_from_id(self, study_id: int) -> str:
        return self._name

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        return [self._direction]

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return self._user_attrs

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        return self.system_attrs

    def get_all_studies(self) -> list[FrozenStudy]:
        return [
            FrozenStudy(
                study_name=self._name,
                direction=self._direction,
                user_attrs=self._user_attrs,
                system_attrs=self.system_attrs,
                study_id=_STUDY_ID,
            )
        ]

    # Trials.

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        number = len(self._trials)
        trial = copy.deepcopy(template_trial) if template_trial else new_trial(number)
        trial.number = trial._trial_id = number
        self._trials.append(trial)
        if not trial.state.is_finished():
            self._unfinished[number] = trial
        return number

    def make_place(self, others: Sequence[FrozenTrial]) -> None:
        """Give the newest trial the number that follows `others`, which were added meanwhile."""
        newest = self._trials.pop()
        self._unfinished.pop(newest.number, None)
        for trial in (*others, newest):
            trial.number = trial._trial_id = len(self._trials)
            self._trials.append(trial)
            if not trial.state.is_finished():
                self._unfinished[trial.number] = trial

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        trial = self._unfinished[trial_id]
        trial.params = {
            **trial.params,
            param_name: distribution.to_external_repr(param_value_internal),
        }
        trial.distributions = {**trial.distributions, param_name: distribution}

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        trial = self._unfinished[trial_id]
        if state is TrialState.RUNNING and trial.state is not TrialState.WAITING:
            return False
        trial.state = state
        if values is not None:
            trial.values = list(values)
        if state is TrialState.RUNNING:
            trial.datetime_start = _now()
        if state.is_finished():
            trial.datetime_complete = _now()
            del self._unfinished[trial_id]
        return True

    def reopen(self, trial_id: int) -> None:
        """Have a trial that failed wait again."""
        trial = self._trials[trial_id]
        trial.state, trial.datetime_complete = TrialState.WAITING, None
        self._unfinished[trial_id] = trial

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        # Samplers look at the last step of a pruned trial and at no other: the newest is kept,
        # which bounds memory too.
        self._unfinished[trial_id].intermediate_values = {step: intermediate_value}

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        self._unfinished[trial_id].user_attrs[key] = value

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        self._unfinished[trial_id].system_attrs[key] = value

    def get_trial(self, trial_id: int) -> FrozenTrial:
        return self._trials[trial_id]

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        if states is None:
            found = list(self._trials)
        elif any(state in states for state in TrialState if state.is_finished()):
            found = [t for t in self._trials if t.state in states]
        else:
            found = [t for t in self._unfinished.values() if t.state in states]
        return copy.deepcopy(found) if deepcopy else found


def new_trial(number: int) -> FrozenTrial:
    """A running trial with nothing in it."""
    return FrozenTrial(
        number=number,
        state=TrialState.RUNNING,
        value=None,
        datetime_start=_now(),
        datetime_complete=None,
        params={},
        distributions={},
        user_attrs={},
        system_attrs={},
        intermediate_values={},
        trial_id=number,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
