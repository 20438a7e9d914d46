"""What was decided for the reports of a Stichtag: which figure may be seen in which edition.

It holds what was suppressed, and stays under ``data/`` for this user only. One file a Stichtag;
every way out reads it, and a later run decides against it. One that was replaced is kept by its
checksum: reports decided against it can be built again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import write_bytes, write_text

ORDNER, FRUEHER = "entscheidung", "frueher"
BERICHT = "Bericht "
"""How the names of cells begin that an earlier report showed (:func:`berichtsname`)."""


@dataclass(frozen=True)
class Entschieden:
    """A decision as it is kept: of which delivery (*fassung*), over which areas, and its cells."""

    kommune: str
    stichtag: date
    fassung: str
    bereiche: tuple[str, ...]
    zellen: Mapping[str, object]


_FORM = TypeAdapter(Entschieden)


def berichtsname(stichtag: date, stand: date) -> str:
    """Return what stands before a name that the report of another delivery gave a figure."""
    return f"{BERICHT}{stichtag}/{stand}: "


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


def entscheidungsdateien(projekt: Projekt) -> list[tuple[date, Path]]:
    """Return all that is kept of decisions, by Stichtag: those in use and those replaced.

    Raises:
        Damaged: One that was replaced is not what was written.
    """
    used = [(day, _path(projekt, day)) for day in entschiedene(projekt)]
    replaced = seal.listing(projekt.processed / ORDNER / FRUEHER, ".json")
    return sorted([*used, *((aus_datei(p).stichtag, p) for p in replaced)])


def entscheidung_von(projekt: Projekt, stichtag: date) -> str:
    """Return the checksum of what is decided for a Stichtag, or that nothing is."""
    path = _path(projekt, stichtag)
    return seal.checksum(path) if seal.exists(path) else "nichts"


def gelesene_entscheidungen(projekt: Projekt, stichtag: date) -> dict[str, str]:
    """Return the checksums of the decisions one for *stichtag* is made against, by Stichtag."""
    days = [d for d in entschiedene(projekt) if d.year in (stichtag.year - 1, stichtag.year)]
    return {day.isoformat(): entscheidung_von(projekt, day) for day in days}


def entscheidung_mit(projekt: Projekt, stichtag: date, pruefsumme: str) -> Path | None:
    """Return where the decision with this checksum lies, replaced or not; None where it is gone."""
    places = (_path(projekt, stichtag), _replaced(projekt, pruefsumme))
    return next((p for p in places if seal.exists(p) and seal.checksum(p) == pruefsumme), None)


def _replaced(projekt: Projekt, pruefsumme: str) -> Path:
    return projekt.processed / ORDNER / FRUEHER / f"{pruefsumme}.json"


def aus_datei(path: Path) -> Entschieden:
    """Return the decision a file holds.

    Raises:
        Damaged: It holds something else than was written.
    """
    return seal.unsealed(path, _FORM)


def write(one: Entschieden) -> str:
    """Return a decision as the text of its file: a megabyte that is proved as it lies there."""
    return seal.sealed_text({**vars(one), "stichtag": one.stichtag.isoformat()})


def entscheidung_ablegen(projekt: Projekt, text: str) -> None:
    """File a decision (:func:`write`) in the place of the one before; its reports are in place."""
    one = _FORM.validate_json(text)
    path = _path(projekt, one.stichtag)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and (before := path.read_bytes()) != text.encode():
        aside = _replaced(projekt, seal.digest(before))
        aside.parent.mkdir(exist_ok=True, mode=0o700)
        write_bytes(aside, before)
        aside.chmod(0o600)
    write_text(path, text)
    path.chmod(0o600)
