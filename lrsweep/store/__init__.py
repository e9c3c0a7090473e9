"""The study: an Optuna study in a database, with tables of our own beside it.

`tables` names every table, `memory` is what samplers see, `study` is what a sweep writes through,
`lock` keeps one owner, `read` is the read-only side that reports use (it never imports Optuna).
"""
