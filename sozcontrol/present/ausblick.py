"""The Hochrechnung as leadership reads it: one sentence, then each forecast beside its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.hochrechnung.szenarien.wirkung import GUELTIG
from sozcontrol.hochrechnung.tafeln.bau import IM_ANSATZ
from sozcontrol.hochrechnung.tafeln.jahresgang import OBEN, UNTEN, VORAUSSICHTLICH
from sozcontrol.measures import INSGESAMT
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
from sozcontrol.present.table import Zelle, figure, table, table_figure, word

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
ERWARTET = (
    "Aufgelaufen; der Dezember enthält, was danach noch für das Jahr gebucht wird. Der Rest kommt, "
    "wie er in früheren Jahren im Mittel kam. Die Spanne gilt am Jahresende und wächst bis dahin."
)
HOECHSTENS = 5
"""Rows of a Hochrechnung for readers who want what follows, not every series."""
AUSWAHL = "Gezeigt sind die größten Abweichungen; alle Zeilen stehen in der Fassung Controlling."
BEZUG = (
    "Bezug ist Fälle × Kosten ohne Annahmen, in der Summe; die Hochrechnung des Berichts kann "
    "davon abweichen."
)
ABGESCHLOSSEN = (
    "Alle Monate sind gebucht; Hochrechnung und Spanne am Jahresende enthalten, was noch "
    "nachgebucht wird."
)


def outlook(gesamt: Released, zeugnis: Released, titel: str, *, edition: str) -> Fragment:
    """Say in one sentence how the year will end, and show the figures and their record below.

    Args:
        gesamt: ``hochrechnung.tafeln.gesamt``, released: Aufwand, Erträge, Zuschussbedarf.
        zeugnis: ``hochrechnung.tafeln.gesamtzeugnis``, released.
        titel: The caption of the figures.
        edition: The record is for editions that want it beside every figure.
    """
    full = catalogue.edition(edition).verfahren
    rows = _rows(demand_table(gesamt, "outlook"))
    told = f'<p class="soz-satz"><strong>{esc(lead(rows))}</strong></p>'
    saldo = rows.get("Zuschussbedarf")
    note = " ".join([SALDO, *([SALDOSPANNE] if _span(saldo) else [])]) if saldo else None
    was = {"was": ("", "text")}
    form = "hochrechnung" if full else "hochrechnung_kurz"
    figures = table(gesamt, titel, spalten=was | columns(form), hinweis=note)
    words = was | {"satz": columns("in_worten")["satz"]}
    said = table(zeugnis, f"Zeugnis: {titel}", spalten=words).html if full else ""
    return Fragment(told + figures.html + said, titel)


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
    edition: str,
) -> Fragment:
    """Show a Hochrechnung beside its record: figures, the sentence of each row, the measures.

    What it is made of (*teile*) opens on demand. *hinweise* are the lines below both
    (``hochrechnung.tafeln.hinweise``). An *edition* without methods gets the figures alone.
    """
    if not catalogue.edition(edition).verfahren:
        kept = _largest(prognose)
        cut = [AUSWAHL] if len(kept) < len(prognose) else []
        return table(kept, titel, hinweis=[*cut, *hinweise["spanne"]],
                     spalten=narrow(prognose, "hochrechnung_kurz"))  # fmt: skip
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


def _largest(prognose: Released) -> Released:
    """Return the rows in which most becomes of the budget, and the total."""
    off = [
        as_decimal(v) if isinstance(v, (int, Decimal)) else Decimal(-1)
        for v in prognose.spalte("abweichung_eur")
    ]
    parts = sorted(range(len(off) - 1), key=lambda n: -off[n])
    return prognose.auswahl([*parts[:HOECHSTENS], len(off) - 1])


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


def course(gang: Released, titel: str) -> Fragment:
    """Draw last year, this year, the expected rest with its span, and the budget as a level."""
    punkte = [name for name in gang.spalte("reihe") if name == VORAUSSICHTLICH]
    return line_chart(
        gang, titel, x="monat", y="betrag_eur", gruppe="reihe", format="mio", band=(UNTEN, OBEN),
        hoehe=("Ansatz",), quer="reihe", spalten={"betrag_eur": ("Betrag (T€)", "tausend")},
        hinweis=ERWARTET if len(punkte) > 1 else ABGESCHLOSSEN,
    )  # fmt: skip


def scenarios(
    tafeln: Mapping[str, Released], titel: str, *, spalten: Mapping[str, tuple[str, str]],
    hinweis: str, formen: Mapping[str, Spalten], edition: str,
) -> Fragment:  # fmt: skip
    """Show what each scenario does to the budget, their assumptions and states; without any say so.

    An *edition* with methods sees them side by side, too, Hilfeart by Hilfeart.

    Args:
        tafeln: What ``szenariotafeln.alle`` gives, released, by name; those that are missing have
            nothing to show.
        titel: The caption of the comparison.
        spalten: The columns of the comparison.
        hinweis: How to read it, or why there is none.
        formen: The columns of the other tables, by name.
        edition: Who reads; states are shown to all where one is not valid.
    """
    full = catalogue.edition(edition).verfahren
    html = "" if "vergleich" in tafeln else f'<p class="soz-hinweis">{esc(hinweis)}</p>'
    if "vergleich" in tafeln:
        html += _effects(tafeln["vergleich"], spalten).html
        if full:
            html += table(tafeln["vergleich"], titel, spalten=spalten, hinweis=hinweis).html
    for name, form in formen.items():
        if name in tafeln and (full or not _all_valid(tafeln[name])):
            html += table(tafeln[name], name, spalten=form).html
    return Fragment(html, titel)


def _all_valid(zustaende: Released) -> bool:
    """Whether a table lists states of scenarios, and nothing but valid ones."""
    if "zustand" not in zustaende.spalten:
        return False
    return set(zustaende.spalte("zustand")) == {GUELTIG}


def _effects(vergleich: Released, spalten: Mapping[str, tuple[str, str]]) -> Fragment:
    """Show by scenario what it changes in the whole, this year and the next."""
    at = vergleich.spalte(vergleich.je[0]).index(INSGESAMT)
    total = dict(zip(vergleich.spalten, vergleich.zeilen[at], strict=True))
    head = [word(text, kopf=True) for text in ("Szenario", "Haushalt wird", "im nächsten Jahr")]
    rows = []
    for name in spalten:
        if f"{name.removesuffix('_eur')}_unterschied_eur" in total:
            titel, kurz = spalten[name][0].removesuffix(" (€)"), name.removesuffix("_eur")
            parts = [total[f"{kurz}_{was}_eur"] for was in ("unterschied", "folgejahr")]
            rows.append(("", [word(titel, kopf=True), *map(_effect, parts)]))
    return table_figure(head, rows, "Wirkung der Szenarien", hinweis=BEZUG)


def _effect(value: Gezeigt) -> Zelle:
    known = value is not GEHEIM and value is not None
    if known and schreiben(as_decimal(value), "teur") == schreiben(0, "teur"):
        return word("unverändert")
    return figure(value, "wirkung_teur", rechts=False)
