"""Is everything there? Months against other years, a delivery against the last, two lists.

Musterstadt's tables as they were delivered, with one thing taken away; and towns made of chance.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pytest
from kleinstadt import Zeile, als_tabelle
from stichprobe import probe

from sozcontrol import checks
from sozcontrol.checks import monatsvergleich, pruefung
from sozcontrol.checks.regel import load_querregeln
from sozcontrol.demo import make_city
from sozcontrol.findings import Finding, blocked_tables

EXPECTATIONS = Path(__file__).parent.parent / "expectations"
REGELN = [r for r in load_querregeln(EXPECTATIONS) if r[0].name == "vollstaendigkeit.yml"]
TABELLEN = ("buchung", "zahlung", "fall", "map_produkt", "map_konto")
FRIST = timedelta(days=21)
HALBJAHR, FRUEHER = date(2025, 6, 30), date(2025, 3, 31)
pytestmark = pytest.mark.usefixtures("urteile")

SEED = 20250630
Zeilen = dict[str, list[Zeile]]
Bleibt = Callable[[Zeile], bool]


@lru_cache(maxsize=4)
def geliefert(stichtag: date, seed: int = SEED) -> Zeilen:
    """Return what Musterstadt delivers for *stichtag*, 21 days later."""
    return dict(make_city(seed).hilfetabellen(stichtag + FRIST))


@lru_cache(maxsize=64)
def _tafel(name: str, stichtag: date, seed: int, bleibt: Bleibt | None) -> pa.Table:
    zeilen = geliefert(stichtag, seed)[name]
    if bleibt is not None:
        return _tafel(name, stichtag, seed, None).filter(pa.array([bleibt(z) for z in zeilen]))
    herkunft = {"lieferung_id": name, "datenstand": stichtag + FRIST}
    return als_tabelle(
        name, [{"zeile_quelle": i, **herkunft, **z} for i, z in enumerate(zeilen, start=2)]
    )


def tafeln(stichtag: date, seed: int = SEED, **bleibt: Bleibt) -> dict[str, pa.Table]:
    """Return a delivery as canonical tables; of a table named, only the rows that stay."""
    found = {n: _tafel(n, stichtag, seed, bleibt.get(n)) for n in TABELLEN}
    log = [{"lieferung_id": n, "tabelle": n, "dateiname": n, "stichtag": stichtag} for n in found]
    return {**found, "lieferung": als_tabelle("lieferung", log)}


def pruefe(
    tables: dict[str, pa.Table],
    stichtag: date = HALBJAHR,
    previous: object = None,
    datenstand: date | None = None,
) -> tuple[Finding, ...]:
    """Check by the rules of completeness alone; what they did not check is no answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pruefung, "load_suites", lambda _: {})
        patch.setattr(pruefung, "load_querregeln", lambda _: REGELN)
        found = checks.check(
            tables, stichtag=stichtag, datenstand=datenstand or stichtag + FRIST,
            expectations=EXPECTATIONS, previous=previous,
        )  # fmt: skip
    return tuple(f for f in found if f.regel != "R-S08")


def regeln(found: tuple[Finding, ...], tabelle: str) -> set[str]:
    """Return the rules that stop *tabelle*."""
    return {f.regel for f in found if f.tabelle == tabelle and f.schwere.value == "fehler"}


# --- clean deliveries -----------------------------------------------------------------------------

KALENDER = [(1, 31), (3, 31), (4, 30), (6, 30), (8, 31), (9, 30), (12, 31)]
ZWEI_TAGE = KALENDER[3:5]
JAHRE = [(SEED, 2025), (SEED, 2021), (1, 2023), (1, 2024)]


@pytest.mark.parametrize(
    ("seed", "jahr", "tage"),
    probe([(SEED, 2025, ZWEI_TAGE), *((*one, KALENDER) for one in JAHRE)], 1),
)
def test_musterstadt_ist_zu_jedem_stichtag_ohne_befund(
    seed: int, jahr: int, tage: list[tuple[int, int]]
):
    vorher = None
    for monat, tag in tage:
        stichtag = date(jahr, monat, tag)
        tables = tafeln(stichtag, seed)
        found = pruefe(tables, stichtag, vorher)
        assert blocked_tables(found) == set(), checks.render_text(found)
        # Some of the 30 small series may raise a doubt; the ledger as a whole never does.
        assert [f for f in found if f.tabelle == "buchung"] == [], checks.render_text(found)
        vorher = tables


@pytest.mark.parametrize(
    ("stichtag", "datenstand"),
    probe([
        (HALBJAHR, HALBJAHR), (date(2025, 12, 31), date(2026, 1, 10)),
        *((HALBJAHR, HALBJAHR + timedelta(days=n)) for n in (3, 10, 45, 75)),
        (date(2025, 4, 30), date(2025, 5, 10)), (date(2025, 4, 30), date(2025, 5, 24)),
        (date(2025, 12, 31), date(2026, 1, 24)),
    ], 2),
)  # fmt: skip
def test_der_tag_des_auszugs_macht_keinen_monat_duenn(stichtag: date, datenstand: date):
    """A payment run may fall just before it in other years, and just after it this year."""
    tabellen = make_city(SEED).hilfetabellen(datenstand)
    found = pruefe(
        {
            n: als_tabelle(n, [{"lieferung_id": n, "datenstand": datenstand, **z} for z in zeilen])
            for n, zeilen in tabellen.items()
            if n in TABELLEN
        },
        stichtag,
        datenstand=datenstand,
    )
    assert found == (), checks.render_text(found)


# --- faults ---------------------------------------------------------------------------------------


def ohne_monat(jahr: int, monat: int) -> Bleibt:
    return lambda z: (z["buchung_am"].year, z["buchung_am"].month) != (jahr, monat)


def ohne_periode(jahr: int, monat: int) -> Bleibt:
    return lambda z: (z["haushaltsjahr"], z["periode"]) != (jahr, monat)


def ohne_leistungsmonat(jahr: int, monat: int) -> Bleibt:
    return lambda z: z["leistungsmonat"] != date(jahr, monat, 1)


def bis(tag: date) -> Bleibt:
    return lambda z: z["buchung_am"] <= tag


def ohne_tage(von: date, bis: date) -> Bleibt:
    return lambda z: not von <= z["buchung_am"] <= bis


def jede_zweite_im_juni(schluessel: str) -> Bleibt:
    weg = ohne_monat(2025, 6)
    return lambda z: weg(z) or z[schluessel].endswith(tuple("02468"))


JUNI, MITTE = date(2025, 6, 1), date(2025, 6, 15)
UNVOLLSTAENDIG = [
    pytest.param(bis(FRUEHER + FRIST), id="Stand März unter neuem Titel"),
    pytest.param(ohne_tage(MITTE + timedelta(days=1), HALBJAHR), id="Juni ohne zweite Hälfte"),
    *(pytest.param(ohne_monat(2025, m), id=f"ohne Monat {m}") for m in (6, 5, 1, 2, 3, 4)),
    pytest.param(bis(MITTE), id="Juni bis zur Mitte"),
    pytest.param(ohne_tage(JUNI, MITTE), id="Juni ohne erste Hälfte"),
]
NUR_BUCHUNG = [
    pytest.param(jede_zweite_im_juni("beleg_nr"), id="jede zweite Buchung"),
    *(pytest.param(ohne_periode(2025, m), id=f"ohne Periode {m}") for m in (6, 3, 1, 2, 4, 5)),
]


@pytest.mark.parametrize("bleibt", [*probe(UNVOLLSTAENDIG, 4), *probe(NUR_BUCHUNG, 3)])
def test_ein_unvollstaendiges_hauptbuch_haelt_sich_selbst_an(bleibt: Bleibt):
    found = pruefe(tafeln(HALBJAHR, buchung=bleibt))
    assert "R-B27" in regeln(found, "buchung")
    assert blocked_tables(found) == {"buchung"}, checks.render_text(found)


@pytest.mark.parametrize(
    "bleibt",
    probe([pytest.param(jede_zweite_im_juni("zahlung_id"), id="jede zweite"), *UNVOLLSTAENDIG], 4),
)
def test_eine_unvollstaendige_zahlungsliste_haelt_sich_selbst_an(bleibt: Bleibt):
    found = pruefe(tafeln(HALBJAHR, zahlung=bleibt))
    assert "R-B27" in regeln(found, "zahlung")
    assert blocked_tables(found) == {"zahlung"}, checks.render_text(found)


@pytest.mark.parametrize(
    ("stichtag", "seed"),
    probe([(date(2025, 1, 31), SEED), (date(2022, 4, 30), 1), (date(2024, 12, 31), 2),
           (date(2023, 8, 31), SEED)], 1),
)  # fmt: skip
@pytest.mark.parametrize("tabelle", ["buchung", "zahlung"])
def test_der_letzte_monat_fehlt_zu_jedem_stichtag_des_jahres(
    tabelle: str, stichtag: date, seed: int
):
    bleibt = ohne_monat(stichtag.year, stichtag.month)
    found = pruefe(tafeln(stichtag, seed, **{tabelle: bleibt}), stichtag)
    assert "R-B27" in regeln(found, tabelle)
    assert blocked_tables(found) == {tabelle}, checks.render_text(found)


def test_im_ersten_jahr_zeigt_das_jahr_selbst_was_fehlt():
    def dieses_jahr(zeile: Zeile) -> bool:
        return zeile["buchung_am"].year == 2025 and zeile["buchung_am"].month != 5

    found = pruefe(tafeln(HALBJAHR, buchung=dieses_jahr))
    (befund,) = [f for f in found if (f.regel, f.schwere.value) == ("R-B27", "fehler")]
    assert {"reihe": "Aufwand nach Buchungsmonat", "monat": "2025-05-01"} in [
        s.schluessel for s in befund.stellen
    ]


def test_im_januar_des_zweiten_jahres_zeigen_es_die_zwoelf_monate_davor():
    stichtag = date(2021, 1, 31)
    found = pruefe(tafeln(stichtag, buchung=ohne_monat(2021, 1)), stichtag)
    assert "R-B27" in regeln(found, "buchung")


@pytest.mark.parametrize("monat", probe([3, 1, 6], 1))
@pytest.mark.parametrize("gruppe", ["3112", "3140", "3650"])
def test_der_fehlende_monat_einer_produktgruppe_ist_ein_zweifel_am_hauptbuch(
    gruppe: str, monat: int
):
    produkte = {
        p["produkt_lokal"] for p in geliefert(HALBJAHR)["map_produkt"]
        if p["produktgruppe"] == gruppe
    }  # fmt: skip
    weg = ohne_monat(2025, monat)
    found = pruefe(tafeln(HALBJAHR, buchung=lambda z: z["produkt"] not in produkte or weg(z)))
    assert blocked_tables(found) == set()
    stellen = [s.schluessel for f in found if f.zweifel == ("buchung",) for s in f.stellen]
    assert {
        "reihe": f"Aufwand der Produktgruppe {gruppe}",
        "monat": date(2025, monat, 1).isoformat(),
    } in stellen


def test_der_fehlende_monat_einer_hilfeart_ist_ein_zweifel_an_der_zahlungsliste():
    heim = {f["hilfe_id"] for f in geliefert(HALBJAHR)["fall"] if f["hilfeart"] == "31"}
    weg = ohne_monat(2025, 5)
    found = pruefe(tafeln(HALBJAHR, zahlung=lambda z: z["hilfe_id"] not in heim or weg(z)))
    stellen = [s.schluessel for f in found if f.zweifel == ("zahlung",) for s in f.stellen]
    assert {"reihe": "§ 31 Sozialpädagogische Familienhilfe", "monat": "2025-05-01"} in stellen


# --- two lists ------------------------------------------------------------------------------------


def test_fehlt_nur_die_uebergabe_eines_monats_irrt_die_finanzbuchhaltung():
    """Too little of the ledger to be thin, but the reconciliation knows whose month it is."""
    hilfen = {
        p["produkt_lokal"] for p in geliefert(HALBJAHR)["map_produkt"]
        if p["produktgruppe"] in {"3632", "3633", "3634"}
    }  # fmt: skip
    weg = ohne_monat(2025, 6)
    found = pruefe(tafeln(HALBJAHR, buchung=lambda z: z["produkt"] not in hilfen or weg(z)))
    assert regeln(found, "buchung") == {"R-X01"}
    assert blocked_tables(found) == {"buchung"}


@pytest.mark.parametrize("monat", probe([2, 5, 1, 3, 4], 2))
@pytest.mark.parametrize("tabelle", ["buchung", "zahlung"])
def test_fehlt_ein_leistungsmonat_irrt_die_seite_der_er_fehlt(tabelle: str, monat: int):
    found = pruefe(tafeln(HALBJAHR, **{tabelle: ohne_leistungsmonat(2025, monat)}))
    assert blocked_tables(found) == {tabelle}, checks.render_text(found)
    assert "R-X01" in regeln(found, tabelle)


@pytest.mark.parametrize("faktor", [2, 3])
def test_ist_keine_seite_zu_klein_bleibt_offen_welche_irrt(faktor: int):
    """A quarter booked higher than it was paid: the Zahlungsliste waits, the ledger is doubted."""
    tables = tafeln(HALBJAHR)
    zeilen = tables["buchung"].to_pylist()
    for z in zeilen:
        if z["leistungsmonat"] == date(2025, 2, 1) and z["produkt"].startswith("3633"):
            z["betrag_eur"] *= faktor
    found = pruefe({**tables, "buchung": als_tabelle("buchung", zeilen)})
    assert blocked_tables(found) == {"zahlung"}
    (befund,) = [f for f in found if f.regel == "R-X01"]
    assert befund.zweifel == ("buchung",)
    assert [s.schluessel for s in befund.stellen] == [{"quartal": "2025-01-01"}]


# --- against the earlier delivery -----------------------------------------------------------------


@pytest.mark.parametrize("tabelle", ["buchung", "zahlung"])
def test_geschrumpft_gegen_die_fruehere_lieferung(tabelle: str):
    """Rows that are gone all over the year make no month thin."""
    bleibt = {
        "buchung": lambda z: z["buchung_am"].year != 2025 or not z["beleg_nr"].endswith("7"),
        "zahlung": lambda z: z["buchung_am"].year != 2025 or not z["zahlung_id"].endswith("7"),
    }[tabelle]
    tables = tafeln(HALBJAHR, **{tabelle: bleibt})
    assert "R-B27" not in regeln(pruefe(tables), tabelle)
    assert "R-B28" in regeln(pruefe(tables, previous=tafeln(FRUEHER)), tabelle)


@pytest.mark.parametrize("tabelle", ["buchung", "zahlung"])
def test_seit_der_frueheren_lieferung_ist_nichts_dazugekommen(tabelle: str):
    alt = bis(FRUEHER + FRIST)
    found = pruefe(tafeln(HALBJAHR, **{tabelle: alt}), previous=tafeln(FRUEHER))
    assert {"R-B27", "R-B28"} <= regeln(found, tabelle)


def test_andere_nummern_und_ein_kuerzerer_rueckblick_sind_kein_schwund():
    tables = tafeln(HALBJAHR)
    neu = [
        {**z, "beleg_nr": f"N{z['beleg_nr']}", "storno_zu": z["storno_zu"] and f"N{z['storno_zu']}"}
        for z in tables["buchung"].to_pylist()
        if z["haushaltsjahr"] >= 2024 and z["buchung_am"] >= date(2024, 3, 1)
    ]
    tables["buchung"] = als_tabelle("buchung", neu)
    found = pruefe(tables, previous=tafeln(FRUEHER))
    assert "R-B28" not in {f.regel for f in found}


# --- towns made of chance -------------------------------------------------------------------------


def zufallsstaedte(
    anzahl: int, buchungen: float, jahre: int, *, saison: float = 0.0
) -> list[tuple[str, date, float]]:
    """Return rows (town, month, amount): Poisson numbers of log-normal amounts."""
    w = Random(f"{anzahl}/{buchungen}/{jahre}/{saison}")
    rows = []
    ende = HALBJAHR.year * 12 + HALBJAHR.month
    for stadt in range(anzahl):
        form = [w.lognormvariate(0, saison) for _ in range(12)]
        for m in range(ende - 12 * jahre - 6, ende):
            monat = date(m // 12, m % 12 + 1, 1)
            rest = w.expovariate(1)
            while rest < buchungen * form[m % 12]:
                rows.append((str(stadt), monat, w.lognormvariate(7, 1)))
                rest += w.expovariate(1)
    return rows


def vergleiche(rows: list[tuple[str, date, float]], was: str = "unvollstaendig") -> list[tuple]:
    """Return (town, month) of the reporting year that are called incomplete, or conspicuous."""
    reihe, monat, betrag = zip(*rows, strict=True)
    tage = pa.array(monat, pa.date32())
    con = duckdb.connect()
    con.register("r", pa.table({"reihe": reihe, "monat": tage, "gebucht": tage, "betrag": betrag}))
    con.execute(f"CREATE MACRO {monatsvergleich.MAKRO}")
    found = con.execute(
        "SELECT reihe, monat FROM monate_im_vergleich('r', DATE '2025-06-30', DATE '2025-07-21') "
        f"WHERE {was} AND year(monat) = 2025"
    ).fetchall()
    con.close()
    return found


@pytest.mark.parametrize("saison", [0.0, 0.3])
@pytest.mark.parametrize("jahre", probe([0, 3, 1, 2, 5], 2))
@pytest.mark.parametrize("buchungen", probe([1, 20, 3, 8], 2))
def test_wo_wenig_gebucht_wird_ist_ein_duenner_monat_natur(
    buchungen: float, jahre: int, saison: float
):
    rows = zufallsstaedte(150, buchungen, jahre, saison=saison)
    assert len({stadt for stadt, _ in vergleiche(rows)}) <= 1
    assert len({stadt for stadt, _ in vergleiche(rows, "auffaellig")}) <= 2


@pytest.mark.parametrize(("buchungen", "jahre"), [(20, 3), (40, 1), (60, 5)])
def test_ein_leerer_monat_faellt_auch_in_kleinen_staedten_auf(buchungen: float, jahre: int):
    mai = date(2025, 5, 1)
    rows = [r for r in zufallsstaedte(60, buchungen, jahre) if r[1] != mai]
    found = vergleiche(rows)
    assert len([f for f in found if f[1] == mai]) >= 54
    assert {f[1] for f in found} == {mai}


def test_was_immer_gleich_oft_gebucht_wird_braucht_keine_grosse_zahl():
    """Three bills a month, every month: the fourth month with one is thin, and one with none."""
    monate = [date(j, m, 1) for j in (2022, 2023, 2024, 2025) for m in range(1, 13)]
    rows = [("S", m, 1000.0 + i) for m in monate if m <= HALBJAHR for i in range(3)]
    assert vergleiche(rows) == []
    ohne = [r for r in rows if r[1] != date(2025, 4, 1) or r[2] == 1000.0]
    assert vergleiche(ohne) == [("S", date(2025, 4, 1))]


def test_ein_vertipptes_jahr_und_ein_spaeter_anfang_sind_kein_vergleich():
    """One row of 2018 makes no year, and a year that begins in November none that was thin."""
    monate = [date(j, m, 1) for j in range(2020, 2026) for m in range(1, 13)]
    rows = [
        ("S", m, 100.0 + i) for m in monate if date(2020, 11, 1) <= m <= HALBJAHR for i in range(20)
    ]
    halb = [r for r in rows if r[1] != date(2025, 6, 1) or r[2] < 111]
    vertippt = [("S", date(2018, 3, 1), 100.0), ("S", date(2019, 5, 1), 100.0)]
    assert vergleiche(rows + vertippt) == []
    assert vergleiche(halb + vertippt) == [("S", date(2025, 6, 1))]


@pytest.mark.parametrize("abstand", [3, 2, 12])
def test_wer_nicht_jeden_monat_bucht_dem_fehlt_keiner(abstand: int):
    monate = [date(j, m, 1) for j in (2023, 2024, 2025) for m in range(abstand, 13, abstand)]
    rows = [("S", m, 1000.0 + i) for m in monate if m <= HALBJAHR for i in range(50)]
    assert vergleiche(rows) == []
    # … nor in the first year, when nothing earlier tells of the rhythm.
    erste = [r for r in rows if r[1].year == 2025]
    assert not erste or vergleiche(erste) == []


def als_jahressumme(zeile: Zeile) -> Zeile:
    am = date(zeile["haushaltsjahr"], 12, 31)
    summe = {"periode": 12, "buchung_am": am, "leistungsmonat": None}
    return {**zeile, **summe, "beleg_nr": f"J{zeile['beleg_nr']}", "herkunft": "jahresabschluss"}


@pytest.mark.parametrize("jahre", [range(2020, 2025), range(2024, 2025)], ids=["alle", "dieses"])
def test_jahressummen_haben_keine_monate(jahre: range):
    stichtag = date(2024, 12, 31)
    tables = tafeln(stichtag)
    zeilen = [z for z in tables["buchung"].to_pylist() if z["haushaltsjahr"] < 2025]
    zeilen = [als_jahressumme(z) if z["haushaltsjahr"] in jahre else z for z in zeilen]
    found = pruefe({**tables, "buchung": als_tabelle("buchung", zeilen)}, stichtag)
    assert {f.regel for f in found if f.tabelle == "buchung"} <= {"R-X01"}


def test_abschlussbuchungen_frueherer_jahre_machen_keinen_dezember_duenn():
    stichtag = date(2025, 12, 31)
    tables = tafeln(stichtag)
    zeilen = tables["buchung"].to_pylist()
    abschluss = [als_jahressumme(z) for z in zeilen if 2020 < z["haushaltsjahr"] < 2025]
    found = pruefe({**tables, "buchung": als_tabelle("buchung", zeilen + abschluss)}, stichtag)
    assert [f for f in found if f.regel == "R-B27"] == []
