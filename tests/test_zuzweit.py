"""The half that a forked process does: the same as here, whatever becomes of it."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from sozcontrol import zuzweit
from sozcontrol.zuzweit import nebeneinander, zu_zweit

HIER = os.getpid()


@pytest.fixture
def forkbar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork also where tests run beside others, on one core."""
    monkeypatch.setattr(zuzweit, "possible", lambda: True)


def quadrat(n: int) -> tuple[int, bool]:
    return n * n, os.getpid() == HIER


def stirbt(n: int) -> tuple[int, bool]:
    if os.getpid() != HIER:
        os.kill(os.getpid(), signal.SIGKILL)
    return quadrat(n)


def haengt(n: int) -> tuple[int, bool]:
    if os.getpid() != HIER:
        time.sleep(60)
    return quadrat(n)


def redet_und_scheitert(n: int) -> tuple[int, bool]:
    if os.getpid() != HIER:
        raise ValueError("CANARY")
    return quadrat(n)


@pytest.mark.parametrize("anzahl", [0, 1, 2, 5])
def test_die_zweite_haelfte_kommt_aus_dem_anderen_prozess(forkbar, anzahl: int) -> None:
    found = zu_zweit(quadrat, range(anzahl))
    assert [n for n, _ in found] == [n * n for n in range(anzahl)]
    assert [here for _, here in found] == [n < (anzahl + 1) // 2 for n in range(anzahl)]


@pytest.mark.parametrize("do", [stirbt, haengt, redet_und_scheitert])
def test_was_dort_nicht_wird_wird_hier_gemacht(forkbar, monkeypatch, capfd, do) -> None:
    forked, fork = [], os.fork
    monkeypatch.setattr(os, "fork", lambda: forked.append(fork()) or forked[-1])
    monkeypatch.setattr(zuzweit, "PATIENCE", 0.3)
    assert zu_zweit(do, range(4)) == [(n * n, True) for n in range(4)]
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ChildProcessError):
        os.waitpid(*forked, os.WNOHANG)


def test_wer_hier_schnell_fertig_ist_wartet_dort_solange_es_braucht(forkbar, monkeypatch) -> None:
    monkeypatch.setattr(zuzweit, "PATIENCE", 0.1)

    def slow() -> int:
        time.sleep(0.4)
        return os.getpid()

    assert nebeneinander(slow, os.getpid) == (HIER, HIER)
    there, here = nebeneinander(slow, os.getpid, mindestens=600)
    assert there != here == HIER


def test_ein_fehler_hier_beendet_den_anderen_prozess(forkbar) -> None:
    def falls(n: int) -> None:
        if os.getpid() == HIER:
            raise ZeroDivisionError
        time.sleep(60)

    begun = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        zu_zweit(falls, range(2))
    assert time.monotonic() - begun < 30


def test_neben_einem_faden_wird_nicht_gegabelt() -> None:
    """A lock that it holds would be held in the fork for ever."""
    ended = threading.Event()
    beside = threading.Thread(target=ended.wait)
    beside.start()
    try:
        assert not zuzweit.possible()
        assert zu_zweit(quadrat, range(2)) == [(0, True), (1, True)]
    finally:
        ended.set()
        beside.join()
