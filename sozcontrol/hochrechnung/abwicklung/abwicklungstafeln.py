"""The run-off of invoices per Hilfeart: corrected actual, provision, record, late bookings (F17).

Every table is an :class:`~sozcontrol.measures.aufstellungen.Aufstellung`. Behind what was booked
for the budget year stand the Hilfen paid for in it (``faelle``); behind what is expected also those
of the last twelve months of service (``faelle_12``), whose cost set its level; behind what was
booked after the Stichtag those it was booked for (``faelle_danach``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from sozcontrol.forecast.methoden.dreieck import nachbuchungsquote
from sozcontrol.forecast.prognose.hochrechnung import euro
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.hochrechnung.abwicklung.rueckstand import (
    Posten,
    Rueckstand,
    danach_bezahlt,
    rueckstand,
)
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.quellen.buchungen import MONATE
from sozcontrol.hochrechnung.quellen.kosten import anzahlen, getragen, traeger, zahlungszeilen
from sozcontrol.hochrechnung.tafelteile import (
    Zeile,
    Zelle,
    ende_des_monats,
    gezaehlt_je_hilfeart,
    monatsname,
    nur_hilfeart,
    prozent,
    rahmen,
    summiert,
)
from sozcontrol.measures.aufstellungen import Aufstellung, gebucht_bis
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.kennzahlen import als_tag
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

if TYPE_CHECKING:
    import ibis.expr.types as ir

BUCHUNGSSTAND = ("faelle", "faelle_12")
DANACH = "faelle_danach"
"""The Hilfen with a booking after the Stichtag for service before it."""
TEILE = ({"offen_eur": 1, "danach_eur": -1, "erwartet_eur": -1},)
"""F18 in its two parts: booked after the Stichtag, and still expected."""


def ist_korrigiert(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The budget year so far per Hilfeart: booked, not yet billed (F18) in its parts, all of it.

    Columns ``[hilfeart, gebucht_eur, danach_eur, bisher_eur, erwartet_eur, offen_eur, endstand_eur,
    offen_pct, …]``; the total last. ``bisher_eur`` is booked by the Datenstand, ``offen_pct`` the
    share of the corrected actual that was not billed.
    """
    r = rueckstand(daten, stichtag=stichtag)
    teile = _teile(r).items()
    gebucht = summiert({n: euro(p.gebucht) for n, p in teile})
    offen = _in_teilen({n: (p.danach_jahr, p.erwartet_jahr) for n, p in teile})
    rows = {
        n: {
            "gebucht_eur": gebucht[n],
            **offen[n],
            "bisher_eur": gebucht[n] + offen[n]["danach_eur"],
            "endstand_eur": gebucht[n] + offen[n]["offen_eur"],
            "offen_pct": _quote(offen[n]["offen_eur"], gebucht[n] + offen[n]["offen_eur"]),
        }
        for n in r.namen
    }
    ganz = dict.fromkeys(("offen_eur", "endstand_eur", "offen_pct"), BUCHUNGSSTAND)
    booked = dict.fromkeys(("gebucht_eur", "bisher_eur"), ("faelle",))
    summen = (
        {"endstand_eur": 1, "gebucht_eur": -1, "offen_eur": -1},
        {"bisher_eur": 1, "gebucht_eur": -1, "danach_eur": -1},
    )
    day = als_tag(stichtag, daten)
    names = {"gebucht_eur": gebucht_bis(day), "bisher_eur": gebucht_bis(day, r.reif.monate)}
    made = _je_hilfeart(daten, r, rows, booked | _HINTER_DEN_TEILEN | ganz, (*TEILE, *summen))
    told = {"offen_pct": ("offen_eur", "endstand_eur")}
    return replace(made, heisst=names | jahresnamen(r), aus=told)


def jahresnamen(r: Rueckstand) -> dict[str, str]:
    """Return what the year's expected cost and its end are called in every table."""
    return {
        c: f"Kosten der Hilfen, {c} {monatsname(r.stand)}" for c in ("erwartet_eur", "endstand_eur")
    }


def rueckstellung(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """What was not billed of all months of service (F18), in its two parts.

    Columns ``[hilfeart, danach_eur, erwartet_eur, offen_eur, unten_eur, oben_eur, grundlage, …]``;
    the span is that of ``offen_eur``, and ``grundlage`` says what it is. Parts add up to the total
    in cents, their spans do not. Beside the open amount of a Hilfeart its parts would tell what was
    booked for one or two Hilfen: they are shown in total (:func:`rueckstellung_gesamt`).
    """
    r = rueckstand(daten, stichtag=stichtag)
    offen = _in_teilen({n: (p.danach, p.erwartet) for n, p in _teile(r).items()})
    rows = {}
    for n, p in r.posten.items():
        ends = _spanne(p.spanne, offen[n]["danach_eur"])
        rows[n] = {**offen[n], **ends, "grundlage": _grundlage(p.spanne)}
    behind = _HINTER_DEN_TEILEN | dict.fromkeys(("offen_eur", *ends), BUCHUNGSSTAND)
    made = _je_hilfeart(daten, r, rows, {**behind, "grundlage": ()}, TEILE)
    return replace(made, aus=dict.fromkeys(ends, ("offen_eur",)))  # the middle of a span tells it


def rueckstellung_gesamt(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The total of F18 in its two parts: what is still expected is at 31.12. the proposal.

    One row ``[hilfeart, danach_eur, erwartet_eur, erwartet_unten_eur, erwartet_oben_eur, …]``.
    """
    r = rueckstand(daten, stichtag=stichtag)
    row = vorschlag(r, "danach_eur")[INSGESAMT], vorschlag(r, "erwartet_eur")[INSGESAMT]
    ends = {f"erwartet_{c}": v for c, v in _spanne(r.posten[INSGESAMT].spanne).items()}
    cells = dict(zip(_HINTER_DEN_TEILEN, row, strict=True)) | ends
    behind = _HINTER_DEN_TEILEN | dict.fromkeys(ends, BUCHUNGSSTAND)
    made = _je_hilfeart(daten, r, {INSGESAMT: cells}, behind)
    return replace(made, aus=dict.fromkeys(ends, ("erwartet_eur",)))


_HINTER_DEN_TEILEN = {"danach_eur": (DANACH,), "erwartet_eur": BUCHUNGSSTAND}


def _spanne(s: Spanne, dazu: Decimal = Decimal(0)) -> dict[str, Decimal | None]:
    """Return the ends of a span, moved by what is known (*dazu*)."""
    ends = {"unten_eur": s.unten, "oben_eur": s.oben}
    return {c: None if v is None else euro(v) + dazu for c, v in ends.items()}


def _in_teilen(teile: Mapping[str, tuple[float, float]]) -> dict[str, dict[str, Decimal]]:
    """Return F18 in whole cents by Hilfeart and in total: its parts, and both together."""
    danach = summiert({n: euro(d) for n, (d, _) in teile.items()})
    erwartet = summiert({n: euro(e) for n, (_, e) in teile.items()})
    return {
        n: {"danach_eur": d, "erwartet_eur": erwartet[n], "offen_eur": d + erwartet[n]}
        for n, d in danach.items()
    }


def vorschlag(r: Rueckstand, teil: str = "offen_eur") -> dict[str, Decimal]:
    """Return F18 of each Hilfeart in whole cents, and their sum; or one of its two parts."""
    found = _in_teilen({n: (p.danach, p.erwartet) for n, p in _teile(r).items()})
    return {n: one[teil] for n, one in found.items()}


def _grundlage(s: Spanne) -> str:
    if s.niveau is not None:
        return f"{100 * s.niveau:.0f} % von {s.n} früheren Monatsenden"
    return f"Spannweite von {s.n} früheren Monatsenden" if s.n else "noch keine Erfahrung"


def abwicklungszeugnis(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The record: how far past estimates of the open amount were from what was booked later.

    ``median_pct`` is the median error and ``bias_pct`` the sum of the errors (> 0: too high), both
    in percent of what was booked later; ``spanne_pct`` the half span in percent of today's open
    amount; ``treffer`` how often the span of then held; ``standardfehler_eur`` Mack's, for
    comparison.
    """
    r = rueckstand(daten, stichtag=stichtag)
    rows = {n: _zeugniszeile(p) for n, p in r.posten.items()}
    offen = ("monatsenden", "treffer")
    figures = {c: () if c in offen else BUCHUNGSSTAND for c in rows[INSGESAMT]}
    return _je_hilfeart(daten, r, rows, figures)


def _zeugniszeile(p: Posten) -> Zeile:
    treffer, n = p.rekord.treffer
    return {
        "monatsenden": str(len(p.rekord.proben)),
        "median_pct": prozent(p.rekord.median),
        "bias_pct": prozent(p.rekord.bias),
        "spanne_pct": prozent(p.spanne_anteil),
        "treffer": f"{treffer} von {n}" if n else "–",
        "standardfehler_eur": None if p.standardfehler is None else euro(p.standardfehler),
    }


def abwicklungsproben(
    daten: Stadtlieferung, *, hilfeart: str = INSGESAMT, stichtag: date | None = None
) -> Aufstellung:
    """The record of one Hilfeart (or all) month end by month end.

    Columns ``[stichtag, geschaetzt_eur, gebucht_eur, fehler_pct, faelle]``; ``faelle`` are the
    Hilfen booked later.
    """
    r = rueckstand(daten, stichtag=stichtag)
    proben = r.von(hilfeart).rekord.proben
    t = nur_hilfeart(zahlungszeilen(daten, r.reif), hilfeart)
    counts = _spaetere(t, [p.stand for p in proben], r.stand, r.reif.monate)
    rows = [
        {
            "stichtag": ende_des_monats(p.stand),
            "geschaetzt_eur": euro(p.geschaetzt),
            "gebucht_eur": euro(p.gebucht),
            "fehler_pct": prozent(
                (p.geschaetzt - p.gebucht) / abs(p.gebucht) if p.gebucht else None
            ),
        }
        for p in proben
    ]
    columns = ("stichtag", "geschaetzt_eur", "gebucht_eur", "fehler_pct")
    frame = rahmen(rows, columns, {"faelle": [counts.get(p.stand, 0) for p in proben]})
    behind = dict.fromkeys(columns[1:], ("faelle",))
    name = f"Abwicklung Proben {hilfeart} {monatsname(r.stand)}"
    return Aufstellung(frame, ("stichtag",), name, ("faelle",), behind)


def _spaetere(t: ir.Table, staende: Sequence[int], bis: int, nach: int) -> dict[int, int]:
    """Return by past month end who carries what was booked later than *nach* months on."""
    if not staende:
        return {}
    tage = ibis.array([int(s) for s in staende]).unnest().name("stand").as_table()
    j = t.select("person_id", "betrag_eur", "leistung", "reife").cross_join(tage)
    j = j.filter(j.leistung <= j.stand, j.reife > j.stand + nach, j.reife <= bis + nach)
    return anzahlen(getragen(j, "stand"))


def nachbuchung(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """F17 per Hilfeart: of the year's service up to the Stichtag, the share booked after it.

    ``nachbuchung0_pct`` for the Stichtag a year ago, by now settled; ``nachbuchung1_pct`` for this
    one, as far as the Datenstand knows. ``faelle*`` are the Hilfen paid for, ``spaet*`` those with
    a later booking.
    """
    r = rueckstand(daten, stichtag=stichtag)
    t = zahlungszeilen(daten)
    rows: dict[str, Zeile] = {n: {} for n in r.namen}
    counts: dict[str, list[int]] = {}
    for i, stand in enumerate((r.stand - MONATE, r.stand)):
        jahr = t.filter(t.leistung >= stand // MONATE * MONATE, t.leistung <= stand)
        keys = ["hilfeart", "leistung", "gebucht"]
        booked = jahr.group_by(keys).aggregate(betrag=jahr.betrag_eur.sum()).execute()
        for n in r.namen:
            eigen = booked if n == INSGESAMT else booked[booked["hilfeart"] == n]
            service, booking = (eigen[c].to_numpy() for c in keys[1:])
            betrag = eigen["betrag"].to_numpy(dtype=float)
            quote = nachbuchungsquote(service, booking, betrag, stand)
            rows[n][f"nachbuchung{i}_pct"] = prozent(quote)
        for name, part in (("faelle", jahr), ("spaet", jahr.filter(jahr.gebucht > stand))):
            found = gezaehlt_je_hilfeart(traeger(part), r.namen)
            counts[f"{name}{i}"] = [found[n] for n in r.namen]
    frame = rahmen(
        [{"hilfeart": n, **rows[n]} for n in r.namen],
        ("hilfeart", "nachbuchung0_pct", "nachbuchung1_pct"), counts,
    )  # fmt: skip
    behind = {f"nachbuchung{i}_pct": (f"faelle{i}", f"spaet{i}") for i in (0, 1)}
    name = f"Nachbuchung {monatsname(r.stand)}"
    return Aufstellung(frame, ("hilfeart",), name, tuple(counts), behind)


# --- parts of tables ----------------------------------------------------------------------------


def _je_hilfeart(
    daten: Stadtlieferung, r: Rueckstand, rows: Mapping[str, Mapping[str, Zelle]],
    abgeleitet: Mapping[str, tuple[str, ...]], gleichungen: tuple[Mapping[str, int], ...] = (),
) -> Aufstellung:  # fmt: skip
    """Make a table per Hilfeart with the counts of Hilfen behind it."""
    zwoelf = gezaehlt_je_hilfeart(_bezahlt_in_zwoelf(daten, r.stand), r.namen)
    jahr = gezaehlt_je_hilfeart(r.faelle, r.namen)
    counts = {"faelle": [jahr[n] for n in rows], "faelle_12": [zwoelf[n] for n in rows]}
    if any(DANACH in behind for behind in abgeleitet.values()):
        later = spaeter_bezahlt(daten, r)
        counts[DANACH] = [later[n] for n in rows]
    named = [{"hilfeart": n, **row} for n, row in rows.items()]
    frame = rahmen(named, ("hilfeart", *abgeleitet), counts)
    name = f"Abwicklung {monatsname(r.stand)}"
    return Aufstellung(
        frame, ("hilfeart",), name, tuple(counts), dict(abgeleitet), identitaeten=gleichungen
    )


def _bezahlt_in_zwoelf(daten: Stadtlieferung, stand: int) -> dict[str, int]:
    """Return by Hilfeart who was paid for in the twelve months up to *stand*, as booked by then."""

    def count() -> dict[str, int]:
        t = zahlungszeilen(daten)
        return traeger(
            t.filter(t.leistung > stand - MONATE, t.leistung <= stand, t.gebucht <= stand)
        )

    return einmal(daten, "bezahlt_in_zwoelf", (stand,), count)


def spaeter_bezahlt(daten: Stadtlieferung, r: Rueckstand) -> dict[str, int]:
    """Return by Hilfeart the Hilfen with a booking after the Stichtag for service before it."""
    return gezaehlt_je_hilfeart(danach_bezahlt(daten, r.stand, r.reif), r.namen)


def _teile(r: Rueckstand) -> dict[str, Posten]:
    return {n: p for n, p in r.posten.items() if n != INSGESAMT}


def _quote(teil: Decimal, ganzes: Decimal) -> Decimal | None:
    return None if ganzes <= 0 else teil / ganzes * 100
