"""Plan and actual: the amended budget, what should be spent by now, what is spent.

The three figures are those of the indicators F01, F02 and F04 (for income their twins), put beside
each other per product group, so that a report's table and its tiles never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import ibis
import ibis.expr.types as ir

from sozcontrol.catalogue.kennzahl import Ausdruck, Bedingung, Bezug, Term
from sozcontrol.measures.finanzen import im_zeitraum, ist_brutto, ist_ertrag
from sozcontrol.measures.zaehlwerk.gliederung import (
    INSGESAMT,
    gruppiert,
    rangfolge,
    schluessel,
    summe,
)
from sozcontrol.measures.zaehlwerk.kennzahlen import als_tag, quotient
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung, rechne
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.verlauf import monat_aus_index, monate, monatsindex
from sozcontrol.measures.zaehlwerk.zeitraum import jahresanfang

if TYPE_CHECKING:
    import pandas as pd

Seite = Literal["aufwand", "ertrag"]
SPALTEN = (
    "ansatz_eur", "soll_eur", "ist_eur", "nach_jahresende_eur", "abweichung_eur", "abweichung_pct",
    "ausschoepfung_pct", "erwartet_pct", "wort",
)  # fmt: skip
_HUNDERT = Decimal(100)


_DANACH = Bedingung(spalte="buchung_am", groesser=Bezug(stichtag_monate=0))
"""Booked after the Stichtag: counted of a completed year alone."""


def _summe(sicht: str, seite: Seite, stichtag: date, *wo: Bedingung) -> Rechnung:
    return Rechnung(Ausdruck(terme=(Term(sicht=sicht, grundzahl=seite, wo=wo),)), stichtag)


def plan_summen(seite: Seite, stichtag: date) -> dict[str, Rechnung]:
    """Return the sums that the columns of amounts hold."""
    views = {"ansatz_eur": "budgets", "soll_eur": "soll", "ist_eur": "buchungen"}
    sums = {column: _summe(view, seite, stichtag) for column, view in views.items()}
    return sums | {"nach_jahresende_eur": _summe("buchungen", seite, stichtag, _DANACH)}


OHNE_VERGLEICH = "noch kein Vergleich"
"""Instead of a word: no complete earlier year says what to expect."""


def wort(abweichung: Decimal | None) -> str:
    """Return what a deviation means for the budget: a positive one makes it worse."""
    if abweichung is None:
        return OHNE_VERGLEICH
    if abweichung == 0:
        return "im Soll"
    return "schlechter" if abweichung > 0 else "besser"


def soll_ist(
    daten: Lieferung,
    je: Sequence[str] = ("produktgruppe", "produktgruppe_name"),
    *,
    stichtag: date | str | None = None,
    seite: Seite = "aufwand",
    summen: bool = True,
) -> pd.DataFrame:
    """Return plan and actual by *stichtag* per combination of *je*.

    Columns ``[*je, ansatz_eur, soll_eur, ist_eur, nach_jahresende_eur, abweichung_eur,
    abweichung_pct, ausschoepfung_pct, erwartet_pct, wort]``; at 31.12. the actual is the whole
    budget year, ``nach_jahresende_eur`` what of it was booked later. Amounts and percentages are
    unrounded Decimals, ``<NA>`` where the denominator is 0. Positive deviations are bad news:
    overspending for ``aufwand`` (Ist − Soll), a shortfall for ``ertrag`` (Soll − Ist); ``wort``
    says what that is for the budget, ``schlechter``, ``besser`` or ``im Soll``. Without a complete
    earlier year there is no Soll: it and what follows from it are ``<NA>``, ``noch kein
    Vergleich``.
    """
    import pandas as pd

    day, je = als_tag(stichtag, daten), tuple(je)
    sums = plan_summen(seite, day)
    result = rechne(daten, sums.values(), je, summen)
    keys: set[tuple] = {(INSGESAMT,) * len(je)} if summen or not je else set()
    keys = keys.union(*(result.schluessel(one) for one in sums.values()))
    rows = []
    for key in rangfolge(je, keys):
        known = {c: result.wert(r, key) for c, r in sums.items()}
        cells = {c: None if v is None else Decimal(v) for c, v in known.items()}
        rows.append(dict(zip(je, key, strict=True)) | cells | abweichung(cells, seite))
    frame = pd.DataFrame(rows, columns=[*je, *SPALTEN], dtype="object")
    return frame.mask(frame.isna(), pd.NA)


def abweichung(
    cells: Mapping[str, Decimal | None], seite: Seite = "aufwand"
) -> dict[str, Decimal | str | None]:
    """Return what follows from a row's amounts; without an expectation it is unknown."""
    budget, plan, actual = cells["ansatz_eur"], cells["soll_eur"], cells["ist_eur"]
    assert actual is not None, "what is booked is known"
    deviation = None
    if plan is not None:
        deviation = actual - plan if seite == "aufwand" else plan - actual
    return {
        "abweichung_eur": deviation,
        "abweichung_pct": quotient(deviation, plan, _HUNDERT),
        "ausschoepfung_pct": quotient(actual, budget, _HUNDERT),
        "erwartet_pct": quotient(plan, budget, _HUNDERT),
        "wort": wort(deviation),
    }


def ist_je_monat(
    daten: Lieferung,
    je: Sequence[str] = (),
    *,
    stichtag: date | str | None = None,
    seite: Seite = "aufwand",
) -> ir.Table:
    """Return the actuals of the Stichtag's budget year per month of booking.

    Columns ``[*je, monat, ist_eur, ist_kumuliert_eur]``, every month from January to that of the
    Stichtag for every group. What was booked for the year before it began counts in January, what
    was booked after it ended in December.
    """
    day, je, ledger = als_tag(stichtag, daten), list(je), Basis(daten)("buchungen")
    social = ist_brutto(ledger) if seite == "aufwand" else ist_ertrag(ledger)
    rows = ledger.filter(social & im_zeitraum(ledger, jahresanfang(day), day, "haushaltsjahr"))
    rows = schluessel(rows, je)
    first = day.year * 12
    m = ibis.greatest(ibis.least(monatsindex(rows.buchung_am), first + 11), first).cast("int64")
    booked = rows.select(*je, m=m, betrag_eur=rows.betrag_eur)
    months = monate(date(day.year, 1, 1), day)
    spine = rows.select(*je).distinct().cross_join(months) if je else months
    zero = ibis.literal(0).cast(rows.betrag_eur.type())
    all_months = booked.union(spine.select(*je, m=spine.m, betrag_eur=zero))
    table = gruppiert(all_months, [*je, "m"], ist_eur=summe(all_months.betrag_eur))
    running = ibis.cumulative_window(group_by=je or None, order_by="m")
    table = table.mutate(
        ist_kumuliert_eur=table.ist_eur.sum().over(running), monat=monat_aus_index(table.m)
    )
    return table.select(*je, "monat", "ist_eur", "ist_kumuliert_eur").order_by([*je, "monat"])
