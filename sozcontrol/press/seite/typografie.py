"""What must not break at the end of a line: »§ 6b«, »Abs. 2«, »5 T€«, »30. Juni«."""

from __future__ import annotations

import re

NBSP = "\u00a0"
_SPACE = r"(?: |\n)"
_LAW = (
    rf"(?:§§?|Art\.|Abs\.|Absatz|Satz|Nr\.|Nummer|Buchst\.|Kap\.|Hs\.|SGB){_SPACE}(?=[\dIVX])",
    rf"\d+[a-z]?{_SPACE}(?=(?:Abs\.|Satz|Nr\.|ff?\.)(?:\s|[^\w]|$))",
)
_ABBREVIATION = (
    rf"\b(?:z\.|d\.|u\.|i\.|o\.|m\.|V\.|v\.){_SPACE}(?=(?:B|h|a|ä|d|V|m|E|U|w|R|H)\.)",
)
_UNIT = (
    rf"\d{_SPACE}(?=(?:€|T€|Mio\.|Mrd\.|%|Prozent|Prozentpunkte?|EUR|km|VZÄ|Uhr)(?:[^\w]|$))",
    rf"(?:Mio\.|Mrd\.){_SPACE}(?=€)",
    r"\b\d{1,2}\."
    rf"{_SPACE}(?=(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|"
    r"Dezember)\b)",
)
_HOLD = re.compile("|".join(f"(?:{p})" for p in (*_LAW, *_ABBREVIATION, *_UNIT)))
_TAG = re.compile(r"""(<!--.*?-->|<(?:"[^"]*"|'[^']*'|[^'">])*>)""", re.S)
_AS_IT_IS = ("style", "script", "title", "pre", "code", "textarea")


def hold(text: str) -> str:
    """Return plain text in which citations of law and figures stay with what belongs to them."""
    return _HOLD.sub(lambda hit: hit[0][:-1] + NBSP, text)


def hold_html(html: str) -> str:
    """Do so in all text of a page or fragment, leaving tags, code and style as they are."""
    pieces, inside = _TAG.split(html), ""
    for place, piece in enumerate(pieces):
        if place % 2 == 0:
            if not inside:
                pieces[place] = hold(piece)
            continue
        name = re.match(r"<(/?)([a-zA-Z]+)", piece)
        if name is None or name[2].lower() not in _AS_IT_IS:
            continue
        if not inside and not name[1]:
            inside = name[2].lower()
        elif name[1] and name[2].lower() == inside:
            inside = ""
    return "".join(pieces)
