"""Writes scalars for TensorBoard and prints nothing."""

import argparse
import time

from torch.utils.tensorboard import SummaryWriter

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--logdir", required=True)
args = parser.parse_args()

weight = 0.0
with SummaryWriter(args.logdir) as writer:
    for step in range(10, 110, 10):
        weight += 2 * args.lr * (3 - weight)
        writer.add_scalar("loss/train", 0.9 * (3 - weight) ** 2, step)
        writer.add_scalar("loss/validation", (3 - weight) ** 2, step)
        writer.flush()
        time.sleep(0.05)
