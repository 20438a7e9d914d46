"""The record beside the forecast: by series, of the total year by year, and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sozcontrol.forecast.methoden.einfach import NAMEN
from sozcontrol.forecast.prognose.alarm import Alarme, Wesentlich, mehr_als
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung
from sozcontrol.forecast.prognose.zeugnis import Zeugnis
from sozcontrol.forecast.reihe import Reihe
from sozcontrol.hochrechnung.prognosestand import prognosestand
from sozcontrol.hochrechnung.quellen.panel import Ebene, Seite
from sozcontrol.hochrechnung.tafeln.bau import (
    in_euro,
    je_reihe,
    mit_spalten,
    reihe,
    spannensaetze,
    spannenworte,
)
from sozcontrol.hochrechnung.tafelteile import Zeile, dezimal, prozent
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

KEIN_ANLASS = "kein Anlass"
FALLZAHLEN = (
    "Die Kosten sind die, die am damaligen Tag gebucht waren. Die Fallzahlen früherer Monate sind "
    "die von heute, denn wann ein Beginn oder Ende erfasst wurde, sagen die Daten nicht; das "
    "Zeugnis der Verfahren mit Fallzahlen fällt dadurch eher zu gut aus."
)


def prognosezeugnis(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The record of every shown forecast: errors, bias, skill, alarms, coverage, and its sentence.

    All from complete years before this one, forecast at the same day of the year with what was
    known then (F07, F08; domain.md 6.5). Negative skill is printed, a change of law is named.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)

    def zeile(h: Hochrechnung) -> Zeile:
        bruch = rechtsbruch(reihe(stand, h.reihe), h.zeugnis, h.jahr)
        return zeugniszeile(h.zeugnis, bruch) | {"methode": NAMEN.get(h.methode, h.grund)}

    return je_reihe(stand, zeile, f"Prognosezeugnis {seite}", zeugnis=True)


def zeugniszeile(z: Zeugnis, *saetze: str) -> Zeile:
    """Return one record as a row; *saetze* are said after its own sentence."""
    treffer, n = z.abdeckung
    return {
        "jahre": str(z.n),
        "mape_pct": prozent(z.mape),
        "wape_pct": prozent(z.wape),
        "mase": dezimal(z.mase),
        "bias_pct": prozent(z.bias),
        "guete_ansatz": dezimal(z.skill_ansatz),
        "guete_vorjahr": dezimal(z.skill_vorjahr),
        "alarme": gewarnt(z.alarme),
        "treffer": f"{treffer} von {n}" if n else "–",
        "satz": " ".join(s for s in (z.satz, *saetze) if s),
    }


def gewarnt(a: Alarme | None) -> str:
    """Say in words how often a material miss was announced, rightly, wrongly or not at all."""
    if a is None:
        return "ohne Ansatz"
    zahlen = (("richtig", a.richtig), ("falsch", a.falsch), ("verpasst", a.verpasst))
    return ", ".join(f"{n} {wort}" for wort, n in zahlen if n) or KEIN_ANLASS


def rechtsbruch(r: Reihe, z: Zeugnis, jahr: int) -> str:
    """Say which years of a record lie before a change of law, or are no model; else nothing."""
    jahre = sorted({f.jahr for f in z.faelle})
    brueche = [b for b in r.brueche if jahre and jahre[0] < b <= jahr]
    saetze = []
    if brueche:
        bruch = max(brueche)
        wie = "ganz" if jahre[-1] < bruch else "zum Teil"
        saetze.append(
            f"{bruch} hat sich das Recht geändert: Das Zeugnis stammt {wie} aus der Zeit davor."
        )
    if sonder := [str(j) for j in jahre if j in r.sonderjahre]:
        saetze.append(f"Sonderjahr, kein Vorbild für andere: {', '.join(sonder)}.")
    return " ".join(saetze)


def fruehere_jahre(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Aufstellung:  # fmt: skip
    """The total year by year: what would have been forecast on this day, and what became of it.

    ``naeher`` names what was closest: the forecast, the budget or last year's result.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    rows = []
    for f in stand.summe.zeugnis.faelle:
        kandidaten = {"Hochrechnung": f.prognose, "Ansatz": f.ansatz, "Vorjahr": f.vorjahr}
        bekannt = {k: abs(w - f.ergebnis) for k, w in kandidaten.items() if w is not None}
        rows.append({
            "haushaltsjahr": f.jahr,
            "prognose_eur": in_euro(f.prognose),
            "ansatz_eur": in_euro(f.ansatz),
            "vorjahr_eur": in_euro(f.vorjahr),
            "ergebnis_eur": in_euro(f.ergebnis),
            "fehler_pct": prozent((f.prognose - f.ergebnis) / f.ergebnis if f.ergebnis else None),
            "naeher": min(bekannt, key=bekannt.__getitem__),
        })  # fmt: skip
    columns = ("haushaltsjahr", "prognose_eur", "ansatz_eur", "vorjahr_eur", "ergebnis_eur",
               "fehler_pct", "naeher")  # fmt: skip
    return mit_spalten(rows, columns, ("haushaltsjahr",), f"Frühere Jahre {ebene} {seite}")


def hinweise(
    daten: Stadtlieferung, ebene: Ebene = "produktgruppe", *, stichtag: date | None = None,
    seite: Seite = "aufwand",
) -> Mapping[str, Sequence[str]]:  # fmt: skip
    """Return what a reader must know besides, below the forecast and below its record.

    What the spans are; the threshold of the warnings, and what was known then.
    """
    stand = prognosestand(daten, ebene, stichtag=stichtag, seite=seite)
    damals = [FALLZAHLEN] if ebene == "hilfeart" else []
    spannen = [h.spanne for h in stand.prognose.hochrechnungen]
    return {
        "prognose": spannenworte(spannen),
        "spanne": spannensaetze(spannen),
        "zeugnis": [schwelle(stand.wesentlich), *damals],
    }


def schwelle(w: Wesentlich) -> str:
    """Say from which deviation on a warning is due (set by the municipality, § 21 GemHVO)."""
    ab = mehr_als(w, von=" des Ansatzes") or "jeden Betrag"
    return (
        f"Gewarnt wird vor einer wesentlichen Abweichung: wenn der Haushalt um {ab} schlechter "
        "wird (Schwelle der Kommune). Gezählt sind die Jahre, in denen richtig oder falsch gewarnt "
        f"oder die Abweichung verpasst worden wäre; »{KEIN_ANLASS}«: Es gab keine und wurde keine "
        "erwartet."
    )
