"""The statement that heads a report: its first figure, how it moved, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from sozcontrol.disclosure import GEHEIM, Released, Zahl
from sozcontrol.present.fragment import Fragment, demand_number, esc
from sozcontrol.present.saetze import (
    Fertig,
    Groesse,
    Kachel,
    completed,
    difference,
    gap_of,
    money_format,
    said,
    same,
)
from sozcontrol.revision.vorjahr import VORLAEUFIG

SEITHER = re.compile(r"\{(\w+):seither\}")
OHNE_FORMAT = re.compile(r"\{(\w+)\}")
FELD = re.compile(r"\{(\w+)")
SATZENDE = re.compile(r"(?<=\.)\s+(?=[A-ZÄÖÜ{])")
"""Between two sentences of a template; »Mio. €« stands in no template."""
Gezeigt = Groesse | date | str
Felder = Mapping[str, Fertig | Gezeigt]


def statement(vorlage: str, weiter: str = "", **zahlen: Kachel | Gezeigt | None) -> Fragment | None:
    """Head the page with a sentence; ``{name:seither}`` says how a compared figure moved.

    *vorlage* becomes the heading, *weiter* stands below it; fields as of :func:`sentence`, tiles of
    ``present.compared`` among them. A sentence with a figure that there is none of (None) is left
    out. Where *vorlage* has nothing to show, the first sentence of *weiter* that shows all its
    figures heads the page; where none does, that the leading figure is hidden or missing.

    Raises:
        NotReleased, UsageError: As of ``present.sentence``.
    """
    made = {
        n: completed(v) if isinstance(v, Kachel) else v for n, v in zahlen.items() if v is not None
    }
    asked = [text for text in (vorlage, *SATZENDE.split(weiter)) if text]
    kept = [text for text in asked if all(zahlen[name] is not None for name in _fields(text))]
    if not kept:
        return None
    heading = next((text for text in kept if _states(text, made)), "")
    below = [text for text in kept if text != heading and not _is_single(text, made)]
    told = " ".join(_written(text, made) for text in below)
    html = f'<p class="soz-satz">{told}</p>' if told else ""
    head = _written(heading, made) if heading else _unstated(kept[0], made)
    return Fragment(html, "Aussage", schlagzeile=head)


def _fields(vorlage: str) -> list[str]:
    return FELD.findall(vorlage)


def _figures(vorlage: str, made: Felder) -> list[Zahl]:
    values = (made[name] for name in _fields(vorlage))
    return [demand_number(_plain(v), "statement") for v in values if not _is_word(v)]


def _is_word(value: Fertig | Gezeigt) -> bool:
    return isinstance(value, date | str)


def _states(vorlage: str, made: Felder) -> bool:
    """Say whether a sentence has figures, all of them to be shown and none of a single thing."""
    figures = _figures(vorlage, made)
    return bool(figures) and not any(_is_mute(figure) for figure in figures)


def _is_mute(figure: Zahl) -> bool:
    return figure.wert is None or figure.wert is GEHEIM or _is_one(figure)


def _is_one(figure: Zahl) -> bool:
    return isinstance(figure.wert, int) and figure.wert == 1


def _is_single(vorlage: str, made: Felder) -> bool:
    """Say whether a figure counts one thing: the words of a sentence are of many."""
    return any(_is_one(figure) for figure in _figures(vorlage, made))


def _unstated(vorlage: str, made: Felder) -> str:
    """Say why a sentence states nothing: a figure of it is hidden, missing, or a single thing."""
    figure = next((f for f in _figures(vorlage, made) if _is_mute(f)), None)
    if figure is None:
        return ""
    name = figure.kennzahl.kurzname if figure.kennzahl is not None else figure.name
    named = f"Leitzahl »{esc(name)}«" if name else "Leitzahl"
    if figure.wert is GEHEIM:
        return f"Die {named} ist geheim gehalten."
    if figure.wert is None:
        return f"Zur {named} gibt es für diesen Stichtag keinen Wert."
    return f"Die {named} ist 1."


def _written(vorlage: str, made: Felder) -> str:
    text = SEITHER.sub(lambda hit: _since(made[hit[1]]), vorlage)
    text = OHNE_FORMAT.sub(lambda hit: f"{{{hit[1]}{_tile_format(made[hit[1]])}}}", text)
    return said(text, **{name: _plain(value) for name, value in made.items()})


def _tile_format(value: Fertig | Gezeigt) -> str:
    """Return the format a tile would write a figure in, as a field of a template has it."""
    form = None if _is_word(value) else money_format(demand_number(_plain(value), "statement"))
    return f":{form}" if form else ""


def _plain(value: Fertig | Gezeigt) -> Zahl | Released | date | str:
    if isinstance(value, Fertig):
        return value.zahl
    return value if isinstance(value, Released | date | str) else demand_number(value, "statement")


def _since(value: Fertig | Gezeigt) -> str:
    """Say how a figure moved since it is compared with; nothing where one of both is not shown."""
    if not isinstance(value, Fertig) or value.vergleich is None:
        return ""
    now, then = value.zahl.wert, value.vergleich.wert
    if now is GEHEIM or then is GEHEIM or now is None or then is None:
        return ""
    when = f"im {value.gegen.removesuffix(VORLAEUFIG)}"
    when += " (vorläufig)" if value.gegen.endswith(VORLAEUFIG) else ""
    if same(value):
        return f", wie {when}"
    gap = gap_of(value)
    return f", {difference(value, abs(gap))} {'mehr' if gap > 0 else 'weniger'} als {when}"
