"""SQL sources: against SQLite in a file, and against a real PostgreSQL server."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from mess.bauen import DATENSTAND, KOMMUNE, STICHTAG, befunde, einer, lies, profil
from postgres_server import postgres_server
from press_fixtures import bare_project

from sozcontrol import catalogue
from sozcontrol.cli import main
from sozcontrol.findings import Schwere
from sozcontrol.intake import Zahlzelle, fingerprint, take_snapshots
from sozcontrol.intake.abzug import read_snapshot, snapshot
from sozcontrol.intake.model import Grid
from sozcontrol.vorschlag.datenbanksicht import read_table, tables_text

PROFIL = """
profil: test_sql
system: Data Warehouse
lieferant: IT
beschreibung: Zahlungen aus einer Datenbank
dateien:
  - name: Zahlungen
    format: sql
    url_variable: TEST_DWH_URL
    abfrage: SELECT nr, hilfe, monat, betrag, am FROM zahlungen ORDER BY nr
    tabellen:
      - tabelle: zahlung
        spalten:
          zahlung_id: NR
          hilfe_id: hilfe
          leistungsmonat: {aus: monat, format: '%m/%Y'}
          betrag_eur: {aus: betrag, einheit: EUR}
          art: {konstant: leistung}
          buchung_am: am
"""
ABZUG = "test_sql.zahlungen.abzug.jsonl"
CREATE = "CREATE TABLE zahlungen (nr integer, hilfe text, monat text, betrag {zahl}, am {tag})"
INSERT = """INSERT INTO zahlungen VALUES
    (1, '007', '01/2025', 1234.50, '2025-01-02'), (2, '008', '02/2025', -3, '2025-02-03')"""


@pytest.fixture
def sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "dwh.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(CREATE.format(zahl="numeric", tag="text"))
    connection.execute(INSERT)
    connection.commit()
    connection.close()
    monkeypatch.setenv("TEST_DWH_URL", f"sqlite:///{path}")
    return path


def erwartet(tidied) -> None:
    assert befunde(tidied) == set()
    rows = tidied.tables["zahlung"].to_pylist()
    names = ("zahlung_id", "leistungsmonat", "betrag_eur", "buchung_am", "zeile_quelle")
    assert [tuple(row[n] for n in names) for row in rows] == [
        ("1", date(2025, 1, 1), Decimal("1234.50"), date(2025, 1, 2), 2),
        ("2", date(2025, 2, 1), Decimal("-3.00"), date(2025, 2, 3), 3),
    ]
    assert all(len(r["hilfe_id"]) == 20 for r in rows)


def test_sqlite_liefert_typisierte_zeilen(tmp_path: Path, sqlite: Path) -> None:
    delivery, tidied = lies(tmp_path / "lieferung", {}, profil(PROFIL))
    erwartet(tidied)
    (file,) = delivery.dateien
    assert file.name == ABZUG
    content = (tmp_path / "lieferung" / ABZUG).read_bytes()
    assert (file.sha256, file.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    kept = [p for p in (tmp_path / "lieferung").iterdir() if p.stat().st_mode & 0o077]
    assert kept == []


def test_der_abzug_bleibt_was_er_war_bis_ihn_jemand_loescht(tmp_path: Path, sqlite: Path) -> None:
    """A database knows only today; the delivery of that day must give the same figures later."""
    folder = tmp_path / "lieferung"
    _, before = lies(folder, {}, profil(PROFIL))
    aendere(sqlite, "UPDATE zahlungen SET betrag = 7 WHERE nr = 2")
    _, again = lies(folder, {}, profil(PROFIL))
    sqlite.rename(sqlite.with_name("weg"))
    _, offline = lies(folder, {}, profil(PROFIL))
    assert before.tables["zahlung"].equals(again.tables["zahlung"])
    assert before.tables["zahlung"].equals(offline.tables["zahlung"])
    sqlite.with_name("weg").rename(sqlite)
    for path in folder.iterdir():
        path.unlink()
    _, anew = lies(folder, {}, profil(PROFIL))
    assert anew.tables["zahlung"]["betrag_eur"].to_pylist() == [Decimal("1234.50"), Decimal(7)]


@pytest.mark.parametrize(
    ("alt", "neu", "regel"),
    [
        pytest.param(b"1234.5", b"1234.6", "R-I30", id="verändert"),
        pytest.param(b'"am"', b'"an"', "R-I08", id="ohne Tag"),
        pytest.param(b'["1"', b'[["1"]', "R-I08", id="keine Zelle"),
        pytest.param(b'"zahl"', b'"x"', "R-I08", id="keine Zahl"),
    ],
)
def test_ein_beschaedigter_abzug_wird_nicht_gelesen(
    tmp_path: Path, sqlite: Path, alt: bytes, neu: bytes, regel: str
) -> None:
    lies(tmp_path, {}, profil(PROFIL))
    path = tmp_path / ABZUG
    assert alt in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(alt, neu))
    if regel == "R-I08":
        (tmp_path / f"{ABZUG}.sha256").unlink()
    _, tidied = lies(tmp_path, {}, profil(PROFIL))
    assert befunde(tidied, Schwere.FEHLER) == {(regel, "zahlung")}


def test_ein_abzug_einer_anderen_abfrage_gilt_nicht(tmp_path: Path, sqlite: Path) -> None:
    lies(tmp_path, {}, profil(PROFIL))
    other = profil(PROFIL, {"abfrage": "SELECT nr, hilfe, monat, betrag, am FROM zahlungen"})
    _, tidied = lies(tmp_path, {}, other)
    assert befunde(tidied, Schwere.FEHLER) == {("R-I33", "zahlung")}


def test_ein_abzug_an_einem_anderen_tag_als_dem_datenstand_wird_genannt(
    tmp_path: Path, sqlite: Path
) -> None:
    _, tidied = lies(tmp_path, {}, profil(PROFIL))
    hint = einer(tidied, "R-I33")
    assert hint.schwere is Schwere.HINWEIS and f"{date.today():%d.%m.%Y}" in hint.meldung
    path = tmp_path / ABZUG
    path.write_bytes(
        path.read_bytes().replace(f"{date.today()}".encode(), f"{DATENSTAND}".encode())
    )
    (tmp_path / f"{ABZUG}.sha256").unlink()
    assert not [f for f in lies(tmp_path, {}, profil(PROFIL))[1].findings if f.regel == "R-I33"]


ZELLEN = st.text() | st.decimals(allow_nan=False, allow_infinity=False).map(
    lambda d: Zahlzelle(f"{d:f}")
)


EINTRAG = profil(PROFIL).dateien[0]


@settings(max_examples=40)
@given(st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(ZELLEN, min_size=n, max_size=n), min_size=1, max_size=4)
))  # fmt: skip
def test_ein_abzug_verliert_keine_zelle(rows: list[list[str]]) -> None:
    """Line breaks of all alphabets, quotes, numbers beside texts that look like them."""
    names = [str(c) for c in rows[0]]
    rows = [[c.encode("utf-8", "replace").decode() if type(c) is str else c for c in row]
            for row in rows]  # fmt: skip
    names = [n.encode("utf-8", "replace").decode() for n in names]
    data = snapshot(Grid([names, *rows], typisiert=True), EINTRAG, DATENSTAND)
    grid, am = read_snapshot(data, EINTRAG)
    assert grid.zellen == [names, *rows] and am == DATENSTAND
    assert [[type(c) for c in row] for row in grid.zellen[1:]] == [
        [type(c) for c in row] for row in rows
    ]


def aendere(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()


def anzahl(path: Path) -> int:
    connection = sqlite3.connect(path)
    (number,) = connection.execute("SELECT count(*) FROM zahlungen").fetchone()
    connection.close()
    return number


def test_ohne_umgebungsvariable_ist_die_tabelle_blockiert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_DWH_URL", raising=False)
    _, tidied = lies(tmp_path / "lieferung", {}, profil(PROFIL))
    assert befunde(tidied, Schwere.FEHLER) == {("R-I33", "zahlung")}
    assert "TEST_DWH_URL" in einer(tidied, "R-I33").meldung


@pytest.mark.parametrize(
    "adresse",
    [
        pytest.param("postgresql+psycopg://chef:geheim99@127.0.0.1:9/dwh", id="niemand da"),
        pytest.param("gibtsnicht://chef:geheim99@server/dwh", id="unbekannter Treiber"),
        pytest.param("keine Adresse mit geheim99", id="keine Adresse"),
        pytest.param("sqlite:////gibt/es/nicht/geheim99.db", id="keine Datei"),
    ],
)
def test_kein_fehler_einer_datenbank_zeigt_adresse_oder_kennwort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adresse: str
) -> None:
    monkeypatch.setenv("TEST_DWH_URL", adresse)
    _, tidied = lies(tmp_path / "lieferung", {}, profil(PROFIL))
    shown = str(einer(tidied, "R-I33").as_dict())
    assert "geheim99" not in shown
    assert "chef" not in shown
    assert "127.0.0.1" not in shown


def test_eine_falsche_abfrage_ist_ein_befund(tmp_path: Path, sqlite: Path) -> None:
    wrong = profil(PROFIL, {"abfrage": "SELECT name FROM personen WHERE name = 'Lüdenscheidt'"})
    _, tidied = lies(tmp_path / "lieferung", {}, wrong)
    assert "Lüdenscheidt" not in str(einer(tidied, "R-I33").as_dict())


@pytest.mark.parametrize(
    "schreibt",
    [
        "WITH x AS (SELECT 1) DELETE FROM zahlungen",
        "WITH x AS (SELECT 1) INSERT INTO zahlungen (nr) SELECT 9",
    ],
)
def test_eine_abfrage_kann_nichts_schreiben(tmp_path: Path, sqlite: Path, schreibt: str) -> None:
    _, tidied = lies(tmp_path, {}, profil(PROFIL, {"abfrage": schreibt}))
    assert einer(tidied, "R-I33").schwere is Schwere.FEHLER
    assert anzahl(sqlite) == 2


@pytest.mark.parametrize("abfrage", ["DELETE FROM zahlungen", "-- SELECT\nDROP TABLE zahlungen"])
def test_was_keine_abfrage_ist_nimmt_kein_profil_an(abfrage: str) -> None:
    with pytest.raises(ValueError, match="SELECT oder WITH"):
        profil(PROFIL, {"abfrage": abfrage})


def test_statt_des_namens_einer_variablen_steht_keine_adresse_im_profil() -> None:
    with pytest.raises(ValueError):
        profil(PROFIL, {"url_variable": "sqlite:///dwh.db"})


def test_die_adresse_kann_in_einer_datei_stehen_die_nur_wir_lesen(
    tmp_path: Path, sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "adresse"
    secret.write_text(f"sqlite:///{sqlite}\n")
    secret.chmod(0o600)
    monkeypatch.delenv("TEST_DWH_URL")
    monkeypatch.setenv("TEST_DWH_URL_DATEI", str(secret))
    erwartet(lies(tmp_path / "a", {}, profil(PROFIL))[1])
    secret.chmod(0o640)
    _, tidied = lies(tmp_path / "b", {}, profil(PROFIL))
    found = einer(tidied, "R-I33")
    assert found.schwere is Schwere.FEHLER and "chmod 600" in (found.tun or "")
    assert str(sqlite) not in str(found.as_dict())


def test_ein_fehlender_treiber_wird_mit_dem_gesagt_was_zu_installieren_ist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DWH_URL", "mssql+pyodbc://chef:geheim99@server/dwh")
    _, tidied = lies(tmp_path, {}, profil(PROFIL))
    found = einer(tidied, "R-I33")
    assert "mssql" in found.meldung and "pip install 'pyodbc'" in (found.tun or "")
    assert "geheim99" not in str(found.as_dict())


@pytest.mark.parametrize("adresse", ["duckdb:////wo/geheim99.db", "geheim99://chef@server/dwh"])
def test_eine_art_von_datenbank_ohne_treiber_wird_nicht_beim_namen_genannt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adresse: str
) -> None:
    """Where the address is muddled its beginning may be anything."""
    monkeypatch.setenv("TEST_DWH_URL", adresse)
    _, tidied = lies(tmp_path, {}, profil(PROFIL))
    found = einer(tidied, "R-I33")
    assert "kein Treiber eingerichtet" in found.meldung and "duckdb-engine" in (found.tun or "")
    assert "geheim99" not in str(found.as_dict())


def test_der_fingerabdruck_haengt_am_abzug(
    tmp_path: Path, sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "profil", {"test_sql": profil(PROFIL)}.__getitem__)
    kommune = KOMMUNE.model_copy(update={"profile": ("test_sql",)})
    folder = tmp_path / "lieferung"
    folder.mkdir()
    empty = fingerprint(folder, kommune)
    take_snapshots(folder, kommune, STICHTAG)
    before = fingerprint(folder, kommune)
    assert before != empty
    aendere(sqlite, "DELETE FROM zahlungen WHERE nr = 2")
    take_snapshots(folder, kommune, STICHTAG)
    assert fingerprint(folder, kommune) == before
    (folder / ABZUG).unlink()
    take_snapshots(folder, kommune, STICHTAG)
    assert fingerprint(folder, kommune) not in (before, empty)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Return the address of a running server."""
    with postgres_server() as folder:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"


@pytest.mark.server
def test_ein_wirkliches_postgresql_liefert_dasselbe_wie_sqlite(
    tmp_path: Path, postgres: str, sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    engine = create_engine(postgres, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(CREATE.format(zahl="numeric(14,2)", tag="date")))
        connection.execute(text(INSERT))
    _, from_sqlite = lies(tmp_path / "a", {}, profil(PROFIL))
    monkeypatch.setenv("TEST_DWH_URL", postgres)
    _, tidied = lies(tmp_path / "b", {}, profil(PROFIL))
    erwartet(tidied)
    drop = ["lieferung_id"]
    other = from_sqlite.tables["zahlung"].drop_columns(drop)
    assert tidied.tables["zahlung"].drop_columns(drop).equals(other)


@pytest.mark.server
def test_ein_falsches_kennwort_an_postgresql_bleibt_verborgen(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_DWH_URL", postgres.replace("postgres@", "niemand:geheim99@"))
    _, tidied = lies(tmp_path, {}, profil(PROFIL))
    shown = str(einer(tidied, "R-I33").as_dict())
    assert "geheim99" not in shown
    assert "niemand" not in shown


@pytest.mark.server
def test_postgresql_zeigt_seine_tabellen_und_laesst_nichts_schreiben(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names with signs that SQL, drivers and SQLAlchemy each read otherwise come through."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    odd = "Anteil % : x"
    engine = create_engine(postgres, poolclass=NullPool)
    with engine.begin() as connection:
        for sql in (
            "CREATE SCHEMA dwh",
            "CREATE SEQUENCE dwh.folge",
            r'CREATE TABLE dwh."Zahl" (nr integer PRIMARY KEY, "Anteil % \: x" numeric(5,2))',
            'INSERT INTO dwh."Zahl" VALUES (2, 0.5), (1, 0.25)',
            'CREATE VIEW dwh.sicht AS SELECT nr FROM dwh."Zahl"',
        ):
            connection.execute(text(sql))
    monkeypatch.setenv("TEST_DWH_URL", postgres)
    told = tables_text("TEST_DWH_URL")
    shown = (
        f"dwh.Zahl (Tabelle, 2 Zeilen)\n    nr: INTEGER, immer gefüllt\n    {odd}: NUMERIC(5, 2)"
    )
    assert shown in told and "dwh.sicht (Sicht, 2 Zeilen)" in told and "pg_catalog" not in told
    source = read_table("TEST_DWH_URL", "dwh.Zahl")
    assert source.blaetter[0].grid.zellen == [["nr", odd], ["1", "0.25"], ["2", "0.50"]]
    assert source.abfrage.text(["nr"]) == 'SELECT nr FROM dwh."Zahl" ORDER BY nr'
    for writes in (
        'WITH weg AS (DELETE FROM dwh."Zahl" RETURNING *) SELECT * FROM weg',
        "SELECT setval('dwh.folge', 5)",
    ):
        _, tidied = lies(tmp_path / "b", {}, profil(PROFIL, {"abfrage": writes}))
        assert einer(tidied, "R-I33").schwere is Schwere.FEHLER
    with engine.begin() as connection:
        assert connection.scalar(text('SELECT count(*) FROM dwh."Zahl"')) == 2
        assert connection.scalar(text("SELECT last_value FROM dwh.folge")) == 1


@pytest.fixture
def stadt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project beside a database of bookings with a column of names."""
    path = tmp_path / "dwh.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE buchungen (belegnummer text NOT NULL PRIMARY KEY, hhj integer, "
        "buchungsdatum date, periode integer, betrag numeric, produkt text, sachkonto text, "
        "kreditor text)"
    )
    rows = [
        (f"B{i:05}", 2025, f"2025-0{i % 6 + 1}-15", i % 6 + 1, 100 + i + 0.25, "363301", "533100",
         f"Kanarz {i}") for i in range(30)
    ]  # fmt: skip
    connection.executemany("INSERT INTO buchungen VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    projekt = bare_project(tmp_path / "stadt")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    monkeypatch.setenv("DWH_URL", f"sqlite:///{path}")
    return projekt.root


def test_von_der_datenbank_zum_gelesenen_abzug_wie_die_seite_sagt(
    stadt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "lieferungen.md").read_text(encoding="utf-8")
    listing, proposing = re.findall(
        r"^    sozcontrol (profile --datenbank .+)$", page, re.MULTILINE
    )
    assert main(listing.split()) == 0
    told = capsys.readouterr().out
    assert "buchungen (Tabelle, 30 Zeilen)" in told and "    kreditor: TEXT\n" in told
    assert main(proposing.split()) == 0
    path = stadt / "profile" / "dwh.yml"
    text = path.read_text(encoding="utf-8")
    assert "# nicht abgefragt: kreditor" in text
    # The answer to the one question is the value proposed.
    assert text.count("# ENTSCHEIDEN") == 1
    path.write_text(text.replace("  # ENTSCHEIDEN", "  #"), encoding="utf-8")
    _, tidied = lies(tmp_path / "lieferung", {}, catalogue.profil("dwh"))
    assert befunde(tidied) == set()
    amounts = tidied.tables["buchung"]["betrag_eur"].to_pylist()
    assert sum(amounts) == sum(100 + i + Decimal("0.25") for i in range(30))
    kept = b"".join(p.read_bytes() for p in (tmp_path / "lieferung").iterdir())
    assert b"Kanarz" not in kept and "Kanarz" not in told + text


@pytest.mark.parametrize(
    ("angaben", "code", "sagt"),
    [
        (["--quelle", "buchung"], 2, "Meinten Sie »buchungen«"),
        (["--datenbank", "sqlite:////geheim99/dwh"], 2, "keine Adresse"),
        (["--datenbank", "GIBT_ES_NICHT"], 4, "GIBT_ES_NICHT"),
    ],
)
def test_eine_falsche_angabe_zur_datenbank(stadt: Path, capsys, angaben, code, sagt) -> None:
    assert main(["profile", "--datenbank", "DWH_URL", *angaben]) == code
    told = capsys.readouterr().err
    assert sagt in told and "geheim99" not in told
    assert not list((stadt / "profile").glob("*")) if (stadt / "profile").exists() else True
