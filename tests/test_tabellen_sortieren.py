"""Tables that sort and filter: by the one script a page admits, and nothing is lost without it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from press_fixtures import DATENSTAND, STICHTAG, shown
from stichprobe import probe
from test_press_browser import AXE, RULES, findings

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM
from sozcontrol.present import fragment
from sozcontrol.present.table import Zeile, figure, markup, region, word
from sozcontrol.present.tafelblock import Spalte, blocks
from sozcontrol.press.seite.export import SKRIPT, Kopf, render_page, render_report

NAMEN = ["Ahorn", "Buche", "Eiche", "Esche", "Fichte", "Kiefer", "Linde", "Tanne", "Ulme", "Weide",
         "Zeder", "Äpfel"]  # fmt: skip
SPALTEN: dict[str, tuple[str, list[object]]] = {
    "Betrag": ("eur", [Decimal(v) for v in ("1234.5", "-12", "999", "0", "1000000", "7.25")]),
    "Haushalt": ("wirkung_teur", [Decimal(v) for v in ("470e3", "-986e3", "0", "20e3", "-5e3")]),
    "Quote": ("pct1", [Decimal(v) for v in ("9.9", "10.1", "-0.4", "100", "2.5")]),
    "Tag": ("datum", [date(2025, 6, 30), date(2024, 12, 31), date(2025, 1, 1)]),
    "Monat": ("monat", [date(2025, 3, 1), date(2024, 12, 1), date(2025, 10, 1), date(2024, 4, 1)]),
    "Quartal": ("quartal", [date(2025, 4, 1), date(2024, 10, 1), date(2025, 1, 1)]),
}
"""How each column is written, and its figures from the top; the rest are marks, none or hidden."""


def zeilen() -> list[Zeile]:
    rows: list[Zeile] = []
    for n, name in enumerate(NAMEN):
        cells = [word(name, kopf=True)]
        for form, values in SPALTEN.values():
            value = values[n] if n < len(values) else GEHEIM if n % 2 else None
            cells.append(figure(value, form))
        rows.append(("", cells))
    total = [figure(values[0], form) for form, values in SPALTEN.values()]
    return [*rows, ("soz-summe", [word("insgesamt", kopf=True), *total])]


def seite() -> str:
    """Return a report with a long table, a short one, one with subtotals, one of blocks."""
    head = [word("Baum", kopf=True), *(word(s, kopf=True, rechts=True) for s in SPALTEN)]
    rows = zeilen()
    parts = [*rows[:10], ("soz-zwischensumme", rows[-1][1]), *rows[10:]]
    with fragment.page():
        tables = [
            region(markup(head, chosen, titel), f"Tabelle: {titel}", f"soz-{titel.lower()}")
            for titel, chosen in {"Lang": rows, "Kurz": rows[:7], "Teile": parts}.items()
        ]
        tables.append(blocks([Spalte(c.html) for c in head], rows[:9], "Blöcke"))
    cells = [new_markdown_cell("# T", id="titel"), new_markdown_cell("## Soll-Ist", id="soll")]
    cells += [new_code_cell("", id=f"antwort-{n}", outputs=[shown(f"<figure>{t}</figure>")])
              for n, t in enumerate(tables)]  # fmt: skip
    kopf = Kopf(catalogue.kommune("musterstadt"), catalogue.edition("leitung"), STICHTAG,
                DATENSTAND, ())  # fmt: skip
    area = catalogue.bereich("monitoring_jugend")
    return render_report(new_notebook(cells=cells), area, kopf).html


def reihenfolge(spalte: str, richtung: int) -> list[str]:
    """Return the names as they should stand: by the figures, what has none last as it stood."""
    values = SPALTEN[spalte][1]
    known = sorted(range(len(values)), key=lambda n: richtung * _rank(values[n]))
    return [NAMEN[n] for n in (*known, *range(len(values), len(NAMEN)))]


def _rank(value: object) -> float:
    return float(value.toordinal() if isinstance(value, date) else value)


# ---- the one script --------------------------------------------------------------------------


def test_die_seite_laesst_genau_ihr_eigenes_skript_zu() -> None:
    index = render_page("uebersicht", resources={
        "titel": "T", "kommune": catalogue.kommune("musterstadt"), "edition": None, "tage": (),
        "version": "1", "stichtag": "1. Januar 2025", "datenstand": None, "berichtsarten": None,
        "faellig": (), "naechster": None, "untertitel": None})  # fmt: skip
    for html in (seite(), index):
        assert re.findall(r"<script[^>]*>(.*?)</script>", html, re.S) == [SKRIPT]
        digest = base64.b64encode(hashlib.sha256(SKRIPT.encode()).digest()).decode()
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["script-src"] == f"'sha256-{digest}'"
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"


def test_das_skript_ist_klein_und_holt_sendet_und_merkt_sich_nichts() -> None:
    assert len(SKRIPT.encode()) < 4608
    reach = r"fetch|XMLHttp|Socket|Beacon|import|https?:|location|eval|Function\(|setTimeout"
    keep = r"|[sS]torage|cookie|indexedDB|innerHTML|document\.write"
    assert not re.search(reach + keep, SKRIPT)


# ---- in a browser ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def datei(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seite") / "bericht.html"
    path.write_text(seite(), encoding="utf-8")
    return path


@pytest.fixture
def oeffnen(browser, datei: Path) -> Iterator:
    opened = []

    def open_(**options: object):
        page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}} | options)
        opened.append((page, said := []))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(datei.as_uri())
        return page

    yield open_
    for page, said in opened:
        page.close()
        assert said == []


def tafel(page, name: str):
    return page.locator("table", has=page.locator("caption", has_text=re.compile(f"^{name}$")))


def namen(page, name: str = "Lang") -> list[str]:
    return tafel(page, name).locator("tbody tr:visible th").all_inner_texts()


pruefe_browser = pytest.mark.browser


@pruefe_browser
def test_jede_spalte_wird_richtig_gelesen_zeichen_und_summe_stehen_zuletzt(oeffnen) -> None:
    page = oeffnen()
    head = tafel(page, "Lang").locator("thead th")
    for place, spalte in enumerate(SPALTEN, start=1):
        cell = head.nth(place)
        for state, wanted in (
            ("ascending", reihenfolge(spalte, 1)),
            ("descending", reihenfolge(spalte, -1)),
            (None, NAMEN),
        ):
            cell.get_by_role("button", name=spalte).click()
            assert cell.get_attribute("aria-sort") == state
            assert namen(page) == [*wanted, "insgesamt"], (spalte, state)
    head.nth(0).get_by_role("button").click()
    assert namen(page)[:3] == ["Ahorn", "Äpfel", "Buche"], "as in a German dictionary"
    head.nth(1).get_by_role("button").click()
    assert tafel(page, "Lang").locator("[aria-sort]").count() == 1


@pruefe_browser
def test_sortiert_wird_mit_der_tastatur_und_der_knopf_behaelt_den_fokus(oeffnen) -> None:
    page = oeffnen()
    button = tafel(page, "Lang").get_by_role("button", name="Quote")
    button.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert namen(page)[0] == reihenfolge("Quote", -1)[0]
    assert button.evaluate("e => e === document.activeElement")


@pruefe_browser
def test_der_filter_sagt_wie_viele_zeilen_bleiben_und_gedruckt_wird_alles(oeffnen) -> None:
    page = oeffnen()
    page.get_by_role("searchbox", name="Zeilen filtern: Lang").fill("es 30.06")
    assert namen(page) == ["insgesamt"]
    page.get_by_role("searchbox", name="Zeilen filtern: Lang").fill("ESCHE")
    assert namen(page) == ["Esche", "insgesamt"]
    told = page.get_by_role("status").first
    assert told.inner_text() == "1 von 12 Zeilen; Summen gelten für alle"
    page.emulate_media(media="print")
    assert namen(page) == [*NAMEN, "insgesamt"] and not told.is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("searchbox", name="Zeilen filtern: Lang").fill("")
    assert namen(page) == [*NAMEN, "insgesamt"] and told.inner_text() == ""


@pruefe_browser
def test_kurze_tafeln_und_solche_mit_zwischensummen_werden_nicht_sortiert(oeffnen) -> None:
    page = oeffnen()
    assert page.get_by_role("searchbox").count() == 2
    for name in ("Kurz", "Teile"):
        assert tafel(page, name).get_by_role("button").count() == 0


@pruefe_browser
def test_auf_dem_telefon_ist_ein_knopf_zu_sehen_sobald_er_den_fokus_hat(oeffnen) -> None:
    page = oeffnen(viewport={"width": 390, "height": 900})
    button = tafel(page, "Blöcke").get_by_role("button", name="Quote")
    seen = "e => { const r = e.closest('thead').getBoundingClientRect(); return r.height > 20 }"
    assert not button.evaluate(seen)
    button.focus()
    assert button.evaluate(seen)
    page.keyboard.press("Enter")
    assert namen(page, "Blöcke")[0] == reihenfolge("Quote", 1)[0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pruefe_browser
def test_ohne_skript_sagt_die_seite_dasselbe(oeffnen) -> None:
    plain = oeffnen(java_script_enabled=False).locator("main").inner_text()
    page = oeffnen()
    page.add_style_tag(content=".soz-filter { display: none }")
    assert page.locator("main").inner_text() == plain
    assert "Zeilen filtern" not in plain


@pruefe_browser
@pytest.mark.parametrize(("breite", "farben"), probe([(390, "dark"), (1280, "light")], 1))
def test_axe_findet_an_sortierten_tafeln_nichts(oeffnen, breite, farben) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core fehlt: make browser")
    page = oeffnen(viewport={"width": breite, "height": 900}, color_scheme=farben)
    tafel(page, "Lang").get_by_role("button", name="Betrag").click()
    page.get_by_role("searchbox").first.fill("e")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run({{runOnly: {RULES}}})")
    assert findings(page, found, but={"color-contrast": ".soz-tafel"}) == []
