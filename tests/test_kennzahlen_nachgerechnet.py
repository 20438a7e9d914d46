"""Every Kennzahl is worked out a second time, from raw files: where, for each id of the catalogue.

The recomputations are dictionaries by id in plain pandas (``nachrechnung.py`` and each area's
``erwartet``). What stands in no such dictionary names its test here.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from sozcontrol import catalogue

TESTS = Path(__file__).parent
ID = re.compile(r"[A-Z]\d\d[a-z]?")

EIGENER_TEST = {
    "test_asyl_bildung.py::erwartet": "B02 B02b B02c B02d B02e B02f",
    "test_datenqualitaet.py::test_der_revisionsumfang_der_musterstadt_aus_den_dateien_zweier"
    "_lieferungen": "Q04",
    "test_datenqualitaet.py::test_die_zahlen_der_musterstadt_stimmen_mit_befunden_und_tabellen":
        "Q01 Q02 Q03",
    "test_einheitskosten.py::test_die_ergaenzte_zahl_liegt_bei_der_spaeteren_die_rohe_weit_darunter":
        "F18c H17 H18",
    "test_einheitskosten.py::test_h16_und_h19_teilen_denselben_ergaenzten_betrag": "H16 H19",
    "test_einheitskosten.py::test_f18_kennt_auch_was_erst_nach_dem_stichtag_die_erste_rechnung_hat":
        "F18 F18b",
    "test_forecast_kennzahlen.py::test_ergebnis_ansatz_und_vorjahr_des_zeugnisses_stehen_so_in_den_"
    "dateien": "F06 F07 F08 F08b",
    "test_hilfen_menschen.py::test_schulbegleitung_je_schueler_der_letzten_schulstatistik": "H39",
    "test_jahresende.py::test_das_ist_der_hochrechnung_ist_das_ganze_jahr": "F05",
    "test_hilfen_menschen.py::test_personen_und_familien_sind_weniger_als_hilfen": "H01b H01c",
    "test_kita_monitoring.py::auslastung": "T01 T01b T01c T02 T02b T02c",
    "test_kommunenvergleich.py::test_die_kennzahlen_fassen_dieselben_vergleiche_zusammen":
        "W10 W10b W10c W11",
    "test_sozialraum.py::test_der_index_ist_das_mittel_der_standardwerte_des_bezugsjahres": "T13",
    "test_teilhaushalte.py::test_die_kennzahlen_der_teilhaushalte_stimmen_mit_den_dateien":
        "F15 F15b F22 F23 F24 F25 F26",
    "test_ziele.py::test_w08_stimmt_mit_der_datei_und_die_gepflanzten_luecken_sind_genannt": "W08",
}  # fmt: skip


def nachgerechnet() -> set[str]:
    """The ids that are keys of a dictionary in a test that imports pandas."""
    keys = set()
    for path in TESTS.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        if not any(isinstance(n, ast.alias) and n.name == "pandas" for n in ast.walk(tree)):
            continue
        keys |= {
            k.value for n in ast.walk(tree) if isinstance(n, ast.Dict) for k in n.keys
            if isinstance(k, ast.Constant) and isinstance(k.value, str)
        }  # fmt: skip
    return {k for k in keys if ID.fullmatch(k)}


def test_jede_kennzahl_ist_ein_zweites_mal_gerechnet() -> None:
    told = " ".join(EIGENER_TEST.values()).split()
    assert len(told) == len(set(told))
    assert set(catalogue.steckbriefe()) - nachgerechnet() - set(told) == set()
    assert set(told) <= set(catalogue.steckbriefe())


def test_jeder_genannte_test_steht_da() -> None:
    for place in EIGENER_TEST:
        file, name = place.split("::")
        assert f"def {name}(" in (TESTS / file).read_text("utf-8"), place
