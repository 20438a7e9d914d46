"""Single cases, for those who work with them: no edition but the open one ever sees them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.finanzen import im_zeitraum, ist_brutto
from sozcontrol.measures.zaehlwerk.gliederung import summe
from sozcontrol.measures.zaehlwerk.kennzahlen import als_tag
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.sichten import Basis
from sozcontrol.measures.zaehlwerk.verlauf import belegte_tage
from sozcontrol.measures.zaehlwerk.zeitraum import spanne

if TYPE_CHECKING:
    import pandas as pd

HOECHSTENS = 10
SPALTEN = ("rang", "hilfeart", "monate", "betrag_eur", "tage", "je_tag", "faelle")


def teuerste_hilfen(daten: Lieferung, *, stichtag: date | str | None = None) -> Aufstellung:
    """The Hilfen that cost most this year: gross, by month of service, as known at the Datenstand.

    Columns ``[rang, hilfeart, monate, betrag_eur, tage, je_tag, faelle]``: at most ten rows, months
    that something was paid for, euro, occupied days of the year so far, euro per occupied day (None
    without one). No pseudonym, no date, no place: who works with the case knows it by its amount.
    """
    import pandas as pd

    frame = _bezahlte(daten, als_tag(stichtag, daten))
    names = catalogue.codeliste("hilfeart").gueltig
    rows = [
        (str(n), names[str(r["hilfeart"])].name, r["monate"], r["betrag_eur"], r["tage"],
         _je_tag(r["betrag_eur"], r["tage"]), 1)
        for n, r in enumerate(frame.to_dict("records"), start=1)
    ]  # fmt: skip
    shown = pd.DataFrame(rows, columns=list(SPALTEN), dtype="object").astype({"faelle": "Int64"})
    behind = dict.fromkeys(SPALTEN[1:-1], ("faelle",))
    return Aufstellung(
        shown, ("rang",), "Teuerste Hilfen", ("faelle",), behind, einzelfaelle=True
    )  # fmt: skip


def _bezahlte(daten: Lieferung, day: date) -> pd.DataFrame:
    """Return the dearest Hilfen with their days; of equal amounts those with the fewer days."""
    year, base = spanne("jahr_bis_stichtag", day), Basis(daten)
    paid = base("zahlungen")
    paid = paid.filter(paid.ist_hze, ist_brutto(paid))
    paid = paid.filter(im_zeitraum(paid, year.von, year.bis, "leistungsmonat"))
    keys = ["hilfe_id", "hilfeart"]
    month = paid.group_by([*keys, "leistungsmonat"]).aggregate(betrag_eur=summe(paid.betrag_eur))
    sums = month.group_by(keys).aggregate(
        betrag_eur=summe(month.betrag_eur), monate=month.count(where=month.betrag_eur > 0)
    )
    days = belegte_tage(base("hilfen"), year.von, year.bis, ["hilfe_id"])
    found = sums.filter(sums.betrag_eur > 0).left_join(days, "hilfe_id")
    order = [found.betrag_eur.desc(), found.tage.asc(), found.hilfe_id.asc()]
    return found.order_by(order).limit(HOECHSTENS).execute()


def _je_tag(betrag: Decimal, tage: float | None) -> Decimal | None:
    return Decimal(betrag) / int(tage) if tage and isfinite(tage) else None
