"""Views: the canonical tables joined to what they are broken down by, as Ibis expressions.

*daten* is anything that gives a table by name (``daten["fall"]``); ``store.open_data`` does. All
joins are left joins on unique keys: a view has exactly the rows of its fact table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count

import ibis
import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.measures.erwartung import mit_erwartung
from sozcontrol.measures.zaehlwerk.gedaechtnis import gedaechtnis
from sozcontrol.measures.zaehlwerk.gliederung import alter_am, altersgruppe

Daten = Mapping[str, ir.Table]
"""What the views read: tables by name (duck-typed; ``store``'s Daten answers ``[]``, too)."""

HILFE_SPALTEN = (
    "person_id", "rechtskreis", "paragraph", "hilfeart", "segment", "traeger", "beginn", "ende",
    "ort", "ist_uma", "hat_transferbezug", "pflegeform", "fls_monat", "fachkraft_org",
    "leistungserbringer_id", "geburtsmonat", "geschlecht", "staatsang_gruppe", "sozialraum",
    "ist_hze",
)  # fmt: skip
"""Columns of a case that its payments carry, too."""


def _hze() -> list[str]:
    gueltig = catalogue.codeliste("hilfeart").gueltig
    return [code for code, c in gueltig.items() if c.merkmale.get("hze") == "ja"]


def gebiete(daten: Daten) -> ir.Table:
    """Every area with the name of the Sozialraum it is, or lies in: ``gebiet_id, typ, sozialraum``.

    Looks up to two levels above; an area above the Sozialräume (the city) has none.
    """
    areas = daten["gebiet"]

    def level(prefix: str) -> ir.Table:
        names = {f"{prefix}_{c}": areas[c] for c in ("gebiet_id", "typ", "name", "eltern_id")}
        return areas.select(**names)

    own, parent, grand = level("g"), level("p"), level("o")
    tree = own.left_join(parent, own.g_eltern_id == parent.p_gebiet_id)
    tree = tree.left_join(grand, tree.p_eltern_id == grand.o_gebiet_id)
    found = ibis.cases(
        *((tree[f"{p}_typ"] == "sozialraum", tree[f"{p}_name"]) for p in ("g", "p", "o")),
        else_=ibis.null("string"),
    )
    return tree.select(gebiet_id=tree.g_gebiet_id, typ=tree.g_typ, sozialraum=found)


def hilfen_ohne_alter(daten: Daten) -> ir.Table:
    """Cases joined to person and area; the same for every Stichtag (no age)."""
    cases, people = daten["fall"], daten["person"]
    person = people.select(
        "geburtsmonat", "geschlecht", "staatsang_gruppe",
        p_person_id=people.person_id, p_sozialraum_id=people.sozialraum_id,
    )  # fmt: skip
    joined = cases.left_join(person, cases.person_id == person.p_person_id)
    # The family's area at the start of the help; where it is empty, the person's.
    joined = joined.mutate(raum_id=joined.sozialraum_id.coalesce(joined.p_sozialraum_id))
    area = gebiete(daten).select("sozialraum", g_gebiet_id=ibis._.gebiet_id)
    joined = joined.left_join(area, joined.raum_id == area.g_gebiet_id)
    joined = joined.mutate(ist_hze=joined.hilfeart.isin(_hze()))
    return joined.drop("p_person_id", "p_sozialraum_id", "raum_id", "g_gebiet_id")


def hilfen(daten: Daten, stichtag: date) -> ir.Table:
    """Cases ⋈ person ⋈ area, one row a Hilfe, with ``alter`` and ``altersgruppe`` on *stichtag*.

    Age groups are those of the KJH-Statistik: 0–5, 6–11, 12–17, 18–20, 21+.
    """
    return mit_alter(hilfen_ohne_alter(daten), stichtag)


def mit_alter(table: ir.Table, stichtag: date) -> ir.Table:
    """Add ``alter`` and ``altersgruppe`` on *stichtag*."""
    age = alter(table, stichtag)
    return table.mutate(alter=age, altersgruppe=altersgruppe(age))


def alter(table: ir.Table, stichtag: date) -> ir.IntegerValue:
    """Return the age a view's rows have on *stichtag*, in completed years."""
    if "altersjahr" in table.columns:
        return table.altersjahr
    return alter_am(table.geburtsmonat, stichtag)


def mit_folgehilfe(faelle: ir.Table) -> ir.Table:
    """Add the days from a case's end to the same person's next HzE, and to the next § 33/§ 34.

    ``tage_bis_folgehilfe`` and ``tage_bis_folge_stationaer`` are null for open cases and where no
    other Hilfe begins on the day of the end (0 days) or later.
    """
    ended = faelle.filter(faelle.ende.notnull()).select("hilfe_id", "person_id", "ende")
    later = faelle.filter(faelle.ist_hze)
    later = later.select(
        f_id=later.hilfe_id, f_person=later.person_id, f_beginn=later.beginn, f_art=later.hilfeart
    )
    same = [ended.person_id == later.f_person, ended.hilfe_id != later.f_id]
    pairs = ended.inner_join(later, [*same, later.f_beginn >= ended.ende])
    days = pairs.f_beginn.delta(pairs.ende, unit="day").cast("int64")
    first = pairs.group_by(f_hilfe_id=pairs.hilfe_id).aggregate(
        tage_bis_folgehilfe=days.min(),
        tage_bis_folge_stationaer=days.min(where=pairs.f_art.isin(["33", "34"])),
    )
    return faelle.left_join(first, faelle.hilfe_id == first.f_hilfe_id).drop("f_hilfe_id")


def zahlungen(daten: Daten) -> ir.Table:
    """Payments joined to the columns of their Hilfe (see :data:`HILFE_SPALTEN`)."""
    payments, cases = daten["zahlung"], hilfen_ohne_alter(daten)
    dims = cases.select(*HILFE_SPALTEN, h_hilfe_id=cases.hilfe_id)
    return payments.left_join(dims, payments.hilfe_id == dims.h_hilfe_id).drop("h_hilfe_id")


def _produkte(daten: Daten) -> ir.Table:
    """Product mapping with the year the next mapping of the same product takes over."""
    table = daten["map_produkt"]
    if "paragraph" not in table.columns:  # stored before products had a legal basis
        table = table.mutate(paragraph=ibis.null("string"))
    order = ibis.window(group_by="produkt_lokal", order_by="gueltig_von")
    return table.select(
        "produktgruppe", "produktgruppe_name", "leistungsbereich", "produkt_name",
        m_produkt=table.produkt_lokal, m_hilfeart=table.hilfeart, m_segment=table.segment,
        m_paragraph=table.paragraph,
        m_von=table.gueltig_von.year(), m_bis=table.gueltig_bis.year(),
        m_naechste=table.gueltig_von.lead().over(order).year(),
    )  # fmt: skip


def _mit_zuordnung(table: ir.Table, jahr: str, daten: Daten) -> ir.Table:
    """Join a ledger table to product group and kind of account.

    A budget year has one product plan: the latest mapping that begins by 31.12. of the year and
    has not run out before it. So exactly one mapping matches, also in the year of a change.
    """
    products, accounts = _produkte(daten), daten["map_konto"]
    year = table[jahr]
    joined = table.left_join(
        products,
        [
            table.produkt == products.m_produkt,
            products.m_von <= year,
            products.m_naechste.isnull() | (products.m_naechste > year),
            products.m_bis.isnull() | (products.m_bis >= year),
        ],
    )
    kinds = accounts.select("konto_art", "ist_soziale_sicherung", k_konto=accounts.konto)
    joined = joined.left_join(kinds, joined.konto == kinds.k_konto)
    joined = joined.rename(hilfeart="m_hilfeart", segment="m_segment", paragraph="m_paragraph")
    return joined.drop("m_produkt", "m_von", "m_bis", "m_naechste", "k_konto")


def buchungen(daten: Daten) -> ir.Table:
    """Ledger entries with ``produktgruppe``, ``produktgruppe_name``, ``konto_art`` and more."""
    return _mit_zuordnung(daten["buchung"], "haushaltsjahr", daten)


def budgets(daten: Daten) -> ir.Table:
    """Budget rows with the same dimensions as :func:`buchungen`."""
    return _mit_zuordnung(daten["budget"], "jahr", daten)


_EBENEN = ("sozialraum", "planungsbezirk", "stadtteil", "stadt")


def bevoelkerung(daten: Daten) -> ir.Table:
    """Population counts with ``sozialraum`` and the date the next count replaces them.

    A delivery may hold the city and its areas: only one level is kept (of those delivered for a
    date and source, the first of Sozialraum, Planungsbezirk, Stadtteil, city), so that nobody is
    counted twice.
    """
    people, area = daten["einwohner"], gebiete(daten)
    area = area.select("typ", "sozialraum", g_gebiet_id=area.gebiet_id)
    joined = people.left_join(area, people.gebiet_id == area.g_gebiet_id).drop("g_gebiet_id")
    ranks = [(joined.typ == typ, i) for i, typ in enumerate(_EBENEN)]
    joined = joined.mutate(rang=ibis.cases(*ranks, else_=len(_EBENEN)))
    finest = joined.rang.min().over(ibis.window(group_by=["quelle", "stichtag"]))
    joined = joined.mutate(feinste=finest)
    joined = joined.filter(joined.rang == joined.feinste).drop("rang", "feinste")
    dates = joined.select("quelle", "stichtag").distinct()
    order = ibis.window(group_by="quelle", order_by="stichtag")
    dates = dates.select(
        d_quelle=dates.quelle,
        d_stichtag=dates.stichtag,
        abgeloest_am=dates.stichtag.lead().over(order),
    )
    same = [joined.quelle == dates.d_quelle, joined.stichtag == dates.d_stichtag]
    return joined.left_join(dates, same).drop("d_quelle", "d_stichtag")


BASIS: dict[str, Callable[[Daten], ir.Table]] = {
    "hilfen": hilfen_ohne_alter,
    "hilfen_folge": lambda daten: mit_folgehilfe(hilfen_ohne_alter(daten)),
    "zahlungen": zahlungen,
    "buchungen": buchungen,
    "budgets": budgets,
    "bevoelkerung": bevoelkerung,
}
"""The joins, the same for every Stichtag."""


class Basis:
    """Gives the joined views of one data set; with *merken* each is joined once and kept.

    Kept views are temporary tables of the embedded engine; a distributed engine is given the
    expressions and plans the joins itself. Without *merken* the expressions reach down to the
    canonical tables, so their SQL tells the whole story.
    """

    def __init__(self, daten: Daten, *, merken: bool = True) -> None:
        self.daten = daten
        self._kept = gedaechtnis(daten, "sichten") if merken else None

    def __call__(self, name: str) -> ir.Table:
        """Return view *name* of :data:`BASIS`."""
        if self._kept is None:
            return BASIS[name](self.daten)
        if name not in self._kept:
            self._kept[name] = _temporaer(BASIS[name](self.daten), name)
        return self._kept[name]


_NUMMER = count(1)


def _temporaer(view: ir.Table, name: str) -> ir.Table:
    engine = ibis.get_backend(view)
    if engine.name != "duckdb":
        return view
    # Not Table.cache(): its clean-up speaks SQL that DuckDB 2 refuses.
    return engine.create_table(f"sicht_{name}_{next(_NUMMER)}", view, temp=True)


@dataclass(frozen=True)
class Sicht:
    """A view the primitives count in: its tables, its dimensions, and whether people stand behind.

    ``dimensionen`` are what a row can be grouped by; asked for another, a denominator is the same
    for all its values, a numerator is refused. ``hilfe_id`` says that a row belongs to a Hilfe;
    ``je_stichtag`` that the rows themselves depend on the Stichtag, not only what is counted.
    """

    name: str
    tabellen: tuple[str, ...]
    dimensionen: frozenset[str]
    hilfe_id: bool = False
    je_stichtag: bool = False

    def tabelle(self, basis: Basis, stichtag: date | None, folge: bool = False) -> ir.Table:
        """Return the view's rows; *folge* adds the columns of :func:`mit_folgehilfe`."""
        if self.name == "soll":
            assert stichtag is not None, "the expected profile needs a day"
            return mit_erwartung(basis("budgets"), basis("buchungen"), stichtag)
        return basis(f"{self.name}_folge" if folge else self.name)


HILFE_DIMENSIONEN = frozenset({
    "rechtskreis", "paragraph", "hilfeart", "segment", "traeger", "ort", "pflegeform",
    "fachkraft_org", "leistungserbringer_id", "geschlecht", "staatsang_gruppe", "sozialraum",
    "altersgruppe",
})  # fmt: skip
FALL_DIMENSIONEN = HILFE_DIMENSIONEN | {"beginn_grund", "ende_grund", "aufenthalt_nach"}
FINANZ_DIMENSIONEN = frozenset({
    "produktgruppe", "produktgruppe_name", "leistungsbereich", "produkt", "produkt_name", "konto",
    "konto_art", "hilfeart", "segment",
})  # fmt: skip
EINWOHNER_DIMENSIONEN = frozenset({"sozialraum", "altersgruppe", "geschlecht"})
_HILFE = ("fall", "person", "gebiet")
_KONTEN = ("map_produkt", "map_konto")

SICHTEN = {
    s.name: s
    for s in (
        Sicht("hilfen", _HILFE, FALL_DIMENSIONEN, hilfe_id=True),
        Sicht("zahlungen", ("zahlung", *_HILFE), HILFE_DIMENSIONEN, hilfe_id=True),
        Sicht("buchungen", ("buchung", *_KONTEN), FINANZ_DIMENSIONEN),
        Sicht("budgets", ("budget", *_KONTEN), FINANZ_DIMENSIONEN),
        Sicht("soll", ("budget", "buchung", *_KONTEN), FINANZ_DIMENSIONEN, je_stichtag=True),
        Sicht("bevoelkerung", ("einwohner", "gebiet"), EINWOHNER_DIMENSIONEN),
    )
}
"""The views by name."""
