"""A later delivery beside its profile: which columns have other names, and which lines say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from sozcontrol.catalogue import Profil
from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.intake import normalise
from sozcontrol.intake.csv_file import shown
from sozcontrol.intake.files import Eintrag
from sozcontrol.intake.header import Header, find_header, fits, melted, needs, profile_names
from sozcontrol.intake.text import codecs_name
from sozcontrol.vorschlag.herleitung import UNBEKANNT
from sozcontrol.vorschlag.kopfsuche import find
from sozcontrol.vorschlag.namenswissen import alle_namen, schluessel, synonyme
from sozcontrol.vorschlag.profiltext import scalar
from sozcontrol.vorschlag.quelle import Blatt, Quelle, in_order

_YEAR = re.compile(r"(?:19|20)\d\d")


def changes(quelle: Quelle, profil: Profil, path: Path) -> list[str]:
    """Return in German what of *quelle* the profile in *path* does not say; nothing: it fits."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found: list[str] = []
    for source in profil.dateien:
        if Eintrag(profil, source).recognises(quelle.name):
            if source.format != quelle.format:
                was, now = source.format.upper(), quelle.format.upper()
                found.append(f"Die Datei ist jetzt {now} statt {was}: ein neues Profil anlegen.")
                continue
            found += [*_encoding(quelle, source, lines), *_beside(quelle, source)]
            sheet = _sheet(quelle, source)
            if sheet is None:
                found.append(f"Das Blatt »{source.blatt}« fehlt: blatt im Profil ändern.")
            else:
                found += _columns(quelle, sheet, source, lines)
    return found


def _encoding(quelle: Quelle, source: Quelldatei, lines: Sequence[str]) -> Iterator[str]:
    if source.kodierung and quelle.kodierung and not _same(source.kodierung, quelle.kodierung):
        yield _line(lines, source.kodierung, quelle.kodierung)
    given = "\t" if source.trennzeichen == "tab" else source.trennzeichen
    if given and quelle.trennzeichen and given != quelle.trennzeichen:
        yield f"Das Trennzeichen ist jetzt {shown(quelle.trennzeichen)} statt {shown(given)}."


def _beside(quelle: Quelle, source: Quelldatei) -> Iterator[str]:
    """Say that there are several files now, where nobody has decided how they count."""
    count = len(in_order(quelle.pfad, source))
    decided = any("neueste_datei" in feed.model_fields_set for feed in source.tabellen)
    if count > 1 and not decided:
        yield (
            f"{count} Dateien heißen so, alle Zeilen zählen. Ersetzt die neueste dieselbe Nummer "
            "in den älteren, bei der Tabelle ergänzen: neueste_datei: true."
        )


def _same(one: str, other: str) -> bool:
    return codecs_name(one).removesuffix("-sig") == codecs_name(other).removesuffix("-sig")


def _sheet(quelle: Quelle, source: Quelldatei) -> Blatt | None:
    if source.blatt is None:
        return next((b for b in quelle.blaetter if b.sichtbar), None)
    wanted = normalise(source.blatt)
    return next((b for b in quelle.blaetter if normalise(b.name or "") == wanted), None)


def _columns(
    quelle: Quelle, sheet: Blatt, source: Quelldatei, lines: Sequence[str]
) -> Iterator[str]:
    """Say which columns are gone, by which new ones they seem replaced, and what else is new."""
    head = _header(quelle, sheet, source)
    if head is None:
        yield "Eine Kopfzeile ist nicht mehr zu finden."
        return
    there = head.index()
    gone = [n.namen[0] for n in needs(source) if n.namen[0] != UNBEKANNT
            and not n.darf_fehlen and not any(normalise(x) in there for x in n.namen)]  # fmt: skip
    melted_now = {normalise(n) for feed in source.tabellen for n in melted(feed, head.namen)}
    known = profile_names(source) | melted_now
    fresh = [n for n in head.namen if n and normalise(n) not in known]
    for name in gone:
        if (new := _successor(name, fresh, source)) is not None:
            fresh.remove(new)
            yield _line(lines, name, new)
        else:
            yield f"Die Spalte »{name}« fehlt, und keine neue gleicht ihr."
    if "*" not in source.ignoriert:
        yield from (
            f"Neue Spalte: unter ignoriert »- {scalar(n)}« ergänzen oder zuordnen." for n in fresh
        )


def _header(quelle: Quelle, sheet: Blatt, source: Quelldatei) -> Header | None:
    """Return the header as the profile finds it, else as one of an unknown file is found."""
    if fits(sheet.grid, source):
        return find_header(sheet.grid, source)
    found = find(sheet.grid, alle_namen(), None, quelle.name)
    return found.header if found else None


def _successor(name: str, fresh: Sequence[str], source: Quelldatei) -> str | None:
    """Return the new column that stands for *name*: by its sense, its year, or its spelling."""
    targets = [(feed.tabelle, column) for feed in source.tabellen
               for column, origin in feed.spalten.items() if name in origin.aus]  # fmt: skip
    for target in targets:
        hits = [n for n in fresh if schluessel(n) in synonyme().get(target, ())]
        if len(hits) == 1:
            return hits[0]
    same = [n for n in fresh if _YEAR.sub("", n) == _YEAR.sub("", name) != name]
    near = get_close_matches(name, fresh, n=1, cutoff=0.7)
    return same[0] if same else near[0] if near else None


def _line(lines: Sequence[str], old: str, new: str) -> str:
    """Name the lines of the profile that hold *old*, and what they should say."""
    numbers = [str(n) for n, text in enumerate(lines, start=1)
               if re.search(rf"(?<!\w){re.escape(old)}(?!\w)", text.split("  #")[0])
               and not text.lstrip().startswith("#")]  # fmt: skip
    where = f"Zeile {', '.join(numbers)}" if numbers else "Im Profil"
    return f"{where}: »{old}« heißt jetzt »{new}«."
