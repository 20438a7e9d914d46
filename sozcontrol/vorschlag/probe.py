"""One file read through a profile, for a person to look at: first rows before and after, totals.

Shown are cells that facts declare to be no person's: an amount, a number, a word of a code list, a
number of master data, a day where no persons stand. Of any other only the shape. Nothing is stored,
and the pseudonyms are made with a key that is thrown away.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue import Profil, Spalte, Tabelle
from sozcontrol.catalogue.profil import Herkunft, Speisung
from sozcontrol.errors import UsageError
from sozcontrol.findings import Finding, Schwere, show
from sozcontrol.intake import Delivery, TextTable
from sozcontrol.intake.delivery import read_one
from sozcontrol.intake.header import VORLAGE_FELD
from sozcontrol.tidy.codes import vocabulary
from sozcontrol.tidy.feed import Part, type_feed
from sozcontrol.tidy.frame import build
from sozcontrol.tidy.numbers import Zahlformat, decimals
from sozcontrol.tidy.pseudonym import KEY_BYTES, Pseudonymiser
from sozcontrol.tidy.sums import reconcile
from sozcontrol.vorschlag.namenswissen import bekannt, verschwiegen
from sozcontrol.vorschlag.spaltenschmelze import ZAHLEN

ERSTE = 5
_NUMMER = re.compile(r"(?=.*\d)[A-Z]{0,3}[\d./-]{1,20}")
"""A number of the master data: of a product, an account, a district."""
_DELIVERY = (("@stichtag",), ("@datenstand",), ("@ags",), ("@datei",))
"""What the delivery says of itself, of which no row says anything."""
_UNIT = re.compile(r"T€|TEUR|EUR|€")


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
    kommune = catalogue.kommune_oder_eigene()
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
    """Describe the rows one table gets: the first ones before and after, totals of all."""
    table, frame = part.tabelle, build(text, feed, delivery)
    rows = ", ".join(map(str, part.zeile[:ERSTE]))
    yield f"  → {table.name}: {len(part.zeile)} Zeilen; vorher → nachher in Zeile {rows}"
    for column in (s for s in table.spalten if s.name in feed.spalten):
        origin, values = feed.spalten[column.name], part.spalten[column.name]
        cells = frame.cells(origin)
        filled = sum(v is not None for v in values)
        count = f"{filled} gefüllt, {len(values) - filled} leer"
        free = _open(table, column, origin)
        pairs = [
            _pair(cell, value, column, origin, free)
            for cell, value in zip(cells[:ERSTE], values[:ERSTE], strict=True)
        ]
        runs = [(pair, len([*same])) for pair, same in groupby(pairs)]
        told = ", ".join(f"{n}-mal {pair}" if n > 1 else pair for pair, n in runs)
        yield f"    {column.name} ({count}): {told}"
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
    places = max(2, decimals(number))
    return f"{number:,.{places}f}".translate(str.maketrans(",.", ".,"))


def _open(table: Tabelle, column: Spalte, origin: Herkunft) -> bool:
    """Whether what is typed for *column* may be shown: facts say so, and its source's name too.

    A day stands for a person where persons stand; a text is shown as a number of master data only.
    """
    if column.persoenlich or column.typ == "id":
        return False
    if column.typ in ("code", "wahr"):
        return True  # a word of the facts, or it is not shown
    names = (*origin.aus, *VORLAGE_FELD.findall(origin.vorlage or ""))
    if any(bekannt(name, verschwiegen()) for name in names):
        return False
    if column.typ in ZAHLEN:
        return True
    return not table.nennt_personen and (column.typ != "text" or column.bezug is not None)


def _pair(cell: str, value: object, column: Spalte, origin: Herkunft, free: bool) -> str:
    """Return a cell and what is read of it; *free* where both may be shown."""
    own = origin.konstant is not None or origin.aus[:1] in _DELIVERY
    known = {cell} if own or (free and _understood(cell, value, column, origin)) else ()
    before = f"»{show(cell, known)}«"
    if value is None or column.typ == "id":
        return f"{before} → {'leer' if value is None else 'Pseudonym'}"
    text = _text(value)
    told = {text} if own or (free and _plain(text, column)) else ()
    return f"{before} → »{show(text, told)}«"


def _understood(cell: str, value: object, column: Spalte, origin: Herkunft) -> bool:
    """Whether a cell holds nothing but what it was read as.

    Rows shift by a column, and then a name stands under an amount.
    """
    if column.typ in ("code", "wahr"):
        return cell in vocabulary(column, origin.codes)
    return value is not None and _plain(_UNIT.sub("", cell), column)


def _plain(text: str, column: Spalte) -> bool:
    """Whether *text* can be no words; of a text column it must be built like a number, too."""
    if column.typ == "text":
        return _NUMMER.fullmatch(text) is not None
    return column.typ in ("code", "wahr") or not re.search(r"[^\W\d_]", text)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return _german(value) if isinstance(value, Decimal) else str(value)
