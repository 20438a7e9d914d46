"""What the store holds beside a delivery, as one checksum: what its reports may read besides it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.daten import Daten
from sozcontrol.store.fassung import MANIFEST, is_name, pointed, slots
from sozcontrol.store.prognosen import prognosen
from sozcontrol.store.veroeffentlicht import veroeffentlichungen


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
        *(p.as_dict() for p in prognosen(daten.projekt) if (p.stichtag, p.datenstand) != own),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _deliveries(projekt: Projekt, daten: Daten) -> Iterator[list[str | None]]:
    """Yield of every other Fassung which it is, and whether it is the one in use."""
    for slot in slots(projekt):
        yield [slot.parent.name, slot.name, pointed(slot)]
        for folder in seal.listing(slot):
            if is_name(folder.name) and folder != daten.folder:
                path = folder / MANIFEST
                yield [folder.name, seal.checksum(path) if seal.exists(path) else None]
