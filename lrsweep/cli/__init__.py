"""The command line: one file a command, each parses, calls one function and renders.

What a command needs beyond Typer is imported inside its function, so that `lrsweep --help` and
shell completion stay fast.
"""
