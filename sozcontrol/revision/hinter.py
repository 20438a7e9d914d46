"""Who stands behind a revised forecast: how many of them read differently now.

A figure that few moved tells what they moved it by; so before a change is shown, those are counted
that the figure reads differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sozcontrol.revision.schritte import wenigste

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Hinter:
    """The carriers behind one figure: how many differ in both deliveries, and are there at all.

    ``je_ursache`` is the fewest that differ by any selection of causes; 0 where none do.
    """

    geaendert: int
    je_ursache: int
    alle: int


UNBEKANNT = Hinter(1, 1, 1)
"""Of a delivery that is gone, one carrier might have changed, and one be all there was."""


def gezaehlt(drucke: Sequence[pd.Series]) -> Hinter:
    """Count the carriers whose fingerprints differ, between both deliveries and for all causes.

    A reader adds what is shown: so of every selection of causes those are counted that differ
    in sum. One under a new number is one, not two: those that were there and those that were
    not are counted apart, and the larger number holds.
    """
    everyone = drucke[0].index
    for d in drucke[1:]:
        everyone = everyone.union(d.index)
    werte = [d.reindex(everyone, fill_value=0).to_numpy(dtype="uint64") for d in drucke]
    schritte = [b - a for a, b in pairwise(werte) if (a != b).any()]
    da = werte[0] != 0

    def anders(teile: Sequence[np.ndarray]) -> int:
        moved = np.sum(teile, axis=0) != 0
        return int(max((moved & da).sum(), (moved & ~da).sum()))

    dahinter = min(int((w != 0).sum()) for w in (werte[0], werte[-1]))
    return Hinter(anders([werte[-1] - werte[0]]), wenigste(schritte, anders), dahinter)
