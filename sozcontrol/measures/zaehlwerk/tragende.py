"""Who carries an amount: the fewest persons whose contributions together make nearly all of it.

Three Hilfen stand behind a sum, but one of them costs nine tenths: shown, the sum tells what that
child costs. So behind an amount not everybody counts who is paid for, but those who carry it: the
largest contributions, until they make ``catalogue.dominanz()`` per cent of all. Hidden where they
are fewer than an edition's threshold, that is the (n, k) rule with n one below the threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.measures.zaehlwerk.gliederung import gruppiert

if TYPE_CHECKING:
    import numpy as np


def tragende(
    rows: ir.Table, je: Sequence[str], wer: str, summen: Mapping[str, ir.Scalar]
) -> ir.Table:
    """Count who carries each of *summen*, per combination of *je*: columns ``[*je, *summen]``.

    *wer* tells contributors apart; of payments back and forth each gives what is left of them,
    whatever its sign. Where nothing at all is left, everybody counts who had a part in it.
    """
    own = gruppiert(rows, [*je, wer], **summen)
    keys = list(je) or None
    group = ibis.window(group_by=keys)
    marks = {}
    for name in summen:
        value = own[name].abs()
        largest_first = ibis.cumulative_window(group_by=keys, order_by=[value.desc(), own[wer]])
        before, whole = value.sum().over(largest_first) - value, value.sum().over(group)
        carries = (before * 100 < whole * catalogue.dominanz()) | (whole == 0)
        marks[name] = carries.fill_null(False).ifelse(1, 0)  # null: no part in this sum
    marked = own.select(*je, **marks)
    counts = {name: marked[name].cast("int64").sum().coalesce(0) for name in summen}
    return marked.group_by(list(je)).aggregate(**counts) if je else marked.aggregate(**counts)


def zahl_der_tragenden(beitraege: np.ndarray) -> int:
    """Count who carries the sum of *beitraege*, as :func:`tragende` does; 0 contributes nothing."""
    import numpy as np

    largest_first = np.sort(abs(beitraege[beitraege != 0].astype(float)))[::-1]
    before = np.cumsum(largest_first) - largest_first
    return int((before * 100 < largest_first.sum() * catalogue.dominanz()).sum())
