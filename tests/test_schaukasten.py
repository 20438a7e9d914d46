"""A preview shows one edition, on this machine only, to whoever has its address."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from press_fixtures import bare_project, snapshot

from sozcontrol.auskunft import schaukasten
from sozcontrol.auskunft.schaukasten import Schaukasten, in_work, published
from sozcontrol.cli import main
from sozcontrol.errors import DeliveryMissing, NotReleased, UsageError
from sozcontrol.press.ablegen.arbeitsstand import folder_of
from sozcontrol.projekt import Projekt

TAG = date(2025, 6, 30)
SEITEN = {"index.html": b"<p>Anfang", "leitung/a.html": b"<p>A", "leitung/a.xlsx": b"PK"}


@contextmanager
def gezeigt(dateien: Callable[[], schaukasten.Dateien]) -> Iterator[Schaukasten]:
    with Schaukasten(dateien) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def gefragt(server: Schaukasten, path: str, **headers: str) -> http.client.HTTPResponse:
    """Ask for a path as it is written: no client resolves what climbs out of it."""
    con = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    con.putrequest("GET", path, skip_host=True)
    for name, value in {"Host": f"127.0.0.1:{server.server_port}", **headers}.items():
        con.putheader(name, value)
    con.endheaders()
    return con.getresponse()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/{geheim}/index.html", 200), ("/{geheim}/", 200), ("/{geheim}/leitung/a.html", 200),
        ("/{geheim}/leitung/a%2Ehtml", 200), ("/{geheim}/leitung/a.html?x=1", 200),
        ("/", 404), ("/index.html", 404), ("/falsch/index.html", 404),
        ("/{geheim}x/index.html", 404), ("/{geheim}/leitung/", 404), ("/{geheim}/leitung", 404),
        ("/{geheim}/intern/a.html", 404), ("/{geheim}/../{geheim}/index.html", 404),
        ("/{geheim}/leitung/../index.html", 404), ("/{geheim}/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/{geheim}//etc/passwd", 404), ("/{geheim}/leitung/a.html%00", 404),
        ("//127.0.0.1/{geheim}/index.html", 404),
    ],
)  # fmt: skip
def test_gezeigt_wird_was_auf_der_liste_steht(path: str, status: int) -> None:
    with gezeigt(lambda: SEITEN) as server:
        asked = path.replace("{geheim}", server.geheimnis)
        answer = gefragt(server, asked)
        assert answer.status == status
        said = answer.read()
        assert said in SEITEN.values() if status == 200 else b"<p>" not in said
        assert answer.getheader("Cache-Control") == "no-store"
        assert answer.getheader("Referrer-Policy") == "no-referrer"


@pytest.mark.parametrize("host", ["boese.example", "boese.example:{port}", "127.0.0.1", ""])
def test_ein_fremder_name_fuer_diesen_rechner_fuehrt_nirgendwohin(host: str) -> None:
    with gezeigt(lambda: SEITEN) as server:
        path = urlsplit(server.adresse).path
        assert gefragt(server, path, Host=host.format(port=server.server_port)).status == 404
        assert gefragt(server, path, Host=f"localhost:{server.server_port}").status == 200


def test_kein_anderer_weg_fuehrt_an_den_rechner_heran() -> None:
    with gezeigt(lambda: SEITEN) as server:
        assert server.server_address[0] == "127.0.0.1"
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", server.server_port), timeout=2)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_es_wird_nur_gelesen(method: str) -> None:
    with gezeigt(lambda: SEITEN) as server:
        con = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        con.request(method, urlsplit(server.adresse).path)
        assert con.getresponse().status == 501


def test_jeder_start_hat_eine_andere_adresse_und_sagt_nichts_nebenbei(capfd) -> None:
    with gezeigt(lambda: SEITEN) as one, gezeigt(lambda: SEITEN) as other:
        assert one.geheimnis != other.geheimnis and len(one.geheimnis) == 32
        assert gefragt(one, urlsplit(other.adresse).path).status == 404
    assert capfd.readouterr() == ("", "")


def test_was_sich_nicht_zeigen_laesst_sagt_warum() -> None:
    def refuse() -> schaukasten.Dateien:
        raise NotReleased("Geändert.", wo="hier", tun="Neu erstellen.")

    with gezeigt(refuse) as server:
        answer = gefragt(server, urlsplit(server.adresse).path)
        assert answer.status == 503 and "Geändert." in answer.read().decode()


def test_ein_neuer_stand_ist_nach_dem_neuladen_da() -> None:
    there = dict(SEITEN)
    with gezeigt(lambda: there) as server:
        path = urlsplit(server.adresse).path
        assert gefragt(server, path).read() == b"<p>Anfang"
        there["index.html"] = b"<p>Neu"
        assert gefragt(server, path).read() == b"<p>Neu"


def test_ein_belegter_port_ist_eine_deutsche_zeile() -> None:
    with gezeigt(lambda: SEITEN) as server, pytest.raises(UsageError, match="Port"):
        Schaukasten(lambda: SEITEN, server.server_port)


def test_eine_veroeffentlichte_edition_ist_da_und_keine_andere(lauf: Projekt) -> None:
    found = published(lauf, TAG, "gremium")
    folder = lauf.reports / "2025-06-30" / "gremium"
    assert {n for n in found if n != "index.html"} == {f"gremium/{n}" for n in snapshot(folder)}
    assert all(found[f"gremium/{n}"] == (folder / n).read_bytes() for n in snapshot(folder))
    assert b"gremium/" in found["index.html"] and b"leitung/" not in found["index.html"]
    assert set(map(_kind, found)) <= {*schaukasten.KINDS}
    assert set(published(lauf, TAG, "intern")) > {"index.html", "intern/manifest.json"}
    with pytest.raises(DeliveryMissing):
        published(lauf, date(2024, 6, 30), "leitung")


def _kind(name: str) -> str:
    return Path(name).suffix


def test_eine_geaenderte_seite_wird_nicht_gezeigt(lauf: Projekt) -> None:
    page = lauf.reports / "2025-06-30" / "leitung" / "monitoring_jugend.html"
    before = page.read_bytes()
    page.write_bytes(before + b" ")
    try:
        with pytest.raises(NotReleased):
            published(lauf, TAG, "leitung")
        assert main(["preview", "--projekt", str(lauf.root)]) == 7
    finally:
        page.write_bytes(before)


def test_ein_arbeitsstand_wird_gezeigt_und_kein_verweis_verfolgt(tmp_path: Path) -> None:
    projekt = bare_project(tmp_path / "stadt")
    with pytest.raises(DeliveryMissing, match="kein Arbeitsstand"):
        in_work(projekt, TAG, "leitung")
    with pytest.raises(UsageError):
        in_work(projekt, TAG, "../intern")
    folder = folder_of(projekt, TAG, "leitung")
    (folder / "leitung").mkdir(parents=True)
    (folder / "index.html").write_text("x")
    (folder / "leitung" / "a.html").write_text("y")
    (folder / "leitung" / "key").write_text("z")
    (folder / "leitung" / "b.html").symlink_to(folder / "leitung" / "key")
    assert in_work(projekt, TAG, "leitung") == {"index.html": b"x", "leitung/a.html": b"y"}


def test_preview_nennt_die_adresse_und_endet_auf_verlangen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    projekt = bare_project(tmp_path / "stadt")
    folder = folder_of(projekt, TAG, "leitung")
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("x")

    def interrupted(_: Schaukasten) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Schaukasten, "serve_forever", interrupted)
    words = ["preview", "--projekt", str(projekt.root), "--stichtag", "2025-06-30"]
    assert main([*words, "--arbeitsstand"]) == 130
    assert capsys.readouterr().out.startswith("http://127.0.0.1:")
    assert main(words) == 3
