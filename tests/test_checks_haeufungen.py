"""Pile-ups and jumps: each row could be true, so many at once are not.

Musterstadt's tables as they were delivered, with one fault of an export planted; the number of rows
planted is known, so a finding is held against it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from kleinstadt import Zeile, als_tabelle
from pydantic import TypeAdapter
from stichprobe import probe

from sozcontrol import checks
from sozcontrol.checks import pruefung
from sozcontrol.checks.frueher import sprung
from sozcontrol.checks.regel import load_querregeln
from sozcontrol.demo import make_city
from sozcontrol.findings import Finding

EXPECTATIONS = Path(__file__).parent.parent / "expectations"
REGELN = [r for r in load_querregeln(EXPECTATIONS) if r[0].name == "haeufungen.yml"]
FRIST = timedelta(days=21)
STICHTAG, FRUEHER = date(2025, 6, 30), date(2025, 3, 31)
SEED = 20250630
Zeilen = dict[str, list[Zeile]]
ALLES = (
    "fall", "person", "zahlung", "buchung", "budget", "map_konto", "map_produkt", "einwohner",
    "gebiet",
)  # fmt: skip


@lru_cache(maxsize=4)
def geliefert(stichtag: date, seed: int = SEED) -> Zeilen:
    tabellen = make_city(seed).tabellen(stichtag, stichtag + FRIST)
    return {name: tabellen[name] for name in ALLES}


def _tafel(name: str, zeilen: list[Zeile], stichtag: date) -> pa.Table:
    herkunft = {"lieferung_id": name, "datenstand": stichtag + FRIST}
    return als_tabelle(
        name, [{"zeile_quelle": i, **herkunft, **z} for i, z in enumerate(zeilen, 2)]
    )


@lru_cache(maxsize=4)
def sauber(stichtag: date, seed: int = SEED) -> dict[str, pa.Table]:
    return {n: _tafel(n, z, stichtag) for n, z in geliefert(stichtag, seed).items()}


def _mit_protokoll(tables: dict[str, pa.Table], stichtag: date) -> dict[str, pa.Table]:
    log = [{"lieferung_id": n, "tabelle": n, "dateiname": n, "stichtag": stichtag} for n in tables]
    return {**tables, "lieferung": als_tabelle("lieferung", log)}


def pruefe(
    neu: Zeilen, stichtag: date = STICHTAG, *, frueher: date | None = FRUEHER, seed: int = SEED
) -> tuple[Finding, ...]:
    """Check the clean delivery with the tables *neu* in place of its own."""
    tables = sauber(stichtag, seed) | {n: _tafel(n, z, stichtag) for n, z in neu.items()}
    changed = set(neu) or set(ALLES)
    rules = [(p, r) for p, r in REGELN if changed & {r.tabelle, *r.braucht}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pruefung, "load_suites", lambda _: {})
        patch.setattr(pruefung, "load_querregeln", lambda _: rules)
        found = checks.check(
            _mit_protokoll(tables, stichtag), stichtag=stichtag, datenstand=stichtag + FRIST,
            expectations=EXPECTATIONS,
            previous=_mit_protokoll(sauber(frueher, seed), frueher) if frueher else None,
        )  # fmt: skip
    return tuple(f for f in found if f.regel != "R-S08")


def befunde(found: tuple[Finding, ...]) -> set[tuple[str, str | None, str]]:
    return {(f.regel, f.tabelle, f.schwere.value) for f in found}


def laeuft(z: Zeile, tag: date) -> bool:
    return z["beginn"] <= tag and (z["ende"] is None or z["ende"] > tag)


# --- clean deliveries -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stichtag", "frueher", "seed"),
    [
        (STICHTAG, FRUEHER, SEED), (date(2021, 3, 31), None, 1),
        *probe([(date(2025, 1, 31), date(2024, 12, 31), 1),
                (date(2025, 12, 31), date(2025, 9, 30), SEED),
                (date(2023, 8, 31), date(2023, 6, 30), 2),
                (date(2024, 4, 30), date(2023, 12, 31), 3)], 0),
    ],
)  # fmt: skip
def test_eine_saubere_lieferung_ist_ohne_befund(stichtag: date, frueher: date | None, seed: int):
    found = pruefe({}, stichtag, frueher=frueher, seed=seed)
    assert found == (), checks.render_text(found)


# --- planted faults -------------------------------------------------------------------------------

Pflanze = Callable[[Zeilen, Random], Zeilen]
FEHLER: list[tuple[str, str, Pflanze, bool]] = []


def test_ein_abgeschlossenes_jahr_ist_auch_im_maerz_ohne_fehler() -> None:
    """The first weeks of the next budget year are in the ledger, and no year to judge it by."""
    tag = date(2025, 12, 31)
    tabellen = make_city(SEED).tabellen(tag, date(2026, 3, 15))
    neu = {name: tabellen[name] for name in ALLES}
    assert {b["haushaltsjahr"] for b in neu["buchung"]} >= {2025, 2026}
    found = pruefe(neu, tag, frueher=None)
    assert [f for f in befunde(found) if f[2] == "fehler"] == []


def fehler(regel: str, tabelle: str, *, ohne_vorher: bool = False):
    """Register a fault: the error it must raise on which table, also without a delivery before."""

    def register(plant: Pflanze) -> Pflanze:
        FEHLER.append((regel, tabelle, plant, ohne_vorher))
        return plant

    return register


def kopie(zeilen: list[Zeile]) -> list[Zeile]:
    return [dict(z) for z in zeilen]


@fehler("R-F44", "fall", ohne_vorher=True)
def ein_viertel_endet_an_einem_tag(stadt: Zeilen, zufall: Random) -> Zeilen:
    faelle = kopie(stadt["fall"])
    offen = [z for z in faelle if laeuft(z, STICHTAG) and z["beginn"] < date(2025, 5, 1)]
    for z in zufall.sample(offen, len(offen) // 4):
        z.update(ende=date(2025, 5, 31), ende_grund="hilfeplan")
    return {"fall": faelle}


@fehler("R-X04", "fall", ohne_vorher=True)
@fehler("R-F48", "fall")
def bewilligungsenden_statt_enden(stadt: Zeilen, zufall: Random) -> Zeilen:
    """On as many days as there are Hilfen: no day stands out, but the payments go on."""
    faelle = kopie(stadt["fall"])
    offen = [z for z in faelle if laeuft(z, STICHTAG) and z["beginn"] < date(2024, 6, 1)]
    for z in zufall.sample(offen, len(offen) // 3):
        ende = date(2024, 9, 1) + timedelta(days=zufall.randrange(200))
        z.update(ende=ende, ende_grund="hilfeplan")
    return {"fall": faelle}


@fehler("R-F20", "fall", ohne_vorher=True)
@fehler("R-F45", "fall")
def vierzig_kinder_doppelt_stationaer(stadt: Zeilen, zufall: Random) -> Zeilen:
    faelle = kopie(stadt["fall"])
    heim = [z for z in faelle if laeuft(z, STICHTAG) and z["hilfeart"] == "34"]
    for i, z in enumerate(zufall.sample(heim, 40)):
        faelle.append({**z, "hilfe_id": f"X{i}", "hilfeart": "33", "paragraph": "33"})
    return {"fall": faelle}


@fehler("R-F45", "fall")
def vierzig_kinder_mit_zweiter_hilfe(stadt: Zeilen, zufall: Random) -> Zeilen:
    faelle = kopie(stadt["fall"])
    ambulant = [z for z in faelle if laeuft(z, STICHTAG) and z["hilfeart"] == "30"]
    for i, z in enumerate(zufall.sample(ambulant, 40)):
        faelle.append({**z, "hilfe_id": f"X{i}", "hilfeart": "31", "paragraph": "31"})
    return {"fall": faelle}


@fehler("R-F43", "fall", ohne_vorher=True)
def vierzig_kinder_unter_zweiter_nummer(stadt: Zeilen, zufall: Random) -> Zeilen:
    faelle, personen = kopie(stadt["fall"]), kopie(stadt["person"])
    offen = [z for z in faelle if laeuft(z, STICHTAG)]
    for i, z in enumerate(zufall.sample(offen, 40)):
        kind = next(p for p in personen if p["person_id"] == z["person_id"])
        personen.append({**kind, "person_id": f"Y{i}"})
        neu = {"hilfe_id": f"X{i}", "person_id": f"Y{i}", "fall_id": f"X{i}", "familie_id": f"X{i}"}
        faelle.append({**z, **neu})
    return {"fall": faelle, "person": personen}


@fehler("R-F46", "person", ohne_vorher=True)
@fehler("R-F49", "person")
def ein_platzhalter_als_geburtsmonat(stadt: Zeilen, zufall: Random) -> Zeilen:
    personen = kopie(stadt["person"])
    for p in zufall.sample(personen, len(personen) * 15 // 100):
        p["geburtsmonat"] = date(2012, 1, 1)
    return {"person": personen}


@fehler("R-F47", "fall", ohne_vorher=True)
def eine_hilfe_beginnt_vor_der_geburt(stadt: Zeilen, zufall: Random) -> Zeilen:
    faelle, personen = kopie(stadt["fall"]), kopie(stadt["person"])
    z = next(z for z in faelle if z["hilfeart"] == "31")
    kind = next(p for p in personen if p["person_id"] == z["person_id"])
    kind["geburtsmonat"] = z["beginn"].replace(day=1, year=z["beginn"].year + 1)
    return {"person": personen}


def verrutscht(zeilen: list[Zeile], spalte: str) -> list[Zeile]:
    """Return the rows with one column taken from the row below."""
    neu = kopie(zeilen)
    for zeile, naechste in zip(neu, zeilen[1:], strict=False):
        zeile[spalte] = naechste[spalte]
    return neu


@fehler("R-F48", "fall")
def eine_spalte_der_fallliste_ist_verrutscht(stadt: Zeilen, zufall: Random) -> Zeilen:
    return {"fall": verrutscht(stadt["fall"], "beginn")}


@fehler("R-F49", "person")
def eine_spalte_der_personenliste_ist_verrutscht(stadt: Zeilen, zufall: Random) -> Zeilen:
    return {"person": verrutscht(stadt["person"], "geburtsmonat")}


@fehler("R-B33", "zahlung")
def eine_spalte_der_zahlungsliste_ist_verrutscht(stadt: Zeilen, zufall: Random) -> Zeilen:
    return {"zahlung": verrutscht(stadt["zahlung"], "betrag_eur")}


@fehler("R-B33", "buchung")
def eine_spalte_des_hauptbuchs_ist_verrutscht(stadt: Zeilen, zufall: Random) -> Zeilen:
    return {"buchung": verrutscht(stadt["buchung"], "konto")}


@fehler("R-F25", "fall", ohne_vorher=True)
def monatssatz_als_tagessatz(stadt: Zeilen, zufall: Random) -> Zeilen:
    faelle = kopie(stadt["fall"])
    for z in faelle:
        if z["tagessatz_eur"] and z["hilfeart"] == "34":
            z["tagessatz_eur"] *= 30
    return {"fall": faelle}


@fehler("R-B29", "budget", ohne_vorher=True)
def plan_des_vorjahres(stadt: Zeilen, zufall: Random) -> Zeilen:
    alt = {(b["produkt"], b["konto"]): b["betrag_eur"] for b in _ansaetze(stadt["budget"], 2024)}
    budget = kopie(stadt["budget"])
    for b in _ansaetze(budget, 2025):
        b["betrag_eur"] = alt.get((b["produkt"], b["konto"]), b["betrag_eur"])
    return {"budget": budget}


def _ansaetze(budget: list[Zeile], jahr: int) -> list[Zeile]:
    return [b for b in budget if b["jahr"] == jahr and b["art"] == "ansatz"]


@fehler("R-B24", "budget", ohne_vorher=True)
def aenderungen_in_tausend_euro(stadt: Zeilen, zufall: Random) -> Zeilen:
    budget = kopie(stadt["budget"])
    for b in budget:
        if b["jahr"] == 2025 and b["art"] != "ansatz":
            b["betrag_eur"] /= 1000
    return {"budget": budget}


@fehler("R-B24", "budget", ohne_vorher=True)
def aenderungen_in_tausend_euro_ohne_anderes_jahr(stadt: Zeilen, zufall: Random) -> Zeilen:
    return {
        "budget": [
            b
            for b in aenderungen_in_tausend_euro(stadt, zufall)["budget"]
            if b["jahr"] == 2025 or b["art"] == "ansatz"
        ]
    }


@fehler("R-B24", "budget", ohne_vorher=True)
def eine_zeile_in_tausend_euro(stadt: Zeilen, zufall: Random) -> Zeilen:
    budget = kopie(stadt["budget"])
    zeile = next(b for b in _ansaetze(budget, 2025) if b["betrag_eur"] > 500_000)
    zeile["betrag_eur"] /= 1000
    return {"budget": budget}


@fehler("R-B30", "budget", ohne_vorher=True)
def ein_negativer_ansatz(stadt: Zeilen, zufall: Random) -> Zeilen:
    budget = kopie(stadt["budget"])
    zeile = _ansaetze(budget, 2025)[5]
    zeile["betrag_eur"] *= -1
    return {"budget": budget}


@fehler("R-B31", "zahlung")
def stornierungen_ausgefiltert(stadt: Zeilen, zufall: Random) -> Zeilen:
    return {"zahlung": [z for z in stadt["zahlung"] if z["storno_zu"] is None]}


@fehler("R-B31", "zahlung", ohne_vorher=True)
def stornierungen_des_jahres_ausgefiltert(stadt: Zeilen, zufall: Random) -> Zeilen:
    bleibt = lambda z: z["storno_zu"] is None or z["buchung_am"].year < 2025  # noqa: E731
    return {"zahlung": [z for z in stadt["zahlung"] if bleibt(z)]}


@fehler("R-B32", "buchung", ohne_vorher=True)
def ein_monat_zweimal_gebucht(stadt: Zeilen, zufall: Random) -> Zeilen:
    mai = [b for b in stadt["buchung"] if b["haushaltsjahr"] == 2025 and b["periode"] == 5]
    return {"buchung": [*stadt["buchung"], *({**b, "beleg_nr": f"D{b['beleg_nr']}"} for b in mai)]}


@fehler("R-B34", "buchung", ohne_vorher=True)
def ein_produkt_mal_hundert(stadt: Zeilen, zufall: Random) -> Zeilen:
    buchungen = kopie(stadt["buchung"])
    for b in buchungen:
        if b["haushaltsjahr"] == 2025 and b["produkt"] == "36330400" and b["storno_zu"] is None:
            b["betrag_eur"] *= 100
    assert buchungen != stadt["buchung"]
    return {"buchung": buchungen}


@fehler("R-B34", "buchung", ohne_vorher=True)
def ein_produkt_in_allen_jahren_mal_hundert(stadt: Zeilen, zufall: Random) -> Zeilen:
    namen = {m["produkt_lokal"] for m in stadt["map_produkt"] if m["hilfeart"] == "34"}
    buchungen = kopie(stadt["buchung"])
    for b in buchungen:
        if b["produkt"] in namen:
            b["betrag_eur"] *= 100
    return {"buchung": buchungen}


@fehler("R-S10", "map_konto", ohne_vorher=True)
def aufwand_als_ertrag(stadt: Zeilen, zufall: Random) -> Zeilen:
    konten = kopie(stadt["map_konto"])
    next(k for k in konten if k["konto_art"] == "aufwand")["konto_art"] = "ertrag"
    return {"map_konto": konten}


@fehler("R-S11", "map_produkt", ohne_vorher=True)
def eine_produktgruppe_mit_zwei_namen(stadt: Zeilen, zufall: Random) -> Zeilen:
    produkte = kopie(stadt["map_produkt"])
    geltend = [p for p in produkte if p["produktgruppe"] == "3633" and p["gueltig_bis"] is None]
    assert len(geltend) > 1
    geltend[0]["produktgruppe_name"] += " (neu)"
    return {"map_produkt": produkte}


@fehler("R-D12", "einwohner", ohne_vorher=True)
def ein_sozialraum_doppelt(stadt: Zeilen, zufall: Random) -> Zeilen:
    """At a Stand in the middle of the year, to which no Stand a year earlier exists."""
    doppelt = kopie(stadt["einwohner"])
    for e in doppelt:
        if e["stichtag"] == date(2025, 6, 30) and e["gebiet_id"] == "SR03":
            e["anzahl"] *= 2
    assert doppelt != stadt["einwohner"]
    return {"einwohner": doppelt}


@fehler("R-D06", "einwohner", ohne_vorher=True)
def ein_zehntel_der_stadt_fehlt(stadt: Zeilen, zufall: Random) -> Zeilen:
    weniger = kopie(stadt["einwohner"])
    for e in weniger:
        if e["stichtag"] == date(2025, 6, 30):
            e["anzahl"] = e["anzahl"] * 9 // 10
    return {"einwohner": weniger}


@pytest.mark.parametrize(
    ("regel", "tabelle", "plant", "ohne_vorher"),
    FEHLER,
    ids=[f"{regel}-{plant.__name__}" for regel, _, plant, _ in FEHLER],
)
def test_der_fehler_haelt_die_tabelle_an(
    regel: str, tabelle: str, plant: Pflanze, ohne_vorher: bool
):
    neu = plant(geliefert(STICHTAG), Random(7))
    for frueher in (FRUEHER, None) if ohne_vorher else (FRUEHER,):
        found = pruefe(neu, frueher=frueher)
        assert (regel, tabelle, "fehler") in befunde(found), checks.render_text(found)


def test_jede_regel_hat_ihren_fehler():
    warned = {("R-B30", "budget")}
    planted = {(regel, tabelle) for regel, tabelle, *_ in FEHLER}
    assert {(r.id, r.tabelle) for _, r in REGELN} <= planted | warned


# --- what is no fault -----------------------------------------------------------------------------


def test_das_schuljahr_endet_in_jedem_jahr():
    """Half the Hilfen that end on the last day of July did so in the year before, too."""
    stichtag = date(2025, 8, 31)
    faelle = kopie(geliefert(stichtag)["fall"])
    for jahr in (2023, 2024, 2025):
        tag = date(jahr, 7, 31)
        offen = [z for z in faelle if laeuft(z, tag - timedelta(days=1))]
        for z in Random(jahr).sample(offen, len(offen) // 6):
            z.update(ende=tag, ende_grund="hilfeplan")
    found = pruefe({"fall": faelle}, stichtag, frueher=None)
    assert "R-F44" not in {f.regel for f in found}


def test_eine_pauschale_kuerzung_ist_nur_ein_zweifel():
    budget = kopie(geliefert(STICHTAG)["budget"])
    zeile = dict(_ansaetze(budget, 2025)[0], konto="549999", betrag_eur=Decimal(-250_000))
    (befund,) = [f for f in pruefe({"budget": [*budget, zeile]}) if f.regel == "R-B30"]
    assert (befund.schwere, befund.zweifel, befund.anzahl) == ("warnung", ("budget",), 1)


def test_der_befund_sagt_wie_viele_und_wie_viel():
    neu = ein_monat_zweimal_gebucht(geliefert(STICHTAG), Random(7))
    doppelt = neu["buchung"][len(geliefert(STICHTAG)["buchung"]) :]
    grosse = [b for b in doppelt if abs(b["betrag_eur"]) >= 100 and b["storno_zu"] is None]
    (befund,) = [f for f in pruefe(neu) if f.regel == "R-B32"]
    (stelle,) = befund.stellen
    assert stelle.werte["doppelt"] == str(len(grosse))
    assert stelle.werte["doppelt_eur"] == str(sum(b["betrag_eur"] for b in grosse))


# --- against the earlier delivery -----------------------------------------------------------------


def _warnungen(neu: Zeilen, regel: str) -> list[Finding]:
    """Check by the one warning *regel* of the other rule files."""
    rules = [
        (p, r) for p, r in load_querregeln(EXPECTATIONS) if r.id == regel and r.schwere == "warnung"
    ]
    tables = sauber(STICHTAG) | {n: _tafel(n, z, STICHTAG) for n, z in neu.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pruefung, "load_suites", lambda _: {})
        patch.setattr(pruefung, "load_querregeln", lambda _: rules)
        return list(
            checks.check(
                _mit_protokoll(tables, STICHTAG), stichtag=STICHTAG, datenstand=STICHTAG + FRIST,
                expectations=EXPECTATIONS, previous=_mit_protokoll(sauber(FRUEHER), FRUEHER),
            )
        )  # fmt: skip


def _alte_hilfeplaene(faelle: list[Zeile], stichtag: date) -> int:
    grenze = date(stichtag.year - 1, stichtag.month, stichtag.day)
    return sum(
        laeuft(z, stichtag) and bool(z["hilfeplan_am"]) and z["hilfeplan_am"] < grenze
        for z in faelle
    )


def test_eine_regel_die_immer_spricht_sagt_wie_oft_sie_zuletzt_sprach():
    (befund,) = _warnungen({}, "R-F27")
    jetzt, damals = geliefert(STICHTAG)["fall"], geliefert(FRUEHER)["fall"]
    assert befund.anzahl == _alte_hilfeplaene(jetzt, STICHTAG)
    assert befund.frueher == (_alte_hilfeplaene(damals, FRUEHER), len(damals))
    assert befund.zweifel == ()
    assert "in der früheren Lieferung" in checks.render_text([befund])


def test_spricht_sie_viel_oefter_ist_das_ein_zweifel():
    faelle = kopie(geliefert(STICHTAG)["fall"])
    for z in faelle:
        if z["hilfeplan_am"]:
            z["hilfeplan_am"] -= timedelta(days=700)
    (befund,) = _warnungen({"fall": faelle}, "R-F27")
    assert befund.zweifel == ("fall",)


@pytest.mark.parametrize(
    ("jetzt", "damals", "erwartet"),
    [
        ((100, 1000), (20, 1000), True), ((100, 1000), (40, 1000), False),
        ((9, 100), (0, 100), False), ((10, 100), (0, 100), True),
        ((30, 30_000), (5, 30_000), False), ((60, 2000), (10, 1000), False),
        ((12, 100), (0, 0), True),
    ],
)  # fmt: skip
def test_ein_sprung_ist_ein_dreifaches_und_ein_hundertstel(
    jetzt: tuple[int, int], damals: tuple[int, int], erwartet: bool
):
    assert sprung(jetzt, damals) is erwartet


def test_eine_lange_liste_nennt_anteil_und_summe():
    """Every outlier is counted; a sum of few rows would be the amount of a person."""
    buchungen = kopie(geliefert(STICHTAG)["buchung"])
    gruppen = Counter((b["produkt"], b["konto"]) for b in buchungen)
    gross = [b for b in buchungen if (b["produkt"], b["konto"]) == max(gruppen, key=gruppen.get)]
    gross = gross[:40]
    for b in gross:
        b["betrag_eur"] = Decimal(9_000_000)
    (befund,) = _warnungen({"buchung": buchungen}, "R-B15")
    assert befund.anzahl >= 40
    assert befund.summe_eur is not None
    assert befund.summe_eur >= 40 * 9_000_000
    text = checks.render_text([befund])
    assert f"{befund.anzahl} von" in text
    assert "%" in text
    assert f"zusammen {round(befund.summe_eur):,} €".replace(",", ".") in text
    assert "zusammen" not in checks.render_text([replace(befund, anzahl=3)])
    assert TypeAdapter(Finding).validate_json(json.dumps(befund.as_dict(), default=str)) == befund
