"""What the Hilfen zur Erziehung cost, and how many Hilfen stand behind the cost of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sozcontrol import catalogue
from sozcontrol.errors import DeliveryMissing
from sozcontrol.hochrechnung.quellen.buchungen import MONATE, Nachlauf
from sozcontrol.measures.finanzen import ist_brutto
from sozcontrol.measures.zaehlwerk.gliederung import (
    INSGESAMT,
    UNBEKANNT,
    mit_schluesseln,
    schluesselspalten,
    summe,
)
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.rahmen import rahmen
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.tragende import tragende
from sozcontrol.measures.zaehlwerk.verlauf import ist_belegt, monatsindex
from sozcontrol.measures.zaehlwerk.zeitraum import monatsende, monatserster

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

K = TypeVar("K", str, int)
OHNE_NACHLAUF = Nachlauf()
ZAHLUNGEN = "zahlungen"


def zahlungszeilen(daten: Tabellen, reif: Nachlauf = OHNE_NACHLAUF) -> ir.Table:
    """Return the gross payments of the Hilfen zur Erziehung with absolute months.

    Adds ``leistung``, ``gebucht``, ``reife`` (as *reif* says) and ``verzug`` (months from service
    to booking); a Hilfe without provider belongs to ``unbekannt``.
    """
    return mit_monaten(Basis(daten)(ZAHLUNGEN), reif)


def mit_monaten(t: ir.Table, reif: Nachlauf) -> ir.Table:
    """Add the months of :func:`zahlungszeilen` to the view of the payments."""
    t = t.filter(ist_brutto(t) & t.ist_hze)
    t = t.mutate(leistung=monatsindex(t.leistungsmonat), gebucht=monatsindex(t.buchung_am),
                 reife=reif.monat(t.buchung_am),
                 erbringer=t.leistungserbringer_id.fill_null(UNBEKANNT))  # fmt: skip
    return t.mutate(verzug=t.gebucht - t.leistung)


def bruttokosten(daten: Tabellen, bis: int, reif: Nachlauf = OHNE_NACHLAUF) -> pd.DataFrame:
    """Return ``[reihe, jahr, gebucht, reife, leistung, betrag]``: served by month *bis*.

    Booked by then, or as long after as *reif* says. Months are absolute, ``reihe`` is the Hilfeart
    and ``jahr`` that of the service.

    Raises:
        DeliveryMissing: Nothing is served and paid by then.
    """
    frame = rahmen(daten, (ZAHLUNGEN,), _bruttokosten, bis, reif)
    if frame.empty:
        raise DeliveryMissing(
            "Bis zum Stichtag ist keine Hilfe bezahlt.",
            wo="Tabelle zahlung",
            tun="Stichtag und Leistungsmonate der Lieferung prüfen.",
        )
    return frame.assign(betrag=frame["betrag"].astype(float))


def _bruttokosten(zahlungen: ir.Table, bis: int, reif: Nachlauf) -> ir.Table:
    t = mit_monaten(zahlungen, reif)
    t = t.filter(t.reife <= bis + reif.monate, t.leistung <= bis)
    t = t.mutate(reihe=t.hilfeart, jahr=t.leistung // MONATE)
    keys = ["reihe", "jahr", "gebucht", "reife", "leistung"]
    return t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys)


Gewichte = Mapping[tuple[str, str, str, int], float]
"""Cost by (paragraph, segment, Hilfeart, year that begins): that of the year before."""


def gewichte(daten: Tabellen) -> Gewichte:
    """Return how the cost of the Hilfen is distributed when a year begins.

    That of the year before, as booked by its end: nothing a budget could not have known.
    """
    frame = rahmen(daten, (ZAHLUNGEN,), _gewichte)
    return {(*row[:3], int(row[3])): float(row[4]) for row in frame.itertuples(index=False)}


def _gewichte(zahlungen: ir.Table) -> ir.Table:
    t = mit_monaten(zahlungen, OHNE_NACHLAUF)
    t = t.filter(t.gebucht // MONATE <= t.leistung // MONATE)
    t = t.mutate(jahr=t.leistung // MONATE + 1)
    keys = ["paragraph", "segment", "hilfeart", "jahr"]
    return t.group_by(keys).aggregate(wert=summe(t.betrag_eur))


@dataclass(frozen=True)
class Traeger:
    """Who carries the figures of each Hilfeart, the total their sum; empty for the ledger.

    ``faelle`` carry the payments of the year so far, ``faelle_vorjahr`` those of the year before;
    where nobody is paid for yet, the Hilfen that run. ``faelle_zeugnis`` are the fewest in any
    earlier year that had one, at its end or when it was forecast: a record averages years, and with
    the budgets published beside it a single year can be solved from it. ``laufend`` and
    ``laufend_vorjahr`` have an occupied month, paid for or not.
    """

    faelle: Mapping[str, int] = field(default_factory=dict)
    faelle_vorjahr: Mapping[str, int] = field(default_factory=dict)
    faelle_zeugnis: Mapping[str, int] = field(default_factory=dict)
    laufend: Mapping[str, int] = field(default_factory=dict)
    laufend_vorjahr: Mapping[str, int] = field(default_factory=dict)


def hinter_den_hilfearten(
    daten: Tabellen, jahre: np.ndarray, bis: int, reif: Nachlauf = OHNE_NACHLAUF
) -> Traeger:
    """Count the Hilfen by what absolute month *bis* knows; the last of *jahre* is the present."""
    bezahlt, damals = (
        {(h, int(j)): int(n) for h, j, n in frame.itertuples(index=False)}
        for frame in (
            rahmen(daten, (ZAHLUNGEN,), _je_jahr, bis, reif, was) for was in (False, True)
        )
    )
    jetzt = int(jahre[-1])
    namen = sorted({h for h, j in bezahlt if j >= jahre[0]} - {INSGESAMT})
    namen += [INSGESAMT] if namen else []
    laufend = {
        jetzt: laufende(daten, jetzt * MONATE, bis),
        jetzt - 1: laufende(daten, (jetzt - 1) * MONATE, jetzt * MONATE - 1),
    }
    laufend = {j: n | {INSGESAMT: sum(n.get(h, 0) for h in namen)} for j, n in laufend.items()}

    def hinter(jahr: int) -> dict[str, int]:
        return {h: wenigste(bezahlt.get((h, jahr), 0), laufend[jahr].get(h, 0)) for h in namen}

    zeugnis = {
        h: wenigste(*(n.get((h, int(j)), 0) for j in jahre[:-1] for n in (bezahlt, damals)))
        for h in namen
    }
    return Traeger(
        hinter(jetzt), hinter(jetzt - 1), zeugnis,
        *({h: laufend[j].get(h, 0) for h in namen} for j in (jetzt, jetzt - 1)),
    )  # fmt: skip


def _je_jahr(zahlungen: ir.Table, bis: int, reif: Nachlauf, damals: bool) -> ir.Table:
    """Who carries each year; *damals*: by what a forecast knew in the same month of its year."""
    t = mit_monaten(zahlungen, reif)
    t = t.filter(t.leistung <= bis, t.reife <= bis + reif.monate)
    t = t.mutate(jahr=t.leistung // MONATE)
    if damals:
        monat = bis % MONATE
        by_then = t.reife <= t.jahr * MONATE + monat + reif.monate
        t = t.filter(t.leistung % MONATE <= monat, by_then)
    return getragen(mit_insgesamt(t), "hilfeart", "jahr")


def wenigste(*anzahlen: int) -> int:
    """Return the smallest number that is somebody; nobody is only there where all are nobody."""
    return min((n for n in anzahlen if n), default=0)


def laufende(daten: Tabellen, von: int, bis: int) -> dict[str, int]:
    """Return by Hilfeart the Hilfen that run in any month from *von* to *bis*."""
    frame = rahmen(daten, ("hilfen",), _laufende, von, bis)
    return {k: int(n) for k, n in frame.itertuples(index=False)}


def _laufende(hilfen: ir.Table, von: int, bis: int) -> ir.Table:
    before = monatserster(von) - timedelta(days=1)
    t = hilfen.filter(hilfen.ist_hze, ist_belegt(hilfen, before, monatsende(monatserster(bis))))
    return t.group_by("hilfeart").aggregate(n=t.hilfe_id.nunique())


def traeger(t: ir.Table, je: str = "hilfeart") -> dict[str, int]:
    """Return how many carry what was paid, all of it as ``insgesamt``."""
    return anzahlen(getragen(mit_insgesamt(t, je), je))


def mit_insgesamt(t: ir.Table, je: str = "hilfeart") -> ir.Table:
    """Repeat the rows with ``insgesamt`` in *je*: who carries a whole is no sum of its parts."""
    rows, (key,) = mit_schluesseln(t, [je], summen=True), schluesselspalten([je])
    return rows.mutate(**{je: rows[key]})


def getragen(t: ir.Table, *je: str) -> ir.Table:
    """Count who carries payments: columns ``[*je, n]``."""
    carriers = catalogue.sicht("zahlungen").traeger
    assert carriers is not None and carriers.beitragende is not None, "payments have carriers"
    return tragende(t, je, carriers.beitragende, {"n": t.betrag_eur.sum()})


def anzahlen(counts: ir.Table) -> dict[K, int]:
    """Return a table of two columns as a mapping."""
    return {k: int(n) for k, n in counts.execute().itertuples(index=False)}
