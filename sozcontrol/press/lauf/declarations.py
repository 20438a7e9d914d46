"""What the executed notebooks declare: outputs with their values, and nothing else.

Fail closed: whatever a cell leaves that is no declaration (a printed line, a raw frame, HTML of its
own, a reference that leads nowhere) is dropped here and counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sozcontrol.press.lauf.execute import Ausgefuehrt
from sozcontrol.store import seal

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from sozcontrol.disclosure import Antrag
    from sozcontrol.present import Output


@dataclass(frozen=True)
class Erklaert:
    """One output a cell declared, and what has to be decided before it can be drawn."""

    zelle: str
    output: Output
    antraege: tuple[Antrag, ...]


@dataclass(frozen=True)
class Erklaerung:
    """All outputs of one area; ``nb`` has none left, ``verworfen`` counts by cell what was none.

    ``pruefsumme`` is that of all it says: what it asks to show, to whom, and the values.
    """

    bereich: str
    nb: NotebookNode
    ausgaben: tuple[Erklaert, ...]
    verworfen: Mapping[str, int]
    sekunden: float
    pruefsumme: str = ""

    @property
    def antraege(self) -> tuple[Antrag, ...]:
        """Everything of this area that has to be decided."""
        return tuple(a for one in self.ausgaben for a in one.antraege)


def collect(done: Ausgefuehrt, editionen: Sequence[str]) -> Erklaerung:
    """Take the declarations out of an executed notebook, for the *editionen* its area is made in.

    An Antrag is named ``<bereich>/<cell>/<n>``: the same in every run.
    """
    found: list[Erklaert] = []
    dropped: dict[str, int] = {}
    area, said = done.auftrag.name, _pruefsumme(done, editionen)
    for cell in done.nb.cells:
        if cell.cell_type != "code":
            continue
        number = 0
        for output in cell.outputs:
            declared = _read(output, done)
            if declared is None:
                dropped[cell["id"]] = dropped.get(cell["id"], 0) + 1
                continue
            asked = declared.antraege(area, f"{area}/{cell['id']}", number)
            number += len(asked)
            narrowed = tuple(
                replace(a, sichtbar=tuple(e for e in editionen if a.fuer(e))) for a in asked
            )
            found.append(Erklaert(cell["id"], declared, narrowed))
        cell.outputs = []
    return Erklaerung(area, done.nb, tuple(found), dropped, done.sekunden, said)


def _pruefsumme(done: Ausgefuehrt, editionen: Sequence[str]) -> str:
    """Return the checksum of what a notebook declares, in its order, and of the values."""
    from sozcontrol.present.output import MIME

    said = [
        (cell["id"], [output.get("data", {}).get(MIME) for output in cell.outputs])
        for cell in done.nb.cells if cell.cell_type == "code"
    ]  # fmt: skip
    values = [(p.name, seal.checksum(p)) for p in sorted(done.werte.glob("*.json"))]
    whole = (done.auftrag.name, [*editionen], said, values)
    return seal.digest(json.dumps(whole).encode())


def _read(output: NotebookNode, done: Ausgefuehrt) -> Output | None:
    from sozcontrol.present.output import MIME, read_output

    bundle = output.get("data", {}).get(MIME)
    if not isinstance(bundle, dict):
        return None
    try:
        return read_output(bundle, done.werte)
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return None  # a forged or broken reference is no declaration, and is counted
