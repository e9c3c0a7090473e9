"""From small runs to a large one: where the best learning rate goes as the scales of a run grow.

cells ← basins ← model     trials by their scales, where each group's best rate lies, how it moves
model ← backtest           the largest level of each scale, predicted from the smaller ones
model ← further            which further small runs would narrow the interval most
backtest, further ← answer     what to use for one run
"""

from lrsweep.analysis.transfer.answer import Answer, answer
from lrsweep.analysis.transfer.backtest import BackTest, back_test
from lrsweep.analysis.transfer.cells import Cell, cells_of
from lrsweep.analysis.transfer.model import Exponent, Prediction, Transfer, fit_transfer

__all__ = [
    "Answer",
    "BackTest",
    "Cell",
    "Exponent",
    "Prediction",
    "Transfer",
    "answer",
    "back_test",
    "cells_of",
    "fit_transfer",
]
