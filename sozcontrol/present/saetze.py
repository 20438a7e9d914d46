"""Sentences, tiles and overviews: single released figures in words."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.disclosure import GEHEIM, Released, Zahl
from sozcontrol.errors import NotReleased, UsageError
from sozcontrol.measures import Werte
from sozcontrol.present.beschriftung import form_with_unit, mit_einheit
from sozcontrol.present.format import MINUS, NBSP, WIRKUNG, as_decimal, datum, format_of, gelesen
from sozcontrol.present.fragment import (
    Fragment,
    Gedruckt,
    Zielort,
    current,
    demand_number,
    esc,
    note,
)
from sozcontrol.present.table import (
    AUCH_NULL,
    GEHEIM_HTML,
    NICHTS_HTML,
    Zelle,
    explained,
    legend,
    remarks,
    table_figure,
    word,
)
from sozcontrol.present.zeilenverlauf import reihentafel
from sozcontrol.present.zielstand import beneath
from sozcontrol.revision import Vorjahr, Vorjahreszahl
from sozcontrol.revision.vorjahr import VORLAEUFIG

HOECHSTENS = 12
"""Tiles on one page: an »überschaubare Anzahl« of figures, the rest belongs in a table."""

MITTEL = 4
"""Tiles of middle size after the large first one; the others are lines."""

UEBERBLICK = "Kennzahlen auf einen Blick"
"""What the tiles of a page are called where they are rows of a table."""
KOPF = ("Kennzahl", "Wert", "verglichen mit", "Wert damals")
MILLION = 1_000_000
ZEHNTAUSEND = 10_000
GEHEIM_WORT = "eine geheim gehaltene Zahl"


def sentence(vorlage: str, **zahlen: Zahl | Released | date | str) -> Fragment:
    """Show a sentence; ``{bestand}`` or, with a format, ``{anteil:pct0}`` stand for figures.

    Raises:
        NotReleased: A field holds a bare number (or a text with digits that is no ISO date).
        UsageError: A field is missing, unknown or not a plain name.
    """
    return Fragment(f'<p class="soz-satz">{said(vorlage, **zahlen)}</p>', "Satz")


def said(vorlage: str, **zahlen: Zahl | Released | date | str) -> str:
    """Return a sentence as HTML; arguments and errors as of :func:`sentence`."""
    pieces = []
    for literal, field, spec, conversion in string.Formatter().parse(vorlage):
        pieces.append(esc(literal))
        if field is None:
            continue
        if not field.isidentifier() or conversion or field not in zahlen:
            raise UsageError(
                f"Das Feld »{field}« der Vorlage hat keinen Wert.",
                wo="present.sentence", tun="Jedes {feld} als gleichnamigen Parameter übergeben.",
            )  # fmt: skip
        pieces.append(_in_words(zahlen[field], spec or None))
    return "".join(pieces)


def _in_words(value: object, format: str | None) -> str:
    if isinstance(value, date):
        return datum(value)
    if isinstance(value, str):
        return _words_only(value)
    figure = demand_number(value, "sentence")
    if figure.wert is GEHEIM:
        return f"{GEHEIM_HTML} (geheim gehalten)".replace(
            '<span class="soz-unsichtbar">geheim gehalten</span>', ""
        )
    return esc(write(figure, format))


def _words_only(value: str) -> str:
    try:
        return datum(date.fromisoformat(value))
    except ValueError:
        if any(c.isdigit() for c in value):
            raise NotReleased(
                "Ein Text mit Ziffern kommt nicht in einen Satz: er könnte eine Zahl tragen.",
                wo="present.sentence", tun="Zahlen als freigegebene Zahl übergeben.",
            ) from None  # fmt: skip
        return esc(value)


def write(figure: Zahl, format: str | None = None) -> str:
    """Write a released figure with its unit, as plain text."""
    return mit_einheit(figure.wert, figure.einheit, figure.rundung, _format(figure, format))


def _format(figure: Zahl, format: str | None) -> str | None:
    return _worded(figure, format or (_form(figure) if _told(figure) else None))


def _told(figure: Zahl) -> bool:
    """Say whether its sign is what becomes of the budget, which is told by a word."""
    return figure.kennzahl is not None and figure.kennzahl.haushaltswirkung


def _worded(figure: Zahl, form: str | None) -> str | None:
    return f"{WIRKUNG}{form}" if form and _told(figure) else form


def _is_pct(figure: Zahl) -> bool:
    return (figure.einheit or "").startswith("%")


def _form(figure: Zahl) -> str | None:
    if figure.einheit is not None:
        return format_of(figure.einheit, figure.rundung)
    return "anzahl" if isinstance(figure.wert, int) else "eur0"


Groesse = Werte | Released | Zahl
"""A figure: undecided in a notebook, released where it is drawn."""

PASSEND = "passend"
"""The format of a tile that writes large amounts in Mio. or T€."""


@dataclass(frozen=True)
class Kachel:
    """One tile: a title (None: the figure's short name), a figure, and what it is compared with.

    Compared with last year (``Vorjahr.zahlen``) it says itself what that is called. ``ziel`` is the
    goal it is judged by, on the day ``am``.
    """

    titel: str | None
    zahl: Groesse
    vergleich: Groesse | tuple[Vorjahreszahl, ...] | None = None
    gegen: str = "Vorjahr"
    format: str | None = None
    ziel: Ziel | None = None
    am: date | None = None


@dataclass(frozen=True)
class Fertig:
    """A tile with its released figures, and how they are written.

    Without ``vergleich``, ``gegen`` says why there is none, where anything is to be said.
    """

    titel: str
    zahl: Zahl
    vergleich: Zahl | None
    gegen: str
    format: str | None
    ziel: Ziel | None = None
    am: date | None = None


def tile(
    titel: str,
    zahl: Groesse,
    *,
    vergleich: Groesse | None = None,
    gegen: str = "Vorjahr",
    format: str | None = None,
) -> Kachel:
    """Describe one tile for :func:`tiles`."""
    return Kachel(titel, zahl, vergleich, gegen, format)


def compared(
    jetzt: Sequence[Groesse],
    damals: Vorjahr | None = None,
    *,
    ziele: Mapping[str, Ziel] | None = None,
) -> list[Kachel]:
    """Make a tile of every figure and that of a year ago; large amounts in Mio. or T€.

    *damals* is what ``revision.vorjahr`` gives, *ziele* are the goals by their Kennzahl
    (``measures.ziele.je_kennzahl``).
    """
    before: Sequence[tuple[Vorjahreszahl, ...] | None] = _years_ago(damals, "compared")
    return [
        Kachel(None, now, then, "", PASSEND, *_goal(now, ziele or {}))
        for now, then in zip(jetzt, before or [None] * len(jetzt), strict=True)
    ]


def _years_ago(damals: Vorjahr | None, was: str) -> Sequence[tuple[Vorjahreszahl, ...]]:
    """Return the figures of a year ago; which delivery they are of is not a notebook's choice."""
    if damals is None or isinstance(damals, Vorjahr):
        return () if damals is None else damals.zahlen
    raise UsageError(
        f"Das Vorjahr nimmt present.{was} von einer Stelle; übergeben wurde "
        f"»{type(damals).__name__}«.",
        wo=f"present.{was}", tun="revision.vorjahr(daten, namen) übergeben.",
    )  # fmt: skip


def _goal(figure: Groesse, ziele: Mapping[str, Ziel]) -> tuple[Ziel | None, date | None]:
    """Return the goal of a figure and the day it is judged on."""
    if not isinstance(figure, Werte) or figure.je or figure.kennzahl.id not in ziele:
        return None, None
    return ziele[figure.kennzahl.id], figure.stichtag


def completed(kachel: Kachel) -> Fertig:
    """Return a tile with its released figures."""
    now = demand_number(kachel.zahl, "tiles")
    then, against = _before(kachel.vergleich, kachel.gegen, "tiles")
    name = now.kennzahl.kurzname if now.kennzahl is not None else now.name or "Anzahl"
    form = money_format(now) if kachel.format == PASSEND else kachel.format
    title = name if kachel.titel is None else kachel.titel
    return Fertig(title, now, then, against, form, kachel.ziel, kachel.am)


def _before(value: object, gegen: str, was: str) -> tuple[Zahl | None, str]:
    """Return what a figure is compared with, or None, and what that is called or why it is none.

    Of the figures of a year ago this edition is given at most one.
    """
    if not isinstance(value, tuple):
        return (None, "") if value is None else (demand_number(value, was), gegen)
    given = next((v for v in value if v.tafel is not None), value[-1])
    return None if given.tafel is None else demand_number(given.tafel, was), given.gegen


def money_format(figure: Zahl) -> str | None:
    """Return the format that writes a large amount in Mio. or T€, as tiles do."""
    if figure.einheit != "€" or figure.wert is None or figure.wert is GEHEIM:
        return None
    size = abs(as_decimal(figure.wert))
    return "mio" if size >= MILLION else "teur" if size >= ZEHNTAUSEND else None


def tiles(
    kacheln: Kachel | Groesse | Sequence[Kachel | Groesse],
    *,
    verlauf: Sequence[Released] = (),
    hinweis: str | None = None,
) -> Fragment:
    """Show at most twelve figures in three sizes; one without a title takes its short name.

    The leading figures of their area come first, as it declares them. *verlauf* are the series of
    some (``measures.leitreihen``): a table below has them with their lines, and a tile says where
    its last value or step is an unusual one.

    Raises:
        UsageError: More than twelve: nobody steers by so many. Or something that is no figure.
        NotReleased: A tile holds no released figure.
    """
    asked = kacheln if isinstance(kacheln, list | tuple) else (kacheln,)
    if len(asked) > HOECHSTENS:
        raise UsageError(
            f"{len(asked)} Kacheln sind zu viele (höchstens {HOECHSTENS}).",
            wo="present.tiles", tun="Die übrigen Kennzahlen in eine Tabelle setzen.",
        )  # fmt: skip
    finished = _ranked([completed(_demand_tile(k)) for k in asked])
    below, signals = reihentafel(verlauf)
    items = "".join(_tile(k, _size(place, len(asked)), signals) for place, k in enumerate(finished))
    current().count([k.zahl.wert is GEHEIM for k in finished if k.zahl.wert is not None])
    html = f'<ul class="soz-kacheln">{items}</ul>'
    weak = any(z.auch_null for k in finished for z in (k.zahl, k.vergleich) if z is not None)
    said = remarks(hinweis, (k.zahl for k in finished))
    notes = legend(html, auch_null=weak) + "".join(note(r, "anmerkung") for r in said)
    told = [*(f"{sign} {text}" for sign, text in explained(html)), *([AUCH_NULL] if weak else [])]
    rows = [("", _as_row(k)) for k in finished]
    current().extend(Gedruckt(UEBERBLICK, KOPF, rows, [*told, *said]))
    return Fragment(html + notes + below, f"{len(asked)} Kacheln")


def _as_row(kachel: Fertig) -> list[Zelle]:
    """Return a tile as a row of the table that holds all tiles of a page."""
    cells = [word(kachel.titel, kopf=True), cell_of(kachel.zahl, kachel.format)]
    if kachel.vergleich is None:
        return [*cells, word(kachel.gegen), word("")]
    return [*cells, word(kachel.gegen), cell_of(kachel.vergleich, kachel.format)]


def _demand_tile(value: object) -> Kachel:
    if isinstance(value, Kachel):
        return value
    if isinstance(value, Released | Zahl):
        return Kachel(None, value, format=PASSEND)
    raise UsageError(
        f"Eine Kachel zeigt die Werte einer Kennzahl; übergeben wurde »{type(value).__name__}«.",
        wo="present.tiles",
        tun="present.tiles([werte]), mit Titel present.tile(titel, werte), mit Vorjahr "
        "present.compared(jetzt, damals) schreiben.",
    )


def _ranked(tiles: list[Fertig]) -> list[Fertig]:
    """Return the leading figures of the page's area first, in its order, then the others."""
    ids = [t.zahl.kennzahl.id if t.zahl.kennzahl is not None else "" for t in tiles]
    area = current().bereich
    leading = catalogue.bereich(area).leitzahlen if area is not None else ()
    rank = {id_: n for n, id_ in enumerate(leading)}
    order = sorted(range(len(tiles)), key=lambda n: rank.get(ids[n], len(rank)))
    return [tiles[n] for n in order]


def _size(place: int, tiles: int) -> str:
    """Return the class of a tile at its place: one large, four of middle size, others in lines."""
    if place == 0 and tiles > 1:
        return " soz-kachel-gross"
    return "" if place <= MITTEL or tiles <= 1 + MITTEL else " soz-kachel-klein"


def _tile(kachel: Fertig, size: str, signals: Mapping[str, str]) -> str:
    value = _small_unit(figure_of(kachel.zahl, kachel.format))
    said = versus(kachel)
    compare = f'<p class="soz-kachel-vergleich">{said}</p>' if said else ""
    item = kachel.zahl.kennzahl
    if signal := signals.get(item.id, "") if item is not None else "":
        compare += f'<p class="soz-kachel-signal">{esc(signal)} im letzten Quartal</p>'
    if goal := beneath(kachel.ziel, kachel.zahl.wert, kachel.am):
        compare += f'<p class="soz-kachel-ziel">{goal}</p>'
    if kachel.ziel is not None:
        current().ziele.append(Zielort.of(kachel.ziel, goal, kachel.zahl.wert, kachel.am))
    return (
        f'<li class="soz-kachel{size}"><p class="soz-kachel-titel">{esc(kachel.titel)}</p>'
        f'<p class="soz-kachel-wert">{value}</p>{compare}</li>'
    )


def in_words(kachel: Fertig) -> str:
    """Return a tile as part of a sentence: name, figure, and what it is compared with."""
    said = f"{esc(kachel.titel)} <strong>{figure_of(kachel.zahl, kachel.format)}</strong>"
    if against := versus(kachel):
        said += f" ({against})"
    goal = beneath(kachel.ziel, kachel.zahl.wert, kachel.am)
    return f"{said} – {goal}" if goal else said


_UNIT = re.compile(r"([−\d.,]+(?:\s(?:(?:Mio\.|T)?\s?€|%))?)\s((?!€|%|T€|Mio)\D.*)")


def _small_unit(text: str) -> str:
    """Set a long unit (»je 1.000 unter 21«) smaller than its figure."""
    hit = _UNIT.fullmatch(text)
    return f'{hit[1]} <span class="soz-kachel-einheit">{hit[2]}</span>' if hit else text


def _without_unit(text: str) -> str:
    """Leave out a long unit that the tile has named already."""
    hit = _UNIT.fullmatch(text)
    return hit[1] if hit and not hit[2].startswith("Prozentpunkt") else text


def figure_of(figure: Zahl, format: str | None) -> str:
    """Return a figure as HTML, with its mark where there is none to show."""
    if figure.wert is GEHEIM:
        return GEHEIM_HTML
    return NICHTS_HTML if figure.wert is None else esc(write(figure, format))


def versus(kachel: Fertig) -> str:
    """Return how a tile differs from what it is compared with, or why with nothing, as HTML."""
    if kachel.vergleich is None:
        return esc(kachel.gegen)
    now, then = kachel.zahl.wert, kachel.vergleich.wert
    then_text = _without_unit(figure_of(kachel.vergleich, kachel.format))
    before = f"{esc(kachel.gegen)}: {then_text}"
    if now is GEHEIM or then is GEHEIM or now is None or then is None:
        return before
    if same(kachel):
        return f"unverändert gegenüber {before}"
    gap = gap_of(kachel)
    text = difference(kachel, gap)
    sign = "+" if gap > 0 and not text.startswith(MINUS) and not _told(kachel.zahl) else ""
    return f"{sign}{esc(text)} gegenüber {before}"


def same(kachel: Fertig) -> bool:
    """Say whether a figure and what it is compared with are printed alike."""
    assert kachel.vergleich is not None, "it is compared"
    return figure_of(kachel.zahl, kachel.format) == figure_of(kachel.vergleich, kachel.format)


def gap_of(kachel: Fertig) -> Decimal:
    """Return the difference of what is printed: of 56.5 and 56.4, read as 57 and 56, it is 1.

    Who subtracts finds it, and nobody learns more of a figure than stands there.
    """
    assert kachel.vergleich is not None, "it is compared"
    now, then = (_read(figure, kachel.format) for figure in (kachel.zahl, kachel.vergleich))
    return now - then


def _read(figure: Zahl, format: str | None) -> Decimal:
    form = _format(figure, format)
    return gelesen(
        figure.wert, form_with_unit(figure.wert, figure.einheit, figure.rundung, form)[0]
    )


def difference(kachel: Fertig, gap: Decimal) -> str:
    """Write what a tile differs by from what it is compared with; percentages in points."""
    form = kachel.format or _form(kachel.zahl)
    text = mit_einheit(gap, kachel.zahl.einheit, kachel.zahl.rundung, _worded(kachel.zahl, form))
    if _is_pct(kachel.zahl):
        text = text.replace(f"{NBSP}%", f"{NBSP}Prozentpunkte")
    return _without_unit(text)


def _cell(figure: Zahl | None) -> Zelle:
    """Return a figure with its unit, amounts so large that cents say nothing without them."""
    if figure is None:
        return Zelle(NICHTS_HTML, None, rechts=True)
    return cell_of(figure, _whole(figure))


def cell_of(figure: Zahl, format: str | None) -> Zelle:
    """Return a figure with its unit as a cell."""
    asked = _format(figure, format)
    form, unit = form_with_unit(figure.wert, figure.einheit, figure.rundung, asked)
    return Zelle(figure_of(figure, format), figure.wert, form, rechts=True, einheit=unit)


def _whole(figure: Zahl) -> str | None:
    """Return the format without cents for an amount so large that they say nothing."""
    if figure.einheit != "€" or figure.wert is None or figure.wert is GEHEIM:
        return None
    return "eur0" if abs(as_decimal(figure.wert)) >= MILLION else None


def overview(
    zahlen: Sequence[Zahl | Released],
    titel: str,
    *,
    vergleich: Vorjahr | None = None,
    hinweis: str | None = None,
    quelle: str | None = None,
) -> Fragment:
    """Show many Kennzahlen in one table: number, name, value, and what it was a year before."""
    figures = [demand_number(z, "overview") for z in zahlen]
    others = [_before(v, "", "overview") for v in _years_ago(vergleich, "overview")]
    names = [(_number(f, place), called) for place, (f, (_, called)) in
             enumerate(zip(figures, others, strict=False))]  # fmt: skip
    heading, remark = _called(names, vergleich.gegen if vergleich is not None else "")
    head = [
        word("Nr.", kopf=True),
        word("Kennzahl", kopf=True),
        word("Wert", kopf=True, rechts=True),
    ]
    head += [word(heading, kopf=True, rechts=True)] if others else []
    rows = []
    for place, figure in enumerate(figures):
        cells = [word(_number(figure, place)), word(figure.name or "Anzahl", kopf=True),
                 _cell(figure)]  # fmt: skip
        cells += [_cell(others[place][0])] if others else []
        rows.append(("", cells))
    weak = any(z.auch_null for z in (*figures, *(t for t, _ in others)) if z is not None)
    below = remarks(" ".join(filter(None, (hinweis, remark))) or None, figures)
    return table_figure(head, rows, titel, hinweis=below, quelle=quelle, auch_null=weak)


def _number(figure: Zahl, place: int) -> str:
    return figure.kennzahl.id if figure.kennzahl else str(place + 1)


def _called(names: Sequence[tuple[str, str]], gegen: str) -> tuple[str, str | None]:
    """Return the heading of last year's column, and which rows it does not hold for."""
    rows: dict[str, list[str]] = {}
    for number, called in names:
        rows.setdefault(called, []).append(number)
    early = f"{gegen}{VORLAEUFIG}"
    heading = early if len(rows.get(early, ())) > len(rows.get(gegen, ())) else gegen
    words = {gegen: "Nicht vorläufig"}
    remarks = [f"{words.get(c, c)}: {', '.join(n)}." for c, n in rows.items() if c != heading]
    return heading, " ".join(remarks) or None
