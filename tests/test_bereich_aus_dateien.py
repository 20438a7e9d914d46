"""A new monitoring area costs files and no Python: three of them, of three kinds, from end to end.

The files of ``neue_bereiche/`` are laid over a copy of the checkout, as the README tells a city to;
what the pages print is compared with plain counts of the delivered CSV files.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from rendered import tables, text

pytestmark = pytest.mark.notebook

ROOT = Path(__file__).parent.parent
DATEIEN = Path(__file__).parent / "neue_bereiche"
JUNI, AUGUST = ("2025-06-30", "2025-07-21"), ("2025-08-31", "2025-09-21")
KOMMUNE = """
  - id: probestadt
    name: Probestadt
    erfunden: true
    profile: [probe_uvg, probe_quartal, probe_belegung]
"""
DATUM = "%d.%m.%Y"


def uvg_zeilen() -> list[dict[str, str]]:
    """400 cases; three of them end on the Stichtag and are not running any more."""
    wuerfel, zeilen = random.Random(1), []
    for nummer in range(400):
        beginn = date(2019, 1, 1) + timedelta(days=wuerfel.randrange(2300))
        offen = wuerfel.random() < 0.6
        ende: date | None = beginn + timedelta(days=wuerfel.randrange(60, 1500))
        ende = None if offen or ende > date(2025, 7, 21) else ende
        if nummer < 3:
            beginn, ende = date(2024, 1, 1), date(2025, 6, 30)
        geburt = beginn - timedelta(days=wuerfel.randrange(4000))
        betrag = wuerfel.choice([227, 299, 394]) * 6
        rueckgriff = betrag * wuerfel.choice([0, 0, 0, 0.3, 0.6, 1])
        zeilen.append({
            "Aktenzeichen": f"UV{nummer:05d}",
            "Name": "Kanarienvogel",
            "Geburtsdatum": geburt.strftime(DATUM),
            "Beginn": beginn.strftime(DATUM),
            "Ende": ende.strftime(DATUM) if ende else "",
            "Betrag (€)": f"{betrag},00",
            "Rückgriff (€)": f"{rueckgriff:.2f}".replace(".", ","),
        })  # fmt: skip
    return zeilen


def spaeter(zeilen: list[dict[str, str]], wie_viele: int) -> list[dict[str, str]]:
    """The same list in September: some cases turn out to have ended in May."""
    offen = [z for z in zeilen if not z["Ende"] and tag(z["Beginn"]) < date(2025, 1, 1)]
    ended = {z["Aktenzeichen"] for z in offen[:wie_viele]}
    return [z | {"Ende": "15.05.2025"} if z["Aktenzeichen"] in ended else z for z in zeilen]


QUARTALE = [
    {"Quartalsende": q, "Leistungsbereich": b, "Bestand": str(n), "Zugang": str(z),
     "Abgang": str(a), "Aufwand (€)": f"{n * 900},50"}
    for b, quartale in {
        "Grundsicherung": [("31.12.2024", 500, 40, 30), ("31.03.2025", 512, 42, 30),
                           ("30.06.2025", 520, 33, 25)],
        "Hilfe zur Pflege": [("31.12.2024", 42, 5, 3), ("31.03.2025", 48, 8, 2),
                             ("30.06.2025", 50, 2, 0)],
        "Blindenhilfe": [("31.12.2024", 2, 0, 0), ("31.03.2025", 2, 0, 0),
                         ("30.06.2025", 2, 0, 0)],
    }.items()
    for q, n, z, a in quartale
]  # fmt: skip
BELEGUNG = [
    {"Einrichtung": f"E{e}", "Monat": f"{m:02d}.2025", "Plätze": str(20 * e), "belegt": str(belegt)}
    for e in (1, 2, 3)
    for m in range(1, 7)
    for belegt in [20 * e - 2 - (m % 3)]
]


def tag(wert: str) -> date:
    return datetime.strptime(wert, DATUM).date()


def lege(root: Path, wann: tuple[str, str], dateien: dict[str, list[dict[str, str]]]) -> None:
    ordner = root / "data" / "raw" / wann[0] / wann[1]
    ordner.mkdir(parents=True)
    (ordner / "lieferung.yml").write_text("kommune: probestadt\n", encoding="utf-8")
    for name, zeilen in dateien.items():
        with (ordner / name).open("w", encoding="utf-8", newline="") as stream:
            schreiber = csv.DictWriter(stream, list(zeilen[0]), delimiter=";")
            schreiber.writeheader()
            schreiber.writerows(zeilen)


FEHLT = 'raise ModuleNotFoundError("No module named sozcontrol.demo", name="sozcontrol.demo")\n'
"""What is left of the demo city."""


def checkout(root: Path) -> Path:
    """Lay the files of the new areas over a copy of what a city needs: all but the demo city."""
    left_out = {"sozcontrol": ("demo",), "notebooks": ("kommentare", "szenarien", "werkstatt")}
    for name in ("sozcontrol", "notebooks", "expectations"):
        own = left_out.get(name, ())
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(*own))
    demo = root / "sozcontrol" / "demo"
    demo.mkdir()
    # Where it is missing, the installation that runs the tests would lend its own.
    (demo / "__init__.py").write_text(FEHLT, encoding="utf-8")
    catalogue = root / "sozcontrol" / "catalogue"
    for area in sorted(DATEIEN.iterdir()):
        shutil.copytree(area / "catalogue", catalogue, dirs_exist_ok=True)
        for name in ("notebooks", "expectations"):
            shutil.copytree(area / name, root / name, dirs_exist_ok=True)
        with (catalogue / "bereiche.yml").open("a", encoding="utf-8") as stream:
            stream.write((area / "bereich.yml").read_text(encoding="utf-8"))
    with (catalogue / "kommunen.yml").open("a", encoding="utf-8") as stream:
        stream.write(KOMMUNE)
    return root


def umgebung(root: Path) -> dict[str, str]:
    return {
        **os.environ, "PYTHONPATH": str(root), "SOZCONTROL_PROJEKT": str(root),
        "XDG_CONFIG_HOME": str(root.parent / "config"),
    }  # fmt: skip


def rufe(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sozcontrol", *arguments],
        cwd=root, env=umgebung(root), capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip


@pytest.fixture(scope="module")
def stadt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = checkout(tmp_path_factory.mktemp("neu") / "stadt")
    rest = {"Quartale_20250630.csv": QUARTALE, "Belegung_20250630.csv": BELEGUNG}
    lege(root, JUNI, {"UVG_Faelle_20250630.csv": uvg_zeilen(), **rest})
    rest = {"Quartale_20250831.csv": QUARTALE, "Belegung_20250831.csv": BELEGUNG}
    lege(root, AUGUST, {"UVG_Faelle_20250831.csv": spaeter(uvg_zeilen(), 7), **rest})
    neu, beide = ("probe_uvg", "probe_quartal", "probe_belegung"), ("leitung", "intern")
    for wann, areas, editions in ((JUNI, neu, beide), (AUGUST, (neu[0], "revision"), beide[1:])):
        asked = [w for a in areas for w in ("--bereich", a)]
        asked += [w for e in editions for w in ("--edition", e)]
        done = rufe(root, "run", "--stichtag", wann[0], "--leise", *asked)
        assert done.returncode == 0, done.stderr + done.stdout
    return root


def seite(stadt: Path, bereich: str, edition: str = "leitung", stichtag: str = JUNI[0]) -> str:
    ordner = stadt / ("data/reports_intern" if edition == "intern" else "reports")
    return (ordner / stichtag / edition / f"{bereich}.html").read_text(encoding="utf-8")


def laufend(zeilen: list[dict[str, str]], am: date) -> int:
    return sum(tag(z["Beginn"]) <= am and (not z["Ende"] or tag(z["Ende"]) > am) for z in zeilen)


def test_uvg_zaehlt_seine_eigenen_faelle(stadt: Path) -> None:
    assert laufend(uvg_zeilen(), date(2025, 6, 30)) == 294
    html = text(seite(stadt, "probe_uvg"))
    assert "294" in html
    assert "626" not in html


def test_die_quote_stimmt_mit_der_datei(stadt: Path) -> None:
    jahr = [z for z in uvg_zeilen() if not z["Ende"] or tag(z["Ende"]) > date(2024, 12, 31)]
    jahr = [z for z in jahr if tag(z["Beginn"]) <= date(2025, 6, 30)]
    geld = [
        sum(Decimal(z[s].replace(",", ".")) for z in jahr) for s in ("Rückgriff (€)", "Betrag (€)")
    ]
    quote = (geld[0] * 100 / geld[1]).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert f"{quote}".replace(".", ",") in text(seite(stadt, "probe_uvg"))


def test_bestand_und_bewegung_werden_gemeinsam_geschuetzt(stadt: Path) -> None:
    """Two people stand behind »Blindenhilfe«: no line, total or flow beside it gives them away."""
    titel = "Bestand und Bewegung"
    offen = {z[0]: z[1:] for z in zeilen_von(seite(stadt, "probe_quartal", "intern"), titel)}
    assert offen["Hilfe zur Pflege"][:3] == ["50", "10", "2"]
    gezeigt = {z[0]: z[1:] for z in zeilen_von(seite(stadt, "probe_quartal"), titel)}
    teile = [n for n in offen if n not in ("Bereich", "insgesamt")]
    for spalte in range(4):
        geheim = [n for n in teile if "•" in gezeigt[n][spalte]]
        assert len(geheim) != 1 or "•" in gezeigt["insgesamt"][spalte], (spalte, gezeigt)
    assert "•" in gezeigt["Blindenhilfe"][0]
    assert "•" in gezeigt["Blindenhilfe"][3]
    assert "•" in gezeigt["Hilfe zur Pflege"][2]


def zeilen_von(html: str, titel: str) -> list[list[str]]:
    return next(rows for caption, rows in tables(html).items() if titel in caption)


def test_monatsstaende_werden_nicht_summiert(stadt: Path) -> None:
    juni = [z for z in BELEGUNG if z["Monat"] == "06.2025"]
    belegt, plaetze = (sum(int(z[s]) for z in juni) for s in ("belegt", "Plätze"))
    html = text(seite(stadt, "probe_belegung"))
    assert f"{belegt}" in html
    anteil = (Decimal(belegt) * 100 / plaetze).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert f"{anteil}".replace(".", ",") in html
    mittel = Decimal(sum(int(z["belegt"]) for z in BELEGUNG)) / 6
    assert f"{mittel.quantize(Decimal('0.1'), ROUND_HALF_UP)}".replace(".", ",") in html


def test_spaete_enden_stehen_unter_ihrer_eigenen_ursache(stadt: Path) -> None:
    """Without facts they would be »Korrekturen«; the first cause is »späte Beendigungen«."""
    zeile = next(
        z
        for caption, rows in tables(seite(stadt, "revision", "intern", AUGUST[0])).items()
        if "Ursachen" in caption
        for z in rows
        if z[0].startswith("X01")
    )
    assert zeile[1:] == ["−7", "−7", "0", "0", "0", "0", "0"]


def test_kein_anderer_bereich_liefert_eine_zeile(stadt: Path) -> None:
    manifest = json.loads(
        (stadt / "reports" / JUNI[0] / "leitung" / "manifest.json").read_text("utf-8")
    )
    assert "WJH" not in json.dumps(manifest, ensure_ascii=False)
    assert "Kanarienvogel" not in "".join(
        p.read_text("utf-8") for p in (stadt / "reports").rglob("*.html")
    )


def test_eine_stadt_braucht_die_musterstadt_nicht(stadt: Path) -> None:
    """The runs above read, checked, computed and published without a line of it."""
    assert [p.read_text("utf-8") for p in (stadt / "sozcontrol/demo").glob("*.py")] == [FEHLT]
    known = rufe(stadt, "check", "--stichtag", JUNI[0])
    assert known.returncode == 0, known.stderr
    listed = rufe(stadt, "kennzahlen", "--stichtag", JUNI[0], "--bereich", "probe_uvg")
    assert listed.returncode == 0, listed.stderr
    assert re.search(r"^X01 .*\b294\b", listed.stdout, re.MULTILINE)
    fehlt = rufe(stadt, "demo")
    assert fehlt.returncode == 9
    assert "Musterstadt gehört nicht zu dieser Installation" in fehlt.stderr


def test_ein_eintrag_der_eine_andere_tabelle_liest_haelt_jeden_befehl_an(tmp_path: Path) -> None:
    root = checkout(tmp_path / "stadt")
    datei = root / "sozcontrol/catalogue/kennzahlen/probe_uvg.yml"
    datei.write_text(datei.read_text("utf-8").replace("sicht: uvg", "sicht: hilfen"), "utf-8")
    befehle = (["run"], ["check"], ["kennzahlen"], ["explain", "X01"], ["backtest"])
    alle = f"from sozcontrol.cli import main\nfor b in {befehle}: print(main(b))"
    done = subprocess.run(
        [sys.executable, "-c", alle], cwd=root, env=umgebung(root), capture_output=True,
        text=True, check=True, timeout=280,
    )  # fmt: skip
    assert done.stdout.split() == ["9"] * len(befehle)
    told = done.stderr.count("gezählt wird in »fall«"), done.stderr.count(f"{datei}, X01")
    assert told == (len(befehle), len(befehle)), done.stderr
