"""The Hochrechnung for readers: its tables' columns, and what is said where there is none."""

from __future__ import annotations

from typing import Any

from sozcontrol.disclosure import Released
from sozcontrol.errors import UsageError
from sozcontrol.present.beschriftung import Spalten
from sozcontrol.present.output import Output, esc, stamped
from sozcontrol.present.table import table

HOCHRECHNUNG: Spalten = {
    "ansatz_eur": ("Ansatz (T€)", "tausend"),
    "hochrechnung_eur": ("Hoch\u00adrechnung (T€)", "tausend"),
    "abweichung_eur": ("Abwei\u00adchung (T€)", "tausend"),
    "abweichung_pct": ("in %", "zahl1"),
    "wort": ("das ist", "lage"),
    "unten_eur": ("Spanne von (T€)", "tausend"),
    "oben_eur": ("bis (T€)", "tausend"),
    "grundlage": ("trifft in (Fehler)", "text"),
    "ist_eur": ("Ist (T€)", "tausend"),
    "vorjahr_eur": ("Vorjahr (T€)", "tausend"),
}
"""Forecast beside both baselines, with its interval; in T€, for so many amounts need the width."""

SPANNE = (
    "»Trifft in«: Anteil der Fälle, in denen das Ergebnis in der Spanne liegt, in Klammern die "
    "Zahl der früheren Fehler dahinter. »Spannweite«: so weit reichten sie, ohne Trefferquote."
)
"""What the intervals are, where no table says so in its own words."""
SCHMAL: Spalten = {
    "produktgruppe": ("Nr.", "text"),
    "produktgruppe_name": ("Bezeichnung", "text"),
}
"""Short headings of the keys of a wide table."""

ZEUGNIS: Spalten = {
    "jahre": ("Jahre", "text"),
    "mape_pct": ("mittlerer Fehler", "pct"),
    "wape_pct": ("Fehler nach Euro", "pct"),
    "bias_pct": ("zu hoch (+), zu niedrig (−)", "pct"),
    "mase": ("Fehler gegen Vorjahr", "zahl2"),
    "guete_ansatz": ("Güte gegen Ansatz", "zahl2"),
    "guete_vorjahr": ("Güte gegen Vorjahr", "zahl2"),
    "alarme": ("gewarnt", "text"),
    "treffer": ("Spanne traf", "text"),
}
"""The record: negative skill means that the baseline was the better forecast."""

IN_WORTEN: Spalten = {
    "methode": ("Verfahren", "text"),
    "satz": ("Wie gut die Hochrechnung am selben Tag früherer Jahre war", "text"),
}
LEGENDE = (
    "Mittlerer Fehler: im Schnitt der Jahre, in Prozent des Ergebnisses. Fehler nach Euro: alle "
    "Fehler durch alle Ergebnisse, große Beträge zählen mehr.",
    "Fehler gegen Vorjahr: Fehler der Hochrechnung geteilt durch den Fehler, den die Prognose »wie "
    "im Vorjahr« gemacht hätte; unter 1 war die Hochrechnung genauer.",
    "Güte: 1 heißt ohne Fehler, 0 so gut wie der Ansatz oder das Vorjahr, unter 0 schlechter.",
)
"""How to read the columns of a record."""
OHNE_PROZENT = (
    "Ohne mittleren Fehler: Die Ergebnisse liegen unter 50 T€; so kleine Beträge misst kein "
    "Prozentwert."
)

SATZ: Spalten = {"was": ("", "text"), "satz": ("", "text")}
TEILE: Spalten = {
    "ist_eur": ("Ist (T€)", "tausend"),
    "einmalig_eur": ("davon einmalig (T€)", "tausend"),
    "rest_eur": ("noch erwartet (T€)", "tausend"),
    "abgleich_eur": ("Abgleich (T€)", "tausend"),
    "hochrechnung_eur": ("Hochrechnung (T€)", "tausend"),
    "verfahren": ("woher der Rest kommt", "text"),
}
FRUEHERE_JAHRE: Spalten = {
    "prognose_eur": ("Hochrechnung, nachgerechnet (€)", "anzahl"),
    "ansatz_eur": ("Ansatz (€)", "anzahl"),
    "vorjahr_eur": ("Vorjahr (€)", "anzahl"),
    "ergebnis_eur": ("Ergebnis (€)", "anzahl"),
    "fehler_pct": ("Fehler", "pct"),
    "naeher": ("am nächsten", "text"),
}
METHODEN: Spalten = {
    "methode": ("Verfahren", "text"),
    "summe_eur": ("Summe jetzt (T€)", "tausend"),
    "unten_eur": ("von (T€)", "tausend"),
    "oben_eur": ("bis (T€)", "tausend"),
    "grundlage": ("trifft in (Fehler)", "text"),
    "prognosen": ("frühere Fälle", "anzahl"),
    "median_pct": ("typischer Fehler", "pct"),
    "wape_pct": ("Fehler nach Euro", "pct"),
    "bias_pct": ("zu hoch (+), zu niedrig (−)", "pct"),
    "guete_ansatz": ("Güte gegen Ansatz", "zahl2"),
    "guete_vorjahr": ("Güte gegen Vorjahr", "zahl2"),
}
METHODENLEGENDE = (
    "Von, bis: die Spanne der Summe nach den früheren Fehlern dieses Verfahrens; »Spannweite (4)« "
    "heißt, sie reicht so weit wie der größte von vier Fehlern und verspricht nichts. "
    "Typischer Fehler: Die Hälfte der Fälle lag weniger weit daneben. Fehler nach Euro: alle "
    "Fehler durch alle Ergebnisse. Güte: 1 ohne Fehler, 0 so gut wie Ansatz oder Vorjahr, unter 0 "
    "schlechter."
)
OHNE_ANTWORT: Spalten = {
    "methode": ("Verfahren", "text"),
    "fehlt": ("jetzt ohne Antwort bei", "text"),
    "frueher": ("Antworten früher", "text"),
    "grund": ("Grund", "text"),
}
WEGE: Spalten = {
    "weg": ("Weg", "text"),
    "summe_eur": ("Summe jetzt (€)", "anzahl"),
    "jahre": ("Jahre", "anzahl"),
    "wape_pct": ("Fehler nach Euro", "pct"),
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
        aussage: What ``hochrechnung.aussage`` says of this delivery and edition.

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
    "Jahre gesagt hätte, mit den Buchungen von damals, und was daraus wurde."
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
        text = f"»{titel}« wird nicht gezeigt. {aussage.grund}"
        return stamped(f'<p class="soz-hinweis">{esc(text)}</p>', text)
    columns, remarks = narrow(prognose, spalten), [SPANNE] if "grundlage" in spalten else []
    if aussage.reife == "experimentell":
        remarks, titel = [*remarks, VERSUCH], f"{titel} (Versuch)"
    return table(prognose, titel, spalten=columns, hinweis=remarks)


def narrow(released: Released, spalten: Spalten) -> Spalten:
    """Return the columns with the short headings of its keys."""
    return {d: SCHMAL[d] for d in released.je if d in SCHMAL} | dict(spalten)


NOCH_NICHTS = "Vor diesem Stichtag wurde noch keine Hochrechnung veröffentlicht."


def published(archiv: Released, titel: str) -> Output:
    """Show what was published of earlier Stichtage, and what became of it; experiments marked."""
    if not len(archiv):
        return stamped(f'<p class="soz-hinweis">{esc(NOCH_NICHTS)}</p>', NOCH_NICHTS)
    if VERSUCHT in archiv.spalte("reife"):
        return table(archiv, titel, spalten=VEROEFFENTLICHT, hinweis=VERSUCH)
    plain = {name: column for name, column in VEROEFFENTLICHT.items() if name != "reife"}
    return table(archiv, titel, spalten=plain)
