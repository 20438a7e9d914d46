"""Mess in the form of files: encodings, headers, footers, wrong and missing files."""

from __future__ import annotations

import re
from datetime import timedelta

from sozcontrol.demo.pruefstand.ablage import Ablage, betrag, betrag_text
from sozcontrol.demo.pruefstand.druck import pdf


def mojibake(ablage: Ablage) -> None:
    """UTF-8 was read as cp1252 and saved as UTF-8 again."""
    pfad = ablage.pfad("Gebiete")
    text = pfad.read_text(encoding="utf-8-sig")
    pfad.write_bytes(text.encode().decode("cp1252").encode("utf-8-sig"))


def utf8_bom(ablage: Ablage) -> None:
    """Somebody saved the report as »CSV UTF-8« in Excel."""
    pfad = ablage.pfad("WJH_Personen")
    pfad.write_bytes(pfad.read_bytes().decode("cp1252").encode("utf-8-sig"))


def gemischte_kodierung(ablage: Ablage) -> None:
    """A part of another export was pasted into the middle."""
    pfad = ablage.pfad("WJH_Hilfen")
    daten = pfad.read_bytes()
    von, bis = (daten.index(b"\r\n", len(daten) * n // 4) + 2 for n in (2, 3))
    teil = daten[von:bis].decode("cp1252").encode()
    pfad.write_bytes(daten[:von] + teil + daten[bis:])


def fremde_kodierung(ablage: Ablage) -> None:
    """A UTF-8 list was saved in the encoding of Windows."""
    pfad = ablage.pfad("Produktzuordnung")
    pfad.write_bytes(pfad.read_bytes().decode().encode("cp1252"))


def leere_datei(ablage: Ablage) -> None:
    """The export broke off before the first byte."""
    ablage.pfad("WJH_Zahlliste").write_bytes(b"")


def nur_kopf(ablage: Ablage) -> None:
    """The report's selection matched nobody."""
    liste = ablage.liste("WJH_Personen")
    daten = set(liste.daten())
    liste.zeilen = [z for i, z in enumerate(liste.zeilen) if i not in daten]
    liste.rechne_fuss()
    liste.schreibe()


def fehlende_spalte(ablage: Ablage) -> None:
    """Somebody removed a column from the report's layout."""
    liste = ablage.liste("WJH_Hilfen")
    spalte = liste.spalte("Beginn")
    for i in [liste.kopf, *liste.daten()]:
        liste.zeilen[i] = liste.zeilen[i][:spalte] + liste.zeilen[i][spalte + 1 :]
    liste.schreibe()


def doppelte_spalte(ablage: Ablage) -> None:
    """Two columns of the same name: nobody knows which one counts."""
    liste = ablage.liste("WJH_Zahlliste")
    spalte = liste.spalte("Betrag (€)")
    for i in [liste.kopf, *liste.daten()]:
        liste.zeilen[i].append(liste.zeilen[i][spalte])
    liste.schreibe()


def neue_spalte(ablage: Ablage) -> None:
    """An update of the Fachverfahren brought a column the profile does not know."""
    liste = ablage.liste("WJH_Hilfen")
    for i in [liste.kopf, *liste.daten()]:
        liste.zeilen[i].append("Mandant" if i == liste.kopf else "51")
    liste.schreibe()


def umbruch_im_kopf(ablage: Ablage) -> None:
    """A hyphenated header cell, as report writers break them."""
    liste = ablage.liste("WJH_Hilfen")
    liste.setze(liste.kopf, "Rechtsgrundlage", "Rechts-\ngrundlage")
    liste.schreibe()


def _benenne_um(ablage: Ablage, bericht: str, **namen: str) -> None:
    liste = ablage.liste(bericht)
    for alt, neu in namen.items():
        liste.setze(liste.kopf, alt, neu)
    liste.schreibe()


def bindestrich_im_kopf(ablage: Ablage) -> None:
    """The line break went, its hyphen stayed: another name."""
    _benenne_um(ablage, "WJH_Hilfen", Rechtsgrundlage="Rechts-grundlage")


def kopf_ohne_umlaute(ablage: Ablage) -> None:
    """The export spells ae, oe, ue and ss."""
    neu = {"Staatsangehörigkeit": "Staatsangehoerigkeit", "Straße": "Strasse"}
    _benenne_um(ablage, "WJH_Personen", **neu)


def kopf_abgekuerzt(ablage: Ablage) -> None:
    """A column under an abbreviation the profile does not know."""
    _benenne_um(ablage, "WJH_Personen", Straße="Str.")


def wiederholter_seitenkopf(ablage: Ablage) -> None:
    """The report repeats its header after every page."""
    liste = ablage.liste("WJH_Zahlliste")
    kopf = liste.zeilen[liste.kopf]
    for i in reversed(liste.daten()[60::60]):
        liste.zeilen.insert(i, list(kopf))
    liste.schreibe()


def leerzeilen(ablage: Ablage) -> None:
    """Blank rows between the data."""
    liste = ablage.liste("WJH_Hilfen")
    for i in reversed(liste.daten()[100::500]):
        liste.zeilen.insert(i, [""] * len(liste.zeilen[liste.kopf]))
    liste.schreibe()


def trennzeichen_am_ende(ablage: Ablage) -> None:
    """Every row ends with one separator too many."""
    liste = ablage.liste("WJH_Zahlliste")
    for i in [liste.kopf, *liste.daten()]:
        liste.zeilen[i].append("")
    liste.schreibe()


def trennzeichen_im_text(ablage: Ablage) -> None:
    """Free text with a separator, and no quotes around it."""
    liste = ablage.liste("WJH_Hilfen")
    for i in liste.daten()[10:400:40]:
        liste.zeilen[i].append("siehe Akte")
    liste.schreibe()


def abgeschnitten(ablage: Ablage) -> None:
    """The copy broke off in the middle of a row."""
    pfad = ablage.pfad("WJH_Zahlliste")
    daten = pfad.read_bytes()
    zeile = daten.index(b"\r\n", len(daten) * 6 // 10) + 2
    pfad.write_bytes(daten[: zeile + 30])


def fuss_falsch(ablage: Ablage) -> None:
    """The footer counts one record more than there are."""
    liste = ablage.liste("WJH_Hilfen")
    anzahl = len(liste.daten()) + 1
    for zeile in liste.zeilen:
        if zeile[0].startswith("Anzahl Datensätze"):
            zeile[0] = f"Anzahl Datensätze: {anzahl}"
    liste.schreibe()


def summe_falsch(ablage: Ablage) -> None:
    """The report's total is not the sum of its rows."""
    liste = ablage.liste("WJH_Zahlliste")
    spalte = liste.spalte("Betrag (€)")
    for zeile in liste.zeilen:
        if zeile[0] == "Gesamtsumme":
            zeile[spalte] = betrag_text(betrag(zeile[spalte]) + 1000)
    liste.schreibe()


def zwischensumme_falsch(ablage: Ablage) -> None:
    """A subtotal is not the sum of its product's rows."""
    liste = ablage.liste("SAP_Einzelposten")
    produkt, spalte = liste.spalte("Produkt"), liste.spalte("Betrag")
    zeile = next(z for z in liste.zeilen if len(z) > produkt and z[produkt].startswith("Summe"))
    zeile[spalte] = betrag_text(betrag(zeile[spalte]) + 100)
    liste.schreibe()


def falscher_dateityp(ablage: Ablage) -> None:
    """The finance system sent its error page, called .csv."""
    ablage.pfad("SAP_Einzelposten").write_bytes(
        "<!DOCTYPE html><html><body>Sitzung abgelaufen</body></html>".encode("cp1252")
    )


def fehlende_datei(ablage: Ablage) -> None:
    """A mandatory file was forgotten."""
    ablage.pfad("WJH_Personen").unlink()


def falscher_stichtag(ablage: Ablage) -> None:
    """The file of an earlier Stichtag lies in the folder."""
    pfad = ablage.pfad("WJH_Hilfen")
    frueher = ablage.stichtag.replace(day=1) - timedelta(days=1)
    pfad.rename(pfad.with_name(f"WJH_Hilfen_{frueher:%Y%m%d}.csv"))


def doppelt_geliefert(ablage: Ablage) -> None:
    """The same file lies there twice."""
    pfad = ablage.pfad("WJH_Zahlliste")
    pfad.with_name(f"{pfad.stem}_Kopie.csv").write_bytes(pfad.read_bytes())


def geoeffnete_datei(ablage: Ablage) -> None:
    """Excel holds the workbook open: its lock file lies beside it."""
    pfad = ablage.pfad("Haushalt_Plan")
    pfad.with_name(f"~${pfad.name}").write_bytes(b"\x0aKaemmerei")


def pdf_beigelegt(ablage: Ablage) -> None:
    """Somebody added the printed report; nobody reads figures from a PDF."""
    pfad = ablage.pfad("WJH_Hilfen")
    pfad.with_name(f"{pfad.stem}.pdf").write_bytes(_gedruckt(ablage))


def pdf_statt_csv(ablage: Ablage) -> None:
    """The report was printed into a PDF instead of exported."""
    pfad = ablage.pfad("WJH_Hilfen")
    pdf_beigelegt(ablage)
    pfad.unlink()


def _gedruckt(ablage: Ablage) -> bytes:
    liste = ablage.liste("WJH_Hilfen")
    breite = 6  # what fits on a page
    return pdf([" | ".join(zeile[:breite]) for zeile in liste.zeilen[:120]])


def verborgene_zeile(ablage: Ablage) -> None:
    """Somebody hid a row."""
    ablage.aendere_blatt(
        "Einwohner", lambda xml: xml.replace('<row r="20"', '<row r="20" hidden="1"', 1)
    )


def aktiver_filter(ablage: Ablage) -> None:
    """Somebody saved the workbook while a filter was on."""
    spalte = '<filterColumn colId="1"><filters><filter val="7"/></filters></filterColumn>'
    filter_ = f'<autoFilter ref="A5:AB230">{spalte}</autoFilter>'
    ablage.aendere_blatt(
        "Einwohner", lambda xml: xml.replace("</sheetData>", f"</sheetData>{filter_}", 1)
    )


def fehlerzelle(ablage: Ablage) -> None:
    """A formula lost its reference."""
    zelle = re.compile(r'<c r="G30"><v>\d+</v></c>')
    fehler = '<c r="G30" t="e"><v>#REF!</v></c>'
    ablage.aendere_blatt("Einwohner", lambda xml: zelle.sub(fehler, xml, count=1))


def traeger_drei_schreibweisen(ablage: Ablage) -> None:
    """One provider under three spellings: a text column keeps them, they stay three providers."""
    liste = ablage.liste("WJH_Hilfen")
    zeilen = liste.wo(Leistungserbringer=bool)
    erster = liste.lies(zeilen[0], "Leistungserbringer")
    formen = (erster, erster.lower(), f"{erster[0]} {erster[1:]}")
    for nummer, i in enumerate(liste.wo(Leistungserbringer=erster)):
        liste.setze(i, "Leistungserbringer", formen[nummer % 3])
    liste.schreibe()


def empfaenger_drei_schreibweisen(ablage: Ablage) -> None:
    """A code column has its list: a second and third spelling are unknown codes."""
    liste = ablage.liste("WJH_Zahlliste")
    formen = ("Freier Träger", "Freier Traeger", "Fr. Träger")
    for nummer, i in enumerate(liste.wo(Empfänger="Freier Träger")):
        liste.setze(i, "Empfänger", formen[nummer % 3])
    liste.schreibe()


def menge_in_prozent(ablage: Ablage) -> None:
    """A new layout shows part of a month as a percentage; the profile expects units."""
    liste = ablage.liste("WJH_Zahlliste")
    for i in liste.wo(Einheit="Monat")[::40]:
        menge = betrag(liste.lies(i, "Menge")) * 100
        liste.setze(i, "Menge", f"{betrag_text(menge)} %")
    liste.schreibe()
