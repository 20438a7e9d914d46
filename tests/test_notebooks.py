"""Notebooks: one question, one short answer; stripped; they run as they are."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from sozcontrol import catalogue

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STEPS = ["Ziel und Kennzahl", "Soll-Ist", "Ursachen", "Maßnahmen"]
MAX_CODE_CELLS, MAX_LINES = 22, 8
FORBIDDEN_CALLS = {
    "read_csv", "read_excel", "exit", "_exit", "input", "eval", "exec", "display", "print",
    "Output", "draw", "system",
}  # fmt: skip


def cells(path: Path, kind: str | None = None) -> list[dict]:
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [c for c in found if kind in (None, c["cell_type"])]


def source(cell: dict) -> str:
    return "".join(cell["source"])


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def test_jeder_bereich_hat_sein_notebook_und_umgekehrt() -> None:
    assert {p.stem for p in NOTEBOOKS} == set(catalogue.bereiche())


@each_notebook
def test_ausgaben_und_zaehler_sind_leer(path: Path) -> None:
    for cell in cells(path, "code"):
        assert cell["outputs"] == [] and cell["execution_count"] is None
    metadata = json.loads(path.read_text())["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert set(metadata) <= {"kernelspec", "title"}


@each_notebook
def test_zellen_tragen_sprechende_namen(path: Path) -> None:
    ids = [c["id"] for c in cells(path)]
    assert len(set(ids)) == len(ids)
    assert ids[:3] == ["titel", "parameter", "daten"]
    allowed = ("frage-", "antwort-", "schritt-", "titel", "parameter", "daten")
    assert [i for i in ids if not i.startswith(allowed)] == []


@each_notebook
def test_eine_zelle_traegt_die_zwei_parameter(path: Path) -> None:
    tagged = [c for c in cells(path, "code") if "parameters" in c["metadata"].get("tags", [])]
    assert [c["id"] for c in tagged] == ["parameter"]
    body = ast.parse(source(tagged[0])).body
    assert all(isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant) for n in body)
    assert [n.targets[0].id for n in body] == ["stichtag", "datenstand"]


@each_notebook
def test_die_vier_schritte_des_controllings_in_ihrer_ordnung(path: Path) -> None:
    lines = [line for c in cells(path, "markdown") for line in source(c).splitlines()]
    assert [line[3:] for line in lines if line.startswith("## ")][:4] == STEPS
    assert sum(line.startswith("# ") for line in lines) == 1


@each_notebook
def test_der_text_spricht_nicht_von_der_werkstatt(path: Path) -> None:
    """Leadership reads what a figure says; why a computation was left out is no answer."""
    text = "".join(source(c) for c in cells(path, "markdown"))
    assert [word for word in ("Rücktest", "länger als der übrige Bericht") if word in text] == []


@each_notebook
def test_zellen_bleiben_kurz(path: Path) -> None:
    code = cells(path, "code")
    assert len(code) <= MAX_CODE_CELLS
    assert {c["id"]: n for c in code if (n := len(source(c).splitlines())) > MAX_LINES} == {}


@each_notebook
def test_kein_notebook_entscheidet_oder_fragt_nach_der_edition(path: Path) -> None:
    """It runs once for all editions: what may be seen, and by whom, is decided afterwards."""
    for cell in cells(path, "code"):
        names = {n.id for n in ast.walk(ast.parse(source(cell))) if isinstance(n, ast.Name)}
        assert not names & {"edition", "freigabe", "disclosure"}, cell["id"]


@each_notebook
def test_notebooks_rechnen_nicht_selbst(path: Path) -> None:
    for cell in cells(path, "code"):
        tree = ast.parse(source(cell))
        for node in ast.walk(tree):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda), cell["id"]
            if isinstance(node, ast.ImportFrom):
                assert node.module == "sozcontrol" and "*" not in {a.name for a in node.names}
            assert not isinstance(node, ast.Import), cell["id"]
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert name not in FORBIDDEN_CALLS, cell["id"]
                assert "metadata" not in {k.arg for k in node.keywords}, cell["id"]


@each_notebook
def test_das_vorjahr_einer_kennzahl_kommt_von_einer_stelle(path: Path) -> None:
    """Which delivery tells last year is decided from facts (``revision.vorjahr``), not here."""
    tree = ast.parse("\n".join(source(c) for c in cells(path, "code")))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    named = {"kennzahl", "kennzahlen"}
    other = [c for c in calls if getattr(c.func, "attr", "") in named
             and any(k.arg == "stichtag" for k in c.keywords)]  # fmt: skip
    assert other == []
