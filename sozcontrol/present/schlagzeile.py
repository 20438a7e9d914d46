"""The statement that heads a report: its first figure, how it moved, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from sozcontrol.disclosure import GEHEIM, Released, Zahl
from sozcontrol.present.fragment import Fragment, demand_number
from sozcontrol.present.saetze import (
    Fertig,
    Groesse,
    Kachel,
    completed,
    difference,
    gap_of,
    said,
    same,
)
from sozcontrol.revision.vorjahr import VORLAEUFIG

SEITHER = re.compile(r"\{(\w+):seither\}")
FELD = re.compile(r"\{(\w+)")
Gezeigt = Groesse | date | str


def statement(vorlage: str, weiter: str = "", **zahlen: Kachel | Gezeigt | None) -> Fragment | None:
    """Head the page with a sentence; ``{name:seither}`` says how a compared figure moved.

    *vorlage* becomes the heading, *weiter* stands below it; fields as of :func:`sentence`, tiles of
    ``present.compared`` among them. A sentence with a figure that there is none of (None) is left
    out. Where one of *vorlage* is hidden or empty, the page keeps its title and says all below.

    Raises:
        NotReleased, UsageError: As of ``present.sentence``.
    """
    made = {n: completed(v) if isinstance(v, Kachel) else v for n, v in zahlen.items()}
    head, rest = (_written(text, made) for text in (vorlage, weiter))
    heads = head and all(_states(made[name]) for name in FELD.findall(vorlage))
    told = " ".join(part for part in ("" if heads else head, rest) if part)
    if not (heads or told):
        return None
    html = f'<p class="soz-satz">{told}</p>' if told else ""
    return Fragment(html, "Aussage", schlagzeile=head if heads else "")


def _written(vorlage: str, made: Mapping[str, Fertig | Gezeigt | None]) -> str:
    if any(made[name] is None for name in FELD.findall(vorlage)):
        return ""
    text = SEITHER.sub(lambda hit: _since(made[hit[1]]), vorlage)
    own = {n: _plain(v) for n, v in made.items() if v is not None}
    return said(text, **own)


def _plain(value: Fertig | Gezeigt) -> Zahl | Released | date | str:
    if isinstance(value, Fertig):
        return value.zahl
    return value if isinstance(value, Released | date | str) else demand_number(value, "statement")


def _states(value: Fertig | Gezeigt | None) -> bool:
    """Say whether a field has something to show, and no single thing: its words are of many."""
    if value is None or isinstance(value, date | str):
        return value is not None
    shown = demand_number(_plain(value), "statement").wert
    return shown is not None and shown is not GEHEIM and shown != 1


def _since(value: Fertig | Gezeigt | None) -> str:
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
