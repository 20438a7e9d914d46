"""The verdict: suites of Great Expectations and rules in SQL over one delivery, as findings.

What a rule demands is data under ``expectations/``: ``<tabelle>.json`` holds the suite of one
canonical table as Great Expectations writes it, ``regeln/*.yml`` what a suite cannot say. This
room runs them, finds the offending rows itself and never lets a cell value out.
"""

from __future__ import annotations

from sozcontrol.checks.ausnahmen import accept, load_ausnahmen
from sozcontrol.checks.pruefergebnis import pruefergebnis
from sozcontrol.checks.pruefung import check
from sozcontrol.checks.regel import Regel
from sozcontrol.checks.seite import write_validation_page
from sozcontrol.checks.verzeichnis import regelverzeichnis
from sozcontrol.checks.wortlaut import render_text

__all__ = [
    "Regel", "accept", "check", "load_ausnahmen", "pruefergebnis", "regelverzeichnis",
    "render_text", "write_validation_page",
]  # fmt: skip
