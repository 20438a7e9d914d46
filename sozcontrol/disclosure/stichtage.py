"""Decisions of other Stichtage beside this one: what their readers know, and what stays hidden.

A count of another delivery is another count, even of the same day: it carries that delivery's
Datenstand in its name (as in the revision, and in last year's column). So the cells of an earlier
decision are renamed, and only those are taken in whose counts this Stichtag shows again, with all
that is tied to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sozcontrol.disclosure.lage import Lage
from sozcontrol.disclosure.mengen import Zelle
from sozcontrol.disclosure.merkmale import STAND
from sozcontrol.disclosure.tafel import Tafel
from sozcontrol.disclosure.zuwachs import Zaehler

BEWEGUNG = ("bestand", "zugang", "abgang", "jahr")
"""How the names of stocks and flows begin (:class:`sozcontrol.disclosure.merkmale.Strom`)."""

EIGEN = re.compile(r"(?:\.\.\d{4}-\d\d-\d\d(?:\|\d{4}-\d\d-\d\d)?|\}\|\d{4}-\d\d-\d\d)$")
"""How the names of other counts of a delivery's own end: with their span, or the Stichtag, too; of
several terms with the Stichtag alone."""


@dataclass(frozen=True)
class Vorher:
    """What was decided for the reports of a Stichtag made from the data of *stand*.

    ``wechsel`` counts whose shares differ between that delivery and today's; None where it is gone.
    """

    stichtag: date
    stand: date
    lage: Lage
    wechsel: Zaehler | None = None

    def benannt(self, name: str) -> str | None:
        """Return what a count of that delivery is called beside others; None where it is none."""
        art, _, rest = name.partition("|")
        where, _, span = rest.rpartition("|")
        if art in BEWEGUNG:
            return f"{art}|{self.wo(where)}|{span}" if _eigen(where) else None
        return f"{name}{STAND}{self.stand}" if EIGEN.search(name) else None

    def wo(self, wo: str) -> str:
        """Return whom a stock or flow counts, as that delivery had them."""
        where, at, day = wo.partition("@")
        stand = f"{STAND}{self.stand}"
        return f"{where}{stand}{at}{day}{stand if at else ''}"


def _eigen(wo: str) -> bool:
    """Say whether a stock or flow was counted from the delivery of its own reports."""
    return wo.partition("@")[0].endswith("]")


def _gezaehlt(name: str) -> str:
    """Return whom a stock or flow counts; of other counts the name."""
    art, _, rest = name.partition("|")
    return rest.rpartition("|")[0] if art in BEWEGUNG else name


def aufnehmen(lage: Lage, vorher: Iterable[Vorher], tafeln: Sequence[Tafel]) -> None:
    """Take into *lage* what earlier decisions say of the counts that *tafeln* show again."""
    again = {z: n for t in tafeln for z, n in t.anzahlen().items()}
    twins: dict[Zelle, list[Zelle]] = {}
    for whole, parts in (s for t in tafeln for s in t.summen):
        if STAND in whole[0] and len(parts) == 1 and parts[0] in again:
            twins.setdefault(whole, []).append(parts[0])
    again = {z: n for z, n in again.items() if STAND in z[0]} | {
        z: again[same[0]] for z, same in twins.items()
    }
    for one in vorher:
        for old, new in _aufgenommen(lage, one, again).items():
            for cell in (new, *twins.get(new, ())):
                _stand_nehmen(lage, one.lage, old, cell)


def _aufgenommen(lage: Lage, one: Vorher, again: Mapping[Zelle, int]) -> dict[Zelle, Zelle]:
    """Take in the cells tied to *again*; return what each of them is called now."""
    old, known = one.lage, {m for m, _ in again}
    names = {n: new for n in dict.fromkeys(z[0] for z in old.wert) if (new := one.benannt(n))}
    tied = {_gezaehlt(n) for n, new in names.items() if new in known}
    wanted = {n: new for n, new in names.items() if _gezaehlt(n) in tied}
    cells = {z: (wanted[z[0]], z[1]) for z in old.wert if z[0] in wanted and not old.ist_betrag(z)}
    # A definition that has changed since counts something else under the same name.
    other = {new[0] for z, new in cells.items() if again.get(new, old.wert[z]) != old.wert[z]}
    cells = {z: new for z, new in cells.items() if new[0] not in other and new not in lage.wert}
    lage.wert |= {new: old.wert[z] for z, new in cells.items()}
    here = {m for m, _ in cells.values()}
    lage.stroeme |= {replace(s, wo=one.wo(s.wo)) for s in old.stroeme if wanted.get(s.name) in here}
    return cells


def _stand_nehmen(lage: Lage, old: Lage, alt: Zelle, neu: Zelle) -> None:
    """Let a cell be shown, hidden and what it is as another one was."""
    for mine, theirs in ((lage.offen, old.offen), (lage.gesperrt, old.gesperrt)):
        if alt in theirs:
            mine.setdefault(neu, set()).update(theirs[alt])
    for own, other in ((lage.lose, old.lose), (lage.weich, old.weich)):
        if alt in other:
            own.add(neu)
