"""What the engine says of Musterstadt is what plain pandas makes of the raw files.

``nachrechnung`` and ``rohdateien`` are a second opinion: they know nothing of sozcontrol. Where the
two differ, the definition decides who is right; the recomputation is never bent to the engine.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import nachrechnung
import pandas as pd
import pytest
from hauptbuch import Lieferung, rohdateien, stadt_am
from rohdateien import UNBEKANNT, Rohdaten, lies_rohdaten
from stichprobe import probe

from sozcontrol import measures

HALBJAHR, JAHR = date(2025, 6, 30), date(2024, 12, 31)
DATENSTAND = {HALBJAHR: date(2025, 7, 15), JAHR: date(2025, 1, 21)}


def ids(gezeichnet: str) -> list[str]:
    return gezeichnet.split()


HILFEN = ids("""
    H01 H02 H02b H03 H04 H05 H06 H06b H07 H08 H09 H10 H10b H11 H11b H12 H13 H14 H15 H17b H17c H17d
    H17e H20 H21 H21b H22 H23 H24 H25 H25b H25c H25d H26 H27 H27b H28 H29 H30 H30b H31 H32 H33 H34
    H35 H38 H38b H40 H41 H42 H43 H43b H45
    """)
HAUSHALT = ids("""
    F01 F01b F02 F02b F09 F09b F10 F10b F11 F12 F13 F14 F16 F17 F19 F20 F20b F21 F22 F23
    """)
# Costs of the running year as booked.
ROH = ids("H13b H16r H17r H18r H19r")
# A completed year is the whole Haushaltsjahr; before its end they are spread over the year.
GANZES_JAHR = ids("F03 F04 F04b")

GLIEDERUNG: dict[str, tuple[list[str], tuple[nachrechnung.Teil, ...]]] = {
    "hilfeart": (
        ids("H01 H02 H03 H04 H05 H08 H17b H17c H21 H22 H23 H27 H28 F16 F20"),
        (*nachrechnung.HILFEN, *nachrechnung.GELD),
    ),
    "sozialraum": (
        ids("H01 H02 H03 H06 H08 H09 H11 H20 H22 H23 H27b H42 H45"),
        (*nachrechnung.HILFEN, *nachrechnung.GELD),
    ),
    "altersgruppe": (ids("H01 H10 H11 H33"), nachrechnung.HILFEN),
    "fachkraft_org": (
        ids("H01 H10 H17d H17e H25 H26 H27b"),
        (*nachrechnung.HILFEN, *nachrechnung.GELD),
    ),
    "produktgruppe": (ids("F01 F01b F09 F10 F11 F17 F21 F22 F23"), nachrechnung.HAUSHALT),
}


@dataclass(frozen=True)
class Stadt:
    """Musterstadt at one Stichtag, once as files and once through intake and tidy."""

    roh: Rohdaten
    daten: Lieferung


Stadtbau = Callable[[date], Stadt]


@pytest.fixture(scope="module")
def stadt() -> Stadtbau:
    @cache
    def bau(stichtag: date) -> Stadt:
        stand = (stichtag, DATENSTAND[stichtag])
        return Stadt(lies_rohdaten(rohdateien(*stand), stichtag), stadt_am(*stand))

    return bau


@pytest.fixture(scope="module")
def nachgerechnet(stadt: Stadtbau) -> Callable[[date], nachrechnung.Werte]:
    return cache(lambda stichtag: nachrechnung.rechne(stadt(stichtag).roh))


@pytest.fixture(scope="module")
def gerechnet(stadt: Stadtbau) -> Callable[[date], dict[str, measures.Zeile]]:
    return cache(lambda stichtag: {z.id: z for z in measures.alle(stadt(stichtag).daten)})


FAELLE = [
    *((i, s) for i in [*HILFEN, *HAUSHALT, *ROH] for s in DATENSTAND),
    *((i, JAHR) for i in GANZES_JAHR),
]


def gleich(unser: nachrechnung.Bruch, wert: Any, zaehler: Any, nenner: Any) -> bool:
    """Whether value and parts agree to nine digits; what both don't know agrees, too."""
    if unser.wert is None:
        return wert is None or pd.isna(wert)
    paare = [(unser.wert, wert), (unser.zaehler, zaehler), (unser.nenner, nenner)]
    return all(
        b is None or pd.isna(b)
        if a is None
        else not pd.isna(b) and abs(Fraction(a) - Fraction(b)) <= abs(Fraction(a)) / 10**9
        for a, b in paare
    )


@pytest.mark.parametrize(("id_", "stichtag"), FAELLE, ids=str)
def test_die_kennzahl_ist_was_die_rohdateien_ergeben(
    nachgerechnet: Callable[[date], nachrechnung.Werte],
    gerechnet: Callable[[date], dict[str, measures.Zeile]],
    id_: str,
    stichtag: date,
) -> None:
    ihre, unsere = gerechnet(stichtag)[id_], nachgerechnet(stichtag)[id_]
    assert gleich(unsere, ihre.wert, ihre.zaehler, ihre.nenner), (unsere, ihre)


@pytest.mark.parametrize("stichtag", probe(DATENSTAND, 1), ids=str)
@pytest.mark.parametrize("dimension", GLIEDERUNG)
def test_auch_jede_gruppe_ist_was_ihre_rohdateien_ergeben(
    stadt: Stadtbau, stichtag: date, dimension: str
) -> None:
    hier = stadt(stichtag)
    welche, teile = GLIEDERUNG[dimension]
    unsere = {
        gruppe: nachrechnung.rechne(hier.roh.je(dimension, gruppe), *teile)
        for gruppe in hier.roh.gruppen(dimension)
    }
    for werte in measures.kennzahlen(hier.daten, welche, je=[dimension], summen=False):
        zeilen = werte.frame.replace({dimension: {measures.UNBEKANNT: UNBEKANNT}})
        ihre = zeilen.set_index(dimension)[["wert", "zaehler", "nenner"]].T.to_dict("list")
        id_ = werte.kennzahl.id
        assert set(ihre) <= set(unsere), id_
        for gruppe, unser in unsere.items():
            leer = not unser[id_].zaehler
            da = gruppe in ihre and gleich(unser[id_], *ihre[gruppe])
            assert da or (gruppe not in ihre and leer), (id_, gruppe, unser[id_], ihre.get(gruppe))


def test_mindestens_vierzig_kennzahlen_an_beiden_stichtagen() -> None:
    for stichtag in DATENSTAND:
        assert len({i for i, s in FAELLE if s == stichtag}) >= 40


@pytest.mark.parametrize("modul", ["nachrechnung", "rohdateien"])
def test_die_nachrechnung_kennt_nichts_von_sozcontrol(modul: str) -> None:
    baum = ast.parse((Path(__file__).parent / f"{modul}.py").read_text(encoding="utf-8"))
    namen = {a.name for k in ast.walk(baum) if isinstance(k, ast.Import) for a in k.names}
    namen |= {k.module for k in ast.walk(baum) if isinstance(k, ast.ImportFrom) and k.module}
    wurzeln = {name.partition(".")[0] for name in namen}
    assert wurzeln <= sys.stdlib_module_names | {"pandas", "nachrechnung", "rohdateien"}
    assert not wurzeln & {"importlib", "runpy", "subprocess"}
    assert "__import__" not in {k.id for k in ast.walk(baum) if isinstance(k, ast.Name)}
