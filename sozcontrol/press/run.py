"""One reporting run, from a delivery to the published folder."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sozcontrol import catalogue
from sozcontrol.beigebrauch import import_whole
from sozcontrol.errors import Exit, StorageError
from sozcontrol.findings import Finding, Schwere, blocked_tables
from sozcontrol.press.ablegen import swap
from sozcontrol.press.ablegen.arbeitsstand import lay_out
from sozcontrol.press.ablegen.fertig import finish
from sozcontrol.press.ablegen.gelesen import Verlangt, gelesen
from sozcontrol.press.ablegen.modell import Ausgabe, Lauf
from sozcontrol.press.ablegen.publish import check_place, publish
from sozcontrol.press.ablegen.zwischenstand import NACHGEHOLT
from sozcontrol.press.gegenprobe import gegenprobe
from sozcontrol.press.lauf import STANDARD_EDITION, reuse, stellungnahmen, unchanged
from sozcontrol.press.lauf.decision import decide
from sozcontrol.press.lauf.declarations import Erklaerung, collect
from sozcontrol.press.lauf.execute import CELL_SECONDS, WERTE, Auftrag, Ausgefuehrt, execute_all
from sozcontrol.press.lauf.kernel import started_ahead
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.luecken import alle_luecken
from sozcontrol.press.lauf.parameter import Parameter, check_notebook, parse_date
from sozcontrol.press.lauf.plan import (
    Bericht,
    plan,
    readers,
    shows_forecast,
)
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.receive import Eingang, receive, rule_files
from sozcontrol.press.lauf.storage import private_files, storage_errors
from sozcontrol.press.lauf.verborgenes import VerborgenesJeSeite
from sozcontrol.press.lauf.zielpruefung import read_fitting
from sozcontrol.press.lauf.zygote import without
from sozcontrol.press.seite.freitext import check_commentary, check_texts
from sozcontrol.projekt import Projekt
from sozcontrol.store import seal

if TYPE_CHECKING:
    from sozcontrol import checks, store

NEEDED = ("matplotlib.figure", "scipy.optimize", "nbconvert.exporters", "xlsxwriter",
          "sozcontrol.disclosure", "sozcontrol.present")  # fmt: skip
"""What decides, draws and exports: imported while the kernels compute, it costs no waiting."""
VERZEICHNIS = ("catalogue", "intake", "checks")
"""The rooms whose code and facts decide what the directory of rules says."""
KEPT_RUNS = 5
"""Executed notebooks may hold people; only those of the latest runs are kept for diagnosis."""


@dataclass(frozen=True)
class Wunsch:
    """What the caller asked for, as typed; None and empty mean: the default.

    Without editions the usual one is made, and those in which the Stichtag owes a duty.
    With *force* every notebook is executed, changed or not, and all is decided and drawn anew; with
    *explain* the run says why. With *nur_kommentiert* there are only reports whose offices have
    written their comments. With *arbeitsstand* nothing is published: the pages are for whoever
    works at them.
    """

    stichtag: str | None = None
    datenstand: str | None = None
    bereiche: tuple[str, ...] = ()
    editionen: tuple[str, ...] = (STANDARD_EDITION,)
    frei: bool = False
    cell_seconds: int = CELL_SECONDS
    force: bool = False
    explain: bool = False
    nur_kommentiert: bool = False
    arbeitsstand: bool = False

    @property
    def verlangt(self) -> Verlangt:
        """What of it decides on the reports."""
        return {"bereiche": [*self.bereiche], "editionen": [*self.editionen], "frei": self.frei}


@dataclass(frozen=True)
class Ergebnis:
    """What a run came to; ``exit_code`` is CONTRACT when areas had to stay blocked."""

    exit_code: Exit
    index: Path
    eingang: Eingang
    gesperrt: dict[str, tuple[str, ...]]
    berichte: tuple[str, ...]


def run(projekt: Projekt, wunsch: Wunsch, report: Progress) -> Ergebnis:
    """Receive the delivery, run the notebooks it can feed, and publish all of them or none.

    Every notebook runs once, and again when something it read has changed; what its outputs may
    show is decided for all areas and editions together, and each report is drawn from that.

    Raises:
        SozcontrolError: In every case the earlier reports are as they were; ``exit_code`` says
            what happened (see :class:`sozcontrol.errors.Exit`).
    """
    before = unchanged.traces(projekt)
    stichtag, datenstand = resolve(projekt, wunsch.stichtag, wunsch.datenstand)
    berichte = plan(stichtag, wunsch.bereiche, wunsch.editionen, frei=wunsch.frei)
    notebooks = [_notebook(projekt, area) for area in dict.fromkeys(b.bereich.id for b in berichte)]
    for path in notebooks:
        check_notebook(path)
    if wunsch.nur_kommentiert:
        stellungnahmen.demand(projekt, stichtag, dict.fromkeys(b.bereich for b in berichte))
    soon = wunsch.force or reuse.probably(projekt, stichtag, datenstand, notebooks)
    with private_files(), sole_run(projekt), started_ahead(projekt, wanted=soon):
        _recover(projekt, report)
        done = _run(projekt, (stichtag, datenstand), berichte, wunsch, report)
        if not wunsch.arbeitsstand:
            went_well = before if done.exit_code is Exit.OK else None
            unchanged.remember(projekt, vars(wunsch), went_well, done.index)
        return done


def resolve(projekt: Projekt, stichtag: str | None, datenstand: str | None) -> tuple[date, date]:
    """Return typed dates; without a Stichtag (or Datenstand) the newest delivered one.

    Raises:
        UsageError: Not a date, or the Datenstand lies before the Stichtag.
        DeliveryMissing: Nothing was delivered.
    """
    from sozcontrol import store

    known = parse_date(datenstand, "datenstand") if datenstand is not None else None
    on = (
        parse_date(stichtag, "stichtag") if stichtag is not None else store.latest_stichtag(projekt)
    )
    if known is None:
        known = store.latest_datenstand(projekt, on)
    checked = Parameter(stichtag=on, datenstand=known)
    return checked.stichtag, checked.datenstand


def _run(
    projekt: Projekt,
    lieferung: tuple[date, date],
    berichte: tuple[Bericht, ...],
    wunsch: Wunsch,
    report: Progress,
) -> Ergebnis:
    from sozcontrol import store

    stichtag, datenstand = lieferung
    begun = datetime.now(UTC)
    lauf_id = f"{begun:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    times: dict[str, float] = {}
    with _timed(times, "einlesen"):
        eingang = receive(projekt, stichtag, datenstand, report)
    check_place(projekt, stichtag, {b.edition for b in berichte}, eingang.kommune.id)
    for area in catalogue.bereiche():  # a report may quote what others comment
        check_commentary(projekt.kommentar(stichtag, area), eingang.kommune.profile)
    check_commentary(projekt.schaetzung(stichtag), eingang.kommune.profile)
    daten = store.open_data(stichtag, datenstand, projekt)
    beschluesse = read_fitting(daten, report)
    texts = [text for b in beschluesse for text in b.texte]
    check_texts(texts, projekt.zielbeschluesse, eingang.kommune.profile)
    lauf = _lauf(daten, lauf_id, begun, berichte, eingang, times)
    lauf = replace(lauf, arbeitsstand=wunsch.arbeitsstand, beschluesse=beschluesse)
    if wunsch.force:
        store.vergiss(daten, "disclosure", "press")
    open_reports = [b for b in berichte if b.bereich.id not in lauf.gesperrt]
    with _timed(times, "notebooks"):
        done, lauf = _execute(daten, lauf, open_reports, wunsch, report)
        # Not before: the notebooks ask the delivery the same, and their answers are kept. Beside
        # them this process would load the engine, and join the views once more.
        areas = dict.fromkeys(b.bereich for b in open_reports)
        lauf = replace(lauf, luecken=alle_luecken(areas, daten, lauf.findings))
    with _timed(times, "prognosen"):
        lauf = replace(lauf, prognosen=_prognosen(daten, lauf, open_reports))
    daten.close()
    report.step("Geheimhaltung entscheiden")
    with _timed(times, "entscheidung"):
        decided, kept = decide(daten, lauf, [*done.values()])
        lauf = replace(lauf, entschieden=kept)
    report.step("Berichte ausgeben")
    with _timed(times, "ausgabe"):
        ausgaben = finish(daten, lauf, open_reports, done, decided, report)
    _tell_dropped(ausgaben, report)
    report.step("Fertige Seiten gegenlesen")
    with _timed(times, "gegenprobe"):
        editions = {b.edition.id for b in open_reports}
        hidden = VerborgenesJeSeite(daten, done.values(), decided, editions)
        gegenprobe.pruefe(projekt, lauf, ausgaben, hidden, daten)
    file = lay_out if wunsch.arbeitsstand else publish
    index = file(projekt, lauf, ausgaben)
    with suppress(StorageError):  # it is published; the next run says what is damaged
        store.daneben(daten)  # told while what reads an archive that has grown is imported
    _prune(projekt)
    return Ergebnis(
        exit_code=Exit.CONTRACT if lauf.gesperrt else Exit.OK,
        index=index[0],
        eingang=eingang,
        gesperrt=dict(lauf.gesperrt),
        berichte=tuple(a.bericht.name for a in ausgaben),
    )


def _lauf(
    daten: store.Daten,
    lauf_id: str,
    begun: datetime,
    berichte: tuple[Bericht, ...],
    eingang: Eingang,
    times: dict[str, float],
) -> Lauf:
    from sozcontrol import store

    projekt = daten.projekt
    areas = dict.fromkeys(b.bereich for b in berichte)
    reasons = {a.id: blocked_by(a, eingang.findings, daten.tabellen) for a in areas}
    return Lauf(
        id=lauf_id,
        begonnen=begun,
        stichtag=eingang.stichtag,
        datenstand=eingang.datenstand,
        kommune=eingang.kommune,
        geplant=berichte,
        gesperrt={area: tables for area, tables in reasons.items() if tables},
        findings=eingang.findings,
        history=store.finding_history(projekt),
        regeln=_regeln(daten),
        eingaben=tuple(_inputs(daten.manifest)),
        zeiten=times,
        fassung=daten.manifest["fassung"],
        daten=daten,
    )


def _regeln(daten: store.Daten) -> tuple[checks.Regel, ...]:
    """Return the directory of rules, read once for each state of their files."""
    from sozcontrol import checks, store

    expectations = daten.projekt.expectations

    def read() -> list[dict[str, Any]]:
        found = map(asdict, checks.regelverzeichnis(expectations))
        return [{**rule, "schwere": str(rule["schwere"])} for rule in found]

    rules = rule_files(expectations)
    files = store.name_aus("dateien", *((p.name, seal.checksum(p)) for p in rules))
    kept = store.gerechnet(daten, VERZEICHNIS, store.name_aus("regeln"), read, [files])
    return tuple(checks.Regel(**{**rule, "schwere": Schwere(rule["schwere"])}) for rule in kept)


def _beside(daten: store.Daten, lauf: Lauf, wunsch: Wunsch) -> Lauf:
    """Return a run with what it reads; told while the kernels start."""
    return replace(lauf, gelesen=gelesen(daten, wunsch.verlangt))


def _get_ready() -> None:
    """Import what decides, draws and exports, while the kernels compute."""
    with without("scipy.stats"):  # seaborn estimates with it, and here it only gives its style
        import_module("seaborn")
    for name in NEEDED:
        import_whole(name)


def _prognosen(
    daten: store.Daten, lauf: Lauf, berichte: Sequence[Bericht]
) -> tuple[store.Prognose, ...]:
    """Return the forecasts these reports show; they are archived when the reports appear."""
    shown = {
        b.edition.id for b in berichte
        if shows_forecast(b.bereich) and catalogue.hochrechnung_am(lauf.stichtag, b.edition.id)
    }  # fmt: skip
    if not shown:
        return ()

    def say() -> tuple[store.Prognose, ...]:
        from sozcontrol import hochrechnung

        said = hochrechnung.aussage(daten).reife
        return hochrechnung.prognosearchiv.prognosen(daten) if said else ()

    from sozcontrol import store

    beside = reuse.beigelegt(daten.projekt)
    return store.gerechnet(daten, unchanged.BEHALTEN, store.name_aus("prognosen"), say, [beside])


def blocked_by(
    area: catalogue.Bereich, findings: Sequence[Finding], stored: Sequence[str]
) -> tuple[str, ...]:
    """Return the tables that keep *area* from being reported; empty when it may run.

    An error that belongs to no table concerns the delivery as a whole and blocks every area.
    """
    bad = blocked_tables(findings)
    reasons = [t for t in area.braucht if t in bad or t not in stored]
    if any(f.schwere is Schwere.FEHLER and not f.tabelle for f in findings):
        reasons.append("lieferung")
    return tuple(reasons)


def _inputs(stored: store.Manifest) -> Iterator[dict[str, object]]:
    # Row counts of a file may be small counts of persons; they stay in the store.
    keep = {"dateiname", "sha256", "tabelle", "lieferant", "profil"}
    for entry in stored["dateien"]:
        yield {k: v for k, v in entry.items() if k in keep}


def _execute(
    daten: store.Daten, lauf: Lauf, berichte: list[Bericht], wunsch: Wunsch, report: Progress
) -> tuple[dict[str, Erklaerung], Lauf]:
    """Run each area's notebook once, if it has to; return what each declares, and what was read."""
    for area, tables in lauf.gesperrt.items():
        names = ", ".join(tables)
        report.warn(f"»{area}« ist gesperrt, weil fehlerhaft oder nicht geliefert: {names}.")
    areas = list(dict.fromkeys(b.bereich for b in berichte))
    if not areas:
        return {}, _beside(daten, lauf, wunsch)
    ordner = daten.projekt.runs / lauf.id
    ordner.mkdir(parents=True)
    given = Parameter(stichtag=lauf.stichtag, datenstand=lauf.datenstand)
    asked = [Auftrag(a.id, _notebook(daten.projekt, a.id), given) for a in areas]
    plans = reuse.look(daten, asked, force=wunsch.force)
    _tell(plans, wunsch.explain, report)
    editions = {a.id: readers(a, lauf.stichtag) for a in areas}
    whole: list[Lauf] = []
    told: dict[str, Erklaerung] = {}

    def take(one: Ausgefuehrt) -> Erklaerung:
        return told.get(one.auftrag.name) or collect(one, editions[one.auftrag.name])

    def take_early(one: Ausgefuehrt) -> None:
        told[one.auftrag.name] = take(one)
        told[one.auftrag.name].vorlesen()

    done = execute_all(
        [one.auftrag for one in plans if one.behalten is None],
        projekt=daten.projekt, ordner=ordner, report=report, cell_seconds=wunsch.cell_seconds,
        meanwhile=(lambda: whole.append(_beside(daten, lauf, wunsch)), _get_ready),
        each=take_early,
    )  # fmt: skip
    ran = reuse.complete(daten, plans, done, ordner)
    declared = {one.auftrag.name: take(one) for one in ran}
    return declared, whole[0] if whole else _beside(daten, lauf, wunsch)


def _tell_dropped(ausgaben: Sequence[Ausgabe], report: Progress) -> None:
    """Say where notebooks left something else than declarations."""
    for area, dropped in {a.bericht.bereich.id: a.verworfen for a in ausgaben}.items():
        if dropped:
            cells = ", ".join(sorted(dropped))
            report.warn(f"{area}: nicht erklärte Ausgaben weggelassen in {cells}.")


def _tell(plans: Sequence[reuse.Vorhaben], explain: bool, report: Progress) -> None:
    """Say how many notebooks run, and with *explain* why each does or doesn't."""
    number, kept = len(plans), sum(one.behalten is not None for one in plans)
    word = f"Notebook{'s' if number != 1 else ''}"
    of = f"{number - kept} von {number}" if kept else f"{number}"
    report.step(f"{of} {word} ausführen" if kept < number else f"{of} {word}: unverändert")
    for one in plans if explain else ():
        report.step(f"  {one.auftrag.name}: {one.grund or 'unverändert'}")


def _notebook(projekt: Projekt, area: str) -> Path:
    return projekt.notebooks / f"{area}.ipynb"


def _recover(projekt: Projekt, report: Progress) -> None:
    was = "Eine abgebrochene Veröffentlichung ließ sich nicht abschließen"
    with storage_errors(was, swap.journal_path(projekt)):
        found = swap.unfinished(projekt)
        if swap.recover(projekt):
            report.warn(f"{found} {NACHGEHOLT}")


def _prune(projekt: Projekt) -> None:
    """Delete the executed notebooks of all but the latest runs, and the values of all but one."""
    runs = sorted(p for p in projekt.runs.iterdir() if p.is_dir() and p.name[:1].isdigit())
    for folder in (werte for run in runs[:-1] for werte in run.glob(f"*{WERTE}")):
        shutil.rmtree(folder, ignore_errors=True)
    for stale in runs[:-KEPT_RUNS]:
        shutil.rmtree(stale, ignore_errors=True)


@contextmanager
def _timed(times: dict[str, float], name: str) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    finally:
        times[name] = time.monotonic() - started
