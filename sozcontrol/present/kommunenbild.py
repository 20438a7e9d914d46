"""Where we stand among others: one table of all comparisons, and the points themselves.

Each row has a unit of its own, so figures are written by what the row says of them. With six
municipalities there are no quartiles: every one of them is a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Geheim, Gezeigt
from sozcontrol.present import alt, zeichnen
from sozcontrol.present.alt import Reihe
from sozcontrol.present.ansatzabweichung import paragraph
from sozcontrol.present.beschriftung import label
from sozcontrol.present.charts import picture
from sozcontrol.present.format import NBSP, as_decimal, format_of, schreiben, zahl
from sozcontrol.present.fragment import Fragment, anchor, current, demand_table, esc, note
from sozcontrol.present.table import (
    Zelle,
    figure,
    legend,
    markup,
    region,
    table_figure,
    value_html,
    word,
)

Zeile = Mapping[str, Gezeigt]
_KOPF = ("Vergleich", "wir", "Median", "Bestwert", "Platz", "zum Median", "zum Bestwert",
         "beim Median", "Lage")  # fmt: skip
HOECHSTENS = 3
"""So many comparisons a sentence names."""
TAUSEND = 10_000
"""From so many euro on they are told in thousands."""


def _rows(released: Released) -> list[Zeile]:
    return [dict(zip(released.spalten, z, strict=True)) for z in released.zeilen]


def standing(released: Released, titel: str) -> Fragment:
    """Show every comparison: own value, median, best value, and what the distance amounts to.

    *released* is ``measures.kommunen.uebersicht``. A sentence before it names where we are worse
    and better; each row says its year, its source and how many could be compared.
    """
    rows = _rows(demand_table(released, "standing"))
    if not rows:
        return Fragment(paragraph("Es gibt keinen Vergleich mit einem eigenen Wert."), titel)
    head = [word(text, kopf=True, rechts=0 < n < 7) for n, text in enumerate(_KOPF)]
    hints = (*_without(rows), *_HINWEIS)
    drawn = table_figure(head, [("", _cells(row)) for row in rows], titel, hinweis=hints)
    return Fragment(paragraph(_story(rows)) + drawn.html, drawn.text)


def _without(rows: list[Zeile]) -> list[str]:
    """Name the fields no comparison has an own value in: the page promises all of them."""
    seen = {row["leistungsfeld"] for row in rows}
    gone = [
        c.name for k, c in catalogue.codeliste("leistungsfeld").gueltig.items() if k not in seen
    ]
    return [f"Ohne Vergleich, weil kein eigener Wert vorliegt: {', '.join(gone)}."] if gone else []


_HINWEIS = (
    "Verglichen wird nur nach derselben Definition, aus derselben Quelle und demselben Jahr. Ohne "
    "Wertung: weder mehr noch weniger ist besser; Platz 1 hat dann den größten Wert.",
    "Der Unterschied ist gerechnet: (eigener Wert − Median) × eigene Menge. Er ist kein Ziel.",
)


def _cells(row: Zeile) -> list[Zelle]:
    best = "" if row["beste"] is None else f" ({row['beste']})"
    place = row["platz"]
    who = Zelle(f"{_html(row, 'bestwert')}{esc(best)}", f"{_text(row, 'bestwert')}{best}",
                rechts=True)  # fmt: skip
    figures = [
        _value(row, "eigen"), _value(row, "median"), who,
        figure(None if place is None else f"{place} von {row['vergleichbare']}", "text",
               rechts=True),
        figure(row["abstand_median_pct"], "pct"), figure(row["abstand_bestwert_pct"], "pct"),
    ]  # fmt: skip
    more = amount(row)
    shape = {"günstiger": "○", "ungünstiger": "▲", "gleich": "○"}.get(str(row["lage"]), "")
    return [
        _with_small(row["vergleich"], _below(row)),
        *figures,
        figure(more, "text"),
        word(f"{shape}{NBSP}{row['lage']}" if shape else row["lage"]),
    ]


def _below(row: Zeile) -> str:
    """Return what a reader must know of a comparison: year, unit, source, definition, how many.

    A definition exchanged with its own figures is named by its checksum, which tells no reader
    anything: the source says that it is the same.
    """
    named = [] if ":" in str(row["definition"]) else [f"Definition {row['definition']}"]
    parts = (
        label("leistungsfeld", row["leistungsfeld"]), row["jahr"], row["einheit"], row["quelle"],
        *named,
        f"{row['vergleichbare']} von {row['verglichene']} vergleichbar",
    )  # fmt: skip
    return " · ".join(map(str, parts))


def _form(row: Zeile) -> str:
    places = row["rundung"]
    return format_of(str(row["einheit"]), places if isinstance(places, int) else None)


def _value(row: Zeile, column: str) -> Zelle:
    return figure(row[column], _form(row), rechts=True)


def _html(row: Zeile, column: str) -> str:
    return value_html(row[column], _form(row))


def _text(row: Zeile, column: str) -> str:
    return schreiben(row[column], _form(row))


def _with_small(name: Gezeigt, below: str) -> Zelle:
    """Return the head of a row with a smaller line below it."""
    html = f"{esc(name)}<br><small>{esc(below)}</small>"
    return Zelle(html, f"{name} · {below}", kopf=True)


def amount(row: Zeile) -> str | None:
    """Return how many more or fewer it would be at the median, in words; None where unknown."""
    value = row["unterschied"]
    if isinstance(value, Geheim | None):
        return None
    number, unit = as_decimal(value), str(row["zaehlt"])
    size = abs(number)
    if round(size) == 0:
        return "gleich viel"
    word = "weniger" if number > 0 else "mehr"
    if unit == "€":
        told = schreiben(size, "teur" if size >= TAUSEND else "eur0")
        return f"{told} {word}"
    return f"{zahl(size)}{NBSP}{unit} {word}"


def _story(rows: Iterable[Zeile]) -> str:
    found: dict[Gezeigt, list[Zeile]] = {}
    for row in rows:
        found.setdefault(row["lage"], []).append(row)
    told = [
        f"{word} als der Median liegen wir bei: {_named(found[lage])}."
        for lage, word in (("ungünstiger", "Ungünstiger"), ("günstiger", "Günstiger"))
        if lage in found
    ]
    return " ".join(told) or "Kein Vergleich mit einer besseren Richtung liegt neben dem Median."


def _named(rows: list[Zeile]) -> str:
    texts = []
    for row in rows[:HOECHSTENS]:
        more = amount(row)
        texts.append(f"{row['vergleich']} (am Median {more})" if more else str(row["vergleich"]))
    rest = len(rows) - HOECHSTENS
    return ", ".join(texts) + (f" und {rest} weiteren" if rest > 0 else "")


def points(released: Released, titel: str) -> Fragment:
    """Draw every municipality of every comparison as a point, by its distance to the median.

    *released* is ``measures.kommunen.punkte``. The table behind the picture holds the values, and
    of those that are missing the reason.
    """
    rows = _rows(demand_table(released, "points"))
    by_name = _named_parts(rows)
    seen = {n: part for n, part in by_name.items() if _distance(_own(part)) is not None}
    if not seen:
        text = f"{titel}: kein Bild, denn zu wenige Werte lassen sich vergleichen."
        return Fragment(paragraph(text) + table_figure(*_values(by_name), titel).html, text)
    labels = [f"{name} ({part[0]['jahr']})" for name, part in seen.items()]
    own = [_distance(_own(part)) for part in seen.values()]
    others = [[v for r in part if not r["eigene"] and (v := _distance(r)) is not None]
              for part in seen.values()]  # fmt: skip
    names, unit = ("wir", "die anderen"), "Abstand zum Median in %"
    svg = zeichnen.punkte(labels, own, others, unit, names, RAND)
    far = any(v is not None and abs(v) > RAND for row in ([own], others) for p in row for v in p)
    hint = _LESEN + (_PFEILE if far else "")
    return _picture(svg, _alt(titel, labels, own, others), titel, _values(by_name), hint)


RAND = 100.0
"""Percent; what lies further is drawn as an arrow at the edge."""
_LESEN = "Links von null: kleiner als der Median, rechts: größer. Was besser ist, sagt die Tabelle."
_PFEILE = " Ein Pfeil am Rand liegt weiter als 100 % entfernt; den Wert nennt die Tabelle."


def courses(released: Released, titel: str) -> Fragment:
    """Draw comparisons over the years, a picture each, a line a municipality; gaps stay gaps.

    *released* is ``measures.kommunen.verlauf``.
    """
    by_name = _named_parts(_rows(demand_table(released, "courses")))
    drawn = [_course(str(name), part) for name, part in by_name.items()]
    if not drawn:
        return Fragment(paragraph(f"{titel}: Es gibt keinen Vergleich über mehrere Jahre."), titel)
    return Fragment("".join(f.html for f in drawn), " ".join(f.text for f in drawn))


def _course(name: str, part: list[Zeile]) -> Fragment:
    years = list(dict.fromkeys(str(row["berichtsjahr"]) for row in part))
    towns = list(dict.fromkeys(row["vergleichskommune"] for row in part))
    found = {(row["vergleichskommune"], str(row["berichtsjahr"])): row for row in part}
    reihen = [
        Reihe(label("vergleichskommune", t), tuple((y, found[t, y]["wert"]) for y in years))
        for t in towns
    ]
    first, form = part[0], _form(part[0])
    lines = [
        zeichnen.Linie(r.name, tuple(None if isinstance(v, Geheim | None) else float(as_decimal(v))
                                     for _, v in r.punkte))
        for r in reihen[: len(zeichnen.FARBEN)]
    ]  # fmt: skip
    svg = zeichnen.linien(years, lines, str(first["einheit"]), ())
    text = alt.of_series(name, reihen, lambda value: schreiben(value, form))
    head = [word("Kommune", kopf=True), *(word(y, kopf=True, rechts=True) for y in years)]
    rows = [
        ("", [word(r.name, kopf=True), *(figure(v, form, rechts=True) for _, v in r.punkte)])
        for r in reihen
    ]  # fmt: skip
    source = f"Quelle: {first['quelle']}, Definition {first['definition']}."
    if len(reihen) > len(lines):
        source += f" Gezeichnet sind {len(lines)} von {len(reihen)}; alle stehen in der Tabelle."
    return _picture(svg, text, f"{name} ({first['einheit']})", (head, rows), source)


def _named_parts(rows: list[Zeile]) -> dict[Gezeigt, list[Zeile]]:
    by_name: dict[Gezeigt, list[Zeile]] = {}
    for row in rows:
        by_name.setdefault(row["vergleich"], []).append(row)
    return by_name


def _picture(
    svg: bytes, text: str, titel: str, tafel: tuple[list[Zelle], list[tuple[str, list[Zelle]]]],
    hinweis: str,
) -> Fragment:  # fmt: skip
    marker = anchor(titel)
    body = markup(*tafel, titel)
    current().beneath(tafel[1], [hinweis])
    html = (
        f'<figure class="soz-abbildung" id="{marker}"><figcaption>{esc(titel)}</figcaption>'
        f"{picture(svg, titel, marker, text)}"
        f"{note(hinweis, 'anmerkung')}"
        f'<details class="soz-daten"><summary>Daten als Tabelle: {esc(titel)}</summary>'
        f"{region(body, 'Daten: ' + titel, marker)}{legend(body, tafel[1])}</details></figure>"
    )
    return Fragment(html, text)


def _own(part: list[Zeile]) -> Zeile:
    return next(row for row in part if row["eigene"])


def _distance(row: Zeile) -> float | None:
    value = row["abstand_median_pct"]
    return None if isinstance(value, Geheim | None) else float(as_decimal(value))


def _alt(titel: str, labels: list[str], own: list[float | None], others: list[list[float]]) -> str:
    told = [
        f"{name}: wir {_pct(mine)}, die anderen {_pct(min(rest))} bis {_pct(max(rest))}."
        for name, mine, rest in zip(labels, own, others, strict=True)
        if rest
    ]
    return f"Punktdiagramm: {titel}, Abstand zum Median in Prozent. {' '.join(told)}"


def _pct(value: float | None) -> str:
    return "ohne Wert" if value is None else schreiben(Decimal(str(round(value, 1))), "pct")


def _values(
    by_name: Mapping[Gezeigt, list[Zeile]],
) -> tuple[list[Zelle], list[tuple[str, list[Zelle]]]]:
    """Return the values as a table: comparisons down, municipalities across."""
    towns = list(dict.fromkeys(r["vergleichskommune"] for part in by_name.values() for r in part))
    head = [word("Vergleich", kopf=True)]
    head += [word(label("vergleichskommune", t), kopf=True, rechts=True) for t in towns]
    rows = []
    for name, part in by_name.items():
        cells = {row["vergleichskommune"]: row for row in part}
        sub = f"{part[0]['jahr']}, {part[0]['einheit']}"
        rows.append(("", [_with_small(name, sub), *(_point(cells[t]) for t in towns)]))
    return head, rows


def _point(row: Zeile) -> Zelle:
    if row["wert"] is None:
        return Zelle(f"<small>{esc(row['grund'])}</small>", row["grund"], rechts=True)
    return _value(row, "wert")
