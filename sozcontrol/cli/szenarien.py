"""``sozcontrol szenarien``: list the scenarios of a Stichtag, confirm one anew, begin a new one."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.errors import DeliveryMissing, Exit, UsageError
from sozcontrol.press.lauf.parameter import parse_date, shown

if TYPE_CHECKING:
    from sozcontrol.catalogue.szenario import Szenario
    from sozcontrol.hochrechnung.szenarien.wirkung import Eintrag, Szenariostand
    from sozcontrol.projekt import Projekt
    from sozcontrol.store import Daten

_WIDTH = 11


def szenarien(
    projekt: Projekt,
    *,
    stichtag: str | None,
    datenstand: str | None,
    edition: str,
    neu: str | None,
    bestaetigen: str | None,
) -> tuple[str, int]:
    """Do what was asked and return the text for the terminal and the exit code.

    Raises:
        UsageError: A name or date is unknown, or both *neu* and *bestaetigen* are given.
        DeliveryMissing: The delivery has not been read in yet.
        SzenarioFehler: The scenario to confirm has faults.
        StorageError: A file cannot be written.
    """
    if neu is not None and bestaetigen is not None:
        raise UsageError("--neu und --bestaetigen schließen einander aus.")
    known = catalogue.edition(shown(edition)).id
    on = parse_date(stichtag, "stichtag") if stichtag is not None else None
    extracted = parse_date(datenstand, "datenstand") if datenstand is not None else None
    with _opened(projekt, on, extracted) as daten:
        if neu is not None:
            return _begin(projekt, daten, neu), Exit.OK
        if bestaetigen is not None:
            return _confirm(projekt, daten, bestaetigen, known), Exit.OK
        return _list(daten, known)


@contextlib.contextmanager
def _opened(projekt: Projekt, stichtag: date | None, datenstand: date | None) -> Iterator[Daten]:
    from sozcontrol import store

    daten = store.open_data(stichtag, datenstand, projekt)
    try:
        yield daten
    finally:
        daten.close()


def _begin(projekt: Projekt, daten: Daten, name: str) -> str:
    from sozcontrol.hochrechnung.szenarien import szenariodatei as szenariodatei

    made = szenariodatei.neu(projekt, name, szenariodatei.grundlage(daten), date.today())
    return f"{made}\nDie Annahmen eintragen, dann: sozcontrol szenarien --stichtag {daten.stichtag}"


def _list(daten: Daten, edition: str) -> tuple[str, int]:
    from sozcontrol.hochrechnung.szenarien import szenariodatei as szenariodatei
    from sozcontrol.hochrechnung.szenarien.szenariotafeln import in_worten, satz
    from sozcontrol.hochrechnung.szenarien.wirkung import szenariostand

    if not szenariodatei.dateien(daten.projekt, daten.stichtag):
        folder = szenariodatei.ordner(daten.projekt, daten.stichtag)
        return f"Keine Szenarien in {folder}. Eines beginnen: --neu NAME", Exit.OK
    stand = szenariostand(daten, hochrechnung=False)
    amounts = _Betraege(daten, stand, edition)
    lines = [_headline(daten, edition), "", f"Basis {stand.panel.jahr}: {amounts.basis}"]
    for e in stand.eintraege:
        lines += ["", f"{e.zustand:<{_WIDTH}} {e.name}"]
        if e.zustand == "gültig":
            lines += [f"  {text}" for text in in_worten(e.szenario)]
            lines += [f"  {text}" for text in amounts.wirkung(e)]
        else:
            lines.append(f"  {e.grund}")
    lines += ["", *amounts.legende, *textwrap.wrap(satz(stand), 100)]
    faulty = any(e.zustand == "fehlerhaft" for e in stand.eintraege)
    return "\n".join(lines), Exit.CONFIGURATION if faulty else Exit.OK


def _headline(daten: Daten, edition: str) -> str:
    return (
        f"{daten.kommune.name} · Stichtag {daten.stichtag:%d.%m.%Y} · "
        f"Datenstand {daten.datenstand:%d.%m.%Y} · Edition {edition}"
    )


class _Betraege:
    """The released amounts of one state of the scenarios, written for the terminal."""

    def __init__(self, daten: Daten, stand: Szenariostand, edition: str) -> None:
        from sozcontrol.auskunft.entschieden import released
        from sozcontrol.hochrechnung.szenarien.szenariotafeln import vergleich

        self._stand = stand
        # A scenario is confirmed before its report is made, so a decision may be to come.
        (self._released,) = released(daten, edition, [vergleich(stand)], auch_ohne=True)
        self._hidden = False

    def _write(self, spalte: str) -> str:
        from sozcontrol.disclosure import GEHEIM
        from sozcontrol.present.format import schreiben

        wert = self._released.zahl(spalte).wert
        self._hidden = self._hidden or wert is GEHEIM
        return schreiben(wert, "eur")

    @property
    def basis(self) -> str:
        return self._write("basis_eur")

    @property
    def legende(self) -> list[str]:
        return ["• geheim gehalten (zum Schutz kleiner Anzahlen)"] if self._hidden else []

    def wirkung(self, e: Eintrag) -> list[str]:
        """Return the effect of one valid scenario: the difference, its parts, the next year."""
        from sozcontrol.hochrechnung.szenarien.szenariotafeln import spalten_wirkung

        columns = spalten_wirkung(self._stand, e.name).items()
        named = [(text.removesuffix(" (€)"), self._write(spalte)) for spalte, (text, _) in columns]
        names, values = max(len(n) for n, _ in named), max(len(v) for _, v in named)
        return [f"{name:<{names}}  {value:>{values}}" for name, value in named]


def _confirm(projekt: Projekt, daten: Daten, name: str, edition: str) -> str:
    from sozcontrol.catalogue.szenario import lesen
    from sozcontrol.hochrechnung.szenarien import szenariodatei as szenariodatei

    path = szenariodatei.datei(projekt, daten.stichtag, name)
    szenario, jetzt = lesen(path, daten.stichtag), szenariodatei.grundlage(daten)
    grund = szenariodatei.ungueltig(szenario, jetzt)
    if not grund:
        return f"{name} gilt schon für diese Daten."
    lines = [_headline(daten, edition), grund, "", "Wirkung bisher"]
    lines += [f"  {text}" for text in _bisher(projekt, szenario, edition)]
    lines += ["Wirkung jetzt"]
    lines += [f"  {text}" for text in _wirkung_auf(daten, szenario, edition)]
    szenariodatei.bestaetigen(path, jetzt)
    return "\n".join([*lines, "", f"Bestätigt: {path}"])


def _bisher(projekt: Projekt, szenario: Szenario, edition: str) -> list[str]:
    """Return the effect on the data it was made on, if these are stored unchanged."""
    from sozcontrol import store
    from sozcontrol.hochrechnung.szenarien.szenariodatei import grundlage

    alt = szenario.grundlage
    stored = {(m["stichtag"], m["datenstand"]) for m in store.deliveries(projekt)}
    if alt is None or (str(szenario.stichtag), str(alt.datenstand)) not in stored:
        return ["nicht mehr zu berechnen (die Daten von damals sind nicht gespeichert)"]
    with _opened(projekt, szenario.stichtag, alt.datenstand) as damals:
        try:
            same = grundlage(damals) == alt
        except DeliveryMissing:
            same = False
        if not same:
            return ["nicht mehr zu berechnen (die Daten von damals wurden ersetzt)"]
        return _wirkung_auf(damals, szenario, edition)


def _wirkung_auf(daten: Daten, szenario: Szenario, edition: str) -> list[str]:
    from sozcontrol.hochrechnung.szenarien.wirkung import allein

    stand = allein(daten, szenario)
    amounts = _Betraege(daten, stand, edition)
    return [*amounts.wirkung(stand.eintraege[0]), *amounts.legende]
