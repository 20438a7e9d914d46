"""What was planned for a year, and what a report recommended: lists, counted and chained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import cast

from sozcontrol import catalogue
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.beschluesse import oeffentlich
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung

Zeile = dict[str, object]


def _letzte(daten: Lieferung, tabelle: str) -> list[Zeile]:
    """Return the rows of the last state up to the Stichtag."""
    rows = daten[tabelle].to_pyarrow().to_pylist()
    days = [r["stand_am"] for r in rows if r["stand_am"] <= daten.stichtag]
    return [r for r in rows if days and r["stand_am"] == max(days)]


def _name(liste: str, code: object) -> str | None:
    return None if code is None else catalogue.codeliste(liste).name(str(code))


def getragen(row: Mapping[str, object], tables: Mapping[tuple[int, int], Zeile]) -> int:
    """Return through how many earlier tables a task is followed back by its number."""
    years, seen = 0, row
    while seen["vorjahr_nr"] is not None:
        years += 1
        before = (cast(int, seen["jahr"]) - 1, cast(int, seen["vorjahr_nr"]))
        if before not in tables:
            break
        seen = tables[before]
    return years


_SCHWERPUNKTE = ("aufgabenbereich", "aufgabe", "grad", "jahre", "hindernis_name", "rolle")


def schwerpunkte(daten: Lieferung) -> Aufstellung:
    """Return the tasks of the last table, what is not reached and carried longest first."""
    rows = daten["schwerpunkt"].to_pyarrow().to_pylist()
    tables = {(r["jahr"], r["schwerpunkt_nr"]): r for r in rows}
    found = []
    for row in _letzte(daten, "schwerpunkt"):
        who = [_name("zustaendig", row[c]) for c in ("zustaendig", "mitzustaendig")]
        found.append(row | {
            "grad": _name("zielgrad", row["zielgrad"]), "jahre": getragen(row, tables),
            "hindernis_name": _name("hindernis", row["hindernis"]),
            "rolle": " und ".join(w for w in who if w),
        })  # fmt: skip
    order = ["keine", "fortschritte", "nahezu", "vollstaendig", "dauerhaft", "nicht_aktuell"]
    found.sort(key=lambda r: (order.index(str(r["zielgrad"])), -cast(int, r["jahre"])))
    return oeffentlich(found, ("schwerpunkt_nr",), _SCHWERPUNKTE, "Schwerpunkte")


def schwerpunkte_je_grad(daten: Lieferung) -> Aufstellung:
    """Return how many tasks of the last table have which grade, and how many were carried over."""
    rows = _letzte(daten, "schwerpunkt")
    counted = Counter(r["zielgrad"] for r in rows)
    carried = Counter(r["zielgrad"] for r in rows if r["vorjahr_nr"] is not None)
    made = [
        {"zielgrad": g, "schwerpunkte": counted[g], "uebertragen": carried[g]}
        for g in catalogue.codeliste("zielgrad").gueltig
    ]
    return oeffentlich(made, ("zielgrad",), ("schwerpunkte", "uebertragen"), "Schwerpunkte je Grad")


_MASSNAHMEN = ("feld", "phase_name", "federfuehrung", "gespraech_am", "protokoll_name",
               "offener_schritt", "messgroesse", "datenlieferant", "turnus_name",
               "naechste_lieferung", "lieferung")  # fmt: skip


def massnahmen(daten: Lieferung) -> Aufstellung:
    """Return the recommendations after their last state, what is not begun first."""
    found = []
    for row in _letzte(daten, "massnahme"):
        due = cast("date | None", row["naechste_lieferung"])
        late = due is not None and due < daten.stichtag
        found.append(row | {
            "feld": _name("handlungsfeld", row["handlungsfeld"]),
            "phase_name": _name("phase", row["phase"]),
            "protokoll_name": _name("protokoll", row["protokoll"]),
            "turnus_name": _name("turnus", row["turnus"]),
            "lieferung": None if due is None else "überfällig" if late else "erwartet",
        })  # fmt: skip
    found.sort(key=lambda r: (r["gespraech_am"] is not None, str(r["massnahme"])))
    return oeffentlich(found, ("massnahme",), _MASSNAHMEN, "Handlungsempfehlungen")


def trichter(daten: Lieferung) -> Aufstellung:
    """Return how far the recommendations have come: each step counts those that passed it."""
    rows = _letzte(daten, "massnahme")
    signed, given = ("unterzeichnet",), ("ausgegeben", "unterzeichnet")
    steps = {
        "empfohlen": rows,
        "besprochen": [r for r in rows if r["gespraech_am"] is not None],
        "Protokoll ausgegeben": [r for r in rows if r["protokoll"] in given],
        "Protokoll unterzeichnet": [r for r in rows if r["protokoll"] in signed],
        "Messgröße vereinbart": [r for r in rows if r["messgroesse"] is not None],
        "in Phase II": [r for r in rows if r["phase"] == "II"],
    }
    made = [{"schritt": name, "massnahmen": len(found)} for name, found in steps.items()]
    return oeffentlich(made, ("schritt",), ("massnahmen",), "Stufen der Handlungsempfehlungen")
