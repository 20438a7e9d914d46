"""What a report's HTML holds: released outputs only, nothing that acts, nothing that fetches."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import combinations, pairwise
from types import SimpleNamespace

import gezeichnet
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from press_fixtures import DATENSTAND, REGELN, STICHTAG, bare_project, lauf, shown

from sozcontrol import catalogue, present
from sozcontrol.disclosure import Entscheidung, Freigabe, entscheiden
from sozcontrol.errors import NotReleased
from sozcontrol.findings import Finding, Fundstelle, Schwere
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.present import fragment
from sozcontrol.press.ablegen.fertig import finish
from sozcontrol.press.ablegen.modell import Ausgabe
from sozcontrol.press.ablegen.publish import publish
from sozcontrol.press.lauf.declarations import Erklaert, Erklaerung
from sozcontrol.press.lauf.zweifel import read_by, zweifel
from sozcontrol.press.seite.drawing import draw_notebook
from sozcontrol.press.seite.export import (
    SKRIPT,
    Kopf,
    breaks,
    is_released,
    render_report,
    scope,
)
from sozcontrol.press.seite.freitext import Nummern, check_commentary, looks_like_pseudonym
from sozcontrol.press.seite.geheimhaltung import Geheimhaltung
from sozcontrol.press.seite.quality import _trend, render_quality
from sozcontrol.press.seite.sanitise import clean
from sozcontrol.press.seite.typografie import hold, hold_html
from sozcontrol.tidy.pseudonym import Pseudonymiser

STEPS = ("Ziel und Kennzahl", "Soll-Ist", "Ursachen", "Maßnahmen")


class Page(HTMLParser):
    """Collects what the tests ask of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append((tag, values))
        if values.get("id"):
            self.ids.append(values["id"] or "")
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [values for name, values in self.tags if name == tag]


def kopf(edition: str = "leitung", kommune: str = "musterstadt") -> Kopf:
    return Kopf(
        catalogue.kommune(kommune), catalogue.edition(edition), STICHTAG, DATENSTAND, ("operativ",)
    )


def report(*cells, edition: str = "leitung"):
    nb = new_notebook(cells=[new_markdown_cell("# Monitoring\n\nVorweg.", id="titel"), *cells])
    return render_report(nb, catalogue.bereich("monitoring_jugend"), kopf(edition))


def test_der_kopf_sagt_umfang_frist_naechsten_stichtag_und_was_fehlt() -> None:
    nb = new_notebook(cells=[new_markdown_cell("# Finanzen", id="titel")])
    dated = replace(
        kopf(), faellig=((date(2025, 9, 1), "Unterrichtung des Rates", "Rat"),),
        naechster=date(2025, 8, 31),
    )  # fmt: skip
    seite = render_report(
        nb, catalogue.bereich("finanzcontrolling"), dated, (), "»Zahlung« (nicht geliefert)."
    )
    head, _, _ = seite.html.partition('<div class="soz-bericht">')
    text = re.sub(r"<[^>]+>", " ", head).replace("\u00a0", " ")
    assert "Umfang: Teilhaushalte mit allen Konten" in " ".join(text.split())
    said = (
        "Nicht enthalten: Personal", "Fällig: Unterrichtung des Rates", "1. September 2025",
        "Nächster Stichtag", "31. August 2025", "»Zahlung« (nicht geliefert).",
    )  # fmt: skip
    assert [s for s in said if s not in text] == []


@pytest.mark.parametrize(
    ("bereich", "tag", "gesagt"),
    [
        pytest.param("asyl_bildung", date(2024, 12, 31), True, id="im Jahr davor"),
        pytest.param("asyl_bildung", date(2024, 2, 27), True, id="am Stichtag"),
        pytest.param("asyl_bildung", date(2024, 2, 26), False, id="am Tag danach"),
        pytest.param("asyl_bildung", date(2025, 2, 27), False, id="beide danach"),
        pytest.param("unterhaltsvorschuss", date(2024, 12, 31), False, id="anderes Recht"),
    ],
)
def test_ein_vergleich_ueber_eine_rechtsaenderung_ist_markiert(bereich, tag, gesagt) -> None:
    nb = new_notebook(cells=[new_markdown_cell("# Asyl", id="titel")])
    html = render_report(nb, catalogue.bereich(bereich), replace(kopf(), stichtag=tag)).html
    found = re.search(r"Bruch:</strong> Vergleiche mit dem Vorjahr gehen über (.*?)\. Ein", html)
    said = found[1].replace("\u00a0", " ") if found else ""
    assert ("AsylbLG 36 Monate (27.02.2024)" in said) is gesagt


VORMUND = "Vormundschaftsreform (01.01.2023: Mündel je VZÄ)"


@pytest.mark.parametrize(
    ("bereich", "jahr", "was", "gesagt"),
    [
        pytest.param("personal", 2023, VORMUND, True, id="steht bei seiner Zahl"),
        pytest.param("kinderschutz", 2023, VORMUND[:12], False, id="andere Zahlen der Jugendhilfe"),
        pytest.param("personal", 2024, VORMUND[:12], False, id="ein Jahr später"),
        pytest.param(
            "sozialraum", 2023, "Bürgergeld (01.01.2023: Kinder im", True, id="ohne Recht"
        ),
        pytest.param("monitoring_jugend", 2024, "Verfahrenslotsen (01.01.2024: ", True, id="§ 35a"),
        pytest.param("asyl_bildung", 2024, "Bezahlkarte (16.05.2024)", True, id="alle Reihen"),
    ],
)
def test_der_kopf_nennt_was_einzelne_zahlen_bricht(bereich, jahr, was, gesagt) -> None:
    said = breaks(catalogue.bereich(bereich), kopf().kommune, date(jahr, 12, 31)) or ""
    assert (was in said) is gesagt


@pytest.mark.parametrize("bereich", ["einwohnerprognose", "monitoring_soziales", "sozialraum"])
def test_was_das_hauptbuch_auslaesst_steht_nur_wo_es_gelesen_wird(bereich: str) -> None:
    said = scope(catalogue.bereich(bereich), kopf().kommune)
    assert said and "Personal" not in said


def code(*outputs, source: str = "rechne()", id: str = "antwort-a"):
    return new_code_cell(source, id=id, outputs=list(outputs))


ZWEIFEL = Finding(
    "R-B27", Schwere.WARNUNG, "Ein Monat <b>fehlt</b>.", "buchung", anzahl=9,
    zweifel=("buchung",), stellen=tuple(
        Fundstelle("a.csv", None, {"reihe": f"Reihe {i}", "monat": f"2025-0{i}-01"})
        for i in range(1, 9)
    ),
)  # fmt: skip
ABGLEICH = Finding(
    "R-X01", Schwere.FEHLER, "Es ist offen.", "zahlung", zweifel=("buchung",),
    stellen=(Fundstelle("a.csv", None, {"quartal": "2025-04-01"}, {"gezahlt_eur": "4711"}),),
)  # fmt: skip


def test_ein_zweifel_nennt_was_er_betrifft_und_keinen_betrag() -> None:
    other = replace(ZWEIFEL, zweifel=("zahlung",))
    monat, offen = zweifel([ZWEIFEL, other, ABGLEICH], ("buchung", "budget"))
    assert monat.startswith("Ein Monat <b>fehlt</b>. Betroffen: Reihe 1, Januar 2025; Reihe 2, ")
    assert monat.endswith("Reihe 6, Juni 2025 und 3 weitere.")
    assert offen == "Es ist offen. Betroffen: 2. Quartal 2025."
    assert zweifel([ABGLEICH], ("zahlung", "fall")) == ()


def test_der_zweifel_steht_vor_der_ersten_zahl_und_nur_einmal() -> None:
    nb = new_notebook(
        cells=[
            new_markdown_cell("## Ziel\n\nVorweg.", id="schritt-ziel"),
            code(shown("<p>Brutto 46,26</p>")),
            code(shown("<p>Netto</p>"), id="antwort-b"),
        ]
    )
    area = catalogue.bereich("finanzcontrolling")
    sentences = zweifel([ZWEIFEL, ABGLEICH], read_by(area))
    html = render_report(nb, area, kopf(), sentences).html
    assert html.index("Vorweg") < html.index("bestehen Zweifel") < html.index("Brutto 46,26")
    assert html.count("bestehen Zweifel") == 1
    assert "Ein Monat &lt;b&gt;fehlt&lt;/b&gt;." in html and "2. Quartal 2025" in html
    assert "Zweifel" not in render_report(nb, area, kopf()).html.partition("</style>")[2]


UNRELEASED = [
    pytest.param(new_output("stream", name="stdout", text="CANARY"), id="print"),
    pytest.param(new_output("stream", name="stderr", text="CANARY"), id="stderr"),
    pytest.param(
        new_output("error", ename="KeyError", evalue="CANARY", traceback=["CANARY"]), id="Fehler"
    ),
    pytest.param(
        new_output("execute_result", data={"text/html": "<table>CANARY</table>"}), id="rohe Tabelle"
    ),
    pytest.param(shown("CANARY", released=None), id="ohne Stempel"),
    pytest.param(shown("CANARY", released=False), id="Stempel verneint"),
    pytest.param(shown("CANARY", released="true"), id="Stempel als Text"),
    pytest.param(shown("CANARY", released=1), id="Stempel als Zahl"),
    pytest.param(
        new_output("display_data", data={"text/html": "CANARY"}, metadata={"sozcontrol": True}),
        id="Stempel falsch gebaut",
    ),
    pytest.param(
        new_output(
            "display_data",
            data={"text/plain": "CANARY", "image/png": "Q0FOQVJZ", "image/svg+xml": "<svg/>"},
            metadata={"sozcontrol": {"released": True}},
        ),
        id="freigegeben, aber kein HTML",
    ),
]


@pytest.mark.parametrize("output", UNRELEASED)
@pytest.mark.parametrize("edition", ["leitung", "intern"])
def test_was_nicht_freigegeben_ist_hinterlaesst_keine_spur(output, edition) -> None:
    seite = report(code(output, shown("<p>gut</p>")), edition=edition)
    assert "CANARY" not in seite.html and "Q0FOQVJZ" not in seite.html
    assert "<p>gut</p>" in seite.html


@pytest.mark.parametrize("edition", ["leitung", "intern"])
@pytest.mark.parametrize("answered", [True, False], ids=["mit Antwort", "ohne Antwort"])
def test_eine_frage_die_nur_mit_antwort_gilt_fehlt_ohne_sie_ganz(edition, answered) -> None:
    tags = {"tags": ["nur-mit-antwort"]}
    seite = report(
        new_markdown_cell("## Soll-Ist", id="schritt-b"),
        code(shown("<p>davor</p>"), id="antwort-davor"),
        new_markdown_cell("### Ausblick\n\nVersprochen.", id="frage-a", metadata=tags),
        code(source="rechne_vor()", id="antwort-vor"),
        code(*[shown("<p>Antwort</p>")] * answered, source="zeige()"),
        new_markdown_cell("### Danach", id="frage-c"),
        code(source="rechne_nach()", id="antwort-nach"),
        edition=edition,
    )
    parts = ("Ausblick", "Versprochen", "Antwort", *(["zeige()"] if edition == "intern" else []))
    assert [p in seite.html for p in parts] == [answered] * len(parts)
    assert ("rechne_vor()" in seite.html) == (answered and edition == "intern")
    assert "davor" in seite.html and "Danach" in seite.html


@pytest.mark.parametrize("prognose", [None, "September-Prognose"])
def test_der_bericht_nennt_den_namen_seiner_prognose_in_titel_und_kopf(prognose) -> None:
    head = replace(kopf(), prognose=prognose)
    html = render_report(new_notebook(), catalogue.bereich("hochrechnung"), head).html
    (title,) = re.findall("<title>(.*)</title>", html)
    assert title.startswith(
        "Hochrechnung · September-Prognose – " if prognose else "Hochrechnung – "
    )
    assert ("<dd>Operativer Bericht · September-Prognose</dd>" in html) == bool(prognose)
    assert ("<dd>Operativer Bericht</dd>" in html) != bool(prognose)


def test_weggelassene_ausgaben_werden_mit_ihrer_zelle_gezaehlt() -> None:
    stream = new_output("stream", text="x")
    seite = report(code(stream, stream), code(shown("<p>gut</p>"), id="antwort-b"))
    assert seite.verworfen == {"antwort-a": 2}


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=8) | st.integers(),
        lambda c: st.dictionaries(st.sampled_from(["released", "sozcontrol"]), c, max_size=2),
        max_leaves=5,
    )
)
def test_nur_genau_ein_stempel_oeffnet_die_tuer(metadata) -> None:
    output = {"output_type": "display_data", "data": {}, "metadata": {"sozcontrol": metadata}}
    genuine = isinstance(metadata, dict) and metadata.get("released") is True
    assert is_released(output) == genuine


@pytest.mark.parametrize(
    "edition, visible", [("leitung", False), ("gremium", False), ("controlling", True)]
)
def test_code_steht_nur_in_editionen_die_ihn_zeigen(edition, visible) -> None:
    seite = report(code(shown("<p>x</p>"), source="wert = 1 < 2 # <b>"), edition=edition)
    assert ("wert = 1 &lt; 2 # &lt;b&gt;" in seite.html) is visible
    assert ("<details" in seite.html) is visible


FORBIDDEN = {"img", "iframe", "object", "embed", "link", "base", "form", "video", "image"}
ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.de/x.js></SCRIPT>",
    '<img src=x onerror="alert(1)">',
    "<svg><script>alert(1)</script></svg>",
    '<svg onload="alert(1)"></svg>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<iframe src="https://x.de"></iframe>',
    '<object data="https://x.de"></object>',
    '<embed src="https://x.de">',
    '<link rel="stylesheet" href="https://x.de/x.css">',
    '<meta http-equiv="refresh" content="0;url=https://x.de">',
    '<base href="https://x.de/">',
    '<form action="https://x.de"><input name="a"></form>',
    '<img src="https://x.de/pixel.png">',
    '<img src="//x.de/pixel.png">',
    '<img src="data:image/png;base64,AAAA" alt="Bild, das niemand gegenliest">',
    '<img srcset="https://x.de/pixel.png 2x">',
    '<p style="background:url(https://x.de/p.png)">x</p>',
    '<style>@import "https://x.de/x.css"; p{background:url(//x.de)}</style>',
    '<svg><use href="https://x.de/x.svg#a"></use></svg>',
    '<svg><path fill="url(https://x.de/x.svg#a)"></path></svg>',
    '<svg><image href="https://x.de/x.png"></image></svg>',
    '<table background="https://x.de/p.png"><tr><td>x</td></tr></table>',
    '<video poster="https://x.de/p.png" src="https://x.de/v.mp4"></video>',
    "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_angriffe_sind_in_ausgaben_und_text_entschaerft(attack: str) -> None:
    seite = report(new_markdown_cell(attack, id="frage-a"), code(shown(attack)))
    page = Page(seite.html)
    tags = {name for name, _ in page.tags}
    assert not tags & FORBIDDEN
    assert len(page.named("style")) == len(page.named("script")) == 1
    assert re.findall(r"<script>(.*?)</script>", seite.html, re.S) == [SKRIPT]
    assert not [k for _, values in page.tags for k in values if k.startswith("on")]
    assert requests_of(seite.html) == []
    assert not [link for link in page.links if link.startswith(("javascript:", "data:text"))]


def requests_of(html: str) -> list[str]:
    """Return every address the page would fetch by itself."""
    found = []
    for tag, values in Page(html).tags:
        for name, value in values.items():
            fetched = name in (
                "src",
                "srcset",
                "data",
                "poster",
                "background",
                "action",
                "xlink:href",
            )
            fetched |= name == "href" and tag not in ("a",)
            if fetched and value and not value.startswith("#"):
                found.append(value)
            found += re.findall(r"url\(\s*['\"]?(?!#)([^)]*)", value or "")
    for css in re.findall(r"<style>(.*?)</style>", html, re.S):
        found += re.findall(r"@import[^;]*|url\(\s*['\"]?(?!#|data:)[^)]*", css)
    return found


@pytest.mark.parametrize(
    "kept",
    [
        '<table class="soz-tabelle"><caption>A</caption>'
        '<thead><tr><th scope="col">a</th></tr></thead>'
        '<tbody><tr><th scope="row">b</th><td class="soz-zahl">1</td></tr></tbody></table>',
        '<figure class="soz-abbildung" role="group" aria-labelledby="x"></figure>',
        '<div role="region" tabindex="0" aria-label="Tabelle"></div>',
        '<abbr title="Vollzeitpflege">§ 33</abbr>',
        "<details><summary>Daten</summary><p>x</p></details>",
        '<svg viewBox="0 0 10 10" role="img"><path d="M0 0L1 1" clip-path="url(#c)"></path></svg>',
        '<svg><use href="#m" x="1"></use></svg>',
    ],
)
def test_was_berichte_brauchen_bleibt_stehen(kept: str) -> None:
    assert clean(kept) == kept


def full(edition: str = "leitung"):
    cells = []
    for number, step in enumerate(STEPS):
        cells.append(new_markdown_cell(f"## {step}\n\n#### Frage & mehr", id=f"schritt-{number}"))
        cells.append(code(shown(f"<p>Antwort {number}</p>"), id=f"antwort-{number}"))
    return report(*cells, edition=edition)


def test_die_seite_hat_sprache_titel_eine_ueberschrift_und_landmarken() -> None:
    page = Page(full().html)
    assert page.named("html") == [{"lang": "de"}]
    assert len(page.named("h1")) == 1 and len(page.named("title")) == 1
    assert [len(page.named(tag)) for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert page.tags[[t for t, _ in page.tags].index("body") + 1][1]["href"] == "#inhalt"
    (policy,) = [m for m in page.named("meta") if m.get("http-equiv")]
    assert policy["content"].startswith("default-src 'none'; style-src 'unsafe")


def test_das_verzeichnis_fuehrt_zu_den_vier_schritten() -> None:
    seite = full()
    page = Page(seite.html)
    assert re.findall(r'<li><a href="#(schritt-\d)">([^<]+)</a>', seite.html) == [
        (f"schritt-{n}", step) for n, step in enumerate(STEPS)
    ]
    anchors = {link[1:] for link in page.links if link.startswith("#")}
    assert anchors <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)


def test_jede_antwort_hat_ihren_anker() -> None:
    assert {f"antwort-{n}" for n in range(4)} <= set(Page(full().html).ids)


@given(st.lists(st.integers(1, 6), max_size=8))
def test_ueberschriften_springen_nie(levels) -> None:
    text = "\n\n".join(f"{'#' * level} Titel" for level in levels)
    seite = report(new_markdown_cell(text, id="frage-a"))
    found = [int(t[1]) for t, _ in Page(seite.html).tags if re.fullmatch("h[1-6]", t)]
    assert found.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(found))


def test_kopf_und_fuss_nennen_stand_edition_und_herkunft() -> None:
    html = full().html
    for text in ("30. Juni 2025", "15. Juli 2025", "Fassung Leitung", "Operativer Bericht"):
        assert text in html.replace("\u00a0", " ")
    assert "Musterstadt ist erfunden" in html
    for link in ("../index.html", "datenqualitaet.html", "manifest.json"):
        assert f'href="{link}"' in html


def test_der_vermerk_steht_auf_jeder_internen_seite() -> None:
    note = "Nur für den Dienstgebrauch – enthält Sozialdaten (§ 35 SGB I)."
    assert note in full("intern").html.replace("\u00a0", " ")
    assert note not in full("leitung").html.replace("\u00a0", " ")


def test_zwei_ausgaben_sind_bytegleich_und_ohne_uhr_und_pfad() -> None:
    first, second = full("intern").html, full("intern").html
    assert first == second
    assert not re.search(r"\d\d:\d\d", first)
    assert "/home" not in first and "/work" not in first and "/tmp" not in first


BEFUNDE = [
    Finding("R-F01", Schwere.FEHLER, "Beginn fehlt.", "fall", anzahl=2),
    Finding("R-F05", Schwere.WARNUNG, "Ende vor <b>Beginn</b>.", "fall", anzahl=1400),
    Finding("R-I06", Schwere.HINWEIS, "Unbekannte Spalte.", None, anzahl=7),
]
GESTERN = (STICHTAG.replace(month=4), STICHTAG.replace(month=5))


def quality(edition: str, findings=BEFUNDE, history=None, gesperrt=()):
    history = {GESTERN: {("R-F05", "fall"): 900}} if history is None else history
    return render_quality(findings, history, kopf(edition), regeln=REGELN, gesperrt=gesperrt)


@pytest.mark.parametrize(
    "werte, wort",
    [([3], ""), ([3, 3], "unverändert"), ([0, 2], "neu"), ([2, 5], "mehr"), ([5, 2], "weniger"),
     ([5, 0], "weniger"), ([2, None], ""), ([None, 2], ""), ([None, 3, 4], "mehr")],
)  # fmt: skip
def test_ein_trend_verraet_keine_geheime_anzahl(werte: list[int | None], wort: str) -> None:
    """A word beside a withheld count would tell whether it is more or less than a shown one."""
    assert _trend(werte) == wort


def test_die_qualitaetsseite_zeigt_regel_stufe_anzahl_und_trend() -> None:
    html = quality("controlling", gesperrt=["monitoring_jugend"]).html
    row = re.search(r"<tr><th scope=\"row\">R-F05</th>.*?</tr>", html, re.S).group()
    assert "Warnung" in row and ">900<" in row and ">1.400<" in row and "mehr" in row
    assert "Ende vor &lt;b&gt;Beginn&lt;/b&gt;." in row
    assert "Gesperrt: Monitoring Jugend." in html
    assert [m.start() for m in re.finditer("R-F01|R-F05|R-I06", html)] == sorted(
        html.index(r) for r in ("R-F01", "R-F05", "R-I06")
    )


@pytest.mark.parametrize(
    "edition, n, visible",
    [
        pytest.param("controlling", 2, False, id="2 unter Schwelle 3"),
        pytest.param("controlling", 3, True, id="3 an Schwelle 3"),
        pytest.param("gremium", 4, False, id="4 unter Schwelle 5"),
        pytest.param("intern", 2, True, id="intern zeigt alles"),
    ],
)
def test_kleine_anzahlen_von_befunden_gehen_durch_die_tuer(edition, n, visible) -> None:
    found = quality(edition, [Finding("R-F01", Schwere.FEHLER, "Beginn fehlt.", "fall", anzahl=n)])
    row = re.search(r"<tr><th scope=\"row\">R-F01</th>.*?</tr>", found.html, re.S).group()
    assert (f">{n}<" in row) is visible
    assert ("geheim gehalten" in row) is not visible
    assert found.befunde[0]["anzahl"] == (n if visible else "geheim")


@pytest.mark.parametrize("edition", ["intern", "gremium"])
def test_eine_anzahl_im_satz_eines_befunds_kommt_nicht_an_der_tuer_vorbei(edition) -> None:
    found = [
        Finding("R-I06", Schwere.HINWEIS, "WJH.csv: 2 Spalten unbekannt.", "fall", anzahl=2),
        Finding("R-X99", Schwere.HINWEIS, "2 Zeilen ohne Regel im Verzeichnis.", "fall", anzahl=2),
    ]
    html = quality(edition, found).html
    assert "2 Spalten" not in html and "WJH.csv" not in html and "2 Zeilen" not in html
    assert "Alle Spalten sind bekannt." in html
    assert "Prüfseite im Haus" in html


def test_tabellen_in_markdown_haben_kopfzellen_und_rollen_in_ihrem_bereich() -> None:
    text = "| Jahr | Fälle |\n|---|---:|\n| 2024 | 7 |"
    seite = report(new_markdown_cell(text, id="frage-a"))
    assert '<th scope="col">Jahr</th>' in seite.html
    assert '<td class="soz-zahl">7</td>' in seite.html
    assert 'role="region" tabindex="0" aria-label="Tabelle 1"' in seite.html


def test_ohne_befunde_sagt_die_seite_das() -> None:
    html = quality("leitung", []).html
    assert "Alle Prüfregeln waren erfüllt." in html and "<table" not in html
    assert "<h1>Kein Bereich ist gesperrt: keine Regel fiel auf.</h1>" in html


def test_die_qualitaetsseite_beginnt_mit_dem_was_sie_sagt() -> None:
    said = "Ein Bereich ist gesperrt: 1 Fehler, 1 Warnung, 1 Hinweis."
    assert f"<h1>{said}</h1>" in quality("leitung", gesperrt=["monitoring_jugend"]).html


def test_zwei_fristen_sagen_wovon_sie_sind() -> None:
    """»fällig« twice in a head, on two days, leaves open what is due when."""
    duties = ((date(2026, 3, 2), "Unterrichtung", "Rat"), (date(2026, 3, 31), "Bericht", "Jahr"))
    output = shown("<p>Text.</p>")
    output.metadata["sozcontrol"]["schlagzeile"] = "611 fehlen."
    said = code(output)
    nb = new_notebook(cells=[new_markdown_cell("# F", id="titel"), said])
    for faellig, heard in ((duties, 2), (duties[:1], 0)):
        area = catalogue.bereich("finanzcontrolling")
        html = render_report(nb, area, replace(kopf(), faellig=faellig)).html
        seen = re.sub(r'<span class="soz-unsichtbar">.*?</span>', "", html)
        found = re.findall(r"<dt>(.*?) ?fällig</dt><dd>([\d.]+)</dd>", seen)
        assert [day for _, day in found] == [f"{day:%d.%m.%Y}" for day, *_ in faellig]
        assert [what for what, _ in found if what] == [kurz for *_, kurz in faellig][:heard]


# ---- the quality page and its manifest, attacked ---------------------------------------------

VIELE = {"R-F01": 2, "R-F05": 1400, "R-I06": 1, "R-F07": 90_000, "R-F08": 700_000}


@pytest.mark.parametrize("edition", ["controlling", "leitung", "gremium"])
def test_aus_qualitaetsseite_und_manifest_laesst_sich_keine_anzahl_abziehen(
    edition, tmp_path
) -> None:
    """No number anywhere that adds a hidden count to shown ones: nothing to subtract from."""
    found = tuple(Finding(r, Schwere.WARNUNG, "Satz.", "fall", anzahl=n) for r, n in VIELE.items())
    earlier = {GESTERN: {(r, "fall"): 10_000_000 + 17 * n for r, n in VIELE.items()}}
    projekt = bare_project(tmp_path)
    run = lauf(editionen=(edition,), findings=found, history=earlier)
    publish(projekt, run, [])
    folder = projekt.reports / "2025-06-30" / edition
    record = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del record["zeiten_s"], record["eingaben"], record["sozcontrol"], record["python"]
    seen = numbers_in((folder / "datenqualitaet.html").read_text(encoding="utf-8"))
    seen |= {n for n in leaves(record) if isinstance(n, int)}
    hidden = {n for n in VIELE.values() if n < catalogue.edition(edition).schwelle}
    assert len(hidden) == 2 and {1400, 90_000, 700_000} <= seen
    for size in range(1, len(VIELE) + 1):
        for chosen in combinations(VIELE.values(), size):
            if size > 1 and hidden & set(chosen):
                assert sum(chosen) not in seen - {3}, chosen
    # 3 = 2 + 1 may stand there as a number of rules, never as a number of findings.
    assert 3 not in {b["anzahl"] for b in record["befunde"]}


def numbers_in(html: str) -> set[int]:
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S)
    return {int(n.replace(".", "")) for n in re.findall(r"\b\d{1,3}(?:\.\d{3})+\b|\b\d+\b", words)}


def leaves(data) -> list:
    if isinstance(data, dict):
        return [x for v in data.values() for x in leaves(v)]
    return [x for v in data for x in leaves(v)] if isinstance(data, list) else [data]


# ---- how much is hidden ----------------------------------------------------------------------


def tafel(*anzahlen: int | None) -> Aufstellung:
    """Return a table of counts; what is below three is hidden from leadership."""
    raeume = [f"Raum {k}" for k in range(len(anzahlen))]
    counts = pd.array(anzahlen, dtype="Int64")
    frame = pd.DataFrame({"sozialraum": raeume, "anzahl": counts})
    return Aufstellung(frame, ("sozialraum",), f"Probe {anzahlen}", ("anzahl",))


def erklaert(**tafeln: Aufstellung) -> tuple[Erklaerung, Entscheidung]:
    """Return what a notebook declares that shows *tafeln* by title, and the decision over it."""
    outputs = [(f"antwort-{n}", present.table(t, n)) for n, t in tafeln.items()]
    found = [
        Erklaert(
            cell,
            o,
            tuple(replace(a, sichtbar=("leitung", "intern")) for a in o.antraege("x", cell)),
        )
        for cell, o in outputs
    ]
    nb = new_notebook(cells=[code(source="x", id=cell) for cell, _ in outputs])
    one = Erklaerung("monitoring_jugend", nb, lambda: (tuple(found), {}), 1.0)
    return one, entscheiden(one.antraege, ("leitung", "intern"))


def test_das_manifest_zaehlt_gesperrte_zahlen_und_ganz_gesperrte_tabellen(tmp_path) -> None:
    one, decided = erklaert(Teils=tafel(12, 1, 2, None), Ganz=tafel(1, 2))
    drawn = draw_notebook(one, decided, "leitung", bare_project(tmp_path / "p"))
    geheim = Geheimhaltung.of(drawn.page)
    expected = {"zahlen": 5, "geheim": 4, "ganz_gesperrte_tabellen": ["Ganz"]}
    assert geheim.as_dict() == expected
    projekt, run = bare_project(tmp_path / "q"), lauf(editionen=("leitung",))
    first, *_ = run.geplant
    publish(projekt, run, [Ausgabe(first, "<p>", 1.0, geheim=geheim)])
    record = json.loads(
        (projekt.reports / "2025-06-30" / "leitung" / "manifest.json").read_text(encoding="utf-8")
    )
    assert record["berichte"][first.bereich.id]["geheimhaltung"] == expected


def test_auch_kacheln_werden_gezaehlt_und_nichts_ist_keine_zahl() -> None:
    released = [
        Freigabe.open("leitung").release(
            pd.DataFrame({"wert": pd.array([n], dtype="Int64")}), je=(), anzahl="wert"
        )
        for n in (1, 12, None)
    ]
    with fragment.page() as page:
        gezeichnet.tiles([gezeichnet.tile("T", r) for r in released])
    assert (page.zahlen, page.geheim, page.ganz) == (2, 1, [])


def test_der_lauf_warnt_vor_ganz_gesperrten_tabellen(tmp_path) -> None:
    said: list[str] = []
    planned = lauf(editionen=("leitung",))
    one, decided = erklaert(Ganz=tafel(1, 2), Teils=tafel(1, 2, 7))
    report = SimpleNamespace(warn=said.append)
    daten = SimpleNamespace(projekt=bare_project(tmp_path))
    bericht = planned.geplant[0]
    (made,) = finish(daten, planned, [bericht], {bericht.bereich.id: one}, decided, report)
    assert made.geheim.geheim == 4
    assert said == [f"{planned.geplant[0].name}: ganz gesperrt ist »Ganz«."]


# ---- free text -------------------------------------------------------------------------------

PSEUDONYM = Pseudonymiser(b"k" * 32, "musterstadt").id("hilfe", "H0000001")


def test_ein_pseudonym_im_text_haelt_den_bericht_an_und_wird_nicht_genannt() -> None:
    places = {
        "frage-a": new_markdown_cell(f"Siehe Fall {PSEUDONYM}.", id="frage-a"),
        "antwort-b": code(shown(f"<table><caption>{PSEUDONYM}</caption></table>"), id="antwort-b"),
        "antwort-c": code(shown(f'<svg aria-label="Fall {PSEUDONYM}"></svg>'), id="antwort-c"),
        "antwort-d": code(shown(f"<svg><text>{PSEUDONYM}</text></svg>"), id="antwort-d"),
    }
    for id, cell in places.items():
        with pytest.raises(NotReleased) as caught:
            report(cell)
        assert f"Zelle »{id}«" in caught.value.wo and "monitoring_jugend" in caught.value.wo
        assert PSEUDONYM not in str(caught.value)


def test_ein_pseudonym_im_code_stoert_nur_wo_code_gezeigt_wird() -> None:
    cell = code(shown("<p>x</p>"), source=f'fall = "{PSEUDONYM}"')
    report(cell, edition="leitung")
    with pytest.raises(NotReleased):
        report(cell, edition="controlling")


@given(st.binary(min_size=32, max_size=32), st.text(max_size=12))
@settings(max_examples=300)
def test_so_gut_wie_jedes_pseudonym_wird_erkannt(key, text) -> None:
    found = Pseudonymiser(key, "stadt").id("person", text)
    # One in sixty has no digit; of those, one in twenty may pass for a word.
    assert looks_like_pseudonym(f"Fall {found}.") or not any(c.isdigit() for c in found)


@pytest.mark.parametrize(
    "text",
    [
        "jugendhilfeausschuss", "kindertagesbetreuung", "sozialhilfetraegerin",
        "inanspruchnahmequote", "unterhaltsvorschuss", "berichtspflichtigkeit",
        "amtsvormundschaften und haushaltskonsolidierung", "7f39fe384977",
        "a3f1c2d4e5b6a7f8c9d0a3f1c2d4e5b6a7f8c9d0a3f1c2d4e5b6a7f8c9d0abcd", "soz-hilfen-je-1-000",
    ],
)  # fmt: skip
def test_deutsche_woerter_und_pruefsummen_halten_nichts_auf(text) -> None:
    assert not looks_like_pseudonym(text)
    assert text in report(new_markdown_cell(text, id="frage-a")).html


@pytest.mark.parametrize(
    "line, kind",
    [
        (f"Bei {PSEUDONYM} dauert es.", "Pseudonym"),
        ("Hilfe H0000001 endet.", "Nummer"),
        ("Person (00004753) zieht um.", "Nummer"),
        ("Familie »F000342«, siehe Akte.", "Nummer"),
    ],
)
def test_ein_kommentar_nennt_keine_nummer_eines_falls(tmp_path, line, kind) -> None:
    path = tmp_path / "2025-06-30" / "monitoring_jugend.md"
    path.parent.mkdir()
    path.write_text(f"Die Fallzahl steigt.\n\n{line}\n", encoding="utf-8")
    with pytest.raises(NotReleased) as caught:
        check_commentary(path, catalogue.kommune("musterstadt").profile)
    assert caught.value.wo == f"{path}, Zeile 3"
    assert kind in caught.value.was
    assert not any(
        word in str(caught.value) for word in line.split() if any(map(str.isdigit, word))
    )


@pytest.mark.parametrize(
    "line",
    [
        "Der Ansatz steigt um 1.234.567 € auf 12345678 Euro.", "Am 30.06.2025 liefen 604 Hilfen.",
        "Nach § 27 Abs. 2 SGB VIII, Produkt 363100, Konto 53310000, siehe SR10 und P301.",
        "Der Jugendhilfeausschuss berät im III. Quartal, Telefon 0201 12345.",
    ],
)  # fmt: skip
def test_ein_gewoehnlicher_kommentar_wird_angenommen(tmp_path, line) -> None:
    path = tmp_path / "2025-06-30" / "a.md"
    path.parent.mkdir()
    path.write_text(line, encoding="utf-8")
    check_commentary(path, catalogue.kommune("musterstadt").profile)
    check_commentary(tmp_path / "2025-06-30" / "fehlt.md", ())


def test_die_laenge_einer_nummer_reicht_wo_das_profil_kein_muster_hat() -> None:
    assert not Nummern((), frozenset()).found("H0000001")
    assert Nummern((re.compile(r"\d\d-\d{6}-\S+"),), frozenset()).found("Akte 51-000342-33.")


# ---- lines that must not break ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text, held",
    [
        ("§ 6b SGB II", "§~6b SGB~II"),
        ("§§ 27 ff. SGB VIII", "§§~27~ff. SGB~VIII"),
        ("§ 27 Abs. 2 Satz 1 Nr. 3", "§~27~Abs.~2~Satz~1~Nr.~3"),
        ("bis 30. Juni um 5 % auf 12 T€, 3 Mio. €", "bis 30.~Juni um 5~% auf 12~T€, 3~Mio.~€"),
        ("z. B. d. h. i. V. m.", "z.~B. d.~h. i.~V.~m."),
        ("Am 3 Tag, Seite 4 von 5, die Nr. fehlt", "Am 3 Tag, Seite 4 von 5, die Nr. fehlt"),
    ],
)  # fmt: skip
def test_paragraf_und_einheit_bleiben_bei_ihrer_zahl(text, held) -> None:
    assert hold(text) == held.replace("~", "\u00a0")
    assert hold(hold(text)) == hold(text)


def test_gehalten_wird_der_text_und_nicht_der_code() -> None:
    html = '<p title="§ 6b a > b">§ 6b</p><pre>§ 6b</pre><style>a{content:"§ 6b"}</style><b>5 %</b>'
    assert hold_html(html) == html.replace(">§ 6b</p>", ">§\u00a06b</p>").replace("5 %", "5\u00a0%")


def test_bericht_und_seiten_halten_ihre_zitate_zusammen() -> None:
    seite = report(
        new_markdown_cell("Nach § 6b.", id="frage-a"),
        code(shown("<p>nach § 27</p>")),
        edition="intern",
    )
    for text in ("§\u00a06b", "§\u00a027", "(§\u00a035 SGB\u00a0I)"):
        assert text in seite.html


def test_auch_die_qualitaetsseite_laedt_nichts() -> None:
    assert requests_of(quality("intern").html) == []
