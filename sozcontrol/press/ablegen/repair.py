"""Set aside what is damaged, so that the next run can begin, and say what is missing without it.

Nothing is deleted: every damaged file moves to ``data/beschaedigt/<zeit>/`` with a record. A
delivery is read anew from ``data/raw``; what was published can't be computed again and comes back
from a backup only.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sozcontrol import catalogue, store
from sozcontrol.catalogue import Edition
from sozcontrol.errors import Damaged
from sozcontrol.press.ablegen import manifest, swap
from sozcontrol.press.ablegen.modell import CSV, MAPPE
from sozcontrol.press.ablegen.publish import INTERN_MODES, PUBLIC_MODES, target
from sozcontrol.press.ablegen.zwischenstand import NACHGEHOLT
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.plan import plan
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.storage import private_files, storage_errors
from sozcontrol.projekt import Projekt
from sozcontrol.store import Damage
from sozcontrol.store.disk import write_text

RECORD = "protokoll.json"
WHOLE = "Alles Gespeicherte ist unversehrt."


def repair(projekt: Projekt, report: Progress) -> str:
    """Set aside everything damaged and return in German what it was and how it comes back.

    Raises:
        Busy: A run is active.
        StorageError: Something can't be read or moved; what was moved is on record.
    """
    with private_files(), sole_run(projekt):
        aside = _Aside(projekt)
        report.step("Gespeichertes prüfen")
        aside.take(store.damages(projekt))
        report.step("Berichte prüfen")
        cut = swap.unfinished(projekt)
        aside.take(unread := _publication(projekt))
        for folder, stichtag, edition in _editions(projekt):
            if damage := _manifest(folder, stichtag, edition):
                aside.take([damage])
                _write_anew(projekt, folder, stichtag, edition)
    completed = [f"{cut} {NACHGEHOLT}"] if cut and not unread else []
    return "\n".join([*completed, aside.text()])


@dataclass
class _Aside:
    """The folder of one repair, and the record of what it holds."""

    projekt: Projekt
    found: list[Damage] = field(default_factory=list)
    id: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}")

    @property
    def folder(self) -> Path:
        return self.projekt.damaged / self.id

    def take(self, damages: list[Damage]) -> None:
        """Write *damages* down, then move them; a move cut off is found again the next time."""
        if not damages:
            return
        self.found += damages
        with storage_errors("Beschädigtes ließ sich nicht beiseitestellen", self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_text(self.folder / RECORD, self._record())
            for damage in damages:
                place = self.folder / self._name(damage)
                place.parent.mkdir(parents=True, exist_ok=True)
                if damage.path.exists():
                    shutil.move(damage.path, place)

    def _name(self, damage: Damage) -> str:
        return damage.path.relative_to(self.projekt.root).as_posix()

    def _record(self) -> str:
        rows = [
            {"datei": self._name(d), "schaden": d.was, "fehlt": d.fehlt, "tun": d.tun}
            for d in self.found
        ]
        return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"

    def text(self) -> str:
        if not self.found:
            return WHOLE
        lines = [f"Beiseitegestellt (nichts ist gelöscht): {self.folder}"]
        for d in self.found:
            lines += ["", self._name(d), f"  Schaden: {d.was}"]
            lines += [f"  Fehlt:   {d.fehlt}", f"  Tun:     {d.tun}"]
        return "\n".join(lines)


def _publication(projekt: Projekt) -> list[Damage]:
    """Complete a publication that was cut off; what keeps it from completion is the damage."""
    journal = swap.journal_path(projekt)
    with storage_errors("Eine abgebrochene Veröffentlichung ließ sich nicht abschließen", journal):
        try:
            swap.recover(projekt)
        except Damaged as fault:
            places, unclear = swap.settle_unread(projekt)
            days = sorted({place.name for place in places})
            again = "; ".join(f"sozcontrol run --stichtag {day}" for day in days)
            again = f"{again or 'sozcontrol run'} – veröffentlicht und vermerkt die Berichte neu."
            missing = "Der Vermerk einer abgebrochenen Veröffentlichung."
            newer = "Vielleicht die neuen Berichte: Es gelten ganz die neuen oder ganz die alten."
            return [
                Damage(journal, fault.was, missing, again),
                *(Damage(path, "Der Vermerk des Laufs fehlt.", newer, again) for path in unclear),
            ]
    return []


def _editions(projekt: Projekt) -> Iterator[tuple[Path, date, Edition]]:
    for edition in catalogue.editionen().values():
        root = target(projekt, edition.ablage, date.min).parent
        for stichtag in store.dates_below(root):
            yield root / stichtag.isoformat() / edition.id, stichtag, edition


def _manifest(folder: Path, stichtag: date, edition: Edition) -> Damage | None:
    try:
        manifest.read(folder)
    except Damaged as fault:
        missing = "Herkunft der Berichte; Titel und Prüfsummen stehen wieder da, soweit vermerkt."
        again = f"sozcontrol run --stichtag {stichtag} --edition {edition.id}"
        return Damage(folder / manifest.NAME, fault.was, missing, again)
    return None


def _write_anew(projekt: Projekt, folder: Path, stichtag: date, edition: Edition) -> None:
    """Write a manifest of the reports whose pages are those the journal of publications names."""
    kinds = {b.bereich.id: b for b in plan(stichtag, (), (edition.id,), frei=True)}
    entries: dict[str, manifest.Eintrag] = {}
    for one in store.veroeffentlichungen(projekt):
        page = folder / f"{one.bereich}.html"
        here = (one.stichtag, one.edition) == (stichtag, edition.id)
        if here and page.is_file() and manifest.sha256(page.read_bytes()) == one.sha256:
            bericht = kinds.get(one.bereich)
            entries[one.bereich] = {
                "status": "aktuell",
                "datei": page.name,
                "sha256": one.sha256,
                **_beside(folder, one),
                "lauf": one.lauf,
                "datenstand": one.datenstand.isoformat(),
                "berichtsarten": list(bericht.berichtsarten) if bericht else [],
                "prognose": bericht.prognose if bericht else None,
            }
    ordered = {area: entries[area] for area in catalogue.bereiche() if area in entries}
    parameter = {"stichtag": stichtag.isoformat(), "edition": edition.id}
    record = {"schema": manifest.SCHEMA, "parameter": parameter, "berichte": ordered}
    path = folder / manifest.NAME
    with storage_errors("Das Manifest ließ sich nicht neu schreiben", path):
        write_text(path, manifest.dump(record))
        path.chmod((PUBLIC_MODES if edition.ablage == "reports" else INTERN_MODES)[1])


def _beside(folder: Path, one: store.Veroeffentlichung) -> manifest.Eintrag:
    """Return the files beside a page that are what the journal says was published with it."""
    sums = {
        name: expected for name, expected in one.beilagen
        if (folder / name).is_file() and manifest.sha256((folder / name).read_bytes()) == expected
    }  # fmt: skip
    books = [{"datei": n, "sha256": s} for n, s in sums.items() if n.endswith(MAPPE)]
    csv = {n: s for n, s in sums.items() if n.startswith(f"{CSV}/")}
    return {"mappe": books[0] if books else {}, "csv": csv}
