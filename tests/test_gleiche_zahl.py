"""One Kennzahl, one Stichtag, one Datenstand: one value, on whatever page it stands.

The pages are read back as the Gegenprobe reads them: by name, day and what a figure is broken down
to, with how exactly it is written. Two figures of one name agree where both can be the same number.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import pytest
from conftest import Stadt
from seiten import DATENSTAND, GOLDEN, STICHTAG

from sozcontrol import catalogue
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.gegenprobe.figuren import Figur, figuren, kennzahl

Fundort = tuple[str, str]
"""Edition and area."""
Gelesen = list[tuple[Fundort, Figur]]


def lies(edition: str, area: str, html: str) -> Gelesen:
    page = Blatt(area, edition, STICHTAG, DATENSTAND, tafeln(html))
    found = figuren(page, catalogue.leserwissen())
    return [((edition, area), f) for f in found if not (f.geheim or f.nichts)]


def widersprueche(gelesen: Gelesen) -> set[str]:
    """Name the figures that stand somewhere with one value and somewhere with another.

    What rules found is told table by table under the rule's number, so its name is no name here. A
    tile's change names what it is compared with beside it, and editions may compare differently.
    """
    cells = [
        ((f.zelle[0], tuple(sorted(f.zelle[1])), edition if "Veränderung" in f.zelle[0] else ""), f)
        for (edition, _), f in gelesen if "Regel" not in dict(f.zelle[1])
    ]  # fmt: skip
    found = set()
    for name, same in groupby(sorted(cells, key=itemgetter(0)), key=itemgetter(0)):
        spans = [(f.unten, f.oben) for _, f in same]
        if max(low for low, _ in spans) > min(high for _, high in spans) + 1e-6:
            found.add(name[0])
    return found


def seiten(stadt: Stadt) -> Iterable[tuple[str, str, str]]:
    for root in (stadt.projekt.reports, stadt.projekt.intern):
        for path in sorted((root / STICHTAG.isoformat()).glob("*/*.html")):
            yield path.parent.name, path.stem, path.read_text("utf-8")


@pytest.fixture(scope="module")
def gelesen(veroeffentlicht: Stadt) -> Gelesen:
    return [found for page in seiten(veroeffentlicht) for found in lies(*page)]


def test_eine_zahl_steht_ueberall_mit_demselben_wert(gelesen: Gelesen) -> None:
    places: dict[object, set[str]] = {}
    for (_, area), figur in gelesen:
        places.setdefault(figur.zelle, set()).add(area)
    assert len({edition for (edition, _), _ in gelesen}) == 3
    assert sum(len(areas) > 1 for areas in places.values()) > 100, "es gibt etwas zu vergleichen"
    assert widersprueche(gelesen) == set()


def test_jede_kennzahl_steht_auf_ihren_seiten_wie_in_der_liste_aller(gelesen: Gelesen) -> None:
    tage = {"stichtag": f"{STICHTAG:%d.%m.%Y}", "anfang": "31.12.2024"}
    tage["stand"] = f"{DATENSTAND:%d.%m.%Y}"
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter=";") if row[0] in catalogue.steckbriefe()]
    wissen, found = catalogue.leserwissen(), set()
    whole = [(f.zelle[0], f) for _, f in gelesen if not f.zelle[1]]
    for id_, wert, *_ in rows:
        name = f"{kennzahl(wissen, id_, tage)} / {tage['stand']}"
        for figur in (f for called, f in whole if called == name and wert):
            found.add(id_)
            assert figur.unten - 1e-6 <= float(wert) <= figur.oben + 1e-6, (id_, figur.ort)
    assert len(found) > 200


def test_eine_andere_zahl_auf_einer_seite_faellt_auf(veroeffentlicht: Stadt) -> None:
    """The first tile of one edition says one more than that of the other."""
    area = "monitoring_jugend"
    pages = {e: html for e, a, html in seiten(veroeffentlicht) if a == area}
    both = [*lies("leitung", area, pages["leitung"]), *lies("gremium", area, pages["gremium"])]
    assert widersprueche(both) == set()
    before = pages["gremium"].partition('soz-kachel-wert">')[2].partition("<")[0]
    changed = pages["gremium"].replace(f'wert">{before}<', f'wert">{int(before) + 1}<', 1)
    false = [*lies("leitung", area, pages["leitung"]), *lies("gremium", area, changed)]
    assert len(widersprueche(false)) == 1
