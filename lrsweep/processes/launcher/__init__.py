"""The launcher: one small process a sweep that starts every trial and ends whatever they leave.

It runs in a process of its own, knows the standard library only and has one thread, so that it can
fork at any time. The sweep speaks with it over a socket, one JSON object a line:

    sweep → launcher    {"start": 3, "warm": true, "argv": […], "env": {…}, "cwd": …,
                         "stdout": …, "stderr": …}
                        {"signal": 15, "trial": 3}
    launcher → sweep    {"ready": true, "notes": […]}
                        {"started": 3, "pid": 4711}      {"failed": 3, "why": …}
                        {"exited": 3, "code": -9}

The number of a trial is the sweep's to choose. When the sweep hangs up, in whatever way, the
launcher kills every descendant that it has and ends.

    server        the loop: requests in, processes out, the dead reaped
    child_setup   from the fork to the first line of the trial: session, streams, folder
    interpreter   how a forked trial becomes `python script.py`
    teardown      what is torn down when that ends
    preload       imports before the first fork, and whether forking is still safe
    imports       what a script imports, read from its source
    thread_counts how many threads loaded libraries use
    linux         what the kernel offers for keeping a family of processes together
"""
