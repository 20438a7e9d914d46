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


def profile(projekt: Projekt, asked: Profilangaben) -> int:
    """Do what is asked for.

    Raises:
        UsageError: Neither a file nor a profile is named.
    """
    if asked["entscheiden"]:
        return _decide(projekt, asked["entscheiden"])
    if asked["pfad"] is None:
        raise UsageError("Es fehlt die Datei oder der Ordner.", wo="sozcontrol profile",
                         tun="sozcontrol profile DATEI")  # fmt: skip
    if asked["pruefen"]:
        return _try_out(projekt, Path(asked["pfad"]), asked["pruefen"], asked["stichtag"])
    return _propose(projekt, Path(asked["pfad"]), asked)


def _propose(projekt: Projekt, path: Path, asked: Profilangaben) -> int:
    from sozcontrol import catalogue
    from sozcontrol.auskunft.einzeln import write_text
    from sozcontrol.vorschlag import Wunsch
    from sozcontrol.vorschlag.auftrag import Angaben, closing, kommune_text, work_through
    from sozcontrol.vorschlag.probe import try_out
    from sozcontrol.vorschlag.rueckfragen import questions

    folder, own = projekt.profile, projekt.profile / "kommune.yml"
    folder.mkdir(parents=True, exist_ok=True)
    if asked["kommune"] and not own.exists():
        write_text(own, kommune_text(asked["kommune"]))
    said = Angaben(
        asked["name"], asked["system"], asked["lieferant"],
        Wunsch(asked["tabelle"], asked["kopf"]), asked["ersetzen"],
    )  # fmt: skip
    results = []
    for result in work_through(path, folder, said):
        click.echo(result.text)
        if result.pfad:
            write_text(result.pfad, result.yaml)
            probe = try_out(result.datei, catalogue.profil(result.pfad.stem), _day(result.datei))
            open_points = len(questions(result.pfad))
            click.echo(f"  Probe: {probe.kurz}. Zu entscheiden: {open_points}")
        results.append(result)
    click.echo("\n".join(closing(results, folder)))
    return next((r.fehler.exit_code for r in results if r.fehler), Exit.OK)


def _decide(projekt: Projekt, name: str) -> int:
    from sozcontrol.vorschlag.rueckfragen import answer, own_profile, questions

    path = own_profile(projekt.profile, name)
    total, number = len(questions(path)), 0
    while open_points := questions(path):
        frage, number = open_points[0], total - len(open_points) + 1
        click.echo(f"\n{number} von {total} · {frage.stelle} (Zeile {frage.zeile})\n  {frage.text}")
        proposed = "" if frage.braucht_antwort else f" [{frage.vorschlag}]"
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
