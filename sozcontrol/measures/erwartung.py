"""The expected profile: how much of a year's result is usually booked by a day of the year.

For every product group and side (Aufwand, Ertrag) the median of its own shares in complete earlier
budget years, at the same day of the year, by booking date; with 31.12. the whole year is due.
Without such a year: linear, day of the year / days of the year. A linear expectation is a poor one:
at 30.04. real shares lay between 30 and 43 percent (Kreis Ebersberg, Jugendhilfeausschuss
2016–2019).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from sozcontrol.measures.finanzen import ist_brutto, ist_ertrag
from sozcontrol.measures.zaehlwerk.gliederung import UNBEKANNT, summe
from sozcontrol.measures.zaehlwerk.sichten import Quelle, bau
from sozcontrol.measures.zaehlwerk.zeitraum import ist_jahresende

ANTEIL = "decimal(28, 10)"
SOLL = "decimal(30, 12)"
"""A product of two ANTEIL has 20 decimals in the engine; 12 are kept, a millionth of a cent."""
STELLEN = 10
_KEY = ("produktgruppe", "konto_art")


def linearer_anteil(stichtag: date) -> Decimal:
    """Return the day of the year / days of the year (t/365, in leap years t/366), 10 decimals."""
    days = (date(stichtag.year, 12, 31) - date(stichtag.year - 1, 12, 31)).days
    day = (stichtag - date(stichtag.year - 1, 12, 31)).days
    return (Decimal(day) / days).quantize(Decimal(1).scaleb(-STELLEN))


def eigene_anteile(buchungen: ir.Table, stichtag: date) -> ir.Table:
    """Shares of the complete earlier years: ``[produktgruppe, konto_art, haushaltsjahr, anteil]``.

    A year is complete when the ledger's bookings begin in its first quarter and those of the group
    reach its last one; a group billed in arrears begins later, and that is its course. Year-end
    totals (``herkunft`` = jahresabschluss) show no course and are left out. Shares outside 0 to 1
    (years dominated by reversals) are left out as well.
    """
    social = ist_brutto(buchungen) | ist_ertrag(buchungen)
    course = buchungen.herkunft.isnull() | (buchungen.herkunft != "jahresabschluss")
    rows = buchungen.filter(social & course & (buchungen.haushaltsjahr < stichtag.year))
    rows = rows.mutate(
        im_jahr=rows.buchung_am.year() == rows.haushaltsjahr,
        tag=rows.buchung_am.month() * 100 + rows.buchung_am.day(),
    )
    begun = rows.filter(rows.im_jahr & (rows.tag < 401)).select(j=ibis._.haushaltsjahr).distinct()
    rows = rows.semi_join(begun, rows.haushaltsjahr == begun.j)
    by_then = (rows.buchung_am.year() < rows.haushaltsjahr) | (
        rows.im_jahr & (rows.tag <= stichtag.month * 100 + stichtag.day)
    )
    years = rows.group_by(
        produktgruppe=rows.produktgruppe.fill_null(UNBEKANNT),
        konto_art=rows.konto_art,
        haushaltsjahr=rows.haushaltsjahr,
    ).aggregate(
        bis_dahin=summe(rows.betrag_eur, where=by_then),
        gesamt=summe(rows.betrag_eur),
        schluss=rows.count(where=rows.im_jahr & (rows.tag > 930)),
    )
    years = years.filter(years.schluss > 0, years.gesamt > 0)
    share = years.bis_dahin.cast("float64") / years.gesamt.cast("float64")
    years = years.mutate(anteil=share)
    return years.filter(years.anteil.between(0, 1)).select(*_KEY, "haushaltsjahr", "anteil")


def erwarteter_anteil(buchungen: ir.Table, stichtag: date) -> ir.Table:
    """Expected share by *stichtag*: ``[produktgruppe, konto_art, anteil, jahre]``.

    ``anteil`` is DECIMAL with 10 decimals, ``jahre`` how many own years it rests on. A product
    group without a complete year has no row; :func:`mit_erwartung` then falls back to linear.
    """
    shares = eigene_anteile(buchungen, stichtag)
    median = shares.group_by(*_KEY).aggregate(anteil=shares.anteil.median(), jahre=shares.count())
    return median.mutate(anteil=median.anteil.round(STELLEN).cast(ANTEIL))


@bau("erwartung")
def soll(basis: Quelle, stichtag: date) -> ir.Table:
    """Make the view ``soll``: every budget row with its expected share on *stichtag*."""
    return mit_erwartung(basis("budgets"), basis("buchungen"), stichtag)


def mit_erwartung(budgets: ir.Table, buchungen: ir.Table, stichtag: date) -> ir.Table:
    """Add to every budget row ``anteil``, ``jahre`` and ``soll_eur`` = amount × expected share.

    The share is that of the row's product group, whatever the later grouping: parts add up to the
    whole.
    """
    expected = erwarteter_anteil(buchungen, stichtag)
    expected = expected.select(
        "anteil", "jahre", e_gruppe=expected.produktgruppe, e_art=expected.konto_art
    )
    joined = budgets.left_join(
        expected,
        [
            budgets.produktgruppe.fill_null(UNBEKANNT) == expected.e_gruppe,
            budgets.konto_art == expected.e_art,
        ],
    ).drop("e_gruppe", "e_art")
    linear = ibis.literal(linearer_anteil(stichtag), type=ANTEIL)
    usual = linear if ist_jahresende(stichtag) else joined.anteil.coalesce(linear)
    joined = joined.mutate(anteil=usual, jahre=joined.jahre.fill_null(0))
    soll = joined.betrag_eur.cast(ANTEIL) * joined.anteil
    return joined.mutate(soll_eur=soll.cast(SOLL))
