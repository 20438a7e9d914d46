"""Small notebooks and projects for the tests of the press."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from sozcontrol import catalogue, store
from sozcontrol.checks import Regel
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.ablegen.modell import Ausgabe, Lauf
from sozcontrol.press.lauf.execute import Auftrag, Ausgefuehrt, execute_all
from sozcontrol.press.lauf.parameter import Parameter
from sozcontrol.press.lauf.plan import plan
from sozcontrol.press.lauf.progress import Progress, Silent
from sozcontrol.press.lauf.receive import Eingang
from sozcontrol.projekt import Projekt
from sozcontrol.tidy import arrow_schema

STICHTAG, DATENSTAND = date(2025, 6, 30), date(2025, 7, 15)
BEREICHE = ("finanzcontrolling", "monitoring_jugend")
"""Two areas are enough to test the press: what it does to them it does to every other one."""
PARAMETER = Parameter(stichtag=STICHTAG, datenstand=DATENSTAND)
REGELN = (
    Regel("R-F01", "fall", "beginn", Schwere.FEHLER, "Beginn fehlt.", "gx"),
    Regel("R-F05", "fall", "ende", Schwere.WARNUNG, "Ende vor <b>Beginn</b>.", "gx"),
    Regel("R-I06", None, None, Schwere.HINWEIS, "Alle Spalten sind bekannt.", "einlesen"),
)
PARAMETER_CELL = 'stichtag = "2025-06-30"\ndatenstand = "2025-07-15"'
SATZ = """from sozcontrol import present
present.sentence("Stichtag {tag}", tag=stichtag)"""


def notebook(*sources: str, parameters: str = PARAMETER_CELL) -> nbformat.NotebookNode:
    """Return a notebook: title, parameters, then *sources*; those starting with # are Markdown."""
    nb = new_notebook(
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        }
    )
    tags = {"tags": ["parameters"]}
    nb.cells = [
        new_markdown_cell("# Probe\n\nEin Satz vorweg.", id="titel"),
        new_code_cell(parameters, id="parameter", metadata=tags),
    ]
    for number, source in enumerate(sources, start=1):
        if source.startswith("#"):
            nb.cells.append(new_markdown_cell(source, id=f"frage-{number}"))
        else:
            nb.cells.append(new_code_cell(source, id=f"antwort-{number}"))
    return nb


def write_notebook(projekt: Projekt, name: str, *sources: str, **settings: Any) -> Path:
    """Write a notebook into the project and return its path."""
    path = projekt.notebooks / f"{name}.ipynb"
    nbformat.write(notebook(*sources, **settings), path)
    return path


def execute(
    projekt: Projekt,
    *sources: str,
    seconds: int = 30,
    report: Progress | None = None,
    name: str = "probe",
) -> list[Ausgefuehrt]:
    """Run one notebook made of *sources* in the folder of a run."""
    return execute_all(
        [Auftrag(name, write_notebook(projekt, name, *sources), PARAMETER)],
        projekt=projekt,
        ordner=projekt.runs / "probe",
        report=report or Silent(),
        cell_seconds=seconds,
    )


def bare_project(root: Path) -> Projekt:
    """Return a project without notebooks, expectations or data."""
    for name in ("notebooks", "expectations", "data/raw", "reports"):
        (root / name).mkdir(parents=True)
    return Projekt(root)


def beliefert(root: Path) -> Projekt:
    """Return the same with the folder of a delivery."""
    projekt = bare_project(root)
    projekt.delivery_folder(STICHTAG, DATENSTAND).mkdir(parents=True)
    return projekt


def shown(html: str, *, released: object = True) -> nbformat.NotebookNode:
    """Return an output with *html*, stamped as *released*."""
    metadata = {"sozcontrol": {"released": released}} if released is not None else {}
    data = {"text/html": html, "text/plain": "text"}
    return new_output("display_data", data=data, metadata=metadata)


def lauf(
    *, id: str = "20260101T000000-aaaaaa", editionen: tuple[str, ...] = ("leitung",), **changes: Any
) -> Lauf:
    """Return the facts of a run of both areas at the default Stichtag."""
    facts = {
        "id": id,
        "begonnen": datetime(2026, 1, 1, tzinfo=UTC),
        "stichtag": STICHTAG,
        "datenstand": DATENSTAND,
        "kommune": catalogue.kommune("musterstadt"),
        "geplant": plan(STICHTAG, BEREICHE, editionen),
        "gesperrt": {},
        "findings": (),
        "history": {},
        "regeln": REGELN,
        "eingaben": ({"dateiname": "WJH.csv", "sha256": "ab" * 32, "tabelle": "fall"},),
        "zeiten": {"einlesen": 1.234},
    }
    return Lauf(**facts | changes)


def ausgaben(run: Lauf, text: str = "Bericht") -> list[Ausgabe]:
    """Return one report for every planned and unblocked area of *run*."""
    return [
        Ausgabe(b, f"<!doctype html><p>{text} {b.name}</p>\n", 1.5)
        for b in run.geplant
        if b.bereich.id not in run.gesperrt
    ]


def snapshot(folder: Path) -> dict[str, str]:
    """Return the checksum of every file below *folder*."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def store_delivery(
    projekt: Projekt, *, findings: tuple[Finding, ...] = (), inhalt: str = "f" * 64
) -> Eingang:
    """Store an empty delivery (every table, no rows) as if it had been received."""
    tables = {n: arrow_schema(t).empty_table() for n, t in catalogue.tabellen().items()}
    store.save(
        projekt,
        stichtag=STICHTAG,
        datenstand=DATENSTAND,
        inhalt=inhalt,
        kommune="musterstadt",
        tables=tables,
        findings=findings,
        schluessel_id="0" * 8,
    )
    town = catalogue.kommune("musterstadt")
    return Eingang(STICHTAG, DATENSTAND, town, findings, projekt.runs / "seite.html", False)
