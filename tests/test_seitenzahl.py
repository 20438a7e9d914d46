"""How long the report of an area is, and where it begins: what leadership reads has an end."""

from __future__ import annotations

from pathlib import Path

import pdf_text
import pytest
from conftest import Stadt
from playwright.sync_api import Browser
from seiten import STICHTAG
from stichprobe import probe

from sozcontrol import catalogue
from sozcontrol.projekt import Projekt

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
BUDGET = 8
BLATT = 673
"""Pixels between the margins of A4: what is wider shrinks the whole report, or is cut."""
ERSTE_ZAHL = {1280: 140, 390: 220}
"""Width of a screen → pixels from the top by which the first figure of a report ends."""
LANGE = ["monitoring_jugend", "steuerung", "finanzcontrolling", "kita_monitoring",
         "monitoring_soziales"]  # fmt: skip
UEBRIGE = [b for b in catalogue.bereiche() if b not in (*LANGE, "operativ", "jahresbericht")]
"""The reports but the operative one (test_operativ_browser) and the annual (test_jahresbericht)."""
ZIFFER = """e => { const r = document.createRange(), t = e.firstChild;
  const i = t.data.search(/\\d/); r.setStart(t, i); r.setEnd(t, i + 1);
  return r.getBoundingClientRect().bottom }"""


@pytest.mark.parametrize("bereich", probe([*LANGE, *UEBRIGE], 2))
def test_ein_bericht_druckt_ganz_und_auf_hoechstens_acht_seiten(
    lauf: Projekt, browser: Browser, bereich: str
) -> None:
    assert gedruckt(browser, lauf.reports / f"{STICHTAG}" / "leitung", bereich) <= BUDGET


@pytest.mark.thorough
@pytest.mark.timeout(1800)
def test_auch_am_jahresende_druckt_jeder_bericht_auf_hoechstens_acht_seiten(
    jahresabschluss: Stadt, browser: Browser
) -> None:
    """Twelve months, a full year of quarters, and two duties in the head."""
    folder = jahresabschluss.projekt.reports / "2025-12-31" / "leitung"
    there = [b for b in [*LANGE, *UEBRIGE] if (folder / f"{b}.html").is_file()]
    assert len(there) > len(LANGE)
    assert {b: n for b in there if (n := gedruckt(browser, folder, b)) > BUDGET} == {}


def gedruckt(browser: Browser, folder: Path, bereich: str) -> int:
    """Return how many pages a report prints on; nothing of it is cut, folded, or begins late."""
    opened = browser.new_page()
    opened.goto((folder / f"{bereich}.html").as_uri())
    printed = pdf_text.pages(opened.pdf(prefer_css_page_size=True))
    if bereich != "revision":  # the first has nothing to compare, and says so
        for width, limit in ERSTE_ZAHL.items():
            opened.set_viewport_size({"width": width, "height": 900})
            assert opened.locator("h1").evaluate(ZIFFER) <= limit, bereich
    opened.set_viewport_size({"width": BLATT, "height": 900})
    opened.emulate_media(media="print")
    right = "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    assert opened.eval_on_selector_all("table, svg, img", right) <= BLATT + 1, bereich
    folded = "all => all.map(e => e.lastElementChild.getBoundingClientRect().height)"
    assert all(h > 0 for h in opened.eval_on_selector_all(".soz-daten", folded)), bereich
    opened.close()
    return len(printed)
