"""What a sweep's trials run, and on what: commit, code, versions, machine."""

from __future__ import annotations

import ast
import hashlib
import platform
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

from lrsweep.plan import SweepPlan
from lrsweep.plan.source import script_of

_DRIVER = Path("/proc/driver/nvidia/version")
_MOST_MODULES = 200
_LONGEST_DIFF = 1 << 20
_GIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """Empty where nothing tells. `code` is a hash over the script and its own modules.

    `diff` is what the working tree had that `commit` has not, `untracked` files left out.
    """

    commit: str = ""
    dirty: bool = False
    code: str = ""
    python: str = ""
    torch: str = ""
    driver: str = ""
    host: str = ""
    diff: str = field(default="", repr=False)

    @property
    def digest(self) -> str:
        """The diff's own name; empty where there is none."""
        return hashlib.sha256(self.diff.encode()).hexdigest() if self.diff else ""

    def facts(self, device: str) -> dict[str, str | bool]:
        """What is kept of one attempt, as JSON; of the diff its digest."""
        facts: dict[str, str | bool] = {
            "commit": self.commit,
            "dirty": self.dirty,
            "diff": self.digest,
            "code": self.code,
            "python": self.python,
            "torch": self.torch,
            "driver": self.driver,
            "host": self.host,
            "device": device,
        }
        return {name: value for name, value in facts.items() if value != ""}


class Provenances:
    """What each attempt of a sweep runs: asked once, but for the code, which may be edited."""

    def __init__(self, plan: SweepPlan) -> None:
        self._now = provenance_of(plan)
        script = script_of(plan.target.argv, Path(plan.target.cwd))
        self._script = script
        self._files = [] if script is None else list(own_modules(script))
        self._stamp = self._stamps()

    def now(self) -> Provenance:
        """What an attempt that starts now runs."""
        stamp = self._stamps()
        if self._script is not None and stamp != self._stamp:
            self._stamp, self._files = stamp, list(own_modules(self._script))
            self._now = replace(self._now, code=code_hash(self._script))
        return self._now

    def _stamps(self) -> list[tuple[int, int]]:
        found = []
        for path in self._files:
            try:
                stat = path.stat()
            except OSError:
                continue
            found.append((stat.st_mtime_ns, stat.st_size))
        return found


def provenance_of(plan: SweepPlan) -> Provenance:
    """What trials of `plan` run now; reads files and asks git, changes nothing."""
    cwd = Path(plan.target.cwd)
    commit = _git(cwd, "rev-parse", "HEAD").strip()
    diff = _git(cwd, "diff", "HEAD") if commit else ""
    status = _git(cwd, "status", "--porcelain", "--untracked-files=no") if commit else ""
    script = script_of(plan.target.argv, cwd)
    return Provenance(
        commit=commit,
        dirty=bool(status.strip()),
        code="" if script is None else code_hash(script),
        python=platform.python_version(),
        torch=_version("torch"),
        driver=_driver(),
        host=socket.gethostname(),
        diff=diff[:_LONGEST_DIFF].replace("\0", ""),
    )


def code_hash(script: Path) -> str:
    """A hash over `script` and the modules beside it that it imports, by their content."""
    digest = hashlib.sha256()
    for path in own_modules(script):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def own_modules(script: Path) -> Iterator[Path]:
    """`script`, then the modules below its folder that it imports, and those that they import."""
    waiting, seen = [script], {script}
    while waiting:
        path = waiting.pop(0)
        yield path
        for name in _imports(path):
            inner = script.parent.joinpath(*name.split("."))
            for found in (inner.with_suffix(".py"), inner / "__init__.py"):
                if found not in seen and len(seen) < _MOST_MODULES and found.is_file():
                    seen.add(found)
                    waiting.append(found)


def _imports(path: Path) -> list[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            found += [base, *(f"{base}.{alias.name}".strip(".") for alias in node.names)]
    return sorted({name for name in found if re.fullmatch(r"\w+(\.\w+)*", name)})


def _git(cwd: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ("git", "-C", str(cwd), *arguments),
            capture_output=True,
            timeout=_GIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.decode(errors="replace")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _driver() -> str:
    try:
        match = re.search(r"Kernel Module\D+([\d.]+)", _DRIVER.read_text())
    except OSError:
        return ""
    return match[1] if match else ""
