"""Whether anything has changed since the last run: if not, its reports stand, and nothing is done.

Told by place, size, times and inode of every file that is read or written, without reading one: a
second of looking must not be paid to learn that nothing happened. The system sets the time of the
last change (ctime) itself, so no edit goes unseen; whatever can't be told counts as a change.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sozcontrol.projekt import Projekt

PACKAGE = Path(__file__).parents[2]
REMEMBERED = "stand.json"
ASKED = ("stichtag", "datenstand", "bereiche", "editionen", "frei")
"""What a run is asked for that decides on its reports."""
SKIPPED = {"__pycache__", ".ipynb_checkpoints", "gerechnet"}
"""What Python and JupyterLab keep for themselves, and what is only remembered."""
BEHALTEN = ("catalogue", "store", "tidy", "measures", "forecast", "hochrechnung", "revision",
            "disclosure", "present", "press")  # fmt: skip
"""The rooms whose code and facts decide what the end of a run keeps: pages, charts, verdict."""
AUSGEFUEHRT = "gerechnet/lauf/present-*-ausfuehrung-*"
"""What is kept of executed notebooks, below a delivery (``press.lauf.reuse`` writes it)."""
FRESH_SECONDS = 2.0
"""A file changed so short ago could change again within the same tick of a coarse clock."""


def traces(projekt: Projekt) -> str | None:
    """Return the state of all that a run reads; None where it can't be told, or just changed."""
    roots = (PACKAGE, projekt.notebooks, projekt.expectations, projekt.profile, projekt.raw)
    locks = sorted(projekt.root.glob("*.lock"))
    try:
        lines = [*_below(roots), *(_line(path.name, path.stat()) for path in locks)]
    except OSError:
        return None
    newest = max((changed for _, changed in lines), default=0.0)
    if newest > time.time() - FRESH_SECONDS:
        return None
    return _digest([*(line for line, _ in lines), *packages()])


def stands(projekt: Projekt, asked: Mapping[str, object]) -> Path | None:
    """Return the index of the last run if the same is *asked* for and nothing changed since."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((projekt.runs / REMEMBERED).read_text(encoding="utf-8"))
        if kept["verlangt"] == _asked(asked) and kept["nachher"] == _results(projekt):
            now = traces(projekt)
            return Path(kept["index"]) if now and now == kept["vorher"] else None
    return None


def edited(projekt: Projekt, stichtag: str | None, bereiche: Sequence[str]) -> bool:
    """Guess from the times of files whether a notebook was saved after any was last executed.

    Nothing is decided by it but when to get ready (:func:`~sozcontrol.press.lauf.reuse.probably`
    knows better, when the store is imported).
    """
    slots = f"{stichtag or '*'}/*"
    with suppress(OSError, ValueError):
        ran = [p.stat().st_mtime for p in projekt.processed.glob(f"{slots}/{AUSGEFUEHRT}")]
        asked = [projekt.notebooks / f"{name}.ipynb" for name in bereiche]
        for path in asked or projekt.notebooks.glob("*.ipynb"):
            if path.stat().st_mtime > max(ran, default=0.0):
                return True
    return False


def remember(
    projekt: Projekt, asked: Mapping[str, object], before: str | None, index: Path
) -> None:
    """Remember what a run that went well was asked for, what it found and what it left."""
    path = projekt.runs / REMEMBERED
    with suppress(OSError):
        path.unlink(missing_ok=True)
        if before is not None:
            state = {"verlangt": _asked(asked), "vorher": before, "nachher": _results(projekt),
                     "index": str(index)}  # fmt: skip
            path.write_text(json.dumps(state), encoding="utf-8")


def _asked(asked: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = json.loads(json.dumps({name: asked[name] for name in ASKED}))
    return found


def _results(projekt: Projekt) -> str:
    """Return the state of the store and of all reports: what a run leaves, and others might too."""
    roots = (projekt.processed, projekt.reports, projekt.intern)
    return _digest([line for line, _ in _below(roots)])


def _below(roots: Sequence[Path]) -> Iterator[tuple[str, float]]:
    """Yield a line for every file below *roots*, with the time of its last change."""
    for root in roots:
        yield from _inside(str(root))
        yield str(root), 0.0


def _inside(folder: str) -> Iterator[tuple[str, float]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        if not entry.is_dir():
            yield _line(entry.path, entry.stat())
        elif entry.is_symlink():
            raise OSError("what lies behind a link isn't watched")
        elif entry.name not in SKIPPED:
            yield from _inside(entry.path)


def _line(name: str, s: os.stat_result) -> tuple[str, float]:
    state = (s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino, s.st_mode)
    return f"{name} {state}", s.st_ctime


def packages() -> list[str]:
    """Return what is installed, in which version, and the Python that runs it."""
    folders = [Path(p) for p in sys.path if Path(p).is_dir()]
    return [sys.version, *sorted(p.name for f in folders for p in f.glob("*.dist-info"))]


def _digest(lines: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
