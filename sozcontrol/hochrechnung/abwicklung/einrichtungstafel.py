"""Who bills late, as a table of a report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sozcontrol import catalogue
from sozcontrol.forecast.prognose.hochrechnung import euro
from sozcontrol.hochrechnung.abwicklung.abwicklungstafeln import vorschlag
from sozcontrol.hochrechnung.abwicklung.einrichtungen import (
    SPAET_MONATE,
    Einrichtung,
    einrichtungen,
)
from sozcontrol.hochrechnung.abwicklung.rueckstand import rueckstand
from sozcontrol.hochrechnung.quellen.buchungen import MONATE
from sozcontrol.hochrechnung.quellen.kosten import traeger, zahlungszeilen
from sozcontrol.hochrechnung.tafelteile import (
    Zeile,
    auf_summe,
    dezimal,
    monatsname,
    prozent,
    rahmen,
)
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung


def abrechnung_je_einrichtung(
    daten: Stadtlieferung, *, stichtag: date | None = None, nur_spaete: bool = False
) -> Aufstellung:
    """How late every provider bills, and what it has still to bill; the total last.

    ``gebucht_eur`` of the last twelve months, ``verzug_monate`` and ``spaet_pct`` (booked later
    than a month after service) of these, ``offen_eur`` today, ``abrechnung`` in a word: »spät« or
    »früh« against the whole. Largest open amount first; providers with few Hilfen follow by name,
    for their place would tell what is hidden. *nur_spaete*: late ones only, without the total.
    """
    r = rueckstand(daten, stichtag=stichtag)
    found = einrichtungen(daten, r)
    t = zahlungszeilen(daten)
    t = t.filter(t.leistung <= r.stand, t.gebucht > r.stand - MONATE, t.gebucht <= r.stand)
    faelle = traeger(t, "erbringer")
    ganz, teile = found[-1], [e for e in found[:-1] if e.name in faelle or euro(e.offen)]
    offen = auf_summe({e.name: e.offen for e in teile}, vorschlag(r)[INSGESAMT])
    gebucht = {e.name: euro(e.gebucht) for e in teile}
    rows = {e.name: _einrichtungszeile(e, ganz, gebucht[e.name], offen[e.name]) for e in teile}
    order = reihenfolge(offen, faelle)
    if nur_spaete:
        order = [n for n in order if rows[n]["abrechnung"] == "spät"]
    else:
        summe = sum(gebucht.values(), Decimal(0))
        rows[INSGESAMT] = _einrichtungszeile(ganz, ganz, summe, sum(offen.values(), Decimal(0)))
        order = [*order, INSGESAMT]
    columns = ("leistungserbringer_id", "gebucht_eur", "verzug_monate", "spaet_pct", "offen_eur",
               "abrechnung")  # fmt: skip
    counts = [faelle.get(n, 0) for n in order]
    frame = rahmen([{columns[0]: n, **rows[n]} for n in order], columns, {"faelle": counts})
    name = f"Abrechnung {monatsname(r.stand)}"
    behind = dict.fromkeys(columns[1:], ("faelle",))
    return Aufstellung(frame, columns[:1], name, ("faelle",), behind)


def _einrichtungszeile(
    e: Einrichtung, ganz: Einrichtung, gebucht: Decimal, offen: Decimal
) -> Zeile:
    weg = e.verzug_glaubhaft - ganz.verzug_glaubhaft
    word = "spät" if weg >= SPAET_MONATE else "früh" if weg <= -SPAET_MONATE else "üblich"
    return {
        "gebucht_eur": gebucht,
        "verzug_monate": dezimal(e.verzug),
        "spaet_pct": prozent(e.spaet),
        "offen_eur": offen,
        "abrechnung": word,
    }


def reihenfolge(offen: Mapping[str, Decimal], faelle: Mapping[str, int]) -> list[str]:
    """Order by size only those whose number no edition hides; the others follow by name."""
    schwelle = max(e.schwelle for e in catalogue.editionen().values())

    def rang(name: str) -> tuple[bool, Decimal | int, str]:
        viele = faelle.get(name, 0) >= schwelle
        return (not viele, -offen[name] if viele else 0, name)

    return sorted(offen, key=rang)
