"""Outputs as declarations: plain, without a figure, drawn only from what was decided."""

from __future__ import annotations

import json
import stat
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import gezeichnet
import pandas as pd
import pytest

from sozcontrol import catalogue, present
from sozcontrol.disclosure import GEHEIM, Freigabe, entscheiden
from sozcontrol.errors import NotReleased, UsageError
from sozcontrol.hochrechnung.prognosestand import Aussage
from sozcontrol.measures import INSGESAMT, Werte
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung
from sozcontrol.present import fragment, output, plain
from sozcontrol.present.kinds import KINDS
from sozcontrol.projekt import MIME, VALUES_VARIABLE, Projekt
from sozcontrol.revision import FuerEditionen

STADT = catalogue.kommune("musterstadt")


def raeume(*anzahlen: int, merkmal: str = "Probe") -> Aufstellung:
    names = [f"Raum {k}" for k in range(len(anzahlen))]
    counts = pd.array(anzahlen, dtype="Int64")
    money = pd.Series([Decimal(n * 1000) for n in anzahlen], dtype="object")
    frame = pd.DataFrame({"sozialraum": names, "anzahl": counts, "betrag_eur": money})
    made = {"betrag_eur": ("anzahl",)}
    return Aufstellung(frame, ("sozialraum",), merkmal, ("anzahl",), made)


def bestand(zahl: int = 31) -> Werte:
    row = {"zaehler": zahl, "nenner": None, "faelle_zaehler": zahl, "faelle_nenner": None}
    frame = pd.DataFrame({k: pd.array([v], dtype="Int64") for k, v in row.items()})
    frame.insert(2, "wert", pd.Series([Decimal(zahl)], dtype="object"))
    return Werte(catalogue.kennzahl("H01"), (), frame, date(2025, 6, 30))


def drawn(one: present.Output | None, edition: str = "leitung") -> fragment.Fragment | None:
    """Decide over one output alone and draw it."""
    assert one is not None
    antraege = one.antraege("probe", "probe/zelle")
    decided = entscheiden(antraege, (edition,))
    released = [
        decided.freigegeben(a.id, edition) if a.sichtbar is None or edition in a.sichtbar else None
        for a in antraege
    ]
    return present.draw(one, released, edition=edition, projekt=Projekt(Path()))


def same_page(html: str) -> str:
    """Forget the ids: each page counts its own."""
    import re

    return re.sub(r'(id="soz-[a-z0-9-]+?)-\d+"|( \(\d+\))?"', r'\1"', html)


# ---- plain ----------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["im Lauf", None])
def test_das_notebook_traegt_keine_zahl_sondern_verweis_und_angaben(
    tmp_path, monkeypatch, folder
) -> None:
    if folder:
        monkeypatch.setenv(VALUES_VARIABLE, str(tmp_path))
    one = present.table(raeume(471147, 2), "Titel", spalten={"anzahl": ("n", "anzahl")})
    bundle = one._repr_mimebundle_()
    said = json.dumps(bundle[MIME], ensure_ascii=False)
    assert "471147" not in said and "Titel" in said and '"table"' in said
    if folder is None:
        # Outside a run nothing is written down: there is a preview instead.
        assert bundle[MIME]["verweis"] is None and "geheim gehalten" in bundle["text/html"]
        return
    assert "text/html" not in bundle and "471147" not in bundle["text/plain"]
    (path,) = tmp_path.iterdir()
    assert path.name == bundle[MIME]["verweis"]
    assert "471147" in path.read_text() and stat.S_IMODE(path.stat().st_mode) == 0o600


def test_werte_kommen_genau_so_zurueck(tmp_path) -> None:
    """To the cent, the day, and with the type that says what counts whole things."""
    frame = pd.DataFrame(
        {
            "was": pd.Series(["a", None, "insgesamt"], dtype="object"),
            "tag": pd.Series([date(2025, 6, 30), pd.NaT, datetime(2025, 1, 2)], dtype="object"),
            "eur": pd.Series([Decimal("0.10"), Decimal("1E+3"), pd.NA], dtype="object"),
            "anteil": pd.Series([0.1, float("nan"), 1e-9], dtype="object"),
            "wahr": pd.Series([True, False, None], dtype="object"),
            "n": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    tafel = Aufstellung(
        frame, ("was",), "Probe", ("n",), {"eur": ("n",), "anteil": ()}, ({"n": 1},),
        catalogue.kennzahl("H01"),
    )  # fmt: skip
    one = output.Output("table", {}, (output.Tafel(tafel, ("eur",), ("intern",)),), ("intern",))
    name = output.store_values(one, tmp_path)
    back = output.read_output(one.as_bundle(name), tmp_path)
    (read,) = back.tafeln
    assert (read.gezeigt, read.sichtbar, back.sichtbar) == (("eur",), ("intern",), ("intern",))
    again = read.tafel
    assert isinstance(again, Aufstellung)
    assert (again.je, again.merkmal, again.anzahl, again.kennzahl, again.identitaeten) == (
        tafel.je, tafel.merkmal, tafel.anzahl, tafel.kennzahl, tafel.identitaeten,
    )  # fmt: skip
    assert again.abgeleitet == tafel.abgeleitet
    assert str(again.frame["n"].dtype) == "Int64"
    assert [None if pd.isna(v) else v for v in again.frame["tag"]] == [
        date(2025, 6, 30), None, date(2025, 1, 2),
    ]  # fmt: skip
    assert [str(v) for v in again.frame["eur"][:2]] == ["0.10", "1E+3"]
    assert again.frame["anteil"][2] == 1e-9 and again.frame["anteil"][1] is None
    assert again.frame["wahr"].tolist() == [True, False, None]


OPTIONS = [
    pytest.param(STADT, id="Kommune"),
    pytest.param(date(2025, 6, 30), id="Tag"),
    pytest.param(Decimal("1.10"), id="Betrag"),
    pytest.param(Aussage("experimentell", "", ("intern",)), id="Aussage"),
    pytest.param({"a": (1, "x", None, True), "b": {"c": ("d",)}}, id="verschachtelt"),
]


@pytest.mark.parametrize("value", OPTIONS)
def test_angaben_sind_json_und_kommen_genau_so_zurueck(value: Any) -> None:
    assert plain.decode(json.loads(json.dumps(plain.encode(value)))) == value


def test_auch_was_eine_spalte_zaehlt_kommt_genau_so_zurueck() -> None:
    parts = [p for k in catalogue.kennzahlen().values() for p in (k.zaehler, k.nenner) if p]
    assert len(parts) > 80
    for part in parts:
        rechnung = Rechnung(part, date(2025, 6, 30))
        assert plain.decode(json.loads(json.dumps(plain.encode(rechnung)))) == rechnung


@pytest.mark.parametrize(
    "value", [pd.DataFrame({"a": [1]}), 3, Decimal(2), GEHEIM, 2.5, True], ids=repr
)
@pytest.mark.parametrize(
    "zeigen",
    [
        lambda v: present.table(v, "T"),
        lambda v: present.line_chart(v, "T"),
        lambda v: present.bar_chart(v, "T", x="a"),
        lambda v: present.waterfall(v, "T"),
        lambda v: present.tiles([v]),
        lambda v: present.overview([v], "T"),
        lambda v: present.beside({"a": v}, "T"),
        lambda v: present.sentence("{n}", n=v),
        lambda v: present.scenarios({"a": v}, "T", spalten={}, hinweis="", formen={}),
    ],
    ids=["table", "line", "bar", "waterfall", "tiles", "overview", "beside", "sentence", "scen"],
)
def test_was_nicht_gesagt_hat_was_es_zaehlt_wird_nicht_erklaert(zeigen: Any, value: Any) -> None:
    with pytest.raises(NotReleased):
        zeigen(value)


@pytest.mark.parametrize(
    "bundle",
    [
        {"art": "table", "angaben": {}, "verweis": "../0001.json", "sichtbar": None},
        {"art": "table", "angaben": {}, "verweis": "0002.json", "sichtbar": None},
        {"art": "exec", "angaben": {}, "verweis": "0001.json", "sichtbar": None},
        {"art": "table", "angaben": {}, "verweis": None, "sichtbar": None},
        {"art": "table"},
    ],
    ids=["anderswo", "fehlt", "unbekannte Art", "ohne", "leer"],
)
def test_ein_verweis_ins_leere_ist_keine_erklaerung(tmp_path, bundle) -> None:
    one = present.table(raeume(5), "T")
    folder = tmp_path / "werte"
    folder.mkdir()
    output.store_values(one, folder)
    (folder / "0001.json").write_text((next(folder.iterdir())).read_text())
    (tmp_path / "0001.json").write_text("[]")
    with pytest.raises((ValueError, KeyError, OSError, TypeError)):
        output.read_output(bundle, folder)


# ---- what is shown, and to whom -------------------------------------------------------------


def test_gezeichnet_wird_dasselbe_wie_aus_der_freigegebenen_tafel() -> None:
    tafel = raeume(12, 2, 1, 40)
    form = {"spalten": {"anzahl": ("Hilfen", "anzahl")}, "hinweis": ("a", "b")}
    declared = drawn(present.table(tafel, "Räume", **form))
    with fragment.page():
        direct = gezeichnet.table(Freigabe.open("leitung").aufstellung(tafel), "Räume", **form)
    assert declared is not None and same_page(declared.html) == same_page(direct.html)
    assert "geheim gehalten" in direct.html


def test_was_nicht_gezeigt_wird_steht_nur_dahinter() -> None:
    one = present.table(raeume(5, 6), "T", spalten={"betrag_eur": ("€", "anzahl")})
    chart = present.bar_chart(raeume(5, 6), "T", x="sozialraum", y="betrag_eur")
    figures = present.tiles([present.tile("T", bestand())], dahinter=[raeume(5)])
    assert [t.gezeigt for t in one.tafeln] == [("betrag_eur",)]
    assert "anzahl" not in chart.tafeln[0].gezeigt
    assert [t.gezeigt for t in figures.tafeln] == [(), ("wert",)]


def test_was_nur_dahinter_steht_schuetzt_trotzdem() -> None:
    one = present.table(raeume(12, 2), "T", spalten={"betrag_eur": ("€", "anzahl")})
    page = drawn(one)
    assert page is not None and ">2.000<" not in page.html and "geheim gehalten" in page.html


def test_auch_die_wenigsten_hinter_einer_zahl_schuetzen_sie() -> None:
    """A figure made of several counts, the smallest of which no amount beside it is made of."""
    frame = pd.DataFrame({"was": ["a", "b"], "heute_eur": [Decimal(10), Decimal(20)]})
    frame["ursache"] = [Decimal(471), Decimal(5)]
    frame = frame.astype("object").assign(
        alle=pd.array([50, 60], dtype="Int64"), wenigste=pd.array([1, 9], dtype="Int64")
    )
    behind = {"heute_eur": ("alle",), "ursache": ("alle", "wenigste")}
    tafel = Aufstellung(frame, ("was",), "Ursachen", ("alle", "wenigste"), behind)
    columns = {"heute_eur": ("heute", "anzahl"), "ursache": ("Ursache", "anzahl")}
    page = drawn(present.table(tafel, "T", spalten=columns))
    assert page is not None and "471" not in page.html and ">10<" in page.html


def test_sichtbar_ist_eine_eigenschaft_der_ausgabe() -> None:
    one = present.table(raeume(5), "T", sichtbar=["intern", "controlling"])
    assert drawn(one, "leitung") is None and drawn(one, "controlling") is not None
    assert {a.sichtbar for a in one.antraege("b", "b/c")} == {("intern", "controlling")}
    with pytest.raises(UsageError, match="leitung"):
        present.table(raeume(5), "T", sichtbar=["leitng"])


def test_jede_edition_sieht_ihre_eigene_tafel() -> None:
    spalten = catalogue.spalten("revision_prognosen")
    columns = [*spalten, "verfahren_eur", "korrekturen"]

    def tafel(was: str, reife: str) -> Aufstellung:
        row = dict.fromkeys(columns) | {"stichtag": date(2025, 4, 30), "datenstand": "x"}
        row |= {"was": was, "reife": reife}
        frame = pd.DataFrame([row], dtype="object")
        je = ("stichtag", "datenstand", "was")
        rest = {c: () for c in columns if c not in je}
        return Aufstellung(frame, je, was, abgeleitet=rest)

    one = present.revised_forecasts(
        [
            FuerEditionen(tafel("Alles", "Versuch"), ("intern", "controlling")),
            FuerEditionen(tafel("Weniges", "gilt"), ("leitung", "gremium")),
        ],
        "T",
    )
    for edition, seen in (("controlling", "Alles"), ("gremium", "Weniges")):
        page = drawn(one, edition)
        assert page is not None and [w in page.html for w in ("Alles", "Weniges")].count(True) == 1
        assert seen in page.html


def test_wozu_es_zu_frueh_ist_gibt_es_keine_ausgabe() -> None:
    from sozcontrol.hochrechnung.prognosestand import ZU_FRUEH

    assert present.forecast_table(None, "T", aussage=Aussage(None, ZU_FRUEH)) is None
    told = drawn(present.forecast_table(None, "T", aussage=Aussage(None, "Es fehlt buchung.")))
    assert told is not None and "Es fehlt buchung." in told.html


def test_steckbriefe_richten_sich_nach_der_edition() -> None:
    one = present.steckbriefe(["F01", "F05"], stichtag=date(2025, 4, 30))
    shown = {e: drawn(one, e) for e in ("leitung", "controlling")}
    assert ["F05" in (page.html if page else "") for page in shown.values()] == [False, True]
    assert all(page is not None and "F01" in page.html for page in shown.values())


@pytest.mark.parametrize(
    "kacheln",
    [lambda w: w, lambda w: [w], lambda w: (w,), lambda w: present.tile("Fallzahl", w)],
    ids=["Werte", "Liste", "Tupel", "eine Kachel"],
)
def test_eine_kachel_nimmt_was_ein_analyst_zur_hand_hat(kacheln: Any) -> None:
    """Without a title the figure's short name stands there; a list may be what is in it."""
    found = drawn(present.tiles(kacheln(bestand(31))))
    wanted = drawn(present.tiles(present.compared([bestand(31)])))
    assert found is not None and wanted is not None
    assert found.html == wanted.html
    assert ">Fallzahl<" in found.html and ">31 " in found.html


@pytest.mark.parametrize(
    "value", ["612", None, {"Bestand": bestand()}, [bestand()], (bestand(), bestand())], ids=repr
)
def test_was_keine_kachel_ist_sagt_ein_satz_wie_man_eine_macht(value: Any) -> None:
    with pytest.raises(UsageError, match="zeigt die Werte einer Kennzahl") as caught:
        drawn(present.tiles([value]))
    assert "present.tile(titel, werte)" in caught.value.tun


@pytest.mark.parametrize("name", sorted(KINDS))
def test_jede_art_heisst_im_notebook_wie_sie_gezeichnet_wird(name: str) -> None:
    assert callable(getattr(present, name))
    asked = set(KINDS[name].declared.parameters)
    assert not asked & {"edition", "projekt"}
    assert set(KINDS[name].tables) <= asked


# ---- the preview ----------------------------------------------------------------------------


def test_die_vorschau_schuetzt_wie_die_edition_leitung() -> None:
    html = present.table(raeume(12, 2, 1, 40, merkmal="Vorschau"), "T")._repr_mimebundle_()[
        "text/html"
    ]
    assert "geheim gehalten" in html and ">2<" not in html and ">40<" in html


def test_die_vorschau_sagt_wenn_eine_ausgabe_fuer_andere_ist() -> None:
    one = present.table(raeume(12, 2), "T", sichtbar=("controlling",))
    bundle = one._repr_mimebundle_()
    assert "Fassung Controlling" in bundle["text/html"] and "12" not in bundle["text/html"]


def test_eine_andere_lieferung_im_selben_kern_will_eine_neue_vorschau() -> None:
    """The same count with two values is no table of one report: nothing is shown."""
    one, other = (present.table(raeume(12, 20, n, merkmal="Wechsel"), "T") for n in (30, 31))
    assert ">30<" in one._repr_mimebundle_()["text/html"]
    with pytest.raises(NotReleased) as caught:
        other._repr_mimebundle_()
    assert "fresh_preview" in caught.value.tun
    present.fresh_preview()
    assert ">31<" in other._repr_mimebundle_()["text/html"]


def test_was_sich_nicht_entscheiden_laesst_zeigt_auch_die_vorschau_nicht(monkeypatch) -> None:
    def undecided(*_: Any) -> Any:
        raise NotReleased("geht nicht", wo="hier", tun="anders")

    monkeypatch.setattr("sozcontrol.present.preview.entscheiden", undecided)
    with pytest.raises(NotReleased):
        present.table(raeume(12), "T")._repr_mimebundle_()


# ---- decided values only --------------------------------------------------------------------


def freigegeben(edition: str = "leitung", **spalten: list[Any]) -> Any:
    """Release a table by ``was``; where ``n`` is small all its amounts are hidden."""
    frame = pd.DataFrame(spalten, dtype="object").astype({"n": "Int64"})
    rest = {c: ("n",) for c in spalten if c not in ("was", "produktgruppe", "n")}
    je = [c for c in ("was", "produktgruppe") if c in spalten]
    return Freigabe.open(edition).release(frame, je=je, anzahl="n", abgeleitet=rest)


def test_als_wesentlich_gilt_nur_was_auch_gezeigt_wird() -> None:
    """Being listed would tell that a hidden amount is large."""
    schwelle = STADT.wesentlich
    viel = schwelle.betrag_eur * 3
    data: dict[str, list[Any]] = {
        "produktgruppe": ["A", "B", "C", "D", INSGESAMT],
        "soll_eur": [Decimal(10), Decimal(10), Decimal(10), viel * 1000, Decimal(40)],
        "abweichung_eur": [viel, viel * 2, Decimal(1), viel, viel * 3],
        "n": [9, 1, 9, 9, 1],
    }
    form = {"kommune": STADT, "spalten": {"abweichung_eur": ("zu viel", "anzahl")}}
    with fragment.page() as page:
        html = gezeichnet.overruns(freigegeben(**data), "W", **form).html
    assert '<th scope="row">A</th>' in html and page.zahlen == 1
    assert '<th scope="row">B</th>' not in html, "hidden"
    assert '<th scope="row">C</th>' not in html, "below the amount"
    assert '<th scope="row">D</th>' not in html, "below the per cent"
    intern = gezeichnet.overruns(freigegeben("intern", **data), "W", **form).html
    assert intern.index(">B<") < intern.index(">A<") and INSGESAMT not in intern


def test_der_leitsatz_vertraegt_eine_geheime_abweichung_und_spanne() -> None:
    from sozcontrol.present.ausblick import lead

    row = {"hochrechnung_eur": Decimal(2_000_000), "unten_eur": GEHEIM, "oben_eur": GEHEIM,
           "wort": GEHEIM, "abweichung_eur": GEHEIM}  # fmt: skip
    said = lead({"Aufwand": row})
    assert "2,0" in said and "geheim gehalten" in said and "Spanne" not in said
    assert "geheim gehalten" in lead({"Aufwand": row | {"hochrechnung_eur": GEHEIM}})


@pytest.mark.parametrize("spalte", ["abweichung_eur", "preiseffekt_eur", "vorjahr_eur"])
def test_die_geschichte_schweigt_sobald_eine_ihrer_zahlen_geheim_ist(spalte: str) -> None:
    from sozcontrol.present.ansatzabweichung import STUFEN, story

    row = dict.fromkeys(STUFEN, Decimal(100_000)) | {
        "hilfeart": "34", "abweichung_eur": Decimal(5000), "vorjahr_eur": Decimal(90_000),
        "monate0": 10, "monate1": 12,
    }  # fmt: skip
    texte = catalogue.texte("hilfeart")
    assert "geheim" not in story(texte, row)
    said = story(texte, row | {spalte: GEHEIM})
    assert "geheim gehalten" in said and not any(c.isdigit() for c in said)


def test_monate_bleiben_in_ihrer_ordnung_auch_wenn_einer_geheim_ist() -> None:
    monate = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun"]
    frame = pd.DataFrame(
        {"produktgruppe": ["36"] * 6, "monat": monate, "ist_eur": [Decimal(n) for n in range(6)],
         "n": pd.array([9, 1, 9, 9, 1, 9], dtype="Int64")}
    )  # fmt: skip
    released = Freigabe.open("leitung").release(
        frame, je=["produktgruppe", "monat"], anzahl="n", abgeleitet={"ist_eur": ("n",)}
    )
    form = {"spalten": {"ist_eur": ("Ist", "anzahl")}}
    html = gezeichnet.table(released, "T", quer="monat", **form).html
    assert GEHEIM in released.spalte("ist_eur")
    assert [html.index(f">{m}<") for m in monate] == sorted(html.index(f">{m}<") for m in monate)
    rows = gezeichnet.table(released, "T", **form).html
    assert [rows.index(f">{m}<") for m in monate] == sorted(rows.index(f">{m}<") for m in monate)
