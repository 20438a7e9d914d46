"""Put the reports of one run in place: all of them or none, and the last good ones otherwise."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from pathlib import Path

from sozcontrol import catalogue, store
from sozcontrol.catalogue import Edition
from sozcontrol.errors import ConfigurationError
from sozcontrol.press.ablegen import manifest, swap
from sozcontrol.press.ablegen.manifest import Eintrag
from sozcontrol.press.ablegen.modell import CSV, MAPPE, Ausgabe, Lauf
from sozcontrol.press.ablegen.uebersicht import INDEX, index_of, write_overview
from sozcontrol.press.ablegen.vermerk import vermerk_zu
from sozcontrol.press.ablegen.zwischenstand import MARK
from sozcontrol.press.lauf.storage import storage_errors
from sozcontrol.press.seite.quality import Befund, render_quality
from sozcontrol.projekt import Projekt
from sozcontrol.store import kette

QUALITY = "datenqualitaet.html"
PUBLIC_MODES = (0o755, 0o644)
INTERN_MODES = (0o700, 0o600)
_NOT_STORED = "Die Berichte ließen sich nicht ablegen"
_PLACES = ("reports", "data")
_KEPT = "Alle bisherigen Berichte."


def target(projekt: Projekt, ablage: str, stichtag: date) -> Path:
    """Return the folder that holds the reports of *stichtag* for one kind of place."""
    root = projekt.reports if ablage == "reports" else projekt.intern
    return root / stichtag.isoformat()


def check_place(projekt: Projekt, stichtag: date, editionen: Iterable[Edition], town: str) -> None:
    """Prove before any kernel starts that this run may write where it will have to.

    Raises:
        StorageError: A folder is not writable, or what is published can't be filed.
        ConfigurationError: Reports of another municipality lie there.
    """
    # The run adds to both; damage must not show only when its reports are in place.
    store.veroeffentlichungen(projekt)
    store.archivsumme(projekt)
    for ablage in dict.fromkeys(edition.ablage for edition in editionen):
        folder = target(projekt, ablage, stichtag)
        with storage_errors(_NOT_STORED, folder, unveraendert=_KEPT):
            folder.parent.mkdir(parents=True, exist_ok=True)
            probe = folder.parent / f".{folder.name}.neu-probe-{os.getpid()}"
            probe.mkdir()
            probe.rmdir()
        # The index lists every edition that lies there, whether this run makes it or not.
        for edition in catalogue.editionen().values():
            if edition.ablage == ablage:
                _check_town(folder, edition, town)


def _check_town(folder: Path, edition: Edition, town: str) -> None:
    other = manifest.read(folder / edition.id).get("kommune", town)
    if other != town:
        raise ConfigurationError(
            f"In diesem Ordner liegen Berichte von »{other}«, nicht von »{town}«.",
            wo=str(folder),
            tun="Den Ordner verschieben oder einen eigenen Projektordner je Kommune nutzen.",
            unveraendert="Alle Berichte.",
        )


def publish(projekt: Projekt, lauf: Lauf, ausgaben: Sequence[Ausgabe]) -> list[Path]:
    """Publish *ausgaben* together with index, data-quality pages and manifests.

    Returns the index pages, the public one first. A blocked area keeps its earlier report byte for
    byte.

    Raises:
        StorageError: Writing failed; every earlier report is as it was.
    """
    places = list(dict.fromkeys(e.ablage for e in lauf.editionen))
    pairs = []
    for ablage in sorted(places, key=_PLACES.index):
        ziel = target(projekt, ablage, lauf.stichtag)
        pairs.append(swap.Tausch(swap.beside(ziel, lauf.id), ziel))
    with storage_errors(_NOT_STORED, pairs[0].ziel, unveraendert=_KEPT):
        try:
            for pair in pairs:
                _build(projekt, pair, lauf, ausgaben)
            swap.commit(
                projekt, pairs, lauf.id, vermerk_zu(projekt, lauf, ausgaben),
                lambda: _overviews(projekt, pairs, lauf),
            )  # fmt: skip
        finally:
            if not swap.journal_path(projekt).is_file():
                for pair in pairs:
                    shutil.rmtree(pair.neu, ignore_errors=True)
    return [pair.ziel / INDEX for pair in pairs]


def _overviews(projekt: Projekt, pairs: Sequence[swap.Tausch], lauf: Lauf) -> None:
    """Write the overview of every place this run published in."""
    for pair in pairs:
        ablage = _ablage(projekt, pair)
        write_overview(pair.ziel.parent, lauf.kommune, ablage, lauf.id, lauf.daten)


def _ablage(projekt: Projekt, pair: swap.Tausch) -> str:
    return "reports" if pair.ziel.parent == projekt.reports else "data"


def _build(projekt: Projekt, pair: swap.Tausch, lauf: Lauf, ausgaben: Sequence[Ausgabe]) -> None:
    pair.neu.parent.mkdir(parents=True, exist_ok=True)
    if pair.ziel.is_dir():
        shutil.copytree(pair.ziel, pair.neu)
    else:
        pair.neu.mkdir()
    ablage = _ablage(projekt, pair)
    for edition in lauf.editionen:
        if edition.ablage == ablage:
            write_edition(projekt, pair.neu / edition.id, edition, lauf, ausgaben)
    page = index_of(pair.neu, lauf.stichtag, lauf.kommune, ablage, lauf.daten)
    (pair.neu / INDEX).write_text(page, encoding="utf-8")
    (pair.neu / MARK).write_text(lauf.id + "\n", encoding="utf-8")
    set_modes(pair.neu, PUBLIC_MODES if ablage == "reports" else INTERN_MODES)
    swap.flush(pair.neu)


def write_edition(
    projekt: Projekt, folder: Path, edition: Edition, lauf: Lauf, ausgaben: Sequence[Ausgabe]
) -> None:
    """Write what *ausgaben* holds of an edition into its folder, over what lies there."""
    folder.mkdir(exist_ok=True)
    earlier = manifest.read(folder)
    before = earlier.get("berichte", {})
    entries = dict(before)
    blocked = []
    for bericht in lauf.geplant:
        if bericht.edition != edition:
            continue
        reason = lauf.gesperrt.get(bericht.bereich.id)
        if reason:
            blocked.append(bericht.bereich.id)
            entries[bericht.bereich.id] = _blocked(before.get(bericht.bereich.id), reason)
    for ausgabe in ausgaben:
        if ausgabe.bericht.edition == edition:
            entries[ausgabe.bericht.bereich.id] = _write_report(folder, lauf, ausgabe)
    kopf = lauf.kopf(edition)
    quality = render_quality(
        lauf.findings, lauf.history, kopf, regeln=lauf.regeln, gesperrt=blocked, daten=lauf.daten
    )
    (folder / QUALITY).write_text(quality.html, encoding="utf-8")
    record = _manifest(projekt, edition, lauf, _ordered(entries), quality.befunde)
    record["protokolle"] = kette.enden(projekt)
    record["laeufe"] = _runs(earlier, lauf, entries)
    record["seiten"] = {QUALITY: manifest.sha256(quality.html.encode())}
    (folder / manifest.NAME).write_text(manifest.dump(record), encoding="utf-8")


def _runs(
    earlier: manifest.Manifest, lauf: Lauf, entries: Mapping[str, Eintrag]
) -> dict[str, object]:
    """Return what was read by this run, and by earlier ones of which a report still lies here."""
    kept = {entry.get("lauf") for entry in entries.values()}
    before = earlier.get("laeufe", {})
    found = {name: read for name, read in before.items() if name in kept}
    return found | ({lauf.id: lauf.gelesen} if lauf.gelesen else {})


def _write_report(folder: Path, lauf: Lauf, ausgabe: Ausgabe) -> Eintrag:
    name = f"{ausgabe.bericht.bereich.id}.html"
    (folder / name).write_text(ausgabe.html, encoding="utf-8")
    return {
        "status": "aktuell",
        "datei": name,
        "sha256": manifest.sha256(ausgabe.html.encode()),
        "mappe": _write_workbook(folder / name, ausgabe.mappe),
        "csv": _write_csv(folder, ausgabe),
        "lauf": lauf.id,
        "datenstand": lauf.datenstand.isoformat(),
        "berichtsarten": list(ausgabe.bericht.berichtsarten),
        "prognose": ausgabe.bericht.prognose,
        "aussage": ausgabe.aussage,
        "sekunden": round(ausgabe.sekunden, 2),
        "nicht_freigegebene_ausgaben": dict(ausgabe.verworfen),
        "geheimhaltung": ausgabe.geheim.as_dict(),
    }


def _write_workbook(page: Path, mappe: bytes | None) -> dict[str, str]:
    """Write the workbook of a page, or remove that of an earlier one, which had tables."""
    path = page.with_suffix(MAPPE)
    if mappe is None:
        if path.exists():
            path.unlink()
        return {}
    path.write_bytes(mappe)
    return {"datei": path.name, "sha256": manifest.sha256(mappe)}


def _write_csv(folder: Path, ausgabe: Ausgabe) -> dict[str, str]:
    """Write the open files of a report, in place of those of an earlier one."""
    place = folder / CSV / ausgabe.bericht.bereich.id
    if place.exists():
        shutil.rmtree(place)
    if ausgabe.csv:
        place.mkdir(parents=True)
    for name, content in ausgabe.csv.items():
        (place / name).write_bytes(content)
    base = place.relative_to(folder).as_posix()
    return {f"{base}/{name}": manifest.sha256(data) for name, data in ausgabe.csv.items()}


def _blocked(before: Eintrag | None, reason: tuple[str, ...]) -> Eintrag:
    kept = before or Eintrag(datei=None, sha256=None, lauf=None, datenstand=None)
    return {**kept, "status": "gesperrt", "gesperrt_wegen": list(reason)}


def _ordered(entries: Mapping[str, Eintrag]) -> dict[str, Eintrag]:
    order = [*catalogue.bereiche()]
    return {k: entries[k] for k in sorted(entries, key=lambda k: (k not in order, k))}


def _manifest(
    projekt: Projekt,
    edition: Edition,
    lauf: Lauf,
    entries: Mapping[str, Eintrag],
    befunde: Sequence[Befund],
) -> dict[str, object]:
    return {
        "schema": manifest.SCHEMA,
        "lauf": lauf.id,
        # Clocks and machine facts stand in the manifest and nowhere else.
        "begonnen": lauf.begonnen.astimezone(UTC).isoformat(timespec="seconds"),
        "kommune": lauf.kommune.id,
        "parameter": {
            "stichtag": lauf.stichtag.isoformat(),
            "edition": edition.id,
            "datenstand": lauf.datenstand.isoformat(),
        },
        **manifest.provenance(projekt),
        "eingaben": [dict(e) for e in lauf.eingaben],
        "befunde": list(befunde),
        "berichte": dict(entries),
        "zeiten_s": {name: round(seconds, 2) for name, seconds in lauf.zeiten.items()},
    }


def set_modes(folder: Path, modes: tuple[int, int]) -> None:
    """Give *folder* and all below it the modes of folders and of files."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(modes[0] if path.is_dir() else modes[1])
