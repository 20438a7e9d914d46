"""The annual report: composed of what the areas say, its first sheet held against the raw files.

The notebooks' cells run in this process on one Musterstadt at 31.12., their outputs are decided
together and drawn, as a run does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import gezeichnet
import nbformat
import pandas as pd
import pdf_text
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from hauptbuch import rohdateien, stadt_am
from rohdaten import Rohdaten
from satzzahlen import lies
from test_berichtspdf import als_seite, fehler, needs_chromium
from test_forecast_ohne import antworten
from test_press_browser import AXE, RULES, findings

from sozcontrol import catalogue, present, store
from sozcontrol.disclosure import entscheiden
from sozcontrol.present.fragment import Fragment, page
from sozcontrol.press.auszug.berichtspdf import report_pdf
from sozcontrol.press.lauf.plan import plan
from sozcontrol.press.seite.drawing import filled
from sozcontrol.press.seite.export import Kopf, render_report
from sozcontrol.projekt import Projekt
from sozcontrol.revision import leitzahlen

JAHRESENDE, SPAET = date(2025, 12, 31), date(2026, 3, 15)
EDITION = "leitung"
SEITEN, WORTE = 24, 6_500
"""What the whole report may take: sheets of A4, words."""
TAFELN = ["antwort-aussage", "antwort-kennzahlen"]
KACHELN = dict.fromkeys(("finanzcontrolling", "kinderschutz", "monitoring_soziales"), TAFELN) | {
    "steuerung": ["antwort-ziele"]
}
"""Cells of areas whose figures the report tells once more: one for each way to compare."""


@dataclass(frozen=True)
class Gezogen:
    """The cells of several notebooks, decided together and drawn for one edition."""

    zellen: Mapping[tuple[str, str], Fragment]
    projekt: Projekt

    def html(self, zelle: str, bereich: str = "jahresbericht") -> BeautifulSoup:
        return BeautifulSoup(self.zellen[bereich, zelle].html, "html.parser")


@pytest.fixture(scope="module")
def gezogen(tmp_path_factory) -> Gezogen:
    return ziehen(tmp_path_factory.mktemp("projekt"), EDITION)


def ziehen(ordner: Path, edition: str) -> Gezogen:
    daten = stadt_am(JAHRESENDE, SPAET)
    daten.projekt = Projekt(ordner)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "open_data", lambda *asked: daten)
        patch.setattr(store, "vorjahr", lambda daten: None)
        patch.setattr(store, "beanstandet", lambda daten: {"Fehler": (), "Warnungen": ("Hilfen",)})
        told = {b: antworten(b, nur) for b, nur in {"jahresbericht": (), **KACHELN}.items()}
    outputs = {(b, z): o for b, own in told.items() for z, o in own.items() if o is not None}
    asked = {key: o.antraege(key[0], "/".join(key)) for key, o in outputs.items()}
    decided = entscheiden([a for own in asked.values() for a in own], [edition])
    drawn = {}
    with page():
        for key, output in outputs.items():
            released = [decided.freigegeben(a.id, edition) for a in asked[key]]
            drawn[key] = present.draw(output, released, edition=edition, projekt=daten.projekt)
    return Gezogen({k: f for k, f in drawn.items() if f is not None}, daten.projekt)


@pytest.fixture(scope="module")
def seite(gezogen: Gezogen) -> str:
    return bericht(gezogen, EDITION)


def bericht(gezogen: Gezogen, edition: str) -> str:
    own = {z: [f] for (b, z), f in gezogen.zellen.items() if b == "jahresbericht"}
    nb = nbformat.read(ROOT / "notebooks/jahresbericht.ipynb", as_version=4)
    kopf = Kopf(catalogue.kommune("musterstadt"), catalogue.edition(edition), JAHRESENDE, SPAET)
    return render_report(filled(nb, own), catalogue.bereich("jahresbericht"), kopf).html


@pytest.fixture(scope="module")
def roh() -> Rohdaten:
    return Rohdaten(rohdateien(JAHRESENDE, SPAET))


def worte(node: object) -> str:
    text = node.get_text(" ", strip=True)  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


# --- erstes Blatt, gegen die Rohdateien -----------------------------------------------------------


def test_vorjahr_und_ansatz_sind_die_der_rohdateien(gezogen, roh) -> None:
    """Of last year all that was booked for it, whenever; the budget with every change."""
    alle = roh.buchungen[roh.buchungen["jahr"] == 2024]
    sign = alle["konto_art"].map({"aufwand": 1, "ertrag": -1})
    davor = (alle["cent"] * sign).groupby(alle["teilhaushalt"]).sum()
    plan = roh.netto(f"{JAHRESENDE}", ["teilhaushalt"])["ansatz"]
    rows = gezogen.html("antwort-teilhaushalte").select("tbody tr")
    assert len(rows) == len(plan) + 1
    for tr in rows:
        name, vorjahr, ansatz = [worte(c) for c in tr.select("th, td")][:3]
        total = name == "alle Teilhaushalte"
        for text, cents in ((vorjahr, davor), (ansatz, plan)):
            own = cents.sum() if total else cents[name.split()[0]]
            shown = lies(text.split()[-1], 1e6)
            assert abs(shown.wert - own / 100) <= shown.halb, name


def test_die_ueberschrift_nennt_ergebnis_ansatz_und_vorjahr(gezogen) -> None:
    total = [worte(c) for c in gezogen.html("antwort-teilhaushalte").select(".soz-summe > *")]
    vorjahr, ansatz, wert = (c.split()[-1] for c in total[1:4])
    said = gezogen.zellen["jahresbericht", "antwort-lage"].text.replace("\u00a0", " ")
    gap = total[4].rsplit(" ", 2)[0]
    assert said == (
        f"Das Jahr schließt voraussichtlich um {gap.split(' um ')[1]} {gap.split()[0]} ab als "
        f"geplant: {wert} statt {ansatz} Mio. € Zuschussbedarf, im Vorjahr {vorjahr} Mio. €."
    )


def test_was_beschlossen_und_nicht_erledigt_ist(gezogen, roh) -> None:
    """A point reported done beside a later date is not done."""
    punkte = bis_stichtag(roh._csv("Steuerung_Beschluesse", 2, "utf-8-sig"), "vom")
    berichte = bis_stichtag(roh._csv("Steuerung_Umsetzungsberichte", 2, "utf-8-sig"), "Bericht vom")
    ende = ["umgesetzt", "Umsetzung nicht realisierbar", "Umsetzung abgelehnt"]
    termin = pd.to_datetime(berichte["nächster Termin"], format="%d.%m.%Y", errors="coerce")
    fertig = berichte[berichte["Status"].isin(ende) & ~(termin > berichte["tag"])]
    done = set(zip(fertig["Vorlage"], fertig["Punkt"], strict=True))
    alle = set(zip(punkte["Vorlage"], punkte["Punkt"], strict=True))
    head = worte(gezogen.html("antwort-offen").h3)
    assert head == f"Beschlossen, nicht erledigt: {len(alle - done)} von {len(alle)} Punkten"
    assert 0 < len(alle - done) < len(alle)


def bis_stichtag(rows: pd.DataFrame, spalte: str) -> pd.DataFrame:
    rows = rows.assign(tag=pd.to_datetime(rows[spalte], format="%d.%m.%Y"))
    return rows[rows["tag"] <= pd.Timestamp(JAHRESENDE)]


def test_verfehlt_ist_nur_was_faellig_war_und_jedes_davon_ist_genannt(gezogen, roh) -> None:
    rows = roh._csv("Steuerung_Ziele", 2, "utf-8-sig")
    rows = rows[rows["Kennzahl"].isin(catalogue.steckbriefe())]
    faellig = pd.to_datetime(rows["Termin"], format="%d.%m.%Y") <= pd.Timestamp(JAHRESENDE)
    due = {catalogue.steckbrief(k).kurzname for k in rows.loc[faellig, "Kennzahl"]}
    html = gezogen.html("antwort-erreicht")
    said = {worte(li.strong): worte(li.small) for li in html.select("li")}
    missed = next(names for text, names in said.items() if text.endswith("verfehlt")).split(", ")
    assert set(missed) <= due
    full = gezogen.html("antwort-ziele").select("tbody tr")
    states = [worte(tr.select("td")[-1].strong) for tr in full]
    assert len(missed) == sum("verfehlt" in s for s in states) > 0
    reached = sum("erreicht" in s for s in states)
    assert worte(html.h3) == f"Ziele: {reached} von {len(states)} erreicht"


# --- jede Zahl ist die des Bereichs ---------------------------------------------------------------


def kacheln(html: BeautifulSoup) -> dict[str, tuple[str, str]]:
    """Return value and comparison of an area's tiles by their title."""
    return {
        worte(t.select_one(".soz-kachel-titel")): (
            worte(t.select_one(".soz-kachel-wert")),
            "".join(worte(v) for v in t.select(".soz-kachel-vergleich")),
        )
        for t in html.select(".soz-kachel")
    }


@pytest.mark.parametrize("bereich", ["finanzcontrolling", "kinderschutz", "monitoring_soziales"])
def test_leitzahlen_sind_wert_und_vergleich_des_bereichs(gezogen, bereich) -> None:
    area = catalogue.bereich(bereich)
    own = kacheln(gezogen.html("antwort-kennzahlen", bereich))
    tables = gezogen.html("antwort-bereiche").select("table")
    (table,) = [t for t in tables if worte(t.caption).endswith(f": {area.titel}")]
    rows = [[worte(c) for c in tr.select("th, td")] for tr in table.select("tbody tr")]
    assert [r[0] for r in rows] == [catalogue.steckbrief(k).kurzname for k in area.leitzahlen[:4]]
    for name, wert, vergleich, _ in rows:
        shown = wert.removeprefix("am Stichtag ")
        assert (shown, vergleich) == own[name]


def test_die_ziele_stehen_da_wie_im_bericht_der_ziele(gezogen) -> None:
    here, there = (worte(gezogen.html("antwort-ziele", b)) for b in ("jahresbericht", "steuerung"))
    assert here == there and "verfehlt" in here


def test_jeder_bereich_ist_genannt_und_verweist_auf_seinen_bericht(gezogen) -> None:
    html = gezogen.html("antwort-bereiche")
    areas = [b for b in catalogue.bereiche().values() if b.leitzahlen]
    assert {a["href"] for a in html.select("a")} == {f"{b.id}.html" for b in areas}
    assert len(html.select("h3")) == len(areas) > 10
    states = [worte(h.small) if h.small else "ohne" for h in html.select("h3")]
    order = ["verfehlt", "im Rückstand", "auf dem Weg", "erreicht", "ohne"]
    places = [next(n for n, word in enumerate(order) if word in s) for s in states]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("abgelehnt", "wort"),
    [(False, "ist nicht geliefert"), (True, "ist fehlerhaft und nicht verwendet")],
)
def test_ein_gesperrter_bereich_steht_mit_seinem_grund_da(abgelehnt, wort, monkeypatch) -> None:
    monkeypatch.setattr(store, "abgelehnt", lambda daten, tabelle: abgelehnt)
    there = set(catalogue.tabellen()) - {"kita_belegung"}
    daten = SimpleNamespace(hat=lambda *t: there >= set(t))
    ohne = leitzahlen.ohne(daten)
    assert leitzahlen.leitzahlen(daten, "kita_monitoring") == ([], None)
    html = gezeichnet.areas(
        {"kita_monitoring": ()}, {}, ziele=[], stichtag=JAHRESENDE, ohne=ohne
    ).html
    bezeichnung = catalogue.tabelle("kita_belegung").bezeichnung
    assert f"Zu diesem Stichtag nicht zu berichten: »{bezeichnung}« {wort}." in html
    assert "href" not in html


# --- Kommentare -----------------------------------------------------------------------------------


def test_was_die_aemter_vorschlagen_steht_je_bereich_sonst_steht_nichts(projekt: Projekt) -> None:
    assert gezeichnet.opinions(JAHRESENDE, projekt=projekt) is None
    path: Path = projekt.kommentar(JAHRESENDE, "sozialraum")
    path.parent.mkdir(parents=True)
    path.write_text("# Idee\n\nMehr **Plätze** im Osten.", encoding="utf-8")
    html = BeautifulSoup(gezeichnet.opinions(JAHRESENDE, projekt=projekt).html, "html.parser")
    assert [worte(h) for h in html.select("h3")] == ["Sozialraum"]
    assert "Mehr Plätze im Osten." in worte(html)


# --- die Seite ------------------------------------------------------------------------------------


def test_der_kalender_schuldet_ihn_am_31_12_auch_dem_rat() -> None:
    def editions(day: date) -> set[str]:
        made = plan(day, (), ())
        return {b.edition.id for b in made if b.bereich.id == "jahresbericht"}

    assert editions(JAHRESENDE) == {"leitung", "gremium"}
    assert editions(date(2025, 6, 30)) == editions(date(2025, 9, 30)) == set()


def test_keine_vorlage_bleibt_unausgefuellt_und_nichts_leeres_steht_da(seite) -> None:
    html = BeautifulSoup(seite, "html.parser")
    text = worte(html.main)
    assert re.search(r"\{\w*\}|None|nan\b|GEHEIM", text) is None
    assert len(text.split()) <= WORTE
    assert "Steuerungsideen" not in text  # no office wrote anything
    assert worte(html.h1).startswith("Das Jahr schließt voraussichtlich um")
    assert html.title.string.startswith("Strategischer Jahresbericht")


@pytest.mark.browser
def test_ein_erstes_blatt_hoechstens_so_viele_seiten_und_nichts_ragt_hinaus(
    browser, seite, tmp_path
) -> None:
    (tmp_path / "bericht.html").write_text(seite, encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.goto((tmp_path / "bericht.html").as_uri())
    printed = pdf_text.pages(opened.pdf(prefer_css_page_size=True))
    assert 2 <= len(printed) <= SEITEN
    assert "Zuentscheiden" in printed[0] and "DieTeilhaushalteimRückblick" in printed[1]
    if not AXE.is_file():
        pytest.skip("axe-core fehlt: make browser")
    opened.evaluate(AXE.read_text(encoding="utf-8"))
    for width in (1280, 320):
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        found = opened.evaluate(f"axe.run({{runOnly: {RULES}}})")
        unseen = {"color-contrast": ".soz-tafel, .soz-svg, .soz-stufe"}
        assert findings(opened, found, but=unseen) == []
    opened.close()


@pytest.mark.parametrize("edition", [EDITION, pytest.param("gremium", marks=pytest.mark.thorough)])
@pytest.mark.browser
@needs_chromium
def test_als_pdf_findet_ein_pruefer_nichts(request, tmp_path: Path, edition: str) -> None:
    if edition == EDITION:
        html = request.getfixturevalue("seite")
    else:
        html = bericht(ziehen(tmp_path, edition), edition)
    page = als_seite(html, "jahresbericht", SPAET)
    assert fehler(report_pdf(Projekt(tmp_path), page, JAHRESENDE, edition), tmp_path) == []
