"""A smoke sweep: is everything in working order? A few short trials, in bounded time."""

from __future__ import annotations

from lrsweep.scripts import Script
from lrsweep.scripts.budget import BUDGETS, SMOKE_TRIALS, tenth
from lrsweep.settings import Settings
from lrsweep.space.head import name_of
from lrsweep.space.values import read_value

PRESET = "smoke"
TIMEOUT_S = 600.0


def shortened(given: Settings, script: Script | None) -> Settings:
    """Four trials at a tenth of the budget that `given` or the script's own default says.

    The budget is a parameter with one of the names in `BUDGETS`. Where none is known, or it is
    searched itself, trials run at full length.
    """
    return Settings(
        trials=min(SMOKE_TRIALS, given.trials or SMOKE_TRIALS),
        fixed=_tenth_of_budget(given, script),
    )


def _tenth_of_budget(given: Settings, script: Script | None) -> tuple[str, ...]:
    searched = {name_of(text) for text in given.space}
    fixed = dict(entry.split("=", 1) for entry in given.fixed)
    for word in BUDGETS:
        name = word
        parameter = script.parameter(name) if script else None
        budget = read_value(fixed[name], name) if name in fixed else None
        if budget is None and parameter is not None:
            budget, name = parameter.default, parameter.name
        if name in searched:
            return ()
        if isinstance(budget, int | float) and not isinstance(budget, bool) and budget > 0:
            return (f"{name}={tenth(budget)}",)
    return ()
