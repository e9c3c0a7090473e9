"""For training scripts: optimizers by name, batches on the device and the loop around them.

    from lrsweep.train import Examples, Parser, Recipe, fit, pick_device, seed_everything

    args = Parser().with_recipe().parse_args()
    seed_everything(args.seed)
    device = pick_device(args.device)
    fit(model.to(device), train, validation, loss=cross_entropy, recipe=Recipe.of(args))

The only room beside `studies/` that imports torch.
"""

from lrsweep.train.arguments import Parser
from lrsweep.train.devices import pick_device, seed_everything
from lrsweep.train.examples import Examples
from lrsweep.train.loop import FitResult, accuracy, fit
from lrsweep.train.optimizers import OPTIMIZERS, make_optimizer
from lrsweep.train.recipe import Recipe
from lrsweep.train.sequences import SequenceWarmup

__all__ = [
    "OPTIMIZERS",
    "Examples",
    "FitResult",
    "Parser",
    "Recipe",
    "SequenceWarmup",
    "accuracy",
    "fit",
    "make_optimizer",
    "pick_device",
    "seed_everything",
]
