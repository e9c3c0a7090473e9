"""A Hydra program; its configuration is hydra_config.yaml beside it."""

import time
from typing import Any

import hydra


@hydra.main(version_base=None, config_path=".", config_name="hydra_config")
def main(config: Any) -> None:
    assert list(config.model.layers) == [8, 4]
    weight = 0.0
    for epoch in range(1, config.trainer.max_epochs + 1):
        weight += 2 * config.optimizer.lr * (3 - weight)
        print(f"Epoch {epoch}/{config.trainer.max_epochs} - val/loss: {(3 - weight) ** 2:.4f}")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
