"""SQL sources: against SQLite in a file, and against a real PostgreSQL server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mess.bauen import KOMMUNE, befunde, einer, lies, profil
from postgres_server import postgres_server

from sozcontrol import catalogue
from sozcontrol.findings import Schwere
from sozcontrol.intake import fingerprint

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
    assert len(delivery.dateien[0].sha256) == 64
    assert delivery.dateien[0].name == "Zahlungen"


def test_die_pruefsumme_einer_abfrage_haengt_an_ihren_zeilen(tmp_path: Path, sqlite: Path) -> None:
    before, _ = lies(tmp_path / "lieferung", {}, profil(PROFIL))
    again, _ = lies(tmp_path / "lieferung", {}, profil(PROFIL))
    connection = sqlite3.connect(sqlite)
    connection.execute("UPDATE zahlungen SET betrag = 7 WHERE nr = 2")
    connection.commit()
    connection.close()
    after, _ = lies(tmp_path / "lieferung", {}, profil(PROFIL))
    assert before.dateien[0].sha256 == again.dateien[0].sha256 != after.dateien[0].sha256


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


def test_der_fingerabdruck_merkt_geaenderte_abfrageergebnisse(
    tmp_path: Path, sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "profil", {"test_sql": profil(PROFIL)}.__getitem__)
    kommune = KOMMUNE.model_copy(update={"profile": ("test_sql",)})
    before = fingerprint(tmp_path / "lieferung", kommune)
    assert before == fingerprint(tmp_path / "lieferung", kommune)
    connection = sqlite3.connect(sqlite)
    connection.execute("DELETE FROM zahlungen WHERE nr = 2")
    connection.commit()
    connection.close()
    assert fingerprint(tmp_path / "lieferung", kommune) != before
    monkeypatch.delenv("TEST_DWH_URL")
    assert fingerprint(tmp_path / "lieferung", kommune) != before


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
