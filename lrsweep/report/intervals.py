"""Where the best rate of each kind and batch size lies, as rates, for tables and charts."""

from __future__ import annotations

from dataclasses import dataclass

from lrsweep.analysis.groups import RateGroup
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.located import Located, Place
from lrsweep.analysis.wording import number

_CLOSE = 0.05


@dataclass(frozen=True, slots=True)
class Interval:
    """The best rate lies from `low` to `high` (90 %); `band` are the rates within 5 % of the gain.

    The band is None where the gain is not known. Both end where rates were tried no further.
    """

    rate: float
    low: float
    high: float
    band: tuple[float, float] | None

    @property
    def words(self) -> str:
        """ "0.0087 … 0.11"; "about 1" where both ends are spelled the same."""
        low, high = number(self.low, 2), number(self.high, 2)
        return f"about {low}" if low == high else f"{low} … {high}"

    def holds(self, rate: float | None) -> bool:
        """Whether `rate` lies where the best one does."""
        return rate is not None and self.low <= rate <= self.high


def interval_of(land: Landscape, located: Located | None) -> Interval | None:
    """That of one place; None where the rate was not seen to make a difference there."""
    basin = None if located is None else located.basin
    if basin is None or not basin.matters:
        return None
    ends = basin.interval()
    reach = land.gain.share(_CLOSE) if land.gain is not None and land.gain.full > 0 else None
    first, last = basin.tried

    def rate(x: float) -> float:
        return float(10 ** min(max(x, first), last))

    band = None if reach is None else basin.band(reach)
    return Interval(
        rate=float(10**basin.best),
        low=rate(ends[0]),
        high=rate(ends[1]),
        band=None if band is None else (rate(band[0]), rate(band[1])),
    )


def group_interval(land: Landscape, group: RateGroup) -> Interval | None:
    """That of the place which `group` is."""
    key = dict(group.key)
    size = key.get(land.batch_size) if land.batch_size is not None else None
    kind = "" if land.kind is None else str(key.get(land.kind, ""))
    place = Place(kind, float(size) if isinstance(size, int | float) else None)
    return interval_of(land, next((one for one in land.located if one.place == place), None))
