"""The loss of an optimizer step, out of the losses that `backward` was called on before it.

A loss on the CPU is read at once; one on another device is copied there and stays, so that nothing
waits for it: both are numbers here.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

# Losses of which a GradScaler made larger ones, until `backward` is called on those.
_MOST_SCALED = 8


@dataclass
class Loss:
    """One loss that `backward` was called on.

    `divisor` is the number that it was divided by last, where that stands in its graph, and
    `divided_by` the tensor that held it; kept, so that two that are alive never share an address.
    """

    value: Any
    divisor: float = 1.0
    divided_by: Any = None

    def shares_divisor(self, other: Loss) -> bool:
        """Whether one tensor of the script's divided both."""
        mine, theirs = self.divided_by, other.divided_by
        if mine is None or theirs is None:
            return False
        return bool(mine.data_ptr() == theirs.data_ptr())


class Losses:
    """Collects losses until an optimizer steps. One for each thread."""

    def __init__(self) -> None:
        self._pending: list[Loss] = []
        self._scaled: list[tuple[Any, Loss]] = []
        self._inside = 0
        self._accumulation = 1.0

    def scaled(self, result: Any, loss: Any) -> None:
        """A GradScaler made `result` of `loss`."""
        if result is loss or not hasattr(result, "grad_fn"):
            return
        known = loss_of(loss)
        if known is not None:
            self._scaled = [*self._scaled[1 - _MOST_SCALED :], (weakref.ref(result), known)]

    def backward(self, tensor: Any) -> None:
        """`backward` is called on `tensor`."""
        for reference, known in self._scaled:
            if reference() is tensor:
                self._pending.append(known)
                self._scaled = []
                return
        loss = loss_of(tensor)
        if loss is not None:
            self._pending.append(loss)

    def forget(self) -> None:
        """What was called so far belongs to steps that nobody looks at."""
        self._pending = []

    def step_begins(self) -> None:
        """What comes now comes from a closure, inside the step."""
        self._inside = len(self._pending)

    def step_ends(self) -> Any:
        """The loss of the step that ends, None where none is known; the next step begins."""
        pending, self._pending = self._pending, []
        inside = pending[self._inside :]
        self._inside = 0
        if len(inside) > 1:  # LBFGS calls its closure many times; the first is at the weights
            pending = inside[:1]
        return self._put_together(pending) if pending else None

    def _put_together(self, losses: list[Loss]) -> Any:
        """The mean over micro-batches, however the script writes accumulation.

        Where every loss was divided by how many there are, that is undone. Where all were divided
        by one tensor of the script's, it counts what is in all of them: they add up.
        """
        count, first = len(losses), losses[0]
        total = first.value
        for loss in losses[1:]:
            total = total + loss.value
        alike = all(loss.divisor == first.divisor for loss in losses)
        if count > 1 and all(loss.shares_divisor(first) for loss in losses):
            return total
        if alike and count > 1 and abs(first.divisor - count) < 1e-3 * count:
            self._accumulation = first.divisor
        divided = alike and self._accumulation > 1 and first.divisor == self._accumulation
        if divided:
            return total * (first.divisor / count)
        return total if count == 1 else total * (1 / count)


def loss_of(tensor: Any) -> Loss | None:
    """What is known of the loss `tensor`; None where it is no single number."""
    if tensor.numel() != 1 or tensor.is_complex():
        return None
    on_cpu = tensor.is_cpu
    value = tensor.item() if on_cpu else tensor.detach().float().clone().reshape(())
    divisor, divided_by = _divisor(tensor)
    return Loss(value, divisor, divided_by)


def _divisor(tensor: Any) -> tuple[float, Any]:
    """The number that the last operation of the graph divides by, and the tensor that holds it."""
    function = tensor.grad_fn
    name = "" if function is None else function.name()
    if name not in ("DivBackward0", "MulBackward0"):
        return 1.0, None
    other = getattr(function, "_saved_other", None)
    if other is None or other.numel() != 1:
        return 1.0, None
    kept = other if name == "DivBackward0" else None
    if not other.is_cpu:  # reading it would wait for the device
        return 1.0, kept
    number = float(other)
    if name == "MulBackward0":
        number = 1 / number if number else 1.0
    whole = float(round(number)) if abs(number) < 1e9 else number
    return (whole if abs(number - whole) < 1e-4 * whole else number), kept
