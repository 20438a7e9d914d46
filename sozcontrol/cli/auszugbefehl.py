"""``sozcontrol auszug``, ``pdf``, ``vergleich``, ``sitzung``, ``versand``: where the files go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from sozcontrol.cli.commands import Auszugsangaben, Sitzungsangaben
    from sozcontrol.projekt import Projekt

WORD, SEITE, PAKET, MAPPE = ".docx", ".html", ".zip", ".xlsx"


def auszug(
    projekt: Projekt, asked: Auszugsangaben, ziel: str | None, muster: str | None
) -> Iterator[str]:
    """Write what is asked for, a template or a paper, and yield where it lies.

    Raises:
        UsageError: No file is named, or one that is no Word file.
    """
    from sozcontrol.auskunft.einzeln import write_whole
    from sozcontrol.press.auszug import themenauszug, wordpapier

    if muster is not None:
        path = _named(muster, "--neue-vorlage", WORD, projekt.reports)
        write_whole(path, wordpapier.neutral_template())
        yield muster
    if ziel is None and muster is None:
        raise UsageError("Es fehlt, wohin der Auszug soll.", wo="--ziel",
                         tun="Eine Datei nennen: --ziel vorlage.docx.")  # fmt: skip
    if ziel is not None:
        wish = themenauszug.Auszugswunsch(**asked)
        path = _named(ziel, "--ziel", WORD, projekt.reports)
        write_whole(path, themenauszug.committee_paper(projekt, wish))
        yield ziel


def vergleich(vorher: str, nachher: str, ziel: str | None) -> str:
    """Compare two published folders; return the text, or where the page lies.

    Raises:
        UsageError: The page's name is none of a page, or the folders are of different editions.
    """
    from sozcontrol.auskunft.einzeln import write_text
    from sozcontrol.press.auszug import mappenseite
    from sozcontrol.press.auszug.zahlenvergleich import publication

    pair = publication(Path(vorher)), publication(Path(nachher))
    if ziel is None:
        return mappenseite.comparison_text(*pair)
    reports = [Path(folder).resolve().parent.parent for folder in (vorher, nachher)]
    write_text(_named(ziel, "--ziel", SEITE, *reports), mappenseite.comparison_page(*pair))
    return ziel


def sitzung(projekt: Projekt, asked: Sitzungsangaben, heute: date) -> Iterator[str]:
    """Write the folder of a session, and the form of its protocol; yield where they lie.

    Raises:
        UsageError: No file is named, or there is no such session.
    """
    from sozcontrol.auskunft.einzeln import write_text, write_whole
    from sozcontrol.press.auszug import sitzungsmappe
    from sozcontrol.press.lauf.parameter import parse_date

    given = asked["am"]
    day = sitzungsmappe.next_session(projekt, heute) if given is None else parse_date(given, "am")
    if asked["ziel"] is None and asked["protokoll"] is None:
        raise UsageError("Es fehlt, wohin die Mappe soll.", wo="--ziel",
                         tun="Eine Datei nennen: --ziel mappe.html.")  # fmt: skip
    folder = form = None
    if (ziel := asked["ziel"]) is not None:
        path = _named(ziel, "--ziel", SEITE, projekt.reports)
        folder = path, sitzungsmappe.session_folder(projekt, day, asked["edition"])
    if (protokoll := asked["protokoll"]) is not None:
        from sozcontrol.auskunft.protokollformular import protocol_form

        path = _named(protokoll, "--protokoll", MAPPE, projekt.reports)
        form = path, protocol_form(projekt, day, path.name)
    if folder is not None:  # both are made before one is written
        write_text(*folder)
        yield str(ziel)
    if form is not None:
        write_whole(*form)
        yield str(protokoll)


def versand(projekt: Projekt, stichtag: str | None, edition: str, ziel: str) -> Iterator[str]:
    """Write an edition as one file; yield where it lies and what its sender has to know.

    Raises:
        UsageError: The file is no ZIP, or would lie among the reports.
    """
    from sozcontrol.auskunft.einzeln import write_whole
    from sozcontrol.press.auszug.versandpaket import package
    from sozcontrol.press.lauf.storage import private_files

    path = _named(ziel, "--ziel", PAKET, projekt.reports)
    with private_files():
        made = package(projekt, stichtag, edition)
        write_whole(path, made.zip)
    yield from (ziel, *made.hinweise)


def pdf(
    projekt: Projekt, stichtag: str | None, edition: str, bereiche: tuple[str, ...], ziel: str
) -> Iterator[str]:
    """Write published reports as PDF into a folder; yield where they lie.

    Raises:
        UsageError: The folder is none, or lies among the reports.
    """
    from sozcontrol.auskunft.einzeln import write_whole
    from sozcontrol.press.auszug.berichtspdf import report_pdfs
    from sozcontrol.press.lauf.storage import private_files

    folder = _apart(Path(ziel), "--ziel", "Einen Ordner", projekt.reports)
    if not folder.is_dir():
        raise UsageError("Diesen Ordner gibt es nicht.", wo=f"--ziel {ziel}",
                         tun="Ihn anlegen oder einen anderen nennen.")  # fmt: skip
    with private_files():
        for name, data in report_pdfs(projekt, stichtag, edition, bereiche):
            write_whole(folder / name, data)
            yield str(folder / name)


def _named(name: str, option: str, ending: str, *reports: Path) -> Path:
    """Return the file to write; one among *reports* would be none that was published."""
    path = Path(name)
    if not name.casefold().endswith(ending):
        raise UsageError(f"Geschrieben wird eine Datei {ending}.", wo=option,
                         tun=f"Einen Namen angeben, der auf {ending} endet.")  # fmt: skip
    return _apart(path, option, "Eine Datei", *reports)


def _apart(path: Path, option: str, what: str, *reports: Path) -> Path:
    if any(path.resolve().is_relative_to(folder.resolve()) for folder in reports):
        raise UsageError("Unter den Berichten liegt nur, was veröffentlicht ist.", wo=option,
                         tun=f"{what} außerhalb nennen.")  # fmt: skip
    return path
