"""Teilhaushalte: the net over all accounts, the bridge to soziale Sicherung, § 21 GemHVO.

The right values are added up from the raw files in plain pandas (``rohdaten``).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import gezeichnet
import pandas as pd
import pytest
from hauptbuch import Lieferung, ansatz, lieferung, monatlich, musterstadt, rohdateien
from rohdaten import Rohdaten

from sozcontrol import catalogue, hochrechnung, measures
from sozcontrol.catalogue.bericht import Schwelle, Unterrichtung
from sozcontrol.demo import STANDARD_STICHTAG, make_city
from sozcontrol.demo.pruefstand.wahrheit import zaehle
from sozcontrol.disclosure import Freigabe
from sozcontrol.hochrechnung.tafeln import zuschuss
from sozcontrol.hochrechnung.tafeln.zuschuss import Netto, Posten
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures import teilhaushalte as th
from sozcontrol.measures.teilhaushalte import GANZES, OHNE, SOZIAL
from sozcontrol.press.seite.export import scope

STICHTAG = "2025-06-30"
KITA, ZUSCHUESSE = "36500100", "541900"


def eur(cents: int) -> Decimal:
    return Decimal(int(cents)).scaleb(-2)


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


@pytest.fixture(scope="module")
def roh() -> Rohdaten:
    return Rohdaten(rohdateien(STANDARD_STICHTAG, date(2025, 7, 15)))


def je_teilhaushalt(rows: pd.DataFrame) -> pd.Series:
    return rows.groupby("teilhaushalt")["cent"].sum()


def zeilen(tafel) -> dict[str, dict]:
    rows = tafel.frame.astype("object").to_dict("records")
    return {row[tafel.je[0]]: row for row in rows}


# --- alle Konten, netto ---------------------------------------------------------------------------


def test_das_netto_der_teilhaushalte_ist_die_summe_aller_konten_der_dateien(stadt, roh) -> None:
    erwartet = roh.netto(STICHTAG, ["teilhaushalt"])
    found = zeilen(th.teilhaushalte(stadt))
    assert set(found) == {*erwartet.index, INSGESAMT}
    for nummer, row in erwartet.iterrows():
        assert found[nummer]["ansatz_eur"] == eur(row["ansatz"])
        assert found[nummer]["ist_eur"] == eur(row["ist"])
    assert found[INSGESAMT]["ansatz_eur"] == eur(erwartet["ansatz"].sum())
    assert found[INSGESAMT]["ist_eur"] == eur(erwartet["ist"].sum())


def test_die_zuschuesse_an_die_traeger_der_kitas_verschwinden_nicht(stadt, roh) -> None:
    """38.4 million of the plan: no account of soziale Sicherung, and the largest of all."""
    plan = roh.budget
    plan = plan[(plan["jahr"] == 2025) & (plan["produkt"] == KITA) & (plan["konto"] == ZUSCHUESSE)]
    original = plan.loc[plan["art"] == "Ansatz", "cent"].sum()
    assert round(original / 1e8, 1) == 38.4
    (name,) = [n for n in zeilen(th.bruecke(stadt)) if ZUSCHUESSE in n]
    assert zeilen(th.bruecke(stadt))[name]["ansatz_eur"] == -eur(plan["cent"].sum())
    kitas = zeilen(th.teilhaushalte(stadt))["09"]
    sozial = roh.netto(STICHTAG, ["teilhaushalt"], sozial=True).loc["09", "ist"]
    assert kitas["sozial_eur"] == eur(sozial)
    assert kitas["ist_eur"] > 3 * kitas["sozial_eur"]


def test_die_kennzahlen_der_teilhaushalte_stimmen_mit_den_dateien(stadt, roh) -> None:
    netto = roh.netto(STICHTAG, ["teilhaushalt"]).sum()
    obligo = roh.obligo[roh.obligo["konto_art"] == "aufwand"]
    ansatz_alle = roh.ansatz(STICHTAG, "aufwand", sozial=None)["cent"].sum()
    ist_alle = roh.ist(STICHTAG, "aufwand", sozial=None)["cent"].sum()
    ganz = roh.gesamt
    ganz = ganz[(ganz["art"] == "Ist") & (ganz["jahr"] == 2025) & (ganz["stand"] <= STICHTAG)]
    erwartet = {
        "F22": eur(netto["ansatz"]), "F23": eur(netto["ist"]),
        "F24": eur(obligo["bestellt"].sum()), "F25": eur(obligo["gesperrt"].sum()),
        "F26": eur(ansatz_alle - ist_alle - obligo["bestellt"].sum() - obligo["gesperrt"].sum()),
    }  # fmt: skip
    werte = {w.kennzahl.id: w.frame["wert"].iloc[0] for w in
             measures.kennzahlen(stadt, [*erwartet, "F15", "F15b"])}  # fmt: skip
    for name, wert in erwartet.items():
        assert werte[name] == wert, name
    sozial = roh.ist(STICHTAG, "aufwand")["cent"].sum()
    assert float(werte["F15"]) == pytest.approx(100 * sozial / ganz["aufwand"].sum(), abs=1e-9)
    assert float(werte["F15b"]) == pytest.approx(100 * ist_alle / ganz["aufwand"].sum(), abs=1e-9)
    assert werte["F25"] > 0  # a Sperre is in the demo, or the test proves nothing


def test_was_an_einem_frueheren_tag_bestellt_war_ist_unbekannt_und_nicht_null(stadt) -> None:
    """A delivery has the Obligo of one day: a revision would say that all orders were dropped."""
    names = ["F24", "F25", "F26"]
    werte = measures.kennzahlen(stadt, names, stichtag=date(2025, 4, 30))
    assert [w.kennzahl.id for w in werte if not pd.isna(w.frame["wert"].iloc[0])] == []


def test_die_bruecke_fuehrt_auf_den_cent_von_allen_konten_zur_sozialen_sicherung(
    stadt, roh
) -> None:
    bruecke = th.bruecke(stadt).frame
    namen = list(bruecke["zeile"])
    assert (namen[0], namen[-1]) == (GANZES, SOZIAL)
    for spalte, quelle in (("ansatz_eur", "ansatz"), ("ist_eur", "ist")):
        werte = list(bruecke[spalte])
        assert sum(werte[:-1], Decimal(0)) == werte[-1]
        sozial = roh.netto(STICHTAG, ["konto_art"], sozial=True)
        assert werte[-1] == eur(sozial.sum()[quelle])
    andere = {k for k, s in zip(roh.konten["konto"], roh.konten["sozial"], strict=True) if not s}
    gebucht = set(roh.buchungen.loc[roh.buchungen["jahr"] == 2025, "konto"])
    assert {re.search(r"\((\d+)\)$", n)[1] for n in namen[1:-1]} == andere & gebucht


def test_frei_verfuegbar_ist_ansatz_minus_ist_bestellt_und_gesperrt(stadt, roh) -> None:
    teile = pd.DataFrame(
        {
            "ansatz": je_teilhaushalt(roh.ansatz(STICHTAG, "aufwand", sozial=None)),
            "ist": je_teilhaushalt(roh.ist(STICHTAG, "aufwand", sozial=None)),
            "bestellt": roh.obligo.groupby("teilhaushalt")["bestellt"].sum(),
            "gesperrt": roh.obligo.groupby("teilhaushalt")["gesperrt"].sum(),
        }
    ).fillna(0)  # fmt: skip
    frei = teile["ansatz"] - teile["ist"] - teile["bestellt"] - teile["gesperrt"]
    found = zeilen(th.frei_verfuegbar(stadt))
    assert {n: found[n]["frei_eur"] for n in frei.index} == {n: eur(v) for n, v in frei.items()}
    assert found[INSGESAMT]["frei_eur"] == eur(frei.sum())


# --- ein Produkt ohne Teilhaushalt ----------------------------------------------------------------


def ohne_zuordnung(daten: Lieferung, produkt: str) -> Lieferung:
    rows = daten.arrow["map_produkt"].to_pylist()
    for row in rows:
        if row["produkt_lokal"] == produkt:
            row["teilhaushalt"] = row["teilhaushalt_name"] = None
    schema = daten.arrow["map_produkt"].schema
    table = type(daten.arrow["map_produkt"]).from_pylist(rows, schema=schema)
    return Lieferung(daten.stichtag, {**daten.arrow, "map_produkt": table}, daten.kommune)


def test_ein_produkt_ohne_teilhaushalt_steht_in_einer_zeile_und_fehlt_nicht(stadt) -> None:
    daten = ohne_zuordnung(stadt, KITA)
    ohne = next(
        r for r in th.teilhaushalte(daten).frame.to_dict("records")
        if r["teilhaushalt_name"] == OHNE
    )  # fmt: skip
    vorher, jetzt = (zeilen(th.teilhaushalte(d))[INSGESAMT] for d in (stadt, daten))
    assert jetzt["ist_eur"] == vorher["ist_eur"]
    assert ohne["ansatz_eur"] > 16_000_000
    prognose = hochrechnung.tafeln.teilhaushalte(daten).frame
    assert OHNE in list(prognose["teilhaushalt_name"])
    assert prognose["hochrechnung_eur"].iloc[:-1].sum() == prognose["hochrechnung_eur"].iloc[-1]


def test_eine_lieferung_von_frueher_kennt_keine_teilhaushalte_und_zeigt_alles_ohne(stadt) -> None:
    spalten = ["teilhaushalt", "teilhaushalt_name", "deckungskreis", "verantwortlich"]
    alt = {**stadt.arrow, "map_produkt": stadt.arrow["map_produkt"].drop_columns(spalten)}
    rows = th.teilhaushalte(Lieferung(stadt.stichtag, alt, stadt.kommune)).frame
    assert list(rows["teilhaushalt_name"]) == [OHNE, INSGESAMT]
    assert rows["ist_eur"].iloc[0] == zeilen(th.teilhaushalte(stadt))[INSGESAMT]["ist_eur"]


# --- Hochrechnung des Netto, § 21 GemHVO ----------------------------------------------------------


def test_das_erwartete_netto_ist_die_summe_seiner_hochrechnungen(stadt) -> None:
    """F05 and its income by product group, and the other accounts forecast by themselves."""
    gruppen = {
        r["produktgruppe"]: r["teilhaushalt"] for r in stadt.arrow["map_produkt"].to_pylist()
    }
    summen: Counter[str] = Counter()
    for ebene in ("produktgruppe", "uebrige"):
        for seite, zeichen in (("aufwand", 1), ("ertrag", -1)):
            stand = hochrechnung.stand_oder_keiner(stadt, ebene, seite=seite)
            for name, h in stand.reihen.items():
                if name in gruppen:
                    summen[gruppen[name]] += zeichen * h.wert
    found = zeilen(hochrechnung.tafeln.teilhaushalte(stadt))
    assert {n: found[n]["hochrechnung_eur"] for n in summen} == dict(summen)
    assert found[INSGESAMT]["hochrechnung_eur"] == sum(summen.values())


def test_ansatz_und_hochrechnung_stehen_auf_derselben_grundlage(stadt) -> None:
    plan, prognose = th.teilhaushalte(stadt), hochrechnung.tafeln.teilhaushalte(stadt)
    for nummer, row in zeilen(prognose).items():
        assert row["ansatz_eur"] == zeilen(plan)[nummer]["ansatz_eur"]


def test_der_rat_erfaehrt_von_jedem_wesentlich_schlechteren_netto_und_von_jeder_sperre(
    stadt,
) -> None:
    grenze = stadt.kommune.unterrichtung.schwelle
    gesperrt = th.sperren(stadt, stadt.stichtag)
    for nummer, row in zeilen(hochrechnung.tafeln.teilhaushalte(stadt)).items():
        if nummer == INSGESAMT:
            assert pd.isna(row["stufe"])
            continue
        weg = row["hochrechnung_eur"] - row["ansatz_eur"]
        zu_viel = weg > grenze.betrag_eur and weg * 100 > grenze.anteil_pct * abs(row["ansatz_eur"])
        assert (row["stufe"] == "wesentlich") == zu_viel
        assert (row["unterrichten"] == "ja") == (zu_viel or gesperrt.get(nummer, 0) > 0)
    stufen = {n: r["stufe"] for n, r in zeilen(hochrechnung.tafeln.teilhaushalte(stadt)).items()}
    assert stufen["08"] == "wesentlich"
    assert gesperrt["09"] == 180_000


def test_eine_produktgruppe_ueber_der_schwelle_ist_in_ihrem_teilhaushalt_genannt(stadt) -> None:
    """3114 escaped: its Teilhaushalt as a whole is within its own threshold."""
    rows = zeilen(hochrechnung.tafeln.auffaellige(stadt))
    assert rows["3114"]["teilhaushalt"] == "05"
    assert round(rows["3114"]["abweichung_eur"] / 1000) == 249
    assert round(rows["3114"]["abweichung_pct"]) == 17
    assert zeilen(hochrechnung.tafeln.teilhaushalte(stadt))["05"]["stufe"] == "beobachten"


def seite(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ")


def test_die_seite_nennt_netto_adressat_anlass_und_produktgruppe(stadt) -> None:
    freigabe = Freigabe.open("gremium")
    tafeln = hochrechnung.tafeln
    found = [freigabe.aufstellung(b(stadt)) for b in (tafeln.teilhaushalte, tafeln.auffaellige)]
    form = {"kommune": stadt.kommune, "aussage": hochrechnung.aussage(stadt)}
    text = seite(gezeichnet.subsidy(*found, "Zuschussbedarf", **form).html)
    assert "Unverzüglich zu unterrichten (§ 21 GemHVO RLP): Stadtrat." in text
    assert "Haushaltssperre über 180 T€" in text
    assert "3114 Hilfen zur Gesundheit: schlechter um 249 T€ (17,0 %)" in text
    assert "In 3 von 5 früheren Jahren war der Ansatz die bessere Prognose." in text
    assert "möglich" in text and "▲ wesentlich" in text


# --- ein kleiner Haushalt -------------------------------------------------------------------------

PRODUKTE = """
    produkt_lokal | produkt_name | gueltig_von | produktgruppe | teilhaushalt | teilhaushalt_name
    P1            | Heim         | 2000-01-01  | 3633          | 8            | Jugend
    P2            | Förderung    | 2000-01-01  | 3632          | 8            | Jugend
    P3            | Asyl         | 2000-01-01  | 3130          | 7            | Asyl
    P4            | Asyl, Heime  | 2000-01-01  | 3130          | 8            | Jugend
    """
JAHRE = range(2021, 2026)


def haushalt(*weitere, **anders) -> Lieferung:
    """Steady bookings of 100 T€ a month on P1 and of 10 T€ on P2, budgeted to the euro."""
    gebucht = monatlich(JAHRE, 100_000, "P1") + monatlich(JAHRE, 10_000, "P2")
    geplant = [ansatz(j, 1_200_000, "P1") for j in JAHRE]
    geplant += [ansatz(j, 120_000, "P2") for j in JAHRE]
    for buchungen, budgets in weitere:
        gebucht, geplant = gebucht + buchungen, geplant + budgets
    return lieferung(gebucht, geplant, produkte=PRODUKTE, **anders)


def test_andere_konten_werden_wie_die_sozialen_hochgerechnet() -> None:
    personal = monatlich(JAHRE, 50_000, "P2", konto="P")
    daten = haushalt((personal, [ansatz(j, 600_000, "P2", konto="P") for j in JAHRE]))
    row = zeilen(hochrechnung.tafeln.teilhaushalte(daten))["8"]
    assert row["ansatz_eur"] == 1_920_000
    assert row["hochrechnung_eur"] == pytest.approx(Decimal(1_920_000), abs=1)
    assert row["angenommen_eur"] == 0


def test_wofuer_kein_verfahren_antwortet_gilt_der_ansatz_und_wird_gesagt() -> None:
    daten = haushalt(([], [ansatz(2025, 300_000, "P2", konto="P")]))
    row = zeilen(hochrechnung.tafeln.teilhaushalte(daten))["8"]
    assert row["angenommen_eur"] == 300_000
    assert row["hochrechnung_eur"] == pytest.approx(Decimal(1_620_000), abs=1)


def test_eine_produktgruppe_in_zwei_teilhaushalten_wird_nach_ihren_ansaetzen_geteilt() -> None:
    gebucht = monatlich(JAHRE, 30_000, "P3") + monatlich(JAHRE, 10_000, "P4")
    geplant = [ansatz(j, 360_000, "P3") for j in JAHRE] + [ansatz(j, 120_000, "P4") for j in JAHRE]
    rows = zeilen(hochrechnung.tafeln.teilhaushalte(haushalt((gebucht, geplant))))
    assert rows["7"]["hochrechnung_eur"] == pytest.approx(Decimal(360_000), abs=1)
    assert rows["8"]["hochrechnung_eur"] == pytest.approx(Decimal(1_440_000), abs=1)
    ganz = rows[INSGESAMT]["hochrechnung_eur"]
    assert rows["7"]["hochrechnung_eur"] + rows["8"]["hochrechnung_eur"] == ganz


def test_schwelle_und_adressat_sind_tatsachen_der_kommune() -> None:
    standard = catalogue.kommune("musterstadt")
    streng = Unterrichtung(adressat="Kreistag", schwelle=Schwelle(anteil_pct=1, betrag_eur=1000))
    teurer = monatlich([2025], 20_000, "P1")
    mild, hart = (
        haushalt((teurer, []), kommune=standard.model_copy(update={"unterrichtung": regel}))
        for regel in (
            Unterrichtung(schwelle=Schwelle(anteil_pct=50, betrag_eur=1_000_000)), streng,
        )
    )  # fmt: skip
    stufen = [
        zeilen(hochrechnung.tafeln.teilhaushalte(d))["8"]["unterrichten"] for d in (mild, hart)
    ]
    assert stufen == ["nein", "ja"]


@dataclass(frozen=True)
class Sperre:
    verfuegt: int
    im_verfahren: int
    gezeigt: int


@pytest.mark.parametrize(
    "fall",
    [
        pytest.param(Sperre(-5000, 0, 5000), id="verfügt, im Verfahren nicht eingetragen"),
        pytest.param(Sperre(0, 7000, 7000), id="eingetragen, nie verfügt"),
        pytest.param(Sperre(-5000, 5000, 5000), id="beides ist dieselbe Sperre"),
        pytest.param(Sperre(0, 0, 0), id="keine"),
    ],
)
def test_jede_sperre_zaehlt_einmal(fall: Sperre) -> None:
    sperre = [ansatz(2025, fall.verfuegt, "P1", art="sperre", ab=date(2025, 3, 1))]
    offen = {"jahr": 2025, "produkt": "P1", "konto": "A", "stand": date(2025, 6, 30),
             "bestellt_eur": Decimal(0), "gesperrt_eur": Decimal(fall.im_verfahren)}  # fmt: skip
    daten = haushalt(([], sperre if fall.verfuegt else []), obligo=[offen])
    assert th.sperren(daten, daten.stichtag).get("8", 0) == fall.gezeigt
    row = zeilen(hochrechnung.tafeln.teilhaushalte(daten))["8"]
    assert row["unterrichten"] == ("ja" if fall.gezeigt else "nein")
    assert row["ansatz_eur"] == 1_320_000  # a Sperre does not change the budget


def test_die_spanne_ist_die_der_fehler_derselben_summe() -> None:
    """Two parts whose errors cancel out are one sum without error."""
    jahre = range(2021, 2025)
    teile = [
        Posten(("8", "J"), g, Decimal(100), Decimal(100),
               {j: (100.0 + z * (j - 2020), 100.0, 110.0) for j in jahre})
        for g, z in (("A", 1), ("B", -1))
    ]  # fmt: skip
    assert {e for e, _ in Netto(tuple(teile)).fehler.values()} == {0.0}
    assert zuschuss.spanne(Netto(tuple(teile))) == (Decimal("200.00"), Decimal("200.00"))
    einer = Netto(tuple(teile[:1]))
    unten, oben = zuschuss.spanne(einer)
    assert oben == 100  # it was never too low
    assert unten == pytest.approx(Decimal(100) - Decimal(4) * 100 / 104, abs=Decimal("0.01"))


def test_ein_jahr_in_dem_ein_teil_fehlt_ist_kein_zeugnis_der_summe() -> None:
    ganz = Posten(
        ("8", "J"), "A", Decimal(1), Decimal(1), {2023: (1.0, 1.0, None), 2024: (2.0, 1.0, 1.0)}
    )
    jung = Posten(("8", "J"), "B", Decimal(1), Decimal(1), {2024: (1.0, 1.0, 1.0)})
    assert Netto((ganz, jung)).fehler == {2024: (1.0, 0.0)}


# --- Umfang ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bereich", "satz"), [
    ("finanzcontrolling", "Nicht enthalten: Personal"),
    ("hochrechnung", "Nicht enthalten: Personal"),
    ("abwicklung", "keine anderen Produkte, keine Erträge."),  # of the Zahlliste, not the ledger
])  # fmt: skip
def test_jeder_finanzbericht_sagt_im_kopf_was_er_umfasst(bereich: str, satz: str) -> None:
    text = scope(catalogue.bereich(bereich), catalogue.kommune("musterstadt"))
    assert text is not None
    assert satz in text


def test_die_demo_kennt_ihre_teilhaushalte(stadt) -> None:
    wahr = zaehle(make_city(), stadt.stichtag, date(2025, 7, 15))
    found = zeilen(th.teilhaushalte(stadt))
    assert {n: (r["ansatz_eur"], r["ist_eur"]) for n, r in found.items() if n != INSGESAMT} == {
        n: (wahr.ansatz_netto[n], wahr.ist_netto[n]) for n in wahr.ansatz_netto
    }


def test_aeltere_plaene_sind_auch_zugeordnet() -> None:
    alt = Rohdaten(rohdateien(date(2024, 6, 30), date(2024, 7, 15)))
    assert (alt.produkte["teilhaushalt"] != "").all()
    gruppen = alt.produkte.groupby("produktgruppe")["teilhaushalt"].nunique()
    assert (gruppen == 1).all()
