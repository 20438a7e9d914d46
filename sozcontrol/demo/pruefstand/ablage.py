"""Reach into the files of a written delivery: by the name of the report, by row and column."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

_KOPFSPALTEN = {
    "WJH_Hilfen": ("cp1252", "Hilfe-Nr"),
    "WJH_Personen": ("cp1252", "Pers.-Nr"),
    "WJH_Zahlliste": ("cp1252", "Zahl-Nr"),
    "SAP_Einzelposten": ("cp1252", "Belegnr"),
    "Haushalt_Veraenderungen": ("cp1252", "Haushaltsjahr"),
    "Gebiete": ("utf-8-sig", "gebiet_id"),
    "Produktzuordnung": ("utf-8", "produkt_lokal"),
    "Kontenzuordnung": ("utf-8", "konto"),
}


def betrag(text: str) -> Decimal:
    """Return an amount as our own files write it (``1.234,56-``)."""
    zahl = Decimal(text.rstrip("-").replace(".", "").replace(",", "."))
    return -zahl if text.endswith("-") else zahl


def betrag_text(wert: Decimal) -> str:
    """Return an amount with SAP's trailing minus."""
    text = f"{abs(wert):,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{text}-" if wert < 0 else text


@dataclass
class Liste:
    """One CSV report as rows of text; ``kopf`` is the index of its header row."""

    pfad: Path
    kodierung: str
    zeilen: list[list[str]]
    kopf: int

    def spalte(self, name: str) -> int:
        """Return the position of a column."""
        return self.zeilen[self.kopf].index(name)

    def daten(self) -> list[int]:
        """Return the indexes of the data rows (no titles, subtotals, footer)."""
        breite = len(self.zeilen[self.kopf])
        return [
            i
            for i, z in enumerate(self.zeilen)
            if i > self.kopf and len(z) == breite and z[0] and z[0] != "Gesamtsumme"
        ]

    def lies(self, zeile: int, name: str) -> str:
        """Return one cell."""
        return self.zeilen[zeile][self.spalte(name)]

    def setze(self, zeile: int, name: str, wert: str) -> None:
        """Set one cell."""
        self.zeilen[zeile][self.spalte(name)] = wert

    def wo(self, **werte: str | Callable[[str], bool]) -> list[int]:
        """Return the data rows whose columns (``_`` for a blank) have these values."""
        spalten = {self.spalte(n.replace("_", " ")): w for n, w in werte.items()}
        return [
            i
            for i in self.daten()
            if all(
                w(self.zeilen[i][s]) if callable(w) else self.zeilen[i][s] == w
                for s, w in spalten.items()
            )
        ]

    def rechne_fuss(self) -> None:
        """Make count, subtotals and total agree with the rows again."""
        zahl = len(self.daten())
        spalte = next(
            (i for i, n in enumerate(self.zeilen[self.kopf]) if n.startswith("Betrag")), 0
        )
        summe, teil, daten = Decimal(0), Decimal(0), set(self.daten())
        for i, zeile in enumerate(self.zeilen):
            if i in daten and spalte:
                wert = betrag(zeile[spalte])
                summe, teil = summe + wert, teil + wert
            elif any(z.startswith("Summe Produkt") for z in zeile):
                zeile[spalte], teil = betrag_text(teil), Decimal(0)
            elif zeile and zeile[0] == "Gesamtsumme":
                zeile[spalte] = betrag_text(summe)
            elif zeile and zeile[0].startswith("Anzahl Datensätze"):
                zeile[0] = f"Anzahl Datensätze: {zahl}"

    def schreibe(self) -> None:
        """Write the report back."""
        puffer = io.StringIO()
        csv.writer(puffer, delimiter=";", lineterminator="\r\n").writerows(self.zeilen)
        self.pfad.write_bytes(puffer.getvalue().encode(self.kodierung))


@dataclass(frozen=True)
class Ablage:
    """The folder of one delivery."""

    ordner: Path
    stichtag: date

    def pfad(self, bericht: str) -> Path:
        """Return the file of a report (``WJH_Hilfen``), whatever its ending."""
        return next(iter(sorted(self.ordner.glob(f"{bericht}_*"))))

    def liste(self, bericht: str) -> Liste:
        """Return a CSV report as rows."""
        kodierung, erste = _KOPFSPALTEN[bericht]
        pfad = self.pfad(bericht)
        text = pfad.read_bytes().decode(kodierung)
        zeilen = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
        kopf = next(i for i, z in enumerate(zeilen) if z and z[0] == erste)
        return Liste(pfad, kodierung, zeilen, kopf)

    def aendere_blatt(self, bericht: str, aendern: Callable[[str], str]) -> None:
        """Rewrite the XML of a workbook's first sheet."""
        pfad, teil = self.pfad(bericht), "xl/worksheets/sheet1.xml"
        with zipfile.ZipFile(pfad) as archiv:
            inhalte = [(info, archiv.read(info)) for info in archiv.infolist()]
        with zipfile.ZipFile(pfad, "w", zipfile.ZIP_DEFLATED) as archiv:
            for info, daten in inhalte:
                # The old entry's own info keeps its fixed date, and the bytes repeatable.
                neu = aendern(daten.decode()).encode() if info.filename == teil else daten
                archiv.writestr(info, neu)
