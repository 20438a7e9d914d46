"""What a page says outside its tables: sentences, headings, words for pictures, words in pictures.

A table is attacked; a sentence is held against what the decision hid. It gives a figure away where
it speaks of the same thing and prints the hidden value, and no open cell of that thing says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from sozcontrol import catalogue
from sozcontrol.press.gegenprobe.blatt import Attribute, Blatt, Tafelbild, vorlesen
from sozcontrol.press.gegenprobe.figuren import KEINE_ZAHL, Gelesen, gelesen
from sozcontrol.press.lauf.verborgenes import Verborgen

BLOECKE = ("p", "li", "dt", "dd", "figcaption", "summary", "caption", "text", "title", "desc")
UEBERSCHRIFTEN = ("h1", "h2", "h3", "h4", "h5", "h6")
GESPROCHEN = ("alt", "aria-label", "title")
"""Attributes that are read aloud, or shown when a pointer rests."""
ACHSE = ("xtick", "ytick")
"""Groups of a chart whose numbers are those of an axis, not of a thing."""
SATZENDE = re.compile(r"(?<=[.!?;])\s+(?=[^\W\d_a-z]|[§»„]|[^\s.:;]+(?: [^\s.:;]+){0,4}: )")
"""Where the next begins: by its first letter, or by the name of a chart's next line."""
ZAHL = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?(?: ?(?:Mio\. ?€|T€|€|%))?")
ZAHLWORT = {w: n for n, w in enumerate(
    ("zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"), 2
)}  # fmt: skip
WORT = re.compile(r"\w+")
GENAU_GENUG = 0.1
"""A figure printed more coarsely than this share of itself tells no amount."""


@dataclass
class Stelle:
    """A piece of text outside tables, beneath its heading."""

    text: str
    unter: str = ""


@dataclass
class _Sammler:
    stellen: list[Stelle] = field(default_factory=list)
    _ueber: str = ""
    _worte: list[str] = field(default_factory=list)
    _tafel: int = 0
    _stumm: int = 0
    _achse: int = 0

    def handle_starttag(self, tag: str, attrs: Attribute) -> None:
        self._tafel += tag == "table"
        self._stumm += tag in ("style", "script")
        if tag in (*BLOECKE, *UEBERSCHRIFTEN):
            self._ende()
        for name, value in attrs:
            if value and name in GESPROCHEN:
                self.stellen.append(Stelle(_glatt(value), self._ueber))
        if tag == "g" and (self._achse or dict(attrs).get("class") in ACHSE):
            self._achse += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in (*BLOECKE, *UEBERSCHRIFTEN):
            text = self._ende()
            self._ueber = text if tag in UEBERSCHRIFTEN else self._ueber
        self._achse -= tag == "g" and self._achse > 0
        self._tafel -= tag == "table"
        self._stumm -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._tafel and not self._stumm:
            self._worte.append(data)

    def _ende(self) -> str:
        text, self._worte = _glatt("".join(self._worte)), []
        if text and not (self._achse and ZAHL.fullmatch(text)):
            self.stellen.append(Stelle(text, self._ueber))
        return text


def stellen(html: str) -> list[Stelle]:
    """Return all pieces of text of a page outside its tables, those of its pictures among them."""
    reader = _Sammler()
    vorlesen(html, reader)
    reader.handle_endtag("p")
    return reader.stellen


def _glatt(text: str) -> str:
    plain = text.replace("\u00ad", "").replace("\u2212", "-")
    return re.sub(r"[\s\u00a0\u202f]+", " ", plain).strip()


def verraten(html: str, blatt: Blatt, verborgen: Iterable[Verborgen]) -> tuple[str, ...]:
    """Return where a page says in words what it hides: a heading for every such sentence.

    What a Steckbrief says stands there in every run, so it tells nothing of this one.
    """
    offen = [*_offene(blatt.tafeln)]
    hidden, found = list(dict.fromkeys(verborgen)), []
    for place in stellen(html) if hidden else ():
        for sentence in SATZENDE.split(place.text):
            figures = [*_zahlen(sentence)]
            said = f"{place.unter} {sentence}"
            if (
                figures
                and any(_nennt(said, figures, v, offen) for v in hidden)
                and place.text not in _steckbrieftexte()
            ):
                found.append(place.unter or blatt.bereich)
    return tuple(found)


@cache
def _steckbrieftexte() -> frozenset[str]:
    """Return the texts of the catalogue's definitions, as they are read on a page."""
    return frozenset(
        _glatt(text)
        for steckbrief in catalogue.steckbriefe().values()
        for text in vars(steckbrief).values() if isinstance(text, str)
    )  # fmt: skip


def gesperrt_auf(blatt: Blatt, verborgen: Iterable[Verborgen]) -> list[Verborgen]:
    """Return those of *verborgen* that a row of the page with a mark may be about.

    What other pages hide has other sentences; the same words there mean other figures.
    """
    marked = [
        f"{tafel.titel} {' '.join(c.text for c in row)}"
        for tafel in blatt.tafeln for row in tafel.zeilen if any(c.geheim for c in row)
    ]  # fmt: skip
    return [v for v in verborgen if any(_handelt(row, v) for row in marked)]


def _nennt(
    said: str, figures: Sequence[Gelesen], v: Verborgen, offen: Sequence[tuple[str, set[Gelesen]]]
) -> bool:
    if not _handelt(said, v):
        return False
    told = [f for f in figures if _ist(f, v)]
    return bool(told) and not any(
        _handelt(row, v) and any(_ist(f, v) for f in shown) for row, shown in offen
    )


def _handelt(text: str, v: Verborgen) -> bool:
    return all(any(word in text for word in group) for group in v.worte)


def _ist(f: Gelesen, v: Verborgen) -> bool:
    """Say whether a figure as printed is the hidden one, as exactly as it is printed."""
    if v.art == "anzahl":
        return f.ganz and abs(f.wert) == v.zahl
    off, size = abs(abs(f.wert) - abs(v.zahl)), abs(v.zahl)
    return bool(size) and off <= f.halb * 1.001 and f.halb <= GENAU_GENUG * size


def _zahlen(text: str) -> Iterator[Gelesen]:
    """Yield the figures of a sentence, those in words among them."""
    plain = KEINE_ZAHL.sub(" ", text)
    for found in ZAHL.findall(plain):
        read = gelesen(found)
        if read is not None:
            yield read
    for word in WORT.findall(plain.lower()):
        if word in ZAHLWORT:
            yield Gelesen(float(ZAHLWORT[word]), 0.5, True)


def _offene(tafeln: Iterable[Tafelbild]) -> Iterator[tuple[str, set[Gelesen]]]:
    """Yield the words of each row, with its caption, and the figures it shows."""
    for tafel in tafeln:
        for row in tafel.zeilen:
            shown = {f for c in row if not c.geheim for f in _zahlen(c.text)}
            yield f"{tafel.titel} {' '.join(c.text for c in row)}", shown
