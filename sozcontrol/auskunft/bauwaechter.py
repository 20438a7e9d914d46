"""Build the state of work again whenever something a report is made of changes; publish nothing.

Every build is a process of its own, the ordinary run with ``--arbeitsstand``: it sees changed facts
and changed code as the next run will, holds the same lock and passes the same gate.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sozcontrol.auskunft.waechter import Blick, Spur, clock, delivery_traces, trace
from sozcontrol.errors import Busy, Exit
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.unchanged import PACKAGE
from sozcontrol.projekt import Projekt

PAUSE_SECONDS = 0.5
"""Files a person saves are whole at once; two looks that see the same are enough."""
ENDING_SECONDS = 30
OTHERS = {"__pycache__", "werkstatt"}
"""Folders no report is made of. Hidden ones, too: JupyterLab keeps its copies there."""
SHOWN = 5
OUTCOME: dict[int, str] = {
    Exit.OK: "Der Arbeitsstand ist neu.",
    Exit.CONTRACT: "Der Arbeitsstand ist neu; gesperrte Bereiche fehlen darin.",
}


@dataclass
class Bauwaechter:
    """Looks at all that the reports of one delivery are made of; ``baue`` builds them once."""

    projekt: Projekt
    stichtag: date
    datenstand: date
    baue: Callable[[], int]
    _blick: Blick = field(init=False)
    _waiting: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._blick = Blick(self._traces)

    def rounds(self, pause: float = PAUSE_SECONDS) -> Iterator[str]:
        """Yield what there is to say, until somebody interrupts."""
        while True:
            yield from self.look()
            time.sleep(pause)

    def look(self) -> Iterator[str]:
        """Look once; say what changed, build, and say what came of it."""
        first = self._blick.fresh
        named = self._blick.changed()
        if named is None:
            return
        if not self._waiting:
            yield f"{clock()}  " + ("erster Stand" if first else f"geändert: {_some(named)}")
        try:
            code = self.baue()
        except Busy as fault:
            self._blick.again()
            if not self._waiting:
                yield f"{fault}\n  Danach geht es hier weiter."
            self._waiting = True
            return
        self._waiting = False
        yield f"{clock()}  " + OUTCOME.get(code, "Der Arbeitsstand blieb, wie er war.")

    def _traces(self) -> Spur:
        found = delivery_traces(self.projekt, self.stichtag, self.datenstand)
        root = self.projekt.root
        for place in (self.projekt.notebooks, self.projekt.expectations, self.projekt.profile):
            found |= {p.relative_to(root).as_posix(): trace(p) for p in _below(place)}
        return found | {p.relative_to(PACKAGE.parent).as_posix(): trace(p) for p in _below(PACKAGE)}


def _below(place: Path) -> Iterator[Path]:
    for folder, inside, names in os.walk(place):
        inside[:] = [name for name in inside if name not in OTHERS and not name.startswith(".")]
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _some(named: Sequence[str]) -> str:
    more = len(named) - SHOWN
    return ", ".join([*named[:SHOWN], *([f"und {more} weitere"] if more > 0 else [])])


def build(projekt: Projekt, words: Sequence[str]) -> int:
    """Build the state of work once, as *words* ask for it; return the exit code of the run.

    Raises:
        Busy: Another run is active.
    """
    with sole_run(projekt):
        pass  # who waits is told so once, not by every try
    process = subprocess.Popen(
        [sys.executable, "-m", "sozcontrol", "run", "--arbeitsstand", *words],
        cwd=projekt.root, env={**os.environ, **projekt.environment},
    )  # fmt: skip
    try:
        return process.wait()
    finally:  # whoever ends the watch ends the build, and waits until its kernels are gone
        if process.poll() is None:
            process.terminate()
            process.wait(ENDING_SECONDS)
