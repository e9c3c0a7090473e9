"""Where training processes run: one contract (`base`), one file an implementation."""
