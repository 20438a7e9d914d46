"""Read plan/actual series from a CSV by a profile of the catalogue."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sozcontrol.catalogue.reihenprofil import JE_PERIODE, Reihenprofil, Wertspalte
from sozcontrol.errors import DeliveryError, DeliveryMissing
from sozcontrol.findings import show
from sozcontrol.forecast.quellen.kalender import freie_monatserste
from sozcontrol.forecast.reihe import Reihe, leere_reihe

Schluessel = tuple[str, str, int, int]  # role, series, year, period (0 = the year as a whole)
JAHRE = range(1900, 2201)
"""Years a file may name; another one is a slip of the pen."""
LEER = {"", "-", "–", ".", "x", "…", "NA", "NaN", "nan"}


def read_series(path: Path, profil: Reihenprofil) -> tuple[Reihe, ...]:
    """Return the series of *path*, sorted by name.

    Raises:
        DeliveryMissing: There is no such file, or no row in it.
        DeliveryError: A column is missing, a cell is no number or year, or a value is doubled.
    """
    rows = _rows(path, profil)
    if profil.reihenfolge:
        rows.sort(key=lambda r: tuple(_number(r[1][c], profil, r[0]) for c in profil.reihenfolge))
    werte: dict[Schluessel, float] = {}
    gruppen: dict[str, str] = {}
    for ort, row in rows:
        name = " · ".join(row[c].strip() for c in profil.reihe)
        gruppen[name] = row[profil.gruppe].strip() if profil.gruppe else ""
        for key, value in _cells(row, name, profil, ort):
            _store(werte, key, value, profil, ort)
    if not werte:
        raise DeliveryMissing(
            "Die Datei enthält keine Werte.", wo=str(path), tun="Datei und --profil prüfen."
        )
    mit_werten = {name for _, name, _, _ in werte}
    return tuple(_build(name, gruppen[name], werte, profil) for name in sorted(mit_werten))


def _rows(path: Path, profil: Reihenprofil) -> list[tuple[str, dict[str, str]]]:
    """Return the rows of *path*, each with its place."""
    if not path.is_file():
        raise DeliveryMissing("Die Datei fehlt.", wo=str(path), tun="Pfad bei --daten prüfen.")
    try:
        with path.open(encoding=profil.kodierung, newline="") as file:
            reader = csv.DictReader(file, delimiter=profil.trennzeichen)
            full = ({k: v or "" for k, v in row.items() if k is not None} for row in reader)
            rows = [(f"{path}, Zeile {reader.line_num}", row) for row in full]
            header = set(reader.fieldnames or ())
    except UnicodeDecodeError:
        raise DeliveryError(
            f"Die Datei ist nicht in {profil.kodierung} kodiert.",
            wo=str(path),
            tun=f"kodierung im Reihenprofil »{profil.profil}« angeben.",
        ) from None
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
    return rows


def _cells(
    row: dict[str, str], name: str, profil: Reihenprofil, ort: str
) -> Iterator[tuple[Schluessel, float]]:
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
        yield (
            (wert.rolle, name, jahr, _periode(row, wert, profil, ort)),
            _number(text, profil, ort),
        )


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


def _number(text: str, profil: Reihenprofil, ort: str) -> float:
    plain = text.translate(str.maketrans("", "", profil.tausender + profil.entfernen))
    try:
        value = float(plain.replace(profil.dezimal, "."))
    except ValueError:
        value = np.inf
    if not np.isfinite(value):
        raise DeliveryError(
            "Eine Zelle ist keine Zahl.",
            wo=ort,
            tun=f"Zelle berichtigen oder Zahlformat im Reihenprofil »{profil.profil}« angeben.",
        )
    return value


def _store(
    werte: dict[Schluessel, float], key: Schluessel, value: float, profil: Reihenprofil, ort: str
) -> None:
    if key in werte and not profil.reihenfolge:
        if key[0] not in JE_PERIODE and werte[key] == value:
            return  # the year's budget, repeated on the row of each period
        if not profil.summieren:
            raise DeliveryError(
                f"Zwei Werte für dieselbe Reihe, {key[2]}, Periode {key[3]} ({key[0]}).",
                wo=ort,
                tun="Doppelte Zeile entfernen, oder reihenfolge bzw. summieren im Profil angeben.",
            )
        value += werte[key]
    werte[key] = value


def _build(name: str, gruppe: str, werte: dict[Schluessel, float], profil: Reihenprofil) -> Reihe:
    mine = {(r, j, p): v for (r, n, j, p), v in werte.items() if n == name}
    years = [j for _, j, _ in mine]
    jahre = np.arange(min(years), max(years) + 1)
    grids: dict[str, np.ndarray] = {}
    for (rolle, jahr, periode), value in mine.items():
        shape = (len(jahre), profil.perioden) if rolle in JE_PERIODE else (len(jahre), 1)
        grid = grids.setdefault(rolle, np.full(shape, np.nan))
        grid[jahr - jahre[0], max(periode, 1) - 1] = value
    leer = np.full((len(jahre), profil.perioden), np.nan)
    ist = grids.get("ist_kumuliert", leer)
    if "ist_einzeln" in grids:
        ist = np.cumsum(grids["ist_einzeln"], axis=1)  # a missing period leaves the rest unknown
    ergebnis = grids.get("ergebnis", leer[:, :1])[:, 0]
    return leere_reihe(
        name,
        gruppe,
        jahre,
        profil.perioden,
        ist=ist,
        ergebnis=np.where(np.isfinite(ergebnis), ergebnis, ist[:, -1]),
        ansatz=grids.get("ansatz", leer[:, :1])[:, 0],
        fortgeschrieben=grids.get("fortgeschrieben", leer),
        plan=grids.get("plan_kumuliert", leer),
        menge=grids.get("menge_einzeln", leer),
        einmalig=np.nan_to_num(grids.get("einmalig_kumuliert", leer)),
        fremd=grids.get("fremdprognose", leer),
        brueche=frozenset(profil.brueche),
        sonderjahre=frozenset(profil.sonderjahre),
        frei=_frei(int(jahre[0]), int(jahre[-1]), profil),
    )


def _frei(von: int, bis: int, profil: Reihenprofil) -> frozenset[int]:
    if profil.feiertage is None or profil.erster_monat is None:
        return frozenset()
    return freie_monatserste(
        von, bis, profil.feiertage,
        erster_monat=profil.erster_monat, beginnt_im_vorjahr=profil.beginnt_im_vorjahr,
    )  # fmt: skip
