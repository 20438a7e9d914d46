"""click speaks German here: help pages, and one line for every wrong call."""

from __future__ import annotations

import re
from typing import Any

import click

from sozcontrol.errors import UsageError, nearest


class _German(click.Command):
    """A command whose help page has German headings."""

    metavars = {"options_metavar": "[OPTIONEN]"}

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings = self.metavars | settings
        settings["add_help_option"] = False
        super().__init__(*args, **settings)
        help_option = click.Option(
            ["--help", "-h"], is_flag=True, is_eager=True, expose_value=False,
            callback=_show_help, help="Diese Hilfe zeigen.",
        )  # fmt: skip
        self.params.append(help_option)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix="Aufruf: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [p.get_help_record(ctx) for p in self.get_params(ctx)]
        shown = [r for r in records if r is not None]
        if shown:
            with formatter.section("Optionen"):
                formatter.write_dl(shown)


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help())
        ctx.exit()


class Befehl(_German):
    """One command."""


class Befehle(_German, click.Group):
    """The group of all commands."""

    command_class = Befehl
    metavars = _German.metavars | {"subcommand_metavar": "BEFEHL …"}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write commands first: they are what a reader of this page looks for."""
        self.format_commands(ctx, formatter)
        _German.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under a German heading."""
        rows = [(name, self.commands[name].get_short_help_str(80)) for name in self.commands]
        with formatter.section("Befehle"):
            formatter.write_dl(rows)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of work, not of the alphabet."""
        return list(self.commands)


def in_german(error: click.ClickException) -> str:
    """Return one German line for a wrong call: what, where, and the nearest right one."""
    context = getattr(error, "ctx", None)
    where = context.command_path if context else "sozcontrol"
    what, do = _what(error, context)
    return str(UsageError(what, wo=where, tun=do or f"{where} --help"))


def _what(error: click.ClickException, context: click.Context | None) -> tuple[str, str]:
    if isinstance(error, click.NoSuchOption):
        known = [o for p in context.command.params for o in p.opts] if context else []
        name = _plain(error.option_name)
        return f"Die Option »{name}« ist unbekannt.", nearest(name, known)
    if isinstance(error, click.exceptions.NoSuchCommand):
        group = context.command if context else None
        known = list(group.commands) if isinstance(group, click.Group) else []
        name = _plain(error.command_name)
        return f"Den Befehl »{name}« gibt es nicht.", nearest(name, known)
    if isinstance(error, click.MissingParameter):
        return f"Es fehlt {_parameter(error)}.", ""
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    if isinstance(error, click.BadOptionUsage):
        takes = "nimmt keinen Wert" if "not take" in error.message else "verlangt einen Wert"
        return f"Die Option »{_plain(error.option_name)}« {takes}.", ""
    if "unexpected extra argument" in error.format_message():
        extra = re.findall(r"\(([^)]*)\)\s*$", error.format_message())
        return f"Überzählige Angaben: {_plain(extra[0] if extra else '')}.", ""
    return "Der Aufruf ist nicht verständlich.", ""


def _bad_value(error: click.BadParameter) -> tuple[str, str]:
    what = f"Der Wert für {_parameter(error)} ist ungültig."
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return what, f"Möglich: {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.IntRange | click.types.IntParamType):
        low, high = getattr(kind, "min", None), getattr(kind, "max", None)
        span = f" von {low} bis {high}" if low is not None and high is not None else ""
        return what, f"Eine ganze Zahl{span} angeben."
    if isinstance(kind, click.Path):
        return what, "Einen Pfad angeben, der vorhanden und lesbar ist."
    return what, ""


def _parameter(error: click.BadParameter) -> str:
    if error.param is None:
        return "ein Parameter"
    is_option = isinstance(error.param, click.Option)
    name = max(error.param.opts, key=len) if is_option else error.param.human_readable_name
    return f"»{name}«"


def _plain(text: str) -> str:
    """Return what was typed, on one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:60]
