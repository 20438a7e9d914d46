"""Two publications of one edition, and the table of what they say differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.errors import UsageError
from sozcontrol.press.ablegen.manifestprobe import Ausgabeordner, demand_published
from sozcontrol.press.auszug.themenauszug import Seite, pages_of
from sozcontrol.press.seite.export import long_date
from sozcontrol.press.seite.kachelvergleich import Vergleich, compare
from sozcontrol.press.seite.seiteninhalt import Tabelle

OHNE = "–"


@dataclass(frozen=True)
class Ausgabe:
    """A published edition of a Stichtag, proved to be what was published."""

    ordner: Ausgabeordner
    seiten: Sequence[Seite]

    @property
    def stichtag(self) -> date:
        """Of which day it speaks."""
        return self.ordner.stichtag

    @property
    def datenstand(self) -> date:
        """The newest its reports know."""
        return max(p.datenstand for p in self.seiten)

    @property
    def name(self) -> str:
        """How a reader tells it from another."""
        return f"{self.stichtag:%d.%m.%Y} (Datenstand {self.datenstand:%d.%m.%Y})"

    def seite(self, bereich: str) -> Seite | None:
        """Return the page of an area, if it is published."""
        return next((p for p in self.seiten if p.bereich == bereich), None)


def publication(ordner: Path) -> Ausgabe:
    """Return what an edition's folder holds, proved file by file.

    Raises:
        UsageError: It is no folder of one edition.
        NotReleased: A file is not what was published.
        DeliveryMissing: Nothing is published there.
    """
    found = demand_published(ordner.resolve())
    if len(found) != 1:
        raise UsageError(
            "Verglichen wird je eine Edition.", wo=str(ordner),
            tun=f"Ihren Ordner nennen: {' oder '.join(str(o.ordner) for o in found)}.",
        )  # fmt: skip
    return Ausgabe(found[0], pages_of(found[0]))


def differences(damals: Ausgabe, jetzt: Ausgabe) -> list[Vergleich]:
    """Return all Kennzahlen both publications show, in the order of the newer one.

    Raises:
        UsageError: They are for different readers.
    """
    if damals.ordner.edition != jetzt.ordner.edition:
        raise UsageError(
            "Die beiden Ausgaben haben verschiedene Leser: "
            f"»{damals.ordner.titel}« und »{jetzt.ordner.titel}«.",
            wo="sozcontrol vergleich", tun="Zweimal dieselbe Edition nennen.",
        )  # fmt: skip
    pages = [{p.bereich: p.sagt for p in one.seiten} for one in (damals, jetzt)]
    return compare(pages[0], pages[1], (damals.stichtag, jetzt.stichtag))


def table_of(
    found: Sequence[Vergleich],
    titel: str,
    damals: Ausgabe,
    jetzt: Ausgabe,
    *,
    bereich: bool = False,
) -> Tabelle:
    """Return Kennzahlen as a table, the state of goals where one has any, both where it changed.

    With *bereich* each names its area.
    """
    days = [f"{a.stichtag:%d.%m.%Y}" for a in (damals, jetzt)]
    if damals.stichtag == jetzt.stichtag:
        days = [f"Datenstand {a.datenstand:%d.%m.%Y}" for a in (damals, jetzt)]
    heads: tuple[str, ...] = ("Kennzahl", *days, "Unterschied", "Stand des Ziels")
    rows: tuple[tuple[str, ...], ...] = tuple(
        (_named(v, bereich), v.damals, v.jetzt, v.unterschied, _states(v)) for v in found
    )
    if not any(v.stand_jetzt or v.anderer_stand for v in found):
        heads, rows = heads[:-1], tuple(row[:-1] for row in rows)
    return Tabelle(titel, heads, rows, (False, True, True, True, False)[: len(heads)])


def _named(one: Vergleich, bereich: bool) -> str:
    return f"{one.titel}\n{catalogue.bereich(one.bereich).titel}" if bereich else one.titel


def _states(one: Vergleich) -> str:
    if one.anderer_stand:
        return f"{one.stand_jetzt}\nvorher {one.stand_damals}"
    return one.stand_jetzt or OHNE


def between(damals: Ausgabe, jetzt: Ausgabe) -> str:
    """Say which two publications are compared."""
    if damals.stichtag == jetzt.stichtag:
        days = f"{long_date(damals.datenstand)} und {long_date(jetzt.datenstand)}"
        return f"Stichtag {long_date(jetzt.stichtag)}, Datenstände {days}"
    return f"{long_date(damals.stichtag)} und {long_date(jetzt.stichtag)}"
