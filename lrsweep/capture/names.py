"""Which of the names that a script shows is the metric that the user asked for.

A name is compared as written, then without regard to case and separators, then with the usual
spellings made one (`valid loss`, `val_loss`; `Test set: Average loss`, `test_loss`), and last
without the place where it was measured (`accuracy` for `test_set/accuracy`). The first of these
that finds a name decides; where it finds several, nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

from lrsweep.capture.vocabulary import FILLERS, canonical_words
from lrsweep.errors import PlanError
from lrsweep.terms import is_measure
from lrsweep.terms.metrics import tokens

_SHOWN = 8


def canonical(name: str) -> tuple[str, ...]:
    """The words of a name with spellings made one and fillers left out; never empty for a name."""
    words = canonical_words(name)
    return tuple(word for word in words if word not in FILLERS) or words


def _measured(name: str) -> tuple[str, ...]:
    return canonical(name.rpartition("/")[2])


_COMPARISONS: tuple[Callable[[str, str], bool], ...] = (
    lambda wanted, name: wanted == name,
    lambda wanted, name: tokens(wanted) == tokens(name) != (),
    lambda wanted, name: canonical(wanted) == canonical(name) != (),
    lambda wanted, name: "/" in name and canonical(wanted) == _measured(name) != (),
)


def meant_by(wanted: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that `wanted` may mean: none, the one, or several equally good ones."""
    seen = tuple(names)
    for same in _COMPARISONS:
        if found := tuple(name for name in seen if same(wanted, name)):
            return found
    return ()


def find_metric(wanted: str, names: Iterable[str]) -> str:
    """The one name that `wanted` means.

    Raises `PlanError` where the script shows no such name, or where several fit; the sentence lists
    those that exist, the nearest first.
    """
    seen = tuple(names)
    found = meant_by(wanted, seen)
    if len(found) == 1:
        return found[0]
    if found:
        raise ambiguous(wanted, found)
    if not seen:
        raise PlanError(
            f"no metric {wanted!r}: nothing that the script prints or writes looks like a metric",
            hint="print it as 'val_loss: 0.43', or name its form with --metric-regex",
        )
    ranked = nearest(wanted, seen)
    others = f" and {len(ranked) - _SHOWN} more" if len(ranked) > _SHOWN else ""
    raise PlanError(
        f"no metric {wanted!r}: the script shows {', '.join(ranked[:_SHOWN])}{others}",
        hint=f"--metric {ranked[0]}" if _alike(wanted, ranked[0]) else None,
    )


def _alike(a: str, b: str) -> bool:
    return not set(canonical(a)).isdisjoint(canonical(b))


def ambiguous(wanted: str, found: Iterable[str]) -> PlanError:
    """The error for a metric that several names fit."""
    names = tuple(found)
    return PlanError(
        f"metric {wanted!r} may mean {' or '.join(names)}; name one of them",
        hint=f"--metric {names[0]}",
    )


def nearest(wanted: str, names: Iterable[str]) -> list[str]:
    """Names by likeness to `wanted`, measures of quality before other numbers."""
    words = set(canonical(wanted))
    text = " ".join(canonical(wanted))

    def likeness(name: str) -> tuple[float, bool, float]:
        own = canonical(name)
        letters = SequenceMatcher(None, text, " ".join(own)).ratio()
        return (len(words.intersection(own)), is_measure(name), letters)

    return sorted(names, key=likeness, reverse=True)
