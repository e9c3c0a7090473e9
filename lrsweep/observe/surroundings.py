"""What a training process must have in its environment to be observed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

# "auto": watch what torch does. Anything else, or nothing: leave the process alone.
ENV_OBSERVE = "LRSWEEP_OBSERVE"
# LOW:HIGH:STEPS: raise the learning rate at every optimizer step, then end the process.
ENV_RAMP = "LRSWEEP_OBSERVE_RAMP"

_SITE = str(Path(__file__).parent / "site")


def is_observed(env: Mapping[str, str]) -> bool:
    """Whether a process with this environment is to be observed."""
    return env.get(ENV_OBSERVE) == "auto"


def with_hook(env: Mapping[str, str]) -> dict[str, str]:
    """`env` such that every Python that starts with it loads the observer, where it asks for it."""
    if not is_observed(env):
        return dict(env)
    # An empty entry of PYTHONPATH means the working folder, so nothing is joined to nothing.
    own = [item for item in (env.get("PYTHONPATH"),) if item]
    return {**env, "PYTHONPATH": os.pathsep.join([_SITE, *own])}
