"""What may be missing at the year's end: product groups by money at risk, with the alarms' record.

The amount is what a budget is missed by on average over all that may come; a probability stands
only beside earlier ones of the same series that could be held against what happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sozcontrol.forecast.prognose.alarm import Alarme, alarme, in_worten
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung, euro
from sozcontrol.hochrechnung.prognosestand import Prognosestand, stand_oder_keiner
from sozcontrol.hochrechnung.quellen.panel import HAUSHALTSEBENE, UEBRIGE, Ebene
from sozcontrol.hochrechnung.quellen.plaene import Seite, gruppennamen
from sozcontrol.hochrechnung.tafeln.bau import mit_spalten
from sozcontrol.hochrechnung.tafelteile import Zeile, dezimal
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

SEITEN: Mapping[tuple[Ebene, Seite], str] = {
    (HAUSHALTSEBENE, "aufwand"): "Aufwand",
    (HAUSHALTSEBENE, "ertrag"): "Erträge",
    (UEBRIGE, "aufwand"): "Aufwand, übrige Konten",
    (UEBRIGE, "ertrag"): "Erträge, übrige Konten",
}
"""What is forecast of the ledger: all that makes up the net of the Teilhaushalte."""
JE = ("produktgruppe", "produktgruppe_name", "seite")
RISIKEN = (*JE, "ansatz_eur", "hochrechnung_eur", "risiko_eur", "ueber", "wesentlich", "warnung",
           "zeugnis")  # fmt: skip
ZEUGNIS = ("seite", "jahre", "faelle", "verfehlt", "gefunden", "verpasst", "umsonst", "brier",
           "brier_quote")  # fmt: skip
ZUSAMMEN = "zusammen"
GEWARNT, RUHIG = "▲ Warnung", ""


@dataclass(frozen=True)
class Rueckblick:
    """Past probabilities of some series: (warned, came true, probability), and their years."""

    faelle: tuple[tuple[bool, bool, float], ...]
    jahre: frozenset[int]

    @property
    def alarme(self) -> Alarme | None:
        """Return the record, None without any."""
        return alarme(self.faelle)


def rueckblick(stand: Prognosestand, reihen: Sequence[Hochrechnung]) -> Rueckblick:
    """Return what was said of *reihen* in earlier years, where a probability was."""
    cases = [
        (f.jahr, f.gewarnt, stand.wesentlich.verfehlt(f.ergebnis, f.ansatz), f.chance)
        for h in reihen for f in h.zeugnis.faelle if f.ansatz and f.chance is not None
    ]  # fmt: skip
    return Rueckblick(tuple(c[1:] for c in cases), frozenset(c[0] for c in cases))


def risiken(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """Every budget of the ledger that may be missed, by money at risk, the largest first.

    Columns :data:`RISIKEN`. ``ueber`` and ``wesentlich`` are the probabilities, in words and per
    cent, that the budget becomes worse, and by more than the municipality's threshold.
    """
    day = stichtag or daten.stichtag
    namen = gruppennamen(daten, day.year)
    rows = [
        _zeile(stand, h, SEITEN[key], namen)
        for key, stand in staende(daten, day) for h in _einzelne(stand)
    ]  # fmt: skip
    rows.sort(key=lambda r: (-_betrag(r), str(r["produktgruppe"]), str(r["seite"])))
    return mit_spalten(rows, RISIKEN, JE, "Risiken der Ansätze")


def _betrag(row: Zeile) -> Decimal:
    value = row["risiko_eur"]
    return value if isinstance(value, Decimal) else Decimal(-1)


def staende(
    daten: Stadtlieferung, day: date
) -> Iterator[tuple[tuple[Ebene, Seite], Prognosestand]]:
    """Return the forecasts of all levels and sides of the ledger there are any of."""
    for ebene, seite in SEITEN:
        stand = stand_oder_keiner(daten, ebene, stichtag=day, seite=seite)
        if stand is not None:
            yield (ebene, seite), stand


def _einzelne(stand: Prognosestand) -> list[Hochrechnung]:
    """Return the forecasts without their total."""
    return [h for name, h in stand.reihen.items() if name != INSGESAMT and h.wert is not None]


def _zeile(stand: Prognosestand, h: Hochrechnung, seite: str, namen: Mapping[str, str]) -> Zeile:
    record, w = rueckblick(stand, [h]), h.warnung
    known = w if record.faelle else None
    return {
        "produktgruppe": h.reihe,
        "produktgruppe_name": namen.get(h.reihe, h.reihe),
        "seite": seite,
        "ansatz_eur": h.alternativen.get("M0"),
        "hochrechnung_eur": h.wert,
        "risiko_eur": euro(known.risiko) if known else None,
        "ueber": in_worten(known.ueber) if known else None,
        "wesentlich": in_worten(known.wesentlich) if known else None,
        "warnung": GEWARNT if known and known.gewarnt else RUHIG,
        "zeugnis": _in_jahren(record),
    }


def _in_jahren(record: Rueckblick) -> str:
    """Say how the warnings of one series came out: found, missed, in vain."""
    a, n = record.alarme, len(record.jahre)
    if a is None:
        return "ohne Zeugnis"
    told = ((a.richtig, "gefunden"), (a.verpasst, "verpasst"), (a.falsch, "umsonst"))
    parts = [f"{count} {word}" for count, word in told if count]
    return f"{', '.join(parts) or 'kein Anlass'} (von {n})"


def warnungszeugnis(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """How the warnings of earlier years came out, by side of the ledger and together.

    Columns :data:`ZEUGNIS`. ``brier`` is the mean squared error of the probabilities,
    ``brier_quote`` that of who always states the share that came true.
    """
    found = [
        (SEITEN[key], rueckblick(stand, _einzelne(stand)))
        for key, stand in staende(daten, stichtag or daten.stichtag)
    ]
    alle = Rueckblick(
        tuple(f for _, r in found for f in r.faelle),
        frozenset(j for _, r in found for j in r.jahre),
    )
    rows = [_zeugniszeile(name, r, r.alarme) for name, r in [*found, (ZUSAMMEN, alle)] if r.alarme]
    return mit_spalten(rows, ZEUGNIS, ("seite",), "Zeugnis der Warnungen")


def _zeugniszeile(name: str, r: Rueckblick, a: Alarme) -> Zeile:
    return {
        "seite": name,
        "jahre": len(r.jahre),
        "faelle": len(r.faelle),
        "verfehlt": a.richtig + a.verpasst,
        "gefunden": a.richtig,
        "verpasst": a.verpasst,
        "umsonst": a.falsch,
        "brier": dezimal(a.brier),
        "brier_quote": dezimal(a.brier_quote),
    }
