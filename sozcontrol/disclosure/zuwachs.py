"""What an amount gains between two reports: a figure about those whose share in it changed.

Both reports are public, and so is their difference: of one span, what was booked or corrected
since; of two spans with one beginning, also what came in between. It is protected as any amount is,
by the number of those who carry it. What was shown before is known, so it is the new figure that
gives way, and with it what adds up. So does the sum over the whole city.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Ausdruck, Zeitraum
from sozcontrol.disclosure.lage import ordnung
from sozcontrol.disclosure.mengen import Fest
from sozcontrol.disclosure.merkmale import SUMME, TRAGEND, gliederbar
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung, hat_anteile
from sozcontrol.measures.zaehlwerk.zeitraum import spanne
from sozcontrol.revision.anteilswechsel import NICHTS, Frage, Ort, Wechsel
from sozcontrol.store.entscheidungen import BERICHT, berichtsname

if TYPE_CHECKING:
    from sozcontrol.disclosure.lage import Lage
    from sozcontrol.disclosure.mengen import Zeile, Zelle
    from sozcontrol.disclosure.stichtage import Vorher
    from sozcontrol.disclosure.tafel import Tafel

Zaehler = Callable[[Iterable[Frage]], Mapping[Frage, Mapping[Ort, Wechsel]]]
"""Counts whose shares differ between an earlier delivery and today's."""

Stelle = tuple[str, str, str | None, Fest]
"""What an amount sums, from which day on, divided by what, and in which place."""

ZUWACHS = "Zuwachs "
"""Before Stichtag, Datenstand and name of what has gained."""
CENT = Decimal("0.02")
"""By so much two amounts that are one may differ, and the sum of shares from its amount."""
UNBEKANNT = 1
"""Of a delivery that is gone, or shares that make another sum, one may stand behind it all."""
NAME = re.compile(
    rf"(?P<was>{SUMME}[^#]*\|)(?P<von>\d{{4}}-\d\d-\d\d)\.\.(?P<bis>\d{{4}}-\d\d-\d\d)"
    r"(?:\|(?P<tag>\d{4}-\d\d-\d\d))?(?P<teiler> / [\d.]+)?(?:#.*)?"
)
"""The name of a sum over a span, counted from a report's own delivery; where a condition moves with
the day of counting, also that day."""

Ende = tuple[str, str | None]
"""Up to which day a sum goes, and on which it was counted (None: it is the same on every)."""


@dataclass(frozen=True)
class _Paar:
    """An amount of today, and what an earlier report showed under its name or its beginning.

    ``frage`` asks whose shares differ; None where no span is the one of then.
    """

    heute: Zelle
    wert: Decimal
    damals: Zelle
    frueher: Decimal
    frage: Frage | None
    ort: Ort
    teiler: Decimal

    @property
    def zuwachs(self) -> Decimal:
        """What it has gained since."""
        return self.wert - self.frueher


def aufnehmen(lage: Lage, vorher: Iterable[Vorher], tafeln: Sequence[Tafel]) -> None:
    """Take into *lage* what amounts of *tafeln* have gained since the reports of *vorher*.

    What enough carry for every edition is no secret and left out.
    """
    enough = max(catalogue.edition(e).schwelle for e in catalogue.editionen())
    columns = [(t, c) for t in tafeln for c, (of, _) in t.summiert.items() if hat_anteile(of)]
    for one in vorher if columns else ():
        then = _gezeigt(one)
        pairs = {(p.heute, p.damals): p for t, c in columns for p in _paare(t, c, then, one)}
        asked = {p.frage for p in pairs.values() if p.frage is not None}
        counted = one.wechsel(asked) if asked and one.wechsel is not None else {}
        for pair in pairs.values():
            behind = _tragende(pair, counted)
            if behind < enough:
                _binden(lage, one, pair, behind)


def _gezeigt(one: Vorher) -> dict[Stelle, list[tuple[Zelle, Ende]]]:
    """Return the amounts an earlier report showed, with the end of their span, by their place."""
    found: dict[Stelle, list[tuple[Zelle, Ende]]] = {}
    for cell in sorted(one.lage.traeger.keys() & one.lage.offen.keys(), key=ordnung):
        if there := _stelle(cell):
            found.setdefault(there[0], []).append((cell, there[1]))
    return found


def _stelle(zelle: Zelle) -> tuple[Stelle, Ende] | None:
    """Return what an amount sums from which day on, and where; and how its span ends.

    None of what no span is named of.
    """
    if (name := NAME.fullmatch(zelle[0])) is None:
        return None
    return (name["was"], name["von"], name["teiler"], zelle[1]), (name["bis"], name["tag"])


def _paare(
    tafel: Tafel, column: str, damals: Mapping[Stelle, Sequence[tuple[Zelle, Ende]]], one: Vorher
) -> Iterator[_Paar]:
    """Yield the amounts of a column that are other ones than an earlier report showed."""
    v, (of, day) = tafel.vorlage, tafel.summiert[column]
    at, inside = v.spalten.index(column), gliederbar(of)
    je = tuple(d for d in v.je if d in inside)
    rows = zip(tafel.betraege[column], v.praedikate(), v.tage(), v.zeilen, strict=True)
    for cell, place, own, values in rows:
        there = _stelle(cell) if cell is not None else None
        when = day or (date.fromisoformat(own) if own else None)
        if cell is None or there is None or when is None:
            continue
        amount = Decimal(str(values[at]))
        ort = frozenset((d, str(w)) for d, w in place if d in je)
        for old, end in damals.get(there[0], ()):
            shown = Decimal(one.lage.wert[old])
            if abs(amount - shown) > CENT:
                now = Rechnung(of, when)
                then = _bis(now, there[0][1], end, one.stichtag)
                frage = Frage(then, now, je) if then is not None else None
                yield _Paar(cell, amount, old, shown, frage, ort, of.terme[0].teiler)


def _bis(rechnung: Rechnung, von: str, ende: Ende, stichtag: date) -> Rechnung | None:
    """Return the same sum over the span an earlier report had; None where no span is that."""
    (term,), (bis, counted) = rechnung.ausdruck.terme, ende
    days = (stichtag, rechnung.stichtag, date.fromisoformat(bis))
    for day in days if counted is None else (date.fromisoformat(counted),):
        for period in (term.zeitraum, *get_args(Zeitraum)):
            span = spanne(period, day)
            if (str(span.von), str(span.bis)) == (von, bis):
                other = term.model_copy(update={"zeitraum": period})
                return Rechnung(Ausdruck(terme=(other,)), day)
    return None


def _tragende(paar: _Paar, gezaehlt: Mapping[Frage, Mapping[Ort, Wechsel]]) -> int:
    """Return how many carry a difference; shares that make other amounts say nothing of it."""
    if paar.frage is None or paar.frage not in gezaehlt:
        return UNBEKANNT
    told = gezaehlt[paar.frage].get(paar.ort, NICHTS)
    sums = ((told.damals, paar.frueher), (told.heute, paar.wert))
    same = all(abs(Decimal(s) / paar.teiler - known) <= CENT for s, known in sums)
    return max(told.tragende, UNBEKANNT) if same else UNBEKANNT


def _binden(lage: Lage, one: Vorher, paar: _Paar, tragende: int) -> None:
    """Take in what was shown, what it has gained, and how many carry that."""
    shown = (f"{berichtsname(one.stichtag, one.stand)}{paar.damals[0]}", paar.damals[1])
    _gewonnen(lage, paar.heute, shown, paar.frueher, paar.zuwachs, tragende)
    _stand_nehmen(lage, shown, one.lage, paar.damals)


def fortschreiben(lage: Lage, eigene: Lage, vorher: Iterable[Vorher]) -> None:
    """Take over what the same delivery's last decision knew of reports that are replaced since.

    Those of an earlier Datenstand are in hands, though nothing is decided against them any more.
    """
    known = tuple(berichtsname(one.stichtag, one.stand) for one in vorher)
    for today, shown, gained in _gewachsen(eigene):
        if today not in lage.wert or shown[0].startswith(known):
            continue
        before, gain = Decimal(eigene.wert[shown]), Decimal(lage.wert[today] - eigene.wert[shown])
        if abs(gain) > CENT:
            (behind,) = eigene.traeger[gained]
            counted = int(eigene.wert[behind]) if gain == eigene.wert[gained] else UNBEKANNT
            _gewonnen(lage, today, shown, before, gain, counted)
            _stand_nehmen(lage, shown, eigene, shown)


def gewachsene(lage: Lage, zeilen: Iterable[Zeile]) -> set[Zelle]:
    """Return the amounts that few changed since an earlier report, under all their names.

    *zeilen* are all relations; two cells alone in one are the same amount.
    """
    found = {today for today, _, _ in _gewachsen(lage)}
    pairs = [{z for z, _ in row} for row in zeilen if len(row) == 2] if found else []
    return found.union(*(both for both in pairs if both & found))


def _gewachsen(lage: Lage) -> Iterator[tuple[Zelle, Zelle, Zelle]]:
    """Yield what an amount is, what an earlier report showed, and what it has gained since."""
    for row in lage.zeilen:
        if len(row) == 3 and row[1][0][0].startswith(BERICHT):
            (today, _), (shown, _), (gained, _) = row
            yield today, shown, gained


def _gewonnen(
    lage: Lage, heute: Zelle, gezeigt: Zelle, frueher: Decimal, zuwachs: Decimal, tragende: int
) -> None:
    gained = (f"{ZUWACHS}{gezeigt[0].removeprefix(BERICHT)} → {heute[0]}", gezeigt[1])
    behind: Zelle = (f"{TRAGEND}eines Zuwachses: {tragende}", frozenset())
    lage.wert |= {gezeigt: frueher, gained: zuwachs, behind: tragende}
    lage.traeger |= {gezeigt: set(), gained: {behind}}
    lage.frueher.add(gezeigt)
    lage.zeilen[(heute, 1), (gezeigt, -1), (gained, -1)] = None


def _stand_nehmen(lage: Lage, neu: Zelle, other: Lage, alt: Zelle) -> None:
    """Let what was shown be known and hidden where it was."""
    for mine, theirs in ((lage.offen, other.offen), (lage.gesperrt, other.gesperrt)):
        if alt in theirs:
            mine.setdefault(neu, set()).update(theirs[alt])
