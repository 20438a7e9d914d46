"""The door: what is hidden, what is made from hidden counts, what a register remembers."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import gezeichnet
import pandas as pd
import pytest

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Freigabe, Released, Zahl, merkmale
from sozcontrol.errors import NotReleased, UsageError
from sozcontrol.measures import INSGESAMT, Werte


def frame(text: str, *zahlen: str) -> pd.DataFrame:
    """Read a drawn table; the columns *zahlen* hold whole numbers (empty = <NA>)."""
    lines = [line.strip() for line in text.strip().splitlines()]
    names, _, *rows = [[c.strip() for c in line.split("|")] for line in lines]
    data = pd.DataFrame(rows, columns=names, dtype=object)
    for name in zahlen:
        data[name] = pd.array([int(v) if v else pd.NA for v in data[name]], dtype="Int64")
    return data


def marks(released: Released, spalte: str, *je: str) -> dict[Any, Any]:
    """Return key → figure."""
    keys = zip(*(released.spalte(d) for d in je or released.je), strict=True)
    return {
        k if len(k) > 1 else k[0]: v for k, v in zip(keys, released.spalte(spalte), strict=True)
    }


HILFEN = """
    hilfeart  | anzahl
    ----------+-------
    33        | 12
    34        | 2
    31        | 7
    insgesamt | 21
    """


# --- primary and complementary --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "geheim"),
    [
        pytest.param(0, False, id="null wird gezeigt"),
        pytest.param(1, True, id="eins"),
        pytest.param(2, True, id="zwei"),
        pytest.param(3, False, id="drei wird gezeigt"),
    ],
)
def test_schwelle_der_leitung_ist_drei(n: int, geheim: bool) -> None:
    data = pd.DataFrame({"hilfeart": ["33"], "anzahl": [n]})
    released = Freigabe.open("leitung").release(data, je="hilfeart", anzahl="anzahl")
    assert (released.spalte("anzahl")[0] is GEHEIM) is geheim


def test_das_gremium_sieht_erst_ab_fuenf() -> None:
    data = pd.DataFrame({"hilfeart": ["33", "34"], "anzahl": [4, 5]})
    released = Freigabe.open("gremium").release(data, je="hilfeart", anzahl="anzahl")
    assert marks(released, "anzahl") == {"33": GEHEIM, "34": 5}


def test_intern_sperrt_nichts_und_geht_durch_dieselbe_tuer() -> None:
    released = Freigabe.open("intern").release(
        frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl"
    )
    assert isinstance(released, Released)
    assert marks(released, "anzahl") == {"33": 12, "34": 2, "31": 7, INSGESAMT: 21}


def test_eine_zweite_zelle_schuetzt_vor_der_summe() -> None:
    released = Freigabe.open("leitung").release(
        frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl"
    )
    found = marks(released, "anzahl")
    assert found == {"33": 12, "34": GEHEIM, "31": GEHEIM, INSGESAMT: 21}


def test_zwei_einsen_schuetzen_einander_nicht() -> None:
    # 20 − 18 = 2 = 1 + 1: a reader who knows that zeros are shown names both.
    data = frame(
        """
        hilfeart  | anzahl
        ----------+-------
        33        | 1
        34        | 1
        31        | 18
        insgesamt | 20
        """,
        "anzahl",
    )
    released = Freigabe.open("leitung").release(data, je="hilfeart", anzahl="anzahl")
    assert list(released.spalte("anzahl")).count(GEHEIM) > 2


def test_eine_kreuztabelle_wird_in_beiden_richtungen_geschuetzt() -> None:
    data = frame(
        """
        hilfeart  | sozialraum | anzahl
        ----------+------------+-------
        33        | Nord       | 12
        33        | Süd        | 2
        33        | insgesamt  | 14
        34        | Nord       | 8
        34        | Süd        | 9
        34        | insgesamt  | 17
        insgesamt | Nord       | 20
        insgesamt | Süd        | 11
        insgesamt | insgesamt  | 31
        """,
        "anzahl",
    )
    released = Freigabe.open("leitung").release(
        data, je=["hilfeart", "sozialraum"], anzahl="anzahl"
    )
    found = marks(released, "anzahl")
    assert [k for k, v in found.items() if v is GEHEIM] == [
        ("33", "Nord"), ("33", "Süd"), ("34", "Nord"), ("34", "Süd"),
    ]  # fmt: skip


def test_bestand_und_bewegung_geben_die_kleine_zahl_nicht_zurueck() -> None:
    data = frame(
        """
        hilfeart | anfang | zugang | abgang | ende
        ---------+--------+--------+--------+-----
        33       | 40     | 8      | 2      | 46
        """,
        "anfang", "zugang", "abgang", "ende",
    )  # fmt: skip
    counts = ["anfang", "zugang", "abgang", "ende"]
    identity = {"ende": 1, "anfang": -1, "zugang": -1, "abgang": 1}
    row = (
        Freigabe.open("leitung")
        .release(data, je="hilfeart", anzahl=counts, identitaeten=[identity])
        .frame.iloc[0]
    )
    assert row["abgang"] is GEHEIM
    assert [row[c] is GEHEIM for c in counts].count(True) >= 2


def test_eine_identitaet_die_nicht_aufgeht_wird_nicht_geglaubt() -> None:
    data = pd.DataFrame({"hilfeart": ["33"], "anfang": [4], "ende": [9]})
    with pytest.raises(NotReleased, match="geht nicht auf"):
        Freigabe.open("leitung").release(
            data, je="hilfeart", anzahl=["anfang", "ende"], identitaeten=[{"anfang": 1, "ende": -1}]
        )


# --- figures made from counts ---------------------------------------------------------------------


def test_abgeleitetes_faellt_mit_seiner_anzahl() -> None:
    data = frame(HILFEN, "anzahl")
    data["dichte"] = [Decimal("1.2"), Decimal("0.2"), Decimal("0.7"), Decimal("2.1")]
    released = Freigabe.open("leitung").release(
        data, je="hilfeart", anzahl="anzahl", abgeleitet={"dichte": ("anzahl",)}
    )
    # 31 is hidden to protect 34: its density times the public population would give it back.
    assert marks(released, "dichte") == {
        "33": Decimal("1.2"), "34": GEHEIM, "31": GEHEIM, INSGESAMT: Decimal("2.1"),
    }  # fmt: skip


def test_geld_weniger_menschen_faellt_mit_ihrer_anzahl() -> None:
    data = frame(HILFEN, "anzahl")
    data["aufwand_eur"] = [Decimal("100.10")] * 4
    data["umlage_eur"] = [Decimal("5.00")] * 4
    released = Freigabe.open("leitung").release(
        data, je="hilfeart", anzahl="anzahl",
        betraege={"aufwand_eur": "anzahl", "umlage_eur": None},
    )  # fmt: skip
    assert [v is GEHEIM for v in released.spalte("aufwand_eur")].count(True) == 2
    assert GEHEIM not in released.spalte("umlage_eur")


def test_ein_anteil_verraet_auch_den_rest() -> None:
    data = frame(
        """
        hilfeart | weiblich | alle
        ---------+----------+-----
        33       | 18       | 20
        """,
        "weiblich", "alle",
    )  # fmt: skip
    data["anteil_pct"] = [Decimal("90")]
    kwargs = {"je": "hilfeart", "anzahl": ["weiblich", "alle"]}
    kwargs["abgeleitet"] = {"anteil_pct": ("weiblich", "alle")}
    shown = Freigabe.open("leitung").release(data, **kwargs).frame.iloc[0]
    assert shown["anteil_pct"] == 90
    guarded = (
        Freigabe.open("leitung")
        .release(data, **kwargs, anteile=[("weiblich", "alle")])
        .frame.iloc[0]
    )
    assert guarded["anteil_pct"] is GEHEIM
    assert (guarded["weiblich"] is GEHEIM) or (guarded["alle"] is GEHEIM)


def test_ohne_menschen_dahinter_wird_nichts_gesperrt() -> None:
    data = frame(
        """
        produktgruppe | faelle
        --------------+-------
        363           |
        365           |
        """,
        "faelle",
    )
    data["wert"] = [Decimal("1.00"), Decimal("2.00")]
    released = Freigabe.open("gremium").release(
        data, je="produktgruppe", anzahl="faelle", abgeleitet={"wert": ("faelle",)}
    )
    assert released.spalte("wert") == [Decimal("1.00"), Decimal("2.00")]
    assert released.spalte("faelle") == [None, None]


def test_fehlende_dimension_ist_eine_gruppe_und_keine_summe() -> None:
    data = pd.DataFrame({"sozialraum": ["Nord", None, INSGESAMT], "anzahl": [9, 1, 10]})
    released = Freigabe.open("leitung").release(data, je="sozialraum", anzahl="anzahl")
    assert [v is GEHEIM for v in released.spalte("anzahl")].count(True) == 2


# --- the register of one run ----------------------------------------------------------------------


def test_einmal_gesperrt_bleibt_gesperrt() -> None:
    freigabe = Freigabe.open("leitung")
    freigabe.release(frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl")
    later = pd.DataFrame({"hilfeart": ["31"], "anzahl": [7]})
    assert freigabe.release(later, je="hilfeart", anzahl="anzahl").spalte("anzahl") == [GEHEIM]
    # Alone, without the earlier table, it would have been shown.
    assert Freigabe.open("leitung").release(later, je="hilfeart", anzahl="anzahl").spalte(
        "anzahl"
    ) == [7]


def test_einmal_gezeigt_taugt_nicht_mehr_zum_verdecken() -> None:
    freigabe = Freigabe.open("leitung")
    shown = pd.DataFrame({"hilfeart": ["31"], "anzahl": [7]})
    assert freigabe.release(shown, je="hilfeart", anzahl="anzahl").spalte("anzahl") == [7]
    found = marks(
        freigabe.release(frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl"), "anzahl"
    )
    assert found == {"33": GEHEIM, "34": GEHEIM, "31": 7, INSGESAMT: 21}


def test_eine_summe_aus_einer_anderen_tabelle_zaehlt_mit() -> None:
    # First the total alone (a tile), then the parts without a total row.
    freigabe = Freigabe.open("leitung")
    freigabe.release(pd.DataFrame({"anzahl": [21]}), je=(), anzahl="anzahl")
    parts = frame(HILFEN, "anzahl").iloc[:3]
    released = freigabe.release(parts, je="hilfeart", anzahl="anzahl")
    assert [v is GEHEIM for v in released.spalte("anzahl")].count(True) == 2


def test_verschiedene_anzahlen_unter_einem_merkmal_werden_abgelehnt() -> None:
    freigabe = Freigabe.open("leitung")
    bestand = pd.DataFrame({"hilfeart": ["33"], "anzahl": [7]})
    zugang = pd.DataFrame({"hilfeart": ["33"], "anzahl": [4]})
    freigabe.release(bestand, je="hilfeart", anzahl="anzahl")
    with pytest.raises(NotReleased, match="Merkmal") as caught:
        freigabe.release(zugang, je="hilfeart", anzahl="anzahl")
    assert "7" not in str(caught.value).replace("Zugang 2025", "")
    freigabe.release(zugang, je="hilfeart", anzahl="anzahl", merkmal="Zugang")


def test_zwei_stichtage_sind_zwei_merkmale() -> None:
    data = pd.DataFrame({"stichtag": [date(2024, 12, 31), date(2025, 6, 30)], "anzahl": [7, 2]})
    released = Freigabe.open("leitung").release(data, je="stichtag", anzahl="anzahl")
    assert released.spalte("anzahl") == [7, GEHEIM]


def test_ist_alles_schon_gezeigt_sperrt_die_neue_tabelle_sich_ganz() -> None:
    # 3 = 1 + 1 + 1 with the total already out: hiding the parts alone gives them back.
    freigabe = Freigabe.open("leitung")
    freigabe.release(pd.DataFrame({"anzahl": [3]}), je=(), anzahl="anzahl")
    parts = pd.DataFrame({"hilfeart": ["31", "33", "34", "35"], "anzahl": [1, 1, 1, 0]})
    released = freigabe.release(parts, je="hilfeart", anzahl="anzahl")
    assert released.spalte("anzahl") == [GEHEIM] * 4


# --- Kennzahlen -----------------------------------------------------------------------------------


def werte(id: str, je: tuple[str, ...], data: pd.DataFrame, stichtag: str | None = None) -> Werte:
    day = date.fromisoformat(stichtag) if stichtag else None
    return Werte(catalogue.kennzahl(id), je, data, day)


def zaehlung(anzahl: int, **je: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            **{k: [v] for k, v in je.items()},
            "zaehler": pd.array([anzahl], dtype="Int64"),
            "nenner": pd.Series([pd.NA], dtype="object"),
            "wert": pd.Series([Decimal(anzahl)], dtype="object"),
            "faelle_zaehler": pd.array([anzahl], dtype="Int64"),
            "faelle_nenner": pd.array([pd.NA], dtype="Int64"),
        }
    )


def test_kennzahl_faellt_ganz_mit_wenigen_faellen() -> None:
    item = werte("H01", ("hilfeart",), zaehlung(2, hilfeart="33"))
    row = Freigabe.open("leitung").kennzahl(item).frame.iloc[0]
    assert [row[c] for c in ("zaehler", "wert", "faelle_zaehler")] == [GEHEIM] * 3
    assert row["nenner"] is None


def test_zahl_traegt_einheit_und_rundung_der_kennzahl() -> None:
    figure = Freigabe.open("leitung").zahl(werte("H01", (), zaehlung(31)))
    item = catalogue.kennzahl("H01")
    assert (figure.wert, figure.einheit, figure.rundung) == (31, item.einheit, item.rundung)
    assert figure.name == item.name


def test_kennzahlen_eines_laufs_werden_gemeinsam_angegriffen() -> None:
    """B(b) = B(a) + Z − A: three tiles would give the fourth, whether it is ever shown or not."""
    freigabe = Freigabe.open("leitung")
    figures = [
        freigabe.zahl(werte("H01", (), zaehlung(40), "2024-12-31")),
        freigabe.zahl(werte("H01", (), zaehlung(46), "2025-06-30")),
        freigabe.zahl(werte("H02", (), zaehlung(8), "2025-06-30")),
        freigabe.zahl(werte("H03", (), zaehlung(2), "2025-06-30")),
    ]
    assert [f.wert is GEHEIM for f in figures] == [False, False, True, True]


def test_dieselbe_kennzahl_an_zwei_stichtagen_vertraegt_sich() -> None:
    freigabe = Freigabe.open("leitung")
    for stichtag, n in (("2024-12-31", 40), ("2025-06-30", 46)):
        assert freigabe.zahl(werte("H01", (), zaehlung(n), stichtag)).wert == n
    # Without a Stichtag nothing tells the two apart, and one cell can't have two values.
    assert freigabe.zahl(werte("H01", (), zaehlung(5))).wert == 5
    with pytest.raises(NotReleased, match="zwei verschiedene Zahlen"):
        freigabe.zahl(werte("H01", (), zaehlung(6)))


def gliederung(**counts: int) -> pd.DataFrame:
    """Return a count by Hilfeart with its total."""
    rows = {**{k.lstrip("_"): n for k, n in counts.items()}, INSGESAMT: sum(counts.values())}
    return pd.concat([zaehlung(n, hilfeart=code) for code, n in rows.items()], ignore_index=True)


def anteil(teil: int, ganzes: int) -> pd.DataFrame:
    """Return a share of counts, city-wide."""
    data = zaehlung(teil)
    data["nenner"] = data["faelle_nenner"] = pd.array([ganzes], dtype="Int64")
    data["wert"] = [Decimal(teil * 100) / ganzes]
    return data


HEUTE = "2025-06-30"
JE_HILFEART = ("hilfeart",)


@pytest.mark.parametrize("zuerst", ["Anteil", "Tabelle"])
def test_ein_anteil_und_die_zeile_seines_zaehlers_sind_dieselbe_anzahl(zuerst: str) -> None:
    """H13 is § 33 over § 33 and § 34: with its row of the table the share would undo the mark.

    § 30 (2) needs a second mark; § 33 would be the cheapest. Either the share is hidden with it, or
    the share stands and another cell is taken.
    """
    table = werte("H01", JE_HILFEART, gliederung(_30=2, _33=7, _34=60), HEUTE)
    share = werte("H13", (), anteil(7, 67), HEUTE)
    freigabe = Freigabe.open("leitung")
    released = {}
    for item in (share, table) if zuerst == "Anteil" else (table, share):
        released[item.kennzahl.id] = freigabe.kennzahl(item)
    counts = marks(released["H01"], "zaehler")
    assert counts["30"] is GEHEIM
    if released["H13"].spalte("wert")[0] is GEHEIM:
        assert zuerst == "Tabelle" and counts["33"] is GEHEIM
    else:
        assert zuerst == "Anteil" and counts == {"30": GEHEIM, "33": 7, "34": 60, INSGESAMT: GEHEIM}


def test_zwei_kennzahlen_mit_gleichem_zaehler_und_verschiedenem_nenner_fallen_gemeinsam() -> None:
    freigabe = Freigabe.open("leitung")
    home = freigabe.kennzahl(werte("H14", (), anteil(2, 40), HEUTE))
    table = freigabe.kennzahl(werte("H01", JE_HILFEART, gliederung(_33=38, _34=2, _31=9), HEUTE))
    density = werte("H08", JE_HILFEART, gliederung(_33=38, _34=2, _31=9), HEUTE)
    density.frame["nenner"] = pd.array([22_044] * 4, dtype="Int64")
    dense = freigabe.kennzahl(density)
    assert home.spalte("wert") == [GEHEIM]
    hidden = [k for k, v in marks(table, "zaehler").items() if v is GEHEIM]
    assert "34" in hidden and len(hidden) >= 2
    # The population is public: the density of a hidden count would give it back.
    assert [k for k, v in marks(dense, "wert").items() if v is GEHEIM] == hidden
    assert dense.spalte("nenner") == [22_044] * 4


def test_was_zwischen_auswahl_und_ganzem_uebrig_bleibt_wird_mitgeschuetzt() -> None:
    """H10's base leaves out § 28: the stock less that base is the stock of § 28."""
    freigabe = Freigabe.open("leitung")
    stock = freigabe.kennzahl(werte("H01", (), zaehlung(102), HEUTE))
    share = freigabe.kennzahl(werte("H10", (), anteil(50, 100), HEUTE))
    assert stock.spalte("zaehler") == [102]
    assert share.spalte("wert") == [GEHEIM]


def test_eine_auswahl_ist_die_summe_ihrer_zellen() -> None:
    freigabe = Freigabe.open("leitung")
    freigabe.kennzahl(werte("H13", (), anteil(30, 32), HEUTE))
    # 32 − 30 = 2 is § 34, and the table that shows it comes later.
    table = freigabe.kennzahl(werte("H01", JE_HILFEART, gliederung(_33=30, _34=2, _31=9), HEUTE))
    assert marks(table, "zaehler")["34"] is GEHEIM


# --- where earlier tables leave no way ------------------------------------------------------------


def test_was_frueher_gezeigt_wurde_sperrt_spaetere_tabellen_nicht_ganz() -> None:
    """The parts of a small total hide each other and the zeros; all other figures stay."""
    freigabe = Freigabe.open("leitung")
    freigabe.release(
        pd.DataFrame({"ort": ["stadt", "fern"], "anzahl": [3, 90]}), je="ort", anzahl="anzahl"
    )
    data = pd.DataFrame(
        [
            (ort, art, n)
            for ort, counts in (("stadt", (1, 1, 1, 0)), ("fern", (40, 20, 20, 10)))
            for art, n in zip("abcd", counts, strict=True)
        ],
        columns=["ort", "hilfeart", "anzahl"],
    )
    released = freigabe.release(data, je=["ort", "hilfeart"], anzahl="anzahl")
    found = marks(released, "anzahl")
    assert [found["stadt", a] for a in "abcd"] == [GEHEIM] * 4
    assert [found["fern", a] for a in "abcd"] == [40, 20, 20, 10]
    assert released.auch_null


def test_ohne_not_stehen_marken_nie_fuer_nullen() -> None:
    data = frame(HILFEN, "anzahl")
    released = Freigabe.open("leitung").release(data, je="hilfeart", anzahl="anzahl")
    assert not released.auch_null and not released.zahl("anzahl").auch_null


def test_der_leser_erfaehrt_dass_eine_tabelle_ganz_gesperrt_ist() -> None:
    freigabe = Freigabe.open("leitung")
    freigabe.release(pd.DataFrame({"anzahl": [3]}), je=(), anzahl="anzahl")
    parts = pd.DataFrame({"hilfeart": ["31", "33", "34", "35"], "anzahl": [1, 1, 1, 0]})
    html = gezeichnet.table(freigabe.release(parts, je="hilfeart", anzahl="anzahl"), "Teile").html
    assert "Diese Tabelle ist ganz gesperrt, weil" in html
    assert "Das Zeichen • kann hier auch für null stehen." in html
    ordinary = freigabe.release(
        frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl", merkmal="anderes"
    )
    html = gezeichnet.table(ordinary, "Hilfen").html
    assert "ganz gesperrt" not in html and "für null" not in html


# --- nothing leaves by another way ----------------------------------------------------------------


def test_released_und_zahl_macht_nur_die_tuer() -> None:
    with pytest.raises(NotReleased):
        Released(object(), ("x",), ("x",), ((1,),), {}, "leitung")
    with pytest.raises(NotReleased):
        Zahl(object(), 2)
    released = Freigabe.open("leitung").release(
        frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl"
    )
    with pytest.raises(NotReleased):
        replace(released, zeilen=(("33", 1),))


def test_released_traegt_keine_spur_des_gesperrten() -> None:
    data = frame(HILFEN, "anzahl")
    data["hilfeart"] = data["hilfeart"].astype("category")
    data.attrs["fall"] = "4711"
    data = data[data["hilfeart"] != "33"]
    released = Freigabe.open("leitung").release(
        data, je="hilfeart", anzahl="anzahl", merkmal="ohne 33"
    )
    copy_ = released.frame
    assert copy_.attrs == {}
    assert {str(t) for t in copy_.dtypes} == {"object"}
    assert {type(v) for row in released.zeilen for v in row} <= {str, int, type(GEHEIM)}
    for attempt in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            attempt(released)


def test_die_kopie_zu_aendern_aendert_nichts_gezeigtes() -> None:
    released = Freigabe.open("leitung").release(
        frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl"
    )
    taken = released.frame
    taken["anzahl"] = 2
    assert marks(released, "anzahl")["34"] is GEHEIM


def test_die_reihenfolge_verraet_keine_groesse() -> None:
    data = pd.DataFrame({"hilfeart": ["33", "31", "34", "32"], "anzahl": [12, 7, 2, 1]})
    released = Freigabe.open("leitung").release(data, je="hilfeart", anzahl="anzahl")
    assert released.spalte("hilfeart") == ["31", "32", "33", "34"]


@pytest.mark.parametrize(
    ("kwargs", "meldung"),
    [
        pytest.param({"je": "hilfeart"}, "Nicht erklärte", id="Spalte nicht erklärt"),
        pytest.param({"je": "hilfeart", "anzahl": ["anzahl", "x"]}, "fehlen", id="Spalte fehlt"),
        pytest.param(
            {"je": "hilfeart", "anzahl": "anzahl", "abgeleitet": {"anzahl": ()}}, "doppelt",
            id="doppelt erklärt",
        ),
        pytest.param(
            {"je": (), "anzahl": "anzahl", "betraege": {"hilfeart": None}}, "doppelt",
            id="Zeilen nicht unterschieden",
        ),
    ],
)  # fmt: skip
def test_unvollstaendig_erklaertes_kommt_nicht_durch(kwargs: dict, meldung: str) -> None:
    with pytest.raises(NotReleased, match=meldung):
        Freigabe.open("leitung").release(frame(HILFEN, "anzahl"), **kwargs)


@pytest.mark.parametrize("n", [2.5, -1, "viele", True])
def test_was_keine_anzahl_ist_wird_nicht_als_solche_freigegeben(n: Any) -> None:
    data = pd.DataFrame({"hilfeart": ["33"], "anzahl": pd.Series([n], dtype=object)})
    with pytest.raises(NotReleased, match="keine Anzahl"):
        Freigabe.open("leitung").release(data, je="hilfeart", anzahl="anzahl")


def test_unbekannte_edition_wird_genannt() -> None:
    with pytest.raises(UsageError, match="Edition"):
        Freigabe.open("leitng")


def test_ein_ausdruck_wird_ausgefuehrt() -> None:
    class Ausdruck:
        def execute(self) -> pd.DataFrame:
            return pd.DataFrame({"hilfeart": ["33"], "anzahl": [7]})

    released = Freigabe.open("leitung").release(Ausdruck(), je="hilfeart", anzahl="anzahl")
    assert released.spalte("anzahl") == [7]


# --- the mark -------------------------------------------------------------------------------------


def test_geheim_ist_eine_marke_und_keine_zahl() -> None:
    assert str(GEHEIM) == f"{GEHEIM}" == "•"
    assert copy.deepcopy(GEHEIM) is GEHEIM
    assert pickle.loads(pickle.dumps(GEHEIM)) is GEHEIM  # noqa: S301
    for attempt in (
        lambda: GEHEIM + 1,
        lambda: 2 * GEHEIM,
        lambda: float(GEHEIM),
        lambda: f"{GEHEIM:.2f}",
        lambda: GEHEIM < 3,
        lambda: bool(GEHEIM),
        lambda: sorted([GEHEIM, 1]),
    ):
        with pytest.raises(TypeError):
            attempt()


def test_zahl_einer_tabelle_verlangt_genau_eine_zeile() -> None:
    released = Freigabe.open("leitung").release(
        frame(HILFEN, "anzahl"), je="hilfeart", anzahl="anzahl"
    )
    assert released.zahl("anzahl").wert == 21
    assert released.zahl("anzahl", hilfeart="34").wert is GEHEIM
    for kwargs in ({"hilfeart": "35"}, {"ort": "stadt"}):
        with pytest.raises(NotReleased):
            released.zahl("anzahl", **kwargs)


@pytest.mark.parametrize("je", ["person_id", "hilfe_id", "beginn", "geburtsmonat", "zahlung_id"])
def test_nach_einzelnen_vorgaengen_wird_nicht_gegliedert(je: str) -> None:
    frame = pd.DataFrame({je: ["a", "b"], "anzahl": [10, 20]})
    with pytest.raises(NotReleased, match="einzelnen Vorgang"):
        Freigabe.open("intern").release(frame, je=je, anzahl="anzahl")


@pytest.mark.parametrize(
    "id, part",
    [
        pytest.param("H13", True, id="§ 33 von §§ 33 und 34"),
        pytest.param("H27", True, id="ein Grund von allen außer einem anderen"),
        pytest.param("H42", True, id="ja von allen mit Angabe"),
        pytest.param("H30", False, id="Zugang je Bestand ist kein Anteil"),
        pytest.param("F02", False, id="Ist am Ansatz ist kein Anteil"),
    ],
)
def test_ein_anteil_zaehlt_dasselbe_unter_engeren_bedingungen(id: str, part: bool) -> None:
    item = catalogue.kennzahl(id)
    assert merkmale.is_part(item.zaehler.terme[0], item.nenner.terme[0]) is part


def test_ein_zaehler_als_differenz_verraet_den_rest_nicht() -> None:
    """30 returned, 29 stayed: the one who came again must not follow from »29 von 30«."""
    frame = pd.DataFrame(
        {
            "zaehler": pd.array([29], dtype="Int64"),
            "nenner": pd.array([30], dtype="Int64"),
            "wert": pd.Series([Decimal("96.67")], dtype="object"),
            "faelle_zaehler": pd.array([30], dtype="Int64"),
            "faelle_nenner": pd.array([30], dtype="Int64"),
        }
    )
    werte = Werte(catalogue.kennzahl("H26"), (), frame, date(2024, 12, 31))
    assert Freigabe.open("leitung").zahl(werte).wert is GEHEIM
    assert Freigabe.open("intern").zahl(werte).wert == Decimal("96.67")


def dauer(anzahl: int) -> pd.DataFrame:
    """The middle and the mean of *anzahl* durations, as a Kennzahl says them."""
    frame = zaehlung(anzahl)
    both = pd.Series([Decimal("7.5")], dtype="object")
    return frame.assign(zaehler=both, wert=both)


@pytest.mark.parametrize(
    ("id", "edition", "least"),
    [("H21b", "leitung", 10), ("H35", "leitung", 10), ("H24", "gremium", 10),
     ("H22", "leitung", 5), ("H22", "gremium", 10), ("H21b", "intern", 0)],
)  # fmt: skip
def test_die_mitte_von_wenigen_ist_die_eines_kindes(id: str, edition: str, least: int) -> None:
    assert catalogue.edition(edition).median >= catalogue.edition(edition).mittel
    for n in (catalogue.edition(edition).schwelle, least - 1, least, 40):
        if n > 0:
            released = Freigabe.open(edition).kennzahl(werte(id, (), dauer(n), "2025-06-30"))
            assert (released.zahl("wert").wert is GEHEIM) == (n < least), n


def test_eine_anzahl_bleibt_auch_unter_der_grenze_der_mittelwerte() -> None:
    released = Freigabe.open("leitung").kennzahl(werte("H01", (), zaehlung(4), "2025-06-30"))
    assert released.zahl("wert").wert == 4
