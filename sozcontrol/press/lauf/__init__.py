"""A run: what is due, its parameters, receiving the delivery, kernels and their verdict."""

STANDARD_EDITION = "leitung"
"""The edition that is made where none is asked for."""
