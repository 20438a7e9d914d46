"""German writing of figures: rounded half up from Decimal, never from a float's binary tail.

A *format* is a word: ``anzahl``, ``eur``, ``eur0``, ``teur``, ``tausend`` (T€, the unit stands
in the heading), ``mio``, ``mio1``, ``pct`` (= ``pct1``), ``pct0``, ``pct2``, ``zahl0`` … ``zahl4``,
``datum``, ``monat``, ``quartal``, ``jahr``, ``wahr``, ``text``, ``betrag``, ``betrag_pct``
(without a sign, where a word beside it says what the deviation does to the budget),
``haushalt_pct``, ``haushalt_teur`` (that word and the share or amount: a positive one makes the
budget worse; none is »im Ansatz«) and ``wirkung_`` before any format of figures (the same of what
is not compared with an Ansatz; none is written as it is).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial

from sozcontrol.disclosure import GEHEIM
from sozcontrol.errors import UsageError

MINUS, NBSP, NICHTS = "\u2212", "\u00a0", "–"
LOCALE = "de_DE"
KEINE_ZAHL = frozenset(
    sign + word for sign in ("", "-", MINUS, "+") for word in ("nan", "inf", "none", "nat", "<na>")
)
"""What programs write where there is no number; readers get a mark instead."""


def zahl(value: object, stellen: int = 0) -> str:
    """Write a number with *stellen* decimals: ``1.234,50``, ``−3,0``; never ``−0``."""
    rounded = as_decimal(value).quantize(Decimal(1).scaleb(-stellen), rounding=ROUND_HALF_UP)
    rounded = abs(rounded) if rounded == 0 else rounded
    pattern = "#,##0" + ("." + "0" * stellen if stellen else "")
    return _writer(pattern)(rounded).replace("-", MINUS)


def joined(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, »und« before the last."""
    return " und ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def as_decimal(value: object) -> Decimal:
    """Return the number as people read it: 0.285 is 0.285, not 0.28499999999999998."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise TypeError(f"not a number: {type(value).__name__}")
    return Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)


@cache
def _writer(pattern: str) -> Callable[[Decimal], str]:
    from babel.numbers import format_decimal

    return lambda number: format_decimal(number, format=pattern, locale=LOCALE)


def datum(value: object) -> str:
    """Write a date (or an ISO text) as ``30.06.2025``."""
    from babel.dates import format_date

    return format_date(_date(value), "dd.MM.yyyy", locale=LOCALE)


def monat(value: object) -> str:
    """Write the month of a date as ``Juni 2025``."""
    from babel.dates import format_date

    return format_date(_date(value), "MMMM yyyy", locale=LOCALE)


def quartal(value: object) -> str:
    """Write the quarter of a date as ``II/2025``."""
    day = _date(value)
    return f"{('I', 'II', 'III', 'IV')[(day.month - 1) // 3]}/{day.year}"


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _geld(value: object, teiler: int, stellen: int, einheit: str) -> str:
    return f"{zahl(as_decimal(value) / teiler, stellen)}{NBSP}{einheit}"


def _prozent(value: object, stellen: int) -> str:
    return f"{zahl(value, stellen)}{NBSP}%"


KNAPP = "wirkung_tausend"
"""The format of many deviations side by side: an arrow for the eye, the word for the ear."""
WIRKUNG = "wirkung_"
"""Before the format of a deviation that makes the budget worse or better, and is told so."""


def _haushalt(value: object, format: str, gleich: str | None = "im Ansatz") -> str:
    size = schreiben(abs(as_decimal(value)), format)
    if size == schreiben(0, format):
        return size if gleich is None else gleich
    return f"{effect(value)} um {size}"


def pointed(value: object) -> str:
    """Write a deviation in thousands for a column of many: the arrow points to what it does."""
    size = schreiben(abs(as_decimal(value)), "tausend")
    arrow = "▸" if as_decimal(value) > 0 else "◂"
    return size if size == schreiben(0, "tausend") else f"{arrow}{NBSP}{size}"


def effect(value: object) -> str:
    """Return what a positive or negative deviation does to the budget."""
    return "schlechter" if as_decimal(value) > 0 else "besser"


FORMATE: dict[str, Callable[[object], str]] = {
    "anzahl": lambda v: zahl(v),
    "eur": lambda v: _geld(v, 1, 2, "€"),
    "eur0": lambda v: _geld(v, 1, 0, "€"),
    "teur": lambda v: _geld(v, 1000, 0, "T€"),
    "mio": lambda v: _geld(v, 1_000_000, 2, "Mio.\u00a0€"),
    "mio1": lambda v: _geld(v, 1_000_000, 1, "Mio.\u00a0€"),
    "tausend": lambda v: zahl(as_decimal(v) / 1000),
    "datum": datum,
    "monat": monat,
    "quartal": quartal,
    "jahr": lambda v: str(_date(v).year),
    "wahr": lambda v: "ja" if v else "nein",
    "text": str,
    "haushalt_pct": partial(_haushalt, format="pct1"),
    "haushalt_teur": partial(_haushalt, format="teur"),
    "betrag": lambda v: zahl(abs(as_decimal(v))),
    "betrag_pct": lambda v: _prozent(abs(as_decimal(v)), 1),
}
FORMATE |= {f"zahl{n}": partial(zahl, stellen=n) for n in range(5)}
FORMATE |= {f"pct{n}": partial(_prozent, stellen=n) for n in range(3)}
FORMATE["pct"] = FORMATE["pct1"]
WORTE = {"datum", "monat", "quartal", "jahr", "wahr", "text", "haushalt_pct", "haushalt_teur"}
RECHTS = (frozenset(FORMATE) - WORTE) | {KNAPP}
"""Formats of figures: right aligned, with digits of one width."""


def schreiben(value: object, format: str) -> str:
    """Write one value: ``•`` for GEHEIM, ``–`` for nothing there, else by its format.

    Raises:
        UsageError: The format is unknown, or the value is a program's word for »no number«.
    """
    if value is GEHEIM:
        return str(GEHEIM)
    if value is None:
        return NICHTS
    if format.removeprefix(WIRKUNG) not in FORMATE:
        from sozcontrol.errors import nearest

        raise UsageError(
            f"Das Format »{format}« ist unbekannt.", wo="present", tun=nearest(format, [*FORMATE])
        )
    base = format.removeprefix(WIRKUNG)
    text = FORMATE[base](value) if base == format else _haushalt(value, base, None)
    if text.strip().casefold() in KEINE_ZAHL:
        raise UsageError(
            "Eine Zahl ist keine (nan, inf, None, NaT).",
            wo="present", tun="Fehlende Werte vorher behandeln; gezeigt werden sie als »–«.",
        )  # fmt: skip
    return text


def format_of(einheit: str | None, rundung: int | None) -> str:
    """Return the format of a Kennzahl by its unit and the decimals readers get."""
    unit = (einheit or "").strip()
    if re.match(r"(€|EUR)", unit):
        return "eur0" if rundung == 0 and unit in ("€", "EUR") else _decimals("eur", rundung, unit)
    if unit.startswith(("%", "Prozent")) and "punkt" not in unit.casefold():
        return f"pct{min(1 if rundung is None else rundung, 2)}"
    return f"zahl{min(rundung or 0, 4)}"


def _decimals(base: str, rundung: int | None, unit: str) -> str:
    if unit in ("€", "EUR"):
        return base
    return f"zahl{2 if rundung is None else min(rundung, 4)}"


def einheit_nach(einheit: str | None, format: str) -> str:
    """Return the unit to write behind a figure, empty when the format writes it itself."""
    if not einheit or format.removeprefix(WIRKUNG).startswith(("eur", "teur", "mio", "pct")):
        return ""
    return einheit.replace("EUR", "€")


def plausible_format(value: object) -> str:
    """Return the format of a column nobody described, from one of its values."""
    if isinstance(value, bool):
        return "wahr"
    if isinstance(value, int):
        return "anzahl"
    if isinstance(value, Decimal):
        return "eur"
    if isinstance(value, float):
        return "zahl1"
    return "datum" if isinstance(value, date) else "text"
