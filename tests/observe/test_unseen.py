"""A script cannot tell that it is observed: not by what it prints, nor by how it ends."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.observe.process import Runner, Seen

TRAIN = """
import json, sys, torch
torch.manual_seed(0)
net = torch.nn.Linear(3, 1); optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
def step():
    optimizer.zero_grad(); loss = net(torch.ones(4, 3)).mean(); loss.backward(); optimizer.step()
    return loss
step()
"""
# What scripts do beside training, above all how they end.
SCRIPTS = {
    "path": "print(sys.path, sys.argv, sys.flags, [m for m in sys.modules if 'custom' in m])",
    "loaders": "print(torch.__loader__.__class__, sorted(vars(torch.__loader__)), torch.__spec__)",
    "backward fails": "loss = step(); loss.backward()",
    "backward of no graph": "torch.ones(2).sum().backward()",
    "backward of a vector": "net(torch.ones(4, 3)).backward()",
    "backward with wrong arguments": "torch.autograd.backward(1, 2, 3, 4, 5, 6, 7)",
    "backward in a hook": "net.weight.register_hook(lambda g: 1 / 0); step()",
    "backward is interrupted": "def stop(g): raise KeyboardInterrupt\n"
    "net.weight.register_hook(stop); step()",
    "step fails": "net.weight.grad = None; optimizer.param_groups[0]['lr'] = 'x'; step()",
    "closure fails": "optimizer.step(lambda: 1 / 0)",
    "data fails": "class Data(torch.utils.data.Dataset):\n"
    "    def __len__(self): return 4\n"
    "    def __getitem__(self, i): return 1 / (2 - i)\n"
    "for x in torch.utils.data.DataLoader(Data()): print(x)",
    "scale fails": "torch.amp.GradScaler('cpu').scale('loss')",
    "traceback is printed": "import traceback\n"
    "try: step().backward()\nexcept RuntimeError: traceback.print_exc()",
    "warning": "import warnings\nwarnings.simplefilter('always')\n"
    "class Data(torch.utils.data.IterableDataset):\n"
    "    def __len__(self): return 1\n"
    "    def __iter__(self): return iter(range(3))\n"
    "loader = torch.utils.data.DataLoader(Data()); len(loader); list(loader)",
    "exit number": "sys.exit(3)",
    "exit words": "sys.exit('no data')",
    "exit now": "import os; os._exit(5)",
    "atexit": "import atexit; atexit.register(print, 'first'); atexit.register(lambda: 1 / 0)",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "fork": "import os\npid = os.fork()\nstep()\nif pid == 0: sys.exit(7)\n"
    "print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))",
    "signature": "import inspect; print(inspect.signature(torch.autograd.backward),\n"
    "    torch.autograd.backward.__doc__[:50], torch.utils.data.dataloader.__file__)",
    "optimizers with nothing": "torch.optim.SGD([torch.ones(1)]).step(); print('done')",
    "rate that is no number": "optimizer.param_groups[0]['lr'] = object(); optimizer.zero_grad()\n"
    "optimizer.step(); print('done')",
    "groups without a rate": "class Own(torch.optim.Optimizer):\n"
    "    def step(self): pass\n"
    "own = Own([net.weight], {}); own.step(); del own.param_groups; own.step(); print('done')",
    "dispatch mode": "from torch.utils._python_dispatch import TorchDispatchMode\n"
    "class Log(TorchDispatchMode):\n"
    "    def __torch_dispatch__(self, f, types, args=(), kwargs=None):\n"
    "        print(f); return f(*args, **(kwargs or {}))\n"
    "with Log(): step()",
    "descriptors": "import os; print(sorted(os.listdir('/proc/self/fd')))",
    "children": "import subprocess; print(subprocess.run([sys.executable, '-c',\n"
    "    'import sys; print(sys.path)'], capture_output=True))",
}


def both(runner: Runner, code: str, *, warm: bool) -> tuple[Seen, Seen]:
    return runner.run(code, warm=warm), runner.run(code, warm=warm, observe=False)


def check_equal(observed: Seen, plain: Seen) -> None:
    def told(seen: Seen) -> tuple[str, str, int]:
        out, err = (re.sub("0x[0-9a-f]+", "0x", text) for text in (seen.stdout, seen.stderr))
        return out, err, seen.code

    assert told(observed) == told(plain)


@pytest.mark.parametrize("case", SCRIPTS)
def test_forked_scripts(runner: Runner, case: str) -> None:
    observed, plain = both(runner, TRAIN + SCRIPTS[case], warm=True)
    check_equal(observed, plain)


def test_files_lie_in_the_trials_folder_alone(runner: Runner) -> None:
    before = set(runner.folder.rglob("*"))
    seen = runner.run(TRAIN)
    new = set(runner.folder.rglob("*")) - before
    assert {p for p in new if p.name != "script.py"} == {
        seen.folder.path,
        seen.folder.events,
        seen.folder.stdout,
        seen.folder.stderr,
    }


@pytest.mark.parametrize("case", ["path", "loaders", "backward fails", "children", "exit number"])
def test_scripts_started_cold(runner: Runner, case: str) -> None:
    observed, plain = both(runner, TRAIN + SCRIPTS[case], warm=False)
    check_equal(observed, plain)
    assert observed.facts


LIGHT = {
    "path": "import sys; print(sys.path, sys.argv, 'sitecustomize' in sys.modules, sys.meta_path)",
    "torch is not there": "import sys; sys.path[:] = []; sys.path_importer_cache.clear()\n"
    "import torch",
    "torch fails": "import broken, torch",
    "other torch": "import other, torch; print(torch.__file__, torch.value)",
    "finding": "import importlib.util; print(importlib.util.find_spec('torch').name)",
}


@pytest.mark.parametrize("case", LIGHT)
def test_scripts_without_torch_started_cold(runner: Runner, case: str, tmp_path: Path) -> None:
    for name, text in (
        ("broken", "def f(): raise OSError('no CUDA')\nf()"),
        ("other", "value = 7"),
    ):
        package = tmp_path / name / "torch"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(text)
        insert = f"import sys; sys.path.insert(0, {str(tmp_path / name)!r})\n"
        (runner.folder / f"{name}.py").write_text(insert)
    observed, plain = both(runner, LIGHT[case], warm=False)
    if case == "path":
        assert "_TorchFinder" in observed.stdout
        assert observed.stdout.split(" [")[0] == plain.stdout.split(" [")[0]
    else:
        check_equal(observed, plain)


CUSTOM = {
    "there is none": None,
    "the user has one": "import sys; sys.custom = __file__; print('custom', __name__)",
    "it fails": "raise ValueError('broken')",
    "it imports something that is not there": "import nothing_of_this_name",
    "it exits": "import sys; print('custom'); sys.exit(4)",
}


@pytest.mark.parametrize("case", CUSTOM)
def test_the_users_sitecustomize_runs_as_ever(runner: Runner, case: str, tmp_path: Path) -> None:
    text = CUSTOM[case]
    if text is not None:
        (tmp_path / "sitecustomize.py").write_text(text)
    code = """
    import sys
    module = sys.modules.get("sitecustomize")
    print(sys.path, getattr(sys, "custom", None), getattr(module, "__spec__", None))
    """
    env = {"PYTHONPATH": str(tmp_path)}
    observed = runner.run(code, warm=False, env=env)
    plain = runner.run(code, warm=False, env=env, observe=False)
    check_equal(observed, plain)


def test_a_fault_of_the_observer_switches_it_off_and_is_kept(runner: Runner) -> None:
    seen = runner.run(
        TRAIN
        + """
import _lrsweep_observe.observer as observer
def fails(*_): raise LookupError("of the observer")
observer.Observer.backward = fails
hooks = sys.modules["_lrsweep_observe.hooks"]
hooks._installed["it"]._log.point = fails
step()
print(step().item() < 1)
""",
    )
    assert (seen.stdout, seen.stderr, seen.code) == ("True\n", "", 0)


def test_a_process_without_a_trial_is_left_alone(runner: Runner) -> None:
    seen = runner.run(TRAIN + "print('_lrsweep_observe.hooks' in sys.modules)", observe=False)
    assert seen.stdout == "False\n"
    assert not seen.folder.events.exists()


def test_a_python_that_knows_no_lrsweep(runner: Runner, tmp_path: Path) -> None:
    """Another environment's; a torch without hooks stands in for one that is not supported."""
    package = tmp_path / "torch"
    package.mkdir()
    (package / "__init__.py").write_text("import torch.optim.optimizer, torch.autograd\n")
    (package / "autograd.py").write_text("def backward(tensors): pass\n")
    (package / "optim").mkdir()
    (package / "optim" / "__init__.py").write_text("")
    (package / "optim" / "optimizer.py").write_text("")
    code = """
    import sys
    try:
        import lrsweep
    except ImportError:
        import torch
        print("alone", "_lrsweep_observe" in sys.modules)
    """
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = str(venv / "bin" / "python")
    seen = runner.run(
        code, argv=[python, "script.py"], warm=False, env={"PYTHONPATH": str(tmp_path)}
    )
    assert (seen.stdout, seen.stderr) == ("alone True\n", "")
    assert "everything: this torch has no hooks of optimizer steps" in seen.facts["off"]
