"""What »schlechter« and »besser« say in the tables and sentences of a page. No project code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rendered import tables, text

PLAN = ("Soll bis Stichtag (€)", "Ansatz (T€)", "Ansatz, fortgeschrieben (€)")
"""Headings of what is compared with, the closest first."""
WIRD = ("voraussichtlich (T€)", "Ist (€)", "Ist des Haushaltsjahres (€)")
ANDERE = re.compile(r"(?:Mehr|Minder)\u00ad?(?:aufwand|erträge|ertrag|bedarf)")
"""Words of another convention, where they stand for the direction of an amount."""


def _zahl(cell: str) -> float:
    return float(
        cell.removesuffix("%").strip().replace(".", "").replace(",", ".").replace("−", "-")
    )


def _ist_zahl(cell: str) -> bool:
    return re.fullmatch(r"[+−]?[\d.,]+(?: %)?", cell) is not None


def falsch(html: str) -> Iterator[str]:
    """Yield what breaks the one convention: the word has the direction, the amount no sign."""
    plain = text(html).replace("\u00ad", "").replace("\xa0", " ")
    cells = (cell for rows in tables(html).values() for row in rows for cell in row)
    yield from (f"anderes Wort: {cell}" for cell in cells if ANDERE.fullmatch(cell))
    yield from re.findall(r"(?:schlechter|besser) um [+−].{20}", plain)
    for title, row in zeilen(html):
        if message := _zeile(title, row):
            yield message


def zeilen(html: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows, by heading, of every table that says what becomes of the budget."""
    for title, (head, *rows) in tables(html).items():
        names = [h.replace("\u00ad", "") for h in head]
        if any(n.startswith("Haushalt wird") for n in names):
            yield from ((title, dict(zip(names, row, strict=True))) for row in rows)


def _zeile(title: str, row: dict[str, str]) -> str | None:
    word = next(v for n, v in row.items() if n.startswith("Haushalt wird")).split(" um ")[0]
    if any(row.get(n, "").startswith(("+", "−")) for n in ("um (€)", "um (T€)", "in %")):
        return f"Vorzeichen in »{title}«"
    plan, wird = (next((row[n] for n in names if n in row), "") for names in (PLAN, WIRD))
    if word not in ("schlechter", "besser"):
        known = word in ("im Ansatz", "bleibt im Ansatz", "im Soll", "noch kein Vergleich", "")
        known |= "geheim" in word
        return None if known or not _ist_zahl(plan) else f"Wort »{word}« in »{title}«"
    if not (_ist_zahl(plan) and _ist_zahl(wird)):
        return None
    side = next(iter(row.values()))
    ertrag = "Erträge" in (side, *title.split()) and not side.startswith(("Aufw", "Zuschuss"))
    more = _zahl(wird) - _zahl(plan)
    worse = more < 0 if ertrag else more > 0
    wrong = more and worse != (word == "schlechter")  # equal where it is rounded
    return f"»{word}« in »{title}«: {plan} → {wird}" if wrong else None
