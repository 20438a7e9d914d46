"""How German offices write dates, amounts and lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

ERFUNDEN = "Stadt Musterstadt (alle Daten sind erfunden)"
Zellen = Sequence[object]


@lru_cache(maxsize=16_384)
def tag(wert: date | None) -> str:
    """Return a date as German offices write it."""
    return f"{wert:%d.%m.%Y}" if wert else ""


def zahl(wert: Decimal | None, stellen: int = 2) -> str:
    """Return a number with decimal comma and thousands dots."""
    if wert is None:
        return ""
    return f"{wert:,.{stellen}f}".translate(str.maketrans(",.", ".,"))


def sap(wert: Decimal) -> str:
    """Return an amount with SAP's trailing minus: ``1.234,56-``."""
    return zahl(wert) if wert >= 0 else f"{zahl(-wert)}-"


def csv_text(zeilen: Iterable[Zellen], trenner: str = ";") -> str:
    """Return rows as CSV with CRLF, quoted where needed."""
    puffer = io.StringIO()
    csv.writer(puffer, delimiter=trenner, lineterminator="\r\n").writerows(zeilen)
    return puffer.getvalue()


def liste(titel: str, stichtag: date, kopf: Zellen, zeilen: Iterable[Zellen]) -> str:
    """Return a report as CSV: two lines of title, the head, the rows, and their number below."""
    rows = list(zeilen)
    oben: list[Zellen] = [(ERFUNDEN,), (f"{titel} Stichtag {tag(stichtag)}",), kopf]
    return csv_text([*oben, *rows, (f"Anzahl Datensätze: {len(rows)}",)])
