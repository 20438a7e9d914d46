"""The index of one Stichtag, and the overview of all: what a report says, what is missing or late.

Whoever holds the folder sees the index, so it says what the strictest edition that lies there may
say. No clock: late is what was made of data known only after its day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sozcontrol import __version__, catalogue, store
from sozcontrol.catalogue import Bereich, Edition, Kommune
from sozcontrol.errors import Damaged, SozcontrolError
from sozcontrol.press.ablegen import manifest
from sozcontrol.press.ablegen.manifest import Eintrag
from sozcontrol.press.lauf.plan import due
from sozcontrol.press.lauf.unchanged import BEHALTEN
from sozcontrol.press.seite.export import kept_page, kind_of_report, long_date
from sozcontrol.press.seite.kachelvergleich import compare, headline
from sozcontrol.press.seite.seiteninhalt import Inhalt, only_tiles
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

INDEX = "index.html"
VORN = 3
"""Statements that head an index: of the areas that come first, each said once."""
TAG = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
"""Folders of Stichtage."""

Karten = Mapping[str, object]
Gefunden = list[tuple[Edition, Mapping[str, Eintrag]]]
"""Editions that lie there, and what their manifests say of reports."""


def index_of(
    folder: Path, stichtag: date, kommune: Kommune, ablage: str, daten: store.Daten | None = None
) -> str:
    """Return the index of all editions in *folder*, those of earlier runs included.

    Beside *daten* it is kept.
    """
    return _index(_published(folder, ablage), stichtag, kommune, f"../{INDEX}", (daten, ablage))


def index_of_one(
    edition: Edition, berichte: Mapping[str, Eintrag], stichtag: date, kommune: Kommune
) -> str:
    """Return the index of one edition for whoever has nothing else: it links to nothing more."""
    return _index([(edition, _in_order(berichte))], stichtag, kommune, None)


def _index(
    found: Sequence[tuple[Edition, Mapping[str, Eintrag]]],
    stichtag: date, kommune: Kommune, alle: str | None,
    behalten: tuple[store.Daten | None, str] = (None, ""),
) -> str:  # fmt: skip
    told = _told(found)
    groups = [_group(edition, entries, stichtag, kommune, told) for edition, entries in found]
    context = {
        "stichtag": long_date(stichtag), "gruppen": groups, "alle": alle,
        "aussagen": _first(told),
    }  # fmt: skip
    frame = _frame(kommune, f"Berichte zum {long_date(stichtag)}")
    return kept_page(*behalten, "index", frame | context)


def _frame(kommune: Kommune, titel: str) -> dict[str, object]:
    return {
        "kommune": kommune, "edition": None, "version": __version__, "titel": titel,
        "untertitel": None, "datenstand": None, "berichtsarten": None,
    }  # fmt: skip


def _published(folder: Path, ablage: str) -> Gefunden:
    found: Gefunden = []
    for edition in catalogue.editionen().values():
        entries = manifest.read(folder / edition.id).get("berichte")
        if edition.ablage == ablage and entries:
            found.append((edition, _in_order(entries)))
    return found


def _in_order(entries: Mapping[str, Eintrag]) -> dict[str, Eintrag]:
    known = [k for k in catalogue.bereiche() if k in entries]
    return {k: entries[k] for k in dict.fromkeys([*known, *entries])}


def _told(found: Sequence[tuple[Edition, Mapping[str, Eintrag]]]) -> dict[str, str]:
    """Return what the strictest edition says of each area that says something, in their order."""
    _, entries = max(found, key=lambda f: f[0].schwelle, default=(None, dict[str, Eintrag]()))
    said = {k: str(v.get("aussage") or "") for k, v in entries.items()}
    return {area: said[area] for area in catalogue.bereiche() if said.get(area)}


def _first(told: Mapping[str, str]) -> list[dict[str, str]]:
    first: dict[str, str] = {}
    for area, text in told.items():
        first.setdefault(text, catalogue.bereich(area).titel)
    return [{"titel": title, "text": text} for text, title in first.items()][:VORN]


def _group(
    edition: Edition, entries: Mapping[str, Eintrag], stichtag: date, kommune: Kommune,
    told: Mapping[str, str],
) -> dict[str, object]:  # fmt: skip
    cards = [_card(k, v, told.get(k)) for k, v in entries.items()]
    return {
        "edition": edition, "karten": cards,
        "fehlt": [a.titel for a in _missing(edition, entries, stichtag)],
        "spaet": _late(entries, stichtag, kommune),
    }  # fmt: skip


def _missing(edition: Edition, entries: Mapping[str, Eintrag], stichtag: date) -> list[Bereich]:
    """Return the areas this day owes in an edition that no report lies there of."""
    termin = catalogue.termin_am(stichtag)
    areas = catalogue.faellige(termin) if termin else []
    return [
        a for a in areas if edition.id in a.editionen
        and (a.id not in entries or entries[a.id].get("datei") is None)
        and not (a.hochrechnung and catalogue.hochrechnung_am(stichtag, edition.id) is None)
    ]  # fmt: skip


def _late(entries: Mapping[str, Eintrag], stichtag: date, kommune: Kommune) -> list[str]:
    """Return the duties whose day was over when the last of the data came."""
    termin = catalogue.termin_am(stichtag)
    known = [str(e["datenstand"]) for e in entries.values() if e.get("datenstand")]
    if termin is None or not known:
        return []
    latest = date.fromisoformat(max(known))
    duties = due(termin, stichtag, kommune.feiertage)
    return [f"{d.frist.was} (fällig {long_date(d.am)})" for d in duties if latest > d.am]


def _card(bereich: str, entry: Eintrag, told: str | None) -> dict[str, object]:
    area = catalogue.bereiche().get(bereich)
    labels = [_table_label(t) for t in entry.get("gesperrt_wegen", ())]
    stand = entry.get("datenstand")
    return {
        "titel": area.titel if area else bereich,
        "kurz": area.kurz if area else "",
        "aussage": told,
        "datei": entry["datei"],
        "datenstand": long_date(date.fromisoformat(stand)) if stand else None,
        "berichtsarten": kind_of_report(entry.get("berichtsarten", ()), entry.get("prognose")),
        "gesperrt": ", ".join(labels) if entry["status"] == "gesperrt" else None,
    }


def _table_label(name: str) -> str:
    known = catalogue.tabellen()
    return known[name].bezeichnung if name in known else name


def write_overview(
    root: Path, kommune: Kommune, ablage: str, lauf: str, daten: store.Daten | None = None
) -> None:
    """Write the overview of all Stichtage in *root*, the newest first; never half a page.

    Beside *daten* it is kept, and of each Stichtag what its tiles say.
    """
    days = sorted((f for f in root.glob(TAG) if (f / INDEX).is_file()), reverse=True)
    found = {folder: _found(folder, ablage) for folder in days}
    rows = [_day(folder, there, kommune) for folder, there in found.items()]
    printed = [_printed(f, there, daten) for f, there in found.items() if len(days) > 1]
    for row, now, then in zip(rows, printed, printed[1:], strict=False):
        row["veraendert"] = _changed(then, now)
    newest = long_date(date.fromisoformat(days[0].name)) if days else ""
    context = {"stichtag": newest, "tage": rows}
    html = kept_page(daten, ablage, "uebersicht", _frame(kommune, "Alle Berichte") | context)
    # A folder by the name of old ones: what a cut leaves is swept, and never put in a place.
    beside = root / f".uebersicht.alt-{lauf}"
    beside.mkdir(exist_ok=True)
    (beside / INDEX).write_text(html, encoding="utf-8")
    (beside / INDEX).chmod(0o644 if ablage == "reports" else 0o600)
    (beside / INDEX).replace(root / INDEX)
    beside.rmdir()


def renew_overview(projekt: Projekt, root: Path) -> None:
    """Write the overview of *root* anew, as the manifests there say whose it is."""
    with suppress(SozcontrolError):  # the next publication writes it, too
        found = (manifest.read(f).get("kommune") for f in sorted(root.glob(f"{TAG}/*"))[::-1])
        if town := next(filter(None, found), None):
            ablage = "reports" if root == projekt.reports else "data"
            write_overview(root, catalogue.kommune(town), ablage, "abschluss")


def _found(folder: Path, ablage: str) -> Gefunden | None:
    """Return what is published of a Stichtag; None where it is damaged."""
    try:
        return _published(folder, ablage)
    except Damaged:
        return None


def _day(folder: Path, found: Gefunden | None, kommune: Kommune) -> dict[str, object]:
    stichtag = date.fromisoformat(folder.name)
    shown = {"tag": long_date(stichtag), "link": f"{folder.name}/{INDEX}", "veraendert": []}
    if found is None:
        return shown | {"beschaedigt": True, "aussagen": [], "editionen": []}
    told = _first(_told(found))
    editions = [_edition(edition, entries, stichtag, kommune) for edition, entries in found]
    return shown | {"beschaedigt": False, "aussagen": told, "editionen": editions}


@dataclass(frozen=True)
class _Gedruckt:
    """What the strictest edition of a Stichtag prints, by area."""

    stichtag: date
    edition: str
    seiten: Mapping[str, Inhalt]


def _changed(damals: _Gedruckt | None, jetzt: _Gedruckt | None) -> list[str]:
    """Say what changed since the Stichtag before, of what the strictest edition of both prints."""
    if damals is None or jetzt is None or damals.edition != jetzt.edition:
        return []
    found = compare(damals.seiten, jetzt.seiten, (damals.stichtag, jetzt.stichtag))
    if not found:
        return []
    goals = [
        f"{v.titel}: {v.stand_jetzt}, vorher {v.stand_damals}" for v in found if v.anderer_stand
    ]
    return [f"Seit dem {long_date(damals.stichtag)}: {headline(found)}", *goals]


def _printed(folder: Path, found: Gefunden | None, daten: store.Daten | None) -> _Gedruckt | None:
    """Read what a Stichtag prints; None without a report, or where its row says it is damaged."""
    if not found:
        return None
    edition, entries = max(found, key=lambda f: f[0].schwelle)
    day = date.fromisoformat(folder.name)
    pages = _pages(folder / edition.id, entries)
    name = store.name_aus("kacheln", day, edition.id)
    made_of = [text for area, page in pages.items() for text in (area, seal.digest(page))]

    def read() -> dict[str, Inhalt]:
        return {area: only_tiles(page.decode("utf-8", "replace")) for area, page in pages.items()}

    return _Gedruckt(day, edition.id, store.gerechnet(daten, BEHALTEN, name, read, made_of))


def _pages(folder: Path, entries: Mapping[str, Eintrag]) -> dict[str, bytes]:
    """Return the pages that are there, in the order of the areas."""
    paths = {a: folder / str(e.get("datei")) for a, e in entries.items()}
    known = catalogue.bereiche()
    there = {a: p for a, p in paths.items() if a in known and p.is_file()}
    return {a: p.read_bytes() for a, p in there.items()}


def _edition(
    edition: Edition, entries: Mapping[str, Eintrag], stichtag: date, kommune: Kommune
) -> Karten:
    there = [e for e in entries.values() if e.get("datei")]
    held = [_title(k) for k, e in entries.items() if e["status"] == "gesperrt"]
    stands = sorted({str(e["datenstand"]) for e in there})
    return {
        "titel": edition.titel, "zahl": len(there), "gesperrt": held,
        "fehlt": [a.titel for a in _missing(edition, entries, stichtag) if a.id not in entries],
        "spaet": _late(entries, stichtag, kommune),
        "datenstand": long_date(date.fromisoformat(stands[-1])) if stands else None,
    }  # fmt: skip


def _title(bereich: str) -> str:
    area = catalogue.bereiche().get(bereich)
    return area.titel if area else bereich
