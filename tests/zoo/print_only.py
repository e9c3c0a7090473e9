"""Names no step, and takes its rate from the environment."""

import os
import time

lr = float(os.environ["LEARNING_RATE"])
weight = 0.0
for _epoch in range(10):
    weight += 2 * lr * (3 - weight)
    print("validation loss =", (3 - weight) ** 2)
    time.sleep(0.05)
