"""What real exports hold has a code: no form of help of the law stops a delivery."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
import tafel
from hauptbuch import musterstadt, rohdateien
from kleinstadt import Stadt
from rohdaten import Rohdaten

from sozcontrol import catalogue, checks, measures
from sozcontrol.demo import STANDARD_STICHTAG, write_delivery
from sozcontrol.findings import Schwere
from sozcontrol.intake import read_delivery
from sozcontrol.tidy import Pseudonymiser, to_tables

STICHTAG = date(2025, 6, 30)
WIRKLICH = [
    ("27_2", "27_2", "teilstationaer"), ("27_2", "27_2", "stationaer"),
    ("35", "35", "teilstationaer"), ("35a", "35a_sb", "ambulant"), ("13_3", "13_3", "stationaer"),
    ("18", "18", "ambulant"), ("21", "21", "stationaer"), ("42a", "42a", "stationaer"),
    ("32_2", "32_2", "teilstationaer"), ("27_3", "27_3", "ambulant"),
    ("41", "27_2", "stationaer"), ("41", "35a_sb", "ambulant"),
]  # fmt: skip
"""(Rechtsgrundlage, Hilfeart, Segment) that exports of real systems hold."""


def test_jedes_paar_das_wirkliche_exporte_haben_ist_zulaessig() -> None:
    arten = catalogue.codeliste("hilfeart").gueltig
    for paragraph, hilfeart, segment in WIRKLICH:
        assert segment in arten[hilfeart].merkmale["segmente"].split()
        assert paragraph in catalogue.codeliste("paragraph").gueltig


def test_keine_dieser_hilfen_haelt_eine_lieferung_an() -> None:
    stadt = Stadt()
    vorlage = stadt.zeile("fall", hilfe_id="H2")
    for nummer, (paragraph, hilfeart, segment) in enumerate(WIRKLICH, start=100):
        kennungen = {"hilfe_id": f"H{nummer}", "fall_id": f"F{nummer}", "person_id": f"P{nummer}"}
        neu = {"paragraph": paragraph, "hilfeart": hilfeart, "segment": segment, **kennungen,
               "beginn": date(2025, 6, 1), "antrag_am": date(2025, 5, 1)}  # fmt: skip
        stadt.dazu("fall", vorlage, **neu)
        alt = date(2006, 1, 1) if paragraph == "41" else date(2012, 1, 1)
        person = stadt.zeilen["person"][0]
        stadt.dazu("person", person, person_id=f"P{nummer}", geburtsmonat=alt)
    regeln = Path(__file__).parent.parent / "expectations"
    found = checks.check(
        {n: t for n, t in stadt.tables().items() if n in ("fall", "person", "lieferung")},
        stichtag=STICHTAG, datenstand=date(2025, 7, 15), expectations=regeln,
    )  # fmt: skip
    fehler = [f for f in found if f.tabelle == "fall" and f.schwere is Schwere.FEHLER]
    assert fehler == []


def test_ein_export_mit_allen_leistungsarten_wird_gelesen(tmp_path: Path) -> None:
    """The words of the source system for what Musterstadt itself never grants."""
    ordner = write_delivery(tmp_path, stichtag=date(2021, 1, 31))
    (pfad,) = ordner.glob("WJH_Hilfen*")
    zeilen = pfad.read_bytes().split(b"\r\n")
    neu = [
        ("§ 13 Abs. 3 SGB VIII", "Sozialpäd. begleitetes Jugendwohnen", "stat."),
        ("§ 18 SGB VIII", "Begleiteter Umgang", "amb."),
        ("§ 21 SGB VIII", "Unterbringung zur Schulpflicht", "stat."),
        ("§ 27 Abs. 2 SGB VIII", "Sonstige erzieherische Hilfe", "stat."),
        ("§ 27 Abs. 3 SGB VIII", "Therapie und Ausbildung", "amb."),
        ("§ 32 Satz 2 SGB VIII", "Tagesgruppe in Familienpflege", "teilstat."),
        ("§ 35 SGB VIII", "Intensive sozialpäd. Einzelbetreuung", "teilstat."),
        ("§ 35a SGB VIII", "Schulbegleitung", "amb."),
        ("§ 42a SGB VIII", "Vorläufige Inobhutnahme", "stat."),
    ]
    for nummer, worte in enumerate(neu, start=2):
        felder = zeilen[nummer].split(b";")
        felder[6:9] = [wort.encode("cp1252") for wort in worte]
        zeilen[nummer] = b";".join(felder)
    pfad.write_bytes(b"\r\n".join(zeilen))
    tage = {"stichtag": date(2021, 1, 31), "datenstand": date(2021, 2, 21)}
    delivery = read_delivery(ordner, catalogue.kommune("musterstadt"), **tage)
    tidied = to_tables(delivery, Pseudonymiser(b"k" * 32, "test"))
    assert [f for f in (*delivery.findings, *tidied.findings) if f.tabelle == "fall"] == []
    arten, segmente = (tidied.tables["fall"][c].to_pylist() for c in ("hilfeart", "segment"))
    assert {
        ("13_3", "stationaer"), ("27_2", "stationaer"), ("35", "teilstationaer"),
        ("35a_sb", "ambulant"), ("42a", "stationaer"), ("32_2", "teilstationaer"),
    } <= set(zip(arten, segmente, strict=True))  # fmt: skip


FAELLE = [
    # Hilfeart, segment, Rechtsgrundlage, how many run
    ("33", "stationaer", "33", 4), ("33", "stationaer", "41", 1), ("34", "stationaer", "34", 5),
    ("35", "stationaer", "35", 1), ("35a", "stationaer", "35a", 2), ("19", "stationaer", "19", 3),
    ("21", "stationaer", "21", 1), ("27_2", "stationaer", "27_2", 2),
    ("27_2", "stationaer", "41", 1), ("42", "stationaer", "42", 6),
    ("13_3", "stationaer", "13_3", 7),
    ("31", "ambulant", "31", 8), ("32_2", "teilstationaer", "32_2", 2),
    ("35", "teilstationaer", "35", 1), ("35a_sb", "ambulant", "35a", 9),
    ("27_3", "ambulant", "27_3", 2), ("18", "ambulant", "18", 11),
]  # fmt: skip


def zaehle(bedingung) -> int:
    return sum(n for *fall, n in FAELLE if bedingung(*fall))


def test_die_quoten_zaehlen_die_neuen_formen_wie_ihre_definition_sagt() -> None:
    rows = [
        {"hilfe_id": f"{i}-{k}", "hilfeart": art, "segment": segment, "paragraph": paragraph,
         "rechtskreis": "SGB8", "beginn": date(2025, 1, 1), "person_id": f"P{i}-{k}"}
        for i, (art, segment, paragraph, anzahl) in enumerate(FAELLE) for k in range(anzahl)
    ]  # fmt: skip
    spalten = {c: [r[c] for r in rows] for c in rows[0]}
    daten = tafel.Stadt(STICHTAG, fall=spalten)
    ring = ("19", "20", "21", "27_2", "33", "34", "35", "35a")
    eckwert = ("29", "30", "31", "32", "32_2", "33", "34", "35")
    fremd = zaehle(
        lambda a, s, p: (
            s == "stationaer" and (a in ("33", "34", "35") or (p == "41" and a in ("27_2", "35a")))
        )
    )
    nah = zaehle(
        lambda a, s, p: (
            s != "stationaer" and (a in ("29", "30", "31", "32", "32_2", "35") or p == "41")
        )
    )
    erwartet = {
        "H01": zaehle(lambda a, s, p: a not in ("13_3", "18", "19", "20", "21", "42", "42a")),
        "H13": Decimal(5) * 100 / 10,
        "H13b": Decimal(5) * 100 / zaehle(lambda a, s, p: s == "stationaer" and a in ring),
        "H12": Decimal(nah) / fremd,
    }
    werte = {w.kennzahl.id: w.frame.iloc[0] for w in measures.kennzahlen(daten, [*erwartet, "H06"])}
    for name, wert in erwartet.items():
        assert abs(Decimal(werte[name].wert) - wert) < Decimal("1e-20"), name
    assert werte["H06"].zaehler == zaehle(lambda a, s, p: a in eckwert or p == "41")
    assert werte["H13b"].nenner == 20


# --- F16 über belegte Monate ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def roh() -> Rohdaten:
    return Rohdaten(rohdateien(STANDARD_STICHTAG, date(2025, 7, 15)))


def effekte(roh: Rohdaten) -> pd.DataFrame:
    """Menge, Struktur and Preis per Leistungsart from the files, by the formula, in cents."""
    tage, kosten = {}, {}
    for jahr in (2024, 2025):
        bis = pd.Timestamp(f"{jahr}-06-30")
        art = roh.hilfen.loc[roh.hilfen["hze"], "Leistungsart"]
        tage[jahr] = roh.belegte_tage(f"{jahr - 1}-12-31", f"{jahr}-06-30").groupby(art).sum()
        z = roh.zahlungen
        z = z[z["hze"] & z["Art"].isin(["Leistung", "Rückrechnung"]) & (z["am"] <= bis)]
        z = z[(z["monat"] >= f"{jahr}-01-01") & (z["monat"] <= bis)]
        kosten[jahr] = z.groupby("Leistungsart")["cent"].sum()
    arten = tage[2024].index
    n0, n1 = int(tage[2024].sum()), int(tage[2025].sum())
    rows = {}
    for art in arten:
        t0, t1 = int(tage[2024][art]), int(tage[2025][art])
        k0, k1 = int(kosten[2024].get(art, 0)), int(kosten[2025].get(art, 0))
        c0, s0, s1 = Fraction(k0, t0), Fraction(t0, n0), Fraction(t1, n1)
        menge, struktur = (n1 - n0) * s0 * c0, n1 * (s1 - s0) * c0
        rows[art] = [
            _cent(menge),
            _cent(struktur),
            k1 - k0 - _cent(menge) - _cent(struktur),
            k1 - k0,
        ]
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["menge", "struktur", "preis", "ganz"]
    )


def _cent(wert: Fraction) -> int:
    return int((Decimal(wert.numerator) / wert.denominator).quantize(Decimal(1), ROUND_HALF_UP))


def test_f16_misst_die_menge_in_belegten_monaten(roh: Rohdaten) -> None:
    erwartet = effekte(roh).sum()
    gesamt = measures.aufstellungen.kostenzerlegung(musterstadt()).frame.iloc[-1]
    for name, spalte in (("menge", "mengen"), ("struktur", "struktur"), ("preis", "preis")):
        assert gesamt[f"{spalte}effekt_eur"] == Decimal(int(erwartet[name])).scaleb(-2)
    assert gesamt["veraenderung_eur"] == Decimal(int(erwartet["ganz"])).scaleb(-2)


def test_laengere_verweildauer_ist_menge_und_kein_preis() -> None:
    """The same number of Hilfen, twice the months, the same price a month."""
    fall = """
        hilfe_id | person_id | hilfeart | segment    | beginn     | ende
        A        | P1        | 34       | stationaer | 2024-01-01 | 2024-01-31
        B        | P2        | 34       | stationaer | 2025-01-01 | 2025-03-03
        """
    zahlung = """
        zahlung_id | hilfe_id | leistungsmonat | buchung_am | art      | betrag_eur
        Z1         | A        | 2024-01-01     | 2024-02-10 | leistung | 3100
        Z2         | B        | 2025-01-01     | 2025-02-10 | leistung | 3100
        Z3         | B        | 2025-02-01     | 2025-03-10 | leistung | 2800
        Z4         | B        | 2025-03-01     | 2025-04-10 | leistung | 300
        """
    rows = measures.zerlegung(tafel.Stadt(STICHTAG, fall=fall, zahlung=zahlung))
    gesamt = rows.iloc[-1]
    assert (gesamt.menge0, gesamt.menge1) == (31, 62)
    assert (gesamt.mengeneffekt_eur, gesamt.preiseffekt_eur) == (Decimal("3100.00"), 0)


def test_hinter_den_belegten_monaten_stehen_hilfen_und_keine_tage() -> None:
    """A hundred days of one Hilfe are one Hilfe to disclosure."""
    aufstellung = measures.aufstellungen.kostenzerlegung(musterstadt())
    assert set(aufstellung.anzahl) == {"hilfen0", "hilfen1", "faelle0", "faelle1"}
    frame = aufstellung.frame
    assert (frame["hilfen1"] <= frame["menge1"]).all()
    jahr = measures.kennzahl(musterstadt(), "H04", je=["hilfeart"]).frame.set_index("hilfeart")
    assert dict(zip(frame["hilfeart"], frame["hilfen1"], strict=True)) == {
        k: jahr["wert"][k] for k in frame["hilfeart"]
    }
