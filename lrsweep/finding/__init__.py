"""The range test as a command runs it: in a training process, recorded, read back, handed on.

target ← testing       the plan of a range test: one trial for each value to compare
reading                what recorded range tests found
target ← sweeping      the space and the first points of a sweep, from what was found
target ← verifying     the plan that tries five rates of a bracket
"""
