"""The door: frames go in, :class:`Released` comes out, and nothing else makes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from sozcontrol import catalogue
from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.eignung import demand_no_persons, is_share, net_of_what_is_taken_off
from sozcontrol.disclosure.lesen import Vorlage
from sozcontrol.disclosure.mengen import Zelle
from sozcontrol.disclosure.merkmale import Benennung
from sozcontrol.disclosure.register import Register
from sozcontrol.errors import NotReleased
from sozcontrol.measures import INSGESAMT

if TYPE_CHECKING:
    import pandas as pd

_SIEGEL = object()
"""Only this module holds it; a Released made without it is refused."""


def _sealed(siegel: object, was: str) -> None:
    if siegel is not _SIEGEL:
        raise NotReleased(
            f"{was} wurde ohne Freigabe gebaut.",
            wo="disclosure",
            tun="Freigabe.open(edition) nutzen.",
        )


@dataclass(frozen=True, repr=False)
class Zahl:
    """One released figure: ``wert`` (or GEHEIM, or None for »nichts vorhanden«) and its unit."""

    siegel: object
    wert: Any
    einheit: str | None = None
    rundung: int | None = None
    name: str | None = None
    kennzahl: Any = None
    auch_null: bool = False

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
    whoever shows the table says so.
    """

    siegel: object
    je: tuple[str, ...]
    spalten: tuple[str, ...]
    zeilen: tuple[tuple[Any, ...], ...]
    arten: Mapping[str, str]
    edition: str
    kennzahl: Any = None
    auch_null: bool = False

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

    def spalte(self, name: str) -> list[Any]:
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
        return replace(self, siegel=_SIEGEL, spalten=tuple(keep), zeilen=rows, arten=kinds)

    def zahl(self, spalte: str = "wert", **je: Any) -> Zahl:
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
        unit = (None, None, None)
        if self.kennzahl is not None and spalte == "wert":
            unit = (self.kennzahl.einheit, self.kennzahl.rundung, self.kennzahl.name)
        value = rows[0][self.spalten.index(spalte)]
        return Zahl(_SIEGEL, value, *unit, self.kennzahl, self.auch_null)


class Freigabe:
    """One register of one run: what was hidden once stays hidden, what was shown stays shown."""

    def __init__(self, edition: catalogue.Edition) -> None:
        self.edition = edition
        self._register = Register(edition.schwelle)
        self._stroeme: set[merkmale.Strom] = set()

    @classmethod
    def open(cls, edition: str) -> Freigabe:
        """Open the door for one edition (``catalogue.editionen()``)."""
        return cls(catalogue.edition(edition))

    def release(
        self,
        frame: Any,
        *,
        je: str | Sequence[str],
        anzahl: str | Sequence[str] = (),
        abgeleitet: Mapping[str, Sequence[str]] | None = None,
        betraege: Mapping[str, str | None] | None = None,
        identitaeten: Iterable[Mapping[str, int]] = (),
        anteile: Iterable[tuple[str, str]] = (),
        merkmal: str | None = None,
        kennzahl: Any = None,
    ) -> Released:
        """Release a table: one row per combination of *je*, totals marked ``insgesamt``.

        Args:
            frame: pandas frame, or anything with ``.execute()`` (an Ibis expression).
            je: Dimension columns; together they identify a row.
            anzahl: Columns counting persons, cases or other carriers; empty = no persons behind.
            abgeleitet: Figure → the count columns it was made from; hidden with any of them.
            betraege: Money → the column counting its carriers, or None (ledger sums).
            identitaeten: Column → coefficient, Σ = 0 in every row (stock and flow).
            anteile: (part, whole) count columns whose share is shown: the rest is protected too.
            merkmal: What is counted, when the column name alone does not say it in this run.
            kennzahl: The Steckbrief of the figures (unit and rounding for readers).

        Raises:
            NotReleased: A column is not declared, a row stands twice, a count is no count.
        """
        demand_no_persons(_tuple(je))
        vorlage = Vorlage.read(
            frame,
            je=_tuple(je),
            anzahl=_tuple(anzahl),
            abgeleitet={k: _tuple(v) for k, v in (abgeleitet or {}).items()},
            betraege=dict(betraege or {}),
        )
        name = merkmale.of_release(merkmal)
        if self._clashes(vorlage, name):
            raise NotReleased(
                f"Unter dem Merkmal »{merkmal or ', '.join(vorlage.anzahl)}« wurden in diesem Lauf "
                "schon andere Anzahlen freigegeben.",
                wo=f"Tabelle je {', '.join(vorlage.je) or 'Gesamt'}",
                tun="Mit merkmal=… sagen, was gezählt wird (z. B. »Zugang 2025«).",
            )
        return self._let_through(vorlage, name, tuple(identitaeten), tuple(anteile), kennzahl)

    def kennzahl(self, werte: Any) -> Released:
        """Release the values of one Kennzahl (``measures.Werte``), with its numerator and base.

        ``zaehler``, ``nenner`` and ``wert`` are hidden when the Hilfen behind them are few; of a
        share, the rest (nenner − zaehler) is protected as well. Stock and flow released as
        Kennzahlen of one run are audited together.
        """
        item, both = werte.kennzahl, ("faelle_zaehler", "faelle_nenner")
        vorlage = Vorlage.read(
            net_of_what_is_taken_off(werte),
            je=_tuple(werte.je),
            anzahl=both,
            abgeleitet={"zaehler": both[:1], "nenner": both[1:], "wert": both},
            betraege={},
        )
        name, place = merkmale.of_kennzahl(werte), 1
        while self._clashes(vorlage, name):
            place += 1
            name = merkmale.of_release(f"{item.id}#{place}")
        self._link(werte, vorlage, both)
        return self._let_through(
            vorlage, name, (), (both,) if is_share(item, vorlage) else (), item
        )

    def _link(self, werte: Any, vorlage: Vorlage, columns: Sequence[str]) -> None:
        """Tell the register what these counts have to do with others: stock, flow and sums."""
        known = getattr(werte, "stichtag", None)
        rows: dict[str, list[Any]] = {}
        for day, row in zip(vorlage.tage(), vorlage.praedikate(), strict=True):
            if day or known:
                rows.setdefault(day or str(known), []).append(row)
        for column in columns:
            for day in sorted(rows):
                strom = merkmale.strom_of(werte, column, day)
                self._stroeme.update({strom} if strom else ())
                for whole, parts in merkmale.sums(werte, column, day, rows[day]):
                    self._register.summe(whole, parts)
        for relation in merkmale.identities(self._stroeme):
            self._register.relate(relation)

    def aufstellung(self, tafel: Any) -> Released:
        """Release a table that declares its own structure (``measures.Aufstellung``)."""
        return self.release(
            tafel.frame,
            je=tafel.je,
            anzahl=tafel.anzahl,
            abgeleitet=tafel.abgeleitet,
            identitaeten=tafel.identitaeten,
            merkmal=tafel.merkmal,
            kennzahl=tafel.kennzahl,
        )

    def zahl(self, werte: Any, **je: Any) -> Zahl:
        """Release a Kennzahl and return one of its values: the total, or the named combination."""
        return self.kennzahl(werte).zahl("wert", **je)

    def _clashes(self, vorlage: Vorlage, name: Benennung) -> bool:
        """Say whether a measure of this name has had other counts in this run."""
        register = self._register
        counts = _counts(vorlage, name).items()
        return any(register.known(z) and register.anzahl[z] != n for z, n in counts)

    def _let_through(
        self,
        vorlage: Vorlage,
        name: Benennung,
        identitaeten: Sequence[Mapping[str, int]],
        anteile: Sequence[tuple[str, str]],
        item: Any,
    ) -> Released:
        for identity in identitaeten:
            vorlage.prove(identity)
            for names in zip(*(vorlage.names(c, name) for c in identity), strict=True):
                self._register.relate(zip(names, identity.values(), strict=True))
        rest: dict[Zelle, int] = {}
        for part, whole in anteile:
            for n, z, remainder, count in vorlage.rest(part, whole, name):
                rest[remainder] = count
                self._register.summe(n, (z, remainder))
        cells = {column: vorlage.zellen(column, name) for column in vorlage.anzahl}
        pairs = (p for c in cells.values() for p in zip(c, vorlage.praedikate(), strict=True))
        loose = {z for z, row in pairs if z is not None and z[1] != row}
        self._register.admit(_counts(vorlage, name), rest, loose)
        hidden = {
            column: {row for row, z in enumerate(found) if z in self._register.gesperrt}
            for column, found in cells.items()
        }
        weak = any(z in self._register.auch_null for found in cells.values() for z in found)
        return Released(
            _SIEGEL, vorlage.je, vorlage.spalten, vorlage.masked(hidden), vorlage.arten,
            self.edition.id, item, weak,
        )  # fmt: skip


def _counts(vorlage: Vorlage, name: Benennung) -> dict[Zelle, int]:
    """Return the count cells of a table; an empty count has no cell."""
    cells = {}
    for column in vorlage.anzahl:
        pairs = zip(vorlage.zellen(column, name), vorlage.werte(column), strict=True)
        cells |= {z: n for z, n in pairs if z is not None and n is not None}
    return cells


def _tuple(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _same(cell: Any, wanted: Any) -> bool:
    if isinstance(cell, date) and isinstance(wanted, str) and wanted != INSGESAMT:
        return cell.isoformat() == wanted
    return cell == wanted
