"""Lines in rows: they draw what their row shows, and the gate measures the finished ones."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import gezeichnet
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from test_present import released

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM
from sozcontrol.errors import NotReleased, UsageError
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.zaehlwerk.zeitraum import um_monate
from sozcontrol.present import fragment
from sozcontrol.present.table import figure, markup, word
from sozcontrol.present.zeilenverlauf import KURZKARTE, Rahmen, grenzen, reihe, zelle, zug
from sozcontrol.press.gegenprobe import zugprobe
from sozcontrol.press.seite.sanitise import clean

QUARTALE = [um_monate(date(2024, 3, 31), 3 * n) for n in range(8)]
RUHIG = [100, 110, 100, 110, 100, 110, 100]
"""Middle of the last six 105, mean step 10: limits 105 ± 40."""


# --- the signal -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("werte", "schritte", "wort"),
    [
        pytest.param([*RUHIG, 146], False, "▲ auffällig mehr", id="jenseits der Grenze"),
        pytest.param([*RUHIG, 145], False, "", id="auf der Grenze"),
        pytest.param([*RUHIG, 64], False, "▼ auffällig weniger", id="darunter"),
        pytest.param([100, *range(100, 170, 10)], True, "", id="ein stetiger Bestand"),
        pytest.param([400, 410, 421, 430, 440, 451, 460, 600], True, "▲ auffällig mehr",
                     id="ein Bestand mit einem Sprung"),
        pytest.param([*RUHIG[:-1], GEHEIM, 200], False, "", id="einer davor ist geheim"),
        pytest.param([*RUHIG, GEHEIM], False, "", id="der letzte ist geheim"),
        pytest.param([*RUHIG[:5], None, 100, 200], False, "", id="eine Lücke"),
        pytest.param([5, 5, 5, 5, 5, 5, 5, 9], False, "", id="kleine Zahlen schwanken von selbst"),
        pytest.param([5, 5, 5, 5, 5, 5, 5, 20], False, "▲ auffällig mehr", id="mehr als das"),
        pytest.param([200, 200], False, "", id="zu kurz"),
    ],
)  # fmt: skip
def test_das_signal_am_rand(werte, schritte, wort) -> None:
    assert zelle(werte, schritte=schritte).wert == wort


# --- the gate: measured against the row -----------------------------------------------------------


def tafel(werte: list[Any], bild: str = "", kopf: bool = True) -> str:
    """Return a table of one row with its line, as the page has it; *bild* is drawn instead."""
    cell = zelle(werte, schritte=False)
    if bild:
        cell.html = bild
    head = [word("Bereich", kopf=True), *(word(str(n), kopf=True) for n in range(len(werte)))]
    row = [word("Nord", kopf=kopf), *(figure(v, "anzahl") for v in werte), cell]
    with fragment.page():
        return clean(markup([*head, word("Verlauf", kopf=True)], [("", row)], "Fälle"))


WERTE = st.lists(
    st.one_of(st.integers(0, 900), st.just(GEHEIM), st.none()), min_size=2, max_size=14
)


@given(WERTE)
def test_was_gezeichnet_wird_haelt_die_gegenprobe(werte) -> None:
    assert zugprobe.zuviel(tafel(werte)) == ()


@given(WERTE, st.data())
def test_ein_punkt_ueber_einer_gesperrten_zahl_wird_gefunden(werte, data) -> None:
    """The line is drawn from the true figures, the row hides one of them."""
    wahr = [7 * n if v is GEHEIM or v is None else v for n, v in enumerate(werte)]
    verborgen = data.draw(st.integers(0, len(werte) - 1))
    gezeigt = [GEHEIM if n == verborgen else v for n, v in enumerate(wahr)]
    bild = zelle(wahr, schritte=False).html
    assert zugprobe.zuviel(tafel(gezeigt, bild)) == ("Fälle",)


@pytest.mark.parametrize(
    ("alt", "neu"),
    [
        pytest.param("<circle", '<rect class="soz-ist" width="3" height="9"></rect><circle',
                     id="etwas anderes daneben"),
        pytest.param('data-wert="4"', 'data-wert="5"', id="mehr Plätze als Zahlen"),
        pytest.param('data-wert="4"', "", id="ohne Plätze"),
        pytest.param('d="M4.50 ', 'd="M9.00 ', id="ein Punkt zwischen zwei Plätzen"),
        pytest.param('d="M4.50 ', 'd="M-4.50 ', id="ein Punkt vor der Reihe"),
        pytest.param('d="M4.50 ', 'd="m4.50 ', id="ein Weg, den niemand liest"),
    ],
)  # fmt: skip
def test_was_sich_nicht_messen_laesst_gilt_als_verraten(alt, neu) -> None:
    html = tafel([10, 20, 30, 25])
    assert zugprobe.zuviel(html) == () and alt in html
    assert zugprobe.zuviel(html.replace(alt, neu, 1)) == ("Fälle",)


def test_ein_punkt_in_der_hoehe_einer_anderen_zahl_wird_gefunden() -> None:
    """Its place is open, but what it says is another figure: 28 instead of 20."""
    bild = zug(reihe([10, 28, 30, 25]), Rahmen(36, 20, *grenzen([[10, 30]])))
    assert zugprobe.zuviel(tafel([10, 20, 30, 25], bild)) == ("Fälle",)


def test_eine_linie_ohne_tafel_gilt_als_verraten() -> None:
    assert zugprobe.zuviel(f"<p>{zelle([1, 2, 3], schritte=False).html}</p>") == ("",)


# --- the heat table -------------------------------------------------------------------------------


def reihen(**je: list[int]) -> Any:
    data = {
        "gebiet": [name for name in je for _ in je[name]],
        "stichtag": [tag for name in je for tag in QUARTALE[: len(je[name])]],
        "anzahl": [v for werte in je.values() for v in werte],
    }
    return released(data, je=["gebiet", "stichtag"], anzahl="anzahl")


FORM = {"stichtag": ("Quartal", "quartal"), "anzahl": ("Fälle", "anzahl")}


def test_jede_zeile_einer_waermetafel_endet_mit_ihrem_verlauf() -> None:
    tabelle = reihen(Nord=[*RUHIG, 190], Süd=[50, 60, 2, 60, 50, 60, 50, 60])
    html = gezeichnet.heat_table(tabelle, "Fälle", spalten=FORM, verlauf="wert").html
    nord, sued = BeautifulSoup(html, "html.parser").select("tbody tr")
    assert (
        "auffällig mehr" in nord.text and "auffällig" not in sued.select_one("td:last-child").text
    )
    zug = sued.select_one(".soz-zug")["d"]
    assert len(re.findall("[ML]", zug)) == 7 and zug.count("M") == 2  # a gap for the 2
    assert f"{str(KURZKARTE.falschalarm_pct).replace('.', ',')}\N{NO-BREAK SPACE}%" in html
    assert zugprobe.zuviel(clean(html)) == ()


def test_eine_kurze_reihe_hat_keinen_verlauf() -> None:
    tabelle = reihen(Nord=RUHIG)
    html = gezeichnet.heat_table(tabelle, "Fälle", spalten=FORM, verlauf="wert").html
    assert "Verlauf" not in html and "<svg" not in html


# --- the series of leading figures ---------------------------------------------------------------


def leitreihe(id: str, werte: list[Any]) -> Any:
    rows = {"stichtag": QUARTALE[: len(werte)], "wert": werte}
    return released(rows, je=["stichtag"], anzahl="wert", kennzahl=catalogue.kennzahl(id),
                    merkmal=id)  # fmt: skip


def leitzahl(id: str, wert: int) -> Any:
    return leitreihe(id, [wert]).zahl("wert", stichtag=QUARTALE[0])


def test_leitzahlen_stehen_mit_ihren_reihen_da_und_die_kachel_sagt_was_auffaellt() -> None:
    """Of a stock the last step is judged: U01 climbs by ten a quarter, then by ninety."""
    stetig, sprung = [*range(100, 180, 10)], [*range(100, 170, 10), 250]
    reihen = [leitreihe("U01", sprung), leitreihe("H01", stetig), leitreihe("Y06", [300] * 3)]
    tiles = [leitzahl("U01", 250), leitzahl("H01", 170)]
    with fragment.page():
        html = gezeichnet.tiles(tiles, verlauf=reihen).html
    seite = BeautifulSoup(clean(html), "html.parser")
    rows = {tr.th.text: [td.text for td in tr.select("td")] for tr in seite.select("tbody tr")}
    assert [*rows] == ["Zahlfälle (Kinder)", "Fallzahl (Hilfen)"]  # three values tell nothing
    assert rows["Zahlfälle (Kinder)"][:8] == [f"{v}" for v in sprung]
    signals = [p.text for p in seite.select(".soz-kachel-signal")]
    assert signals == ["▲ auffällig mehr im letzten Quartal"]
    assert zugprobe.zuviel(clean(html)) == ()


def test_was_das_recht_in_diesen_quartalen_brach_steht_darunter() -> None:
    """From the end of March 2024 on: the card in May is within, the 36 months in February not."""
    said = {}
    for bereich, id in (("asyl_bildung", "Y06"), ("unterhaltsvorschuss", "U01")):
        with fragment.page(bereich):
            drawn = gezeichnet.tiles([leitzahl(id, 300)], verlauf=[leitreihe(id, [300] * 8)])
        said[bereich] = "".join(re.findall("Bruch in dieser Zeit: [^<]*", drawn.html))
    bezahlkarte = "Bruch in dieser Zeit: Bezahlkarte (16.05.2024)."
    assert said == {"asyl_bildung": bezahlkarte, "unterhaltsvorschuss": ""}


def test_ueber_einer_geheimen_zahl_ist_auch_hier_eine_luecke() -> None:
    with fragment.page():
        reihen = [leitreihe("U01", [*RUHIG[:6], 2, 120])]
        html = clean(gezeichnet.tiles([leitzahl("U01", 120)], verlauf=reihen).html)
    seite = BeautifulSoup(html, "html.parser")
    (zug,) = seite.select(".soz-zug")
    assert len(re.findall("[ML]", zug["d"])) == 6 and "auffällig" not in seite.table.text
    assert zugprobe.zuviel(html) == ()


# --- one card an area -----------------------------------------------------------------------------


def karten(html: str) -> list[str]:
    return [
        row.select_one("th").text for row in BeautifulSoup(html, "html.parser").select("tbody tr")
    ]


def test_kleine_bilder_haben_einen_massstab_und_die_linie_aller() -> None:
    tabelle = reihen(Nord=[10, 20, 30], Süd=[110, 2, 90], insgesamt=[120, 140, 120])
    html = gezeichnet.multiples(tabelle, "Fälle", spalten=FORM).html
    assert karten(html) == ["Süd", "Nord", "insgesamt"]  # the highest first
    seite = BeautifulSoup(clean(html), "html.parser")
    sued, nord, alle = seite.select("svg")
    hoehen = {
        n: [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", s.select_one(".soz-zug")["d"])]
        for n, s in (("nord", nord), ("alle", alle))
    }
    # One scale: 3 at the top is 140, 61 at the bottom is 10.
    erwartet = {"nord": [10, 20, 30], "alle": [120, 140, 120]}
    soll = {n: [3 + 58 * (140 - v) / 130 for v in w] for n, w in erwartet.items()}
    assert all(hoehen[n] == pytest.approx(soll[n], abs=0.01) for n in soll)
    assert sued.select_one(".soz-zug") is None and len(sued.select("circle")) == 2  # the 2 between
    assert nord.select_one(".soz-vergleich")["d"] == alle.select_one(".soz-zug")["d"]
    assert alle.select_one(".soz-vergleich") is None
    assert zugprobe.zuviel(clean(html)) == ()


def test_die_linie_aller_wird_an_der_summenzeile_gemessen() -> None:
    tabelle = reihen(Nord=[10, 20, 30], insgesamt=[120, 140, 120])
    html = clean(gezeichnet.multiples(tabelle, "Fälle", spalten=FORM).html)
    offen = '<td class="soz-zahl" data-kopf="II/2024">140</td>'
    geheim = offen.replace("140", '<span class="soz-geheim">•</span>')
    assert offen in html and zugprobe.zuviel(html) == ()
    assert set(zugprobe.zuviel(html.replace(offen, geheim))) == {"Fälle"}


def test_kleine_bilder_brauchen_eine_reihe() -> None:
    einzeln = released({"gebiet": ["Nord"], "anzahl": [10]}, je=["gebiet"], anzahl="anzahl")
    with pytest.raises(UsageError):
        gezeichnet.multiples(einzeln, "Fälle", spalten=FORM)
    with pytest.raises(NotReleased):
        gezeichnet.multiples({"gebiet": ["Nord"]}, "Fälle", spalten=FORM)


def werte_je_gebiet(**je: Any) -> Any:
    zeilen = {"gebiet": [*je], "wert": [*je.values()]}
    return released(zeilen, je=["gebiet"], betraege={"wert": None})


def test_jedes_profil_zeigt_alle_zahlen_und_ordnet_nach_der_ersten() -> None:
    erste = werte_je_gebiet(Nord=Decimal(3), Süd=Decimal(9), Leer=None, insgesamt=Decimal(12))
    zweite = werte_je_gebiet(Süd=Decimal(50), Nord=Decimal(60), insgesamt=Decimal(110))
    html = gezeichnet.profiles([erste, zweite], "Profile").html
    assert karten(html) == ["Süd", "Nord", "insgesamt"]  # nothing is known of »Leer«
    zellen = [td.text for td in BeautifulSoup(html, "html.parser").select("tbody td")]
    soll = ["9", "50", "3", "60", "12", "110"]
    assert zellen == [f"{zahl},00\N{NO-BREAK SPACE}€" for zahl in soll]


@pytest.mark.parametrize(
    ("werte", "zeichen"),
    [
        pytest.param([30, 20, 10, 20], ["▲", "", "▼", ""], id="ab einem Zehntel"),
        pytest.param([22, 18, 20, 20], ["▲", "", "▼", ""], id="genau ein Zehntel"),
        pytest.param([21, 20, 19, 20], ["", "", "", ""], id="näher"),
        pytest.param([3, -1, 1, 1], ["", "", "", ""], id="um null gibt es kein Vielfaches"),
    ],
)
def test_ein_profil_sagt_was_deutlich_anders_ist(werte, zeichen) -> None:
    """Highest first, then the total, which is away from nothing."""
    gebiete = {"gebiet": ["A", "B", "C", INSGESAMT], "wert": [*map(Decimal, werte)]}
    dichte = catalogue.kennzahl("H08")
    tabelle = released(gebiete, je=["gebiet"], betraege={"wert": None}, kennzahl=dichte)
    html = gezeichnet.profiles([tabelle], "Profile").html
    zellen = BeautifulSoup(html, "html.parser").select("tbody td")
    gefunden = [td.select_one("span[aria-hidden]") for td in zellen]
    assert [g.text if g else "" for g in gefunden] == zeichen
