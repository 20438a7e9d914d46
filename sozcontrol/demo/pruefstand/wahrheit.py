"""What the reports must say: figures counted over the generator's own objects by plain loops.

Nothing here uses ``sozcontrol.measures``; it is the second, independent way to the same numbers.
Running on t: ``beginn ≤ t`` and (no end known or ``ende > t``). Begun in (a, b]:
``a < beginn ≤ b``. Ended in (a, b]: ``a < ende ≤ b``. Age: completed years on the Stichtag, the
birthday reached with its month (only the month of birth is stored). Money is Decimal euro.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sozcontrol.demo.akten import Hilfe
from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME, STADT_ID
from sozcontrol.demo.faelle import ist_rueckfuehrung
from sozcontrol.demo.produkte import KONTEN, PRODUKTE, TEILHAUSHALT_JE_GRUPPE
from sozcontrol.demo.stadt import Stadt, cent, pruefe_stichtag
from sozcontrol.demo.zeit import monate, monatsletzter

INSGESAMT = "insgesamt"
UNBEKANNT = "unbekannt"
KEINE_HZE = frozenset({"19", "20", "42"})
DIMENSIONEN = ("hilfeart", "segment", "paragraph", "sozialraum", "altersgruppe", "geschlecht")
ALTERSGRUPPEN = ((21, "21+"), (18, "18–20"), (12, "12–17"), (6, "6–11"), (0, "0–5"))

_RAUM = {r.id: r.name for r in SOZIALRAEUME}
Bekannt = tuple[Hilfe, date | None]
Je = dict[str, dict[str, int]]
"""Dimension → value → count; dimension ``insgesamt`` has the one value ``insgesamt``."""


@dataclass(frozen=True)
class Faelle:
    """Counts of a set of Hilfen; ``quartal`` is the quarter that holds the Stichtag, up to it."""

    bestand: Je
    begonnen_jahr: Je
    beendet_jahr: Je
    begonnen_quartal: Je
    beendet_quartal: Je
    jahresfallzahl: Je
    belegte_tage: Je
    durchschnitt: Fraction
    """Mean of the month-end stocks of the year up to the Stichtag (only complete months)."""


@dataclass(frozen=True)
class Geld:
    """Decimal euro: Brutto and Ertrag of the year up to the Stichtag."""

    brutto: dict[str, Decimal]
    ertrag: dict[str, Decimal]


@dataclass(frozen=True)
class Wahrheit:
    """The planted figures of one Stichtag as known at one Datenstand.

    ``hze`` counts help for upbringing (all but §§ 19, 20, 42), ``alle`` every Hilfe. Money by
    Hilfeart comes from the payments (by service month, and by booking date), money by
    ``produktgruppe`` from the ledger: ``ansatz`` as amended and in force on the Stichtag
    (without Sperren), ``ist_haushaltsjahr`` of the Haushaltsjahr booked by the Stichtag,
    ``ist_buchungsdatum`` of any Haushaltsjahr booked since 1 January. All three hold only
    accounts of soziale Sicherung; keys are (produktgruppe, konto_art).
    """

    stichtag: date
    datenstand: date
    alle: Faelle
    hze: Faelle
    nach_leistungsmonat: Geld
    nach_buchungsdatum: Geld
    ansatz: dict[tuple[str, str], Decimal]
    ist_haushaltsjahr: dict[tuple[str, str], Decimal]
    ist_buchungsdatum: dict[tuple[str, str], Decimal]
    ansatz_netto: dict[str, Decimal]
    """By Teilhaushalt, all accounts: amended budget of expenses minus income."""
    ist_netto: dict[str, Decimal]
    einwohner: int
    einwohner_u21: int
    einwohner_u21_je_sozialraum: dict[str, int]
    anteile: dict[str, Fraction | None] = field(default_factory=dict)
    """H10 ambulant, H11 teilstationär und stationär, H13 Vollzeitpflege; shares 0–1, exact."""
    rueckgefuehrt: int = 0
    """Children brought back to their parents 24 to 12 months before the Stichtag (H26)."""
    wiedergekehrt: int = 0
    """Of these: in foster or residential care again within 365 days."""


def zaehle(stadt: Stadt, stichtag: date, datenstand: date | None = None) -> Wahrheit:
    """Return the planted figures of one Stichtag as known at *datenstand*, by plain loops."""
    datenstand = pruefe_stichtag(stichtag, datenstand)
    alle = list(stadt.hilfen_bekannt(datenstand))
    hze = [(h, e) for h, e in alle if h.hilfeart not in KEINE_HZE]
    gezaehlt = _faelle(hze, stichtag)
    u21 = _einwohner(stadt, stichtag, 21)
    zurueck = _rueckgefuehrt(hze, stichtag)
    return Wahrheit(
        stichtag=stichtag,
        datenstand=datenstand,
        alle=_faelle(alle, stichtag),
        hze=gezaehlt,
        nach_leistungsmonat=_geld(stadt, stichtag, datenstand, "leistungsmonat"),
        nach_buchungsdatum=_geld(stadt, stichtag, datenstand, "buchung_am"),
        ansatz=_ansatz(stadt, stichtag, datenstand),
        ist_haushaltsjahr=_ist(stadt, stichtag, datenstand, haushaltsjahr=True),
        ist_buchungsdatum=_ist(stadt, stichtag, datenstand, haushaltsjahr=False),
        ansatz_netto=_ansatz_netto(stadt, stichtag, datenstand),
        ist_netto=_ist_netto(stadt, stichtag, datenstand),
        einwohner=_einwohner(stadt, stichtag, 111)[STADT_ID],
        einwohner_u21=u21[STADT_ID],
        einwohner_u21_je_sozialraum={_RAUM[r]: n for r, n in u21.items() if r != STADT_ID},
        anteile=_anteile(gezaehlt.bestand),
        rueckgefuehrt=len(zurueck),
        wiedergekehrt=sum(_kehrt_wieder(h, e, hze) for h, e in zurueck),
    )


def altersgruppe(hilfe: Hilfe, tag: date) -> str:
    """Return the age group of the KJH-Statistik on *tag*."""
    geburt = hilfe.person.geburt
    alter = ((tag.year - geburt.year) * 12 + tag.month - geburt.month) // 12
    return next(name for ab, name in ALTERSGRUPPEN if alter >= ab)


def _werte(hilfe: Hilfe, stichtag: date) -> dict[str, str]:
    return {
        INSGESAMT: INSGESAMT,
        "hilfeart": hilfe.hilfeart,
        "segment": hilfe.art.segment,
        "paragraph": hilfe.paragraph,
        "sozialraum": _RAUM.get(hilfe.person.sozialraum or "", UNBEKANNT),
        "altersgruppe": altersgruppe(hilfe, stichtag),
        "geschlecht": hilfe.person.geschlecht,
    }


def _je(paare: Iterable[tuple[Hilfe, int]], stichtag: date) -> Je:
    zaehler: dict[str, Counter[str]] = {d: Counter() for d in (INSGESAMT, *DIMENSIONEN)}
    for hilfe, anzahl in paare:
        for dimension, wert in _werte(hilfe, stichtag).items():
            zaehler[dimension][wert] += anzahl
    zaehler[INSGESAMT][INSGESAMT] += 0
    return {d: dict(sorted(c.items())) for d, c in zaehler.items()}


def laeuft(hilfe: Hilfe, ende: date | None, tag: date) -> bool:
    """Return whether the Hilfe is running on *tag*."""
    return hilfe.beginn <= tag and (ende is None or ende > tag)


def _tage(hilfe: Hilfe, ende: date | None, von: date, bis: date) -> int:
    """Return the occupied days in [von, bis]; the last day of service counts."""
    letzter = min(ende, bis) if ende else bis
    return max(0, (letzter - max(hilfe.beginn, von)).days + 1)


def _faelle(bekannt: list[Bekannt], stichtag: date) -> Faelle:
    vorjahr = date(stichtag.year - 1, 12, 31)
    quartal = date(stichtag.year, (stichtag.month - 1) // 3 * 3 + 1, 1) - timedelta(days=1)

    def begonnen(seit: date) -> Je:
        return _je(((h, 1) for h, _ in bekannt if seit < h.beginn <= stichtag), stichtag)

    def beendet(seit: date) -> Je:
        return _je(((h, 1) for h, e in bekannt if e and seit < e <= stichtag), stichtag)

    def im_jahr(h: Hilfe, e: date | None) -> bool:
        return laeuft(h, e, stichtag) or (e is not None and vorjahr < e <= stichtag)

    enden = [monatsletzter(m) for m in monate(vorjahr + timedelta(days=1), stichtag)]
    enden = [tag for tag in enden if tag <= stichtag]
    staende = [sum(laeuft(h, e, tag) for h, e in bekannt) for tag in enden]
    neujahr = vorjahr + timedelta(days=1)
    return Faelle(
        bestand=_je(((h, 1) for h, e in bekannt if laeuft(h, e, stichtag)), stichtag),
        begonnen_jahr=begonnen(vorjahr),
        beendet_jahr=beendet(vorjahr),
        begonnen_quartal=begonnen(quartal),
        beendet_quartal=beendet(quartal),
        jahresfallzahl=_je(((h, 1) for h, e in bekannt if im_jahr(h, e)), stichtag),
        belegte_tage=_je(((h, _tage(h, e, neujahr, stichtag)) for h, e in bekannt), stichtag),
        durchschnitt=Fraction(sum(staende), max(len(staende), 1)),
    )


def _geld(stadt: Stadt, stichtag: date, datenstand: date, nach: str) -> Geld:
    """Sum payments by Hilfeart for the year up to the Stichtag, on one of two time axes."""
    von = date(stichtag.year, 1, 1)
    brutto: Counter[str] = Counter()
    ertrag: Counter[str] = Counter()
    for z in stadt.zahlungen:
        tag = z.monat if nach == "leistungsmonat" else z.buchung_am
        if z.buchung_am <= datenstand and von <= tag <= stichtag:
            topf = brutto if z.art in {"leistung", "storno"} else ertrag
            topf[z.hilfe.hilfeart] += z.betrag
            topf[INSGESAMT] += z.betrag
    return Geld(*({k: cent(v) for k, v in sorted(t.items())} for t in (brutto, ertrag)))


def _ist(
    stadt: Stadt, stichtag: date, datenstand: date, *, haushaltsjahr: bool
) -> dict[tuple[str, str], Decimal]:
    summen: Counter[tuple[str, str]] = Counter()
    for b in stadt.buchungen:
        _, art, sozial = KONTEN[b.konto]
        jahr = b.haushaltsjahr if haushaltsjahr else b.buchung_am.year
        if sozial and jahr == stichtag.year and b.buchung_am <= min(stichtag, datenstand):
            summen[PRODUKTE[b.produkt].gruppe, art] += b.betrag
    return {k: cent(v) for k, v in sorted(summen.items())}


def _ansatz(stadt: Stadt, stichtag: date, datenstand: date) -> dict[tuple[str, str], Decimal]:
    gruppe = {p.nummer(stichtag.year): p.gruppe for p in PRODUKTE.values()}
    summen: Counter[tuple[str, str]] = Counter()
    for z in stadt.budget:
        _, art, sozial = KONTEN[z.konto]
        gilt = z.jahr == stichtag.year and z.wirksam_ab <= stichtag and z.bekannt_ab <= datenstand
        if sozial and gilt and z.art != "sperre":
            summen[gruppe[z.produkt], art] += z.betrag
    return {k: cent(v) for k, v in sorted(summen.items())}


def _ist_netto(stadt: Stadt, stichtag: date, datenstand: date) -> dict[str, Decimal]:
    summen: Counter[str] = Counter()
    for b in stadt.buchungen:
        if b.haushaltsjahr == stichtag.year and b.buchung_am <= min(stichtag, datenstand):
            zeichen = 1 if KONTEN[b.konto][1] == "aufwand" else -1
            summen[TEILHAUSHALT_JE_GRUPPE[PRODUKTE[b.produkt].gruppe]] += zeichen * b.betrag
    return {k: cent(v) for k, v in sorted(summen.items())}


def _ansatz_netto(stadt: Stadt, stichtag: date, datenstand: date) -> dict[str, Decimal]:
    gruppe = {p.nummer(stichtag.year): p.gruppe for p in PRODUKTE.values()}
    summen: Counter[str] = Counter()
    for z in stadt.budget:
        gilt = z.jahr == stichtag.year and z.wirksam_ab <= stichtag and z.bekannt_ab <= datenstand
        if gilt and z.art != "sperre":
            zeichen = 1 if KONTEN[z.konto][1] == "aufwand" else -1
            summen[TEILHAUSHALT_JE_GRUPPE[gruppe[z.produkt]]] += zeichen * z.betrag
    return {k: cent(v) for k, v in sorted(summen.items())}


def _einwohner(stadt: Stadt, stichtag: date, unter: int) -> dict[str, int]:
    """Return the latest population up to the Stichtag by area, younger than *unter*."""
    stand = max(tag for tag, *_ in stadt.einwohner if tag <= stichtag)
    zahl: Counter[str] = Counter()
    for (tag, gebiet, alter, _), anzahl in stadt.einwohner.items():
        if tag == stand and alter < unter:
            zahl[gebiet] += anzahl
    return dict(zahl)


def _anteile(bestand: Je) -> dict[str, Fraction | None]:
    gesamt = bestand[INSGESAMT][INSGESAMT]
    segment, art = bestand["segment"], bestand["hilfeart"]
    pflege, heim = art.get("33", 0), art.get("34", 0)

    def quote(teil: int, ganzes: int) -> Fraction | None:
        return Fraction(teil, ganzes) if ganzes else None

    return {
        "H10": quote(segment.get("ambulant", 0), gesamt),
        "H11_teilstationaer": quote(segment.get("teilstationaer", 0), gesamt),
        "H11_stationaer": quote(segment.get("stationaer", 0), gesamt),
        "H13": quote(pflege, pflege + heim),
    }


def _rueckgefuehrt(bekannt: list[Bekannt], stichtag: date) -> list[tuple[Hilfe, date]]:
    jahre = [stichtag.year - 2, stichtag.year - 1]
    # The last day of a month stays one: 29.02. is the end of February two years ago, too.
    von, bis = (monatsletzter(stichtag.replace(day=1, year=j)) for j in jahre)
    if stichtag != monatsletzter(stichtag):
        von, bis = (stichtag.replace(year=j) for j in jahre)
    return [(h, e) for h, e in bekannt if ist_rueckfuehrung(h) and e and von < e <= bis]


def _kehrt_wieder(hilfe: Hilfe, ende: date, bekannt: list[Bekannt]) -> bool:
    return any(
        h is not hilfe
        and h.person is hilfe.person
        and h.hilfeart in {"33", "34"}
        and timedelta(0) <= h.beginn - ende <= timedelta(days=365)
        for h, _ in bekannt
    )


def bestand_am(stadt: Stadt, tag: date, datenstand: date) -> int:
    """Return how many Hilfen run on *tag* as known at *datenstand*."""
    return sum(laeuft(h, e, tag) for h, e in stadt.hilfen_bekannt(datenstand))
