"""Sign and scale: who books income as negative, or in thousands, gets the same forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sozcontrol.forecast.methoden.alle import STANDARD
from sozcontrol.forecast.methoden.dreieck import Dreieck, abwickeln, dreieck
from sozcontrol.forecast.prognose.alarm import Wesentlich, chancen
from sozcontrol.forecast.prognose.ruecktest import Ruecktest, rueckrechnen
from sozcontrol.forecast.quellen.kalender import freie_monatserste
from sozcontrol.forecast.reihe import Reihe, leere_reihe

JAHRE = np.arange(2016, 2022)
BETRAEGE = ("ist", "ergebnis", "ansatz", "fortgeschrieben", "plan", "einmalig", "fremd")


def mal(reihe: Reihe, faktor: float) -> Reihe:
    return replace(reihe, **{feld: getattr(reihe, feld) * faktor for feld in BETRAEGE})


def gezogen(samen: int, *, anzahl: int = 6) -> list[Reihe]:
    """Draw months with season, one-off amounts, cancellations, payments that the calendar moves."""
    z = np.random.default_rng(samen)
    frei = freie_monatserste(int(JAHRE[0]), int(JAHRE[-1]), "DE")
    reihen = []
    for i in range(anzahl):
        niveau = 1e5 * np.exp(z.normal(0, 1))
        form = (len(JAHRE), 12)
        monate = niveau * np.exp(z.normal(0, 0.1, form)) * np.exp(z.normal(0, 0.3, 12))
        monate += niveau * (z.random(form) < 0.05) * z.normal(0, 3, form)  # also cancellations
        ist = np.cumsum(monate, axis=1)
        ansatz = ist[:, -1] * np.exp(z.normal(0, 0.1, len(JAHRE)))
        einmalig = np.cumsum(niveau * (z.random(form) < 0.02), axis=1)
        plan = np.outer(ansatz, np.arange(1, 13) / 12)
        reihen.append(
            leere_reihe(f"R{i}", f"G{i % 2}", JAHRE, 12, ist=ist, ergebnis=ist[:, -1],
                        ansatz=ansatz, plan=plan, einmalig=einmalig, frei=frei,
                        menge=z.uniform(5, 9, form))
        )  # fmt: skip
    return reihen


def getestet(reihen: Sequence[Reihe], faktor: float, wissen=None) -> Ruecktest:
    return rueckrechnen(
        [mal(r, faktor) for r in reihen], [4, 8], klein=50_000 * abs(faktor), wissen=wissen
    )


def enden(test: Ruecktest) -> np.ndarray:
    return np.array([[s.unten, s.oben] for s in test.spannen], dtype=float)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31))
def test_die_gespiegelte_reihe_hat_die_gespiegelte_prognose(samen: int) -> None:
    reihen = gezogen(samen)
    a, b = getestet(reihen, 1.0), getestet(reihen, -1.0)
    assert len(a.jahr) == 72 and np.isfinite(a.gewaehlt).sum() >= 60
    np.testing.assert_allclose(b.werte, -a.werte, rtol=1e-9)
    np.testing.assert_allclose(b.gewaehlt, -a.gewaehlt, rtol=1e-9)
    np.testing.assert_allclose(enden(b), -enden(a)[:, ::-1], rtol=1e-9)
    p, q = chancen(a, Wesentlich(0.05, 9_000)), chancen(b, Wesentlich(0.05, 9_000, ertrag=True))
    np.testing.assert_allclose(q.ueber, p.ueber, rtol=1e-9)
    np.testing.assert_allclose(q.wesentlich, p.wesentlich, rtol=1e-9)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31), st.sampled_from([1e-3, 1e3, 1e6]))
def test_in_tausend_euro_ist_es_dieselbe_prognose(samen: int, faktor: float) -> None:
    reihen = gezogen(samen)
    a, b = getestet(reihen, 1.0), getestet(reihen, faktor)
    np.testing.assert_allclose(b.werte, faktor * a.werte, rtol=1e-9)
    np.testing.assert_allclose(b.gewaehlt, faktor * a.gewaehlt, rtol=1e-9)
    np.testing.assert_allclose(enden(b), faktor * enden(a), rtol=1e-9)
    p, q = (chancen(t, Wesentlich(0.05, 9_000 * f)) for t, f in ((a, 1.0), (b, faktor)))
    np.testing.assert_allclose(q.wesentlich, p.wesentlich, rtol=1e-9)


def test_jede_gruppe_darf_beide_vorzeichen_haben() -> None:
    """One income among expenses changes nothing for the others, whichever sign it is booked by."""
    reihen = gezogen(3)
    a = getestet(reihen, 1.0)
    b = rueckrechnen([mal(reihen[0], -1.0), *reihen[1:]], [4, 8])
    seite = np.where(a.nummer == 0, -1.0, 1.0)
    np.testing.assert_allclose(b.gewaehlt, seite * a.gewaehlt, rtol=1e-9)


def offene_rechnungen(samen: int, faktor: float) -> Dreieck:
    z = np.random.default_rng(samen)
    monate = np.repeat(np.arange(2018 * 12, 2021 * 12), 5)
    betrag = z.uniform(50, 150, len(monate)) * np.tile([0.1, 0.3, 0.3, 0.2, 0.1], 36)
    return dreieck(monate, monate + np.tile(np.arange(5), 36), faktor * betrag, 2020 * 12 + 7)


@given(st.integers(0, 2**31))
def test_die_abwicklung_kennt_kein_vorzeichen(samen: int) -> None:
    a, b = (abwickeln(offene_rechnungen(samen, f)) for f in (1.0, -1.0))
    np.testing.assert_allclose(b.endstand, -a.endstand, rtol=1e-9)
    assert b.offen == pytest.approx(-a.offen)
    assert b.standardfehler_gesamt == pytest.approx(a.standardfehler_gesamt)
    assert a.offen > 0 and b.ungesichert == a.ungesichert


@pytest.mark.parametrize("samen", range(3))
def test_auch_verfahren_mit_rechnungen_und_faellen_spiegeln(samen: int) -> None:
    reihen = gezogen(samen, anzahl=2)

    def wissen(faktor: float):
        return lambda reihe, jahr, periode: (
            {"dreieck": offene_rechnungen(samen, faktor)} if (jahr, periode) == (2020, 8) else {}
        )

    a, b = (getestet(reihen, f, wissen(f)) for f in (1.0, -1.0))
    r = int(np.flatnonzero((a.jahr == 2020) & (a.periode == 8))[0])
    genannt = {m for m, w in zip(a.methoden, a.werte[r], strict=True) if np.isfinite(w)}
    assert {"M6", "M7", "M8"} <= genannt
    np.testing.assert_allclose(b.werte, -a.werte, rtol=1e-9)
    assert set(STANDARD) >= genannt - {"M10"}
