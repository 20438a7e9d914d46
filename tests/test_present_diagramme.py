"""Charts: same bytes, words that equal the data, honest gaps, colours people can tell apart."""

from __future__ import annotations

import hashlib
import itertools
import re
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import gezeichnet
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from sozcontrol import catalogue
from sozcontrol.disclosure import Freigabe, Released
from sozcontrol.errors import UsageError
from sozcontrol.measures import INSGESAMT
from sozcontrol.present import fragment, seitenbild, zeichnen
from sozcontrol.present.fragment import Fragment
from sozcontrol.present.zeichnen import FARBEN, MARKEN, STRICHE, achsenbeginn
from sozcontrol.press.seite.sanitise import clean

CSS = Path(__file__).parent.parent / "sozcontrol/press/seite/vorlage/seite.css"

BESTAND = {"33": [10, 12, 15, 11], "34": [8, 2, 9, 20]}


def reihe(jahre: range = range(2019, 2023)) -> Released:
    rows = [
        (date(y, 12, 31), h, n[k])
        for h, n in BESTAND.items()
        for k, y in enumerate(jahre)
        if k < len(n)
    ]
    frame = pd.DataFrame(rows, columns=["stichtag", "hilfeart", "anzahl"])
    return Freigabe.open("leitung").release(frame, je=["stichtag", "hilfeart"], anzahl="anzahl")


def linie(**kwargs: Any) -> Fragment:
    return gezeichnet.line_chart(reihe(), "Bestand", y="anzahl", gruppe="hilfeart", **kwargs)


def saeulen() -> Released:
    frame = pd.DataFrame({"hilfeart": ["33", "34", "31", INSGESAMT], "anzahl": [30, 12, 6, 48]})
    return Freigabe.open("leitung").release(frame, je="hilfeart", anzahl="anzahl")


def schritte(*werte: str) -> Released:
    names = ["Vorjahr", "Menge", "Struktur", "Preis", "Ist"][: len(werte)]
    frame = pd.DataFrame({"schritt": names, "wert": [Decimal(w) for w in werte]})
    return Freigabe.open("leitung").release(frame, je="schritt", betraege={"wert": None})


def soup(output: Fragment) -> BeautifulSoup:
    return BeautifulSoup(output.html, "html.parser")


def svg(output: Fragment) -> str:
    (drawing,) = re.findall(r"<svg .*?</svg>", output.html, re.S)
    return drawing


def alt_of(output: Fragment) -> str:
    drawing = soup(output).svg
    assert drawing["role"] == "img"
    return drawing["aria-label"]


ALLE = {
    "linie": lambda: linie(rechtskreise=["SGB8"]),
    "balken": lambda: gezeichnet.bar_chart(saeulen(), "Bestand", x="hilfeart", y="anzahl"),
    "wasserfall": lambda: gezeichnet.waterfall(
        schritte("1000", "150", "-50", "100", "1200"), "Aufwand", format="eur0"
    ),
}


@pytest.mark.parametrize("machen", ALLE.values(), ids=ALLE)
def test_diagramm_ist_bild_alternativtext_und_tabelle(machen: Any) -> None:
    page = soup(machen())
    assert page.figure.svg["role"] == "img" and page.figure.svg["aria-label"]
    assert page.figure.figcaption.text
    assert page.figure.details.table.caption
    assert not page.find_all(["h1", "h2", "script"])


@pytest.mark.parametrize("machen", ALLE.values(), ids=ALLE)
def test_bild_holt_nichts_und_traegt_keinen_zeitstempel(machen: Any) -> None:
    drawing = svg(machen())
    assert not re.search(r"<dc:date>|\d{4}-\d{2}-\d{2}T|<script|<style|<!--|http|data:", drawing)
    assert set(re.findall(r'href="(.)', drawing)) <= {"#"}


PROGRAMM = """
import hashlib, sys
sys.path.insert(0, 'tests')
import test_present_diagramme as t
print([hashlib.sha256(m().html.encode()).hexdigest() for m in t.ALLE.values()])
"""


@pytest.mark.thorough
def test_zwei_laeufe_geben_dieselben_bytes() -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAMM], capture_output=True, text=True, check=True,
            cwd=__file__.rpartition("/tests/")[0], env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin"},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0] == runs[1]
    assert len(runs[0]) > len(ALLE) * len(hashlib.sha256().hexdigest())


# --- words equal data -----------------------------------------------------------------------------


def test_alternativtext_der_linie_nennt_spanne_enden_und_grenzen() -> None:
    alt = alt_of(linie())
    assert alt.startswith("Liniendiagramm: Bestand. 2 Reihen, 31.12.2019 bis 31.12.2022.")
    assert (
        "Vollzeitpflege: von 10 (31.12.2019) auf 11 (31.12.2022), kleinster Wert 10 (31.12.2019), "
        "größter Wert 15 (31.12.2021)."
    ) in alt
    # The hidden 2 of 2020 is neither least nor named; the gap is said.
    assert (
        "Heimerziehung: von 8 (31.12.2019) auf 20 (31.12.2022), kleinster Wert 8 (31.12.2019), "
        "größter Wert 20 (31.12.2022). 1 Wert geheim gehalten."
    ) in alt


def test_alternativtext_der_balken_nennt_jeden_wert() -> None:
    alt = alt_of(ALLE["balken"]())
    assert alt == (
        "Balkendiagramm: Bestand. 3 Gruppen. Vollzeitpflege 30, Heimerziehung 12, SPFH 6."
    )


def test_alternativtext_des_wasserfalls_nennt_richtung() -> None:
    alt = alt_of(ALLE["wasserfall"]())
    assert alt == (
        "Wasserfalldiagramm: Aufwand. Die Achse ist abgeschnitten und beginnt bei 900 €. "
        "Vorjahr: 1.000\u00a0€. Menge: plus 150\u00a0€. Struktur: minus 50\u00a0€. "
        "Preis: plus 100\u00a0€. Ist: 1.200\u00a0€."
    )


@pytest.mark.parametrize(
    ("werte", "beginn"),
    [
        pytest.param(("1000", "150", "-50", "100", "1200"), 900, id="Schritte wären Striche"),
        pytest.param(("21333", "1207", "1014", "-39", "23515"), 20_000, id="rund und tiefer"),
        pytest.param(("100", "150", "-50", "100", "300"), 0, id="Schritte sind zu sehen"),
        pytest.param(("1000", "0", "0", "0", "1000"), 0, id="nichts hat sich geändert"),
        pytest.param(("-1000", "-50", "0", "0", "-1050"), 0, id="negative Summen"),
        pytest.param(("20", "-60", "0", "50", "10"), 0, id="unter null zwischendurch"),
    ],
)
def test_die_achse_ist_nur_abgeschnitten_wenn_es_gesagt_wird(werte, beginn) -> None:
    steps = [(n, float(v), n in "ae") for n, v in zip("abcde", werte, strict=True)]
    assert achsenbeginn(steps) == beginn
    drawn = gezeichnet.waterfall(schritte(*werte), "Aufwand", format="eur0")
    alt, beneath = alt_of(drawn), soup(drawn).figure.p
    said = f"beginnt bei {beginn:,} €".replace(",", ".")
    assert (said in alt) is (said in beneath.text if beneath else False)
    assert (said in alt) is bool(beginn)


def test_summen_einer_abgeschnittenen_achse_sind_gebrochen_gezeichnet() -> None:
    """A zigzag of paper runs through both totals; without a cut there is none."""
    paper = re.compile(r'stroke="var\(--papier,#ffffff\)" stroke-width="4"')
    assert len(paper.findall(svg(ALLE["wasserfall"]()))) == 2
    ganz = gezeichnet.waterfall(schritte("100", "150", "-50", "100", "300"), "A", format="eur0")
    assert not paper.search(svg(ganz))


@pytest.mark.parametrize("machen", ALLE.values(), ids=ALLE)
def test_ein_bild_bleibt_klein(machen: Any) -> None:
    assert len(svg(machen())) < 7_000


@pytest.mark.parametrize("machen", ALLE.values(), ids=ALLE)
def test_die_seite_laesst_ein_bild_ganz_durch(machen: Any) -> None:
    drawing = svg(machen())
    assert unescape(clean(drawing)) == unescape(drawing)


def test_die_schrift_eines_bildes_ist_text() -> None:
    seen = {t.text for t in soup(ALLE["balken"]()).svg.find_all("text")}
    assert {"Vollzeitpflege", "Heimerziehung", "SPFH", "0", "12", "30"} <= seen


@pytest.mark.parametrize("machen", ALLE.values(), ids=ALLE)
def test_jede_farbe_eines_bildes_ist_eine_der_seite(machen: Any) -> None:
    """Beside the variable stands what the style sheet has for it; the rest is none or a hatch."""
    light = dict(
        re.findall(r"(--[\w-]+): (#\w{6});", CSS.read_text(encoding="utf-8").partition("@media")[0])
    )
    for colour in re.findall(r' (?:fill|stroke)="([^"]+)"', svg(machen())):
        own = re.fullmatch(r"var\((--[\w-]+),(#\w{6})\)", colour)
        assert light[own[1]] == own[2] if own else re.match(r"none$|url\(#", colour), colour


def test_kennungen_sind_auf_einer_seite_eindeutig_und_zeigen_ins_eigene_bild() -> None:
    with fragment.page():
        drawn = [svg(machen()) for _ in range(2) for machen in ALLE.values()]
    ids = [re.findall(r' id="([^"]+)"', d) for d in drawn]
    flat = [i for one in ids for i in one]
    assert flat and len(flat) == len(set(flat))
    for own, drawing in zip(ids, drawn, strict=True):
        assert set(re.findall(r'(?:url\(|href=")#([\w-]+)', drawing)) == set(own)


def test_von_einem_geheimen_punkt_steht_nichts_im_bild() -> None:
    """Whatever the hidden figure was, the source of the page is the same."""

    def drawn(small: int) -> str:
        rows = [(date(y, 12, 31), n) for y, n in enumerate((9, small, 12, 8), start=2020)]
        frame = pd.DataFrame(rows, columns=["stichtag", "anzahl"])
        released = Freigabe.open("leitung").release(frame, je="stichtag", anzahl="anzahl")
        return gezeichnet.line_chart(released, "B", y="anzahl").html

    with fragment.page():
        one = drawn(1)
    with fragment.page():
        two = drawn(2)
    assert one == two and one.count("<use ") == 3, "three marks, a gap for the hidden one"


def test_tabelle_im_diagramm_enthaelt_dieselben_zahlen() -> None:
    rows = soup(ALLE["balken"]()).details.tbody.find_all("tr")
    assert [r.td.text for r in rows] == ["30", "12", "6", "48"]


# --- law changes ----------------------------------------------------------------------------------


def test_rechtsaenderungen_in_der_spanne_werden_genannt() -> None:
    alt = alt_of(linie(rechtskreise=["SGB8"]))
    assert "Corona (16.03.2020)" in alt
    assert "KJSG (10.06.2021)" in alt
    assert "Ende Kostenheranziehung" not in alt, "01.01.2023 lies after the span"
    assert "UVG" not in alt
    assert "Gesetzesänderungen" not in alt_of(linie())
    assert svg(linie(rechtskreise=["SGB8"])) != svg(linie())


def test_oertliche_brueche_nur_fuer_die_eigene_kommune() -> None:
    town = catalogue.kommune(catalogue.standard_kommune())
    local = [r.kurz for r in catalogue.rechtsaenderungen() if r.oertlich]
    values = reihe(range(2021, 2025))

    def alt(kommune: Any) -> str:
        return alt_of(
            gezeichnet.line_chart(
                values, "B", y="anzahl", gruppe="hilfeart", rechtskreise=["SGB8"], kommune=kommune
            )
        )

    assert local
    assert all(kurz in alt(town) for kurz in local)
    foreign = town.model_copy(update={"id": "andere"})
    assert not any(kurz in alt(foreign) + alt(None) for kurz in local)


# --- no picture is better than a dishonest one ----------------------------------------------------


def gezeichnete_namen(**enden: float | None) -> tuple[list[tuple[str, str]], bool]:
    """Draw lines of two points; return where their names stand, and whether a legend has them."""
    lines = [zeichnen.Linie(name, (10.0, end)) for name, end in enden.items()]
    drawn = zeichnen.linien(["a", "b"], lines, "Fälle", ())
    svg = BeautifulSoup(seitenbild.inline(drawn, ""), "html.parser")
    named = [t for t in svg.select("text") if t.text in enden]
    return [(t["x"], t["y"]) for t in named], b"legend" in drawn


@pytest.mark.parametrize(
    ("enden", "legende"),
    [
        pytest.param({"Nord": 100.0, "Süd": 50.0, "West": 10.0}, False, id="weit auseinander"),
        pytest.param({"Nord": 100.0, "Süd": 97.0}, True, id="zu nah"),
        pytest.param({"Nord": 100.0, "Süd": None}, True, id="eine endet früher oder geheim"),
        pytest.param({"Nord": 100.0, "Ein Name, der nirgends Platz hat": 10.0}, True, id="zu lang"),
    ],
)
def test_eine_linie_heisst_an_ihrem_ende_wo_platz_ist(enden, legende) -> None:
    stellen, gezeigt = gezeichnete_namen(**enden)
    assert gezeigt is legende and len(stellen) == len(enden)
    if not legende:
        assert len({x for x, _ in stellen}) == 1  # one below the other, behind the last point
        ys = [float(y) for _, y in stellen]
        assert ys == sorted(ys)  # the highest line first


def test_ein_punkt_ist_keine_linie() -> None:
    page = soup(gezeichnet.line_chart(reihe(range(2019, 2020)), "B", y="anzahl", gruppe="hilfeart"))
    assert not page.find_all("svg")
    assert "mindestens zwei Zeitpunkte" in page.text
    assert page.table


def test_keine_daten_sind_ein_satz() -> None:
    frame = pd.DataFrame({"stichtag": [], "anzahl": []})
    empty = Freigabe.open("leitung").release(frame, je="stichtag", anzahl="anzahl")
    page = soup(gezeichnet.line_chart(empty, "B", y="anzahl"))
    assert not page.find_all(["svg", "table"])
    assert "kein Diagramm" in page.text


def test_lauter_gesperrte_punkte_sind_ein_satz() -> None:
    frame = pd.DataFrame({"stichtag": [date(2024, 12, 31), date(2025, 12, 31)], "anzahl": [1, 2]})
    hidden = Freigabe.open("leitung").release(frame, je="stichtag", anzahl="anzahl")
    page = soup(gezeichnet.line_chart(hidden, "B", y="anzahl"))
    assert not page.find_all("svg")


def test_wasserfall_mit_luecke_wird_nicht_gezeichnet() -> None:
    frame = pd.DataFrame(
        {"schritt": ["a", "b", "c"], "n": [5, 2, 9], "wert": [Decimal(5), Decimal(2), Decimal(7)]}
    )
    hidden = Freigabe.open("leitung").release(
        frame, je="schritt", anzahl="n", betraege={"wert": "n"}
    )
    assert not soup(gezeichnet.waterfall(hidden, "T")).find_all("svg")


def test_mehr_reihen_als_farben_werden_abgelehnt() -> None:
    rows = [(date(y, 12, 31), f"G{g}", 9) for y in (2023, 2024) for g in range(len(FARBEN) + 1)]
    frame = pd.DataFrame(rows, columns=["stichtag", "sozialraum", "anzahl"])
    many = Freigabe.open("leitung").release(frame, je=["stichtag", "sozialraum"], anzahl="anzahl")
    with pytest.raises(UsageError, match="7 Reihen"):
        gezeichnet.line_chart(many, "T", y="anzahl", gruppe="sozialraum")


# --- colours --------------------------------------------------------------------------------------

SEHEN = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
"""Machado, Oliveira, Fernandes 2009: full deficiency, on linear RGB."""


def linear(farbe: str) -> np.ndarray:
    c = np.array([int(farbe[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
              [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
    xyz = np.array(to_xyz) @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def reihenfarben(modus: str) -> list[str]:
    """Return the colours of series as the style sheet has them by day, or by night."""
    hell, _, dunkel = CSS.read_text(encoding="utf-8").partition("@media")
    return re.findall(r"--reihe-\d: (#\w{6});", hell if modus == "hell" else dunkel)


def test_gezeichnet_wird_mit_den_farben_der_formatvorlage() -> None:
    assert tuple(reihenfarben("hell")) == FARBEN
    assert len(reihenfarben("dunkel")) == len(FARBEN)


@pytest.mark.parametrize("modus", ["hell", "dunkel"])
@pytest.mark.parametrize("sehen", SEHEN)
def test_farben_sind_fuer_jedes_auge_verschieden(sehen: str, modus: str) -> None:
    seen = [lab(np.array(SEHEN[sehen]) @ linear(f)) for f in reihenfarben(modus)]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= 25


def test_reihen_unterscheiden_sich_auch_ohne_farbe() -> None:
    assert len(FARBEN) == len({str(s) for s in STRICHE}) == len(set(MARKEN)) == 6


def test_ein_dollarzeichen_im_namen_ist_keine_formel() -> None:
    from sozcontrol.present import zeichnen

    svg = zeichnen.balken(
        ["Süd $\\frac$ Nord", "West"], [zeichnen.Linie("a", (1.0, 2.0))], "Hilfen"
    )
    assert svg.lstrip().startswith(b"<?xml") or b"<svg" in svg


TAGE = [date(2024, 12, 31), date(2025, 6, 30)]
BILDER: dict[str, Callable[[float], tuple[Any, ...]]] = {
    "linien": lambda x: (TAGE, [zeichnen.Linie("a", (1.0, x))], "Hilfen", []),
    "balken": lambda x: (["Nord", "Süd"], [zeichnen.Linie("a", (x, None))], "Hilfen"),
    "wasserfall": lambda x: ([("Vorjahr", 10.0, True), ("Preis", x, False)], "€", 0.0),
}


@pytest.mark.parametrize("kind", BILDER)
def test_dieselben_zahlen_werden_einmal_gezeichnet(kind: str, monkeypatch) -> None:
    draw, given = getattr(zeichnen, kind), BILDER[kind]
    first = draw(*given(2.0))
    drawn = []
    real = zeichnen._bytes
    monkeypatch.setattr(zeichnen, "_bytes", lambda figure: drawn.append(1) or real(figure))
    assert draw(*given(2.0)) == first and not drawn
    assert draw(*given(2.25)) != first and len(drawn) == 1
    assert draw.__wrapped__(*given(2.0)) == first, "drawn anew it is the same picture"


def test_gemerkt_werden_nur_die_bilder_eines_laufs(monkeypatch) -> None:
    monkeypatch.setattr(zeichnen, "BEHALTEN", 3)
    monkeypatch.setattr(zeichnen, "BEKANNT", OrderedDict())
    drawn = []
    draw = zeichnen._einmal(lambda n: drawn.append(n) or b"%d" % n)
    asked = (1, 2, 3, 1, 4, 1, 2)
    assert [draw(n) for n in asked] == [b"%d" % n for n in asked]
    assert drawn == [1, 2, 3, 4, 2], "what was asked for longest ago is forgotten"
