"""The joint decision on Musterstadt and on a city of a handful: what one report told of another."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from hauptbuch import Lieferung, stadt_am
from kleinstadt import STICHTAG as KLEIN
from kleinstadt import Stadt

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Antrag, Entscheidung, entscheiden
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures import aufstellungen as tafeln
from sozcontrol.revision import Frueher
from sozcontrol.revision.vergleich import _tafeln

APRIL, DEZEMBER = date(2025, 4, 30), date(2024, 12, 31)
EDITIONEN = ("controlling", "leitung", "gremium")


def antraege(daten: Any, **weitere: list[Any]) -> list[Antrag]:
    """Ask for what Finanzcontrolling and Monitoring show, and for *weitere* tables."""
    figures = ("ansatz_eur", "soll_eur", "ist_eur", "abweichung_eur", "abweichung_pct", "wort")
    asked = [
        Antrag("finanz/soll-ist", "finanz", tafeln.soll_ist(daten), figures),
        Antrag("jugend/budget", "jugend", tafeln.soll_ist_hilfen(daten), figures),
        Antrag("finanz/schritte", "finanz", tafeln.kostenschritte(daten), ("betrag_eur",)),
        Antrag("finanz/zerlegung", "finanz", tafeln.kostenzerlegung(daten)),
    ]
    for je in (["hilfeart", "segment"], ["hilfeart"], ["segment"]):
        for n, w in enumerate(tafeln.bewegung(daten, je=je).values()):
            shown = () if len(je) > 1 else ("wert",)
            asked.append(Antrag(f"jugend/bewegung-{'-'.join(je)}/{n}", "jugend", w, shown))
    for name, found in weitere.items():
        asked += [Antrag(f"{name}/{n:03}", name, t) for n, t in enumerate(found)]
    return asked


def zeilen(e: Entscheidung, id: str, edition: str) -> dict[Any, dict[str, Any]]:
    r = e.freigegeben(id, edition)
    return {z[0]: dict(zip(r.spalten, z, strict=True)) for z in r.zeilen}


def hilfearten(e: Entscheidung, edition: str) -> dict[Any, dict[str, Any]]:
    """Return the rows of the Hilfearten in the budget of the Hilfen, without its totals."""
    r = e.freigegeben("jugend/budget", edition)
    rows = [dict(zip(r.spalten, z, strict=True)) for z in r.zeilen]
    return {row["hilfeart"]: row for row in rows if row["hilfeart"] != INSGESAMT}


@pytest.fixture(scope="module")
def april() -> list[Antrag]:
    """The tables of 30.04., the revision of what was published at 31.12. among them."""
    new, old = stadt_am(APRIL, date(2025, 5, 21)), stadt_am(DEZEMBER, date(2025, 1, 21))
    earlier = Frueher(DEZEMBER, date(2025, 1, 21), "x", ("monitoring_jugend", "finanzcontrolling"))
    return antraege(new, revision=list(_tafeln(earlier, old, new).tafeln))


@pytest.fixture(scope="module")
def entschieden(april: list[Antrag]) -> Entscheidung:
    return entscheiden(april, ("intern", *EDITIONEN))


def test_die_produktgruppe_gibt_im_gremium_keine_hilfeart_zurueck(entschieden) -> None:
    """3632 pays for § 19 and § 20 alone; few Hilfen are paid for under § 19 in April."""
    true = hilfearten(entschieden, "intern")
    groups = zeilen(entschieden, "finanz/soll-ist", "gremium")
    forms = hilfearten(entschieden, "gremium")
    assert groups["3632"]["ist_eur"] == true["19"]["ist_eur"] + true["20"]["ist_eur"]
    assert not any(v is GEHEIM for row in groups.values() for v in row.values())
    assert forms["19"]["ist_eur"] is GEHEIM and forms["20"]["ist_eur"] is GEHEIM
    for row in forms.values():  # with the amount goes every word about it, and nothing else
        secret = {c for c, v in row.items() if v is GEHEIM}
        assert secret in (set(), {"ist_eur", "abweichung_eur", "abweichung_pct", "wort"})


def test_die_revision_verraet_der_leitung_keine_spaete_eroeffnung(april, entschieden) -> None:
    """One Hilfe was opened late: the stock then, the stock now and the late ends gave it away."""
    (stock,) = [
        a.id for a in april
        if a.bereich == "revision" and a.tafel.kennzahl and a.tafel.kennzahl.id == "H01"
    ]  # fmt: skip
    (true,) = zeilen(entschieden, stock, "intern").values()
    assert 0 < true["spaete_eroeffnungen"] < catalogue.edition("leitung").schwelle
    (row,) = zeilen(entschieden, stock, "leitung").values()
    start = zeilen(entschieden, "jugend/bewegung-hilfeart/0", "leitung")["insgesamt"]["wert"]
    assert row["damals"] == true["damals"] and row["spaete_eroeffnungen"] is GEHEIM
    now = row["heute"] if row["heute"] is not GEHEIM else start
    assert row["spaete_beendigungen"] is GEHEIM or now is GEHEIM
    assert (row["heute"] is GEHEIM) == (start is GEHEIM), "one count in two reports"


def test_jede_edition_verbirgt_was_die_weitere_verbirgt(april, entschieden) -> None:
    for a in april:
        marks = [
            {
                (key, c) for key, row in zeilen(entschieden, a.id, e).items()
                for c, v in row.items() if v is GEHEIM
            }
            for e in EDITIONEN
        ]  # fmt: skip
        assert marks[0] <= marks[1] <= marks[2], a.id


def test_die_reihenfolge_der_notebooks_ist_gleichgueltig(april, entschieden) -> None:
    again = entscheiden(april[::-1], EDITIONEN[::-1])
    assert again.as_dict() == entschieden.as_dict()


def test_musterstadt_ist_schnell_entschieden(april) -> None:
    start = time.process_time()
    entscheiden(april, EDITIONEN)
    assert time.process_time() - start < 4


def test_eine_handvoll_hilfen_wird_entschieden_und_haelt_der_pruefung_stand() -> None:
    """Ledger totals stand; of the Hilfen paid for nothing does."""
    asked = antraege(Lieferung(KLEIN, Stadt().tables()))
    start = time.process_time()
    e = entscheiden(asked, ("intern", *EDITIONEN))
    assert time.process_time() - start < 4
    forms = hilfearten(e, "intern")
    paid = [code for code, row in forms.items() if row["ist_eur"]]
    true = [zeilen(e, f"jugend/bewegung-segment/{n}", "intern") for n in range(4)]
    for edition in EDITIONEN:
        groups = zeilen(e, "finanz/soll-ist", edition)
        assert not any(v is GEHEIM for row in groups.values() for v in row.values())
        forms = hilfearten(e, edition)
        assert paid and all(forms[code]["ist_eur"] is GEHEIM for code in paid)
        for n in range(4):
            for key, row in zeilen(e, f"jugend/bewegung-segment/{n}", edition).items():
                few = 0 < true[n][key]["wert"] < catalogue.edition(edition).schwelle
                assert row["wert"] is GEHEIM or not few


def test_getragen_wird_ein_betrag_von_den_bezahlten_hilfen() -> None:
    """Twelve run, two have been paid for: their cost is that of two."""
    stadt = Stadt()
    one = stadt.zeile("fall", hilfe_id="H2")
    for n in range(12):
        stadt.dazu("fall", one, hilfe_id=f"N{n}", fall_id=f"N{n}")
    daten = Lieferung(KLEIN, stadt.tables())
    table = tafeln.soll_ist_hilfen(daten).frame.set_index("hilfeart")
    assert table.loc["31", "faelle"] == 1
    without = {n: t for n, t in stadt.tables().items() if n != "zahlung"}
    table = tafeln.soll_ist_hilfen(Lieferung(KLEIN, without)).frame.set_index("hilfeart")
    assert table.loc["31", "faelle"] == 13
