"""What no row of a delivery says is unknown, and what some do not say is not summed as 0."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import gezeichnet
import pandas as pd
import pyarrow as pa
import pytest
from hauptbuch import Lieferung
from kleinstadt import STICHTAG
from kleinstadt import Stadt as Kleinstadt
from tafel import Stadt
from wuerfelstadt import wuerfelstadt

from sozcontrol import catalogue, disclosure, measures
from sozcontrol.auskunft.antworten import Liste
from sozcontrol.measures.zaehlwerk import angaben
from sozcontrol.measures.zaehlwerk.grundzahlen import Grundzahl, finde, grundzahlen
from sozcontrol.measures.zaehlwerk.sichten import ist_fraglich
from sozcontrol.press.lauf.luecken import luecken, teilweise
from sozcontrol.projekt import Projekt

SPALTEN = ("fall.familie_id", "zahlung.menge", "leistung_quartal.bestand_ende")
"""The optional columns that are counted or summed, each of a view of another kind."""


def betroffen(spalte: str) -> set[str]:
    """Return the Kennzahlen that say in their Steckbrief that they read a column."""
    return {k.id for k in catalogue.kennzahlen().values() if spalte in k.datenquelle}


def stadt_mit(spalte: str, wert: object) -> Stadt:
    """Return a city in which the first row alone says *wert* in a column; all else is filled."""
    stadt = wuerfelstadt(hilfen=20)
    name, _, column = spalte.partition(".")
    table = stadt[name].to_pyarrow()
    at = table.schema.get_field_index(column)
    values = pa.array([wert] + [None] * (len(table) - 1), table.schema.field(at).type)
    stadt.con.con.register(name, table.set_column(at, column, values))
    return stadt


@pytest.mark.parametrize("spalte", SPALTEN)
def test_was_keine_zeile_sagt_ist_unbekannt_und_der_grund_nennt_die_spalte(spalte: str) -> None:
    stadt, ids = stadt_mit(spalte, None), betroffen(spalte)
    assert measures.fehlende(stadt) == dict.fromkeys(ids, (spalte,))
    assert measures.fehlende(stadt, []) == {}, "of no Kennzahl nothing is missing"
    assert [z.id for z in measures.alle(stadt, ids=["H01", *ids])] == ["H01"]
    for werte in measures.kennzahlen(stadt, sorted(ids)):
        assert werte.frame[["zaehler", "nenner", "wert"]].isna().all(axis=None), werte
    first = min(ids)
    assert measures.explain(stadt, first).zeile.wert is None
    reihe = measures.zeitreihe(stadt, first, [date(2024, 12, 31), stadt.stichtag])
    assert reihe.frame["wert"].isna().all() and len(reihe.frame) == 2


def test_auch_je_gruppe_steht_keine_null() -> None:
    frame = measures.kennzahl(stadt_mit("zahlung.menge", None), "H40", je=["hilfeart"]).frame
    assert len(frame) > 1 and frame["zaehler"].isna().all()


@pytest.mark.parametrize("spalte", SPALTEN)
def test_sagt_es_eine_zeile_ist_nichts_unbekannt(spalte: str) -> None:
    stadt = stadt_mit(spalte, "F1" if spalte.endswith("_id") else 5)
    assert measures.fehlende(stadt) == {}


def test_ohne_zeilen_ist_es_nichts_und_nicht_unbekannt() -> None:
    leer = Stadt(STICHTAG)
    assert [z.zaehler for z in measures.alle(leer, ids=["H01c", "G01"])] == [0, 0]


def test_der_kopf_des_berichts_und_das_terminal_nennen_den_grund() -> None:
    tables = Kleinstadt().tables()
    at = tables["fall"].schema.get_field_index("familie_id")
    nichts = pa.nulls(len(tables["fall"]), tables["fall"].schema.field(at).type)
    ohne = tables | {"fall": tables["fall"].set_column(at, "familie_id", nichts)}
    area = catalogue.bereich("monitoring_jugend")
    assert luecken(area, Lieferung(STICHTAG, tables), ()) is None
    assert luecken(area, Lieferung(STICHTAG, ohne), ()) == (
        "»Hilfe: Familie« (in keiner Zeile angegeben). Deshalb fehlen auch: Familien, und was "
        "daraus folgt."
    )
    kopf = dict.fromkeys(("kommune", "edition"), "x")
    kopf |= dict.fromkeys(("stichtag", "datenstand"), "2025-06-30")
    fehlt = measures.fehlende(Lieferung(STICHTAG, ohne), ["H01", "H01c"])
    text = Liste(kopf, (), fehlt, (), ()).text("table")
    assert "H01c nicht berechenbar: es fehlt fall.familie_id." in text.splitlines()


GROESSEN = [
    pytest.param(size, id=f"{view}-{name}")
    for view in catalogue.sichten()
    for name, size in grundzahlen(view).items()
    if size.groesse.spalte and size.art in ("summe", "verschieden")
]
"""Every sum of a column there is, and every count of its different values."""


@pytest.mark.parametrize("groesse", GROESSEN)
def test_eine_leere_zelle_haelt_die_lieferung_an_oder_macht_die_zahl_unbekannt(
    groesse: Grundzahl,
) -> None:
    """By the facts alone: no column is added up in which an empty cell could pass as 0."""
    if groesse.duldung is not None:
        return
    name, column = groesse.sicht.tabelle, groesse.groesse.spalte
    assert name is not None and catalogue.tabelle(name).spalte(column or "").pflicht
    if not catalogue.tabelle(name).geliefert:
        return
    suite = json.loads((Projekt.find().expectations / f"{name}.json").read_text("utf-8"))
    full = [e for e in suite["expectations"] if e["type"] == "expect_column_values_to_not_be_null"]
    assert [e["severity"] for e in full if e["kwargs"]["column"] == column] == ["critical"]


def geleert(spalte: str, wo: pd.Series | slice, stadt: Stadt) -> pd.DataFrame:
    """Empty a column in the rows *wo* of a city; return its table as it is then."""
    name, _, column = spalte.partition(".")
    table = stadt[name].to_pyarrow()
    frame = table.to_pandas(types_mapper=pd.ArrowDtype)
    frame.loc[wo, column] = None
    stadt.con.con.register(name, pa.Table.from_pandas(frame, table.schema, preserve_index=False))
    return frame


def test_ein_bereich_ohne_bestand_ist_unbekannt_und_mit_ihm_die_summe() -> None:
    stadt = wuerfelstadt(hilfen=20)
    roh = stadt["leistung_quartal"].to_pandas()
    last = pd.to_datetime(roh["quartal"]) == pd.Timestamp(2025, 6, 30)
    one = last & (roh["lb"] == "LB05") & (roh["leistungsort"] == "stationaer")
    roh = geleert("leistung_quartal.bestand_ende", one, stadt)[last]
    werte = measures.kennzahl(stadt, "A01", je=["lb"])
    found = dict(zip(werte.frame["lb"], werte.frame["wert"], strict=True))
    lauter = roh[(roh["lb"] != "LB10")]
    assert found.keys() == {*lauter["lb"], "insgesamt"}, "LB10 hat keinen Bestand"
    for lb, rows in lauter.groupby("lb"):
        known = lb != "LB05"
        assert (found[lb] == rows["bestand_ende"].sum()) if known else pd.isna(found[lb])
    assert pd.isna(found["insgesamt"])
    satz = (
        f"»Leistungen je Quartal: Bestand am Ende« ist in 1 von {len(lauter)} Zeilen leer; was sie "
        "enthält, ist unbekannt."
    )
    assert werte.luecken == (satz,)
    assert teilweise(stadt, ["A01", "A02"]) == [f"{satz} Das betrifft: laufende Fälle."]
    assert measures.fehlende(stadt) == {}, "ein Teil ist da"
    davor = measures.kennzahl(stadt, "A01", stichtag=date(2025, 3, 31))
    assert davor.luecken == () and davor.frame["wert"].notna().all()


def test_wo_entscheidungen_gezaehlt_werden_fehlt_kein_bestand() -> None:
    assert measures.kennzahl(wuerfelstadt(hilfen=20), "A01").luecken == ()


@pytest.mark.parametrize(("leer", "gezeigt"), [(0, True), (5, True), (6, False)])
def test_von_hundert_hilfen_duerfen_fuenf_ihre_familie_nicht_nennen(
    leer: int, gezeigt: bool
) -> None:
    laeuft = {f"H{n}": f"FA{n // 2}" if n >= leer else None for n in range(100)}
    stadt = Stadt(STICHTAG, fall={
        "hilfe_id": [*laeuft], "person_id": [f"P{n}" for n in range(100)],
        "familie_id": [*laeuft.values()], "hilfeart": ["31"] * 100, "paragraph": ["31"] * 100,
        "segment": ["ambulant"] * 100, "beginn": [date(2025, 1, 1)] * 100,
        "ende": [None] * 100,
    })  # fmt: skip
    werte = measures.kennzahl(stadt, "H01c")
    (wert,) = werte.frame["wert"]
    assert wert == len({*laeuft.values()} - {None}) if gezeigt else pd.isna(wert)
    word = "wenigen Zeilen leer; gezählt ist ohne sie." if gezeigt else (
        "zu vielen Zeilen leer; was sie enthält, ist unbekannt."
    )  # fmt: skip
    assert werte.luecken == ((f"»Hilfe: Familie« ist in {word}",) if leer else ())
    assert not any(sign.isdigit() for satz in werte.luecken for sign in satz), "keine Anzahl"


@pytest.mark.parametrize("mehr", [0, 1])
def test_von_zwanzig_rechnungen_darf_einer_die_menge_fehlen(mehr: int) -> None:
    stadt = wuerfelstadt(hilfen=400)
    fall, zahlung = stadt["fall"].to_pandas(), stadt["zahlung"].to_pandas()
    mit_stunden = fall[(fall["hilfeart"] == "31") & fall["fls_monat"].notna()]["hilfe_id"]
    monat = pd.to_datetime(zahlung["leistungsmonat"])
    gezaehlt = zahlung[
        zahlung["hilfe_id"].isin(mit_stunden) & zahlung["art"].isin(["leistung", "storno"])
        & (zahlung["einheit"] == "FLS") & (monat.dt.year == 2025) & (monat <= "2025-06-30")
    ]  # fmt: skip
    leer = set(gezaehlt.index[: len(gezaehlt) // 20 + mehr])
    voll = stadt["zahlung"].to_pyarrow()
    at = voll.schema.get_field_index("menge")
    told = [None if n in leer else Decimal("7.25") for n in zahlung.index]
    column = pa.array(told, voll.schema.field(at).type)
    stadt.con.con.register("zahlung", voll.set_column(at, "menge", column))
    werte, rest = measures.kennzahl(stadt, "H40"), len(gezaehlt) - len(leer)
    (stunden,) = werte.frame["zaehler"]
    assert leer and len(werte.luecken) == 1
    assert pd.isna(stunden) if mehr else stunden == Decimal("7.25") * rest


def test_neben_der_zahl_steht_was_ihr_fehlt() -> None:
    stadt = wuerfelstadt(hilfen=20)
    roh = stadt["leistung_quartal"].to_pandas()
    geleert("leistung_quartal.bestand_ende", roh["lb"] == "LB05", stadt)
    werte = measures.kennzahl(stadt, "A01", je=["lb"])
    reihe = measures.zeitreihe(stadt, "A01", [date(2025, 3, 31), stadt.stichtag], je=["lb"])
    tuer = disclosure.Freigabe.open("leitung")
    released, verlauf = tuer.kennzahl(werte), tuer.kennzahl(reihe)
    (satz,) = werte.luecken
    for html in (
        gezeichnet.table(released, "Fälle").html,
        gezeichnet.tiles([gezeichnet.tile("Fälle", released.zahl())]).html,
        gezeichnet.overview([released.zahl()], "Fälle").html,
        gezeichnet.beside({"Fälle": released}, "Fälle").html,
        gezeichnet.heat_table(verlauf, "Fälle", spalten={"wert": ("Fälle", "anzahl")}).html,
    ):
        assert html.count(satz) == 1


# --- conditions over empty columns ----------------------------------------------------------------


def heime(**spalten: list[object]) -> Stadt:
    """A hundred running Hilfen in a Heim, with these columns; all else is filled."""
    return Stadt(STICHTAG, fall={
        "hilfe_id": [f"H{n}" for n in range(100)], "person_id": [f"P{n}" for n in range(100)],
        "hilfeart": ["34"] * 100, "paragraph": ["34"] * 100, "segment": ["stationaer"] * 100,
        "beginn": [date(2025, 1, 1)] * 100, "ende": [None] * 100, **spalten,
    })  # fmt: skip


def gesagt(stadt: Stadt, kennzahl: str) -> tuple[object, object, tuple[str, ...]]:
    werte = measures.kennzahl(stadt, kennzahl)
    (row,) = werte.frame[["zaehler", "nenner"]].itertuples(index=False)
    return *(None if pd.isna(v) else v for v in row), werte.luecken


@pytest.mark.parametrize(
    ("leer", "auswaerts"),
    [
        pytest.param(0, 40, id="alle sagen es"),
        pytest.param(5, 40, id="eine von zwanzig darf schweigen"),
        pytest.param(6, None, id="mehr nicht"),
    ],
)
def test_wer_nicht_sagt_wo_ist_nicht_in_der_stadt(leer: int, auswaerts: int | None) -> None:
    orte = ["ausserhalb"] * 40 + ["stadt"] * (60 - leer) + [None] * leer
    folge = "wenigen Zeilen leer; sie zählen nicht als zutreffend." if auswaerts else (
        "zu vielen Zeilen leer; ob sie zutrifft, ist unbekannt."
    )  # fmt: skip
    satz = (f"»Hilfe: Ort« ist in {folge}",) if leer else ()
    assert gesagt(heime(ort=orte), "H33") == (auswaerts, 100, satz)


def test_keine_angabe_in_der_ganzen_spalte_ist_keine_null() -> None:
    stadt = heime(ort=[None] * 100)
    assert measures.fehlende(stadt, ["H33", "H11"]) == {"H33": ("fall.ort",)}
    assert gesagt(stadt, "H33")[:2] == (None, None)


def test_wer_schon_ausgeschlossen_ist_braucht_keine_angabe() -> None:
    """Where an ambulant Hilfe is provided leaves nothing open in a share of the Heime."""
    segmente = ["stationaer"] * 50 + ["ambulant"] * 50
    stadt = heime(segment=segmente, ort=["ausserhalb"] * 50 + [None] * 50)
    assert gesagt(stadt, "H33") == (50, 50, ())


@pytest.mark.parametrize(("ohne", "anteil"), [(20, (40, 80)), (21, (None, None))])
def test_ein_anteil_derer_die_es_sagen_laesst_hoechstens_jede_fuenfte_aus(ohne, anteil) -> None:
    bezug = [True] * 40 + [None] * ohne + [False] * (60 - ohne)
    *found, satz = gesagt(heime(hat_transferbezug=bezug), "H42")
    told = "wenigen Zeilen leer; sie sind ausgelassen." if anteil[0] else (
        "zu vielen Zeilen leer; was für alle gilt, ist unbekannt."
    )  # fmt: skip
    assert (tuple(found), satz) == (anteil, (f"»Hilfe: Transferbezug« ist in {told}",))


def test_wo_eine_leere_zelle_eine_antwort_ist_zaehlt_sie() -> None:
    """No Hilfeplan is a finding; that no Hilfe has one is more likely a missing column."""
    beginn = {"beginn": [date(2024, 1, 1)] * 100}
    plaene = [date(2025, 5, 1)] * 30 + [None] * 70
    assert gesagt(heime(hilfeplan_am=plaene, **beginn), "H34") == (30, 100, ())
    assert "H34" in measures.fehlende(heime(hilfeplan_am=[None] * 100, **beginn), ["H34"])


def test_je_gruppe_gilt_dieselbe_grenze() -> None:
    arten = ["34"] * 50 + ["33"] * 50
    orte = ["ausserhalb"] * 46 + [None] * 4 + ["stadt"] * 50
    stadt = heime(hilfeart=arten, paragraph=arten, ort=orte)
    frame = measures.kennzahl(stadt, "H33", je=["hilfeart"]).frame.set_index("hilfeart")["zaehler"]
    assert pd.isna(frame["34"]) and frame["33"] == 0 and frame["insgesamt"] == 46


def test_wer_erst_fragt_wo_etwas_leer_ist_findet_dieselben_luecken() -> None:
    """As if all was asked at once; in some rows every other optional column says nothing."""
    stadt = wuerfelstadt(hilfen=20)
    for name in ("fall", "person", "zahlung", "leistung_quartal"):
        rows = stadt[name].to_pandas()
        optional = [s.name for s in catalogue.tabelle(name).spalten if not s.pflicht]
        for spalte in optional[1::2]:
            geleert(f"{name}.{spalte}", rows.index % 7 == 1, stadt)
    terms = [t for k in catalogue.kennzahlen().values() for o in k.terme for t in o.alle]
    views = {"hilfen", "zahlungen", "leistungen"}
    found = {}
    for query in angaben._geplant([t for t in terms if t.sicht in views], stadt.stichtag):
        at_once = angaben._gezaehlt(stadt, query)
        assert angaben._gesucht(stadt, query) == at_once
        found |= at_once
    assert {t.sicht for t, gaps in found.items() if gaps} == views


def test_nach_offenem_fragt_nur_was_es_bemerkt() -> None:
    """By the facts alone: life tables do not ask what is open, so none may stand on it."""
    terms = [t for k in catalogue.kennzahlen().values() for o in k.terme for t in o.alle]
    asked = {
        finde(t).art for t in terms for c in (*finde(t).wo, *t.wo)
        if ist_fraglich(finde(t).sicht, c)
    }  # fmt: skip
    assert "anzahl" in asked and "ueberleben" not in asked
