"""Budgets as series: what was adopted, and the amended budget at each month's end (F01)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from sozcontrol import catalogue
from sozcontrol.forecast.reihe import Floats
from sozcontrol.hochrechnung.quellen.buchungen import MONATE
from sozcontrol.hochrechnung.quellen.kosten import Gewichte, gewichte
from sozcontrol.measures.finanzen import zaehlt
from sozcontrol.measures.zaehlwerk.gliederung import UNBEKANNT, schluessel, summe
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung, Tabellen
from sozcontrol.measures.zaehlwerk.rahmen import rahmen
from sozcontrol.measures.zaehlwerk.verlauf import monatsindex

if TYPE_CHECKING:
    import ibis.expr.types as ir

Plan = dict[str, Floats]
Seite = Literal["aufwand", "ertrag"]
ZEHNTEL = 10
"""Shares of a budget are whole tenths: finer ones would tell what a few Hilfen cost."""


class Zeile(NamedTuple):
    """One budget row of a series: takes effect in absolute month ``ab``; ``neu``: an Ansatz."""

    reihe: str
    jahr: int
    ab: int
    neu: bool
    betrag: float


def ansaetze(daten: Tabellen, jahre: np.ndarray, groesse: str) -> dict[str, Plan]:
    """Return by product group the parts ``ansatz`` (J,) and ``fortgeschrieben`` (J, 12).

    *groesse* is one of the view of the budgets.

    Before the first row takes effect there is no budget yet, which is not a budget of zero. A
    budget that takes effect within the year is therefore no ``ansatz`` of the whole year.
    """
    rows = _zeilen(daten, jahre, groesse, "produktgruppe")
    return _plaene((Zeile(*row) for row in rows), jahre)


def ansaetze_der_hilfen(daten: Tabellen, jahre: np.ndarray) -> dict[str, Plan]:
    """Return the same by Hilfeart, so that the budget covers the Hilfen whose cost is counted.

    A product of a legal basis (``map_produkt.paragraph``: § 41) pays for Hilfen that count in
    their Hilfeart. Its budget is divided as :func:`anteile` says, among Hilfearten that have a
    product of their own: of the others the budget is not known at all.
    """
    eigene = [Zeile(*row) for row in _zeilen(daten, jahre, "aufwand", "hilfeart")]
    geplant = {(z.reihe, z.jahr) for z in eigene}
    hinter = gewichte(daten)
    geteilt = _zeilen(daten, jahre, "aufwand", "paragraph")
    zugeteilt = [
        Zeile(hilfeart, jahr, ab, neu, teil)
        for paragraph, segment, jahr, ab, neu, betrag in geteilt
        for hilfeart, teil in _teile(betrag, anteile(hinter, paragraph, segment, jahr)).items()
        if (hilfeart, jahr) in geplant
    ]
    return _plaene([*eigene, *zugeteilt], jahre)


def anteile(kosten: Gewichte, paragraph: str, segment: str | None, jahr: int) -> dict[str, int]:
    """Return by Hilfeart the tenths of a legal basis' budget, known before *jahr* began.

    By last year's cost of its Hilfen (in the product's segment), as far as booked by the end of
    that year. Without any there are none: shares by the number of Hilfen would tell it.
    """
    summen: dict[str, float] = {}
    for (p, s, hilfeart, j), wert in kosten.items():
        if (p, j) == (paragraph, jahr) and segment in {None, s}:
            summen[hilfeart] = summen.get(hilfeart, 0.0) + wert
    summen = {h: w for h, w in summen.items() if w > 0}
    return _in_zehnteln(summen) if summen else {}


def _in_zehnteln(gewicht: Mapping[str, float]) -> dict[str, int]:
    """Round shares to tenths that make up the whole; the largest remainders are rounded up."""
    gesamt = sum(gewicht.values())
    genau = {n: ZEHNTEL * w / gesamt for n, w in sorted(gewicht.items())}
    out = {n: int(x) for n, x in genau.items()}
    offen = ZEHNTEL - sum(out.values())
    for n in sorted(genau, key=lambda n: (out[n] - genau[n], n))[:offen]:
        out[n] += 1
    return {n: k for n, k in out.items() if k}


def _teile(betrag: Decimal, zehntel: Mapping[str, int]) -> dict[str, float]:
    """Divide an amount into cents that add up; the largest part takes the odd ones."""
    cents = int(betrag * 100)
    out = {n: cents * k // ZEHNTEL for n, k in zehntel.items()}
    if out:
        out[max(sorted(out), key=zehntel.__getitem__)] += cents - sum(out.values())
    return {n: c / 100 for n, c in out.items()}


def _zeilen(daten: Tabellen, jahre: np.ndarray, groesse: str, je: str) -> Iterable[tuple[Any, ...]]:
    """Yield (*je*, year, absolute month it takes effect in, is an Ansatz, amount) in order."""
    frame = rahmen(daten, ("budgets",), _budgetzeilen, groesse, je)
    frame = frame[frame["jahr"].isin(jahre)]
    for row in frame.astype("object").where(frame.notna(), None).itertuples(index=False):
        yield tuple(row)


def _budgetzeilen(budgets: ir.Table, groesse: str, je: str) -> ir.Table:
    """Return the budgets of each product group or Hilfeart; by ``paragraph`` those of none.

    These pay for a legal basis (and segment) and name no Hilfeart.
    """
    t = budgets.filter(zaehlt(budgets, "budgets", groesse))
    if je == "produktgruppe":
        t, keys = schluessel(t, [je]), [je]
    else:
        t = schluessel(t, ["hilfeart"])
        unknown = t.hilfeart == UNBEKANNT
        eigen = je == "hilfeart"
        t = t.filter(~unknown) if eigen else t.filter(unknown, t.paragraph.notnull())
        keys = [je] if eigen else ["paragraph", "segment"]
    t = t.mutate(ab=monatsindex(t.wirksam_ab), neu=t.art == "ansatz")
    keys += ["jahr", "ab", "neu"]
    return t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys)


def _plaene(rows: Iterable[Zeile], jahre: np.ndarray) -> dict[str, Plan]:
    plaene: dict[str, Plan] = {}
    for z in rows:
        p = plaene.setdefault(z.reihe, _leer(len(jahre)))
        y, betrag = int(z.jahr) - int(jahre[0]), float(z.betrag)
        von = min(max(int(z.ab) - int(z.jahr) * MONATE, 0), MONATE)
        if z.neu and von == 0:
            p["ansatz"][y] = np.nan_to_num(p["ansatz"][y]) + betrag
        p["fortgeschrieben"][y, von:] = np.nan_to_num(p["fortgeschrieben"][y, von:]) + betrag
    return plaene


def gruppennamen(daten: Tabellen, jahr: int) -> dict[str, str]:
    """Return the names of the product groups in the plan of *jahr*, the newest of each."""
    t = daten["map_produkt"]
    t = t.filter(t.gueltig_von.year() <= jahr, t.produktgruppe_name.notnull())
    t = t.order_by(["gueltig_von", "produkt_lokal"])
    frame = t.select("produktgruppe", "produktgruppe_name").execute()
    return dict(frame.itertuples(index=False))


def _leer(n: int) -> Plan:
    return {"ansatz": np.full(n, np.nan), "fortgeschrieben": np.full((n, MONATE), np.nan)}


def brueche(daten: Stadtlieferung, seite: Seite) -> dict[str, frozenset[int]]:
    """Return by product group the years from which a change of law lets no earlier one count."""
    found: dict[str, set[int]] = {}
    for change in catalogue.rechtsaenderungen():
        if change.kommune in {None, daten.kommune.id}:
            for gruppe in change.bricht.get(seite, ()):
                found.setdefault(gruppe, set()).add(change.am.year)
    return {gruppe: frozenset(jahre) for gruppe, jahre in found.items()}
