"""Series and what was known of them at an origin.

A :class:`Reihe` holds everything; a :class:`Kenntnis` is the only thing a method ever sees. It is
cut at the end of one period of one year, so that no method can look ahead by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sozcontrol.errors import DeliveryError

Floats = np.ndarray

VERTRAUEN = 2.0
"""Credibility in years: own experience of n years counts n/(n+2) against the neutral assumption.

One constant for every shrinkage of this room. Two years of one's own weigh as much as the
assumption; with one year the assumption leads, as domain.md 6.3 shows it must.
"""


MITNAHME = 0.5
"""Neutral pass-through: a change so far is as likely a matter of timing as of level."""


@dataclass(frozen=True, eq=False)
class Reihe:
    """One plan/actual series over J years of P periods.

    Args:
        name: Unique within its panel.
        gruppe: Series of one group lend each other their experience.
        jahre: (J,) consecutive years.
        ist: (J, P) actual cumulated to the end of each period, as known then; NaN = unknown.
        ergebnis: (J,) final result.
        ansatz: (J,) adopted budget.
        fortgeschrieben: (J, P) amended budget at the end of each period.
        plan: (J, P) planned actual to the end of each period (Mittelabflussplan).
        menge: (J, P) volume of each period (e.g. occupied months).
        einmalig: (J, P) one-off amounts within ``ist``, cumulated; they are not extrapolated.
        fremd: (J, P) somebody else's forecast; shown for comparison, never used.
        brueche: Years from which earlier ones are no model any more (law change).
        sonderjahre: Years that are no model for others.
        frei: Periods (year · P + period − 1) whose first day is no working day, in other years
            however it is one; payments due on that day are booked in the period before.
        stand: (J, J, P) the result of year j as known at the end of period p of year k (vintage);
            without it a result is known, and final, from the first day of the next year.
        einmalig_stand: (J, J, P) the one-off amounts within ``stand``; without it those within a
            result are those of ``einmalig`` at the end of its year.
    """

    name: str
    gruppe: str
    jahre: Floats
    ist: Floats
    ergebnis: Floats
    ansatz: Floats
    fortgeschrieben: Floats
    plan: Floats
    menge: Floats
    einmalig: Floats
    fremd: Floats
    brueche: frozenset[int] = frozenset()
    sonderjahre: frozenset[int] = frozenset()
    frei: frozenset[int] = frozenset()
    stand: Floats | None = None
    einmalig_stand: Floats | None = None

    @property
    def perioden(self) -> int:
        """Return the number of periods a year."""
        return int(self.ist.shape[1])

    def ergebnisse(self, jahr: int, periode: int) -> Floats:
        """Return the results as known at the end of *periode* of *jahr* (NaN = not yet)."""
        if self.stand is None:
            return np.where(self.jahre < jahr, self.ergebnis, np.nan)
        k = int(jahr - self.jahre[0])
        return np.where(self.jahre < jahr, self.stand[:, k, periode - 1], np.nan)

    def einmaliges(self, jahr: int, periode: int) -> Floats:
        """Return per year the one-off amounts within :meth:`ergebnisse`, as known then."""
        if self.einmalig_stand is None:
            return self.einmalig[:, -1]
        return self.einmalig_stand[:, int(jahr - self.jahre[0]), periode - 1]

    def budget(self, periode: int) -> Floats:
        """Return per year the amended budget at the end of *periode*, else the adopted one."""
        amended = self.fortgeschrieben[:, periode - 1]
        return np.where(np.isfinite(amended), amended, self.ansatz)


@dataclass(frozen=True)
class Umfeld:
    """What the series of a group have in common at one origin; ``None`` = nothing to learn from.

    ``ausschoepfung`` is the usual result / budget, ``zuwachs`` the usual change of the result from
    one year to the next (0.03 = +3 %), ``mitnahme`` the part of the change of the actual that the
    rest of the year repeats.
    """

    ausschoepfung: float | None = None
    zuwachs: float | None = None
    mitnahme: float = MITNAHME


@dataclass(frozen=True)
class Kenntnis:
    """What is known of one series at the end of *periode* (1-based) of *jahr*.

    ``ist`` and the history are free of one-off amounts; ``einmalig`` is to be added once. History
    arrays hold one entry per earlier year; ``taugt`` says which of them may serve as a model.
    ``umfeld`` is what similar series teach (``None``: nobody was asked). ``frei`` is the calendar
    of :class:`Reihe`; ``vorgezogen`` is what a cleaned ``ist`` lacks because it belongs to the next
    period, ``vorgezogen_jahr`` the same of the whole year
    (:mod:`sozcontrol.forecast.methoden.zahltage`).
    """

    jahr: int
    periode: int
    perioden: int
    ist: float
    ansatz: float
    plan: float
    einmalig: float
    ergebnisse: Floats
    ist_frueher: Floats
    ansatz_frueher: Floats
    taugt: np.ndarray
    bruch_vor: bool
    fluesse: Floats
    mengen: Floats
    umfeld: Umfeld | None = None
    frei: frozenset[int] = frozenset()
    vorgezogen: float = 0.0
    vorgezogen_jahr: float = 0.0
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def anteil_zeit(self) -> float:
        """Return the share of the year that has passed."""
        return self.periode / self.perioden

    @property
    def vorjahr(self) -> float:
        """Return last year's result without one-off amounts (NaN = unknown)."""
        return float(self.ergebnisse[-1]) if len(self.ergebnisse) else float("nan")

    @property
    def ist_vorjahr(self) -> float:
        """Return last year's actual at the same period (NaN = unknown)."""
        return float(self.ist_frueher[-1]) if len(self.ist_frueher) else float("nan")


def leere_reihe(name: str, gruppe: str, jahre: Floats, perioden: int, **teile: object) -> Reihe:
    """Return a series of NaN, with the given parts set (shapes as in :class:`Reihe`)."""
    j = len(jahre)
    if j == 0 or np.any(np.diff(jahre) != 1):
        raise DeliveryError(
            f"Reihe »{name}«: Die Jahre sind nicht lückenlos.",
            wo="forecast.leere_reihe",
            tun="Fehlende Jahre als leere Jahre aufnehmen.",
        )
    parts: dict[str, object] = {
        "ist": np.full((j, perioden), np.nan),
        "ergebnis": np.full(j, np.nan),
        "ansatz": np.full(j, np.nan),
        "fortgeschrieben": np.full((j, perioden), np.nan),
        "plan": np.full((j, perioden), np.nan),
        "menge": np.full((j, perioden), np.nan),
        "einmalig": np.zeros((j, perioden)),
        "fremd": np.full((j, perioden), np.nan),
    }
    return Reihe(name, gruppe, np.asarray(jahre), **(parts | teile))  # type: ignore[arg-type]


def bekannt(reihe: Reihe, jahr: int, periode: int, **extra: object) -> Kenntnis:
    """Return what was known of *reihe* at the end of *periode* of *jahr*, and nothing later."""
    j = int(jahr - reihe.jahre[0])
    frueher = reihe.jahre[:j]
    einmal = reihe.einmalig
    ergebnisse = (reihe.ergebnisse(jahr, periode) - reihe.einmaliges(jahr, periode))[:j]
    letzter_bruch = max((b for b in reihe.brueche if b <= jahr), default=None)
    taugt = ~np.isin(frueher, sorted(reihe.sonderjahre))
    if letzter_bruch is not None:
        taugt &= frueher >= letzter_bruch
    budget = reihe.budget(periode)
    return Kenntnis(
        jahr=jahr,
        periode=periode,
        perioden=reihe.perioden,
        ist=float(reihe.ist[j, periode - 1] - einmal[j, periode - 1]),
        ansatz=float(budget[j]),
        plan=float(reihe.plan[j, periode - 1]),
        einmalig=float(einmal[j, periode - 1]),
        ergebnisse=ergebnisse,
        ist_frueher=reihe.ist[:j, periode - 1] - einmal[:j, periode - 1],
        ansatz_frueher=budget[:j],
        taugt=taugt,
        bruch_vor=bool(j and (letzter_bruch == jahr or not taugt[-1])),
        fluesse=_fluesse(reihe, j, periode),
        mengen=np.concatenate([reihe.menge[:j].ravel(), reihe.menge[j, :periode]]),
        frei=reihe.frei,
        extra=dict(extra),
    )


def _fluesse(reihe: Reihe, j: int, periode: int) -> Floats:
    """Return the amounts of each period, oldest first, ending with *periode* of year index *j*."""
    kumuliert = reihe.ist[: j + 1] - reihe.einmalig[: j + 1]
    einzeln = np.diff(kumuliert, axis=1, prepend=0.0)
    flach = einzeln.ravel()
    return flach[: j * reihe.perioden + periode]
