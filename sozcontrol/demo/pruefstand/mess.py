"""The mess of real deliveries, on request: classes of fault, and the rules that must notice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zipfile import BadZipFile

from sozcontrol.demo.pruefstand import mess_form as form
from sozcontrol.demo.pruefstand import mess_inhalt as inhalt
from sozcontrol.demo.pruefstand import mess_zeit as zeit
from sozcontrol.demo.pruefstand.ablage import Ablage
from sozcontrol.errors import UsageError, nearest


@dataclass(frozen=True)
class Mess:
    """One class of mess.

    ``regeln`` are the rules of which at least one must find it; empty means that the delivery is
    read as if nothing were amiss (the mess is harmless by definition of the profile, or nothing
    in the delivery tells it from truth). ``stufe`` is what follows: ``fehler`` stops the areas
    that need the table, ``warnung`` is shown, ``keine``.
    """

    name: str
    beschreibung: str
    regeln: tuple[str, ...]
    stufe: str
    wirkung: Callable[[Ablage], None]


def _mess(stufe: str, regeln: str, beschreibung: str, wirkung: Callable[[Ablage], None]) -> Mess:
    return Mess(wirkung.__name__, beschreibung, tuple(regeln.split()), stufe, wirkung)


_F, _W, _K = "fehler", "warnung", "keine"

MESS: dict[str, Mess] = {
    m.name: m
    for m in (
        _mess(_F, "R-I02", "Umlaute der Gebiete doppelt kodiert (Ã¤)", form.mojibake),
        _mess(_F, "R-I01 R-I02", "Personenliste als UTF-8 mit BOM statt cp1252", form.utf8_bom),
        _mess(_F, "R-I02", "Hilfeliste zum Teil cp1252, zum Teil UTF-8", form.gemischte_kodierung),
        _mess(_F, "R-I01", "Produktliste in cp1252 statt UTF-8", form.fremde_kodierung),
        _mess(_F, "R-I07", "Zahlliste ohne Inhalt", form.leere_datei),
        _mess(_F, "R-I07 R-I12", "Personenliste ohne Datenzeilen", form.nur_kopf),
        _mess(_F, "R-I04", "Hilfeliste ohne die Spalte Beginn", form.fehlende_spalte),
        _mess(_F, "R-I05", "Zahlliste mit zwei Betragsspalten", form.doppelte_spalte),
        _mess(_W, "R-I06", "Hilfeliste mit einer unbekannten Spalte", form.neue_spalte),
        _mess(_K, "", "Spaltenname mit Umbruch und Trennstrich", form.umbruch_im_kopf),
        _mess(_F, "R-I04", "Spaltenname mit Bindestrich, ohne Umbruch", form.bindestrich_im_kopf),
        _mess(_K, "", "Spaltennamen mit oe und ss statt ö und ß", form.kopf_ohne_umlaute),
        _mess(_W, "R-I06", "Spaltenname abgekürzt (Str.)", form.kopf_abgekuerzt),
        _mess(_K, "", "Kopfzeile der Zahlliste auf jeder Seite", form.wiederholter_seitenkopf),
        _mess(_W, "R-I20", "Leerzeilen in der Hilfeliste", form.leerzeilen),
        _mess(_K, "", "Trennzeichen am Ende jeder Zeile", form.trennzeichen_am_ende),
        _mess(
            _F,
            "R-I03",
            "Trennzeichen im Freitext ohne Anführungszeichen",
            form.trennzeichen_im_text,
        ),
        _mess(
            _F,
            "R-I03 R-I12 R-I30",
            "Zahlliste mitten in einer Zeile abgeschnitten",
            form.abgeschnitten,
        ),
        _mess(_F, "R-I12", "falsche Anzahl im Fuß der Hilfeliste", form.fuss_falsch),
        _mess(_F, "R-I13", "falsche Gesamtsumme der Zahlliste", form.summe_falsch),
        _mess(_F, "R-I14", "falsche Zwischensumme der Einzelposten", form.zwischensumme_falsch),
        _mess(_F, "R-I08", "Einzelposten als HTML mit der Endung csv", form.falscher_dateityp),
        _mess(_F, "R-I00", "Personenliste fehlt", form.fehlende_datei),
        _mess(_F, "R-I09", "Hilfeliste eines anderen Stichtags", form.falscher_stichtag),
        _mess(_F, "R-I10", "Zahlliste zweimal geliefert", form.doppelt_geliefert),
        _mess(_F, "R-I29", "Haushaltsplan noch in Excel geöffnet", form.geoeffnete_datei),
        _mess(_W, "R-I23", "verborgene Zeile im Blatt Einwohner", form.verborgene_zeile),
        _mess(_W, "R-I23", "aktiver Filter im Blatt Einwohner", form.aktiver_filter),
        _mess(_W, "R-I28", "PDF neben der Hilfeliste", form.pdf_beigelegt),
        _mess(_F, "R-I08", "Hilfeliste als PDF statt als CSV", form.pdf_statt_csv),
        _mess(_F, "R-I16", "Menge in Prozent (12,5 %) statt in Einheiten", form.menge_in_prozent),
        _mess(
            _K,
            "",
            "Leistungserbringer in drei Schreibweisen (bleiben drei)",
            form.traeger_drei_schreibweisen,
        ),
        _mess(
            _F,
            "R-I26",
            "Zahlungsempfänger in drei Schreibweisen",
            form.empfaenger_drei_schreibweisen,
        ),
        _mess(_F, "R-I32", "Fehlerzelle #BEZUG! im Blatt Einwohner", form.fehlerzelle),
        _mess(_W, "R-I16", "Tausenderpunkt ohne Komma (1.234)", inhalt.tausenderpunkt_mehrdeutig),
        _mess(_F, "R-I16", "Beträge mit Dezimalpunkt (1234.56)", inhalt.dezimalpunkt),
        _mess(
            _K,
            "",
            "Beträge mit €, Klammern und geschütztem Leerzeichen",
            inhalt.betragsschreibweisen,
        ),
        _mess(_K, "", "fehlende Tagessätze als –, x, … und Punkt", inhalt.fehlwerte),
        _mess(_F, "R-I15", "Datum als Excel-Zahl (44196)", inhalt.datum_als_excelzahl),
        _mess(_F, "R-I15", "Datum mit zweistelligem Jahr", inhalt.datum_zweistellig),
        _mess(_F, "R-I15", "Ende als 00.00.0000", inhalt.datum_null),
        _mess(_K, "", "Datum mit Uhrzeit 00:00:00", inhalt.datum_mit_uhrzeit),
        _mess(_W, "R-F06", "Beginn 01.01.1900 als Platzhalter", inhalt.beginn_1900),
        _mess(_F, "R-I17", "Personennummern durch Excel (4711.0, 4,7E+03)", inhalt.kennungen_excel),
        _mess(
            _F, "R-I18", "Personennummern ohne führende Nullen", inhalt.fuehrende_nullen_verloren
        ),
        _mess(_F, "R-F01", "dieselbe Hilfenummer zweimal", inhalt.doppelte_hilfe_id),
        _mess(_F, "R-F04", "Ende vor Beginn", inhalt.ende_vor_beginn),
        _mess(_F, "R-F05", "Beginn nach dem Datenstand", inhalt.beginn_in_der_zukunft),
        _mess(_F, "R-F11", "Ende ohne Grund", inhalt.ende_ohne_grund),
        _mess(_F, "R-F19", "zwei gleiche Hilfen überschneiden sich", inhalt.ueberlappung),
        _mess(_F, "R-I26", "Leistungsart, die niemand kennt", inhalt.unbekannte_hilfeart),
        _mess(_F, "R-F34", "Sozialraum, den es nicht gibt", inhalt.unbekannter_sozialraum),
        _mess(_F, "R-X05", "Hilfe ohne Person in der Personenliste", inhalt.hilfe_ohne_person),
        _mess(_F, "R-X02", "Zahlung ohne Hilfe in der Hilfeliste", inhalt.zahlung_ohne_hilfe),
        _mess(_F, "R-B01", "dieselbe Zahlungsnummer zweimal", inhalt.doppelte_zahlung_id),
        _mess(_W, "R-B09", "negative Zahlung ohne Bezug", inhalt.negative_ohne_storno),
        _mess(_W, "R-B10", "Zahlung doppelt ohne Stornierung", inhalt.doppelzahlung),
        _mess(_F, "R-B07 R-B08", "Stornierung über einen anderen Betrag", inhalt.storno_falsch),
        _mess(_F, "R-B11", "Produkt, das nicht zugeordnet ist", inhalt.unbekanntes_produkt),
        _mess(_F, "R-B12", "Konto, das nicht zugeordnet ist", inhalt.unbekanntes_konto),
        _mess(_F, "R-B13", "Buchungsperiode 99", inhalt.periode_99),
        _mess(_F, "R-B22", "Umschichtung ohne Gegenseite", inhalt.umschichtung_einseitig),
        _mess(_F, "R-B24", "Buchungen des Jahres in T€ statt €", inhalt.t_euro_statt_euro),
        _mess(_F, "R-D04", "Sozialräume ergeben nicht die Stadt", inhalt.einwohnersumme_falsch),
        _mess(_F, "R-I15", "Datum in Worten (1. Februar 2020)", zeit.datum_als_text),
        _mess(_F, "R-I15", "Leistungsmonat als Wort (Dez 20)", zeit.monat_als_wort),
        _mess(_W, "R-F07", "Hilfe von null Tagen", zeit.hilfe_null_tage),
        _mess(_W, "R-F43", "dieselbe Person unter zwei Nummern", zeit.person_mit_zwei_nummern),
        _mess(_K, "", "Doppelzahlung, später storniert", zeit.doppelzahlung_storniert),
        _mess(
            _F, "R-F16", "Karteileiche: offene Hilfe einer erwachsenen Person", zeit.karteileiche
        ),
        _mess(_F, "R-B11", "geänderte Produktnummern im neuen Jahr", zeit.neue_produktnummern),
        _mess(
            _W,
            "R-B06",
            "Buchung rückwirkend in ein abgeschlossenes Jahr",
            zeit.buchung_in_geschlossenem_jahr,
        ),
        _mess(
            _F,
            "R-B13",
            "Abschlussperiode 13 im laufenden Jahr",
            zeit.abschlussperiode_im_laufenden_jahr,
        ),
        _mess(_K, "", "Abschlussbuchungen in den Perioden 13 bis 16", zeit.abschlussperioden),
        _mess(_K, "", "Stornierung in anderer Periode", zeit.storno_in_anderer_periode),
        _mess(
            _W,
            "R-B09",
            "Umbuchung zwischen zwei Produkten ohne Bezug",
            zeit.umbuchung_zwischen_produkten,
        ),
    )
}
"""Every class of mess by name.

No class: the file of an earlier quarter delivered once more (R-I11), for it takes two deliveries.
"""


def check_names(namen: Sequence[str]) -> None:
    """Check that all *namen* are classes of mess.

    Raises:
        UsageError: The first unknown name, with the nearest known one.
    """
    for name in namen:
        if name not in MESS:
            raise UsageError(
                f"Die Störung »{name}« ist unbekannt.", wo="mess", tun=nearest(name, [*MESS])
            )


def inject(ordner: Path, namen: Sequence[str], stichtag: date) -> None:
    """Inject the named classes of mess into the files of one delivery, in the given order.

    Raises:
        UsageError: One does not find what it changes any more; those before it are in the files.
    """
    check_names(namen)
    for nr, name in enumerate(namen):
        try:
            MESS[name].wirkung(Ablage(ordner, stichtag))
        except (StopIteration, LookupError, ValueError, BadZipFile):
            if not nr:
                raise
            raise UsageError(
                f"Die Störung »{name}« findet nicht mehr vor, was sie ändert: Eine andere war vor "
                "ihr da.",
                wo=f"mess, nach »{namen[nr - 1]}«",
                tun="Sie vor den anderen nennen oder allein; die Lieferung neu schreiben.",
            ) from None
