"""Open tables: CSV with a description, the figures of the page and nothing it hides."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import press_fixtures
import pytest
from conftest import Stadt
from press_fixtures import DATENSTAND, STICHTAG, bare_project

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM
from sozcontrol.errors import NotReleased
from sozcontrol.present.fragment import page
from sozcontrol.present.table import Zelle, figure, markup, word
from sozcontrol.press.gegenprobe import gegenprobe
from sozcontrol.press.gegenprobe.beilage import ueberzaehlig_offen
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.seite.csvtabellen import csv_files
from sozcontrol.press.seite.export import Kopf

NAME = "csv-metadata.json"
STADT = catalogue.kommune("musterstadt")
KOPF = Kopf(STADT, catalogue.edition("gremium"), STICHTAG, DATENSTAND)


def offen(*rows: list[Zelle], kopf: tuple[str, ...] = ("Art", "Zahl")) -> tuple[str, dict]:
    """Draw a table, and return its page and its open files."""
    with page() as made:
        html = markup([word(k, kopf=True) for k in kopf], [("", r) for r in rows], "Probe")
    satz = STADT.erfunden_satz
    return f"<p>Fassung Gremium {satz}</p>{html}", csv_files(made.tafeln, "Seite", KOPF)


def zeilen(files: dict[str, bytes], name: str = "1.csv") -> list[list[str]]:
    return [*csv.reader(io.StringIO(files[name].decode()))]


def spalten(files: dict[str, bytes]) -> list[dict[str, str]]:
    return json.loads(files[NAME])["tables"][0]["tableSchema"]["columns"]


def gehalten(html: str, files: dict[str, bytes]) -> tuple[str, ...]:
    """Hold open files against their page as the audit does."""
    return ueberzaehlig_offen(
        html, Blatt("a", "gremium", STICHTAG, DATENSTAND, tafeln(html)), files
    )  # fmt: skip


@pytest.mark.parametrize("area", ["finanzcontrolling", "monitoring_jugend", "steuerung"])
def test_die_dateien_sagen_was_die_mappe_sagt(veroeffentlicht: Stadt, area: str) -> None:
    folder = veroeffentlicht.projekt.reports / "2025-06-30" / "gremium"
    files = {p.name: p.read_bytes() for p in (folder / "csv" / area).iterdir()}
    told = json.loads(files[NAME])
    assert told["dc:license"] == {"@id": "https://www.govdata.de/dl-de/by-2-0"}
    assert told["schema:temporalCoverage"] == "2025-06-30" and told["dc:modified"] == "2025-07-21"
    sheets = openpyxl.load_workbook(folder / f"{area}.xlsx").worksheets[1:]
    assert [t["dc:title"] for t in told["tables"]] == [s["A1"].value for s in sheets]
    assert files.keys() == {t["url"] for t in told["tables"]} | {NAME}
    seen = 0
    for table, sheet in zip(told["tables"], sheets, strict=True):
        columns = table["tableSchema"]["columns"]
        head, *rows = zeilen(files, table["url"])
        assert head == [c["titles"] for c in columns]
        places = [n for n, h in enumerate(head) if not h.endswith(", Einheit")]
        (listed,) = sheet.tables.values()
        assert [head[n] for n in places] == [c.name for c in listed.tableColumns]
        for row, cells in zip(rows, sheet[listed.ref][1:], strict=False):
            for n, cell in zip(places, cells, strict=True):
                if isinstance(cell.value, int | float):
                    factor = 100 if cell.number_format.endswith("%") else 1
                    assert float(row[n]) == pytest.approx(cell.value * factor, rel=1e-12)
                    assert columns[n]["datatype"] in ("decimal", "string")
                    seen += 1
                elif cell.value == "•":
                    assert row[n] == "•"
    assert seen > 50


def test_einheiten_stehen_bei_der_spalte_oder_bei_jeder_zahl() -> None:
    rows = [
        [word("a", kopf=True), figure(Decimal(1500), "teur"), figure(12.34, "pct1"),
         figure(date(2025, 6, 30), "monat"), figure(1, "tausend")],
        [word("b", kopf=True), figure(Decimal("2.5"), "eur"), figure(3, "anzahl"),
         figure(None, "monat"), figure(GEHEIM, "tausend")],
    ]  # fmt: skip
    _, files = offen(*rows, kopf=("Art", "Betrag", "Wert", "Monat", "Rest (T€)"))
    assert zeilen(files)[1:] == [
        ["a", "2000", "12.3", "%", "2025-06", "0"],
        ["b", "2.5", "3", "", "–", "•"],
    ]
    assert [(c["titles"], c["datatype"], c.get("schema:unitText")) for c in spalten(files)] == [
        ("Art", "string", None), ("Betrag", "decimal", "EUR"), ("Wert", "decimal", None),
        ("Wert, Einheit", "string", None), ("Monat", "gYearMonth", None),
        ("Rest (T€)", "decimal", "T€"),
    ]  # fmt: skip


@pytest.mark.parametrize("anfang", ["=", "+", "-", "@", "\t="])
def test_text_wie_eine_formel_bekommt_einen_apostroph_eine_zahl_nicht(anfang: str) -> None:
    html, files = offen([word(f"{anfang}A1", kopf=True), figure(-3, "anzahl")])
    assert zeilen(files)[1] == [f"'{anfang}A1", "-3"]
    assert gehalten(html, files) == ()


MEHR = {
    "die gesperrte Zahl": ("1.csv", "•", "17"),
    "eine Stelle mehr": ("1.csv", "12.3", "12.34"),
    "eine Zahl mehr": ("1.csv", "12.3", "12.3,17"),
    "eine Zelle zu wenig": ("1.csv", ",12.3", ""),
    "eine Zeile weniger": ("1.csv", "b,12.3\r\n", ""),
    "eine Zelle leer": ("1.csv", "12.3", ""),
    "eine Zeile mehr": ("1.csv", "b,", "a,17\r\nb,"),
    "eine Zahl in der Überschrift": ("1.csv", "Zahl", "Zahl 17"),
    "eine Zahl in der Beschreibung": (NAME, "Fassung Gremium", "Fassung 17"),
    "ein anderer Titel": (NAME, '"Probe"', '"Andere"'),
    "ein Tag, den es nicht gibt": ("1.csv", "12.3", "2025-02-30"),
    "keine Beschreibung": (NAME, "{", ""),
}


@pytest.mark.parametrize("was", [*MEHR])
def test_was_die_seite_nicht_sagt_faellt_auf(was: str) -> None:
    html, files = offen(
        [word("a", kopf=True), figure(GEHEIM, "anzahl")],
        [word("b", kopf=True), figure(Decimal("12.3"), "zahl1")],
    )
    assert gehalten(html, files) == ()
    name, old, new = MEHR[was]
    assert old in files[name].decode()
    bad = files | {name: files[name].decode().replace(old, new, 1).encode()}
    assert gehalten(html, bad)
    assert gehalten(html, files | {"2.csv": b"Art,Zahl\r\na,17\r\n"})


def test_ein_lauf_gibt_keine_datei_aus_die_mehr_sagt(tmp_path: Path) -> None:
    html, files = offen([word("a", kopf=True), figure(GEHEIM, "anzahl")])
    lauf = press_fixtures.lauf(editionen=("gremium",))
    made = [replace(a, html=html, csv=files) for a in press_fixtures.ausgaben(lauf)]
    gegenprobe.pruefe(bare_project(tmp_path / "gut"), lauf, made, {})
    bad = replace(made[0], csv=files | {"1.csv": files["1.csv"].replace("•".encode(), b"4")})
    with pytest.raises(NotReleased, match=r"gremium, »Probe« \(1\)"):
        gegenprobe.pruefe(bare_project(tmp_path / "neu"), lauf, [bad], {})


def test_offen_sind_nur_offene_editionen_mit_lizenz(veroeffentlicht: Stadt) -> None:
    folder = veroeffentlicht.projekt.reports / "2025-06-30"
    assert {p.parent.name for p in folder.glob("*/csv")} == {"gremium"}
    assert KOPF.offen and not replace(KOPF, edition=catalogue.edition("leitung")).offen
    assert not replace(KOPF, kommune=catalogue.kommune("moers")).offen
    for edition, linked in (("gremium", True), ("leitung", False)):
        html = (folder / edition / "personal.html").read_text(encoding="utf-8")
        assert ('href="csv/personal/csv-metadata.json"' in html) is linked
