"""Stocks by area and age, carried forward a year at a time (Hamilton and Perry 1962).

Who is in an age group next year are those who age into it, times a ratio that past years showed: it
holds who dies, comes and goes. The ratio of an area is that of all areas, times how far the area
differed from it, as far as its size lets us believe that. Children stay where they are until years
show otherwise. The youngest are as many as those who are of an age to have children today let us
expect: who will be of that age has yet to move. All areas add up to what their sum alone would
forecast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sozcontrol.forecast.reihe import Floats

ELTERN = (25, 35)
"""Ages from which, and below which, people count as possible parents."""
UEBERGAENGE = 5
"""Last years whose ratios count."""
VOLLJAEHRIG = 18
"""Below this age hardly anyone dies or moves alone: a cohort stays, unless years show otherwise."""
RUHEJAHRE = 1.0
"""Years in which no child came or went, thought in addition to those whose ratios count."""
GEBURTSJAHRE = 3
"""Years of birth from which the number of the youngest per possible parent is taken."""
GEWICHT = 1000.0
"""People whose experience all areas together add to that of one."""
ELTERNGEWICHT = 50.0
"""Possible parents whose experience all areas together add to that of one."""
NACHBARN = 2.5
"""Ages so near share how an area differs from all: who moves there is of no single age."""


@dataclass(frozen=True)
class Bestaende:
    """Stocks a year apart: ``zahl`` (years, areas, age groups), ``breite`` in years of each group.

    The last group is open (``inf``). With single years every ``breite`` but the last is 1.
    """

    zahl: Floats
    breite: Floats

    @property
    def ab(self) -> Floats:
        """Return the first age of each group."""
        return np.concatenate([[0.0], np.cumsum(self.breite[:-1])])

    def bis(self, staende: int) -> Bestaende:
        """Return what was known after the first *staende* counts."""
        return replace(self, zahl=self.zahl[:staende])

    def zusammen(self) -> Bestaende:
        """Return all areas as one."""
        return replace(self, zahl=self.zahl.sum(axis=1, keepdims=True))


def gealtert(zahl: Floats, breite: Floats) -> Floats:
    """Return the stocks a year later if nobody came, went, died or was born.

    Within a group ages are spread evenly; of a single year all move on.
    """
    zieht = zahl / breite
    zu = np.concatenate([np.zeros_like(zieht[..., :1]), zieht[..., :-1]], axis=-1)
    return np.asarray(zahl - zieht + zu)


def fortschreiben(b: Bestaende, jahre: int) -> Floats:
    """Return the stocks of the next *jahre* years, (years, areas, age groups), in fractions.

    At least two counts are needed.
    """
    stadt = b.zusammen()
    regel, geburten = _quoten(stadt), _geburten(stadt, None)
    quoten, eigene = regel * _eigenart(b), _geburten(b, geburten)
    ganz, teile = stadt.zahl[-1], b.zahl[-1]
    juengste, je_gebiet, out = _eltern(ganz, b) * geburten, _eltern(teile, b) * eigene, []
    for _ in range(jahre):
        ganz = gealtert(ganz, b.breite) * regel
        ganz[:, 0] = juengste
        teile = gealtert(teile, b.breite) * quoten
        teile[:, 0] = je_gebiet  # the share of each area; how many there are says the whole
        teile = teile * _je(ganz, teile.sum(axis=0, keepdims=True))
        out.append(teile)
    return np.stack(out)


def _je(oben: Floats, unten: Floats) -> Floats:
    """Divide; where there is nobody below, nothing changes."""
    return np.divide(oben, unten, out=np.ones_like(oben), where=unten > 0)


def _eltern(zahl: Floats, b: Bestaende) -> Floats:
    """Return how many are of an age to have children; of a group the part that lies there."""
    von, unter = b.ab, b.ab + b.breite
    gemeinsam = np.minimum(unter, ELTERN[1]) - np.maximum(von, ELTERN[0])
    return np.asarray(zahl @ (np.clip(gemeinsam, 0, None) / b.breite))


def _quoten(stadt: Bestaende) -> Floats:
    """Return by age group how many were there of those who were to be: the median of years.

    One year in which many came, fled from a war, tells nothing of the next. One or two years tell
    little of the next five: of children the ratio is drawn to 1, by ``RUHEJAHRE`` of no move.
    """
    erwartet = gealtert(stadt.zahl[:-1], stadt.breite)[-UEBERGAENGE:]
    gesehen = np.asarray(np.median(_je(stadt.zahl[1:][-UEBERGAENGE:], erwartet), axis=0))
    gewicht = len(erwartet) / (len(erwartet) + RUHEJAHRE)
    return np.where(stadt.ab < VOLLJAEHRIG, gesehen**gewicht, gesehen)


def _eigenart(b: Bestaende) -> Floats:
    """Return by area and age group how far its ratio differs from that of all areas (1: not).

    As if ``GEWICHT`` people more had followed all areas, so that three people have no own ratio.
    """
    kam, erwartet = b.zahl[1:][-UEBERGAENGE:], gealtert(b.zahl[:-1], b.breite)[-UEBERGAENGE:]
    wie_alle = _je(kam.sum(axis=1, keepdims=True), erwartet.sum(axis=1, keepdims=True))
    mitte = b.ab + np.where(np.isfinite(b.breite), b.breite, 0) / 2
    nah = (np.abs(mitte[:, None] - mitte) <= NACHBARN).astype(float)
    nah[0] = 0.0  # the youngest are born, not moved on
    oben, unten = kam.sum(axis=0) @ nah, (erwartet * wie_alle).sum(axis=0) @ nah
    return np.asarray((oben + GEWICHT) / (unten + GEWICHT))


def _geburten(b: Bestaende, regel: Floats | None) -> Floats:
    """Return by area how many of the youngest there are for each possible parent."""
    letzte = b.zahl[-max(1, round(GEBURTSJAHRE / b.breite[0])) :]
    kinder, eltern = letzte[..., 0].sum(axis=0), _eltern(letzte, b).sum(axis=0)
    if regel is None:
        return _je(kinder, eltern)
    return np.asarray((kinder + ELTERNGEWICHT * regel) / (eltern + ELTERNGEWICHT))
