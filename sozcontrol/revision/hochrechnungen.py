"""Forecasts published earlier, held against what the same day's forecast would be today, and why.

What was said comes from the archive. From the delivery of then to the present one, cause by cause
changes over (:mod:`sozcontrol.revision`), and each time the forecast is made anew; what
the present procedure makes of the delivery of then differs from what was said by the *Verfahren*.
Ledger sums have no persons behind them; behind a change of the Hilfen's cost stand the Hilfen
whose payments, spans or ages differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sozcontrol import catalogue, store
from sozcontrol.errors import ConfigurationError, DeliveryMissing, UsageError
from sozcontrol.forecast.methoden.ergaenzung import MUSTER_MONATE
from sozcontrol.forecast.prognose.hochrechnung import Hochrechnung
from sozcontrol.hochrechnung.abwicklung.abwicklungstafeln import vorschlag
from sozcontrol.hochrechnung.abwicklung.rueckstand import rueckstand
from sozcontrol.hochrechnung.einmal import RAEUME as VORHER
from sozcontrol.hochrechnung.prognosearchiv import REIFE
from sozcontrol.hochrechnung.prognosestand import PANELE, Tafel, stand_oder_keiner
from sozcontrol.hochrechnung.quellen.abdruck import Abdruck, abdruck
from sozcontrol.hochrechnung.quellen.buchungen import MONATE
from sozcontrol.hochrechnung.quellen.panel import (
    FALLEBENE,
    HAUSHALTSEBENE,
    TABELLEN,
    letzte_periode,
    panel,
)
from sozcontrol.hochrechnung.tafelteile import Zeile, Zelle, minus, rahmen
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung
from sozcontrol.measures.zaehlwerk.rechnen import Bestandteil, Rechnung
from sozcontrol.revision.effekte import effekte, pruefe_schluessel
from sozcontrol.revision.hinter import UNBEKANNT, Hinter, gezaehlt
from sozcontrol.revision.hybride import URSACHEN, Paar
from sozcontrol.revision.vergleich import Frueher, FuerEditionen, Lieferung, fruehere
from sozcontrol.store import Daten

if TYPE_CHECKING:
    import ibis.expr.types as ir

RAEUME = (*VORHER, "revision")
"""The rooms whose code and facts decide a revised forecast."""
JE = ("stichtag", "datenstand", "was")
GEAENDERT = "geaenderte_traeger"
JE_URSACHE = "wenigste_je_ursachen"
DAHINTER = "traeger_dahinter"
SPALTEN = (*JE, "reife", "damals_eur", "heute_eur", "veraenderung_eur", "abweichung_damals_pct",
           "abweichung_heute_pct", "verfahren_eur", *URSACHEN)  # fmt: skip
HEUTE = ("heute_eur", "veraenderung_eur", "abweichung_heute_pct", "verfahren_eur")
"""Figures that, beside what was published, tell what changed."""
DAMALS = ("damals_eur", "abweichung_damals_pct")
GERECHNET = ("damals_eur", "heute_eur")
"""What the change, and the causes that add up to it, tell beside what was published."""
VORJAHRESKOSTEN = "H17c"
"""Its numerator is what the Hilfen of the year before cost, as far as it is booked."""
OFFEN = "Am Stichtag nicht abgerechnete Leistungen (F18)"
NACHBUCHUNGEN = [*URSACHEN].index("nachbuchungen") + 1
"""The step with which the late bookings change over."""
PERSONEN = frozenset(TABELLEN[FALLEBENE])
LESEN = {
    HAUSHALTSEBENE: frozenset(TABELLEN[HAUSHALTSEBENE]),
    FALLEBENE: PERSONEN | frozenset(TABELLEN[HAUSHALTSEBENE]),  # the ledger gives the Ansatz
}
"""The tables that a forecast of each level reads."""


@dataclass
class Revidiert:
    """One figure of one publication: its cells, and the counts behind them by column."""

    werte: Zeile
    anzahlen: dict[str, int]

    def copy(self) -> Revidiert:
        """Return one that another table may change."""
        return Revidiert(dict(self.werte), dict(self.anzahlen))


@dataclass(frozen=True, eq=False)
class Zwischenstand:
    """One step from the delivery of then to that of today; it is read as any delivery.

    A new one for every step: what is remembered of a delivery is remembered of this object.
    """

    paar: Paar
    kommune: catalogue.Kommune
    datenstand: date

    @property
    def stichtag(self) -> date:
        """Return the Stichtag of the publication."""
        return self.paar.stichtag

    def __getitem__(self, name: str) -> ir.Table:
        """Return a table as it is after this step."""
        return self.paar[name]

    @property
    def tabellen(self) -> tuple[str, ...]:
        """Return the tables that both deliveries have."""
        return self.paar.tabellen

    def hat(self, *namen: str) -> bool:
        """Say whether both deliveries have these tables."""
        return set(namen) <= set(self.tabellen)


@dataclass
class Weg:
    """What the present procedure makes of each step: per figure, the first value that of then.

    ``hinter`` are the Hilfen behind the figures that are made of Hilfen.
    """

    prognosen: dict[str, list[Hochrechnung | None]] = field(default_factory=dict)
    offen: list[Decimal | None] = field(default_factory=list)
    hinter: dict[str, Hinter] = field(default_factory=dict)

    def werte(self, was: str) -> list[Decimal | None]:
        """Return the seven values of a forecast, from then to today."""
        return [h.wert if h else None for h in self.prognosen[was]]


Gesagt = tuple[Frueher, dict[str, store.Prognose]]
"""An earlier publication and the totals it forecast, by their series."""
Schluessel = tuple[tuple[Frueher, tuple[str, ...]], ...]
"""What an edition may know: the publications with the names of what they forecast."""


def damals_und_heute(daten: Daten) -> tuple[FuerEditionen, ...]:
    """F05, F06 and F18 of every earlier publication: as said then, as computed today, and why.

    One table for all editions that may know the same; »heute« is empty where a table is missing or
    the earlier delivery can't be compared, the causes also where one of both lacks a table.
    """
    groups: dict[Schluessel, list[str]] = {}
    publications: dict[tuple[Frueher, tuple[str, ...]], Mapping[str, store.Prognose]] = {}
    for edition in catalogue.editionen():
        known = {(one, tuple(sorted(said))): said for one, said in _gesagt(daten, edition)}
        groups.setdefault(tuple(known), []).append(edition)
        publications |= known
    wege = _wege(daten, publications)
    rows = {
        key: _publikation(daten, key[0], said, wege[key[0].lieferung])
        for key, said in publications.items()
    }
    return tuple(
        FuerEditionen(
            _tafel([row.copy() for key in keys for row in rows[key]], daten.stichtag),
            tuple(editions),
        )
        for keys, editions in groups.items()
    )


def _gesagt(daten: Daten, edition: str) -> list[Gesagt]:
    archive = store.prognosen(daten.projekt)
    return [
        (one, {p.reihe: p for p in archive if _gehoert(p, one, edition)})
        for one in fruehere(daten, edition)
    ]


def _wege(
    daten: Daten, publications: Iterable[tuple[Frueher, tuple[str, ...]]]
) -> dict[Lieferung, Weg | None]:
    """Go from each earlier delivery to *daten* once, for all that any edition knows of it."""
    asked: dict[Lieferung, tuple[Frueher, set[str]]] = {}
    for one, said in publications:
        _, names = asked.setdefault(one.lieferung, (one, set()))
        names.update(said, [OFFEN] if _nennt_offen(one) else [])
    return {
        key: _weg(one, daten, [t for t in PANELE if t.summe in names], OFFEN in names)
        for key, (one, names) in asked.items()
    }


def _nennt_offen(one: Frueher) -> bool:
    return any("F18" in catalogue.bereiche()[b].kennzahlen for b in one.bereiche)


def _publikation(
    daten: Daten, one: Frueher, said: Mapping[str, store.Prognose], weg: Weg | None
) -> list[Revidiert]:
    tafeln = [t for t in PANELE if t.summe in said]
    rows = [_prognose(one, said[t.summe], t, daten, weg) for t in tafeln]
    return [*rows, *_offene(one, weg)] if _nennt_offen(one) else rows


def _tafel(rows: list[Revidiert], stichtag: date) -> Aufstellung:
    _gemeinsam_verbergen(rows)
    behind: dict[str, tuple[str, ...]] = dict.fromkeys(SPALTEN[len(JE) :], ())
    behind |= dict.fromkeys(HEUTE, (DAHINTER, GEAENDERT))
    behind |= dict.fromkeys(DAMALS, (DAHINTER,))
    behind |= dict.fromkeys(URSACHEN, (DAHINTER, GEAENDERT, JE_URSACHE))
    names = (DAHINTER, GEAENDERT, JE_URSACHE)
    counts = {n: [row.anzahlen[n] for row in rows] for n in names}
    frame = rahmen([row.werte for row in rows], SPALTEN, counts)
    told = dict.fromkeys(("veraenderung_eur", "verfahren_eur", *URSACHEN), GERECHNET)
    made = tuple(_gebucht(row, stichtag) for row in rows)
    return Aufstellung(
        frame, JE, "Träger hinter revidierten Prognosen", tuple(counts), behind, aus=told,
        bestandteile=dict.fromkeys((*HEUTE, *URSACHEN), made),
    )  # fmt: skip


def _gebucht(row: Revidiert, stichtag: date) -> tuple[Bestandteil, ...]:
    """Return what a forecast of the year before is made from today: that year, all but billed."""
    then, vorjahr = row.werte["stichtag"], date(stichtag.year - 1, 12, 31)
    if then != vorjahr or not row.anzahlen[DAHINTER] or row.werte["was"] == OFFEN:
        return ()
    return (Bestandteil(Rechnung(catalogue.kennzahl(VORJAHRESKOSTEN).zaehler, stichtag)),)


def _gemeinsam_verbergen(rows: Sequence[Revidiert]) -> None:
    """Let several publications of one figure tell together no more than one of them.

    »Heute« is the same number in each: all get the fewest changed Hilfen of any. The causes stand
    with the latest only, which comes first: their differences would tell of the Hilfen between.
    """
    gezaehlt: dict[tuple[Zelle, Zelle], list[int]] = {}
    for row in rows:
        key = (row.werte["stichtag"], row.werte["was"])
        if key in gezaehlt and row.anzahlen[DAHINTER]:
            row.werte.update(dict.fromkeys(("verfahren_eur", *URSACHEN)))
            row.anzahlen[JE_URSACHE] = 0
        gezaehlt.setdefault(key, []).append(row.anzahlen[GEAENDERT])
    for row in rows:
        counts = gezaehlt[row.werte["stichtag"], row.werte["was"]]
        row.anzahlen[GEAENDERT] = min((n for n in counts if n), default=0)


def _gehoert(p: store.Prognose, one: Frueher, edition: str) -> bool:
    same = (p.stichtag, p.datenstand) == (one.stichtag, one.datenstand)
    return same and p.ebene == "summe" and p.sichtbar(edition)


def _prognose(
    one: Frueher, p: store.Prognose, t: Tafel, daten: Daten, weg: Weg | None
) -> Revidiert:
    ledger = t.ebene == HAUSHALTSEBENE
    if weg is not None and t.summe in weg.prognosen:
        h, werte = weg.prognosen[t.summe][-1], weg.werte(t.summe)
    else:
        stand = None
        if ledger or weg is not None:
            stand = stand_oder_keiner(daten, t.ebene, stichtag=one.stichtag, seite=t.seite)
        h, werte = stand.summe if stand else None, []
    hinter = None
    if not ledger:
        hinter = weg.hinter.get(t.summe, UNBEKANNT) if weg else UNBEKANNT
    return _zeile(
        one, t.summe, p.wert, h.wert if h else None, werte, hinter,
        reife=REIFE[p.reife], abweichung_damals_pct=_abweichung(p.wert, p.ansatz, t),
        abweichung_heute_pct=_abweichung(h.wert, h.alternativen.get("M0"), t) if h else None,
    )  # fmt: skip


def _abweichung(wert: Decimal | None, ansatz: Decimal | None, t: Tafel) -> Decimal | None:
    """Return by how many per cent of its budget a forecast makes it worse; negative: better."""
    if wert is None or not ansatz:
        return None
    return (ansatz - wert if t.seite == "ertrag" else wert - ansatz) / abs(ansatz) * 100


def _offene(one: Frueher, weg: Weg | None) -> Iterator[Revidiert]:
    """F18 has no archive: what was said then comes from the delivery of then, if it is kept."""
    if weg is not None and weg.offen:
        yield _zeile(one, OFFEN, weg.offen[0], weg.offen[-1], weg.offen, weg.hinter[OFFEN])


def _zeile(
    one: Frueher, was: str, damals: Decimal | None, heute: Decimal | None,
    werte: Sequence[Decimal | None], hinter: Hinter | None, **weitere: Zelle,
) -> Revidiert:  # fmt: skip
    keys: Zeile = {"stichtag": one.stichtag, "datenstand": f"{one.datenstand:%d.%m.%Y}", "was": was}
    figures: Zeile = {
        "damals_eur": damals,
        "heute_eur": heute,
        "veraenderung_eur": minus(heute, damals),
    }
    h = hinter or Hinter(0, 0, 0)  # no persons stand behind the ledger
    counts = {DAHINTER: h.alle, GEAENDERT: h.geaendert, JE_URSACHE: h.je_ursache}
    teile: Zeile = {}
    if werte:
        gruende = effekte(werte)
        teile["verfahren_eur"] = minus(werte[0], damals)
        teile |= {u: gruende[u] for u in URSACHEN}
    return Revidiert(dict.fromkeys(SPALTEN) | keys | figures | teile | weitere, counts)


def _weg(one: Frueher, daten: Daten, tafeln: Sequence[Tafel], offen: bool) -> Weg | None:
    """Go from the delivery of then to *daten*; None where that one is gone or strange.

    A forecast is left out where one delivery has a table for it that the other has not: it would
    not end at what today's report says.
    """
    try:
        jahr, periode = letzte_periode(one.stichtag)
    except UsageError:  # in January there is no forecast
        return None
    alt = _damalige(one, daten)
    if alt is None:
        return None
    was = [t.summe for t in tafeln if t.ebene == FALLEBENE] + [OFFEN] * offen
    name = store.name_aus("weg", one.stichtag, one.datenstand, [t.summe for t in tafeln], was)

    def gegangen() -> Weg | None:
        if not all(d.hat(*PERSONEN) for d in (alt, daten)):
            return None
        with Paar(alt, daten, one.stichtag) as paar:
            beide = set(paar.tabellen)
            rechenbar = [
                t for t in tafeln
                if {n for n in LESEN[t.ebene] if alt.hat(n) or daten.hat(n)} <= beide
            ]  # fmt: skip
            bis = jahr * MONATE + periode - 1
            return _gehe(paar, daten, rechenbar, was, bis, one.datenstand)

    try:
        return store.gerechnet(daten, RAEUME, name, gegangen, (store.pruefsumme(alt),))
    finally:
        alt.close()


def _gehe(
    paar: Paar, daten: Daten, tafeln: Sequence[Tafel], gezaehlte: Sequence[str], bis: int,
    damals: date,
) -> Weg:  # fmt: skip
    """Compute every figure of absolute month *bis* anew at each step that changes what it reads.

    *gezaehlte* are the figures with persons behind them, who are to be counted; *damals* is the
    Datenstand of then.
    """
    staende, jahresende = (damals, daten.datenstand), bis % MONATE == MONATE - 1
    weg = Weg(prognosen={t.summe: [] for t in tafeln})
    drucke: dict[str, list[Abdruck]] = {was: [] for was in gezaehlte}
    beginn = []
    for schritt in range(len(URSACHEN) + 1):
        neu = paar.stelle(schritt) if schritt else frozenset(paar.tabellen)
        reifer = schritt == NACHBUCHUNGEN
        # With the late bookings comes the day up to which they are known.
        stand = Zwischenstand(paar, daten.kommune, staende[schritt >= NACHBUCHUNGEN])
        for t in tafeln:
            folge = weg.prognosen[t.summe]
            anders = neu & LESEN[t.ebene] or (reifer and jahresende)
            folge.append(_summe(stand, t) if anders else folge[-1])
        if OFFEN in drucke:
            anders = neu & PERSONEN or reifer
            weg.offen.append(_offen(stand, stand.stichtag) if anders else weg.offen[-1])
        for was, gedruckt in drucke.items():
            gelesen = {"alter": was != OFFEN, "spaetere": was == OFFEN or jahresende}
            gedruckt.append(abdruck(stand, bis, **gelesen) if neu & PERSONEN else gedruckt[-1])
        if neu & PERSONEN and drucke.keys() - {OFFEN}:
            beginn.append(_beginn(stand))
    for was, gedruckt in drucke.items():
        ab = bis - MUSTER_MONATE + 1 if was == OFFEN else max(beginn)
        weg.hinter[was] = gezaehlt([d.je_traeger(ab) for d in gedruckt])
    return weg


def _beginn(stand: Zwischenstand) -> int:
    """Return the first absolute month a forecast of the Hilfen learns from; 0 if there is none."""
    try:
        read = panel(stand, FALLEBENE, stichtag=stand.stichtag)
    except DeliveryMissing:
        return 0
    return min(int(r.jahre[0]) for r in read.reihen) * MONATE


def _summe(stand: Zwischenstand, t: Tafel) -> Hochrechnung | None:
    found = stand_oder_keiner(stand, t.ebene, stichtag=stand.stichtag, seite=t.seite)
    return found.summe if found else None


def _offen(daten: Stadtlieferung, stichtag: date) -> Decimal | None:
    """Return F18 at a Stichtag; None where no Hilfe had been paid for."""
    try:
        return vorschlag(rueckstand(daten, stichtag=stichtag))[INSGESAMT]
    except DeliveryMissing:
        return None


def _damalige(one: Frueher, daten: Daten) -> Daten | None:
    """Open the delivery of then; None where it is gone or its Hilfen can't be recognised."""
    alt = store.open_fassung(daten.projekt, one.stichtag, one.datenstand, one.fassung)
    if alt is None:
        return None
    try:
        pruefe_schluessel(alt, daten)
    except ConfigurationError:
        alt.close()
        return None
    return alt
