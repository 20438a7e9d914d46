"""Scenarios: the driver-based forecast (M6) under dated assumptions, beside the one without any.

Amounts are whole cents. The difference to the base is the sum of its effects in a fixed order
(places, cases by law, agreed increases, cost by law, one-off): each acts on what the earlier ones
left, so nothing is counted twice and the order decides whose the interaction is.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from sozcontrol.catalogue.szenario import ALLE, Szenario, SzenarioFehler, lesen
from sozcontrol.errors import SozcontrolError
from sozcontrol.forecast.methoden.treiber import (
    Annahmen,
    Entgelt,
    Lage,
    folgejahr,
    lage,
    mehr_plaetze,
    schritte,
    treiber,
)
from sozcontrol.forecast.prognose.hochrechnung import euro
from sozcontrol.forecast.reihe import Kenntnis, Reihe, bekannt
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.prognosestand import prognosestand
from sozcontrol.hochrechnung.quellen.buchungen import Dreiecke
from sozcontrol.hochrechnung.quellen.panel import Panel, panel
from sozcontrol.hochrechnung.szenarien.szenariodatei import dateien, grundlage, ungueltig
from sozcontrol.store import Daten

Zustand = Literal["gültig", "ungültig", "fehlerhaft"]
GUELTIG: Zustand = "gültig"
NULL = Decimal(0)


@dataclass(frozen=True)
class Basis:
    """M6 of one Hilfeart without assumptions; without ``wert`` its ``grund`` says why."""

    kenntnis: Kenntnis
    lage: Lage | None
    wert: Decimal | None
    grund: str = ""


@dataclass(frozen=True)
class Wirkung:
    """What a scenario changes in one Hilfeart, in € to the cent.

    ``schritte`` are in the order of
    :data:`sozcontrol.forecast.methoden.treiber.SCHRITTE` and add up to
    ``unterschied``; ``folgejahr`` is the effect of the same assumptions on the twelve months of
    the next year, with this year's last volume and present cost.
    """

    schritte: tuple[Decimal, ...]
    folgejahr: Decimal

    @property
    def unterschied(self) -> Decimal:
        """Return the difference to the base."""
        return sum(self.schritte, NULL)


@dataclass(frozen=True)
class Eintrag:
    """One scenario file: its state, and its effect by Hilfeart where it is valid."""

    name: str
    zustand: Zustand
    grund: str
    szenario: Szenario | None = None
    wirkungen: Mapping[str, Wirkung] = field(default_factory=dict)


@dataclass(frozen=True)
class Szenariostand:
    """All scenarios of one Stichtag, by file name, and the base they are compared with.

    ``hochrechnung`` holds the chosen forecast by series and total, if it was asked for.
    """

    stichtag: date
    panel: Panel
    basis: Mapping[str, Basis]
    eintraege: tuple[Eintrag, ...]
    hochrechnung: Mapping[str, Decimal | None] | None = None

    @property
    def gueltige(self) -> tuple[Eintrag, ...]:
        """Return the scenarios that are computed."""
        return tuple(e for e in self.eintraege if e.zustand == GUELTIG)


def szenariostand(daten: Daten, *, hochrechnung: bool = True) -> Szenariostand:
    """Return all scenarios of the delivery's Stichtag with their state and effect.

    With *hochrechnung* the chosen forecast of each Hilfeart stands beside (takes seconds).

    Raises:
        DeliveryMissing: A table of the forecast is missing.
    """
    prognose = prognosestand(daten, "hilfeart") if hochrechnung else None
    p = prognose.panel if prognose else panel(daten, "hilfeart")
    basis = _basiswerte(daten, p)
    eintraege = tuple(
        eintrag(path, daten, basis) for path in dateien(daten.projekt, daten.stichtag)
    )
    gewaehlt = {n: h.wert for n, h in prognose.reihen.items()} if prognose else None
    return Szenariostand(daten.stichtag, p, basis, eintraege, gewaehlt)


def allein(daten: Daten, szenario: Szenario) -> Szenariostand:
    """Return one scenario as if it were confirmed for these data, without the chosen forecast.

    Raises:
        SzenarioFehler: It does not fit these data.
    """
    p = panel(daten, "hilfeart")
    basis = _basiswerte(daten, p)
    eintrag = Eintrag(szenario.name, GUELTIG, "", szenario, wirkungen(szenario, basis))
    return Szenariostand(daten.stichtag, p, basis, (eintrag,))


def _basiswerte(daten: Daten, p: Panel) -> dict[str, Basis]:
    return einmal(daten, "basis", (daten.stichtag,), lambda: basiswerte(p))


def basiswerte(p: Panel) -> dict[str, Basis]:
    """Return M6 of every series of the panel, without assumptions."""
    return {r.name: _basis(r, p, p.dreiecke) for r in p.reihen}


def _basis(reihe: Reihe, p: Panel, wissen: Dreiecke) -> Basis:
    k = bekannt(reihe, p.jahr, p.periode, **wissen(reihe, p.jahr, p.periode))
    antwort, heute = treiber(k), lage(k)
    if antwort.wert is None or not isinstance(heute, Lage):
        return Basis(k, None, None, antwort.grund)
    return Basis(k, heute, euro(antwort.wert))


def eintrag(path: Path, daten: Daten, basis: Mapping[str, Basis]) -> Eintrag:
    """Return one scenario file with its state; a faulty one is listed, not passed over."""
    try:
        if path.suffix != ".yml":
            raise SzenarioFehler(
                "Die Datei endet nicht auf .yml.", wo=str(path), tun="Die Datei umbenennen."
            )
        szenario = lesen(path, daten.stichtag)
        grund = ungueltig(szenario, grundlage(daten))
        if grund:
            return Eintrag(path.stem, "ungültig", grund, szenario)
        return Eintrag(path.stem, GUELTIG, "", szenario, wirkungen(szenario, basis))
    except SozcontrolError as error:
        return Eintrag(path.stem, "fehlerhaft", error.was)


def wirkungen(szenario: Szenario, basis: Mapping[str, Basis]) -> dict[str, Wirkung]:
    """Return the effect on each Hilfeart the scenario names, in the order of *basis*.

    Raises:
        SzenarioFehler: It names a Hilfeart without cost or cases, or takes away more places than
            are occupied.
    """
    genannt = {h for a in szenario.annahmen for h in a.hilfeart}
    for name in sorted(genannt - {ALLE}):
        if name not in basis or basis[name].lage is None:
            grund = basis[name].grund if name in basis else "Bis zum Stichtag gibt es keine Kosten."
            raise _fehler(szenario, f"Hilfeart {name}: {grund}")
    found = {}
    for name, b in basis.items():
        if b.lage is not None and genannt & {name, ALLE}:
            annahmen = annahmen_fuer(szenario, name)
            if not _gedeckt(b, annahmen):
                raise _fehler(
                    szenario, f"Hilfeart {name}: Es entfallen mehr Plätze, als belegt sind."
                )
            jetzt = schritte(b.kenntnis, b.lage, annahmen)
            dann = schritte(b.kenntnis, folgejahr(b.kenntnis, b.lage), annahmen)
            found[name] = Wirkung(
                tuple(euro(w) for _, w in jetzt), sum((euro(w) for _, w in dann), NULL)
            )
    return found


def annahmen_fuer(szenario: Szenario, hilfeart: str) -> Annahmen:
    """Return what a scenario assumes of one Hilfeart, as M6 takes it."""
    entgelte: list[Entgelt] = []
    kosten: list[Entgelt] = []
    plaetze: list[tuple[int, float, float]] = []
    fallzahl: list[tuple[int, float, float]] = []
    einmalig: list[tuple[int, float]] = []
    for a in szenario.annahmen:
        if not {hilfeart, ALLE} & set(a.hilfeart):
            continue
        ab = monat_von(a.ab)
        if a.art == "entgelt":
            entgelte.append(Entgelt(*ab, _anteil(a.prozent)))
        elif a.art == "plaetze":
            plaetze.append((*ab, float(a.anzahl)))
            if a.bis is not None:
                ende = monat_von(a.bis + timedelta(days=1))
                plaetze.append((*ende, -float(a.anzahl)))
        else:
            if a.fallzahl_prozent is not None:
                fallzahl.append((*ab, _anteil(a.fallzahl_prozent)))
            if a.kosten_prozent is not None:
                kosten.append(Entgelt(*ab, _anteil(a.kosten_prozent)))
            if a.einmalig_eur is not None:
                einmalig.append((a.ab.year, float(a.einmalig_eur)))
    monatlich = (tuple(entgelte), tuple(plaetze), tuple(fallzahl), tuple(kosten))
    return Annahmen(szenario.name, *monatlich, tuple(einmalig))


def monat_von(tag: date) -> tuple[int, float]:
    """Return (year, month) of a day; the month is broken by the days of it that are over."""
    return tag.year, tag.month + (tag.day - 1) / calendar.monthrange(tag.year, tag.month)[1]


def _anteil(prozent: Decimal) -> float:
    return float(prozent / 100)


def _gedeckt(b: Basis, annahmen: Annahmen) -> bool:
    """Say whether no coming month, this year or next, has fewer than no occupied places."""
    assert b.lage is not None, "only Hilfearten with a volume are asked"
    return all(
        (heute.mengen + mehr_plaetze(b.kenntnis, annahmen, heute.perioden) >= 0).all()
        for heute in (b.lage, folgejahr(b.kenntnis, b.lage))
    )


def _fehler(szenario: Szenario, was: str) -> SzenarioFehler:
    return SzenarioFehler(was, wo=f"Szenario {szenario.name}", tun="Die Annahme berichtigen.")
