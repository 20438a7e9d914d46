"""One paragraph for each part of a composed report: its figures, what moves them, what is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.measures import INSGESAMT
from sozcontrol.present.erste_seite import result_of
from sozcontrol.present.format import as_decimal, schreiben
from sozcontrol.present.fragment import Fragment, anchor, current, esc
from sozcontrol.present.saetze import Kachel, completed, in_words
from sozcontrol.present.steckbrief import written_comment
from sozcontrol.present.unterrichtung import (
    ZEICHEN,
    Zeile,
    becomes,
    name_of,
    part_name,
    rows_of,
    spoken,
)
from sozcontrol.projekt import Projekt

OHNE_ZIEL = "Ziele sind noch nicht vereinbart; verglichen wird mit dem Vorjahr."


def parts(
    teilhaushalte: Released, beitraege: Released, gebucht: Released, frei: Released | None,
    titel: str, *, vorjahr: Released | None = None,
) -> Fragment:  # fmt: skip
    """Tell of every Teilhaushalt in one paragraph, the largest deviation first.

    Args:
        teilhaushalte: ``hochrechnung.tafeln.teilhaushalte``, released.
        beitraege: ``hochrechnung.tafeln.beitraege``, released.
        gebucht: ``measures.teilhaushalte.teilhaushalte``, released: who is responsible.
        frei: ``measures.teilhaushalte.frei_verfuegbar``, released; None without orders.
        titel: What the paragraphs tell of, for a terminal.
        vorjahr: ``measures.teilhaushalte.teilhaushalte`` of the year before, released.
    """
    rows = [r for r in rows_of(teilhaushalte) if r["teilhaushalt"] != INSGESAMT]
    rows.sort(key=lambda r: (-as_decimal(r["abweichung_eur"]), str(r["teilhaushalt"])))
    steps = rows_of(beitraege)
    who = {r["teilhaushalt"]: r for r in rows_of(gebucht)}
    free = {} if frei is None else {r["teilhaushalt"]: r for r in rows_of(frei)}
    then = {} if vorjahr is None else {r["teilhaushalt"]: r for r in rows_of(vorjahr)}
    html = "".join(
        _part(r, [s for s in steps if s["teilhaushalt"] == r["teilhaushalt"]],
              who.get(r["teilhaushalt"], {}),
              _free(free.get(r["teilhaushalt"])) + _before(then.get(r["teilhaushalt"])))
        for r in rows
    )  # fmt: skip
    return Fragment(html, titel)


def _before(row: Zeile | None) -> str:
    result = result_of(row)
    return "" if result is None else f"Im Vorjahr waren es {spoken(result)}."


def _part(row: Zeile, steps: Sequence[Zeile], booked: Zeile, more: str) -> str:
    name, stage = name_of(row), str(row["stufe"])
    told = [
        f"Der Teilhaushalt {becomes(row)}: voraussichtlich {spoken(row['hochrechnung_eur'])} "
        f"Zuschuss statt {spoken(row['ansatz_eur'])} im Ansatz.",
        *moved(steps[:-1]),
        _span(row),
        more,
    ]
    office = booked.get("verantwortlich")
    told += [f"Verantwortlich: {office}."] if isinstance(office, str) else []
    text = " ".join(part for part in told if part)
    sign = f'<span class="soz-stufe" aria-hidden="true">{ZEICHEN[stage]}</span>'
    return (
        f'<h3 id="{anchor(name)}">{esc(name)} <small>{sign} {esc(stage)}</small></h3>'
        f'<p class="soz-satz">{esc(text)}</p>'
    )


def moved(steps: Sequence[Zeile]) -> list[str]:
    """Say what makes the budget worse, and what better, the larger side first."""
    sides = [
        (word, [s for s in steps if s["wort"] == word.lower()]) for word in ("Schlechter", "Besser")
    ]
    sides.sort(key=lambda side: -sum(as_decimal(s["abweichung_eur"]) for s in side[1]))
    return [
        f"{word} {'macht' if len(own) == 1 else 'machen'} ihn: {', '.join(map(_cause, own))}."
        for word, own in sides if own
    ]  # fmt: skip


def _cause(step: Zeile) -> str:
    return f"{part_name(step)} ({spoken(step['abweichung_eur'])})"


def _span(row: Zeile) -> str:
    low, high = row["unten_eur"], row["oben_eur"]
    if low is None or high is None:
        return "Wie weit es anders kommen kann, ist noch nicht bekannt."
    return f"Möglich sind {spoken(low)} bis {spoken(high)}."


def _free(free: Mapping[str, Gezeigt] | None) -> str:
    if free is None or not isinstance(free["frei_eur"], Decimal):
        return ""
    amount = f"{spoken(free['frei_eur'])} ({schreiben(free['frei_pct'], 'pct1')})"
    return f"Von den Aufwendungen ist noch frei verfügbar: {amount}."


def digest(
    kacheln: Sequence[Kachel],
    titel: str,
    *,
    stichtag: date | str,
    bereich: str,
    projekt: Projekt,
) -> Fragment:
    """Tell of one area in one paragraph: its leading figures beside last year's, and its comment.

    Args:
        kacheln: ``present.compared`` of the Kennzahlen, as on the page of the area.
        titel: What the paragraph tells of.
        stichtag: Whose comment is shown.
        bereich: The area the figures are of.
        projekt: Where the comments lie.
    """
    shown = [completed(k) for k in kacheln]
    current().count([k.zahl.wert is GEHEIM for k in shown if k.zahl.wert is not None])
    text = "; ".join(in_words(k) for k in shown)
    area = catalogue.bereich(bereich)
    more = f"Mehr im Bericht »{area.titel}«. {OHNE_ZIEL}"
    if any(k.ziel is not None for k in shown):
        more = f"Mehr im Bericht »{area.titel}«."
    said = written_comment(projekt, date.fromisoformat(str(stichtag)), area.id)
    html = (
        f'<h3 id="{anchor(titel)}">{esc(titel)}</h3><p class="soz-satz">{text}.</p>'
        f'{said}<p class="soz-anmerkung">{esc(more)}</p>'
    )
    return Fragment(html, titel)
