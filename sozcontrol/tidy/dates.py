"""Dates, strictly: the formats of the profile, real calendar days, no guessing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

GERMAN = "%d.%m.%Y"
"""The format of a text column whose profile names none."""

ISO = "%Y-%m-%d"
POSIX = 2068
"""Two digits mean 1969 to 2068 where nothing else is declared."""
_MONTHS = {
    "jan": 1, "januar": 1, "jän": 1, "jänner": 1, "feb": 2, "februar": 2, "mär": 3, "mrz": 3,
    "märz": 3, "maerz": 3, "apr": 4, "april": 4, "mai": 5, "jun": 6, "juni": 6, "jul": 7,
    "juli": 7, "aug": 8, "august": 8, "sep": 9, "sept": 9, "september": 9, "okt": 10,
    "oktober": 10, "nov": 11, "november": 11, "dez": 12, "dezember": 12,
}  # fmt: skip
_PARTS = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})",
    "b": r"(?P<b>[A-Za-zÄÖÜäöü]+)\.?", "B": r"(?P<b>[A-Za-zÄÖÜäöü]+)\.?", "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{2})", "S": r"(?P<S>\d{2})", "%": "%",
}  # fmt: skip
_MIDNIGHT = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
_EXCEL_EPOCH = date(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 1900, 2199


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    pieces = re.findall(r"%.|[^%]+", pattern)
    out = []
    for position, piece in enumerate(pieces):
        if piece[0] != "%":
            out.append(re.escape(piece))
            continue
        part = _PARTS.get(piece[1:])
        if part is None:
            raise ValueError(f"unknown date directive {piece}")
        touching = any(
            0 <= n < len(pieces) and pieces[n][0] == "%" for n in (position - 1, position + 1)
        )
        # In »%Y%m%d« nothing but the number of digits separates the parts.
        out.append(part.replace("{1,2}", "{2}") if touching else part)
    return re.compile("".join(out) + ("" if "%H" in pattern else _MIDNIGHT), re.ASCII)


@dataclass(frozen=True)
class Datumsformat:
    """The formats of one column, tried in order.

    ``typisiert``: the source's date cells arrive as ISO text and need no declaration. A time of
    day counts only where a format declares it; midnight after a date is always understood. Years
    of two digits (``%y``) lie in the hundred years up to ``jahre_bis``.
    """

    formate: tuple[str, ...] = ()
    typisiert: bool = False
    jahre_bis: int = POSIX

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        formats = [f for f in self.formate if f != "excel"]
        if not self.formate and not self.typisiert:
            formats = [GERMAN]
        if self.typisiert:
            formats = [ISO, *(f for f in formats or [GERMAN] if f != ISO)]
        return tuple(_compile(f) for f in formats)

    def parse(self, text: str) -> date:
        """Return the day *text* names; a format without day or month means the first.

        Raises:
            ValueError: No format fits, there is no such day, or the year is outside 1900–2199
                (a stand-in like 31.12.9999 has to be declared as ``offen`` or ``leer``).
        """
        for pattern in self._patterns:
            hit = pattern.fullmatch(text)
            if hit:
                return _in_range(_day(hit.groupdict(), self.jahre_bis))
        if "excel" in self.formate and re.fullmatch(r"\d{1,6}", text, re.ASCII):
            return _in_range(_from_serial(int(text)))
        raise ValueError

    def values(self, texts: Iterable[str]) -> frozenset[date]:
        """Return the days among *texts*, whatever their year; what is no date is left out."""
        found = set()
        for text in texts:
            for pattern in (*self._patterns, _compile(ISO), _compile(GERMAN)):
                hit = pattern.fullmatch(text)
                if hit:
                    try:
                        found.add(_day(hit.groupdict(), self.jahre_bis))
                    except ValueError:
                        continue
        return frozenset(found)

    def parse_any_year(self, text: str) -> date:
        """Return the day *text* names without asking whether its year is plausible."""
        for pattern in self._patterns:
            hit = pattern.fullmatch(text)
            if hit:
                return _day(hit.groupdict(), self.jahre_bis)
        raise ValueError

    def is_far(self, text: str) -> bool:
        """Whether *text* is a day beyond every calendar: 31.12.9999 and its kin."""
        try:
            return self.parse_any_year(text).year > LAST_YEAR
        except ValueError:
            return False


def _day(parts: dict[str, str | None], last: int) -> date:
    name = parts.get("b")
    month = _MONTHS.get(name.lower(), 0) if name else int(parts.get("m") or 1)
    if parts.get("Y"):
        year = int(parts["Y"] or 0)
    else:
        # Two digits name one of the hundred years up to *last*.
        year = last - (last - int(parts.get("y") or 0)) % 100
    return date(year, month, int(parts.get("d") or 1))


def _from_serial(number: int) -> date:
    # Serials up to 60 fall into Excel's invented 29.02.1900.
    if number <= 60:
        raise ValueError
    return _EXCEL_EPOCH + timedelta(days=number)


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError
    return day
