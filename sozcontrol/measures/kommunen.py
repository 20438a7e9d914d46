"""Comparisons with other municipalities: the same definition, source and year, or no comparison.

What is compared is declared (``catalogue.vergleiche``). Every municipality of the ring stands in
every comparison: with its value, or with the reason why it has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue import Menge, Vergleich
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.kennzahlen import als_tag, quotient
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung

if TYPE_CHECKING:
    pass

TABELLE = "vergleichswert"
EURO = "€"
GUENSTIGER, UNGUENSTIGER, GLEICH = "günstiger", "ungünstiger", "gleich"
OHNE_WERTUNG, ZU_WENIGE = "ohne Wertung", "zu wenige Werte"
VORZEICHEN = {"niedrig": 1, "hoch": -1}
LAGEN = (UNGUENSTIGER, GUENSTIGER, GLEICH, OHNE_WERTUNG, ZU_WENIGE)
"""In which order a reader meets the comparisons: where we are worse first."""
NICHT_GELIEFERT, ANDERE_DEFINITION = "nicht geliefert", "andere Definition"

Zeile = Mapping[str, object]


@dataclass(frozen=True)
class Punkt:
    """One municipality in one comparison: a value with its quantity, or why there is none."""

    wert: Decimal | None = None
    menge: Decimal | None = None
    grund: str | None = None


@dataclass(frozen=True)
class Vergleichsstand:
    """One comparison in one year; ``punkte`` holds every municipality of the ring."""

    vergleich: Vergleich
    jahr: int
    eigene: str
    punkte: Mapping[str, Punkt]

    @property
    def werte(self) -> dict[str, Decimal]:
        """The values that may be compared."""
        return {ags: p.wert for ags, p in self.punkte.items() if p.wert is not None}

    @property
    def eigen(self) -> Punkt:
        """The own value."""
        return self.punkte[self.eigene]

    @property
    def genug(self) -> bool:
        """Whether there are values enough for a middle and a best one."""
        return len(self.werte) >= catalogue.vergleichsregeln().mindestens

    @property
    def median(self) -> Decimal | None:
        """The middle of all comparable values, the own one among them."""
        return median(self.werte.values()) if self.genug else None

    @property
    def vorzeichen(self) -> int:
        """1 where less is better, −1 where more is, 0 where neither."""
        return VORZEICHEN.get(self.vergleich.richtung, 0)

    @property
    def beste(self) -> str | None:
        """Who has the best value, the first of several; None where none is better."""
        sign, values = self.vorzeichen, self.werte
        return min(values, key=lambda ags: sign * values[ags]) if sign and self.genug else None

    @property
    def platz(self) -> int | None:
        """The own place from the best; from the largest where neither is better."""
        if self.eigen.wert is None or not self.genug:
            return None
        sign = self.vorzeichen or -1
        return 1 + sum(sign * v < sign * self.eigen.wert for v in self.werte.values())

    @property
    def unterschied(self) -> Decimal | None:
        """(own − median) × own quantity: how many more than at the median (negative: fewer)."""
        middle, own = self.median, self.eigen
        if middle is None or own.wert is None or own.menge is None:
            return None
        return (own.wert - middle) * own.menge / self.vergleich.faktor

    @property
    def abstand_median_pct(self) -> Decimal | None:
        """The distance to the median in percent of it."""
        return _abstand(self.eigen.wert, self.median)

    @property
    def abstand_bestwert_pct(self) -> Decimal | None:
        """The distance to the best value in percent of it."""
        return _abstand(self.eigen.wert, self.werte.get(self.beste or ""))

    @property
    def potenzial_eur(self) -> Decimal | None:
        """The difference in euro where the own value is the worse one; 0 where it is not."""
        difference = self.unterschied
        if self.vergleich.zaehlt != EURO or not self.vorzeichen or difference is None:
            return None
        return max(self.vorzeichen * difference, Decimal(0))

    @property
    def lage(self) -> str:
        """Which side of the median the own value lies on."""
        distance = self.abstand_median_pct
        if distance is None:
            return ZU_WENIGE
        if not self.vorzeichen:
            return OHNE_WERTUNG
        if distance == 0:
            return GLEICH
        return UNGUENSTIGER if distance * self.vorzeichen > 0 else GUENSTIGER

    @property
    def gewicht(self) -> tuple[int, Decimal, Decimal]:
        """The place in a list: worse first, most euro first, farthest first."""
        euro, distance = self.potenzial_eur or 0, self.abstand_median_pct or 0
        return LAGEN.index(self.lage), -Decimal(euro), -abs(Decimal(distance))


def _abstand(wert: Decimal | None, gegen: Decimal | None) -> Decimal | None:
    return None if wert is None or not gegen else (wert - gegen) * 100 / abs(gegen)


class Werte:
    """The delivered values, found by what they are and whose."""

    def __init__(self, zeilen: Sequence[Zeile], stichtag: date) -> None:
        self._zeilen: dict[tuple[object, ...], Zeile] = {}
        self._definitionen: dict[tuple[object, ...], int] = {}
        self.eigene: str | None = None
        for z in zeilen:
            if _jahr(z) > stichtag.year:
                continue
            self._zeilen[z["kennzahl_id"], z["definition_id"], z["quelle"], z["ags"], z["jahr"]] = z
            self._definitionen[z["kennzahl_id"], z["quelle"], z["ags"], z["jahr"]] = 1
            self.eigene = str(z["fuer_ags"])
        self.jahre = sorted({_jahr(z) for z in zeilen if _jahr(z) <= stichtag.year}, reverse=True)

    def ring(self) -> list[str]:
        """Return the municipalities that are compared, the own one first."""
        codes = catalogue.codeliste("vergleichskommune").gueltig
        own = codes[self.eigene].merkmale.get("ring") if self.eigene else None
        found = [ags for ags, c in codes.items() if own and c.merkmale.get("ring") == own]
        return sorted(found, key=lambda ags: ags != self.eigene)

    def punkt(self, v: Vergleich, ags: str, jahr: int) -> Punkt:
        """Return a municipality's value, as the source states it or made of its quantities."""
        if not v.zaehler:
            found = self._zelle(v, Menge(kennzahl=v.kennzahl, definition=v.definition), ags, jahr)
            return Punkt(grund=found) if isinstance(found, str) else _genannt(v, found)
        above = self._summe(v, v.zaehler, ags, jahr)
        below = self._summe(v, v.nenner, ags, jahr)
        if isinstance(above, str) or isinstance(below, str):
            return Punkt(grund=above if isinstance(above, str) else f"Nenner {below}")
        return _geprueft(v, quotient(above, below, v.faktor), above, below)

    def _summe(self, v: Vergleich, mengen: Sequence[Menge], ags: str, jahr: int) -> Decimal | str:
        """Add the quantities of one side; the first reason why one is unknown makes it unknown."""
        total = Decimal(0)
        for menge in mengen:
            found = self._zelle(v, menge, ags, jahr + menge.jahr)
            if isinstance(found, str):
                return found
            total += _zahl(found["wert"]) or 0
        return total

    def _zelle(self, v: Vergleich, menge: Menge, ags: str, jahr: int) -> Zeile | str:
        """Return the delivered row, or why there is no value to compare.

        Never in the source's own words: a remark is free text, and may say anything of anyone.
        """
        kennzahl = menge.kennzahl
        row = self._zeilen.get((kennzahl, menge.definition, v.quelle, ags, jahr))
        if row is None:
            other = (kennzahl, v.quelle, ags, jahr) in self._definitionen
            return ANDERE_DEFINITION if other else NICHT_GELIEFERT
        if not row["vergleichbar"]:
            return "laut Quelle nicht vergleichbar"
        if row["wert"] is None:
            signs = catalogue.codeliste("wertzeichen")
            return signs.name(str(row["zeichen"])) if row["zeichen"] else "unbekannt"
        return row


def _genannt(v: Vergleich, z: Zeile) -> Punkt:
    return _geprueft(v, _zahl(z["wert"]), _zahl(z["zaehler"]), _zahl(z["nenner"]))


def _zahl(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _jahr(zeile: Zeile) -> int:
    return int(str(zeile["jahr"]))


def _geprueft(
    v: Vergleich, wert: Decimal | None, zaehler: Decimal | None, nenner: Decimal | None
) -> Punkt:
    """Return a value as a point, unless few cases stand behind it: it tells little, or of whom."""
    if wert is None:
        return Punkt(grund="Nenner null")
    few = catalogue.vergleichsregeln().faelle
    counts = zaehler if v.zaehlt != EURO else nenner
    if counts is not None and 0 < counts < few:
        return Punkt(grund=f"weniger als {few} Fälle")
    return Punkt(wert, nenner)


def staende(zeilen: Sequence[Zeile], stichtag: date) -> list[Vergleichsstand]:
    """Return every comparison with an own value, each in its latest year.

    Latest is the last year with values enough; without one, the last with an own value.
    """
    found, werte = [], Werte(zeilen, stichtag)
    for v in catalogue.vergleiche().values():
        years = reihe(werte, v)
        chosen = next((s for s in years if s.genug), years[0] if years else None)
        found += [chosen] if chosen else []
    return found


def reihe(werte: Werte, v: Vergleich) -> list[Vergleichsstand]:
    """Return one comparison in all years with an own value, the latest first."""
    ring, own = werte.ring(), werte.eigene
    if own is None:
        return []
    years = [jahr for jahr in werte.jahre if werte.punkt(v, own, jahr).wert is not None]
    return [
        Vergleichsstand(v, jahr, own, {a: werte.punkt(v, a, jahr) for a in ring}) for jahr in years
    ]


_UEBERSICHT = (
    "jahr", "einheit", "rundung", "eigen", "median", "bestwert", "beste", "platz", "vergleichbare",
    "verglichene", "abstand_median_pct", "abstand_bestwert_pct", "unterschied", "zaehlt", "lage",
    "quelle", "definition",
)  # fmt: skip


def _nach_gewicht(daten: Lieferung, stichtag: date | str | None) -> list[Vergleichsstand]:
    rows = daten[TABELLE].to_pyarrow().to_pylist()
    return sorted(
        staende(rows, als_tag(stichtag, daten)),
        key=lambda s: s.gewicht,
    )


def uebersicht(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """Return every comparison in its latest year: own value, median, best, and what lies between.

    ``unterschied`` is how many more of ``zaehlt`` than at the median; the worse sides come first.
    """
    rows = [
        {
            "leistungsfeld": s.vergleich.feld, "vergleich": s.vergleich.name,
            "jahr": s.jahr, "einheit": s.vergleich.einheit, "rundung": s.vergleich.rundung,
            "eigen": s.eigen.wert, "median": s.median, "bestwert": s.werte.get(s.beste or ""),
            "beste": _kommune(s.beste), "platz": s.platz, "vergleichbare": len(s.werte),
            "verglichene": len(s.punkte), "abstand_median_pct": s.abstand_median_pct,
            "abstand_bestwert_pct": s.abstand_bestwert_pct, "unterschied": s.unterschied,
            "zaehlt": s.vergleich.zaehlt, "lage": s.lage,
            "quelle": catalogue.codeliste("vergleichsquelle").name(s.vergleich.quelle),
            "definition": s.vergleich.definition,
        }
        for s in _nach_gewicht(daten, stichtag)
    ]  # fmt: skip
    return _aufstellung(rows, ("leistungsfeld", "vergleich"), _UEBERSICHT)


def _kommune(ags: str | None) -> str | None:
    return ags and catalogue.codeliste("vergleichskommune").name(ags)


_PUNKTE = ("jahr", "einheit", "rundung", "wert", "abstand_median_pct", "eigene", "grund")


def punkte(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """Return every municipality in every comparison, with its value or why there is none."""
    rows = [
        {
            "vergleich": s.vergleich.name, "vergleichskommune": ags, "jahr": s.jahr,
            "einheit": s.vergleich.einheit, "rundung": s.vergleich.rundung, "wert": p.wert,
            "abstand_median_pct": _abstand(p.wert, s.median), "eigene": ags == s.eigene,
            "grund": p.grund,
        }
        for s in _nach_gewicht(daten, stichtag)
        for ags, p in s.punkte.items()
    ]  # fmt: skip
    return _aufstellung(rows, ("vergleich", "vergleichskommune"), _PUNKTE)


def verlauf(
    daten: Lieferung, *, hoechstens: int = 3, stichtag: date | str | None = None
) -> Aufstellung:
    """Return the first comparisons of :func:`uebersicht` that have a course, the earliest first.

    Each year is a comparison by itself: a value counts where it may be compared in that year.
    """
    werte = Werte(daten[TABELLE].to_pyarrow().to_pylist(), als_tag(stichtag, daten))
    most = catalogue.vergleichsregeln().jahre
    courses = [reihe(werte, s.vergleich)[:most] for s in _nach_gewicht(daten, stichtag)]
    first = [years for years in courses if len(years) > 1][:hoechstens]
    rows = [
        {
            "vergleich": s.vergleich.name, "berichtsjahr": s.jahr, "vergleichskommune": ags,
            "wert": p.wert, "einheit": s.vergleich.einheit, "rundung": s.vergleich.rundung,
            "quelle": catalogue.codeliste("vergleichsquelle").name(s.vergleich.quelle),
            "definition": s.vergleich.definition,
        }
        for years in first
        for s in reversed(years)
        for ags, p in s.punkte.items()
    ]  # fmt: skip
    columns = ("wert", "einheit", "rundung", "quelle", "definition")
    return _aufstellung(rows, ("vergleich", "berichtsjahr", "vergleichskommune"), columns)


def _aufstellung(
    rows: Sequence[Mapping[str, object]], je: tuple[str, ...], spalten: Sequence[str]
) -> Aufstellung:
    """Nobody's secret: what a source publishes, and no value with few cases behind it."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=[*je, *spalten], dtype="object")
    frame = frame.mask(frame.isna(), pd.NA)
    name, public = f"Vergleiche je {', '.join(je)}", dict.fromkeys(spalten, ())
    return Aufstellung(frame, je, name, abgeleitet=public)
