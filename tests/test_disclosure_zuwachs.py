"""What an amount gains between two reports tells of those whose share in it changed.

The attacker of these tests has the reports and knows from the rows alone – not from the engine –
whose payments changed between two deliveries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import Stadt as Musterstadt
from conftest import make_project
from rendered import tables
from rohdaten import Rohdaten
from stichprobe import probe
from tafel import Stadt
from test_dominanz import getragen_von

from sozcontrol import catalogue, measures, store
from sozcontrol.disclosure import GEHEIM, Antrag, Entscheidung, Vorher, entscheiden
from sozcontrol.disclosure.auswahl import Auswahl
from sozcontrol.disclosure.entscheidung import SEITHER
from sozcontrol.errors import NotReleased
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung
from sozcontrol.revision.anteilswechsel import Frage, Wechsel, seit, wechsel

Zahlungen = Mapping[tuple[str, date], int]
"""Child and month → what was paid for it."""

ALLE = ("leitung", "gremium")
RAEUME = ("Nord", "Süd", "Ost", "West")
JUNI, AUGUST, SEPTEMBER = date(2025, 6, 30), date(2025, 8, 31), date(2025, 9, 30)
VORJAHR = [date(2024, m, 1) for m in range(1, 13)]
JAHR = [date(2025, m, 1) for m in range(1, 10)]
KENNZAHLEN = ("H17c", "H16r")
"""Of the year that is over, and of this one up to the Stichtag."""


def kinder(je_raum: int) -> dict[str, str]:
    return {f"{raum}{n}": raum for raum in RAEUME for n in range(je_raum)}


def bezahlt(wohnt: Mapping[str, str]) -> dict[tuple[str, date], int]:
    return {(k, m): 1000 + 7 * n for n, k in enumerate(wohnt) for m in (*VORJAHR, *JAHR)}


def stadt(stichtag: date, wohnt: Mapping[str, str], gezahlt: Zahlungen) -> Stadt:
    """Return a delivery: one Hilfe a child, what was paid for it up to the Stichtag."""
    hilfen, known = len(wohnt), {k: n for k, n in gezahlt.items() if k[1] <= stichtag}
    return Stadt(
        stichtag, stichtag.replace(day=28),
        gebiet={
            "gebiet_id": ["ST", *RAEUME], "typ": ["stadt", *["sozialraum"] * len(RAEUME)],
            "name": ["Stadt", *RAEUME], "eltern_id": [None, *["ST"] * len(RAEUME)],
            "gueltig_von": [date(2000, 1, 1)] * (len(RAEUME) + 1),
        },
        person={"person_id": [*wohnt], "geburtsmonat": [date(2012, 1, 1)] * hilfen,
                "geschlecht": ["w"] * hilfen},
        fall={
            "hilfe_id": [f"H{k}" for k in wohnt], "person_id": [*wohnt],
            "rechtskreis": ["SGB8"] * hilfen, "paragraph": ["31"] * hilfen,
            "hilfeart": ["31"] * hilfen, "segment": ["ambulant"] * hilfen,
            "beginn": [date(2023, 5, 1)] * hilfen, "sozialraum_id": [*wohnt.values()],
        },
        zahlung={
            "zahlung_id": [f"Z{n}" for n in range(len(known))],
            "hilfe_id": [f"H{k}" for k, _ in known], "leistungsmonat": [m for _, m in known],
            "betrag_eur": [Decimal(n) for n in known.values()], "art": ["leistung"] * len(known),
            "buchung_am": [m.replace(day=20) for _, m in known],
        },
    )  # fmt: skip


def antraege(daten: Stadt) -> list[Antrag]:
    """Ask for them by room, and for F16: what it is made of is what was booked by then."""
    asked = (*KENNZAHLEN, "F16")
    return [Antrag(f"m/{id}", "m", measures.kennzahl(daten, id, je=["sozialraum"])) for id in asked]


Zaehler = Callable[..., Mapping[Any, Mapping[Any, Wechsel]]]


def entschieden(folge: Sequence[Stadt], zaehle: Zaehler | None = wechsel) -> list[Entscheidung]:
    """Decide one Stichtag after the other, each beside the reports of all before it."""
    made: list[Entscheidung] = []
    for nr, daten in enumerate(folge):
        vorher = [
            Vorher(alt.stichtag, alt.datenstand, e.lage,
                   partial(zaehle, alt, daten) if zaehle else None)
            for alt, e in zip(folge[:nr], made, strict=True)
        ]  # fmt: skip
        made.append(entscheiden(antraege(daten), ALLE, None, vorher))
    return made


def gezeigt(e: Entscheidung, id: str, edition: str) -> dict[str, Any]:
    """Return by room what a reader has of a Kennzahl, and of the city."""
    r = e.freigegeben(f"m/{id}", edition)
    return dict(zip(r.spalte("sozialraum"), r.spalte("wert"), strict=True))


def geaendert(
    id: str, wohnt: Mapping[str, str], alt: tuple[date, Zahlungen], neu: tuple[date, Zahlungen]
) -> dict[str, list[Decimal]]:
    """Return by room, and of the city, whose share differs and by how much: by hand."""
    own: dict[tuple[str, str], int] = defaultdict(int)
    for sign, (day, paid) in ((-1, alt), (1, neu)):
        for (kind, monat), n in paid.items():
            if monat.year == (2024 if id == "H17c" else 2025) and monat <= day:
                for row in (wohnt[kind], INSGESAMT):
                    own[row, kind] += sign * n
    rows: dict[str, list[Decimal]] = defaultdict(list)
    for (row, _), n in own.items():
        if n:
            rows[row].append(Decimal(n))
    return rows


def verraten(
    wohnt: Mapping[str, str], folge: Sequence[tuple[date, Zahlungen]], made: Sequence[Entscheidung]
) -> Iterator[tuple[str, str, str, int]]:
    """Yield the shown pairs whose difference too few carry: Kennzahl, edition, row, how many."""
    for (i, alt), (j, neu) in combinations(enumerate(folge), 2):
        for id in KENNZAHLEN:
            behind = geaendert(id, wohnt, alt, neu)
            for edition in ALLE:
                then, now = gezeigt(made[i], id, edition), gezeigt(made[j], id, edition)
                for row, parts in behind.items():
                    few = getragen_von(parts) < catalogue.edition(edition).schwelle
                    if sum(parts) and few and GEHEIM not in (then[row], now[row]):
                        yield id, edition, row, len(parts)


def nicht_aufgehende(e: Entscheidung) -> list[object]:
    """Return the relations between cells that the figures themselves do not hold."""
    return [row for row in e.lage.zeilen if sum(k * e.lage.wert[z] for z, k in row)]


def nachgezahlt(wohnt: Mapping[str, str], *wer: str) -> dict[tuple[str, date], int]:
    paid = bezahlt(wohnt)
    return paid | {(k, VORJAHR[3]): paid[k, VORJAHR[3]] + 2780 for k in wer}


def test_die_nachzahlung_einer_hilfe_steht_in_keinem_unterschied() -> None:
    """The attack of ENTSCHEIDUNG 122: 2.454 € then, 2.476 € now, known months."""
    wohnt = kinder(8)
    folge = [(JUNI, bezahlt(wohnt)), (AUGUST, nachgezahlt(wohnt, "Süd3"))]
    made = entschieden([stadt(day, wohnt, paid) for day, paid in folge])
    then, now = (gezeigt(e, "H17c", "leitung") for e in made)
    assert GEHEIM not in then.values()
    assert {row for row, shown in now.items() if shown is GEHEIM} == {"Süd", INSGESAMT}
    assert GEHEIM not in gezeigt(made[1], "H16r", "gremium").values(), "two months of everybody"
    told = {(nr, id): e.freigegeben(f"m/{id}", "leitung").luecken
            for nr, e in enumerate(made) for id in KENNZAHLEN}  # fmt: skip
    assert {k for k, gaps in told.items() if SEITHER in gaps} == {(1, "H17c")}
    assert not [*verraten(wohnt, folge, made)]


def test_ohne_die_regel_steht_sie_da() -> None:
    """The attacker finds it where the count of those who changed says that they are many."""

    def viele(*asked: Any) -> Mapping[Any, Mapping[Any, Wechsel]]:
        return {f: {o: replace(w, tragende=99) for o, w in rows.items()}
                for f, rows in wechsel(*asked).items()}  # fmt: skip

    wohnt = kinder(8)
    folge = [(JUNI, bezahlt(wohnt)), (AUGUST, nachgezahlt(wohnt, "Süd3"))]
    made = entschieden([stadt(day, wohnt, paid) for day, paid in folge], viele)
    told = {("H17c", e, row, 1) for e in ALLE for row in ("Süd", INSGESAMT)}
    assert {*verraten(wohnt, folge, made)} == told


def test_was_die_auswahl_vergaesse_lehnt_die_pruefung_ab(monkeypatch: pytest.MonkeyPatch) -> None:
    """It shares no code with the choice, and is told of what was shown before, and by how many."""
    wohnt = kinder(8)
    cities = [stadt(JUNI, wohnt, bezahlt(wohnt)), stadt(AUGUST, wohnt, nachgezahlt(wohnt, "Süd3"))]
    monkeypatch.setattr(Auswahl, "treffen", lambda _: set())
    assert entschieden(cities[:1]), "there is nothing else to hide"
    with pytest.raises(NotReleased):
        entschieden(cities)


@pytest.mark.parametrize(("wer", "geheim"), [(2, ALLE), (4, ("gremium",)), (6, ())])
def test_es_zaehlt_wie_viele_sich_aenderten(wer: int, geheim: tuple[str, ...]) -> None:
    wohnt = kinder(8)
    folge = [bezahlt(wohnt), nachgezahlt(wohnt, *(f"Süd{n}" for n in range(wer)))]
    made = entschieden([stadt(d, wohnt, p) for d, p in zip((JUNI, AUGUST), folge, strict=True)])
    hidden = {e for e in ALLE if gezeigt(made[1], "H17c", e)["Süd"] is GEHEIM}
    assert hidden == {*geheim}


def test_einer_mit_fast_allem_gilt_als_einer() -> None:
    wohnt = kinder(8)
    later = nachgezahlt(wohnt, *(f"Süd{n}" for n in range(6)))
    later["Süd7", VORJAHR[0]] += 200_000
    folge = [(JUNI, bezahlt(wohnt)), (AUGUST, later)]
    made = entschieden([stadt(day, wohnt, paid) for day, paid in folge])
    assert gezeigt(made[1], "H17c", "leitung")["Süd"] is GEHEIM
    assert not [*verraten(wohnt, folge, made)]


def test_was_damals_gesperrt_war_verraet_keinen_unterschied() -> None:
    """A room of two children was hidden; what it gains since, nobody can tell."""
    wohnt = kinder(8) | {"West8": "West"}
    wohnt = {k: r for k, r in wohnt.items() if r != "Nord" or k in ("Nord0", "Nord1")}
    folge = [(JUNI, bezahlt(wohnt)), (AUGUST, nachgezahlt(wohnt, "Nord0", "Nord1"))]
    made = entschieden([stadt(day, wohnt, paid) for day, paid in folge])
    assert all(gezeigt(e, "H17c", "leitung")["Nord"] is GEHEIM for e in made)
    assert not [*verraten(wohnt, folge, made)]


def test_ist_die_lieferung_von_damals_fort_gilt_jede_aenderung_als_eine() -> None:
    wohnt = kinder(8)
    later = nachgezahlt(wohnt, *(f"Süd{n}" for n in range(8)))
    cities = [stadt(JUNI, wohnt, bezahlt(wohnt)), stadt(AUGUST, wohnt, later)]
    shown = gezeigt(entschieden(cities, None)[1], "H17c", "leitung")
    assert shown["Süd"] is GEHEIM and [*shown.values()].count(GEHEIM) == 2
    assert GEHEIM not in gezeigt(entschieden(cities)[1], "H17c", "leitung").values()


def test_anteile_die_einen_anderen_betrag_ergeben_sagen_nichts() -> None:
    """The report of then was made from a delivery that reads otherwise today."""
    wohnt = kinder(8)
    then, other = bezahlt(wohnt), nachgezahlt(wohnt, "Süd1", "Süd2")
    later = nachgezahlt(wohnt, *(f"Süd{n}" for n in range(8)))

    def zaehle(_: Stadt, neu: Stadt, fragen: Any) -> Any:
        return wechsel(stadt(JUNI, wohnt, other), neu, fragen)

    made = entschieden([stadt(JUNI, wohnt, then), stadt(AUGUST, wohnt, later)], zaehle)
    assert gezeigt(made[1], "H17c", "leitung")["Süd"] is GEHEIM


def test_ein_ersetzter_bericht_bleibt_bekannt() -> None:
    """One Stichtag, a later Datenstand: made once more, nothing decides against the first."""
    wohnt = kinder(8)
    alt, neu = stadt(JUNI, wohnt, bezahlt(wohnt)), stadt(JUNI, wohnt, nachgezahlt(wohnt, "Süd3"))
    first = entscheiden(antraege(alt), ALLE)
    known = [Vorher(JUNI, alt.datenstand, first.lage, partial(wechsel, alt, neu))]
    made = [entscheiden(antraege(neu), ALLE, None, known)]
    for zuletzt in (made[0], Entscheidung.from_dict(made[0].as_dict())):
        made.append(entscheiden(antraege(neu), ALLE, zuletzt=zuletzt))
    again = entscheiden(antraege(neu), ALLE, made[0], zuletzt=made[0])
    assert all(gezeigt(e, "H17c", "leitung")["Süd"] is GEHEIM for e in (*made, again))
    assert made[1].as_dict() == made[0].as_dict()
    forgotten = entscheiden(antraege(neu), ALLE)
    assert gezeigt(forgotten, "H17c", "leitung")["Süd"] is not GEHEIM


def test_wer_eine_neue_nummer_bekam_ist_einer() -> None:
    wohnt = kinder(8)
    other = {("Süd9" if k == "Süd0" else k): r for k, r in wohnt.items()}
    later = {("Süd9" if k == "Süd0" else k, m): n for (k, m), n in bezahlt(wohnt).items()}
    later["Süd9", VORJAHR[0]] += 500
    later["Süd1", VORJAHR[0]] += 500
    cities = [stadt(JUNI, wohnt, bezahlt(wohnt)), stadt(AUGUST, other, later)]
    assert gezeigt(entschieden(cities)[1], "H17c", "leitung")["Süd"] is GEHEIM


@pytest.mark.parametrize("seed", probe(range(40), 1))
def test_kein_gezeigtes_paar_unterscheidet_sich_durch_wenige(seed: int) -> None:
    """Three reports, random changes between them: no two of them tell of few."""
    rnd = Random(seed)
    wohnt = {f"K{n}": rnd.choice(RAEUME) for n in range(rnd.randrange(24, 60))}
    paid = bezahlt(wohnt)
    folge: list[tuple[date, Zahlungen]] = [(JUNI, paid)]
    for day in (AUGUST, SEPTEMBER):
        paid = dict(paid)
        for kind in rnd.sample([*wohnt], rnd.choice([0, 1, 2, 5, 15])):
            paid[kind, rnd.choice([*VORJAHR, *JAHR])] += rnd.randrange(-900, 20_000)
        for kind in rnd.sample([*wohnt], rnd.randrange(3)):  # ended, or not yet billed
            paid = {k: n for k, n in paid.items() if k[0] != kind or k[1] < date(2025, 7, 1)}
        folge.append((day, paid))
    made = entschieden([stadt(day, wohnt, p) for day, p in folge])
    assert not [*verraten(wohnt, folge, made)]
    assert not any(map(nicht_aufgehende, made))


def test_gezaehlt_wird_aus_der_gespeicherten_lieferung_von_damals(eingelesen: Musterstadt) -> None:
    daten = store.open_data(JUNI, None, eingelesen.projekt)
    of = Rechnung(catalogue.kennzahl("H17c").zaehler, JUNI)
    frage, places = Frage(of, of, ("sozialraum",)), (JUNI, daten.datenstand)
    zaehle = seit(daten, *places, daten.manifest["fassung"])
    assert zaehle is not None
    found = zaehle([frage])[frage]
    assert len(found) > 10 and {w.tragende for w in found.values()} == {0}
    frame = measures.kennzahl(daten, "H17c").frame
    assert found[frozenset()].damals == pytest.approx(float(frame["zaehler"].iloc[0]))
    assert seit(daten, *places, "0" * 64) is None, "it is not stored"
    other = replace(daten, manifest={**daten.manifest, "schluessel_id": "anderer"})
    assert seit(other, *places, daten.manifest["fassung"]) is None, "nobody is known again"
    daten.close()


# --- Musterstadt: pages and raw files alone ---------------------------------------------------

TAFEL = "Kosten je belegtem Monat und Sozialraum im Vorjahr"
TAGE = ("2025-06-30", "2025-08-31", "2025-12-31")


def seite(projekt: Path, tag: str, edition: str) -> dict[str, str]:
    """Return by Sozialraum what the finished page says of last year's costs a month."""
    html = projekt / "reports" / tag / edition / "monitoring_jugend.html"
    rows = tables(html.read_text(encoding="utf-8"))[TAFEL]
    (column,) = [n for n, head in enumerate(rows[0]) if head.startswith("Kosten je Monat")]
    return {row[0]: row[column] for row in rows[1:]}


def gezahlt(projekt: Path, tag: str) -> dict[tuple[str, str], int]:
    """Return by Sozialraum, and of the city, and person what the raw files say was paid for 2024.

    In cents.
    """
    (ordner,) = (projekt / "data" / "raw" / tag).iterdir()
    roh = Rohdaten(ordner)
    z = roh.zahlungen[roh.zahlungen["hze"].eq(True) & (roh.zahlungen["monat"].dt.year == 2024)]
    z = z[z["Art"].isin(["Leistung", "Rückrechnung"])]
    wer = roh.hilfen[["Hilfe-Nr", "Pers.-Nr", "Sozialraum"]]
    wer = wer.assign(raum=wer["Sozialraum"].str.removeprefix("SR").str.lstrip("0123456789 "))
    own = z.merge(wer, on="Hilfe-Nr").groupby(["raum", "Pers.-Nr"])["cent"].sum()
    rows = {(raum, person): int(n) for (raum, person), n in own.items()}
    city = z.merge(wer, on="Hilfe-Nr").groupby("Pers.-Nr")["cent"].sum()
    return rows | {("insgesamt", person): int(n) for person, n in city.items()}


def verratene(projekt: Path, edition: str) -> set[tuple[str, str, str]]:
    """Return the rows whose gain two pages tell though few carry it."""
    pages = {tag: (seite(projekt, tag, edition), gezahlt(projekt, tag)) for tag in TAGE}
    least, found = catalogue.edition(edition).schwelle, set()
    for one, other in combinations(TAGE, 2):
        (shown, then), (later, now) = pages[one], pages[other]
        behind: dict[str, list[Decimal]] = defaultdict(list)
        for place in then.keys() | now.keys():
            if more := now.get(place, 0) - then.get(place, 0):
                behind[place[0]].append(Decimal(more))
        found |= {
            (one, other, row) for row, parts in behind.items()
            if getragen_von(parts) < least and not any("geheim" in p[row] for p in (shown, later))
        }  # fmt: skip
    return found


@pytest.mark.thorough
@pytest.mark.notebook
def test_keine_zwei_berichte_musterstadts_nennen_keine_einzelne_nachzahlung(tmp_path: Path) -> None:
    stadt = Musterstadt(tmp_path)
    make_project(stadt.home / "projekt")
    days = [w for tag in TAGE for w in ("--stichtag", tag)]
    assert stadt.typed("demo", *days).exit_code == 0
    editions = [w for e in ALLE for w in ("--edition", e)]
    for tag in TAGE:
        done = stadt.typed("run", "--stichtag", tag, "--bereich", "monitoring_jugend", *editions)
        assert done.exit_code == 0, done.stderr
    root = stadt.projekt.root
    for edition in ALLE:
        assert verratene(root, edition) == set()
        first, second, third = (seite(root, tag, edition) for tag in TAGE)
        assert "geheim" not in first["Südhang"] and "geheim" in second["Südhang"]
        assert second["insgesamt"] != first["insgesamt"], "the city has gained"
        assert "geheim" in third["insgesamt"], "by two since"
