"""Whether a notebook really ran to its end.

papermill's own word is not enough: after a killed kernel its notebook says »completed« for cells
that never ran, and ``sys.exit(0)`` counts as success. So every code cell must have run, none may
hold an error, and a sentinel cell at the very end must have printed this run's token.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol import errors
from sozcontrol.errors import NotebookFailed, SozcontrolError, StorageError

if TYPE_CHECKING:
    from nbformat import NotebookNode

SENTINEL = "sozcontrol-ende"
INJECTED = "injected-parameters"

HINTS = {
    "DeadKernelError": "Der Rechenkern wurde beendet, vermutlich aus Mangel an Arbeitsspeicher. "
    "Mit weniger Daten prüfen, os._exit entfernen.",
    "CellTimeoutError": "Die Zelle hat die Frist überschritten. Die Auswertung verkleinern, "
    "weniger ausgeben (print), Endlosschleife suchen; die Frist ändert --frist.",
    "StdinNotImplementedError": "Die Zelle wartet auf eine Eingabe. input() durch einen Parameter "
    "ersetzen.",
    "SystemExit": "Das Notebook endet vorzeitig. sys.exit() und exit() entfernen.",
    "NotReleased": "Die Zelle will etwas zeigen, das nicht sagt, was es zählt. Eine Aufstellung "
    "oder die Werte einer Kennzahl übergeben.",
    "DeliveryMissing": "Die Zelle verlangt eine Tabelle, die nicht angenommen ist. "
    "Validierungsseite ansehen.",
    "ModuleNotFoundError": "Ein Paket fehlt in dieser Umgebung. Umgebung aus dem Lock neu anlegen.",
    "MemoryError": "Der Arbeitsspeicher reicht nicht. Vor dem Laden filtern.",
}
STORAGE = ("Damaged", "StorageError")
UNCHANGED = "Es wurde nichts veröffentlicht; alle bisherigen Berichte gelten weiter."
UNFINISHED = "Das Notebook lief nicht bis zum Ende. Vorzeitiges Beenden suchen."


def sentinel_source(token: str) -> str:
    """Return the code of the sentinel cell."""
    return f'print("{token}")'


def faults(cells: Sequence[NotebookNode], token: str) -> list[tuple[str, str]]:
    """Return ``(cell id, error class)`` of everything that speaks against *cells*.

    *cells* are the executed cells with the sentinel last; an empty list means: it ran.
    """
    found = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        errors = [o for o in cell.get("outputs", ()) if o["output_type"] == "error"]
        if errors:
            found.append((cell["id"], class_name(errors[0].get("ename"))))
        elif cell["source"].strip() and cell.get("execution_count") is None:
            found.append((cell["id"], "NichtAusgefuehrt"))
    last = cells[-1]["id"] if cells else "?"
    if not found and (last != SENTINEL or token not in _printed(cells[-1])):
        found.append((str(last), "NichtAusgefuehrt"))
    return found


def _printed(cell: NotebookNode) -> str:
    streams = (o for o in cell.get("outputs", ()) if o["output_type"] == "stream")
    return "".join(o["text"] for o in streams)


def class_name(name: object) -> str:
    """Return the name of a known error class, else »Exception«: it goes into messages.

    A class made in a notebook could carry anything in its name.
    """
    known = isinstance(name, str) and (hasattr(builtins, name) or hasattr(errors, name))
    return str(name) if known or name in HINTS else "Exception"


def failure(notebook: str, cell: str, kind: str, diagnosis: Path | None) -> SozcontrolError:
    """Return the German error for one failed cell; never the text of the original exception."""
    where = f"notebooks/{notebook.rpartition('/')[2]}.ipynb, Zelle »{cell}«"
    if kind in STORAGE:
        return StorageError(
            f"Das Notebook »{notebook}« kann Gespeichertes nicht lesen.",
            wo=where,
            tun="sozcontrol repair – prüft alles Gespeicherte und stellt Beschädigtes beiseite.",
            unveraendert=UNCHANGED,
        )
    hint = HINTS.get(kind, UNFINISHED if kind == "NichtAusgefuehrt" else "Die Zelle berichtigen.")
    if diagnosis:
        hint += f" Einzelheiten (vertraulich): {diagnosis}"
    shown = "ohne Fehlermeldung beendet" if kind == "NichtAusgefuehrt" else kind
    return NotebookFailed(
        f"Das Notebook »{notebook}« ist fehlgeschlagen: {shown} in Zelle »{cell}«.",
        wo=where,
        tun=hint,
        unveraendert=UNCHANGED,
    )
