"""The revision report on the page: what was published then, what it would be now, and why."""

from __future__ import annotations

from collections.abc import Sequence

from sozcontrol import catalogue
from sozcontrol.disclosure import GEHEIM, Released
from sozcontrol.measures.zaehlwerk.kennzahlen import Belegt
from sozcontrol.present.beschriftung import columns, format_for, heading
from sozcontrol.present.format import RECHTS, VORZEICHEN, WIRKUNG
from sozcontrol.present.fragment import Fragment, demand_table, esc
from sozcontrol.present.prognose import VERSUCH, VERSUCHT
from sozcontrol.present.table import Zelle, figure, named, table, table_figure, word
from sozcontrol.revision import URSACHEN, FuerEditionen, Vergleich

KEINE = (
    "Es gibt keine frühere Veröffentlichung, mit der verglichen werden kann: weder aus diesem "
    "Haushaltsjahr noch vom letzten Stichtag des Vorjahres liegt ein Bericht mit älterem "
    "Datenstand vor."
)
NICHTS_VERGLICHEN = "Zum Vergleichen gibt es noch keine frühere Veröffentlichung."
NICHT_VERGLEICHBAR = (
    "nicht vergleichbar, weil einer der beiden Lieferungen eine Tabelle oder der Stand jenes Tages "
    "fehlt, oder weil Quotienten verrechnet sind"
)
STAENDE = {"damals": "damals", "heute": "heute", "veraenderung": "Veränderung"}
PUNKTE = "Veränderungen von Prozentwerten stehen in Prozentpunkten."


def revision_stand(vergleiche: Sequence[Vergleich], titel: str, *, edition: str) -> Fragment:
    """List the earlier publications, and how many of their Kennzahlen read differently today.

    Without any publication that *edition* may know of it says so, once for the whole page.
    """
    vergleiche = [v for v in vergleiche if edition in v.sichtbar]
    if not vergleiche:
        return Fragment(_paragraph(KEINE), KEINE, schlagzeile=esc(NICHTS_VERGLICHEN))
    names = ("Stichtag", "Datenstand damals", "Bereiche", "Kennzahlen", "davon heute anders")
    head = [word(n, kopf=True, rechts=n in names[3:]) for n in names]
    rows = [("", _stand(one, _tables(one))) for one in vergleiche]
    figure = table_figure(head, rows, titel, zaehlt="Veröffentlichungen")
    html = figure.html + "".join(_paragraph(text) for text in _refused(vergleiche))
    compared = [(one, items) for one in vergleiche if (items := _tables(one))]
    said = esc(_said_of(*compared[0])) if compared else ""
    return Fragment(html, figure.text, schlagzeile=said)


def _refused(vergleiche: Sequence[Vergleich]) -> list[str]:
    """Say what could not be compared and why, once for all publications it is said of."""
    found: dict[str, list[str]] = {}
    for one in vergleiche:
        missing = f"{NICHT_VERGLEICHBAR}: {', '.join(one.fehlend)}." if one.fehlend else None
        for why in filter(None, (one.hindernis, missing)):
            found.setdefault(why, []).append(one.frueher.titel)
    return [f"{'; '.join(titles)}: {why}" for why, titles in found.items()]


def _said_of(one: Vergleich, items: Sequence[tuple[Belegt, Released]]) -> str:
    """Say how many figures of a publication read differently today."""
    changed = _changed(items)
    verb = "lauten" if changed > 1 else "lautet"
    of = f"von {len(items)} Zahlen, die zum {one.frueher.stichtag:%d.%m.%Y} berichtet sind"
    return f"{changed or 'Keine'} {of}, {verb} heute anders."


def _changed(items: Sequence[tuple[Belegt, Released]]) -> int:
    return sum(_is_changed(table, ("veraenderung",)) for _, table in items)


def _stand(one: Vergleich, items: list[tuple[Belegt, Released]]) -> list[Zelle]:
    known = catalogue.bereiche()
    areas = ", ".join(known[b].titel for b in one.frueher.bereiche)
    counts = (len(items), _changed(items)) if items else (None, None)
    return [
        named("stichtag", one.frueher.stichtag),
        figure(one.frueher.datenstand, "datum"),
        word(areas),
        *(figure(n, "anzahl") for n in counts),
    ]


def revision(
    vergleiche: Sequence[Vergleich],
    titel: str,
    *,
    ursachen: bool = False,
    edition: str,
) -> Fragment | None:
    """Show what changed of earlier publications: then, now and the change; the rest is counted.

    With *ursachen* the change and one column a cause instead, of all Kennzahlen that a cause moved.
    """
    vergleiche = [v for v in vergleiche if edition in v.sichtbar]
    shown = [
        _publication(one, items, f"{titel}: {one.frueher.titel}", ursachen)
        for one in vergleiche
        if (items := _tables(one))
    ]
    if not vergleiche:
        return None
    if not shown:
        return _sentence("Keine frühere Veröffentlichung vergleichbar.")
    html = "".join(o.html for o in shown)
    kind = "soz-dicht" if ursachen else "soz-dicht soz-zweispaltig"
    return Fragment(f'<div class="{kind}">{html}</div>', "\n".join(o.text for o in shown))


def _tables(one: Vergleich) -> list[tuple[Belegt, Released]]:
    """Return the tables that hold a Kennzahl; those of counts stand behind them."""
    found = [demand_table(t, "revision") for t in one.tafeln]
    return [(t.kennzahl, t) for t in found if t.kennzahl is not None]


def _publication(
    one: Vergleich, items: list[tuple[Belegt, Released]], titel: str, ursachen: bool
) -> Fragment:
    columns = {"veraenderung": STAENDE["veraenderung"], **URSACHEN} if ursachen else STAENDE
    moved = (*URSACHEN, "veraenderung") if ursachen else ("veraenderung",)
    listed = [(item, table) for item, table in items if _is_changed(table, moved)]
    head = [word("Kennzahl", kopf=True)]
    head += [word(text, kopf=True, rechts=True) for text in columns.values()]
    rows = [("", _row(item, table, columns)) for item, table in listed]
    percent = any(item.einheit.startswith("%") for item, _ in listed)
    hints = [PUNKTE] if percent else []
    left = len(items) - len(listed)
    if left:
        hints.append(_unchanged(left))
    if not rows:
        return _sentence(f"{titel}: {_unchanged(left)}")
    weak = any(table.auch_null for _, table in listed)
    return table_figure(
        head, rows, titel, hinweis=" ".join(hints) or None, zaehlt="Kennzahlen", auch_null=weak
    )


def _row(item: Belegt, table: Released, columns: dict[str, str]) -> list[Zelle]:
    form = format_for("wert", table)
    cells = [word(f"{item.id} {heading('wert', table)}", kopf=True)]
    for column in columns:
        value = table.zeilen[0][table.spalten.index(column)]
        change = column not in ("damals", "heute")
        shown = _form_of_change(form) if change else form
        cells.append(figure(value, shown, rechts=form in RECHTS))
    return cells


def _form_of_change(form: str) -> str:
    """Return how a change is written: with sign or word, a percentage without that of percent."""
    form = form.replace("pct", "zahl")
    return form if form.startswith(WIRKUNG) else f"{VORZEICHEN}{form}"


def _is_changed(item: Released, columns: Sequence[str]) -> bool:
    row = dict(zip(item.spalten, item.zeilen[0], strict=True))
    values = [row[c] for c in columns]
    # Defined only then or only now: no change can be told, and yet it is one.
    appeared = (row["damals"] is None) != (row["heute"] is None)
    return appeared or any(v is GEHEIM or (v is not None and v != 0) for v in values)


def _unchanged(n: int) -> str:
    return "1 Zahl ist unverändert." if n == 1 else f"{n} Zahlen sind unverändert."


OHNE_URSACHEN = (
    "Ohne Ursachen: Die damalige Lieferung liegt nicht mehr vor, einer der beiden fehlt eine "
    "Tabelle, oder es sind Kosten, die zum selben Stichtag noch einmal erschienen sind."
)


def revised_forecasts(
    prognosen: Sequence[FuerEditionen], titel: str, *, ursachen: bool = False, edition: str
) -> Fragment | None:
    """Show what was forecast then, and what the same day's forecast would be now.

    With *ursachen* the change and what it is made of instead: procedure and causes. Of *prognosen*
    the table that *edition* may see.
    """
    (own,) = (p.tafel for p in prognosen if edition in p.sichtbar)
    released = demand_table(own, "revised_forecasts")
    if not len(released):
        return None
    if ursachen:
        without = any(v is None for v in released.spalte("korrekturen"))
        causes = {name: (f"{text} (€)", "anzahl") for name, text in URSACHEN.items()}
        shown = columns("revision_ursachen") | causes
        return table(released, titel, spalten=shown, hinweis=OHNE_URSACHEN if without else None)
    experiment = VERSUCHT in released.spalte("reife")
    forecasts = columns("revision_prognosen").items()
    shown = {n: c for n, c in forecasts if experiment or n != "reife"}
    return table(released, titel, spalten=shown, hinweis=VERSUCH if experiment else None)


def _sentence(text: str) -> Fragment:
    return Fragment(_paragraph(text), text)


def _paragraph(text: str) -> str:
    return f'<p class="soz-hinweis">{esc(text)}</p>'
