"""Which trials need their output read, and what is looked for in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from lrsweep.capture import CaptureSpec, check_pattern
from lrsweep.capture.spec import Expected
from lrsweep.jobs.report_reader import CaptureOf
from lrsweep.plan import SweepPlan
from lrsweep.plan.source import script_of
from lrsweep.terms import is_batch_size
from lrsweep.trial import Job

_CLIENT = "lrsweep"
_IMPORTS = re.compile(rf"^\s*(?:import|from)\s+{_CLIENT}\b", re.MULTILINE)
# How many of a script's own modules are looked into.
_MOST_MODULES = 50


def capture_of(plan: SweepPlan) -> CaptureOf:
    """What to read of a job of `plan`; raises `PlanError` for a regex or a pattern that is wrong.

    Steps are turned into examples where the batch size is known, so that trials of different batch
    sizes are compared fairly.
    """
    settings, expected = plan.settings, Expected()
    CaptureSpec(plan.metric, settings.metric_regex, settings.metric_file)
    for pattern in settings.metric_file:
        check_pattern(pattern)
    asked_for = settings.metric_regex is not None or bool(settings.metric_file)
    script = script_of(plan.target.argv, Path(plan.target.cwd))
    client = not asked_for and script is not None and imports_client(script)

    def of_job(job: Job) -> CaptureSpec:
        sizes = (
            v for name, v in job.first.params.items() if is_batch_size(name) and isinstance(v, int)
        )
        return CaptureSpec(
            plan.metric,
            settings.metric_regex,
            settings.metric_file,
            next(sizes, None),
            client,
            expected,
        )

    return of_job


def imports_client(script: Path) -> bool:
    """Whether a script, or a module of its own that it imports, imports lrsweep."""
    waiting, seen = [script], {script}
    while waiting:
        path = waiting.pop()
        try:
            source = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        try:
            names = set(_imported(ast.parse(source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            if _IMPORTS.search(source):
                return True
            continue
        if any(name.partition(".")[0] == _CLIENT for name in names):
            return True
        for name in names:
            inner = script.parent.joinpath(*name.split("."))
            for found in (inner.with_suffix(".py"), inner / "__init__.py"):
                if found not in seen and len(seen) < _MOST_MODULES and found.is_file():
                    seen.add(found)
                    waiting.append(found)
    return False


def _imported(tree: ast.Module) -> Iterator[str]:
    """The names of the modules that are imported anywhere in a source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}".strip(".") for alias in node.names)
