"""Choosing what to try and what to stop.

proposer     what a sweep talks to; of_plan composes one from a plan
grid, sampled, comparing, repeats, stopping, converged, confirmation
             proposers and reasons to end
samplers/    sources of whole points, and the first of them that may be tried
model/       a Gaussian process that knows what a learning rate is
warm         what another study found
curves       the objective's curves, on an axis on which they can be compared
pruners/     rules over curves
ceiling, finite, seeds
"""
