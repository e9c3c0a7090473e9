"""JSON as every command prints it: named, versioned, strict, and safe to look at in a terminal."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

# Counts up when a field changes its meaning or goes; new fields may come at any time.
VERSION = 1

# JSON itself escapes only C0.
_CONTROL = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def json_text(kind: str, document: Mapping[str, Any]) -> str:
    """`document` as text, with `schema` as its first field: "lrsweep.report/1"."""
    named = {"schema": f"lrsweep.{kind}/{VERSION}"} | dict(document)
    text = json.dumps(named, indent=2, ensure_ascii=False, allow_nan=False)
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def json_number(value: float | None) -> float | None:
    """`value` where it is finite, otherwise None: JSON has neither NaN nor Infinity.

    So a diverged trial's value is null; its outcome says why.
    """
    return value if value is not None and math.isfinite(value) else None
