"""What a city accepts stays in sight: with its reason, until its day, and never an error."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from conftest import ROOT, Stadt
from press_fixtures import DATENSTAND, STICHTAG

from sozcontrol import catalogue
from sozcontrol.auskunft import einzeln
from sozcontrol.auskunft.fehlerliste import error_list
from sozcontrol.auskunft.statusauskunft import status
from sozcontrol.catalogue.eigenes import namen
from sozcontrol.checks import accept, load_ausnahmen, regelverzeichnis, render_text
from sozcontrol.checks.seite import render_page
from sozcontrol.errors import CatalogueError
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.lauf.receive import Eingang
from sozcontrol.press.seite.quality import _accepted

ZEILE = Fundstelle("WJH_Hilfen_20250630.csv", 7)
WARNUNG = Finding(
    "R-F07", Schwere.WARNUNG, "Kurz.", "fall", "ende", 3, 9, "Prüfen.", (ZEILE,) * 3, ("fall",)
)
DATEI = """
ausnahmen:
  - regel: R-F07
    tabelle: fall
    hoechstens: 3
    grund: Altfälle aus der Umstellung.
    stelle: Jugendamt
    am: 2025-07-01
    bis: 2025-07-15
"""


def datei(tmp_path: Path, *anders: tuple[str, str]) -> Path:
    text = DATEI
    for alt, neu in anders:
        assert alt in text
        text = text.replace(alt, neu)
    path = tmp_path / "ausnahmen.yml"
    path.write_text(text, encoding="utf-8")
    return path


def nach(path: Path, *findings: Finding, stand: date = DATENSTAND) -> tuple[Finding, ...]:
    return accept(findings, load_ausnahmen(path), stand)


def test_angenommenes_bleibt_mit_grund_und_frist_stehen_und_zaehlt_fuer_sich(tmp_path) -> None:
    open_one = replace(WARNUNG, regel="R-F08")
    found = nach(datei(tmp_path), WARNUNG, open_one)
    assert [f.angenommen for f in found] == [True, False]
    told = "Angenommen bis 15.07.2025 (Jugendamt, 01.07.2025): Altfälle aus der Umstellung."
    text, page = render_text(found), render_page(found, kopf={})
    assert "0 Fehler, 1 Warnung, 0 Hinweise, 1 angenommen" in text
    assert "0 Fehler, 1 Warnung, 0 Hinweise, 1 angenommen" in page
    assert told in text and told in page
    assert page.count("Fundstellen anzeigen") == 2  # its rows stay where they can be looked at
    assert found[0].zweifel == ("fall",)
    assert _accepted([found[0]]) == ["Angenommen bis 15.07.2025."]
    assert _accepted(list(found)) == []


@pytest.mark.parametrize(
    ("befund", "stand", "warum"),
    [
        pytest.param(WARNUNG, date(2025, 7, 16), "abgelaufen am 15.07.2025", id="Tag danach"),
        pytest.param(
            replace(WARNUNG, anzahl=4), DATENSTAND, "jetzt 4 statt höchstens 3", id="einer mehr"
        ),
        pytest.param(
            replace(WARNUNG, schwere=Schwere.FEHLER), DATENSTAND,
            "ein Fehler lässt sich nicht annehmen", id="Fehler",
        ),
    ],
)  # fmt: skip
def test_was_nicht_gedeckt_ist_zaehlt_und_wird_genannt(tmp_path, befund, stand, warum) -> None:
    found, note = nach(datei(tmp_path), befund, stand=stand)
    assert not found.angenommen and found.schwere is befund.schwere
    assert (note.regel, note.schwere) == ("R-S12", Schwere.HINWEIS)
    assert note.meldung == f"Ausnahme 1 (R-F07, fall) gilt nicht: {warum}. Der Befund zählt."
    assert f"Zählt weiter, {warum}; vermerkt ist (Jugendamt, " in render_text([found])


def test_mehrere_befunde_teilen_sich_was_hoechstens_angenommen_ist(tmp_path) -> None:
    """Two columns of one rule: three rows are accepted of both together."""
    other = replace(WARNUNG, spalte="beginn", anzahl=1)
    assert not any(f.angenommen for f in nach(datei(tmp_path), WARNUNG, other))
    narrow = datei(tmp_path, ("tabelle: fall", "tabelle: fall\n    spalte: ende"))
    assert [f.angenommen for f in nach(narrow, WARNUNG, other)] == [True, False]


def test_was_nichts_mehr_trifft_wird_genannt(tmp_path) -> None:
    other = replace(WARNUNG, tabelle="person")
    kept, note = nach(datei(tmp_path), other)
    assert kept == other
    assert "trifft keinen Befund" in note.meldung


def test_die_nummern_der_pruefung_selbst_gehoeren_keiner_regel() -> None:
    rules = regelverzeichnis(ROOT / "expectations")
    own = {r.id for r in rules if r.art == "pruefung"}
    assert own and not own & {r.id for r in rules if r.art != "pruefung"}


@pytest.mark.parametrize(
    ("alt", "neu", "sagt"),
    [
        ("tabelle: fall", "tabelle: fal", "Meinten Sie »fall«"),
        ("bis: 2025-07-15", "bis: 2027-07-15", "mehr als zwei Jahre"),
        ("bis: 2025-07-15", "bis: 2025-06-30", "bis liegt vor am"),
        ("    bis: 2025-07-15", "", "bis: fehlt"),
        ("    hoechstens: 3\n", "", "hoechstens: fehlt"),
        ("hoechstens: 3", "hoechstens: 0", "außerhalb der Grenze"),
        ("grund: Altfälle aus der Umstellung.", "grund: ''", "leer oder zu kurz"),
        ("regel: R-F07", "regel: R-S08", "bleibt sichtbar"),
        ("regel: R-F07", "regel: alle", "nicht die vorgesehene Form"),
        ("stelle:", "wer:", "ist unbekannt"),
    ],
)
def test_eine_falsche_ausnahme_haelt_an_und_sagt_was_fehlt(tmp_path, alt, neu, sagt) -> None:
    with pytest.raises(CatalogueError) as fault:
        load_ausnahmen(datei(tmp_path, (alt, neu)))
    assert sagt in fault.value.was


def test_zwei_ausnahmen_fuer_dasselbe_sind_ein_widerspruch(tmp_path) -> None:
    path = datei(tmp_path)
    again = path.read_text().split("ausnahmen:\n")[1].replace("fall", "fall\n    spalte: ende", 1)
    path.write_text(path.read_text() + again.lstrip("\n"), encoding="utf-8")
    with pytest.raises(CatalogueError, match="Ausnahme 1 und 2"):
        load_ausnahmen(path)


def test_die_fehlerliste_sagt_was_angenommen_war_und_warum(tmp_path) -> None:
    late = replace(WARNUNG, regel="R-F08", tabelle="fall")
    path = datei(tmp_path)
    second = path.read_text().split("ausnahmen:\n")[1].replace("R-F07", "R-F08")
    path.write_text(path.read_text() + second.replace("07-15", "07-10").lstrip("\n"))
    found = nach(path, WARNUNG, late)
    town = catalogue.kommune("musterstadt")
    eingang = Eingang(STICHTAG, DATENSTAND, town, found, Path("seite.html"), False)
    book = openpyxl.load_workbook(io.BytesIO(error_list(eingang)))
    head, *rows = [[c.value for c in row] for row in book["Angenommen"]]
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(r["Regel"], r["Bis"], r["Gilt nicht"]) for r in told] == [
        ("R-F07", "15.07.2025", None), ("R-F08", "10.07.2025", "abgelaufen am 10.07.2025"),
    ]  # fmt: skip
    known = {"Grund": "Altfälle aus der Umstellung.", "Anzahl": 3, "Spalte": "Ende"}
    assert known.items() <= told[0].items()
    listed = {c.value for row in book["Fehlerliste"] for c in row}
    assert "R-F08" in listed and not listed & {"R-F07", "R-S12"}


def test_die_seite_nimmt_an_was_sie_zeigt(eingelesen: Stadt, tmp_path, monkeypatch) -> None:
    """The page's own entry on Musterstadt: in the check, the status, and no profile by mistake."""
    stadt = eingelesen.kopie(tmp_path / "stadt")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(stadt.home / "config"))
    text = (ROOT / "docs" / "lieferungen.md").read_text(encoding="utf-8")
    path = stadt.projekt.ausnahmen
    path.parent.mkdir()
    before = einzeln.check(stadt.projekt, None, None, Silent())
    assert not any(f.annahme for f in before.findings)
    path.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    after = einzeln.check(stadt.projekt, None, None, Silent())
    (one,) = [f for f in after.findings if f.annahme]
    assert one.angenommen and (one.regel, one.tabelle) == ("R-F18", "fall")
    assert "bis die neue Wohngruppe im Frühjahr öffnet" in after.pruefseite.read_text(
        encoding="utf-8"
    )
    assert after.bekannt  # read anew is nothing: the verdict is told, not the data
    warned = [sum(f.schwere is Schwere.WARNUNG for f in e.findings) for e in (before, after)]
    assert warned[0] == warned[1]
    told = status(stadt.projekt, None, None, date(2025, 8, 1))
    assert f"{warned[0] - 1} Warnung" in told and "1 angenommen" in told
    assert namen(path.parent) == []
