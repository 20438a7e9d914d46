"""Teilhaushalte: their net over all accounts, the bridge to soziale Sicherung, what is still free.

The sums are those the Kennzahlen F22 to F26 and F11 are declared with, so that a table and a tile
never disagree. A product without a Teilhaushalt is a row of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Ausdruck, Term
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, UNBEKANNT, rangfolge
from sozcontrol.measures.zaehlwerk.kennzahlen import als_tag, quotient
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung, Tabellen
from sozcontrol.measures.zaehlwerk.rechnen import Ergebnis, Rechnung, rechne

if TYPE_CHECKING:
    pass

TEILHAUSHALT = ("teilhaushalt", "teilhaushalt_name")
OHNE = "ohne Teilhaushalt"
GANZES, SOZIAL = "Zuschussbedarf der Teilhaushalte, alle Konten", "davon soziale Sicherung (F11)"
_HUNDERT = Decimal(100)


def summe_von(kennzahl: str, day: date) -> Rechnung:
    """Return the numerator of a Kennzahl as a sum at *day*."""
    return Rechnung(catalogue.kennzahl(kennzahl).zaehler, day)


def groesse(sicht: str, name: str, day: date) -> Rechnung:
    """Return one Größe of a view as a sum at *day*."""
    return Rechnung(Ausdruck(terme=(Term(sicht=sicht, grundzahl=name),)), day)


def teilhaushalte(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """The net of every Teilhaushalt: budget, booked expenses and income, of it soziale Sicherung.

    Columns ``[teilhaushalt, teilhaushalt_name, ansatz_eur, aufwand_eur, ertrag_eur, ist_eur,
    ausschoepfung_pct, sozial_eur, gesperrt_eur, verantwortlich]``; amounts are net but for the two
    sides, and for what is blocked.
    """
    day = als_tag(stichtag, daten)
    sums = {
        "ansatz_eur": summe_von("F22", day),
        "aufwand_eur": groesse("buchungen", "aufwand_alle", day),
        "ertrag_eur": groesse("buchungen", "ertrag_alle", day),
        "ist_eur": summe_von("F23", day),
        "sozial_eur": summe_von("F11", day),
    }
    wer, gesperrt = verantwortliche(daten, day), sperren(daten, day)
    gesperrt[INSGESAMT] = sum(gesperrt.values(), Decimal(0))
    rows = []
    for key, cells in _zeilen(daten, sums, TEILHAUSHALT):
        used = quotient(cells["ist_eur"], cells["ansatz_eur"], _HUNDERT)
        rows.append({**key, **cells, "ausschoepfung_pct": used,
                     "gesperrt_eur": gesperrt.get(key["teilhaushalt"], Decimal(0)),
                     "verantwortlich": wer.get(key["teilhaushalt"])})  # fmt: skip
    return _aufstellung(rows, TEILHAUSHALT, "Teilhaushalte", sums)


def verantwortliche(daten: Tabellen, day: date) -> dict[str, str]:
    """Return who is responsible for each Teilhaushalt in the plan of *day*'s year."""
    t = daten["map_produkt"]
    if "verantwortlich" not in t.columns:
        return {}
    valid = (t.gueltig_von.year() <= day.year) & (
        t.gueltig_bis.isnull() | (t.gueltig_bis.year() >= day.year)
    )
    t = t.filter(valid, t.teilhaushalt.notnull(), t.verantwortlich.notnull())
    pairs = t.select("teilhaushalt", "verantwortlich").distinct().order_by(["verantwortlich"])
    found: dict[str, list[str]] = {}
    for one in pairs.to_pyarrow().to_pylist():
        found.setdefault(one["teilhaushalt"], []).append(one["verantwortlich"])
    return {name: "; ".join(offices) for name, offices in found.items()}


def bruecke(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """From the net over all accounts to that of soziale Sicherung, account by account.

    Columns ``[zeile, ansatz_eur, ist_eur]``: the whole, each other account with what it takes from
    the net (an expense is negative) or gives back, largest first, and what remains: F11.
    """
    day = als_tag(stichtag, daten)
    rows = [_zeile(daten, GANZES, summe_von("F22", day), summe_von("F23", day))]
    rows += _andere_konten(daten, day)
    plan = Rechnung(
        Ausdruck(terme=(
            Term(sicht="budgets", grundzahl="aufwand"),
            Term(sicht="budgets", grundzahl="ertrag", vorzeichen=-1),
        )), day,
    )  # fmt: skip
    rows.append(_zeile(daten, SOZIAL, plan, summe_von("F11", day)))
    return _aufstellung(rows, ("zeile",), "Brücke zur sozialen Sicherung", {})


def _zeile(daten: Lieferung, name: str, plan: Rechnung, ist: Rechnung) -> dict[str, object]:
    result = rechne(daten, [plan, ist])
    return {"zeile": name, "ansatz_eur": _wert(result, plan), "ist_eur": _wert(result, ist)}


def _andere_konten(daten: Lieferung, day: date) -> list[dict[str, object]]:
    je = ("konto", "konto_name")
    sums = {
        (view, side): groesse(view, f"{side}_uebrige", day)
        for view in ("budgets", "buchungen") for side in ("aufwand", "ertrag")
    }  # fmt: skip
    result = rechne(daten, sums.values(), je, summen=False)
    rows: list[tuple[str, Decimal, Decimal]] = []
    for konto, name in set[tuple]().union(*map(result.schluessel, sums.values())):
        plan, ist = (
            _wert(result, sums[view, "ertrag"], (konto, name))
            - _wert(result, sums[view, "aufwand"], (konto, name))
            for view in ("budgets", "buchungen")
        )
        rows.append((f"{name} ({konto})", plan, ist))
    rows.sort(key=lambda r: (-abs(r[1]), r[0]))
    return [dict(zip(("zeile", "ansatz_eur", "ist_eur"), r, strict=True)) for r in rows]


def frei_verfuegbar(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """What of the budgeted expenses may still be spent, by Teilhaushalt (F26 and its parts)."""
    day = als_tag(stichtag, daten)
    sums = {
        "ansatz_eur": groesse("budgets", "aufwand_alle", day),
        "ist_eur": groesse("buchungen", "aufwand_alle", day),
        "bestellt_eur": summe_von("F24", day),
        "gesperrt_eur": summe_von("F25", day),
        "frei_eur": summe_von("F26", day),
    }
    rows = []
    for key, cells in _zeilen(daten, sums, TEILHAUSHALT):
        share = quotient(cells["frei_eur"], cells["ansatz_eur"], _HUNDERT)
        rows.append({**key, **cells, "frei_pct": share})
    return _aufstellung(rows, TEILHAUSHALT, "Frei verfügbar", sums)


def vorhandene(daten: Lieferung) -> dict[str, Aufstellung]:
    """Return the tables of this module there is everything for, by their form in the catalogue."""
    bauten = {"teilhaushalte": teilhaushalte, "bruecke": bruecke}
    if "obligo" in daten.tabellen:
        bauten["frei_verfuegbar"] = frei_verfuegbar
    return {form: bau(daten) for form, bau in bauten.items()}


def sperren(daten: Lieferung, day: date) -> dict[str, Decimal]:
    """Return what is blocked by Teilhaushalt, as a positive amount: as ordered, or as entered.

    Of the two the larger one: a Sperre that only the finance system knows is one, too.
    """
    sums = [groesse("budgets", "gesperrt", day)]
    sums += [summe_von("F25", day)] if "obligo" in daten.tabellen else []
    result = rechne(daten, sums, ("teilhaushalt",), summen=False)
    keys = set[tuple]().union(*map(result.schluessel, sums))
    return {key[0]: max(abs(_wert(result, one, key)) for one in sums) for key in keys}


def _zeilen(
    daten: Lieferung, sums: Mapping[str, Rechnung], je: tuple[str, ...]
) -> list[tuple[dict[str, str], dict[str, Decimal]]]:
    """Return the keys and the sums of every group, the total last."""
    result = rechne(daten, sums.values(), je)
    keys = {(INSGESAMT,) * len(je)}.union(*map(result.schluessel, sums.values()))
    return [
        (benannt(je, key), {c: _wert(result, one, key) for c, one in sums.items()})
        for key in rangfolge(je, keys)
    ]


def benannt(je: Sequence[str], key: tuple) -> dict[str, str]:
    """Return the keys of a row; what belongs to no Teilhaushalt is called so."""
    names = dict(zip(je, key, strict=True))
    if names.get("teilhaushalt_name") == UNBEKANNT:
        names["teilhaushalt_name"] = OHNE if names["teilhaushalt"] == UNBEKANNT else ""
    return names


def _wert(result: Ergebnis, one: Rechnung, key: tuple = ()) -> Decimal:
    return Decimal(result.wert(one, key) or 0)


def _aufstellung(
    rows: Sequence[Mapping[str, object]], je: tuple[str, ...], merkmal: str,
    sums: Mapping[str, Rechnung],
) -> Aufstellung:  # fmt: skip
    import pandas as pd

    frame = pd.DataFrame(list(rows), dtype="object")
    frame = frame.mask(frame.isna(), pd.NA)
    figures: dict[str, tuple[str, ...]] = {c: () for c in frame.columns if c not in je}
    return Aufstellung(frame, je, merkmal, abgeleitet=figures, groessen=sums)
