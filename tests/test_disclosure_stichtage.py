"""What an earlier Stichtag hid stays hidden, and what it showed is known, in a later decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Antrag, Entscheidung, Vorher, entscheiden
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung

DEZEMBER, JANUAR = date(2024, 12, 31), date(2025, 1, 21)
BEGONNEN = Rechnung(catalogue.kennzahl("H02").zaehler, DEZEMBER)
VORLAEUFIG = Rechnung(catalogue.kennzahl("S04b").zaehler, DEZEMBER)
"""Counts § 42a only: a condition on what other tables are broken down by."""


def zeile(merkmal: str, werte: dict[str, int], **sagt: object) -> Aufstellung:
    """Return a table of one row: its counts by column."""
    counts = {c: pd.array([n], dtype="Int64") for c, n in werte.items()}
    frame = pd.DataFrame({"titel": ["x"], **counts})
    return replace(Aufstellung(frame, ("titel",), merkmal, tuple(werte)), **sagt)  # type: ignore[arg-type]


def damals(**werte: int) -> Entscheidung:
    """Decide stock and flow of then; both stocks are known to everybody."""
    table = zeile(
        "Bewegung", werte, groessen={"begonnen": BEGONNEN}, bekannt=("anfang", "ende"),
        identitaeten=({"anfang": 1, "begonnen": 1, "beendet": -1, "ende": -1},),
    )  # fmt: skip
    return entscheiden([Antrag("a", "a", table)], ["leitung"])


def heute(vorher: Entscheidung | None, then: int, now: int) -> dict[str, object]:
    """Decide the revision of the flow beside what was decided then."""
    werte = {"damals": then, "heute": now, "mehr": now - then}
    table = zeile(
        "Revision", werte, bekannt=("damals",), damals={"damals": BEGONNEN}, stand=JANUAR,
        identitaeten=({"damals": 1, "mehr": 1, "heute": -1},),
    )  # fmt: skip
    known = [Vorher(DEZEMBER, JANUAR, vorher.lage)] if vorher else []
    decided = entscheiden([Antrag("r", "r", table)], ["leitung"], None, known)
    r = decided.freigegeben("r", "leitung")
    return dict(zip(r.spalten, r.zeilen[0], strict=True))


def gesehen(e: Entscheidung, column: str) -> object:
    return e.freigegeben("a", "leitung").spalte(column)[0]


def test_was_damals_zum_schutz_gesperrt_war_zeigt_auch_die_revision_nicht() -> None:
    """Two ended Hilfen were hidden, and with them all that began: 100 + 42 − 2 = 140."""
    old = damals(anfang=100, begonnen=42, beendet=2, ende=140)
    assert gesehen(old, "begonnen") is GEHEIM and gesehen(old, "ende") == 140
    assert heute(None, 42, 50)["damals"] == 42, "without the earlier decision it would be shown"
    row = heute(old, 42, 50)
    assert row["damals"] is GEHEIM
    assert [row["heute"], row["mehr"]].count(GEHEIM) >= 1, "else it could be reckoned"


def test_was_damals_gezeigt_war_bleibt_gezeigt_und_das_heutige_weicht() -> None:
    old = damals(anfang=100, begonnen=42, beendet=30, ende=112)
    assert gesehen(old, "begonnen") == 42
    row = heute(old, 42, 43)
    assert row["damals"] == 42 and row["heute"] is GEHEIM and row["mehr"] is GEHEIM
    assert heute(old, 42, 50) == {"titel": "x", "damals": 42, "heute": 50, "mehr": 8}


@pytest.mark.parametrize("then", [41, 43])
def test_eine_seither_geaenderte_definition_haelt_die_entscheidung_nicht_auf(then: int) -> None:
    old = damals(anfang=100, begonnen=42, beendet=30, ende=112)
    assert heute(old, then, 60)["damals"] == then


def revision(then: int, now: int, what: Rechnung, titel: str) -> Antrag:
    """Ask to show one publication of a count, beside what it is today."""
    table = zeile(
        titel, {"damals": then, "heute": now, "mehr": now - then}, bekannt=("damals",),
        groessen={"heute": what}, identitaeten=({"damals": 1, "mehr": 1, "heute": -1},),
    )  # fmt: skip
    return Antrag(titel, "r", replace(table, frame=table.frame.assign(titel=titel)))


@pytest.mark.parametrize("what", [BEGONNEN, VORLAEUFIG], ids=["jede", "nach § 42a"])
@pytest.mark.parametrize("fruehere", [(8,), (5, 8), (8, 5), (7, 8)])
def test_eine_spaet_erfasste_steht_in_keinem_unterschied(
    what: Rechnung, fruehere: tuple[int, ...]
) -> None:
    """One more than published once is hidden with today's count, wherever it stands."""
    asked = [revision(n, 9, what, f"Datenstand {i}") for i, n in enumerate(fruehere)]
    asked.append(Antrag("heute", "b", zeile("Bereich", {"n": 9}, groessen={"n": what})))
    decided = entscheiden(asked, ["leitung"])
    for a in asked:
        r = decided.freigegeben(a.id, "leitung")
        shown = dict(zip(r.spalten, r.zeilen[0], strict=True))
        assert shown.get("heute", shown.get("n")) is GEHEIM, a.id
        assert shown.get("damals") is not GEHEIM
    large = entscheiden([revision(n - 2, 9, what, f"{n}") for n in fruehere], ["leitung"])
    assert all(large.freigegeben(f"{n}", "leitung").spalte("heute")[0] == 9 for n in fruehere)
