"""The terminal answers from the decision of the reports, and against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from press_fixtures import bare_project
from test_store import save

from sozcontrol import catalogue, store
from sozcontrol.auskunft.entschieden import kept, released
from sozcontrol.disclosure import GEHEIM, Antrag, entscheiden
from sozcontrol.errors import Exit, NotReleased
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.projekt import Projekt

TAG, FASSUNG = date(2025, 6, 30), "a" * 64


def raeume(**anzahlen: int) -> Aufstellung:
    counts = pd.array([*anzahlen.values()], dtype="Int64")
    frame = pd.DataFrame({"sozialraum": [*anzahlen], "anzahl": counts})
    return Aufstellung(frame, ("sozialraum",), "Probe", ("anzahl",))


BERICHT = raeume(Nord=12, Sued=2, Ost=40, **{INSGESAMT: 54})
"""What a report shows: »Sued« is few, and another one is hidden to protect it."""


def entschieden(projekt: Projekt) -> None:
    decided = entscheiden([Antrag("b/z/0", "b", BERICHT)], [*catalogue.editionen()])
    one = store.Entschieden("musterstadt", TAG, FASSUNG, ("b",), decided.as_dict())
    store.entscheidung_ablegen(projekt, store.entscheidungen.write(one))


@pytest.fixture
def daten(tmp_path: Path) -> Any:
    """A delivery whose reports are published."""
    projekt = bare_project(tmp_path / "projekt")
    entschieden(projekt)
    return SimpleNamespace(
        projekt=projekt, kommune=catalogue.kommune("musterstadt"), stichtag=TAG, datenstand=TAG,
        manifest={"fassung": FASSUNG},
    )  # fmt: skip


def werte(daten: Any, edition: str, *tafeln: Aufstellung) -> list[list[Any]]:
    return [one.spalte("anzahl") for one in released(daten, edition, tafeln)]


def test_eine_antwort_gilt_bis_sich_die_entscheidung_aendert(tmp_path: Path) -> None:
    projekt = bare_project(tmp_path / "projekt")
    save(projekt)
    daten = store.open_data(projekt=projekt)
    n = count()

    def gefragt(edition: str = "leitung", *asked: str) -> int:
        return kept(daten, edition, ("kennzahlen", *(asked or ("H01",))), lambda: next(n))

    assert [gefragt(), gefragt(), gefragt("gremium"), gefragt("leitung", "H02"), gefragt()] == [
        0, 0, 1, 2, 0
    ]  # fmt: skip
    entschieden(projekt)
    assert [gefragt(), gefragt()] == [3, 3]


@pytest.mark.parametrize("edition", ["controlling", "leitung", "gremium"])
def test_was_die_seite_verbirgt_verbirgt_auch_das_terminal(daten, edition: str) -> None:
    (page,) = werte(daten, edition, BERICHT)
    assert page.count(GEHEIM) == 2 and page[-1] == 54
    rooms = dict(zip(("Nord", "Sued", "Ost"), (12, 2, 40), strict=True))
    alone = werte(daten, edition, *(raeume(**{name: n}) for name, n in rooms.items()))
    told = dict(zip(rooms, (one[0] for one in alone), strict=True))
    assert sorted(v is GEHEIM for v in told.values()) == [False, True, True]
    assert told["Sued"] is GEHEIM, "by itself the other hidden room would be told"


def test_intern_wird_alles_gesagt_auch_ohne_entscheidung(daten) -> None:
    other = SimpleNamespace(**vars(daten) | {"manifest": {"fassung": "b" * 64}})
    for one in (daten, other):
        assert werte(one, "intern", BERICHT) == [[12, 2, 40, 54]]


def test_ohne_entscheidung_zu_dieser_lieferung_wird_nichts_gesagt(daten) -> None:
    other = SimpleNamespace(**vars(daten) | {"manifest": {"fassung": "b" * 64}})
    with pytest.raises(NotReleased, match="noch nicht entschieden") as caught:
        werte(other, "leitung", BERICHT)
    assert caught.value.exit_code is Exit.DISCLOSURE and "intern" in caught.value.tun
    there = store.entscheidung(daten.projekt, TAG)
    assert there is not None and replace(there, zellen={}) != there
    # A scenario is confirmed before its report is made: it is decided by itself.
    (alone,) = released(other, "leitung", [BERICHT], auch_ohne=True)
    assert alone.spalte("anzahl").count(GEHEIM) == 2
