"""What the source of a training script tells about its parameters; the script is never run.

source       the script's syntax tree, and those of the modules beside it that it imports
parameter    one parameter: name, spelling, default, choices
argparse_, click_, typer_, dataclass_, hydra_, lightning_, keyvalue_    a reader for each kind
reading      which kind it is, how certain that is, and its parameters
"""

from lrsweep.plan.script.parameter import Parameter
from lrsweep.plan.script.reading import Script, read_script

__all__ = ["Parameter", "Script", "read_script"]
