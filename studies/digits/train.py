"""Train a classifier of 8×8 handwritten digits: logistic regression, an MLP or a small CNN.

Runs by itself (`python train.py --lr 0.1 --model cnn`) and under a sweep
(`lrsweep run digits`). Copy it to begin your own study.
"""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import torch
from torch import nn

from lrsweep.train import Examples, Parser, Recipe, accuracy, fit, pick_device, seed_everything

DATA = Path(__file__).with_name("digits.u8.gz")
SPLIT_SEED = 0  # never the trial's seed: all trials are judged on the same digits


def load(device: torch.device) -> tuple[Examples, Examples, Examples]:
    """Training, validation and test digits (60, 20, 20 %): standardised inputs `(n, 1, 8, 8)`."""
    rows = torch.frombuffer(bytearray(gzip.decompress(DATA.read_bytes())), dtype=torch.uint8)
    rows = rows.view(-1, 65)  # 64 pixels of 0 … 16, then the digit
    pixels, digits = rows[:, :64].float().view(-1, 1, 8, 8), rows[:, 64].long()
    order = list(range(len(rows)))
    random.Random(SPLIT_SEED).shuffle(order)
    fifth = len(order) // 5
    test, validation, train = order[:fifth], order[fifth : 2 * fifth], order[2 * fifth :]
    pixels = (pixels - pixels[train].mean()) / pixels[train].std()
    every = Examples(pixels, digits).to(device)
    return every.select(train), every.select(validation), every.select(test)


def logreg() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 10),
    )


MODELS = {"logreg": logreg, "mlp": mlp, "cnn": cnn}


def main() -> None:
    parser = Parser(description=__doc__).with_recipe(epochs=10)
    parser.add_argument("--model", choices=tuple(MODELS), default="mlp", help="what to train")
    args = parser.parse_args()

    seed_everything(args.seed)
    device = pick_device(args.device)
    train, validation, test = load(device)
    fit(
        MODELS[args.model]().to(device),
        train,
        validation,
        test=test,
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": accuracy},
        recipe=Recipe.of(args),
    )


if __name__ == "__main__":
    main()
