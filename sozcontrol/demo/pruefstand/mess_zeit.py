"""Mess that only shows over time: cases nobody ends, bookings in the wrong year or period."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sozcontrol.demo.pruefstand.ablage import Ablage, Liste, betrag, betrag_text


def _tag(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()


def _mit(liste: Liste, zeile: int, **werte: str) -> list[str]:
    """Return a copy of a row with some cells (``_`` for a blank) changed."""
    kopie = list(liste.zeilen[zeile])
    for name, wert in werte.items():
        kopie[liste.spalte(name.replace("_", " "))] = wert
    return kopie


def _haenge_an(liste: Liste, zeile: list[str]) -> None:
    """Insert a row after the last data row, and count it in the footer."""
    liste.zeilen.insert(liste.daten()[-1] + 1, zeile)
    liste.rechne_fuss()
    liste.schreibe()


# --- Hilfen und Personen --------------------------------------------------------------------------


def hilfe_null_tage(ablage: Ablage) -> None:
    """A Hilfe ends on the day it begins."""
    liste = ablage.liste("WJH_Hilfen")
    for i in liste.wo(Ende=lambda e: bool(e) and not e.endswith("9999"))[300:303]:
        liste.setze(i, "Ende", liste.lies(i, "Beginn"))
    liste.schreibe()


def _neue_person(ablage: Ablage, zeile: int, nummer: str, **werte: str) -> None:
    """Add a person like that of a row of the Hilfeliste, under another number."""
    hilfen, personen = ablage.liste("WJH_Hilfen"), ablage.liste("WJH_Personen")
    # Another class of mess may have taken the leading zeros.
    gesucht = hilfen.lies(zeile, "Pers.-Nr").lstrip("0")
    alle = personen.daten()
    alt = next((i for i in alle if personen.lies(i, "Pers.-Nr").lstrip("0") == gesucht), alle[0])
    kopie = _mit(personen, alt, **werte)
    kopie[personen.spalte("Pers.-Nr")] = nummer
    _haenge_an(personen, kopie)


def person_mit_zwei_nummern(ablage: Ablage) -> None:
    """Somebody came back and was entered as a new person: same name, same birthday.

    Names never leave intake; only what else agrees raises the suspicion.
    """
    liste = ablage.liste("WJH_Hilfen")
    zeile = liste.wo(Leistungsart="Erziehungsbeistandschaft", Ende="")[0]
    _neue_person(ablage, zeile, "00999801")
    kopie = _mit(liste, zeile, **{"Hilfe-Nr": "H9999801", "Pers.-Nr": "00999801"})
    _haenge_an(liste, kopie)


def karteileiche(ablage: Ablage) -> None:
    """Nobody ended the case of a child who has long grown up."""
    liste = ablage.liste("WJH_Hilfen")
    jahr = ablage.stichtag.year
    zeile = liste.wo(Leistungsart="Heimerziehung/betr. Wohnform", Rechtsgrundlage="§ 34 SGB VIII")[
        0
    ]
    _neue_person(ablage, zeile, "00999802", Geburtsdatum=f"15.05.{jahr - 31}")
    beginn = f"01.03.{jahr - 20}"
    kopie = _mit(
        liste, zeile, **{"Hilfe-Nr": "H9999802", "Pers.-Nr": "00999802", "Familien-Nr": "F999802"},
        Beginn=beginn, Ende="", Antrag_vom=beginn, Hilfeplan_vom=beginn, Grund_Ende="", Verbleib="",
        umA="nein",
    )  # fmt: skip
    _haenge_an(liste, kopie)


def datum_als_text(ablage: Ablage) -> None:
    """Dates written out in words."""
    liste = ablage.liste("WJH_Hilfen")
    for i in liste.daten()[::300]:
        tag = _tag(liste.lies(i, "Beginn"))
        liste.setze(i, "Beginn", f"{tag.day}. {_MONATE[tag.month - 1]} {tag.year}")
    liste.schreibe()


_MONATE = (
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
    "November", "Dezember",
)  # fmt: skip


def monat_als_wort(ablage: Ablage) -> None:
    """Months as Excel shows them: »Dez 20«."""
    liste = ablage.liste("WJH_Zahlliste")
    for i in liste.daten()[::500]:
        monat, jahr = liste.lies(i, "Leistungsmonat").split("/")
        liste.setze(i, "Leistungsmonat", f"{_MONATE[int(monat) - 1][:3]} {jahr[2:]}")
    liste.schreibe()


# --- Zahlungen ------------------------------------------------------------------------------------


def doppelzahlung_storniert(ablage: Ablage) -> None:
    """A payment went out twice, and a month later one of the two was reversed."""
    liste = ablage.liste("WJH_Zahlliste")
    storniert = {liste.lies(i, "Storno zu") for i in liste.daten()}
    zeile = [i for i in liste.wo(Art="Leistung") if liste.lies(i, "Zahl-Nr") not in storniert][700]
    spaeter = _tag(liste.lies(zeile, "Buchung am")) + timedelta(days=30)
    zweite = _mit(liste, zeile, **{"Zahl-Nr": "Z99999801"})
    storno = _mit(
        liste, zeile, **{"Zahl-Nr": "Z99999802", "Storno zu": "Z99999801"}, Art="Rückrechnung",
        Buchung_am=f"{spaeter:%d.%m.%Y}",
    )  # fmt: skip
    for spalte in ("Betrag (€)", "Menge"):
        storno[liste.spalte(spalte)] += "-"
    liste.zeilen[zeile + 1 : zeile + 1] = [zweite, storno]
    liste.rechne_fuss()
    liste.schreibe()


# --- Buchungen ------------------------------------------------------------------------------------


def _bloecke(liste: Liste) -> dict[str, list[int]]:
    """Return the data rows of each product; its subtotal follows the last of them."""
    bloecke: dict[str, list[int]] = {}
    for i in liste.daten():
        bloecke.setdefault(liste.lies(i, "Produkt"), []).append(i)
    return bloecke


def neue_produktnummern(ablage: Ablage) -> None:
    """The new year's product plan renumbered a product; nobody told the mapping."""
    liste = ablage.liste("SAP_Einzelposten")
    jahr = str(ablage.stichtag.year)
    produkt, zeilen = next(
        (p, z) for p, z in _bloecke(liste).items() if any(liste.lies(i, "GJahr") == jahr for i in z)
    )
    alt = [liste.zeilen[i] for i in zeilen if liste.lies(i, "GJahr") != jahr]
    neu = [_mit(liste, i, Produkt=f"{produkt}99") for i in zeilen if liste.lies(i, "GJahr") == jahr]
    ende = zeilen[-1] + 1
    summe = liste.zeilen[ende]
    summe_neu = _mit(liste, ende, Produkt=f"Summe Produkt {produkt}99")
    liste.zeilen[zeilen[0] : ende + 1] = [*alt, *([summe] if alt else []), *neu, summe_neu]
    liste.rechne_fuss()
    liste.schreibe()


def buchung_in_geschlossenem_jahr(ablage: Ablage) -> None:
    """Months after the accounts were closed, somebody books into the first year again."""
    liste = ablage.liste("SAP_Einzelposten")
    zeile = min(
        liste.daten(), key=lambda i: (liste.lies(i, "GJahr"), liste.lies(i, "Leistungsmonat"))
    )
    zuletzt = max(_tag(liste.lies(i, "Buchungsdatum")) for i in liste.daten())
    neu = _mit(liste, zeile, Belegnr="5199999801", Buchungsdatum=f"{zuletzt:%d.%m.%Y}")
    liste.zeilen.insert(zeile + 1, neu)
    liste.rechne_fuss()
    liste.schreibe()


def abschlussperiode_im_laufenden_jahr(ablage: Ablage) -> None:
    """Period 13 closes a year, and this one has not ended."""
    liste = ablage.liste("SAP_Einzelposten")
    liste.setze(liste.wo(GJahr=str(ablage.stichtag.year))[0], "Per", "13")
    liste.schreibe()


def abschlussperioden(ablage: Ablage) -> None:
    """The closing bookings of last year spread over the periods 13 to 16."""
    liste = ablage.liste("SAP_Einzelposten")
    for nummer, i in enumerate(liste.wo(Per="13", GJahr=str(ablage.stichtag.year - 1))):
        liste.setze(i, "Per", str(13 + nummer % 4))
    liste.schreibe()


def storno_in_anderer_periode(ablage: Ablage) -> None:
    """A booking is reversed a month later, in another period than its own."""
    liste = ablage.liste("SAP_Einzelposten")
    zeile = next(i for i in liste.wo(Storno_zu=bool) if int(liste.lies(i, "Per")) < 11)
    tag = _tag(liste.lies(zeile, "Buchungsdatum")).replace(day=28) + timedelta(days=10)
    liste.setze(zeile, "Per", str(int(liste.lies(zeile, "Per")) + 1))
    liste.setze(zeile, "Buchungsdatum", f"{tag:%d.%m.%Y}")
    liste.schreibe()


def umbuchung_zwischen_produkten(ablage: Ablage) -> None:
    """An amount moves from one product to the next: a negative booking that reverses nothing."""
    liste = ablage.liste("SAP_Einzelposten")
    bloecke = list(_bloecke(liste).values())
    von = next(i for i in reversed(bloecke[0]) if liste.lies(i, "A/E") == "A")
    nach = next(i for i in reversed(bloecke[1]) if liste.lies(i, "A/E") == "A")
    wert = abs(betrag(liste.lies(von, "Betrag")))
    gleich = {n: liste.lies(von, n) for n in ("GJahr", "Per", "Buchungsdatum", "Leistungsmonat")}
    gleich |= {"Belegnr": "5199999802", "Text": "Umbuchung", "Herkunft": "manuell", "Storno zu": ""}
    ab = _mit(liste, von, **gleich, Pos="1", Betrag=betrag_text(-wert))
    zu = _mit(liste, nach, **gleich, Pos="2", Betrag=betrag_text(wert))
    liste.zeilen.insert(nach + 1, zu)
    liste.zeilen.insert(von + 1, ab)
    liste.rechne_fuss()
    liste.schreibe()
