"""Hold a published folder against its manifests: every file is what was published, none is more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.errors import DeliveryMissing, NotReleased
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.ablegen.manifest import Eintrag, Manifest
from sozcontrol.press.ablegen.uebersicht import INDEX
from sozcontrol.store import seal

CHANGED = "ist nicht mehr, was veröffentlicht wurde"
MISSING = "fehlt"
FOREIGN = "steht in keinem Manifest"
SHOWN = 12
"""So many differences are listed; more are counted."""


@dataclass(frozen=True)
class Ausgabeordner:
    """One edition as it was published: its folder, and what its manifest says."""

    edition: str
    ordner: Path
    manifest: Manifest

    @property
    def stichtag(self) -> date:
        """The day its reports are of.

        Raises:
            Damaged: The manifest doesn't say.
        """
        try:
            return date.fromisoformat(self.manifest["parameter"]["stichtag"])
        except (KeyError, ValueError):
            raise seal.changed(self.ordner / manifest.NAME) from None

    @property
    def titel(self) -> str:
        """What readers call the edition."""
        return catalogue.edition(self.edition).titel

    @property
    def dateien(self) -> dict[str, str]:
        """The checksums of all files beside the manifest, by their place in the folder."""
        found = dict(self.manifest.get("seiten", {}))
        for entry in self.manifest.get("berichte", {}).values():
            found |= self.bericht(entry)
        return found

    @staticmethod
    def bericht(entry: Eintrag) -> dict[str, str]:
        """Return the checksums of one report: page, workbook, open files."""
        page, book = entry.get("datei"), entry.get("mappe") or {}
        found = {page: entry.get("sha256") or ""} if page else {}
        return found | ({book["datei"]: book["sha256"]} if book else {}) | (entry.get("csv") or {})


def published(ordner: Path) -> list[Ausgabeordner]:
    """Return the editions that lie in the folder of a Stichtag, or the one that *ordner* is of.

    Raises:
        DeliveryMissing: None does.
        Damaged: A manifest is not what was written.
    """
    names = [ordner] if (ordner / manifest.NAME).is_file() else seal.listing(ordner)
    known = [p for p in names if p.is_dir() and p.name in catalogue.editionen()]
    found = [Ausgabeordner(p.name, p, manifest.read(p)) for p in known]
    if not any(one.manifest for one in found):
        raise DeliveryMissing(
            "Hier liegen keine veröffentlichten Berichte.",
            wo=str(ordner),
            tun="Den Ordner eines Stichtags nennen, etwa reports/2025-06-30.",
        )
    return [one for one in found if one.manifest]


def differences(ordner: Path, editionen: list[Ausgabeordner]) -> dict[str, str]:
    """Return what of a folder is not what its manifests say, by path, with what it is instead."""
    found: dict[str, str] = {}
    for one in editionen:
        told = one.dateien
        there = {p.relative_to(one.ordner).as_posix() for p in _visible(one.ordner)}
        for name in sorted({*told, *there} - {manifest.NAME}):
            if word := _difference(one.ordner / name, told.get(name)):
                found[_shown(ordner, one.ordner / name)] = word
    folders = [one.ordner for one in editionen]
    if ordner not in folders:
        stray = (p for p in _visible(ordner) if not {*folders} & {*p.parents})
        found |= {_shown(ordner, p): FOREIGN for p in stray if p != ordner / INDEX}
    return found


def _difference(path: Path, expected: str | None) -> str | None:
    if expected is None:
        return FOREIGN
    if not path.is_file():
        return MISSING
    return None if seal.checksum(path) == expected else CHANGED


def _visible(folder: Path) -> Iterator[Path]:
    """Yield the files a reader meets; hidden names are ours, or of the reader's system."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and (path.is_symlink() or not path.is_dir()):
            yield path


def _shown(ordner: Path, path: Path) -> str:
    return path.relative_to(ordner).as_posix()


def demand_published(ordner: Path) -> list[Ausgabeordner]:
    """Return the editions in *ordner*; all that lies there is what was published.

    Raises:
        NotReleased: Something is not; every file is named.
        DeliveryMissing, Damaged: As :func:`published`.
    """
    found = published(ordner)
    if wrong := differences(ordner, found):
        raise NotReleased(
            f"Was hier liegt, ist nicht, was veröffentlicht wurde: {listed(wrong)}.",
            wo=str(ordner),
            tun="Nichts davon weitergeben. Die Berichte neu erstellen: sozcontrol run --force.",
        )
    return found


def listed(found: dict[str, str]) -> str:
    """Return differences as one German list."""
    named = [f"{name} {word}" for name, word in found.items()][:SHOWN]
    more = len(found) - len(named)
    return "; ".join([*named, *([f"und {more} weitere"] if more else [])])
