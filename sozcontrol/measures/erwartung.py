"""The expected profile: how much of a year's result is usually booked by a day of the year.

For every unit with a course of its own (a Hilfeart, a Leistungsbereich, else a product) and side
(Aufwand, Ertrag) the median of its own shares in complete earlier budget years, at the same day of
the year, by booking date; a unit without such a year takes the course of its product group. Larger
wholes are the sum of their parts. Without any such year there is no expectation: a linear one would
be a poor one, for at 30.04. real shares lay between 30 and 43 percent (Kreis Ebersberg,
Jugendhilfeausschuss 2016–2019). With 31.12. the whole year is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce

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
GRUPPE = ("produktgruppe", "konto_art")
EINHEIT = ("produktgruppe", "einheit", "konto_art")
_KENNZEICHEN = ("hilfeart", "segment", "paragraph", "leistungsbereich")
"""What a product pays for; it outlives a new plan with other product numbers."""
_GEFRAGT = ("produktgruppe", "produkt", *_KENNZEICHEN, "konto_art", "haushaltsjahr", "buchung_am",
            "betrag_eur")  # fmt: skip
"""As much of a booking as a course is made of: each step carries all columns it is given."""


def mit_einheit(rows: ir.Table) -> ir.Table:
    """Add ``einheit``, the finest unit with a course of its own: what the product pays for.

    Products that say so alike are one unit, whatever their numbers; others are one each.
    """
    said = reduce(lambda a, b: a + "|" + b, (rows[c].fill_null("") for c in _KENNZEICHEN))
    silent = said == "|" * (len(_KENNZEICHEN) - 1)
    return rows.mutate(
        produktgruppe=rows.produktgruppe.fill_null(UNBEKANNT),
        einheit=silent.ifelse(rows.produkt, said),
    )


def eigene_anteile(buchungen: ir.Table, stichtag: date, je: Sequence[str] = EINHEIT) -> ir.Table:
    """Shares of the complete earlier years: ``[*je, haushaltsjahr, anteil]``.

    A year is complete when the ledger's bookings begin in its first quarter and those of the unit
    reach its last one; a unit billed in arrears begins later, and that is its course. Year-end
    totals (``herkunft`` = jahresabschluss) show no course and are left out. Shares outside 0 to 1
    (years dominated by reversals) are left out as well.
    """
    social = ist_brutto(buchungen) | ist_ertrag(buchungen)
    course = buchungen.herkunft.isnull() | (buchungen.herkunft != "jahresabschluss")
    rows = buchungen.filter(social & course & (buchungen.haushaltsjahr < stichtag.year))
    rows = rows.select(*_GEFRAGT)
    rows = mit_einheit(rows).mutate(
        im_jahr=rows.buchung_am.year() == rows.haushaltsjahr,
        tag=rows.buchung_am.month() * 100 + rows.buchung_am.day(),
    )
    begun = rows.filter(rows.im_jahr & (rows.tag < 401)).select(j=ibis._.haushaltsjahr).distinct()
    rows = rows.semi_join(begun, rows.haushaltsjahr == begun.j)
    by_then = (rows.buchung_am.year() < rows.haushaltsjahr) | (
        rows.im_jahr & (rows.tag <= stichtag.month * 100 + stichtag.day)
    )
    years = rows.group_by([*je, "haushaltsjahr"]).aggregate(
        bis_dahin=summe(rows.betrag_eur, where=by_then),
        gesamt=summe(rows.betrag_eur),
        schluss=rows.count(where=rows.im_jahr & (rows.tag > 930)),
    )
    years = years.filter(years.schluss > 0, years.gesamt > 0)
    share = years.bis_dahin.cast("float64") / years.gesamt.cast("float64")
    years = years.mutate(anteil=share)
    return years.filter(years.anteil.between(0, 1)).select(*je, "haushaltsjahr", "anteil")


def erwarteter_anteil(buchungen: ir.Table, stichtag: date, je: Sequence[str] = EINHEIT) -> ir.Table:
    """Expected share by *stichtag*: ``[*je, anteil, jahre]``.

    ``anteil`` is DECIMAL with 10 decimals, ``jahre`` how many own years it rests on. What has no
    complete year has no row.
    """
    shares = eigene_anteile(buchungen, stichtag, je)
    median = shares.group_by(je).aggregate(anteil=shares.anteil.median(), jahre=shares.count())
    return median.mutate(anteil=median.anteil.round(STELLEN).cast(ANTEIL))


@bau("erwartung")
def soll(basis: Quelle, stichtag: date) -> ir.Table:
    """Make the view ``soll``: every budget row with its expected share on *stichtag*."""
    return mit_erwartung(basis("budgets"), basis("buchungen"), stichtag)


def mit_erwartung(budgets: ir.Table, buchungen: ir.Table, stichtag: date) -> ir.Table:
    """Add to every budget row ``anteil``, ``jahre`` and ``soll_eur`` = amount × expected share.

    The share is that of the row's unit, else of its product group, whatever the later grouping:
    parts add up to the whole. Where there is neither, all three are empty.
    """
    rows = mit_einheit(budgets)
    for je, prefix in ((EINHEIT, "u"), (GRUPPE, "g")):
        known = erwarteter_anteil(buchungen, stichtag, je)
        known = known.rename({f"{prefix}_{c}": c for c in known.columns})
        same = [rows[c] == known[f"{prefix}_{c}"] for c in je]
        rows = rows.left_join(known, same).select(
            *rows.columns, f"{prefix}_anteil", f"{prefix}_jahre"
        )
    usual = rows.u_anteil.coalesce(rows.g_anteil)
    due = ibis.literal(1).cast(ANTEIL) if ist_jahresende(stichtag) else usual
    soll = (rows.betrag_eur == 0).ifelse(0, rows.betrag_eur.cast(ANTEIL) * due)
    columns = {column: rows[column] for column in budgets.columns}
    columns["produktgruppe"] = rows.produktgruppe.nullif(UNBEKANNT)
    jahre = rows.u_jahre.coalesce(rows.g_jahre)
    return rows.select(**columns, anteil=due, jahre=jahre, soll_eur=soll.cast(SOLL))
