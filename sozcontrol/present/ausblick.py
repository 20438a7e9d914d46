"""The Hochrechnung as leadership reads it: one sentence, then each forecast beside its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.hochrechnung.tafeln.bau import IM_ANSATZ
from sozcontrol.present.beschriftung import Spalten, columns
from sozcontrol.present.charts import line_chart
from sozcontrol.present.format import NBSP, as_decimal, schreiben
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.prognose import (
    LEGENDE,
    METHODENLEGENDE,
    OHNE_PROZENT,
    narrow,
)
from sozcontrol.present.table import table

MERKLICH = 100_000
"""From this amount on the lead sentence speaks of millions."""
SALDO = "Zuschussbedarf: Aufwand minus Erträge, was die Kommune selbst trägt."
SALDOSPANNE = (
    "Seine Spanne reicht vom günstigsten Fall beider Seiten bis zum ungünstigsten, denn ob beide "
    "zugleich danebenliegen, sagen die Daten nicht."
)
ABGLEICH = (
    "Ist, noch Erwartetes und Abgleich ergeben die Hochrechnung. Abgleich: Zeilen und Summe werden "
    "getrennt hochgerechnet und aneinander angepasst. Einmaliges steckt im Ist und wird nicht "
    "fortgeschrieben. Bei der Mitte mehrerer Verfahren zählt mehr, wer bisher genauer war."
)
VERBUNDEN = (
    "Bis zum Stichtag gebucht; danach sind Hochrechnung und Spanne geradlinig mit dem Jahresende "
    "verbunden, ein Verlauf der Monate ist das nicht."
)
ABGESCHLOSSEN = (
    "Alle Monate sind gebucht; Hochrechnung und Spanne am Jahresende enthalten, was noch "
    "nachgebucht wird."
)


def outlook(gesamt: Released, zeugnis: Released, titel: str) -> Fragment:
    """Say in one sentence how the year will end, and show the figures and their record below.

    Args:
        gesamt: ``hochrechnung.tafeln.gesamt``, released: Aufwand, Erträge, Zuschussbedarf.
        zeugnis: ``hochrechnung.tafeln.gesamtzeugnis``, released.
        titel: The caption of the figures.
    """
    rows = _rows(demand_table(gesamt, "outlook"))
    told = f'<p class="soz-satz"><strong>{esc(lead(rows))}</strong></p>'
    saldo = rows.get("Zuschussbedarf")
    note = " ".join([SALDO, *([SALDOSPANNE] if _span(saldo) else [])]) if saldo else None
    was = {"was": ("", "text")}
    figures = table(gesamt, titel, spalten=was | columns("hochrechnung"), hinweis=note)
    words = was | {"satz": columns("in_worten")["satz"]}
    said = table(zeugnis, f"Zeugnis: {titel}", spalten=words)
    return Fragment(told + figures.html + said.html, titel)


def lead(rows: Mapping[Gezeigt, Mapping[str, Gezeigt]]) -> str:
    """Return the lead sentence from the rows of the whole, by name."""
    aufwand, ertrag = _part(rows["Aufwand"], "Aufwand"), rows.get("Erträge")
    if ertrag is None:
        return f"Soziale Sicherung: voraussichtlich {aufwand}."
    text = f"Soziale Sicherung: voraussichtlich {aufwand}; {_part(ertrag, 'Erträge')}. "
    saldo = rows["Zuschussbedarf"]
    return f"{text}Ihr Zuschussbedarf beträgt damit {_part(saldo, '')}."


def _part(row: Mapping[str, Gezeigt], was: str) -> str:
    wert, name = row["hochrechnung_eur"], f" {was}" if was else ""
    if wert is None:
        return f"ohne Hochrechnung{name and ' für'}{name}"
    if wert is GEHEIM:
        return f"• (geheim gehalten){name}"
    text = f"{_amount(wert)}{name}{_span(row)}"
    if GEHEIM in (row["wort"], row["abweichung_eur"]):
        return f"{text}, Abweichung vom Ansatz geheim gehalten"
    if row["wort"] is None:
        return f"{text}, ohne Ansatz"
    if row["wort"] == IM_ANSATZ:
        return f"{text}, {IM_ANSATZ}"
    return f"{text}, für den Haushalt {row['wort']} um {_amount(row['abweichung_eur'])}"


def _span(row: Mapping[str, Gezeigt]) -> str:
    unten, oben = row["unten_eur"], row["oben_eur"]
    if unten is None or oben is None or GEHEIM in (unten, oben):
        return ""
    low, high = _amount(unten), _amount(oben)
    number, _, unit = low.partition(NBSP)
    return f" (Spanne {number if high.endswith(unit) else low} bis {high})"


def _amount(value: object) -> str:
    """Write an amount as it is said aloud: millions with one decimal, small ones in T€."""
    return schreiben(value, "mio1" if abs(as_decimal(value)) >= MERKLICH else "teur")


def _rows(released: Released) -> dict[Gezeigt, dict[str, Gezeigt]]:
    cells = [dict(zip(released.spalten, row, strict=True)) for row in released.zeilen]
    return {row["was"]: row for row in cells}


def forecast(
    prognose: Released,
    zeugnis: Released,
    teile: Released,
    titel: str,
    *,
    hinweise: Mapping[str, Sequence[str]],
) -> Fragment:
    """Show a Hochrechnung beside its record: figures, the sentence of each row, the measures.

    What it is made of (*teile*) opens on demand. *hinweise* are the lines below both
    (``hochrechnung.tafeln.hinweise``).
    """
    figures, remarks = narrow(prognose, "hochrechnung"), [*hinweise["zeugnis"], *LEGENDE]
    shown = table(prognose, titel, spalten=figures, hinweis=hinweise["prognose"])
    if None in zeugnis.spalte("mape_pct"):
        remarks.insert(0, OHNE_PROZENT)
    name = titel.replace("Hochrechnung", "Prognosezeugnis", 1)
    said = table(zeugnis, f"{name}, in Worten", spalten=narrow(zeugnis, "in_worten"))
    measured = table(zeugnis, name, spalten=narrow(zeugnis, "zeugnis"), hinweis=remarks)
    made = table(teile, f"{titel}, ihre Teile", spalten=narrow(teile, "teile"), hinweis=ABGLEICH)
    parts = on_demand(f"Woraus sie besteht – {titel}", made.html)
    return Fragment(shown.html + said.html + measured.html + parts, titel)


def on_demand(titel: str, html: str) -> str:
    """Fold away what answers a second question."""
    return f'<details class="soz-daten"><summary>{esc(titel)}</summary>{html}</details>'


def methods(
    methoden: Released,
    ohne_antwort: Released,
    wahl: Released,
    titel: str,
    *,
    wege: Released | None = None,
) -> Fragment:
    """Show all methods on the same cases, why this one is shown, and who was silent.

    *wege*, the ways to the total, open on demand.
    """
    html = table(methoden, titel, spalten="methoden", hinweis=METHODENLEGENDE).html
    html += table(wahl, f"{titel} – was gezeigt wird und warum", spalten="satz").html
    if len(ohne_antwort):
        html += table(ohne_antwort, f"{titel} – wer nicht antwortet", spalten="ohne_antwort").html
    if wege is not None:
        ways = table(wege, f"{titel} – drei Wege zur Summe", spalten="wege").html
        html += on_demand("Drei Wege zur Summe", ways)
    return Fragment(html, titel)


def path_to_year_end(weg: Released, titel: str) -> Fragment:
    """Draw the actual, the way to the forecast with its span, and the budget as a level."""
    reihen = [name for name in weg.spalte("reihe") if name == "Hochrechnung"]
    hinweis = VERBUNDEN if len(reihen) > 1 else ABGESCHLOSSEN if reihen else None
    return line_chart(
        weg, titel, x="monat", y="betrag_eur", gruppe="reihe", format="mio",
        band=("untere Grenze", "obere Grenze"), hoehe=("Ansatz",), hinweis=hinweis,
    )  # fmt: skip


def scenarios(tafeln: Mapping[str, Released], titel: str, *, spalten: Spalten, hinweis: str,
              formen: Mapping[str, Spalten]) -> Fragment:  # fmt: skip
    """Show the scenarios side by side, their assumptions and states; without any say so.

    Args:
        tafeln: What ``szenariotafeln.alle`` gives, released, by name; those that are missing have
            nothing to show.
        titel: The caption of the comparison.
        spalten: The columns of the comparison.
        hinweis: How to read it, or why there is none.
        formen: The columns of the other tables, by name.
    """
    html = "" if "vergleich" in tafeln else f'<p class="soz-hinweis">{esc(hinweis)}</p>'
    if "vergleich" in tafeln:
        html += table(tafeln["vergleich"], titel, spalten=spalten, hinweis=hinweis).html
    for name, form in formen.items():
        if name in tafeln:
            html += table(tafeln[name], name, spalten=form).html
    return Fragment(html, titel)
