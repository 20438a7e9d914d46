"""Profiles of plan/actual series: how any CSV of budgets and actuals becomes series, as data.

A series is what a year-end forecast needs: per year and period the actual, the adopted and the
amended budget, perhaps a volume, and the final result. One file layout is one profile under
``catalogue/profile_reihen``; wide, long and key/value layouts are all lists of :class:`Wertspalte`.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from sozcontrol.catalogue.profil import Ausdruck, Land
from sozcontrol.catalogue.yaml_files import HERE, Fact, load_folder, parse, read_yaml
from sozcontrol.errors import UsageError, nearest
from sozcontrol.projekt import Projekt

Rolle = Literal[
    "ist_kumuliert", "ist_einzeln", "ergebnis", "ansatz", "fortgeschrieben", "fremdprognose",
    "plan_kumuliert", "menge_einzeln", "einmalig_kumuliert",
]  # fmt: skip

JE_PERIODE = {
    "ist_kumuliert", "ist_einzeln", "fortgeschrieben", "fremdprognose", "plan_kumuliert",
    "menge_einzeln", "einmalig_kumuliert",
}  # fmt: skip


class Wertspalte(Fact):
    """One source column and the part it plays.

    ``periode`` fixes the period (wide layout); without it the profile's period column says it.
    ``wo`` restricts to rows whose columns hold the given texts (key/value layout).
    """

    rolle: Rolle
    spalte: str
    periode: int | None = Field(default=None, ge=1)
    wo: dict[str, str] = Field(default_factory=dict)
    darf_fehlen: bool = False


class Reihenprofil(Fact):
    """One layout of plan/actual series.

    ``perioden`` is their number a year (12, 4, 2). With ``erster_monat`` they are months, the first
    of them in the year itself or, with ``beginnt_im_vorjahr``, in the one before it; their ends are
    dates a reader knows, and ``feiertage`` (a country or its part by ISO 3166, »DE-RP«) says whose
    working days move payments from one to the other. ``stichtage`` the periods at whose end a
    forecast is made (default: the ends of the quarters, else every period but the last).
    ``jahr_muster`` and ``periode_muster`` are searched in their columns, the group is the value;
    ``perioden_namen`` translates it. ``reihenfolge`` names the columns after which the last of
    several values counts (a later report corrects an earlier one); with ``summieren`` those of the
    same order are added, else a second value that differs is an error. So is a cumulated actual
    that falls below half of what it had reached, unless its source does so (``darf_fallen``). Years
    before one of the ``brueche`` and the ``sonderjahre`` themselves are no model for others (law
    change, one-off effects). ``mindestbetrag`` is the result below which percentages say nothing
    (domain rule: 50 T€). Without ``reihe`` the file is one series. A result more than
    ``wesentlich_pct`` % and more than ``wesentlich_betrag`` above its budget (of ``ertrag``: below
    it) is a material miss.
    """

    profil: str
    beschreibung: str
    kodierung: str = "utf-8-sig"
    trennzeichen: str = ","
    dezimal: Literal[",", "."] = "."
    tausender: str = ","
    entfernen: str = "$€ "
    reihe: tuple[str, ...] = ()
    gruppe: str | None = None
    jahr: str
    jahr_muster: Ausdruck | None = None
    periode: str | None = None
    periode_muster: Ausdruck | None = None
    perioden_namen: dict[str, int] = Field(default_factory=dict)
    perioden: int = Field(ge=2, le=12)
    erster_monat: int | None = Field(default=None, ge=1, le=12)
    beginnt_im_vorjahr: bool = False
    feiertage: Land | None = None
    stichtage: tuple[int, ...] = ()
    reihenfolge: tuple[str, ...] = ()
    summieren: bool = False
    darf_fallen: bool = False
    brueche: tuple[int, ...] = ()
    sonderjahre: tuple[int, ...] = ()
    einheit: str = "€"
    mindestbetrag: float = 50_000
    wesentlich_pct: float = Field(default=5, ge=0)
    wesentlich_betrag: float = Field(default=0, ge=0)
    ertrag: bool = False
    fremdprognose: str | None = None
    werte: tuple[Wertspalte, ...]

    @model_validator(mode="after")
    def _coherent(self) -> Reihenprofil:
        if self.dezimal in self.tausender:
            raise ValueError("dezimal und tausender sind dasselbe Zeichen")
        rollen = {w.rolle for w in self.werte}
        if len(rollen & {"ist_kumuliert", "ist_einzeln"}) != 1:
            raise ValueError("genau eine der Rollen ist_kumuliert und ist_einzeln")
        for wert in self.werte:
            if wert.rolle in JE_PERIODE and wert.periode is None and self.periode is None:
                raise ValueError(f"{wert.spalte}: periode fehlt, hier oder im Profil")
            if wert.periode and wert.periode > self.perioden:
                raise ValueError(f"{wert.spalte}: periode größer als perioden")
        if self.erster_monat and self.perioden != 12:
            raise ValueError("erster_monat verlangt perioden: 12")
        if (self.feiertage or self.beginnt_im_vorjahr) and not self.erster_monat:
            raise ValueError("feiertage und beginnt_im_vorjahr verlangen erster_monat")
        if any(not 1 <= s < self.perioden for s in self.stichtage):
            raise ValueError("stichtage liegen zwischen 1 und perioden − 1")
        return self

    @cached_property
    def zahl(self) -> re.Pattern[str]:
        """Return what a number looks like: sign, thousands in threes or none, decimals."""
        tausender, dezimal = re.escape(self.tausender), re.escape(self.dezimal)
        gruppen = f"|\\d{{1,3}}(?:[{tausender}]\\d{{3}})+" if self.tausender else ""
        return re.compile(f"[-+]?(?:(?:\\d+{gruppen})(?:{dezimal}\\d*)?|{dezimal}\\d+)")

    @property
    def origins(self) -> tuple[int, ...]:
        """Return the periods at whose end a forecast is made."""
        if self.stichtage:
            return self.stichtage
        step = 3 if self.perioden == 12 else 1
        return tuple(range(step, self.perioden, step))


@cache
def reihenprofile() -> dict[str, Reihenprofil]:
    """Return the profiles of plan/actual series by name."""
    return load_folder(Reihenprofil, HERE / "profile_reihen", key="profil")


def reihenprofil(name: str) -> Reihenprofil:
    """Return one profile by its name, or by the path of its YAML file.

    A city keeps its own in ``profile/reihen`` of its project.

    Raises:
        UsageError: The name is unknown; the nearest known one is proposed.
        CatalogueError: The file is missing, or no profile.
    """
    path = Path(name)
    if path.suffix in {".yml", ".yaml"}:
        return parse(Reihenprofil, read_yaml(path), path)
    known, projekt = reihenprofile(), Projekt.around()
    own = {p.stem: p for p in projekt.profile.glob("reihen/*.yml")} if projekt else {}
    if name in own:
        return parse(Reihenprofil, read_yaml(own[name]), own[name])
    if name not in known:
        names = [*own, *known]
        raise UsageError(
            f"Reihenprofil »{name}« ist unbekannt.", wo="--profil", tun=nearest(name, names)
        )
    return known[name]
