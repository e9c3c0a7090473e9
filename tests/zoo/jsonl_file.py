"""Writes a line of JSON an epoch, and prints only chatter."""

import argparse
import json
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--log", type=Path, required=True)
args = parser.parse_args()

weight = 0.0
for epoch in range(1, 11):
    weight += 2 * args.lr * (3 - weight)
    record = {"epoch": epoch, "eval": {"f1": 1 / (1 + (3 - weight) ** 2)}, "lr": args.lr}
    with args.log.open("a") as file:
        file.write(json.dumps(record) + "\n")
    print(f"saved a checkpoint after epoch {epoch}")
    time.sleep(0.05)
