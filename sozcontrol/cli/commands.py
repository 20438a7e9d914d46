"""The commands: each reads its arguments, calls one function, and prints what that returns."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict, Unpack

import click

from sozcontrol import __version__
from sozcontrol.cli.german import Befehle
from sozcontrol.errors import Exit, UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sozcontrol.press.lauf.progress import Progress
    from sozcontrol.press.lauf.receive import Eingang
    from sozcontrol.projekt import Projekt

CODES = """\b
Ausgangscodes: 0 in Ordnung · 2 Aufruf falsch · 3 Eingabe fehlt · 4 Lieferung verletzt Regeln
(andere Bereiche sind veröffentlicht) · 6 Notebook gescheitert · 7 Freigabe verweigert ·
8 Ablage gestört · 9 Einrichtung oder Schlüssel · 10 anderer Lauf aktiv · 70 interner Fehler ·
129/130/143 abgebrochen"""


class Angaben(TypedDict):
    """The delivery a command is asked for, as typed."""

    stichtag: str | None
    datenstand: str | None


class Laufangaben(TypedDict):
    """What ``run`` is asked for of one Stichtag, beside the day itself."""

    datenstand: str | None
    bereiche: tuple[str, ...]
    editionen: tuple[str, ...]
    frei: bool
    force: bool
    explain: bool
    nur_kommentiert: bool
    arbeitsstand: bool


class Sammelangaben(TypedDict):
    """What ``run`` is asked for of many Stichtage or municipalities, and where."""

    stichtage: tuple[str, ...]
    alle: bool
    cluster: str | None


class Watchangaben(Angaben):
    """What ``watch`` is asked for."""

    bereiche: tuple[str, ...]
    editionen: tuple[str, ...]
    frei: bool


class Einzelangaben(Angaben):
    """What ``explain`` is asked for."""

    kennzahl: str
    edition: str


class Listenangaben(Angaben):
    """What ``kennzahlen`` is asked for."""

    bereiche: tuple[str, ...]
    edition: str


class Szenarienangaben(Angaben):
    """What ``szenarien`` is asked for."""

    edition: str
    neu: str | None
    bestaetigen: str | None


class Profilangaben(TypedDict):
    """What ``profile`` is asked for."""

    pfad: str | None
    name: str | None
    tabelle: str | None
    kopf: int | None
    system: str | None
    lieferant: str | None
    kommune: str | None
    ersetzen: bool
    entscheiden: str | None
    pruefen: str | None
    datenbank: str | None
    quelle: str | None
    stichtag: str | None


class Lieferangaben(Angaben):
    """What ``lieferung`` is asked for."""

    kommune: str | None
    zeilen: tuple[str, ...]
    fragen: bool


class Auszugsangaben(TypedDict):
    """What ``auszug`` is asked for."""

    stichtag: str | None
    bereiche: tuple[str, ...]
    abschnitte: tuple[str, ...]
    titel: str | None
    vorlage: str | None


class Sitzungsangaben(TypedDict):
    """What ``sitzung`` is asked for."""

    am: str | None
    edition: str
    ziel: str | None
    protokoll: str | None


class Loeschangaben(TypedDict):
    """What ``delete`` is asked for."""

    schichten: tuple[str, ...]
    auch_benoetigtes: bool
    ausfuehren: bool
    wer: str | None


class Demoangaben(TypedDict):
    """What ``demo`` is asked for."""

    stichtage: tuple[str, ...]
    datenstand: str | None
    seed: int | None
    mess: tuple[str, ...]


@click.group(cls=Befehle, invoke_without_command=True, epilog=CODES)
@click.version_option(
    __version__, "--version", message="sozcontrol %(version)s", help="Die Version zeigen."
)
@click.pass_context
def sozcontrol(ctx: click.Context) -> None:
    """Sozialcontrolling als Programm: Lieferungen hinein, geprüfte Berichte heraus.

    Ein Lauf je Stichtag liest die Lieferung, prüft sie, rechnet die Notebooks und veröffentlicht
    alle Berichte oder keinen.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _common(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Add the options every command has; the function gets the project itself."""

    @click.option(
        "--projekt", "ordner", metavar="ORDNER", envvar="SOZCONTROL_PROJEKT",
        help="Projektordner (sonst: der um das aktuelle Verzeichnis).",
    )  # fmt: skip
    @functools.wraps(function)
    def command(ordner: str | None, **arguments: Any) -> int | None:
        from sozcontrol.projekt import Projekt

        projekt = Projekt.find(ordner)
        if projekt.kommune:
            from sozcontrol import catalogue

            catalogue.kommune(projekt.kommune)
        # What is started from here (kernels, JupyterLab) must find the same project.
        os.environ.update(projekt.environment)
        return function(projekt, **arguments)

    return command


def _proven(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Prove the facts before a command computes or publishes."""

    @functools.wraps(function)
    def command(projekt: Projekt, **arguments: Any) -> int | None:
        from sozcontrol.press.lauf.beweis import prove_facts

        prove_facts(projekt)
        return function(projekt, **arguments)

    return command


_stichtag = click.option("--stichtag", metavar="JJJJ-MM-TT", help="Stichtag (sonst: der neueste).")
_datenstand = click.option(
    "--datenstand", metavar="JJJJ-MM-TT", help="Datenstand der Lieferung (sonst: der neueste)."
)
_bereiche = click.option(
    "--bereich", "bereiche", multiple=True, metavar="BEREICH",
    help="Nur dieser Bereich; mehrfach möglich (sonst: alle, die der Stichtag schuldet).",
)  # fmt: skip
_editionen = click.option(
    "--edition", "editionen", multiple=True, metavar="EDITION",
    help="Edition; mehrfach möglich (Vorgabe: leitung, und gremium, wenn der Rat zu unterrichten "
    "ist).",
)  # fmt: skip
_frei = click.option(
    "--frei", is_flag=True, help="Auch an einem Tag außerhalb des Berichtskalenders."
)
_leise = click.option("--leise", is_flag=True, help="Keine Fortschrittsmeldungen.")
_format = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", metavar="FORM",
    help="table (Vorgabe) oder json.",
)  # fmt: skip
_edition = click.option(
    "--edition", default="controlling", metavar="EDITION",
    help="Kleine Anzahlen nach den Regeln dieser Edition (Vorgabe: controlling).",
)  # fmt: skip


def _progress(leise: bool) -> AbstractContextManager[Progress]:
    from sozcontrol.press.lauf.progress import for_stream

    return for_stream(sys.stderr, leise=leise)


@sozcontrol.command()
@click.option(
    "--stichtag", "stichtage", multiple=True, metavar="JJJJ-MM-TT",
    help="Stichtag; mehrfach möglich, der früheste zuerst (sonst: der neueste).",
)  # fmt: skip
@click.option(
    "--alle-kommunen", is_flag=True,
    help="Alle Kommunen des Projekts, für die etwas geliefert ist, nebeneinander.",
)  # fmt: skip
@click.option(
    "--cluster", metavar="ADRESSE",
    help="Die Läufe auf einem Dask-Verbund ausführen, etwa tls://rechner:8786.",
)  # fmt: skip
@_datenstand
@_bereiche
@_editionen
@_frei
@click.option(
    "--frist", type=click.IntRange(1, 86400), default=300, metavar="SEKUNDEN",
    help="Frist je Zelle eines Notebooks (Vorgabe: 300).",
)  # fmt: skip
@click.option(
    "--force",
    is_flag=True,
    help="Alle Notebooks ausführen, auch unveränderte, und neu entscheiden.",
)
@click.option("--explain", is_flag=True, help="Sagen, warum jedes Notebook ausgeführt wird.")
@click.option(
    "--nur-kommentiert", is_flag=True,
    help="Anhalten, solange zu einem Bericht die Stellungnahme des Fachamts fehlt.",
)  # fmt: skip
@click.option(
    "--arbeitsstand", is_flag=True,
    help="Nichts veröffentlichen: die Seiten unter data/ ablegen, zur eigenen Ansicht.",
)  # fmt: skip
@_leise
@_common
@_proven
def run(
    projekt: Projekt, leise: bool, frist: int, stichtage: tuple[str, ...], alle_kommunen: bool,
    cluster: str | None, **given: Unpack[Laufangaben],
) -> int:  # fmt: skip
    """Berichte eines Stichtags erstellen und veröffentlichen."""
    from sozcontrol.press.lauf.unchanged import edited, stands

    if alle_kommunen or cluster or len(set(stichtage)) > 1:
        many = Sammelangaben(stichtage=stichtage, alle=alle_kommunen, cluster=cluster)
        return _run_many(projekt, many, frist, given)
    asked: Any = {"stichtag": stichtage[0] if stichtage else None, **given}
    anew = asked["force"] or asked["arbeitsstand"]
    if not anew and (index := stands(projekt, asked)):
        with _progress(leise) as report:
            report.step(
                "Nichts hat sich geändert: Der letzte Lauf gilt mit seinen Hinweisen weiter."
            )
        click.echo(index)
        return Exit.OK
    from sozcontrol.press.lauf.kernel import started_ahead

    soon = asked["force"] or edited(projekt, asked["stichtag"], asked["bereiche"])
    with started_ahead(projekt, wanted=soon):
        # While that imports what notebooks use, this imports what a run uses.
        from sozcontrol.auskunft.einzeln import summary
        from sozcontrol.press.run import Wunsch
        from sozcontrol.press.run import run as run_reports

        with _progress(leise) as report:
            done = run_reports(projekt, Wunsch(cell_seconds=frist, **asked), report)
    if not leise:
        click.echo(summary(done.eingang, all_findings=False))
    click.echo(done.index)
    return done.exit_code


def _run_many(projekt: Projekt, many: Sammelangaben, frist: int, given: Laufangaben) -> int:
    """Run several Stichtage, or all municipalities; say of each what came of it when it ends."""
    from sozcontrol.auskunft import sammellauf, verbund

    if given["datenstand"] is not None:
        raise UsageError(
            "Ein Datenstand gehört zu einer Lieferung.", wo="--datenstand",
            tun="Weglassen: Es gilt der neueste jeder Lieferung.",
        )  # fmt: skip
    words = ["--frist", str(frist)]
    words += [w for one in given["bereiche"] for w in ("--bereich", one)]
    words += [w for one in given["editionen"] for w in ("--edition", one)]
    switches = {
        "--frei": given["frei"], "--force": given["force"], "--explain": given["explain"],
        "--nur-kommentiert": given["nur_kommentiert"], "--arbeitsstand": given["arbeitsstand"],
    }  # fmt: skip
    words += [option for option, wanted in switches.items() if wanted]
    chains = sammellauf.ketten(projekt, many["stichtage"], words, alle=many["alle"])
    address, codes = many["cluster"], []
    with verbund.cluster(address) if address else sammellauf.here(len(chains)) as (start, limit):
        for told, code in sammellauf.run_all(chains, limit, start):
            codes.append(code)
            click.echo(told)
    return sammellauf.verdict(codes)


@sozcontrol.command()
@_stichtag
@_datenstand
@click.option(
    "--liste", metavar="DATEI",
    help="Die Fehlerliste für die Liefernden in diese Excel-Datei (.xlsx) schreiben.",
)  # fmt: skip
@click.option(
    "--watch", is_flag=True,
    help="Bei jeder Änderung neu prüfen und zeigen, was sich ändert (Ende: Strg-C).",
)  # fmt: skip
@_leise
@_common
@_proven
def check(
    projekt: Projekt, leise: bool, liste: str | None, watch: bool, **asked: Unpack[Angaben]
) -> int:
    """Eine Lieferung einlesen und prüfen, ohne Berichte zu erstellen."""
    from sozcontrol.auskunft import einzeln

    if liste is not None and not liste.casefold().endswith(".xlsx"):
        raise UsageError(
            "Die Fehlerliste ist eine Excel-Datei.",
            wo="--liste",
            tun="Einen Namen angeben, der auf .xlsx endet.",
        )
    if watch:
        _watch(projekt, leise, liste, asked)
    eingang = _checked(projekt, leise, liste, asked)
    click.echo(einzeln.summary(eingang, all_findings=True))
    if liste is not None:
        click.echo(liste)
    click.echo(eingang.pruefseite)
    return Exit.CONTRACT if eingang.hat_fehler else Exit.OK


def _checked(projekt: Projekt, leise: bool, liste: str | None, asked: Angaben) -> Eingang:
    """Check once, and write the error list where one is asked for."""
    from sozcontrol.auskunft import einzeln

    with _progress(leise) as report:
        eingang = einzeln.check(projekt, report=report, **asked)
    if liste is not None:
        from sozcontrol.auskunft.fehlerliste import error_list

        einzeln.write_whole(Path(liste), error_list(eingang))
    return eingang


def _watch(projekt: Projekt, leise: bool, liste: str | None, asked: Angaben) -> NoReturn:
    """Check again and again, until somebody interrupts."""
    from sozcontrol.auskunft.waechter import Waechter
    from sozcontrol.press.run import resolve

    on, known = resolve(projekt, **asked)
    folder = projekt.delivery_folder(on, known)
    if liste is not None and Path(liste).resolve().parent == folder.resolve():
        raise UsageError(
            "Die Fehlerliste läge unter den gelieferten Dateien.",
            wo="--liste",
            tun="Einen anderen Ordner nennen.",
        )
    click.echo(f"Beobachtet wird {folder} (Ende: Strg-C).")
    fixed = Angaben(stichtag=on.isoformat(), datenstand=known.isoformat())
    guard = Waechter(projekt, on, known, lambda: _checked(projekt, leise, liste, fixed))
    for text in guard.rounds():
        click.echo(text)
    raise AssertionError("a watch ends by interruption only")


@sozcontrol.command()
@_stichtag
@_datenstand
@click.option("--kommune", metavar="ID", help="Wessen Lieferung es ist (sonst: die des Projekts).")
@click.option(
    "--zeilen", multiple=True, metavar="DATEI=ANZAHL",
    help="Wie viele Datenzeilen die liefernde Stelle nennt; mehrfach möglich.",
)  # fmt: skip
@click.option("--fragen", is_flag=True, help="Zu jeder Datei nach der Anzahl der Zeilen fragen.")
@_common
def lieferung(projekt: Projekt, **asked: Unpack[Lieferangaben]) -> int:
    """Den Lieferschein (lieferung.yml) zu einer Lieferung vorschlagen und anlegen."""
    from sozcontrol.cli.lieferscheinbefehl import lieferung as answer

    return answer(projekt, asked)


@sozcontrol.command()
@click.argument("pfad", metavar="[DATEI|ORDNER]", required=False)
@click.option("--name", metavar="NAME", help="Wie das Profil heißen soll (sonst: nach der Datei).")
@click.option(
    "--tabelle", metavar="TABELLE", help="Die Zieltabelle, wo der Vorschlag nicht stimmt."
)
@click.option(
    "--kopf", type=click.IntRange(1, 1000), metavar="ZEILE", help="Die letzte Zeile des Kopfes."
)
@click.option("--system", metavar="TEXT", help="Wie das Verfahren heißt, aus dem die Datei kommt.")
@click.option("--lieferant", metavar="TEXT", help="Welche Stelle sie liefert.")
@click.option("--kommune", metavar="NAME", help="Wem dieses Projekt gehört (einmal anzugeben).")
@click.option("--ersetzen", is_flag=True, help="Ein Profil dieses Namens überschreiben.")
@click.option("--entscheiden", metavar="PROFIL", help="Die offenen Punkte eines Profils abfragen.")
@click.option("--pruefen", metavar="PROFIL", help="Die Datei durch dieses Profil lesen und zeigen.")
@click.option(
    "--datenbank", metavar="VARIABLE",
    help="Umgebungsvariable mit der Adresse einer Datenbank: ihre Tabellen zeigen.",
)  # fmt: skip
@click.option(
    "--quelle", metavar="TABELLE", help="Zu dieser ihrer Tabellen ein Profil vorschlagen."
)
@click.option(
    "--stichtag", metavar="JJJJ-MM-TT", help="Stichtag zu --pruefen (sonst: der im Dateinamen)."
)
@_common
def profile(projekt: Projekt, **asked: Unpack[Profilangaben]) -> int:
    """Zu einer fremden Datei ein Profil vorschlagen, entscheiden, ausprobieren."""
    from sozcontrol.cli.profilbefehl import profile as answer

    return answer(projekt, asked)


@sozcontrol.command()
@click.option(
    "--stichtag", "stichtage", multiple=True, metavar="JJJJ-MM-TT",
    help="Stichtag; mehrfach möglich (sonst: der der Musterstadt).",
)  # fmt: skip
@click.option("--datenstand", metavar="JJJJ-MM-TT", help="Datenstand der Lieferung.")
@click.option("--seed", type=int, help="Anfangswert des Zufalls; gleicher Wert, gleiche Dateien.")
@click.option(
    "--mess", "mess", multiple=True, metavar="ART",
    help="Einen Fehler der Wirklichkeit einbauen; mehrfach möglich.",
)  # fmt: skip
@_leise
@_common
def demo(projekt: Projekt, leise: bool, **asked: Unpack[Demoangaben]) -> None:
    """Die erfundene Stadt Musterstadt als Lieferung nach data/raw schreiben."""
    from sozcontrol.errors import ConfigurationError

    try:
        from sozcontrol.cli.musterstadt import write_demo
    except ModuleNotFoundError as error:
        if error.name != "sozcontrol.demo":
            raise
        raise ConfigurationError(
            "Die Musterstadt gehört nicht zu dieser Installation.",
            wo="sozcontrol/demo",
            tun="Eine eigene Lieferung braucht sie nicht; sonst das Paket vollständig einrichten.",
        ) from None
    with _progress(leise) as report:
        folders = write_demo(projekt, report=report, **asked)
    for folder in folders:
        click.echo(folder)


@sozcontrol.command()
@click.option(
    "--jahr", type=click.IntRange(1990, 2100), metavar="JAHR", help="Jahr (sonst: das laufende)."
)
@click.option(
    "--projekt", "ordner", metavar="ORDNER",
    help="Projektordner: zeigt auch, was geliefert und berichtet ist.",
)  # fmt: skip
@click.option("--ics", "datei", metavar="DATEI", help="Als Kalenderdatei (iCalendar) schreiben.")
def calendar(jahr: int | None, ordner: str | None, datei: str | None) -> None:
    """Die Stichtage eines Jahres mit Berichten, Fristen, Lieferungen und Sitzungen zeigen."""
    from datetime import date

    from sozcontrol.auskunft import terminkalender
    from sozcontrol.projekt import Projekt

    projekt = Projekt.find(ordner) if ordner else Projekt.around()
    today = date.today()
    given = (jahr or today.year, projekt, today)
    if datei is None:
        click.echo(terminkalender.calendar_text(*given))
        return
    from sozcontrol.auskunft.einzeln import write_text
    from sozcontrol.auskunft.icsdatei import ics

    write_text(Path(datei), ics(terminkalender.entries(*given), "Sozialcontrolling"))
    click.echo(datei)


@sozcontrol.command()
@_stichtag
@_datenstand
@_common
def status(projekt: Projekt, **asked: Unpack[Angaben]) -> None:
    """Den Stand einer Lieferung zeigen: wer geliefert hat, was erscheinen kann, was fällig ist."""
    from datetime import date

    from sozcontrol.auskunft import statusauskunft

    click.echo(statusauskunft.status(projekt, heute=date.today(), **asked))


@sozcontrol.command()
@_stichtag
@_datenstand
@_bereiche
@_edition
@_format
@_common
@_proven
def kennzahlen(projekt: Projekt, form: str, **asked: Unpack[Listenangaben]) -> None:
    """Alle Kennzahlen mit Wert, Zähler und Nenner auflisten."""
    from sozcontrol.auskunft import antworten as auskunft

    click.echo(auskunft.kennzahlen(projekt, **asked).text(form))


@sozcontrol.command()
@click.argument("kennzahl", metavar="ID")
@_stichtag
@_datenstand
@_edition
@click.option("--sql", is_flag=True, help="Auch die Abfragen zeigen, die zählen.")
@_format
@_common
@_proven
def explain(projekt: Projekt, form: str, sql: bool, **asked: Unpack[Einzelangaben]) -> None:
    """Eine Kennzahl erklären: Steckbrief, Wert und die Lieferungen dahinter."""
    from sozcontrol.auskunft import antworten as auskunft

    click.echo(auskunft.explain(projekt, **asked).text(form, sql=sql))


@sozcontrol.command()
@click.option("--stichtag", metavar="JJJJ-MM-TT", required=True, help="Ein 31.12.")
@click.option(
    "--ziel", required=True, metavar="ORDNER", help="Wohin die Datei und ihre Prüfsumme kommen."
)
@_common
@_proven
def exchange(projekt: Projekt, stichtag: str, ziel: str) -> None:
    """Entschiedene Kennzahlen eines Jahres für den Vergleich mit Partnerkommunen ausgeben."""
    from sozcontrol.auskunft.austausch import exchange as write_exchange

    for path in write_exchange(projekt, stichtag, Path(ziel)):
        click.echo(path)


@sozcontrol.command()
@_stichtag
@click.option(
    "--bereich", "bereiche", multiple=True, metavar="BEREICH",
    help="Aus diesem veröffentlichten Bericht; mehrfach möglich.",
)  # fmt: skip
@click.option(
    "--abschnitt", "abschnitte", multiple=True, metavar="ABSCHNITT",
    help="Nur dieser Abschnitt, etwa soll-ist oder kita_monitoring/soll-ist; mehrfach möglich "
    "(sonst: alle außer der Herkunft).",
)  # fmt: skip
@click.option("--titel", metavar="TEXT", help="Titel der Vorlage (sonst: nach den Berichten).")
@click.option(
    "--vorlage", metavar="DATEI", help="Word-Vorlage der Stadt mit Platzhaltern (sonst: neutral)."
)
@click.option("--ziel", metavar="DATEI", help="Wohin der Auszug kommt (.docx).")
@click.option(
    "--neue-vorlage", "muster", metavar="DATEI",
    help="Die neutrale Word-Vorlage schreiben, um sie anzupassen.",
)  # fmt: skip
@_common
def auszug(
    projekt: Projekt, ziel: str | None, muster: str | None, **asked: Unpack[Auszugsangaben]
) -> None:
    """Abschnitte veröffentlichter Berichte als Gremienvorlage (Word) in der Fassung Gremium."""
    from sozcontrol.cli.auszugbefehl import auszug as answer

    for path in answer(projekt, asked, ziel, muster):
        click.echo(path)


@sozcontrol.command()
@click.argument("vorher", metavar="ORDNER_VORHER")
@click.argument("nachher", metavar="ORDNER_NACHHER")
@click.option("--ziel", metavar="DATEI", help="Als Seite (.html) schreiben statt zu zeigen.")
@_common
def vergleich(projekt: Projekt, vorher: str, nachher: str, ziel: str | None) -> None:
    """Kennzahlen zweier Veröffentlichungen vergleichen: vorher, nachher, Unterschied, Ziel."""
    from sozcontrol.cli.auszugbefehl import vergleich as answer

    click.echo(answer(vorher, nachher, ziel))


@sozcontrol.command()
@click.option("--am", metavar="JJJJ-MM-TT", help="Tag der Sitzung (sonst: die nächste).")
@click.option(
    "--edition", default="leitung", metavar="EDITION",
    help="Aus den Berichten dieser Edition (Vorgabe: leitung).",
)  # fmt: skip
@click.option("--ziel", metavar="DATEI", help="Wohin die Sitzungsmappe kommt (.html).")
@click.option(
    "--protokoll", metavar="DATEI",
    help="Den Vordruck für das Protokoll schreiben (.xlsx); ausgefüllt wird er mitgeliefert.",
)  # fmt: skip
@_common
def sitzung(projekt: Projekt, **asked: Unpack[Sitzungsangaben]) -> None:
    """Die Mappe einer Sitzung: was sich verändert hat, überfällig, offen und zu entscheiden ist."""
    from datetime import date

    from sozcontrol.cli.auszugbefehl import sitzung as answer

    for path in answer(projekt, asked, date.today()):
        click.echo(path)


@sozcontrol.command()
@_stichtag
@click.option(
    "--edition", default="leitung", metavar="EDITION",
    help="Die Berichte dieser Edition (Vorgabe: leitung).",
)  # fmt: skip
@click.option(
    "--ziel", required=True, metavar="DATEI",
    help="Wohin das Paket kommt (.zip); was dort liegt, wird ersetzt.",
)  # fmt: skip
@_common
def versand(projekt: Projekt, stichtag: str | None, edition: str, ziel: str) -> None:
    """Eine veröffentlichte Edition als eine Datei (ZIP), die sich verschicken lässt."""
    from sozcontrol.cli.auszugbefehl import versand as answer

    for line in answer(projekt, stichtag, edition, ziel):
        click.echo(line)


@sozcontrol.command()
@_stichtag
@click.option(
    "--bereich", "bereiche", multiple=True, metavar="BEREICH",
    help="Dieser veröffentlichte Bericht, etwa operativ; mehrfach möglich.",
)  # fmt: skip
@click.option(
    "--edition", default="leitung", metavar="EDITION",
    help="Die Berichte dieser Edition (Vorgabe: leitung).",
)  # fmt: skip
@click.option(
    "--ziel", required=True, metavar="ORDNER",
    help="Wohin die PDF-Dateien kommen; was dort so heißt, wird ersetzt.",
)  # fmt: skip
@_common
def pdf(
    projekt: Projekt, stichtag: str | None, bereiche: tuple[str, ...], edition: str, ziel: str
) -> None:
    """Veröffentlichte Berichte als barrierefreies PDF (PDF/UA-1); braucht Chromium."""
    from sozcontrol.cli.auszugbefehl import pdf as answer

    for line in answer(projekt, stichtag, edition, bereiche, ziel):
        click.echo(line)


@sozcontrol.command()
@click.option("--out", metavar="DATEI", help="In diese Datei schreiben statt auf den Bildschirm.")
def dictionary(out: str | None) -> None:
    """Das Datenwörterbuch der kanonischen Tabellen als Markdown ausgeben."""
    from sozcontrol.auskunft import einzeln
    from sozcontrol.auskunft import nachschlagen as verzeichnis

    text = verzeichnis.dictionary()
    if out is None:
        click.echo(text, nl=False)
        return
    einzeln.write_text(Path(out), text)
    click.echo(out)


@sozcontrol.command()
def areas() -> None:
    """Die Berichtsbereiche mit ihren Tabellen, Berichtsarten und Editionen auflisten."""
    from sozcontrol.auskunft import nachschlagen as verzeichnis

    click.echo(verzeichnis.areas_text())


@sozcontrol.command()
@click.option("--daten", metavar="DATEI", help="Plan-Ist-Reihen als CSV (sonst: die eigene Stadt).")
@click.option(
    "--profil",
    metavar="NAME",
    help="Profil der Datei (catalogue/profile_reihen), oder Pfad einer eigenen .yml.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="Ausgabe zu einer Datei (sonst: text).",
)
@_stichtag
@_datenstand
@_leise
@click.option("--projekt", "ordner", metavar="ORDNER", envvar="SOZCONTROL_PROJEKT",
              help="Projektordner der eigenen Stadt.")  # fmt: skip
def backtest(
    daten: str | None, leise: bool, ordner: str | None, form: str, **asked: str | None
) -> None:
    """Das offene Jahr einer Datei hochrechnen; prüfen, wie gut das früher gewesen wäre."""
    from sozcontrol.auskunft import einzeln
    from sozcontrol.projekt import Projekt

    profil = asked.pop("profil")
    if daten is None and form != "text":
        raise click.UsageError("--format gilt zu einer Datei (--daten).")
    with _progress(leise) as report:
        if daten is not None:  # a file needs no project around it
            text = einzeln.backtest_file(daten, profil, report, form)
        else:
            from sozcontrol.press.lauf.beweis import prove_facts

            projekt = Projekt.find(ordner)
            prove_facts(projekt)
            text = einzeln.backtest_city(projekt, report=report, **asked)
    click.echo(text)


@sozcontrol.command()
@_stichtag
@_datenstand
@_edition
@click.option("--neu", metavar="NAME", help="Eine erläuterte Vorlage dieses Namens anlegen.")
@click.option(
    "--bestaetigen", metavar="NAME",
    help="Ein Szenario für die jetzigen Daten bestätigen; zeigt, was sich an der Wirkung ändert.",
)  # fmt: skip
@_common
@_proven
def szenarien(projekt: Projekt, **asked: Unpack[Szenarienangaben]) -> int:
    """Szenarien eines Stichtags mit Zustand und Wirkung auflisten, anlegen oder bestätigen."""
    from sozcontrol.cli.szenarien import szenarien as answer

    text, code = answer(projekt, **asked)
    click.echo(text)
    return code


@sozcontrol.command()
@_stichtag
@_datenstand
@_bereiche
@_editionen
@_frei
@_leise
@_common
@_proven
def watch(projekt: Projekt, leise: bool, **asked: Unpack[Watchangaben]) -> NoReturn:
    """Bei jeder Änderung den Arbeitsstand neu bauen; veröffentlicht wird nichts (Ende: Strg-C)."""
    from sozcontrol.auskunft.bauwaechter import Bauwaechter, build
    from sozcontrol.press.lauf.plan import plan
    from sozcontrol.press.run import resolve

    on, known = resolve(projekt, asked["stichtag"], asked["datenstand"])
    plan(on, asked["bereiche"], asked["editionen"], frei=asked["frei"])
    words = ["--stichtag", on.isoformat(), "--datenstand", known.isoformat()]
    words += [w for one in asked["bereiche"] for w in ("--bereich", one)]
    words += [w for one in asked["editionen"] for w in ("--edition", one)]
    words += [*(["--frei"] if asked["frei"] else []), "--leise" if leise else "--explain"]
    click.echo(f"Gebaut wird zum {on:%d.%m.%Y}, Datenstand {known:%d.%m.%Y} (Ende: Strg-C).")
    for text in Bauwaechter(projekt, on, known, lambda: build(projekt, words)).rounds():
        click.echo(text)
    raise AssertionError("a watch ends by interruption only")


@sozcontrol.command()
@_stichtag
@click.option(
    "--edition", default="leitung", metavar="EDITION", help="Welche Edition (Vorgabe: leitung)."
)
@click.option(
    "--arbeitsstand", is_flag=True,
    help="Den Arbeitsstand zeigen, den watch baut (sonst: was veröffentlicht ist).",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="PORT",
    help="Der Port (Vorgabe: ein freier).",
)  # fmt: skip
@_common
def preview(
    projekt: Projekt, stichtag: str | None, edition: str, arbeitsstand: bool, port: int
) -> NoReturn:
    """Eine Edition im Browser zeigen, nur auf diesem Rechner (Ende: Strg-C)."""
    from sozcontrol import store
    from sozcontrol.auskunft import schaukasten
    from sozcontrol.press.lauf.parameter import parse_date

    on = store.latest_stichtag(projekt) if stichtag is None else parse_date(stichtag, "stichtag")
    find = schaukasten.in_work if arbeitsstand else schaukasten.published
    find(projekt, on, edition)  # what can't be shown is said here, not in the browser
    with schaukasten.Schaukasten(lambda: find(projekt, on, edition), port) as server:
        click.echo(server.adresse)
        server.serve_forever()
    raise AssertionError("a preview ends by interruption only")


@sozcontrol.command()
@_leise
@_common
def repair(projekt: Projekt, leise: bool) -> None:
    """Beschädigtes unter dem Gespeicherten beiseitestellen und sagen, wie es wiederkommt."""
    from sozcontrol.press.ablegen.repair import repair as set_aside

    with _progress(leise) as report:
        text = set_aside(projekt, report)
    click.echo(text)


@sozcontrol.command()
@_common
def audit(projekt: Projekt) -> None:
    """Alle veröffentlichten Seiten zurücklesen und versuchen, Gesperrtes zu errechnen."""
    from sozcontrol.press.gegenprobe import gegenprobe

    click.echo(gegenprobe.audit(projekt))


@sozcontrol.command()
@click.argument("berichte", metavar="ORDNER")
@click.option("--schnell", is_flag=True, help="Die Dateien mit den Manifesten vergleichen; nichts "
              "nachbauen.")  # fmt: skip
@_leise
@_common
def verify(projekt: Projekt, berichte: str, schnell: bool, leise: bool) -> None:
    """Berichte eines Stichtags prüfen: die Dateien, und ob sie aus denselben Eingaben entstehen."""
    from sozcontrol.press.ablegen.verify import verify as prove

    with _progress(leise) as report:
        text = prove(projekt, Path(berichte), report, nachbauen=not schnell)
    click.echo(text)


@sozcontrol.command()
@click.argument("berichte", metavar="ORDNER")
@click.option("--name", metavar="NAME", required=True, help="Wer die Berichte freigibt.")
@click.option("--zweite", metavar="NAME", help="Die zweite Person, wo die Kommune sie verlangt.")
@_common
def release(projekt: Projekt, berichte: str, name: str, zweite: str | None) -> None:
    """Berichte eines Stichtags freigeben: wer, wann, welche Dateien – in einem Protokoll."""
    from sozcontrol.press.ablegen.freigeben import Verantwortliche
    from sozcontrol.press.ablegen.freigeben import release as record

    click.echo(record(projekt, Path(berichte), Verantwortliche(name, zweite)))


@sozcontrol.command()
@click.option("--before", "vor", metavar="JJJJ-MM-TT", required=True, help="Nur was älter ist.")
@click.option(
    "--schicht", "schichten", multiple=True, metavar="SCHICHT",
    help="roh, gespeichert, entscheidungen, laeufe, intern oder berichte; mehrfach möglich "
    "(sonst: alle).",
)  # fmt: skip
@click.option(
    "--auch-benoetigtes", is_flag=True, help="Auch löschen, womit spätere Berichte rechnen."
)
@click.option("--ausfuehren", is_flag=True, help="Wirklich löschen (sonst: nur zeigen).")
@click.option("--name", "wer", metavar="NAME", help="Wer löscht; steht im Protokoll.")
@_common
def delete(projekt: Projekt, vor: str, **asked: Unpack[Loeschangaben]) -> None:
    """Löschen, wessen Aufbewahrung zu Ende ist; was, wie viel und von wem steht im Protokoll."""
    from sozcontrol.press.ablegen.loeschen import Loeschwunsch
    from sozcontrol.press.ablegen.loeschen import delete as remove
    from sozcontrol.press.lauf.parameter import parse_date

    click.echo(remove(projekt, Loeschwunsch(parse_date(vor, "before"), **asked)))


@sozcontrol.command()
@_common
def lab(projekt: Projekt) -> int:
    """JupyterLab in den Notebooks öffnen (Umgebung: make lab)."""
    from sozcontrol.auskunft import einzeln

    return einzeln.open_lab(projekt)
