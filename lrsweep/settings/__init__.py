"""What may be said of a sweep, declared once for the command line, `sweep.toml` and the plan.

declared ← settings    how a setting is declared, and all of them
checking               what is wrong with settings, as one sentence
toml_lines ← toml_file     where a key stands in a TOML file; such a file, read
"""

from lrsweep.settings.settings import BY_NAME, DECLARED, STRICT, Settings

__all__ = ["BY_NAME", "DECLARED", "STRICT", "Settings"]
