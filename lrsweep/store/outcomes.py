"""The state that Optuna knows a trial's outcome by."""

from __future__ import annotations

from optuna.trial import TrialState

from lrsweep.trial import Outcome

# A trial that diverged or ran out of memory is complete and infinitely bad: samplers ignore those
# that failed, and would propose the same spot again.
STATES = {
    Outcome.COMPLETED: TrialState.COMPLETE,
    Outcome.PRUNED: TrialState.PRUNED,
    Outcome.DIVERGED: TrialState.COMPLETE,
    Outcome.OUT_OF_MEMORY: TrialState.COMPLETE,
    Outcome.CRASHED: TrialState.FAIL,
    Outcome.TIMED_OUT: TrialState.FAIL,
    Outcome.LOST: TrialState.FAIL,
    Outcome.CANCELLED: TrialState.FAIL,
}
