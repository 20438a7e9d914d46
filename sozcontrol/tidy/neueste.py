"""Several files of one table, a file a year: of rows with one key those of the newest file count.

What is replaced is counted, and so is what stands in no newer file and therefore goes on counting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sozcontrol.findings import Finding, Fundstelle
from sozcontrol.intake.rules import MAX_STELLEN, finding
from sozcontrol.intake.stichtag import latest_in_name
from sozcontrol.tidy.feed import Part


def newest_only(parts: Iterable[Part]) -> list[Finding]:
    """Drop from *parts* of one table the rows that a newer file of the same system replaces.

    Files of one day replace nothing of each other; of one entry they can't be told apart.
    """
    systems: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts:
        if part.neueste_datei:
            systems[part.quelle.profil].append(part)
    found = []
    for own in systems.values():
        files = {(p.quelle.eintrag, p.quelle.name) for p in own}
        days = {name: latest_in_name(name) for _, name in files}
        ages = {(entry, days[name]) for entry, name in files}
        if len(files) > 1 and (None in days.values() or len(ages) < len(files)):
            found.append(_undecided(own))
        else:
            found += _by_age(own, {name: str(day) for name, day in days.items()})
    return found


def _by_age(parts: Sequence[Part], days: Mapping[str, str]) -> list[Finding]:
    found: list[Finding] = []
    known: set[tuple] = set()
    for day in sorted(set(days.values()), reverse=True):
        same = [(part, _keys(part)) for part in parts if days[part.quelle.name] == day]
        for part, keys in same:
            found += _replace(part, keys, known)
        known |= {key for _, keys in same for key in keys if None not in key}
    return found


def _keys(part: Part) -> list[tuple]:
    columns = (part.spalten[name] for name in part.tabelle.schluessel)
    return list(zip(*columns, strict=True))


def _replace(part: Part, keys: Sequence[tuple], known: set[tuple]) -> list[Finding]:
    """Drop the rows of *part* whose key is *known* from newer files, and say how many."""
    if not known:
        return []  # the newest file itself
    keep = [i for i, key in enumerate(keys) if key not in known]
    gone = [n for n, key in zip(part.zeile, keys, strict=True) if key in known]
    total = len(keys)
    part.keep(keep)
    text = (
        f"{len(gone)} von {total} Zeilen ersetzt eine neuere Datei mit demselben Schlüssel; "
        f"{len(keep)} stehen in keiner neueren und gelten weiter."
    )
    places = tuple(Fundstelle(part.quelle.name, n) for n in gone[:MAX_STELLEN])
    return [
        finding("R-I31", f"{part.quelle.name}: {text}", tabelle=part.tabelle.name,
                anzahl=len(gone), geprueft=total, stellen=places)
    ]  # fmt: skip


def _undecided(parts: Sequence[Part]) -> Finding:
    """Report files whose names don't say which is newer; their table is not built."""
    for part in parts:
        part.defekt = True
    names = list(dict.fromkeys(part.quelle.name for part in parts))
    listed = ", ".join(f"»{name}«" for name in names)
    found = finding(
        "R-I36",
        f"Welche dieser Dateien die neuere ist, sagen ihre Namen nicht: {listed}.",
        tabelle=parts[0].tabelle.name,
        anzahl=len(names),
        tun="Jede nach ihrem Tag, Monat oder Jahr benennen (faelle_2024.csv), keinen zweimal.",
    )
    parts[0].findings.append(found)
    return found
