"""What a target must show to be range-tested, and what it calls its learning rate."""

from __future__ import annotations

from lrsweep.plan import RunOptions
from lrsweep.plan.layers import merged
from lrsweep.plan.placeholders import placeholders
from lrsweep.plan.source import Source, find_source
from lrsweep.plan.targeting import script_in
from lrsweep.scripts import Script
from lrsweep.terms import is_learning_rate


def source_of(options: RunOptions) -> Source:
    """What `options` run; raises a `PlanError` where that cannot be found."""
    return find_source(options.target, options.command)


def trains_with_lrsweep(options: RunOptions) -> bool:
    """Whether the target surely trains through `lrsweep.train`, which runs range tests itself.

    Any other training with PyTorch is observed, and its rates are raised from outside.
    """
    script = _script(options, source_of(options))
    read = None if script is None else script.source
    return read is not None and read.trains_with_lrsweep


def rate_name(options: RunOptions) -> str:
    """What the target calls its learning rate: in its command, else in its source, else `lr`."""
    source = source_of(options)
    script = _script(options, source)
    names = [*placeholders(source.argv), *(p.name for p in (script.parameters if script else ()))]
    return next((name for name in names if is_learning_rate(name)), "lr")


def _script(options: RunOptions, source: Source) -> Script | None:
    return script_in(source, merged([options] if source.file is None else [options, source.file]))
