"""What makes the net of the Teilhaushalte differ from its budget: one bridge, income included.

Its parts are those of the net itself (:mod:`sozcontrol.hochrechnung.tafeln.zuschuss`), so that
they add up to it to the cent: product group by product group, expenses and income apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sozcontrol.hochrechnung.quellen.panel import HAUSHALTSEBENE
from sozcontrol.hochrechnung.quellen.plaene import Seite, gruppennamen
from sozcontrol.hochrechnung.tafeln.bau import BESSER, IM_ANSATZ, SCHLECHTER, ist_klein, mit_spalten
from sozcontrol.hochrechnung.tafeln.zuschuss import Posten, posten
from sozcontrol.hochrechnung.tafelteile import Zeile
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.gliederung import INSGESAMT
from sozcontrol.measures.zaehlwerk.lieferung import Stadtlieferung

HOECHSTENS = 4
"""Parts of a bridge that are named; what else there is stands together."""
UEBRIGES = "Übriges"
BEITRAG = ("teilhaushalt", "rang", "was", "wort", "abweichung_eur")
SEITEN = ("was", "ansatz_eur", "hochrechnung_eur", "wort", "abweichung_eur")
ANDERE_KONTEN = ", andere Konten"
NENNER: Mapping[Seite, str] = {"aufwand": "Aufwand", "ertrag": "Erträge"}
LAGEN = {
    "aufwand": ("Mehraufwand", "Minderaufwand"), "ertrag": ("Mehrertrag", "Minderertrag"),
}  # fmt: skip
"""Words for a side above and below its budget."""
ZUSCHUSS = "Zuschussbedarf"


def beitraege(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """By Teilhaushalt, and for all, the parts of its way from the Ansatz to the Hochrechnung.

    Columns :data:`BEITRAG`, the largest part first, then :data:`UEBRIGES`, then what they come to.
    A positive amount makes the budget worse: more expenses, or less income.
    """
    day = stichtag or daten.stichtag
    alle, namen = posten(daten, day), gruppennamen(daten, day.year)
    rows: list[Zeile] = []
    for number in [*sorted({p.teilhaushalt[0] for p in alle}), INSGESAMT]:
        own = [p for p in alle if number in (INSGESAMT, p.teilhaushalt[0])]
        for rang, row in enumerate(_bruecke(own, namen), start=1):
            rows.append({"teilhaushalt": number, "rang": rang, **row})
    return mit_spalten(rows, BEITRAG, BEITRAG[:2], "Beiträge zur Abweichung des Zuschussbedarfs")


def _bruecke(own: Sequence[Posten], namen: Mapping[str, str]) -> list[Zeile]:
    parts: dict[tuple[str, str], list[Posten]] = {}
    for p in own:
        other = "" if p.ebene == HAUSHALTSEBENE else ANDERE_KONTEN
        parts.setdefault((namen.get(p.gruppe, p.gruppe) + other, p.seite), []).append(p)
    sums = {key: sum((p.weg for p in found), Decimal(0)) for key, found in parts.items()}
    large = sorted((k for k in sums if sums[k]), key=lambda k: (-abs(sums[k]), k))
    named, rest = large[:HOECHSTENS], large[HOECHSTENS:]
    if len(rest) == 1:  # a single one is named as well as it is summed up
        named, rest = large, []
    rows: list[Zeile] = [
        {"was": was, "wort": LAGEN[seite][_lower(sums[was, seite], seite)],
         "abweichung_eur": sums[was, seite]}
        for was, seite in named
    ]  # fmt: skip
    if rest:
        left = sum((sums[k] for k in rest), Decimal(0))
        rows.append({"was": UEBRIGES, "wort": None, "abweichung_eur": left})
    total = sum(sums.values(), Decimal(0))
    return [*rows, {"was": INSGESAMT, "wort": None, "abweichung_eur": total}]


def _lower(weg: Decimal, seite: str) -> bool:
    """Say whether a side comes out below its budget; less income makes the budget worse."""
    return (weg > 0) == (seite == "ertrag")


def seiten(daten: Stadtlieferung, *, stichtag: date | None = None) -> Aufstellung:
    """Expenses, income and net of all Teilhaushalte over all accounts: Ansatz and Hochrechnung.

    Columns :data:`SEITEN`; ``abweichung_eur`` is how much the budget becomes ``wort`` by it.
    """
    alle = posten(daten, stichtag or daten.stichtag)
    rows = [
        _seite(name, [p for p in alle if p.seite == seite], 1 if seite == "aufwand" else -1)
        for seite, name in NENNER.items()
    ]
    rows.append(_seite(ZUSCHUSS, alle, 1))
    return mit_spalten(rows, SEITEN, SEITEN[:1], "Zuschussbedarf nach Seiten, alle Konten")


def _seite(was: str, own: Sequence[Posten], sign: int) -> Zeile:
    plan = sum((p.ansatz for p in own), Decimal(0))
    weg = sum((p.weg for p in own), Decimal(0))
    small = ist_klein(weg, plan)
    return {
        "was": was,
        "ansatz_eur": sign * plan,
        "hochrechnung_eur": sign * (plan + weg),
        "wort": IM_ANSATZ if small else SCHLECHTER if weg > 0 else BESSER,
        "abweichung_eur": abs(weg),
    }
