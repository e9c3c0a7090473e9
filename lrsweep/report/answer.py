"""The three sentences a report begins with: what to use, how sure that is, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lrsweep.analysis.groups import rate_of
from lrsweep.analysis.landscape import Landscape
from lrsweep.analysis.statements import Finding, Statement
from lrsweep.analysis.wording import number, plain
from lrsweep.report.commands import next_command, resume_command
from lrsweep.report.intervals import interval_of
from lrsweep.report.parts import Sentence
from lrsweep.terms import printable
from lrsweep.trial import Direction, StudyRows

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
_NOTHING_LEFT = "Nothing in these trials asks for another sweep: train with it."
_MORE = "Run more trials before you conclude."


@dataclass(frozen=True, slots=True)
class Answer:
    """What to `use`, how `sure` that is, what comes `next`; `said` are the statements in it.

    Each is a sentence, or None where nothing can be said.
    """

    use: Sentence | None
    sure: Sentence | None
    next: Sentence | None
    said: tuple[Statement, ...] = ()

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(one for one in (self.use, self.sure, self.next) if one is not None)


def answer(land: Landscape, found: Sequence[Statement]) -> Answer:
    """The answer that `found`, the statements on `land`, support."""
    following = _first(_NEXT, found)
    if not land.recommends:
        sentence = sentence_of(land.rows, following, "Next") if following is not None else None
        return Answer(None, None, sentence, _held(following))
    sure = _first(_SURE, found)
    return Answer(
        use=Sentence(printable(_use(land)), "Use"),
        sure=sentence_of(land.rows, sure, "How sure") if sure is not None else None,
        next=sentence_of(land.rows, following, "Next") if following else _default(land, sure),
        said=_held(sure, following),
    )


def sentence_of(rows: StudyRows, statement: Statement, lead: str = "") -> Sentence:
    """A statement as a sentence, with the command that it ends in."""
    copy = statement.copy
    grammar = copy and not copy.startswith("lrsweep ") and not statement.sentence.endswith(".")
    text = f"{statement.sentence} {copy}." if grammar else statement.sentence
    return Sentence(printable(text), lead, next_command(rows, copy))


def _default(land: Landscape, sure: Statement | None) -> Sentence:
    if sure is None or sure.kind is not Finding.TOO_FEW:
        return Sentence(_NOTHING_LEFT, "Next")
    resume = resume_command(land.rows)
    return Sentence(_MORE, "Next", resume.line if resume else "")


def _first(kinds: Sequence[Finding], found: Iterable[Statement]) -> Statement | None:
    among = [statement for statement in found if statement.kind in kinds]
    return min(among, key=lambda statement: kinds.index(statement.kind), default=None)


def _held(*statements: Statement | None) -> tuple[Statement, ...]:
    return tuple(statement for statement in statements if statement is not None)


def settings_text(land: Landscape) -> str:
    """What the winner sets of what was searched, the rate first: "lr 0.0186, optimizer adam"."""
    best = land.best
    if best is None:
        return ""
    rate = rate_of(land.axes, best.params)
    rates = [axis.name for axis in land.axes if axis.rate(best.params) is not None]
    shown = dict.fromkeys((*rates, *land.parameters))
    settings = [
        f"{name} {number(rate, 3) if rate is not None and name in rates[:1] else plain(value)}"
        for name in shown
        if (value := best.params.get(name)) is not None
    ]
    return ", ".join(settings)


def _use(land: Landscape) -> str:
    """ "lr 0.0186, optimizer adam: val_loss 0.09115 (trial 8). The best lr lies in …"."""
    best = land.best
    assert best is not None
    assert land.winner is not None
    mean = land.winner.cost * (1 if land.rows.direction is Direction.MINIMIZE else -1)
    runs = len(land.winner.runs)
    runs_of = f"trial {best.number}" if runs == 1 else f"mean of {runs} runs; trial {best.number}"
    value = f"{land.rows.metric} {number(mean)} ({runs_of})"
    interval = interval_of(land, land.home)
    # A winner beside where the landscape has its best rate is no rate to give that interval to.
    lies = ""
    if interval is not None and interval.holds(rate_of(land.axes, best.params)):
        lies = f". The best {land.axes[0].name} lies in {interval.words} (90 %)"
    settings = settings_text(land)
    return f"{settings}: {value}{lies}." if settings else f"{value}."
