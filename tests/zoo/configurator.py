"""Overrides globals from --key=value, whose type must be the default's; run by exec."""

import sys
from ast import literal_eval

for argument in sys.argv[1:]:
    assert argument.startswith("--")
    key, text = argument[2:].split("=")
    assert key in globals(), f"Unknown config key: {key}"
    try:
        attempt = literal_eval(text)
    except (SyntaxError, ValueError):
        attempt = text
    assert type(attempt) is type(globals()[key]), (key, attempt)
    print(f"Overriding: {key} = {attempt}")
    globals()[key] = attempt
