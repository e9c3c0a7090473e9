"""A click program that prints a line of JSON an evaluation."""

import json
import time

import click


@click.command()
@click.option("--lr", type=float, required=True, help="Learning rate.")
@click.option("--nesterov/--no-nesterov", default=True)
def main(lr: float, nesterov: bool) -> None:
    assert not nesterov
    weight = 0.0
    for step in range(100, 1100, 100):
        weight += 2 * lr * (3 - weight)
        loss = (3 - weight) ** 2
        click.echo(json.dumps({"step": step, "train/loss": 0.9 * loss, "eval/loss": loss}))
        time.sleep(0.05)


if __name__ == "__main__":
    main()
