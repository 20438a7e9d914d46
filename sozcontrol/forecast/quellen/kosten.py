"""What the Hilfen zur Erziehung cost, and how many Hilfen stand behind the cost of a year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sozcontrol.errors import DeliveryMissing
from sozcontrol.forecast.quellen.buchungen import MONATE
from sozcontrol.measures.faelle import monatsindex
from sozcontrol.measures.finanzen import ist_brutto
from sozcontrol.measures.gliederung import UNBEKANNT, summe
from sozcontrol.measures.sichten import Basis

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


def zahlungszeilen(daten: Any) -> ir.Table:
    """Return the gross payments of the Hilfen zur Erziehung with absolute months.

    Adds ``leistung``, ``gebucht`` and ``verzug`` (months from service to booking); a Hilfe without
    provider belongs to ``unbekannt``.
    """
    t = Basis(daten)("zahlungen")
    t = t.filter(ist_brutto(t) & t.ist_hze)
    t = t.mutate(leistung=monatsindex(t.leistungsmonat), gebucht=monatsindex(t.buchung_am),
                 erbringer=t.leistungserbringer_id.fill_null(UNBEKANNT))  # fmt: skip
    return t.mutate(verzug=t.gebucht - t.leistung)


def bruttokosten(daten: Any, bis: int) -> pd.DataFrame:
    """Return ``[reihe, jahr, gebucht, leistung, betrag]``: served and booked by month *bis*.

    Months are absolute, ``reihe`` is the Hilfeart and ``jahr`` that of the service.

    Raises:
        DeliveryMissing: Nothing is served and paid by then.
    """
    t = zahlungszeilen(daten)
    t = t.filter(t.gebucht <= bis, t.leistung <= bis)
    t = t.mutate(reihe=t.hilfeart, jahr=t.leistung // MONATE)
    keys = ["reihe", "jahr", "gebucht", "leistung"]
    frame = t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys).execute()
    if frame.empty:
        raise DeliveryMissing(
            "Bis zum Stichtag ist keine Hilfe bezahlt.",
            wo="Tabelle zahlung",
            tun="Stichtag und Leistungsmonate der Lieferung prüfen.",
        )
    return frame.assign(betrag=frame["betrag"].astype(float))


class Gewichte(NamedTuple):
    """How the Hilfen of a legal basis are distributed, as known when a year begins.

    By (paragraph, segment, Hilfeart, year that begins): ``kosten`` is the cost of the year before
    as booked by its end, ``hilfen`` the Hilfen that ran on both sides of New Year.
    """

    kosten: Mapping[tuple[str, str, str, int], float]
    hilfen: Mapping[tuple[str, str, str, int], float]


def gewichte(daten: Any) -> Gewichte:
    """Return the distribution of the Hilfen zur Erziehung, for every year they are known of."""
    t = zahlungszeilen(daten)
    t = t.filter(t.gebucht // MONATE <= t.leistung // MONATE)
    t = t.mutate(jahr=t.leistung // MONATE + 1)
    keys = ["paragraph", "segment", "hilfeart", "jahr"]
    frame = t.group_by(keys).aggregate(wert=summe(t.betrag_eur)).execute()
    kosten = {(*row[:3], int(row[3])): float(row[4]) for row in frame.itertuples(index=False)}
    h = Basis(daten)("hilfen")
    h = h.filter(h.ist_hze).mutate(von=h.beginn.year() + 1, bis=h.ende.year().fill_null(9999))
    frame = h.group_by([*keys[:3], "von", "bis"]).aggregate(n=h.count()).execute()
    hilfen: dict[tuple[str, str, str, int], float] = {}
    for *form, von, bis, n in frame.itertuples(index=False):
        for jahr in sorted({j for *_, j in kosten} | {j - 1 for *_, j in kosten}):
            if von <= jahr <= bis:
                key = (*form, jahr)
                hilfen[key] = hilfen.get(key, 0.0) + n
    return Gewichte(kosten, hilfen)


def traeger_im_jahr(daten: Any, jahr: int, bis: int) -> dict[str, int]:
    """Return by Hilfeart the Hilfen whose service in *jahr* is paid for by absolute month *bis*."""
    t = zahlungszeilen(daten)
    return traeger(t.filter(t.leistung // MONATE == jahr, t.leistung <= bis, t.gebucht <= bis))


def traeger(t: ir.Table, je: str = "hilfeart") -> dict[str, int]:
    """Return the distinct Hilfen behind the rows."""
    return anzahlen(t.group_by(je).aggregate(n=t.hilfe_id.nunique()))


def anzahlen(counts: ir.Table) -> dict[Any, int]:
    """Return a table of two columns as a mapping."""
    return {k: int(n) for k, n in counts.execute().itertuples(index=False)}
