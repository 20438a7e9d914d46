"""The Hochrechnung on the page: lead sentence, record, chart, and what stands without."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import gezeichnet
import pytest
from bs4 import BeautifulSoup
from hauptbuch import Lieferung, ansatz, lieferung, monatlich, musterstadt

from sozcontrol import catalogue
from sozcontrol.disclosure import Freigabe, Zahl
from sozcontrol.disclosure.released import SIEGEL
from sozcontrol.hochrechnung import tafeln
from sozcontrol.hochrechnung.szenarien import szenariotafeln as szenarien
from sozcontrol.hochrechnung.szenarien.wirkung import Szenariostand
from sozcontrol.present import zeichnen
from sozcontrol.present.ausblick import ABGESCHLOSSEN, ERWARTET, lead
from sozcontrol.present.format import KNAPP, schreiben
from sozcontrol.present.table import value_html

JAHRE = range(2021, 2026)


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


def zeile(wert, wort, weg, spanne=(None, None)) -> dict:
    return {"hochrechnung_eur": wert, "wort": wort, "abweichung_eur": weg,
            "unten_eur": spanne[0], "oben_eur": spanne[1]}  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("rows", "satz"),
    [
        pytest.param(
            {
                "Aufwand": zeile(125_153_561, "schlechter", 3_886_561, (123_379_191, 126_927_931)),
                "Erträge": zeile(42_456_997, "besser", 3_880_997),
                "Zuschussbedarf": zeile(82_696_564, "im Ansatz", 5_564),
            },
            "Soziale Sicherung: voraussichtlich 125,2 Mio. € Aufwand (Spanne 123,4 bis 126,9 "
            "Mio. €), für den Haushalt schlechter um 3,9 Mio. €; 42,5 Mio. € Erträge, für den "
            "Haushalt besser um 3,9 Mio. €. Ihr Zuschussbedarf beträgt damit 82,7 Mio. €, im "
            "Ansatz.",
            id="beide Seiten",
        ),
        pytest.param(
            {"Aufwand": zeile(1_150_000, "besser", 50_000, (95_000, 1_200_000))},
            "Soziale Sicherung: voraussichtlich 1,2 Mio. € Aufwand (Spanne 95 T€ bis 1,2 Mio. €), "
            "für den Haushalt besser um 50 T€.",
            id="ohne Erträge, kleine Beträge",
        ),
        pytest.param(
            {"Aufwand": zeile(1_000_000, None, None)},
            "Soziale Sicherung: voraussichtlich 1,0 Mio. € Aufwand, ohne Ansatz.",
            id="ohne Ansatz",
        ),
    ],
)  # fmt: skip
def test_ein_satz_sagt_womit_das_jahr_schliesst(rows, satz) -> None:
    assert plain(lead(rows)) == satz


def test_der_satz_steht_ueber_der_tabelle_und_dem_zeugnis(stadt) -> None:
    freigabe = Freigabe.open("leitung")
    found = [freigabe.aufstellung(b(stadt)) for b in (tafeln.gesamt, tafeln.gesamtzeugnis)]
    html = gezeichnet.outlook(*found, "Womit das Jahr abschließt", edition="controlling").html
    assert html.index("Ihr Zuschussbedarf beträgt damit") < html.index("<table>")
    assert html.count("<table>") == 2
    assert html.count("näher am Ergebnis") >= 3


@pytest.mark.parametrize(
    ("ebene", "seite"),
    [("produktgruppe", "aufwand"), ("produktgruppe", "ertrag"), ("hilfeart", "aufwand")],
)
def test_neben_jeder_hochrechnung_steht_ihr_zeugnis(stadt, ebene, seite) -> None:
    freigabe = Freigabe.open("leitung")
    bauten = (tafeln.hochrechnung, tafeln.prognosezeugnis, tafeln.teile)
    found = [freigabe.aufstellung(b(stadt, ebene, seite=seite)) for b in bauten]
    hinweise = tafeln.hinweise(stadt, ebene, seite=seite)
    html = gezeichnet.forecast(
        *found, "Hochrechnung je X", hinweise=hinweise, edition="intern"
    ).html
    for words in (
        "näher am Ergebnis",
        "Spanne traf",
        "€ schlechter wird",
        "Prognosezeugnis je X",
        "In 80 % der",
    ):
        assert words in html, words
    assert "noch erwartet" in html[html.index("<details") :]
    assert "unter 50 T€" not in html or None in found[1].spalte("mape_pct")


@pytest.mark.parametrize("name", ["Aufwand", "Erträge", "Bruttokosten"])
def test_kein_titel_hat_zwei_doppelpunkte(stadt, name) -> None:
    freigabe = Freigabe.open("leitung")
    bauten = (tafeln.hochrechnung, tafeln.prognosezeugnis, tafeln.teile)
    verfahren = (tafeln.methoden, tafeln.ohne_antwort, tafeln.wahl)
    gezeigt, verglichen = (
        [freigabe.aufstellung(b(stadt)) for b in bs] for bs in (bauten, verfahren)
    )
    wege = freigabe.aufstellung(tafeln.wege_zur_summe(stadt))
    titel = f"Hochrechnung je Produktgruppe: {name}"
    html = gezeichnet.forecast(
        *gezeigt, titel, hinweise=tafeln.hinweise(stadt), edition="intern"
    ).html
    html += gezeichnet.methods(*verglichen, f"Alle Verfahren im Vergleich: {name}", wege=wege).html
    ohne = SimpleNamespace(verfrueht=False, reife=None, grund="Es fehlt budget.")
    html += gezeichnet.forecast_table(None, titel, aussage=ohne).html
    found = BeautifulSoup(html, "html.parser").select("figcaption, caption, summary, .soz-hinweis")
    titles = [t.text for t in found if name in t.text]
    assert len(titles) > 6 and [t for t in titles if t.count(": ") > 1] == []


def weg(stichtag: date):
    rows = monatlich(JAHRE, 100_000)
    daten = lieferung([r for r in rows if r["buchung_am"] <= stichtag],
                      [ansatz(j, 1_100_000) for j in JAHRE])  # fmt: skip
    return Freigabe.open("leitung").aufstellung(tafeln.jahresgang(daten, stichtag=stichtag))


def test_das_diagramm_zeigt_spanne_und_ansatz_und_sagt_es() -> None:
    out = gezeichnet.course(weg(date(2025, 6, 30)), "Zuschussbedarf im Jahr")
    text = plain(out.text)
    assert "4 Reihen" in text and "untere Grenze" not in text
    assert "Ansatz: waagerechte Linie bei 1,10 Mio. €." in text
    assert "Spanne als Fläche, am Ende (Dez) von" in text
    assert ERWARTET in out.html and ABGESCHLOSSEN not in out.html


def test_am_jahresende_ist_kein_monat_mehr_erwartet_und_die_hochrechnung_bleibt() -> None:
    released = weg(date(2025, 12, 31))
    assert [z[1] for z in released.zeilen if z[0] == "voraussichtlich"] == ["Dez"]
    out = gezeichnet.course(released, "Zuschussbedarf im Jahr")
    assert re.search(r"voraussichtlich: [\d,]+ Mio\. € \(Dez\)\.", plain(out.text))
    assert ABGESCHLOSSEN in out.html and ERWARTET not in out.html


@pytest.mark.parametrize("oben", [(3.0, 4.0), (None, 4.0)], ids=["Fläche", "Balken"])
def test_ein_band_wird_gezeichnet(oben) -> None:
    linie = zeichnen.Linie("Ist", (1.0, 2.0))
    band = zeichnen.Linie("Spanne", tuple(v and 1.5 for v in oben), oben, art="band")
    ohne = zeichnen.linien(["Jan", "Dez"], [linie], "€", [])
    mit = zeichnen.linien(["Jan", "Dez"], [linie, band], "€", [])
    assert mit != ohne
    assert mit == zeichnen.linien(["Jan", "Dez"], [linie, band], "€", [])


def test_ohne_szenarien_steht_ein_satz_und_keine_leere_tabelle() -> None:
    stand = Szenariostand(date(2025, 8, 31), None, {}, ())
    assert szenarien.alle(stand) == {}
    satz = szenarien.satz(stand)
    out = gezeichnet.scenarios(
        {}, "Kosten", spalten={}, hinweis=satz, formen=szenarien.FORMEN, edition="leitung"
    )
    assert "<table" not in out.html
    assert "Zu diesem Stichtag gibt es keine Szenarien." in out.html
    assert "sozcontrol szenarien --stichtag 2025-08-31 --neu NAME" in out.html


@pytest.mark.parametrize(
    ("wert", "format", "text"),
    [(1_499, "tausend", "1"), (-1_500, "tausend", "−2"), (82_696_564, "mio1", "82,7 Mio. €"),
     (-1_499, "betrag", "1.499"), (-3.26, "betrag_pct", "3,3 %"),
     (3.26, "haushalt_pct", "schlechter um 3,3 %"), (-0.05, "haushalt_pct", "besser um 0,1 %"),
     (0.04, "haushalt_pct", "im Ansatz"), (-0.04, "haushalt_pct", "im Ansatz"),
     (1_499, "wirkung_teur", "schlechter um 1 T€"), (-1_500, "wirkung_teur", "besser um 2 T€"),
     (1_499, "wirkung_tausend", "schlechter um 1"), (-400, "wirkung_teur", "0 T€"),
     (-1.94, "wirkung_zahl1", "besser um 1,9")],
)  # fmt: skip
def test_formate_der_hochrechnung(wert, format, text) -> None:
    assert plain(schreiben(wert, format)) == text


@pytest.mark.parametrize("nummer", ["F03", "F04", "F04b", "F06"])
def test_was_der_haushalt_wird_sagt_ein_wort_und_kein_vorzeichen(nummer: str) -> None:
    """In tiles and overviews alike; no + and no − stands beside it."""
    item = catalogue.steckbriefe()[nummer]
    assert item.haushaltswirkung
    for now, then, said, change in [
        (2.5, 1.0, "schlechter", "schlechter"), (-2.5, -1.0, "besser", "besser"),
        (-1.0, 2.5, "besser", "besser"), (3.0, 4.0, "schlechter", "besser"),
    ]:  # fmt: skip
        kachel = gezeichnet.tile("T", zahl(item, now), vergleich=zahl(item, then))
        page = BeautifulSoup(gezeichnet.tiles([kachel]).html, "html.parser")
        value, below = (page.select_one(f".soz-kachel-{c}").text for c in ("wert", "vergleich"))
        assert value.startswith(f"{said} um ") and below.startswith(f"{change} um ")
        assert not re.search(r"[+−]", value + below)
        (cell,) = BeautifulSoup(
            gezeichnet.overview([zahl(item, now)], "T").html, "html.parser"
        ).select("tbody td:last-child")
        assert cell.text.startswith(f"{said} um ")


def test_viele_abweichungen_zeigen_pfeile_und_sagen_worte() -> None:
    rows = [(n, value_html(Decimal(n), KNAPP)) for n in (292_400, -27_000, 300)]
    seen = [BeautifulSoup(html, "html.parser") for _, html in rows]
    assert [plain(s.select_one("[aria-hidden]").text) for s in seen] == ["▸ 292", "◂ 27", "0"]
    said = [s.select_one(".soz-unsichtbar").text for s in seen]
    assert said == ["schlechter um 292", "besser um 27", "0"]


def zahl(item, value: float) -> Zahl:
    return Zahl(SIEGEL, value, item.einheit, item.rundung, item.name, item)
