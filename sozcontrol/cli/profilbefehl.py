"""``sozcontrol profile``: propose, decide, try out; each way ends in text and an exit code."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sozcontrol.errors import Exit, SozcontrolError, UsageError

if TYPE_CHECKING:
    from sozcontrol.cli.commands import Profilangaben
    from sozcontrol.projekt import Projekt
    from sozcontrol.vorschlag.auftrag import Angaben


def profile(projekt: Projekt, asked: Profilangaben) -> int:
    """Do what is asked for.

    Raises:
        UsageError: Neither a file nor a profile is named.
    """
    if asked["entscheiden"]:
        return _decide(projekt, asked["entscheiden"])
    if asked["datenbank"]:
        return _database(projekt, asked["datenbank"], asked)
    if asked["pfad"] is None:
        raise UsageError("Es fehlt die Datei oder der Ordner.", wo="sozcontrol profile",
                         tun="sozcontrol profile DATEI")  # fmt: skip
    if asked["pruefen"]:
        return _try_out(projekt, Path(asked["pfad"]), asked["pruefen"], asked["stichtag"])
    return _propose(projekt, Path(asked["pfad"]), asked)


def _propose(projekt: Projekt, path: Path, asked: Profilangaben) -> int:
    from sozcontrol.auskunft.einzeln import write_text
    from sozcontrol.vorschlag.auftrag import closing, work_through

    folder = projekt.profile
    _belong(folder, asked["kommune"])
    results = []
    for result in work_through(path, folder, _said(asked)):
        click.echo(result.text)
        if result.pfad:
            write_text(result.pfad, result.yaml)
        if result.profil:
            click.echo(_outcome(folder, result.datei, result.profil))
        results.append(result)
    click.echo("\n".join(closing(results, folder)))
    return next((r.fehler.exit_code for r in results if r.fehler), Exit.OK)


def _said(asked: Profilangaben) -> Angaben:
    from sozcontrol.vorschlag import Wunsch
    from sozcontrol.vorschlag.auftrag import Angaben

    return Angaben(
        asked["name"], asked["system"], asked["lieferant"],
        Wunsch(asked["tabelle"], asked["kopf"]), asked["ersetzen"],
    )  # fmt: skip


def _database(projekt: Projekt, variable: str, asked: Profilangaben) -> int:
    """List the tables of a database, or propose a profile for one of them."""
    from sozcontrol.auskunft.einzeln import write_text
    from sozcontrol.vorschlag.auftrag import closing, from_database
    from sozcontrol.vorschlag.datenbanksicht import tables_text

    if asked["quelle"] is None:
        click.echo(tables_text(variable))
        return Exit.OK
    folder = projekt.profile
    _belong(folder, asked["kommune"])
    result = from_database(variable, asked["quelle"], folder, _said(asked))
    click.echo(result.text)
    if result.pfad:
        write_text(result.pfad, result.yaml)
    click.echo("\n".join(closing([result], folder)))
    return Exit.OK


def _belong(folder: Path, kommune: str | None) -> None:
    """Make the folder of own profiles, and write down whose project it is."""
    from sozcontrol.auskunft.einzeln import write_text
    from sozcontrol.vorschlag.auftrag import kommune_text

    folder.mkdir(parents=True, exist_ok=True)
    own = folder / "kommune.yml"
    if kommune and own.exists():
        raise UsageError(
            "Wem dieses Projekt gehört, steht schon fest.",
            wo=str(own),
            tun="--kommune weglassen, oder den Namen in dieser Datei ändern.",
        )
    if kommune:
        write_text(own, kommune_text(kommune))


def _outcome(folder: Path, file: Path, name: str) -> str:
    """Try a profile out on its file and say in a line what came of it."""
    from sozcontrol import catalogue
    from sozcontrol.vorschlag.probe import try_out
    from sozcontrol.vorschlag.rueckfragen import questions

    probe = try_out(file, catalogue.profil(name), _day(file))
    return f"  Probe: {probe.kurz}. Zu entscheiden: {len(questions(folder / f'{name}.yml'))}"


def _decide(projekt: Projekt, name: str) -> int:
    from sozcontrol.vorschlag.rueckfragen import answer, own_profile, questions

    path = own_profile(projekt.profile, name)
    total, number = len(questions(path)), 0
    while open_points := questions(path):
        frage, number = open_points[0], total - len(open_points) + 1
        click.echo(f"\n{number} von {total} · {frage.stelle} (Zeile {frage.zeile})\n  {frage.text}")
        proposed = "" if frage.braucht_antwort else f" [{frage.gezeigt}]"
        said = click.prompt(f"  Antwort{proposed}", default="", show_default=False)
        try:
            answer(path, frage, said.strip())
        except SozcontrolError as fault:
            click.echo(str(fault))
    click.echo(f"\nNichts mehr offen: {path}")
    return Exit.OK


def _try_out(projekt: Projekt, path: Path, name: str, stichtag: str | None) -> int:
    from sozcontrol import catalogue, checks
    from sozcontrol.catalogue.eigenes import offen
    from sozcontrol.findings import Schwere
    from sozcontrol.vorschlag.probe import try_out

    if not path.is_file():
        raise UsageError("Diese Datei gibt es nicht.", wo=str(path), tun="Den Pfad prüfen.")
    probe = try_out(path, catalogue.profil(name), _day(path, stichtag))
    click.echo(probe.text)
    click.echo(checks.render_text(probe.findings))
    own = projekt.profile / f"{name}.yml"
    open_points = offen(own) if own.is_file() else []
    if open_points:
        click.echo(
            f"Noch zu entscheiden: {len(open_points)} (sozcontrol profile --entscheiden {name})"
        )
    faulty = any(f.schwere is Schwere.FEHLER for f in probe.findings)
    return Exit.CONTRACT if faulty else Exit.OK


def _day(path: Path, stichtag: str | None = None) -> date:
    from sozcontrol.intake.stichtag import dates_in_name

    if stichtag is None:
        return next(iter(dates_in_name(path.name)), date.today())
    try:
        return date.fromisoformat(stichtag)
    except ValueError:
        raise UsageError(
            "Der Stichtag ist kein Datum.", wo="--stichtag", tun="JJJJ-MM-TT"
        ) from None
