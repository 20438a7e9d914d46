"""The city's forecast at one Stichtag: series, back-test and Hochrechnungen of a level, made once.

What a notebook, the terminal and the archive show comes from here, so that they never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date

from sozcontrol import catalogue
from sozcontrol.catalogue import Reife
from sozcontrol.errors import DeliveryMissing, UsageError
from sozcontrol.forecast.datei import Dateibericht, Massstab, bericht_von
from sozcontrol.forecast.prognose.abgleich import mit_summe
from sozcontrol.forecast.prognose.alarm import Wesentlich
from sozcontrol.forecast.prognose.hochrechnung import (
    Hochrechnung,
    Prognose,
    abgeglichen,
    prognostizieren,
)
from sozcontrol.forecast.prognose.ruecktest import KLEIN, Ruecktest, rueckrechnen
from sozcontrol.hochrechnung.einmal import einmal
from sozcontrol.hochrechnung.quellen.panel import MONATE, TABELLEN, Ebene, Panel, Seite, panel
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

NIVEAU = 0.8
ZU_FRUEH = (
    "So früh im Jahr streuen die Buchungen mehr, als sie verraten. Die erste Hochrechnung "
    "erscheint zum 30.06."
)
STICHTAGE = (4, 6, 8)
"""Months at whose end operative reports are due (30.04., 30.06., 31.08.)."""


@dataclass(frozen=True)
class Tafel:
    """A panel that is forecast: its level and side, its title, and the name of its total."""

    ebene: Ebene
    seite: Seite
    titel: str
    summe: str


PANELE = (
    Tafel("produktgruppe", "aufwand", "Aufwand je Produktgruppe", "Aufwand"),
    Tafel("produktgruppe", "ertrag", "Erträge je Produktgruppe", "Erträge"),
    Tafel("hilfeart", "aufwand", "Bruttokosten der Hilfen zur Erziehung je Hilfeart",
          "Hilfen zur Erziehung"),
)  # fmt: skip
"""What is forecast of a city: in its reports, at the terminal and in the archive."""


@dataclass(frozen=True)
class Prognosestand:
    """The forecasts of one level at one Stichtag; ``reihen`` by name, ``insgesamt`` last."""

    panel: Panel
    prognose: Prognose
    wesentlich: Wesentlich

    @property
    def reihen(self) -> Mapping[str, Hochrechnung]:
        """Return the forecasts by the name of their series."""
        return {h.reihe: h for h in self.prognose.hochrechnungen}

    @property
    def summe(self) -> Hochrechnung:
        """Return the forecast of the total; of a single series, that one."""
        return self.prognose.hochrechnungen[-1]


def prognosestand(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Prognosestand:  # fmt: skip
    """Return the forecasts of *ebene*, computed once for each delivery.

    Raises:
        DeliveryMissing: A table is missing, or holds nothing up to the Stichtag.
        UsageError: No month of the Stichtag's year is complete.
    """
    key = (ebene, seite, stichtag or daten.stichtag)
    return einmal(daten, "prognose", key, lambda: _rechne(daten, ebene, stichtag, seite))


def stand_oder_keiner(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Prognosestand | None:  # fmt: skip
    """Return the forecasts of *ebene*, or None where there is nothing to forecast from.

    A table missing or without a row, a ledger without income, no complete month: the other levels
    are told all the same.
    """
    try:
        return prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    except (DeliveryMissing, UsageError):
        return None


def _rechne(
    daten: Stadtlieferung, ebene: Ebene, stichtag: date | None, seite: Seite
) -> Prognosestand:
    p = panel(daten, ebene, stichtag=stichtag, seite=seite)
    wesentlich = schwelle(daten, seite)
    prognose = prognostizieren(
        p.reihen, p.jahr, p.periode, summe=INSGESAMT, niveau=NIVEAU, wissen=p.wissen,
        wesentlich=wesentlich, ansatz_vollstaendig=p.ansatz_vollstaendig, klein=p.klein,
    )  # fmt: skip
    return Prognosestand(p, prognose, wesentlich)


def schwelle(daten: Stadtlieferung, seite: Seite = "aufwand") -> Wesentlich:
    """Return the Kommune's own threshold: what is material, in the report and at the terminal."""
    grenze = daten.kommune.wesentlich
    return Wesentlich(float(grenze.anteil_pct) / 100, float(grenze.betrag_eur), seite == "ertrag")


@dataclass(frozen=True)
class Aussage:
    """Whether a report may show a Hochrechnung: how far it is trusted, or why there is none.

    ``sichtbar`` are the editions that may know of it: an experiment is not for all of them.
    """

    reife: Reife | None
    grund: str = ""
    sichtbar: tuple[str, ...] = ()

    @property
    def verfrueht(self) -> bool:
        """Whether it is too early in the year for every edition: then nothing is missed."""
        return self.reife is None and self.grund == ZU_FRUEH


def aussage(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aussage:
    """Say whether a Hochrechnung of the ledger may be shown, in which editions, and else why not.

    Too early in the year, a table missing and a ledger without bookings are answers, not faults:
    the rest of a report does not depend on them.
    """
    day = stichtag or daten.stichtag
    reife, sichtbar = catalogue.reife_am(day), catalogue.editionen_mit_hochrechnung(day)
    if not sichtbar:
        return Aussage(None, ZU_FRUEH)
    missing = [t for t in TABELLEN["produktgruppe"] if not daten.hat(t)]
    if missing:
        return Aussage(None, f"Es fehlt {', '.join(missing)}.", sichtbar)
    try:
        prognosestand(daten, stichtag=stichtag)
    except (DeliveryMissing, UsageError) as nothing:
        return Aussage(None, nothing.was, sichtbar)
    return Aussage(reife, sichtbar=sichtbar)


def ruecktest(
    daten: Stadtlieferung,
    ebene: Ebene = "produktgruppe",
    *,
    perioden: tuple[int, ...] = STICHTAGE,
    seite: Seite = "aufwand",
    fortschritt: Callable[[int, int], None] | None = None,
) -> tuple[Panel, Ruecktest]:
    """Back-test all complete years of *ebene* at the ends of *perioden*, with their total."""
    p = panel(daten, ebene, seite=seite)
    reihen = mit_summe(p.reihen, INSGESAMT, ansatz_vollstaendig=p.ansatz_vollstaendig)
    test = rueckrechnen(
        reihen, perioden, niveau=NIVEAU, wissen=p.wissen, klein=p.klein, fortschritt=fortschritt
    )  # fmt: skip
    return p, abgeglichen(test) if len(reihen) > len(p.reihen) else test


Anzeige = Callable[[str], AbstractContextManager[Callable[[int, int], None] | None]]
"""Shows the back-test of the named panel while it runs; gives what is called with (done, all)."""


@dataclass(frozen=True)
class Stadtbericht:
    """The back-test of a city: one report a panel, and a sentence for each there is none of."""

    berichte: tuple[Dateibericht, ...]
    ohne: tuple[str, ...]


def backtest_city(
    daten: Stadtlieferung, *, anzeige: Anzeige = lambda name: nullcontext()
) -> Stadtbericht:
    """Back-test a delivery: product groups, Aufwand and Erträge, and the Hilfearten.

    Every complete year at the ends of April, June and August; with the reconciled total. A panel
    without what it needs is named with its reason.

    Raises:
        DeliveryMissing: No panel can be back-tested.
        UsageError: No month of the Stichtag's year is complete.
    """
    berichte, missing = [], {}
    for tafel in PANELE:
        try:
            berichte.append(_panelbericht(daten, tafel, anzeige))
        except DeliveryMissing as error:
            missing[tafel.titel] = error
    if not berichte:
        raise next(iter(missing.values()))
    ohne = tuple(f"{titel}: kein Rücktest. {error.was}" for titel, error in missing.items())
    return Stadtbericht(tuple(berichte), ohne)


def _panelbericht(daten: Stadtlieferung, tafel: Tafel, anzeige: Anzeige) -> Dateibericht:
    ebene, seite, titel = tafel.ebene, tafel.seite, tafel.titel
    for table in TABELLEN[ebene]:
        daten[table]  # says which one is missing, before anything is shown
    with anzeige(titel) as fortschritt:
        p, test = ruecktest(daten, ebene, seite=seite, fortschritt=fortschritt)
    massstab = Massstab(
        MONATE, KLEIN, schwelle(daten, seite), erster_monat=1,
        summe=len(test.reihen) > len(p.reihen),
    )  # fmt: skip
    return bericht_von(f"{daten.kommune.name}, {titel}", test, STICHTAGE, massstab)
