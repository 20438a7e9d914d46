"""``sozcontrol lieferung``: what the call says of a delivery, or a person when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sozcontrol.errors import Exit, UsageError

if TYPE_CHECKING:
    from sozcontrol.auskunft.lieferformular import Formular
    from sozcontrol.cli.commands import Lieferangaben
    from sozcontrol.projekt import Projekt


def lieferung(projekt: Projekt, asked: Lieferangaben) -> int:
    """Write the delivery note and print where it lies.

    Raises:
        UsageError: A number of rows isn't one.
    """
    from sozcontrol.auskunft.lieferformular import prepare, write

    said = dict(_stated(one) for one in asked["zeilen"])
    formular = prepare(projekt, asked["stichtag"], asked["datenstand"], asked["kommune"])
    if asked["fragen"]:
        said |= _ask(formular, said)
    click.echo(write(formular, said))
    return Exit.OK


def _stated(text: str) -> tuple[str, int]:
    name, _, number = text.rpartition("=")
    if not name or not number.strip().isdecimal():
        raise UsageError(
            "Eine Angabe zu Zeilen hat die Form DATEI=ANZAHL.",
            wo="--zeilen",
            tun="Zum Beispiel: --zeilen Buchungen.csv=1204",
        )
    return name, int(number)


def _ask(formular: Formular, said: dict[str, int]) -> dict[str, int]:
    """Ask for the rows of every file that nothing is said of; an empty answer says nothing."""
    click.echo("Wie viele Datenzeilen nennt die liefernde Stelle? Ohne Angabe: Eingabetaste.")
    found = {}
    for name in formular.dateien:
        while name not in said and name not in found:
            answer = click.prompt(f"  {name}", default="", show_default=False).strip()
            if not answer:
                break
            # As people write it: 1.204
            digits = answer.replace(".", "").replace(" ", "")
            if digits.isdecimal():
                found[name] = int(digits)
            else:
                click.echo("  Bitte eine ganze Zahl.")
    return found
