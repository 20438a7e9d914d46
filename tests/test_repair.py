"""What is stored is proved: a turned bit is a sentence or changes nothing; repair is the way on.

Every kind of stored file is damaged here, one bit at a time at places drawn with a fixed seed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Stadt, call
from hypothesis import assume, given
from hypothesis import strategies as st
from press_fixtures import DATENSTAND, STICHTAG, ausgaben, bare_project, lauf, snapshot
from pydantic import TypeAdapter
from stichprobe import probe
from test_store import areas
from test_store_veroeffentlicht import Cut, eintrag, prognose

from sozcontrol import catalogue, checks, dateisumme, intake, store, tidy
from sozcontrol.errors import Busy, ConfigurationError, Damaged, Exit, StorageError
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.press.ablegen import swap
from sozcontrol.press.ablegen.publish import check_place, publish
from sozcontrol.press.ablegen.repair import RECORD, WHOLE, repair
from sozcontrol.press.ablegen.vermerk import Vermerk
from sozcontrol.press.ablegen.zwischenstand import MARK
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.lauf.receive import receive
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.prognosen import aus_datei

FRUEHER = (date(2025, 3, 31), date(2025, 4, 20))
JETZT = (STICHTAG, DATENSTAND)
BOTH = ("leitung", "intern")
PLACE = (Fundstelle("WJH.csv", 7, {"gebiet_id": "Nord"}),)
WARNUNG = Finding("R-F05", Schwere.WARNUNG, "Ende vor Beginn.", "gebiet", anzahl=3, stellen=PLACE)


@pytest.fixture(scope="module")
def schluessel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schluessel") / "schluessel"
    path.touch(mode=0o600)
    path.write_bytes(bytes(range(32)))
    return path


@pytest.fixture(autouse=True)
def quick(private_home: None, monkeypatch: pytest.MonkeyPatch, schluessel: Path) -> None:
    stand_ins(monkeypatch, schluessel)


def stand_ins(patch: pytest.MonkeyPatch, schluessel: Path) -> None:
    """Wait for no disk, and read every delivery as the same two tables."""
    patch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", str(schluessel))
    patch.setattr(os, "fsync", lambda descriptor: None)
    tables = {
        "gebiet": pa.concat_tables([areas("Nord", "Süd", "West")] * 40),
        "lieferung": tidy.arrow_schema(catalogue.tabelle("lieferung")).empty_table(),
    }
    read = tidy.Tidied(tables, ())
    patch.setattr(intake, "fingerprint", lambda ordner, kommune: f"{ordner.parts[-2:]}")
    patch.setattr(intake, "read_delivery", lambda *a, **k: SimpleNamespace(findings=()))
    patch.setattr(tidy, "to_tables", lambda *a: read)
    patch.setattr(checks, "check", lambda *a, **k: (WARNUNG,))
    patch.setattr(checks, "regelverzeichnis", lambda expectations: ())


@dataclass(frozen=True)
class Bild:
    """All that can be said from what is stored; clocks and names of runs left out."""

    tabellen: dict[tuple[date, date], list[dict[str, Any]]]
    befunde: dict[tuple[date, date], tuple[Finding, ...]]
    verlauf: Any
    erschienen: frozenset[store.Veroeffentlichung]
    vorhergesagt: frozenset[str]
    seiten: dict[str, str]
    manifeste: dict[str, Any]


def bild(projekt: Projekt) -> Bild:
    days = [
        (date.fromisoformat(m["stichtag"]), date.fromisoformat(m["datenstand"]))
        for m in store.deliveries(projekt)
    ]
    when = {"lauf": "", "am": datetime(2000, 1, 1, tzinfo=UTC)}
    pages, records = {}, {}
    for root in (projekt.reports, projekt.intern):
        pages |= {p: s for p, s in snapshot(root).items() if p.endswith(".html")}
        records |= {p.parent.name: manifest_of(p) for p in root.rglob("manifest.json")}
    return Bild(
        {day: tabellen(projekt, *day) for day in days},
        {day: store.load_findings(projekt, *day) for day in days},
        store.finding_history(projekt),
        frozenset(replace(v, **when) for v in store.veroeffentlichungen(projekt)),
        frozenset(p.inhalt for p in store.prognosen(projekt)),
        pages,
        records,
    )


def tabellen(projekt: Projekt, *day: date) -> list[dict[str, Any]]:
    daten = store.open_data(*day, projekt)
    try:
        return daten["gebiet"].to_pyarrow().to_pylist()
    finally:
        daten.con.disconnect()


def manifest_of(path: Path) -> Any:
    keep = ("status", "datei", "sha256", "datenstand", "berichtsarten", "prognose")
    reports = json.loads(path.read_bytes())["berichte"]
    return [(area, [entry[k] for k in keep]) for area, entry in reports.items()]


def start(projekt: Projekt) -> Bild:
    """Do with what is stored what the next run does, and return all that can be said then."""
    swap.recover(projekt)
    eingang = receive(projekt, *JETZT, Silent())
    run = lauf(
        id=f"20260301T000000-{os.urandom(3).hex()}",
        editionen=BOTH,
        findings=eingang.findings,
        history=store.finding_history(projekt),
        prognosen=(prognose(reihe="3631"), prognose(reihe="3633")),
    )
    check_place(projekt, STICHTAG, run.editionen, "musterstadt")
    publish(projekt, run, ausgaben(run))
    assert not swap.journal_path(projekt).exists()
    return bild(projekt)


@pytest.fixture(scope="module")
def vorlage(tmp_path_factory: pytest.TempPathFactory, schluessel: Path) -> Projekt:
    """A project with two deliveries, reports in three editions, a journal and an archive."""
    projekt = bare_project(tmp_path_factory.mktemp("vorlage") / "projekt")
    with pytest.MonkeyPatch.context() as patch:
        stand_ins(patch, schluessel)
        for day in (FRUEHER, JETZT):
            projekt.delivery_folder(*day).mkdir(parents=True)
            receive(projekt, *day, Silent())
        store.veroeffentlichungen_ablegen(projekt, [eintrag(stichtag=FRUEHER[0], lauf="L0")])
        store.prognosen_ablegen(projekt, [prognose(reihe="3410", lauf="L0")])
        gremium = lauf(id="20260101T000000-cccccc", editionen=("gremium",))
        publish(projekt, gremium, ausgaben(gremium))
        start(projekt)
    return projekt


@pytest.fixture
def gefuellt(vorlage: Projekt, tmp_path: Path) -> Projekt:
    return copied(vorlage, tmp_path / "projekt")


def copied(projekt: Projekt, place: Path) -> Projekt:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(projekt.root, place)
    return Projekt(place)


ONCE = {
    "Zeiger": "data/processed/2025-03-31/*/aktuell",
    "Lieferung": "data/processed/2025-06-30/*/*/lieferung.json",
    "frühere Lieferung": "data/processed/2025-03-31/*/*/lieferung.json",
    "Befunde": "data/processed/2025-06-30/*/*/befunde.json",
    "frühere Befunde": "data/processed/2025-03-31/*/*/befunde.json",
    "Tabelle": "data/processed/2025-06-30/*/*/gebiet.parquet",
    "frühere Tabelle": "data/processed/2025-03-31/*/*/gebiet.parquet",
    "leere Tabelle": "data/processed/2025-06-30/*/*/lieferung.parquet",
    "Veröffentlichungen": "data/processed/veroeffentlicht/L0.json",
    "Prognosen": "data/processed/prognose_archiv/*.parquet",
    "Manifest": "reports/2025-06-30/leitung/manifest.json",
    "Manifest einer anderen Edition": "reports/2025-06-30/gremium/manifest.json",
    "internes Manifest": "data/reports_intern/2025-06-30/intern/manifest.json",
}
"""What is written once and believed later."""

ANEW = {
    "Zeiger der gelieferten": "data/processed/2025-06-30/*/aktuell",
    "Marke": "reports/2025-06-30/.lauf",
    "Prüfseite": "data/runs/pruefung/2025-06-30_*.html",
}
"""What the next run writes anew before anybody reads it."""


def one(projekt: Projekt, pattern: str) -> Path:
    # Of the archive's two files the one that no run writes again.
    return min(
        projekt.root.glob(pattern), key=lambda path: (b"3410" not in path.read_bytes(), path)
    )


def turned(path: Path, seed: str, number: int) -> Iterator[None]:
    """Turn one bit of *path* after the other; at the end the file is as it was."""
    dice, content = random.Random(seed), path.read_bytes()
    for _ in range(number):
        broken = bytearray(content or b"\0")
        broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        path.write_bytes(broken)
        dateisumme._checksum.cache_clear()  # this clock may be too coarse to tell it from the last
        yield
    path.write_bytes(content)
    dateisumme._checksum.cache_clear()


def mend(projekt: Projekt) -> str:
    """Do what the fault says, and then what repair says."""
    text = repair(projekt, Silent())
    for pair in re.findall(r"sozcontrol check --stichtag (\S+) --datenstand (\S+)", text):
        receive(projekt, *map(date.fromisoformat, pair), Silent())
    return text


# ---- every kind of file -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", probe(ONCE, 6))
def test_ein_gekipptes_bit_ist_ein_satz_oder_aendert_nichts(gefuellt: Projekt, kind: str) -> None:
    clean, noticed, path = bild(gefuellt), 0, one(gefuellt, ONCE[kind])
    for _ in turned(path, kind, 12):
        try:
            check_place(gefuellt, STICHTAG, map(catalogue.edition, BOTH), "musterstadt")
            assert bild(gefuellt) == clean
        except StorageError as fault:
            noticed += 1
            assert fault.exit_code is Exit.STORAGE
            assert fault.tun.startswith("sozcontrol repair") and str(gefuellt.root) in fault.wo
    # Of sealed JSON only what it says is proved, not the white space between.
    assert noticed == 12 if path.suffix == ".parquet" or "Befunde" in kind else noticed > 6
    assert bild(gefuellt) == clean


@pytest.mark.parametrize("kind", ANEW)
def test_was_neu_geschrieben_wird_schadet_keinem_lauf(gefuellt: Projekt, kind: str) -> None:
    clean = start(gefuellt)
    page = one(gefuellt, ANEW["Prüfseite"]).read_bytes()
    for _ in turned(one(gefuellt, ANEW[kind]), kind, 3):
        assert start(gefuellt) == clean
        assert one(gefuellt, ANEW["Prüfseite"]).read_bytes() == page


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE = [flip, empty, folder]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        pytest.param(
            kind, damage, id=f"{kind}-{damage.__name__}",
            marks=[] if (k + d) % (2 * len(DAMAGE)) == 0 else pytest.mark.thorough,
        )
        for k, kind in enumerate(ONCE) for d, damage in enumerate(DAMAGE)
    ],
)  # fmt: skip
def test_nach_repair_sagt_der_naechste_lauf_dasselbe(gefuellt: Projekt, kind: str, damage) -> None:
    clean = bild(gefuellt)
    path = one(gefuellt, ONCE[kind])
    before = snapshot(gefuellt.root)
    damage(path)
    with pytest.raises(StorageError) as caught:
        start(gefuellt)
    assert caught.value.tun.startswith("sozcontrol repair")
    damaged = snapshot(gefuellt.root)
    text = mend(gefuellt)
    assert path.relative_to(gefuellt.root).as_posix() in text or path.parent.name in text
    assert_nothing_lost(gefuellt, damaged, before)
    after = start(gefuellt)
    if kind == "Veröffentlichungen":
        lost = {v for v in clean.erschienen if v.stichtag == FRUEHER[0]}
        assert after.erschienen == clean.erschienen - lost
    elif kind == "Prognosen":
        assert after.vorhergesagt < clean.vorhergesagt
    assert replace(after, erschienen=clean.erschienen, vorhergesagt=clean.vorhergesagt) == clean
    assert kind == "Veröffentlichungen" or after.erschienen == clean.erschienen
    assert kind == "Prognosen" or after.vorhergesagt == clean.vorhergesagt
    assert repair(gefuellt, Silent()) == WHOLE


def assert_nothing_lost(projekt: Projekt, damaged: dict[str, str], before: dict[str, str]) -> None:
    """Every file is where it was, or was damaged and lies aside with its name in the record."""
    (aside,) = projekt.damaged.iterdir()
    kept, now = snapshot(aside), snapshot(projekt.root)
    record = json.loads((aside / RECORD).read_text())
    assert all(row.keys() == {"datei", "schaden", "fehlt", "tun"} for row in record)
    for name, content in damaged.items():
        if now.get(name) != content and not name.startswith("data/runs/"):
            assert kept[name] == content
            assert any(name.startswith(row["datei"]) for row in record)
    assert aside.stat().st_mode & 0o077 == 0


# ---- a publication cut off --------------------------------------------------------------------


CUTS = {"vor dem Tausch": 1, "nach dem ersten": 2, "vor dem Vermerk": None}


@pytest.fixture(scope="module", params=CUTS.values(), ids=CUTS)
def abgebrochen(request, vorlage: Projekt, tmp_path_factory, schluessel: Path) -> Projekt:
    """A project whose last publication was decided, and cut off at one of its steps."""
    projekt = copied(vorlage, tmp_path_factory.mktemp("abgebrochen") / "projekt")
    run = lauf(id="20260401T000000-dddddd", editionen=BOTH, fassung="b" * 64)
    real, calls = swap.place, []

    def place(pair: swap.Tausch) -> None:
        if pair.neu.is_dir():  # the indexes come before
            calls.append(pair)
        if len(calls) == request.param:
            raise Cut
        real(pair)

    def never(self: Any, projekt: Projekt) -> None:
        raise Cut

    with pytest.MonkeyPatch.context() as patch:
        stand_ins(patch, schluessel)
        patch.setattr(swap, "place", place)
        patch.setattr(Vermerk, "ablegen", never)
        with pytest.raises(Cut):
            publish(projekt, run, ausgaben(run, "neu"))
    return projekt


def published(root: Path) -> dict[str, str]:
    """Return what a reader sees below *root*."""
    return {n: c for n, c in snapshot(root).items() if n[0] != "." and not n.endswith(MARK)}


JOURNAL = {
    "Journal": "data/runs/veroeffentlichung.json",
    "Marke": "reports/2025-06-30/.lauf",
    "Marke der internen": "data/reports_intern/2025-06-30/.lauf",
    "Marke daneben": "reports/.2025-06-30.neu-*/.lauf",
    "Marke neben den internen": "data/reports_intern/.2025-06-30.neu-*/.lauf",
}


@pytest.mark.parametrize("kind", JOURNAL)
def test_eine_abgebrochene_veroeffentlichung_zeigt_ganz_alte_oder_ganz_neue_berichte(
    abgebrochen: Projekt, vorlage: Projekt, tmp_path: Path, kind: str
) -> None:
    whole = copied(abgebrochen, tmp_path / "ganz")
    assert swap.recover(whole)
    for _ in turned(one(abgebrochen, JOURNAL[kind]), kind, 4):
        projekt = copied(abgebrochen, tmp_path / "projekt")
        try:
            swap.recover(projekt)
            states = [whole]
        except StorageError as fault:
            assert fault.tun.startswith("sozcontrol repair")
            text = repair(projekt, Silent())
            assert "data/runs/veroeffentlichung.json" in text and "sozcontrol run" in text
            assert not swap.recover(projekt)
            states = [whole, vorlage]
        for root in ("reports", "data/reports_intern"):
            seen = published(projekt.root / root)
            assert seen in [published(state.root / root) for state in states]
        assert repair(projekt, Silent()) == WHOLE


def test_ein_unlesbares_journal_haelt_die_entschiedene_veroeffentlichung_nicht_auf(
    abgebrochen: Projekt, tmp_path: Path
) -> None:
    projekt = copied(abgebrochen, tmp_path / "projekt")
    whole = copied(abgebrochen, tmp_path / "ganz")
    swap.recover(whole)
    swap.journal_path(projekt).write_bytes(b"")
    text = repair(projekt, Silent())
    assert "sozcontrol run --stichtag 2025-06-30" in text
    for root in ("reports", "data/reports_intern"):
        assert published(projekt.root / root) == published(whole.root / root)
    assert not swap.recover(projekt)
    assert not [*projekt.reports.glob(".*"), *projekt.intern.glob(".*")]


# ---- more than a bit --------------------------------------------------------------------------


def fassung_of(projekt: Projekt, day: tuple[date, date] = JETZT) -> Path:
    (folder,) = projekt.processed.glob(f"{day[0]}/{day[1]}/*/")
    return folder


def without_manifest(projekt: Projekt) -> None:
    (fassung_of(projekt) / "lieferung.json").unlink()


def without_table(projekt: Projekt) -> None:
    (fassung_of(projekt) / "gebiet.parquet").unlink()


def one_table_more(projekt: Projekt) -> None:
    shutil.copy(fassung_of(projekt) / "gebiet.parquet", fassung_of(projekt) / "fall.parquet")


def another_table(projekt: Projekt) -> None:
    shutil.copy(fassung_of(projekt) / "lieferung.parquet", fassung_of(projekt) / "gebiet.parquet")


def another_delivery(projekt: Projekt) -> None:
    folder = fassung_of(projekt)
    shutil.rmtree(folder)
    shutil.copytree(fassung_of(projekt, FRUEHER), folder)


def a_file_for_a_folder(projekt: Projekt) -> None:
    folder = fassung_of(projekt)
    shutil.rmtree(folder)
    folder.touch()


def nothing_left(projekt: Projekt) -> None:
    shutil.rmtree(fassung_of(projekt, FRUEHER))


def pages_without_manifest(projekt: Projekt) -> None:
    (projekt.reports / "2025-06-30" / "gremium" / "manifest.json").unlink()


LOSSES = [
    without_manifest, without_table, one_table_more, another_table, another_delivery,
    a_file_for_a_folder, nothing_left, pages_without_manifest,
]  # fmt: skip


@pytest.mark.parametrize("damage", LOSSES, ids=lambda d: d.__name__)
def test_was_fehlt_oder_zu_viel_ist_wird_bemerkt_und_kommt_wieder(
    gefuellt: Projekt, damage
) -> None:
    clean = bild(gefuellt)
    damage(gefuellt)
    with pytest.raises(StorageError) as caught:
        start(gefuellt)
    assert caught.value.tun.startswith("sozcontrol repair")
    mend(gefuellt)
    assert start(gefuellt) == clean
    assert repair(gefuellt, Silent()) == WHOLE


# ---- repair itself ----------------------------------------------------------------------------


def test_ist_alles_unversehrt_bleibt_alles_wo_es_ist(gefuellt: Projekt) -> None:
    before = snapshot(gefuellt.root)
    assert repair(gefuellt, Silent()) == WHOLE
    after = snapshot(gefuellt.root)
    assert {n: s for n, s in after.items() if not n.startswith("data/runs/lauf")} == before
    assert not gefuellt.damaged.exists()


def test_ein_lauf_hat_vorrang(gefuellt: Projekt) -> None:
    flip(one(gefuellt, ONCE["Tabelle"]))
    before = snapshot(gefuellt.processed)
    with sole_run(gefuellt), pytest.raises(Busy):
        repair(gefuellt, Silent())
    assert snapshot(gefuellt.processed) == before


def test_ohne_leserechte_wird_nichts_beiseitegestellt(gefuellt: Projekt, monkeypatch) -> None:
    real, kept = Path.read_bytes, snapshot(gefuellt.processed)

    def refuse(path: Path) -> bytes:
        if path.name == "lieferung.json":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    for ask in (lambda: store.open_data(projekt=gefuellt), lambda: repair(gefuellt, Silent())):
        with pytest.raises(StorageError, match="keine Leserechte") as caught:
            ask()
        assert "repair" not in str(caught.value) and caught.value.exit_code is Exit.STORAGE
    monkeypatch.setattr(Path, "read_bytes", real)
    assert snapshot(gefuellt.processed) == kept


def test_ein_datentraegerfehler_gilt_als_schaden(gefuellt: Projekt, monkeypatch) -> None:
    broken, real = one(gefuellt, ONCE["Veröffentlichungen"]), Path.read_bytes

    def fail(path: Path) -> bytes:
        if path == broken:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(Damaged, match="der Datenträger meldet einen Fehler"):
        store.veroeffentlichungen(gefuellt)
    assert "der Datenträger meldet einen Fehler" in repair(gefuellt, Silent())
    assert not broken.exists()


def test_laesst_sich_nichts_beiseitestellen_ist_das_ein_satz(
    gefuellt: Projekt, monkeypatch
) -> None:
    flip(one(gefuellt, ONCE["Tabelle"]))
    before = snapshot(gefuellt.processed)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch, pytest.raises(StorageError, match="kein Platz mehr"):
        patch.setattr(shutil, "move", full)
        repair(gefuellt, Silent())
    assert snapshot(gefuellt.processed) == before
    mend(gefuellt)
    assert repair(gefuellt, Silent()) == WHOLE


def test_mit_der_lieferung_ist_nicht_auch_der_schluessel_neu(
    gefuellt, schluessel, monkeypatch
) -> None:
    for kind in ("Tabelle", "frühere Tabelle"):
        flip(one(gefuellt, ONCE[kind]))
    repair(gefuellt, Silent())
    assert store.deliveries(gefuellt) == []
    lost = schluessel.with_name("verloren")
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", str(lost))
    with pytest.raises(ConfigurationError, match="fehlt"):
        receive(gefuellt, *JETZT, Silent())
    assert not lost.exists()


def test_ist_die_lieferung_nicht_mehr_da_nennt_repair_die_datensicherung(gefuellt: Projekt) -> None:
    flip(one(gefuellt, ONCE["frühere Tabelle"]))
    shutil.rmtree(gefuellt.delivery_folder(*FRUEHER))
    text = repair(gefuellt, Silent())
    assert "Aus der Datensicherung an den alten Platz zurücklegen" in text
    assert "in data/raw liegt sie nicht mehr" in text


def test_was_aus_der_datensicherung_zurueckkommt_gilt_wieder(gefuellt: Projekt) -> None:
    clean = bild(gefuellt)
    paths = [one(gefuellt, ONCE[kind]) for kind in ("Veröffentlichungen", "Prognosen", "Tabelle")]
    backup = [path.read_bytes() for path in paths]
    for path in paths:
        flip(path)
    repair(gefuellt, Silent())
    (aside,) = gefuellt.damaged.iterdir()
    folder = paths[-1].parent
    shutil.move(aside / folder.relative_to(gefuellt.root), folder)
    for path, content in zip(paths, backup, strict=True):
        path.write_bytes(content)
    assert start(gefuellt) == clean
    assert repair(gefuellt, Silent()) == WHOLE


def test_seiten_die_nicht_die_veroeffentlichten_sind_stehen_nicht_im_neuen_manifest(
    gefuellt: Projekt,
) -> None:
    folder = gefuellt.reports / "2025-06-30" / "gremium"
    flip(folder / "manifest.json")
    flip(folder / "finanzcontrolling.html")
    repair(gefuellt, Silent())
    assert [area for area, _ in manifest_of(folder / "manifest.json")] == ["monitoring_jugend"]


def test_mappen_und_offene_dateien_stehen_wieder_im_manifest_wenn_sie_die_von_damals_sind(
    gefuellt: Projekt,
) -> None:
    run = lauf(id="20260401T000000-dddddd", editionen=("gremium",))
    csv = {"bestand.csv": b"a,1", "csv-metadata.json": b"{}"}
    publish(projekt := gefuellt, run, [replace(a, mappe=b"PK", csv=csv) for a in ausgaben(run)])
    folder = projekt.reports / "2025-06-30" / "gremium"
    before = json.loads((folder / "manifest.json").read_bytes())["berichte"]
    (folder / "monitoring_jugend.xlsx").write_bytes(b"PK2")
    (folder / "csv" / "monitoring_jugend" / "bestand.csv").unlink()
    flip(folder / "manifest.json")
    repair(projekt, Silent())
    after = json.loads((folder / "manifest.json").read_bytes())["berichte"]
    for name in ("mappe", "csv"):
        assert before["finanzcontrolling"][name] == after["finanzcontrolling"][name] != {}
    assert after["monitoring_jugend"]["mappe"] == {}
    assert [*after["monitoring_jugend"]["csv"]] == ["csv/monitoring_jugend/csv-metadata.json"]


# ---- seals and checksums ----------------------------------------------------------------------

IRGENDWAS = TypeAdapter(dict[str, object])

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def _wie_ein_manifest(data: dict[str, object]) -> str:
    return json.dumps(seal.sealed(data), ensure_ascii=False)


@given(
    data=st.dictionaries(st.text(), plain), at=st.integers(0), bit=st.integers(0, 7),
    write=st.sampled_from([_wie_ein_manifest, seal.sealed_text]),
)  # fmt: skip
def test_versiegelt_kommt_es_unveraendert_zurueck_oder_gar_nicht(
    data, at: int, bit: int, write: Callable[[dict[str, object]], str]
) -> None:
    assume(seal.SEAL not in data)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "x.json"
        content = bytearray(write(data).encode())
        path.write_bytes(content)
        assert seal.unsealed(path, IRGENDWAS) == data
        assert json.loads(seal.sealed_text(data)) == seal.sealed(data)
        content[at % len(content)] ^= 1 << bit
        path.write_bytes(content)
        with contextlib.suppress(Damaged):
            assert seal.unsealed(path, IRGENDWAS) == data


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"\xff", b"{}", b"[]", b"1", b"null"])
def test_was_kein_siegel_traegt_wird_nicht_geglaubt(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(Damaged):
        seal.unsealed(tmp_path / "x.json", IRGENDWAS)


def test_was_versiegelt_ist_aber_die_form_nicht_hat_wird_nicht_geglaubt(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(seal.sealed({"anzahl": "drei"})))
    with pytest.raises(Damaged):
        seal.unsealed(tmp_path / "x.json", TypeAdapter(dict[str, int]))


def test_jede_seite_einer_tabelle_traegt_ihre_pruefsumme(tmp_path: Path) -> None:
    # Random amounts hardly compress: without the checksum of the page most bits would go unseen.
    dice = random.Random(1)
    table = pa.table({"betrag": [dice.random() for _ in range(2000)]})
    path = tmp_path / "x.parquet"
    path.write_bytes(seal.parquet(table))
    assert seal.table(path).equals(table)
    meta = pq.read_metadata(path).row_group(0).column(0)
    start, size = meta.dictionary_page_offset, meta.total_compressed_size
    content = path.read_bytes()
    for _ in range(60):
        broken = bytearray(content)
        broken[start + size // 4 + dice.randrange(size // 2)] ^= 1 << dice.randrange(8)
        path.write_bytes(broken)
        with pytest.raises(Damaged):
            seal.table(path)


def test_eine_unveraenderte_datei_wird_je_prozess_einmal_gelesen(gefuellt, monkeypatch) -> None:
    dateisumme._checksum.cache_clear()
    reads: list[str] = []
    real = hashlib.file_digest
    monkeypatch.setattr(
        hashlib, "file_digest", lambda f, name: reads.append(Path(f.name).name) or real(f, name)
    )
    for _ in range(3):
        tabellen(gefuellt, *JETZT)
    assert sorted(reads) == [
        "befunde.json",
        "gebiet.parquet",
        "lieferung.parquet",
        "pruefung.parquet",
    ]


# ---- what was stored before there were checksums ----------------------------------------------


def unsealed_project(projekt: Projekt) -> None:
    """Write everything as the version before checksums did."""
    folder = fassung_of(projekt)
    facts = json.loads((folder / "lieferung.json").read_text())
    del facts[seal.SEAL], facts["pruefsummen"], facts["verglichen"]
    (folder / "lieferung.json").write_text(json.dumps(facts | {"layout": 1}))
    for path in projekt.processed.glob("veroeffentlicht/*.json"):
        path.write_text(json.dumps(json.loads(path.read_text())["eintraege"]))
    for path in projekt.processed.glob("prognose_archiv/*.parquet"):
        said = [p.inhalt for p in aus_datei(path)]
        name = hashlib.sha256("".join(sorted(said)).encode()).hexdigest()[:16]
        path.rename(path.with_stem(name))
    for path in projekt.root.rglob("manifest.json"):
        record = json.loads(path.read_text())
        del record[seal.SEAL]
        path.write_text(json.dumps(record | {"schema": 1}))


def test_was_frueher_ohne_pruefsummen_gespeichert_wurde_bleibt_lesbar(gefuellt: Projekt) -> None:
    clean = bild(gefuellt)
    unsealed_project(gefuellt)
    assert bild(gefuellt) == clean
    assert repair(gefuellt, Silent()) == WHOLE
    assert start(gefuellt) == clean


@pytest.mark.parametrize("kind", ["Lieferung", "Befunde", "Tabelle", "Veröffentlichungen"])
@pytest.mark.parametrize("damage", [empty, folder], ids=lambda d: d.__name__)
def test_auch_ohne_pruefsumme_ist_unlesbares_ein_satz(gefuellt: Projekt, kind: str, damage) -> None:
    unsealed_project(gefuellt)
    damage(one(gefuellt, ONCE[kind]))
    with pytest.raises(StorageError) as caught:
        start(gefuellt)
    assert caught.value.tun.startswith("sozcontrol repair")
    mend(gefuellt)
    start(gefuellt)


def test_eine_prognose_ohne_pruefsumme_haftet_mit_ihrem_namen(gefuellt: Projekt) -> None:
    unsealed_project(gefuellt)
    (path, *_) = gefuellt.processed.glob("prognose_archiv/*.parquet")
    table = pq.read_table(path)
    at = table.schema.get_field_index("jahr")
    pq.write_table(table.set_column(at, "jahr", pa.array([2031] * len(table))), path)
    with pytest.raises(Damaged):
        store.prognosen(gefuellt)


# ---- as a user types it -----------------------------------------------------------------------


@pytest.mark.notebook
@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_musterstadt_sagt_nach_repair_dieselben_zahlen(
    eingelesen: Stadt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projekt = eingelesen.kopie(tmp_path).projekt
    monkeypatch.delenv("SOZCONTROL_SCHLUESSEL_DATEI")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    run = ("run", "--bereich", "finanzcontrolling", "--leise")
    ask = ("kennzahlen", "--bereich", "finanzcontrolling", "--format", "json")
    assert call(projekt, *run).exit_code == 0
    pages, numbers = snapshot(projekt.reports), call(projekt, *ask).stdout
    assert '"F05"' in numbers
    (path,) = projekt.processed.rglob("buchung.parquet")
    flip(path)
    for typed in (ask, run):
        done = call(projekt, *typed)
        assert (done.exit_code, done.stdout) == (Exit.STORAGE, "")
        assert "»buchung.parquet« ist nicht mehr" in done.stderr
        assert "sozcontrol repair" in done.stderr
    done = call(projekt, "repair")
    assert done.exit_code == 0 and "buchung.parquet" in done.stdout
    assert "sozcontrol check --stichtag 2025-06-30 --datenstand 2025-07-21" in done.stdout
    assert snapshot(projekt.reports) == pages
    assert call(projekt, *run).exit_code == 0
    assert call(projekt, *ask).stdout == numbers
    html = [n for n in pages if n.endswith(".html")]
    after = snapshot(projekt.reports)
    assert len(html) == 6 and all(after[n] == pages[n] for n in html)  # leitung and gremium
