"""The Hochrechnung for readers: its tables' columns, and what is said where there is none."""

from __future__ import annotations

from typing import Any

from sozcontrol.disclosure import Released
from sozcontrol.errors import UsageError
from sozcontrol.present.beschriftung import Spalten
from sozcontrol.present.output import Output, esc, stamped
from sozcontrol.present.table import table

HOCHRECHNUNG: Spalten = {
    "ansatz_eur": ("Ansatz, fortgeschrieben (€)", "anzahl"),
    "hochrechnung_eur": ("Hochrechnung (€)", "anzahl"),
    "abweichung_eur": ("Abweichung vom Ansatz (€)", "anzahl"),
    "abweichung_pct": ("in %", "pct"),
    "wort": ("liegt", "text"),
    "unten_eur": ("Spanne von (€)", "anzahl"),
    "oben_eur": ("bis (€)", "anzahl"),
    "ist_eur": ("Ist (€)", "anzahl"),
    "vorjahr_eur": ("Ergebnis Vorjahr (€)", "anzahl"),
}
"""Forecast beside both baselines, with its interval."""

ZEUGNIS: Spalten = {
    "jahre": ("Jahre", "text"),
    "mape_pct": ("mittlerer Fehler", "pct"),
    "wape_pct": ("gewichtet", "pct"),
    "mase": ("Fehler / Fehler des Vorjahres", "zahl2"),
    "bias_pct": ("Verzerrung", "pct"),
    "guete_ansatz": ("Güte gegen Ansatz", "zahl2"),
    "guete_vorjahr": ("Güte gegen Vorjahr", "zahl2"),
    "alarme": ("gewarnt: richtig / falsch / verpasst", "text"),
    "treffer": ("Spanne traf", "text"),
}
"""The record: negative skill means that the baseline was the better forecast."""

FRUEHERE_JAHRE: Spalten = {
    "prognose_eur": ("Hochrechnung damals (€)", "anzahl"),
    "ansatz_eur": ("Ansatz (€)", "anzahl"),
    "vorjahr_eur": ("Vorjahr (€)", "anzahl"),
    "ergebnis_eur": ("Ergebnis (€)", "anzahl"),
    "fehler_pct": ("Fehler", "pct"),
    "naeher": ("am nächsten", "text"),
}
METHODEN: Spalten = {
    "summe_eur": ("Summe jetzt (€)", "anzahl"),
    "prognosen": ("Prognosen", "anzahl"),
    "median_pct": ("mittlerer Fehler (Median)", "pct"),
    "wape_pct": ("gewichtet", "pct"),
    "bias_pct": ("Verzerrung", "pct"),
    "guete_ansatz": ("Güte gegen Ansatz", "zahl2"),
    "guete_vorjahr": ("Güte gegen Vorjahr", "zahl2"),
}
WEGE: Spalten = {
    "summe_eur": ("Summe jetzt (€)", "anzahl"),
    "jahre": ("Jahre", "anzahl"),
    "wape_pct": ("gewichteter Fehler", "pct"),
}

VEROEFFENTLICHT: Spalten = {
    "datenstand": ("Datenstand", "text"),
    "reife": ("Reife", "text"),
    "methode": ("Verfahren", "text"),
    "prognose_eur": ("Hochrechnung (€)", "anzahl"),
    "ergebnis_eur": ("Ergebnis (€)", "anzahl"),
    "fehler_pct": ("Fehler", "pct"),
    "spanne_traf": ("Spanne traf", "text"),
}

VERSUCHT = "Versuch"
VERSUCH = (
    "Versuch: So früh im Jahr streuen die Buchungen mehr, als sie verraten. Diese Zahlen sind "
    "keine Grundlage für Entscheidungen."
)


def maturity(aussage: Any) -> Output:
    """Say at the top of a report how far its Hochrechnung can be trusted.

    Args:
        aussage: What ``forecast.aussage`` says of this delivery and edition.

    Raises:
        UsageError: There is no Hochrechnung to show.
    """
    reife = aussage.reife
    if reife is None:
        raise UsageError(
            f"Zu diesem Stichtag gibt es in dieser Edition keine Hochrechnung: {aussage.grund}",
            wo="Notebook hochrechnung",
            tun="Einen Stichtag ab dem 30.06. wählen, oder ab dem 30.04. die Edition controlling.",
        )
    text = VERSUCH if reife == "experimentell" else GELESEN
    kind = "soz-warnung" if reife == "experimentell" else "soz-hinweis"
    return stamped(f'<p class="{kind}">{esc(text)}</p>', text)


GELESEN = (
    "Jede Hochrechnung steht neben ihrem Zeugnis: was dasselbe Verfahren am selben Tag früherer "
    "Jahre gesagt hätte, nur mit dem Wissen von damals, und was daraus wurde."
)


def forecast_table(
    prognose: Released | None, titel: str, *, aussage: Any, spalten: Spalten = HOCHRECHNUNG
) -> Output | None:
    """Show a table of the forecast, marked while it is an experiment; without one say why not.

    Too early in the year there is nothing to show and nothing to say.
    """
    if aussage.verfrueht:
        return None
    if prognose is None or aussage.reife is None:
        text = f"{titel}: wird nicht gezeigt. {aussage.grund}"
        return stamped(f'<p class="soz-hinweis">{esc(text)}</p>', text)
    if aussage.reife == "experimentell":
        return table(prognose, f"{titel} (Versuch)", spalten=spalten, hinweis=VERSUCH)
    return table(prognose, titel, spalten=spalten)


NOCH_NICHTS = "Vor diesem Stichtag wurde noch keine Hochrechnung veröffentlicht."


def published(archiv: Released, titel: str) -> Output:
    """Show what was published of earlier Stichtage, and what became of it; experiments marked."""
    if not len(archiv):
        return stamped(f'<p class="soz-hinweis">{esc(NOCH_NICHTS)}</p>', NOCH_NICHTS)
    if VERSUCHT in archiv.spalte("reife"):
        return table(archiv, titel, spalten=VEROEFFENTLICHT, hinweis=VERSUCH)
    plain = {name: column for name, column in VEROEFFENTLICHT.items() if name != "reife"}
    return table(archiv, titel, spalten=plain)
