"""How many sheets of A4 an area's report is: what leadership reads has an end."""

from __future__ import annotations

import pdf_text
import pytest
from seiten import STICHTAG

from sozcontrol.projekt import Projekt

pytestmark = [pytest.mark.notebook, pytest.mark.browser]
BUDGET = 8


@pytest.mark.parametrize(
    "bereich",
    ["finanzcontrolling", "kita_monitoring", "monitoring_jugend", "monitoring_soziales",
     "steuerung"],
)  # fmt: skip
def test_ein_bericht_druckt_auf_hoechstens_acht_seiten(
    lauf: Projekt, browser, bereich: str
) -> None:
    opened = browser.new_page()
    opened.goto((lauf.reports / f"{STICHTAG}" / "leitung" / f"{bereich}.html").as_uri())
    printed = pdf_text.pages(opened.pdf(prefer_css_page_size=True))
    opened.close()
    assert len(printed) <= BUDGET
