"""What a file of series is asked for: the forecast of each open year beside its record."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from sozcontrol.forecast.methoden.einfach import prozent
from sozcontrol.forecast.prognose.alarm import Warnung, Wesentlich, chance, warnung
from sozcontrol.forecast.prognose.auswertung import zeugnis
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.forecast.prognose.protokoll import Ruecktest
from sozcontrol.forecast.prognose.zeugnis import Zeugnis, methodenname
from sozcontrol.forecast.reihe import Reihe

Feld = str | float | int | bool | None
KOPF = ("Reihe", "Stand", "Ist", "Ansatz", "Hochrechnung", "von", "bis", "Niveau", "über Ansatz",
        "wesentlich", "Fehler bisher")  # fmt: skip
OHNE_OFFENES = "Keine Reihe hat ein angefangenes Jahr ohne Ergebnis: Es gibt nichts hochzurechnen."
FELDER = (
    "reihe", "jahr", "periode", "ist", "ansatz", "hochrechnung", "unten", "oben", "niveau",
    "spanne_aus_fehlern", "p_ueber_ansatz", "p_wesentlich", "warnung", "verfahren",
    "zeugnis_jahre", "zeugnis_fehler", "zeugnis_guete_ansatz", "zeugnis_guete_vorjahr",
    "zeugnis_treffer", "zeugnis_spannen",
)  # fmt: skip


@dataclass(frozen=True)
class Ausblick:
    """The forecast of one open year, as it is said of one series.

    ``ist`` and ``ansatz`` are what was known (``None``: nothing); ``wert`` is the forecast.
    """

    reihe: str
    jahr: int
    periode: int
    ist: float | None
    ansatz: float | None
    wert: float | None
    spanne: Spanne
    warnung: Warnung | None
    verfahren: str
    zeugnis: Zeugnis

    @property
    def felder(self) -> dict[str, Feld]:
        """Return the forecast as named fields, for a machine."""
        w, z = self.warnung, self.zeugnis
        chancen = (None,) * 3 if w is None else (w.ueber, w.wesentlich, w.gewarnt)
        werte = (
            self.reihe, self.jahr, self.periode, self.ist, self.ansatz, self.wert,
            self.spanne.unten, self.spanne.oben, self.spanne.niveau, self.spanne.n,
            *chancen, self.verfahren,
            z.n, z.mape, z.skill_ansatz, z.skill_vorjahr, *z.abdeckung,
        )  # fmt: skip
        return dict(zip(FELDER, werte, strict=True))


def offene_jahre(reihen: Sequence[Reihe]) -> Mapping[int, tuple[int, int]]:
    """Return by number of a series its open year and the last period known of it.

    Open is the last year with an actual, as long as its result is unknown.
    """
    offen = {}
    for i, r in enumerate(reihen):
        jahre = np.flatnonzero(np.isfinite(r.ist).any(axis=1))
        if len(jahre) and not np.isfinite(r.ergebnis[jahre[-1]]):
            periode = int(np.flatnonzero(np.isfinite(r.ist[jahre[-1]]))[-1]) + 1
            offen[i] = (int(r.jahre[jahre[-1]]), periode)
    return offen


def ausblicke(
    test: Ruecktest,
    offen: Mapping[int, tuple[int, int]],
    mindestbetrag: float,
    schwelle: Wesentlich,
) -> tuple[Ausblick, ...]:
    """Return the forecast of each open year, with the record of its series at that period."""
    wo = {
        (int(i), int(j), int(p)): r
        for r, (i, j, p) in enumerate(zip(test.nummer, test.jahr, test.periode, strict=True))
    }
    gesagt = []
    for i, (jahr, periode) in offen.items():
        r = wo[i, jahr, periode]
        nur = test.nummer == i
        wahl = int(test.wahl[r])
        gesagt.append(
            Ausblick(
                reihe=test.reihen[i].name,
                jahr=jahr,
                periode=periode,
                ist=_bekannt(test.ist(r)),
                ansatz=_bekannt(test.spalte("M0")[r]),
                wert=_bekannt(test.gewaehlt[r]),
                spanne=test.spannen[r],
                warnung=warnung(test, r, schwelle),
                verfahren=methodenname(test.methoden[wahl]) if wahl >= 0 else "",
                zeugnis=zeugnis(test, periode, nur=nur, bis=jahr, mindestbetrag=mindestbetrag,
                                wesentlich=schwelle),
            )
        )  # fmt: skip
    return tuple(gesagt)


def _bekannt(wert: float) -> float | None:
    return float(wert) if np.isfinite(wert) else None


def tabelle(gesagt: Sequence[Ausblick], stellen: int, einheit: str) -> list[str]:
    """Return the forecasts as an aligned table of German text, then the warnings as sentences."""
    if not gesagt:
        return [OHNE_OFFENES]
    rows = [KOPF, *(_zeile(a, stellen) for a in gesagt)]
    breiten = [max(len(row[c]) for row in rows) for c in range(len(KOPF))]
    zeilen = [
        "  ".join(z.ljust(b) if c == 0 else z.rjust(b)
                  for c, (z, b) in enumerate(zip(row, breiten, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip
    gewarnt = [a for a in gesagt if a.warnung is not None and a.warnung.gewarnt]
    return [*zeilen, *(f"{a.reihe}: {a.warnung.satz(einheit)}" for a in gewarnt if a.warnung)]


def _zeile(a: Ausblick, stellen: int) -> tuple[str, ...]:
    def betrag(wert: float | None) -> str:
        text = "–" if wert is None else f"{wert:,.{stellen}f}"
        return text.translate(str.maketrans(",.", ".,")).replace("-", "−")

    w, z = a.warnung, a.zeugnis
    niveau = "–" if a.spanne.niveau is None else f"{100 * a.spanne.niveau:.0f} % ({a.spanne.n})"
    fehler = "–" if z.mape is None else f"{prozent(z.mape)} ({z.n_prozent})"
    return (
        a.reihe, f"{a.jahr}/{a.periode:02}", betrag(a.ist), betrag(a.ansatz), betrag(a.wert),
        betrag(a.spanne.unten), betrag(a.spanne.oben), niveau,
        "–" if w is None else chance(w.ueber), "–" if w is None else chance(w.wesentlich), fehler,
    )  # fmt: skip


def als_csv(gesagt: Sequence[Ausblick]) -> str:
    """Return the forecasts as CSV in the project's own form: semicolon, decimal comma."""
    out = io.StringIO()
    schreiben = csv.writer(out, delimiter=";", lineterminator="\n")
    schreiben.writerow(FELDER)
    for a in gesagt:
        schreiben.writerow([_csv_feld(f) for f in a.felder.values()])
    return out.getvalue().rstrip("\n")


def _csv_feld(wert: Feld) -> str:
    if isinstance(wert, bool):
        return "ja" if wert else "nein"
    if isinstance(wert, float):
        return f"{wert:.10g}".replace(".", ",")
    return "" if wert is None else str(wert)


def als_json(gesagt: Sequence[Ausblick], kopf: Mapping[str, object], staende: object) -> str:
    """Return forecasts and back-test as JSON; *kopf* says of which file."""
    inhalt = {**kopf, "hochrechnungen": [a.felder for a in gesagt], "ruecktest": staende}
    return json.dumps(inhalt, ensure_ascii=False, indent=1)


def standfelder(z: Zeugnis) -> dict[str, object]:
    """Return the record of one period as named fields."""
    unten, oben = z.abdeckung_spanne
    return {
        "faelle": z.n,
        "spannen": {"mittel": z.abdeckung_mittel, "von": unten, "bis": oben,
                    "jahre": len(z.treffer)},
        "alarme": None if z.alarme is None else asdict(z.alarme),
    }  # fmt: skip
