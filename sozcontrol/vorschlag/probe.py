"""One file read through a profile, for a person to look at: shapes before and after, totals.

No cell is shown: of a text its shape, of a code the code. Nothing is stored, and the pseudonyms are
made with a key that is thrown away.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue import Profil, Spalte
from sozcontrol.catalogue.profil import Herkunft, Speisung
from sozcontrol.errors import UsageError
from sozcontrol.findings import Finding, Schwere, shape
from sozcontrol.intake import Delivery, TextTable
from sozcontrol.intake.delivery import read_one
from sozcontrol.tidy.feed import Part, type_feed
from sozcontrol.tidy.frame import build
from sozcontrol.tidy.numbers import Zahlformat
from sozcontrol.tidy.pseudonym import KEY_BYTES, Pseudonymiser
from sozcontrol.tidy.sums import reconcile

ERSTE = 5


@dataclass(frozen=True)
class Probe:
    """What reading one file gave: text for a person, and all findings."""

    text: str
    findings: tuple[Finding, ...]
    zeilen: int

    @property
    def kurz(self) -> str:
        """The outcome in one line."""
        errors = [f for f in self.findings if f.schwere is Schwere.FEHLER]
        rules = ", ".join(dict.fromkeys(f.regel for f in errors))
        told = f"{len(errors)} Fehler ({rules})" if errors else "ohne Fehler"
        return f"{self.zeilen} Zeilen gelesen, {told}"


def try_out(path: Path, profil: Profil, stichtag: date) -> Probe:
    """Read *path* by *profil* as a delivery of *stichtag* would be read.

    Raises:
        UsageError: The profile does not know a file of this name.
    """
    kommune = catalogue.kommune(catalogue.standard_kommune())
    delivery = read_one(path, kommune, profil, stichtag)
    if not (delivery.dateien or delivery.findings):
        patterns = ", ".join(f"»{d.muster}«" for d in profil.dateien)
        raise UsageError(f"Das Profil »{profil.profil}« kennt keine Datei dieses Namens.",
                         wo=path.name, tun=f"Es liest {patterns}.")  # fmt: skip
    key = Pseudonymiser(secrets.token_bytes(KEY_BYTES), kommune.id)
    findings, lines = list(delivery.findings), list[str]()
    for text in delivery.texte:
        wrong = reconcile(text)
        findings += wrong
        lines += _totals(text, wrong)
        for feed in text.datei.tabellen:
            part = type_feed(text, feed, delivery, key)
            findings += part.findings
            lines += _feed(text, feed, delivery, part)
    rows = sum(len(text.zeile) for text in delivery.texte)
    return Probe("\n".join(lines), tuple(findings), rows)


def _totals(text: TextTable, wrong: Sequence[Finding]) -> Iterator[str]:
    """Say which of the file's own totals agree with its rows."""
    yield f"{text.quelle.name}: {len(text.zeile)} Datenzeilen"
    kinds = {"R-I13": "Summen im Fuß", "R-I14": "Zwischensummen"}
    for rule, name in kinds.items():
        for column in dict.fromkeys(s.spalte for s in text.kontrollsummen if s.regel == rule):
            stated = sum(s.regel == rule and s.spalte == column for s in text.kontrollsummen)
            bad = next(
                (f.anzahl for f in wrong if f.regel == rule and f"»{column}«" in f.meldung), 0
            )
            yield f"  {name} »{column}«: {stated - bad} von {stated} gehen auf"


def _feed(text: TextTable, feed: Speisung, delivery: Delivery, part: Part) -> Iterator[str]:
    """Describe the rows one table gets: shapes of the first ones, totals of all."""
    table, frame = part.tabelle, build(text, feed, delivery)
    yield f"  → {table.name}: {len(part.zeile)} Zeilen; Form der ersten {ERSTE}, vorher → nachher"
    for column in (s for s in table.spalten if s.name in feed.spalten):
        origin, values = feed.spalten[column.name], part.spalten[column.name]
        cells = frame.cells(origin)
        own = origin.konstant is not None or any(a.startswith("@") for a in origin.aus)
        pairs = dict.fromkeys(
            f"»{before if own else shape(before)}« → {_shown(column, after)}"
            for before, after in zip(cells[:ERSTE], values[:ERSTE], strict=True)
        )
        filled = sum(v is not None for v in values)
        count = f"{filled} gefüllt, {len(values) - filled} leer"
        yield f"    {column.name} ({count}): {', '.join(pairs)}"
        if column.typ in ("betrag", "dezimal") or column.einheit == "Personen":
            yield f"      Summe in der Datei {_raw_total(origin, cells)}, gelesen {_total(values)}"


def _raw_total(origin: Herkunft, cells: Sequence[str]) -> str:
    """Return the sum of the cells as they are written, before unit and signs."""
    numbers = replace(Zahlformat.of(origin, euro=True), faktor=1)
    try:
        return _german(sum((numbers.parse(c) for c in cells if c not in origin.leer), Decimal(0)))
    except (ValueError, ArithmeticError):
        return "nicht zu bilden (siehe Befunde)"


def _total(values: Sequence[Decimal | int | None]) -> str:
    return _german(sum((Decimal(v) for v in values if v is not None), Decimal(0)))


def _german(number: Decimal) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def _shown(column: Spalte, value: object) -> str:
    """Return a typed value as it may be shown."""
    if value is None:
        return "leer"
    if column.typ == "code" and not column.persoenlich:
        return str(value)
    if column.typ == "id":
        return "Pseudonym"
    if isinstance(value, date):
        return f"»{shape(f'{value:%d.%m.%Y}')}«"
    return f"»{shape(_german(value) if isinstance(value, Decimal) else str(value))}«"
