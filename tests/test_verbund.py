"""Beyond one machine: the same figures from Spark, the same runs on a Dask cluster.

What needs Spark or Dask runs in an environment of its own (``make verbund``): Spark is half a
gigabyte and wants Java, and Great Expectations imports it wherever it is installed.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import ibis
import pytest
from press_fixtures import bare_project
from test_measures_engines import Verbunden, gleiche_grundzahlen, gleiche_kennzahlen
from wuerfelstadt import wuerfelstadt

from sozcontrol.auskunft import verbund
from sozcontrol.auskunft.sammellauf import Einzellauf, Starter, run_all, starter
from sozcontrol.auskunft.verbund import Entfernt, typed
from sozcontrol.cli import main
from sozcontrol.errors import ConfigurationError
from sozcontrol.projekt import Projekt

SPARK = {
    "spark.sql.session.timeZone": "UTC",  # a day is the same day on every engine
    "spark.sql.shuffle.partitions": "1", "spark.default.parallelism": "1",
    "spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}  # fmt: skip
fremd = pytest.mark.filterwarnings("default")
"""Other packages warn of what is theirs."""


@pytest.fixture(scope="module")
def spark() -> Iterator[tuple[object, Verbunden]]:
    """The dice city in a Spark of this machine, reached through Ibis."""
    sql = pytest.importorskip("pyspark.sql", reason="Spark fehlt: make verbund")
    if shutil.which("java") is None:
        pytest.skip("Spark braucht Java 17")
    builder = sql.SparkSession.builder.master("local[2]").appName("sozcontrol")
    for name, value in SPARK.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    stadt = wuerfelstadt(hilfen=120)
    for name in stadt.tabellen:
        session.createDataFrame(stadt[name].to_pyarrow()).createOrReplaceTempView(name)
    yield stadt, Verbunden(ibis.pyspark.connect(session), stadt)
    session.stop()


@fremd
@pytest.mark.verbund
@pytest.mark.timeout(900)
def test_spark_und_duckdb_zaehlen_gleich(spark: tuple[object, Verbunden]) -> None:
    gleiche_grundzahlen(*spark)


@fremd
@pytest.mark.verbund
@pytest.mark.timeout(1800)
def test_kennzahlen_auf_spark_und_duckdb_gleich(spark: tuple[object, Verbunden]) -> None:
    gleiche_kennzahlen(*spark)


# ---- runs on other machines -------------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[object]:
    """A cluster within this process, two threads for its machines."""
    distributed = pytest.importorskip("distributed", reason="Dask fehlt: make verbund")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as found:
        yield found
    verbund._start.cache_clear()
    verbund.HELD.close()


def _laeufe(projekt: Projekt) -> list[deque[Einzellauf]]:
    towns = map(projekt.of, ("", "kiel", "koeln", "moers"))
    return [deque([Einzellauf(town, "", ("run", "--leise"))]) for town in towns]


def _seconds(projekt: Projekt, start: Starter) -> float:
    begun = time.monotonic()
    codes = [code for _, code in run_all(_laeufe(projekt), 2, start)]
    assert codes == [3] * 4
    return time.monotonic() - begun


@fremd
@pytest.mark.verbund
@pytest.mark.timeout(600)
def test_der_weg_zum_verbund_kostet_keinen_zehnten_teil(client, tmp_path: Path) -> None:
    """Commands that end at once, two at a time: what differs is the way there and back.

    A run with reports takes ten seconds and more; a tenth of the shortest may be lost on it.
    """
    projekt = bare_project(tmp_path / "p")
    remote, threads = verbund.on(client)
    assert threads == 2
    with starter() as local:
        for start in (local, remote):  # imports are done once, here and there
            _seconds(projekt, start)
        pairs = [(_seconds(projekt, local), _seconds(projekt, remote)) for _ in range(3)]
    pool, cluster = (min(times) for times in zip(*pairs, strict=True))
    assert cluster - pool <= 0.1 * 10, pairs


@fremd
@pytest.mark.verbund
def test_ein_verlorener_rechner_ist_ein_deutscher_satz(client) -> None:
    lost = Entfernt(client.submit(lambda: 1 / 0), 1)
    with pytest.raises(ConfigurationError, match="Rechner des Verbunds"):
        lost.wait(20)


@pytest.mark.thorough
def test_getippt_wird_was_gesagt_ist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a machine of a cluster does, here: of the environment only the project travels."""
    monkeypatch.setenv("SOZCONTROL_PROJEKT", "/anderswo")
    projekt = bare_project(tmp_path / "p").of("kiel")
    try:
        code, said = typed(["run", "--leise"], projekt.environment, str(projekt.root))
    finally:
        verbund._start.cache_clear()
        verbund.HELD.close()
    assert code == 3 and str(projekt.root).encode() in said
    assert set(projekt.environment) == set(verbund.SENT)


@pytest.mark.parametrize(
    ("adresse", "satz"),
    [
        ("tcp://10.0.0.5:8786", "ausweisen"), ("tcp://rechner:8786", "ausweisen"),
        ("rechner:8786", "keine Adresse"), ("http://127.0.0.1:8786", "keine Adresse"),
        ("tls://", "keine Adresse"),
    ],
)  # fmt: skip
def test_ein_offener_scheduler_anderswo_wird_nicht_gefragt(
    projekt: Projekt, capsys: pytest.CaptureFixture, adresse: str, satz: str
) -> None:
    words = ["run", "--projekt", str(projekt.root), "--stichtag", "2025-06-30"]
    assert main([*words, "--cluster", adresse]) == 2
    assert satz in capsys.readouterr().err


def test_ohne_dask_sagt_der_aufruf_wie_man_es_bekommt(
    projekt: Projekt, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ["run", "--projekt", str(projekt.root), "--stichtag", "2025-06-30"]
    assert main([*words, "--cluster", "tls://rechner:8786"]) == 9
    assert "make .venv-verbund" in capsys.readouterr().err
