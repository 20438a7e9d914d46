"""The registry: what is declared is computed, and computed as declared."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from statistics import median

import pandas as pd
import pytest
from tafel import Stadt
from wuerfelstadt import STICHTAG, wuerfelstadt

from sozcontrol import catalogue, measures
from sozcontrol.catalogue.kennzahl import Kennzahl, Kennzahlendatei
from sozcontrol.errors import CatalogueError, UsageError
from sozcontrol.measures.zaehlwerk.grundzahlen import finde
from sozcontrol.measures.zaehlwerk.prove import pruefe

D = Decimal
VON = date(2024, 12, 31)
KENNZAHLEN = catalogue.kennzahlen()


@pytest.fixture(scope="module")
def stadt():
    return wuerfelstadt()


@pytest.fixture(scope="module")
def stadtweit(stadt):
    return {zeile.id: zeile for zeile in measures.alle(stadt)}


# --- the catalogue -------------------------------------------------------------------------------


def test_jede_kennzahl_ist_wie_angegeben_zu_berechnen():
    measures.prove()


def test_verlangte_kennzahlen_sind_da():
    finanzen = {f"F{n:02}" for n in (1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 16, 17, 19, 20, 21)}
    hilfen = {f"H{n:02}" for n in (*range(1, 36), 38, 40, 41, 42, 43)}
    assert finanzen | hilfen <= set(catalogue.steckbriefe())
    ergaenzt = {k.id for k in catalogue.prognosekennzahlen().values() if k.roh}
    assert set(finanzen | hilfen) - set(KENNZAHLEN) == ergaenzt == {"H16", "H17", "H18", "H19"}


def test_umstrittene_kennzahlen_sind_eigene_varianten():
    varianten = {k.id: k.variante_von for k in KENNZAHLEN.values() if k.variante_von}
    assert {varianten[i] for i in ("H25b", "H25c", "H25d")} == {"H25"}
    for id_, original in varianten.items():
        mine, other = KENNZAHLEN[id_], catalogue.steckbrief(original)
        assert (mine.zaehler, mine.nenner) != (other.zaehler, other.nenner)


def aendere(id_: str, **changes: object) -> Kennzahl:
    """Return a Kennzahl with changed fields; terms count in »hilfen« unless they say so."""
    given = KENNZAHLEN[id_].model_dump(by_alias=True, exclude_unset=True)
    file = Kennzahlendatei(gruppe="", vorgaben={"sicht": "hilfen"}, kennzahlen=(changes,))
    (changed,) = file.eintraege()
    return Kennzahl.model_validate({**given, **changed, "gruppe": given["gruppe"]})


@pytest.mark.parametrize(
    ("aenderung", "grund"),
    [
        pytest.param({"zaehler": {"grundzahl": "bestant"}}, "bestand", id="Grundzahl"),
        pytest.param(
            {"zaehler": {"grundzahl": "bestand", "wo": {"farbe": "rot"}}},
            "farbe",
            id="Spalte",
        ),
        pytest.param(
            {
                "zaehler": [
                    {"grundzahl": "bestand"},
                    {"grundzahl": "wartezeit_median"},
                ]
            },
            "Median",
            id="Median addiert",
        ),
        pytest.param(
            {
                "zaehler": [
                    {"grundzahl": "bestand"},
                    {"grundzahl": "belegte_tage"},
                ]
            },
            "Einheiten",
            id="Fälle und Tage addiert",
        ),
        pytest.param({"granularitaet": ["produktgruppe"]}, "produktgruppe", id="Gliederung"),
        pytest.param({"datenquelle": ["gebiet.name"]}, "datenquelle", id="Datenquelle"),
        pytest.param({"geheimhaltung": "ohne Personenbezug"}, "fallbezogen", id="Geheimhaltung"),
    ],
)
def test_unmoegliche_angaben_werden_abgelehnt(aenderung, grund):
    with pytest.raises(CatalogueError, match=grund):
        pruefe(aendere("H01", **aenderung))


@pytest.mark.parametrize(
    "wo",
    [
        pytest.param({"hilfeart": [272]}, id="27_2 ohne Anführungszeichen"),
        pytest.param({"hilfeart": "99"}, id="Code, den es nicht gibt"),
    ],
)
def test_bedingungen_nennen_nur_codes_der_liste(wo):
    item = aendere("H01", zaehler={"grundzahl": "bestand", "wo": wo})
    with pytest.raises(CatalogueError, match="hilfeart"):
        catalogue._prove_kennzahl(item)


def test_zwei_vergleiche_in_einer_bedingung_sind_ein_fehler():
    wo = [{"spalte": "hilfeart", "gleich": "33", "leer": False}]
    with pytest.raises(ValueError, match="genau ein Vergleich"):
        aendere("H01", zaehler={"grundzahl": "bestand", "wo": wo})


def test_version_folgt_der_aenderungshistorie():
    with pytest.raises(ValueError, match="Änderungshistorie"):
        aendere("H01", version=2)


# --- values against plain loops ------------------------------------------------------------------


def hze(hilfe):
    return hilfe["hilfeart"] not in ("19", "42")


def laeuft(hilfe, tag=STICHTAG):
    return hilfe["beginn"] <= tag and (hilfe["ende"] is None or hilfe["ende"] > tag)


def endete(hilfe, von=VON, bis=STICHTAG):
    return hilfe["ende"] is not None and von < hilfe["ende"] <= bis


def tage(hilfe):
    last = min(hilfe["ende"] or STICHTAG, STICHTAG)
    return max(0, (last - max(hilfe["beginn"], date(2025, 1, 1))).days + 1)


def rows(stadt, name):
    return stadt[name].to_pyarrow().to_pylist()


@pytest.fixture(scope="module")
def von_hand(stadt):
    """Numerators and denominators by plain loops over the rows."""
    faelle, personen = rows(stadt, "fall"), {p["person_id"]: p for p in rows(stadt, "person")}
    zahlungen, buchungen = rows(stadt, "zahlung"), rows(stadt, "buchung")
    je_id = {h["hilfe_id"]: h for h in faelle}
    bestand = [h for h in faelle if hze(h) and laeuft(h)]
    ende = [h for h in faelle if hze(h) and endete(h)]
    u21 = sum(
        e["anzahl"]
        for e in rows(stadt, "einwohner")
        if e["altersjahr"] < 21 and e["stichtag"] == date(2024, 12, 31)
    )

    def alter(hilfe):
        month = personen[hilfe["person_id"]]["geburtsmonat"]
        return None if month is None else 2025 - month.year - (month.month > STICHTAG.month)

    def gezahlt(*arten, wer=hze):
        return sum(
            z["betrag_eur"]
            for z in zahlungen
            if z["art"] in arten and VON < z["leistungsmonat"] <= STICHTAG
            and wer(je_id[z["hilfe_id"]])
        )  # fmt: skip

    def gebucht(konto, wenn=lambda b: True):
        return sum(
            b["betrag_eur"]
            for b in buchungen
            if b["konto"] == konto and b["haushaltsjahr"] == 2025
            and b["buchung_am"] <= STICHTAG and wenn(b)
        )  # fmt: skip

    def nachgebucht(wenn):
        return sum(
            b["betrag_eur"]
            for b in buchungen
            if b["konto"] == "A" and b["leistungsmonat"] and VON < b["leistungsmonat"] <= STICHTAG
            and wenn(b)
        )  # fmt: skip

    stat = [h for h in bestand if h["segment"] == "stationaer"]
    jahr = [h for h in faelle if hze(h) and (laeuft(h) or endete(h))]
    lang = [h for h in bestand if h["beginn"] < date(2024, 12, 30)]  # six months end on 30.06.
    aktuell = [
        h for h in lang
        if h["hilfeplan_am"] and date(2024, 12, 30) <= h["hilfeplan_am"] <= STICHTAG
    ]  # fmt: skip
    zurueck = [
        h for h in faelle
        if h["hilfeart"] in ("33", "34") and h["aufenthalt_nach"] in ("eltern", "elternteil")
    ]  # fmt: skip
    frueher = [
        h for h in zurueck
        if endete(h, date(2023, 6, 30), date(2024, 6, 30))
        and h["ende_grund"] not in ("hilfewechsel", "zustaendigkeit")
    ]  # fmt: skip
    wieder = [
        h for h in frueher
        if any(
            o["person_id"] == h["person_id"] and o["hilfeart"] in ("33", "34")
            and o is not h and 0 <= (o["beginn"] - h["ende"]).days <= 365
            for o in faelle
        )
    ]  # fmt: skip
    neu = [h for h in faelle if hze(h) and VON < h["beginn"] <= STICHTAG]
    return {
        "H01": (len(bestand), None),
        "H02": (len(neu), None),
        "H03": (len(ende), None),
        "H04": (len(jahr), None),
        "H08": (len(bestand), u21),
        "H09": (
            sum(h["hilfeart"] in ("33", "34") for h in stat)
            + sum(h["hilfeart"] == "35a" and h["paragraph"] == "41" for h in stat),
            u21,
        ),
        "H11": (len(stat), len(bestand)),
        "H13": (
            sum(h["hilfeart"] == "33" for h in bestand),
            sum(h["hilfeart"] in ("33", "34") for h in bestand),
        ),
        "H16r": (gezahlt("leistung", "storno"), len(jahr)),
        "H18r": (
            gezahlt("leistung", "storno", wer=lambda h: h["hilfeart"] == "34"),
            sum(tage(h) for h in faelle if h["hilfeart"] == "34"),
        ),
        "H23": (sum(h["beginn"] < date(2023, 6, 30) for h in bestand), len(bestand)),
        "H25": (
            sum(endete(h) for h in zurueck),
            sum(h["hilfeart"] in ("33", "34") for h in ende),
        ),
        "H26": (len(frueher) - len(wieder), len(frueher)),
        "H27": (
            sum(h["ende_grund"] == "hilfeplan" for h in ende),
            sum(h["ende_grund"] != "zustaendigkeit" for h in ende),
        ),
        "H31": (sum(alter(h) is not None and alter(h) < 6 for h in stat), len(stat)),
        "H34": (len(aktuell), len(lang)),
        "H35": (median((h["beginn"] - h["antrag_am"]).days for h in neu if h["antrag_am"]), None),
        "H42": (
            sum(h["hat_transferbezug"] is True for h in bestand),
            sum(h["hat_transferbezug"] is not None for h in bestand),
        ),
        "F09": (gebucht("A"), None),
        "F12": (gebucht("E"), gebucht("A")),
        "F17": (nachgebucht(lambda b: b["buchung_am"] > STICHTAG), nachgebucht(lambda b: True)),
        "F19": (
            -gebucht("A", lambda b: b["betrag_eur"] < 0),
            gebucht("A", lambda b: b["betrag_eur"] > 0),
        ),
        "F20": (
            gezahlt("erstattung", wer=lambda h: True),
            gezahlt("leistung", "storno", wer=lambda h: True),
        ),
        "F02": (gebucht("A"), D(3 * (900_000 + 20_000 + 5_000))),
        "F21": (D(15_000), D(2_700_000)),
    }  # fmt: skip


def test_werte_gleichen_der_zaehlung_von_hand(stadtweit, von_hand):
    gefunden = {id_: (stadtweit[id_].zaehler, stadtweit[id_].nenner) for id_ in von_hand}
    assert gefunden == von_hand
    # The dice must have thrown something to count.
    assert not [id_ for id_, (zaehler, _) in von_hand.items() if not zaehler]


def test_wert_ist_zaehler_durch_nenner_mal_faktor(stadtweit):
    for id_, zeile in stadtweit.items():
        item = KENNZAHLEN[id_]
        if zeile.nenner and zeile.zaehler is not None:
            assert zeile.wert == pytest.approx(D(zeile.zaehler) * item.faktor / D(zeile.nenner))
        elif item.nenner is None and zeile.zaehler is not None:
            assert zeile.wert == D(zeile.zaehler) * item.faktor
        assert zeile.wert is None or isinstance(zeile.wert, Decimal)


def test_h14_ergaenzt_h13_und_f03_ist_f02_minus_erwartung(stadtweit, stadt):
    assert stadtweit["H13"].wert + stadtweit["H14"].wert == pytest.approx(D(100))
    soll = measures.soll_ist(stadt, je=()).iloc[0]
    assert stadtweit["F03"].wert == pytest.approx(stadtweit["F02"].wert - soll.erwartet_pct)
    assert stadtweit["F04"].wert == soll.abweichung_eur


# --- breakdowns, series, origin -------------------------------------------------------------------

ADDIERBAR = [
    k.id for k in KENNZAHLEN.values()
    if k.granularitaet and finde(k.zaehler.terme[0]).art != "ueberleben"
]  # fmt: skip


@pytest.mark.parametrize("nummer", range(0, len(ADDIERBAR), 3))
def test_teile_ergeben_das_ganze(stadt, stadtweit, nummer):
    """Every third indicator, each broken down by another of its dimensions."""
    item = KENNZAHLEN[ADDIERBAR[nummer]]
    dimension = item.granularitaet[nummer % len(item.granularitaet)]
    frame = measures.kennzahl(stadt, item.id, je=[dimension]).frame
    total = frame[frame[dimension] == "insgesamt"].iloc[0]
    parts = frame[frame[dimension] != "insgesamt"]
    here = stadtweit[item.id]
    above, value = (None if pd.isna(total[c]) else total[c] for c in ("zaehler", "wert"))
    assert (above, value) == (here.zaehler, here.wert)
    if above is not None and finde(item.zaehler.terme[0]).art != "median":
        assert sum(parts.zaehler) == pytest.approx(total.zaehler)
    if not pd.isna(total.faelle_zaehler):
        # A Hilfe has many payments, and counts of several months count the same children.
        first = item.zaehler.terme[0]
        traeger = catalogue.sicht(first.sicht).traeger
        overlapping = traeger is not None and traeger.zeile is None and not finde(first).plain_count
        assert sum(parts.faelle_zaehler) == total.faelle_zaehler or overlapping


def test_wuerfel_ueber_zwei_gliederungen(stadt):
    frame = measures.kennzahl(stadt, "H08", je=["sozialraum", "altersgruppe"]).frame
    cells = {(r.sozialraum, r.altersgruppe): r for r in frame.itertuples()}
    raeume = ["Nord", "Süd", "Ost", "unbekannt"]
    gruppen = [*catalogue.altersgruppen("kjh"), "unbekannt"]
    for raum in raeume:
        assert (
            sum(cells[raum, g].zaehler for g in gruppen if (raum, g) in cells)
            == cells[raum, "insgesamt"].zaehler
        )
    assert cells["unbekannt", "insgesamt"].nenner == 0
    assert pd.isna(cells["unbekannt", "insgesamt"].wert)
    assert (
        sum(cells[r, "insgesamt"].nenner for r in raeume) == cells["insgesamt", "insgesamt"].nenner
    )
    assert list(frame.iloc[-1][["sozialraum", "altersgruppe"]]) == ["insgesamt", "insgesamt"]
    ohne = measures.kennzahl(stadt, "H08", je=["sozialraum", "altersgruppe"], summen=False).frame
    assert "insgesamt" not in set(ohne.sozialraum) | set(ohne.altersgruppe)


def test_nenner_ohne_die_gliederung_gilt_fuer_jeden_wert(stadt, stadtweit):
    frame = measures.kennzahl(stadt, "H08", je=["hilfeart"]).frame
    assert set(frame.nenner) == {stadtweit["H08"].nenner}
    teile = frame[frame.hilfeart != "insgesamt"]
    assert sum(teile.wert) == pytest.approx(stadtweit["H08"].wert)


def test_name_der_produktgruppe_ist_keine_eigene_gliederung(stadt):
    frame = measures.kennzahl(stadt, "F09", je=["produktgruppe", "produktgruppe_name"]).frame
    paare = list(zip(frame.produktgruppe, frame.produktgruppe_name, strict=True))
    assert paare == [("3633", "HzE"), ("3634", "Sonstiges"), ("insgesamt", "insgesamt")]
    assert frame.faelle_zaehler.isna().all()


def test_reihenfolge_folgt_der_codeliste(stadt):
    frame = measures.kennzahl(stadt, "H01", je=["altersgruppe"]).frame
    assert list(frame.altersgruppe) == [*catalogue.altersgruppen("kjh"), "unbekannt", "insgesamt"]


def test_faelle_hinter_geld_sind_verschiedene_hilfen(stadt):
    frame = measures.kennzahl(stadt, "H16r").frame
    hilfen = {h["hilfe_id"] for h in rows(stadt, "fall") if hze(h)}
    gezahlt = {
        z["hilfe_id"]
        for z in rows(stadt, "zahlung")
        if z["art"] in ("leistung", "storno") and VON < z["leistungsmonat"] <= STICHTAG
    }
    assert frame.faelle_zaehler[0] == len(hilfen & gezahlt)
    assert frame.faelle_nenner[0] == frame.nenner[0]


def test_zeitreihe_gleicht_den_einzelnen_stichtagen(stadt):
    tage = [date(2024, 12, 31), date(2025, 3, 31), "2025-06-30"]
    for id_, je in (("H06", ["altersgruppe"]), ("F03", []), ("H24", ["segment"])):
        reihe = measures.zeitreihe(stadt, id_, tage, je=je)
        assert reihe.je == ("stichtag", *je)
        for tag in (date(2024, 12, 31), STICHTAG):
            allein = measures.kennzahl(stadt, id_, je=je, stichtag=tag).frame
            hier = reihe.frame[reihe.frame.stichtag == tag]
            gefunden = {tuple(r[d] for d in je): r for r in hier.to_dict("records")}
            for row in allein.to_dict("records"):
                other = gefunden.pop(tuple(row[d] for d in je))
                for column in ("zaehler", "nenner", "wert", "faelle_zaehler"):
                    leer = pd.isna(row[column]) and pd.isna(other[column])
                    assert leer or other[column] == row[column]
            # Groups that exist at another Stichtag only are there with nothing in them.
            assert all(pd.isna(r["zaehler"]) or r["zaehler"] == 0 for r in gefunden.values())


def test_leere_stadt_gibt_null_und_keine_quoten():
    leer = Stadt(STICHTAG)
    zeilen = {z.id: z for z in measures.alle(leer)}
    assert zeilen["H01"].wert == 0
    assert zeilen["F09"].wert == 0
    assert all(z.wert is None for z in zeilen.values() if z.nenner is not None)
    frame = measures.kennzahl(leer, "H01", je=["hilfeart"]).frame
    assert list(frame.hilfeart) == ["insgesamt"]


def test_fehlende_tabelle_nimmt_nur_ihre_kennzahlen_mit(stadt):
    ohne = wuerfelstadt(hilfen=20)
    ohne.tabellen = tuple(t for t in ohne.tabellen if t not in ("buchung", "einwohner"))
    fehlt = measures.fehlende(ohne)
    assert fehlt["F13"] == ("buchung", "einwohner")
    assert "H01" not in fehlt
    assert {z.id for z in measures.alle(ohne)} == set(KENNZAHLEN) - set(fehlt)


def test_unbekannte_kennzahl_und_gliederung_nennen_die_naechste(stadt):
    with pytest.raises(UsageError, match="H01"):
        measures.kennzahl(stadt, "H1")
    with pytest.raises(UsageError, match="hilfeart"):
        measures.kennzahl(stadt, "H01", je=["hilfeartt"])
    with pytest.raises(UsageError, match="H13 lässt sich nicht"):
        measures.kennzahl(stadt, "H13", je=["produktgruppe"])


def test_explain_nennt_lieferungen_und_sql(stadt, stadtweit):
    erklaert = measures.explain(stadt, "H16r")
    assert erklaert.zeile == stadtweit["H16r"]
    assert [z["dateiname"] for z in erklaert.lieferungen] == ["fall.csv", "z.csv"]
    assert all("leistungsmonat" in s or "beginn" in s for s in erklaert.sql)
    assert len(erklaert.sql) == 2
    assert measures.explain(stadt, "H24").zeile.wert == stadtweit["H24"].wert


def test_neue_kennzahl_kostet_nur_einen_eintrag(stadt, monkeypatch):
    neu = aendere(
        "H13",
        id="H99",
        zaehler={
            "sicht": "hilfen",
            "grundzahl": "bestand",
            "wo": {"hilfeart": "33", "ist_uma": {"nicht_in": [True]}},
        },
    )
    pruefe(neu)
    monkeypatch.setattr(catalogue, "kennzahlen", lambda: {"H99": neu})
    erwartet = [h for h in rows(stadt, "fall") if h["hilfeart"] == "33" and laeuft(h)]
    (zeile,) = measures.alle(stadt)
    assert zeile.zaehler == sum(h["ist_uma"] is not True for h in erwartet)


def test_zerlegung_gleicht_f16(stadt, stadtweit):
    for menge in ("jahresfallzahl", "belegte_tage"):
        frame = measures.zerlegung(stadt, menge=menge)
        total = frame.iloc[-1]
        assert total.veraenderung_eur == stadtweit["F16"].wert
        effekte = ["mengeneffekt_eur", "struktureffekt_eur", "preiseffekt_eur"]
        assert sum(total[c] for c in effekte) == total.veraenderung_eur
        assert total.kosten1_eur - total.kosten0_eur == total.veraenderung_eur
        assert (frame[effekte].sum(axis=1) == frame.veraenderung_eur).all()
    jahr = measures.zerlegung(stadt, menge="jahresfallzahl")
    assert jahr.iloc[-1].menge1 == stadtweit["H04"].zaehler
