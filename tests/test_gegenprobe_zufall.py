"""Random reports, decided and then attacked as finished pages: nothing falls, no mark is idle.

Each has linked tables (rooms, kinds, both), districts above the rooms, stock and flow, two editions
and a second Stichtag decided beside the first. ``make attack`` throws five hundred.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

import pandas as pd
import pytest
from test_gegenprobe import tafel

from sozcontrol import catalogue
from sozcontrol.catalogue.leserwissen import Leserwissen
from sozcontrol.disclosure import GEHEIM, Antrag, Entscheidung, entscheiden
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.press.gegenprobe.blatt import Blatt, Zellbild, tafeln
from sozcontrol.press.gegenprobe.gegenprobe import angreifen

WUERFE = int(os.environ.get("SOZCONTROL_ANGRIFFE", "5"))
EDITIONEN = ("leitung", "gremium")
TAGE = (date(2025, 4, 30), date(2025, 6, 30))
RAEUME = {"Nord": "links", "Mitte": "links", "Süd": "rechts", "Ost": "rechts"}
ARTEN = ("A", "B", "C")
LIEGT = {raum: [bezirk] for raum, bezirk in RAEUME.items()}
WISSEN = Leserwissen.model_validate({
    "gesamt": [INSGESAMT], "benennend": [], "geschuetzt": ["Kinder .*"], "kennzahlen": {},
    "groessen": [{"tafel": ".*", "spalte": "(?P<was>.*)", "ist": "Kinder {was}"}],
    "beziehungen": [
        {"Kinder Zugang {bis}": 1, "Kinder Beginn {bis}": 1, "Kinder Abgang {bis}": -1,
         "Kinder Ende {bis}": -1},
    ],
    "anteile": [],
    "gliederungen": [{"teil": "raum", "ganzes": "bezirk", "kann": LIEGT}],
})  # fmt: skip
Wuerfel = Mapping[tuple[str, str], Mapping[str, int]]


def wuerfel(rnd: Random) -> dict[date, Wuerfel]:
    """Throw stock and flow of every room and kind for both days; the first stock is the same."""
    start = {p: rnd.choice((0, 0, 1, 2, 3, 5, 9, 20)) for p in itertools.product(RAEUME, ARTEN)}
    found: dict[date, Wuerfel] = {}
    for day in TAGE:
        found[day] = {}
        for place, stock in start.items():
            inward, out = rnd.choice((0, 1, 2, 4, 7)), rnd.randint(0, stock)
            found[day][place] = {  # type: ignore[index]
                "Beginn": stock, "Zugang": inward, "Abgang": out, "Ende": stock + inward - out,
            }  # fmt: skip
    return found


def aufstellung(cube: Wuerfel, je: Sequence[str], day: date) -> Aufstellung:
    """Count the cube by *je* with all totals; the same column is the same count everywhere."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for (room, kind), counts in cube.items():
        known = {"raum": room, "bezirk": RAEUME[room], "art": kind}
        for key in itertools.product(*[(known[d], INSGESAMT) for d in je]):
            old = rows.setdefault(key, [0, 0, 0, 0])
            rows[key] = [a + b for a, b in zip(old, counts.values(), strict=True)]
    columns = [f"{c} {day:%d.%m.%Y}" for c in ("Beginn", "Zugang", "Abgang", "Ende")]
    frame = pd.DataFrame([[*k, *v] for k, v in rows.items()], columns=[*je, *columns])
    frame = frame.astype(dict.fromkeys(columns, "Int64"))
    tie = dict(zip(columns, (1, 1, -1, -1), strict=True))
    above = tuple((("raum", r), ("bezirk", b)) for r, b in RAEUME.items())
    return Aufstellung(
        frame, tuple(je), "Kinder", tuple(columns), identitaeten=(tie,), gehoert=above
    )


GLIEDERUNGEN = (("raum",), ("bezirk",), ("art",), ("raum", "art"))


@dataclass
class Bericht:
    """What was decided for one day, and its pages."""

    tag: date
    entschieden: Entscheidung
    antraege: list[Antrag]

    def blaetter(self) -> Iterator[Blatt]:
        for edition in EDITIONEN:
            html = ""
            for a in self.antraege:
                r = self.entschieden.freigegeben(a.id, edition)
                rows = [["•" if v is GEHEIM else v for v in z] for z in r.zeilen]
                table = tafel(f"Kinder je {' und '.join(r.je)}", r.spalten, rows, len(r.je))
                html += table + (AUCH_NULL if r.auch_null else "")
            yield Blatt("probe", edition, self.tag, self.tag, tafeln(html))


AUCH_NULL = "<p>Das Zeichen • kann hier auch für null stehen.</p>"


def berichte(seed: int) -> list[Bericht]:
    rnd, found = Random(seed), list[Bericht]()
    for day, cube in wuerfel(rnd).items():
        chosen = [g for g in GLIEDERUNGEN if g != ("raum", "art") or rnd.random() < 0.5]
        asked = [
            Antrag(f"{day}/{n}", "probe", aufstellung(cube, g, day)) for n, g in enumerate(chosen)
        ]
        before = found[-1].entschieden if found else None
        found.append(Bericht(day, entscheiden(asked, EDITIONEN, before), asked))
    return found


@pytest.fixture(scope="module", params=range(WUERFE))
def wurf(request: pytest.FixtureRequest) -> tuple[list[Bericht], list[Blatt]]:
    made = berichte(request.param)
    return made, [b for one in made for b in one.blaetter()]


def test_nichts_laesst_sich_errechnen(wurf) -> None:
    found = angreifen(wurf[1], wissen=WISSEN)
    assert found.zweifel == 0 and found.funde == (), found.funde
    assert found.ziele


GEZAEHLT = {"versucht": 0, "übersehen": 0}


def test_jedes_zweite_zeichen_wird_gebraucht(wurf) -> None:
    """Show one mark of the widest edition that is not small by itself: the audit finds it."""
    made, pages = wurf
    alone = [b for b in pages if b.edition == EDITIONEN[0]]
    for cell, true in _zweite(made, alone):
        cell.geheim, cell.text = False, str(true)
        GEZAEHLT["versucht"] += 1
        GEZAEHLT["übersehen"] += not angreifen(alone, wissen=WISSEN).funde
        cell.geheim = True


def _zweite(made: list[Bericht], pages: list[Blatt]) -> list[tuple[Zellbild, int]]:
    """Return some marks that are large enough by themselves, each once, with the true count."""
    least, found = catalogue.edition(EDITIONEN[0]).schwelle, []
    for one, page in zip(made, pages, strict=True):
        for a, table in zip(one.antraege, page.tafeln, strict=True):
            frame = a.tafel.frame  # type: ignore[union-attr]
            je = len(a.tafel.je)
            true = {tuple(row[:je]): row for row in frame.itertuples(index=False)}
            for row in table.zeilen:
                values = true[tuple(c.text for c in row if c.kopf)]
                found += [
                    (c, v) for c, v in zip(row, values, strict=True) if c.geheim and v >= least
                ]
    return found[::5][:4]


def test_hoechstens_eines_von_zwanzig_zeichen_ist_muessig() -> None:
    assert GEZAEHLT["versucht"] >= WUERFE
    assert GEZAEHLT["übersehen"] <= 0.05 * GEZAEHLT["versucht"], GEZAEHLT
