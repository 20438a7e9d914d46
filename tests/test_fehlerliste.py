"""The error list a city sends back to its suppliers: every place, in their words, and no person."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from conftest import Stadt
from press_fixtures import DATENSTAND, STICHTAG, bare_project
from pydantic import TypeAdapter

from sozcontrol import catalogue
from sozcontrol.auskunft.fehlerliste import OHNE_DATEI, error_list
from sozcontrol.cli import main
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.press.lauf.receive import Eingang

F, W, H = Schwere.FEHLER, Schwere.WARNUNG, Schwere.HINWEIS
WJH, SAP, PLAN = "WJH_Hilfen_20250630.csv", "SAP_Einzelposten_20250630.csv", "Haushalt_Plan_1.xlsx"
JUGENDAMT = "Jugendamt, Wirtschaftliche Jugendhilfe"
ENDE = Finding("R-F05", F, "Ende vor Beginn.", "fall", "ende", 1, 9, "Datum prüfen.")
Zeilen = list[dict[str, object]]


def liste(*findings: Finding) -> bytes:
    town = catalogue.kommune("musterstadt")
    return error_list(Eingang(STICHTAG, DATENSTAND, town, findings, Path("seite.html"), False))


def zeilen(mappe: bytes | Path, blatt: str = "Fehlerliste") -> Zeilen:
    """Return the rows of the sheet's table, by its headings."""
    book = openpyxl.load_workbook(io.BytesIO(mappe) if isinstance(mappe, bytes) else mappe)
    ((_, area),) = book[blatt].tables.items()
    head, *rows = ([c.value for c in row] for row in book[blatt][area])
    return [dict(zip(head, row, strict=True)) for row in rows]


def stelle(datei: str, zeile: int | None, **schluessel: str) -> Fundstelle:
    return Fundstelle(datei, zeile, schluessel, {"ende": "Kanarz"})


def test_eine_zeile_sagt_wo_was_und_wie_mit_den_worten_der_liefernden() -> None:
    (row,) = zeilen(liste(replace(ENDE, stellen=(stelle(WJH, 7),))))
    assert row == {
        "Datei": WJH, "Blatt": None, "Zeile": 7, "Spalte": "Ende", "Betrifft": None,
        "Art": "Fehler", "Regel": "R-F05", "Was": "Ende vor Beginn.", "Tun": "Datum prüfen.",
        "Liefert": JUGENDAMT,
    }  # fmt: skip


def test_das_blatt_nennt_das_profil_und_keine_spalte_die_die_datei_nicht_hat() -> None:
    """The plan has a column a year; »Wert« is what becomes of them."""
    plan = Finding("R-P01", W, "x", "budget", "betrag_eur, produkt", stellen=(stelle(PLAN, 9),))
    row, missing = zeilen(liste(plan, Finding("R-I00", F, "Es fehlt der Plan.", "budget")))
    assert (missing["Datei"], missing["Blatt"]) == (OHNE_DATEI, None)
    title = catalogue.tabelle("budget").spalte("betrag_eur").bezeichnung
    assert (row["Blatt"], row["Spalte"]) == ("Plan", f"{title}, Produkt")


def test_je_datei_zusammen_fehler_zuerst_was_keine_datei_nennt_zuletzt() -> None:
    places = (stelle(WJH, 12), stelle(WJH, 3), stelle(SAP, 5))
    rows = zeilen(liste(
        Finding("R-I00", F, "Es fehlt etwas.", "person"),
        Finding("R-F07", W, "Kurz.", "fall", stellen=(stelle(WJH, 1),)),
        replace(ENDE, anzahl=3, stellen=places),
        Finding("R-I19", H, f"{WJH}: 72 Zellen hatten Leerzeichen.", "fall", anzahl=72),
    ))  # fmt: skip
    assert [(r["Datei"], r["Zeile"], r["Regel"]) for r in rows] == [
        (SAP, 5, "R-F05"), (WJH, 3, "R-F05"), (WJH, 12, "R-F05"), (WJH, 1, "R-F07"),
        (WJH, None, "R-I19"), (OHNE_DATEI, None, "R-I00"),
    ]  # fmt: skip
    assert (rows[4]["Was"], rows[4]["Betrifft"]) == ("72 Zellen hatten Leerzeichen.", "72 Stellen")


def test_was_der_befund_nicht_mehr_aufzaehlt_wird_gezaehlt() -> None:
    found = replace(ENDE, anzahl=812, stellen=tuple(stelle(WJH, n) for n in range(1, 501)))
    rows = zeilen(liste(found))
    assert len(rows) == 501
    assert (rows[-1]["Datei"], rows[-1]["Betrifft"]) == (WJH, "und 312 weitere")


def test_ein_hinweis_nennt_keine_zeilen() -> None:
    hint = Finding("R-F40", H, "Selten.", "fall", anzahl=2, stellen=(stelle(WJH, 4),) * 2)
    (row,) = zeilen(liste(hint))
    assert (row["Datei"], row["Zeile"], row["Betrifft"]) == (WJH, None, "2 Stellen")


def test_kein_schluessel_und_kein_wert_steht_in_der_liste() -> None:
    """A key may be a person's, a group's is not; where a row has no number it is still a row."""
    row = stelle(WJH, 7, hilfe_id="Kanarz", hilfeart="Kanarz")
    without = stelle(WJH, None, hilfe_id="Kanarz", andere="KeinePerson", geburtsmonat="Kanarz")
    group = Finding("R-X06", W, "y", "zahlung", stellen=(stelle(SAP, None, hilfeart="20"),))
    mappe = liste(replace(ENDE, anzahl=2, stellen=(row, without)), group)
    with zipfile.ZipFile(io.BytesIO(mappe)) as parts:
        assert "Kanarz" not in "".join(parts.read(n).decode() for n in parts.namelist())
    title = catalogue.tabelle("fall").spalte("hilfeart").bezeichnung
    assert zeilen(mappe)[0]["Betrifft"] == f"{title}: 20"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_was_wie_eine_formel_beginnt_bleibt_text(text: str) -> None:
    mappe = liste(replace(ENDE, meldung=text, tun=text, stellen=(stelle(f"={WJH}", 1),)))
    cells = [c for s in openpyxl.load_workbook(io.BytesIO(mappe)) for r in s for c in r]
    assert not [c for c in cells if c.data_type == "f"]
    begun = [c for c in cells if isinstance(c.value, str) and c.value.startswith((text, "="))]
    assert begun and all(c.quotePrefix for c in begun)


def test_gleiche_befunde_gleiche_bytes_und_ein_kopf_der_stehen_bleibt() -> None:
    mappe = liste(replace(ENDE, stellen=(stelle(WJH, 1),)))
    assert mappe == liste(replace(ENDE, stellen=(stelle(WJH, 1),)))
    sheet = openpyxl.load_workbook(io.BytesIO(mappe))["Fehlerliste"]
    assert sheet.freeze_panes == "B2" and sheet.column_dimensions["H"].width > 50


def test_ohne_befund_ist_die_liste_leer() -> None:
    assert {v for row in zeilen(liste()) for v in row.values()} == {None}


def test_eine_datei_die_kein_excel_ist_wird_vorher_abgelehnt(tmp_path: Path, capsys) -> None:
    root = str(bare_project(tmp_path / "p").root)
    assert main(["check", "--projekt", root, "--liste", "liste.csv"]) == 2
    assert ".xlsx" in capsys.readouterr().err


def test_die_liste_der_musterstadt_zaehlt_was_ihre_befunde_zaehlen(eingelesen: Stadt) -> None:
    (stored,) = (eingelesen.projekt.processed / "2025-06-30").rglob("befunde.json")
    raw = json.loads(stored.read_bytes())
    told = TypeAdapter(tuple[Finding, ...]).validate_python(raw)
    plain = [b for b in raw if b["regel"] != "R-S08"]
    mappe = liste(*told)
    rows, files = zeilen(mappe), zeilen(mappe, "Übersicht")
    expected = Counter(
        (s["datei"], s["zeile"], b["regel"])
        for b in plain if b["schwere"] != "hinweis" for s in b["stellen"]
    )  # fmt: skip
    assert sum(expected.values()) == sum(b["anzahl"] for b in plain if b["schwere"] != "hinweis")
    assert Counter(
        (r["Datei"], r["Zeile"], r["Regel"]) for r in rows if r["Art"] != "Hinweis"
    ) == expected  # fmt: skip
    hints = [b for b in plain if b["schwere"] == "hinweis"]
    assert (
        sum(r["Art"] == "Hinweis" for r in rows) == len(hints) == sum(f["Hinweise"] for f in files)
    )
    warned = {(f, b["regel"], b["tabelle"]) for b in plain if b["schwere"] == "warnung"
              for f in {s["datei"] for s in b["stellen"]}}  # fmt: skip
    assert sum(f["Warnungen"] for f in files) == len(warned) > 0
    keys = {v for b in plain for s in b["stellen"] for k, v in s["schluessel"].items()
            if k.endswith("_id")}  # fmt: skip
    assert keys and not keys & {v for r in rows for v in r.values()}
