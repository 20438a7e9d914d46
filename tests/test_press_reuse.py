"""A notebook runs again when something it read has changed, and never shows what is out of date."""

from __future__ import annotations

import ast
import os
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from press_fixtures import BEREICHE, bare_project, store_delivery, write_notebook

from sozcontrol import catalogue, store
from sozcontrol.press.lauf import reuse, unchanged
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.run import Wunsch, run
from sozcontrol.projekt import Projekt
from sozcontrol.tidy import arrow_schema

ROOT = Path(__file__).parent.parent
WUNSCH = Wunsch("2025-06-30", "2025-07-15", BEREICHE, explain=True)
LIEST = """from sozcontrol import present, revision, store
daten = store.open_data(stichtag, datenstand)
frueher = revision.fruehere(daten, "leitung")
gelesen = f"WORT {daten.manifest['fassung']} {[str(f.datenstand) for f in frueher]}"
ohne_ziffern = gelesen.translate(str.maketrans("0123456789", "ghijklmnop"))
present.sentence("Gelesen: {was}", was=ohne_ziffern)"""
KOMMENTAR = 'present.commentary(stichtag, "monitoring_jugend")'
ZITIERT = "present.opinions(stichtag)"
JUGEND, FINANZEN = "monitoring_jugend", "finanzcontrolling"


class Told(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []

    def step(self, text: str) -> None:
        self.steps.append(text)


@dataclass
class Haus:
    """A project with a stored delivery and a random choice of what to change in it."""

    projekt: Projekt
    deliver: Callable[[str], None]
    zufall: Random = field(default_factory=lambda: Random(7))
    runde: int = 0
    letztes: str = ""

    def run(self, **asked: object) -> dict[str, str]:
        """Run, and return by area why it was executed, as the run explains it."""
        told = Told()
        run(self.projekt, Wunsch(**{**vars(WUNSCH), **asked}), told)
        said = (s.strip().split(": ", 1) for s in told.steps if s.startswith("  "))
        return {area: why for area, why in said if why != "unverändert"}

    def pages(self, edition: str = "leitung") -> dict[str, str]:
        folder = self.projekt.reports / "2025-06-30" / edition
        return {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.html"))}

    def neu(self) -> str:
        """Return a word that was never there."""
        self.runde += 1
        self.letztes = f"Wort {self.runde} {self.zufall.random()}"
        return self.letztes

    def slot(self) -> Path:
        return self.projekt.processed / "2025-06-30" / "2025-07-15"


@pytest.fixture
def haus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Haus:
    projekt = bare_project(tmp_path / "projekt")
    shutil.copytree(ROOT / "expectations", projekt.expectations, dirs_exist_ok=True)

    def deliver(inhalt: str) -> None:
        eingang = store_delivery(projekt, inhalt=inhalt)
        monkeypatch.setattr("sozcontrol.press.run.receive", lambda *_: eingang)

    haus = Haus(projekt, deliver)
    deliver("f" * 64)
    for area in BEREICHE:
        schreibe(haus, area)
    return haus


def schreibe(haus: Haus, area: str) -> None:
    said = KOMMENTAR if area == JUGEND else ZITIERT
    write_notebook(haus.projekt, area, "## Soll-Ist", LIEST.replace("WORT", haus.neu()), said)


def notebook(haus: Haus) -> set[str]:
    area = haus.zufall.choice(BEREICHE)
    schreibe(haus, area)
    return {area}


def lieferung(haus: Haus) -> set[str]:
    haus.deliver(f"{haus.zufall.getrandbits(256):064x}")
    return set(BEREICHE)


def szenario(haus: Haus) -> set[str]:
    path = haus.projekt.szenarien / "2025-06-30" / "a.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(haus.neu(), encoding="utf-8")
    return set(BEREICHE)


def andere_lieferung(haus: Haus) -> set[str]:
    day = date(2025, 1, 1) + timedelta(haus.zufall.randrange(100))
    store.save(
        haus.projekt, stichtag=date(2024, 12, 31), datenstand=day, kommune="musterstadt",
        inhalt=f"{haus.zufall.getrandbits(256):064x}", findings=(), schluessel_id="0" * 8,
        tables={"fall": arrow_schema(catalogue.tabelle("fall")).empty_table()},
    )  # fmt: skip
    return set(BEREICHE)


def frueher_veroeffentlicht(haus: Haus) -> set[str]:
    day = date(2025, 4, 1) + timedelta(haus.zufall.randrange(80))
    _veroeffentliche(haus, date(2025, 3, 31), day)
    return set(BEREICHE)


def kommentar(haus: Haus) -> set[str]:
    path = haus.projekt.kommentar(date(2025, 6, 30), haus.zufall.choice([JUGEND, "kinderschutz"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(haus.neu(), encoding="utf-8")
    return set()


def zielbeschluss(haus: Haus) -> set[str]:
    path = haus.projekt.zielbeschluesse
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"beschluesse: []  # {haus.neu()}", encoding="utf-8")
    return set()


def verlorene_ablage(haus: Haus) -> set[str]:
    path = haus.zufall.choice(sorted(haus.slot().glob("gerechnet/lauf/present-*.json")))
    path.write_text(path.read_text(encoding="utf-8").replace("sentence", "sentenze"))
    path.touch()
    return {next(b for b in BEREICHE if store.name_aus("ausfuehrung", b) in path.name)}


def nichts(haus: Haus) -> set[str]:
    return set()


EDITS = [notebook, lieferung, szenario, andere_lieferung, frueher_veroeffentlicht, kommentar,
         zielbeschluss, verlorene_ablage, nichts]  # fmt: skip


def _veroeffentliche(haus: Haus, stichtag: date, datenstand: date) -> None:
    said = store.Veroeffentlichung(
        stichtag, datenstand, "e" * 64, JUGEND, "leitung", "0" * 64, f"lauf-{haus.neu()[5:7]}",
        datetime(2025, 6, 1, tzinfo=UTC), "0.1.0",
    )  # fmt: skip
    store.veroeffentlichungen_ablegen(haus.projekt, [said])


@pytest.mark.notebook
def test_nie_veraltet_und_nie_umsonst(haus: Haus) -> None:
    """Random edits, each followed by a run: it executes what the edit concerns, and nothing else;
    the pages are those of a run that executes everything."""
    haus.run()
    edits = [*EDITS, *haus.zufall.sample(EDITS, 2)]
    haus.zufall.shuffle(edits)
    for edit in edits:
        expected = edit(haus)
        assert set(haus.run()) == expected, edit.__name__
        if len(expected) < len(BEREICHE):  # else everything was executed
            shown = haus.pages()
            assert edit is not kommentar or any(haus.letztes in page for page in shown.values())
            assert set(haus.run(force=True)) == set(BEREICHE)
            assert haus.pages() == shown, edit.__name__


def test_dass_ein_notebook_gespeichert_wurde_sagt_die_zeit_der_dateien(haus: Haus) -> None:
    """A guess that decides when to get ready; what has to run is told by what it is made of."""
    asked = ("2025-06-30", BEREICHE)
    assert unchanged.edited(haus.projekt, *asked), "nothing was ever executed"
    with closing(store.open_data("2025-06-30", "2025-07-15", haus.projekt)) as daten:
        name = store.name_aus("ausfuehrung", JUGEND)
        place = store.platz(daten, reuse.RAEUME, name, ["made of"])
        assert place is not None
        place.write(reuse.Behalten("{}", {}, 0.0, {}))
    assert not unchanged.edited(haus.projekt, *asked)
    assert not unchanged.edited(haus.projekt, None, ())
    assert unchanged.edited(haus.projekt, "2025-03-31", ()), "nothing of this day"
    path = haus.projekt.notebooks / f"{JUGEND}.ipynb"
    os.utime(path, (time.time() + 5, time.time() + 5))
    assert unchanged.edited(haus.projekt, *asked)
    assert unchanged.edited(haus.projekt, None, ())
    others = tuple(area for area in BEREICHE if area != JUGEND)
    assert not unchanged.edited(haus.projekt, "2025-06-30", others)
    assert not unchanged.edited(haus.projekt, "2025-06-30", ("gibt_es_nicht",))


@pytest.mark.notebook
def test_eine_weitere_edition_und_ein_kommentar_kosten_keinen_kern(
    haus: Haus, monkeypatch: pytest.MonkeyPatch
) -> None:
    haus.run()
    monkeypatch.setattr("sozcontrol.press.lauf.execute.Kernels", None)
    assert haus.run(editionen=("leitung", "gremium", "intern")) == {}
    assert haus.pages("gremium").keys() == haus.pages().keys()
    kommentar(haus)
    before = haus.pages()
    assert haus.run() == {}
    assert haus.pages().keys() == before.keys()


@pytest.mark.notebook
def test_explain_nennt_was_sich_geaendert_hat(haus: Haus, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(haus.run().values()) == {reuse.NIE}
    schreibe(haus, JUGEND)
    assert haus.run() == {JUGEND: "geändert: das Notebook"}
    monkeypatch.setattr(reuse, "packages", lambda: ["anders"])
    assert set(haus.run().values()) == {"geändert: die installierten Pakete"}
    szenario(haus)
    schreibe(haus, FINANZEN)
    both = haus.run()
    assert both[FINANZEN] == "geändert: das Notebook, Dateien bei den Notebooks (Szenarien)"
    assert both[JUGEND] == "geändert: Dateien bei den Notebooks (Szenarien)"
    assert set(haus.run(force=True).values()) == {reuse.VERLANGT}


@pytest.mark.notebook
def test_was_sich_waehrend_des_laufs_aendert_wird_nicht_behalten(
    haus: Haus, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sozcontrol.press import run as module

    real = module.execute_all

    def meanwhile(*given, **settings):
        done = real(*given, **settings)
        schreibe(haus, JUGEND)
        return done

    monkeypatch.setattr(module, "execute_all", meanwhile)
    haus.run()
    monkeypatch.setattr(module, "execute_all", real)
    assert set(haus.run()) == {JUGEND}


@pytest.mark.notebook
def test_behalten_wird_was_erklaert_ist_und_keine_andere_ausgabe(haus: Haus) -> None:
    write_notebook(haus.projekt, JUGEND, "## Soll-Ist", "print('CANARY')", "'CANARY'", LIEST)
    haus.run()
    shown = haus.pages()
    kept = list(haus.slot().glob("gerechnet/lauf/present-*.json"))
    assert len(kept) == len(BEREICHE)
    for path in kept:
        assert path.stat().st_mode & 0o077 == 0
        values = path.read_text(encoding="utf-8")
        assert "CANARY" not in values.replace("print('CANARY')", "").replace("'CANARY'", "")
    assert haus.run() == {}
    assert haus.pages() == shown


GREIFT_AUS = [
    "import os",
    "import pandas as pd",
    "from pathlib import Path",
    "from sozcontrol import auskunft",
    "from sozcontrol.press import run",
    "open('zusatz')",
    "forecast.datei.lies('Reihen.CSV')",
    "%time 1",
    "x = !ls",
    "daten.projekt.root",
    "store.open_data.__globals__['os']",
    "getattr(store, 'o' + 's')",
    "from datetime import date\ndate.today()",
    "1 +",
]


@pytest.mark.parametrize("source", GREIFT_AUS)
def test_was_ueber_die_raeume_hinausgreift_laeuft_jedes_mal(haus: Haus, source: str) -> None:
    path = write_notebook(haus.projekt, JUGEND, source)
    assert reuse._reaches_beyond(path)


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_die_notebooks_der_bereiche_bleiben_in_den_raeumen(path: Path) -> None:
    assert not reuse._reaches_beyond(path)


GELESEN = {
    "store": {
        "open_data",
        "open_fassung",
        "vorjahr",
        "veroeffentlichungen",
        "prognosen",
        "abgelehnt",
        "beanstandet",
    },  # what a check found lies in the delivery, checksummed
    "projekt": {"schaetzung", "szenarien"},
}
"""What a notebook can have read through the rooms; each is in the key of what is kept."""
UNGELESEN = {
    "store": {"Abfragetext", "Daten", "Prognose", "Veroeffentlichung", "angelegt", "beantwortet",
              "connect", "dieselbe", "gerechnet", "mit_ergebnis", "name_aus", "pruefsumme",
              "uebersetzt"},
    "projekt": {"kommentar", "stellungnahme", "zielbeschluesse", "root", "find", "around"},
}  # fmt: skip
"""What names no input: types, the memory itself, what is read when a page is drawn."""


def test_einen_kommentar_liest_eine_stelle_die_ihn_der_seite_sagt() -> None:
    """A page is kept by the comments it asked for: none may be read past what it remembers."""
    readers = [
        path.name for path in (ROOT / "sozcontrol" / "present").rglob("*.py")
        if ".stellungnahme(" in (text := path.read_text(encoding="utf-8")) or ".read_text(" in text
    ]  # fmt: skip
    assert readers == ["steckbrief.py"]


def test_raeume_lesen_nichts_was_der_schluessel_nicht_kennt() -> None:
    """A room that learns to read something else must say so to what decides on running again."""
    used: dict[str, set[str]] = {"store": set(), "projekt": set()}
    for room in ("measures", "forecast", "hochrechnung", "revision", "disclosure", "present"):
        for path in (ROOT / "sozcontrol" / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    owner = getattr(node.value, "attr", None) or getattr(node.value, "id", "")
                    used.get(owner.lower(), set()).add(node.attr)
                if isinstance(node, ast.ImportFrom) and node.module == "sozcontrol.store":
                    used["store"] |= {alias.name for alias in node.names}
    for owner, names in used.items():
        assert names - UNGELESEN[owner] <= GELESEN[owner], owner
