"""A city of a handful of rows in which every rule holds; tests plant one fault each."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa

from sozcontrol import catalogue

STICHTAG = date(2025, 6, 30)
DATENSTAND = date(2025, 7, 15)
FRUEHER = date(2025, 3, 31)
FRUEHERER_STAND = date(2025, 4, 15)
Zeile = dict[str, Any]

TYPEN: dict[str, pa.DataType] = {
    "text": pa.string(), "code": pa.string(), "id": pa.string(), "datum": pa.date32(),
    "monat": pa.date32(), "ganzzahl": pa.int64(), "betrag": pa.decimal128(14, 2),
    "dezimal": pa.decimal128(14, 4), "wahr": pa.bool_(),
}  # fmt: skip


def eur(text: str | int) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def menge(text: str | int) -> Decimal:
    return Decimal(text).quantize(Decimal("0.0001"))


def monate(von: date, bis: date) -> list[date]:
    erster, letzter = von.year * 12 + von.month - 1, bis.year * 12 + bis.month - 1
    return [date(m // 12, m % 12 + 1, 1) for m in range(erster, letzter + 1)]


def monatsende(monat: date) -> date:
    naechster = date(monat.year + monat.month // 12, monat.month % 12 + 1, 1)
    return date.fromordinal(naechster.toordinal() - 1)


def als_tabelle(name: str, zeilen: list[Zeile]) -> pa.Table:
    """Return rows as a canonical table; what a row does not name is empty."""
    table = catalogue.tabelle(name)
    felder = [(s.name, TYPEN[s.typ]) for s in table.spalten]
    if name != "lieferung":
        felder += [
            ("lieferung_id", pa.string()),
            ("zeile_quelle", pa.int64()),
            ("datenstand", pa.date32()),
        ]
    return pa.Table.from_pylist(zeilen, schema=pa.schema(felder))


def lieferung_id(datei: str) -> str:
    return hashlib.sha256(datei.encode()).hexdigest()[:16]


class Stadt:
    """Rows by table; ``vorher`` is the earlier delivery, of which its Datenstand cuts a part."""

    def __init__(self) -> None:
        self.zeilen: dict[str, list[Zeile]] = _kopie()
        self.vorher: dict[str, list[Zeile]] = _kopie()

    def zeile(self, tabelle: str, **schluessel: Any) -> Zeile:
        """Return the one row with these values."""
        (found,) = self.alle(tabelle, **schluessel)
        return found

    def alle(self, tabelle: str, **schluessel: Any) -> list[Zeile]:
        return [
            z for z in self.zeilen[tabelle] if all(z.get(k) == v for k, v in schluessel.items())
        ]

    def dazu(self, tabelle: str, vorlage: Zeile, **anders: Any) -> Zeile:
        """Append a copy of *vorlage* with some cells changed."""
        neu = {**vorlage, **anders}
        self.zeilen[tabelle].append(neu)
        return neu

    def weg(self, tabelle: str, **schluessel: Any) -> None:
        gone = self.alle(tabelle, **schluessel)
        self.zeilen[tabelle] = [z for z in self.zeilen[tabelle] if z not in gone]

    def tables(self) -> dict[str, pa.Table]:
        return _tables(self.zeilen, STICHTAG, DATENSTAND)

    def previous(self) -> dict[str, pa.Table]:
        bekannt = {
            name: [z for z in rows if z.get("buchung_am", FRUEHERER_STAND) <= FRUEHERER_STAND]
            for name, rows in self.vorher.items()
        }
        return _tables(bekannt, FRUEHER, FRUEHERER_STAND)

    def zeilennummer(self, tabelle: str, zeile: Zeile) -> int:
        """Return the source row number of *zeile* (the header is row 1)."""
        return next(i for i, z in enumerate(self.zeilen[tabelle], start=2) if z is zeile)


def _tables(
    zeilen: dict[str, list[Zeile]], stichtag: date, datenstand: date
) -> dict[str, pa.Table]:
    tables, log = {}, []
    for name, rows in zeilen.items():
        datei = f"{name}_{stichtag:%Y%m%d}.csv"
        tables[name] = _gleiche_tabelle(name, rows, datei, datenstand)
        sha = hashlib.sha256(datei.encode()).hexdigest()
        log.append(
            {"lieferung_id": sha[:16], "tabelle": name, "stichtag": stichtag, "lieferant": "Amt",
             "profil": "kleinstadt", "dateiname": datei, "sha256": sha, "bytes": 100,
             "zeilen_roh": len(rows) + 1, "zeilen_daten": max(len(rows), 1), "status": "ok"}
        )  # fmt: skip
    tables["lieferung"] = als_tabelle("lieferung", log)
    return tables


_GEBAUT: dict[str, tuple[list[Zeile], pa.Table]] = {}
"""By file: the rows it was made of last, and the table. Most tests change one table of forty."""


def _gleiche_tabelle(name: str, rows: list[Zeile], datei: str, datenstand: date) -> pa.Table:
    gebaut = _GEBAUT.get(datei)
    if gebaut is None or gebaut[0] != rows:
        herkunft = {"lieferung_id": lieferung_id(datei), "datenstand": datenstand}
        full = [{"zeile_quelle": i, **herkunft, **row} for i, row in enumerate(rows, start=2)]
        gebaut = _GEBAUT[datei] = ([dict(row) for row in rows], als_tabelle(name, full))
    return gebaut[1]


def _kopie() -> dict[str, list[Zeile]]:
    return {name: [dict(row) for row in rows] for name, rows in _stadt().items()}


@cache
def _stadt() -> dict[str, list[Zeile]]:
    faelle, zahlungen = _faelle(), []
    for fall in faelle:
        zahlungen += _zahlungen(fall)
    return {
        "person": _personen(), "fall": faelle, "zahlung": zahlungen,
        "buchung": _buchungen(zahlungen, faelle), "budget": _budget(), "map_produkt": _produkte(),
        "map_konto": _konten(), "einwohner": _einwohner(), "gebiet": _gebiete(),
        "uvg_monat": _uvg(), **_kitas(), **_soziales(), **_schutz(), **_asyl(), **_personal(),
        **_sozialhilfe(), **_pflege(),
        "vergleichswert": _vergleichswerte(), "ziel": _ziele(), **_vorhaben(),
        "obligo": _obligo(), "gesamthaushalt": _gesamthaushalt(),
    }  # fmt: skip


RING = ("07111000", "07211000", "07312000", "07314000", "07315000", "07137000")


def _vergleichswerte() -> list[Zeile]:
    """A quotient in percent and a partner's figure, six municipalities, five years."""
    rows = [
        {"ags": ags, "fuer_ags": RING[0], "jahr": jahr, "kennzahl_id": kennzahl,
         "definition_id": f"{kennzahl}-1", "quelle": quelle, "wert": menge(40 + n + jahr % 3),
         "zaehler": menge(2 * (40 + n + jahr % 3)), "nenner": menge(200), "vergleichbar": True}
        for kennzahl, quelle in (("L03", "ring"), ("U03", "austausch"))
        for n, ags in enumerate(RING) for jahr in range(2020, 2025)
    ]  # fmt: skip
    unknown = {"wert": None, "zeichen": "geheim", "bemerkung": "geheim gehalten"}
    return [z | unknown if z["ags"] == RING[3] and z["jahr"] == 2021 else z for z in rows]


def _ziele() -> list[Zeile]:
    """A goal to rise and one to fall."""
    return [
        {"ziel_nr": nr, "gilt_ab": date(2024, 3, 1), "kennzahl_id": kennzahl, "zieltext": "besser",
         "ausgangswert": menge(von), "ausgang_am": date(2023, 12, 31), "zielwert": menge(bis),
         "termin": date(2026, 12, 31), "toleranz": menge(1), "zielrichtung": richtung,
         "zielmessung": "stichtag", "verantwortlich": "Jugendamt", "beschluss": "BV/1"}
        for nr, kennzahl, von, bis, richtung in (
            (1, "H10", 50, 55, "hoch"), (2, "T07", 20, 10, "niedrig"),
        )
    ]  # fmt: skip


def _vorhaben() -> dict[str, list[Zeile]]:
    """Two years of tasks, all recommendations talked of, one decision done and one on its way."""

    def schwerpunkt(jahr: int, nr: int, vorher: int | None, grad: str) -> Zeile:
        return {"jahr": jahr, "schwerpunkt_nr": nr, "vorjahr_nr": vorher, "zielgrad": grad,
                "stand_am": date(jahr, 12, 31), "aufgabenbereich": "Planung", "aufgabe": f"A{nr}",
                "sachstand": "Wird fortgesetzt.", "zustaendig": "PL", "mitzustaendig": "SD",
                "hindernis": "dritte" if grad == "nahezu" else None}  # fmt: skip

    def bericht(punkt: int, am: date, status: str, termin: date | None) -> Zeile:
        return {"vorlage": "BV/1", "punkt": punkt, "bericht_am": am, "beschlussstatus": status,
                "zieltermin": termin, "sachstand": "Am 01.02.2025 wurde begonnen."}  # fmt: skip

    return {
        "schwerpunkt": [
            schwerpunkt(2023, 1, None, "fortschritte"), schwerpunkt(2023, 2, None, "vollstaendig"),
            schwerpunkt(2024, 1, 1, "nahezu"), schwerpunkt(2024, 2, None, "keine"),
        ],
        "massnahme": [
            {"massnahme": code, "stand_am": date(2025, 3, 31), "handlungsfeld": "pflege",
             "phase": "I", "federfuehrung": "Sozialplanung", "gespraech_am": date(2025, 2, 1),
             "naechste_lieferung": date(2025, 9, 30), "protokoll": "erstellt", "turnus": "jahr"}
            for code in catalogue.codeliste("massnahme").gueltig
        ],
        "beschlusspunkt": [
            {"vorlage": "BV/1", "punkt": punkt, "beschluss_text": "etwas", "gremium": "Rat",
             "beschlossen_am": date(2024, 1, 1), "erster_termin": date(2025, 1, 31),
             "zustaendig": "PL", "kennzahl_id": "H10"} for punkt in (1, 2)
        ],
        "umsetzungsbericht": [
            bericht(1, date(2025, 3, 1), "umgesetzt", None),
            bericht(2, date(2025, 3, 1), "arbeit", date(2025, 12, 31)),
        ],
        "zusage": [
            {"zusage_nr": 1, "vorlage": "BV/1", "punkt": 2, "zugesagt_am": date(2024, 1, 1),
             "zusage_text": "Konzept", "faellig_am": date(2025, 1, 31),
             "erwaehnt_am": date(2025, 3, 1)}
        ],
    }  # fmt: skip


def _gebiete() -> list[Zeile]:
    def gebiet(id_: str, typ: str, name: str, km2: str, **rest: Any) -> Zeile:
        return {"gebiet_id": id_, "typ": typ, "name": name, "flaeche_km2": menge(km2),
                "eltern_id": "M", "gueltig_von": date(2000, 1, 1), **rest}  # fmt: skip

    return [
        gebiet("M", "stadt", "Kleinstadt", "20", eltern_id=None),
        gebiet("S1", "sozialraum", "Nord", "12"),
        gebiet("S2", "sozialraum", "Süd", "8"),
        gebiet("S0", "sozialraum", "Altstadt (bis 2019)", "5", gueltig_bis=date(2019, 12, 31)),
    ]


def _einwohner() -> list[Zeile]:
    staende = [(date(2023, 12, 31), "melderegister"), (date(2024, 12, 31), "melderegister"),
               (date(2024, 12, 31), "amtlich")]  # fmt: skip
    return [
        {"stichtag": tag, "quelle": quelle, "gebiet_id": gebiet, "altersjahr": alter,
         "geschlecht": geschlecht, "staatsang_gruppe": "o.A.", "anzahl": anzahl}
        for tag, quelle in staende
        for gebiet, anzahl in (("M", 20), ("S1", 12), ("S2", 8))
        for alter in range(91)
        for geschlecht in ("m", "w")
    ]  # fmt: skip


def _uvg() -> list[Zeile]:
    def zeile(monat: date, stufe: str, jahr: int, faelle: int) -> Zeile:
        return {"monat": monat, "altersstufe": stufe, "leistungsjahr": jahr, "zahlfaelle": faelle,
                "zahlfaelle_gesamt": 60, "ausgaben_eur": eur(faelle * 250),
                "einnahmen_p7_eur": eur(faelle * 20 or 300), "einnahmen_p5_eur": eur(faelle),
                "erstattung_eur": eur(faelle * 170), "leistungsunfaehig": faelle // 2,
                "offen_eur": eur(10000)}  # fmt: skip

    return [
        zeile(monat, stufe, jahr, faelle if jahr == monat.year else 0)
        for monat in monate(date(2024, 1, 1), date(2025, 6, 1))
        for stufe, faelle in (("0–5", 10), ("6–11", 20), ("12–17", 30))
        for jahr in (monat.year, monat.year - 1)
    ]


def _kitas() -> dict[str, list[Zeile]]:
    def meldung(kita: str, monat: date, gruppe: str, belegt: int, gesamt: int) -> Zeile:
        return {"kita_id": kita, "monat": monat, "altersgruppe": gruppe, "umfang": "ganztag",
                "belegt": belegt, "gesperrt": int(kita == "K2"), "gemeldet_gesamt": gesamt,
                "sperrgrund": "bau" if kita == "K2" else None}  # fmt: skip

    monatlich = monate(date(2024, 1, 1), date(2025, 6, 1))
    gruppen = {"K1": {"0–1": 4, "2": 4, "3–5": 10, "6+": 2}, "K2": {"0–1": 3, "3–5": 9}}
    return {
        "kita": [
            {"kita_id": "K1", "kita_name": "Regenbogen", "traegerart": "kommunal",
             "gebiet_id": "S1", "plaetze": 22, "plaetze_u2": 5, "plaetze_ue2": 17,
             "plaetze_ganztag": 20, "gueltig_von": date(2015, 8, 1)},
            {"kita_id": "K2", "kita_name": "Tagespflege Süd", "traegerart": "tagespflege",
             "gebiet_id": "S2", "plaetze": 14, "plaetze_u2": 4, "plaetze_ue2": 10,
             "plaetze_ganztag": 9, "gueltig_von": date(2015, 8, 1)},
        ],
        "kita_belegung": [
            meldung(kita, monat, gruppe, belegt, sum(alter.values()))
            for monat in monatlich for kita, alter in gruppen.items()
            for gruppe, belegt in alter.items()
        ],
        "kita_anmeldung": [
            {"monat": monat, "altersgruppe": "3–5", "gebiet_id": gebiet, "anmeldungen": 6,
             "unversorgt": 2} for monat in monatlich for gebiet in ("S1", "S2")
        ],
        "sozialraumbudget": [
            {"jahr": jahr, "gebiet_id": gebiet, "zweck": "ksa", "gezaehlt_bis": bis,
             "zugewiesen_eur": eur(5000), "verplant_eur": eur(4800), "abgerufen_eur": eur(4000),
             "kofinanzierung_eur": eur(500), "bescheid_eur": eur(10000)}
            for jahr, bis in ((2024, date(2024, 12, 31)), (2025, STICHTAG))
            for gebiet in ("S1", "S2")
        ],
        "ksa_kontakt": [
            {"kita_id": "K1", "monat": monat, "arbeitsdimension": "fallspezifisch", "kontakte": 7}
            for monat in monatlich
        ],
        "kita_personal": [
            {"kita_id": "K1", "monat": monat, "soll_vzae": menge(4), "ist_vzae": menge("3.9"),
             "ksa_vzae": menge("0.5"), "schliesstage": 1} for monat in monatlich
        ],
    }  # fmt: skip


def quartalsenden(von: int, bis: date) -> list[date]:
    enden = [monatsende(date(jahr, m, 1)) for jahr in range(von, 2026) for m in (3, 6, 9, 12)]
    return [ende for ende in enden if ende <= bis]


def _soziales() -> dict[str, list[Zeile]]:
    bereiche = [f"LB{n:02}" for n in range(1, 21)]
    land = {"LB04", "LB07"}

    def quartal(lb: str, ende: date) -> Zeile:
        strom = lb == "LB10"
        # One more and one less in turn, so that there is a spread to measure by.
        mehr = 1 if ende.month % 6 else -1
        anfang = 50 if mehr > 0 else 51
        return {"quartal": ende, "lb": lb, "leistungsort": "ohne",
                "traeger": "land" if lb in land else "kommunal",
                "bestand_anfang": None if strom else anfang, "zugang": 5,
                "abgang": 5 if strom else 5 - mehr,
                "bestand_ende": None if strom else anfang + mehr, "antraege": 7, "bewilligt": 5,
                "abgelehnt": 2, "offen": 3, "aufwand_eur": eur(9000), "ertrag_eur": eur(100),
                "vzae": menge("0.6")}  # fmt: skip

    return {
        "leistungsbereich": [
            {"lb": lb, "lb_name": lb, "rechtsgrundlage": "SGB XII", "abteilung": "II",
             "zaehleinheit": "Fälle", "zaehlweise": "strom" if lb == "LB10" else "bestand"}
            for lb in bereiche
        ],
        "leistung_quartal": [
            quartal(lb, ende) for lb in bereiche for ende in quartalsenden(2022, STICHTAG)
        ],
    }  # fmt: skip


def _asyl() -> dict[str, list[Zeile]]:
    def bestand(monat: date) -> int:
        """The stock of LB18 and LB19 at the end of the quarter (see ``_soziales``)."""
        return 51 if monat.month % 6 == 3 else 50

    monatlich = monate(date(2024, 1, 1), date(2025, 6, 1))
    return {
        "asyl_monat": [
            {"monat": monat, "leistungsgrundlage": g, "leistungsberechtigte": bestand(monat),
             "aufwand_eur": eur(40000), "unterkunft_eur": eur(15000), "kranken_eur": eur(9000),
             "erstattung_eur": eur(30000)} for monat in monatlich for g in ("p2", "p3")
        ],
        "but_leistung": [
            {"monat": monat, "but_kreis": "BKGG", "but_art": "schulbedarf", "antraege": 9,
             "bewilligt": 7, "abgelehnt": 2, "dauer_tage": 180, "ausgaben_eur": eur(900)}
            for monat in monatlich
        ],
        "but_berechtigte": [
            {"monat": monat, "but_kreis": kreis, "berechtigte": 90, "mit_leistung": 50}
            for monat in monatlich for kreis in ("BKGG", "SGB2")
        ],
    }  # fmt: skip


def _personal() -> dict[str, list[Zeile]]:
    def stelle(tag: date, einheit: str, funktion: str) -> Zeile:
        return {"stichtag": tag, "org_einheit": einheit, "funktion": funktion,
                "vzae_plan": menge(5), "vzae_ist": menge("4.5"), "vzae_verfuegbar": menge(4),
                "koepfe": 6, "abgaenge": 1, "zugaenge": 1, "berufseinsteiger": 1, "unbesetzt": 1,
                "unbesetzt_tage": 40}  # fmt: skip

    return {
        "stelle": [
            stelle(tag, einheit, funktion)
            for tag in quartalsenden(2024, STICHTAG)
            for einheit, funktion in (("KSD 1", "asd"), ("KSD 2", "asd"), ("AV", "vormund"))
        ],
        "personalbedarf": [
            {"org_einheit": "KSD 1", "funktion": "asd", "gueltig_von": date(2024, 1, 1),
             "vzae_bedarf": menge(6), "quelle": "Bemessung"}
        ],
    }  # fmt: skip


def _sozialhilfe() -> dict[str, list[Zeile]]:
    """As many single cases as ``_soziales`` counts at the last quarter end, of two LB."""

    def leistung(lb: str, art: str, nr: int) -> Zeile:
        pflege = lb == "LB08"
        return {"leistung_id": f"{lb}-{nr}", "person_id": f"W{lb}-{nr}", "lb": lb,
                "leistungsart": art, "leistungsort": "ohne", "traeger": "kommunal",
                "beginn": date(2024, 1, 15), "ende": None, "antrag_am": date(2023, 12, 1),
                "entschieden_am": date(2023, 12, 20), "frist_am": date(2023, 12, 22),
                "gesamtplan_am": date(2024, 1, 10), "wohnform": "eigene", "hat_budget": False,
                "pflegegrad": "2" if pflege else None,
                "geburtsmonat": date(1940 if pflege else 2016, 5, 1),
                "sozialraum_id": "S1"}  # fmt: skip

    return {
        "leistungsfall": [
            leistung(lb, art, nr)
            for lb, art in (("LB06", "heilpaedagogik"), ("LB08", "pflege")) for nr in range(50)
        ] + [leistung("LB08", "pflege", 50) | {"ende": date(2024, 12, 31)}],
        "bedarfsermittlung": [
            {"ermittlung_id": "B1", "leistung_id": "LB08-1", "ermittelt_am": date(2024, 12, 10),
             "ermittelnd": "pflegefachkraft", "beantragt_stunden": menge(40),
             "festgestellt_stunden": menge(30), "beantragt_eur": eur(1540),
             "festgestellt_eur": eur(1155)}
        ],
        "pflegebeduerftige": [
            {"stichtag": date(2023, 12, 31), "pflegegrad": "2", "versorgung": "heim", "anzahl": 60}
        ],
        "sozialraum_indikator": [
            {"gebiet_id": raum, "jahr": jahr, "indikator": "sgb2_u18", "anzahl": 20 + jahr % 5,
             "gezaehlt_am": date(jahr, 12, 31), "grundgesamtheit": 200}
            for raum in ("S1", "S2") for jahr in (2020, 2023, 2024)
        ],
        "schueler": [
            {"stichtag": date(2024, 10, 1), "schulart": "grundschule", "anzahl": 400}
        ],
    }  # fmt: skip


def _schutz() -> dict[str, list[Zeile]]:
    def meldung(nr: int, person: str, am: date, ergebnis: str, folge: str) -> Zeile:
        return {"gefaehrdung_id": f"G{nr}", "person_id": person, "meldung_am": am,
                "erstkontakt_am": date.fromordinal(am.toordinal() + 2), "ergebnis": ergebnis,
                "meldende_stelle": "schule", "folge": folge, "sozialraum_id": "S1",
                "folge_am": date.fromordinal(am.toordinal() + 9)}  # fmt: skip

    return {
        "gefaehrdung": [
            meldung(1, "P5", date(2025, 2, 27), "akut", "inobhutnahme"),
            meldung(2, "P2", date(2025, 4, 10), "latent", "hilfe"),
            meldung(3, "P9", date(2025, 5, 5), "kein", "keine"),
        ],
        "inobhutnahme": [
            {"inobhutnahme_id": f"I{nr}", "person_id": person, "paragraph": "42", "beginn": von,
             "ende": bis, "anlass": "konflikt", "ist_selbstmelder": False, "ist_uma": False,
             "sozialraum_id": "S1", "anschluss_hilfe_id": hilfe}
            for nr, person, von, bis, hilfe in (
                (1, "P1", date(2023, 10, 20), date(2023, 10, 31), "H1"),
                (2, "P5", date(2025, 3, 1), date(2025, 3, 20), None),
                (3, "P7", date(2025, 6, 20), None, None),
            )
        ],
        "ksd_fall": [
            {"ksd_fall_id": f"K{nr}", "ksd_art": "formlos", "beginn": von, "ende": bis,
             "uebergang_hilfe_id": hilfe, "sozialraum_id": "S2", "fachkraft_org": "51.2"}
            for nr, von, bis, hilfe in (
                (1, date(2023, 11, 1), date(2024, 1, 20), "H2"),
                (2, date(2025, 1, 10), None, None),
            )
        ],
    }  # fmt: skip


def _pflege() -> dict[str, list[Zeile]]:
    """Foster places, guardians, calls at night, and what is set for reckoning with them."""

    def stelle(nr: int, zugelassen: date | None, beendet: date | None = None) -> Zeile:
        return {"pflegestelle_id": f"S{nr}", "bewerbung_am": date(2024, 1, nr),
                "zugelassen_am": zugelassen, "beendet_am": beendet, "gewonnen_durch": "werbung",
                "plaetze": 2 if zugelassen else None}  # fmt: skip

    return {
        "pflegestelle": [
            stelle(1, date(2024, 6, 1)), stelle(2, date(2024, 7, 1), date(2025, 5, 31)),
            stelle(3, None),
        ],
        "parameter": [
            {"parameter": "akquise_eur", "gueltig_von": date(2024, 1, 1), "quelle": "Rat",
             "gueltig_bis": date(2024, 12, 31), "parameterwert": menge(40000)},
            {"parameter": "akquise_eur", "gueltig_von": date(2025, 1, 1), "quelle": "Rat",
             "parameterwert": menge(41000)},
            {"parameter": "pflegefachkraft_eur", "gueltig_von": date(2024, 1, 1), "quelle": "Rat",
             "parameterwert": menge(70000)},
        ],
        "rufbereitschaft": [
            {"einsatz_id": f"R{nr}", "einsatz_am": date(2025, 6, nr), "zeitlage": lage}
            for nr, lage in ((6, "abend"), (7, "wochenende"), (10, "nacht"))
        ],
        "vormundschaft": [
            {"vormundschaft_id": f"V{nr}", "person_id": f"P{nr}", "vormundschaft_art": "bestellt",
             "beginn": date(2024, 2, nr), "ende": date(2025, 2, 1) if nr == 2 else None}
            for nr in (1, 2, 3)
        ],
        "landesbudget": [
            {"gilt_von": date(jahr, 1, 1), "gilt_bis": date(jahr, 12, 31), "kinder": 100,
             "verteilmerkmal": merkmal, "landesmittel_eur": eur(50000), "kinder_land": 1000,
             "quelle": "Bescheid"}
            for jahr in (2024, 2025) for merkmal in ("kinder", "kinder_bg")
        ],
    }  # fmt: skip


def _personen() -> list[Zeile]:
    geburten = {"P1": (2010, 5), "P2": (2016, 2), "P3": (2014, 9), "P4": (2006, 3), "P5": (2012, 1),
                "P6": (2009, 7)}  # fmt: skip
    return [
        {"person_id": id_, "geburtsmonat": date(*geburt, 1), "geschlecht": "w" if i % 2 else "m",
         "staatsang_gruppe": "Drittstaat" if id_ == "P1" else "deutsch",
         "sozialraum_id": "S1" if i % 2 else "S2"}
        for i, (id_, geburt) in enumerate(geburten.items())
    ]  # fmt: skip


def _faelle() -> list[Zeile]:
    def fall(nr: str, person: str, art: str, segment: str, beginn: date, **rest: Any) -> Zeile:
        return {
            "hilfe_id": f"H{nr}", "fall_id": f"A{nr}", "person_id": person, "familie_id": f"X{nr}",
            "rechtskreis": "SGB8", "paragraph": art, "hilfeart": art, "segment": segment,
            "traeger": "kommunal", "beginn": beginn, "antrag_am": beginn, "beginn_grund": "neu",
            "leistungserbringer_id": f"T{art}", "ort": "stadt", "ist_uma": False,
            "hat_transferbezug": True, "hilfeplan_am": date(2025, 2, 1), "sozialraum_id": "S1",
            "fachkraft_org": "51.2", **rest,
        }  # fmt: skip

    def beendet(ende: date) -> Zeile:
        return {
            "ende": ende,
            "ende_grund": "hilfeplan",
            "aufenthalt_nach": "eltern",
            "hilfeplan_am": ende,
        }

    return [
        fall("1", "P1", "34", "stationaer", date(2023, 11, 1), tagessatz_eur=eur(200),
             ist_uma=True),
        fall("2", "P2", "31", "ambulant", date(2024, 2, 1), fls_monat=menge(20)),
        fall("3", "P3", "33", "stationaer", date(2023, 12, 1), pflegeform="fremd",
             leistungserbringer_id=None, sozialraum_id="S2", **beendet(date(2024, 10, 31))),
        fall("4", "P4", "34", "stationaer", date(2024, 9, 1), paragraph="41",
             tagessatz_eur=eur(190)),
        fall("5", "P5", "42", "stationaer", date(2025, 3, 1), **beendet(date(2025, 3, 20))),
        fall("6", "P6", "30", "ambulant", date(2023, 11, 1), **beendet(date(2024, 7, 31))),
    ]  # fmt: skip


PREISE = {"34": ("Tag", 30, "200"), "31": ("FLS", 20, "60"), "33": ("Monat", 1, "1000"),
          "42": ("Tag", 20, "210"), "30": ("FLS", 12, "58")}  # fmt: skip


def _zahlungen(fall: Zeile) -> list[Zeile]:
    einheit, anzahl, preis = PREISE[fall["hilfeart"]]
    zeilen: list[Zeile] = []
    for monat in monate(fall["beginn"], fall.get("ende") or date(2025, 5, 31)):
        folge = monatsende(monat).toordinal() + 15
        zeilen.append(
            {"zahlung_id": f"Z{fall['hilfe_id']}-{monat:%Y%m}", "hilfe_id": fall["hilfe_id"],
             "leistung_von": max(monat, fall["beginn"]),
             "leistung_bis": min(monatsende(monat), fall.get("ende") or date.max),
             "leistungsmonat": monat, "betrag_eur": eur(anzahl * int(preis)), "art": "leistung",
             "buchung_am": date.fromordinal(folge), "empfaenger_typ": "traeger",
             "menge": menge(anzahl), "einheit": einheit, "preis_eur": eur(preis)}
        )  # fmt: skip
    if fall["hilfe_id"] == "H2":
        erste = zeilen[0]
        zeilen.append({**erste, "zahlung_id": "ZS1", "art": "storno", "menge": -erste["menge"],
                       "betrag_eur": -erste["betrag_eur"], "storno_zu": erste["zahlung_id"]}
                      )  # fmt: skip
        zeilen.append(
            {**erste, "zahlung_id": "ZE1", "art": "erstattung", "empfaenger_typ": "kommune"}
        )
        zeilen.append(
            {**erste, "zahlung_id": "ZK1", "art": "kostenbeitrag", "empfaenger_typ": "privat"}
        )
    return zeilen


PRODUKT = {
    "34": "363308",
    "31": "363305",
    "33": "363307",
    "42": "363404",
    "30": "363304",
    "41": "363402",
}


def _buchungen(zahlungen: list[Zeile], faelle: list[Zeile]) -> list[Zeile]:
    """One ledger row a payment; payments booked after the year still belong to its year."""
    art = {f["hilfe_id"]: f["paragraph"] for f in faelle}
    zeilen: list[Zeile] = []
    beleg: dict[str, str] = {}
    for nr, z in enumerate(zahlungen, start=1):
        beleg[z["zahlung_id"]] = f"B{nr:05d}"
        ertrag = z["art"] in {"erstattung", "kostenbeitrag"}
        zeilen.append(
            {"beleg_nr": f"B{nr:05d}", "pos": 1, "haushaltsjahr": z["leistungsmonat"].year,
             "periode": z["leistungsmonat"].month, "buchung_am": z["buchung_am"],
             "leistungsmonat": z["leistungsmonat"], "produkt": PRODUKT[art[z["hilfe_id"]]],
             "konto": "4211" if ertrag else "5552", "kostenstelle": "5110",
             "betrag_eur": z["betrag_eur"], "storno_zu": beleg.get(z.get("storno_zu") or ""),
             "herkunft": "fachverfahren"}
        )  # fmt: skip
    return zeilen


def _budget() -> list[Zeile]:
    def zeile(jahr: int, produkt: str, art: str, betrag: str, **rest: Any) -> Zeile:
        return {"jahr": jahr, "produkt": produkt, "konto": "5552", "art": art,
                "wirksam_ab": date(jahr, 1, 1), "betrag_eur": eur(betrag), "beschluss_ref": "BV/1",
                **rest}  # fmt: skip

    ansaetze = [
        zeile(j, p, "ansatz", "500000") for j in (2023, 2024, 2025) for p in PRODUKT.values()
    ]
    return [
        *ansaetze,
        zeile(2024, "363305", "ansatz", "1000", konto="4211"),
        zeile(2025, "363308", "nachtrag", "20000", wirksam_ab=date(2025, 5, 1)),
        zeile(2025, "363305", "umschichtung", "-5000", wirksam_ab=date(2025, 4, 1)),
        zeile(2025, "363308", "umschichtung", "5000", wirksam_ab=date(2025, 4, 1)),
        zeile(2025, "363307", "sperre", "-1000", wirksam_ab=date(2025, 2, 1), beschluss_ref=None),
    ]


def _obligo() -> list[Zeile]:
    def zeile(produkt: str, bestellt: str, gesperrt: str) -> Zeile:
        return {"jahr": 2025, "produkt": produkt, "konto": "5552", "stand": STICHTAG,
                "bestellt_eur": eur(bestellt), "gesperrt_eur": eur(gesperrt)}  # fmt: skip

    return [zeile("363308", "12000", "0"), zeile("363307", "500", "1000")]


def _gesamthaushalt() -> list[Zeile]:
    return [
        {"jahr": jahr, "art": art, "stand": stand, "aufwand_eur": eur(9_000_000),
         "ertrag_eur": eur(8_000_000)}
        for jahr, art, stand in (
            (2025, "plan", date(2025, 1, 1)), (2024, "ist", date(2024, 12, 31)),
            (2025, "ist", STICHTAG),
        )
    ]  # fmt: skip


def _produkte() -> list[Zeile]:
    zeilen = [
        {"produkt_lokal": produkt, "produkt_name": f"§ {art}", "gueltig_von": date(2020, 1, 1),
         "produktgruppe": produkt[:4], "produktgruppe_name": "Hilfen", "leistungsbereich": "LB01",
         "hilfeart": None if art == "41" else art, "paragraph": "41" if art == "41" else None,
         "teilhaushalt": "06", "teilhaushalt_name": "Jugend", "deckungskreis": "DK 6",
         "verantwortlich": "Jugendamt"}
        for art, produkt in PRODUKT.items()
    ]  # fmt: skip
    zeilen[0]["segment"] = "stationaer"
    alt = {**zeilen[0], "gueltig_von": date(2010, 1, 1), "gueltig_bis": date(2019, 12, 31)}
    return [*zeilen, alt]


def _konten() -> list[Zeile]:
    return [
        {
            "konto": "5552",
            "konto_name": "Jugendhilfe",
            "konto_art": "aufwand",
            "ist_soziale_sicherung": True,
        },
        {
            "konto": "4211",
            "konto_name": "Kostenbeiträge",
            "konto_art": "ertrag",
            "ist_soziale_sicherung": True,
        },
    ]
