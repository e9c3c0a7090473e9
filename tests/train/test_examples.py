"""Batches come whole, every epoch is a permutation, and the order follows the seed alone."""

import pytest
import torch

from lrsweep.train.examples import Examples, Shuffle

CPU = torch.device("cpu")


def test_each_epoch_visits_every_example_once() -> None:
    shuffle = Shuffle(10, seed=3, device=CPU)
    first, second = shuffle.next(10).tolist(), shuffle.next(10).tolist()
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second


def test_batches_run_on_across_the_end_of_an_epoch() -> None:
    whole, parts = Shuffle(10, seed=3, device=CPU), Shuffle(10, seed=3, device=CPU)
    assert [i for _ in range(5) for i in parts.next(6).tolist()] == whole.next(30).tolist()


def test_the_order_is_not_touched_by_other_random_numbers() -> None:
    a = Shuffle(50, seed=1, device=CPU).next(50)
    torch.manual_seed(99)
    torch.rand(7)
    assert torch.equal(a, Shuffle(50, seed=1, device=CPU).next(50))
    assert not torch.equal(a, Shuffle(50, seed=2, device=CPU).next(50))


def test_evaluation_sees_every_example_once_and_in_order() -> None:
    examples = Examples(torch.arange(7), torch.arange(7) * 10)
    targets = [t for _, batch in examples.in_order(3) for t in batch.tolist()]
    assert targets == [0, 10, 20, 30, 40, 50, 60]


def test_inputs_and_targets_must_match() -> None:
    with pytest.raises(ValueError, match="3 inputs but 2 targets"):
        Examples(torch.zeros(3), torch.zeros(2))
    with pytest.raises(ValueError, match="no example"):
        Shuffle(0, seed=0, device=CPU)
