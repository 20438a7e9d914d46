"""The counting primitives of the engine, by the kind of view they count in.

A primitive says which rows of a view count in a period and what each row counts for. Value,
breakdown and time series are then the same aggregate under different groupings. It belongs to an
``art`` of views and names no field; a view's *Größe* (``catalogue/sichten``) binds it to a column,
a time axis and conditions. Its ``rolle`` tells the other rooms how figures hang together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Bedingung, Term
from sozcontrol.catalogue.sicht import Achse, Groesse, Rolle, Sicht
from sozcontrol.errors import CatalogueError, UsageError, nearest
from sozcontrol.measures.zaehlwerk import dauern, verlauf
from sozcontrol.measures.zaehlwerk.zeitraum import (
    Spanne,
    ist_jahresende,
    monatsenden,
    quartalsenden,
)

Aggregat = Literal["anzahl", "summe", "bekannt", "verschieden", "median", "ueberleben"]

SUMMEN = ("summe", "bekannt")
DULDUNG = 20
"""Of single cases at most one in so many may lack its value before a figure is unknown."""
DULDUNG_AUSGELASSENER = 5
"""Of those a share leaves out because nothing is said of them there may be more: one in so many."""
Rows = Callable[[ir.Table, Spanne, Groesse], ir.BooleanValue]
Measure = Callable[[ir.Table, Spanne, Groesse], ir.Value]

EURO = "€"
STROEME = ("bestand", "zugang", "abgang", "jahr")
"""The roles that are tied: B(b) = B(a) + Z − A, J = B(b) + A."""


@dataclass(frozen=True)
class Muster:
    """One primitive of the engine, for all views of its kind.

    ``aggregat``: ``anzahl`` counts rows; ``summe`` and ``median`` take ``mass``; a sum that is
    ``bekannt`` is unknown where no row has a value, not 0; ``verschieden`` counts its different
    values; ``ueberleben`` is the Kaplan–Meier median. What rows without a value make of a sum or
    of different values says ``Grundzahl.duldung``.
    ``mittelt`` names the primitive a mean is taken of, ``tage`` the days it is taken over.
    ``einheit`` None is the view's own, or its column's.
    ``braucht`` names the fields a Größe must fill. ``wer`` is the role of those it counts by, where
    they are a stock or a flow: the mean duration of running cases has the stock behind it.
    """

    name: str
    arten: tuple[str, ...]
    rolle: Rolle | None
    erklaerung: str
    zeilen: Rows
    aggregat: Aggregat = "anzahl"
    mass: Measure | None = None
    mittelt: str | None = None
    tage: Callable[[Spanne], tuple[date, ...]] | None = None
    einheit: str | None = None
    braucht: tuple[str, ...] = ()
    wer: Rolle | None = None


@dataclass(frozen=True)
class Grundzahl:
    """A primitive as one view counts it: which rows, for what, in which unit, in which role."""

    sicht: Sicht
    name: str
    muster: Muster
    groesse: Groesse
    rolle: Rolle | None
    einheit: str
    erklaerung: str
    gezaehlt: bool = False
    """Whether the rows already count carriers in the column that is summed."""

    @property
    def art(self) -> Aggregat:
        """How rows become a value."""
        return self.muster.aggregat

    @property
    def wo(self) -> tuple[Bedingung, ...]:
        """The conditions that belong to it, whoever asks."""
        return self.groesse.wo

    @property
    def wer(self) -> Rolle | None:
        """The role of those behind it, where they are a stock or a flow, one by one or counted."""
        carriers = self.sicht.traeger
        if carriers is None or not (carriers.zeile or self.plain_count):
            return None
        return self.muster.wer or (self.rolle if self.rolle in STROEME else None)

    @property
    def je_stichtag(self) -> bool:
        """Whether rows of one period are others on another Stichtag: by their axis, or their view.

        What a condition adds, or an age, is not asked here.
        """
        axis = self.groesse.zeit
        return self.sicht.bau is not None or (axis is not None and axis.bis_stichtag)

    @property
    def summierbar(self) -> bool:
        """Whether its values may be added to other terms."""
        return self.art in ("anzahl", *SUMMEN, "verschieden")

    @property
    def ganzzahlig(self) -> bool:
        """Whether every value is a whole number."""
        if self.muster.tage is not None or not self.summierbar:
            return False
        return self.art not in SUMMEN or self.gezaehlt or self._ganze_spalte

    @property
    def duldung(self) -> int | None:
        """Of how many rows one may lack its value; 0: none may, None: none can.

        A row that is a sum may be of any size: without it the total says nothing. Of single cases a
        few may be missing. A required column of the view's own table is filled, or not delivered.
        """
        column = self.groesse.spalte
        if column is None or self.art not in ("summe", "verschieden") or self._gefuellt(column):
            return None
        return self.duldung_offener

    @property
    def duldung_offener(self) -> int:
        """Of how many rows of its view one may leave open what is asked of it; 0: none may."""
        carriers = self.sicht.traeger
        return DULDUNG if carriers is not None and carriers.schluessel else 0

    def _gefuellt(self, column: str) -> bool:
        if self.sicht.tabelle is None:
            return False
        table = catalogue.tabelle(self.sicht.tabelle)
        return column in table.namen and table.spalte(column).pflicht

    @property
    def _ganze_spalte(self) -> bool:
        column = self.groesse.spalte
        if column is None or self.sicht.tabelle is None:
            return self.muster.mass is not None and column is None
        table = catalogue.tabelle(self.sicht.tabelle)
        return column in table.namen and table.spalte(column).typ == "ganzzahl"

    @property
    def plain_count(self) -> bool:
        """Whether a value is a plain number of carriers: rows that are one each, or counted."""
        carriers = self.sicht.traeger
        if carriers is None:
            return False
        rows = self.art == "anzahl" and carriers.zeile is not None
        return rows or (self.gezaehlt and self.muster.tage is None)

    @property
    def hat_beitraege(self) -> bool:
        """Whether it is a sum of money to which the carriers of its view contribute, each alone."""
        carriers = self.sicht.traeger
        known = carriers is not None and carriers.schluessel is not None
        return known and self.rolle == "betrag" and self.art in SUMMEN

    def zeilen(self, table: ir.Table, spanne: Spanne) -> ir.BooleanValue:
        """Which rows count in the period; the conditions of :attr:`wo` are not asked here."""
        return self.muster.zeilen(table, spanne, self.groesse)

    def mass(self, table: ir.Table, spanne: Spanne) -> ir.Value | None:
        """What a row counts for; None where rows are counted."""
        measure = self.muster.mass
        return measure(table, spanne, self.groesse) if measure is not None else None

    def teiler(self, spanne: Spanne) -> int:
        """What the aggregate is divided by."""
        return len(self.tage(spanne)) or 1

    def tage(self, spanne: Spanne) -> tuple[date, ...]:
        """The days of a period whose stocks a mean is taken of; none of what is no mean."""
        return self.muster.tage(spanne) if self.muster.tage else ()

    @property
    def mittelt(self) -> Grundzahl | None:
        """The stock of the same view a mean is taken of: the same rows and column, on one day."""
        if self.muster.mittelt is None or self.groesse.spalte is None:
            name = self.muster.mittelt
        else:
            own = (self.muster.mittelt, self.groesse.spalte, self.groesse.wo)
            sizes = self.sicht.groessen.items()
            name = next((n for n, g in sizes if (g.grundzahl, g.spalte, g.wo) == own), None)
        return None if name is None else _grundzahl(self.sicht.sicht, name)


_MUSTER: dict[str, Muster] = {}


def grundzahl(
    name: str,
    *,
    arten: tuple[str, ...],
    rolle: Rolle | None,
    aggregat: Aggregat = "anzahl",
    mass: Measure | None = None,
    mittelt: str | None = None,
    tage: Callable[[Spanne], tuple[date, ...]] | None = None,
    einheit: str | None = None,
    braucht: tuple[str, ...] = (),
    wer: Rolle | None = None,
) -> Callable[[Rows], Rows]:
    """Register the decorated row condition as primitive *name*; its docstring explains it."""

    def register(zeilen: Rows) -> Rows:
        assert name not in _MUSTER, f"Grundzahl {name} is registered twice"
        text = (zeilen.__doc__ or "").strip()
        _MUSTER[name] = Muster(
            name, arten, rolle, text, zeilen, aggregat, mass, mittelt, tage, einheit, braucht, wer
        )
        return zeilen

    return register


def grundzahlen(sicht: str) -> dict[str, Grundzahl]:
    """Return all primitives view *sicht* counts by, its own Größen first."""
    view = catalogue.sicht(sicht)
    bare = [m.name for m in _MUSTER.values() if view.art in m.arten and not m.braucht]
    return {name: _grundzahl(sicht, name) for name in dict.fromkeys([*view.groessen, *bare])}


def finde(term: Term) -> Grundzahl:
    """Return the primitive a term counts by.

    Raises:
        UsageError: The view is unknown, or does not count so; the nearest known name is named.
    """
    return _grundzahl(term.sicht, term.grundzahl)


@cache
def _grundzahl(sicht: str, name: str) -> Grundzahl:
    view = catalogue.sicht(sicht)
    own = view.groessen.get(name)
    pattern = _MUSTER.get(own.grundzahl if own else name)
    bare = pattern is not None and view.art in pattern.arten and not pattern.braucht
    if pattern is None or (own is None and not bare):
        known = [*view.groessen, *(m.name for m in _MUSTER.values() if view.art in m.arten)]
        raise UsageError(
            f"Die Sicht »{sicht}« zählt nicht nach »{name}«.",
            wo="Grundzahl",
            tun=nearest(name, known),
        )
    size = own or Groesse(grundzahl=name, erklaerung=pattern.erklaerung)
    _demand_fields(view, name, pattern, size)
    return _bound(view, name, pattern, size)


def _demand_fields(view: Sicht, name: str, pattern: Muster, size: Groesse) -> None:
    missing = [f for f in pattern.braucht if getattr(size, f) is None]
    if missing or view.art not in pattern.arten:
        arten = ", ".join(pattern.arten)
        was = f"fehlt {', '.join(missing)}" if missing else f"zählt nur in Sichten der Art {arten}"
        raise CatalogueError(
            f"Größe »{name}« der Sicht »{view.sicht}«: »{pattern.name}« {was}.",
            wo=f"sozcontrol/catalogue/sichten/{view.sicht}.yml",
            tun="Die Größe ergänzen oder eine andere Grundzahl nennen.",
        )


def _bound(view: Sicht, name: str, pattern: Muster, size: Groesse) -> Grundzahl:
    unit, role = size.einheit or pattern.einheit, size.rolle or pattern.rolle
    counted = view.traeger is not None and size.spalte in view.traeger.zaehlend
    if unit is None and size.spalte is not None and view.tabelle is not None and not counted:
        table = catalogue.tabelle(view.tabelle)
        column = table.spalte(size.spalte) if size.spalte in table.namen else None
        if column is not None and column.einheit == "EUR":
            unit, role = EURO, size.rolle or "betrag"
    return Grundzahl(
        view, name, pattern, size, role, unit or view.einheit, size.erklaerung, counted
    )


# --- verlauf: a row begins and ends -------------------------------------------------------------


@grundzahl("bestand", arten=("verlauf",), rolle="bestand", wer="bestand")
def _bestand(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Am Ende des Zeitraums laufend (Beginn ≤ t; Ende leer oder > t)."""
    return verlauf.ist_laufend(t, s.bis)


@grundzahl(
    "bestand_verschieden",
    arten=("verlauf",),
    rolle="stand",
    aggregat="verschieden",
    mass=lambda t, s, g: _spalte(t, g),
    braucht=("spalte",),
)
def _bestand_verschieden(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Verschiedene Werte einer Spalte in dem, was am Ende des Zeitraums läuft."""
    return verlauf.ist_laufend(t, s.bis)


@grundzahl("zugang", arten=("verlauf",), rolle="zugang", wer="zugang")
def _zugang(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Im Zeitraum begonnen."""
    return verlauf.ist_begonnen(t, s.von, s.bis)


@grundzahl("abgang", arten=("verlauf",), rolle="abgang", wer="abgang")
def _abgang(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Im Zeitraum beendet."""
    return verlauf.ist_beendet(t, s.von, s.bis)


@grundzahl("jahresfallzahl", arten=("verlauf",), rolle="jahr", wer="jahr")
def _jahresfallzahl(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Am Ende des Zeitraums laufend oder in ihm beendet."""
    return verlauf.ist_im_jahr(t, s.von, s.bis)


@grundzahl(
    "durchschnittsbestand",
    arten=("verlauf",),
    rolle="mittel",
    aggregat="summe",
    mass=lambda t, s, g: verlauf.monatsenden_im_bestand(t, s.von, s.bis),
    mittelt="bestand",
    tage=lambda s: monatsenden(s.von, s.bis),
)
def _durchschnittsbestand(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Mittel der Bestände an den Monatsenden des Zeitraums."""
    return verlauf.monatsenden_im_bestand(t, s.von, s.bis) > 0


@grundzahl(
    "belegte_tage",
    arten=("verlauf",),
    rolle="menge",
    aggregat="summe",
    mass=lambda t, s, g: verlauf.tage(t, s.von, s.bis),
    einheit="Tage",
)
def _belegte_tage(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Tage mit Leistung im Zeitraum; der Tag des Endes zählt mit."""
    return verlauf.tage(t, s.von, s.bis) > 0


@grundzahl(
    "dauer_beendeter",
    arten=("verlauf",),
    rolle="dauer",
    aggregat="summe",
    mass=lambda t, s, g: dauern.dauer_tage(t),
    einheit="Tage",
    wer="abgang",
)
def _dauer_beendeter(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Summe der Dauern (Ende − Beginn) der im Zeitraum beendeten."""
    return verlauf.ist_beendet(t, s.von, s.bis)


@grundzahl(
    "dauer_beendeter_median",
    arten=("verlauf",),
    rolle="dauer",
    aggregat="median",
    mass=lambda t, s, g: dauern.dauer_tage(t),
    einheit="Tage",
    wer="abgang",
)
def _dauer_beendeter_median(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Median der Dauern (Ende − Beginn) der im Zeitraum beendeten."""
    return verlauf.ist_beendet(t, s.von, s.bis)


@grundzahl(
    "dauer_laufender",
    arten=("verlauf",),
    rolle="dauer",
    aggregat="summe",
    mass=lambda t, s, g: dauern.bisherige_tage(t, s.bis),
    einheit="Tage",
    wer="bestand",
)
def _dauer_laufender(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Summe der bisherigen Dauern (t − Beginn) der laufenden."""
    return verlauf.ist_laufend(t, s.bis)


@grundzahl(
    "verweildauer_median",
    arten=("verlauf",),
    rolle="dauer",
    aggregat="ueberleben",
    einheit="Tage",
)
def _verweildauer_median(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Kaplan-Meier-Median der Verweildauer der im Zeitraum beobachteten."""
    return verlauf.ist_beobachtet(t, s.von, s.bis)


@grundzahl(
    "summe_jahresfaelle",
    arten=("verlauf",),
    rolle=None,
    aggregat="summe",
    mass=lambda t, s, g: _spalte(t, g),
    braucht=("spalte",),
)
def _summe_jahresfaelle(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Summe einer Spalte, die das Jahr schon zusammenfasst, über die Fälle des Jahres."""
    return verlauf.ist_im_jahr(t, s.von, s.bis)


def _abstand(t: ir.Table, g: Groesse) -> ir.IntegerValue:
    return t[g.bis].delta(t[g.von], unit="day").cast("int64")


@grundzahl(
    "abstand_median",
    arten=("verlauf", "ereignis"),
    rolle="dauer",
    aggregat="median",
    mass=lambda t, s, g: _abstand(t, g),
    einheit="Tage",
    braucht=("von", "bis"),
)
def _abstand_median(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Median der Tage zwischen zwei Daten; es zählt, was im Zeitraum am zweiten angekommen ist."""
    return (t[g.bis] > s.von) & (t[g.bis] <= s.bis) & t[g.von].notnull()


@grundzahl(
    "abstand_hoechstens",
    arten=("verlauf", "ereignis"),
    rolle="ereignis",
    braucht=("von", "bis", "hoechstens"),
)
def _abstand_hoechstens(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Anzahl, bei der zwischen zwei Daten höchstens so viele Tage liegen."""
    assert g.hoechstens is not None
    return _abstand_median(t, s, g) & (_abstand(t, g) <= int(g.hoechstens))


def _spalte(t: ir.Table, g: Groesse) -> ir.Value:
    value = t[g.spalte]
    return value.cast("int64") if value.type().is_integer() else value


# --- ereignis: it happens on a day --------------------------------------------------------------


@grundzahl("ereignisse", arten=("ereignis",), rolle="ereignis")
def _ereignisse(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Im Zeitraum geschehen."""
    return (t.tag > s.von) & (t.tag <= s.bis)


# --- stand: a value as of a day, until the next one ---------------------------------------------


@grundzahl(
    "stand",
    arten=("stand",),
    rolle="stand",
    aggregat="summe",
    mass=lambda t, s, g: _spalte(t, g),
    braucht=("spalte",),
)
def _stand(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Summe nach dem letzten Stand bis zum Ende des Zeitraums."""
    return (t.tag <= s.bis) & (t.abgeloest_am.isnull() | (t.abgeloest_am > s.bis))


def _angegeben(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    return _stand(t, s, g) & t[g.spalte].notnull()


@grundzahl(
    "stand_bekannt",
    arten=("stand",),
    rolle="stand",
    aggregat="bekannt",
    mass=lambda t, s, g: _spalte(t, g),
    braucht=("spalte",),
)
def _stand_bekannt(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Summe nach dem letzten Stand bis zum Ende des Zeitraums; unbekannt, wenn nichts zählt."""
    return _angegeben(t, s, g)


@grundzahl("stand_anzahl", arten=("stand",), rolle="stand", braucht=("spalte",))
def _stand_anzahl(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Zeilen mit Angabe in der Spalte, nach dem letzten Stand bis zum Ende des Zeitraums."""
    return _angegeben(t, s, g)


@grundzahl(
    "stand_median",
    arten=("stand",),
    rolle="stand",
    aggregat="median",
    mass=lambda t, s, g: t[g.spalte].cast("float64"),
    braucht=("spalte",),
)
def _stand_median(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Median nach dem letzten Stand bis zum Ende des Zeitraums; Leeres zählt nicht mit."""
    return _angegeben(t, s, g)


@grundzahl(
    "stand_mittel",
    arten=("stand",),
    rolle="mittel",
    aggregat="summe",
    mass=lambda t, s, g: _spalte(t, g),
    mittelt="stand",
    tage=lambda s: monatsenden(s.von, s.bis),
    braucht=("spalte",),
)
def _stand_mittel(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Mittel der monatlichen Stände des Zeitraums."""
    return (t.tag > s.von) & (t.tag <= s.bis)


@grundzahl(
    "stand_mittel_quartal",
    arten=("stand",),
    rolle="mittel",
    aggregat="summe",
    mass=lambda t, s, g: _spalte(t, g),
    mittelt="stand",
    tage=lambda s: quartalsenden(s.von, s.bis),
    braucht=("spalte",),
)
def _stand_mittel_quartal(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Mittel der Stände an den Quartalsenden des Zeitraums."""
    return (t.tag > s.von) & (t.tag <= s.bis)


# --- bewegung: amounts and counts of a period ---------------------------------------------------


def _im_zeitraum(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    assert g.zeit is not None
    return ist_gezaehlt(t, g.zeit, s)


def ist_gezaehlt(table: ir.Table, achse: Achse, s: Spanne) -> ir.BooleanValue:
    """Say whether a row counts in the period on a time axis (``catalogue.sicht.Achse``).

    A month is stored as its first day, so it counts when it begins in the period; a row without a
    day is on no axis. Of a budget year: booked by the end of the period, late bookings of last year
    stay there, the beginning of the period is not asked; of a completed one (``ganzes_jahr``) all
    that the delivery knows. Of an earlier year the axis may count what came after it, too, up to
    the Stichtag (``bis_stichtag``).
    """
    if achse.spalte is not None:
        day = table[achse.spalte]
        return (day > s.von) & (day <= s.bis)
    assert achse.jahr is not None and achse.bis is not None
    in_year = table[achse.jahr] == s.bis.year
    if achse.ganzes_jahr and ist_jahresende(s.bis):
        return in_year
    return in_year & (table[achse.bis] <= (s.stichtag if achse.bis_stichtag else s.bis))


@grundzahl(
    "summe",
    arten=("bewegung", "ereignis", "stand"),
    rolle=None,
    aggregat="summe",
    mass=lambda t, s, g: _spalte(t, g),
    braucht=("spalte", "zeit"),
)
def _summe(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Summe einer Spalte im Zeitraum."""
    return _im_zeitraum(t, s, g)


@grundzahl(
    "verschieden",
    arten=("bewegung", "ereignis", "stand"),
    rolle="jahr",
    aggregat="verschieden",
    mass=lambda t, s, g: _spalte(t, g),
    braucht=("spalte", "zeit"),
)
def _verschieden(t: ir.Table, s: Spanne, g: Groesse) -> ir.BooleanValue:
    """Anzahl der verschiedenen Werte einer Spalte im Zeitraum."""
    return _im_zeitraum(t, s, g)
