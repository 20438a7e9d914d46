"""The ledger as series by product group, each figure as its booking date lets it be known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sozcontrol.errors import DeliveryMissing
from sozcontrol.forecast.quellen.kalender import freie_monatserste
from sozcontrol.forecast.reihe import Reihe
from sozcontrol.hochrechnung.quellen.buchungen import (
    MONATE,
    Buchungen,
    Nachlauf,
    reihe_aus_buchungen,
)
from sozcontrol.hochrechnung.quellen.plaene import Plan, Seite, ansaetze, brueche
from sozcontrol.measures.finanzen import zaehlt
from sozcontrol.measures.zaehlwerk.gliederung import schluessel, summe
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.rahmen import rahmen
from sozcontrol.measures.zaehlwerk.verlauf import monatsindex

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


def haushaltsreihen(
    daten: Stadtlieferung, bis: int, reif: Nachlauf, seite: Seite, *, uebrige: bool = False
) -> tuple[tuple[Reihe, ...], dict[str, Buchungen]]:
    """Return the series of the product groups, and their bookings by month of service.

    They hold the accounts of soziale Sicherung, or (*uebrige*) all others. Changes of law are
    known of the former.

    Raises:
        DeliveryMissing: Nothing is booked up to absolute month *bis*, or nothing of its year.
    """
    jahr = bis // MONATE
    _begonnen(_buchungsjahre(daten, bis), jahr)
    groesse = f"{seite}_uebrige" if uebrige else seite
    rows = _ledger(daten, bis, reif, groesse)
    jahre = ganze_jahre(rows, jahr)
    rows = rows[rows["jahr"] >= jahre[0]]
    plaene, bricht = ansaetze(daten, jahre, groesse), {} if uebrige else brueche(daten, seite)
    land = daten.kommune.feiertage
    frei = freie_monatserste(int(jahre[0]), jahr, land) if land else frozenset()
    reihen, buchungen = [], {}
    for name in sorted({*rows["reihe"], *plaene}):
        eigen = rows[rows["reihe"] == name]
        reihe = _haushaltsreihe(name, eigen, jahre, bis, plaene.get(name))
        reihen.append(replace(reihe, brueche=bricht.get(name, frozenset()), frei=frei))
        buchungen[name] = _mit_leistungsmonat(eigen)
    return tuple(reihen), buchungen


def _buchungsjahre(daten: Stadtlieferung, bis: int) -> set[int]:
    """Return the budget years with bookings of any kind up to absolute month *bis*."""
    frame = rahmen(daten, ("buchungen",), _jahre, bis)
    return {int(j) for j in frame["haushaltsjahr"]}


def _jahre(buchungen: ir.Table, bis: int) -> ir.Table:
    t = buchungen.filter(monatsindex(buchungen.buchung_am) <= bis)
    return t.select("haushaltsjahr").distinct()


def _begonnen(jahre: set[int], jahr: int) -> None:
    """Refuse a year of which nothing is there yet."""
    if jahre and jahr not in jahre:
        raise DeliveryMissing(
            f"Für {jahr} ist bis zum Stichtag nichts gebucht.",
            wo="Tabelle buchung",
            tun="Stichtag der Lieferung prüfen oder die Buchungen des Jahres nachliefern.",
        )


def _ledger(daten: Stadtlieferung, bis: int, reif: Nachlauf, groesse: str) -> pd.DataFrame:
    """Sums of a Größe of the ledger, up to absolute month *bis*.

    By series, budget year, month of service and of booking. Of a completed year what is known as
    long after it as *reif* says counts in its December.
    """
    frame = rahmen(daten, ("buchungen",), _ledgerzeilen, bis, reif, groesse)
    if frame.empty:
        outside = "außerhalb " if groesse.endswith("_uebrige") else ""
        raise DeliveryMissing(
            f"Bis zum Stichtag ist auf Konten {outside}der sozialen Sicherung nichts gebucht.",
            wo=f"Tabelle buchung, {'Aufwand' if groesse.startswith('aufwand') else 'Erträge'}",
            tun="Stichtag und Haushaltsjahr der Lieferung prüfen.",
        )
    jahr, gebucht, reife = (frame[c].to_numpy() for c in ("jahr", "gebucht", "reife"))
    return frame.assign(
        betrag=frame["betrag"].astype(float), gebucht=reif.zum_jahresende(jahr, gebucht, reife)
    )


def _ledgerzeilen(buchungen: ir.Table, bis: int, reif: Nachlauf, groesse: str) -> ir.Table:
    t = buchungen.filter(zaehlt(buchungen, "buchungen", groesse))
    t = schluessel(t, ["produktgruppe"])
    booked = monatsindex(t.buchung_am)
    served = monatsindex(t.leistungsmonat).coalesce(booked)
    t = t.mutate(
        reihe=t.produktgruppe,
        jahr=t.haushaltsjahr,
        gebucht=booked,
        reife=reif.monat(t.buchung_am),
        leistung=served,
        # Entered by hand for an earlier year: a single event, not a course to be carried on.
        einmalig=((t.herkunft == "manuell") & (served < t.haushaltsjahr * MONATE)).fill_null(False),
        schluss=(t.herkunft == "jahresabschluss").fill_null(False),
    )
    t = t.filter(t.reife <= bis + reif.monate, t.jahr <= bis // MONATE)
    keys = ["reihe", "jahr", "gebucht", "reife", "leistung", "einmalig", "schluss"]
    return t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys)


def ganze_jahre(rows: pd.DataFrame, jahr: int) -> np.ndarray:
    """Return the consecutive years whose bookings are complete, and the present one.

    The ledger begins somewhere; a first year without its first quarter is no year (see
    :mod:`sozcontrol.measures.erwartung`). Totals of the annual accounts are complete as they are.
    """
    monat = rows["gebucht"] - rows["jahr"] * MONATE
    ganz = set(rows.loc[rows["schluss"] | (monat < 3), "jahr"]) | {jahr}
    first = jahr
    while first - 1 in ganz:
        first -= 1
    return np.arange(first, jahr + 1)


def _haushaltsreihe(
    name: str, rows: pd.DataFrame, jahre: np.ndarray, bis: int, plan: Plan | None
) -> Reihe:
    # The budget year decides what counts in it, whatever the month of service.
    januar = rows["jahr"].to_numpy() * MONATE
    b = Buchungen(januar, rows["gebucht"].to_numpy(), rows["betrag"].to_numpy())
    nur = rows["einmalig"].to_numpy()
    einmal = reihe_aus_buchungen(
        name, Buchungen(januar[nur], b.gebucht[nur], b.betrag[nur]), jahre, bis
    )
    reihe = reihe_aus_buchungen(
        name, b, jahre, bis, einmalig=np.nan_to_num(einmal.ist), einmalig_stand=einmal.stand,
        **(plan or {}),
    )  # fmt: skip
    # A total booked with the annual accounts has no course within the year.
    ohne_verlauf = [
        y for y, j in enumerate(jahre)
        if len(eigen := rows[rows["jahr"] == j]) and eigen["schluss"].all()
    ]  # fmt: skip
    reihe.ist[ohne_verlauf] = np.nan
    return reihe


def _mit_leistungsmonat(rows: pd.DataFrame) -> Buchungen:
    """Return the bookings with service months held within their budget year, for the triangle."""
    mit = rows[~rows["einmalig"] & ~rows["schluss"]]
    januar = mit["jahr"].to_numpy() * MONATE
    leistung = np.clip(mit["leistung"].to_numpy(), januar, januar + MONATE - 1)
    return Buchungen(leistung, mit["reife"].to_numpy(), mit["betrag"].to_numpy())
