"""How the sources of comparisons write: a ring's workbook, a report, raw official tables, partners.

Official tables have stacked headers, columns without a name, a row of units and a footer below a
line; »-« is zero, and ».«, »/« and »…« stand where a number is not known.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.demo.kanonisch import Vergleichszeile
from sozcontrol.demo.schreibweise import ERFUNDEN, Zellen, csv_text, tag, zahl
from sozcontrol.demo.vergleichskommunen import BERICHT, KOMMUNEN, je

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_ZEICHEN = {"geheim": ".", "unsicher": "/", "gesperrt": "x", "spaeter": "..."}
_TABELLEN: dict[str, tuple[str, list[list[str]], tuple[str, ...]]] = {
    "22151-01-02-4": (
        "Empfänger von Grundsicherung im Alter und bei Erwerbsminderung",
        [["Empfänger von Grundsicherung"] * 2, ["Insgesamt", "außerhalb von Einrichtungen"],
         ["Insgesamt", "Insgesamt"], ["Anzahl"] * 2],
        ("", "G01"),
    ),
    "22221-01-01-4": (
        "Empfänger von Asylbewerberregelleistungen",
        [["Regelleistungsempfänger"] * 3, ["", "weiblich", "laufende Hilfe zum Lebensunterhalt"],
         ["Anzahl"] * 3],
        ("Y01", "", "Y02"),
    ),
}  # fmt: skip
"""Title, header rows and the Kennzahl of each column; an empty one is a column nobody asks for."""


def dateien(zeilen: list[Vergleichszeile], stichtag: date) -> dict[str, Callable[[], bytes]]:
    """Return the files: name without the Stichtag → its bytes when asked."""
    report = {g.kennzahl for g in BERICHT}
    ring = [z for z in je(zeilen, "ring") if z["kennzahl_id"] not in report]
    wide = [z for z in je(zeilen, "ring") if z["kennzahl_id"] in report]
    official, partners = list(je(zeilen, "amtlich")), list(je(zeilen, "austausch"))
    files: dict[str, Callable[[], bytes]] = {
        "Vergleichsring.xlsx": lambda: _ring(ring, stichtag),
        "Landesbericht.xlsx": lambda: _bericht(wide),
        "12411-01-01-4.csv": lambda: _bevoelkerung(official).encode(),
    }
    for nummer in _TABELLEN:
        files[f"{nummer}.csv"] = partial(_amtlich, nummer, official)
    for ags in KOMMUNEN:
        own = [z for z in partners if z["ags"] == ags]
        files[f"Austausch_{ags}.csv"] = partial(_austausch, ags, own)
    return files


def _name(ags: str) -> str:
    return catalogue.codeliste("vergleichskommune").name(ags)


def _mappe(
    titel: Sequence[str], kopf: Sequence[str], blatt: str, fill: Callable[..., None]
) -> bytes:
    import xlsxwriter

    puffer = io.BytesIO()
    mappe = xlsxwriter.Workbook(puffer, {"in_memory": True})
    mappe.set_properties({"title": ERFUNDEN, "created": datetime(2025, 1, 1)})
    sheet = mappe.add_worksheet(blatt)
    for row, text in enumerate(titel):
        sheet.write_string(row, 0, text)
    for column, text in enumerate(kopf):
        sheet.write_string(len(titel), column, text)
    fill(sheet, len(titel) + 1)
    mappe.close()
    return puffer.getvalue()


def _write(sheet: Worksheet, row: int, cells: Iterable[object]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, Decimal | int):
            sheet.write_number(row, column, float(cell))
        else:
            sheet.write_string(row, column, str(cell or ""))


def _ring(zeilen: list[Vergleichszeile], stichtag: date) -> bytes:
    def fill(sheet: Worksheet, first: int) -> None:
        for n, z in enumerate(zeilen):
            figures = [z["wert"] if z["wert"] is not None else "k. A.", z["zaehler"], z["nenner"]]
            _write(sheet, first + n, (
                z["kennzahl_id"], z["definition_id"], z["jahr"], _name(z["ags"]), *figures,
                "ja" if z["vergleichbar"] else "nein", z["bemerkung"],
            ))  # fmt: skip

    kopf = ("Kennzahl", "Definition", "Jahr", "Kommune", "Wert", "Zähler", "Nenner",
            "vergleichbar", "Anmerkung")  # fmt: skip
    titel = (ERFUNDEN, f"Vergleichsring Soziales, Stichtag {tag(stichtag)}")
    return _mappe(titel, kopf, "Werte", fill)


def _bericht(zeilen: list[Vergleichszeile]) -> bytes:
    keys = dict.fromkeys((z["kennzahl_id"], z["definition_id"], z["jahr"]) for z in zeilen)
    found = {(z["kennzahl_id"], z["jahr"], z["ags"]): z["wert"] for z in zeilen}

    def fill(sheet: Worksheet, first: int) -> None:
        for n, (kennzahl, definition, jahr) in enumerate(keys):
            values = [found[kennzahl, jahr, ags] for ags in KOMMUNEN]
            _write(sheet, first + n, (kennzahl, definition, jahr, *values))

    kopf = ("Nr.", "Definition", "Berichtsjahr", *map(_name, KOMMUNEN))
    return _mappe((ERFUNDEN, "Landesbericht, Vergleichstabelle"), kopf, "Tabelle", fill)


def _zelle(z: Vergleichszeile) -> str:
    if z["wert"] is None:
        return _ZEICHEN[z["zeichen"] or "geheim"]
    return "-" if z["wert"] == 0 else f"{z['wert']}"


_FUSS = ["__________", ERFUNDEN, "Stand: 10.10.2025 / 10:46:26"]


def _roh(nummer: str, titel: str, kopf: list[list[str]], zeilen: Iterable[Zellen]) -> str:
    width = len(kopf[0])
    top: list[Zellen] = [[f"GENESIS-Tabelle: {nummer}"], [titel, *[""] * (width - 1)], *kopf]
    rows = [*top, *zeilen, *([line] for line in _FUSS)]
    return csv_text(rows).replace("\r\n", "\n")


def _amtlich(nummer: str, zeilen: list[Vergleichszeile]) -> bytes:
    titel, kopf, spalten = _TABELLEN[nummer]
    found = {(z["kennzahl_id"], z["jahr"], z["ags"]): z for z in zeilen}
    by_sex = nummer == "22151-01-02-4"
    rows: list[Zellen] = []
    for jahr in sorted({z["jahr"] for z in zeilen}, reverse=True):
        for ags in KOMMUNEN:
            cells = [_zelle(found[k, jahr, ags]) if k else "7" for k in spalten]
            when = jahr if by_sex else f"31.12.{jahr}"
            place = (when, ags[:5], f"      {_name(ags)}")
            rows += [(*place, "weiblich", *["7"] * len(cells))] if by_sex else []
            rows.append((*place, *(("Insgesamt",) if by_sex else ()), *cells))
    lead = [""] * (4 if by_sex else 3)
    return _roh(nummer, titel, [lead + row for row in kopf], rows).encode()


def _bevoelkerung(zeilen: list[Vergleichszeile]) -> str:
    people = [z for z in zeilen if z["kennzahl_id"] == "C02"]
    years = sorted({z["jahr"] for z in people}, reverse=True)
    found = {(z["jahr"], z["ags"]): _zelle(z) for z in people}
    kopf = [["", "", *(f"31.12.{y}" for y in years for _ in range(2))],
            ["", "", *("Insgesamt", "weiblich") * len(years)]]  # fmt: skip
    rows = [
        (ags[:5], f"  {_name(ags)}", *(c for y in years for c in (found[y, ags], "7")))
        for ags in KOMMUNEN
    ]
    return _roh("12411-01-01-4", "Bevölkerungsstand", kopf, rows)


def _austausch(ags: str, zeilen: list[Vergleichszeile]) -> bytes:
    kopf = ("AGS", "Jahr", "Kennzahl", "Definition", "Wert", "Zähler", "Nenner", "Bemerkung")
    rows: list[Zellen] = [
        (z["ags"], z["jahr"], z["kennzahl_id"], z["definition_id"],
         *(zahl(z[c], 4) for c in ("wert", "zaehler", "nenner")), z["bemerkung"] or "")
        for z in zeilen
    ]  # fmt: skip
    titel = f"Austausch {_name(ags)}, entschieden für die Edition gremium"
    out = [(ERFUNDEN,), (titel,), kopf, *rows, (f"Anzahl Werte: {len(rows)}",)]
    return csv_text(out).encode("utf-8-sig")
