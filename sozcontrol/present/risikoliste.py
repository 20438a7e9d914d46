"""What may be missing at the year's end, with how likely it is and how such warnings came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune
from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.hochrechnung.tafeln.risiko import GEWARNT, ZUSAMMEN
from sozcontrol.present.beschriftung import columns
from sozcontrol.present.format import NBSP, schreiben, zahl
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.table import Zelle, figure, table, table_figure, value_html, word

Zeile = Mapping[str, Gezeigt]
HOECHSTENS = 6
"""Rows for readers who want what follows, not every series; what is warned of is always shown."""
ERKLAERT = (
    "Risiko: um wie viel der Haushalt im Mittel über alle möglichen Ergebnisse schlechter wird als "
    "der Ansatz (Wahrscheinlichkeit mal Betrag)."
)
GEWARNT_WIRD = (
    "▲: gewarnt, von der größten Wahrscheinlichkeit abwärts, solange nach den bisher genannten "
    "mindestens jede zweite Warnung zutrifft."
)
EIGEN = "Das Zeugnis stützt sich auf {jahre} eigene Jahre."
BRIER = (
    "Brier-Wert: mittlerer quadratischer Fehler der Wahrscheinlichkeiten, daneben der von "
    "jemandem, der immer die mittlere Häufigkeit nennt; weniger ist besser."
)


def risks(
    risiken: Released, zeugnis: Released, titel: str, *, kommune: Kommune, edition: str
) -> Fragment:
    """Rank the budgets by money at risk, each with its probabilities and past warnings.

    Args:
        risiken: ``hochrechnung.tafeln.risiken``, released.
        zeugnis: ``hochrechnung.tafeln.warnungszeugnis``, released.
        titel: The caption of the ranking.
        kommune: Whose threshold holds.
        edition: All rows are for editions that want every series, the largest for the others.
    """
    rows, full = _rows(risiken), catalogue.edition(edition).verfahren
    rated = [r for r in rows if r["risiko_eur"] is not None]
    shown = [r for n, r in enumerate(rated) if full or n < HOECHSTENS or r["warnung"] == GEWARNT]
    grenze = f"{zahl(kommune.wesentlich.anteil_pct)}{NBSP}% und mehr als " + schreiben(
        kommune.wesentlich.betrag_eur, "eur0"
    )
    told = [_first(shown[0], grenze)] if shown else []
    told += [_record(_rows(zeugnis))]
    shown += [r for r in rows if r["risiko_eur"] is None and r["ansatz_eur"]]
    html = "".join(f'<p class="soz-satz">{esc(satz)}</p>' for satz in told)
    if shown:
        head = [word(text, kopf=True, rechts=text.endswith("(T€)")) for text in _heads(grenze)]
        cells = [("", _cells(r)) for r in shown]
        html += table_figure(head, cells, titel, hinweis=[ERKLAERT, GEWARNT_WIRD]).html
    if len(zeugnis):
        html += _zeugnis(zeugnis, f"{titel}: Zeugnis der Warnungen", full)
    return Fragment(html, titel)


def _zeugnis(zeugnis: Released, titel: str, full: bool) -> str:
    """Return the record; for readers who want what follows, all sides together without scores."""
    if full:
        return table(zeugnis, titel, spalten="warnungszeugnis", hinweis=BRIER).html
    rows = [n for n, seite in enumerate(zeugnis.spalte("seite")) if seite == ZUSAMMEN]
    plain = {n: c for n, c in columns("warnungszeugnis").items() if not n.startswith("brier")}
    return table(zeugnis.auswahl(rows), titel, spalten=plain).html


def _rows(released: Released) -> list[Zeile]:
    demand_table(released, "risks")
    return [dict(zip(released.spalten, row, strict=True)) for row in released.zeilen]


def _heads(grenze: str) -> Sequence[str]:
    return ("Produktgruppe", "Ansatz (T€)", "Risiko (T€)", "schlechter als der Ansatz",
            f"um mehr als {grenze}", "frühere Warnungen")  # fmt: skip


def _name(row: Zeile) -> str:
    return f"{row['produktgruppe']} {row['produktgruppe_name']}, {row['seite']}"


def _cells(row: Zeile) -> list[Zelle]:
    mark = f"▲{NBSP}" if row["warnung"] == GEWARNT else ""
    return [
        word(_name(row), kopf=True),
        *(figure(row[c], "tausend") for c in ("ansatz_eur", "risiko_eur")),
        figure(row["ueber"], "text"),
        Zelle(mark + value_html(row["wesentlich"], "text"), mark + _said(row["wesentlich"])),
        word(row["zeugnis"]),
    ]


def _said(value: Gezeigt) -> str:
    return schreiben(value, "text")


def _first(row: Zeile, grenze: str) -> str:
    return (
        f"Am meisten Geld ist bei {_name(row)}, in Gefahr: {schreiben(row['risiko_eur'], 'teur')}. "
        f"Dass der Haushalt dort schlechter wird, ist {row['ueber']}; um mehr als {grenze}: "
        f"{row['wesentlich']}."
    )


def _record(rows: Sequence[Zeile]) -> str:
    """Say how all warnings of earlier years came out, and what the record rests on."""
    found = [r for r in rows if r["seite"] == ZUSAMMEN]
    if not found:
        return "Frühere Warnungen, an denen sich diese messen ließen, gibt es noch nicht."
    (r,) = found
    told = (
        f"Am selben Tag früherer Jahre wären von {r['verfehlt']} wesentlichen Verschlechterungen "
        f"{r['gefunden']} gefunden und {r['verpasst']} verpasst worden; {r['umsonst']}-mal wäre "
        "umsonst gewarnt worden."
    )
    return f"{told} {EIGEN.format(jahre=r['jahre'])}"
