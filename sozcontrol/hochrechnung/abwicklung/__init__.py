"""Run-off: what is served but not billed, per Hilfeart and provider, as tables of a report."""
