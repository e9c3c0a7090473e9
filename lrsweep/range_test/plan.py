"""The plan of a range test: a study of its own, with one trial for each value to compare."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from lrsweep.analysis.found import LOSS
from lrsweep.analysis.range_test import RateRamp
from lrsweep.errors import InputError, PlanError, StudyMismatch
from lrsweep.observe.surroundings import ENV_RAMP
from lrsweep.plan import RunOptions, SweepPlan, build_plan
from lrsweep.plan.placeholders import placeholders
from lrsweep.protocol import ENV_RANGE_TEST, OBSERVED
from lrsweep.range_test.target import rate_name, source_of, trains_with_lrsweep
from lrsweep.space import Choice, Space
from lrsweep.space.head import name_of
from lrsweep.store.opening import check_study
from lrsweep.store.read import StudyReader
from lrsweep.terms import is_learning_rate

# What a script that must be given a rate begins with.
_ANY_RATE = 0.001


def find_plan(options: RunOptions, per: tuple[str, ...], ramp: str) -> SweepPlan:
    """The plan that raises the rate by `ramp` for each combination of the choices `per`.

    Its study is called NAME-find; NAME-find-2 and so on where that is taken by a test that is
    complete or was made with other settings. Raises `InputError` for what cannot be understood.
    """
    _check_ramp(ramp)
    for text in (*per, *options.fixed):
        if name_of(text) in ("lr", "learning_rate"):
            raise PlanError(f"{text!r}: a range test tries every learning rate; leave it out")
    for parameter in Space.parse(per).parameters:
        if not isinstance(parameter, Choice):
            raise PlanError(
                f"--per {parameter} gives no values to compare", hint="try --per optimizer=sgd,adam"
            )
    base = f"{source_of(options).name}-find"
    for number in count(1):
        name = base if number == 1 else f"{base}-{number}"
        plan = _plan(options.replaced(study=name), per, ramp)
        if _is_free(plan):
            return plan
    raise AssertionError("numbers have no end")


def _check_ramp(ramp: str) -> None:
    try:
        RateRamp.parse(ramp)
    except InputError:
        raise PlanError(
            f"--range {ramp.rpartition(':')[0]} is not LOW:HIGH with 0 < LOW < HIGH",
            hint="try --range 1e-6:100",
        ) from None


def _plan(options: RunOptions, per: tuple[str, ...], ramp: str) -> SweepPlan:
    own = trains_with_lrsweep(options)
    space = (*per, *Space.parse((), options.fixed).texts(), *_rates_of_command(options))
    raised = (f"{ENV_RANGE_TEST}={ramp}", *(() if own else (f"{ENV_RAMP}={ramp}",)))
    stand_in = rate_name(options)
    # A space of the target's own sweep.toml is not to be searched here.
    hidden = not space and source_of(options).file is not None
    plan = build_plan(
        options.replaced(
            space=(f"{stand_in}={_ANY_RATE}",) if hidden else space,
            fixed=(),
            sampler="grid",
            pruner="none",
            # The loss is meant to explode, and the process ends itself then.
            stop_diverged=False,
            metric=LOSS if own else f"{OBSERVED}{LOSS}",
            direction="minimize",
            observe="off" if own else "auto",
            env=(*options.env, *raised),
        ),
        probing=True,  # a script may read no argument at all
    )
    parameters = plan.space.parameters
    kept = tuple(p for p in parameters if p.name != stand_in) if hidden else parameters
    return replace(
        plan,
        space=Space(kept),
        trials=None,
        settings=plan.settings.replaced(
            metric_regex=None, metric_file=(), max_failed=None, fail_above=None, fail_below=None
        ),
    )


def _rates_of_command(options: RunOptions) -> list[str]:
    """A rate for each that the command asks for; the range test puts its own in its place."""
    names = placeholders(source_of(options).argv)
    return [f"{name}={_ANY_RATE}" for name in names if is_learning_rate(name)]


def _is_free(plan: SweepPlan) -> bool:
    """Whether the study of `plan` is new, or is this very test and was cut short."""
    try:
        if not check_study(plan):
            return True
    except StudyMismatch:
        return False
    with StudyReader(plan.storage) as reader:
        trials = reader.study(plan.study).trials
    done = sum(1 for trial in trials if trial.outcome is not None and trial.outcome.informs)
    return done < plan.space.grid_size()
