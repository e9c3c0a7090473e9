"""What `lrsweep predict` does: reads studies, predicts for one run, and renders that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches

from lrsweep.analysis.transfer import Answer, answer, cells_of
from lrsweep.cli.console import out_console
from lrsweep.errors import InputError, LrsweepError
from lrsweep.report.json_text import json_text
from lrsweep.report.prediction import asked_facts, prediction_document, prediction_parts
from lrsweep.report.terminal import print_parts
from lrsweep.store.read import StudyReader
from lrsweep.terms import is_learning_rate, is_optimizer
from lrsweep.trial import ParamValue, StudyRows, TrialRow


def predict_and_render(
    studies: Sequence[str], at: Sequence[str], storage: str, *, as_json: bool
) -> None:
    """Print the prediction for the scales `at` from the trials of `studies`.

    Raises `InputError` for scales that the trials do not have, and `LrsweepError` where the trials
    are too few.
    """
    with StudyReader(storage) as reader:
        every = [reader.study(name) for name in studies or (None,)]
    rows, trials = every[0], [trial for study in every for trial in study.trials]
    scales = dict(_scale(text, trials) for text in at)
    if not scales:
        raise InputError(
            "predict needs the scale of the run that you mean", hint=_example(rows, trials)
        )
    rate = next((n for n in _numeric(trials) if is_learning_rate(n)), None)
    if rate is None:
        raise InputError(f"the trials of {rows.name!r} have no learning rate")
    kind = next((name for name in _names(trials) if is_optimizer(name)), "")
    answers = _answers(trials, rows, scales, rate, kind)
    if not answers:
        raise LrsweepError(
            "too few trials: a prediction needs two combinations of the scales"
            f" {', '.join(scales)}, each with four rates that did not diverge",
            hint=_example(rows, trials),
        )
    if as_json:
        document = {"studies": [study.name for study in every]}
        print(json_text("predict", document | {"answers": prediction_document(answers)}), end="")
        return
    parts = [asked_facts(scales, len(trials)), *prediction_parts(answers, rows, rate, kind)]
    print_parts(parts, out_console())


def _answers(
    trials: Sequence[TrialRow], rows: StudyRows, scales: dict[str, float], rate: str, kind: str
) -> list[Answer]:
    found = []
    for value in sorted({str(trial.params.get(kind, "")) for trial in trials}):
        ended = [
            (trial.params, trial.outcome, trial.value, trial.wall_s)
            for trial in trials
            if trial.outcome is not None and str(trial.params.get(kind, "")) == value
        ]
        names = tuple(scales)
        cells = cells_of(ended, names=names, rate=rate, direction=rows.direction)
        one = answer(cells, scales, value if kind else "")
        if one is not None:
            found.append(one)
    return found


def _scale(text: str, trials: Sequence[TrialRow]) -> tuple[str, float]:
    name, equals, written = text.partition("=")
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not equals or not (0 < value < math.inf):
        raise InputError(f"--at {text} is not NAME=VALUE with a number above zero")
    known = [n for n in _numeric(trials) if not is_learning_rate(n)]
    if name not in known:
        near = get_close_matches(name, known, n=1)
        raise InputError(
            f"--at {text}: the trials have no numeric parameter {name!r}",
            hint=f"did you mean {near[0]}?" if near else f"they have {', '.join(known) or 'none'}",
        )
    return name, value


def _example(rows: StudyRows, trials: Sequence[TrialRow]) -> str:
    """A command with the parameters that the trials have at several levels, twice the largest."""
    levels: dict[str, set[float]] = {}
    for trial in trials:
        for name in _numeric([trial]):
            if not is_learning_rate(name):
                levels.setdefault(name, set()).add(float(_number(trial.params[name])))
    varied = [f"--at {name}={2 * max(v):g}" for name, v in levels.items() if len(v) > 1]
    return f"lrsweep predict {rows.name} {' '.join(varied) or '--at width=256'}"


def _number(value: ParamValue) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _names(trials: Sequence[TrialRow]) -> list[str]:
    return list(dict.fromkeys(name for trial in trials for name in trial.params))


def _numeric(trials: Sequence[TrialRow]) -> list[str]:
    """The parameters whose values are numbers."""
    return [
        name
        for name in _names(trials)
        if all(
            isinstance(trial.params[name], int | float) and not isinstance(trial.params[name], bool)
            for trial in trials
            if name in trial.params
        )
    ]
