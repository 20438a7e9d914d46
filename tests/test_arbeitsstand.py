"""A state of work: as the reports would appear, built at every change, and published nowhere."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from press_fixtures import (
    BEREICHE,
    DATENSTAND,
    STICHTAG,
    bare_project,
    beliefert,
    snapshot,
    store_delivery,
    write_notebook,
)

from sozcontrol.auskunft import bauwaechter
from sozcontrol.auskunft.bauwaechter import Bauwaechter, build
from sozcontrol.cli import main
from sozcontrol.errors import Busy, Exit, NotReleased
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.ablegen.arbeitsstand import folder_of
from sozcontrol.press.ablegen.loeschen import Loeschwunsch, delete
from sozcontrol.press.gegenprobe import gegenprobe
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.run import Wunsch, run
from sozcontrol.projekt import Projekt

ROOT = Path(__file__).parent.parent
SATZ = 'from sozcontrol import present\npresent.sentence("WORT zum {tag}.", tag=stichtag)'
VERMERK = "Arbeitsstand – nicht veröffentlicht."


@pytest.fixture
def haus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projekt:
    """A project with a stored delivery and two small notebooks, whose reports are published."""
    projekt = bare_project(tmp_path / "projekt")
    shutil.copytree(ROOT / "expectations", projekt.expectations, dirs_exist_ok=True)
    eingang = store_delivery(projekt)
    monkeypatch.setattr("sozcontrol.press.run.receive", lambda *_: eingang)
    for area in BEREICHE:
        _write(projekt, area)
    _run(projekt)
    return projekt


def _write(projekt: Projekt, area: str, word: str = "WORT") -> None:
    comment = f'present.commentary(stichtag, "{area}")'
    write_notebook(projekt, area, "## Maßnahmen", SATZ.replace("WORT", word), comment)


def _run(projekt: Projekt, **asked: object) -> Path:
    return run(projekt, Wunsch("2025-06-30", "2025-07-15", BEREICHE, **asked), Silent()).index


def _published(projekt: Projekt) -> dict[str, str]:
    """All that is published, and all that is remembered of it."""
    found = snapshot(projekt.reports) | snapshot(projekt.processed)
    return {name: digest for name, digest in found.items() if "gerechnet/" not in name}


@pytest.mark.notebook
def test_ein_arbeitsstand_ist_der_bericht_wie_er_erschiene_und_bindet_nichts(haus: Projekt) -> None:
    before = _published(haus)
    _write(haus, BEREICHE[0], "Anders")
    comment = haus.kommentar(STICHTAG, BEREICHE[1])
    comment.parent.mkdir(parents=True)
    comment.write_text("Ein Satz des Fachamts.\n", encoding="utf-8")
    index = _run(haus, arbeitsstand=True)
    assert index == folder_of(haus, STICHTAG, "leitung") / "index.html"
    assert _published(haus) == before
    seen = {p.name: p.read_text("utf-8") for p in (index.parent / "leitung").glob("*.html")}
    assert "Anders zum" in seen[f"{BEREICHE[0]}.html"]
    assert "Ein Satz des Fachamts." in seen[f"{BEREICHE[1]}.html"]
    assert all(VERMERK in page for page in [*seen.values(), index.read_text("utf-8")])
    assert {stat.S_IMODE(p.stat().st_mode) for p in index.parent.rglob("*")} == {0o700, 0o600}

    _run(haus)
    there = haus.reports / "2025-06-30" / "leitung"
    for area in BEREICHE:
        page = (there / f"{area}.html").read_text("utf-8")
        assert VERMERK not in page
        assert _without_note(page) == _without_note(seen[f"{area}.html"])


def _without_note(page: str) -> list[str]:
    """Return the lines of a page but for those that say what it is, on screen and on paper."""
    notes = (VERMERK, 'content: "Arbeitsstand')
    return [s for s in page.splitlines() if s.strip() and not any(note in s for note in notes)]


@pytest.mark.notebook
def test_was_die_gegenprobe_nicht_haelt_wird_auch_nicht_zur_ansicht(
    haus: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = _run(haus, arbeitsstand=True)
    before = snapshot(index.parent)

    def refuse(*_: object) -> None:
        raise NotReleased("Nein.", wo="hier", tun="Nichts.")

    monkeypatch.setattr(gegenprobe, "pruefe", refuse)
    with pytest.raises(NotReleased):
        _run(haus, arbeitsstand=True)
    assert snapshot(index.parent) == before
    assert [*haus.runs.glob(".arbeitsstand*")] == []


@pytest.mark.notebook
def test_ein_gesperrter_bereich_fehlt_und_sein_letzter_bericht_bleibt(
    haus: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _published(haus)
    fault = Finding("R-F01", Schwere.FEHLER, "Beginn fehlt.", "fall", "beginn", 1, 9)
    eingang = store_delivery(haus, findings=(fault,), inhalt="e" * 64)
    monkeypatch.setattr("sozcontrol.press.run.receive", lambda *_: eingang)
    index = _run(haus, arbeitsstand=True)
    assert [p.stem for p in (index.parent / "leitung").glob("*c*.html")] == ["finanzcontrolling"]
    text = index.read_text("utf-8")
    assert "Fehlt noch" in text and "Einen früheren gültigen Bericht gibt es nicht" not in text
    after = _published(haus)
    assert {n: after[n] for n in before if "leitung/" in n} == {
        n: d for n, d in before.items() if "leitung/" in n
    }


@pytest.mark.notebook
def test_ein_arbeitsstand_wird_mit_den_laeufen_geloescht(haus: Projekt) -> None:
    index = _run(haus, arbeitsstand=True)
    delete(haus, Loeschwunsch(date(2025, 7, 1), ("laeufe",), ausfuehren=True, wer="Ada Muster"))
    assert not index.parent.exists() and (haus.reports / "2025-06-30" / "index.html").is_file()


class Bau:
    """Stands for the build: ends as a test plants, and counts."""

    def __init__(self) -> None:
        self.mal, self.code, self.fehler = 0, int(Exit.OK), False

    def __call__(self) -> int:
        self.mal += 1
        if self.fehler:
            raise Busy("Ein anderer Lauf ist noch aktiv.", wo="hier", tun="Warten.")
        return self.code


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    return beliefert(tmp_path / "stadt")


@pytest.fixture
def bau() -> Bau:
    return Bau()


@pytest.fixture
def waechter(projekt: Projekt, bau: Bau) -> Bauwaechter:
    guard = Bauwaechter(projekt, STICHTAG, DATENSTAND, bau)
    assert "erster Stand" in "".join(guard.look()) and bau.mal == 1
    return guard


@pytest.mark.parametrize(
    ("datei", "gebaut"),
    [
        ("notebooks/monitoring_jugend.ipynb", True),
        ("notebooks/kommentare/2025-06-30/monitoring_jugend.md", True),
        ("notebooks/szenarien/2025-06-30/entgelte.yml", True),
        ("expectations/regeln/eigene.yml", True),
        ("profile/kommune.yml", True),
        ("data/raw/2025-06-30/2025-07-15/a.csv", True),
        ("data/raw/2025-06-30/2025-07-15/lieferung.yml", True),
        ("notebooks/werkstatt/probe.ipynb", False),
        ("notebooks/.ipynb_checkpoints/monitoring_jugend-checkpoint.ipynb", False),
        ("notebooks/.~monitoring_jugend.ipynb", False),
        ("data/raw/2024-06-30/2024-07-15/a.csv", False),
        ("data/runs/x.json", False),
    ],
)
def test_gebaut_wird_bei_allem_woraus_berichte_bestehen_und_bei_nichts_anderem(
    waechter: Bauwaechter, bau: Bau, projekt: Projekt, datei: str, gebaut: bool
) -> None:
    path = projekt.root / datei
    path.parent.mkdir(parents=True, exist_ok=True)
    for content in ("x", "yy", None):  # made, changed, removed
        path.write_text(content) if content else path.unlink()
        before = bau.mal
        assert [*waechter.look()] == []  # it may still be written
        told = "".join(waechter.look())
        assert (path.name in told, bau.mal - before) == (gebaut, int(gebaut))
    assert [*waechter.look()] == []


def test_geaenderte_fakten_und_geaenderter_code_bauen_neu(
    projekt: Projekt, bau: Bau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "sozcontrol"
    (package / "catalogue" / "__pycache__").mkdir(parents=True)
    monkeypatch.setattr(bauwaechter, "PACKAGE", package)
    guard = Bauwaechter(projekt, STICHTAG, DATENSTAND, bau)
    assert len([*guard.look()]) == 2
    (package / "catalogue" / "__pycache__" / "a.pyc").write_text("x")
    assert [*guard.look(), *guard.look()] == []
    (package / "catalogue" / "bereiche.yml").write_text("x")
    assert "sozcontrol/catalogue/bereiche.yml" in "".join([*guard.look(), *guard.look()])


@pytest.mark.parametrize(
    ("code", "satz"),
    [(0, "ist neu."), (4, "gesperrte Bereiche fehlen"), (6, "blieb, wie er war"),
     (143, "blieb, wie er war"), (-9, "blieb, wie er war")],
)  # fmt: skip
def test_wie_ein_bau_ausging_steht_da(projekt: Projekt, bau: Bau, code: int, satz: str) -> None:
    bau.code = code
    assert satz in [*Bauwaechter(projekt, STICHTAG, DATENSTAND, bau).look()][-1]


def test_wer_warten_muss_sagt_es_einmal_und_baut_dann(projekt: Projekt, bau: Bau) -> None:
    guard = Bauwaechter(projekt, STICHTAG, DATENSTAND, bau)
    bau.fehler = True
    assert "noch aktiv" in "".join(guard.look())
    assert [*guard.look(), *guard.look()] == [] and bau.mal == 3
    bau.fehler = False
    assert "ist neu" in "".join(guard.look()) and [*guard.look()] == []


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen]:
    """Whatever is built only sleeps, and its wait is interrupted; the process is kept."""
    begun: list[subprocess.Popen] = []

    class Schlaf(subprocess.Popen):
        def __init__(self, command: list[str], **given: object) -> None:
            assert command[1:4] == ["-m", "sozcontrol", "run"] and "--arbeitsstand" in command
            super().__init__(["sleep", "60"])
            begun.append(self)

        def wait(self, timeout: float | None = None) -> int:
            if timeout is None:
                raise KeyboardInterrupt
            return super().wait(timeout)

    monkeypatch.setattr(subprocess, "Popen", Schlaf)
    return begun


def test_wer_den_waechter_beendet_beendet_den_bau(
    projekt: Projekt, child: list[subprocess.Popen]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        build(projekt, [])
    assert child[0].returncode == -15
    with sole_run(projekt), pytest.raises(Busy):
        build(projekt, [])
    assert len(child) == 1


def test_watch_fragt_den_lauf_wie_es_gefragt_wurde(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    asked: list[list[str]] = []

    def built(_: Projekt, words: list[str]) -> int:
        asked.append(words)
        raise KeyboardInterrupt

    monkeypatch.setattr(bauwaechter, "build", built)
    monkeypatch.setattr("sozcontrol.press.lauf.beweis.prove_facts", lambda _: None)
    words = ["--bereich", "monitoring_jugend", "--edition", "intern"]
    assert main(["watch", "--projekt", str(projekt.root), *words]) == 130
    assert asked == [
        ["--stichtag", "2025-06-30", "--datenstand", "2025-07-15", *words, "--explain"]
    ]
    assert "30.06.2025" in capsys.readouterr().out
    unknown = ["watch", "--projekt", str(projekt.root), "--bereich", "montoring_jugend"]
    assert main(unknown) == 2 and len(asked) == 1


def test_ein_bau_traegt_die_umgebung_seines_projekts(
    projekt: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    class Fertig:
        def __init__(self, command: list[str], cwd: Path, env: dict[str, str]) -> None:
            seen.update(env, cwd=str(cwd))

        wait: Callable = lambda self, timeout=None: 4
        poll: Callable = lambda self: 4

    monkeypatch.setattr(subprocess, "Popen", Fertig)
    assert build(projekt.of("nachbarstadt"), []) == 4
    assert seen["SOZCONTROL_KOMMUNE"] == "nachbarstadt" and seen["cwd"] == str(projekt.root)
    assert seen["SOZCONTROL_PROJEKT"] == str(projekt.root) and seen["PATH"] == os.environ["PATH"]
