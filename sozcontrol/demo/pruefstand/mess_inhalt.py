"""Mess in what the files say: numbers, dates, ids, cases, payments and bookings that are wrong."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from sozcontrol.demo.pruefstand.ablage import Ablage, Liste, betrag, betrag_text

EXCEL_NULL = date(1899, 12, 30)


def _tag(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()


def _beendet(liste: Liste) -> list[int]:
    return liste.wo(Ende=lambda e: bool(e) and not e.endswith("9999"))


def _aendere(ablage: Ablage, bericht: str, spalte: str, wert: str, zeile: int = 500) -> None:
    """Set one cell of one data row."""
    liste = ablage.liste(bericht)
    liste.setze(liste.daten()[zeile], spalte, wert)
    liste.schreibe()


def tausenderpunkt_mehrdeutig(ablage: Ablage) -> None:
    """Whole amounts lose their decimals: 1.234 may be a thousand, or a bit more than one."""
    liste = ablage.liste("WJH_Zahlliste")
    for i in liste.daten():
        if re.fullmatch(r"\d\.\d{3},00", text := liste.lies(i, "Betrag (€)")):
            liste.setze(i, "Betrag (€)", text.removesuffix(",00"))
    # One is sure to be there.
    erste = liste.wo(Einheit="Monat")[0]
    liste.setze(erste, "Betrag (€)", "1.206")
    liste.rechne_fuss()
    liste.schreibe()


def dezimalpunkt(ablage: Ablage) -> None:
    """A program with English settings wrote the file."""
    liste = ablage.liste("WJH_Zahlliste")
    for i in liste.daten():
        liste.setze(i, "Betrag (€)", f"{betrag(liste.lies(i, 'Betrag (€)')):.2f}")
    liste.schreibe()


def betragsschreibweisen(ablage: Ablage) -> None:
    """Amounts in every spelling a German office may use; all of them are clear."""
    liste = ablage.liste("WJH_Zahlliste")
    daten = liste.daten()
    for nummer, i in enumerate(daten[:400]):
        text = liste.lies(i, "Betrag (€)")
        wert = betrag(text)
        formen = (
            f"{text} €", text.replace(".", "\u00a0"), f"+{text}" if wert > 0 else text,
            text.replace(".", "’"), f"({text.rstrip('-')})" if wert < 0 else text,
        )  # fmt: skip
        liste.setze(i, "Betrag (€)", formen[nummer % len(formen)])
    for i in liste.wo(Art="Rückrechnung"):
        if i > daten[400]:
            liste.setze(i, "Betrag (€)", f"({liste.lies(i, 'Betrag (€)').rstrip('-')})")
    liste.schreibe()


def fehlwerte(ablage: Ablage) -> None:
    """*Nothing there* in the signs of the official statistics."""
    liste = ablage.liste("WJH_Hilfen")
    zeichen = ("-", "–", ".", "x", "…")
    for nummer, i in enumerate(liste.wo(**{"Tagessatz_(€)": ""})):
        liste.setze(i, "Tagessatz (€)", zeichen[nummer % len(zeichen)])
    liste.schreibe()


def datum_als_excelzahl(ablage: Ablage) -> None:
    """Excel lost the date format of some cells."""
    liste = ablage.liste("WJH_Hilfen")
    for i in liste.daten()[::300]:
        tage = (_tag(liste.lies(i, "Beginn")) - EXCEL_NULL).days
        liste.setze(i, "Beginn", str(tage))
    liste.schreibe()


def datum_zweistellig(ablage: Ablage) -> None:
    """Dates with a two-digit year."""
    liste = ablage.liste("WJH_Hilfen")
    for i in liste.daten()[::300]:
        liste.setze(i, "Beginn", f"{_tag(liste.lies(i, 'Beginn')):%d.%m.%y}")
    liste.schreibe()


def datum_null(ablage: Ablage) -> None:
    """The empty date of a database."""
    liste = ablage.liste("WJH_Hilfen")
    for i in liste.wo(Ende="")[:20]:
        liste.setze(i, "Ende", "00.00.0000")
    liste.schreibe()


def datum_mit_uhrzeit(ablage: Ablage) -> None:
    """Dates as text with a time of midnight."""
    liste = ablage.liste("WJH_Hilfen")
    for i in liste.daten()[::300]:
        liste.setze(i, "Beginn", f"{liste.lies(i, 'Beginn')} 00:00:00")
    liste.schreibe()


def beginn_1900(ablage: Ablage) -> None:
    """A stand-in for an unknown begin."""
    liste = ablage.liste("WJH_Hilfen")
    # Begins before the birth are another rule; here only the year is implausible.
    liste.setze(liste.wo(Rechtsgrundlage="§ 28 SGB VIII")[0], "Beginn", "01.01.1900")
    liste.schreibe()


def kennungen_excel(ablage: Ablage) -> None:
    """Excel took the ids for numbers."""
    liste = ablage.liste("WJH_Personen")
    for nummer, i in enumerate(liste.daten()[::200]):
        zahl = int(liste.lies(i, "Pers.-Nr"))
        text = f"{zahl}.0" if nummer % 2 else f"{zahl / 1000:.3f}E+03".replace(".", ",")
        liste.setze(i, "Pers.-Nr", text)
    liste.schreibe()


def fuehrende_nullen_verloren(ablage: Ablage) -> None:
    """Ids without their leading zeros."""
    liste = ablage.liste("WJH_Personen")
    for i in liste.daten():
        liste.setze(i, "Pers.-Nr", liste.lies(i, "Pers.-Nr").lstrip("0"))
    liste.schreibe()


def doppelte_hilfe_id(ablage: Ablage) -> None:
    """A Hilfe stands twice, with different ends."""
    liste = ablage.liste("WJH_Hilfen")
    zeile = _beendet(liste)[50]
    kopie = list(liste.zeilen[zeile])
    kopie[liste.spalte("Grund Ende")] = "7 – sonstiger Grund"
    kopie[liste.spalte("Org.-Einheit")] = "KSD 9"
    liste.zeilen.insert(zeile + 1, kopie)
    liste.rechne_fuss()
    liste.schreibe()


def ende_vor_beginn(ablage: Ablage) -> None:
    """Begin and end are swapped."""
    liste = ablage.liste("WJH_Hilfen")
    for i in _beendet(liste)[100:103]:
        frueher = _tag(liste.lies(i, "Beginn")) - timedelta(days=40)
        liste.setze(i, "Ende", f"{frueher:%d.%m.%Y}")
    liste.schreibe()


def beginn_in_der_zukunft(ablage: Ablage) -> None:
    """A begin after the day of extraction."""
    liste = ablage.liste("WJH_Hilfen")
    liste.setze(liste.wo(Ende="")[-1], "Beginn", f"01.02.{ablage.stichtag.year + 1}")
    liste.schreibe()


def ende_ohne_grund(ablage: Ablage) -> None:
    """An end without its reason."""
    liste = ablage.liste("WJH_Hilfen")
    for i in _beendet(liste)[200:205]:
        liste.setze(i, "Grund Ende", "")
    liste.schreibe()


def ueberlappung(ablage: Ablage) -> None:
    """The same Hilfe of the same person was entered again without ending the first."""
    liste = ablage.liste("WJH_Hilfen")
    zeile = liste.wo(Leistungsart="Heimerziehung/betr. Wohnform", Ende="")[0]
    kopie = list(liste.zeilen[zeile])
    kopie[liste.spalte("Hilfe-Nr")] = "H9999001"
    spaeter = _tag(kopie[liste.spalte("Beginn")]) + timedelta(days=30)
    kopie[liste.spalte("Beginn")] = f"{spaeter:%d.%m.%Y}"
    liste.zeilen.insert(zeile + 1, kopie)
    liste.rechne_fuss()
    liste.schreibe()


def unbekannte_hilfeart(ablage: Ablage) -> None:
    """The vendor invented a kind of help."""
    _aendere(ablage, "WJH_Hilfen", "Leistungsart", "Erlebnispädagogik")


def unbekannter_sozialraum(ablage: Ablage) -> None:
    """An area of another plan."""
    _aendere(ablage, "WJH_Hilfen", "Sozialraum", "SR99 Nirgendwo")


def hilfe_ohne_person(ablage: Ablage) -> None:
    """The two reports had different selections."""
    _aendere(ablage, "WJH_Hilfen", "Pers.-Nr", "00999999")


def zahlung_ohne_hilfe(ablage: Ablage) -> None:
    """A payment for a Hilfe that was not delivered."""
    _aendere(ablage, "WJH_Zahlliste", "Hilfe-Nr", "H9999999")


def doppelte_zahlung_id(ablage: Ablage) -> None:
    """A payment number was given twice."""
    liste = ablage.liste("WJH_Zahlliste")
    erste, zweite = liste.daten()[700:702]
    liste.setze(zweite, "Zahl-Nr", liste.lies(erste, "Zahl-Nr"))
    liste.schreibe()


def _frei(liste: Liste) -> list[int]:
    """Return payments that no reversal refers to."""
    storniert = {liste.lies(i, "Storno zu") for i in liste.daten()}
    return [i for i in liste.wo(Art="Leistung") if liste.lies(i, "Zahl-Nr") not in storniert]


def negative_ohne_storno(ablage: Ablage) -> None:
    """A negative payment that refers to nothing."""
    liste = ablage.liste("WJH_Zahlliste")
    zeile = _frei(liste)[800]
    for spalte in ("Betrag (€)", "Menge"):
        liste.setze(zeile, spalte, liste.lies(zeile, spalte) + "-")
    liste.rechne_fuss()
    liste.schreibe()


def doppelzahlung(ablage: Ablage) -> None:
    """A payment went out twice."""
    liste = ablage.liste("WJH_Zahlliste")
    zeile = _frei(liste)[900]
    kopie = list(liste.zeilen[zeile])
    kopie[0] = "Z99999001"
    liste.zeilen.insert(zeile + 1, kopie)
    liste.rechne_fuss()
    liste.schreibe()


def storno_falsch(ablage: Ablage) -> None:
    """A reversal over another amount than the payment it reverses."""
    liste = ablage.liste("WJH_Zahlliste")
    zeile = liste.wo(Art="Rückrechnung")[0]
    wert = betrag(liste.lies(zeile, "Betrag (€)"))
    liste.setze(zeile, "Betrag (€)", betrag_text(wert - Decimal("0.01")))
    liste.rechne_fuss()
    liste.schreibe()


def unbekanntes_produkt(ablage: Ablage) -> None:
    """A booking on a product that nobody mapped."""
    liste = ablage.liste("SAP_Einzelposten")
    letzte = liste.daten()[-1]
    liste.setze(letzte, "Produkt", "99990100")
    # A product has its own subtotal.
    zwischen = list(liste.zeilen[letzte + 1])
    liste.zeilen.insert(letzte, list(zwischen))
    zwischen[liste.spalte("Produkt")] = "Summe Produkt 99990100"
    liste.zeilen[letzte + 2] = zwischen
    liste.rechne_fuss()
    liste.schreibe()


def unbekanntes_konto(ablage: Ablage) -> None:
    """A booking on an account that nobody mapped."""
    _aendere(ablage, "SAP_Einzelposten", "Sachkonto", "999999")


def periode_99(ablage: Ablage) -> None:
    """A period that no year has."""
    _aendere(ablage, "SAP_Einzelposten", "Per", "99")


def umschichtung_einseitig(ablage: Ablage) -> None:
    """A reallocation takes, and nobody gets."""
    liste = ablage.liste("Haushalt_Veraenderungen")
    del liste.zeilen[liste.wo(Art_der_Veränderung="Umschichtung")[0]]
    liste.rechne_fuss()
    liste.schreibe()


def t_euro_statt_euro(ablage: Ablage) -> None:
    """The year's bookings were exported in thousands of euro."""
    liste = ablage.liste("SAP_Einzelposten")
    for i in liste.wo(GJahr=str(ablage.stichtag.year)):
        wert = (betrag(liste.lies(i, "Betrag")) / 1000).quantize(Decimal("0.01"))
        liste.setze(i, "Betrag", betrag_text(wert))
    liste.rechne_fuss()
    liste.schreibe()


def einwohnersumme_falsch(ablage: Ablage) -> None:
    """One Sozialraum counts more people than the city has."""
    zelle = re.compile(r'<c r="E30"><v>(\d+)</v></c>')

    def mehr(treffer: re.Match[str]) -> str:
        return f'<c r="E30"><v>{int(treffer[1]) + 500}</v></c>'

    ablage.aendere_blatt("Einwohner", lambda xml: zelle.sub(mehr, xml, count=1))
