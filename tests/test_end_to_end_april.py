"""30.04.: a run of two areas, the Hochrechnung only as an experiment."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from conftest import Call, call, make_project
from rendered import tables, text
from seiten import AREAS, golden, sizes, tiles

from sozcontrol import store
from sozcontrol.projekt import Projekt

pytestmark = [pytest.mark.notebook, pytest.mark.thorough]


@pytest.fixture(scope="module")
def april(tmp_path_factory: pytest.TempPathFactory) -> tuple[Projekt, Callable[..., Call]]:
    """A project with two areas of 30.04.2025, and a function that calls the command line there."""
    root = tmp_path_factory.mktemp("april")
    projekt = make_project(root / "projekt")

    def run(*arguments: str) -> Call:
        return call(projekt, *arguments, XDG_CONFIG_HOME=str(root / "config"))

    assert run("demo", *APRIL).exit_code == 0
    areas = [w for area in AREAS for w in ("--bereich", area)]
    editions = ("--edition", "leitung", "--edition", "controlling")
    assert run("run", *APRIL, *areas, *editions).exit_code == 0
    return projekt, run


APRIL = ("--stichtag", "2025-04-30")


def april_page(projekt: Projekt, area: str, edition: str) -> str:
    path = projekt.reports / "2025-04-30" / edition / f"{area}.html"
    return path.read_text(encoding="utf-8")


def test_am_30_april_steht_die_hochrechnung_nur_als_versuch_im_controlling(april) -> None:
    projekt, run = april
    leitung, controlling = (
        april_page(projekt, "finanzcontrolling", e) for e in ("leitung", "controlling")
    )
    name = "Hochrechnung je Produktgruppe: Aufwand"
    assert "Hochrechnung" not in text(leitung) and "Spanne" not in text(leitung)
    assert not re.search(r"steckbrief-f0[568]", leitung) and "steckbrief-f01" in leitung
    assert "notebooks/kommentare" not in leitung and "notebooks/kommentare" in controlling
    assert f"{name} (Versuch)" in tables(controlling) and "steckbrief-f05" in controlling
    assert "keine Grundlage für Entscheidungen" in text(controlling)
    assert "Hochrechnung" not in tiles(leitung) | tiles(controlling)
    told = run("explain", "F05", *APRIL).stdout
    assert "(Versuch)" in told.splitlines()[0] and "keine Grundlage für Entscheidungen" in told
    kept = {p.reife for p in store.prognosen(projekt)}
    assert kept == {"experimentell"}
    refused = run("run", *APRIL, "--bereich", "hochrechnung")
    assert refused.exit_code == 2 and "keine Hochrechnung" in refused.stderr


@pytest.mark.parametrize("edition", ["leitung", "controlling"])
@pytest.mark.parametrize("area", AREAS)
def test_auch_am_30_april_verliert_kein_bericht_eine_zeile(april, area: str, edition: str) -> None:
    html = april_page(april[0], area, edition)
    assert sizes(html) == golden("2025-04-30", edition, area)


def test_am_30_april_sagt_das_terminal_nicht_mehr_als_die_seite(april) -> None:
    """What the page hides must not be had by `sozcontrol kennzahlen` (§ 35a followed from it)."""
    projekt, run = april
    for edition in ("leitung", "controlling"):
        html = april_page(projekt, "monitoring_jugend", edition)
        rows = tables(html)["Alle Kennzahlen des Monitorings"][1:]
        shown = {r[0]: "geheim" in r[2] for r in rows}
        done = run("kennzahlen", *APRIL, "--edition", edition, "--format", "json")
        told = {k["id"]: k for k in json.loads(done.stdout)["kennzahlen"]}
        assert len(shown) > 25
        assert {k: told[k]["wert"] == "geheim" for k in shown} == shown
    assert told["F05"]["versuch"], "an experiment is called one on the terminal, too"
