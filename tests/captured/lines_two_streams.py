import argparse
import sys
import time

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
a = p.parse_args()
for epoch in range(1, 3):
    for b in range(5):  # a progress bar on stderr, as tqdm draws it
        speed = f"[00:00<00:00, 9.1it/s, loss={2.0 + a.lr:.3f}]"
        sys.stderr.write(f"\rEpoch {epoch}:  {(b + 1) * 20}%|####      | {b + 1}/5 {speed}")
        sys.stderr.flush()
        time.sleep(0.1)
    sys.stderr.write("\n")
    print(f"epoch {epoch}: loss {abs(a.lr - 0.03) + 0.1 / epoch:.4f}", flush=True)
