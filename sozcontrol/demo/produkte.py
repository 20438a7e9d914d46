"""Products and accounts of Musterstadt's budget, with the plan before and after 2024.

Groups follow the state's Produktrahmen (311 … 365); local numbers and accounts are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sozcontrol.demo.akten import Hilfe
from sozcontrol.demo.kanonisch import Produktzeile
from sozcontrol.demo.zeit import NEUER_PRODUKTPLAN

GRUPPEN = {
    "3111": "Hilfe zum Lebensunterhalt",
    "3112": "Hilfe zur Pflege",
    "3114": "Hilfen zur Gesundheit",
    "3115": "Hilfe in anderen Lebenslagen",
    "3116": "Grundsicherung im Alter und bei Erwerbsminderung",
    "3130": "Leistungen nach dem Asylbewerberleistungsgesetz",
    "3140": "Eingliederungshilfe nach dem SGB IX",
    "3410": "Unterhaltsvorschuss",
    "3450": "Bildung und Teilhabe nach § 6b BKGG",
    "3510": "Sonstige soziale Hilfen",
    "3610": "Förderung von Kindern in Tageseinrichtungen und Tagespflege",
    "3632": "Förderung der Erziehung in der Familie",
    "3633": "Hilfe zur Erziehung",
    "3634": "Junge Volljährige, Inobhutnahme, Eingliederungshilfe § 35a",
    "3650": "Tageseinrichtungen für Kinder",
}

TEILHAUSHALTE = {
    # number: (name, Deckungskreis, who is responsible, the product groups)
    "05": ("Soziale Hilfen", "DK 50.1", "Sozialamt, Abteilung Hilfen",
           ("3111", "3112", "3114", "3115", "3116", "3450", "3510")),
    "06": ("Eingliederungshilfe", "DK 50.2", "Sozialamt, Abteilung Teilhabe", ("3140",)),
    "07": ("Asyl und Integration", "DK 50.3", "Sozialamt, Abteilung Asyl", ("3130",)),
    "08": ("Hilfen für junge Menschen und Familien", "DK 51.1", "Jugendamt, Soziale Dienste",
           ("3410", "3632", "3633", "3634")),
    "09": ("Kindertagesbetreuung", "DK 51.2", "Jugendamt, Kindertagesbetreuung",
           ("3610", "3650")),
}  # fmt: skip
TEILHAUSHALT_JE_GRUPPE = {g: th for th, (*_, gruppen) in TEILHAUSHALTE.items() for g in gruppen}


@dataclass(frozen=True)
class Produkt:
    """One product; ``alt`` and ``neu`` are its local numbers until 2023 and from 2024."""

    id: str
    gruppe: str
    name: str
    alt: str
    neu: str
    hilfeart: str | None = None
    segment: str | None = None
    leistungsbereich: str | None = None
    paragraph: str | None = None

    def nummer(self, haushaltsjahr: int) -> str:
        """Return the local number in force in *haushaltsjahr*."""
        return self.alt if haushaltsjahr < NEUER_PRODUKTPLAN.year else self.neu


# id | group | number until 2023 | from 2024 | Hilfeart | segment | Leistungsbereich | name
# § 41 pays for the forms of help of young adults: no Hilfeart of its own, but a legal basis.
# § 35a was one product until 2023 and is two since: series by product break, by group they do not.
_PRODUKTPLAN = """
hlu     |3111|311101|31110100|    |              |LB02|Hilfe zum Lebensunterhalt
hzp     |3112|311201|31120100|    |              |LB08|Hilfe zur Pflege
hzg     |3114|311401|31140100|    |              |LB09|Hilfen zur Gesundheit
lage    |3115|311501|31150100|    |              |LB12|Hilfen in anderen Lebenslagen
grusi   |3116|311601|31160100|    |              |LB01|Grundsicherung
asyl3   |3130|313001|31300100|    |              |LB18|Grundleistungen § 3 AsylbLG
asyl2   |3130|313002|31300200|    |              |LB19|Analogleistungen § 2 AsylbLG
arbeit  |3140|314001|31400100|    |              |LB04|Teilhabe am Arbeitsleben
bildung |3140|314002|31400200|    |              |LB05|Teilhabe an Bildung
teilhabe|3140|314003|31400300|    |              |LB06|Soziale Teilhabe
uvg     |3410|341001|34100100|    |geld          |    |Unterhaltsvorschuss
but     |3450|345001|34500100|    |              |LB20|Bildung und Teilhabe
blind   |3510|351001|35100100|    |geld          |LB15|Landesblindengeld
ktp     |3610|361001|36100100|    |              |    |Kindertagespflege und Beitragsübernahme
p19     |3632|363201|36320100|19  |stationaer    |    |Gemeinsame Wohnformen § 19
p20     |3632|363202|36320200|20  |ambulant      |    |Betreuung in Notsituationen § 20
p27     |3633|363301|36330100|27_2|ambulant      |    |Hilfe zur Erziehung § 27 Abs. 2
p28     |3633|363302|36330200|28  |ambulant      |    |Erziehungsberatung § 28
p29     |3633|363303|36330300|29  |ambulant      |    |Soziale Gruppenarbeit § 29
p30     |3633|363304|36330400|30  |ambulant      |    |Erziehungsbeistand § 30
p31     |3633|363305|36330500|31  |ambulant      |    |Sozialpädagogische Familienhilfe § 31
p32     |3633|363306|36330600|32  |teilstationaer|    |Tagesgruppe § 32
p33     |3633|363307|36330700|33  |stationaer    |    |Vollzeitpflege § 33
p34     |3633|363308|36330800|34  |stationaer    |    |Heimerziehung § 34
p35     |3633|363309|36330900|35  |              |    |Intensive Einzelbetreuung § 35
p41a    |3634|363401|36340100|    |ambulant      |    |Junge Volljährige ambulant § 41
p41s    |3634|363402|36340200|    |stationaer    |    |Junge Volljährige stationär § 41
p35aa   |3634|363403|36340310|35a |ambulant      |    |Eingliederungshilfe § 35a ambulant
p35as   |3634|363403|36340320|35a |              |    |Eingliederungshilfe § 35a (teil-)stationär
p42     |3634|363404|36340400|42  |stationaer    |    |Inobhutnahme § 42
kita    |3650|365001|36500100|    |              |    |Tageseinrichtungen für Kinder
"""
_JUNGE_VOLLJAEHRIGE = {"p41a", "p41s"}


def _produkt(zeile: str) -> Produkt:
    id_, gruppe, alt, neu, hilfeart, segment, bereich, name = (t.strip() for t in zeile.split("|"))
    paragraph = "41" if id_ in _JUNGE_VOLLJAEHRIGE else None
    return Produkt(
        id_, gruppe, name, alt, neu, hilfeart or None, segment or None, bereich or None, paragraph
    )


PRODUKTE = {p.id: p for p in map(_produkt, _PRODUKTPLAN.strip().splitlines())}

_JE_HILFEART = {p.hilfeart: p.id for p in PRODUKTE.values() if p.hilfeart and p.hilfeart != "35a"}

KONTEN = {
    # konto: (name, konto_art, counts as soziale Sicherung)
    "414100": ("Zuweisungen des Landes für laufende Zwecke", "ertrag", False),
    "421100": ("Kostenbeiträge und Aufwendungsersatz", "ertrag", True),
    "421200": ("Erstattungen von anderen Trägern", "ertrag", True),
    "422100": ("Erstattungen von Bund und Land", "ertrag", True),
    "423100": ("Übergeleitete Unterhaltsansprüche", "ertrag", True),
    "429900": ("Periodenfremde Erträge der sozialen Sicherung", "ertrag", True),
    "432100": ("Elternbeiträge", "ertrag", False),
    "524100": ("Bewirtschaftung der Einrichtungen", "aufwand", False),
    "541900": ("Zuschüsse an freie Träger", "aufwand", False),
    "551100": ("Leistungen SGB XII außerhalb von Einrichtungen", "aufwand", True),
    "551200": ("Leistungen SGB XII in Einrichtungen", "aufwand", True),
    "552100": ("Leistungen nach dem AsylbLG", "aufwand", True),
    "553100": ("Leistungen der Eingliederungshilfe", "aufwand", True),
    "555100": ("Jugendhilfe außerhalb von Einrichtungen", "aufwand", True),
    "555200": ("Jugendhilfe in Einrichtungen", "aufwand", True),
    "555300": ("Pflegegeld der Vollzeitpflege", "aufwand", True),
    "556100": ("Unterhaltsvorschussleistungen", "aufwand", True),
    "557100": ("Laufende Geldleistungen Kindertagesbetreuung", "aufwand", True),
    "558100": ("Bildung und Teilhabe", "aufwand", True),
    "558200": ("Sonstige soziale Leistungen", "aufwand", True),
    "559900": ("Periodenfremde Aufwendungen der sozialen Sicherung", "aufwand", True),
}


def ist_aufwand(konto: str) -> bool:
    """Return whether *konto* is expenditure."""
    return KONTEN[konto][1] == "aufwand"


def produkt_der_hilfe(hilfe: Hilfe) -> str:
    """Return the product id a Hilfe is booked on."""
    if hilfe.paragraph == "41":
        return "p41a" if hilfe.art.segment == "ambulant" else "p41s"
    if hilfe.hilfeart == "35a":
        return "p35aa" if hilfe.art.segment == "ambulant" else "p35as"
    return _JE_HILFEART[hilfe.hilfeart]


def konto_der_zahlung(hilfe: Hilfe, art: str, periodenfremd: bool) -> str:
    """Return the account a payment is booked on."""
    if art in {"kostenbeitrag", "erstattung"}:
        if periodenfremd:
            return "429900"
        if art == "kostenbeitrag":
            return "421100"
        return "422100" if hilfe.uma else "421200"
    if periodenfremd:
        return "559900"
    if hilfe.hilfeart == "33":
        return "555300"
    return "555100" if hilfe.art.segment == "ambulant" else "555200"


def produktzuordnung() -> list[Produktzeile]:
    """Return ``map_produkt``: every local number with its validity."""
    zeilen: dict[tuple[str, date], Produktzeile] = {}
    for plan, von, bis in (
        ("alt", date(2019, 1, 1), NEUER_PRODUKTPLAN - timedelta(days=1)),
        ("neu", NEUER_PRODUKTPLAN, None),
    ):
        for p in PRODUKTE.values():
            nummer = p.alt if plan == "alt" else p.neu
            geteilt = plan == "alt" and p.alt == "363403"
            zeilen.setdefault(
                (nummer, von),
                {
                    "produkt_lokal": nummer,
                    "produkt_name": "Eingliederungshilfe § 35a" if geteilt else p.name,
                    "gueltig_von": von,
                    "gueltig_bis": bis,
                    "produktgruppe": p.gruppe,
                    "produktgruppe_name": GRUPPEN[p.gruppe],
                    "leistungsbereich": p.leistungsbereich,
                    "hilfeart": p.hilfeart,
                    "segment": None if geteilt else p.segment,
                    "paragraph": p.paragraph,
                    "teilhaushalt": (th := TEILHAUSHALT_JE_GRUPPE[p.gruppe]),
                    "teilhaushalt_name": TEILHAUSHALTE[th][0],
                    "deckungskreis": TEILHAUSHALTE[th][1],
                    "verantwortlich": TEILHAUSHALTE[th][2],
                },
            )
    return list(zeilen.values())
