"""Takes its parameters as nanoGPT does: globals that configurator.py overrides."""

import time

learning_rate = 6e-4
batch_size = 12
max_iters = 500
eval_interval = 50
compile = True

exec(open("configurator.py").read())  # noqa: SIM115

weight = 0.0
for step in range(0, max_iters, eval_interval):
    loss = (3 - weight) ** 2
    print(f"step {step}: train loss {0.9 * loss:.4f}, val loss {loss:.4f}")
    print(f"iter {step}: loss {0.9 * loss:.4f}, time 12.34ms, mfu -100.00%")
    weight += 2 * learning_rate * (3 - weight)
    time.sleep(0.05)
