"""Several released tables or figures on one page: side by side, with last year, as a story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.errors import UsageError
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.aufstellungen import ist_wesentlich
from sozcontrol.present.ansatzabweichung import driving, paragraph
from sozcontrol.present.beschriftung import Spalten, format_for, heading
from sozcontrol.present.format import as_decimal
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.saetze import sentence
from sozcontrol.present.table import (
    figure,
    kind_of_row,
    named,
    placed,
    remarks,
    table,
    table_figure,
    word,
)
from sozcontrol.present.wasserfall import waterfall


def beside(
    tabellen: Mapping[str, Released] | Sequence[Released],
    titel: str,
    *,
    hinweis: str | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Show the values of several Kennzahlen with the same dimensions as columns of one table.

    *tabellen* maps headings to released Kennzahlen; without headings the short names stand there.

    Raises:
        NotReleased: One of them did not come through the door.
        UsageError: They are not broken down alike.
    """
    headed = tabellen if isinstance(tabellen, Mapping) else {_heading(t): t for t in tabellen}
    parts = {name: demand_table(t, "beside") for name, t in headed.items()}
    dims = next(iter(parts.values())).je
    if any(t.je != dims for t in parts.values()):
        raise UsageError(
            "Nebeneinander stehen nur Tabellen mit denselben Dimensionen.",
            wo="present.beside",
            tun="Alle mit demselben je=… berechnen.",
        )
    grid = {name: dict(zip(_keys(t), t.spalte("wert"), strict=True)) for name, t in parts.items()}
    first = next(iter(parts.values()))
    head = [word(heading(d, first), kopf=True) for d in dims]
    head += [word(name, kopf=True, rechts=True) for name in parts]
    forms = {name: format_for("wert", t) for name, t in parts.items()}
    rows, keys = [], _all_keys(parts.values())
    for key in keys:
        cells = [named(d, v) for d, v in zip(dims, key, strict=True)]
        cells += [figure(grid[n].get(key), forms[n]) for n in parts]
        rows.append((kind_of_row(dict(zip(dims, key, strict=True)), dims), cells))
    amounts = [next(iter(grid.values())).get(key) for key in keys]
    rows = [rows[n] for n in placed(dims, amounts, rows)]
    weak, below = any(t.auch_null for t in parts.values()), remarks(hinweis, parts.values())
    return table_figure(head, rows, titel, hinweis=below, quelle=quelle, auch_null=weak)


def _heading(released: Released) -> str:
    return heading("wert", demand_table(released, "beside"))


def _keys(released: Released) -> list[tuple]:
    return list(zip(*(released.spalte(d) for d in released.je), strict=True))


def _all_keys(tables: Iterable[Released]) -> list[tuple]:
    """Return every key once, in the order of the tables, totals last."""
    keys = dict.fromkeys(k for t in tables for k in _keys(t))
    return sorted(keys, key=lambda k: sum(v == INSGESAMT for v in k))


def overruns(
    soll_ist: Released,
    titel: str,
    *,
    kommune: catalogue.Kommune,
    spalten: Spalten | None = None,
) -> Fragment:
    """Show the rows of a plan/actual table that overspend by more than *kommune* lets pass.

    Largest first, without totals. They are chosen by what is shown: a row listed for an amount that
    is hidden would tell how large it is.
    """
    released = demand_table(soll_ist, "overruns")
    known = zip(*(released.spalte(c) for c in ("abweichung_eur", "soll_eur")), strict=True)
    over = {
        n: as_decimal(off) for n, (off, plan) in enumerate(known)
        if not _is_total(released, n) and _open(off, plan)
        and ist_wesentlich(as_decimal(off), as_decimal(plan), kommune.wesentlich)
    }  # fmt: skip
    listed = sorted(over, key=lambda n: -over[n])
    return table(released.auswahl(listed), titel, spalten=spalten)


def _is_total(released: Released, zeile: int) -> bool:
    return any(released.spalte(d)[zeile] == INSGESAMT for d in released.je)


def _open(*values: object) -> bool:
    return all(v is not None and v is not GEHEIM for v in values)


def decomposition(steps: Released, titel: str, *, je: str) -> Fragment:
    """Tell why a cost changed: a sentence and a waterfall.

    *steps* holds the column ``betrag_eur`` per ``schritt``: last year, Menge, Struktur, Preis, now.
    *je* is the dimension by which it was decomposed; its words stand in the catalogue's ``texte/``.
    """
    names = demand_table(steps, "decomposition").spalte("schritt")
    vorher, menge, struktur, preis, jetzt = (steps.zahl("betrag_eur", schritt=n) for n in names)
    told = sentence(
        "Bis zum Stichtag waren {jetzt:teur} gebucht, bis zum gleichen Tag des Vorjahres "
        "{vorher:teur}.",
        vorher=vorher, jetzt=jetzt,
    )  # fmt: skip
    texte = catalogue.texte(je)
    words = (texte.menge, texte.struktur, texte.preis_gezaehlt)
    parts = [z.wert for z in (menge, struktur, preis)]
    causes = []
    if _open(*parts):
        known = [as_decimal(v) for v in parts]
        told_by = [(w.von(v), v) for w, v in zip(words, known, strict=True)]
        causes = driving(told_by, sum(known, Decimal(0)))
    why = paragraph(" ".join([*causes, texte.gleicher_stand]))
    drawn = waterfall(steps, titel, x="schritt", y="betrag_eur", format="wirkung_teur")
    return Fragment(told.html + why + drawn.html, titel)


def tables(
    tafeln: Mapping[str, Released],
    *,
    formen: Mapping[str, Spalten],
    quer: str | None = None,
    fehlt: str = "",
) -> Fragment:
    """Show several tables one below the other, by their titles, in the order of *formen*.

    *formen* are the columns of each; *quer* as in :func:`table`. Of a title without a table it is
    said that the delivery does not hold the tables *fehlt*.
    """
    parts = [
        table(tafeln[titel], titel, spalten=spalten, quer=quer)
        if titel in tafeln else absent(titel, fehlt)
        for titel, spalten in formen.items()
    ]  # fmt: skip
    return Fragment("".join(p.html for p in parts), "; ".join(p.text for p in parts))


def absent(titel: str, tabellen: str = "", *, grund: str = "") -> Fragment:
    """Say that a figure is missing: the delivery does not hold its tables, or else *grund*."""
    names = ", ".join(f"»{name.strip()}«" for name in tabellen.split(","))
    why = f", weil die Lieferung {names} nicht enthält." if tabellen else f". {grund}"
    colon = " –" if ": " in titel else ":"
    text = f"{titel}{colon} nicht berechenbar{why}"
    return Fragment(f'<p class="soz-hinweis">{esc(text)}</p>', text)
