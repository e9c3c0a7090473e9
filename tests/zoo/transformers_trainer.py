"""A transformers Trainer with HfArgumentParser, which prints a dictionary an evaluation."""

import time

import torch
from transformers import HfArgumentParser, Trainer, TrainingArguments


class Line(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
        predicted = self.layer(x)
        if not self.training:
            time.sleep(0.02)
        return {"loss": torch.nn.functional.mse_loss(predicted, labels), "logits": predicted}


def main() -> None:
    (arguments,) = HfArgumentParser(TrainingArguments).parse_args_into_dataclasses()
    torch.manual_seed(arguments.seed)
    data = [{"x": torch.tensor([i / 8]), "labels": torch.tensor([i / 4])} for i in range(16)]
    Trainer(Line(), arguments, train_dataset=data, eval_dataset=data).train()


if __name__ == "__main__":
    main()
