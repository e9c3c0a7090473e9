"""A model of the objective that knows what a learning rate is.

encoding      a space as a unit cube, and as features
results       every trial that says something, however it ended, as one number
gaussian      the process itself
proposing     candidates, and which of them to try
"""
