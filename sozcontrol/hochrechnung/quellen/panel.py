"""From a delivery's tables to series: the ledger by product group, the payments by Hilfeart.

What a method may know is cut by the booking date (domain.md 6.5): a result of an earlier year is
what was booked for it by the origin. Cases carry no date of recording; of them nothing later than
the origin is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np

from sozcontrol import catalogue
from sozcontrol.catalogue.codeliste import Code
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.forecast.prognose.ruecktest import KLEIN
from sozcontrol.forecast.reihe import Reihe
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.quellen.belegung import belegte_monate
from sozcontrol.hochrechnung.quellen.buchungen import (
    MONATE,
    Buchungen,
    Dreiecke,
    reihe_aus_buchungen,
)
from sozcontrol.hochrechnung.quellen.haushalt import ganze_jahre, haushaltsreihen
from sozcontrol.hochrechnung.quellen.kosten import Traeger, bruttokosten, hinter_den_hilfearten
from sozcontrol.hochrechnung.quellen.plaene import Seite, ansaetze_der_hilfen, gruppennamen
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.zeitraum import monatsende

Ebene = Literal["produktgruppe", "uebrige", "hilfeart"]
HAUSHALTSEBENE: Ebene = "produktgruppe"
UEBRIGE: Ebene = "uebrige"
FALLEBENE: Ebene = "hilfeart"
"""The product groups' accounts of soziale Sicherung, their other accounts, and the level with
persons behind its figures."""
TABELLEN: Mapping[str, tuple[str, ...]] = {
    "produktgruppe": ("buchung", "budget", "map_produkt", "map_konto"),
    "uebrige": ("buchung", "budget", "map_produkt", "map_konto"),
    "hilfeart": ("zahlung", "fall", "person"),
}
"""What a level needs; without a ledger the Hilfearten have no budget, and say so."""


@dataclass(frozen=True)
class Panel:
    """The series of one level at one Stichtag, and what else is known of them.

    ``periode`` is the last complete month of ``jahr`` by the Stichtag. ``namen`` are labels by
    series, ``traeger`` the Hilfen behind their figures (empty for the ledger: no persons).
    ``buchungen`` have true service months.
    """

    ebene: Ebene
    seite: Seite
    jahr: int
    periode: int
    reihen: tuple[Reihe, ...]
    namen: Mapping[str, str]
    buchungen: Mapping[str, Buchungen]
    traeger: Traeger = field(default_factory=Traeger)

    @property
    def faelle(self) -> Mapping[str, int]:
        """Return the Hilfen paid for in the year so far."""
        return self.traeger.faelle

    @property
    def merkmal(self) -> str:
        """Return what the counts of all tables per Hilfeart are called.

        One name: what one table of a run hides, no other may show.
        """
        return f"Hilfen mit Kosten bis {self.jahr}-{self.periode:02}"

    @property
    def klein(self) -> float:
        """Return the amount below which a series is not forecast but takes its public budget.

        Never a Hilfeart: what follows from a public budget by a public rule is no secret, and a
        hidden row beside it could be solved.
        """
        return KLEIN if self.ebene != FALLEBENE else 0.0

    @property
    def ansatz_vollstaendig(self) -> bool:
        """Whether all budgets of a year are known: the ledger's are delivered whole."""
        return self.ebene != FALLEBENE

    def wissen(self, reihe: Reihe, jahr: int, periode: int) -> dict[str, object]:
        """Return what else is known at an origin: the triangle. After the Stichtag, nothing."""
        if (jahr, periode) > (self.jahr, self.periode):
            return {}
        return dict(Dreiecke(dict(self.buchungen))(reihe, jahr, periode))


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
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Panel:  # fmt: skip
    """Return the series of *ebene*: Aufwand (or Ertrag) of the ledger, gross cost of the Hilfen.

    ``produktgruppe``: by Haushaltsjahr and booking date, as F02 counts; ``uebrige``: the same of
    the accounts outside soziale Sicherung. ``hilfeart``: Hilfen zur Erziehung by month of service,
    as H17 counts.

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
    key = (ebene, seite, jahr, periode)
    return einmal(daten, "reihen", key, lambda: _panel(daten, ebene, jahr, periode, seite))


def _panel(daten: Stadtlieferung, ebene: Ebene, jahr: int, periode: int, seite: Seite) -> Panel:
    if ebene == FALLEBENE:
        return _mit_summe(_hilfen(daten, jahr, periode))
    return _mit_summe(_haushalt(daten, jahr, periode, seite, ebene))


def _mit_summe(p: Panel) -> Panel:
    """Add the bookings of the total, whose series is made when the forecast is reconciled."""
    if not p.reihen:
        raise DeliveryMissing(
            f"Für {p.jahr} ist bis zum Stichtag nichts gebucht und nichts veranschlagt.",
            wo="Tabelle zahlung" if p.ebene == FALLEBENE else "Tabelle buchung und budget",
            tun="Stichtag und Haushaltsjahr der Lieferung prüfen.",
        )
    felder = ("leistung", "gebucht", "betrag")
    alle = [np.concatenate([getattr(b, f) for b in p.buchungen.values()]) for f in felder]
    total = {INSGESAMT: Buchungen(*alle)}
    return replace(
        p,
        namen={**p.namen, INSGESAMT: INSGESAMT},
        buchungen={**p.buchungen, **total},
    )


def _haushalt(daten: Stadtlieferung, jahr: int, periode: int, seite: Seite, ebene: Ebene) -> Panel:
    reihen, buchungen = haushaltsreihen(
        daten, jahr, jahr * MONATE + periode - 1, seite, uebrige=ebene == UEBRIGE
    )
    named = gruppennamen(daten, jahr)
    namen = {r.name: named.get(r.name, r.name) for r in reihen}
    return Panel(ebene, seite, jahr, periode, reihen, namen, buchungen)


def _hilfen(daten: Stadtlieferung, jahr: int, periode: int) -> Panel:
    bis = jahr * MONATE + periode - 1
    rows = bruttokosten(daten, bis)
    jahre = ganze_jahre(rows.assign(gebucht=rows["leistung"], schluss=False), jahr)
    rows = rows[rows["jahr"] >= jahre[0]]
    mengen = belegte_monate(daten, jahre, bis)
    plaene = {}
    if daten.hat(*TABELLEN["produktgruppe"]):
        plaene = ansaetze_der_hilfen(daten, jahre)
    reihen, buchungen = [], {}
    for name in sorted(set(rows["reihe"])):
        e = rows[rows["reihe"] == name]
        b = Buchungen(e["leistung"].to_numpy(), e["gebucht"].to_numpy(), e["betrag"].to_numpy())
        parts: dict[str, object] = dict(plaene.get(name, {}))
        if name in mengen:
            parts["menge"] = mengen[name]
        reihen.append(reihe_aus_buchungen(name, b, jahre, bis, **parts))
        buchungen[name] = b
    kurz = {code: x.merkmale.get("kurz", code) for code, x in _hilfearten().items()}
    namen = {r.name: kurz.get(r.name, r.name) for r in reihen}
    behind = hinter_den_hilfearten(daten, jahre, bis)
    return Panel(
        "hilfeart", "aufwand", jahr, periode, tuple(reihen), namen, buchungen, behind
    )  # fmt: skip


def _hilfearten() -> Mapping[str, Code]:
    return catalogue.codeliste("hilfeart").gueltig
