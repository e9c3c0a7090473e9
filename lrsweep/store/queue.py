"""Points that a study should try first, queued as Optuna's own tools do it."""

from __future__ import annotations

from collections.abc import Iterable

import optuna
from optuna.storages import RDBStorage

from lrsweep.plan import SweepPlan
from lrsweep.store import database
from lrsweep.store.opening import check_study, open_study
from lrsweep.trial import Params


def queue(plan: SweepPlan, points: Iterable[Params]) -> None:
    """Have the study of `plan`, made where it is missing, begin with `points` (plain names).

    What a point leaves out the sampler chooses. One that was queued before is left as it is, so
    that going on with a sweep repeats nothing. The caller holds the study's lock. Raises
    `StudyMismatch` and `StorageError` as opening a study does.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    open_study(plan, create=not check_study(plan)).engine.dispose()
    storage = RDBStorage(plan.storage, engine_kwargs=database.connect_args(plan.storage))
    study = optuna.load_study(study_name=plan.study, storage=storage)
    for point in points:
        active = plan.space.active(point)
        labelled = {p.label: point[p.name] for p in active if p.name in point}
        study.enqueue_trial(labelled, skip_if_exists=True)
    storage.remove_session()
    storage.engine.dispose()
