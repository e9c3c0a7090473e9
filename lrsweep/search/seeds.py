"""Seeds: every random number of a sweep follows from its one seed."""

from __future__ import annotations

import hashlib


def sampler_seed(sweep_seed: int, trials: int) -> int:
    """The sampler's seed when the study already has `trials` trials.

    Random states are not stored with a study: with the same seed a resumed sampler would propose
    the same points again.
    """
    return _derive("sampler", sweep_seed, trials)


def trial_seed(sweep_seed: int, number: int) -> int:
    """The seed handed to trial `number`: the same at every attempt."""
    return _derive("trial", sweep_seed, number)


def confirmation_seed(sweep_seed: int, index: int) -> int:
    """The `index`-th seed of confirmation runs: the same for every setting."""
    return _derive("confirm", sweep_seed, index)


def fraction(*parts: object) -> float:
    """A number in [0, 1) that follows from `parts`."""
    return _derive(*parts) / (1 << 31)


def _derive(*parts: object) -> int:
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4]) & 0x7FFFFFFF
