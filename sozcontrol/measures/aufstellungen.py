"""The tables a report puts together: plan and actual, course, amendments, alarms, causes.

Each is an :class:`Aufstellung`: a table that knows what its columns are, so the door can judge it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol.catalogue.kennzahl import Ausdruck, Kennzahl, Term
from sozcontrol.measures.finanzen import ist_ansatz, ist_brutto
from sozcontrol.measures.soll_ist import SPALTEN as plan_columns
from sozcontrol.measures.soll_ist import Seite
from sozcontrol.measures.soll_ist import ist_je_monat as booked_per_month
from sozcontrol.measures.soll_ist import soll_ist as plan_actual
from sozcontrol.measures.zaehlwerk.gliederung import (
    INSGESAMT,
    UNBEKANNT,
    mit_schluesseln,
    rangfolge,
    schluesselspalten,
    summe,
)
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte, als_tag, kennzahl, kennzahlen
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung, Stadtlieferung
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung, rechne
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.zeitraum import jahresanfang, monatsenden, um_monate
from sozcontrol.measures.zerlegung import zerlegung

if TYPE_CHECKING:
    import pandas as pd

PRODUKTGRUPPE = ("produktgruppe", "produktgruppe_name")
MONATE = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
_KOSTEN = ("kosten0_eur", "kosten1_eur")
_EFFEKTE = ("mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur", "veraenderung_eur")


@dataclass(frozen=True)
class Aufstellung:
    """A small table for a report, with its disclosure-relevant structure declared where it is made.

    ``je`` identifies a row (``insgesamt`` marks totals). ``anzahl`` are the columns that count
    Hilfen. ``abgeleitet`` names, for every other figure, the counts it was made from: none for
    sums of the ledger, which have no person behind them. ``identitaeten`` are equations between
    counts that hold in every row (column → coefficient, the sum is 0). ``merkmal`` says what is
    counted, so that the same count is recognised in another table of the run. ``kennzahl`` is the
    Steckbrief of the figures, where all of them are one Kennzahl's.
    """

    frame: pd.DataFrame
    je: tuple[str, ...]
    merkmal: str
    anzahl: tuple[str, ...] = ()
    abgeleitet: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identitaeten: tuple[Mapping[str, int], ...] = ()
    kennzahl: Kennzahl | None = None


def vorjahrestag(stichtag: date) -> date:
    """Return the same day a year before; a month end stays a month end."""
    return um_monate(stichtag, -12)


def quartalsenden(stichtag: date, jahre: int = 3) -> tuple[date, ...]:
    """Return the quarter ends of the last *jahre* years, and *stichtag* as the last point."""
    ends = [d for d in monatsenden(um_monate(stichtag, -12 * jahre), stichtag) if d.month % 3 == 0]
    return tuple(dict.fromkeys([*ends, stichtag]))


def letzte_monatsenden(stichtag: date, monate: int = 36) -> tuple[date, ...]:
    """Return the ends of the last *monate* complete months."""
    return monatsenden(um_monate(stichtag, -monate), stichtag)


def _sorted(frame: pd.DataFrame, je: Sequence[str]) -> pd.DataFrame:
    order = rangfolge(tuple(je), {tuple(k) for k in frame[list(je)].itertuples(index=False)})
    rank = {key: i for i, key in enumerate(order)}
    keys = [rank[tuple(k)] for k in frame[list(je)].itertuples(index=False)]
    return frame.assign(_r=keys).sort_values("_r").drop(columns="_r").reset_index(drop=True)


def soll_ist(
    daten: Lieferung,
    je: Sequence[str] = PRODUKTGRUPPE,
    *,
    stichtag: date | str | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:
    """Plan and actual per *je*, as :func:`sozcontrol.measures.soll_ist.soll_ist` computes it."""
    frame = plan_actual(daten, je, stichtag=stichtag, seite=seite)
    return _ohne_personen(frame, je, f"Soll-Ist {seite}")


def soll_ist_hilfen(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """Plan and actual of the products that belong to one Hilfeart (``map_produkt.hilfeart``).

    Without totals: products that pay for several Hilfearten are in no row. Few Hilfen stand behind
    some of these products, so what was spent is counted as theirs (``faelle``: Jahresfallzahl).
    """
    import pandas as pd

    day = als_tag(stichtag, daten)
    frame = plan_actual(daten, ["hilfeart"], stichtag=day, summen=False)
    frame = frame[frame["hilfeart"] != UNBEKANNT].reset_index(drop=True)
    counted = Rechnung(Ausdruck(terme=(Term(sicht="hilfen", grundzahl="jahresfallzahl"),)), day)
    result = rechne(daten, [counted], ("hilfeart",), False)
    counts = [int(result.wert(counted, (code,)) or 0) for code in frame["hilfeart"]]
    frame["faelle"] = pd.array(counts, dtype="Int64")
    budgeted = dict.fromkeys(("ansatz_eur", "soll_eur", "erwartet_pct"), ())
    spent = {c: ("faelle",) for c in plan_columns if c not in budgeted}
    return Aufstellung(
        frame, ("hilfeart",), "Soll-Ist je Hilfeart", ("faelle",), {**budgeted, **spent}
    )


def _ohne_personen(frame: pd.DataFrame, je: Sequence[str], merkmal: str) -> Aufstellung:
    figures = {c: () for c in frame.columns if c not in je}
    return Aufstellung(frame, tuple(je), merkmal, abgeleitet=figures)


def wesentliche(
    daten: Stadtlieferung, je: Sequence[str] = PRODUKTGRUPPE, *, stichtag: date | str | None = None
) -> Aufstellung:
    """Those rows of :func:`soll_ist` that overspend by more than the municipality's threshold.

    The threshold (percent *and* euro, § 21 GemHVO leaves it to the municipality) stands in
    ``kommunen.yml``. Largest first; totals are left out.
    """
    frame = plan_actual(daten, je, stichtag=stichtag, summen=False)
    limit = daten.kommune.wesentlich
    over = [
        mehr > limit.betrag_eur and (soll == 0 or mehr * 100 > limit.anteil_pct * soll)
        for mehr, soll in zip(frame["abweichung_eur"], frame["soll_eur"], strict=True)
    ]
    found = frame[over].sort_values("abweichung_eur", ascending=False).reset_index(drop=True)
    return _ohne_personen(found, je, "Soll-Ist wesentlich")


def ist_je_monat(
    daten: Lieferung, je: Sequence[str] = PRODUKTGRUPPE, *, stichtag: date | str | None = None
) -> Aufstellung:
    """Expenses booked a month of the budget year, per *je*; ``monat`` as a short German name."""
    frame = booked_per_month(daten, je, stichtag=stichtag).execute()
    frame["monat"] = [MONATE[d.month - 1] for d in frame["monat"]]
    return _ohne_personen(frame, [*je, "monat"], "Ist je Monat")


def soll_ist_je_monat(
    daten: Lieferung, je: Sequence[str] = PRODUKTGRUPPE, *, stichtag: date | str | None = None
) -> Aufstellung:
    """Plan and actual per *je* at the end of every month of the year, cumulated.

    Columns ``[*je, monat, soll_eur, ist_eur, abweichung_eur]``; ``monat`` as a short German name.
    """
    import pandas as pd

    day = als_tag(stichtag, daten)
    columns = ["soll_eur", "ist_eur", "abweichung_eur"]
    parts = []
    for end in monatsenden(jahresanfang(day), day):
        frame = plan_actual(daten, je, stichtag=end)
        parts.append(frame[[*je, *columns]].assign(monat=MONATE[end.month - 1]))
    frame = pd.concat(parts, ignore_index=True)[[*je, "monat", *columns]]
    return _ohne_personen(frame, [*je, "monat"], "Soll-Ist je Monat")


def verlauf(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """Cumulated expenses by month: this year, last year, and what this year's Soll expects.

    Columns ``[reihe, monat, betrag_eur]``; ``monat`` is a short German name, January first.
    """
    import pandas as pd

    day = als_tag(stichtag, daten)
    before = date(day.year - 1, 12, 31)
    rows = []
    for end in (day, before):
        booked = booked_per_month(daten, stichtag=end).execute()
        rows += [
            (f"Ist {end.year}", MONATE[d.month - 1], Decimal(v))
            for d, v in zip(booked["monat"], booked["ist_kumuliert_eur"], strict=True)
        ]
    ends = monatsenden(before, day)
    sums = [
        Rechnung(Ausdruck(terme=(Term(sicht="soll", grundzahl="aufwand"),)), end) for end in ends
    ]
    result = rechne(daten, sums)
    for end, one in zip(ends, sums, strict=True):
        rows.append((f"Soll {day.year}", MONATE[end.month - 1], Decimal(result.wert(one, ()) or 0)))
    frame = pd.DataFrame(rows, columns=["reihe", "monat", "betrag_eur"], dtype="object")
    frame = frame.drop_duplicates(["reihe", "monat"], keep="last")
    return _ohne_personen(frame, ["reihe", "monat"], "Verlauf")


def fortschreibung(
    daten: Lieferung, je: Sequence[str] = PRODUKTGRUPPE, *, stichtag: date | str | None = None
) -> Aufstellung:
    """How the budgeted expenses became the amended budget: per *je* and kind of budget row (F01).

    The total over ``budgetart`` is the amended budget.
    """
    day = als_tag(stichtag, daten)
    rows = Basis(daten)("budgets")
    rows = rows.filter(ist_brutto(rows) & ist_ansatz(rows, day)).mutate(budgetart=rows.art)
    dims = [*je, "budgetart"]
    keyed = mit_schluesseln(rows, dims, summen=True)
    table = keyed.group_by(schluesselspalten(dims)).aggregate(betrag_eur=summe(keyed.betrag_eur))
    frame = table.execute().set_axis([*dims, "betrag_eur"], axis="columns")
    frame = _sorted(frame, dims)
    return _ohne_personen(frame, dims, "Fortschreibung")


def kostenzerlegung(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """F16 per Hilfeart as a table: volumes, costs and the three effects."""
    frame = zerlegung(daten, stichtag=stichtag)
    behind = ("faelle0", "faelle1")
    figures: dict[str, tuple[str, ...]]
    figures = {"kosten0_eur": behind[:1], "kosten1_eur": behind[1:]}
    figures |= dict.fromkeys(_EFFEKTE, (*behind, "menge0", "menge1"))
    counts = ("menge0", "menge1", *behind)
    return Aufstellung(frame, ("hilfeart",), "Zerlegung", counts, figures)


def kostenschritte(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """F16 city-wide as the steps from last year's cost to this year's."""
    import pandas as pd

    frame = zerlegung(daten, stichtag=stichtag)
    total = frame[frame["hilfeart"] == INSGESAMT].iloc[0]
    day = als_tag(stichtag, daten)
    names = (f"{day.year - 1}", "Menge", "Struktur", "Preis", f"{day.year}")
    values = [total[c] for c in (_KOSTEN[0], *_EFFEKTE[:3], _KOSTEN[1])]
    behind = pd.array([min(total["faelle0"], total["faelle1"])] * len(names), dtype="Int64")
    steps = pd.DataFrame({"schritt": names, "betrag_eur": values, "faelle": behind})
    return Aufstellung(
        steps, ("schritt",), "Kostenschritte", ("faelle",), {"betrag_eur": ("faelle",)}
    )


def bewegung(
    daten: Lieferung, je: Sequence[str], *, stichtag: date | str | None = None
) -> dict[str, Werte]:
    """Stock at the start of the year, begun, ended, stock now (H01, H02, H03), by heading.

    As Kennzahlen the four are audited together: Bestand₂ = Bestand₁ + Zugang − Abgang.
    """
    day = als_tag(stichtag, daten)
    start = jahresanfang(day)
    then = kennzahl(daten, "H01", je=je, stichtag=start)
    now, begun, ended = kennzahlen(daten, ["H01", "H02", "H03"], je=je, stichtag=day)
    return {
        f"Bestand {start:%d.%m.%Y}": then,
        "begonnen": begun,
        "beendet": ended,
        f"Bestand {day:%d.%m.%Y}": now,
    }
