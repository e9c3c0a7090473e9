"""How the best learning rate grows with the batch size: the exponent of a power law, and how sure.

Theory knows two laws: the rate grows as the batch size with SGD until that saturates (Goyal et al.,
1706.02677), and as its square root with Adam and its kin (Malladi et al., 2205.10287).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lrsweep.analysis.basin import CONFIDENCE, Basin
from lrsweep.analysis.located import Located

# The largest batch size is at least so many times the smallest.
_SPAN = 4.0
# An interval of this width tells 0 from a half, and a half from 1.
_TELLING = 0.45
_RULES = (0.0, 0.5, 1.0)
# A wider interval tells nothing that a table of the best rates does not.
_WIDEST = 2.0


@dataclass(frozen=True, slots=True)
class Scaling:
    """The best rate grows as the batch size to the `exponent`; 90 % interval from `low` to `high`.

    `kind` is the kind of training that it holds for, empty where there is one alone, and `sizes`
    are the batch sizes that tell it. `more` trials at the smallest and the largest would narrow the
    interval until one rule is left.
    """

    kind: str
    exponent: float
    low: float
    high: float
    sizes: tuple[float, ...] = ()
    more: int = 0

    def allows(self, exponent: float) -> bool:
        """Whether the interval holds this exponent."""
        return self.low <= exponent <= self.high

    @property
    def rules(self) -> tuple[float, ...]:
        """Of no dependence (0), the square root (0.5) and the linear rule (1), those that fit."""
        return tuple(rule for rule in _RULES if self.allows(rule))


def scalings(located: Sequence[Located]) -> Iterator[Scaling]:
    """The laws that the basins support, by kind.

    A batch size whose best rate may lie beyond the range does not count.
    """
    for kind in dict.fromkeys(one.place.kind for one in located):
        basins = {
            one.place.batch_size: one.basin
            for one in located
            if one.place.kind == kind
            and one.place.batch_size
            and one.basin is not None
            and one.basin.matters
            and one.edge is None
        }
        if (found := scaling(kind, basins)) is not None:
            yield found


def scaling(kind: str, basins: Mapping[float, Basin]) -> Scaling | None:
    """The law through the best rates of `basins`, by batch size; None where they say too little.

    The exponent is the slope of the line through the best rates of a draw, weighed by how sure each
    of them is; the interval is that of all draws.
    """
    sizes = sorted(basins)
    if len(sizes) < 2 or sizes[-1] < _SPAN * sizes[0] * (1 - 1e-9):
        return None
    x = np.log10(sizes)
    m = np.array([basins[size].m for size in sizes])
    weight = 1 / (np.var(m, axis=1) + 1e-3)
    centred = x - np.average(x, weights=weight)
    slopes = (weight * centred) @ m / float(weight @ centred**2)
    tail = (1 - CONFIDENCE) / 2
    low, middle, high = (float(q) for q in np.quantile(slopes, (tail, 0.5, 1 - tail)))
    if high - low > _WIDEST:
        return None
    points = sum(basins[size].points for size in sizes)
    narrower = max(0.0, ((high - low) / _TELLING) ** 2 - 1)
    more = 2 * math.ceil(points * narrower / len(sizes)) if narrower else 0
    return Scaling(kind, middle, low, high, tuple(sizes), max(2, more) if more else 0)
