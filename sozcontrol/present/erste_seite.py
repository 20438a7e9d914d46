"""The first sheet of a report for deciding: the statement, its measure, where, and why.

Every part takes released tables and says what they say; what is decided elsewhere (stages, words,
order of the parts of a bridge) comes with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sozcontrol.catalogue import Kommune
from sozcontrol.disclosure import Released
from sozcontrol.disclosure.geheim import Gezeigt
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.measures import INSGESAMT
from sozcontrol.present.format import NBSP, WIRKUNG, as_decimal, schreiben
from sozcontrol.present.fragment import Fragment, anchor, esc
from sozcontrol.present.prognose import VERSUCH
from sozcontrol.present.svgbild import bar, measured, mio, step
from sozcontrol.present.table import Zelle, below_table, figure, word
from sozcontrol.present.tafelblock import Spalte, blocks
from sozcontrol.present.unterrichtung import (
    ZEICHEN,
    Zeile,
    becomes,
    binding,
    both,
    by_part,
    gap_in_words,
    name_of,
    part_name,
    reasons,
    rows_of,
    spoken,
    spoken_form,
    stated,
)

UNGERUNDET = "Differenzen sind aus ungerundeten Werten gebildet."
KLASSE = {"wesentlich": "wesentlich", "beobachten": "beobachten"}


def headline(
    teilhaushalte: Released, gesamt: Released, zeugnis: Released | None, *, aussage: Aussage,
    vorjahr: Released | None = None,
) -> Fragment:  # fmt: skip
    """State where the net of all Teilhaushalte ends, and what that depends on, with its record.

    With *vorjahr* the year is over: the statement is its result, last year's beside it.

    Args:
        teilhaushalte: ``hochrechnung.tafeln.teilhaushalte``, released.
        gesamt: ``hochrechnung.tafeln.gesamt``, released.
        zeugnis: ``hochrechnung.tafeln.prognosezeugnis`` of the income, released; None: no income.
        aussage: What ``hochrechnung.aussage`` says of this delivery.
        vorjahr: ``measures.teilhaushalte.teilhaushalte`` of the year before, as known today.
    """
    total = _total(rows_of(teilhaushalte))
    told = [_record(total), *_condition(rows_of(gesamt), rows_of(zeugnis) if zeugnis else [])]
    told += [VERSUCH] if aussage.reife == "experimentell" else []
    html = "".join(f'<p class="soz-satz">{esc(text)}</p>' for text in told if text)
    before = None if vorjahr is None else result_of(_total(rows_of(vorjahr)))
    statement = stated(total) if vorjahr is None else _result(total, before)
    return Fragment(html, statement, schlagzeile=esc(statement))


def result_of(row: Zeile | None) -> Decimal | None:
    """Return what a Teilhaushalt took in a year; None where nothing of that year is booked."""
    sides = [] if row is None else [row["aufwand_eur"], row["ertrag_eur"]]
    return as_decimal(row["ist_eur"]) if row is not None and any(sides) else None


def _result(total: Zeile, before: Decimal | None) -> str:
    """State how a year ends that is over, beside its Ansatz and the year before."""
    amounts = f"{both(total['hochrechnung_eur'], total['ansatz_eur'])} Zuschussbedarf"
    then = "" if before is None else f", im Vorjahr {spoken(before)}"
    if total["wort"] == "im Ansatz":
        return f"Das Jahr schließt voraussichtlich im Ansatz ab: {amounts}{then}."
    gap = f"um {spoken(total['abweichung_eur'])} {total['wort']}"
    return f"Das Jahr schließt voraussichtlich {gap} ab als geplant: {amounts}{then}."


def _total(rows: Sequence[Zeile]) -> Zeile:
    (total,) = (r for r in rows if r["teilhaushalt"] == INSGESAMT)
    return total


def _record(total: Zeile) -> str:
    text = ""
    if total["unten_eur"] is not None and total["oben_eur"] is not None:
        text = f"Möglich sind {spoken(total['unten_eur'])} bis {spoken(total['oben_eur'])}. "
    nearer, years = total["ansatz_naeher"], total["jahre"]
    if not (isinstance(nearer, int) and isinstance(years, int)):
        return text + "Wie gut diese Hochrechnung früher war, ist noch nicht bekannt."
    often = "keinem" if nearer == 0 else str(nearer)
    than = "näher am Ergebnis als die Hochrechnung"
    return f"{text}Der Ansatz lag in {often} von {years} früheren Jahren {than}."


def _condition(gesamt: Sequence[Zeile], zeugnis: Sequence[Zeile]) -> list[str]:
    """Say what more income the statement counts on, and how wrong its forecast used to be."""
    found = [r for r in gesamt if r["was"] == "Erträge" and _more(r)]
    if not found:
        return []
    more = spoken(found[0]["abweichung_eur"])
    text = f"Das gilt, wenn {more} mehr Erträge der sozialen Sicherung eingehen als im Ansatz"
    known = [r["mape_pct"] for r in zeugnis if INSGESAMT in r.values()]
    if not known or not isinstance(known[0], Decimal | float):
        return [f"{text}."]
    off = schreiben(known[0], "pct0")
    return [f"{text}; ihre Prognose lag am selben Tag früherer Jahre im Mittel {off} daneben."]


def _more(row: Zeile) -> bool:
    plan, wert = row["ansatz_eur"], row["hochrechnung_eur"]
    known = isinstance(plan, Decimal) and isinstance(wert, Decimal)
    return known and row["wort"] != "im Ansatz" and as_decimal(wert) > as_decimal(plan)


def booked(jetzt: Released, damals: Released, titel: str) -> Fragment:
    """Show how much of the Ansatz is used up, beside the same day a year ago.

    Args:
        jetzt: ``measures.teilhaushalte.teilhaushalte``, released.
        damals: The same at the day a year ago, released.
        titel: The caption of the table.
    """
    rows = rows_of(jetzt)
    before = {r["teilhaushalt"]: r["ausschoepfung_pct"] for r in rows_of(damals)}
    total = _total(rows)
    statement = (
        f"Bis zum Stichtag sind {schreiben(total['ausschoepfung_pct'], 'pct1')} des "
        f"Zuschussbedarfs gebucht: {spoken(total['ist_eur'])} von {spoken(total['ansatz_eur'])}."
    )
    parts = [r for r in rows if r["teilhaushalt"] != INSGESAMT]
    parts.sort(key=lambda r: (-as_decimal(r["ist_eur"]), str(r["teilhaushalt"])))
    head = [Spalte("Teilhaushalt"), Spalte("Ansatz (T€)", rechts=True),
            Spalte("gebucht (T€)", rechts=True), Spalte("vom Ansatz", rechts=True),
            Spalte("am selben Tag des Vorjahres", rechts=True)]  # fmt: skip
    made = [(_class(r), _cells_booked(r, before.get(r["teilhaushalt"]))) for r in (*parts, total)]
    html = f'<figure class="soz-tabelle" id="{anchor(titel)}">{blocks(head, made, titel)}</figure>'
    return Fragment(html, statement, schlagzeile=esc(statement))


def _cells_booked(row: Zeile, before: Gezeigt) -> list[Zelle]:
    return [
        _label(row),
        figure(row["ansatz_eur"], "tausend"),
        figure(row["ist_eur"], "tausend"),
        figure(row["ausschoepfung_pct"], "pct1"),
        figure(before, "pct1"),
    ]


def measure(teilhaushalte: Released, seiten: Released, titel: str) -> Fragment:
    """Show the net of all Teilhaushalte on one axis, and the two sides it is made of.

    Args:
        teilhaushalte: ``hochrechnung.tafeln.teilhaushalte``, released.
        seiten: ``hochrechnung.tafeln.seiten``, released.
        titel: What is measured.
    """
    total = _total(rows_of(teilhaushalte))
    plan, wert = as_decimal(total["ansatz_eur"]), as_decimal(total["hochrechnung_eur"])
    low, high = total["unten_eur"], total["oben_eur"]
    known = low is not None and high is not None
    span = (as_decimal(low), as_decimal(high)) if known else None
    alt = f"Ansatz {mio(plan)} Millionen Euro, voraussichtlich {mio(wert)}"
    alt += f", möglich {mio(span[0])} bis {mio(span[1])}." if span else "."
    head = [Spalte("Seite"), Spalte("voraussichtlich", rechts=True), Spalte("Haushalt wird")]
    rows = [(_klasse_seite(r), _cells_of_side(r)) for r in rows_of(seiten)]
    table = blocks(head, rows, f"{titel}: Aufwand und Erträge (Mio. €)", still=True)
    html = (
        f'<figure class="soz-messung" id="{anchor(titel)}"><figcaption>{esc(titel)} '
        f"<span>Mio.{NBSP}€</span></figcaption>{measured(plan, wert, span, alt)}{table}</figure>"
    )
    return Fragment(html, titel)


def _klasse_seite(row: Zeile) -> str:
    return "soz-summe" if row["was"] == "Zuschussbedarf" else ""


def _cells_of_side(row: Zeile) -> list[Zelle]:
    wert, plan = as_decimal(row["hochrechnung_eur"]), as_decimal(row["ansatz_eur"])
    return [
        word(row["was"], kopf=True),
        word(f"{mio(wert)} statt {mio(plan)}".replace(" ", NBSP), rechts=True),
        Zelle(_word(row, _kind(row)), *_moved(row)),
    ]


def _kind(row: Zeile) -> str:
    """Return how a deviation is coloured; what is within the budget has no colour."""
    return {"schlechter": "schlecht", "besser": "gut"}.get(str(row["wort"]), "neutral")


def _word(row: Zeile, kind: str) -> str:
    gap = esc(_becomes(row))
    return gap if row["wort"] == "im Ansatz" else f'<strong class="soz-{kind}">{gap}</strong>'


def _moved(row: Zeile) -> tuple[Gezeigt, str]:
    """Return what becomes of the budget as a number, and how it is written."""
    if row["wort"] == "im Ansatz":
        return "im Ansatz", "text"
    return _gap(row), WIRKUNG + spoken_form(row["abweichung_eur"])


def _becomes(row: Zeile) -> str:
    if row["wort"] == "im Ansatz":
        return "im Ansatz"
    return gap_in_words(row["wort"], row["abweichung_eur"])


VORJAHR = Spalte("Vorjahr", rechts=True)
HEUTIG = "Das Vorjahr ist das ganze Haushaltsjahr nach heutigem Stand."
HEAD: tuple[Spalte, ...] = (
    Spalte("Teilhaushalt"), Spalte("Ansatz", rechts=True), Spalte("voraussichtlich", rechts=True),
    Spalte("besser ◂ Haushalt wird ▸ schlechter"), Spalte("Stufe"),
)  # fmt: skip


def board(
    teilhaushalte: Released, gruppen: Released, titel: str, *, kommune: Kommune, aussage: Aussage,
    vorjahr: Released | None = None,
) -> Fragment:  # fmt: skip
    """Show every Teilhaushalt: Ansatz, what is expected, how much worse or better, and its stage.

    The largest deviation stands first. Arguments as of ``present.subsidy``; *vorjahr* as of
    ``present.headline``.
    """
    rows, named = binding(rows_of(teilhaushalte), aussage), by_part(rows_of(gruppen))
    titel += " – Versuch" if aussage.reife == "experimentell" else ""
    parts = [r for r in rows if r["teilhaushalt"] != INSGESAMT]
    parts.sort(key=lambda r: (-as_decimal(r["abweichung_eur"]), str(r["teilhaushalt"])))
    scale = max((as_decimal(r["abweichung_eur"]) for r in rows), default=Decimal(1))
    made = [
        (_class(r), _cells(r, named.get(str(r["teilhaushalt"]), ()), scale, kommune))
        for r in (*parts, _total(rows))
    ]
    head, notes = HEAD, [UNGERUNDET]
    if vorjahr is not None:
        then = {r["teilhaushalt"]: r for r in rows_of(vorjahr)}
        head, notes = (HEAD[0], VORJAHR, *HEAD[1:]), [f"{HEUTIG} {UNGERUNDET}"]
        for row, (_, cells) in zip((*parts, _total(rows)), made, strict=True):
            cells.insert(1, _before(result_of(then.get(row["teilhaushalt"]))))
    marker, body = anchor(titel), blocks(head, made, titel)
    html = f'<figure class="soz-tabelle soz-tafelblatt" id="{marker}">{body}'
    return Fragment(html + below_table(body, made, notes, None) + "</figure>", titel)


def _before(result: Decimal | None) -> Zelle:
    return figure(result, "millionen", rechts=True)


def _class(row: Zeile) -> str:
    if row["teilhaushalt"] == INSGESAMT:
        return "soz-summe"
    return "soz-zeile-wesentlich" if row.get("stufe") == "wesentlich" else ""


def _cells(row: Zeile, groups: Sequence[Zeile], scale: Decimal, kommune: Kommune) -> list[Zelle]:
    total = row["teilhaushalt"] == INSGESAMT
    quiet = total or (row["wort"] == "schlechter" and row["stufe"] == "im Plan")
    kind = "neutral" if quiet else _kind(row)
    gap = _gap(row)
    silent = row["abweichung_pct"] is None or row["wort"] == "im Ansatz"
    part = "" if silent else schreiben(row["abweichung_pct"], "pct1")
    share = f" <small>{esc(part)}</small>" if part else ""
    picture = bar(gap, scale, kind)
    html = f'<span class="soz-wird">{picture}<span>{_word(row, kind)}{share}</span></span>'
    return [
        _label(row),
        *(figure(as_decimal(row[c]), "millionen") for c in ("ansatz_eur", "hochrechnung_eur")),
        Zelle(html, f"{_becomes(row)} {part}".strip()),
        word("") if total else _stage(row, groups, kommune),
    ]


def _label(row: Zeile) -> Zelle:
    if row["teilhaushalt"] == INSGESAMT:
        return word("alle Teilhaushalte", kopf=True)
    number, name = row["teilhaushalt"], row["teilhaushalt_name"]
    html = f'<span class="soz-nummer">{esc(number)}</span> {esc(name)}'
    return Zelle(html, f"{number} {name}", kopf=True)


def _stage(row: Zeile, groups: Sequence[Zeile], kommune: Kommune) -> Zelle:
    stage, told = str(row["stufe"]), ""
    sign = f'<span class="soz-stufe soz-stufe-{KLASSE.get(stage, "plan")}">{ZEICHEN[stage]}</span>'
    if row["unterrichten"] == "ja":
        why = "" if stage == "wesentlich" else f", {reasons(row)[-1]}"
        told = f"{why}: {kommune.unterrichtung.adressat} unverzüglich unterrichten"
    elif groups:
        most = groups[0]
        gap = gap_in_words("schlechter", most["abweichung_eur"], most["abweichung_pct"])
        told = f": darin {most['produktgruppe_name']} {gap}"
    html = f"{sign}{NBSP}<strong>{esc(stage)}</strong>{esc(told)}"
    return Zelle(html, f"{ZEICHEN[stage]} {stage}{told}")


def why(teilhaushalte: Released, beitraege: Released, titel: str = "Warum") -> Fragment:
    """Show the bridge from the Ansatz to what is expected, where the budget becomes worse most.

    Of the Teilhaushalt whose net becomes worse by most; where none does, of all together.

    Args:
        teilhaushalte: ``hochrechnung.tafeln.teilhaushalte``, released.
        beitraege: ``hochrechnung.tafeln.beitraege``, released.
        titel: The first word of the question above it.
    """
    rows = rows_of(teilhaushalte)
    worse = [r for r in rows if r["wort"] == "schlechter" and r["teilhaushalt"] != INSGESAMT]
    chosen = max(worse, key=lambda r: as_decimal(r["abweichung_eur"]), default=_total(rows))
    steps = [r for r in rows_of(beitraege) if r["teilhaushalt"] == chosen["teilhaushalt"]]
    wird, gap = becomes(chosen).split(" ", 1)
    caption = f"{titel} {wird} {_subject(chosen)} {gap}?"
    head = [Spalte("Beitrag"), Spalte(""), Spalte("Haushalt wird")]
    body = blocks(head, _bridge(steps), caption)
    html = f'<figure class="soz-tabelle soz-tafelblatt" id="{anchor(caption)}">{body}</figure>'
    return Fragment(html, caption)


def _subject(row: Zeile) -> str:
    total = row["teilhaushalt"] == INSGESAMT
    return "der Haushalt" if total else f"der Teilhaushalt {name_of(row)}"


def _bridge(steps: Sequence[Zeile]) -> list[tuple[str, list[Zelle]]]:
    levels = [Decimal(0)]
    for row in steps[:-1]:
        levels.append(levels[-1] + _gap(row))
    frame = (min(levels), max(levels))
    made = []
    for n, row in enumerate(steps):
        total = row["was"] == INSGESAMT
        kind, start = "neutral" if total else _kind(row), Decimal(0) if total else levels[n]
        gap = f"{row['wort']} um {spoken(row['abweichung_eur'])}"
        cells = [
            word("zusammen" if total else part_name(row), kopf=True),
            Zelle(step(start, start + _gap(row), frame, kind), ""),
            Zelle(f'<strong class="soz-{kind}">{esc(gap)}</strong>', *_moved(row)),
        ]
        made.append(("soz-summe" if total else "", cells))
    return made


def _gap(row: Zeile) -> Decimal:
    """Return a deviation with its sign: worse is positive."""
    return as_decimal(row["abweichung_eur"]) * (-1 if row["wort"] == "besser" else 1)
