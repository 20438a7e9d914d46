"""What must not break at the end of a line: »§ 6b«, »Abs. 2«, »5 T€«, »30. Juni«."""

from __future__ import annotations

import re

NBSP = "\u00a0"


def _between(before: tuple[str, ...], after: str) -> str:
    """Return the pattern that a space in this place goes on with.

    What is searched for begins with the space: spaces are few, and quickly found.
    """
    behind = "|".join(rf"(?<={one}[ \n])" for one in before)
    return f"(?:{behind})(?={after})"


_LAW = (
    _between(("§", r"Art\.", r"Abs\.", "Absatz", "Satz", r"Nr\.", "Nummer", r"Buchst\.", r"Kap\.",
              r"Hs\.", "SGB"), r"[\dIVX]"),
    _between((r"\d", r"\d[a-z]"), r"(?:Abs\.|Satz|Nr\.|ff?\.)(?:\s|[^\w]|$)"),
)  # fmt: skip
_ABBREVIATION = (
    _between(tuple(rf"\b{c}\." for c in "zduiomVv"), r"(?:B|h|a|ä|d|V|m|E|U|w|R|H)\."),
)
_UNIT = (
    _between(
        (r"\d",), r"(?:€|T€|Mio\.|Mrd\.|%|Prozent|Prozentpunkte?|EUR|km|VZÄ|Uhr)(?:[^\w]|$)"
    ),
    _between((r"Mio\.", r"Mrd\."), "€"),
    _between((r"\b\d\.", r"\b\d\d\."),
             r"(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|"
             r"Dezember)\b"),
)  # fmt: skip
_HOLD = re.compile(rf"[ \n](?:{'|'.join((*_LAW, *_ABBREVIATION, *_UNIT))})")
_TAG = re.compile(r"""(<!--.*?-->|<(?:"[^"]*"|'[^']*'|[^'">])*>)""", re.S)
_AS_IT_IS = re.compile(
    r"<(/?)(style|script|title|pre|code|textarea)(?![a-zA-Z])", re.IGNORECASE | re.ASCII
)


def hold(text: str) -> str:
    """Return plain text in which citations of law and figures stay with what belongs to them."""
    return _HOLD.sub(NBSP, text)


def hold_html(html: str) -> str:
    """Do so in all text of a page or fragment, leaving tags, code and style as they are."""
    pieces, inside = _TAG.split(html), ""
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            if not inside:
                pieces[place] = hold(piece)
        elif tag := _AS_IT_IS.match(piece):
            if not inside and not tag[1]:
                inside = tag[2].lower()
            elif tag[1] and tag[2].lower() == inside:
                inside = ""
    return "".join(pieces)
