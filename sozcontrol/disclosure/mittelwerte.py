"""Means and medians of few: the middle one of three is one child.

They are no cells: no other figure makes them, so they are hidden by the number behind them alone,
from which number on is a fact of the edition.
"""

from __future__ import annotations

from sozcontrol.catalogue import Edition
from sozcontrol.disclosure.tafel import Tafel
from sozcontrol.measures.zaehlwerk.grundzahlen import finde

MEDIANE = ("median", "ueberleben")
DAUER = "dauer"
"""The role of what a mean is taken of."""
NENNER = "nenner"
"""The number itself; it is decided as the count it is."""
ZEITEN = (" damals", " heute")
"""How the counts behind a figure of two days end; the others count what changed."""


def zu_wenige(tafel: Tafel, edition: Edition) -> dict[str, set[int]]:
    """Return the figures of a table that are means or medians of too few: column → rows."""
    least = _mindestens(tafel, edition)
    if not least:
        return {}
    v = tafel.vorlage
    behind = [c for c in v.anzahl if c == "faelle_zaehler" or c.endswith(ZEITEN)]
    counts = list(zip(*(v.werte(c) for c in behind), strict=True))
    few = {row for row, found in enumerate(counts) if any(n and n < least for n in found)}
    return {c: few for c in v.figuren if c != NENNER} if few else {}


def _mindestens(tafel: Tafel, edition: Edition) -> int:
    part = tafel.kennzahl.zaehler if tafel.kennzahl is not None else None
    if part is None:
        return 0
    first = finde(part.terme[0])
    if first.art in MEDIANE:
        return edition.median
    return edition.mittel if first.rolle == DAUER else 0
