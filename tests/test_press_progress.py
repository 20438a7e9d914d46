"""Progress: a display on a terminal, plain lines elsewhere, never on standard output."""

from __future__ import annotations

import io
import itertools
import threading
import time

import pytest

from sozcontrol.press.lauf.progress import Lines, Live, Silent, for_stream


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def xterm(monkeypatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@pytest.fixture
def uhr(monkeypatch) -> None:
    """A clock on which whatever counts takes 1.26 seconds."""
    ticks = itertools.count(step=1.26)
    monkeypatch.setattr("sozcontrol.press.lauf.progress.monotonic", lambda: next(ticks))


def play(report) -> None:
    """Tell *report* what a run tells."""
    report.step("Lieferung lesen")
    with report.counting("leitung/a", "Zelle") as count:
        count(1, 4)
    report.warn("etwas fehlt")


def test_ohne_terminal_ist_es_eine_zeile_je_ereignis(uhr) -> None:
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


def test_auf_dem_terminal_steht_jedes_notebook_mit_seinem_stand(xterm, uhr) -> None:
    with Live(xterm) as report:
        play(report)
    assert "leitung/a" in xterm.getvalue() and "1,3 s" in xterm.getvalue()
    assert "etwas fehlt" in xterm.getvalue()


@pytest.mark.parametrize("noun", ["Zelle", "Prognose"])
def test_auf_dem_terminal_heisst_gezaehltes_wie_es_heisst(xterm, noun) -> None:
    with Live(xterm) as report, report.counting("Probe", noun) as count:
        count(120, 1748)
        report._bars.refresh()
    assert f"{noun} 120 von 1748" in xterm.getvalue()


@pytest.mark.parametrize("kind", [Lines, Live])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_was_scheitert_endet_als_nicht_fertig(xterm, uhr, kind, error) -> None:
    with kind(xterm) as report:
        with pytest.raises(error), report.counting("Probe", "Prognose") as count:
            count(3, 7)
            raise error
        assert kind is Lines or report._bars.tasks == []
        with report.counting("danach", "Prognose"):
            pass
    assert "  Probe nicht fertig (1,3 s)\n" in xterm.getvalue().replace("\r", "")
    assert "Probe fertig" not in xterm.getvalue() and "danach" in xterm.getvalue()


def test_ein_abbruch_gibt_das_terminal_zurueck(xterm) -> None:
    with pytest.raises(ValueError), Live(xterm) as report, report.counting("Probe", "Zelle"):
        raise ValueError
    hidden, shown = "\x1b[?25l", "\x1b[?25h"
    assert xterm.getvalue().rindex(shown) > xterm.getvalue().rindex(hidden)


def test_zaehlen_zeichnet_nicht_selbst(xterm) -> None:
    """A display drawn at every count would take a minute for these; ten a second suffice."""
    started = time.perf_counter()
    with Live(xterm) as report, report.counting("Probe", "Prognose") as count:
        for number in range(1, 50_001):
            count(number, 50_000)
    assert time.perf_counter() - started < 5


def test_die_anzeige_laesst_die_standardausgabe_in_ruhe(xterm, capsys) -> None:
    with Live(xterm):
        print("Ergebnis")
    assert capsys.readouterr().out == "Ergebnis\n" and "Ergebnis" not in xterm.getvalue()


def test_no_color_nimmt_die_farben_weg(xterm, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    with Live(xterm) as report:
        report.warn("etwas fehlt")
    assert "\x1b[33m" not in xterm.getvalue()


def test_mehrere_faeden_duerfen_zugleich_melden(xterm) -> None:
    def work(name: str) -> None:
        with report.counting(name, "Zelle") as count:
            count(1, 2)

    with Live(xterm) as report:
        threads = [threading.Thread(target=work, args=(str(n),)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(task.finished for task in report._bars.tasks)
        assert len(report._bars.tasks) == 20
