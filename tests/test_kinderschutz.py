"""Kinderschutz: every Kennzahl against the raw files, counted again in plain pandas."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pandas as pd
import pytest
from monatsdateien import abweichungen, einwohner, liefere, roh
from stichprobe import probe
from tafel import Stadt

from sozcontrol import catalogue, measures
from sozcontrol.demo import make_city
from sozcontrol.demo.kinderschutz import FRISTGERECHT

PROFILE = ("musterstadt_kinderschutz", "musterstadt_jugend", "musterstadt_statistik")
STICHTAGE = [date(2024, 12, 31), date(2025, 6, 30)]


@pytest.fixture(scope="module", params=probe(STICHTAGE[::-1], 1), ids=str)
def lieferung(request, tmp_path_factory):
    tag = request.param
    ordner, daten = liefere(
        tmp_path_factory.mktemp("schutz"), tag, PROFILE, ohne="WJH_Zahlliste.csv"
    )
    namen = ("Gefaehrdungen", "Inobhutnahmen", "Betreuungen")
    gefahr, obhut, betreut = (roh(ordner, f"KSD_{n}", "cp1252") for n in namen)
    hilfen = roh(ordner, "WJH_Hilfen", "cp1252", kopf=1)
    beginn = hilfen.set_index("Hilfe-Nr")["Beginn"].rename("Hilfe ab")
    obhut = obhut.join(beginn, on="Anschlusshilfe")
    betreut = betreut.join(beginn, on="Übergang in Hilfe")
    for frame in (gefahr, obhut, betreut):
        for spalte in ("Meldung", "Erstkontakt", "Beginn", "Ende", "Hilfe ab"):
            if spalte in frame:
                frame[spalte] = pd.to_datetime(frame[spalte], format="%d.%m.%Y", errors="coerce")
    return tag, (gefahr, obhut, betreut), daten, einwohner(ordner, tag)


def anteil(teil: pd.DataFrame, ganzes: pd.DataFrame) -> Fraction:
    return Fraction(len(teil) * 100, len(ganzes))


def laufend(f: pd.DataFrame, tag: pd.Timestamp) -> int:
    """Begun, and not ended on the day: who ends on it has ended."""
    return int(((f["Beginn"] <= tag) & ~(f["Ende"] <= tag)).sum())


def erwartet(lieferung) -> dict[str, Fraction]:
    tag, (gefahr, obhut, betreut), _, menschen = lieferung
    bis = pd.Timestamp(tag)
    von, kinder = bis - pd.offsets.MonthEnd(12), menschen(0, 18)

    def im_jahr(frame: pd.DataFrame, spalte: str, reif: int = 0) -> pd.DataFrame:
        """The twelve months up to the Stichtag; what is younger than *reif* months is left out."""
        ende = bis - pd.offsets.MonthEnd(reif) if reif else bis
        return frame[(frame[spalte] > von) & (frame[spalte] <= ende)]

    alle, begonnen = im_jahr(gefahr, "Meldung"), im_jahr(obhut, "Beginn")
    fertig = im_jahr(gefahr, "Meldung", 2)
    fertig = fertig[fertig["Ergebnis"] != ""]
    nach = {e: fertig[fertig["Ergebnis"] == e] for e in fertig["Ergebnis"].unique()}
    einen_monat = im_jahr(gefahr, "Meldung", 1)
    kontakt = (einen_monat["Erstkontakt"] - einen_monat["Meldung"]).dt.days
    beendet, alt = im_jahr(obhut, "Ende"), im_jahr(obhut, "Ende", 1)
    weg = im_jahr(betreut, "Ende", 6)
    in_hilfe = weg[(weg["Hilfe ab"] - weg["Ende"]).dt.days <= 183]
    dauer = (beendet["Ende"] - beendet["Beginn"]).dt.days.median()
    p42, p42a = (begonnen[begonnen["Rechtsgrundlage"] == p] for p in ("§ 42", "§ 42a"))
    return {
        "S01": Fraction(len(alle) * 1000, kinder), "S01b": Fraction(len(alle)),
        "S02": anteil(nach["akute KWG"], fertig), "S02b": anteil(nach["latente KWG"], fertig),
        "S02c": anteil(nach["Hilfebedarf"], fertig), "S02d": anteil(nach["kein Bedarf"], fertig),
        "S02e": Fraction(len(fertig)),
        "S03": anteil(pd.concat([nach["akute KWG"], nach["latente KWG"]]), fertig),
        "S04": Fraction(len(p42) * 1000, kinder), "S04b": Fraction(len(p42a)),
        "S05": Fraction(dauer), "S06": anteil(begonnen[begonnen["Selbstmelder"] == "ja"], begonnen),
        "S07": anteil(alt[(alt["Hilfe ab"] - alt["Ende"]).dt.days <= 30], alt),
        "S09": anteil(einen_monat[kontakt <= 3], einen_monat),
        "S10": Fraction(laufend(obhut, bis)), "H36": Fraction(laufend(betreut, bis)),
        "H36b": Fraction(len(im_jahr(betreut, "Beginn"))), "H37": anteil(in_hilfe, weg),
    }  # fmt: skip


def test_jede_kennzahl_stimmt_mit_den_dateien(lieferung) -> None:
    soll = erwartet(lieferung)
    assert abweichungen(lieferung[2], soll) == {}
    ruf = {"S01c", "S08", "S08b", "S08c", "S08d"}  # test_pflegestellen
    assert soll.keys() | ruf == set(catalogue.bereich("kinderschutz").kennzahlen)
    assert soll["S02"] + soll["S02b"] + soll["S02c"] + soll["S02d"] == 100
    assert soll["S03"] == soll["S02"] + soll["S02b"]


def test_der_gepflanzte_anteil_rechtzeitiger_kontakte_kommt_wieder_heraus(lieferung) -> None:
    (zeile,) = measures.alle(lieferung[2], ids=["S09"])
    assert float(zeile.wert) == pytest.approx(FRISTGERECHT * 100, abs=6)


def test_jede_bezahlte_inobhutnahme_steht_in_der_liste_und_einige_mehr() -> None:
    """Children who go home within days are taken into care, but no Hilfe that is paid for."""
    stadt, tag = make_city(), date(2025, 6, 30)
    hilfen = {h.nummer[1:] for h in stadt.hilfen if h.hilfeart == "42" and h.beginn <= tag}
    obhut = {i.nummer[2:] for i in stadt.schutz.inobhutnahmen if i.beginn <= tag}
    assert hilfen < obhut
    assert {len(n) for n in obhut - hilfen} == {7}


def test_was_am_datenstand_nicht_geschehen_ist_steht_nicht_in_der_lieferung() -> None:
    tabellen = make_city().tabellen(date(2025, 6, 30), date(2025, 7, 21))
    tage = [
        z[spalte] for name, spalten in (("gefaehrdung", ("erstkontakt_am", "folge_am")),
                                        ("inobhutnahme", ("ende",)), ("ksd_fall", ("ende",)))
        for z in tabellen[name] for spalte in spalten if z[spalte] is not None
    ]  # fmt: skip
    assert max(tage) <= date(2025, 7, 21)
    bekannt = {f["hilfe_id"] for f in tabellen["fall"]}
    folgen = {i["anschluss_hilfe_id"] for i in tabellen["inobhutnahme"]} - {None}
    assert folgen
    assert folgen <= bekannt


# --- the engine: days between two dates ---------------------------------------------------------

GEFAEHRDUNG = """
    gefaehrdung_id | person_id | meldung_am | erstkontakt_am | ergebnis
    G1             | P1        | 2025-05-01 | 2025-05-04     | akut
    G2             | P2        | 2025-05-01 | 2025-05-05     | kein
    G3             | P3        | 2025-05-31 |                | latent
    G4             | P4        | 2025-06-01 | 2025-06-01     |
    """


def test_drei_tage_sind_rechtzeitig_vier_nicht_und_keiner_auch_nicht() -> None:
    """What was reported less than a month ago is not asked for."""
    stadt = Stadt(date(2025, 6, 30), gefaehrdung=GEFAEHRDUNG)
    (zeile,) = measures.alle(stadt, ids=["S09"])
    assert (zeile.zaehler, zeile.nenner) == (1, 3)
