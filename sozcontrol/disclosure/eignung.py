"""What may come before the door, and as what: no single persons, net counts, shares as such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sozcontrol import catalogue
from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.lesen import Vorlage
from sozcontrol.errors import NotReleased


def demand_no_persons(je: Sequence[str]) -> None:
    """Refuse dimensions that tell single persons, cases or payments apart."""
    tables = [catalogue.tabelle(n) for n in ("person", "fall", "zahlung", "buchung")]
    single = {k for t in tables for k in t.schluessel}
    single |= {s.name for t in tables for s in t.spalten if s.pseudonym or s.typ == "datum"}
    found = sorted((single | {"geburtsmonat"}) & set(je))
    if found:
        raise NotReleased(
            f"Nach »{', '.join(found)}« gegliedert stünde jede Zeile für einen einzelnen Vorgang.",
            wo="freigabe.release",
            tun="Nach Merkmalen gliedern, die viele teilen (Hilfeart, Altersgruppe, Sozialraum).",
        )


def net_of_what_is_taken_off(werte: Any) -> Any:
    """Count a numerator that is a difference of counts by itself, not by all Hilfen in its terms.

    »Returned, less those who came again« over »returned«: the rest, those who came again, may be
    one child, though as many Hilfen stand behind the numerator as behind the whole.
    """
    frame, item = werte.frame, werte.kennzahl
    whole = all(str(frame[c].dtype) == "Int64" for c in ("zaehler", "nenner"))
    if whole and any(t.vorzeichen < 0 for t in item.zaehler.terme):
        return frame.assign(faelle_zaehler=frame["zaehler"], faelle_nenner=frame["nenner"])
    return frame


def is_share(item: Any, vorlage: Vorlage) -> bool:
    """Say whether a Kennzahl is a part of a whole: the rest of the whole is a count, too.

    A percentage alone does not say so (begun per stock of last year is none): both sides must count
    the same thing over the same span, the part under conditions that imply those of the whole.
    """
    if not item.einheit.startswith("%") or item.nenner is None:
        return False
    if not merkmale.is_part(item.zaehler.terme[0], item.nenner.terme[0]):
        return False
    pairs = zip(vorlage.werte("faelle_zaehler"), vorlage.werte("faelle_nenner"), strict=True)
    return all(z <= n for z, n in pairs if z is not None and n is not None)
