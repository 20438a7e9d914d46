"""What was served but not billed by the Stichtag, per Hilfeart, with the record of past estimates.

The open amount (F18) has two parts: what was booked after the Stichtag, by the Datenstand, and what
is still expected. The latter comes from the triangle as known at the Datenstand, completed as
:mod:`sozcontrol.forecast.methoden.ergaenzung` does; the total is the sum of the Hilfearten. The
same sum is made at past month ends with what was known as long after them, and held against what
was really booked later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sozcontrol.errors import UsageError, nearest
from sozcontrol.forecast.methoden.dreieck import LAGS
from sozcontrol.forecast.methoden.ergaenzung import NIVEAU_MONATE, Ergaenzung, standardfehler
from sozcontrol.forecast.prognose.intervall import OHNE_SPANNE, Spanne, spanne
from sozcontrol.forecast.reihe import Reihe, leere_reihe
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.quellen.belegung import belegte_monate
from sozcontrol.hochrechnung.quellen.buchungen import (
    MONATE,
    Buchungen,
    Dreiecke,
    Nachlauf,
    dreieck_bis,
    nachlauf,
)
from sozcontrol.hochrechnung.quellen.kosten import (
    ZAHLUNGEN,
    bruttokosten,
    laufende,
    mit_monaten,
    traeger,
    wenigste,
    zahlungszeilen,
)
from sozcontrol.hochrechnung.quellen.panel import Panel, panel
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, rangfolge, summe
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.rahmen import rahmen

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

NIVEAU = 0.8
REIFE = LAGS
"""Months after which a month end counts as settled; the triangle gathers all later lags, too."""
PROBEN_MONATE = 36
"""Every month end of so many settled months is tried; before that, the same month of each year."""
KLEIN = 0.05
"""Below so many months of cost an amount is too small to be the base of a percentage."""


@dataclass(frozen=True)
class Probe:
    """One past month end: what was still expected with the bookings known then, and what came.

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

    ``gebucht`` (by the Stichtag) and the parts ``_jahr`` are of the service months of the budget
    year, the others of all of them: ``danach`` was booked after the Stichtag, ``erwartet`` is still
    to come. ``standardfehler`` is Mack's for that, ``None`` where a lag has nothing to learn from.
    """

    name: str
    gebucht: float
    danach_jahr: float
    erwartet_jahr: float
    danach: float
    erwartet: float
    standardfehler: float | None
    massstab: float
    rekord: Rekord

    @property
    def offen_jahr(self) -> float:
        """Return what of the budget year was not billed at the Stichtag."""
        return self.danach_jahr + self.erwartet_jahr

    @property
    def offen(self) -> float:
        """Return what was not billed at the Stichtag (F18)."""
        return self.danach + self.erwartet

    @property
    def spanne(self) -> Spanne:
        """Return the interval around what is still expected of all service months."""
        return self.rekord.spanne(self.erwartet, self.massstab)

    @property
    def spanne_anteil(self) -> float | None:
        """Return half the span as a share of what is expected, where that is worth a share."""
        oben = self.spanne.oben
        if oben is None or abs(self.erwartet) <= KLEIN * self.massstab:
            return None
        return (oben - self.erwartet) / abs(self.erwartet)


@dataclass(frozen=True)
class Rueckstand:
    """The state of billing at one Stichtag; ``posten`` by Hilfeart, ``insgesamt`` last.

    ``stand`` is the last complete month (absolute), ``ergaenzungen`` the completed months of
    service behind each Hilfeart, as known *reif* after it. ``neue`` are the Hilfen of Hilfearten
    whose first invoice came after the Stichtag: the panel does not know them.
    """

    panel: Panel
    stand: int
    posten: Mapping[str, Posten]
    ergaenzungen: Mapping[str, Ergaenzung]
    reif: Nachlauf
    neue: Mapping[str, int] = field(default_factory=dict)

    @property
    def faelle(self) -> Mapping[str, int]:
        """Return the Hilfen behind the figures of each Hilfeart, the total their sum."""
        teile = {n: k for n, k in self.panel.faelle.items() if n != INSGESAMT}
        teile |= self.neue
        return {**teile, INSGESAMT: sum(teile.values())}

    @property
    def namen(self) -> tuple[str, ...]:
        """Return the Hilfearten and ``insgesamt``, in the order of the tables."""
        return tuple(self.posten)

    def gebucht(self, hilfeart: str) -> Buchungen:
        """Return what of a Hilfeart, or of all, was booked by the Stichtag.

        Raises:
            UsageError: Nothing was.
        """
        if hilfeart not in self.posten or hilfeart in self.neue:
            raise _nichts_gebucht(hilfeart, [n for n in self.namen if n not in self.neue])
        return self.panel.buchungen[hilfeart]

    def von(self, hilfeart: str) -> Posten:
        """Return one Hilfeart, or the total.

        Raises:
            UsageError: Nothing is paid for this Hilfeart.
        """
        if hilfeart not in self.posten:
            raise _nichts_gebucht(hilfeart, self.namen)
        return self.posten[hilfeart]


def _nichts_gebucht(hilfeart: str, namen: Sequence[str]) -> UsageError:
    return UsageError(
        f"Zur Hilfeart »{hilfeart}« ist bis zum Stichtag nichts gebucht.",
        wo="hilfeart", tun=nearest(hilfeart, list(namen)),
    )  # fmt: skip


def rueckstand(daten: Stadtlieferung, *, stichtag: date | None = None) -> Rueckstand:
    """Return the state of billing of the Hilfen zur Erziehung, computed once for each delivery.

    Raises:
        DeliveryMissing: A table is missing, or nothing is paid by the Stichtag.
        UsageError: No month of the Stichtag's year is complete.
    """
    day = stichtag or daten.stichtag
    return einmal(daten, "rueckstand", (day,), lambda: _rueckstand(daten, day))


def _rueckstand(daten: Stadtlieferung, day: date) -> Rueckstand:
    p = panel(daten, "hilfeart", stichtag=day)
    stand = p.jahr * MONATE + p.periode - 1
    reif = nachlauf(stand, daten.datenstand)
    rows = bruttokosten(daten, stand, reif)
    jahre = p.reihen[0].jahre
    rows = rows[rows["jahr"] >= int(jahre[0])]
    neue = _neue(daten, p, rows, reif)
    mengen = belegte_monate(daten, jahre, stand) if neue else {}
    reihen = [
        leere_reihe(n, "", jahre, MONATE, **({"menge": mengen[n]} if n in mengen else {}))
        for n in neue
    ]
    r = aus_buchungen(p, _je_reihe(rows), reif, _danach(daten, stand, reif), reihen)
    return replace(r, neue=neue)


def _neue(daten: Stadtlieferung, p: Panel, rows: pd.DataFrame, reif: Nachlauf) -> dict[str, int]:
    """Return the Hilfearten served by the Stichtag but first invoiced after it.

    Each with the fewest Hilfen behind any of its figures: those that run, those paid for since.
    """
    neue = sorted(set(rows["reihe"]) - {r.name for r in p.reihen})
    if not neue:
        return {}
    stand = p.jahr * MONATE + p.periode - 1
    laufend = laufende(daten, p.jahr * MONATE, stand)
    bezahlt = danach_bezahlt(daten, stand, reif)
    return {n: wenigste(laufend.get(n, 0), bezahlt.get(n, 0)) for n in neue}


def _je_reihe(rows: pd.DataFrame) -> dict[str, Buchungen]:
    """Return the bookings of each series by the month they became known in, and of all."""
    felder = ["leistung", "reife", "betrag"]
    teile = {**{str(n): e for n, e in rows.groupby("reihe")}, INSGESAMT: rows}
    return {n: Buchungen(*(e[f].to_numpy() for f in felder)) for n, e in teile.items()}


Danach = Mapping[str, tuple[float, float]]
"""By Hilfeart what was booked after the Stichtag: of the budget year's service, and of all."""


def _danach(daten: Stadtlieferung, stand: int, reif: Nachlauf) -> Danach:
    rows = rahmen(daten, (ZAHLUNGEN,), _betraege_danach, stand, reif)
    return {str(h): (float(j), float(a)) for h, j, a in rows.itertuples(index=False)}


def _betraege_danach(zahlungen: ir.Table, stand: int, reif: Nachlauf) -> ir.Table:
    t = _danach_gebucht(mit_monaten(zahlungen, reif), stand, reif)
    own = t.leistung >= stand // MONATE * MONATE
    return t.group_by("hilfeart").aggregate(
        jahr=summe(t.betrag_eur, where=own), alle=summe(t.betrag_eur)
    )


def danach_gebucht(daten: Stadtlieferung, stand: int, reif: Nachlauf) -> ir.Table:
    """Return the payments for service up to *stand* that were booked after it."""
    return _danach_gebucht(zahlungszeilen(daten, reif), stand, reif)


def danach_bezahlt(daten: Stadtlieferung, stand: int, reif: Nachlauf) -> dict[str, int]:
    """Return who carries them by Hilfeart, all of them as ``insgesamt``."""
    key = (stand, repr(reif))
    return einmal(daten, "danach_bezahlt", key, lambda: traeger(danach_gebucht(daten, stand, reif)))


def _danach_gebucht(t: ir.Table, stand: int, reif: Nachlauf) -> ir.Table:
    return t.filter(t.leistung <= stand, t.gebucht > stand, t.reife <= stand + reif.monate)


def aus_panel(p: Panel) -> Rueckstand:
    """Return the state of billing of series of which nothing is known beyond the Stichtag."""
    return aus_buchungen(p, p.buchungen, Nachlauf(), {})


def aus_buchungen(
    p: Panel, buchungen: Mapping[str, Buchungen], reif: Nachlauf, danach: Danach,
    neue: Sequence[Reihe] = (),
) -> Rueckstand:  # fmt: skip
    """Return the state of billing from the series of the Hilfearten and all that is known now.

    *neue* are the series that nothing was booked for by the Stichtag.
    """
    stand = p.jahr * MONATE + p.periode - 1
    sicht = Dreiecke(dict(buchungen), reif.monate)
    staende = pruefstaende(stand, min(int(r.jahre[0]) for r in p.reihen) * MONATE)
    posten, ergaenzungen = {}, {}
    reihen = {r.name: r for r in (*p.reihen, *neue)}
    for (name,) in rangfolge(("hilfeart",), [(n,) for n in reihen]):
        r, b = reihen[name], buchungen[name]
        damals = [(s, _ergaenzung(sicht(r, s // MONATE, s % MONATE + 1))) for s in staende]
        rekord = Rekord(tuple(_probe(s, e, b, reif.monate) for s, e in damals))
        e = _ergaenzung(sicht(r, p.jahr, p.periode))
        if e is None:  # paid in advance only: no month of service lies before the Stichtag
            continue
        ergaenzungen[name] = e
        mack_fehler = mack(b, stand, reif.monate)
        posten[name] = _posten(name, e, mack_fehler, rekord, p.jahr, danach.get(name, (0.0, 0.0)))
    mack_fehler = mack(buchungen[INSGESAMT], stand, reif.monate)
    posten[INSGESAMT] = _summe([*posten.values()], mack_fehler)
    return Rueckstand(p, stand, posten, ergaenzungen, reif)


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


def _probe(stand: int, e: Ergaenzung | None, b: Buchungen, nach: int) -> Probe:
    spaeter = (b.leistung <= stand) & (b.gebucht > stand + nach)
    offen, massstab = (e.offen, monatskosten(e)) if e is not None else (0.0, 0.0)
    return Probe(stand, offen, float(b.betrag[spaeter].sum()), massstab)


def monatskosten(e: Ergaenzung) -> float:
    """Return the cost of a usual month: the mean of the last year of service, completed."""
    return float(e.endstand[-NIVEAU_MONATE:].sum()) / NIVEAU_MONATE


def mack(b: Buchungen, stand: int, nach: int = 0) -> float | None:
    """Return Mack's standard error of what absolute month *stand* has still to expect."""
    return standardfehler(dreieck_bis(b, stand, nach)) if b.bis(stand, nach).any() else None


def _posten(
    name: str, e: Ergaenzung, fehler: float | None, rekord: Rekord, jahr: int,
    danach: tuple[float, float],
) -> Posten:  # fmt: skip
    jetzt = e.ab(jahr * MONATE)
    danach_jahr, alles = danach
    return Posten(
        name, float(jetzt.gebucht.sum()) - danach_jahr, danach_jahr, jetzt.offen, alles, e.offen,
        fehler, monatskosten(e), rekord,
    )  # fmt: skip


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
        danach_jahr=sum(t.danach_jahr for t in teile),
        erwartet_jahr=sum(t.erwartet_jahr for t in teile),
        danach=sum(t.danach for t in teile),
        erwartet=sum(t.erwartet for t in teile),
        standardfehler=standardfehler,
        massstab=sum(t.massstab for t in teile),
        rekord=rekord,
    )
