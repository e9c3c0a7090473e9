"""Gradient norm and size of the update, at a sample of steps.

They take time, so they are taken only while they have used less than a small share of it, and of
the weights only some: a copy of all would double a model's memory.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any

_EVERY = 8
_SHARE = 0.002
_MOST_TENSORS = 64
_MOST_NUMBERS = 1 << 16  # of each tensor


class Norms:
    """Measures one optimizer's steps; its numbers stay on their device."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self._began = perf_counter()
        self._spent = 0.0
        self._due = 1
        self._before: list[tuple[Any, Any]] = []
        self.sharded = False

    def due(self, step: int) -> bool:
        """Whether `step` (from 1) is to be measured."""
        if step < self._due:
            return False
        return self._spent <= _SHARE * (perf_counter() - self._began)

    def before(self, optimizer: Any) -> dict[str, Any]:
        """The norm of the gradients that the step is made with; keeps some weights."""
        began = perf_counter()
        weights = self._plain(optimizer)
        norm = self._norm([p.grad for p in weights])
        self._before = [(p, _part(p).clone()) for p in weights[:_MOST_TENSORS]]
        self._spent += perf_counter() - began
        return {} if norm is None else {"grad_norm": norm}

    def after(self, step: int) -> dict[str, Any]:
        """|change| / |weights| of the step that ended."""
        began = perf_counter()
        kept, self._before = self._before, []
        now = [_part(p) for p, _ in kept]
        changed = self._norm([after - old for after, (_, old) in zip(now, kept, strict=True)])
        size = self._norm(now)
        self._spent += perf_counter() - began
        self._due = step + _EVERY
        return {} if changed is None or size is None else {"update_ratio": changed / size}

    def _plain(self, optimizer: Any) -> list[Any]:
        """Parameters with an ordinary gradient. A sharded one must not be measured on its own."""
        torch = self._torch
        plain = (torch.Tensor, torch.nn.Parameter)
        found = []
        for group in optimizer.param_groups:
            for p in group["params"]:
                grad = p.grad
                if type(p) not in plain:
                    self.sharded = True
                    continue
                dense = type(grad) is torch.Tensor and grad.layout is torch.strided
                if dense and grad.is_floating_point():
                    found.append(p)
        return found

    def _norm(self, tensors: list[Any]) -> Any:
        """The norm of all numbers of `tensors`; None for none, or for several devices."""
        if not tensors or any(t.device != tensors[0].device for t in tensors):
            return None
        torch = self._torch
        norms = torch._foreach_norm([t.detach() for t in tensors])
        return torch.linalg.vector_norm(torch.stack([n.float() for n in norms]))


def _part(parameter: Any) -> Any:
    flat = parameter.detach()
    flat = flat.view(-1) if flat.is_contiguous() else flat.reshape(-1)
    return flat[:_MOST_NUMBERS]
