"""F16: volume, structure, price add up to the cent."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from sozcontrol.measures.zerlegung import Teil, zerlege

D = Decimal
CENT = st.integers(-(10**11), 10**11).map(lambda n: D(n) / 100)
TEIL = st.builds(Teil, st.integers(0, 500), st.integers(0, 500), CENT, CENT)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["31", "33", "34", "35a", "unbekannt"]), TEIL))
def test_effekte_ergeben_die_veraenderung_auf_den_cent(teile):
    for key, effekt in zerlege(teile).items():
        teil = teile[key]
        assert effekt.menge + effekt.struktur + effekt.preis == teil.k1 - teil.k0
        for value in (effekt.menge, effekt.struktur, effekt.preis):
            assert value == value.quantize(D("0.01"))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 300),
            st.integers(0, 300),
            st.integers(0, 10**8).map(lambda n: D(n) / 100),
            st.integers(0, 10**8).map(lambda n: D(n) / 100),
        ).map(lambda t: Teil(t[0], t[1], t[2], t[3] if t[1] else D(0))),
        min_size=1,
        max_size=6,
    )
)
def test_effekte_folgen_der_formel(teile):
    """Menge ΔN·s₀·c₀, Struktur N₁·Δs·c₀, Preis N₁·s₁·Δc – each within a cent of the fraction."""
    n0, n1 = sum(t.n0 for t in teile), sum(t.n1 for t in teile)
    for t, effekt in zip(teile, zerlege(dict(enumerate(teile))).values(), strict=True):
        c0 = Fraction(t.k0) / t.n0
        s0, s1 = Fraction(t.n0, n0), Fraction(t.n1, n1) if n1 else Fraction(0)
        c1 = Fraction(t.k1) / t.n1 if t.n1 else Fraction(0)
        exact = ((n1 - n0) * s0 * c0, n1 * (s1 - s0) * c0, n1 * s1 * (c1 - c0))
        for value, fraction in zip(
            (effekt.menge, effekt.struktur, effekt.preis), exact, strict=True
        ):
            assert abs(Fraction(value) - fraction) <= Fraction(1, 100)


def test_reine_mengen_struktur_und_preisaenderung():
    doppelt = zerlege({"33": Teil(2, 4, D(200), D(400)), "34": Teil(1, 2, D(300), D(600))})
    assert [e.menge for e in doppelt.values()] == [D(200), D(300)]
    assert all(e.struktur == e.preis == 0 for e in doppelt.values())
    getauscht = zerlege({"33": Teil(2, 1, D(200), D(100)), "34": Teil(1, 2, D(300), D(600))})
    assert [e.struktur for e in getauscht.values()] == [D(-100), D(300)]
    assert all(e.menge == e.preis == 0 for e in getauscht.values())
    teurer = zerlege({"33": Teil(2, 2, D(200), D(260))})
    assert (teurer["33"].menge, teurer["33"].struktur, teurer["33"].preis) == (0, 0, D(60))


def test_neue_hilfeart_ist_struktur_und_kosten_ohne_hilfen_sind_preis():
    effekte = zerlege({"33": Teil(10, 10, D(1000), D(1000)), "35a": Teil(0, 2, D(0), D(500))})
    assert effekte["35a"].struktur == D(500)
    nachzahlung = zerlege({"33": Teil(10, 10, D(1000), D(1000)), "34": Teil(0, 0, D(0), D(70))})
    assert nachzahlung["34"].preis == D(70)
    ohne_vorjahr = zerlege({"33": Teil(0, 5, D(0), D(500))})
    assert ohne_vorjahr["33"].preis == D(500)
