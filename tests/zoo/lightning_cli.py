"""A LightningCLI program: the model's arguments are options, and the logger writes a table."""

import time

import torch
from lightning.pytorch import LightningDataModule, LightningModule
from lightning.pytorch.cli import LightningCLI
from torch.utils.data import DataLoader, TensorDataset

Batch = list[torch.Tensor]


class Line(LightningModule):
    def __init__(self, lr: float = 1e-3) -> None:
        super().__init__()
        self.lr = lr
        self.layer = torch.nn.Linear(1, 1)

    def training_step(self, batch: Batch) -> torch.Tensor:
        loss = self.loss(batch)
        self.log("train_loss", loss, on_epoch=True, on_step=False)
        return loss

    def validation_step(self, batch: Batch) -> None:
        self.log("val_loss", self.loss(batch))
        time.sleep(0.05)

    def loss(self, batch: Batch) -> torch.Tensor:
        x, y = batch
        return torch.nn.functional.mse_loss(self.layer(x), y)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=self.lr)


class Points(LightningDataModule):
    def __init__(self, batch_size: int = 4) -> None:
        super().__init__()
        self.batch_size = batch_size

    def train_dataloader(self) -> DataLoader[tuple[torch.Tensor, ...]]:
        x = torch.linspace(-1, 1, 16).unsqueeze(1)
        return DataLoader(TensorDataset(x, 2 * x), batch_size=self.batch_size)

    val_dataloader = train_dataloader


if __name__ == "__main__":
    LightningCLI(
        Line,
        Points,
        seed_everything_default=1,
        trainer_defaults={
            "accelerator": "cpu",
            "max_epochs": 10,
            "enable_checkpointing": False,
            "enable_progress_bar": False,
            "log_every_n_steps": 1,
        },
    )
