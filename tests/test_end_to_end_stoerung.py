"""What stops a run, and what goes on all the same: a comment, a notebook, a table with errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from conftest import Call
from rendered import text
from seiten import STICHTAG, ZWEI, page, snapshot

from sozcontrol.demo.pruefstand.ablage import Ablage
from sozcontrol.projekt import Projekt

pytestmark = pytest.mark.notebook


def test_ein_kommentar_mit_der_nummer_eines_falls_haelt_den_lauf_an(
    lauf: Projekt, typed: Callable[..., Call]
) -> None:
    path = lauf.notebooks / "kommentare" / "2025-06-30" / "finanzcontrolling.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = snapshot(lauf.reports)
    path.write_text("Der Aufwand steigt.\nAuslöser ist H0000017.\n", encoding="utf-8")
    try:
        done = typed("run", "--bereich", "finanzcontrolling")
    finally:
        path.unlink()
    assert done.exit_code == 7
    assert "kommentare/2025-06-30/finanzcontrolling.md, Zeile 2" in done.stderr
    assert "H0000017" not in done.stderr + done.stdout
    assert snapshot(lauf.reports) == before


def test_ein_gescheitertes_notebook_aendert_keinen_bericht(
    lauf: Projekt, typed: Callable[..., Call]
) -> None:
    notebook = lauf.notebooks / "monitoring_jugend.ipynb"
    good, before = notebook.read_bytes(), snapshot(lauf.reports)
    broken = json.loads(good)
    cell = next(c for c in broken["cells"] if c["id"] == "antwort-alter")
    cell["source"] = ['raise ValueError("CANARY-Erika Mustermann")']
    notebook.write_text(json.dumps(broken), encoding="utf-8")
    try:
        done = typed("run", *ZWEI)
    finally:
        notebook.write_bytes(good)
    assert done.exit_code == 6
    assert "monitoring_jugend" in done.stderr and "antwort-alter" in done.stderr
    assert "CANARY" not in done.stderr + done.stdout
    assert snapshot(lauf.reports) == before


def test_fehler_in_einer_tabelle_halten_nur_die_bereiche_auf_die_sie_brauchen(
    lauf: Projekt, typed: Callable[..., Call]
) -> None:
    before = page(lauf, "monitoring_jugend")
    later = ("--stichtag", "2025-06-30", "--datenstand", "2025-08-05")
    assert typed("demo", *later, "--mess", "unbekannte_hilfeart").exit_code == 0
    namen = verschiebe_zeilen(lauf.delivery_folder(STICHTAG, date(2025, 8, 5)))
    done = typed("run", *later, *ZWEI)
    assert done.exit_code == 4
    assert "R-I26" in done.stderr + done.stdout
    written = snapshot(lauf.reports) | snapshot(lauf.processed) | snapshot(lauf.runs)
    for spur in (done.stdout.encode(), done.stderr.encode(), *written.values()):
        assert not [name for name in namen if name.encode() in spur]
    assert page(lauf, "monitoring_jugend") == before
    assert "5. August 2025" in text(page(lauf, "finanzcontrolling"))
    index = (lauf.reports / "2025-06-30" / "index.html").read_text(encoding="utf-8")
    assert "gesperrt" in text(index)
    assert "nicht berechenbar" in text(page(lauf, "finanzcontrolling"))


def verschiebe_zeilen(ordner: Path) -> set[str]:
    """Shift rows of the Zahlliste by a column: names stand where a code belongs. Return them."""
    liste = Ablage(ordner, STICHTAG).liste("WJH_Zahlliste")
    rows = liste.wo(Zahlungsempfänger=lambda name: name.startswith("Fam. "))[:40]
    names = {liste.lies(i, "Zahlungsempfänger").removeprefix("Fam. ") for i in rows}
    for i in rows:
        liste.zeilen[i] = [*liste.zeilen[i][1:], ""]
    liste.schreibe()
    return {name for name in names if len(name) > 5}
