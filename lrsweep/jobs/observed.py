"""What the observer wrote of an attempt, read when that has ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from lrsweep.protocol import EventReader, TrialFolder
from lrsweep.trial import TrialKey


def observed_facts(folder: str, key: TrialKey, study: str) -> Mapping[str, Any]:
    """What is known in all of the training of one attempt; empty where nothing was observed.

    `folder` is the trial's, `study` the identity of its study.
    """
    reader = EventReader(TrialFolder(folder).events, 0, key, study)
    deque(reader.read(), maxlen=0)
    return reader.facts
