"""What was decided for the reports of a Stichtag: which figure may be seen in which edition.

It holds what was suppressed, and stays under ``data/`` for this user only. One file a Stichtag;
every way out reads it, and a later run decides against it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import write_text

ORDNER = "entscheidung"


@dataclass(frozen=True)
class Entschieden:
    """A decision as it is kept: of which delivery (*fassung*), over which areas, and its cells."""

    kommune: str
    stichtag: date
    fassung: str
    bereiche: tuple[str, ...]
    zellen: Mapping[str, object]


_FORM = TypeAdapter(Entschieden)


def _path(projekt: Projekt, stichtag: date) -> Path:
    return projekt.processed / ORDNER / f"{stichtag.isoformat()}.json"


def entscheidung(projekt: Projekt, stichtag: date) -> Entschieden | None:
    """Return what is decided for a Stichtag, or None.

    Raises:
        Damaged: The file holds something else than was written.
    """
    path = _path(projekt, stichtag)
    return aus_datei(path) if seal.exists(path) else None


def entschiedene(projekt: Projekt) -> list[date]:
    """Return the Stichtage something is decided for, the earliest first."""
    folder = projekt.processed / ORDNER
    names = sorted(p.stem for p in folder.glob("*.json")) if folder.is_dir() else []
    return [date.fromisoformat(name) for name in names]


def entscheidung_von(projekt: Projekt, stichtag: date) -> str:
    """Return the checksum of what is decided for a Stichtag, or that nothing is."""
    path = _path(projekt, stichtag)
    return seal.checksum(path) if seal.exists(path) else "nichts"


def aus_datei(path: Path) -> Entschieden:
    """Return the decision a file holds.

    Raises:
        Damaged: It holds something else than was written.
    """
    return seal.unsealed(path, _FORM)


def write(one: Entschieden) -> str:
    """Return a decision as the text of its file."""
    values = asdict(one) | {"stichtag": one.stichtag.isoformat()}
    return json.dumps(seal.sealed(values), ensure_ascii=False)


def entscheidung_ablegen(projekt: Projekt, text: str) -> None:
    """File a decision (:func:`write`) in the place of the one before; its reports are in place."""
    one = _FORM.validate_json(text)
    path = _path(projekt, one.stichtag)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_text(path, text)
    path.chmod(0o600)
