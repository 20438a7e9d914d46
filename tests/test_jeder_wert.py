"""The reports that compose compute nothing: every figure they print stands in an area's report.

Of the same run and edition, that is; and what is named after a Kennzahl is that Kennzahl's value.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import Stadt
from fremdzahlen import unbekannt, worte
from satzzahlen import erste

from sozcontrol import catalogue

ZUSAMMENGESETZT = ("operativ", "jahresbericht")
TAG = {"operativ": "2025-06-30", "jahresbericht": "2025-12-31"}


@pytest.fixture(
    params=[
        pytest.param(("operativ", "leitung")),
        pytest.param(("operativ", "gremium"), marks=pytest.mark.thorough),
        pytest.param(("jahresbericht", "leitung"), marks=pytest.mark.thorough),
        pytest.param(("jahresbericht", "gremium"), marks=pytest.mark.thorough),
    ],
    ids="-".join,
)
def bericht(request: pytest.FixtureRequest) -> Path:
    """A composed report as it is published, beside those of its areas."""
    name, edition = request.param
    stadt: Stadt = request.getfixturevalue(
        "veroeffentlicht" if name == "operativ" else "jahresabschluss"
    )
    return stadt.projekt.reports / TAG[name] / edition / f"{name}.html"


def bereiche(bericht: Path) -> dict[str, str]:
    found = sorted(bericht.parent.glob("*.html"))
    return {p.stem: p.read_text(encoding="utf-8") for p in found if p.stem not in ZUSAMMENGESETZT}


def test_jede_zahl_steht_in_einem_bereich(bericht: Path) -> None:
    anzahl, fremd = unbekannt(bericht.read_text(encoding="utf-8"), [*bereiche(bericht).values()])
    assert anzahl > 400
    assert fremd == []


def test_eine_andere_zahl_faellt_auf(bericht: Path) -> None:
    """Of every tenth figure in bold another stands there: it stands nowhere else."""
    page = BeautifulSoup(bericht.read_text(encoding="utf-8"), "html.parser")
    bold = [s for s in page.select(".soz-antwort strong") if any(c.isdigit() for c in worte(s))]
    assert len(bold) > 20
    for number, one in enumerate(bold[::10]):
        one.string = f"98.765.43{number} €"
    lost = unbekannt(str(page), [*bereiche(bericht).values()])[1]
    assert len([said for said in lost if said.startswith("9.87654e+07 €")]) == len(bold[::10])


def benannt(html: str) -> dict[str, list[str]]:
    """Return what a page says of each Kennzahl by its short name: in tiles, and of all in a row."""
    page, found = BeautifulSoup(html, "html.parser"), dict[str, list[str]]()
    for tile in page.select(".soz-kachel"):
        name, value = (worte(tile.select_one(f".soz-kachel-{p}")) for p in ("titel", "wert"))
        found.setdefault(name, []).append(value)
    known = catalogue.steckbriefe()
    for row in page.select("tbody tr"):
        cells = [worte(c) for c in row.select("th, td")]
        if len(cells) > 2 and cells[0] in known:
            found.setdefault(known[cells[0]].kurzname, []).append(cells[2])
    return found


def gleich(here: str, there: str) -> bool:
    if "•" in here or "–" in here[:1]:
        return here[:1] == there[:1]
    return here == there or erste(here).ist(erste(there))


def test_was_wie_eine_kennzahl_heisst_ist_ihr_wert(bericht: Path) -> None:
    """In the paragraphs of the operative report and in the tables of the annual one."""
    page = BeautifulSoup(bericht.read_text(encoding="utf-8"), "html.parser")
    seen = 0
    for name, html in bereiche(bericht).items():
        if name not in catalogue.bereiche():
            continue
        area, own = catalogue.bereich(name), benannt(html)
        for kurz in {catalogue.steckbrief(k).kurzname for k in area.leitzahlen} & own.keys():
            for value in gesagt(page, area.titel, kurz):
                seen += 1
                assert any(gleich(value, there) for there in own[kurz]), (name, kurz, value)
    assert seen > 20


def gesagt(page: BeautifulSoup, titel: str, kurz: str) -> list[str]:
    """Return the values a composed report gives for a Kennzahl of an area."""
    rows = [
        [worte(c) for c in row.select("th, td")]
        for table in page.select("table")
        if table.caption and worte(table.caption).endswith(f": {titel}")
        for row in table.select("tbody tr")
    ]
    told = [row[1].removeprefix("am Stichtag ") for row in rows if row[0] == kurz]
    for paragraph in page.select(".soz-antwort .soz-satz"):
        for strong in paragraph.select("strong"):
            before = strong.previous_sibling
            if isinstance(before, str) and before.rstrip().endswith(kurz):
                told.append(worte(strong))
    return told
