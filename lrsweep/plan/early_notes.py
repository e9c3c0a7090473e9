"""What is likely to waste a sweep, said before its first trial."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrsweep.settings import Settings
from lrsweep.space import Choice, Float, Int, Space
from lrsweep.terms import is_learning_rate, tokens

_DECADE = 10
_SEED = re.compile(r"(?:.*[_.-])?seed", re.IGNORECASE)
_TRAINING = frozenset({"train", "training"})


def early_notes(said: Settings, space: Space, metric: str, trials: int | None) -> Iterator[str]:
    """One sentence for each thing that the user may not have meant."""
    for parameter in space.parameters:
        if isinstance(parameter, Float) and is_learning_rate(parameter.name):
            linear = not parameter.log and parameter.low > 0
            if linear and parameter.high >= _DECADE * parameter.low:
                yield (
                    f"{parameter.label} is searched on a linear scale: nine in ten trials take its"
                    f" highest decade; {parameter.label}={parameter.low:g}:{parameter.high:g}:log"
                    " searches all alike"
                )
        if isinstance(parameter, Choice | Int) and _SEED.fullmatch(parameter.name):
            yield (
                f"{parameter.label} is searched like any parameter, and its best value is luck;"
                " --repeats 3 runs every setting with three seeds and judges their mean"
            )
    if trials is not None and said.repeats == 1:
        if said.sampler == "grid" and trials < (size := space.grid_size()):
            yield f"the grid has {size} points: {trials} of them, spread evenly, are tried"
        elif said.sampler != "grid" and _is_finite(space) and (size := space.grid_size()) < trials:
            yield f"the space has {size} points: each is tried once, not {trials} trials"
    if _TRAINING & set(tokens(metric)):
        yield (
            f"{metric} is measured on the training set: the best trial may be the one that"
            " memorises most; a validation metric says which one learns"
        )


def _is_finite(space: Space) -> bool:
    return all(not isinstance(parameter, Float) for parameter in space.parameters)
