"""How a script spells one of its options, as far as its source tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """`flag` is what sets it (`--batch-size`), `negation` what unsets a switch (`--no-nesterov`).

    `flag` is empty for a switch that is on by itself and can only be unset. A list is given as
    `--layers 64 32` where the option `takes_list`, as `--layers 64 --layers 32` where it `repeats`.
    """

    flag: str
    negation: str = ""
    takes_value: bool = False
    takes_list: bool = True
    repeats: bool = False
