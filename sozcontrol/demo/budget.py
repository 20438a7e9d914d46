"""The budget: what the council planned for each year, and every change with its date and paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sozcontrol.demo.hauptbuch import Buchung
from sozcontrol.demo.produkte import PRODUKTE, ist_aufwand
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON

TEURO = 100_000
"""Cents of a thousand euro: the plan is made in whole T€."""

# How far the Ansatz of the Jugendhilfe stays below the cost; nobody planned for the break of 2023.
_FEHLPLANUNG = {2020: -0.01, 2021: 0.01, 2022: 0.035, 2023: 0.075, 2024: 0.02, 2025: 0.05}


@dataclass(frozen=True)
class Budgetzeile:
    """One Ansatz or change; ``betrag`` in cents in the direction of the account."""

    jahr: int
    produkt: str
    konto: str
    art: str
    wirksam_ab: date
    betrag: int
    beschluss: str

    @property
    def bekannt_ab(self) -> date:
        """The council adopts a plan in December of the year before; changes show on their day."""
        return date(self.jahr - 1, 12, 1) if self.art == "ansatz" else self.wirksam_ab


def _ansaetze(seed: int, buchungen: list[Buchung]) -> list[Budgetzeile]:
    w = Wuerfel(seed, "ansatz")
    ist: dict[tuple[int, str, str], int] = {}
    gruppe: dict[str, str] = {}
    for b in buchungen:
        if b.konto not in {"559900", "429900"} and b.haushaltsjahr <= HISTORIE_BIS.year:
            key = (b.haushaltsjahr, b.produkt_lokal, b.konto)
            ist[key] = ist.get(key, 0) + b.betrag
            gruppe[b.produkt_lokal] = PRODUKTE[b.produkt].gruppe
    zeilen = []
    for (jahr, produkt, konto), betrag in sorted(ist.items()):
        fehl = _FEHLPLANUNG[jahr] if gruppe[produkt].startswith("363") else 0.004
        fehl = fehl if ist_aufwand(konto) else -fehl / 2
        plan = round(betrag * (1 - fehl + 0.022 * w.normal()) / TEURO) * TEURO
        zeilen.append(
            Budgetzeile(jahr, produkt, konto, "ansatz", date(jahr, 1, 1), max(plan, TEURO),
                        f"Haushaltssatzung {jahr}")
        )  # fmt: skip
    return zeilen + [_fortgeschrieben(z) for z in zeilen if z.jahr == HISTORIE_BIS.year]


def _fortgeschrieben(zeile: Budgetzeile) -> Budgetzeile:
    """Return the plan of the year after the history: late bookings of January need one."""
    jahr, betrag = zeile.jahr + 1, round(zeile.betrag * 1.03 / TEURO) * TEURO
    return Budgetzeile(jahr, zeile.produkt, zeile.konto, "ansatz", date(jahr, 1, 1), betrag,
                       f"Haushaltssatzung {jahr}")  # fmt: skip


# (jahr, art, day, product, account, T€, paper); reallocations always come in pairs.
_BESCHLUESSE: tuple[tuple[int, str, date, str, str, int, str], ...] = (
    (2020, "uebertragung", date(2020, 3, 15), "kita", "541900", 210, ""),
    (2020, "uepl", date(2020, 11, 19), "asyl3", "552100", 140, "BV/0412/2020"),
    (2021, "uebertragung", date(2021, 3, 15), "kita", "541900", 180, ""),
    (2021, "uepl", date(2021, 12, 9), "p34", "555200", 260, "BV/0517/2021"),
    (2022, "uebertragung", date(2022, 3, 15), "but", "558100", 45, ""),
    (2022, "nachtrag", date(2022, 9, 22), "asyl3", "552100", 900, "1. Nachtrag 2022"),
    (2022, "nachtrag", date(2022, 9, 22), "p34", "555200", 350, "1. Nachtrag 2022"),
    (2022, "apl", date(2022, 5, 12), "asyl2", "552100", 120, "BV/0233/2022"),
    (2023, "uebertragung", date(2023, 3, 15), "kita", "541900", 320, ""),
    (2023, "nachtrag", date(2023, 10, 12), "p34", "555200", 520, "1. Nachtrag 2023"),
    (2023, "nachtrag", date(2023, 10, 12), "p42", "555200", 180, "1. Nachtrag 2023"),
    (2023, "nachtrag", date(2023, 10, 12), "p34", "422100", 210, "1. Nachtrag 2023"),
    (2023, "uepl", date(2023, 12, 14), "p41s", "555200", 90, "BV/0688/2023"),
    (2024, "uebertragung", date(2024, 3, 15), "kita", "541900", 150, ""),
    (2024, "sperre", date(2024, 7, 1), "ktp", "557100", -250, "Verfügung 07/2024"),
    (2024, "uepl", date(2024, 11, 21), "p35aa", "555100", 130, "BV/0731/2024"),
    (2025, "uebertragung", date(2025, 3, 15), "kita", "541900", 240, ""),
    (2025, "uebertragung", date(2025, 3, 15), "p34", "555200", 85, ""),
    (2025, "nachtrag", date(2025, 5, 22), "p34", "555200", 400, "1. Nachtrag 2025"),
    (2025, "nachtrag", date(2025, 5, 22), "bildung", "553100", 300, "1. Nachtrag 2025"),
    (2025, "sperre", date(2025, 6, 2), "ktp", "557100", -180, "Verfügung 06/2025"),
    (2025, "uepl", date(2025, 9, 18), "p42", "555200", 110, "BV/0594/2025"),
)

_UMSCHICHTUNGEN = (
    (date(2020, 10, 1), "p31", "p34", "555100", "555200", 80),
    (date(2021, 9, 15), "hlu", "lage", "551100", "551100", 35),
    (date(2022, 4, 14), "arbeit", "bildung", "553100", "553100", 250),
    (date(2023, 4, 20), "p30", "p31", "555100", "555100", 60),
    (date(2024, 4, 18), "p29", "p32", "555100", "555200", 20),
    (date(2024, 10, 10), "ktp", "kita", "557100", "541900", 120),
    (date(2025, 4, 10), "p31", "p34", "555100", "555200", 150),
    (date(2025, 10, 9), "arbeit", "bildung", "553100", "553100", 180),
)


def _aenderungen() -> list[Budgetzeile]:
    zeilen = []
    for jahr, art, ab, produkt, konto, teuro, vorlage in _BESCHLUESSE:
        nummer = PRODUKTE[produkt].nummer(jahr)
        ref = vorlage or f"Übertragungsliste {jahr}"
        zeilen.append(Budgetzeile(jahr, nummer, konto, art, ab, teuro * TEURO, ref))
    for ab, von, nach, konto_von, konto_nach, teuro in _UMSCHICHTUNGEN:
        ref = f"Deckungskreis 51/{ab.year}"
        for produkt, konto, betrag in ((von, konto_von, -teuro), (nach, konto_nach, teuro)):
            nummer = PRODUKTE[produkt].nummer(ab.year)
            zeilen.append(
                Budgetzeile(ab.year, nummer, konto, "umschichtung", ab, betrag * TEURO, ref)
            )
    return zeilen


def budget(seed: int, buchungen: list[Buchung]) -> list[Budgetzeile]:
    """Return every budget row from 2020 on, by year, product, account and day."""
    zeilen = [z for z in _ansaetze(seed, buchungen) if z.jahr >= HISTORIE_VON.year]
    zeilen += _aenderungen()
    return sorted(zeilen, key=lambda z: (z.jahr, z.produkt, z.konto, z.wirksam_ab, z.art))
