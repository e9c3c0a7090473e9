"""Rates by layer: blocks, decay with depth, frozen and thawing blocks, weight decay by shape."""

import pytest
import torch
from torch import nn

from lrsweep.errors import InputError
from lrsweep.train import Recipe, fit, make_optimizer
from lrsweep.train.fine_tuning import (
    GradualUnfreezing,
    blocks,
    layer_rates,
    parameter_groups,
    training_mode,
)
from lrsweep.train.training import Training
from tests.train.conftest import Digits, Recorder


class Encoder(nn.Module):
    """The shape of a transformer with a task head, as the transformers library names it."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict({"word": nn.Embedding(9, 4), "norm": nn.LayerNorm(4)})
        self.layer = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bert = Encoder()
        self.head = nn.Linear(4, 2)


def test_blocks_are_numbered_layers_and_what_lies_around_them() -> None:
    assert blocks(Classifier()) == {
        "bert.embeddings": [f"bert.embeddings.{n}" for n in ("word.weight", "norm.weight")]
        + ["bert.embeddings.norm.bias"],
        "bert.layer.0": ["bert.layer.0.weight", "bert.layer.0.bias"],
        "bert.layer.1": ["bert.layer.1.weight", "bert.layer.1.bias"],
        "head": ["head.weight", "head.bias"],
    }


def test_blocks_of_a_plain_network_are_its_modules() -> None:
    plain = nn.ModuleDict({"conv": nn.Conv2d(1, 2, 3), "out": nn.Linear(2, 2)})
    assert list(blocks(plain)) == ["conv", "out"]
    assert list(blocks(nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2)))) == ["0", "2"]


def test_rates_decay_from_the_output_to_the_input() -> None:
    assert layer_rates(Classifier(), 0.5) == {
        "bert.embeddings": 0.125,
        "bert.layer.0": 0.25,
        "bert.layer.1": 0.5,
        "head": 1.0,
    }


def test_a_recipe_gives_modules_rates_of_their_own_beside_the_decay(digits: Digits) -> None:
    recipe = Recipe(lr=0.1, layer_decay=0.5, layer_rates="bert.layer=0.25, head=10")
    model = Classifier()
    optimizer = Training(model, digits.train, nn.functional.cross_entropy, recipe).optimizer
    rate_of = {id(p): g["lr"] for g in optimizer.param_groups for p in g["params"]}
    found = {name.rpartition(".")[0]: rate_of[id(p)] for name, p in model.named_parameters()}
    assert found == {
        "bert.embeddings.word": pytest.approx(0.0125),
        "bert.embeddings.norm": pytest.approx(0.0125),
        "bert.layer.0": pytest.approx(0.025),
        "bert.layer.1": pytest.approx(0.025),
        "head": pytest.approx(1.0),
    }


def test_groups_carry_their_own_rate_and_the_longest_name_counts() -> None:
    model = Classifier()
    groups = parameter_groups(model, 0.1, rates={"bert": 0.1, "bert.layer.1": 0.5})
    rate_of = {id(p): g["lr"] for g in groups for p in g["params"]}
    found = {name: rate_of[id(p)] for name, p in model.named_parameters()}
    assert found["bert.embeddings.word.weight"] == pytest.approx(0.01)
    assert found["bert.layer.0.bias"] == pytest.approx(0.01)
    assert found["bert.layer.1.bias"] == pytest.approx(0.05)
    assert found["head.weight"] == pytest.approx(0.1)


def test_vectors_are_spared_weight_decay_on_request() -> None:
    model = Classifier()
    groups = parameter_groups(model, 0.1, decay_norms=False)
    spared = {id(p) for g in groups if g.get("weight_decay") == 0 for p in g["params"]}
    assert {n for n, p in model.named_parameters() if id(p) in spared} == {
        "bert.embeddings.norm.weight",
        "bert.embeddings.norm.bias",
        "bert.layer.0.bias",
        "bert.layer.1.bias",
        "head.bias",
    }


def test_muon_gets_the_matrices_but_not_the_embedding() -> None:
    model = Classifier()
    groups = parameter_groups(model, 0.1, matrices_apart=True)
    marked = {id(p) for g in groups if g["matrices"] for p in g["params"]}
    assert {n for n, p in model.named_parameters() if id(p) in marked} == {
        "bert.layer.0.weight",
        "bert.layer.1.weight",
    }
    assert make_optimizer("muon", groups, 0.1).param_groups[0]["lr"] == 0.1


class Transformer(nn.Module):
    """Positions as a plain parameter, and a head that may share the embedding's weights."""

    def __init__(self, tied: bool) -> None:
        super().__init__()
        self.token = nn.Embedding(9, 4)
        self.positions = nn.Parameter(torch.zeros(7, 4))
        self.attention = nn.MultiheadAttention(4, 2)
        self.up, self.down = nn.Linear(4, 16), nn.Linear(16, 4)
        self.unembed = nn.Linear(4, 9, bias=False)
        if tied:
            self.unembed.weight = self.token.weight


@pytest.mark.parametrize("tied", [False, True])
def test_muon_leaves_positions_and_the_head_to_adamw(tied: bool) -> None:
    model = Transformer(tied)
    groups = parameter_groups(model, 0.1, matrices_apart=True)
    marked = {id(p) for g in groups if g["matrices"] for p in g["params"]}
    assert {n for n, p in model.named_parameters() if id(p) in marked} == {
        "attention.in_proj_weight",
        "attention.out_proj.weight",
        "up.weight",
        "down.weight",
    }


def test_the_last_layer_of_a_plain_network_is_its_head() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    groups = parameter_groups(model, 0.1, matrices_apart=True)
    marked = {id(p) for g in groups if g["matrices"] for p in g["params"]}
    names = {n for n, p in model.named_parameters() if id(p) in marked}
    assert names == {"0.weight", "2.weight"}


def test_a_name_that_nothing_has_is_answered_with_the_blocks() -> None:
    with pytest.raises(InputError, match=r"'encoder'; blocks are bert.embeddings, bert.layer.0"):
        parameter_groups(Classifier(), 0.1, rates={"encoder": 0.1})
    with pytest.raises(InputError, match="every parameter is frozen"):
        parameter_groups(Classifier(), 0.1, rates={"bert": 0, "head": 0})


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw", "muon"])
def test_a_rate_of_0_freezes_bit_for_bit(
    digits: Digits, recorder: Recorder, optimizer: str
) -> None:
    torch.manual_seed(0)
    model = digits.models["mlp"]()
    before = {name: t.clone() for name, t in model.state_dict().items()}
    recipe = Recipe(lr=0.01, optimizer=optimizer, weight_decay=0.1, epochs=1, layer_decay=0.0)
    fit(
        model,
        digits.train,
        digits.validation,
        loss=nn.functional.cross_entropy,
        recipe=recipe,
        trial=recorder,
    )
    changed = {name for name, t in model.state_dict().items() if not torch.equal(t, before[name])}
    assert changed == {"3.weight", "3.bias"}


def test_frozen_batch_norms_keep_their_statistics() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 2), nn.BatchNorm1d(2))
    parameter_groups(model, 0.1, rates={"0": 0, "1": 0})
    training_mode(model)
    model(torch.randn(8, 2))
    state = model.state_dict()
    assert state["1.num_batches_tracked"] == 0
    assert state["3.num_batches_tracked"] == 1


def test_blocks_thaw_one_by_one_from_the_output() -> None:
    model = Classifier()
    model.bert.embeddings.requires_grad_(False)  # frozen by somebody else, for good
    thaw = GradualUnfreezing(model, 0.25)

    def training() -> set[str]:
        return {n.rsplit(".", 1)[0] for n, p in model.named_parameters() if p.requires_grad}

    assert training() == {"head"}
    assert not thaw.at(0.2)
    assert thaw.at(0.25)
    assert training() == {"head", "bert.layer.1"}
    assert thaw.at(1.0)
    assert training() == {"head", "bert.layer.1", "bert.layer.0"}


def test_a_training_thaws_its_blocks(digits: Digits, recorder: Recorder) -> None:
    torch.manual_seed(0)
    model = digits.models["mlp"]()
    first = model.state_dict()["1.weight"].clone()
    moved: list[bool] = []
    recorder.on_report = lambda _: moved.append(
        not torch.equal(model.state_dict()["1.weight"], first)
    )
    fit(
        model,
        digits.train,
        digits.validation,
        loss=nn.functional.cross_entropy,
        recipe=Recipe(lr=0.1, epochs=2, unfreeze=0.5, evaluations=4),
        trial=recorder,
    )
    assert moved == [False, False, True, True]
