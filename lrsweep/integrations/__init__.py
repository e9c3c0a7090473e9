"""Callbacks for those whose training loop belongs to a framework.

    lrsweep.integrations.plain          report(...) for any loop or framework with a hook
    lrsweep.integrations.lightning      Lightning (the lightning package)
    lrsweep.integrations.transformers   the Trainer of transformers
    lrsweep.integrations.keras          Keras 3

Each module needs its framework and nothing else, and is imported by its own name. Outside a sweep a
callback only prints, so that it can stay in a script. When the sweep stops a trial, a callback
raises `lrsweep.TrialStopped`, which ends the process quietly.
"""
