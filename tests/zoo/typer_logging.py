"""A typer program that logs, with time and level before every line, in colour."""

import logging
import time

import typer

logger = logging.getLogger("trainer")


def main(lr: float = 1e-3, batch_size: int = 32, epochs: int = 10) -> None:
    logging.basicConfig(
        level="INFO", format="%(asctime)s \x1b[32m%(levelname)s\x1b[0m %(name)s - %(message)s"
    )
    logger.info("batch size %d", batch_size)
    weight = 0.0
    for epoch in range(1, epochs + 1):
        weight += 2 * lr * (3 - weight)
        loss = (3 - weight) ** 2
        logger.info("epoch %d/%d train_loss=%.4f", epoch, epochs, loss)
        logger.info("epoch %d/%d val_accuracy=%.4f", epoch, epochs, 1 / (1 + loss))
        time.sleep(0.05)


if __name__ == "__main__":
    typer.run(main)
