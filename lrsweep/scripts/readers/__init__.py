"""One reader for each way in which scripts take parameters; `scripts.reading` has the table.

Each has `is_used(source)`, `parameters(source)`, and where it may be so `is_complete(source)`:
whether the script has these parameters and certainly no others.
"""
