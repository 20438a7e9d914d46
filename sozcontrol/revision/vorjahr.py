"""The same Kennzahlen a year ago, at the same maturity where the delivery of then is stored.

Cases carry no date of recording: what is known today of last year's Stichtag is more than what was
known then. So the delivery of then is asked; without it a figure of cases is »vorläufig«. Bookings
carry their day, so the running year of the ledger can be reconstructed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sozcontrol import catalogue, store
from sozcontrol.hochrechnung import prognosekennzahlen
from sozcontrol.measures import Werte
from sozcontrol.measures.zaehlwerk.zeitraum import ist_jahresende, um_monate
from sozcontrol.revision.vergleich import FuerEditionen
from sozcontrol.store import Daten

VORJAHR, VORLAEUFIG = "Vorjahr", "Vorjahr, vorläufig"
STROM = ("H01", "H02", "H03")
"""Stock, inflow, outflow: together they give the stock before them."""


@dataclass(frozen=True)
class Vorjahr:
    """Figures of a year ago in the order asked, and what each is called.

    Where the delivery of then differs from what is known today by few Hilfen, only editions that
    may show so few are given the figure: beside today's series it would tell of them.
    """

    werte: tuple[Werte | FuerEditionen, ...]
    gegen: tuple[str, ...]


def vorjahr(daten: Daten, ids: Sequence[str]) -> Vorjahr:
    """Return the Kennzahlen *ids* of the same day a year ago."""
    day = um_monate(daten.stichtag, -12)
    now = prognosekennzahlen.kennzahlen(daten, ids, stichtag=day)
    then = store.vorjahr(daten)
    if then is None:
        return Vorjahr(tuple(now), tuple(_vorlaeufig(i, daten.stichtag) for i in ids))
    try:
        missing = prognosekennzahlen.fehlende(then, ids)
        known = [i for i in ids if i not in missing]
        found = {
            w.kennzahl.id: replace(w, stand=then.datenstand)
            for w in prognosekennzahlen.kennzahlen(then, known, stichtag=day)
        }
    finally:
        then.close()
    today = {w.kennzahl.id: w for w in now}
    shown = {i: _fuer_editionen(w, _spaet(w, today[i])) for i, w in found.items()}
    if set(found) >= set(STROM):  # the stock they begin with is told by all three
        b, z, a = (_anzahl(found[i]) - _anzahl(today[i]) for i in STROM)
        shown["H02"] = _fuer_editionen(found["H02"], [b - z + a, z])
    werte = tuple(shown.get(i, today[i]) for i in ids)
    return Vorjahr(
        werte, tuple(VORJAHR if i in found else _vorlaeufig(i, daten.stichtag) for i in ids)
    )


def _vorlaeufig(id: str, stichtag: date) -> str:
    """Return what a figure is called that is made from what is known today."""
    cases = catalogue.steckbrief(id).geheimhaltung == "fallbezogen"
    return VORLAEUFIG if cases or ist_jahresende(stichtag) else VORJAHR


def _anzahl(werte: Werte) -> int:
    value = werte.frame["faelle_zaehler"].iloc[0]
    return 0 if _leer(value) else int(value)


def _spaet(then: Werte, today: Werte) -> list[int]:
    """Return by how many Hilfen a figure's parts changed since."""
    columns = ("faelle_zaehler", "faelle_nenner")
    pairs = [(then.frame[c].iloc[0], today.frame[c].iloc[0]) for c in columns]
    return [int(a) - int(b) for a, b in pairs if not _leer(a) and not _leer(b)]


def _leer(value: object) -> bool:
    return value is None or type(value).__name__ == "NAType"


def _fuer_editionen(werte: Werte, spaet: Sequence[int]) -> Werte | FuerEditionen:
    small = [abs(n) for n in spaet if n]
    if not small:
        return werte
    editions = catalogue.editionen().values()
    seen = tuple(e.id for e in editions if min(small) >= e.schwelle)
    return werte if len(seen) == len(editions) else FuerEditionen(werte, seen)
