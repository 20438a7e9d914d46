"""While two places hold reports of different runs, the indexes of both say so.

Each place switches in one step, the two of them don't. Before the first switch the sentence stands
on every index that is there, after the second it is taken away again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.press.ablegen.uebersicht import INDEX, TAG
from sozcontrol.projekt import Projekt
from sozcontrol.store.disk import sync

MARK = ".lauf"
"""A file in each published folder with the id of the run that made it."""

_BEFORE = b'<main id="inhalt" tabindex="-1">\n'
_OPEN, _CLOSE = '<p class="soz-hinweis soz-zweifel" id="zwischenstand">', "</p>\n"
_NOTICE = re.compile(re.escape(_OPEN).encode() + b"[^<]*" + re.escape(_CLOSE).encode())
OFFEN = "Eine Veröffentlichung ist nicht abgeschlossen"
ZUSAMMEN = "Der nächste Lauf oder »sozcontrol repair« bringt sie zu Ende."
NACHGEHOLT = "Das ist jetzt nachgeholt."


@dataclass(frozen=True)
class Platz:
    """The editions of one Stichtag in one place, and the run they are of."""

    editionen: tuple[str, ...]
    lauf: str

    def __str__(self) -> str:
        if not self.editionen:
            return "die übrigen liegen nicht da"
        named = " und ".join(catalogue.edition(e).titel for e in self.editionen)
        return f"{named} vom Lauf {self.lauf}"


def platz(folder: Path) -> Platz:
    """Return what lies in *folder*, and of which run its mark says it is."""
    there = tuple(e for e in catalogue.editionen() if (folder / e).is_dir())
    return Platz(there, run_of(folder) or "ohne Kennung")


def run_of(folder: Path) -> str | None:
    """Return the run that made *folder*, as its mark says."""
    mark = folder / MARK
    return mark.read_bytes().decode("utf-8", "replace").strip() if mark.is_file() else None


def seen(stichtag: date, plaetze: Sequence[Platz]) -> str:
    """Say which edition is of which run, as it is now."""
    parts = ", ".join(map(str, plaetze))
    return f"{OFFEN}, die Berichte zum {stichtag:%d.%m.%Y} sind von verschiedenen Läufen: {parts}."


def coming(stichtag: date, neu: Platz, alt: Platz) -> str:
    """Say the same of an exchange on its way: a page can't know how far it came."""
    return (
        f"{OFFEN}, die Berichte zum {stichtag:%d.%m.%Y} können von verschiedenen Läufen sein "
        f"(neu: {neu}; bisher: {alt}). {ZUSAMMEN}"
    )


def with_notice(page: Path, satz: str, copy: Path) -> None:
    """Write *page* with *satz* on it to *copy*, through to the disk."""
    notice = (_OPEN + escape(satz) + _CLOSE).encode()
    html = _NOTICE.sub(b"", page.read_bytes())
    _write(copy, html.replace(_BEFORE, _BEFORE + notice, 1), page)


def take_away(projekt: Projekt) -> None:
    """Take the sentence from every index it stands on; a second time changes nothing."""
    for root in (projekt.reports, projekt.intern):
        for page in (root / INDEX, *sorted(root.glob(f"{TAG}/{INDEX}"))):
            if page.is_file() and _NOTICE.search(html := page.read_bytes()):
                # By the name of an old one, and beside the folder: what a cut leaves is swept.
                copy = root / f".{page.parent.name}.alt-zwischenstand"
                _write(copy, _NOTICE.sub(b"", html), page)
                copy.replace(page)
                sync(page.parent)


def _write(copy: Path, html: bytes, page: Path) -> None:
    copy.write_bytes(html)
    copy.chmod(page.stat().st_mode & 0o777)
    sync(copy)
