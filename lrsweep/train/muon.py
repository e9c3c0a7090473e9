"""Muon for the matrices of hidden layers, AdamW for everything else, as one optimizer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

import torch
from torch import Tensor
from torch.optim import Optimizer

# AdamW's rate as a share of Muon's, whose steps have unit spectral norm: 0.02 beside 3e-4 … 4e-3
# in https://kellerjordan.github.io/posts/muon and its successors.
ADAMW_SHARE = 0.1


class MuonWithAdamW(Optimizer):
    """torch's own Muon and AdamW behind one face, for schedulers, scalers and checkpoints.

    torch's Muon refuses what is not a matrix. A group may say which of the two it is for
    (`"matrices": True`); the parameters of a group that does not are told apart by their shape.
    `lr` is Muon's; AdamW's is `adamw_share` of it. `fused` is for AdamW, which alone has it.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        adamw_share: float = ADAMW_SHARE,
        fused: bool | None = None,
    ) -> None:
        matrices, others = _told_apart(params, lr, adamw_share)
        self._parts: list[Optimizer] = []
        if matrices:
            self._parts.append(torch.optim.Muon(matrices, lr=lr, weight_decay=weight_decay))
        if others:
            adamw = torch.optim.AdamW(others, lr=lr, weight_decay=weight_decay, fused=fused)
            self._parts.append(adamw)
        super().__init__([*matrices, *others], {"lr": lr, "weight_decay": weight_decay})
        self._share_groups()

    def _share_groups(self) -> None:
        # The same dicts, so that a scheduler that sets a rate here sets it in the parts.
        self.param_groups = [group for part in self._parts for group in part.param_groups]

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for part in self._parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self._share_groups()


def _told_apart(
    params: Iterable[Any], lr: float, adamw_share: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    given = list(params)
    groups: list[dict[str, Any]] = (
        given if given and isinstance(given[0], dict) else [{"params": given}]
    )
    matrices: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for group in groups:
        told = group.get("matrices")
        rate = float(group.get("lr", lr))
        members = cast(list[Tensor], list(group["params"]))
        first = [p for p in members if (p.ndim == 2 if told is None else told)]
        rest = [p for p in members if (p.ndim != 2 if told is None else not told)]
        if first:
            matrices.append({**group, "params": first, "lr": rate})
        if rest:
            others.append({**group, "params": rest, "lr": rate * adamw_share})
    return matrices, others
