"""Back-test any plan/actual file by a profile, and say the outcome of a back-test in German."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap

import numpy as np

from sozcontrol.catalogue.reihenprofil import Reihenprofil, reihenprofil
from sozcontrol.errors import DeliveryMissing
from sozcontrol.forecast.methoden.einfach import prozent, zahl
from sozcontrol.forecast.prognose.alarm import WESENTLICH, Alarme, Wesentlich, mehr_als
from sozcontrol.forecast.prognose.auswertung import zeugnis
from sozcontrol.forecast.prognose.offene_jahre import (
    Ausblick,
    als_csv,
    als_json,
    ausblicke,
    offene_jahre,
    standfelder,
    tabelle,
)
from sozcontrol.forecast.prognose.ruecktest import Ruecktest, rueckrechnen
from sozcontrol.forecast.prognose.zeugnis import Zeugnis, methodenname
from sozcontrol.forecast.quellen.einlesen import read_series
from sozcontrol.forecast.reihe import Floats

BASEN = {"M2": "linear", "M0u": "Ansatz", "M0": "fortgeschriebener Ansatz", "M1": "Vorjahr"}

VORGABE = Wesentlich(WESENTLICH)
"""A file says nothing of its municipality: 5 % of the budget, whatever the amount."""
VERGLEICHSFAELLE = (
    "Vergleichsfälle: abgeschlossene Jahre einer Reihe mit einem Ergebnis ab {ab}, für die jedes "
    "Verfahren der Tabelle eine Prognose hat. Die Sätze darunter zählen alle abgeschlossenen "
    "Jahre, für die es gibt, was sie vergleichen, auch ein erstes ohne Vorjahr und kleine "
    "Ergebnisse: »von m« kann deshalb abweichen."
)


@dataclass(frozen=True)
class Vergleich:
    """One forecaster at one period: median and weighted error (shares), on the common cases."""

    name: str
    median: float
    wape: float


@dataclass(frozen=True)
class Stand:
    """What the back-test says of one period: comparison, record, chosen methods."""

    periode: int
    n: int
    vergleich: tuple[Vergleich, ...]
    zeugnis: Zeugnis
    gewaehlt: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Massstab:
    """What a back-test is measured by: results that count, and when a deviation is material.

    ``mindestbetrag`` is the result below which percentages say nothing, in ``einheit``; ``fremd``
    names somebody else's forecast. ``erster_monat``: the periods are months, from this one of the
    calendar on. ``summe``: the last series is the total of the others.
    """

    perioden: int
    mindestbetrag: float
    wesentlich: Wesentlich = VORGABE
    einheit: str = "€"
    fremd: str | None = None
    erster_monat: int | None = None
    summe: bool = False


@dataclass(frozen=True)
class Dateibericht:
    """The back-test of one panel: of a file with its forecasts, or of one level of the city."""

    titel: str
    massstab: Massstab
    test: Ruecktest
    staende: tuple[Stand, ...]
    ausblicke: tuple[Ausblick, ...] | None = None


def backtest_file(
    path: Path,
    profil: str | Reihenprofil,
    *,
    niveau: float = 0.8,
    fortschritt: Callable[[int, int], None] | None = None,
) -> Dateibericht:
    """Forecast the open year of every series of *path*, and back-test the earlier ones.

    Comparisons use only cases that everybody forecast.

    Raises:
        UsageError, CatalogueError: The profile is unknown, or none.
        DeliveryError, DeliveryMissing: The file cannot be read as the profile says; or no year is
            open, and none complete.
    """
    fact = reihenprofil(profil) if isinstance(profil, str) else profil
    reihen = read_series(path, fact)
    offen = offene_jahre(reihen)
    perioden = sorted({*fact.origins, *(p for _, p in offen.values())})
    test = rueckrechnen(
        reihen,
        perioden,
        niveau=niveau,
        klein=min(fact.mindestbetrag, 50_000),
        fortschritt=fortschritt,
    )
    massstab = Massstab(
        fact.perioden, fact.mindestbetrag,
        Wesentlich(fact.wesentlich_pct / 100, fact.wesentlich_betrag, fact.ertrag),
        einheit=fact.einheit, fremd=fact.fremdprognose, erster_monat=fact.erster_monat,
    )  # fmt: skip
    gesagt = ausblicke(test, offen, fact.mindestbetrag, massstab.wesentlich)
    return bericht_von(f"{path.name} (Profil {fact.profil})", test, perioden, massstab, gesagt)


def bericht_von(
    titel: str, test: Ruecktest, origins: Sequence[int], massstab: Massstab,
    gesagt: tuple[Ausblick, ...] | None = None,
) -> Dateibericht:  # fmt: skip
    """Return the comparison and the record of a back-test at each of *origins* (periods).

    Raises:
        DeliveryMissing: No year is complete, and nothing is forecast: there is nothing to say.
    """
    found = [_stand(test, p, massstab) for p in origins]
    staende = tuple(s for s in found if s is not None)
    if not staende and not gesagt:
        raise DeliveryMissing(
            "Kein Jahr hat zugleich Ist, Ergebnis und Vorjahr: Es gibt nichts zu messen.",
            wo=titel,
            tun="Mindestens zwei abgeschlossene Jahre liefern.",
        )
    return Dateibericht(titel, massstab, test, staende, gesagt)


def vergleichswerte(test: Ruecktest, fremd_name: str | None) -> dict[str, Floats]:
    """Return the forecasts to compare by name; baselines the file does not know are left out."""
    werte = {"gewählt": test.gewaehlt}
    ansatz = [
        test.reihen[i].ansatz[j - test.reihen[i].jahre[0]]
        for i, j in zip(test.nummer, test.jahr, strict=True)
    ]
    for methode, name in BASEN.items():
        werte[name] = np.array(ansatz) if methode == "M0u" else test.spalte(methode)
    if fremd_name:
        werte[fremd_name] = test.fremd
    return {n: w for n, w in werte.items() if np.isfinite(w).any()}


def _stand(test: Ruecktest, periode: int, massstab: Massstab) -> Stand | None:
    werte = vergleichswerte(test, massstab.fremd)
    gut = (test.periode == periode) & (np.abs(test.ergebnis) >= massstab.mindestbetrag)
    for w in werte.values():
        gut &= np.isfinite(w)
    if not gut.any():
        return None
    y = np.abs(test.ergebnis[gut])
    fehler = {name: np.abs(w[gut] - test.ergebnis[gut]) for name, w in werte.items()}
    wahl = [test.methoden[c] for c in test.wahl[gut]]
    return Stand(
        periode=periode,
        n=int(gut.sum()),
        vergleich=tuple(
            Vergleich(n, float(np.median(e / y)), float(e.sum() / y.sum()))
            for n, e in fehler.items()
        ),
        zeugnis=zeugnis(
            test, periode, mindestbetrag=massstab.mindestbetrag, wesentlich=massstab.wesentlich
        ),
        gewaehlt=tuple((m, wahl.count(m)) for m in test.methoden if m in wahl),
    )


def render(bericht: Dateibericht, form: str = "text") -> str:
    """Return forecasts and back-test as German text, as JSON, or the forecasts as CSV."""
    gesagt = bericht.ausblicke or ()
    if form == "csv":
        return als_csv(gesagt)
    if form == "json":
        return als_json(gesagt, _beschreibung(bericht), [_felder(s) for s in bericht.staende])
    zeilen = _hochrechnung(bericht) + _kopf(bericht)
    for stand in bericht.staende:
        zeilen += ["", *_block(stand, bericht)]
    return "\n".join(zeilen)


def _beschreibung(bericht: Dateibericht) -> dict[str, object]:
    m = bericht.massstab
    return {"quelle": bericht.titel, "einheit": m.einheit, "perioden": m.perioden,
            "wesentlich": asdict(m.wesentlich), "niveau": bericht.test.niveau}  # fmt: skip


def _felder(stand: Stand) -> dict[str, object]:
    return {"periode": stand.periode, "vergleichsfaelle": stand.n,
            "vergleich": [asdict(v) for v in stand.vergleich],
            **standfelder(stand.zeugnis)}  # fmt: skip


def _hochrechnung(bericht: Dateibericht) -> list[str]:
    """Return the forecasts of a file; a city's stand in its report."""
    if bericht.ausblicke is None:
        return []
    m = bericht.massstab
    titel = f"Hochrechnung {bericht.titel}, in {m.einheit}"
    stellen = 0 if m.mindestbetrag >= 1000 else 2
    return [titel, *tabelle(bericht.ausblicke, stellen, m.einheit), ""]


def _kopf(bericht: Dateibericht) -> list[str]:
    m, test = bericht.massstab, bericht.test
    n, bekannt = len(test.reihen), int(np.isfinite(test.ergebnis).sum())
    reihen = f"{n - 1} Reihen und ihre Summe" if m.summe else f"{n} Reihe{'n' * (n != 1)}"
    zeilen = [f"Rücktest {bericht.titel}"]
    zeilen.append(f"{reihen}, {len(test.jahr)} Prognosen, davon {bekannt} mit bekanntem Ergebnis")
    if any(stand.zeugnis.alarme for stand in bericht.staende):
        zeilen.append(f"Wesentlich: {_schwelle(m)}")
    ab = f"{zahl(m.mindestbetrag)} {m.einheit}"
    return zeilen + wrap(VERGLEICHSFAELLE.format(ab=ab), 100)


def _schwelle(massstab: Massstab) -> str:
    w = massstab.wesentlich
    ab = mehr_als(w, einheit=massstab.einheit) or "jeder Betrag"
    return f"{ab} {'unter' if w.ertrag else 'über'} dem Ansatz"


def _stichtag(periode: int, massstab: Massstab) -> str:
    """Return the end of a period in words: a date only where the periods are known months."""
    if massstab.erster_monat is None:
        return f"Ende Periode {periode} von {massstab.perioden}"
    monat = (massstab.erster_monat + periode - 2) % 12 + 1
    letzter = monthrange(2025, monat)[1]
    return f"Zum {letzter:02}.{monat:02}. (Ende des {periode}. Monats)"


def _block(stand: Stand, bericht: Dateibericht) -> list[str]:
    faelle = "1 Vergleichsfall" if stand.n == 1 else f"{stand.n} Vergleichsfälle"
    zeilen = [f"{_stichtag(stand.periode, bericht.massstab)}: {faelle}"]
    zeilen.append(f"  {'':32}{'Median':>9}{'gewichtet':>11}")
    for v in stand.vergleich:
        zeilen.append(f"  {v.name:32}{prozent(v.median):>9}{prozent(v.wape):>11}")
    namen = ", ".join(f"{methodenname(m)} ({a})" for m, a in stand.gewaehlt)
    zeilen.append(f"  Gewählt: {namen}")
    return zeilen + [f"  {zeile}" for zeile in _zeugniszeilen(stand.zeugnis, bericht)]


def _zeugniszeilen(z: Zeugnis, bericht: Dateibericht) -> list[str]:
    zeilen = []
    if (mitte := z.abdeckung_mittel) is not None:
        (unten, oben), n = z.abdeckung_spanne, len(z.treffer)
        zeilen.append(
            f"Spannen ({prozent(bericht.test.niveau)}): im Mittel von {n} Jahren trafen"
            f" {prozent(mitte)} (95 %: {prozent(unten)} bis {prozent(oben)})"
        )
    if a := z.alarme:
        ertrag = bericht.massstab.wesentlich.ertrag
        was = "Wesentlicher Minderertrag" if ertrag else "Wesentliche Überschreitung"
        zeilen.append(
            f"{was}: {a.richtig} richtig gewarnt, {a.falsch} falsch,"
            f" {a.verpasst} verpasst, {a.ruhig} zu Recht ruhig"
        )
        zeilen += _wahrscheinlichkeiten(a)
    return [*zeilen, z.satz.replace(" Jahren war", " Fällen war").replace(" Jahr war", " Fall war")]


def _wahrscheinlichkeiten(a: Alarme) -> list[str]:
    """Say how well the probabilities came true: Brier score, and the bins with cases."""
    if a.brier is None or a.brier_quote is None:
        return []
    stufen = "; ".join(
        f"{prozent(s.genannt)} genannt: {s.eingetreten} von {s.n} kamen" for s in a.stufen
    )
    return [
        f"Wahrscheinlichkeiten: {stufen}",
        f"Brier-Wert {a.brier:.3f}".replace(".", ",")
        + f" (wer immer die Quote nennt: {a.brier_quote:.3f})".replace(".", ","),
    ]
