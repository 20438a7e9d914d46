"""Answers kept beside a delivery: the same rows, or asked again."""

from __future__ import annotations

import math
import random
import sqlite3
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hauptbuch import Lieferung, musterstadt
from test_store import areas, save

from sozcontrol import measures, store
from sozcontrol.measures.zaehlwerk.rechnen import Abfrage
from sozcontrol.projekt import Projekt
from sozcontrol.store import ergebnisse as kept
from sozcontrol.store import faecher, gemerkt

RAEUME = ("store", "measures")
ZEILEN = pa.table({
    "je": pa.array(["a", None], pa.string()), "n": pa.array([3, None], pa.int64()),
    "betrag": pa.array([Decimal("1.50"), Decimal("-0.01")], pa.decimal128(18, 2)),
    "tag": pa.array([date(2025, 6, 30), None]), "da": pa.array([True, False]),
})  # fmt: skip


class Zaehler:
    """A query that knows how often it was run."""

    def __init__(self, zeilen: pa.Table = ZEILEN) -> None:
        self.zeilen, self.n = zeilen, 0

    def __call__(self) -> pa.Table:
        self.n += 1
        return self.zeilen


ANDERE = pa.table({"n": [7]})


def frage(projekt: Projekt, an: Zaehler, worte: str = "wie viele", raeume=RAEUME) -> pa.Table:
    gemerkt._places.cache_clear()  # as another process would
    return store.beantwortet(store.open_data(projekt=projekt), raeume, worte, an)


def datei(projekt: Projekt) -> Path:
    (found,) = projekt.processed.glob(f"*/*/{kept.ORDNER}/*{faecher.ENDUNG}")
    return found


@pytest.fixture
def gefragt(projekt: Projekt) -> Projekt:
    save(projekt)
    assert frage(projekt, Zaehler()).equals(ZEILEN)
    return projekt


def test_gefragt_wird_einmal_und_die_antwort_bleibt_genau_gleich(gefragt: Projekt) -> None:
    dann = Zaehler(ANDERE)
    found = frage(gefragt, dann)
    assert dann.n == 0
    assert found.equals(ZEILEN)
    assert found.schema == ZEILEN.schema
    assert stat.S_IMODE(datei(gefragt).stat().st_mode) == 0o600
    assert stat.S_IMODE(datei(gefragt).parent.stat().st_mode) == 0o700
    assert [p.name for p in datei(gefragt).parent.iterdir()] == [datei(gefragt).name]


def test_eine_andere_frage_hat_ihre_eigene_antwort(gefragt: Projekt) -> None:
    assert frage(gefragt, Zaehler(ANDERE), "wie viele andere").equals(ANDERE)
    assert frage(gefragt, Zaehler(), "wie viele andere").equals(ANDERE)


def test_andere_daten_werden_neu_gefragt_und_verdraengen_das_alte(gefragt: Projekt) -> None:
    alt = datei(gefragt)
    save(gefragt, "b" * 64, tables={"gebiet": areas("West")})
    assert frage(gefragt, Zaehler(ANDERE)).equals(ANDERE)
    assert datei(gefragt) != alt


@pytest.mark.parametrize("name", ["store/a.py", "measures/fakt.yml"])
def test_anderer_code_und_andere_fakten_fragen_neu(
    projekt: Projekt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for path in ("store/a.py", "measures/fakt.yml"):
        (tmp_path / "paket" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "paket" / path).write_text(path)
    monkeypatch.setattr(kept, "PACKAGE", tmp_path / "paket")
    monkeypatch.setattr(kept, "_BEGUN", math.inf)
    save(projekt)
    daten = store.open_data(projekt=projekt)
    assert store.beantwortet(daten, RAEUME, "x", Zaehler()).equals(ZEILEN)
    alt = datei(projekt)
    (tmp_path / "paket" / name).write_text("anders")
    # The process that runs on with the old code believes nothing, and leaves nothing.
    monkeypatch.setattr(faecher, "LOOK_SECONDS", -1.0)
    for _ in range(2):
        assert store.beantwortet(daten, RAEUME, "x", Zaehler(ANDERE)).equals(ANDERE)
    assert frage(projekt, Zaehler(ANDERE), "x").equals(ANDERE)
    assert datei(projekt) != alt


def test_beschaedigtes_wird_neu_gefragt(gefragt: Projekt) -> None:
    path = datei(gefragt)
    whole, rng = path.read_bytes(), random.Random(7)
    damaged = [b"", b"x" * 5000, whole[: len(whole) // 2]]
    for _ in range(60):
        at, bit = rng.randrange(len(whole)), 1 << rng.randrange(8)
        damaged.append(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
    for content in damaged:
        path.write_bytes(content)
        for _ in range(2):
            assert frage(gefragt, Zaehler()).equals(ZEILEN)
        path.write_bytes(whole)


def test_eine_vertauschte_antwort_wird_nicht_geglaubt(gefragt: Projekt) -> None:
    frage(gefragt, Zaehler(ANDERE), "b")
    with sqlite3.connect(datei(gefragt)) as con:
        con.execute("UPDATE antwort SET (siegel, zeilen) = (SELECT max(siegel), max(zeilen) "
                    "FROM antwort)")  # fmt: skip
    neu = Zaehler(), Zaehler(ANDERE)
    assert frage(gefragt, neu[0]).equals(ZEILEN)
    assert frage(gefragt, neu[1], "b").equals(ANDERE)
    assert sum(one.n for one in neu) >= 1


def test_wer_nicht_schreiben_kann_fragt_nur_noch_einmal(gefragt: Projekt, monkeypatch) -> None:
    monkeypatch.setattr(faecher, "WAIT_SECONDS", 0.05)
    with sqlite3.connect(datei(gefragt)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert frage(gefragt, Zaehler(ANDERE)).equals(ANDERE)
        other.rollback()
    assert frage(gefragt, Zaehler(ANDERE)).equals(ZEILEN)


def test_was_nicht_gespeichert_ist_wird_jedes_mal_gefragt() -> None:
    stadt: Lieferung = musterstadt()
    zaehler = Zaehler()
    for _ in range(2):
        store.beantwortet(stadt, RAEUME, "x", zaehler)
    assert zaehler.n == 2


def test_eine_gemerkte_kennzahl_ist_die_gerechnete(
    eingelesen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of medians, life tables and amounts, in every breakdown; and nothing is asked twice."""
    projekt = eingelesen.kopie(tmp_path / "stadt").projekt
    for path in projekt.processed.glob(f"*/*/{kept.ORDNER}/*{faecher.ENDUNG}"):
        path.unlink()

    def alle() -> list[str]:
        daten = store.open_data(projekt=projekt)
        asked = [
            ("H01", ["hilfeart"]),
            ("H12", []),
            ("H13", ["geschlecht"]),
            ("H17r", ["hilfeart"]),
            ("H24", ["segment"]),
        ]
        return [measures.kennzahl(daten, name, je=je).frame.to_json() for name, je in asked]

    monkeypatch.setattr(gemerkt, "_faecher", lambda daten, raeume: None)
    gerechnet = alle()
    monkeypatch.undo()
    assert alle() == gerechnet
    for name in ("ausdruck", "lebenstafel"):
        monkeypatch.setattr(Abfrage, name, lambda *_: pytest.fail("asked twice"))
    assert alle() == gerechnet


@pytest.mark.parametrize(
    ("raeume", "unveraendert", "gesehen", "bleibt"),
    [
        (("store",), [True], 1, ["außen", "innen"]),
        (("store", "measures", "forecast"), [True, True], 2, ["außen", "innen"]),
        (("store",), [False], 1, []),
        (("store", "measures", "forecast"), [True, False], 2, ["innen"]),
    ],
)
def test_eine_frage_um_einer_anderen_willen_sieht_fuer_beide_nach(
    tmp_path: Path, raeume, unveraendert, gesehen, bleibt
) -> None:
    seen: list[bool] = []

    def unchanged() -> bool:
        # Of what was computed, code and facts are looked at afterwards.
        assert outer_done or len(raeume) > len(RAEUME)
        seen.append(unveraendert[len(seen)])
        return seen[-1]

    def fach(name: str, rooms: tuple[str, ...]) -> faecher.Faecher:
        path = tmp_path / f"{name}{faecher.ENDUNG}"
        return faecher.Faecher(path, unchanged, lambda: None, rooms, seen=math.inf)

    outer_done = False
    innen, aussen = fach("innen", raeume), fach("außen", RAEUME)

    def frage_beide() -> pa.Table:
        nonlocal outer_done
        innen.geholt("was", Zaehler())
        outer_done = True
        return ANDERE

    assert aussen.geholt("wie viele", frage_beide).equals(ANDERE)
    assert len(seen) == gesehen
    assert sorted(p.stem for p in tmp_path.iterdir()) == bleibt
