"""The run-off of invoices for readers: the provision in words."""

from __future__ import annotations

from datetime import date

from sozcontrol import catalogue
from sozcontrol.disclosure import Released, Zahl
from sozcontrol.present.beschriftung import columns
from sozcontrol.present.fragment import Fragment, demand_table
from sozcontrol.present.saetze import sentence
from sozcontrol.present.schlagzeile import statement
from sozcontrol.present.table import table

GANZES = "rueckstellung_gesamt"

_VORSCHLAG = (
    "Vorschlag für die Rückstellung zum {stichtag}: {erwartet:teur}. So viel ist für {leistungen} "
    "voraussichtlich noch zu buchen. Am {stichtag} waren {offen:teur} nicht abgerechnet; davon "
    "sind {danach:teur} seither gebucht."
)
_HEUTE = (
    "Am {stichtag} waren für {leistungen} voraussichtlich {offen:teur} nicht abgerechnet: "
    "{danach:teur} sind seither gebucht, {erwartet:teur} werden noch erwartet."
)
_KOPF_VORSCHLAG = (
    "Vorschlag für die Rückstellung: {erwartet:teur}, die für das Jahr noch zu buchen sind."
)
_KOPF_HEUTE = (
    "{offen:teur} sind am {stichtag} erbracht und nicht abgerechnet, {erwartet:teur} davon noch "
    "zu erwarten."
)
_KOPF_SONST = "{danach:teur} sind seit dem {stichtag} für {leistungen} gebucht."
_GRUNDLAGE = (
    " Grundlage ist, wie spät die Rechnungen der letzten drei Jahre kamen; einmalige Erstattungen "
    "sind nicht enthalten."
)
_SPANNE = " Unsicherheit des noch Erwarteten: {unten:teur} bis {oben:teur} ({grundlage})."
_OHNE_SPANNE = " Wie unsicher das ist, lässt sich noch nicht sagen: {grundlage}."


def provision(released: Released, ganzes: Released, stichtag: date, titel: str) -> Fragment:
    """Tell what is not yet billed: a sentence with its basis and span, and the tables behind it.

    *ganzes* is the total in its parts: what was booked since, and what is still expected. The
    latter is in December the proposal for the Rückstellung at the end of the year.
    """
    (dimension,) = demand_table(released, "provision").je
    texte = catalogue.texte(dimension)
    figures = {c: ganzes.zahl(c) for c in columns(GANZES)}
    low, high = figures["erwartet_unten_eur"], figures["erwartet_oben_eur"]
    proposes = stichtag.month == 12
    text = (_VORSCHLAG if proposes else _HEUTE) + _GRUNDLAGE
    made: dict[str, Zahl | date | str] = {
        "stichtag": stichtag, "leistungen": texte.leistungen, "offen": released.zahl("offen_eur"),
        "danach": figures["danach_eur"], "erwartet": figures["erwartet_eur"],
        "unten": low, "oben": high, "grundlage": released.zahl("grundlage"),
    }  # fmt: skip
    told = sentence(text + (_OHNE_SPANNE if low.wert is None else _SPANNE), **made)
    hint = (
        "Ein negativer Betrag heißt: Es ist mehr zurückzufordern als nachzuzahlen. Die Spannen "
        f"{texte.der_teile} lassen sich nicht zusammenzählen."
    )
    whole = table(ganzes, f"{titel.partition(',')[0]}: in zwei Teilen", spalten=GANZES)
    shown = table(released, titel, spalten="rueckstellung", hinweis=hint)
    head = statement(_KOPF_VORSCHLAG if proposes else _KOPF_HEUTE, _KOPF_SONST, **made)
    return Fragment(
        told.html + whole.html + shown.html, titel, schlagzeile=head.schlagzeile if head else ""
    )
