"""The three sentences a report begins with: what to use, how sure that is, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrsweep.analysis.groups import rate_of
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.statements import Finding, Statement
from lrsweep.analysis.wording import number, plain
from lrsweep.trial import Direction

# Which statements answer a question, the one that matters most first.
_SURE = (Finding.TOO_FEW, Finding.TIE, Finding.LEAD)
_NEXT = (
    Finding.NOTHING,
    Finding.NO_EFFECT,
    Finding.NOT_LEARNED,
    Finding.ALL_DIVERGED,
    Finding.EDGE,
    Finding.STILL_IMPROVING,
    Finding.OVERFITTING,
    Finding.UNSTEADY,
    Finding.CONFIRM,
)
_NOTHING_LEFT = "nothing in these trials asks for another sweep: train with it"


@dataclass(frozen=True, slots=True)
class Answer:
    """What to `use`, how `sure` that is, what comes `next`; `said` are the statements in it."""

    use: str
    sure: str
    next: str
    said: tuple[Statement, ...] = ()

    @property
    def copy(self) -> str:
        """What the next step adds to the space, in its grammar; empty for nothing."""
        return self.said[-1].copy if self.said else ""


def answer(land: Landscape, found: Sequence[Statement]) -> Answer:
    """The answer that `found`, the statements on `land`, support."""
    sure, following = _first(_SURE, found), _first(_NEXT, found)
    if not land.recommends:
        return Answer("", "", following.sentence if following else "", _held(following))
    return Answer(
        use=_use(land),
        sure=sure.sentence if sure else "",
        next=following.sentence if following else _NOTHING_LEFT,
        said=_held(sure, following),
    )


def _first(kinds: Sequence[Finding], found: Iterable[Statement]) -> Statement | None:
    among = [statement for statement in found if statement.kind in kinds]
    return min(among, key=lambda statement: kinds.index(statement.kind), default=None)


def _held(*statements: Statement | None) -> tuple[Statement, ...]:
    return tuple(statement for statement in statements if statement is not None)


def _use(land: Landscape) -> str:
    """ "lr 0.0186, optimizer adam, batch_size 32: val_loss 0.09115 (trial 8)"."""
    best = land.best
    assert best is not None
    assert land.winner is not None
    rate = rate_of(land.axes, best.params)
    rates = [axis.name for axis in land.axes if axis.rate(best.params) is not None]
    shown = dict.fromkeys((*rates, *land.parameters))
    settings = [
        f"{name} {number(rate, 3) if rate is not None and name in rates[:1] else plain(value)}"
        for name in shown
        if (value := best.params.get(name)) is not None
    ]
    mean = land.winner.cost * (1 if land.rows.direction is Direction.MINIMIZE else -1)
    runs = len(land.winner.runs)
    runs_of = f"trial {best.number}" if runs == 1 else f"mean of {runs} runs; trial {best.number}"
    value = f"{land.rows.metric} {number(mean)} ({runs_of})"
    return f"{', '.join(settings)}: {value}" if settings else value
