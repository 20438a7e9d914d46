"""What was published can be proved: by its checksums, and by building it from its inputs again."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import Stadt, make_project
from press_fixtures import write_notebook

from sozcontrol.cli import main
from sozcontrol.errors import ConfigurationError, DeliveryMissing, Exit, NotReleased
from sozcontrol.press.ablegen import manifest, nachbau
from sozcontrol.press.ablegen import verify as pruefung
from sozcontrol.press.ablegen.verify import verify
from sozcontrol.press.lauf.progress import Silent
from sozcontrol.projekt import Projekt

TAG, STAND, BEREICH = "2025-06-30", "2025-07-21", "unterhaltsvorschuss"
GELIEFERT = ("UVG*", "Gebiete*", "Einwohner*", "lieferung.yml")
TAFEL = """from sozcontrol import measures, present, store
daten = store.open_data(stichtag, datenstand)
present.beside(measures.kennzahlen(daten, ["U01"], je=["altersstufe"]), "Zahlfälle")"""
WORTE = f"""from sozcontrol import present, store
present.commentary(store.open_data(stichtag, datenstand).stichtag, "{BEREICH}")"""


@dataclass(frozen=True)
class Ort:
    """A small city that has published one area, and what belongs to the user around it."""

    projekt: Projekt
    config: Path

    @property
    def berichte(self) -> Path:
        return self.projekt.reports / TAG

    def copy(self, root: Path) -> Ort:
        shutil.copytree(self.projekt.root, root / "p", symlinks=True)
        return Ort(Projekt(root / "p"), self.config)


@pytest.fixture(scope="module")
def vorlage(eingelesen: Stadt, tmp_path_factory: pytest.TempPathFactory) -> Ort:
    """One area of Musterstadt, published by a run that read four delivered files."""
    home = tmp_path_factory.mktemp("verify")
    projekt = make_project(home / "p")
    shutil.rmtree(projekt.notebooks)
    projekt.notebooks.mkdir()
    write_notebook(projekt, BEREICH, "## Zahlfälle", TAFEL, WORTE)
    projekt.kommentar(*_kommentar()).parent.mkdir(parents=True)
    projekt.kommentar(*_kommentar()).write_text("Die Zahl ist gestiegen.\n", encoding="utf-8")
    raw = projekt.raw / TAG / STAND
    raw.mkdir(parents=True)
    there = eingelesen.projekt.raw / TAG / STAND
    for pattern in GELIEFERT:
        for path in there.glob(pattern):
            shutil.copy2(path, raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        code, out = typed(patch, projekt, "run", "--leise", "--bereich", BEREICH)
    assert code == Exit.OK, out
    return Ort(projekt, home / "config")


def _kommentar() -> tuple:
    from datetime import date

    return date.fromisoformat(TAG), BEREICH


def typed(patch: pytest.MonkeyPatch, projekt: Projekt, *words: str) -> tuple[int, str]:
    """Call the command line in this process, which has everything imported."""
    patch.chdir(projekt.root)
    for name, value in projekt.environment.items():
        patch.setenv(name, value)
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        code = main([*words])
    return code, said.getvalue()


@pytest.fixture
def ort(vorlage: Ort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ort:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(vorlage.config))
    return vorlage.copy(tmp_path)


def bytes_below(*roots: Path) -> dict[str, tuple[bytes, int]]:
    paths = sorted(p for root in roots for p in root.rglob("*") if p.is_file())
    return {str(p): (p.read_bytes(), p.stat().st_mtime_ns) for p in paths}


@pytest.mark.notebook
def test_aus_denselben_eingaben_entstehen_dieselben_bytes(
    ort: Ort, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, ...]] = []

    class InThisProcess:
        """A child process that has everything imported already."""

        def __init__(self, words: list[str], *, cwd: Path, env: dict[str, str], **_: object):
            assert cwd.stat().st_mode & 0o777 == 0o700
            assert env["SOZCONTROL_PROJEKT"] == str(cwd) != str(ort.projekt.root)
            assert Path(env["XDG_CACHE_HOME"]).is_relative_to(cwd)
            calls.append(tuple(words[3:]))
            with pytest.MonkeyPatch.context() as patch:
                self.returncode, self.said = typed(patch, Projekt(cwd), *words[3:])

        def communicate(self) -> tuple[str, str]:
            return "", self.said

        def poll(self) -> int:
            return self.returncode

        def wait(self) -> int:
            return self.returncode

    stand_in = SimpleNamespace(Popen=InThisProcess, DEVNULL=None, PIPE=None)
    monkeypatch.setattr(nachbau, "subprocess", stand_in)
    before = bytes_below(ort.projekt.root)
    text = verify(ort.projekt, ort.berichte, Silent())
    assert [words[0] for words in calls] == ["check", "run"]
    assert "(2 Seiten, 1 Arbeitsmappe, 1 CSV-Datei)" in text  # the council's edition
    assert "4 Rohdateien" in text and text.endswith("Byte für Byte dieselben.")
    after = bytes_below(ort.projekt.root)
    assert {k for k in before | after if before.get(k) != after.get(k)} == set()


# ---- what lies there, against the manifests ---------------------------------------------------


def _change(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


FREMD = {
    "eine Zahl der Seite": lambda f: _change(f / "leitung" / f"{BEREICH}.html"),
    "die Seite fehlt": lambda f: (f / "gremium" / f"{BEREICH}.html").unlink(),
    "die Arbeitsmappe": lambda f: _change(f / "leitung" / f"{BEREICH}.xlsx"),
    "eine offene Datei": lambda f: _change(next((f / "gremium" / "csv").rglob("*.csv"))),
    "die Seite der Datenqualität": lambda f: _change(f / "leitung" / "datenqualitaet.html"),
    "eine Seite mehr": lambda f: (f / "leitung" / "kita_monitoring.html").write_text("x"),
    "die Übersicht": lambda f: _change(f / "index.html"),
    "eine Datei daneben": lambda f: (f / "notiz.html").write_text("x"),
}


@pytest.mark.parametrize("change", FREMD.values(), ids=FREMD)
def test_was_nicht_das_veroeffentlichte_ist_wird_genannt(ort: Ort, change: Callable) -> None:
    assert verify(ort.projekt, ort.berichte, Silent(), nachbauen=False).count("Alle Dateien") == 2
    before = {p for p in ort.berichte.rglob("*") if p.is_file()}
    sums = {p: p.read_bytes() for p in before}
    change(ort.berichte)
    after = {p for p in ort.berichte.rglob("*") if p.is_file()}
    (wrong,) = {p for p in before | after if p not in after or sums.get(p) != p.read_bytes()}
    with pytest.raises(NotReleased) as caught:
        verify(ort.projekt, ort.berichte, Silent())
    assert wrong.relative_to(ort.berichte).as_posix() in caught.value.was + caught.value.wo
    assert caught.value.exit_code == Exit.DISCLOSURE


def test_eine_kopie_ausserhalb_des_projekts_laesst_sich_pruefen(ort: Ort, tmp_path: Path) -> None:
    there = shutil.copytree(ort.berichte, tmp_path / "stick")
    assert "Leitung" in verify(ort.projekt, there, Silent(), nachbauen=False)
    assert "Leitung" in verify(ort.projekt, there / "leitung", Silent(), nachbauen=False)
    with pytest.raises(DeliveryMissing):
        verify(ort.projekt, tmp_path, Silent())


def test_wer_seite_und_manifest_faelscht_faellt_beim_nachbau_auf(
    ort: Ort, vorlage: Ort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seal is no secret: whoever can write can seal. The inputs tell."""

    @contextlib.contextmanager
    def untouched(*_: object) -> Iterator[Projekt]:
        yield vorlage.projekt

    monkeypatch.setattr(pruefung, "rebuilt", untouched)
    assert "dieselben" in verify(ort.projekt, ort.berichte, Silent())
    page = ort.berichte / "leitung" / f"{BEREICH}.html"
    page.write_text(page.read_text("utf-8").replace("gestiegen", "gesunken"), encoding="utf-8")
    record = json.loads((page.parent / manifest.NAME).read_text("utf-8"))
    record["berichte"][BEREICH]["sha256"] = manifest.sha256(page.read_bytes())
    del record["pruefsumme"]
    (page.parent / manifest.NAME).write_text(manifest.dump(record), encoding="utf-8")
    with pytest.raises(NotReleased, match=f"nicht zum Journal: leitung/{BEREICH}.html ist nicht"):
        verify(ort.projekt, ort.berichte, Silent(), nachbauen=False)
    shutil.rmtree(ort.projekt.processed / "veroeffentlicht")
    with pytest.raises(NotReleased, match=f"leitung/{BEREICH}.html entsteht anders"):
        verify(ort.projekt, ort.berichte, Silent())


# ---- what the run read ------------------------------------------------------------------------


def _raw(p: Projekt) -> Path:
    return p.raw / TAG / STAND


ANDERS = {
    "eine Rohdatei geändert": (lambda p: _change(next(_raw(p).glob("UVG*"))), "Rohdatei UVG"),
    "eine Rohdatei mehr": (lambda p: (_raw(p) / "x.csv").write_text("a"), "x.csv (kam hinzu)"),
    "der Lieferschein": (lambda p: _change(_raw(p) / "lieferung.yml"), "Rohdatei lieferung.yml"),
    "ein Kommentar": (lambda p: _change(p.kommentar(*_kommentar())), f"{BEREICH}.md"),
    "das Notebook": (lambda p: _change(p.notebooks / f"{BEREICH}.ipynb"), f"{BEREICH}.ipynb"),
}


@pytest.mark.parametrize("change, named", ANDERS.values(), ids=ANDERS)
def test_was_nicht_mehr_da_ist_wie_es_gelesen_wurde_wird_genannt(
    ort: Ort, change: Callable, named: str
) -> None:
    change(ort.projekt)
    before = bytes_below(ort.projekt.root)
    with pytest.raises(DeliveryMissing) as caught:
        verify(ort.projekt, ort.berichte, Silent())
    assert named in caught.value.was
    assert bytes_below(ort.projekt.root) == before
    assert not [*ort.projekt.runs.glob(f"{nachbau.PLACE}*")]


def test_was_das_projekt_nicht_mehr_hat_kommt_aus_dem_commit(ort: Ort, monkeypatch) -> None:
    rule = next(ort.projekt.expectations.glob("*.json"))
    then = rule.read_bytes()
    _change(rule)
    record = json.loads((ort.berichte / "leitung" / manifest.NAME).read_text("utf-8"))
    (run,) = record["laeufe"].values()
    if run["code"]["commit"] is None:
        pytest.skip("ohne git")
    monkeypatch.setattr(
        nachbau.gelesen, "git", lambda root, *words: then if words[0] == "cat-file" else None
    )
    seen: list[bytes] = []

    def end(there: Projekt, *_: object) -> None:
        seen.append((there.expectations / rule.name).read_bytes())
        raise KeyboardInterrupt

    monkeypatch.setattr(nachbau, "_call", end)
    with pytest.raises(KeyboardInterrupt):
        verify(ort.projekt, ort.berichte, Silent())
    assert seen == [then]
    assert not [*ort.projekt.runs.glob(f"{nachbau.PLACE}*")]


@pytest.mark.parametrize("name", ["../../reports/index.html", "/etc/passwd", "a/../../b"])
@pytest.mark.parametrize("place", ["dateien", "gespeichert", "gueltig"])
def test_ein_manifest_fuehrt_nirgends_hinaus(ort: Ort, place: str, name: str) -> None:
    record = json.loads((ort.berichte / "leitung" / manifest.NAME).read_text("utf-8"))
    (run,) = record["laeufe"].values()
    assert nachbau.gelesen.of(run) is not None
    run[place][name] = "0" * 16
    assert nachbau.gelesen.of(run) is None


ANDERES_WERKZEUG = {
    "ein Paket": ("pakete", {"pandas": "1.0"}, "pandas"),
    "Python": ("python", "3.1.4", "Python"),
    "der Code": ("paket_sha256", "0" * 64, "Code oder Fakten"),
}


@pytest.mark.parametrize("what, then, named", ANDERES_WERKZEUG.values(), ids=ANDERES_WERKZEUG)
def test_anderes_werkzeug_wird_genannt_und_nichts_eingerichtet(
    ort: Ort, what: str, then: object, named: str
) -> None:
    for path in ort.berichte.glob(f"*/{manifest.NAME}"):
        record = json.loads(path.read_text("utf-8"))
        (run,) = record["laeufe"].values()
        known = run["code"][what]
        run["code"][what] = {**known, **then} if isinstance(then, dict) else then
        del record["pruefsumme"]
        path.write_text(manifest.dump(record), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        verify(ort.projekt, ort.berichte, Silent())
    assert named in caught.value.was and caught.value.exit_code == Exit.CONFIGURATION
    if what == "paket_sha256" and run["code"]["commit"] and not run["code"]["geaendert"]:
        assert f"git checkout {run['code']['commit']}" in caught.value.tun


def test_ein_anderer_schluessel_wird_genannt(ort: Ort, tmp_path: Path, monkeypatch) -> None:
    other = tmp_path / "anderer"
    other.touch(mode=0o600)
    other.write_bytes(bytes(32))
    monkeypatch.setenv("SOZCONTROL_SCHLUESSEL_DATEI", str(other))
    with pytest.raises(ConfigurationError, match=r"Schlüssel [0-9a-f]{8} statt"):
        verify(ort.projekt, ort.berichte, Silent())
    assert other.read_bytes() == bytes(32)
