"""Fits the basins of all groups of a study at once.

Groups of one family (one kind of training at several batch sizes) share the two widths and the
unit, and each has a best rate, a floor and a depth of its own, so that a few settings of one batch
size still tell where its best rate lies; what other families say of the widths is a prior. Best
rate and widths are tried on a grid, c and a follow by least squares. Settings are then resampled (a
Bayesian bootstrap, Rubin 1981); each resample gives the draws that its residuals leave likely, and
they are spread by what the shape of the model may be wrong about.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from lrsweep.analysis.basin import Array, Basin, Points

F = TypeVar("F", bound=Hashable)
G = TypeVar("G", bound=Hashable)
Indices: TypeAlias = NDArray[np.intp]

FEWEST_POINTS = 5
# Of a group whose family has so many points that the widths are known.
_FEWEST_BESIDE = 3
_MOST_POINTS = 250
_RESAMPLES, _DRAWS = 40, 400
# In decades: the grid, and how far beyond the rates that were tried the best may lie.
_STEP, _BEYOND = 0.05, 1.5
_WIDTHS = 0.1 * 2.0 ** np.arange(0, 5.1, 0.75)
_PAIRS = np.array([(left, right) for left in _WIDTHS for right in _WIDTHS])
_KEPT_PAIRS = 12
_BORROWED = 0.7
# The residuals' prior: a standard deviation (of the logarithm), and how many it counts for.
_PRIOR_SD, _PRIOR_WEIGHT = 0.15, 2.0
_OUTLYING = 2.5
# How far the minimum of the model may be from that of the truth: decades, and share of the width.
_MISFIT, _MISFIT_SHARE, _MISFIT_OWN = 0.04, 0.1, 0.005
# Above this F ratio shuffling need not be tried.
_CLEAR_F, _SHUFFLES = 12.0, 100
_QUARTER, _LEAST_UNIT = 0.25, 0.02
_TINY = 1e-12
_RULED_OUT = 1e9


@dataclass(slots=True)
class _Group:
    """One group made ready: v = log(excess + unit) at x, `weight` and what the grid allows."""

    x: Array
    v: Array
    weight: Array
    grid: Array
    forbidden: Array
    lowest: float
    unit: float
    diverged: int = 0


def fit(families: Mapping[F, Mapping[G, Points]]) -> dict[F, dict[G, Basin]]:
    """The basins of every family's groups; those with too few settings are left out.

    A family needs a group of `FEWEST_POINTS` settings whose costs are not all equal.
    """
    random = np.random.default_rng(0)
    ready = {k: found for k, groups in families.items() if (found := _ready(groups))}
    tables = {k: _weighed(groups) for k, groups in ready.items()}
    widths = {k: table.widths() for k, table in tables.items()}
    fitted: dict[F, dict[G, Basin]] = {}
    for key, table in tables.items():
        others = [w for other, w in widths.items() if other != key]
        uniform = 1 / len(_PAIRS)
        prior = (1 - _BORROWED) * uniform + _BORROWED * (
            np.mean(others, axis=0) if others else np.full(len(_PAIRS), uniform)
        )
        fitted[key] = _draws(table, np.log(prior), random)
    return fitted


def _ready(groups: Mapping[G, Points]) -> dict[G, _Group]:
    held = {k: p for k, p in groups.items() if len(p.x) >= _FEWEST_BESIDE and np.ptp(p.cost) > 0}
    if max((len(p.x) for p in held.values()), default=0) < FEWEST_POINTS:
        return {}
    excess = np.concatenate([p.cost - p.cost.min() for p in held.values()])
    spread = float(np.median(excess)) or float(excess.max())
    unit = max(float(np.quantile(excess, _QUARTER)), _LEAST_UNIT * spread)
    return {k: _group(p, unit) for k, p in held.items()}


def _group(points: Points, unit: float) -> _Group:
    order = np.argsort(points.x, kind="stable")
    if len(order) > _MOST_POINTS:
        order = order[np.linspace(0, len(order) - 1, _MOST_POINTS).astype(int)]
    x = points.x[order]
    grid = np.arange(x[0] - _BEYOND, x[-1] + _BEYOND + _STEP / 2, _STEP)
    forbidden = np.zeros_like(grid)
    beyond = points.diverged[points.diverged > x[-1]]
    if len(beyond):  # the best rate trains: it lies below rates from which every run diverged
        forbidden[grid > beyond.min()] = _RULED_OUT
    lowest = float(points.cost.min())
    v = np.log(points.cost[order] - lowest + unit)
    return _Group(x, v, points.weight[order], grid, forbidden, lowest, unit, len(points.diverged))


@dataclass(slots=True)
class _Weighed(Generic[G]):
    """A family with its outliers weighed down, and how likely its widths and best rates are."""

    groups: Mapping[G, _Group]
    variance: float
    likely: Mapping[G, Array]  # log, by pair of widths and best rate

    def widths(self) -> Array:
        """The probability of each pair of widths."""
        return _normalised(sum(_log_sum(one) for one in self.likely.values()))


def _weighed(groups: Mapping[G, _Group]) -> _Weighed[G]:
    residual = {k: _residuals(g, g.weight[None])[0][0] + g.forbidden for k, g in groups.items()}
    pair = int(np.argmin(sum(table.min(axis=1) for table in residual.values())))
    for key, group in groups.items():
        off = _off(group, pair, int(np.argmin(residual[key][pair])))
        spread = 1.4826 * np.median(np.abs(off)) * math.sqrt(len(off) / max(1, len(off) - 5))
        reach = _OUTLYING * max(spread, _PRIOR_SD / 2)
        group.weight = group.weight / (1 + (off / reach) ** 2)
    residual = {k: _residuals(g, g.weight[None])[0][0] + g.forbidden for k, g in groups.items()}
    least = float(np.min(sum(table.min(axis=1) for table in residual.values())))
    degrees = sum(len(g.x) for g in groups.values()) - 3 * len(groups) - 2
    prior = _PRIOR_WEIGHT * _PRIOR_SD**2
    variance = (least + prior) / (max(0, degrees) + _PRIOR_WEIGHT)
    likely = {k: -table / (2 * variance) for k, table in residual.items()}
    return _Weighed(groups, variance, likely)


def _residuals(
    group: _Group, weights: Array, pairs: Array = _PAIRS, columns: slice = slice(None)
) -> tuple[Array, Array, Array]:
    """By row of `weights`, pair of widths and best rate: residual squares, c and a."""
    v, grid = group.v, group.grid[columns]
    total = weights.sum(axis=1)[:, None]
    mean = (weights @ v)[:, None] / total
    about = np.maximum((weights @ v**2)[:, None] - total * mean**2, 0)
    d = group.x[:, None] - grid
    below, above = np.minimum(d, 0) ** 2, np.maximum(d, 0) ** 2
    shape = (len(weights), len(pairs), len(grid))
    left, level, slope = np.empty(shape), np.empty(shape), np.empty(shape)
    for i, (wide_left, wide_right) in enumerate(pairs):
        s = np.log1p(below / wide_left**2 + above / wide_right**2)
        ws = weights @ s
        square = weights @ s**2 - ws**2 / total
        product = (weights * v) @ s - ws * mean
        a = np.maximum(product, 0) / np.maximum(square, _TINY)
        left[:, i] = np.maximum(about - a * product, 0)
        level[:, i], slope[:, i] = mean - a * ws / total, a
    return left, level, slope


def _off(group: _Group, pair: int, at: int) -> Array:
    """The residuals of one shape."""
    d = group.x - group.grid[at]
    left, right = _PAIRS[pair]
    s = np.log1p((d / np.where(d < 0, left, right)) ** 2)
    columns = slice(at, at + 1)
    _, level, slope = _residuals(group, group.weight[None], _PAIRS[pair : pair + 1], columns)
    return np.asarray(group.v - level[0, 0, 0] - slope[0, 0, 0] * s)


def _draws(table: _Weighed[G], prior: Array, random: np.random.Generator) -> dict[G, Basin]:
    by_pair = _normalised(prior + sum(_log_sum(one) for one in table.likely.values()))
    kept = np.argsort(-by_pair)[:_KEPT_PAIRS]
    pairs = _PAIRS[kept]
    columns = {k: _likely_columns(one[kept]) for k, one in table.likely.items()}
    fits = {}
    for key, group in table.groups.items():
        weights = random.exponential(size=(_RESAMPLES, len(group.x))) * group.weight
        weights *= group.weight.sum() / weights.sum(axis=1, keepdims=True)
        left, level, slope = _residuals(group, weights, pairs, columns[key])
        likely = -(left + group.forbidden[columns[key]]) / (2 * table.variance)
        fits[key] = (likely, level, slope)
    of_pair = prior[kept] + sum(_log_sum(likely) for likely, _, _ in fits.values())
    draw = np.arange(_DRAWS) % _RESAMPLES
    pair = _chosen(of_pair[draw], random)
    misfit = random.standard_normal(_DRAWS) * (
        _MISFIT + _MISFIT_SHARE * np.minimum(pairs.min(axis=1), 1.0)[pair]
    )
    return {
        key: _basin(group, fits[key], columns[key], draw, pair, pairs, misfit, random)
        for key, group in table.groups.items()
    }


def _basin(
    group: _Group,
    fitted: tuple[Array, Array, Array],
    columns: slice,
    draw: Indices,
    pair: Indices,
    pairs: Array,
    misfit: Array,
    random: np.random.Generator,
) -> Basin:
    likely, level, slope = fitted
    at = _chosen(likely[draw, pair], random)
    m = group.grid[columns][at] + _STEP * (random.random(len(at)) - 0.5)
    m = m + misfit + _MISFIT_OWN * random.standard_normal(len(at))
    ends = group.grid[group.forbidden == 0]
    m = np.where(m > ends[-1], 2 * ends[-1] - m, m)
    depth, bottom = slope[draw, pair, at], np.exp(level[draw, pair, at])
    chance, noise = _chance(group)
    return Basin(
        m=m,
        left=pairs[pair, 0],
        right=pairs[pair, 1],
        depth=depth,
        bottom=bottom,
        noise=noise,
        chance=chance,
        lowest=group.lowest,
        unit=group.unit,
        points=len(group.x),
        tried=(float(group.x[0]), float(group.x[-1])),
        diverged=group.diverged,
    )


def _chance(group: _Group) -> tuple[float, float]:
    """How often shuffled trials fit as well; and the noise of a run near the bottom."""
    left, level, _ = _residuals(group, group.weight[None])
    table = left[0] + group.forbidden
    pair, at = np.unravel_index(np.argmin(table), table.shape)
    least = float(table[pair, at])
    off = _off(group, int(pair), int(at))
    c = float(level[0, pair, at])
    near = group.v < c + 1.0
    degrees = max(1.0, near.sum() * (1 - 5 / max(6, len(off))))
    noise = math.sqrt(float((off[near] ** 2).sum()) / degrees) * math.exp(c)
    weight = group.weight / group.weight.sum() * len(group.x)
    around = float((weight * (group.v - np.average(group.v, weights=weight)) ** 2).sum())
    ratio = ((around - least) / 4) / max(_TINY, least / max(1, len(off) - 5))
    if ratio > _CLEAR_F:
        return 0.0, noise
    random = np.random.default_rng(0)
    shuffled = np.array([group.v, *(random.permutation(group.v) for _ in range(_SHUFFLES))])
    explained = _explained(group, shuffled)
    return float(np.mean(explained >= explained[0])), noise


def _explained(group: _Group, values: Array) -> Array:
    """How much of the squares of each row of `values`, at the group's rates, a basin explains."""
    centred = values - values.mean(axis=1, keepdims=True)
    grid = group.grid[group.forbidden == 0][::4]
    d = group.x[:, None] - grid
    below, above = np.minimum(d, 0) ** 2, np.maximum(d, 0) ** 2
    most = np.zeros(len(values))
    for left, right in _PAIRS[::3]:
        s = np.log1p(below / left**2 + above / right**2)
        s -= s.mean(axis=0)
        product = np.maximum(centred @ s, 0)
        most = np.maximum(most, (product**2 / np.maximum((s**2).sum(axis=0), _TINY)).max(axis=1))
    return most


def _chosen(logs: Array, random: np.random.Generator) -> Indices:
    """For each row of unnormalised log probabilities an index drawn by them."""
    below = np.cumsum(np.exp(logs - logs.max(axis=1, keepdims=True)), axis=1)
    return np.asarray((below < random.random((len(logs), 1)) * below[:, -1:]).sum(axis=1))


def _likely_columns(likely: Array) -> slice:
    best = likely.max(axis=0)
    held = np.flatnonzero(best > best.max() - 10)
    return slice(int(held[0]), int(held[-1]) + 1)


def _log_sum(likely: Array) -> Array:
    """log of the sum over best rates, the last axis."""
    top = likely.max(axis=-1, keepdims=True)
    return np.asarray(top[..., 0] + np.log(np.exp(likely - top).sum(axis=-1)))


def _normalised(logs: Array | float) -> Array:
    scaled = np.exp(np.asarray(logs) - np.max(logs))
    return np.asarray(scaled / scaled.sum())
