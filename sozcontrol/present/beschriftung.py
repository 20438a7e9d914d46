"""What readers call things: headings of columns, names of codes, totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue.codeliste import INSGESAMT
from sozcontrol.catalogue.kennzahl import Ausdruck
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.present.format import (
    NBSP,
    WIRKUNG,
    einheit_nach,
    format_of,
    plausible_format,
    schreiben,
)
from sozcontrol.present.fragment import esc

Zahl = int | float | Decimal

Spalten = str | Mapping[str, tuple[str, str]]
"""The name of columns the catalogue describes, or column → (heading, format) for one table."""


def columns(spalten: Spalten) -> dict[str, tuple[str, str]]:
    """Return heading and format by column; an unknown name is answered with the nearest one."""
    if not isinstance(spalten, str):
        return dict(spalten)
    return {name: (c.ueberschrift, c.format) for name, c in catalogue.spalten(spalten).items()}


def heading(spalte: str, released: Released) -> str:
    """Return the heading of a column nobody named."""
    item = released.kennzahl
    if item is not None and spalte == "wert":
        return _with_unit(item.kurzname, item.einheit)
    if item is not None and spalte == "zaehler":
        return item.zaehler_text
    if item is not None and spalte == "nenner" and item.nenner_text:
        return item.nenner_text
    known = catalogue.bezeichnungen().get(spalte)
    return known or spalte.replace("_", " ").strip().capitalize()


def _with_unit(name: str, einheit: str) -> str:
    return f"{name} ({einheit})" if einheit and einheit not in name else name


def default_columns(released: Released) -> dict[str, tuple[str, str]]:
    """Describe the columns of a table: dimensions first, a Kennzahl as value, numerator, base."""
    item = released.kennzahl
    names = list(released.spalten)
    if item is not None:
        parts = ["zaehler", "nenner"] if item.nenner is not None else []
        names = [*released.je, *parts, "wert"]
    return {name: (heading(name, released), format_for(name, released)) for name in names}


def format_for(spalte: str, released: Released) -> str:
    """Return the format of a column nobody described."""
    item = released.kennzahl
    if item is not None and spalte == "wert":
        form = format_of(item.einheit, item.rundung)
        return f"{WIRKUNG}{form}" if item.haushaltswirkung else form
    if item is not None and spalte in ("zaehler", "nenner"):
        return _format_of_part(getattr(item, spalte), released.spalte(spalte))
    if released.arten.get(spalte) == "dimension":
        return "monat" if spalte in ("monat", "leistungsmonat") else "text"
    values = released.spalte(spalte)
    numbers = [v for v in values if isinstance(v, Zahl)]
    found = [plausible_format(v) for v in values if isinstance(v, Zahl | date)]
    if spalte.endswith("_pct") and found:
        return "pct"
    if item is not None and "eur" in found and item.einheit.find("€") < 0:
        return "zahl2" if any(v != int(v) for v in numbers) else "anzahl"
    if "zahl1" in found and all(float(v).is_integer() for v in numbers):
        return "anzahl"
    if found:
        return found[0]
    # A column of nothing but marks is one of figures all the same.
    return "anzahl" if any(v is GEHEIM for v in values) else "text"


def _format_of_part(ausdruck: Ausdruck | None, values: Sequence[Gezeigt]) -> str:
    """Return the format of a numerator or base from what its primitives count."""
    from sozcontrol.measures import grundzahl

    units = {grundzahl(t).einheit for t in ausdruck.terme} if ausdruck else set()
    if units == {"€"}:
        return "eur0"
    whole = all(v == int(v) for v in values if isinstance(v, Zahl))
    return "anzahl" if whole else "zahl1"


def label(spalte: str, value: object, format: str = "text") -> str:
    """Return the plain text of a dimension's value."""
    if value == INSGESAMT:
        return "insgesamt"
    if value is None:
        return "ohne Angabe"
    if isinstance(value, date):
        return schreiben(value, format if format in ("monat", "quartal", "jahr") else "datum")
    code = _code(spalte, value)
    if code is not None:
        return code.merkmale.get("kurz", code.name)
    return str(value)


def label_html(spalte: str, value: object, format: str = "text") -> str:
    """Return a dimension's value as HTML; a short name carries its paragraph in the title."""
    text = label(spalte, value, format)
    code = _code(spalte, value)
    if code is not None and code.name != text:
        return f'<abbr title="{esc(code.name)}">{esc(text)}</abbr>'
    return esc(text)


def _code(spalte: str, value: object) -> catalogue.Code | None:
    known = catalogue.codelisten().get(spalte.removesuffix("_code"))
    return known.gueltig.get(str(value)) if known else None


def form_with_unit(
    value: object, einheit: str | None, rundung: int | None, format: str | None
) -> tuple[str, str]:
    """Return the format of a figure, and the unit to write behind it."""
    # No unit at all (a ratio) is not the same as a unit nobody named.
    known = einheit is not None
    form = format or (format_of(einheit, rundung) if known else plausible_format(value))
    return form, einheit_nach(einheit, form)


def mit_einheit(value: object, einheit: str | None, rundung: int | None, format: str | None) -> str:
    """Write one figure with its unit."""
    form, unit = form_with_unit(value, einheit, rundung, format)
    text = schreiben(value, form)
    return f"{text}{NBSP}{unit}" if unit and isinstance(text, str) and text not in "•–" else text
