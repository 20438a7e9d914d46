"""Killed at any event of the file system: nothing is lost, and nothing half made is seen.

`make test` tries a sample of the events, `make attack` each of them and 200 random moments.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from press_fixtures import DATENSTAND, STICHTAG, ausgaben, bare_project, lauf
from todespunkte import KILLED, killed_after, killed_at, needs_fork

from sozcontrol import catalogue, store
from sozcontrol.auskunft.statusauskunft import status
from sozcontrol.errors import NotReleased
from sozcontrol.press.ablegen import swap
from sozcontrol.press.ablegen.freigeben import Verantwortliche, release
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.ablegen.repair import WHOLE, repair
from sozcontrol.press.ablegen.verify import verify
from sozcontrol.press.lauf.kernel import Kernels
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.projekt import Projekt
from sozcontrol.tidy import arrow_schema

pytestmark = needs_fork

BOTH = ("leitung", "intern")
LAUF = {"alt": "20260101T000000-aaaaaa", "neu": "20260201T000000-bbbbbb"}
TAG = STICHTAG.isoformat()
OFFEN = "Eine Veröffentlichung ist nicht abgeschlossen"
FASSUNG = {"alt": "a" * 64, "neu": "b" * 64}
TABELLEN = ("fall", "gebiet")


@dataclass(frozen=True)
class Arbeit:
    """A piece of work on a project: what it starts from, and what must hold after a kill."""

    vorher: Path
    tun: Callable[[Projekt], object]
    beweis: Callable[[Projekt], None]

    def stirbt(self, platz: Path, at: int | None) -> list[str]:
        """Do it in a fresh copy, killed at event *at*, and prove what is left."""
        projekt = self.kopie(platz)
        events = killed_at(at, lambda: self.tun(projekt))
        self.beweis(projekt)
        return events

    def kopie(self, platz: Path) -> Projekt:
        shutil.rmtree(platz, ignore_errors=True)
        shutil.copytree(self.vorher, platz)
        return Projekt(platz)


def veroeffentlichen(projekt: Projekt, wort: str = "neu") -> None:
    run = lauf(id=LAUF[wort], editionen=BOTH, fassung=FASSUNG[wort])
    publish(projekt, run, ausgaben(run, wort))


def speichern(projekt: Projekt, wort: str = "neu") -> None:
    rows = {"alt": 0, "neu": 1}[wort]
    tables = {n: arrow_schema(catalogue.tabelle(n)).empty_table() for n in TABELLEN}
    tables["gebiet"] = tables["gebiet"].from_pylist(
        [dict.fromkeys(tables["gebiet"].column_names)] * rows, schema=tables["gebiet"].schema
    )
    store.save(
        projekt, stichtag=STICHTAG, datenstand=DATENSTAND, inhalt=FASSUNG[wort],
        kommune="musterstadt", tables=tables, findings=(), schluessel_id="0" * 8,
    )  # fmt: skip


@pytest.fixture(scope="module")
def anfang(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a delivery, and reports of it in both places."""
    projekt = bare_project(tmp_path_factory.mktemp("anfang") / "projekt")
    projekt.delivery_folder(STICHTAG, DATENSTAND).mkdir(parents=True)
    speichern(projekt, "alt")
    veroeffentlichen(projekt, "alt")
    return projekt.root


@pytest.fixture(scope="module")
def arbeiten(anfang: Path) -> dict[str, Arbeit]:
    return {
        "Veröffentlichen": Arbeit(anfang, veroeffentlichen, veroeffentlicht),
        "Umbenennen": Arbeit(anfang, ohne_tausch, veroeffentlicht),
        "Speichern": Arbeit(anfang, speichern, gespeichert),
    }


def ohne_tausch(projekt: Projekt) -> None:
    """Publish where the system can't exchange two names; only a child may."""
    swap.exchange = lambda a, b: False
    veroeffentlichen(projekt)


def gelesen(folder: Path) -> str:
    """Return the run a place is of, as its pages say; whole, whatever its mark says."""
    pages = sorted(folder.glob("*_*.html")) + sorted(folder.glob("finanz*.html"))
    words = {page.read_text(encoding="utf-8").split("<p>")[1].split()[0] for page in pages}
    assert len(pages) == 2 and len(words) == 1, f"half an edition: {folder}"
    return words.pop()


def zwei(projekt: Projekt) -> tuple[str, str]:
    return (
        gelesen(projekt.reports / TAG / "leitung"),
        gelesen(projekt.intern / TAG / "intern"),
    )


def uebersichten(projekt: Projekt) -> Iterator[str]:
    for root in (projekt.reports, projekt.intern):
        for page in (root / "index.html", root / TAG / "index.html"):
            yield page.read_text(encoding="utf-8")


def veroeffentlicht(projekt: Projekt) -> None:
    """What readers see is whole; the next start makes it of one run, and nothing is left over."""
    if projekt.reports.joinpath(TAG).is_dir() and projekt.intern.joinpath(TAG).is_dir():
        beides_gesagt(projekt)
    decided = swap.journal_path(projekt).is_file()
    starten(projekt)
    assert zwei(projekt) in (("alt", "alt"), ("neu", "neu"))
    if decided:
        assert zwei(projekt) == ("neu", "neu")
    assert not any(OFFEN in page for page in uebersichten(projekt))
    aufgeraeumt(projekt)
    told = {v.lauf for v in store.veroeffentlichungen(projekt)}
    assert (LAUF["neu"] in told) == (zwei(projekt)[0] == "neu")
    weiter(projekt)


def starten(projekt: Projekt) -> None:
    """Begin as every run does."""
    with sole_run(projekt):
        swap.recover(projekt)


def beides_gesagt(projekt: Projekt) -> None:
    """While the two places differ, status and every index say which is of which run."""
    first, second = zwei(projekt)
    if first != second:
        said = status(projekt, None, None, date(2026, 1, 2))
        assert (
            f"Fassung Leitung vom Lauf {LAUF['neu']}, Interne Fassung vom Lauf {LAUF['alt']}"
            in (said)
        )
        for page in uebersichten(projekt):
            assert OFFEN in page and LAUF["alt"] in page and LAUF["neu"] in page


def gespeichert(projekt: Projekt) -> None:
    """The delivery is the old one or the new one, and storing it again comes to its end."""
    (manifest,) = store.deliveries(projekt)
    daten = store.open_data(STICHTAG, DATENSTAND, projekt)
    rows = len(daten["gebiet"].to_pyarrow())
    daten.close()
    assert {FASSUNG["alt"]: 0, FASSUNG["neu"]: 1}[manifest["fassung"]] == rows
    starten(projekt)
    if store.find(projekt, STICHTAG, DATENSTAND, FASSUNG["neu"]) is None:
        speichern(projekt)
    assert store.deliveries(projekt)[0]["fassung"] == FASSUNG["neu"]
    aufgeraeumt(projekt)


def aufgeraeumt(projekt: Projekt) -> None:
    roots = (projekt.reports, projekt.intern, projekt.runs, projekt.processed)
    hidden = [p for root in roots for p in root.rglob(".*") if p.name != ".lauf"]
    assert hidden == []
    assert not swap.journal_path(projekt).exists()
    assert repair(projekt, Silent()) == WHOLE


def weiter(projekt: Projekt) -> None:
    veroeffentlichen(projekt)
    assert zwei(projekt) == ("neu", "neu")
    aufgeraeumt(projekt)


def test_was_ein_getoeteter_lauf_im_vorlaeufigen_liess_raeumt_der_naechste_weg(
    anfang: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a cell prints past Jupyter lies there: rows, if it prints rows."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sozcontrol.press.lauf.warm.possible", lambda: False)
    projekt = Projekt(anfang)

    def stirbt() -> None:
        kernels = Kernels(projekt).__enter__()
        assert kernels._room is not None
        (kernels._room / "k1.log").write_text("H0000017;Müller-Lüdenscheidt")
        os._exit(KILLED)

    killed_at(None, stirbt)
    (left,) = tmp_path.iterdir()
    assert (left / "k1.log").is_file()
    with Kernels(projekt), Kernels(projekt):  # a run beside keeps its own
        assert len([*tmp_path.iterdir()]) == 2 and not left.exists()
    assert not [*tmp_path.iterdir()]


def stichprobe(events: list[str], jedes: int) -> list[int]:
    """Return every so-manieth event, the exchanges, and the renamings that decide."""
    deciding = [n for n, name in enumerate(events) if name == "exchange"]
    renaming = [n for n, name in enumerate(events) if name == "os.rename"][:2]
    return sorted({*range(0, len(events), jedes), *deciding[1:], *renaming})


def zwischen_den_wechseln(arbeiten: dict[str, Arbeit], platz: Path) -> Projekt:
    """Return a project killed when one place had switched and the other had not."""
    arbeit = arbeiten["Veröffentlichen"]
    projekt = arbeit.kopie(platz)
    events = killed_at(None, lambda: arbeit.tun(projekt))
    last = max(n for n, name in enumerate(events) if name == "exchange")
    projekt = arbeit.kopie(platz)
    assert not killed_at(last, lambda: arbeit.tun(projekt))
    assert zwei(projekt) == ("neu", "alt")
    return projekt


def test_zwischen_den_beiden_wechseln_sagt_jeder_was_von_welchem_lauf_ist(
    arbeiten: dict[str, Arbeit], tmp_path: Path
) -> None:
    projekt = zwischen_den_wechseln(arbeiten, tmp_path / "p")
    beides_gesagt(projekt)
    with pytest.raises(NotReleased, match="von verschiedenen Läufen"):
        verify(projekt, projekt.reports / TAG, Silent(), nachbauen=False)
    with pytest.raises(NotReleased, match="von verschiedenen Läufen"):
        release(projekt, projekt.reports / TAG, Verantwortliche("Ruth Vogel"))
    said = repair(projekt, Silent())
    assert LAUF["alt"] in said and "Das ist jetzt nachgeholt." in said
    assert zwei(projekt) == ("neu", "neu")
    assert OFFEN not in "".join(uebersichten(projekt))
    assert OFFEN not in status(projekt, None, None, date(2026, 1, 2))
    verify(projekt, projekt.reports / TAG, Silent(), nachbauen=False)


def test_auch_wenn_am_zweiten_ort_noch_nichts_lag(
    arbeiten: dict[str, Arbeit], tmp_path: Path
) -> None:
    projekt = zwischen_den_wechseln(arbeiten, tmp_path / "p")
    shutil.rmtree(projekt.intern / TAG)
    said = status(projekt, None, None, date(2026, 1, 2))
    assert f"Fassung Leitung vom Lauf {LAUF['neu']}, die übrigen liegen nicht da." in said


@pytest.mark.parametrize("name", ["Veröffentlichen", "Speichern"])
def test_an_einer_stichprobe_der_ereignisse_geht_nichts_verloren(
    arbeiten: dict[str, Arbeit], name: str, tmp_path: Path
) -> None:
    arbeit = arbeiten[name]
    events = arbeit.stirbt(tmp_path / "p", None)
    for at in stichprobe(events, 60):
        assert not arbeit.stirbt(tmp_path / "p", at)


@pytest.mark.thorough
@pytest.mark.timeout(1800)  # some hundred runs, each killed once
@pytest.mark.parametrize("name", ["Veröffentlichen", "Umbenennen", "Speichern"])
def test_an_keinem_ereignis_geht_etwas_verloren(
    arbeiten: dict[str, Arbeit], name: str, tmp_path: Path
) -> None:
    arbeit = arbeiten[name]
    events = arbeit.stirbt(tmp_path / "p", None)
    assert {"open", "os.rename", "os.chmod", "fsync"} <= {*events}
    for at in range(len(events)):
        assert not arbeit.stirbt(tmp_path / "p", at)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["Veröffentlichen", "Speichern"])
def test_auch_in_keinem_augenblick_dazwischen(
    arbeiten: dict[str, Arbeit], name: str, tmp_path: Path
) -> None:
    arbeit, dice = arbeiten[name], random.Random(20250630)
    begun = time.monotonic()
    arbeit.stirbt(tmp_path / "p", None)
    length = time.monotonic() - begun
    for _ in range(100):
        projekt = arbeit.kopie(tmp_path / "p")
        killed_after(dice.uniform(0, length), lambda: arbeit.tun(projekt))  # noqa: B023
        arbeit.beweis(projekt)
