"""The net of the Teilhaushalte in words and a table: where the year ends, and who must be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sozcontrol.catalogue import Kommune
from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.hochrechnung.prognosearchiv import UNVERAENDERT
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.hochrechnung.tafeln.bau import IM_ANSATZ
from sozcontrol.measures import INSGESAMT
from sozcontrol.present.format import NBSP, as_decimal, schreiben, zahl
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.prognose import VERSUCH, unshown
from sozcontrol.present.table import Zelle, figure, table, table_figure, word

Zeile = Mapping[str, Gezeigt]
"""One row of a released table: column → what is shown."""
MERKLICH = 1_000_000
"""From this amount on sentences speak of millions."""
ZEICHEN = {"im Plan": "○", "beobachten": "●", "wesentlich": "▲"}
KOPF = ("Teilhaushalt", "Ansatz (T€)", "voraussichtlich (T€)", "Haushalt wird", "möglich (T€)",
        "Stufe", "auffällig")  # fmt: skip
SPANNE = (
    "Möglich: So weit reichten die Fehler derselben Hochrechnung am selben Tag früherer Jahre, auf "
    "den heutigen Umfang übertragen; für eine Trefferquote sind es zu wenige."
)
WEITER = (
    "Die Spanne reicht so weit wie die Fehler am selben Tag früherer Jahre, auf den heutigen "
    "Umfang übertragen. So weit wie im genannten Jahr reichte nach dieser Seite kein Fehler zum "
    "vorigen Stichtag: Mehr gebuchte Monate machten die Hochrechnung dort nicht genauer."
)
JAHRE = (
    "Nachgerechnet mit den Buchungen, die am selben Tag jenes Jahres vorlagen. Schlechter oder "
    "besser ist das Ergebnis als die Hochrechnung."
)
ANGENOMMEN = "Für {betrag} gibt es keine Hochrechnung; dort gilt der Ansatz."


def subsidy(
    teilhaushalte: Released | None, gruppen: Released | None, titel: str, *, kommune: Kommune,
    aussage: Aussage, seither: Released | None = None, weiter: Released | None = None,
    jahre: Released | None = None,
) -> Fragment:  # fmt: skip
    """Say where the net of the Teilhaushalte will end, with its record, and who has to be told.

    Args:
        teilhaushalte: ``hochrechnung.tafeln.teilhaushalte``, released; None: there is none.
        gruppen: ``hochrechnung.tafeln.auffaellige``, released: named beside their Teilhaushalt.
        titel: The caption of the table.
        kommune: Whose thresholds hold, and who is told.
        aussage: What ``hochrechnung.aussage`` says of this delivery.
        seither: ``hochrechnung.prognosearchiv.seit_der_letzten``, released: told and shown.
        weiter: ``hochrechnung.prognosearchiv.weitere_spannen``, released: where spans widened.
        jahre: ``hochrechnung.tafeln.zuschussjahre``, released: the record year by year.
    """
    if teilhaushalte is None or gruppen is None:
        return unshown(titel, aussage)
    remarks: list[str] = []
    if aussage.reife == "experimentell":
        remarks, titel = [VERSUCH], f"{titel} (Versuch)"
    rows, named = rows_of(teilhaushalte), by_part(rows_of(gruppen))
    (total,) = (r for r in rows if r["teilhaushalt"] == INSGESAMT)
    head = stated(total) if aussage.reife == "gueltig" else ""
    told = f'<p class="soz-satz"><strong>{esc(_lead(total, headed=bool(head)))}</strong></p>'
    changed = [] if seither is None else rows_of(seither)
    duty = _duty([r for r in rows if r["unterrichten"] == "ja"], kommune)
    for satz in ("" if seither is None else _since(changed), duty):
        told += f'<p class="soz-satz">{esc(satz)}</p>' if satz else ""
    heads = [word(text, kopf=True, rechts=text.endswith("(T€)")) for text in KOPF]
    parts = sorted(
        (r for r in rows if r is not total), key=lambda r: -as_decimal(r["abweichung_eur"])
    )
    cells = [(_class(r), _cells(r, named.get(str(r["teilhaushalt"]), ()))) for r in (*parts, total)]
    made = table_figure(heads, cells, titel, hinweis=[SPANNE, *_remarks(total, kommune), *remarks])
    html = told + made.html
    if seither is not None and changed:
        html += table(seither, "Was sich seit der letzten Hochrechnung geändert hat",
                      spalten="seither").html  # fmt: skip
    if weiter is not None and len(weiter):
        html += table(weiter, "Wo die Spanne weiter ist als zuletzt", spalten="weiter",
                      hinweis=WEITER).html  # fmt: skip
    if jahre is not None and len(jahre):
        html += table(jahre, "Dieselbe Hochrechnung in früheren Jahren",
                      spalten="zuschussjahre", hinweis=JAHRE).html  # fmt: skip
    return Fragment(html, titel, schlagzeile=esc(head))


def rows_of(released: Released) -> list[Zeile]:
    """Return the rows of a released table, each by column."""
    demand_table(released, "subsidy")
    return [dict(zip(released.spalten, row, strict=True)) for row in released.zeilen]


def by_part(groups: Sequence[Zeile]) -> dict[str, list[Zeile]]:
    """Return conspicuous product groups by the number of their Teilhaushalt."""
    found: dict[str, list[Zeile]] = {}
    for group in groups:
        found.setdefault(str(group["teilhaushalt"]), []).append(group)
    return found


def stated(total: Zeile) -> str:
    """State where the net of all Teilhaushalte ends, beside its Ansatz."""
    wert, plan = total["hochrechnung_eur"], total["ansatz_eur"]
    amounts = f"{both(wert, plan)} Zuschussbedarf"
    if total["wort"] == "im Ansatz":
        return f"Der Haushalt bleibt voraussichtlich im Ansatz: {amounts}."
    gap = gap_in_words(total["wort"], total["abweichung_eur"])
    return f"Der Haushalt wird voraussichtlich {gap}: {amounts}."


def both(wert: Gezeigt, plan: Gezeigt) -> str:
    """Write two amounts, the unit of millions once: »99,1 statt 98,8 Mio. €«."""
    first, second = spoken(wert), spoken(plan)
    unit = f"{NBSP}Mio.{NBSP}€"
    if first.endswith(unit) and second.endswith(unit):
        first = first.removesuffix(unit)
    return f"{first} statt {second}".replace(" ", NBSP)


def _lead(total: Zeile, *, headed: bool) -> str:
    """Say how it was off in the past; what a heading states already (*headed*) is not repeated."""
    text = f"{_off(total)}."
    if not headed:
        text = (
            f"Der Zuschussbedarf aller Teilhaushalte beträgt voraussichtlich "
            f"{spoken(total['hochrechnung_eur'])} statt {spoken(total['ansatz_eur'])} im Ansatz, "
            f"der Haushalt {becomes(total)}; {text}"
        )
    text = f"{text[0].upper()}{text[1:]}"
    if total["unten_eur"] is not None and total["oben_eur"] is not None:
        text += f" Möglich sind {spoken(total['unten_eur'])} bis {spoken(total['oben_eur'])}."
    nearer, years = total["ansatz_naeher"], total["jahre"]
    if isinstance(nearer, int) and isinstance(years, int) and 2 * nearer > years:
        text += f" In {nearer} von {years} früheren Jahren war der Ansatz die bessere Prognose."
    return text


def _off(total: Zeile) -> str:
    """Say how far the same forecast was off in earlier years."""
    if not total["jahre"] or total["fehler_eur"] is None:
        return "wie genau das ist, hat sich noch in keinem Jahr gezeigt"
    share = f" ({schreiben(total['fehler_pct'], 'pct1')})" if total["fehler_pct"] else ""
    years = "im Vorjahr" if total["jahre"] == 1 else f"im Mittel von {total['jahre']} Vorjahren"
    return (
        f"am selben Tag lag dieselbe Hochrechnung {years} {spoken(total['fehler_eur'])}{share} "
        "daneben"
    )


def _since(rows: Sequence[Zeile]) -> str:
    """Say what changed since the last forecast, and where most of it did."""
    if not rows:
        return "Es ist die erste veröffentlichte Hochrechnung des Haushaltsjahres."
    *parts, total = rows
    told = (
        f"Gegenüber der Hochrechnung zum {schreiben(total['stichtag'], 'datum')} "
        f"({spoken(total['damals_eur'])}) {_changed(total)}"
    )
    moved = [r for r in parts if r["wort"] != UNVERAENDERT]
    most = f"; am meisten bewegt sich {name_of(moved[0])} ({_by(moved[0])})" if moved else ""
    return f"{told}{most}."


def _changed(row: Zeile) -> str:
    if row["wort"] == UNVERAENDERT:
        return "ist das Ergebnis unverändert"
    return f"wird der Haushalt {_by(row)}"


def _by(row: Zeile) -> str:
    return gap_in_words(row["wort"], row["abweichung_eur"], None)


def becomes(row: Zeile) -> str:
    """Say what becomes of the budget: »wird schlechter um 1,3 Mio. € (5,8 %)«."""
    if row["wort"] == IM_ANSATZ:
        return f"bleibt {IM_ANSATZ}"
    return f"wird {gap_in_words(row['wort'], row['abweichung_eur'], row['abweichung_pct'])}"


def gap_in_words(wort: Gezeigt, eur: Gezeigt, pct: Gezeigt = None) -> str:
    """Write a deviation: its word, its amount, its share where there is one."""
    share = f" ({schreiben(pct, 'pct1')})" if pct is not None else ""
    return f"{wort} um {spoken(eur)}{share}"


def _duty(rows: Sequence[Zeile], kommune: Kommune) -> str:
    """Name the Teilhaushalte of which the council has to hear without delay, each with why."""
    if not rows:
        return ""
    parts = [f"{name_of(r)} – {' und '.join(reasons(r))}" for r in rows]
    told = kommune.unterrichtung
    return (
        f"Unverzüglich zu unterrichten ({told.grundlage}): {told.adressat}. Anlass: "
        f"{'; '.join(parts)}."
    )


def binding(rows: Sequence[Zeile], aussage: Aussage) -> list[Zeile]:
    """Return rows that name a duty only where one follows: from an experiment none does.

    A Sperre is one on every day.
    """
    if aussage.reife == "gueltig":
        return [*rows]
    return [{**r, "unterrichten": "ja" if _blocked(r) else "nein"} for r in rows]


def _blocked(row: Zeile) -> bool:
    return isinstance(row["gesperrt_eur"], Decimal) and row["gesperrt_eur"] > 0


def reasons(row: Zeile) -> list[str]:
    """Say why a Teilhaushalt has to be told of."""
    """Say why a Teilhaushalt has to be told of."""
    found = []
    if row["stufe"] == "wesentlich":
        found.append(gap_in_words(row["wort"], row["abweichung_eur"], row["abweichung_pct"]))
    if _blocked(row):
        found.append(f"Haushaltssperre über {spoken(row['gesperrt_eur'])}")
    return found


def part_name(row: Zeile) -> str:
    """Return a part of a bridge as it is read: »Aufwand Beispielgruppe«."""
    return " ".join(str(part) for part in (row["seite"], row["was"]) if part is not None)


def name_of(row: Zeile) -> str:
    """Return number and name of a Teilhaushalt."""
    """Return number and name of a Teilhaushalt."""
    number, name = row["teilhaushalt"], row["teilhaushalt_name"]
    return str(name) if number in ("unbekannt", INSGESAMT) else f"{number} {name}"


def _class(row: Zeile) -> str:
    return "soz-summe" if row["teilhaushalt"] == INSGESAMT else ""


def _cells(row: Zeile, groups: Sequence[Zeile]) -> list[Zelle]:
    stage = row["stufe"]
    span = [schreiben(row[c], "tausend") for c in ("unten_eur", "oben_eur")]
    known = row["unten_eur"] is not None
    return [
        word(name_of(row), kopf=True),
        *(figure(row[c], "tausend") for c in ("ansatz_eur", "hochrechnung_eur")),
        word(_unbroken(becomes(row).removeprefix("wird "))),
        figure(f"{span[0]} bis {span[1]}" if known else None, "text", rechts=True),
        word(f"{ZEICHEN.get(str(stage), '')}{NBSP}{stage}" if stage else ""),
        word("; ".join(map(_group, groups))),
    ]


def _unbroken(text: str) -> str:
    """Keep a deviation on one line, its share on it or on the next."""
    gap, bracket, share = text.partition(" (")
    return gap.replace(" ", NBSP) + bracket + share


def _group(group: Zeile) -> str:
    why = gap_in_words("schlechter", group["abweichung_eur"], group["abweichung_pct"])
    return f"{group['produktgruppe']} {group['produktgruppe_name']}: {why}"


def _remarks(total: Zeile, kommune: Kommune) -> list[str]:
    part, group = kommune.unterrichtung.schwelle, kommune.wesentlich
    found = [
        f"▲ wesentlich: Der Zuschussbedarf des Teilhaushalts liegt um mehr als "
        f"{zahl(part.anteil_pct)}{NBSP}% und mehr als {schreiben(part.betrag_eur, 'eur0')} über "
        f"dem Ansatz; auffällig ist eine Produktgruppe ab {zahl(group.anteil_pct)}{NBSP}% und "
        f"{schreiben(group.betrag_eur, 'eur0')} (Schwellen der Kommune)."
    ]
    if isinstance(total["angenommen_eur"], Decimal) and total["angenommen_eur"]:
        found.append(ANGENOMMEN.format(betrag=spoken(total["angenommen_eur"])))
    return found


def spoken(value: Gezeigt) -> str:
    """Write an amount as it is said aloud: millions with one decimal, small ones in T€."""
    if not isinstance(value, (int, Decimal)):
        return schreiben(value, "eur0")
    return schreiben(value, spoken_form(value))


def spoken_form(value: Gezeigt) -> str:
    """Return the format :func:`spoken` writes an amount in."""
    return "mio1" if abs(as_decimal(value)) >= MERKLICH else "teur"
