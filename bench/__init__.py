"""Measured against peers and limits, in one run: `python -m bench`."""
