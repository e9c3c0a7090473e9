"""The style that the arguments of a command show, where its source does not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lrsweep.scripts.parameter import StyleName

_SHAPES: tuple[tuple[StyleName, re.Pattern[str]], ...] = (
    ("equals", re.compile(r"--[A-Za-z][\w.-]*=.*", re.S)),
    ("omegaconf", re.compile(r"[A-Za-z_][\w]*(?:\.\w+)*=.*", re.S)),
    ("single", re.compile(r"-[A-Za-z][A-Za-z_][\w.-]*")),
    ("argparse", re.compile(r"--[A-Za-z][\w.-]*")),
)
_KEY = re.compile(r"[A-Z][A-Z0-9_]*(?:\.[A-Z][A-Z0-9_]*)+")
# Of interpreters, which have options of their own before the script.
_SCRIPT = re.compile(r".*\.(?:py|sh|pl|rb|jl|R|lua|js)\Z")


def own_style(argv: Sequence[str]) -> StyleName | None:
    """`equals` of `--a=b`, `single` of `-lr`, `yacs` of `KEY VALUE`; None where none is shown."""
    script = next((i for i, word in enumerate(argv) if _SCRIPT.fullmatch(word)), 0)
    given = argv[script + 1 :]
    if any(map(_KEY.fullmatch, given)):
        return "yacs"
    for style, shape in _SHAPES:
        if any(map(shape.fullmatch, given)):
            return style
    return None
