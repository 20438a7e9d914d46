"""What is deleted, what later reports need and keep, and the protocol of it."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from pathlib import Path

import pytest
from press_fixtures import ausgaben, bare_project, lauf
from test_store import save

from sozcontrol import store
from sozcontrol.errors import Damaged, StorageError, UsageError
from sozcontrol.press.ablegen.loeschen import SCHICHTEN, TRASH, Loeschwunsch, delete
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.lauf.plan import plan
from sozcontrol.projekt import Projekt
from sozcontrol.store import kette

ALT, VORJAHR, JETZT = date(2022, 6, 30), date(2024, 6, 30), date(2025, 6, 30)
GEHEIM = "Fallnummer-4711"


pytestmark = pytest.mark.usefixtures("no_disk")


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    """Three Stichtage in every layer."""
    projekt = bare_project(tmp_path / "projekt")
    for number, day in enumerate((ALT, VORJAHR, JETZT)):
        known = day.replace(month=7, day=21)
        raw = projekt.delivery_folder(day, known)
        raw.mkdir(parents=True)
        (raw / f"{GEHEIM}.csv").write_text("a;b\n" * (number + 1))
        save(projekt, str(number) * 64, stichtag=day, datenstand=known)
        run = lauf(
            id=f"{day.year}0801T080000-aaaaaa", stichtag=day, datenstand=known,
            geplant=plan(day, ("monitoring_jugend",), ("leitung", "intern")),
        )  # fmt: skip
        publish(projekt, run, ausgaben(run))
        for words in ({"x": 1}, {"x": 2}):  # the first is replaced
            one = store.Entschieden("musterstadt", day, "f" * 64, (), words)
            store.entscheidung_ablegen(projekt, store.entscheidungen.write(one))
        (projekt.runs / run.id).mkdir()
        (projekt.runs / run.id / "notebook.ipynb").write_text(GEHEIM)
        (projekt.runs / f"fehler-{day.year}0801T080000.txt").write_text(GEHEIM)
        (projekt.runs / "pruefung").mkdir(exist_ok=True)
        (projekt.runs / "pruefung" / f"{day}_{known}.html").write_text(GEHEIM)
    return projekt


def files(projekt: Projekt) -> set[str]:
    there = {p.relative_to(projekt.root).as_posix() for p in projekt.root.rglob("*") if p.is_file()}
    return {p for p in there if "/protokoll/" not in p and not p.endswith("lauf.lock")}


def of(day: date, projekt: Projekt) -> set[str]:
    """Return the files of one Stichtag or of the run of that year."""
    words = (day.isoformat(), f"{day.year}0801T080000")
    replaced = {
        p.relative_to(projekt.root).as_posix()
        for d, p in store.entscheidungsdateien(projekt) if d == day
    }  # fmt: skip
    found = {p for p in files(projekt) if any(w in p for w in words)} | replaced
    return {p for p in found if "/veroeffentlicht/" not in p}


def wunsch(vor: date, *schichten: str, **more: bool) -> Loeschwunsch:
    return Loeschwunsch(vor, schichten, wer="Ada Beispiel", **more)


def test_ohne_ausfuehren_geschieht_nichts(projekt: Projekt) -> None:
    before = files(projekt)
    text = delete(projekt, wunsch(date(2025, 1, 1)))
    assert "nichts ist geschehen" in text and files(projekt) == before
    assert not projekt.protokolle.exists()
    for name in SCHICHTEN:
        assert f"{name}: " in text


def test_geloescht_wird_aus_jeder_schicht_nur_was_aelter_ist(projekt: Projekt) -> None:
    """What was published and forecast stays on record; the overviews name what is left."""
    before, old = files(projekt), of(ALT, projekt)
    assert len(old) > 12
    delete(projekt, wunsch(date(2023, 1, 1), ausfuehren=True))
    assert before - files(projekt) == old
    assert {v.stichtag for v in store.veroeffentlichungen(projekt)} == {ALT, VORJAHR, JETZT}
    assert {m["stichtag"] for m in store.deliveries(projekt)} == {"2024-06-30", "2025-06-30"}
    for root in (projekt.reports, projekt.intern):
        page = (root / "index.html").read_text("utf-8")
        assert "2022-06-30" not in page and "2024-06-30/index.html" in page
    assert store.damages(projekt) == []


def test_was_spaetere_berichte_brauchen_bleibt_und_wird_genannt(projekt: Projekt) -> None:
    """Reports of 2025 are compared with 2024, decided against it and attacked beside it."""
    before = files(projekt)
    text = delete(projekt, wunsch(date(2025, 1, 1), ausfuehren=True))
    gone = before - files(projekt)
    kept = {p for p in of(VORJAHR, projekt) if p in before}
    assert {p.split("/")[1] for p in gone if "2024" in p} == {"raw", "runs"}
    places = (
        "data/processed/2024-06-30",
        "data/processed/entscheidung/2024-06-30.json",
        "data/processed/entscheidung/frueher",
        "data/reports_intern/2024",
        "reports/2024-06-30",
    )
    assert all(any(p.startswith(place) for p in kept) for place in places)
    for word in ("gespeichert: 30.06.2024", "entscheidungen: 30.06.2024", "Gegenprobe"):
        assert word in text
    delete(projekt, wunsch(date(2025, 1, 1), ausfuehren=True, auch_benoetigtes=True))
    assert of(VORJAHR, projekt) == set() and of(JETZT, projekt)


def test_nur_die_genannte_schicht(projekt: Projekt) -> None:
    before = files(projekt)
    delete(projekt, wunsch(date(2023, 1, 1), "roh", ausfuehren=True))
    assert {p.split("/")[1] for p in before - files(projekt)} == {"raw"}


@pytest.mark.parametrize("unread", [True, False])
def test_rohes_das_niemand_las_und_die_neueste_lieferung_bleiben(
    projekt: Projekt, unread: bool
) -> None:
    later = projekt.raw / "2022-06-30" / "2022-09-01"
    if unread:
        later.mkdir()
        (later / "x.csv").write_text("neu")
    text = delete(projekt, wunsch(date(2026, 1, 1), "roh", ausfuehren=True))
    assert (projekt.raw / "2022-06-30").exists() is unread
    assert ("noch nicht eingelesen" in text) is unread
    assert (projekt.raw / "2025-06-30").exists() and "neueste Lieferung" in text


def test_das_protokoll_nennt_tage_mengen_und_pruefsummen_und_niemanden(projekt: Projekt) -> None:
    raw = projekt.raw / "2022-06-30"
    (path,) = raw.rglob("*.csv")
    text = delete(projekt, wunsch(date(2023, 1, 1), ausfuehren=True))
    begun, done = kette.zeilen(kette.path_of(projekt, kette.LOESCHUNGEN))
    assert (begun["stand"], done["stand"]) == ("begonnen", "gelöscht")
    assert text.endswith(f"Quittung: {done['pruefsumme']}")
    assert (done["wer"], done["vor"]) == ("Ada Beispiel", "2023-01-01")
    (row,) = (w for w in done["was"] if w["schicht"] == "roh")
    name = os.fsencode(f"2022-06-30/2022-07-21/{GEHEIM}.csv")
    line = f"{name!r} {hashlib.sha256(b'a;b' + chr(10).encode()).hexdigest()}"
    assert row == {
        "schicht": "roh", "tag": "2022-06-30", "dateien": 1, "bytes": 4,
        "sha256": hashlib.sha256(line.encode()).hexdigest(),
    }  # fmt: skip
    assert not path.exists() and GEHEIM not in json.dumps(begun) + json.dumps(done)


def test_ein_abgebrochenes_loeschen_bringt_das_naechste_zu_ende(
    projekt: Projekt, monkeypatch
) -> None:
    from sozcontrol.press.ablegen import loeschen

    def full(path: Path) -> None:
        raise OSError(5, "kaputt")

    with monkeypatch.context() as patch:
        patch.setattr(loeschen, "_drop", full)
        with pytest.raises(StorageError, match="Nicht alles"):
            delete(projekt, wunsch(date(2023, 1, 1), ausfuehren=True))
    (begun,) = kette.zeilen(kette.path_of(projekt, kette.LOESCHUNGEN))
    assert begun["stand"] == "begonnen" and [*projekt.root.rglob(f".*{TRASH}")]
    assert store.damages(projekt) == []
    delete(projekt, wunsch(date(2023, 1, 1), ausfuehren=True))
    assert of(ALT, projekt) == set() and not [*projekt.root.rglob(f".*{TRASH}")]


def test_ohne_namen_ohne_schicht_und_mit_gebrochener_kette_wird_nichts_geloescht(
    projekt: Projekt,
) -> None:
    before = files(projekt)
    with pytest.raises(UsageError, match="Namen"):
        delete(projekt, Loeschwunsch(date(2023, 1, 1), ausfuehren=True))
    with pytest.raises(UsageError) as caught:
        delete(projekt, wunsch(date(2023, 1, 1), "rho", ausfuehren=True))
    assert "»roh«" in caught.value.tun
    path = kette.path_of(projekt, kette.LOESCHUNGEN)
    path.parent.mkdir()
    path.write_text("{}\n")
    with pytest.raises(Damaged):
        delete(projekt, wunsch(date(2023, 1, 1), ausfuehren=True))
    assert files(projekt) == before
