"""All methods side by side: compared on the cases they share, those that are silent, the choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from sozcontrol.forecast.methoden.einfach import NAMEN, prozent
from sozcontrol.forecast.prognose.auswertung import zeugnis
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung
from sozcontrol.forecast.prognose.intervall import OHNE_SPANNE, Spanne
from sozcontrol.forecast.prognose.ruecktest import GESETZT, Ruecktest
from sozcontrol.forecast.prognose.zeugnis import Zeugnis
from sozcontrol.hochrechnung.prognosestand import Prognosestand, prognosestand
from sozcontrol.hochrechnung.quellen.panel import Ebene, Seite
from sozcontrol.hochrechnung.tafeln.bau import grundlage, in_euro, summentafel
from sozcontrol.hochrechnung.tafelteile import Zeile, dezimal
from sozcontrol.hochrechnung.tafelteile import prozent as in_prozent
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

GEZEIGT, KOMBINATION = "gezeigt", "M10"
METHODEN = ("methode", "summe_eur", "unten_eur", "oben_eur", "grundlage", "prognosen", "median_pct",
            "wape_pct", "bias_pct", "guete_ansatz", "guete_vorjahr")  # fmt: skip
NICHT_ERSETZT = (
    "Ein einzelnes Verfahren ersetzt die Kombination trotzdem nicht: Das beste von vielen "
    "Zeugnissen ist zum Teil Glück, und an Reihen, die neu dazukamen, war es nie besser."
)
OHNE_ANTWORT = ("methode", "fehlt", "frueher", "grund")


@dataclass(frozen=True)
class Vergleich:
    """Methods on the same past cases, the total left out: it is its parts once more.

    ``faelle`` is how many past forecasts there are, ``antworten`` how many of them each method
    could make; ``zeugnisse`` are the records on the cases that all methods named there share.
    """

    faelle: int
    antworten: Mapping[str, int]
    zeugnisse: Mapping[str, Zeugnis]
    gezeigt: Zeugnis

    @property
    def jahre(self) -> str:
        """Return the years of the shared cases."""
        jahre = sorted({f.jahr for f in self.gezeigt.faelle})
        return f"{jahre[0]} bis {jahre[-1]}" if len(jahre) > 1 else "".join(map(str, jahre))


def _teile(test: Ruecktest) -> np.ndarray:
    """Return which rows are parts; a single series is its own part."""
    einzige = len(test.reihen) == 1
    return np.ones(len(test.nummer), bool) if einzige else test.nummer != len(test.reihen) - 1


def vergleich(stand: Prognosestand) -> Vergleich:
    """Compare the methods: those with the most answers first, while they share half of the cases.

    Among methods that answer to different cases the one that leaves out the hard ones looks best.
    """
    test, p = stand.prognose.test, stand.panel
    frueher = (test.jahr < p.jahr) & (test.periode == p.periode) & _teile(test)
    frueher &= np.isfinite(test.ergebnis) & np.isfinite(test.gewaehlt)
    da = {m: frueher & np.isfinite(test.spalte(m)) for m in test.methoden}
    anzahl = {m: int(rows.sum()) for m, rows in da.items()}
    gemeinsam = frueher
    dabei: list[str] = []
    for m in sorted(test.methoden, key=lambda m: -anzahl[m]):
        if frueher.any() and 2 * (gemeinsam & da[m]).sum() >= frueher.sum():
            gemeinsam, dabei = gemeinsam & da[m], [*dabei, m]

    def auf_gleichen(methode: str | None) -> Zeugnis:
        return zeugnis(test, p.periode, methode=methode, bis=p.jahr, nur=gemeinsam,
                       wesentlich=stand.wesentlich)  # fmt: skip

    zeugnisse = {m: auf_gleichen(m) for m in test.methoden if m in dabei}
    return Vergleich(int(frueher.sum()), anzahl, zeugnisse, auf_gleichen(None))


def methoden(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """All methods side by side: the total they give now, and their record on the same cases.

    The last row is what is shown: chosen by record, parts and total reconciled. A method that
    answered to too few cases has no record here. ``unten_eur`` and ``oben_eur`` are the interval of
    the method's own answer to the total, from its own past errors, ``grundlage`` what it promises.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    v, rows = vergleich(stand), []
    for m in stand.prognose.test.methoden:
        wert = _summe(stand, m)
        if m in v.zeugnisse or wert is not None:
            spanne = stand.summe.alternativspannen.get(m, OHNE_SPANNE)
            rows.append(_methodenzeile(NAMEN[m], wert, spanne, v.zeugnisse.get(m)))
    rows.append(_methodenzeile(GEZEIGT, stand.summe.wert, stand.summe.spanne, v.gezeigt))
    return summentafel(stand, rows, METHODEN, "Methoden")


def _summe(stand: Prognosestand, methode: str) -> Decimal | None:
    """Return a method's total; where it does not answer to the total, the sum of its parts."""
    if methode in stand.summe.alternativen:
        return stand.summe.alternativen[methode]
    test = stand.prognose.test
    jetzt = (test.jahr == stand.panel.jahr) & _teile(test)
    return in_euro(float(test.spalte(methode)[jetzt].sum()))


def _methodenzeile(name: str, wert: Decimal | None, spanne: Spanne, z: Zeugnis | None) -> Zeile:
    row: Zeile = dict.fromkeys(METHODEN)
    row |= {"methode": name, "summe_eur": wert}
    row |= {"unten_eur": in_euro(spanne.unten), "oben_eur": in_euro(spanne.oben)}
    row["grundlage"] = None if wert is None else grundlage(spanne)
    if z is not None and z.n:
        row |= {
            "prognosen": z.n,
            "median_pct": in_prozent(z.median),
            "wape_pct": in_prozent(z.wape),
            "bias_pct": in_prozent(z.bias),
            "guete_ansatz": dezimal(z.skill_ansatz),
            "guete_vorjahr": dezimal(z.skill_vorjahr),
        }
    return row


def ohne_antwort(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The methods that do not answer to every series, and why; nobody is silent unnoticed.

    ``fehlt`` counts the series without an answer now, ``frueher`` the answers to past cases.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    test, v, rows = stand.prognose.test, vergleich(stand), []
    jetzt = np.flatnonzero((test.jahr == stand.panel.jahr) & _teile(test))
    for i, m in enumerate(test.methoden[:-1]):
        stumm = [test.antworten[r][i].grund for r in jetzt if test.antworten[r][i].wert is None]
        selten = v.faelle and m not in v.zeugnisse
        if stumm or selten:
            gruende = [g for g, _ in Counter(stumm).most_common(2)]
            gruende += ["Zu wenige Antworten in früheren Jahren für den Vergleich."] * bool(selten)
            rows.append({
                "methode": NAMEN[m],
                "fehlt": f"{len(stumm)} von {len(jetzt)}",
                "frueher": f"{v.antworten[m]} von {v.faelle}",
                "grund": " ".join(gruende),
            })  # fmt: skip
    return summentafel(stand, rows, OHNE_ANTWORT, "Ohne Antwort")


def wahl(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """In words: which methods are shown, on what they were compared, and why not another one."""
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    v = vergleich(stand)
    rows = [
        {"was": "Gezeigt", "satz": _gezeigt(stand)},
        {"was": "Verglichen", "satz": _verglichen(v)},
        {"was": "Warum", "satz": _warum(stand, v)},
    ]
    return summentafel(stand, rows, ("was", "satz"), "Wahl")


def _gewaehlt(stand: Prognosestand) -> Counter[str]:
    hs = stand.prognose.hochrechnungen
    return Counter(h.methode for h in (hs[:-1] if len(hs) > 1 else hs) if h.methode)


def _gezeigt(stand: Prognosestand) -> str:
    gewaehlt = _gewaehlt(stand)
    if set(gewaehlt) == {KOMBINATION}:
        return "In jeder Zeile steht die Kombination."
    namen = ", ".join(f"»{NAMEN[m]}« ({n})" for m, n in gewaehlt.most_common())
    satz = f"Verfahren je Zeile: {namen}."
    klein = round(stand.prognose.test.klein / 1000)
    if set(gewaehlt) & set(GESETZT):
        satz += f" Unter {klein} T€ gilt der Ansatz, ohne Ansatz das Vorjahr."
    return satz


def _verglichen(v: Vergleich) -> str:
    if not v.gezeigt.n:
        return "Es gibt noch keine früheren Fälle; gewichtet wird nach Erfahrungswerten."
    return (
        f"An {v.gezeigt.n} von {v.faelle} früheren Fällen ({v.jahre}), zu denen alle Verfahren mit "
        "Fehlerangabe antworten konnten; die Summe zählt nicht noch einmal mit."
    )


def _warum(stand: Prognosestand, v: Vergleich) -> str:
    if not v.gezeigt.n:
        return "Gewählt wird nach der bisherigen Treffsicherheit; bisher gibt es keine."
    einzelne = {m: z.wape or 0.0 for m, z in v.zeugnisse.items() if m != KOMBINATION}
    beste = min(einzelne, key=einzelne.__getitem__, default=None)
    gezeigt = v.gezeigt.wape or 0.0
    if beste is None or round(einzelne[beste], 3) >= round(gezeigt, 3):
        return f"Kein einzelnes Verfahren lag hier näher als das gezeigte ({prozent(gezeigt)})."
    satz = (
        f"»{NAMEN[beste]}« lag hier näher ({prozent(einzelne[beste])} statt {prozent(gezeigt)} "
        "Fehler nach Euro). "
    )
    return satz + NICHT_ERSETZT


def verfahrenssatz(stand: Prognosestand, h: Hochrechnung) -> str:
    """Say for people who know no statistics where one forecast comes from."""
    if h.methode != KOMBINATION:
        return (h.satz or h.grund).replace(" -", " −")
    direkt = stand.prognose.direkt
    i = next(i for i, r in enumerate(direkt.reihen) if r.name == h.reihe)
    gewichte = direkt.gewichte[np.flatnonzero((direkt.nummer == i) & (direkt.jahr == h.jahr))[0]]
    n, staerkste = int((gewichte > 0).sum()), NAMEN[direkt.methoden[int(np.argmax(gewichte))]]
    if n == 1:
        return f"Ein Verfahren konnte antworten: »{staerkste}«."
    return f"Mitte aus {n} Verfahren; am meisten zählt »{staerkste}«."
