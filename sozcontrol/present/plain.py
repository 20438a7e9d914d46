"""Declarations as plain data: what a cell hands to ``present``, as JSON, and back.

Undecided tables do not stand among the options: they are taken out and referred to by number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, TypedDict

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune, Steckbrief
from sozcontrol.catalogue.kennzahl import Ausdruck
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.disclosure import Released
from sozcontrol.errors import NotReleased
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.measures import Werte
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.rechnen import Bestandteil, Rechnung
from sozcontrol.present.saetze import Kachel
from sozcontrol.revision import Frueher, FuerEditionen, Vergleich, Vorjahr, Vorjahreszahl

if TYPE_CHECKING:
    import pandas as pd

Undecided = Aufstellung | Werte
"""A table before the decision."""

Take = Callable[[Undecided, tuple[str, ...] | None], int]
"""Takes a table out of the options, with the editions it is meant for; returns its number."""

Give = Callable[[int], Released | None]
"""Puts a table back: the released one, or None where the edition may not see it."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""What JSON holds."""

MARK = "~"
FORMS: dict[str, type] = {
    c.__name__: c
    for c in (
        Aufstellung, Aussage, Bestandteil, Frueher, FuerEditionen, Kachel, Rechnung, Vergleich,
        Vorjahr, Vorjahreszahl, Werte, Ziel,
    )
}  # fmt: skip
"""What is written field by field."""


def encode(
    value: object, take: Take | None = None, editions: tuple[str, ...] | None = None
) -> Json:
    """Return *value* as JSON's own types; tables go to *take*, without it they are written out.

    Raises:
        NotReleased: It is nothing that may be declared: a frame, a figure of an unknown kind.
    """
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, (Aufstellung, Werte)) and take is not None:
        return {f"{MARK}Tafel": take(value, editions)}
    if isinstance(value, Mapping):
        return {_key(k): encode(v, take, editions) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(v, take, editions) for v in value]
    if type(value).__name__ in FORMS and is_dataclass(value):
        own = getattr(value, "sichtbar", editions)
        parts = {f.name: encode(getattr(value, f.name), take, own) for f in fields(value)}
        return {f"{MARK}{type(value).__name__}": parts}
    return _scalar(value)


def _scalar(value: object) -> Json:
    import pandas as pd

    if isinstance(value, Decimal):
        return {f"{MARK}Decimal": str(value)}
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return {f"{MARK}date": day.isoformat()}
    if isinstance(value, Kommune):
        return {f"{MARK}Kommune": value.id}
    if isinstance(value, Steckbrief):
        return {f"{MARK}Steckbrief": value.id}
    if isinstance(value, Ausdruck):
        return {f"{MARK}Ausdruck": value.model_dump_json(by_alias=True, exclude_none=True)}
    if isinstance(value, float) and isfinite(value):
        return value
    if isinstance(value, pd.DataFrame):
        return _frame(value)
    raise NotReleased(
        f"»{type(value).__name__}« lässt sich nicht erklären.",
        wo="present",
        tun="Eine Aufstellung oder die Werte einer Kennzahl übergeben, sonst Text, Zahl und Datum.",
    )


def _key(name: object) -> str:
    if isinstance(name, str) and not name.startswith(MARK):
        return name
    raise NotReleased(
        "Ein Wörterbuch in einer Ausgabe hat einen Schlüssel, der kein gewöhnlicher Text ist.",
        wo="present",
        tun="Überschriften und Spaltennamen als Text angeben.",
    )


def _frame(frame: pd.DataFrame) -> Json:
    columns: list[Json] = [
        {"name": str(name), "typ": str(column.dtype), "werte": [_value(v) for v in column]}
        for name, column in frame.items()
    ]
    return {f"{MARK}Tabelle": columns}


def _value(value: object) -> Json:
    """Return a cell as :func:`encode` does; every kind of missing value is None."""
    if hasattr(value, "item"):
        value = value.item()
    missing = type(value).__name__ in ("NAType", "NaTType")
    if missing or (isinstance(value, (float, Decimal)) and not isfinite(value)):
        return None
    return encode(value)


def decode(
    value: object, give: Give | None = None, now: Callable[[Ziel], Ziel] = lambda z: z
) -> object:
    """Undo :func:`encode`; sequences become tuples, tables come from *give*.

    *now* says of each declared goal how it holds today.
    """
    if isinstance(value, list):
        return tuple(decode(v, give, now) for v in value)
    if not isinstance(value, dict):
        return value
    name = next(iter(value), "")
    if not name.startswith(MARK):
        return {k: decode(v, give, now) for k, v in value.items()}
    (inner,) = value.values()
    name = name.removeprefix(MARK)
    if name in FORMS:
        made = FORMS[name](**{k: decode(v, give, now) for k, v in inner.items()})
        return now(made) if isinstance(made, Ziel) else made
    if name == "Tafel" and give is not None:
        return give(inner)
    return _READ[name](inner)


class _Spalte(TypedDict):
    name: str
    typ: str
    werte: list[Json]


def _read_frame(columns: list[_Spalte]) -> pd.DataFrame:
    import pandas as pd

    read = {
        c["name"]: pd.Series(
            [decode(v) for v in c["werte"]], dtype=c["typ"] if c["typ"] == "Int64" else "object"
        )
        for c in columns
    }
    return pd.DataFrame(read)


_READ: dict[str, Callable[[Any], object]] = {
    "Decimal": Decimal,
    "date": date.fromisoformat,
    "Kommune": catalogue.kommune,
    "Steckbrief": catalogue.steckbrief,
    "Ausdruck": Ausdruck.model_validate_json,
    "Tabelle": _read_frame,
}
