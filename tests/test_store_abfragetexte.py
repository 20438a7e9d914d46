"""SQL kept for all deliveries: what the expression says, or written again."""

from __future__ import annotations

import math
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from sozcontrol import catalogue, store
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung, plane, tatsachen_von
from sozcontrol.store import abfragetexte, faecher
from sozcontrol.store import ergebnisse as kept

RAEUME = ("store", "measures")
DREI = {"fall": ["a", "b", "c"], "tage": [3, 5, 9]}


@pytest.fixture(autouse=True)
def ordner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own, as a process sees it that has just begun."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    vergessen()
    yield tmp_path / "cache" / "sozcontrol"
    vergessen()


def vergessen() -> None:
    """Be another process."""
    abfragetexte._texte.cache_clear()
    abfragetexte._faecher.cache_clear()


def tabelle(name: str, zeilen: dict[str, list]) -> ir.Table:
    con: Any = store.connect()
    con.con.register("zeilen", pa.table(zeilen))
    con.raw_sql(f"CREATE TABLE {name} AS FROM zeilen")
    return con.table(name)


class Ausdruck:
    """An expression over one table that knows how often it was built."""

    def __init__(self, table: ir.Table, mach: Callable[[ir.Table], ir.Table] | None = None) -> None:
        self.table, self.n = table, 0
        self._mach = mach or (lambda t: t.aggregate(summe=t.tage.sum(), faelle=t.count()))

    def __call__(self) -> ir.Table:
        self.n += 1
        return self._mach(self.table)

    def gefragt(self, frage: str = "tage", raeume=RAEUME, heisst: str = "fall") -> list[dict]:
        text = store.uebersetzt(raeume, frage, {heisst: self.table}, self)
        assert text is not None
        return text.rows(ibis.get_backend(self.table)).to_pylist()


def test_der_text_gilt_fuer_andere_zeilen_und_andere_namen(ordner: Path) -> None:
    erste = Ausdruck(tabelle("sicht_1", DREI))
    assert erste.gefragt() == [{"summe": 17, "faelle": 3}] == erste().to_pyarrow().to_pylist()
    vergessen()
    zweite = Ausdruck(tabelle("sicht_7", {"fall": ["z"], "tage": [40]}))
    assert zweite.gefragt() == [{"summe": 40, "faelle": 1}]
    assert zweite.n == 0
    assert zweite().schema().to_pyarrow() == erste().schema().to_pyarrow()
    (path,) = ordner.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ordner.stat().st_mode) == 0o700


def test_eine_spalte_darf_heissen_wie_ihre_tabelle() -> None:
    for zeilen, summe in ((DREI, 3), ({"fall": ["z"], "tage": [1]}, 1)):
        ausdruck = Ausdruck(tabelle("fall", zeilen), lambda t: t.aggregate(n=t.fall.nunique()))
        assert ausdruck.gefragt() == [{"n": summe}]
        vergessen()


def test_andere_fragen_spalten_raeume_und_anderer_code_schreiben_neu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Ausdruck(tabelle("fall", DREI)).gefragt()
    als_text = Ausdruck(
        tabelle("fall", {"fall": ["a"], "tage": ["3"]}), lambda t: t.aggregate(t.count())
    )
    als_text.gefragt()
    andere = Ausdruck(tabelle("fall", DREI))
    andere.gefragt("andere")
    andere.gefragt(raeume=("store",))
    assert (als_text.n, andere.n) == (1, 2)
    vergessen()
    monkeypatch.setattr(abfragetexte, "code_aus", lambda sources: "ein anderer Stand")
    neu = Ausdruck(tabelle("fall", DREI))
    neu.gefragt()
    assert neu.n == 1


def test_code_der_nicht_mehr_der_des_prozesses_ist_merkt_nichts(
    ordner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_BEGUN", -math.inf)
    ausdruck = Ausdruck(tabelle("fall", DREI))
    assert ausdruck.gefragt() == ausdruck.gefragt() == [{"summe": 17, "faelle": 3}]
    assert ausdruck.n == 2 and not ordner.exists()


@pytest.mark.parametrize("womit", ["beschädigt", "ein anderer Text"])
def test_was_nicht_mehr_ist_was_geschrieben_wurde_wird_neu_geschrieben(
    ordner: Path, womit: str
) -> None:
    Ausdruck(tabelle("fall", DREI)).gefragt()
    (path,) = ordner.iterdir()
    inhalt = path.read_bytes()
    if womit == "beschädigt":
        path.write_bytes(b"kein SQLite" * 1000)
    else:
        path.write_bytes(inhalt.replace(b"SUM(", b"MIN("))
        assert path.read_bytes() != inhalt
    vergessen()
    ausdruck = Ausdruck(tabelle("fall", DREI))
    assert ausdruck.gefragt() == [{"summe": 17, "faelle": 3}] and ausdruck.n == 1


@pytest.mark.parametrize("wer", ["alle", "die Gruppe", "ein anderer"])
def test_was_ein_anderer_geschrieben_haben_kann_wird_nicht_ausgefuehrt(
    ordner: Path, monkeypatch: pytest.MonkeyPatch, wer: str
) -> None:
    Ausdruck(tabelle("fall", DREI)).gefragt()
    (path,) = ordner.iterdir()
    _falsch(path)
    vergessen()
    if wer == "ein anderer":
        monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    else:
        ordner.chmod(0o702 if wer == "alle" else 0o720)
    ausdruck = Ausdruck(tabelle("fall", DREI))
    assert ausdruck.gefragt() == ausdruck.gefragt() == [{"summe": 17, "faelle": 3}]
    assert ausdruck.n == 2


def _falsch(path: Path) -> None:
    """Lay other SQL there, sealed as ours is."""
    with sqlite3.connect(path) as con:
        ((key, _, rows),) = con.execute("SELECT * FROM antwort").fetchall()
        text = faecher._table(rows)
        sql = text.schema.metadata[b"sql"].replace(b"SUM(", b"MIN(")
        rows = faecher._bytes(text.replace_schema_metadata({"sql": sql}))
        con.execute("UPDATE antwort SET siegel = ?, zeilen = ?", (faecher._seal(key, rows), rows))
    con.close()


def test_fakten_die_sich_beim_schreiben_aendern_bleiben_nicht(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also right after code and facts were seen to be the same."""
    fakt = tmp_path / "paket" / "measures" / "fakt.yml"
    fakt.parent.mkdir(parents=True)
    fakt.write_text("alt")
    monkeypatch.setattr(kept, "PACKAGE", tmp_path / "paket")
    monkeypatch.setattr(kept, "_BEGUN", math.inf)
    Ausdruck(tabelle("fall", DREI)).gefragt("davor")

    def aus_neuen_fakten(table: ir.Table) -> ir.Table:
        fakt.write_text("neu")
        return table.aggregate(summe=table.tage.max(), faelle=table.count())

    Ausdruck(tabelle("fall", DREI), aus_neuen_fakten).gefragt()
    fakt.write_text("alt")  # code and facts have the name again that they had before
    vergessen()
    ausdruck = Ausdruck(tabelle("fall", DREI))
    assert ausdruck.gefragt() == [{"summe": 17, "faelle": 3}] and ausdruck.n == 1
    assert ausdruck.gefragt("davor") and ausdruck.n == 1


def test_beschaedigtes_das_niemand_loeschen_darf_wird_neu_geschrieben(
    ordner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ausdruck(tabelle("fall", DREI)).gefragt()
    (path,) = ordner.iterdir()
    path.write_bytes(b"kein SQLite" * 1000)
    vergessen()
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(PermissionError))
    assert Ausdruck(tabelle("fall", DREI)).gefragt() == [{"summe": 17, "faelle": 3}]


def test_eine_leere_datei_wird_wieder_gefuellt(ordner: Path) -> None:
    """What a full disk left."""
    Ausdruck(tabelle("fall", DREI)).gefragt()
    (path,) = ordner.iterdir()
    path.write_bytes(b"")
    for erwartet in (1, 0):
        vergessen()
        ausdruck = Ausdruck(tabelle("fall", DREI))
        ausdruck.gefragt()
        assert ausdruck.n == erwartet


def test_was_mehr_liest_als_es_sagt_wird_kein_text(ordner: Path) -> None:
    table = tabelle("fall", DREI)
    namen = ibis.memtable({"n_fall": ["a"], "name": ["x"]})
    mit_zeilen = Ausdruck(table, lambda t: t.inner_join(namen, t.fall == namen.n_fall))
    assert store.uebersetzt(RAEUME, "verbunden", {"fall": table}, mit_zeilen) is None
    keine_tabelle = Ausdruck(table.filter(table.tage > 3))
    assert store.uebersetzt(RAEUME, "tage", {"fall": keine_tabelle.table}, keine_tabelle) is None
    assert keine_tabelle.n == 0
    assert not any(b"name" in path.read_bytes() for path in ordner.glob("*"))


def test_alte_texte_werden_vergessen_und_junge_nicht(ordner: Path) -> None:
    ordner.mkdir(parents=True)
    alt, jung = (ordner / f"abfragen-{name}{faecher.ENDUNG}" for name in ("alt", "jung"))
    for path, age in ((alt, abfragetexte.KEPT_SECONDS + 60), (jung, 60)):
        path.touch()
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    Ausdruck(tabelle("fall", DREI)).gefragt()
    assert not alt.exists() and jung.exists()


def test_wer_kein_zuhause_hat_schreibt_jedes_mal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError))
    ausdruck = Ausdruck(tabelle("fall", DREI))
    assert ausdruck.gefragt() == ausdruck.gefragt() == [{"summe": 17, "faelle": 3}]


def test_eine_tatsache_die_nur_dieser_prozess_kennt_ist_eine_andere_frage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A view changed in memory: its SQL must not be that of the file, nor be kept as it."""
    (frage,) = plane([Rechnung(catalogue.steckbrief("H01").zaehler, date(2025, 6, 30))], ())
    vorher, view = tatsachen_von(frage), catalogue.sicht(frage.quelle.sicht)
    anders = view.model_copy(update={"ende": view.beginn})
    monkeypatch.setattr(catalogue, "sicht", lambda name: anders)
    assert tatsachen_von(frage) != vorher
