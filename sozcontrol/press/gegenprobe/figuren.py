"""From the tables of a page to figures with names: what is counted, of what, and how exactly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import zip_longest
from typing import Literal, NamedTuple

from sozcontrol import catalogue
from sozcontrol.catalogue.leserwissen import Groesse, Leserwissen
from sozcontrol.press.gegenprobe.blatt import KACHELN, ZEICHEN, Blatt, Tafelbild, Zellbild

ZAHL = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+|[+-]?\d+)(?:,(\d+))?(?: ?(je [\d.]+ .*|[^\d]*))?")
EINHEIT = {"T€": 1e3, "Mio. €": 1e6}
WORTE = {"schlechter um ": " +", "besser um ": " -", "▸ ": " +", "◂ ": " -"}
"""What stands for the sign of what becomes of the budget."""
KEINE_ZAHL = re.compile(
    r"\b(?:19|20)\d\d(?:/\d\d)?\b(?!,\d)|\d{1,2}\.\d{1,2}\.(?:\d{4})?|§§? ?\d+\w*|"
    r"\b[A-ZÄÖÜ][A-Z-]*\d+\w*|\d{1,2}\. (?=[A-ZÄÖÜ])|(?<=Operativer Bericht )\d\b|\d+ (?:"
    r"Reihen?|Gruppen?|Balken|Punkte?|Werte?|geheim gehalten|Zahl(?:en)? (?:ist|sind) geheim)\b"
)
"""Years, dates, law, ids, ordinals, how many are drawn or hidden, the year's which report it is."""
STELLE = re.compile(
    rf"(?:(?<![\w,.])[+-])?\d(?:[\d.,]*\d)?(?: ?je [\d.]+(?: (?:von|bis|unter|ab)(?: \d+)?)*)?"
    rf"[^\d{ZEICHEN}+-]*|{ZEICHEN}"
)
"""A figure among words with what follows it, its unit first, or the mark of a hidden one."""
DOPPELT = re.compile(r"(.*\d.*?) ?\1")
"""What is seen and said again for those who listen."""
PAAR = re.compile(r"(\d)( statt | bis | von |–)(?=[\d.,]+ ?(T€|Mio\. €|€|%))")
"""Between two figures of one unit, which is written once, behind the second."""
LEER = "–"
NUMMER, NAME = "Nr.", "Bezeichnung"
"""Heads of columns: an id that names the row, and the words for the code beside it."""
KENNUNG = re.compile(r"([A-Z]\d\d[a-z]?)\b")
FRUEHER = re.compile(r".*Stichtag (\d\d\.\d\d\.\d{4}), Datenstand (\d\d\.\d\d\.\d{4})")
SEIT = " seit "
"""In the name of what changed in a figure since it was published."""
RATE = re.compile(r"\b(je|Ø|Median|Prozentpunkte)\b|%")

Fest = frozenset[tuple[str, str]]
Zelle = tuple[str, Fest]
"""Name and what it is broken down to; a total leaves its dimension out."""
Form = Literal["anzahl", "geld", "rate"]


@dataclass
class Figur:
    """One figure as readers know it: between ``unten`` and ``oben``, hidden, or »nothing there«.

    ``wechselt``: a change, which may go either way. ``ort`` is caption, row and heading.
    """

    zelle: Zelle
    form: Form
    ort: tuple[str, int, str]
    geheim: bool = False
    nichts: bool = False
    auch_null: bool = False
    unten: float = 0.0
    oben: float = 0.0

    @property
    def wechselt(self) -> bool:
        """Say whether it may be below zero though it counts."""
        return SEIT in self.zelle[0]


class Gelesen(NamedTuple):
    """A number as it is written: its value, half its last digit, and whether it is a whole one."""

    wert: float
    halb: float
    ganz: bool


@cache
def gelesen(text: str, mal: float = 1.0) -> Gelesen | None:
    """Read a German number with its unit; None where no single number stands.

    *mal* is the unit its heading names (:func:`einheit`), where it has none itself.
    """
    found = ZAHL.fullmatch(_vorzeichen(text))
    if found is None:
        return None
    whole, decimals, unit = found.groups()
    unit = (unit or "").strip()
    named = next((times for one, times in EINHEIT.items() if unit.startswith(one)), None)
    scale = named or (1.0 if "€" in unit or "%" in unit else mal)
    digits = len(decimals or "")
    value = float(f"{whole.replace('.', '')}.{decimals or 0}") * scale
    counts = not digits and scale == 1.0 and not RATE.search(unit) and "€" not in unit
    return Gelesen(value, scale * 10.0**-digits / 2, counts)


def einheit(*ueber: str) -> float:
    """Return how many of one the unit is that words above figures name in brackets."""
    named = (mal for unit, mal in EINHEIT.items() if any(f"({unit})" in text for text in ueber))
    return next(named, 1.0)


def _vorzeichen(text: str) -> str:
    for word, sign in WORTE.items():
        text = text.replace(word, sign)
    return text.strip()


def stellen(text: str) -> list[str]:
    """Return the figures and marks a text says, in their order, each with its unit.

    Words may stand beside one (»deutlich über dem Mittel der Zeile 512«), and a cell may name
    several (»99,1 statt 98,8«).
    """
    if text.startswith(LEER):
        return [LEER]
    if gelesen(text) is not None:
        return [text]
    once = PAAR.sub(r"\1 \3\2", _vorzeichen(text))
    if again := DOPPELT.fullmatch(once):
        once = again[1]
    return [s.strip() for s in STELLE.findall(KEINE_ZAHL.sub(" ", once))]


@dataclass
class _Zeilenkopf:
    """What the heads of a row say: dimensions with values, and what names the figure."""

    wo: dict[str, str] = field(default_factory=dict)
    zeile: str = ""
    kennung: str = ""


def figuren(blatt: Blatt, wissen: Leserwissen) -> list[Figur]:
    """Return the figures of all tables of a page."""
    return [f for tafel in blatt.tafeln for f in _Tafel(tafel, blatt, wissen).figuren()]


class _Tafel:
    """Reads one table with the list of what readers know."""

    def __init__(self, bild: Tafelbild, blatt: Blatt, wissen: Leserwissen) -> None:
        self.bild, self.wissen = bild, wissen
        self.heads = [c.text for c in bild.kopf]
        self.tage = {
            "stichtag": tag(blatt.stichtag), "stand": tag(blatt.datenstand),
            "anfang": _anfang(blatt.stichtag),
        }  # fmt: skip
        named = {h: _groesse(wissen, bild.titel, h) for h in dict.fromkeys(self.heads)}
        self.gesagt = [
            [_gesagt(cell, head) for head, cell in zip(self.heads, row, strict=False)]
            for row in bild.zeilen
        ]
        self.groessen = {h: g for h, g in named.items() if g is not None}
        self.quer = next((g.quer for g in self.groessen.values() if g.quer), None)
        self.formen = [
            _formen(head, [row[n] for row in self.gesagt if n < len(row)])
            for n, head in enumerate(self.heads)
        ]

    def figuren(self) -> Iterator[Figur]:
        """Yield the figures of the table."""
        for number, row in enumerate(self.bild.zeilen):
            keys, said = self._kopf(row), self.gesagt[number]
            own = [
                t for c, t in zip(row, said, strict=False) if not c.kopf and c.text != keys.kennung
            ]
            by_row = _formen(_label(row), own)
            for head, cell, texts, forms in zip(self.heads, row, said, self.formen, strict=False):
                if cell.kopf or head == NUMMER:
                    continue
                wo = dict(keys.wo)
                if self.quer and head not in self.wissen.gesamt:
                    wo[self.quer] = head
                for n, text in enumerate(texts):
                    column = f"{head} ({n + 1})" if n else head
                    zelle = (self._name(keys, column), frozenset(wo.items()))
                    form = (by_row if keys.kennung else forms)[n]
                    found = self._figur(zelle, form, text, (self.bild.titel, number, column))
                    if found is not None:
                        yield found

    def _kopf(self, row: list[Zellbild]) -> _Zeilenkopf:
        found, named = _Zeilenkopf(), []
        texts = [
            (h, c.text) for h, c in zip(self.heads, row, strict=False) if c.kopf or h == NUMMER
        ]
        for head, text in texts:
            if head in self.wissen.benennend:
                named.append(text)
                mark = KENNUNG.match(text)
                tile = _kurznamen().get(text, "") if self.bild.titel == KACHELN else ""
                found.kennung = found.kennung or (mark[1] if mark else tile)
            elif text and text not in self.wissen.gesamt:
                found.wo[head] = text
        if NAME in self.heads[1:]:
            found.wo.pop(NAME, None)
        found.zeile = found.kennung or " ".join(named)
        return found

    def _figur(
        self, zelle: Zelle, form: Form, text: str, ort: tuple[str, int, str]
    ) -> Figur | None:
        hidden = text.startswith(ZEICHEN)
        made = Figur(zelle, form, ort, geheim=hidden, auch_null=self.bild.auch_null)
        if hidden:
            return made
        if text.startswith(LEER):
            made.nichts = True
            return made
        read = gelesen(text, einheit(ort[2], ort[0]))
        if read is None:
            return None
        half = 0.0 if form == "anzahl" else read.halb
        made.unten, made.oben = read.wert - half, read.wert + half
        return made

    def _name(self, keys: _Zeilenkopf, head: str) -> str:
        """Return what a figure is called; the day of its data is always part of it."""
        if (one := self.groessen.get(head)) is not None:
            given = _muster(one.spalte).fullmatch(head)
            words = given.groupdict() if given else {}
            return _mit_stand(one.ist.format(**self.tage, **words, zeile=keys.zeile), self.tage)
        if keys.kennung:
            return self._kennzahl(keys.kennung, head)
        row = f" {keys.zeile}" if keys.zeile else ""
        return _mit_stand(f"{self.bild.titel} | {head}{row} {self.tage['stichtag']}", self.tage)

    def _kennzahl(self, kennung: str, head: str) -> str:
        then = FRUEHER.fullmatch(self.bild.titel)
        if then is None:
            tage, known = self.tage, head == "Wert"
        else:
            day = date(*map(int, then[1].split(".")[::-1]))
            tage = {"stichtag": then[1], "anfang": _anfang(day), "stand": self.tage["stand"]}
            known = head in ("damals", "heute")
            if not known:
                return _mit_stand(f"{kennung} {then[1]}{SEIT}{then[2]}: {head}", tage)
            tage["stand"] = then[2] if head == "damals" else tage["stand"]
        if not known:
            return _mit_stand(f"{kennung} {tage['stichtag']} | {head}", tage)
        return _mit_stand(kennzahl(self.wissen, kennung, tage), tage)


@cache
def _kurznamen() -> dict[str, str]:
    """Return the Kennzahlen by the short names tiles have; a name of two is none."""
    known = [(k.kurzname, k.id) for k in catalogue.steckbriefe().values()]
    counted = Counter(name for name, _ in known)
    return {name: id for name, id in known if name and counted[name] == 1}


def kennzahl(wissen: Leserwissen, kennung: str, tage: Mapping[str, str]) -> str:
    """Return what a Kennzahl of a day is called beside the tables."""
    return wissen.kennzahlen.get(kennung, f"{kennung} {{stichtag}}").format(**tage)


def tag(day: date) -> str:
    """Write a day as readers do."""
    return f"{day:%d.%m.%Y}"


def _mit_stand(name: str, tage: Mapping[str, str]) -> str:
    return f"{name} / {tage['stand']}"


def _anfang(day: date) -> str:
    return tag(date(day.year - 1, 12, 31))


def _label(row: list[Zellbild]) -> str:
    return next((c.text for c in row if c.kopf), "")


def _gesagt(cell: Zellbild, head: str) -> list[str]:
    """Return the figures and marks of a cell; a phone says the heading again before them."""
    found = stellen(cell.text.removeprefix(f"{head} "))
    hidden = cell.geheim and not any(t.startswith(ZEICHEN) for t in found)
    return [ZEICHEN] if hidden else found


def _formen(label: str, cells: Sequence[list[str]]) -> list[Form]:
    """Say what the first figures of cells are, their second ones, and so on."""
    return [_form(label, [t for t in texts if t]) for texts in zip_longest(*cells, fillvalue="")]


def _form(label: str, said: Sequence[str]) -> Form:
    """Say what figures are, hidden ones too: by the words above or beside, and by the shown."""
    texts = [t for t in said if not t.startswith((ZEICHEN, LEER))]
    if RATE.search(label) or any(RATE.search(t) for t in texts):
        return "rate"
    if "€" in label or any("€" in t for t in texts):
        return "geld"
    read = [gelesen(t) for t in texts]
    return "anzahl" if all(r is not None and r.ganz for r in read) else "rate"


def _groesse(wissen: Leserwissen, titel: str, spalte: str) -> Groesse | None:
    fits = (
        g for g in wissen.groessen
        if _muster(g.tafel).fullmatch(titel) and _muster(g.spalte).fullmatch(spalte)
    )  # fmt: skip
    return next(fits, None)


@cache
def _muster(text: str) -> re.Pattern[str]:
    return re.compile(text)
