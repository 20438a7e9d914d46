"""Lists a month or a quarter: maintenance advances, day care, Leistungsbereiche."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.kanonisch import (
    Anmeldezeile,
    Asylzeile,
    Bedarfzeile,
    Belegungzeile,
    Butkinderzeile,
    Butzeile,
    Kitazeile,
    Kontaktzeile,
    Landesbudgetzeile,
    Leistungsbereichzeile,
    Personalzeile,
    Quartalzeile,
    Sozialraumbudgetzeile,
    Stadttabellen,
    Stellenzeile,
    Uvgzeile,
)
from sozcontrol.demo.schreibweise import liste, tag, zahl

_ALTER = {"0–1": "unter 2", "2": "2 Jahre", "3–5": "3 bis 5", "6+": "ab 6"}
_UMFANG = {"teilzeit": "unter 7 Std.", "ganztag": "ab 7 Std."}
_TRAEGER = {
    "kommunal": "Stadt", "kirchlich": "Kirche", "frei": "freier Träger",
    "tagespflege": "Kindertagespflege",
}  # fmt: skip
_ZWECK = {"ksa": "Kita-Sozialarbeit", "ikf": "Interkulturelle Fachkraft", "sonst": "Sonstiges",
          "hze": "Hilfen zur Erziehung"}  # fmt: skip
_SPERRE = {"personal": "Personal", "bau": "Bau", None: ""}
_ORT = {
    "ambulant": "amb.", "teilstationaer": "teilstat.", "stationaer": "stat.", "ohne": "alle",
}  # fmt: skip
_FUNKTION = {
    "leitung": "Leitung", "asd": "ASD", "pkd": "PKD", "wjh": "WJH", "vormund": "Vormundschaft",
    "uv": "UV", "egh": "Eingliederungshilfe", "hzp": "Pflege", "gs": "Grundsicherung",
    "asyl": "Asyl",
}  # fmt: skip
_KREIS = {"BKGG": "§ 6b BKGG", "SGB12": "SGB XII", "AsylbLG": "AsylbLG", "SGB2": "SGB II"}
_BUT = {
    "ausfluege": "Ausflüge", "schulbedarf": "Schulbedarf", "befoerderung": "Beförderung",
    "lernfoerderung": "Lernförderung", "mittagessen": "Mittagessen", "teilhabe": "Teilhabe",
}  # fmt: skip
_RAUM = {r.id: f"{r.id} {r.name}" for r in SOZIALRAEUME}


def dateien(t: Stadttabellen, stichtag: date) -> dict[str, Callable[[], bytes]]:
    """Return the lists: name without the Stichtag → its bytes when asked."""
    listen: dict[str, Callable[[], tuple[str, str]]] = {
        "UVG_Monatswerte.csv": lambda: (_uvg(t["uvg_monat"], stichtag), "cp1252"),
        "Kita_Einrichtungen.csv": lambda: (_kitas(t["kita"], stichtag), "utf-8-sig"),
        "Kita_Belegung.csv": lambda: (_belegung(t["kita_belegung"], stichtag), "utf-8-sig"),
        "Kita_Anmeldungen.csv": lambda: (_anmeldungen(t["kita_anmeldung"], stichtag), "utf-8-sig"),
        "Kita_Sozialraumbudget.csv": lambda: (
            _budget(t["sozialraumbudget"], stichtag),
            "utf-8-sig",
        ),
        "Kita_Landesbudget.csv": lambda: (_land(t["landesbudget"], stichtag), "utf-8-sig"),
        "Kita_Sozialarbeit.csv": lambda: (_kontakte(t["ksa_kontakt"], stichtag), "utf-8-sig"),
        "Kita_Personal.csv": lambda: (_personal(t["kita_personal"], stichtag), "utf-8-sig"),
        "Soziales_Leistungsbereiche.csv": lambda: (
            _bereiche(t["leistungsbereich"], stichtag),
            "cp1252",
        ),
        "Personal_Stellen.csv": lambda: (_stellen(t["stelle"], stichtag), "cp1252"),
        "Personal_Bedarf.csv": lambda: (_bedarf(t["personalbedarf"], stichtag), "cp1252"),
        "Asyl_Monatswerte.csv": lambda: (_asyl(t["asyl_monat"], stichtag), "cp1252"),
        "BuT_Leistungen.csv": lambda: (_but(t["but_leistung"], stichtag), "cp1252"),
        "BuT_Berechtigte.csv": lambda: (_kinder(t["but_berechtigte"], stichtag), "cp1252"),
        "Soziales_Quartalswerte.csv": lambda: (
            _quartale(t["leistung_quartal"], stichtag),
            "cp1252",
        ),
    }
    return {name: partial(_bytes, schreiben) for name, schreiben in listen.items()}


def _bytes(schreiben: Callable[[], tuple[str, str]]) -> bytes:
    text, kodierung = schreiben()
    return text.encode(kodierung)


def _uvg(zeilen: list[Uvgzeile], stichtag: date) -> str:
    kopf = (
        "Monat", "Altersstufe", "Leistungsjahr", "Zahlfälle", "Zahlfälle gesamt",
        "Ausgaben § 8 Abs. 1 (€)", "Einnahmen § 7 (€)", "Einnahmen § 5 (€)",
        "Erstattung Bund/Land (€)", "davon leistungsunfähig", "Offene Forderungen (€)",
    )  # fmt: skip
    rows = [
        (f"{z['monat']:%m/%Y}", f"{z['altersstufe'].replace('–', ' bis ')} Jahre",
         z["leistungsjahr"], z["zahlfaelle"], z["zahlfaelle_gesamt"], zahl(z["ausgaben_eur"]),
         zahl(z["einnahmen_p7_eur"]), zahl(z["einnahmen_p5_eur"]), zahl(z["erstattung_eur"]),
         z["leistungsunfaehig"], zahl(z["offen_eur"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("UV-Auswertung", stichtag, kopf, rows)


def _kitas(zeilen: list[Kitazeile], stichtag: date) -> str:
    kopf = (
        "Einr.-Nr", "Einrichtung", "Träger", "Sozialraum", "Plätze lt. BE", "davon U2",
        "davon Ü2", "davon Ganztag", "BE ab", "BE bis",
    )  # fmt: skip
    rows = [
        (z["kita_id"], z["kita_name"], _TRAEGER[z["traegerart"]], _RAUM[z["gebiet_id"]],
         z["plaetze"], z["plaetze_u2"], z["plaetze_ue2"], z["plaetze_ganztag"],
         tag(z["gueltig_von"]), tag(z["gueltig_bis"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Einrichtungen", stichtag, kopf, rows)


def _belegung(zeilen: list[Belegungzeile], stichtag: date) -> str:
    kopf = (
        "Einr.-Nr", "Monat", "Alter", "Umfang", "belegt", "gesperrt", "Sperrgrund",
        "Kinder gesamt",
    )  # fmt: skip
    rows = [
        (z["kita_id"], f"{z['monat']:%m/%Y}", _ALTER[z["altersgruppe"]], _UMFANG[z["umfang"]],
         z["belegt"], z["gesperrt"], _SPERRE[z["sperrgrund"]], z["gemeldet_gesamt"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Belegung", stichtag, kopf, rows)


def _anmeldungen(zeilen: list[Anmeldezeile], stichtag: date) -> str:
    kopf = ("Monat", "Alter", "Sozialraum", "angemeldet", "davon unversorgt")
    rows = [
        (f"{z['monat']:%m/%Y}", _ALTER[z["altersgruppe"]], _RAUM[z["gebiet_id"]],
         z["anmeldungen"], z["unversorgt"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Anmeldungen", stichtag, kopf, rows)


def _personal(zeilen: list[Personalzeile], stichtag: date) -> str:
    kopf = (
        "Einr.-Nr", "Monat", "Soll (VZÄ)", "Ist (VZÄ)", "Kita-Sozialarbeit (VZÄ)", "Schließtage",
    )  # fmt: skip
    rows = [
        (z["kita_id"], f"{z['monat']:%m/%Y}", zahl(z["soll_vzae"]), zahl(z["ist_vzae"]),
         zahl(z["ksa_vzae"]), z["schliesstage"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Personal", stichtag, kopf, rows)


def _budget(zeilen: list[Sozialraumbudgetzeile], stichtag: date) -> str:
    kopf = (
        "Jahr", "Sozialraum", "Zweck", "Stand", "zugewiesen (€)", "verplant (€)",
        "abgerufen (€)", "Eigenmittel (€)", "Bescheid gesamt (€)",
    )  # fmt: skip
    rows = [
        (z["jahr"], _RAUM[z["gebiet_id"]], _ZWECK[z["zweck"]], tag(z["gezaehlt_bis"]),
         zahl(z["zugewiesen_eur"]), zahl(z["verplant_eur"]), zahl(z["abgerufen_eur"]),
         zahl(z["kofinanzierung_eur"]),
         "" if z["bescheid_eur"] is None else zahl(z["bescheid_eur"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Sozialraumbudget", stichtag, kopf, rows)


def _land(zeilen: list[Landesbudgetzeile], stichtag: date) -> str:
    kopf = (
        "gilt von", "gilt bis", "Merkmal", "Mittel des Landes (€)", "Kinder Stadt", "Kinder Land",
        "Quelle",
    )  # fmt: skip
    merkmal = {"kinder": "Kinder unter 7", "kinder_bg": "Kinder unter 7 in BG"}
    rows = [
        (tag(z["gilt_von"]), tag(z["gilt_bis"]), merkmal[z["verteilmerkmal"]],
         zahl(z["landesmittel_eur"]), z["kinder"], z["kinder_land"], z["quelle"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Sozialraumbudget des Landes", stichtag, kopf, rows)


def _kontakte(zeilen: list[Kontaktzeile], stichtag: date) -> str:
    rows = [
        (z["kita_id"], f"{z['monat']:%m/%Y}", z["arbeitsdimension"].replace("ue", "ü"),
         z["kontakte"])
        for z in zeilen
    ]  # fmt: skip
    kopf = ("Einr.-Nr", "Monat", "Arbeitsdimension", "Kontakte")
    return liste("Kita-Sozialarbeit", stichtag, kopf, rows)


def _bereiche(zeilen: list[Leistungsbereichzeile], stichtag: date) -> str:
    kopf = (
        "Nr.", "Leistungsbereich", "Rechtsgrundlage", "Abteilung", "Zähleinheit", "Zählweise",
    )  # fmt: skip
    weise = {"bestand": "Bestand", "strom": "Entscheidungen"}
    rows = [
        (z["lb"], z["lb_name"], z["rechtsgrundlage"], f"Abt. {z['abteilung']}", z["zaehleinheit"],
         weise[z["zaehlweise"]])
        for z in zeilen
    ]  # fmt: skip
    return liste("Leistungsbereiche", stichtag, kopf, rows)


def _quartale(zeilen: list[Quartalzeile], stichtag: date) -> str:
    kopf = (
        "Quartalsende", "Nr.", "Ort", "Träger", "Bestand Anfang", "Zugang", "Abgang",
        "Bestand Ende", "Anträge", "bewilligt", "abgelehnt", "offen", "Aufwand (€)", "Erträge (€)",
        "Stellen (VZÄ)",
    )  # fmt: skip
    traeger = {"kommunal": "Stadt", "land": "Land"}
    rows = [
        (tag(z["quartal"]), z["lb"], _ORT[z["leistungsort"]], traeger[z["traeger"]],
         _leer(z["bestand_anfang"]), z["zugang"], z["abgang"], _leer(z["bestand_ende"]),
         z["antraege"], z["bewilligt"], z["abgelehnt"], z["offen"], zahl(z["aufwand_eur"]),
         zahl(z["ertrag_eur"]), zahl(z["vzae"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Quartalswerte", stichtag, kopf, rows)


def _leer(wert: int | None) -> object:
    return "" if wert is None else wert


def _asyl(zeilen: list[Asylzeile], stichtag: date) -> str:
    kopf = (
        "Monat", "Grundlage", "Leistungsberechtigte", "Aufwand (€)", "davon Unterkunft (€)",
        "davon Krankenhilfe (€)", "Erstattung Land (€)",
    )  # fmt: skip
    rows = [
        (f"{z['monat']:%m/%Y}", f"§ {z['leistungsgrundlage'][1:]}", z["leistungsberechtigte"],
         zahl(z["aufwand_eur"]), zahl(z["unterkunft_eur"]), zahl(z["kranken_eur"]),
         zahl(z["erstattung_eur"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("AsylbLG", stichtag, kopf, rows)


def _but(zeilen: list[Butzeile], stichtag: date) -> str:
    kopf = (
        "Monat", "Rechtskreis", "Leistung", "Anträge", "bewilligt", "abgelehnt", "Bearbeitungstage",
        "Ausgaben (€)",
    )  # fmt: skip
    rows = [
        (f"{z['monat']:%m/%Y}", _KREIS[z["but_kreis"]], _BUT[z["but_art"]], z["antraege"],
         z["bewilligt"], z["abgelehnt"], z["dauer_tage"], zahl(z["ausgaben_eur"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Bildung und Teilhabe", stichtag, kopf, rows)


def _kinder(zeilen: list[Butkinderzeile], stichtag: date) -> str:
    kopf = ("Monat", "Rechtskreis", "Berechtigte", "mit Leistung")
    rows = [
        (f"{z['monat']:%m/%Y}", _KREIS[z["but_kreis"]], z["berechtigte"], z["mit_leistung"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Bildung und Teilhabe, Berechtigte", stichtag, kopf, rows)


def _stellen(zeilen: list[Stellenzeile], stichtag: date) -> str:
    kopf = (
        "Stichtag", "Org.-Einheit", "Funktion", "Plan (VZÄ)", "Ist (VZÄ)", "verfügbar (VZÄ)",
        "Köpfe", "Abgänge", "Zugänge", "unter 2 Jahren im Beruf", "unbesetzt", "Tage unbesetzt",
    )  # fmt: skip
    rows = [
        (tag(z["stichtag"]), z["org_einheit"], _FUNKTION[z["funktion"]], zahl(z["vzae_plan"]),
         zahl(z["vzae_ist"]), zahl(z["vzae_verfuegbar"]), z["koepfe"], z["abgaenge"],
         z["zugaenge"], z["berufseinsteiger"], z["unbesetzt"], z["unbesetzt_tage"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Stellen", stichtag, kopf, rows)


def _bedarf(zeilen: list[Bedarfzeile], stichtag: date) -> str:
    kopf = ("Org.-Einheit", "Funktion", "gültig ab", "gültig bis", "Bedarf (VZÄ)", "Bemessung")
    rows = [
        (z["org_einheit"], _FUNKTION[z["funktion"]], tag(z["gueltig_von"]), tag(z["gueltig_bis"]),
         zahl(z["vzae_bedarf"]), z["quelle"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Personalbedarf", stichtag, kopf, rows)
