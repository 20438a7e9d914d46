"""How likely every budget is missed, as the engine of the forecast says (``Warnung``)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sozcontrol.hochrechnung.prognosestand import stand_oder_keiner
from sozcontrol.hochrechnung.quellen.plaene import Seite
from sozcontrol.hochrechnung.tafeln.bau import PROZENT, mit_spalten
from sozcontrol.hochrechnung.tafelteile import Zeile
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

WARNTAFEL = ("seite", "produktgruppe", "produktgruppe_name", "verfehlt_pct", "wesentlich_pct",
             "gewarnt")  # fmt: skip
SEITEN: tuple[Seite, ...] = ("aufwand", "ertrag")


def warntafel(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """The probabilities that the budget of a product group is missed, and missed materially.

    Columns :data:`WARNTAFEL`: Aufwand above, Erträge below the budget; the most likely first.
    ``gewarnt`` says whether the engine warns. Groups without a budget have none, nor is the total
    one: its parts are warned of.
    """
    rows: list[Zeile] = []
    for seite in SEITEN:
        stand = stand_oder_keiner(daten, stichtag=stichtag, seite=seite)
        for h in stand.prognose.hochrechnungen if stand is not None else ():
            if h.warnung is None or h.reihe == INSGESAMT or stand is None:
                continue
            rows.append({
                "seite": seite, "produktgruppe": h.reihe,
                "produktgruppe_name": stand.panel.namen.get(h.reihe, h.reihe),
                "verfehlt_pct": Decimal(repr(h.warnung.ueber)) * PROZENT,
                "wesentlich_pct": Decimal(repr(h.warnung.wesentlich)) * PROZENT,
                "gewarnt": "ja" if h.warnung.gewarnt else "nein",
            })  # fmt: skip
    rows.sort(key=lambda r: (-Decimal(str(r["wesentlich_pct"])), str(r["produktgruppe"])))
    return mit_spalten(rows, WARNTAFEL, WARNTAFEL[:3], "Wahrscheinlichkeit der Überschreitung")
