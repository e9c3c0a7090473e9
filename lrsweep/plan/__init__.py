"""From what the user typed to one frozen `SweepPlan`: flags, `sweep.toml` and the target.

`target` says what a trial runs, `sweep_file` reads `sweep.toml`, `bundled` finds the studies that
come with lrsweep, `build` puts flags and file together and checks them.
"""

from lrsweep.plan.build import RunOptions, build_plan, parse_jobs
from lrsweep.plan.bundled import BundledStudy, bundled_studies, find_bundled
from lrsweep.plan.model import SweepPlan
from lrsweep.plan.target import Target

__all__ = [
    "BundledStudy",
    "RunOptions",
    "SweepPlan",
    "Target",
    "build_plan",
    "bundled_studies",
    "find_bundled",
    "parse_jobs",
]
