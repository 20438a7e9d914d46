"""The rows the demo city knows, table by table: what its files are written from, and tests read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypedDict


class Gebietzeile(TypedDict):
    """A row of ``gebiet``."""

    gebiet_id: str
    typ: str
    name: str
    eltern_id: str | None
    gueltig_von: date
    gueltig_bis: date | None
    flaeche_km2: Decimal
    einwohner_je_km2: Decimal


class Einwohnerzeile(TypedDict):
    """A row of ``einwohner``."""

    stichtag: date
    gebiet_id: str
    altersjahr: int
    geschlecht: str
    staatsang_gruppe: str
    quelle: str
    anzahl: int


class Produktzeile(TypedDict):
    """A row of ``map_produkt``."""

    produkt_lokal: str
    produkt_name: str
    gueltig_von: date
    gueltig_bis: date | None
    produktgruppe: str
    produktgruppe_name: str
    leistungsbereich: str | None
    hilfeart: str | None
    segment: str | None
    paragraph: str | None
    teilhaushalt: str
    teilhaushalt_name: str
    deckungskreis: str
    verantwortlich: str


class Kontozeile(TypedDict):
    """A row of ``map_konto``."""

    konto: str
    konto_name: str
    konto_art: str
    ist_soziale_sicherung: bool


class Personzeile(TypedDict):
    """A row of ``person``."""

    person_id: str
    geburtsmonat: date
    geschlecht: str
    staatsang_gruppe: str
    sozialraum_id: str | None


class Fallzeile(TypedDict):
    """A row of ``fall``."""

    hilfe_id: str
    fall_id: str
    person_id: str
    familie_id: str
    rechtskreis: str
    paragraph: str
    hilfeart: str
    segment: str
    traeger: str
    beginn: date
    ende: date | None
    antrag_am: date | None
    beginn_grund: str
    ende_grund: str | None
    aufenthalt_nach: str | None
    leistungserbringer_id: str
    ort: str
    ist_uma: bool
    hat_transferbezug: bool | None
    pflegeform: str | None
    tagessatz_eur: Decimal | None
    fls_monat: Decimal | None
    hilfeplan_am: date | None
    sozialraum_id: str | None
    fachkraft_org: str


class Zahlungzeile(TypedDict):
    """A row of ``zahlung``."""

    zahlung_id: str
    hilfe_id: str
    leistung_von: date
    leistung_bis: date
    leistungsmonat: date
    betrag_eur: Decimal
    art: str
    buchung_am: date
    storno_zu: str | None
    empfaenger_typ: str
    menge: Decimal
    einheit: str
    preis_eur: Decimal


class Buchungzeile(TypedDict):
    """A row of ``buchung``."""

    beleg_nr: str
    pos: int
    haushaltsjahr: int
    periode: int
    buchung_am: date
    leistungsmonat: date | None
    produkt: str
    konto: str
    kostenstelle: str
    betrag_eur: Decimal
    storno_zu: str | None
    herkunft: str


class Budgetposten(TypedDict):
    """A row of ``budget``."""

    jahr: int
    produkt: str
    konto: str
    art: str
    wirksam_ab: date
    betrag_eur: Decimal
    beschluss_ref: str


class Uvgzeile(TypedDict):
    """A row of ``uvg_monat``."""

    monat: date
    altersstufe: str
    leistungsjahr: int
    zahlfaelle: int
    zahlfaelle_gesamt: int
    ausgaben_eur: Decimal
    einnahmen_p7_eur: Decimal
    einnahmen_p5_eur: Decimal
    erstattung_eur: Decimal
    leistungsunfaehig: int
    offen_eur: Decimal


class Kitazeile(TypedDict):
    """A row of ``kita``."""

    kita_id: str
    kita_name: str
    traegerart: str
    gebiet_id: str
    plaetze: int
    plaetze_u2: int
    plaetze_ue2: int
    plaetze_ganztag: int
    gueltig_von: date
    gueltig_bis: date | None


class Belegungzeile(TypedDict):
    """A row of ``kita_belegung``."""

    kita_id: str
    monat: date
    altersgruppe: str
    umfang: str
    belegt: int
    gesperrt: int
    sperrgrund: str | None
    gemeldet_gesamt: int


class Anmeldezeile(TypedDict):
    """A row of ``kita_anmeldung``."""

    monat: date
    altersgruppe: str
    gebiet_id: str
    anmeldungen: int
    unversorgt: int


class Personalzeile(TypedDict):
    """A row of ``kita_personal``."""

    kita_id: str
    monat: date
    soll_vzae: Decimal
    ist_vzae: Decimal
    ksa_vzae: Decimal
    schliesstage: int


class Sozialraumbudgetzeile(TypedDict):
    """A row of ``sozialraumbudget``."""

    jahr: int
    gebiet_id: str
    zweck: str
    gezaehlt_bis: date
    zugewiesen_eur: Decimal
    verplant_eur: Decimal
    abgerufen_eur: Decimal
    kofinanzierung_eur: Decimal
    bescheid_eur: Decimal | None


class Kontaktzeile(TypedDict):
    """A row of ``ksa_kontakt``."""

    kita_id: str
    monat: date
    arbeitsdimension: str
    kontakte: int


class Vergleichszeile(TypedDict):
    """A row of ``vergleichswert``."""

    ags: str
    fuer_ags: str
    jahr: int
    kennzahl_id: str
    definition_id: str
    quelle: str
    wert: Decimal | None
    zaehler: Decimal | None
    nenner: Decimal | None
    zeichen: str | None
    vergleichbar: bool
    bemerkung: str | None


class Obligozeile(TypedDict):
    """A row of ``obligo``."""

    jahr: int
    produkt: str
    konto: str
    stand: date
    bestellt_eur: Decimal
    gesperrt_eur: Decimal


class Gesamtzeile(TypedDict):
    """A row of ``gesamthaushalt``."""

    jahr: int
    art: str
    stand: date
    aufwand_eur: Decimal
    ertrag_eur: Decimal


class Leistungsbereichzeile(TypedDict):
    """A row of ``leistungsbereich``."""

    lb: str
    lb_name: str
    rechtsgrundlage: str
    abteilung: str
    zaehleinheit: str
    zaehlweise: str


class Quartalzeile(TypedDict):
    """A row of ``leistung_quartal``."""

    quartal: date
    lb: str
    leistungsort: str
    traeger: str
    bestand_anfang: int | None
    zugang: int
    abgang: int
    bestand_ende: int | None
    antraege: int
    bewilligt: int
    abgelehnt: int
    offen: int
    aufwand_eur: Decimal
    ertrag_eur: Decimal
    vzae: Decimal


class Gefaehrdungzeile(TypedDict):
    """A row of ``gefaehrdung``."""

    gefaehrdung_id: str
    person_id: str
    meldung_am: date
    erstkontakt_am: date | None
    ergebnis: str | None
    meldende_stelle: str
    folge: str | None
    folge_am: date | None
    sozialraum_id: str | None


class Inobhutnahmezeile(TypedDict):
    """A row of ``inobhutnahme``."""

    inobhutnahme_id: str
    person_id: str
    paragraph: str
    beginn: date
    ende: date | None
    anlass: str
    ist_selbstmelder: bool
    ist_uma: bool
    anschluss_hilfe_id: str | None
    sozialraum_id: str | None


class Ksdzeile(TypedDict):
    """A row of ``ksd_fall``."""

    ksd_fall_id: str
    ksd_art: str
    beginn: date
    ende: date | None
    uebergang_hilfe_id: str | None
    sozialraum_id: str | None
    fachkraft_org: str


class Pflegestellenzeile(TypedDict):
    """A row of ``pflegestelle``."""

    pflegestelle_id: str
    bewerbung_am: date
    zugelassen_am: date | None
    beendet_am: date | None
    plaetze: int | None
    gewonnen_durch: str


class Parameterzeile(TypedDict):
    """A row of ``parameter``."""

    parameter: str
    gueltig_von: date
    gueltig_bis: date | None
    parameterwert: Decimal
    quelle: str


class Einsatzzeile(TypedDict):
    """A row of ``rufbereitschaft``."""

    einsatz_id: str
    einsatz_am: date
    zeitlage: str


class Muendelzeile(TypedDict):
    """A row of ``vormundschaft``."""

    vormundschaft_id: str
    person_id: str
    vormundschaft_art: str
    beginn: date
    ende: date | None


class Landesbudgetzeile(TypedDict):
    """A row of ``landesbudget``."""

    gilt_von: date
    gilt_bis: date
    verteilmerkmal: str
    landesmittel_eur: Decimal
    kinder: int
    kinder_land: int
    quelle: str


class Asylzeile(TypedDict):
    """A row of ``asyl_monat``."""

    monat: date
    leistungsgrundlage: str
    leistungsberechtigte: int
    aufwand_eur: Decimal
    unterkunft_eur: Decimal
    kranken_eur: Decimal
    erstattung_eur: Decimal


class Butzeile(TypedDict):
    """A row of ``but_leistung``."""

    monat: date
    but_kreis: str
    but_art: str
    antraege: int
    bewilligt: int
    abgelehnt: int
    dauer_tage: int
    ausgaben_eur: Decimal


class Butkinderzeile(TypedDict):
    """A row of ``but_berechtigte``."""

    monat: date
    but_kreis: str
    berechtigte: int
    mit_leistung: int


class Stellenzeile(TypedDict):
    """A row of ``stelle``."""

    stichtag: date
    org_einheit: str
    funktion: str
    vzae_plan: Decimal
    vzae_ist: Decimal
    vzae_verfuegbar: Decimal
    koepfe: int
    abgaenge: int
    zugaenge: int
    berufseinsteiger: int
    unbesetzt: int
    unbesetzt_tage: int


class Bedarfzeile(TypedDict):
    """A row of ``personalbedarf``."""

    org_einheit: str
    funktion: str
    gueltig_von: date
    gueltig_bis: date | None
    vzae_bedarf: Decimal
    quelle: str


class Leistungsfallzeile(TypedDict):
    """A row of ``leistungsfall``."""

    leistung_id: str
    person_id: str
    lb: str
    leistungsart: str
    leistungsort: str
    traeger: str
    beginn: date
    ende: date | None
    antrag_am: date
    entschieden_am: date
    frist_am: date | None
    gesamtplan_am: date | None
    pflegegrad: str | None
    wohnform: str | None
    hat_budget: bool | None
    geburtsmonat: date
    sozialraum_id: str


class Ermittlungzeile(TypedDict):
    """A row of ``bedarfsermittlung``."""

    ermittlung_id: str
    leistung_id: str
    ermittelt_am: date
    ermittelnd: str
    beantragt_stunden: Decimal
    festgestellt_stunden: Decimal
    beantragt_eur: Decimal
    festgestellt_eur: Decimal


class Pflegezeile(TypedDict):
    """A row of ``pflegebeduerftige``."""

    stichtag: date
    pflegegrad: str
    versorgung: str
    anzahl: int


class Schuelerzeile(TypedDict):
    """A row of ``schueler``."""

    stichtag: date
    schulart: str
    anzahl: int


class Indikatorzeile(TypedDict):
    """A row of ``sozialraum_indikator``."""

    gebiet_id: str
    jahr: int
    indikator: str
    gezaehlt_am: date
    anzahl: int
    grundgesamtheit: int


class Umrisszeile(TypedDict):
    """A row of ``gebietsumriss``."""

    gebiet_id: str
    umriss: str


class Zielzeile(TypedDict):
    """A row of ``ziel``."""

    ziel_nr: int
    gilt_ab: date
    kennzahl_id: str | None
    zieltext: str | None
    ausgangswert: Decimal | None
    ausgang_am: date | None
    zielwert: Decimal | None
    termin: date | None
    toleranz: Decimal
    zielrichtung: str
    zielmessung: str
    verantwortlich: str | None
    beschluss: str | None


class Schwerpunktzeile(TypedDict):
    """A row of ``schwerpunkt``."""

    jahr: int
    schwerpunkt_nr: int
    vorjahr_nr: int | None
    stand_am: date
    aufgabenbereich: str
    aufgabe: str
    zielindikator: str | None
    sachstand: str | None
    zielgrad: str
    zustaendig: str
    mitzustaendig: str | None
    hindernis: str | None


class Massnahmezeile(TypedDict):
    """A row of ``massnahme``."""

    massnahme: str
    stand_am: date
    handlungsfeld: str
    phase: str
    federfuehrung: str
    gespraech_am: date | None
    vorgehen: str | None
    protokoll: str | None
    offener_schritt: str | None
    messgroesse: str | None
    datenlieferant: str | None
    turnus: str | None
    naechste_lieferung: date | None


class Beschlusszeile(TypedDict):
    """A row of ``beschlusspunkt``."""

    vorlage: str
    punkt: int
    beschluss_text: str
    gremium: str
    beschlossen_am: date
    erster_termin: date
    zustaendig: str
    kennzahl_id: str | None


class Berichtzeile(TypedDict):
    """A row of ``umsetzungsbericht``."""

    vorlage: str
    punkt: int
    bericht_am: date
    beschlussstatus: str
    zieltermin: date | None
    wiedervorlage: date | None
    sachstand: str | None


class Zusagezeile(TypedDict):
    """A row of ``zusage``."""

    zusage_nr: int
    vorlage: str
    punkt: int
    zugesagt_am: date
    zusage_text: str
    faellig_am: date
    erwaehnt_am: date | None
    erfuellt_am: date | None


class Hilfetabellen(TypedDict):
    """Those of the Hilfen and their ledger."""

    map_produkt: list[Produktzeile]
    map_konto: list[Kontozeile]
    fall: list[Fallzeile]
    zahlung: list[Zahlungzeile]
    buchung: list[Buchungzeile]


class Stadttabellen(Hilfetabellen):
    """The canonical tables by name."""

    gebiet: list[Gebietzeile]
    einwohner: list[Einwohnerzeile]
    person: list[Personzeile]
    budget: list[Budgetposten]
    obligo: list[Obligozeile]
    gesamthaushalt: list[Gesamtzeile]
    uvg_monat: list[Uvgzeile]
    kita: list[Kitazeile]
    kita_belegung: list[Belegungzeile]
    kita_anmeldung: list[Anmeldezeile]
    kita_personal: list[Personalzeile]
    sozialraumbudget: list[Sozialraumbudgetzeile]
    ksa_kontakt: list[Kontaktzeile]
    leistungsbereich: list[Leistungsbereichzeile]
    leistung_quartal: list[Quartalzeile]
    vergleichswert: list[Vergleichszeile]
    gefaehrdung: list[Gefaehrdungzeile]
    inobhutnahme: list[Inobhutnahmezeile]
    ksd_fall: list[Ksdzeile]
    asyl_monat: list[Asylzeile]
    but_leistung: list[Butzeile]
    but_berechtigte: list[Butkinderzeile]
    stelle: list[Stellenzeile]
    personalbedarf: list[Bedarfzeile]
    leistungsfall: list[Leistungsfallzeile]
    bedarfsermittlung: list[Ermittlungzeile]
    pflegebeduerftige: list[Pflegezeile]
    schueler: list[Schuelerzeile]
    sozialraum_indikator: list[Indikatorzeile]
    gebietsumriss: list[Umrisszeile]
    ziel: list[Zielzeile]
    schwerpunkt: list[Schwerpunktzeile]
    massnahme: list[Massnahmezeile]
    beschlusspunkt: list[Beschlusszeile]
    umsetzungsbericht: list[Berichtzeile]
    zusage: list[Zusagezeile]
    pflegestelle: list[Pflegestellenzeile]
    parameter: list[Parameterzeile]
    rufbereitschaft: list[Einsatzzeile]
    vormundschaft: list[Muendelzeile]
    landesbudget: list[Landesbudgetzeile]
