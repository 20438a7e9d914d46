"""Last year at equal maturity: from the delivery of then, else »vorläufig«."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import gezeichnet
import openpyxl
import pandas as pd
import pytest
from hauptbuch import Lieferung, rohdateien, stadt_am
from rendered import text
from tafel import lies, voll
from zweitrechnung import Dateien, betrag, tag

from sozcontrol import catalogue, measures, store
from sozcontrol.demo import STANDARD_STICHTAG as STICHTAG
from sozcontrol.disclosure import GEHEIM, Antrag, Freigabe, entscheiden
from sozcontrol.measures import Werte
from sozcontrol.present import compared
from sozcontrol.present.fragment import page
from sozcontrol.press.gegenprobe.beilage import ueberzaehlig
from sozcontrol.press.gegenprobe.blatt import Blatt, tafeln
from sozcontrol.press.seite.arbeitsmappe import workbook
from sozcontrol.press.seite.export import Kopf
from sozcontrol.revision import Vorjahr, Vorjahreszahl, leitzahlen
from sozcontrol.revision.reife import reift, vorlaeufig
from sozcontrol.revision.spaeterfasst import Spaet, gleiche, verbuende
from sozcontrol.revision.vorjahr import vorjahr
from sozcontrol.store import daten as archiv

DAMALS, HEUTE = (date(2024, 6, 30), date(2024, 7, 15)), (STICHTAG, date(2025, 7, 15))
IDS = ["H01", "H02", "H03", "F09", "C02", "S10"]
ALLE = tuple(catalogue.editionen())


@pytest.fixture
def alt(monkeypatch):
    found = stadt_am(*DAMALS)
    monkeypatch.setattr(found.con, "disconnect", lambda: None)
    monkeypatch.setattr(store, "vorjahr", lambda daten: found)
    return found


@pytest.fixture
def ohne(monkeypatch):
    monkeypatch.setattr(store, "vorjahr", lambda daten: None)


def genannt(v: Vorjahr, edition: str = "intern") -> list[Vorjahreszahl]:
    """What an edition is told of each figure; one thing and no other."""
    told = [[z for z in zahlen if edition in z.sichtbar] for zahlen in v.zahlen]
    assert all(len(one) == 1 for one in told)
    return [z for (z,) in told]


def werte(v: Vorjahr, edition: str = "intern") -> dict[str, Decimal]:
    tables = [z.tafel for z in genannt(v, edition)]
    return {t.kennzahl.id: t.frame["wert"].iloc[0] for t in tables if t is not None}


def gezaehlt(dateien: Dateien, tag: str) -> tuple[int, int, int]:
    """Stock on *tag*, begun and ended since New Year, from the delivered list of Hilfen."""
    h = dateien.hilfen[dateien.hilfen["ist_hze"]]
    neujahr = f"{tag[:4]}-01-01"
    stock = (h["beginn"] <= tag) & (h["ende"].isna() | (h["ende"] > tag))
    return (
        int(stock.sum()), int(h["beginn"].between(neujahr, tag).sum()),
        int(h["ende"].between(neujahr, tag).sum()),
    )  # fmt: skip


def roh(stand: tuple[date, date], name: str, kodierung: str = "cp1252") -> pd.DataFrame:
    return Dateien(rohdateien(*stand), stand[0]).csv(name, kopf=2, kodierung=kodierung)


def in_obhut(stand: tuple[date, date], am: str) -> int:
    rows = roh(stand, "KSD_Inobhutnahmen")
    beginn, ende = tag(rows["Beginn"]), tag(rows["Ende"])
    return int(((beginn <= am) & (ende.isna() | (ende > am))).sum())


def test_verglichen_wird_mit_der_lieferung_von_damals(alt):
    v = vorjahr(stadt_am(*HEUTE), IDS)
    damals = gezaehlt(Dateien(rohdateien(*DAMALS), DAMALS[0]), "2024-06-30")
    heute = gezaehlt(Dateien(rohdateien(*HEUTE), HEUTE[0]), "2024-06-30")
    assert damals != heute, "cases were recorded late"
    found = werte(v)
    assert tuple(found[i] for i in ("H01", "H02", "H03")) == damals
    assert {z.gegen for z in genannt(v)} == {"Vorjahr"}


def test_auch_obhut_und_budget_sind_die_der_dateien_von_damals(alt):
    """What today's lists no longer hold (last year's budget) is there where it was told."""
    found = werte(vorjahr(stadt_am(*HEUTE), ["S10", "T11", "T11b"]))
    assert found["S10"] == in_obhut(DAMALS, "2024-06-30") != in_obhut(HEUTE, "2024-06-30")
    rows = roh(DAMALS, "Kita_Sozialraumbudget", "utf-8-sig")
    rows = rows[(rows["Jahr"] == "2024") & (tag(rows["Stand"]) <= "2024-06-30")]
    rows = rows[rows["Zweck"] != "Hilfen zur Erziehung"]  # of the city, not of the Land
    summe = {c: sum(map(betrag, rows[f"{c} (€)"])) for c in ("zugewiesen", "verplant", "abgerufen")}
    for id_, teil in (("T11", "abgerufen"), ("T11b", "verplant")):
        assert found[id_] == pytest.approx(100 * summe[teil] / summe["zugewiesen"])


def test_was_nur_berichtigt_wird_ist_fuer_beide_jahre_das_heute_bekannte(alt):
    """Cases of then, over the official count that is known today for both years."""
    (l05,) = werte(vorjahr(stadt_am(*HEUTE), ["L05"])).values()
    faelle = measures.kennzahl(stadt_am(*DAMALS), "L05").frame["zaehler"].iloc[0]
    rows = roh(HEUTE, "Statistik_Pflegebeduerftige")
    known = rows[tag(rows["Stichtag"]) <= "2024-06-30"]
    last = known[tag(known["Stichtag"]) == tag(known["Stichtag"]).max()]
    assert float(l05) == pytest.approx(100 * int(faelle) / last["Anzahl"].astype(int).sum())


def test_ohne_diese_lieferung_ist_eine_fallzahl_vorlaeufig_das_hauptbuch_nicht(ohne):
    v = vorjahr(stadt_am(*HEUTE), IDS)
    heute = gezaehlt(Dateien(rohdateien(*HEUTE), HEUTE[0]), "2024-06-30")
    assert tuple(werte(v)[i] for i in ("H01", "H02", "H03")) == heute
    bald, fest = "Vorjahr, vorläufig", "Vorjahr"
    assert [z.gegen for z in genannt(v)] == [bald, bald, bald, fest, fest, bald]
    assert genannt(v) == genannt(v, "gremium")


@pytest.mark.parametrize(
    ("id_", "waechst", "danach"),
    [
        pytest.param("S10", True, True, id="Fälle"),
        pytest.param("U01", True, True, id="Monatssummen der Fälle"),
        pytest.param("H06", True, True, id="Fälle über Einwohnern"),
        pytest.param("F09", True, False, id="gebucht bis zu einem Tag"),
        pytest.param("F17", True, True, id="nach Leistungsmonat, wann immer gebucht"),
        pytest.param("C02", False, False, id="Einwohner"),
        pytest.param("T13", False, False, id="Indikatoren"),
        pytest.param("W05", False, False, id="Listen der Steuerung"),
    ],
)
def test_ob_eine_zahl_reift_folgt_aus_ihren_tabellen(id_, waechst, danach):
    item = catalogue.kennzahl(id_)
    assert (reift(item), vorlaeufig(item, DAMALS[0])) == (waechst, danach)


def test_am_jahresende_wird_auch_danach_noch_gebucht():
    assert vorlaeufig(catalogue.kennzahl("F09"), date(2024, 12, 31))


@pytest.fixture
def spaet():
    """Figures of then that differ from today's by so many cases, of stock, flows and others."""
    template = measures.kennzahl(stadt_am(*HEUTE), "H01")

    def of(**unterschiede: int) -> dict[str, tuple[str, ...]]:
        def figure(id_: str, n: int) -> Werte:
            frame = template.frame.assign(zaehler=n, wert=Decimal(n), faelle_zaehler=n)
            return replace(template, kennzahl=catalogue.kennzahl(id_), frame=frame)

        heute = {i: figure(i, 100) for i in unterschiede}
        damals = {i: figure(i, 100 + n) for i, n in unterschiede.items()}
        return Spaet(damals, heute, verbuende(DAMALS[0])).sichtbar()

    return of


def test_eine_kleine_spaete_erfassung_verraet_der_vergleich_nicht(spaet):
    """Beside today's series of the same day the figure of then would tell of one or two cases."""
    shown = spaet(S10=4, U01=-1, Y06=0, H01=-7)
    assert shown == {"S10": ALLE[:3], "U01": ALLE[:1], "Y06": ALLE, "H01": ALLE}


@pytest.mark.parametrize(
    ("unterschiede", "verborgen"),
    [
        pytest.param({"H01": 9, "H02": 8, "H03": 0}, {"H02"}, id="Anfangsbestand um 1"),
        pytest.param({"H01": 9, "H02": 1, "H03": 0}, {"H02"}, id="Zugang um 1"),
        pytest.param({"H01": 9, "H02": 9, "H03": 0}, set(), id="Anfangsbestand gleich"),
        pytest.param({"H01": 9, "H03": -8, "H04": 1}, {"H03", "H04"}, id="Jahresfälle um 1"),
        pytest.param({"H01": 1, "H03": 8, "H04": 9}, {"H01", "H04"}, id="Bestand um 1"),
        pytest.param({"H01": 9, "H03": 1, "H04": 10}, {"H03", "H04"}, id="Abgang um 1"),
    ],
)
def test_was_aus_bestand_und_bewegung_folgt_verraet_er_auch_nicht(spaet, unterschiede, verborgen):
    """B(b) − Z + A is the stock before them, and J = B + A gives each of the three."""
    shown = spaet(**unterschiede)
    assert {i for i, editions in shown.items() if "leitung" not in editions} == verborgen


def test_wer_weniger_zeigen_darf_erfaehrt_nie_mehr(spaet):
    """At five both stock and year's cases are few; at three a third had to go with one of them."""
    shown = spaet(H01=4, H03=-6, H04=-2)
    for editions in shown.values():
        assert editions == ALLE[: len(editions)]


def test_verbunden_sind_bestand_und_bewegung_jeder_sicht_aus_dem_katalog():
    found = {tuple(sorted(v.items())) for v in verbuende(DAMALS[0])}
    jugend = {"bestand": ("H01",), "zugang": ("H02",), "abgang": ("H03",), "jahr": ("H04",)}
    assert tuple(sorted(jugend.items())) in found
    views = {
        catalogue.kennzahl(i).zaehler.terme[0].sicht for v in found for _, ids in v for i in ids
    }
    assert {"hilfen", "inobhutnahmen", "betreuungen", "leistungen"} <= views


def test_ein_betrag_der_sich_ohne_neue_faelle_aendert_ist_der_eines_falls():
    w = measures.kennzahl(stadt_am(*HEUTE), "U08")
    more = replace(w, frame=w.frame.assign(zaehler=w.frame["zaehler"] + Decimal("312.00")))
    assert Spaet({"U08": more}, {"U08": w}, ()).sichtbar() == {"U08": ("intern",)}
    assert Spaet({"U08": w}, {"U08": w}, ()).sichtbar() == {"U08": ALLE}


@pytest.mark.parametrize("gleich", [("zaehler",), ()], ids=["gleich", "anders"])
def test_was_heute_geheim_ist_verraet_das_gleiche_damals_nicht(gleich):
    """Two of 42 are hidden, so the other 40 are; a share of then of just these would tell them."""
    daten, am = stadt_am(*HEUTE), DAMALS[0]
    table = measures.kennzahl(daten, "H01", je=["segment"], stichtag=am)
    counts = {"teilstationaer": 2, "stationaer": 40, "insgesamt": 42}
    assert {*counts} <= {*table.frame["segment"]}
    frame = table.frame[table.frame["segment"].isin(counts)].copy()
    numbers = frame["segment"].map(counts).astype("Int64")
    frame = frame.assign(
        zaehler=numbers, faelle_zaehler=numbers, wert=[*map(Decimal, map(int, numbers))]
    )
    share = measures.kennzahl(daten, "H11", stichtag=am)
    sides = {"zaehler": 40, "faelle_zaehler": 40, "nenner": 97, "faelle_nenner": 97}
    then = replace(share, frame=share.frame.assign(**sides), stand=DAMALS[1], gleich=gleich)
    asked = [Antrag("tafel", "a", replace(table, frame=frame)), Antrag("kachel", "b", then)]
    made = entscheiden(asked, ["leitung"])
    hidden = made.zahl("tafel", "leitung", "zaehler", segment="stationaer").wert is GEHEIM
    told = made.zahl("kachel", "leitung", "zaehler").wert is not GEHEIM
    assert (hidden and told) == (not gleich)


def test_gleich_ist_was_beide_lieferungen_sagen():
    w = measures.kennzahl(stadt_am(*HEUTE), "H10")
    other = replace(w, frame=w.frame.assign(nenner=1, faelle_nenner=1))
    assert gleiche(w, w) == ("zaehler", "nenner", "wert")
    assert gleiche(w, other) == ("zaehler", "wert")


def test_wer_damals_nicht_erfaehrt_liest_den_heutigen_stand(alt):
    v = vorjahr(stadt_am(*HEUTE), ["S10"])
    (intern,), (gremium,) = genannt(v), genannt(v, "gremium")
    assert 0 < abs(int(werte(v)["S10"]) - in_obhut(HEUTE, "2024-06-30")) < 3
    assert intern.tafel.stand == DAMALS[1] and gremium.tafel.stand is None
    assert (gremium.gegen, werte(v, "gremium")["S10"]) == (
        "Vorjahr, vorläufig", in_obhut(HEUTE, "2024-06-30"),
    )  # fmt: skip


def test_jeder_bericht_fragt_auf_demselben_weg(alt):
    """The annual report compares as the areas do, and calls it what they call it."""
    daten = stadt_am(*HEUTE)
    _, v = leitzahlen.leitzahlen(daten, "monitoring_soziales", hoechstens=2)
    assert {z.gegen for z in genannt(v)} == {"Vorjahresquartal"}
    assert leitzahlen.leitzahlen(daten, "hochrechnung", hoechstens=1)[1] is None


def test_was_nicht_geliefert_wurde_sagt_die_kachel_und_die_mappe(ohne):
    leer = Lieferung(STICHTAG, {"uvg_monat": voll("uvg_monat", lies(UVG))})
    leer.datenstand = HEUTE[1]
    jetzt, damals = measures.kennzahlen(leer, ["U01"]), vorjahr(leer, ["U01"])
    assert genannt(damals) == [Vorjahreszahl("Vorjahr nicht geliefert", ALLE)]
    freigabe = Freigabe.open("intern")
    with page() as made:
        tiles = gezeichnet.tiles(compared([freigabe.aufstellung(w) for w in jetzt], damals))
    assert text(tiles.html).endswith("Vorjahr nicht geliefert")
    kopf = Kopf(catalogue.kommune("musterstadt"), catalogue.edition("leitung"), STICHTAG, HEUTE[1])
    mappe = workbook(made.tafeln, "Seite", kopf)
    book = openpyxl.load_workbook(io.BytesIO(mappe))
    (kachel,) = book.worksheets[1].iter_rows(min_row=5, max_row=5)
    assert [c.value for c in kachel[2:]] == ["Vorjahr nicht geliefert", ""]
    blatt = Blatt("a", "leitung", STICHTAG, HEUTE[1], tafeln(tiles.html))
    seite = f"<p>30. Juni 2025, 15. Juli 2025</p>{tiles.html}"
    assert ueberzaehlig(seite, blatt, mappe) == ()
    kachel[2].value = "Vorjahr ohne Fälle"
    book.save(anders := io.BytesIO())
    assert ueberzaehlig(seite, blatt, anders.getvalue()) == ("Kennzahlen auf einen Blick",)


UVG = """
    monat      | altersstufe | zahlfaelle
    2025-06-01 | 0–5         | 40
    2025-06-01 | 6–11        | 60
    """


def test_damals_und_heute_sind_zwei_zahlen_desselben_tages(alt):
    """The same name for both would be refused at the door, or tie what is not tied."""
    freigabe = Freigabe.open("intern")
    daten = stadt_am(*HEUTE)
    freigabe.aufstellung(measures.kennzahl(daten, "H01", stichtag=date(2024, 6, 30)))
    w = genannt(vorjahr(daten, ["H01"]))[0].tafel
    assert isinstance(w, Werte) and w.stand == DAMALS[1]
    assert freigabe.aufstellung(w) is not None


def kachel(jetzt: str, vorher: str, id_: str = "H10") -> str:
    item = catalogue.kennzahl(id_)

    def of(value: str) -> Werte:
        frame = measures.kennzahl(stadt_am(*HEUTE), id_).frame.copy()
        frame["wert"] = [Decimal(value)]
        return Werte(item, (), frame, STICHTAG)

    freigabe = Freigabe.open("intern")
    then = freigabe.aufstellung(replace(of(vorher), stand=DAMALS[1]))
    damals = Vorjahr(((Vorjahreszahl("Vorjahr", ALLE, then),),))
    return text(gezeichnet.tiles(compared([freigabe.aufstellung(of(jetzt))], damals)).html)


def test_gleiche_zahlen_heissen_unveraendert():
    assert "unverändert gegenüber Vorjahr: 50,3" in kachel("50.34", "50.26")
    assert "+" not in kachel("50.34", "50.26")


@pytest.mark.parametrize(
    ("jetzt", "vorher", "gesagt"),
    [
        pytest.param("50.36", "50.24", "+0,2 Prozentpunkte gegenüber Vorjahr: 50,2", id="50,4"),
        pytest.param("50.25", "50.24", "+0,1 Prozentpunkte gegenüber Vorjahr: 50,2", id="50,3"),
        pytest.param("50.24", "50.36", "−0,2 Prozentpunkte gegenüber Vorjahr: 50,4", id="50,2"),
    ],
)
def test_ein_unterschied_ist_der_der_gezeigten_zahlen(jetzt, vorher, gesagt):
    assert gesagt in kachel(jetzt, vorher).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("vorhanden", "erwartet"),
    [
        pytest.param(["2024-07-15"], "2024-07-15", id="derselbe Abstand"),
        pytest.param(
            ["2024-07-10", "2024-07-20"], "2024-07-10", id="der nächste, sonst der frühere"
        ),
        pytest.param(["2024-09-01"], None, id="zu reif"),
        pytest.param([], None, id="keine"),
    ],
)
def test_gleich_reif_ist_eine_lieferung_mit_gleichem_abstand(monkeypatch, vorhanden, erwartet):
    there = [("2024-06-30", d, "musterstadt") for d in vorhanden]
    there += [("2024-06-30", "2024-07-15", "moers"), ("2024-03-31", "2024-07-15", "musterstadt")]
    names = ("stichtag", "datenstand", "kommune")
    stored = [dict(zip(names, one, strict=True)) for one in there]
    monkeypatch.setattr(archiv, "deliveries", lambda projekt: stored)
    monkeypatch.setattr(archiv, "open_data", lambda tag, stand, projekt: (tag, stand))
    daten = SimpleNamespace(stichtag=STICHTAG, datenstand=date(2025, 7, 15), projekt=None,
                            kommune=catalogue.kommune("musterstadt"))  # fmt: skip
    found = archiv._vorjahr(daten)
    assert found == (None if erwartet is None else (DAMALS[0], date.fromisoformat(erwartet)))
