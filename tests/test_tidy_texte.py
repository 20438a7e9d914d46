"""Numbers, dates and codes: German texts mean one thing or are refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozcontrol import catalogue
from sozcontrol.catalogue import Codeliste
from sozcontrol.catalogue.profil import Herkunft
from sozcontrol.intake import Zahlzelle
from sozcontrol.tidy.codes import UnknownCode, encode, truth
from sozcontrol.tidy.columns import Column, _unlikely, type_column
from sozcontrol.tidy.dates import Datumsformat
from sozcontrol.tidy.numbers import Zahlformat
from sozcontrol.tidy.pseudonym import Pseudonymiser

EURO = Zahlformat(euro=True)


@pytest.mark.parametrize(
    "text, wert",
    [
        ("1234,56", "1234.56"), ("1.234,56", "1234.56"), ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"), ("1\u2009234,56", "1234.56"), ("1'234,56", "1234.56"),
        ("1’234’567,89", "1234567.89"), ("1.234,56-", "-1234.56"), ("-1.234,56", "-1234.56"),
        ("−5", "-5"), ("–5", "-5"), ("+5", "5"), ("(1.234,56)", "-1234.56"), ("( 5 )", "-5"),
        ("1.234,56 €", "1234.56"), ("1.234,56€", "1234.56"), ("EUR 1.234,56", "1234.56"),
        ("1.234,56- EUR", "-1234.56"), ("(5,00 €)", None), ("0", "0"), ("0,5", "0.5"),
        ("1.234", "1234"), ("12.345.678", "12345678"), ("007", "7"),
        ("1.23", None), ("1.2345", None), ("0.123", None), ("01.234", None), ("1234.567", None),
        ("1.234'567", None), ("1,234.50", None), ("1,2,3", None), (",5", None), ("5,", None),
        ("--5", None), ("-5-", None), ("(-5)", None), ("((5))", None), ("1 234", "1234"),
        ("1,23E+11", None), ("1e5", None), ("5 %", None), ("5 T€", None), ("5 USD", None),
        ("x", None), ("", None), ("€", None), ("١٢", None), ("NaN", None), ("Infinity", None),
    ],
)  # fmt: skip
def test_betraege_in_deutscher_schreibweise(text: str, wert: str | None) -> None:
    if wert is None:
        with pytest.raises(ValueError):
            EURO.parse(text)
    else:
        assert EURO.parse(text) == Decimal(wert)


@pytest.mark.parametrize(
    "einheit, faktor, text, wert",
    [
        ("T€", 1000, "1,5", "1500"),
        ("T€", 1000, "1,5 T€", "1500"),
        ("T€", 1000, "1,5 TEUR", "1500"),
        ("T€", 1000, "1,5 €", None),
        ("%", 1, "12,5 %", "12.5"),
        ("%", 1, "12,5", "12.5"),
        ("Anteil", 1, "0,125", "0.125"),
        ("Anteil", 1, "12,5 %", "0.125"),
        ("Anteil", 1, "5 €", None),
        (None, 1, "5 €", None),
    ],
)
def test_einheit_und_faktor_kommen_aus_dem_profil(
    einheit: str | None, faktor: int, text: str, wert: str | None
) -> None:
    numbers = Zahlformat(einheit=einheit, faktor=faktor)
    if wert is None:
        with pytest.raises(ValueError):
            numbers.parse(text)
    else:
        assert numbers.parse(text) == Decimal(wert)


def test_dezimalpunkt_nur_wo_er_vereinbart_ist() -> None:
    english = Zahlformat(dezimal=".", tausender=",")
    assert english.parse("1,234.50") == Decimal("1234.50")
    with pytest.raises(ValueError):
        english.parse("1.234,50")


def test_eine_zahlzelle_ist_was_sie_ist() -> None:
    assert EURO.parse(Zahlzelle("1.234")) == Decimal("1.234")
    assert EURO.parse("1.234") == Decimal("1234")


BETRAG = st.decimals(-(10**9), 10**9, places=2, allow_nan=False, allow_infinity=False)


@given(BETRAG, st.sampled_from([".", "", "\u00a0", "\u202f", "'"]), st.sampled_from(range(8)))
def test_jede_deutsche_schreibweise_fuehrt_auf_denselben_betrag(
    betrag: Decimal, tausender: str, form: int
) -> None:
    plain = f"{abs(betrag):,.2f}".replace(",", "T").replace(".", ",").replace("T", tausender)
    minus = betrag < 0
    text = {
        0: f"-{plain}" if minus else plain,
        1: f"{plain}-" if minus else plain,
        2: f"({plain})" if minus else plain,
        3: f"−{plain} €" if minus else f"{plain} €",
        4: f"{plain}- EUR" if minus else f"{plain} EUR",
        5: f"EUR {plain}-" if minus else f"€ {plain}",
        6: f"- {plain}" if minus else f"+{plain}",
        7: f"{plain} -" if minus else plain,
    }[form]
    assert EURO.parse(text) == betrag


@pytest.mark.parametrize(
    "formate, text, tag",
    [
        ((), "31.12.2020", date(2020, 12, 31)),
        ((), "1.2.2020", date(2020, 2, 1)),
        ((), "31.12.2020 00:00", date(2020, 12, 31)),
        ((), "31.12.2020 00:00:00", date(2020, 12, 31)),
        ((), "31.12.2020 14:30", None),
        ((), "2020-12-31", None),
        ((), "31.12.20", None),
        ((), "31.02.2020", None),
        ((), "29.02.2023", None),
        ((), "29.02.2024", date(2024, 2, 29)),
        ((), "00.00.0000", None),
        ((), "31.12.9999", None),
        ((), "01.01.1899", None),
        ((), "44196", None),
        (("%d.%m.%y",), "31.12.20", date(2020, 12, 31)),
        (("%d.%m.%y",), "31.12.2020", None),
        (("%d.%m.%y", "%d.%m.%Y"), "31.12.2020", date(2020, 12, 31)),
        (("%Y-%m-%d",), "2020-12-31T00:00:00", date(2020, 12, 31)),
        (("%Y%m%d",), "20201231", date(2020, 12, 31)),
        (("%Y%m%d",), "2020123", None),
        (("%d.%m.%Y %H:%M",), "31.12.2020 14:30", date(2020, 12, 31)),
        (("excel",), "44196", date(2020, 12, 31)),
        (("excel",), "44196,5", None),
        (("excel",), "60", None),
        (("%b %y",), "Dez 20", date(2020, 12, 1)),
        (("%b %y",), "Mrz. 21", date(2021, 3, 1)),
        (("%B %Y",), "März 2021", date(2021, 3, 1)),
        (("%b %y",), "Foo 20", None),
        (("%m/%Y",), "12/2020", date(2020, 12, 1)),
        (("%m/%Y",), "13/2020", None),
        (("%Y",), "2020", date(2020, 1, 1)),
    ],
)
def test_datum_streng_nach_den_formaten_des_profils(
    formate: tuple[str, ...], text: str, tag: date | None
) -> None:
    formats = Datumsformat(formate)
    if tag is None:
        with pytest.raises(ValueError):
            formats.parse(text)
    else:
        assert formats.parse(text) == tag


TAG = st.dates(date(1900, 3, 1), date(2199, 12, 31))


@given(TAG, st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%d.%m.%Y 00:00:00", "excel"]))
def test_jedes_geschriebene_datum_wird_wieder_dasselbe(tag: date, form: str) -> None:
    if form == "excel":
        text, formats = str((tag - date(1899, 12, 30)) // timedelta(days=1)), ("excel",)
    else:
        text, formats = tag.strftime(form), (form.removesuffix(" 00:00:00"),)
    assert Datumsformat(formats).parse(text) == tag


@given(st.text(max_size=12))
def test_beliebiger_text_wird_gelesen_oder_abgewiesen_nie_anders(text: str) -> None:
    for parse in (Datumsformat().parse, EURO.parse):
        try:
            parse(text)
        except ValueError as error:
            assert not text or text not in str(error)


LISTE = Codeliste.model_validate(
    {
        "codeliste": "x",
        "bezeichnung": "x",
        "gueltig": {"a": {"name": "A"}},
        "korrektur": {"alt": "a"},
        "verworfen": ("weg",),
    }
)


@pytest.mark.parametrize(
    "text, code", [("a", "a"), ("alt", "a"), ("weg", None), ("Wort", "a"), ("Wort2", "a")]
)
def test_erst_das_profil_dann_die_codeliste(text: str, code: str | None) -> None:
    assert encode(text, {"Wort": "a", "Wort2": "alt"}, LISTE) == code


@pytest.mark.parametrize("text", ["A", "b", "Wort "])
def test_alles_andere_ist_ein_unbekannter_code(text: str) -> None:
    with pytest.raises(UnknownCode):
        encode(text, {"Wort": "a"}, LISTE)


def test_ja_und_nein() -> None:
    assert truth("Ja", {}) is True
    assert truth("N", {}) is False
    assert truth("X", {"X": "ja"}) is True
    with pytest.raises(UnknownCode):
        truth("vielleicht", {})


@pytest.mark.parametrize(
    ("codes", "werte"),
    [
        pytest.param({}, [None, None, True], id="ohne Wort dafür: keine Angabe"),
        pytest.param({"x": "ja", "": "nein"}, [True, False, True], id="eine Liste mit Kreuzen"),
    ],
)
def test_was_ein_leeres_feld_heisst_kann_das_profil_sagen(codes, werte) -> None:
    """»x« and »« mean nothing there, unless the profile translates them."""
    table = catalogue.tabelle("fall")
    column = Column(table, table.spalte("ist_uma"), Herkunft(aus=("umA",), codes=codes))
    typed = type_column(column, ["x", "", "ja"], Pseudonymiser(b"k" * 32, "test"))
    assert ([*typed.werte], typed.schlecht) == (werte, {})


@pytest.mark.parametrize(
    "werte, einheit, fraglich",
    [
        pytest.param(["0.5", "1"], "Anteil", [], id="bis 1 ist ein Anteil"),
        pytest.param(["0.5", "1.01", "-1.5"], "Anteil", [1, 2], id="über 1 ist keiner"),
        pytest.param(["0.1", "0.9"], "%", [0, 1], id="nur unter 1: wohl Anteile"),
        pytest.param(["0.1", "12.5"], "%", [], id="eine über 1: Prozente"),
        pytest.param(["0.1", "120"], None, [], id="ohne Einheit"),
    ],
)
def test_anteil_und_prozent_werden_nicht_verwechselt(
    werte: list[str], einheit: str | None, fraglich: list[int]
) -> None:
    assert _unlikely([Decimal(w) for w in werte], einheit, werte) == fraglich
