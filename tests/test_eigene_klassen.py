"""Expectation classes of a city: run when a fact names their bytes, heard for a yes or no."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml
from kleinstadt import DATENSTAND, STICHTAG, Stadt

from sozcontrol import checks
from sozcontrol.checks import regel
from sozcontrol.checks.wortlaut import extent
from sozcontrol.errors import CatalogueError
from sozcontrol.findings import Finding, Schwere

KANARIE = "Wendelgard Quastenflosser"
TYP = "expect_column_values_to_be_round"
NAME = "ExpectColumnValuesToBeRound"
KOPF = """\
from __future__ import annotations
import logging, sys, warnings
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation, ColumnMapExpectation
from great_expectations.expectations.metrics import (
    ColumnMapMetricProvider, column_condition_partial)

class ColumnValuesRound(ColumnMapMetricProvider):
    condition_metric_name = "column_values.round"
    condition_value_keys = ("teiler",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column, teiler, **kwargs):
        {vorher}
        return column % teiler == 0
"""
KLASSE = """
class ExpectColumnValuesToBeRound(ColumnMapExpectation):
    teiler: float
    map_metric = "column_values.round"
    success_keys = ("teiler", "mostly")
"""
GUT = KOPF.format(vorher="pass") + KLASSE
SUITEN = regel.load_suites(Path(__file__).parent.parent / "expectations")


@pytest.fixture
def ordner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rules whose one suite asks of each payment whether it is round."""
    e = regel.Erwartung(
        type=TYP, kwargs={"column": "betrag_eur", "teiler": 7}, severity="warning",
        meta={"regel": "R-Z01", "meldung": "Die Beträge sind krumm.", "tun": "Bitte prüfen."},
    )  # fmt: skip
    suite = SUITEN["zahlung"].model_copy(update={"expectations": (e,)})
    monkeypatch.setattr(checks.pruefung, "load_suites", lambda _: {"zahlung": suite})
    monkeypatch.setattr(checks.pruefung, "load_querregeln", lambda _: ())
    return tmp_path


def lege(ordner: Path, text: str = GUT, **anders: str) -> Path:
    """Write a class and the fact that lets exactly this file run, or says otherwise."""
    (ordner / "klassen").mkdir(exist_ok=True)
    (ordner / "klassen" / "rund.py").write_text(text)
    eintrag = {
        "klasse": NAME, "datei": "rund.py", "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "grund": "Sätze sind rund.", "wer": "A. Beispiel", "am": STICHTAG, **anders,
    }  # fmt: skip
    (ordner / "klassen.yml").write_text(yaml.safe_dump({"klassen": [eintrag]}))
    return ordner


def pruefe(ordner: Path, teile: int = 7) -> list[Finding]:
    stadt = Stadt()
    stadt.zeilen["zahlung"][0]["betrag_eur"] = stadt.zeilen["zahlung"][0]["betrag_eur"] * 0 + teile
    for zeile in stadt.zeilen["zahlung"][1:]:
        zeile["betrag_eur"] = zeile["betrag_eur"] * 0 + 14
    found = checks.check(
        stadt.tables(), stichtag=STICHTAG, datenstand=DATENSTAND, expectations=ordner
    )
    return list(found)


def test_eine_zugelassene_klasse_urteilt_wie_jede_regel(ordner: Path) -> None:
    assert pruefe(lege(ordner), teile=21) == []
    (befund,) = pruefe(ordner, teile=22)
    assert (befund.regel, befund.schwere, befund.stellen) == ("R-Z01", Schwere.WARNUNG, ())
    assert "nicht ermittelt" in extent(befund)


@pytest.mark.parametrize(
    ("text", "anders", "satz"),
    [
        pytest.param(GUT, {"sha256": "0" * 64}, "nicht die Datei", id="andere Bytes"),
        pytest.param(GUT, {"datei": "fort.py"}, "Datei fehlt", id="keine Datei"),
        pytest.param(GUT + "raise SystemExit(0)", {}, "nicht laden", id="endet beim Laden"),
        pytest.param(GUT + "1 +", {}, "nicht laden", id="kein Python"),
        pytest.param(
            GUT + KLASSE.replace("Round(", "Flat("), {}, "nicht genau", id="zwei Klassen"
        ),
        pytest.param(
            GUT + KLASSE.replace("ToBeRound", "ToBeBetween"), {}, "nicht genau", id="Klasse von GX"
        ),
        pytest.param(
            GUT.replace('"column_values.round"', '"column_values.nonnull"'), {}, "ersetzt",
            id="Metrik von GX",
        ),
        pytest.param(
            GUT.replace("Round(ColumnMapExpectation)", "Round(BatchExpectation)")
            + "    def _validate(self, *args, **kwargs): return {}\n", {},
            "keine Spalten", id="ganze Tabelle",
        ),
    ],
)  # fmt: skip
def test_was_nicht_zugelassen_ist_laeuft_nicht(
    ordner: Path, text: str, anders: dict[str, str], satz: str
) -> None:
    with pytest.raises(CatalogueError, match=satz) as fehler:
        pruefe(lege(ordner, text, **anders))
    assert NAME in fehler.value.was and "nicht geprüft" in fehler.value.was
    assert fehler.value.wo.endswith(anders.get("datei", "rund.py")) and fehler.value.tun
    # Nothing of it stays behind: the same rule is judged by the right file afterwards.
    assert [f.regel for f in pruefe(lege(ordner))] == []


def test_ohne_eintrag_und_ohne_suite_laeuft_keine_zeile(ordner: Path, tmp_path: Path) -> None:
    spur = tmp_path / "spur"
    text = GUT + f"\nopen({str(spur)!r}, 'w').close()\n"
    lege(ordner, text, klasse="ExpectColumnValuesToBeSomethingElse")
    with pytest.raises(CatalogueError, match="unbekannt"):
        pruefe(ordner)
    lege(ordner, text, sha256="0" * 64)
    with pytest.raises(CatalogueError):
        pruefe(ordner)
    assert not spur.exists()
    pruefe(lege(ordner, text))
    assert spur.exists(), "let in, it does what it likes"


@pytest.mark.parametrize(
    "vorher",
    [
        f'print("{KANARIE}", *column)',
        f'print("{KANARIE}", file=sys.stderr)',
        f'logging.getLogger().error("{KANARIE}")',
        f'warnings.warn("{KANARIE}")',
        f'raise ValueError("{KANARIE}")',
        f'sys.exit("{KANARIE}")',
        f'return [int("{KANARIE}")]',
    ],
)
def test_was_eine_klasse_von_den_daten_erzaehlt_hoert_niemand(
    ordner: Path, vorher: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    befunde = pruefe(lege(ordner, KOPF.format(vorher=vorher) + KLASSE), teile=22)
    assert befunde and {b.regel for b in befunde} <= {"R-Z01", "R-S07"}
    if "return" in vorher or "raise" in vorher or "exit" in vorher:
        assert [b.schwere for b in befunde] == [Schwere.FEHLER], "not judged: held"
    told = checks.render_text(befunde) + repr(befunde) + caplog.text + "".join(capfd.readouterr())
    assert "Wendelgard" not in told and "Quasten" not in told


def test_ein_wert_im_ergebnis_erreicht_keine_meldung(ordner: Path) -> None:
    """The class answers itself, with values in every place that Great Expectations offers."""
    text = (
        GUT
        + f"""
    def _validate(self, metrics, runtime_configuration=None, execution_engine=None):
        return {{"success": False, "result": {{"observed_value": "{KANARIE}",
                "details": {{"{KANARIE}": 1}}, "unexpected_list": ["{KANARIE}"]}}}}
"""
    )
    (befund,) = pruefe(lege(ordner, text), teile=21)
    assert befund.regel == "R-Z01"
    assert KANARIE not in repr(befund) + checks.render_text([befund])
