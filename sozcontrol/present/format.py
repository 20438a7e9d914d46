"""German writing of figures: rounded half up from Decimal, never from a float's binary tail.

A *format* is a word: ``anzahl``, ``eur``, ``eur0``, ``teur``, ``tausend`` (T€, the unit stands
in the heading), ``mio``, ``mio1``, ``pct`` (= ``pct1``), ``pct0``, ``pct2``, ``zahl0`` … ``zahl4``,
``datum``, ``monat``, ``quartal``, ``jahr``, ``wahr``, ``text``, ``betrag``, ``betrag_pct``
(without a sign, where a word beside it says what the deviation does to the budget),
``haushalt_pct``, ``haushalt_teur`` (that word and the share or amount: a positive one makes the
budget worse; none is »im Ansatz«), ``millionen`` (as ``tausend``) and, before any format of
figures, ``wirkung_`` (the same of what is not compared with an Ansatz; none is written as it is) or
``vorzeichen_`` (a plus before what is more than nothing).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from typing import NamedTuple

from sozcontrol.disclosure import GEHEIM
from sozcontrol.errors import UsageError

MINUS, NBSP, NICHTS = "\u2212", "\u00a0", "–"
MIO, GLEICH = f"Mio.{NBSP}€", "im Ansatz"
LOCALE = "de_DE"
KEINE_ZAHL = frozenset(
    sign + word for sign in ("", "-", MINUS, "+") for word in ("nan", "inf", "none", "nat", "<na>")
)
"""What programs write where there is no number; readers get a mark instead."""


def zahl(value: object, stellen: int = 0) -> str:
    """Write a number with *stellen* decimals: ``1.234,50``, ``−3,0``; never ``−0``."""
    rounded = _rounded(as_decimal(value), stellen)
    rounded = abs(rounded) if rounded == 0 else rounded
    pattern = "#,##0" + ("." + "0" * stellen if stellen else "")
    return _writer(pattern)(rounded).replace("-", MINUS)


def _rounded(value: Decimal, stellen: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-stellen), rounding=ROUND_HALF_UP)


def joined(names: Sequence[str]) -> str:
    """Return names as a sentence lists them, »und« before the last; of none nothing."""
    return " und ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


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


class Mass(NamedTuple):
    """How a figure is written: divided by, with so many decimals, the unit behind it."""

    teiler: int
    stellen: int
    einheit: str = ""

    def write(self, value: object) -> str:
        """Write a figure like this."""
        text = zahl(as_decimal(value) / self.teiler, self.stellen)
        return f"{text}{NBSP}{self.einheit}" if self.einheit else text

    def read(self, value: object) -> Decimal:
        """Return the figure a reader takes from what is written."""
        return _rounded(as_decimal(value) / self.teiler, self.stellen) * self.teiler


MASSE = {
    "anzahl": Mass(1, 0),
    "eur": Mass(1, 2, "€"),
    "eur0": Mass(1, 0, "€"),
    "teur": Mass(1000, 0, "T€"),
    "mio": Mass(1_000_000, 2, MIO),
    "mio1": Mass(1_000_000, 1, MIO),
    "tausend": Mass(1000, 0),
    "millionen": Mass(1_000_000, 1),
}
MASSE |= {f"zahl{n}": Mass(1, n) for n in range(5)}
MASSE |= {f"pct{n}": Mass(1, n, "%") for n in range(3)}
MASSE["pct"] = MASSE["pct1"]
OHNE_VORZEICHEN = {"betrag": MASSE["anzahl"], "betrag_pct": MASSE["pct1"]}
IM_ANSATZ = {"haushalt_pct": MASSE["pct1"], "haushalt_teur": MASSE["teur"]}


KNAPP = "wirkung_tausend"
"""The format of many deviations side by side: an arrow for the eye, the word for the ear."""
WIRKUNG = "wirkung_"
"""Before the format of a deviation that makes the budget worse or better, and is told so."""
VORZEICHEN = "vorzeichen_"
"""Before the format of a change that has its sign, be it more or less."""


def _haushalt(value: object, mass: Callable[[object], str], gleich: str | None = GLEICH) -> str:
    size = mass(abs(as_decimal(value)))
    if size == mass(0):
        return size if gleich is None else gleich
    return f"{effect(value)} um {size}"


def _signed(value: object, mass: Callable[[object], str]) -> str:
    text = mass(value)
    return f"+{text}" if as_decimal(value) > 0 and text != mass(0) else text


def pointed(value: object) -> str:
    """Write a deviation in thousands for a column of many: the arrow points to what it does."""
    size = schreiben(abs(as_decimal(value)), "tausend")
    arrow = "▸" if as_decimal(value) > 0 else "◂"
    return size if size == schreiben(0, "tausend") else f"{arrow}{NBSP}{size}"


def _unsigned(value: object, mass: Callable[[object], str]) -> str:
    return mass(abs(as_decimal(value)))


def effect(value: object) -> str:
    """Return what a positive or negative deviation does to the budget."""
    return "schlechter" if as_decimal(value) > 0 else "besser"


FORMATE: dict[str, Callable[[object], str]] = {
    **{name: mass.write for name, mass in MASSE.items()},
    "datum": datum,
    "monat": monat,
    "quartal": quartal,
    "jahr": lambda v: str(_date(v).year),
    "wahr": lambda v: "ja" if v else "nein",
    "text": str,
}
FORMATE |= {n: partial(_haushalt, mass=mass.write) for n, mass in IM_ANSATZ.items()}
FORMATE |= {n: partial(_unsigned, mass=mass.write) for n, mass in OHNE_VORZEICHEN.items()}
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
    base = base_of(format)
    if base not in FORMATE:
        from sozcontrol.errors import nearest

        raise UsageError(
            f"Das Format »{format}« ist unbekannt.", wo="present", tun=nearest(format, [*FORMATE])
        )
    text = _written(value, format, FORMATE[base])
    if text.strip().casefold() in KEINE_ZAHL:
        raise UsageError(
            "Eine Zahl ist keine (nan, inf, None, NaT).",
            wo="present", tun="Fehlende Werte vorher behandeln; gezeigt werden sie als »–«.",
        )  # fmt: skip
    return text


def gelesen(value: object, format: str) -> Decimal:
    """Return the figure that stands there once *value* is written by a *format* of figures."""
    return (MASSE | OHNE_VORZEICHEN | IM_ANSATZ)[base_of(format)].read(value)


def base_of(format: str) -> str:
    """Return a format without what may stand before it."""
    return format.removeprefix(WIRKUNG).removeprefix(VORZEICHEN)


def _written(value: object, format: str, mass: Callable[[object], str]) -> str:
    if format.startswith(WIRKUNG):
        return _haushalt(value, mass, None)
    return _signed(value, mass) if format.startswith(VORZEICHEN) else mass(value)


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
