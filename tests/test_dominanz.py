"""Who carries an amount: one child that makes nearly all of a sum is told by it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hauptbuch import Lieferung
from kleinstadt import STICHTAG, Stadt, eur
from test_disclosure_gemeinsam import antrag, marken, tafel
from wuerfelstadt import wuerfelstadt

from sozcontrol import catalogue, measures
from sozcontrol.catalogue.kennzahl import Ausdruck
from sozcontrol.disclosure import GEHEIM, Antrag, entscheiden, merkmale
from sozcontrol.disclosure.auswahl import Auswahl
from sozcontrol.errors import NotReleased
from sozcontrol.hochrechnung.quellen.kosten import traeger, zahlungszeilen
from sozcontrol.measures import INSGESAMT
from sozcontrol.measures import aufstellungen as tafeln
from sozcontrol.measures.zaehlwerk.kennzahlen import MASSE, TRAGENDE
from sozcontrol.measures.zaehlwerk.rechnen import Rechnung
from sozcontrol.measures.zaehlwerk.tragende import zahl_der_tragenden
from sozcontrol.revision.schritte import schritte

D = Decimal
ANTEIL = D("0.9")
FORM = "31"


def getragen_von(beitraege: list[Decimal]) -> int:
    """Take the largest away one by one, until less than a tenth is left."""
    left = sorted((abs(b) for b in beitraege), reverse=True)
    whole, number = sum(left), 0
    while left and sum(left) > whole * (1 - ANTEIL):
        left.pop(0)
        number += 1
    return number or len(beitraege)


def stadt(zahlungen: list[tuple[str, list[int]]]) -> Lieferung:
    """A city that paid for one form what is said: (child, payments), each pair a Hilfe."""
    s = Stadt()
    fall, zahlung = s.zeile("fall", hilfe_id="H2"), s.alle("zahlung", hilfe_id="H2")[0]
    s.weg("zahlung", hilfe_id="H2")
    for n, (kind, betraege) in enumerate(zahlungen):
        s.dazu("fall", fall, hilfe_id=f"N{n}", fall_id=f"N{n}", person_id=kind)
        for m, betrag in enumerate(betraege, 1):
            art = "leistung" if betrag >= 0 else "storno"
            monat = {"leistungsmonat": date(2025, m, 1), "buchung_am": date(2025, m, 20)}
            wer = {"zahlung_id": f"Z{n}-{m}", "hilfe_id": f"N{n}"}
            s.dazu("zahlung", zahlung, betrag_eur=eur(betrag), art=art, **wer, **monat)
    return Lieferung(STICHTAG, s.tables())


VIELE = [(f"K{n}", [500, 500]) for n in range(12)]


@pytest.mark.parametrize(
    ("zahlungen", "tragende"),
    [
        pytest.param([(f"K{n}", [800]) for n in range(6)], 6, id="alle gleich"),
        pytest.param([*VIELE[:6], ("G", [90_000])], 1, id="ein Kind macht fast alles"),
        pytest.param([*VIELE[:6], ("G", [40_000]), ("H", [45_000])], 2, id="zwei tun es"),
        pytest.param([*VIELE[:6], ("G", [90_000, -89_000])], 7, id="storniert ist nicht gezahlt"),
        pytest.param([("G", [900]), ("G", [900]), ("G", [900])], 1, id="drei Hilfen eines Kindes"),
        pytest.param([("G", [900, -900]), ("H", [100, -100])], 2, id="nichts bleibt übrig"),
    ],
)  # fmt: skip
def test_hinter_einem_betrag_zaehlt_wer_ihn_traegt(
    zahlungen: list[tuple[str, list[int]]], tragende: int
) -> None:
    """The figure, the budget by Hilfeart, its causes and the forecast: one answer."""
    daten = stadt(zahlungen)
    frame = measures.kennzahl(daten, "H16r", je=["hilfeart"]).frame.set_index("hilfeart")
    assert frame.loc[FORM, "tragende_zaehler"] == tragende
    assert frame.loc[FORM, "faelle_zaehler"] == len(zahlungen), "behind it stand all"
    assert tafeln.soll_ist_hilfen(daten).frame.set_index("hilfeart").loc[FORM, "faelle"] == tragende
    causes = tafeln.kostenzerlegung(daten).frame.set_index("hilfeart")
    assert causes.loc[FORM, "faelle1"] == tragende
    assert causes.loc[INSGESAMT, "faelle1"] == frame.loc[INSGESAMT, "tragende_zaehler"]
    t = zahlungszeilen(daten)
    paid = traeger(t.filter(t.leistungsmonat >= date(2025, 1, 1)))
    assert (paid[FORM], paid[INSGESAMT]) == (tragende, frame.loc[INSGESAMT, "tragende_zaehler"])


def test_gezaehlt_wie_von_hand_je_merkmal_und_insgesamt() -> None:
    """A city thrown with dice, every cell and total, from the rows themselves."""
    daten = wuerfelstadt(hilfen=120)
    faelle = {f["hilfe_id"]: f for f in daten["fall"].to_pyarrow().to_pylist()}
    hze = {c for c, x in catalogue.codeliste("hilfeart").gueltig.items()
           if x.merkmale.get("hze") == "ja"}  # fmt: skip
    own: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for z in daten["zahlung"].to_pyarrow().to_pylist():
        f = faelle[z["hilfe_id"]]
        counts = z["art"] in ("leistung", "storno") and z["leistungsmonat"].year == 2025
        if counts and z["leistungsmonat"] <= STICHTAG and f["hilfeart"] in hze:
            for art in (f["hilfeart"], INSGESAMT):
                for segment in (f["segment"], INSGESAMT):
                    own[art, segment][f["person_id"]] += z["betrag_eur"]
    frame = measures.kennzahl(daten, "H16r", je=["hilfeart", "segment"]).frame
    found = {(r.hilfeart, r.segment): r.tragende_zaehler for r in frame.itertuples()}
    assert {k: n for k, n in found.items() if n} == {
        k: getragen_von([*b.values()]) for k, b in own.items()
    }
    assert any(n < len(own[k]) for k, n in found.items() if n), "somebody carries nothing"


@pytest.mark.parametrize("seed", range(20))
def test_die_schritte_der_revision_zaehlen_ebenso(seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = np.round(rng.lognormal(0, 2, 15) * rng.choice([-1, 0, 1], 15), 2)
    some = [D(str(p)) for p in parts if p]
    assert zahl_der_tragenden(parts) == (getragen_von(some) if some else 0)


@pytest.mark.parametrize(("spaeter", "tragende"), [([500] * 4, 4), ([500] * 3 + [40_000], 1)])
def test_eine_veraenderung_tragen_die_wenigen_die_fast_alles_aendern(
    spaeter: list[int], tragende: int
) -> None:
    """Four Hilfen have a later booking; one of them is nearly all of it."""
    alt = stadt(VIELE)
    neu = stadt([*((k, [*b, n]) for (k, b), n in zip(VIELE, spaeter, strict=False)), *VIELE[4:]])
    (term,) = catalogue.kennzahl("H16r").zaehler.terme
    r = Rechnung(Ausdruck(terme=(term,)), STICHTAG)
    found = schritte(alt, neu, [r], STICHTAG, anteile=[r])
    assert sorted(n for n in found.geaendert[r] if n) == [tragende]


# --- the decision ---------------------------------------------------------------------------------


def gesperrt(zahlungen: list[tuple[str, list[int]]], edition: str) -> bool:
    """Say whether the spending of the form is hidden in its budget, where that stands alone."""
    t = tafeln.soll_ist_hilfen(stadt(zahlungen))
    asked = [Antrag("a/1", "a", replace(t, frame=t.frame[t.frame["hilfeart"] == FORM]))]
    (shown,) = entscheiden(asked, [edition]).freigegeben("a/1", edition).spalte("ist_eur")
    return shown is GEHEIM


def test_was_zwei_tragen_ist_der_leitung_geheim_was_vier_tragen_dem_gremium() -> None:
    vier = [*VIELE[:6], *((f"G{n}", [50_000]) for n in range(4))]
    assert not gesperrt(VIELE, "gremium")
    assert not gesperrt(vier, "leitung") and gesperrt(vier, "gremium")
    assert gesperrt([*VIELE, ("G", [50_000]), ("H", [90_000])], "leitung")


def test_die_werte_einer_kennzahl_fallen_mit_und_nennen_die_tragenden_nie() -> None:
    werte = measures.kennzahl(stadt([*VIELE, ("G", [990_000])]), "H16r", je=["hilfeart"])
    e = entscheiden([Antrag("a/1", "a", werte)], ["intern", "leitung"])
    assert not any(marken(e, "a/1", "intern", "wert").values())
    assert marken(e, "a/1", "leitung", "wert")[FORM]
    assert not [c for c in e.freigegeben("a/1", "intern").spalten if c.startswith("tragende")]


def test_ohne_die_regel_findet_der_pruefer_den_getragenen_betrag(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one who decides forgets who stands behind amounts: nothing is released."""
    rows = [("33", 1, D(90_000)), ("34", 9, D(500)), ("31", 8, D(70))]
    asked = [antrag("a/1", tafel("hilfeart", rows, abgeleitet={"ist_eur": ("n",)}), ("ist_eur",))]
    assert marken(entscheiden(asked, ["leitung"]), "a/1", "leitung", "ist_eur")["33"]
    choose = Auswahl.treffen

    def careless(self: Auswahl) -> set:
        return {z for z in choose(self) if not self.lage.ist_betrag(z)}

    monkeypatch.setattr(Auswahl, "treffen", careless)
    with pytest.raises(NotReleased, match="zu wenigen"):
        entscheiden(asked, ["leitung"])


@pytest.mark.parametrize(("uebrige", "geheim"), [([500] * 8, False), ([9_000, 10, 10, 10], True)])
def test_ein_anteil_verraet_nicht_was_von_seinem_ganzen_bleibt(
    uebrige: list[int], geheim: bool
) -> None:
    """H20: what is not spent in care is the whole less the share: nearly all for one child."""
    s = Stadt()
    fall, zahlung = s.zeile("fall", hilfe_id="H4"), s.alle("zahlung", hilfe_id="H4")[0]
    s.zeilen["zahlung"].clear()
    wer = [("stationaer", "34", 5_000)] * 9 + [("ambulant", FORM, n) for n in uebrige]
    for n, (segment, art, betrag) in enumerate(wer):
        s.dazu("fall", fall, hilfe_id=f"N{n}", person_id=f"K{n}", hilfeart=art, segment=segment)
        monat = {"leistungsmonat": date(2025, 2, 1), "buchung_am": date(2025, 2, 20)}
        s.dazu("zahlung", zahlung, hilfe_id=f"N{n}", betrag_eur=eur(betrag), **monat)
    werte = measures.kennzahl(Lieferung(STICHTAG, s.tables()), "H20")
    assert werte.frame["rest_eur"].iloc[0] == sum(uebrige)
    assert werte.frame["tragende_rest"].iloc[0] == getragen_von([D(n) for n in uebrige])
    e = entscheiden([Antrag("a/1", "a", werte, ("wert",))], ["leitung"])
    assert (e.freigegeben("a/1", "leitung").spalte("wert") == [GEHEIM]) == geheim


@pytest.mark.parametrize(
    ("id_", "spalte"), [("H16r", "tragende_zaehler"), ("H01", "faelle_zaehler")]
)
def test_im_revisionsbericht_heissen_die_tragenden_wie_an_der_kennzahl(id_, spalte):
    """Under the name of all who are paid for, the few who carry a sum were another number."""
    item = catalogue.kennzahl(id_)
    frame = pd.DataFrame({c: [1] for c in (*MASSE, *TRAGENDE)})
    werte = measures.Werte(item, (), frame, STICHTAG)
    sums = {"A1 heute": Rechnung(item.zaehler, STICHTAG)}
    named = merkmale.of_columns(merkmale.of_release("Revision"), sums, ())("A1 heute", None)
    assert named == merkmale.of_kennzahl(werte)(spalte, None)
