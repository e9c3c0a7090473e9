"""What the source of a training script tells about its parameters; the script is never run.

parameter ← styles ← interface      one parameter, how its values are written, where they stand
source ← signature, configs         syntax trees, what they declare, files beside them
       ← booleans, parsers ← readers ← reading     one reader a kind, and the table of them
metric_names, budget, optimizer     what it reports, how long it trains and with what
proposal                            what to search first: for `probe`, `init` and questions
"""

from lrsweep.scripts.interface import Interface
from lrsweep.scripts.parameter import Parameter
from lrsweep.scripts.reading import Script, read_script

__all__ = ["Interface", "Parameter", "Script", "read_script"]
