"""The radar of decisions: what is due, late or contradictory, and whether its Kennzahl moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.measures.beschluesse import (
    FAELLIG,
    FERTIG,
    LAGEN,
    OFFEN,
    OHNE_BERICHT,
    UEBERFAELLIG,
    WIDERSPRUCH,
)
from sozcontrol.present.format import datum, joined, zahl
from sozcontrol.present.fragment import Fragment, demand_number, demand_table, esc
from sozcontrol.present.svgbild import slippage
from sozcontrol.present.table import Zelle, figure, word
from sozcontrol.present.tafelblock import Spalte, numbered, stage, stage_cell, told_blocks
from sozcontrol.present.zielstand import judged, sign, sign_text

ZEICHEN = {UEBERFAELLIG: "▲", WIDERSPRUCH: "▲", OHNE_BERICHT: "●", FAELLIG: "●", OFFEN: "○",
           FERTIG: "◆"}  # fmt: skip
KLASSE = {UEBERFAELLIG: "wesentlich", WIDERSPRUCH: "wesentlich", OHNE_BERICHT: "beobachten",
          FAELLIG: "beobachten", FERTIG: "erreicht"}  # fmt: skip
BESCHLUSS, TERMIN, LAGE, SITZUNG = "Beschluss", "Termin", "Lage", "nächste Sitzung"
KOPF = (
    Spalte(BESCHLUSS), Spalte("erster Termin", rechts=True), Spalte(TERMIN, rechts=True),
    Spalte("verschoben", rechts=True), Spalte(LAGE), Spalte("Kennzahl, die sich bewegen soll"),
)  # fmt: skip
LESEN = (
    "Verschoben ist ein Termin, wenn ein Bericht einen späteren nennt als zuvor: hohl der erste, "
    "Striche die zugesagten danach, voll der letzte, dunkel die Zeit bis heute. Ohne Bericht gilt "
    "der Termin des Beschlusses. Was Berichte in Worten sagen, bleibt beim Controlling."
)
Zeile = Mapping[str, Gezeigt]


def radar(
    released: Released,
    werte: Mapping[str, Released],
    titel: str,
    *,
    ziele: Mapping[str, Ziel],
    stichtag: date | str,
) -> Fragment:
    """Show every point of every decision, what is late or contradictory first.

    Args:
        released: ``measures.beschluesse.radar``, released.
        werte: ``measures.ziele.zielwerte``, released: values of the Kennzahlen with a goal.
        titel: The caption.
        ziele: ``measures.ziele.je_kennzahl``.
        stichtag: The day the goals are judged on.
    """
    table = demand_table(released, "radar")
    rows: list[Zeile] = [dict(zip(table.spalten, z, strict=True)) for z in table.zeilen]
    if not rows:
        return Fragment('<p class="soz-satz">Es gibt keine Beschlüsse zu verfolgen.</p>', titel)
    day = date.fromisoformat(str(stichtag))
    made = [(_kind(r), _cells(r, _moves(r, werte, ziele, day), day)) for r in rows]
    html = told_blocks(story(rows), KOPF, made, titel, LESEN)
    return Fragment(html, f"{titel}: {len(rows)}")


def story(rows: Sequence[Zeile]) -> str:
    """Say how many points stand where, the worst first."""
    counted = Counter(str(r["lage"]) for r in rows)
    if len(rows) == 1:
        return f"Ein Beschlusspunkt: {rows[0]['lage']}."
    return f"{len(rows)} Beschlusspunkte: {in_state(counted)}."


def in_state(counted: Mapping[str, int]) -> str:
    """Say how many points are in which state, the worst first."""
    words = {OHNE_BERICHT: "ohne fälligen Bericht"}
    return joined([f"{counted[s]} {words.get(s, s)}" for s in LAGEN if counted.get(s)])


def _kind(row: Zeile) -> str:
    return "soz-zeile-wesentlich" if KLASSE.get(str(row["lage"])) == "wesentlich" else ""


def _cells(row: Zeile, moves: Zelle, day: date) -> list[Zelle]:
    who = f"{row['gremium']}, {datum(row['beschlossen_am'])}; {row['rolle']}"
    name = numbered(row["beschluss_text"], f"{row['vorlage']}, Punkt {row['punkt']}", [who])
    due = word("", rechts=True)
    if row["lage"] != FERTIG:
        due = figure(row["faellig_am"], "datum", rechts=True)
    return [
        name,
        figure(row["erster_termin"], "datum", rechts=True),
        due,
        _moved(row, day),
        _where(row),
        moves,
    ]


def _moved(row: Zeile, day: date) -> Zelle:
    """Say how often a date was moved, and draw from where to where."""
    moved = row["verschiebungen"]
    told = f"{zahl(moved)}-mal" if moved else "nie"
    if not row["termine"]:
        return word(told, rechts=True)
    dates = [date.fromisoformat(text) for text in str(row["termine"]).split()]
    alt = f"zugesagt zum {', dann zum '.join(datum(d) for d in dates)}"
    return Zelle(esc(told) + slippage(dates, day, alt), told, rechts=True)


def _where(row: Zeile) -> Zelle:
    lage = str(row["lage"])
    told = []
    late = row["verzug_tage"]
    if late is not None:
        told.append(f"{zahl(late)} Tage nach dem ersten Termin")
    if row["status"] is not None:
        told.append(f"gemeldet: {catalogue.codeliste('beschlussstatus').name(str(row['status']))}")
    told += [str(row["hinweis"])] if row["hinweis"] else []
    if row["naechste_sitzung"] is not None:
        told.append(f"{SITZUNG} des Gremiums {datum(row['naechste_sitzung'])}")
    return stage_cell(stage(lage, ZEICHEN[lage], KLASSE.get(lage)), f"{ZEICHEN[lage]} {lage}", told)


def _moves(
    row: Zeile, werte: Mapping[str, Released], ziele: Mapping[str, Ziel], day: date
) -> Zelle:
    """Say of the Kennzahl a decision is to move where it stands on the way to its goal."""
    id_ = row["kennzahl_id"]
    if id_ is None:
        return Zelle("<small>keine genannt</small>", "keine genannt")
    name = catalogue.steckbrief(str(id_)).kurzname
    if id_ not in werte or id_ not in ziele:
        return Zelle(f"{esc(name)}<small>ohne Ziel</small>", f"{name} · ohne Ziel")
    stand = judged(ziele[str(id_)], demand_number(werte[str(id_)], "radar").wert, day)
    value = f": {stand.written(stand.wert)}" if stand.wert is not None else ""
    html = f"{esc(name)}{esc(value)}<small>{sign(stand)}</small>"
    return Zelle(html, f"{name}{value} · {sign_text(stand)}")
