"""One set of versions: the locks, pyproject and environment.yml say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def name_of(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement).group(0).lower().replace("_", "-")


def versions(lock: str, python: str = "3.11.0") -> dict[str, str]:
    """Return the version each package is locked to on *python* (a universal lock has markers)."""
    pins: dict[str, str] = {}
    for line in re.findall(r"^[a-z0-9][^ ]*==.*$", (ROOT / lock).read_text(), re.M):
        requirement = Requirement(line.rstrip(" \\"))
        here = {"python_full_version": python, "python_version": python[:4]}
        if requirement.marker is None or requirement.marker.evaluate(here):
            pins[name_of(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return pins


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def conda_pins() -> dict[str, str]:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = next(d["pip"] for d in environment["dependencies"] if isinstance(d, dict))
    return {name_of(p): p.split("==")[1] for p in pip if "==" in p}


def test_environment_yml_nennt_die_versionen_der_sperrdatei() -> None:
    lock = versions("requirements-lab.lock")
    assert {n: v for n, v in conda_pins().items() if v != lock.get(n)} == {}


def test_environment_yml_nennt_jede_unmittelbare_abhaengigkeit(project: dict) -> None:
    direct = {name_of(d) for d in project["dependencies"]} | {"jupyterlab"}
    assert direct - set(conda_pins()) == set()


def test_die_vom_auftrag_genannten_pakete_sind_dabei() -> None:
    asked = {
        "jupyterlab",
        "pandas",
        "seaborn",
        "papermill",
        "nbconvert",
        "great-expectations",
        "pytest",
    }
    assert asked - set(conda_pins()) == set()


@pytest.mark.parametrize("part", ["lab", "verbund"])
def test_alle_sperrdateien_sperren_dieselben_versionen(part: str) -> None:
    run, other = versions("requirements.lock"), versions(f"requirements-{part}.lock")
    assert {n: (v, other.get(n)) for n, v in run.items() if other.get(n) != v} == {}


@pytest.mark.parametrize("part", ["", "-lab", "-uv", "-tools", "-verbund"])
def test_jede_sperre_traegt_pruefsummen(part: str) -> None:
    text = (ROOT / f"requirements{part}.lock").read_text()
    entries = [e for e in re.split(r"\n(?=[a-z0-9])", text) if re.match(r"[a-z0-9._-]+==", e)]
    assert entries
    assert [e.split("=")[0] for e in entries if "--hash=sha256:" not in e] == []


def test_die_laufumgebung_enthaelt_keinen_verbund() -> None:
    # Great Expectations imports Spark wherever it is; Spark is half a gigabyte.
    assert {"pyspark", "distributed", "dask"} & set(versions("requirements.lock")) == set()
    assert {"pyspark", "distributed"} <= set(versions("requirements-verbund.lock"))


def test_die_laufumgebung_enthaelt_kein_jupyterlab() -> None:
    # JupyterLab costs every import of nbconvert, papermill and Great Expectations two seconds.
    assert "jupyterlab" not in versions("requirements.lock")
    assert "rfc3987-syntax" not in versions("requirements.lock")
