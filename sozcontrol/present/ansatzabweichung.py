"""Why the Hochrechnung deviates from the Ansatz, or cost from last year: sentence and waterfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from sozcontrol import catalogue
from sozcontrol.catalogue import Gliederungstexte, Wortpaar
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.disclosure.geheim import Geheim, Gezeigt
from sozcontrol.hochrechnung.tafeln.bau import BESSER, SCHLECHTER
from sozcontrol.measures import INSGESAMT
from sozcontrol.present.beschriftung import columns, label
from sozcontrol.present.format import NBSP, as_decimal, schreiben, zahl
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.table import table
from sozcontrol.present.wasserfall import waterfall_of_row

Zeile = Mapping[str, Gezeigt]
"""A released row: column → what a reader gets of it."""

STUFEN = (
    "ansatz_eur", "ausgangslage_eur", "mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur",
    "hochrechnung_eur",
)  # fmt: skip
"""The columns from the Ansatz to the Hochrechnung: with a gap nothing is decomposed."""

KLEIN = Decimal(500)
"""Below half a thousand euro an amount is not told: it would read as 0 T€."""
HOECHSTENS = 3
"""Parts with a picture of their own: those that deviate most."""
ANTEIL_BIS = 3
"""Shares are told up to 300 %: where the parts all but cancel out they would mislead."""

AUSGANG = Wortpaar(
    mehr="der Ansatz lag unter dem Vorjahr", weniger="der Ansatz lag über dem Vorjahr"
)


def deviation(released: Released, titel: str, *, edition: str) -> Fragment:
    """Tell why the Hochrechnung deviates from the Ansatz, in total and per part.

    *released* is a decomposition by one dimension (``hochrechnung.abweichung``), whose words the
    catalogue keeps in ``texte/``. A sentence and a waterfall of the total, the same for the parts
    that deviate most, a sentence for each of the others, and the table. A single part is the
    total, and told once. An *edition* without methods gets the total and those that deviate most.
    """
    full = catalogue.edition(edition).verfahren
    (dimension,) = demand_table(released, "deviation").je
    texte, rows = catalogue.texte(dimension), _rows(released, dimension)
    names = [n for n in rows if n != INSGESAMT]
    first = INSGESAMT if len(names) > 1 else names.pop()
    gaps = {n: v for n in names if (v := _figure(rows[n], "abweichung_eur")) is not None}
    seen = sorted(gaps, key=lambda n: (-abs(gaps[n]), names.index(n)))
    shown = [n for n in seen if _zerlegt(rows[n])][:HOECHSTENS]
    planned = rows[first]["ansatz_eur"] is not None
    heading = titel if planned else f"{_who(texte, first)}: vom Vorjahr zur Hochrechnung"
    html = paragraph(story(texte, rows[first], rows if first == INSGESAMT else None))
    html += _picture(released, heading, rows, first)
    if not full:
        return Fragment(html + _largest(released, titel, [*shown, INSGESAMT]).html, titel)
    for name in shown:
        heading = f"{_who(texte, name)}: vom Ansatz zur Hochrechnung"
        html += paragraph(story(texte, rows[name])) + _picture(released, heading, rows, name)
    rest = "".join(f"<li>{esc(story(texte, rows[n]))}</li>" for n in names if n not in shown)
    html += f'<ul class="soz-saetze">{rest}</ul>' if rest else ""
    html += table(released, f"{titel}, {texte.je}", spalten="abweichung").html
    return Fragment(html, titel)


def _largest(released: Released, titel: str, names: Sequence[Gezeigt]) -> Fragment:
    """Show the parts that deviate most, and the total, without their causes."""
    keys = released.spalte(released.je[0])
    kept = released.auswahl([keys.index(n) for n in dict.fromkeys(names) if n in keys])
    return table(kept, f"{titel}: die größten Abweichungen", spalten="abweichung_kurz")


def _rows(released: Released, dimension: str) -> dict[Gezeigt, Zeile]:
    rows = [dict(zip(released.spalten, z, strict=True)) for z in released.zeilen]
    return {row[dimension]: row for row in rows}


def _figure(row: Zeile, spalte: str) -> Decimal | None:
    value = row[spalte]
    return None if isinstance(value, Geheim | None) else as_decimal(value)


def _zerlegt(row: Zeile) -> bool:
    return all(_figure(row, c) is not None for c in STUFEN)


def _picture(released: Released, titel: str, rows: Mapping[Gezeigt, Zeile], name: Gezeigt) -> str:
    planned = rows[name]["ansatz_eur"] is not None
    known = columns("abweichungsstufen" if planned else "abweichungsstufen_ab_vorjahr")
    if any(rows[name][c] is None for c in known):
        return ""  # the sentence has said what is missing
    stufen = {column: text for column, (text, _) in known.items()}
    row = {released.je[0]: name}
    return waterfall_of_row(released, titel, stufen, format="wirkung_teur", **row).html


def _who(texte: Gliederungstexte, name: Gezeigt) -> str:
    return texte.insgesamt if name == INSGESAMT else label(texte.dimension, name)


def paragraph(text: str) -> str:
    """Return a sentence made of released figures as HTML."""
    return f'<p class="soz-satz">{esc(text)}</p>'


def story(
    texte: Gliederungstexte,
    row: Zeile,
    rows: Mapping[Gezeigt, Zeile] | None = None,
) -> str:
    """Return the sentence of one row; with all *rows* it is the total, and names who adds most."""
    who = _who(texte, row[texte.dimension])
    if GEHEIM in [row[c] for c in (*STUFEN, "abweichung_eur", "vorjahr_eur")]:
        return f"{who}: geheim gehalten, weil sich sonst Zahlen {texte.weniger} ausrechnen ließen."
    ansatz, wert = _figure(row, "ansatz_eur"), _figure(row, "hochrechnung_eur")
    if wert is None:
        return f"{who}: Eine Hochrechnung gibt es nicht, also auch keine Abweichung."
    if ansatz is None:
        head, gap = f"{who}: {_unplanned(texte, rows or {})}", None
        if (before := _figure(row, "vorjahr_eur")) is not None:
            gap = wert - before
            head += f" {_lage(gap, before, 'dem Vorjahr', 'das Vorjahr')}"
    else:
        gap = as_decimal(row["abweichung_eur"])
        head = f"{who}: {_lage(gap, ansatz, 'dem Ansatz', 'den Ansatz')}"
    parts = [head, *_causes(texte, row, gap, rows is not None)]
    return " ".join([*parts, *_most(texte, row, rows or {})])


def _unplanned(texte: Gliederungstexte, rows: Mapping[Gezeigt, Zeile]) -> str:
    """Say that there is no Ansatz; of a total that has some, which parts are without.

    A budget has nobody behind it, and none is no secret.
    """
    parts = [n for n in rows if n != INSGESAMT]
    without = [n for n in parts if rows[n]["ansatz_eur"] is None]
    if len(without) == len(parts):
        return "Einen Ansatz gibt es nicht."
    names = ", ".join(label(texte.dimension, n) for n in without)
    return f"{texte.nicht_jede} hat einen Ansatz (ohne: {names})."


def _lage(gap: Decimal, base: Decimal, wem: str, wen: str) -> str:
    if abs(gap) < KLEIN:
        return f"Die Hochrechnung trifft {wen} auf tausend Euro genau."
    share = f" ({zahl(abs(gap) / base * 100, 1)}{NBSP}%)" if base else ""
    off = f"{schreiben(abs(gap), 'teur')}{share}"
    if wem == "dem Ansatz":
        word = SCHLECHTER if gap > 0 else BESSER
        return f"Gegenüber dem Ansatz wird der Haushalt {word} um {off}."
    return f"Die Hochrechnung liegt {off} {'über' if gap > 0 else 'unter'} {wem}."


def _causes(texte: Gliederungstexte, row: Zeile, gap: Decimal | None, total: bool) -> list[str]:
    """Return what makes it worse and what better, with shares of what goes the gap's way."""
    if row["mengeneffekt_eur"] is None:
        missing = "Ein vollständiges Vorjahr zum Vergleich fehlt; in Menge, Struktur und Preis "
        return [missing + "lässt sich die Hochrechnung nicht zerlegen."]
    effects = _effekte(texte, row, total)
    if (start := _figure(row, "ausgangslage_eur")) is not None:
        effects.insert(0, (AUSGANG, start))
    told = driving([(w.von(v), v) for w, v in effects], gap)
    return [*told, *_remarks(texte, row)]


def _effekte(texte: Gliederungstexte, row: Zeile, total: bool) -> list[tuple[Wortpaar, Decimal]]:
    """Return Menge, Struktur and Preis of a row, each with its words for more and for less."""
    more, fewer = texte.menge.mehr, texte.menge.weniger
    words = (texte.menge, texte.struktur, texte.preis)
    if not total:
        menge = Wortpaar(mehr=f"insgesamt {more}", weniger=f"insgesamt {fewer}")
        words = (menge, texte.struktur_eines, texte.preis)
    columns = ("mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur")
    return [(w, as_decimal(row[c])) for w, c in zip(words, columns, strict=True)]


def driving(causes: Sequence[tuple[str, Decimal]], gap: Decimal | None) -> list[str]:
    """Return the sentences of what makes the budget worse and what better, largest first."""
    shares = anteile([v for _, v in causes], gap)
    told = []
    for where, up in ((SCHLECHTER, True), (BESSER, False)):
        found = [
            (abs(v), f"{word} ({_size(v)}{share})")
            for (word, v), share in zip(causes, shares, strict=True)
            if abs(v) >= KLEIN and (v > 0) == up
        ]
        found.sort(key=lambda f: -f[0])
        listed = ", ".join(text for _, text in found)
        told += [f"{where.capitalize()} für den Haushalt: {listed}."] if found else []
    return told


def _size(value: Decimal) -> str:
    return schreiben(abs(value), "teur")


def anteile(werte: Sequence[Decimal], gap: Decimal | None) -> list[str]:
    """Return the shares of the gap of what goes its way, in whole percent; the rest has none.

    They make up 100 where nothing goes the other way. Where they would mislead, there are none.
    """
    if not gap or abs(gap) < KLEIN or any(abs(v) > ANTEIL_BIS * abs(gap) for v in werte):
        return [""] * len(werte)
    genau = [v / gap * 100 for v in werte]
    ganz = [x.to_integral_value(ROUND_HALF_UP) for x in genau]
    if min(genau) >= 0:
        ganz = [x.to_integral_value(ROUND_FLOOR) for x in genau]
        order = sorted(range(len(werte)), key=lambda i: (ganz[i] - genau[i], i))
        for i in order[: int(sum(genau) - sum(ganz) + Decimal("0.5"))]:
            ganz[i] += 1
    return [f", {zahl(x)}{NBSP}%" if v / gap > 0 else "" for x, v in zip(ganz, werte, strict=True)]


def _remarks(texte: Gliederungstexte, row: Zeile) -> list[str]:
    before, now = row["monate0"], row["monate1"]
    if before is GEHEIM or now is GEHEIM:
        return []
    if before is None or now is None or not (before or now):
        return [texte.ohne_menge]
    if not before and row[texte.dimension] != INSGESAMT:
        return [texte.neu]
    return []


def _most(texte: Gliederungstexte, row: Zeile, rows: Mapping[Gezeigt, Zeile]) -> list[str]:
    """Name the part that contributes most to the total's deviation, among those shown."""
    gap = _figure(row, "abweichung_eur")
    parts = {n: v for n, r in rows.items()
             if n != INSGESAMT and (v := _figure(r, "abweichung_eur")) is not None}  # fmt: skip
    if not gap or abs(gap) < KLEIN or not parts:
        return []
    name = max(parts, key=lambda n: parts[n] if gap > 0 else -parts[n])
    if (parts[name] > 0) != (gap > 0):
        return []
    hidden = any(r["abweichung_eur"] is GEHEIM for r in rows.values())
    among = f"{texte.von_gezeigten} trägt" if hidden else "Am meisten trägt"
    most = " am meisten" if hidden else ""
    return [f"{among} {label(texte.dimension, name)}{most} bei ({_size(parts[name])})."]
