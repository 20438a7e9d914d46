"""Two time axes: what was published, what is known today, and the causes of the difference."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

import gezeichnet
import pandas as pd
import pytest
from hauptbuch import stadt_am
from hypothesis import given, settings
from hypothesis import strategies as st
from stichprobe import je_art, probe
from tafel import Stadt, lies
from wuerfelstadt import STICHTAG, wuerfelstadt

from sozcontrol import catalogue, measures, revision
from sozcontrol.disclosure import GEHEIM, Antrag, Freigabe, Vorher, entscheiden
from sozcontrol.errors import ConfigurationError, UsageError
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.revision import URSACHEN, Frueher, revisionen
from sozcontrol.revision.effekte import SPALTEN, effekte, seiten
from sozcontrol.revision.hybride import Paar
from sozcontrol.revision.revisionstafeln import anfangsbestaende, tafeln
from sozcontrol.revision.schritte import hat_personen, ist_anzahl, schritte
from sozcontrol.revision.vergleich import _tafeln

Zeilen = dict[str, list[dict[str, Any]]]
TABELLEN = tuple(n for n in catalogue.tabellen() if n not in ("lieferung", "pruefung"))


def zeilen_von(stadt: Stadt) -> Zeilen:
    return {n: stadt[n].to_pyarrow().to_pylist() for n in TABELLEN}


def stadt_aus(rows: Zeilen, datenstand: date = date(2025, 9, 15), **settings: Any) -> Stadt:
    tables = {n: {c: [r[c] for r in rows[n]] for c in catalogue.tabelle(n).namen} for n in rows}
    city = Stadt(STICHTAG, datenstand, **tables)
    for name, value in settings.items():
        setattr(city, name, value)
    return city


# ---- one change, one cause ------------------------------------------------------------------

FALL = """
    hilfe_id | person_id | rechtskreis | paragraph | hilfeart | segment    | beginn     | ende
    H1       | P1        | SGB8        | 31        | 31       | ambulant   | 2024-01-01 |
    H2       | P2        | SGB8        | 33        | 33       | stationaer | 2024-03-01 |
    H3       | P3        | SGB8        | 34        | 34       | stationaer | 2024-05-01 | 2025-03-31
    H4       | P1        | SGB8        | 34        | 34       | stationaer | 2025-02-01 |
    """
PERSON = """
    person_id | geburtsmonat | geschlecht
    P1        | 2015-03-01   | m
    P2        | 2012-03-01   | w
    P3        | 2010-03-01   | w
    P9        | 2010-03-01   | w
    """
ZAHLUNG = """
    zahlung_id | hilfe_id | leistungsmonat | betrag_eur | art      | buchung_am
    Z1         | H1       | 2025-01-01     | 100.00     | leistung | 2025-02-10
    Z2         | H2       | 2025-02-01     | 250.00     | leistung | 2025-03-10
    """
BUCHUNG = """
    beleg_nr | pos | haushaltsjahr | periode | buchung_am | produkt | konto | betrag_eur
    B1       | 1   | 2025          | 2       | 2025-02-10 | P1      | A     | 100.00
    B2       | 1   | 2025          | 3       | 2025-03-10 | P2      | A     | 250.00
    """
BUDGET = """
    jahr | produkt | konto | art    | wirksam_ab | betrag_eur
    2025 | P1      | A     | ansatz | 2025-01-01 | 1000.00
    """
GEBIET = """
    gebiet_id | typ   | name  | gueltig_von
    ST        | stadt | Stadt | 2000-01-01
    """
MAP_PRODUKT = """
    produkt_lokal | produkt_name | gueltig_von | produktgruppe | produktgruppe_name
    P1            | ambulant     | 2000-01-01  | 3631          | Beratung
    P2            | Heim         | 2000-01-01  | 3633          | HzE
    """
MAP_KONTO = """
    konto | konto_name | konto_art | ist_soziale_sicherung
    A     | Aufwand    | aufwand   | ja
    """
EINWOHNER = """
    stichtag   | gebiet_id | altersjahr | geschlecht | staatsang_gruppe | quelle        | anzahl
    2024-12-31 | ST        | 10         | m          | o.A.             | melderegister | 500
    """


def kleine_stadt() -> Zeilen:
    drawn = {
        "fall": FALL, "person": PERSON, "zahlung": ZAHLUNG, "buchung": BUCHUNG, "budget": BUDGET,
        "gebiet": GEBIET, "map_produkt": MAP_PRODUKT, "map_konto": MAP_KONTO,
        "einwohner": EINWOHNER,
    }  # fmt: skip
    return zeilen_von(Stadt(STICHTAG, **drawn))


def zeile(rows: Zeilen, table: str, **key: Any) -> dict[str, Any]:
    return next(r for r in rows[table] if all(r[k] == v for k, v in key.items()))


def neue_zeile(rows: Zeilen, table: str, text: str) -> None:
    given = {name: values[0] for name, values in lies(text).items()}
    rows[table].append({c: given.get(c) for c in catalogue.tabelle(table).namen})


def aendern(table: str, key: dict[str, Any], **values: Any) -> Callable[[Zeilen], None]:
    return lambda rows: zeile(rows, table, **key).update(values)


def streichen(table: str, **key: Any) -> Callable[[Zeilen], None]:
    return lambda rows: rows[table].remove(zeile(rows, table, **key))


def anfuegen(*pairs: tuple[str, str]) -> Callable[[Zeilen], None]:
    return lambda rows: [neue_zeile(rows, t, text) for t, text in pairs]  # type: ignore[return-value]


NEUE_HILFE = """
    hilfe_id | person_id | rechtskreis | paragraph | hilfeart | segment  | beginn
    H5       | P5        | SGB8        | 31        | 31       | ambulant | 2025-05-01
    """
NEUE_PERSON = """
    person_id | geburtsmonat | geschlecht
    P5        | 2015-03-01   | m
    """
NEUE_ZAHLUNG = """
    zahlung_id | hilfe_id | leistungsmonat | betrag_eur | art      | buchung_am
    Z3         | H1       | 2025-03-01     | 77.00      | leistung | 2025-07-10
    """
NEUE_BUCHUNG = """
    beleg_nr | pos | haushaltsjahr | periode | buchung_am | produkt | konto | betrag_eur
    B3       | 1   | 2025          | 6       | 2025-06-20 | P7      | K     | 33.00
    """
NEUES_KONTO = """
    konto | konto_name | konto_art | ist_soziale_sicherung
    K     | Neu        | aufwand   | ja
    """
NEUES_PRODUKT = """
    produkt_lokal | produkt_name | gueltig_von | produktgruppe | produktgruppe_name
    P7            | neu          | 2000-01-01  | 3631          | Beratung
    """
NEUER_ANSATZ = """
    jahr | produkt | konto | art      | wirksam_ab | betrag_eur
    2025 | P1      | A     | nachtrag | 2025-05-01 | 50.00
    """
MAI = date(2025, 5, 31)

EINZELN = [
    pytest.param(
        aendern("fall", {"hilfe_id": "H1"}, ende=MAI, ende_grund="hilfeplan"),
        "spaete_beendigungen", {"H01": -1, "H03": 1}, id="spätes Ende",
    ),
    pytest.param(
        anfuegen(("fall", NEUE_HILFE), ("person", NEUE_PERSON)),
        "spaete_eroeffnungen", {"H01": 1, "H02": 1}, id="späte Eröffnung mit neuer Person",
    ),
    pytest.param(
        anfuegen(("zahlung", NEUE_ZAHLUNG)), "nachbuchungen", {"H19r": None}, id="Zahlung"
    ),
    pytest.param(
        anfuegen(("buchung", NEUE_BUCHUNG), ("map_konto", NEUES_KONTO),
                 ("map_produkt", NEUES_PRODUKT)),
        "nachbuchungen", {"F09": Decimal(33)}, id="Buchung auf neuem Produkt und Konto",
    ),
    pytest.param(anfuegen(("budget", NEUER_ANSATZ)), "nachbuchungen", {"F01": 50}, id="Nachtrag"),
    pytest.param(streichen("fall", hilfe_id="H2"), "loeschungen", {"H01": -1}, id="Hilfe gelöscht"),
    pytest.param(
        streichen("buchung", beleg_nr="B1"), "loeschungen", {"F09": -100}, id="Beleg gelöscht"
    ),
    pytest.param(
        aendern("buchung", {"beleg_nr": "B2"}, haushaltsjahr=2024),
        "umbuchungen", {"F09": -250}, id="anderes Haushaltsjahr",
    ),
    pytest.param(
        aendern("fall", {"hilfe_id": "H1"}, hilfeart="33", paragraph="33", segment="stationaer"),
        "umbuchungen", {"H01": 0, "H10": None}, id="andere Hilfeart",
    ),
    pytest.param(
        aendern("buchung", {"beleg_nr": "B1"}, betrag_eur=Decimal("90.00")),
        "korrekturen", {"F09": -10}, id="anderer Betrag",
    ),
    pytest.param(
        aendern("fall", {"hilfe_id": "H3"}, ende=None),
        "korrekturen", {"H01": 1}, id="Ende entfällt",
    ),
    pytest.param(
        aendern("fall", {"hilfe_id": "H3"}, ende=date(2025, 12, 31)),
        "korrekturen", {"H01": 1}, id="Ende verschoben, nicht spät",
    ),
    pytest.param(
        aendern("fall", {"hilfe_id": "H2"}, beginn=date(2025, 1, 1)),
        "korrekturen", {"H02": 1}, id="anderer Beginn",
    ),
    pytest.param(
        aendern("einwohner", {"altersjahr": 10}, anzahl=400), "korrekturen", {"H08": None},
        id="Einwohner",
    ),
    pytest.param(
        aendern("map_konto", {"konto": "A"}, konto_art="ertrag"), "korrekturen", {"F09": -350},
        id="Konto anders zugeordnet",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    "change, ursache, erwartet", je_art(EINZELN, lambda change, ursache, erwartet: ursache)
)
def test_eine_aenderung_steht_unter_ihrer_ursache_und_keiner_anderen(
    change: Callable[[Zeilen], None], ursache: str, erwartet: dict[str, int | None]
) -> None:
    later = kleine_stadt()
    change(later)
    for found in revisionen(stadt_aus(kleine_stadt()), stadt_aus(later), erwartet):
        (row,) = found.frame[found.frame["groesse"] == "wert"].to_dict("records")
        wanted = erwartet[found.kennzahl.id]
        if wanted is None:
            assert row[ursache] == row["veraenderung"] != 0
        else:
            assert row[ursache] == row["veraenderung"] == wanted
        assert {c: row[c] for c in URSACHEN if c != ursache and row[c]} == {}


def test_eine_umbuchung_zwischen_produkten_verschiebt_und_aendert_die_summe_nicht() -> None:
    later = kleine_stadt()
    zeile(later, "buchung", beleg_nr="B1")["produkt"] = "P2"
    alt, neu = stadt_aus(kleine_stadt()), stadt_aus(later)
    (found,) = revisionen(alt, neu, ["F09"], je=["produktgruppe"])
    rows = found.frame[found.frame["groesse"] == "wert"].set_index("produktgruppe")
    assert dict(rows["umbuchungen"]) == {"3631": -100, "3633": 100, "insgesamt": 0}
    assert not rows[[c for c in URSACHEN if c != "umbuchungen"]].to_numpy().any()


def test_eine_neue_zuordnung_eines_bekannten_produkts_ist_eine_korrektur() -> None:
    later = kleine_stadt()
    neue_zeile(
        later, "map_produkt", NEUES_PRODUKT.replace("P7", "P1").replace("2000-01-01", "2025-01-01")
    )
    zeile(later, "map_produkt", gueltig_von=date(2025, 1, 1))["produktgruppe"] = "3639"
    (found,) = revisionen(
        stadt_aus(kleine_stadt()), stadt_aus(later), ["F09"], je=["produktgruppe"]
    )
    moved = found.frame[found.frame["groesse"] == "wert"].set_index("produktgruppe")["korrekturen"]
    assert moved["3631"] == -100 and moved["3639"] == 100


def test_ein_ende_nach_dem_stichtag_aendert_den_bestand_nicht() -> None:
    later = kleine_stadt()
    zeile(later, "fall", hilfe_id="H1")["ende"] = STICHTAG + timedelta(days=1)
    (found,) = revisionen(stadt_aus(kleine_stadt()), stadt_aus(later), ["H01"])
    assert not found.frame[list(URSACHEN)].to_numpy().any()


def test_doppelte_schluessel_werden_als_ganze_tabelle_getauscht_und_gehen_auf() -> None:
    later = kleine_stadt()
    later["fall"].append(dict(zeile(later, "fall", hilfe_id="H1")))
    later["fall"].append({**zeile(later, "fall", hilfe_id="H1"), "hilfe_id": "H7"})
    (found,) = revisionen(stadt_aus(kleine_stadt()), stadt_aus(later), ["H01"])
    (row,) = found.frame[found.frame["groesse"] == "wert"].to_dict("records")
    assert (row["damals"], row["heute"], row["korrekturen"]) == (3, 5, 2)


# ---- the parts add up -----------------------------------------------------------------------


def veraendert(rows: Zeilen, rnd: Random, mal: int) -> Zeilen:
    """Return the later delivery: *mal* changes of every kind, thrown with dice."""
    later = {n: [dict(r) for r in table] for n, table in rows.items()}
    for number in range(mal):
        case, paid, booked = (rnd.choice(later[n]) for n in ("fall", "zahlung", "buchung"))
        if case["ende"] is None:
            case["ende"] = case["beginn"] + timedelta(days=rnd.randrange(900))
        rnd.choice(later["fall"])["ende"] = None
        rnd.choice(later["fall"])["beginn"] -= timedelta(days=rnd.randrange(60))
        rnd.choice(later["fall"]).update(hilfeart="34", segment="stationaer")
        rnd.choice(later["person"])["geschlecht"] = "w"
        fresh = {**rnd.choice(later["fall"]), "hilfe_id": f"N{number}", "person_id": f"NP{number}"}
        later["fall"].append(fresh)
        later["person"].append({**rnd.choice(later["person"]), "person_id": f"NP{number}"})
        later["zahlung"].append({**paid, "zahlung_id": f"NZ{number}", "hilfe_id": f"N{number}"})
        later["buchung"].append({**booked, "beleg_nr": f"NB{number}"})
        rnd.choice(later["buchung"]).update(produkt="P3", haushaltsjahr=2025)
        rnd.choice(later["buchung"])["betrag_eur"] += Decimal("0.01")
        rnd.choice(later["zahlung"])["betrag_eur"] += Decimal("0.01")
        for name in ("fall", "zahlung", "buchung", "person", "budget"):
            later[name].remove(rnd.choice(later[name]))
    return later


IDS = ("H01", "H13", "H16r", "H24", "F02", "W10")


@settings(max_examples=2)
@given(seed=st.integers(0, 10_000), mal=st.integers(0, 6))
def test_die_ursachen_ergeben_genau_die_veraenderung(seed: int, mal: int) -> None:
    rows = zeilen_von(wuerfelstadt(seed, 60))
    alt, neu = stadt_aus(rows), stadt_aus(veraendert(rows, Random(seed), mal))
    for found in revisionen(alt, neu, IDS):
        then, now = (measures.kennzahl(d, found.kennzahl.id, stichtag=STICHTAG) for d in (alt, neu))
        for row in found.frame.to_dict("records"):
            for one, name in ((then, "damals"), (now, "heute")):
                value = one.frame[row["groesse"]].iloc[0]
                assert pd.isna(value) if row[name] is None else row[name] == value
            if row["veraenderung"] is not None:
                assert_genau(row)


def assert_genau(row: dict[str, Any]) -> None:
    from fractions import Fraction

    exact = {c: Fraction(row[c]) for c in SPALTEN}
    assert exact["heute"] - exact["damals"] == exact["veraenderung"]
    assert sum(exact[c] for c in URSACHEN) == exact["veraenderung"]


@pytest.mark.parametrize("je", probe(["hilfeart", "produktgruppe"], 1))
def test_alle_kennzahlen_gehen_in_jeder_gliederung_auf(je: str) -> None:
    rows = zeilen_von(wuerfelstadt(3, 120))
    alt, neu = stadt_aus(rows), stadt_aus(veraendert(rows, Random(1), 8))
    ids = [k.id for k in catalogue.kennzahlen().values() if je in k.granularitaet]
    moved: set[str] = set()
    for found in revisionen(alt, neu, ids, je=[je]):
        for row in found.frame[found.frame["veraenderung"].notna()].to_dict("records"):
            assert_genau(row)
            moved |= {c for c in URSACHEN if row[c]}
    cases = {"spaete_beendigungen", "spaete_eroeffnungen"}
    assert moved >= set(URSACHEN) - (cases if je == "produktgruppe" else set())


def test_der_erste_hybrid_ist_die_alte_und_der_letzte_die_neue_lieferung() -> None:
    rows = zeilen_von(wuerfelstadt(5, 50))
    later = veraendert(rows, Random(2), 5)
    with Paar(stadt_aus(rows), stadt_aus(later), STICHTAG) as paar:
        assert gelesen(paar) == geordnet(rows)
        for step in range(1, len(URSACHEN) + 1):
            paar.stelle(step)
        assert gelesen(paar) == geordnet(later)


def gelesen(paar: Paar) -> Zeilen:
    return geordnet({n: paar[n].to_pyarrow().to_pylist() for n in paar.tabellen})


def geordnet(rows: Zeilen) -> Zeilen:
    return {n: sorted(table, key=lambda r: str(r.values())) for n, table in rows.items()}


@pytest.mark.parametrize(
    "reihe, erwartet",
    [
        pytest.param([1, 2, None, 4, 4, 4, 4], (3, [1, 0, 2, 0, 0, 0]), id="Lücke dazwischen"),
        pytest.param([None, 2, 2, 2, 2, 2, 2], (None, [None] * 6), id="damals nicht berechenbar"),
        pytest.param([2, 2, 2, 2, 2, 2, None], (None, [None] * 6), id="heute nicht berechenbar"),
    ],
)
def test_was_nicht_berechenbar_ist_hat_keine_veraenderung(reihe, erwartet) -> None:
    found = effekte(reihe)
    assert (found["veraenderung"], [found[c] for c in URSACHEN]) == erwartet


def test_drittel_gehen_ohne_rundung_auf() -> None:
    third = Decimal(1) / 3
    found = effekte([third, third * 7, third, Decimal("1e9") + third, third, third, Decimal("0.1")])
    assert_genau(found)


# ---- refusals -------------------------------------------------------------------------------


def test_verschiedene_schluessel_werden_abgelehnt() -> None:
    alt, neu = (stadt_aus(kleine_stadt(), manifest={"schluessel_id": key}) for key in ("k1", "k2"))
    with pytest.raises(ConfigurationError, match="verschiedenen Schlüsseln"):
        revisionen(alt, neu, ["H01"])


def test_eine_unbekannte_gliederung_nennt_die_naechste() -> None:
    city = stadt_aus(kleine_stadt())
    with pytest.raises(UsageError, match="»hilfeart«"):
        revisionen(city, city, ["H01"], je=["hilfeat"])


def test_fehlt_eine_tabelle_fehlen_nur_ihre_kennzahlen() -> None:
    alt, neu = stadt_aus(kleine_stadt()), stadt_aus(kleine_stadt())
    neu.tabellen = tuple(n for n in neu.tabellen if n != "fall")
    assert [r.kennzahl.id for r in revisionen(alt, neu, ["H01", "F09", "H19r"])] == ["F09"]


# ---- the door -------------------------------------------------------------------------------

ALLE = (
    "H01",
    "H02",
    "H03",
    "H04",
    "H05",
    "H10",
    "H13",
    "H16r",
    "H19r",
    "H24",
    "H25b",
    "F09",
    "F10",
)


def aufstellungen(alt: Stadt, neu: Stadt) -> tuple[Any, ...]:
    items = [catalogue.kennzahl(k) for k in ALLE]
    sums = [r for i in items for r in seiten(i, STICHTAG)]
    shares = [r for r in sums if hat_personen(r) and not ist_anzahl(r)]
    every = [*sums, *anfangsbestaende(sums)]
    steps = schritte(alt, neu, every, STICHTAG, anteile=shares)
    return tafeln("Probe", items, STICHTAG, steps, STICHTAG)


@pytest.fixture(scope="module", params=range(2))
def paar(request: pytest.FixtureRequest) -> tuple[Any, ...]:
    rows = zeilen_von(wuerfelstadt(request.param, 90))
    later = veraendert(rows, Random(request.param), 1 + request.param)
    return aufstellungen(stadt_aus(rows), stadt_aus(later))


def freigegeben(tables: tuple[Any, ...], edition: str) -> dict[str, dict[str, Any]]:
    door = Freigabe.open(edition)
    found = [door.aufstellung(t) for t in tables]
    return {
        r.kennzahl.id: dict(zip(r.spalten, r.zeilen[0], strict=True)) for r in found if r.kennzahl
    }


def wahr(tables: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
    return {t.kennzahl.id: t.frame.iloc[0].to_dict() for t in tables if t.kennzahl}


def test_intern_steht_alles_da(paar: tuple[Any, ...]) -> None:
    shown, true = freigegeben(paar, "intern"), wahr(paar)
    assert set(shown) == set(ALLE)
    for id, row in shown.items():
        assert GEHEIM not in row.values()
        assert all(row[c] == true[id][c] or row[c] is None for c in SPALTEN)


@pytest.mark.parametrize("edition, schwelle", [("leitung", 3), ("gremium", 5)])
def test_eine_veraenderung_um_wenige_faelle_steht_nirgends(
    paar: tuple[Any, ...], edition: str, schwelle: int
) -> None:
    shown, true, hidden = freigegeben(paar, edition), wahr(paar), 0
    changes = ("veraenderung", *URSACHEN)
    for id, row in shown.items():
        item = catalogue.kennzahl(id)
        whole = item.nenner is None and all(
            t.grundzahl in ("bestand", "zugang", "abgang", "jahresfallzahl") for t in item.terme
        )
        for column in changes if whole else ():
            if 0 < abs(true[id][column]) < schwelle:
                assert row[column] is GEHEIM, (id, column)
                hidden += 1
        assert row["damals"] is not GEHEIM or not whole or true[id]["damals"] < schwelle
    assert hidden


def test_von_den_teilen_einer_gleichung_fehlt_nie_nur_einer(paar: tuple[Any, ...]) -> None:
    """Otherwise the rest would name it: damals + causes = heute, damals + change = heute."""
    found = 0
    for id, row in freigegeben(paar, "leitung").items():
        for equation in (
            ("damals", "heute", *URSACHEN),
            ("damals", "heute", "veraenderung"),
            ("veraenderung", *URSACHEN),
        ):
            missing = [c for c in equation if row[c] is GEHEIM]
            assert len(missing) != 1, (id, missing)
            found += len(missing)
    assert found


def test_eine_einzelne_hilfe_hinter_einem_betrag_bleibt_geheim() -> None:
    rows = zeilen_von(wuerfelstadt(8, 90))
    later = {n: [dict(r) for r in t] for n, t in rows.items()}
    paid = next(
        z for z in later["zahlung"] if z["art"] == "leistung" and z["leistungsmonat"].year == 2025
        and z["leistungsmonat"] <= date(2025, 6, 1)
        and zeile(later, "fall", hilfe_id=z["hilfe_id"])["hilfeart"] == "34"
    )  # fmt: skip
    paid["betrag_eur"] += 500
    tables = aufstellungen(stadt_aus(rows), stadt_aus(later))
    shown, true = freigegeben(tables, "leitung")["H19r"], wahr(tables)["H19r"]
    assert true["korrekturen"] == true["veraenderung"] != 0
    assert [shown[c] for c in ("heute", "veraenderung", "korrekturen")] == [GEHEIM] * 3


def untergebracht(familie: int, heim: int, ise: int) -> Stadt:
    """Return a city with so many young people living outside their family, all in full care."""
    ways = ["33"] * familie + ["34"] * heim + ["35"] * ise
    rows = kleine_stadt()
    rows["fall"].clear()
    for nr, way in enumerate(ways):
        neue_zeile(rows, "fall", f"""
            hilfe_id | person_id | rechtskreis | paragraph | hilfeart | segment    | beginn
            H{nr}    | P9        | SGB8        | {way}     | {way}    | stationaer | 2024-03-01
            """)  # fmt: skip
    return stadt_aus(rows)


def monitoring(familie: int, heim: int, ise: int) -> Antrag:
    """Ask to show how many live outside their family, and how many of them in families and homes.

    The two in ISE are the rest of both.
    """
    (outside, _) = seiten(catalogue.kennzahl("H09"), STICHTAG)
    values = {"alle": familie + heim + ise, "familie_heim": familie + heim, "ise": ise}
    counts = {c: pd.array([n], dtype="Int64") for c, n in values.items()}
    table = Aufstellung(
        pd.DataFrame({"wer": ["x"], **counts}), ("wer",), "Fremdunterbringung", tuple(values),
        groessen={"alle": outside}, bekannt=("familie_heim",),
        identitaeten=({"alle": 1, "familie_heim": -1, "ise": -1},),
    )  # fmt: skip
    return Antrag("monitoring", "monitoring", table)


def quote(alt: Stadt, neu: Stadt) -> list[Antrag]:
    """Ask to show the revision of the share of young people living outside their family."""
    items = [catalogue.kennzahl("H09")]
    steps = schritte(alt, neu, seiten(items[0], STICHTAG), STICHTAG)
    found = tafeln("Probe", items, STICHTAG, steps, alt.datenstand)
    return [Antrag(f"revision/{n}", "revision", t) for n, t in enumerate(found)]


@pytest.mark.parametrize(
    "ise, geheim", [((2, 7), {"damals"}), ((7, 2), {"heute"}), ((7, 8), set())]
)
def test_eine_summe_mehrerer_gruppen_sagt_die_revision_nur_wie_die_berichte(
    ise: tuple[int, int], geheim: set[str]
) -> None:
    """Who lives outside the family, less those in families and homes: two young people in ISE.

    The report that hid the sum of then stays right, and so does that of today.
    """
    then, now = (8, 9, ise[0]), (9, 19, ise[1])
    alt, neu = untergebracht(*then), untergebracht(*now)
    old = entscheiden([monitoring(*then)], ["leitung"])
    known = [Vorher(STICHTAG, alt.datenstand, old.lage)]
    new = entscheiden([monitoring(*now), *quote(alt, neu)], ["leitung"], None, known)
    shown = new.freigegeben("revision/2", "leitung")
    hidden = {c for c in SPALTEN if shown.spalte(c) == [GEHEIM]}
    assert hidden > geheim if geheim else not hidden, "one hidden alone could be reckoned"


def je_form(beratung: int, gruppe: int, spfh: int, heim: int) -> Stadt:
    """Return a city with so many running Hilfen of four forms, the last one residential."""
    forms = [("28", "ambulant")] * beratung + [("29", "ambulant")] * gruppe
    forms += [("31", "ambulant")] * spfh + [("34", "stationaer")] * heim
    rows = kleine_stadt()
    rows["fall"].clear()
    for nr, (way, segment) in enumerate(forms):
        neue_zeile(rows, "fall", f"""
            hilfe_id | person_id | rechtskreis | paragraph | hilfeart | segment   | beginn
            H{nr}    | P9        | SGB8        | {way}     | {way}    | {segment} | 2024-03-01
            """)  # fmt: skip
    return stadt_aus(rows)


@pytest.mark.parametrize("mit_anteil", [False, True], ids=["ohne", "mit dem Anteil von heute"])
def test_der_anteil_von_heute_sagt_nicht_was_eine_tafel_sperrt(mit_anteil: bool) -> None:
    """(ambulant − § 28) / (all − § 28), rounded, leaves one number for § 28: it must not be hidden.

    It is the cheapest to hide for the sake of the two of § 29; the revision says today's share.
    """
    alt, neu = je_form(17, 2, 60, 77), je_form(14, 2, 57, 100)
    items = [catalogue.kennzahl("H10")]
    steps = schritte(alt, neu, seiten(items[0], STICHTAG), STICHTAG)
    share = tafeln("Probe", items, STICHTAG, steps, alt.datenstand) if mit_anteil else ()
    today = [measures.kennzahl(neu, "H01", je=[je]) for je in ("hilfeart", "segment")]
    asked = [Antrag(f"a/{n}", "a", t) for n, t in enumerate((*today, *share))]
    decided = entscheiden(asked, ["leitung"])
    forms, segments = (decided.freigegeben(f"a/{n}", "leitung") for n in (0, 1))
    shown = dict(zip(forms.spalte("hilfeart"), forms.spalte("wert"), strict=True))
    assert segments.spalte("wert").count(GEHEIM) == 0 and shown["29"] is GEHEIM
    said = decided.freigegeben(f"a/{len(asked) - 1}", "leitung").spalte("heute") if share else []
    fits = [x for x in range(72) if round(100 * (73 - x) / (173 - x), 1) == round(59 / 1.59, 1)]
    assert fits == [14], "whoever sees the share reckons it"
    if not mit_anteil:
        assert shown["28"] is GEHEIM
    assert shown["28"] == 14 or GEHEIM in said or not mit_anteil


def test_spalten_die_schon_zaehlen_sind_zusammen_eine_andere_zahl() -> None:
    """Granted and refused make 800 applications; the report has their rows' carriers behind them.

    So today's report and the revision of today's figure stand beside each other.
    """
    stadt, item = wuerfelstadt(0, 30), catalogue.kennzahl("A05")
    steps = schritte(stadt, stadt, seiten(item, STICHTAG), STICHTAG)
    found = tafeln("Probe", [item], STICHTAG, steps, STICHTAG)
    asked = [Antrag(f"revision/{n}", "revision", t) for n, t in enumerate(found)]
    today = measures.kennzahl(stadt, "A05")
    new = entscheiden([Antrag("a", "a", today), *asked], ["gremium"])
    assert today.frame["nenner"].iloc[0] != today.frame["faelle_nenner"].iloc[0]
    assert new.freigegeben("revision/2", "gremium").spalte("heute") == today.frame["wert"].to_list()


def test_bestand_und_bewegung_verraten_einander_nicht(paar: tuple[Any, ...]) -> None:
    """An attacker of our own: whole numbers, known signs, J = B + A and damals + Σ = heute.

    Then and now are counts, so not negative; a mark is not zero. For every hidden change of one or
    two cases there must be another table that agrees with all that is shown, in which it is larger.
    """
    shown, true = freigegeben(paar, "leitung"), wahr(paar)
    attack = Angriff({k: shown[k] for k in ("H01", "H03", "H04")}, true)
    for (id, column), _ in attack.nummer.items():
        if shown[id][column] is GEHEIM and column not in ("damals", "heute"):
            assert attack.groesstes(id, column) >= 3, (id, column)


def test_eine_einzelne_beendigung_im_vorjahr_folgt_nicht_aus_den_gezeigten_zahlen() -> None:
    """Four Hilfen closed late, one of them last year: −4 in stock, +3 ended, so J fell by one."""
    rows = zeilen_von(wuerfelstadt(11, 120))
    later = {n: [dict(r) for r in t] for n, t in rows.items()}
    open_ones = [
        r for r in later["fall"]
        if r["ende"] is None and r["beginn"] < date(2024, 6, 1) and r["hilfeart"] in ("31", "34")
    ]  # fmt: skip
    ends = (date(2024, 12, 1), *[date(2025, 3, 1)] * 3)
    for case, day in zip(open_ones, ends, strict=False):
        case["ende"] = day
    tables = aufstellungen(stadt_aus(rows), stadt_aus(later))
    true, shown = wahr(tables), freigegeben(tables, "leitung")
    changes = {k: true[k]["spaete_beendigungen"] for k in ("H01", "H03", "H04")}
    assert changes == {"H01": -4, "H03": 3, "H04": -1}
    attack = Angriff({k: shown[k] for k in changes}, true)
    assert shown["H04"]["spaete_beendigungen"] is GEHEIM
    assert attack.groesstes("H04", "spaete_beendigungen") >= 3


class Angriff:
    """The largest size a hidden figure can have, by integer programming over all shown ones."""

    def __init__(self, shown: dict[str, dict[str, Any]], true: dict[str, dict[str, Any]]) -> None:
        self.nummer = {(k, c): n for n, (k, c) in enumerate((k, c) for k in shown for c in SPALTEN)}
        self.shown, self.true, self.zeilen = shown, true, []
        for k in shown:
            parts = {(k, c): 1 for c in URSACHEN}
            self.zeilen.append({(k, "damals"): 1, (k, "heute"): -1, **parts})
            self.zeilen.append({(k, "veraenderung"): -1, **parts})
        for c in SPALTEN:
            self.zeilen.append({("H04", c): 1, ("H01", c): -1, ("H03", c): -1})
        for row in self.zeilen:
            assert sum(k * true[i][c] for (i, c), k in row.items()) == 0

    def groesstes(self, id: str, column: str) -> float:
        import numpy as np
        from scipy.optimize import Bounds, LinearConstraint, milp

        n = len(self.nummer)
        low, high = np.zeros(n), np.zeros(n)
        for (k, c), i in self.nummer.items():
            value, sign = self.shown[k][c], 1 if self.true[k][c] > 0 else -1
            if value is not GEHEIM:
                low[i] = high[i] = value
            elif self.true[k][c] == 0:
                low[i], high[i] = -np.inf, np.inf
            else:
                low[i], high[i] = (1, np.inf) if sign > 0 else (-np.inf, -1)
        matrix = np.zeros((len(self.zeilen), n))
        for r, row in enumerate(self.zeilen):
            for cell, k in row.items():
                matrix[r, self.nummer[cell]] = k
        sign = 1 if self.true[id][column] >= 0 else -1
        goal = np.zeros(n)
        goal[self.nummer[id, column]] = -sign
        found = milp(
            goal, integrality=np.ones(n), bounds=Bounds(low, np.minimum(high, 10_000)),
            constraints=LinearConstraint(matrix, 0, 0),
        )  # fmt: skip
        return -found.fun if found.x is not None else float("inf")


# ---- the page -------------------------------------------------------------------------------


def test_ohne_fruehere_veroeffentlichung_steht_das_einmal_da() -> None:
    stand = gezeichnet.revision_stand([], "Frühere", edition="leitung")
    assert "Es gibt keine frühere Veröffentlichung" in stand.html
    assert "noch keine frühere Veröffentlichung" in stand.schlagzeile
    for why in (False, True):
        assert gezeichnet.revision([], "Damals", ursachen=why, edition="leitung") is None


def test_ein_hindernis_wird_genannt_und_unveraendertes_gezaehlt(paar: tuple[Any, ...]) -> None:

    earlier = Frueher(date(2025, 4, 30), date(2025, 5, 21), "f", ("monitoring_jugend",))
    door = Freigabe.open("leitung")
    seen: Any = {"sichtbar": ("leitung",)}
    shown: Any = tuple(door.aufstellung(t) for t in paar)
    both = [
        revision.Vergleich(earlier, shown, **seen),
        revision.Vergleich(earlier, hindernis="Die Lieferung ist fort.", **seen),
        revision.Vergleich(earlier, hindernis="Für andere.", sichtbar=("intern",)),
        *(revision.Vergleich(earlier, fehlend=("T12",), **seen) for _ in range(2)),
    ]
    stand = gezeichnet.revision_stand(both, "Frühere", edition="leitung").html
    assert "Für andere." not in stand
    assert stand.count("nicht vergleichbar, weil") == 1  # said of both
    assert "Die Lieferung ist fort." in stand and "30.04.2025" in stand and "21.05.2025" in stand
    shown = gezeichnet.revision(both, "Ursachen", ursachen=True, edition="leitung").html
    assert all(text in shown for text in URSACHEN.values())
    assert "Zahlen sind unverändert." in shown and shown.count("<table>") == 1
    plain = gezeichnet.revision(both, "Damals", edition="leitung").html
    listed, left = (
        plain.count("<tr") - 1,
        int(re.search(r"(\d+) Zahlen? (?:ist|sind) unv", plain)[1]),
    )
    assert listed + left == len([t for t in paar if t.kennzahl]) and listed


def test_was_die_neue_lieferung_von_damals_nicht_kennt_ist_nicht_verglichen() -> None:
    """No case so early is no news that all had ended: what was then is not known any more."""
    rows = zeilen_von(wuerfelstadt(0, 20))
    later = rows | {"fall": [r | {"beginn": date(2025, 7, 1), "ende": None} for r in rows["fall"]]}
    one: Any = SimpleNamespace(titel="Damals", stichtag=STICHTAG, datenstand=STICHTAG,
                               kennzahlen=tuple(ALLE))  # fmt: skip
    same, gone = (_tafeln(one, stadt_aus(rows), stadt_aus(r)) for r in (rows, later))
    told = [{t.kennzahl.id for t in v.tafeln if t.kennzahl} for v in (same, gone)]
    assert same.fehlend == () and told[0] == set(ALLE)
    assert told[0] - told[1] == set(gone.fehlend) >= {"H01"} and told[1]


# ---- which publications ---------------------------------------------------------------------


def eintrag(stichtag: str, datenstand: str, **changes: Any) -> Any:
    from datetime import UTC, datetime

    from sozcontrol import store

    facts = {
        "stichtag": date.fromisoformat(stichtag),
        "datenstand": date.fromisoformat(datenstand),
        "fassung": "a" * 64,
        "bereich": "monitoring_jugend",
        "edition": "leitung",
        "sha256": "b" * 64,
        "lauf": f"{stichtag}-{datenstand}",
        "am": datetime(2025, 9, 1, tzinfo=UTC),
        "sozcontrol": "1",
    }
    return store.Veroeffentlichung(**facts | changes)


def test_verglichen_wird_das_haushaltsjahr_und_der_letzte_stichtag_davor(projekt) -> None:
    from sozcontrol import store

    entries = [
        eintrag("2024-09-30", "2024-10-20"),
        eintrag("2024-12-31", "2025-01-20"),
        eintrag("2025-03-31", "2025-04-20", fassung="1" * 64),
        eintrag("2025-03-31", "2025-04-20", fassung="2" * 64, lauf="später"),
        eintrag("2025-03-31", "2025-04-20", fassung="2" * 64, lauf="s2", bereich="revision"),
        eintrag("2025-06-30", "2025-07-20"),
        eintrag("2025-06-30", "2025-08-20"),
        eintrag("2025-08-31", "2025-08-01", lauf="Stichtag nach dem heutigen"),
    ]
    for one in entries:
        store.veroeffentlichungen_ablegen(projekt, [one])
    today = SimpleNamespace(stichtag=STICHTAG, datenstand=date(2025, 8, 20), projekt=projekt)
    found = revision.fruehere(today, "leitung")
    assert [(f.stichtag.isoformat(), f.datenstand.isoformat()) for f in found] == [
        ("2025-06-30", "2025-07-20"),
        ("2025-03-31", "2025-04-20"),
        ("2024-12-31", "2025-01-20"),
    ]
    assert found[1].fassung == "2" * 64 and found[1].bereiche == ("monitoring_jugend",)
    counted = catalogue.kennzahlen()  # completed ones are no count that changes by causes
    monitored = catalogue.bereich("monitoring_jugend").kennzahlen
    assert found[0].kennzahlen == tuple(k for k in monitored if k in counted)
    (first, *_) = revision.vergleiche(today)
    assert first.tafeln == () and "nicht mehr gespeichert" in str(first.hindernis)


# ---- Musterstadt ----------------------------------------------------------------------------

APRIL, JANUAR = date(2025, 4, 30), date(2025, 1, 1)


@pytest.fixture(scope="module")
def musterstadt() -> dict[date, Zeilen]:
    """The Stichtag 30.04. as known in May and as known in August, read from the files."""
    known = (date(2025, 5, 21), date(2025, 8, 15))
    return {day: zeilen_von(stadt_am(APRIL, day)) for day in known}


def test_in_musterstadt_stimmen_die_ursachen_mit_den_akten(musterstadt) -> None:
    """Counted by plain loops over the rows of both deliveries, and against the planted truth."""
    from sozcontrol.demo import make_city
    from sozcontrol.demo.pruefstand.wahrheit import zaehle

    old, new = musterstadt.values()
    alt, neu = (stadt_aus(rows, known) for known, rows in musterstadt.items())
    found = {
        (r.kennzahl.id, row["groesse"]): row
        for r in revisionen(alt, neu, ["H01", "H02", "H03", "H16r"], stichtag=APRIL)
        for row in r.frame.to_dict("records")
    }
    city = make_city()
    for name, known in zip(("damals", "heute"), musterstadt, strict=True):
        planted = zaehle(city, APRIL, known).hze
        assert found["H01", "wert"][name] == planted.bestand["insgesamt"]["insgesamt"]
        assert found["H03", "wert"][name] == planted.beendet_jahr["insgesamt"]["insgesamt"]

    codes = catalogue.codeliste("hilfeart").gueltig
    hze = {h for h, c in codes.items() if c.merkmale.get("hze") == "ja"}
    before = {r["hilfe_id"]: r for r in old["fall"]}
    after = {r["hilfe_id"]: r for r in new["fall"]}
    closed = [
        r["ende"]
        for h, r in after.items()
        if r["hilfeart"] in hze and r["ende"] and h in before and before[h]["ende"] is None
    ]
    opened = [r for h, r in after.items() if h not in before and r["hilfeart"] in hze]
    begun = [r for r in opened if JANUAR <= r["beginn"] <= APRIL]
    running = [r for r in opened if r["beginn"] <= APRIL and not (r["ende"] and r["ende"] <= APRIL)]
    late = sum(e <= APRIL for e in closed)
    assert late > 3 and len(running) > 3
    assert found["H01", "wert"]["spaete_beendigungen"] == -late
    assert found["H01", "wert"]["spaete_eroeffnungen"] == len(running)
    assert found["H02", "wert"]["spaete_eroeffnungen"] == len(begun)
    assert found["H03", "wert"]["spaete_beendigungen"] == sum(JANUAR <= e <= APRIL for e in closed)

    known_payments = {r["zahlung_id"] for r in old["zahlung"]}
    booked = sum(
        r["betrag_eur"]
        for r in new["zahlung"]
        if r["zahlung_id"] not in known_payments
        and JANUAR <= r["leistungsmonat"] <= APRIL
        and r["art"] in ("leistung", "storno")
        and after[r["hilfe_id"]]["hilfeart"] in hze
    )
    assert found["H16r", "zaehler"]["nachbuchungen"] == booked > 0
