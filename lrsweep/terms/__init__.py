"""What the field's names mean: of parameters, which one they set; of metrics, which way is better.

parameters    the learning rate, the optimizer, the batch size
metrics       losses and accuracies, and their words
ranking       which of several metrics a sweep is for
printable     names and texts of others, fit to be shown
"""

from lrsweep.terms.metrics import direction_of, is_gradient_norm, is_measure, tokens
from lrsweep.terms.parameters import (
    is_batch_size,
    is_learning_rate,
    is_main_rate,
    is_optimizer,
    is_training_batch_size,
    is_training_length,
    is_width,
)
from lrsweep.terms.printable import is_printable, printable, printable_lines

__all__ = [
    "direction_of",
    "is_batch_size",
    "is_gradient_norm",
    "is_learning_rate",
    "is_main_rate",
    "is_measure",
    "is_optimizer",
    "is_printable",
    "is_training_batch_size",
    "is_training_length",
    "is_width",
    "printable",
    "printable_lines",
    "tokens",
]
