"""How many people there will be, by age group and Sozialraum, with span and record, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from sozcontrol import catalogue
from sozcontrol.forecast.bestand.kohorten import fortschreiben
from sozcontrol.forecast.bestand.kohortenzeugnis import (
    Fehler,
    Probe,
    fehler,
    gruppiert,
    proben,
    spanne_der,
)
from sozcontrol.hochrechnung.einwohner.zaehlungen import Zaehlungen, zaehlungen
from sozcontrol.hochrechnung.tafelteile import Zeile, dezimal, prozent, rahmen
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.zeitraum import um_monate

JAHRE = 5
GRUPPEN = "planung"
JUNG = 21
UNTER_21 = "unter 21"
Form = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Einwohnerstand:
    """The counts and what follows from them; ``grenzen`` are the age groups by name, as ages.

    The last two are sums of others: those under 21, and all.
    """

    gezaehlt: Zaehlungen
    grenzen: Mapping[str, slice]

    @property
    def tag(self) -> date:
        """Return the day of the last count."""
        return self.gezaehlt.tage[-1]

    @property
    def ziel(self) -> date:
        """Return the day of the last year that is forecast."""
        return um_monate(self.tag, 12 * JAHRE)

    @property
    def junge(self) -> list[str]:
        """Return the age groups below 21, their sum last."""
        return [n for n, g in self.grenzen.items() if g.stop is not None and g.stop <= JUNG]

    @cached_property
    def zahlen(self) -> np.ndarray:
        """Return whole people, (now and each year, areas, age groups).

        Rounded by the finest groups, so that all sums are sums of what is printed.
        """
        b = self.gezaehlt.bestaende
        alle = np.concatenate([b.zahl[-1:], fortschreiben(b, JAHRE)])
        fein = list(self.grenzen.values())[:-2]
        teile = np.rint(gruppiert(alle, fein)).astype(int)
        jung = teile[..., : len(self.junge) - 1]
        summen = [jung.sum(axis=-1), teile.sum(axis=-1)]
        return np.concatenate([teile, np.stack(summen, axis=-1)], axis=-1)

    @cached_property
    def proben(self) -> list[Probe]:
        """Return what earlier counts would have forecast, and what came of it."""
        return proben(self.gezaehlt.bestaende, JAHRE, list(self.grenzen.values()))

    @property
    def geprueft(self) -> int:
        """Return how many years ahead there is a record."""
        return max(p.jahre for p in self.proben)

    def nach(self, jahre: int) -> list[Probe]:
        """Return the record so many years ahead."""
        return [p for p in self.proben if p.jahre == jahre]


def stand(daten: Lieferung, *, stichtag: date | None = None) -> Einwohnerstand | None:
    """Carry the last count forward; None where the counts do not suffice."""
    gezaehlt = zaehlungen(daten, stichtag=stichtag)
    if gezaehlt is None:
        return None
    ab = catalogue.altersgruppen(GRUPPEN)
    ends = [*list(ab.values())[1:], None]
    grenzen = {n: slice(von, bis) for (n, von), bis in zip(ab.items(), ends, strict=True)}
    grenzen |= {UNTER_21: slice(0, JUNG), INSGESAMT: slice(0, None)}
    return Einwohnerstand(gezaehlt, grenzen)


def spalten(s: Einwohnerstand) -> Form:
    """Return the columns of :func:`stadt` and :func:`raeume`, headed by their years."""
    weit = um_monate(s.tag, 12 * s.geprueft).year
    return {
        "jetzt": (f"{s.tag.year}", "anzahl"),
        **{f"j{n}": (f"{um_monate(s.tag, 12 * n).year}", "anzahl") for n in range(1, JAHRE + 1)},
        "veraenderung_pct": (f"Änderung bis {s.ziel.year}", "pct"),
        "unten": (f"{weit} von", "anzahl"),
        "oben": ("bis", "anzahl"),
    }


def stadt(s: Einwohnerstand) -> Aufstellung:
    """The whole city by age group: now, the coming years, and the span of the last proved one."""
    rows = [{"altersgruppe": name, **_zeile(s, g)} for g, name in enumerate(s.grenzen)]
    return _tafel(rows, ("altersgruppe",), "Einwohnerprognose")


def raeume(s: Einwohnerstand) -> dict[str, Aufstellung]:
    """The same by Sozialraum, a table for each age group below 21 and for all of these."""
    namen = list(enumerate(s.gezaehlt.raeume))
    out = {}
    for gruppe in s.junge:
        g = list(s.grenzen).index(gruppe)
        rows = [{"sozialraum": name, **_zeile(s, g, r)} for r, name in namen]
        rows.append({"sozialraum": INSGESAMT, **_zeile(s, g)})
        out[gruppe] = _tafel(rows, ("sozialraum",), f"Einwohnerprognose {gruppe}")
    return out


def einzeln(s: Einwohnerstand, gruppe: str) -> tuple[Aufstellung, Aufstellung]:
    """The people of one age group in the city, now and in the last year, as single figures."""
    zahlen = s.zahlen[:, :, list(s.grenzen).index(gruppe)].sum(axis=1)
    tage = (s.tag, s.ziel)
    jetzt, dann = (
        _tafel([{"wert": int(n)}], (), f"Einwohner {gruppe} {tag}")
        for n, tag in zip(zahlen[[0, -1]], tage, strict=True)
    )
    return jetzt, dann


def zeugnis(s: Einwohnerstand, *, alle: bool = False) -> Aufstellung:
    """How far forecasts of earlier counts were off, by age group and years ahead.

    One year ahead and as far as there is a record, with *alle* every year between.

    In the areas (the sum of their errors) and in the city, beside what »as at the last count«
    would have been off; ``guete`` is the part of that error which is spared in the areas.
    """
    rows: list[Zeile] = []
    for g, name in enumerate(s.grenzen):
        for weite in range(1, s.geprueft + 1, 1 if alle else max(1, s.geprueft - 1)):
            je, ganz = (fehler(s.nach(weite), np.s_[:, g], zusammen=z) for z in (False, True))
            if je is None or ganz is None:
                continue
            row: Zeile = {"altersgruppe": name, "jahre": f"{weite}", **_fehlerzeile(je)}
            row |= {"stadt_pct": prozent(ganz.wape), "stadt_zuvor_pct": prozent(ganz.wape_zuvor)}
            rows.append(row | {"proben": je.proben})
    return _tafel(rows, ("altersgruppe", "jahre"), "Zeugnis der Einwohnerprognose")


def zeugnis_je_raum(s: Einwohnerstand) -> Aufstellung:
    """The same by Sozialraum, over the age groups below 21 and all years ahead; largest first."""
    fein = slice(0, len(s.junge) - 1)
    je = {n: fehler(s.proben, (r, fein)) for r, n in enumerate(s.gezaehlt.raeume)}
    bekannt = sorted(((n, f) for n, f in je.items() if f), key=lambda x: (-x[1].wape, x[0]))
    rows = [{"sozialraum": n, **_fehlerzeile(f)} for n, f in bekannt]
    return _tafel(rows, ("sozialraum",), "Zeugnis der Einwohnerprognose je Sozialraum")


def _zeile(s: Einwohnerstand, g: int, raum: int | None = None) -> Zeile:
    """Return one row: of an area, or (None) of the city."""
    hier = s.zahlen[:, :, g].sum(axis=1) if raum is None else s.zahlen[:, raum, g]
    jetzt, *kommend = (int(z) for z in hier)
    weit = spanne_der(
        kommend[s.geprueft - 1], s.nach(s.geprueft), np.s_[:, g], zusammen=raum is None
    )
    return {
        "jetzt": jetzt,
        **{f"j{n}": z for n, z in enumerate(kommend, 1)},
        "veraenderung_pct": prozent(kommend[-1] / jetzt - 1) if jetzt else None,
        "unten": None if weit.unten is None else max(0, round(weit.unten)),
        "oben": None if weit.oben is None else round(weit.oben),
    }


def _fehlerzeile(f: Fehler) -> Zeile:
    return {"fehler_pct": prozent(f.wape), "zuvor_pct": prozent(f.wape_zuvor),
            "guete": dezimal(f.guete)}  # fmt: skip


def _tafel(rows: Sequence[Zeile], je: tuple[str, ...], merkmal: str) -> Aufstellung:
    """Return rows of the register's counts and of what follows from them: no person is behind."""
    columns = list(rows[0]) if rows else list(je)
    figures: dict[str, tuple[str, ...]] = {c: () for c in columns if c not in je}
    return Aufstellung(rahmen(rows, columns, {}), je, merkmal, abgeleitet=figures)
