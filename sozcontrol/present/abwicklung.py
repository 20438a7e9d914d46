"""The run-off of invoices for readers: the columns of its tables, and the provision in words."""

from __future__ import annotations

from datetime import date

from sozcontrol.disclosure import Released
from sozcontrol.present.beschriftung import Spalten
from sozcontrol.present.output import Output, demand_table, stamped
from sozcontrol.present.saetze import sentence
from sozcontrol.present.table import table

ABWICKLUNG: Spalten = {
    "gebucht_eur": ("gebucht (€)", "anzahl"),
    "offen_eur": ("noch nicht abgerechnet (€)", "anzahl"),
    "endstand_eur": ("voraussichtlicher Endstand (€)", "anzahl"),
    "offen_pct": ("davon offen", "pct"),
}
"""Columns of the corrected actual of the budget year."""

RUECKSTELLUNG: Spalten = {
    "offen_eur": ("noch nicht abgerechnet (€)", "anzahl"),
    "unten_eur": ("von (€)", "anzahl"),
    "oben_eur": ("bis (€)", "anzahl"),
    "grundlage": ("Spanne", "text"),
}
"""Columns of the proposal for the Rückstellung."""

ABWICKLUNGSZEUGNIS: Spalten = {
    "monatsenden": ("geprüfte Monatsenden", "text"),
    "median_pct": ("mittlerer Fehler", "pct"),
    "bias_pct": ("im Ganzen zu hoch (+) oder zu niedrig (−)", "pct"),
    "spanne_pct": ("halbe Spanne", "pct"),
    "treffer": ("Spanne traf zu", "text"),
    "standardfehler_eur": ("Standardfehler nach Mack (€)", "anzahl"),
}
"""Columns of the record of the open amount."""

ABWICKLUNGSPROBEN: Spalten = {
    "stichtag": ("Monatsende", "datum"),
    "geschaetzt_eur": ("damals geschätzt (€)", "anzahl"),
    "gebucht_eur": ("später gebucht (€)", "anzahl"),
    "fehler_pct": ("Fehler", "pct"),
}
"""Columns of the record, month end by month end."""

NACHBUCHUNG: Spalten = {
    "nachbuchung0_pct": ("Stichtag des Vorjahres", "pct"),
    "nachbuchung1_pct": ("dieser Stichtag, bis zum Datenstand", "pct"),
}
"""Columns of the late-booking share (F17)."""

DREIECK: Spalten = {
    "nach_0": ("im selben Monat", "pct0"),
    **{f"nach_{n}": (f"nach {n} Monat{'en' if n > 1 else ''}", "pct0") for n in range(1, 6)},
    "nach_6": ("später", "pct0"),
}
"""Columns of a triangle of months of service × lag."""

MUSTER: Spalten = {**DREIECK, "nach_6": ("nach 6 Monaten", "pct0")}
"""Columns of the usual pattern."""

ABRECHNUNG: Spalten = {
    "leistungserbringer_id": ("Leistungserbringer", "text"),
    "gebucht_eur": ("gebucht in zwölf Monaten (€)", "anzahl"),
    "verzug_monate": ("Verzug (Monate)", "zahl1"),
    "spaet_pct": ("später als einen Monat danach", "pct0"),
    "offen_eur": ("noch nicht abgerechnet (€)", "anzahl"),
    "abrechnung": ("rechnet ab", "text"),
}
"""Columns of the providers: who bills late, and how much is still to come."""

_VORSCHLAG = (
    "Vorschlag für die Rückstellung zum {stichtag}: {offen:teur}. So viel ist für erbrachte Hilfen "
    "voraussichtlich noch nicht abgerechnet."
)
_HEUTE = (
    "Stand {stichtag}: Für erbrachte Hilfen sind voraussichtlich {offen:teur} noch nicht "
    "abgerechnet."
)
_GRUNDLAGE = (
    " Grundlage ist, wie spät die Rechnungen der letzten drei Jahre kamen; einmalige Erstattungen "
    "sind nicht enthalten."
)
_SPANNE = " Unsicherheit: {unten:teur} bis {oben:teur} ({grundlage})."
_OHNE_SPANNE = " Wie unsicher das ist, lässt sich noch nicht sagen: {grundlage}."


def provision(released: Released, stichtag: date, titel: str) -> Output:
    """Tell what is not yet billed: a sentence with its basis and span, and the table by Hilfeart.

    In December it is the proposal for the Rückstellung at the end of the year.
    """
    demand_table(released, "provision")
    figures = {c: released.zahl(c) for c in RUECKSTELLUNG}
    known = figures["unten_eur"].wert is not None
    text = (_VORSCHLAG if stichtag.month == 12 else _HEUTE) + _GRUNDLAGE
    told = sentence(
        text + (_SPANNE if known else _OHNE_SPANNE),
        stichtag=stichtag, offen=figures["offen_eur"], unten=figures["unten_eur"],
        oben=figures["oben_eur"], grundlage=figures["grundlage"],
    )  # fmt: skip
    hint = (
        "Ein negativer Betrag heißt: Es ist mehr zurückzufordern als nachzuzahlen. Die Spannen der "
        "Hilfearten lassen sich nicht zusammenzählen."
    )
    shown = table(released, titel, spalten=RUECKSTELLUNG, hinweis=hint)
    return stamped(told.html + shown.html, titel)
