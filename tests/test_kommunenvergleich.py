"""Comparisons of Musterstadt: every figure counted again from the raw files, in plain pandas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median

import ibis
import pandas as pd
import pytest
from kleinstadt import als_tabelle
from monatsdateien import Daten, liefere

from sozcontrol import catalogue, measures
from sozcontrol.catalogue.kommunalvergleich import definition_of
from sozcontrol.measures import kommunen

STICHTAG = date(2025, 6, 30)
EIGEN = "00001000"
NAMEN = {"Musterstadt": EIGEN, "Altenau": "00002000", "Bergfurt": "00003000",
         "Hafenwerth": "00004000", "Neuenrode": "00005000", "Kreis Talgau": "00006000"}  # fmt: skip
Punkte = dict[str, Fraction]


@pytest.fixture(scope="module")
def lieferung(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Daten]:
    return liefere(
        tmp_path_factory.mktemp("vergleich"), STICHTAG, ("musterstadt_vergleich", "austausch")
    )


def eine(ordner: Path, name: str) -> Path:
    (found,) = ordner.glob(f"{name}_*")
    return found


def ring(ordner: Path, kennzahl: str) -> dict[str, tuple[Fraction, Fraction]]:
    """Return value and base of 2024 from the workbook, of those that may be compared."""
    frame = pd.read_excel(
        eine(ordner, "Vergleichsring"),
        skiprows=2,
        dtype=str,
        engine="openpyxl",
        keep_default_na=False,
    )
    frame = frame[(frame["Kennzahl"] == kennzahl) & (frame["Jahr"] == "2024")]
    frame = frame[(frame["vergleichbar"] == "ja") & (frame["Wert"] != "k. A.")]
    return {
        NAMEN[k]: (Fraction(w), Fraction(n))
        for k, w, n in zip(frame["Kommune"], frame["Wert"], frame["Nenner"], strict=True)
    }


def roh(ordner: Path, nummer: str, kopf: int) -> pd.DataFrame:
    frame = pd.read_csv(
        eine(ordner, nummer), sep=";", header=None, skiprows=2 + kopf, dtype=str,
        keep_default_na=False, names=range(20),
    )  # fmt: skip
    return frame[frame[1].str.fullmatch(r"\d{5}") | frame[0].str.fullmatch(r"\d{5}")]


def austausch(ordner: Path, kennzahl: str) -> dict[str, tuple[Fraction, Fraction]]:
    frames = [pd.read_csv(p, sep=";", skiprows=2, dtype=str, encoding="utf-8-sig")
              for p in ordner.glob("Austausch_*.csv")]  # fmt: skip
    frame = pd.concat(frames)
    frame = frame[(frame["Kennzahl"] == kennzahl) & (frame["Jahr"] == "2024")].dropna(subset="Wert")

    def number(text: str) -> Fraction:
        return Fraction(text.replace(".", "").replace(",", "."))

    return {a: (number(w), number(n)) for a, w, n in
            zip(frame["AGS"], frame["Wert"], frame["Nenner"], strict=True)}  # fmt: skip


def zeile(daten: Daten, name: str) -> dict[str, object]:
    frame = kommunen.uebersicht(daten).frame
    (found,) = frame[frame["vergleich"] == name].to_dict("records")
    return found


@pytest.mark.parametrize(
    ("kennzahl", "lesen", "name", "faktor", "besser"),
    [
        ("L03", ring, "Ambulante Quote Hilfe zur Pflege", 100, max),
        ("L04", ring, "Fallkosten Hilfe zur Pflege stationär", 1, min),
        ("E04", ring, "Ausgaben je Leistungsberechtigten der Eingliederungshilfe", 1, min),
        ("H18", ring, "Kosten eines Heimplatzes im Monat", 1, min),
        ("U03", austausch, "Rückgriffquote", 100, max),
    ],
)
def test_ein_vergleich_stimmt_mit_der_datei(
    lieferung, kennzahl: str, lesen, name: str, faktor: int, besser
) -> None:
    ordner, daten = lieferung
    found = lesen(ordner, kennzahl)
    values = {ags: wert for ags, (wert, _) in found.items()}
    own, base = found[EIGEN]
    middle, best = median(values.values()), besser(values.values())
    row = zeile(daten, name)
    assert row["vergleichbare"] == len(values) >= 5
    assert row["jahr"] == 2024
    for column, value in {
        "eigen": own, "median": middle, "bestwert": best,
        "abstand_median_pct": (own - middle) * 100 / middle,
        "abstand_bestwert_pct": (own - best) * 100 / best,
        "unterschied": (own - middle) * base / faktor,
    }.items():  # fmt: skip
        assert float(row[column]) == pytest.approx(float(value)), column
    assert values[NAMEN[str(row["beste"])]] == best
    ahead = [v for v in values.values() if besser(v, own) == v != own]
    assert row["platz"] == 1 + len(ahead)
    worse = own != middle and besser(own, middle) == middle
    assert row["lage"] == ("ungünstiger" if worse else "günstiger")


def test_dichten_entstehen_aus_zwei_rohtabellen(lieferung) -> None:
    ordner, daten = lieferung
    asyl = roh(ordner, "22221-01-01-4", 3)
    asyl = asyl[asyl[0] == "31.12.2024"]
    menschen = roh(ordner, "12411-01-01-4", 2)
    base = {ags: Fraction(n) for ags, n in zip(menschen[0], menschen[2], strict=True)}
    values = {
        f"{a}000": Fraction(n) * 1000 / base[a] for a, n in zip(asyl[1], asyl[3], strict=True)
    }
    row = zeile(daten, "Dichte Asylbewerberregelleistungen")
    assert float(row["eigen"]) == pytest.approx(float(values[EIGEN]))
    assert float(row["median"]) == pytest.approx(float(median(values.values())))
    assert (row["lage"], row["beste"]) == ("ohne Wertung", pd.NA) or pd.isna(row["beste"])
    share = {f"{a}000": n for a, n in zip(asyl[1], asyl[5], strict=True)}
    assert share["00006000"] == "."
    assert zeile(daten, "Anteil mit Leistungen nach § 2 AsylbLG")["vergleichbare"] == 5


def test_zeichen_bleiben_sichtbar_und_ein_strich_ist_null(lieferung) -> None:
    _, daten = lieferung
    rows = daten["vergleichswert"].to_pyarrow().to_pylist()

    def cell(kennzahl: str, ags: str, jahr: int) -> tuple[object, object]:
        (z,) = (z for z in rows if (z["kennzahl_id"], z["ags"], z["jahr"]) == (kennzahl, ags, jahr))
        return z["wert"], z["zeichen"]

    assert cell("Y02", "00002000", 2020) == (0, None)
    assert cell("Y02", "00006000", 2024) == (None, "geheim")
    assert cell("Y02", "00003000", 2022) == (None, "unsicher")
    assert cell("C02", "00005000", 2021) == (None, "spaeter")
    werte = kommunen.Werte(rows, STICHTAG)
    dichte, anteil = catalogue.vergleich("asyl_dichte"), catalogue.vergleich("asyl_analog")
    assert werte.punkt(dichte, "00005000", 2021).grund == "Nenner noch nicht bekannt"
    assert werte.punkt(anteil, "00006000", 2024).grund == "unbekannt oder geheim"
    assert werte.punkt(anteil, "00002000", 2020).wert == 0


def test_wer_fehlt_steht_mit_dem_grund_da(lieferung) -> None:
    _, daten = lieferung
    frame = kommunen.punkte(daten).frame
    assert len(frame) == 6 * len(kommunen.uebersicht(daten).frame)
    why = frame[frame["wert"].isna()].set_index("vergleichskommune")["grund"].to_dict()
    assert why == {"00004000": "laut Quelle nicht vergleichbar",
                   "00006000": "unbekannt oder geheim"}  # fmt: skip


def test_die_kennzahlen_fassen_dieselben_vergleiche_zusammen(lieferung) -> None:
    _, daten = lieferung
    frame = kommunen.uebersicht(daten).frame
    better = frame[frame["lage"].isin(["günstiger", "ungünstiger"])]
    sign = better["lage"].map({"günstiger": -1, "ungünstiger": 1})
    distance = better["abstand_median_pct"].astype(float).abs() * sign
    euro = frame[(frame["zaehlt"] == "€") & (frame["lage"] == "ungünstiger")]
    ist = {z.id: float(z.wert) for z in measures.alle(daten, ids=["W10", "W10b", "W10c", "W11"])}
    assert ist["W10"] == pytest.approx(distance.median())
    assert ist["W10b"] == pytest.approx(better["abstand_bestwert_pct"].astype(float).abs().median())
    assert ist["W11"] == pytest.approx(euro["unterschied"].astype(float).abs().sum())
    assert ist["W11"] > 500_000
    counted = frame["vergleichbare"].sum() * 100 / frame["verglichene"].sum()
    assert ist["W10c"] == pytest.approx(counted)


def test_der_verlauf_vergleicht_jedes_jahr_fuer_sich(lieferung) -> None:
    ordner, daten = lieferung
    frame = kommunen.verlauf(daten).frame
    assert frame["vergleich"].nunique() == 3
    assert sorted(frame["berichtsjahr"].unique()) == [2020, 2021, 2022, 2023, 2024]
    quote = frame[(frame["vergleich"] == "Rückgriffquote") & (frame["berichtsjahr"] == 2024)]
    soll = {ags: wert for ags, (wert, _) in austausch(ordner, "U03").items()}
    ist = dict(zip(quote["vergleichskommune"], quote["wert"], strict=True))
    assert {a: Fraction(w) for a, w in ist.items()} == soll


def zeilen(**anders: object) -> list[dict[str, object]]:
    """Six values of one comparison; one of them may be another."""
    rows: list[dict[str, object]] = [
        {"ags": ags, "fuer_ags": EIGEN, "jahr": 2024, "kennzahl_id": "B01", "quelle": "ring",
         "definition_id": "ring-but-2019", "wert": 50 + n, "zaehler": 100, "nenner": 200,
         "zeichen": None, "vergleichbar": True, "bemerkung": None}
        for n, ags in enumerate(NAMEN.values())
    ]  # fmt: skip
    rows[3] |= anders
    return rows


ANDERS = [
    ({"definition_id": "ring-but-2024"}, "andere Definition"),
    ({"jahr": 2023}, "nicht geliefert"),
    ({"quelle": "amtlich"}, "nicht geliefert"),
    ({"vergleichbar": False, "bemerkung": "anderer Zuschnitt"}, "laut Quelle nicht vergleichbar"),
    ({"wert": None, "zeichen": "unsicher"}, "nicht sicher genug"),
    ({"zaehler": 4}, "weniger als 5 Fälle"),
    ({"wert": None, "zeichen": "geheim_gehalten"}, "geheim gehalten"),
    ({"wert": None, "zaehler": None, "nenner": None, "bemerkung": "Frau Muster"}, "unbekannt"),
]


@pytest.mark.parametrize(("anders", "grund"), ANDERS)
def test_ein_wert_zaehlt_nur_nach_definition_quelle_und_jahr(anders, grund: str) -> None:
    (stand,) = kommunen.staende(zeilen(**anders), STICHTAG)
    assert stand.punkte["00004000"].grund == grund
    assert len(stand.werte) == 5
    assert stand.median == 52
    (row,) = gezaehlt(zeilen(**anders), STICHTAG)
    assert row == erwartet(stand)


def gezaehlt(rows: list[dict[str, object]], tag: date) -> list[dict[str, object]]:
    """Return what the view of the Kennzahlen makes of the same rows."""
    table = ibis.memtable(als_tabelle("vergleichswert", [*map(in_vier, rows)]))
    view = measures.vergleichssicht.vergleiche(lambda _: table, tag)
    return [{k: z[k] for k in ERGEBNIS} for z in view.to_pyarrow().to_pylist()]


def in_vier(row: dict[str, object]) -> dict[str, object]:
    numbers = {c: row[c] if row[c] is None else Decimal(str(row[c])) for c in
               ("wert", "zaehler", "nenner")}  # fmt: skip
    return row | numbers


ERGEBNIS = ("vergleich", "abstand_median_pct", "abstand_bestwert_pct", "potenzial_eur",
            "vergleichbare", "verglichene")  # fmt: skip


def erwartet(stand: kommunen.Vergleichsstand) -> dict[str, object]:
    """Return the same of the pages' figures; a bad distance is positive."""

    def six(value: Decimal | None, sign: int) -> object:
        return None if value is None or not stand.vorzeichen else pytest.approx(sign * value)

    return {
        "vergleich": stand.vergleich.name,
        "abstand_median_pct": six(stand.abstand_median_pct, stand.vorzeichen),
        "abstand_bestwert_pct": six(stand.abstand_bestwert_pct, stand.vorzeichen),
        "potenzial_eur": six(stand.potenzial_eur, 1),
        "vergleichbare": len(stand.werte), "verglichene": len(stand.punkte),
    }  # fmt: skip


@pytest.mark.parametrize("tag", [date(2023, 12, 31), date(2024, 12, 31), STICHTAG], ids=str)
def test_seite_und_kennzahlen_waehlen_dieselben_vergleiche(lieferung, tag: date) -> None:
    _, daten = lieferung
    rows = daten["vergleichswert"].to_pyarrow().to_pylist()
    ist = {z["vergleich"]: z for z in gezaehlt(rows, tag)}
    soll = {s.vergleich.name: erwartet(s) for s in kommunen.staende(rows, tag)}
    assert ist == soll
    assert len(soll) == 17


def test_mit_zwei_werten_gibt_es_keine_mitte() -> None:
    rows = [z for z in zeilen() if z["ags"] in (EIGEN, "00002000")]
    (stand,) = kommunen.staende(rows, STICHTAG)
    assert (stand.median, stand.beste, stand.platz, stand.lage) == (
        None, None, None, "zu wenige Werte",
    )  # fmt: skip
    assert gezaehlt(rows, STICHTAG) == [erwartet(stand)]


def test_ein_juengeres_jahr_mit_zu_wenigen_werten_tritt_zurueck() -> None:
    own = {**zeilen()[0], "jahr": 2025, "wert": 99}
    (stand,) = kommunen.staende([*zeilen(), own], date(2025, 12, 31))
    assert (stand.jahr, stand.eigen.wert) == (2024, 50)
    assert gezaehlt([*zeilen(), own], date(2025, 12, 31)) == [erwartet(stand)]


def test_was_nach_dem_stichtag_liegt_zaehlt_nicht() -> None:
    assert kommunen.staende(zeilen(), date(2023, 12, 31)) == []
    assert gezaehlt(zeilen(), date(2023, 12, 31)) == []


def test_eine_andere_zaehlweise_ist_eine_andere_definition() -> None:
    item, view = catalogue.kennzahl("U03"), catalogue.sicht("uvg_monate")
    same = definition_of(item, [view], {})
    reworded = view.model_copy(update={"bezeichnung": "anders gesagt", "einheit": "Fälle"})
    assert definition_of(item, [reworded], {}) == same
    term = item.nenner.terme[0].model_copy(update={"zeitraum": "vorjahr"})
    other = item.model_copy(update={"nenner": item.nenner.model_copy(update={"terme": (term,)})})
    size = view.groessen["rueckgriff"].model_copy(update={"spalte": "einnahmen_p5_eur"})
    moved = view.model_copy(update={"groessen": {**view.groessen, "rueckgriff": size}})
    ids = {same, definition_of(other, [view], {}), definition_of(item, [moved], {}),
           definition_of(item, [view], {"hilfeart.hze": {"33": "nein"}})}  # fmt: skip
    assert len(ids) == 4


def test_ohne_einen_vergleich_in_euro_ist_der_unterschied_unbekannt() -> None:
    """Nothing is compared in euro: that is not the same as no difference."""
    con = ibis.duckdb.connect()
    con.con.register("vergleichswert", als_tabelle("vergleichswert", [*map(in_vier, zeilen())]))
    daten = Daten(con=con, stichtag=STICHTAG, datenstand=STICHTAG, tabellen=("vergleichswert",))
    ist = {z.id: z.wert for z in measures.alle(daten, ids=["W10", "W11"])}
    assert (ist["W10"] is None, ist["W11"]) == (False, None)


def test_ein_verlauf_braucht_zwei_jahre() -> None:
    con = ibis.duckdb.connect()
    con.con.register("vergleichswert", als_tabelle("vergleichswert", [*map(in_vier, zeilen())]))
    daten = Daten(con=con, stichtag=STICHTAG, datenstand=STICHTAG, tabellen=("vergleichswert",))
    assert kommunen.verlauf(daten).frame.empty


def test_betreute_stehen_gegen_die_einwohner_des_vorjahres() -> None:
    """Children of 1 March against the people of 31 December before: another year's quantity."""
    v = catalogue.vergleich("kita_u3")
    rows = [
        {**zeilen()[0], "ags": ags, "quelle": "amtlich", "kennzahl_id": m.kennzahl, "jahr": jahr,
         "definition_id": m.definition, "wert": wert, "zaehler": None, "nenner": None}
        for n, ags in enumerate(NAMEN.values())
        for m, jahr, wert in ((v.zaehler[0], 2024, 300 + n), (v.nenner[0], 2023, 1000),
                              (v.nenner[0], 2024, 500))
    ]  # fmt: skip
    (stand,) = kommunen.staende(rows, STICHTAG)
    assert (stand.jahr, stand.eigen.wert, stand.median) == (2024, 30, Decimal("30.25"))
    assert gezaehlt(rows, STICHTAG) == [erwartet(stand)]
    assert gezaehlt(rows, STICHTAG)[0]["abstand_median_pct"] == pytest.approx(Decimal("0.826446"))
