"""The landscape in sentences: each one a kind, its numbers, and a line to copy where one helps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lrsweep.analysis.comparison import Confirmed
from lrsweep.analysis.diagnosis import Diagnosis
from lrsweep.analysis.divergence import Divergence, DivergenceEdge
from lrsweep.analysis.labels import Label
from lrsweep.analysis.landscape import Band, Landscape, Tie
from lrsweep.analysis.located import Located
from lrsweep.analysis.scaling import Scaling
from lrsweep.analysis.settings import Setting
from lrsweep.analysis.wording import counted, listed, number, percent, plain
from lrsweep.shell_lines import shell_line
from lrsweep.storage_url import storage_option
from lrsweep.terms import is_batch_size
from lrsweep.trial import Direction, Outcome

# An interval of the best rate that is wider than this, high by low, wants more trials.
_WIDE = 5.0
# A power of the batch size below this changes the rate by less than a factor of 2 over 16 of it.
_HARDLY = 0.25
# Rates closer than this, one by the other, tell the same.
_CLOSE_BY = 1.6
# How far off a rate is whose cost is told.
_FACTOR = 3.0


class Finding(StrEnum):
    """What a statement is about."""

    NOTHING = "nothing"
    NO_EFFECT = "no_effect"
    NOT_LEARNED = "not_learned"
    ALL_DIVERGED = "all_diverged"
    TOO_FEW = "too_few"
    TIE = "tie"
    LEAD = "lead"
    REPEATS = "repeats"
    CONFIRM = "confirm"
    RATE = "rate"
    BAND = "band"
    SENSITIVITY = "sensitivity"
    FLAT = "flat"
    SLOWNESS = "slowness"
    PRUNING = "pruning"
    SCALING = "scaling"
    STILL_IMPROVING = "still_improving"
    OVERFITTING = "overfitting"
    UNSTEADY = "unsteady"
    EDGE = "edge"
    DIVERGED = "diverged"
    OUT_OF_MEMORY = "out_of_memory"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing the data supports.

    `copy` is a line to copy, or empty: text of the space's grammar, or a command of lrsweep.
    """

    kind: Finding
    sentence: str
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)
    copy: str = ""


def statements(land: Landscape) -> tuple[Statement, ...]:
    """What `land` supports, the most important first."""
    makers: tuple[Callable[[Landscape], Iterator[Statement]], ...] = (
        _nothing,
        _no_effect,
        _not_learned,
        *(_MAKERS if land.recommends else ()),
        _diverged,
        _out_of_memory,
        _failed,
        _too_few,
        _confirm,
    )
    return tuple(statement for maker in makers for statement in maker(land))


def _no_effect(land: Landscape) -> Iterator[Statement]:
    if not land.without_effect or land.best is None:
        return
    names = listed(land.without_effect)
    count = len(land.without_effect)
    text = f"{names} made no difference: trials that differ in nothing else ended exactly equal"
    if len({cost for one in land.settings for cost in one.costs}) == 1:
        runs = land.outcomes.get(Outcome.COMPLETED, 0)
        value = number(land.best.value or 0.0)
        text = f"{names} made no difference: all {runs} trials ended at {value}"
    text += f". {'It seems' if count == 1 else 'They seem'} not to reach the script"
    text += "." if land.recommends else "; nothing is recommended."
    yield Statement(Finding.NO_EFFECT, text, {"parameters": ", ".join(land.without_effect)})


def _not_learned(land: Landscape) -> Iterator[Statement]:
    if land.learned or land.gain is None:
        return
    rate = land.axes[0].name if land.axes else "rate"
    sign = 1 if land.rows.direction is Direction.MINIMIZE else -1
    untrained, best = sign * land.gain.untrained, sign * land.gain.best
    text = (
        f"No {rate} learned: the best {land.rows.metric}, {number(best)}, is within chance of "
        f"{number(untrained)}, that of the untrained model. Train longer, search other rates, and "
        f"check that data, labels and loss belong together."
    )
    yield Statement(Finding.NOT_LEARNED, text, {"untrained": untrained, "best": best})


def _nothing(land: Landscape) -> Iterator[Statement]:
    if land.best is not None:
        return
    ended = {outcome: n for outcome, n in land.outcomes.items() if outcome is not None}
    total = sum(ended.values())
    if total and ended.get(Outcome.DIVERGED) == total:
        lowest = land.divergence.lowest if land.divergence else None
        if lowest is None:
            text = f"Every trial diverged ({total} of {total})."
            yield Statement(Finding.ALL_DIVERGED, text, {"trials": total})
            return
        text = (
            f"Every trial diverged ({total} of {total}), the lowest at "
            f"{land.axes[0].name} {number(lowest, 3)}: lower the range to"
        )
        numbers = {"trials": total, "lowest": lowest}
        yield Statement(Finding.ALL_DIVERGED, text, numbers, land.axes[0].lowered(lowest))
        return
    text = "No trial has ended yet."
    if total:
        parts = listed([f"{n} {_said(outcome)}" for outcome, n in sorted(ended.items())])
        text = f"No trial completed with a finite {land.rows.metric}: {parts}."
    yield Statement(Finding.NOTHING, text, {"ended": total})


def _flat(land: Landscape) -> Iterator[Statement]:
    if land.rate_matters:
        return
    name, axis = land.axes[0].name, land.axes[0]
    done = land.outcomes.get(Outcome.COMPLETED, 0)
    text = (
        f"{name} made no difference that stands out from chance, in {done} trials from "
        f"{number(axis.low)} to {number(axis.high)}: does it reach the script, and does the "
        f"objective depend on training?"
    )
    yield Statement(Finding.FLAT, text, {"completed": done})


def _edges(land: Landscape) -> Iterator[Statement]:
    for edge in land.edges:
        whose = f"With {listed(edge.places)} the" if edge.places else "The"
        text = (
            f"{whose} best {edge.axis.name} lies at the {edge.side} edge of the space or beyond "
            f"({number(edge.axis.low)} … {number(edge.axis.high)}): widen it to"
        )
        numbers: dict[str, float | int | str] = {"low": edge.axis.low, "high": edge.axis.high}
        numbers["places"] = ", ".join(edge.places)
        yield Statement(Finding.EDGE, text, numbers, edge.axis.widened(edge.side))


def _curve(land: Landscape) -> Iterator[Statement]:
    """What the loss curve of the best trial asks for; nothing where it is as it should be."""
    if land.look is None or land.best is None:
        return
    best, look = land.best.number, land.look
    rate = land.axes[0].name if land.axes else "learning rate"
    if look.label is Label.STILL_IMPROVING and look.falls:
        yield _still_improving(best, look, rate)
    elif look.label is Label.OVERFITTING:
        yield _overfits(best, look)
    elif look.label in (Label.OSCILLATING, Label.SPIKING):
        text = (
            f"In the best, trial {best}, {look.gloss}: a lower {rate} or a warm-up may be steadier."
        )
        yield Statement(Finding.UNSTEADY, text, {"best": best, "curve": look.label.value})
    elif look.label is Label.UNSTABLE:
        text = (
            f"In the best, trial {best}, the validation swings from one evaluation to the next, so "
            f"that its last value is partly luck: a lower or decaying {rate}, averaged weights or "
            f"a larger validation set may steady it."
        )
        yield Statement(Finding.UNSTEADY, text, {"best": best, "curve": look.label.value})


def _still_improving(best: int, look: Diagnosis, rate: str) -> Statement:
    text = (
        f"The best, trial {best}, was still improving: its {look.metric} fell from "
        f"{number(look.before)} in the third quarter to {number(look.late)} in the last. Train "
        f"longer before you conclude; the best {rate} may change with the budget."
    )
    numbers = {"best": best, "before": look.before, "late": look.late}
    return Statement(Finding.STILL_IMPROVING, text, numbers)


def _overfits(best: int, look: Diagnosis) -> Statement:
    turn = look.turn
    assert turn is not None
    text = (
        f"The best, trial {best}, overfits: {look.gloss}, with {look.metric} at "
        f"{number(turn.training)}, a gap of {number(turn.gap, 2)}. Early stopping or "
        f"regularization may help."
    )
    numbers = {"best": best, "lowest": turn.lowest, "step": turn.step, "gap": turn.gap}
    return Statement(Finding.OVERFITTING, text, numbers)


def _tie(land: Landscape) -> Iterator[Statement]:
    if land.confirmed is not None:
        yield _confirmed(land, land.confirmed)
    elif land.tie is not None and land.best is not None:
        if land.tie.settings:
            yield _tied(land.best.number, land.tie)
        elif land.enough and land.tie.runner_up is not None:
            yield _lead(land.best.number, land.tie)


def _confirmed(land: Landscape, found: Confirmed) -> Statement:
    sign = 1 if land.rows.direction is Direction.MINIMIZE else -1
    means = [sign * mean for mean in found.means]
    shown = [_short(one, land) for one in found.settings]
    numbers = {"settings": len(found.settings), "seeds": found.seeds, "tied": found.tied}
    runs = f"{len(found.settings)} settings ran {found.seeds} shared seeds"
    if len({cost for costs in found.costs for cost in costs}) == len(set(found.means)):
        text = f"{runs}, and every seed gave the same: the seed does not seem to reach the script."
        return Statement(Finding.TIE, text, numbers)
    if found.tied == 1:
        text = (
            f"{runs}: {shown[0]} is best, {land.rows.metric} {number(means[0])} on average, ahead "
            f"of {shown[1]} with {number(means[1])} by more than chance (95 %)."
        )
        return Statement(Finding.LEAD, text, numbers)
    level = [f"{name} ({number(m)})" for name, m in zip(shown, means, strict=True)][: found.tied]
    text = f"{runs}: {listed(level)} cannot be told apart (95 %)"
    worse = len(found.settings) - found.tied
    text += f"; {counted(worse, 'other')} {_be(worse)} worse." if worse else "."
    return Statement(Finding.TIE, text, numbers)


def _short(one: Setting, land: Landscape) -> str:
    """ "lr=0.0316 optimizer=sgd": what tells a setting from the others that were searched."""
    names = [n for n in one.params if n in land.parameters]
    return " ".join(f"{n}={plain(one.params[n])}" for n in names)


def _tied(best: int, tie: Tie) -> Statement:
    count = len(tie.settings)
    numbers = {"best": best, "tied": count, "tolerance": tie.tolerance}
    trials = listed([one.shown.number for one in tie.settings])
    who = f"{'Trial' if count == 1 else 'Trials'} {trials}"
    if tie.noise is None and tie.scatter is None:
        text = f"{who} {_be(count)} within 1 % of the gain of the best, trial {best}: "
        text += "call it a tie."
    else:
        text = (
            f"{who} cannot be told from the best, trial {best}: runs of one setting differ by "
            f"{number(tie.tolerance, 2)} by chance alone ({_measured(tie)})."
        )
    return Statement(Finding.TIE, text, numbers)


def _lead(best: int, tie: Tie) -> Statement:
    assert tie.runner_up is not None
    if tie.noise is None and tie.scatter is None:
        text = f"No other trial comes within 1 % of the gain of the best, trial {best}"
        text += "; how much a run varies by chance was not measured."
    else:
        text = (
            f"Trial {best} is ahead by more than the {number(tie.tolerance, 2)} that runs of one "
            f"setting differ by chance ({_measured(tie)})."
        )
    numbers = {
        "best": best,
        "runner_up": tie.runner_up.shown.number,
        "tolerance": tie.tolerance,
    }
    return Statement(Finding.LEAD, text, numbers)


def _measured(tie: Tie) -> str:
    if tie.noise is None:
        return "from how runs scatter about a smooth curve, 95 %"
    settings = counted(tie.noise.settings, "setting")
    return f"{tie.noise.runs} runs of {settings}, 95 %"


def _repeats(land: Landscape) -> Iterator[Statement]:
    if land.repeats is None:
        return
    values = land.repeats.values
    text = (
        f"The best setting ran {len(values)} times: {land.rows.metric} "
        f"{number(values[0])} … {number(values[-1])}, mean {number(land.repeats.mean)}."
    )
    numbers = {"runs": len(values), "mean": land.repeats.mean}
    yield Statement(Finding.REPEATS, text, numbers)


def _where(land: Landscape, home: Located) -> str:
    """ "With sgd at batch_size 64 the", or "The"."""
    size = home.place.batch_size
    at = f" at {land.batch_size} {size:g}" if size is not None else ""
    if home.place.kind:
        return f"With {home.place.kind}{at} the"
    return f"At{at.removeprefix(' at')} the" if at else "The"


def _rate(land: Landscape) -> Iterator[Statement]:
    """The best rate with its interval; where that is wide, the rates that would settle it."""
    home = land.home
    if home is None or home.basin is None or not home.basin.matters or home.edge is not None:
        return
    ends = [10**end for end in home.basin.interval()]
    low, high, best = (
        min(max(rate, home.axis.low), home.axis.high) for rate in (*ends, 10**home.basin.best)
    )
    name = home.axis.name
    tried = None if land.best is None else home.axis.rate(land.best.params)
    if tried is None or low <= tried <= high:
        text = f"{_where(land, home)} best {name} is {number(best, 2)}, "
        text += f"between {number(low, 2)} and {number(high, 2)} (90 %)"
    else:
        # The basin does not hold the best trial: its shape may be wrong, and so may the trial.
        low, high = min(low, tried), max(high, tried)
        text = f"{_where(land, home)} best {name} lies between {number(low, 2)} and "
        text += (
            f"{number(high, 2)}, as far as the trend over all rates ({number(best, 2)}) and the "
        )
        text += f"best trial ({number(tried, 2)}) agree"
    numbers = {"best": best, "low": low, "high": high}
    if high > _WIDE * low:
        rates = [low * (high / low) ** (i / 4) for i in (1, 2, 3)]
        listing = ",".join(number(rate, 2) for rate in rates)
        text += f"; trials at {listed([number(rate, 2) for rate in rates])} would narrow that."
        yield Statement(Finding.RATE, text, numbers, f"{home.axis.label}={listing}")
        return
    yield Statement(Finding.RATE, f"{text}.", numbers)


def _band(land: Landscape) -> Iterator[Statement]:
    """How far the rate may be from the best one, for as much as that costs."""
    home, bands = land.home, land.bands
    if home is None or not bands or not land.enough or home.edge is not None:
        return
    first, *others = (f"from {_span(band)} {{cost}}{_within(band)}" for band in bands)
    parts = [first.format(cost="cost "), *(other.format(cost="") for other in others)]
    where = _where(land, home).removesuffix("the").removesuffix("The").strip()
    values = f"{where}, values" if where else "Values"
    text = f"{values} of {home.axis.name} {'; '.join(parts)}."
    numbers: dict[str, float | int | str] = {}
    for band in bands:
        name = "noise" if band.share is None else f"{100 * band.share:.0f} %"
        numbers |= {f"{name} low": band.low, f"{name} high": band.high}
    yield Statement(Finding.BAND, text, numbers)


def _within(band: Band) -> str:
    if band.share is None:
        return f"less than a run varies ({number(band.reach, 2)})"
    return f"at most {percent(band.share)} of the gain"


def _span(band: Band) -> str:
    low, high = number(band.low, 2), number(band.high, 2)
    below = " or less" if band.open_low else ""
    above = " or more" if band.open_high else ""
    return f"{low}{below} to {high}{above}"


def _sensitivity(land: Landscape) -> Iterator[Statement]:
    home, gain = land.home, land.gain
    if home is None or gain is None or not gain.full or home.edge is not None:
        return
    if home.basin is None or not home.basin.matters or not land.enough:
        return
    below, above = home.basin.asymmetry(_FACTOR)
    costs = [min(1.0, cost / gain.full) for cost in (below, above)]
    sensitivity = home.basin.sensitivity(gain.untrained)
    explodes = home.diverged and 10**home.basin.best * _FACTOR >= home.diverged[0]
    high = "may diverge" if explodes else f"loses {percent(costs[1])}"
    text = (
        f"{_where(land, home)} {home.axis.name} that is {_FACTOR:g} times too low loses "
        f"{percent(costs[0])} of the gain, one that is {_FACTOR:g} times too high {high}."
    )
    numbers = {"too_low": below, "too_high": above, "sensitivity": sensitivity}
    yield Statement(Finding.SENSITIVITY, text, numbers)


def _scaling(land: Landscape) -> Iterator[Statement]:
    rate, size = land.axes[0].name if land.axes else "", land.batch_size or ""
    for law in land.scalings:
        whose = f"With {law.kind} the" if law.kind else "The"
        text = (
            f"{whose} best {rate} goes as {size} to the power of {number(law.exponent, 2)} "
            f"({number(law.low, 2)} … {number(law.high, 2)}, 90 %): {_rule(law, size)}."
        )
        numbers = {"exponent": law.exponent, "low": law.low, "high": law.high}
        yield Statement(Finding.SCALING, text, numbers)


def _rule(law: Scaling, size: str) -> str:
    if len(law.rules) > 1:
        names = {0.0: "0", 0.5: "½", 1.0: "1"}
        rules = " from ".join((names[law.rules[0]], names[law.rules[-1]]))
        if len(law.rules) == 3:
            rules = "0 from ½ or 1"
        text = f"this cannot tell {rules} yet"
        if law.more:
            ends = f"{law.sizes[0]:g} and {law.sizes[-1]:g}"
            text += f"; about {law.more} more trials at {size} {ends} would"
        return text
    if law.allows(0):
        weak = max(-law.low, law.high) < _HARDLY
        return f"it does not depend on {size}" if weak else "less than a square root, if at all"
    if law.allows(1):
        return "the linear rule fits"
    if law.allows(0.5):
        return "the square-root rule fits"
    return "neither the linear nor the square-root rule"


def _diverged(land: Landscape) -> Iterator[Statement]:
    if land.divergence is not None and land.best is not None:
        yield _divergence_statement(land.divergence)


def _divergence_statement(div: Divergence) -> Statement:
    share = div.diverged / div.trained
    text = f"{div.diverged} of {counted(div.trained, 'trial')} diverged ({percent(share)})"
    numbers: dict[str, float | int | str] = {"diverged": div.diverged, "trained": div.trained}
    parts = [_edge_of_divergence(edge, div.name) for edge in div.edges]
    if parts:
        text += f": {'; '.join(parts)}"
    if div.lowest is not None:
        numbers["lowest"] = div.lowest
    all_from = [edge.all_from for edge in div.edges if edge.all_from is not None]
    if all_from:
        numbers["all_from"] = max(all_from)
    return Statement(Finding.DIVERGED, f"{text}.", numbers)


def _edge_of_divergence(edge: DivergenceEdge, name: str) -> str:
    first = number(edge.first, 3)
    start = f"with {edge.kind} " if edge.kind else ""
    if edge.sharp:
        held = f", none up to {number(edge.held, 3)}" if edge.held is not None else ""
        return f"{start}all from {name} {first} up{held}"
    if edge.all_from is None:
        return f"{start}some from {name} {first} up"
    return f"{start}some from {name} {first}, all from {number(edge.all_from, 3)} up"


def _out_of_memory(land: Landscape) -> Iterator[Statement]:
    count = land.outcomes.get(Outcome.OUT_OF_MEMORY, 0)
    if not count:
        return
    sizes = [
        (value, name)
        for trial in land.rows.trials
        if trial.outcome is Outcome.OUT_OF_MEMORY
        for name, value in trial.params.items()
        if is_batch_size(name) and not isinstance(value, str)
    ]
    where = "".join(f", from {name} {value} up" for value, name in sorted(sizes)[:1])
    text = f"{counted(count, 'trial')} ran out of memory{where}."
    yield Statement(Finding.OUT_OF_MEMORY, text, {"trials": count})


def _failed(land: Landscape) -> Iterator[Statement]:
    failed = [t for t in land.rows.trials if t.outcome is not None and t.outcome.failed]
    if not failed:
        return
    kinds = Counter(_said(trial.outcome) for trial in failed if trial.outcome is not None)
    reasons = Counter(trial.reason for trial in failed if trial.reason)
    text = f"{listed([f'{n} {kind}' for kind, n in kinds.items()])}"
    if reasons:
        reason, count = reasons.most_common(1)[0]
        first = next(trial.number for trial in failed if trial.reason == reason)
        others = f" and {counted(count - 1, 'other')}" if count > 1 else ""
        text += f"; trial {first}{others}: {reason}"
    numbers = {"failed": len(failed), "first": failed[0].number}
    yield Statement(Finding.FAILED, text, numbers)


def _too_few(land: Landscape) -> Iterator[Statement]:
    if land.best is None or land.enough:
        return
    done = land.outcomes.get(Outcome.COMPLETED, 0)
    over = f" over {len(land.parameters)} parameters" if len(land.parameters) > 1 else ""
    text = f"{counted(done, 'completed trial')}{over}: too few to say how wide the good range is"
    home = land.home
    if home is None or land.winner is None:
        yield Statement(Finding.TOO_FEW, f"{text}.", {"completed": done})
        return
    rates = [number(rate, 2) for rate in _untried(home, home.rate(land.winner))]
    if rates:
        text += f"; {home.axis.name} {listed(rates)} would tell"
    copy = f"{home.axis.label}={','.join(rates)}" if len(rates) > 1 else ""
    yield Statement(Finding.TOO_FEW, f"{text}.", {"completed": done}, copy)


def _untried(home: Located, best: float) -> list[float]:
    """Rates about the best one that nothing was tried near, within the space."""
    tried = [home.rate(one) for one in home.settings] + list(home.diverged)
    return [
        rate
        for rate in (best / 10, best / _FACTOR, best * _FACTOR, best * 10)
        if home.axis.low <= rate <= home.axis.high
        and all(not 1 / _CLOSE_BY < rate / other < _CLOSE_BY for other in tried)
    ]


def _confirm(land: Landscape) -> Iterator[Statement]:
    """The last statement, until the best settings ran again with shared seeds."""
    if not land.recommends or land.confirmed is not None or len(land.settings) < 2:
        return
    top, seeds, rows = min(3, len(land.settings)), 5, land.rows
    options = ["--top", str(top), "--seeds", str(seeds), *storage_option(rows.storage)]
    # A name that begins with a dash would be taken for an option.
    dashed = rows.name.startswith("-")
    words = [*options, "--", rows.name] if dashed else [rows.name, *options]
    text = (
        f"Whether the best is more than luck shows when the best {top} run again with new seeds, "
        f"shared between them:"
    )
    copy = shell_line(["lrsweep", "confirm", *words])
    yield Statement(Finding.CONFIRM, text, {"top": top, "seeds": seeds}, copy)


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _said(outcome: Outcome) -> str:
    return outcome.value.replace("_", " ")


_MAKERS = (
    _flat,
    _edges,
    _rate,
    _curve,
    _tie,
    _repeats,
    _band,
    _sensitivity,
    _scaling,
)
