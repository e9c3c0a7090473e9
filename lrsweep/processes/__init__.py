"""Processes on this machine: started by a launcher, told apart from others, ended with all theirs.

launcher/ ← connection   the process that starts trials, and the sweep's line to it
families                 which processes are ours, and which a dead sweep left
stderr_tail ← out_of_memory   why a process failed
error_line               which line of what it wrote says why
"""
