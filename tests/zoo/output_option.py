"""Writes a table into the folder that an option names, the same by default for every trial."""

import argparse
import csv
import os

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--output-dir", default="results/run")
args = parser.parse_args()
os.makedirs(args.output_dir, exist_ok=True)
with open(os.path.join(args.output_dir, "log.csv"), "w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["epoch", "train_loss", "val_loss"])
    for epoch in range(1, 4):
        loss = abs(args.lr - 0.01) + 1 / epoch
        table.writerow([epoch, loss / 2, loss])
