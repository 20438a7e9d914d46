"""From a delivery's tables to series: the ledger by product group, the payments by Hilfeart.

What a method may know is cut by the booking date (domain.md 6.5): a result of an earlier year is
what was booked for it by the origin. Cases carry no date of recording; of them nothing later than
the origin is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sozcontrol import catalogue
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.forecast.methoden.ergaenzung import Ergaenzung
from sozcontrol.forecast.quellen.buchungen import MONATE, Buchungen, Dreiecke, reihe_aus_buchungen
from sozcontrol.forecast.quellen.kosten import bruttokosten, traeger_im_jahr
from sozcontrol.forecast.quellen.plaene import (
    Plan,
    ansaetze,
    ansaetze_der_hilfen,
    brueche,
    gruppennamen,
)
from sozcontrol.forecast.quellen.zellen import Bestandszellen, zellen
from sozcontrol.forecast.reihe import Reihe
from sozcontrol.measures.faelle import monatsindex
from sozcontrol.measures.finanzen import ist_brutto, ist_ertrag
from sozcontrol.measures.gedaechtnis import gedaechtnis
from sozcontrol.measures.gliederung import INSGESAMT, schluessel, summe
from sozcontrol.measures.sichten import Basis
from sozcontrol.measures.zeitraum import monatsende

if TYPE_CHECKING:
    import pandas as pd

Ebene = Literal["produktgruppe", "hilfeart"]
Seite = Literal["aufwand", "ertrag"]
TABELLEN: Mapping[str, tuple[str, ...]] = {
    "produktgruppe": ("buchung", "budget", "map_produkt", "map_konto"),
    "hilfeart": ("zahlung", "fall", "person", "gebiet"),
}
"""What a level needs; without a ledger the Hilfearten have no budget, and say so."""


@dataclass(frozen=True)
class Panel:
    """The series of one level at one Stichtag, and what else is known of them.

    ``periode`` is the last complete month of ``jahr`` by the Stichtag. ``namen`` are labels by
    series, ``faelle`` the Hilfen paid for in the year so far, ``faelle_vorjahr`` those of the year
    before (both empty for the ledger: no persons).
    ``buchungen`` have true service months; ``zellen`` the counted cases of each Hilfeart.
    """

    ebene: Ebene
    seite: Seite
    jahr: int
    periode: int
    reihen: tuple[Reihe, ...]
    namen: Mapping[str, str]
    buchungen: Mapping[str, Buchungen]
    zellen: Mapping[str, Bestandszellen] = field(default_factory=dict)
    faelle: Mapping[str, int] = field(default_factory=dict)
    faelle_vorjahr: Mapping[str, int] = field(default_factory=dict)

    @property
    def ansatz_vollstaendig(self) -> bool:
        """Whether all budgets of a year are known: the ledger's are delivered whole."""
        return self.ebene == "produktgruppe"

    def wissen(self, reihe: Reihe, jahr: int, periode: int) -> dict[str, object]:
        """Return what else is known at an origin: the triangle and the stock-flow counts.

        After the Stichtag there is nothing to know yet.
        """
        if (jahr, periode) > (self.jahr, self.periode):
            return {}
        extra: dict[str, object] = dict(Dreiecke(dict(self.buchungen))(reihe, jahr, periode))
        ergaenzt = extra.get("ergaenzung")
        if reihe.name in self.zellen and isinstance(ergaenzt, Ergaenzung):
            fluss = self.zellen[reihe.name].fluss(jahr * MONATE + periode - 1, ergaenzt)
            if fluss is not None:
                extra["fluss"] = fluss
        return extra


def letzte_periode(stichtag: date) -> tuple[int, int]:
    """Return (year, month) of the last month that is complete on *stichtag*.

    Raises:
        UsageError: No month of the Stichtag's year is complete.
    """
    periode = stichtag.month if stichtag == monatsende(stichtag) else stichtag.month - 1
    if periode == 0:
        raise UsageError(
            f"Am {stichtag:%d.%m.%Y} ist noch kein Monat des Jahres abgeschlossen.",
            wo="stichtag",
            tun="Einen Stichtag ab Ende Januar wählen.",
        )
    return stichtag.year, periode


def panel(
    daten: Any, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Panel:  # fmt: skip
    """Return the series of *ebene*: Aufwand (or Ertrag) of the ledger, gross cost of the Hilfen.

    ``produktgruppe``: by Haushaltsjahr and booking date, as F02 counts. ``hilfeart``: Hilfen zur
    Erziehung by month of service, as H17 counts.

    Raises:
        DeliveryMissing: A table is missing, or holds nothing of the year up to the Stichtag: no
            bookings are not the same as a year that costs nothing.
        UsageError: No month of the year is complete, the Stichtag lies after the delivery, or
            Erträge are asked for by Hilfeart.
    """
    if ebene == "hilfeart" and seite == "ertrag":
        raise UsageError(
            "Erträge je Hilfeart werden nicht hochgerechnet.",
            wo="seite",
            tun="Erträge je Produktgruppe hochrechnen.",
        )
    day = stichtag or daten.stichtag
    if day > daten.datenstand:
        raise UsageError(
            f"Am {day:%d.%m.%Y} reicht die Lieferung nicht bis zum Stichtag.",
            wo=f"Datenstand {daten.datenstand:%d.%m.%Y}",
            tun="Einen früheren Stichtag wählen oder die spätere Lieferung öffnen.",
        )
    for table in TABELLEN[ebene]:
        daten[table]  # says which one is missing
    jahr, periode = letzte_periode(day)
    kept, key = gedaechtnis(daten, "reihen"), (ebene, jahr, periode, seite)
    if key not in kept:
        haushalt = ebene == "produktgruppe"
        read = _haushalt(daten, jahr, periode, seite) if haushalt else _hilfen(daten, jahr, periode)
        kept[key] = _mit_summe(read)
    return kept[key]


def _mit_summe(p: Panel) -> Panel:
    """Add the bookings of the total, whose series is made when the forecast is reconciled."""
    if not p.reihen:
        raise DeliveryMissing(
            f"Für {p.jahr} ist bis zum Stichtag nichts gebucht und nichts veranschlagt.",
            wo="Tabelle buchung und budget" if p.ebene == "produktgruppe" else "Tabelle zahlung",
            tun="Stichtag und Haushaltsjahr der Lieferung prüfen.",
        )
    felder = ("leistung", "gebucht", "betrag")
    alle = [np.concatenate([getattr(b, f) for b in p.buchungen.values()]) for f in felder]
    total = {INSGESAMT: Buchungen(*alle)}
    return replace(
        p,
        namen={**p.namen, INSGESAMT: INSGESAMT},
        buchungen={**p.buchungen, **total},
        faelle=_mit_insgesamt(p.faelle),
        faelle_vorjahr=_mit_insgesamt(p.faelle_vorjahr),
    )


def _mit_insgesamt(faelle: Mapping[str, int]) -> Mapping[str, int]:
    return {**faelle, INSGESAMT: sum(faelle.values())} if faelle else {}


# --- the ledger ---------------------------------------------------------------------------------


def _haushalt(daten: Any, jahr: int, periode: int, seite: Seite) -> Panel:
    bis = jahr * MONATE + periode - 1
    _begonnen(_buchungsjahre(daten, bis), jahr, "buchung")
    rows = _ledger(daten, bis, seite)
    jahre = _jahre(rows, jahr)
    rows = rows[rows["jahr"] >= jahre[0]]
    plaene = ansaetze(daten, jahre, seite)
    reihen, buchungen = [], {}
    gruppen = sorted({*rows["reihe"], *plaene})
    bricht = brueche(daten, seite)
    for name in gruppen:
        eigen = rows[rows["reihe"] == name]
        reihe = _haushaltsreihe(name, eigen, jahre, bis, plaene.get(name))
        reihen.append(replace(reihe, brueche=bricht.get(name, frozenset())))
        buchungen[name] = _mit_leistungsmonat(eigen)
    named = gruppennamen(daten, jahr)
    return Panel("produktgruppe", seite, jahr, periode, tuple(reihen),
                 {n: named.get(n, n) for n in gruppen}, buchungen)  # fmt: skip


def _buchungsjahre(daten: Any, bis: int) -> set[int]:
    """Return the budget years with bookings of any kind up to absolute month *bis*."""
    t = Basis(daten)("buchungen")
    t = t.filter(monatsindex(t.buchung_am) <= bis)
    return {int(j) for j in t.select("haushaltsjahr").distinct().execute()["haushaltsjahr"]}


def _begonnen(jahre: set[int], jahr: int, tabelle: str) -> None:
    """Refuse a year of which nothing is there yet."""
    if jahre and jahr not in jahre:
        raise DeliveryMissing(
            f"Für {jahr} ist bis zum Stichtag nichts gebucht.",
            wo=f"Tabelle {tabelle}",
            tun="Stichtag der Lieferung prüfen oder die Buchungen des Jahres nachliefern.",
        )


def _ledger(daten: Any, bis: int, seite: Seite) -> pd.DataFrame:
    """Sums by series, budget year, month of service and of booking, up to absolute month *bis*."""
    t = Basis(daten)("buchungen")
    t = t.filter(ist_brutto(t) if seite == "aufwand" else ist_ertrag(t))
    t = schluessel(t, ["produktgruppe"])
    booked = monatsindex(t.buchung_am)
    served = monatsindex(t.leistungsmonat).coalesce(booked)
    t = t.mutate(
        reihe=t.produktgruppe,
        jahr=t.haushaltsjahr,
        gebucht=booked,
        leistung=served,
        # Entered by hand for an earlier year: a single event, not a course to be carried on.
        einmalig=((t.herkunft == "manuell") & (served < t.haushaltsjahr * MONATE)).fill_null(False),
        schluss=(t.herkunft == "jahresabschluss").fill_null(False),
    )
    t = t.filter(t.gebucht <= bis, t.jahr <= bis // MONATE)
    keys = ["reihe", "jahr", "gebucht", "leistung", "einmalig", "schluss"]
    frame = t.group_by(keys).aggregate(betrag=summe(t.betrag_eur)).order_by(keys).execute()
    if frame.empty:
        raise DeliveryMissing(
            "Bis zum Stichtag ist nichts gebucht.",
            wo=f"Tabelle buchung, {'Aufwand' if seite == 'aufwand' else 'Erträge'}",
            tun="Stichtag und Haushaltsjahr der Lieferung prüfen.",
        )
    return frame.assign(betrag=frame["betrag"].astype(float))


def _jahre(rows: pd.DataFrame, jahr: int) -> np.ndarray:
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
    return Buchungen(leistung, mit["gebucht"].to_numpy(), mit["betrag"].to_numpy())


# --- the Hilfen ---------------------------------------------------------------------------------


def _hilfen(daten: Any, jahr: int, periode: int) -> Panel:
    bis = jahr * MONATE + periode - 1
    rows = bruttokosten(daten, bis)
    _begonnen(set(rows["jahr"]), jahr, "zahlung")
    jahre = _jahre(rows.assign(gebucht=rows["leistung"], schluss=False), jahr)
    rows = rows[rows["jahr"] >= jahre[0]]
    cells = zellen(daten, jahre[0] * MONATE, bis)
    plaene = {}
    if daten.hat(*TABELLEN["produktgruppe"]):
        plaene = ansaetze_der_hilfen(daten, jahre)
    reihen, buchungen = [], {}
    for name in sorted(set(rows["reihe"])):
        e = rows[rows["reihe"] == name]
        b = Buchungen(e["leistung"].to_numpy(), e["gebucht"].to_numpy(), e["betrag"].to_numpy())
        parts: dict[str, object] = dict(plaene.get(name, {}))
        if name in cells:
            parts["menge"] = cells[name].mengen(jahre)
        reihen.append(reihe_aus_buchungen(name, b, jahre, bis, **parts))
        buchungen[name] = b
    kurz = {code: x.merkmale.get("kurz", code) for code, x in _hilfearten().items()}
    namen = {r.name: kurz.get(r.name, r.name) for r in reihen}
    behind = [traeger_im_jahr(daten, j, bis) for j in (jahr, jahr - 1)]
    return Panel(
        "hilfeart", "aufwand", jahr, periode, tuple(reihen), namen, buchungen, cells, *behind
    )  # fmt: skip


def _hilfearten() -> Mapping[str, Any]:
    return catalogue.codeliste("hilfeart").gueltig
