"""A city thrown with dice: every column of the canonical tables filled, deterministic by seed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tafel import Stadt

STICHTAG = date(2025, 6, 30)
SEGMENT = {"32": "teilstationaer", "33": "stationaer", "34": "stationaer", "19": "stationaer"}
ARTEN = ("19", "28", "29", "31", "32", "33", "34", "35a", "42")
RAEUME = ("S1", "S2", "S3")

GEBIET = """
    gebiet_id | typ        | name  | eltern_id | gueltig_von
    ST        | stadt      | Stadt |           | 2000-01-01
    S1        | sozialraum | Nord  | ST        | 2000-01-01
    S2        | sozialraum | Süd   | ST        | 2000-01-01
    S3        | sozialraum | Ost   | ST        | 2000-01-01
    """
MAP_PRODUKT = """
    produkt_lokal | produkt_name | gueltig_von | gueltig_bis | produktgruppe | produktgruppe_name
    P1            | Heim         | 2000-01-01  |             | 3633          | HzE
    P2            | ambulant     | 2000-01-01  |             | 3633          | HzE
    P3            | alt          | 2000-01-01  | 2023-12-31  | 3632          | Förderung
    P3            | neu          | 2024-01-01  |             | 3634          | Sonstiges
    """
MAP_KONTO = """
    konto | konto_name | konto_art | ist_soziale_sicherung
    A     | Aufwand    | aufwand   | ja
    E     | Ertrag     | ertrag    | ja
    P     | Personal   | aufwand   | nein
    """
LIEFERUNG = """
    lieferung_id | tabelle | stichtag   | lieferant | profil | dateiname | sha256 | status
    l1           | fall    | 2025-06-30 | Jugendamt | p      | fall.csv  | abc    | ok
    l2           | zahlung | 2025-06-30 | WJH       | p      | z.csv     | def    | ok
    l3           | buchung | 2025-06-30 | Kämmerei  | p      | b.csv     | 123    | ok
    """


def spalten(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def selten_leer(rnd: Random, *werte: object, oft: int = 100) -> Any:
    """Throw one of *werte*, or nothing once in so many throws: few enough for a figure."""
    return rnd.choice(werte) if rnd.randrange(oft) else None


def hilfe(rnd: Random, nummer: int, personen: int) -> dict[str, Any]:
    art = rnd.choice(ARTEN)
    beginn = date(2019, 1, 1) + timedelta(days=rnd.randrange(2400))
    ende = beginn + timedelta(days=rnd.randrange(1300)) if rnd.random() < 0.7 else None
    ende = None if ende and ende > date(2025, 8, 31) else ende
    return {
        "hilfe_id": f"H{nummer}",
        "person_id": f"P{rnd.randrange(personen)}",
        "familie_id": f"FA{nummer % 40}" if nummer % 7 else None,
        "rechtskreis": "SGB8",
        "paragraph": "41" if rnd.random() < 0.1 and art not in ("19", "42") else art,
        "hilfeart": art,
        "segment": SEGMENT.get(art, "ambulant"),
        "traeger": rnd.choice(["kommunal", None]),
        "beginn": beginn,
        "ende": ende,
        "antrag_am": rnd.choice([None, beginn - timedelta(days=rnd.randrange(90))]),
        "beginn_grund": rnd.choice(["neu", "zustaendigkeit", "hilfewechsel", None]),
        "ende_grund": rnd.choice(["hilfeplan", "abbruch_junger_mensch", "hilfewechsel"])
        if ende
        else None,
        "aufenthalt_nach": rnd.choice(["eltern", "elternteil", "einrichtung"]) if ende else None,
        "ort": selten_leer(rnd, "stadt", "ausserhalb"),
        "ist_uma": selten_leer(rnd, True, False),
        "hat_transferbezug": selten_leer(rnd, True, False, oft=8),
        "pflegeform": selten_leer(rnd, "fremd", "verwandt") if art == "33" else None,
        "fls_monat": Decimal("12.5") if art == "31" else None,
        "hilfeplan_am": rnd.choice([None, beginn + timedelta(days=rnd.randrange(700))]),
        "sozialraum_id": rnd.choice([*RAEUME, None]),
    }


def zahlung(rnd: Random, nummer: int, hilfen: int) -> dict[str, Any]:
    monat = date(2023 + rnd.randrange(3), rnd.randrange(12) + 1, 1)
    art = rnd.choices(["leistung", "storno", "erstattung", "kostenbeitrag"], [88, 4, 5, 3])[0]
    betrag = Decimal(rnd.randrange(1, 900_000)) / 100
    return {
        "zahlung_id": f"Z{nummer}",
        "hilfe_id": f"H{rnd.randrange(hilfen)}",
        "leistungsmonat": monat,
        "betrag_eur": -betrag if art == "storno" else betrag,
        "art": art,
        "buchung_am": monat + timedelta(days=rnd.randrange(20, 130)),
        "menge": rnd.choice([Decimal("7.25"), None]),
        "einheit": rnd.choice(["FLS", "Tag"]),
    }


def buchung(rnd: Random, nummer: int) -> dict[str, Any]:
    jahr = 2021 + rnd.randrange(5)
    tag = date(jahr, 1, 1) + timedelta(days=rnd.randrange(365 if jahr < 2025 else 200))
    return {
        "beleg_nr": f"B{nummer}",
        "pos": 1,
        "haushaltsjahr": jahr,
        "periode": tag.month,
        "buchung_am": tag,
        "leistungsmonat": rnd.choice([(tag - timedelta(days=40)).replace(day=1), None]),
        "produkt": rnd.choice(["P1", "P2", "P3"]),
        "konto": rnd.choice(["A", "A", "A", "E", "P"]),
        "betrag_eur": Decimal(rnd.randrange(-50_000, 900_000)) / 100,
        "herkunft": "fachverfahren",
    }


def budgets() -> list[dict[str, Any]]:
    arten = [("ansatz", 1, 900_000), ("nachtrag", 5, 20_000), ("uepl", 6, 5_000), ("sperre", 3, -1)]
    return [
        {
            "jahr": jahr,
            "produkt": produkt,
            "konto": konto,
            "art": art,
            "wirksam_ab": date(jahr, monat, 1),
            "betrag_eur": Decimal(betrag),
        }
        for jahr in (2024, 2025)
        for produkt in ("P1", "P2", "P3")
        for konto in ("A", "E", "P")
        for art, monat, betrag in arten
    ]


def einwohner(rnd: Random) -> list[dict[str, Any]]:
    return [
        {
            "stichtag": date(jahr, 12, 31),
            "gebiet_id": raum,
            "altersjahr": alter,
            "geschlecht": geschlecht,
            "staatsang_gruppe": "o.A.",
            "quelle": "melderegister",
            "anzahl": rnd.randrange(20, 90),
        }
        for jahr in (2022, 2023, 2024)
        for raum in RAEUME
        for alter in range(0, 100, 1)
        for geschlecht in ("m", "w")
    ]


def uvg_monate(rnd: Random) -> list[dict[str, Any]]:
    return [
        {
            "monat": date(jahr, monat, 1),
            "altersstufe": stufe,
            "leistungsjahr": jahr - zurueck,
            "zahlfaelle": 0 if zurueck else rnd.randrange(40, 90),
            "ausgaben_eur": Decimal(0 if zurueck else rnd.randrange(900_000, 2_000_000)) / 100,
            "einnahmen_p7_eur": Decimal(rnd.randrange(100_000)) / 100,
            "einnahmen_p5_eur": Decimal(rnd.randrange(1_000)) / 100,
            "erstattung_eur": Decimal(rnd.randrange(900_000)) / 100,
            "leistungsunfaehig": 0 if zurueck else rnd.randrange(40),
            "offen_eur": Decimal(rnd.randrange(5_000_000)) / 100,
        }
        for jahr in (2023, 2024, 2025)
        for monat in range(1, 13 if jahr < 2025 else 7)
        for stufe in ("0–5", "6–11", "12–17")
        for zurueck in (0, 1, 2)
    ]


KITAS = {"K1": "S1", "K2": "S2", "K3": "S3", "T1": "S1"}
KITA = """
    kita_id | kita_name | traegerart  | gebiet_id | plaetze | plaetze_u2 | plaetze_ue2 | gueltig_von | gueltig_bis
    K1      | Nordlicht | kommunal    | S1        | 90      | 20         | 70          | 2015-08-01  | 2024-12-31
    K1      | Nordlicht | kommunal    | S1        | 99      | 20         | 79          | 2025-01-01  |
    K2      | Südwind   | kirchlich   | S2        | 80      | 15         | 65          | 2015-08-01  |
    K3      | Ostwind   | frei        | S3        | 70      | 10         | 60          | 2015-08-01  | 2024-07-31
    T1      | Tagespfl. | tagespflege | S1        | 12      | 8          | 4           | 2015-08-01  |
    """  # noqa: E501


def kitamonate(rnd: Random) -> dict[str, list[dict[str, Any]]]:
    monate = [date(j, m, 1) for j in (2023, 2024, 2025) for m in range(1, 13 if j < 2025 else 7)]
    there = [(k, m) for m in monate for k in KITAS if k != "K3" or m < date(2024, 8, 1)]
    return {
        "kita_belegung": [
            {"kita_id": k, "monat": m, "altersgruppe": alter, "umfang": umfang,
             "belegt": rnd.randrange(0, 12), "gesperrt": rnd.choice([0, 0, 0, 3])}
            for k, m in there for alter in ("0–1", "2", "3–5", "6+")
            for umfang in ("teilzeit", "ganztag")
        ],
        "kita_anmeldung": [
            {"monat": m, "altersgruppe": alter, "gebiet_id": raum,
             "anmeldungen": 12 + rnd.randrange(30), "unversorgt": rnd.randrange(12)}
            for m in monate for raum in RAEUME for alter in ("0–1", "2", "3–5")
        ],
        "sozialraumbudget": [
            {"jahr": jahr, "gebiet_id": raum, "zweck": zweck,
             "gezaehlt_bis": min(STICHTAG, date(jahr, 12, 31)), "zugewiesen_eur": Decimal(9000),
             "verplant_eur": Decimal(8000), "abgerufen_eur": Decimal(rnd.randrange(8000))}
            for jahr in (2023, 2024, 2025) for raum in RAEUME for zweck in ("ksa", "ikf")
        ],
        "ksa_kontakt": [
            {"kita_id": k, "monat": m, "arbeitsdimension": art, "kontakte": rnd.randrange(20)}
            for k, m in there if k != "T1" for art in ("fallspezifisch", "falluebergreifend")
        ],
        "kita_personal": [
            {"kita_id": k, "monat": m, "soll_vzae": Decimal("9.5"),
             "ist_vzae": Decimal(rnd.randrange(700, 960)) / 100,
             "ksa_vzae": Decimal(rnd.choice(["0", "0.5"])), "schliesstage": rnd.randrange(4)}
            for k, m in there if k != "T1"
        ],
    }  # fmt: skip


BEREICHE = "lb | rechtsgrundlage | abteilung | zaehleinheit | zaehlweise\n" + "\n".join(
    f"LB{n:02} | SGB XII | II | Fälle | {'strom' if n == 10 else 'bestand'}" for n in range(1, 21)
)
TEILE = [("ambulant", "kommunal"), ("stationaer", "kommunal"), ("ambulant", "land")]


def leistungen(rnd: Random) -> list[dict[str, Any]]:
    tage = [date(j, *m) for j in (2023, 2024, 2025) for m in ((3, 31), (6, 30), (9, 30), (12, 31))]
    return [
        {"quartal": q, "lb": f"LB{n:02}", "leistungsort": ort, "traeger": traeger,
         "bestand_anfang": None if n == 10 else rnd.randrange(90), "zugang": rnd.randrange(20),
         "abgang": rnd.randrange(20), "bestand_ende": None if n == 10 else rnd.randrange(90),
         "antraege": rnd.randrange(30), "bewilligt": rnd.randrange(20), "offen": rnd.randrange(9),
         "abgelehnt": 1 + rnd.randrange(9), "aufwand_eur": Decimal(rnd.randrange(90_000)) / 100,
         "ertrag_eur": Decimal(rnd.randrange(900)) / 100, "vzae": Decimal(rnd.randrange(1, 40))}
        for q in tage if q <= STICHTAG for n in range(1, 21) for ort, traeger in TEILE
    ]  # fmt: skip


def vergleichswerte(rnd: Random) -> list[dict[str, Any]]:
    """Stated values in euro and in percent, and densities made of two quantities; some unknown."""
    ring = ("07111000", "07211000", "07312000", "07314000", "07315000", "07137000")
    stated = [("H18", "ring-sgb8-2021", "ring", 1), ("L03", "ring-sgb12-2022", "ring", 100)]
    counted = [("Y01", "22221-01-01-4 Regelleistungsempfänger"), ("C02", "12411-01-01-4 insgesamt")]
    rows = []
    for ags in ring:
        for jahr in (2022, 2023, 2024):
            base = {"ags": ags, "fuer_ags": ring[0], "jahr": jahr, "vergleichbar": True}
            for kennzahl, definition, quelle, faktor in stated:
                oben, unten = rnd.randrange(2_000, 9_000), rnd.randrange(500, 900)
                rows.append({**base, "kennzahl_id": kennzahl, "definition_id": definition,
                             "quelle": quelle, "wert": Decimal(oben * faktor * 10 // unten) / 10,
                             "zaehler": Decimal(oben), "nenner": Decimal(unten)})  # fmt: skip
            for kennzahl, definition in counted:
                value = rnd.choice([None, *map(Decimal, range(800, 900))])
                named = {"kennzahl_id": kennzahl, "definition_id": definition, "quelle": "amtlich"}
                rows.append({**base, **named, "wert": value, "zaehler": None, "nenner": None})
    return rows


def wuerfelstadt(seed: int = 7, hilfen: int = 400) -> Stadt:
    """Return the city of *seed*: ten payments and five bookings a Hilfe."""
    rnd = Random(seed)
    personen = hilfen * 2 // 3
    person = [
        {
            "person_id": f"P{i}",
            "geburtsmonat": selten_leer(rnd, date(2003 + i % 21, i % 12 + 1, 1)),
            "geschlecht": rnd.choice(["m", "w", None]),
            "sozialraum_id": rnd.choice([*RAEUME, None]),
        }
        for i in range(personen)
    ]
    return Stadt(
        STICHTAG,
        date(2025, 9, 15),
        fall=spalten([hilfe(rnd, i, personen) for i in range(hilfen)]),
        person=spalten(person),
        zahlung=spalten([zahlung(rnd, i, hilfen) for i in range(hilfen * 10)]),
        buchung=spalten([buchung(rnd, i) for i in range(hilfen * 5)]),
        budget=spalten(budgets()),
        einwohner=spalten(einwohner(rnd)),
        gebiet=GEBIET,
        map_produkt=MAP_PRODUKT,
        map_konto=MAP_KONTO,
        lieferung=LIEFERUNG,
        uvg_monat=spalten(uvg_monate(Random(seed + 1))),
        kita=KITA,
        vergleichswert=spalten(vergleichswerte(Random(seed + 4))),
        leistungsbereich=BEREICHE,
        leistung_quartal=spalten(leistungen(Random(seed + 3))),
        **{name: spalten(rows) for name, rows in kitamonate(Random(seed + 2)).items()},
    )
