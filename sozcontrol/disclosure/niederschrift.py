"""Cells and relations as plain data: what a later run or the command line decides against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from sozcontrol.disclosure.lage import Lage, ordnung
from sozcontrol.disclosure.mengen import Zelle
from sozcontrol.disclosure.merkmale import Strom
from sozcontrol.errors import NotReleased

FASSUNG = 1


def schreiben(lage: Lage) -> dict[str, Any]:
    """Return the cells, in their order, and all that ties them together."""
    cells = sorted(lage.wert, key=ordnung)
    number = {z: i for i, z in enumerate(cells)}
    return {
        "fassung": FASSUNG,
        "zellen": [_zelle(lage, z, number) for z in cells],
        "beziehungen": sorted([list(p) for p in r] for r in lage.beziehungen),
        "summen": sorted([_bare(w), [_bare(z) for z in parts]] for w, parts in lage.summen),
        "stroeme": [asdict(s) for s in sorted(lage.stroeme)],
        "gehoert": sorted([list(a), list(b)] for a, b in lage.gehoert.items()),
    }


def _zelle(lage: Lage, zelle: Zelle, number: Mapping[Zelle, int]) -> dict[str, Any]:
    measure, predicate = _bare(zelle)
    found: dict[str, Any] = {"merkmal": measure, "wo": predicate, "wert": str(lage.wert[zelle])}
    if lage.ist_betrag(zelle):
        found["oeffentlich"] = zelle in lage.oeffentlich
        found["traeger"] = sorted(number[z] for z in lage.traeger.get(zelle, ()) if z in number)
    for name in ("offen", "gesperrt"):
        found[name] = sorted(getattr(lage, name).get(zelle, ()))
    for name in ("weich", "lose", "frueher"):
        if zelle in getattr(lage, name):
            found[name] = True
    return found


def lesen(data: Mapping[str, Any]) -> Lage:
    """Return the cells and relations that :func:`schreiben` wrote.

    Raises:
        NotReleased: The data are of another version.
    """
    if data.get("fassung") != FASSUNG:
        raise NotReleased(
            "Die abgelegte Entscheidung hat eine andere Fassung.",
            wo="disclosure.entscheiden", tun="Die Berichte des Stichtags neu erstellen.",
        )  # fmt: skip
    lage, cells = Lage(), [_cell(c["merkmal"], c["wo"]) for c in data["zellen"]]
    for cell, entry in zip(cells, data["zellen"], strict=True):
        amount = "traeger" in entry
        lage.wert[cell] = Decimal(entry["wert"]) if amount else int(entry["wert"])
        if amount and entry["oeffentlich"]:
            lage.oeffentlich.add(cell)
        elif amount:
            lage.traeger[cell] = {cells[i] for i in entry["traeger"]}
        for name in ("offen", "gesperrt"):
            if entry[name]:
                getattr(lage, name)[cell] = set(entry[name])
        for name in ("weich", "lose", "frueher"):
            if entry.get(name):
                getattr(lage, name).add(cell)
    lage.beziehungen = dict.fromkeys(tuple((m, k) for m, k in r) for r in data["beziehungen"])
    lage.summen = dict.fromkeys((_cell(*w), tuple(_cell(*z) for z in p)) for w, p in data["summen"])
    lage.stroeme = {Strom(**s) for s in data["stroeme"]}
    lage.gehoert = {_pair(a): _pair(b) for a, b in data["gehoert"]}
    return lage


def _bare(zelle: Zelle) -> list[Any]:
    return [zelle[0], [list(p) for p in sorted(zelle[1], key=lambda p: (p[0], str(p[1])))]]


def _cell(merkmal: str, wo: Iterable[Iterable[Any]]) -> Zelle:
    return merkmal, frozenset((d, v) for d, v in wo)


def _pair(pair: Iterable[str]) -> tuple[str, str]:
    dimension, value = pair
    return dimension, value
