"""Lay out in another project what the store held when something was read, each file proved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.entscheidungen import ORDNER, entscheidung_mit
from sozcontrol.store.fassung import MANIFEST, point


def nachstellen(
    von: Projekt, nach: Projekt, gespeichert: Mapping[str, str], entscheidungen: Mapping[str, str]
) -> list[str]:
    """Copy what was recorded (:mod:`~sozcontrol.store.daneben`), and the decisions of that time.

    Returns what is not there any more as it was, in German.
    """
    missing = []
    for name, expected in gespeichert.items():
        path, place = von.processed / name, nach.processed / name
        if not _is(path, expected):
            missing.append(f"data/processed/{name}")
        elif path.name == MANIFEST:
            shutil.copytree(path.parent, place.parent)
        else:
            _copy(path, place)
    for day, expected in entscheidungen.items():
        found = entscheidung_mit(von, date.fromisoformat(day), expected)
        if found is None:
            missing.append(f"die Entscheidung zum {day}")
        else:
            _copy(found, nach.processed / ORDNER / f"{day}.json")
    return missing


def gelten_lassen(projekt: Projekt, gueltig: Mapping[str, str]) -> list[str]:
    """Make the named Fassungen those in use; return in German which are not stored."""
    return [*_pointed(projekt, gueltig)]


def _pointed(projekt: Projekt, gueltig: Mapping[str, str]) -> Iterator[str]:
    for place, name in gueltig.items():
        slot = projekt.processed / place
        if (slot / name).is_dir():
            point(slot, name)
        else:
            yield f"data/processed/{place}/{name}"


def _is(path: Path, expected: str) -> bool:
    return path.is_file() and seal.checksum(path) == expected


def _copy(path: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, place)
