"""What a run is asked for: every wrong value is one German line, before any kernel starts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st
from press_fixtures import bare_project, write_notebook

from sozcontrol import catalogue
from sozcontrol.errors import Exit, NotebookFailed, UsageError
from sozcontrol.press.lauf.parameter import (
    Parameter,
    _declared,
    _plain,
    check_notebook,
    parse_date,
)
from sozcontrol.press.lauf.plan import following, plan, termine

GOOD = {"stichtag": "2025-06-30", "datenstand": "2025-07-15"}


def test_gueltige_parameter_werden_zu_typen_und_wieder_zu_text() -> None:
    parameter = Parameter.parse(GOOD)
    assert parameter.stichtag == date(2025, 6, 30)
    assert parameter.as_notebook() == GOOD


@pytest.mark.parametrize(
    "change, says",
    [
        pytest.param({"stichtag": "30.06.2025"}, "»2025-06-30«", id="deutsches Datum"),
        pytest.param({"stichtag": "31.06.2025"}, "»2025-06-30«", id="deutsch und kein Tag"),
        pytest.param({"stichtag": "2025-06-31"}, "»2025-06-30«", id="31. Juni"),
        pytest.param({"stichtag": "2025-02-29"}, "»2025-02-28«", id="kein Schaltjahr"),
        pytest.param({"stichtag": "2025-13-01"}, "Monat 01–12", id="13. Monat"),
        pytest.param({"stichtag": "2025-00-00"}, "Monat 01–12", id="Nulldatum"),
        pytest.param({"stichtag": "20250630"}, "JJJJ-MM-TT", id="ohne Striche"),
        pytest.param({"stichtag": "2025-6-30"}, "JJJJ-MM-TT", id="Monat einstellig"),
        pytest.param({"stichtag": ""}, "JJJJ-MM-TT", id="leer"),
        pytest.param({"stichtag": "heute"}, "JJJJ-MM-TT", id="Wort"),
        pytest.param({"stichtag": 20250630}, "JJJJ-MM-TT", id="Zahl"),
        pytest.param({"stichtag": None}, "JJJJ-MM-TT", id="nichts"),
        pytest.param({"stichtag": "2025-06-30\nimport os"}, "JJJJ-MM-TT", id="Zeilenumbruch"),
        pytest.param({"stichtag": "2025-06-30T00:00"}, "JJJJ-MM-TT", id="mit Uhrzeit"),
        pytest.param({"stichtag": "٢٠٢٥-٠٦-٣٠"}, "kein", id="fremde Ziffern"),
        pytest.param({"datenstand": "2025-06-29"}, "vor dem Stichtag", id="Datenstand davor"),
        pytest.param({"datenstand": "x"}, "JJJJ-MM-TT", id="Datenstand kein Datum"),
        pytest.param({"edition": "leitung"}, "unbekannt", id="Edition ist keiner mehr"),
        pytest.param({"stichtg": "2025-06-30"}, "»stichtag«", id="Name verschrieben"),
        pytest.param({"x=0\nopen('y').write()": "1"}, "unbekannt", id="Code als Name"),
    ],
)
def test_jeder_falsche_wert_ist_eine_zeile_mit_dem_naechsten_richtigen(change, says) -> None:
    with pytest.raises(UsageError) as caught:
        Parameter.parse(GOOD | change)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code is Exit.USAGE


@pytest.mark.parametrize("name", ["stichtag", "datenstand"])
def test_ein_fehlender_parameter_wird_genannt(name: str) -> None:
    with pytest.raises(UsageError, match=f"»{name}« fehlt"):
        Parameter.parse({k: v for k, v in GOOD.items() if k != name})


@given(st.text(max_size=40))
def test_kein_text_macht_mehr_als_eine_zeile_oder_einen_anderen_fehler(text: str) -> None:
    try:
        day = parse_date(text, "stichtag")
    except UsageError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert day.isoformat() == text


@given(st.dates())
def test_jeder_tag_des_kalenders_ist_ein_stichtag(day: date) -> None:
    assert parse_date(day.isoformat(), "stichtag") == day


@pytest.mark.parametrize(
    "cell, says",
    [
        pytest.param('stichtag = "x"', "es fehlt datenstand", id="einer fehlt"),
        pytest.param(
            'stichtag = "x"\ndatenstand = "z"\njahr = 2025',
            "unbekannt ist jahr",
            id="einer zu viel",
        ),
        pytest.param(
            'stichtag = "x"\ndatenstand = "z"\nedition = "leitung"',
            "unbekannt ist edition",
            id="Edition",
        ),
        pytest.param("", "es fehlt datenstand, stichtag", id="leere Zelle"),
    ],
)
def test_ein_notebook_muss_genau_die_zwei_parameter_erklaeren(tmp_path, cell, says) -> None:
    path = write_notebook(bare_project(tmp_path), "probe", parameters=cell)
    with pytest.raises(NotebookFailed, match=says):
        check_notebook(path)


def test_in_unseren_notebooks_faende_papermill_dieselben_parameter() -> None:
    ours = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
    assert [p for p in ours if not _plain(p)] == []
    assert set(_declared(ours[0])) == {"stichtag", "datenstand"}


def test_das_notebook_darf_auch_in_einem_ordner_mit_klammern_liegen(tmp_path) -> None:
    check_notebook(write_notebook(bare_project(tmp_path / "{amt} 51"), "probe"))


@pytest.mark.parametrize("content", [None, "kein JSON", "{}"], ids=["fehlt", "Text", "leer"])
def test_ein_kaputtes_notebook_wird_vor_dem_lauf_erkannt(tmp_path, content) -> None:
    projekt = bare_project(tmp_path)
    path = projekt.notebooks / "probe.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(NotebookFailed, match="probe"):
        check_notebook(path)


BEIDE = {"finanzcontrolling", "monitoring_jugend"}
JUGEND = {"monitoring_jugend"}


@pytest.mark.parametrize(
    "tag, bereiche, arten, faellig",
    [
        pytest.param("2025-03-31", JUGEND, {"monitoring"}, "2025-04-30", id="31.03."),
        pytest.param("2025-04-30", BEIDE, {"operativ"}, "2025-06-02", id="30.04., Samstag"),
        pytest.param(
            "2025-06-30", BEIDE, {"operativ", "monitoring"}, "2025-09-01", id="30.06., Sonntag"
        ),
        pytest.param("2025-08-31", BEIDE, {"operativ"}, "2025-09-30", id="31.08."),
        pytest.param("2025-09-30", JUGEND, {"monitoring"}, "2025-10-31", id="30.09."),
        pytest.param(
            "2025-12-31",
            BEIDE,
            {"monitoring", "jahresbericht"},
            "2026-03-02",
            id="31.12., Ende Februar ist ein Samstag",
        ),
    ],
)
def test_was_ein_stichtag_schuldet(tag, bereiche, arten, faellig) -> None:
    stichtag = date.fromisoformat(tag)
    berichte = plan(stichtag, (), ["leitung"])
    # Further areas may owe a report, too; these two stand for the two calendars.
    assert {b.bereich.id for b in berichte} & BEIDE == bereiche
    assert {a for b in berichte for a in b.berichtsarten} == arten
    # What an area does not report, nobody has to comment: the forecast of inhabitants is quarterly.
    assert ("einwohnerprognose" in catalogue.berichte_am(stichtag)) is ("monitoring" in arten)
    (due,) = [f for f in termine(2025, "DE-RP") if f.stichtag == stichtag]
    assert due.fristen[0].am == date.fromisoformat(faellig)


def test_ein_tag_ausser_der_reihe_kann_alles_schulden() -> None:
    assert catalogue.berichte_am(date(2025, 7, 1)) == [*catalogue.bereiche()]


def fristen(jahr: int, land: str | None = "DE-RP") -> dict[tuple[date, str], date]:
    return {(f.stichtag, d.frist.was): d.am for f in termine(jahr, land) for d in f.fristen}


@pytest.mark.parametrize("jahr", range(2024, 2040))
def test_keine_frist_endet_an_einem_wochenende_oder_feiertag(jahr: int) -> None:
    """The holidays of Rheinland-Pfalz, worked out by hand: Easter's from dateutil."""
    for am in fristen(jahr).values():
        ostern = easter(am.year)
        frei = {ostern + timedelta(days=n) for n in (-2, 1, 39, 50, 60)}
        frei |= {date(am.year, m, t) for m, t in ((1, 1), (5, 1), (10, 3), (11, 1), (12, 25),
                                                   (12, 26))}  # fmt: skip
        assert am.weekday() < 5
        assert am not in frei


def test_der_rat_wird_innerhalb_von_zwei_monaten_unterrichtet() -> None:
    rat = {s: am for (s, was), am in fristen(2027).items() if was == "Unterrichtung des Rates"}
    assert rat == {
        date(2027, 6, 30): date(2027, 8, 31),
        date(2027, 12, 31): date(2028, 2, 29),  # a leap year: the end of February is its 29th
    }


def test_der_jahresbericht_ist_im_ersten_quartal_geschuldet() -> None:
    jahr = fristen(2025)
    stichtag = date(2025, 12, 31)
    assert jahr[stichtag, "Strategischer Jahresbericht"] == date(2026, 3, 31)
    assert jahr[stichtag, "Unterrichtung des Rates"] == date(2026, 3, 2)


def test_ein_feiertag_der_kommune_verschiebt_die_frist() -> None:
    """Easter Monday 2029 is the 2nd of April; the 31st of March is the Saturday before."""
    stichtag = date(2028, 12, 31)
    land, ohne = (
        fristen(2028, x)[stichtag, "Strategischer Jahresbericht"] for x in ("DE-RP", None)
    )
    assert (land, ohne) == (date(2029, 4, 3), date(2029, 4, 2))


def test_der_naechste_bericht_eines_bereichs() -> None:
    finanzen, jugend = (catalogue.bereich(b) for b in ("finanzcontrolling", "monitoring_jugend"))
    assert following(finanzen, date(2025, 6, 30)) == date(2025, 8, 31)
    assert following(jugend, date(2025, 8, 31)) == date(2025, 9, 30)
    assert following(finanzen, date(2025, 12, 31)) == date(2026, 4, 30)


def test_jede_edition_ist_ein_eigener_bericht_und_keine_doppelt() -> None:
    berichte = plan(date(2025, 6, 30), sorted(BEIDE), ["leitung", "intern", "leitung"])
    assert [b.name for b in berichte] == [
        "leitung/finanzcontrolling",
        "intern/finanzcontrolling",
        "leitung/monitoring_jugend",
        "intern/monitoring_jugend",
    ]


@pytest.mark.parametrize(
    "tag, nachbarn",
    [
        pytest.param("2025-05-01", ("2025-04-30", "2025-06-30"), id="Mai"),
        pytest.param("2025-01-01", ("2024-12-31", "2025-03-31"), id="Jahresanfang"),
        pytest.param("2025-12-30", ("2025-09-30", "2025-12-31"), id="Tag vor Jahresende"),
        pytest.param("2024-02-29", ("2023-12-31", "2024-03-31"), id="Schalttag"),
        pytest.param("9999-12-30", ("9998-12-31",), id="Ende der Zeit"),
        pytest.param("0001-01-01", ("0001-03-31",), id="Anfang der Zeit"),
    ],
)
def test_ein_tag_ausserhalb_des_kalenders_nennt_seine_nachbarn(tag, nachbarn) -> None:
    with pytest.raises(UsageError) as caught:
        plan(date.fromisoformat(tag), (), ["leitung"])
    assert all(n in str(caught.value) for n in nachbarn)
    assert "--frei" in str(caught.value)


def test_mit_frei_laeuft_jeder_tag_fuer_alle_bereiche() -> None:
    berichte = plan(date(2025, 7, 1), (), ["leitung"], frei=True)
    assert {b.bereich.id for b in berichte} == set(catalogue.bereiche())
    assert {b.berichtsarten for b in berichte} == {()}


@pytest.mark.parametrize(
    ("tag", "edition", "dabei"),
    [
        (date(2025, 4, 30), "leitung", False),
        (date(2025, 4, 30), "gremium", False),
        (date(2025, 4, 30), "controlling", True),
        (date(2025, 6, 30), "leitung", True),
    ],
)
def test_vor_dem_30_juni_hat_nur_das_controlling_eine_hochrechnung(
    tag: date, edition: str, dabei: bool
) -> None:
    assert ("hochrechnung" in {b.bereich.id for b in plan(tag, (), [edition])}) == dabei
    if not dabei:
        with pytest.raises(UsageError, match="keine Hochrechnung"):
            plan(tag, ["hochrechnung"], [edition])


@pytest.mark.parametrize(
    ("tag", "edition", "name"),
    [
        (date(2025, 4, 30), "controlling", "Versuch"),
        (date(2025, 4, 30), "leitung", None),
        (date(2025, 6, 30), "leitung", None),
        (date(2025, 8, 31), "leitung", "September-Prognose"),
    ],
)
def test_den_namen_der_prognose_tragen_die_berichte_die_sie_zeigen(
    tag: date, edition: str, name: str | None
) -> None:
    named = {b.bereich.id: b.prognose for b in plan(tag, (), [edition])}
    assert named["finanzcontrolling"] == name == named.get("hochrechnung", name)
    assert named["monitoring_jugend"] is named["abwicklung"] is None


def test_ein_bereich_der_nichts_schuldet_sagt_wann_er_schuldet() -> None:
    with pytest.raises(UsageError, match=r"schuldet zum 31\.03\.2025 keinen.*30\.04\."):
        plan(date(2025, 3, 31), ["finanzcontrolling"], ["leitung"])


@pytest.mark.parametrize(
    "bereiche, editionen, says",
    [
        pytest.param(["monitoring_jugent"], ["leitung"], "»monitoring_jugend«", id="Bereich"),
        pytest.param([], ["gremiun"], "»gremium«", id="Edition"),
        pytest.param(["../../etc"], ["leitung"], "unbekannt", id="Pfad als Bereich"),
    ],
)
def test_unbekannte_namen_nennen_den_naechsten(bereiche, editionen, says) -> None:
    with pytest.raises(UsageError, match=says):
        plan(date(2025, 6, 30), bereiche, editionen)


@pytest.mark.parametrize(
    ("tag", "editionen"),
    [
        pytest.param(date(2025, 3, 31), {"leitung"}, id="Quartal ohne Pflicht gegen den Rat"),
        pytest.param(date(2025, 4, 30), {"leitung"}, id="erster operativer Bericht"),
        pytest.param(date(2025, 6, 30), {"leitung", "gremium"}, id="§ 21 GemHVO, 30.06."),
        pytest.param(date(2025, 12, 31), {"leitung", "gremium"}, id="§ 21 GemHVO, 31.12."),
    ],
)
def test_wo_der_rat_zu_unterrichten_ist_entsteht_seine_edition_von_selbst(tag, editionen) -> None:
    assert {b.edition.id for b in plan(tag, [], [])} == editionen
    assert {b.edition.id for b in plan(tag, [], ["intern"])} == {"intern"}


def test_ein_bereich_ohne_diese_edition_hindert_niemanden(monkeypatch) -> None:
    area = catalogue.bereich("abwicklung").model_copy(update={"editionen": ("leitung",)})
    monkeypatch.setattr(catalogue, "bereiche", lambda: {area.id: area})
    monkeypatch.setattr(catalogue, "bereich", lambda name: area)
    planned = plan(date(2025, 6, 30), ["abwicklung"], [])
    assert [b.edition.id for b in planned] == ["leitung"]
