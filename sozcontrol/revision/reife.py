"""Which figures of a past day grow with what is recorded late, by facts of tables and views."""

from __future__ import annotations

from datetime import date
from functools import cache

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Ausdruck, Kennzahl, Term
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt
from sozcontrol.measures.zaehlwerk.sichten import tabellen
from sozcontrol.measures.zaehlwerk.zeitraum import ist_jahresende, spanne


def reift(was: Belegt | Ausdruck) -> bool:
    """Say whether a Kennzahl, or one side of it, reads a table that grows later."""
    if isinstance(was, Ausdruck | Kennzahl):
        return any(_waechst(term) for term in was.terme)
    return any(map(catalogue.reift, was.tabellen))


def vorlaeufig(item: Belegt, stichtag: date) -> bool:
    """Say whether what is known today of *stichtag* is more than what was known then.

    Not of what is dated by the day it was recorded: that can be told as it was.
    """
    if not isinstance(item, Kennzahl):
        return reift(item)
    return any(_waechst(term) and not _datiert(term, stichtag) for term in item.terme)


@cache
def _waechst(term: Term) -> bool:
    return any(map(catalogue.reift, tabellen(term.sicht)))


def _datiert(term: Term, stichtag: date) -> bool:
    """Say whether a term counts what was recorded by the end of its period, and nothing later."""
    found = finde(term)
    zeit, view = found.groesse.zeit, found.sicht
    if zeit is None or zeit.bis is None:
        return False
    if zeit.ganzes_jahr and ist_jahresende(spanne(term.zeitraum, stichtag).bis):
        return False
    base = view.tabelle or catalogue.sicht(view.grundlage[0]).tabelle
    revision = catalogue.tabelle(base).revision if base else None
    return revision is not None and revision.erfasst_am == zeit.bis
