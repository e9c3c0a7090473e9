"""Lines as public training scripts print them, and what is read from each."""

from __future__ import annotations

import math

import pytest

from lrsweep.capture.lines import LineParser
from lrsweep.capture.rows import Position

BLOCKS = "█" * 10
RICH_BAR = "━" * 20
KERAS_3 = (
    f"\x1b[1m469/469\x1b[0m \x1b[32m{RICH_BAR}\x1b[0m\x1b[37m\x1b[0m \x1b[1m1s\x1b[0m 1ms/step - "
    "accuracy: 0.9236 - loss: 0.2630 - val_accuracy: 0.9610 - val_loss: 0.1300"
)

# what prints it, the line, its values, its position
LINES: list[tuple[str, str, dict[str, float], Position]] = [
    (
        "pytorch/examples mnist, training",
        "Train Epoch: 1 [640/60000 (1%)]\tLoss: 2.300039",
        {"train/loss": 2.300039},
        Position(epoch=1, step=640, steps=60000, bar=True),
    ),
    (
        "pytorch/examples mnist, test",
        "Test set: Average loss: 0.1594, Accuracy: 945/1000 (94%)",
        {"test_set/average_loss": 0.1594, "test_set/accuracy": 0.945},
        Position(),
    ),
    (
        "pytorch/examples imagenet",
        "Epoch: [3][ 10/391]\tTime  0.1 ( 0.2)\tLoss 2.3e+00 (2.4e+00)\tAcc@1  10.94 (  9.73)",
        {"Loss": 2.3, "Loss_avg": 2.4, "Acc@1": 10.94, "Acc@1_avg": 9.73},
        Position(epoch=3, step=10, steps=391, bar=True),
    ),
    (
        "pytorch/examples imagenet, validation",
        " * Acc@1 71.234 Acc@5 90.100",
        {"Acc@1": 71.234, "Acc@5": 90.1},
        Position(),
    ),
    (
        "pytorch/examples dcgan",
        "[1/25][13/1583]\tLoss_D: 1.6321 Loss_G: 5.4 D(x): 0.5 D(G(z)): 0.4 / 0.01",
        {"Loss_D": 1.6321, "Loss_G": 5.4},
        Position(epoch=1, epochs=25, step=13, steps=1583, bar=True),
    ),
    (
        "pytorch/examples word_language_model, training",
        "| epoch   1 |   200/ 2983 batches | lr 20.00 | ms/batch  5.01 | loss  7.63 | ppl  2053.51",
        {"lr": 20.0, "loss": 7.63, "ppl": 2053.51},
        Position(epoch=1, step=200, steps=2983),
    ),
    (
        "pytorch/examples word_language_model, end of epoch",
        "| end of epoch   1 | time: 12.33s | valid loss  6.86 | valid ppl   953.25",
        {"valid_loss": 6.86, "valid_ppl": 953.25},
        Position(epoch=1),
    ),
    (
        "the PyTorch transfer learning tutorial",
        "train Loss: 0.5012 Acc: 0.8012",
        {"train_loss": 0.5012, "train_acc": 0.8012},
        Position(),
    ),
    (
        "the PyTorch quickstart",
        "loss: 2.303494  [   64/60000]",
        {"loss": 2.303494},
        Position(step=64, steps=60000, bar=True),
    ),
    (
        "the PyTorch quickstart, test",
        " Accuracy: 64.3%, Avg loss: 1.074",
        {"Accuracy": 64.3, "avg_loss": 1.074},
        Position(),
    ),
    (
        "the PyTorch CIFAR-10 tutorial",
        "[2,   200] loss: 2.182",
        {"loss": 2.182},
        Position(epoch=2, step=200),
    ),
    (
        "the PyTorch CIFAR-10 tutorial, test",
        "Accuracy of the network on the 10000 test images: 54 %",
        {"accuracy_of_the_network_on_the_test_images": 54},
        Position(),
    ),
    (
        "a common tutorial form",
        "Epoch [2/5], Step [100/600], Loss: 0.3121",
        {"Loss": 0.3121},
        Position(epoch=2, epochs=5, step=100, steps=600),
    ),
    (
        "nanoGPT, evaluation",
        "step 250: train loss 3.4300, val loss 3.4800",
        {"train_loss": 3.43, "val_loss": 3.48},
        Position(step=250),
    ),
    (
        "nanoGPT, training",
        "iter 10: loss 10.9834, time 22.1ms, mfu -100.00%",
        {"loss": 10.9834},
        Position(step=10),
    ),
    (
        "makemore",
        "step 500 train loss: 2.1939 test loss: 2.1821",
        {"train_loss": 2.1939, "test_loss": 2.1821},
        Position(step=500),
    ),
    (
        "makemore, training",
        "step 500 | loss 2.3017 | step time 12.34ms",
        {"loss": 2.3017},
        Position(step=500),
    ),
    (
        "timm, training",
        "Train: 0 [ 100/1251 (  8%)]  Loss: 6.94 (6.95)  Time: 0.433s,  590.70/s  LR: 1.000e-05",
        {"train/loss": 6.94, "train/loss_avg": 6.95, "LR": 1e-05},
        Position(epoch=0, step=100, steps=1251, bar=True),
    ),
    (
        "timm, evaluation",
        "Test: [  78/78]  Time: 0.090 (0.217)  Loss:  0.3564 ( 0.8946)  Acc@1:  90.4762 ( 80.0780)",
        {
            "test/loss": 0.3564,
            "test/loss_avg": 0.8946,
            "test/acc@1": 90.4762,
            "test/acc@1_avg": 80.078,
        },
        Position(step=78, steps=78, bar=True),
    ),
    (
        "fairseq, training",
        "| epoch 001:    100 / 2000 loss=9.5, nll_loss=8.3, ppl=300.1, lr=0.0001",
        {"loss": 9.5, "nll_loss": 8.3, "ppl": 300.1, "lr": 0.0001},
        Position(epoch=1, step=100, steps=2000, bar=True),
    ),
    (
        "fairseq, validation",
        "2021-03-01 12:00:05 | INFO | valid | epoch 003 | valid on 'valid' subset | loss 8.1 "
        "| ppl 138 | num_updates 100 | best_loss 8.1",
        {"valid/loss": 8.1, "valid/ppl": 138, "valid/best_loss": 8.1},
        Position(epoch=3, step=100),
    ),
    (
        "Keras 2",
        "469/469 [==============================] - 3s 6ms/step - loss: 0.2630 - accuracy: 0.9236 "
        "- val_loss: 0.1300 - val_accuracy: 0.9610",
        {"loss": 0.263, "accuracy": 0.9236, "val_loss": 0.13, "val_accuracy": 0.961},
        Position(step=469, steps=469, bar=True),
    ),
    (
        "Keras 3, in colour",
        KERAS_3,
        {"accuracy": 0.9236, "loss": 0.263, "val_accuracy": 0.961, "val_loss": 0.13},
        Position(step=469, steps=469, bar=True),
    ),
    (
        "transformers",
        "{'eval_loss': 0.31, 'eval_accuracy': np.float64(0.93), 'epoch': 1.0}",
        {"eval_loss": 0.31, "eval_accuracy": 0.93},
        Position(epoch=1),
    ),
    (
        "transformers 5, numbers as texts",
        "{'loss': '0.5', 'grad_norm': '1.2', 'learning_rate': '5e-05', 'epoch': '0.5'}",
        {"loss": 0.5, "grad_norm": 1.2, "learning_rate": 5e-05},
        Position(epoch=0.5),
    ),
    (
        "transformers, final metrics",
        "  eval_loss               =     0.3123",
        {"eval_loss": 0.3123},
        Position(),
    ),
    (
        "Lightning, tqdm",
        f"Epoch 1: 100%|{BLOCKS}| 469/469 [00:05<00:00, 85.5it/s, v_num=0, train_loss=0.31, "
        "val_loss=0.22]",
        {"train_loss": 0.31, "val_loss": 0.22},
        Position(epoch=1, step=469, steps=469, bar=True),
    ),
    (
        "Lightning, rich",
        f"Epoch 1/9 {RICH_BAR} 469/469 0:00:05 • 0:00:00 85.5it/s v_num: 0.000 train_loss: 0.300",
        {"train_loss": 0.3},
        Position(epoch=1, epochs=9, step=469, steps=469, bar=True),
    ),
    (
        "Lightning, test table",
        "│         test_acc          │    0.9300000071525574     │",
        {"test_acc": 0.9300000071525574},
        Position(),
    ),
    (
        "XGBoost",
        "[10]\tvalid-rmse:0.43000\ttrain-rmse:0.41000",
        {"valid-rmse": 0.43, "train-rmse": 0.41},
        Position(step=10),
    ),
    (
        "LightGBM",
        "[100]\ttraining's binary_logloss: 0.32\tvalid_1's binary_logloss: 0.45",
        {"training_binary_logloss": 0.32, "valid_1_binary_logloss": 0.45},
        Position(step=100),
    ),
    (
        "CatBoost",
        "7:\tlearn: 0.6871\ttest: 0.6877\tbest: 0.6877 (0)\ttotal: 58ms\tremaining: 58s",
        {"learn": 0.6871, "test": 0.6877, "best": 0.6877},
        Position(step=7),
    ),
    (
        "pytorch-ignite",
        "Validation Results - Epoch: 1  Avg accuracy: 0.97 Avg loss: 0.11",
        {"validation_results/avg_accuracy": 0.97, "validation_results/avg_loss": 0.11},
        Position(epoch=1),
    ),
    (
        "mmdetection",
        "Epoch [1][50/7330]\tlr: 1.9e-3, eta: 1 day, 3:12:33, time: 0.5, loss_cls: 0.5",
        {"lr": 0.0019, "loss_cls": 0.5},
        Position(epoch=1, step=50, steps=7330, bar=True),
    ),
    (
        "stable-baselines3",
        "|    ep_rew_mean     | 23.5     |",
        {"ep_rew_mean": 23.5},
        Position(),
    ),
    (
        "two splits in a line",
        "Train: loss 0.5 acc 0.9 | Val: loss 0.6 acc 0.8",
        {"train/loss": 0.5, "train/acc": 0.9, "val/loss": 0.6, "val/acc": 0.8},
        Position(),
    ),
    (
        "JSON with objects inside",
        '{"step": 100, "val": {"loss": 0.3}, "note": "x", "ok": true, "none": null}',
        {"val/loss": 0.3},
        Position(step=100),
    ),
    (
        "logging",
        "2024-01-01 12:00:05,123 INFO train.py:45 - Epoch 4: val_loss=0.43",
        {"val_loss": 0.43},
        Position(epoch=4),
    ),
    ("the root logger", "INFO:root:val_loss=0.43", {"val_loss": 0.43}, Position()),
    (
        "a tensor",
        "loss: tensor(0.4321, device='cuda:0', grad_fn=<NllLossBackward0>)",
        {"loss": 0.4321},
        Position(),
    ),
    (
        "a name before its epoch",
        "Validation loss after epoch 5: 0.43",
        {"validation_loss": 0.43},
        Position(epoch=5),
    ),
    (
        "a split in brackets",
        "Loss (train): 0.4 Loss (val): 0.5",
        {"train_loss": 0.4, "val_loss": 0.5},
        Position(),
    ),
    ("a sentence", "The test accuracy is 0.93", {"the_test_accuracy": 0.93}, Position()),
    (
        "words before a key",
        "FINAL RESULT val_loss=0.31 lr=0.01",
        {"val_loss": 0.31, "lr": 0.01},
        Position(),
    ),
    (
        "a split before a key",
        "train loss=0.31 val loss=0.4",
        {"train_loss": 0.31, "val_loss": 0.4},
        Position(),
    ),
    (
        "absl",
        "I0501 10:00:00.123456 1234 train.py:45] step 100, loss = 0.32",
        {"loss": 0.32},
        Position(step=100),
    ),
    (
        "hydra",
        "[2024-05-01 10:00:00,123][root][INFO] - val_loss: 0.43",
        {"val_loss": 0.43},
        Position(),
    ),
    ("scikit-learn", "Iteration 1, loss = 0.69314718", {"loss": 0.69314718}, Position(step=1)),
    ("no blank", "val_loss=0.43", {"val_loss": 0.43}, Position()),
    (
        "exponents and commas",
        "val_loss: 1,234.5 lr: 1e-05",
        {"val_loss": 1234.5, "lr": 1e-5},
        Position(),
    ),
    (
        "a split that follows a name",
        "epoch 3 loss: 0.5 acc: 0.9 val loss: 0.4 acc: 0.8",
        {"loss": 0.5, "acc": 0.9, "val_loss": 0.4, "val_acc": 0.8},
        Position(epoch=3),
    ),
    ("one name twice", "loss: 0.5 loss: 0.7", {"loss": 0.5, "loss_2": 0.7}, Position()),
]


@pytest.mark.parametrize(
    ("line", "values", "position"), [x[1:] for x in LINES], ids=[x[0] for x in LINES]
)
def test_a_line_of(line: str, values: dict[str, float], position: Position) -> None:
    row = LineParser().parse(line)
    assert row.values == values
    assert row.position == position


@pytest.mark.parametrize("text", ["nan", "NaN", "NAN", "tensor(nan)", "-nan"])
def test_a_loss_that_is_no_number_is_read(text: str) -> None:
    assert math.isnan(LineParser().parse(f"step 5: loss {text}, time 3ms").values["loss"])


@pytest.mark.parametrize("text", ["inf", "Infinity", "+inf"])
def test_an_infinite_loss_is_read(text: str) -> None:
    assert LineParser().parse(f"loss: {text}").values == {"loss": math.inf}


@pytest.mark.parametrize(
    "line",
    [
        "Using device: cuda:0",
        "Epoch 00012: val_loss improved from inf to 0.31000, saving model to best.h5",
        "Loaded 60000 training images in 3.2s",
        "ReportReader on localhost:8080",
        "2024-01-01 12:00:05 INFO starting",
        "train.py:45: UserWarning: loss is nan or inf",
        "eta: 0:12:30  time: 0.31",
        "commit 3f2a9c1",
        "python 3.11.2, torch 2.13.0",
        "100%|██████████| 469/469 [00:05<00:00, 85.5it/s]",
        "seed: 42",
        "",
    ],
)
def test_nothing_is_read_from(line: str) -> None:
    assert LineParser().parse(line).values == {}


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line",
    [
        "a" * 16_000 + "(1",
        "1,111" * 3_000 + "x",
        "[" * 16_000 + "1",
        " " * 16_000 + "1 loss",
        "epoch" + " " * 16_000 + "loss",
        "'" * 16_000 + "1",
        "{" * 16_000,
        "a: " * 5_000 + "1",
        "loss 1 " * 2_000,
        "\x1b[" * 8_000,
        "|#" * 8_000 + "1",
    ],
    ids=lambda line: line[:8],
)
def test_no_line_takes_for_ever(line: str) -> None:
    parser = LineParser()
    for _ in range(20):
        parser.parse(line)
        line += " "


def test_a_name_is_not_taken_for_the_number_after_it() -> None:
    assert "val_loss" not in LineParser().parse("val_loss after 3 epochs: 0.43").values


def rows(text: str) -> list[tuple[dict[str, float], Position]]:
    parser = LineParser()
    parsed = [parser.parse(line) for line in text.splitlines()]
    return [(dict(row.values), row.position) for row in parsed if row.values]


@pytest.mark.parametrize(
    "table",
    [
        "epoch     train_loss  valid_loss  accuracy  time    \n"
        "0         0.187245    0.123456    0.95      00:12   \n"
        "1         0.150000    nan         0.96      00:11   \n",
        "epoch,train_loss,valid_loss,accuracy\n0,0.187245,0.123456,0.95\n1,0.15,nan,0.96\n",
        "| epoch | train_loss | valid_loss | accuracy |\n|---|---|---|---|\n"
        "| 0 | 0.187245 | 0.123456 | 0.95 |\n| 1 | 0.15 | nan | 0.96 |\n",
    ],
    ids=["fastai", "csv", "markdown"],
)
def test_the_header_of_a_table_names_the_numbers_of_its_rows(table: str) -> None:
    (first, at_first), (second, at_second) = rows(table)
    assert first == {"train_loss": 0.187245, "valid_loss": 0.123456, "accuracy": 0.95}
    assert second.pop("valid_loss") != 0  # nan
    assert second == {"train_loss": 0.15, "accuracy": 0.96}
    assert (at_first.epoch, at_second.epoch) == (0, 1)


def test_numbers_without_a_header_are_nothing() -> None:
    assert rows("1 2 3\n4 5 6\n") == []


def test_a_line_without_an_epoch_has_that_of_the_line_before() -> None:
    text = "Epoch 3/10\n----------\nval Loss: 0.4\n"
    assert rows(text) == [({"val_loss": 0.4}, Position(epoch=3, epochs=10, inherited=True))]
