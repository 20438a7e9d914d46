"""The tables a report puts together: plan and actual, course, amendments, alarms, causes.

Each is an :class:`Aufstellung`: a table that knows what its columns are, so the door can judge it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue.bericht import Schwelle
from sozcontrol.catalogue.kennzahl import Ausdruck, Bedingung, Kennzahl, Term
from sozcontrol.measures.finanzen import ist_ansatz, ist_brutto
from sozcontrol.measures.soll_ist import SPALTEN as plan_columns
from sozcontrol.measures.soll_ist import Seite, abweichung
from sozcontrol.measures.soll_ist import ist_je_monat as booked_per_month
from sozcontrol.measures.soll_ist import plan_summen as plan_sums
from sozcontrol.measures.soll_ist import soll_ist as plan_actual
from sozcontrol.measures.zaehlwerk.gliederung import (
    INSGESAMT,
    UNBEKANNT,
    mit_schluesseln,
    rangfolge,
    schluesselspalten,
    summe,
)
from sozcontrol.measures.zaehlwerk.kennzahlen import Werte, als_tag, kennzahl, kennzahlen
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import Bestandteil, Rechnung, rechne
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.zeitraum import (
    jahresanfang,
    letztes_quartalsende,
    monatsenden,
    um_monate,
)
from sozcontrol.measures.zaehlwerk.zeitraum import quartalsenden as quartale_bis
from sozcontrol.measures.zerlegung import rechnungen, zerlegung

if TYPE_CHECKING:
    import pandas as pd

PRODUKTGRUPPE = ("produktgruppe", "produktgruppe_name")
MONATE = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
ZERLEGUNG = "Zerlegung"
_KOSTEN = ("kosten0_eur", "kosten1_eur")
_EFFEKTE = ("mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur", "veraenderung_eur")
AUS_KOSTEN = {_EFFEKTE[0]: _KOSTEN[:1], _EFFEKTE[1]: _KOSTEN[:1], _EFFEKTE[2]: _KOSTEN}
"""Effect → the costs it is a multiple of: by how much tell the months, and every other row."""


@dataclass(frozen=True)
class Aufstellung:
    """A small table for a report, with its disclosure-relevant structure declared where it is made.

    ``je`` identifies a row (``insgesamt`` marks totals). ``anzahl`` are the columns that count
    Hilfen. ``abgeleitet`` names, for every other figure, the counts it was made from: none for
    sums of the ledger, which have no person behind them. ``identitaeten`` are equations between
    counts that hold in every row (column → coefficient, the sum is 0). ``merkmal`` says what is
    counted, so that the same count is recognised in another table of the run. ``kennzahl`` is the
    Steckbrief of the figures, where all of them are one Kennzahl's.

    What ties the table to others: ``groessen`` names columns by the sum they hold, ``heisst`` those
    that no declared sum makes by the name they have in every table, ``gleich`` rows
    (by the first key) by the »merkmal.spalte« of another table whose total they repeat, ``gehoert``
    which values of one dimension lie within a value of another, as pairs (dimension, value).
    ``aus`` names the amounts an end of a span lies beside, or a share, cost, effect or word of the
    row was made from where that are not all amounts with the same Hilfen behind them; whoever sees
    it may reckon them. ``bestandteile`` name, row by row, those that stand in other tables.
    ``bekannt`` are columns that were published before and can't be hidden any more; ``damals`` says
    what those of them counted that a delivery of the Datenstand ``stand`` had.

    ``einzelfaelle``: a row is a single case. Only the edition that hides nothing sees the table
    (``catalogue.offene_edition``), whatever a notebook says.
    """

    frame: pd.DataFrame
    je: tuple[str, ...]
    merkmal: str
    anzahl: tuple[str, ...] = ()
    abgeleitet: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identitaeten: tuple[Mapping[str, int], ...] = ()
    kennzahl: Kennzahl | None = None
    groessen: Mapping[str, Rechnung] = field(default_factory=dict)
    heisst: Mapping[str, str] = field(default_factory=dict)
    gleich: Mapping[str, str] = field(default_factory=dict)
    gehoert: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = ()
    bekannt: tuple[str, ...] = ()
    damals: Mapping[str, Rechnung] = field(default_factory=dict)
    stand: date | None = None
    aus: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bestandteile: Mapping[str, tuple[tuple[Bestandteil, ...], ...]] = field(default_factory=dict)
    einzelfaelle: bool = False


def vorjahrestag(stichtag: date) -> date:
    """Return the same day a year before; a month end stays a month end."""
    return um_monate(stichtag, -12)


def quartalsenden(stichtag: date, jahre: int = 3) -> tuple[date, ...]:
    """Return the quarter ends of the last *jahre* years, and *stichtag* as the last point."""
    ends = [d for d in monatsenden(um_monate(stichtag, -12 * jahre), stichtag) if d.month % 3 == 0]
    return tuple(dict.fromkeys([*ends, stichtag]))


def letzte_quartalsenden(stichtag: date, quartale: int = 8) -> tuple[date, ...]:
    """Return the ends of the last *quartale* complete quarters."""
    last = letztes_quartalsende(stichtag)
    return quartale_bis(um_monate(last, -3 * quartale), last)


def letzte_monatsenden(stichtag: date, monate: int = 36) -> tuple[date, ...]:
    """Return the ends of the last *monate* complete months."""
    return monatsenden(um_monate(stichtag, -monate), stichtag)


def _sorted(frame: pd.DataFrame, je: Sequence[str]) -> pd.DataFrame:
    order = rangfolge(tuple(je), {tuple(k) for k in frame[list(je)].itertuples(index=False)})
    rank = {key: i for i, key in enumerate(order)}
    keys = [rank[tuple(k)] for k in frame[list(je)].itertuples(index=False)]
    return frame.assign(_r=keys).sort_values("_r").drop(columns="_r").reset_index(drop=True)


def soll_ist(
    daten: Lieferung,
    je: Sequence[str] = PRODUKTGRUPPE,
    *,
    stichtag: date | str | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:
    """Plan and actual per *je*, as :func:`sozcontrol.measures.soll_ist.soll_ist` computes it."""
    frame = plan_actual(daten, je, stichtag=stichtag, seite=seite)
    sums = plan_sums(seite, als_tag(stichtag, daten))
    return replace(_ohne_personen(frame, je, f"Soll-Ist {seite}"), groessen=sums)


HILFEN = ("produktgruppe", "hilfeart")
ZUSAMMEN, UEBRIGE = "zusammen", "übrige Produkte"
"""Rows beside the Hilfearten: the product groups together, and products that name nothing."""


def soll_ist_hilfen(
    daten: Lieferung, *, stichtag: date | str | None = None, nur_summen: bool = False
) -> Aufstellung:
    """Plan and actual of the product groups that pay for Hilfen, by Hilfeart, with their totals.

    With *nur_summen* only these. A product that pays for several Hilfearten after one legal basis
    (``map_produkt.paragraph``) has a row of its own. Few Hilfen stand behind some rows, so what was
    spent is counted as theirs: ``faelle`` are those who carry what was paid in the year (without a
    list of payments: the Hilfen that ran).
    """
    import pandas as pd

    day = als_tag(stichtag, daten)
    parts = _je_gruppe_und_hilfe(daten, day)
    rows = _mit_summen(parts, _bezahlte(daten, parts, day))
    frame = pd.DataFrame(
        [[g, what, *(cells | abweichung(cells)).values(), n] for g, what, cells, n in rows],
        columns=[*HILFEN, *_SUMMEN, *_FOLGEN, "faelle"], dtype="object",
    )  # fmt: skip
    frame = frame.mask(frame.isna(), pd.NA)[[*HILFEN, *plan_columns, "faelle"]]
    frame = frame[frame["hilfeart"] == INSGESAMT] if nur_summen else frame
    behind = {c: () if c in _GEPLANT else ("faelle",) for c in plan_columns}
    return Aufstellung(
        frame.astype({"faelle": "Int64"}), HILFEN, "Soll-Ist je Hilfeart", ("faelle",), behind,
        identitaeten=({"abweichung_eur": 1, "ist_eur": -1, "soll_eur": 1},),
        groessen=plan_sums("aufwand", day),
        gehoert=tuple(
            (("produktgruppe", g), ("produktgruppe", ZUSAMMEN)) for g, *_ in rows if g != ZUSAMMEN
        ),
    )  # fmt: skip


Summen = dict[str, Decimal | None]
_SUMMEN = ("ansatz_eur", "soll_eur", "ist_eur", "nach_jahresende_eur")
_GEPLANT = ("ansatz_eur", "soll_eur", "erwartet_pct")
_FOLGEN = ("abweichung_eur", "abweichung_pct", "ausschoepfung_pct", "erwartet_pct", "wort")


def _mit_summen(
    parts: Mapping[tuple[str, str], Summen], paid: Mapping[tuple[str, str], int]
) -> list[tuple[str, str, Summen, int]]:
    """Return the rows with the total of each product group, and that of all of them last."""
    rows = []
    for group in dict.fromkeys(g for g, _ in parts):
        own = [(g, what, cells, paid.get((g, what), 0))
               for (g, what), cells in parts.items() if g == group]  # fmt: skip
        whole = _zusammen(cells for _, _, cells, _ in own)
        rows += [*own, (group, INSGESAMT, whole, sum(n for *_, n in own))]
    groups = [row for row in rows if row[1] == INSGESAMT]
    whole = _zusammen(cells for _, _, cells, _ in groups)
    return [*rows, (ZUSAMMEN, INSGESAMT, whole, sum(n for *_, n in groups))]


def _je_gruppe_und_hilfe(daten: Lieferung, day: date) -> dict[tuple[str, str], Summen]:
    """Return the sums by product group and what a product pays for, of groups that name any."""
    je = ["produktgruppe", "hilfeart", "paragraph"]
    frame = plan_actual(daten, je, stichtag=day, summen=False)
    names = catalogue.codeliste("paragraph").gueltig
    found: dict[tuple[str, str], list[Summen]] = {}
    for row in frame.astype("object").where(frame.notna(), None).to_dict("records"):
        what, basis = row["hilfeart"], row["paragraph"]
        if what == UNBEKANNT:
            what = UEBRIGE if basis == UNBEKANNT else names[basis].name
        cells = {c: row[c] for c in _SUMMEN}
        found.setdefault((row["produktgruppe"], what), []).append(cells)
    pay = {g for g, what in found if what != UEBRIGE}
    return {key: _zusammen(parts) for key, parts in found.items() if key[0] in pay}


def _zusammen(teile: Iterable[Summen]) -> Summen:
    """Add rows up; a sum with an unknown part is unknown."""
    rows = list(teile)
    known = {c: [row[c] for row in rows] for c in _SUMMEN}
    return {
        c: None if None in values else sum((v for v in values if v is not None), Decimal(0))
        for c, values in known.items()
    }


def _bezahlte(
    daten: Lieferung, parts: Iterable[tuple[str, str]], day: date
) -> dict[tuple[str, str], int]:
    """Return how many carry what was paid in the year, by product group and what it pays for.

    Hilfen of a legal basis with a row of its own are counted there, not in their Hilfeart. Without
    a list of payments all count that ran.
    """
    there = getattr(daten, "tabellen", None)
    listed = there is None or "zahlung" in there
    sicht, name = ("zahlungen", "brutto") if listed else ("hilfen", "jahresfallzahl")
    codes = catalogue.codeliste("paragraph").gueltig
    own = [code for code in codes if any(codes[code].name == what for _, what in parts)]
    paid: dict[str, int] = {}
    for spalte, wo in (("hilfeart", {"nicht_in": own}), ("paragraph", {"in": own})):
        where = (Bedingung.model_validate({"spalte": "paragraph", **wo}),) if own else ()
        counted = Rechnung(Ausdruck(terme=(Term(sicht=sicht, grundzahl=name, wo=where),)), day)
        if own or spalte == "hilfeart":
            result = rechne(daten, [counted], (spalte,), False)
            for (code,) in result.schluessel(counted):
                what = codes[code].name if code in own else code
                paid[what] = result.tragende(counted, (code,)) or 0
    return {(group, what): paid[what] for group, what in parts if what in paid}


def gebucht_bis(day: date, spaeter: int = 0) -> str:
    """Name what is booked of the year by a day, or *spaeter* months after it, in all tables."""
    later = f", {spaeter} Monate später" if spaeter else ""
    return f"Kosten der Hilfen, gebucht bis {day}{later}"


def _ohne_personen(frame: pd.DataFrame, je: Sequence[str], merkmal: str) -> Aufstellung:
    figures = {c: () for c in frame.columns if c not in je}
    return Aufstellung(frame, tuple(je), merkmal, abgeleitet=figures)


def ist_wesentlich(abweichung_eur: Decimal, soll_eur: Decimal, grenze: Schwelle) -> bool:
    """Say whether an overspending exceeds the municipality's threshold (``kommunen.yml``).

    Percent *and* euro; § 21 GemHVO leaves the threshold to the municipality.
    """
    if abweichung_eur <= grenze.betrag_eur:
        return False
    return soll_eur == 0 or abweichung_eur * 100 > grenze.anteil_pct * soll_eur


def ist_je_monat(
    daten: Lieferung, je: Sequence[str] = PRODUKTGRUPPE, *, stichtag: date | str | None = None
) -> Aufstellung:
    """Expenses booked a month of the budget year, per *je*; ``monat`` as a short German name."""
    frame = booked_per_month(daten, je, stichtag=stichtag).execute()
    frame["monat"] = [MONATE[d.month - 1] for d in frame["monat"]]
    return _ohne_personen(frame, [*je, "monat"], "Ist je Monat")


def soll_ist_je_monat(
    daten: Lieferung, je: Sequence[str] = PRODUKTGRUPPE, *, stichtag: date | str | None = None
) -> Aufstellung:
    """Plan and actual per *je* at the end of every month of the year, cumulated.

    Columns ``[*je, monat, soll_eur, ist_eur, abweichung_eur]``; ``monat`` as a short German name.
    """
    import pandas as pd

    day = als_tag(stichtag, daten)
    columns = ["soll_eur", "ist_eur", "abweichung_eur"]
    parts = []
    for end in monatsenden(jahresanfang(day), day):
        frame = plan_actual(daten, je, stichtag=end)
        parts.append(frame[[*je, *columns]].assign(monat=MONATE[end.month - 1]))
    frame = pd.concat(parts, ignore_index=True)[[*je, "monat", *columns]]
    return _ohne_personen(frame, [*je, "monat"], "Soll-Ist je Monat")


def verlauf(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """Cumulated expenses by month: this year, last year, and what this year's Soll expects.

    Columns ``[reihe, monat, betrag_eur]``; ``monat`` is a short German name, January first.
    """
    import pandas as pd

    day = als_tag(stichtag, daten)
    before = date(day.year - 1, 12, 31)
    rows = []
    for end in (day, before):
        booked = booked_per_month(daten, stichtag=end).execute()
        rows += [
            (f"Ist {end.year}", MONATE[d.month - 1], Decimal(v))
            for d, v in zip(booked["monat"], booked["ist_kumuliert_eur"], strict=True)
        ]
    ends = monatsenden(before, day)
    sums = [
        Rechnung(Ausdruck(terme=(Term(sicht="soll", grundzahl="aufwand"),)), end) for end in ends
    ]
    result = rechne(daten, sums)
    for end, one in zip(ends, sums, strict=True):
        if (due := result.wert(one, ())) is not None:  # without an earlier year: no expectation
            rows.append((f"Soll {day.year}", MONATE[end.month - 1], Decimal(due)))
    frame = pd.DataFrame(rows, columns=["reihe", "monat", "betrag_eur"], dtype="object")
    frame = frame.drop_duplicates(["reihe", "monat"], keep="last")
    return _ohne_personen(frame, ["reihe", "monat"], "Verlauf")


def fortschreibung(
    daten: Lieferung, je: Sequence[str] = PRODUKTGRUPPE, *, stichtag: date | str | None = None
) -> Aufstellung:
    """How the budgeted expenses became the amended budget: per *je* and kind of budget row (F01).

    The total over ``budgetart`` is the amended budget.
    """
    day = als_tag(stichtag, daten)
    rows = Basis(daten)("budgets")
    rows = rows.filter(ist_brutto(rows) & ist_ansatz(rows, day)).mutate(budgetart=rows.art)
    dims = [*je, "budgetart"]
    keyed = mit_schluesseln(rows, dims, summen=True)
    table = keyed.group_by(schluesselspalten(dims)).aggregate(betrag_eur=summe(keyed.betrag_eur))
    frame = table.execute().set_axis([*dims, "betrag_eur"], axis="columns")
    frame = _sorted(frame, dims)
    return _ohne_personen(frame, dims, "Fortschreibung")


def kostenzerlegung(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """F16 per Hilfeart as a table: volumes, costs and the three effects.

    ``hilfen0`` and ``hilfen1`` are the Hilfen whose days the volumes are.
    """
    day = als_tag(stichtag, daten)
    frame = zerlegung(daten, stichtag=stichtag)
    sums = rechnungen("jahresfallzahl", day)
    counted = rechne(daten, [sums["n0"], sums["n1"]], ("hilfeart",))
    keys = [() if code == INSGESAMT else (code,) for code in frame["hilfeart"]]
    for name in ("n0", "n1"):
        column = [counted.wert(sums[name], key or (INSGESAMT,)) or 0 for key in keys]
        frame[f"hilfen{name[1]}"] = [int(v) for v in column]
    behind, volume = ("faelle0", "faelle1"), ("hilfen0", "hilfen1")
    frame = frame.astype(dict.fromkeys(volume, "Int64"))
    figures: dict[str, tuple[str, ...]]
    figures = {"kosten0_eur": behind[:1], "kosten1_eur": behind[1:]}
    figures |= {"menge0": volume[:1], "menge1": volume[1:]}
    figures |= dict.fromkeys(_EFFEKTE, (*behind, *volume))
    counts = (*volume, *behind)
    effects = dict.fromkeys(_EFFEKTE[:3], 1)
    ties = ({"kosten0_eur": 1, **effects, "kosten1_eur": -1}, {**effects, "veraenderung_eur": -1})
    known = {"hilfen0": sums["n0"], "hilfen1": sums["n1"]}
    return Aufstellung(
        frame, ("hilfeart",), ZERLEGUNG, counts, figures, identitaeten=ties, groessen=known,
        heisst={_KOSTEN[1]: gebucht_bis(day)}, aus=AUS_KOSTEN,
    )  # fmt: skip


def kostenschritte(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """F16 city-wide as the steps from last year's cost to this year's."""
    import pandas as pd

    frame = zerlegung(daten, stichtag=stichtag)
    total = frame[frame["hilfeart"] == INSGESAMT].iloc[0]
    day = als_tag(stichtag, daten)
    names = (f"{day.year - 1}", "Menge", "Struktur", "Preis", f"{day.year}")
    values = [total[c] for c in (_KOSTEN[0], *_EFFEKTE[:3], _KOSTEN[1])]
    behind = pd.array([min(total["faelle0"], total["faelle1"])] * len(names), dtype="Int64")
    steps = pd.DataFrame({"schritt": names, "betrag_eur": values, "faelle": behind})
    columns = (_KOSTEN[0], *_EFFEKTE[:3], _KOSTEN[1])
    return Aufstellung(
        steps, ("schritt",), "Kostenschritte", ("faelle",), {"betrag_eur": ("faelle",)},
        gleich={n: f"{ZERLEGUNG}.{c}" for n, c in zip(names, columns, strict=True)}
        | {names[-1]: gebucht_bis(day)},
    )  # fmt: skip


def bewegung(
    daten: Lieferung, je: Sequence[str], *, stichtag: date | str | None = None
) -> dict[str, Werte]:
    """Stock at the start of the year, begun, ended, stock now (H01, H02, H03), by heading.

    As Kennzahlen the four are audited together: Bestand₂ = Bestand₁ + Zugang − Abgang.
    """
    day = als_tag(stichtag, daten)
    start = jahresanfang(day)
    then = kennzahl(daten, "H01", je=je, stichtag=start)
    now, begun, ended = kennzahlen(daten, ["H01", "H02", "H03"], je=je, stichtag=day)
    return {
        f"Bestand {start:%d.%m.%Y}": then,
        "begonnen": begun,
        "beendet": ended,
        f"Bestand {day:%d.%m.%Y}": now,
    }
