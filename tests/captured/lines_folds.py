import argparse

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
a = p.parse_args()
tot = 0
for fold in range(1, 4):
    for e in range(1, 4):
        v = abs(a.lr - 0.03) * 10 + 0.3 / e + (0.5 if fold == 3 and a.lr < 0.02 else 0)
        print(f"fold {fold} epoch {e}/3 val_loss {v:.4f}", flush=True)
    tot += v
print(f"mean val_loss over folds: {tot / 3:.4f}")
