"""The tables of the revision report, with what the door has to know about them.

A change of one or two cases is a small count, whatever figure it shows in. So behind every figure
stand counts: of a plain count of Hilfen, how many it changed by; of a sum or a median, how many
Hilfen's own share in it changed. The same sum is the same count under every Kennzahl, and what ties
the counts together is declared: then and now and the effects between them, stock and flow.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from sozcontrol.catalogue.kennzahl import Ausdruck, Bezug, Kennzahl
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung, Zahl
from sozcontrol.measures.zaehlwerk.zeitraum import spanne
from sozcontrol.revision.effekte import effekte, reihen, seiten
from sozcontrol.revision.hybride import URSACHEN
from sozcontrol.revision.schritte import Schritte, hat_personen, ist_anzahl

if TYPE_CHECKING:
    import pandas as pd

JE = ("veroeffentlichung",)
_BEWEGUNG = ("bestand", "zugang", "abgang", "jahr")
_GELESEN = ("damals", "heute", "veraenderung", *URSACHEN)
ZUSAMMEN = "zusammen"


@dataclass(frozen=True)
class Anzahl:
    """What stands behind one sum at one publication: counts, their signs, their equations.

    ``werte`` maps ``damals``, ``heute``, ``veraenderung`` and the causes to counts; ``vorzeichen``
    says of the changes which way they go (a plain count of Hilfen), 0 where nothing changed.
    """

    name: str
    genau: bool
    werte: Mapping[str, int]
    vorzeichen: Mapping[str, int] = field(default_factory=dict)

    def spalte(self, was: str) -> str:
        """Return the name of a count column."""
        return f"{self.name} {was}"

    def hinter(self, was: str) -> tuple[str, ...]:
        """Return the count columns a figure is hidden with.

        Of a sum or median there is no count between then and now that ties both; where the Hilfen
        whose share changed must stay hidden, the value now is what would give the change away. And
        where several causes together changed few, none of them is told.
        """
        names: tuple[str, ...] = (was,)
        if not self.genau and was != "damals":
            names = (was, "veraenderung", ZUSAMMEN) if was == "heute" else (was, ZUSAMMEN)
        return tuple(self.spalte(n) for n in names)

    def gleichungen(self) -> list[dict[str, int]]:
        """Return the equations between the counts: column → coefficient, the sum is 0."""
        change = {self.spalte(c): self.vorzeichen.get(c, 1) or 1 for c in URSACHEN}
        whole = self.vorzeichen.get("veraenderung", 1) or 1
        total = {self.spalte("veraenderung"): -whole}
        if not self.genau:
            return [total | change]
        ends = {self.spalte("damals"): 1, self.spalte("heute"): -1}
        return [total | change, ends | change, ends | {self.spalte("veraenderung"): whole}]


def anzahlen(folge: Schritte, rechnungen: Iterable[Rechnung]) -> dict[Rechnung, Anzahl]:
    """Return the counts behind every sum that persons stand behind."""
    known = [r for r in dict.fromkeys(rechnungen) if r in folge.rechnungen and hat_personen(r)]
    return {r: _anzahl(f"A{number}", r, folge) for number, r in enumerate(known, start=1)}


def _anzahl(name: str, r: Rechnung, folge: Schritte) -> Anzahl:
    told = [one.wert(r, ()) for one in folge.ergebnisse]
    values = _fortgefuehrt(told) if ist_anzahl(r) else told
    whole = [v for v in values if isinstance(v, int) and v >= 0]
    if ist_anzahl(r) and len(whole) == len(values):
        found = {k: v for k, v in effekte(whole).items() if isinstance(v, int)}
        signs = {k: (v > 0) - (v < 0) for k, v in found.items() if k not in ("damals", "heute")}
        return Anzahl(name, True, {k: abs(v) for k, v in found.items()}, signs)
    behind = [one.tragende(r, ()) or 0 for one in folge.ergebnisse]
    # What does not move a sum is no effect, however many shares it moved to and fro.
    steps = zip(values[:-1], values[1:], folge.geaendert[r], strict=True)
    changed = [n if before != after else 0 for before, after, n in steps]
    ends = {"damals": behind[0], "heute": behind[-1], "veraenderung": sum(changed)}
    ends[ZUSAMMEN] = folge.zusammen[r]
    return Anzahl(name, False, ends | dict(zip(URSACHEN, changed, strict=True)))


def _fortgefuehrt(values: Sequence[Zahl | None]) -> list[Zahl]:
    """Put the value before it where a count is unknown at a step, as :func:`effekte` does."""
    last, found = next((v for v in values if v is not None), 0), []
    for value in values:
        last = last if value is None else value
        found.append(last)
    return found


def anfangsbestaende(rechnungen: Iterable[Rechnung]) -> list[Rechnung]:
    """Return the stocks at the start of those spans whose end and flows are known.

    No report shows their revision, but B(b) − Zugang + Abgang gives it away; so it is counted.
    """
    found = []
    for group in _gruppen(rechnungen).values():
        if {"bestand", "zugang", "abgang"} <= group.keys():
            inflow = group["zugang"]
            (term,) = inflow.ausdruck.terme
            start = spanne(term.zeitraum, inflow.stichtag).von
            stock = term.model_copy(update={"grundzahl": "bestand", "zeitraum": "stichtag"})
            found.append(Rechnung(Ausdruck(terme=(stock,)), start))
    return found


def bewegungen(counts: Mapping[Rechnung, Anzahl]) -> list[dict[str, int]]:
    """Return the equations of stock and flow between the counts, for every figure and cause.

    J = B(b) + A and B(b) = B(a) + Z − A hold for then, now and each change. (A Hilfe that ends
    before it begins breaks them; an equation that does not hold is no equation.)
    """
    found = []
    starts = {(_wo(r), r.stichtag): a for r, a in counts.items() if _art(r) == "bestand"}
    for group in _gruppen(counts).values():
        named = {art: counts[r] for art, r in group.items()}
        if {"bestand", "abgang", "jahr"} <= named.keys():
            signs = {"jahr": 1, "bestand": -1, "abgang": -1}
            found += _je_groesse({a: named[a] for a in signs}, signs)
        if {"bestand", "zugang", "abgang"} <= named.keys():
            (term,) = group["zugang"].ausdruck.terme
            start = starts.get(
                (_wo(group["zugang"]), spanne(term.zeitraum, group["zugang"].stichtag).von)
            )
            if start is not None:
                signs = {"bestand": 1, "anfang": -1, "zugang": -1, "abgang": 1}
                found += _je_groesse(named | {"anfang": start}, signs)
    return found


def _je_groesse(named: Mapping[str, Anzahl], signs: Mapping[str, int]) -> list[dict[str, int]]:
    found = []
    for was in _GELESEN:
        relation = {
            named[art].spalte(was): sign * (named[art].vorzeichen.get(was, 1) or 1)
            for art, sign in signs.items()
        }
        values = [named[art].werte[was] for art in signs]
        if len(relation) == len(signs) and not sum(
            k * v for k, v in zip(relation.values(), values, strict=True)
        ):
            found.append(relation)
    return found


def _gruppen(rechnungen: Iterable[Rechnung]) -> dict[tuple, dict[str, Rechnung]]:
    """Group plain stocks and flows of the same Hilfen over the same span."""
    groups: dict[tuple, dict[str, Rechnung]] = {}
    for r in rechnungen:
        art = _art(r)
        if art:
            (term,) = r.ausdruck.terme
            groups.setdefault((_wo(r), spanne(term.zeitraum, r.stichtag).bis), {})[art] = r
    return groups


def _art(r: Rechnung) -> str | None:
    """Return the kind of a plain stock or flow whose Hilfen do not depend on the Stichtag."""
    if len(r.ausdruck.terme) != 1:
        return None
    (term,) = r.ausdruck.terme
    moving = any(
        b.spalte == "alter" or any(isinstance(v, Bezug) for v in b.gegeben.values())
        for b in term.wo
    )
    found = finde(term)
    flow = found.rolle in ("zugang", "abgang", "jahr")
    spanned = not flow or term.zeitraum == "jahr_bis_stichtag"
    plain = found.art == "anzahl" and found.sicht.art == "verlauf" and not found.wo
    return found.rolle if plain and found.rolle in _BEWEGUNG and spanned and not moving else None


def _wo(r: Rechnung) -> str:
    (term,) = r.ausdruck.terme
    conditions = [b.model_dump_json(exclude_none=True) for b in term.wo]
    return json.dumps([term.sicht, *sorted(conditions)])


def tafeln(
    titel: str, items: Sequence[Kennzahl], stichtag: date, folge: Schritte, stand: date
) -> tuple[Aufstellung, ...]:
    """Return the tables of one publication: two of counts for the door, then one a Kennzahl.

    The first releases what was published then, from the data of *stand*: it is known, and what must
    be hidden is hidden elsewhere. The second ties all counts together. Each of the rest is one row
    ``[veroeffentlichung, damals, heute, veraenderung, *URSACHEN]``, and the counts behind it.
    """
    sums = [r for item in items for r in seiten(item, stichtag)]
    counts = anzahlen(folge, [*sums, *anfangsbestaende(sums)])
    merkmal, found = f"Revision {titel}", []
    # What is counted now is what other reports of today count; then, it was what those of then did.
    damals, heute = (
        {a.spalte(w): r for r, a in counts.items() if _berichtet(r, a, w, folge)}
        for w in ("damals", "heute")
    )
    if counts:
        then = {a.spalte("damals"): a.werte["damals"] for r, a in counts.items() if r in set(sums)}
        every = {a.spalte(w): n for a in counts.values() for w, n in a.werte.items()}
        ties = [g for a in counts.values() for g in a.gleichungen()] + bewegungen(counts)
        before = {c: r for c, r in damals.items() if c in then}
        found = [
            replace(_tafel(titel, merkmal, then), damals=before, stand=stand),
            _tafel(titel, merkmal, every, ties=ties, groessen=heute),
        ]
    for item in items:
        behind = [counts[r] for r in seiten(item, stichtag) if r in counts]
        figures = effekte(reihen(item, stichtag, folge)["wert"])
        found.append(_kennzahl(titel, merkmal, item, figures, behind, heute))
    return tuple(found)


def _berichtet(r: Rechnung, anzahl: Anzahl, was: str, folge: Schritte) -> bool:
    """Say whether the count behind a sum, then or now, is the one that reports have behind it.

    They count once who is in several terms, and columns of counts by their rows' carriers; where
    the terms add up to something else, it is another count. A difference they mostly count by
    itself; where the report of then did not, the decision finds another figure and ties nothing.
    """
    terms, one = r.ausdruck.terme, folge.ergebnisse[-1 if was == "heute" else 0]
    if anzahl.genau and one.wert(r, ()) is None:
        return False  # too many rows do not say whether they count: reports have no figure there
    less = was == "damals" and any(t.vorzeichen < 0 for t in terms)
    return len(terms) == 1 or less or anzahl.werte[was] == one.tragende(r, ())


def _kennzahl(
    titel: str,
    merkmal: str,
    item: Kennzahl,
    figures: Mapping[str, Zahl | None],
    behind: Sequence[Anzahl],
    known: Mapping[str, Rechnung],
) -> Aufstellung:
    counts = {a.spalte(w): n for a in behind for w, n in a.werte.items()}
    made = {was: tuple(c for a in behind for c in a.hinter(was)) for was in figures}
    causes = dict.fromkeys(URSACHEN, 1)
    ties: tuple[dict[str, int], ...] = ()
    told: dict[str, tuple[str, ...]] = {}
    if not _zaehlt(figures, behind):  # a plain count is tied as the count it is
        # Beside other counts of the same Hilfen a share tells what it was made from.
        told = {w: tuple(a.spalte(w) for a in behind if a.genau) for w in ("damals", "heute")}
        ties = ({**causes, "veraenderung": -1}, {"damals": 1, "veraenderung": 1, "heute": -1})
    table = _tafel(titel, merkmal, counts, figures=figures, ties=ties)
    sums = {c: r for c, r in known.items() if c in counts}
    names = {was: f"{merkmal}: {item.id} {was}" for was in figures}
    return replace(table, abgeleitet=made, kennzahl=item, groessen=sums, heisst=names, aus=told)


def _zaehlt(figures: Mapping[str, Zahl | None], behind: Sequence[Anzahl]) -> bool:
    """Say whether the figures are the counts behind them, and no sum or share made from them."""
    if len(behind) != 1 or not behind[0].genau:
        return False
    return all(figures[w] == behind[0].werte[w] for w in ("damals", "heute"))


def _tafel(
    titel: str,
    merkmal: str,
    counts: Mapping[str, int],
    *,
    figures: Mapping[str, Zahl | None] | None = None,
    ties: Sequence[Mapping[str, int]] = (),
    groessen: Mapping[str, Rechnung] | None = None,
) -> Aufstellung:
    """Make one row; what was published then is out and can't be hidden any more."""
    frame = _frame({"veroeffentlichung": titel, **(figures or {})}, counts)
    then = tuple(c for c in (*counts, *(figures or ())) if c.split(" ")[-1] == "damals")
    return Aufstellung(
        frame, JE, merkmal, tuple(counts), identitaeten=tuple(ties), groessen=groessen or {},
        bekannt=then,
    )  # fmt: skip


def _frame(cells: Mapping[str, str | Zahl | None], counts: Mapping[str, int]) -> pd.DataFrame:
    import pandas as pd

    columns = {k: pd.Series([pd.NA if v is None else v], dtype="object") for k, v in cells.items()}
    return pd.DataFrame(columns | {k: pd.array([n], dtype="Int64") for k, n in counts.items()})
