"""The first sheet in a real browser: one page of paper, and no more than the report may have."""

from __future__ import annotations

from collections.abc import Iterator

import pdf_text
import pytest
from conftest import Stadt
from playwright.sync_api import Browser, Page
from stichprobe import probe
from test_press_browser import AXE, RULES, findings

pytestmark = pytest.mark.browser

SEITEN, WORTE = 12, 2_400
"""What the whole report may take: sheets of A4, words."""
ERSTE_ZAHL, BILDSCHIRM = 130, 980
"""Pixels from the top at 1280 wide: where the first figure ends, and the first sheet."""


@pytest.fixture
def oeffnen(browser: Browser, veroeffentlicht: Stadt) -> Iterator:
    opened: list[Page] = []

    def open_(breite: int, edition: str = "leitung") -> Page:
        folder = veroeffentlicht.projekt.reports / "2025-06-30" / edition
        page = browser.new_page(viewport={"width": breite, "height": 800})
        page.goto((folder / "operativ.html").as_uri())
        opened.append(page)
        return page

    yield open_
    for page in opened:
        page.close()


def test_der_bericht_hat_hoechstens_zwoelf_seiten_und_sein_erstes_blatt_eine(oeffnen) -> None:
    page = oeffnen(1280)
    printed = pdf_text.pages(page.pdf(prefer_css_page_size=True))
    assert 2 <= len(printed) <= SEITEN
    assert "Zuentscheiden" in printed[0] and "DieTeilhaushalteimEinzelnen" not in printed[0]
    assert "DieTeilhaushalteimEinzelnen" in printed[1]
    assert len(page.inner_text("main").split()) <= WORTE


def test_die_erste_zahl_steht_oben_und_das_blatt_auf_einem_bildschirm(oeffnen) -> None:
    page = oeffnen(1280)
    first = "e => { const r = document.createRange(); const t = e.firstChild; const i = "
    first += "t.data.search(/\\d/); r.setStart(t, i); r.setEnd(t, i + 1); "
    first += "return r.getBoundingClientRect().bottom }"
    assert page.locator("h1").evaluate(first) <= ERSTE_ZAHL
    bottom = page.locator(".soz-blatt").evaluate("e => e.getBoundingClientRect().bottom")
    assert bottom <= BILDSCHIRM


@pytest.mark.parametrize("breite", [320, 390, 1280])
def test_nichts_ragt_hinaus_und_nichts_rollt_auf_dem_ersten_blatt(oeffnen, breite) -> None:
    page = oeffnen(breite)
    assert page.evaluate("document.documentElement.scrollWidth") <= breite
    wide = "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)"
    assert page.eval_on_selector_all(".soz-blatt .soz-antwort, .soz-blatt table", wide) == []


def test_im_druck_wird_auf_dem_ersten_blatt_nichts_abgeschnitten(oeffnen) -> None:
    page = oeffnen(673)  # the width of A4 between its margins
    page.emulate_media(media="print")
    right = "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    assert page.eval_on_selector_all(".soz-blatt *:not(.soz-unsichtbar)", right) <= 673


@pytest.mark.parametrize(
    ("edition", "breite"),
    probe([("leitung", 320), ("gremium", 1280), ("leitung", 1280), ("gremium", 320)], 2),
)
def test_axe_findet_auf_dem_bericht_nichts(oeffnen, edition, breite) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core fehlt: make browser")
    page = oeffnen(breite, edition)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run({{runOnly: {RULES}}})")
    # axe judges neither single signs nor text over a drawing: their contrast is computed below
    unseen = {"color-contrast": ".soz-tafel, .soz-svg, .soz-stufe"}
    assert findings(page, found, but=unseen) == []


KONTRAST = """all => all.map(e => {
  const rgb = c => c.match(/[\\d.]+/g).map(Number);
  const linear = v => v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const lum = c => [.2126, .7152, .0722].reduce((s, w, i) => s + w * linear(c[i]), 0);
  const svg = e instanceof SVGElement, style = getComputedStyle(e);
  let at = e, back = [0, 0, 0, 0];
  while (at && back.length === 4 && back[3] === 0) {
    back = rgb(getComputedStyle(at).backgroundColor); at = at.parentElement }
  if (back.length === 4 && back[3] === 0) back = [255, 255, 255];
  const [a, b] = [rgb(svg ? style.fill : style.color), back].map(lum).sort((x, y) => y - x);
  return (a + .05) / (b + .05) })"""


def test_zeichen_und_beschriftete_bilder_heben_sich_ab(oeffnen) -> None:
    page = oeffnen(1280)
    signs = page.eval_on_selector_all(".soz-stufe, .soz-svg text, .soz-blatt strong", KONTRAST)
    assert len(signs) > 20 and min(signs) >= 4.5
