"""What Musterstadt sets for its calculations: the cost of what is done to save."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sozcontrol.demo.kanonisch import Parameterzeile
from sozcontrol.demo.pflegestellen import WERBUNG_AB

KOSTEN = {
    "akquise_eur": {
        date(2019, 1, 1): Decimal(12_000), WERBUNG_AB: Decimal(38_000),
        date(2025, 1, 1): Decimal(41_500),
    },
    "pflegefachkraft_eur": {
        date(2023, 1, 1): Decimal(66_000), date(2024, 1, 1): Decimal(71_500),
        date(2025, 1, 1): Decimal(74_000),
    },
}  # fmt: skip
"""Half a position and the material, and one position: a year, by the day the amount holds from."""


def parameter(stichtag: date) -> list[Parameterzeile]:
    """Return what the city has set by the Stichtag; an amount holds until the next one."""
    return [zeile for name in KOSTEN for zeile in _zeilen(name, stichtag)]


def _zeilen(name: str, stichtag: date) -> Iterator[Parameterzeile]:
    betraege = KOSTEN[name]
    tage = sorted(tag for tag in betraege if tag <= stichtag)
    for von, nach in zip(tage, [*tage[1:], None], strict=False):
        bis = nach - timedelta(days=1) if nach else None
        yield {
            "parameter": name, "gueltig_von": von, "gueltig_bis": bis,
            "parameterwert": betraege[von], "quelle": "Stellenplan und Sachmittel",
        }  # fmt: skip
