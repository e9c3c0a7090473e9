"""One parameter of a training script, as its source tells."""

from __future__ import annotations

from dataclasses import dataclass

from lrsweep.scripts.option import Option

Default = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name` is how a space names it, `option` how the script spells it on the command line.

    `default` is None where there is none or the source does not tell. `help` is the script's own.
    """

    name: str
    option: Option | None = None
    default: Default = None
    choices: tuple[str, ...] = ()
    help: str = ""
