"""For training scripts: optimizers by name, batches on the device and the loop around them.

    from lrsweep.train import Examples, Parser, Recipe, fit, pick_device, seed_everything

    args = Parser().with_recipe().parse_args()
    seed_everything(args.seed)
    device = pick_device(args.device)
    train, validation = Examples(x, y).to(device), Examples(x_val, y_val).to(device)
    fit(model.to(device), train, validation, loss=cross_entropy, recipe=Recipe.of(args))

Scripts that keep their own loop take what they need: `make_optimizer`, `attach_schedule`,
`parameter_groups`. This is the only room beside `studies/` that imports torch.
"""

from lrsweep.train.arguments import Parser
from lrsweep.train.batch_size import scaled_lr
from lrsweep.train.devices import pick_device, seed_everything
from lrsweep.train.examples import Examples
from lrsweep.train.fine_tuning import GradualUnfreezing, layer_rates, parameter_groups
from lrsweep.train.loop import FitResult, accuracy, fit
from lrsweep.train.optimizers import OPTIMIZERS, make_optimizer
from lrsweep.train.recipe import Recipe
from lrsweep.train.schedules import attach_schedule
from lrsweep.train.sequences import SequenceWarmup

__all__ = [
    "OPTIMIZERS",
    "Examples",
    "FitResult",
    "GradualUnfreezing",
    "Parser",
    "Recipe",
    "SequenceWarmup",
    "accuracy",
    "attach_schedule",
    "fit",
    "layer_rates",
    "make_optimizer",
    "parameter_groups",
    "pick_device",
    "scaled_lr",
    "seed_everything",
]
