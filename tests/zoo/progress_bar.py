"""Shows its metrics in tqdm's bar, which is drawn over and over on standard error."""

import argparse
import time

from tqdm import trange

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
lr = parser.parse_args().lr

weight = 0.0
bar = trange(10, desc="training", mininterval=0)
for _epoch in bar:
    weight += 2 * lr * (3 - weight)
    bar.set_postfix(val_loss=(3 - weight) ** 2)
    time.sleep(0.05)
