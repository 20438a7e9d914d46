"""What was forecast and published: kept with its maturity, shown to whom it may be, and revised."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import gezeichnet
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hauptbuch import Lieferung, musterstadt
from press_fixtures import bare_project
from pydantic import TypeAdapter
from rendered import tables, text
from stichprobe import probe

from sozcontrol import catalogue, store
from sozcontrol.disclosure import GEHEIM, Freigabe
from sozcontrol.hochrechnung import prognosearchiv as archiv
from sozcontrol.hochrechnung.abwicklung.abwicklungstafeln import vorschlag
from sozcontrol.hochrechnung.abwicklung.rueckstand import rueckstand
from sozcontrol.hochrechnung.prognosestand import PANELE, prognosestand
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.projekt import Projekt
from sozcontrol.revision import URSACHEN, FuerEditionen, vergleiche
from sozcontrol.revision import fruehere as fruehere_berichte
from sozcontrol.revision import hochrechnungen as revision

APRIL, JUNI, AUGUST = date(2025, 4, 30), date(2025, 6, 30), date(2025, 8, 31)
DAMALS, HEUTE = date(2025, 5, 21), date(2025, 9, 21)
HILFEARTEN = catalogue.codeliste("hilfeart").gueltig
HZE = {code for code, x in HILFEARTEN.items() if x.merkmale.get("hze") == "ja"}
TITEL = "Veröffentlichte Hochrechnungen"


def gesagt(stichtag: date, reihe: str = "Aufwand", **anders: Any) -> store.Prognose:
    facts = {
        "stichtag": stichtag, "datenstand": stichtag.replace(month=stichtag.month + 1, day=21),
        "fassung": "f" * 64, "ebene": "summe", "reihe": reihe, "jahr": 2025,
        "periode": stichtag.month, "methode": "M10", "wert": Decimal("124000000.00"),
        "ansatz": Decimal(120_000_000), "lauf": "L",
        "veroeffentlicht_am": datetime(2025, 9, 1, tzinfo=UTC),
    }  # fmt: skip
    return store.Prognose(**facts | anders)


def geoeffnet(projekt: Projekt, stichtag: date, tabellen: dict[str, pa.Table]) -> Any:
    """A delivery as the store opens it, of given tables."""
    found: Any = Lieferung(stichtag, tabellen)
    found.projekt, found.datenstand, found.manifest = projekt, HEUTE, {"fassung": "n" * 64}
    return found


TABELLEN = ("buchung", "budget", "einwohner", "fall", "gebiet", "gesamthaushalt", "map_konto",
            "map_produkt", "obligo", "person", "zahlung")  # fmt: skip


@cache
def stadt_tabellen() -> dict[str, pa.Table]:
    """What the forecasts of Musterstadt read, with the payments of three years alone."""
    tables = {name: musterstadt().arrow[name] for name in TABELLEN}
    lately = pc.greater_equal(tables["zahlung"]["leistungsmonat"], pa.scalar(date(2023, 1, 1)))
    return tables | {"zahlung": tables["zahlung"].filter(lately)}


@pytest.fixture
def projekt(tmp_path: Path) -> Projekt:
    return bare_project(tmp_path / "projekt")


@pytest.fixture
def daten(projekt: Projekt) -> Any:
    return geoeffnet(projekt, AUGUST, dict(stadt_tabellen()))


# ---- what is kept -----------------------------------------------------------------------------


def test_jede_prognose_laesst_sich_nachvollziehen(projekt: Projekt) -> None:
    stadt: Any = copy.copy(musterstadt())
    stadt.datenstand, stadt.manifest = date(2025, 7, 15), {"fassung": "f" * 64}
    stadt.projekt = projekt
    grenze, stand = stadt.kommune.wesentlich, prognosestand(stadt)
    for p in archiv.prognosen(stadt):
        if p.methode == archiv.AUS_TEILEN:
            continue  # the sum of forecasts that are kept themselves
        assert p.reife == "gueltig" and set(p.parameter["gewichte"]) <= {
            f"M{n}" for n in range(10)
        } | {"M0b", "M1b", "M5b"}
        assert sum(p.parameter["gewichte"].values()) == pytest.approx(1, abs=1e-4)
        assert p.parameter["wesentlich_ab_eur"] == grenze.betrag_eur
        assert p.parameter["wesentlich"] * 100 == pytest.approx(float(grenze.anteil_pct))
        assert len(p.parameter["zeugnisjahre"]) == p.parameter["prognosen"]
        assert max(p.parameter["zeugnisjahre"], default=0) < 2025
        assert 0.5 <= p.parameter["stufe"] <= 0.97
    (summe,) = [p for p in archiv.prognosen(stadt) if (p.ebene, p.reihe) == ("summe", "Aufwand")]
    test = stand.prognose.test
    (row,) = [
        r for r in range(len(test.jahr))
        if (test.jahr[r], test.reihen[test.nummer[r]].name) == (2025, INSGESAMT)
    ]  # fmt: skip
    assert summe.parameter["stufe"] == pytest.approx(test.stufe[row])
    staerkste = max(summe.parameter["gewichte"], key=summe.parameter["gewichte"].__getitem__)
    assert staerkste == test.methoden[test.gewichte[row].argmax()]


@pytest.mark.parametrize(
    ("stichtag", "reife"),
    [(APRIL, "experimentell"), (JUNI, "gueltig"), (date(2025, 1, 31), "experimentell")],
    ids=["30.04.", "30.06.", "vor jeder Hochrechnung"],
)
def test_eine_ablage_ohne_reife_bleibt_lesbar_und_bekommt_sie_vom_kalender(
    projekt: Projekt, stichtag: date, reife: str
) -> None:
    old = gesagt(stichtag, parameter={"niveau": 0.8})
    store.prognosen_ablegen(projekt, [old])
    (path,) = (projekt.processed / "prognose_archiv").glob("*.parquet")
    # An archive of then: named by what it says, without a checksum.
    pq.write_table(pq.read_table(path).drop_columns(["reife"]), path.with_stem("0123456789abcdef"))
    path.unlink()
    assert [(p.reife, p.parameter) for p in store.prognosen(projekt)] == [(reife, {"niveau": 0.8})]
    plain = old.as_dict()
    del plain["reife"]
    assert TypeAdapter(store.Prognose).validate_python(plain) == old
    assert store.prognosen_ablegen(projekt, [old]) == ()


# ---- who sees what ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "versuch"),
    probe([("leitung", False), ("intern", True), ("controlling", True), ("gremium", False)], 2),
)
def test_ein_versuch_steht_nur_wo_versuche_stehen_duerfen_und_heisst_dort_so(
    daten: Any, edition: str, versuch: bool
) -> None:
    store.prognosen_ablegen(daten.projekt, [gesagt(APRIL, wert=Decimal(111_222_333)), gesagt(JUNI)])
    released = Freigabe.open(edition).aufstellung(archiv.veroeffentlichte(daten))
    page = gezeichnet.published(released, TITEL, edition=edition).html
    rows = tables(page)[TITEL]
    assert ("111.222.333" in page) == ("30.04.2025" in page) == versuch
    assert [r for r in rows if "30.06.2025" in r and "124.000.000" in r]
    assert ("keine Grundlage für Entscheidungen" in text(page)) == versuch
    assert all(("Versuch" in r) == ("30.04.2025" in r) for r in rows[1:])


def test_wo_nur_ein_versuch_war_steht_fuer_die_leitung_ein_satz(daten: Any) -> None:
    store.prognosen_ablegen(daten.projekt, [gesagt(APRIL)])
    released = Freigabe.open("leitung").aufstellung(archiv.veroeffentlichte(daten))
    page = gezeichnet.published(released, TITEL, edition="leitung").html
    assert "noch keine Hochrechnung" in page


def test_damals_heisst_was_veroeffentlicht_wurde_nicht_was_nachgerechnet_ist() -> None:
    heading = catalogue.spalten("fruehere_jahre")["prognose_eur"].ueberschrift
    assert "nachgerechnet" in heading and "damals" not in heading


# ---- since the last one -----------------------------------------------------------------------


def netto(stichtag: date, wert: int | str, reihe: str = archiv.ZUSCHUSS, **anders: Any) -> Any:
    ebene = "summe" if reihe == archiv.ZUSCHUSS else "teilhaushalt"
    return gesagt(stichtag, reihe, ebene=ebene, wert=Decimal(wert), **anders)


def test_verglichen_wird_mit_der_letzten_hochrechnung_des_jahres(daten: Any) -> None:
    """The newest publication of the last Stichtag; no experiment, no other year, nothing later."""
    frueher = {"veroeffentlicht_am": datetime(2025, 8, 1, tzinfo=UTC)}
    store.prognosen_ablegen(daten.projekt, [
        netto(APRIL, 1), netto(JUNI, 2, **frueher), netto(JUNI, 90_000_000),
        netto(JUNI, 30_000_000, "08"), netto(JUNI, 3_100_000, "07"),
        netto(date(2024, 8, 31), 3, jahr=2024), netto(AUGUST, 4),
    ])  # fmt: skip
    frame = archiv.seit_der_letzten(daten).frame
    heute = {k[0]: n.wert for k, n in archiv.nettos(daten, AUGUST).items()}
    assert list(frame["teilhaushalt"]) == ["08", "07", INSGESAMT]  # the largest change first
    assert list(frame["damals_eur"]) == [30_000_000, 3_100_000, 90_000_000]
    assert set(frame["stichtag"]) == {JUNI}
    for row in frame.to_dict("records"):
        off = heute[row["teilhaushalt"]] - row["damals_eur"]
        assert row["abweichung_eur"] == abs(off)
        assert row["wort"] == ("schlechter" if off > 0 else "besser")


def test_die_erste_hochrechnung_des_jahres_hat_keine_frueheren(daten: Any) -> None:
    store.prognosen_ablegen(
        daten.projekt, [netto(APRIL, 1), netto(date(2024, 8, 31), 3, jahr=2024)]
    )
    for bau in (archiv.seit_der_letzten, archiv.weitere_spannen):
        assert len(bau(daten).frame) == 0


def test_was_die_seite_sagt_bleibt_im_archiv(daten: Any) -> None:
    said = {(p.ebene, p.reihe): p for p in archiv.prognosen(daten)}
    for key, one in archiv.nettos(daten, AUGUST).items():
        name = ("summe", archiv.ZUSCHUSS) if key[0] == INSGESAMT else ("teilhaushalt", key[0])
        unten, oben = archiv.spanne(one)
        assert (said[name].wert, said[name].unten, said[name].oben) == (one.wert, unten, oben)
    assert {jahr for *_, jahr in archiv.nettoergebnisse(daten)} >= {2023, 2024}


def test_wo_die_spanne_weiter_ist_steht_das_jahr_das_sie_weitet(daten: Any) -> None:
    nettos = archiv.nettos(daten, AUGUST)
    (kitas,) = [n for k, n in nettos.items() if k[0] == "09"]
    eng, weit = (kitas.wert - 1000, kitas.wert + 1000), (Decimal(0), Decimal(10) ** 9)
    store.prognosen_ablegen(daten.projekt, [
        netto(JUNI, kitas.wert, "09", unten=eng[0], oben=eng[1]),
        netto(JUNI, 1, "08", unten=weit[0], oben=weit[1]),
    ])  # fmt: skip
    (row,) = archiv.weitere_spannen(daten).frame.to_dict("records")
    errors = archiv.fehler_heute(kitas)
    furthest = max(errors, key=lambda y: abs(errors[y]))
    assert (row["teilhaushalt"], row["jahr"]) == ("09", str(furthest))
    assert float(row["fehler_eur"]) == pytest.approx(abs(errors[furthest]), abs=0.01)
    assert (row["damals_eur"], row["weite_eur"] > 2000) == (2000, True)


def test_weitere_spannen_stehen_mit_ihrem_grund_unter_der_tafel(daten: Any) -> None:
    stand = prognosestand(daten, stichtag=AUGUST)
    eng, weit = stand.prognose.hochrechnungen[:2]
    said = [
        gesagt(JUNI, h.reihe, ebene="produktgruppe", wert=h.wert, unten=h.wert - b, oben=h.wert + b)
        for h, b in ((eng, Decimal(1)), (weit, Decimal(10) ** 9))
    ]
    ohne = archiv.hinweise(daten)
    store.prognosen_ablegen(daten.projekt, said)
    mit = archiv.hinweise(daten)
    assert mit["zeugnis"] == ohne["zeugnis"]
    for name in ("prognose", "spanne"):
        *before, told = mit[name]
        assert before == ohne[name]
        assert told.startswith(
            f"Weiter als zum 30.06.2025: {said[0].reihe}. Eine Spanne stammt aus"
        )


# ---- then and now -----------------------------------------------------------------------------


@pytest.fixture
def fruehere(daten: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The April's publication: three totals and its delivery, in which *zahlungen* can be changed.

    The delivery of then is that of today; whoever wants a difference sets ``alt``.
    """
    entries = [
        store.Veroeffentlichung(
            APRIL, DAMALS, "f" * 64, bereich, edition, "b" * 64, f"{bereich}{edition}",
            datetime(2025, 6, 1, tzinfo=UTC), "1",
        )
        for bereich in ("hochrechnung", "finanzcontrolling", "abwicklung")
        for edition in ("leitung", "controlling")
        if (bereich, edition) != ("hochrechnung", "leitung")
    ]  # fmt: skip
    store.veroeffentlichungen_ablegen(daten.projekt, entries)
    said = [gesagt(APRIL, t.summe) for t in PANELE]
    store.prognosen_ablegen(daten.projekt, said)
    state = {"alt": daten.arrow}
    monkeypatch.setattr(
        store, "open_fassung",
        lambda projekt, *_: geoeffnet(projekt, APRIL, state["alt"]) if state["alt"] else None,
    )  # fmt: skip
    monkeypatch.setattr(revision, "damals_und_heute", je_stand(state, revision.damals_und_heute))
    yield state


def je_stand(state: dict[str, Any], rechne: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Compute once what a test looks at in several editions."""
    fertig: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def einmal(daten: Any) -> Any:
        published = len(store.veroeffentlichungen(daten.projekt))
        key = (id(daten), id(state["alt"]), revision.PANELE, published)
        if key not in fertig:
            fertig[key] = (rechne(daten), daten, state["alt"])  # kept: no id is given twice
        return fertig[key][0]

    return einmal


def ohne_rechnungen(tabellen: dict[str, pa.Table], hilfen: int) -> dict[str, pa.Table]:
    """Return the tables without the payments of the first *hilfen* Hilfen served lately."""
    rows = tabellen["zahlung"].to_pylist()
    early = date(2025, 4, 30)
    known = {z["hilfe_id"] for z in rows if z["buchung_am"] and z["buchung_am"] <= early
             and z["leistungsmonat"] >= date(2024, 6, 1)}  # fmt: skip
    cases = {f["hilfe_id"] for f in tabellen["fall"].to_pylist() if f["hilfeart"] in HZE}
    gone = set(sorted(known & cases)[:hilfen])
    kept = [z for z in rows if z["hilfe_id"] not in gone]
    return {**tabellen, "zahlung": pa.Table.from_pylist(kept, schema=tabellen["zahlung"].schema)}


def revidiert(daten: Any, edition: str) -> FuerEditionen:
    """Return the released table of an edition, as a page is given it."""
    (own,) = [f for f in revision.damals_und_heute(daten) if edition in f.sichtbar]
    return replace(own, tafel=Freigabe.open(edition).aufstellung(own.tafel))


def zeilen(daten: Any, edition: str) -> dict[str, dict[str, Any]]:
    released: Any = revidiert(daten, edition).tafel
    rows = [dict(zip(released.spalten, z, strict=True)) for z in released.zeilen]
    return {r["was"]: r for r in rows}


OFFEN = "Am Stichtag nicht abgerechnete Leistungen (F18)"


def test_die_revision_nennt_den_archivierten_wert_und_den_von_heute(daten, fruehere) -> None:
    found = zeilen(daten, "controlling")
    assert list(found) == [t.summe for t in PANELE] + [OFFEN]
    for t, row in zip(PANELE, found.values(), strict=False):
        now = prognosestand(daten, t.ebene, stichtag=APRIL, seite=t.seite).summe
        assert (row["damals_eur"], row["heute_eur"]) == (Decimal(124_000_000), now.wert), t.summe
        assert row["veraenderung_eur"] == now.wert - Decimal(124_000_000)
        assert row["reife"] == "Versuch"
        worse = Decimal("-3.3333") if t.seite == "ertrag" else Decimal("3.3333")
        assert row["abweichung_damals_pct"] == pytest.approx(worse, abs=Decimal("1e-3"))
    # The same rows, known up to another day: what is not billed yet is judged by that day.
    offen = found[OFFEN]
    for spalte, tag in (("damals_eur", DAMALS), ("heute_eur", HEUTE)):
        stand = geoeffnet(daten.projekt, APRIL, fruehere["alt"])
        stand.datenstand = tag
        assert offen[spalte] == vorschlag(rueckstand(stand))[INSGESAMT]
    assert (
        offen["veraenderung_eur"]
        == offen["nachbuchungen"]
        == offen["heute_eur"] - offen["damals_eur"]
    )
    shown = gezeichnet.revised_forecasts(
        [revidiert(daten, "controlling")], "Damals", edition="controlling"
    )
    head, first, *_ = tables(shown.html)["Damals"]
    assert "Versuch" in first
    assert len(set(head)) == len(head) and head[-1] == "Haushalt wird (F06) heute"


@pytest.mark.parametrize("edition", probe(["leitung", "gremium"], 1))
def test_einen_versuch_revidiert_nur_wer_ihn_sehen_durfte(daten, fruehere, edition) -> None:

    assert list(zeilen(daten, edition)) == [OFFEN]
    (one,) = fruehere_berichte(daten, edition)
    assert set(one.bereiche) == {"finanzcontrolling", "abwicklung"}
    (other,) = fruehere_berichte(daten, "controlling")
    assert "hochrechnung" in other.bereiche


@pytest.mark.parametrize(("hilfen", "geheim"), probe([(2, True), (5, False), (1, True)], 1))
def test_eine_veraenderung_durch_wenige_hilfen_bleibt_geheim(
    daten, fruehere, monkeypatch: pytest.MonkeyPatch, hilfen: int, geheim: bool
) -> None:
    monkeypatch.setattr(revision, "PANELE", ())
    fruehere["alt"] = ohne_rechnungen(daten.arrow, hilfen)
    found = zeilen(daten, "leitung")[OFFEN]
    assert (found["heute_eur"] is GEHEIM) == (found["veraenderung_eur"] is GEHEIM) == geheim
    assert found["damals_eur"] is not GEHEIM
    assert zeilen(daten, "intern")[OFFEN]["geaenderte_traeger"] == hilfen


def test_ohne_die_damalige_lieferung_wird_nichts_ueber_hilfen_gesagt(daten, fruehere) -> None:
    fruehere["alt"] = {}
    found = zeilen(daten, "controlling")
    # how many Hilfen changed is not known, and might be one
    assert OFFEN not in found and found["Hilfen zur Erziehung"]["heute_eur"] is GEHEIM
    assert found["Aufwand"]["heute_eur"] is not None


@pytest.mark.thorough
def test_sind_heute_keine_zahlungen_da_bleibt_was_gesagt_wurde(projekt, daten, fruehere) -> None:
    """An empty table is delivered, and says nothing of the Hilfen."""
    leer = {**daten.arrow, "zahlung": daten.arrow["zahlung"].slice(0, 0)}
    found = zeilen(geoeffnet(projekt, AUGUST, leer), "controlling")
    assert found[OFFEN]["heute_eur"] is None and found[OFFEN]["damals_eur"] > 0
    assert found["Hilfen zur Erziehung"]["heute_eur"] is None
    assert found["Erträge"]["heute_eur"] is not None


def test_ohne_frueheres_steht_nichts_da(daten) -> None:
    empty = [revidiert(daten, "leitung")]
    assert gezeichnet.revised_forecasts(empty, "Damals", edition="leitung") is None


# ---- why it is another today --------------------------------------------------------------------

ENDE_APRIL = date(2025, 4, 30)


def geaendert(tabellen: dict[str, pa.Table], name: str, aendere: Any) -> dict[str, pa.Table]:
    """Return the tables, in one of them every row as *aendere* leaves it (None: without it)."""
    rows = [r for r in map(aendere, tabellen[name].to_pylist()) if r is not None]
    return {**tabellen, name: pa.Table.from_pylist(rows, schema=tabellen[name].schema)}


def ohne_enden(tabellen: dict[str, pa.Table], hilfen: int) -> dict[str, pa.Table]:
    """As if the ends of *hilfen* Hilfen of the last winter had not been entered yet."""
    rows = tabellen["fall"].to_pylist()
    ended = sorted(
        r["hilfe_id"] for r in rows
        if r["hilfeart"] in HZE and r["ende"] and date(2024, 12, 1) <= r["ende"] <= ENDE_APRIL
    )[:hilfen]  # fmt: skip
    assert len(ended) == hilfen
    weg = {"ende": None, "ende_grund": None, "aufenthalt_nach": None}
    return geaendert(tabellen, "fall", lambda r: r | weg if r["hilfe_id"] in ended else r)


def im_april(r: dict[str, Any]) -> bool:
    return bool(r["buchung_am"]) and date(2025, 4, 1) <= r["buchung_am"] <= ENDE_APRIL


def ohne_haelfte(r: dict[str, Any]) -> dict[str, Any] | None:
    """Leave out every other booking of April 2025: it came in later."""
    return None if im_april(r) and int(r["betrag_eur"] * 100) % 2 else r


def im_alten_jahr(r: dict[str, Any]) -> dict[str, Any]:
    return r | {"haushaltsjahr": 2024} if im_april(r) and r["haushaltsjahr"] == 2025 else r


def dazu(r: dict[str, Any]) -> dict[str, Any]:
    return r | {"betrag_eur": r["betrag_eur"] * 2} if im_april(r) else r


def aufgehend(row: dict[str, Any]) -> bool:
    teile = [row["verfahren_eur"], *(row[u] for u in URSACHEN)]
    return sum(teile) == row["veraenderung_eur"] == row["heute_eur"] - row["damals_eur"]


def bewegt(row: dict[str, Any]) -> set[str]:
    return {u for u in URSACHEN if row[u]}


@pytest.mark.parametrize(
    ("fall", "erwartet"),
    probe([("nachgebucht", {"nachbuchungen"}), ("berichtigt", {"korrekturen"}),
           ("umgebucht", {"umbuchungen"}), ("geloescht", {"loeschungen"})], 1),
)  # fmt: skip
def test_eine_hochrechnung_der_buchhaltung_hat_genau_diese_ursache(
    projekt: Projekt, daten: Any, fruehere: dict[str, Any], monkeypatch: Any, fall: str,
    erwartet: set[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(revision, "PANELE", PANELE[:1])
    tabellen = daten.arrow
    anders = {
        "nachgebucht": lambda: geaendert(tabellen, "buchung", ohne_haelfte),
        "umgebucht": lambda: geaendert(tabellen, "buchung", im_alten_jahr),
        "berichtigt": lambda: geaendert(tabellen, "buchung", dazu),
        "geloescht": lambda: geaendert(tabellen, "buchung", ohne_haelfte),
    }[fall]()
    if fall == "geloescht":  # the later delivery is the one without
        daten = geoeffnet(projekt, AUGUST, anders)
    else:
        fruehere["alt"] = anders
    row = zeilen(daten, "controlling")["Aufwand"]
    assert bewegt(row) == erwartet and aufgehend(row)
    now = prognosestand(daten, stichtag=APRIL).summe
    then = prognosestand(geoeffnet(projekt, AUGUST, fruehere["alt"]), stichtag=APRIL).summe
    assert row["heute_eur"] == now.wert and then.wert is not None
    assert row["verfahren_eur"] == then.wert - Decimal(124_000_000)


@pytest.mark.thorough
def test_spaete_enden_und_rechnungen_der_hilfen_stehen_getrennt(
    daten: Any, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "PANELE", PANELE[2:])
    fruehere["alt"] = ohne_enden(ohne_rechnungen(daten.arrow, 6), 7)
    found = zeilen(daten, "intern")
    hilfen = found["Hilfen zur Erziehung"]
    assert bewegt(hilfen) == {"spaete_beendigungen", "nachbuchungen"} and aufgehend(hilfen)
    assert hilfen["spaete_beendigungen"] < 0 < hilfen["nachbuchungen"]
    assert hilfen["heute_eur"] == prognosestand(daten, "hilfeart", stichtag=APRIL).summe.wert
    offen = found[OFFEN]
    assert aufgehend(offen) and offen["verfahren_eur"] == 0
    assert hilfen["wenigste_je_ursachen"] == 6 <= hilfen["geaenderte_traeger"] <= 13


@pytest.mark.parametrize(("enden", "geheim"), probe([(2, True), (6, False), (1, True)], 1))
def test_eine_ursache_mit_wenigen_hilfen_verbirgt_alle_ursachen(
    daten: Any, fruehere: dict[str, Any], monkeypatch: Any, enden: int, geheim: bool
) -> None:
    """Were only the small one hidden, it would be the rest of the change."""
    monkeypatch.setattr(revision, "PANELE", ())
    fruehere["alt"] = ohne_enden(ohne_rechnungen(daten.arrow, 6), enden)
    row = zeilen(daten, "leitung")[OFFEN]
    assert row["heute_eur"] is not GEHEIM
    assert {row[u] is GEHEIM for u in URSACHEN} == {geheim}


@pytest.mark.thorough
def test_auch_ein_berichtigter_geburtsmonat_ist_eine_geaenderte_hilfe(
    daten: Any, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "PANELE", PANELE[2:])
    laufend = (r for r in daten.arrow["fall"].to_pylist() if r["hilfeart"] in HZE and not r["ende"])
    eine = next(laufend)
    wer = eine["person_id"]
    fruehere["alt"] = geaendert(
        daten.arrow, "person",
        lambda r: r | {"geburtsmonat": date(2001, 1, 1)} if r["person_id"] == wer else r,
    )  # fmt: skip
    found = zeilen(daten, "intern")
    assert found["Hilfen zur Erziehung"]["geaenderte_traeger"] >= 1
    assert found[OFFEN]["geaenderte_traeger"] == 0, "F18 reads no ages"


# ---- what a reader could add up ------------------------------------------------------------------


def frisch(tabellen: dict[str, pa.Table], anzahl: int) -> list[dict[str, Any]]:
    """Return one payment of February 2025 for each of *anzahl* Hilfen zur Erziehung."""
    cases = {f["hilfe_id"] for f in tabellen["fall"].to_pylist() if f["hilfeart"] in HZE}
    found: dict[str, dict[str, Any]] = {}
    for z in tabellen["zahlung"].to_pylist():
        if (
            z["hilfe_id"] in cases and z["art"] == "leistung" and z["buchung_am"]
            and z["leistungsmonat"] == date(2025, 2, 1) and z["buchung_am"] <= ENDE_APRIL
        ):  # fmt: skip
            found.setdefault(z["hilfe_id"], z)
    assert len(found) >= anzahl
    return [found[h] for h in sorted(found)[:anzahl]]


def mit_einer(tabellen: dict[str, pa.Table], fuell: str) -> dict[str, pa.Table]:
    """One payment comes in later, and beside it something that moves nothing."""
    eine, *andere = frisch(tabellen, 15)
    nummern = {z["zahlung_id"] for z in andere[:10]}
    vier = {z["zahlung_id"] for z in andere[10:]}

    def aendere(z: dict[str, Any]) -> dict[str, Any] | None:
        if z["zahlung_id"] == eine["zahlung_id"]:
            return None
        if fuell in ("umnummeriert", "und berichtigt") and z["zahlung_id"] in nummern:
            return z | {"zahlung_id": f"ALT{z['zahlung_id']}"}
        if fuell == "und berichtigt" and z["zahlung_id"] in vier:
            return z | {"betrag_eur": z["betrag_eur"] + 100}
        alt = z["leistungsmonat"] < date(2021, 1, 1)
        if fuell == "alte Rechnungen" and alt and z["art"] == "leistung":
            return z | {"betrag_eur": z["betrag_eur"] + 1}
        return z

    out = geaendert(tabellen, "zahlung", aendere)
    if fuell == "andere Hilfen":

        def spaeter(f: dict[str, Any]) -> dict[str, Any]:
            fremd = f["hilfeart"] not in HZE and f["beginn"] < date(2024, 1, 1)
            return f | {"beginn": date(2020, 1, 1)} if fremd else f

        out = geaendert(out, "fall", spaeter)
    if fuell == "ein anderer Tag":
        out = geaendert(out, "fall", lambda f: f | {"beginn": f["beginn"].replace(day=2)})
    if fuell == "nur Bezahlte":
        paid = {z["hilfe_id"] for z in tabellen["zahlung"].to_pylist()}
        out = geaendert(out, "fall", lambda f: f if f["hilfe_id"] in paid else None)
    return out


@pytest.mark.parametrize("fuell", probe([
    "umnummeriert", "und berichtigt", "nichts", "alte Rechnungen", "andere Hilfen",
    "ein anderer Tag",
], 1))  # fmt: skip
def test_eine_rechnung_laesst_sich_hinter_nichts_verstecken(
    daten: Any, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch, fuell: str
) -> None:
    """Ten invoices under a new number cancel out: with them the sum of two causes is the one."""
    monkeypatch.setattr(revision, "PANELE", ())
    fruehere["alt"] = mit_einer(daten.arrow, fuell)
    row = zeilen(daten, "leitung")[OFFEN]
    assert {row[u] is GEHEIM for u in URSACHEN} == {True}
    if fuell != "und berichtigt":
        assert row["heute_eur"] is GEHEIM
        assert zeilen(daten, "intern")[OFFEN]["geaenderte_traeger"] == 1


@pytest.mark.thorough
def test_auch_wo_jede_hilfe_bezahlt_ist_zaehlt_eine_als_eine(
    projekt: Projekt, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "PANELE", ())
    tabellen = mit_einer(dict(stadt_tabellen()), "nur Bezahlte")
    heute = {**tabellen, "zahlung": stadt_tabellen()["zahlung"]}
    eine = frisch(heute, 1)[0]["hilfe_id"]
    fruehere["alt"] = geaendert(
        heute, "zahlung", lambda z: None if z["hilfe_id"] == eine else z
    )  # fmt: skip
    found = zeilen(geoeffnet(projekt, AUGUST, heute), "intern")
    assert found[OFFEN]["geaenderte_traeger"] == 1


def test_in_einer_stadt_mit_zwei_hilfen_steht_auch_damals_nicht_da(
    projekt: Projekt, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "PANELE", ())
    zwei = {z["hilfe_id"] for z in frisch(dict(stadt_tabellen()), 2)}
    klein = dict(stadt_tabellen())
    for name in ("zahlung", "fall"):
        klein = geaendert(klein, name, lambda r: r if r["hilfe_id"] in zwei else None)
    fruehere["alt"] = klein
    row = zeilen(geoeffnet(projekt, AUGUST, klein), "leitung")[OFFEN]
    assert row["damals_eur"] is GEHEIM and row["heute_eur"] is GEHEIM


def test_eine_lieferung_vor_einer_neuen_spalte_bleibt_vergleichbar(
    daten: Any, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "PANELE", PANELE[:1])
    alt = daten.arrow["map_produkt"].drop_columns(["paragraph"])
    fruehere["alt"] = {**daten.arrow, "map_produkt": alt}
    assert aufgehend(zeilen(daten, "controlling")["Aufwand"])


@pytest.mark.thorough
def test_zum_selben_stichtag_stehen_ursachen_nur_bei_der_juengsten(
    daten: Any, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two publications one Hilfe may have changed: their causes' difference would be it."""
    monkeypatch.setattr(revision, "PANELE", PANELE[:1])
    spaeter = DAMALS.replace(day=28)
    store.veroeffentlichungen_ablegen(
        daten.projekt,
        [
            store.Veroeffentlichung(
                APRIL, spaeter, "f" * 64, "abwicklung", "controlling", "b" * 64, "zwei",
                datetime(2025, 6, 2, tzinfo=UTC), "1",
            )
        ],
    )  # fmt: skip
    said = [gesagt(APRIL, "Aufwand", datenstand=d, lauf=f"{d}") for d in (DAMALS, spaeter)]
    store.prognosen_ablegen(daten.projekt, said)
    fruehere["alt"] = ohne_rechnungen(daten.arrow, 8)
    own = revidiert(daten, "controlling")
    released: Any = own.tafel
    rows = [dict(zip(released.spalten, z, strict=True)) for z in released.zeilen]
    offen = [(r["datenstand"], r["nachbuchungen"] is None) for r in rows if r["was"] == OFFEN]
    assert offen == [("28.05.2025", False), ("21.05.2025", True)]
    aufwand = [r["nachbuchungen"] for r in rows if r["was"] == "Aufwand"]
    assert aufwand == [0, 0], "no persons stand behind the ledger"
    page = gezeichnet.revised_forecasts(
        [own], "Ursachen", ursachen=True, edition="controlling"
    ).html
    assert "noch einmal erschienen" in text(page)
    assert len(tables(page)["Ursachen"][0]) == 4 + 1 + 6


def test_fehlt_einer_lieferung_eine_tabelle_bleibt_die_ursache_offen(
    projekt: Projekt, daten: Any, fruehere: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "PANELE", PANELE[::2])
    fruehere["alt"] = {n: t for n, t in daten.arrow.items() if n != "budget"}
    found = zeilen(daten, "controlling")
    for was, ebene in (("Aufwand", "produktgruppe"), ("Hilfen zur Erziehung", "hilfeart")):
        row = found[was]
        assert row["heute_eur"] == prognosestand(daten, ebene, stichtag=APRIL).summe.wert
        assert [row[u] for u in ("verfahren_eur", *URSACHEN)] == [None] * 7
    assert aufgehend(found[OFFEN]), "it reads no budget"


def test_auch_die_kennzahlen_verraten_die_eine_rechnung_nicht(
    daten: Any, fruehere: dict[str, Any]
) -> None:

    def gesperrt(fuell: str) -> dict[str, set[tuple[str, str]]]:
        fruehere["alt"] = mit_einer(daten.arrow, fuell)
        found, compared = {}, vergleiche(daten)
        for edition in ("leitung", "gremium"):
            (one,) = [v for v in compared if edition in v.sichtbar]
            freigabe = Freigabe.open(edition)
            shown = [freigabe.aufstellung(t) for t in one.tafeln]
            found[edition] = {
                (t.kennzahl.id, spalte)
                for t in shown if t.kennzahl is not None
                for spalte, wert in zip(t.spalten, t.zeilen[0], strict=True)
                if wert is GEHEIM and spalte in ("heute", "veraenderung", *URSACHEN)
            }  # fmt: skip
        return found

    allein, umnummeriert = gesperrt("nichts"), gesperrt("umnummeriert")
    for edition, hidden in allein.items():
        assert ("F16", "veraenderung") in hidden and ("F16", "nachbuchungen") in hidden
        assert hidden <= umnummeriert[edition]
