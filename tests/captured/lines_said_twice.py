import argparse

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=0.1)
a = p.parse_args()
for s in (500, 1000):
    v = a.lr + 1 / s
    print(f"step {s} train loss: {v} test loss: {v}")
    print(f"test loss {v} is the best so far, saving model")
