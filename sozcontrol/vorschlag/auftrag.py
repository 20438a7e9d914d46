"""Propose profiles for a file or a folder: one a file, and for known files what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sozcontrol.catalogue import Profil, kommune, profil, profile, standard_kommune
from sozcontrol.catalogue.eigenes import namen, offen
from sozcontrol.errors import DeliveryMissing, SozcontrolError, UsageError
from sozcontrol.intake.files import ABZUG, SIEGEL, Eintrag, delivered
from sozcontrol.intake.header import fits
from sozcontrol.projekt import FAKTEN, KOMMUNE
from sozcontrol.vorschlag.aenderung import changes
from sozcontrol.vorschlag.amtlich import Rohtabelle, read_raw
from sozcontrol.vorschlag.amtlichtext import raw_name, raw_overview, raw_text
from sozcontrol.vorschlag.datenbanksicht import read_table
from sozcontrol.vorschlag.profiltext import overview, profile_text, scalar
from sozcontrol.vorschlag.quelle import Quelle, read_source
from sozcontrol.vorschlag.vorschlag import Wunsch, propose, slug


@dataclass(frozen=True)
class Angaben:
    """What a person says with the call."""

    name: str | None = None
    system: str | None = None
    lieferant: str | None = None
    wunsch: Wunsch = field(default_factory=Wunsch)
    ersetzen: bool = False


@dataclass(frozen=True)
class Ergebnis:
    """One file's outcome: text for a person, its profile, and the YAML to write, if any."""

    text: str
    datei: Path
    profil: str | None = None
    pfad: Path | None = None
    yaml: str = ""
    fehler: SozcontrolError | None = None


def work_through(path: Path, folder: Path, said: Angaben) -> Iterator[Ergebnis]:
    """Yield an outcome per file of *path*; own profiles lie in *folder*.

    A fault stops its file only.

    Raises:
        DeliveryMissing: There is no such file, or the folder is empty.
        UsageError: What is said of one file is said of several, or would undo many decisions.
    """
    files = [path]
    if path.is_dir():  # snapshots have their profile, and seals are no data
        files = [f for f in delivered(path) if not f.name.endswith((ABZUG, SIEGEL))]
    if not files or not all(f.exists() for f in files):
        raise DeliveryMissing("Hier liegt keine Datei.", wo=str(path), tun="Den Pfad prüfen.")
    if len(files) > 1 and (said.name or said.ersetzen or said.wunsch != Wunsch()):
        raise UsageError("--name, --tabelle, --kopf und --ersetzen gelten für eine einzelne Datei.")
    taken: set[str] = set()
    for file in files:
        try:
            yield _one(file, folder, said, taken)
        except SozcontrolError as fault:
            yield Ergebnis(str(fault), file, fehler=fault)


def _one(file: Path, folder: Path, said: Angaben, taken: set[str]) -> Ergebnis:
    quelle = read_source(file)
    known = None if said.ersetzen else _recognised(folder, quelle.name)
    if known is not None:
        found = changes(quelle, known, folder / f"{known.profil}.yml")
        told = [f"  {text}" for text in found] or ["  nichts geändert, das Profil passt"]
        return Ergebnis(
            "\n".join([f"{quelle.name}: bekannt, Profil {known.profil}", *told]), file, known.profil
        )
    if said == Angaben() and (shipped := _shipped(quelle)) is not None:
        return Ergebnis(_told(quelle.name, shipped, folder), file)
    raw = read_raw(quelle) if said.wunsch == Wunsch() else None
    return (
        _official(raw, quelle, folder, said, taken)
        if raw
        else _proposed(quelle, folder, said, taken)
    )


def _official(
    raw: Rohtabelle, quelle: Quelle, folder: Path, said: Angaben, taken: set[str]
) -> Ergebnis:
    name = _free_name(said.name or raw_name(raw), folder, said, taken)
    text = raw_text(raw, quelle, name)
    told = raw_overview(raw, quelle)
    return Ergebnis(told, quelle.pfad, name, folder / f"{name}.yml", text)


def from_database(variable: str, named: str, folder: Path, said: Angaben) -> Ergebnis:
    """Return the proposal for one table or view of the database whose address *variable* holds.

    Raises:
        DeliveryError: It does not answer, or its columns feed no table.
        UsageError: There is no such table, or a profile of this name.
    """
    return _proposed(read_table(variable, named), folder, said, set())


def _proposed(quelle: Quelle, folder: Path, said: Angaben, taken: set[str]) -> Ergebnis:
    file = quelle.pfad
    name = _free_name(said.name or slug(file.stem), folder, said, taken)
    proposal = propose(quelle, name, said.wunsch)
    words = file.stem.replace("_", " ")
    text = profile_text(proposal, said.system or words, said.lieferant or "Fachamt")
    return Ergebnis(overview(proposal), file, name, folder / f"{name}.yml", text)


def _shipped(quelle: Quelle) -> str | None:
    """Return the profile of sozcontrol itself that knows the file's name and finds its header."""
    for name, item in profile().items():
        for source in item.dateien:
            if Eintrag(item, source).recognises(quelle.name) and any(
                fits(sheet.grid, source) for sheet in quelle.blaetter
            ):
                return name
    return None


def _told(file: str, name: str, folder: Path) -> str:
    head = (
        f"{file}: Das mitgelieferte Profil {name} liest diese Datei (wen, steht dort in auswahl)."
    )
    if name in kommune(standard_kommune()).profile:
        return f"{head} Es gehört schon zu Ihrer Kommune."
    names = ", ".join([*(namen(folder) if folder.is_dir() else ()), name])
    return f"{head} In {folder / KOMMUNE} ergänzen:\n  profile: [{names}]"


def _recognised(folder: Path, name: str) -> Profil | None:
    """Return the city's own profile that knows a file of this name."""
    for own in namen(folder) if folder.is_dir() else ():
        item = profil(own)
        if any(Eintrag(item, source).recognises(name) for source in item.dateien):
            return item
    return None


def _free_name(name: str, folder: Path, said: Angaben, taken: set[str]) -> str:
    if slug(name) != name or f"{name}.yml" in FAKTEN:
        raise UsageError(
            f"»{name}« taugt nicht als Name eines Profils.",
            wo="--name",
            tun="Kleine Buchstaben und Unterstriche, zum Beispiel hauptbuch.",
        )
    if ((folder / f"{name}.yml").exists() and not said.ersetzen) or name in taken:
        raise UsageError(f"Das Profil »{name}« gibt es schon.", wo="--name",
                         tun="Einen anderen Namen geben, oder --ersetzen.")  # fmt: skip
    taken.add(name)
    return name


def kommune_text(name: str) -> str:
    """Return the ``kommune.yml`` of a project that is to belong to the city called *name*."""
    return "\n".join([
        "# Wem dieses Projekt gehört; alle Profile dieses Ordners gelten für diese Kommune.",
        "# Sollen es andere sein, nennt sie eine Zeile »profile: [hauptbuch, regionalstatistik]«.",
        "# Wessen Feiertage gelten, sagt »feiertage: DE-RP«.",
        f"id: {slug(name)}",
        f"name: {scalar(name)}",
        "",
    ])  # fmt: skip


def closing(results: Sequence[Ergebnis], folder: Path) -> list[str]:
    """Return what to do next."""
    written = [r.pfad for r in results if r.pfad]
    lines = [f"Geschrieben: {path}" for path in written]
    lines += [
        f"Weiter: sozcontrol profile --entscheiden {path.stem}" for path in written if offen(path)
    ]
    if not (folder / KOMMUNE).is_file():
        lines.append(
            "Noch gehört das Projekt keiner eigenen Kommune: sozcontrol profile PFAD --kommune NAME"
        )
    return lines
