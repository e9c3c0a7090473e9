"""Command-line flags of training scripts: the recipe's, ready made, and either spelling of a name.

parser = Parser(description=__doc__).with_recipe(epochs=10)
parser.add_argument("--model", choices=("logreg", "mlp"))
args = parser.parse_args()
recipe = Recipe.of(args)
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from lrsweep.client import current_trial
from lrsweep.train.devices import DEVICES
from lrsweep.train.optimizers import OPTIMIZERS


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that takes `--batch_size` for `--batch-size` and never guesses a prefix.

    Parameters of a search space are Python names, flags have dashes; a script should not care.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", argparse.ArgumentDefaultsHelpFormatter)
        super().__init__(*args, **kwargs)

    def with_recipe(self, **defaults: Any) -> Parser:
        """Add a flag for each field of `Recipe`, and `--device`; `defaults` replace their own."""
        add = self.add_argument
        add("--lr", type=float, default=0.1, help="learning rate")
        add("--optimizer", choices=tuple(OPTIMIZERS), default="sgd", help="update rule")
        add("--batch-size", type=int, default=64, help="examples per optimizer step")
        add("--epochs", type=float, default=10, help="passes over the training examples")
        add("--weight-decay", type=float, help="the optimizer's own where it is not given")
        add("--evaluations", type=int, default=20, help="how often to evaluate and report")
        add("--seed", type=int, default=current_trial().seed, help="initial weights and order")
        add("--device", choices=DEVICES, default="auto", help="where to train")
        self.set_defaults(**defaults)
        return self

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        given = sys.argv[1:] if args is None else args
        return super().parse_known_args([_dashed(a) for a in given], namespace)


def _dashed(argument: str) -> str:
    if not argument.startswith("--"):
        return argument
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value
