"""Why the Hochrechnung of the Hilfen deviates from the Ansatz, exact to the cent.

Hochrechnung − Ansatz = Ausgangslage + Menge + Struktur + Preis, per Hilfeart and in total. A
budget has no planned volumes, so last year stands between the two: *Ausgangslage* is last year's
cost minus the Ansatz (what the plan had assumed against it), the other three decompose the
Hochrechnung against last year as F16 does. Both years are whole and complete: last year with the
invoices still to come, this year with its expected months, so late billing is no falling price.
Volume is occupied months, *Preis* the cost of one: what the Hochrechnung implies for the year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import numpy as np

from sozcontrol.forecast.methoden.ergaenzung import Ergaenzung
from sozcontrol.forecast.methoden.treiber import Lage, lage
from sozcontrol.forecast.prognose.hochrechnung import euro
from sozcontrol.forecast.reihe import Reihe, bekannt
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.prognosestand import Prognosestand, prognosestand
from sozcontrol.hochrechnung.quellen.buchungen import MONATE
from sozcontrol.hochrechnung.quellen.panel import Panel
from sozcontrol.hochrechnung.tafelteile import Zeile, minus, rahmen
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zerlegung import Effekte, Teil, zerlege

NULL = Decimal(0)
Z = TypeVar("Z", Decimal, Fraction)
_BEZAHLT = ("faelle", "faelle_vorjahr")
_LAUFEND = ("laufend", "laufend_vorjahr")
_HINTER = {
    "ansatz_eur": (),
    **dict.fromkeys(("vorjahr_eur", "ausgangslage_eur", "mengeneffekt_eur"), _BEZAHLT[1:]),
    **dict.fromkeys(("struktureffekt_eur", "preiseffekt_eur", "hochrechnung_eur",
                     "abweichung_eur"), _BEZAHLT),
    **dict.fromkeys(("monate0", "monate1"), (*_BEZAHLT, *_LAUFEND)),
}  # fmt: skip
"""Column → the Hilfen behind it; a budget has nobody behind it.

Menge is last year's cost times the change of all months. The months of both years go together:
with one of them and the effects the other could be solved.
"""
_EFFEKTE = ("mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur")
_GLEICHUNGEN = (
    {"vorjahr_eur": 1, "ansatz_eur": -1, "ausgangslage_eur": -1},
    {"hochrechnung_eur": 1, "ansatz_eur": -1, "abweichung_eur": -1},
    {"ausgangslage_eur": 1, **dict.fromkeys(_EFFEKTE, 1), "abweichung_eur": -1},
)
_AUS = {
    **dict.fromkeys(_EFFEKTE[:2], ("vorjahr_eur",)),
    _EFFEKTE[2]: ("vorjahr_eur", "hochrechnung_eur"),
}
"""Effect → the costs it is a multiple of; by how much tell the months, and every other row."""


@dataclass(frozen=True)
class Posten:
    """One Hilfeart, or the total: what the decomposition starts from, and its effects.

    ``None`` is what is not known: no Ansatz, no last year (and then no effects), no Hochrechnung.
    Volumes are occupied months of the whole year; of unknown ones all change is Preis.
    """

    ansatz: Decimal | None
    vorjahr: Decimal | None
    hochrechnung: Decimal | None
    monate0: Fraction | None
    monate1: Fraction | None
    effekte: Effekte | None = None

    @property
    def ausgangslage(self) -> Decimal | None:
        """Return last year's cost minus the Ansatz."""
        return minus(self.vorjahr, self.ansatz)

    @property
    def abweichung(self) -> Decimal | None:
        """Return Hochrechnung minus Ansatz."""
        return minus(self.hochrechnung, self.ansatz)


def je_hilfeart(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The decomposition per Hilfeart, the total last (F05, F16).

    The counts are those of the other tables per Hilfeart: what one hides, all hide.
    """
    stand = prognosestand(daten, "hilfeart", stichtag=stichtag)
    p, day = stand.panel, stichtag or daten.stichtag
    posten = einmal(daten, "abweichung", (day,), lambda: zerlegt(stand))
    rows: list[Zeile] = [{"hilfeart": name, **_zeile(x)} for name, x in posten.items()]
    alle = (*_BEZAHLT, *_LAUFEND)
    counts = {c: [getattr(p.traeger, c).get(n, 0) for n in posten] for c in alle}
    frame = rahmen(rows, ("hilfeart", *_HINTER), counts)
    return Aufstellung(
        frame, ("hilfeart",), p.merkmal, alle, _HINTER, identitaeten=_GLEICHUNGEN, aus=_AUS
    )


def zerlegt(stand: Prognosestand) -> dict[str, Posten]:
    """Return the decomposition of every Hilfeart and of their total, in the forecast's order."""
    teile = {r.name: _posten(stand, r) for r in stand.panel.reihen}
    fertig = {
        name: Teil(x.monate0 or Fraction(0), x.monate1 or Fraction(0), x.vorjahr, x.hochrechnung)
        for name, x in teile.items()
        if x.vorjahr is not None and x.hochrechnung is not None
    }
    effekte = zerlege(fertig)
    posten = {
        name: Posten(x.ansatz, x.vorjahr, x.hochrechnung, x.monate0, x.monate1, effekte.get(name))
        for name, x in teile.items()
    }
    return {**posten, INSGESAMT: gesamt([*posten.values()])}


def gesamt(posten: Sequence[Posten]) -> Posten:
    """Return the total: exact sums; what is not known of one part is not known of the whole."""
    effekte = [x.effekte for x in posten]
    summe = None
    if None not in effekte:
        summe = Effekte(*(sum((getattr(e, f) for e in effekte), NULL)
                          for f in ("menge", "struktur", "preis")))  # fmt: skip
    return Posten(
        ansatz=_summe([x.ansatz for x in posten]),
        vorjahr=_summe([x.vorjahr for x in posten]),
        hochrechnung=_summe([x.hochrechnung for x in posten]),
        monate0=_summe([x.monate0 for x in posten]),
        monate1=_summe([x.monate1 for x in posten]),
        effekte=summe,
    )


def _zeile(x: Posten) -> Zeile:
    e = x.effekte
    return {
        "ansatz_eur": x.ansatz,
        "vorjahr_eur": x.vorjahr,
        "ausgangslage_eur": x.ausgangslage,
        "mengeneffekt_eur": e.menge if e else None,
        "struktureffekt_eur": e.struktur if e else None,
        "preiseffekt_eur": e.preis if e else None,
        "hochrechnung_eur": x.hochrechnung,
        "abweichung_eur": x.abweichung,
        "monate0": _dezimal(x.monate0),
        "monate1": _dezimal(x.monate1),
    }


def _posten(stand: Prognosestand, reihe: Reihe) -> Posten:
    p, h = stand.panel, stand.reihen[reihe.name]
    wissen = p.wissen(reihe, p.jahr, p.periode)
    monate0, monate1 = _monate(reihe, p, wissen)
    vorjahr = _vorjahr(reihe, p, wissen)
    if vorjahr == 0 and monate0 is not None:
        monate0 = Fraction(0)  # new: months that cost nothing give no price to compare with
    return Posten(h.alternativen.get("M0"), vorjahr, h.wert, monate0, monate1)


def _vorjahr(reihe: Reihe, p: Panel, wissen: Mapping[str, object]) -> Decimal | None:
    """Return last year's cost with what is still to be booked; without a last year ``None``."""
    e = wissen.get("ergaenzung")
    if p.jahr - 1 < reihe.jahre[0]:
        return None
    if not isinstance(e, Ergaenzung):
        return NULL
    return euro(float(e.endstand[e.monate // MONATE == p.jahr - 1].sum()))


def _monate(
    reihe: Reihe, p: Panel, wissen: Mapping[str, object]
) -> tuple[Fraction | None, Fraction | None]:
    """Return the occupied months of last year and of this year with its expected ones."""
    j = int(p.jahr - reihe.jahre[0])
    bisher = reihe.menge[j, : p.periode]
    frueher = reihe.menge[j - 1] if j else np.full(MONATE, np.nan)
    heute = lage(bekannt(reihe, p.jahr, p.periode, **wissen))
    kommend = heute.mengen.sum() if isinstance(heute, Lage) else bisher[-1] * (MONATE - p.periode)
    return _genau(frueher.sum()), _genau(bisher.sum() + kommend)


def _genau(monate: float) -> Fraction | None:
    """Return a volume in hundredths of a month, exactly."""
    return Fraction(round(float(monate) * 100), 100) if np.isfinite(monate) else None


def _dezimal(monate: Fraction | None) -> Decimal | None:
    return None if monate is None else Decimal(monate.numerator) / Decimal(monate.denominator)


def _summe(werte: Sequence[Z | None]) -> Z | None:
    known = [w for w in werte if w is not None]
    return None if len(known) < len(werte) or not known else sum(known[1:], known[0])


__all__ = ["Posten", "gesamt", "je_hilfeart", "zerlegt"]
