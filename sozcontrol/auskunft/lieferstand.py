"""Who delivers what for a Stichtag, and what has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue import Bereich, Kommune

if TYPE_CHECKING:
    from sozcontrol.store.fassung import Manifest


@dataclass(frozen=True)
class Lieferant:
    """One supplier of a Stichtag: the tables it owes, and those that came, were refused, or not.

    ``seit`` is the first Datenstand in which something of it lay there.
    """

    name: str
    schuldet: tuple[str, ...]
    geliefert: tuple[str, ...] = ()
    abgelehnt: tuple[str, ...] = ()
    seit: date | None = None

    @property
    def fehlt(self) -> tuple[str, ...]:
        """The tables that did not come."""
        return tuple(t for t in self.schuldet if t not in (*self.geliefert, *self.abgelehnt))

    def stand(self, frist: date | None, heute: date) -> str:
        """Say what came, what did not, and whether it is late."""
        late = frist is not None and heute > frist
        if not self.geliefert and not self.abgelehnt:
            return f"überfällig seit {frist:%d.%m.%Y}" if late else "erwartet"
        told = [f"abgelehnt: {named(self.abgelehnt)}"] if self.abgelehnt else []
        told += [f"fehlt: {named(self.fehlt)}"] if self.fehlt else []
        if frist is not None and self.seit is not None and self.seit > frist:
            told.append(f"nach der Frist (Datenstand {self.seit:%d.%m.%Y})")
        return "; ".join(told) or "geliefert"

    @property
    def vollstaendig(self) -> bool:
        """Whether all came and was accepted."""
        return not self.fehlt and not self.abgelehnt


def lieferanten(
    kommune: Kommune, stichtag: date, bereiche: Sequence[Bereich], stored: Sequence[Manifest] = ()
) -> list[Lieferant]:
    """Return who owes which tables for the reports of *bereiche*, and what of it came.

    *stored* are the manifests of deliveries; those of other Stichtage are passed over.
    """
    needed = {t for area in bereiche for t in area.braucht}
    mine = [m for m in stored if m["stichtag"] == stichtag.isoformat()]
    owed: dict[str, dict[str, None]] = {}
    for profil in (catalogue.profil(name) for name in kommune.profile):
        feeds = (f for f in profil.dateien if f.pflicht and f.gilt(stichtag))
        tables = (s.tabelle for f in feeds for s in f.tabellen)
        owed.setdefault(profil.lieferant, {}).update(
            dict.fromkeys(t for t in tables if t in needed)
        )
    return [_came(name, tuple(tables), mine) for name, tables in owed.items() if tables]


def _came(name: str, owed: tuple[str, ...], stored: Sequence[Manifest]) -> Lieferant:
    """Return a supplier with what the newest of the stored deliveries holds of it."""
    days = [m["datenstand"] for m in stored if any(d["lieferant"] == name for d in m["dateien"])]
    if not days:
        return Lieferant(name, owed)
    newest = max(stored, key=lambda m: m["datenstand"])
    refused = tuple(t for t in owed if t in newest["abgelehnt"])
    there = {d["tabelle"] for d in newest["dateien"] if d["lieferant"] == name}
    came = tuple(t for t in owed if t in there and t not in refused)
    return Lieferant(name, owed, came, refused, date.fromisoformat(min(days)))


def named(tables: Sequence[str]) -> str:
    """Return tables by what readers call them."""
    known = catalogue.tabellen()
    return ", ".join(known[t].bezeichnung if t in known else t for t in tables)
