"""Sums on every hybrid between two deliveries, and whose share in them changed at which step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import Ergebnis, Rechnung, hat_beitraege
from sozcontrol.measures.zaehlwerk.sichten import tabellen as view_tables
from sozcontrol.measures.zaehlwerk.tragende import zahl_der_tragenden
from sozcontrol.revision.abfragen import Abfragen
from sozcontrol.revision.hybride import URSACHEN, Paar

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Schritte:
    """Sums on the way from the earlier delivery (first result) to the later one (last).

    ``geaendert`` counts, a cause, the Hilfen whose own share in a sum changed (its days in stock),
    of money those that carry the change; only where asked for, and only for sums that persons stand
    behind.
    ``zusammen`` is the fewest Hilfen that any two or more causes change together: a reader adds
    what is shown, and what is cancelled and booked again leaves the one that is new.
    """

    ergebnisse: list[Ergebnis] = field(default_factory=list)
    geaendert: dict[Rechnung, list[int]] = field(default_factory=dict)
    zusammen: dict[Rechnung, int] = field(default_factory=dict)
    rechnungen: frozenset[Rechnung] = frozenset()


def schritte(
    alt: Lieferung,
    neu: Lieferung,
    rechnungen: Iterable[Rechnung],
    stichtag: date,
    je: Sequence[str] = (),
    summen: bool = True,
    *,
    anteile: Iterable[Rechnung] = (),
) -> Schritte:
    """Compute all sums on every hybrid between *alt* and *neu*, in one pass a hybrid.

    Sums whose tables not both deliveries have are left out, and those whose terms are divided by
    others: who moved a quotient is no share. *anteile* names those of *rechnungen*
    whose shares are counted.
    """
    with Paar(alt, neu, stichtag) as paar:
        here = set(paar.tabellen)
        wanted = [r for r in dict.fromkeys(rechnungen) if tabellen(r) <= here and not r.teile]
        counted = [r for r in dict.fromkeys(anteile) if r in set(wanted)]
        found = Schritte(rechnungen=frozenset(wanted), geaendert={r: [] for r in counted})
        queries = Abfragen(paar, wanted, counted, tuple(je), summen)
        found.ergebnisse.append(queries.ergebnis())
        shares = [queries.anteile()]
        for step in range(1, len(URSACHEN) + 1):
            queries.erneuere(paar.stelle(step))
            found.ergebnisse.append(queries.ergebnis())
            shares.append(queries.anteile())
    for r in counted:
        moves = _bewegungen([s[r] for s in shares])
        zaehle = _tragen if hat_beitraege(r) else _bewegt
        found.geaendert[r] = [zaehle([m]) for m in moves]
        found.zusammen[r] = wenigste([m for m in moves if m.any()], zaehle, ab=2)
    return found


@cache
def tabellen(rechnung: Rechnung) -> frozenset[str]:
    """Return the canonical tables a sum reads."""
    return frozenset(t for term in rechnung.ausdruck.terme for t in view_tables(term.sicht))


def hat_personen(rechnung: Rechnung) -> bool:
    """Whether carriers stand behind a sum."""
    return any(finde(t).sicht.traeger for t in rechnung.ausdruck.terme)


def ist_anzahl(rechnung: Rechnung) -> bool:
    """Whether a sum is a plain count of carriers: its change is a number of them itself."""
    return all(finde(t).plain_count for t in rechnung.ausdruck.terme)


def wenigste(
    bewegungen: Sequence[np.ndarray], zaehle: Callable[[Sequence[np.ndarray]], int], ab: int = 1
) -> int:
    """Return the fewest that *zaehle* counts, of any selection of *ab* or more; 0 where none."""
    sizes = range(ab, len(bewegungen) + 1)
    counts = [zaehle(c) for n in sizes for c in combinations(bewegungen, n)]
    return min((n for n in counts if n), default=0)


def _bewegungen(shares: Sequence[pd.DataFrame]) -> list[np.ndarray]:
    """Return, a step, how the fingerprints of all Hilfen change: (Hilfen, terms); missing is 0."""
    everyone = shares[0].index
    for frame in shares[1:]:
        if frame is not shares[0]:
            everyone = everyone.union(frame.index)
    values: dict[int, np.ndarray] = {}
    for frame in shares:
        if id(frame) not in values:
            # fill_value, not fillna: fingerprints do not fit into a float.
            values[id(frame)] = frame.reindex(everyone, fill_value=0).to_numpy(dtype="int64")
    return [values[id(b)] - values[id(a)] for a, b in pairwise(shares)]


def _bewegt(moves: Sequence[np.ndarray]) -> int:
    """Count the Hilfen that differ by these steps together."""
    return int((np.sum(moves, axis=0) != 0).any(axis=1).sum())


def _tragen(moves: Sequence[np.ndarray]) -> int:
    """Count those who carry what these steps together change in a sum of money."""
    return zahl_der_tragenden(np.abs(np.sum(moves, axis=0).astype(float)).sum(axis=1))
