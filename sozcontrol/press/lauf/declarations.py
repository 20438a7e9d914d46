"""What the executed notebooks declare: outputs with their values, and nothing else.

Fail closed: whatever a cell leaves that is no declaration (a printed line, a raw frame, HTML of its
own, a reference that leads nowhere) is dropped here and counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from sozcontrol.errors import SozcontrolError
from sozcontrol.press.lauf.execute import Ausgefuehrt
from sozcontrol.projekt import MIME
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


Inhalt = tuple[tuple[Erklaert, ...], Mapping[str, int]]
"""What a notebook declares, and by cell how much of what it left is no declaration."""


@dataclass(frozen=True)
class Erklaerung:
    """All outputs of one area; ``nb`` has none left.

    They are read when somebody asks: what was decided and drawn before takes no table of them.
    ``pruefsumme`` is that of all it says: what it asks to show, to whom, and the values.
    """

    bereich: str
    nb: NotebookNode
    lies: Callable[[], Inhalt]
    sekunden: float
    pruefsumme: str = ""

    @cached_property
    def _inhalt(self) -> Inhalt:
        return self.lies()

    @property
    def ausgaben(self) -> tuple[Erklaert, ...]:
        """Its outputs, in order."""
        return self._inhalt[0]

    @property
    def verworfen(self) -> Mapping[str, int]:
        """What was none, counted by cell."""
        return self._inhalt[1]

    def vorlesen(self) -> None:
        """Read for the decision now what it will read; a fault is found again, and told, there."""
        for antrag in self.antraege:
            with suppress(SozcontrolError):
                antrag.gelesen  # noqa: B018 - it remembers

    @property
    def antraege(self) -> tuple[Antrag, ...]:
        """Everything of this area that has to be decided."""
        return tuple(a for one in self.ausgaben for a in one.antraege)


def collect(done: Ausgefuehrt, editionen: Sequence[str]) -> Erklaerung:
    """Take the declarations out of an executed notebook, for the *editionen* its area is made in.

    An Antrag is named ``<bereich>/<cell>/<n>``: the same in every run.
    """
    said = _pruefsumme(done, editionen)
    code = [cell for cell in done.nb["cells"] if cell["cell_type"] == "code"]
    left = {cell["id"]: cell["outputs"] for cell in code}
    bare = copy(done.nb)
    bare["cells"] = [_without_outputs(cell) for cell in done.nb["cells"]]
    lies = partial(_inhalt, done, left, editionen)
    return Erklaerung(done.auftrag.name, bare, lies, done.sekunden, said)


def _without_outputs(cell: NotebookNode) -> NotebookNode:
    bare = copy(cell)
    if cell["cell_type"] == "code":
        bare["outputs"] = []
    return bare


def _inhalt(
    done: Ausgefuehrt, left: Mapping[str, Sequence[NotebookNode]], editionen: Sequence[str]
) -> Inhalt:
    found: list[Erklaert] = []
    dropped: dict[str, int] = {}
    area = done.auftrag.name
    for cell, outputs in left.items():
        number = 0
        for output in outputs:
            declared = _read(output, done)
            if declared is None:
                dropped[cell] = dropped.get(cell, 0) + 1
                continue
            asked = declared.antraege(area, f"{area}/{cell}", number)
            number += len(asked)
            narrowed = tuple(
                replace(a, sichtbar=tuple(e for e in editionen if a.fuer(e))) for a in asked
            )
            found.append(Erklaert(cell, declared, narrowed))
    return tuple(found), dropped


def _pruefsumme(done: Ausgefuehrt, editionen: Sequence[str]) -> str:
    """Return the checksum of what a notebook declares, in its order, and of the values."""
    said = [
        (cell["id"], [output.get("data", {}).get(MIME) for output in cell["outputs"]])
        for cell in done.nb["cells"] if cell["cell_type"] == "code"
    ]  # fmt: skip
    values = [(p.name, seal.checksum(p)) for p in sorted(done.werte.glob("*.json"))]
    whole = (done.auftrag.name, [*editionen], said, values)
    return seal.digest(json.dumps(whole).encode())


def _read(output: NotebookNode, done: Ausgefuehrt) -> Output | None:
    from sozcontrol.present.output import read_output

    bundle = output.get("data", {}).get(MIME)
    if not isinstance(bundle, dict):
        return None
    try:
        return read_output(bundle, done.werte)
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return None  # a forged or broken reference is no declaration, and is counted
