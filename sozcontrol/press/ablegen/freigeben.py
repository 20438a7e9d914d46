"""Who let which reports out, and when: a record that only grows.

A release says of every file of an edition that somebody answers for it. What is published anew
afterwards is not released, and ``sozcontrol verify`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.errors import DeliveryMissing, NotReleased, UsageError
from sozcontrol.press.ablegen import manifest, swap
from sozcontrol.press.ablegen.manifestprobe import Ausgabeordner, demand_published
from sozcontrol.press.ablegen.publish import target
from sozcontrol.press.ablegen.zwischenstand import ZUSAMMEN
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.storage import private_files, storage_errors
from sozcontrol.projekt import Projekt
from sozcontrol.store import kette

RELEASED = "freigegeben am {am} von {wer}"


@dataclass(frozen=True)
class Verantwortliche:
    """Who releases; a second name where the city demands it."""

    name: str
    zweite: str | None = None

    def demand(self, kommune: str) -> None:
        """Refuse names that are none, and one person where the city wants two.

        Raises:
            UsageError: Says what is missing.
        """
        given = [n for n in (self.name, self.zweite) if n is not None]
        if not all(n.strip() for n in given):
            raise UsageError("Ein Name ist leer.", wo="--name", tun="Vor- und Nachnamen nennen.")
        if self.zweite is None and catalogue.kommune(kommune).vier_augen:
            raise UsageError(
                f"»{kommune}« verlangt zur Freigabe zwei Personen.",
                wo="--zweite",
                tun="Den Namen der zweiten Person nennen.",
            )
        if len({" ".join(n.split()).casefold() for n in given}) < len(given):
            raise UsageError(
                "Beide Namen sind derselbe.", wo="--zweite", tun="Eine zweite Person nennen."
            )


def release(projekt: Projekt, ordner: Path, wer: Verantwortliche) -> str:
    """Record that *wer* releases all editions in *ordner*, and return the receipts in German.

    Raises:
        NotReleased: A file there is not what was published, or the publication is not completed.
        UsageError: A name is missing, or the folder is none of this project.
        DeliveryMissing, Damaged, Busy, StorageError: As everywhere; nothing was recorded.
    """
    ordner = ordner.resolve()
    with private_files(), sole_run(projekt):
        found = demand_published(ordner)
        demand_complete(projekt, found)
        for one in found:
            _demand_own(projekt, one)
            wer.demand(one.manifest["kommune"])
        path = kette.path_of(projekt, kette.FREIGABEN)
        with storage_errors("Die Freigabe ließ sich nicht festhalten", path):
            return "\n".join(_record(path, one, wer) for one in found)


def demand_complete(projekt: Projekt, editionen: Sequence[Ausgabeordner]) -> None:
    """Refuse reports of a project whose publication isn't completed.

    Raises:
        NotReleased: Says which edition is of which run.
    """
    mine = any(one.ordner == place_of(projekt, one) for one in editionen)
    if mine and (found := swap.unfinished(projekt)):
        raise NotReleased(found, wo=str(swap.journal_path(projekt)), tun=ZUSAMMEN)


def _demand_own(projekt: Projekt, one: Ausgabeordner) -> None:
    place = place_of(projekt, one)
    if one.ordner != place:
        raise UsageError(
            "Freigegeben wird am Ort der Veröffentlichung, keine Kopie.",
            wo=str(one.ordner),
            tun=f"{place} nennen.",
        )
    if "kommune" not in one.manifest:
        raise DeliveryMissing(
            "Woher diese Berichte kommen, ist nicht aufgezeichnet.",
            wo=str(one.ordner / manifest.NAME),
            tun="Die Berichte neu erstellen: sozcontrol run --force.",
        )


def place_of(projekt: Projekt, one: Ausgabeordner) -> Path:
    """Return where an edition is published, whether it is read there or from a copy."""
    ablage = catalogue.edition(one.edition).ablage
    return (target(projekt, ablage, one.stichtag) / one.edition).resolve()


def _record(path: Path, one: Ausgabeordner, wer: Verantwortliche) -> str:
    entries = one.manifest.get("berichte", {})
    receipt = kette.anhaengen(
        path,
        {
            "am": datetime.now(UTC).isoformat(timespec="seconds"),
            "wer": wer.name,
            "zweite": wer.zweite,
            "konto": kette.konto(),
            "stichtag": one.stichtag.isoformat(),
            "edition": one.edition,
            "gesperrt": [k for k, e in entries.items() if e.get("status") == "gesperrt"],
            "dateien": {**one.dateien},
        },
    )
    return f"{one.titel}: {len(one.dateien)} Dateien freigegeben. Quittung: {receipt}"


def stand(projekt: Projekt, editionen: Sequence[Ausgabeordner]) -> list[str]:
    """Say of each edition whether what lies there is released, by whom and when.

    Raises:
        Damaged: The record is not what was written, or was cut off since a publication.
    """
    lines = kette.zeilen(kette.path_of(projekt, kette.FREIGABEN))
    said = []
    for one in editionen:
        if one.ordner == place_of(projekt, one):  # a copy may be another city's
            kette.beweise(projekt, one.manifest.get("protokolle", {}))
        key = (one.stichtag.isoformat(), one.edition)
        own = [line for line in lines if (line["stichtag"], line["edition"]) == key]
        said.append(f"{one.titel}: {_stand(one, own)}.")
    return said


def _stand(one: Ausgabeordner, lines: Sequence[kette.Zeile]) -> str:
    if not lines:
        return "nicht freigegeben"
    last = lines[-1]
    names = " und ".join(str(n) for n in (last["wer"], last["zweite"]) if n)
    when = datetime.fromisoformat(str(last["am"])).astimezone()
    text = RELEASED.format(am=f"{when:%d.%m.%Y %H:%M}", wer=names)
    if last["dateien"] == one.dateien:
        return text
    return f"{text}, seither neu veröffentlicht und so nicht freigegeben"
