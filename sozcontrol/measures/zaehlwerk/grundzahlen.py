"""The registry of counting primitives a Kennzahl may be declared over.

A Grundzahl says, for one view, which rows count in a period and what each row counts for. Value,
breakdown and time series are then the same aggregate under different groupings. A new indicator
over these needs YAML only; a new primitive is one decorated function here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

from sozcontrol.errors import UsageError, nearest
from sozcontrol.measures import bevoelkerung as ew
from sozcontrol.measures import finanzen
from sozcontrol.measures.zaehlwerk import dauern
from sozcontrol.measures.zaehlwerk import verlauf as faelle
from sozcontrol.measures.zaehlwerk.zeitraum import Spanne, monatsenden

Rows = Callable[[ir.Table, Spanne], ir.BooleanValue]
Measure = Callable[[ir.Table, Spanne], ir.NumericValue]
Art = Literal["anzahl", "summe", "median", "ueberleben"]


@dataclass(frozen=True)
class Grundzahl:
    """One primitive: rows that count, and what they count for.

    ``art``: ``anzahl`` counts rows; ``summe`` and ``median`` take ``mass``; ``ueberleben`` is the
    Kaplan–Meier median. ``teiler`` divides the aggregate (the months of a mean). ``einheit`` is
    what the value is in. Only ``anzahl`` and ``summe`` may be added to other terms.
    """

    name: str
    sicht: str
    einheit: str
    erklaerung: str
    zeilen: Rows
    art: Art = "anzahl"
    mass: Measure | None = None
    teiler: Callable[[Spanne], int] | None = None

    @property
    def ganzzahlig(self) -> bool:
        """Whether every value is a whole number."""
        return (
            self.art in ("anzahl", "summe")
            and self.einheit not in ("€", "Einheiten")
            and self.teiler is None
        )


_REGISTRY: dict[str, Grundzahl] = {}


def grundzahl(
    name: str,
    *,
    sicht: str,
    einheit: str,
    art: Art = "anzahl",
    mass: Measure | None = None,
    teiler: Callable[[Spanne], int] | None = None,
) -> Callable[[Rows], Rows]:
    """Register the decorated row condition as primitive *name*; its docstring explains it."""

    def register(zeilen: Rows) -> Rows:
        assert name not in _REGISTRY, f"Grundzahl {name} is registered twice"
        text = (zeilen.__doc__ or "").strip()
        _REGISTRY[name] = Grundzahl(name, sicht, einheit, text, zeilen, art, mass, teiler)
        return zeilen

    return register


def alle_grundzahlen() -> dict[str, Grundzahl]:
    """Return the registered primitives by name."""
    return dict(_REGISTRY)


def finde(name: str) -> Grundzahl:
    """Return one primitive; an unknown name is answered with the nearest known one."""
    if name not in _REGISTRY:
        raise UsageError(
            f"Grundzahl »{name}« ist unbekannt.", wo="Kennzahl", tun=nearest(name, [*_REGISTRY])
        )
    return _REGISTRY[name]


# --- Hilfen -------------------------------------------------------------------------------------


@grundzahl("bestand", sicht="hilfen", einheit="Hilfen")
def _bestand(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Hilfen, die am Ende des Zeitraums laufen (Beginn ≤ t; Ende leer oder > t)."""
    return faelle.ist_laufend(t, s.bis)


@grundzahl("zugang", sicht="hilfen", einheit="Hilfen")
def _zugang(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Hilfen, die im Zeitraum begonnen haben."""
    return faelle.ist_begonnen(t, s.von, s.bis)


@grundzahl("abgang", sicht="hilfen", einheit="Hilfen")
def _abgang(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Hilfen, die im Zeitraum geendet haben."""
    return faelle.ist_beendet(t, s.von, s.bis)


@grundzahl("jahresfallzahl", sicht="hilfen", einheit="Hilfen")
def _jahresfallzahl(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Hilfen, die am Ende des Zeitraums laufen oder in ihm geendet haben."""
    return faelle.ist_im_jahr(t, s.von, s.bis)


@grundzahl(
    "durchschnittsbestand",
    sicht="hilfen",
    einheit="Hilfen",
    art="summe",
    mass=lambda t, s: faelle.monatsenden_im_bestand(t, s.von, s.bis),
    teiler=lambda s: len(monatsenden(s.von, s.bis)),
)
def _durchschnittsbestand(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Mittel der Bestände an den Monatsenden des Zeitraums."""
    return faelle.monatsenden_im_bestand(t, s.von, s.bis) > 0


@grundzahl(
    "belegte_tage",
    sicht="hilfen",
    einheit="Tage",
    art="summe",
    mass=lambda t, s: faelle.tage(t, s.von, s.bis),
)
def _belegte_tage(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Tage mit Leistung im Zeitraum; der Tag des Endes zählt mit."""
    return faelle.tage(t, s.von, s.bis) > 0


@grundzahl(
    "dauer_beendeter",
    sicht="hilfen",
    einheit="Tage",
    art="summe",
    mass=lambda t, s: dauern.dauer_tage(t),
)
def _dauer_beendeter(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Summe der Dauern (Ende − Beginn) der im Zeitraum beendeten Hilfen."""
    return faelle.ist_beendet(t, s.von, s.bis)


@grundzahl(
    "dauer_beendeter_median",
    sicht="hilfen",
    einheit="Tage",
    art="median",
    mass=lambda t, s: dauern.dauer_tage(t),
)
def _dauer_beendeter_median(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Median der Dauern (Ende − Beginn) der im Zeitraum beendeten Hilfen."""
    return faelle.ist_beendet(t, s.von, s.bis)


@grundzahl(
    "dauer_laufender",
    sicht="hilfen",
    einheit="Tage",
    art="summe",
    mass=lambda t, s: dauern.bisherige_tage(t, s.bis),
)
def _dauer_laufender(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Summe der bisherigen Dauern (t − Beginn) der laufenden Hilfen."""
    return faelle.ist_laufend(t, s.bis)


@grundzahl("verweildauer_median", sicht="hilfen", einheit="Tage", art="ueberleben")
def _verweildauer_median(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Kaplan-Meier-Median der Verweildauer der im Zeitraum beobachteten Hilfen."""
    return dauern.im_fenster(t, s.von, s.bis)


@grundzahl(
    "wartezeit_median",
    sicht="hilfen",
    einheit="Tage",
    art="median",
    mass=lambda t, s: t.beginn.delta(t.antrag_am, unit="day").cast("int64"),
)
def _wartezeit_median(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Median der Tage von Antrag oder Meldung bis zum Beginn, begonnene Hilfen mit Antragsdatum."""
    return faelle.ist_begonnen(t, s.von, s.bis) & t.antrag_am.notnull()


# --- Zahlungen des Fachverfahrens, nach Leistungsmonat -------------------------------------------


@grundzahl(
    "zahlung_brutto", sicht="zahlungen", einheit="€", art="summe", mass=lambda t, s: t.betrag_eur
)
def _zahlung_brutto(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Leistungen abzüglich Stornierungen nach Leistungsmonat (Zahlungsliste)."""
    return finanzen.ist_brutto(t) & finanzen.im_zeitraum(t, s.von, s.bis, "leistungsmonat")


@grundzahl(
    "zahlung_ertrag", sicht="zahlungen", einheit="€", art="summe", mass=lambda t, s: t.betrag_eur
)
def _zahlung_ertrag(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Erstattungen und Kostenbeiträge nach Leistungsmonat (Zahlungsliste)."""
    return finanzen.ist_ertrag(t) & finanzen.im_zeitraum(t, s.von, s.bis, "leistungsmonat")


@grundzahl(
    "zahlung_menge", sicht="zahlungen", einheit="Einheiten", art="summe", mass=lambda t, s: t.menge
)
def _zahlung_menge(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Abgerechnete Einheiten nach Leistungsmonat, Stornierungen mit ihrem Vorzeichen."""
    period = finanzen.im_zeitraum(t, s.von, s.bis, "leistungsmonat")
    return finanzen.ist_brutto(t) & period & t.menge.notnull()


# --- Finanzbuchhaltung, Haushaltsjahr bis zum Stichtag nach Buchungsdatum -------------------------


def _haushalt(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    return finanzen.im_zeitraum(t, s.von, s.bis, "haushaltsjahr")


@grundzahl(
    "ist_aufwand", sicht="buchungen", einheit="€", art="summe", mass=lambda t, s: t.betrag_eur
)
def _ist_aufwand(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Aufwendungen der sozialen Sicherung des Haushaltsjahres, gebucht bis zum Stichtag."""
    return finanzen.ist_brutto(t) & _haushalt(t, s)


@grundzahl(
    "ist_ertrag", sicht="buchungen", einheit="€", art="summe", mass=lambda t, s: t.betrag_eur
)
def _ist_ertrag(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Erträge der sozialen Sicherung des Haushaltsjahres, gebucht bis zum Stichtag."""
    return finanzen.ist_ertrag(t) & _haushalt(t, s)


@grundzahl(
    "aufwand_leistungszeitraum",
    sicht="buchungen",
    einheit="€",
    art="summe",
    mass=lambda t, s: t.betrag_eur,
)
def _aufwand_leistungszeitraum(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Aufwendungen der sozialen Sicherung nach Leistungsmonat, wann immer gebucht."""
    return finanzen.ist_brutto(t) & finanzen.im_zeitraum(t, s.von, s.bis, "leistungsmonat")


# --- Haushalt ------------------------------------------------------------------------------------


@grundzahl(
    "ansatz_aufwand", sicht="budgets", einheit="€", art="summe", mass=lambda t, s: t.betrag_eur
)
def _ansatz_aufwand(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Fortgeschriebener Ansatz der Aufwendungen der sozialen Sicherung am Stichtag."""
    return finanzen.ist_brutto(t) & finanzen.ist_ansatz(t, s.bis)


@grundzahl(
    "ansatz_ertrag", sicht="budgets", einheit="€", art="summe", mass=lambda t, s: t.betrag_eur
)
def _ansatz_ertrag(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Fortgeschriebener Ansatz der Erträge der sozialen Sicherung am Stichtag."""
    return finanzen.ist_ertrag(t) & finanzen.ist_ansatz(t, s.bis)


@grundzahl("soll_aufwand", sicht="soll", einheit="€", art="summe", mass=lambda t, s: t.soll_eur)
def _soll_aufwand(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Ansatz × erwarteter Anteil am Stichtag, Aufwendungen (eigener Verlauf der Produktgruppe)."""
    return finanzen.ist_brutto(t) & finanzen.ist_ansatz(t, s.bis)


@grundzahl("soll_ertrag", sicht="soll", einheit="€", art="summe", mass=lambda t, s: t.soll_eur)
def _soll_ertrag(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Ansatz × erwarteter Anteil am Stichtag, Erträge (eigener Verlauf der Produktgruppe)."""
    return finanzen.ist_ertrag(t) & finanzen.ist_ansatz(t, s.bis)


# --- Bevölkerung ---------------------------------------------------------------------------------


@grundzahl(
    "einwohner",
    sicht="bevoelkerung",
    einheit="Einwohner",
    art="summe",
    mass=lambda t, s: t.anzahl.cast("int64"),
)
def _einwohner(t: ir.Table, s: Spanne) -> ir.BooleanValue:
    """Einwohner nach der letzten Zählung der Quelle bis zum Stichtag."""
    return ew.ist_stand(t, s.bis)
