"""Asylum benefits, and education and participation of children, a month: both follow the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from sozcontrol.demo.hauptbuch import Buchung
from sozcontrol.demo.kanonisch import Asylzeile, Butkinderzeile, Butzeile, Quartalzeile
from sozcontrol.demo.produkte import ist_aufwand
from sozcontrol.demo.unterhaltsvorschuss import aufgeteilt
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate, monatsletzter

GRUNDLAGEN = {"p3": ("asyl3", "LB18"), "p2": ("asyl2", "LB19")}
"""Legal basis: its product, and the Leistungsbereich whose stock it is at the end of a quarter."""
UNTERKUNFT, KRANKEN = 0.36, 0.21
ARTEN = {
    "ausfluege": 0.14, "schulbedarf": 0.22, "befoerderung": 0.13, "lernfoerderung": 0.10,
    "mittagessen": 0.29, "teilhabe": 0.12,
}  # fmt: skip
"""What is approved, as shares of all approvals."""
KREISE = {"BKGG": (5200, 0.60), "SGB12": (64, 0.45), "AsylbLG": (240, 0.72), "SGB2": (3900, 0.58)}
"""Children with a claim, and how many of them get anything; the Jobcenter reports the last."""
BEWILLIGT, DAUER = 0.86, 24
"""Planted: the share of applications that is approved, and the mean days they take."""


def bestand_am_monatsende(leistungen: Iterable[Quartalzeile], lb: str) -> dict[date, int]:
    """Return the stock of a Leistungsbereich at every month end: between two quarters a line."""
    enden = {q["quartal"]: q for q in leistungen if q["lb"] == lb}
    found: dict[date, int] = {}
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        quartal = enden[monatsletzter(date(monat.year, (monat.month + 2) // 3 * 3, 1))]
        anfang, ende = quartal["bestand_anfang"] or 0, quartal["bestand_ende"] or 0
        schritt = (monat.month - 1) % 3 + 1
        found[monat] = anfang + round((ende - anfang) * schritt / 3)
    return found


def monatsbetraege(buchungen: Iterable[Buchung]) -> Counter[tuple[str, bool, date]]:
    """Return cents by product, side and month of service."""
    summen: Counter[tuple[str, bool, date]] = Counter()
    for b in buchungen:
        monat = b.leistungsmonat or b.buchung_am.replace(day=1)
        summen[b.produkt, ist_aufwand(b.konto), monat] += b.betrag
    return summen


def asyl_monate(
    seed: int, buchungen: Sequence[Buchung], leistungen: Sequence[Quartalzeile]
) -> list[Asylzeile]:
    """Return all months: people as the quarters say, money as the ledger does."""
    geld, w = monatsbetraege(buchungen), Wuerfel(seed, "asyl")
    bestand = {g: bestand_am_monatsende(leistungen, lb) for g, (_, lb) in GRUNDLAGEN.items()}
    zeilen: list[Asylzeile] = []
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        aufwand = [geld[p, True, monat] for p, _ in GRUNDLAGEN.values()]
        # The Land pays by heads; the ledger holds it in one product.
        koepfe = [bestand[g][monat] for g in GRUNDLAGEN]
        erstattet = aufgeteilt(sum(geld[p, False, monat] for p, _ in GRUNDLAGEN.values()), koepfe)
        for i, grundlage in enumerate(GRUNDLAGEN):
            zeilen.append({
                "monat": monat, "leistungsgrundlage": grundlage, "leistungsberechtigte": koepfe[i],
                "aufwand_eur": _eur(aufwand[i]),
                "unterkunft_eur": _eur(round(aufwand[i] * UNTERKUNFT * w.spanne(0.96, 1.04))),
                "kranken_eur": _eur(round(aufwand[i] * KRANKEN * w.spanne(0.9, 1.1))),
                "erstattung_eur": _eur(erstattet[i]),
            })  # fmt: skip
    return zeilen


def _eur(cent: int) -> Decimal:
    return Decimal(cent).scaleb(-2)


def but_berechtigte(seed: int, leistungen: Sequence[Quartalzeile]) -> list[Butkinderzeile]:
    """Return children with a claim and with a benefit; those of § 6b BKGG are the stock of LB20."""
    w, bkgg = Wuerfel(seed, "but/berechtigte"), bestand_am_monatsende(leistungen, "LB20")
    zeilen: list[Butkinderzeile] = []
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        jahre = (monat - HISTORIE_VON).days / 365.25
        for kreis, (kinder, anteil) in KREISE.items():
            berechtigt = round(kinder * (1 + 0.02 * jahre) * w.spanne(0.98, 1.02))
            mit = round(berechtigt * anteil * w.spanne(0.96, 1.04))
            mit = bkgg[monat] if kreis == "BKGG" else mit
            zeilen.append({
                "monat": monat, "but_kreis": kreis, "berechtigte": berechtigt, "mit_leistung": mit,
            })  # fmt: skip
    return zeilen


def but_leistungen(
    seed: int, buchungen: Sequence[Buchung], kinder: Sequence[Butkinderzeile]
) -> list[Butzeile]:
    """Return what the city decides and pays; of § 6b BKGG to the cent of the ledger."""
    geld, w = monatsbetraege(buchungen), Wuerfel(seed, "but/leistungen")
    zeilen: list[Butzeile] = []
    for stand in kinder:
        monat, kreis = stand["monat"], stand["but_kreis"]
        if kreis == "SGB2":
            continue
        betrag = geld["but", True, monat] if kreis == "BKGG" else stand["mit_leistung"] * 5500
        anteile = [a * w.spanne(0.85, 1.15) for a in ARTEN.values()]
        for art, anteil, cent in zip(ARTEN, anteile, aufgeteilt(betrag, anteile), strict=True):
            bewilligt = round(stand["mit_leistung"] * anteil * w.spanne(0.15, 0.25))
            abgelehnt = round(bewilligt * (1 / BEWILLIGT - 1) * w.spanne(0.8, 1.2))
            zeilen.append({
                "monat": monat, "but_kreis": kreis, "but_art": art,
                "antraege": bewilligt + abgelehnt + w.ganz(0, 3), "bewilligt": bewilligt,
                "abgelehnt": abgelehnt,
                "dauer_tage": round((bewilligt + abgelehnt) * DAUER * w.spanne(0.85, 1.15)),
                "ausgaben_eur": _eur(cent),
            })  # fmt: skip
    return zeilen
