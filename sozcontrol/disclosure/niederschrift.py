"""Cells and relations as plain data: what a later run or the command line decides against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Literal, NotRequired

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from sozcontrol.disclosure import merkmale
from sozcontrol.disclosure.lage import Lage, ordnung
from sozcontrol.disclosure.mengen import Zelle
from sozcontrol.disclosure.merkmale import Strom
from sozcontrol.errors import NotReleased

FASSUNG, VORIGE = 2, 1
"""Up to version 1 names told the Stichtag from which a count was asked, and its span in a word."""

Nackt = tuple[str, list[tuple[str, str | None]]]
"""A cell as plain data: its measure, and what it fixes."""


class Zellschrift(TypedDict):
    """One cell: its figure as text, what is decided of it; of an amount, the counts behind it."""

    merkmal: str
    wo: list[tuple[str, str | None]]
    wert: str
    offen: list[str]
    gesperrt: list[str]
    oeffentlich: NotRequired[bool]
    traeger: NotRequired[list[int]]
    weich: NotRequired[Literal[True]]
    lose: NotRequired[Literal[True]]
    frueher: NotRequired[Literal[True]]


class Stromschrift(TypedDict):
    """One stock or flow, as :class:`Strom` has it."""

    art: str
    wo: str
    von: str
    bis: str


class Niederschrift(TypedDict):
    """All cells and what ties them together."""

    fassung: int
    zellen: list[Zellschrift]
    beziehungen: list[list[tuple[str, int]]]
    zeilen: NotRequired[list[list[tuple[Nackt, int]]]]
    summen: list[tuple[Nackt, list[Nackt]]]
    stroeme: list[Stromschrift]
    gehoert: list[tuple[tuple[str, str], tuple[str, str]]]


_FORM = TypeAdapter(Niederschrift)


def schreiben(lage: Lage) -> Niederschrift:
    """Return the cells, in their order, and all that ties them together."""
    cells = sorted(lage.wert, key=ordnung)
    number = {z: i for i, z in enumerate(cells)}
    return {
        "fassung": FASSUNG,
        "zellen": [_zelle(lage, z, number) for z in cells],
        "beziehungen": sorted([*r] for r in lage.beziehungen),
        "zeilen": sorted([(_bare(z), k) for z, k in row] for row in lage.zeilen),
        "summen": sorted((_bare(w), [_bare(z) for z in parts]) for w, parts in lage.summen),
        "stroeme": [_strom(s) for s in sorted(lage.stroeme)],
        "gehoert": sorted(lage.gehoert.items()),
    }


def _zelle(lage: Lage, zelle: Zelle, number: Mapping[Zelle, int]) -> Zellschrift:
    measure, predicate = _bare(zelle)
    found = Zellschrift(
        merkmal=measure,
        wo=predicate,
        wert=str(lage.wert[zelle]),
        offen=sorted(lage.offen.get(zelle, ())),
        gesperrt=sorted(lage.gesperrt.get(zelle, ())),
    )
    if lage.ist_betrag(zelle):
        found["oeffentlich"] = zelle in lage.oeffentlich
        found["traeger"] = sorted(number[z] for z in lage.traeger.get(zelle, ()) if z in number)
    if zelle in lage.weich:
        found["weich"] = True
    if zelle in lage.lose:
        found["lose"] = True
    if zelle in lage.frueher:
        found["frueher"] = True
    return found


def _strom(strom: Strom) -> Stromschrift:
    return {"art": strom.art, "wo": strom.wo, "von": strom.von, "bis": strom.bis}


def lesen(data: Mapping[str, object]) -> Lage:
    """Return the cells and relations that :func:`schreiben` wrote.

    What version 1 wrote is named as it would be today: two of its cells may be one.

    Raises:
        NotReleased: The data are of another version.
    """
    written = _geprueft(data)
    lage, cells = Lage(), [_cell((c["merkmal"], c["wo"])) for c in written["zellen"]]
    for cell, entry in zip(cells, written["zellen"], strict=True):
        _aufnehmen(lage, cell, entry, cells)
    lage.beziehungen = dict.fromkeys(tuple(r) for r in written["beziehungen"])
    rows = written.get("zeilen", ())
    lage.zeilen = dict.fromkeys(tuple((_cell(z), k) for z, k in row) for row in rows)
    lage.summen = dict.fromkeys((_cell(w), tuple(map(_cell, p))) for w, p in written["summen"])
    lage.stroeme = {Strom(**s) for s in written["stroeme"]}
    lage.gehoert = dict(written["gehoert"])
    return lage


def _geprueft(data: Mapping[str, object]) -> Niederschrift:
    if data.get("fassung") in (FASSUNG, VORIGE):
        with suppress(ValidationError):
            found = _FORM.validate_python(data)
            return found if found["fassung"] == FASSUNG else _umbenannt(found)
    raise NotReleased(
        "Die abgelegte Entscheidung hat eine andere Fassung.",
        wo="disclosure.entscheiden", tun="Die Berichte des Stichtags neu erstellen.",
    )  # fmt: skip


def _umbenannt(alt: Niederschrift) -> Niederschrift:
    """Return what version 1 wrote under the names of today."""

    def name(text: str) -> str:
        return merkmale.FRUEHERER_NAME.sub(merkmale.heutiger_name, text)

    def cell(bare: Nackt) -> Nackt:
        return name(bare[0]), bare[1]

    return alt | {
        "zellen": [c | {"merkmal": name(c["merkmal"])} for c in alt["zellen"]],
        "beziehungen": [[(name(m), k) for m, k in r] for r in alt["beziehungen"]],
        "zeilen": [[(cell(z), k) for z, k in row] for row in alt.get("zeilen", ())],
        "summen": [(cell(w), [*map(cell, parts)]) for w, parts in alt["summen"]],
    }


def _aufnehmen(lage: Lage, cell: Zelle, entry: Zellschrift, cells: Sequence[Zelle]) -> None:
    amount = "traeger" in entry
    lage.wert[cell] = Decimal(entry["wert"]) if amount else int(entry["wert"])
    if amount and entry["oeffentlich"]:
        lage.oeffentlich.add(cell)
    elif amount:
        lage.traeger[cell] = {cells[i] for i in entry["traeger"]}
    for found, editions in ((lage.offen, entry["offen"]), (lage.gesperrt, entry["gesperrt"])):
        if editions:
            found.setdefault(cell, set()).update(editions)
    if entry.get("weich"):
        lage.weich.add(cell)
    if entry.get("lose"):
        lage.lose.add(cell)
    if entry.get("frueher"):
        lage.frueher.add(cell)


def _bare(zelle: Zelle) -> Nackt:
    return zelle[0], sorted(zelle[1], key=lambda p: (p[0], str(p[1])))


def _cell(nackt: Nackt) -> Zelle:
    measure, predicate = nackt
    return measure, frozenset(predicate)
