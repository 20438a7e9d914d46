"""A file tried out through a profile: readable is what belongs to no person, rows shift or not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from mess.bauen import FALLPROFIL, KOPF, STICHTAG

from sozcontrol.catalogue import Profil
from sozcontrol.vorschlag.probe import try_out

KANARIE = ("H987001", "87654", "Wendelgard", "07.03.2014", "Quast")
ZEILE = (
    "H987001;87654;Wendelgard;07.03.2014;§ 34 SGB VIII;Heim;stat.;01.02.2024;31.12.9999;{};Quast"
)
BUDGET = """
profil: haushalt
system: S
lieferant: L
beschreibung: Plan
dateien:
  - name: Plan
    muster: '*.csv'
    tabellen:
      - tabelle: budget
        spalten:
          jahr: Jahr
          produkt: Produkt
          konto: {aus: Konto, laenge: 6}
          art: {konstant: ansatz}
          wirksam_ab: {vorlage: '01.01.{Jahr}', format: '%d.%m.%Y'}
          betrag_eur: {aus: Ansatz, einheit: T€, faktor: 1000}
          beschluss_ref: Beschluss
"""


def probe(ordner: Path, profil: str, *zeilen: str, **ersetzt: str) -> dict[str, str]:
    """Return what the trial says of each column, and in ``ganz`` all it prints."""
    for alt, neu in ersetzt.items():
        profil = re.sub(rf"^( +{alt}: ).*$", rf"\1{neu}", profil, flags=re.MULTILINE)
    pfad = ordner / "hilfen_1.csv"
    pfad.write_text("\n".join(zeilen) + "\n", encoding="utf-8")
    text = try_out(pfad, Profil.model_validate(yaml.safe_load(profil)), STICHTAG).text
    return {**dict(re.findall(r"^    (\w+) \(.*?\): (.*)$", text, re.MULTILINE)), "ganz": text}


def test_betraege_konten_und_woerter_stehen_lesbar_da(tmp_path: Path) -> None:
    """What was written, and what it means: a thousand, a sign, a year."""
    rows = [f"2025;36301;53310{i};{i}.234,5;Beschluss {i}" for i in range(1, 8)]
    rows[2] = rows[1]
    shown = probe(tmp_path, BUDGET, "Jahr;Produkt;Konto;Ansatz;Beschluss", *rows)
    assert "vorher → nachher in Zeile 2, 3, 4, 5, 6" in shown["ganz"]
    assert shown["jahr"] == "5-mal »2025« → »2025«"
    assert shown["konto"].startswith("»533101« → »533101«, 2-mal »533102« → »533102«")
    werte = [1, 2, 2, 4, 5]
    assert re.findall(r"»([\d.,]+)«", shown["betrag_eur"])[1::2] == [
        f"{w}.234.500,00" for w in dict.fromkeys(werte)
    ]
    assert shown["wirksam_ab"] == "5-mal »01.01.2025« → »01.01.2025«"
    assert shown["beschluss_ref"] == "5-mal »Aaaaaaaaa 9« → »Aaaaaaaaa 9«", "free text"


def test_eine_zahl_wird_nicht_gerundet_gezeigt(tmp_path: Path) -> None:
    profil = BUDGET.replace("einheit: T€, faktor: 1000", "einheit: '%'")
    profil = (
        profil[: profil.index("tabelle: budget")]
        + """tabelle: vergleichswert
        spalten:
          ags: {konstant: '07111000'}
          kennzahl_id: {konstant: X-01}
          wert: Ansatz
"""
    )
    shown = probe(tmp_path, profil, "Ansatz;Jahr", "0,1234;2025", "12;2025")
    assert shown["wert"] == "»0,1234« → »0,1234«, »12« → »12,00«"
    assert shown["kennzahl_id"] == "2-mal »X-01« → »X-01«", "the profile's own word"


def test_von_menschen_steht_die_form_da(tmp_path: Path) -> None:
    shown = probe(tmp_path, FALLPROFIL, KOPF, ZEILE.format("182,50"))
    assert shown["tagessatz_eur"] == "»182,50« → »182,50«"
    assert shown["hilfeart"] == "»Heim« → »34«"
    assert shown["hilfe_id"] == "»A999999« → Pseudonym"
    assert shown["beginn"] == "»99.99.9999« → »99.99.9999«"
    assert not [k for k in KANARIE if k in shown["ganz"]]


@pytest.mark.parametrize("um", [1, 2, 3, -1, -2])
@pytest.mark.parametrize("kopf", [True, False], ids=["mit Kopf", "Zeilen allein"])
def test_auch_verrutscht_kommt_kein_mensch_zum_vorschein(
    tmp_path: Path, um: int, kopf: bool
) -> None:
    """Names, numbers and births stand under amounts, codes and days; the header shifts or not."""

    def geschoben(text: str) -> str:
        cells = text.split(";")
        return ";".join(cells[-um:] + cells[:-um])

    rows = [geschoben(ZEILE.format("182,50")) for _ in range(3)]
    ganz = probe(tmp_path, FALLPROFIL, geschoben(KOPF) if kopf else KOPF, *rows)["ganz"]
    assert not [k for k in KANARIE if k in ganz]


@pytest.mark.parametrize("spalte", ["Pers.-Nr", "Geburtsdatum", "Name", "Bemerkung", "Hilfe-Nr"])
@pytest.mark.parametrize("ziel", ["tagessatz_eur", "hilfeart", "beginn", "segment"])
def test_ein_falsches_profil_zeigt_keine_nummern_von_menschen(
    tmp_path: Path, spalte: str, ziel: str
) -> None:
    wie = (
        "{aus: %s, einheit: EUR}" if ziel == "tagessatz_eur" else "{aus: %s, format: '%%d.%%m.%%Y'}"
    )
    shown = probe(tmp_path, FALLPROFIL, KOPF, ZEILE.format("1,00"), **{ziel: wie % spalte})
    assert not [k for k in KANARIE if k in shown["ganz"]]


def test_was_die_lieferung_sagt_verdeckt_keine_spalte(tmp_path: Path) -> None:
    """Of alternatives the first that is there counts: it may be a birth."""
    shown = probe(
        tmp_path, FALLPROFIL, KOPF, ZEILE.format("1,00"),
        beginn="{aus: [Geburtsdatum, '@stichtag'], format: ['%d.%m.%Y', '%Y-%m-%d']}",
    )  # fmt: skip
    assert shown["beginn"] == "»99.99.9999« → »99.99.9999«"


def test_unter_einem_betrag_steht_nichts_als_ein_betrag(tmp_path: Path) -> None:
    """A pattern cuts the number out of a text; the text around it may name somebody."""
    shown = probe(
        tmp_path, FALLPROFIL, KOPF, ZEILE.format("Wendelgard 182,50"),
        tagessatz_eur=r"{aus: Tagessatz, einheit: EUR, muster: '\\D+(.*)'}",
    )  # fmt: skip
    assert shown["tagessatz_eur"] == "»Aaaaaaaaaa 999,99« → »182,50«"
