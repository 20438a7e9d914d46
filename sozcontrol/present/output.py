"""What a notebook cell shows: HTML with the stamp that lets it into the report."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from typing import Any

from sozcontrol.disclosure import Released, Zahl
from sozcontrol.errors import NotReleased

STEMPEL = {"sozcontrol": {"released": True}}
"""The export drops every output that does not carry it."""

_vergeben: Counter[str] = Counter()


_SIEGEL = object()
"""Only :func:`stamped` holds it."""


@dataclass(frozen=True)
class Output:
    """One stamped output: ``html`` for the report, ``text`` for a terminal.

    Made by the functions of this room only, from what was released; the stamp stops accidents.
    """

    html: str
    text: str = ""
    siegel: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.siegel is not _SIEGEL:
            raise NotReleased(
                "Eine Ausgabe wurde ohne Freigabe gebaut.",
                wo="present.Output",
                tun="present.table, present.tiles oder present.sentence nutzen.",
            )
        object.__setattr__(self, "siegel", None)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        return {"text/html": self.html, "text/plain": self.text}, STEMPEL

    def __repr__(self) -> str:
        return self.text or "Output"


def stamped(html: str, text: str = "") -> Output:
    """Make an output of this room; *html* holds released figures and escaped text only."""
    return Output(html, text, _SIEGEL)


def demand_table(value: Any, was: str) -> Released:
    """Return *value* when it came through the door.

    Raises:
        NotReleased: It is a bare frame, number or anything else.
    """
    if isinstance(value, Released):
        return value
    raise NotReleased(
        f"{was} zeigt nur freigegebene Tabellen; übergeben wurde »{type(value).__name__}«.",
        wo=f"present.{was}",
        tun="Vorher freigeben: freigabe.kennzahl(werte) oder freigabe.release(tabelle, je=…).",
    )


def demand_number(value: Any, was: str) -> Zahl:
    """Return *value* when it is a released figure, also the only figure of a released table."""
    if isinstance(value, Zahl):
        return value
    if isinstance(value, Released):
        return value.zahl()
    raise NotReleased(
        f"{was} zeigt nur freigegebene Zahlen; übergeben wurde »{type(value).__name__}«.",
        wo=f"present.{was}",
        tun="Vorher freigeben: freigabe.zahl(werte) oder released.zahl(spalte, …).",
    )


def anchor(titel: str) -> str:
    """Return an id made from *titel*, unique within this process (one kernel = one document)."""
    plain = titel.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(umlaut, letters)
    slug = "soz-" + (re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "ausgabe")
    _vergeben[slug] += 1
    return slug if _vergeben[slug] == 1 else f"{slug}-{_vergeben[slug]}"


def esc(text: Any) -> str:
    """Escape text for HTML content and attributes; drops the marks that turn writing around."""
    return escape(re.sub(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", "", str(text)))


def note(text: str | None, kind: str) -> str:
    """Return one line below a table or chart, or nothing."""
    return f'<p class="soz-{kind}">{esc(text)}</p>' if text else ""
