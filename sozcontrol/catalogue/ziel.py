"""Goals a council has set: the way from the start to the target, and where a value stands on it.

The way is a straight line from the start to the target. A value is judged as it is printed, after
disclosure has decided: what is hidden has no state, and a state tells no more than the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

TABELLE = "ziel"
ERREICHT, UNTERWEGS, RUECKSTAND, VERFEHLT = "erreicht", "auf dem Weg", "im Rückstand", "verfehlt"
SPAETER, UNVOLLSTAENDIG, OHNE_WERT = "am Jahresende", "nicht messbar", "ohne Wert"
STUFEN = (VERFEHLT, RUECKSTAND, UNTERWEGS, ERREICHT, SPAETER, UNVOLLSTAENDIG, OHNE_WERT)
"""In which order a reader meets the goals: what is missed first."""
VORZEICHEN = {"hoch": 1, "niedrig": -1}
SMART = {
    "S": ("zieltext",), "M": ("kennzahl_id", "zielwert"), "A": ("verantwortlich", "beschluss"),
    "R": ("ausgangswert", "ausgang_am"), "T": ("termin",),
}  # fmt: skip
"""Which columns each letter asks for."""
MINDESTENS = 90
"""Days of the way that must lie behind before it is drawn out to its end."""


@dataclass(frozen=True)
class Ziel:
    """One goal as the council has set it; what it did not say is None.

    It is told for a ``stichtag``. ``erklaert`` is how a notebook declared it, where the council has
    decided otherwise since it was delivered (``catalogue.zielbeschluss``).
    """

    ziel_nr: int
    kennzahl_id: str | None
    zieltext: str | None
    ausgangswert: Decimal | None
    ausgang_am: date | None
    zielwert: Decimal | None
    termin: date | None
    toleranz: Decimal
    zielrichtung: str
    zielmessung: str
    verantwortlich: str | None
    beschluss: str | None
    gilt_ab: date
    stichtag: date
    erklaert: Ziel | None = None

    @property
    def fehlt(self) -> str:
        """The letters of SMART it lacks, in their order."""
        return "".join(
            letter for letter, names in SMART.items()
            if any(getattr(self, name) is None for name in names)
        )  # fmt: skip

    @property
    def vorzeichen(self) -> int:
        """1 where more is better, −1 where less is, 0 of a range."""
        return VORZEICHEN.get(self.zielrichtung, 0)

    def soll(self, tag: date) -> Decimal | None:
        """Return what the straight way from start to target asks for on a day."""
        if self.ausgangswert is None or self.zielwert is None:
            return None
        done = self._anteil(tag)
        return None if done is None else self._auf_dem_weg(done)

    def _anteil(self, tag: date) -> Decimal | None:
        """Return the part of the way that should lie behind, between 0 and 1."""
        if self.ausgang_am is None or self.termin is None:
            return None
        whole, gone = (self.termin - self.ausgang_am).days, (tag - self.ausgang_am).days
        if whole <= 0:
            return Decimal(1)
        return min(max(Decimal(gone) / whole, Decimal(0)), Decimal(1))

    def _auf_dem_weg(self, done: Decimal) -> Decimal:
        assert self.ausgangswert is not None and self.zielwert is not None
        return self.ausgangswert + (self.zielwert - self.ausgangswert) * done

    def eingehalten(self, wert: Decimal, soll: Decimal) -> bool:
        """Whether a value is as good as asked for, or within the tolerance."""
        gap = wert - soll
        worse = -self.vorzeichen * gap if self.vorzeichen else abs(gap)
        return worse <= self.toleranz

    def so_weiter(self, wert: Decimal, tag: date) -> Decimal | None:
        """Return the value at the date, if it went on as since the start; None: too early, past."""
        if self.ausgangswert is None or self.ausgang_am is None or self.termin is None:
            return None
        gone = (tag - self.ausgang_am).days
        if gone < MINDESTENS or tag >= self.termin:
            return None
        whole = (self.termin - self.ausgang_am).days
        return self.ausgangswert + (wert - self.ausgangswert) * whole / gone

    def stufe(self, wert: Decimal | None, tag: date) -> str:
        """Return the state of a value on a day.

        Before the date a target is reached only without the tolerance; on it, and after, with it.
        """
        if self.zielwert is None or self.termin is None:
            return UNVOLLSTAENDIG
        if self.zielmessung == "jahresende" and (tag.month, tag.day) != (12, 31):
            return SPAETER
        if wert is None:
            return OHNE_WERT
        if tag >= self.termin:
            return ERREICHT if self.eingehalten(wert, self.zielwert) else VERFEHLT
        if self.vorzeichen * (wert - self.zielwert) > 0 or wert == self.zielwert:
            return ERREICHT
        due = self.soll(tag)
        if due is None:
            return UNVOLLSTAENDIG
        if not self.vorzeichen and self.eingehalten(wert, self.zielwert):
            return ERREICHT
        return UNTERWEGS if self.eingehalten(wert, due) else RUECKSTAND


def geltende(zeilen: Iterable[Mapping[str, object]], stichtag: date) -> list[Ziel]:
    """Return the goals that a list of them sets for a Stichtag: of a number the last one."""
    names = Ziel.__dataclass_fields__.keys() - {"stichtag", "erklaert"}
    listed = [
        Ziel(**{n: row[n] for n in names}, stichtag=stichtag)  # type: ignore[arg-type]
        for row in zeilen
    ]
    due = sorted((z for z in listed if z.gilt_ab <= stichtag), key=lambda z: z.gilt_ab)
    latest = {z.ziel_nr: z for z in due}
    return [ziel for _, ziel in sorted(latest.items())]


def gedruckt(wert: Decimal, stellen: int) -> Decimal:
    """Return a value with the decimals its page prints: a state must not tell more."""
    return wert.quantize(Decimal(1).scaleb(-stellen), ROUND_HALF_UP)
