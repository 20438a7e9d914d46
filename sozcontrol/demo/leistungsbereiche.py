"""The twenty Leistungsbereiche a quarter: cases come and go, the ledger's money falls to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sozcontrol.demo.hauptbuch import Buchung
from sozcontrol.demo.kanonisch import Leistungsbereichzeile, Quartalzeile
from sozcontrol.demo.produkte import ist_aufwand
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import HISTORIE_BIS, HISTORIE_VON, monate, monatsletzter

WARTEZEIT = date(2024, 2, 27)
"""From here people wait 36 instead of 18 months in LB18 before they move to LB19."""
STROM = "LB10"

# lb | Abteilung | Zähleinheit | Rechtsgrundlage | name, literally
_BEREICHE = """
LB01|II |Leistungsberechtigte|§§ 41–46b SGB XII|Ambulante Grundsicherung
LB02|II |Leistungsberechtigte|§§ 27–40 SGB XII|Ambulante Hilfe zum Lebensunterhalt
LB03|II |Leistungsberechtigte|§§ 109–110 SGB IX|Medizinische Reha
LB04|II |Leistungsberechtigte|§ 111 SGB IX|Teilhabe am Arbeitsleben
LB05|II |Leistungsberechtigte|§ 112 SGB IX|Teilhabe an Bildung
LB06|II |Leistungsberechtigte|§§ 113–116 SGB IX, § 1 Abs. 1 AGSGB IX RLP|soziale Teilhabe, kommunaler Träger
LB07|II |Leistungsberechtigte|§§ 113–116 SGB IX, § 1 Abs. 2 AGSGB IX RLP|soziale Teilhabe, Land als Träger
LB08|II |Leistungsberechtigte|§§ 61–66a SGB XII|Hilfe zur Pflege, ambulant und stationär
LB09|II |Leistungsberechtigte|§§ 47–52 SGB XII, § 264 SGB V|Hilfe zur Gesundheit, ambulant
LB10|II |Entscheidungen|§ 74 SGB XII|Bestattungskosten-Fälle
LB11|II |Leistungsberechtigte|§ 70 SGB XII|§ 70 Hilfe zur Weiterführung des Haushaltes
LB12|II |Leistungsberechtigte|§§ 67–69 SGB XII|§ 67 Hilfe zur Überwindung besonderer sozialer Schwierigkeiten
LB13|III|Leistungsberechtigte|§ 2 AsylbLG mit SGB IX Teil 2, § 6 AsylbLG|Eingliederungshilfe i.R. des AsylbLG
LB14|III|Leistungsberechtigte|§§ 4, 6 AsylbLG|Hilfe zur Gesundheit
LB15|III|Leistungsberechtigte|LBlindenGG RLP|Landesblindengeld
LB16|III|Leistungsberechtigte|LPflGG RLP|Landespflegegeld
LB17|III|Leistungsberechtigte|§ 2 AsylbLG mit §§ 61–66a SGB XII, § 6 AsylbLG|Hilfe zur Pflege i.R. des AsylbLG
LB18|III|Leistungsberechtigte|§ 3 AsylbLG|Leistungsberechtigte nach § 3 AsylbLG
LB19|III|Leistungsberechtigte|§ 2 AsylbLG|Leistungsberechtigte nach § 2 AsylbLG ("Analogfälle")
LB20|III|Kinder|§ 6b BKGG mit § 28 SGB II|Leistungen zur Bildung und Teilhabe nach §6 BKGG
"""  # noqa: E501

# lb | product | place | Träger | first stock | share that leaves a quarter | growth a quarter |
# € a year | cases a VZÄ.
# Of LB10 each decision is paid once, so its cost stands as four quarters of it.
_TEILE = """
LB01|grusi   |ohne          |kommunal|1900|0.060|0.005|  8000|190
LB02|hlu     |ohne          |kommunal| 360|0.090|0.002|  9000|110
LB03|teilhabe|ohne          |land    |   3|0.200|0.000|  6000| 90
LB04|arbeit  |ohne          |land    | 520|0.030|0.002| 18000| 95
LB05|bildung |ohne          |kommunal| 290|0.070|0.011| 20000| 85
LB06|teilhabe|ohne          |kommunal| 170|0.060|0.010| 14000| 75
LB07|teilhabe|ohne          |land    | 880|0.025|0.005| 26000| 80
LB08|hzp     |ambulant      |kommunal| 105|0.080|0.004|  9000| 85
LB08|hzp     |teilstationaer|kommunal|  18|0.100|0.000|  8000| 85
LB08|hzp     |stationaer    |kommunal| 640|0.075|0.000| 14500|120
LB09|hzg     |ambulant      |kommunal| 260|0.080|0.002|  5000|160
LB10|lage    |ohne          |kommunal|  11|1.000|0.000| 10400| 60
LB11|lage    |ohne          |kommunal|   2|0.200|0.000|  5000| 90
LB12|lage    |ohne          |kommunal|  34|0.120|0.003| 11000| 70
LB13|asyl2   |ohne          |kommunal|   7|0.100|0.000| 16000| 75
LB14|hzg     |ohne          |kommunal|  45|0.140|0.002|  4200|160
LB15|blind   |ohne          |land    | 165|0.030|0.000|  4700|220
LB16|blind   |ohne          |land    |  26|0.040|0.000|  4600|220
LB17|asyl2   |ohne          |kommunal|   3|0.150|0.000|  9000| 85
LB18|asyl3   |ohne          |kommunal| 330|0.160|0.001| 11500|120
LB19|asyl2   |ohne          |kommunal| 320|0.090|0.001| 11500|130
LB20|but     |ohne          |kommunal|2700|0.110|0.009|   600|650
"""


@dataclass
class Teil:
    """One Leistungsbereich at one place and of one Träger: how it moves, and what it costs."""

    lb: str
    produkt: str
    ort: str
    traeger: str
    bestand: int
    abgang: float
    wachstum: float
    kosten: int
    je_vzae: int
    offen: int = 0

    def wandel(self, ende: date) -> float:
        """Growth a quarter: after the change of law LB18 fills and LB19 drains."""
        verschoben = {"LB18": 0.035, "LB19": -0.03}.get(self.lb, 0.0)
        return self.wachstum + (verschoben if ende >= WARTEZEIT else 0.0)


def leistungsbereiche() -> list[Leistungsbereichzeile]:
    """Return the master data."""
    zeilen: list[Leistungsbereichzeile] = []
    for zeile in _BEREICHE.strip().splitlines():
        lb, abteilung, einheit, recht, name = zeile.split("|")
        zeilen.append({
            "lb": lb, "lb_name": name, "rechtsgrundlage": recht, "abteilung": abteilung.strip(),
            "zaehleinheit": einheit, "zaehlweise": "strom" if lb == STROM else "bestand",
        })  # fmt: skip
    return zeilen


def leistungsquartale(seed: int, buchungen: Iterable[Buchung]) -> list[Quartalzeile]:
    """Return all quarters of the history, Leistungsbereich by Leistungsbereich."""
    geld, teile = _quartalsbetraege(buchungen), _teile()
    wuerfel = {(t.lb, t.ort): Wuerfel(seed, f"leistungsbereich/{t.lb}/{t.ort}") for t in teile}
    zeilen: list[Quartalzeile] = []
    for monat in monate(HISTORIE_VON, HISTORIE_BIS):
        if monat.month % 3 == 0:
            ende = monatsletzter(monat)
            neu = [(t, _quartal(wuerfel[t.lb, t.ort], t, ende)) for t in teile]
            _verteilt(neu, ende, geld)
            zeilen += [zeile for _, zeile in neu]
    return zeilen


def _teile() -> list[Teil]:
    found = []
    for zeile in _TEILE.strip().splitlines():
        lb, produkt, ort, traeger, *zahlen = (t.strip() for t in zeile.split("|"))
        bestand, abgang, wachstum, kosten, je_vzae = zahlen
        found.append(
            Teil(lb, produkt, ort, traeger, int(bestand), float(abgang), float(wachstum),
                 int(kosten), int(je_vzae))
        )  # fmt: skip
    return found


def _quartalsbetraege(buchungen: Iterable[Buchung]) -> Mapping[tuple[str, bool, date], int]:
    """Return cents by product, side and quarter of service."""
    summen: Counter[tuple[str, bool, date]] = Counter()
    for b in buchungen:
        monat = b.leistungsmonat or b.buchung_am.replace(day=1)
        ende = monatsletzter(date(monat.year, (monat.month + 2) // 3 * 3, 1))
        summen[b.produkt, ist_aufwand(b.konto), ende] += b.betrag
    return summen


def _quartal(wuerfel: Wuerfel, t: Teil, ende: date) -> Quartalzeile:
    """Move one part on by a quarter."""
    anfang = t.bestand
    if t.lb == STROM:
        zugang = abgang = wuerfel.ganz(anfang - 4, anfang + 4)
    else:
        abgang = min(anfang, _etwa(wuerfel, anfang * t.abgang))
        zugang = _etwa(wuerfel, max(anfang, 2) * (t.abgang + t.wandel(ende)))
        t.bestand = anfang + zugang - abgang
    antraege = zugang + _etwa(wuerfel, zugang * 0.25 + anfang * 0.04)
    entschieden = max(zugang, t.offen + antraege - _etwa(wuerfel, antraege * 0.3))
    entschieden = min(entschieden, t.offen + antraege)
    t.offen += antraege - entschieden
    bestand = t.lb != STROM
    vzae = round(max(t.bestand, 8) / t.je_vzae * wuerfel.spanne(0.96, 1.04) * 20) / 20
    return {
        "quartal": ende, "lb": t.lb, "leistungsort": t.ort, "traeger": t.traeger,
        "bestand_anfang": anfang if bestand else None, "zugang": zugang, "abgang": abgang,
        "bestand_ende": t.bestand if bestand else None, "antraege": antraege,
        "bewilligt": zugang, "abgelehnt": entschieden - zugang, "offen": t.offen,
        "aufwand_eur": Decimal(0), "ertrag_eur": Decimal(0), "vzae": Decimal(f"{vzae:.2f}"),
    }  # fmt: skip


def _etwa(wuerfel: Wuerfel, mittel: float) -> int:
    """Return a count around *mittel* that varies as counts do."""
    if mittel < 4:
        return wuerfel.poisson(mittel)
    return max(0, round(mittel + mittel**0.5 * wuerfel.normal()))


def _verteilt(
    neu: list[tuple[Teil, Quartalzeile]], ende: date, geld: Mapping[tuple[str, bool, date], int]
) -> None:
    """Divide what the ledger holds of each product in the quarter by cases and their cost."""
    for produkt in {t.produkt: None for t, _ in neu}:
        teile = [(t, z) for t, z in neu if t.produkt == produkt]
        gewichte = [((z["bestand_anfang"] or 0) + z["zugang"]) * t.kosten for t, z in teile]
        for seite, aufwand in (("aufwand_eur", True), ("ertrag_eur", False)):
            betraege = _auf_alle(geld.get((produkt, aufwand, ende), 0), gewichte)
            for (_, zeile), betrag in zip(teile, betraege, strict=True):
                zeile[seite] = Decimal(betrag).scaleb(-2)  # type: ignore[literal-required]


def _auf_alle(betrag: int, gewichte: list[int]) -> list[int]:
    """Divide by weights; who has none gets nothing, the largest takes what rounding leaves."""
    teile = [betrag * w // sum(gewichte) for w in gewichte]
    teile[gewichte.index(max(gewichte))] += betrag - sum(teile)
    return teile
