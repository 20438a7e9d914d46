"""Small municipalities: what a table is broken down by, before most of it would have to be hidden.

Merging first keeps the figures that matter: of 75 Hilfen hardly a Hilfeart stands, but every
Segment does. What is merged, and from when on, are facts (``catalogue/vergroeberung.yml``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sozcontrol import catalogue
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis
from sozcontrol.measures.zaehlwerk.kennzahlen import fehlende, kennzahl
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung


@dataclass(frozen=True)
class Gliederung:
    """What a table is broken down by, how captions say so, and why it is not what was asked.

    ``titel`` is »je Segment« or »insgesamt«, ``gefragt`` the same of what was asked; ``grund`` is
    None where both are one.
    """

    je: tuple[str, ...]
    titel: str
    gefragt: str
    grund: str | None = None

    @property
    def fein(self) -> bool:
        """Whether it is what was asked."""
        return self.grund is None

    @property
    def hinweis(self) -> str | None:
        """What stands below a table that is merged."""
        return self.statt(self.titel)

    def statt(self, wonach: str) -> str | None:
        """Say that a table is merged *wonach*; nothing where it is not."""
        return None if self.fein else f"Zusammengefasst {wonach} statt {self.gefragt}: {self.grund}"

    def ohne(self, titel: str) -> str | None:
        """Say that a table is not shown at all; nothing where it is."""
        return None if self.fein else f"{titel}: nicht gezeigt. {self.grund}"


def gliederung(daten: Lieferung, je: Sequence[str]) -> Gliederung:
    """Return what a table of this delivery is broken down by where *je* is asked."""
    asked = tuple(je)
    kept = _groeber(asked) if ist_klein(daten) else asked
    rule = catalogue.vergroeberung()
    reason = None if kept == asked else rule.grund.format(unter=rule.unter)
    return Gliederung(kept, _titel(kept), _titel(asked), reason)


def ist_klein(daten: Lieferung) -> bool:
    """Say whether so few are counted that tables are broken down less finely."""
    known: dict[str, bool] = gedaechtnis(daten, "ist_klein")
    if "ist_klein" not in known:
        rule = catalogue.vergroeberung()
        counted = not fehlende(daten, [rule.gezaehlt])
        value = kennzahl(daten, rule.gezaehlt).frame["wert"].iloc[0] if counted else rule.unter
        known["ist_klein"] = bool(value < rule.unter)
    return known["ist_klein"]


def ohne_anteile_weniger(daten: Lieferung, ids: Sequence[str]) -> list[str]:
    """Return *ids* without shares of the few that a small municipality counts.

    As a line over quarters they would be marks more than points.
    """
    if not ist_klein(daten):
        return list(ids)
    known = catalogue.kennzahlen()
    few = {t.sicht for t in known[catalogue.vergroeberung().gezaehlt].terme}
    return [
        i for i in ids
        if known[i].nenner is None or few.isdisjoint(t.sicht for t in known[i].terme)
    ]  # fmt: skip


def _groeber(je: tuple[str, ...]) -> tuple[str, ...]:
    rule = catalogue.vergroeberung()
    kept = tuple(dict.fromkeys(d for name in je if (d := rule.statt.get(name, name)) is not None))
    alone = tuple(d for d in kept if d in rule.allein)
    return alone[:1] or kept


def _titel(je: Sequence[str]) -> str:
    names = catalogue.bezeichnungen()
    return f"je {' und '.join(names.get(d, d) for d in je)}" if je else "insgesamt"
