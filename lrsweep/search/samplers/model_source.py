"""Points from a model of the objective, alone (`gp`) or in turn with TPE (`auto`)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from lrsweep.search.curves import Curves
from lrsweep.search.model.encoding import Encoding
from lrsweep.search.model.proposing import Model, filling
from lrsweep.search.model.results import Result, final_losses, scores
from lrsweep.search.samplers.points import OptunaSource, Point, fixed_of
from lrsweep.search.warm import Warm

Floats = NDArray[np.float64]

# Candidates nearer than this to a point that was tried are the same point.
_SAME = 0.01
# How many guesses of this study a result of another one is worth as little as.
_FROM_ELSEWHERE = 3.0


@dataclass(slots=True)
class _Seen:
    """What the study holds for a model: rows and results that ended, and rows that did not."""

    rows: Floats
    results: list[Result]
    pending: Floats


class ModelSource:
    """Fills the space with `startup` points, then asks the model; with `other`, the two in turn.

    Each optimizer of the space gets at least half of an equal share of the trials, so that its best
    rate is found too. The other takes its turns once `alone` trials have begun: TPE draws at random
    as long as it has few results.
    """

    def __init__(
        self,
        encoding: Encoding,
        curves: Curves | None,
        seed: int,
        *,
        startup: int,
        other: OptunaSource | None = None,
        alone: int = 10,
        prior: Warm | None = None,
    ) -> None:
        self._encoding = encoding
        self._curves = curves
        self._seed = seed
        self._startup = startup
        self._other = other
        self._alone = alone
        self._model = Model(encoding)
        self._rows: dict[int, Floats] = {}
        empty = np.zeros((0, encoding.dimensions))
        self._prior = prior or Warm(empty, np.zeros(0), ())
        if len(self._prior.rows) >= startup:
            self._startup = 1

    def points(self, study: Study, trial: FrozenTrial) -> Iterator[Point]:
        """Points for `trial`."""
        rng = np.random.default_rng([self._seed, trial.number])
        seen = self._seen(study, trial)
        ended, begun = len(seen.results), len(seen.results) + len(seen.pending)
        others_turn = self._other is not None and begun >= self._alone and begun % 2 == 1
        if begun < self._startup or ended + len(self._prior.rows) < max(2, self._startup // 2):
            yield from self._filling(seen, trial, rng)
        elif others_turn:
            assert self._other is not None
            yield from self._other.points(study, trial)
        else:
            yield from self._modelled(seen, trial, rng)

    def _filling(
        self, seen: _Seen, trial: FrozenTrial, rng: np.random.Generator
    ) -> Iterator[Point]:
        tried = np.vstack([seen.rows, seen.pending])
        while True:
            yield self._point(filling(self._encoding, tried, rng), trial)

    def _modelled(
        self, seen: _Seen, trial: FrozenTrial, rng: np.random.Generator
    ) -> Iterator[Point]:
        column, behind = self._behind(seen)
        losses = final_losses(seen.results, self._curves)
        guessed = np.array([float(r.pruned) for r in seen.results])
        # What another study found comes first and is trusted less, so that it fades.
        rows = np.vstack([self._prior.rows, seen.rows])
        all_scores = np.concatenate([self._prior.scores, scores(losses)])
        guessed = np.concatenate([np.full(len(self._prior.rows), _FROM_ELSEWHERE), guessed])
        tried = np.vstack([seen.rows, seen.pending])
        only = None if behind is None else (column, behind)
        for row in self._model.ranked(rows, all_scores, guessed, seen.pending, rng, only):
            if not len(tried) or np.abs(tried - row).max(axis=1).min() > _SAME:
                yield self._point(row, trial)
        yield from self._filling(seen, trial, rng)

    def _behind(self, seen: _Seen) -> tuple[int, int | None]:
        """The column of the optimizer, and the code of one with too few trials, if any has."""
        column, count = self._encoding.optimizers
        if count < 2:
            return column, None
        rows = np.vstack([seen.rows, seen.pending])
        codes = self._encoding.categories(rows)[:, column]
        trials = np.bincount(codes, minlength=count)
        fewest = int(trials.argmin())
        return column, fewest if trials[fewest] < len(rows) // (2 * count) else None

    def _point(self, row: Floats, trial: FrozenTrial) -> Point:
        fixed = fixed_of(trial)
        if fixed:
            given = self._encoding.encode(fixed)
            row = np.where(self._encoding.columns_of(fixed), given, row)
        return {**self._encoding.decode(row), **fixed}

    def _seen(self, study: Study, trial: FrozenTrial) -> _Seen:
        sign = 1.0 if study.direction is StudyDirection.MINIMIZE else -1.0
        rows: list[Floats] = []
        pending: list[Floats] = []
        results: list[Result] = []
        for other in study._storage.get_all_trials(study._study_id, deepcopy=False):
            if other.number == trial.number or not other.params:
                continue
            row = self._row(other)
            if other.state in (TrialState.COMPLETE, TrialState.PRUNED):
                rows.append(row)
                results.append(self._result(other, sign))
            else:  # running or waiting; failed ones are not tried again, and tell nothing
                pending.append(row)
        empty = np.zeros((0, self._encoding.dimensions))
        return _Seen(
            np.array(rows) if rows else empty, results, np.array(pending) if pending else empty
        )

    def _row(self, trial: FrozenTrial) -> Floats:
        row = self._rows.get(trial.number)
        if row is None:
            row = self._encoding.encode(trial.params)
            if trial.state.is_finished():
                self._rows[trial.number] = row
        return row

    def _result(self, trial: FrozenTrial, sign: float) -> Result:
        if trial.state is TrialState.COMPLETE:
            value = trial.value
            loss = math.inf if value is None or not math.isfinite(value) else sign * value
            return Result(trial.number, loss)
        curve = None if self._curves is None else self._curves.get(trial.number)
        if curve is not None and curve.best:
            return Result(trial.number, curve.best[-1], pruned=True)
        finite = [sign * v for v in trial.intermediate_values.values() if math.isfinite(v)]
        return Result(trial.number, min(finite, default=None), pruned=True)
