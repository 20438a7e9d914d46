"""The journal of what was published: which report, of which data, by which code, and when.

Append-only: one file per publication below ``data/processed/veroeffentlicht/``, written once and
never again. A number that was published is not overwritten; it is revised, and the revision report
reads here what there is to revise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from sozcontrol.projekt import Projekt
from sozcontrol.store import seal
from sozcontrol.store.disk import write_text

ORDNER = "veroeffentlicht"


@dataclass(frozen=True)
class Veroeffentlichung:
    """One report as it was published.

    ``fassung`` is the fingerprint of the delivery (see ``store``), ``sha256`` that of the report's
    HTML; ``commit`` is None outside git, ``geaendert`` says that files beside the commit differed.
    ``beilagen`` are the files beside the page, by place, with their checksums.
    """

    stichtag: date
    datenstand: date
    fassung: str
    bereich: str
    edition: str
    sha256: str
    lauf: str
    am: datetime
    sozcontrol: str
    commit: str | None = None
    geaendert: bool | None = None
    beilagen: tuple[tuple[str, str], ...] = ()

    @property
    def platz(self) -> tuple[date, str, str]:
        """Where a reader finds it: a later publication of the same place takes it over."""
        return (self.stichtag, self.bereich, self.edition)

    def gleicht(self, other: Veroeffentlichung) -> bool:
        """Whether both say the same: data, report and code, whichever run made them."""
        return self._inhalt() == other._inhalt()

    def _inhalt(self) -> tuple[object, ...]:
        what = (self.platz, self.datenstand, self.fassung, self.sha256, self.beilagen)
        return (*what, self.sozcontrol, self.commit, self.geaendert)

    def as_dict(self) -> dict[str, object]:
        """Return plain values, dates as ISO strings."""
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(self).items()}


class _Datei(TypedDict):
    eintraege: list[Veroeffentlichung]


_FORM = TypeAdapter(list[Veroeffentlichung] | _Datei)
"""A file of the journal; before seals it was the bare list."""


def veroeffentlichungen(projekt: Projekt) -> tuple[Veroeffentlichung, ...]:
    """Return everything ever published, oldest first.

    Raises:
        Damaged: A file of the journal is not what was written.
    """
    paths = seal.listing(projekt.processed / ORDNER, ".json")
    found = [entry for path in paths for entry in aus_datei(path)]
    return tuple(sorted(found, key=lambda v: (v.am, v.lauf, v.platz)))


def aus_datei(path: Path) -> list[Veroeffentlichung]:
    """Return what one file of the journal remembers.

    Raises:
        Damaged: It is not what was written.
    """
    found = seal.unsealed(path, _FORM, before=lambda data: isinstance(data, list))
    return found if isinstance(found, list) else found["eintraege"]


def veroeffentlichungen_ablegen(
    projekt: Projekt, eintraege: Iterable[Veroeffentlichung]
) -> tuple[Veroeffentlichung, ...]:
    """File the reports of one run; return those that are news.

    A report that says the same as the last one of its place is not filed again, so repeating a run
    leaves no trace. Filing the same run twice (after a crash) changes nothing.

    Raises:
        OSError: Nothing was written.
        Damaged: A file of the journal is not what was written.
    """
    last = {v.platz: v for v in veroeffentlichungen(projekt)}
    news = tuple(
        e for e in eintraege if not (e.platz in last and last[e.platz].gleicht(e))
    )  # fmt: skip
    by_run: dict[str, list[Veroeffentlichung]] = {}
    for entry in news:
        by_run.setdefault(entry.lauf, []).append(entry)
    folder = projekt.processed / ORDNER
    for lauf, entries in by_run.items():
        path = folder / f"{lauf}.json"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            plain = [e.as_dict() for e in sorted(entries, key=lambda e: e.platz)]
            content = seal.sealed({"eintraege": plain})
            write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return news
