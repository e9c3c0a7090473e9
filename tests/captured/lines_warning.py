import argparse
import warnings

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
a = p.parse_args()


def mean(total: float, n: int) -> float:
    if n == 0:
        warnings.warn("empty batch", RuntimeWarning, stacklevel=2)
        return 0.0
    return total / n


loss = 0.5 * mean(0, 0)  # a warning in the warm-up prints this line to stderr
for epoch in range(1, 4):
    loss = abs(a.lr - 0.03) * 10 + 1 / epoch
    print(f"epoch {epoch} loss {loss:.4f}", flush=True)
