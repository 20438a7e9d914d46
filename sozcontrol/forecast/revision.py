"""Forecasts published earlier, held against what the same day's forecast would be today.

What was said comes from the archive, what would be said now from the present delivery, at the same
Stichtag. Ledger sums have no persons behind them; behind a change of the Hilfen's cost stand the
Hilfen whose payments or spans differ between the two deliveries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sozcontrol import catalogue, store
from sozcontrol.errors import ConfigurationError, DeliveryMissing
from sozcontrol.forecast.abwicklung.rueckstand import rueckstand
from sozcontrol.forecast.abwicklung.tafeln import vorschlag
from sozcontrol.forecast.archiv import REIFE
from sozcontrol.forecast.quellen.buchungen import MONATE
from sozcontrol.forecast.quellen.kosten import zahlungszeilen
from sozcontrol.forecast.quellen.panel import letzte_periode
from sozcontrol.forecast.stadt import PANELE, stand_oder_keiner
from sozcontrol.forecast.tafelteile import ende_des_monats, rahmen
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.gliederung import INSGESAMT
from sozcontrol.measures.revision import Frueher, fruehere, pruefe_schluessel

if TYPE_CHECKING:
    import pandas as pd

JE = ("stichtag", "datenstand", "was")
GEAENDERT = "geaenderte_hilfen"
SPALTEN = (*JE, "reife", "damals_eur", "heute_eur", "veraenderung_eur", "abweichung_damals_pct",
           "abweichung_heute_pct")  # fmt: skip
HEUTE = ("heute_eur", "veraenderung_eur", "abweichung_heute_pct")
"""Figures that, beside what was published, tell what changed."""
OFFEN = "Noch nicht abgerechnete Leistungen (F18)"
Zeile = dict[str, Any]


def damals_und_heute(daten: Any, edition: str) -> Aufstellung:
    """F05, F06 and F18 of every earlier publication: as said then, and as computed today.

    Forecasts *edition* may not show are left out; »heute« is empty where a table is missing or the
    earlier delivery can't be compared.
    """
    rows: list[Zeile] = []
    for one in fruehere(daten, edition):
        hilfen = _geaenderte(one, daten)
        rows += _prognosen(one, daten, edition, hilfen)
        rows += _offene(one, daten, hilfen)
    _gemeinsam_verbergen(rows)
    behind = dict.fromkeys(SPALTEN[len(JE) :], ()) | dict.fromkeys(HEUTE, (GEAENDERT,))
    counts = {GEAENDERT: [row.pop(GEAENDERT) for row in rows]}
    frame = rahmen(rows, SPALTEN, counts)
    return Aufstellung(frame, JE, "Hilfen hinter revidierten Prognosen", (GEAENDERT,), behind)


def _gemeinsam_verbergen(rows: Sequence[Zeile]) -> None:
    """Give all publications of one figure the fewest changed Hilfen of any of them.

    »Heute« is the same number in each: what one hides, the other would tell.
    """
    wenigste: dict[tuple[Any, Any], int] = {}
    for row in rows:
        key, n = (row["stichtag"], row["was"]), row[GEAENDERT]
        if n:
            wenigste[key] = min(n, wenigste.get(key, n))
    for row in rows:
        row[GEAENDERT] = wenigste.get((row["stichtag"], row["was"]), 0)


def _prognosen(one: Frueher, daten: Any, edition: str, hilfen: int | None) -> Iterator[Zeile]:
    said = {p.reihe: p for p in store.prognosen(daten.projekt) if _gehoert(p, one, edition)}
    for t in PANELE:
        if t.summe in said:
            p, ledger, stand = said[t.summe], t.ebene == "produktgruppe", None
            if ledger or hilfen is not None:
                stand = stand_oder_keiner(daten, t.ebene, stichtag=one.stichtag, seite=t.seite)
            h = stand.summe if stand else None
            yield _zeile(
                one, t.summe, p.wert, h.wert if h else None, 0 if ledger else _unbekannt(hilfen),
                reife=REIFE[p.reife], abweichung_damals_pct=_abweichung(p.wert, p.ansatz),
                abweichung_heute_pct=_abweichung(h.wert, h.alternativen.get("M0")) if h else None,
            )  # fmt: skip


def _unbekannt(hilfen: int | None) -> int:
    """Return how many changed; of a delivery that is gone it might have been one."""
    return 1 if hilfen is None else hilfen


def _gehoert(p: store.Prognose, one: Frueher, edition: str) -> bool:
    same = (p.stichtag, p.datenstand) == (one.stichtag, one.datenstand)
    return same and p.ebene == "summe" and p.sichtbar(edition)


def _abweichung(wert: Decimal | None, ansatz: Decimal | None) -> Decimal | None:
    return (wert - ansatz) / ansatz * 100 if wert is not None and ansatz else None


def _offene(one: Frueher, daten: Any, hilfen: int | None) -> Iterator[Zeile]:
    """F18 has no archive: what was said then comes from the delivery of then, if it is kept."""
    published = {k for b in one.bereiche for k in catalogue.bereiche()[b].kennzahlen}
    alt = _damalige(one, daten) if "F18" in published and hilfen is not None else None
    if alt is None:
        return
    then, now = (_offen(d, one.stichtag) for d in (alt, daten))
    alt.con.disconnect()
    yield _zeile(one, OFFEN, then, now, hilfen)


def _offen(daten: Any, stichtag: date) -> Decimal | None:
    """Return F18 at a Stichtag; None where no Hilfe had been paid for."""
    try:
        return vorschlag(rueckstand(daten, stichtag=stichtag))[INSGESAMT]
    except DeliveryMissing:
        return None


def _zeile(
    one: Frueher, was: str, damals: Decimal | None, heute: Decimal | None, hilfen: int | None,
    **weitere: Any,
) -> Zeile:  # fmt: skip
    change = None if damals is None or heute is None else heute - damals
    keys = {"stichtag": one.stichtag, "datenstand": f"{one.datenstand:%d.%m.%Y}", "was": was}
    figures = {"damals_eur": damals, "heute_eur": heute, "veraenderung_eur": change}
    return {**dict.fromkeys(SPALTEN), **keys, **figures, **weitere, GEAENDERT: hilfen or 0}


def _damalige(one: Frueher, daten: Any) -> Any | None:
    """Open the delivery of then; None where it is gone or its Hilfen can't be recognised."""
    alt = store.open_fassung(daten.projekt, one.stichtag, one.datenstand, one.fassung)
    if alt is None:
        return None
    try:
        pruefe_schluessel(alt, daten)
    except ConfigurationError:
        alt.con.disconnect()
        return None
    return alt


def _geaenderte(one: Frueher, daten: Any) -> int | None:
    """Count the Hilfen whose payments or span, as far as the Stichtag knows, differ today."""
    alt = _damalige(one, daten)
    if alt is None:
        return None
    try:
        if not all(d.hat("zahlung", "fall", "person", "gebiet") for d in (alt, daten)):
            return None
        jahr, periode = letzte_periode(one.stichtag)
        then, now = (_abdruecke(d, jahr * MONATE + periode - 1) for d in (alt, daten))
    finally:
        alt.con.disconnect()
    everyone = then.index.union(now.index)
    then, now = (f.reindex(everyone, fill_value=0) for f in (then, now))
    return int((then != now).sum())


def _abdruecke(daten: Any, bis: int) -> pd.Series:
    """Return a fingerprint of each Hilfe: what the forecast of absolute month *bis* reads of it."""
    import pandas as pd

    ende = ende_des_monats(bis)
    t = zahlungszeilen(daten)
    t = t.filter(t.gebucht <= bis, t.leistung <= bis)
    t = t.select("hilfe_id", "hilfeart", "leistung", "gebucht", "betrag_eur")
    f = daten["fall"]
    f = f.filter(f.beginn <= ende)
    f = f.select("hilfe_id", "hilfeart", "beginn", ende=(f.ende <= ende).ifelse(f.ende, None))
    parts = []
    for table in (t, f):
        frame = table.to_pandas()
        rows = frame.astype("string").fillna("")
        printed = pd.util.hash_pandas_object(rows, index=False)
        parts.append(printed.groupby(frame["hilfe_id"]).sum())  # wraps around, and may
    return parts[0].add(parts[1], fill_value=0)
