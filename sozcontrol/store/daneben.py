"""What the store holds beside a delivery: what its reports may read besides it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from typing_extensions import TypedDict

from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.daten import Daten
from sozcontrol.store.ergebnisse import gerechnet, name_aus
from sozcontrol.store.fassung import MANIFEST, is_name, pointed, slots
from sozcontrol.store.prognosen import ORDNER as FORECASTS
from sozcontrol.store.prognosen import Prognose, archivsumme, prognosen
from sozcontrol.store.veroeffentlicht import ORDNER as PUBLICATIONS
from sozcontrol.store.veroeffentlicht import veroeffentlichungen

RAEUME = ("catalogue", "store")
"""The rooms whose code and facts decide what the archive of forecasts is understood to say."""


class _Archiv(TypedDict):
    """What each run asks of all forecasts: a checksum of other deliveries', and what they say."""

    andere: str
    inhalte: list[str]


def daneben(daten: Daten) -> str:
    """Return the checksum of all other deliveries and of what was published and forecast of them.

    What is published of *daten* itself is not among it: no report compares a delivery with itself,
    and a checksum that every run changes would be of no use.
    """
    own = (daten.stichtag, daten.datenstand)
    found = [
        *_deliveries(daten.projekt, daten),
        *(v.as_dict() for v in veroeffentlichungen(daten.projekt)
          if (v.stichtag, v.datenstand) != own),
        _archiv(daten)["andere"],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def nicht_archiviert(daten: Daten, gesagt: Iterable[Prognose]) -> tuple[Prognose, ...]:
    """Return which of these forecasts the archive doesn't hold yet."""
    known = {*_archiv(daten)["inhalte"]}
    return tuple(p for p in gesagt if p.inhalt not in known)


def _archiv(daten: Daten) -> _Archiv:
    """Read the archive, once for each state of it: to read Parquet is a tenth of a short run."""
    own = (daten.stichtag, daten.datenstand)

    def read() -> _Archiv:
        found = prognosen(daten.projekt)
        others = [p.as_dict() for p in found if (p.stichtag, p.datenstand) != own]
        told = seal.digest(json.dumps(others, sort_keys=True).encode())
        return _Archiv(andere=told, inhalte=[p.inhalt for p in found])

    files = [archivsumme(daten.projekt)]
    return gerechnet(daten, RAEUME, name_aus("prognosearchiv"), read, files)


def _deliveries(projekt: Projekt, daten: Daten) -> Iterator[list[str | None]]:
    """Yield of every other Fassung which it is, and whether it is the one in use."""
    for slot in slots(projekt):
        yield [slot.parent.name, slot.name, pointed(slot)]
        for folder in seal.listing(slot):
            if is_name(folder.name) and folder != daten.folder:
                path = folder / MANIFEST
                yield [folder.name, seal.checksum(path) if seal.exists(path) else None]


def danebengelegt(daten: Daten) -> dict[str, str]:
    """Return the checksums of all that lies in the store beside a delivery, by place.

    A Fassung is told by its manifest, which holds the checksums of its tables. Journals are
    recorded whole: only what is added later is no part of it.
    """
    projekt = daten.projekt
    found: dict[str, str] = {}
    for slot in slots(projekt):
        folders = [f for f in seal.listing(slot) if is_name(f.name) and f != daten.folder]
        paths = [folder / MANIFEST for folder in folders]
        found |= {_place(projekt, p): seal.checksum(p) for p in paths if seal.exists(p)}
    for journal, suffix in ((PUBLICATIONS, ".json"), (FORECASTS, ".parquet")):
        paths = seal.listing(projekt.processed / journal, suffix)
        found |= {_place(projekt, p): seal.checksum(p) for p in paths}
    return found


def gueltige_daneben(daten: Daten) -> dict[str, str]:
    """Return which Fassung of every other delivery is the one in use, by the place of it."""
    others = (s for s in slots(daten.projekt) if s != daten.folder.parent)
    return {_place(daten.projekt, s): name for s in others if (name := pointed(s))}


def _place(projekt: Projekt, path: Path) -> str:
    return path.relative_to(projekt.processed).as_posix()
