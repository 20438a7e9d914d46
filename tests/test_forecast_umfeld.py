"""What similar series teach: growth, use of the budget, and how much of a change lasts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sozcontrol.forecast.methoden import einfach as m
from sozcontrol.forecast.methoden.umfeld import (
    ausschoepfungen,
    gewichteter_median,
    mitnahme,
    umfeld,
    veraenderungen,
    zuwaechse,
)
from sozcontrol.forecast.reihe import Kenntnis, Reihe, bekannt, leere_reihe


def jahre(*ergebnisse: float, **teile: object) -> Reihe:
    """Return a series of quarters, evenly spread; the year after the last one has just begun."""
    grid = [[e / 4, e / 2, 3 * e / 4, e] for e in ergebnisse] + [[1.0, *[np.nan] * 3]]
    ist = np.array(grid)
    return leere_reihe("R", "", np.arange(2015, 2015 + len(grid)), 4, ist=ist,
                       ergebnis=ist[:, -1], **teile)  # fmt: skip


def heute(r: Reihe) -> Kenntnis:
    return bekannt(r, int(r.jahre[-1]), 1)


def versetzt(anteil: float, spruenge: tuple[float, ...] = (0.2, -0.1, 0.3, -0.2)) -> Reihe:
    """Return a series whose first quarter jumps, its rest following it by *anteil*."""
    q1, rest = [10.0], [30.0]
    for sprung in spruenge:
        q1.append(q1[-1] * (1 + sprung))
        rest.append(rest[-1] * (1 + anteil * sprung))
    grid = [[a, a + b / 3, a + 2 * b / 3, a + b] for a, b in zip(q1, rest, strict=True)]
    ist = np.array([*grid, [q1[-1] * 1.2, np.nan, np.nan, np.nan]])
    return leere_reihe("V", "", np.arange(2015, 2015 + len(ist)), 4, ist=ist, ergebnis=ist[:, -1])


def test_gewichteter_median_zwischen_zwei_gleichen_ist_die_mitte() -> None:
    median = gewichteter_median
    assert median(np.array([10.0, 20.0]), np.ones(2)) == 15
    assert median(np.array([10.0, np.nan, 20.0]), np.ones(3)) == 15
    assert median(np.array([1.0, 2.0, 900.0]), np.array([1, 1, 1])) == 2


def test_der_zuwachs_blickt_fuenf_jahre_zurueck() -> None:
    k = heute(jahre(100, 50, 25, *[25 * 1.1**i for i in range(1, 6)]))
    assert zuwaechse(k) == pytest.approx([0.1] * 5)


def test_auch_die_ausschoepfung_blickt_fuenf_jahre_zurueck() -> None:
    r = jahre(50, 60, *[90] * 5, ansatz=np.full(8, 100.0))
    assert ausschoepfungen(heute(r)) == pytest.approx([0.9] * 5)


def test_mehr_als_die_haelfte_zaehlt_nicht_als_zuwachs() -> None:
    assert zuwaechse(heute(jahre(100, 900, 90))) == pytest.approx([0.5, -0.5])


@pytest.mark.parametrize("feld", ["brueche", "sonderjahre"])
def test_jahre_die_kein_vorbild_sind_lehren_nichts(feld: str) -> None:
    # a change of law in 2017, or that year itself out of line
    r = jahre(100, 110, 300, 330, 363, **{feld: frozenset({2017})})
    # not the leap into 2017; after a law change 2017 is the new normal, else not the way out either
    assert zuwaechse(heute(r)) == pytest.approx([0.1, 0.1])
    bisher, danach = veraenderungen(heute(r))
    assert bisher == pytest.approx([0.1, 0.1]) and danach == pytest.approx([0.1, 0.1])


def test_eine_gruppe_lehrt_ab_fuenf_zahlen() -> None:
    k = heute(jahre(100, 110, ansatz=np.array([100.0, 100, 100])))
    assert umfeld([k] * 4).zuwachs is None
    # five times +10 %, against nothing with the weight of two
    assert umfeld([k] * 5).zuwachs == pytest.approx(0.1 * 5 / 7)
    assert umfeld([k] * 2).ausschoepfung is None
    assert umfeld([k] * 3).ausschoepfung == pytest.approx(1.05)  # the median of 1.0 and 1.1
    assert umfeld([]) == umfeld([heute(jahre(100))])


def test_die_mitnahme_einer_gruppe_ist_geschrumpft() -> None:
    k = heute(versetzt(1.0, (0.2,)))
    # slope 1 with the weight 0.2, and the neutral 0.5 with two of it; each stands in the middle of
    # its weight: 0.5 at 0.2, 1 at 0.5; half of all weight is 0.3
    assert umfeld([k]).mitnahme == pytest.approx(0.5 + 0.5 * (0.3 - 0.2) / (0.5 - 0.2))
    assert umfeld([k] * 5).mitnahme == pytest.approx(1.0)
    assert umfeld([]).mitnahme == 0.5


@pytest.mark.parametrize("wahr", [0.0, 1.0], ids=["Versatz der Buchungen", "höheres Niveau"])
def test_das_restjahr_lernt_wie_viel_von_einer_veraenderung_bleibt(wahr: float) -> None:
    k = heute(versetzt(wahr))
    # four years of its own against two of the neutral half
    assert mitnahme(k) == pytest.approx((4 * wahr + 2 * 0.5) / 6)
    # with ten series that agree the group says the same, and so little of the half remains
    k = replace(k, umfeld=umfeld([k] * 10))
    assert mitnahme(k) == pytest.approx(wahr, abs=0.05)
    rest = k.ergebnisse[-1] - k.ist_frueher[-1]
    assert m.restjahr(k).wert == pytest.approx(k.ist + rest * (1 + 0.2 * mitnahme(k)))


def test_mitnahme_bleibt_in_ihren_grenzen() -> None:
    # whatever came early is missing twice later; or each change doubles
    assert mitnahme(heute(versetzt(-2.0))) == pytest.approx(2 * 0.5 / 6)
    assert mitnahme(heute(versetzt(1.9))) == pytest.approx((4 * 1.5 + 2 * 0.5) / 6)


def test_das_vorjahr_waechst_wie_ueblich() -> None:
    k = heute(jahre(100, 110, 121))
    # two years of +10 % against the neutral nothing
    assert m.vorjahr_fortgeschrieben(k).wert == pytest.approx(121 * 1.05)
    assert sum(t for _, t in m.vorjahr_fortgeschrieben(k).teile) == pytest.approx(121 * 1.05)


def test_ohne_eine_veraenderung_sagt_das_fortgeschriebene_vorjahr_nichts() -> None:
    k = heute(jahre(100))
    assert m.vorjahr_fortgeschrieben(k).grund.endswith("von Jahr zu Jahr.")
    gruppe = umfeld([heute(jahre(100, 110))] * 5)
    assert gruppe.zuwachs is not None
    geliehen = m.vorjahr_fortgeschrieben(replace(k, umfeld=gruppe))
    assert geliehen.wert == pytest.approx(100 * (1 + gruppe.zuwachs))
