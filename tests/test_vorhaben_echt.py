"""Published papers of two cities, as text out of their PDFs, imported to the figures.

They lie beside the project, or where SOZCONTROL_ECHTE_PAPIERE says; without them nothing is
tested. What is told of them here are facts; the texts stay where they are.
"""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from monatsdateien import Daten
from press_fixtures import bare_project

from sozcontrol import catalogue, measures
from sozcontrol.checks.regel import load_querregeln
from sozcontrol.demo.schreibweise import liste
from sozcontrol.intake import read_delivery
from sozcontrol.measures import beschluesse, vorhaben
from sozcontrol.tidy import Pseudonymiser, to_tables

FOLDER = Path(os.environ.get("SOZCONTROL_ECHTE_PAPIERE", ROOT.parent / "shared" / "seeds"))
STICHTAG, DATENSTAND = date(2024, 1, 31), date(2024, 2, 15)
PROFIL = ROOT / "sozcontrol" / "catalogue" / "profile" / "musterstadt_steuerung.yml"
KUERZEL = {"Pa": "JA", "Ho": "SD", "TL": "OE", "Mu": "JA", "Mo": "PL", "Fe": "KT"}
"""Initials of the table, as the city's own profile reads them: functions."""
GRADE = ("dauerhaft / vollständig erreicht", "vollständig erreicht", "nahezu erreicht",
         "Fortschritte sind erreicht", "keine Fortschritte erreicht",
         "Vorhaben nicht mehr aktuell")  # fmt: skip
FELDER = {"1": "Pflege", "2": "Wohnraum", "3": "soziale Situation", "4": "Bildung"}
BERICHTE = ("08.02.2022", "17.05.2022", "16.12.2022", "11. Januar 2024")
SAGT = {
    1: ("Rückführung", "08.04.2021", "28.02.2021"),
    2: ("Stellenbeschreibung", "08.04.2021", "31.03.2021"),
    3: ("Erste Ergebnisse", "08.04.2021", "30.09.2021"),
    4: ("Bedarfsanalyse", "08.04.2021", "31.12.2021"),
    5: ("Fachausschuss", "08.04.2021", "31.12.2021"),  # »regularly«: within the year at least
    6: ("Fachstandards", "21.04.2021", "30.09.2021"),
    7: ("Städtetag", "21.04.2021", "31.12.2021"),
}
"""Promises: a word of theirs, when the paper makes them, and by when they were to be kept."""

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"Veröffentlichte Papiere fehlen: {FOLDER}"
)


def papier(number: str) -> str:
    (path,) = FOLDER.glob(f"{number}_*.txt")
    return path.read_text(encoding="utf-8")


def glatt(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def schwerpunkte() -> list[tuple[str, ...]]:
    """Cut the table at its numbers, one after the other; its columns are glued together."""
    text, rows, at = papier("000"), [], 0
    starts = []
    while hit := re.compile(
        rf"^ ?{len(starts) + 1} (?:(\d+) )?([A-Z][a-z])(?:/(TL))? ", re.M
    ).search(text, at):
        starts.append(hit)
        at = hit.end()
    ends = [*(h.start() for h in starts[1:]), len(text)]
    for number, (hit, end) in enumerate(zip(starts, ends, strict=True), 1):
        said = glatt(text[hit.end() : end])
        grad = next(g for g in GRADE if said.endswith(g))
        rows.append((
            "2020", str(number), hit[1] or "", "31.12.2020", hit[2], hit[3] or "",
            said.split()[0].strip("/,"), " ".join(said.split()[:6]), "", said.removesuffix(grad),
            grad, "",
        ))  # fmt: skip
    return rows


def empfehlungen() -> list[tuple[str, ...]]:
    """Read every number the paper names; a row may be cut in two by the end of its sheet."""
    text = papier("002")
    parts = re.split(r"^M (\d\d), ", text, flags=re.M)[1:]
    found = dict.fromkeys(re.findall(r"M (\d\d)", text), "")
    for number, said in zip(parts[::2], parts[1::2], strict=True):
        day, how = re.search(r"\t(\d\d\.\d\d\.\d{4})\t(.*)", said).groups()  # type: ignore[union-attr]
        found[number] = f"{day}|{how}"
    return [
        (f"M{n}", "21.09.2018", FELDER[n[0]], "I", "Sozialplanung", day, how, "",
         "" if day else "Gespräch", "", "", "", "")
        for n, (day, _, how) in ((n, said.partition("|")) for n, said in sorted(found.items()))
    ]  # fmt: skip


def berichte() -> dict[str, str]:
    """Return the reports by their day, each with all it says."""
    text = papier("003")
    parts = [re.search(rf"Bericht zum Stand der Umsetzung vom {d}", text) for d in BERICHTE]
    starts = [p.end() for p in parts if p] + [len(text)]
    days = [*BERICHTE[:3], "11.01.2024"]
    return {d: glatt(text[a:b]) for d, a, b in zip(days, starts, starts[1:], strict=False)}


def punkt_zwei(said: str) -> str:
    """Return what a report says of the second point."""
    return re.split(r"Zu [23]\.", said)[1]


def leipzig() -> dict[str, list[tuple[str, ...]]]:
    told = berichte()
    status = dict.fromkeys(told, "in Arbeit") | {"11.01.2024": "umgesetzt"}  # as ticked
    termine = {"08.02.2022": "11.07.2022", "16.12.2022": "30.06.2023", "11.01.2024": "01.06.2024"}
    wieder = {"16.12.2022": "30.06.2023"}
    zusagen = []
    for number, (word, made, due) in SAGT.items():
        later = [d for d, said in told.items() if word in said]
        zusagen.append((str(number), "VII-A-02238", "2", made, word, due, (later or [""])[-1], ""))
    return {
        "Beschluesse": [("VII-A-02238", "2", "Fachstandards vorlegen", "Stadtrat", "21.04.2021",
                         "30.09.2021", "JA", "")],
        "Umsetzungsberichte": [
            ("VII-A-02238", "2", d, status[d], termine.get(d, ""), wieder.get(d, ""),
             punkt_zwei(said))
            for d, said in told.items()
        ],
        "Zusagen": zusagen,
    }  # fmt: skip


KOPF = {
    "Schwerpunkte": ("Jahr", "Nr.", "Bez. VJ", "Stand", "Vortrag", "Vortrag 2", "Aufgabenbereich",
                     "Aufgabe", "Indikator", "Bearbeitungsstand", "Zielerreichungsgrad",
                     "Hindernis"),
    "Handlungsempfehlungen": ("Nr.", "Stand", "Feld", "Phase", "Federführung", "Termin",
                              "Vorgehensweise", "Protokoll", "noch offen", "Indikator",
                              "Datenlieferant", "Turnus", "nächste Lieferung"),
    "Beschluesse": ("Vorlage", "Punkt", "Beschluss", "Gremium", "vom", "bis", "zuständig",
                    "Kennzahl"),
    "Umsetzungsberichte": ("Vorlage", "Punkt", "Bericht vom", "Status", "nächster Termin",
                           "Wiedervorlage", "Sachstand"),
    "Zusagen": ("Nr.", "Vorlage", "Punkt", "zugesagt am", "Zusage", "bis", "zuletzt erwähnt",
                "erfüllt am"),
}  # fmt: skip


def profil() -> str:
    """Return the city's own profile: of the lists its papers hold, with their initials."""
    facts = yaml.safe_load(PROFIL.read_text(encoding="utf-8")) | {"profil": "papiere"}
    facts["dateien"] = [d for d in facts["dateien"] if d["muster"].split("_")[1] in KOPF]
    columns = facts["dateien"][0]["tabellen"][0]["spalten"]
    for name in ("zustaendig", "mitzustaendig"):
        columns[name] = {"aus": columns[name], "codes": KUERZEL}
    return yaml.safe_dump(facts, allow_unicode=True)


@pytest.fixture(scope="module")
def daten(tmp_path_factory: pytest.TempPathFactory) -> Daten:
    """Deliver the papers to a city of its own, whose profile knows the initials; read them."""
    import ibis

    projekt = bare_project(tmp_path_factory.mktemp("papiere"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZCONTROL_PROJEKT", str(projekt.root))
        projekt.profile.mkdir()
        (projekt.profile / "kommune.yml").write_text("id: papierstadt\nname: Papierstadt\n")
        (projekt.profile / "papiere.yml").write_text(profil(), encoding="utf-8")
        ordner = projekt.root / "lieferung"
        ordner.mkdir()
        told = {
            "Schwerpunkte": schwerpunkte(),
            "Handlungsempfehlungen": empfehlungen(),
            **leipzig(),
        }
        for name, rows in told.items():
            text = liste(name, STICHTAG, KOPF[name], rows)
            (ordner / f"Steuerung_{name}_20240131.csv").write_text(text, encoding="utf-8-sig")
        kommune = catalogue.kommune("papierstadt")
        gelesen = read_delivery(ordner, kommune, stichtag=STICHTAG, datenstand=DATENSTAND)
        tables = to_tables(gelesen, Pseudonymiser(b"k" * 32, "test"))
    assert [
        (b.regel, b.meldung)
        for b in (*gelesen.findings, *tables.findings)
        if b.schwere.name == "FEHLER"
    ] == []
    con = ibis.duckdb.connect()
    for name, table in tables.tables.items():
        con.con.register(name, table)
    days = {"stichtag": STICHTAG, "datenstand": DATENSTAND}
    return Daten(con=con, **days, tabellen=tuple(tables.tables), kommune=kommune)


def beanstandet(daten: Daten, regel: str, spalte: str) -> list[object]:
    """Return what one rule finds, by one column of the rows."""
    rules = [q for _, q in load_querregeln(ROOT / "expectations") if q.id == regel]
    found = []
    for rule in rules:
        if set(rule.braucht) <= set(daten.tabellen):
            sql = rule.sql.replace("$stichtag", f"DATE '{STICHTAG}'")
            rows = daten.con.con.execute(sql).df()
            found += rows[spalte].tolist() if spalte in rows else []
    return sorted(found)


def test_die_tafel_von_2020_ist_ganz_da(daten: Daten) -> None:
    je_grad = vorhaben.schwerpunkte_je_grad(daten).frame.set_index("zielgrad")
    soll = {"vollstaendig": 6, "dauerhaft": 1, "nahezu": 2, "fortschritte": 13, "keine": 4,
            "nicht_aktuell": 1}  # fmt: skip
    assert je_grad["schwerpunkte"].to_dict() == soll and sum(soll.values()) == 27
    assert je_grad["uebertragen"].sum() == 13
    rows = vorhaben.schwerpunkte(daten).frame
    assert (rows["rolle"].str.contains(" und ")).sum() == 2  # »Ho/TL« are two
    werte = {z.id: z.wert for z in measures.alle(daten, ids=["W01", "W02", "W03"])}
    assert [round(float(werte[i]), 1) for i in ("W01", "W02", "W03")] == [26.9, 84.6, 48.1]


def test_ein_voller_grad_neben_einem_begonnenen_vorhaben_faellt_auf(daten: Daten) -> None:
    assert beanstandet(daten, "R-M04", "schwerpunkt_nr") == [13]


def test_zwoelf_von_vierzehn_empfehlungen_sind_besprochen(daten: Daten) -> None:
    stufen = vorhaben.trichter(daten).frame.set_index("schritt")["massnahmen"]
    assert (stufen["empfohlen"], stufen["besprochen"]) == (14, 12)
    rows = vorhaben.massnahmen(daten).frame
    assert set(rows.loc[rows["gespraech_am"].isna(), "massnahme"]) == {"M12", "M13"}
    assert float(measures.alle(daten, ids=["W04"])[0].wert) == pytest.approx(100 * 12 / 14)


def test_von_fuenf_zusagen_spricht_kein_spaeterer_bericht(daten: Daten) -> None:
    assert {z["zusage_nr"] for z in beschluesse.vergessene(daten)} == {1, 2, 3, 4, 5}
    assert beanstandet(daten, "R-M21", "zusage_nr") == [1, 2, 3, 4, 5]


def test_der_haken_widerspricht_dem_termin_und_der_bericht_erzaehlt_von_morgen(
    daten: Daten,
) -> None:
    (row,) = beschluesse.stand(daten)
    assert (row["lage"], row["verschiebungen"]) == (beschluesse.WIDERSPRUCH, 3)
    assert row["verzug_tage"] == (date(2024, 1, 11) - date(2021, 9, 30)).days  # 27.4 months
    letzter = [date(2024, 1, 11)]
    for regel in ("R-M06", "R-M20"):
        found = beanstandet(daten, regel, "bericht_am")
        assert [d.date() if hasattr(d, "date") else d for d in found] == letzter, regel
