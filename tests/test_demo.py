"""Musterstadt: invented, repeatable, and true to its own planted numbers."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from stichprobe import je_art

from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune
from sozcontrol.catalogue.yaml_files import read_yaml
from sozcontrol.demo import STANDARD_STICHTAG, Stadt, make_city, write_delivery
from sozcontrol.demo.einwohnerzahlen import SOZIALRAEUME, einwohner
from sozcontrol.demo.faelle import faelle
from sozcontrol.demo.pruefstand.mess import MESS, inject
from sozcontrol.demo.pruefstand.wahrheit import DIMENSIONEN, INSGESAMT, bestand_am, laeuft, zaehle
from sozcontrol.demo.stadt import _build
from sozcontrol.errors import UsageError
from sozcontrol.findings import Finding, Schwere

CP1252 = ("UVG_", "WJH_Hilfen", "WJH_Personen", "WJH_Zahlliste", "SAP_Einzelposten", "Haushalt_Ver",
          "Haushalt_Obligo", "Haushalt_Gesamt", "Soziales_", "KSD_", "Asyl_", "BuT_",
          "Personal_", "Sozialhilfe", "Statistik", "PKD_", "Vormundschaften")  # fmt: skip
FRUEH = date(2021, 1, 31)
"""A Stichtag with one year of history: a small delivery that reads fast."""
PROFILE = {
    "WJH": "musterstadt_jugend",
    "SAP": "musterstadt_finanzen",
    "Hau": "musterstadt_finanzen",
    "Ein": "musterstadt_statistik",
    "Geb": "musterstadt_statistik",
    "Pro": "musterstadt_stammdaten",
    "Kon": "musterstadt_stammdaten",
}
SCHLUESSEL = b"nur fuer Tests, kein Geheimnis!!"


@pytest.fixture(scope="module")
def stadt() -> Stadt:
    return make_city()


@pytest.fixture(scope="module")
def lieferung(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_delivery(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def kleine_lieferung(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_delivery(tmp_path_factory.mktemp("klein"), stichtag=FRUEH)


def bytes_of(ordner: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(ordner.iterdir())}


# --- die Stadt ------------------------------------------------------------------------------------


def test_die_stadt_hat_rund_115000_einwohner_und_22000_unter_21(stadt: Stadt) -> None:
    wahr = zaehle(stadt, STANDARD_STICHTAG)
    assert 114_500 < wahr.einwohner < 116_000
    assert 21_500 < wahr.einwohner_u21 < 22_500
    assert sum(wahr.einwohner_u21_je_sozialraum.values()) == wahr.einwohner_u21
    assert len(wahr.einwohner_u21_je_sozialraum) == len(SOZIALRAEUME) == 12


def test_jedes_altersjahr_steht_in_jedem_gebiet_und_die_stadt_ist_die_summe(stadt: Stadt) -> None:
    staende = {tag for tag, *_ in stadt.einwohner}
    assert len(stadt.einwohner) == len(staende) * 13 * 111 * 2
    for tag in staende:
        for alter in (0, 7, 35, 90, 110):
            raeume = [stadt.einwohner[tag, r.id, alter, "w"] for r in SOZIALRAEUME]
            assert sum(raeume) == stadt.einwohner[tag, "ST", alter, "w"]


@pytest.mark.parametrize("jahr", range(2020, 2026))
def test_450_bis_600_hilfen_zur_erziehung_laufen(stadt: Stadt, jahr: int) -> None:
    tag = date(jahr, 12, 31)
    hze = [h for h in stadt.hilfen if h.hilfeart not in {"19", "20", "42"}]
    assert 450 <= sum(laeuft(h, h.ende, tag) for h in hze) <= 620


def test_alle_hilfearten_und_besonderen_lagen_kommen_vor(stadt: Stadt) -> None:
    arten = {h.hilfeart for h in stadt.hilfen}
    selten = {"13_3", "18", "21", "27_3", "32_2", "35a_sb", "42a"}
    assert arten == set(catalogue.codeliste("hilfeart").gueltig) - selten
    assert any(h.paragraph == "41" for h in stadt.hilfen)
    assert any(h.uma for h in stadt.hilfen)
    assert {h.pflegeform for h in stadt.hilfen} == {None, "fremd", "verwandt", "netzwerk"}
    assert {h.beginn_grund for h in stadt.hilfen} == set(
        catalogue.codeliste("beginn_grund").gueltig
    )
    assert {h.ende_grund for h in stadt.hilfen} == set(catalogue.codeliste("ende_grund").gueltig)
    je_person = Counter(h.person.nummer for h in stadt.hilfen)
    assert max(je_person.values()) >= 3


def test_kleine_zellen_unter_drei_kommen_vor(stadt: Stadt) -> None:
    zellen = Counter(
        (h.person.sozialraum, h.hilfeart)
        for h, ende in stadt.hilfen_bekannt(STANDARD_STICHTAG)
        if laeuft(h, ende, STANDARD_STICHTAG)
    )
    assert sum(1 for n in zellen.values() if n < 3) > 20


def test_niemand_hat_dieselbe_hilfe_zweimal_zur_selben_zeit(stadt: Stadt) -> None:
    letzte: dict[tuple[str, str], date] = {}
    for h in sorted(stadt.hilfen, key=lambda h: h.beginn):
        key = (h.person.nummer, h.hilfeart)
        assert h.beginn > letzte.get(key, date.min)
        letzte[key] = h.ende


def test_jedes_siebte_bis_fuenfte_zurueckgebrachte_kind_kommt_wieder(stadt: Stadt) -> None:
    jahre = [zaehle(stadt, date(jahr, 12, 31)) for jahr in (2022, 2023, 2024, 2025)]
    zurueck = sum(w.rueckgefuehrt for w in jahre)
    assert zurueck > 80
    assert 0.10 < sum(w.wiedergekehrt for w in jahre) / zurueck < 0.22


def test_heime_dauern_im_mittel_rund_zwei_jahre(stadt: Stadt) -> None:
    dauern = [
        (h.ende - h.beginn).days / 30.4375
        for h in stadt.hilfen
        if h.hilfeart == "34" and h.paragraph == "34" and 2020 <= h.ende.year <= 2024
    ]
    assert 18 < sum(dauern) / len(dauern) < 32


# --- Wahrheit -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stichtag", [date(2021, 6, 30), date(2023, 8, 31), STANDARD_STICHTAG])
def test_bestand_ist_anfang_plus_zugang_minus_abgang(stadt: Stadt, stichtag: date) -> None:
    wahr = zaehle(stadt, stichtag)
    anfang = bestand_am(stadt, date(stichtag.year - 1, 12, 31), wahr.datenstand)
    begonnen = wahr.alle.begonnen_jahr[INSGESAMT][INSGESAMT]
    beendet = wahr.alle.beendet_jahr[INSGESAMT][INSGESAMT]
    assert wahr.alle.bestand[INSGESAMT][INSGESAMT] == anfang + begonnen - beendet


def test_jede_gliederung_ergibt_die_summe(stadt: Stadt) -> None:
    wahr = zaehle(stadt, STANDARD_STICHTAG)
    for menge in (wahr.alle.bestand, wahr.hze.jahresfallzahl, wahr.hze.belegte_tage):
        for dimension in DIMENSIONEN:
            assert sum(menge[dimension].values()) == menge[INSGESAMT][INSGESAMT], dimension


def test_anteile_ergeben_eins_und_jahresfallzahl_ist_bestand_plus_beendet(stadt: Stadt) -> None:
    wahr = zaehle(stadt, date(2024, 12, 31))
    quoten = [wahr.anteile[k] for k in ("H10", "H11_teilstationaer", "H11_stationaer")]
    assert sum(q for q in quoten if q) == Fraction(1)
    gesamt = wahr.hze.bestand[INSGESAMT][INSGESAMT] + wahr.hze.beendet_jahr[INSGESAMT][INSGESAMT]
    assert wahr.hze.jahresfallzahl[INSGESAMT][INSGESAMT] == gesamt


def test_ein_spaeterer_datenstand_kennt_mehr_und_vergisst_nichts(stadt: Stadt) -> None:
    frueh = stadt.tabellen(STANDARD_STICHTAG, date(2025, 7, 21))
    spaet = stadt.tabellen(STANDARD_STICHTAG, date(2025, 11, 30))
    for name, key in (("fall", "hilfe_id"), ("zahlung", "zahlung_id"), ("person", "person_id")):
        assert {z[key] for z in frueh[name]} < {z[key] for z in spaet[name]}
    damals = {f["hilfe_id"]: f["ende"] for f in frueh["fall"]}
    nachgetragen = [
        z["hilfe_id"]
        for z in spaet["fall"]
        if z["ende"] and z["ende"] <= STANDARD_STICHTAG and damals.get(z["hilfe_id"], 1) is None
    ]
    assert nachgetragen, "kein Ende wurde verspätet erfasst"


def test_eine_lieferung_weiss_nichts_nach_ihrem_datenstand(stadt: Stadt) -> None:
    stand = date(2023, 7, 21)
    tabellen = stadt.tabellen(date(2023, 6, 30), stand)
    assert all(z["buchung_am"] <= stand for z in tabellen["zahlung"] + tabellen["buchung"])
    assert all(f["beginn"] <= stand for f in tabellen["fall"])
    assert all(e["stichtag"] <= date(2023, 6, 30) for e in tabellen["einwohner"])
    hilfen = {f["hilfe_id"] for f in tabellen["fall"]}
    assert {z["hilfe_id"] for z in tabellen["zahlung"]} <= hilfen


# --- Geld -----------------------------------------------------------------------------------------


def test_sammelbuchungen_ergeben_auf_den_cent_die_zahlungen(stadt: Stadt) -> None:
    tabellen = stadt.tabellen(STANDARD_STICHTAG)
    aufwand = {k["konto"] for k in tabellen["map_konto"] if k["konto_art"] == "aufwand"}
    jugend = {
        p["produkt_lokal"] for p in tabellen["map_produkt"] if p["produktgruppe"][:3] == "363"
    }
    gezahlt: Counter[tuple[date, date, bool]] = Counter()
    gebucht: Counter[tuple[date, date, bool]] = Counter()
    for z in tabellen["zahlung"]:
        key = (z["buchung_am"], z["leistungsmonat"], z["art"] in {"leistung", "storno"})
        gezahlt[key] += z["betrag_eur"]
    for b in tabellen["buchung"]:
        if b["produkt"] in jugend:
            gebucht[b["buchung_am"], b["leistungsmonat"], b["konto"] in aufwand] += b["betrag_eur"]
    assert {k: v for k, v in gezahlt.items() if v} == {k: v for k, v in gebucht.items() if v}


def test_menge_mal_preis_ist_der_betrag(stadt: Stadt) -> None:
    cent = Decimal("0.01")
    for z in stadt.tabellen(FRUEH)["zahlung"]:
        assert (z["menge"] * z["preis_eur"]).quantize(cent, ROUND_HALF_UP) == z["betrag_eur"]


def test_stornierungen_heben_ihre_zahlung_auf(stadt: Stadt) -> None:
    stornos = [z for z in stadt.zahlungen if z.art == "storno"]
    assert len(stornos) > 100
    for z in stornos:
        assert z.storno_von is not None
        assert z.betrag == -z.storno_von.betrag < 0
        assert z.buchung_am >= z.storno_von.buchung_am


def test_gebucht_wird_im_mittel_einen_monat_und_hoechstens_vierzehn_nach_der_leistung(
    stadt: Stadt,
) -> None:
    lags = sorted(
        (z.buchung_am.year - z.monat.year) * 12 + z.buchung_am.month - z.monat.month
        for z in stadt.zahlungen
        if z.art == "leistung"
    )
    assert lags[len(lags) // 2] == 1
    assert 9 <= lags[-1] <= 14


def test_umschichtungen_heben_sich_in_jedem_jahr_auf_und_nennen_ihren_beschluss(
    stadt: Stadt,
) -> None:
    summen: Counter[int] = Counter()
    for zeile in stadt.budget:
        assert zeile.beschluss
        if zeile.art == "umschichtung":
            summen[zeile.jahr] += zeile.betrag
    assert set(summen) == set(range(2020, 2026))
    assert set(summen.values()) == {0}


def test_der_letzte_dezember_zahlt_den_januar_voraus_wie_jeder_andere(stadt: Stadt) -> None:
    def voraus(buchungen, jahr: int) -> dict[str, int]:
        im_dezember = [
            b for b in buchungen
            if b.buchung_am.year == jahr and b.leistungsmonat == date(jahr + 1, 1, 1)
        ]  # fmt: skip
        assert {b.haushaltsjahr for b in im_dezember} == {jahr + 1}
        return {b.produkt: b.betrag for b in im_dezember if not b.storno_von}

    heuer, vorjahr = voraus(stadt.buchungen, 2025), voraus(stadt.buchungen, 2024)
    assert {"grusi", "hlu", "uvg", "ktp", "blind", "asyl2", "asyl3", "p33"} <= set(vorjahr)
    assert set(vorjahr) <= set(heuer)
    assert all(0.7 < heuer[p] / vorjahr[p] < 1.4 for p in vorjahr)


def test_der_sozialhaushalt_ist_140_bis_180_millionen_gross(stadt: Stadt) -> None:
    tabellen = stadt.tabellen(date(2025, 12, 31))
    aufwand = {k["konto"] for k in tabellen["map_konto"] if k["konto_art"] == "aufwand"}
    ansatz = sum(
        b["betrag_eur"]
        for b in tabellen["budget"]
        if b["jahr"] == 2025 and b["konto"] in aufwand and b["art"] != "sperre"
    )
    assert 140_000_000 < ansatz < 180_000_000


def test_entgeltbruch_ist_neun_prozent_gross(stadt: Stadt) -> None:
    def preise(monat: date) -> dict[str, int]:
        return {
            z.hilfe.nummer: z.preis
            for z in stadt.zahlungen
            if z.monat == monat and z.hilfe.hilfeart == "34" and z.art == "leistung"
        }

    vorher, nachher = preise(date(2023, 6, 1)), preise(date(2023, 7, 1))
    gemeinsam = vorher.keys() & nachher.keys()
    sprung = sum(nachher[n] for n in gemeinsam) / sum(vorher[n] for n in gemeinsam)
    assert len(gemeinsam) > 50
    assert 1.08 < sprung < 1.10


def test_produktplan_wechselt_2024_und_die_produktgruppen_bleiben(stadt: Stadt) -> None:
    tabellen = stadt.tabellen(STANDARD_STICHTAG)
    neu = {p["produkt_lokal"] for p in tabellen["map_produkt"] if p["gueltig_von"].year == 2024}
    gruppe = {p["produkt_lokal"]: p["produktgruppe"] for p in tabellen["map_produkt"]}
    gruppen: dict[bool, set[str]] = {True: set(), False: set()}
    for b in tabellen["buchung"]:
        assert (b["produkt"] in neu) is (b["haushaltsjahr"] >= 2024)
        gruppen[b["produkt"] in neu].add(gruppe[b["produkt"]])
    assert gruppen[True] == gruppen[False]


def test_oertliche_brueche_stehen_im_katalog() -> None:
    oertlich = {r.am for r in catalogue.brueche(["SGB8"], "musterstadt") if r.oertlich}
    assert {date(2023, 7, 1), date(2024, 1, 1)} <= oertlich


# --- Lieferung ------------------------------------------------------------------------------------


def test_musterstadt_ist_als_erfunden_gekennzeichnet(lieferung: Path) -> None:
    assert catalogue.kommune("musterstadt").erfunden
    for name in ("SAP_Einzelposten", "Haushalt_Veraenderungen"):
        datei = next(lieferung.glob(f"{name}*"))
        assert b"erfunden" in datei.read_bytes()[:200]


def test_dateien_tragen_den_stichtag_und_passen_zu_genau_einem_eintrag(lieferung: Path) -> None:
    from fnmatch import fnmatchcase

    muster = [
        datei.muster
        for name in catalogue.kommune("musterstadt").profile
        for datei in catalogue.profil(name).dateien
    ]
    namen = [n for n in bytes_of(lieferung) if n != "lieferung.yml"]
    assert all("20250630" in name for name in namen)
    treffer = [m for name in namen for m in muster if fnmatchcase(name, m or "")]
    assert len(treffer) == len(namen)
    # One file a municipality; a protocol is written in a session, not by the city.
    several = {m for m in muster if treffer.count(m) != 1}
    assert several == {"Austausch_*.csv", "Sitzungsprotokoll_*.xlsx"}
    assert treffer.count("Sitzungsprotokoll_*.xlsx") == 0
    assert treffer.count("Austausch_*.csv") > 1


def test_kodierungen_sind_die_versprochenen(lieferung: Path) -> None:
    for name, daten in bytes_of(lieferung).items():
        if name.startswith(CP1252):
            daten.decode("cp1252")
            with pytest.raises(UnicodeDecodeError):
                daten.decode("utf-8")
        elif name.endswith(".csv"):
            daten.decode("utf-8")
    assert next(lieferung.glob("Gebiete*")).read_bytes().startswith(b"\xef\xbb\xbf")


def test_zwei_laeufe_ergeben_in_acht_sekunden_dieselben_bytes(
    lieferung: Path, tmp_path: Path
) -> None:
    _build.cache_clear()
    start = time.process_time()
    zweite = write_delivery(tmp_path)
    assert time.process_time() - start < 8
    assert bytes_of(zweite) == bytes_of(lieferung)


def test_ein_anderer_seed_ergibt_eine_andere_stadt(stadt: Stadt) -> None:
    andere = faelle(7).hilfen
    assert [h.beginn for h in andere] != [h.beginn for h in stadt.hilfen]
    laufend = sum(laeuft(h, h.ende, STANDARD_STICHTAG) for h in andere)
    assert 400 < laufend < 750
    assert einwohner(7) != stadt.einwohner


@pytest.mark.parametrize("stichtag", [date(2020, 12, 31), date(2026, 1, 1)])
def test_stichtage_ohne_daten_werden_abgelehnt(stichtag: date, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="keine Daten"):
        write_delivery(tmp_path, stichtag=stichtag)
    assert not list(tmp_path.iterdir())


def test_ein_datenstand_vor_dem_stichtag_wird_abgelehnt(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="vor dem Stichtag"):
        write_delivery(tmp_path, datenstand=STANDARD_STICHTAG - timedelta(days=1))


# --- durch das Einlesen ---------------------------------------------------------------------------


def test_das_einlesen_liefert_genau_das_gepflanzte(stadt: Stadt, kleine_lieferung: Path) -> None:
    from sozcontrol.intake import read_delivery
    from sozcontrol.tidy import Pseudonymiser, to_tables

    stand = FRUEH + timedelta(days=21)
    kommune = catalogue.kommune("musterstadt")
    gelesen = read_delivery(kleine_lieferung, kommune, stichtag=FRUEH, datenstand=stand)
    pseudonyme = Pseudonymiser(SCHLUESSEL, kommune.id)
    ergebnis = to_tables(gelesen, pseudonyme)
    befunde = [*gelesen.findings, *ergebnis.findings]
    assert [f.regel for f in befunde if f.schwere is not Schwere.HINWEIS] == []
    for name, gepflanzt in stadt.tabellen(FRUEH, stand).items():
        tabelle = catalogue.tabelle(name)
        kreise = {s.name: s.pseudonym for s in tabelle.spalten}
        soll = [
            tuple(
                pseudonyme.id(kreise[s], zeile[s]) if kreise[s] and zeile[s] else zeile[s]
                for s in tabelle.namen
            )
            for zeile in gepflanzt
        ]
        ist = ergebnis.tables[name].select(tabelle.namen).to_pydict()
        assert Counter(zip(*ist.values(), strict=True)) == Counter(soll), name


def test_namen_und_freitext_nimmt_kein_profil() -> None:
    for datei in catalogue.profil("musterstadt_jugend").dateien:
        genommen = {n for s in datei.tabellen for h in s.spalten.values() for n in h.aus}
        assert genommen.isdisjoint({"Name", "Vorname", "Bemerkung", "Straße", "Zahlungsempfänger"})


# --- Störungen ------------------------------------------------------------------------------------


def gestoert(lieferung: Path, ziel: Path, *namen: str) -> Path:
    shutil.copytree(lieferung, ziel)
    inject(ziel, namen, FRUEH)
    return ziel


def befunde(ordner: Path, *profile: str) -> list[Finding]:
    from sozcontrol.intake import read_delivery
    from sozcontrol.tidy import Pseudonymiser, to_tables

    kommune = Kommune(id="musterstadt", name="Musterstadt", erfunden=True, profile=profile)
    stand = FRUEH + timedelta(days=21)
    gelesen = read_delivery(ordner, kommune, stichtag=FRUEH, datenstand=stand)
    return [*gelesen.findings, *to_tables(gelesen, Pseudonymiser(SCHLUESSEL, "test")).findings]


@pytest.mark.parametrize("name", MESS)
def test_jede_stoerung_aendert_die_lieferung(
    name: str, kleine_lieferung: Path, tmp_path: Path
) -> None:
    assert bytes_of(gestoert(kleine_lieferung, tmp_path / "a", name)) != bytes_of(kleine_lieferung)


def test_stoerungen_sind_wiederholbar(kleine_lieferung: Path, tmp_path: Path) -> None:
    namen = ("fehlerzelle", "betragsschreibweisen", "leerzeilen", "mojibake")
    erste, zweite = (bytes_of(gestoert(kleine_lieferung, tmp_path / x, *namen)) for x in "ab")
    assert erste == zweite


BEIM_LESEN = [m for m in MESS.values() if all(r.startswith("R-I") for r in m.regeln)]
GEPRUEFT = [m for m in MESS.values() if m not in BEIM_LESEN]


def nur_betroffene(lieferung: Path, ziel: Path, name: str) -> str:
    """Keep only the files of the profile *name* touches; return the profile."""
    vorher = bytes_of(lieferung)
    nachher = bytes_of(gestoert(lieferung, ziel, name))
    geaendert = [n for n in {*vorher, *nachher} if vorher.get(n) != nachher.get(n)]
    (profil,) = {PROFILE[n.removeprefix("~$")[:3]] for n in geaendert}
    for datei in ziel.iterdir():
        if PROFILE.get(datei.name.removeprefix("~$")[:3]) != profil:
            datei.unlink()
    return profil


@pytest.mark.parametrize("mess", je_art(BEIM_LESEN, lambda m: m.regeln), ids=lambda m: m.name)
def test_stoerung_wird_beim_lesen_erkannt_oder_ist_unschaedlich(
    mess, kleine_lieferung: Path, tmp_path: Path
) -> None:
    profil = nur_betroffene(kleine_lieferung, tmp_path / "gestoert", mess.name)
    gefunden = {(f.regel, f.schwere) for f in befunde(tmp_path / "gestoert", profil)}
    schwer = {(r, s) for r, s in gefunden if s is not Schwere.HINWEIS}
    if not mess.regeln:
        assert schwer == set()
        return
    assert any((regel, Schwere(mess.stufe)) in gefunden for regel in mess.regeln)
    if mess.stufe == "warnung":
        assert Schwere.FEHLER not in {s for _, s in schwer}


def geprueft(ordner: Path) -> Counter[tuple[str, Schwere]]:
    """Read, type and check a delivery; return how many rows each rule finds."""
    from sozcontrol.checks import check
    from sozcontrol.intake import read_delivery
    from sozcontrol.tidy import Pseudonymiser, to_tables

    stand = FRUEH + timedelta(days=21)
    kommune = catalogue.kommune("musterstadt")
    gelesen = read_delivery(ordner, kommune, stichtag=FRUEH, datenstand=stand)
    ergebnis = to_tables(gelesen, Pseudonymiser(SCHLUESSEL, kommune.id))
    erwartungen = Path(__file__).parent.parent / "expectations"
    anzahl: Counter[tuple[str, Schwere]] = Counter()
    for f in check(ergebnis.tables, stichtag=FRUEH, datenstand=stand, expectations=erwartungen):
        anzahl[f.regel, f.schwere] += f.anzahl
    return anzahl


@pytest.fixture(scope="module")
def ungestoert(kleine_lieferung: Path) -> Counter[tuple[str, Schwere]]:
    return geprueft(kleine_lieferung)


def test_inhaltliche_stoerungen_werden_von_ihrer_regel_gefunden(
    kleine_lieferung: Path, ungestoert: Counter[tuple[str, Schwere]], tmp_path: Path
) -> None:
    ordner = gestoert(kleine_lieferung, tmp_path / "gestoert", *(m.name for m in GEPRUEFT))
    gefunden = geprueft(ordner)
    for mess in GEPRUEFT:
        schluessel = [(regel, Schwere(mess.stufe)) for regel in mess.regeln]
        # The city itself has a few warnings: the mess must add to them.
        assert any(gefunden[s] > ungestoert[s] for s in schluessel), mess.name


def test_was_niemand_erkennen_kann_oder_erlaubt_ist_loest_keine_regel_aus(
    kleine_lieferung: Path, ungestoert: Counter[tuple[str, Schwere]], tmp_path: Path
) -> None:
    namen = (
        "kopf_ohne_umlaute", "traeger_drei_schreibweisen", "doppelzahlung_storniert",
        "abschlussperioden", "storno_in_anderer_periode",
    )  # fmt: skip
    assert {MESS[name].stufe for name in namen} == {"keine"}
    gefunden = geprueft(gestoert(kleine_lieferung, tmp_path / "gestoert", *namen))
    assert {s: n for s, n in gefunden.items() if s[1] is not Schwere.HINWEIS} == {
        s: n for s, n in ungestoert.items() if s[1] is not Schwere.HINWEIS
    }


def test_unbekannte_stoerung_nennt_die_naechste(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ueberlapung") as fehler:
        write_delivery(tmp_path, mess=["ueberlapung"])
    assert "»ueberlappung«" in str(fehler.value)
    assert not list(tmp_path.iterdir())


def test_eine_stoerung_die_nichts_mehr_findet_sagt_nach_welcher(
    kleine_lieferung: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"»doppelte_spalte« findet nicht mehr.*»leere_datei«"):
        gestoert(kleine_lieferung, tmp_path / "gestoert", "leere_datei", "doppelte_spalte")


def test_jede_stoerung_ist_beschrieben() -> None:
    for name, mess in MESS.items():
        assert mess.name == name
        assert mess.beschreibung
        assert mess.stufe in {"fehler", "warnung", "keine"}
        assert bool(mess.regeln) is (mess.stufe != "keine")


KLASSEN = read_yaml(Path(__file__).parent / "mess" / "klassen.yml")["klassen"]


@pytest.mark.parametrize("klasse", KLASSEN, ids=lambda k: k["klasse"])
def test_jede_klasse_von_unordnung_ist_nachgestellt_und_ihr_ergebnis_bestimmt(klasse: dict) -> None:
    assert klasse["ergebnis"]
    assert klasse["tests"]
    for name in klasse["tests"]:
        datei, _, funktion = name.partition("::")
        text = (Path(__file__).parent / datei).read_text(encoding="utf-8")
        assert f"def {funktion}(" in text, name
    # The rules a mess sets off are named in the result.
    for name in klasse.get("stoerungen", ()):
        regeln = MESS[name].regeln
        assert not regeln or any(regel in klasse["ergebnis"] for regel in regeln), name


def test_jede_stoerung_gehoert_zu_genau_einer_klasse() -> None:
    genannt = Counter(name for klasse in KLASSEN for name in klasse.get("stoerungen", ()))
    assert genannt == Counter(list(MESS))
