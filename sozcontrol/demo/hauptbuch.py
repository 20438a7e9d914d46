"""The ledger: what the Jugendamt hands over in Sammelbuchungen, and the other social products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sozcontrol.demo.produkte import PRODUKTE, konto_der_zahlung, produkt_der_hilfe
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zahlungen import Zahlung
from sozcontrol.demo.zeit import (
    HISTORIE_BIS,
    HISTORIE_VON,
    haushalt,
    monate,
    monatserster,
    werktag,
    zahllauf,
)

TAG = timedelta(days=1)


@dataclass
class Buchung:
    """One ledger row; ``betrag`` in cents, positive in the direction of its account."""

    haushaltsjahr: int
    periode: int
    buchung_am: date
    leistungsmonat: date | None
    produkt: str
    konto: str
    betrag: int
    text: str
    herkunft: str
    kostenstelle: str
    storno_von: Buchung | None = None
    beleg_nr: str = ""
    pos: int = 1

    @property
    def produkt_lokal(self) -> str:
        """Local product number in force in the Haushaltsjahr."""
        return PRODUKTE[self.produkt].nummer(self.haushaltsjahr)


@dataclass(frozen=True)
class Strom:
    """One recurring flow of money: ``basis`` euro in 2020, growth a year, its year's shape.

    ``rhythmus`` monat or quartal; ``lags`` the shares booked so many months later.
    """

    produkt: str
    konto: str
    basis: int
    wachstum: float
    saison: str = "gleich"
    rhythmus: str = "monat"
    lags: tuple[tuple[int, float], ...] = ((0, 0.86), (1, 0.11), (3, 0.03))
    brueche: tuple[tuple[date, float], ...] = ()


VORAB = ((-1, 0.93), (1, 0.05), (2, 0.02))
SPAET = ((1, 0.55), (2, 0.28), (3, 0.10), (5, 0.07))
SEHR_SPAET = ((2, 0.5), (4, 0.35), (7, 0.15))
UKRAINE, BUERGERGELD, ASYLBLG_36 = date(2022, 4, 1), date(2023, 1, 1), date(2024, 4, 1)

STROEME = (
    Strom("hlu", "551100", 2_700_000, 0.04, "winter", lags=VORAB, brueche=((BUERGERGELD, 1.09),)),
    Strom("hlu", "421200", 240_000, 0.02, rhythmus="quartal", lags=SPAET),
    Strom("hzp", "551200", 7_900_000, 0.05, lags=SPAET, brueche=((date(2022, 1, 1), 0.88),)),
    Strom("hzp", "551100", 850_000, 0.04, lags=SPAET),
    Strom("hzp", "421100", 620_000, -0.02),
    Strom("hzg", "551100", 1_500_000, 0.03, rhythmus="quartal", lags=SEHR_SPAET),
    Strom("lage", "551100", 460_000, 0.03, "winter"),
    Strom("grusi", "551100", 12_600_000, 0.055, "winter", lags=VORAB, brueche=((UKRAINE, 1.04),)),
    Strom("grusi", "422100", 12_500_000, 0.055, rhythmus="quartal", lags=((1, 0.7), (2, 0.3))),
    Strom("asyl3", "552100", 2_900_000, -0.01, "winter", lags=VORAB,
          brueche=((UKRAINE, 1.9), (date(2022, 7, 1), 0.6), (ASYLBLG_36, 1.3))),
    Strom("asyl2", "552100", 3_300_000, 0.03, "winter", lags=VORAB, brueche=((ASYLBLG_36, 0.8),)),
    Strom("asyl2", "422100", 4_100_000, 0.03, rhythmus="quartal", lags=SEHR_SPAET),
    Strom("arbeit", "553100", 8_300_000, 0.03, lags=SPAET),
    Strom("bildung", "553100", 4_700_000, 0.08, "schule", lags=SPAET),
    Strom("teilhabe", "553100", 20_500_000, 0.045, lags=SPAET, brueche=((date(2023, 7, 1), 1.05),)),
    Strom("teilhabe", "422100", 10_200_000, 0.045, rhythmus="quartal", lags=SEHR_SPAET),
    Strom("uvg", "556100", 5_300_000, 0.04, lags=VORAB),
    Strom("uvg", "422100", 3_700_000, 0.04, lags=((1, 1.0),)),
    Strom("uvg", "423100", 820_000, 0.03),
    Strom("but", "558100", 1_450_000, 0.06, "einschulung", brueche=((BUERGERGELD, 1.25),)),
    Strom("blind", "558200", 880_000, -0.01, lags=VORAB),
    Strom("ktp", "557100", 3_600_000, 0.03, "schule", lags=VORAB),
    Strom("ktp", "414100", 900_000, 0.02, rhythmus="quartal"),
    Strom("kita", "541900", 29_500_000, 0.05, lags=((0, 0.95), (2, 0.05)),
          brueche=((date(2021, 7, 1), 1.04),)),
    Strom("kita", "557100", 1_100_000, 0.02),
    Strom("kita", "524100", 980_000, 0.04, "winter"),
    Strom("kita", "414100", 15_800_000, 0.05, rhythmus="quartal", lags=((0, 1.0),)),
    Strom("kita", "432100", 1_300_000, 0.01),
)  # fmt: skip

SAISON = {
    "gleich": (1.0,) * 12,
    "winter": (1.12, 1.10, 1.04, 0.98, 0.94, 0.92, 0.91, 0.92, 0.95, 1.0, 1.04, 1.08),
    "schule": (1.06, 1.06, 1.08, 0.90, 1.04, 1.02, 0.82, 0.62, 1.12, 1.02, 1.16, 1.10),
    "einschulung": (0.75, 1.75, 0.80, 0.85, 0.95, 0.90, 0.70, 2.20, 0.95, 0.80, 0.75, 0.60),
}


class Kasse:
    """Books everything; use :func:`buchungen`."""

    def __init__(self, seed: int) -> None:
        self.w, self.seed = Wuerfel(seed, "finanzen"), seed
        self.liste: list[Buchung] = []

    def sammelbuchungen(self, zahlungen: list[Zahlung]) -> None:
        """Sum the payments of one run by product, account and service month."""
        summen: dict[tuple[date, str, str, date, int, int], int] = {}
        for z in zahlungen:
            jahr, periode, fremd = haushalt(z.monat, z.buchung_am)
            konto = konto_der_zahlung(z.hilfe, z.art, fremd)
            key = (z.buchung_am, produkt_der_hilfe(z.hilfe), konto, z.monat, jahr, periode)
            summen[key] = summen.get(key, 0) + z.betrag
        for (am, produkt, konto, monat, jahr, periode), betrag in sorted(summen.items()):
            if betrag:
                self.liste.append(
                    Buchung(jahr, periode, am, monat, produkt, konto, betrag,
                            "Sammelbuchung WJH", "fachverfahren", "5110")
                )  # fmt: skip

    def strom(self, strom: Strom) -> None:
        """Book one flow for all months of the history."""
        for monat in monate(HISTORIE_VON, HISTORIE_BIS):
            if strom.rhythmus == "quartal" and monat.month % 3:
                continue
            betrag = self._monatsbetrag(strom, monat) * (3 if strom.rhythmus == "quartal" else 1)
            rest = betrag
            for nummer, (lag, anteil) in enumerate(strom.lags):
                letzter = nummer == len(strom.lags) - 1
                teil = rest if letzter else round(betrag * anteil * self.w.spanne(0.96, 1.04))
                rest -= teil
                self._buche(strom, monat, zahllauf(monatserster(monat, lag), lag <= 0), teil)

    def _monatsbetrag(self, strom: Strom, monat: date) -> int:
        jahre = (monat - HISTORIE_VON).days / 365.25
        wert = strom.basis * 100 / 12 * (1 + strom.wachstum) ** jahre
        for ab, faktor in strom.brueche:
            wert *= faktor if monat >= ab else 1.0
        saison = SAISON[strom.saison][monat.month - 1]
        return round(wert * saison * (1 + 0.025 * self.w.normal()))

    def _buche(self, strom: Strom, monat: date, am: date, betrag: int) -> None:
        jahr, periode, fremd = haushalt(monat, am)
        konto = strom.konto
        if fremd and konto[:2] in {"42", "55"}:
            konto = "429900" if konto.startswith("42") else "559900"
        kostenstelle = "5120" if strom.produkt in {"kita", "ktp"} else "5010"
        buchung = Buchung(jahr, periode, am, monat, strom.produkt, konto, betrag,
                          "Zahlbarmachung", "fachverfahren", kostenstelle)  # fmt: skip
        self.liste.append(buchung)
        if self.w.ja(0.008):
            self._storno(buchung)

    def _storno(self, alt: Buchung) -> None:
        """Reverse a booking by hand some weeks later, and book the corrected amount."""
        am = werktag(alt.buchung_am + TAG * self.w.ganz(5, 70))
        jahr, periode, _ = haushalt(alt.leistungsmonat or alt.buchung_am, am)
        if jahr != alt.haushaltsjahr:
            return
        neu = {**vars(alt), "buchung_am": am, "periode": periode, "herkunft": "manuell"}
        storno = {"betrag": -alt.betrag, "text": "Storno", "storno_von": alt}
        self.liste.append(Buchung(**{**neu, **storno}))
        betrag = round(alt.betrag * self.w.spanne(0.9, 1.03))
        self.liste.append(Buchung(**{**neu, "betrag": betrag, "text": "Neubuchung nach Storno"}))

    def umbuchungen(self) -> None:
        """Move money between products by hand: one negative and one positive row."""
        paare = (("hlu", "grusi", "551100"), ("arbeit", "teilhabe", "553100"),
                 ("asyl3", "asyl2", "552100"), ("teilhabe", "bildung", "553100"))  # fmt: skip
        for jahr in range(HISTORIE_VON.year, HISTORIE_BIS.year + 1):
            for von, nach, konto in paare:
                am = werktag(date(jahr, self.w.ganz(3, 11), self.w.ganz(1, 28)))
                betrag = self.w.ganz(400_000, 6_000_000)
                for produkt, vorzeichen in ((von, -1), (nach, 1)):
                    self.liste.append(
                        Buchung(jahr, am.month, am, monatserster(am, -1) if am.month > 1 else None,
                                produkt, konto, vorzeichen * betrag, f"Umbuchung {von}/{nach}",
                                "manuell", "5010")
                    )  # fmt: skip

    def vorauszahlungen(self) -> None:
        """Book in the last December what is due in the January after it."""
        self.w = Wuerfel(self.seed, "vorauszahlungen")
        for strom in STROEME:
            lag, anteil = strom.lags[0]
            monat = monatserster(HISTORIE_BIS, -lag)
            if lag < 0:
                teil = round(self._monatsbetrag(strom, monat) * anteil)
                self._buche(strom, monat, zahllauf(monatserster(HISTORIE_BIS), True), teil)


def _nummeriere(liste: list[Buchung]) -> list[Buchung]:
    """Number the Belege in the order of booking: one a run and product, one a manual booking."""
    belege: dict[tuple[object, ...], list[int]] = {}
    # The sort is stable: equal keys keep the order in which they were booked.
    sortiert = sorted(liste, key=lambda b: (b.buchung_am, b.produkt, b.konto, b.herkunft))
    for i, b in enumerate(sortiert):
        einzeln = b.text != "Sammelbuchung WJH"
        key = (b.buchung_am, b.produkt, i if einzeln else None)
        nummer, pos = belege.setdefault(key, [len(belege) + 1, 0])
        belege[key][1] = b.pos = pos + 1
        b.beleg_nr = f"51{nummer:08d}"
    return sortiert


def buchungen(seed: int, zahlungen: list[Zahlung]) -> list[Buchung]:
    """Return the whole ledger in the order of booking."""
    kasse = Kasse(seed)
    kasse.sammelbuchungen(zahlungen)
    for strom in STROEME:
        kasse.strom(strom)
    kasse.umbuchungen()
    kasse.vorauszahlungen()
    return _nummeriere(kasse.liste)
