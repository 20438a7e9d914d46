"""A published report as PDF: a checker of PDF/UA finds nothing, and it says what its page says.

A small page is printed once for what a page may hold; the operative report for the whole way.
"""

from __future__ import annotations

import io
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import outloud
import pikepdf
import pymupdf
import pytest
from conftest import CHROMIUM, ROOT, Stadt

from sozcontrol.cli import auszugbefehl
from sozcontrol.errors import ConfigurationError, Exit, NotReleased, UsageError
from sozcontrol.press.auszug import berichtspdf, chromium
from sozcontrol.press.auszug.berichtspdf import report_pdf
from sozcontrol.press.auszug.themenauszug import Seite
from sozcontrol.press.gegenprobe.pdfprobe import demand_pdf
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.seite.seiteninhalt import Inhalt
from sozcontrol.projekt import Projekt

MONATE = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
TAG, STAND = date(2025, 6, 30), date(2025, 7, 21)
MARKE = (
    '<span class="soz-geheim"><span aria-hidden="true">•</span>'
    '<span class="soz-unsichtbar">geheim gehalten</span></span>'
)
KNAPP = '<span aria-hidden="true">▸ 4</span><span class="soz-unsichtbar">schlechter um 4</span>'
BALKEN = '<svg width="20" height="9" aria-hidden="true"><path d="M0 0H9V9H0Z"></path></svg>'
CSS = (ROOT / "sozcontrol/press/seite/vorlage/seite.css").read_text(encoding="utf-8")
SEITE = """<!doctype html><html lang="de"><head><meta charset="utf-8">
<title>Kleiner Bericht – Musterstadt</title><style>{css}</style></head>
<body><main><h1>Kleiner<br>Bericht</h1>
<p>Es laufen <strong>612 Hilfen</strong>; mehr bei der
<a href="https://www.example.org/">Stelle</a> und <a href="nachbar.html">nebenan</a>.</p>
<h2 id="zahlen">Zahlen</h2><ul><li>Erstens</li></ul>
<figure class="soz-tabelle"><table><caption>Lang</caption><thead><tr><th scope="col">Hilfeart</th>
<th scope="col">Zahl</th><th scope="col">gezeichnet</th><th scope="col">geheim</th>
<th scope="col">leer</th><th scope="col">Wirkung</th></tr></thead><tbody>{zeilen}</tbody></table>
</figure><details class="soz-daten"><summary>Daten</summary><p>Im Mai waren es 599.</p></details>
</main><footer><nav><a href="nachbar.html">Nachbar</a></nav><p>Ende</p></footer></body></html>"""
ZEILEN = "".join(
    f'<tr><th scope="row">Art {n}</th><td>{n}.001</td><td>{BALKEN}</td><td>{MARKE}</td><td></td>'
    f"<td>{KNAPP}</td></tr>"
    for n in range(1, 61)
)
KLEIN = SEITE.format(css=CSS, zeilen=ZEILEN)
"""A page with a table on two sheets: a bar, a mark, an empty cell and a sign in every row."""

needs_chromium = pytest.mark.skipif(not CHROMIUM.is_file(), reason="Chromium fehlt: make browser")

MEHR = pytest.mark.thorough


def als_seite(html: str, bereich: str = "operativ", stand: date = STAND) -> Seite:
    """Return *html* as a page that was published."""
    return Seite(bereich, "musterstadt", html, stand, False, "0" * 64, Inhalt("", (), ()))


@pytest.fixture(scope="module")
def werkbank(tmp_path_factory: pytest.TempPathFactory) -> Projekt:
    """A project without anything: a page is printed in its folder of runs."""
    projekt = Projekt(tmp_path_factory.mktemp("druck mit ü") / ("ein langer Weg " * 5))
    projekt.runs.mkdir(parents=True)
    return projekt


@pytest.fixture(scope="module")
def klein(werkbank: Projekt) -> Callable[[], bytes]:
    return cache(lambda: report_pdf(werkbank, als_seite(KLEIN), TAG, "leitung"))


def fehler(data: bytes, folder: Path) -> list[str]:
    """Return what the checker calls an error."""
    (folder / "geprueft.pdf").write_bytes(data)
    found = outloud.check(str(folder / "geprueft.pdf")).findings
    return [f"{f.rule}: {f.message}" for f in found if f.severity == "error"]


def sheets(data: bytes) -> list[str]:
    """Return the words of each sheet as a reader sees them, by a library of the tests alone."""
    with pymupdf.open(stream=data) as pdf:
        return [" ".join(page.get_text().split()) for page in pdf]


def rows(data: bytes) -> list[list[str]]:
    """Return the types of cells by row, from the tree of tags."""

    def below(node: pikepdf.Object, kind: str) -> Iterator[pikepdf.Object]:
        inside = node.get("/K", [])
        for kid in inside if isinstance(inside, pikepdf.Array) else [inside]:
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                if str(kid.S) == kind:
                    yield kid
                yield from below(kid, kind)

    with pikepdf.open(io.BytesIO(data)) as pdf:
        root = pdf.Root.StructTreeRoot
        return [[str(c.S) for c in row.K] for row in below(root, "/TR")]


@pytest.mark.parametrize(
    "edition", ["leitung", pytest.param("gremium", marks=pytest.mark.thorough)]
)
@pytest.mark.notebook
@pytest.mark.browser
@needs_chromium
def test_der_operative_bericht_ist_pdf_ua(stadt: Stadt, tmp_path: Path, edition: str) -> None:
    given = (stadt.projekt, "2025-06-30", edition, ("operativ",))
    (path,) = auszugbefehl.pdf(*given, str(tmp_path))
    data = Path(path).read_bytes()
    assert Path(path).name == f"operativ_2025-06-30_{edition}.pdf"
    assert fehler(data, tmp_path) == []
    printed = sheets(data)
    assert "Zu entscheiden" in printed[0] and "Die Teilhaushalte im Einzelnen" in printed[1]
    for n, words in enumerate(printed, start=1):
        assert f"Seite {n} von {len(printed)}" in words
        assert f"Stichtag 30. Juni 2025 · Fassung {edition.capitalize()}" in words
    assert not list(stadt.projekt.reports.rglob("*.pdf"))


@pytest.mark.browser
@needs_chromium
def test_jede_zelle_bleibt_in_ihrer_spalte_und_der_kopf_steht_auf_jedem_blatt(
    klein: Callable[[], bytes],
) -> None:
    assert rows(klein()) == [["/TH"] * 6, *[["/TH", *["/TD"] * 5]] * 60]
    printed = sheets(klein())
    assert len(printed) > 1
    assert all("Hilfeart Zahl gezeichnet geheim leer Wirkung" in words for words in printed[:2])


@pytest.mark.browser
@needs_chromium
def test_die_datei_sagt_was_sie_ist_und_nichts_von_uhr_und_rechner(
    klein: Callable[[], bytes], werkbank: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(projekt: Projekt, html: str) -> bytes:
        """Print once more, as the browser does at times: the names of cells off by one."""
        raw = chromium.printed(projekt, html)
        return re.sub(rb"node(\d{8})", lambda m: b"node%08d" % (int(m[1]) + 1), raw)

    monkeypatch.setattr(berichtspdf, "printed", other)
    assert report_pdf(werkbank, als_seite(KLEIN), TAG, "leitung") == klein()
    with pikepdf.open(io.BytesIO(klein())) as pdf:
        with pdf.open_metadata() as told:
            assert told["dc:title"] == "Kleiner Bericht – Musterstadt"
            assert told["pdfuaid:part"] == "1"
        assert pdf.Root.Lang == "de" and pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_outline() as outline:
            (top,) = outline.root
            assert (top.title, [c.title for c in top.children]) == ("Kleiner Bericht", ["Zahlen"])
        links = [link for page in pdf.pages for link in page.get("/Annots", [])]
        assert [str(link.Contents) for link in links] == ["Stelle"]
        assert str(werkbank.root).encode() not in pdf.Root.Metadata.read_bytes()
    words = " ".join(sheets(klein()))
    assert "Im Mai waren es 599." in words  # folded up on the screen
    assert "Nachbar" not in words and "Prüfsumme 000000000000" in words


@pytest.mark.parametrize("altered", [
    pytest.param(("7.001", "7.002"), id="Zahl einer Zelle", marks=MEHR),
    pytest.param((f"<td>{MARKE}</td>", "<td>3</td>"), id="Zeichen statt Zahl"),
    pytest.param(("<td>7.001</td>", f"<td>{MARKE}</td>"), id="Zahl statt Zeichen", marks=MEHR),
    pytest.param(("Art 60<", "Art 61<"), id="Kopf einer Zeile", marks=MEHR),
    pytest.param(("612 Hilfen", "613 Hilfen"), id="Zahl eines Satzes", marks=MEHR),
    pytest.param(("<h2", "<p>Davon 12 neue.</p><h2"), id="ein Satz fehlt", marks=MEHR),
    pytest.param(("Im Mai waren es 599.", ""), id="ein Satz mehr"),
    pytest.param(("<figure ", "<table><tr><td>1</td></tr></table><figure "),
                 id="Tafel fehlt", marks=MEHR),
    pytest.param(("schlechter um 4<", "besser um 4<"), id="Richtung, die man hört"),
])  # fmt: skip
@pytest.mark.browser
@needs_chromium
def test_ein_pdf_das_anderes_sagt_als_seine_seite_faellt_auf(
    klein: Callable[[], bytes], altered: tuple[str, str]
) -> None:
    assert altered[0] in KLEIN
    with pytest.raises(NotReleased) as error:
        demand_pdf(klein(), KLEIN.replace(*altered, 1), EIGENES)
    assert not any(c.isdigit() for c in str(error.value).partition("Wo:")[0])


EIGENES = [
    "Stichtag 30. Juni 2025 · Fassung Leitung",
    "PDF der veröffentlichten Seite operativ.html, Datenstand 21. Juli 2025, Prüfsumme "
    "000000000000.",
    "Kleiner Bericht – Musterstadt",
    "Musterstadt ist erfunden",
    "sozcontrol 0.1.0 2025-07-21T00:00:00Z D:20250721000000+00'00' 1",
]


def _title(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Subject"] = "geheim: 4711"


def _spoken(pdf: pikepdf.Pdf) -> None:
    pdf.Root.StructTreeRoot.K.ActualText = pikepdf.String("4711")


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _attached(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["daten.csv"] = b"geheim;4711"


def _margin(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"BT /Artifact BMC EMC ET")
    with pdf.open_outline() as outline:
        outline.root[0].title = "Geheim 4711"


def _untagged(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.StructTreeRoot


@pytest.mark.parametrize("alter", [
    _spoken,
    *(pytest.param(f, marks=MEHR) for f in (_title, _attached, _script, _margin, _untagged)),
])  # fmt: skip
@pytest.mark.browser
@needs_chromium
def test_auch_was_nicht_auf_dem_blatt_steht_wird_gelesen(
    klein: Callable[[], bytes], alter: Callable[[pikepdf.Pdf], None]
) -> None:
    demand_pdf(klein(), KLEIN, EIGENES)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(klein())) as pdf:
        alter(pdf)
        pdf.save(out)
    with pytest.raises(NotReleased):
        demand_pdf(out.getvalue(), KLEIN, EIGENES)


@pytest.mark.browser
@needs_chromium
def test_zwoelf_monate_stehen_ganz_auf_dem_blatt(werkbank: Projekt) -> None:
    """A column lost at the margin would be missing when the file is read back."""
    heads = "".join(f'<th scope="col" class="soz-zahl">{m}</th>' for m in MONATE)
    cells = "".join(f'<td class="soz-zahl">{n}.34{n} T€</td>' for n in range(10, 22))
    row = f'<th scope="row">3634</th><td>Junge Volljährige, Inobhutnahme</td>{cells}'
    html = re.sub("<thead>.*</tbody>", f"<thead><tr><th>Nr.</th><th>Bezeichnung</th>{heads}</tr>"
                  f"</thead><tbody><tr>{row}</tr></tbody>", KLEIN, flags=re.DOTALL)  # fmt: skip
    printed = sheets(report_pdf(werkbank, als_seite(html), TAG, "leitung"))
    assert "Dez" in printed[0] and "21.3421 T€" in printed[0]


@MEHR
@pytest.mark.browser
@needs_chromium
def test_eine_am_rand_abgeschnittene_tafel_wird_kein_pdf(werkbank: Projekt) -> None:
    far = f'<td class="soz-zahl">7.001{"&nbsp;" * 400}Dezember'
    wide = KLEIN.replace("<td>7.001", far, 1)
    with pytest.raises(NotReleased, match="Lang"):
        report_pdf(werkbank, als_seite(wide), TAG, "leitung")


@pytest.mark.browser
@needs_chromium
def test_beim_drucken_wird_niemand_gefragt(werkbank: Projekt) -> None:
    asked: list[str] = []

    class Lauscher(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Lauscher) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        image = f'<img src="http://127.0.0.1:{server.server_port}/bild.png" alt="Bild">'
        chromium.printed(werkbank, f"<!doctype html><title>x</title>{image}")
        server.shutdown()
    assert asked == []


def fake(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program in the browser's place."""
    program = folder / "browser"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv(chromium.VARIABLE, str(program))


def test_der_browser_bekommt_nur_was_er_braucht(
    werkbank: Projekt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", "/geheim/schluessel")
    said = tmp_path / "gesagt"
    fake(tmp_path, f'env > "{said}"; echo "$@" >> "{said}"; exit 3', monkeypatch)
    with pytest.raises(ConfigurationError, match="endete mit 3"):
        chromium.printed(werkbank, "<p>x</p>")
    told = said.read_text()
    assert "schluessel" not in told.casefold()
    assert str(Path.home()) not in [line.partition("=")[2] for line in told.splitlines()]
    assert ("--no-sandbox" in told) is (os.geteuid() == 0)
    assert "TMPDIR=.\n" in told and f"HOME={werkbank.runs}" in told
    assert f"--user-data-dir={werkbank.runs}" in told
    assert list(werkbank.runs.iterdir()) == []


def test_ein_browser_der_haengt_wird_beendet_mit_allem_was_er_begann(
    werkbank: Projekt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = tmp_path / "pid"
    fake(tmp_path, f'sleep 60 & echo $! > "{pid}"; wait', monkeypatch)
    monkeypatch.setattr(chromium, "SEKUNDEN", 1)
    with pytest.raises(ConfigurationError, match="nach 1 Sekunden"):
        chromium.printed(werkbank, "<p>x</p>")
    child = Path(f"/proc/{pid.read_text().strip()}/stat")
    with suppress(OSError):  # gone, or dead and not yet fetched
        until = time.monotonic() + 20
        while child.read_text().split()[2] != "Z":
            assert time.monotonic() < until
            time.sleep(0.05)
    assert list(werkbank.runs.iterdir()) == []


def test_ohne_browser_sagt_der_befehl_was_zu_tun_ist(
    werkbank: Projekt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError) as error:
        chromium.printed(werkbank, "<p>x</p>")
    assert error.value.exit_code == Exit.CONFIGURATION
    assert "apt install chromium" in str(error.value) and chromium.VARIABLE in str(error.value)


def test_was_ein_getoeteter_druck_zurueckliess_raeumt_der_naechste_weg(werkbank: Projekt) -> None:
    left = werkbank.runs / f"{chromium.PLATZ}999999"
    (left / "profil").mkdir(parents=True)
    with sole_run(werkbank):
        assert not left.exists()


def test_nur_veroeffentlichte_berichte_und_nie_zwischen_sie(
    werkbank: Projekt, tmp_path: Path
) -> None:
    def asked(edition: str, areas: tuple[str, ...], ziel: Path) -> None:
        [*auszugbefehl.pdf(werkbank, "2025-06-30", edition, areas, str(ziel))]

    with pytest.raises(UsageError, match="bleibt unter data"):
        asked("intern", ("operativ",), tmp_path)
    with pytest.raises(UsageError, match="von welchem Bericht"):
        asked("leitung", (), tmp_path)
    with pytest.raises(UsageError, match="nur, was veröffentlicht ist"):
        asked("leitung", ("operativ",), werkbank.reports / "2025-06-30")
    with pytest.raises(UsageError, match="Ordner gibt es nicht"):
        asked("leitung", ("operativ",), tmp_path / "nirgends")
