"""Days in a file that calendars read (iCalendar, RFC 5545): whole days, no clock, equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Protocol

LAENGE = 75
"""So many bytes a line may have; a longer one goes on in the next."""


class Tag(Protocol):
    """What stands in a calendar: a day, what is due, and what there is to say of it."""

    @property
    def am(self) -> date:
        """The day."""

    @property
    def titel(self) -> str:
        """What is due, and from whom."""

    @property
    def text(self) -> str:
        """Where it stands, and why it is due."""


def ics(eintraege: Iterable[Tag], name: str) -> str:
    """Return the calendar *name*; an entry keeps its identity as long as day and title stay."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//sozcontrol//Berichtskalender//DE",
        "CALSCALE:GREGORIAN", f"X-WR-CALNAME:{_escaped(name)}",
    ]  # fmt: skip
    for one in eintraege:
        lines += _event(one)
    return "".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _event(one: Tag) -> Iterator[str]:
    identity = hashlib.sha256(f"{one.am} {one.titel}".encode()).hexdigest()[:24]
    yield "BEGIN:VEVENT"
    yield f"UID:{identity}@sozcontrol"
    yield f"DTSTAMP:{one.am:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{one.am:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{one.am + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_escaped(one.titel)}"
    if one.text:
        yield f"DESCRIPTION:{_escaped(one.text)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break a line where it is too long, never within a letter."""
    parts, size = [""], 0
    for letter in line:
        size += len(letter.encode())
        if size > LAENGE:
            parts.append(" ")
            size = 1 + len(letter.encode())
        parts[-1] += letter
    return "\r\n".join(parts) + "\r\n"
