"""From the tables of a page to figures with names: what is counted, of what, and how exactly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Literal, NamedTuple

from sozcontrol import catalogue
from sozcontrol.catalogue.leserwissen import Groesse, Leserwissen
from sozcontrol.press.gegenprobe.blatt import KACHELN, Blatt, Tafelbild, Zellbild

ZAHL = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+|[+-]?\d+)(?:,(\d+))?(?: ?(je [\d.]+ .*|[^\d]*))?")
EINHEIT = {"T€": 1e3, "Mio. €": 1e6}
TAUSEND = "(T€)"
WORTE = {"schlechter um ": "+", "besser um ": "-"}
"""What stands for the sign of what becomes of the budget."""
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
def gelesen(text: str, tausend: bool = False) -> Gelesen | None:
    """Read a German number with its unit; None where no single number stands."""
    for word, sign in WORTE.items():
        text = text.replace(word, sign)
    found = ZAHL.fullmatch(text)
    if found is None:
        return None
    whole, decimals, unit = found.groups()
    unit = (unit or "").strip()
    scale = EINHEIT.get(unit, 1e3 if tausend and "€" not in unit else 1.0)
    digits = len(decimals or "")
    value = float(f"{whole.replace('.', '')}.{decimals or 0}") * scale
    counts = not digits and scale == 1.0 and not RATE.search(unit) and "€" not in unit
    return Gelesen(value, scale * 10.0**-digits / 2, counts)


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
        self.groessen = {h: g for h, g in named.items() if g is not None}
        self.quer = next((g.quer for g in self.groessen.values() if g.quer), None)
        self.formen = {h: _form(h, self._spalte(n)) for n, h in enumerate(self.heads)}

    def _spalte(self, n: int) -> list[Zellbild]:
        return [row[n] for row in self.bild.zeilen if n < len(row)]

    def figuren(self) -> Iterator[Figur]:
        """Yield the figures of the table."""
        for number, row in enumerate(self.bild.zeilen):
            keys = self._kopf(row)
            by_row = _form(_label(row), [c for c in row if not c.kopf and c.text != keys.kennung])
            for head, cell in zip(self.heads, row, strict=False):
                if cell.kopf or head == NUMMER:
                    continue
                wo = dict(keys.wo)
                if self.quer and head not in self.wissen.gesamt:
                    wo[self.quer] = head
                form = by_row if keys.kennung else self.formen[head]
                found = self._figur((self._name(keys, head), frozenset(wo.items())), form, cell,
                                    (self.bild.titel, number, head))  # fmt: skip
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
        self, zelle: Zelle, form: Form, cell: Zellbild, ort: tuple[str, int, str]
    ) -> Figur | None:
        made = Figur(zelle, form, ort, geheim=cell.geheim, auch_null=self.bild.auch_null)
        if cell.geheim:
            return made
        if cell.text.startswith(LEER):
            made.nichts = True
            return made
        read = gelesen(cell.text, TAUSEND in ort[2])
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


def _form(label: str, cells: list[Zellbild]) -> Form:
    """Say what figures are, hidden ones too: by the words above or beside, and by the shown."""
    texts = [c.text for c in cells if c.text and not (c.geheim or c.text.startswith(LEER))]
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
