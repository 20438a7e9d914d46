"""Every published page of every edition in a real browser: axe finds nothing, by day and night.

A picture of each at two widths lies in the folder SOZCONTROL_SEITENBILDER names, to be looked at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import Stadt
from playwright.sync_api import Browser
from test_press_browser import AXE, RULES

pytestmark = [
    pytest.mark.browser, pytest.mark.notebook, pytest.mark.thorough, pytest.mark.timeout(3600)
]  # fmt: skip

ANSICHTEN = [(1280, "light", "screen"), (390, "dark", "screen"), (320, "light", "screen"),
             (1280, "dark", "screen"), (673, "light", "print")]  # fmt: skip
"""Widths of a desk, of two telephones, and of A4 between its margins."""
GEZEIGT = {(1280, "light"), (390, "dark")}
"""Of these a picture is left."""
NICHT_GEDRUCKT = {"target-size"}
"""What asks for a pointer asks nothing of paper."""


def maengel(browser: Browser, seite: Path, bilder: Path) -> list[tuple[object, ...]]:
    """Return what axe finds on a page, view by view; leave its pictures in *bilder*."""
    found: list[tuple[object, ...]] = []
    page = browser.new_page()
    page.goto(seite.as_uri())
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width, scheme, medium in ANSICHTEN:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media=medium, color_scheme=scheme)
        view = (seite.parent.name, seite.name, width, scheme, medium)
        if medium == "screen" and page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((*view, "ragt hinaus"))
        if (width, scheme) in GEZEIGT and medium == "screen":
            name = f"{seite.parent.name}-{seite.stem}-{width}-{scheme}.png"
            page.screenshot(path=bilder / name, full_page=True)
        asked = f"axe.run({{runOnly: {RULES}, resultTypes: ['violations']}})"
        for rule in page.evaluate(asked)["violations"]:
            if medium == "screen" or rule["id"] not in NICHT_GEDRUCKT:
                places = [" ".join(map(str, node["target"])) for node in rule["nodes"][:3]]
                found.append((*view, rule["id"], *places))
    page.close()
    return found


@pytest.mark.parametrize("lieferung", ["veroeffentlicht", "jahresabschluss"])
def test_axe_findet_auf_keiner_seite_etwas(
    browser: Browser, lieferung: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core fehlt: make browser")
    stadt: Stadt = request.getfixturevalue(lieferung)
    bilder = Path(os.environ.get("SOZCONTROL_SEITENBILDER") or tmp_path) / lieferung
    bilder.mkdir(parents=True, exist_ok=True)
    projekt = stadt.projekt
    seiten = [p for root in (projekt.reports, projekt.intern) for p in sorted(root.rglob("*.html"))]
    assert {p.parent.name for p in seiten} >= {"leitung", "gremium", "intern"}
    assert [m for seite in seiten for m in maengel(browser, seite, bilder)] == []
