"""Series from a delivery: the figures of the report, and at each origin nothing later."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hauptbuch import (
    STICHTAG,
    Lieferung,
    ansatz,
    bekannt_am,
    buchung,
    lieferung,
    monatlich,
    musterstadt,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wuerfelstadt import wuerfelstadt

from sozcontrol import catalogue, measures
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.forecast.prognose.abgleich import summenreihe
from sozcontrol.forecast.prognose.hochrechnung import abgeglichen, prognostizieren
from sozcontrol.forecast.prognose.ruecktest import Ruecktest, rueckrechnen
from sozcontrol.forecast.reihe import bekannt, leere_reihe
from sozcontrol.hochrechnung.prognosestand import prognosestand
from sozcontrol.hochrechnung.quellen.belegung import belegte_monate
from sozcontrol.hochrechnung.quellen.panel import Panel, letzte_periode, panel
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.zaehlwerk.zeitraum import monatsende

CENT = Decimal("0.01")
MONATSENDEN = [date(2025, 6, 30), date(2025, 2, 28), date(2024, 12, 31), date(2023, 8, 31)]


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


def reihe(p: Panel, name: str):
    return next(r for r in p.reihen if r.name == name)


def cent(wert: float) -> Decimal:
    return Decimal(repr(float(wert))).quantize(CENT)


def jetzt(p: Panel, feld: str) -> dict[str, Decimal]:
    """The figure of every series at the end of the panel's last month (0 and unknown left out)."""
    werte = {r.name: getattr(r, feld)[p.jahr - r.jahre[0], p.periode - 1] for r in p.reihen}
    return {n: cent(w) for n, w in werte.items() if np.isfinite(w) and w}


# --- the figures of the report ------------------------------------------------------------------


def zaehler(daten, id_: str, tag: date) -> dict[str, Decimal]:
    frame = measures.kennzahl(daten, id_, je=["produktgruppe"], stichtag=tag, summen=False).frame
    pairs = zip(frame["produktgruppe"], frame["zaehler"], strict=True)
    return {g: Decimal(w) for g, w in pairs if w is not None and Decimal(w)}


@pytest.mark.parametrize("tag", MONATSENDEN, ids=str)
@pytest.mark.parametrize(("seite", "f01", "f02"), [("aufwand", "F01", "F02"),
                                                   ("ertrag", "F01b", "F02b")])  # fmt: skip
def test_ansatz_und_ist_sind_f01_und_der_zaehler_von_f02(stadt, tag, seite, f01, f02) -> None:
    p = panel(stadt, stichtag=tag, seite=seite)
    assert (p.jahr, p.periode) == (tag.year, tag.month)
    assert jetzt(p, "fortgeschrieben") == zaehler(stadt, f01, tag)
    assert jetzt(p, "ist") == zaehler(stadt, f02, tag)
    assert len(jetzt(p, "ist")) >= 5


def plan(stadt) -> dict[str, list[tuple[int, str]]]:
    """By product the years its mappings begin in and their groups, oldest first."""
    found = defaultdict(list)
    for r in sorted(stadt.arrow["map_produkt"].to_pylist(), key=lambda r: r["gueltig_von"]):
        found[r["produkt_lokal"]].append((r["gueltig_von"].year, r["produktgruppe"]))
    return found


def von_hand(stadt, jahr: int, tag: date) -> dict[str, Decimal]:
    """Social expenses of budget year *jahr* booked by *tag*, added up row by row."""
    konten = {r["konto"] for r in stadt.arrow["map_konto"].to_pylist()
              if r["konto_art"] == "aufwand" and r["ist_soziale_sicherung"]}  # fmt: skip
    gruppe = {p: [g for von, g in x if von <= jahr][-1:] for p, x in plan(stadt).items()}
    summen: dict[str, Decimal] = defaultdict(Decimal)
    for r in stadt.arrow["buchung"].to_pylist():
        if r["konto"] in konten and r["haushaltsjahr"] == jahr and r["buchung_am"] <= tag:
            summen[gruppe[r["produkt"]][0]] += r["betrag_eur"]
    return {g: w for g, w in summen.items() if w}


def test_ist_und_ergebnis_zeile_fuer_zeile_nachgezaehlt(stadt) -> None:
    p = panel(stadt)
    assert jetzt(p, "ist") == von_hand(stadt, 2025, STICHTAG)
    for jahr in (2022, 2024):
        fertig = {r.name: cent(r.ergebnis[jahr - r.jahre[0]]) for r in p.reihen}
        assert fertig == von_hand(stadt, jahr, STICHTAG)
        damals = {r.name: cent(r.ergebnisse(jahr + 1, 1)[jahr - r.jahre[0]]) for r in p.reihen}
        assert damals == von_hand(stadt, jahr, date(jahr + 1, 1, 31)) != fertig


def test_hilfeart_zaehlt_leistungsmonate_die_gebucht_sind(stadt) -> None:
    hze = {c for c, x in catalogue.codeliste("hilfeart").gueltig.items()
           if x.merkmale.get("hze") == "ja"}  # fmt: skip
    art = {r["hilfe_id"]: r["hilfeart"] for r in stadt.arrow["fall"].to_pylist()}
    p = panel(stadt, "hilfeart")
    for jahr, periode in ((2025, 6), (2023, 4)):
        bis = monatsende(date(jahr, periode, 1))
        summen: dict[str, Decimal] = defaultdict(Decimal)
        for r in stadt.arrow["zahlung"].to_pylist():
            gehoert = r["art"] in ("leistung", "storno") and art.get(r["hilfe_id"]) in hze
            im_jahr = date(jahr, 1, 1) <= r["leistungsmonat"] <= bis
            if gehoert and im_jahr and r["buchung_am"] <= bis:
                summen[art[r["hilfe_id"]]] += r["betrag_eur"]
        ist = {r.name: cent(r.ist[jahr - r.jahre[0], periode - 1]) for r in p.reihen}
        assert ist == {n: summen[n] for n in ist}
        assert set(summen) <= set(ist)


def test_menge_ist_der_mittlere_bestand_beider_monatsenden(stadt) -> None:
    p = panel(stadt, "hilfeart")
    hilfen = measures.sicht(stadt, "hilfen", STICHTAG)
    hilfen = hilfen.filter(hilfen.ist_hze)
    for monat in (date(2025, 6, 1), date(2024, 1, 1), date(2022, 9, 1)):
        enden = [monat - timedelta(days=1), monatsende(monat)]
        vorher, nachher = (
            dict(measures.bestand(hilfen, tag, je=["hilfeart"]).execute().itertuples(index=False))
            for tag in enden
        )
        for r in p.reihen:
            mittel = (vorher.get(r.name, 0) + nachher.get(r.name, 0)) / 2
            assert r.menge[monat.year - r.jahre[0], monat.month - 1] == mittel


# --- nothing later than the origin --------------------------------------------------------------


def ruecktest(p: Panel, periode: int) -> Ruecktest:
    reihen = [*p.reihen]
    if len(reihen) > 1:
        reihen.append(summenreihe(INSGESAMT, reihen, INSGESAMT, ansatz_vollstaendig=True))
    test = rueckrechnen(reihen, [periode], wissen=p.wissen)
    return abgeglichen(test) if len(reihen) > 1 else test


def prognosen(test: Ruecktest, jahr: int) -> dict[str, np.ndarray]:
    """All that was said of *jahr*: methods, weights, choice, forecast, interval."""
    found = {}
    for r in np.flatnonzero(test.jahr == jahr):
        s = test.spannen[r]
        enden = [np.nan if x is None else x for x in (s.unten, s.oben)]
        gesagt = [*test.werte[r], *test.gewichte[r], test.gewaehlt[r], *enden, s.n]
        # A series without any figure (founded later) has no forecast but zeros, and no choice.
        if np.nan_to_num(test.werte[r]).any():
            gesagt.append(test.wahl[r])
            found[test.reihen[test.nummer[r]].name] = np.array(gesagt, dtype=float)
    return found


def demand_nothing_later(daten: Lieferung, ebene: str, jahr: int, periode: int) -> None:
    damals = panel(bekannt_am(daten, monatsende(date(jahr, periode, 1))), ebene)
    gesagt = prognosen(ruecktest(damals, periode), jahr)
    spaeter = panel(daten, ebene)
    # A product that begins after the origin is no knowledge of it; what is said of the others is.
    schon = {r.name for r in damals.reihen}
    spaeter = replace(spaeter, reihen=tuple(r for r in spaeter.reihen if r.name in schon))
    heute = prognosen(ruecktest(spaeter, periode), jahr)
    assert set(heute) == set(gesagt)
    for name, werte in heute.items():
        kurz = gesagt[name]
        assert len(werte) == len(kurz)
        np.testing.assert_allclose(werte, kurz, rtol=1e-7, atol=1e-4, err_msg=name)


@pytest.mark.parametrize(("ebene", "jahr", "periode"), [
    ("produktgruppe", 2024, 4), ("produktgruppe", 2022, 8), ("hilfeart", 2024, 6),
    ("hilfeart", 2021, 4),
])  # fmt: skip
def test_musterstadt_weiss_am_ursprung_nichts_spaeteres(stadt, ebene, jahr, periode) -> None:
    demand_nothing_later(stadt, ebene, jahr, periode)


ZEILE = st.tuples(
    st.integers(2022, 2025),  # budget year
    st.integers(-20, 600),  # days after its 1 January of the booking
    st.integers(0, 30),  # months from service to booking
    st.sampled_from(["P1", "P2", "P3"]),
    st.integers(-90_000, 200_000),
    st.sampled_from(["fachverfahren", "manuell", "manuell", None]),
)
PLAN = st.tuples(
    st.integers(2022, 2025), st.sampled_from(["P1", "P2", "P3"]), st.integers(1, 12),
    st.sampled_from(["ansatz", "nachtrag", "umschichtung", "sperre"]), st.integers(0, 900_000),
)  # fmt: skip


def gewuerfelt(zeilen, plaene) -> Lieferung:
    rows = monatlich(range(2022, 2026), 40_000)
    for jahr, tage, alter, produkt, betrag, herkunft in zeilen:
        am = date(jahr, 1, 1) + timedelta(days=tage)
        served = am.year * 12 + am.month - 1 - alter
        rows.append(buchung(jahr, am, betrag, produkt, herkunft=herkunft,
                            leistungsmonat=date(served // 12, served % 12 + 1, 1)))  # fmt: skip
    budgets = [ansatz(j, b, p, date(j, m, 1), art=art) for j, p, m, art, b in plaene]
    return lieferung(rows, budgets)


@settings(max_examples=12)
@given(
    st.lists(ZEILE, max_size=25), st.lists(PLAN, max_size=10),
    st.sampled_from([(2024, 4), (2024, 8), (2023, 6), (2024, 12), (2025, 4)]),
)  # fmt: skip
@example([(2024, 450, 30, "P1", -400_000, "manuell")], [], (2025, 4)).via("Erstattung nach Ende")
@example([(2024, 450, 30, "P1", -400_000, "manuell")], [], (2024, 12)).via("und im Dezember")
@example([(2024, 100, 1, "P1", 1, None)], [(2024, "P1", 8, "ansatz", 9**6)], (2024, 6)).via(
    "Ansatz erst ab August"
)
@example([(2023, 500, 16, "P1", 200_000, None)], [], (2024, 4)).via("Rechnung nach 16 Monaten")
@example([(2025, 30, 1, "P2", 70_000, None)], [(2024, "P1", 1, "ansatz", 9**6)], (2024, 6)).via(
    "Produkt erst 2025 gegründet"
)
def test_spaetere_buchungen_aendern_keine_fruehere_prognose(zeilen, plaene, ursprung) -> None:
    demand_nothing_later(gewuerfelt(zeilen, plaene), "produktgruppe", *ursprung)


@pytest.mark.parametrize("saat", [1, 2, 3])
def test_spaetere_zahlungen_und_fallenden_aendern_nichts(saat) -> None:
    wurf = wuerfelstadt(saat, hilfen=60)
    noetig = ("zahlung", "fall", "person", "gebiet")
    tabellen = {n: wurf[n].to_pyarrow() for n in noetig}
    # Nobody is paid for before the Hilfe begins; a die does not know that.
    beginn = dict(
        zip(*(tabellen["fall"][c].to_pylist() for c in ("hilfe_id", "beginn")), strict=True)
    )
    zahlung = tabellen["zahlung"]
    seit = [beginn.get(h) for h in zahlung["hilfe_id"].to_pylist()]
    tage = zahlung["buchung_am"].to_pylist()
    gueltig = [b is None or b <= t for b, t in zip(seit, tage, strict=True)]
    daten = Lieferung(STICHTAG, tabellen | {"zahlung": zahlung.filter(pa.array(gueltig))})
    for jahr, periode in ((2024, 4), (2024, 8), (2025, 4)):
        demand_nothing_later(daten, "hilfeart", jahr, periode)


def test_ob_ein_bruch_die_summe_bricht_entscheiden_fruehere_ergebnisse() -> None:
    jahre = np.arange(2020, 2026)

    def teil(name: str, ergebnis: list[float], brueche: frozenset[int]):
        return leere_reihe(name, "", jahre, 12, ergebnis=np.array(ergebnis), brueche=brueche)

    klein_dann_gross = teil("a", [10, 10, 10, 900, 900, 900], frozenset({2023}))
    rest = teil("b", [100] * 6, frozenset())
    assert summenreihe("s", [klein_dann_gross, rest]).brueche == frozenset()
    assert summenreihe("s", [klein_dann_gross, teil("c", [5] * 6, frozenset())]).brueche == {2023}


# --- which years, which months ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("buchungen", "erwartet"),
    [
        pytest.param(monatlich([2023, 2024, 2025], 100), [2023, 2024, 2025], id="volle Jahre"),
        pytest.param(
            [r for r in monatlich([2023, 2024, 2025], 100) if r["buchung_am"] > date(2023, 4, 1)],
            [2024, 2025], id="erstes Jahr beginnt im April",
        ),
        pytest.param(
            [r for r in monatlich([2023, 2024, 2025], 100) if r["buchung_am"] > date(2023, 3, 1)],
            [2023, 2024, 2025], id="erstes Jahr beginnt im März",
        ),
        pytest.param(monatlich([2021, 2023, 2024, 2025], 100), [2023, 2024, 2025], id="Lücke 2022"),
        pytest.param(
            [buchung(2023, date(2024, 3, 5), 1200, herkunft="jahresabschluss"),
             *monatlich([2024, 2025], 100)],
            [2023, 2024, 2025], id="Jahresabschluss zählt als Jahr",
        ),
    ],
)  # fmt: skip
def test_welche_jahre_eine_reihe_hat(buchungen, erwartet) -> None:
    p = panel(lieferung(buchungen))
    assert [list(r.jahre) for r in p.reihen] == [erwartet]


def test_ein_jahresabschluss_hat_ein_ergebnis_und_keinen_verlauf() -> None:
    abschluss = buchung(2023, date(2023, 12, 31), 1200, herkunft="jahresabschluss")
    (r,) = panel(lieferung([abschluss, *monatlich([2024, 2025], 100)])).reihen
    assert np.isnan(r.ist[0]).all()
    assert r.ergebnis[0] == 1200
    assert r.ergebnisse(2024, 4)[0] == 1200
    assert r.ist[1, 5] == 600


@pytest.mark.parametrize(
    ("tag", "periode"),
    [(date(2025, 6, 30), 6), (date(2025, 7, 15), 6), (date(2025, 7, 30), 6), (date(2025, 7, 31), 7),
     (date(2024, 2, 28), 1), (date(2024, 2, 29), 2), (date(2025, 12, 31), 12)],
)  # fmt: skip
def test_stichtag_im_monat_zaehlt_bis_zum_letzten_ganzen_monat(tag, periode) -> None:
    assert letzte_periode(tag) == (tag.year, periode)


def test_in_den_ersten_tagen_des_jahres_gibt_es_nichts_hochzurechnen() -> None:
    with pytest.raises(UsageError, match=r"Am 15\.01\.2025 ist noch kein Monat") as fehler:
        panel(lieferung(monatlich([2024], 100)), stichtag=date(2025, 1, 15))
    assert "Ende Januar" in str(fehler.value)


def test_buchungen_nach_dem_monatsende_zaehlen_noch_nicht() -> None:
    rows = [
        *monatlich([2024, 2025], 100, bis=date(2025, 8, 31)),
        buchung(2025, date(2025, 7, 1), 7777),
        buchung(2026, date(2025, 6, 30), 5555),
    ]
    (r,) = panel(lieferung(rows), stichtag=date(2025, 7, 15)).reihen
    assert r.ist[-1, 5] == 600
    assert np.isnan(r.ist[-1, 6])


# --- one-off, negative, missing, founded, ended -------------------------------------------------


def einmalig(am: date, betrag: int, jahr: int = 2024):
    return buchung(jahr, am, betrag, herkunft="manuell", leistungsmonat=date(jahr - 2, 3, 1))


@pytest.mark.parametrize(
    ("am", "april", "juni"),
    [
        pytest.param(date(2024, 5, 3), 800, 800, id="im Jahr gebucht"),
        pytest.param(date(2025, 5, 3), 1200, 800, id="nach Jahresende gebucht"),
    ],
)
def test_einmaliges_fehlt_im_vorbild_und_steht_im_ergebnis(am, april, juni) -> None:
    rows = [*monatlich([2023, 2024, 2025], 100), einmalig(am, -400)]
    (r,) = panel(lieferung(rows)).reihen
    for periode, ergebnis in ((4, april), (6, juni)):
        assert r.ergebnisse(2025, periode)[1] == ergebnis
        # What M1, M3 … see is the course without it, whenever it was booked.
        assert bekannt(r, 2025, periode).ergebnisse.tolist() == [1200, 1200]


def test_einmaliges_im_laufenden_jahr_zaehlt_einmal() -> None:
    rows = [
        *monatlich([2022, 2023, 2024, 2025], 100_000),
        einmalig(date(2025, 3, 3), -400_000, 2025),
    ]
    stand = prognosestand(lieferung(rows))
    for methode in ("M1", "M2", "M3", "M4", "M7", "M8"):
        assert stand.summe.alternativen[methode] == 800_000, methode


def test_haendische_buchung_fuer_das_laufende_jahr_ist_nicht_einmalig() -> None:
    rows = [*monatlich([2024, 2025], 100), buchung(2025, date(2025, 2, 3), 50, herkunft="manuell")]
    (r,) = panel(lieferung(rows)).reihen
    assert not r.einmalig.any()


def alles_endlich(stand) -> None:
    for h in stand.prognose.hochrechnungen:
        assert h.wert is not None or h.grund, h.reihe
        werte = [*h.alternativen.values(), *(w for _, w in h.teile)]
        assert all(w.is_finite() for w in werte)
        assert h.wert is None or sum(w for _, w in h.teile) == h.wert
        enden = (h.spanne.unten, h.spanne.oben)
        assert enden == (None, None) or np.isfinite(enden).all()


NEGATIV = monatlich(range(2022, 2026), -100_000)
SCHWANKEND = [r | {"betrag_eur": r["betrag_eur"] * (-1) ** i}
              for i, r in enumerate(monatlich(range(2022, 2026), 100_000))]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(monatlich([2025], 100_000), id="kein früheres Jahr"),
        pytest.param(monatlich([2024, 2025], 100_000), id="ein früheres Jahr"),
        pytest.param(NEGATIV, id="nur Erstattungen"),
        pytest.param(SCHWANKEND, id="Summe um null"),
        pytest.param([*monatlich(range(2022, 2026), 0)], id="nur Nullen"),
        pytest.param(
            [*monatlich(range(2022, 2026), 90_000), *monatlich([2025], 50_000, "P2")],
            id="Produkt neu gegründet",
        ),
        pytest.param(
            [*monatlich(range(2022, 2026), 90_000), *monatlich([2022, 2023], 50_000, "P2")],
            id="Produkt beendet",
        ),
        pytest.param(monatlich(range(2022, 2026), 90_000, "P3"), id="Rechtsänderung 2022"),
    ],
)
@pytest.mark.parametrize("mit_budget", [True, False])
def test_jede_reihe_hat_einen_wert_oder_einen_grund(rows, mit_budget) -> None:
    budgets = [ansatz(j, 900_000) for j in range(2022, 2026)] if mit_budget else []
    alles_endlich(prognosestand(lieferung(rows, budgets)))


def test_ohne_frueheres_jahr_antworten_ansatz_und_linear() -> None:
    h = prognosestand(lieferung(monatlich([2025], 100_000), [ansatz(2025, 1_500_000)])).summe
    assert h.alternativen["M0"] == 1_500_000
    assert h.alternativen["M2"] == 1_200_000
    assert "M1" not in h.alternativen
    assert 1_200_000 <= h.wert <= 1_500_000
    assert h.zeugnis.n == 0
    assert "noch kein abgeschlossenes Jahr" in h.zeugnis.satz


def test_produkt_ohne_buchungen_steht_mit_seinem_ansatz_und_namen_da() -> None:
    daten = lieferung(monatlich([2024, 2025], 90_000), [ansatz(2025, 70_000, "P2")])
    stand = prognosestand(daten)
    assert stand.panel.namen["3632"] == "Förderung"
    assert stand.reihen["3632"].alternativen["M0"] == 70_000


def test_die_summe_hat_den_ansatz_der_teile_die_einen_haben() -> None:
    rows = [*monatlich(range(2022, 2026), 90_000), *monatlich(range(2022, 2026), 20_000, "P2")]
    stand = prognosestand(lieferung(rows, [ansatz(j, 10**6) for j in range(2022, 2026)]))
    f01 = measures.kennzahl(lieferung(rows, [ansatz(2025, 10**6)]), "F01").frame["wert"].iloc[0]
    assert "M0" not in stand.reihen["3632"].alternativen
    assert stand.summe.alternativen["M0"] == f01 == 10**6
    assert stand.summe.zeugnis.skill_ansatz is not None


def test_vor_dem_ersten_wirksamen_beschluss_gibt_es_keinen_ansatz() -> None:
    budgets = [ansatz(2024, 10**6), ansatz(2025, 9 * 10**5, ab=date(2025, 8, 1)),
               ansatz(2025, 5, ab=date(2025, 9, 1), art="nachtrag")]  # fmt: skip
    rows = monatlich([2024, 2025], 90_000, bis=date(2025, 9, 30))
    (r,) = panel(lieferung(rows, budgets), stichtag=date(2025, 9, 30)).reihen
    assert np.isnan(r.budget(7)[1])
    assert (r.budget(8)[1], r.budget(9)[1]) == (900_000, 900_005)
    assert r.budget(7)[0] == 10**6


def test_eine_sperre_aendert_den_ansatz_nicht() -> None:
    budgets = [ansatz(2025, 10**6), ansatz(2025, -5000, ab=date(2025, 2, 1), art="sperre")]
    (r,) = panel(lieferung(monatlich([2025], 90_000), budgets)).reihen
    assert r.budget(6)[0] == 10**6


def test_ein_umbenanntes_produkt_traegt_seinen_neuen_namen() -> None:
    produkte = """
    produkt_lokal | produkt_name | gueltig_von | gueltig_bis | produktgruppe | produktgruppe_name
    P1            | Heim         | 2000-01-01  | 2023-12-31  | 3633          | Zöpfe (alt)
    P1            | Heim         | 2024-01-01  |             | 3633          | Hilfe zur Erziehung
    P1            | Heim         | 2026-01-01  |             | 3633          | Aufbruch
        """
    p = panel(lieferung(monatlich([2023, 2024, 2025], 100), produkte=produkte))
    assert p.namen["3633"] == "Hilfe zur Erziehung"


def test_personalkosten_und_ertraege_gehoeren_nicht_dazu() -> None:
    rows = [*monatlich([2024, 2025], 100), *monatlich([2024, 2025], 10, konto="E"),
            *monatlich([2024, 2025], 1000, konto="P")]  # fmt: skip
    daten = lieferung(rows)
    assert panel(daten).reihen[0].ist[-1, 5] == 600
    assert panel(daten, seite="ertrag").reihen[0].ist[-1, 5] == 60


# --- what cannot be answered --------------------------------------------------------------------


@pytest.mark.parametrize("fehlend", ["budget", "map_produkt", "map_konto", "buchung"])
def test_ohne_tabelle_des_haushalts_sagt_der_fehler_welche(fehlend) -> None:
    ganz = lieferung(monatlich([2024, 2025], 100))
    rest = {n: t for n, t in ganz.arrow.items() if n != fehlend}
    with pytest.raises(DeliveryMissing, match=f"»{fehlend}«"):
        panel(Lieferung(STICHTAG, rest))


@pytest.mark.parametrize("fehlend", ["fall", "zahlung", "person", "gebiet"])
def test_ohne_tabelle_der_hilfen_sagt_der_fehler_welche(stadt, fehlend) -> None:
    rest = {n: t for n, t in stadt.arrow.items() if n != fehlend}
    with pytest.raises(DeliveryMissing, match=f"»{fehlend}«"):
        panel(Lieferung(STICHTAG, rest), "hilfeart")


def test_hilfearten_ohne_haushalt_haben_keinen_ansatz_und_doch_eine_prognose(stadt) -> None:
    nur = {n: stadt.arrow[n] for n in ("zahlung", "fall", "person", "gebiet")}
    stand = prognosestand(Lieferung(STICHTAG, nur), "hilfeart")
    assert all("M0" not in h.alternativen for h in stand.prognose.hochrechnungen)
    assert stand.summe.wert > 0
    alles_endlich(stand)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param(monatlich([2026], 5, bis=date(2026, 12, 31)), "nichts gebucht", id="zu spät"),
        pytest.param(monatlich([2022], 5), "Für 2025 ist bis zum Stichtag nichts", id="zu alt"),
    ],
)
def test_ohne_buchung_im_jahr_ein_klarer_fehler(rows, text) -> None:
    with pytest.raises(DeliveryMissing, match=text):
        panel(lieferung(rows))


def test_ertraege_je_hilfeart_werden_abgelehnt(stadt) -> None:
    with pytest.raises(UsageError, match="Erträge je Hilfeart"):
        panel(stadt, "hilfeart", seite="ertrag")


# --- occupied months ----------------------------------------------------------------------------


def test_belegte_monate_sind_die_mitte_der_bestaende_an_beiden_enden(stadt) -> None:
    hilfen = measures.sicht(stadt, "hilfen", STICHTAG)
    hilfen = hilfen.filter(hilfen.ist_hze)
    je_monat = measures.bestand_je_monat(hilfen, date(2023, 12, 1), STICHTAG, je=["hilfeart"])
    gezaehlt = {(h, m.year * 12 + m.month - 1): n
                for h, m, n in je_monat.execute().itertuples(index=False)}  # fmt: skip
    belegt = belegte_monate(stadt, np.arange(2024, 2026), 2025 * 12 + 5)
    assert {h for h, _ in gezaehlt} <= set(belegt)
    for name, menge in belegt.items():
        for t, found in enumerate(menge.ravel()):
            enden = [gezaehlt.get((name, 2024 * 12 + m), 0) for m in (t - 1, t)]
            assert np.isnan(found) if t > 17 else found == sum(enden) / 2


def test_das_wissen_reicht_bis_zum_ursprung(stadt) -> None:
    p = panel(stadt, "hilfeart")
    extra = p.wissen(reihe(p, "34"), 2023, 6)
    assert extra["dreieck"].monate[-1] == 2023 * 12 + 5
    assert p.wissen(reihe(p, "34"), 2025, 8) == {}


def test_eine_spaetere_hochrechnung_ist_nicht_ungenauer(stadt) -> None:
    """The record of 31.08. beats that of 30.04. on the total (issue 3, simulated data)."""
    p = panel(stadt)
    fehler = []
    for periode in (4, 8):
        test = prognostizieren(p.reihen, 2025, periode, summe=INSGESAMT, wissen=p.wissen).test
        fertig = np.isfinite(test.ergebnis) & np.isfinite(test.gewaehlt)
        weg = np.abs(test.gewaehlt - test.ergebnis)[fertig].sum()
        fehler.append(weg / np.abs(test.ergebnis[fertig]).sum())
    assert all(spaet <= frueh for frueh, spaet in pairwise(fehler))


# --- what is no basis for a forecast --------------------------------------------------------------


@pytest.mark.parametrize("seite", ["aufwand", "ertrag"])
def test_ein_jahr_ohne_buchung_ist_keines_ohne_kosten(seite) -> None:
    rows = [*monatlich(range(2021, 2025), 1000), *monatlich(range(2021, 2025), 500, konto="E")]
    budgets = [ansatz(2025, 12_000), ansatz(2025, 6_000, konto="E")]
    with pytest.raises(DeliveryMissing, match="Für 2025 ist bis zum Stichtag nichts gebucht"):
        panel(lieferung(rows, budgets), seite=seite)
    # income may come late in the year: the year has begun with the first booking of any kind
    begonnen = lieferung([*rows, buchung(2025, date(2025, 3, 3), 1000)], budgets)
    assert panel(begonnen, seite=seite).jahr == 2025


def test_ein_stichtag_nach_der_lieferung_wird_nicht_hochgerechnet() -> None:
    daten = lieferung(monatlich(range(2021, 2026), 1000))
    daten.datenstand = date(2025, 7, 15)
    with pytest.raises(UsageError, match="reicht die Lieferung nicht"):
        panel(daten, stichtag=date(2025, 8, 31))
