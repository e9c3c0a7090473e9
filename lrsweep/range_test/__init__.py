"""The range test as a command runs it: in a training process, recorded, read back, handed on.

target ← plan          the plan of a range test: one trial for each value to compare
recorded               what recorded range tests found
target ← handover      the space and the first points of a sweep, from what was found
target ← verify        the plan that tries five rates of a bracket
"""
