"""What may come before the door, and as what: no single persons, net counts, shares as such."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.lesen import Vorlage
from sozcontrol.errors import NotReleased
from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt, Werte

if TYPE_CHECKING:
    import pandas as pd


def demand_no_persons(je: Sequence[str]) -> None:
    """Refuse dimensions that tell single persons, cases or payments apart."""
    found = sorted(_single() & set(je))
    if found:
        raise NotReleased(
            f"Nach »{', '.join(found)}« gegliedert stünde jede Zeile für einen einzelnen Vorgang.",
            wo="freigabe.release",
            tun="Nach Merkmalen gliedern, die viele teilen (Art, Altersgruppe, Gebiet).",
        )


@cache
def _single() -> frozenset[str]:
    """Return the columns that tell single persons, cases or payments apart.

    Pseudonyms, dates of events, months that describe a person, and what identifies an event: the
    key of a table whose rows have a date of their own.
    """
    found: set[str] = set()
    for table in catalogue.tabellen().values():
        if table.herkunft != "lieferung":
            continue
        dates = {s.name for s in table.spalten if s.typ == "datum"} - set(table.schluessel)
        found |= dates | (set(table.schluessel) if dates else set())
        found |= {s.name for s in table.spalten if s.pseudonym}
        found |= {s.name for s in table.spalten if s.persoenlich and s.typ == "monat"}
    return frozenset(found)


def net_of_what_is_taken_off(werte: Werte) -> pd.DataFrame:
    """Count a numerator that is a difference of counts by itself, not by all Hilfen in its terms.

    »Returned, less those who came again« over »returned«: the rest, those who came again, may be
    one child, though as many Hilfen stand behind the numerator as behind the whole.
    """
    frame, item = werte.frame, werte.kennzahl
    whole = all(str(frame[c].dtype) == "Int64" for c in ("zaehler", "nenner"))
    terms = item.zaehler.terme if item.zaehler is not None else ()
    if whole and any(t.vorzeichen < 0 for t in terms):
        return frame.assign(faelle_zaehler=frame["zaehler"], faelle_nenner=frame["nenner"])
    return frame


def is_share(item: Belegt, vorlage: Vorlage) -> bool:
    """Say whether a Kennzahl is a part of a whole: the rest of the whole is a count, too.

    A percentage alone does not say so (begun per stock of last year is none): both sides must count
    the same thing over the same span, the part under conditions that imply those of the whole.
    """
    if not item.einheit.startswith("%") or item.zaehler is None or item.nenner is None:
        return False
    if not merkmale.is_part(item.zaehler.terme[0], item.nenner.terme[0]):
        return False
    pairs = zip(vorlage.werte("faelle_zaehler"), vorlage.werte("faelle_nenner"), strict=True)
    return all(z <= n for z, n in pairs if z is not None and n is not None)
