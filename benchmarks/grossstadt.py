"""Musterstadt several times over: persons, cases, payments and postings under new numbers."""

from __future__ import annotations

import csv
import io
import re
import string
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path

NUMMERN = {
    "WJH_Personen": ("Pers.-Nr",),
    "WJH_Hilfen": ("Hilfe-Nr", "Aktenzeichen", "Pers.-Nr", "Familien-Nr"),
    "WJH_Zahlliste": ("Zahl-Nr", "Hilfe-Nr", "Storno zu"),
    "KSD_Gefaehrdungen": ("Verfahren", "Pers.-Nr"),
    "KSD_Inobhutnahmen": ("Nr.", "Pers.-Nr", "Anschlusshilfe"),
    "KSD_Betreuungen": ("Nr.", "Übergang in Hilfe"),
    "KSD_Rufbereitschaft": ("Nr.",),
    "PKD_Pflegestellen": ("Nr.",),
    "Vormundschaften": ("Nr.", "Pers.-Nr"),
    "Sozialhilfe_Leistungen": ("Leistung", "Pers.-Nr"),
    "Sozialhilfe_Bedarfsermittlungen": ("Nr.", "Leistung"),
    "SAP_Einzelposten": ("Belegnr", "Storno zu"),
}
"""The files with a row for each person, case or posting, and their columns of numbers."""
_LONGEST = re.compile(r"\d{4,}")
_ZIFFERN = string.digits + string.ascii_uppercase
_FOOT = ("Anzahl Datensätze", "Gedruckt am", "Gesamtsumme")


class Nummernkreis:
    """Gives every number of the city its own for each further copy, of the same shape."""

    def __init__(self, known: set[str]) -> None:
        used: defaultdict[tuple[str, str, int], set[int]] = defaultdict(set)
        for text in known:
            used[self._shape(text)[:3]].add(self._shape(text)[3])
        self._free = {shape: _unused(numbers) for shape, numbers in used.items()}
        self._given: dict[tuple[str, int], str] = {}

    @staticmethod
    def _shape(text: str) -> tuple[str, str, int, int]:
        hit = max(_LONGEST.finditer(text), key=lambda h: len(h[0]))
        return text[: hit.start()], text[hit.end() :], len(hit[0]), int(hit[0])

    def other(self, text: str, copy: int) -> str:
        """Return the number that stands for *text* in a copy; the first one keeps its own."""
        if not text or not copy:
            return text
        if (text, copy) not in self._given:
            before, after, width, _ = self._shape(text)
            tens, rest = divmod(next(self._free[before, after, width]), 10 ** (width - 1))
            lead = _ZIFFERN[tens]  # beyond the last number of so many digits a letter leads
            self._given[text, copy] = f"{before}{lead}{rest:0{width - 1}d}{after}"
        return self._given[text, copy]


def _unused(numbers: set[int]) -> Iterator[int]:
    return (n for n in count(1) if n not in numbers)


def enlarge(folder: Path, times: int) -> None:
    """Make the delivery of Musterstadt in *folder* one of a city *times* as large."""
    files = {name: next(folder.glob(f"{name}_2*.csv")) for name in NUMMERN}
    records = {name: _records(path) for name, path in files.items()}
    numbers = Nummernkreis({t for name, rows in records.items() for t in _numbers(name, rows)})
    for name, path in files.items():
        rows = _multiplied(records[name], NUMMERN[name], times, numbers)
        with path.open("w", encoding="cp1252", newline="") as out:
            csv.writer(out, delimiter=";", lineterminator="\r\n").writerows(rows)


def _records(path: Path) -> list[list[str]]:
    text = path.read_bytes().decode("cp1252")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def _head(rows: list[list[str]], columns: tuple[str, ...]) -> int:
    return next(i for i, row in enumerate(rows) if set(columns) <= set(row))


def _numbers(name: str, rows: list[list[str]]) -> Iterator[str]:
    head = _head(rows, NUMMERN[name])
    places = [rows[head].index(column) for column in NUMMERN[name]]
    for row in rows[head + 1 :]:
        if len(row) == len(rows[head]) and not row[0].startswith(_FOOT):
            yield from (row[at] for at in places if row[at])


def _multiplied(
    rows: list[list[str]], columns: tuple[str, ...], times: int, numbers: Nummernkreis
) -> Iterator[list[str]]:
    """Yield each row of data *times*, and every stated count and sum as many times as large."""
    head = _head(rows, columns)
    places = [rows[head].index(column) for column in columns]
    yield from rows[: head + 1]
    for row in rows[head + 1 :]:
        if len(row) < len(rows[head]) or row[0].startswith(_FOOT) or not row[0]:
            yield [_times(cell, times) for cell in row]
            continue
        for copy in range(times):
            made = [*row]
            for at in places:
                made[at] = numbers.other(row[at], copy)
            yield made


def _times(cell: str, times: int) -> str:
    """Return a stated count or sum of all copies; another cell as it is."""
    if hit := re.fullmatch(r"(Anzahl Datensätze: )(\d+)", cell):
        return f"{hit[1]}{int(hit[2]) * times}"
    if re.fullmatch(r"-?[\d.]+,\d\d-?", cell):
        number = Decimal(cell.strip("-").replace(".", "").replace(",", ".")) * times
        text = f"{number:,.2f}".translate(str.maketrans(",.", ".,"))
        return text + "-" if "-" in cell else text
    return cell
