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


@dataclass(frozen=True)
class Sachposten:
    beleg: str
    am: date
    produkt: str
    konto: str
    soll: Decimal
    haben: Decimal


def sachposten() -> list[Sachposten]:
    """Two accounts of expenses in the debit, one of revenues in the credit, a reversal of each."""
    found = []
    for i in range(60):
        konto, hoehe = list(KONTEN)[i % 3], Decimal(100 + 13 * i) + Decimal("0.25")
        storno = i in (19, 20)
        im_soll = konto.startswith("5") is not storno
        seiten = (hoehe, Decimal(0)) if im_soll else (Decimal(0), hoehe)
        am = date(2025, 1, 3) + timedelta(days=3 * i)
        found.append(Sachposten(f"R-{2500 + i:06d}", am, PRODUKTE[i // 20], konto, *seiten))
    return found


def schreibe_sachposten(ordner: Path) -> Path:
    """Write a ledger as Infoma newsystem does: tabs, debit and credit in columns of their own."""
    kopf = ["Lfd. Nr.", "Buchungsdatum", "Belegnr.", "Sachkontonr.", "Kostenträger Code",
            "Kostenstelle Code", "Beschreibung", "Sollbetrag", "Habenbetrag"]  # fmt: skip
    zeilen = [["Sachposten", "Mandant Neustadt"], [], kopf]
    for i, p in enumerate(sachposten()):
        seiten = [deutsch(b) if b else ("" if i % 2 else "0,00") for b in (p.soll, p.haben)]
        zeilen.append([f"{700000 + i}", f"{p.am:%d.%m.%Y}", p.beleg, p.konto, p.produkt, "5100",
                       f"{KANARIEN[0]} Nr {i}; Miete", *seiten])  # fmt: skip
    summen = [deutsch(sum((getattr(p, s) for p in sachposten()), Decimal(0)))
              for s in ("soll", "haben")]  # fmt: skip
    zeilen.append(["Gesamt", *[""] * 6, *summen])
    return _csv(ordner / "Infoma_Sachposten_2025-06-30.txt", zeilen, "cp1252", "\t")


FLEXIBEL = "Flexible ambulante Hilfe"
ENDEN = ("Zielerreichung", "Zuständigkeitswechsel")


def schreibe_fallauswertung(ordner: Path) -> Path:
    """Write an evaluation as GeDok does: births with two digits, one word of its own."""
    pfad = ordner / "GeDok5_Fallübersicht_2025-06-30.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    blatt, tag = mappe.add_worksheet("Auswertung"), mappe.add_format({"num_format": "dd.mm.yyyy"})
    blatt.merge_range(0, 0, 0, 9, "GeDok5 – Hilfen nach SGB VIII")
    blatt.write(1, 0, "Gedruckt am 01.07.2025")
    kopf = ["Fall-Nr.", "Pers-ID", "Name, Vorname", "geboren am", "Geschl.", "§", "Hilfeart",
            "Hilfe vom", "Hilfe bis", "Einrichtung", "Beendigungsgrund"]  # fmt: skip
    blatt.write_row(3, 0, kopf)
    arten = [("27 Abs. 2", FLEXIBEL), ("31", "SPFH"), ("34", "Heimerziehung"),
             ("33", "Vollzeitpflege")]  # fmt: skip
    for i in range(70):
        geboren = date(2009, 5, 1) + timedelta(days=61 * (i % 50))
        blatt.write_row(4 + i, 0, [f"51-{1000 + i}", 90000 + i % 50, f"{KANARIEN[0]} {i}",
                                   f"{geboren:%d.%m.%y}", "wm"[i % 2], *arten[i % 4]])  # fmt: skip
        blatt.write_datetime(4 + i, 7, date(2023, 2, 1) + timedelta(days=11 * i), tag)
        if i % 3 == 0:
            blatt.write_datetime(4 + i, 8, date(2023, 9, 1) + timedelta(days=12 * i), tag)
            blatt.write(4 + i, 10, ENDEN[i % 2])
        blatt.write(4 + i, 9, f"T{i % 5:02d}")
    mappe.close()
    return pfad


def schreibe_planungsbezirke(ordner: Path) -> Path:
    """Write people as MESO's evaluation does: nationality over sex, one row an age and district."""
    pfad = ordner / "MESO_EW_Planungsbezirk_2025-06-30.xlsx"
    mappe = xlsxwriter.Workbook(pfad)
    blatt = mappe.add_worksheet("Tabelle1")
    blatt.write(0, 0, "Bevölkerung am Ort der Hauptwohnung")
    blatt.write(1, 0, "Stand: 30.06.2025")
    blatt.merge_range(3, 0, 4, 0, "Planungsbezirk")
    blatt.merge_range(3, 1, 4, 1, "Altersjahr")
    blatt.merge_range(3, 2, 3, 3, "Deutsche")
    blatt.merge_range(3, 4, 3, 5, "Ausländer")
    blatt.write_row(4, 2, ["männlich", "weiblich"] * 2)
    zeilen = [(b, a) for b in ("011", "012") for a in range(AELTESTE + 1)]
    for z, (bezirk, alter) in enumerate(zeilen, start=5):
        je = [20 + alter % 5, 21 + alter % 4, 3 + alter % 2, 4]
        blatt.write_row(z, 0, [bezirk, alter, *je])
    blatt.write(6 + len(zeilen), 0, "Quelle: Melderegister; eigene Berechnung")
    mappe.close()
    return pfad


def _csv(pfad: Path, zeilen: list[list[str]], kodierung: str, trenner: str = ";") -> Path:
    puffer = io.StringIO()
    csv.writer(puffer, delimiter=trenner, lineterminator="\r\n").writerows(zeilen)
    pfad.write_bytes(puffer.getvalue().encode(kodierung))
    return pfad


def schreibe_alle(ordner: Path) -> list[Path]:
    """Write all six files."""
    ordner.mkdir(parents=True, exist_ok=True)
    return [schreibe_hauptbuch(ordner), schreibe_fallliste(ordner), schreibe_haushalt(ordner),
            schreibe_einwohner(ordner), schreibe_konten(ordner),
            schreibe_produkte(ordner)]  # fmt: skip
