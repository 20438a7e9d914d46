"""Which figures an edition must hide: the small ones, and enough others to protect them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sozcontrol.disclosure.angriff import Angriff, System
from sozcontrol.disclosure.lage import Lage, kleine, ordnung
from sozcontrol.disclosure.mengen import Zeile, Zelle, dimensionen, ganze
from sozcontrol.disclosure.merkmale import STAENDE

ANTEIL = 0.1
"""By so much of its value a hidden amount must be able to move."""
TIEFE = 3
"""Dimensions of a cell from which on it costs no less to hide it."""


@dataclass
class Auswahl:
    """The decision for one edition: cells hidden, and those that nothing can protect any more.

    ``stellen`` says of how many figures readers lose with a cell.
    """

    lage: Lage
    zeilen: Sequence[Zeile]
    schwelle: int
    sichtbar: set[Zelle]
    neu: set[Zelle]
    fest: set[Zelle]
    geheim: set[Zelle]
    stellen: Mapping[Zelle, int]

    @classmethod
    def of(
        cls, lage: Lage, zeilen: Sequence[Zeile], edition: str, schwelle: int,
        neu: set[Zelle], geheim: set[Zelle], stellen: Mapping[Zelle, int],
    ) -> Auswahl:  # fmt: skip
        """Begin the decision for *edition*, which shows *neu* and hides at least *geheim*."""
        fest = lage.bekannt(edition)
        before = lage.mindestens(edition)
        seen = neu | fest | before
        hidden = (geheim & seen) | before
        return cls(lage, zeilen, schwelle, seen, neu - before, fest, hidden, stellen)

    def treffen(self) -> set[Zelle]:
        """Decide counts first, then the amounts with few behind them; return all hidden cells."""
        counts = [z for z in self.lage.wert if not self.lage.ist_betrag(z)]
        small = kleine(self.lage, counts, self.schwelle)
        self.geheim |= _Suche(self, counts, small, ganz=True).decken()
        self.geheim |= small - self.fest  # what no table shows hides what was made from it, too
        amounts = [z for z in self.lage.wert if self.lage.ist_betrag(z)]
        few = {z for z in amounts if self.lage.traeger.get(z, set()) & (self.geheim | small)}
        self.geheim |= _Suche(self, amounts, few, ganz=False).decken()
        return self.geheim


class _Suche:
    """The choice within one kind of cells, counts or amounts."""

    def __init__(
        self, auswahl: Auswahl, zellen: list[Zelle], klein: set[Zelle], *, ganz: bool
    ) -> None:
        self.auswahl, self.ganz = auswahl, ganz
        self.zellen = sorted(zellen, key=ordnung)
        number = {z: i for i, z in enumerate(self.zellen)}
        lage = auswahl.lage
        rows = [r for r in auswahl.zeilen if r[0][0] in number]
        self.system = System(
            [float(lage.wert[z]) for z in self.zellen],
            {i: self._least(z) for i, z in enumerate(self.zellen)},
            [{number[z]: float(k) for z, k in row} for row in rows],
            ganz,
        )
        self.klein = {number[z] for z in klein}
        self.sichtbar = {number[z] for z in auswahl.sichtbar if z in number}
        self.fest = {number[z] for z in auswahl.fest if z in number}
        self.unsichtbar = set(range(len(self.zellen))) - self.sichtbar
        self.pflicht = {number[z] for z in auswahl.geheim if z in number} | (
            self.klein & self.sichtbar - self.fest
        )
        self.angriff = Angriff(self.system)
        self.preise = self._prices()
        self.von = {
            number[z]: number[of] for z, of in lage.vielfaches.items()
            if z in number and number.get(of) in self.preise
        }  # fmt: skip

    def _least(self, zelle: Zelle) -> float:
        lage = self.auswahl.lage
        if not self.ganz:
            return 0.0 if lage.wert[zelle] >= 0 else -math.inf
        shown = zelle in self.auswahl.sichtbar and zelle not in lage.weich
        return 1.0 if shown and lage.wert[zelle] else 0.0

    def _prices(self) -> dict[int, float]:
        """Price what may still be hidden: parts before totals, small before large, each place."""
        found, out = {}, self.auswahl.lage.oeffentlich | self.auswahl.lage.frueher
        for i in sorted(self.sichtbar - self.fest - self.pflicht):
            cell = self.zellen[i]
            value = abs(self.system.wert[i])
            if (value or not self.ganz) and cell not in out:
                depth = min(sum(d not in ganze() for d, _ in cell[1]) + _gewaehlt(cell[0]), TIEFE)
                if cell[0].startswith(STAENDE):  # nothing else is made of what only a mean tells
                    depth = TIEFE
                size = math.log2(value) if self.ganz else math.log10(1 + value)
                places = self.auswahl.stellen.get(cell, 1)
                found[i] = places * 6.0 ** (TIEFE - depth) * (1 + size) + 1e-6 * i
        return found

    def _ziel(self, i: int) -> tuple[float, ...]:
        """By how much a cell must be able to move: up to the threshold, or (±1) change at all."""
        if not self.ganz:
            step = max(abs(self.system.wert[i]) * ANTEIL, 1.0)
            return (step, -step)
        if i in self.klein:
            return (self.auswahl.schwelle - self.system.wert[i],)
        return (1.0, -1.0)

    def decken(self) -> set[Zelle]:
        """Hide cells until every goal has its witness, then show again what is not needed.

        Where figures that are out already leave no other way, marks may stand for zeros, too: the
        reader is told so, and then even parts of a small total are safe. What not even that
        protects was given away before; more marks would cost readers and protect nobody.
        """
        hidden, lost = self._cover(set(self.pflicht))
        if lost and self.ganz:
            hidden, lost = self._softened(hidden, lost)
        hidden = self._spare(hidden, lost)
        return {self.zellen[i] for i in hidden}

    def _cover(self, hidden: set[int]) -> tuple[set[int], set[int]]:
        """Return the cells to hide, and the goals that hiding everything would not reach.

        Who sees what an amount is a multiple of can reckon it: both are hidden.
        """
        lost: set[int] = set()
        hidden = hidden | {self.von[c] for c in hidden if c in self.von}
        waiting = self._goals(hidden, ())
        self.angriff.voraus({i: self._ziel(i)[0] for i in waiting}, hidden | self.unsichtbar)
        while waiting:
            i = waiting.pop(0)
            moving = hidden | self.unsichtbar
            if self.angriff.belegt(i, self._ziel(i), moving):
                continue
            prices = {c: p for c, p in self.preise.items() if c not in hidden}
            change = self.angriff.suchen(i, self._ziel(i), moving, prices)
            if change is None:
                lost.add(i)
                continue
            extra = change.keys() & prices.keys()
            extra |= {self.von[c] for c in extra if c in self.von} - hidden
            hidden.update(extra)
            waiting += sorted(extra)
        return hidden, lost

    def _softened(self, hidden: set[int], lost: set[int]) -> tuple[set[int], set[int]]:
        """Let the marks of new cells stand for zeros, where that protects what else is lost.

        All zeros linked to them go, needed or not: one that stays would tell that no mark is one.
        """
        beside = self._neu_neben(lost)
        zeros = {i for i in beside if not self.system.wert[i]}
        before = {i: self.system.unten[i] for i in beside}
        self.system.unten.update(dict.fromkeys(beside, 0.0))
        self.angriff.belege.clear()
        covered, still = self._cover(hidden | zeros)
        known = zeros & still  # what anybody can reckon to be zero is hidden in vain
        if still - known >= lost:
            self.system.unten.update(before)
            self.angriff.belege.clear()
            return hidden, lost
        self.auswahl.lage.weich |= {self.zellen[i] for i in beside}
        self.pflicht |= zeros - known
        return covered - known, still - known

    def _neu_neben(self, lost: set[int]) -> set[int]:
        """Return the new cells that relations link to *lost*, directly or through each other."""
        neu = {i for i, z in enumerate(self.zellen) if z in self.auswahl.neu} - self.fest
        beside: set[int] = set()
        edge = set(lost)
        while edge:
            rows = {r for i in edge for r in self.system.an.get(i, ())}
            edge = {i for r in rows for i in self.system.zeilen[r]} & neu - beside
            beside |= edge
        return beside

    def _goals(self, hidden: Collection[int], lost: Collection[int]) -> list[int]:
        named = set(hidden) | (self.unsichtbar & self.klein)
        return sorted((named & self.system.an.keys()) - set(lost))

    def _spare(self, hidden: set[int], lost: set[int]) -> set[int]:
        """Show again what the protection does not need, dearest first."""
        for i in sorted(hidden - self.pflicht, key=lambda i: -self.preise[i]):
            tied = any(self.von.get(c) == i for c in hidden)
            if not tied and self._holds(hidden - {i}, lost):
                hidden = hidden - {i}
        return hidden

    def _holds(self, hidden: set[int], lost: set[int]) -> bool:
        moving = hidden | self.unsichtbar
        kept = dict(self.angriff.belege)
        for i in self._goals(hidden, lost):
            ziel = self._ziel(i)
            if not self.angriff.belegt(i, ziel, moving) and (
                self.angriff.suchen(i, ziel, moving, {}) is None
            ):
                self.angriff.belege = kept
                return False
        return True


@cache
def _gewaehlt(merkmal: str) -> int:
    """Count the dimensions that a measure's own conditions choose from: it is a part by them."""
    return sum(f'"spalte":"{d}"' in merkmal for d in dimensionen() - ganze())
