import argparse
import traceback

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float)
a = p.parse_args()


def evaluate(correct: int, total: int) -> float:
    accuracy = 100.0 * correct / total
    return accuracy  # noqa: RET504 - the line above is what a traceback quotes


if a.lr > 0.05:
    try:
        evaluate(3, 0)
    except ZeroDivisionError:
        traceback.print_exc()  # carries on, as many training loops do
else:
    print(f"accuracy: {evaluate(71, 100):.1f}")
