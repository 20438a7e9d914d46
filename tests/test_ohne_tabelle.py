"""A table that an area only shows something of costs its own figures, never the report."""

from __future__ import annotations

from typing import Any

import pytest
from hauptbuch import Lieferung, musterstadt
from kleinstadt import DATENSTAND, Stadt
from press_fixtures import bare_project
from stichprobe import probe
from test_forecast_ohne import antworten

from sozcontrol import catalogue, measures, store
from sozcontrol.disclosure import entscheiden
from sozcontrol.findings import Finding, Schwere
from sozcontrol.hochrechnung import prognosekennzahlen
from sozcontrol.measures import UNBEKANNT
from sozcontrol.present import draw
from sozcontrol.press.lauf.luecken import luecken
from sozcontrol.press.run import blocked_by

STELLVERTRETEND = {
    "operativ": {"fall", "obligo", "uvg_monat"},
    "jahresbericht": {"fall"},
    "steuerung": {"fall", "uvg_monat"},
    "finanzcontrolling": {"fall", "obligo", "gesamthaushalt"},
    "hochrechnung": {"fall", "zahlung"},
    "monitoring_jugend": {"zahlung", "buchung", "einwohner", "pflegestelle"},
    "kita_monitoring": {"einwohner", "kita_anmeldung", "buchung"},
    "monitoring_soziales": {"einwohner"},
    "kinderschutz": {"fall", "ksd_fall"},
    "asyl_bildung": {"einwohner"},
    "personal": {"fall", "personalbedarf"},
    "sozialhilfe": {"leistungsfall", "einwohner"},
    "sozialraum": {"fall", "kita"},
}
"""Those stand for all that a cell asks for, or that one Kennzahl of several joins: one of the cases
(fall, person), one of the ledger (buchung, budget and the mappings), one of each list of its own.
Reports composed of areas read their tables through their functions."""

EINE: dict[str, str] = {
    area.id: min(STELLVERTRETEND.get(area.id, area.auch), default="")
    for area in [*catalogue.bereiche().values()][1::5]
}
"""The table that some areas are tried without every time; the others are tried thoroughly."""
PAARE = [
    pytest.param(
        area.id, table, id=f"{area.id} ohne {table}",
        marks=[] if (area.id, table) in EINE.items() else [pytest.mark.thorough],
    )
    for area in catalogue.bereiche().values()
    for table in area.auch if table in STELLVERTRETEND.get(area.id, area.auch)
]  # fmt: skip
ALLE = [area.id for area in catalogue.bereiche().values() if area.auch]
ZUERST = ("operativ", "sozialhilfe", "abwicklung", "kita_monitoring", "asyl_bildung")
ALLE_ZUERST = sorted(ALLE, key=lambda id_: id_ not in ZUERST)


def kleine_stadt(projekt: Any, *ohne: str) -> Any:
    """A city of a handful of rows, without some of its tables."""
    tables = {n: t for n, t in Stadt().tables().items() if n not in ohne}
    daten: Any = Lieferung(musterstadt().stichtag, tables)
    daten.projekt, daten.datenstand, daten.manifest = projekt, DATENSTAND, {"fassung": "f" * 64}
    return daten


@pytest.fixture(scope="module")
def projekt(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return bare_project(tmp_path_factory.mktemp("ohne") / "projekt")


def gezeigt(bereich: str, daten: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(store, "open_data", lambda *_: daten)
    monkeypatch.setattr(store, "beanstandet", lambda _: {})
    monkeypatch.setattr(store, "abgelehnt", lambda *_: False)
    found = {i: o for i, o in antworten(bereich).items() if o is not None}
    if bereich in STELLVERTRETEND:
        return entschieden(found, daten.projekt)
    return {i: o.preview().html for i, o in found.items()}


def entschieden(found: dict[str, Any], projekt: Any) -> dict[str, str]:
    """Draw all outputs from one decision, as a run does.

    Previews are decided one after the other; of many areas' figures of so small a city one comes
    too late to be shown without giving away an earlier one, and says so.
    """
    asked = {i: o.antraege("probe", i) for i, o in found.items()}
    alle = [a for antraege in asked.values() for a in antraege]
    decided = entscheiden(alle, [*catalogue.editionen()])
    html = {}
    for name, output in found.items():
        released = [decided.freigegeben(a.id, "leitung") if a.fuer("leitung") else None
                    for a in asked[name]]  # fmt: skip
        drawn = draw(output, released, edition="leitung", projekt=projekt)
        html |= {name: drawn.html} if drawn is not None else {}
    return html


@pytest.mark.parametrize(("bereich", "tabelle"), PAARE)
def test_ohne_eine_verzichtbare_tabelle_laeuft_der_bericht(
    projekt, bereich: str, tabelle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    daten = kleine_stadt(projekt, tabelle)
    area = catalogue.bereich(bereich)
    assert blocked_by(area, (), daten.tabellen) == ()
    assert gezeigt(bereich, daten, monkeypatch)
    satz = luecken(area, daten, ())
    assert satz is not None
    assert f"»{catalogue.tabelle(tabelle).bezeichnung}«" in satz
    assert "nicht geliefert" in satz


@pytest.mark.parametrize("bereich", probe(ALLE_ZUERST, len(ZUERST)))
def test_ohne_jede_verzichtbare_tabelle_laeuft_der_bericht(
    projekt, bereich: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = catalogue.bereich(bereich)
    daten = kleine_stadt(projekt, *area.auch)
    assert gezeigt(bereich, daten, monkeypatch)


@pytest.mark.parametrize("bereich", ALLE)
def test_ist_alles_da_fehlt_nichts(projekt, bereich: str) -> None:
    assert luecken(catalogue.bereich(bereich), kleine_stadt(projekt), ()) is None


@pytest.mark.parametrize(
    ("regeln", "schicksal"),
    [
        pytest.param([], "nicht geliefert", id="kein Befund"),
        pytest.param(["R-I00"], "nicht geliefert", id="Datei fehlt"),
        pytest.param(["R-S02"], "fehlerhaft, nicht verwendet", id="abgelehnt"),
        pytest.param(["R-I00", "R-S02"], "fehlerhaft, nicht verwendet", id="eine von zweien"),
    ],
)
def test_abgelehnt_ist_etwas_anderes_als_nicht_geliefert(projekt, regeln, schicksal) -> None:
    found = [Finding(r, Schwere.FEHLER, "Es stimmt nicht.", tabelle="zahlung") for r in regeln]
    area = catalogue.bereich("monitoring_jugend")
    satz = luecken(area, kleine_stadt(projekt, "zahlung"), found)
    assert satz is not None
    assert satz.startswith(f"»Zahlung« ({schicksal}). Deshalb fehlen auch: Kosten je Fall; ")
    assert "und 9 weitere Kennzahlen" in satz


def test_ohne_zahlungen_gibt_es_die_fallzahlen_und_keine_kosten(monkeypatch, projekt) -> None:
    """The youth report was locked without a Zahlliste, though H01 to H15 need none."""
    voll, ohne = kleine_stadt(projekt), kleine_stadt(projekt, "zahlung")
    namen = catalogue.bereich("monitoring_jugend").kennzahlen
    da = prognosekennzahlen.vorhandene(ohne, namen)
    assert {f"H{n:02}" for n in range(1, 16)} <= set(da)
    assert set(namen) - set(da) == {
        "H16", "H16r", "H17", "H17r", "H17b", "H17c", "H17d", "H17e", "H18", "H18r", "H19", "H19r",
        "H20", "H44", "H44b",
    }  # fmt: skip
    for a, b in zip(
        prognosekennzahlen.kennzahlen(voll, da),
        prognosekennzahlen.kennzahlen(ohne, da),
        strict=True,
    ):
        assert a.frame.equals(b.frame), a.kennzahl.id
    html = gezeigt("monitoring_jugend", ohne, monkeypatch)
    assert "antwort-kosten" not in html
    assert "antwort-bewegung" in html


def test_ohne_gebiete_ist_jeder_sozialraum_unbekannt(projekt) -> None:
    rows = measures.kennzahl(kleine_stadt(projekt, "gebiet"), "H01", je=["sozialraum"]).frame
    assert set(rows["sozialraum"]) == {UNBEKANNT, "insgesamt"}
    assert len(set(rows["wert"])) == 1
