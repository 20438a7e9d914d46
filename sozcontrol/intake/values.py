"""Values of typed sources (sheets, Parquet, databases) as text that loses nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import singledispatch

from sozcontrol.intake.model import Zahlzelle


@singledispatch
def value_text(value: object) -> str:
    """Return *value* as text; nothing there is the empty text.

    Dates become ISO text, whole numbers have no ``.0``, other numbers carry a decimal point and
    the 15 significant digits Excel itself keeps. A float of 16 digits or more has lost digits and
    shows it (``1.23456789012346e+17``), so that no id passes by chance.
    """
    return "" if value is None else str(value)


@value_text.register
def _(value: bool) -> str:
    return "wahr" if value else "falsch"


@value_text.register
def _(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    # Small fractions are written out; ids never look like this.
    return Zahlzelle(f"{value:.20f}".rstrip("0") if "e-" in text else text)


@value_text.register
def _(value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    whole = value == value.to_integral_value()
    return str(int(value)) if whole else Zahlzelle(f"{value:f}")


@value_text.register
def _(value: datetime) -> str:
    return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")


@value_text.register(date)
@value_text.register(time)
def _(value: date | time) -> str:
    return value.isoformat()


@value_text.register
def _(value: timedelta) -> str:
    return str(value)


@value_text.register
def _(value: bytes) -> str:
    return value.hex()
