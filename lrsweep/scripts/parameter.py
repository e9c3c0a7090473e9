"""One parameter of a training script, and how its values are said, as far as its source tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lrsweep.space import Kind

StyleName = Literal[
    "argparse", "hydra", "keyvalue", "lightning", "none",
    "absl", "draccus", "equals", "fire", "gin", "omegaconf", "single", "yacs",
]  # fmt: skip
Default = bool | int | float | str | None
# The arguments that say one value: none where the option is left out, None where nothing says it.
Arguments = tuple[str, ...] | None
# How a list is given: `--x 1 2`, `--x 1 --x 2`, `--x=1,2`, as one literal `[1, 2]`, never, or in a
# way that the source does not show; empty where the style alone tells.
Many = Literal["", "items", "repeated", "commas", "literal", "never", "unclear"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name` is how a space names it, `flag` how the script spells it (`--batch-size`).

    `kind` is what the script takes, None where the source does not tell. `default` is None where
    there is none; `knows_default` says whether the source tells it. `said` holds the arguments that
    say true, false and None where they are not the ones of the style. `command` is the subcommand
    that has it, and `also` are other names that mean it.
    """

    name: str
    flag: str = ""
    kind: Kind | None = None
    default: Default = None
    knows_default: bool = False
    choices: tuple[str, ...] = ()
    many: Many = ""
    said: Mapping[bool | None, Arguments] | None = None
    command: str = ""
    also: tuple[str, ...] = ()
    help: str = ""
    style: StyleName | None = None
    required: bool = False

    @property
    def is_switch(self) -> bool:
        """Whether its option takes no value: it is there or not."""
        said = self.said or {}
        return self.kind == "bool" and (said.get(True) or ("", ""))[1:] == ()

    @property
    def default_number(self) -> int | float | None:
        """Its default where that is a number."""
        value = self.default
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def is_named(self, name: str) -> bool:
        """Whether `name` means it: dashes and underscores are the same."""
        return plain(name) in (plain(self.name), *map(plain, self.also))


def plain(name: str) -> str:
    """A name with its dashes as underscores."""
    return name.replace("-", "_")
