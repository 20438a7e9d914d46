"""The revision report: every number published earlier, then and now, and why it changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sozcontrol import catalogue, store
from sozcontrol.catalogue import Kennzahl
from sozcontrol.errors import ConfigurationError
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.kennzahlen import zu_frueh
from sozcontrol.revision.effekte import pruefe_schluessel, seiten
from sozcontrol.revision.revisionstafeln import anfangsbestaende, tafeln
from sozcontrol.revision.schritte import hat_personen, ist_anzahl, schritte
from sozcontrol.store import Daten

Lieferung = tuple[date, date, str]
"""One stored delivery: Stichtag, Datenstand, Fassung."""


@dataclass(frozen=True)
class Frueher:
    """One earlier publication: the numbers of a Stichtag, as one delivery told them.

    ``bereiche`` are the areas with Kennzahlen published from it, in any edition.
    """

    stichtag: date
    datenstand: date
    fassung: str
    bereiche: tuple[str, ...]

    @property
    def lieferung(self) -> Lieferung:
        """The delivery it was made of."""
        return self.stichtag, self.datenstand, self.fassung

    @property
    def titel(self) -> str:
        """What readers call it."""
        return f"Stichtag {self.stichtag:%d.%m.%Y}, Datenstand {self.datenstand:%d.%m.%Y}"

    @property
    def kennzahlen(self) -> tuple[str, ...]:
        """The Kennzahlen its areas report, each once."""
        return tuple(dict.fromkeys(k for b in self.bereiche for k in _gezaehlt(b)))


@dataclass(frozen=True)
class Vergleich:
    """One earlier publication against the present delivery.

    ``tafeln`` go through the door in their order (see :func:`tafeln.tafeln`); where nothing can be
    compared there are none and ``hindernis`` says why, in German. ``fehlend`` are the Kennzahlen
    whose tables one of the two deliveries does not have, or of whose day the present one knows
    nothing. ``sichtbar`` are the editions that may know of the publication.
    """

    frueher: Frueher
    tafeln: tuple[Aufstellung, ...] = ()
    hindernis: str | None = None
    fehlend: tuple[str, ...] = ()
    sichtbar: tuple[str, ...] = ()


@dataclass(frozen=True)
class FuerEditionen:
    """A table as the editions ``sichtbar`` may know it; other editions have another, or none."""

    tafel: Aufstellung
    sichtbar: tuple[str, ...]


def _gezaehlt(bereich: str) -> list[str]:
    """Return the Kennzahlen of an area that are counted from the delivery.

    Forecasts are compared in their own module (:mod:`sozcontrol.revision.hochrechnungen`).
    """
    known = catalogue.kennzahlen()
    return [k for k in catalogue.bereiche()[bereich].kennzahlen if k in known]


def fruehere(daten: Daten, edition: str) -> tuple[Frueher, ...]:
    """Return what was published earlier, the latest first, as far as *edition* may know of it.

    Of the budget year and the last Stichtag published of the year before; of older Datenstände
    than the present one; of each (Stichtag, Datenstand) the Fassung published last. An area whose
    Hochrechnung this edition did not have then is not named.
    """
    last: dict[tuple[date, date], store.Veroeffentlichung] = {}
    areas: dict[tuple[date, date], dict[str, None]] = {}
    for one in store.veroeffentlichungen(daten.projekt):
        key = (one.stichtag, one.datenstand)
        earlier = one.datenstand < daten.datenstand and one.stichtag <= daten.stichtag
        if earlier and _gezeigt(one, edition):
            last[key] = one
            areas.setdefault(key, {})[one.bereich] = None
    year = daten.stichtag.year
    before = max((s for s, _ in last if s.year == year - 1), default=None)
    wanted = [k for k in last if k[0].year == year or k[0] == before]
    return tuple(
        Frueher(*k, last[k].fassung, tuple(areas[k])) for k in sorted(wanted, reverse=True)
    )


def _gezeigt(one: store.Veroeffentlichung, edition: str) -> bool:
    """Whether the area has figures (the catalogue may know it no more) and this edition had it.

    A report of the Hochrechnung is no news where there was none yet.
    """
    area = catalogue.bereiche().get(one.bereich)
    if area is None or not area.kennzahlen:
        return False
    return not area.hochrechnung or catalogue.hochrechnung_am(one.stichtag, edition) is not None


def vergleiche(daten: Daten) -> tuple[Vergleich, ...]:
    """Compare every earlier publication with *daten* (what ``store.open_data`` gives).

    Each once, for the editions that may know of it; the latest first.
    """
    known: dict[Frueher, list[str]] = {}
    for edition in catalogue.editionen():
        for one in fruehere(daten, edition):
            known.setdefault(one, []).append(edition)
    made: dict[tuple[object, ...], Vergleich] = {}
    found = []
    for one in sorted(known, key=lambda one: (one.stichtag, one.datenstand), reverse=True):
        key = (one.stichtag, one.datenstand, one.fassung, one.kennzahlen)
        if key not in made:
            made[key] = _vergleich(one, daten)
        found.append(replace(made[key], frueher=one, sichtbar=tuple(known[one])))
    return tuple(found)


def _vergleich(one: Frueher, daten: Daten) -> Vergleich:
    alt = store.open_fassung(daten.projekt, one.stichtag, one.datenstand, one.fassung)
    if alt is None:
        return Vergleich(one, hindernis="Die damalige Lieferung ist nicht mehr gespeichert.")
    try:
        pruefe_schluessel(alt, daten)
        return _tafeln(one, alt, daten)
    except ConfigurationError as error:
        return Vergleich(one, hindernis=f"{error.was} Abhilfe: {error.tun}")
    finally:
        alt.close()


def _too_early(daten: Daten, item: Kennzahl, day: date) -> bool:
    """Say whether *daten* knows nothing of that day: a state of one day is none of another."""
    return any(zu_frueh(daten, side, day) for side in (item.zaehler, item.nenner) if side)


def _tafeln(one: Frueher, alt: Daten, daten: Daten) -> Vergleich:
    items = [catalogue.kennzahl(k) for k in one.kennzahlen]
    if not items:  # forecasts alone
        return Vergleich(one)
    sums = [r for item in items for r in seiten(item, one.stichtag)]
    shares = [r for r in sums if hat_personen(r) and not ist_anzahl(r)]
    starts = anfangsbestaende(sums)
    folge = schritte(alt, daten, [*sums, *starts], one.stichtag, anteile=shares)
    there = [i for i in items if folge.rechnungen.issuperset(seiten(i, one.stichtag))
             and not _too_early(daten, i, one.stichtag)]  # fmt: skip
    if not there:
        return Vergleich(one, hindernis="Keine Tabelle liegt in beiden Lieferungen vor.")
    missing = tuple(i.id for i in items if i not in there)
    found = tafeln(one.titel, there, one.stichtag, folge, one.datenstand)
    return Vergleich(one, found, fehlend=missing)
