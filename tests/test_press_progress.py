"""Progress: a display on a terminal, plain lines elsewhere, never on standard output."""

from __future__ import annotations

import io
import threading

import pytest

from sozcontrol.press.progress import Lines, Live, Silent, for_stream


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def play(report) -> None:
    """Tell *report* what a run tells."""
    report.step("Lieferung lesen")
    report.started("leitung/a")
    report.cell("leitung/a", 1, 4)
    report.finished("leitung/a", 1.26)
    report.warn("etwas fehlt")


def test_ohne_terminal_ist_es_eine_zeile_je_ereignis() -> None:
    stream = io.StringIO()
    with for_stream(stream) as report:
        play(report)
    assert stream.getvalue().splitlines() == [
        "Lieferung lesen",
        "  leitung/a fertig (1,3 s)",
        "Achtung: etwas fehlt",
    ]
    assert "\x1b" not in stream.getvalue() and "\r" not in stream.getvalue()


def test_leise_meldet_nur_was_fehlt() -> None:
    stream = io.StringIO()
    with for_stream(stream, leise=True) as report:
        play(report)
    assert stream.getvalue() == "Achtung: etwas fehlt\n"


@pytest.mark.parametrize(
    "stream, term, kind",
    [
        pytest.param(io.StringIO(), "xterm", Lines, id="Datei"),
        pytest.param(Terminal(), "xterm", Live, id="Terminal"),
        pytest.param(Terminal(), "dumb", Lines, id="einfaches Terminal"),
    ],
)
def test_die_anzeige_richtet_sich_nach_der_ausgabe(monkeypatch, stream, term, kind) -> None:
    monkeypatch.setenv("TERM", term)
    assert type(for_stream(stream)) is kind
    assert type(for_stream(stream, leise=True)) is Silent


def test_auf_dem_terminal_steht_jedes_notebook_mit_seinem_stand(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with Live(stream) as report:
        play(report)
    assert "leitung/a" in stream.getvalue() and "1,3 s" in stream.getvalue()
    assert "etwas fehlt" in stream.getvalue()


def test_no_color_nimmt_die_farben_weg(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    with Live(stream) as report:
        report.warn("etwas fehlt")
    assert "\x1b[33m" not in stream.getvalue()


def test_mehrere_faeden_duerfen_zugleich_melden() -> None:
    stream = Terminal()
    with Live(stream) as report:
        threads = [
            threading.Thread(target=lambda n=n: (report.started(n), report.finished(n, 1)))
            for n in map(str, range(20))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(task.finished for task in report._bars.tasks)
        assert len(report._bars.tasks) == 20
