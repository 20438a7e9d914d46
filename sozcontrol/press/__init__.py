"""The press: plan what a Stichtag owes, run the notebooks, export, publish all or nothing.

:func:`sozcontrol.press.run.run` does all of it; the other modules are its steps, and what the
command line offers beside it. Nothing heavy is imported before it is needed.
"""
