"""What is kept of a computation: the same to the last bit, or computed again."""

from __future__ import annotations

import ast
import json
import math
import os
import random
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
from hauptbuch import Lieferung, musterstadt
from hypothesis import given
from hypothesis import strategies as st
from test_store import DATENSTAND, STICHTAG, areas, save
from test_structure import HOUSE, LINE, imported_rooms

from sozcontrol import store
from sozcontrol.auskunft import entschieden
from sozcontrol.forecast.prognose.intervall import Spanne
from sozcontrol.forecast.prognose.zeugnis import Alarme
from sozcontrol.hochrechnung import einmal
from sozcontrol.hochrechnung.prognosestand import PANELE, Prognosestand, prognosestand
from sozcontrol.measures.zaehlwerk import rechnen
from sozcontrol.projekt import Projekt
from sozcontrol.revision import hochrechnungen
from sozcontrol.store import ergebnisse as kept
from sozcontrol.store import objekte
from sozcontrol.store.fassung import LAYOUT_VERSION

RAEUME = ("catalogue", "store", "measures")
ROOT = Path(__file__).parent.parent


# --- objects as JSON ----------------------------------------------------------------------------

zahlen = st.floats() | st.integers() | st.booleans() | st.none()
einfach = zahlen | st.text() | st.dates() | st.decimals() | st.fractions()
felder = st.lists(st.floats(), max_size=6).map(np.array) | st.just(np.zeros((0, 4), dtype=int))
baeume = st.recursive(
    einfach | felder | st.floats().map(np.float64) | st.booleans().map(np.bool_),
    lambda t: st.lists(t) | st.lists(t).map(tuple) | st.dictionaries(st.text() | st.dates(), t)
    | st.tuples(t, t, t, t).map(lambda x: Spanne(*x)),
    max_leaves=20,
)  # fmt: skip


def hin_und_zurueck(value: object) -> object:
    return objekte.load(json.loads(json.dumps(objekte.dump(value))))


def genau(value: object) -> object:
    """A value as something that compares by type and bit: no 1 == 1.0 == True, one NaN."""
    if isinstance(value, np.ndarray | np.generic):
        bits = np.array(value)
        if bits.dtype.kind == "f":
            bits[np.isnan(bits)] = np.nan  # its sign says nothing
        return (type(value), value.dtype.str, value.shape, bits.tobytes())
    if isinstance(value, float):
        return (float, np.float64(value).tobytes() if not math.isnan(value) else "nan")
    if isinstance(value, Spanne):
        return (Spanne, *(genau(getattr(value, f)) for f in ("unten", "oben", "niveau", "n")))
    if isinstance(value, dict):
        return (dict, [(genau(k), genau(v)) for k, v in value.items()])
    if isinstance(value, list | tuple):
        return (type(value), [genau(v) for v in value])
    return (type(value), str(value) if isinstance(value, Decimal) else value)


@given(baeume)
def test_was_geschrieben_ist_kommt_bis_aufs_bit_zurueck(value: object) -> None:
    assert genau(hin_und_zurueck(value)) == genau(value)


def test_ein_ding_an_zwei_stellen_bleibt_eines() -> None:
    feld, menge = np.array([1.5, np.nan]), frozenset({2024, 2025})
    a, b, c = hin_und_zurueck((feld, {"noch": feld}, [menge, menge]))  # type: ignore[misc]
    assert a is b["noch"]
    assert c[0] is c[1] == menge


@dataclass(eq=False)
class Fremd:
    """Not of the package; a pickle would bring it back."""

    wert: int = 1
    lauf: list[int] = field(default_factory=list)


OHNE_FORM = {
    "fremde Klasse": Fremd(), "set": {1, 2}, "Funktion": lambda: 1, "Objekt": object(),
    "Texte": np.array(["a"]), "Bytes": b"x",
}  # fmt: skip


@pytest.mark.parametrize("value", OHNE_FORM.values(), ids=[*OHNE_FORM])
def test_was_keine_form_hat_wird_nicht_geschrieben(value: object) -> None:
    with pytest.raises(TypeError):
        objekte.dump([value])


@pytest.mark.parametrize(("module", "name", "held"), [
    ("os", "system", {}),
    ("subprocess", "Popen", {"args": ["true"]}),
    ("sozcontrol.projekt", "Path", {}),
    ("sozcontrol.forecast.prognose.intervall", "spanne", {}),
    ("sozcontrol.forecast.prognose.zeugnis", "Alarme", {"richtig": 1}),
])  # fmt: skip
def test_gelesen_wird_nur_was_ein_wert_des_pakets_ist(module, name, held) -> None:
    with pytest.raises((ValueError, TypeError)):
        objekte.load({"objekte": [["class", module, name, held]], "wurzel": [0]})


def test_ein_wert_des_pakets_kommt_zurueck() -> None:
    assert hin_und_zurueck(Alarme(1, 2, 3, 4)) == Alarme(1, 2, 3, 4)
    assert hin_und_zurueck(Fraction(1, 3)) == Fraction(1, 3)


# --- kept beside a delivery ---------------------------------------------------------------------


class Zaehler:
    """Something to compute that knows how often it was."""

    def __init__(self, wert: object = (Decimal("1.50"), date(2025, 6, 30))) -> None:
        self.wert, self.n = wert, 0

    def __call__(self) -> object:
        self.n += 1
        return self.wert


def frage(
    projekt: Projekt, rechne: Zaehler, name: str = "reihen", raeume=RAEUME, dazu=()
) -> object:
    daten = store.open_data(projekt=projekt)
    return store.gerechnet(daten, raeume, store.name_aus(name, 1), rechne, dazu)


def dateien(projekt: Projekt) -> list[Path]:
    return sorted(projekt.processed.glob(f"*/*/{kept.ORDNER}/*.json"))


def test_gerechnet_wird_einmal_je_lieferung(projekt: Projekt) -> None:
    save(projekt)
    erst, dann = Zaehler(), Zaehler("anderes")
    assert frage(projekt, erst) == frage(projekt, dann) == erst.wert
    assert (erst.n, dann.n) == (1, 0)
    (path,) = dateien(projekt)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_auch_nichts_ist_ein_ergebnis(projekt: Projekt) -> None:
    save(projekt)
    nichts = Zaehler(None)
    assert frage(projekt, nichts) is frage(projekt, nichts) is None
    assert nichts.n == 1


def test_jede_frage_und_jeder_raum_hat_sein_eigenes(projekt: Projekt) -> None:
    save(projekt)
    found = [frage(projekt, Zaehler(n), name, raeume) for n, (name, raeume) in enumerate(
        [("a", RAEUME), ("b", RAEUME), ("a", RAEUME[:2]), ("a", (*RAEUME[:2], "forecast"))]
    )]  # fmt: skip
    assert found == [0, 1, 2, 3]
    assert frage(projekt, Zaehler(), "a", RAEUME[:2]) == 2


def test_andere_daten_rechnen_neu_und_verdraengen_das_alte(projekt: Projekt) -> None:
    save(projekt)
    frage(projekt, Zaehler())
    (alt,) = dateien(projekt)
    save(projekt, "b" * 64, tables={"gebiet": areas("West")})
    neu = Zaehler("neu")
    assert frage(projekt, neu) == "neu"
    assert alt not in dateien(projekt)
    assert len(dateien(projekt)) == 1


def test_was_noch_gelesen_wurde_gehoert_zum_schluessel(projekt: Projekt) -> None:
    save(projekt)
    assert frage(projekt, Zaehler("alt"), "a", dazu=("eins",)) == "alt"
    assert frage(projekt, Zaehler("b"), "b", dazu=("zwei",)) == "b"
    assert frage(projekt, Zaehler("neu"), "a", dazu=("zwei",)) == "neu"
    assert len(dateien(projekt)) == 2  # the old answer to the same question is gone, no other one
    assert frage(projekt, Zaehler("x"), "b", dazu=("zwei",)) == "b"
    zaehler = Zaehler("?")
    frage(projekt, zaehler, "c", dazu=("eins", "")), frage(projekt, zaehler, "c", dazu=("eins", ""))
    assert zaehler.n == 2, "of what has no checksum nothing is kept"


def test_was_nicht_gespeichert_ist_wird_gerechnet(stadt: Lieferung) -> None:
    zaehler = Zaehler("x")
    for n in (1, 2):
        assert store.gerechnet(stadt, RAEUME, store.name_aus("x", 1), zaehler) == "x"
        assert zaehler.n == n
    assert store.pruefsumme(stadt) == ""


@pytest.mark.parametrize(("eins", "zwei"), [
    ((1, 2), (1, 3)), ((1, 2), (12,)), (("a", "b"), ("ab",)), (("a-b",), ("a", "b")),
    ((["a"], ["b"]), (["a", "b"], [])), ((date(2025, 6, 30),), (date(2025, 6, 29),)),
], ids=str)  # fmt: skip
def test_verschiedene_fragen_heissen_verschieden(eins: tuple, zwei: tuple) -> None:
    assert store.name_aus("x", *eins) != store.name_aus("x", *zwei)
    assert store.name_aus("x", *eins) == store.name_aus("x", *eins)


def test_dieselbe_fassung_mit_anderen_tabellen_ist_etwas_anderes(projekt: Projekt) -> None:
    # Which table was rejected depends on earlier deliveries, too: the name alone proves nothing.
    folder = save(projekt)
    frage(projekt, Zaehler())
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink()
    folder.rmdir()
    save(projekt, tables={"gebiet": areas("Nord")})
    assert frage(projekt, Zaehler("neu")) == "neu"


@pytest.fixture
def haus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two rooms whose files a test may change as an update would."""
    package = tmp_path / "paket"
    for name in ("store/a.py", "measures/b.py", "measures/fakt.yml", "errors.py", "press/c.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(name)
    monkeypatch.setattr(kept, "PACKAGE", package)
    monkeypatch.setattr(kept, "_BEGUN", math.inf)  # as if the process began after every change
    return package


@pytest.mark.parametrize("name", ["store/a.py", "measures/b.py", "measures/fakt.yml", "errors.py",
                                  "measures/neu.py", "measures/tief/neu.yml"])  # fmt: skip
def test_anderer_code_rechnet_neu_und_verdraengt_das_alte(
    projekt: Projekt, haus: Path, name: str
) -> None:
    rooms = ("store", "measures")
    save(projekt)
    save(projekt, stichtag=date(2025, 3, 31), datenstand=date(2025, 4, 20))
    for tag in ("2025-03-31", "2025-06-30"):
        store.gerechnet(
            store.open_data(tag, projekt=projekt), rooms, store.name_aus("x", 1), Zaehler()
        )
    (haus / name).parent.mkdir(exist_ok=True)
    (haus / name).write_text("anders")
    assert frage(projekt, Zaehler("neu"), "x", rooms) == "neu"
    assert len(dateien(projekt)) == 1  # what the old code computed of other deliveries is gone, too


def test_eigene_fakten_der_stadt_rechnen_neu(projekt: Projekt, haus: Path) -> None:
    """Whose public holidays count, say, moves a forecast, and stands outside the package."""
    save(projekt)
    projekt.profile.mkdir()
    own = projekt.profile / "kommune.yml"
    own.write_text("feiertage: DE-RP")
    assert frage(projekt, Zaehler("eins")) == frage(projekt, Zaehler("zwei")) == "eins"
    own.write_text("feiertage: DE-BY")
    assert frage(projekt, Zaehler("drei")) == "drei"


def test_code_eines_anderen_raums_aendert_nichts(projekt: Projekt, haus: Path) -> None:
    save(projekt)
    frage(projekt, Zaehler("alt"), "x", ("store", "measures"))
    (haus / "press/c.py").write_text("anders")
    assert frage(projekt, Zaehler("neu"), "x", ("store", "measures")) == "alt"


def test_eine_andere_bibliothek_rechnet_neu(projekt: Projekt, haus: Path, monkeypatch) -> None:
    save(projekt)
    frage(projekt, Zaehler("alt"), "x", ("store",))
    monkeypatch.setattr(kept, "version", lambda library: "99")
    as_another_process = (kept.code_aus.cache_clear, kept._version.cache_clear)
    for forget in as_another_process:
        forget()
    assert frage(projekt, Zaehler("neu"), "x", ("store",)) == "neu"
    for forget in as_another_process:
        forget()


def test_was_sich_waehrend_des_rechnens_aendert_bleibt_nicht(projekt: Projekt, haus: Path) -> None:
    save(projekt)

    def rechne() -> str:
        (haus / "measures/b.py").write_text("anders")
        return "halb"

    assert store.gerechnet(store.open_data(projekt=projekt), ("measures",), "x", rechne) == "halb"
    assert dateien(projekt) == []


def test_eine_offene_lieferung_bleibt_bei_dem_code_nach_dem_sie_zuerst_gefragt_wurde(
    projekt: Projekt, haus: Path
) -> None:
    """It is what runs here. Nothing is kept of it any more; who opens it anew sees the new one."""
    save(projekt)
    daten, raeume = store.open_data(projekt=projekt), ("measures",)
    assert store.gerechnet(daten, raeume, "x-1", Zaehler("alt")) == "alt"
    (haus / "measures/b.py").write_text("anders")
    assert store.gerechnet(daten, raeume, "x-1", Zaehler("neu")) == "alt"
    assert store.gerechnet(daten, raeume, "y-1", Zaehler("halb")) == "halb"
    assert [path.name.split("-")[3] for path in dateien(projekt)] == ["x"]
    assert store.gerechnet(store.open_data(projekt=projekt), raeume, "x-1", Zaehler("neu")) == "neu"


def test_der_prozess_begann_bevor_er_fakten_las() -> None:
    """They are read long before the room is loaded that asks when they changed."""
    code = (
        "import time; from sozcontrol import catalogue; catalogue.sicht('hilfen'); t = time.time();"
        "from sozcontrol.store import ergebnisse; assert ergebnisse._BEGUN < t"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_code_der_juenger_ist_als_der_prozess_wird_nicht_geglaubt(
    projekt: Projekt, haus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(projekt)
    frage(projekt, Zaehler("alt"), "x", ("measures",))
    monkeypatch.setattr(kept, "_BEGUN", (haus / "measures/b.py").stat().st_ctime - 1)
    zaehler = Zaehler("neu")
    assert frage(projekt, zaehler, "x", ("measures",)) == frage(
        projekt, zaehler, "x", ("measures",)
    )
    assert zaehler.n == 2


def test_beschaedigtes_wird_neu_gerechnet(projekt: Projekt) -> None:
    save(projekt)
    frage(projekt, Zaehler())
    (path,) = dateien(projekt)
    whole, rng = path.read_bytes(), random.Random(7)
    damaged = [whole[:-1], b"", b"[]", b"{}", whole.replace(b"1.50", b"9.50")]
    for _ in range(40):
        at, bit = rng.randrange(len(whole)), 1 << rng.randrange(8)
        damaged.append(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
    for content in damaged:
        path.write_bytes(content)
        zaehler = Zaehler()
        assert frage(projekt, zaehler) == zaehler.wert
        assert zaehler.n == 1
        assert path.read_bytes() == whole


def test_eine_fremde_datei_unter_dem_namen_zaehlt_nicht(projekt: Projekt) -> None:
    save(projekt)
    frage(projekt, Zaehler("eins"), "a")
    frage(projekt, Zaehler("zwei"), "b")
    a, b = dateien(projekt)
    a.write_bytes(b.read_bytes())
    assert frage(projekt, Zaehler("eins"), "a") == "eins"


def test_repair_nennt_eine_beschaedigte_datei(projekt: Projekt) -> None:
    save(projekt)
    frage(projekt, Zaehler())
    assert store.damages(projekt) == []
    (path,) = dateien(projekt)
    path.write_bytes(path.read_bytes().replace(b"1.50", b"9.50"))
    (damage,) = store.damages(projekt)
    assert damage.path == path
    assert "neu gerechnet" in damage.tun


def test_ein_fehler_wird_nicht_behalten(projekt: Projekt) -> None:
    save(projekt)

    def scheitert() -> None:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            store.gerechnet(store.open_data(projekt=projekt), RAEUME, "x", scheitert)
    assert frage(projekt, Zaehler("gut"), "x") == "gut"


def test_ohne_pruefsummen_wird_nichts_behalten(projekt: Projekt) -> None:
    folder = save(projekt)
    path = folder / "lieferung.json"
    facts = json.loads(path.read_text())
    assert facts["layout"] == LAYOUT_VERSION == 2
    old = {k: v for k, v in facts.items() if k not in ("pruefsummen", "pruefsumme", "verglichen")}
    path.write_text(json.dumps(old | {"layout": 1}))
    zaehler = Zaehler()
    frage(projekt, zaehler), frage(projekt, zaehler)
    assert (zaehler.n, dateien(projekt)) == (2, [])


def test_von_einer_frueheren_fassung_wird_nichts_behalten(projekt: Projekt) -> None:
    save(projekt)
    save(projekt, "b" * 64, tables={"gebiet": areas("West")})
    alt = store.open_fassung(projekt, STICHTAG, DATENSTAND, "a" * 64)
    assert alt is not None
    assert store.gerechnet(alt, RAEUME, "x", Zaehler("alt")) == "alt"
    assert dateien(projekt) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_ein_ordner_ohne_schreibrecht_kostet_nur_zeit(projekt: Projekt) -> None:
    slot = save(projekt).parent
    slot.chmod(0o500)
    try:
        assert frage(projekt, Zaehler("neu")) == "neu"
    finally:
        slot.chmod(0o700)


def test_eine_volle_platte_kostet_nur_zeit(projekt: Projekt, monkeypatch) -> None:
    save(projekt)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "write_bytes", full)
    assert frage(projekt, Zaehler("neu")) == "neu"


ZWEI = """
import sys, time
from pathlib import Path
from sozcontrol import store
from sozcontrol.auskunft import entschieden
from sozcontrol.hochrechnung.prognosestand import PANELE, Prognosestand, prognosestand
from sozcontrol.projekt import Projekt

def rechne():
    with open(sys.argv[2], "a") as log:
        log.write("gerechnet\\n")
    time.sleep(1)
    return tuple(range(1000))

daten = store.open_data(projekt=Projekt.find(sys.argv[1]))
found = store.gerechnet(daten, ("catalogue", "store"), "zwei", rechne)
assert found == tuple(range(1000))
"""


def test_zwei_prozesse_zugleich_rechnen_einmal(projekt: Projekt, tmp_path: Path) -> None:
    save(projekt)
    log = tmp_path / "log"
    call = [sys.executable, "-c", ZWEI, str(projekt.root), str(log)]
    both = [subprocess.Popen(call, env={**os.environ, "PYTHONPATH": str(ROOT)}) for _ in "ab"]
    assert [p.wait(timeout=60) for p in both] == [0, 0]
    assert log.read_text().splitlines() == ["gerechnet"]
    assert store.damages(projekt) == []


def test_wer_zu_lange_wartet_rechnet_selbst(projekt: Projekt, monkeypatch) -> None:
    save(projekt)
    monkeypatch.setattr(kept, "WAIT_SECONDS", 0.1)
    daten = store.open_data(projekt=projekt)

    def rechne() -> str:
        return store.gerechnet(daten, RAEUME, "x", lambda: "innen")  # its lock is held outside

    assert store.gerechnet(daten, RAEUME, "x", rechne) == "innen"


# --- forecasts ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stadt() -> Lieferung:
    return musterstadt()


HINTER = [rechnen.RAEUME, einmal.RAEUME, hochrechnungen.RAEUME, entschieden.RAEUME]


@pytest.mark.parametrize("raeume", HINTER, ids=lambda r: r[-1])
def test_alle_raeume_hinter_einem_ergebnis_gehoeren_zum_schluessel(raeume) -> None:
    """Whatever it imports, however far: a room left out would keep its old mistakes alive."""
    reached, todo = set(), [raeume[-1]]
    while todo:
        room = todo.pop()
        reached.add(room)
        files = [*(HOUSE / room).rglob("*.py"), *HOUSE.glob(f"{room}.py")]
        todo += {r for p in files for r in imported_rooms(p)} - reached
    rooms = {r for r in reached if (HOUSE / r).is_dir()}
    assert [r for r in LINE if r in rooms] == [*raeume]


def test_die_bibliotheken_der_raeume_gehoeren_zum_schluessel() -> None:
    found = set()
    for path in (
        p for room in (*einmal.RAEUME, "disclosure") for p in (HOUSE / room).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    foreign = found - set(sys.stdlib_module_names) - {"sozcontrol"}
    known = packages_distributions()
    # The lock and the words for types compute nothing; pydantic pins its core.
    own = {"filelock", "pydantic_core", "typing_extensions"}
    assert {known[name][0] for name in foreign - own} <= {*kept.LIBRARIES}


@pytest.mark.parametrize(("ebene", "seite"), [(t.ebene, t.seite) for t in PANELE])
def test_eine_hochrechnung_kommt_ganz_zurueck(stadt: Lieferung, ebene, seite) -> None:
    stand = prognosestand(stadt, ebene, seite=seite)
    again = hin_und_zurueck(stand)
    assert isinstance(again, Prognosestand)
    assert json.dumps(objekte.dump(again)) == json.dumps(objekte.dump(stand))
    assert again.prognose.test.reihen is again.prognose.direkt.reihen
    assert [h.wert for h in again.reihen.values()] == [h.wert for h in stand.reihen.values()]
