"""What one reader knows after reading all pages open to them: figures and what ties them."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sozcontrol.catalogue.leserwissen import Anteil, Gliederung, Leserwissen, Ort
from sozcontrol.press.gegenprobe import gelernt
from sozcontrol.press.gegenprobe.figuren import SEIT, Fest, Figur, Zelle, kennzahl
from sozcontrol.press.gegenprobe.gelernt import GENAU, Stand, Tafel

VERAENDERUNG = "Veränderung"
ERRECHNET = "aus mehreren Tafeln errechnet"
STAND = r" / (?P<stand>\S+)"


@dataclass(frozen=True)
class Zeile:
    """low ≤ Σ coefficient · cell ≤ high; ``sicher`` where a reader need not have guessed it."""

    glieder: Mapping[Zelle, float]
    unten: float = 0.0
    oben: float = 0.0
    sicher: bool = True


@dataclass
class Kenntnis:
    """The cells a reader knows or sees hidden; ``ziele`` are attacked, with where they stand."""

    wissen: Leserwissen
    staende: dict[Zelle, Stand] = field(default_factory=dict)
    ziele: dict[Zelle, set[str]] = field(default_factory=dict)
    tafeln: list[Tafel] = field(default_factory=list)

    def lesen(self, figuren: Sequence[Figur], *, ziel: bool) -> None:
        """Take in the figures of one page; with *ziel* its marks and people are attacked."""
        self.tafeln += gelernt.tafeln(figuren)
        for f in figuren:
            known = self.staende.setdefault(f.zelle, Stand(f.form))
            if known.form == "rate":
                known.form = f.form
            known.wechselt = f.wechselt
            if f.geheim:
                known.geheim |= ziel
                known.ab_eins |= f.form == "anzahl" and not (f.auch_null or f.wechselt)
                if ziel:
                    self.ziele.setdefault(f.zelle, set()).add(f.ort[0])
            elif not f.nichts:
                known.spanne = _schnitt(known.spanne, (f.unten, f.oben))
                if ziel and f.form == "anzahl" and self._geschuetzt(f.zelle[0]):
                    self.ziele.setdefault(f.zelle, set()).add(f.ort[0])
            elif f.form != "rate":
                known.spanne = (0.0, 0.0)

    def _geschuetzt(self, name: str) -> bool:
        return any(re.fullmatch(p, name) for p in self.wissen.geschuetzt)

    def zeilen(self) -> list[Zeile]:
        """Return all relations this reader can use."""
        names: dict[str, list[Zelle]] = defaultdict(list)
        for cell in self.staende:
            names[cell[0]].append(cell)
        found = [*self._summen(names), *self._gegliedert(names), *self._beziehungen(names)]
        found += [*self._anteile(names), *self._seither(names)]
        learned = [*gelernt.zeilen(self.tafeln, self.staende)]
        learned += gelernt.gleiche(self.staende, self.staende)
        return [*found, *(Zeile(g, sicher=False) for g in learned)]

    def _summen(self, names: Mapping[str, Sequence[Zelle]]) -> Iterator[Zeile]:
        """Yield total = parts for every breakdown that adds up wherever it is shown."""
        for cells in names.values():
            if len(cells) > 2 and any(self.staende[z].form != "rate" for z in cells):
                yield from self._bewaehrt([Zeile(g) for g in _raender(cells)])

    def _bewaehrt(self, rows: list[Zeile]) -> list[Zeile]:
        """Return equations of one kind, none of them where one fails that is shown whole."""
        return rows if all(self._passt(row) for row in rows) else []

    def _passt(self, row: Zeile) -> bool:
        least = most = 0.0
        for cell, k in row.glieder.items():
            known = self.staende.get(cell)
            if known is None or known.spanne is None:
                return True
            bounds = sorted(k * b for b in known.spanne)
            least, most = least + bounds[0], most + bounds[1]
        return least <= row.oben + GENAU and most >= row.unten - GENAU

    def _neu(self, cells: Iterable[Zelle]) -> None:
        """Take in counts that no page shows, but relations do: nobody may prove them small."""
        for cell in cells:
            if cell not in self.staende:
                self.staende[cell] = Stand("anzahl")
                self.ziele.setdefault(cell, {ERRECHNET})

    def _gegliedert(self, names: Mapping[str, Sequence[Zelle]]) -> Iterator[Zeile]:
        """Yield what follows where values of one dimension lie within values of another."""
        for rule in self.wissen.gliederungen:
            for name, cells in names.items():
                parts, wholes = (_nach(cells, d) for d in (rule.teil, rule.ganzes))
                if parts and wholes and not parts.keys() - rule.kann.keys():
                    yield from self._kreuz(rule, name, parts, wholes)

    def _kreuz(
        self, rule: Gliederung, name: str, parts: Mapping[str, Zelle], wholes: Mapping[str, Zelle]
    ) -> Iterator[Zeile]:
        cross = {
            (p, w): (name, frozenset({(rule.teil, p), (rule.ganzes, w)}))
            for p in parts for w in rule.kann[p]
        }  # fmt: skip
        self._neu(cross.values())
        for at, side in ((0, parts), (1, wholes)):
            for value, whole in side.items():
                inside = [z for pair, z in cross.items() if pair[at] == value]
                yield Zeile({whole: 1.0, **dict.fromkeys(inside, -1.0)})

    def _beziehungen(self, names: Mapping[str, Sequence[Zelle]]) -> Iterator[Zeile]:
        for rule in self.wissen.beziehungen:
            rows = []
            for days in _tage(next(iter(rule)), names):
                terms = {f"{n.format(**days)} / {days['stand']}": float(k) for n, k in rule.items()}
                for wo in dict.fromkeys(z[1] for n in terms for z in names.get(n, ())):
                    row = {(n, wo): k for n, k in terms.items()}
                    if sum(z in self.staende for z in row) >= len(row) - 1:
                        rows.append(Zeile(row))
            for line in self._bewaehrt(rows):
                self._neu(line.glieder)
                yield line

    def _anteile(self, names: Mapping[str, Sequence[Zelle]]) -> Iterator[Zeile]:
        for rule in self.wissen.anteile:
            rows: list[Zeile] = []
            for days in _tage(rule.kennzahl, names):
                name = f"{rule.kennzahl.format(**days)} / {days['stand']}"
                for cell in names[name]:
                    rows += self._anteil(rule, cell, days)
            yield from self._bewaehrt(rows)

    def _anteil(self, rule: Anteil, cell: Zelle, days: Mapping[str, str]) -> Iterator[Zeile]:
        """Yield that the shown rate, as it is rounded, is that of its parts."""
        shown = self.staende[cell].spanne
        part, whole = (_orte(o, cell[1], days) for o in (rule.teil, rule.ganzes))
        unseen = {z: _orte(parts, cell[1], days) for name, parts in rule.verborgen.items()
                  for z in _orte([Ort(groesse=name)], cell[1], days)}  # fmt: skip
        needed = {*part, *whole} - unseen.keys()
        if shown is None or any(z not in self.staende for z in needed):
            return
        for z, parts in unseen.items():
            self._neu([z, *parts])
            yield Zeile({z: -1.0, **parts})
        limits = ((shown[0], 0.0, math.inf), (shown[1], -math.inf, 0.0))
        for bound, low, high in limits:
            row: dict[Zelle, float] = defaultdict(float)
            for z, k in part.items():
                row[z] += rule.faktor * k
            for z, k in whole.items():
                row[z] -= bound * k
            yield Zeile(dict(row), low, high)

    def _seither(self, names: Mapping[str, Sequence[Zelle]]) -> Iterator[Zeile]:
        """Yield now − then = change, and change = its causes, of what was published before."""
        found: dict[tuple[str, ...], dict[str, Zelle]] = defaultdict(dict)
        for name, cells in names.items():
            if hit := re.fullmatch(rf"(\S+) (\S+){SEIT}(\S+): (.*) / (\S+)", name):
                found[hit.group(1, 2, 3, 5)][hit[4]] = cells[0]
        for (kennung, day, then, now), parts in found.items():
            change = parts.pop(VERAENDERUNG, None)
            if change is None:
                continue
            days = {"stichtag": day, "anfang": f"31.12.{int(day[-4:]) - 1}"}
            name = kennzahl(self.wissen, kennung, days)
            ends = {(f"{name} / {d}", Fest()): k for d, k in ((now, 1.0), (then, -1.0))}
            rows = [Zeile({change: 1.0, **dict.fromkeys(parts.values(), -1.0)})] if parts else []
            if all(z in self.staende for z in ends):
                rows.append(Zeile({**ends, change: -1.0}))
            yield from (row for row in rows if self._passt(row))


def _schnitt(one: tuple[float, float] | None, other: tuple[float, float]) -> tuple[float, float]:
    """Return where two readings of one figure agree; the first where they do not."""
    if one is None:
        return other
    both = max(one[0], other[0]), min(one[1], other[1])
    return both if both[0] <= both[1] + GENAU else one


def _raender(cells: Sequence[Zelle]) -> Iterator[dict[Zelle, float]]:
    """Yield every total with the parts that some dimensions split it into."""
    by_dims: dict[frozenset[str], list[Zelle]] = defaultdict(list)
    for cell in cells:
        by_dims[frozenset(d for d, _ in cell[1])].append(cell)
    for upper, lower in itertools.permutations(by_dims, 2):
        if upper < lower:
            parts: dict[Fest, list[Zelle]] = defaultdict(list)
            for cell in by_dims[lower]:
                parts[frozenset(p for p in cell[1] if p[0] in upper)].append(cell)
            for whole in by_dims[upper]:
                if below := parts.get(whole[1]):
                    yield {whole: 1.0, **dict.fromkeys(below, -1.0)}


def _nach(cells: Iterable[Zelle], dimension: str) -> dict[str, Zelle]:
    """Return the cells broken down by *dimension* alone, by its values."""
    alone = (z for z in cells if {d for d, _ in z[1]} == {dimension})
    return {value: z for z in alone for _, value in z[1]}


def _orte(orte: Sequence[Ort], wo: Fest, days: Mapping[str, str]) -> dict[Zelle, float]:
    return {
        (f"{o.groesse.format(**days)} / {days['stand']}", wo | frozenset(o.wo.items())): float(
            o.mal
        )
        for o in orte
    }


def _tage(form: str, names: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the days in the names that are written like *form*."""
    pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\S+?)", re.escape(form)) + STAND)
    for name in names:
        if hit := pattern.fullmatch(name):
            yield hit.groupdict()
