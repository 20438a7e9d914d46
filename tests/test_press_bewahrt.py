"""What a run keeps of its end – decision, charts, the gate's verdict – and when it asks anew."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import jinja2
import nbformat
import pandas as pd
import pytest
from jinja2 import meta
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from press_fixtures import DATENSTAND, PARAMETER, STICHTAG, bare_project, lauf, store_delivery
from stichprobe import probe

from sozcontrol import catalogue, disclosure, present, store
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.catalogue.zielbeschluss import lesen
from sozcontrol.disclosure import GEHEIM, Bewahrt, Entscheidung, entscheiden
from sozcontrol.errors import NotReleased
from sozcontrol.measures import Werte
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.present import zeichnen
from sozcontrol.present.format import effect
from sozcontrol.present.output import store_values
from sozcontrol.present.saetze import Kachel
from sozcontrol.press.ablegen import fertig
from sozcontrol.press.ablegen.modell import Ausgabe
from sozcontrol.press.gegenprobe import gegenprobe, rohseite
from sozcontrol.press.lauf import execute
from sozcontrol.press.lauf.decision import decide
from sozcontrol.press.lauf.declarations import Erklaerung, collect
from sozcontrol.press.lauf.execute import Auftrag, Ausgefuehrt
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.press.seite import bildgedaechtnis, export
from sozcontrol.projekt import MIME, Projekt
from sozcontrol.tidy.pseudonym import Pseudonymiser

ALLE = ("leitung", "intern")


def tafel(*anzahlen: int) -> Aufstellung:
    counts = pd.array(anzahlen, dtype="Int64")
    frame = pd.DataFrame({"sozialraum": [f"Raum {k}" for k in range(len(anzahlen))]})
    return Aufstellung(frame.assign(anzahl=counts), ("sozialraum",), "Probe", ("anzahl",))


def erklaert(
    folder: Path, *anzahlen: int, editionen: tuple[str, ...] = ALLE, titel: str = "Räume",
    kommentar: bool = False, dazu: tuple[present.Output, ...] = (),
) -> Erklaerung:  # fmt: skip
    """Return what a notebook declares that shows one table, and the comment where it is asked."""
    folder.mkdir()
    output = present.table(tafel(*anzahlen), titel)
    bundle = output.as_bundle(store_values(output, folder))
    for written in folder.glob("*.json"):  # numbered on in this process, from one in a kernel
        bundle["verweis"] = written.rename(folder / "0001.json").name
    cell = new_code_cell("x", id="antwort")
    cell.outputs = [new_output("display_data", data={MIME: nbformat.from_dict(bundle)})]
    if kommentar:
        said = present.commentary(STICHTAG, "monitoring_jugend")
        dazu = (said, *dazu)
    for said in dazu:
        more = said.as_bundle(store_values(said, folder))
        cell.outputs.append(new_output("display_data", data={MIME: nbformat.from_dict(more)}))
    done = Ausgefuehrt(
        Auftrag("monitoring_jugend", Path("x.ipynb"), PARAMETER), new_notebook(cells=[cell]),
        1.0, folder,
    )  # fmt: skip
    return collect(done, editionen)


@pytest.fixture(scope="module")
def gespeichert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    projekt = bare_project(tmp_path_factory.mktemp("bewahrt") / "projekt")
    store_delivery(projekt)
    return projekt.root


@pytest.fixture
def daten(gespeichert: Path, tmp_path: Path) -> Iterator[store.Daten]:
    projekt = Projekt(Path(shutil.copytree(gespeichert, tmp_path / "projekt")))
    opened = store.open_data(STICHTAG, DATENSTAND, projekt)
    yield opened
    opened.close()


@pytest.fixture
def gefragt(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often something is decided."""
    asked: list[int] = []

    def counted(*given, **named):
        asked.append(1)
        return entscheiden(*given, **named)

    monkeypatch.setattr(disclosure, "entscheiden", counted)
    return asked


def was(daten: store.Daten):
    return lauf(fassung=daten.manifest["fassung"])


def zeilen(decided: Entscheidung, edition: str) -> list[tuple]:
    return [*decided.freigegeben("monitoring_jugend/antwort/0", edition).zeilen]


def test_was_bewahrt_ist_ist_die_entscheidung(tmp_path: Path) -> None:
    one = erklaert(tmp_path / "w", 12, 1, 9, 31)
    decided = entscheiden(one.antraege, ALLE)
    kept = Bewahrt.of(decided)
    assert kept.entscheidung().tafeln == decided.tafeln
    assert Entscheidung.from_dict(kept.niederschrift()).as_dict() == decided.as_dict()
    assert [z[1] is GEHEIM for z in zeilen(kept.entscheidung(), "leitung")].count(True) == 1
    assert zeilen(kept.entscheidung(), "intern")[1] == ("Raum 1", 1)


def test_dieselbe_frage_wird_einmal_entschieden(daten, gefragt, tmp_path: Path) -> None:
    first, kept = decide(daten, was(daten), [erklaert(tmp_path / "a", 12, 1, 9)])
    again, too = decide(daten, was(daten), [erklaert(tmp_path / "b", 12, 1, 9)])
    assert len(gefragt) == 1
    assert first.tafeln == again.tafeln and kept == too
    paths = [*daten.folder.parent.glob("gerechnet/lauf/disclosure-*.json")]
    assert len(paths) == 2, "the decision, and in short what every run asks of it"
    assert all(path.stat().st_mode & 0o077 == 0 for path in paths)


def ein_anderer_wert(daten: store.Daten, folder: Path) -> Erklaerung:
    return erklaert(folder, 12, 2, 9)


def eine_edition_weniger(daten: store.Daten, folder: Path) -> Erklaerung:
    return erklaert(folder, 12, 1, 9, editionen=("leitung",))


def ein_anderer_titel(daten: store.Daten, folder: Path) -> Erklaerung:
    return erklaert(folder, 12, 1, 9, titel="Anders")


def ein_anderer_bereich(daten: store.Daten, folder: Path) -> Erklaerung:
    """Something is published of another area from the same delivery."""
    _entschieden(daten, STICHTAG, daten.manifest["fassung"])
    return erklaert(folder, 12, 1, 9)


def ein_frueherer_stichtag(daten: store.Daten, folder: Path) -> Erklaerung:
    on = date(2025, 3, 31)
    _entschieden(daten, on, "e" * 64)
    said = store.Veroeffentlichung(
        on, on, "e" * 64, "finanzcontrolling", "leitung", "0" * 64, "lauf-1",
        datetime(2025, 4, 1, tzinfo=UTC), "0.1.0",
    )  # fmt: skip
    store.veroeffentlichungen_ablegen(daten.projekt, [said])
    return erklaert(folder, 12, 1, 9)


def _entschieden(daten: store.Daten, on: date, fassung: str) -> None:
    from sozcontrol.store.entscheidungen import write

    decided = entscheiden([disclosure.Antrag("f/1", "finanzcontrolling", tafel(12, 1, 9))], ALLE)
    one = store.Entschieden("musterstadt", on, fassung, ("finanzcontrolling",), decided.as_dict())
    store.entscheidung_ablegen(daten.projekt, write(one))


@pytest.mark.parametrize(
    "aendere",
    [ein_anderer_wert, eine_edition_weniger, ein_anderer_titel, ein_anderer_bereich,
     ein_frueherer_stichtag],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_was_sich_geaendert_hat_wird_neu_entschieden(
    daten, gefragt, tmp_path: Path, aendere: Callable[[store.Daten, Path], Erklaerung]
) -> None:
    decide(daten, was(daten), [erklaert(tmp_path / "a", 12, 1, 9)])
    changed = aendere(daten, tmp_path / "b")
    kept, _ = decide(daten, was(daten), [changed])
    assert len(gefragt) == 2
    store.vergiss(daten, "disclosure")
    anew, _ = decide(daten, was(daten), [changed])
    assert len(gefragt) == 3 and kept.tafeln == anew.tafeln


@pytest.mark.parametrize("tage", [0, 1], ids=["derselbe Datenstand", "ein anderer"])
def test_neu_gelesen_gilt_was_andere_bereiche_derselben_lieferung_sperren(
    daten, tmp_path: Path, tage: int
) -> None:
    """A program that reads has changed, so the fingerprint has: the other pages still stand."""
    _entschieden(daten, STICHTAG, "e" * 64)
    said = store.Veroeffentlichung(
        STICHTAG, was(daten).datenstand - timedelta(tage), "e" * 64, "finanzcontrolling", "leitung",
        "0" * 64, "lauf-1", datetime(2025, 8, 1, tzinfo=UTC), "0.1.0",
    )  # fmt: skip
    store.veroeffentlichungen_ablegen(daten.projekt, [said])
    _, kept = decide(daten, was(daten), [erklaert(tmp_path / "a", 12, 1, 9)])
    assert ("finanzcontrolling" in kept.bereiche) == (tage == 0)
    assert kept.fassung == daten.manifest["fassung"]


def test_ein_bild_wird_ueber_laeufe_hinweg_einmal_gezeichnet(daten, monkeypatch) -> None:
    drawn: list[str] = []
    real = zeichnen._bytes
    monkeypatch.setattr(zeichnen, "_bytes", lambda f: drawn.append("x") or real(f))

    def draw(last: float, worte=None) -> bytes:
        zeichnen.BEKANNT.clear()  # another process
        with bildgedaechtnis.bilder(daten):
            return zeichnen.wasserfall([("a", 1.0, True), ("b", last, True)], "€", 0.0, worte)

    first = draw(2.0)
    assert draw(2.0) == first and len(drawn) == 1
    assert draw(3.0) != first and len(drawn) == 2
    assert draw(2.0) == first and len(drawn) == 2
    draw(2.0, effect)
    draw(2.0, effect)
    assert len(drawn) == 3, "a function is known by its name, not by its place in memory"


def test_die_gegenprobe_liest_jede_seite_und_greift_dieselben_tafeln_einmal_an(
    daten, monkeypatch
) -> None:
    attacked: list[int] = []
    read: list[str] = []
    real, tafeln = gegenprobe.demand_safe, rohseite.tafeln
    monkeypatch.setattr(
        gegenprobe, "demand_safe", lambda *pages: attacked.append(1) or real(*pages)
    )
    monkeypatch.setattr(rohseite, "tafeln", lambda html: read.append(html) or tafeln(html))
    run = replace(was(daten), geplant=lauf().geplant[:1])
    zeile = "<tr><th>A</th><td>{}</td></tr>"

    def pruefe(wert: str, text: str = "", figuren: str = "a") -> tuple[int, int]:
        table = f"<table><caption>T</caption>{zeile.format(wert)}</table>"
        html = f"<!doctype html><p>{text}</p>{table}"
        one = Ausgabe(run.geplant[0], html, 1.0, figuren=figuren)
        gegenprobe.pruefe(daten.projekt, run, [one], {}, daten)
        return len(read), len(attacked)

    assert pruefe("12") == (1, 1)
    assert pruefe("12") == (1, 1)
    assert pruefe("12", "ein Kommentar") == (2, 1)
    assert pruefe("12", "ein Kommentar", "was sie nicht nennen darf, ist ein anderes") == (3, 1)
    assert pruefe("13") == (4, 2)
    parts = {"titel": "T", "wert": "9", "ziel": "höchstens {}"}
    told = "".join(f'<p class="soz-kachel-{part}">{text}</p>' for part, text in parts.items())
    tile = f'<ul><li class="soz-kachel">{told}</li></ul>'
    assert pruefe("13", tile.format(8)) == (5, 3)
    assert pruefe("13", tile.format(7)) == (6, 3), "a goal is no figure of the delivery"


def test_was_ziel_heisst_und_keines_ist_wird_angegriffen() -> None:
    """A figure may be compared with one called so, and a table may have such a head."""
    parts = {"titel": "T", "wert": "9", "vergleich": "+3 gegenüber Ziel: 6", "ziel": "höchstens 8"}
    told = "".join(f'<p class="soz-kachel-{part}">{text}</p>' for part, text in parts.items())
    head, cells = "<tr><th>A</th><th>Ziel</th></tr>", "<tr><th>x</th><td>12</td></tr>"
    table = f"<table><caption>Kacheln</caption><thead>{head}</thead>{cells}</table>"
    html = f'{table}<ul><li class="soz-kachel">{told}</li></ul>'
    page = rohseite.Rohseite("b", "leitung", STICHTAG, DATENSTAND, html).blatt()
    read = [[c.text for row in t.zeilen for c in row] for t in page.zum_angriff(()).tafeln]
    assert read == [["x", "12"], ["T", "9", "6", "+3"]]
    assert "höchstens 8" in [c.text for t in page.tafeln for row in t.zeilen for c in row]


def _sagt(one: Erklaerung, text: str) -> Erklaerung:
    return replace(one, nb=new_notebook(cells=[*one.nb.cells, new_markdown_cell(text, id="wort")]))


def _kommentiert(daten: store.Daten, area: str, text: str = "Besprochen.") -> None:
    path = daten.projekt.kommentar(STICHTAG, area)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


AENDERUNGEN: dict[str, tuple[Callable[..., tuple[Any, Any]], int]] = {
    "nichts": (lambda d, run, one: (run, one), 0),
    "der eigene Kommentar": (
        lambda d, run, one: (_kommentiert(d, "monitoring_jugend"), (run, one))[1], 0,
    ),
    "ein Kommentar, den die Seite nicht zeigt": (
        lambda d, run, one: (_kommentiert(d, "kinderschutz"), (run, one))[1], 0,
    ),
    "eine Zahl, die sie sperrt": (
        lambda d, run, one: (run, erklaert(d.projekt.root / "w", 2, 30, 40, kommentar=True)), 1,
    ),
    "ein Wort des Notebooks": (lambda d, run, one: (run, _sagt(one, "Neu")), 1),
    "was ihr fehlt": (
        lambda d, run, one: (replace(run, luecken={"monitoring_jugend": "Es fehlt."}), one), 1,
    ),
    "für wen sie ist": (lambda d, run, one: (replace(run, arbeitsstand=True), one), 1),
}  # fmt: skip


@pytest.mark.parametrize("aenderung", AENDERUNGEN)
def test_eine_seite_wird_gemacht_wenn_etwas_auf_ihr_anders_ist(
    daten, tmp_path: Path, monkeypatch, aenderung: str
) -> None:
    drawn: list[str] = []
    real = fertig.draw_notebook
    monkeypatch.setattr(
        fertig, "draw_notebook", lambda *given: drawn.append(given[2]) or real(*given)
    )
    run = replace(was(daten), kommune=daten.kommune)
    bericht = next(b for b in run.geplant if b.bereich.id == "monitoring_jugend")

    def seite(run, one: Erklaerung) -> str:
        decided = entscheiden(one.antraege, ALLE)
        said = {bericht.bereich.id: one}
        (made,) = fertig.finish(daten, run, [bericht], said, decided, Silent())
        return made.html

    first = run, erklaert(tmp_path / "a", 1, 30, 40, kommentar=True)
    seite(*first)
    change, again = AENDERUNGEN[aenderung]
    then = change(daten, *first)
    shown = seite(*then)
    assert len(drawn) == 1 + again
    store.vergiss(daten, "press")
    assert seite(*then) == shown


@pytest.fixture
def drawn(monkeypatch) -> list[int]:
    """Gets longer with each page that is drawn."""
    found: list[int] = []
    real = fertig.draw_notebook
    monkeypatch.setattr(fertig, "draw_notebook", lambda *a: found.append(1) or real(*a))
    return found


KOMMENTARE = [
    "Nach § 6 Abs. 2 rund 5 Mio. € mehr;\nam 30. Juni z. B. *alle*.",
    "",
    "# Lage\n\n- eins\n- zwei & <b>drei</b>\n\n`§ 8 SGB`, [Beleg](https://a.de/?x=1&y=2)",
    "| a | b |\n|---|---|\n| 1 | 12 % |\n\n> zitiert\n\n<script>alert(1)</script>",
    '<p class="x">"offen\n\n</div></section>\n\n```\n§ 1 <td>\n```\n\nEnde <!-- ',
    "Kommentar des Fachamts fehlt",
    " \n\n ",
    "Zeile\r\nzwei \u202eumgekehrt\u00a0fest \\1 \\g<0> {{ resources }}",
]  # fmt: skip


@pytest.mark.parametrize("edition", ["leitung", "intern"])
def test_ein_eingesetzter_kommentar_gibt_dieselbe_seite_wie_eine_neue(
    daten, tmp_path: Path, drawn: list[int], edition: str
) -> None:
    """To the byte, whatever an office writes, and nothing is drawn for it."""
    run = replace(was(daten), kommune=daten.kommune)
    bericht = next(b for b in run.geplant if b.bereich.id == "monitoring_jugend")
    bericht = replace(bericht, edition=catalogue.edition(edition))
    one = erklaert(tmp_path / "a", 1, 30, 40, kommentar=True)
    decided = entscheiden(one.antraege, ALLE)

    def seite() -> str:
        (made,) = fertig.finish(daten, run, [bericht], {one.bereich: one}, decided, Silent())
        return made.html

    seite()
    set_in = []
    for text in KOMMENTARE:
        _kommentiert(daten, "monitoring_jugend", text)
        set_in.append(seite())
    assert len(drawn) == 1 and len(set(set_in)) > len(KOMMENTARE) - 2
    for text, shown in zip(KOMMENTARE, set_in, strict=True):
        _kommentiert(daten, "monitoring_jugend", text)
        store.vergiss(daten, "press")
        assert seite() == shown, text


ZIEL = Ziel(
    7, "T07", "weniger warten", Decimal(20), date(2025, 1, 1), Decimal(12), date(2026, 1, 1),
    Decimal(1), "niedrig", "stichtag", "Amt", "BV/1", date(2025, 1, 1), STICHTAG,
)  # fmt: skip
ZIELWERTE = ["10", "17.5", "16", "12", None, "19.96"]
"""Missed, behind, on the way, as the list says; none: the decision is withdrawn."""


def kachel(wert: str | None, ziel: Ziel = ZIEL) -> Kachel:
    """Return a tile with a goal; None: the value is one that is hidden."""
    item = catalogue.kennzahl(str(ziel.kennzahl_id))
    count = {"zaehler": 2 if wert is None else 160, "nenner": 1000}
    shown = Decimal(wert or "0.2")
    people = {f"faelle_{k}": v for k, v in count.items()}
    frame = pd.DataFrame({k: [v] for k, v in {**count, "wert": shown, **people}.items()})
    whole = dict.fromkeys([*count, *people], "Int64")
    return Kachel(None, Werte(item, (), frame.astype(whole), STICHTAG), ziel=ziel, am=STICHTAG)


def _entscheide(daten: store.Daten, zielwert: str | None) -> None:
    path = daten.projekt.zielbeschluesse
    path.parent.mkdir(parents=True, exist_ok=True)
    said = f"ziel: 7, gilt_ab: 2025-06-25, beschluss: BV/2, zielwert: {zielwert}"
    path.write_text(f"beschluesse: {[] if zielwert is None else f'[{{{said}}}]'}\n")


@pytest.mark.parametrize("wert", ["16", None], ids=["gezeigt", "geheim"])
def test_ein_eingesetztes_ziel_gibt_dieselbe_seite_wie_eine_neue(
    daten, tmp_path: Path, drawn: list[int], wert: str | None
) -> None:
    """To the byte, wherever the council wants to go; nothing is executed, decided or drawn."""
    run = replace(was(daten), kommune=daten.kommune)
    bericht = next(b for b in run.geplant if b.bereich.id == "monitoring_jugend")
    one = erklaert(tmp_path / "a", 1, 30, 40, dazu=(present.tiles([kachel(wert)]),))
    decided = entscheiden(one.antraege, ALLE)

    def seite() -> str:
        now = replace(run, beschluesse=lesen(daten.projekt.zielbeschluesse))
        (made,) = fertig.finish(daten, now, [bericht], {one.bereich: one}, decided, Silent())
        return made.html

    seite()
    set_in = []
    for target in ZIELWERTE:
        _entscheide(daten, target)
        set_in.append(seite())
    assert len(drawn) == 1 and len(set(set_in)) == len(ZIELWERTE) - 1, "12 is what the list says"
    assert {s for page in set_in for s in ("im Rückstand", "auf dem Weg", "erreicht") if s in page}
    for target, shown in zip(ZIELWERTE, set_in, strict=True):
        _entscheide(daten, target)
        store.vergiss(daten, "press")
        assert seite() == shown, target


def test_wo_ein_ziel_mitzaehlt_oder_zweimal_steht_wird_neu_gezeichnet(
    daten, tmp_path: Path, drawn: list[int]
) -> None:
    run = replace(was(daten), kommune=daten.kommune)
    bericht = next(b for b in run.geplant if b.bereich.id == "monitoring_jugend")
    tile = kachel("16")
    twice = present.tiles([tile, tile])
    counted = present.goals({"T07": tile.zahl}, "Ziele", ziele=[ZIEL], stichtag=STICHTAG)
    for n, output in enumerate((twice, counted)):
        one = erklaert(tmp_path / f"{n}", 1, 30, 40, dazu=(output,))
        decided = entscheiden(one.antraege, ALLE)
        said = {one.bereich: one}
        shown = []
        for target in ("12", "17", "17"):
            _entscheide(daten, target)
            now = replace(run, beschluesse=lesen(daten.projekt.zielbeschluesse))
            (made,) = fertig.finish(daten, now, [bericht], said, decided, Silent())
            shown.append(made.html)
        assert len(drawn) == 2 * (n + 1) and shown[0] != shown[1] == shown[2]
        assert "17,0" in shown[1]
    assert "BV/2" in shown[1] and "geändert zum 25.06.2025; laut Liste 12,0" in shown[1]


@pytest.fixture
def vorlage(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """A copy of the template that may be edited."""
    there = tmp_path / export.TEMPLATE
    shutil.copytree(export.HERE / export.TEMPLATE, there)
    for module in (export, fertig):
        monkeypatch.setattr(module, "HERE", tmp_path)
    _erinnere_nichts()
    yield there
    _erinnere_nichts()


def _erinnere_nichts() -> None:
    """Begin as a new process does: templates are read once in each."""
    for once in (export._pages, fertig._vorlage):
        once.cache_clear()


VORLAGEN: dict[str, tuple[str, str, str]] = {
    "ein Stil": ("seite.css", "", "/* <style>\n \\1 \\g<0> § 6 {{ resources.titel }} */\r\n"),
    "eine Zeile": ("bericht.html.j2", "<ul class", "<p>Nach § 6 Abs. 2</p>\n<ul class"),
    "was die Seite von sich weiß": (
        "seite.html.j2", "<body>", "<body>{{ resources | list | sort }} {{ resources.brueche }}",
    ),
    "ein Block an anderer Stelle": (
        "seite.html.j2", "{% block fuss %}{% endblock %}", "{{ self.umfang() }}",
    ),
    "wie eine Zelle aussieht": (
        "bericht.html.j2", "{{ ausgabe | safe }}", "<b>{{ zelle.art }}</b>{{ ausgabe | safe }}",
    ),
    "was von einer Seite gezeigt wird": (
        "bericht.html.j2", "{% block hauptteil %}",
        "{% block hauptteil %}{{ resources.abschnitte | length }}{{ resources.abschnitte }}",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("datei", "war", "ist"), probe(VORLAGEN.values(), 2, [*VORLAGEN]))
def test_eine_andere_vorlage_gibt_dieselbe_seite_wie_eine_neue(
    daten, tmp_path: Path, vorlage: Path, drawn: list[int], datei: str, war: str, ist: str
) -> None:
    """To the byte, also beside a new comment, and nothing is drawn for it."""
    run = replace(was(daten), kommune=daten.kommune, luecken={"monitoring_jugend": "§ 6 fehlt."})
    bericht = next(b for b in run.geplant if b.bereich.id == "monitoring_jugend")
    one = erklaert(tmp_path / "a", 1, 30, 40, kommentar=True)
    one = _sagt(one, "## Lage\n\n<b>5 €</b> & § 6 Abs. 2")
    decided = entscheiden(one.antraege, ALLE)

    def seite() -> str:
        _erinnere_nichts()
        (made,) = fertig.finish(daten, run, [bericht], {one.bereich: one}, decided, Silent())
        return made.html

    first = seite()
    before = (vorlage / datei).read_text(encoding="utf-8")
    assert war in before
    (vorlage / datei).write_text(before.replace(war, ist, 1), encoding="utf-8", newline="")
    changed = seite()
    _kommentiert(daten, "monitoring_jugend")
    shown = seite()
    assert len({first, changed, shown}) == 3 and len(drawn) == 1
    store.vergiss(daten, "press")
    assert seite() == shown


@pytest.mark.parametrize("falsch", ["{{ nb }}", "{{ resources.nie_gehoert }}", "{% if %}"])
def test_eine_vorlage_die_mehr_will_als_eine_seite_hat_gibt_keine(
    daten, tmp_path: Path, vorlage: Path, falsch: str
) -> None:
    run = replace(was(daten), kommune=daten.kommune)
    bericht = next(b for b in run.geplant if b.bereich.id == "monitoring_jugend")
    one = erklaert(tmp_path / "a", 1, 30, 40)
    given = (run, [bericht], {one.bereich: one}, entscheiden(one.antraege, ALLE), Silent())
    (kept,) = fertig.finish(daten, *given)
    shell = vorlage / "seite.html.j2"
    text = shell.read_text(encoding="utf-8")
    shell.write_text(text.replace("<body>", f"<body>{falsch}"), encoding="utf-8")
    for _ in range(2):
        _erinnere_nichts()
        with pytest.raises(jinja2.TemplateError):
            fertig.finish(daten, *given)
    shell.write_text(text, encoding="utf-8")
    _erinnere_nichts()
    (again,) = fertig.finish(daten, *given)
    assert again.html == kept.html


def test_ein_bericht_besteht_aus_den_teilen_der_vorlage_deren_bytes_sie_benennen() -> None:
    folder, found = export.HERE / export.TEMPLATE, set()
    todo = ["bericht.html.j2"]
    while todo:
        found.add(name := todo.pop())
        parsed = jinja2.Environment().parse((folder / name).read_text(encoding="utf-8"))
        todo += [n for n in meta.find_referenced_templates(parsed) if n and n not in found]
    assert found | {"seite.js"} == {*export.SHELL}


def test_ein_pseudonym_im_kommentar_wird_nicht_eingesetzt(daten, tmp_path: Path) -> None:
    run = replace(was(daten), kommune=daten.kommune)
    bericht = next(b for b in run.geplant if b.bereich.id == "monitoring_jugend")
    one = erklaert(tmp_path / "a", 1, 30, 40, kommentar=True)
    given = (run, [bericht], {one.bereich: one}, entscheiden(one.antraege, ALLE), Silent())
    fertig.finish(daten, *given)
    name = Pseudonymiser(b"k" * 32, "musterstadt").id("hilfe", "H0000001")
    _kommentiert(daten, "monitoring_jugend", f"Siehe {name}.")
    with pytest.raises(NotReleased, match="Pseudonym"):
        fertig.finish(daten, *given)


def test_was_faellt_wird_nicht_behalten(daten, monkeypatch) -> None:
    def falls(*_: object) -> None:
        raise NotReleased("x", wo="x", tun="x")

    run = was(daten)
    pages = [Ausgabe(b, "<!doctype html><table></table>", 1.0) for b in run.geplant[:1]]
    monkeypatch.setattr(gegenprobe, "demand_safe", falls)
    for _ in range(2):
        with pytest.raises(NotReleased):
            gegenprobe.pruefe(daten.projekt, run, pages, {}, daten)


class Kerne:
    """Kernels that compute until they are ended."""

    abschottung = "keine"

    def __init__(self, *_: object) -> None:
        self.ended = Event()

    def __enter__(self) -> Kerne:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.ended.set()


def test_was_nebenher_scheitert_beendet_die_kerne(daten, tmp_path: Path, monkeypatch) -> None:
    def falls() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(execute, "Kernels", Kerne)
    monkeypatch.setattr(execute, "_guarded", lambda _, around: around.kernels.ended.wait(60))
    said = {"projekt": daten.projekt, "ordner": tmp_path, "report": Silent(), "meanwhile": [falls]}
    begun = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        execute.execute_all([Auftrag("x", tmp_path / "x.ipynb", PARAMETER)], **said)
    assert time.monotonic() - begun < 50
    assert execute.execute_all([], **said) == [], "nothing runs, nothing is done meanwhile"


def test_eine_seite_ohne_bericht_wird_behalten_bis_sie_anderes_sagt_oder_anders_aussieht(
    daten, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index, the overview, the quality page: of what they say, and all templates but one."""
    vorlagen = tmp_path / "seite" / export.TEMPLATE
    vorlagen.mkdir(parents=True)
    for name in ("bericht.html.j2", "index.html.j2", "seite.css"):
        (vorlagen / name).write_text(name)
    monkeypatch.setattr(export, "HERE", vorlagen.parent)
    made: list[object] = []
    monkeypatch.setattr(
        export, "render_page", lambda _, resources: made.append(resources) or f"<p>{len(made)}</p>"
    )

    def seite(was: str = "A", wovon: str = "reports", kept: store.Daten | None = daten) -> str:
        return export.kept_page(kept, wovon, "index", {"was": was})

    assert [seite(), seite(), seite("B"), seite("B")] == [*["<p>1</p>"] * 2, *["<p>2</p>"] * 2]
    assert seite("B", "data") == "<p>3</p>" and seite("B") == "<p>2</p>", "one for each place"
    (vorlagen / "bericht.html.j2").write_text("anders")
    assert seite("B") == "<p>2</p>", "no such page is made with it"
    (vorlagen / "seite.css").write_text("anders")
    assert seite("B") == "<p>4</p>"
    assert seite("B", kept=None) == "<p>5</p>"
    for path in daten.folder.parent.glob("gerechnet/lauf/press-*-index-*.json"):
        path.write_text(path.read_text().replace("<p>4", "<p>9"))
    assert seite("B") == "<p>6</p>", "what somebody wrote into it is not shown"
