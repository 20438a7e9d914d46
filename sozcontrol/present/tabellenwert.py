"""A cell for a spreadsheet: the figure as the page prints it, as a number with a number format.

It is rounded as on the page: a file that holds more digits tells more than was decided for readers.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import NamedTuple

from sozcontrol.disclosure import GEHEIM
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.present.format import (
    GLEICH,
    IM_ANSATZ,
    KNAPP,
    MASSE,
    OHNE_VORZEICHEN,
    VORZEICHEN,
    WIRKUNG,
    Mass,
    as_decimal,
    base_of,
    schreiben,
)
from sozcontrol.present.fragment import clean

DATUM = "dd.mm.yyyy"
TAGE = {"datum": DATUM, "monat": "[$-407]mmmm yyyy"}
"""Number formats of days, by the format that writes them."""
JAHR = "0"
"""Of years, and of whole numbers written as they are."""
SCHRITT = {1: "", 1000: ",", 1_000_000: ",,"}
"""How a number format divides; the figure itself stays whole."""


class Wert(NamedTuple):
    """What a cell holds: words, a number or a day, and how a spreadsheet writes it.

    ``einheit`` is what stands behind the figure in its cell; nothing where its heading says it.
    """

    wert: str | Decimal | date
    muster: str = ""
    einheit: str = ""


def cell_value(value: Gezeigt, format: str, einheit: str = "") -> Wert:
    """Return a shown value for a spreadsheet; the marks and words are texts.

    *einheit* is the unit a figure has in its cell where its format writes none.
    """
    mass = _mass(format)
    if format == "text" and isinstance(value, int) and not isinstance(value, bool):
        return Wert(Decimal(value), JAHR)
    if value is None or value is GEHEIM or (mass is None and format not in (*TAGE, "jahr")):
        return Wert(clean(schreiben(value, format)))
    if mass is not None:
        return Wert(_rounded(value, format, mass), *_pattern(format, mass, einheit))
    day = value if isinstance(value, date) else date.fromisoformat(str(value))
    return Wert(Decimal(day.year), JAHR) if format == "jahr" else Wert(day, TAGE[format])


def _mass(format: str) -> Mass | None:
    base = base_of(format)
    return (MASSE | OHNE_VORZEICHEN | IM_ANSATZ).get(base)


def _rounded(value: object, format: str, mass: Mass) -> Decimal:
    number = as_decimal(value) / mass.teiler
    shown = number.quantize(Decimal(1).scaleb(-mass.stellen), rounding=ROUND_HALF_UP)
    shown = abs(shown) if shown == 0 or format in OHNE_VORZEICHEN else shown
    if mass.einheit == "%":
        return shown / 100
    return shown * mass.teiler if mass.einheit else shown


@cache
def _pattern(format: str, mass: Mass, einheit: str) -> tuple[str, str]:
    unit = mass.einheit or einheit
    size = "#,##0" + ("." + "0" * mass.stellen if mass.stellen else "")
    if mass.einheit == "%":
        size += '" "%'
    elif unit:
        size += SCHRITT[mass.teiler if mass.einheit else 1] + _quoted(f"\u00a0{unit}")
    return _sections(format, size), unit


def _sections(format: str, size: str) -> str:
    """Return the number format for more, less and nothing: words or signs before the figure."""
    if format == KNAPP:
        return f"{_quoted('▸ ')}{size};{_quoted('◂ ')}{size};{size}"
    if format in IM_ANSATZ or format.startswith(WIRKUNG):
        same = _quoted(GLEICH) if format in IM_ANSATZ else size
        return f"{_quoted('schlechter um ')}{size};{_quoted('besser um ')}{size};{same}"
    return f"+{size};-{size};{size}" if format.startswith(VORZEICHEN) else size


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "'") + '"'
