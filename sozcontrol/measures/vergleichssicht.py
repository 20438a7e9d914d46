"""The view of comparisons the Kennzahlen count in: what ``kommunen`` tells, for any engine."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.catalogue import Menge
from sozcontrol.measures.kommunen import EURO, VORZEICHEN
from sozcontrol.measures.zaehlwerk.sichten import Quelle, bau

SICHT = "vergleichswerte"
"""The view it is made from: the table as it is."""


@bau("vergleich")
def vergleiche(basis: Quelle, stichtag: date) -> ir.Table:
    """Make the view ``vergleiche``: each comparison in its latest year; bad distances positive.

    The same choice as :func:`staende`, as an expression that any engine runs.
    """
    points = _werte(basis(SICHT), stichtag)
    own = points.filter(points.ags == points.fuer_ags)
    own = own.select(o_name=own.f_name, o_jahr=own.jahr, o_wert=own.wert, o_menge=own.menge)
    pairs = points.inner_join(own, [points.f_name == own.o_name, points.jahr == own.o_jahr])
    years = pairs.group_by(*_FAKTEN, "ring_groesse", "jahr", "o_wert", "o_menge").aggregate(
        anzahl=pairs.count(), mitte=pairs.wert.median(),
        kleinster=pairs.wert.min(), groesster=pairs.wert.max(),
    )  # fmt: skip
    genug = years.anzahl >= catalogue.vergleichsregeln().mindestens
    order = ibis.window(
        group_by="f_name", order_by=[ibis.desc(genug.ifelse(1, 0)), ibis.desc(years.jahr)]
    )
    last = years.mutate(genug=genug, rang=ibis.row_number().over(order))
    return _abstaende(last.filter(last.rang == 0), stichtag)


_FAKTEN = ("f_name", "f_feld", "f_vorzeichen", "f_faktor", "f_euro")


def _werte(rows: ir.Table, stichtag: date) -> ir.Table:
    """Return what may be compared: value and quantity by comparison, municipality and year."""
    facts, ring = ibis.memtable(_mengen()), ibis.memtable(_ringe())
    given = rows.filter(rows.vergleichbar, rows.wert.notnull(), rows.jahr <= stichtag.year)
    same = [given.kennzahl_id == facts.f_kennzahl, given.definition_id == facts.f_definition,
            given.quelle == facts.f_quelle]  # fmt: skip
    t = given.inner_join(facts, same)
    t = t.inner_join(ring, [t.ags == ring.r_ags, t.fuer_ags == ring.r_fuer])
    figures = {"w": t.wert, "above": t.zaehler, "below": t.nenner}
    t = t.mutate(jahr=t.jahr - t.f_versatz, **{n: c.cast("float64") for n, c in figures.items()})
    keys = (*_FAKTEN, "f_oben", "f_unten", "ags", "fuer_ags", "ring_groesse", "jahr")
    up, down = t.f_seite == "oben", t.f_seite == "unten"
    t = t.group_by(*keys).aggregate(
        oben=ibis.coalesce(t.w.sum(where=up), t.above.max()),
        unten=ibis.coalesce(t.w.sum(where=down), t.below.max()),
        genannt=t.w.max(where=t.f_seite == "wert"),
        da_oben=up.ifelse(1, 0).sum(), da_unten=down.ifelse(1, 0).sum(),
    )  # fmt: skip
    whole = (t.da_oben == t.f_oben) & (t.da_unten == t.f_unten)
    made = (whole & (t.f_oben > 0) & (t.unten != 0)).ifelse(t.oben * t.f_faktor / t.unten, None)
    cases = t.f_euro.ifelse(t.unten, t.oben)
    few = ((cases > 0) & (cases < catalogue.vergleichsregeln().faelle)).fill_null(False)
    t = t.mutate(wert=t.genannt.coalesce(made), menge=t.unten).filter(~few)
    return t.filter(t.wert.notnull(), t.jahr <= stichtag.year)


def _mengen() -> dict[str, list[object]]:
    """Return the comparisons as columns, a row a quantity; a stated value is one by itself."""
    rows = []
    for v in catalogue.vergleiche().values():
        sides = [("oben", m) for m in v.zaehler] + [("unten", m) for m in v.nenner]
        for side, m in sides or [("wert", Menge(kennzahl=v.kennzahl, definition=v.definition))]:
            rows.append({
                "f_name": v.name, "f_feld": v.feld, "f_seite": side, "f_kennzahl": m.kennzahl,
                "f_definition": m.definition, "f_quelle": v.quelle, "f_versatz": m.jahr,
                "f_oben": len(v.zaehler), "f_unten": len(v.nenner), "f_faktor": float(v.faktor),
                "f_vorzeichen": VORZEICHEN.get(v.richtung, 0), "f_euro": v.zaehlt == EURO,
            })  # fmt: skip
    return {name: [row[name] for row in rows] for name in rows[0]}


def _ringe() -> dict[str, list[object]]:
    """Return every municipality with those it is compared with, and how many they are."""
    codes = catalogue.codeliste("vergleichskommune").gueltig
    rings: dict[str, list[str]] = {}
    for ags, code in codes.items():
        rings.setdefault(code.merkmale["ring"], []).append(ags)
    pairs = [(a, own, len(ring)) for ring in rings.values() for own in ring for a in ring]
    return dict(zip(("r_ags", "r_fuer", "ring_groesse"), map(list, zip(*pairs, strict=True)),
                    strict=True))  # fmt: skip


def _abstaende(last: ir.Table, stichtag: date) -> ir.Table:
    """Add what the Kennzahlen sum: distances of comparisons with a better side, and euro."""
    gilt = last.genug & (last.f_vorzeichen != 0)
    best = (last.f_vorzeichen > 0).ifelse(last.kleinster, last.groesster)
    euro = last.f_vorzeichen * (last.o_wert - last.mitte) * last.o_menge / last.f_faktor
    figure = "decimal(18, 6)"
    return last.select(
        leistungsfeld=last.f_feld, vergleich=last.f_name, tag=ibis.literal(stichtag),
        abgeloest_am=ibis.null("date"),
        abstand_median_pct=gilt.ifelse(_prozent(last, last.mitte), None).cast(figure),
        abstand_bestwert_pct=gilt.ifelse(_prozent(last, best), None).cast(figure),
        potenzial_eur=(gilt & last.f_euro).ifelse(ibis.greatest(euro, 0.0), None).cast(figure),
        vergleichbare=last.anzahl, verglichene=last.ring_groesse,
    )  # fmt: skip


def _prozent(last: ir.Table, gegen: ir.NumericValue) -> ir.NumericValue:
    distance = last.f_vorzeichen * (last.o_wert - gegen) * 100 / gegen.abs()
    return (gegen != 0).ifelse(distance, None)
