"""lrsweep: which learning rate, with which batch size and which optimizer, and how sure are we?

What a training script may use; importing it costs milliseconds and loads no framework. The command
line lives in `lrsweep.cli`.
"""

from lrsweep.client import CurrentTrial, TrialStopped, current_trial, current_trials

__version__ = "0.1.0"
__all__ = ["CurrentTrial", "TrialStopped", "__version__", "current_trial", "current_trials"]
