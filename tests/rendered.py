"""Read a finished HTML page back: tables by caption, text, requests. No project code."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, list[list[str]]] = {}
        self.links: list[str] = []
        self.words: list[str] = []
        self._caption: list[str] | None = None
        self._name = ""
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [v for k, v in attrs if k in ("src", "href", "action", "data") and v]
        if tag in ("style", "script"):
            self._hidden += 1
        if tag == "table":
            self._name = ""
            self._rows: list[list[str]] = []
        elif tag == "caption":
            self._caption = []
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._cell = []
        if "style" in given and "url(" in (given["style"] or ""):
            self.links.append(given["style"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script"):
            self._hidden -= 1
        if tag == "caption" and self._caption is not None:
            self._name, self._caption = _clean(self._caption), None
        elif tag in ("td", "th") and self._cell is not None and self._row is not None:
            self._row.append(_clean(self._cell))
            self._cell = None
        elif tag == "tr" and self._row is not None:
            self._rows.append(self._row)
            self._row = None
        elif tag == "table":
            self.found.setdefault(self._name, []).extend(self._rows)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.words.append(data)
        for place in (self._caption, self._cell):
            if place is not None:
                place.append(data)


def _clean(parts: list[str]) -> str:
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def tables(page: str) -> dict[str, list[list[str]]]:
    """Return the rows of all tables (header rows included) by caption."""
    return _read(page).found


def text(page: str) -> str:
    """Return what a reader sees, white space folded."""
    return _clean(_read(page).words)


def links(page: str) -> list[str]:
    """Return every address the page names, its own places included."""
    return _read(page).links


def requests(page: str) -> list[str]:
    """Return every address the page would load from or link to outside itself."""
    named = links(page) + re.findall(r"url\(['\"]?([^'\")]+)", page)
    return [a for a in named if re.match(r"(?:[a-z]+:)?//", a)]
