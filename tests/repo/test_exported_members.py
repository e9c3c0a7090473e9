"""What `import lrsweep` offers is a promise: a change of it is made here too, on purpose."""

from __future__ import annotations

import lrsweep


def test_the_front_door_offers_exactly_this() -> None:
    assert sorted(lrsweep.__all__) == [
        "CurrentTrial",
        "TrialStopped",
        "__version__",
        "current_trial",
        "current_trials",
    ]
    assert all(hasattr(lrsweep, name) for name in lrsweep.__all__)
