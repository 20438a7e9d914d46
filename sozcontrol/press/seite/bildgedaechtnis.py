"""The charts of a stored delivery, kept beside it: drawn again only when their numbers change.

A third of the work of a page is drawing, and most charts of a run are those of the run before. Kept
is what ``present.zeichnen`` was given and gave: released figures, for this user only (those of an
internal edition are among them), gone with the delivery or the code that drew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from sozcontrol import store
from sozcontrol.press.lauf.unchanged import BEHALTEN, packages


@contextmanager
def bilder(daten: store.Daten) -> Iterator[None]:
    """Know within the block the charts drawn of a delivery, and keep new ones after it."""
    from sozcontrol.present.zeichnen import BEKANNT

    name = store.name_aus("bilder")
    place = store.platz(daten, BEHALTEN, name, [store.name_aus("pakete", packages())])
    found = place.read() if place else None
    kept = cast("dict[str, str]", found[0]) if found else {}
    BEKANNT.update((what, svg.encode()) for what, svg in kept.items() if what not in BEKANNT)
    yield
    if place and not BEKANNT.keys() <= kept.keys():
        place.write({what: svg.decode() for what, svg in BEKANNT.items()})


def gezeichnete() -> Mapping[str, bytes]:
    """Return the charts that this process knows, by what they were drawn of."""
    from sozcontrol.present.zeichnen import BEKANNT

    return BEKANNT


def lerne(charts: Mapping[str, bytes]) -> None:
    """Take in what another process has drawn."""
    from sozcontrol.present.zeichnen import BEKANNT

    BEKANNT.update(charts)
