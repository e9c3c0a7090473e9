"""The peer of digits_24.py: Ray Tune with actors that are used again, in which imports are done.

    python benchmarks/ray_tune.py SCRIPT JOBS < trials.json

`trials.json` is a list of parameter sets. The script's own `main` runs in the actor, with the
actor's share of the cores; the last validation loss that it prints is the objective.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
import sys
from typing import Any

os.environ |= {"RAY_AIR_NEW_OUTPUT": "0", "RAY_USAGE_STATS_ENABLED": "0"}

import ray
from ray import tune


class Digits(tune.Trainable):
    """One training of the script for each step; the next trial takes the actor over."""

    def setup(self, config: dict[str, Any]) -> None:
        spec = importlib.util.spec_from_file_location("digits_train", config["script"])
        assert spec is not None
        assert spec.loader is not None
        self._module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self._module)
        self._config = config

    def step(self) -> dict[str, Any]:
        params = self._config["params"]
        sys.argv = ["train.py", *(f"--{name}={value}" for name, value in params.items())]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            self._module.main()
        values = re.findall(r"val_loss (\S+)", printed.getvalue())
        return {"val_loss": float(values[-1]), "done": True}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing to keep: a trial is one step."""

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._config = new_config
        return True


def main() -> None:
    script, jobs, trials = sys.argv[1], int(sys.argv[2]), json.load(sys.stdin)
    ray.init(num_cpus=jobs, num_gpus=0, include_dashboard=False, log_to_driver=False)
    tuner = tune.Tuner(
        Digits,
        param_space={"script": script, "params": tune.grid_search(trials)},
        tune_config=tune.TuneConfig(
            metric="val_loss", mode="min", max_concurrent_trials=jobs, reuse_actors=True
        ),
        run_config=tune.RunConfig(verbose=0, storage_path=os.getcwd()),
    )
    results = tuner.fit()
    if results.num_errors:
        raise SystemExit(f"{results.num_errors} trials failed")
    print(results.get_best_result().metrics["val_loss"])


if __name__ == "__main__":
    main()
