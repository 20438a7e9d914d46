"""The Hochrechnung's tables: figures of the forecast, its record beside it, through the door."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hauptbuch import STICHTAG, Lieferung, ansatz, buchung, lieferung, monatlich, musterstadt
from stichprobe import probe

from sozcontrol import catalogue, measures
from sozcontrol.catalogue.bericht import Schwelle
from sozcontrol.disclosure import GEHEIM, Freigabe
from sozcontrol.forecast.prognose.alarm import Wesentlich
from sozcontrol.forecast.prognose.auswertung import auswerten
from sozcontrol.forecast.prognose.hochrechnung import euro
from sozcontrol.forecast.prognose.zeugnis import Fall
from sozcontrol.hochrechnung import tafeln
from sozcontrol.hochrechnung.abwicklung import abwicklungstafeln, einheitskosten
from sozcontrol.hochrechnung.prognosestand import prognosestand, ruecktest
from sozcontrol.hochrechnung.quellen.panel import TABELLEN
from sozcontrol.hochrechnung.tafeln.zeugnistafel import gewarnt
from sozcontrol.measures import INSGESAMT

EBENEN = ("produktgruppe", "hilfeart")
GESAMT = ("gesamt", "gesamtzeugnis", "teilhaushalte", "auffaellige", "zuschussjahre", "risiken",
          "warnungszeugnis", "jahresgang", "beitraege", "seiten", "warntafel")  # fmt: skip
JE_EBENE = [n for n in tafeln.__all__ if n not in {*GESAMT, "hinweise", "mit_spalten"}]
"""Tables by level; those of the whole know one level only."""
JAHRE = range(2021, 2026)


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


def zeile(tafel, wert) -> dict:
    (row,) = tafel.frame[tafel.frame[tafel.je[0]] == wert].to_dict("records")
    return row


def leer(x) -> bool:
    return x is None or x is pd.NA


def wie_plan(kosten: int, plan: int, jahre=JAHRE, **anders) -> tuple[list, list]:
    """Twelve equal months, and a budget, every year."""
    produkt = anders.pop("produkt", "P1")
    konto = anders.pop("konto", "A")
    return (
        monatlich(jahre, kosten, produkt, konto=konto),
        [ansatz(j, plan, produkt, konto=konto) for j in jahre],
    )


# --- through the door ---------------------------------------------------------------------------


@pytest.mark.parametrize("edition", probe(["gremium", "intern", "controlling", "leitung"], 2))
@pytest.mark.parametrize("ebene", EBENEN)
def test_jede_tafel_kommt_durch_die_tuer_jeder_edition(stadt, edition, ebene) -> None:
    freigabe = Freigabe.open(edition)
    bauten = {name: getattr(tafeln, name)(stadt, ebene) for name in JE_EBENE}
    for name, tafel in (bauten | {name: getattr(tafeln, name)(stadt) for name in GESAMT}).items():
        released = freigabe.aufstellung(tafel)
        assert len(released) > 0, name
        assert not any(isinstance(v, float) for row in released.zeilen for v in row), name


@pytest.mark.parametrize("name", probe([*JE_EBENE, *GESAMT], 6))
def test_auch_ohne_fruehere_jahre_hat_jede_tafel_ihre_spalten(name) -> None:
    daten = lieferung(*wie_plan(100_000, 1_200_000, [2025]))
    released = Freigabe.open("gremium").aufstellung(getattr(tafeln, name)(daten))
    voll = getattr(tafeln, name)(lieferung(*wie_plan(100_000, 1_200_000)))
    assert released.spalten == tuple(voll.frame.columns)


def hilfen(je_jahr: dict[str, dict[int, int]]) -> Lieferung:
    """Payments of 1000 € a month for so many Hilfen of each Hilfeart and year; no ledger."""
    faelle, personen, zahlungen = [], [], []
    for art, jahre in je_jahr.items():
        for jahr, anzahl in jahre.items():
            for i in range(anzahl):
                nr = f"{art}-{jahr}-{i}"
                personen.append({"person_id": f"P{nr}", "geburtsmonat": date(2012, 1, 1)})
                faelle.append({"hilfe_id": nr, "person_id": f"P{nr}", "hilfeart": art,
                               "beginn": date(jahr, 1, 1), "ende": date(jahr, 12, 31),
                               "rechtskreis": "SGB8", "paragraph": art})  # fmt: skip
                zahlungen += [
                    {"hilfe_id": nr, "leistungsmonat": date(jahr, m, 1), "art": "leistung",
                     "buchung_am": date(jahr, m, 28), "betrag_eur": Decimal(1000)}
                    for m in range(1, 13) if jahr < 2025 or m < 7
                ]  # fmt: skip
    alle = lieferung([], fall=faelle, person=personen, zahlung=zahlungen,
                     gebiet=[{"gebiet_id": "M", "typ": "stadt", "name": "M"}])  # fmt: skip
    return Lieferung(STICHTAG, {n: alle.arrow[n] for n in TABELLEN["hilfeart"]})


VIELE = dict.fromkeys(JAHRE, 20)


def sichtbar(tafel, art: str) -> set[str]:
    released = Freigabe.open("leitung").aufstellung(tafel)
    (row,) = [z for z in released.zeilen if z[0] == art]
    return {c for c, v in zip(released.spalten, row, strict=True) if v is not GEHEIM}


@pytest.mark.parametrize(
    ("art", "gesperrt", "offen"),
    [
        pytest.param(
            VIELE | {2024: 1}, {"vorjahr_eur", "hochrechnung_eur", "unten_eur", "faelle_vorjahr"},
            {"ist_eur", "faelle"}, id="im Vorjahr eine Hilfe",
        ),
        pytest.param(
            VIELE | {2025: 1}, {"ist_eur", "hochrechnung_eur", "oben_eur", "faelle"},
            {"vorjahr_eur", "faelle_vorjahr"}, id="in diesem Jahr eine Hilfe",
        ),
    ],
)  # fmt: skip
def test_hinter_jeder_zahl_stehen_die_hilfen_ihres_jahres(art, gesperrt, offen) -> None:
    daten = hilfen({"34": art, "32": VIELE, "33": VIELE, "31": dict.fromkeys(JAHRE, 9)})
    gezeigt = sichtbar(tafeln.hochrechnung(daten, "hilfeart"), "34")
    assert not gezeigt & gesperrt
    assert gezeigt >= offen


def test_was_eine_tafel_sperrt_zeigt_die_andere_nicht() -> None:
    wenige = {
        "34": dict.fromkeys(JAHRE, 2),
        "32": VIELE,
        "33": VIELE,
        "31": dict.fromkeys(JAHRE, 9),
    }
    daten, freigabe = hilfen(wenige), Freigabe.open("leitung")

    def gesperrt(released, spalte: str) -> set[str]:
        i = released.spalten.index(spalte)
        return {z[0] for z in released.zeilen if z[i] is GEHEIM}

    both = [
        freigabe.aufstellung(bau(daten, "hilfeart"))
        for bau in (tafeln.hochrechnung, tafeln.prognosezeugnis)
    ]
    assert gesperrt(both[0], "faelle") == gesperrt(both[1], "faelle") >= {"34"}
    betraege = gesperrt(both[0], "ist_eur")
    assert "34" in betraege and len(betraege) > 1  # alone it could be subtracted from the total


# --- the figures are the forecast's -------------------------------------------------------------


@pytest.mark.parametrize(("ebene", "seite"), [("produktgruppe", "aufwand"),
                                              ("produktgruppe", "ertrag"),
                                              ("hilfeart", "aufwand")])  # fmt: skip
def test_hochrechnung_und_summe(stadt, ebene, seite) -> None:
    stand = prognosestand(stadt, ebene, seite=seite)
    frame = tafeln.hochrechnung(stadt, ebene, seite=seite).frame
    assert list(frame[ebene]) == [h.reihe for h in stand.prognose.hochrechnungen]
    assert frame[ebene].iloc[-1] == INSGESAMT
    for row, h in zip(frame.to_dict("records"), stand.prognose.hochrechnungen, strict=True):
        assert row["hochrechnung_eur"] == h.wert
        (own,) = [r for r in stand.prognose.test.reihen if r.name == h.reihe]
        known = own.stand[-2, -1, stand.panel.periode - 1]  # 2024 as known at the Stichtag
        assert row["vorjahr_eur"] == (euro(known) if np.isfinite(known) else None)
        assert row["unten_eur"] == euro(h.spanne.unten)
        assert row["unten_eur"] <= row["hochrechnung_eur"] <= row["oben_eur"]
    *teile, summe = frame.to_dict("records")
    for spalte in ("hochrechnung_eur", "ist_eur"):
        assert sum(t[spalte] for t in teile) == summe[spalte]


def test_ansatz_und_ist_sind_die_des_soll_ist_vergleichs(stadt) -> None:
    soll = measures.soll_ist(stadt)
    soll = soll[(soll["produktgruppe"] == INSGESAMT) == (soll["produktgruppe_name"] == INSGESAMT)]
    soll = {r["produktgruppe"]: r for r in soll.to_dict("records")}
    for row in tafeln.hochrechnung(stadt).frame.to_dict("records"):
        dort = soll[row["produktgruppe"]]
        assert row["ansatz_eur"] == dort["ansatz_eur"]
        assert row["ist_eur"] == dort["ist_eur"]
        assert row["produktgruppe_name"] == dort["produktgruppe_name"]


@pytest.mark.parametrize(
    ("seite", "konto", "kosten", "wort"),
    [
        pytest.param("aufwand", "A", 120_000, "schlechter", id="mehr Aufwand"),
        pytest.param("aufwand", "A", 80_000, "besser", id="weniger Aufwand"),
        pytest.param("ertrag", "E", 80_000, "schlechter", id="weniger Ertrag"),
        pytest.param("ertrag", "E", 120_000, "besser", id="mehr Ertrag"),
        pytest.param("aufwand", "A", 100_000, "im Ansatz", id="genau im Ansatz"),
    ],
)
def test_die_abweichung_sagt_was_sie_fuer_den_haushalt_heisst(seite, konto, kosten, wort) -> None:
    daten = lieferung(*wie_plan(kosten, 1_200_000, konto=konto))
    row = zeile(tafeln.hochrechnung(daten, seite=seite), "3633")
    assert row["wort"] == wort
    assert row["abweichung_eur"] == abs(row["hochrechnung_eur"] - row["ansatz_eur"])
    assert row["abweichung_pct"] == row["abweichung_eur"] * 100 / row["ansatz_eur"]


def test_ohne_ansatz_keine_abweichung() -> None:
    row = zeile(tafeln.hochrechnung(lieferung(monatlich(JAHRE, 100_000))), "3633")
    assert all(leer(row[c]) for c in ("ansatz_eur", "abweichung_eur", "abweichung_pct", "wort"))
    assert row["hochrechnung_eur"] == 1_200_000


def test_die_wege_zur_summe_und_ihr_rekord(stadt) -> None:
    stand = prognosestand(stadt)
    frame = tafeln.wege_zur_summe(stadt).frame.set_index("weg")
    direkt, letzte = stand.prognose.direkt, len(stand.prognose.test.reihen) - 1
    jetzt = direkt.jahr == 2025
    teile = direkt.gewaehlt[jetzt & (direkt.nummer != letzte)].sum()
    assert frame.loc["Summe der Teile", "summe_eur"] == euro(teile)
    assert frame.loc["abgeglichen (gezeigt)", "summe_eur"] == pytest.approx(
        stand.summe.wert, abs=Decimal("0.2")
    )
    zwischen = sorted(frame.loc[["Summe der Teile", "direkt hochgerechnet"], "summe_eur"])
    assert zwischen[0] <= frame.loc["abgeglichen (gezeigt)", "summe_eur"] <= zwischen[1]
    assert set(frame["jahre"]) == {stand.summe.zeugnis.n}
    assert float(frame.loc["abgeglichen (gezeigt)", "wape_pct"]) == pytest.approx(
        stand.summe.zeugnis.wape * 100, abs=1e-5
    )


def test_eine_einzige_gruppe_ist_ihre_eigene_summe() -> None:
    daten = lieferung(*wie_plan(100_000, 1_100_000))
    summen = tafeln.wege_zur_summe(daten).frame["summe_eur"]
    assert set(summen) == {prognosestand(daten).summe.wert}


# --- the record ---------------------------------------------------------------------------------


def test_das_zeugnis_der_tafel_ist_das_der_hochrechnung(stadt) -> None:
    frame = tafeln.prognosezeugnis(stadt).frame
    for row, h in zip(frame.to_dict("records"),
                      prognosestand(stadt).prognose.hochrechnungen, strict=True):  # fmt: skip
        assert row["jahre"] == str(h.zeugnis.n)
        assert float(row["guete_ansatz"]) == pytest.approx(h.zeugnis.skill_ansatz, abs=1e-6)
        assert float(row["mape_pct"]) == pytest.approx(h.zeugnis.mape * 100, abs=1e-5)


def test_gueter_ansatz_schlaegt_die_prognose_und_das_steht_da() -> None:
    """Much falls into December, by a plan that is all but met: no course shows it."""
    rows, budgets = [], []
    for i, jahr in enumerate(JAHRE):
        hoehe = 100_000 * (1 + i % 2)
        rows += monatlich([jahr], hoehe)
        spaet = (5 - i) * 400_000
        rows.append(buchung(jahr, date(jahr, 12, 28), spaet))
        budgets.append(ansatz(jahr, 12 * hoehe + spaet + 1000))
    rows = [r for r in rows if r["buchung_am"] <= STICHTAG]
    row = zeile(tafeln.prognosezeugnis(lieferung(rows, budgets)), "3633")
    assert row["guete_ansatz"] < 0
    assert "Bisher war der Ansatz die bessere Prognose (Güte −" in row["satz"]


def test_fruehere_jahre_nennen_wer_naeher_war(stadt) -> None:
    frame = tafeln.fruehere_jahre(stadt).frame
    faelle = prognosestand(stadt).summe.zeugnis.faelle
    assert (
        list(frame["haushaltsjahr"]) == [2020, 2021, 2022, 2023, 2024] == [f.jahr for f in faelle]
    )
    for row in frame.to_dict("records"):
        fehler = {n: abs(row[c] - row["ergebnis_eur"])
                  for n, c in (("Hochrechnung", "prognose_eur"), ("Ansatz", "ansatz_eur"),
                               ("Vorjahr", "vorjahr_eur")) if not leer(row[c])}  # fmt: skip
        assert fehler[row["naeher"]] == min(fehler.values())
        weg = row["prognose_eur"] / row["ergebnis_eur"] - 1
        assert float(row["fehler_pct"]) == pytest.approx(float(weg) * 100, abs=1e-4)


def faelle_mit(ansatz_: float, prognose: float, ergebnis: float) -> Fall:
    return Fall("x", 2024, prognose, ergebnis, ansatz_, None, "M10")


@pytest.mark.parametrize(
    ("grenze", "ansatz_", "prognose", "ergebnis", "erwartet"),
    [
        pytest.param(Wesentlich(0.05, 100_000), 10**6, 1.2e6, 1.2e6, "1/0/0", id="beide Grenzen"),
        pytest.param(Wesentlich(0.05, 100_000), 10**6, 1.06e6, 1.2e6, "0/0/1", id="zu wenig Euro"),
        pytest.param(Wesentlich(0.05, 100_000), 10**7, 1.02e7, 1e7, "0/0/0", id="zu wenig Prozent"),
        pytest.param(Wesentlich(0.05), 10**6, 1.06e6, 1e6, "0/1/0", id="ohne Betragsgrenze"),
        pytest.param(
            Wesentlich(0.05, 100_000, ertrag=True), 10**6, 0.8e6, 0.8e6, "1/0/0", id="Minderertrag"
        ),
        pytest.param(
            Wesentlich(0.05, 100_000, ertrag=True), 10**6, 1.2e6, 1.2e6, "0/0/0", id="Mehrertrag"
        ),
    ],
)
def test_gewarnt_wird_ab_prozent_und_betrag(grenze, ansatz_, prognose, ergebnis, erwartet) -> None:
    fall = faelle_mit(ansatz_, prognose, ergebnis)
    a = auswerten([fall], periode=6, methode="M10", wesentlich=grenze).alarme
    assert f"{a.richtig}/{a.falsch}/{a.verpasst}" == erwartet


@pytest.mark.parametrize(
    ("schwelle", "erwartet"),
    [
        pytest.param(Schwelle(anteil_pct=Decimal(5), betrag_eur=Decimal(10**5)), 4, id="Vorgabe"),
        pytest.param(Schwelle(anteil_pct=Decimal(30), betrag_eur=Decimal(0)), 0, id="30 %"),
        pytest.param(Schwelle(anteil_pct=Decimal(5), betrag_eur=Decimal(10**6)), 0, id="1 Mio. €"),
    ],
)
def test_alarme_zaehlen_an_der_schwelle_der_kommune(schwelle, erwartet) -> None:
    """20 % over budget every year, and the forecast sees it from the second year on at least."""
    kommune = catalogue.kommune(catalogue.standard_kommune())
    stadt = SimpleNamespace(**(dict(kommune) | {"wesentlich": schwelle}))
    daten = lieferung(*wie_plan(120_000, 1_200_000), kommune=stadt)
    z = prognosestand(daten).summe.zeugnis
    assert (z.alarme.richtig + z.alarme.verpasst) == erwartet
    row = zeile(tafeln.prognosezeugnis(daten), "3633")
    assert row["alarme"] == gewarnt(z.alarme)
    if erwartet:
        assert z.alarme.richtig >= 3


@pytest.mark.parametrize(("ertrag", "alarme"), [(900_000, (3, 0)), (1_500_000, (0, 0))])
def test_bei_ertraegen_warnt_der_ausfall(ertrag, alarme) -> None:
    daten = lieferung(*wie_plan(ertrag // 12, 1_200_000, konto="E"))
    a = prognosestand(daten, seite="ertrag").summe.zeugnis.alarme
    assert a.richtig >= alarme[0]
    assert (a.richtig > 0, a.falsch) == (alarme[0] > 0, alarme[1])


# --- once, and fast -----------------------------------------------------------------------------


def test_ein_stichtag_wird_einmal_gerechnet(stadt) -> None:
    eins = prognosestand(stadt)
    assert prognosestand(stadt, stichtag=STICHTAG) is eins
    assert prognosestand(stadt, stichtag=date(2025, 4, 30)) is not eins
    assert prognosestand(stadt, seite="ertrag") is not eins


def test_zwei_rechnungen_geben_dasselbe() -> None:
    eins, zwei = (lieferung(*wie_plan(123_457, 1_111_111)) for _ in range(2))
    for name in (*JE_EBENE, *GESAMT):
        a, b = (getattr(tafeln, name)(d).frame for d in (eins, zwei))
        assert a.to_json() == b.to_json(), name


def test_der_ruecktest_der_stadt_dauert_keine_zwanzig_sekunden(stadt) -> None:
    start, urspruenge = time.perf_counter(), 0
    for ebene in EBENEN:
        p, test = ruecktest(stadt, ebene)
        assert set(test.periode.tolist()) == {4, 6, 8}
        assert len(test.methoden) == 13
        urspruenge += len(test.jahr)
        summe = len(test.reihen) - 1
        for jahr, periode in set(zip(test.jahr.tolist(), test.periode.tolist(), strict=True)):
            rows = (test.jahr == jahr) & (test.periode == periode)
            teile = np.nansum(test.gewaehlt[rows & (test.nummer != summe)])
            assert np.nansum(test.gewaehlt[rows & (test.nummer == summe)]) == pytest.approx(teile)
        assert len(p.reihen) == summe
    assert urspruenge > 400
    assert time.perf_counter() - start < 20


def test_was_in_mehreren_tafeln_gleich_heisst_ist_derselbe_betrag(stadt) -> None:
    """Hidden in one of them and shown in another it would be told."""
    tables = [
        tafeln.hochrechnung(stadt, "hilfeart"), tafeln.teile(stadt, "hilfeart"),
        abwicklungstafeln.ist_korrigiert(stadt), einheitskosten.kosten_je_monat(stadt),
        measures.aufstellungen.kostenzerlegung(stadt),
    ]  # fmt: skip
    found: dict[str, list[dict[str, Decimal]]] = {}
    for t in tables:
        for column, name in t.heisst.items():
            values = zip(t.frame["hilfeart"], t.frame[column], strict=True)
            found.setdefault(name, []).append({k: v for k, v in values if not leer(v)})
    assert sorted(len(same) for same in found.values()) == [1, 2, 2, 4]
    for first, *others in found.values():
        for other in others:
            both = first.keys() & other.keys()
            assert len(both) > 5
            assert all(abs(Decimal(first[k]) - Decimal(other[k])) <= Decimal("0.02") for k in both)
