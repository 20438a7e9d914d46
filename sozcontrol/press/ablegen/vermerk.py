"""What the store remembers of a publication: reports, their forecasts, and what was decided.

Filed when the reports are in place, not before; until then it waits in the journal of the exchange.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sozcontrol import store
from sozcontrol.press.ablegen import manifest
from sozcontrol.projekt import Projekt
from sozcontrol.store import entscheidungen

if TYPE_CHECKING:
    from sozcontrol.press.ablegen.modell import Ausgabe, Lauf


@dataclass(frozen=True)
class Vermerk:
    """What the store is to remember of a publication, once it has happened.

    ``entscheidung`` is the text of the decision its figures were drawn from.
    """

    berichte: tuple[store.Veroeffentlichung, ...] = ()
    prognosen: tuple[store.Prognose, ...] = ()
    entscheidung: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Return plain values for the journal."""
        return {
            "berichte": [b.as_dict() for b in self.berichte],
            "prognosen": [p.as_dict() for p in self.prognosen],
            "entscheidung": self.entscheidung,
        }

    def ablegen(self, projekt: Projekt) -> None:
        """File it; a second time changes nothing."""
        store.veroeffentlichungen_ablegen(projekt, self.berichte)
        store.prognosen_ablegen(projekt, self.prognosen)
        if self.entscheidung is not None:
            store.entscheidung_ablegen(projekt, self.entscheidung)


def vermerk_zu(projekt: Projekt, lauf: Lauf, ausgaben: Iterable[Ausgabe]) -> Vermerk:
    """Return what is to be remembered of one run; a blocked area published nothing."""
    code, now = manifest.provenance(projekt), datetime.now(UTC).replace(microsecond=0)
    commit, changed = code["git"]["commit"], code["git"]["veraendert"]
    berichte = tuple(
        store.Veroeffentlichung(
            stichtag=lauf.stichtag,
            datenstand=lauf.datenstand,
            fassung=lauf.fassung,
            bereich=a.bericht.bereich.id,
            edition=a.bericht.edition.id,
            sha256=manifest.sha256(a.html.encode()),
            lauf=lauf.id,
            am=now,
            sozcontrol=code["sozcontrol"],
            commit=commit,
            geaendert=changed,
            beilagen=tuple((n, manifest.sha256(c)) for n, c in sorted(a.beilagen.items())),
        )
        for a in ausgaben
    )
    version = code["sozcontrol"] + (f"+{commit[:12]}" if commit else "")
    prognosen = tuple(
        replace(
            p,
            fassung=lauf.fassung,
            lauf=lauf.id,
            veroeffentlicht_am=now,
            code_version=p.code_version or version,
        )
        for p in lauf.prognosen
    )
    if lauf.daten is not None:  # what is in the archive needn't be filed, nor Parquet imported
        prognosen = store.nicht_archiviert(lauf.daten, prognosen)
    decided = lauf.entschieden
    return Vermerk(berichte, prognosen, None if decided is None else entscheidungen.write(decided))
