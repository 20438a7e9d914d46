"""Goals the council of Musterstadt has set: made up, and the same at every Stichtag."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sozcontrol.demo.kanonisch import Zielzeile

BESCHLOSSEN, AUSGANG = date(2024, 2, 15), date(2023, 12, 31)
FRUEHER, FRUEHER_AUSGANG = date(2020, 2, 15), date(2019, 12, 31)
SEIT_2020 = ("P03", "T02")
"""Goals of an earlier council, that still hold."""
OHNE_TERMIN, OHNE_STELLE = "P11", "T15"
"""Planted: these two goals are not SMART, the first lacks T, the second A."""

# Kennzahl | start 31.12.2023 | target | date | tolerance | direction | when comparable | who | text
_ZIELE = """
H10 |52.3|55  |2026-12-31|1  |hoch    |stichtag  |Jugendamt|Mehr Hilfen helfen in der Familie statt außerhalb.
H13 |39.5|45  |2027-12-31|1  |hoch    |stichtag  |Pflegekinderdienst|Mehr Kinder leben in Pflegefamilien statt im Heim.
H23 |18.9|17  |2026-12-31|1  |niedrig |stichtag  |Jugendamt|Weniger Hilfen laufen, ohne dass jemand nach dem Ende fragt.
H25 |37.9|40  |2026-12-31|2  |hoch    |stichtag  |Jugendamt|Mehr Kinder kehren in ihre Familie zurück.
H27 |47.0|52  |2026-12-31|2  |hoch    |stichtag  |Jugendamt|Mehr Hilfen enden, weil ihr Ziel erreicht ist.
H28 |24.2|20  |2025-12-31|1  |niedrig |stichtag  |Jugendamt|Weniger Hilfen brechen ab.
H31 |7.5 |7   |2026-12-31|1  |niedrig |stichtag  |Pflegekinderdienst|Kinder unter sechs wachsen nicht im Heim auf.
H34 |18.2|95  |2025-12-31|3  |hoch    |stichtag  |Jugendamt|Hilfepläne sind auf dem Stand.
H35 |18.0|14  |2026-12-31|1  |niedrig |stichtag  |Jugendamt|Familien warten zwei Wochen auf ihre Hilfe.
S05 |30.0|21  |2025-12-31|2  |niedrig |stichtag  |Kommunaler Sozialer Dienst|Inobhutnahmen dauern drei Wochen.
S09 |87.4|95  |2025-12-31|1  |hoch    |stichtag  |Kommunaler Sozialer Dienst|Nach einer Meldung ist rechtzeitig jemand bei der Familie.
T02 |93.9|96  |2025-12-31|2  |korridor|stichtag  |Kindertagesbetreuung|Kitas sind gut belegt und nicht überfüllt.
T03b|39.8|45  |2027-12-31|1  |hoch    |stichtag  |Kindertagesbetreuung|Mehr Kinder unter zwei finden einen Platz.
T04b|90.6|94  |2026-12-31|1  |hoch    |stichtag  |Kindertagesbetreuung|Fast alle Kinder ab zwei gehen in eine Kita.
T07 |23.7|18  |2025-03-31|1  |niedrig |stichtag  |Kindertagesbetreuung|Weniger Kinder warten auf einen Platz.
T10 |97.1|99  |2026-12-31|1  |hoch    |stichtag  |Kindertagesbetreuung|Kitas haben das Personal, das ihnen zusteht.
T11 |86.4|95  |2025-12-31|3  |hoch    |jahresende|Kindertagesbetreuung|Das Sozialraumbudget kommt in den Kitas an.
T17 |19.3|18  |2026-12-31|1  |niedrig |jahresende|Kindertagesbetreuung|Kitas schließen seltener.
P01 |19.0|18  |2026-12-31|1  |niedrig |stichtag  |Amt für Personal und Organisation|Der Soziale Dienst hat Zeit für die Familien.
P03 |97.0|97  |2025-12-31|1  |hoch    |stichtag  |Amt für Personal und Organisation|Stellen bleiben besetzt.
P04 |10.3|8   |2026-12-31|1  |niedrig |stichtag  |Amt für Personal und Organisation|Wer bei uns anfängt, bleibt.
P06 |91.1|100 |2027-12-31|2  |hoch    |stichtag  |Amt für Personal und Organisation|Es gibt die Stellen, die gemessen sind.
P12 |92.9|60  |2026-12-31|10 |niedrig |stichtag  |Amt für Personal und Organisation|Stellen sind in zwei Monaten wieder besetzt.
U03 |14.8|20  |2026-12-31|1  |hoch    |stichtag  |Unterhaltsvorschussstelle|Unterhaltspflichtige zahlen häufiger zurück.
B01 |55.2|65  |2027-12-31|2  |hoch    |stichtag  |Sozialamt|Bildung und Teilhabe kommt bei den Kindern an.
B04b|24.4|21  |2026-12-31|1  |niedrig |stichtag  |Sozialamt|Über Anträge ist in drei Wochen entschieden.
L03 |15.3|20  |2027-12-31|1  |hoch    |stichtag  |Sozialamt|Wer Pflege braucht, kann öfter zu Hause bleiben.
A08 |419 |300 |2026-12-31|20 |niedrig |stichtag  |Sozialamt|Anträge bleiben nicht liegen.
P11 |11.8|12  |          |1  |korridor|stichtag  |Amt für Personal und Organisation|Leitungen führen Teams von überschaubarer Größe.
T15 |3996|3900|2026-12-31|100|niedrig |jahresende|     |Zuschüsse je Platz steigen nicht weiter.
"""  # noqa: E501


def ziele() -> list[Zielzeile]:
    """Return all goals."""
    return [_ziel(n, zeile) for n, zeile in enumerate(_ZIELE.strip().splitlines(), start=1)]


def _ziel(nummer: int, zeile: str) -> Zielzeile:
    id_, start, ziel, termin, toleranz, richtung, messung, wer, text = (
        part.strip() for part in zeile.split("|")
    )
    early = id_ in SEIT_2020
    gilt_ab, ausgang_am = (FRUEHER, FRUEHER_AUSGANG) if early else (BESCHLOSSEN, AUSGANG)
    return {
        "ziel_nr": nummer, "gilt_ab": gilt_ab, "kennzahl_id": id_, "zieltext": text,
        "ausgangswert": Decimal(start), "ausgang_am": ausgang_am, "zielwert": Decimal(ziel),
        "termin": date.fromisoformat(termin) if termin else None, "toleranz": Decimal(toleranz),
        "zielrichtung": richtung, "zielmessung": messung, "verantwortlich": wer or None,
        "beschluss": f"BV/{nummer:04d}/{gilt_ab.year}",
    }  # fmt: skip
