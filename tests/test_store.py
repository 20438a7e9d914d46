"""The store: written once and whole, two time axes, nothing lost, nothing extra."""

from __future__ import annotations

import gc
import stat
import weakref
from contextlib import closing
from datetime import date
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sozcontrol import store
from sozcontrol.errors import ConfigurationError, DeliveryMissing, StorageError, UsageError
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.projekt import Projekt
from sozcontrol.store import archiv

STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 21)


def areas(*names: str) -> pa.Table:
    n = len(names)
    return pa.table(
        {
            "gebiet_id": list(names),
            "typ": ["sozialraum"] * n,
            "name": list(names),
            "eltern_id": pa.nulls(n, pa.string()),
            "gueltig_von": [date(2020, 1, 1)] * n,
            "gueltig_bis": pa.nulls(n, pa.date32()),
            "flaeche_km2": pa.nulls(n, pa.decimal128(14, 4)),
            "einwohner_je_km2": pa.nulls(n, pa.decimal128(14, 4)),
            "lieferung_id": ["l1"] * n,
            "zeile_quelle": list(range(2, n + 2)),
            "datenstand": [DATENSTAND] * n,
        }
    )


def save(projekt: Projekt, inhalt: str = "a" * 64, **changes: object):
    wanted = {
        "stichtag": STICHTAG,
        "datenstand": DATENSTAND,
        "inhalt": inhalt,
        "kommune": "musterstadt",
        "tables": {"gebiet": areas("Nord", "Süd")},
        "findings": [],
        "schluessel_id": "k1",
    }
    return store.save(projekt, **{**wanted, **changes})


def error_in(table: str) -> Finding:
    place = Fundstelle("x.csv", 7, {"gebiet_id": "Nord"})
    return Finding("R-D01", Schwere.FEHLER, "Schlüssel doppelt.", table, anzahl=2, stellen=(place,))


def snapshot(projekt: Projekt) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in projekt.processed.rglob("*") if p.is_file()}


def test_was_gespeichert_wurde_laesst_sich_oeffnen(projekt: Projekt) -> None:
    save(projekt)
    daten = store.open_data("2025-06-30", projekt=projekt)
    assert (daten.stichtag, daten.datenstand, daten.kommune.name) == (
        STICHTAG,
        DATENSTAND,
        "Musterstadt",
    )
    assert sorted(daten.gebiet.execute()["name"]) == ["Nord", "Süd"]
    assert "gebiet" in dir(daten)


def test_dieselbe_lieferung_wird_wiedererkannt(projekt: Projekt) -> None:
    folder = save(projekt)
    assert store.find(projekt, STICHTAG, DATENSTAND, "a" * 64) == folder
    assert store.find(projekt, STICHTAG, DATENSTAND, "b" * 64) is None


def test_eine_geaenderte_lieferung_liegt_neben_der_frueheren(projekt: Projekt) -> None:
    save(projekt)
    before = snapshot(projekt)
    save(projekt, "b" * 64, tables={"gebiet": areas("West")})
    after = snapshot(projekt)
    pointer = next(p for p in before if p.endswith("aktuell"))
    assert {p for p in before if after.get(p) != before[p]} == {pointer}
    assert list(store.open_data(projekt=projekt).gebiet.execute()["name"]) == ["West"]
    store.find(projekt, STICHTAG, DATENSTAND, "a" * 64)
    assert len(store.open_data(projekt=projekt).gebiet.execute()) == 2


def test_zwei_datenstaende_eines_stichtags_stehen_nebeneinander(projekt: Projekt) -> None:
    save(projekt)
    save(projekt, datenstand=date(2025, 9, 1), tables={"gebiet": areas("Ost")})
    assert len(store.open_data("2025-06-30", "2025-07-21", projekt).gebiet.execute()) == 2
    assert store.open_data("2025-06-30", projekt=projekt).datenstand == date(2025, 9, 1)
    assert [m["datenstand"] for m in store.deliveries(projekt)] == ["2025-07-21", "2025-09-01"]


def test_eine_tabelle_mit_fehlern_wird_nicht_gespeichert(projekt: Projekt) -> None:
    save(projekt, findings=[error_in("gebiet")])
    daten = store.open_data(projekt=projekt)
    with pytest.raises(DeliveryMissing, match="abgelehnt"):
        _ = daten.gebiet
    with pytest.raises(DeliveryMissing, match="fehlt"):
        _ = daten["fall"]
    with pytest.raises(UsageError):
        _ = daten["gbiet"]


def test_befunde_kommen_unveraendert_zurueck(projekt: Projekt) -> None:
    finding = error_in("gebiet")
    save(projekt, findings=[finding])
    assert store.load_findings(projekt, STICHTAG, DATENSTAND) == (finding,)
    history = store.finding_history(projekt)
    assert history == {(STICHTAG, DATENSTAND): {("R-D01", "gebiet"): 2}}


def test_nur_spalten_der_tabelle_gelangen_auf_die_platte(projekt: Projekt) -> None:
    extra = areas("Nord").append_column("vorname", pa.array(["CANARY-Erika"]))
    extra = extra.replace_schema_metadata({"pandas": "CANARY-Meta"})
    folder = save(projekt, tables={"gebiet": extra})
    content = pq.read_table(folder / "gebiet.parquet")
    assert "vorname" not in content.column_names
    assert b"CANARY" not in (folder / "gebiet.parquet").read_bytes()
    assert content.schema.metadata is None


def test_gespeichertes_ist_nur_fuer_den_besitzer_lesbar(projekt: Projekt) -> None:
    folder = save(projekt)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("failing", ["write_table", "sync", "_json", "point"])
def test_ein_abbruch_beim_schreiben_laesst_die_fruehere_lieferung_gelten(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    save(projekt)
    pointer = projekt.processed / "2025-06-30" / "2025-07-21" / "aktuell"
    before = pointer.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    target = pq if failing == "write_table" else archiv
    monkeypatch.setattr(target, failing, full)
    with pytest.raises(StorageError) as raised:
        save(projekt, "b" * 64, tables={"gebiet": areas("West")})
    assert "Unverändert" in str(raised.value)
    assert pointer.read_bytes() == before
    assert len(store.open_data(projekt=projekt).gebiet.execute()) == 2
    assert list(projekt.processed.rglob(".neu-*")) == []


def test_reste_eines_absturzes_werden_weggeraeumt(projekt: Projekt) -> None:
    slot = projekt.processed / "2025-06-30" / "2025-07-21"
    (slot / ".neu-x-1").mkdir(parents=True)
    save(projekt)
    assert list(slot.glob(".neu-*")) == []


def test_ein_anderer_schluessel_wird_bemerkt(projekt: Projekt) -> None:
    store.check_key(projekt, "k2")
    save(projekt)
    store.check_key(projekt, "k1")
    with pytest.raises(ConfigurationError, match="nicht der"):
        store.check_key(projekt, "k2")


def test_ein_notebook_liest_nur_seine_lieferung(projekt: Projekt, tmp_path) -> None:
    save(projekt)
    secret = tmp_path / "geheim.csv"
    secret.write_text("a\n1\n")
    daten = store.open_data(projekt=projekt)
    with pytest.raises(Exception, match="disabled"):
        daten.con.raw_sql(f"SELECT * FROM read_csv('{secret}')")
    with pytest.raises(Exception, match="locked"):
        daten.con.raw_sql("SET enable_external_access = true")


@pytest.mark.parametrize("stichtag", ["30.06.2025", "2025-13-01", "gestern"])
def test_ein_unlesbares_datum_ist_ein_satz(projekt: Projekt, stichtag: str) -> None:
    with pytest.raises(UsageError, match="JJJJ-MM-TT"):
        store.open_data(stichtag, projekt=projekt)


def test_ohne_lieferung_sagt_ein_satz_was_zu_tun_ist(projekt: Projekt) -> None:
    for ask in (
        lambda: store.open_data(projekt=projekt),
        lambda: store.latest_stichtag(projekt),
        lambda: store.latest_datenstand(projekt, STICHTAG),
        lambda: store.load_findings(projekt, STICHTAG, DATENSTAND),
    ):
        with pytest.raises(DeliveryMissing) as raised:
            ask()
        assert "Tun:" in str(raised.value)


def test_die_neueste_lieferung_zaehlt_und_fremde_ordner_stoeren_nicht(projekt: Projekt) -> None:
    for name in ("2025-03-31/2025-04-20", "2025-06-30/2025-07-21", "2025-06-30/2025-08-02", "alt"):
        (projekt.raw / name).mkdir(parents=True)
    assert store.latest_stichtag(projekt) == STICHTAG
    assert store.latest_datenstand(projekt, STICHTAG) == date(2025, 8, 2)


def test_sql_geht_auf_der_verbindung_einer_lieferung(tmp_path) -> None:
    """Unpatched, the locked ibis leaves the statement open, and nothing works after it."""
    projekt = Projekt(tmp_path)
    save(projekt)
    daten = store.open_data(STICHTAG, projekt=projekt)
    assert daten.con.sql("SELECT count(*) AS n FROM gebiet").execute()["n"].tolist() == [2]
    assert daten.gebiet.sql("SELECT name FROM gebiet ORDER BY name").execute()["name"].tolist() == [
        "Nord",
        "Süd",
    ]
    assert daten.con.list_tables() == ["gebiet"]
    with pytest.raises(AttributeError, match="Meinten Sie »gebiet«"):
        _ = daten.gebit
    assert daten.gebiet.count().execute() == 2
    with pytest.raises(Exception, match="disabled by configuration"):
        daten.con.sql("SELECT * FROM read_csv('/etc/hostname')").execute()


# ---- the engine ---------------------------------------------------------------------------------


def doppelt(con: Any) -> Any:
    t = con.table("t")
    return t.filter(t.x > 1).mutate(y=t.x * 2)


def test_was_fuer_eine_lieferung_uebersetzt_ist_gilt_fuer_die_zeilen_der_naechsten() -> None:
    """Equal expressions are translated once; each is asked of its own rows."""
    engines = [store.connect() for _ in range(2)]
    for rows, con in zip(([1, 2], [5, 0]), engines, strict=True):
        con.con.register("t", pa.table({"x": rows}))
    kind = type(engines[0].compiler)
    plain = kind.to_sqlglot
    with mock.patch.object(kind, "to_sqlglot", autospec=True, side_effect=plain) as asked:
        found = [doppelt(con).to_pyarrow().to_pylist() for con in engines]
    assert found == [[{"x": 2, "y": 4}], [{"x": 5, "y": 10}]]
    assert asked.call_count == 1
    # Other columns of the same name are another expression.
    dritte = store.connect()
    dritte.con.register("t", pa.table({"x": pa.array([2.5])}))
    assert doppelt(dritte).to_pyarrow().to_pylist() == [{"x": 2.5, "y": 5.0}]


def test_eine_gemerkte_uebersetzung_haelt_keine_verbindung_fest() -> None:
    con = store.connect()
    con.con.register("t", pa.table({"x": [3]}))
    doppelt(con).to_pyarrow()
    gone = weakref.ref(con)
    con.disconnect()
    del con
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(("rows_a_thread", "one"), [(2, True), (1, False)])
def test_ein_thread_reicht_wo_keine_tabelle_arbeit_fuer_zwei_hat(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch, rows_a_thread: int, one: bool
) -> None:
    def threads(engine: Any) -> int:
        return engine.raw_sql("SELECT current_setting('threads')").fetchone()[0]

    save(projekt)  # two areas
    monkeypatch.setattr("sozcontrol.store.daten.ZEILEN_JE_THREAD", rows_a_thread)
    with closing(store.open_data(projekt=projekt)) as opened:
        assert threads(opened.con) == (1 if one else threads(store.connect()))
