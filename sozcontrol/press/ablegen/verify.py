"""Prove what lies there: it is what was published, and comes out again from its inputs.

First every file is held against its manifest; then each run whose reports lie there is built anew
from what it read (:mod:`~sozcontrol.press.ablegen.nachbau`) and compared byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sozcontrol import catalogue, store
from sozcontrol.errors import DeliveryMissing, NotReleased
from sozcontrol.press.ablegen import gelesen
from sozcontrol.press.ablegen.freigeben import demand_complete, place_of, stand
from sozcontrol.press.ablegen.gelesen import Gelesen
from sozcontrol.press.ablegen.manifestprobe import Ausgabeordner, demand_published, listed
from sozcontrol.press.ablegen.nachbau import UNTOUCHED, rebuilt
from sozcontrol.press.ablegen.publish import target
from sozcontrol.press.ablegen.uebersicht import INDEX, index_of
from sozcontrol.press.ablegen.zwischenstand import MARK
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.storage import private_files
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

OTHER = "entsteht anders"
KINDS = (
    (".html", "Seite", "Seiten"),
    (".xlsx", "Arbeitsmappe", "Arbeitsmappen"),
    (".csv", "CSV-Datei", "CSV-Dateien"),
)


def verify(projekt: Projekt, ordner: Path, report: Progress, *, nachbauen: bool = True) -> str:
    """Prove the reports in *ordner* and return in German what was proved.

    Raises:
        NotReleased: A file is not what was published, or is not what comes out of the inputs.
        DeliveryMissing: Nothing is published there, or an input is gone.
        ConfigurationError: Code, packages or key are others than those of the run.
        Busy: A run is active.
    """
    ordner = ordner.resolve()
    report.step("Dateien mit den Manifesten vergleichen")
    found = demand_published(ordner)
    demand_complete(projekt, found)
    _demand_index(projekt, ordner, found)
    _demand_journal(projekt, found)
    lines = [*map(_counted, found), *stand(projekt, found)]
    if nachbauen:
        with private_files(), sole_run(projekt):
            lines += [_again(projekt, found, lauf, was, report) for lauf, was in _runs(found)]
    return "\n".join(lines)


def _demand_index(projekt: Projekt, ordner: Path, editionen: Sequence[Ausgabeordner]) -> None:
    """Refuse an index that isn't drawn from the manifests, where what drew it is here.

    Raises:
        NotReleased: It says something else.
    """
    path, mark = ordner / INDEX, ordner / MARK
    last = mark.read_text("utf-8", "replace").strip() if mark.is_file() else ""
    for one in editionen:
        was = gelesen.of(one.manifest.get("laeufe", {}).get(last))
        if was is None or not gelesen.same_facts(projekt, was):
            continue
        ablage = catalogue.edition(one.edition).ablage
        page = index_of(ordner, one.stichtag, catalogue.kommune(was["kommune"]), ablage)
        if not path.is_file() or path.read_text("utf-8", "replace") != page:
            raise NotReleased(
                "Die Übersicht sagt anderes als die Manifeste.",
                wo=str(path),
                tun="Nichts davon weitergeben. Sie neu erstellen: sozcontrol run --force.",
            )
        return


def _demand_journal(projekt: Projekt, editionen: Sequence[Ausgabeordner]) -> None:
    """Refuse pages that are whole, but not those the journal says were published last.

    A copy elsewhere may be another city's, or of its day.

    Raises:
        NotReleased: Names them: they are older, or of other making.
    """
    last = {v.platz: v.sha256 for v in store.veroeffentlichungen(projekt)}
    wrong: dict[str, str] = {}
    for one in (e for e in editionen if e.ordner == place_of(projekt, e)):
        for area, entry in one.manifest.get("berichte", {}).items():
            known = last.get((one.stichtag, area, one.edition))
            if entry.get("datei") and known not in (None, entry.get("sha256")):
                wrong[f"{one.edition}/{entry['datei']}"] = "ist nicht, was zuletzt erschien"
    if wrong:
        raise NotReleased(
            f"Manifest und Seiten passen zusammen, aber nicht zum Journal: {listed(wrong)}.",
            wo=str(projekt.processed),
            tun="Nichts davon weitergeben. Die Berichte neu erstellen: sozcontrol run --force.",
        )


def _counted(one: Ausgabeordner) -> str:
    names = [Path(name).suffix for name in one.dateien]
    counted = [f"{n} {some if n > 1 else single}"
               for end, single, some in KINDS if (n := names.count(end))]  # fmt: skip
    return f"{one.titel}: Alle Dateien sind, was veröffentlicht wurde ({', '.join(counted)})."


def _runs(editionen: Sequence[Ausgabeordner]) -> list[tuple[str, Gelesen]]:
    """Return the runs whose pages lie there, each with what it read.

    Raises:
        DeliveryMissing: A manifest says too little of one.
    """
    found: dict[str, Gelesen | None] = {}
    for one in editionen:
        for lauf in _laeufe(one):
            said = gelesen.of(one.manifest.get("laeufe", {}).get(lauf))
            found[lauf] = found.get(lauf) or said
    unknown = [lauf for lauf, was in found.items() if was is None]
    if unknown:
        raise DeliveryMissing(
            f"Was diese Läufe lasen, ist nicht aufgezeichnet: {', '.join(unknown)}.",
            wo="manifest.json (von einer früheren Fassung, oder nach »repair«)",
            tun="Die Dateien allein prüft --schnell. Nachbauen lässt sich, was neu erstellt wurde: "
            "sozcontrol run --force.",
            unveraendert=UNTOUCHED,
        )
    return [(lauf, was) for lauf, was in sorted(found.items()) if was is not None]


def _laeufe(one: Ausgabeordner) -> list[str]:
    entries = one.manifest.get("berichte", {}).values()
    found = [entry.get("lauf") or "" for entry in entries if entry.get("datei")]
    return sorted({*found, one.manifest.get("lauf") or ""} - {""})


def _again(
    projekt: Projekt, editionen: Sequence[Ausgabeordner], lauf: str, was: Gelesen, report: Progress
) -> str:
    """Build one run again and compare what came of it.

    Raises:
        NotReleased: A file came out otherwise.
    """
    with rebuilt(projekt, was, report) as there:
        made = [_made(there, one, date.fromisoformat(was["stichtag"])) for one in editionen]
        told = {
            f"{one.edition}/{name}": (place / name, expected)
            for one, place in zip(editionen, made, strict=True)
            for name, expected in _of_run(one, lauf).items()
        }
        wrong = {n: OTHER for n, (p, expected) in told.items() if not _is(p, expected)}
    if wrong:
        raise NotReleased(
            f"Aus denselben Eingaben kommt anderes heraus: {listed(wrong)}.",
            wo=f"Lauf {lauf}",
            tun="Den Bericht nicht weitergeben; die Abweichung den Entwicklern melden.",
            unveraendert=UNTOUCHED,
        )
    commit = was["code"]["commit"] or "ohne Commit"
    return (
        f"Lauf {lauf} nachgebaut ({commit[:12]}, {len(was['rohdateien'])} Rohdateien): "
        f"{len(told)} Dateien sind Byte für Byte dieselben."
    )


def _made(there: Projekt, one: Ausgabeordner, stichtag: date) -> Path:
    return target(there, catalogue.edition(one.edition).ablage, stichtag) / one.edition


def _is(path: Path, expected: str) -> bool:
    return path.is_file() and seal.checksum(path) == expected


def _of_run(one: Ausgabeordner, lauf: str) -> dict[str, str]:
    """Return the checksums of what one run made of an edition."""
    found: dict[str, str] = {}
    for entry in one.manifest.get("berichte", {}).values():
        if entry.get("lauf") == lauf:
            found |= one.bericht(entry)
    return found | (one.manifest.get("seiten", {}) if one.manifest.get("lauf") == lauf else {})
