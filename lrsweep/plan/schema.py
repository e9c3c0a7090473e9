"""The JSON schema of `sweep.toml`, by which editors complete and check it.

python -m lrsweep.plan.schema > lrsweep/plan/sweep.schema.json
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from lrsweep.plan.sweep_file import SweepFile

_LEFT_OUT = ("title", "default")
_PLAIN = (str, list, type(None))


def schema_text() -> str:
    """The text of `sweep.schema.json`, which is shipped beside this module."""
    schema: dict[str, Any] = TypeAdapter(SweepFile).json_schema()
    schema = _tidy(schema)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | schema | {"title": "sweep.toml"}, indent=2, ensure_ascii=False) + "\n"


def _tidy(node: Any) -> Any:
    """Without null, which TOML does not have, and without titles that repeat the key."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    tidy = {k: _tidy(v) for k, v in node.items() if k not in _LEFT_OUT or not isinstance(v, _PLAIN)}
    kinds = [kind for kind in tidy.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del tidy["anyOf"]
        tidy = kinds[0] | tidy
    elif kinds:
        tidy["anyOf"] = kinds
    return tidy


if __name__ == "__main__":
    print(schema_text(), end="")
