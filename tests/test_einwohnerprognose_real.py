"""Cohorts on real people: the Stadtteile of Köln in age groups, the Länder in single years.

The files are public but not part of the project. Where the folder is missing the tests are skipped.
What the engine does and its parameters were chosen on every second Stadtteil and on the Länder; the
other Stadtteile, asked here, had no part in it.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from sozcontrol.forecast.bestand.kohorten import Bestaende
from sozcontrol.forecast.bestand.kohortenzeugnis import fehler, proben

FOLDER = Path(os.environ.get("SOZCONTROL_ECHTE_DATEN", ROOT.parent / "shared" / "data"))
KOELN = FOLDER / "einwohner_koeln_stadtteile" / "einwohner_koeln_2005_2010.csv"
LAENDER = FOLDER / "genesis_destatis_2022" / "12411-0013.csv"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not KOELN.is_file() or not LAENDER.is_file(),
        reason=f"ÜBERSPRUNGEN: der Ordner mit echten Tabellen fehlt ({FOLDER})",
    ),
]


def koeln() -> Bestaende:
    """Read the Stadtteile that had no part in choosing the method, 2005–2010."""
    f = pd.read_csv(KOELN, dtype=str)
    f = f[(f["tab_id"] == "020") & ~f["raum_id"].str.startswith("00")]
    f = f.assign(zahl=f["zahl"].astype(float), gruppe=f["zei_id"].astype(int))
    breit = f.pivot(index=["jahr", "raum_id"], columns="gruppe", values="zahl")
    zahl = breit.to_numpy().reshape(6, -1, 13)
    return Bestaende(zahl[:, 1::2], np.array([3, 3, 4, 5, 3, 7, 10, 10, 10, 5, 5, 10, np.inf]))


def laender() -> Bestaende:
    """Read the sixteen Länder by single year of age, 2015–2021."""
    f = pd.read_csv(LAENDER, sep=";", header=None, skiprows=4, dtype=str, encoding="utf-8")
    alle = f.columns[f.iloc[1] == "Insgesamt"]
    zeilen = f[f[0].str.match(r"31\.12\.", na=False) & (f[1] != "Insgesamt")]
    zahl = np.stack([g[alle].astype(float).to_numpy().T for _, g in zeilen.groupby(0)])
    return Bestaende(zahl, np.array([*([1.0] * (zahl.shape[2] - 1)), np.inf]))


def vergleich(b: Bestaende, gruppen: list[slice], weite: int) -> list[tuple[float, float]]:
    """Return the error by age group, ours and that of »as at the last count«."""
    gepruefte = [p for p in proben(b, 5, gruppen) if p.jahre == weite]
    found = [fehler(gepruefte, np.s_[:, g]) for g in range(len(gruppen))]
    return [(f.wape, f.wape_zuvor) for f in found if f is not None]


@pytest.mark.parametrize("weite", [1, 2, 3, 4])
def test_in_koelns_stadtteilen_war_sie_besser_als_alles_bleibt(weite: int) -> None:
    """Under 3, 3–5, 6–9, 10–14, 15–17 and all of these: every one, however far ahead."""
    gruppen = [slice(g, g + 1) for g in range(5)] + [slice(0, 5)]
    werte = vergleich(koeln(), gruppen, weite)
    assert all(unser < 0.98 * bleibt for unser, bleibt in werte)
    assert np.mean([u / b for u, b in werte]) < 0.9


@pytest.mark.parametrize("weite", [1, 2, 3, 4, 5])
def test_in_den_laendern_trifft_sie_jede_altersgruppe_besser(weite: int) -> None:
    """Where single years are known: under 3, 3–5, 6–9, 10–17 and 18–20, and their sum.

    The sum was served by »stays« when five years after 2015 fewer came than in that year.
    """
    grenzen = [0, 3, 6, 10, 18, 21]
    gruppen = [slice(a, b) for a, b in pairwise(grenzen)]
    *werte, summe = vergleich(laender(), [*gruppen, slice(0, 21)], weite)
    assert all(unser < bleibt for unser, bleibt in werte)
    assert np.mean([u / b for u, b in werte]) < 0.4
    assert (summe[0] < summe[1]) == (weite < 5)


@pytest.mark.parametrize("weite", [1, 5])
def test_in_den_laendern_trifft_sie_auch_die_erwachsenen_besser(weite: int) -> None:
    """By single years of age, as the product reads them: 21–24 hardly, from 45 on by far."""
    b = laender()
    gruppen = [slice(a, c) for a, c in pairwise([21, 25, 35, 45, 55, 65, 80, b.zahl.shape[2]])]
    verhaeltnis = [unser / bleibt for unser, bleibt in vergleich(b, gruppen, weite)]
    assert max(verhaeltnis) < 1
    assert max(verhaeltnis[3:]) < 0.2
