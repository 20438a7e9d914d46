"""What was served but not billed by the Stichtag, per Hilfeart, with the record of past estimates.

The open amount (F18) of a Hilfeart comes from its triangle, completed as
:mod:`sozcontrol.forecast.methoden.ergaenzung` does; the total is the sum of the Hilfearten. The
same sum is made at past month ends with the bookings of then, and held against what was really
booked later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sozcontrol.errors import UsageError, nearest
from sozcontrol.forecast.methoden.dreieck import LAGS, dreieck
from sozcontrol.forecast.methoden.ergaenzung import NIVEAU_MONATE, Ergaenzung, standardfehler
from sozcontrol.forecast.prognose.intervall import OHNE_SPANNE, Spanne, spanne
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.quellen.buchungen import MONATE, Buchungen, Dreiecke
from sozcontrol.hochrechnung.quellen.panel import Panel, panel
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, rangfolge
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

NIVEAU = 0.8
REIFE = LAGS
"""Months after which a month end counts as settled; the triangle gathers all later lags, too."""
PROBEN_MONATE = 36
"""Every month end of so many settled months is tried; before that, the same month of each year."""
KLEIN = 0.05
"""Below so many months of cost an amount is too small to be the base of a percentage."""


@dataclass(frozen=True)
class Probe:
    """One past month end: what was estimated as open with the bookings of then, and what came.

    ``stand`` is the absolute month; ``massstab`` a usual month's cost as known then. All in €.
    """

    stand: int
    geschaetzt: float
    gebucht: float
    massstab: float


@dataclass(frozen=True)
class Rekord:
    """The past month ends of one Hilfeart, oldest first."""

    proben: tuple[Probe, ...]

    @property
    def median(self) -> float | None:
        """Return the median absolute error as a share of what was booked later.

        ``None`` where nothing worth a share came later (foster care is paid in advance).
        """
        fehler = [
            abs(p.geschaetzt - p.gebucht) / abs(p.gebucht)
            for p in self.proben if abs(p.gebucht) > KLEIN * p.massstab
        ]  # fmt: skip
        return float(np.median(fehler)) if 2 * len(fehler) > len(self.proben) else None

    @property
    def bias(self) -> float | None:
        """Return the sum of the errors over the sum of what was booked; > 0: estimated too high."""
        nenner = sum(abs(p.gebucht) for p in self.proben)
        if nenner <= KLEIN * sum(p.massstab for p in self.proben):
            return None
        return sum(p.geschaetzt - p.gebucht for p in self.proben) / nenner

    @property
    def treffer(self) -> tuple[int, int]:
        """Return how often the span known at a past month end held the outcome, of how many."""
        getroffen = geprueft = 0
        for p in self.proben:
            s = self.spanne(p.geschaetzt, p.massstab, bis=p.stand - REIFE)
            if s.unten is not None and s.oben is not None and s.niveau is not None:
                geprueft += 1
                getroffen += s.unten <= p.gebucht <= s.oben
        return getroffen, geprueft

    def spanne(self, wert: float, massstab: float, bis: int | None = None) -> Spanne:
        """Return the interval around *wert*, from the errors of month ends settled by *bis*.

        Errors are compared in months of cost: the open amount itself may be nothing, or negative
        where reversals prevail.
        """
        if massstab <= 0:
            return OHNE_SPANNE
        punkte = [
            abs(p.geschaetzt - p.gebucht) / p.massstab
            for p in self.proben if p.massstab > 0 and (bis is None or p.stand <= bis)
        ]  # fmt: skip
        return spanne(wert, massstab, np.array(punkte), NIVEAU)


@dataclass(frozen=True)
class Posten:
    """One Hilfeart at the Stichtag, in €.

    ``gebucht`` and ``offen_jahr`` are of the service months of the budget year, ``offen`` of all
    of them. ``standardfehler`` is Mack's for all that is open, ``None`` where a lag has nothing to
    learn from.
    """

    name: str
    gebucht: float
    offen_jahr: float
    offen: float
    standardfehler: float | None
    massstab: float
    rekord: Rekord

    @property
    def spanne(self) -> Spanne:
        """Return the interval around the open amount of all service months."""
        return self.rekord.spanne(self.offen, self.massstab)

    @property
    def spanne_anteil(self) -> float | None:
        """Return half the span as a share of the open amount, where that is worth a share."""
        oben = self.spanne.oben
        if oben is None or abs(self.offen) <= KLEIN * self.massstab:
            return None
        return (oben - self.offen) / abs(self.offen)


@dataclass(frozen=True)
class Rueckstand:
    """The state of billing at one Stichtag; ``posten`` by Hilfeart, ``insgesamt`` last.

    ``stand`` is the last complete month (absolute), ``ergaenzungen`` the completed months of
    service behind each Hilfeart.
    """

    panel: Panel
    stand: int
    posten: Mapping[str, Posten]
    ergaenzungen: Mapping[str, Ergaenzung]

    @property
    def namen(self) -> tuple[str, ...]:
        """Return the Hilfearten and ``insgesamt``, in the order of the tables."""
        return tuple(self.posten)

    def von(self, hilfeart: str) -> Posten:
        """Return one Hilfeart, or the total.

        Raises:
            UsageError: Nothing is paid for this Hilfeart.
        """
        if hilfeart not in self.posten:
            raise UsageError(
                f"Zur Hilfeart »{hilfeart}« ist bis zum Stichtag nichts gebucht.",
                wo="hilfeart", tun=nearest(hilfeart, list(self.posten)),
            )  # fmt: skip
        return self.posten[hilfeart]


def rueckstand(daten: Stadtlieferung, *, stichtag: date | None = None) -> Rueckstand:
    """Return the state of billing of the Hilfen zur Erziehung, computed once for each delivery.

    Raises:
        DeliveryMissing: A table is missing, or nothing is paid by the Stichtag.
        UsageError: No month of the Stichtag's year is complete.
    """
    day = stichtag or daten.stichtag
    return einmal(
        daten, "rueckstand", (day,), lambda: aus_panel(panel(daten, "hilfeart", stichtag=day))
    )


def aus_panel(p: Panel) -> Rueckstand:
    """Return the state of billing from the series of the Hilfearten."""
    stand = p.jahr * MONATE + p.periode - 1
    sicht = Dreiecke(dict(p.buchungen))
    staende = pruefstaende(stand, min(int(r.jahre[0]) for r in p.reihen) * MONATE)
    posten, ergaenzungen = {}, {}
    reihen = {r.name: r for r in p.reihen}
    for (name,) in rangfolge(("hilfeart",), [(n,) for n in reihen]):
        r = reihen[name]
        b = p.buchungen[r.name]
        damals = [(s, _ergaenzung(sicht(r, s // MONATE, s % MONATE + 1))) for s in staende]
        rekord = Rekord(tuple(_probe(s, e, b) for s, e in damals))
        e = _ergaenzung(sicht(r, p.jahr, p.periode))
        if e is None:  # paid in advance only: no month of service lies before the Stichtag
            continue
        ergaenzungen[r.name] = e
        posten[r.name] = _posten(r.name, e, mack(b, stand), rekord, p.jahr)
    posten[INSGESAMT] = _summe([*posten.values()], mack(p.buchungen[INSGESAMT], stand))
    return Rueckstand(p, stand, posten, ergaenzungen)


def _ergaenzung(wissen: Mapping[str, object]) -> Ergaenzung | None:
    e = wissen.get("ergaenzung")
    return e if isinstance(e, Ergaenzung) else None


def pruefstaende(stand: int, beginn: int) -> tuple[int, ...]:
    """Return the settled month ends to try: those of three years, earlier ones a year apart.

    A year of service must lie before each (absolute months, *beginn* the first month of service).
    """
    reif = range(beginn + MONATE - 1, stand - REIFE + 1)
    jung = stand - REIFE - PROBEN_MONATE
    return tuple(s for s in reif if s > jung or (stand - s) % MONATE == 0)


def _probe(stand: int, e: Ergaenzung | None, b: Buchungen) -> Probe:
    spaeter = (b.leistung <= stand) & (b.gebucht > stand)
    offen, massstab = (e.offen, monatskosten(e)) if e is not None else (0.0, 0.0)
    return Probe(stand, offen, float(b.betrag[spaeter].sum()), massstab)


def monatskosten(e: Ergaenzung) -> float:
    """Return the cost of a usual month: the mean of the last year of service, completed."""
    return float(e.endstand[-NIVEAU_MONATE:].sum()) / NIVEAU_MONATE


def mack(b: Buchungen, stand: int) -> float | None:
    """Return Mack's standard error of all that is open at the end of absolute month *stand*."""
    if not np.any((b.gebucht <= stand) & (b.leistung <= stand)):
        return None
    return standardfehler(dreieck(b.leistung, b.gebucht, b.betrag, stand))


def _posten(
    name: str, e: Ergaenzung, standardfehler: float | None, rekord: Rekord, jahr: int
) -> Posten:
    jetzt = e.ab(jahr * MONATE)
    gebucht = float(jetzt.gebucht.sum())
    return Posten(name, gebucht, jetzt.offen, e.offen, standardfehler, monatskosten(e), rekord)


def _summe(teile: Sequence[Posten], standardfehler: float | None) -> Posten:
    """Add the Hilfearten up, today and at every past month end."""
    proben = zip(*(t.rekord.proben for t in teile), strict=True)
    rekord = Rekord(tuple(
        Probe(p[0].stand, *(sum(getattr(x, f) for x in p)
                            for f in ("geschaetzt", "gebucht", "massstab")))
        for p in proben
    ))  # fmt: skip
    return Posten(
        INSGESAMT,
        gebucht=sum(t.gebucht for t in teile),
        offen_jahr=sum(t.offen_jahr for t in teile),
        offen=sum(t.offen for t in teile),
        standardfehler=standardfehler,
        massstab=sum(t.massstab for t in teile),
        rekord=rekord,
    )
