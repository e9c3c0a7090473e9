"""Samplers and pruners replayed on recorded and synthetic trainings: `python -m benchmarks.search`.

task ← recorded, tables, synthetic ← suite     what is trained, and how good a result is
former                                         the default of the first release, for comparison
replay ← contestants                           a whole sweep in virtual time
results ← report                               kept line by line; tables of docs/search.md
"""
