"""Write a delivery as the source systems of a town hall would: their formats, words and quirks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

from sozcontrol.demo import (
    arbeitsmappen,
    gebietsumrisse,
    leistungslisten,
    monatslisten,
    steuerungslisten,
    vergleichsdateien,
    vorgangslisten,
)
from sozcontrol.demo import woerter as wort
from sozcontrol.demo.akten import Person
from sozcontrol.demo.kanonisch import (
    Buchungzeile,
    Budgetposten,
    Fallzeile,
    Gesamtzeile,
    Obligozeile,
    Zahlungzeile,
)
from sozcontrol.demo.produkte import PRODUKTE, ist_aufwand
from sozcontrol.demo.schreibweise import ERFUNDEN, Zellen, csv_text, sap, tag, zahl
from sozcontrol.demo.stadt import STANDARD_SEED, Stadt, make_city, pruefe_stichtag
from sozcontrol.demo.wuerfel import Wuerfel
from sozcontrol.demo.zeit import STANDARD_STICHTAG
from sozcontrol.errors import StorageError


def _bemerkung(wuerfel: Wuerfel, person: Person) -> str:
    """Return free text as nobody should keep it: names, separators and line feeds."""
    if not wuerfel.ja(0.18):
        return ""
    return wuerfel.eins_aus(
        (
            f"Rücksprache mit Frau {person.name}; WV in 3 Monaten",
            f"{person.vorname} möchte bleiben – HPG verschoben\nVermerk: s. Akte; Bl. 12",
            'Kostenzusage "vorläufig"; 250 € Erstausstattung',
        )
    )


def _hilfen(stadt: Stadt, zeilen: list[Fallzeile], kopf: tuple[str, ...]) -> str:
    wuerfel = Wuerfel(stadt.seed, "bemerkungen")
    personen = {h.person.nummer: h.person for h in stadt.hilfen}
    raeume = _raumnamen()
    out: list[Zellen] = [kopf, _KOPF_HILFEN]
    for f in zeilen:
        person = personen[f["person_id"]]
        # The two ways offices say »no end yet« stand side by side.
        offen = "31.12.9999" if int(f["hilfe_id"][1:]) % 3 == 0 else ""
        out.append(
            (
                f["hilfe_id"], f["fall_id"], f["person_id"], f["familie_id"],
                person.name, person.vorname,
                wort.RECHTSGRUNDLAGE[f["paragraph"]], wort.LEISTUNGSART[f["hilfeart"]],
                wort.FORM[f["segment"]], tag(f["beginn"]), tag(f["ende"]) or offen,
                tag(f["antrag_am"]), wort.GRUND_BEGINN[f["beginn_grund"]],
                wort.GRUND_ENDE.get(f["ende_grund"] or "", ""),
                wort.VERBLEIB.get(f["aufenthalt_nach"] or "", ""), f["leistungserbringer_id"],
                wort.ORT[f["ort"]], _ja(f["ist_uma"]), _ja(f["hat_transferbezug"]),
                wort.PFLEGEFORM.get(f["pflegeform"] or "", ""), zahl(f["tagessatz_eur"]),
                zahl(f["fls_monat"]), tag(f["hilfeplan_am"]),
                raeume.get(f["sozialraum_id"] or "", "unbekannt"), f["fachkraft_org"],
                _bemerkung(wuerfel, person),
            )
        )  # fmt: skip
    return csv_text([*out, (f"Anzahl Datensätze: {len(zeilen)}",), _gedruckt(kopf)])


_KOPF_HILFEN = (
    "Hilfe-Nr", "Aktenzeichen", "Pers.-Nr", "Familien-Nr", "Name", "Vorname", "Rechtsgrundlage",
    "Leistungsart", "Form", "Beginn", "Ende", "Antrag vom", "Grund Beginn", "Grund Ende",
    "Verbleib", "Leistungserbringer", "Ort", "umA", "Transferleistung", "Pflegeform",
    "Tagessatz (€)", "FLS/Monat", "Hilfeplan vom", "Sozialraum", "Org.-Einheit", "Bemerkung",
)  # fmt: skip


def _ja(wert: bool | None) -> str:
    return "" if wert is None else "ja" if wert else "nein"


def _gedruckt(kopf: tuple[str, ...]) -> tuple[str]:
    return (f"Gedruckt am {kopf[-1].removeprefix('Datenstand ')} 06:15 Uhr",)


def _raumnamen() -> dict[str, str]:
    from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME

    return {r.id: f"{r.id} {r.name}" for r in SOZIALRAEUME}


def _personen(stadt: Stadt, stand: date, kopf: tuple[str, ...]) -> str:
    raeume = _raumnamen()
    personen = stadt.personen_bekannt(stand)
    out: list[Zellen] = [
        kopf,
        ("Pers.-Nr", "Name", "Vorname", "Geburtsdatum", "Geschlecht", "Staatsangehörigkeit",
         "Straße", "PLZ", "Sozialraum"),
    ]  # fmt: skip
    for p in personen:
        strasse = f"Musterstraße {int(p.nummer) % 97 + 1}"
        raum = raeume.get(p.sozialraum or "", "unbekannt")
        out.append(
            (p.nummer, p.name, p.vorname, tag(p.geburt), wort.GESCHLECHT[p.geschlecht],
             wort.STAATSANG[p.staatsang], strasse, "00001", raum)
        )  # fmt: skip
    return csv_text([*out, (f"Anzahl Datensätze: {len(personen)}",), _gedruckt(kopf)])


def _zahlliste(stadt: Stadt, zeilen: list[Zahlungzeile], kopf: tuple[str, ...]) -> str:
    erbringer = {h.nummer: h for h in stadt.hilfen}
    out: list[Zellen] = [
        kopf,
        ("Zahl-Nr", "Hilfe-Nr", "Leistung von", "Leistung bis", "Leistungsmonat", "Art",
         "Betrag (€)", "Menge", "Einheit", "Preis (€)", "Buchung am", "Storno zu", "Empfänger",
         "Zahlungsempfänger"),
    ]  # fmt: skip
    for z in zeilen:
        hilfe = erbringer[z["hilfe_id"]]
        name = {"traeger": hilfe.erbringer.name, "kommune": "Jugendamt Nirgendwo"}.get(
            z["empfaenger_typ"], f"Fam. {hilfe.person.name}"
        )
        out.append(
            (z["zahlung_id"], z["hilfe_id"], tag(z["leistung_von"]), tag(z["leistung_bis"]),
             f"{z['leistungsmonat']:%m/%Y}", wort.ZAHLUNGSART[z["art"]], sap(z["betrag_eur"]),
             zahl(z["menge"], 4), wort.EINHEIT[z["einheit"]], zahl(z["preis_eur"]),
             tag(z["buchung_am"]), z["storno_zu"] or "", wort.EMPFAENGER[z["empfaenger_typ"]], name)
        )  # fmt: skip
    summe = sum((z["betrag_eur"] for z in zeilen), Decimal(0))
    fuss: list[Zellen] = [
        ("Gesamtsumme", "", "", "", "", "", sap(summe)),
        (f"Anzahl Datensätze: {len(zeilen)}",),
        _gedruckt(kopf),
    ]
    return csv_text([*out, *fuss])


_KOPF_SAP = (
    "Belegnr", "Pos", "GJahr", "Per", "Buchungsdatum", "Leistungsmonat", "Produkt",
    "Produktbezeichnung", "Sachkonto", "A/E", "Kostenstelle", "Betrag", "Währung", "Text",
    "Storno zu", "Herkunft",
)  # fmt: skip


def _einzelposten(stadt: Stadt, zeilen: list[Buchungzeile], kopf: tuple[str, ...]) -> str:
    texte = {(b.beleg_nr, b.pos): (b.text, PRODUKTE[b.produkt].name) for b in stadt.buchungen}
    out: list[Zellen] = [(ERFUNDEN,), kopf, ("Einzelpostenliste, Beträge in EUR",), _KOPF_SAP]
    gesamt, teil, produkt = Decimal(0), Decimal(0), ""
    sortiert = sorted(zeilen, key=lambda b: (b["produkt"], b["konto"], b["beleg_nr"], b["pos"]))
    for b in sortiert:
        if produkt and b["produkt"] != produkt:
            out.append(_zwischensumme(produkt, teil))
            teil = Decimal(0)
        produkt = b["produkt"]
        aufwand = ist_aufwand(b["konto"])
        # SAP shows income as negative amounts; the profile turns them round.
        betrag = b["betrag_eur"] if aufwand else -b["betrag_eur"]
        gesamt, teil = gesamt + betrag, teil + betrag
        text, name = texte[b["beleg_nr"], b["pos"]]
        monat = f"{b['leistungsmonat']:%Y/%m}" if b["leistungsmonat"] else ""
        out.append(
            (b["beleg_nr"], b["pos"], b["haushaltsjahr"], b["periode"], tag(b["buchung_am"]),
             monat, produkt, name, b["konto"], "A" if aufwand else "E", b["kostenstelle"],
             sap(betrag), "EUR", text, b["storno_zu"] or "", wort.HERKUNFT[b["herkunft"]])
        )  # fmt: skip
    out.append(_zwischensumme(produkt, teil))
    return csv_text([*out, ("Gesamtsumme", *[""] * 10, sap(gesamt), *[""] * 4)])


def _zwischensumme(produkt: str, summe: Decimal) -> Zellen:
    return (*[""] * 6, f"Summe Produkt {produkt}", *[""] * 4, sap(summe), "EUR", "", "", "")


def _veraenderungen(zeilen: list[Budgetposten], kopf: tuple[str, ...]) -> str:
    out: list[Zellen] = [
        (ERFUNDEN,), kopf,
        ("Haushaltsjahr", "Produkt", "Sachkonto", "Art der Veränderung", "Wirksam ab",
         "Betrag (€)", "Vorlage"),
    ]  # fmt: skip
    art = wort.BUDGETART
    aenderungen = [z for z in zeilen if z["art"] in art]
    for z in aenderungen:
        out.append(
            (z["jahr"], z["produkt"], z["konto"], art[z["art"]], tag(z["wirksam_ab"]),
             sap(z["betrag_eur"]), z["beschluss_ref"])
        )  # fmt: skip
    return csv_text([*out, (f"Anzahl Datensätze: {len(aenderungen)}",)])


def _obligo(zeilen: list[Obligozeile], kopf: tuple[str, ...]) -> str:
    namen = {p.neu: p.name for p in PRODUKTE.values()} | {p.alt: p.name for p in PRODUKTE.values()}
    out: list[Zellen] = [
        (ERFUNDEN,), kopf,
        ("Haushaltsjahr", "Produkt", "Bezeichnung", "Sachkonto", "Stand", "Bestellt (€)",
         "Gesperrt (€)"),
    ]  # fmt: skip
    for z in zeilen:
        out.append(
            (z["jahr"], z["produkt"], namen[z["produkt"]], z["konto"], tag(z["stand"]),
             zahl(z["bestellt_eur"]), zahl(z["gesperrt_eur"]))
        )  # fmt: skip
    pairs = [(z["bestellt_eur"], z["gesperrt_eur"]) for z in zeilen]
    summen = [sum(column, Decimal(0)) for column in zip(*pairs, strict=True)]
    return csv_text([*out, ("Gesamtsumme", "", "", "", "", *map(zahl, summen))])


def _gesamt(zeilen: list[Gesamtzeile], kopf: tuple[str, ...]) -> str:
    art = {"plan": "Plan", "ist": "Ist"}
    out: list[Zellen] = [
        (ERFUNDEN,), kopf,
        ("Haushaltsjahr", "Art", "Stand", "Aufwendungen (€)", "Erträge (€)"),
    ]  # fmt: skip
    for z in zeilen:
        out.append(
            (z["jahr"], art[z["art"]], tag(z["stand"]), sap(z["aufwand_eur"]),
             sap(z["ertrag_eur"]))
        )  # fmt: skip
    return csv_text(out)


def _stammdaten(zeilen: Sequence[Mapping[str, object]], titel: str, stichtag: date) -> str:
    """Return a table as the office keeps it: ISO dates, decimal comma, a line with the Stichtag."""
    namen = list(zeilen[0])
    out: list[Zellen] = [(f"{titel} {ERFUNDEN}", f"Stichtag {tag(stichtag)}"), namen]
    out += [[_schlicht(zeile[n]) for n in namen] for zeile in zeilen]
    return csv_text(out)


def _schlicht(wert: object) -> str:
    if isinstance(wert, bool):
        return _ja(wert)
    if isinstance(wert, Decimal):
        return zahl(wert, 4)
    return "" if wert is None else wert.isoformat() if isinstance(wert, date) else str(wert)


Schreiber = Callable[[], bytes]


def _dateien(stadt: Stadt, stichtag: date, stand: date) -> dict[str, Schreiber]:
    """Return the files of one delivery: name without the Stichtag → its bytes when asked."""
    t = stadt.tabellen(stichtag, stand)
    kopf = (f"WJH-Auswertung Stichtag {tag(stichtag)}", f"Datenstand {tag(stand)}")
    sap_kopf = (f"Stichtag {tag(stichtag)}, gebucht bis {tag(stand)}",)
    return {
        "WJH_Hilfen.csv": lambda: _hilfen(stadt, t["fall"], kopf).encode("cp1252"),
        "WJH_Personen.csv": lambda: _personen(stadt, stand, kopf).encode("cp1252"),
        "WJH_Zahlliste.csv": lambda: _zahlliste(stadt, t["zahlung"], kopf).encode("cp1252"),
        "SAP_Einzelposten.csv": lambda: _einzelposten(stadt, t["buchung"], sap_kopf).encode(
            "cp1252"
        ),
        "Haushalt_Veraenderungen.csv": lambda: _veraenderungen(t["budget"], sap_kopf).encode(
            "cp1252"
        ),
        "Haushalt_Plan.xlsx": lambda: arbeitsmappen.plan(t["budget"], t["map_produkt"], stichtag),
        "Haushalt_Obligo.csv": lambda: _obligo(t["obligo"], sap_kopf).encode("cp1252"),
        "Haushalt_Gesamt.csv": lambda: _gesamt(t["gesamthaushalt"], sap_kopf).encode("cp1252"),
        "Einwohner.xlsx": lambda: arbeitsmappen.einwohner(stadt, t["einwohner"], stichtag),
        **monatslisten.dateien(t, stichtag),
        **vergleichsdateien.dateien(t["vergleichswert"], stichtag),
        **vorgangslisten.dateien(t, stichtag),
        **leistungslisten.dateien(t, stichtag),
        **steuerungslisten.dateien(t, stichtag),
        "Sozialraeume.geojson": lambda: gebietsumrisse.geojson(t["gebietsumriss"]).encode(),
        "Gebiete.csv": lambda: _stammdaten(t["gebiet"], "Gebiete", stichtag).encode("utf-8-sig"),
        "Produktzuordnung.csv": lambda: _stammdaten(
            t["map_produkt"], "Produkte", stichtag
        ).encode(),
        "Kontenzuordnung.csv": lambda: _stammdaten(t["map_konto"], "Konten", stichtag).encode(),
    }


def _schreibe(ordner: Path, dateien: dict[str, Schreiber], stichtag: date) -> None:
    ordner.mkdir(parents=True, exist_ok=True)
    (ordner / "lieferung.yml").write_text("kommune: musterstadt\n", encoding="utf-8")
    for name, schreiben in dateien.items():
        stamm, _, endung = name.partition(".")
        (ordner / f"{stamm}_{stichtag:%Y%m%d}.{endung}").write_bytes(schreiben())


def _stoerung(mess: Sequence[str]) -> Callable[[Path, date], None]:
    """Return what injects *mess*; without any the test bench is not read."""
    if not mess:
        return lambda ordner, stichtag: None
    from sozcontrol.demo.pruefstand.mess import check_names, inject

    check_names(mess)
    return lambda ordner, stichtag: inject(ordner, mess, stichtag)


def write_delivery(
    ziel: Path,
    *,
    stichtag: date = STANDARD_STICHTAG,
    datenstand: date | None = None,
    seed: int = STANDARD_SEED,
    mess: Sequence[str] = (),
) -> Path:
    """Write one delivery of Musterstadt to ``<ziel>/<stichtag>/<datenstand>/``; return the folder.

    The same arguments give the same bytes. *mess* names faults of the ``pruefstand``, injected in
    the given order. Files that are there are overwritten; others are left alone.

    Raises:
        UsageError: An unknown class of mess, or a Stichtag without data.
        StorageError: The folder cannot be written.
    """
    stand = pruefe_stichtag(stichtag, datenstand)
    ordner = ziel / stichtag.isoformat() / stand.isoformat()
    stoere = _stoerung(mess)
    try:
        _schreibe(ordner, _dateien(make_city(seed), stichtag, stand), stichtag)
        stoere(ordner, stichtag)
    except OSError as error:
        raise StorageError(
            f"Die Demo-Lieferung ist nicht zu schreiben ({type(error).__name__}).",
            wo=str(ordner),
            tun="Schreibrechte und freien Platz prüfen.",
        ) from None
    return ordner
