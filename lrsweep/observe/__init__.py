"""Watches torch inside a training process, for a script that calls nothing of ours.

This folder is all that it needs: it imports the standard library and its own files only, so that it
also works in the Python of another environment, where lrsweep is not installed. What it sees it
appends to the trial's events; judging that is the affair of others.

    surroundings   what a training process must have in its environment to be observed
    site/          a `sitecustomize` for PYTHONPATH: starts the observer in a fresh Python
    training/      the observer itself; knows torch through `sys.modules` alone
"""
