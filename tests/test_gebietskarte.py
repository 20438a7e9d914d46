"""Maps: outlines as delivered, nothing of what is hidden in them, tiles where there are none."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import gezeichnet
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from tafel import Stadt

from sozcontrol import catalogue
from sozcontrol.disclosure import Freigabe, Released
from sozcontrol.intake.geojson_file import MAX_BYTES, read_geojson
from sozcontrol.intake.rules import FileRejected
from sozcontrol.measures.gebietskarte import BREITE, HOEHE, umrisse
from sozcontrol.projekt import Projekt

STICHTAG = date(2025, 6, 30)
GEBIETE = """
    gebiet_id | typ        | name  | eltern_id | gueltig_von | gueltig_bis
    ST        | stadt      | Stadt |           | 2000-01-01  |
    S1        | sozialraum | Nord  | ST        | 2000-01-01  |
    S2        | sozialraum | Süd   | ST        | 2000-01-01  |
    S9        | sozialraum | Alt   | ST        | 2000-01-01  | 2019-12-31
    """


def flaeche(*ecken: tuple[float, float]) -> dict[str, object]:
    """Return a feature with one closed outline."""
    ring = [*map(list, ecken), list(ecken[0])]
    return {
        "type": "Feature", "properties": {"kennung": "S1", "nr": 7, "amtlich": True, "leer": None},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }  # fmt: skip


QUADRAT = flaeche((8.0, 50.0), (8.1, 50.0), (8.1, 50.1), (8.0, 50.1))


def datei(*features: object, **oben: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **oben}).encode()


def mit(geometry: object) -> dict[str, object]:
    return {**QUADRAT, "geometry": geometry}


def test_eigenschaften_werden_spalten_und_der_umriss_wird_text() -> None:
    kopf, zeile = read_geojson(datei(QUADRAT)).zellen
    assert kopf == ["kennung", "nr", "amtlich", "leer", "umriss"]
    ring = "8 50,8.1 50,8.1 50.1,8 50.1,8 50"
    assert zeile == ["S1", "7", "wahr", "", f"MULTIPOLYGON((({ring})))"]


def test_teile_und_loecher_bleiben() -> None:
    ring = [[0, 0], [9, 0], [9, 9], [0, 0]]
    inner, other = [[1, 1], [2, 1], [2, 2], [1, 1]], [[20, 20], [21, 20], [21, 21], [20, 20]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring, inner], [other]]}
    (_, (*_, wkt)) = read_geojson(datei(mit(shape))).zellen
    assert wkt == (
        "MULTIPOLYGON(((0 0,9 0,9 9,0 0),(1 1,2 1,2 2,1 1)),((20 20,21 20,21 21,20 20)))"
    )


@pytest.mark.parametrize("geometry", [
    None, {"type": "Point", "coordinates": [8, 50]}, {"type": "Polygon"}, [], "Polygon",
    {"type": "Polygon", "coordinates": []},
])  # fmt: skip
def test_was_keine_flaeche_ist_hat_keinen_umriss(geometry: object) -> None:
    *_, wkt = read_geojson(datei(mit(geometry))).zellen[1]
    assert wkt in ("", "MULTIPOLYGON(())"), "Pflichtspalte oder Prüfregel halten die Tabelle an"


def ring_mit(punkt: object) -> object:
    return {"type": "Polygon", "coordinates": [[[0, 0], punkt, [1, 1], [0, 0]]]}


@pytest.mark.parametrize(("inhalt", "satz"), [
    pytest.param(b"SQLite format 3\x00....", "kein lesbares GeoJSON", id="GeoPackage"),
    pytest.param(b"kein JSON", "kein lesbares GeoJSON", id="kein JSON"),
    pytest.param(b"\xff\xfe{}", "kein lesbares GeoJSON", id="falsche Kodierung"),
    pytest.param(b"[" * 200_000, "kein lesbares GeoJSON", id="endlos geschachtelt"),
    pytest.param(b" " * (MAX_BYTES + 1), "größer als 16 MB", id="zu groß"),
    pytest.param(b"[]", "keine Sammlung", id="Liste"),
    pytest.param(b'{"features": 3}', "keine Sammlung", id="Zahl"),
    pytest.param(datei(3), "keine Sammlung", id="kein Gebiet"),
    *(pytest.param(datei(mit(ring_mit(p))), "kein geschlossener Zug", id=repr(p))
      for p in ([1], "ab", None, ["x", 1], [float("nan"), 1], [float("inf"), 1], [10**400, 1])),
    pytest.param(datei(mit({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [2, 2]]]})),
                 "kein geschlossener Zug", id="offen"),
    pytest.param(datei(mit({"type": "Polygon", "coordinates": 7})), "kein geschlossener", id="7"),
    pytest.param(datei({**QUADRAT, "properties": {"umriss": "x"}}), "heißt »umriss«", id="Name"),
])  # fmt: skip
def test_was_keine_karte_ist_wird_ein_befund_fuer_diese_datei(inhalt: bytes, satz: str) -> None:
    with pytest.raises(FileRejected) as fault:
        read_geojson(inhalt)
    assert satz in fault.value.meldung and fault.value.tun


@pytest.mark.parametrize(("wkt", "gut"), [
    ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)))", True),
    ("MULTIPOLYGON (((0.5 -0.25, 1 0, 1 1, 0.5 -0.25), (0 0, 1 0, 1 1, 0 0)))", True),
    ("POLYGON((0 0,1 0,1 1,0 0))", False), ("MULTIPOLYGON(((0 0,1 0,0 0)))", False),
    ("MULTIPOLYGON(((0 0,1 0,1 1,0 1e9)))", False), ("MULTIPOLYGON(())", False),
    ("MULTIPOLYGON(((0 0,1 0,1.2.3 1,0 0)))", False),
])  # fmt: skip
def test_die_pruefung_laesst_nur_flaechen_durch(wkt: str, gut: bool) -> None:
    suite = json.loads((Projekt.find().expectations / "gebietsumriss.json").read_text("utf-8"))
    (rule,) = (e for e in suite["expectations"] if e["type"].endswith("match_regex"))
    assert bool(re.match(rule["kwargs"]["regex"], wkt)) is gut


def stadt(**wkt: str) -> Stadt:
    return Stadt(STICHTAG, gebiet=GEBIETE, gebietsumriss={
        "gebiet_id": [*wkt], "umriss": [f"MULTIPOLYGON((({ring})))" for ring in wkt.values()],
    })  # fmt: skip


def test_norden_ist_oben_und_frueheres_fehlt() -> None:
    found = umrisse(stadt(
        S1="8 50.1,8.2 50.1,8.2 50.2,8 50.2,8 50.1", S2="8 50,8.2 50,8.2 50.1,8 50.1,8 50",
        S9="0 0,1 0,1 1,0 0",
    ), "sozialraum")  # fmt: skip
    assert found.keys() == {"Nord", "Süd"}, "Alt gilt nicht mehr und verzerrt keinen Maßstab"
    assert found["Nord"]["y"] < found["Süd"]["y"] and found["Nord"]["x"] == found["Süd"]["x"]
    assert max(u["unten"] for u in found.values()) <= HOEHE


def test_grade_sind_in_der_mitte_der_karte_so_breit_wie_auf_der_erde() -> None:
    """At 60° north a degree of longitude is half as long as one of latitude."""
    (one,) = umrisse(stadt(S1="8 59,12 59,12 61,8 61,8 59"), "sozialraum").values()
    xs = [int(x) for x, _ in re.findall(r"(\d+) (\d+)", one["pfad"])]
    ys = [int(y) for _, y in re.findall(r"(\d+) (\d+)", one["pfad"])]
    assert max(xs) - min(xs) == pytest.approx(max(ys) - min(ys), rel=0.01)


def test_meter_bleiben_wie_sie_sind() -> None:
    ring = "400000 5500000,410000 5500000,410000 5505000,400000 5505000,400000 5500000"
    (one,) = umrisse(stadt(S1=ring), "sozialraum").values()
    assert one["pfad"] == f"M0 {BREITE // 2}L{BREITE} {BREITE // 2}L{BREITE} 0L0 0Z"


def test_ohne_tabelle_gibt_es_keine_umrisse() -> None:
    class Ohne:
        tabellen = ("gebiet",)

    assert umrisse(Ohne(), "sozialraum") == {}  # type: ignore[arg-type]


RAEUME = ["Hoch", "Mitte", "Tief", "Klein"]


def frei(anzahl: list[int], raeume: list[str] = RAEUME) -> Released:
    frame = pd.DataFrame({"sozialraum": raeume, "faelle": anzahl})
    frame["wert"] = [Decimal(n) for n in anzahl]
    return Freigabe.open("gremium").release(
        frame, je="sozialraum", anzahl="faelle", abgeleitet={"wert": "faelle"},
        kennzahl=catalogue.kennzahl("H01"),
    )  # fmt: skip


def seite(released: Released, namen: list[str]) -> BeautifulSoup:
    lage = {n: {"pfad": f"M0 {i}h9v9Z", "x": i, "y": i, "unten": 9} for i, n in enumerate(namen)}
    html = gezeichnet.area_map(released, "Fälle je Sozialraum", umrisse=lage).html
    return BeautifulSoup(html, "html.parser")


def klassen(page: BeautifulSoup) -> list[str]:
    return [path["class"][1] for path in page.select("path.soz-gebiet")]


def test_was_geheim_ist_hat_keine_stufe_auf_der_karte() -> None:
    """The smallest is hidden, and another for its sake: neither has a colour, a word or a rank."""
    page = seite(frei([90, 55, 20, 2, 1], [*RAEUME, "Winzig"]), [*RAEUME, "Winzig"])
    assert klassen(page) == ["soz-hoch", "soz-mittel", "soz-niedrig", "soz-geheim", "soz-geheim"]
    last = [row.get_text(" ") for row in page.select("tbody tr")][-2:]
    assert [text.split()[1] for text in last] == ["Klein", "Winzig"], "der Name ordnet, kein Wert"
    assert all("geheim gehalten" in text and "niedrig" not in text for text in last)
    alt = page.svg["aria-label"]
    assert alt.endswith("; niedrig: Tief 20; geheim gehalten: Klein, Winzig.")


def test_die_stufen_folgen_aus_gezeigten_zahlen_allein() -> None:
    """Were the hidden 2 the smallest, 20 to 90 in three would begin elsewhere."""
    text = seite(frei([90, 55, 20, 2, 1], [*RAEUME, "Winzig"]), []).get_text(" ")
    assert "niedrig bis 43, mittel bis 67, darüber hoch" in text


def test_wort_und_zeichen_stehen_neben_der_farbe() -> None:
    page = seite(frei([90, 55, 20], RAEUME[:3]), RAEUME[:3])
    assert [t.get_text() for t in page.select("svg text")] == ["1 ▲", "2 ○", "3 ▼"]
    assert [c.get_text() for c in page.select(".soz-stufenfeld")] == [
        "▲ hoch",
        "○ mittel",
        "▼ niedrig",
    ]


def test_ein_sozialraum_ohne_umriss_wird_genannt_und_ein_umriss_ohne_zahl_bleibt_leer() -> None:
    page = seite(frei([90, 55, 20], RAEUME[:3]), ["Hoch", "Tief", "Anderswo"])
    assert "nicht auf der Karte: Mitte." in page.get_text(" ")
    assert klassen(page) == ["soz-hoch", "soz-niedrig", "soz-ohne"]


def test_ohne_umrisse_ist_jeder_sozialraum_eine_kachel() -> None:
    page = seite(frei([90, 55, 20], RAEUME[:3]), [])
    assert len(page.select("path.soz-gebiet")) == 3 and "nicht auf der Karte" not in page.get_text()


def test_sind_alle_gleich_ist_keiner_hoch() -> None:
    assert set(klassen(seite(frei([50, 50, 50], RAEUME[:3]), RAEUME[:3]))) == {"soz-mittel"}
