"""XLSX, Parquet and their particular mess."""

from __future__ import annotations

import io
import resource
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mess.bauen import befunde, einer, lies, profil, xlsx

from sozcontrol.findings import Schwere
from sozcontrol.intake import Zahlzelle
from sozcontrol.intake.values import value_text

BUDGET = """
profil: test_budget
system: Planung
lieferant: Kämmerei
beschreibung: Plan und Ist über Monate, zweizeiliger Kopf
dateien:
  - name: Plan
    muster: plan*.xlsx
    format: xlsx
    kopf: {zeilen: 2}
    tabellen:
      - tabelle: budget
        schmelzen: {wert: Wert, muster: 'Plan \\| (?P<Monat>[A-Z][a-z]{2} \\d\\d)'}
        spalten:
          jahr: {konstant: '2025'}
          produkt: Produkt
          konto: Konto
          art: {konstant: ansatz}
          wirksam_ab: {aus: Monat, format: '%b %y'}
          betrag_eur: {aus: Wert, einheit: T€, faktor: 1000}
"""
TITEL = [["Haushaltsplan"], [None], ["Stand 01.01.2025"]]
KOPF = [
    ["Produkt", "Konto", "Plan", None, "Ist", None],
    [None, None, "Jan 25", "Dez 25", "Jan 25", "Dez 25"],
]
VERBUNDEN = [(3, 2, 3, 3, "Plan"), (3, 4, 3, 5, "Ist")]
ZEILEN = [["3633", 533100, 1.5, 2, 9, 9], ["3634", 533200, -0.25, None, 9, 9]]


def plan(zeilen=ZEILEN, **mess) -> bytes:
    return xlsx([*TITEL, *KOPF, *zeilen], verbinden=VERBUNDEN, **mess)


def monate(tidied) -> list[tuple]:
    names = ("produkt", "konto", "wirksam_ab", "betrag_eur", "zeile_quelle")
    return [tuple(row[n] for n in names) for row in tidied.tables["budget"].to_pylist()]


ERWARTET = [
    ("3633", "533100", date(2025, 1, 1), Decimal("1500.00"), 6),
    ("3633", "533100", date(2025, 12, 1), Decimal("2000.00"), 6),
    ("3634", "533200", date(2025, 1, 1), Decimal("-250.00"), 7),
]


def test_drei_titelzeilen_und_verbundener_zweizeiliger_kopf(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"plan.xlsx": plan()}, profil(BUDGET))
    assert befunde(tidied, Schwere.FEHLER) == set()
    assert monate(tidied) == ERWARTET
    assert "leere Zellen" in einer(tidied, "R-I31").meldung


def test_verborgene_zeilen_werden_gelesen_und_gemeldet(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"plan.xlsx": plan(verborgen=[6])}, profil(BUDGET))
    assert ("R-I23", "budget") in befunde(tidied, Schwere.WARNUNG)
    assert monate(tidied) == ERWARTET


def test_ein_aktiver_filter_wird_gemeldet(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"plan.xlsx": plan(filter_an=True)}, profil(BUDGET))
    assert "Filter" in einer(tidied, "R-I23").meldung


@pytest.mark.parametrize(
    "formel, wert, regel",
    [
        pytest.param("=1/0", "#DIV/0!", "R-I32", id="Fehlerzelle"),
        pytest.param("=#REF!", "#REF!", "R-I32", id="Bezug"),
        pytest.param("=A1", "", "R-I32", id="Formel ohne Ergebnis"),
        pytest.param("=1+0.5", 1.5, None, id="Formel mit Ergebnis"),
    ],
)
def test_fehlerzellen_und_unberechnete_formeln_sind_nicht_leer(
    tmp_path: Path, formel: str, wert: object, regel: str | None
) -> None:
    data = plan(formeln={(5, 2): (formel, wert)})
    _, tidied = lies(tmp_path, {"plan.xlsx": data}, profil(BUDGET))
    assert befunde(tidied, Schwere.FEHLER) == ({(regel, "budget")} if regel else set())
    if regel:
        assert [s.zeile for s in einer(tidied, regel).stellen] == [6]


def test_eine_fehlerzelle_in_einer_fremden_spalte_stoert_nicht(tmp_path: Path) -> None:
    data = plan(formeln={(5, 4): ("=1/0", "#DIV/0!")})
    _, tidied = lies(tmp_path, {"plan.xlsx": data}, profil(BUDGET))
    assert monate(tidied) == ERWARTET


def test_das_falsche_blatt_wird_mit_den_vorhandenen_genannt(tmp_path: Path) -> None:
    _, tidied = lies(tmp_path, {"plan.xlsx": plan()}, profil(BUDGET, {"blatt": "Plan"}))
    assert "Vorhanden sind Blatt Nr. 1 (»Aaaaa«)." in einer(tidied, "R-I04").meldung


TYPEN = """
profil: test_typen
system: x
lieferant: x
beschreibung: x
dateien:
  - name: Z
    muster: z*
    format: {format}
    tabellen:
      - tabelle: zahlung
        spalten:
          zahlung_id: Nr
          hilfe_id: {{aus: Hilfe, laenge: 3}}
          leistungsmonat: {{aus: Monat, format: '%m/%Y'}}
          betrag_eur: {{aus: Betrag, einheit: EUR}}
          art: {{konstant: leistung}}
          buchung_am: {{aus: Am, format: '%d.%m.%Y'}}
"""
TYPENKOPF = ["Nr", "Hilfe", "Monat", "Betrag", "Am"]


def test_zahlzellen_und_textzellen_einer_spalte_bedeuten_was_sie_zeigen(tmp_path: Path) -> None:
    rows = [
        [1, "007", "01/2025", 1.25, date(2025, 1, 2)],
        [2, "007", "01/2025", "1.234", "02.01.2025"],
        [3, "007", "01/2025", "1.234,50-", "02.01.2025"],
        [4, "007", "01/2025", 0.1 + 0.2, date(2025, 1, 2)],
        [5, "007", "01/2025", 1e6, "2025-01-02 00:00:00"],
    ]
    _, tidied = lies(
        tmp_path, {"z.xlsx": xlsx([TYPENKOPF, *rows])}, profil(TYPEN.format(format="xlsx"))
    )
    table = tidied.tables["zahlung"]
    assert table["betrag_eur"].to_pylist() == [
        Decimal("1.25"),
        Decimal("1234.00"),
        Decimal("-1234.50"),
        Decimal("0.30"),
        Decimal("1000000.00"),
    ]
    assert set(table["buchung_am"].to_pylist()) == {date(2025, 1, 2)}
    assert table["zahlung_id"].to_pylist() == ["1", "2", "3", "4", "5"]
    assert befunde(tidied) == {("R-I16", "zahlung")}


def test_fuehrende_nullen_und_abgeschnittene_nummern_in_excel(tmp_path: Path) -> None:
    rest = ["01/2025", 1, date(2025, 1, 2)]
    rows = [[1, 7, *rest], [1.23456789012345e17, "007", *rest]]
    _, tidied = lies(
        tmp_path, {"z.xlsx": xlsx([TYPENKOPF, *rows])}, profil(TYPEN.format(format="xlsx"))
    )
    assert befunde(tidied) == {("R-I18", "zahlung"), ("R-I17", "zahlung")}
    assert [s.zeile for s in einer(tidied, "R-I17").stellen] == [3]


def test_parquet_gibt_dieselben_werte(tmp_path: Path) -> None:
    table = pa.table(
        {
            "Nr": pa.array([1, 2]),
            "Hilfe": pa.array(["007", "008"]).dictionary_encode(),
            "Monat": ["01/2025", "02/2025"],
            "Betrag": pa.array([Decimal("1234.56"), Decimal("-2.00")], pa.decimal128(14, 2)),
            "Am": pa.array([date(2025, 1, 2), date(2025, 2, 3)]),
        }
    )
    stream = io.BytesIO()
    pq.write_table(table, stream)
    _, tidied = lies(
        tmp_path, {"z.parquet": stream.getvalue()}, profil(TYPEN.format(format="parquet"))
    )
    assert befunde(tidied) == set()
    rows = tidied.tables["zahlung"].to_pylist()
    assert [(r["betrag_eur"], r["buchung_am"], r["zeile_quelle"]) for r in rows] == [
        (Decimal("1234.56"), date(2025, 1, 2), 2),
        (Decimal("-2.00"), date(2025, 2, 3), 3),
    ]


@pytest.mark.parametrize(
    "wert, text",
    [
        (5, "5"), (5.0, "5"), (1.25, "1.25"), (True, "wahr"), (None, ""), (1e-7, "0.0000001"),
        (Decimal("3.00"), "3"), (Decimal("3.10"), "3.10"), (date(2020, 12, 31), "2020-12-31"),
        (1e15, "1e+15"), ("00123", "00123"),
    ],
)  # fmt: skip
def test_zellen_werden_treu_zu_text(wert: object, text: str) -> None:
    assert value_text(wert) == text
    assert isinstance(value_text(wert), Zahlzelle) == ("." in text or text == "1e+15")


def _umgepackt(data: bytes, **teile: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            key = info.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(info.filename, teile.get(key, old.read(info.filename)))
    return out.getvalue()


def bombe() -> bytes:
    row = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    return _umgepackt(plan(), sheet1=_blatt(row * (300 * 2**20 // len(row))))


def _blatt(zeilen: bytes) -> bytes:
    return b"<worksheet><sheetData>" + zeilen + b"</sheetData></worksheet>"


def weites_blatt() -> bytes:
    first = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    last = b'<row r="900000"><c r="XFD900000"><v>1</v></c></row>'
    return _umgepackt(plan(), sheet1=_blatt(first + last))


def entitaeten() -> bytes:
    book = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><workbook><sheets/></workbook>'
    return _umgepackt(plan(), workbook=book)


def gelogene_groesse() -> bytes:
    data = bytearray(plan())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


KAPUTT = {
    "ZIP-Bombe": bombe,
    "Blatt bis XFD900000 mit zwei Zellen": weites_blatt,
    "Entitäten": entitaeten,
    "gelogene Größe": gelogene_groesse,
    "abgeschnitten": lambda: plan()[:-200],
    "ein anderes ZIP": lambda: _zip({"brief.txt": b"x"}),
    "HTML mit Endung XLSX": lambda: b"<html><table></table></html>",
    "altes oder verschlüsseltes Excel": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
}


def _zip(teile: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, data in teile.items():
            new.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("bauen", KAPUTT.values(), ids=KAPUTT.keys())
def test_kaputte_und_boesartige_mappen_sind_ein_befund(tmp_path: Path, bauen) -> None:
    data = bauen()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, tidied = lies(tmp_path, {"plan.xlsx": data}, profil(BUDGET))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert befunde(tidied) == {("R-I08", "budget")}
    assert grown < 100 * 1024, "reading it must not take the memory it claims"


def test_ein_blatt_bis_zur_letzten_zeile_von_excel_ist_abgeschnitten(tmp_path: Path) -> None:
    sheet = _blatt(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>')
    _, tidied = lies(tmp_path, {"plan.xlsx": _umgepackt(plan(), sheet1=sheet)}, profil(BUDGET))
    assert befunde(tidied) == {("R-I30", "budget")}


def test_zwei_blaetter_einer_mappe_speisen_zwei_tabellen(tmp_path: Path) -> None:
    text = """
profil: test_mappe
system: x
lieferant: x
beschreibung: x
dateien:
  - {name: A, muster: 'mappe.xlsx', format: xlsx, blatt: Konten, tabellen: [
     {tabelle: map_konto, spalten: {konto: Konto, konto_name: Name, konto_art: Art,
      ist_soziale_sicherung: Sozial}}]}
  - {name: B, muster: 'mappe.xlsx', format: xlsx, blatt: Gebiete, tabellen: [
     {tabelle: gebiet, spalten: {gebiet_id: Id, typ: Typ, name: Name, gueltig_von: Von}}]}
"""
    import openpyxl

    book = openpyxl.Workbook()
    konten, gebiete = book.active, book.create_sheet("Gebiete")
    konten.title = "Konten"
    for row in (["Konto", "Name", "Art", "Sozial"], [533100, "Hilfen", "Aufwand", "ja"]):
        konten.append(row)
    for row in (["Id", "Typ", "Name", "Von"], ["S", "stadt", "Stadt", date(2020, 1, 1)]):
        gebiete.append(row)
    stream = io.BytesIO()
    book.save(stream)
    _, tidied = lies(tmp_path, {"mappe.xlsx": stream.getvalue()}, profil(text))
    assert befunde(tidied) == set()
    assert tidied.tables["map_konto"]["konto"].to_pylist() == ["533100"]
    assert tidied.tables["gebiet"]["gueltig_von"].to_pylist() == [date(2020, 1, 1)]
