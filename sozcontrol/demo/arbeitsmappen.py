"""The workbooks of a delivery: title rows, merged two-level headers, byte for byte repeatable."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol.demo.einwohnerzahlen import ALTERSJAHRE, SOZIALRAEUME, STADT_ID

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from sozcontrol.demo.kanonisch import Budgetposten, Einwohnerzeile, Produktzeile
    from sozcontrol.demo.stadt import Stadt

_ERFUNDEN = "Stadt Musterstadt (alle Daten sind erfunden)"


def _mappe() -> tuple[Workbook, io.BytesIO]:
    import xlsxwriter

    puffer = io.BytesIO()
    mappe = xlsxwriter.Workbook(puffer, {"in_memory": True})
    # Without a fixed date the workbook would hold today's, and its bytes would change.
    mappe.set_properties({"title": _ERFUNDEN, "created": datetime(2025, 1, 1)})
    return mappe, puffer


def _titel(blatt: Worksheet, mappe: Workbook, zeilen: list[str]) -> None:
    fett = mappe.add_format({"bold": True})
    for nummer, text in enumerate(zeilen):
        blatt.write_string(nummer, 0, text, fett)


def plan(budget: list[Budgetposten], produkte: list[Produktzeile], stichtag: date) -> bytes:
    """Return the budget plan: rows product × account, years under two merged headings, in T€."""
    mappe, puffer = _mappe()
    blatt = mappe.add_worksheet("Plan")
    kopf = mappe.add_format({"bold": True, "align": "center", "border": 1})
    _titel(
        blatt, mappe, [_ERFUNDEN, f"Haushaltsplan, Stichtag {stichtag:%d.%m.%Y}", "Beträge in T€"]
    )
    for spalte, text in enumerate(("Produkt", "Bezeichnung", "Sachkonto")):
        blatt.merge_range(4, spalte, 5, spalte, text, kopf)
    jahre = sorted({z["jahr"] for z in budget})
    spalten: dict[tuple[str, int], int] = {}
    for art, text in (("ansatz", "Ansatz"), ("uebertragung", "Übertragung")):
        erste = 3 + len(spalten)
        blatt.merge_range(4, erste, 4, erste + len(jahre) - 1, text, kopf)
        for i, jahr in enumerate(jahre):
            spalten[art, jahr] = erste + i
            blatt.write_string(5, erste + i, str(jahr), kopf)
    namen = {p["produkt_lokal"]: p["produkt_name"] for p in produkte}
    _plan_zeilen(blatt, budget, spalten, namen)
    blatt.freeze_panes(6, 3)
    mappe.close()
    return puffer.getvalue()


def _plan_zeilen(
    blatt: Worksheet,
    budget: list[Budgetposten],
    spalten: dict[tuple[str, int], int],
    namen: dict[str, str],
) -> None:
    werte: dict[tuple[str, str], dict[int, Decimal]] = {}
    for z in budget:
        spalte = spalten.get((z["art"], z["jahr"]))
        if spalte is not None:
            werte.setdefault((z["produkt"], z["konto"]), {})[spalte] = z["betrag_eur"] / 1000
    for nummer, ((produkt, konto), zellen) in enumerate(sorted(werte.items()), start=6):
        blatt.write_string(nummer, 0, produkt)
        blatt.write_string(nummer, 1, namen[produkt])
        blatt.write_string(nummer, 2, konto)
        for spalte, wert in zellen.items():
            blatt.write_number(nummer, spalte, int(wert))
    blatt.write_string(6 + len(werte), 0, "Quelle: Kämmerei, Plandaten in T€")


def einwohner(stadt: Stadt, zeilen: list[Einwohnerzeile], stichtag: date) -> bytes:
    """Return the crosstab of the statistics office: Stichtag and age down, areas × sex across."""
    mappe, puffer = _mappe()
    blatt = mappe.add_worksheet("Einwohner")
    kopf = mappe.add_format({"bold": True, "align": "center", "border": 1})
    titel = f"Einwohner mit Hauptwohnung nach Alter, Stichtag {stichtag:%d.%m.%Y}"
    _titel(blatt, mappe, [_ERFUNDEN, titel])
    blatt.merge_range(3, 0, 4, 0, "Stand am", kopf)
    blatt.merge_range(3, 1, 4, 1, "Alter", kopf)
    raeume = [(STADT_ID, "Musterstadt"), *((r.id, r.name) for r in SOZIALRAEUME)]
    for i, (raum, name) in enumerate(raeume):
        blatt.merge_range(3, 2 + 2 * i, 3, 3 + 2 * i, f"{raum} {name}", kopf)
        blatt.write_string(4, 2 + 2 * i, "m", kopf)
        blatt.write_string(4, 3 + 2 * i, "w", kopf)
    nummer = 5
    for tag in sorted({z["stichtag"] for z in zeilen}):
        summen = [0] * (2 * len(raeume))
        for alter in ALTERSJAHRE:
            werte = [stadt.einwohner[tag, raum, alter, g] for raum, _ in raeume for g in ("m", "w")]
            _zeile(blatt, nummer, tag, str(alter), werte)
            summen = [a + b for a, b in zip(summen, werte, strict=True)]
            nummer += 1
        _zeile(blatt, nummer, tag, "Summe", summen)
        nummer += 1
    blatt.write_string(nummer, 0, "Quelle: Melderegister, eigene Auswertung der Statistikstelle")
    mappe.close()
    return puffer.getvalue()


def _zeile(blatt: Worksheet, nummer: int, tag: date, alter: str, werte: list[int]) -> None:
    blatt.write_string(nummer, 0, f"{tag:%d.%m.%Y}")
    if alter.isdigit():
        blatt.write_number(nummer, 1, int(alter))
    else:
        blatt.write_string(nummer, 1, alter)
    for i, wert in enumerate(werte):
        blatt.write_number(nummer, 2 + i, wert)
