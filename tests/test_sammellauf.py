"""Many runs in one call: in order within a municipality, side by side between them."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

import pytest
from conftest import Stadt
from press_fixtures import bare_project, write_notebook

from sozcontrol import catalogue
from sozcontrol.auskunft import sammellauf
from sozcontrol.auskunft.sammellauf import Einzellauf, ketten, run_all, together, verdict
from sozcontrol.cli import main
from sozcontrol.errors import CatalogueError, DeliveryMissing, UsageError
from sozcontrol.projekt import Projekt

ORTE = ("", "kiel", "koeln", "moers")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sammellauf, "LOOK_SECONDS", 0)


@dataclass
class Lauf:
    """A run that ends with *code* after so many looks."""

    looks: int
    code: int
    ended: list[int] = field(default_factory=list)

    def poll(self) -> int | None:
        self.looks -= 1
        return None if self.looks > 0 else self.code

    def wait(self, timeout: float | None = None) -> int:
        assert timeout is not None, "an end that is asked for is waited for so long only"
        self.ended.append(2)
        return -15

    def terminate(self) -> None:
        self.ended.append(1)


@dataclass
class Maschine:
    """Starts runs as *plan* has them, and knows which are at work."""

    plan: dict[tuple[str, str], Lauf]
    begun: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0

    def __call__(
        self, words: list[str], environment: Mapping[str, str], folder: Path, _: tuple[int, int]
    ) -> Lauf:
        town = environment["SOZCONTROL_KOMMUNE"]
        key = (town, words[words.index("--stichtag") + 1])
        self.begun.append(key)
        at_work = [k for k in self.begun if self.plan[k].looks > 0]
        assert [k for k in at_work if k[0] == town] == [key], "one run of a municipality at a time"
        self.most = max(self.most, len(at_work))
        return self.plan[key]


def _random(rnd: Random, projekt: Projekt) -> tuple[list[deque[Einzellauf]], Maschine]:
    chains, plan = [], {}
    for town in ORTE[: rnd.randint(1, 4)]:
        days = [f"202{i}-06-30" for i in range(rnd.randint(1, 4))]
        runs = [Einzellauf(projekt.of(town), d, ("run", "--stichtag", d)) for d in days]
        chains.append(deque(runs))
        plan |= {(town, d): Lauf(rnd.randint(1, 5), rnd.choice([0, 0, 0, 4, 6])) for d in days}
    return chains, Maschine(plan)


@pytest.mark.parametrize("seed", range(40))
def test_was_laeuft_haelt_reihenfolge_und_grenze(tmp_path: Path, seed: int) -> None:
    rnd = Random(seed)
    chains, machine = _random(rnd, Projekt(tmp_path))
    planned = [[(r.projekt.kommune, r.stichtag) for r in chain] for chain in chains]
    limit = rnd.randint(1, 3)
    told = [*run_all(chains, limit, machine)]
    assert machine.most <= limit
    for chain in planned:
        ran = [key for key in machine.begun if key in chain]
        bad = [i for i, key in enumerate(chain) if machine.plan[key].code not in (0, 4)]
        assert ran == chain[: bad[0] + 1 if bad else None]  # in order, and none after a failure
    codes = [code for text, code in told if not text.startswith("Nicht begonnen")]
    assert sorted(codes) == sorted(machine.plan[key].code for key in machine.begun)
    left = sum(text.count("30.06.") for text, _ in told if text.startswith("Nicht begonnen"))
    assert left + len(machine.begun) == sum(map(len, planned))


def test_gearbeitet_wird_nebeneinander(tmp_path: Path) -> None:
    plan = {(town, "2025-06-30"): Lauf(3, 0) for town in ORTE}
    runs = [deque([Einzellauf(Projekt(tmp_path, t), d, ("run", "--stichtag", d))]) for t, d in plan]
    machine = Maschine(plan)
    assert len([*run_all(runs, 3, machine)]) == 4 and machine.most == 3


def test_wer_abbricht_beendet_was_laeuft(tmp_path: Path) -> None:
    plan = {("", "2025-06-30"): Lauf(1, 0), ("kiel", "2025-06-30"): Lauf(99, 0)}
    runs = [deque([Einzellauf(Projekt(tmp_path, t), d, ("run", "--stichtag", d))]) for t, d in plan]
    all_of_them = run_all(runs, 2, Maschine(plan))
    assert "Musterstadt, 30.06.2025: veröffentlicht" in next(all_of_them)[0]
    all_of_them.close()
    assert [run.ended for run in plan.values()] == [[], [1, 2]]


@pytest.mark.parametrize(
    ("codes", "ganzes"),
    [([], 0), ([0, 0], 0), ([0, 4], 4), ([4, 0], 4), ([0, 3, 6], 3), ([4, 6, 0], 6), ([-9], -9)],
)
def test_ein_ausgangscode_fuer_alle(codes: list[int], ganzes: int) -> None:
    assert verdict(codes) == ganzes


@pytest.mark.parametrize(
    ("ketten", "kerne", "frei", "zugleich"),
    [(50, 2, 64e9, 2), (1, 8, 64e9, 1), (50, 8, 3.2e9, 2), (50, 8, 1e8, 1), (3, None, 64e9, 1)],
)
def test_kerne_und_speicher_begrenzen(
    monkeypatch: pytest.MonkeyPatch, ketten: int, kerne: int | None, frei: float, zugleich: int
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: kerne)
    monkeypatch.setattr(sammellauf, "_free_bytes", lambda: int(frei))
    assert together(ketten) == zugleich


def test_der_freie_speicher_ist_eine_zahl_dieses_rechners() -> None:
    assert 10**7 < sammellauf._free_bytes() < 10**14


def _delivered(projekt: Projekt, *days: str) -> Projekt:
    for day in days:
        (projekt.raw / day / day).mkdir(parents=True)
    return projekt


def test_stichtage_stehen_in_ihrer_folge_und_jeder_einmal(tmp_path: Path) -> None:
    projekt = bare_project(tmp_path / "p")
    (chain,) = ketten(projekt, ["2025-06-30", "2024-06-30", "2025-06-30"], ["--frei"], alle=False)
    assert [r.stichtag for r in chain] == ["2024-06-30", "2025-06-30"]
    assert chain[0].worte == ("run", "--stichtag", "2024-06-30", "--frei", "--leise")
    with pytest.raises(UsageError):
        ketten(projekt, ["2025-06-30", "gestern"], [], alle=False)


def test_alle_kommunen_sind_die_fuer_die_etwas_da_ist(tmp_path: Path) -> None:
    projekt = bare_project(tmp_path / "p")
    with pytest.raises(DeliveryMissing):
        ketten(projekt, [], [], alle=True)
    _delivered(projekt.of("koeln"), "2025-06-30"), _delivered(projekt.of("kiel"), "2025-06-30")
    projekt.of("moers").raw.mkdir(parents=True)
    assert [c[0].projekt.kommune for c in ketten(projekt, [], [], alle=True)] == ["kiel", "koeln"]
    _delivered(projekt, "2025-06-30")
    assert ketten(projekt, [], [], alle=True)[0][0].projekt.kommune == ""
    _delivered(projekt.of("unbekannt"), "2025-06-30")
    with pytest.raises(UsageError, match="unbekannt"):
        ketten(projekt, [], [], alle=True)


def test_ein_datenstand_gilt_nicht_fuer_viele(projekt: Projekt, capsys) -> None:
    words = ["run", "--projekt", str(projekt.root), "--datenstand", "2025-07-15"]
    assert main([*words, "--alle-kommunen"]) == 2
    days = ["--stichtag", "2024-06-30", "--stichtag", "2025-06-30"]
    assert main([*words, *days]) == 2


# ---- facts of further municipalities ----------------------------------------------------------


@pytest.fixture
def gemeinde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projekt:
    projekt = bare_project(tmp_path / "p")
    place = projekt.profile / "kommunen"
    place.mkdir(parents=True)
    (projekt.profile / "meins.yml").write_text("x: 1")
    (place / "kleinau.yml").write_text("id: kleinau\nname: Kleinau\nfeiertage: DE-RP\n")
    monkeypatch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
    return projekt


def test_eine_weitere_kommune_ist_eine_datei(
    gemeinde: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert catalogue.kommune("kleinau").profile == ("meins",)
    assert catalogue.standard_kommune() == catalogue.projektkommune() == "musterstadt"
    monkeypatch.setenv("SOZCONTROL_KOMMUNE", "kleinau")
    assert catalogue.standard_kommune() == "kleinau"
    assert catalogue.projektkommune() == "musterstadt"
    (gemeinde.profile / "kommunen" / "kleinau.yml").write_text("id: kleinau\nname: Neu\n")
    assert catalogue.kommune("kleinau").name == "Neu"


def test_ein_name_der_nicht_zur_datei_passt_haelt_an(gemeinde: Projekt) -> None:
    (gemeinde.profile / "kommunen" / "gross.yml").write_text("id: kleinau\nname: Kleinau\n")
    with pytest.raises(CatalogueError, match="Dateinamen"):
        catalogue.kommune("kleinau")


# ---- for real ---------------------------------------------------------------------------------


def test_gegabelt_wird_was_getippt_waere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process with the imports done; commands forked from it, one of them ended early."""
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", "/nirgends")
    projekt = bare_project(tmp_path / "p")
    with sammellauf.starter() as start:
        runs = [
            deque([Einzellauf(projekt.of(town), "", ("run", "--leise"))]) for town in ("", "kiel")
        ]
        told = [*run_all(runs, 2, start)]
        assert [code for _, code in told] == [3, 3]
        assert all("neuester Stichtag: nicht veröffentlicht (3)" in text for text, _ in told)
        assert {text.split(",")[0] for text, _ in told} == {"Musterstadt", "Kiel"}
        hung = start(["check", "--watch"], {**os.environ, **projekt.environment}, tmp_path, (1, 2))
        hung.terminate()
        assert hung.wait(20) is not None


@pytest.mark.notebook
def test_eine_kommune_erscheint_und_die_andere_sagt_was_fehlt(
    veroeffentlicht: Stadt, tmp_path: Path
) -> None:
    stadt = veroeffentlicht.kopie(tmp_path / "stadt")
    empty = stadt.projekt.of("kiel").delivery_folder(date(2025, 6, 30), date(2025, 7, 21))
    empty.mkdir(parents=True)
    area = "unterhaltsvorschuss"
    page = stadt.projekt.reports / "2025-06-30" / "leitung" / f"{area}.html"
    before = page.read_bytes()
    notebook = stadt.projekt.notebooks / f"{area}.ipynb"
    notebook.write_text(json.dumps(json.loads(notebook.read_text())))  # the same, to be run again
    asked = ["--alle-kommunen", "--bereich", area, "--edition", "leitung"]
    done = stadt.typed("run", "--stichtag", "2025-06-30", *asked)
    assert "Musterstadt, 30.06.2025: veröffentlicht, " in done.stdout, done
    assert "Kiel, 30.06.2025: nicht veröffentlicht" in done.stdout
    assert done.exit_code not in (0, 4) and page.read_bytes() == before
    manifest = json.loads((page.parent / "manifest.json").read_text())
    assert manifest["berichte"][area]["lauf"] == manifest["lauf"]
    assert not stadt.projekt.of("kiel").reports.exists()


def test_ohne_gabel_wird_gestartet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sammellauf, "possible", lambda: False)
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with sammellauf.starter() as start:
        assert start(["run"], {}, tmp_path, (1, 2)).wait(10) == 0


@pytest.mark.thorough
@pytest.mark.notebook
def test_ein_notebook_das_scheitert_hat_auch_gegabelt_seinen_code(
    eingelesen: Stadt, tmp_path: Path
) -> None:
    """Its kernels are ended at once, and again with the run: where they came from is waited for
    once."""
    projekt = eingelesen.kopie(tmp_path / "stadt").projekt
    write_notebook(projekt, "monitoring_jugend", "## Soll-Ist", "1 / 0")
    words = ("run", "--bereich", "monitoring_jugend", "--leise")
    known = {"XDG_CONFIG_HOME": str(tmp_path / "stadt" / "config")}
    with sammellauf.starter() as start, (tmp_path / "said").open("w+b") as said:
        out = said.fileno(), said.fileno()
        run = start([*words], {**os.environ, **projekt.environment, **known}, projekt.root, out)
        assert run.wait(200) == 6, (tmp_path / "said").read_text()
