"""The colours of all pages, by day and by night: contrast computed from the style sheet.

axe can't decide it for single signs, drawings and what scrolls; the variables can.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

CSS = Path(__file__).parent.parent / "sozcontrol/press/seite/vorlage/seite.css"
TEXT = CSS.read_text(encoding="utf-8")
TAG, _, _REST = TEXT.partition("@media screen and (prefers-color-scheme: dark) {")
NACHT, _, REGELN = _REST.partition("\n}\n")
FARBE = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")
MODI = {"hell": dict(FARBE.findall(TAG)), "dunkel": dict(FARBE.findall(NACHT))}

FLAECHEN = {"papier", "flaeche", "akzent-flaeche"}
"""What any text may stand on: the page, a box, the row under the pointer."""
SCHRIFT = {"tinte", "leise", "akzent", "warnung", "fehler", "gut", "schlecht", "besser", "neutral"}
EIGENE = {
    "warnung-flaeche": {"tinte", "warnung", "akzent"}, "fehler-flaeche": {"tinte", "fehler"},
    "schlecht-flaeche": {"tinte", "leise", "akzent", "schlecht", "besser", "neutral"},
    "eher-tief": {"tinte"}, "tief": {"tinte"}, "eher-hoch": {"tinte"}, "hoch": {"tinte"},
    "akzent": {"auf-akzent"},
}  # fmt: skip
"""Surfaces with texts of their own."""
MARKEN = {"neutral", "schlecht", "besser", "warnung", "fokus", *(f"reihe-{n}" for n in range(1, 7))}


def kontrast(a: str, b: str) -> float:
    """Return the contrast of WCAG 2.2 between two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    dark, bright = sorted((light(a), light(b)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("modus", MODI)
def test_jede_schrift_hebt_sich_von_jeder_flaeche_ab_auf_der_sie_steht(modus: str) -> None:
    farben = MODI[modus]
    pairs = [*itertools.product(SCHRIFT, FLAECHEN)]
    pairs += [(text, ground) for ground, texts in EIGENE.items() for text in texts]
    weak = [(t, g) for t, g in pairs if kontrast(farben[t], farben[g]) < 4.5]
    assert weak == []


@pytest.mark.parametrize("modus", MODI)
def test_jede_marke_eines_bildes_hebt_sich_vom_papier_ab(modus: str) -> None:
    farben = MODI[modus]
    assert [m for m in MARKEN if kontrast(farben[m], farben["papier"]) < 3] == []


def test_beide_modi_nennen_dieselben_farben_und_regeln_nennen_nur_sie() -> None:
    assert MODI["hell"].keys() == MODI["dunkel"].keys()
    texts = {*re.findall(r"[{; ]color: var\(--([\w-]+)\)", REGELN)}
    grounds = {*re.findall(r"background: var\(--([\w-]+)\)", REGELN)}
    assert texts and texts - {"auf-akzent"} <= SCHRIFT
    assert grounds and grounds <= FLAECHEN | EIGENE.keys()
    on_screen = re.sub(r"@page \{.*?\n\}", "", REGELN, flags=re.S)
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[; ,)])", on_screen) == []
