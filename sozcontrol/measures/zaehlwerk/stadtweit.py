"""City-wide sums: who asks a view for some Kennzahlen asks it for all of them.

The reports of a run ask the same views for different Kennzahlen. Where answers are kept, a view is
asked once a day for all that are declared; what the first report was answered the others read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

from sozcontrol import catalogue, store
from sozcontrol.catalogue.kennzahl import Kennzahl, Term
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import Abfrage, Ergebnis, Rechnung, plane, rechne
from sozcontrol.measures.zaehlwerk.sichten import Basis


@dataclass
class _Tag:
    """The sums of all Kennzahlen on one day, their questions by what they read, and the answers."""

    kennzahlen: dict[str, Kennzahl]
    rechnungen: frozenset[Rechnung]
    fragen: dict[object, Abfrage]
    ergebnis: Ergebnis = field(default_factory=lambda: Ergebnis(()))
    gefragt: set[object] = field(default_factory=set)

    def frage(self, query: Abfrage, basis: Basis) -> None:
        """Ask once; a question of the day's own is known by what it reads."""
        own = self.fragen.get(query.quelle) is query
        if (asked := query.quelle if own else repr(query)) not in self.gefragt:
            self.ergebnis.fuelle(query, basis, summen=False)
            self.gefragt.add(asked)


def stadtweit(
    daten: Lieferung,
    gefragt: Iterable[Rechnung],
    tag: date,
    alle: Callable[[], Iterable[Rechnung]],
) -> Ergebnis:
    """Compute the sums asked for, and with them those of *alle()* on *tag* in the same views."""
    asked = list(gefragt)
    if not isinstance(daten, store.Daten):  # of others no answer is kept
        return rechne(daten, asked)
    day, basis = _tag(daten, tag, alle), Basis(daten)
    for query in plane((r for r in asked if r in day.rechnungen), ()):
        day.frage(day.fragen[query.quelle], basis)
    for query in plane((r for r in asked if r not in day.rechnungen), ()):
        day.frage(query, basis)
    return day.ergebnis


def _tag(daten: Lieferung, tag: date, alle: Callable[[], Iterable[Rechnung]]) -> _Tag:
    known: dict[date, _Tag] = gedaechtnis(daten, "stadtweit")
    if tag not in known or known[tag].kennzahlen is not catalogue.kennzahlen():
        # A duration takes a question of its own: it is asked where somebody wants to know it.
        sums = [r for r in alle() if not any(map(_dauer, r.ausdruck.terme))]
        queries: dict[object, Abfrage] = {q.quelle: q for q in plane(sums, ())}
        known[tag] = _Tag(catalogue.kennzahlen(), frozenset(sums), queries)
    return known[tag]


def _dauer(term: Term) -> bool:
    return any(finde(t).art == "ueberleben" for t in term.alle)
