"""What the observer says of a training, held against what the script itself knows."""

from __future__ import annotations

import math

import pytest

from tests.observe.process import Runner

SETUP = """
import json, math, torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
data = torch.utils.data.TensorDataset(torch.randn(96, 4), torch.randn(96, 1))
loader = torch.utils.data.DataLoader(data, batch_size=16, shuffle=True)
mse = torch.nn.functional.mse_loss
losses, rates = {}, {}
"""


def test_losses_and_a_schedule_are_what_the_script_knows(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
optimizer = torch.optim.AdamW(model.parameters(), lr=0.02, weight_decay=0.1)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 18)
step = 0
for epoch in range(3):
    for x, y in loader:
        loss = mse(model(x), y)
        optimizer.zero_grad(); loss.backward()
        step += 1; losses[step] = loss.item(); rates[step] = optimizer.param_groups[0]["lr"]
        optimizer.step(); schedule.step()
print(json.dumps([losses, rates]))
""",
    )
    losses, rates = seen.printed
    points = seen.curve("train_loss")
    assert list(points)[:16] == list(range(1, 17))
    assert points == {step: losses[str(step)] for step in points}
    assert seen.curve("lr") == {step: rates[str(step)] for step in points}
    told = seen.optimizer
    assert (told["name"], told["class"], told["steps"]) == ("optimizer", "AdamW", 18)
    assert told["settings"]["weight_decay"] == 0.1
    assert told["peak"] == [0.02]
    assert told["parameters"] == 4 * 8 + 8 + 8 + 1
    assert seen.facts["batch"]["loader"] == 16
    assert seen.points[-1].examples == 16 * seen.points[-1].step
    assert (seen.stderr, seen.code, seen.facts["problem"]) == ("", 0, "")


@pytest.mark.parametrize("loss", ["loss / 4", "loss * 0.25"])
def test_accumulated_micro_batches_are_averaged(runner: Runner, loss: str) -> None:
    seen = runner.run(
        SETUP
        + f"""
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
step, parts = 0, []
for epoch in range(4):
    for x, y in loader:
        loss = mse(model(x), y)
        ({loss}).backward()
        parts.append(loss.item())
        if len(parts) == 4:
            step += 1; losses[step] = sum(parts) / 4; parts = []
            optimizer.step(); optimizer.zero_grad()
print(json.dumps(losses))
""",
    )
    points = seen.curve("train_loss")
    assert points == pytest.approx({s: seen.printed[str(s)] for s in points})
    assert seen.facts["batch"] == {"seen": 16, "loader": 16, "micro_batches": 4, "step": 64}


def test_micro_batches_that_share_a_divisor_add_up(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
for step in range(1, 7):
    batches = [(torch.randn(n, 4), torch.randn(n, 1)) for n in (3, 5, 2)]
    items, total = torch.tensor(sum(len(x) for x, _ in batches)), 0.0
    for x, y in batches:
        loss = mse(model(x), y, reduction="sum") / items
        loss.backward(); total += loss.item()
    losses[step] = total
    optimizer.step(); optimizer.zero_grad()
print(json.dumps(losses))
""",
    )
    points = seen.curve("train_loss")
    assert points == pytest.approx({s: seen.printed[str(s)] for s in points})


def test_a_loss_divided_by_the_size_of_its_batch_stays_as_it_is(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
for step, (x, y) in enumerate(loader, 1):
    loss = mse(model(x), y, reduction="sum") / len(x)
    optimizer.zero_grad(); loss.backward(); losses[step] = loss.item(); optimizer.step()
print(json.dumps(losses))
""",
    )
    points = seen.curve("train_loss")
    assert points == {s: seen.printed[str(s)] for s in points}


def test_a_scaled_loss_is_told_unscaled(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
for step, (x, y) in enumerate(loader, 1):
    loss = mse(model(x), y)
    optimizer.zero_grad(); scaler.scale(loss).backward(); losses[step] = loss.item()
    scaler.step(optimizer); scaler.update()
print(json.dumps(losses))
""",
    )
    points = seen.curve("train_loss")
    assert points == {s: seen.printed[str(s)] for s in points}
    assert seen.optimizer["name"] == "optimizer"


def test_two_optimizers_are_told_apart_by_their_names(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
class Game:
    def __init__(self):
        self.opt_d = torch.optim.Adam(model.parameters(), lr=0.02)
        self.opt_g = torch.optim.RMSprop([torch.nn.Parameter(torch.ones(3))], lr=0.003)
        self.noise = self.opt_g.param_groups[0]["params"][0]
game = Game()
for step, (x, y) in enumerate(loader, 1):
    d = mse(model(x), y); d.backward(); game.opt_d.step()
    g = (game.noise ** 2).sum(); g.backward(); game.opt_g.step()
    losses[step] = (d.item(), g.item())
print(json.dumps(losses))
""",
    )
    first, second = seen.curve("train_loss"), seen.curve("opt_g/train_loss")
    assert first == {s: seen.printed[str(s)][0] for s in first}
    assert second == {s: seen.printed[str(s)][1] for s in second}
    assert [o["name"] for o in seen.facts["optimizers"]] == ["opt_d", "opt_g"]
    assert set(seen.curve("opt_g/lr").values()) == {0.003}


def test_the_first_loss_of_a_closure_is_that_of_the_step(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=6)
x, y = data.tensors
for step in range(1, 6):
    def closure():
        optimizer.zero_grad(); loss = mse(model(x), y); loss.backward(); return loss
    losses[step] = optimizer.step(closure).item()
print(json.dumps(losses))
""",
    )
    points = seen.curve("train_loss")
    assert points == {s: seen.printed[str(s)] for s in points}


def test_groups_with_rates_of_their_own_are_told_by_their_highest_and_lowest(
    runner: Runner,
) -> None:
    seen = runner.run(
        SETUP
        + """
groups = [{"params": model[0].parameters()}, {"params": model[2].parameters(), "lr": 0.1}]
optimizer = torch.optim.SGD(groups, lr=0.01)
for x, y in loader:
    mse(model(x), y).backward(); optimizer.step()
""",
    )
    assert set(seen.curve("lr").values()) == {0.1}
    assert set(seen.curve("lr_min").values()) == {0.01}
    assert seen.optimizer["first"] == [0.01, 0.1]


def test_norms_are_those_of_the_step(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
x, y = data.tensors
mse(model(x), y).backward()
before = torch.cat([p.detach().flatten() for p in model.parameters()])
norm = torch.cat([p.grad.flatten() for p in model.parameters()]).norm()
optimizer.step()
after = torch.cat([p.detach().flatten() for p in model.parameters()])
print(json.dumps([norm.item(), ((after - before).norm() / after.norm()).item()]))
""",
    )
    norm, ratio = seen.printed
    assert seen.curve("grad_norm")[1] == pytest.approx(norm)
    assert seen.curve("update_ratio")[1] == pytest.approx(ratio)


def test_a_loss_that_is_not_finite_is_told_at_its_step(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
for step, (x, y) in enumerate(loader, 1):
    loss = mse(model(x), y) * (math.inf if step > 3 else 1)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
""",
    )
    assert not math.isfinite(seen.curve("train_loss")[4])
    assert math.isfinite(seen.curve("train_loss")[3])


def test_points_stay_few_however_many_the_steps(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
weight = torch.nn.Parameter(torch.ones(1))
optimizer = torch.optim.SGD([weight], lr=1e-6)
for step in range(30000):
    optimizer.zero_grad(); (weight ** 2).sum().backward(); optimizer.step()
""",
    )
    assert seen.optimizer["steps"] == 30000
    assert 50 < len(seen.points) < 600
    assert seen.points[-1].step > 28000


def test_weights_that_are_moved_by_hand_have_no_optimizer(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
for x, y in loader:
    mse(model(x), y).backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.01 * p.grad; p.grad = None
""",
    )
    assert seen.points == ()
    assert (seen.facts["optimizers"], seen.facts["backwards"] > 0) == ([], True)


def test_an_optimizer_of_the_scripts_own_is_seen(runner: Runner) -> None:
    seen = runner.run(
        SETUP
        + """
class Lion(torch.optim.Optimizer):
    def __init__(self, params, lr): super().__init__(params, {"lr": lr, "betas": (0.9, 0.99)})
    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]: p -= group["lr"] * p.grad.sign()
optimizer = Lion(model.parameters(), 0.004)
for x, y in loader:
    optimizer.zero_grad(); mse(model(x), y).backward(); optimizer.step()
""",
    )
    told = seen.optimizer
    assert (told["class"], told["module"], told["first"]) == ("Lion", "__main__", [0.004])
    assert told["settings"] == {"betas": [0.9, 0.99]}
