"""What a Hilfe, a month and a day cost, completed by the run-off of this run, with its span.

The cost of the year so far is what is booked for its months of service by the Datenstand, and what
is still expected of them (F18c). Its bridge says why the case system, the ledger and the product
groups name different sums for the same Hilfen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sozcontrol import catalogue, measures
from sozcontrol.catalogue.kennzahl import Kennzahl, Prognosekennzahl
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.forecast.prognose.hochrechnung import euro
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.hochrechnung.abwicklung.abwicklungstafeln import (
    BUCHUNGSSTAND,
    ist_korrigiert,
    jahresnamen,
    spaeter_bezahlt,
)
from sozcontrol.hochrechnung.abwicklung.rueckstand import Posten, Rueckstand, rueckstand
from sozcontrol.hochrechnung.tafelteile import Zeile, rahmen
from sozcontrol.measures.aufstellungen import Aufstellung, gebucht_bis
from sozcontrol.measures.finanzen import im_zeitraum, ist_brutto
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, summe
from sozcontrol.measures.zaehlwerk.kennzahlen import MASSE, als_tag, quotient, seiten
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.rechnen import Bestandteil, Rechnung
from sozcontrol.measures.zaehlwerk.sichten import Basis

if TYPE_CHECKING:
    import ibis.expr.types as ir

MONATLICH = "H17"
"""The cost per occupied month; its numerator is the cost of all Hilfen."""


def ergaenzt(daten: Stadtlieferung, item: Prognosekennzahl, stichtag: date) -> Zeile:
    """Return a unit cost city-wide: the counted one with what is still expected of the year.

    Empty where there is no run-off to complete it with: no payments, or no complete month yet.
    """
    r = _oder_keiner(daten, stichtag)
    if r is None:
        return dict.fromkeys(MASSE)
    raw = _roh(daten, item, stichtag)
    zaehler = Decimal(raw["zaehler"] or 0) + _erwartet(r, _posten(item, r))
    wert = quotient(zaehler, raw["nenner"], item.faktor)
    return {**raw, "zaehler": zaehler, "wert": wert}


def bestandteile(
    daten: Stadtlieferung, item: Prognosekennzahl, stichtag: date
) -> tuple[Bestandteil, ...]:
    """Return what a completed unit cost was made from: the year's end, and what it is spread over.

    A table by Hilfeart may hide the one, and another show the other.
    """
    r = _oder_keiner(daten, stichtag)
    if r is None:
        return ()
    p, below = _posten(item, r), gezaehlt(item).nenner
    where = {} if p is None or p.name == INSGESAMT else {"hilfeart": p.name}
    end = Bestandteil(jahresnamen(r)["endstand_eur"], where)
    return (end, Bestandteil(Rechnung(below, stichtag))) if below else (end,)


def _oder_keiner(daten: Stadtlieferung, stichtag: date) -> Rueckstand | None:
    try:
        return rueckstand(daten, stichtag=stichtag)
    except (DeliveryMissing, UsageError):
        return None


def gezaehlt(item: Prognosekennzahl) -> Kennzahl:
    """Return the counted Kennzahl that *item* completes."""
    assert item.roh is not None, f"{item.id} completes nothing"
    return catalogue.kennzahl(item.roh)


def _roh(daten: Stadtlieferung, item: Prognosekennzahl, stichtag: date) -> dict[str, Any]:
    frame = measures.kennzahl(daten, gezaehlt(item).id, stichtag=stichtag).frame
    (row,) = frame.astype("object").where(frame.notna(), None).to_dict("records")
    return {str(k): v for k, v in row.items()} | {"faelle_zaehler": row["tragende_zaehler"]}


def _posten(item: Prognosekennzahl, r: Rueckstand) -> Posten | None:
    """Return the run-off of what the numerator counts: one Hilfeart, or all of them."""
    (term,) = gezaehlt(item).zaehler.terme
    own = [str(b.gleich) for b in term.wo if b.spalte == "hilfeart" and b.gleich is not None]
    return r.posten.get(own[0] if own else INSGESAMT)


def _erwartet(r: Rueckstand, p: Posten | None) -> Decimal:
    """Return what is still expected of the year, to the cent; the whole is the sum of its parts."""
    if p is None:
        return Decimal(0)
    own = [q for n, q in r.posten.items() if n != INSGESAMT] if p.name == INSGESAMT else [p]
    return sum((euro(q.erwartet_jahr) for q in own), Decimal(0))


def _spanne(p: Posten | None) -> Spanne | None:
    return None if p is None else p.rekord.spanne(p.erwartet_jahr, p.massstab)


def einheitskosten(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """Return the completed unit costs with their span, and what is billed so far beside them.

    Columns ``[kennzahl, wert, unten, oben, roh, faelle]``.
    """
    day, rows, counts = als_tag(stichtag, daten), [], []
    full_of, raw_of = list[tuple[Bestandteil, ...]](), list[tuple[Bestandteil, ...]]()
    r = _oder_keiner(daten, day)
    for item in catalogue.prognosekennzahlen().values():
        if item.groesse != "ergaenzt" or measures.fehlende(daten, [gezaehlt(item).id]):
            continue
        full, raw = ergaenzt(daten, item, day), _roh(daten, item, day)
        p = None if r is None else _posten(item, r)
        s = _spanne(p)
        row: Zeile = {"kennzahl": f"{item.kurzname} ({item.id}), {item.einheit}"}
        row |= {"wert": full["wert"], "unten": None, "oben": None, "roh": raw["wert"]}
        if r is not None and s is not None and s.unten is not None and s.oben is not None:
            booked = Decimal(raw["zaehler"] or 0)
            for column, end in (("unten", s.unten), ("oben", s.oben)):
                row[column] = quotient(booked + euro(end), raw["nenner"], item.faktor)
        rows.append(row)
        counts.append(raw["faelle_zaehler"])
        full_of.append(bestandteile(daten, item, day))
        raw_of.append(tuple(map(Bestandteil, seiten(gezaehlt(item), day))))
    frame = rahmen(rows, ("kennzahl", "wert", "unten", "oben", "roh"), {"faelle": counts})
    behind = dict.fromkeys(("wert", "unten", "oben", "roh"), ("faelle",))
    made = dict.fromkeys(("wert", "unten", "oben"), tuple(full_of)) | {"roh": tuple(raw_of)}
    return Aufstellung(
        frame, ("kennzahl",), "Einheitskosten", ("faelle",), behind, bestandteile=made
    )


def kosten_je_monat(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """Return the completed cost per occupied month by Hilfeart, with its span; the total last.

    Columns ``[hilfeart, gebucht_eur, erwartet_eur, endstand_eur, kosten, unten, oben, …]``;
    ``gebucht_eur`` is known at the Datenstand.
    """
    day = als_tag(stichtag, daten)
    item = catalogue.prognosekennzahlen()[MONATLICH]
    raw = gezaehlt(item)
    r = rueckstand(daten, stichtag=day)
    frame = measures.kennzahl(daten, raw.id, je=["hilfeart"], stichtag=day).frame
    known: dict[Any, Any] = frame.set_index("hilfeart").to_dict("index")
    corrected = ist_korrigiert(daten, stichtag=day).frame.set_index("hilfeart").to_dict("index")
    rows, counts = [], []
    for name in (n for n in r.namen if n in known):
        cells, expected = known[name], corrected[name]["erwartet_eur"]
        cost = _kosten(cells, expected, _spanne(r.posten[name]), item.faktor)
        rows.append({"hilfeart": name, **cost})
        counts.append((cells["tragende_zaehler"], corrected[name]["faelle_12"]))
    paid, twelve = (list(c) for c in zip(*counts, strict=True))
    columns = ("hilfeart", "gebucht_eur", "erwartet_eur", "endstand_eur", "kosten", "unten", "oben")
    shown = rahmen(rows, columns, {"faelle": paid, "faelle_12": twelve})
    behind = dict.fromkeys(columns[2:], BUCHUNGSSTAND)
    return Aufstellung(
        shown, ("hilfeart",), "Kosten je Monat", BUCHUNGSSTAND,
        {"gebucht_eur": ("faelle",), **behind},
        identitaeten=({"endstand_eur": 1, "gebucht_eur": -1, "erwartet_eur": -1},),
        groessen={"gebucht_eur": Rechnung(raw.zaehler, day)}, heisst=jahresnamen(r),
        aus=dict.fromkeys(("kosten", "unten", "oben"), ("endstand_eur",)),
    )  # fmt: skip


def _kosten(
    cells: Mapping[str, Any], expected: Decimal, s: Spanne | None, faktor: Decimal
) -> Zeile:
    """Return the cost of one Hilfeart, booked, expected and completed, and per month."""
    booked = Decimal(cells["zaehler"])
    ends = {"unten": s.unten, "oben": s.oben} if s is not None else dict.fromkeys(("unten", "oben"))
    costs = {c: None if end is None else booked + euro(end) for c, end in ends.items()}
    costs = {"kosten": booked + expected, **costs}
    return {
        "gebucht_eur": booked, "erwartet_eur": expected, "endstand_eur": booked + expected,
        **{c: quotient(v, cells["nenner"], faktor) for c, v in costs.items()},
    }  # fmt: skip


# --- the bridge ---------------------------------------------------------------------------------


def bruecke(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """Return why the same Hilfen have four sums and three costs per month, step by step.

    Columns ``[schritt, betrag_eur, je_monat, faelle]``: from the case system to what is complete,
    to the ledger of the same months of service (the difference is R-X01 as a figure), to the budget
    year and its product groups. Behind each sum of payments stand the fewest Hilfen of any: the
    steps give each other away.
    """
    day = als_tag(stichtag, daten)
    r, item = rueckstand(daten, stichtag=day), catalogue.prognosekennzahlen()[MONATLICH]
    raw = _roh(daten, item, day)
    known = Decimal(raw["zaehler"] or 0)
    counted = Bestandteil(Rechnung(gezaehlt(item).zaehler, day))
    steps = _fachverfahren(r, known, Bestandteil(gebucht_bis(day)), counted)
    behind_each = (raw["faelle_zaehler"], spaeter_bezahlt(daten, r)[INSGESAMT])
    people = min((n for n in behind_each if n), default=0)
    counts: list[int | None] = [people] * len(steps)
    if daten.hat("buchung", "map_produkt", "map_konto"):
        steps += _hauptbuch(daten, day, known, counted)
        counts += [None] * (len(steps) - len(counts))
    rows = [
        {
            "schritt": name,
            "betrag_eur": amount,
            "je_monat": quotient(amount, raw["nenner"], item.faktor) if monthly else None,
        }
        for name, amount, monthly, _ in steps
    ]
    frame = rahmen(rows, ("schritt", "betrag_eur", "je_monat"), {"faelle": counts})
    behind = dict.fromkeys(("betrag_eur", "je_monat"), ("faelle",))
    made = dict.fromkeys(behind, tuple(parts for *_, parts in steps))
    return Aufstellung(frame, ("schritt",), "Brücke", ("faelle",), behind, bestandteile=made)


Schritt = tuple[str, Decimal, bool, tuple[Bestandteil, ...]]
"""Its name, its amount, whether that is told per occupied month, too, and what it is made from."""


def _fachverfahren(
    r: Rueckstand, known: Decimal, then: Bestandteil, counted: Bestandteil
) -> list[Schritt]:
    """Return what the case system has booked of the year's service, and what is to come."""
    total = r.posten[INSGESAMT]
    later, expected = euro(total.danach_jahr), _erwartet(r, total)
    to_come, end = (Bestandteil(jahresnamen(r)[c]) for c in ("erwartet_eur", "endstand_eur"))
    return [
        ("Fachverfahren, am Stichtag gebucht", known - later, True, (then,)),
        ("+ seither gebucht", later, False, (then, counted)),
        ("= Fachverfahren, am Datenstand gebucht", known, True, (counted,)),
        ("+ noch erwartet (F18c, Leistungen dieses Jahres)", expected, False, (to_come,)),
        ("= vervollständigt (H16 bis H19)", known + expected, True, (end,)),
    ]


def _hauptbuch(
    daten: Stadtlieferung, day: date, gezahlt: Decimal, counted: Bestandteil
) -> Iterable[Schritt]:
    """Yield the ledger's sums of the products that pay for these Hilfen."""
    t = Basis(daten)("buchungen")
    hze = [c for c, x in catalogue.codeliste("hilfeart").gueltig.items()
           if x.merkmale.get("hze") == "ja"]  # fmt: skip
    t = t.filter(ist_brutto(t), t.hilfeart.isin(hze) | t.paragraph.notnull())
    first = date(day.year, 1, 1)
    served = t.filter(t.leistungsmonat >= first, t.leistungsmonat <= day)
    booked = _summe(served)
    yield "Hauptbuch, Produkte dieser Hilfen, dieselben Leistungsmonate", booked, False, ()
    off = booked - gezahlt  # beside the ledger it tells what was paid
    yield "Unterschied zum Fachverfahren am Datenstand (R-X01)", off, False, (counted,)
    year = t.filter(im_zeitraum(t, day, day, "haushaltsjahr"))
    yield "Hauptbuch, dieselben Produkte, Haushaltsjahr", _summe(year), False, ()
    paying = set(year.select("produktgruppe").distinct().execute()["produktgruppe"])
    je = ["produktgruppe", "produktgruppe_name"]
    groups = measures.kennzahl(daten, "F09", je=je, stichtag=day, summen=False).frame
    for row in groups.to_dict("records"):
        if row["produktgruppe"] in paying:
            name = f"Produktgruppe {row['produktgruppe']} {row['produktgruppe_name']}"
            yield f"{name}, Haushaltsjahr", Decimal(row["wert"]), False, ()


def _summe(rows: ir.Table) -> Decimal:
    return Decimal(summe(rows.betrag_eur).to_pyarrow().as_py())
