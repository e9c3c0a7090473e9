"""A training gives the same numbers to the last bit whether it is observed or not."""

from __future__ import annotations

import re

import pytest

from tests.observe.process import Runner, Seen

SETUP = """
import copy, hashlib, io, json, pickle, random, sys, threading, warnings
import numpy, torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0); numpy.random.seed(0); random.seed(0)
DIGESTS = {}

def model():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Dropout(0.1), nn.Linear(16, 3))

def digest(name, *things):
    # With the generators' states: nothing may have drawn from them.
    found = hashlib.sha256()
    for thing in (*things, torch.get_rng_state(), random.getstate(), numpy.random.get_state()):
        buffer = io.BytesIO(); torch.save(thing, buffer, _use_new_zipfile_serialization=False)
        data = buffer.getvalue()
        flat = thing.numpy().tobytes() if isinstance(thing, torch.Tensor) else repr(thing).encode()
        found.update(flat)
    DIGESTS[name] = found.hexdigest()

def weights(module): return [p.detach().clone() for p in module.parameters()]
X, Y = torch.randn(128, 6), torch.randint(0, 3, (128,))

def train(net, optimizer, steps=40, scheduler=None, clip=False, accumulate=1):
    losses = []
    for step in range(steps):
        for part in range(accumulate):
            at = torch.randint(0, 128, (16,))
            loss = F.cross_entropy(net(X[at]), Y[at]) / accumulate
            loss.backward(); losses.append(loss.item())
        if clip: nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        optimizer.step(); optimizer.zero_grad()
        if scheduler: scheduler.step()
    return losses
"""
END = "\nprint(json.dumps(DIGESTS))\n"

CASES = {
    "every optimizer": """
warnings.simplefilter("ignore")
for name in ("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "NAdam",
             "RAdam", "RMSprop", "Rprop", "SGD", "Muon"):
    net = model()
    parameters = [p for p in net.parameters() if p.dim() == 2] if name == "Muon" \
        else net.parameters()
    kind = getattr(torch.optim, name)
    optimizer = kind(parameters, lr=0.01)
    digest(name, train(net, optimizer), *weights(net), json.dumps(str(optimizer.state_dict())))
net = model(); net.double(); embedding = nn.Embedding(20, 6, sparse=True)
optimizer = torch.optim.SparseAdam(embedding.parameters(), lr=0.01)
for step in range(20):
    embedding(torch.randint(0, 20, (8,))).pow(2).sum().backward()
    optimizer.step(); optimizer.zero_grad()
digest("SparseAdam", *weights(embedding))
net = model().eval(); optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=5)
def closure():
    optimizer.zero_grad(); loss = F.cross_entropy(net(X), Y); loss.backward(); return loss
digest("LBFGS", [optimizer.step(closure).item() for _ in range(8)], *weights(net))
""",
    "fused, foreach, tensor rates, several groups": """
for name in ("SGD", "Adam", "AdamW"):
    for more in ({"fused": True}, {"foreach": True}, {"foreach": False}):
        net = model(); optimizer = getattr(torch.optim, name)(net.parameters(), lr=0.01, **more)
        digest(f"{name} {more}", train(net, optimizer), *weights(net))
net = model(); rate = torch.tensor(0.01)
optimizer = torch.optim.Adam(net.parameters(), lr=rate, foreach=False)
digest("tensor rate", train(net, optimizer), rate, *weights(net))
net = model()
groups = [{"params": net[0].parameters(), "lr": 0.1}, {"params": net[3].parameters()}]
optimizer = torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, [0.2, 0.05], total_steps=41)
digest("one cycle, clipped, accumulated",
       train(net, optimizer, 40, schedule, True, 3), *weights(net))
""",
    "scaler and autocast": """
net = model(); optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
scaler = torch.amp.GradScaler("cpu", init_scale=2.0 ** 14); losses = []
for step in range(40):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = F.cross_entropy(net(X), Y)
    scaler.scale(loss * (float("inf") if step == 7 else 1)).backward()
    scaler.unscale_(optimizer); nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(optimizer); scaler.update(); optimizer.zero_grad(); losses.append(loss.item())
digest("scaler", losses, scaler.get_scale(), *weights(net))
""",
    "compiled": """
import torch._dynamo
torch._dynamo.config.error_on_recompile = False
net = model().eval(); optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
compiled = torch.compile(net, backend="aot_eager")
digest("model", train(compiled, optimizer, 10), *weights(net))
net = model().eval(); optimizer = torch.optim.Adam(net.parameters(), lr=0.01, foreach=False)
step = torch.compile(optimizer.step, backend="eager")
for _ in range(5):
    F.cross_entropy(net(X), Y).backward(); step(); optimizer.zero_grad()
digest("step", *weights(net))
net = model().eval(); optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
@torch.compile(backend="eager")
def whole():
    loss = F.cross_entropy(net(X), Y); loss.backward(); optimizer.step(); optimizer.zero_grad()
    return loss.detach()
digest("whole step", [whole().item() for _ in range(5)], *weights(net))
digest("graphs", torch._dynamo.utils.counters["stats"]["unique_graphs"],
       sum(torch._dynamo.utils.counters["graph_break"].values()))
""",
    "own optimizer, copies, pickles and files": """
class Signs(torch.optim.Optimizer):
    def __init__(self, params, lr): super().__init__(params, {"lr": lr})
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None: p.add_(p.grad.sign(), alpha=-group["lr"])
net = model(); optimizer = Signs(net.parameters(), 0.01)
digest("own", train(net, optimizer), *weights(net))
net = model(); optimizer = torch.optim.AdamW(net.parameters(), lr=0.01); train(net, optimizer, 20)
other, second = copy.deepcopy((net, optimizer))
digest("copies", train(other, second, 5), train(net, optimizer, 5), *weights(other), *weights(net))
third = pickle.loads(pickle.dumps(optimizer)); digest("pickle", str(third), len(third.state))
buffer = io.BytesIO(); torch.save({"o": optimizer.state_dict(), "m": net.state_dict(),
                                   "whole": (net, optimizer)}, buffer)
digest("file", hashlib.sha256(buffer.getvalue()).hexdigest())
digest("attributes", sorted(vars(optimizer)), sorted(vars(net)), sorted(vars(X)),
       torch.autograd.backward.__qualname__, torch.autograd.backward.__module__)
""",
    "workers, threads, several models": """
if __name__ == "__main__":
    data = torch.utils.data.TensorDataset(X, Y)
    net = model(); optimizer = torch.optim.SGD(net.parameters(), lr=0.1); losses = []
    for epoch in range(2):
        for x, y in torch.utils.data.DataLoader(data, 16, shuffle=True, num_workers=2):
            loss = F.cross_entropy(net(x), y); optimizer.zero_grad(); loss.backward()
            optimizer.step(); losses.append(loss.item())
    digest("workers", losses, *weights(net))
    nets = [model().eval() for _ in range(3)]
    def fit(net, rate):
        optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
        for _ in range(60):
            optimizer.zero_grad(); F.cross_entropy(net(X), Y).backward(); optimizer.step()
    threads = [threading.Thread(target=fit, args=(n, 0.1 * i)) for i, n in enumerate(nets, 1)]
    [t.start() for t in threads]; [t.join() for t in threads]
    digest("threads", *[w for n in nets for w in weights(n)])
""",
    "gradient penalty, gradients of gradients, hooks": """
net = model(); optimizer = torch.optim.Adam(net.parameters(), lr=0.01); losses = []
calls = []
net[0].weight.register_hook(lambda g: calls.append(g.norm().item()))
optimizer.register_step_pre_hook(lambda *a: calls.append("pre"))
optimizer.register_step_post_hook(lambda *a: calls.append("post"))
for step in range(10):
    x = X.clone().requires_grad_()
    loss = F.cross_entropy(net(x), Y)
    (g,) = torch.autograd.grad(loss, x, create_graph=True)
    (loss + 10 * (g.norm(dim=1) - 1).pow(2).mean()).backward(retain_graph=True)
    torch.autograd.backward([loss * 0.1, loss * 0.2], [None, torch.tensor(2.0)])
    X.requires_grad_(False); optimizer.step(); optimizer.zero_grad(); losses.append(loss.item())
digest("penalty", losses, calls, *weights(net))
""",
}


def said(seen: Seen) -> str:
    """Standard error without times and process ids."""
    return re.sub(r"\d+", "N", seen.stderr)


@pytest.mark.parametrize("case", CASES)
def test_forked_training(runner: Runner, case: str) -> None:
    code = SETUP + CASES[case] + END
    observed = runner.run(code)
    plain = runner.run(code, observe=False)
    assert (said(observed), observed.code) == (said(plain), plain.code)
    assert plain.code == 0, plain.stderr
    assert observed.printed == plain.printed
    assert observed.facts["problem"] == ""
    assert observed.facts["optimizers"]
    assert not plain.facts


def test_training_that_is_started_cold(runner: Runner) -> None:
    code = SETUP + CASES["fused, foreach, tensor rates, several groups"] + END
    observed = runner.run(code, warm=False)
    plain = runner.run(code, warm=False, observe=False)
    assert (observed.stderr, observed.code) == (plain.stderr, 0)
    assert observed.printed == plain.printed
    assert observed.facts["optimizers"]


PARALLEL = """
import os, socket
import torch.distributed as dist, torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel

def rank_trains(rank, port, queue):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=2)
    net = model().eval()
    if KIND == "ddp":
        net = DistributedDataParallel(net)
    else:
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard
        mesh = init_device_mesh("cpu", (2,))
        fully_shard(net[0], mesh=mesh); fully_shard(net[3], mesh=mesh)
        fully_shard(net, mesh=mesh)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01); losses = []
    for step in range(12):
        at = slice(64 * rank, 64 * rank + 64)
        loss = F.cross_entropy(net(X[at]), Y[at])
        optimizer.zero_grad(); loss.backward(); optimizer.step(); losses.append(loss.item())
    whole = [getattr(p, "full_tensor", lambda: p)().detach() for p in net.parameters()]
    digest(KIND, losses, *whole)
    if rank == 0: queue.put(DIGESTS[KIND])
    dist.destroy_process_group()

if __name__ == "__main__":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0)); port = free.getsockname()[1]
    context = mp.get_context("spawn"); queue = context.Queue()
    ranks = [context.Process(target=rank_trains, args=(r, port, queue)) for r in (0, 1)]
    [r.start() for r in ranks]; print(json.dumps(queue.get())); [r.join() for r in ranks]
    sys.exit(sum(r.exitcode for r in ranks))
"""


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_processes_that_train_together(runner: Runner, kind: str) -> None:
    code = SETUP + f"KIND = {kind!r}\n" + PARALLEL
    observed = runner.run(code)
    plain = runner.run(code, observe=False)
    assert (observed.code, plain.code) == (0, 0), observed.stderr + plain.stderr
    assert observed.printed == plain.printed
    assert observed.facts["world"] == 2
    assert observed.optimizer["steps"] == 12
    assert list(observed.curve("train_loss")) == list(range(1, 13))
    sharded = ["grad_norm, update_ratio: the weights are sharded"]
    assert observed.facts["off"] == (sharded if kind == "fsdp" else [])
