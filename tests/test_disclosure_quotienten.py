"""Differences and quotients: who knows all parts but one reckons the last, so none is shown alone.

The attacker reckons for himself: what readers see become bounds of linear programmes, a printed
quotient the interval its rounding leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from tafel import Stadt

from sozcontrol import catalogue, measures
from sozcontrol.catalogue.kennzahl import Ausdruck, Term
from sozcontrol.disclosure import GEHEIM, Antrag, Entscheidung, entscheiden, merkmale
from sozcontrol.disclosure.entscheidung import lesen
from sozcontrol.measures import INSGESAMT, Werte
from sozcontrol.measures.aufstellungen import Aufstellung, kostenzerlegung
from sozcontrol.measures.zaehlwerk.grundzahlen import grundzahlen
from sozcontrol.measures.zaehlwerk.kennzahlen import MASSE, TRAGENDE, seiten, teile
from sozcontrol.measures.zaehlwerk.rechnen import Bestandteil, Rechnung

TAG = date(2025, 6, 30)
PROJEKTKOSTEN = 39_000
D = Decimal


def stadt(**hilfen: int) -> Stadt:
    """A city with so many whole-year Hilfen of each form (»h34=12«), paid alike in both years."""
    monat = {"h34": 6000, "h33": 1500, "h35": 7000}
    fall, zahlung, person = [], [], []
    for art, zahl in hilfen.items():
        for n in range(zahl):
            key = f"{art}x{n}"
            person.append(f"{key} | 2012-05-01 | w")
            fall.append(f"{key} | {key} | {art[1:]} | {art[1:]} | stationaer | 2023-01-01 | ")
            zahlung += [
                f"{key}{jahr}{m} | {key} | {jahr}-{m:02}-01 | leistung "
                f"| {monat[art] + 10 * n} | {jahr}-{m:02}-20"
                for jahr in (2024, 2025) for m in range(1, 13 if jahr == 2024 else 7)
            ]  # fmt: skip
    return Stadt(
        TAG,
        person="\n".join(["person_id | geburtsmonat | geschlecht", *person]),
        fall="\n".join(
            ["hilfe_id | person_id | hilfeart | paragraph | segment | beginn | ende", *fall]
        ),
        zahlung="\n".join(
            ["zahlung_id | hilfe_id | leistungsmonat | art | betrag_eur | buchung_am", *zahlung]
        ),
        parameter=f"""
            parameter   | gueltig_von | gueltig_bis | parameterwert
            akquise_eur | 2025-01-01  |             | {PROJEKTKOSTEN}
            """,
    )


def antrag(id: str, t: Aufstellung | Werte, *gezeigt: str) -> Antrag:
    return Antrag(id, id.split("/")[0], t, gezeigt or None)


def gesehen(e: Entscheidung, id: str, spalte: str, edition: str = "leitung") -> dict[Any, Any]:
    r = e.freigegeben(id, edition)
    at = r.spalten.index(spalte)
    return {z[0] if r.je else "": z[at] for z in r.zeilen}


def spannen(
    summe: float, teile: Iterable[str], gezeigt: Mapping[str, float],
    dazu: Iterable[tuple[dict[str, float], float, float]],
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Return what every hidden part can be: at least nothing, together with the shown the sum."""
    names = list(teile)
    row = lambda coefficients: [coefficients.get(n, 0.0) for n in names]  # noqa: E731
    upper, limit = [], []
    for coefficients, low, high in dazu:
        upper += [row(coefficients), [-c for c in row(coefficients)]]
        limit += [high, -low]
    bounds = [(gezeigt[n], gezeigt[n]) if n in gezeigt else (0, None) for n in names]
    found = {}
    for k, name in enumerate(names):
        if name not in gezeigt:
            ends = [
                linprog(sign * np.eye(len(names))[k], A_ub=upper or None, b_ub=limit or None,
                        A_eq=[[1.0] * len(names)], b_eq=[summe], bounds=bounds)
                for sign in (1, -1)
            ]  # fmt: skip
            assert all(r.status == 0 for r in ends)
            found[name] = (ends[0].fun, -ends[1].fun)
    return found


def enger(span: tuple[float, float], wahr: float, anteil: float = 0.1) -> bool:
    """Say whether a hidden amount can lie nowhere but within a tenth of itself."""
    return span[0] > wahr * (1 - anteil) and span[1] < wahr * (1 + anteil)


@pytest.mark.parametrize(
    ("hilfen", "bleibt"),
    [
        pytest.param({"h34": 12, "h33": 10, "h35": 8}, True, id="alle haben viele"),
        pytest.param({"h34": 12, "h33": 10, "h35": 1}, False, id="ein Dritter hat wenige"),
        pytest.param({"h34": 12, "h33": 1, "h35": 8}, False, id="ein Teil hat wenige"),
    ],
)
def test_der_breakeven_nennt_keine_kosten_die_fuer_einen_dritten_verborgen_sind(
    hilfen: dict[str, int], bleibt: bool
) -> None:
    daten = stadt(**hilfen)
    kosten = measures.kennzahl(daten, "H17c", je=["hilfeart"])
    (h44,) = measures.kennzahlen(daten, ["H44"])
    monate = replace(kosten, frame=kosten.frame[kosten.frame["hilfeart"].isin(["33", "34"])])
    asked = [antrag("a/1", kosten, "zaehler"), antrag("b/1", monate, "nenner"),
             antrag("c/1", h44, "wert")]  # fmt: skip
    e = entscheiden(asked, ["intern", "leitung", "gremium"])
    wahr = {k: float(v) for k, v in gesehen(e, "a/1", "zaehler", "intern").items()}
    tage = {k: float(v) for k, v in gesehen(e, "b/1", "nenner", "intern").items()}
    gedruckt = round(float(gesehen(e, "c/1", "wert", "intern")[""]), 1)
    rate = {"34": 1 / tage["34"], "33": -1 / tage["33"]}
    quotient = (rate, PROJEKTKOSTEN / (gedruckt + 0.05), PROJEKTKOSTEN / (gedruckt - 0.05))
    parts = [k for k in wahr if k != INSGESAMT]
    for edition in ("leitung", "gremium"):
        shown = gesehen(e, "a/1", "zaehler", edition)
        known = {k: float(v) for k, v in shown.items() if v is not GEHEIM}
        assert (gesehen(e, "c/1", "wert", edition)[""] is not GEHEIM) == bleibt
        alone = spannen(wahr[INSGESAMT], parts, known, [])
        assert not any(enger(s, wahr[k]) for k, s in alone.items())
        beside = spannen(wahr[INSGESAMT], parts, known, [quotient])
        if not bleibt:  # with the quotient the attack would have succeeded
            assert any(enger(s, wahr[k]) for k, s in beside.items())


def test_die_frage_danach_bekommt_dieselbe_antwort() -> None:
    """The command line asks beside what is published: what is hidden there hides the quotient."""
    daten = stadt(h34=12, h33=10, h35=1)
    kosten = measures.kennzahl(daten, "H17c", je=["hilfeart"])
    published = entscheiden([antrag("a/1", kosten)], ["leitung"])
    kept = Entscheidung.from_dict(published.as_dict())
    asked = [antrag("auskunft/0", w) for w in measures.kennzahlen(daten, ["H44"])]
    told = entscheiden(asked, ("leitung",), kept)
    assert gesehen(told, "auskunft/0", "wert")[""] is GEHEIM


ZUSAMMENGESETZT = [
    k for k in catalogue.kennzahlen().values()
    if any(
        s and (any(t.durch for t in s.terme) or any(t.vorzeichen < 0 for t in s.terme))
        and any(catalogue.sicht(t.sicht).traeger for term in s.terme for t in term.alle)
        for s in (k.zaehler, k.nenner)
    )
]  # fmt: skip


def test_es_gibt_solche_kennzahlen() -> None:
    assert {"H44", "H44b", "W09", "F16", "H26", "U08"} <= {k.id for k in ZUSAMMENGESETZT}


@pytest.mark.parametrize("item", ZUSAMMENGESETZT, ids=lambda k: k.id)
def test_jeder_teil_verbirgt_das_ganze_und_wer_es_sieht_kennt_alle(item) -> None:
    parts = teile(item, TAG)
    names = [n for c in parts for n in (c, f"faelle_{c}", f"tragende_{c}")]
    frame = pd.DataFrame({c: [10] for c in (*MASSE, *TRAGENDE, *names)})
    tafel = lesen(Werte(item, (), frame.astype(dict.fromkeys(frame, "Int64")), TAG))
    cells = [
        z for c in parts for z in (tafel.betraege.get(c) or tafel.zellen[f"faelle_{c}"])
    ]  # fmt: skip
    terms = [t for s in seiten(item, TAG) for term in s.ausdruck.terme for t in term.alle]
    assert (
        len(cells) >= len({t.model_dump_json(exclude={"durch", "vorzeichen"}) for t in terms}) - 1
    )
    assert all(tafel.verborgen({z})["wert"] == {0} for z in cells)
    assert tafel.sichtbar(("wert",)) >= {*cells}


def test_ein_saldo_verraet_den_abgang_nicht_den_zwei_ausmachen() -> None:
    rows = [f"S{n} | 2024-01-01 | 2025-02-01 | | 1 | werbung" for n in range(9)]
    rows += [f"A{n} | 2020-01-01 | 2020-02-01 | 2025-03-01 | 1 | werbung" for n in range(2)]
    head = "pflegestelle_id | bewerbung_am | zugelassen_am | beendet_am | plaetze | gewonnen_durch"
    daten = Stadt(TAG, pflegestelle="\n".join([head, *rows]))
    asked = [antrag(f"a/{w.kennzahl.id}", w, "wert")
             for w in measures.kennzahlen(daten, ["W09", "W09b", "W09c"])]  # fmt: skip
    e = entscheiden(asked, ["intern", "leitung"])
    wert = {k: [gesehen(e, f"a/{k}", "wert", ed)[""] for ed in ("intern", "leitung")]
            for k in ("W09", "W09b", "W09c")}  # fmt: skip
    assert [w[0] for w in wert.values()] == [7, 9, 2]
    assert wert["W09c"][1] is GEHEIM
    assert GEHEIM in (wert["W09"][1], wert["W09b"][1]), "9 − 7 are the two"


def test_ein_effekt_faellt_mit_den_kosten_deren_vielfaches_er_ist() -> None:
    """Volume effect = last year's cost × the change of all months: any other row tells how much."""
    table = kostenzerlegung(stadt(h34=12, h33=10, h35=1))
    shown = ("kosten0_eur", "mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur",
             "kosten1_eur", "hilfen0", "hilfen1")  # fmt: skip
    e = entscheiden([antrag("a/1", table, *shown)], ["intern", "leitung"])
    cost, effect = (gesehen(e, "a/1", c) for c in ("kosten0_eur", "mengeneffekt_eur"))
    true_cost, true = (gesehen(e, "a/1", c, "intern") for c in ("kosten0_eur", "mengeneffekt_eur"))
    factors = {k: Fraction(true[k]) / Fraction(true_cost[k]) for k in true}
    assert max(factors.values()) - min(factors.values()) < Fraction(1, 10_000), "one factor for all"
    hidden = {k for k, v in cost.items() if v is GEHEIM}
    assert "35" in hidden and len(hidden) > 1
    assert all(effect[k] is GEHEIM for k in hidden)
    tafel = lesen(table)
    for cost_column, effects in (("kosten0_eur", shown[1:4]), ("kosten1_eur", shown[3:4])):
        for row, cell in enumerate(tafel.betraege[cost_column]):
            gone = tafel.verborgen({cell})
            assert all(row in gone[c] for c in effects)
            assert all(cell in tafel.sichtbar((c,)) for c in effects)


def test_was_anderswo_verborgen_ist_verbirgt_was_daraus_gerechnet_ist() -> None:
    """A unit cost of § 33 in one table, the cost of § 33 hidden in another for § 35's sake."""
    rows = [("33", 9, D(180_000)), ("34", 40, D(900_000)), ("35", 1, D(70_000)),
            (INSGESAMT, 50, D(1_150_000))]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["hilfeart", "n", "ende_eur"]).astype({"n": "Int64"})
    costs = Aufstellung(frame, ("hilfeart",), "Kosten", ("n",), {"ende_eur": ("n",)},
                        heisst={"ende_eur": "Jahreskosten"})  # fmt: skip
    units = pd.DataFrame({"kennzahl": ["§ 33", "§ 34"], "wert": [D(55), D(61)], "n": [9, 40]})
    of = tuple((Bestandteil("Jahreskosten", {"hilfeart": art}),) for art in ("33", "34"))
    unit = Aufstellung(units.astype({"n": "Int64"}), ("kennzahl",), "Einheit", ("n",),
                       {"wert": ("n",)}, bestandteile={"wert": of})  # fmt: skip
    e = entscheiden([antrag("a/1", costs, "ende_eur"), antrag("b/1", unit, "wert")], ["leitung"])
    hidden = {k for k, v in gesehen(e, "a/1", "ende_eur").items() if v is GEHEIM}
    assert len(hidden & {"33", "34"}) == 1
    told = gesehen(e, "b/1", "wert")
    assert {k[2:] for k, v in told.items() if v is GEHEIM} == hidden & {"33", "34"}
    alone = entscheiden([antrag("b/1", unit, "wert")], ["leitung"])
    assert GEHEIM not in gesehen(alone, "b/1", "wert").values()


# --- means of stocks ------------------------------------------------------------------------------


QUARTALE = ("2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30")


def lebensunterhalt(*bestand: int) -> Stadt:
    """A city with so many cases of LB02 at the ends of four quarters, and many of LB01."""
    rows = [
        f"{tag} | {lb} | ohne | kommune | 60 | 5 | 5 | {n} | {500 * n}"
        for lb, stand in (("LB01", (70, 71, 72, 73)), ("LB02", bestand))
        for tag, n in zip(QUARTALE, stand, strict=True)
    ]
    head = "quartal | lb | leistungsort | traeger | bestand_anfang | zugang | abgang"
    return Stadt(
        TAG, leistung_quartal="\n".join([f"{head} | bestand_ende | aufwand_eur", *rows]),
        leistungsbereich="""
            lb   | abteilung | zaehlweise
            LB01 | A1        | bestand
            LB02 | A1        | bestand
            """,
    )  # fmt: skip


@pytest.mark.parametrize("bestand", [(40, 2, 41, 39), (41, 39, 40, 2)], ids=["Mitte", "Ende"])
def test_ein_mittel_nennt_den_bestand_nicht_der_einem_quartal_fehlt(bestand) -> None:
    """Amount ÷ cost per case = mean; 4 × mean − three stocks that are shown = the hidden one."""
    daten = lebensunterhalt(*bestand)
    (unit,) = measures.kennzahlen(daten, ["G04b"])
    stocks = measures.zeitreihe(daten, "A01", QUARTALE, je=["lb"], summen=False)
    asked = [antrag("a/1", unit, "zaehler", "wert"), antrag("b/1", stocks, "wert")]
    e = entscheiden(asked, ["intern", "leitung", "gremium"])
    for edition in ("intern", "leitung", "gremium"):
        spent, each = (gesehen(e, "a/1", c, edition)[""] for c in ("zaehler", "wert"))
        rows = [z for z in e.freigegeben("b/1", edition).zeilen if "LB02" in z]
        shown = [z[-1] for z in rows if z[-1] is not GEHEIM]
        if edition == "intern":
            assert 4 * spent / each == sum(shown) == sum(bestand), "the attack is one"
            continue
        assert GEHEIM in [z[-1] for z in rows], "two cases are too few"
        known = GEHEIM not in (spent, each)
        assert not (known and len(shown) == 3), "four times the mean, less three, is the fourth"


def test_was_zwei_bestaende_unterscheidet_mischt_zugang_und_abgang_und_ist_keine_anzahl() -> None:
    """From 40 to 42: nobody is told whether two came, or twelve came and ten went."""
    daten = lebensunterhalt(40, 42, 41, 39)
    stocks = measures.zeitreihe(daten, "A01", QUARTALE, je=["lb"], summen=False)
    flows = [measures.zeitreihe(daten, k, QUARTALE) for k in ("A02", "A03")]
    asked = [antrag(f"{n}/1", w, "wert") for n, w in enumerate([stocks, *flows])]
    e = entscheiden(asked, ["leitung"])
    shown = [v for a in asked for v in e.freigegeben(a.id, "leitung").spalte("wert")]
    assert len(shown) == 16 and GEHEIM not in shown


MITTEL = [(v, p) for v in catalogue.sichten() for p in grundzahlen(v).values()
          if p.rolle == "mittel"]  # fmt: skip


@pytest.mark.parametrize(("sicht", "mittel"), MITTEL, ids=lambda x: getattr(x, "name", x))
def test_jedes_mittel_weiss_wovon_es_eines_ist(sicht, mittel) -> None:
    """A mean whose stock nobody names would be tied to nothing."""
    stock = mittel.mittelt
    assert stock is not None and stock.groesse.spalte == mittel.groesse.spalte
    assert stock.plain_count or not mittel.sicht.traeger
    if mittel.sicht.traeger:
        assert merkmale.gemittelt(Ausdruck(terme=(Term(sicht=sicht, grundzahl=mittel.name),)))


def test_die_summe_der_bestaende_ist_die_der_zellen_die_andere_tafeln_zeigen() -> None:
    daten = lebensunterhalt(40, 2, 41, 39)
    (unit,) = measures.kennzahlen(daten, ["G04b"])
    series = lesen(measures.zeitreihe(daten, "A01", QUARTALE, je=["lb"])).anzahlen()
    tafel = lesen(unit)
    ((whole, parts),) = [s for s in tafel.summen if s[0] in tafel.zellen["staende_nenner"]]
    assert len(parts) == 4 and {*parts} <= series.keys()
    assert tafel.anzahlen()[whole] == sum(series[z] for z in parts) == 122


# --- one amount, two spans ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "zeitraum", "tag", "derselbe"),
    [
        ("zahlungen.brutto", "vorjahr", "2025-06-30", True),
        ("zahlungen.brutto", "vorjahr_bis_stichtag", "2025-12-31", True),
        ("zahlungen.brutto", "vorjahr_bis_stichtag", "2025-06-30", False),
        ("uvg_monate.ausgaben_leistungsjahr", "vorjahr", "2025-06-30", False),
    ],
)
def test_das_vorjahr_von_heute_ist_das_jahr_von_damals(was, zeitraum, tag, derselbe) -> None:
    """Unless the view itself counts what has come in since (§ 7 UVG claims back for years)."""
    view, sums = was.split(".")

    def summe(zeitraum: str, tag: str) -> Rechnung:
        term = Term(sicht=view, grundzahl=sums, zeitraum=zeitraum)
        return Rechnung(Ausdruck(terme=(term,)), date.fromisoformat(tag))

    names = {
        z[0]
        for r in (summe("jahr_bis_stichtag", "2024-12-31"), summe(zeitraum, tag))
        for z in merkmale.anderswo([Bestandteil(r, {})])
    }
    assert (len(names) == 1) == derselbe


def ausgaben(zeitraum: str, tag: str, *, insgesamt: bool) -> Aufstellung:
    """What Unterhaltsvorschuss paid in a span, by age; two children are in the youngest group."""
    term = Term(sicht="uvg_monate", grundzahl="ausgaben", zeitraum=zeitraum)
    paid = Rechnung(Ausdruck(terme=(term,)), date.fromisoformat(tag))
    rows = [("0–5", 2, D(4_000)), ("6–11", 20, D(50_000)), ("12–17", 30, D(90_000))]
    rows += [(INSGESAMT, 52, D(144_000))] if insgesamt else []
    frame = pd.DataFrame(rows, columns=["altersstufe", "n", "ist_eur"]).astype({"n": "Int64"})
    name = f"{zeitraum} {insgesamt}"
    return Aufstellung(frame, ("altersstufe",), name, ("n",), {"ist_eur": ("n",)},
                       groessen={"ist_eur": paid})  # fmt: skip


@pytest.mark.parametrize(
    ("zeitraum", "tag", "derselbe"),
    [("zwoelf_monate", "2025-12-31", True), ("zwoelf_monate", "2025-11-30", False)],
)
def test_ein_betrag_ist_unter_zwei_namen_seines_zeitraums_einer(zeitraum, tag, derselbe) -> None:
    """At the end of a year »this year« and »twelve months« are the same days."""
    whole, parts = (ausgaben("jahr_bis_stichtag", tag, insgesamt=True),
                    ausgaben(zeitraum, tag, insgesamt=False))  # fmt: skip
    names = [{z[0] for z in lesen(t).betraege["ist_eur"] if z} for t in (whole, parts)]
    assert (names[0] == names[1]) == derselbe
    e = entscheiden([antrag("a/1", whole, "ist_eur"), antrag("b/1", parts, "ist_eur")], ["leitung"])
    both = [gesehen(e, i, "ist_eur") for i in ("a/1", "b/1")]
    known = {k for shown in both for k, v in shown.items() if v is not GEHEIM}
    unknown = {"0–5", "6–11", "12–17"} - known
    assert "0–5" in unknown
    if derselbe and INSGESAMT in known:
        assert len(unknown) > 1, "the total less what either table shows is what two cost"
