"""The door of the terminal: answers come from the decision the reports were drawn from.

What that decision does not hold is decided against it, so an answer never undoes a page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from sozcontrol import catalogue, store
from sozcontrol.errors import NotReleased

if TYPE_CHECKING:
    from sozcontrol.disclosure import Entscheidung, Released
    from sozcontrol.present.plain import Undecided

RAEUME = ("catalogue", "intake", "tidy", "vorschlag", "checks", "store", "measures", "forecast",
          "hochrechnung", "revision", "disclosure", "present", "press", "auskunft")  # fmt: skip
"""The rooms whose code and facts decide an answer."""
T = TypeVar("T")


def released(
    daten: store.Daten, edition: str, tafeln: Sequence[Undecided], *, auch_ohne: bool = False
) -> list[Released]:
    """Return tables as *edition* may see them, beside what is published of this delivery.

    Raises:
        NotReleased: Nothing is decided yet, so nobody knows what the reports will hide (with
            *auch_ohne* the tables are decided by themselves).
    """
    from sozcontrol.disclosure import Antrag, entscheiden

    hides = edition != catalogue.offene_edition()
    fest = _published(daten) if hides else None
    if hides and fest is None and not auch_ohne:
        raise NotReleased(
            f"Zur Lieferung vom {daten.stichtag:%d.%m.%Y} (Datenstand {daten.datenstand:%d.%m.%Y}) "
            "ist noch nicht entschieden, welche Zahlen geheim bleiben.",
            wo=f"--edition {edition}",
            tun="Erst die Berichte ausgeben (sozcontrol run), oder im Haus --edition intern.",
        )
    asked = [Antrag(f"auskunft/{n}", "auskunft", t) for n, t in enumerate(tafeln)]
    decided = entscheiden(asked, (edition,), fest)
    return [decided.freigegeben(a.id, edition) for a in asked]


def kept(daten: store.Daten, edition: str, asked: Sequence[str], answer: Callable[[], T]) -> T:
    """Return *answer()* to what was *asked* for an edition, kept until something behind it changes.

    Behind it stand the delivery, the decision, and the code and facts of every room up to here.
    """
    decided = store.entscheidung_von(daten.projekt, daten.stichtag)
    return store.gerechnet(daten, RAEUME, store.name_aus(*asked, edition), answer, (decided,))


def _published(daten: store.Daten) -> Entscheidung | None:
    from sozcontrol.disclosure import Entscheidung

    kept = store.entscheidung(daten.projekt, daten.stichtag)
    if kept is None or kept.fassung != daten.manifest["fassung"]:
        return None
    return Entscheidung.from_dict(kept.zellen)
