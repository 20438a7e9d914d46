"""Why costs changed: volume, structure, price (F16).

ΔK = Σ ΔN·s₀·c₀ (Menge) + Σ N₁·Δs·c₀ (Struktur) + Σ N₁·s₁·Δc (Preis), with N the occupied months,
s the share and c the cost per occupied month of each part: a count of the year would grow with
every day of it, and longer stays would look like prices. The order Menge → Struktur → Preis is
fixed; another order gives other effects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Ausdruck, Bedingung, Term
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, rangfolge
from sozcontrol.measures.zaehlwerk.kennzahlen import als_tag
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung, rechne

if TYPE_CHECKING:
    import pandas as pd

K = TypeVar("K")
CENT = Decimal("0.01")
MENGE = "belegte_tage"
SPALTEN = (
    "menge0", "menge1", "kosten0_eur", "kosten1_eur", "mengeneffekt_eur", "struktureffekt_eur",
    "preiseffekt_eur", "veraenderung_eur", "faelle0", "faelle1",
)  # fmt: skip

_ANZAHLEN = ("menge0", "menge1", "faelle0", "faelle1")


@dataclass(frozen=True)
class Teil:
    """One part (a Hilfeart) in the base year (0) and now (1): volume and cost in euro.

    Volumes are exact: whole Hilfen, or occupied months as fractions.
    """

    n0: int | Fraction
    n1: int | Fraction
    k0: Decimal
    k1: Decimal


@dataclass(frozen=True)
class Effekte:
    """The three effects of one part, in euro and whole cents; they add up to its change of cost."""

    menge: Decimal
    struktur: Decimal
    preis: Decimal

    @property
    def summe(self) -> Decimal:
        """The change of cost."""
        return self.menge + self.struktur + self.preis


def zerlege(teile: Mapping[K, Teil]) -> dict[K, Effekte]:
    """Decompose the change of cost of every part, to the cent.

    Menge and Struktur are computed as exact fractions and rounded half up to cents; Preis takes
    what is left of the part's own change, so that each part adds up and, with it, the whole. A part
    without volume in the base year has no old price: its cost is all Struktur when it has volume
    now. Without any volume in the base year there is no structure either: all is Preis.
    """
    before = sum(t.n0 for t in teile.values())
    now = sum(t.n1 for t in teile.values())
    return {key: _effekte(teil, before, now) for key, teil in teile.items()}


def _effekte(t: Teil, before: int | Fraction, now: int | Fraction) -> Effekte:
    change = t.k1 - t.k0
    menge = struktur = Fraction(0)
    if before and t.n0:
        old_price = Fraction(t.k0) / t.n0
        menge = Fraction(now - before, before) * t.n0 * old_price
        struktur = (t.n1 - Fraction(now * t.n0, before)) * old_price
    elif before and t.n1:
        struktur = Fraction(change)
    volume, structure = _cent(menge), _cent(struktur)
    return Effekte(volume, structure, change - volume - structure)


def _cent(value: Fraction) -> Decimal:
    """Round half away from zero to cents, exactly."""
    cents = abs(value) * 100
    whole = (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)
    amount = Decimal(whole).scaleb(-2)
    return (-amount if value < 0 else amount).quantize(CENT, ROUND_HALF_UP)


def zerlegung(
    daten: Lieferung,
    *,
    nach: str = "hilfeart",
    stichtag: date | str | None = None,
    menge: str = MENGE,
) -> pd.DataFrame:
    """Decompose F16, the change of gross cost against last year, by *nach*.

    *menge* is the primitive that measures volume: ``belegte_tage`` (the definition; 30.4375 are a
    month, which leaves the effects as they are) or ``jahresfallzahl``. Columns ``[nach, menge0,
    menge1, kosten0_eur, kosten1_eur, mengeneffekt_eur, struktureffekt_eur, preiseffekt_eur,
    veraenderung_eur, faelle0, faelle1]``; 0 is last year with the same state of booking (F16),
    ``faelle*`` those who carry the costs. The last row, ``insgesamt``, sums those above it.
    """
    import pandas as pd

    day = als_tag(stichtag, daten)
    sums = rechnungen(menge, day)
    result = rechne(daten, sums.values(), (nach,), summen=False)
    keys = rangfolge((nach,), set().union(*map(result.schluessel, sums.values())))
    parts, counts = {}, {}
    for key in keys:
        n0, n1, k0, k1 = (result.wert(sums[name], key) or 0 for name in ("n0", "n1", "k0", "k1"))
        parts[key[0]] = Teil(int(n0), int(n1), Decimal(k0), Decimal(k1))
        counts[key[0]] = tuple(result.tragende(sums[k], key) for k in ("k0", "k1"))
    effects = zerlege(parts)
    rows = [_zeile(n, parts[n], effects[n], counts[n]) for n in parts]
    whole = rechne(daten, [sums["k0"], sums["k1"]])
    total = [*_gesamt(rows), *(whole.tragende(sums[k], ()) for k in ("k0", "k1"))]
    frame = pd.DataFrame([*rows, total], columns=[nach, *SPALTEN], dtype="object")
    return frame.astype(dict.fromkeys(_ANZAHLEN, "Int64"))


def _gesamt(rows: list[list[Any]]) -> list[Any]:
    if not rows:
        return [INSGESAMT, 0, 0, *[Decimal("0.00")] * 6]
    return [INSGESAMT, *map(sum, list(zip(*rows, strict=True))[1:-2])]


def _zeile(name: str, t: Teil, e: Effekte, counts: tuple) -> list[Any]:
    return [name, t.n0, t.n1, t.k0, t.k1, e.menge, e.struktur, e.preis, e.summe, *counts]


def rechnungen(menge: str, day: date) -> dict[str, Rechnung]:
    """The four sums; the costs are the very terms F16 is declared with."""
    now, before = catalogue.kennzahl("F16").zaehler.terme
    hze = (Bedingung(spalte="ist_hze", gleich=True),)
    terms = {
        "n0": Term(sicht="hilfen", grundzahl=menge, zeitraum="vorjahr_bis_stichtag", wo=hze),
        "n1": Term(sicht="hilfen", grundzahl=menge, zeitraum="jahr_bis_stichtag", wo=hze),
        "k0": before.model_copy(update={"vorzeichen": 1}),
        "k1": now,
    }
    return {name: Rechnung(Ausdruck(terme=(term,)), day) for name, term in terms.items()}
