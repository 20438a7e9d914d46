"""The Hochrechnung as leadership reads it: the whole, its parts, the methods, the words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import gezeichnet
import numpy as np
import pandas as pd
import pytest
from hauptbuch import Lieferung, ansatz, buchung, lieferung, monatlich, musterstadt

from sozcontrol.disclosure import Freigabe
from sozcontrol.forecast.datei import Massstab, _schwelle
from sozcontrol.forecast.methoden.einfach import NAMEN
from sozcontrol.forecast.prognose.alarm import Alarme, Wesentlich
from sozcontrol.forecast.prognose.auswertung import auswerten
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.forecast.prognose.zeugnis import Fall
from sozcontrol.hochrechnung import tafeln
from sozcontrol.hochrechnung.prognosestand import prognosestand
from sozcontrol.hochrechnung.tafeln import bau
from sozcontrol.hochrechnung.tafeln.zeugnistafel import gewarnt, rechtsbruch, schwelle

EBENEN = ("produktgruppe", "hilfeart")
PANELS = [("produktgruppe", "aufwand"), ("produktgruppe", "ertrag"), ("hilfeart", "aufwand")]
JAHRE = range(2021, 2026)


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


def leer(x) -> bool:
    return x is None or x is pd.NA


def zeile(tafel, wert) -> dict:
    (row,) = tafel.frame[tafel.frame[tafel.je[0]] == wert].to_dict("records")
    return row


def seite(kosten: int, plan: int, konto: str = "A") -> tuple[list, list]:
    return (
        monatlich(JAHRE, kosten, "P1", konto=konto),
        [ansatz(j, plan, "P1", konto=konto) for j in JAHRE],
    )


def beide_seiten(aufwand: int, ertrag: int) -> Lieferung:
    (kosten, plan), (ein, einplan) = seite(aufwand, 1_200_000), seite(ertrag, 600_000, "E")
    return lieferung([*kosten, *ein], [*plan, *einplan])


# --- the whole ----------------------------------------------------------------------------------


def test_der_zuschussbedarf_ist_aufwand_minus_ertraege() -> None:
    tafel = tafeln.gesamt(beide_seiten(120_000, 60_000))
    a, e, z = (zeile(tafel, n) for n in ("Aufwand", "Erträge", "Zuschussbedarf"))
    for spalte in ("ansatz_eur", "hochrechnung_eur", "ist_eur", "vorjahr_eur"):
        assert z[spalte] == a[spalte] - e[spalte]
    # 120 of 100 and 60 of 50 thousand a month: 240 more are spent, 120 more come in.
    assert [r["abweichung_eur"] for r in (a, e, z)] == [240_000, 120_000, 120_000]
    spanne = (a["unten_eur"] - e["oben_eur"], a["oben_eur"] - e["unten_eur"])
    assert (z["unten_eur"], z["oben_eur"]) == spanne
    assert [r["wort"] for r in (a, e, z)] == ["schlechter", "besser", "schlechter"]


def test_gleich_viel_mehr_auf_beiden_seiten_ist_netto_im_ansatz() -> None:
    z = zeile(tafeln.gesamt(beide_seiten(110_000, 60_000)), "Zuschussbedarf")
    assert z["wort"] == "im Ansatz"
    assert z["hochrechnung_eur"] == z["ansatz_eur"] == 600_000


@pytest.mark.parametrize(
    ("jahre", "grundlage"),
    [pytest.param([2025], "noch keine", id="erstes Jahr"),
     pytest.param(JAHRE, "beide zusammen", id="mit Vorjahren")],
)  # fmt: skip
def test_ohne_spanne_hat_auch_der_zuschussbedarf_keine(jahre, grundlage) -> None:
    rows = [r for k in "AE" for r in monatlich(jahre, 100_000, konto=k)]
    tafel = tafeln.gesamt(lieferung(rows, [ansatz(2025, 1_200_000, konto=k) for k in "AE"]))
    z = zeile(tafel, "Zuschussbedarf")
    assert (z["grundlage"], leer(z["unten_eur"])) == (grundlage, grundlage == "noch keine")
    freigabe = Freigabe.open("leitung")
    zeugnis = tafeln.gesamtzeugnis(lieferung(rows))
    found = map(freigabe.aufstellung, (tafel, zeugnis))
    html = gezeichnet.outlook(*found, "Jahresende", edition="leitung").html
    assert "Zuschussbedarf: Aufwand minus Erträge" in html
    assert ("Seine Spanne reicht" in html) == (grundlage == "beide zusammen")


def test_ohne_ertraege_steht_der_aufwand_allein() -> None:
    daten = lieferung(*seite(100_000, 1_200_000))
    assert list(tafeln.gesamt(daten).frame["was"]) == ["Aufwand"]
    assert list(tafeln.gesamtzeugnis(daten).frame["was"]) == ["Aufwand"]


def test_auch_der_zuschussbedarf_hat_ein_zeugnis(stadt) -> None:
    row = zeile(tafeln.gesamtzeugnis(stadt), "Zuschussbedarf")
    seiten = [prognosestand(stadt, seite=s).summe.zeugnis.faelle for s in ("aufwand", "ertrag")]
    paare = list(zip(*seiten, strict=True))
    fehler = sum((a.prognose - e.prognose) - (a.ergebnis - e.ergebnis) for a, e in paare)
    summe = sum(abs(a.ergebnis - e.ergebnis) for a, e in paare)
    assert float(row["bias_pct"]) == pytest.approx(fehler / summe * 100, abs=1e-5)
    assert (row["jahre"], row["treffer"]) == ("5", "4 von 4")


# --- words for a deviation and for a span -------------------------------------------------------


@pytest.mark.parametrize(
    ("wert", "ansatz_", "wort"),
    [
        pytest.param("1000999.99", "1000000", "im Ansatz", id="unter 1 T€"),
        pytest.param("1001000", "1000000", "schlechter", id="1 T€ und 0,1 %"),
        pytest.param("100049999", "100000000", "im Ansatz", id="unter 0,05 %"),
        pytest.param("99950000", "100000000", "besser", id="0,05 %"),
        pytest.param("5000", "0", "schlechter", id="Ansatz null"),
    ],
)
def test_was_gerundet_null_ist_liegt_im_ansatz(wert, ansatz_, wort) -> None:
    row = bau.abweichung(Decimal(wert), Decimal(ansatz_), "aufwand")
    assert row["wort"] == wort
    assert (row["abweichung_pct"] is None) == (ansatz_ == "0")


@pytest.mark.parametrize(
    ("spanne", "kurz", "worte"),
    [
        pytest.param(Spanne(1, 2, 0.8, 60), "80 % (60)", "In 80 % der Fälle", id="versprochen"),
        pytest.param(Spanne(1, 2, None, 4), "Spannweite (4)", "bisherigen 4 Fehler", id="wenige"),
        pytest.param(Spanne(1, 2, None, 1), "Spannweite (1)", "eine bisherige Fehler", id="einer"),
        pytest.param(Spanne(None, None, None, 0), "noch keine", "", id="keiner"),
    ],
)
def test_unter_acht_fehlern_verspricht_keine_spanne_etwas(spanne, kurz, worte) -> None:
    assert bau.grundlage(spanne) == kurz
    gesagt = " ".join(bau.spannenworte([spanne]))
    assert worte in gesagt
    assert ("% der Fälle" in gesagt) == (spanne.niveau is not None)


# --- what a forecast is made of -----------------------------------------------------------------


@pytest.mark.parametrize(("ebene", "seite_"), PANELS)
def test_die_teile_ergeben_die_hochrechnung(stadt, ebene, seite_) -> None:
    stand = prognosestand(stadt, ebene, seite=seite_)
    for row in tafeln.teile(stadt, ebene, seite=seite_).frame.to_dict("records"):
        teile = [row[c] for c in ("ist_eur", "rest_eur", "abgleich_eur") if not leer(row[c])]
        h = stand.reihen[row[ebene]]
        assert sum(teile) == row["hochrechnung_eur"] == h.wert
        abgleich = dict(h.teile).get("Abgleich von Teilen und Summe")
        assert abgleich == (None if leer(row["abgleich_eur"]) else row["abgleich_eur"])
        assert row["verfahren"]


def test_einmaliges_steht_neben_dem_ist() -> None:
    rows, plan = seite(100_000, 1_200_000)
    ohne = zeile(tafeln.teile(lieferung(rows, plan)), "3633")
    einmal = {"herkunft": "manuell", "leistungsmonat": date(2024, 5, 1)}
    rows = [*rows, buchung(2025, date(2025, 3, 5), 40_000, **einmal)]
    mit = zeile(tafeln.teile(lieferung(rows, plan)), "3633")
    assert (mit["ist_eur"], mit["einmalig_eur"]) == (ohne["ist_eur"] + 40_000, 40_000)
    assert leer(ohne["einmalig_eur"])


def test_das_verfahren_steht_in_worten_ohne_statistik(stadt) -> None:
    for satz in tafeln.teile(stadt).frame["verfahren"]:
        assert satz.startswith("Mitte aus ") and "Median" not in satz and "Methode" not in satz


# --- the methods --------------------------------------------------------------------------------


@pytest.mark.parametrize(("ebene", "seite_"), PANELS)
def test_verfahren_werden_an_denselben_faellen_verglichen(stadt, ebene, seite_) -> None:
    frame = tafeln.methoden(stadt, ebene, seite=seite_).frame.set_index("methode")
    stand = prognosestand(stadt, ebene, seite=seite_)
    test, p = stand.prognose.test, stand.panel
    assert frame.index[-1] == "gezeigt"
    assert frame.loc["gezeigt", "summe_eur"] == stand.summe.wert
    anzahlen = {int(n) for n in frame["prognosen"] if not leer(n)}
    assert len(anzahlen) == 1
    # Neither too few cases nor the total beside its parts.
    teile = (test.jahr < p.jahr) & (test.nummer != len(test.reihen) - 1)
    alle = int(np.isfinite(test.ergebnis[teile]).sum())
    assert alle <= 2 * anzahlen.pop() <= 2 * alle
    assert frame.loc["Vorjahresergebnis", "guete_vorjahr"] == 0
    assert frame.loc["Ansatz", "guete_ansatz"] == 0


@pytest.mark.parametrize(("ebene", "seite_"), PANELS)
def test_kein_verfahren_schweigt_ohne_grund(stadt, ebene, seite_) -> None:
    stand = prognosestand(stadt, ebene, seite=seite_)
    frame = tafeln.methoden(stadt, ebene, seite=seite_).frame
    gemessen = {r.methode for r in frame.itertuples() if not leer(r.prognosen)}
    stumm = tafeln.ohne_antwort(stadt, ebene, seite=seite_).frame
    assert {NAMEN[m] for m in stand.prognose.test.methoden} - gemessen <= set(stumm["methode"])
    assert all(stumm["grund"])
    (plan,) = stumm[stumm["methode"] == NAMEN["M5b"]].to_dict("records")
    n = len(stand.panel.reihen)
    assert plan["fehlt"] == f"{n} von {n}"
    assert plan["grund"].startswith("Es gibt keinen Plan")


def test_woran_die_szenarien_haengen_zeigt_seinen_fehler(stadt) -> None:
    frame = tafeln.methoden(stadt, "hilfeart").frame.set_index("methode")
    assert frame.loc["Fälle × Kosten", "prognosen"] > 0
    assert frame.loc["Fälle × Kosten", "wape_pct"] > 0


@pytest.mark.parametrize(("ebene", "seite_"), PANELS)
def test_die_wahl_sagt_warum_nicht_das_genauere_verfahren(stadt, ebene, seite_) -> None:
    frame = tafeln.methoden(stadt, ebene, seite=seite_).frame.set_index("methode")
    satz = tafeln.wahl(stadt, ebene, seite=seite_).frame.set_index("was")["satz"]
    einzelne = frame.drop(index=["gezeigt", "Kombination"])["wape_pct"].dropna().astype(float)
    beste = einzelne.idxmin()
    assert satz["Verglichen"].startswith(f"An {frame.loc['gezeigt', 'prognosen']} von ")
    if einzelne[beste] >= float(frame.loc["gezeigt", "wape_pct"]):
        assert seite_ == "ertrag", "plant a better one"
        assert satz["Warum"].startswith("Kein einzelnes Verfahren lag hier näher")
        return
    assert f"»{beste}« lag hier näher" in satz["Warum"]
    assert "ersetzt die Kombination trotzdem nicht" in satz["Warum"]


# --- the record's words -------------------------------------------------------------------------


def faelle(*fehler: float, ergebnis: float = 1_000_000) -> list[Fall]:
    return [
        Fall("x", 2020 + i, ergebnis * (1 + f), ergebnis, None, None, "M10")
        for i, f in enumerate(fehler)
    ]


@pytest.mark.parametrize(
    ("fehler", "satz"),
    [
        pytest.param([-0.01] * 5, "In allen 5 Jahren lag die Hochrechnung unter dem Ergebnis "
                     "(im Mittel −1,0 %).", id="alle"),
        pytest.param([0.02] * 4 + [-0.01], "In 4 von 5 Jahren lag die Hochrechnung über dem "
                     "Ergebnis (im Mittel +1,4 %).", id="alle bis auf eines"),
        pytest.param([0.02] * 3 + [-0.01] * 2, "", id="auf beiden Seiten"),
        pytest.param([-0.01] * 3, "", id="drei Jahre sind zu wenige"),
        pytest.param([-0.0001] * 5, "", id="gerundet nichts"),
        pytest.param([0.01] * 4 + [-0.09], "", id="das eine Jahr wiegt alle auf"),
    ],
)  # fmt: skip
def test_wer_immer_auf_einer_seite_liegt_dem_wird_es_gesagt(fehler, satz) -> None:
    z = auswerten(faelle(*fehler), periode=6, methode="M10")
    assert z.schieflage == satz
    assert satz in z.satz


@pytest.mark.parametrize(
    ("ansaetze", "satz"),
    [
        ([1.5, 1.5, 1.5, 1.5], "In keinem von 4 Jahren war der Ansatz näher am Ergebnis."),
        ([1.0, 1.5, 1.5, 1.5], "In 1 von 4 Jahren war der Ansatz näher am Ergebnis."),
        ([1.0, 1.0, 1.0, 1.0], "In allen 4 Jahren war der Ansatz näher am Ergebnis."),
        ([1.0, 1.0], "In beiden Jahren war der Ansatz näher am Ergebnis."),
        ([1.0], "In dem einen früheren Jahr war der Ansatz näher am Ergebnis."),
        ([1.5], "In keinem früheren Jahr war der Ansatz näher am Ergebnis."),
    ],
)
def test_der_satz_zaehlt_wie_man_spricht(ansaetze, satz) -> None:
    rows = [Fall("x", 2020 + i, 1.1e6, 1e6, a * 1e6, None, "M10") for i, a in enumerate(ansaetze)]
    assert satz in auswerten(rows, periode=6, methode="M10").satz


def test_unter_50_000_euro_sagt_das_zeugnis_warum_prozente_fehlen() -> None:
    z = auswerten(faelle(0.1, ergebnis=20_000), periode=6, methode="M10")
    assert z.mape is None
    assert "Fehler so kleiner Beträge sagt kein Prozentwert." in z.satz


@pytest.mark.parametrize(
    ("brueche", "sonder", "satz"),
    [
        pytest.param({2022}, (), "zum Teil aus der Zeit davor", id="mitten im Zeugnis"),
        pytest.param({2025}, (), "ganz aus der Zeit davor", id="nach dem Zeugnis"),
        pytest.param({2020}, (), "", id="mit dem ersten Jahr"),
        pytest.param({2026}, (), "", id="noch nicht"),
        pytest.param((), {2021}, "Sonderjahr, kein Vorbild für andere: 2021.", id="Sonderjahr"),
    ],
)
def test_nach_einer_rechtsaenderung_sagt_das_zeugnis_woher_es_stammt(brueche, sonder, satz) -> None:
    reihe = SimpleNamespace(brueche=frozenset(brueche), sonderjahre=frozenset(sonder))
    gesagt = rechtsbruch(reihe, auswerten(faelle(0.1, 0.1, -0.1), periode=6, methode="x"), 2025)
    assert satz in gesagt
    assert bool(satz) == bool(gesagt)


def test_die_rechtsaenderung_steht_in_ihrer_zeile(stadt) -> None:
    saetze = tafeln.prognosezeugnis(stadt).frame.set_index("produktgruppe")["satz"]
    assert [g for g, s in saetze.items() if "Recht geändert" in s] == ["3130"]


def test_die_schwelle_der_kommune_steht_beim_zeugnis(stadt) -> None:
    (satz,) = tafeln.hinweise(stadt)["zeugnis"]
    assert "um mehr als 5 % des Ansatzes und mehr als 100.000 € schlechter wird" in satz
    assert tafeln.hinweise(stadt, seite="ertrag")["zeugnis"][0] == satz
    assert "um mehr als 2,5 % des Ansatzes schlechter" in schwelle(Wesentlich(0.025))
    damals = tafeln.hinweise(stadt, "hilfeart")["zeugnis"][1]
    assert "Fallzahlen früherer Monate sind die von heute" in damals


def test_ohne_schwelle_zaehlt_jede_abweichung_am_terminal_und_im_bericht() -> None:
    keine = Wesentlich(0.0)
    assert "um jeden Betrag schlechter wird (Schwelle" in schwelle(keine)
    assert _schwelle(Massstab(12, 0, keine)) == "jeder Betrag über dem Ansatz"
    eigene = Wesentlich(0.0, 12_345.5, ertrag=True)
    assert "um mehr als 12.345,5 € schlechter wird (Schwelle" in schwelle(eigene)
    assert _schwelle(Massstab(12, 0, eigene)) == "mehr als 12.345,5 € unter dem Ansatz"


@pytest.mark.parametrize(
    ("alarme", "worte"),
    [
        (Alarme(0, 0, 1, 4), "1 verpasst"),
        (Alarme(2, 1, 0, 2), "2 richtig, 1 falsch"),
        (Alarme(0, 0, 0, 5), "kein Anlass"),
        (None, "ohne Ansatz"),
    ],
)
def test_gewarnt_steht_in_worten(alarme, worte) -> None:
    assert gewarnt(alarme) == worte
