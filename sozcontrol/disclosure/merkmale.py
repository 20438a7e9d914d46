"""Which count is which: names of measures, so that one count is one cell in every table of a run.

What a Kennzahl counts is named by its declaration (primitive, conditions, span), not by its id: the
stock under »Fallzahl« and under »Anteil ambulant« is the same stock. Stock and flow of the same
conditions are tied together, for a reader can reckon B(b) = B(a) + Z − A as well as we can.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Ausdruck, Bedingung, Term
from sozcontrol.catalogue.yaml_files import Fact
from sozcontrol.disclosure.mengen import Fest, Menge, Zelle, menge
from sozcontrol.errors import SozcontrolError
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt, Werte, teile
from sozcontrol.measures.zaehlwerk.rechnen import Bestandteil, Rechnung, hat_beitraege
from sozcontrol.measures.zaehlwerk.zeitraum import spanne

Benennung = Callable[[str, str | None], tuple[str, Fest]]
"""(count column, Stichtag of the row) → name of the measure, and what it fixes by itself."""

Beziehung = tuple[tuple[str, int], ...]

Summe = tuple[Zelle, tuple[Zelle, ...]]
"""A cell and the cells that add up to it."""

TRAGEND = "Tragende "
"""Before the name of what carries an amount; those behind it may be more."""
SUMME = "Σ "
"""Before the name of what a primitive sums; without it stand the carriers behind."""
STAENDE = "staende_"
"""Before the name of a mean: the sum of the stocks it is taken of, a whole number."""


@dataclass(frozen=True, order=True)
class Strom:
    """A stock at *bis*, or a flow in (von, bis], of the rows of a view that fulfil *wo*."""

    art: str
    wo: str
    von: str
    bis: str

    @property
    def name(self) -> str:
        """The measure; a stock does not depend on where a span began."""
        span = self.bis if self.art == "bestand" else f"{self.von}..{self.bis}"
        return f"{self.art}|{self.wo}|{span}"


GANZ = Decimal("0.000001")
"""By so much a mean's sum may miss a whole number: it was divided to many digits."""
COUNTED, CARRIED = "faelle_", "tragende_"
"""Before the names of columns that count who stands behind a figure, and who carries it."""
STAND = "/"
"""After the day of a figure: the Datenstand of another delivery it was counted from."""


def tag_von(werte: Werte, seite: str | None = None) -> str | None:
    """Return the day ``measures.Werte`` are of; what another delivery says is another count.

    Not so a side without persons that today's says just the same: it is today's.
    """
    if werte.stichtag is None:
        return None
    if werte.stand is None or (seite in werte.gleich and not _traegt(werte.kennzahl, seite)):
        return str(werte.stichtag)
    return f"{werte.stichtag}{STAND}{werte.stand}"


def _traegt(item: Belegt, seite: str | None) -> bool:
    part = part_of(item, seite) if seite else None
    terms = (t for term in part.terme for t in term.alle) if part is not None else ()
    return part is None or any(catalogue.sicht(t.sicht).traeger for t in terms)


def of_release(merkmal: str | None, heisst: Mapping[str, str] | None = None) -> Benennung:
    """Name the columns of a table, by *heisst* where they stand in others, too.

    Counts of two Stichtage are two measures.
    """
    known = heisst or {}

    def name(column: str, stichtag: str | None) -> tuple[str, Fest]:
        base = known.get(column) or (f"{merkmal}.{column}" if merkmal else column)
        return (f"{base}@{stichtag}" if stichtag else base), frozenset()

    return name


def of_columns(
    base: Benennung, groessen: Mapping[str, Rechnung], betraege: Collection[str]
) -> Benennung:
    """Name the columns of *groessen* by what they count or sum, the others as *base* does."""

    def name(column: str, stichtag: str | None) -> tuple[str, Fest]:
        if column not in groessen:
            return base(column, stichtag)
        one = groessen[column]
        day = str(one.stichtag)
        return (
            _named(one.ausdruck, day, (), betrag=True) if column in betraege else _hinter(one, day)
        )

    return name


def _hinter(rechnung: Rechnung, tag: str) -> tuple[str, Fest]:
    """Name who stands behind a sum: of one of money those who carry it."""
    name, fixed = _named(rechnung.ausdruck, tag, (), betrag=False)
    return (f"{TRAGEND}{name}" if hat_beitraege(rechnung) else name), fixed


def von_damals(rechnung: Rechnung, stand: date) -> Zelle:
    """Name the count behind a sum as the delivery of *stand* had it."""
    return _hinter(rechnung, f"{rechnung.stichtag}{STAND}{stand}")


def anderswo(bestandteile: Iterable[Bestandteil], stand: date | None = None) -> frozenset[Zelle]:
    """Return the cells of other tables that a figure was made from, as the delivery of *stand*."""
    at = f"{STAND}{stand}" if stand is not None else ""
    found = set()
    for part in bestandteile:
        if isinstance(part.was, Rechnung):
            of = part.was.ausdruck
            name, fixed = _named(of, f"{part.was.stichtag}{at}", (), betrag=not counts_rows(of))
        else:
            name, fixed = f"{part.was}{at}", frozenset()
        found.add((name, fixed | frozenset(part.wo.items())))
    return frozenset(found)


def gliederbar(summe: Ausdruck) -> frozenset[str]:
    """Return the dimensions a sum can be broken down by; others only name a row."""
    views = [catalogue.sicht(t.sicht) for t in summe.terme]
    return frozenset.intersection(*(frozenset(v.dimensionen) for v in views))


def of_betrag(werte: Werte) -> Benennung:
    """Name the sums that numerator and denominator of ``measures.Werte`` are, where they are."""
    return _of_sides(werte, betrag=True)


def _named(part: Ausdruck, day: str, je: Sequence[str], *, betrag: bool) -> tuple[str, Fest]:
    """Return the name of one expression on a day: what it sums, or the carriers behind it."""
    sign = SUMME if betrag else ""
    if len(part.terme) != 1 or part.terme[0].durch:
        return f"{sign}{_written(part)}|{day}", frozenset()
    (term,) = part.terme
    counted = menge(term.wo, je)
    divided = f" / {term.teiler}" if betrag and term.teiler != 1 else ""
    summed = f"{sign}{term.grundzahl} " if betrag else ""
    return summed + _name_of(term, counted.bedingungen, day) + divided, counted.fest


def counts_rows(part: Ausdruck | None) -> bool:
    """Say whether an expression counts rows, so that the carriers behind it are its value."""
    if part is None:
        return False
    return all(_counts(t) for t in part.terme)


def _counts(term: Term) -> bool:
    return finde(term).plain_count and term.durch is None


def of_kennzahl(werte: Werte) -> Benennung:
    """Name what stands behind numerator and denominator of ``measures.Werte``."""
    return _of_sides(werte, betrag=False)


def _of_sides(werte: Werte, *, betrag: bool) -> Benennung:
    item = werte.kennzahl

    def name(column: str, stichtag: str | None) -> tuple[str, Fest]:
        if column.startswith(CARRIED):
            counted, fixed = name(column.replace(CARRIED, COUNTED), stichtag)
            return f"{TRAGEND}{counted}", fixed
        day, part = stichtag or tag_von(werte, column), part_of(item, column)
        if day is None or part is None:
            return of_release(item.id)(column, day)
        return _named(part, day, werte.je, betrag=betrag)

    return name


def sums(
    werte: Werte, column: str, stichtag: str, zeilen: Iterable[Fest], *, betrag: bool = False
) -> Iterator[Summe]:
    """Yield (cell, the cells it is the sum of) for the rows *zeilen* of a column of a Kennzahl.

    What is taken off or divided makes no sum; what it is made of is asked by itself (``teile``).
    """
    part = part_of(werte.kennzahl, column)
    if part is not None:
        named = _of_sides(werte, betrag=betrag)(column, stichtag)
        yield from _summen(part, named, werte.je, stichtag, zeilen, betrag)


def sums_of(rechnung: Rechnung, zeilen: Iterable[Fest], *, betrag: bool = False) -> Iterator[Summe]:
    """Yield the same for a declared column that counts or sums what *rechnung* says."""
    day = str(rechnung.stichtag)
    if betrag or not hat_beitraege(rechnung):
        named = _named(rechnung.ausdruck, day, (), betrag=betrag)
        yield from _summen(rechnung.ausdruck, named, (), day, zeilen, betrag)


def gemittelt(part: Ausdruck | None) -> Term | None:
    """Return the term of an expression that is nothing but a mean of counted stocks."""
    if part is None or len(part.terme) != 1:
        return None
    (term,) = part.terme
    stock = finde(term).mittelt
    return term if term.durch is None and stock is not None and stock.plain_count else None


def staende(werte: Werte, column: str, tag: str, wert: object) -> int | None:
    """Return the sum of the stocks that a mean in *column* is taken of: their number × the mean."""
    term = gemittelt(part_of(werte.kennzahl, column))
    if term is None or not isinstance(wert, (int, Decimal)):
        return None
    period = spanne(term.zeitraum, date.fromisoformat(tag.partition(STAND)[0]))
    whole = wert * term.teiler * finde(term).teiler(period)
    assert abs(whole - round(whole)) < GANZ, "stocks are whole numbers"
    return round(whole)


def of_staende(werte: Werte) -> Benennung:
    """Name the sums of stocks behind the means of ``measures.Werte``."""
    named = of_betrag(werte)

    def name(column: str, stichtag: str | None) -> tuple[str, Fest]:
        measure, fixed = named(column.removeprefix(STAENDE), stichtag)
        return f"{STAENDE}{measure}", fixed

    return name


def sums_of_stocks(
    werte: Werte, column: str, stichtag: str, zeilen: Iterable[Fest]
) -> Iterator[Summe]:
    """Yield that the stocks of single days add up to the sum behind a mean, in the rows *zeilen*.

    Not where a condition or a dimension of the row moves with the day: other stocks are meant then.
    """
    term = gemittelt(part_of(werte.kennzahl, column))
    if term is None or (stock := finde(term).mittelt) is None or _wandert(term.wo):
        return
    written, at, stand = stichtag.partition(STAND)
    days = finde(term).tage(spanne(term.zeitraum, date.fromisoformat(written)))
    of = term.model_copy(update={"grundzahl": stock.name, "zeitraum": "stichtag"})
    counted, (name, fixed) = menge(term.wo, werte.je), of_staende(werte)(column, stichtag)
    for row in zeilen:
        if any(stock.sicht.taeglich(d) for d, _ in row):
            continue
        parts = [_parts(of, counted, row, f"{day}{at}{stand}", False) for day in days]
        if None not in parts:
            yield (name, row | fixed), tuple(z for found in parts for z in found or ())


def _summen(
    part: Ausdruck, named: tuple[str, Fest], je: Sequence[str], stichtag: str,
    zeilen: Iterable[Fest], betrag: bool,
) -> Iterator[Summe]:  # fmt: skip
    if any(t.vorzeichen < 0 or t.durch or t.teiler != 1 for t in part.terme):
        return
    counted = [(term, menge(term.wo, je)) for term in part.terme]
    if len(counted) == 1 and not counted[0][1].auswahl:
        return
    name, fixed = named
    for row in zeilen:
        parts = [_parts(term, what, row, stichtag, betrag) for term, what in counted]
        if None not in parts:
            yield (name, row | fixed), tuple(z for found in parts for z in found or ())
        if len(counted) == 1 and not betrag:
            # Counted beside all there are, a choice gives away what it leaves out.
            term, what = counted[0]
            whole, chosen = (_name_of(term, what.wo, stichtag), row | fixed), (name, row | fixed)
            yield whole, (chosen, without(whole, chosen))


def without(whole: Zelle, part: Zelle) -> Zelle:
    """Name the cell »whole without part«; the part may fix more dimensions than the whole."""
    more = sorted(part[1] - whole[1], key=str)
    return f"{whole[0]} ohne {part[0]}{more or ''}", whole[1]


def _parts(
    term: Term, counted: Menge, row: Fest, stichtag: str, betrag: bool
) -> list[Zelle] | None:
    summed = f"{SUMME}{term.grundzahl} " if betrag else ""
    return counted.teile(row, lambda wo: summed + _name_of(term, wo, stichtag))


def _name_of(term: Term, wo: Sequence[Bedingung], stichtag: str) -> str:
    """Name what one primitive counts under *wo*; a divisor changes no count.

    By the days of its span, whoever asks: at the end of a year »this year« and »twelve months« are
    the same, and a year later it is »last year«. The Stichtag is named where more depends on it.
    """
    strom = _strom(term, wo, stichtag)
    if strom is not None:
        return strom.name
    written, at, stand = stichtag.partition(STAND)
    period = spanne(term.zeitraum, date.fromisoformat(written))
    since = "" if finde(term).muster.rolle == "stand" else period.von
    seen = f"|{written}" if _wandert(wo) or finde(term).je_stichtag else ""
    counted = f"{term.sicht}.{term.grundzahl}|{_conditions(wo)}"
    return f"{counted}|{since}..{period.bis}{seen}{at}{stand}"


FRUEHERER_NAME = re.compile(
    r"(?P<sicht>\w+)\.(?P<was>\w+)\|(?P<wo>\[[^|]*\])\|(?P<zeit>[^|]+)\|(?P<tag>\d{4}-\d\d-\d\d)"
)
"""A count or sum named with the Stichtag it was asked from, its span a word or two days."""


def heutiger_name(frueher: re.Match[str]) -> str:
    """Return what :data:`FRUEHERER_NAME` is called today; what no fact knows any more stays."""
    term = Term(sicht=frueher["sicht"], grundzahl=frueher["was"])
    first, _, last = frueher["zeit"].partition("..")
    try:
        found = finde(term)
        period = None if last else spanne(first, date.fromisoformat(frueher["tag"]))
    except (SozcontrolError, KeyError):
        return frueher[0]
    if period is not None:
        first = "" if found.muster.rolle == "stand" else str(period.von)
        last = str(period.bis)
    conditions = json.loads(frueher["wo"])
    wanders = any(c["spalte"] == "alter" or dict in map(type, c.values()) for c in conditions)
    seen = f"|{frueher['tag']}" if wanders or found.je_stichtag else ""
    return f"{term.sicht}.{term.grundzahl}|{frueher['wo']}|{first}..{last}{seen}"


def strom_of(werte: Werte, column: str, stichtag: str) -> Strom | None:
    """Return the stock or flow behind a count column, if it is a single one."""
    part = part_of(werte.kennzahl, column)
    terms = part.terme if part is not None else ()
    if len(terms) != 1 or terms[0].durch:
        return None
    return _strom(terms[0], menge(terms[0].wo, werte.je).bedingungen, stichtag)


def _strom(term: Term, wo: Sequence[Bedingung], stichtag: str) -> Strom | None:
    found = finde(term)
    if found.wer is None or found.wo:
        return None
    written, at, stand = stichtag.partition(STAND)
    day = date.fromisoformat(written)
    where = f"{term.sicht}:{_conditions(wo)}{at}{stand}"
    if _wandert(wo):
        where = f"{where}@{stichtag}"
    span = spanne(term.zeitraum, day)
    return Strom(found.wer, where, span.von.isoformat(), span.bis.isoformat())


def _wandert(wo: Sequence[Bedingung]) -> bool:
    """Say whether a condition itself moves with the Stichtag."""
    return any(
        b.spalte == "alter" or any(hasattr(v, "stichtag_monate") for v in b.gegeben.values())
        for b in wo
    )


def _conditions(wo: Sequence[Bedingung]) -> str:
    return _written(sorted((b.model_dump(mode="json", exclude_none=True) for b in wo), key=str))


def identities(stroeme: Iterable[Strom]) -> list[Beziehung]:
    """Return B(b) − B(a) − Z + A = 0, J − B(b) − A = 0 and »parts of a span make the span«.

    Of stock and flow wherever at most one is unknown: it can be reckoned.
    """
    known = set(stroeme)
    names = {s.name for s in known}
    found: dict[Beziehung, None] = {}
    for strom in sorted(s for s in known if s.art != "bestand"):
        end, out, inward, year = (
            replace(strom, art=art).name for art in ("bestand", "abgang", "zugang", "jahr")
        )
        start = Strom("bestand", strom.wo, "", strom.von).name
        for relation in (
            ((end, 1), (start, -1), (inward, -1), (out, 1)),
            ((year, 1), (end, -1), (out, -1)),
        ):
            if sum(name not in names for name, _ in relation) <= 1:
                found[relation] = None
    return [*found, *_spans(known)]


def _spans(known: set[Strom]) -> Iterator[Beziehung]:
    """Yield what two spans that follow each other make: (a, c] = (a, b] + (b, c]."""
    flows: dict[tuple[str, str], list[Strom]] = {}
    for strom in sorted(s for s in known if s.art in ("zugang", "abgang")):
        flows.setdefault((strom.art, strom.wo), []).append(strom)
    for same in flows.values():
        begin: dict[str, list[Strom]] = {}
        for strom in same:
            begin.setdefault(strom.von, []).append(strom)
        for whole in same:
            for first in begin[whole.von]:
                if first.bis < whole.bis:
                    rest = replace(whole, von=first.bis)
                    yield ((whole.name, 1), (first.name, -1), (rest.name, -1))


def part_of(item: Belegt, column: str) -> Ausdruck | None:
    """Return what a column of a Kennzahl sums: a side, or what a side is made of."""
    sides = {"zaehler": item.zaehler, "nenner": item.nenner}
    parts = {name: part.ausdruck for name, part in teile(item, date.min).items()}
    return (sides | parts).get(column.removeprefix(COUNTED))


def _written(part: object) -> str:
    data = part.model_dump(mode="json", exclude_none=True) if isinstance(part, Fact) else part
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def is_part(part: Term, whole: Term) -> bool:
    """Say whether one declared term counts a subset of what another one counts."""
    if part.durch or whole.durch:
        return False
    if (part.sicht, part.grundzahl, part.zeitraum) != (
        whole.sicht,
        whole.grundzahl,
        whole.zeitraum,
    ):
        return False
    return all(any(_implies(own, given) for own in part.wo) for given in whole.wo)


def _implies(own: Bedingung, given: Bedingung) -> bool:
    if own.spalte != given.spalte:
        return False
    if own == given:
        return True
    mine = {own.gleich} if own.gleich is not None else set(own.in_ or ())
    if not mine:
        return False
    if given.leer is not None:
        return not given.leer
    if given.nicht_in is not None:
        return not mine & set(given.nicht_in)
    return mine <= ({given.gleich} if given.gleich is not None else set(given.in_ or ()))
