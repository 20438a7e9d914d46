"""Money: gross, income and net of payments and of the ledger; the amended budget.

Amounts are DECIMAL and stay it. Periods are half-open, (von, bis]. The same functions take the
payments of the case system (``art``) and the bookings of the ledger (``konto_art``), as views.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import and_
from typing import Literal

import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.catalogue.sicht import Achse
from sozcontrol.measures.zaehlwerk.gliederung import gruppiert, summe
from sozcontrol.measures.zaehlwerk.grundzahlen import ist_gezaehlt
from sozcontrol.measures.zaehlwerk.sichten import erfuellt
from sozcontrol.measures.zaehlwerk.zeitraum import Spanne, spanne

Zeitachse = Literal["leistungsmonat", "buchung_am", "haushaltsjahr"]
"""When an amount counts: by month of service, by day of booking, or in the budget year so far."""


def ist_brutto(zahlungen: ir.Table) -> ir.BooleanValue:
    """Say whether a row is gross expenditure.

    Payments: Leistung and Storno (negative). Ledger: Aufwendungen der sozialen Sicherung.
    """
    return _zaehlt_als(zahlungen, ("buchungen", "aufwand"), ("zahlungen", "brutto"))


def ist_ertrag(zahlungen: ir.Table) -> ir.BooleanValue:
    """Say whether a row is income.

    Payments: Erstattung and Kostenbeitrag. Ledger: Erträge der sozialen Sicherung.
    """
    return _zaehlt_als(zahlungen, ("buchungen", "ertrag"), ("zahlungen", "ertrag"))


def _zaehlt_als(
    table: ir.Table, ledger: tuple[str, str], payments: tuple[str, str]
) -> ir.BooleanValue:
    """Whether a row fulfils the conditions of a Größe: of the ledger's, or of the payments'."""
    return zaehlt(table, *(ledger if "konto_art" in table.columns else payments))


def zaehlt(table: ir.Table, sicht: str, groesse: str) -> ir.BooleanValue:
    """Say whether a row fulfils the conditions of a Größe, whenever it counts."""
    return reduce(and_, (erfuellt(table, b) for b in catalogue.sicht(sicht).groessen[groesse].wo))


def im_zeitraum(zahlungen: ir.Table, von: date, bis: date, nach: Zeitachse) -> ir.BooleanValue:
    """Say whether the amount counts in (von, bis].

    ``leistungsmonat`` is stored as the month's first day, so a month counts when it begins in the
    period; a ledger row without one is on no service axis. ``haushaltsjahr``: the budget year of
    *bis*, booked by *bis* (late bookings of last year stay there; *von* is not asked).
    """
    year = Achse(jahr="haushaltsjahr", bis="buchung_am")
    axis = year if nach == "haushaltsjahr" else Achse(spalte=nach)
    return ist_gezaehlt(zahlungen, axis, Spanne(bis, von, bis))


def _betrag(zahlungen: ir.Table, where: ir.BooleanValue, je: Sequence[str], name: str) -> ir.Table:
    rows = zahlungen.filter(where)
    return gruppiert(rows, je, **{name: summe(rows.betrag_eur)})


def brutto(
    zahlungen: ir.Table,
    von: date,
    bis: date,
    je: Sequence[str] = (),
    nach: Zeitachse = "leistungsmonat",
) -> ir.Table:
    """Gross expenditure in (von, bis], reversals subtracted. Columns ``[*je, brutto_eur]``."""
    where = ist_brutto(zahlungen) & im_zeitraum(zahlungen, von, bis, nach)
    return _betrag(zahlungen, where, je, "brutto_eur")


def ertrag(
    zahlungen: ir.Table,
    von: date,
    bis: date,
    je: Sequence[str] = (),
    nach: Zeitachse = "leistungsmonat",
) -> ir.Table:
    """Income in (von, bis]. Columns ``[*je, ertrag_eur]``."""
    where = ist_ertrag(zahlungen) & im_zeitraum(zahlungen, von, bis, nach)
    return _betrag(zahlungen, where, je, "ertrag_eur")


def netto(
    zahlungen: ir.Table,
    von: date,
    bis: date,
    je: Sequence[str] = (),
    nach: Zeitachse = "leistungsmonat",
) -> ir.Table:
    """Zuschussbedarf: gross minus income in (von, bis]. Columns ``[*je, netto_eur]``."""
    gross, income = ist_brutto(zahlungen), ist_ertrag(zahlungen)
    rows = zahlungen.filter((gross | income) & im_zeitraum(zahlungen, von, bis, nach))
    signed = ist_ertrag(rows).ifelse(-rows.betrag_eur, rows.betrag_eur)
    return gruppiert(rows, je, netto_eur=summe(signed))


def ist_ansatz(budgets: ir.Table, stichtag: date) -> ir.BooleanValue:
    """Say whether the row is in the amended budget of the Stichtag's year, as of that day.

    A Sperre is left out: it blocks the use of an appropriation, not the appropriation.
    """
    size = catalogue.sicht("budgets").groessen["aufwand"]
    assert size.zeit is not None
    there = [erfuellt(budgets, b) for b in size.wo if b.spalte == "art"]
    return reduce(and_, there, ist_gezaehlt(budgets, size.zeit, spanne("stichtag", stichtag)))


def ansatz(
    budgets: ir.Table,
    stichtag: date,
    je: Sequence[str] = (),
    art: Literal["aufwand", "ertrag"] = "aufwand",
) -> ir.Table:
    """Fortgeschriebener Ansatz of the social accounts as of *stichtag*: ``[*je, ansatz_eur]``.

    Ansatz + Nachtrag + Ermächtigungsübertragung + über-/außerplanmäßig ± Umschichtung, each from
    the day it takes effect. A Sperre does not change it.
    """
    side = ist_brutto(budgets) if art == "aufwand" else ist_ertrag(budgets)
    return _betrag(budgets, side & ist_ansatz(budgets, stichtag), je, "ansatz_eur")
