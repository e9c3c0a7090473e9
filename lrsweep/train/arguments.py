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
from dataclasses import fields
from typing import Any, NoReturn

from lrsweep.analysis.schedules import NAMES
from lrsweep.client import current_trial
from lrsweep.errors import InputError
from lrsweep.train.batch_size import SCALING_RULES
from lrsweep.train.devices import DEVICES, PRECISIONS
from lrsweep.train.optimizers import OPTIMIZERS
from lrsweep.train.recipe import COMPILE, Recipe


class _Help(argparse.ArgumentDefaultsHelpFormatter):
    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default is None else super()._get_help_string(action)


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that takes `--batch_size` for `--batch-size` and never guesses a prefix.

    Parameters of a search space are Python names, flags have dashes; a script should not care.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", _Help)
        super().__init__(*args, **kwargs)
        self._has_recipe = False

    def with_recipe(self, **defaults: Any) -> Parser:
        """Add a flag for each field of `Recipe`, and `--device`; `defaults` replace their own.

        What the recipe refuses is then a usage error of the script: one sentence, exit code 2.
        """
        self._has_recipe = True
        add = self.add_argument_group("training").add_argument
        add("--lr", type=float, default=0.1, help="learning rate")
        add("--optimizer", choices=tuple(OPTIMIZERS), default="sgd", help="update rule")
        add("--batch-size", type=int, help="examples per optimizer step")
        add("--epochs", type=float, help="passes over the training examples")
        add("--weight-decay", type=float, help="the optimizer's own where it is not given")
        add("--decay-norms", action=argparse.BooleanOptionalAction, help="decay biases and norms")
        add("--schedule", help=f"{', '.join(NAMES)}; settings follow as in wsd:decay=0.2")
        add("--warmup", help="a share of the training (0.05, 5%%) or a number of steps (100)")
        add("--scale-lr", choices=tuple(SCALING_RULES), help="carry --lr over from --base-batch")
        add("--base-batch", type=int, help="the batch size that --lr is meant for")
        add("--accumulate", type=int, help="micro-batches per step, which make up the batch size")
        add("--clip-norm", type=float, help="largest norm of the gradient")
        add("--precision", choices=PRECISIONS, help="number format of the forward pass")
        add("--patience", type=int, help="evaluations without a better loss before it ends")
        add("--layer-decay", type=float, help="rate per block away from the output; 0 freezes")
        add("--layer-rates", metavar="NAME=FACTOR,…", help="what multiplies the rate of modules")
        add("--unfreeze", type=float, help="share of the training after which a block thaws")
        add("--evaluations", type=int, help="how often to evaluate and report")
        add("--seed", type=int, default=current_trial().seed, help="initial weights and order")
        add("--compile", choices=COMPILE, help="torch.compile; off for short trials")
        add("--checkpoint-s", type=float, help="seconds between checkpoints")
        add("--range-test", metavar="LOW:HIGH:STEPS", help="raise the rate step by step instead")
        add("--device", choices=DEVICES, default="auto", help="where to train")
        self.set_defaults(**_recipe_defaults())
        self.set_defaults(**defaults)
        return self

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        given = sys.argv[1:] if args is None else args
        parsed, rest = super().parse_known_args([_dashed(a) for a in given], namespace)
        if self._has_recipe:
            try:
                Recipe.of(parsed)
            except InputError as error:
                self.error(error.message)
        return parsed, rest

    def error(self, message: str) -> NoReturn:
        """One sentence and exit code 2, without argparse's page of usage."""
        self.exit(2, f"{self.prog}: {message}\n")


def _recipe_defaults() -> dict[str, Any]:
    own = {"lr", "optimizer", "seed"}
    return {f.name: f.default for f in fields(Recipe) if f.name not in own}


def _dashed(argument: str) -> str:
    if not argument.startswith("--"):
        return argument
    name, equals, value = argument.partition("=")
    return name.replace("_", "-") + equals + value
