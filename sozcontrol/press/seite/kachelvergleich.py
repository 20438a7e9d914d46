"""What two pages print of the same Kennzahlen: then, now, the difference, the goal's state.

Only what both print is compared, as it is printed. Where a figure runs since the beginning of the
year, two days of a year are no like times: no difference is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue import Steckbrief
from sozcontrol.press.seite.seiteninhalt import GEHEIM, KACHELN, Inhalt, Tabelle

WERT = re.compile(
    r"(?P<wort>schlechter um |besser um )?(?P<zeichen>[−-])?"
    r"(?P<zahl>\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?)\s?(?P<einheit>.*)"
)
GELD = re.compile(r"(Mio\.\s€|T€|€|%)")
MASSE = re.compile(r"€|Tage|%|VZÄ|Monate|Punkt")
GLEICH = "unverändert"
LAEUFT, AM_JAHRESENDE = "läuft seit Jahresbeginn", "am Jahresende"
ANDERS = "anders ausgedrückt"
GESPERRT = "geheim gehalten"
PUNKTE = "Prozentpunkte"
BIS_STICHTAG = {"jahr_bis_stichtag", "vorjahr_bis_stichtag"}


@dataclass(frozen=True)
class Kachel:
    """One tile: its words, its value, the state of its goal (empty without one)."""

    bereich: str
    titel: str
    wert: str
    stand: str


@dataclass(frozen=True)
class Vergleich:
    """One Kennzahl in two publications; ``unterschied`` is words where there is no figure."""

    bereich: str
    titel: str
    damals: str
    jetzt: str
    unterschied: str
    stand_damals: str
    stand_jetzt: str
    anteil: Decimal | None = None

    @property
    def anderer_stand(self) -> bool:
        """Whether its goal stands elsewhere than before."""
        return (
            bool(self.stand_damals and self.stand_jetzt) and self.stand_damals != self.stand_jetzt
        )


def compare(
    damals: Mapping[str, Inhalt], jetzt: Mapping[str, Inhalt], days: tuple[date, date]
) -> list[Vergleich]:
    """Return all Kennzahlen that both print, by area, in the order of the newer pages."""
    then = {(k.bereich, k.titel): k for a, page in damals.items() for k in _tiles(a, page)}
    return [
        _compared(then[k.bereich, k.titel], k, days)
        for a, page in jetzt.items() for k in _tiles(a, page) if (k.bereich, k.titel) in then
    ]  # fmt: skip


def _tiles(bereich: str, seite: Inhalt) -> Iterator[Kachel]:
    """Yield the tiles of a page, each name once."""
    seen: set[str] = set()
    for section in seite.abschnitte:
        for block in section.bloecke:
            if not isinstance(block, Tabelle) or block.titel != KACHELN:
                continue
            for row in block.zeilen:
                cells = dict(zip(block.kopf, row, strict=True))
                name = cells["Kennzahl"]
                if name not in seen:
                    seen.add(name)
                    state, dot, _ = cells.get("Ziel", "").partition(" · ")
                    yield Kachel(bereich, name, cells["Wert"], state if dot else "")


def _compared(damals: Kachel, jetzt: Kachel, days: tuple[date, date]) -> Vergleich:
    words, share = _difference(damals, jetzt, days)
    return Vergleich(
        jetzt.bereich, jetzt.titel, damals.wert, jetzt.wert, words, damals.stand, jetzt.stand, share
    )


def _difference(
    damals: Kachel, jetzt: Kachel, days: tuple[date, date]
) -> tuple[str, Decimal | None]:
    """Return the difference in words, and its share of the earlier value.

    The share of a count is nought where counts of this size differ so much by themselves.
    """
    if GEHEIM in damals.wert + jetzt.wert:
        return GESPERRT, None
    same_day = (days[0].month, days[0].day) == (days[1].month, days[1].day)
    if not same_day and (AM_JAHRESENDE in jetzt.stand or not comparable(_kennzahl(jetzt), days)):
        return LAEUFT, None
    old, new = WERT.fullmatch(damals.wert), WERT.fullmatch(jetzt.wert)
    if not old or not new or old["einheit"] != new["einheit"]:
        return (GLEICH if damals.wert == jetzt.wert else ANDERS), None
    before, now = _number(old), _number(new)
    if before == now:
        return GLEICH, Decimal(0)
    off = now - before
    noise = _counted(_kennzahl(jetzt)) and off * off <= 4 * (before + now)
    share = Decimal(0) if noise else abs(off / before) if before else None
    return _written(off, new), share


def _counted(kennzahl: Steckbrief | None) -> bool:
    """Say whether a Kennzahl counts something, for which two standard deviations are known."""
    counts = isinstance(kennzahl, catalogue.Kennzahl) and kennzahl.nenner is None
    return counts and kennzahl is not None and not MASSE.search(kennzahl.einheit)


def _number(found: re.Match[str]) -> Decimal:
    value = Decimal(found["zahl"].replace(".", "").replace(",", "."))
    return -value if found["zeichen"] or found["wort"] == "besser um " else value


def _written(off: Decimal, like: re.Match[str]) -> str:
    places = max(0, -int(off.as_tuple().exponent))
    digits = f"{abs(off):,.{places}f}".translate(str.maketrans(",.", ".,"))
    unit = GELD.match(like["einheit"])
    unit_text = {"%": PUNKTE}.get(unit[0], unit[0]) if unit else ""
    sign = "+" if off > 0 else "−"
    if like["wort"]:
        sign = "schlechter um " if off > 0 else "besser um "
    return f"{sign}{digits}\u00a0{unit_text}".rstrip()


def _kennzahl(kachel: Kachel) -> Steckbrief | None:
    """Return the Kennzahl a tile shows, as its area and its short name say."""
    names = catalogue.bereich(kachel.bereich).kennzahlen
    found = (catalogue.steckbrief(name) for name in names)
    name = _plain(kachel.titel)
    return next((k for k in found if _plain(k.kurzname) == name), None)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u00ad", ""))


def comparable(kennzahl: Steckbrief | None, days: tuple[date, date]) -> bool:
    """Say whether the values of two days of a year may be subtracted: points of time, like spans.

    What has run since January may not, but for a share of what is counted alike; and a forecast
    only within the year it is of.
    """
    then, now = days
    if isinstance(kennzahl, catalogue.Prognosekennzahl):
        return kennzahl.zum_jahresende and then.year == now.year
    if not isinstance(kennzahl, catalogue.Kennzahl):
        return False  # nobody says of which time it speaks
    if kennzahl.bezugszeit == "stichtag":
        return True
    if not any(t.zeitraum in BIS_STICHTAG for t in kennzahl.zaehler.terme):
        return True
    alike = {(t.sicht, t.grundzahl, t.zeitraum) for t in kennzahl.terme}
    return kennzahl.nenner is not None and len(alike) == 1


def headline(found: Sequence[Vergleich]) -> str:
    """Say in a sentence how many Kennzahlen moved, and how many goals stand elsewhere."""
    moved = sum(v.unterschied not in (GLEICH, GESPERRT, LAEUFT) for v in found)
    other = sum(v.anderer_stand for v in found)
    goals = {0: "kein Ziel steht anders", 1: "1 Ziel steht anders"}.get(
        other, f"{other} Ziele stehen anders"
    )
    return f"{moved} von {len(found)} Kennzahlen haben sich verändert, {goals}."
