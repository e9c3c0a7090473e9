"""All of it put together: what torch does becomes points and facts in the trial's events."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from time import perf_counter, time
from typing import Any

from .events import EventLog
from .guarding import Guard
from .losses import Losses
from .naming import name_in_script, tests_rates_itself
from .norms import Norms
from .optimizers import Watched
from .ramp import Ramp
from .saving import SavedAside

# How often what is known is written, in seconds: where losses lie on another device, reading them
# waits for that device, so they are read rarely.
_FLUSH_S, _FETCH_S = 0.25, 2.0
_MOST_WAITING = 256
_RAMP_FETCH = 8
# More than these at once: the script makes an optimizer for each of many parameters.
_MOST_OPTIMIZERS = 8
# What is known of the whole is written this seldom, and then whenever the time has doubled.
_FIRST_FACTS_S = 10.0
# Looking at a step takes some 50 µs: the first are all looked at, then one in so many seconds.
_FIRST_LOOKS = 16
_LOOK_EVERY_S = 0.01


class Observer:
    """What happens in this process, from the first backward pass to its end."""

    def __init__(
        self, torch: Any, environ: Mapping[str, str], guard: Guard, off: list[str]
    ) -> None:
        self._torch = torch
        self._guard = guard
        self._off = off
        self._log = EventLog(environ)
        self._ramp_text = environ.get("LRSWEEP_OBSERVE_RAMP") or ""
        self._saved = SavedAside(os.path.join(environ["LRSWEEP_TRIAL_DIR"], "saved"))
        if self._ramp_text:
            self._saved.follow(torch)
        self._lock = threading.RLock()
        self._compiling = _compiling(torch)
        core = getattr(torch, "_C", None)
        self._modes = getattr(core, "_len_torch_dispatch_stack", None) or (lambda: 0)
        self._begin()

    def _begin(self) -> None:
        self.ramp = Ramp(self._ramp_text) if self._ramp_text else None
        self._ramp_losses: list[Any] = []
        self._local = threading.local()
        self._watched: dict[int, Watched] = {}
        self._norms: dict[int, Norms] = {}
        self._waiting: list[tuple[Watched, int, float, dict[str, Any], int, float]] = []
        self._unread = 0
        self._began = perf_counter()
        self._flushed = self._began
        self._told = 0.0
        self._backwards = 0
        self._drawn = 0
        self._batch: dict[str, Any] = {}
        self._examples = 0
        self._micro: list[int] = []
        self._counted = 0
        self._looked = 0
        self._next_look = 0.0
        self._looks_until: Watched | None = None
        self._guard.looks = self._guard.on
        self._rank: int | None = None
        self._world = 1

    def forked(self) -> None:
        """Start over in a process that was forked: what was seen is its parent's."""
        self._lock = threading.RLock()
        self._log.begin()
        self._begin()

    # What torch tells.

    def _losses(self) -> Losses:
        try:
            losses: Losses = self._local.losses
        except AttributeError:
            losses = self._local.losses = Losses()
        return losses

    def scaled(self, result: Any, _scaler: Any, loss: Any) -> None:
        """GradScaler.scale gave `result`."""
        if type(loss) is self._torch.Tensor:
            self._losses().scaled(result, loss)

    def backward(self, tensors: Any, *_more: Any) -> None:
        """torch.autograd.backward is called."""
        if self._compiling() or self._modes():
            return
        for tensor in (tensors,) if hasattr(tensors, "grad_fn") else tensors:
            if type(tensor) is self._torch.Tensor and self._may_read(tensor):
                self._backwards += 1
                self._losses().backward(tensor)
        if self._drawn:
            self._micro.append(self._drawn)

    def _may_read(self, tensor: Any) -> bool:
        """Not where a CUDA graph is recorded: it would record the copy too."""
        return tensor.is_cpu or not (
            tensor.is_cuda and self._torch.cuda.is_current_stream_capturing()
        )

    def drawn(self, data: Any, iterator: Any, *_more: Any) -> None:
        """A DataLoader gave a batch."""
        size = _examples_in(data, self._torch.Tensor)
        if size:
            self._drawn = size
            self._batch["seen"] = size
        loader = getattr(getattr(iterator, "_index_sampler", None), "batch_size", None)
        if isinstance(loader, int):
            self._batch["loader"] = loader

    def step_begins(self, optimizer: Any) -> None:
        if self._compiling() or self._modes():
            return
        watched = self._watched.get(id(optimizer))
        if watched is None or watched.reference() is not optimizer:
            watched = self._watch(optimizer)
        if watched is None:
            return
        self._losses().step_begins()
        if self.ramp is not None:
            self.ramp.set_rates(optimizer)
        watched.see_rates(optimizer)
        norms = self._norms[id(optimizer)]
        if norms.due(watched.steps + 1):
            watched.norms = norms.before(optimizer)

    def step_ends(self, optimizer: Any) -> None:
        """Count the step, and look at it where we do; mostly we do not, and this must be short."""
        if self._compiling():
            return
        watched = self._watched.get(id(optimizer))
        if watched is None:
            self._guard.looks = self._guard.on  # a new optimizer: look at its next step
            return
        watched.steps += 1
        if self._guard.looks:
            self._look(optimizer, watched)
        elif perf_counter() >= self._next_look:
            self._losses().forget()
            self._micro.clear()
            self._guard.looks, self._looks_until = True, watched

    def _look(self, optimizer: Any, watched: Watched) -> None:
        if self._modes():
            return
        loss = self._losses().step_ends()
        watched.add(loss)
        main = not watched.prefix
        if main:
            self._count_examples(watched.steps)
        if watched.norms:
            watched.norms.update(self._norms[id(optimizer)].after(watched.steps))
        now = perf_counter()
        elapsed = now - self._began
        broken = type(loss) is float and loss - loss != 0
        if self.ramp is not None or broken or watched.thinning.due(watched.steps, elapsed):
            watched.thinning.took(watched.steps, elapsed)
            self._point(watched)
        if self.ramp is not None and main:
            self._continue_ramp(loss)
        pause = _FETCH_S if self._unread else _FLUSH_S
        if now - self._flushed >= pause or self._unread >= _MOST_WAITING:
            self.flush(now)
        self._look_away(watched)

    def _look_away(self, watched: Watched) -> None:
        """Look at every step of a slow training, but only at some where steps take no time."""
        self._looked += 1
        if self.ramp is not None or self._looked <= _FIRST_LOOKS:
            return
        whole_round = self._looks_until in (None, watched) or self._looked % _MOST_OPTIMIZERS == 0
        now = perf_counter()
        if now < self._next_look or not whole_round:
            return
        self._next_look = now + _LOOK_EVERY_S
        self._guard.looks, self._looks_until = False, None

    # What becomes of it.

    def _watch(self, optimizer: Any) -> Watched | None:
        with self._lock:
            if not self._told:
                self._began = self._flushed = perf_counter()
            self._drop_dead()
            if len(self._watched) >= _MOST_OPTIMIZERS:
                return None
            name = name_in_script(type(optimizer).__name__)
            taken = {w.name for w in self._watched.values()}
            number = 2
            plain = name
            while name in taken:
                name, number = f"{plain}_{number}", number + 1
            main = any(not w.prefix for w in self._watched.values())
            watched = Watched(optimizer, name, f"{name}/" if main else "")
            watched.see_plans(optimizer)
            if self.ramp is not None and tests_rates_itself():
                self.ramp = None
            self._watched[id(optimizer)] = watched
            self._norms[id(optimizer)] = Norms(self._torch)
            self._rank, self._world = _rank_of(self._torch)
            self._told, self._looks_until = 0.0, None
            return watched

    def _drop_dead(self) -> None:
        """Forget optimizers that are gone, so that a new one at the same address is a new one."""
        for key in [k for k, w in self._watched.items() if w.reference() is None]:
            del self._watched[key], self._norms[key]

    def _count_examples(self, step: int) -> None:
        """Examples of this step, and of those since the last one that we looked at."""
        micro, self._micro = self._micro, []
        since, self._counted = step - self._counted, step
        if micro:
            self._batch["micro_batches"] = len(micro)
            self._batch["step"] = sum(micro) * self._world
            self._examples += since * sum(micro) * self._world

    def _point(self, watched: Watched) -> None:
        values = watched.values()
        fraction = 0.0 if self.ramp is None else (watched.steps / self.ramp.steps)
        examples = self._examples if not watched.prefix else 0
        with self._lock:
            at = time()
            self._waiting.append((watched, watched.steps, at, values, examples, min(1.0, fraction)))
            self._unread += any(not isinstance(v, (int, float)) for v in values.values())

    def _continue_ramp(self, loss: Any) -> None:
        ramp = self.ramp
        assert ramp is not None
        alone = self._world == 1
        # Processes that train together must all make the same steps: none ends before the others.
        self._ramp_losses.append(loss if alone else None)
        if isinstance(loss, (int, float)) or len(self._ramp_losses) == _RAMP_FETCH or not alone:
            losses, self._ramp_losses = self._ramp_losses, []
            for value in losses:
                ramp.judge(None if value is None else float(value))
        ramp.stepped()
        if ramp.ended:
            self.end_process()

    def end_process(self) -> None:
        """The range test is over: nothing that the script would do now is wanted."""
        self.close()
        self._saved.remove()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                continue
        os._exit(0)

    def flush(self, now: float) -> None:
        """Write what is known."""
        with self._lock:
            self._flushed = now
            waiting, self._waiting, self._unread = self._waiting, [], 0
            if self._rank:
                return
            for watched, step, at, values, examples, fraction in waiting:
                numbers = {f"{watched.prefix}{name}": float(v) for name, v in values.items()}
                self._log.point(step, at, numbers, examples, fraction)
            if now - self._began >= 2 * self._told:
                self._told = max(_FIRST_FACTS_S, now - self._began)
                self._log.facts(self.facts())
            self._log.flush()

    def close(self) -> None:
        """Write the rest: the process ends."""
        if self._rank:
            return
        for watched in self._watched.values():
            if watched.count or watched.norms:
                self._point(watched)
        self._told = 0.0
        self.flush(perf_counter())

    def facts(self) -> dict[str, Any]:
        """All that is known of the whole."""
        sharded = ["grad_norm, update_ratio: the weights are sharded"]
        return {
            "optimizers": [w.facts() for w in self._watched.values()],
            "batch": dict(self._batch),
            "examples": self._examples,
            "backwards": self._backwards,
            "world": self._world,
            "seconds": round(perf_counter() - self._began, 3),
            "torch": str(getattr(self._torch, "__version__", "")),
            "off": self._off + (sharded if any(n.sharded for n in self._norms.values()) else []),
            "problem": self._guard.problem,
            "ramp": "" if self.ramp is None else self.ramp.ended or "unfinished",
        }


def _compiling(torch: Any) -> Any:
    """A function that says whether torch.compile is tracing, in this torch."""
    compiler = getattr(torch, "compiler", None)
    return getattr(compiler, "is_compiling", None) or (lambda: False)


def _rank_of(torch: Any) -> tuple[int, int]:
    """Rank and number of the processes that train together."""
    distributed = getattr(torch, "distributed", None)
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return int(distributed.get_rank()), int(distributed.get_world_size())
    return int(os.environ.get("RANK") or 0), int(os.environ.get("WORLD_SIZE") or 1)


def _examples_in(data: Any, tensor: Any, depth: int = 3) -> int:
    """The first dimension of the first tensor in a batch; 0 where there is none."""
    if isinstance(data, tensor):
        return int(data.shape[0]) if data.dim() else 0
    if depth == 0 or isinstance(data, (str, bytes)):
        return 0
    if isinstance(data, Mapping):
        data = list(data.values())
    elif not isinstance(data, (list, tuple)):
        inner = getattr(data, "data", None)  # transformers' BatchEncoding
        data = list(inner.values()) if isinstance(inner, Mapping) else []
    for item in data:
        size = _examples_in(item, tensor, depth - 1)
        if size:
            return size
    return 0
