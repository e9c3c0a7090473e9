"""What the source of a training script tells about its parameters; the script is never run.

source       the script's syntax tree, and those of the modules beside it that it imports
parameter    one parameter: name, spelling, default, choices
argparse_, click_, typer_, dataclass_, hydra_, lightning_, keyvalue_    a reader for each kind
reading      which kind it is, how certain that is, and its parameters
styles, option          how a value is spelled in each style of arguments
metric_names, budget    what it reports and how long it trains, as its source names them
proposal     a first `sweep.toml` for it
"""

from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.reading import Script, read_script

__all__ = ["Parameter", "Script", "read_script"]
