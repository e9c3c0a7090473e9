"""Where torch calls the observer. What a version of torch does not have is off, and said."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping
from typing import Any

from .guarding import Guard, follow
from .observer import Observer

_installed: dict[str, Observer] = {}


def install(torch: Any, environ: Mapping[str, str]) -> None:
    """Have torch call an observer of this process, once."""
    if _installed or not environ.get("LRSWEEP_TRIAL_DIR"):
        return
    guard = Guard()
    off: list[str] = []
    observer = _installed["it"] = Observer(torch, environ, guard, off)
    try:
        _hook_all(torch, observer, guard, off)
    except Exception as error:
        guard.failed(error)
    os.register_at_fork(after_in_child=observer.forked)
    atexit.register(_close, observer, guard)


def _hook_all(torch: Any, observer: Observer, guard: Guard, off: list[str]) -> None:
    if not _hook_optimizers(torch, observer, guard):
        off.append("everything: this torch has no hooks of optimizer steps")
    if not follow(torch.autograd, "backward", guard, before=observer.backward):
        off.append("train_loss: this torch has no torch.autograd.backward")
    scaler = getattr(getattr(torch, "amp", None), "GradScaler", None)
    follow(scaler, "scale", guard, after=observer.scaled)
    loading = sys.modules.get("torch.utils.data.dataloader")
    kinds = ("_SingleProcessDataLoaderIter", "_MultiProcessingDataLoaderIter")
    found = [
        follow(getattr(loading, kind, None), "_next_data", guard, after=observer.drawn)
        for kind in kinds
    ]
    if not all(found):
        off.append("batch size: this torch has another DataLoader")


def _hook_optimizers(torch: Any, observer: Observer, guard: Guard) -> bool:
    """Use torch's public hooks, so that no frame of ours stands between."""
    module = sys.modules.get(f"{torch.optim.__name__}.optimizer")
    before = getattr(module, "register_optimizer_step_pre_hook", None)
    after = getattr(module, "register_optimizer_step_post_hook", None)
    if before is None or after is None:
        return False

    def step_begins(optimizer: Any, _args: Any, _kwargs: Any) -> None:
        if guard.looks:
            try:
                observer.step_begins(optimizer)
            except Exception as error:
                guard.failed(error)

    def step_ends(optimizer: Any, _args: Any, _kwargs: Any) -> None:
        if guard.on:
            try:
                observer.step_ends(optimizer)
            except Exception as error:
                guard.failed(error)

    before(step_begins)
    after(step_ends)
    return True


def _close(observer: Observer, guard: Guard) -> None:
    try:
        observer.close()
    except Exception as error:
        guard.failed(error)
