"""The lists of the Sozialamt, and the statistics beside: care, schools, districts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME
from sozcontrol.demo.kanonisch import (
    Ermittlungzeile,
    Indikatorzeile,
    Leistungsfallzeile,
    Pflegezeile,
    Schuelerzeile,
    Stadttabellen,
)
from sozcontrol.demo.schreibweise import liste, tag, zahl

_RAUM = {r.id: f"{r.id} {r.name}" for r in SOZIALRAEUME}
_ART = {
    "grusi_alter": "GSiA", "grusi_erwerb": "GSiE", "hlu": "HLU", "reha": "Reha", "wfbm": "WfbM",
    "budget_arbeit": "BfA", "anderer_anbieter": "and. Anbieter", "schulbegleitung": "Schulbegl.",
    "hochschule": "Hochschule", "heilpaedagogik": "Heilpäd.", "assistenz": "Assistenz",
    "tagesstruktur": "Tagesstruktur", "pflege": "HzP",
}  # fmt: skip
_ORT = {"ambulant": "amb.", "teilstationaer": "teilstat.", "stationaer": "stat.", "ohne": "alle"}
_TRAEGER = {"kommunal": "Stadt", "land": "Land"}
_WOHNEN = {"eigene": "eigene Wohnung", "besondere": "bes. Wohnform", None: ""}
_JA = {True: "ja", False: "nein", None: ""}
_DURCH = {"pflegefachkraft": "Pflegefachkraft", "sachbearbeitung": "Sachbearbeitung"}
_VERSORGUNG = {"pflegegeld": "Pflegegeld", "pflegedienst": "Pflegedienst", "heim": "Heim"}
_SCHULART = {
    "grundschule": "Grundschule", "realschule_plus": "Realschule plus",
    "gesamtschule": "Gesamtschule", "gymnasium": "Gymnasium", "foerderschule": "Förderschule",
}  # fmt: skip
_INDIKATOR = {
    "sgb2_u18": "SGB II unter 18", "sgb2_u15": "SGB II unter 15",
    "alleinerziehend": "Alleinerziehende", "arbeitslos_u25": "Arbeitslose unter 25",
}  # fmt: skip


def dateien(t: Stadttabellen, stichtag: date) -> dict[str, Callable[[], bytes]]:
    """Return the lists: name without the Stichtag → its bytes when asked."""
    listen: dict[str, Callable[[], str]] = {
        "Sozialhilfe_Leistungen.csv": lambda: _leistungen(t["leistungsfall"], stichtag),
        "Sozialhilfe_Bedarfsermittlungen.csv": lambda: _ermittlungen(
            t["bedarfsermittlung"], stichtag
        ),
        "Statistik_Pflegebeduerftige.csv": lambda: _pflege(t["pflegebeduerftige"], stichtag),
        "Statistik_Schueler.csv": lambda: _schueler(t["schueler"], stichtag),
        "Statistik_Indikatoren.csv": lambda: _indikatoren(t["sozialraum_indikator"], stichtag),
    }
    return {name: lambda text=text: text().encode("cp1252") for name, text in listen.items()}  # type: ignore[misc]


def _leistungen(zeilen: list[Leistungsfallzeile], stichtag: date) -> str:
    kopf = (
        "Leistung", "Pers.-Nr", "Bereich", "Art", "Ort", "Träger", "Beginn", "Ende", "Antrag",
        "Bescheid", "Frist bis", "Gesamtplan", "PG", "Wohnform", "Pers. Budget", "Geburt",
        "Sozialraum",
    )  # fmt: skip
    rows = [
        (z["leistung_id"], z["person_id"], z["lb"], _ART[z["leistungsart"]],
         _ORT[z["leistungsort"]], _TRAEGER[z["traeger"]], tag(z["beginn"]), tag(z["ende"]),
         tag(z["antrag_am"]), tag(z["entschieden_am"]), tag(z["frist_am"]),
         tag(z["gesamtplan_am"]), z["pflegegrad"] or "", _WOHNEN[z["wohnform"]],
         _JA[z["hat_budget"]], f"{z['geburtsmonat']:%m/%Y}", _RAUM[z["sozialraum_id"]])
        for z in zeilen
    ]  # fmt: skip
    return liste("Leistungen SGB IX und SGB XII", stichtag, kopf, rows)


def _ermittlungen(zeilen: list[Ermittlungzeile], stichtag: date) -> str:
    kopf = (
        "Nr.", "Leistung", "Datum", "Durch", "Std. beantragt", "Std. festgestellt",
        "beantragt (€)", "festgestellt (€)",
    )  # fmt: skip
    rows = [
        (z["ermittlung_id"], z["leistung_id"], tag(z["ermittelt_am"]), _DURCH[z["ermittelnd"]],
         zahl(z["beantragt_stunden"], 1), zahl(z["festgestellt_stunden"], 1),
         zahl(z["beantragt_eur"]), zahl(z["festgestellt_eur"]))
        for z in zeilen
    ]  # fmt: skip
    return liste("Bedarfsermittlungen", stichtag, kopf, rows)


def _pflege(zeilen: list[Pflegezeile], stichtag: date) -> str:
    rows = [
        (tag(z["stichtag"]), z["pflegegrad"], _VERSORGUNG[z["versorgung"]], z["anzahl"])
        for z in zeilen
    ]
    kopf = ("Stichtag", "Pflegegrad", "Versorgung", "Anzahl")
    return liste("Pflegestatistik", stichtag, kopf, rows)


def _schueler(zeilen: list[Schuelerzeile], stichtag: date) -> str:
    rows = [(tag(z["stichtag"]), _SCHULART[z["schulart"]], z["anzahl"]) for z in zeilen]
    return liste("Schulstatistik", stichtag, ("Stichtag", "Schulart", "Anzahl"), rows)


def _indikatoren(zeilen: list[Indikatorzeile], stichtag: date) -> str:
    rows = [
        (_RAUM[z["gebiet_id"]], z["jahr"], _INDIKATOR[z["indikator"]], tag(z["gezaehlt_am"]),
         z["anzahl"], z["grundgesamtheit"])
        for z in zeilen
    ]  # fmt: skip
    kopf = ("Sozialraum", "Jahr", "Indikator", "Stand", "Anzahl", "von")
    return liste("Indikatoren der Sozialräume", stichtag, kopf, rows)
