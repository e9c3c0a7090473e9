"""What recorded range tests found."""

from __future__ import annotations

import re

from lrsweep.analysis.found import Found
from lrsweep.errors import NotFound
from lrsweep.plan import RunOptions
from lrsweep.range_test.target import source_of
from lrsweep.storage_url import DEFAULT_STORAGE, shown
from lrsweep.store.read import StudyReader


def read_found(storage: str, study: str) -> tuple[Found, ...]:
    """The range tests of a study, in order of trial."""
    with StudyReader(storage) as reader:
        rows = reader.study(study)
        return tuple(Found.of(row, reader.curves(study, row.number)) for row in rows.trials)


def newest_found(options: RunOptions) -> tuple[str, tuple[Found, ...]]:
    """The study of the newest range tests of the target of `options`, and what they found.

    Only those that give a bracket. Raises `NotFound` where there is none.
    """
    storage, name = options.storage or DEFAULT_STORAGE, source_of(options).name
    test = re.compile(rf"{re.escape(name)}-find(-\d+)?")
    with StudyReader(storage) as reader:
        studies = [study for study in reader.names() if test.fullmatch(study)]
    for study in studies:
        found = tuple(one for one in read_found(storage, study) if one.test.bracket is not None)
        if found:
            return study, found
    raise NotFound(
        f"there is no range test of {name} with a bracket in {shown(storage)}",
        hint=f"run one first: lrsweep find {options.target or name}",
    )
