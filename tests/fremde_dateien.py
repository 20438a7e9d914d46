"""Exports of a city nobody has described yet: a ledger, a case list, a budget, a population.

Invented, laid out as such systems do it; the figures follow from counters, so that a test can say
what is right without reading them with our engine.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import xlsxwriter

KANARIEN = ("Wendelgard", "Quastenflosser", "Trübsinnig", "Xaverl-Kroiß")
"""Names and words of free text that must stand nowhere outside the files."""

PRODUKTE = ("36301", "36302", "36303")
KONTEN = {"533100": 1, "533200": 1, "421100": -1}
"""Accounts with the sign the ledger writes them with."""
HILFEN = {
    "§ 31 SGB VIII": ("Sozialpädagogische Familienhilfe (SPFH)", "ambulant"),
    "§ 32 SGB VIII": ("Tagesgruppe", "teilstationär"),
    "§ 33 SGB VIII": ("Vollzeitpflege", "stationär"),
    "§ 34 SGB VIII": ("Heimerziehung", "stationär"),
}
GRUENDE = ("1 – gemäß Hilfeplan", "6 – Übergang in andere Hilfe", "Umzug", "7 – sonstiger Grund")
"""Why a Hilfe ended; one of the words no list of ours knows."""
AELTESTE = 95


@dataclass(frozen=True)
class Buchung:
    beleg: str
    am: date
    produkt: str
    konto: str
    betrag: Decimal
    """As the ledger writes it: revenues negative."""


def deutsch(betrag: Decimal) -> str:
    """1.234,56 and 1.234,56- as SAP and its kin write it."""
    text = f"{abs(betrag):,.2f}".translate(str.maketrans(",.", ".,"))
    return text + ("-" if betrag < 0 else "")


def buchungen() -> list[Buchung]:
    found = []
    for p, produkt in enumerate(PRODUKTE):
        for nummer in range(40):
            konto = list(KONTEN)[nummer % 3]
            hoehe = Decimal(100 * (p + 1) + 37 * nummer) + Decimal(nummer % 100) / 100
            am = date(2025, 1, 2) + timedelta(days=4 * nummer + p)
            beleg = f"00{p + 1}{nummer:05d}"
            found.append(Buchung(beleg, am, produkt, konto, hoehe * KONTEN[konto]))
    return found


def schreibe_hauptbuch(ordner: Path, *, spaltenname: str = "Betrag") -> Path:
    """Write the ledger: cp1252, a title, subtotals per product, a total below."""
    kopf = ["HHJ", "Belegnummer", "Buchungsdatum", "Produkt", "Produktbezeichnung", "Sachkonto",
            "Kreditor", "Buchungstext", spaltenname]  # fmt: skip
    zeilen = [["proDoppik Einzelposten Jugend"], [], kopf]
    gesamt = Decimal(0)
    for produkt in PRODUKTE:
        je = [b for b in buchungen() if b.produkt == produkt]
        zeilen += [
            ["2025", b.beleg, f"{b.am:%d.%m.%Y}", b.produkt, f"Hilfen für {b.produkt}", b.konto,
             f"Wendelgard Nr {b.beleg}", f"Miete; {KANARIEN[1]} Zi. {i}", deutsch(b.betrag)]
            for i, b in enumerate(je)
        ]  # fmt: skip
        summe = sum((b.betrag for b in je), Decimal(0))
        zeilen.append(["", "", "", f"Summe {produkt}", "", "", "", "", deutsch(summe)])
        gesamt += summe
    zeilen.append(["", "", "", "Gesamtsumme", "", "", "", "", deutsch(gesamt)])
    return _csv(ordner / "proDoppik_Buchungen_2025-06-30.csv", zeilen, "cp1252")


@dataclass(frozen=True)
class Hilfe:
    nummer: str
    person: str
    paragraph: str
    beginn: date
    ende: date | None

    @property
    def geboren(self) -> date:
        return date(2010, 1, 1) + timedelta(days=37 * (int(self.person) % 90))

    @property
    def geschlecht(self) -> str:
        return "mw"[int(self.person) % 2]


def hilfen() -> list[Hilfe]:
    found = []
    for nummer in range(120):
        beginn = date(2023, 1, 1) + timedelta(days=7 * nummer)
        ende = beginn + timedelta(days=200 + nummer) if nummer % 3 == 0 else None
        paragraph = list(HILFEN)[nummer % len(HILFEN)]
        found.append(Hilfe(f"{5000 + nummer}", f"0{70000 + nummer % 90}", paragraph, beginn, ende))
    return found


def schreibe_fallliste(ordner: Path) -> Path:
    """Write the case list: UTF-8 with a mark, names and free text, a footer with the number."""
    kopf = ["Hilfe-ID", "Aktenzeichen", "Klient-Nr", "Familienname", "Vorname", "Rechtsgrundlage",
            "Geb.-Datum", "Geschlecht", "Leistung", "Hilfeform", "Beginn", "Ende",
            "Beendigungsgrund", "Leistungserbringer", "Zuständig bearbeitet",
            "Bemerkung"]  # fmt: skip
    zeilen = [["OK.JUS Hilfeliste", "Stichtag: 30.06.2025"], kopf]
    for i, h in enumerate(hilfen()):
        leistung, form = HILFEN[h.paragraph]
        ende = f"{h.ende:%d.%m.%Y}" if h.ende else "31.12.9999"
        grund = GRUENDE[i % 4] if h.ende else ""
        zeilen.append(
            [h.nummer, f"JA-{h.nummer}/23", h.person, f"{KANARIEN[0]}{i}", KANARIEN[3],
             h.paragraph, f"{h.geboren:%d.%m.%Y}", h.geschlecht, leistung, form,
             f"{h.beginn:%d.%m.%Y}", ende, grund, f"E{i % 7:03d}", f"{KANARIEN[2]} {i}",
             f"Mutter {KANARIEN[1]} rief an"]
        )  # fmt: skip
    zeilen.append([f"Anzahl Datensätze: {len(hilfen())}"])
    return _csv(ordner / "OKJUS_Hilfen_2025-06-30.csv", zeilen, "utf-8-sig")


def ansatz(produkt: str, konto: str, jahr: int) -> int:
    """Return a budget in thousand euros."""
    return (jahr - 2000) * 10 + int(produkt[-1]) * 100 + int(konto[:3]) % 7


def schreibe_haushalt(ordner: Path) -> Path:
    """Write the workbook: a hidden sheet, three rows of header (merged), subtotals per product."""
    pfad = ordner / "Haushalt_Jugend_2025.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    notizen = mappe.add_worksheet("Notizen")
    notizen.write(0, 0, KANARIEN[2])
    notizen.hide()
    blatt = mappe.add_worksheet("Teilplan 51")
    blatt.activate()
    blatt.set_first_sheet()
    blatt.merge_range(0, 0, 0, 5, "Haushaltsplan Jugend, Beträge in T€")
    blatt.merge_range(2, 0, 3, 0, "Produkt")
    blatt.merge_range(2, 1, 3, 1, "Sachkonto")
    blatt.write(2, 2, "Ergebnis")
    blatt.write(3, 2, 2023)
    blatt.merge_range(2, 3, 2, 4, "Ansatz")
    blatt.write_row(3, 3, [2024, 2025])
    zeile = 4
    for produkt in PRODUKTE:
        summen = [0, 0, 0]
        for konto in KONTEN:
            werte = [ansatz(produkt, konto, jahr) for jahr in (2023, 2024, 2025)]
            blatt.write_row(zeile, 0, [produkt, konto, *werte])
            summen = [a + b for a, b in zip(summen, werte, strict=True)]
            zeile += 1
        blatt.write_row(zeile, 0, [f"Summe {produkt}", "", *summen])
        zeile += 1
    mappe.close()
    return pfad


BEZIRKE = ("01", "02", "03")


def menschen(bezirk: str, alter: int, geschlecht: str) -> int:
    return 10 + int(bezirk) * 5 + alter % 4 + (geschlecht == "w")


def schreibe_einwohner(ordner: Path) -> Path:
    """Write the population: sexes beside each other with their sum, a total per district."""
    pfad = ordner / "Einwohner_2025-06-30.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    blatt = mappe.add_worksheet("Bestand")
    blatt.write(0, 0, "Einwohner am Ort der Hauptwohnung")
    blatt.write_row(2, 0, ["Bezirk", "Alter in Jahren"])
    blatt.merge_range(2, 2, 2, 4, "Anzahl")
    blatt.write_row(3, 2, ["männlich", "weiblich", "insgesamt"])
    zeile = 4
    for bezirk in BEZIRKE:
        summen = [0, 0, 0]
        for alter in range(AELTESTE + 1):
            m, w = (menschen(bezirk, alter, g) for g in "mw")
            blatt.write_row(zeile, 0, [bezirk, alter, m, w, m + w])
            summen = [a + b for a, b in zip(summen, (m, w, m + w), strict=True)]
            zeile += 1
        blatt.write_row(zeile, 0, ["Insgesamt", "", *summen])
        zeile += 1
    blatt.write(zeile + 1, 0, "Quelle: Melderegister, eigene Auszählung")
    mappe.close()
    return pfad


KONTONAMEN = {"421100": "Kostenbeiträge", "533100": "Hilfen ambulant", "533200": "Heimpflege"}


def schreibe_konten(ordner: Path) -> Path:
    """Write the chart of accounts: number and name, no kind."""
    zeilen = [["Sachkonto", "Kontobezeichnung"], *([k, KONTONAMEN[k]] for k in KONTEN)]
    return _csv(ordner / "Kontenplan_2025.csv", zeilen, "cp1252")


def schreibe_produkte(ordner: Path) -> Path:
    """Write the products with their group and the budget they belong to."""
    kopf = ["Produkt", "Produktbezeichnung", "Produktgruppe", "Bezeichnung der Produktgruppe",
            "Teilhaushalt", "Gültig ab"]  # fmt: skip
    zeilen = [[p, f"Hilfen {p}", "3633", "Hilfe zur Erziehung", "51 Jugendamt", "01.01.2020"]
              for p in PRODUKTE]  # fmt: skip
    return _csv(ordner / "Produktplan_2025.csv", [kopf, *zeilen], "cp1252")


def _csv(pfad: Path, zeilen: list[list[str]], kodierung: str) -> Path:
    puffer = io.StringIO()
    csv.writer(puffer, delimiter=";", lineterminator="\r\n").writerows(zeilen)
    pfad.write_bytes(puffer.getvalue().encode(kodierung))
    return pfad


def schreibe_alle(ordner: Path) -> list[Path]:
    """Write all six files."""
    ordner.mkdir(parents=True, exist_ok=True)
    return [schreibe_hauptbuch(ordner), schreibe_fallliste(ordner), schreibe_haushalt(ordner),
            schreibe_einwohner(ordner), schreibe_konten(ordner),
            schreibe_produkte(ordner)]  # fmt: skip
