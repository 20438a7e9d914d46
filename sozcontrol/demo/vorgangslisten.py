"""The lists of single proceedings beside the Hilfen: protection of children, foster places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.kanonisch import (
    Einsatzzeile,
    Gefaehrdungzeile,
    Inobhutnahmezeile,
    Ksdzeile,
    Muendelzeile,
    Pflegestellenzeile,
    Stadttabellen,
)
from sozcontrol.demo.schreibweise import liste, tag

_RAUM = {r.id: f"{r.id} {r.name}" for r in SOZIALRAEUME} | {None: "unbekannt"}
_ERGEBNIS = {
    "akut": "akute KWG", "latent": "latente KWG", "hilfebedarf": "Hilfebedarf",
    "kein": "kein Bedarf", None: "",
}  # fmt: skip
_STELLE = {
    "polizei": "Polizei/Gericht", "schule": "Schule", "kita": "Kita",
    "gesundheit": "Gesundheitswesen", "familie": "Familie/Bekannte", "selbst": "Selbstmelder",
    "anonym": "anonym", "sonstige": "Sonstige",
}  # fmt: skip
_FOLGE = {
    "inobhutnahme": "Inobhutnahme", "gericht": "Familiengericht", "hilfe": "HzE",
    "beratung": "Beratung", "keine": "keine", None: "",
}  # fmt: skip
_ANLASS = {
    "vernachlaessigung": "Vernachlässigung", "misshandlung": "Misshandlung",
    "ueberforderung": "Überforderung", "konflikt": "Konflikt", "einreise": "Einreise",
    "sonstiger": "sonstiger",
}  # fmt: skip
_ART = {
    "formlos": "formlose Betreuung", "partnerschaft": "Partnerschaft",
    "trennung": "Trennung/Scheidung", "schutz": "Kindesschutz",
}  # fmt: skip

_WEG = {
    "werbung": "Werbung", "veranstaltung": "Infoabend", "empfehlung": "Empfehlung",
    "netzwerk": "Netzwerk", "umfeld": "Umfeld des Kindes", "sonstige": "Sonstiges",
}  # fmt: skip
_LAGE = {"abend": "Abend", "nacht": "Nacht", "wochenende": "WE/Feiertag"}
_VORMUND = {
    "bestellt": "bestellt", "gesetzlich": "gesetzlich", "pflegschaft": "Pflegschaft",
}  # fmt: skip


def dateien(t: Stadttabellen, stichtag: date) -> dict[str, Callable[[], bytes]]:
    """Return the lists: name without the Stichtag → its bytes when asked."""
    return {
        "KSD_Gefaehrdungen.csv": lambda: _gefaehrdungen(t["gefaehrdung"], stichtag),
        "KSD_Inobhutnahmen.csv": lambda: _inobhutnahmen(t["inobhutnahme"], stichtag),
        "KSD_Betreuungen.csv": lambda: _betreuungen(t["ksd_fall"], stichtag),
        "KSD_Rufbereitschaft.csv": lambda: _einsaetze(t["rufbereitschaft"], stichtag),
        "PKD_Pflegestellen.csv": lambda: _pflegestellen(t["pflegestelle"], stichtag),
        "Vormundschaften.csv": lambda: _muendel(t["vormundschaft"], stichtag),
    }


def _gefaehrdungen(zeilen: list[Gefaehrdungzeile], stichtag: date) -> bytes:
    kopf = (
        "Verfahren", "Pers.-Nr", "Meldung", "Erstkontakt", "Ergebnis", "Meldung durch", "Folge",
        "Folge ab", "Sozialraum",
    )  # fmt: skip
    rows = [
        (z["gefaehrdung_id"], z["person_id"], tag(z["meldung_am"]), tag(z["erstkontakt_am"]),
         _ERGEBNIS[z["ergebnis"]], _STELLE[z["meldende_stelle"]], _FOLGE[z["folge"]],
         tag(z["folge_am"]), _RAUM[z["sozialraum_id"]])
        for z in zeilen
    ]  # fmt: skip
    return liste("Gefährdungseinschätzungen", stichtag, kopf, rows).encode("cp1252")


def _inobhutnahmen(zeilen: list[Inobhutnahmezeile], stichtag: date) -> bytes:
    kopf = (
        "Nr.", "Pers.-Nr", "Rechtsgrundlage", "Beginn", "Ende", "Anlass", "Selbstmelder", "umA",
        "Anschlusshilfe", "Sozialraum",
    )  # fmt: skip
    ja = {True: "ja", False: "nein"}
    rows = [
        (z["inobhutnahme_id"], z["person_id"], f"§ {z['paragraph']}", tag(z["beginn"]),
         tag(z["ende"]), _ANLASS[z["anlass"]], ja[z["ist_selbstmelder"]], ja[z["ist_uma"]],
         z["anschluss_hilfe_id"] or "", _RAUM[z["sozialraum_id"]])
        for z in zeilen
    ]  # fmt: skip
    return liste("Inobhutnahmen", stichtag, kopf, rows).encode("cp1252")


def _betreuungen(zeilen: list[Ksdzeile], stichtag: date) -> bytes:
    kopf = ("Nr.", "Art", "Beginn", "Ende", "Übergang in Hilfe", "Sozialraum", "Org.-Einheit")
    rows = [
        (z["ksd_fall_id"], _ART[z["ksd_art"]], tag(z["beginn"]), tag(z["ende"]),
         z["uebergang_hilfe_id"] or "", _RAUM[z["sozialraum_id"]], z["fachkraft_org"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Formlose Betreuungen", stichtag, kopf, rows).encode("cp1252")


def _einsaetze(zeilen: list[Einsatzzeile], stichtag: date) -> bytes:
    rows = [(z["einsatz_id"], tag(z["einsatz_am"]), _LAGE[z["zeitlage"]]) for z in zeilen]
    return liste("Rufbereitschaft", stichtag, ("Nr.", "Tag", "Zeit"), rows).encode("cp1252")


def _pflegestellen(zeilen: list[Pflegestellenzeile], stichtag: date) -> bytes:
    kopf = ("Nr.", "Bewerbung", "zugelassen", "beendet", "Plätze", "gewonnen durch")
    rows = [
        (z["pflegestelle_id"], tag(z["bewerbung_am"]), tag(z["zugelassen_am"]),
         tag(z["beendet_am"]), z["plaetze"] or "", _WEG[z["gewonnen_durch"]])
        for z in zeilen
    ]  # fmt: skip
    return liste("Pflegestellen", stichtag, kopf, rows).encode("cp1252")


def _muendel(zeilen: list[Muendelzeile], stichtag: date) -> bytes:
    rows = [
        (z["vormundschaft_id"], z["person_id"], _VORMUND[z["vormundschaft_art"]],
         tag(z["beginn"]), tag(z["ende"]))
        for z in zeilen
    ]  # fmt: skip
    kopf = ("Nr.", "Pers.-Nr", "Art", "Beginn", "Ende")
    return liste("Vormundschaften", stichtag, kopf, rows).encode("cp1252")
