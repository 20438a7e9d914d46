"""The same Kennzahlen a year ago, at the same maturity where the delivery of then is stored.

What is known today of last year's Stichtag is more than what was known then. So the delivery of
then is asked for every side of a figure that grows with late records; without it, the figure is
»vorläufig«. What is only corrected later (residents, official statistics) is the better as it is
known today, for both years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue, store
from sozcontrol.catalogue import Kennzahl
from sozcontrol.hochrechnung import prognosekennzahlen
from sozcontrol.measures import Werte
from sozcontrol.measures.zaehlwerk.kennzahlen import quotient, unbekannt
from sozcontrol.measures.zaehlwerk.zeitraum import um_monate
from sozcontrol.revision.reife import reift, vorlaeufig
from sozcontrol.revision.spaeterfasst import Spaet, gleiche, leer, verbuende
from sozcontrol.store import Daten

VORJAHR = "Vorjahr"
VORLAEUFIG = ", vorläufig"
"""After the name of a figure that is known better today than it was then."""
FEHLT = " nicht geliefert"


@dataclass(frozen=True)
class Vorjahreszahl:
    """A figure of a year ago, what it is called, and the editions that are told it.

    Without ``tafel`` nothing of that day was delivered.
    """

    gegen: str
    sichtbar: tuple[str, ...]
    tafel: Werte | None = None


@dataclass(frozen=True)
class Vorjahr:
    """Figures of a year ago in the order asked, all as readers call them (``gegen``).

    Where the delivery of then differs by few cases from what is known today, only editions that may
    show so few are told it: beside today's series it would tell of them. The others have today's.
    """

    zahlen: tuple[tuple[Vorjahreszahl, ...], ...]
    gegen: str = VORJAHR


def vorjahr(daten: Daten, ids: Sequence[str], *, gegen: str = VORJAHR) -> Vorjahr:
    """Return the Kennzahlen *ids* of the same day a year ago, called *gegen*."""
    day = um_monate(daten.stichtag, -12)
    ties = verbuende(day)
    tied = {i: None for tie in ties if {*ids} & set().union(*tie.values())
            for group in tie.values() for i in group}  # fmt: skip
    asked = [*ids, *prognosekennzahlen.vorhandene(daten, [i for i in tied if i not in ids])]
    today = {w.kennzahl.id: w for w in prognosekennzahlen.kennzahlen(daten, asked, stichtag=day)}
    then = _damals(daten, today, day)
    told = Spaet(then, today, ties).sichtbar()
    found = []
    for i in ids:
        others = tuple(e for e in catalogue.editionen() if e not in told.get(i, ()))
        own = [Vorjahreszahl(gegen, told[i], then[i])] if told.get(i) else []
        found.append((*own, *([_heutige(daten, today[i], others, gegen)] if others else [])))
    return Vorjahr(tuple(found), gegen)


def _damals(daten: Daten, today: Mapping[str, Werte], day: date) -> dict[str, Werte]:
    """Return what the delivery of then said of the figures that grow since, as far as it did."""
    wanted = [i for i, w in today.items() if reift(w.kennzahl)]
    delivery = store.vorjahr(daten) if wanted else None
    if delivery is None:
        return {}
    known = prognosekennzahlen.vorhandene(delivery, wanted)
    found = prognosekennzahlen.kennzahlen(delivery, known, stichtag=day)
    found = [w for w in found if not _fehlt(delivery, w, day)]
    made = {w.kennzahl.id: _berichtigt(w, today[w.kennzahl.id]) for w in found}
    return {
        i: replace(w, stand=delivery.datenstand, gleich=gleiche(w, today[i]))
        for i, w in made.items()
    }


def _berichtigt(then: Werte, today: Werte) -> Werte:
    """Return a figure of then over a base as it is known today, where that is only corrected."""
    import pandas as pd

    item = then.kennzahl
    if not isinstance(item, Kennzahl) or item.nenner is None or reift(item.nenner):
        return then
    frame = then.frame.assign(**{c: today.frame[c] for c in ("nenner", "faelle_nenner")})
    above, below = (
        None if leer(v) else Decimal(str(v)) for v in frame[["zaehler", "nenner"]].iloc[0]
    )
    value = pd.Series([quotient(above, below, item.faktor)], dtype="object")
    return replace(then, frame=frame.assign(wert=value))


def _heutige(daten: Daten, werte: Werte, sichtbar: tuple[str, ...], gegen: str) -> Vorjahreszahl:
    """Return a figure as it is known today, or that nothing was delivered to make it of."""
    day = um_monate(daten.stichtag, -12)
    if _fehlt(daten, werte, day):
        return Vorjahreszahl(f"{gegen}{FEHLT}", sichtbar)
    name = f"{gegen}{VORLAEUFIG}" if vorlaeufig(werte.kennzahl, day) else gegen
    return Vorjahreszahl(name, sichtbar, werte)


def _fehlt(daten: Daten, werte: Werte, day: date) -> bool:
    """Say whether a delivery has nothing of that day: no row so early, or a base of nothing."""
    item, row = werte.kennzahl, werte.frame.iloc[0]
    if not isinstance(item, Kennzahl):
        return False
    sides = [s for s in (item.zaehler, item.nenner) if s]
    if any(unbekannt(daten, side, day) for side in sides):
        return True
    base = row["nenner"]
    return item.nenner is not None and leer(row["faelle_nenner"]) and (leer(base) or base == 0)
