"""From what the user typed to one frozen `SweepPlan`: flags, `sweep.toml` and the target.

settings ← sweep_file, options      what can be said, and by whom
layers                              flags over presets over the file
source ← targeting                  what a trial runs, and how its parameters reach it
placeholders, template ← target ← model
build                               all of it together, checked
effective, schema                   a plan as TOML, the JSON schema of `sweep.toml`
"""

from lrsweep.plan.build import build_plan
from lrsweep.plan.bundled import BundledStudy, bundled_studies, find_bundled
from lrsweep.plan.effective import to_toml
from lrsweep.plan.model import SweepPlan
from lrsweep.plan.options import RunOptions, read_flags
from lrsweep.plan.target import Target

__all__ = [
    "BundledStudy",
    "RunOptions",
    "SweepPlan",
    "Target",
    "build_plan",
    "bundled_studies",
    "find_bundled",
    "read_flags",
    "to_toml",
]
