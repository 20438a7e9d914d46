"""What a check found: rule, place and count, never a value.

A :class:`Finding` is made by ``intake``, ``tidy`` and ``checks`` alike, so that a person sees one
list. The places (:class:`Fundstelle`) name rows by file, source row number and key columns; they
may point at a person and therefore stay under ``data/``. Rule, severity and count may travel on.

What a message may say about a delivered text is decided here, too: rows shift by a column, and
then a name stands where a code belongs. :func:`show` is the only way from a cell, a header or a
sheet's name into a message.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

_LONGEST_SHAPE = 24
_LISTED = 5
_LEGEND = " (nur die Form: A, a Buchstaben, 9 Ziffern)"


_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def deutsch(value: str) -> str:
    """Return a cell of a finding for readers: a date as ``30.06.2025``, anything else as it is."""
    return _ISO_DATE.sub(r"\3.\2.\1", value) if _ISO_DATE.fullmatch(value) else value


NICHT_GELIEFERT = "R-I00"
"""The finding of intake that a file is missing."""


class Schwere(StrEnum):
    """Severity of a rule (domain: E stops, W warns in the report, I informs)."""

    FEHLER = "fehler"
    WARNUNG = "warnung"
    HINWEIS = "hinweis"


@dataclass(frozen=True)
class Fundstelle:
    """One row: file name, row number in the source file (header counted), key columns.

    ``werte`` are cells of the columns the rule speaks about (dates, codes, amounts, pseudonyms),
    so that a person sees the fault; like the key they never leave ``data/``.
    """

    datei: str
    zeile: int | None = None
    schluessel: dict[str, str] = field(default_factory=dict)
    werte: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Annahme:
    """That somebody accepts a finding: why, which office, since and until when.

    ``dagegen`` says why it counts all the same (too late, too many); empty where it is accepted.
    """

    grund: str
    stelle: str
    am: date
    bis: date
    dagegen: str = ""


@dataclass(frozen=True)
class Finding:
    """One rule that did not hold.

    ``anzahl`` counts the offending rows (or cells); ``stellen`` lists them, at most as many as the
    maker of the finding chose to keep. ``meldung`` is a German sentence without any cell value.
    ``zweifel`` names tables whose figures it casts doubt on; where they are shown, it is said.
    ``frueher`` are rows offending and rows checked in the earlier delivery, by the same rule;
    ``summe_eur`` is the amount the offending rows stand for. ``ganzes`` says what did not hold
    where it is no counted row: a mean, the shape of the table. ``annahme`` is what the city says of
    it; the stored finding has none.
    """

    regel: str
    schwere: Schwere
    meldung: str
    tabelle: str | None = None
    spalte: str | None = None
    anzahl: int = 1
    geprueft: int | None = None
    tun: str | None = None
    stellen: tuple[Fundstelle, ...] = ()
    zweifel: tuple[str, ...] = ()
    frueher: tuple[int, int] | None = None
    summe_eur: Decimal | None = None
    ganzes: str | None = None
    annahme: Annahme | None = None

    @property
    def je_zeile(self) -> bool:
        """Whether the places are single rows, and no groups."""
        return not self.stellen or self.stellen[0].zeile is not None

    @property
    def angenommen(self) -> bool:
        """Whether the city accepts it."""
        return self.annahme is not None and not self.annahme.dagegen

    def as_dict(self) -> dict[str, object]:
        """Return plain data, for JSON under ``data/``."""
        amount = None if self.summe_eur is None else str(self.summe_eur)
        return {**asdict(self), "summe_eur": amount}


def blocked_tables(findings: Iterable[Finding]) -> set[str]:
    """Return the tables with an error-level finding: what an area may not be built from."""
    return {f.tabelle for f in findings if f.schwere is Schwere.FEHLER and f.tabelle}


def show(text: str, known: Collection[str] = (), *, persons: bool = True) -> str:
    """Return a delivered *text* as a message may show it: itself, or its shape.

    *known* are words of the catalogue (codes, names of columns): one of them stands as it is. A
    text built like one of them does so where the caller says that no column around may hold
    *persons*. Of every other text only the shape is shown, so a caller in doubt gives nothing.
    """
    code = not persons and not _could_be_name(text) and _fits(text, known)
    return text if code or text in known else shape(text)


def shape(text: str) -> str:
    """Return *text* without its content: »31.02.2025« → »99.99.9999«, »Ida« → »Aaa«."""
    whole = unicodedata.normalize("NFC", text)
    drawn = "".join(map(_drawn, whole[:_LONGEST_SHAPE]))
    return drawn if len(whole) <= _LONGEST_SHAPE else f"{drawn}… ({len(whole)} Zeichen)"


def _drawn(char: str) -> str:
    if char.isalpha():
        return "A" if char.isupper() else "a"
    if char.isnumeric():
        return "9"
    return char if char.isprintable() else "?"


def tally(texts: Iterable[str], known: Collection[str] = (), *, persons: bool = True) -> str:
    """Return how often which text occurs, each as :func:`show` shows it, the most frequent first.

    Few are listed, the rest is counted.
    """
    shown: Counter[str] = Counter()
    legend = ""
    for text, number in Counter(texts).items():
        seen = show(text, known, persons=persons)
        shown[seen] += number
        legend = legend if seen == text else _LEGEND
    most = sorted(shown.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{number}-mal {f'»{seen}«' if seen else 'leer'}" for seen, number in most]
    rest = sum(number for _, number in most[_LISTED:])
    return ", ".join(parts[:_LISTED]) + (f" und {rest} weitere" if rest else "") + legend


def _fits(text: str, known: Collection[str]) -> bool:
    """Whether *text* is built like one of *known* and no longer than it.

    Same kinds of signs in the same order: »36« is built like »19«, »27_3« like »27_2«.
    """
    build = _build(text)
    return any(_build(word) == build and len(text) <= len(word) for word in known)


def _build(text: str) -> str:
    # Outside ASCII every letter stands for itself: it is in the codes' alphabet, or it is not.
    kinds = re.sub(r"[0-9]+", "9", re.sub(r"[a-z]+", "a", text))
    return re.sub(r"[A-Z]+", "A", kinds)


def _could_be_name(text: str) -> bool:
    return re.search(r"[A-Z][a-z]|[^\W\d_a-zA-Z]", text) is not None
