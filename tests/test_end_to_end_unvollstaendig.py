"""Tables with errors or without a month: which reports wait, and where doubt is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from conftest import Call
from rendered import text
from seiten import STICHTAG, ZWEI, page, snapshot

from sozcontrol.demo.pruefstand.ablage import Ablage
from sozcontrol.projekt import Projekt

pytestmark = pytest.mark.notebook


BEREICHE = ("monitoring_jugend", "finanzcontrolling")
SPAETER = ("--stichtag", "2025-06-30", "--datenstand", "2025-08-12")


@dataclass(frozen=True)
class Fehlerhaft:
    """The run over a delivery with faults, the names hidden in it, and a page of before."""

    lauf: Call
    namen: set[str]
    vorher: str


def without(projekt: Projekt, datenstand: str, bericht: str, **weg: Callable[[str], bool]) -> None:
    """Take the rows with these cells out of one delivered file; its sums agree again."""
    folder = projekt.delivery_folder(STICHTAG, date.fromisoformat(datenstand))
    liste = Ablage(folder, STICHTAG).liste(bericht)
    gone = set(liste.wo(**weg))
    assert gone
    liste.zeilen = [row for place, row in enumerate(liste.zeilen) if place not in gone]
    liste.rechne_fuss()
    liste.schreibe()


def im_juni(tag: str) -> bool:
    return tag.endswith("06.2025")


@pytest.mark.thorough
def test_ein_hauptbuch_ohne_juni_haelt_die_finanzberichte_an_und_sonst_keinen(
    lauf: Projekt, typed: Callable[..., Call]
) -> None:
    before = {area: page(lauf, area) for area in ("finanzcontrolling", "hochrechnung")}
    later = ("--stichtag", "2025-06-30", "--datenstand", "2025-08-08")
    assert typed("demo", *later).exit_code == 0
    without(lauf, "2025-08-08", "SAP_Einzelposten", Buchungsdatum=im_juni)
    sonst = ("unterhaltsvorschuss",)
    done = typed("run", *later, *(w for area in (*before, *sonst) for w in ("--bereich", area)))
    assert done.exit_code == 4
    assert {area: page(lauf, area) for area in before} == before
    for area in sonst:
        assert "8. August 2025" in text(page(lauf, area))
        assert "Zweifel" not in text(page(lauf, area))
    checked = typed("check", *later)
    assert {"R-B27", "R-X01"} <= set(re.findall(r"FEHLER (R-...)", checked.stdout))


@pytest.mark.thorough
def test_dieselbe_luecke_misst_sich_nicht_an_sich_selbst(
    lauf: Projekt, typed: Callable[..., Call]
) -> None:
    """Delivered once more as it is, it is held against the last that was accepted."""
    for datenstand in ("2025-08-15", "2025-08-16"):
        again = ("--stichtag", "2025-06-30", "--datenstand", datenstand)
        assert typed("demo", *again).exit_code == 0
        without(lauf, datenstand, "SAP_Einzelposten", Buchungsdatum=im_juni)
        checked = typed("check", *again)
        assert checked.exit_code == 4
        found = set(re.findall(r"FEHLER (R-...)", checked.stdout))
        assert {"R-B27", "R-B28", "R-X01"} <= found


@pytest.mark.thorough
def test_eine_zahlungsliste_ohne_juni_haelt_die_abwicklung_an_und_sonst_keinen(
    lauf: Projekt, typed: Callable[..., Call]
) -> None:
    later = ("--stichtag", "2025-06-30", "--datenstand", "2025-08-10")
    assert typed("demo", *later).exit_code == 0
    without(lauf, "2025-08-10", "WJH_Zahlliste", Buchung_am=im_juni)
    done = typed("run", *later, *ZWEI, "--bereich", "abwicklung")
    assert done.exit_code == 4
    assert "»abwicklung« ist gesperrt" in done.stderr
    # The youth report counts its cases without payments, and says so.
    jugend = text(page(lauf, "monitoring_jugend"))
    assert "10. August 2025" in jugend
    assert "Es fehlt: »Zahlung« (fehlerhaft, nicht verwendet)." in jugend
    # It is decided which side is wrong: the ledger's figures need no doubt.
    assert "10. August 2025" in text(page(lauf, "finanzcontrolling"))
    assert "Zweifel" not in text(page(lauf, "finanzcontrolling"))


@pytest.fixture(scope="module")
def fehlerhaft(lauf: Projekt, typed: Callable[..., Call]) -> Fehlerhaft:
    """One delivery with a table of errors and a ledger of doubt, and what its run said."""
    before = page(lauf, "monitoring_jugend")
    assert typed("demo", *SPAETER, "--mess", "unbekannte_hilfeart").exit_code == 0
    folder = lauf.delivery_folder(STICHTAG, date(2025, 8, 12))
    namen = verschiebe_zeilen(folder)
    without(lauf, "2025-08-12", "SAP_Einzelposten", Buchungsdatum=im_juni, Produkt="31120100")
    asked = (w for area in (*BEREICHE, "unterhaltsvorschuss") for w in ("--bereich", area))
    return Fehlerhaft(typed("run", *SPAETER, *asked), namen, before)


def verschiebe_zeilen(ordner: Path) -> set[str]:
    """Shift rows of the Zahlliste by a column: names stand where a code belongs. Return them."""
    liste = Ablage(ordner, STICHTAG).liste("WJH_Zahlliste")
    rows = liste.wo(Zahlungsempfänger=lambda name: name.startswith("Fam. "))[:40]
    names = {liste.lies(i, "Zahlungsempfänger").removeprefix("Fam. ") for i in rows}
    for i in rows:
        liste.zeilen[i] = [*liste.zeilen[i][1:], ""]
    liste.schreibe()
    return {name for name in names if len(name) > 5}


def test_fehler_in_einer_tabelle_halten_nur_die_bereiche_auf_die_sie_brauchen(
    lauf: Projekt, fehlerhaft: Fehlerhaft
) -> None:
    done = fehlerhaft.lauf
    assert done.exit_code == 4
    assert "R-I26" in done.stderr + done.stdout
    written = snapshot(lauf.reports) | snapshot(lauf.processed) | snapshot(lauf.runs)
    for spur in (done.stdout.encode(), done.stderr.encode(), *written.values()):
        assert not [name for name in fehlerhaft.namen if name.encode() in spur]
    assert page(lauf, "monitoring_jugend") == fehlerhaft.vorher
    assert "12. August 2025" in text(page(lauf, "finanzcontrolling"))
    index = (lauf.reports / "2025-06-30" / "index.html").read_text(encoding="utf-8")
    assert "gesperrt" in text(index)
    assert "nicht berechenbar" in text(page(lauf, "finanzcontrolling"))


def test_ein_zweifel_am_hauptbuch_steht_bei_seinen_zahlen(
    lauf: Projekt, typed: Callable[..., Call], fehlerhaft: Fehlerhaft
) -> None:
    html = page(lauf, "finanzcontrolling")
    doubt = html.index("An den Zahlen dieser Seite bestehen Zweifel.")
    assert html.index("</h1>") < doubt < html.index('id="antwort-zuschuss"')
    assert "Betroffen: Aufwand der Produktgruppe 3112, Juni 2025." in text(html)
    assert "12. August 2025" in text(page(lauf, "unterhaltsvorschuss"))
    assert "Zweifel" not in text(page(lauf, "unterhaltsvorschuss"))
    printed = typed("kennzahlen", "--bereich", "finanzcontrolling", *SPAETER).stdout
    assert re.search(
        r"^Zweifel: Einer Produktgruppe fehlt ein Monat.*3112, Juni 2025", printed, re.M
    )
    assert "Zweifel:" in typed("explain", "F09", *SPAETER).stdout
    assert "Zweifel:" not in typed("explain", "U01", *SPAETER).stdout
