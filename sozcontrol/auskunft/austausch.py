"""What a city gives its partners: decided figures of a year's end, with their definitions."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol import catalogue
from sozcontrol.auskunft.einzeln import write_text
from sozcontrol.auskunft.entschieden import released
from sozcontrol.errors import ConfigurationError, UsageError
from sozcontrol.press.lauf.parameter import parse_date
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    from sozcontrol.disclosure import Released
    from sozcontrol.disclosure.geheim import Gezeigt
    from sozcontrol.store import Daten

EDITION = "gremium"
"""The edition that hides most: what leaves the house may be read by anyone."""
QUELLE = "austausch"
KOPF = ("AGS", "Jahr", "Kennzahl", "Definition", "Wert", "Zähler", "Nenner", "Bemerkung")
GEHEIM_WORT, FEHLT_WORT = "geheim gehalten", "nicht berechenbar"
_VIER = Decimal("0.0001")


def exchange(projekt: Projekt, stichtag: str, ordner: Path) -> list[Path]:
    """Write the exchange file of a 31.12. and its seal to *ordner*; return both.

    Every Kennzahl that comparisons take from partners has a row: its released value, or why there
    is none.

    Raises:
        UsageError: It is another day.
        ConfigurationError: The Kommune has no official key.
        NotReleased: The reports of this delivery have not been made, so nothing is decided.
    """
    from sozcontrol import store
    from sozcontrol.intake.files import SIEGEL, sha256

    day = parse_date(stichtag, "stichtag")
    if (day.month, day.day) != (12, 31):
        raise UsageError(
            "Ausgetauscht werden Werte eines ganzen Jahres.",
            wo="--stichtag", tun="Einen 31.12. nennen.",
        )  # fmt: skip
    daten = store.open_data(day, None, projekt)
    try:
        text = _text(daten, day)
        target = ordner / f"Austausch_{daten.kommune.ags}_{day.year}.csv"
    finally:
        daten.close()
    ordner.mkdir(parents=True, exist_ok=True)
    write_text(target, text)
    seal = target.with_name(target.name + SIEGEL)
    write_text(seal, f"{sha256(target.read_bytes())}  {target.name}\n")
    return [target, seal]


def _text(daten: Daten, day: date) -> str:
    if daten.kommune.ags is None:
        raise ConfigurationError(
            f"{daten.kommune.name} hat keinen amtlichen Gemeindeschlüssel.",
            wo="sozcontrol/catalogue/kommunen.yml", tun="ags: mit acht Ziffern eintragen.",
        )  # fmt: skip
    from sozcontrol import __version__, measures

    asked = [v.kennzahl for v in catalogue.vergleiche().values() if v.quelle == QUELLE]
    there = measures.vorhandene(daten, asked)
    tables = released(daten, EDITION, measures.kennzahlen(daten, there))
    found = dict(zip(there, tables, strict=True))
    rows = [_row(daten.kommune.ags, day.year, i, found.get(i)) for i in dict.fromkeys(asked)]
    title = (
        f"Austausch {daten.kommune.name}, Datenstand {daten.datenstand:%d.%m.%Y}, entschieden für "
        f"die Edition {EDITION}, sozcontrol {__version__}"
    )
    out = io.StringIO()
    lines = [(title,), KOPF, *rows, (f"Anzahl Werte: {len(rows)}",)]
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(lines)
    return "\ufeff" + out.getvalue()


def _row(ags: str, jahr: int, id: str, one: Released | None) -> Sequence[object]:
    from sozcontrol.disclosure import GEHEIM

    figures: list[Gezeigt] = [None] * 3
    if one is not None:
        figures = [one.zahl(name).wert for name in ("wert", "zaehler", "nenner")]
    hidden = any(value is GEHEIM for value in figures)
    why = GEHEIM_WORT if hidden else FEHLT_WORT if figures[0] is None else ""
    return (ags, jahr, id, catalogue.definition_id(id), *map(_figure, figures), why)


def _figure(value: Gezeigt) -> str:
    """Return a figure as the profile of the exchange reads it; empty where none is given."""
    if not isinstance(value, int | Decimal):
        return ""
    return f"{Decimal(value).quantize(_VIER, ROUND_HALF_UP)}".replace(".", ",")
