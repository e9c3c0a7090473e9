"""Prints as the MNIST example of PyTorch does."""

import argparse
import time


def main() -> None:
    parser = argparse.ArgumentParser(description="MNIST-like example")
    parser.add_argument("--batch-size", type=int, default=64, metavar="N")
    parser.add_argument("--epochs", type=int, default=10, metavar="N")
    parser.add_argument("--lr", type=float, default=1.0, metavar="LR")
    args = parser.parse_args()

    weight = 0.0
    for epoch in range(1, args.epochs + 1):
        for batch in range(5):
            weight += 2 * args.lr / 5 * (3 - weight)
            done = batch * args.batch_size
            print(
                f"Train Epoch: {epoch} [{done}/{5 * args.batch_size} ({20 * batch}%)]"
                f"\tLoss: {(3 - weight) ** 2 + 0.1:.6f}"
            )
        loss = (3 - weight) ** 2
        correct = round(1000 / (1 + loss))
        print(
            f"\nTest set: Average loss: {loss:.4f}, "
            f"Accuracy: {correct}/1000 ({correct / 10:.0f}%)\n"
        )
        time.sleep(0.05)


if __name__ == "__main__":
    main()
