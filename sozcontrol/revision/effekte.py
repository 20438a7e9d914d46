"""What changed a figure after it was published: old value, new value, and one effect a cause.

Sequential replacement: the Kennzahl is computed on every hybrid delivery between the earlier and
the later one, at the same Stichtag; the differences from step to step are the effects. They add up
to new − old exactly, by construction, for values, numerators and denominators alike. Of two causes
that meet in one row the earlier one in :data:`~sozcontrol.revision.hybride.URSACHEN`
gets the common part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Inexact, localcontext
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.catalogue.kennzahl import Kennzahl
from sozcontrol.errors import ConfigurationError
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT, rangfolge
from sozcontrol.measures.zaehlwerk.kennzahlen import als_tag, pruefe_gliederung, quotient, seiten
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung
from sozcontrol.measures.zaehlwerk.rechnen import Zahl
from sozcontrol.revision.hybride import URSACHEN
from sozcontrol.revision.schritte import Schritte, schritte

if TYPE_CHECKING:
    import pandas as pd

SPALTEN = ("damals", "heute", "veraenderung", *URSACHEN)
_GENAU = 400
"""Digits a difference may need; were they not enough, the arithmetic would raise, not round."""


@dataclass(frozen=True)
class Revision:
    """One Kennzahl then and now, per cause.

    ``frame`` has the columns ``[*je, groesse, damals, heute, veraenderung, *URSACHEN]``, one row a
    group and each of ``wert``, ``zaehler`` and (of a ratio) ``nenner``; figures are exact int or
    Decimal, None where the value then or now is not defined (denominator 0, median not reached).
    """

    kennzahl: Kennzahl
    je: tuple[str, ...]
    stichtag: date
    frame: pd.DataFrame


def effekte(reihe: Sequence[Zahl | None]) -> dict[str, Zahl | None]:
    """Return damals, heute, veraenderung and one effect a cause of the values step by step.

    A step at which the value is undefined between two where it is defined takes over the value
    before it, so that the effects still add up. Undefined then or now: no change can be told.
    """
    first, last = reihe[0], reihe[-1]
    found: dict[str, Zahl | None] = {"damals": first, "heute": last}
    if first is None or last is None:
        return found | dict.fromkeys(("veraenderung", *URSACHEN))
    with localcontext() as context:
        context.prec = _GENAU
        context.traps[Inexact] = True
        found["veraenderung"] = last - first
        before = first
        for cause, value in zip(URSACHEN, reihe[1:], strict=True):
            now = before if value is None else value
            found[cause] = now - before
            before = now
    return found


def reihen(
    item: Kennzahl, stichtag: date, folge: Schritte, key: tuple = ()
) -> dict[str, list[Zahl | None]]:
    """Return ``wert``, ``zaehler`` and (of a ratio) ``nenner`` of one group, step by step."""
    above, *below = ([one.wert(r, key) for one in folge.ergebnisse] for r in seiten(item, stichtag))
    under = below[0] if below else [1] * len(above)
    value: list[Zahl | None]
    value = [quotient(a, b, item.faktor) for a, b in zip(above, under, strict=True)]
    found: dict[str, list[Zahl | None]] = {"wert": value, "zaehler": above}
    return found | ({"nenner": below[0]} if below else {})


def revisionen(
    alt: Lieferung,
    neu: Lieferung,
    ids: Iterable[str],
    *,
    je: Sequence[str] = (),
    stichtag: date | str | None = None,
    summen: bool = True,
) -> list[Revision]:
    """Compare Kennzahlen of two deliveries at the same Stichtag (default: that of *alt*).

    Kennzahlen whose tables not both deliveries have are left out.

    Raises:
        ConfigurationError: The deliveries were pseudonymised with different keys.
        UsageError: A Kennzahl is unknown or cannot be broken down by *je*.
    """
    pruefe_schluessel(alt, neu)
    day, je = als_tag(stichtag, alt), tuple(je)
    items = [catalogue.kennzahl(id) for id in ids]
    for item in items:
        pruefe_gliederung(item, je)
    folge = schritte(alt, neu, [r for i in items for r in seiten(i, day)], day, je, summen)
    items = [item for item in items if folge.rechnungen.issuperset(seiten(item, day))]
    return [Revision(item, je, day, _frame(item, day, folge, je, summen)) for item in items]


def _frame(
    item: Kennzahl, day: date, folge: Schritte, je: tuple[str, ...], summen: bool
) -> pd.DataFrame:
    import pandas as pd

    keys: set[tuple] = {(INSGESAMT,) * len(je)} if summen or not je else set()
    for rechnung in seiten(item, day):
        keys = keys.union(*(one.schluessel(rechnung) for one in folge.ergebnisse))
    rows = [
        [*key, size, *effekte(values).values()]
        for key in rangfolge(je, keys)
        for size, values in reihen(item, day, folge, key).items()
    ]
    return pd.DataFrame(rows, columns=[*je, "groesse", *SPALTEN], dtype="object")


def pruefe_schluessel(alt: Lieferung, neu: Lieferung) -> None:
    """Refuse two deliveries whose pseudonyms come from different keys.

    Raises:
        ConfigurationError: No row of the one would be found in the other.
    """
    used = [getattr(one, "manifest", {}).get("schluessel_id") for one in (alt, neu)]
    if used[0] != used[1]:
        raise ConfigurationError(
            f"Die beiden Lieferungen sind mit verschiedenen Schlüsseln pseudonymisiert "
            f"({used[0]} und {used[1]}); dieselben Menschen sind darin nicht wiederzuerkennen.",
            wo=f"Datenstand {alt.datenstand:%d.%m.%Y} und {neu.datenstand:%d.%m.%Y}",
            tun="Beide Lieferungen mit demselben Schlüssel neu einlesen.",
        )
