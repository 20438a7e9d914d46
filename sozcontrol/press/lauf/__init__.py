"""A run: what is due, its parameters, receiving the delivery, kernels and their verdict."""
