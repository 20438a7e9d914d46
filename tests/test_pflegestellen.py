"""Foster places, guardians, calls at night, the Land's money: against the raw files, in pandas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import abweichungen, einwohner, euro, ganz, roh
from tafel import Stadt

from sozcontrol import catalogue, measures, store
from sozcontrol.demo.pflegestellen import ZUGELASSEN
from sozcontrol.demo.sozialraumbudgets import BESCHEID
from sozcontrol.disclosure import merkmale
from sozcontrol.measures.zaehlwerk.kennzahlen import seiten
from sozcontrol.measures.zaehlwerk.rechnen import rechne

TAG = date(2025, 6, 30)
MONAT = Fraction("30.4375")


@pytest.fixture(scope="module")
def lieferung(eingelesen):
    """The session's stored Musterstadt; read, not changed."""
    daten = store.open_data(TAG, projekt=eingelesen.projekt)
    yield eingelesen.projekt.raw / f"{TAG}" / f"{daten.datenstand}", daten
    daten.close()


def liste(ordner, name: str, *tage: str, kodierung: str = "cp1252", kopf: int = 2) -> pd.DataFrame:
    frame = roh(ordner, name, kodierung, kopf)
    for spalte in tage:
        frame[spalte] = pd.to_datetime(frame[spalte], format="%d.%m.%Y", errors="coerce")
    return frame


def im_jahr(tage: pd.Series, bis: pd.Timestamp) -> pd.Series:
    return (tage > bis - pd.DateOffset(years=1)) & (tage <= bis)


def im_monat(tage: pd.Series) -> int:
    return int(((tage.dt.year == TAG.year) & (tage.dt.month == TAG.month)).sum())


def kosten_je_monat(ordner, netto: bool) -> dict[str, Fraction]:
    """What a month in a home and in a foster family cost last year, from both lists."""
    hilfen = liste(ordner, "WJH_Hilfen", "Beginn", "Ende", kopf=1)
    zahlungen = roh(ordner, "WJH_Zahlliste", "cp1252", 1)
    zahlungen = zahlungen[zahlungen["Leistungsmonat"].str.endswith(str(TAG.year - 1))]
    von, bis = (pd.Timestamp(TAG.year - 1, *m) for m in ((1, 1), (12, 31)))
    found = {}
    for art in ("Heimerziehung/betr. Wohnform", "Vollzeitpflege"):
        eigene = hilfen[hilfen["Leistungsart"] == art]
        tage = (
            eigene["Ende"].fillna(bis).clip(upper=bis) - eigene["Beginn"].clip(lower=von)
        ).dt.days + 1
        gezahlt = zahlungen[zahlungen["Hilfe-Nr"].isin(eigene["Hilfe-Nr"])]
        arten = gezahlt["Art"].isin(["Leistung", "Rückrechnung"])
        betrag = gezahlt["Betrag (€)"].str.replace(r"(.+)-$", r"-\1", regex=True)  # SAP's minus
        betrag = euro(betrag)
        summe = int(betrag[arten].sum()) - (int(betrag[~arten].sum()) if netto else 0)
        found[art] = Fraction(summe, 100) / (int(tage.clip(lower=0).sum()) / MONAT)
    return found


def erwartet(ordner) -> dict[str, Fraction]:
    bis = pd.Timestamp(TAG)
    stellen = liste(ordner, "PKD_Pflegestellen", "Bewerbung", "zugelassen", "beendet")
    neu, weg = (int(im_jahr(stellen[s], bis).sum()) for s in ("zugelassen", "beendet"))
    laeuft = (stellen["zugelassen"] <= bis) & ~(stellen["beendet"] <= bis)
    vorjahr = stellen[im_jahr(stellen["Bewerbung"], bis - pd.DateOffset(years=1))]
    rechtzeitig = (vorjahr["zugelassen"] - vorjahr["Bewerbung"]).dt.days <= 365
    ruf = liste(ordner, "KSD_Rufbereitschaft", "Tag")
    ruf = ruf[im_jahr(ruf["Tag"], bis)]
    quartal = ruf[ruf["Tag"] > bis - pd.offsets.QuarterEnd(1)]
    gefahr = liste(ordner, "KSD_Gefaehrdungen", "Meldung")
    muendel = liste(ordner, "Vormundschaften", "Beginn", "Ende")
    vormund = liste(ordner, "Personal_Stellen", "Stichtag")
    vormund = vormund[(vormund["Stichtag"] == bis) & (vormund["Funktion"] == "Vormundschaft")]
    land = liste(ordner, "Kita_Landesbudget", "gilt von", kodierung="utf-8-sig")
    land = land[land["gilt von"].dt.year == TAG.year]
    anteile = zip(euro(land["Mittel des Landes (€)"]), ganz(land["Kinder Stadt"]),
                  ganz(land["Kinder Land"]), strict=True)  # fmt: skip
    heim, pflege = kosten_je_monat(ordner, netto=False).values()
    heim_netto, pflege_netto = kosten_je_monat(ordner, netto=True).values()
    parameter = liste(ordner, "Steuerung_Parameter", "gültig bis", kodierung="utf-8-sig")
    gilt = parameter["gültig bis"].isna() & parameter["Parameter"].str.startswith("Pflegestellen")
    (kosten,) = parameter[gilt]["Wert"].astype(int)
    return {
        "W09": Fraction(neu - weg), "W09b": Fraction(neu), "W09c": Fraction(weg),
        "W09d": Fraction(int(laeuft.sum())),
        "W09e": Fraction(int(im_jahr(stellen["Bewerbung"], bis).sum())),
        "W09f": Fraction(int(rechtzeitig.sum()) * 100, len(vorjahr)),
        "H44": kosten / (heim - pflege), "H44b": kosten / (heim_netto - pflege_netto),
        "S08": Fraction(len(ruf)), "S08c": Fraction(im_monat(ruf["Tag"])),
        "S01c": Fraction(im_monat(gefahr["Meldung"]) * 1000, einwohner(ordner, TAG)(0, 18)),
        "S08d": Fraction(int((quartal["Zeit"] != "Abend").sum()) * 100, len(quartal)),
        "S08b": Fraction(int((ruf["Zeit"] != "Abend").sum()) * 100, len(ruf)),
        "P07": int(((muendel["Beginn"] <= bis) & ~(muendel["Ende"] <= bis)).sum())
        / Fraction(int(euro(vormund["Ist (VZÄ)"]).sum()), 100),
        "T12": sum(Fraction(int(m) * int(k), int(n) * 100) for m, k, n in anteile),
    }  # fmt: skip


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung) -> None:
    ordner, daten = lieferung
    soll = erwartet(ordner)
    assert abweichungen(daten, soll) == {}
    gepflanzt = {k.id for k in catalogue.kennzahlen().values() if k.gruppe == "Pflegestellen"}
    assert gepflanzt | {"S01c", "S08", "S08b", "S08c", "S08d", "P07", "T12"} == soll.keys()


def test_was_gepflanzt_ist_kommt_wieder_heraus(lieferung) -> None:
    """The Land's money is the city's Bescheid; about so many applications succeed, as planted."""
    werte = {z.id: z.wert for z in measures.alle(lieferung[1], ids=["T12", "W09f"])}
    assert round(werte["T12"]) == BESCHEID[TAG.year] * 1000
    assert float(werte["W09f"]) == pytest.approx(ZUGELASSEN * 100, abs=15)


# --- the engine: terms that are divided by others -------------------------------------------------

PERSON = """
    person_id | geburtsmonat | geschlecht
    P1        | 2012-05-01   | w
    P2        | 2012-05-01   | w
    P3        | 2012-05-01   | w
    """
FALL = """
    hilfe_id | person_id | hilfeart | paragraph | segment    | beginn     | ende
    H1       | P1        | 34       | 34        | stationaer | 2024-01-01 |
    H2       | P2        | 34       | 34        | stationaer | 2024-01-01 |
    H3       | P3        | 33       | 33        | stationaer | 2024-07-01 |
    """
ZAHLUNG = """
    zahlung_id | hilfe_id | leistungsmonat | art           | betrag_eur
    Z1         | H1       | 2024-03-01     | leistung      | 7000
    Z2         | H2       | 2024-03-01     | leistung      | 3000
    Z3         | H3       | 2024-08-01     | leistung      | 1840
    Z4         | H3       | 2024-08-01     | kostenbeitrag | 920
    Z5         | H1       | 2025-01-01     | leistung      | 99999
    """
PARAMETER = """
    parameter   | gueltig_von | gueltig_bis | parameterwert
    akquise_eur | 2024-01-01  | 2024-12-31  | 1
    akquise_eur | 2025-01-01  | 2025-06-30  | 1000
    """


def stadt(**anders: str) -> Stadt:
    tables = {"person": PERSON, "fall": FALL, "zahlung": ZAHLUNG, "parameter": PARAMETER}
    return Stadt(date(2025, 6, 30), **(tables | anders))


def wert(daten: Stadt, kennzahl: str = "H44", tag: date | None = None) -> Decimal | None:
    (zeile,) = measures.alle(daten, tag, [kennzahl])
    return zeile.wert


def test_jede_form_wird_durch_ihre_eigenen_monate_geteilt() -> None:
    """Last year: 10.000 € of two whole years in a home, 1.840 € of 184 days with a family."""
    heim, pflege = Fraction(10_000, 732), Fraction(10)
    assert float(wert(stadt())) == pytest.approx(float(1000 / ((heim - pflege) * MONAT)))
    netto = float(1000 / ((heim - Fraction(5)) * MONAT))
    assert float(wert(stadt(), "H44b")) == pytest.approx(netto)


def test_ein_parameter_gilt_bis_zu_seinem_letzten_tag_und_danach_ist_er_unbekannt() -> None:
    daten = Stadt(date(2025, 7, 31), person=PERSON, fall=FALL, zahlung=ZAHLUNG, parameter=PARAMETER)
    assert wert(daten, tag=date(2025, 6, 30)) is not None
    assert wert(daten, tag=date(2025, 7, 1)) is None


def test_ohne_einen_teiler_ist_der_wert_unbekannt_und_nicht_null() -> None:
    ohne = "\n".join(z for z in FALL.splitlines() if "H3" not in z)
    assert wert(stadt(fall=ohne)) is None


def test_hinter_einem_unterschied_stehen_so_wenige_wie_hinter_seinem_kleinsten_teil() -> None:
    """Two live in homes, one with a family: what that one costs follows from the difference."""
    item, tag = catalogue.kennzahl("H44"), date(2025, 6, 30)
    _, nenner = seiten(item, tag)
    result = rechne(stadt(), [nenner])
    assert result.faelle(nenner, ()) == 1
    assert result.tragende(nenner, ()) == 1


def test_die_geheimhaltung_nennt_einen_quotienten_nicht_wie_seinen_zaehler() -> None:
    (erster, _) = catalogue.kennzahl("H44").nenner.terme
    allein = erster.model_copy(update={"durch": None})
    assert not merkmale.is_part(erster, erster)
    assert merkmale.is_part(allein, allein)
