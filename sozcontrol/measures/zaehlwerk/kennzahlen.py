"""Indicators: value, breakdown, time series and origin, all from the one declared entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, TypedDict

import ibis

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Ausdruck, Kennzahl, Prognosekennzahl, Steckbrief
from sozcontrol.errors import UsageError, nearest
from sozcontrol.measures.zaehlwerk.angaben import luecken, ohne_angaben
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, rangfolge
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung, Lieferzeile, Tabellen
from sozcontrol.measures.zaehlwerk.rechnen import (
    PRAEZISION,
    Bestandteil,
    Ergebnis,
    Rechnung,
    Zahl,
    hat_beitraege,
    plane,
    rechne,
)
from sozcontrol.measures.zaehlwerk.sichten import Basis, erster_tag, noetige
from sozcontrol.measures.zaehlwerk.sichten import tabellen as view_tables
from sozcontrol.measures.zaehlwerk.stadtweit import stadtweit

if TYPE_CHECKING:
    import pandas as pd

Belegt = Kennzahl | Prognosekennzahl
"""An indicator with a number: counted, or forecast."""

MASSE = ("zaehler", "nenner", "wert", "faelle_zaehler", "faelle_nenner")
TRAGENDE = ("tragende_zaehler", "tragende_nenner")
"""Columns beside them where numerator or denominator is a sum of money of single carriers."""
REST = ("rest_eur", "tragende_rest")
"""Columns beside these of a share of money: what it leaves of its whole, and who carries that."""
TEIL = "teil"
"""Before the number of a column that holds what a difference or quotient is made of."""


@dataclass(frozen=True)
class Werte:
    """An indicator broken down.

    ``frame`` has the columns ``[*je, zaehler, nenner, wert, faelle_zaehler, faelle_nenner]``.
    ``zaehler`` and ``nenner`` are Int64 when they count whole things, else Decimal objects;
    ``wert`` is Decimal, unrounded, and ``<NA>`` when the denominator is 0, a median is not reached
    or too many rows lack a value. ``faelle_*`` (Int64) count the Hilfen behind a figure, ``<NA>``
    where no persons are; beside a sum of money ``tragende_*`` count who carries it
    (``zaehlwerk.tragende``). Of a difference or quotient of such sums its parts stand beside it,
    each with its own (:func:`teile`).
    Rows with ``insgesamt`` in a dimension are totals over it, not parts. ``stichtag`` is None in a
    time series, where it is a column. ``stand`` is set where another, earlier delivery says so, and
    ``gleich`` names what of zaehler, nenner and wert today's says just the same. ``bestandteile``
    are what a forecast was made from; ``luecken`` says of which rows something is not known that
    the figures are made of (``zaehlwerk.angaben``).
    """

    kennzahl: Belegt
    je: tuple[str, ...]
    frame: pd.DataFrame = field(repr=False)
    stichtag: date | None = None
    stand: date | None = None
    gleich: tuple[str, ...] = ()
    luecken: tuple[str, ...] = ()
    bestandteile: tuple[Bestandteil, ...] = ()

    def __repr__(self) -> str:
        day = f" am {self.stichtag:%d.%m.%Y}" if self.stichtag else ""
        per = f" je {', '.join(self.je)}" if self.je else ""
        rows = f"{len(self.frame)} Zeilen, {self.kennzahl.einheit}"
        return f"Werte({self.kennzahl.id} »{self.kennzahl.name}«{day}{per}: {rows})"

    def _repr_html_(self) -> str:
        return self.frame.to_html(index=False, na_rep="–")

    def floats(self, *, summen: bool = False) -> pd.DataFrame:
        """Return the frame with float64 figures, for pandas' own arithmetic and plots.

        Decimal keeps cents exact, but ``nlargest``, ``.plot`` and ``* 1.02`` refuse it. Totals are
        left out, so that nobody adds them to their parts; *summen* keeps them.
        """
        rows = self.frame
        if not summen and self.je:
            rows = rows[~rows[list(self.je)].isin([INSGESAMT]).any(axis=1)]
        return rows.astype(dict.fromkeys(MASSE, "float64")).reset_index(drop=True)


@dataclass(frozen=True)
class Zeile:
    """One indicator city-wide, as ``sozcontrol kennzahlen`` lists it."""

    id: str
    name: str
    wert: Decimal | None
    zaehler: Zahl | None
    nenner: Zahl | None
    einheit: str
    rundung: int


@dataclass(frozen=True)
class Erklaerung:
    """One indicator with all that stands behind it.

    ``lieferungen`` are the rows of the table ``lieferung`` for the tables read (plain dicts);
    ``sql`` holds one statement a view, in the dialect of the engine at hand.
    """

    kennzahl: Kennzahl
    stichtag: date
    datenstand: date
    zeile: Zeile
    lieferungen: tuple[Lieferzeile, ...]
    sql: tuple[str, ...]


def als_tag(stichtag: date | str | None, daten: Lieferung) -> date:
    """Return the Stichtag asked for, or that of the data.

    Raises:
        UsageError: It lies after the delivery's, of which the delivery knows nothing.
    """
    if stichtag is None:
        return daten.stichtag
    day = date.fromisoformat(stichtag) if isinstance(stichtag, str) else stichtag
    if day > daten.stichtag:
        raise UsageError(
            f"Über den {day:%d.%m.%Y} weiß die Lieferung zum {daten.stichtag:%d.%m.%Y} nichts.",
            wo="stichtag",
            tun=f"Einen Tag bis zum {daten.stichtag:%d.%m.%Y} nennen.",
        )
    return day


def zu_frueh(daten: Lieferung, teil: Ausdruck, day: date) -> bool:
    """Say whether *day* lies before the first one that a view of *teil* knows of."""
    firsts = [erster_tag(daten, term.sicht) for t in teil.terme for term in t.alle]
    return any(first is not None and day < first for first in firsts)


def unbekannt(daten: Lieferung, teil: Ausdruck, day: date) -> bool:
    """Say whether *day* is too early, or a column says nothing by which *teil* counts."""
    terms = [t for term in teil.terme for t in term.alle]
    return zu_frueh(daten, teil, day) or any(ohne_angaben(daten, term) for term in terms)


def pruefe_gliederung(item: Steckbrief, je: Sequence[str]) -> tuple[str, ...]:
    """Return *je* as a tuple.

    Raises:
        UsageError: The indicator can't be broken down by one of them.
    """
    asked = (je,) if isinstance(je, str) else tuple(je)
    for name in asked:
        if name not in item.granularitaet:
            raise UsageError(
                f"{item.id} lässt sich nicht nach »{name}« gliedern.",
                wo="je",
                tun=nearest(name, item.granularitaet),
            )
    return asked


def seiten(item: Kennzahl, stichtag: date) -> list[Rechnung]:
    """Return the sums a Kennzahl is made of: numerator and, of a ratio, denominator."""
    parts = (item.zaehler, item.nenner) if item.nenner else (item.zaehler,)
    return [Rechnung(part, stichtag) for part in parts]


def _rest(item: Kennzahl, stichtag: date) -> Rechnung | None:
    """Return what a share of money leaves of its whole: a reader of the share can subtract it."""
    parts = [part.terme for part in (item.zaehler, item.nenner) if part]
    if not item.einheit.startswith("%") or [len(p) for p in parts] != [1, 1]:
        return None
    (part,), (whole,) = parts
    if part.durch or whole.durch:
        return None
    named = {(t.sicht, t.grundzahl, t.zeitraum) for t in (part, whole)}
    taken = part.model_copy(update={"vorzeichen": -part.vorzeichen})
    rest = Rechnung(Ausdruck(terme=(whole, taken)), stichtag)
    return rest if len(named) == 1 and hat_beitraege(rest) else None


def teile(item: Belegt, stichtag: date) -> dict[str, Rechnung]:
    """Return the parts of numerator and denominator where these are differences or quotients.

    By the names of their columns; behind each stand its own ``faelle_*`` and ``tragende_*``.
    """
    if not isinstance(item, Kennzahl):
        return {}
    parts = (p for side in seiten(item, stichtag) for p in side.bestandteile)
    return {f"{TEIL}{n}": p for n, p in enumerate(dict.fromkeys(parts), 1)}


def _gerechnet(item: Kennzahl, stichtag: date) -> list[Rechnung]:
    rest = _rest(item, stichtag)
    return [*seiten(item, stichtag), *([rest] if rest else []), *teile(item, stichtag).values()]


def _stadtweit(daten: Lieferung, sums: Sequence[Rechnung], day: date) -> Ergebnis:
    items = catalogue.kennzahlen().values()
    return stadtweit(daten, sums, day, lambda: [r for item in items for r in _gerechnet(item, day)])


def quotient(zaehler: Zahl | None, nenner: Zahl | None, faktor: Decimal) -> Decimal | None:
    """Return zaehler / nenner × faktor, ``None`` when either is unknown or the denominator is 0."""
    if zaehler is None or nenner is None or nenner == 0:
        return None
    with localcontext() as context:
        context.prec = PRAEZISION
        return Decimal(zaehler) * faktor / Decimal(nenner)


class Messung(TypedDict):
    """What an indicator is in one group, by the names of :data:`MASSE`."""

    zaehler: Zahl | None
    nenner: Zahl | None
    wert: Decimal | None
    faelle_zaehler: int | None
    faelle_nenner: int | None
    tragende_zaehler: int | None
    tragende_nenner: int | None
    rest_eur: Zahl | None
    tragende_rest: int | None


_UNBEKANNT = Messung(
    zaehler=None, nenner=None, wert=None, faelle_zaehler=None, faelle_nenner=None,
    tragende_zaehler=None, tragende_nenner=None, rest_eur=None, tragende_rest=None,
)  # fmt: skip


def _wert(item: Kennzahl, result: Ergebnis, stichtag: date, key: tuple) -> Messung:
    above, *below = seiten(item, stichtag)
    zaehler = result.wert(above, key)
    nenner = result.wert(below[0], key) if below else None
    rest = _rest(item, stichtag)
    return Messung(
        zaehler=zaehler,
        nenner=nenner,
        wert=quotient(zaehler, nenner if below else 1, item.faktor),
        faelle_zaehler=result.faelle(above, key),
        faelle_nenner=result.faelle(below[0], key) if below else None,
        tragende_zaehler=result.tragende(above, key),
        tragende_nenner=result.tragende(below[0], key) if below else None,
        rest_eur=result.wert(rest, key) if rest else None,
        tragende_rest=result.tragende(rest, key) if rest else None,
    )


def _teilwerte(
    item: Kennzahl, result: Ergebnis | None, stichtag: date, key: tuple
) -> dict[str, Zahl | None]:
    """Return what a difference or quotient is made of in one group; without *result* unknown."""
    found: dict[str, Zahl | None] = {}
    for name, part in teile(item, stichtag).items():
        found[name] = result.wert(part, key) if result else None
        found[f"faelle_{name}"] = result.faelle(part, key) if result else None
        if hat_beitraege(part):
            found[f"tragende_{name}"] = result.tragende(part, key) if result else None
    return found


def _ganzzahlig(ausdruck: Ausdruck) -> bool:
    return all(finde(t).ganzzahlig and t.teiler == 1 and not t.durch for t in ausdruck.terme)


def _frame(item: Kennzahl, je: Sequence[str], rows: list[dict[str, object]]) -> pd.DataFrame:
    import pandas as pd

    whole = {"faelle_zaehler", "faelle_nenner"}
    whole |= {"zaehler"} if _ganzzahlig(item.zaehler) else set()
    whole |= {"nenner"} if item.nenner and _ganzzahlig(item.nenner) else set()
    carried = [c for c, part in zip(TRAGENDE, seiten(item, date.min), strict=False)
               if hat_beitraege(part)]  # fmt: skip
    carried += REST if _rest(item, date.min) else ()
    parts = _teilwerte(item, None, date.min, ())
    whole |= {*carried, *parts} - {REST[0], *teile(item, date.min)}
    columns: dict[str, pd.Series] = {}
    for name in (*je, *MASSE, *carried, *parts):
        values = [row[name] for row in rows]
        if name in whole:
            columns[name] = pd.Series(values, dtype="Int64")
        elif name in MASSE:
            values = [pd.NA if v is None else v for v in values]
            columns[name] = pd.Series(values, dtype="object")
        else:
            columns[name] = pd.Series(values, dtype="object")
    return pd.DataFrame(columns)


def kennzahl(
    daten: Lieferung,
    id: str,
    *,
    je: Sequence[str] = (),
    stichtag: date | str | None = None,
    summen: bool = True,
) -> Werte:
    """Return indicator *id* at *stichtag* per combination of *je*.

    With *summen* there are rows with ``insgesamt`` for the totals over each dimension and every
    combination of them. A denominator that can't be broken down by a dimension (residents by
    Hilfeart) is the same for all its values. Of a day before the first in the data, and where no
    row says what is counted or summed, all figures are ``<NA>``: unknown, not nothing.

    Raises:
        UsageError: The id is unknown, or the indicator can't be broken down by *je*.
    """
    return kennzahlen(daten, [id], je=je, stichtag=stichtag, summen=summen)[0]


def kennzahlen(
    daten: Lieferung,
    ids: Iterable[str],
    *,
    je: Sequence[str] = (),
    stichtag: date | str | None = None,
    summen: bool = True,
) -> list[Werte]:
    """Return several indicators as :func:`kennzahl` does, with one query a view for all of them."""
    items, asked = _erfragte(ids, je)
    day = als_tag(stichtag, daten)
    sums = [r for item in items for r in _gerechnet(item, day)]
    result = rechne(daten, sums, asked, summen) if asked else _stadtweit(daten, sums, day)
    found = []
    for item in items:
        days = {day: _unbekannt(daten, item, day)}
        frame = _frame(item, asked, _rows(item, result, days, asked, summen))
        found.append(Werte(item, asked, frame, day, luecken=_gaps(daten, item, [day])))
    return found


def _erfragte(ids: Iterable[str], je: Sequence[str]) -> tuple[list[Kennzahl], tuple[str, ...]]:
    """Return the indicators, and the breakdown all of them allow."""
    items = [catalogue.kennzahl(id) for id in ids]
    asked: tuple[str, ...] = ()
    for item in items:
        asked = pruefe_gliederung(item, je)
    return items, asked


def _gaps(daten: Lieferung, item: Kennzahl, days: Sequence[date]) -> tuple[str, ...]:
    return tuple(gap.satz for gap in luecken(daten, item, days))


def _rows(
    item: Kennzahl, result: Ergebnis, days: Mapping[date, bool], je: Sequence[str], summen: bool
) -> list[dict[str, object]]:
    # The total is there even when nothing was counted.
    keys: set[tuple] = {(INSGESAMT,) * len(je)} if summen or not je else set()
    for day in days:
        for one in seiten(item, day):
            keys |= result.schluessel(one)
    return [
        {
            "stichtag": day,
            **dict(zip(je, key, strict=True)),
            **(_UNBEKANNT if unknown else _wert(item, result, day, key)),
            **_teilwerte(item, None if unknown else result, day, key),
        }
        for day, unknown in days.items()
        for key in rangfolge(je, keys)
    ]


def zeitreihe(
    daten: Lieferung,
    id: str,
    stichtage: Iterable[date | str],
    *,
    je: Sequence[str] = (),
    summen: bool = True,
) -> Werte:
    """Return indicator *id* at every one of *stichtage*; ``je`` begins with ``stichtag``.

    Past Stichtage are computed from what is known today (the data's Datenstand), so late entries
    are in; what was known then is another delivery.
    """
    return zeitreihen(daten, [id], stichtage, je=je, summen=summen)[0]


def zeitreihen(
    daten: Lieferung,
    ids: Iterable[str],
    stichtage: Iterable[date | str],
    *,
    je: Sequence[str] = (),
    summen: bool = True,
) -> list[Werte]:
    """Return several indicators as :func:`zeitreihe` does, with one query a view for all."""
    items, asked = _erfragte(ids, je)
    days = [als_tag(day, daten) for day in stichtage]
    result = rechne(
        daten, [r for i in items for d in days for r in _gerechnet(i, d)], asked, summen
    )
    found = []
    for item in items:
        known = {day: _unbekannt(daten, item, day) for day in days}
        frame = _frame(item, ("stichtag", *asked), _rows(item, result, known, asked, summen))
        gaps = _gaps(daten, item, days)
        found.append(Werte(item, ("stichtag", *asked), frame, luecken=gaps))
    return found


def alle(
    daten: Lieferung, stichtag: date | str | None = None, ids: Iterable[str] | None = None
) -> list[Zeile]:
    """Return the city-wide value of every indicator (or of *ids*), one query a view.

    Indicators whose tables or columns the delivery lacks are left out; ask :func:`fehlende`.
    """
    day = als_tag(stichtag, daten)
    asked = [catalogue.kennzahl(id) for id in (catalogue.kennzahlen() if ids is None else ids)]
    items = [item for item in asked if not _fehlt(daten, item)]
    result = _stadtweit(daten, [r for item in items for r in _gerechnet(item, day)], day)
    return [_zeile(item, _wert(item, result, day, ())) for item in items]


def fehlende(daten: Lieferung, ids: Iterable[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Return the indicators that can't be computed, with the tables and columns they miss.

    A column (»fall.familie_id«) is missing where its table has rows and none of them fills it.
    """
    items = [catalogue.kennzahl(id) for id in (catalogue.kennzahlen() if ids is None else ids)]
    return {item.id: missing for item in items if (missing := _fehlt(daten, item))}


def tabellen(item: Kennzahl) -> tuple[str, ...]:
    """Return the canonical tables the indicator's terms read."""
    names = [t for term in item.terme for t in view_tables(term.sicht)]
    return tuple(dict.fromkeys(names))


def vorhandene(daten: Lieferung, ids: Iterable[str]) -> list[str]:
    """Return those of *ids* that can be computed of this delivery, in the order asked."""
    asked = list(ids)
    missing = fehlende(daten, asked)
    return [i for i in asked if i not in missing]


def _fehlt(daten: Lieferung, item: Kennzahl) -> tuple[str, ...]:
    needed = dict.fromkeys(t for term in item.terme for t in noetige(term.sicht))
    missing = tuple(t for t in needed if t not in daten.tabellen)
    return missing or _ohne_angaben(daten, item)


def _ohne_angaben(daten: Lieferung, item: Kennzahl) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for term in item.terme for c in ohne_angaben(daten, term)))


def _unbekannt(daten: Lieferung, item: Kennzahl, day: date) -> bool:
    return unbekannt(daten, item.zaehler, day) or bool(_ohne_angaben(daten, item))


def _zeile(item: Kennzahl, cell: Messung) -> Zeile:
    value, above, below = cell["wert"], cell["zaehler"], cell["nenner"]
    return Zeile(item.id, item.name, value, above, below, item.einheit, item.rundung)


def explain(daten: Lieferung, id: str, *, stichtag: date | str | None = None) -> Erklaerung:
    """Return one indicator with its value, the deliveries behind it and the SQL that counts it."""
    item, day = catalogue.kennzahl(id), als_tag(stichtag, daten)
    sums = seiten(item, day)
    (row,) = alle(daten, day, [id]) or (_zeile(item, _UNBEKANNT),)
    sql, basis = [], Basis(daten, merken=False)
    for query in plane(sums, ()):
        expressions = [*query.lebenstafeln(basis, False).values()]
        if query.hat_masse:
            expressions.insert(0, query.ausdruck(basis, False))
        sql += [str(ibis.to_sql(e)) for e in expressions]
    behind = lieferungen(daten, tabellen(item))
    return Erklaerung(item, day, daten.datenstand, row, behind, tuple(sql))


def lieferungen(daten: Tabellen, names: Sequence[str]) -> tuple[Lieferzeile, ...]:
    """Return the deliveries (rows of the table ``lieferung``) behind the named tables."""
    table = daten["lieferung"]
    rows = table.filter(table.tabelle.isin(names)).order_by("tabelle", "dateiname", "sha256")
    return tuple(rows.to_pyarrow().to_pylist())
