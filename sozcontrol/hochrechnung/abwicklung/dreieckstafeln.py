"""The triangle of months of service × lag as a table to be read, and the usual pattern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from sozcontrol.forecast.methoden.dreieck import dreieck
from sozcontrol.forecast.methoden.ergaenzung import MUSTER_MONATE, muster
from sozcontrol.hochrechnung.abwicklung.rueckstand import Rueckstand, rueckstand
from sozcontrol.hochrechnung.quellen.kosten import getragen, mit_insgesamt, zahlungszeilen
from sozcontrol.hochrechnung.tafelteile import Zeile, monatsname, nur_hilfeart, prozent, rahmen
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.zeitraum import monatserster

if TYPE_CHECKING:
    import ibis.expr.types as ir

SPALTEN_VERZUG = 7
"""Lags of a triangle to be read: 0 to 5, and 6 with all later ones."""
ZEILEN = 13
"""Months of service of a triangle to be read: a year, and the same month a year ago."""


def abwicklungsdreieck(
    daten: Stadtlieferung, *, hilfeart: str = INSGESAMT, stichtag: date | None = None
) -> Aufstellung:
    """Months of service × lag: the share (%) of its final amount a month shows after each lag.

    Columns ``[leistungsmonat, nach_0 … nach_6, faelle_0 … faelle_6]``; ``nach_6`` holds all later
    lags. What lies ahead is empty. ``faelle_j`` are the Hilfen booked at lag j: a share is hidden
    with any lag it contains, for the difference of two shares is one lag.
    """
    r = rueckstand(daten, stichtag=stichtag)
    b = r.gebucht(hilfeart)
    d = dreieck(b.leistung, b.gebucht, b.betrag, r.stand, lags=SPALTEN_VERZUG)
    monate, werte = d.monate[-ZEILEN:], d.werte[-ZEILEN:]
    ende = _endstaende(r, hilfeart)
    t = nur_hilfeart(zahlungszeilen(daten), hilfeart)
    t = t.filter(t.leistung >= int(monate[0]))
    counts = _je_verzug(t, "leistung", r.stand)
    rows, behind = [], []
    for m, row in zip(monate.tolist(), werte, strict=True):
        final = ende.get(m, 0.0)
        shown = [prozent(w / final) if np.isfinite(w) and final > 0 else None for w in row]
        rows.append({"leistungsmonat": monatserster(m), **_spalten("nach", shown)})
        behind.append([counts.get((m, j), 0) if np.isfinite(w) else None
                       for j, w in enumerate(row)])  # fmt: skip
    name = f"Abwicklung Dreieck {hilfeart} {monatsname(r.stand)}"
    return _dreieckstafel(rows, behind, "leistungsmonat", name)


def abwicklungsmuster(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The usual share (%) of the final amount booked by each lag, per Hilfeart; the total last.

    From the last 36 months of service. Columns as in :func:`abwicklungsdreieck`; here ``nach_6``
    is what is booked after six months.
    """
    r = rueckstand(daten, stichtag=stichtag)
    t = zahlungszeilen(daten)
    t = t.filter(t.leistung > r.stand - MUSTER_MONATE, t.leistung <= r.stand)
    counts = _je_verzug(mit_insgesamt(t), "hilfeart", r.stand)
    rows, behind = [], []
    for n in r.namen:
        rows.append({"hilfeart": n, **_spalten("nach", _anteile(r, n))})
        behind.append([counts.get((n, j), 0) for j in range(SPALTEN_VERZUG)])
    return _dreieckstafel(rows, behind, "hilfeart", f"Abwicklung Muster {monatsname(r.stand)}")


def _anteile(r: Rueckstand, hilfeart: str) -> list[Decimal | None]:
    """Return the usual shares; a Hilfeart first invoiced after the Stichtag has none."""
    if hilfeart in r.neue:
        return [None] * SPALTEN_VERZUG
    b = r.gebucht(hilfeart)
    d = dreieck(b.leistung, b.gebucht, b.betrag, r.stand)
    return [prozent(float(x)) for x in muster(d)[:SPALTEN_VERZUG]]


def _dreieckstafel(
    rows: list[Zeile], faelle: Sequence[Sequence[int | None]], je: str, merkmal: str
) -> Aufstellung:
    shares = [f"nach_{j}" for j in range(SPALTEN_VERZUG)]
    counts = [f"faelle_{j}" for j in range(SPALTEN_VERZUG)]
    columns = {c: [row[j] for row in faelle] for j, c in enumerate(counts)}
    frame = rahmen(rows, (je, *shares), columns)
    behind = {c: tuple(counts[: j + 1]) for j, c in enumerate(shares)}
    return Aufstellung(frame, (je,), merkmal, tuple(counts), behind)


def _je_verzug(t: ir.Table, nach: str, stand: int) -> dict[tuple[str | int, int], int]:
    """Return who carries what is booked by *stand*, per *nach* and lag (the last: and later)."""
    t = t.filter(t.leistung <= stand, t.gebucht <= stand)
    t = t.mutate(lag=t.verzug.clip(0, SPALTEN_VERZUG - 1).cast("int64"))
    frame = getragen(t, nach, "lag").execute()
    return {(k, int(j)): int(n) for k, j, n in frame.itertuples(index=False)}


def _endstaende(r: Rueckstand, hilfeart: str) -> dict[int, float]:
    """Return the completed amount of each month of service."""
    own = r.namen[:-1] if hilfeart == INSGESAMT else (hilfeart,)
    out: dict[int, float] = {}
    for n in own:
        e = r.ergaenzungen[n]
        for m, w in zip(e.monate.tolist(), e.endstand.tolist(), strict=True):
            out[m] = out.get(m, 0.0) + w
    return out


def _spalten(name: str, werte: Iterable[Decimal | None]) -> Zeile:
    return {f"{name}_{j}": w for j, w in enumerate(werte)}
