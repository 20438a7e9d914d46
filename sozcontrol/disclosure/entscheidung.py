"""One decision for a Stichtag: which figure may be seen in which edition, over all tables at once.

A notebook asks (:class:`Antrag`), :func:`entscheiden` answers once for all areas and editions, and
every way out reads the answer (:class:`Entscheidung`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sozcontrol.disclosure.freigabe import Freigabe, Released, Zahl
from sozcontrol.errors import NotReleased
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte


@dataclass(frozen=True)
class Antrag:
    """What a notebook asks to show: one table, or the values of one Kennzahl.

    ``id`` is unique in the Stichtag (``<bereich>/<cell id>/<n>``). ``gezeigt`` names the columns
    that are rendered (None: all); the others only stand behind figures and are not in the released
    table. ``sichtbar`` names the editions it is meant for (None: all).
    """

    id: str
    bereich: str
    tafel: Aufstellung | Werte
    gezeigt: tuple[str, ...] | None = None
    sichtbar: tuple[str, ...] | None = None


@dataclass(frozen=True, repr=False)
class Entscheidung:
    """What may be seen: released tables by Antrag and edition, and the cells decided as data."""

    tafeln: Mapping[tuple[str, str], Released] = field(default_factory=dict)
    zellen: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Entscheidung({len(self.tafeln)} Tafeln)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a decision holds what was suppressed; write as_dict() under data/")

    def freigegeben(self, antrag_id: str, edition: str) -> Released:
        """Return the table of an Antrag as *edition* may see it.

        Raises:
            NotReleased: The Antrag is not part of this decision, or not meant for the edition.
        """
        if (antrag_id, edition) not in self.tafeln:
            raise NotReleased(
                f"»{antrag_id}« ist für die Edition »{edition}« nicht entschieden.",
                wo="disclosure.entscheiden",
                tun="Den Antrag mit allen anderen des Stichtags zur Entscheidung geben.",
            )
        return self.tafeln[antrag_id, edition]

    def zahl(self, antrag_id: str, edition: str, spalte: str = "wert", **je: Any) -> Zahl:
        """Return one figure of an Antrag; dimensions not named are taken as totals."""
        return self.freigegeben(antrag_id, edition).zahl(spalte, **je)

    def as_dict(self) -> dict[str, Any]:
        """Return cells and relations as plain data (hidden counts included: stays under data/)."""
        return dict(self.zellen)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Entscheidung:
        """Return what :meth:`as_dict` wrote, to decide against; it holds no tables."""
        return cls(zellen=dict(data))


def entscheiden(
    antraege: Sequence[Antrag], editionen: Sequence[str], fest: Entscheidung | None = None
) -> Entscheidung:
    """Decide over all Antraege and editions of a Stichtag together.

    *fest* is what is published or decided already: what it shows is known to readers, what it hides
    stays hidden.
    """
    tafeln: dict[tuple[str, str], Released] = {}
    for edition in editionen:
        freigabe = Freigabe.open(edition)
        for antrag in antraege:
            if antrag.sichtbar is None or edition in antrag.sichtbar:
                take = (
                    freigabe.kennzahl if isinstance(antrag.tafel, Werte) else freigabe.aufstellung
                )
                tafeln[antrag.id, edition] = take(antrag.tafel).nur(antrag.gezeigt)
    return Entscheidung(tafeln)
