"""Pruners: which running trials to stop, from curves held in memory.

rule          a pruner is rules over curves
divergence    always on: a training that is lost whatever others do
rungs         median, the default: a bar that the first trials set, at three rungs
quantiles     optuna-median, percentile
halving       asha, hyperband
alone         patient, threshold: one trial, compared with no other
wilcoxon      for folds and seeds
"""

from __future__ import annotations

from lrsweep.search.curves import Curves
from lrsweep.search.pruners.alone import Patient, Threshold
from lrsweep.search.pruners.divergence import Divergence
from lrsweep.search.pruners.halving import Asha, Hyperband
from lrsweep.search.pruners.quantiles import OptunaMedian, Percentile
from lrsweep.search.pruners.rule import Rule, RulePruner
from lrsweep.search.pruners.rungs import SoftRungs
from lrsweep.search.pruners.wilcoxon import Wilcoxon
from lrsweep.settings.methods import PRUNERS, Method, parse_method
from lrsweep.trial import Direction

__all__ = ["RulePruner", "make_pruner"]


def make_pruner(text: str, direction: Direction, *, stop_diverged: bool = True) -> RulePruner:
    """The pruner that `text` writes, such as `median` or `asha:reduction=3,min=5%`."""
    rule = make_rule(parse_method(text, PRUNERS))
    rules: list[Rule] = [] if rule is None else [rule]
    return RulePruner(Curves(direction), rules, Divergence() if stop_diverged else None)


def make_rule(method: Method) -> Rule | None:
    """The rule of a pruner; None for `none`."""
    match method.name:
        case "median":
            return SoftRungs(
                startup=method.count("startup"),
                reference=method.count("reference"),
                tolerance=method.number("tolerance"),
            )
        case "optuna-median":
            return OptunaMedian(
                startup=method.count("startup"),
                warmup=method.number("warmup"),
                min_trials=method.count("min_trials"),
            )
        case "percentile":
            return Percentile(
                percentile=method.number("percentile"),
                startup=method.count("startup"),
                warmup=method.number("warmup"),
            )
        case "asha":
            return Asha(reduction=method.count("reduction"), lowest=method.number("min"))
        case "hyperband":
            return Hyperband(reduction=method.count("reduction"), lowest=method.number("min"))
        case "patient":
            return Patient(
                patience=method.count("patience"),
                min_delta=method.number("min_delta"),
                then=make_rule(parse_method(method.word("then"), PRUNERS)),
            )
        case "threshold":
            return Threshold(
                method.given("lower"), method.given("upper"), warmup=method.number("warmup")
            )
        case "wilcoxon":
            return Wilcoxon(p=method.number("p"), startup=method.count("startup"))
    return None
