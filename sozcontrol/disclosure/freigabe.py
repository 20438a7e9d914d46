"""The door: frames go in, :class:`Released` comes out, and nothing else makes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from sozcontrol import catalogue
from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.lesen import Vorlage, without
from sozcontrol.disclosure.merkmale import Benennung
from sozcontrol.disclosure.tabelle import Register, Zelle
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
    ``anzahl``, ``abgeleitet`` or ``betrag``.
    """

    siegel: object
    je: tuple[str, ...]
    spalten: tuple[str, ...]
    zeilen: tuple[tuple[Any, ...], ...]
    arten: Mapping[str, str]
    edition: str
    kennzahl: Any = None

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
        return Zahl(_SIEGEL, rows[0][self.spalten.index(spalte)], *unit, self.kennzahl)


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
        _no_persons(_tuple(je))
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
            _net_of_what_is_taken_off(werte),
            je=_tuple(werte.je),
            anzahl=both,
            abgeleitet={"zaehler": both[:1], "nenner": both[1:], "wert": both},
            betraege={},
        )
        name, place = merkmale.of_kennzahl(werte), 1
        while self._clashes(vorlage, name):
            place += 1
            name = merkmale.of_release(f"{item.id}#{place}")
        days = {d for d in vorlage.names("", lambda _, day: day or "") if d}
        days |= {str(d) for d in [getattr(werte, "stichtag", None)] if d}
        found = (merkmale.strom_of(item, column, day) for column in both for day in sorted(days))
        self._stroeme.update(s for s in found if s)
        for relation in merkmale.identities(self._stroeme):
            self._register.relate(relation)
        return self._let_through(
            vorlage, name, (), (both,) if _is_share(item, vorlage) else (), item
        )

    def aufstellung(self, tafel: Any) -> Released:
        """Release a table that declares its own structure (``measures.Aufstellung``)."""
        return self.release(
            tafel.frame,
            je=tafel.je,
            anzahl=tafel.anzahl,
            abgeleitet=tafel.abgeleitet,
            identitaeten=tafel.identitaeten,
            merkmal=tafel.merkmal,
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
            found = vorlage.rest(part, whole, name)
            rest.update(found)
            for n, z in zip(vorlage.names(whole, name), vorlage.names(part, name), strict=True):
                if found:
                    self._register.relate(((n, 1), (z, -1), (without(n, z), -1)))
        self._register.admit(_counts(vorlage, name), rest)
        hidden = {
            column: {
                row for row, z in enumerate(vorlage.zellen(column, name))
                if z in self._register.gesperrt
            }
            for column in vorlage.anzahl
        }  # fmt: skip
        return Released(
            _SIEGEL, vorlage.je, vorlage.spalten, vorlage.masked(hidden), vorlage.arten,
            self.edition.id, item,
        )  # fmt: skip


def _net_of_what_is_taken_off(werte: Any) -> Any:
    """Count a numerator that is a difference of counts by itself, not by all Hilfen in its terms.

    »Returned, less those who came again« over »returned«: the rest, those who came again, may be
    one child, though as many Hilfen stand behind the numerator as behind the whole.
    """
    frame, item = werte.frame, werte.kennzahl
    whole = all(str(frame[c].dtype) == "Int64" for c in ("zaehler", "nenner"))
    if whole and any(t.vorzeichen < 0 for t in item.zaehler.terme):
        return frame.assign(faelle_zaehler=frame["zaehler"], faelle_nenner=frame["nenner"])
    return frame


def _no_persons(je: Sequence[str]) -> None:
    """Refuse dimensions that tell single persons, cases or payments apart."""
    tables = [catalogue.tabelle(n) for n in ("person", "fall", "zahlung", "buchung")]
    single = {k for t in tables for k in t.schluessel}
    single |= {s.name for t in tables for s in t.spalten if s.pseudonym or s.typ == "datum"}
    found = sorted((single | {"geburtsmonat"}) & set(je))
    if found:
        raise NotReleased(
            f"Nach »{', '.join(found)}« gegliedert stünde jede Zeile für einen einzelnen Vorgang.",
            wo="freigabe.release",
            tun="Nach Merkmalen gliedern, die viele teilen (Hilfeart, Altersgruppe, Sozialraum).",
        )


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


def _is_share(item: Any, vorlage: Vorlage) -> bool:
    """Say whether a Kennzahl is a part of a whole: the rest of the whole is a count, too.

    A percentage alone does not say so (begun per stock of last year is none): both sides must count
    the same thing over the same span, the part under conditions that imply those of the whole.
    """
    if not item.einheit.startswith("%") or item.nenner is None:
        return False
    if not merkmale.is_part(item.zaehler.terme[0], item.nenner.terme[0]):
        return False
    pairs = zip(vorlage.werte("faelle_zaehler"), vorlage.werte("faelle_nenner"), strict=True)
    return all(z <= n for z, n in pairs if z is not None and n is not None)
