"""Writes its metrics into the folder that it runs in, and prints nothing: every trial the same."""

import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
history = []
for epoch in range(1, 4):
    history.append({"epoch": epoch, "val_loss": abs(args.lr - 0.01) + 1 / epoch})
    with open("metrics.json", "w") as file:
        json.dump(history, file)
