"""The Fassungen of a delivery: where they lie, which is in use, and the proof of what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, NotRequired

from pydantic import BeforeValidator, TypeAdapter
from typing_extensions import TypedDict

from sozcontrol.errors import ConfigurationError, Damaged
from sozcontrol.findings import Finding
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import write_text

FASSUNG_LENGTH = 16
MANIFEST = "lieferung.json"
FINDINGS = "befunde.json"
POINTER = "aktuell"
TABLE = ".parquet"
LAYOUT_VERSION = 2
_FACTS_1 = frozenset({
    "layout", "sozcontrol", "stichtag", "datenstand", "kommune", "fassung", "schluessel_id",
    "geladen_am", "tabellen", "abgelehnt", "dateien",
})  # fmt: skip
"""What a manifest of layout 1 holds; it knew no checksums."""


class Lieferdatei(TypedDict):
    """One delivered file and the table it feeds."""

    dateiname: str
    sha256: str
    bytes: int
    tabelle: str
    lieferant: str
    profil: str
    zeilen_daten: int


class Manifest(TypedDict):
    """What a stored Fassung says of itself; of layout 1 there are no checksums.

    ``verglichen`` names the Fassungen of earlier deliveries that the rules compared it with.
    """

    layout: int
    sozcontrol: str
    stichtag: str
    datenstand: str
    kommune: str
    fassung: str
    schluessel_id: str
    geladen_am: str
    dateien: list[Lieferdatei]
    tabellen: list[str]
    abgelehnt: list[str]
    verglichen: NotRequired[dict[str, str]]
    pruefsummen: NotRequired[dict[str, str]]


def _demand_known(facts: object) -> object:
    """Refuse what a later sozcontrol stored: it isn't damaged, and nothing of it may be moved.

    Raises:
        ConfigurationError: Its layout is newer.
    """
    layout = facts.get("layout") if isinstance(facts, dict) else None
    if isinstance(layout, int) and layout > LAYOUT_VERSION:
        raise ConfigurationError(
            "Eine Lieferung hat ein neueres sozcontrol gespeichert; dieses kann sie nicht lesen.",
            wo="data/processed",
            tun="sozcontrol aktualisieren, oder mit der neueren Installation arbeiten.",
            unveraendert="Alles Gespeicherte und alle Berichte.",
        )
    return facts


_MANIFEST = TypeAdapter(Annotated[Manifest, BeforeValidator(_demand_known)])
_FINDINGS = TypeAdapter(tuple[Finding, ...])


def dates_below(folder: Path) -> list[date]:
    """Return the ISO dates among the names of *folder*'s subfolders, ascending."""
    found = []
    for path in seal.listing(folder) if seal.is_dir(folder) else ():
        try:
            found.append(date.fromisoformat(path.name))
        except ValueError:
            continue
    return sorted(found)


def slot_of(projekt: Projekt, stichtag: date, datenstand: date) -> Path:
    """Return the folder of all Fassungen of one delivery."""
    return projekt.processed / stichtag.isoformat() / datenstand.isoformat()


def slots(projekt: Projekt) -> Iterator[Path]:
    """Yield the folder of each stored delivery, by Stichtag and Datenstand."""
    for stichtag in dates_below(projekt.processed):
        for datenstand in dates_below(projekt.processed / stichtag.isoformat()):
            yield slot_of(projekt, stichtag, datenstand)


def stored_folder(projekt: Projekt, stichtag: date, datenstand: date, inhalt: str) -> Path | None:
    """Return where a Fassung lies, current or not; None when it is no longer stored."""
    if not inhalt:
        return None
    folder = slot_of(projekt, stichtag, datenstand) / inhalt[:FASSUNG_LENGTH]
    return folder if seal.exists(folder) else None


def is_name(name: str) -> bool:
    """Whether a folder of this name can be a Fassung."""
    return len(name) == FASSUNG_LENGTH and name.isalnum()


def current(slot: Path) -> Path | None:
    """Return the Fassung in use below *slot*, or None.

    Raises:
        Damaged: What should name it names none.
    """
    name = pointed(slot)
    if name is None:
        return None
    if not is_name(name) or not seal.is_dir(slot / name):
        raise Damaged(f"»{POINTER}« nennt keine gespeicherte Fassung.", slot / POINTER)
    return slot / name


def pointed(slot: Path) -> str | None:
    """Return what is named as the Fassung in use, stored or not; None when nothing is."""
    pointer = slot / POINTER
    if not seal.exists(pointer):
        return None
    return seal.read(pointer).decode("utf-8", "replace").strip()


def point(slot: Path, name: str) -> None:
    """Make the Fassung *name* the one in use."""
    write_text(slot / POINTER, name + "\n")


def manifest_of(folder: Path) -> Manifest:
    """Return what a stored Fassung says of itself.

    Raises:
        Damaged: It isn't what was stored, or lies where another one belongs.
        ConfigurationError: A later sozcontrol stored it.
    """
    facts = seal.unsealed(folder / MANIFEST, _MANIFEST, before=_without_sums)
    place = (facts["stichtag"], facts["datenstand"], facts["fassung"][:FASSUNG_LENGTH])
    if place != folder.parts[-3:]:
        raise Damaged(f"»{folder.name}« enthält eine andere Lieferung.", folder)
    return facts


def _without_sums(facts: object) -> bool:
    return isinstance(facts, dict) and facts.keys() == _FACTS_1 and facts["layout"] == 1


def proved(folder: Path) -> Manifest:
    """Return the manifest of a Fassung whose files are all what was stored, none more, none less.

    Of layout 1 nothing can be proved but that its tables are still readable.

    Raises:
        Damaged: One is not.
    """
    facts = manifest_of(folder)
    there = {p.name for p in seal.listing(folder)} - {MANIFEST}
    known = {FINDINGS, *(name + TABLE for name in facts["tabellen"])}
    for name in sorted(known ^ there):
        if name in known or name.endswith(TABLE):
            word = "fehlt in der" if name in known else "gehört nicht zur"
            raise Damaged(f"»{name}« {word} gespeicherten Lieferung.", folder)
    sums = facts.get("pruefsummen", {})
    for name in sorted(known - {FINDINGS}):
        if name in sums:
            seal.prove(folder / name, sums[name])
        else:
            seal.table(folder / name)
    findings_of(folder)
    return facts


def findings_of(folder: Path) -> tuple[Finding, ...]:
    """Return the findings stored with a Fassung.

    Raises:
        Damaged: They are not what was stored.
    """
    path = folder / FINDINGS
    expected = manifest_of(folder).get("pruefsummen", {}).get(FINDINGS)
    if expected:
        seal.prove(path, expected)
    try:
        return _FINDINGS.validate_json(seal.read(path))
    except ValueError:
        raise seal.changed(path) from None
