"""Prove that every declared indicator can be computed as declared."""

from __future__ import annotations

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Ausdruck, Kennzahl
from sozcontrol.errors import CatalogueError, nearest
from sozcontrol.measures.zaehlwerk.grundzahlen import alle_grundzahlen, finde
from sozcontrol.measures.zaehlwerk.rechnen import FOLGE, traegt
from sozcontrol.measures.zaehlwerk.sichten import SICHTEN

BERECHNET = FOLGE | {"alter", "ist_hze", "sozialraum", "geburtsmonat"}
"""Columns the views add to those of their tables."""


def prove() -> None:
    """Prove all indicators of the catalogue.

    Raises:
        CatalogueError: The first declaration that can't be computed.
    """
    for item in catalogue.kennzahlen().values():
        pruefe(item)


def pruefe(item: Kennzahl) -> None:
    """Prove one indicator: primitives, conditions, breakdowns, and what its Steckbrief claims."""
    known = alle_grundzahlen()
    for term in item.terme:
        _demand(term.grundzahl in known, item, f"{nearest(term.grundzahl, [*known])}")
    for part in (item.zaehler, item.nenner):
        if part:
            _pruefe_ausdruck(item, part)
    for term in item.zaehler.terme:
        lost = set(item.granularitaet) - set(traegt(term, item.granularitaet))
        _demand(not lost, item, f"der Zähler kennt nicht {sorted(lost)}")
    views = [SICHTEN[known[t.grundzahl].sicht] for t in item.terme]
    facts = {view.tabellen[0] for view in views}
    _demand(facts <= set(item.tabellen), item, "datenquelle nennt nicht alle Tabellen")
    people = "fallbezogen" if any(v.hilfe_id for v in views) else "ohne Personenbezug"
    _demand(item.geheimhaltung == people, item, f"geheimhaltung muss »{people}« sein")


def _pruefe_ausdruck(item: Kennzahl, part: Ausdruck) -> None:
    primitives = [finde(t.grundzahl) for t in part.terme]
    alone = len(primitives) == 1
    addable = all(p.art in ("anzahl", "summe") for p in primitives)
    _demand(alone or addable, item, "ein Median lässt sich nicht addieren")
    _demand(len({p.einheit for p in primitives}) == 1, item, "Terme haben verschiedene Einheiten")
    people = {p.sicht for p in primitives if SICHTEN[p.sicht].hilfe_id}
    _demand(len(people) <= 1, item, "Terme zählen in verschiedenen Sichten von Hilfen")
    for term in part.terme:
        tables = SICHTEN[finde(term.grundzahl).sicht].tabellen
        columns = {s for t in tables for s in catalogue.tabelle(t).namen} | BERECHNET
        unknown = {b.spalte for b in term.wo} - columns
        _demand(not unknown, item, f"unbekannte Spalten {sorted(unknown)}")


def _demand(holds: bool, item: Kennzahl, was: str) -> None:
    if not holds:
        raise CatalogueError(
            f"{item.id} ist so nicht zu berechnen: {was}.",
            wo="sozcontrol/catalogue/kennzahlen",
            tun="Zähler, Nenner oder Steckbrief der Kennzahl berichtigen.",
        )
