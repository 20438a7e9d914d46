"""Read plan/actual series from a CSV by a profile of the catalogue; refuse what is ambiguous."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sozcontrol.catalogue.reihenprofil import JE_PERIODE, Reihenprofil, Wertspalte
from sozcontrol.errors import DeliveryError, DeliveryMissing
from sozcontrol.findings import show
from sozcontrol.forecast.quellen.kalender import freie_monatserste
from sozcontrol.forecast.quellen.kumuliert import kumuliert
from sozcontrol.forecast.reihe import Reihe, leere_reihe

Schluessel = tuple[str, int, int]  # role, year, period (0 = the year as a whole)
Rang = tuple[float, ...]  # place of a row in the profile's ``reihenfolge``
JAHRE = range(1900, 2201)
"""Years a file may name; another one is a slip of the pen."""
LEER = {"", "-", "–", ".", "x", "…", "NA", "NaN", "nan"}


@dataclass(frozen=True)
class Angabe:
    """One amount of a file, with its place for messages and its rank among others."""

    betrag: float
    ort: str
    rang: Rang = ()


Werte = dict[Schluessel, Angabe]


def read_series(path: Path, profil: Reihenprofil) -> tuple[Reihe, ...]:
    """Return the series of *path*, sorted by name.

    Raises:
        DeliveryMissing: There is no such file, or no row in it.
        DeliveryError: A column is missing; a cell is no number or year, or two say different things
            of the same; names differ by blanks alone; a cumulated actual is none.
    """
    lesen = _Lesen(path, profil)
    for ort, row in _rows(path, profil):
        lesen.zeile(ort, row)
    found = {name: werte for name, werte in lesen.werte.items() if werte}
    if not found:
        raise DeliveryMissing(
            "Die Datei enthält keine Werte.", wo=str(path), tun="Datei und --profil prüfen."
        )
    return tuple(_build(name, lesen.gruppen[name], found[name], profil) for name in sorted(found))


class _Lesen:
    """The rows of one file, gathered by series."""

    def __init__(self, path: Path, profil: Reihenprofil) -> None:
        self.path, self.profil = path, profil
        self.werte: dict[str, Werte] = {}
        self.gruppen: dict[str, str] = {}
        self.schreibweisen: dict[str, tuple[tuple[str, ...], str]] = {}

    def zeile(self, ort: str, row: dict[str, str]) -> None:
        profil = self.profil
        name = self._name(ort, row)
        self.gruppen[name] = row[profil.gruppe].strip() if profil.gruppe else ""
        rang = tuple(_number(row[c].strip(), profil, ort, c) for c in profil.reihenfolge)
        werte = self.werte.setdefault(name, {})
        for key, wert in _cells(row, rang, profil, ort):
            _store(werte, key, wert, profil)

    def _name(self, ort: str, row: dict[str, str]) -> str:
        """Return the name of the row's series; one that differs by blanks alone is none."""
        roh = tuple(row[c] for c in self.profil.reihe)
        if not roh:
            return self.path.stem
        name = " · ".join(" ".join(teil.split()) for teil in roh)
        spalten = ", ".join(f"»{spalte}«" for spalte in self.profil.reihe)
        if not all(teil.strip() for teil in roh):
            raise DeliveryError(
                "Eine Reihe hat keinen Namen.",
                wo=f"{ort}, Spalte {spalten}",
                tun="Namen eintragen; ist die Datei eine Reihe, reihe im Reihenprofil weglassen.",
            )
        zuerst, wo = self.schreibweisen.setdefault(name, (roh, ort))
        if zuerst != roh:
            raise DeliveryError(
                "Zwei Namen unterscheiden sich nur durch Leerzeichen.",
                wo=f"{ort}, Spalte {spalten}; zuerst anders in {wo.rpartition(', ')[2]}",
                tun="Dieselbe Reihe überall gleich schreiben, zwei Reihen deutlich verschieden.",
            )
        return name


def _rows(path: Path, profil: Reihenprofil) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the rows of *path*, each with its place."""
    if not path.is_file():
        raise DeliveryMissing("Die Datei fehlt.", wo=str(path), tun="Pfad bei --daten prüfen.")
    try:
        with path.open(encoding=profil.kodierung, newline="") as file:
            reader = csv.DictReader(file, delimiter=profil.trennzeichen)
            _demand_columns(set(reader.fieldnames or ()), path, profil)
            for row in reader:
                full = {k: v or "" for k, v in row.items() if k is not None}
                yield f"{path}, Zeile {reader.line_num}", full
    except UnicodeDecodeError:
        raise DeliveryError(
            f"Die Datei ist nicht in {profil.kodierung} kodiert.",
            wo=str(path),
            tun=f"kodierung im Reihenprofil »{profil.profil}« angeben.",
        ) from None


def _demand_columns(header: set[str], path: Path, profil: Reihenprofil) -> None:
    needed = {*profil.reihe, profil.jahr, *profil.reihenfolge}
    needed |= {c for c in (profil.gruppe, profil.periode) if c}
    needed |= {w.spalte for w in profil.werte if not w.darf_fehlen}
    needed |= {c for w in profil.werte for c in w.wo}
    if missing := sorted(needed - header):
        raise DeliveryError(
            f"Spalten fehlen: {', '.join(missing)}.",
            wo=str(path),
            tun=f"Datei prüfen oder ein anderes Profil als »{profil.profil}« wählen.",
        )


def _cells(
    row: dict[str, str], rang: Rang, profil: Reihenprofil, ort: str
) -> Iterator[tuple[Schluessel, Angabe]]:
    jahr = _matched(row[profil.jahr], profil.jahr_muster, {}, profil.jahr, ort)
    if jahr not in JAHRE:
        raise DeliveryError(
            f"»{show(row[profil.jahr])}« ist kein Jahr zwischen {JAHRE[0]} und {JAHRE[-1]} "
            "(gezeigt ist nur die Form).",
            wo=f"{ort}, Spalte »{profil.jahr}«",
            tun="Zelle berichtigen; Jahre haben vier Stellen.",
        )
    for wert in profil.werte:
        text = row.get(wert.spalte, "").strip()
        if text in LEER or any(row[c].strip() != v for c, v in wert.wo.items()):
            continue
        betrag = _number(text, profil, ort, wert.spalte)
        neu = Angabe(betrag, _stelle(ort, wert.spalte), rang)
        yield (wert.rolle, jahr, _periode(row, wert, profil, ort)), neu


def _stelle(ort: str, spalte: str) -> str:
    return f"{ort}, Spalte »{spalte}«"


def _periode(row: dict[str, str], wert: Wertspalte, profil: Reihenprofil, ort: str) -> int:
    if wert.rolle not in JE_PERIODE:
        return 0
    if wert.periode:
        return wert.periode
    assert profil.periode, "the model proves it"
    periode = _matched(
        row[profil.periode], profil.periode_muster, profil.perioden_namen, profil.periode, ort
    )
    if not 1 <= periode <= profil.perioden:
        raise DeliveryError(
            f"Eine Zelle nennt eine Periode, die es nicht gibt (1 bis {profil.perioden}).",
            wo=f"{ort}, Spalte »{profil.periode}«",
            tun="Zelle berichtigen oder perioden im Reihenprofil ändern.",
        )
    return periode


def _matched(text: str, muster: str | None, namen: dict[str, int], spalte: str, ort: str) -> int:
    found = re.search(muster, text) if muster else None
    part = found.group(1) if found else text.strip()
    try:
        return namen[part] if part in namen else int(part)
    except ValueError:
        raise DeliveryError(
            "Eine Zelle nennt kein Jahr oder keine Periode.",
            wo=f"{ort}, Spalte »{spalte}«",
            tun="Zelle berichtigen oder jahr_muster/periode_muster im Reihenprofil angeben.",
        ) from None


def _number(text: str, profil: Reihenprofil, ort: str, spalte: str) -> float:
    """Return the number of a cell that is written as the profile says, thousands in threes."""
    plain = text.translate(str.maketrans("", "", profil.entfernen))
    if not profil.zahl.fullmatch(plain):
        raise DeliveryError(
            f"»{show(text)}« ist keine Zahl, wie das Profil sie beschreibt "
            "(gezeigt ist nur die Form).",
            wo=f"{ort}, Spalte »{spalte}«",
            tun=f"Zelle berichtigen oder Zahlformat im Reihenprofil »{profil.profil}« angeben.",
        )
    ohne = plain.translate(str.maketrans("", "", profil.tausender))
    return float(ohne.replace(profil.dezimal, "."))


def _store(werte: Werte, key: Schluessel, neu: Angabe, profil: Reihenprofil) -> None:
    """Keep an amount; of two, the later by the profile's order, or their sum, else neither."""
    alt = werte.get(key)
    je_periode = key[0] in JE_PERIODE
    if alt is None:
        werte[key] = neu
    elif alt.rang != neu.rang:
        werte[key] = max(alt, neu, key=lambda w: w.rang)
    elif alt.betrag == neu.betrag and not je_periode:
        return  # the year's budget, repeated on the row of each period
    elif profil.summieren:
        werte[key] = Angabe(alt.betrag + neu.betrag, neu.ort, neu.rang)
    elif alt.betrag != neu.betrag or not profil.reihenfolge:
        rolle, jahr, periode = key
        raise DeliveryError(
            f"Zwei Werte für dieselbe Reihe, {jahr}, Periode {periode} ({rolle}).",
            wo=f"{neu.ort}; zuerst in {', '.join(alt.ort.split(', ')[-2:])}",
            tun="Doppelte Zeile entfernen, oder reihenfolge bzw. summieren im Profil angeben.",
        )


def _build(name: str, gruppe: str, werte: Werte, profil: Reihenprofil) -> Reihe:
    years = [jahr for _, jahr, _ in werte]
    jahre = np.arange(min(years), max(years) + 1)
    grids: dict[str, np.ndarray] = {}
    for (rolle, jahr, periode), wert in werte.items():
        shape = (len(jahre), profil.perioden) if rolle in JE_PERIODE else (len(jahre), 1)
        grid = grids.setdefault(rolle, np.full(shape, np.nan))
        grid[jahr - jahre[0], max(periode, 1) - 1] = wert.betrag
    leer = np.full((len(jahre), profil.perioden), np.nan)
    ansatz = grids.get("ansatz", leer[:, :1])[:, 0]
    ist = grids.get("ist_kumuliert", leer)
    if "ist_einzeln" in grids:
        ist = np.cumsum(grids["ist_einzeln"], axis=1)  # a missing period leaves the rest unknown
    elif not profil.darf_fallen:
        kumuliert(ist, ansatz, lambda j, p: _ort(werte, int(jahre[0]) + j, p + 1))
    ergebnis = grids.get("ergebnis", leer[:, :1])[:, 0]
    return leere_reihe(
        name,
        gruppe,
        jahre,
        profil.perioden,
        ist=ist,
        ergebnis=np.where(np.isfinite(ergebnis), ergebnis, ist[:, -1]),
        ansatz=ansatz,
        fortgeschrieben=grids.get("fortgeschrieben", leer),
        plan=grids.get("plan_kumuliert", leer),
        menge=grids.get("menge_einzeln", leer),
        einmalig=np.nan_to_num(grids.get("einmalig_kumuliert", leer)),
        fremd=grids.get("fremdprognose", leer),
        brueche=frozenset(profil.brueche),
        sonderjahre=frozenset(profil.sonderjahre),
        frei=_frei(int(jahre[0]), int(jahre[-1]), profil),
    )


def _ort(werte: Mapping[Schluessel, Angabe], jahr: int, periode: int) -> str:
    return werte["ist_kumuliert", jahr, periode].ort


def _frei(von: int, bis: int, profil: Reihenprofil) -> frozenset[int]:
    if profil.feiertage is None or profil.erster_monat is None:
        return frozenset()
    return freie_monatserste(
        von, bis, profil.feiertage,
        erster_monat=profil.erster_monat, beginnt_im_vorjahr=profil.beginnt_im_vorjahr,
    )  # fmt: skip
