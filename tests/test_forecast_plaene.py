"""Budget and cost of a Hilfeart cover the same Hilfen: § 41 is in both, or in neither."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hauptbuch import Lieferung, ansatz, bekannt_am, lieferung, musterstadt
from hypothesis import given, settings
from hypothesis import strategies as st

from sozcontrol import catalogue
from sozcontrol.hochrechnung.quellen.panel import panel
from sozcontrol.hochrechnung.quellen.plaene import ansaetze_der_hilfen, anteile
from sozcontrol.measures import INSGESAMT

JAHRE = np.array([2024, 2025])
PRODUKTE = """
    produkt_lokal | produkt_name | gueltig_von | produktgruppe | produktgruppe_name | hilfeart | segment    | paragraph
    P33           | Pflege       | 2000-01-01  | 3633          | HzE                | 33       | stationaer |
    P34           | Heim         | 2000-01-01  | 3633          | HzE                | 34       | stationaer |
    P41           | Volljährige  | 2000-01-01  | 3634          | Sonstige           |          | stationaer | 41
    PX            | Asyl         | 2000-01-01  | 3130          | Asyl               |          |            |
    """  # noqa: E501


def zahlung(hilfe: str, leistung: date, gebucht: date, betrag: int) -> dict:
    return {"hilfe_id": hilfe, "leistungsmonat": leistung, "buchung_am": gebucht,
            "art": "leistung", "betrag_eur": Decimal(betrag)}  # fmt: skip


def fall(hilfe: str, art: str, beginn: date, paragraph: str = "41", **mehr) -> dict:
    return {"hilfe_id": hilfe, "person_id": "P", "hilfeart": art, "paragraph": paragraph,
            "segment": "stationaer", "rechtskreis": "SGB8", "beginn": beginn, **mehr}  # fmt: skip


FAELLE = [
    fall("A", "34", date(2023, 5, 1)),
    fall("B", "33", date(2023, 7, 1)),
    fall("C", "35", date(2024, 2, 1)),
    fall("D", "34", date(2024, 2, 1), "34"),
]
ZAHLUNGEN = [
    zahlung("A", date(2024, 3, 1), date(2024, 4, 1), 6000),
    zahlung("B", date(2024, 3, 1), date(2024, 4, 1), 3000),
    zahlung("C", date(2024, 3, 1), date(2024, 4, 1), 1000),
    zahlung("D", date(2024, 3, 1), date(2024, 4, 1), 500_000),
    # Booked in the year after: nobody could know it when 2025 began.
    zahlung("B", date(2024, 12, 1), date(2025, 2, 1), 90_000),
]
BUDGETS = [
    *(ansatz(j, 100_000, p) for j in (2024, 2025) for p in ("P33", "P34")),
    ansatz(2025, "1000.01", "P41"),
    ansatz(2024, 500, "P41"),
    ansatz(2025, 200, "P41", date(2025, 5, 7), art="nachtrag"),
    ansatz(2025, 7777, "PX"),
]


def stadt(faelle=FAELLE, zahlungen=ZAHLUNGEN, produkte: str = PRODUKTE) -> Lieferung:
    return lieferung([], BUDGETS, produkte=produkte, fall=faelle, zahlung=zahlungen,
                     person=[{"person_id": "P"}], gebiet=[])  # fmt: skip


def cent(x: float) -> Decimal:
    return Decimal(repr(float(x))).quantize(Decimal("0.01"))


def test_der_ansatz_der_hilfearten_umfasst_die_jungen_volljaehrigen() -> None:
    """Cost by Hilfeart contains § 41, so the budget must be that of all products behind it."""
    daten = musterstadt()
    hze = {c for c, x in catalogue.codeliste("hilfeart").gueltig.items()
           if x.merkmale.get("hze") == "ja"}  # fmt: skip
    konten = {k["konto"] for k in daten.arrow["map_konto"].to_pylist()
              if k["konto_art"] == "aufwand" and k["ist_soziale_sicherung"]}  # fmt: skip
    behind = {
        p["produkt_lokal"]
        for p in daten.arrow["map_produkt"].to_pylist()
        if p["hilfeart"] in hze or p["produkt_name"].startswith("Junge Volljährige")
    }
    soll: dict[int, Decimal] = defaultdict(Decimal)
    for b in daten.arrow["budget"].to_pylist():
        if b["produkt"] in behind and b["konto"] in konten and b["art"] != "sperre":
            soll[b["jahr"]] += b["betrag_eur"] if b["wirksam_ab"] <= date(b["jahr"], 6, 30) else 0
    p = panel(daten, "hilfeart")
    for jahr in range(2021, 2026):
        reihen = [r.fortgeschrieben[jahr - r.jahre[0], 5] for r in p.reihen]
        assert cent(sum(reihen)) == soll[jahr]
    # The forecast's total knows it, too.
    from sozcontrol.hochrechnung.prognosestand import prognosestand

    assert prognosestand(daten, "hilfeart").reihen[INSGESAMT].alternativen["M0"] == soll[2025]


def test_geteilt_wird_nach_den_kosten_des_vorjahres_wie_damals_gebucht() -> None:
    plaene = ansaetze_der_hilfen(stadt(), JAHRE)
    assert set(plaene) == {"33", "34"}  # § 35 has no product of its own: its budget is unknown
    assert cent(plaene["34"]["ansatz"][1]) == Decimal("100600.01")  # 6 tenths and the odd cent
    assert cent(plaene["33"]["ansatz"][1]) == Decimal("100300.00")
    assert plaene["34"]["fortgeschrieben"][1, [3, 4]] == pytest.approx([100_600.01, 100_720.01])


def test_im_ersten_jahr_bleibt_er_ungeteilt() -> None:
    """Shares by the number of Hilfen would tell a small one from a public budget."""
    plaene = ansaetze_der_hilfen(stadt(), JAHRE)
    assert [plaene[h]["ansatz"][0] for h in ("33", "34")] == [100_000, 100_000]


def test_ohne_solche_hilfen_und_ohne_rechtsgrundlage_bleibt_der_ansatz_wie_er_ist() -> None:
    nur_34 = ansaetze_der_hilfen(stadt([FAELLE[3]], [ZAHLUNGEN[3]]), JAHRE)
    ohne = PRODUKTE.replace("stationaer | 41", "stationaer |   ")
    for plaene in (nur_34, ansaetze_der_hilfen(stadt(produkte=ohne), JAHRE)):
        assert [plaene[h]["ansatz"][1] for h in ("33", "34")] == [100_000, 100_000]


def test_eine_fruehere_fassung_ohne_die_spalte_laesst_sich_lesen() -> None:
    daten = stadt()
    alt = {**daten.arrow, "map_produkt": daten.arrow["map_produkt"].drop_columns("paragraph")}
    plaene = ansaetze_der_hilfen(Lieferung(daten.stichtag, alt), JAHRE)
    assert [plaene[h]["ansatz"][1] for h in ("33", "34")] == [100_000, 100_000]


def test_was_spaeter_bekannt_wird_aendert_den_ansatz_nicht() -> None:
    frueh = ansaetze_der_hilfen(bekannt_am(stadt(), date(2025, 1, 31)), JAHRE)
    spaet = ansaetze_der_hilfen(stadt(), JAHRE)
    for hilfeart in ("33", "34"):
        np.testing.assert_array_equal(frueh[hilfeart]["ansatz"], spaet[hilfeart]["ansatz"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["30", "33", "34", "35", "35a"]),
                       st.integers(-10**6, 10**8)))  # fmt: skip
def test_anteile_sind_ganze_zehntel_und_zusammen_das_ganze(kosten) -> None:
    """Finer shares would tell from a public budget what a single young person cost."""
    hinter = {("41", "stationaer", h, 2025): w / 100 for h, w in kosten.items()}
    teile = anteile(hinter, "41", "stationaer", 2025)
    gesamt = sum(w for w in kosten.values() if w > 0)
    assert sum(teile.values()) == (10 if gesamt else 0)
    for hilfeart, zehntel in teile.items():
        assert isinstance(zehntel, int)
        assert abs(zehntel - 10 * kosten[hilfeart] / gesamt) < 1
    assert anteile(hinter, "41", "ambulant", 2025) == anteile(hinter, "19", None, 2025) == {}
    assert anteile(hinter, "41", None, 2025) == teile
