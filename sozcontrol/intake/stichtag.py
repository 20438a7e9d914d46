"""Which day a file says it is about, in its name and in the titles above its header."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date

_FULL = (
    re.compile(r"(?<!\d)(?P<y>20\d{2})[-_.](?P<m>\d{2})[-_.](?P<d>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{2})[-_.](?P<m>\d{2})[-_.](?P<y>20\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>20\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{2})(?P<m>\d{2})(?P<y>20\d{2})(?!\d)"),
)
_MONTH = re.compile(r"(?<!\d)(?P<y>20\d{2})[-_](?P<m>0[1-9]|1[0-2])(?![-_.]?\d)")
_QUARTER = (
    re.compile(r"(?<!\d)(?P<y>20\d{2})[-_ ]?Q(?P<q>[1-4])(?!\d)", re.IGNORECASE),
    re.compile(r"(?<![a-z])Q(?P<q>[1-4])[-_ ]?(?P<y>20\d{2})(?!\d)", re.IGNORECASE),
)
_YEAR = re.compile(r"(?<!\d)20\d{2}(?!\d)")
_TITLE = re.compile(r"Stichtag\W{0,3}(?:der |des |vom |am )?\W{0,2}(\d{1,2})\.(\d{1,2})\.(20\d{2})")


def _full_dates(text: str) -> Iterator[date]:
    for pattern in _FULL:
        for hit in pattern.finditer(text):
            try:
                yield date(int(hit["y"]), int(hit["m"]), int(hit["d"]))
            except ValueError:
                continue


def dates_in_name(name: str) -> list[date]:
    """Return the days a file name states; a month or a quarter stands for its last day."""
    full = list(dict.fromkeys(_full_dates(name)))
    if full:
        return full
    months = [(int(h["y"]), int(h["m"])) for h in _MONTH.finditer(name)]
    months += [(int(h["y"]), int(h["q"]) * 3) for p in _QUARTER for h in p.finditer(name)]
    return [date(y, m, calendar.monthrange(y, m)[1]) for y, m in dict.fromkeys(months)]


def latest_in_name(name: str) -> date | None:
    """Return the last day a file name states; a year alone stands for its last day."""
    years = [date(int(year), 12, 31) for year in _YEAR.findall(name)]
    return max(dates_in_name(name) or years, default=None)


def contradiction(name: str, stichtag: date, datenstand: date) -> date | None:
    """Return the day *name* states, when it is neither the Stichtag nor the day of extraction.

    A month or quarter agrees with every Stichtag in its last month.
    """
    found = dates_in_name(name)
    allowed = {stichtag, datenstand}
    if any(True for _ in _full_dates(name)):
        return None if not found or allowed & set(found) else found[0]
    months = {(day.year, day.month) for day in allowed}
    return None if not found or months & {(d.year, d.month) for d in found} else found[0]


def date_in_title(rows: Sequence[Sequence[str]]) -> date | None:
    """Return the day the titles above the header give after the word *Stichtag*."""
    hit = _TITLE.search(" ".join(cell for row in rows for cell in row if cell))
    if hit is None:
        return None
    try:
        return date(int(hit[3]), int(hit[2]), int(hit[1]))
    except ValueError:
        return None
