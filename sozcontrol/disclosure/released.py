"""What came through the door: sealed tables and figures, plain values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NoReturn

from sozcontrol.catalogue.codeliste import INSGESAMT
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.errors import NotReleased

if TYPE_CHECKING:
    import pandas as pd

    from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt

SIEGEL = object()
"""Only this room holds it; a Released made without it is refused."""


def _sealed(siegel: object, was: str) -> None:
    if siegel is not SIEGEL:
        raise NotReleased(
            f"{was} wurde ohne Freigabe gebaut.",
            wo="disclosure",
            tun="disclosure.entscheiden nutzen.",
        )


@dataclass(frozen=True, repr=False)
class Zahl:
    """One released figure: ``wert`` (or GEHEIM, or None for »nichts vorhanden«) and its unit."""

    siegel: object
    wert: Gezeigt
    einheit: str | None = None
    rundung: int | None = None
    name: str | None = None
    kennzahl: Belegt | None = None
    auch_null: bool = False
    luecken: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _sealed(self.siegel, "Eine Zahl")
        object.__setattr__(self, "siegel", None)

    def __repr__(self) -> str:
        return f"Zahl({self.name or self.einheit or 'Anzahl'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("released figures are not pickled")


@dataclass(frozen=True, repr=False)
class Released:
    """A table that may be shown in its edition.

    Plain Python values only (str, int, Decimal, float, date, bool, None, GEHEIM): no categories,
    no ``attrs``, no trace of what was suppressed. ``arten`` says what a column is: ``dimension``,
    ``anzahl``, ``abgeleitet`` or ``betrag``. ``auch_null``: its marks may stand for zeros, too;
    whoever shows the table says so, and which ``luecken`` its figures have.
    """

    siegel: object
    je: tuple[str, ...]
    spalten: tuple[str, ...]
    zeilen: tuple[tuple[Gezeigt, ...], ...]
    arten: Mapping[str, str]
    edition: str
    kennzahl: Belegt | None = None
    auch_null: bool = False
    luecken: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _sealed(self.siegel, "Eine Tabelle")
        object.__setattr__(self, "siegel", None)

    def __repr__(self) -> str:
        return f"Released({len(self.zeilen)} Zeilen, je {', '.join(self.je) or '–'})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("released tables are not pickled")

    def __len__(self) -> int:
        return len(self.zeilen)

    @property
    def frame(self) -> pd.DataFrame:
        """A fresh copy as an object frame; changing it changes nothing that is shown."""
        import pandas as pd

        return pd.DataFrame(list(self.zeilen), columns=list(self.spalten), dtype=object)

    def spalte(self, name: str) -> list[Gezeigt]:
        """Return the values of one column, in row order."""
        return [zeile[self.spalten.index(name)] for zeile in self.zeilen]

    def nur(self, gezeigt: Sequence[str] | None) -> Released:
        """Return the table with the columns *gezeigt* and its dimensions only (None: all)."""
        if gezeigt is None:
            return self
        keep = [c for c in self.spalten if c in gezeigt or c in self.je]
        at = [self.spalten.index(c) for c in keep]
        rows = tuple(tuple(row[i] for i in at) for row in self.zeilen)
        kinds = {c: self.arten[c] for c in keep}
        return replace(self, siegel=SIEGEL, spalten=tuple(keep), zeilen=rows, arten=kinds)

    def auswahl(self, nummern: Sequence[int]) -> Released:
        """Return the table with these rows in this order: chosen by what is shown, not before."""
        return replace(self, siegel=SIEGEL, zeilen=tuple(self.zeilen[n] for n in nummern))

    def zahl(self, spalte: str = "wert", **je: Gezeigt) -> Zahl:
        """Return one figure; dimensions not named are taken as totals.

        Raises:
            NotReleased: No row, or more than one, fits.
        """
        wanted = {d: je.get(d, INSGESAMT) for d in self.je}
        rows = [
            z
            for z in self.zeilen
            if all(_same(z[self.spalten.index(d)], v) for d, v in wanted.items())
        ]
        if len(rows) != 1 or set(je) - set(self.je) or spalte not in self.spalten:
            raise NotReleased(
                f"Für die Spalte »{spalte}« passt nicht genau eine Zeile.",
                wo=f"Tabelle je {', '.join(self.je) or 'Gesamt'}",
                tun=f"Dimensionen angeben: {', '.join(self.je) or 'keine'}.",
            )
        value, item = rows[0][self.spalten.index(spalte)], self.kennzahl
        if item is None or spalte != "wert":
            return Zahl(SIEGEL, value, kennzahl=item, auch_null=self.auch_null)
        told = (self.auch_null, self.luecken)
        return Zahl(SIEGEL, value, item.einheit, item.rundung, item.name, item, *told)


def _same(cell: Gezeigt, wanted: Gezeigt) -> bool:
    if isinstance(cell, date) and isinstance(wanted, str) and wanted != INSGESAMT:
        return cell.isoformat() == wanted
    return cell == wanted
