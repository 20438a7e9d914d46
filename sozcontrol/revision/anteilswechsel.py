"""Whose share in a sum differs between two deliveries, row by row of a table.

What an amount gains between two reports is a figure about those whose share changed. They may be
one, where thousands stand behind the amount itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from sozcontrol import catalogue, store
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Tabellen
from sozcontrol.measures.zaehlwerk.rechnen import (
    BEITRAGENDE,
    Abfrage,
    Rechnung,
    gefragt,
    plane,
)
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.tragende import zahl_der_tragenden
from sozcontrol.revision.schritte import tabellen
from sozcontrol.store import Daten

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

TEILE = 10_000
"""Shares are compared in whole ten-thousandths: of euros, days, hours."""

Ort = frozenset[tuple[str, str]]
"""What a row fixes; what it totals is left out."""


@dataclass(frozen=True)
class Frage:
    """A sum as an earlier report had it and as a later one has it, by the dimensions *je*."""

    damals: Rechnung
    heute: Rechnung
    je: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wechsel:
    """The sum of one row in both deliveries (undivided), and how many carry its difference."""

    damals: float
    heute: float
    tragende: int


NICHTS = Wechsel(0.0, 0.0, 0)


def wechsel(
    alt: Tabellen, neu: Tabellen, fragen: Iterable[Frage]
) -> dict[Frage, dict[Ort, Wechsel]]:
    """Count, by question and row, who carries the difference between *alt* and *neu*.

    One query a delivery, breakdown and view, however many questions. A row of neither delivery is
    in no answer.
    """
    asked = [*dict.fromkeys(fragen)]
    found: dict[Frage, dict[Ort, Wechsel]] = {}
    for je in dict.fromkeys(f.je for f in asked):
        same = [f for f in asked if f.je == je]
        then = _anteile(alt, [f.damals for f in same], je)
        now = _anteile(neu, [f.heute for f in same], je)
        found |= {f: _verglichen(then[f.damals], now[f.heute]) for f in same}
    return found


def seit(
    daten: Daten, stichtag: date, stand: date, fassung: str
) -> Callable[[Iterable[Frage]], dict[Frage, dict[Ort, Wechsel]]] | None:
    """Return what counts whose shares changed since the delivery behind a report.

    None where that is gone, or under another key: nobody in it is known again.
    """
    alt = store.open_fassung(daten.projekt, stichtag, stand, fassung)
    if alt is None or alt.manifest["schluessel_id"] != daten.manifest["schluessel_id"]:
        return None

    def zaehle(fragen: Iterable[Frage]) -> dict[Frage, dict[Ort, Wechsel]]:
        try:
            return wechsel(alt, daten, [f for f in fragen if _lesbar(alt, f) and _lesbar(daten, f)])
        finally:
            alt.close()

    return zaehle


def _lesbar(daten: Daten, frage: Frage) -> bool:
    """Say whether a delivery has what is asked; one stored before lacks columns that came later."""
    names = tabellen(frage.heute)
    return names <= {*daten.tabellen} and all(
        {*catalogue.tabelle(n).namen} <= {*daten[n].columns} for n in names
    )


def _anteile(
    daten: Tabellen, rechnungen: Sequence[Rechnung], je: tuple[str, ...]
) -> dict[Rechnung, pd.Series]:
    """Return the share of each contributor in each sum, in ten-thousandths, by row."""
    found: dict[Rechnung, pd.Series] = {}
    basis = Basis(daten)
    for query in plane(rechnungen, je):
        rows = _gefragt(query, basis)
        frame = rows.to_pandas()
        keys = [frame[d].astype(str) for d in query.je]
        index = [*keys, frame[BEITRAGENDE]]
        for name, r in query.faelle.items():
            share = frame[name]
            kept = share.notna()
            exact = [round(v * TEILE) for v in share[kept]]
            found[r] = _series(exact, [i[kept] for i in index], query.je)
    return found


def _series(werte: list[int], index: list[pd.Series], je: tuple[str, ...]) -> pd.Series:
    import pandas as pd

    names = [*je, BEITRAGENDE]
    return pd.Series(werte, pd.MultiIndex.from_arrays(index, names=names), dtype="int64")


def _gefragt(query: Abfrage, basis: Basis) -> pa.Table:
    # Shares of single carriers are asked, not kept beside the delivery as other answers are.
    return gefragt(query, basis, f"beitraege {query!r}", partial(query.beitraege, basis, True))


def _verglichen(alt: pd.Series, neu: pd.Series) -> dict[Ort, Wechsel]:
    """Compare the shares of two deliveries row by row; who stands in one only had, or has, 0."""
    import pandas as pd

    both = pd.concat({"alt": alt, "neu": neu}, axis=1)
    je = [str(n) for n in both.index.names[:-1]]
    there = both["alt"].notna()
    both = both.fillna(0).astype("int64").assign(da=there)
    rows = both.groupby(level=je, sort=False) if je else [((), both)]
    return {
        _ort(je, key if isinstance(key, tuple) else (key,)): _wechsel(part) for key, part in rows
    }


def _ort(je: Sequence[str], key: tuple[Hashable, ...]) -> Ort:
    return frozenset((d, str(v)) for d, v in zip(je, key, strict=True) if v != INSGESAMT)


def _wechsel(anteile: pd.DataFrame) -> Wechsel:
    then, now = (anteile[c].to_numpy() for c in ("alt", "neu"))
    carried = _tragende(now - then, anteile["da"].to_numpy())
    return Wechsel(then.sum() / TEILE, now.sum() / TEILE, carried)


def _tragende(veraenderung: np.ndarray, da: np.ndarray) -> int:
    """Count who carries a difference; one under a new number is one, not two.

    So those who were there and those who were not are counted apart, too, and the larger holds.
    """
    apart = max(zahl_der_tragenden(veraenderung[da]), zahl_der_tragenden(veraenderung[~da]))
    return min(zahl_der_tragenden(veraenderung), apart)
