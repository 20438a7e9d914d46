"""Running processes: what they were expected to move, what has moved, and what is shown by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue import Prozess
from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Geheim, Gezeigt
from sozcontrol.measures.prozesse import DAGEGEN, NACHWEISBAR, NICHT, OFFEN, Urteil, urteil
from sozcontrol.present.beschriftung import mit_einheit
from sozcontrol.present.format import as_decimal, datum, joined
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.table import Zelle, figure
from sozcontrol.present.tafelblock import (
    Spalte,
    joined_parts,
    numbered,
    stage,
    stage_cell,
    told_blocks,
)
from sozcontrol.present.unterrichtung import rows_of

VOLL, LUECKE, OHNE = "vollständig", "unvollständig", "ohne Werte"
ZEICHEN = {NACHWEISBAR: "◆", VOLL: "◆", OFFEN: "○", NICHT: "○", OHNE: "○", LUECKE: "●",
           DAGEGEN: "▲"}  # fmt: skip
KLASSE = {NACHWEISBAR: "erreicht", VOLL: "erreicht", LUECKE: "beobachten", DAGEGEN: "wesentlich"}
QUARTALE = 4
ERWARTET = {1: "soll steigen", -1: "soll sinken"}
KOPF = (Spalte("Prozess"), Spalte("vorher", rechts=True), Spalte("seither", rechts=True),
        Spalte("Urteil"))  # fmt: skip
LESEN = (
    "Vorher und seither: Mittel der Werte am selben Tag der Jahre, nach heutigem Stand, innerhalb "
    "einer Rechtslage. Bewegt hat sich etwas, wenn alle Werte seither jenseits der natürlichen "
    "Grenzen der Werte davor liegen; nachweisbar ist es erst, wenn es anderswo nicht ebenso ging. "
    "Geheim gehaltene Werte zählen nicht mit."
)


def processes(
    verlaeufe: Mapping[str, Released],
    anderswo: Released,
    schwellen: Mapping[str, Released],
    titel: str,
    *,
    kommune: catalogue.Kommune,
    berichte: Mapping[str, int],
) -> Fragment | None:
    """Show of every running process what was expected, what moved, and the judgement with why.

    Args:
        verlaeufe: ``measures.prozesse.verlaeufe``, released: the values by the process.
        anderswo: ``measures.prozesse.anderswo``, released.
        schwellen: ``measures.prozesse.schwellen``, released: by the Kennzahl.
        titel: The caption.
        kommune: Whose processes.
        berichte: How many quarters of the year the areas reported, by area.
    """
    others = {str(r["prozess"]): r for r in rows_of(demand_table(anderswo, "processes"))}
    rows, words = [], []
    for one in catalogue.prozesse(kommune.id).values():
        said = _judged(one, verlaeufe.get(one.id), others.get(one.id, {}), berichte)
        words.append(said.wort)
        rows.append((_kind(said), _cells(one, said, _threshold(one, schwellen))))
    if not rows:
        return None
    counted = Counter(words)
    told = joined([f"{counted[word]} {word}" for word in ZEICHEN if counted[word]])
    story = f"{len(rows)} Prozesse: {told}." if len(rows) > 1 else f"Ein Prozess: {words[0]}."
    return Fragment(told_blocks(story, KOPF, rows, titel, LESEN), titel)


def _kind(said: Urteil) -> str:
    return "soz-zeile-wesentlich" if said.wort == DAGEGEN else ""


def _judged(
    one: Prozess, values: Released | None, other: Mapping[str, Gezeigt], reports: Mapping[str, int]
) -> Urteil:
    if one.bericht is not None:
        number = reports.get(one.bericht, 0)
        word = VOLL if number >= QUARTALE else LUECKE
        return Urteil(word, f"Berichtet sind {number} von {QUARTALE} Quartalen.")
    if values is None:
        return Urteil(OHNE, "Die Kennzahl lässt sich aus dieser Lieferung nicht bilden.")
    pairs = zip(values.spalte("stichtag"), values.spalte("wert"), strict=True)
    shown = {_day(day): None if isinstance(v, Geheim | None) else as_decimal(v) for day, v in pairs}
    sides = [other.get(name) for name in ("davor", "danach")]
    known = [as_decimal(v) for v in sides if not isinstance(v, Geheim | None)]
    return urteil(one, shown, (known[0], known[1]) if len(known) == len(sides) else None)


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _cells(one: Prozess, said: Urteil, threshold: str) -> list[Zelle]:
    expected = "soll vollständig berichten"
    if one.kennzahl is not None:
        expected = f"{ERWARTET[one.richtung]}: {catalogue.steckbrief(one.kennzahl).kurzname}"
    word = stage(said.wort, ZEICHEN[said.wort], KLASSE.get(said.wort))
    return [
        numbered(one.titel, one.id, [f"seit {datum(one.seit)}; {expected}"]),
        *(_mean(one, values) for values in (said.davor, said.danach)),
        stage_cell(word, said.wort, [p for p in (said.grund, _beside(one), threshold) if p]),
    ]


def _beside(one: Prozess) -> str:
    """Say which comparison with other municipalities the judgement asks, or that there is none."""
    if one.kennzahl is None:
        return ""
    if one.vergleich is None:
        return "Einen Vergleich mit anderen Kommunen gibt es dafür nicht."
    return f"Daneben steht der Median der anderen: {catalogue.vergleiche()[one.vergleich].name}."


def _mean(one: Prozess, values: tuple[Decimal, ...]) -> Zelle:
    if not values or one.kennzahl is None:
        return figure(None, "text", rechts=True)
    item = catalogue.steckbrief(one.kennzahl)
    known = item.einheit if item.einheit in ("%", "€", "Tage") else ""
    mean = mit_einheit(sum(values, Decimal(0)) / len(values), known, item.rundung, None)
    number = "1 Wert" if len(values) == 1 else f"{len(values)} Werte"
    return Zelle(f"{esc(mean)}<small>{number}</small>", joined_parts([mean, number]), rechts=True)


def _threshold(one: Prozess, thresholds: Mapping[str, Released]) -> str:
    """Say from where on a process pays for itself, as its Kennzahl does; nothing where hidden."""
    name = one.gewinnschwelle
    if name is None or name not in thresholds:
        return ""
    found = thresholds[name].zahl()
    if isinstance(found.wert, Geheim | None) or as_decimal(found.wert) <= 0:
        return ""
    text = mit_einheit(found.wert, found.einheit, found.rundung, None)
    return f"Rechnet sich ab {text} im Jahr ({catalogue.steckbrief(name).name})."
