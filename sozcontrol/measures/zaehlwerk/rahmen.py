"""Rows of a delivery as pandas, for what counts on in arrays: asked by functions of views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from sozcontrol import store
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.sichten import RAEUME, Basis, tatsachen

if TYPE_CHECKING:
    import pandas as pd

HAUS = "sozcontrol."


def rahmen(
    daten: Tabellen, sichten: Sequence[str], ausdruck: Callable[..., ir.Table], *werte: object
) -> pd.DataFrame:
    """Return the rows of what *ausdruck* makes of the joined views and *werte* of a delivery.

    *ausdruck* is a function of a module whose expression follows from its arguments alone: it is
    turned into SQL once for all deliveries, and known by its name and *werte*.
    """
    basis = Basis(daten)
    tables = {name: basis(name) for name in sichten}
    said = "\n".join((_frage(ausdruck, werte), *map(tatsachen, sichten)))

    def made() -> ir.Table:
        return ausdruck(*tables.values(), *werte)

    text = store.uebersetzt(_raeume(ausdruck), said, tables, made)
    if text is None:
        return made().execute()
    return text.frame(ibis.get_backend(tables[sichten[0]]))


def _frage(ausdruck: Callable[..., ir.Table], werte: Sequence[object]) -> str:
    name, said = ausdruck.__qualname__, f"{ausdruck.__module__}.{ausdruck.__qualname__} {werte!r}"
    # Neither is another thing of the same name (a method's object, a lambda, what an array omits).
    told = name.isidentifier() and " at 0x" not in said and "..." not in said
    assert told, f"{said} does not say all that decides the expression"
    return said


def _raeume(ausdruck: Callable[..., ir.Table]) -> tuple[str, ...]:
    """The rooms whose code and facts may decide the expression: the views', and the function's."""
    own = ausdruck.__module__.removeprefix(HAUS).split(".")[0]
    return tuple(dict.fromkeys((*RAEUME, "forecast", own)))
