"""The year in review: what was reached, what was decided and isn't done, every area, what follows.

No figure is made here: each is one of an area's own outputs, drawn once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue import Bereich
from sozcontrol.catalogue.ziel import ERREICHT, RUECKSTAND, VERFEHLT, Ziel
from sozcontrol.disclosure import Released
from sozcontrol.measures.beschluesse import FERTIG, OHNE_BERICHT, UEBERFAELLIG, WIDERSPRUCH
from sozcontrol.present.format import datum, joined
from sozcontrol.present.fragment import Fragment, anchor, demand_table, esc, note
from sozcontrol.present.handlungsbedarf import Punkt, listed, marked
from sozcontrol.present.radarbild import ZEICHEN as RADARZEICHEN
from sozcontrol.present.radarbild import in_state
from sozcontrol.present.saetze import Fertig, Kachel, cell_of, completed, in_words, versus
from sozcontrol.present.steckbrief import RICHTUNG, written_comment
from sozcontrol.present.table import Zelle, figure, legend, phrase, table_figure, word
from sozcontrol.present.tafelblock import Spalte, blocks
from sozcontrol.present.unterrichtung import rows_of
from sozcontrol.present.zielstand import WORT, Zielstand, beneath, sign, standings, summary
from sozcontrol.projekt import Projekt

GEBLIEBEN = {VERFEHLT: "wesentlich", RUECKSTAND: "beobachten"}
"""The states of goals that are named, each with its stage."""
DRINGEND = (UEBERFAELLIG, WIDERSPRUCH, OHNE_BERICHT)
GENANNT = 4
"""Points of decisions that are told in full; the others are counted."""
OHNE_ZAHL = "Zu dieser Lieferung gibt es keine Leitzahl."
LETZTE = (99, Decimal(0), 0)
"""The place of an area without a goal: after those with one, in the catalogue's order."""
OHNE_ZIELE = "Ziele sind noch nicht beschlossen."
KOPF = (Spalte("Kennzahl"), Spalte("am Stichtag", rechts=True), Spalte("Vergleich"),
        Spalte("Ziel"))  # fmt: skip


def achieved(
    werte: Mapping[str, Released],
    titel: str,
    *,
    ziele: Sequence[Ziel],
    stichtag: date | str,
) -> Fragment:
    """Say how many goals are reached, and name those that are missed, all of them.

    Arguments as of ``present.goals``.
    """
    stands = standings(werte, ziele, date.fromisoformat(str(stichtag)))
    if not stands:
        return Fragment(f'<p class="soz-satz">{OHNE_ZIELE}</p>', titel)
    names = {s: [one.kennzahl.kurzname for one in stands if one.stufe == s] for s in WORT}
    found = [_of_state(s, names[s]) for s in GEBLIEBEN if names[s]]
    rest = [f"{len(own)} {WORT[s]}" for s, own in names.items() if own and s not in GEBLIEBEN]
    reached = f"Erreicht: {', '.join(names[ERREICHT])}" if names[ERREICHT] else ""
    found += [Punkt(joined(rest), reached, "im Plan")] if rest else []
    head = f"{titel}: {len(names[ERREICHT])} von {len(stands)} erreicht"
    return Fragment(_list(head, "".join(map(marked, found))), head)


def _of_state(state: str, names: Sequence[str]) -> Punkt:
    told = ", ".join(names) if state == VERFEHLT else listed(names)
    return Punkt(f"{len(names)} {state}", told, GEBLIEBEN[state])


def _list(head: str, items: str, below: str = "") -> str:
    body = f'<ul class="soz-warnungen">{items}</ul>' if items else ""
    name = f'<h3 id="{anchor(head)}">{esc(head)}</h3>'
    return f'<div class="soz-liste">{name}{body}{below}</div>'


def undone(released: Released, titel: str) -> Fragment:
    """List what was decided and is not done, or said to be beside a later date; the worst first.

    Args:
        released: ``measures.beschluesse.radar``, released.
        titel: What stands above the list.
    """
    rows = rows_of(demand_table(released, "undone"))
    left = [r for r in rows if r["lage"] != FERTIG]
    head = f"{titel}: {len(left)} von {len(rows)} Punkten"
    urgent = [r for r in left if r["lage"] in DRINGEND]
    items = "".join(marked(_open_point(r)) for r in urgent[:GENANNT])
    rest = urgent[GENANNT:] + [r for r in left if r["lage"] not in DRINGEND]
    more = in_state(Counter(str(r["lage"]) for r in rest))
    below = note(f"Daneben: {more}." if more else None, "anmerkung")
    return Fragment(_list(head, items, below), head)


def _open_point(row: Mapping[str, object]) -> Punkt:
    told = f"{row['lage']}, Termin {datum(row['faellig_am'])}; {row['rolle']}"
    stage = "wesentlich" if RADARZEICHEN[str(row["lage"])] == "▲" else "beobachten"
    return Punkt(str(row["beschluss_text"]), told, stage)


def areas(
    kacheln: Mapping[str, Sequence[Kachel]],
    werte: Mapping[str, Released],
    *,
    ziele: Sequence[Ziel],
    stichtag: date | str,
    ohne: Mapping[str, str],
) -> Fragment:
    """Tell of every area: a sentence, its leading figures, its report; far from a goal first.

    Args:
        kacheln: ``present.compared`` of ``revision.leitzahlen.je_bereich``, by area.
        werte: ``measures.ziele.zielwerte``, released: the sentence speaks of all goals of an area.
        ziele: ``measures.ziele.ziele``.
        stichtag: The day the goals are judged on.
        ohne: Why there is nothing to tell of an area, by its id.
    """
    stands = standings(werte, ziele, date.fromisoformat(str(stichtag)))
    told = []
    for area in (a for n, a in catalogue.bereiche().items() if n in kacheln or n in ohne):
        own = [s for s in stands if s.kennzahl.id in area.kennzahlen]
        told.append((own[0].gewicht if own else LETZTE, area, own))
    html = ""
    for _, area, own in sorted(told, key=lambda one: one[0]):
        shown = [completed(k) for k in kacheln.get(area.id, ())]
        html += _area(area, shown, own) if shown else _silent(area, ohne.get(area.id, OHNE_ZAHL))
    return Fragment(html, f"{len(told)} Bereiche")


def _silent(area: Bereich, why: str) -> str:
    return (
        f'<h3 id="{anchor(area.titel)}">{esc(area.titel)}</h3><p class="soz-hinweis">{esc(why)}</p>'
    )


def _area(area: Bereich, shown: Sequence[Fertig], stands: Sequence[Zielstand]) -> str:
    worst = f" <small>{sign(stands[0])}</small>" if stands else ""
    rows = [("", _cells(k)) for k in shown]
    body = blocks(KOPF, rows, f"Leitzahlen: {area.titel}", still=True)
    more = f'<a href="{area.id}.html">Bericht »{esc(area.titel)}«</a>'
    return (
        f'<h3 id="{anchor(area.titel)}">{esc(area.titel)}{worst}</h3>'
        f'<p class="soz-satz">{_story(shown[0], stands)} Mehr: {more}.</p>'
        f'<figure class="soz-tabelle soz-tafelblatt">{body}{legend(body, rows)}</figure>'
    )


def _story(first: Fertig, stands: Sequence[Zielstand]) -> str:
    """Say where the goals of an area stand; of one without a goal what its first figure says."""
    if not stands:
        return f"{in_words(first)}. Ein Ziel ist nicht vereinbart."
    if len(stands) == 1:
        return esc(f"Das Ziel »{stands[0].kennzahl.kurzname}« ist {WORT[stands[0].stufe]}.")
    missed = [s.kennzahl.kurzname for s in stands if s.stufe == VERFEHLT]
    named = f" Verfehlt: {', '.join(missed)}." if missed else ""
    return esc(summary(stands) + named)


def _cells(kachel: Fertig) -> list[Zelle]:
    return [
        word(kachel.titel, kopf=True),
        cell_of(kachel.zahl, kachel.format),
        phrase(versus(kachel)),
        phrase(beneath(kachel.ziel, kachel.zahl.wert, kachel.am)),
    ]


def opinions(stichtag: date | str, *, projekt: Projekt) -> Fragment | None:
    """Show what the offices propose and recommend, area by area; nothing where none wrote."""
    day = date.fromisoformat(str(stichtag))
    told = [
        (area, written_comment(projekt, day, name)) for name, area in catalogue.bereiche().items()
    ]
    html = "".join(
        f'<h3 id="{anchor(a.titel)}">{esc(a.titel)}</h3>{text}' for a, text in told if text
    )
    return Fragment(html, "Empfehlungen") if html else None


def definitions(ids: Sequence[str], titel: str) -> Fragment:
    """Show Steckbriefe in one line each: what is counted, over what, which way is better."""
    head = [word(t, kopf=True) for t in ("Nr.", "Kennzahl", "Zähler", "Nenner", "Richtung")]
    rows = []
    for item in map(catalogue.steckbrief, dict.fromkeys(ids)):
        cells = [word(item.id), word(item.name, kopf=True), word(item.zaehler_text),
                 figure(item.nenner_text, "text"), word(RICHTUNG[item.richtung])]  # fmt: skip
        rows.append(("", cells))
    return table_figure(head, rows, titel, zaehlt="Kennzahlen")


def doubts(tabellen: Mapping[str, Sequence[str]]) -> Fragment:
    """Name the tables of which the check found something, by severity; never how many rows."""
    told = [f"{word}: {joined([*names])}." for word, names in tabellen.items() if names]
    text = " ".join(told) or "Die Prüfung der Lieferung hat nichts beanstandet."
    html = f'<p class="soz-satz">{esc(text)} <a href="datenqualitaet.html">Die Regeln</a></p>'
    return Fragment(html, "Datenqualität")
