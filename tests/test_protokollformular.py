"""From the form of a session's protocol, filled in, to the next radar of decisions."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import ibis
import openpyxl
import pytest
from monatsdateien import Daten, liefere, roh

from sozcontrol import catalogue
from sozcontrol.auskunft import protokollformular
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.findings import Schwere
from sozcontrol.intake import read_delivery
from sozcontrol.measures import beschluesse
from sozcontrol.projekt import Projekt
from sozcontrol.tidy import Pseudonymiser, to_tables

STICHTAG, DATENSTAND, SITZUNG = date(2025, 6, 30), date(2025, 7, 21), date(2025, 6, 11)
PROFILE = ("musterstadt_steuerung", "sitzungsprotokoll")


@pytest.fixture(scope="module")
def geliefert(tmp_path_factory) -> tuple[Path, Daten]:
    return liefere(tmp_path_factory.mktemp("protokoll"), STICHTAG, PROFILE)


def lies(ordner: Path) -> tuple[Daten, list]:
    """Read a delivery again, as a run does."""
    kommune = catalogue.kommune("musterstadt").model_copy(update={"profile": PROFILE})
    read = read_delivery(ordner, kommune, stichtag=STICHTAG, datenstand=DATENSTAND)
    made = to_tables(read, Pseudonymiser(b"k" * 32, "test"))
    con = ibis.duckdb.connect()
    for name, table in made.tables.items():
        con.con.register(name, table)
    found = [*read.findings, *made.findings]
    names = tuple(made.tables)
    return Daten(con=con, stichtag=STICHTAG, datenstand=DATENSTAND, tabellen=names), found


def punkte(daten: Daten) -> dict[tuple[str, int], dict]:
    return {(p["vorlage"], p["punkt"]): p for p in beschluesse.stand(daten)}


def spalten(sheet) -> dict[str, int]:
    return {str(c.value): c.column for c in sheet[protokollformular.KOPFZEILE + 1] if c.value}


def trage_ein(sheet, zeile: int, **werte: object) -> None:
    where = spalten(sheet)
    for name, value in werte.items():
        sheet.cell(zeile, where[name.replace("_", " ")], value)


def test_der_ausgefuellte_vordruck_steht_im_naechsten_radar(
    geliefert: tuple[Path, Daten],
) -> None:
    ordner, daten = geliefert
    before = punkte(daten)
    book = openpyxl.load_workbook(
        io.BytesIO(protokollformular.form(daten, SITZUNG, "Musterstadt"))
    )  # fmt: skip
    reports, first = book["Berichte"], protokollformular.KOPFZEILE + 2
    rows = {
        (reports.cell(r, 1).value, reports.cell(r, 2).value): r
        for r in range(first, reports.max_row + 1)
    }
    assert set(rows) == {k for k, p in before.items() if p["lage"] != beschluesse.FERTIG}
    late = ("BV/0012/2024", 1)
    assert before[late]["lage"] == beschluesse.UEBERFAELLIG
    trage_ein(reports, rows[late], Status="umgesetzt", Sachstand="Die Liste ist abgebaut.")
    other = ("BV/0118/2022", 1)
    trage_ein(reports, rows[other], Status="in Arbeit", nächster_Termin=datetime(2026, 3, 31),
              Wiedervorlage="10.12.2025")  # fmt: skip
    trage_ein(book["Zusagen"], first, Vorlage="BV/0118/2022", Punkt=1, Zusage="Entwurf vorlegen",
              bis=datetime(2025, 6, 20))  # fmt: skip
    trage_ein(book["Beschlüsse"], first, Vorlage="BV/0099/2025", Punkt=1, Beschluss="Probe",
              Gremium="Sozialausschuss", vom=datetime(2025, 6, 11), bis=datetime(2025, 12, 31),
              zuständig="PL")  # fmt: skip
    book.save(ordner / "Sitzungsprotokoll_20250611.xlsx")
    again, findings = lies(ordner)
    assert [f for f in findings if f.schwere is Schwere.FEHLER] == []
    after = punkte(again)
    assert after[late]["lage"] == beschluesse.FERTIG and after[late]["fertig_am"] == SITZUNG
    assert after[other]["faellig_am"] == date(2026, 3, 31)
    assert after[other]["verschiebungen"] == before[other]["verschiebungen"] + 1
    assert after[other]["wiedervorlage"] == date(2025, 12, 10)
    promised = beschluesse.vergessene(again)
    assert len(promised) == len(beschluesse.vergessene(daten)) + 1  # due on 20.06., never told of
    assert after["BV/0099/2025", 1]["lage"] == beschluesse.OFFEN
    unchanged = set(before) - {late, other}
    assert {k: after[k]["lage"] for k in unchanged} == {k: before[k]["lage"] for k in unchanged}


def test_ein_leerer_vordruck_aendert_nichts(geliefert: tuple[Path, Daten], tmp_path: Path) -> None:
    ordner, daten = geliefert
    copy = tmp_path / DATENSTAND.isoformat()
    copy.mkdir()
    for path in ordner.glob("*.csv"):
        (copy / path.name).write_bytes(path.read_bytes())
    form = protokollformular.form(daten, SITZUNG, "Musterstadt")
    (copy / "Sitzungsprotokoll_20250611.xlsx").write_bytes(form)
    again, findings = lies(copy)
    assert punkte(again) == punkte(daten)
    assert [f for f in findings if f.schwere is Schwere.FEHLER] == []


def test_der_vordruck_bietet_die_worte_und_gibt_gleiche_bytes(
    geliefert: tuple[Path, Daten],
) -> None:
    ordner, daten = geliefert
    form = protokollformular.form(daten, SITZUNG, "Musterstadt")
    assert form == protokollformular.form(daten, SITZUNG, "Musterstadt")
    book = openpyxl.load_workbook(io.BytesIO(form))
    (offered,) = book["Berichte"].data_validations.dataValidation
    words = set(roh(ordner, "Steuerung_Umsetzungsberichte", "utf-8-sig")["Status"])
    assert words <= {*offered.formula1.strip('"').split(",")}
    numbers = roh(ordner, "Steuerung_Zusagen", "utf-8-sig")["Nr."].astype(int)
    promises = book["Zusagen"]
    first = promises.cell(protokollformular.KOPFZEILE + 2, spalten(promises)["Nr."])
    assert first.value == numbers.max() + 1


def test_ohne_beschluesse_oder_mit_fremdem_namen_gibt_es_keinen_vordruck(
    geliefert: tuple[Path, Daten], tmp_path: Path
) -> None:
    _, daten = geliefert
    bare = Daten(con=daten.con, stichtag=STICHTAG, datenstand=DATENSTAND, tabellen=("ziel",))
    with pytest.raises(DeliveryMissing, match="keine Beschlüsse"):
        protokollformular.form(bare, SITZUNG, "Musterstadt")
    with pytest.raises(UsageError, match="erkennt das Profil"):
        protokollformular.protocol_form(Projekt(tmp_path), SITZUNG, "protokoll.xlsx")


def test_der_vordruck_kennt_was_am_tag_der_sitzung_geliefert_war(
    tmp_path: Path, monkeypatch
) -> None:
    """A delivery of a later Stichtag, or a later one of the same, was not there yet."""
    there = [("2025-06-30", "2025-07-21"), ("2025-08-31", "2025-09-21"),
             ("2025-08-31", "2025-12-11"), ("2025-12-31", "2026-01-21")]  # fmt: skip
    known = [{"stichtag": s, "datenstand": d} for s, d in there]
    monkeypatch.setattr(protokollformular.store, "deliveries", lambda projekt: known)
    found = protokollformular._delivery(Projekt(tmp_path), date(2025, 12, 10))
    assert found == (date(2025, 8, 31), date(2025, 9, 21))
