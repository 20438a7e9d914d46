"""A profile beside the tables it feeds: every name it uses exists, and its line is told if not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from sozcontrol.catalogue.codeliste import Codeliste
from sozcontrol.catalogue.fehlertexte import Loc, line_of
from sozcontrol.catalogue.profil import Herkunft, Profil, Speisung
from sozcontrol.catalogue.tabelle import Spalte, Tabelle
from sozcontrol.errors import CatalogueError, nearest


def prove_profil(
    item: Profil, path: Path, tables: Mapping[str, Tabelle], lists: Mapping[str, Codeliste]
) -> None:
    """Prove that *item*, which stands in *path*, feeds what exists.

    Raises:
        CatalogueError: The first name that leads nowhere, with its line.
    """
    for i, source in enumerate(item.dateien):
        for j, feed in enumerate(source.tabellen):
            loc: Loc = ("dateien", i, "tabellen", j)
            if feed.tabelle not in tables:
                text = f"{source.name}: Die Tabelle »{feed.tabelle}« gibt es nicht."
                raise _fault(path, (*loc, "tabelle"), text, nearest(feed.tabelle, [*tables]))
            table = tables[feed.tabelle]
            _prove_columns(feed, table, path, loc)
            _prove_newest(feed, table, path, loc)
            for name, origin in feed.spalten.items():
                codes = lists.get(table.spalte(name).codeliste or "")
                if codes is not None:
                    _prove_codes(table.spalte(name), origin, codes, path, (*loc, "spalten", name))


def _fault(path: Path, loc: Loc, was: str, tun: str) -> CatalogueError:
    line = line_of(path, loc)
    return CatalogueError(was, wo=f"{path}, Zeile {line}" if line else str(path), tun=tun)


def _prove_columns(feed: Speisung, table: Tabelle, path: Path, loc: Loc) -> None:
    for name in feed.spalten:
        if name not in table.namen:
            text = f"Die Tabelle {table.name} hat keine Spalte »{name}«."
            raise _fault(path, (*loc, "spalten", name), text, nearest(name, table.namen))
    missing = [c for c in table.spalten if c.pflicht and c.name not in feed.spalten]
    if missing:
        listed = ", ".join(f"{c.name} ({c.bezeichnung})" for c in missing)
        text = f"Der Tabelle {table.name} fehlen Spalten, die sie verlangt: {listed}."
        tun = "Unter spalten ergänzen: aus einer Spalte der Datei, oder konstant."
        raise _fault(path, (*loc, "spalten"), text, tun)


def _prove_newest(feed: Speisung, table: Tabelle, path: Path, loc: Loc) -> None:
    """Prove that a row's key is the same in every file that holds it."""
    keys = {name: feed.spalten.get(name) for name in table.schluessel}
    lost = [name for name, origin in keys.items() if origin is None or origin.zeilennummer]
    if feed.neueste_datei and lost:
        text = (
            f"neueste_datei verlangt den ganzen Schlüssel aus der Datei; {', '.join(lost)} fehlt "
            "oder ist die Zeilennummer, die in jeder Datei eine andere ist."
        )
        tun = "Eine Nummer der Quelle zuordnen, oder neueste_datei weglassen."
        raise _fault(path, (*loc, "spalten", lost[0]), text, tun)


def _prove_codes(column: Spalte, origin: Herkunft, codes: Codeliste, path: Path, loc: Loc) -> None:
    """Prove that what a profile translates words into are codes; an open one is empty."""
    known: Collection[str] = {*codes.gueltig, *codes.korrektur, *codes.verworfen, ""}
    given = [((*loc, "codes", word), code) for word, code in origin.codes.items()]
    given += [((*loc, "konstant"), origin.konstant)] if origin.konstant else []
    for place, code in given:
        if code not in known:
            text = f"Spalte »{column.name}«: Die Codeliste {codes.codeliste} kennt »{code}« nicht."
            raise _fault(path, place, text, nearest(code, [*codes.gueltig]))
