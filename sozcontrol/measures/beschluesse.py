"""What became of decisions: by point, from the reports on it up to a Stichtag.

A point is open until a report says it is done, impossible or refused. A date is moved where a
report names a later one than was named before. What reports say in words stays in the delivery.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from sozcontrol import catalogue
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.measures.zaehlwerk.lieferung import Lieferung, Stadtlieferung
from sozcontrol.measures.zaehlwerk.sichten import Basis, Quelle, bau

PUNKTE, BERICHTE = "beschlusspunkte", "umsetzungsberichte"
UMGESETZT = "umgesetzt"
ERLEDIGT = (UMGESETZT, "unmoeglich", "abgelehnt")
BALD = 60
"""Days before its date from which a point is due soon."""
WIDERSPRUCH, UEBERFAELLIG, OHNE_BERICHT = "widersprüchlich", "überfällig", "Bericht überfällig"
FAELLIG, OFFEN, FERTIG = "bald fällig", "im Zeitplan", "erledigt"
LAGEN = (UEBERFAELLIG, WIDERSPRUCH, OHNE_BERICHT, FAELLIG, OFFEN, FERTIG)
"""In which order a reader meets the points."""

Zeile = Mapping[str, object]


@bau("beschlusskontrolle")
def beschlusskontrolle(basis: Quelle, stichtag: date) -> ir.Table:
    """Make the view: every point decided by the Stichtag, with the delays of its reports."""
    points = basis(PUNKTE)
    points = points.filter(points.beschlossen_am <= stichtag)
    reports = basis(BERICHTE)
    reports = reports.filter(reports.bericht_am <= stichtag)
    joined = points.left_join(_je_punkt(reports, points), ["vorlage", "punkt"])
    done = joined.fertig_am
    until = done.coalesce(ibis.literal(stichtag))
    late = until.delta(joined.erster_termin, unit="day").cast("int64")
    waits = joined.gemeldet_am.coalesce(ibis.literal(stichtag))
    waited = waits.delta(joined.wieder, unit="day").cast("int64")
    return joined.select(
        vorlage=joined.vorlage, punkt=joined.punkt, gremium=joined.gremium,
        tag=ibis.literal(stichtag), abgeloest_am=ibis.null("date"), fertig_am=done,
        status=joined.status, bericht=joined.bericht, termin=joined.termin,
        wiedervorlage=joined.wieder, genannt=joined.genannt,
        verzug_tage=(joined.erster_termin < until).ifelse(late, None),
        verschiebungen=joined.verschiebungen.fill_null(0),
        berichtsverzug_tage=(joined.wieder < waits).ifelse(waited, None),
    )  # fmt: skip


def _je_punkt(reports: ir.Table, points: ir.Table) -> ir.Table:
    """Return per point: its last report, its last date, how often that was moved, when it ended."""
    first = points.select("vorlage", "punkt", "erster_termin")
    rows = reports.inner_join(first, ["vorlage", "punkt"])
    by = {"group_by": ["vorlage", "punkt"]}
    order = ibis.window(**by, order_by="bericht_am")
    so_far = ibis.cumulative_window(**by, order_by="bericht_am")
    rows = rows.mutate(
        bisher=rows.zieltermin.max().over(so_far), danach=rows.bericht_am.lead().over(order)
    )
    rows = rows.mutate(zuvor=rows.bisher.lag().over(order).coalesce(rows.erster_termin))
    moved = rows.zieltermin > ibis.greatest(rows.zuvor, rows.erster_termin)
    rows = rows.mutate(
        verschoben=moved.fill_null(False).ifelse(1, 0),
        ended=rows.beschlussstatus.isin(ERLEDIGT).ifelse(rows.bericht_am, None),
    )
    named = rows.filter(rows.wiedervorlage.notnull())
    latest = ibis.window(**by, order_by=ibis.desc("bericht_am"))
    named = named.mutate(rang=ibis.row_number().over(latest))
    wieder = named.filter(named.rang == 0).select(
        "vorlage", "punkt", wieder="wiedervorlage", gemeldet_am="danach"
    )
    found = rows.group_by("vorlage", "punkt").aggregate(
        bericht=rows.bericht_am.max(), status=rows.beschlussstatus.argmax(rows.bericht_am),
        termin=rows.zieltermin.argmax(rows.bericht_am),
        verschiebungen=rows.verschoben.sum(), fertig_am=rows.ended.min(),
        genannt=rows.zieltermin.max(where=rows.danach.isnull()),
    )  # fmt: skip
    return found.left_join(wieder, ["vorlage", "punkt"]).drop("vorlage_right", "punkt_right")


def stand(daten: Lieferung) -> list[dict[str, object]]:
    """Return every point with what was decided, where it stands, and what is wrong with it."""
    rows = beschlusskontrolle(Basis(daten), daten.stichtag).to_pyarrow().to_pylist()
    facts = {_key(p): p for p in daten["beschlusspunkt"].to_pyarrow().to_pylist()}
    reports = daten["umsetzungsbericht"].to_pyarrow().to_pylist()
    known = sorted((r for r in reports if r["bericht_am"] <= daten.stichtag), key=_told_on)
    forgotten = Counter(_key(z) for z in vergessene(daten))
    made = [
        _punkt(_promised(facts[_key(r)] | r, known), forgotten[_key(r)], daten.stichtag)
        for r in rows
    ]
    return sorted(made, key=lambda r: (LAGEN.index(str(r["lage"])), -_days(r), _key(r)))


def _told_on(row: Zeile) -> str:
    return str(row["bericht_am"])


def _promised(row: dict[str, object], reports: Sequence[Zeile]) -> dict[str, object]:
    """Add the dates of a point where it was moved: the first, and each later one than all before.

    One after the other as ISO, so that a table can hold them; nothing where it never was.
    """
    dates = [str(row["erster_termin"])]
    for report in reports:
        named = report["zieltermin"]
        if _key(report) == _key(row) and named is not None and str(named) > max(dates):
            dates.append(str(named))
    return row | {"termine": " ".join(dates) if len(dates) > 1 else None}


def _key(row: Zeile) -> tuple[str, int]:
    return str(row["vorlage"]), int(str(row["punkt"]))


def _days(row: Zeile) -> int:
    return int(str(row["verzug_tage"] or 0))


def _punkt(row: dict[str, object], forgotten: int, tag: date) -> dict[str, object]:
    """Add where a point stands, and in words what is to be asked about it."""
    due = row["termin"] or row["erster_termin"]
    assert isinstance(due, date)
    done, hints = row["fertig_am"] is not None, []
    named = row["genannt"]
    contradicts = row["status"] == UMGESETZT and named is not None and named > row["bericht"]  # type: ignore[operator]
    wieder = row["wiedervorlage"]
    silent = isinstance(wieder, date) and wieder < tag and not done
    if contradicts:
        hints.append(f"als umgesetzt gemeldet, nächster Termin {named:%d.%m.%Y}")
    if silent:
        hints.append(f"Bericht war für {wieder:%d.%m.%Y} zugesagt")
    if row["bericht"] is None:
        hints.append("noch kein Bericht")
    if forgotten:
        hints.append(f"{forgotten} {'Zusage' if forgotten == 1 else 'Zusagen'} nicht mehr erwähnt")
    late = due < tag and not done
    lage = (
        WIDERSPRUCH if contradicts else FERTIG if done else UEBERFAELLIG if late
        else OHNE_BERICHT if silent else FAELLIG if due <= tag + timedelta(days=BALD) else OFFEN
    )  # fmt: skip
    role = catalogue.codeliste("zustaendig").name(str(row["zustaendig"]))
    return row | {"faellig_am": due, "lage": lage, "hinweis": "; ".join(hints), "rolle": role}


def vergessene(daten: Lieferung) -> list[dict[str, object]]:
    """Return promises past their day that are not kept and that no later report speaks of."""
    if "zusage" not in daten.tabellen:
        return []
    return [
        z for z in daten["zusage"].to_pyarrow().to_pylist()
        if z["faellig_am"] < daten.stichtag and z["erfuellt_am"] is None
        and (z["erwaehnt_am"] is None or z["erwaehnt_am"] <= z["zugesagt_am"])
    ]  # fmt: skip


_RADAR = ("beschluss_text", "gremium", "beschlossen_am", "erster_termin", "faellig_am", "status",
          "verschiebungen", "termine", "verzug_tage", "lage", "hinweis", "rolle",
          "kennzahl_id", "naechste_sitzung")  # fmt: skip


def radar(daten: Stadtlieferung) -> Aufstellung:
    """Return every point of every decision, what is late or contradictory first.

    Of an open one it says when the body that decided meets next, after what the data know.
    """
    rows = []
    for row in stand(daten):
        meets = daten.kommune.naechste_sitzung(str(row["gremium"]), daten.datenstand)
        rows.append(row | {"naechste_sitzung": None if row["lage"] == FERTIG else meets})
    return oeffentlich(rows, ("vorlage", "punkt"), _RADAR, "Beschlüsse")


def oeffentlich(
    rows: Sequence[Zeile], je: tuple[str, ...], spalten: Sequence[str], merkmal: str
) -> Aufstellung:
    """Return a table of what a council knows: nobody stands behind it who is to be protected."""
    import pandas as pd

    kept = [{name: row.get(name) for name in (*je, *spalten)} for row in rows]
    frame = pd.DataFrame(kept, columns=[*je, *spalten], dtype="object")
    frame = frame.mask(frame.isna(), pd.NA)
    return Aufstellung(frame, je, merkmal, abgeleitet=dict.fromkeys(spalten, ()))
