"""One edition of a Stichtag as one file that can be sent: what was published, byte for byte.

Unpacked it is the folder of a Stichtag that holds this edition only: its files in their folder,
and the index beside it that all pages link to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sozcontrol import catalogue, store
from sozcontrol.errors import UsageError
from sozcontrol.press.ablegen import freigeben, manifest
from sozcontrol.press.ablegen.manifestprobe import Ausgabeordner
from sozcontrol.press.ablegen.uebersicht import INDEX, index_of_one
from sozcontrol.press.auszug.themenauszug import published_edition
from sozcontrol.press.auszug.zipdatei import same_zip
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.parameter import parse_date
from sozcontrol.press.seite.export import long_date
from sozcontrol.projekt import Projekt


@dataclass(frozen=True)
class Paket:
    """The file, and what whoever sends it has to know."""

    zip: bytes
    hinweise: tuple[str, ...]


def package(projekt: Projekt, stichtag: str | None, edition: str) -> Paket:
    """Return an edition as a ZIP, every file proved to be what was published.

    Raises:
        UsageError: The edition stays in the house, or there is none of that name.
        DeliveryMissing: It isn't published for that day.
        NotReleased: A file is not what was published, or the publication is not completed.
        Busy, Damaged: As everywhere.
    """
    known = catalogue.edition(edition)
    if known.ablage != "reports":
        raise UsageError(
            f"Die »{known.titel}« bleibt unter data/; sie wird nicht versandt.",
            wo="--edition", tun="Eine Edition nennen, die unter reports/ liegt, etwa leitung.",
        )  # fmt: skip
    on = store.latest_stichtag(projekt) if stichtag is None else parse_date(stichtag, "stichtag")
    with sole_run(projekt):  # nothing is put in place between proof and reading
        one = published_edition(projekt, on, edition)
        freigeben.demand_complete(projekt, [one])
        return Paket(same_zip(parts(one)), (*_notes(one), *freigeben.stand(projekt, [one])))


def parts(one: Ausgabeordner) -> Iterator[tuple[str, bytes]]:
    """Yield the index and the files of the manifest with itself, by name."""
    kommune = catalogue.kommune(str(one.manifest.get("kommune")))
    entries = one.manifest.get("berichte", {})
    index = index_of_one(catalogue.edition(one.edition), entries, one.stichtag, kommune)
    yield INDEX, index.encode()
    for name in sorted({*one.dateien, manifest.NAME}):
        yield f"{one.edition}/{name}", (one.ordner / name).read_bytes()


def _notes(one: Ausgabeordner) -> Iterator[str]:
    """Yield what is inside, and which reports are held."""
    entries = one.manifest.get("berichte", {})
    there = sum(bool(e.get("datei")) for e in entries.values())
    reports = "1 Bericht" if there == 1 else f"{there} Berichte"
    yield f"{one.titel} zum {long_date(one.stichtag)}: {reports}."
    for area, entry in entries.items():
        if entry.get("status") == "gesperrt":
            kept = "enthalten ist der letzte gültige Bericht" if entry.get("datei") else "fehlt"
            yield f"Gesperrt: {catalogue.bereich(area).titel}; {kept}."
