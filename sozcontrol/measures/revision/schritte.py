"""Sums on every hybrid between two deliveries, and whose share in them changed at which step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from sozcontrol.measures.grundzahlen import finde
from sozcontrol.measures.rechnen import Ergebnis, Rechnung
from sozcontrol.measures.revision.abfragen import Abfragen
from sozcontrol.measures.revision.hybride import URSACHEN, Paar
from sozcontrol.measures.sichten import SICHTEN

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Schritte:
    """Sums on the way from the earlier delivery (first result) to the later one (last).

    ``geaendert`` counts, a cause, the Hilfen whose own share in a sum changed (payments made for a
    Hilfe, its days in stock); only where asked for, and only for sums that persons stand behind.
    """

    ergebnisse: list[Ergebnis] = field(default_factory=list)
    geaendert: dict[Rechnung, list[int]] = field(default_factory=dict)
    rechnungen: frozenset[Rechnung] = frozenset()


def schritte(
    alt: Any,
    neu: Any,
    rechnungen: Iterable[Rechnung],
    stichtag: date,
    je: Sequence[str] = (),
    summen: bool = True,
    *,
    anteile: Iterable[Rechnung] = (),
) -> Schritte:
    """Compute all sums on every hybrid between *alt* and *neu*, in one pass a hybrid.

    Sums whose tables not both deliveries have are left out. *anteile* names those of *rechnungen*
    whose shares are counted.
    """
    with Paar(alt, neu, stichtag) as paar:
        wanted = [r for r in dict.fromkeys(rechnungen) if tabellen(r) <= set(paar.tabellen)]
        counted = [r for r in dict.fromkeys(anteile) if r in set(wanted)]
        found = Schritte(rechnungen=frozenset(wanted), geaendert={r: [] for r in counted})
        queries = Abfragen(paar, wanted, counted, tuple(je), summen)
        found.ergebnisse.append(queries.ergebnis())
        shares = queries.anteile()
        for step in range(1, len(URSACHEN) + 1):
            queries.erneuere(paar.stelle(step))
            found.ergebnisse.append(queries.ergebnis())
            before, shares = shares, queries.anteile()
            for r in counted:
                same = shares[r] is before[r]
                found.geaendert[r].append(0 if same else _verschieden(before[r], shares[r]))
    return found


@cache
def tabellen(rechnung: Rechnung) -> frozenset[str]:
    """Return the canonical tables a sum reads."""
    views = {finde(t.grundzahl).sicht for t in rechnung.ausdruck.terme}
    return frozenset(t for v in views for t in SICHTEN[v].tabellen)


def hat_personen(rechnung: Rechnung) -> bool:
    """Whether Hilfen stand behind a sum."""
    return any(SICHTEN[finde(t.grundzahl).sicht].hilfe_id for t in rechnung.ausdruck.terme)


def ist_anzahl(rechnung: Rechnung) -> bool:
    """Whether a sum is a plain count of Hilfen: then its change is a number of Hilfen itself."""
    found = [finde(t.grundzahl) for t in rechnung.ausdruck.terme]
    return all(p.sicht == "hilfen" and p.art == "anzahl" for p in found)


def _verschieden(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """Count the Hilfen whose shares differ; one that is missing has none."""
    everyone = before.index.union(after.index)
    # fill_value, not fillna: fingerprints do not fit into a float.
    one, other = (f.reindex(everyone, fill_value=0) for f in (before, after))
    return int((one != other).any(axis=1).sum())
