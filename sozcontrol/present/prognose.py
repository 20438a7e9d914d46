"""The Hochrechnung for readers: how to read it, and what is said where there is none."""

from __future__ import annotations

from sozcontrol import catalogue
from sozcontrol.disclosure import Released
from sozcontrol.errors import UsageError
from sozcontrol.hochrechnung.prognosearchiv import ZUSCHUSS
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.present.beschriftung import Spalten, columns
from sozcontrol.present.fragment import Fragment, esc
from sozcontrol.present.table import table

SPANNE = (
    "»Trifft in«: Anteil der Fälle, in denen das Ergebnis in der Spanne liegt, in Klammern die "
    "Zahl der früheren Fehler dahinter. »Spannweite«: so weit reichten sie, ohne Trefferquote."
)
"""What the intervals are, where no table says so in its own words."""
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

METHODENLEGENDE = (
    "Von, bis: die Spanne der Summe nach den früheren Fehlern dieses Verfahrens; »Spannweite (4)« "
    "heißt, sie reicht so weit wie der größte von vier Fehlern und verspricht nichts. "
    "Typischer Fehler: Die Hälfte der Fälle lag weniger weit daneben. Fehler nach Euro: alle "
    "Fehler durch alle Ergebnisse. Güte: 1 ohne Fehler, 0 so gut wie Ansatz oder Vorjahr, unter 0 "
    "schlechter."
)
VERSUCHT = "Versuch"
VERSUCH = (
    "Versuch: So früh im Jahr streuen die Buchungen mehr, als sie verraten. Diese Zahlen sind "
    "keine Grundlage für Entscheidungen."
)


def maturity(aussage: Aussage) -> Fragment | None:
    """Say at the top of a report that its Hochrechnung is an experiment, while it is one.

    Args:
        aussage: What ``hochrechnung.aussage`` says of this delivery.

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
    if reife != "experimentell":
        return None
    return Fragment(f'<p class="soz-warnung">{esc(VERSUCH)}</p>', VERSUCH)


def forecast_table(
    prognose: Released | None, titel: str, *, aussage: Aussage, spalten: Spalten = "hochrechnung"
) -> Fragment | None:
    """Show a table of the forecast, marked while it is an experiment; without one say why not.

    Too early in the year there is nothing to show and nothing to say.
    """
    if aussage.verfrueht:
        return None
    if prognose is None or aussage.reife is None:
        return unshown(titel, aussage)
    chosen = narrow(prognose, spalten)
    remarks = [SPANNE] if "grundlage" in chosen else []
    if aussage.reife == "experimentell":
        remarks, titel = [*remarks, VERSUCH], f"{titel} (Versuch)"
    return table(prognose, titel, spalten=chosen, hinweis=remarks)


def unshown(titel: str, aussage: Aussage) -> Fragment:
    """Say that an output of the forecast is missing, and why."""
    text = f"»{titel}« wird nicht gezeigt. {aussage.grund}"
    return Fragment(f'<p class="soz-hinweis">{esc(text)}</p>', text)


def narrow(released: Released, spalten: Spalten) -> dict[str, tuple[str, str]]:
    """Return the columns with the short headings of its keys."""
    short = columns("schmal")
    return {d: short[d] for d in released.je if d in short} | columns(spalten)


NOCH_NICHTS = "Vor diesem Stichtag wurde noch keine Hochrechnung veröffentlicht."


def published(archiv: Released, titel: str, *, edition: str) -> Fragment:
    """Show what was published of earlier Stichtage, and what became of it.

    An experiment is listed, and marked, only in an edition that may show one. One without methods
    gets the net of the Teilhaushalte alone, where it was published.
    """
    may = catalogue.edition(edition)
    said = list(zip(archiv.spalte("reife"), archiv.spalte("was"), strict=True))
    seen = [n for n, (reife, _) in enumerate(said) if may.experimentell or reife != VERSUCHT]
    lead = [n for n in seen if said[n][1] == ZUSCHUSS]
    seen = lead if lead and not may.verfahren else seen
    archiv = archiv.auswahl(seen)
    if not len(archiv):
        return Fragment(f'<p class="soz-hinweis">{esc(NOCH_NICHTS)}</p>', NOCH_NICHTS)
    if VERSUCHT in archiv.spalte("reife"):
        return table(archiv, titel, spalten="veroeffentlicht", hinweis=VERSUCH)
    plain = {n: c for n, c in columns("veroeffentlicht").items() if n != "reife"}
    return table(archiv, titel, spalten=plain)
