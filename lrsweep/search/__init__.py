"""Choosing what to try and what to stop: samplers, the grid, pruners, seeds."""
