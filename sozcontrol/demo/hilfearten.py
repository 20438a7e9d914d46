"""What kinds of help Musterstadt grants: how often, how long, to whom, at which price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sozcontrol.demo.zeit import ENTGELTBRUCH

Tafel = tuple[tuple[date, float], ...]


@dataclass(frozen=True)
class Art:
    """One kind of help.

    ``zugang`` new cases a year (2020, before changes of help and returns), ``wachstum`` per year,
    ``dauer`` mean months, ``streuung`` sigma of the log-normal, ``alter`` years (lowest, typical,
    highest) at the begin, ``preis`` cents a unit in 2020, ``menge`` units a month (only FLS).
    """

    hilfeart: str
    segment: str
    zugang: float
    wachstum: float
    dauer: float
    streuung: float
    alter: tuple[float, float, float]
    einheit: str
    preis: int
    menge: float = 0.0
    saison: str = "schule"


ARTEN = (
    Art("28", "ambulant", 24, 0.01, 6, 0.5, (3, 9, 17.5), "Stueck", 9_400, 2.0),
    Art("27_2", "ambulant", 26, 0.03, 9, 0.6, (2, 10, 17.5), "FLS", 6_150, 19.0),
    Art("29", "ambulant", 26, 0.00, 9, 0.4, (7, 11, 15.5), "Monat", 46_500),
    Art("30", "ambulant", 44, 0.02, 11, 0.6, (9, 14.5, 17.8), "FLS", 6_300, 16.0),
    Art("31", "ambulant", 78, 0.02, 14, 0.6, (0, 6, 16.5), "FLS", 6_900, 25.0),
    Art("32", "teilstationaer", 16, 0.01, 20, 0.4, (6, 8.5, 12.5), "Tag", 10_400),
    Art("33", "stationaer", 12, 0.01, 62, 0.8, (0, 2.5, 15), "Monat", 104_000, saison="gleich"),
    Art("34", "stationaer", 15, 0.015, 26, 0.7, (3, 14, 17.6), "Tag", 20_600, saison="gleich"),
    Art("35", "ambulant", 4, 0.00, 10, 0.5, (14, 16, 17.8), "FLS", 6_700, 42.0, "gleich"),
    Art("35", "stationaer", 2, 0.00, 11, 0.5, (14, 16, 17.8), "Tag", 27_500, saison="gleich"),
    Art("35a", "ambulant", 28, 0.04, 26, 0.5, (6, 8, 15.5), "FLS", 2_980, 96.0),
    Art("35a", "teilstationaer", 3, 0.02, 20, 0.4, (6, 9, 13), "Tag", 9_600),
    Art("35a", "stationaer", 5, 0.05, 28, 0.6, (9, 14, 17.4), "Tag", 22_500, saison="gleich"),
    Art("19", "stationaer", 8, 0.02, 8, 0.5, (16.5, 20, 25.5), "Tag", 25_900, saison="gleich"),
    Art("20", "ambulant", 14, 0.00, 2.5, 0.5, (1, 5, 12), "FLS", 3_900, 48.0, "gleich"),
    Art("42", "stationaer", 62, 0.01, 1.2, 0.7, (0, 14, 17.8), "Tag", 25_500, saison="gleich"),
)

UMA_ION = Art("42", "stationaer", 0, 0, 1.6, 0.4, (14.5, 16.3, 17.6), "Tag", 21_500)
UMA_HEIM = Art("34", "stationaer", 0, 0, 24, 0.4, (14.5, 16.3, 17.6), "Tag", 18_900)

BEGINN_JE_MONAT = {
    # Months 1…12, mean 1. School-bound help begins after the summer holidays.
    "schule": (1.05, 1.10, 1.10, 0.95, 1.0, 0.80, 0.45, 0.95, 1.75, 1.20, 1.05, 0.60),
    "gleich": (1.0, 1.0, 1.05, 1.0, 1.05, 1.05, 0.95, 0.95, 1.0, 1.05, 1.0, 0.90),
}

MENGE_JE_MONAT = {
    # Hours delivered per month, relative: holidays shorten them.
    "schule": (1.0, 1.0, 1.05, 0.75, 1.0, 1.0, 0.55, 0.35, 1.1, 0.80, 1.1, 0.75),
    "gleich": (1.0, 1.0, 1.02, 0.98, 1.0, 1.0, 0.90, 0.88, 1.05, 1.0, 1.03, 0.92),
}

PREISTAFEL: dict[str, Tafel] = {
    "ambulant": (
        (date(2000, 1, 1), 1.0), (date(2021, 1, 1), 1.021), (date(2022, 1, 1), 1.045),
        (date(2023, 1, 1), 1.086), (date(2024, 1, 1), 1.139), (date(2025, 1, 1), 1.182),
    ),
    "stationaer": (
        (date(2000, 1, 1), 1.0), (date(2021, 1, 1), 1.022), (date(2022, 1, 1), 1.046),
        (ENTGELTBRUCH, 1.046 * 1.09), (date(2024, 9, 1), 1.046 * 1.09 * 1.034),
    ),
    "pflegegeld": (
        (date(2000, 1, 1), 1.0), (date(2021, 1, 1), 1.018), (date(2022, 1, 1), 1.037),
        (date(2023, 1, 1), 1.098), (date(2024, 1, 1), 1.174), (date(2025, 1, 1), 1.209),
    ),
}  # fmt: skip

UMA_JE_MONAT: Tafel = (
    (date(2000, 1, 1), 0.2), (date(2015, 9, 1), 4.0), (date(2016, 6, 1), 0.6),
    (date(2022, 10, 1), 2.6), (date(2024, 4, 1), 1.3), (date(2025, 1, 1), 0.8),
)  # fmt: skip


def stand(tafel: Tafel, tag: date) -> float:
    """Return the value of a dated table in force on *tag*."""
    return next(wert for ab, wert in reversed(tafel) if ab <= tag)


@dataclass(frozen=True)
class Erbringer:
    """One (invented) provider: price level and how slowly it bills."""

    id: str
    name: str
    faktor: float
    tempo: str
    ort: str


AMBULANTE = (
    Erbringer("A101", "Lebenswege Musterstadt gGmbH", 0.96, "prompt", "stadt"),
    Erbringer("A102", "Flexible Hilfen Eulenbruch e. V.", 1.02, "normal", "stadt"),
    Erbringer("A103", "Brückenbau Jugendhilfe gGmbH", 1.05, "langsam", "stadt"),
    Erbringer("A104", "Familienlotsen Süd GbR", 0.93, "normal", "stadt"),
    Erbringer("A105", "Werkstatt Erziehung e. V.", 1.00, "normal", "stadt"),
    Erbringer("A106", "Schulassistenz Probe gGmbH", 0.98, "langsam", "stadt"),
)
STATIONAERE = (
    Erbringer("S201", "Kinderhaus Sonnenfeld", 0.97, "prompt", "stadt"),
    Erbringer("S202", "Wohngruppen Lindenberg", 1.03, "normal", "stadt"),
    Erbringer("S203", "Jugendhof Steinäcker", 1.08, "normal", "stadt"),
    Erbringer("S204", "Heim Drei Eichen", 0.94, "prompt", "ausserhalb"),
    Erbringer("S205", "Therapeutische Wohngruppe Fernblick", 1.22, "langsam", "ausserhalb"),
    Erbringer("S206", "Jugendwohnen Mühlengrund", 0.91, "normal", "stadt"),
    Erbringer("S207", "Haus am Deich", 1.01, "normal", "ausserhalb"),
)
PFLEGEKINDERDIENST = Erbringer("P301", "Pflegekinderdienst der Stadt", 1.0, "prompt", "stadt")

LAG_JE_TEMPO: dict[str, dict[int, float]] = {
    # Months from service to booking.
    "prompt": {0: 0.30, 1: 0.58, 2: 0.08, 3: 0.03, 4: 0.01},
    "normal": {1: 0.58, 2: 0.24, 3: 0.09, 4: 0.04, 5: 0.03, 6: 0.02},
    "langsam": {1: 0.26, 2: 0.30, 3: 0.18, 4: 0.10, 5: 0.07, 6: 0.04, 7: 0.02, 8: 0.02, 9: 0.01},
}
