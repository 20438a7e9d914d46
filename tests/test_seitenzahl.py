"""How many sheets of A4 an area's report is: what leadership reads has an end."""

from __future__ import annotations

import pdf_text
import pytest
from seiten import STICHTAG
from stichprobe import probe

from sozcontrol.projekt import Projekt

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
BUDGET = 8
BLATT = 673
"""Pixels between the margins of A4: what is wider shrinks the whole report, or is cut."""


@pytest.mark.parametrize(
    "bereich",
    probe(["monitoring_jugend", "steuerung", "finanzcontrolling", "kita_monitoring",
           "monitoring_soziales"], 2),
)  # fmt: skip
def test_ein_bericht_druckt_ganz_und_auf_hoechstens_acht_seiten(
    lauf: Projekt, browser, bereich: str
) -> None:
    opened = browser.new_page()
    opened.goto((lauf.reports / f"{STICHTAG}" / "leitung" / f"{bereich}.html").as_uri())
    printed = pdf_text.pages(opened.pdf(prefer_css_page_size=True))
    opened.set_viewport_size({"width": BLATT, "height": 900})
    opened.emulate_media(media="print")
    right = "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    assert opened.eval_on_selector_all("table, svg, img", right) <= BLATT + 1
    folded = "all => all.map(e => e.lastElementChild.getBoundingClientRect().height)"
    assert all(h > 0 for h in opened.eval_on_selector_all(".soz-daten", folded))
    opened.close()
    assert len(printed) <= BUDGET
