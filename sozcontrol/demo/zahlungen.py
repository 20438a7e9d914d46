"""What the Wirtschaftliche Jugendhilfe pays: month by month, with lags, reversals and refunds.

Inside the generator money is whole cents and a quantity is ten-thousandths of its unit, so every
``menge × preis`` is exact before its one rounding (half up).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sozcontrol.demo import hilfearten as ha
from sozcontrol.demo.akten import Hilfe
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import (
    ENDE_EIGENER_BEITRAEGE,
    HISTORIE_BIS,
    HISTORIE_VON,
    monate,
    monatserster,
    monatsletzter,
    naechster_zahllauf,
    zahllauf,
)

ZEHNTAUSEND = 10_000
TAG = timedelta(days=1)


@dataclass
class Zahlung:
    """One row of the Zahlliste; ``betrag`` and ``preis`` in cents, ``menge`` in 1/10000 units."""

    hilfe: Hilfe
    von: date
    bis: date
    art: str
    buchung_am: date
    empfaenger: str
    menge: int
    einheit: str
    preis: int
    storno_von: Zahlung | None = None
    nummer: str = ""

    @property
    def monat(self) -> date:
        """Service month."""
        return monatserster(self.von)

    @property
    def betrag(self) -> int:
        """``menge × preis`` in cents, rounded half away from zero."""
        produkt = abs(self.menge) * self.preis
        cent = (2 * produkt + ZEHNTAUSEND) // (2 * ZEHNTAUSEND)
        return cent if self.menge >= 0 else -cent


def preis_am(hilfe: Hilfe, tag: date) -> int:
    """Return the price of one unit in cents on *tag* (provider, law and age considered)."""
    art = hilfe.art
    tafel = "pflegegeld" if art.hilfeart == "33" else art.segment
    grund = art.preis * ha.stand(ha.PREISTAFEL.get(tafel, ha.PREISTAFEL["stationaer"]), tag)
    if art.hilfeart == "33":
        alter = (tag - hilfe.person.geburt).days / 365.25
        return round(grund * (0.92 if alter < 6 else 1.02 if alter < 12 else 1.16))
    return round(grund * hilfe.erbringer.faktor)


class Zahlstelle:
    """Pays all Hilfen; use :func:`zahlungen`."""

    def __init__(self, seed: int) -> None:
        self.w = Wuerfel(seed, "zahlungen")
        self.liste: list[Zahlung] = []

    def hilfe(self, hilfe: Hilfe) -> None:
        """Write every payment of one Hilfe."""
        beitrag = hilfe.art.segment == "stationaer" and not hilfe.uma and self.w.ja(0.35)
        eigener = hilfe.hilfeart in {"34", "33", "35a"} and self.w.ja(0.30)
        fremde = not hilfe.uma and hilfe.hilfeart in {"33", "34"} and self.w.ja(0.09)
        quartal: list[Zahlung] = []
        for monat in monate(max(hilfe.beginn, HISTORIE_VON), min(hilfe.ende, HISTORIE_BIS)):
            zahlung = self._leistung(hilfe, monat)
            if zahlung is None:
                continue
            quartal.append(zahlung)
            if beitrag:
                self._beitrag(zahlung, 19_400 if monat.year < 2021 else 23_500)
            if eigener and monat < ENDE_EIGENER_BEITRAEGE and self._ist_15(hilfe, monat):
                self._beitrag(zahlung, 16_800)
            if monat.month % 3 == 0 and (hilfe.uma or fremde):
                self._erstattung(quartal)
            if monat.month % 3 == 0:
                quartal = []
        if quartal and (hilfe.uma or fremde):
            self._erstattung(quartal)
        if hilfe.hilfeart == "33":
            self._vorauszahlung(hilfe)
            self._ueberzahlung(hilfe)

    def _ist_15(self, hilfe: Hilfe, monat: date) -> bool:
        return (monat - hilfe.person.geburt).days >= 15 * 365.25

    def _leistung(self, hilfe: Hilfe, monat: date) -> Zahlung | None:
        von, bis = max(hilfe.beginn, monat), min(hilfe.ende, monatsletzter(monat))
        menge = self._menge(hilfe, von, bis)
        if menge == 0:
            return None
        zahlung = Zahlung(
            hilfe, von, bis, "leistung", self._buchung(hilfe, monat), self._empfaenger(hilfe),
            menge, hilfe.art.einheit, preis_am(hilfe, von),
        )  # fmt: skip
        self.liste.append(zahlung)
        if self.w.ja(0.014):
            self._berichtigung(zahlung)
        elif self.w.ja(0.00025):  # a double payment nobody has noticed yet
            self.liste.append(Zahlung(**{**vars(zahlung)}))
        return zahlung

    def _menge(self, hilfe: Hilfe, von: date, bis: date) -> int:
        tage, im_monat = (bis - von).days + 1, monatsletzter(von).day
        if hilfe.art.einheit == "Tag":
            return tage * ZEHNTAUSEND
        anteil = tage / im_monat
        if hilfe.art.einheit == "Monat":
            return round(anteil * ZEHNTAUSEND)
        saison = ha.MENGE_JE_MONAT[hilfe.art.saison][von.month - 1]
        monatlich = (hilfe.fls_monat or hilfe.art.menge) * saison * self.w.spanne(0.82, 1.1)
        return round(monatlich * anteil * 4) * ZEHNTAUSEND // 4

    def _empfaenger(self, hilfe: Hilfe) -> str:
        return "pflegefamilie" if hilfe.hilfeart == "33" else "traeger"

    def _buchung(self, hilfe: Hilfe, monat: date) -> date:
        """Return the booking run: foster care in advance, providers as slowly as they bill."""
        if hilfe.hilfeart == "33":
            lauf = zahllauf(monatserster(monat, -1), True)
        else:
            lag = self.w.gewichtet(ha.LAG_JE_TEMPO[hilfe.erbringer.tempo])
            lauf = zahllauf(monatserster(monat, lag), lag == 0 or self.w.ja(0.5))
        return max(lauf, naechster_zahllauf(hilfe.beginn_erfasst))

    def _spaeter(self, tag: date, von: int, bis: int) -> date:
        return zahllauf(monatserster(tag, self.w.ganz(von, bis)), self.w.ja(0.5))

    def _berichtigung(self, alt: Zahlung) -> None:
        """Reverse *alt* and pay again: another quantity, or the corrected price."""
        am = self._spaeter(alt.buchung_am, 1, 5)
        self._storno(alt, am)
        faktor = self.w.spanne(0.86, 1.06)
        neu = {"menge": round(alt.menge * 0.9), "preis": alt.preis}
        if alt.einheit == "Tag":
            neu = {"menge": alt.menge, "preis": round(alt.preis * faktor)}
        self.liste.append(Zahlung(**{**vars(alt), **neu, "buchung_am": am}))

    def _storno(self, alt: Zahlung, am: date) -> None:
        neu = {"menge": -alt.menge, "art": "storno", "buchung_am": am, "storno_von": alt}
        self.liste.append(Zahlung(**{**vars(alt), **neu}))

    def _beitrag(self, zahlung: Zahlung, cent: int) -> None:
        am = self._spaeter(zahlung.buchung_am, 0, 2)
        am = max(am, zahlung.buchung_am)
        tage = (zahlung.bis - zahlung.von).days + 1
        menge = round(ZEHNTAUSEND * tage / monatsletzter(zahlung.von).day)
        self.liste.append(
            Zahlung(zahlung.hilfe, zahlung.von, zahlung.bis, "kostenbeitrag", am, "privat",
                    menge, "Monat", cent)
        )  # fmt: skip

    def _erstattung(self, quartal: list[Zahlung]) -> None:
        """Book what another Jugendamt or the Land refunds for a quarter, months later."""
        letzte = quartal[-1]
        am = max(self._spaeter(letzte.von, 4, 13), max(z.buchung_am for z in quartal))
        cent = round(sum(z.betrag for z in quartal) * (0.98 if letzte.hilfe.uma else 0.9))
        self.liste.append(
            Zahlung(letzte.hilfe, letzte.von, letzte.bis, "erstattung", am, "kommune",
                    ZEHNTAUSEND, "Stueck", cent)
        )  # fmt: skip

    def _vorauszahlung(self, hilfe: Hilfe) -> None:
        """Pay in the last December for the January after it."""
        von = monatserster(HISTORIE_BIS, 1)
        bis = min(hilfe.ende, monatsletzter(von))
        if bis >= von:
            self.liste.append(
                Zahlung(hilfe, von, bis, "leistung", self._buchung(hilfe, von), "pflegefamilie",
                        self._menge(hilfe, von, bis), hilfe.art.einheit, preis_am(hilfe, von))
            )  # fmt: skip

    def _ueberzahlung(self, hilfe: Hilfe) -> None:
        """Foster care is paid in advance until somebody records the end: then it is reversed."""
        if hilfe.ende_erfasst == date.max or hilfe.ende >= HISTORIE_BIS - TAG * 40:
            return
        monat = monatserster(hilfe.ende, 1)
        lauf = zahllauf(monatserster(monat, -1), True)
        if monat < HISTORIE_VON or hilfe.ende_erfasst <= lauf or hilfe.beginn_erfasst > lauf:
            return
        zuviel = Zahlung(
            hilfe, monat, monatsletzter(monat), "leistung", lauf, "pflegefamilie",
            ZEHNTAUSEND, "Monat", preis_am(hilfe, monat),
        )  # fmt: skip
        self.liste.append(zuviel)
        self._storno(zuviel, naechster_zahllauf(hilfe.ende_erfasst + TAG))


def zahlungen(seed: int, hilfen: list[Hilfe]) -> list[Zahlung]:
    """Return all payments in the order they were booked, numbered in that order."""
    stelle = Zahlstelle(seed)
    for hilfe in hilfen:
        stelle.hilfe(hilfe)
    # The sort is stable: rows of one run and Hilfe stay in the order they were written.
    liste = sorted(stelle.liste, key=lambda z: (z.buchung_am, z.hilfe.nummer, z.von))
    for nummer, zahlung in enumerate(liste, start=1):
        zahlung.nummer = f"Z{nummer:08d}"
    return liste
