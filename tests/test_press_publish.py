"""Publishing: all at once or not at all, whatever fails (killed: test_todespunkte)."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from press_fixtures import ausgaben, bare_project, lauf, snapshot

from sozcontrol.errors import Busy, ConfigurationError, Exit, StorageError
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.ablegen import swap
from sozcontrol.press.ablegen.modell import Ausgabe, Lauf
from sozcontrol.press.ablegen.publish import check_place, publish
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.plan import plan
from sozcontrol.projekt import Projekt

BOTH = ("leitung", "intern")


pytestmark = pytest.mark.usefixtures("no_disk")


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    return bare_project(tmp_path / "projekt")


@pytest.fixture
def published(projekt: Projekt) -> Projekt:
    """A project with a good report in both places."""
    first = lauf(editionen=BOTH)
    publish(projekt, first, ausgaben(first, "alt"))
    return projekt


def places(projekt: Projekt) -> dict[str, str]:
    """Return what a reader sees, hidden working folders left out."""
    both = {}
    for name, folder in (("reports", projekt.reports), ("intern", projekt.intern)):
        seen = snapshot(folder) if folder.is_dir() else {}
        both |= {f"{name}/{k}": v for k, v in seen.items() if not k.startswith(".")}
    return both


def leftovers(projekt: Projekt) -> list[str]:
    roots = (projekt.reports, projekt.intern)
    return [p.name for root in roots if root.is_dir() for p in root.iterdir() if p.name[0] == "."]


def manifest_of(projekt: Projekt, edition: str = "leitung") -> dict:
    root = projekt.intern if edition == "intern" else projekt.reports
    return json.loads((root / "2025-06-30" / edition / "manifest.json").read_text())


def test_berichte_seiten_und_manifeste_liegen_an_ihrem_ort(projekt) -> None:
    run = lauf(editionen=("leitung", "controlling", "intern"))
    index = publish(projekt, run, ausgaben(run))
    folder = projekt.reports / "2025-06-30"
    assert index == [folder / "index.html", projekt.intern / "2025-06-30" / "index.html"]
    files = [p.relative_to(folder).as_posix() for p in folder.rglob("*.*") if p.is_file()]
    names = ("datenqualitaet.html", "finanzcontrolling.html", "manifest.json")
    wanted = {f"{e}/{n}" for e in ("leitung", "controlling") for n in names}
    wanted |= {f"{e}/monitoring_jugend.html" for e in ("leitung", "controlling")}
    assert set(files) == wanted | {"index.html", ".lauf"}
    assert "intern" not in (folder / "index.html").read_text()
    assert leftovers(projekt) == []


def test_die_uebersicht_nennt_die_septemberprognose(projekt) -> None:
    august = date(2025, 8, 31)
    run = lauf(stichtag=august, geplant=plan(august, ("finanzcontrolling", "abwicklung"), BOTH))
    (index, *_) = publish(projekt, run, ausgaben(run))
    page = index.read_text(encoding="utf-8")
    assert page.count("Operativer Bericht · September-Prognose · ") == 1
    assert page.count("Operativer Bericht · ") == 2


def gesagt(run: Lauf, **aussagen: str) -> list[Ausgabe]:
    """Return the reports of a run, each with what its edition says: ``leitung="…"``."""
    return [replace(a, aussage=aussagen.get(a.bericht.edition.id, "")) for a in ausgaben(run)]


def test_die_uebersicht_aller_stichtage_beginnt_mit_dem_neuesten(projekt) -> None:
    april = date(2025, 4, 30)
    for run, text in (
        (lauf(), "Neu 1."), (lauf(stichtag=april, geplant=plan(april, (), ("leitung",))), "Alt 1."),
    ):  # fmt: skip
        publish(projekt, run, gesagt(run, leitung=text))
    page = (projekt.reports / "index.html").read_text(encoding="utf-8")
    assert page.index("2025-06-30/index.html") < page.index("2025-04-30/index.html")
    assert page.index("Neu 1.") < page.index("Alt 1.")
    (june, april_part) = page.split('href="2025-04-30')
    # In June two of the areas that are owed lie there; in April all.
    assert "fehlt" in june and "Kita-Monitoring" in june and "fehlt" not in april_part
    assert (projekt.reports / "index.html").stat().st_mode & 0o777 == 0o644


def test_der_index_sagt_was_die_strengste_edition_sagt(projekt) -> None:
    """Whoever holds the folder reads it: the council's members, too."""
    run = lauf(editionen=("leitung", "gremium", "intern"))
    said = gesagt(run, leitung="Es sind 4.", gremium="Es sind wenige.", intern="Es sind 4.")
    publish(projekt, run, said)
    for page in (projekt.reports / "index.html", projekt.reports / "2025-06-30" / "index.html"):
        text = page.read_text(encoding="utf-8")
        assert "Es sind wenige." in text and "Es sind 4." not in text
    other = lauf(id="20260201T000000-bbbbbb", editionen=("leitung", "gremium"))
    publish(projekt, other, gesagt(other, leitung="Es sind 4."))
    assert "Es sind" not in (projekt.reports / "index.html").read_text(encoding="utf-8")


def test_was_nach_der_frist_kam_steht_da(projekt) -> None:
    spaet = lauf(datenstand=date(2025, 9, 2))
    publish(projekt, spaet, ausgaben(spaet))
    page = (projekt.reports / "2025-06-30" / "index.html").read_text(encoding="utf-8")
    assert "Operativer Bericht 2 (fällig 1.\u00a0September 2025)" in page
    zeitig = lauf(id="20260201T000000-bbbbbb", datenstand=date(2025, 9, 1))
    publish(projekt, zeitig, ausgaben(zeitig))
    assert "Nach der Frist" not in (projekt.reports / "2025-06-30" / "index.html").read_text()


def test_ein_beschaedigter_stichtag_haelt_die_uebersicht_nicht_auf(published) -> None:
    (published.reports / "2025-06-30" / "leitung" / "manifest.json").write_text("{")
    april = date(2025, 4, 30)
    run = lauf(stichtag=april, geplant=plan(april, (), ("leitung",)))
    publish(published, run, ausgaben(run))
    assert "beschädigt" in (published.reports / "index.html").read_text(encoding="utf-8")


def test_was_hinaus_darf_ist_lesbar_und_internes_nur_fuer_den_besitzer(published) -> None:
    public = published.reports / "2025-06-30"
    assert {p.stat().st_mode & 0o777 for p in public.rglob("*") if p.is_file()} == {0o644}
    assert public.stat().st_mode & 0o777 == 0o755
    intern = published.intern / "2025-06-30"
    assert {p.stat().st_mode & 0o777 for p in intern.rglob("*") if p.is_file()} == {0o600}
    assert intern.stat().st_mode & 0o777 == 0o700


def test_das_manifest_nennt_eingaben_code_parameter_befunde_und_pruefsummen(projekt) -> None:
    found = [
        Finding("R-F01", Schwere.FEHLER, "Beginn fehlt.", "zahlung", anzahl=2),
        Finding("R-F05", Schwere.WARNUNG, "Ende vor Beginn.", "fall", anzahl=12),
    ]
    (projekt.root / "requirements.lock").write_text("babel==2.18\n")
    run = lauf(findings=tuple(found))
    publish(projekt, run, ausgaben(run))
    record = manifest_of(projekt)
    assert record["parameter"] == {
        "stichtag": "2025-06-30", "edition": "leitung", "datenstand": "2025-07-15",
    }  # fmt: skip
    assert record["eingaben"] == [{"dateiname": "WJH.csv", "sha256": "ab" * 32, "tabelle": "fall"}]
    assert record["befunde"] == [
        {"schwere": "fehler", "regel": "R-F01", "tabelle": "zahlung", "anzahl": "geheim"},
        {"schwere": "warnung", "regel": "R-F05", "tabelle": "fall", "anzahl": 12},
    ]
    assert record["git"] == {"commit": None, "veraendert": None}
    assert len(record["lock_sha256"]) == 64 and record["zeiten_s"] == {"einlesen": 1.23}
    assert record["begonnen"] == "2026-01-01T00:00:00+00:00"
    folder = projekt.reports / "2025-06-30" / "leitung"
    sums = snapshot(folder)
    for entry in record["berichte"].values():
        assert sums[entry["datei"]] == entry["sha256"]
        assert entry["status"] == "aktuell" and entry["sekunden"] == 1.5
    assert sums["datenqualitaet.html"] == record["seiten"]["datenqualitaet.html"]


def test_das_manifest_nennt_den_commit_und_ob_etwas_geaendert_war() -> None:
    from sozcontrol.press.ablegen.manifest import git_state

    state = git_state(Path(__file__).parent)
    assert len(state["commit"]) == 40 and state["veraendert"] in (True, False)


def test_ein_gesperrter_bereich_behaelt_seinen_bericht_byte_fuer_byte(published) -> None:
    before = places(published)
    run = lauf(
        id="20260201T000000-bbbbbb",
        datenstand=lauf().datenstand.replace(month=8),
        gesperrt={"monitoring_jugend": ("fall",)},
    )
    publish(published, run, ausgaben(run, "neu"))
    after = places(published)
    kept, new = (
        f"reports/2025-06-30/leitung/{n}.html" for n in ("monitoring_jugend", "finanzcontrolling")
    )
    assert after[kept] == before[kept]
    assert after[new] != before[new]
    entry = manifest_of(published)["berichte"]["monitoring_jugend"]
    assert entry["status"] == "gesperrt" and entry["gesperrt_wegen"] == ["fall"]
    assert entry["datenstand"] == "2025-07-15" and entry["lauf"] == "20260101T000000-aaaaaa"
    index = (published.reports / "2025-06-30" / "index.html").read_text()
    assert "nicht geliefert: Hilfe" in index
    assert "letzte gültige Bericht mit dem Datenstand 15.\u00a0Juli 2025" in index


def test_ein_von_anfang_an_gesperrter_bereich_steht_ohne_verweis_in_der_uebersicht(projekt) -> None:
    run = lauf(gesperrt={"monitoring_jugend": ("fall", "lieferung")})
    publish(projekt, run, ausgaben(run))
    index = (projekt.reports / "2025-06-30" / "index.html").read_text()
    assert 'href="leitung/monitoring_jugend.html"' not in index
    assert "Einen früheren gültigen Bericht gibt es nicht." in index


def test_nach_der_sperre_gilt_der_neue_bericht_wieder(published) -> None:
    blocked = lauf(id="20260201T000000-bbbbbb", gesperrt={"monitoring_jugend": ("fall",)})
    publish(published, blocked, ausgaben(blocked))
    again = lauf(id="20260301T000000-cccccc")
    publish(published, again, ausgaben(again))
    assert manifest_of(published)["berichte"]["monitoring_jugend"]["status"] == "aktuell"
    assert "gesperrt, weil" not in (published.reports / "2025-06-30" / "index.html").read_text()


def test_eine_andere_edition_laesst_die_fruehere_unveraendert(published) -> None:
    before = snapshot(published.reports / "2025-06-30" / "leitung")
    run = lauf(id="20260201T000000-bbbbbb", editionen=("gremium",))
    publish(published, run, ausgaben(run))
    assert snapshot(published.reports / "2025-06-30" / "leitung") == before
    index = (published.reports / "2025-06-30" / "index.html").read_text()
    assert "leitung/finanzcontrolling.html" in index and "gremium/finanzcontrolling.html" in index


def test_zwei_gleiche_laeufe_geben_gleiche_seiten(projekt) -> None:
    run = lauf()
    publish(projekt, run, ausgaben(run))
    before = snapshot(projekt.reports)
    publish(projekt, run, ausgaben(run))
    assert snapshot(projekt.reports) == before


def arm(monkeypatch, at: int | None, error: BaseException | None = None, *, double=False) -> list:
    """Let the call number *at* of everything that changes the disk fail with *error*."""
    calls: list[str] = []

    def watched(name, original):
        def call(*args, **settings):
            calls.append(name)
            if len(calls) - 1 == at:
                raise error
            return original(*args, **settings)

        return call

    for owner, name in (
        (Path, "rename"), (Path, "replace"), (Path, "write_text"), (Path, "chmod"),
        (shutil, "copytree"), (os, "fsync"), (swap, "exchange"), (Path, "unlink"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, watched(name, getattr(owner, name)))
    if double:
        monkeypatch.setattr(swap, "exchange", lambda a, b: False)
    return calls


STEPS, DECIDING = 108, 58
"""More calls than one publication makes, and where the deciding ones begin; proved below."""


def fault(at: int, *, double: bool) -> Any:
    """Return one step to fail at; some stand for the others where nothing new is decided."""
    sample = at % (6 if double else 12) == 0 or (at >= DECIDING and not double)
    thorough = [] if sample else [pytest.mark.thorough]
    name = "Umbenennen" if double else "Tausch"
    return pytest.param(at, double, marks=thorough, id=f"{name}-{at}")


EVERY_FAULT = [fault(n, double=False) for n in range(STEPS)]
EVERY_FAULT += [fault(n, double=True) for n in range(DECIDING, STEPS)]


@pytest.mark.parametrize("at, double", EVERY_FAULT)
def test_scheitert_ein_schritt_gilt_ganz_alt_oder_ganz_neu(
    published, monkeypatch, at, double
) -> None:
    before = places(published)
    run = lauf(id="20260201T000000-bbbbbb", editionen=BOTH)
    arm(monkeypatch, at, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), double=double)
    failed = None
    try:
        publish(published, run, ausgaben(run, "neu"))
    except StorageError as error:
        failed = error
    monkeypatch.undo()
    if failed is None:
        assert_new(published, before)
    else:
        assert failed.exit_code is Exit.STORAGE
        assert "kein Platz mehr" in str(failed) or "nicht kopieren" in str(failed)
        assert places(published) == before
        assert leftovers(published) == []
        assert not swap.journal_path(published).exists()


def assert_new(projekt: Projekt, before: dict[str, str]) -> None:
    after = places(projekt)
    assert set(after) == set(before)
    for place in ("reports", "intern"):
        edition = "leitung" if place == "reports" else "intern"
        for area in ("finanzcontrolling", "monitoring_jugend"):
            name = f"{place}/2025-06-30/{edition}/{area}.html"
            assert after[name] != before[name], name


@pytest.mark.parametrize("double", [False, True], ids=["Tausch", "zwei Umbenennungen"])
def test_die_pruefung_erreicht_jeden_schritt(published, monkeypatch, double) -> None:
    calls = arm(monkeypatch, None, double=double)
    run = lauf(id="20260201T000000-bbbbbb", editionen=BOTH)
    publish(published, run, ausgaben(run, "neu"))
    assert DECIDING < len(calls) < STEPS
    assert not {"exchange", "rename", "replace"} & set(calls[:DECIDING])


def test_scheitert_die_erste_veroeffentlichung_bleibt_nichts_zurueck(projekt, monkeypatch) -> None:
    run = lauf()
    arm(monkeypatch, 8, OSError(errno.EACCES, "Permission denied"))
    with pytest.raises(StorageError):
        publish(projekt, run, ausgaben(run))
    monkeypatch.undo()
    assert places(projekt) == {} and leftovers(projekt) == []


def test_reste_eines_getoeteten_laufs_werden_beim_naechsten_start_entfernt(published) -> None:
    before = places(published)
    (published.reports / ".2025-06-30.neu-xyz").mkdir()
    (published.intern / ".2025-06-30.alt-xyz").mkdir()
    assert not swap.recover(published)
    assert leftovers(published) == [] and places(published) == before


def test_der_tausch_ist_ein_einziger_schritt(tmp_path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "inhalt").write_text(name)
    if not swap.exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("das Dateisystem kennt keinen Tausch")
    assert (tmp_path / "a" / "inhalt").read_text() == "b"
    assert (tmp_path / "b" / "inhalt").read_text() == "a"


def test_ein_nicht_beschreibbarer_ordner_faellt_vor_dem_ersten_kern_auf(
    projekt, monkeypatch
) -> None:
    def refuse(*_args, **_settings):
        raise PermissionError(errno.EACCES, "Permission denied")

    run = lauf()
    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StorageError) as caught:
        check_place(projekt, run.stichtag, run.editionen, "musterstadt")
    assert caught.value.exit_code is Exit.STORAGE


def test_berichte_einer_anderen_kommune_werden_nicht_vermischt(published) -> None:
    run = lauf()
    with pytest.raises(ConfigurationError, match="musterstadt"):
        check_place(published, run.stichtag, run.editionen, "anderswo")


def test_zwei_laeufe_zugleich_gehen_nicht_und_der_zweite_erfaehrt_warum(projekt) -> None:
    with sole_run(projekt):
        who = f"Prozess {os.getpid()}, seit"
        with pytest.raises(Busy, match=who) as caught, sole_run(projekt):
            pass
        assert caught.value.exit_code is Exit.BUSY
    with sole_run(projekt):
        pass


def test_ein_alter_vermerk_eines_toten_laufs_stoert_nicht(projekt) -> None:
    projekt.runs.mkdir(parents=True)
    (projekt.runs / "lauf.lock").touch()
    (projekt.runs / "lauf.json").write_text('{"prozess": 1, "seit": "gestern"}')
    with sole_run(projekt):
        assert json.loads((projekt.runs / "lauf.json").read_text())["prozess"] == os.getpid()


@pytest.mark.parametrize("note", [b"", b"[]", b"7", b"{}", b'{"prozess": 1}', b"\xff"])
def test_ein_unlesbarer_vermerk_des_anderen_laufs_ist_trotzdem_ein_satz(projekt, note) -> None:
    with sole_run(projekt):
        (projekt.runs / "lauf.json").write_bytes(note)
        with pytest.raises(Busy, match="noch aktiv"), sole_run(projekt):
            pass
