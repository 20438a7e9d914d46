"""What stops a run and leaves every report as it was: a comment, a notebook."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from conftest import Call
from seiten import ZWEI, snapshot

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
