"""What a controlling office keeps of goals and decisions, as the lists it delivers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial

from sozcontrol.demo.kanonisch import (
    Berichtzeile,
    Beschlusszeile,
    Massnahmezeile,
    Parameterzeile,
    Schwerpunktzeile,
    Stadttabellen,
    Zielzeile,
    Zusagezeile,
)
from sozcontrol.demo.schreibweise import liste, tag

_RICHTUNG = {"hoch": "mindestens", "niedrig": "höchstens", "korridor": "im Bereich"}
_GRAD = {
    "vollstaendig": "vollständig erreicht", "dauerhaft": "dauerhaft / vollständig erreicht",
    "nahezu": "nahezu erreicht", "fortschritte": "Fortschritte sind erreicht",
    "keine": "keine Fortschritte erreicht", "nicht_aktuell": "Vorhaben nicht mehr aktuell",
}  # fmt: skip
_HINDERNIS = {
    "dritte": "Dritte", "ressourcen": "Ressourcen", "recht": "Recht", "ereignis": "Ereignis",
    None: "",
}  # fmt: skip
_FELD = {
    "pflege": "Pflege", "wohnen": "Wohnraum", "soziales": "soziale Situation",
    "bildung": "Bildung",
}  # fmt: skip
_TURNUS = {
    "quartal": "vierteljährlich", "halbjahr": "halbjährlich", "jahr": "jährlich", None: "",
}  # fmt: skip
_STATUS = {
    "offen": "noch nicht begonnen", "arbeit": "in Arbeit", "geaendert": "geändert",
    "umgesetzt": "umgesetzt", "fortgeschrieben": "laufend fortgeschrieben",
    "unmoeglich": "Umsetzung nicht realisierbar", "abgelehnt": "Umsetzung abgelehnt",
}  # fmt: skip
_MESSUNG = {"stichtag": "jeder Stichtag", "jahresende": "Jahresende"}


def dateien(t: Stadttabellen, stichtag: date) -> dict[str, Callable[[], bytes]]:
    """Return the lists: name without the Stichtag → its bytes when asked."""
    lists: dict[str, Callable[[], str]] = {
        "Ziele": lambda: _ziele(t["ziel"], stichtag),
        "Schwerpunkte": lambda: _schwerpunkte(t["schwerpunkt"], stichtag),
        "Handlungsempfehlungen": lambda: _massnahmen(t["massnahme"], stichtag),
        "Beschluesse": lambda: _beschluesse(t["beschlusspunkt"], stichtag),
        "Umsetzungsberichte": lambda: _berichte(t["umsetzungsbericht"], stichtag),
        "Zusagen": lambda: _zusagen(t["zusage"], stichtag),
        "Parameter": lambda: _parameter(t["parameter"], stichtag),
    }
    return {f"Steuerung_{name}.csv": partial(_bytes, write) for name, write in lists.items()}


def _bytes(write: Callable[[], str]) -> bytes:
    return write().encode("utf-8-sig")


def _ziele(zeilen: list[Zielzeile], stichtag: date) -> str:
    kopf = (
        "Nr.", "Kennzahl", "Ziel", "Ausgangswert", "am", "Richtung", "Zielwert", "Termin",
        "Toleranz", "Messung", "verantwortlich", "Beschluss", "vom",
    )  # fmt: skip
    rows = [
        (z["ziel_nr"], z["kennzahl_id"], z["zieltext"], _wert(z["ausgangswert"]),
         tag(z["ausgang_am"]), _RICHTUNG[z["zielrichtung"]], _wert(z["zielwert"]),
         tag(z["termin"]), _wert(z["toleranz"]), _MESSUNG[z["zielmessung"]],
         z["verantwortlich"] or "", z["beschluss"], tag(z["gilt_ab"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Ziele", stichtag, kopf, rows)


def _wert(wert: Decimal | None) -> str:
    """A number as people type it: decimal comma, no thousands dots."""
    return "" if wert is None else str(wert).replace(".", ",")


def _schwerpunkte(zeilen: list[Schwerpunktzeile], stichtag: date) -> str:
    kopf = (
        "Jahr", "Nr.", "Bez. VJ", "Stand", "Vortrag", "Vortrag 2", "Aufgabenbereich", "Aufgabe",
        "Indikator", "Bearbeitungsstand", "Zielerreichungsgrad", "Hindernis",
    )  # fmt: skip
    rows = [
        (z["jahr"], z["schwerpunkt_nr"], z["vorjahr_nr"], tag(z["stand_am"]), z["zustaendig"],
         z["mitzustaendig"], z["aufgabenbereich"], z["aufgabe"], z["zielindikator"],
         z["sachstand"], _GRAD[z["zielgrad"]], _HINDERNIS[z["hindernis"]])
        for z in zeilen
    ]  # fmt: skip
    return liste("Schwerpunkte", stichtag, kopf, rows)


def _massnahmen(zeilen: list[Massnahmezeile], stichtag: date) -> str:
    kopf = (
        "Nr.", "Stand", "Feld", "Phase", "Federführung", "Termin", "Vorgehensweise", "Protokoll",
        "noch offen", "Indikator", "Datenlieferant", "Turnus", "nächste Lieferung",
    )  # fmt: skip
    rows = [
        (z["massnahme"], tag(z["stand_am"]), _FELD[z["handlungsfeld"]], z["phase"],
         z["federfuehrung"], tag(z["gespraech_am"]), z["vorgehen"], z["protokoll"],
         z["offener_schritt"], z["messgroesse"], z["datenlieferant"], _TURNUS[z["turnus"]],
         tag(z["naechste_lieferung"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Handlungsempfehlungen", stichtag, kopf, rows)


def _beschluesse(zeilen: list[Beschlusszeile], stichtag: date) -> str:
    kopf = ("Vorlage", "Punkt", "Beschluss", "Gremium", "vom", "bis", "zuständig", "Kennzahl")
    rows = [
        (z["vorlage"], z["punkt"], z["beschluss_text"], z["gremium"], tag(z["beschlossen_am"]),
         tag(z["erster_termin"]), z["zustaendig"], z["kennzahl_id"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Beschlüsse", stichtag, kopf, rows)


def _berichte(zeilen: list[Berichtzeile], stichtag: date) -> str:
    kopf = (
        "Vorlage", "Punkt", "Bericht vom", "Status", "nächster Termin", "Wiedervorlage",
        "Sachstand",
    )  # fmt: skip
    rows = [
        (z["vorlage"], z["punkt"], tag(z["bericht_am"]), _STATUS[z["beschlussstatus"]],
         tag(z["zieltermin"]), tag(z["wiedervorlage"]), z["sachstand"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Umsetzungsberichte", stichtag, kopf, rows)


def _zusagen(zeilen: list[Zusagezeile], stichtag: date) -> str:
    kopf = (
        "Nr.", "Vorlage", "Punkt", "zugesagt am", "Zusage", "bis", "zuletzt erwähnt", "erfüllt am",
    )  # fmt: skip
    rows = [
        (z["zusage_nr"], z["vorlage"], z["punkt"], tag(z["zugesagt_am"]), z["zusage_text"],
         tag(z["faellig_am"]), tag(z["erwaehnt_am"]), tag(z["erfuellt_am"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Zusagen", stichtag, kopf, rows)


_PARAMETER = {
    "akquise_eur": "Pflegestellenakquise (EUR im Jahr)",
    "pflegefachkraft_eur": "Pflegefachkraft (EUR im Jahr)",
}


def _parameter(zeilen: list[Parameterzeile], stichtag: date) -> str:
    kopf = ("Parameter", "gültig ab", "gültig bis", "Wert", "Quelle")
    rows = [
        (_PARAMETER[z["parameter"]], tag(z["gueltig_von"]), tag(z["gueltig_bis"]),
         _wert(z["parameterwert"]), z["quelle"])
        for z in zeilen
    ]  # fmt: skip
    return liste("Parameter", stichtag, kopf, rows)
