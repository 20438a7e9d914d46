"""What a report's HTML holds: released outputs only, nothing that acts, nothing that fetches."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from press_fixtures import DATENSTAND, REGELN, STICHTAG, shown

from sozcontrol import catalogue
from sozcontrol.errors import NotebookFailed
from sozcontrol.findings import Finding, Schwere
from sozcontrol.press.export import Kopf, is_released, render_report
from sozcontrol.press.quality import render_quality
from sozcontrol.press.sanitise import clean

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


def code(*outputs, source: str = "rechne()", id: str = "antwort-a"):
    return new_code_cell(source, id=id, outputs=list(outputs))


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


FORBIDDEN = {"script", "iframe", "object", "embed", "link", "base", "form", "video", "image"}
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
    assert len(page.named("style")) == 1
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
            if fetched and value and not value.startswith(("data:image/", "#")):
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
        '<img src="data:image/svg+xml;base64,AAAA" alt="Linie">',
        '<div role="region" tabindex="0" aria-label="Tabelle"></div>',
        '<abbr title="Vollzeitpflege">§ 33</abbr>',
        "<details><summary>Daten</summary><p>x</p></details>",
        '<svg viewBox="0 0 10 10" role="img"><path d="M0 0L1 1" clip-path="url(#c)"></path></svg>',
        '<svg><use xlink:href="#m" x="1"></use></svg>',
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


@pytest.mark.parametrize(
    "word", ["nan", "NaN %", "inf", "-inf", "None", "NaT", "&lt;NA&gt;", "nan €"]
)
def test_ein_wort_fuer_keine_zahl_wird_nicht_veroeffentlicht(word) -> None:
    with pytest.raises(NotebookFailed) as caught:
        report(code(shown(f"<table><tr><td> {word} </td></tr></table>")))
    assert "antwort-a" in str(caught.value)


@pytest.mark.parametrize("word", ["Nancy", "Information", "–", "0", "Info: 3", "Natur"])
def test_gewoehnliche_woerter_halten_nichts_auf(word) -> None:
    assert word in report(code(shown(f"<table><tr><td>{word}</td></tr></table>"))).html


def test_die_seite_hat_sprache_titel_eine_ueberschrift_und_landmarken() -> None:
    page = Page(full().html)
    assert page.named("html") == [{"lang": "de"}]
    assert len(page.named("h1")) == 1 and len(page.named("title")) == 1
    assert [len(page.named(tag)) for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert page.tags[[t for t, _ in page.tags].index("body") + 1][1]["href"] == "#inhalt"
    (policy,) = [m for m in page.named("meta") if m.get("http-equiv")]
    assert policy["content"].startswith("default-src 'none'; img-src data:; style-src 'unsafe")


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
        assert text in html
    assert "Musterstadt ist erfunden" in html
    for link in ("../index.html", "datenqualitaet.html", "manifest.json"):
        assert f'href="{link}"' in html


def test_der_vermerk_steht_auf_jeder_internen_seite() -> None:
    note = "Nur für den Dienstgebrauch – enthält Sozialdaten (§ 35 SGB I)."
    assert note in full("intern").html
    assert note not in full("leitung").html


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


def test_auch_die_qualitaetsseite_laedt_nichts() -> None:
    assert requests_of(quality("intern").html) == []
