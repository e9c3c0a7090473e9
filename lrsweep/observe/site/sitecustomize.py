"""Starts the observer in a Python that begins to run, then makes way for the user's own.

Python imports the first `sitecustomize` on its path, and never says where that came from. This one
takes its folder off the path, has the observer wait for torch, and imports the next one under the
same name; where there is none, it fails as if it had not been found, which Python passes over.
"""

import os
import sys
from _frozen_importlib_external import SourceFileLoader


def _leave_no_trace(folder: str) -> None:
    own = [item for item in sys.path if os.path.abspath(item) == folder]
    sys.path[:] = [item for item in sys.path if item not in own]
    for item in own:
        sys.path_importer_cache.pop(item, None)
    sys.modules.pop("sitecustomize", None)


def _observe(folder: str) -> None:
    if os.environ.get("LRSWEEP_OBSERVE") != "auto" or not os.environ.get("LRSWEEP_TRIAL_DIR"):
        return
    try:
        name, above = "_lrsweep_waiting", os.path.dirname(folder)
        # By the loader of the import system, which keeps what it has compiled.
        code = SourceFileLoader(name, os.path.join(above, "waiting.py")).get_code(name)
        names: dict[str, object] = {"__name__": name, "FOLDER": above}
        exec(code, names)  # type: ignore[arg-type]
        names["wait_for_torch"]()  # type: ignore[operator]
    except Exception:
        return


# Frames between Python's import of this file and the user's own file.
_OURS = (__file__, "<frozen importlib")
_folder = os.path.dirname(os.path.abspath(__file__))
_leave_no_trace(_folder)
_observe(_folder)
try:
    import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
except BaseException as error:
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(_OURS):
        frames = frames.tb_next
    error.__traceback__ = frames
    raise
