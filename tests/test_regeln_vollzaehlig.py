"""The 166 rules the domain model names: each is there, is another rule here, or has a reason.

That a rule fires on its planted fault and is silent on clean data is proved where it is declared
(``test_checks_regeln``, ``test_checks``, ``mess/klassen.yml``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT

from sozcontrol import catalogue
from sozcontrol.intake.rules import EINLESEREGELN

UMFANG = {
    "I": 25, "F": 40, "K": 10, "B": 25, "D": 11, "T": 13, "L": 9, "U": 3, "P": 3, "V": 5, "M": 10,
    "X": 12,
}  # fmt: skip
MODELL = [f"R-{kind}{n:02}" for kind, last in UMFANG.items() for n in range(1, last + 1)]

ANDERE_REGEL = {
    "R-F28": ("leistungsfall", "R-E05"),  # a warning from 21: nobody delivers who goes to school
    "R-F30": ("leistungsfall", "R-E05"),
    "R-F31": ("leistungsfall", "R-E07"),  # running ones; no exceptions (§ 63 Abs. 2) are delivered
    "R-F32": ("leistungsfall", "R-S04"),
    "R-K04": ("gefaehrdung", "R-S04"),
}
"""Where another rule of the table says it: mostly the code list of a column."""

TEST = {
    "R-X09": "test_measures_zerlegung.py::test_effekte_ergeben_die_veraenderung_auf_den_cent",
    "R-X10": "test_gegenprobe.py::test_musterstadts_seiten_halten_stand",
    "R-X11": "test_gleiche_zahl.py::test_eine_zahl_steht_ueberall_mit_demselben_wert",
    "R-X12": "test_revision.py::test_in_musterstadt_stimmen_die_ursachen_mit_den_akten",
}
"""What no delivery can break, only we: a test of the results, or of every run's pages."""

OHNE = {
    "R-I25": "vor dem Stichtag ein Aufruffehler; ein später Datenstand ist eine Nachlieferung",
    "R-F39": "weder Todestag noch Umzug wird geliefert",
    "R-B17": "keine Saldenliste; die Summe der Einzelposten hält der Fuß ihrer Datei (R-I13)",
    "R-X08": "der Bericht der KJH-Statistik ist keine Tabelle",
}
"""What no table here holds, or what is no fault here."""


def _texte(folder: Path, *endings: str) -> str:
    return "".join(p.read_text() for e in endings for p in sorted(folder.rglob(f"*.{e}")))


SUITEN = set(re.findall(r"\bR-[A-Z]\d\d\b", _texte(ROOT / "expectations", "json", "yml")))
DA = SUITEN | set(EINLESEREGELN)


def test_jede_regel_des_modells_ist_da_oder_sagt_warum_nicht() -> None:
    assert len(MODELL) == 166
    told = [*ANDERE_REGEL, *TEST, *OHNE]
    assert sorted(told) == sorted(set(MODELL) - DA)


@pytest.mark.parametrize("regel", ANDERE_REGEL)
def test_die_andere_regel_gilt_fuer_diese_tabelle(regel: str) -> None:
    tabelle, andere = ANDERE_REGEL[regel]
    catalogue.tabelle(tabelle)
    suite = (ROOT / "expectations" / f"{tabelle}.json").read_text()
    own = re.compile(rf"- id: {andere}\n    tabelle: {tabelle}\n")
    assert f'"{andere}"' in suite or own.search(_texte(ROOT / "expectations" / "regeln", "yml"))


@pytest.mark.parametrize("regel", TEST)
def test_der_genannte_test_steht_da(regel: str) -> None:
    file, name = TEST[regel].split("::")
    assert f"def {name}(" in (ROOT / "tests" / file).read_text()


def test_was_keine_tabelle_hat_bekommt_hier_auf_wenn_es_sie_gibt() -> None:
    """The reasons hold: none of these is a table, none of these a column."""
    assert not {"saldo", "saldenliste", "kjh_statistik"} & set(catalogue.tabellen())
    columns = {s.name for t in catalogue.tabellen().values() for s in t.spalten}
    assert not {c for c in columns if re.search("tod|gestorben|verstorben|umzug|verzogen", c)}
