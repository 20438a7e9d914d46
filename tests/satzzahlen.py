"""Every figure in a sentence of a page, held against the tables of that page. No project code.

An amount and a percentage stand in a table, or are made of two that do. A count stands in a table,
or is how many rows one has, or how many of its cells in one column say the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from bs4 import BeautifulSoup

EINHEIT = {"€": 1.0, "T€": 1e3, "Mio. €": 1e6}
ZAHL = r"[+−-]?\d{1,3}(?:\.\d{3})*(?:,\d+)?|[+−-]?\d+(?:,\d+)?"
BETRAG = re.compile(rf"({ZAHL})(?: bis ({ZAHL}))? (Mio\. €|T€|€)")
ANTEIL = re.compile(rf"({ZAHL}) %")
ANZAHL = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,6}")
KEINE_ANZAHL = re.compile(
    r"\d\d\.\d\d\.\d{4}|(?<=im Jahr )\d{4}|§§? ?\d+[a-z]?|\d+,\d+|[A-ZÄÖÜ]-?[A-Z]?\d+[a-z]?"
)
"""Dates, years, law, decimals and the ids of rules and Kennzahlen."""


@dataclass(frozen=True)
class Zahl:
    """A figure as it is written: its value, and by how much its rounding may be off."""

    wert: float
    halb: float

    def ist(self, other: Zahl) -> bool:
        """Say whether both can be the same figure, whatever its sign."""
        return abs(abs(self.wert) - abs(other.wert)) <= (self.halb + other.halb) * 1.001


def lies(text: str, einheit: float) -> Zahl:
    """Read a German number of a unit."""
    digits = len(text.partition(",")[2])
    plain = text.replace("−", "-").replace(".", "").replace(",", ".")
    return Zahl(float(plain) * einheit, einheit * 10.0**-digits / 2)


def _text(node: object) -> str:
    words = node.get_text(" ", strip=True)  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", words.replace("\u00ad", "").replace("\xa0", " "))


@dataclass(frozen=True)
class Tafelzahlen:
    """All figures of all tables of a page, and the words of their cells."""

    betraege: list[Zahl]
    anteile: list[Zahl]
    worte: list[str]
    anzahlen: set[int]

    def __or__(self, other: Tafelzahlen) -> Tafelzahlen:
        return Tafelzahlen(
            self.betraege + other.betraege, self.anteile + other.anteile,
            self.worte + other.worte, self.anzahlen | other.anzahlen,
        )  # fmt: skip


def tafelzahlen(page: BeautifulSoup) -> Tafelzahlen:
    """Read the tables of a page; a unit stands in the cell, the heading or the caption."""
    found = Tafelzahlen([], [], [], set())
    for table in page.select("table"):
        heads = [_text(h) for h in table.select("thead th, thead td")]
        caption = _text(table.caption) if table.caption else ""
        for row in table.select("tbody tr"):
            for head, cell in zip(heads, row.select("th, td"), strict=False):
                _merken(found, _text(cell), head, caption)
        _zaehlen(found, [[_text(c) for c in r.select("th, td")] for r in table.select("tbody tr")])
    return found


def _zaehlen(found: Tafelzahlen, rows: list[list[str]]) -> None:
    """Note what a table counts: in its cells, in its rows (a total may be one), in its columns."""
    cells = [cell for row in rows for cell in row]
    found.anzahlen.update(lies_anzahl(n) for cell in cells for n in ANZAHL.findall(cell))
    found.anzahlen.update((len(rows), len(rows) - 1))
    for column in range(max(map(len, rows), default=0)):
        alike = Counter(row[column] for row in rows if column < len(row))
        found.anzahlen.update(alike.values())


def anzahlen(satz: str) -> list[int]:
    """Return the counts of a sentence."""
    for other in (BETRAG, ANTEIL, KEINE_ANZAHL):
        satz = other.sub(" ", satz)
    return [lies_anzahl(n) for n in ANZAHL.findall(satz)]


def lies_anzahl(text: str) -> int:
    """Read a whole number with or without dots."""
    return int(text.replace(".", ""))


def _merken(found: Tafelzahlen, text: str, head: str, caption: str) -> None:
    found.worte.append(text)
    if span := re.fullmatch(rf"({ZAHL}) bis ({ZAHL})", text):
        for end in span.groups():
            _merken(found, end, head, caption)
        return
    hit = re.fullmatch(rf"({ZAHL})(?: (Mio\. €|T€|€|%))?", text)
    if hit is None:  # »schlechter um 233 T€ (0,2 %)«
        found.betraege.extend(lies(b[1], EINHEIT[b[3]]) for b in BETRAG.finditer(text))
        found.anteile.extend(lies(a[1], 1.0) for a in ANTEIL.finditer(text))
        return
    if hit[2] == "%" or "%" in head:
        found.anteile.append(lies(hit[1], 1.0))
    else:
        said = [u for place in (head, caption) for u in EINHEIT if f"({u})" in place]
        found.betraege.append(lies(hit[1], EINHEIT[hit[2] or (said or ["€"])[0]]))


def saetze(page: BeautifulSoup) -> list[str]:
    """Return the sentences that are made of figures."""
    return [_text(p) for p in page.select(".soz-satz, .soz-hinweis")]


def unbelegt(html: str, nebenan: str = "") -> Iterator[str]:
    """Yield every amount, percentage and count of a sentence that no table of the page bears out.

    *nebenan* is a page of the same run whose tables a sentence may quote.
    A percentage stands in a table, or is that of two amounts of the sentence or the one before.
    """
    page = BeautifulSoup(html, "html.parser")
    known, before = tafelzahlen(page), []
    known |= tafelzahlen(BeautifulSoup(nebenan, "html.parser"))
    for satz in saetze(page):
        own = [
            lies(n, EINHEIT[hit[3]])
            for hit in BETRAG.finditer(satz) for n in hit.groups()[:2] if n
        ]  # fmt: skip
        yield from (
            f"{figure.wert:.0f} in »{satz[:120]}«"
            for figure in own
            if not any(figure.ist(k) for k in [*known.betraege, *_unterschiede(own)])
        )  # fmt: skip
        for hit in ANTEIL.finditer(satz):
            share = lies(hit[1], 1.0)
            cited = any(hit[0] in w and w in satz for w in known.worte)
            listed = any(share.ist(k) for k in known.anteile)
            if not (cited or listed or _quote(share, own, before)):
                yield f"{hit[0]} in »{satz[:120]}«"
        yield from (f"{n} in »{satz}«" for n in anzahlen(satz) if n not in known.anzahlen)
        before = own


def _unterschiede(betraege: list[Zahl]) -> list[Zahl]:
    """Return by how much the amounts of a sentence differ, as they are read."""
    return [Zahl(a.wert - b.wert, 0.0) for a, b in product(betraege, repeat=2) if a.wert > b.wert]


def _quote(anteil: Zahl, betraege: list[Zahl], davor: list[Zahl]) -> bool:
    """Say whether two amounts, or an amount and the change of two, make this percentage."""
    alle = [*betraege, *davor]
    weg = [Zahl(a.wert - b.wert, a.halb + b.halb) for a, b in product(alle, repeat=2)]
    return any(
        abs(abs(a.wert / b.wert) * 100 - anteil.wert)
        <= anteil.halb + 100 * (a.halb + abs(a.wert / b.wert) * b.halb) / abs(b.wert)
        for a, b in product(betraege, [*alle, *weg]) if b.wert
    )  # fmt: skip


def kacheln(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield value, difference and what it is compared with of every tile that has a comparison."""
    for tile in BeautifulSoup(html, "html.parser").select(".soz-kachel"):
        below = tile.select_one(".soz-kachel-vergleich")
        if below is not None and "gegenüber" in below.text:
            change, _, before = _text(below).partition(" gegenüber ")
            yield _text(tile.select_one(".soz-kachel-wert")), change, before.partition(": ")[2]


def alle(text: str) -> set[float]:
    """Return every number of a text, whatever its unit."""
    return {lies(hit, 1.0).wert for hit in re.findall(ZAHL, text)}


def erste(text: str) -> Zahl:
    """Return the figure a text begins with, in its unit; what is better for the budget is less."""
    text = text.replace("schlechter um ", "").replace("besser um ", "−")
    hit = re.match(rf"({ZAHL})(?: (Mio\. €|T€|€))?", text)
    assert hit is not None, text
    return lies(hit[1], EINHEIT[hit[2] or "€"])
