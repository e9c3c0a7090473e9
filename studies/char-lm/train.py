"""Train a small transformer to write on, character by character, in the text of Python's own help.

The text comes with every Python (`pydoc_data.topics`), so there is nothing to download.
"""

from __future__ import annotations

import pydoc_data.topics

import torch
from torch import Tensor, nn

from lrsweep.train import (
    Examples,
    Parser,
    Recipe,
    SequenceWarmup,
    accuracy,
    fit,
    pick_device,
    seed_everything,
)


def load(length: int, device: torch.device) -> tuple[Examples, Examples, Examples, int]:
    """Training, validation and test windows (90, 5, 5 %) and the number of different characters.

    Inputs and targets are `(n, length)` ids; a target is the character after its input.
    """
    topics = pydoc_data.topics.topics
    text = "\n".join(topics[name] for name in sorted(topics))
    characters = sorted(set(text))
    code = {character: i for i, character in enumerate(characters)}
    ids = torch.tensor([code[character] for character in text])
    n = (len(ids) - 1) // length
    every = Examples(ids[: n * length].view(n, length), ids[1 : n * length + 1].view(n, length)).to(
        device
    )
    # Whole stretches, so that validation is no neighbour of training but at two ends.
    cuts = [round(0.9 * n), round(0.95 * n)]
    parts = (range(cuts[0]), range(cuts[0], cuts[1]), range(cuts[1], n))
    train, validation, test = (every.select(part) for part in parts)
    return train, validation, test, len(characters)


class Block(nn.Module):
    """Attention to what came before, then a small MLP, each added to its normalised input."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        b, t, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        attended = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).reshape(b, t, width))
        return x + torch.as_tensor(self.mlp(self.norm2(x)))


class Transformer(nn.Module):
    """Ids `(b, t)` to logits `(b, t, characters)` of the next character."""

    def __init__(
        self, characters: int, length: int, width: int = 64, depth: int = 2, heads: int = 4
    ) -> None:
        super().__init__()
        self.token = nn.Embedding(characters, width)
        self.position = nn.Embedding(length, width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        for embedding in (self.token, self.position):
            nn.init.normal_(embedding.weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.token(ids) + self.position(torch.arange(ids.shape[1], device=ids.device))
        for block in self.blocks:
            x = block(x)
        # One matrix reads characters and writes them (Press and Wolf, 1608.05859).
        return nn.functional.linear(self.norm(x), self.token.weight)


def next_character_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """The mean cross-entropy of `(b, t, characters)` logits, in nats a character."""
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def main() -> None:
    parser = Parser(description=__doc__).with_recipe(
        lr=3e-3,
        optimizer="adamw",
        batch_size=16,
        epochs=1,
        schedule="cosine",
        clip_norm=1.0,
        evaluations=10,
    )
    add = parser.add_argument
    add("--length", type=int, default=64, help="characters in a window")
    add("--width", type=int, default=64, help="width of the transformer")
    add("--depth", type=int, default=2, help="blocks of the transformer")
    add("--seq-warmup", type=float, default=0.0, help="share of the training on shorter windows")
    args = parser.parse_args()

    seed_everything(args.seed)
    device = pick_device(args.device)
    train, validation, test, characters = load(args.length, device)
    fit(
        Transformer(characters, args.length, args.width, args.depth).to(device),
        train,
        validation,
        test=test,
        loss=next_character_loss,
        metrics={"accuracy": accuracy},
        transform=SequenceWarmup(args.seq_warmup),
        recipe=Recipe.of(args),
    )


if __name__ == "__main__":
    main()
