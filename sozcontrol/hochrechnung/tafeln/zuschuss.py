"""The net of every Teilhaushalt at the year's end, over all accounts, and whom that concerns.

It is the sum of what is forecast anyway: soziale Sicherung by product group (F05 and its income)
and, with the same procedure, the other accounts. What no method answers for takes its budget and is
told apart. The span is that of the past errors of the very sum, years in which all parts have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from sozcontrol.catalogue.bericht import Schwelle
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung
from sozcontrol.forecast.prognose.zeugnis import Fall
from sozcontrol.hochrechnung.prognosestand import stand_oder_keiner
from sozcontrol.hochrechnung.quellen.panel import HAUSHALTSEBENE, UEBRIGE, Ebene
from sozcontrol.hochrechnung.quellen.plaene import Seite, gruppennamen
from sozcontrol.hochrechnung.tafeln.bau import abweichung, in_euro, mit_spalten
from sozcontrol.hochrechnung.tafelteile import Zeile, auf_summe, prozent
from sozcontrol.measures.aufstellungen import Aufstellung, ist_wesentlich
from sozcontrol.measures.teilhaushalte import TEILHAUSHALT, benannt, groesse, sperren
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, UNBEKANNT, rangfolge
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.rechnen import rechne

IM_PLAN, BEOBACHTEN, WESENTLICH = "im Plan", "beobachten", "wesentlich"
SPALTEN = (*TEILHAUSHALT, "ansatz_eur", "hochrechnung_eur", "wort", "abweichung_eur",
           "abweichung_pct", "unten_eur", "oben_eur", "jahre", "fehler_eur", "fehler_pct",
           "ansatz_naeher", "angenommen_eur", "gesperrt_eur", "stufe", "unterrichten")  # fmt: skip
GRUPPEN = ("produktgruppe", "produktgruppe_name", "teilhaushalt", "abweichung_eur",
           "abweichung_pct")  # fmt: skip
NIRGENDS, GANZ = (UNBEKANNT, UNBEKANNT), (INSGESAMT, INSGESAMT)
"""The Teilhaushalt of what belongs to none, and all of them."""
_SEITEN: Mapping[Seite, int] = {"aufwand": 1, "ertrag": -1}


@dataclass(frozen=True)
class Posten:
    """What one series adds to the net of a Teilhaushalt, in euro with its sign.

    ``faelle`` are its past (forecast, result, budget) by year; ``angenommen``: it is its budget,
    because no method answers. ``ebene`` and ``seite`` say of which accounts.
    """

    teilhaushalt: tuple[str, str]
    gruppe: str
    wert: Decimal
    ansatz: Decimal
    faelle: Mapping[int, tuple[float, float, float | None]]
    angenommen: bool = False
    ebene: Ebene = HAUSHALTSEBENE
    seite: Seite = "aufwand"

    @property
    def weg(self) -> Decimal:
        """How much worse (positive) the budget becomes by it."""
        return self.wert - self.ansatz


@dataclass(frozen=True)
class Netto:
    """The net of some Posten: forecast, budget, and what the sum would have missed by."""

    posten: tuple[Posten, ...]

    @property
    def wert(self) -> Decimal:
        """The forecast."""
        return sum((p.wert for p in self.posten), Decimal(0))

    @property
    def ansatz(self) -> Decimal:
        """The amended budget."""
        return sum((p.ansatz for p in self.posten), Decimal(0))

    @property
    def weg(self) -> Decimal:
        """How much worse (positive) the budget becomes."""
        return self.wert - self.ansatz

    @property
    def frueher(self) -> dict[int, tuple[float, float, float | None]]:
        """By year forecast, result and budget of the sum, where every part has a case."""
        told = [p for p in self.posten if not p.angenommen]
        years = set.intersection(*(set(p.faelle) for p in told)) if told else set()
        out: dict[int, tuple[float, float, float | None]] = {}
        for year in sorted(years):
            cases = [p.faelle[year] for p in told]
            budgets = [a for *_, a in cases if a is not None]
            known = len(budgets) == len(cases)
            sums = (sum(f for f, *_ in cases), sum(r for _, r, _ in cases))
            out[year] = (*sums, sum(budgets) if known else None)
        return out

    @property
    def fehler(self) -> dict[int, tuple[float, float | None]]:
        """By year the error of the sum and that of its budget."""
        return {
            year: (said - result, None if budget is None else budget - result)
            for year, (said, result, budget) in self.frueher.items()
        }

    def wesentlich(self, grenze: Schwelle) -> bool:
        """Whether the net becomes worse by more than *grenze*."""
        return ist_wesentlich(self.weg, abs(self.ansatz), grenze)


def teilhaushalte(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The forecast net of every Teilhaushalt against its budget, with span, record and stage.

    Columns :data:`SPALTEN`. ``stufe`` is ``wesentlich`` where the net becomes worse by more than
    the municipality's threshold, ``beobachten`` where a product group alone is above its own.
    ``unterrichten``: the net is, or a Sperre is in force (§ 21 GemHVO). It speaks of each
    Teilhaushalt; the total has no stage.
    """
    day = stichtag or daten.stichtag
    gesperrt, found = sperren(daten, day), nettos(daten, day)
    ganz = found.pop(GANZ)
    rows: list[Zeile] = []
    for key, netto in found.items():
        sperre, stufe = gesperrt.get(key[0], Decimal(0)), _stufe(daten, netto)
        melden = "ja" if sperre or stufe == WESENTLICH else "nein"
        rows.append({**benannt(TEILHAUSHALT, key), **_zeile(netto), "gesperrt_eur": sperre,
                     "stufe": stufe, "unterrichten": melden})  # fmt: skip
    total = {**benannt(TEILHAUSHALT, GANZ), **_zeile(ganz)}
    rows.append({**total, "gesperrt_eur": sum(gesperrt.values(), Decimal(0))})
    return mit_spalten(rows, SPALTEN, TEILHAUSHALT, "Zuschussbedarf der Teilhaushalte")


def nettos(daten: Stadtlieferung, day: date) -> dict[tuple[str, str], Netto]:
    """Return the net of every Teilhaushalt by number and name, that of all last (:data:`GANZ`)."""
    alle = posten(daten, day)
    found = {
        key: Netto(tuple(p for p in alle if p.teilhaushalt == key))
        for key in rangfolge(TEILHAUSHALT, {p.teilhaushalt for p in alle})
    }
    return {**found, GANZ: Netto(alle)}


def auffaellige(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The product groups whose net becomes worse by more than their threshold, the largest first.

    Columns :data:`GRUPPEN`: each is named in the row of its Teilhaushalt, whatever that one's net.
    """
    day = stichtag or daten.stichtag
    namen = gruppennamen(daten, day.year)
    found = _je_gruppe(posten(daten, day))
    above = {k: n for k, n in found.items() if n.wesentlich(daten.kommune.wesentlich)}
    rows: list[Zeile] = [
        {"produktgruppe": gruppe, "produktgruppe_name": namen.get(gruppe, gruppe),
         "teilhaushalt": th, **abweichung(above[th, gruppe].wert, above[th, gruppe].ansatz)}
        for th, gruppe in sorted(above, key=lambda k: (-above[k].weg, k))
    ]  # fmt: skip
    return mit_spalten(rows, GRUPPEN, GRUPPEN[:3], "Auffällige Produktgruppen")


def _je_gruppe(alle: Sequence[Posten]) -> dict[tuple[str, str], Netto]:
    """Return the net of every product group within its Teilhaushalt."""
    keys = {(p.teilhaushalt[0], p.gruppe) for p in alle}
    return {
        key: Netto(tuple(p for p in alle if (p.teilhaushalt[0], p.gruppe) == key)) for key in keys
    }


def _stufe(daten: Stadtlieferung, netto: Netto) -> str:
    if netto.wesentlich(daten.kommune.unterrichtung.schwelle):
        return WESENTLICH
    groups = _je_gruppe(netto.posten).values()
    watch = any(g.wesentlich(daten.kommune.wesentlich) for g in groups)
    return BEOBACHTEN if watch else IM_PLAN


def _zeile(netto: Netto) -> Zeile:
    errors = netto.fehler
    unten, oben = spanne(netto)
    nearer = [abs(budget) < abs(own) for own, budget in errors.values() if budget is not None]
    assumed = (p.wert for p in netto.posten if p.angenommen)
    off = [abs(own) for own, _ in errors.values()]
    share = [abs(f - r) / abs(r) for f, r, _ in netto.frueher.values() if r]
    return {
        "ansatz_eur": netto.ansatz,
        "hochrechnung_eur": netto.wert,
        **abweichung(netto.wert, netto.ansatz),
        "unten_eur": unten,
        "oben_eur": oben,
        "jahre": len(errors),
        "fehler_eur": in_euro(float(np.mean(off))) if off else None,
        "fehler_pct": prozent(float(np.mean(share))) if share else None,
        "ansatz_naeher": sum(nearer) if nearer else None,
        "angenommen_eur": sum(assumed, Decimal(0)),
    }


def spanne(netto: Netto) -> tuple[Decimal | None, Decimal | None]:
    """Return how far the past errors of this sum reach around its forecast."""
    errors = [*fehler_heute(netto).values()]
    if not errors:
        return None, None
    wert = float(netto.wert)
    return in_euro(wert - max(0.0, *errors)), in_euro(wert - min(0.0, *errors))


def fehler_heute(netto: Netto) -> dict[int, float]:
    """Return the past errors in euro, scaled by the volume of that year's forecast to today's."""
    told = [p for p in netto.posten if not p.angenommen]
    now = sum(abs(float(p.wert)) for p in told)
    scaled = {}
    for year, (error, _) in netto.fehler.items():
        then = sum(abs(p.faelle[year][0]) for p in told)
        scaled[year] = error * now / then if then else error
    return scaled


def posten(daten: Stadtlieferung, stichtag: date) -> tuple[Posten, ...]:
    """Return all that makes up the net at the year's end, each part in its Teilhaushalt."""
    found: list[Posten] = []
    for ebene in (HAUSHALTSEBENE, UEBRIGE):
        for seite in _SEITEN:
            found += _einer_seite(daten, stichtag, ebene, seite)
    return tuple(found)


def _einer_seite(
    daten: Stadtlieferung, stichtag: date, ebene: Ebene, seite: Seite
) -> Iterator[Posten]:
    stand = stand_oder_keiner(daten, ebene, stichtag=stichtag, seite=seite)
    reihen: Mapping[str, Hochrechnung] = stand.reihen if stand else {}
    anteile = Anteile.lies(daten, stichtag, ebene, seite)
    for gruppe, plaene in anteile.je_gruppe.items():
        h = reihen.get(gruppe)
        wert = None if h is None else h.wert
        ansatz = sum(plaene.values(), Decimal(0))
        geteilt = anteile.teile(gruppe, ansatz if wert is None else wert)
        for th, teil in geteilt.items():
            part = anteile.anteil(gruppe, th)
            cases = {} if h is None else _faelle(h.zeugnis.faelle, part * _SEITEN[seite])
            yield Posten(th, gruppe, _SEITEN[seite] * teil, _SEITEN[seite] * plaene[th], cases,
                         wert is None, ebene, seite)  # fmt: skip
    # Neither budgeted nor booked this year, and expected all the same: it belongs nowhere yet.
    for name in sorted(reihen.keys() - anteile.je_gruppe.keys() - {INSGESAMT}):
        if wert := reihen[name].wert:
            cases = _faelle(reihen[name].zeugnis.faelle, _SEITEN[seite])
            yield Posten(NIRGENDS, name, _SEITEN[seite] * wert, Decimal(0), cases, False, ebene,
                         seite)  # fmt: skip


def _faelle(faelle: Sequence[Fall], faktor: float) -> dict[int, tuple[float, float, float | None]]:
    return {
        f.jahr: (faktor * f.prognose, faktor * f.ergebnis,
                 None if f.ansatz is None else faktor * f.ansatz)
        for f in faelle
    }  # fmt: skip


@dataclass(frozen=True)
class Anteile:
    """By product group what each Teilhaushalt budgets of it, and what is booked there.

    Product groups usually lie in one Teilhaushalt; where not, the forecast of the group is divided
    as its budget is, without any budget as its bookings are.
    """

    je_gruppe: Mapping[str, Mapping[tuple[str, str], Decimal]]
    gebucht: Mapping[str, Mapping[tuple[str, str], Decimal]]

    @classmethod
    def lies(cls, daten: Stadtlieferung, day: date, ebene: Ebene, seite: Seite) -> Anteile:
        """Read budget and bookings of one side of one level."""
        name = seite if ebene == HAUSHALTSEBENE else f"{seite}_uebrige"
        plan, ist = groesse("budgets", name, day), groesse("buchungen", name, day)
        je = ("produktgruppe", *TEILHAUSHALT)
        result = rechne(daten, [plan, ist], je, summen=False)
        found: tuple[dict, dict] = ({}, {})
        for key in sorted(result.schluessel(plan) | result.schluessel(ist)):
            for target, one in zip(found, (plan, ist), strict=True):
                value = Decimal(result.wert(one, key) or 0)
                target.setdefault(key[0], {})[key[1:]] = value
        return cls(*found)

    def anteil(self, gruppe: str, teilhaushalt: tuple[str, str]) -> float:
        """Return the share of a group's forecast that is this Teilhaushalt's."""
        for known in (self.je_gruppe[gruppe], self.gebucht[gruppe]):
            if total := sum(known.values()):
                return float(known[teilhaushalt] / total)
        return 1 / len(self.je_gruppe[gruppe])

    def teile(self, gruppe: str, wert: Decimal) -> dict[tuple[str, str], Decimal]:
        """Divide an amount of a group among its Teilhaushalte, to the cent."""
        plan = self.je_gruppe[gruppe]
        # A pair of number and name is one key, joined by a sign neither of them holds.
        shares = {"\0".join(th): float(wert) * self.anteil(gruppe, th) for th in plan}
        cents = auf_summe(shares, wert)
        return {th: cents["\0".join(th)] for th in plan}
