"""A page with what lies beside it as bytes, and what the gate read of it: each is read once.

Two thirds of the gate are reading, and most pages of a run are those of the run before, or lie
published as they did. What is read of the same bytes by the same code is the same: its checksum is
kept beside the delivery, and read again is only what is attacked anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from importlib import import_module
from typing import cast

from sozcontrol import store
from sozcontrol.press.gegenprobe import bildprobe, satzprobe, zugprobe
from sozcontrol.press.gegenprobe.beilage import ueberzaehlig, ueberzaehlig_offen
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.lauf.unchanged import BEHALTEN, packages
from sozcontrol.press.lauf.verborgenes import Verborgen
from sozcontrol.store import seal
from sozcontrol.zuzweit import zu_zweit

OHNE_SEITE = "Datei ohne Seite"
_BIS = r"""(?:[^<>"']|"[^<>"]*")*>\s*"""
STIL = re.compile(
    rf"\A(<!doctype html>\s*<html{_BIS}<head>\s*(?:<meta{_BIS})*<title>[^<]*</title>\s*<style>)"
    r"[^<]*(?=</style>)"
)
"""The stylesheet in the head of a page, where it is nothing else: no comment or attribute of which
some reader would take it for words, and no end of its element within."""
LESER = ("lxml.html", "python_calamine")
"""What reads pages and workbooks: imported before half of the work goes to another process."""
Verborgenes = Mapping[tuple[str, str], Sequence[Verborgen]]


@dataclass(frozen=True)
class Rohseite:
    """A page of an area in an edition, unread; without ``html`` files lie there without one."""

    bereich: str
    edition: str
    stichtag: date
    datenstand: date
    html: str | None
    mappe: bytes | None = None
    offen: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def wo(self) -> tuple[str, str]:
        """Area and edition."""
        return self.bereich, self.edition

    @cached_property
    def wortlaut(self) -> str | None:
        """All that is read of it: the page without its stylesheet, which says nothing."""
        return None if self.html is None else STIL.sub(r"\1", self.html)

    @property
    def schluessel(self) -> str:
        """The checksum of all that can be read of it."""
        whose = (*self.wo, self.stichtag, self.datenstand)
        book = None if self.mappe is None else seal.digest(self.mappe)
        files = sorted((name, seal.digest(content)) for name, content in self.offen.items())
        page = None if self.wortlaut is None else seal.digest(self.wortlaut.encode())
        return seal.digest(repr((whose, page, book, files)).encode())

    def blatt(self) -> Blatt:
        """Read the page back, and what lies beside it."""
        html, days = self.wortlaut, (self.stichtag, self.datenstand)
        if html is None:
            return Blatt(*self.wo, *days, (), (OHNE_SEITE,))
        read = Blatt(*self.wo, *days, tafeln(html))
        more = () if self.mappe is None else ueberzaehlig(html, read, self.mappe)
        more += ueberzaehlig_offen(html, read, self.offen) if self.offen else ()
        named = tuple(t.titel for t in read.tafeln for _ in range(t.fremd))
        said = (*named, *bildprobe.zuviel(html, read), *zugprobe.zuviel(html))
        return replace(read, mehr=more, gesagt=said)


@dataclass
class Gelesen:
    """What the gate knows of a page: its checksum at once, the page itself when it is attacked."""

    abdruck: str
    lies: Callable[[], Blatt]
    gelesen: Blatt | None = None

    @property
    def blatt(self) -> Blatt:
        """The page, read now if it wasn't."""
        if self.gelesen is None:
            self.gelesen = self.lies()
        return self.gelesen


class Leser:
    """Reads the pages of one run; ``bekannt`` are the checksums of those read before, by bytes."""

    def __init__(self, bekannt: Mapping[str, str]) -> None:
        self.bekannt = bekannt
        self.gelesen: dict[str, str] = {}

    def seiten(
        self, rohe: Sequence[Rohseite], verborgen: Verborgenes | None = None,
        figuren: Sequence[str] = (),
    ) -> list[Gelesen]:  # fmt: skip
        """Return what is read of pages, and of their words where *verborgen* says what they hide.

        *figuren* are the checksums of what they were drawn from; by them *verborgen* needn't be
        asked.
        """
        names = [
            self._name(roh, verborgen, of)
            for roh, of in zip(rohe, figuren or [""] * len(rohe), strict=True)
        ]
        found = [
            Gelesen(self.bekannt.get(name, ""), partial(_lies, verborgen, roh))
            for name, roh in zip(names, rohe, strict=True)
        ]
        new = [page for page in found if not page.abdruck]
        for name in LESER if len(new) > 1 else ():
            import_module(name)
        for page, blatt in zip(new, zu_zweit(lambda page: page.blatt, new), strict=True):
            page.gelesen, page.abdruck = blatt, seal.digest(repr(blatt).encode())
        self.gelesen |= {name: page.abdruck for name, page in zip(names, found, strict=True)}
        return found

    def _name(self, roh: Rohseite, verborgen: Verborgenes | None, figuren: str) -> str:
        if verborgen is None:
            return roh.schluessel
        hidden = figuren or seal.digest(repr(verborgen.get(roh.wo, ())).encode())
        return f"{roh.schluessel} {hidden}"


def _lies(verborgen: Verborgenes | None, roh: Rohseite) -> Blatt:
    page = roh.blatt()
    hidden = verborgen.get(roh.wo, ()) if verborgen is not None else ()
    said = satzprobe.verraten(roh.wortlaut or "", page, hidden)
    return page.zum_angriff(said)


@contextmanager
def gelesenes(daten: store.Daten | None) -> Iterator[Leser]:
    """Know within the block what was read beside a delivery; after it keep what was read in it."""
    name = store.name_aus("gelesen")
    place = store.platz(daten, BEHALTEN, name, [store.name_aus("pakete", packages())])
    found = place.read() if place else None
    kept = cast("dict[str, str]", found[0]) if found else {}
    reader = Leser(kept)
    yield reader
    if place and reader.gelesen != kept:
        place.write(reader.gelesen)
