"""The test bench: the mess of real deliveries on request, and the truth the city was built from.

A city's installation reads none of it: ``sozcontrol demo --mess`` and the tests do.
"""
